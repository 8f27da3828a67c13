// SPDX-License-Identifier: Apache-2.0
/* The document: every known action, the published paths, what undoes, the roles. */
#include "internal.h"

#include "cordon/err.h"
#include "cordon/json.h"
#include "cordon/text.h"

#include <stdlib.h>
#include <string.h>

static void add_service(json_t *by_service, const char *action)
{
	char *service = strndup(action, strcspn(action, ":"));

	if (!service)
		abort();
	json_int_t before = json_integer_value(json_object_get(by_service, service));
	jx_set(by_service, service, json_integer(before + 1));
	free(service);
}

/* list may be NULL. */
static void count_all(const struct reach *reach, const struct known_actions *actions,
		      struct reach_count *count, json_t *by_service, json_t *list)
{
	struct reach_answer answer;

	*count = (struct reach_count){0};
	for (size_t i = 0; i < actions->count; i++) {
		const char *action = actions->rows[i].name;
		const char *resource = actions->rows[i].has_resources ? NULL : "*";
		reach_may(reach, action, resource, &answer);
		count_one(count, &answer);
		if (answer.may.effect == EFFECT_ALLOW)
			add_service(by_service, action);
		if (list)
			jx_push(list, reach_explain(reach, action, resource, &answer));
	}
}

static json_t *head(const struct reach *reach)
{
	char at[TEXT_TIME_SIZE];
	bool session = reach->query.session;

	text_time(session ? reach->query.issued : reach->query.now, at);
	json_t *out = jx_pack("{s:s, s:s, s:s}", "format", "cordon-reach/1", "principal",
			      reach->principal, "as", session ? "session" : "key");
	if (session)
		jx_set(out, "issued", jx_string(at));
	return out;
}

static void add_question(const struct reach *reach, const struct reach_options *options,
			 json_t *out)
{
	struct reach_answer answer;

	if (!options->action)
		return;
	enum principal_kind kind = PRINCIPAL_NONE;
	const json_t *role = account_find_arn(reach->query.account, options->resource, &kind);
	if (role && kind == PRINCIPAL_ROLE && text_equal_nocase(options->action, "sts:AssumeRole"))
		reach_may_assume(reach, role, &answer);
	else
		reach_may(reach, options->action, options->resource, &answer);
	jx_set(out, "decision", reach_explain(reach, options->action, options->resource, &answer));
}

json_t *reach_document(const struct reach *reach, const struct reach_options *options,
		       struct err *err)
{
	struct known_actions actions = {.rows = NULL};
	struct reach_count count;

	if (known_actions_read(options->actions, options->actions_length, options->actions_name,
			       &actions, err))
		return NULL;
	json_t *out = head(reach);
	json_t *by_service = json_object();
	json_t *list = options->all ? json_array() : NULL;
	count_all(reach, &actions, &count, by_service, list);
	known_actions_release(&actions);
	add_question(reach, options, out);
	add_counts(out, &count);
	jx_set(out, "by_service", by_service);
	jx_set(out, "paths", reach_paths(reach));
	jx_set(out, "undo", reach_undo(reach));
	jx_set(out, "assumable_roles", reach_assumable(reach));
	if (list)
		jx_set(out, "actions", list);
	jx_set(out, "unread", json_incref(reach->unread));
	jx_set(out, "assumed", json_incref(reach->assumed));
	jx_set(out, "problems", json_incref(reach->problems));
	return out;
}
