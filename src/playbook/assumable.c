// SPDX-License-Identifier: Apache-2.0
/* Which roles a user could assume before he was contained: trust policy and permissions together.
 */
#include "cordon/account.h"
#include "cordon/json.h"
#include "cordon/plan.h"
#include "cordon/policy.h"
#include "cordon/text.h"
#include "permissions.h"

/* Explicit denies on the user are left out: what he could do before he was contained is asked. */
static bool may_assume(const struct permissions *s, const char *role_arn)
{
	json_t *document;
	size_t i;

	json_array_foreach (s->documents, i, document) {
		if (policy_speaks(document, "Allow", "sts:AssumeRole", role_arn, true))
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
	struct permissions s = permissions_of(account, PRINCIPAL_USER, user);
	json_t *out = json_array();
	json_t *role;
	size_t i;

	json_array_foreach (entry ? account_entries(account, PRINCIPAL_ROLE) : NULL, i, role) {
		const char *found = how(&s, role, account_arn(entry));
		if (!found)
			continue;
		jx_push(out,
			jx_pack("{s:s, s:s, s:s, s:o}", "name", account_name(role, PRINCIPAL_ROLE),
				"arn", account_arn(role), "how", found, "last_used",
				jx_string(jx_text(json_object_get(role, "RoleLastUsed"),
						  "LastUsedDate"))));
	}
	permissions_release(&s);
	return out;
}
