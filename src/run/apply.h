/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apply: a run while it is at work; what apply, resume and hold share. Private to this room.
 *
 *     apply_first(&run, err)            the named targets, before anything else is looked at
 *     apply_deny(&run)                  class 1, then the rest is looked at and planned
 *     apply_complete(&run, ...)         all other classes, then the verdict and the record's end
 *     apply_release(&run)
 */
#ifndef CORDON_RUN_APPLY_H
#define CORDON_RUN_APPLY_H

#include "execute.h"
#include "verify.h"

struct run {
	struct world world;
	struct executor x;
	const struct run_work *work;
	bool begun; /* x is in use */
};

int apply_first(struct run *run, struct err *err);
/* A plan for the world as it stands; wide: roles and groups were looked at. New. */
int apply_plan(const struct run *run, bool wide, json_t **ret_plan, struct err *err);
/* What a planner is to know of the world, without playbooks and what this run has done. */
void apply_request(const struct run *run, struct plan_request *ret_request);
/* The same for other playbooks than the run's own. */
int apply_plan_of(const struct run *run, struct plan_entry *entries, size_t count,
		  json_t **ret_plan, struct err *err);
bool apply_is_all_refused(const json_t *plan);
void apply_keep_class_1(json_t *plan);
/* Plans again on what stands now; true if that brought new operations. */
bool apply_more(struct run *run, bool wide);
/* One stage; where LimitExceeded closed a way, the next way, until none is left. */
void apply_stage(struct run *run, int stage, bool wide);
void apply_stages(struct run *run);
void apply_deny(struct run *run);
/* Everything is to be read anew: minutes may pass at a question. */
void apply_forget(struct run *run);
/* Makes the plan to ask about, from an account that is read anew. */
typedef int apply_anew(struct run *run, json_t **ret_plan, struct err *err);
/* Asks until the answer is about what still stands. 0: yes; 1: no, *ret_status says so. */
int apply_ask(struct run *run, apply_anew *anew, json_t **plan, struct err *err, int *ret_status);
/* Reads the targets again, and with them what nobody knew; false if a signal came before. */
bool apply_look(struct run *run);
/* IAM may show a write late: looks until all stands, for as long as the settling takes. */
bool apply_look_until_seen(struct run *run);
/* Adds to the document of a run before it is written down. */
struct apply_addition {
	void (*add)(void *arg, json_t *document);
	void *arg;
};
/* addition NULL: nothing. */
int apply_complete(struct run *run, const struct apply_addition *addition, json_t **ret_document,
		   int *ret_status, struct err *err);
void apply_release(struct run *run);

#endif
