// SPDX-License-Identifier: Apache-2.0
/* Roles that a principal can assume, and from these further ones. */
#include "internal.h"

#include "cordon/json.h"
#include "cordon/text.h"

#include <stdlib.h>
#include <string.h>

/* From more roles than this no further ones are sought; the first step looks at all of them. */
enum { MAX_FROM = 500 };

struct role {
	const json_t *entry;
	struct policy *trust; /* NULL: unread, so that it may let anybody in */
	bool reached;
};

struct search {
	const struct reach *start;
	struct role *roles;
	size_t count;
	size_t *queue; /* of roles that were reached */
	size_t queued;
	json_t *found;
};

static struct policy *trust_of(const struct reach *reach, const json_t *role)
{
	json_auto_t *trust = account_document(json_object_get(role, "AssumeRolePolicyDocument"));

	return trust ? reach_compile(reach, trust, LAYER_RESOURCE, "trust policy") : NULL;
}

static void search_begin(struct search *s, const struct reach *start)
{
	const json_t *list = account_entries(start->query.account, PRINCIPAL_ROLE);
	json_t *entry;
	size_t i;

	*s = (struct search){.start = start, .count = json_array_size(list)};
	s->found = json_array();
	s->roles = calloc(s->count + 1, sizeof(*s->roles));
	s->queue = calloc(s->count + 1, sizeof(*s->queue));
	if (!s->roles || !s->queue)
		abort();
	json_array_foreach (list, i, entry) {
		s->roles[i].entry = entry;
		s->roles[i].trust = trust_of(start, entry);
	}
}

static void search_end(struct search *s)
{
	for (size_t i = 0; i < s->count; i++)
		policy_free(s->roles[i].trust);
	free(s->roles);
	free(s->queue);
}

/* The trust policy joins the set for one question. */
static void ask(const struct reach *from, const struct role *role, struct reach_answer *ret_answer)
{
	struct policy_entry one = {.policy = role->trust};
	struct reach with = *from;

	with.set.layers[LAYER_RESOURCE] = (struct policy_list){.entries = &one,
							       .count = role->trust ? 1 : 0};
	reach_may(&with, "sts:AssumeRole", account_arn(role->entry), ret_answer);
}

void reach_may_assume(const struct reach *reach, const json_t *role,
		      struct reach_answer *ret_answer)
{
	struct role one = {.entry = role, .trust = trust_of(reach, role)};

	ask(reach, &one, ret_answer);
	/* The answer must not point into what is freed here. */
	if (ret_answer->may.policy == one.trust)
		ret_answer->may.policy = NULL;
	if (ret_answer->must.policy == one.trust)
		ret_answer->must.policy = NULL;
	policy_free(one.trust);
}

/* Whether the trust policy lets the principal in, if its own policies allow nothing, or all. */
static bool lets_in(const struct reach *reach, const struct role *role, const struct policy *own)
{
	struct policy_entry mine = {.policy = own};
	struct reach with = *reach;
	struct reach_answer answer;

	with.set = (struct policy_set){0};
	with.set.layers[LAYER_IDENTITY] = (struct policy_list){.entries = &mine,
							       .count = own ? 1 : 0};
	ask(&with, role, &answer);
	return answer.may.effect == EFFECT_ALLOW;
}

enum reach_trust reach_trusts(const struct reach *reach, const json_t *role)
{
	struct role one = {.entry = role, .trust = trust_of(reach, role)};
	enum reach_trust found = REACH_TRUST_NONE;

	if (!one.trust)
		return REACH_TRUST_UNREAD;
	json_auto_t *document = jx_pack("{s:{s:s, s:s, s:s}}", "Statement", "Effect", "Allow",
					"Action", "*", "Resource", "*");
	struct policy *anything = policy_compile(document, LAYER_IDENTITY, "anything");
	if (lets_in(reach, &one, NULL))
		found = REACH_TRUST_NAMED;
	else if (lets_in(reach, &one, anything))
		found = REACH_TRUST_ACCOUNT;
	policy_free(anything);
	policy_free(one.trust);
	return found;
}

static void reach_role(struct search *s, const struct reach *from, size_t i, bool is_start)
{
	struct role *role = &s->roles[i];
	const char *arn = account_arn(role->entry);
	struct reach_answer answer;

	if (role->reached || !arn || text_equal(arn, s->start->arn))
		return;
	ask(from, role, &answer);
	if (answer.may.effect != EFFECT_ALLOW)
		return;
	role->reached = true;
	s->queue[s->queued++] = i;
	json_t *item = reach_explain(from, "sts:AssumeRole", arn, &answer);
	jx_set(item, "arn", jx_string(arn));
	jx_set(item, "name", jx_string(account_name(role->entry, PRINCIPAL_ROLE)));
	jx_set(item, "through", jx_string(is_start ? NULL : from->arn));
	jx_push(s->found, item);
}

static void reach_further(struct search *s, size_t i)
{
	const struct reach_query query = {.account = s->start->query.account,
					  .kind = PRINCIPAL_ROLE,
					  .name = account_name(s->roles[i].entry, PRINCIPAL_ROLE),
					  .issued = s->start->query.now,
					  .now = s->start->query.now};
	struct reach *from = query.name ? reach_new(&query) : NULL;

	for (size_t n = 0; from && n < s->count; n++)
		reach_role(s, from, n, false);
	reach_free(from);
}

json_t *reach_assumable(const struct reach *reach)
{
	struct search s;

	search_begin(&s, reach);
	for (size_t i = 0; i < s.count; i++)
		reach_role(&s, reach, i, true);
	for (size_t i = 0; i < s.queued && i < MAX_FROM; i++)
		reach_further(&s, s.queue[i]);
	search_end(&s);
	return s.found;
}
