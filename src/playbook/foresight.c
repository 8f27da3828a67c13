// SPDX-License-Identifier: Apache-2.0
/* What the targets may do before a plan and after it, as far as it can be foreseen. */
#include "cordon/json.h"
#include "cordon/plan.h"
#include "cordon/preflight.h"
#include "cordon/text.h"
#include "remains.h"

#include <stdlib.h>

/* More targets than this are not foreseen in one plan: each takes some hundredths of a second. */
enum { MAX_FORESEEN = 20 };

/* How many access keys are Active; null: not known. New. */
static json_t *active_keys(const json_t *entry)
{
	json_t *keys = NULL;
	json_int_t count = 0;
	json_t *key;
	size_t i;

	if (account_section(entry, "AccessKeys", &keys) == SECTION_UNREAD)
		return json_null();
	json_array_foreach (keys, i, key)
		count += text_equal(jx_text(key, "Status"), "Active");
	return json_integer(count);
}

/* Null: it is not there. New. */
static json_t *side(const struct remains_query *base, const json_t *account)
{
	struct remains_query query = *base;

	query.account = account;
	json_t *out = remains_of(&query);
	if (!out)
		return json_null();
	if (query.kind == PRINCIPAL_USER && !query.session)
		jx_set(out, "keys_active",
		       active_keys(account_find(account, query.kind, query.name)));
	return out;
}

static bool is_foreseen(const json_t *account, const json_t *target)
{
	enum principal_kind kind = account_kind(jx_text(target, "principal"));

	return (kind == PRINCIPAL_USER || kind == PRINCIPAL_ROLE) && jx_text(target, "name") &&
	       !json_object_get(target, "refused") &&
	       account_find(account, kind, jx_text(target, "name"));
}

void plan_foresee(json_t *plan, const json_t *account, time_t now)
{
	json_auto_t *after = plan_predict(plan, account);
	struct known_actions *actions = reach_actions();
	json_t *targets = json_array();
	json_int_t left_out = 0;
	json_t *target;
	size_t i;

	json_array_foreach (json_object_get(plan, "targets"), i, target) {
		const struct remains_query query = {
			.actions = actions,
			.kind = account_kind(jx_text(target, "principal")),
			.name = jx_text(target, "name"),
			.session = jx_text(target, "session"),
			.now = now,
			.shipped = true,
			.paths = true};
		if (!is_foreseen(account, target))
			continue;
		if (json_array_size(targets) == MAX_FORESEEN) {
			left_out++;
			continue;
		}
		jx_push(targets,
			jx_pack("{s:O, s:o, s:o}", "target", json_object_get(target, "id"),
				"before", side(&query, account), "after", side(&query, after)));
	}
	reach_actions_free(actions);
	jx_set(plan, "reach", jx_pack("{s:o, s:I}", "targets", targets, "left_out", left_out));
}
