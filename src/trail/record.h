/* SPDX-License-Identifier: Apache-2.0 */
/*
 * record: one thing that stands in an input, and what kind of thing it is.
 *
 * Spans point into the input's bytes or into json; both are the caller's for as long as the sink
 * runs. json is parsed only where something needs it.
 */
#ifndef TRAIL_RECORD_H
#define TRAIL_RECORD_H

#include "scan.h"

#include <jansson.h>

enum record_kind {
	RECORD_EVENT,
	RECORD_ALERT,	/* json: as alert.h has it */
	RECORD_SKIPPED, /* known, and no use: why */
	RECORD_UNKNOWN,
	RECORD_BAD,
};

struct trail_record {
	enum record_kind kind;
	struct scan scan;
	json_t *json;	 /* borrowed; NULL: not looked into */
	const char *why; /* static */
	bool mended;	 /* bytes that are no JSON were replaced */
};

typedef void record_fn(void *arg, const struct trail_record *record);

/* Hands what the item holds to fn: one record, or several from a list of findings. */
void record_read(const char *bytes, size_t length, const struct scan *scan, record_fn *fn,
		 void *arg);
/* The same for one that stands in a parsed value (a line of a CSV file). */
void record_read_json(json_t *value, record_fn *fn, void *arg);

#endif
