/* SPDX-License-Identifier: Apache-2.0 */
/*
 * query_json: the JSON 1.1 protocol, both ways, steered by the same table. Within the aws room
 * only: query.h chooses by the operation's service.
 */
#ifndef AWS_QUERY_JSON_H
#define AWS_QUERY_JSON_H

#include "cordon/operation.h"

struct buf;
struct err;

/* The body of a request: an object, never empty. Times become seconds since 1970. */
void query_json_encode(const struct operation *op, const json_t *parameters, struct buf *out);
/* A reply, cut to the members of the table. A new object, or NULL with ERR_PROTOCOL. */
json_t *query_json_decode(const struct operation *op, const char *body, size_t length,
			  struct err *err);
/* Fills err from an error's body, or where that names no code, from type: the x-amzn-ErrorType
 * header, or "". -1, and err untouched, if neither says anything. */
int query_json_error(int status, const char *type, const char *body, size_t length,
		     struct err *err);

#endif
