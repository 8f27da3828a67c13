/* SPDX-License-Identifier: Apache-2.0 */
/*
 * verdict: whether what was meant to be cut off is cut off. Pure.
 *
 * CONTAINED needs every required check true and two re-reads that agree, the last one at least
 * VERDICT_SETTLE seconds after the last write. False is OPEN, anything else is UNKNOWN. A rehearsal
 * says REHEARSED instead of CONTAINED.
 */
#ifndef CORDON_VERDICT_H
#define CORDON_VERDICT_H

#include <jansson.h>
#include <stdbool.h>
#include <time.h>

enum { VERDICT_SETTLE = 10 }; /* seconds */

/* Exit statuses; cordon(1) EXIT STATUS has their order. */
enum status {
	STATUS_DONE = 0,
	STATUS_NO = 1, /* the answer is no: OPEN, UNKNOWN, drift */
	STATUS_USAGE = 2,
	STATUS_REFUSED = 3,
	STATUS_CREDENTIALS = 4,
	STATUS_PARTLY = 5,
	STATUS_UNREACHED = 6,
	STATUS_INTERRUPTED = 130,
};

struct verdict_input {
	const json_t *plan;
	const json_t *results;
	const json_t *account; /* as read last */
	const json_t *before;  /* as read before the first write; NULL: not known */
	bool unseen;	       /* account holds nothing of what stands now: nobody looked */
	bool agreed;	       /* the two last reads say the same of every check */
	long settled_seconds;  /* from the last write to the last read */
	time_t now;	       /* AWS's */
};

/* The "targets" of an apply document (new), and the overall verdict: a name, or NULL. */
json_t *verdict_targets(const struct verdict_input *input);
const char *verdict_overall(const json_t *plan, const json_t *targets);
/* The checks alone, to compare two reads: {"t1":[{"check","state"}..]}; new. */
json_t *verdict_checks(const struct verdict_input *input);

/* The exit status of an apply document, in the design's order; interrupted comes from the caller.
 */
int verdict_status(const json_t *document, bool interrupted);

#endif
