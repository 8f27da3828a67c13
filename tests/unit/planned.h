/* SPDX-License-Identifier: Apache-2.0 */
/* Plans as tests ask for them: one line for what is asked, one for what is planned. */
#ifndef TESTS_UNIT_PLANNED_H
#define TESTS_UNIT_PLANNED_H

#include "cordon/action.h"
#include "cordon/plan.h"
#include "fixture.h"

#define NOW 1784024100 /* 2026-07-14T10:15:00Z */
#define NUMBER "111122223333"
#define IAM "arn:aws:iam::" NUMBER ":"
#define ALICE IAM "user/alice"
#define OPS IAM "role/ops"
#define DENY_ALL_ARN "arn:aws:iam::aws:policy/AWSDenyAll"

/* A shipped playbook, or an action as a playbook of one step. given: JSON with ' for ". */
static UNUSED struct playbook *asked(const char *name, const char *given, json_t **ret_parameters)
{
	json_auto_t *values = js(given);
	bool action = action_find(name) != NULL;
	struct playbook *playbook = NULL;
	struct err err = ERR_INIT;

	if (!action)
		playbook = shipped_playbook(name);
	else if (playbook_of_action(name, values, &playbook, &err))
		bail(name, err.message);
	if (playbook_bind(playbook, action ? NULL : values, ret_parameters, &err))
		bail(name, err.message);
	return playbook;
}

/* A plan of one playbook; base holds the rest of the request. NULL: err says why. */
static UNUSED json_t *plan_or_err(const struct plan_request *base, const char *name,
				  const char *given, struct err *err)
{
	struct plan_request request = *base;
	struct plan_entry entry = {0};
	json_t *plan = NULL;

	struct playbook *playbook = asked(name, given, &entry.parameters);
	entry.playbook = playbook;
	request.entries = &entry;
	request.count = 1;
	request.now = NOW;
	request.wide = true;
	if (plan_make(&request, &plan, err))
		plan = NULL;
	json_decref(entry.parameters);
	playbook_free(playbook);
	return plan;
}

static UNUSED json_t *plan_of(const struct plan_request *base, const char *name, const char *given)
{
	struct err err = ERR_INIT;
	json_t *plan = plan_or_err(base, name, given, &err);

	if (!plan)
		bail(name, err.message);
	return plan;
}

/* "PutUserPolicy/1 CordonDenyAll, UpdateAccessKey/1 AKIA.., ..": static text. */
static UNUSED const char *written(const json_t *plan)
{
	static const char *const members[] = {"PolicyName", "PolicyArn", "AccessKeyId",
					      "PermissionsBoundary", NULL};
	static char text[4096];
	json_t *operation;
	size_t used = 0;
	size_t i;

	text[0] = '\0';
	json_array_foreach (json_object_get(plan, "operations"), i, operation) {
		const char *what = NULL;
		for (size_t m = 0; members[m] && !what; m++)
			what = jx_text(json_object_get(operation, "parameters"), members[m]);
		used += (size_t)snprintf(
			text + used, sizeof(text) - used, "%s%s/%d%s%s", i ? ", " : "",
			jx_text(operation, "operation"),
			(int)json_integer_value(json_object_get(operation, "stage")),
			what ? " " : "", what ? what : "");
		if (used >= sizeof(text))
			bail("a plan", "too long for a test");
	}
	return text;
}

/* All of a list of the plan as text; the caller frees. */
static UNUSED char *listed(const json_t *plan, const char *list)
{
	return jx_compact(json_object_get(plan, list));
}

#endif
