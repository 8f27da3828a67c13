/* SPDX-License-Identifier: Apache-2.0 */
/*
 * world: where a command looks and acts: a live account through the door, or an account file.
 * Private to this room.
 *
 *     world_open(options, &world, err)            no network yet
 *     observe_caller(&world, entries, n, err)     who we are, whose the keys are
 *     observe_named(...), observe_wide(...)       into world->account
 *     world_close(&world)
 */
#ifndef CORDON_RUN_WORLD_H
#define CORDON_RUN_WORLD_H

#include "cordon/account.h"
#include "cordon/aws.h"
#include "cordon/plan.h"
#include "cordon/run.h"

struct world {
	const struct run_options *options;
	struct aws *aws;    /* NULL: a rehearsal on an account file */
	json_t *account;    /* as far as it was read */
	json_t *caller;	    /* as plan_request wants it; NULL in a rehearsal */
	long requests;	    /* sent so far, to keep to a rate */
	json_t *absent;	    /* ARNs of AWS's policies that do not exist */
	char run_id[40];    /* "" while there is no run */
	struct err problem; /* why the read that a command rests on failed */
};

int world_open(const struct run_options *options, struct world *world, struct err *err);
void world_close(struct world *world);
int world_write_account(const struct world *world, const char *path, struct err *err);
/* AWS's time, or this machine's in a rehearsal. */
time_t world_now(const struct world *world);
bool world_stopped(const struct world *world);
/* Something happened: an event object (stolen) for whoever listens. */
void world_tell(const struct world *world, json_t *event_stolen);
void world_note(const struct world *world, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* GetCallerIdentity, and the owners of the access keys that entries name. Starts world->account. */
int observe_caller(struct world *world, const struct plan_entry *entries, size_t count,
		   struct err *err);
/* Everything about the named targets, and the account's quotas. A principal that does not exist is
 * left out of the account. */
int observe_named(struct world *world, const struct plan_entry *entries, size_t count,
		  struct err *err);
/* What lies around the named users: groups, managed policies, roles, and the roles they can assume.
 * again (or NULL) is a plan whose targets are read once more on the way, as observe_again() does.
 */
void observe_wide(struct world *world, const json_t *again, const struct plan_entry *entries,
		  size_t count);
/* One principal with the policies that speak of it, its groups' too; false if there is none. */
bool observe_policies_of(struct world *world, enum principal_kind kind, const char *name);
/* Sets plan.preflight: whether we may, whether the targets can undo it, what is in use; before is
 * the account as it was before this run's first write. */
void observe_preflight(struct world *world, const json_t *before, json_t *plan);
/* The plan's targets once more, in world->account. */
void observe_again(struct world *world, const json_t *plan);
/* first is called once the first answers are in: all that denies, and the lists of the rest. */
typedef void observe_answered(void *arg);
void observe_again_and(struct world *world, const json_t *plan, observe_answered *first, void *arg);
/* One principal and its sections, into account; false if it does not exist. */
bool observe_principal(struct world *world, enum principal_kind kind, const char *name);
/* The whole account, for snapshot: GetAccountAuthorizationDetails and each user's credentials. */
int observe_all(struct world *world, struct err *err);

#endif
