// SPDX-License-Identifier: Apache-2.0
#include "cordon/playbook.h"

#include "check.h"
#include "cordon/account.h"
#include "cordon/action.h"
#include "cordon/err.h"
#include "cordon/identity.h"
#include "cordon/json.h"
#include "cordon/text.h"
#include "use.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct playbook *wrap(json_t *document, const char *source, const char *text, json_t *uses,
			     const char sha256[HASH_HEX_SIZE])
{
	struct playbook *playbook = calloc(1, sizeof(*playbook));

	if (!playbook || !(playbook->source = strdup(source)))
		abort();
	playbook->document = json_incref(document);
	playbook->text = jx_string(text);
	playbook->uses = json_incref(uses);
	playbook->name = jx_text(document, "name");
	playbook->contains = jx_text(document, "contains");
	memcpy(playbook->sha256, sha256, HASH_HEX_SIZE);
	return playbook;
}

static char *copy_text(const char *bytes, size_t length)
{
	char *text = malloc(length + 1);

	if (!text)
		abort();
	memcpy(text, bytes, length);
	text[length] = '\0';
	return text;
}

int playbook_read(const char *bytes, size_t length, const char *source,
		  const struct playbook_library *library, struct playbook **ret_playbook,
		  struct err *err)
{
	char sha256[HASH_HEX_SIZE];
	json_auto_t *document = jx_read(bytes, length, source, err);

	if (!document)
		return -1;
	/* jx_read() refuses NUL bytes, so the copy is the whole text. */
	char *text = copy_text(bytes, length);
	json_auto_t *uses = json_object();
	int ret = check_playbook(source, text, document, err);
	hash_sha256_hex(bytes, length, sha256);
	if (ret == 0)
		ret = use_expand(document, source, library, uses, sha256, err);
	if (ret == 0)
		*ret_playbook = wrap(document, source, text, uses, sha256);
	free(text);
	return ret;
}

void playbook_free(struct playbook *playbook)
{
	if (!playbook)
		return;
	json_decref(playbook->document);
	json_decref(playbook->text);
	json_decref(playbook->uses);
	free(playbook->source);
	free(playbook);
}

int playbook_of_action(const char *action, const json_t *step, struct playbook **ret_playbook,
		       struct err *err)
{
	const struct action *row = action_find(action);
	const char *who = jx_text(step, "user") ? "user" : jx_text(step, "role") ? "role" : "group";
	json_auto_t *full = jx_copy(step);
	char sha256[HASH_HEX_SIZE];

	if (!row || !jx_text(step, who))
		return err_set(err, ERR_USAGE, "'%.100s' needs --user, --role or --group", action);
	jx_set(full, "id", jx_string(action));
	jx_set(full, "action", jx_string(action));
	jx_set(full, who, jx_pack("s+++", "$", "{", who, "}"));
	if (row->irreversible)
		jx_set(full, "irreversible", json_true());
	json_auto_t *document = jx_pack("{s:i, s:s, s:s, s:s, s:s, s:{}, s:{s:{s:s}}, s:[O]}",
					"cordon", 1, "name", action, "title", row->summary,
					"summary", row->summary, "contains", "none", "parameters",
					"targets", who, who, jx_text(step, who), "steps", full);
	if (check_playbook("command line", NULL, document, err)) {
		err->code = ERR_USAGE;
		return -1;
	}
	json_auto_t *uses = json_object();
	char *text = jx_sorted(document);
	hash_sha256_hex(text, strlen(text), sha256);
	*ret_playbook = wrap(document, "command line", text, uses, sha256);
	free(text);
	return 0;
}

json_t *playbook_keep(const struct playbook *playbook)
{
	return jx_pack("{s:O, s:O}", "text", playbook->text, "uses", playbook->uses);
}

/* The texts of a record instead of files. */
static int find_kept(const struct playbook_library *library, const char *name,
		     struct playbook **ret_playbook, struct err *err)
{
	const json_t *text = json_object_get(library->texts, name);

	if (!json_is_string(text))
		return err_set(err, ERR_INPUT, "the record does not hold playbook '%.64s'", name);
	return playbook_read(json_string_value(text), json_string_length(text), name, library,
			     ret_playbook, err);
}

int playbook_restore(const json_t *kept, const char *source, const char *sha256,
		     struct playbook **ret_playbook, struct err *err)
{
	const struct playbook_library library = {.find = find_kept,
						 .texts = json_object_get(kept, "uses")};
	const json_t *text = json_object_get(kept, "text");
	struct playbook *playbook = NULL;

	if (!json_is_string(text))
		return err_set(err, ERR_INPUT, "the record does not hold playbook '%.64s'", source);
	if (playbook_read(json_string_value(text), json_string_length(text), source, &library,
			  &playbook, err))
		return -1;
	if (!text_equal(playbook->sha256, sha256)) {
		playbook_free(playbook);
		return err_set(err, ERR_INPUT,
			       "playbook '%.64s' of the record is not the one that was planned: it "
			       "was changed",
			       source);
	}
	*ret_playbook = playbook;
	return 0;
}

/* One value as its type, from text or typed already. NULL: it is not of this type. New. */
static json_t *typed(const struct value_type *type, const json_t *given)
{
	json_t *value = NULL;

	if (json_is_string(given))
		value = type->from_text(json_string_value(given));
	else if (given)
		value = jx_copy(given);
	if (value && type->ok(value))
		return value;
	json_decref(value);
	return NULL;
}

/* The value of a parameter, one or a list. NULL: it does not fit. New. */
static json_t *value_of(const json_t *parameter, const json_t *given)
{
	const struct value_type *type = value_type_find(jx_text(parameter, "type"));
	json_t *item;
	size_t i;

	if (!json_is_true(json_object_get(parameter, "list")))
		return typed(type, given);
	json_auto_t *list = json_array();
	json_auto_t *one = json_is_array(given) ? NULL : jx_pack("[O]", given);
	json_array_foreach (one ? one : given, i, item) {
		json_t *value = typed(type, item);
		if (!value)
			return NULL;
		jx_push(list, value);
	}
	return json_array_size(list) <= PLAYBOOK_MAX_LIST ? json_incref(list) : NULL;
}

static int bind_one(const struct playbook *playbook, const char *name, const json_t *parameter,
		    const json_t *given, json_t *out, struct err *err)
{
	const struct value_type *type = value_type_find(jx_text(parameter, "type"));
	const json_t *fallback = json_object_get(parameter, "default");

	if (!given || json_is_null(given)) {
		if (json_is_true(json_object_get(parameter, "required")))
			return err_set(err, ERR_USAGE, "playbook '%s' needs --set %s=VALUE (%s)",
				       playbook->name, name, type->what);
		jx_set(out, name, fallback ? jx_copy(fallback) : json_null());
		return 0;
	}
	json_t *value = value_of(parameter, given);
	if (!value)
		return err_set(err, ERR_USAGE, "parameter '%s' of playbook '%s' is not %s%s", name,
			       playbook->name, type->what,
			       json_is_true(json_object_get(parameter, "list"))
				       ? ", or one of a list is not, or there are over 1,000"
				       : "");
	jx_set(out, name, value);
	return 0;
}

int playbook_bind(const struct playbook *playbook, const json_t *given, json_t **ret_parameters,
		  struct err *err)
{
	json_t *declared = json_object_get(playbook->document, "parameters");
	json_auto_t *out = json_object();
	const char *name;
	json_t *value;

	json_object_foreach ((json_t *)(uintptr_t)given, name, value) {
		if (!json_object_get(declared, name))
			return err_set(err, ERR_USAGE, "playbook '%s' has no parameter '%.64s'",
				       playbook->name, name);
	}
	json_object_foreach (declared, name, value) {
		if (bind_one(playbook, name, value, json_object_get(given, name), out, err))
			return -1;
	}
	*ret_parameters = json_incref(out);
	return 0;
}

json_t *playbook_expand(const json_t *value, const json_t *scope)
{
	const char *text = json_string_value(value);
	char name[65];
	json_t *item;
	size_t i;

	if (json_is_array(value)) {
		json_t *out = json_array();
		/* A list within a list is more of the same. */
		json_array_foreach (value, i, item) {
			json_auto_t *one = playbook_expand(item, scope);
			if (json_is_array(one))
				json_array_extend(out, one);
			else if (!json_is_null(one))
				json_array_append(out, one);
		}
		return out;
	}
	if (!text || !check_reference(text, name))
		return value ? jx_copy(value) : json_null();
	json_t *found = json_object_get(scope, name);
	return found ? jx_copy(found) : json_null();
}

/* One target for each of a list. */
static void add_each(json_t *out, const char *name, const char *select, const json_t *list)
{
	json_t *item;
	size_t i;

	json_array_foreach (list, i, item)
		jx_push(out, jx_pack("{s:s, s:O}", "name", name, select, item));
}

json_t *playbook_targets(const struct playbook *playbook, const json_t *parameters)
{
	static const char *const selects[] = {"owner_of", "user", "role", "group", NULL};
	json_t *out = json_array();
	const char *name;
	json_t *selector;

	json_object_foreach (json_object_get(playbook->document, "targets"), name, selector) {
		json_auto_t *target = jx_pack("{s:s}", "name", name);
		for (size_t i = 0; selects[i]; i++) {
			const json_t *value = json_object_get(selector, selects[i]);
			json_auto_t *filled = playbook_expand(value, parameters);
			if (json_is_string(filled))
				json_object_set(target, selects[i], filled);
			add_each(out, name, selects[i], filled);
		}
		if (json_object_size(target) > 1)
			json_array_append(out, target);
	}
	return out;
}
