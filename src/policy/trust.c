// SPDX-License-Identifier: Apache-2.0
/* Trust policies: whom they let in, and how to shut somebody out. */
#include "cordon/json.h"
#include "cordon/policy.h"
#include "cordon/text.h"
#include "statement.h"

#include <stdint.h>
#include <string.h>

/* The calls that make a session of a role. */
static const char *const assumptions[] = {"sts:AssumeRole", "sts:AssumeRoleWithSAML",
					  "sts:AssumeRoleWithWebIdentity", NULL};

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

	for (size_t i = 0; (item = policy_one_of(names, i)); i++) {
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

	for (size_t i = 0; (statement = policy_statement(document, i)); i++) {
		if (!policy_covers(statement, "Action", "NotAction", "sts:AssumeRole", true))
			continue;
		enum trust trust = trust_of_statement(statement, user_arn, account_id);
		if (trust == TRUST_NONE)
			continue;
		if (policy_has_effect(statement, "Deny") && policy_unconditional(statement))
			return TRUST_NONE;
		if (policy_has_effect(statement, "Allow") && trust > found)
			found = trust;
	}
	return found;
}

static void add_principals(json_t *out, const json_t *names)
{
	const json_t *item;

	for (size_t i = 0; (item = policy_one_of(names, i)); i++) {
		if (json_is_string(item))
			jx_add_unique(out, json_string_value(item));
	}
}

json_t *policy_trusted(const json_t *document)
{
	json_t *out = jx_pack("[]");
	const json_t *statement;

	for (size_t i = 0; (statement = policy_statement(document, i)); i++) {
		json_t *principal = json_object_get(statement, "Principal");
		const char *key;
		json_t *names;
		if (!policy_has_effect(statement, "Allow"))
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

/* AWS stores whom a trust policy names by unique id, and shows that once he is deleted. */
static bool is_unique_id(const char *principal)
{
	return principal && strlen(principal) >= 16 && strlen(principal) <= 128 &&
	       (text_has_prefix(principal, "AIDA") || text_has_prefix(principal, "AROA")) &&
	       text_only(principal, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");
}

/* Who is to go. */
struct removal {
	const char *account_id; /* everybody outside of it; NULL: nobody for that reason */
	const json_t *named;	/* these */
	json_t *removed;	/* who went */
};

static bool is_foreign(const char *kind, const char *principal, const char *account_id)
{
	struct arn arn;

	if (text_equal(kind, "CanonicalUser"))
		return true;
	if (!text_equal(kind, "AWS"))
		return false;
	if (strlen(principal) == 12 && text_only(principal, "0123456789"))
		return !text_equal(principal, account_id);
	/* What is neither an ARN nor an account, such as *, lets strangers in. */
	return arn_parse(principal, &arn) || !text_equal(arn.account, account_id);
}

/* An account by its number is its root by ARN, which is how AWS stores it. */
static bool is_same(const char *a, const char *b)
{
	struct arn arn;

	if (text_equal(a, b))
		return true;
	if (strlen(a) == 12 && arn_parse(b, &arn) == 0)
		return text_equal(arn.account, a) && text_equal(arn.resource, "root");
	return strlen(b) == 12 && arn_parse(a, &arn) == 0 && text_equal(arn.account, b) &&
	       text_equal(arn.resource, "root");
}

static bool is_named(const json_t *named, const char *principal)
{
	json_t *one;
	size_t i;

	json_array_foreach (named, i, one) {
		if (json_is_string(one) && is_same(json_string_value(one), principal))
			return true;
	}
	return false;
}

static bool goes(const struct removal *r, const char *kind, const char *principal)
{
	return is_unique_id(principal) || is_named(r->named, principal) ||
	       (r->account_id && is_foreign(kind, principal, r->account_id));
}

/* The names of one kind that stay, as they were written: one or a list. NULL: none. */
static json_t *names_left(const struct removal *r, const char *kind, const json_t *names)
{
	json_auto_t *left = json_array();
	const json_t *item;

	for (size_t i = 0; (item = policy_one_of(names, i)); i++) {
		const char *name = json_string_value(item);
		if (name && goes(r, kind, name))
			jx_add_unique(r->removed, name);
		else
			json_array_append(left, (json_t *)(uintptr_t)item);
	}
	if (json_array_size(left) == 0)
		return NULL;
	return json_is_array(names) ? json_incref(left) : jx_copy(json_array_get(left, 0));
}

/* A Principal element without those who go: NULL if nobody is left. */
static json_t *principal_left(const struct removal *r, const json_t *principal)
{
	json_t *out = json_object();
	const char *kind;
	json_t *names;

	/* "Principal": "*" is everybody, as {"AWS": "*"} is. */
	if (json_is_string(principal)) {
		json_decref(out);
		return names_left(r, "AWS", principal);
	}
	json_object_foreach ((json_t *)(uintptr_t)principal, kind, names) {
		json_t *left = names_left(r, kind, names);
		if (left)
			jx_set(out, kind, left);
	}
	if (json_object_size(out))
		return out;
	json_decref(out);
	return NULL;
}

/* A Deny keeps strangers out, so only what AWS would not take goes from it. */
static json_t *statement_left(const struct removal *r, const json_t *statement)
{
	struct removal ids = {.removed = r->removed};
	const struct removal *rule = policy_has_effect(statement, "Allow") ? r : &ids;
	const char *member = json_object_get(statement, "Principal") ? "Principal" : "NotPrincipal";

	if (rule == r && r->account_id && strcmp(member, "NotPrincipal") == 0) {
		jx_add_unique(r->removed, "everyone but those named by NotPrincipal");
		return NULL;
	}
	/* Taking a name out of NotPrincipal would let it in. */
	if (strcmp(member, "NotPrincipal") == 0)
		rule = &ids;
	json_t *left = principal_left(rule, json_object_get(statement, member));
	json_t *out = jx_copy(statement);
	/* A Deny of all but those who exist no more is a Deny of all. */
	if (!left && policy_has_effect(statement, "Deny") && strcmp(member, "NotPrincipal") == 0) {
		json_object_del(out, member);
		member = "Principal";
		left = jx_string("*");
	}
	if (!left) {
		json_decref(out);
		return NULL;
	}
	jx_set(out, member, left);
	return out;
}

static json_t *document_left(const struct removal *r, const json_t *document)
{
	json_auto_t *statements = json_array();
	const json_t *statement;

	for (size_t i = 0; (statement = policy_statement(document, i)); i++) {
		json_t *left = statement_left(r, statement);
		if (left)
			jx_push(statements, left);
	}
	if (json_array_size(statements) == 0)
		return NULL;
	json_t *out = jx_copy(document);
	json_object_set(out, "Statement", statements);
	return out;
}

json_t *policy_restorable(const json_t *document, json_t *dropped)
{
	struct removal r = {.removed = dropped};

	return document_left(&r, document);
}

json_t *policy_shut_out(const json_t *document, const char *account_id, const json_t *named,
			json_t *removed)
{
	struct removal r = {.account_id = account_id, .named = named, .removed = removed};
	json_t *left = document_left(&r, document);

	return left ? left : policy_make_lock();
}

static bool names_it(const json_t *element, const char *principal)
{
	const char *kind;
	json_t *names;
	const json_t *item;

	if (json_is_string(element))
		return text_equal(json_string_value(element), principal);
	json_object_foreach ((json_t *)(uintptr_t)element, kind, names) {
		for (size_t i = 0; (item = policy_one_of(names, i)); i++) {
			if (text_equal(json_string_value(item), principal))
				return true;
		}
	}
	return false;
}

bool policy_names(const json_t *document, const char *principal)
{
	const json_t *statement;

	for (size_t i = 0; (statement = policy_statement(document, i)); i++) {
		if (names_it(json_object_get(statement, "Principal"), principal) ||
		    names_it(json_object_get(statement, "NotPrincipal"), principal))
			return true;
	}
	return false;
}

json_t *policy_providers(const json_t *document)
{
	json_t *out = jx_pack("[]");
	const json_t *statement;

	for (size_t i = 0; (statement = policy_statement(document, i)); i++) {
		const json_t *principal = json_object_get(statement, "Principal");
		if (policy_has_effect(statement, "Allow"))
			add_principals(out, json_object_get(principal, "Federated"));
	}
	return out;
}

static bool covers_assumption(const json_t *statement)
{
	for (size_t i = 0; assumptions[i]; i++) {
		if (!policy_covers(statement, "Action", "NotAction", assumptions[i], true))
			return false;
	}
	return true;
}

static bool names_everybody(const json_t *statement)
{
	const json_t *principal = json_object_get(statement, "Principal");

	return text_equal(json_string_value(principal), "*");
}

bool policy_locked(const json_t *document)
{
	static const char *const known[] = {"Sid",	 "Effect",    "Action",
					    "Principal", "Condition", NULL};
	bool allows = false;
	const json_t *statement;

	for (size_t i = 0; (statement = policy_statement(document, i)); i++) {
		if (policy_has_effect(statement, "Deny") && policy_unconditional(statement) &&
		    policy_only_members(statement, known) && names_everybody(statement) &&
		    covers_assumption(statement))
			return true;
		allows = allows || !policy_has_effect(statement, "Deny");
	}
	return !allows && json_is_object(document);
}

json_t *policy_make_lock(void)
{
	json_auto_t *actions = json_array();

	for (size_t i = 0; assumptions[i]; i++)
		jx_push(actions, jx_string(assumptions[i]));
	return jx_pack("{s:s, s:[{s:s, s:s, s:s, s:O}]}", "Version", "2012-10-17", "Statement",
		       "Sid", POLICY_SID "LockTrust", "Effect", "Deny", "Principal", "*", "Action",
		       actions);
}
