/* SPDX-License-Identifier: Apache-2.0 */
/*
 * watch: what appears in the account beside the targets while a run is held. Private to this room.
 *
 * IAM does not say who made a user, role or key, or changed a trust policy: what is newer than the
 * containment and no operation of the run is reported, author unknown, and never touched.
 */
#ifndef CORDON_RUN_WATCH_H
#define CORDON_RUN_WATCH_H

#include "execute.h"

struct watch {
	time_t since;	/* the run's first write */
	json_t *trusts; /* {role ARN: trust policy} as first seen */
	json_t *known;	/* ARNs that the run acts on or made */
	json_t *found;	/* [{"what","arn","at","author","command"}] */
	bool failed;	/* the account could not be read once */
};

void watch_begin(struct watch *watch, const struct executor *x);
/* Reads the whole account, and tells what is new in it. */
void watch_look(struct watch *watch, struct world *world, struct executor *x);
/* "appeared" into the document: with something in it the verdict is OPEN. Not watched: that is said
 * in the scopes. */
void watch_describe(const struct watch *watch, json_t *document, bool watched);
void watch_end(struct watch *watch);

#endif
