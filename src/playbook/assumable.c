// SPDX-License-Identifier: Apache-2.0
/* Which roles a user could assume before he was contained: trust policy and permissions together.
 */
#include "cordon/account.h"
#include "cordon/json.h"
#include "cordon/plan.h"
#include "cordon/reach.h"
#include "cordon/text.h"

/* What his own policies say of it, as far as they were read; a condition may be met. */
static bool may_ask(const struct reach *reach, const json_t *role)
{
	struct reach_answer answer;

	reach_may(reach, "sts:AssumeRole", account_arn(role), &answer);
	return answer.may.effect == EFFECT_ALLOW;
}

/* NULL: he cannot assume it, as far as can be seen. */
static const char *how(const struct reach *reach, const json_t *role)
{
	enum reach_trust trust = reach_trusts(reach, role);

	if (trust == REACH_TRUST_NONE)
		return NULL;
	if (may_ask(reach, role))
		return trust == REACH_TRUST_UNREAD ? "unknown" : "allowed";
	if (trust == REACH_TRUST_UNREAD)
		return NULL;
	if (!reach_complete(reach))
		return "unknown";
	return trust == REACH_TRUST_NAMED ? "trusted" : NULL;
}

json_t *plan_assumable(const json_t *account, const char *user, const json_t *saved, time_t now)
{
	/* Explicit denies on the user are left out: what he could do before he was contained is
	 * asked. */
	const struct reach_query query = {.account = account,
					  .kind = PRINCIPAL_USER,
					  .name = user,
					  .now = now,
					  .undenied = true,
					  .saved = saved};
	struct reach *reach = user ? reach_new(&query) : NULL;
	json_t *out = json_array();
	json_t *role;
	size_t i;

	json_array_foreach (reach ? account_entries(account, PRINCIPAL_ROLE) : NULL, i, role) {
		const char *found = account_arn(role) ? how(reach, role) : NULL;
		if (!found)
			continue;
		jx_push(out,
			jx_pack("{s:s, s:s, s:s, s:o}", "name", account_name(role, PRINCIPAL_ROLE),
				"arn", account_arn(role), "how", found, "last_used",
				jx_string(jx_text(json_object_get(role, "RoleLastUsed"),
						  "LastUsedDate"))));
	}
	reach_free(reach);
	return out;
}
