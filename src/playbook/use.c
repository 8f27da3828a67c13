// SPDX-License-Identifier: Apache-2.0
#include "use.h"

#include "check.h"
#include "cordon/action.h"
#include "cordon/err.h"
#include "cordon/json.h"
#include "cordon/text.h"

#include <stdio.h>
#include <string.h>

enum { MAX_DEPTH = 8, MAX_EXPANDED = 200 };

/* One step that uses another playbook, while it is replaced. */
struct using
{
	const char *source;
	json_t *document; /* of the playbook that uses */
	const json_t *step;
	const struct playbook *used;
	json_t *values; /* parameter of the used one -> value, or reference of ours */
	struct err *err;
};

static int refuse(const struct using *u, const char *what, const char *subject)
{
	return err_set(u->err, ERR_INPUT, "%s: step '%.64s': %s '%.100s'", u->source,
		       jx_text(u->step, "id"), what, subject);
}

/* The parameter of ours that a value refers to, or NULL. */
static const json_t *referred(const struct using *u, const json_t *value)
{
	const char *text = json_string_value(value);
	char name[65];

	if (!text || !check_reference(text, name))
		return NULL;
	return jx_at(u->document, "parameters", name, NULL);
}

static bool is_list(const json_t *parameter)
{
	return json_is_true(json_object_get(parameter, "list"));
}

/* A value that is set must be what the used playbook's parameter takes; a reference is a parameter
 * of the same type. */
static int check_value(const struct using *u, const char *name, const json_t *value)
{
	const json_t *parameter = jx_at(u->used->document, "parameters", name, NULL);
	const json_t *ours = referred(u, value);

	if (!parameter)
		return refuse(u, "the playbook that it uses has no parameter", name);
	if (ours ? !text_equal(jx_text(ours, "type"), jx_text(parameter, "type")) ||
			    is_list(ours) != is_list(parameter)
		 : !playbook_fits(parameter, value))
		return refuse(u, "not of the type that the used playbook needs:", name);
	return 0;
}

static int fill_values(struct using *u)
{
	const json_t *set = json_object_get(u->step, "set");
	const char *name;
	json_t *value;

	json_object_foreach ((json_t *)(uintptr_t)set, name, value) {
		if (check_value(u, name, value))
			return -1;
		json_object_set(u->values, name, value);
	}
	json_object_foreach (json_object_get(u->used->document, "parameters"), name, value) {
		const json_t *fallback = json_object_get(value, "default");
		if (json_object_get(u->values, name))
			continue;
		if (json_is_true(json_object_get(value, "required")))
			return refuse(u, "the playbook that it uses needs", name);
		jx_set(u->values, name, fallback ? jx_copy(fallback) : json_null());
	}
	return 0;
}

/* "${user}" of a used step: its target under the name it has here, or the parameter's value. */
static json_t *translated(const struct using *u, const json_t *value, bool in_step)
{
	const char *text = json_string_value(value);
	char name[65];
	json_t *item;
	size_t i;

	if (json_is_array(value)) {
		json_t *out = json_array();
		json_array_foreach (value, i, item)
			jx_push(out, translated(u, item, in_step));
		return out;
	}
	if (!text || !check_reference(text, name) || strcmp(name, "item") == 0)
		return jx_copy(value);
	if (in_step && jx_at(u->used->document, "targets", name, NULL))
		return json_sprintf("${%s.%s}", jx_text(u->step, "id"), name);
	return jx_copy(json_object_get(u->values, name));
}

/* All conditions must hold: those of the used step, and that of the step that uses. */
static void join_conditions(const struct using *u, const json_t *step, json_t *out)
{
	json_auto_t *all = json_array();
	const json_t *inner = json_object_get(step, "when");
	json_auto_t *own = inner ? translated(u, inner, true) : NULL;
	const json_t *outer = json_object_get(u->step, "when");

	/* A list of conditions, not a condition that is a list. */
	if (json_is_array(inner))
		json_array_extend(all, own);
	else if (inner)
		json_array_append(all, own);
	if (outer)
		json_array_append(all, (json_t *)(uintptr_t)outer);
	if (json_array_size(all))
		json_object_set(out, "when", all);
}

static json_t *translated_step(const struct using *u, const json_t *step)
{
	json_t *out = json_object();
	const char *key;
	json_t *value;

	json_object_foreach ((json_t *)(uintptr_t)step, key, value) {
		if (json_is_object(value)) { /* for_each */
			json_t *each = json_object();
			const char *name;
			json_t *inner;
			json_object_foreach (value, name, inner)
				jx_set(each, name, translated(u, inner, true));
			jx_set(out, key, each);
		} else {
			jx_set(out, key, translated(u, value, true));
		}
	}
	jx_set(out, "id", json_sprintf("%s.%s", jx_text(u->step, "id"), jx_text(step, "id")));
	join_conditions(u, step, out);
	return out;
}

static void add_targets(const struct using *u)
{
	json_t *targets = json_object_get(u->document, "targets");
	const char *name;
	json_t *selector;

	if (!targets) {
		targets = json_object();
		jx_set(u->document, "targets", targets);
	}
	json_object_foreach (json_object_get(u->used->document, "targets"), name, selector) {
		json_auto_t *full = json_sprintf("%s.%s", jx_text(u->step, "id"), name);
		json_t *out = json_object();
		const char *key;
		json_t *value;
		json_object_foreach (selector, key, value)
			jx_set(out, key, translated(u, value, false));
		jx_set(targets, json_string_value(full), out);
	}
}

static int add_steps(const struct using *u, json_t *out)
{
	bool admits = json_is_true(json_object_get(u->step, "irreversible"));
	bool final = false;
	json_t *step;
	size_t i;

	json_array_foreach (json_object_get(u->used->document, "steps"), i, step) {
		final = final || json_is_true(json_object_get(step, "irreversible"));
		jx_push(out, translated_step(u, step));
	}
	if (final != admits)
		return refuse(u,
			      final ? "has steps without way back and must say \"irreversible\": "
				      "true; it uses"
				    : "\"irreversible\" does not belong here; it uses",
			      u->used->name);
	return 0;
}

/* "ID.NAME" is a name like any other, no longer than those. */
static int check_lengths(const struct using *u)
{
	const char *name;
	json_t *selector;

	json_object_foreach (json_object_get(u->used->document, "targets"), name, selector) {
		if (strlen(jx_text(u->step, "id")) + 1 + strlen(name) > 64)
			return refuse(
				u,
				"the id is too long: with the used playbook's target it comes "
				"to over 64 characters:",
				name);
	}
	return 0;
}

static int put_in_place(struct using *u, json_t *out)
{
	if (check_lengths(u))
		return -1;
	if (fill_values(u))
		return -1;
	add_targets(u);
	return add_steps(u, out);
}

/* Reads the playbook that a step uses; whoever is being read already cannot be used. */
static int find_used(const struct using *u, const struct playbook_library *library,
		     struct playbook **ret_used)
{
	const char *name = jx_text(u->step, "use");
	const char *own = jx_text(u->document, "name");
	json_auto_t *users = library && library->users ? jx_copy(library->users) : json_array();
	struct playbook_library deeper = {.find = library ? library->find : NULL,
					  .users = users,
					  .texts = library ? library->texts : NULL};

	jx_push(users, jx_string(own));
	if (!library)
		return refuse(u, "no other playbook can be used here:", name);
	if (jx_contains(users, name) || json_array_size(users) > MAX_DEPTH)
		return refuse(u, "a playbook cannot use itself, by way of another or not:", name);
	if (library->find(&deeper, name, ret_used, u->err))
		return err_wrap(u->err, "%s: step '%.64s'", u->source, jx_text(u->step, "id"));
	return 0;
}

static int expand_step(struct using *u, const struct playbook_library *library, json_t *hashes,
		       json_t *uses, json_t *out)
{
	json_auto_t *values = json_object();
	struct playbook *used = NULL;

	if (find_used(u, library, &used) || !used)
		return -1;
	u->used = used;
	u->values = values;
	int ret = put_in_place(u, out);
	jx_push(hashes, jx_string(used->sha256));
	json_object_update(uses, used->uses);
	json_object_set(uses, used->name, used->text);
	playbook_free(used);
	return ret;
}

int use_expand(json_t *document, const char *source, const struct playbook_library *library,
	       json_t *uses, char sha256[HASH_HEX_SIZE], struct err *err)
{
	json_auto_t *hashes = jx_pack("[s]", sha256);
	json_auto_t *steps = json_array();
	json_t *step;
	size_t i;

	json_array_foreach (json_object_get(document, "steps"), i, step) {
		struct using u = {.source = source, .document = document, .step = step, .err = err};
		if (!json_object_get(step, "use"))
			json_array_append(steps, step);
		else if (expand_step(&u, library, hashes, uses, steps))
			return -1;
	}
	if (json_array_size(hashes) == 1)
		return 0;
	if (json_array_size(steps) > MAX_EXPANDED)
		return err_set(err, ERR_INPUT, "%s: with the playbooks that it uses over %d steps",
			       source, MAX_EXPANDED);
	json_object_set(document, "steps", steps);
	jx_digest(hashes, sha256);
	return 0;
}
