// SPDX-License-Identifier: Apache-2.0
/* Whether we could still act once the plan is carried out, as the evaluator sees it: our own names
 * are refused before (guard.c), so this is about groups that nobody could tell us of. */
#include "cordon/err.h"
#include "cordon/json.h"
#include "cordon/reach.h"
#include "cordon/text.h"
#include "planning.h"

#include <stdio.h>
#include <string.h>

/* The user of our credential chain as an account shows him, if he were in the group. */
static struct reach *reach_self(const struct planning *p, const char *user, const char *group,
				const json_t *account, json_t **ret_with)
{
	*ret_with = jx_copy(account);
	jx_set(account_find(*ret_with, PRINCIPAL_USER, user), "GroupList", jx_pack("[s]", group));
	const struct reach_query query = {.account = *ret_with,
					  .kind = PRINCIPAL_USER,
					  .name = user,
					  .now = p->request->now,
					  .shipped = true};
	return reach_new(&query);
}

static bool is_denied(const struct reach *reach, const char *action, const char *resource)
{
	struct reach_answer answer;

	reach_may(reach, action, resource, &answer);
	return answer.may.effect == EFFECT_EXPLICIT_DENY;
}

/* What a plan sends, and what takes it back: the first that we lose, or false. */
static bool loses(const struct planning *p, const struct reach *before, const struct reach *after,
		  char action[static 80])
{
	json_t *operation;
	json_t *undo;
	size_t i;
	size_t n;

	json_array_foreach (p->operations, i, operation) {
		const json_t *target = jx_find(p->targets, "id", jx_text(operation, "target"),
					       NULL);
		const char *arn = jx_text(target, "arn");
		snprintf(action, 80, "iam:%.70s", jx_text(operation, "operation"));
		if (is_denied(after, action, arn) && !is_denied(before, action, arn))
			return true;
		json_array_foreach (json_object_get(operation, "undo"), n, undo) {
			snprintf(action, 80, "iam:%.70s", jx_text(undo, "operation"));
			if (is_denied(after, action, arn) && !is_denied(before, action, arn))
				return true;
		}
	}
	return false;
}

static bool locks_out(const struct planning *p, const char *user, const char *group,
		      char action[static 80])
{
	json_t *before = NULL;
	json_t *after = NULL;
	struct reach *was = reach_self(p, user, group, p->request->account, &before);
	struct reach *is = reach_self(p, user, group, p->account, &after);
	bool found = was && is && loses(p, was, is, action);

	reach_free(was);
	reach_free(is);
	json_decref(before);
	json_decref(after);
	return found;
}

static void warn_groups(struct planning *p, const char *arn, const char *user)
{
	char action[80];
	json_t *target;
	size_t i;

	json_array_foreach (p->targets, i, target) {
		const char *name = jx_text(target, "name");
		const json_t *group = account_find(p->account, PRINCIPAL_GROUP, name);
		if (!text_equal(jx_text(target, "principal"), "group") || !group ||
		    json_object_get(target, "refused") ||
		    account_section(group, "Members", NULL) != SECTION_UNREAD ||
		    !locks_out(p, user, name, action))
			continue;
		planning_warn(p,
			      "whether %s is in %s could not be read; if so, this locks us out: "
			      "%s could not be sent any more",
			      arn, jx_text(target, "arn"), action);
	}
}

void guard_lockout(struct planning *p)
{
	json_t *arn;
	size_t i;

	json_array_foreach (json_object_get(p->request->caller, "chain"), i, arn) {
		struct err ignored = ERR_INIT;
		struct identity id;
		if ((i > 0 && p->request->allow_self) || !json_is_string(arn) ||
		    identity_parse(json_string_value(arn), &id, &ignored) ||
		    id.kind != IDENTITY_USER)
			continue;
		/* Not in the account: of his groups nothing was asked, for no group is a target. */
		const json_t *entry = account_find(p->account, PRINCIPAL_USER, id.name);
		if (entry && account_section(entry, "GroupList", NULL) == SECTION_UNREAD)
			warn_groups(p, json_string_value(arn), id.name);
	}
}
