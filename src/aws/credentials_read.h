/* SPDX-License-Identifier: Apache-2.0 */
/*
 * credentials_read: credentials as they stand somewhere, checked before they are believed. Pure.
 * Within the aws room only.
 */
#ifndef AWS_CREDENTIALS_READ_H
#define AWS_CREDENTIALS_READ_H

#include "cordon/credentials.h"

enum { CREDENTIALS_MAX_BYTES = 64 * 1024 };

/* A key as it was found: borrowed, any part may be NULL. The names are for messages. */
struct credentials_key {
	const char *id, *id_name;
	const char *secret, *secret_name;
	const char *token, *token_name;
	const char *place; /* where; becomes the source */
};

/* What the members of a JSON object are called. */
struct credentials_form {
	const char *id, *secret, *token, *expires;
	bool whole;	   /* the token and the expiry must be there */
	bool milliseconds; /* the expiry is a number of them */
};

/* ERR_CREDENTIALS unless each part is of its form; nothing of it is shown. */
int credentials_take(const struct credentials_key *key, struct credentials *ret_credentials,
		     struct err *err);
int credentials_read(const struct credentials_form *form, const json_t *object, const char *place,
		     struct credentials *ret_credentials, struct err *err);
/* bytes as a JSON object, or NULL. An error says no more than that they are none. */
json_t *credentials_json(const char *bytes, size_t length, const char *place, struct err *err);
/* Only what can stand in a header: no blanks, no control characters, ASCII. */
bool credentials_printable(const char *value);

#endif
