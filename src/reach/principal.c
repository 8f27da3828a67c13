// SPDX-License-Identifier: Apache-2.0
/* A principal of an account with its policies compiled, and what is known of its requests. */
#include "internal.h"

#include "cordon/json.h"
#include "cordon/policy.h"
#include "cordon/text.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void note_unread(struct reach *reach, const char *whose, const char *what)
{
	json_t *text = json_sprintf("%s%s%s", whose, *whose ? ": " : "", what);

	jx_push(reach->unread, text ? text : jx_string(what));
}

/* A time that is still to be bound is bound to now. */
struct policy *reach_compile(const struct reach *reach, const json_t *document,
			     enum policy_layer layer, const char *name)
{
	json_auto_t *bound = account_late_bound(document)
				     ? account_bind(document, reach->query.now)
				     : json_incref((json_t *)(uintptr_t)document);

	return policy_compile(bound, layer, name);
}

/* Of what a key's requests and a session's differ in, or those of two sessions. */
static bool tells_sessions(const json_t *document)
{
	static const char *const keys[] = {"aws:tokenissuetime", "aws:principaltag/", NULL};
	char *text = jx_compact(document);
	size_t i = 0;

	for (char *at = text; *at; at++)
		*at = (char)tolower((unsigned char)*at);
	while (keys[i] && !strstr(text, keys[i]))
		i++;
	free(text);
	return keys[i] != NULL;
}

static void add_policy(struct reach *reach, const json_t *document, enum policy_layer layer,
		       const char *whose, const char *name)
{
	char full[640];

	snprintf(full, sizeof(full), "%s%s%s", whose, *whose ? ": " : "", name);
	struct policy *policy = reach_compile(reach, document, layer, full);
	reach->policies = reallocarray(reach->policies, reach->count + 1, sizeof(*reach->policies));
	if (!reach->policies)
		abort();
	reach->policies[reach->count++] = policy;
	policy_set_add(&reach->set, policy, 0);
	reach->by_session = reach->by_session || tells_sessions(document);
	json_array_extend(reach->problems, (json_t *)(uintptr_t)policy_problems(policy));
}

static void add_inline(struct reach *reach, const json_t *entry, enum principal_kind kind,
		       const char *whose)
{
	const char *section = account_inline_section(kind);
	char name[192];
	json_t *list = NULL;
	json_t *item;
	size_t i;

	if (account_section(entry, section, &list) == SECTION_UNREAD) {
		note_unread(reach, whose, "the inline policies");
		list = jx_at(entry, section, "unread", "known", NULL);
	}
	json_array_foreach (list, i, item) {
		json_auto_t *document = account_document(json_object_get(item, "PolicyDocument"));
		const char *own = jx_text(item, "PolicyName");
		snprintf(name, sizeof(name), "inline %s", own ? own : "");
		if (document)
			add_policy(reach, document, LAYER_IDENTITY, whose, name);
		else
			note_unread(reach, whose, name);
	}
}

/* What the program knows of a policy of AWS's that was not read, and says so. */
static json_t *shipped_document(struct reach *reach, const char *arn)
{
	const char *name = arn ? strstr(arn, ":iam::aws:policy/") : NULL;
	json_auto_t *row = NULL;

	if (!reach->query.shipped || !name)
		return NULL;
	json_t *document = reach_shipped_policy(strchr(name, '/') + 1, NULL, &row);
	if (!document)
		return NULL;
	json_auto_t *text = json_sprintf("%s as it is shipped with cordon, version %s", arn,
					 jx_text(row, "version"));
	if (text)
		jx_add_unique(reach->assumed, json_string_value(text));
	return document;
}

static void add_managed(struct reach *reach, const char *arn, enum policy_layer layer,
			const char *whose)
{
	json_auto_t *read = account_managed_document(reach->query.account, arn);
	json_auto_t *document = read ? json_incref(read) : shipped_document(reach, arn);

	if (document)
		add_policy(reach, document, layer, whose, arn);
	else
		note_unread(reach, whose, arn ? arn : "an attached policy");
}

static void add_attached(struct reach *reach, const json_t *entry, const char *whose)
{
	json_t *list = NULL;
	json_t *item;
	size_t i;

	if (account_section(entry, "AttachedManagedPolicies", &list) == SECTION_UNREAD) {
		note_unread(reach, whose, "the attached policies");
		list = jx_at(entry, "AttachedManagedPolicies", "unread", "known", NULL);
	}
	json_array_foreach (list, i, item)
		add_managed(reach, jx_text(item, "PolicyArn"), LAYER_IDENTITY, whose);
}

static void add_groups(struct reach *reach)
{
	char whose[160];
	json_t *list = NULL;
	json_t *item;
	size_t i;

	if (account_section(reach->entry, "GroupList", &list) == SECTION_UNREAD) {
		note_unread(reach, "", "the groups");
		return;
	}
	json_array_foreach (list, i, item) {
		const char *name = json_string_value(item);
		const json_t *group = account_find(reach->query.account, PRINCIPAL_GROUP, name);
		snprintf(whose, sizeof(whose), "group %s", name ? name : "");
		if (!group) {
			note_unread(reach, "", whose);
			continue;
		}
		add_inline(reach, group, PRINCIPAL_GROUP, whose);
		add_attached(reach, group, whose);
	}
}

static bool is_deny_all(const char *arn)
{
	return arn && text_has_suffix(arn, ":iam::aws:policy/AWSDenyAll");
}

/* The boundary that counts: where denies are left out, the one that AWSDenyAll took the place of.
 */
static enum section_state boundary_of(const struct reach *reach, json_t **ret_boundary)
{
	const struct reach_query *query = &reach->query;
	enum section_state state = account_section(reach->entry, "PermissionsBoundary",
						   ret_boundary);

	if (state != SECTION_VALUE || !query->undenied ||
	    !is_deny_all(jx_text(*ret_boundary, "PermissionsBoundaryArn")))
		return state;
	const json_t *before = query->saved ? account_find(query->saved, query->kind, query->name)
					    : NULL;
	*ret_boundary = NULL;
	if (account_section(before, "PermissionsBoundary", ret_boundary) != SECTION_VALUE ||
	    is_deny_all(jx_text(*ret_boundary, "PermissionsBoundaryArn")))
		return SECTION_NONE;
	return SECTION_VALUE;
}

/* A boundary that was not read limits nothing that we know of. */
static void add_boundary(struct reach *reach)
{
	json_t *boundary = NULL;

	switch (boundary_of(reach, &boundary)) {
	case SECTION_UNREAD:
		note_unread(reach, "", "the permissions boundary");
		break;
	case SECTION_NONE:
		break;
	case SECTION_VALUE:
		add_managed(reach, jx_text(boundary, "PermissionsBoundaryArn"), LAYER_BOUNDARY,
			    "boundary");
	}
}

static void know_time(struct reach *reach, const char *key, time_t at)
{
	char text[TEXT_TIME_SIZE];

	text_time(at, text);
	context_add_text(reach->context, key, text);
}

/* The tags of a user are those of his key; a session may have brought others. */
static void know_tags(struct reach *reach)
{
	char key[192];
	json_t *list = NULL;
	json_t *tag;
	size_t i;

	if (reach->query.session || reach->query.kind != PRINCIPAL_USER ||
	    account_section(reach->entry, "Tags", &list) == SECTION_UNREAD)
		return;
	json_array_foreach (list, i, tag) {
		const char *name = jx_text(tag, "Key");
		const char *value = jx_text(tag, "Value");
		snprintf(key, sizeof(key), "aws:PrincipalTag/%s", name ? name : "");
		if (name && value)
			context_add_text(reach->context, key, value);
	}
	context_close(reach->context, "aws:PrincipalTag/");
}

/* A federated session may do at most what the user's policies say: which of it its own policy takes
 * away is not known. */
static void know_federated(struct reach *reach)
{
	const char *session = reach->query.session_name;
	char text[640];
	struct arn arn;

	context_add_text(reach->context, "aws:PrincipalType", "FederatedUser");
	context_add_absent(reach->context, "aws:username");
	know_time(reach, "aws:TokenIssueTime", reach->query.issued);
	if (arn_parse(reach->arn, &arn))
		return;
	snprintf(text, sizeof(text), "%s:%s", arn.account, session);
	context_add_text(reach->context, "aws:userid", text);
}

static void know_user(struct reach *reach)
{
	const char *id = jx_text(reach->entry, "UserId");

	if (reach->query.session_name) {
		know_federated(reach);
		return;
	}

	context_add_text(reach->context, "aws:PrincipalType", "User");
	context_add_text(reach->context, "aws:username",
			 account_name(reach->entry, PRINCIPAL_USER));
	if (id)
		context_add_text(reach->context, "aws:userid", id);
	if (reach->query.session)
		know_time(reach, "aws:TokenIssueTime", reach->query.issued);
	else
		context_add_absent(reach->context, "aws:TokenIssueTime");
}

static void know_role(struct reach *reach)
{
	const char *id = jx_text(reach->entry, "RoleId");
	const char *session = reach->query.session_name;
	char userid[256];

	context_add_text(reach->context, "aws:PrincipalType", "AssumedRole");
	context_add_absent(reach->context, "aws:username");
	know_time(reach, "aws:TokenIssueTime", reach->query.issued);
	if (!session)
		return;
	if (id) {
		snprintf(userid, sizeof(userid), "%s:%s", id, session);
		context_add_text(reach->context, "aws:userid", userid);
	}
	struct arn arn;
	if (arn_parse(reach->arn, &arn) == 0)
		snprintf(reach->principal, sizeof(reach->principal),
			 "arn:%s:sts::%s:assumed-role/%s/%s", arn.partition, arn.account,
			 account_name(reach->entry, PRINCIPAL_ROLE), session);
}

static void know(struct reach *reach)
{
	struct arn arn;

	reach->context = context_new(true);
	if (reach->query.kind == PRINCIPAL_ROLE || !reach->query.session_name)
		context_add_text(reach->context, "aws:PrincipalArn", reach->arn);
	if (arn_parse(reach->arn, &arn) == 0)
		context_add_text(reach->context, "aws:PrincipalAccount", arn.account);
	context_add_text(reach->context, "aws:PrincipalIsAWSService", "false");
	context_add_since(reach->context, "aws:CurrentTime", reach->query.now);
	context_add_since(reach->context, "aws:EpochTime", reach->query.now);
	snprintf(reach->principal, sizeof(reach->principal), "%s", reach->arn);
	if (reach->query.kind == PRINCIPAL_USER)
		know_user(reach);
	else
		know_role(reach);
	know_tags(reach);
}

struct reach *reach_new(const struct reach_query *query)
{
	const json_t *entry = account_find(query->account, query->kind, query->name);

	if (!entry || !account_arn(entry))
		return NULL;
	struct reach *reach = calloc(1, sizeof(*reach));
	if (!reach)
		abort();
	reach->query = *query;
	reach->query.session = query->session || query->session_name ||
			       query->kind == PRINCIPAL_ROLE;
	reach->entry = entry;
	reach->arn = account_arn(entry);
	reach->unread = json_array();
	reach->assumed = json_array();
	reach->problems = json_array();
	add_inline(reach, entry, query->kind, "");
	add_attached(reach, entry, "");
	if (query->kind == PRINCIPAL_USER)
		add_groups(reach);
	add_boundary(reach);
	know(reach);
	return reach;
}

void reach_free(struct reach *reach)
{
	if (!reach)
		return;
	for (size_t i = 0; i < reach->count; i++)
		policy_free(reach->policies[i]);
	free(reach->policies);
	policy_set_release(&reach->set);
	context_free(reach->context);
	json_decref(reach->unread);
	json_decref(reach->assumed);
	json_decref(reach->problems);
	free(reach);
}

bool reach_complete(const struct reach *reach)
{
	return json_array_size(reach->unread) == 0;
}

const json_t *reach_unread(const struct reach *reach)
{
	return reach->unread;
}

const json_t *reach_assumed(const struct reach *reach)
{
	return reach->assumed;
}

bool reach_by_session(const struct reach *reach)
{
	return reach->by_session;
}

/* What other accounts' resources say is as little known as what ours do: the principal's own side
 * decides. */
static void ask_everywhere(const struct reach *reach, const struct request *some,
			   struct reach_answer *answer)
{
	struct request request = *some;
	struct decision wide;
	const struct decision *may = &answer->may;
	bool limited = reach->set.layers[LAYER_BOUNDARY].count != 0;

	if (may->rule || !may->policy || may->layer != LAYER_IDENTITY ||
	    (!limited && policy_on_everything(may->policy, may->statement)))
		return;
	request.every = true;
	policy_evaluate(&reach->set, &request, BOUND_MAY, &wide);
	answer->bounded = wide.effect != EFFECT_ALLOW;
	answer->bounds = wide.layer;
	if (!answer->bounded)
		answer->may = wide;
}

void reach_may(const struct reach *reach, const char *action, const char *resource,
	       struct reach_answer *ret_answer)
{
	const json_t *account = json_object_get(reach->query.account, "account_id");
	struct request request = {.principal = reach->principal,
				  .issuer = reach->arn,
				  .action = action,
				  .resource = resource,
				  .resource_account = json_string_value(account),
				  .context = reach->context,
				  .unread = reach->set.layers[LAYER_RESOURCE].count == 0,
				  .undenied = reach->query.undenied};
	struct resource_form form;

	if (!resource && reach_form(action, &form))
		request.form = &form;
	*ret_answer = (struct reach_answer){.bounded = false};
	policy_evaluate(&reach->set, &request, BOUND_MAY, &ret_answer->may);
	if (!resource && ret_answer->may.effect == EFFECT_ALLOW)
		ask_everywhere(reach, &request, ret_answer);
	ret_answer->must = ret_answer->may;
	if (ret_answer->may.effect == EFFECT_ALLOW)
		policy_evaluate(&reach->set, &request, BOUND_MUST, &ret_answer->must);
}

void reach_by(json_t *out, const struct decision *decision)
{
	if (decision->rule) {
		jx_set(out, "policy", jx_string("AWS"));
		jx_set(out, "statement", jx_string(decision->rule));
		return;
	}
	jx_set(out, "policy",
	       jx_string(decision->policy ? policy_name(decision->policy)
					  : policy_layer_name(decision->layer)));
	jx_set(out, "statement",
	       decision->policy ? policy_statement_name(decision->policy, decision->statement)
				: json_null());
}

static const json_t *condition_of(const struct decision *decision)
{
	if (!decision->policy)
		return NULL;
	return json_object_get(policy_statement_source(decision->policy, decision->statement),
			       "Condition");
}

static json_t *unless(const struct decision *must)
{
	json_t *out = json_object();
	const json_t *condition = condition_of(must);

	reach_by(out, must);
	if (condition)
		jx_set(out, "condition", jx_copy(condition));
	return out;
}

/* A list, as the statement may write one or many. */
static json_t *listed(const json_t *value)
{
	return json_is_array(value) ? jx_copy(value) : jx_pack("[O]", value);
}

static void add_bounds(json_t *out, const struct reach_answer *answer)
{
	const struct decision *may = &answer->may;

	if (!answer->bounded)
		return;
	const json_t *source = policy_statement_source(may->policy, may->statement);
	const json_t *resources = json_object_get(source, "Resource");
	const json_t *others = json_object_get(source, "NotResource");
	bool all = policy_on_everything(may->policy, may->statement);
	if (resources && !all)
		jx_set(out, "on", listed(resources));
	else if (others)
		jx_set(out, "not_on", listed(others));
	if (answer->bounds != LAYER_IDENTITY)
		jx_set(out, "within", jx_string(policy_layer_name(answer->bounds)));
}

json_t *reach_explain(const struct reach *reach, const char *action, const char *resource,
		      const struct reach_answer *answer)
{
	json_t *out = jx_pack("{s:s, s:o, s:s}", "action", action, "resource", jx_string(resource),
			      "decision", policy_effect_name(answer->may.effect));
	const json_t *condition = condition_of(&answer->may);

	(void)reach;
	reach_by(out, &answer->may);
	add_bounds(out, answer);
	if (answer->may.effect != EFFECT_ALLOW || answer->must.effect == EFFECT_ALLOW)
		return out;
	if (condition)
		jx_set(out, "if", jx_copy(condition));
	/* A Deny that may hold, or a layer whose Allow is not certain. */
	if (answer->must.effect == EFFECT_EXPLICIT_DENY || !condition)
		jx_set(out, "unless", unless(&answer->must));
	return out;
}
