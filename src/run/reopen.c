// SPDX-License-Identifier: Apache-2.0
/* What of a run is done, undone or no longer needed, by what the account says now. */
#include "execute.h"

#include "cordon/account.h"
#include "cordon/json.h"
#include "cordon/plan.h"
#include "cordon/policy.h"
#include "cordon/text.h"

#include <stdint.h>
#include <string.h>

static const char *target_arn(const struct executor *x, const json_t *operation)
{
	return jx_text(jx_find(json_object_get(x->plan, "targets"), "id",
			       jx_text(operation, "target"), NULL),
		       "arn");
}

/* What this run knows of stamps and full quotas, from what it did. */
static void remember(struct executor *x)
{
	json_t *operation;
	size_t i;

	json_array_foreach (json_object_get(x->plan, "operations"), i, operation) {
		const json_t *result = executor_result(x, jx_text(operation, "id"));
		const char *arn = target_arn(x, operation);
		const char *way = jx_text(operation, "way");
		json_auto_t *document =
			account_document(jx_at(result, "parameters", "PolicyDocument", NULL));
		if (arn && document && policy_is_cutoff(document) &&
		    text_equal(jx_text(result, "status"), "done"))
			jx_add_unique(x->stamped, arn);
		if (!arn || !way ||
		    !text_equal(json_string_value(jx_at(result, "error", "code", NULL)),
				"LimitExceeded"))
			continue;
		json_auto_t *full = plan_way(arn, way);
		jx_add_unique(x->exhausted, json_string_value(full));
	}
}

void executor_since(struct executor *x, time_t last_write)
{
	time_t now = world_now(x->world);

	/* A time that has not come yet is no reason to wait for it. */
	if (last_write > now)
		last_write = now;
	x->wrote = last_write > 0;
	if (x->wrote)
		x->last_write_ms = executor_clock_ms() - (long)(now - last_write) * 1000;
}

int executor_reopen(struct executor *x, struct world *world, const struct record *record,
		    struct err *err)
{
	x->world = world;
	x->plan = jx_copy(record->plan);
	x->before = jx_copy(record->before);
	x->results = jx_copy(record->results);
	x->left = json_array();
	x->stamped = json_array();
	x->restamp = json_array();
	x->exhausted = json_array();
	x->resent = json_array();
	executor_index(x);
	remember(x);
	executor_since(x, record->last_write);
	/* A dry run of a file, or of a run, leaves both as they are. */
	if (world->options->dry_run)
		return 0;
	return folder_reopen(record->path, &record->journal, strlen(record->text), &x->folder, err);
}

/* The user stands there who was to be made: by our call whose answer was lost, if nobody has given
 * him anything since; else by somebody else, who shall not get what the old one had. */
static bool is_strangers(const struct executor *x, const json_t *operation, const char *status)
{
	static const char *const sections[] = {
		"AccessKeys",	 "LoginProfile",	"ServiceSpecificCredentials",
		"SSHPublicKeys", "SigningCertificates", NULL};
	const struct operation *op = operation_find(jx_text(operation, "operation"));
	const json_t *entry =
		account_find(x->world->account, op->on,
			     operation_principal(op, json_object_get(operation, "parameters")));
	json_t *value = NULL;

	if (!entry || !op->account_effect || (op->flags & OPERATION_REMOVES))
		return false;
	for (size_t i = 0; sections[i]; i++) {
		enum section_state state = account_section(entry, sections[i], &value);
		if (state == SECTION_UNREAD ||
		    (state == SECTION_VALUE && (!json_is_array(value) || json_array_size(value))))
			return true;
	}
	return !text_equal(status, "unknown");
}

void executor_take_release(struct executor *x, const json_t *plan)
{
	json_decref(x->plan);
	json_decref(x->results);
	x->plan = jx_copy(plan);
	x->results = json_array();
	executor_index(x);
	x->wrote = false;
}

/* What nobody knows; and for a run that is over, what failed then and may stand by now. */
static bool is_open_question(const struct executor *x, const json_t *result)
{
	const char *status = jx_text(result, "status");

	return text_equal(status, "unknown") || (!x->folder.path && text_equal(status, "failed"));
}

void executor_resolve(struct executor *x)
{
	json_t *operation;
	size_t i;

	json_array_foreach (json_object_get(x->plan, "operations"), i, operation) {
		json_t *result = executor_result(x, jx_text(operation, "id"));
		const struct operation *op = operation_find(jx_text(operation, "operation"));
		if (!is_open_question(x, result) ||
		    is_strangers(x, operation, jx_text(result, "status")))
			continue;
		enum operation_state state = operation_state(op, x->world->account,
							     json_object_get(result, "parameters"));
		if (state == OPERATION_UNKNOWN)
			continue;
		executor_settle(x, operation, state == OPERATION_DONE ? "done" : "failed",
				"read back: no answer had come");
	}
}

/* What an earlier process has sent or skipped: whether it is to be tried again. */
static bool is_open(struct executor *x, const json_t *operation, const json_t *result)
{
	const struct operation *op = operation_find(jx_text(operation, "operation"));
	const char *status = jx_text(result, "status");
	const json_t *sent = json_object_get(result, "parameters");

	if (text_equal(status, "done") || jx_text(result, "instead"))
		return false;
	if (text_equal(status, "skipped"))
		return true;
	if (is_strangers(x, operation, status))
		return false;
	switch (operation_state(op, x->world->account,
				sent ? sent : json_object_get(operation, "parameters"))) {
	case OPERATION_DONE:
		executor_settle(x, operation, "done", "read back, when the run was gone on with");
		return false;
	case OPERATION_UNDONE:
		return true;
	case OPERATION_UNKNOWN:
		break;
	}
	return text_equal(status, "failed") || (op->flags & OPERATION_IDEMPOTENT);
}

void executor_reconsider(struct executor *x, bool skipped)
{
	json_t *operation;
	size_t i;

	json_array_foreach (json_object_get(x->plan, "operations"), i, operation) {
		const char *id = jx_text(operation, "id");
		json_t *result = executor_result(x, id);
		size_t at = 0;
		if (!result || (!skipped && text_equal(jx_text(result, "status"), "skipped")) ||
		    !is_open(x, operation, result))
			continue;
		if (text_equal(jx_text(result, "status"), "unknown"))
			jx_add_unique(x->resent, id);
		jx_find(x->results, "id", id, &at);
		json_array_remove(x->results, at);
		json_object_del(x->by_id, id);
	}
}

/* A user who is made anew: what his step still has to do is known from its first plan alone. It is
 * about him, and about roles that trust him. */
static bool is_rebuilding(const struct executor *x, const json_t *operation)
{
	const struct operation *op = operation_find(jx_text(operation, "operation"));
	const json_t *target = jx_find(json_object_get(x->plan, "targets"), "id",
				       jx_text(operation, "target"), NULL);
	json_t *other;
	size_t i;

	if (!op || (!text_equal(operation_principal(op, json_object_get(operation, "parameters")),
				jx_text(target, "name")) &&
		    !text_equal(op->name, "UpdateAssumeRolePolicy")))
		return false;
	json_array_foreach (json_object_get(x->plan, "operations"), i, other) {
		if (text_equal(jx_text(other, "operation"), "CreateUser") &&
		    json_equal(json_object_get(other, "step"),
			       json_object_get(operation, "step")) &&
		    json_equal(json_object_get(other, "target"),
			       json_object_get(operation, "target")))
			return true;
	}
	return false;
}

static const json_t *same_in(const json_t *operations, const json_t *operation)
{
	json_t *other;
	size_t i;

	json_array_foreach (operations, i, other) {
		if (executor_is_same(other, operation))
			return other;
	}
	return NULL;
}

/* When and whether an operation may be sent is what is planned now, not what a file says. */
static void refresh(const struct executor *x, json_t *operation, const json_t *later)
{
	static const char *const members[] = {"stage", "phase", "irreversible", "undo", NULL};
	const json_t *now = same_in(json_object_get(later, "operations"), operation);

	if (executor_result(x, jx_text(operation, "id")))
		return;
	if (!now) {
		jx_set(operation, "irreversible", json_true());
		return;
	}
	for (size_t i = 0; members[i]; i++) {
		if (json_object_get(now, members[i]))
			json_object_set(operation, members[i], json_object_get(now, members[i]));
		else
			json_object_del(operation, members[i]);
	}
}

static bool is_needless(const struct executor *x, const json_t *operation, const json_t *later)
{
	return !executor_result(x, jx_text(operation, "id")) &&
	       !same_in(json_object_get(later, "operations"), operation) &&
	       !is_rebuilding(x, operation);
}

void executor_drop_needless(struct executor *x, const json_t *later, int stage)
{
	json_t *operation;
	size_t i;

	json_array_foreach (json_object_get(x->plan, "operations"), i, operation) {
		const struct operation *op = operation_find(jx_text(operation, "operation"));
		const json_t *parameters = json_object_get(operation, "parameters");
		if (stage && json_integer_value(json_object_get(operation, "stage")) != stage)
			continue;
		if (!is_needless(x, operation, later)) {
			refresh(x, operation, later);
			continue;
		}
		bool done = operation_state(op, x->world->account, parameters) == OPERATION_DONE;
		executor_settle(x, operation, done ? "done" : "skipped",
				done ? "it is so already" : "the account needs it no more");
		if (!done)
			jx_set(executor_result(x, jx_text(operation, "id")), "instead",
			       jx_string("what the account needs now"));
	}
}

json_t *executor_remaining(const struct executor *x, const json_t *later)
{
	json_t *plan = jx_copy(later);
	json_auto_t *operations = json_array();
	json_t *operation;
	size_t i;

	json_array_foreach (json_object_get(x->plan, "operations"), i, operation) {
		if (!executor_result(x, jx_text(operation, "id")) &&
		    !is_needless(x, operation, later))
			json_array_append(operations, operation);
	}
	json_array_foreach (json_object_get(later, "operations"), i, operation) {
		if (!same_in(operations, operation) &&
		    !same_in(json_object_get(x->plan, "operations"), operation))
			json_array_append(operations, operation);
	}
	json_object_set(plan, "operations", operations);
	return plan;
}
