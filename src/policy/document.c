// SPDX-License-Identifier: Apache-2.0
/* What a document says: whom it denies, since when, and what it may allow. */
#include "cordon/json.h"
#include "cordon/policy.h"
#include "cordon/text.h"
#include "statement.h"

#include <string.h>

/* A member that may be one thing or a list of them: the i-th, or NULL. Borrowed. */
const json_t *policy_one_of(const json_t *value, size_t i)
{
	if (json_is_array(value))
		return json_array_get(value, i);
	return i == 0 ? value : NULL;
}

const json_t *policy_statement(const json_t *document, size_t i)
{
	return policy_one_of(json_object_get(document, "Statement"), i);
}

bool policy_has_effect(const json_t *statement, const char *effect)
{
	return text_equal(jx_text(statement, "Effect"), effect);
}

bool policy_only_members(const json_t *statement, const char *const *names)
{
	const char *key;
	json_t *value;

	json_object_foreach ((json_t *)(uintptr_t)statement, key, value) {
		size_t i = 0;
		while (names[i] && strcmp(names[i], key) != 0)
			i++;
		if (!names[i])
			return false;
	}
	return true;
}

static bool holds_star(const json_t *statement, const char *member)
{
	const json_t *value = json_object_get(statement, member);
	const json_t *item;

	for (size_t i = 0; (item = policy_one_of(value, i)); i++) {
		const char *text = json_string_value(item);
		if (text_equal(text, "*") ||
		    (strcmp(member, "Action") == 0 && text_equal(text, "*:*")))
			return true;
	}
	return false;
}

/* Deny of every action on every resource, whatever its condition. */
static bool is_full_deny(const json_t *statement)
{
	static const char *const known[] = {"Sid",	"Effect",    "Action",
					    "Resource", "Condition", NULL};

	return json_is_object(statement) && policy_has_effect(statement, "Deny") &&
	       policy_only_members(statement, known) && holds_star(statement, "Action") &&
	       holds_star(statement, "Resource");
}

bool policy_unconditional(const json_t *statement)
{
	const json_t *condition = json_object_get(statement, "Condition");

	return !condition || (json_is_object(condition) && json_object_size(condition) == 0);
}

/* The values of one key under one operator; keys are named without regard to case. */
static const json_t *condition_values(const json_t *statement, const char *operator,
				      const char * name)
{
	const json_t *keys = json_object_get(json_object_get(statement, "Condition"), operator);
	const char *key;
	json_t *value;

	if (json_object_size(keys) != 1)
		return NULL;
	json_object_foreach ((json_t *)(uintptr_t)keys, key, value) {
		if (text_equal_nocase(key, name))
			return value;
	}
	return NULL;
}

static size_t operators(const json_t *statement)
{
	return json_object_size(json_object_get(statement, "Condition"));
}

static bool bound_to_userid(const json_t *statement, const char *userid)
{
	const json_t *values = condition_values(statement, "StringEquals", "aws:userid");
	const json_t *item;

	for (size_t i = 0; (item = policy_one_of(values, i)); i++) {
		if (text_equal(json_string_value(item), userid))
			return true;
	}
	return false;
}

bool policy_denies_all(const json_t *document)
{
	const json_t *statement;

	for (size_t i = 0; (statement = policy_statement(document, i)); i++) {
		if (is_full_deny(statement) && policy_unconditional(statement))
			return true;
	}
	return false;
}

bool policy_denies_userid(const json_t *document, const char *userid)
{
	const json_t *statement;

	for (size_t i = 0; (statement = policy_statement(document, i)); i++) {
		if (is_full_deny(statement) && operators(statement) == 1 &&
		    bound_to_userid(statement, userid))
			return true;
	}
	return false;
}

json_t *policy_denied_userid(const json_t *document)
{
	const json_t *statement;

	for (size_t i = 0; (statement = policy_statement(document, i)); i++) {
		const json_t *value = condition_values(statement, "StringEquals", "aws:userid");
		const json_t *one = policy_one_of(value, 0);
		if (is_full_deny(statement) && operators(statement) == 1 && json_is_string(one) &&
		    !policy_one_of(value, 1))
			return jx_copy(one);
	}
	return NULL;
}

/* The time below which a statement denies tokens. A late-bound one lies further than any that
 * stands: it is set when it is sent. */
static bool cutoff_of(const json_t *statement, time_t *ret_cutoff)
{
	const json_t *value = condition_values(statement, "DateLessThan", "aws:TokenIssueTime");
	const json_t *item = policy_one_of(value, 0);

	if (json_is_object(item) && json_object_get(item, "$cutoff")) {
		*ret_cutoff = POLICY_LATE;
		return true;
	}
	if (json_is_integer(item)) {
		*ret_cutoff = (time_t)json_integer_value(item);
		return true;
	}
	/* Of several values one that matches is enough, so the latest counts; ours has one. */
	return json_array_size(value) <= 1 && json_is_string(item) &&
	       text_parse_time(json_string_value(item), ret_cutoff) == 0;
}

bool policy_cutoff(const json_t *document, const char *userid, time_t *ret_cutoff)
{
	const json_t *statement;
	bool found = false;

	for (size_t i = 0; (statement = policy_statement(document, i)); i++) {
		time_t at;
		if (!is_full_deny(statement) || !cutoff_of(statement, &at))
			continue;
		bool all = operators(statement) == 1;
		bool this_one = userid && operators(statement) == 2 &&
				bound_to_userid(statement, userid);
		if (!all && !this_one)
			continue;
		if (!found || at > *ret_cutoff)
			*ret_cutoff = at;
		found = true;
	}
	return found;
}

bool policy_latest_cutoff(const json_t *document, time_t *ret_cutoff)
{
	const json_t *statement;
	bool found = false;

	for (size_t i = 0; (statement = policy_statement(document, i)); i++) {
		time_t at;
		if (!is_full_deny(statement) || !cutoff_of(statement, &at))
			continue;
		if (!found || at > *ret_cutoff)
			*ret_cutoff = at;
		found = true;
	}
	return found;
}

/* With a second statement it would say more, and is nobody's to replace. */
bool policy_is_cutoff(const json_t *document)
{
	const json_t *statement = policy_statement(document, 0);
	time_t at;

	return statement && !policy_statement(document, 1) && is_full_deny(statement) &&
	       cutoff_of(statement, &at);
}

bool policy_stamp(const json_t *document, time_t *ret_time)
{
	const json_t *statement;

	for (size_t i = 0; (statement = policy_statement(document, i)); i++) {
		const json_t *sid = json_object_get(statement, "Sid");
		if (json_is_object(sid) && json_object_get(sid, "$cutoff")) {
			*ret_time = POLICY_LATE;
			return true;
		}
		const char *text = json_string_value(sid);
		if (text && text_has_prefix(text, POLICY_SID) &&
		    text_parse_time(text + strlen(POLICY_SID), ret_time) == 0)
			return true;
	}
	return false;
}

bool policy_only_denies(const json_t *document)
{
	const json_t *statement;
	size_t i = 0;

	for (; (statement = policy_statement(document, i)); i++) {
		if (!policy_has_effect(statement, "Deny"))
			return false;
	}
	return i > 0;
}

bool policy_denies_action(const json_t *document, const char *action)
{
	const json_t *statement;

	for (size_t i = 0; (statement = policy_statement(document, i)); i++) {
		if (policy_has_effect(statement, "Deny") && policy_unconditional(statement) &&
		    holds_star(statement, "Resource") &&
		    policy_covers(statement, "Action", "NotAction", action, true))
			return true;
	}
	return false;
}

json_t *policy_denied_actions(const json_t *document)
{
	json_t *out = jx_pack("[]");
	const json_t *statement;
	const json_t *action;

	for (size_t i = 0; (statement = policy_statement(document, i)); i++) {
		const json_t *actions = json_object_get(statement, "Action");
		if (!policy_has_effect(statement, "Deny"))
			continue;
		for (size_t n = 0; (action = policy_one_of(actions, n)); n++) {
			if (json_is_string(action))
				jx_add_unique(out, json_string_value(action));
		}
		if (json_object_get(statement, "NotAction"))
			jx_add_unique(out, "everything but what NotAction names");
	}
	return out;
}

static bool matches_any(const json_t *patterns, const char *text, bool ignore_case)
{
	const json_t *item;

	for (size_t i = 0; (item = policy_one_of(patterns, i)); i++) {
		const char *pattern = json_string_value(item);
		if (pattern && policy_glob(pattern, text, ignore_case))
			return true;
	}
	return false;
}

/* Member or its Not form; a statement with neither matches nothing. */
bool policy_covers(const json_t *statement, const char *member, const char *not_member,
		   const char *text, bool ignore_case)
{
	const json_t *patterns = json_object_get(statement, member);

	if (patterns)
		return matches_any(patterns, text, ignore_case);
	patterns = json_object_get(statement, not_member);
	return patterns && !matches_any(patterns, text, ignore_case);
}

static bool covers_resource(const json_t *statement, const char *resource)
{
	if (resource)
		return policy_covers(statement, "Resource", "NotResource", resource, false);
	return !policy_has_effect(statement, "Deny") || holds_star(statement, "Resource");
}

bool policy_speaks(const json_t *document, const char *effect, const char *action,
		   const char *resource, bool conditions)
{
	const json_t *statement;

	for (size_t i = 0; (statement = policy_statement(document, i)); i++) {
		if (policy_has_effect(statement, effect) &&
		    (conditions || policy_unconditional(statement)) &&
		    policy_covers(statement, "Action", "NotAction", action, true) &&
		    covers_resource(statement, resource))
			return true;
	}
	return false;
}
