/* SPDX-License-Identifier: Apache-2.0 */
/*
 * operation: the table of AWS calls.
 *
 * One row is one call: how its input is encoded, how its reply is decoded, what it does to an
 * account value, and which operations undo it. The encoder, the decoder, the planner, the executor
 * and release all work from the row; adding an AWS call is adding a row.
 *
 *     const struct operation *op = operation_find("PutUserPolicy");
 *     json_t *undo = operation_undo(op, account, parameters);     before
 *     operation_effect(op, account, parameters);                  predict
 *     operation_state(op, account, parameters)                    later: is it so?
 *
 * parameters is a JSON object with the members of op->input. A policy document is a string as sent,
 * or {"$document":{..}} while it still holds late-bound values (account.h).
 * Pure; nothing here fails but for a caller's mistake.
 */
#ifndef CORDON_OPERATION_H
#define CORDON_OPERATION_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct err;

enum principal_kind { PRINCIPAL_NONE, PRINCIPAL_USER, PRINCIPAL_ROLE, PRINCIPAL_GROUP };

enum shape_kind {
	SHAPE_STRING,
	SHAPE_INTEGER,
	SHAPE_BOOLEAN,
	SHAPE_TIME,	/* RFC 3339 text, kept as a string */
	SHAPE_DOCUMENT, /* a policy: plain JSON text in requests, percent-encoded in replies */
	SHAPE_SECRET,	/* never enters JSON: the decoder keeps it aside */
	SHAPE_STRUCTURE,
	SHAPE_LIST, /* Name.member.N */
	SHAPE_MAP,  /* Name.entry.N.key / .value */
};

enum member_flags {
	MEMBER_REQUIRED = 1,
	MEMBER_PRINCIPAL = 2, /* names whom the call acts on: never absent, never empty */
};

struct shape {
	enum shape_kind kind;
	const struct member *members; /* SHAPE_STRUCTURE; closed by a row without name */
	const struct shape *item;     /* SHAPE_LIST: its items; SHAPE_MAP: its values */
};

struct member {
	const char *name; /* as on the wire and in JSON */
	const struct shape *shape;
	unsigned flags;
};

enum operation_flags {
	OPERATION_WRITE = 1,
	OPERATION_PAGED = 2,	  /* Marker, MaxItems, IsTruncated */
	OPERATION_IDEMPOTENT = 4, /* may be sent again when the answer was lost */
	OPERATION_REMOVES = 8,	  /* NoSuchEntity after a resend means done */
	OPERATION_UNSIGNED = 16,
	OPERATION_POLICY = 32, /* a policy write: one at a time on a principal */
};

enum operation_state { OPERATION_UNDONE, OPERATION_DONE, OPERATION_UNKNOWN };

struct operation {
	const char *name;
	const char *service; /* "iam", "sts", "cloudtrail" */
	unsigned flags;
	const struct member *input;  /* closed by a row without name */
	const struct member *output; /* idem; NULL if the reply carries nothing */

	/* Writes only: whose entry of the account changes, and where in it. */
	enum principal_kind on;
	const char *section;
	int (*effect)(const struct operation *op, json_t *entry, const json_t *parameters);
	/* Instead of the two: the write makes the principal, or ends it. */
	int (*account_effect)(const struct operation *op, json_t *account,
			      const json_t *parameters);
	/* entry as it was before; NULL where there was none. */
	json_t *(*undo)(const struct operation *op, const json_t *entry, const json_t *parameters);
	const char *undone_by; /* the operation that undoes it where there was nothing before */
};

/* The row, or NULL. */
const struct operation *operation_find(const char *name);
/* Row i, or NULL after the last one. */
const struct operation *operation_at(size_t i);
/* The API version that goes with a service name ("2010-05-08"), or NULL. */
const char *operation_version(const char *service);
/* What X-Amz-Target begins with where a service speaks JSON 1.1; NULL: it speaks Query. */
const char *operation_target(const char *service);

/* The name of the principal that parameters act on, borrowed; NULL if the row names none. */
const char *operation_principal(const struct operation *op, const json_t *parameters);

/* ERR_REFUSED unless every required member is there, no principal is empty, every member is known
 * and of its shape. Nothing may be encoded or planned that does not pass. */
int operation_check(const struct operation *op, const json_t *parameters, struct err *err);

/* Changes account as AWS would. -1 if the principal is not in it. Unread stays unread. */
int operation_effect(const struct operation *op, json_t *account, const json_t *parameters);

/* What brings back the state of account (the one before the call): a new array of
 * {"operation":..,"parameters":{..}}, in the order to send them; NULL if there is no way back. */
json_t *operation_undo(const struct operation *op, const json_t *account, const json_t *parameters);

/* Done: the effect would change nothing. Late-bound values match anything that stands there. */
enum operation_state operation_state(const struct operation *op, const json_t *account,
				     const json_t *parameters);

#endif
