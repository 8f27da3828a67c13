/* SPDX-License-Identifier: Apache-2.0 */
/*
 * query: AWS's protocols, both ways, for every row of the operation table: Query, and JSON 1.1
 * where operation_target() says so.
 *
 * Replies are hostile bytes: bounded size and depth, no network, no entities, a DOCTYPE ends it.
 * Elements are matched by local name; unknown ones are ignored. Members marked secret never enter
 * the JSON; they go to `secrets` where the caller passes one. Pure.
 */
#ifndef CORDON_QUERY_H
#define CORDON_QUERY_H

#include "cordon/operation.h"
#include "cordon/secret.h"

#include <jansson.h>

struct buf;
struct err;

enum { QUERY_MAX_REPLY = 16 * 1024 * 1024, QUERY_MAX_DEPTH = 32, QUERY_MAX_SECRETS = 4 };

struct query_secrets {
	struct {
		const char *name; /* of the operation table */
		struct secret value;
	} item[QUERY_MAX_SECRETS];
	size_t count;
};

/* The form body: Action, Version, the parameters, and marker where it is not NULL. Or the JSON
 * body, which has no marker.
 * operation_check() comes first; its errors are passed on. */
int query_encode(const struct operation *op, const json_t *parameters, const char *marker,
		 struct buf *out, struct err *err);

/* A 2xx body. *ret_reply: an object with op->output's members that were there (a new reference);
 * lists that were there but empty are []. *ret_marker: the next page's marker, or NULL (free it).
 * request_id: as AWS gave it, or "". ERR_PROTOCOL if it is not the reply of this operation. */
int query_decode(const struct operation *op, const char *body, size_t length,
		 struct query_secrets *secrets, json_t **ret_reply, char **ret_marker,
		 char ret_request_id[static 128], struct err *err);

/* A body with another status: fills err (code, AWS's code, message, request id) and returns -1
 * always. type: NULL for Query, else the x-amzn-ErrorType header, or "". Both XML shapes, or
 * JSON's __type; other pages and truncated bodies become a message that says so. Code and status
 * are mapped by the error table (query_error_code). */
int query_error(int status, const char *type, const char *body, size_t length, struct err *err);
enum err_code query_error_code(const char *aws_code, int status);
/* aws_code is name, with or without "Exception" at its end: services differ in that. */
bool query_code_is(const char *aws_code, const char *name);

#endif
