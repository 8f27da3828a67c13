/* SPDX-License-Identifier: Apache-2.0 */
/*
 * credentials: where our own identity comes from.
 *
 * A table of providers, asked in the CLI's order; the first that has credentials wins, and one that
 * should have them but cannot deliver ends the search with its error: never another identity than
 * the one that is configured.
 */
#ifndef CORDON_CREDENTIALS_H
#define CORDON_CREDENTIALS_H

#include "cordon/secret.h"

#include <time.h>

struct config;
struct err;
struct buf;

struct credentials {
	char access_key_id[129];
	struct secret secret_key;
	struct secret token; /* bytes NULL for a long-term key */
	time_t expires;	     /* 0: never, or not known */
	char source[256];    /* "environment", "profile 'x' in ~/.aws/credentials", ... */
};

/* ERR_CREDENTIALS if no provider has any; the message names each provider and what it lacks. */
int credentials_find(const struct config *config, struct credentials *ret_credentials,
		     struct err *err);
void credentials_release(struct credentials *credentials);

#endif
