/* SPDX-License-Identifier: Apache-2.0 */
/* The inside of struct trail_input, for input.c and for the one that adds up its counts. */
#ifndef TRAIL_INPUT_H
#define TRAIL_INPUT_H

#include "cordon/trail.h"

enum input_state {
	INPUT_START,
	INPUT_VALUES, /* one value after the other */
	INPUT_LIST,   /* in a list of records */
	INPUT_REST,   /* behind the list, in the object that held it */
	INPUT_ROWS,
	INPUT_REFUSED,
	INPUT_GIVEN_UP, /* too much of it is torn, or we were stopped */
};

enum { INPUT_MAX_WHY = 16 };

struct input_counts {
	uint64_t bytes;
	size_t events, alerts, bad, unknown, mended;
};

struct trail_input {
	trail_sink *sink;
	void *arg;
	enum input_state state;
	bool in_object, lost, ended, cut;
	char *data;
	size_t start, length, size;
	size_t wanted;	 /* bytes before it is worth looking again */
	size_t looked;	 /* bytes of the last look at a value */
	uint64_t wasted; /* bytes that were looked at for nothing */
	bool (*stopped)(void);
	json_t *columns;
	struct input_counts counts;
	struct {
		const char *why;
		size_t count;
	} skipped[INPUT_MAX_WHY];
};

void input_skip(struct trail_input *in, const char *why);

#endif
