// SPDX-License-Identifier: Apache-2.0
/* The strict reading of a playbook: what it may hold, and where it does not. */
#include "check.h"

#include "cordon/account.h"
#include "cordon/action.h"
#include "cordon/err.h"
#include "cordon/json.h"
#include "cordon/playbook.h"
#include "cordon/text.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_STEPS = 200, MAX_PARAMETERS = 50 };

/* What is being checked: where messages point, and which parameters something has used. */
struct checking {
	const char *source;
	const char *text; /* the file, for places; NULL: there is none */
	const json_t *document;
	json_t *used;
	struct err *err;
};

/* Where a key or value stands, if it stands there once: jansson keeps no places. */
static bool place_of(const char *text, const char *subject, int *ret_line, int *ret_column)
{
	char quoted[130];

	snprintf(quoted, sizeof(quoted), "\"%.120s\"", subject);
	const char *at = text ? strstr(text, quoted) : NULL;
	if (!at || strstr(at + 1, quoted))
		return false;
	*ret_line = 1;
	*ret_column = 1;
	for (const char *p = text; p < at; p++) {
		*ret_column = *p == '\n' ? 1 : *ret_column + 1;
		*ret_line += *p == '\n';
	}
	return true;
}

static int complain(const struct checking *c, const char *where, const char *what,
		    const char *subject)
{
	int line;
	int column;

	if (place_of(c->text, subject, &line, &column))
		return err_set(c->err, ERR_INPUT, "%s:%d:%d: %s: %s '%.100s'", c->source, line,
			       column, where, what, subject);
	return err_set(c->err, ERR_INPUT, "%s: %s: %s '%.100s'", c->source, where, what, subject);
}

static int only_keys(const struct checking *c, const char *where, const json_t *object,
		     const char *const *keys)
{
	const char *key;
	json_t *value;

	if (!json_is_object(object))
		return err_set(c->err, ERR_INPUT, "%s: %s is no object", c->source, where);
	json_object_foreach ((json_t *)(uintptr_t)object, key, value) {
		size_t i = 0;
		while (keys[i] && strcmp(keys[i], key) != 0)
			i++;
		if (!keys[i])
			return complain(c, where, "unknown key", key);
	}
	return 0;
}

static bool is_word(const char *name)
{
	return name && *name && strlen(name) <= 64 &&
	       text_only(name, "abcdefghijklmnopqrstuvwxyz0123456789-_") && *name != '-';
}

/* "${name}" at text: the name into out, and where it ends. NULL if there is none here. */
const char *check_reference(const char *text, char out[static 65])
{
	const char *end;

	if (text[0] != '$' || text[1] != '{' || !(end = strchr(text, '}')))
		return NULL;
	size_t length = (size_t)(end - text) - 2;
	if (length == 0 || length > 64)
		return NULL;
	memcpy(out, text + 2, length);
	out[length] = '\0';
	return end + 1;
}

/* A string with "${" is one reference, whole, to a name that exists here. */
static int check_references(const struct checking *c, const char *where, const json_t *value,
			    const json_t *names)
{
	const char *text = json_string_value(value);
	char name[65];

	if (!text || !strstr(text, "${"))
		return 0;
	const char *end = check_reference(text, name);
	if (!end || *end)
		return complain(c, where, "a '${NAME}' stands alone, not in", text);
	if (!json_object_get(names, name))
		return complain(c, where, "no parameter, target or item is called", name);
	/* In steps a target hides the parameter of its name. */
	const json_t *parameters = json_object_get(c->document, "parameters");
	if (names == parameters || !jx_at(c->document, "targets", name, NULL))
		jx_set(c->used, name, json_true());
	return 0;
}

static int check_parameter(const struct checking *c, const char *name, const json_t *parameter)
{
	static const char *const keys[] = {"type",    "list",	     "required",
					   "default", "description", NULL};
	const json_t *fallback = json_object_get(parameter, "default");
	const json_t *required = json_object_get(parameter, "required");
	const json_t *list = json_object_get(parameter, "list");
	char where[96];

	snprintf(where, sizeof(where), "parameter '%.64s'", name);
	if (!is_word(name))
		return complain(c, "parameters",
				"not a name of small letters, digits, - and _:", name);
	if (only_keys(c, where, parameter, keys))
		return -1;
	const struct value_type *type = value_type_find(jx_text(parameter, "type"));
	if (!type)
		return complain(c, where, "unknown type",
				jx_text(parameter, "type") ? jx_text(parameter, "type") : "");
	if (required && !json_is_boolean(required))
		return complain(c, where, "not true or false:", "required");
	if (list && !json_is_boolean(list))
		return complain(c, where, "not true or false:", "list");
	if (fallback && !playbook_fits(parameter, fallback))
		return complain(c, where, "the default is not", type->what);
	if (json_object_get(parameter, "description") && !jx_text(parameter, "description"))
		return complain(c, where, "not a string:", "description");
	return 0;
}

static int check_parameters(const struct checking *c)
{
	const json_t *parameters = json_object_get(c->document, "parameters");
	const char *name;
	json_t *parameter;

	if (!parameters)
		return 0;
	if (!json_is_object(parameters) || json_object_size(parameters) > MAX_PARAMETERS)
		return complain(c, "parameters", "not an object of at most 50", "parameters");
	json_object_foreach ((json_t *)(uintptr_t)parameters, name, parameter) {
		if (check_parameter(c, name, parameter))
			return -1;
	}
	return 0;
}

static int check_target(const struct checking *c, const char *name, const json_t *selector)
{
	static const char *const keys[] = {"owner_of", "user", "role", "group", NULL};
	const json_t *parameters = json_object_get(c->document, "parameters");
	char where[96];

	snprintf(where, sizeof(where), "target '%.64s'", name);
	if (!is_word(name))
		return complain(c, "targets",
				"not a name of small letters, digits, - and _:", name);
	if (only_keys(c, where, selector, keys))
		return -1;
	bool role = json_object_get(selector, "role") != NULL;
	bool group = json_object_get(selector, "group") != NULL;
	bool user = json_object_get(selector, "user") || json_object_get(selector, "owner_of");
	if (role + user + group != 1)
		return complain(c, where, "names not exactly one of",
				"owner_of, user, role, group");
	for (size_t i = 0; keys[i]; i++) {
		const json_t *value = json_object_get(selector, keys[i]);
		if (value && !json_is_string(value))
			return complain(c, where, "not a string:", keys[i]);
		if (check_references(c, where, value, parameters))
			return -1;
	}
	return 0;
}

static bool uses_others(const json_t *document)
{
	json_t *step;
	size_t i;

	json_array_foreach (json_object_get(document, "steps"), i, step) {
		if (json_object_get(step, "use"))
			return true;
	}
	return false;
}

static int check_targets(const struct checking *c)
{
	const json_t *targets = json_object_get(c->document, "targets");
	const char *name;
	json_t *selector;

	/* The playbooks that it uses bring theirs. */
	if (!targets && uses_others(c->document))
		return 0;
	if (!json_is_object(targets) || json_object_size(targets) == 0)
		return complain(c, "playbook", "missing or empty key", "targets");
	json_object_foreach ((json_t *)(uintptr_t)targets, name, selector) {
		if (check_target(c, name, selector))
			return -1;
	}
	return 0;
}

/* What a parameter may hold, its option must take: values are checked when they are bound. */
static int check_parameter_type(const struct checking *c, const char *where,
				const struct action_option *option, const char *text)
{
	char name[65] = "";

	check_reference(text, name);
	const json_t *parameter = jx_at(c->document, "parameters", name, NULL);
	const char *type = jx_text(parameter, "type");
	if (json_is_true(json_object_get(parameter, "list")) && !option->list)
		return complain(c, where, "takes one value, not a list:", option->name);
	if (option->choices)
		return complain(c, where, "takes no parameter:", option->name);
	if (!text_equal(type, option->type))
		return complain(c, where, "the parameter is not of the type that is needed:", text);
	return 0;
}

static int check_option(const struct checking *c, const char *where, const struct action *action,
			const char *key, const json_t *value)
{
	const struct action_option *option = action_option_find(action, key);
	const json_t *item = value;

	if (!option)
		return complain(c, where, "unknown key", key);
	if (json_is_array(value) && !option->list)
		return complain(c, where, "takes one value, not a list:", key);
	for (size_t i = 0;
	     json_is_array(value) ? (item = json_array_get(value, i)) != NULL : i == 0; i++) {
		const char *text = json_string_value(item);
		if (text && strstr(text, "${")) {
			if (check_parameter_type(c, where, option, text))
				return -1;
			continue;
		}
		if (!value_type_find(option->type)->ok(item))
			return complain(c, where, "is of the wrong type:", key);
		size_t n = 0;
		while (option->choices && option->choices[n] &&
		       !text_equal(option->choices[n], text))
			n++;
		if (option->choices && !option->choices[n])
			return complain(c, where, "unknown value", text);
	}
	return 0;
}

/* A step's members that every step may have; the rest are the action's options. */
static bool is_common(const char *key)
{
	static const char *const keys[] = {"id",   "action",	   "user",     "role", "group",
					   "when", "irreversible", "for_each", NULL};
	size_t i = 0;

	while (keys[i] && strcmp(keys[i], key) != 0)
		i++;
	return keys[i] != NULL;
}

/* Some actions do nothing without being told to whom or what. */
static int check_needs(const struct checking *c, const char *where, const json_t *step,
		       const struct action *action)
{
	char all[96] = "";

	for (size_t i = 0; action->needs && action->needs[i]; i++) {
		const json_t *value = json_object_get(step, action->needs[i]);
		if (value && !json_is_false(value))
			return 0;
		size_t used = strlen(all);
		snprintf(all + used, sizeof(all) - used, "%s%s", i ? " or " : "", action->needs[i]);
	}
	return action->needs ? complain(c, where, "missing one of", all) : 0;
}

static int check_members(const struct checking *c, const char *where, const json_t *step,
			 const struct action *action, const json_t *names)
{
	const char *key;
	json_t *value;
	json_t *item;
	size_t i;

	json_object_foreach ((json_t *)(uintptr_t)step, key, value) {
		if (check_references(c, where, value, names))
			return -1;
		json_array_foreach (value, i, item) {
			if (check_references(c, where, item, names))
				return -1;
		}
		if (!is_common(key) && check_option(c, where, action, key, value))
			return -1;
	}
	for (const struct action_option *o = action->options; o->name; o++) {
		if (o->required && !json_object_get(step, o->name))
			return complain(c, where, "missing key", o->name);
	}
	return check_needs(c, where, step, action);
}

static enum principal_kind kind_of(const json_t *selector)
{
	if (json_object_get(selector, "role"))
		return PRINCIPAL_ROLE;
	return json_object_get(selector, "group") ? PRINCIPAL_GROUP : PRINCIPAL_USER;
}

/* The one principal that a step acts on: a target, or the item of for_each. */
static int check_principal(const struct checking *c, const char *where, const json_t *step,
			   const struct action *action)
{
	const char *text = NULL;
	char name[65];
	enum principal_kind kind = PRINCIPAL_NONE;

	for (enum principal_kind k = PRINCIPAL_USER; k <= PRINCIPAL_GROUP; k++) {
		const json_t *value = json_object_get(step, account_kind_name(k));
		if (!value)
			continue;
		if (text || !json_is_string(value))
			return complain(c, where, "names not exactly one of", "user, role, group");
		text = json_string_value(value);
		kind = k;
	}
	if (!text)
		return complain(c, where, "names not exactly one of", "user, role, group");
	if (!(action->principals & (1u << kind)))
		return complain(c, where, "this action does not act on a", account_kind_name(kind));
	const char *end = check_reference(text, name);
	if (!end || *end)
		return complain(c, where, "not a target or item, as in ${user}:", text);
	if (strcmp(name, "item") == 0)
		return json_object_get(step, "for_each")
			       ? 0
			       : complain(c, where, "no for_each for", text);
	const json_t *selector = jx_at(c->document, "targets", name, NULL);
	if (!selector)
		return complain(c, where, "no target is called", name);
	if (kind_of(selector) != kind)
		return complain(c, where, "the target is of the other kind:", name);
	return 0;
}

static int check_for_each(const struct checking *c, const char *where, const json_t *step,
			  const json_t *names)
{
	static const char *const keys[] = {"roles_assumable_by", NULL};
	const json_t *each = json_object_get(step, "for_each");
	char name[65];

	if (!each)
		return 0;
	if (only_keys(c, where, each, keys))
		return -1;
	const char *text = jx_text(each, "roles_assumable_by");
	const char *end = text ? check_reference(text, name) : NULL;
	if (!end || *end || !jx_at(c->document, "targets", name, NULL))
		return complain(c, where, "not a target, as in ${user}:", text ? text : "for_each");
	if (kind_of(jx_at(c->document, "targets", name, NULL)) != PRINCIPAL_USER)
		return complain(c, where, "not a user:", name);
	if (!text_equal(jx_text(step, "role"), "${item}"))
		return complain(c, where, "for_each over roles needs", "\"role\": \"${item}\"");
	return check_references(c, where, json_object_get(each, "roles_assumable_by"), names);
}

/* A step that stands for all steps of another playbook, whose parameters it sets. */
static int check_use(const struct checking *c, const char *where, const json_t *step)
{
	static const char *const keys[] = {"id", "use", "set", "when", "irreversible", NULL};
	const json_t *parameters = json_object_get(c->document, "parameters");
	const json_t *set = json_object_get(step, "set");
	const char *name;
	json_t *value;
	json_t *item;
	size_t i;

	if (only_keys(c, where, step, keys))
		return -1;
	if (!is_word(jx_text(step, "use")))
		return complain(c, where, "not the name of a playbook:", "use");
	if (set && !json_is_object(set))
		return complain(c, where, "not an object:", "set");
	if (check_references(c, where, json_object_get(step, "when"), parameters))
		return -1;
	json_object_foreach ((json_t *)(uintptr_t)set, name, value) {
		if (check_references(c, where, value, parameters))
			return -1;
		json_array_foreach (value, i, item) {
			if (check_references(c, where, item, parameters))
				return -1;
		}
	}
	return 0;
}

static int check_step(const struct checking *c, size_t number, const json_t *step, json_t *ids,
		      const json_t *names)
{
	const char *id = jx_text(step, "id");
	const json_t *mark = json_object_get(step, "irreversible");
	char where[96];

	snprintf(where, sizeof(where), "step %zu", number + 1);
	if (!json_is_object(step) || !is_word(id))
		return complain(c, where, "missing or unusable key", "id");
	snprintf(where, sizeof(where), "step '%s'", id);
	if (json_object_get(ids, id))
		return complain(c, where, "the id is there twice:", id);
	jx_set(ids, id, json_true());
	const char *when = jx_text(step, "when");
	if (json_object_get(step, "when") && !when)
		return complain(c, where, "not a string:", "when");
	if (when && !strstr(when, "${"))
		return complain(c, where, "not a parameter, as in ${name}:", when);
	if (mark && !json_is_boolean(mark))
		return complain(c, where, "not true or false:", "irreversible");
	if (json_object_get(step, "use"))
		return check_use(c, where, step);
	const struct action *action = action_find(jx_text(step, "action"));
	if (!action)
		return complain(c, where, "unknown action",
				jx_text(step, "action") ? jx_text(step, "action") : "");
	if (action->irreversible != json_is_true(mark))
		return err_set(c->err, ERR_INPUT, "%s: %s: %s", c->source, where,
			       action->irreversible
				       ? "has no way back and must say \"irreversible\": true"
				       : "has a way back; \"irreversible\" does not belong here");
	if (check_principal(c, where, step, action) || check_for_each(c, where, step, names))
		return -1;
	return check_members(c, where, step, action, names);
}

/* All names that "${...}" may use in steps. */
static json_t *step_names(const struct checking *c, const json_t *step)
{
	json_t *names = json_object();

	json_object_update(names, json_object_get(c->document, "parameters"));
	json_object_update(names, json_object_get(c->document, "targets"));
	if (json_object_get(step, "for_each"))
		jx_set(names, "item", json_true());
	return names;
}

static int check_steps(const struct checking *c)
{
	const json_t *steps = json_object_get(c->document, "steps");
	json_auto_t *ids = json_object();
	json_t *step;
	size_t i;

	if (!json_is_array(steps) || json_array_size(steps) == 0 ||
	    json_array_size(steps) > MAX_STEPS)
		return complain(c, "playbook", "not a list of 1 to 200:", "steps");
	json_array_foreach (steps, i, step) {
		json_auto_t *names = step_names(c, step);
		if (check_step(c, i, step, ids, names))
			return -1;
	}
	return 0;
}

static int check_used(const struct checking *c)
{
	const char *name;
	json_t *parameter;

	json_object_foreach (json_object_get(c->document, "parameters"), name, parameter) {
		if (!json_object_get(c->used, name))
			return complain(c, "parameters", "nothing uses", name);
	}
	return 0;
}

static int check_head(const struct checking *c)
{
	static const char *const keys[] = {"cordon",	 "name",     "title",	   "summary",
					   "references", "contains", "parameters", "targets",
					   "steps",	 NULL};
	static const char *const contains[] = {"user", "role", "session", "none", NULL};
	static const char *const texts[] = {"name", "title", "summary", "contains", NULL};
	const json_t *references = json_object_get(c->document, "references");
	json_t *item;
	size_t i = 0;

	if (only_keys(c, "playbook", c->document, keys))
		return -1;
	if (json_integer_value(json_object_get(c->document, "cordon")) != 1)
		return err_set(c->err, ERR_INPUT, "%s: no playbook: \"cordon\": 1 is missing",
			       c->source);
	for (size_t n = 0; texts[n]; n++) {
		if (!jx_text(c->document, texts[n]))
			return complain(c, "playbook", "missing key, or no string:", texts[n]);
	}
	if (!is_word(jx_text(c->document, "name")))
		return complain(c, "playbook", "not a name of small letters, digits, - and _:",
				jx_text(c->document, "name"));
	while (contains[i] && !text_equal(contains[i], jx_text(c->document, "contains")))
		i++;
	if (!contains[i])
		return complain(c, "contains", "not user, role, session or none:",
				jx_text(c->document, "contains"));
	if (references && !json_is_array(references))
		return complain(c, "playbook", "not a list:", "references");
	json_array_foreach (references, i, item) {
		if (!json_is_string(item))
			return complain(c, "references", "not a list of", "strings");
	}
	return 0;
}

int check_playbook(const char *source, const char *text, const json_t *document, struct err *err)
{
	json_auto_t *used = json_object();
	struct checking c = {
		.source = source, .text = text, .document = document, .used = used, .err = err};

	return check_head(&c) || check_parameters(&c) || check_targets(&c) || check_steps(&c) ||
			       check_used(&c)
		       ? -1
		       : 0;
}
