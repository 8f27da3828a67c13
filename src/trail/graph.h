/* SPDX-License-Identifier: Apache-2.0 */
/*
 * graph: from seeds along what one credential made of the next, to what is to be contained.
 *
 * Joins, strongest first: a key id that an event handed out; the identity with the time when its
 * session was made. Session names and addresses join nothing. Calls that services forward are
 * evidence and lead on, but are never targets.
 */
#ifndef TRAIL_GRAPH_H
#define TRAIL_GRAPH_H

#include "store.h"

struct state {
	const char *what, *id, *owner, *account;
	time_t made, removed, on, off;
	unsigned made_count, removed_count;
};

struct target {
	const char *kind; /* user role group access-key session saml-provider .. root */
	const char *id, *arn, *account;
	const char *name, *session; /* of the user or role, for the parameters */
	const char *linked_by;
	json_t *why;
	time_t last_seen, until;
	int live; /* 1, 0, -1: not known */
	unsigned hops;
	uint32_t maker; /* the session that made it, or NOTHING */
	const char *playbook, *by_hand;
	json_t *policies, *inline_policies;
	bool made, whole, quarantined, console;
	bool firm; /* more speaks against it than what somebody chose to do to it */
};

struct artefact {
	uint32_t deed;
	const char *made_by;
	const struct state *state;
};

struct mark {
	bool on, made;
	bool doubted; /* reached only from targets that are not firm */
	const char *linked_by;
	const char *why_id; /* what it came from */
	const char *why;
	uint32_t event;
	uint32_t from;	/* the session that led to it, or NOTHING */
	uint32_t maker; /* of a key that was made */
	unsigned hops;	/* from the first of its chain */
};

struct graph {
	struct trail *t;
	struct mark *marks; /* for each session */
	size_t mark_room;
	uint32_t *queue;
	size_t queue_at, queue_count;
	uint32_t *issued_by;  /* session: the deed that made it */
	uint32_t *first_deed; /* event: its first deed */
	struct state *states;
	uint32_t *state_index;
	size_t state_count;
	struct target *targets;
	size_t target_count, target_room;
	uint32_t *target_index;
	struct artefact *artefacts;
	size_t artefact_count, artefact_room;
	json_t *not_targets;
	bool grew; /* a whole user or role came in */
	/* What comes in now does so by what anybody may do to whom he likes. */
	bool doubting;
};

void graph_build(struct graph *g, struct trail *t);
void graph_release(struct graph *g);
bool graph_removed(const struct graph *g, const struct artefact *a);

/* states.c: what is there at the end of the log. */
void states_build(struct graph *g);
const struct state *states_find(const struct graph *g, const char *what, const char *id,
				const char *owner, const char *account);
bool states_gone(const struct state *s);
/* Made and removed within one second, and it can be made again. */
bool states_unsure(const struct state *s);

/* targets.c */
struct target *targets_get(struct graph *g, const char *kind, const char *id, const char *account);
struct target *targets_find(const struct graph *g, const char *kind, const char *id,
			    const char *account);
void targets_why(struct target *target, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* From marked sessions to targets; then what is live, and the playbooks. */
void targets_finish(struct graph *g);
void targets_not(struct graph *g, const char *id, const char *why);

/* others.c: who else was seen on the role of a target: a new array of session ARNs, at most
 * OTHERS_MOST, the newest first; NULL if it is of no role. */
enum { OTHERS_MOST = 10 };
json_t *others_of(const struct graph *g, const struct target *target);
/* The key ids of sessions with the very name of a target's, against which nothing speaks: they are
 * cut off with it. NULL if it is no session. */
json_t *same_name_of(const struct graph *g, const struct target *target);

#endif
