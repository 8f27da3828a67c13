// SPDX-License-Identifier: Apache-2.0
/* The fingerprint of a plan, plan files, and how two plans differ. */
#include "cordon/account.h"
#include "cordon/buf.h"
#include "cordon/err.h"
#include "cordon/json.h"
#include "cordon/operation.h"
#include "cordon/plan.h"
#include "cordon/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A run's own id stands in a policy name at the most; in a fingerprint it is "new". */
static json_t *without_run(const json_t *value, const char *run_id)
{
	const char *text = json_string_value(value);
	const char *key;
	json_t *item;
	size_t i;

	if (text && run_id && text_has_suffix(text, run_id))
		return json_sprintf("%.*s" PLAN_NEW_RUN, (int)(strlen(text) - strlen(run_id)),
				    text);
	if (json_is_object(value)) {
		json_t *out = json_object();
		json_object_foreach ((json_t *)(uintptr_t)value, key, item)
			jx_set(out, key, without_run(item, run_id));
		return out;
	}
	if (json_is_array(value)) {
		json_t *out = json_array();
		json_array_foreach (value, i, item)
			jx_push(out, without_run(item, run_id));
		return out;
	}
	return jx_copy(value);
}

static json_t *picked(const json_t *object, const char *const *names)
{
	json_t *out = json_object();

	for (size_t i = 0; names[i]; i++) {
		json_t *value = json_object_get(object, names[i]);
		jx_set(out, names[i], value ? jx_copy(value) : json_null());
	}
	return out;
}

static json_t *pick_each(const json_t *array, const char *const *names)
{
	json_t *out = json_array();
	json_t *item;
	size_t i;

	json_array_foreach (array, i, item)
		jx_push(out, picked(item, names));
	return out;
}

static const char *const operation_members[] = {"target",    "step",	   "stage", "service",
						"operation", "parameters", NULL};

/* What a plan is about: who, by which playbooks, and what is sent. */
static json_t *essence(const json_t *plan, const char *run_id)
{
	static const char *const playbook_members[] = {"sha256", "parameters", NULL};
	json_auto_t *operations = pick_each(json_object_get(plan, "operations"), operation_members);

	return jx_pack("{s:O, s:o, s:o}", "account_id", json_object_get(plan, "account_id"),
		       "playbooks", pick_each(json_object_get(plan, "playbooks"), playbook_members),
		       "operations", without_run(operations, run_id));
}

void plan_seal(json_t *plan, const char *run_id)
{
	char hex[HASH_HEX_SIZE];
	json_auto_t *about = essence(plan, run_id);

	jx_digest(about, hex);
	jx_set(plan, "fingerprint", jx_string(hex));
}

static json_t *operation_line(const char *sign, const json_t *operation)
{
	char *parameters = jx_compact(json_object_get(operation, "parameters"));
	json_t *line = json_sprintf("%s %s %.600s", sign, jx_text(operation, "operation"),
				    parameters);

	free(parameters);
	return line ? line : jx_string(sign);
}

static void lacking(json_t *out, const char *sign, const json_t *from, const json_t *other)
{
	json_t *item;
	json_t *candidate;
	size_t i;
	size_t j;

	json_array_foreach (from, i, item) {
		bool found = false;
		json_array_foreach (other, j, candidate)
			found = found || json_equal(item, candidate);
		if (!found)
			jx_push(out, operation_line(sign, item));
	}
}

json_t *plan_differences(const json_t *planned, const json_t *now, const char *run_id)
{
	json_auto_t *before = essence(planned, NULL);
	json_auto_t *after = essence(now, run_id);
	json_t *out = json_array();

	if (!json_equal(json_object_get(before, "account_id"),
			json_object_get(after, "account_id")))
		jx_push(out, jx_string("the account is another one"));
	if (!json_equal(json_object_get(before, "playbooks"), json_object_get(after, "playbooks")))
		jx_push(out, jx_string("a playbook or its parameters have changed"));
	lacking(out, "no longer planned:", json_object_get(before, "operations"),
		json_object_get(after, "operations"));
	lacking(out, "planned now:", json_object_get(after, "operations"),
		json_object_get(before, "operations"));
	if (json_array_size(out) == 0 &&
	    !text_equal(jx_text(planned, "fingerprint"), jx_text(now, "fingerprint")))
		jx_push(out,
			jx_string("the order of the operations, or the file itself, has changed"));
	return out;
}

static int plan_playbook_ok(const json_t *playbook)
{
	return jx_text(playbook, "name") && jx_text(playbook, "source") &&
	       jx_text(playbook, "sha256") &&
	       json_is_object(json_object_get(playbook, "parameters"));
}

static int plan_operation_ok(const json_t *operation)
{
	struct err ignored = ERR_INIT;
	const struct operation *op = operation_find(jx_text(operation, "operation"));

	return op && (op->flags & OPERATION_WRITE) && jx_text(operation, "id") &&
	       jx_text(operation, "target") &&
	       operation_check(op, json_object_get(operation, "parameters"), &ignored) == 0;
}

static int check_list(const json_t *plan, const char *list, int (*ok)(const json_t *),
		      const char *name, struct err *err)
{
	const json_t *array = json_object_get(plan, list);
	json_t *item;
	size_t i;

	if (!json_is_array(array))
		return err_set(err, ERR_INPUT, "%s: '%s' is missing or no list", name, list);
	json_array_foreach (array, i, item) {
		if (!ok(item))
			return err_set(err, ERR_INPUT, "%s: %s: entry %zu is malformed", name, list,
				       i + 1);
	}
	return 0;
}

static int plan_target_ok(const json_t *target)
{
	const char *kind = jx_text(target, "principal");
	const json_t *name = json_object_get(target, "name");

	return jx_text(target, "id") && account_kind(kind) != PRINCIPAL_NONE &&
	       (json_is_string(name) || json_is_null(name));
}

int plan_check(const json_t *plan, const char *name, struct err *err)
{
	if (!text_equal(jx_text(plan, "format"), "cordon-plan/1"))
		return err_set(err, ERR_INPUT, "%s: no plan: format is not 'cordon-plan/1'", name);
	if (!jx_text(plan, "account_id"))
		return err_set(err, ERR_INPUT, "%s: names no account", name);
	if (check_list(plan, "playbooks", plan_playbook_ok, name, err) ||
	    check_list(plan, "targets", plan_target_ok, name, err) ||
	    check_list(plan, "operations", plan_operation_ok, name, err))
		return -1;
	if (json_array_size(json_object_get(plan, "playbooks")) == 0)
		return err_set(err, ERR_INPUT, "%s: names no playbook", name);
	return 0;
}

int plan_read(const char *bytes, size_t length, const char *name, json_t **ret_plan,
	      struct err *err)
{
	char hex[HASH_HEX_SIZE];
	json_auto_t *plan = jx_read(bytes, length, name, err);

	if (!plan || plan_check(plan, name, err))
		return -1;
	json_auto_t *about = essence(plan, NULL);
	jx_digest(about, hex);
	if (!text_equal(hex, jx_text(plan, "fingerprint")))
		return err_set(err, ERR_REFUSED,
			       "%s: the fingerprint does not fit the plan: it was changed by hand",
			       name);
	*ret_plan = json_incref(plan);
	return 0;
}
