// SPDX-License-Identifier: Apache-2.0
/*
 * The decision: an explicit deny anywhere ends it; then each layer that bears on the request must
 * hold an Allow. The order is AWS's ("policy evaluation logic" in the IAM user guide).
 */
#include "compiled.h"
#include "cordon/embedded.h"
#include "cordon/policy.h"
#include "cordon/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *policy_effect_name(enum effect effect)
{
	static const char *const names[] = {[EFFECT_IMPLICIT_DENY] = "ImplicitDeny",
					    [EFFECT_EXPLICIT_DENY] = "ExplicitDeny",
					    [EFFECT_ALLOW] = "Allow"};

	return names[effect];
}

const char *policy_layer_name(enum policy_layer layer)
{
	static const char *const names[LAYER_COUNT] = {[LAYER_IDENTITY] = "identity_policies",
						       [LAYER_BOUNDARY] = "permission_boundaries",
						       [LAYER_SESSION] = "session_policy",
						       [LAYER_SCP] = "scps",
						       [LAYER_RCP] = "rcps",
						       [LAYER_RESOURCE] = "resource_policy",
						       [LAYER_ENDPOINT] = "endpoint_policies"};

	return layer < LAYER_COUNT ? names[layer] : "";
}

void policy_set_levels(struct policy_set *set, enum policy_layer layer, unsigned levels)
{
	if (set->layers[layer].levels < levels)
		set->layers[layer].levels = levels;
}

void policy_set_add(struct policy_set *set, const struct policy *policy, unsigned level)
{
	struct policy_list *list = &set->layers[policy->layer];

	list->entries = reallocarray(list->entries, list->count + 1, sizeof(*list->entries));
	if (!list->entries)
		abort();
	list->entries[list->count++] = (struct policy_entry){.policy = policy, .level = level};
	policy_set_levels(set, policy->layer, level + 1);
}

void policy_set_release(struct policy_set *set)
{
	for (size_t i = 0; i < LAYER_COUNT; i++)
		free(set->layers[i].entries);
	*set = (struct policy_set){0};
}

/* A request being decided. */
struct deciding {
	const struct policy_set *set;
	struct asked asked;
	struct decision decision;
};

static bool counts(enum truth truth, bool deny, enum bound bound)
{
	if (truth != TRUTH_MAYBE)
		return truth == TRUTH_YES;
	return bound == BOUND_MAY ? !deny : deny;
}

static void by_statement(struct deciding *d, enum effect effect, const struct policy *policy,
			 size_t statement)
{
	d->decision = (struct decision){
		.effect = effect, .policy = policy, .statement = statement, .layer = policy->layer};
}

static bool no_allow(struct deciding *d, enum policy_layer layer)
{
	d->decision = (struct decision){.effect = EFFECT_IMPLICIT_DENY, .layer = layer};
	return false;
}

/* The statement that counts, and of those the one that is least in doubt. */
struct found {
	const struct policy *policy;
	size_t statement;
	enum truth truth;
	enum grant grant;
};

/* A grant outweighs another by how much it grants. */
static bool is_better(const struct found *new, const struct found *old)
{
	if (new->grant != old->grant)
		return new->grant > old->grant;
	return new->truth > old->truth;
}

static void look(const struct deciding *d, const struct policy *policy, enum effect effect,
		 struct found *found)
{
	bool deny = effect == EFFECT_EXPLICIT_DENY;

	for (size_t i = 0; i < policy->count; i++) {
		struct found one = {.policy = policy, .statement = i};
		if (policy->statements[i].effect != effect)
			continue;
		one.truth = statement_applies(&policy->statements[i], &d->asked, &one.grant);
		if (deny || policy->layer != LAYER_RESOURCE)
			one.grant = GRANT_DIRECT;
		if (counts(one.truth, deny, d->asked.bound) &&
		    (!found->policy || is_better(&one, found)))
			*found = one;
		if (found->policy && found->truth == TRUTH_YES && found->grant == GRANT_DIRECT)
			return;
	}
}

static const size_t every_level = SIZE_MAX;

static struct found find(const struct deciding *d, enum policy_layer layer, enum effect effect,
			 size_t level)
{
	const struct policy_list *list = &d->set->layers[layer];
	struct found found = {.policy = NULL};

	for (size_t i = 0; i < list->count; i++) {
		if (level == every_level || list->entries[i].level == level)
			look(d, list->entries[i].policy, effect, &found);
	}
	return found;
}

static bool allows(struct deciding *d, enum policy_layer layer, size_t level)
{
	struct found found = find(d, layer, EFFECT_ALLOW, level);

	if (!found.policy)
		return no_allow(d, layer);
	by_statement(d, EFFECT_ALLOW, found.policy, found.statement);
	return true;
}

/* Only some services know resource control policies. */
static bool service_has_rcps(const struct asked *asked)
{
	const struct embedded_file *file = embedded_find("src/policy/rcp-services.json");
	size_t length = strcspn(asked->action, ":");
	char quoted[ACTION_MAX + 3];

	if (!file)
		abort();
	snprintf(quoted, sizeof(quoted), "\"%.*s\"", (int)length, asked->action);
	return memmem(file->bytes, file->length, quoted, strlen(quoted)) != NULL;
}

/* Whether the policies of a layer bear on this request at all. */
static bool binds(const struct deciding *d, enum policy_layer layer)
{
	const struct who *who = &d->asked.who;

	switch (layer) {
	case LAYER_SCP:
		return !d->asked.request->management && !who->service_linked && *who->account;
	case LAYER_RCP:
		return d->set->layers[layer].count && !who->service_linked &&
		       service_has_rcps(&d->asked);
	case LAYER_IDENTITY:
	case LAYER_BOUNDARY:
	case LAYER_SESSION:
		return who->kind != WHO_ROOT && *who->account;
	case LAYER_RESOURCE:
	case LAYER_ENDPOINT:
	case LAYER_COUNT:
		break;
	}
	return true;
}

static bool may_deny(const struct deciding *d, enum policy_layer layer)
{
	bool own = layer == LAYER_IDENTITY || layer == LAYER_BOUNDARY || layer == LAYER_SESSION;

	return d->set->layers[layer].count && !(own && d->asked.request->undenied) &&
	       binds(d, layer);
}

static bool is_denied(struct deciding *d)
{
	for (enum policy_layer layer = 0; layer < LAYER_COUNT; layer++) {
		if (!may_deny(d, layer))
			continue;
		struct found found = find(d, layer, EFFECT_EXPLICIT_DENY, every_level);
		if (!found.policy)
			continue;
		by_statement(d, EFFECT_EXPLICIT_DENY, found.policy, found.statement);
		return true;
	}
	return false;
}

static bool is_action(const struct asked *asked, const char *name)
{
	return text_equal(asked->action, name);
}

static bool by_rule(struct deciding *d, enum effect effect, const char *rule)
{
	d->decision = (struct decision){.effect = effect, .rule = rule, .layer = LAYER_COUNT};
	return true;
}

/* What no policy can deny. */
static bool is_always_allowed(struct deciding *d)
{
	if (is_action(&d->asked, "sts:getcalleridentity"))
		return by_rule(d, EFFECT_ALLOW, "GetCallerIdentity needs no permission");
	if (is_action(&d->asked, "sts:getsessiontoken") && d->asked.who.kind == WHO_USER)
		return by_rule(d, EFFECT_ALLOW, "no policy keeps a user from GetSessionToken");
	return false;
}

/* What no policy can allow: AWS's own things are not changed by its customers. */
static const struct {
	const char *resource, *actions, *rule; /* actions: in lower case, between blanks */
} guards[] = {
	{"arn:*:iam::aws:policy/*",
	 " iam:createpolicyversion iam:deletepolicy iam:deletepolicyversion"
	 " iam:setdefaultpolicyversion iam:tagpolicy iam:untagpolicy ",
	 "a policy of AWS's own cannot be changed"},
	{"arn:*:iam::*:role/aws-reserved/*",
	 " iam:attachrolepolicy iam:deleterole iam:deleterolepermissionsboundary"
	 " iam:deleterolepolicy iam:detachrolepolicy iam:putrolepermissionsboundary"
	 " iam:putrolepolicy iam:tagrole iam:untagrole iam:updateassumerolepolicy"
	 " iam:updaterole iam:updateroledescription ",
	 "a reserved role can only be changed by AWS"},
	{"arn:*:kms:*:*:alias/aws/*", " kms:createalias kms:deletealias kms:updatealias ",
	 "an alias of AWS's own cannot be changed"},
};

static bool is_guarded(struct deciding *d)
{
	const char *resource = d->asked.request->resource;
	char name[ACTION_MAX + 3];

	if (!resource || d->asked.never)
		return false;
	for (size_t i = 0; i < sizeof(guards) / sizeof(guards[0]); i++) {
		if (!policy_glob(guards[i].resource, resource, false))
			continue;
		snprintf(name, sizeof(name), " %s ", d->asked.action);
		if (strstr(guards[i].actions, name))
			return by_rule(d, EFFECT_IMPLICIT_DENY, guards[i].rule);
	}
	return false;
}

/* From the root down each level must allow; without any there is nothing to say. */
static bool scps_allow(struct deciding *d)
{
	unsigned levels = d->set->layers[LAYER_SCP].levels;

	if (!binds(d, LAYER_SCP))
		return true;
	for (unsigned level = 0; level < levels; level++) {
		if (!allows(d, LAYER_SCP, level))
			return false;
	}
	return true;
}

static bool endpoint_allows(struct deciding *d)
{
	return !d->set->layers[LAYER_ENDPOINT].count || allows(d, LAYER_ENDPOINT, every_level);
}

/* Boundary and session policy. A federated user has nothing without a session policy. */
static bool limits_allow(struct deciding *d)
{
	if (d->asked.who.kind == WHO_ROOT)
		return true;
	if (d->set->layers[LAYER_BOUNDARY].count && !allows(d, LAYER_BOUNDARY, every_level))
		return false;
	if (!d->set->layers[LAYER_SESSION].count && d->asked.who.kind == WHO_FEDERATED)
		return no_allow(d, LAYER_SESSION);
	return !d->set->layers[LAYER_SESSION].count || allows(d, LAYER_SESSION, every_level);
}

/* The policies of the one who asks, whose Allow is what is named. */
static bool identity_allows(struct deciding *d)
{
	if (d->asked.who.kind == WHO_ROOT)
		return by_rule(d, EFFECT_ALLOW, "root may do anything in its account");
	if (!allows(d, LAYER_IDENTITY, every_level))
		return false;
	struct decision allowed = d->decision;
	if (!limits_allow(d))
		return false;
	d->decision = allowed;
	return true;
}

/* A role's trust policy and a key's policy must themselves let somebody in. */
static bool must_itself_allow(const struct asked *asked)
{
	const char *resource = asked->request->resource;
	struct arn arn;

	if (arn_parse(resource, &arn) || (asked->request->unread && asked->bound == BOUND_MAY))
		return false;
	if (text_equal(arn.service, "iam") && text_has_prefix(arn.resource, "role/"))
		return text_has_prefix(asked->action, "sts:assumerole");
	return text_equal(arn.service, "kms") && text_has_prefix(arn.resource, "key/") &&
	       text_has_prefix(asked->action, "kms:");
}

static bool is_cross_account(const struct asked *asked)
{
	const char *account = asked->request->resource_account;
	struct arn arn;

	if (!account && arn_parse(asked->request->resource, &arn) == 0)
		account = arn.account;
	return account && *account && !text_equal(account, "aws") &&
	       !text_equal(account, asked->who.account);
}

static void decide_same_account(struct deciding *d, const struct found *grant)
{
	enum grant how = grant->policy ? grant->grant : GRANT_NONE;
	struct decision held;

	if (how == GRANT_DIRECT) {
		by_statement(d, EFFECT_ALLOW, grant->policy, grant->statement);
		return;
	}
	if (how == GRANT_NONE && must_itself_allow(&d->asked)) {
		no_allow(d, LAYER_RESOURCE);
		return;
	}
	if (how == GRANT_ISSUER && limits_allow(d)) {
		by_statement(d, EFFECT_ALLOW, grant->policy, grant->statement);
		return;
	}
	held = d->decision;
	if (!identity_allows(d) && how == GRANT_ISSUER)
		d->decision = held; /* what limits says more than what is missing */
}

static void decide_cross_account(struct deciding *d, const struct found *grant)
{
	if (!identity_allows(d))
		return;
	if (!grant->policy)
		no_allow(d, LAYER_RESOURCE);
}

static void decide(struct deciding *d)
{
	const struct who *who = &d->asked.who;

	if (is_always_allowed(d) || is_denied(d) || is_guarded(d))
		return;
	if (!scps_allow(d) || !endpoint_allows(d))
		return;
	if (d->asked.never) {
		no_allow(d, LAYER_IDENTITY);
		return;
	}
	struct found grant = find(d, LAYER_RESOURCE, EFFECT_ALLOW, every_level);
	if (who->kind == WHO_ANYBODY || who->kind == WHO_SERVICE) {
		no_allow(d, LAYER_RESOURCE);
		if (grant.policy && grant.grant == GRANT_DIRECT)
			by_statement(d, EFFECT_ALLOW, grant.policy, grant.statement);
	} else if (is_cross_account(&d->asked)) {
		decide_cross_account(d, &grant);
	} else {
		decide_same_account(d, &grant);
	}
}

/* Some resource or other is one of those that an Allow is about. If every one of them is denied,
 * the action is; ret: whether one is left. */
static bool one_is_left(struct deciding *d, const struct statement *s)
{
	if (s->not_resource || !s->has_resources)
		return true;
	for (size_t i = 0; i < s->resource_count; i++) {
		if (!form_meets(d->asked.request->form, &s->resources[i]))
			continue;
		asked_resource(&d->asked, s->resources[i].text);
		decide(d);
		if (d->decision.effect == EFFECT_ALLOW)
			return true;
	}
	return false;
}

static void decide_some_resource(struct deciding *d)
{
	const struct policy_list *list = &d->set->layers[LAYER_IDENTITY];
	struct decision first = d->decision;

	d->asked.opaque = true;
	for (size_t i = 0; i < list->count; i++) {
		const struct policy *policy = list->entries[i].policy;
		for (size_t n = 0; n < policy->count; n++) {
			const struct statement *s = &policy->statements[n];
			if (s->effect != EFFECT_ALLOW || !statement_covers_action(s, &d->asked) ||
			    !one_is_left(d, s))
				continue;
			d->decision = first;
			return;
		}
	}
}

void policy_evaluate(const struct policy_set *set, const struct request *request, enum bound bound,
		     struct decision *ret_decision)
{
	struct deciding d = {.set = set};

	asked_prepare(&d.asked, request, bound);
	d.asked.bounded = set->layers[LAYER_BOUNDARY].count > 0;
	decide(&d);
	if (!request->resource && !request->every && bound == BOUND_MAY && d.decision.policy &&
	    d.decision.effect == EFFECT_ALLOW && d.decision.layer == LAYER_IDENTITY)
		decide_some_resource(&d);
	*ret_decision = d.decision;
}

static bool is_total_deny(const struct statement *s)
{
	if (s->effect != EFFECT_EXPLICIT_DENY || s->doubtful || !s->all_actions || s->not_action ||
	    !s->has_resources || s->not_resource || s->has_principals || s->conditions.count ||
	    s->conditions.broken)
		return false;
	return statement_on_everything(s);
}

bool policy_on_everything(const struct policy *policy, size_t statement)
{
	const struct statement *s = &policy->statements[statement];

	return !s->has_resources || (!s->not_resource && statement_on_everything(s));
}

bool policy_denies_everything(const struct policy_set *set, struct decision *ret_decision)
{
	static const enum policy_layer own[] = {LAYER_IDENTITY, LAYER_BOUNDARY, LAYER_SESSION};
	struct deciding d = {.set = set};

	for (size_t l = 0; l < sizeof(own) / sizeof(own[0]); l++) {
		const struct policy_list *list = &set->layers[own[l]];
		for (size_t i = 0; i < list->count; i++) {
			const struct policy *policy = list->entries[i].policy;
			size_t n = 0;
			while (n < policy->count && !is_total_deny(&policy->statements[n]))
				n++;
			if (n == policy->count)
				continue;
			by_statement(&d, EFFECT_EXPLICIT_DENY, policy, n);
			*ret_decision = d.decision;
			return true;
		}
	}
	return false;
}
