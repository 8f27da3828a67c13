/* SPDX-License-Identifier: Apache-2.0 */
/*
 * planning: a plan while it is made. Private to this room: plan.c walks the steps, action.c and
 * contain.c turn ends into operations through the functions below, guard.c refuses.
 */
#ifndef CORDON_PLAYBOOK_PLANNING_H
#define CORDON_PLAYBOOK_PLANNING_H

#include "cordon/account.h"
#include "cordon/action.h"
#include "cordon/identity.h"
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
	int phase; /* of the step being planned: operations of a later one wait for earlier ones */
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

/* The document with its head and empty lists; planning_end() drops it with the account. */
void planning_begin(struct planning *p, const struct plan_request *request);
void planning_end(struct planning *p);

const char *step_principal(const struct step *step);
const char *step_arn(const struct step *step);
json_t *step_entry(const struct planning *p, const struct step *step);
const char *step_option(const struct step *step, const char *name);
/* The aws:userid of the session that the step names; false: none, or it is not known. */
bool step_userid(const struct planning *p, const struct step *step,
		 char out[static IDENTITY_USERID]);

/* Adds an operation on the step's principal and lets it take effect. parameters (stolen) lacks only
 * the principal's name. Returns it (borrowed), or NULL where it may not be sent: that is said. */
json_t *planning_add(struct planning *p, const struct step *step, const char *operation,
		     json_t *parameters_stolen, const char *why, ...)
	__attribute__((format(printf, 5, 6)));
/* The same on another principal, which the operation's row tells the kind of. */
json_t *planning_add_on(struct planning *p, const struct step *step, const char *principal,
			const char *operation, json_t *parameters_stolen, const char *why, ...)
	__attribute__((format(printf, 6, 7)));
/* What follows in this step is sent only when what came before it is done. */
void planning_phase(struct planning *p);
/* The step plans nothing: because its end cannot be reached, or because it is. */
void planning_skip(struct planning *p, const struct step *step, const char *instead,
		   const char *why, ...) __attribute__((format(printf, 4, 5)));
void planning_reached(struct planning *p, const struct step *step, const char *why, ...)
	__attribute__((format(printf, 3, 4)));
void planning_warn(struct planning *p, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* Borrowed; the caller may add members. */
json_t *planning_uncovered(struct planning *p, const char *command, const char *why,
			   const char *format, ...) __attribute__((format(printf, 4, 5)));
/* LimitExceeded has told this run that a way is full. */
bool planning_exhausted(const struct planning *p, const struct step *step, const char *way);
bool planning_stamped(const struct planning *p, const char *arn);
/* This run itself has attached the policy to the target (member "PolicyArn"), or set it as boundary
 * ("PermissionsBoundary"). */
bool planning_set_here(const struct planning *p, const json_t *target, const char *member,
		       const char *arn);
/* The same as the next, for the quarantine of a group that the user would leave. */
bool planning_held_in_group(struct planning *p, const struct step *step, const char *group);
/* AWS's own quarantine stands, this run has not set it, and no support case was given: what would
 * go against it is left out. True if so; the step has been answered for. */
bool planning_held_by_aws(struct planning *p, const struct step *step, const char *what);

/* An option that may be one thing or a list names this; or it was not given, and otherwise counts.
 */
bool step_names(const struct step *step, const char *option, const char *value, bool otherwise);
bool step_flag(const struct step *step, const char *option);
/* An option stands in the step and came to nothing: a parameter that was not set. */
bool step_unset(const struct step *step, const char *option);
/* Warns of each item that an option names and the section does not hold: that may be the end that
 * was wanted, or a slip of the keys. */
void step_missing(struct planning *p, const struct step *step, const char *option,
		  const json_t *entry, const char *section);

/* Our own policy's name for this: as it is, or with the run id if what stands there cannot be read
 * or is not ours. The caller frees. */
char *planning_policy_name(struct planning *p, const struct step *step, const char *base,
			   bool (*ours)(const json_t *document));

/* The planners of the actions. deny.c: */
void contain_deny_all(struct planning *p, const struct step *step);
void contain_quarantine(struct planning *p, const struct step *step);
void contain_restrict(struct planning *p, const struct step *step);
/* sessions.c: */
void contain_deny_session(struct planning *p, const struct step *step, const char *userid);
void contain_revoke_sessions(struct planning *p, const struct step *step);
/* credentials.c: */
void contain_list_keys(struct planning *p, const struct step *step);
void contain_deactivate_keys(struct planning *p, const struct step *step);
void contain_activate_keys(struct planning *p, const struct step *step);
void contain_delete_keys(struct planning *p, const struct step *step);
void contain_delete_login_profile(struct planning *p, const struct step *step);
void contain_deactivate_credentials(struct planning *p, const struct step *step);
void contain_delete_credentials(struct planning *p, const struct step *step);
void contain_deactivate_mfa(struct planning *p, const struct step *step);
/* strip.c: */
void contain_detach_policies(struct planning *p, const struct step *step);
void contain_delete_inline_policies(struct planning *p, const struct step *step);
void contain_remove_from_groups(struct planning *p, const struct step *step);
void contain_set_boundary(struct planning *p, const struct step *step);
void contain_tag(struct planning *p, const struct step *step);
/* locking.c: */
void contain_lock_trust(struct planning *p, const struct step *step);
/* principals.c: */
void contain_delete_user(struct planning *p, const struct step *step);
void contain_delete_role(struct planning *p, const struct step *step);
void contain_recreate_user(struct planning *p, const struct step *step);

/* Our own session would be hit by this step, though its target was let through for another one. */
bool guard_step(struct planning *p, const struct step *step);
/* The first guard that refuses this target: a refusal (new), or NULL. */
json_t *guard_target(const struct planning *p, const json_t *target);
/* The same, as far as it is about the place and not the principal. */
json_t *guard_place(const struct planning *p, const json_t *target);
/* Targets of which every operation was held back by a guard. */
void guard_held(struct planning *p);
/* Whether we could still act after it; lockout.c. */
void guard_lockout(struct planning *p);
/* Guards on the plan as a whole. */
void guard_plan(struct planning *p);
void guard_warnings(struct planning *p);

/* What no operation of the plan covers, for the targets that are not refused. */
void coverage_note(struct planning *p);

#endif
