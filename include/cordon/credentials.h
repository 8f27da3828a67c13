/* SPDX-License-Identifier: Apache-2.0 */
/*
 * credentials: where our own identity comes from.
 *
 *     struct credentials_door door = {.config = config, .http = http, .ask_sts = ..., .arg = ...};
 *     credentials_find(&door, &credentials, err)       again when they are about to expire
 *     credentials_release(&credentials)
 *
 * A table of providers, asked in the CLI's order; the first that has credentials wins, and one that
 * should have them but cannot deliver ends the search with its error: never another identity than
 * the one that is configured. What they ask is bounded in time and size, and what they are answered
 * is checked; no message shows any of it.
 */
#ifndef CORDON_CREDENTIALS_H
#define CORDON_CREDENTIALS_H

#include "cordon/secret.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <time.h>

struct aws_call;
struct config;
struct err;
struct http;

struct credentials {
	char access_key_id[129];
	struct secret secret_key;
	struct secret token; /* bytes NULL for a long-term key */
	time_t expires;	     /* 0: never, or not known */
	char source[512];    /* "environment", "profile 'x' in ~/.aws/credentials", ... */
	/* ARNs of those who took on the role before, the last first; NULL: no role was taken on. */
	json_t *chain;
};

/* What a search reaches the world through. */
struct credentials_door {
	const struct config *config;
	struct http *http;
	/* Sends calls of STS, signed with these credentials; NULL: unsigned. As aws_send(). */
	void (*ask_sts)(void *arg, const struct credentials *with, struct aws_call *calls,
			size_t count);
	void *arg;
	const char *session; /* the name of role sessions that have no other */
	/* An MFA code that was used: it does not work again. */
	struct secret *used_code;
	bool renewing; /* ask no person */
};

/* ERR_CREDENTIALS if no provider has any; the message names each provider and what it lacks. */
int credentials_find(const struct credentials_door *door, struct credentials *ret_credentials,
		     struct err *err);
void credentials_copy(const struct credentials *from, struct credentials *ret_credentials);
void credentials_release(struct credentials *credentials);

#endif
