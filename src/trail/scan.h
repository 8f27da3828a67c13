/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scan: where a JSON value ends, and where in it the few members stand that decide whether it is
 * worth parsing. Builds nothing: most records of a log are looked at only here.
 *
 * It follows brackets and strings, not all of JSON: what it takes may still be refused by a parser.
 * Raw control bytes in a string are passed over, but a line feed is not: a line was cut there.
 */
#ifndef TRAIL_SCAN_H
#define TRAIL_SCAN_H

#include <stdbool.h>
#include <stddef.h>

/* Bytes that stand elsewhere. at NULL: not there, null, or no string. */
struct span {
	const char *at;
	size_t length;
};

enum field {
	FIELD_ID,
	FIELD_TIME,
	FIELD_SOURCE,
	FIELD_NAME,
	FIELD_IP,
	FIELD_AGENT,
	FIELD_CATEGORY,
	FIELD_CONSOLE, /* sessionCredentialFromConsole */
	FIELD_CLOUDTRAIL_EVENT,
	FIELD_DIGEST,
	FIELD_TYPE,
	FIELD_ARN,
	FIELD_PRINCIPAL,
	FIELD_KEY,
	FIELD_ACCOUNT,
	FIELD_USER,
	FIELD_INVOKED_BY,
	FIELD_CREATED,
	FIELD_ISSUER,
	FIELD_ISSUER_NAME,
	FIELD_COUNT
};

struct scan {
	struct span field[FIELD_COUNT];
	bool escaped; /* one of them holds a backslash: parse to know it */
};

enum scan_end {
	SCAN_DONE,
	SCAN_MORE,   /* the bytes end within the value */
	SCAN_BROKEN, /* no JSON */
	SCAN_INSIDE, /* stopped after the '[' of a list of records */
};

enum { SCAN_MAX_DEPTH = 64 };

/* The value that bytes begin with. wrapper: an object may turn out to hold the list of records. */
enum scan_end scan_value(const char *bytes, size_t length, bool wrapper, struct scan *ret_scan,
			 size_t *ret_used);
/* The rest of an object that held such a list, from behind its ']'. */
enum scan_end scan_rest(const char *bytes, size_t length, size_t *ret_used);

bool scan_is(struct span span, const char *text);
bool scan_begins(struct span span, const char *prefix);

#endif
