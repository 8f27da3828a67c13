// SPDX-License-Identifier: Apache-2.0
/* Two policy documents side by side: what they name, and what comes of it. */
#include "internal.h"

#include "cordon/err.h"
#include "cordon/json.h"
#include "cordon/policy.h"
#include "cordon/text.h"

#include <stdlib.h>
#include <string.h>

static void add_named(json_t *out, const json_t *statement, const char *member, const char *word)
{
	const json_t *value = json_object_get(statement, member);
	size_t count = json_is_array(value) ? json_array_size(value) : value ? 1 : 0;

	for (size_t i = 0; i < count; i++) {
		const json_t *item = json_is_array(value) ? json_array_get(value, i) : value;
		json_auto_t *text = json_is_string(item)
					    ? json_sprintf("%s%s", word, json_string_value(item))
					    : NULL;
		if (text)
			jx_add_unique(out, json_string_value(text));
	}
}

/* What the statements of one effect name, each once. */
static json_t *named(const json_t *document, const char *effect)
{
	const json_t *statements = json_object_get(document, "Statement");
	size_t count = json_is_array(statements) ? json_array_size(statements) : 1;
	json_t *out = json_array();

	for (size_t i = 0; i < count; i++) {
		const json_t *one = json_is_array(statements) ? json_array_get(statements, i)
							      : statements;
		if (!text_equal(jx_text(one, "Effect"), effect))
			continue;
		add_named(out, one, "Action", "");
		add_named(out, one, "NotAction", "all but ");
	}
	return out;
}

static void add_difference(json_t *out, const json_t *from, const json_t *to)
{
	json_t *item;
	size_t i;

	json_array_foreach (to, i, item) {
		if (!jx_contains(from, json_string_value(item)))
			jx_add_unique(out, json_string_value(item));
	}
}

static json_t *actions_of(const json_t *old, const json_t *new)
{
	static const char *const effects[] = {"Deny", "Allow"};
	json_t *added = json_array();
	json_t *removed = json_array();

	for (size_t i = 0; i < 2; i++) {
		json_auto_t *before = named(old, effects[i]);
		json_auto_t *after = named(new, effects[i]);
		add_difference(added, before, after);
		add_difference(removed, after, before);
	}
	return jx_pack("{s:o, s:o}", "added", added, "removed", removed);
}

/* A role of no account that has the policy, and everything else if the policy only denies. */
static json_t *account_of(const json_t *document)
{
	json_t *policies = jx_pack("[{s:s, s:O}]", "PolicyName", "policy", "PolicyDocument",
				   document);

	if (policy_only_denies(document))
		jx_push(policies, jx_pack("{s:s, s:{s:{s:s, s:s, s:s}}}", "PolicyName", "anything",
					  "PolicyDocument", "Statement", "Effect", "Allow",
					  "Action", "*", "Resource", "*"));
	json_t *account = account_new("000000000000");
	json_t *role = account_add(account, PRINCIPAL_ROLE, "r",
				   "arn:aws:iam::000000000000:role/r");
	jx_set(role, "RolePolicyList", policies);
	jx_set(role, "AttachedManagedPolicies", json_array());
	jx_set(role, "PermissionsBoundary", json_null());
	return account;
}

static struct reach *reach_one(const json_t *account)
{
	const struct reach_query query = {.account = account, .kind = PRINCIPAL_ROLE, .name = "r"};
	struct reach *reach = reach_new(&query);

	if (!reach)
		abort(); /* it was made right here */
	return reach;
}

static const char *word_of(const struct reach_answer *answer)
{
	if (answer->may.effect == EFFECT_ALLOW && answer->must.effect != EFFECT_ALLOW)
		return "conditional";
	if (answer->may.effect == EFFECT_ALLOW)
		return answer->bounded ? "allowed on some resources" : "allowed";
	return answer->may.effect == EFFECT_EXPLICIT_DENY ? "denied" : "not allowed";
}

/* 0: not, 1: under a condition, 2: on some resources, 3: yes. */
static int rank_of(const struct reach_answer *answer)
{
	if (answer->may.effect != EFFECT_ALLOW)
		return 0;
	if (answer->must.effect != EFFECT_ALLOW)
		return 1;
	return answer->bounded ? 2 : 3;
}

struct sides {
	struct reach *old, *new;
};

static void compare_actions(const struct sides *s, json_t *out)
{
	struct known_actions actions = {.rows = NULL};
	struct err ignored = ERR_INIT;
	json_t *closes = json_array();
	json_t *opens = json_array();
	size_t denied[2] = {0, 0};

	if (known_actions_read(NULL, 0, "", &actions, &ignored))
		abort(); /* it is compiled into the program */
	for (size_t i = 0; i < actions.count; i++) {
		const char *action = actions.rows[i].name;
		const char *resource = actions.rows[i].has_resources ? NULL : "*";
		struct reach_answer from;
		struct reach_answer to;
		reach_may(s->old, action, resource, &from);
		reach_may(s->new, action, resource, &to);
		denied[0] += rank_of(&from) == 0;
		denied[1] += rank_of(&to) == 0;
		if (rank_of(&from) != rank_of(&to))
			jx_push(rank_of(&to) < rank_of(&from) ? closes : opens,
				jx_pack("{s:s, s:s, s:s}", "action", action, "from", word_of(&from),
					"to", word_of(&to)));
	}
	jx_set(out, "known", json_integer((json_int_t)actions.count));
	jx_set(out, "denied",
	       jx_pack("{s:I, s:I}", "old", (json_int_t)denied[0], "new", (json_int_t)denied[1]));
	jx_set(out, "closes", closes);
	jx_set(out, "opens", opens);
	known_actions_release(&actions);
}

static json_t *compare_paths(const struct sides *s)
{
	json_auto_t *old = reach_paths(s->old);
	json_auto_t *new = reach_paths(s->new);
	json_t *out = jx_pack("{s:[], s:[], s:[]}", "closed", "opened", "left_open");
	json_t *path;
	size_t i;

	json_array_foreach (new, i, path) {
		bool is = json_is_true(json_object_get(path, "open"));
		bool was = json_is_true(json_object_get(json_array_get(old, i), "open"));
		const char *list = is ? was ? "left_open" : "opened" : was ? "closed" : NULL;
		if (list)
			jx_push(json_object_get(out, list),
				jx_pack("{s:O, s:O}", "id", json_object_get(path, "id"), "name",
					json_object_get(path, "name")));
	}
	jx_set(out, "known", json_integer((json_int_t)json_array_size(new)));
	return out;
}

json_t *reach_policy_diff(const json_t *old, const json_t *new)
{
	json_auto_t *old_account = account_of(old);
	json_auto_t *new_account = account_of(new);
	const struct sides sides = {.old = reach_one(old_account), .new = reach_one(new_account)};
	json_t *out = jx_pack("{s:o}", "actions", actions_of(old, new));

	compare_actions(&sides, out);
	jx_set(out, "paths", compare_paths(&sides));
	json_array_extend(sides.new->problems, sides.old->problems);
	jx_set(out, "problems", json_incref(sides.new->problems));
	reach_free(sides.old);
	reach_free(sides.new);
	return out;
}
