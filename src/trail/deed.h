/* SPDX-License-Identifier: Apache-2.0 */
/* deed: the table of calls that make, end or hand over something, and where in the event it is
 * named. */
#ifndef TRAIL_DEED_H
#define TRAIL_DEED_H

#include <jansson.h>
#include <stddef.h>

enum deed_kind {
	DEED_ISSUED,  /* a key, or a session without one */
	DEED_SIGN_IN, /* a console session: known by who and when */
	DEED_MADE,
	DEED_REMOVED,
	DEED_ON, /* a key is Active, or Inactive */
	DEED_OFF,
};

struct deed_row {
	const char *source, *names;
	enum deed_kind kind;
	const char *what; /* the kind of artefact; or how a key was issued */
	/* Paths from the record, dotted; with " or " between those to try. "=user" is the caller.
	 */
	const char *id, *owner;
	const char *owner_kind; /* "user", "role", "group" */
};

const struct deed_row *deed_row_at(size_t i);
/* What stands at a path of the table, or NULL. Borrowed. */
const char *deed_text(const json_t *record, const char *paths);

#endif
