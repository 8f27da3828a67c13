/* SPDX-License-Identifier: Apache-2.0 */
/*
 * planning: a plan while it is made. Private to this room: plan.c walks the steps, action.c and
 * contain.c turn ends into operations through the functions below, guard.c refuses.
 */
#ifndef CORDON_PLAYBOOK_PLANNING_H
#define CORDON_PLAYBOOK_PLANNING_H

#include "cordon/account.h"
#include "cordon/action.h"
#include "cordon/plan.h"

struct planning {
	const struct plan_request *request;
	json_t *account; /* as the operations so far leave it */
	json_t *plan;	 /* the document; the arrays below are its own */
	json_t *targets;
	json_t *operations;
	json_t *skipped;
	json_t *refusals;
	json_t *warnings;
	json_t *not_covered;
	size_t next_id;
};

/* One step on one principal. */
struct step {
	const char *id;
	size_t playbook;
	const struct action *action;
	json_t *options; /* the step's own members, expanded */
	json_t *target;	 /* of planning->targets */
	enum principal_kind kind;
	bool expanded; /* the principal was brought by for_each */
	size_t order;  /* in the playbooks */
};

const char *step_principal(const struct step *step);
const char *step_arn(const struct step *step);
json_t *step_entry(const struct planning *p, const struct step *step);
const char *step_option(const struct step *step, const char *name);
/* The aws:userid of the session that the step or its target names; NULL: none, or not known.
 * static text; *ret_named says whether a session was named at all. */
const char *step_userid(const struct planning *p, const struct step *step, bool *ret_named);

/* Adds an operation on the step's principal and lets it take effect. parameters (stolen) lacks only
 * the principal's name. */
void planning_add(struct planning *p, const struct step *step, const char *operation,
		  json_t *parameters_stolen, const char *why, ...)
	__attribute__((format(printf, 5, 6)));
/* The step plans nothing: because its end cannot be reached, or because it is. */
void planning_skip(struct planning *p, const struct step *step, const char *instead,
		   const char *why, ...) __attribute__((format(printf, 4, 5)));
void planning_reached(struct planning *p, const struct step *step, const char *why, ...)
	__attribute__((format(printf, 3, 4)));
void planning_warn(struct planning *p, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void planning_uncovered(struct planning *p, const char *command, const char *why,
			const char *format, ...) __attribute__((format(printf, 4, 5)));
/* LimitExceeded has told this run that a way is full. */
bool planning_exhausted(const struct planning *p, const char *arn, const char *way);
bool planning_stamped(const struct planning *p, const char *arn);

/* Our own policy's name for this: as it is, or with the run id if what stands there cannot be read
 * or is not ours. The caller frees. */
char *planning_policy_name(struct planning *p, const struct step *step, const char *base,
			   bool (*ours)(const json_t *document));

/* Whether our unconditional deny stands on an entry; *ret_stamp: since when, if it says so. */
bool contain_denied(const json_t *entry, enum principal_kind kind, time_t *ret_stamp,
		    const char **ret_way);
bool contain_session_denied(const json_t *entry, enum principal_kind kind, const char *userid);
/* The latest cutoff on an entry, for all sessions or for userid. */
bool contain_cutoff(const json_t *entry, enum principal_kind kind, const char *userid,
		    time_t *ret_cutoff);

/* The planners of the actions (contain.c). */
void contain_deny_all(struct planning *p, const struct step *step);
void contain_deactivate_keys(struct planning *p, const struct step *step);
void contain_revoke_sessions(struct planning *p, const struct step *step);
void contain_delete_login_profile(struct planning *p, const struct step *step);
void contain_list_keys(struct planning *p, const struct step *step);

/* The first guard that refuses this target: a refusal (new), or NULL. */
json_t *guard_target(const struct planning *p, const json_t *target);
/* Guards on the plan as a whole. */
void guard_plan(struct planning *p);
void guard_warnings(struct planning *p);

/* What no operation of the plan covers, for the targets that are not refused. */
void coverage_note(struct planning *p);

#endif
