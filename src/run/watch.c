// SPDX-License-Identifier: Apache-2.0
#include "watch.h"

#include "cordon/json.h"
#include "cordon/text.h"

#include <stdio.h>
#include <stdlib.h>

/* When the first operation went out; clocks of IAM are in whole seconds. */
static time_t first_write(const struct executor *x)
{
	time_t first = 0;
	json_t *result;
	size_t i;

	json_array_foreach (x->results, i, result) {
		time_t at;
		if (text_parse_time(jx_text(result, "at"), &at) == 0 && (!first || at < first))
			first = at;
	}
	return first ? first : world_now(x->world);
}

static void know(struct watch *watch, const struct executor *x)
{
	json_t *target;
	json_t *operation;
	size_t i;

	json_array_foreach (json_object_get(x->plan, "targets"), i, target) {
		if (jx_text(target, "arn"))
			jx_add_unique(watch->known, jx_text(target, "arn"));
	}
	if (jx_text(x->world->caller, "arn"))
		jx_add_unique(watch->known, jx_text(x->world->caller, "arn"));
	json_array_foreach (json_object_get(x->plan, "operations"), i, operation) {
		const struct operation *op = operation_find(jx_text(operation, "operation"));
		const json_t *entry =
			op ? account_find(x->world->account, op->on,
					  operation_principal(
						  op, json_object_get(operation, "parameters")))
			   : NULL;
		if (account_arn(entry))
			jx_add_unique(watch->known, account_arn(entry));
	}
}

void watch_begin(struct watch *watch, const struct executor *x)
{
	*watch = (struct watch){.since = first_write(x),
				.trusts = json_object(),
				.known = json_array(),
				.found = json_array()};
	know(watch, x);
}

void watch_end(struct watch *watch)
{
	json_decref(watch->trusts);
	json_decref(watch->known);
	json_decref(watch->found);
}

/* Each thing once. */
static void note(struct watch *watch, struct executor *x, const char *what, const char *id,
		 const char *at, const char *command)
{
	json_auto_t *entry = jx_pack("{s:s, s:o, s:o, s:s, s:o}", "what", what, "id", jx_string(id),
				     "at", jx_string(at), "author", "unknown", "command",
				     jx_string(command));
	json_t *other;
	size_t i;

	json_array_foreach (watch->found, i, other) {
		if (text_equal(jx_text(other, "what"), what) &&
		    text_equal(jx_text(other, "id"), id))
			return;
	}
	json_array_append(watch->found, entry);
	json_t *event = jx_pack("{s:s}", "event", "appeared");
	json_object_update(event, entry);
	world_tell(x->world, event);
	executor_note(x, "appeared", jx_copy(entry));
}

static bool is_new(const struct watch *watch, const char *created)
{
	time_t at;

	return text_parse_time(created, &at) == 0 && at >= watch->since;
}

static void look_at_keys(struct watch *watch, struct executor *x, const json_t *user)
{
	const char *name = account_name(user, PRINCIPAL_USER);
	char command[200];
	json_t *list = NULL;
	json_t *key;
	size_t i;

	account_section(user, "AccessKeys", &list);
	json_array_foreach (list, i, key) {
		snprintf(command, sizeof(command), "cordon contain %.64s --user %.64s",
			 jx_text(key, "AccessKeyId"), name);
		if (is_new(watch, jx_text(key, "CreateDate")))
			note(watch, x, "access key", jx_text(key, "AccessKeyId"),
			     jx_text(key, "CreateDate"), command);
	}
}

/* The trust policy that this run wrote last on a role; NULL: none. New. */
static json_t *written(const struct executor *x, const char *role)
{
	json_t *document = NULL;
	json_t *operation;
	size_t i;

	json_array_foreach (json_object_get(x->plan, "operations"), i, operation) {
		const json_t *result = executor_result(x, jx_text(operation, "id"));
		const json_t *sent = json_object_get(result, "parameters");
		if (!text_equal(jx_text(operation, "operation"), "UpdateAssumeRolePolicy") ||
		    !text_equal(jx_text(sent, "RoleName"), role) ||
		    !text_equal(jx_text(result, "status"), "done"))
			continue;
		json_decref(document);
		document = account_document(json_object_get(sent, "PolicyDocument"));
	}
	return document;
}

static void look_at_trust(struct watch *watch, struct executor *x, const json_t *role)
{
	const char *arn = account_arn(role);
	json_auto_t *now = account_document(json_object_get(role, "AssumeRolePolicyDocument"));
	const json_t *before = account_find(x->before, PRINCIPAL_ROLE,
					    account_name(role, PRINCIPAL_ROLE));
	json_auto_t *known = account_document(json_object_get(before, "AssumeRolePolicyDocument"));
	char command[200];

	snprintf(command, sizeof(command), "cordon contain role/%.64s",
		 account_name(role, PRINCIPAL_ROLE));
	if (!now)
		return;
	json_auto_t *ours = written(x, account_name(role, PRINCIPAL_ROLE));
	if (ours)
		json_object_set(watch->trusts, arn, ours);
	else if (known && !json_object_get(watch->trusts, arn))
		json_object_set(watch->trusts, arn, known);
	if (!json_object_get(watch->trusts, arn))
		json_object_set(watch->trusts, arn, now);
	else if (!account_same(json_object_get(watch->trusts, arn), now))
		note(watch, x, "trust policy", arn, NULL, command);
}

static void look_at(struct watch *watch, struct executor *x, const json_t *entry,
		    enum principal_kind kind)
{
	const char *arn = account_arn(entry);
	char command[200];

	bool was_there = account_find_arn(x->before, arn, NULL) || jx_contains(watch->known, arn);

	if (!arn)
		return;
	snprintf(command, sizeof(command), "cordon contain %s/%.64s", account_kind_name(kind),
		 account_name(entry, kind));
	if (!was_there && is_new(watch, jx_text(entry, "CreateDate")))
		note(watch, x, account_kind_name(kind), arn, jx_text(entry, "CreateDate"), command);
	else if (kind == PRINCIPAL_USER && !jx_contains(watch->known, arn))
		look_at_keys(watch, x, entry);
	else if (kind == PRINCIPAL_ROLE)
		look_at_trust(watch, x, entry);
}

void watch_look(struct watch *watch, struct world *world, struct executor *x)
{
	/* An account of its own: that of the run holds what the run has looked at. */
	struct world whole = *world;
	struct err err = ERR_INIT;
	json_t *entry;
	size_t i;

	whole.account = whole.caller = NULL;
	if (observe_all(&whole, &err)) {
		watch->failed = true;
		world_note(world, "the account could not be watched: %s", err.message);
	}
	for (enum principal_kind kind = PRINCIPAL_USER; kind <= PRINCIPAL_ROLE && whole.account;
	     kind++) {
		json_array_foreach (account_entries(whole.account, kind), i, entry)
			look_at(watch, x, entry, kind);
	}
	world->requests = whole.requests;
	json_decref(whole.account);
	json_decref(whole.caller);
}

static void say_unwatched(json_t *document)
{
	json_t *target;
	size_t i;

	json_array_foreach (json_object_get(document, "targets"), i, target) {
		const char *scope = jx_text(target, "scope");
		if (jx_text(target, "verdict") && scope)
			jx_set(target, "scope",
			       json_sprintf("%s; other identities of the account were not watched",
					    scope));
	}
}

void watch_describe(const struct watch *watch, json_t *document, bool watched)
{
	json_object_set(document, "appeared", watch->found);
	if (!watched) {
		say_unwatched(document);
		return;
	}
	if (watch->failed)
		jx_add_unique(json_object_get(document, "warnings"),
			      "the account could not be read each time it was watched: something "
			      "may have appeared unseen");
	if (json_array_size(watch->found))
		jx_set(document, "verdict", jx_string("OPEN"));
	else if (watch->failed && text_equal(jx_text(document, "verdict"), "CONTAINED"))
		jx_set(document, "verdict", jx_string("UNKNOWN"));
}
