// SPDX-License-Identifier: Apache-2.0
/* From a document to statements that can be held against a request. */
#include "compiled.h"
#include "cordon/json.h"
#include "cordon/text.h"
#include "statement.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_PROBLEMS = 100 };

struct compiling {
	struct policy *policy;
	struct statement *statement;
	const json_t *source;
	size_t index; /* of the statement; SIZE_MAX: the document itself */
	bool variables;
};

json_t *policy_problem(const struct policy *policy, size_t statement, const char *what,
		       const char *subject)
{
	json_t *text = *subject ? json_sprintf("%s: '%s'", what, subject) : jx_string(what);

	if (!text)
		text = jx_string(what);
	return jx_pack("{s:o, s:o, s:o}", "policy", jx_string(policy->name), "statement",
		       statement == SIZE_MAX ? json_null()
					     : policy_statement_name(policy, statement),
		       "what", text);
}

static void complain(void *arg, const char *what, const char *subject)
{
	const struct compiling *c = arg;

	if (json_array_size(c->policy->problems) < MAX_PROBLEMS)
		jx_push(c->policy->problems, policy_problem(c->policy, c->index, what, subject));
}

uint64_t action_service(const char *service, size_t length)
{
	uint64_t hash = 1469598103934665603u;

	for (size_t i = 0; i < length; i++)
		hash = (hash ^ (unsigned char)service[i]) * 1099511628211u;
	return hash;
}

static uint64_t service_bit(uint64_t service)
{
	return (uint64_t)1 << (service >> 32 & 63);
}

/* What has no form of an action matches nothing, and is reported. */
static void compile_action(struct compiling *c, const json_t *json)
{
	struct statement *s = c->statement;
	const char *text = json_string_value(json);

	if (!text) {
		complain(c, "an action that is no text", "");
		s->doubtful = true;
		return;
	}
	if (text_equal(text, "*") || text_equal(text, "*:*")) {
		s->all_actions = true;
		return;
	}
	const char *colon = strchr(text, ':');
	size_t length = colon ? (size_t)(colon - text) : 0;
	if (!length || !colon[1] || memchr(text, '*', length) || memchr(text, '?', length)) {
		complain(c, "this is no form of an action and matches none", text);
		return;
	}
	const char *lower = arena_lower(&c->policy->arena, text);
	struct action_pattern *action = &s->actions[s->action_count++];
	action->service = action_service(lower, length);
	action->name = pattern_compile(&c->policy->arena, lower + length + 1, PATTERN_WILD);
	s->services |= service_bit(action->service);
}

/* "type*", "*" and "" name no part of a type; "inst?nce/x" and "*" before a "/" do. */
static bool has_wild_type(const struct pattern *resource)
{
	bool wild = false;

	for (size_t i = 0; i < resource->length; i++) {
		uint16_t token = resource->tokens[i];
		if (token == '/' || token == ':')
			return wild;
		wild = wild || token == TOKEN_ANY || token == TOKEN_ONE;
	}
	return false;
}

static bool is_s3(const struct pattern *service)
{
	return service->length == 2 && service->tokens[0] == 's' && service->tokens[1] == '3';
}

/* Trailing parts that are left out mean anything, but that an SCP must say so by a '*', and that
 * an RCP and a resource policy are taken at their word. */
static bool fills_up(const struct policy *policy, const struct pattern *whole)
{
	if (policy->layer == LAYER_SCP)
		return whole->length && whole->tokens[whole->length - 1] == TOKEN_ANY;
	return policy->layer != LAYER_RCP && policy->layer != LAYER_RESOURCE;
}

static void compile_resource(struct compiling *c, const json_t *json)
{
	struct arena *arena = &c->policy->arena;
	struct statement *s = c->statement;
	struct resource_pattern *r = &s->resources[s->resource_count++];
	const char *text = json_string_value(json);

	if (!text) {
		complain(c, "a resource that is no text", "");
		s->doubtful = true;
		r->never = true;
		return;
	}
	r->text = arena_copy(arena, text, strlen(text));
	r->whole = pattern_compile(arena, text,
				   PATTERN_WILD | (c->variables ? PATTERN_VARIABLES : 0));
	r->all = pattern_is_all(&r->whole);
	r->count = pattern_split(&r->whole, r->parts);
	if (r->whole.broken)
		complain(c, "a variable that cannot be understood", text);
	for (size_t i = 0; i < r->count && i < 5; i++) {
		if (!pattern_has_variable(&r->parts[i]))
			continue;
		complain(c, "a variable outside of the last part of an ARN matches nothing", text);
		r->never = true;
	}
	if (r->count < 6 && !r->all && !fills_up(c->policy, &r->whole)) {
		complain(c, "this resource has fewer than six parts and matches none", text);
		r->never = true;
	}
	r->typed = r->count == 6 && !is_s3(&r->parts[2]) && has_wild_type(&r->parts[5]);
	if (r->typed && s->effect == EFFECT_EXPLICIT_DENY)
		complain(c, "a wildcard in a resource's type, which may match nothing", text);
}

typedef void compile_fn(struct compiling *c, const json_t *json);

/* Member or its Not form; both, or none where one is needed, leave the statement in doubt. */
static const json_t *either(struct compiling *c, const char *member, const char *not_member,
			    bool needed, bool *ret_not)
{
	const json_t *value = json_object_get(c->source, member);
	const json_t *others = json_object_get(c->source, not_member);

	if (value && others) {
		complain(c, "this stands beside its opposite", member);
		c->statement->doubtful = true;
	}
	if (!value && !others && needed) {
		complain(c, "there is none of this", member);
		c->statement->doubtful = true;
	}
	*ret_not = !value && others;
	return value ? value : others;
}

static void each(struct compiling *c, const json_t *value, compile_fn *fn)
{
	if (!json_is_array(value))
		fn(c, value);
	for (size_t i = 0; i < json_array_size(value); i++)
		fn(c, json_array_get(value, i));
}

static size_t how_many(const json_t *value)
{
	return json_is_array(value) ? json_array_size(value) : 1;
}

static void compile_actions(struct compiling *c)
{
	struct statement *s = c->statement;
	const json_t *value = either(c, "Action", "NotAction", true, &s->not_action);

	s->has_actions = value;
	if (!value)
		return;
	s->actions = arena_get(&c->policy->arena, (how_many(value) + 1) * sizeof(*s->actions));
	each(c, value, compile_action);
}

/* A trust policy has no resources: it is about its own role. */
static void compile_resources(struct compiling *c)
{
	struct statement *s = c->statement;
	bool needed = c->policy->layer != LAYER_RESOURCE;
	const json_t *value = either(c, "Resource", "NotResource", needed, &s->not_resource);

	s->has_resources = value;
	if (!value)
		return;
	s->resources = arena_get(&c->policy->arena, (how_many(value) + 1) * sizeof(*s->resources));
	each(c, value, compile_resource);
}

static bool takes_principals(enum policy_layer layer)
{
	return layer == LAYER_RESOURCE || layer == LAYER_ENDPOINT || layer == LAYER_RCP;
}

static void compile_principals(struct compiling *c)
{
	struct statement *s = c->statement;
	bool needed = c->policy->layer == LAYER_RESOURCE;
	const json_t *value = either(c, "Principal", "NotPrincipal", needed, &s->not_principal);

	s->has_principals = value;
	if (!value)
		return;
	if (!takes_principals(c->policy->layer)) {
		complain(c, "a policy of this kind names no principals", "");
		s->has_principals = false;
		s->doubtful = true;
		return;
	}
	s->principals = principals_compile(&c->policy->arena, value, complain, c);
}

static void compile_effect(struct compiling *c)
{
	const char *effect = jx_text(c->source, "Effect");

	c->statement->effect = text_equal(effect, "Allow") ? EFFECT_ALLOW : EFFECT_EXPLICIT_DENY;
	if (text_equal(effect, "Allow") || text_equal(effect, "Deny"))
		return;
	/* It may be meant as a Deny, and is certainly no Allow. */
	complain(c, "an effect that is neither Allow nor Deny", effect ? effect : "");
	c->statement->doubtful = true;
}

static void check_members(struct compiling *c)
{
	static const char *const known[] = {"Sid",	 "Effect",	 "Action",
					    "NotAction", "Resource",	 "NotResource",
					    "Principal", "NotPrincipal", "Condition"};
	const char *key;
	json_t *value;

	json_object_foreach ((json_t *)(uintptr_t)c->source, key, value) {
		size_t i = 0;
		while (i < sizeof(known) / sizeof(known[0]) && strcmp(known[i], key) != 0)
			i++;
		if (i < sizeof(known) / sizeof(known[0]))
			continue;
		complain(c, "a member that is not known", key);
		c->statement->doubtful = true;
	}
}

static void compile_statement(struct compiling *c)
{
	if (!json_is_object(c->source)) {
		complain(c, "a statement that is no object", "");
		c->statement->effect = EFFECT_EXPLICIT_DENY;
		c->statement->doubtful = true;
		return;
	}
	compile_effect(c);
	check_members(c);
	compile_actions(c);
	compile_resources(c);
	compile_principals(c);
	c->statement->conditions = conditions_compile(&c->policy->arena,
						      json_object_get(c->source, "Condition"),
						      c->variables, complain, c);
}

/* Only the newer version has variables; no version is the older one. */
static bool knows_variables(struct compiling *c)
{
	const json_t *version = json_object_get(c->policy->document, "Version");
	const char *text = json_string_value(version);

	if (version && !text_equal(text, "2012-10-17") && !text_equal(text, "2008-10-17"))
		complain(c, "a version of the language that is not known", text ? text : "");
	return text_equal(text, "2012-10-17");
}

struct policy *policy_compile(const json_t *document, enum policy_layer layer, const char *name)
{
	struct policy *policy = calloc(1, sizeof(*policy));
	struct compiling c = {.policy = policy, .index = SIZE_MAX};

	if (!policy)
		abort();
	policy->layer = layer;
	policy->name = arena_copy(&policy->arena, name, strlen(name));
	policy->document = json_incref((json_t *)(uintptr_t)document);
	policy->problems = json_array();
	const json_t *statements = json_object_get(document, "Statement");
	if (!statements)
		complain(&c, "a document without statements", "");
	c.variables = knows_variables(&c);
	policy->count = statements ? how_many(statements) : 0;
	policy->statements = arena_get(&policy->arena,
				       (policy->count + 1) * sizeof(struct statement));
	for (size_t i = 0; i < policy->count; i++) {
		c.index = i;
		c.source = policy_one_of(statements, i);
		c.statement = &policy->statements[i];
		compile_statement(&c);
	}
	return policy;
}

void policy_free(struct policy *policy)
{
	if (!policy)
		return;
	json_decref(policy->document);
	json_decref(policy->problems);
	arena_release(&policy->arena);
	free(policy);
}

const json_t *policy_problems(const struct policy *policy)
{
	return policy->problems;
}

const char *policy_name(const struct policy *policy)
{
	return policy->name;
}

const json_t *policy_statement_source(const struct policy *policy, size_t statement)
{
	return policy_statement(policy->document, statement);
}

json_t *policy_statement_name(const struct policy *policy, size_t statement)
{
	const char *sid = jx_text(policy_statement_source(policy, statement), "Sid");

	return sid && *sid ? jx_string(sid) : json_integer((json_int_t)statement);
}
