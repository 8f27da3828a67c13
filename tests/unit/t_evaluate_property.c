// SPDX-License-Identifier: Apache-2.0
/* What holds for all policies, tried on many that a seeded generator makes. */
#include "cordon/evaluate.h"

#include "fixture.h"

#include <stdint.h>

enum { ROUNDS = 4000 };

static uint64_t seed;

static uint32_t dice(uint32_t sides)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(seed >> 33) % sides;
}

#define PICK(list) ((list)[dice(COUNT(list))])

static const char *const actions[] = {"s3:GetObject", "s3:PutObject", "iam:PassRole",
				      "ec2:RunInstances", "sts:AssumeRole"};
static const char *const action_patterns[] = {"*",	  "s3:*",	 "s3:Get*", "iam:Pass?ole",
					      "ec2:Run*", "sts:Assume*", "s*:x",    "nothing"};
static const char *const resources[] = {"*", "arn:aws:s3:::b/k", "arn:aws:s3:::b/mallory/x",
					"arn:aws:iam::111122223333:role/r",
					"arn:aws:ec2:eu-west-1:111122223333:instance/i-1"};
static const char *const resource_patterns[] = {"*",
						"arn:aws:s3:::b/*",
						"arn:aws:s3:::b/${aws:username}/*",
						"arn:aws:iam::*:role/r",
						"arn:aws:ec2:*:*:*/i-1",
						"arn:aws:*:instance/*",
						"arn:aws:s3",
						"arn:aws:s3:::b/${aws:PrincipalTag/t}*"};
static const char *const conditions[] = {
	"{'StringEquals':{'aws:username':'mallory'}}",
	"{'StringNotEquals':{'aws:username':'eve'}}",
	"{'Bool':{'aws:MultiFactorAuthPresent':'true'}}",
	"{'BoolIfExists':{'aws:MultiFactorAuthPresent':'false'}}",
	"{'Null':{'aws:TokenIssueTime':'true'}}",
	"{'ForAllValues:StringEquals':{'aws:TagKeys':['a','b']}}",
	"{'ForAnyValue:StringLike':{'aws:TagKeys':'a*'}}",
	"{'IpAddress':{'aws:SourceIp':'203.0.113.0/24'}}",
	"{'DateLessThan':{'aws:CurrentTime':'2026-11-20T00:00:00Z'}}",
	"{'Mystery':{'k':'v'}}",
	"{'NumericLessThan':{'k':'five'}}",
};
static const char *const contexts[] = {
	"{}",
	"{'aws:username':'mallory'}",
	"{'aws:username':'eve','aws:MultiFactorAuthPresent':'true','aws:TagKeys':['a','c']}",
	"{'aws:SourceIp':'203.0.113.7','aws:CurrentTime':'2026-11-19T00:00:00Z',"
	"'aws:PrincipalTag/t':'k'}",
	"{'aws:TokenIssueTime':'2026-11-19T00:00:00Z','aws:TagKeys':[]}",
};

static json_t *statement(const char *effect)
{
	json_t *s = jx_pack("{s:s}", "Effect", effect);

	jx_set(s, dice(6) ? "Action" : "NotAction",
	       jx_pack("[s, s]", PICK(action_patterns), PICK(action_patterns)));
	jx_set(s, dice(6) ? "Resource" : "NotResource",
	       jx_pack("[s, s]", PICK(resource_patterns), PICK(resource_patterns)));
	if (dice(3) == 0)
		jx_set(s, "Condition", js(PICK(conditions)));
	return s;
}

static json_t *any_statement(void)
{
	return statement(dice(3) ? "Allow" : "Deny");
}

static json_t *document(json_t *statements_stolen)
{
	return jx_pack("{s:s, s:o}", "Version", "2012-10-17", "Statement", statements_stolen);
}

static json_t *statements(void)
{
	json_t *list = json_array();

	for (uint32_t n = dice(5) + 1; n; n--)
		jx_push(list, any_statement());
	return list;
}

/* A request with the policies of all layers, each a list of statements. */
struct scene {
	json_t *layers[LAYER_COUNT];
	struct request request;
	struct context *context;
};

static void scene_make(struct scene *scene, bool open)
{
	json_auto_t *keys = js(PICK(contexts));
	const char *key;
	json_t *value;

	*scene = (struct scene){.context = context_new(open)};
	json_object_foreach (keys, key, value)
		context_add(scene->context, key, value);
	scene->layers[LAYER_IDENTITY] = statements();
	if (dice(3) == 0)
		scene->layers[LAYER_BOUNDARY] = statements();
	if (dice(3) == 0)
		scene->layers[LAYER_SCP] = statements();
	if (dice(4) == 0)
		scene->layers[LAYER_SESSION] = statements();
	scene->request = (struct request){.principal = "arn:aws:iam::111122223333:user/mallory",
					  .action = PICK(actions),
					  .resource = dice(8) ? PICK(resources) : NULL,
					  .context = scene->context};
}

static void scene_release(struct scene *scene)
{
	for (size_t i = 0; i < LAYER_COUNT; i++)
		json_decref(scene->layers[i]);
	context_free(scene->context);
}

/* ret_everything (or NULL): the set says that it denies whatever is asked. */
static enum effect decide(const struct scene *scene, enum bound bound, bool *ret_everything)
{
	struct policy *policies[LAYER_COUNT] = {NULL};
	struct policy_set set = {0};
	struct decision decision;

	for (enum policy_layer i = 0; i < LAYER_COUNT; i++) {
		if (!scene->layers[i])
			continue;
		json_auto_t *one = document(json_incref(scene->layers[i]));
		policies[i] = policy_compile(one, i, "p");
		policy_set_add(&set, policies[i], 0);
	}
	if (ret_everything)
		*ret_everything = policy_denies_everything(&set, &decision);
	policy_evaluate(&set, &scene->request, bound, &decision);
	policy_set_release(&set);
	for (size_t i = 0; i < LAYER_COUNT; i++)
		policy_free(policies[i]);
	return decision.effect;
}

static enum effect evaluate(const struct scene *scene, enum bound bound)
{
	return decide(scene, bound, NULL);
}

static const enum bound bounds[] = {BOUND_EXACT, BOUND_MAY, BOUND_MUST};

static json_t *shuffled(const json_t *list)
{
	json_t *out = json_array();
	json_t *item;
	size_t i;

	json_array_foreach ((json_t *)(uintptr_t)list, i, item)
		json_array_insert(out, dice((uint32_t)json_array_size(out) + 1), item);
	return out;
}

static enum policy_layer some_layer(const struct scene *scene)
{
	enum policy_layer layer = LAYER_IDENTITY;

	do
		layer = (enum policy_layer)dice(LAYER_COUNT);
	while (!scene->layers[layer]);
	return layer;
}

/* Returns a word for what was broken, or NULL. */
static const char *add_a_deny(struct scene *scene, enum bound bound)
{
	enum effect before = evaluate(scene, bound);

	jx_push(scene->layers[some_layer(scene)], statement("Deny"));
	enum effect after = evaluate(scene, bound);
	if (after == EFFECT_ALLOW && before != EFFECT_ALLOW)
		return "a deny made an allow";
	if (before == EFFECT_EXPLICIT_DENY && after != before)
		return "a deny took an explicit deny away";
	return NULL;
}

static const char *add_an_allow(struct scene *scene, enum bound bound)
{
	enum effect before = evaluate(scene, bound);

	jx_push(scene->layers[some_layer(scene)], statement("Allow"));
	enum effect after = evaluate(scene, bound);
	if (before == EFFECT_ALLOW && after != EFFECT_ALLOW)
		return "an allow took an allow away";
	if (before == EFFECT_EXPLICIT_DENY && after != before)
		return "an allow overcame an explicit deny";
	return NULL;
}

static const char *change_the_order(struct scene *scene, enum bound bound)
{
	enum effect before = evaluate(scene, bound);

	for (size_t i = 0; i < LAYER_COUNT; i++) {
		if (!scene->layers[i])
			continue;
		json_t *other = shuffled(scene->layers[i]);
		json_decref(scene->layers[i]);
		scene->layers[i] = other;
	}
	return evaluate(scene, bound) == before ? NULL : "the order decided";
}

static const char *deny_all(struct scene *scene, enum bound bound)
{
	jx_push(scene->layers[some_layer(scene)],
		js("{'Effect':'Deny','Action':'*','Resource':'*'}"));
	return evaluate(scene, bound) == EFFECT_EXPLICIT_DENY ? NULL : "an explicit deny lost";
}

/* Where a set says that it denies whatever is asked, it denies this, and it says so once it does.
 */
static const char *deny_everything(struct scene *scene, enum bound bound)
{
	bool everything;

	if (decide(scene, bound, &everything) != EFFECT_EXPLICIT_DENY && everything)
		return "not everything was denied";
	jx_push(scene->layers[LAYER_IDENTITY],
		js("{'Effect':'Deny','Action':['s3:x','*:*'],'Resource':['arn:aws:s3:::b','*']}"));
	decide(scene, bound, &everything);
	return everything ? NULL : "a deny of everything was not seen";
}

/* MUST is within EXACT, which is within MAY. */
static const char *hold_bounds(struct scene *scene, enum bound bound)
{
	bool must = evaluate(scene, BOUND_MUST) == EFFECT_ALLOW;
	bool exact = evaluate(scene, BOUND_EXACT) == EFFECT_ALLOW;
	bool may = evaluate(scene, BOUND_MAY) == EFFECT_ALLOW;

	(void)bound;
	if (!scene->request.resource)
		return NULL;
	return (must && !exact) || (exact && !may) ? "the bounds are not in order" : NULL;
}

/* What is decided while little is known stays so when more is. */
static const char *learn(struct scene *scene, enum bound bound)
{
	bool may = evaluate(scene, BOUND_MAY) == EFFECT_ALLOW;
	bool must = evaluate(scene, BOUND_MUST) == EFFECT_ALLOW;

	(void)bound;
	static const char *const keys[] = {"aws:username", "aws:MultiFactorAuthPresent",
					   "aws:SourceIp", "aws:TagKeys", "aws:TokenIssueTime"};
	static const char *const values[] = {"mallory", "true", "203.0.113.9", "a", "false"};
	const char *key = PICK(keys);
	/* Only what was unknown can be learned. */
	struct context *other = context_new(true);
	struct context *old = scene->context;
	scene->context = other;
	scene->request.context = other;
	bool may_open = evaluate(scene, BOUND_MAY) == EFFECT_ALLOW;
	bool must_open = evaluate(scene, BOUND_MUST) == EFFECT_ALLOW;
	if (dice(3))
		context_add_text(other, key, PICK(values));
	else
		context_add_absent(other, key);
	bool may_known = evaluate(scene, BOUND_MAY) == EFFECT_ALLOW;
	bool must_known = evaluate(scene, BOUND_MUST) == EFFECT_ALLOW;
	context_free(old);
	if ((may || may_known) && !may_open)
		return "what may be was not foreseen";
	return must_open && (!must_known || !must) ? "what must be was not so" : NULL;
}

static void try(const char *name, const char *(*fn)(struct scene *scene, enum bound bound),
		bool open)
{
	const char *broken = NULL;
	uint64_t start = 0;
	size_t i = 0;

	seed = 20261121;
	for (; i < ROUNDS && !broken; i++) {
		struct scene scene;
		start = seed;
		scene_make(&scene, open || dice(2));
		broken = fn(&scene, PICK(bounds));
		scene_release(&scene);
	}
	OK(!broken, "%s, in %zu cases: %s (seed %llu)", name, i, broken ? broken : "held",
	   (unsigned long long)start);
}

int main(void)
{
	try("a deny of everything", deny_everything, false);
	try("adding a deny never adds an allow", add_a_deny, false);
	try("adding an allow never takes one away", add_an_allow, false);
	try("the order of statements does not matter", change_the_order, false);
	try("an explicit deny always wins", deny_all, false);
	try("the bounds lie within each other", hold_bounds, false);
	try("knowing more keeps within the bounds", learn, true);
	return tap_done();
}
