// SPDX-License-Identifier: Apache-2.0
#include "cordon/json.h"
#include "cordon/policy.h"
#include "cordon/text.h"

#include <string.h>

/* A member that may be one thing or a list of them: the i-th, or NULL. Borrowed. */
static const json_t *one_of(const json_t *value, size_t i)
{
	if (json_is_array(value))
		return json_array_get(value, i);
	return i == 0 ? value : NULL;
}

static const json_t *statement_at(const json_t *document, size_t i)
{
	return one_of(json_object_get(document, "Statement"), i);
}

static bool has_effect(const json_t *statement, const char *effect)
{
	return text_equal(jx_text(statement, "Effect"), effect);
}

/* Only the members named: anything else could narrow a Deny in a way not understood here. */
static bool only_members(const json_t *statement, const char *const *names)
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

	for (size_t i = 0; (item = one_of(value, i)); i++) {
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

	return json_is_object(statement) && has_effect(statement, "Deny") &&
	       only_members(statement, known) && holds_star(statement, "Action") &&
	       holds_star(statement, "Resource");
}

static bool is_unconditional(const json_t *statement)
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

	for (size_t i = 0; (item = one_of(values, i)); i++) {
		if (text_equal(json_string_value(item), userid))
			return true;
	}
	return false;
}

bool policy_denies_all(const json_t *document)
{
	const json_t *statement;

	for (size_t i = 0; (statement = statement_at(document, i)); i++) {
		if (is_full_deny(statement) && is_unconditional(statement))
			return true;
	}
	return false;
}

bool policy_denies_userid(const json_t *document, const char *userid)
{
	const json_t *statement;

	for (size_t i = 0; (statement = statement_at(document, i)); i++) {
		if (is_full_deny(statement) && operators(statement) == 1 &&
		    bound_to_userid(statement, userid))
			return true;
	}
	return false;
}

/* The time below which a statement denies tokens. A late-bound one lies further than any that
 * stands: it is set when it is sent. */
static bool cutoff_of(const json_t *statement, time_t *ret_cutoff)
{
	const json_t *value = condition_values(statement, "DateLessThan", "aws:TokenIssueTime");
	const json_t *item = one_of(value, 0);

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

	for (size_t i = 0; (statement = statement_at(document, i)); i++) {
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

bool policy_stamp(const json_t *document, time_t *ret_time)
{
	const json_t *statement;

	for (size_t i = 0; (statement = statement_at(document, i)); i++) {
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

static bool matches_any(const json_t *patterns, const char *text, bool ignore_case)
{
	const json_t *item;

	for (size_t i = 0; (item = one_of(patterns, i)); i++) {
		const char *pattern = json_string_value(item);
		if (pattern && policy_glob(pattern, text, ignore_case))
			return true;
	}
	return false;
}

/* Member or its Not form; a statement with neither matches nothing. */
static bool covers(const json_t *statement, const char *member, const char *not_member,
		   const char *text, bool ignore_case)
{
	const json_t *patterns = json_object_get(statement, member);

	if (patterns)
		return matches_any(patterns, text, ignore_case);
	patterns = json_object_get(statement, not_member);
	return patterns && !matches_any(patterns, text, ignore_case);
}

bool policy_may_allow(const json_t *document, const char *action, const char *resource)
{
	const json_t *statement;

	for (size_t i = 0; (statement = statement_at(document, i)); i++) {
		if (has_effect(statement, "Allow") &&
		    covers(statement, "Action", "NotAction", action, true) &&
		    covers(statement, "Resource", "NotResource", resource, false))
			return true;
	}
	return false;
}

static bool names_account(const char *principal, const char *account_id)
{
	struct arn arn;

	if (text_equal(principal, account_id))
		return true;
	return arn_parse(principal, &arn) == 0 && text_equal(arn.account, account_id) &&
	       text_equal(arn.resource, "root");
}

static enum trust trust_of_principal(const json_t *principal, const char *user_arn,
				     const char *account_id)
{
	const json_t *names = json_is_object(principal) ? json_object_get(principal, "AWS")
							: principal;
	enum trust found = TRUST_NONE;
	const json_t *item;

	for (size_t i = 0; (item = one_of(names, i)); i++) {
		const char *name = json_string_value(item);
		if (text_equal(name, "*") || text_equal(name, user_arn))
			return TRUST_NAMED;
		if (name && names_account(name, account_id))
			found = TRUST_ACCOUNT;
	}
	return found;
}

/* NotPrincipal lets in everyone it does not name. */
static enum trust trust_of_statement(const json_t *statement, const char *user_arn,
				     const char *account_id)
{
	const json_t *principal = json_object_get(statement, "Principal");
	const json_t *others = json_object_get(statement, "NotPrincipal");

	if (principal)
		return trust_of_principal(principal, user_arn, account_id);
	if (!others)
		return TRUST_NONE;
	return trust_of_principal(others, user_arn, account_id) == TRUST_NONE ? TRUST_NAMED
									      : TRUST_NONE;
}

enum trust policy_trusts(const json_t *document, const char *user_arn, const char *account_id)
{
	enum trust found = TRUST_NONE;
	const json_t *statement;

	for (size_t i = 0; (statement = statement_at(document, i)); i++) {
		if (!covers(statement, "Action", "NotAction", "sts:AssumeRole", true))
			continue;
		enum trust trust = trust_of_statement(statement, user_arn, account_id);
		if (trust == TRUST_NONE)
			continue;
		if (has_effect(statement, "Deny") && is_unconditional(statement))
			return TRUST_NONE;
		if (has_effect(statement, "Allow") && trust > found)
			found = trust;
	}
	return found;
}

static void add_principals(json_t *out, const json_t *names)
{
	const json_t *item;

	for (size_t i = 0; (item = one_of(names, i)); i++) {
		if (json_is_string(item))
			jx_add_unique(out, json_string_value(item));
	}
}

json_t *policy_trusted(const json_t *document)
{
	json_t *out = jx_pack("[]");
	const json_t *statement;

	for (size_t i = 0; (statement = statement_at(document, i)); i++) {
		json_t *principal = json_object_get(statement, "Principal");
		const char *key;
		json_t *names;
		if (!has_effect(statement, "Allow"))
			continue;
		if (json_is_string(principal))
			add_principals(out, principal);
		json_object_foreach (principal, key, names)
			add_principals(out, names);
		if (json_object_get(statement, "NotPrincipal"))
			jx_add_unique(out, "everyone but those named by NotPrincipal");
	}
	return out;
}

json_t *policy_make_deny(const char *userid)
{
	json_t *document = jx_pack("{s:s, s:[{s:{s:i, s:s}, s:s, s:s, s:s}]}", "Version",
				   "2012-10-17", "Statement", "Sid", "$cutoff", 0, "sid",
				   POLICY_SID, "Effect", "Deny", "Action", "*", "Resource", "*");

	if (userid)
		jx_set(json_array_get(json_object_get(document, "Statement"), 0), "Condition",
		       jx_pack("{s:{s:s}}", "StringEquals", "aws:userid", userid));
	return document;
}

/* The form that the console's "revoke active sessions" writes. */
json_t *policy_make_cutoff(long seconds, const char *userid)
{
	json_t *document = jx_pack("{s:s, s:[{s:s, s:[s], s:[s], s:{s:{s:{s:I}}}}]}", "Version",
				   "2012-10-17", "Statement", "Effect", "Deny", "Action", "*",
				   "Resource", "*", "Condition", "DateLessThan",
				   "aws:TokenIssueTime", "$cutoff", (json_int_t)seconds);

	if (userid)
		jx_set(json_object_get(json_array_get(json_object_get(document, "Statement"), 0),
				       "Condition"),
		       "StringEquals", jx_pack("{s:s}", "aws:userid", userid));
	return document;
}
