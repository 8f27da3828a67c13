/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sigv4: AWS Signature Version 4, in three stages that can be called one by one.
 *
 *     sigv4_canonical(&request, &canonical)        canonical request
 *     sigv4_string_to_sign(&scope, canonical, &to_sign)
 *     sigv4_authorization(&scope, signed_headers, to_sign, credentials..., &value)
 *     sigv4_sign(...)                              all of them: adds X-Amz-Date,
 *                                                  X-Amz-Security-Token and Authorization
 * The clock is a parameter. Nothing is cached; key material is wiped before it is freed.
 * Rules: facts in the AWS documentation "Create a signed AWS API request"; checked against
 * botocore.
 */
#ifndef CORDON_SIGV4_H
#define CORDON_SIGV4_H

#include "cordon/buf.h"
#include "cordon/secret.h"

#include <stdbool.h>
#include <time.h>

struct sigv4_header {
	const char *name;
	const char *value;
};

struct sigv4_request {
	const char *method;
	const char *path;  /* as sent, percent-encoded once; "" is "/" */
	const char *query; /* as sent, without '?'; NULL or "" if none */
	const struct sigv4_header *headers;
	size_t header_count;
	const char *body;
	size_t body_length;
	bool raw_path; /* true: S3 style, neither normalised nor encoded again */
};

struct sigv4_scope {
	time_t at; /* UTC, AWS's clock as far as we know it */
	const char *region;
	const char *service;
};

/* Each appends to its buf; a buf that failed tells of a request that is too large. */
void sigv4_canonical(const struct sigv4_request *request, struct buf *out,
		     struct buf *signed_headers);
void sigv4_string_to_sign(const struct sigv4_scope *scope, const char *canonical, struct buf *out);
void sigv4_authorization(const struct sigv4_scope *scope, const char *access_key_id,
			 const struct secret *secret_key, const char *signed_headers,
			 const char *string_to_sign, struct buf *out);

struct sigv4_result {
	char date[17];
	struct buf authorization; /* release it */
};

/* Signs request as it stands plus X-Amz-Date (and X-Amz-Security-Token when token holds one);
 * request->headers must hold host and must not hold those. 0, or -1 if it does not fit. */
int sigv4_sign(const struct sigv4_request *request, const struct sigv4_scope *scope,
	       const char *access_key_id, const struct secret *secret_key,
	       const struct secret *token, struct sigv4_result *ret_result);

#endif
