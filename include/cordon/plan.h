/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plan: from playbooks and an account to operations. Pure.
 *
 *     plan_make(&request, &plan, err)                  the cordon-plan/1 document
 *     plan_predict(plan, account)                      account' (new)
 *
 * The steps of all playbooks are ordered by class, each is planned on the account as the operations
 * before it leave it, and a step whose end is reached plans nothing and says so. Guards refuse
 * named targets and drop expanded ones. Nothing is looked up outside the request.
 */
#ifndef CORDON_PLAN_H
#define CORDON_PLAN_H

#include "cordon/playbook.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <time.h>

struct err;

struct plan_entry {
	const struct playbook *playbook;
	json_t *parameters; /* of playbook_bind() */
	const char *arn;    /* as typed, where the target was named by its ARN; else NULL */
	/* Of a triage: how far from where it began, from 1 on. Cutoffs go outwards, and who is not
	 * there any more stops nothing. 0: named by a person. */
	unsigned hop;
};

struct plan_request {
	const struct plan_entry *entries;
	size_t count;
	const json_t *account;
	time_t now; /* AWS's */
	/* The account before this run, which may have deleted a target since; NULL: it is new. */
	const json_t *captured;

	/* {"arn","account_id","user_id","chain":["arn",..]}; NULL in a rehearsal */
	const json_t *caller;
	const char *partition;
	const char *credential_source;		      /* NULL in a rehearsal */
	const char *endpoint;			      /* idem */
	const char *custom_endpoint, *custom_service; /* one that is not AWS's own; NULL: none */
	bool endpoint_typed;
	bool rehearsal;

	const json_t *not_covered; /* what the caller leaves out, as the plan has it; or NULL */

	/* Options of the command line. */
	const json_t *protect; /* array of ARNs, user/NAME, role/NAME */
	const char *expect_account;
	const char *support_case;
	const char *case_id; /* for the tag; NULL: none */
	bool allow_self;
	long max_operations; /* 0: 100 for each named target */

	/* What this run knows already; NULL: nothing. */
	const char *run_id;
	const json_t *stamped;	 /* ARNs whose cutoff this run has set */
	const json_t *restamp;	 /* ARNs that want another cutoff, whatever stands */
	const json_t *exhausted; /* plan_way() of what LimitExceeded has ruled out */
	const json_t *targets;	 /* of an earlier plan of this run: they keep their ids */
	const json_t *done;	 /* operations of this run so far: ids go on after them */
	const json_t *absent;	 /* ARNs of AWS's policies that AWS says do not exist */
	bool holding;		 /* writes are counted for each round alone */
	bool wide; /* roles and groups were looked at (else the plan is of class 1 only) */
};

/* Stands for the run id in a policy name while there is no run yet. */
#define PLAN_NEW_RUN "new"

/* ERR_NOT_FOUND if a target is nowhere, ERR_INPUT if nothing is named. Refusals are no error. */
int plan_make(const struct plan_request *request, json_t **ret_plan, struct err *err);
json_t *plan_predict(const json_t *plan, const json_t *account);

/* How a way that LimitExceeded closed is written in plan_request.exhausted; new. */
json_t *plan_way(const char *arn, const char *way);

/* Sets "fingerprint" from the other members; run_id (or NULL) counts as PLAN_NEW_RUN. */
void plan_seal(json_t *plan, const char *run_id);
/* How two plans differ, for people: a new array of sentences. run_id is that of now, or NULL. */
json_t *plan_differences(const json_t *planned, const json_t *now, const char *run_id);
/* The form of a plan that comes from outside: every member that code relies on. ERR_INPUT. */
int plan_check(const json_t *plan, const char *name, struct err *err);
/* A plan file, checked: format, members, types (ERR_INPUT), its own fingerprint (ERR_REFUSED). */
int plan_read(const char *bytes, size_t length, const char *name, json_t **ret_plan,
	      struct err *err);

/* Roles that user could assume before he was contained: a new array of {"name","arn","how":
 * "allowed|trusted|unknown","last_used":..}. "allowed": trust and policies; the others are for
 * not_covered. saved (or NULL): the account that knows the boundary which AWSDenyAll took the place
 * of. */
json_t *plan_assumable(const json_t *account, const char *user, const json_t *saved, time_t now);

#endif
