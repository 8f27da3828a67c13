// SPDX-License-Identifier: Apache-2.0
/* Which roles a user could assume before he was contained: trust policy and permissions together.
 */
#include "cordon/account.h"
#include "cordon/json.h"
#include "cordon/plan.h"
#include "cordon/policy.h"
#include "cordon/text.h"

/* The documents that may allow the user something; `complete` is false where one could not be read.
 */
struct permissions {
	const json_t *account;
	json_t *documents;
	bool complete;
};

static void add_inline(struct permissions *s, const json_t *entry, enum principal_kind kind)
{
	json_t *list = NULL;
	json_t *item;
	size_t i;

	if (account_section(entry, account_inline_section(kind), &list) == SECTION_UNREAD) {
		s->complete = false;
		return;
	}
	json_array_foreach (list, i, item) {
		json_t *document = account_document(json_object_get(item, "PolicyDocument"));
		if (document)
			jx_push(s->documents, document);
		else
			s->complete = false;
	}
}

static void add_attached(struct permissions *s, const json_t *entry)
{
	json_t *list = NULL;
	json_t *item;
	size_t i;

	if (account_section(entry, "AttachedManagedPolicies", &list) == SECTION_UNREAD) {
		s->complete = false;
		return;
	}
	json_array_foreach (list, i, item) {
		json_t *document = account_managed_document(s->account, jx_text(item, "PolicyArn"));
		if (document)
			jx_push(s->documents, document);
		else
			s->complete = false;
	}
}

static void add_groups(struct permissions *s, const json_t *user)
{
	json_t *list = NULL;
	json_t *name;
	size_t i;

	if (account_section(user, "GroupList", &list) == SECTION_UNREAD) {
		s->complete = false;
		return;
	}
	json_array_foreach (list, i, name) {
		const json_t *group = account_find(s->account, PRINCIPAL_GROUP,
						   json_string_value(name));
		if (!group) {
			s->complete = false;
			continue;
		}
		add_inline(s, group, PRINCIPAL_GROUP);
		add_attached(s, group);
	}
}

static bool may_assume(const struct permissions *s, const char *role_arn)
{
	json_t *document;
	size_t i;

	json_array_foreach (s->documents, i, document) {
		if (policy_may_allow(document, "sts:AssumeRole", role_arn))
			return true;
	}
	return false;
}

/* NULL: he cannot assume it, as far as can be seen. */
static const char *how(const struct permissions *s, const json_t *role, const char *user_arn)
{
	json_auto_t *trust = account_document(json_object_get(role, "AssumeRolePolicyDocument"));

	if (!trust)
		return may_assume(s, account_arn(role)) ? "unknown" : NULL;
	enum trust trusts = policy_trusts(trust, user_arn, jx_text(s->account, "account_id"));
	if (trusts == TRUST_NONE)
		return NULL;
	if (may_assume(s, account_arn(role)))
		return "allowed";
	if (!s->complete)
		return "unknown";
	return trusts == TRUST_NAMED ? "trusted" : NULL;
}

json_t *plan_assumable(const json_t *account, const char *user)
{
	const json_t *entry = account_find(account, PRINCIPAL_USER, user);
	json_auto_t *documents = json_array();
	struct permissions s = {.account = account, .documents = documents, .complete = true};
	json_t *out = json_array();
	json_t *role;
	size_t i;

	if (!entry)
		return out;
	add_inline(&s, entry, PRINCIPAL_USER);
	add_attached(&s, entry);
	add_groups(&s, entry);
	json_array_foreach (account_entries(account, PRINCIPAL_ROLE), i, role) {
		const char *found = how(&s, role, account_arn(entry));
		if (!found)
			continue;
		jx_push(out,
			jx_pack("{s:s, s:s, s:s, s:o}", "name", account_name(role, PRINCIPAL_ROLE),
				"arn", account_arn(role), "how", found, "last_used",
				jx_string(jx_text(json_object_get(role, "RoleLastUsed"),
						  "LastUsedDate"))));
	}
	return out;
}
