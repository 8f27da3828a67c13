/* SPDX-License-Identifier: Apache-2.0 */
/*
 * preflight: what a plan will meet when it is sent. Pure; the fingerprint does not cover it.
 *
 *     json_t *ask = preflight_questions(plan, account);     for SimulatePrincipalPolicy
 *     preflight_add(plan, &input);                          plan.preflight
 *     plan_foresee(plan, account, now);                     plan.reach
 *
 * "operations": by id, may "yes|no|unknown" we send it, and how that is known. "targets": what the
 * target can (or perhaps can) do against it until the deny is enforced, by its own policies; and
 * the last use of each credential that stops working. "reach": what each target may do by its
 * policies, before the plan and after it. Nothing here refuses anything.
 */
#ifndef CORDON_PREFLIGHT_H
#define CORDON_PREFLIGHT_H

#include "cordon/account.h"

#include <time.h>

/* More resources than this are not asked about in one simulation. */
enum { PREFLIGHT_RESOURCES = 100 };

struct preflight_input {
	const json_t *account;	 /* as it was observed, before the plan */
	const char *caller;	 /* our ARN; NULL: offline */
	time_t now;		 /* AWS's */
	const json_t *simulated; /* EvaluationResults; NULL: AWS did not simulate */
	/* Whose entry of which account holds our own policies; name NULL: none was read. */
	const json_t *own_account;
	enum principal_kind own_kind;
	const char *own_name;
};

/* {"ActionNames":[..],"ResourceArns":[..]} of all operations; new. */
json_t *preflight_questions(const json_t *plan, const json_t *account);
void preflight_add(json_t *plan, const struct preflight_input *input);
/* {"targets":[{"target","before":{..},"after":{..}}],"left_out":N}, cordon(1) has its members;
 * account as it was observed before the plan. Groups have no requests of their own; of many targets
 * the first ones are looked at, and the rest is counted in left_out. */
void plan_foresee(json_t *plan, const json_t *account, time_t now);

#endif
