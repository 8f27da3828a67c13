// SPDX-License-Identifier: Apache-2.0
/* One request with all policies that bear on it, as a JSON object, and its decision as another. */
#include "compiled.h"
#include "cordon/err.h"
#include "cordon/json.h"
#include "cordon/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The policies of a row, which are compiled for it alone. */
struct row {
	const json_t *json;
	struct policy_set set;
	struct context *context;
	struct policy **policies;
	size_t count;
	json_t *problems;
	struct err *err;
};

static void row_release(struct row *row)
{
	for (size_t i = 0; i < row->count; i++)
		policy_free(row->policies[i]);
	free(row->policies);
	policy_set_release(&row->set);
	context_free(row->context);
	json_decref(row->problems);
}

/* A document may also be its text. */
static json_t *document_of(const json_t *value)
{
	const char *text = json_string_value(value);
	json_t *document = text ? jx_read_lenient(text, strlen(text))
				: json_incref((json_t *)(uintptr_t)value);

	if (json_is_object(document))
		return document;
	json_decref(document);
	return NULL;
}

static int add_document(struct row *row, const json_t *value, enum policy_layer layer,
			unsigned level, const char *name)
{
	json_auto_t *document = document_of(value);

	if (!document)
		return err_set(row->err, ERR_INPUT, "%s: no policy document", name);
	row->policies = reallocarray(row->policies, row->count + 1, sizeof(*row->policies));
	if (!row->policies)
		abort();
	struct policy *policy = policy_compile(document, layer, name);
	row->policies[row->count++] = policy;
	policy_set_add(&row->set, policy, level);
	json_array_extend(row->problems, (json_t *)(uintptr_t)policy_problems(policy));
	return 0;
}

/* NULL: it is not there. */
static const json_t *given(const json_t *object, const char *member)
{
	const json_t *value = json_object_get(object, member);

	return json_is_null(value) ? NULL : value;
}

static int add_list(struct row *row, const json_t *list, enum policy_layer layer, unsigned level,
		    const char *name)
{
	char own[96];
	json_t *value;
	size_t i;

	if (list && !json_is_array(list))
		return err_set(row->err, ERR_INPUT, "%s: no list", name);
	json_array_foreach (list, i, value) {
		snprintf(own, sizeof(own), "%s[%zu]", name, i);
		if (add_document(row, value, layer, level, own))
			return -1;
	}
	return 0;
}

/* From the root down; a level without policies allows nothing. */
static int add_levels(struct row *row, enum policy_layer layer)
{
	const char *name = policy_layer_name(layer);
	const json_t *list = given(row->json, name);
	char own[64];
	json_t *level;
	size_t i;

	if (list && !json_is_array(list))
		return err_set(row->err, ERR_INPUT, "%s: no list", name);
	json_array_foreach (list, i, level) {
		snprintf(own, sizeof(own), "%s[%zu].policies", name, i);
		if (!json_is_object(level))
			return err_set(row->err, ERR_INPUT, "%s[%zu]: no object", name, i);
		policy_set_levels(&row->set, layer, (unsigned)i + 1);
		if (add_list(row, given(level, "policies"), layer, (unsigned)i, own))
			return -1;
	}
	return 0;
}

static int add_one(struct row *row, enum policy_layer layer)
{
	const char *name = policy_layer_name(layer);
	const json_t *value = given(row->json, name);

	return value ? add_document(row, value, layer, 0, name) : 0;
}

static int add_policies(struct row *row)
{
	for (enum policy_layer layer = 0; layer < LAYER_COUNT; layer++) {
		const char *name = policy_layer_name(layer);
		int ret = 0;
		if (layer == LAYER_SCP || layer == LAYER_RCP)
			ret = add_levels(row, layer);
		else if (layer == LAYER_SESSION || layer == LAYER_RESOURCE)
			ret = add_one(row, layer);
		else
			ret = add_list(row, given(row->json, name), layer, 0, name);
		if (ret)
			return -1;
	}
	return 0;
}

static int add_context(struct row *row, const json_t *request)
{
	const json_t *context = given(request, "context");
	const char *key;
	json_t *value;

	row->context = context_new(false);
	if (context && !json_is_object(context))
		return err_set(row->err, ERR_INPUT, "request.context: no object");
	json_object_foreach ((json_t *)(uintptr_t)context, key, value) {
		if (!json_is_null(value) && !context_add(row->context, key, value))
			return err_set(row->err, ERR_INPUT,
				       "request.context: '%.200s' is neither text nor a list of it",
				       key);
	}
	return 0;
}

static int read_text(struct row *row, const json_t *request, const char *member, bool needed,
		     const char **ret_text)
{
	const json_t *value = given(request, member);

	if (!value && !needed)
		return 0;
	if (!json_is_string(value) || !json_string_length(value))
		return err_set(row->err, ERR_INPUT, "request.%s: %s", member,
			       value ? "no text" : "missing");
	*ret_text = json_string_value(value);
	return 0;
}

static int read_request(struct row *row, struct request *request)
{
	const json_t *json = json_object_get(row->json, "request");

	if (!json_is_object(json))
		return err_set(row->err, ERR_INPUT, "request: %s", json ? "no object" : "missing");
	*request = (struct request){.resource = "*"};
	if (read_text(row, json, "principal", true, &request->principal) ||
	    read_text(row, json, "action", true, &request->action) ||
	    read_text(row, json, "resource", false, &request->resource) ||
	    read_text(row, json, "resource_account", false, &request->resource_account) ||
	    add_context(row, json))
		return -1;
	const char *colon = strchr(request->action, ':');
	if (!colon || colon == request->action || !colon[1] || strpbrk(request->action, "*? ") ||
	    strlen(request->action) >= ACTION_MAX)
		return err_set(row->err, ERR_INPUT, "request.action: '%.100s' is no service:Action",
			       request->action);
	request->context = row->context;
	return 0;
}

static json_t *by(const struct decision *decision)
{
	if (decision->rule)
		return jx_pack("{s:s, s:s}", "policy", "AWS", "statement", decision->rule);
	if (!decision->policy)
		return jx_pack("{s:s, s:n}", "policy", policy_layer_name(decision->layer),
			       "statement");
	return jx_pack("{s:o, s:o}", "policy", jx_string(policy_name(decision->policy)),
		       "statement", policy_statement_name(decision->policy, decision->statement));
}

/* A Deny that speaks of the action does not hold by a value of the request that nothing can be made
 * of: it may be meant to. */
static void note_unreadable(const struct row *row, const struct policy *policy,
			    const struct asked *asked)
{
	for (size_t i = 0; i < policy->count; i++) {
		const struct statement *s = &policy->statements[i];
		const char *text = s->effect == EFFECT_EXPLICIT_DENY &&
						   statement_covers_action(s, asked)
					   ? conditions_unreadable(&s->conditions, row->context)
					   : NULL;
		if (text)
			jx_push(row->problems,
				policy_problem(policy, i,
					       "a value of the request is not of the operator's "
					       "form, so that this Deny may not hold",
					       text));
	}
}

static void note_request(const struct row *row, const struct request *request)
{
	struct asked asked;

	asked_prepare(&asked, request, BOUND_EXACT);
	for (size_t i = 0; i < row->count; i++)
		note_unreadable(row, row->policies[i], &asked);
}

static json_t *answer(const struct row *row, const struct request *request)
{
	const json_t *id = json_object_get(row->json, "id");
	struct decision decision;
	struct decision may;

	note_request(row, request);
	policy_evaluate(&row->set, request, BOUND_EXACT, &decision);
	json_t *out = jx_pack("{s:o, s:s, s:o}", "id", id ? jx_copy(id) : json_null(), "decision",
			      policy_effect_name(decision.effect), "by", by(&decision));
	if (!json_array_size(row->problems))
		return out;
	policy_evaluate(&row->set, request, BOUND_MAY, &may);
	if (may.effect != decision.effect)
		jx_set(out, "may", jx_string(policy_effect_name(may.effect)));
	jx_set(out, "problems", json_incref(row->problems));
	return out;
}

int policy_decide(const json_t *json, json_t **ret_decision, struct err *err)
{
	struct row row = {.json = json, .err = err};
	struct request request;
	int ret = -1;

	if (!json_is_object(json))
		return err_set(err, ERR_INPUT, "no JSON object");
	row.problems = json_array();
	if (read_request(&row, &request) == 0 && add_policies(&row) == 0) {
		*ret_decision = answer(&row, &request);
		ret = 0;
	}
	row_release(&row);
	return ret;
}
