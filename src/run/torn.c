// SPDX-License-Identifier: Apache-2.0
#include "torn.h"

#include "cordon/action.h"
#include "cordon/json.h"
#include "cordon/text.h"
#include "folder.h"
#include "record.h"

#include <stdlib.h>

static bool is_done(const json_t *results, const json_t *operation)
{
	const json_t *result = jx_find(results, "id", jx_text(operation, "id"), NULL);

	return text_equal(jx_text(result, "status"), "done") || jx_text(result, "instead");
}

static bool is_of_step(const json_t *operation, const json_t *other)
{
	return json_equal(json_object_get(operation, "step"), json_object_get(other, "step")) &&
	       json_equal(json_object_get(operation, "target"), json_object_get(other, "target"));
}

/* The first operation that is still missing of a step that makes a user anew, once something of it
 * was done; NULL: the step has not begun, or is whole. */
static const json_t *missing(const json_t *operations, const json_t *results, const json_t *create)
{
	const json_t *first = NULL;
	bool begun = false;
	json_t *operation;
	size_t i;

	json_array_foreach (operations, i, operation) {
		if (!is_of_step(operation, create))
			continue;
		if (is_done(results, operation))
			begun = true;
		else if (!first)
			first = operation;
	}
	return begun ? first : NULL;
}

/* The next CreateUser of a plan from *i on. */
static const json_t *next_creation(const json_t *operations, size_t *i)
{
	while (*i < json_array_size(operations)) {
		const json_t *operation = json_array_get(operations, (*i)++);
		if (text_equal(jx_text(operation, "operation"), "CreateUser"))
			return operation;
	}
	return NULL;
}

static const char *user_of(const json_t *create)
{
	return jx_text(json_object_get(create, "parameters"), "UserName");
}

void torn_warn(json_t *document)
{
	const json_t *operations = json_object_get(document, "operations");
	const json_t *results = json_object_get(document, "results");
	const json_t *create;
	size_t i = 0;

	while ((create = next_creation(operations, &i))) {
		const json_t *operation = missing(operations, results, create);
		if (!operation)
			continue;
		json_auto_t *text = json_sprintf(
			"user '%.64s' is not whole again (%s is not done): cordon resume %s --yes "
			"--irreversible",
			user_of(create), jx_text(operation, "operation"), jx_text(document, "run"));
		jx_add_unique(json_object_get(document, "warnings"), json_string_value(text));
	}
}

/* The users whom work makes anew. New. */
static json_t *users_anew(const struct run_work *work)
{
	json_t *users = json_array();
	json_t *step;
	json_t *target;
	size_t n;

	for (size_t i = 0; i < work->count; i++) {
		const struct plan_entry *entry = &work->entries[i];
		bool anew = false;
		json_array_foreach (json_object_get(entry->playbook->document, "steps"), n, step) {
			const struct action *action = action_find(jx_text(step, "action"));
			anew = anew || (action && action->whole_account);
		}
		json_auto_t *targets = playbook_targets(entry->playbook, entry->parameters);
		json_array_foreach (targets, n, target) {
			if (anew && jx_text(target, "user"))
				jx_add_unique(users, jx_text(target, "user"));
		}
	}
	return users;
}

/* A run that took one of the users apart and is not done with him. */
static int check_run(const struct record *record, const char *account_id, const json_t *users,
		     struct err *err)
{
	const json_t *operations = json_object_get(record->plan, "operations");
	const json_t *create;
	size_t i = 0;

	if (!text_equal(jx_text(record->plan, "account_id"), account_id))
		return 0;
	while ((create = next_creation(operations, &i))) {
		if (!jx_contains(users, user_of(create)) ||
		    !missing(operations, record->results, create))
			continue;
		return err_set(err, ERR_REFUSED,
			       "run '%s' has begun to make user '%.64s' anew and is not done: "
			       "'cordon resume %s' finishes it; a second one would forget what the "
			       "first has taken",
			       record->run, user_of(create), record->run);
	}
	return 0;
}

int torn_check(const struct world *world, const struct run_work *work, struct err *err)
{
	const char *account_id = jx_text(world->account, "account_id");
	json_auto_t *users = users_anew(work);
	struct err ignored = ERR_INIT;
	json_auto_t *runs = NULL;
	json_t *run;
	size_t i;

	if (json_array_size(users) == 0 || folder_runs(world->options, &runs, &ignored))
		return 0;
	json_array_foreach (runs, i, run) {
		const char *id = jx_text(run, "run");
		struct record record;
		if (text_equal(id, world->run_id) ||
		    json_is_true(json_object_get(run, "rehearsal")) ||
		    record_open(world->options, id, &record, &ignored))
			continue;
		int ret = check_run(&record, account_id, users, err);
		record_release(&record);
		if (ret)
			return -1;
	}
	return 0;
}
