/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lookup: events that CloudTrail is asked for, as one more input of a triage.
 *
 * One LookupEvents for each thing to look for in each Region, page after page, newest first.
 * AWS allows two requests a second in a Region: Regions are asked side by side, what is to be found
 * in one of them one after the other. Private to this room.
 */
#ifndef CORDON_RUN_LOOKUP_H
#define CORDON_RUN_LOOKUP_H

#include "cordon/trail.h"
#include "cordon/triage.h"

/* Into the trail. ret_lookups: what was asked and what came, new. -1 where nothing could be asked
 * at all, or on a stop; a lookup that failed is else named in sources.skipped. */
int lookup_all(const struct run_triage *options, const struct trail_options *bounds,
	       struct trail *trail, json_t **ret_lookups, struct err *err);

#endif
