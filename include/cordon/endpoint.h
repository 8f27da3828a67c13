/* SPDX-License-Identifier: Apache-2.0 */
/*
 * endpoint: which host answers for a service, and with which Region its requests are signed.
 *
 * A table of partitions; a custom URL replaces the host and keeps the signing Region. Plain http is
 * for loopback only (ERR_USAGE), a URL has no user, query or fragment, and FIPS or dual-stack
 * together with a custom URL is refused. Pure.
 */
#ifndef CORDON_ENDPOINT_H
#define CORDON_ENDPOINT_H

#include <stdbool.h>

struct err;

struct endpoint_request {
	const char *service; /* "iam", "sts", "cloudtrail", "sso", "sso-oidc" */
	const char *region;  /* configured Region, or NULL */
	const char *url;     /* custom URL, or NULL */
	bool fips;
	bool dualstack;
};

struct endpoint {
	char url[512];	/* scheme://host[:port]/path, ends in '/' where the path is empty */
	char host[300]; /* as it goes into the Host header and the signature */
	char path[256]; /* "/" for AWS */
	char signing_region[64];
	char partition[32];
	bool custom; /* not AWS's own host */
};

int endpoint_resolve(const struct endpoint_request *request, struct endpoint *ret_endpoint,
		     struct err *err);

#endif
