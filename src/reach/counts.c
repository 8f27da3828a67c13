// SPDX-License-Identifier: Apache-2.0
/* How much of what is known is allowed or denied, and by which statements. */
#include "internal.h"

#include "cordon/err.h"
#include "cordon/json.h"

#include <stdlib.h>
#include <string.h>

enum { SUCH_AS = 3 };

struct known_actions *reach_actions(void)
{
	struct known_actions *actions = calloc(1, sizeof(*actions));
	struct err ignored = ERR_INIT;

	if (!actions || known_actions_read(NULL, 0, "", actions, &ignored))
		abort(); /* they are compiled into the program */
	return actions;
}

void reach_actions_free(struct known_actions *actions)
{
	if (actions)
		known_actions_release(actions);
	free(actions);
}

void count_one(struct reach_count *count, const struct reach_answer *answer)
{
	count->known++;
	switch (answer->may.effect) {
	case EFFECT_ALLOW:
		count->allowed++;
		count->conditional += answer->must.effect != EFFECT_ALLOW;
		count->bounded += answer->bounded;
		count->undeniable += answer->may.rule != NULL;
		break;
	case EFFECT_EXPLICIT_DENY:
		count->explicit_deny++;
		break;
	case EFFECT_IMPLICIT_DENY:
		count->implicit_deny++;
		break;
	}
}

void add_counts(json_t *out, const struct reach_count *count)
{
	jx_set(out, "known", json_integer((json_int_t)count->known));
	jx_set(out, "allowed", json_integer((json_int_t)count->allowed));
	jx_set(out, "conditional", json_integer((json_int_t)count->conditional));
	jx_set(out, "bounded", json_integer((json_int_t)count->bounded));
	jx_set(out, "explicit_deny", json_integer((json_int_t)count->explicit_deny));
	jx_set(out, "implicit_deny", json_integer((json_int_t)count->implicit_deny));
}

/* A statement, and how many actions it decides. */
struct decider {
	struct decision decision;
	size_t actions;
};

struct tally {
	struct decider *rows;
	size_t count, size;
};

static bool is_same(const struct decision *a, const struct decision *b)
{
	return a->policy == b->policy && a->statement == b->statement && a->rule == b->rule &&
	       a->layer == b->layer;
}

/* The one that decided the action before decides most often: it stands in front. */
static void tally_add(struct tally *tally, const struct decision *decision)
{
	size_t i = 0;

	while (i < tally->count && !is_same(&tally->rows[i].decision, decision))
		i++;
	if (i == tally->size) {
		tally->size = tally->size ? 2 * tally->size : 16;
		tally->rows = reallocarray(tally->rows, tally->size, sizeof(*tally->rows));
		if (!tally->rows)
			abort();
	}
	if (i == tally->count)
		tally->rows[tally->count++] = (struct decider){.decision = *decision};
	tally->rows[i].actions++;
}

static int by_actions(const void *a, const void *b)
{
	const struct decider *x = a;
	const struct decider *y = b;

	if (x->actions != y->actions)
		return x->actions > y->actions ? -1 : 1;
	if (x->decision.statement != y->decision.statement)
		return x->decision.statement < y->decision.statement ? -1 : 1;
	return 0;
}

/* Without condition or variable: so decided whoever asks, when and how. */
static bool is_fixed(const struct decision *decision)
{
	const json_t *source = decision->policy ? policy_statement_source(decision->policy,
									  decision->statement)
						: NULL;

	if (!source || json_object_get(source, "Condition"))
		return false;
	char *text = jx_compact(source);
	bool fixed = !strstr(text, "${");
	free(text);
	return fixed;
}

static bool all_fixed(const struct tally *tally)
{
	size_t i = 0;

	while (i < tally->count && is_fixed(&tally->rows[i].decision))
		i++;
	return i == tally->count;
}

static json_t *tally_end(struct tally *tally)
{
	json_t *out = json_array();

	if (tally->count)
		qsort(tally->rows, tally->count, sizeof(*tally->rows), by_actions);
	for (size_t i = 0; i < tally->count; i++) {
		json_t *row = json_object();
		reach_by(row, &tally->rows[i].decision);
		jx_set(row, "actions", json_integer((json_int_t)tally->rows[i].actions));
		jx_push(out, row);
	}
	free(tally->rows);
	return out;
}

/* One statement decides whatever is asked: not each action has to be held against it. */
static bool is_one_for_all(const struct reach *reach, struct reach_answer *ret_answer)
{
	struct reach_answer any;

	if (reach->query.undenied || !policy_denies_everything(&reach->set, &ret_answer->may))
		return false;
	ret_answer->must = ret_answer->may;
	ret_answer->bounded = false;
	/* A principal that cannot be read is bound by nothing. */
	reach_may(reach, "iam:GetUser", NULL, &any);
	return any.may.effect == EFFECT_EXPLICIT_DENY;
}

/* What no policy can deny is of STS. */
static bool is_sts(const char *action)
{
	return strncmp(action, "sts:", 4) == 0;
}

struct counting {
	const struct reach *reach;
	struct reach_count count;
	struct tally allowed, denied;
	json_t *such_as;
};

static void count_action(struct counting *c, const struct known_action *action,
			 const struct reach_answer *answer)
{
	count_one(&c->count, answer);
	if (answer->may.effect == EFFECT_ALLOW)
		tally_add(&c->allowed, &answer->may);
	else if (answer->may.effect == EFFECT_EXPLICIT_DENY)
		tally_add(&c->denied, &answer->may);
	if (answer->may.effect == EFFECT_ALLOW && !answer->may.rule &&
	    json_array_size(c->such_as) < SUCH_AS)
		jx_push(c->such_as, reach_explain(c->reach, action->name,
						  action->has_resources ? NULL : "*", answer));
}

json_t *reach_counts(const struct reach *reach, const struct known_actions *actions)
{
	struct counting c = {.reach = reach, .such_as = json_array()};
	struct reach_answer everything;
	bool one = is_one_for_all(reach, &everything);
	json_t *out = json_object();

	for (size_t i = 0; i < actions->count; i++) {
		const struct known_action *action = &actions->rows[i];
		struct reach_answer answer;
		if (!one || is_sts(action->name))
			reach_may(reach, action->name, action->has_resources ? NULL : "*", &answer);
		count_action(&c, action, one && !is_sts(action->name) ? &everything : &answer);
	}
	add_counts(out, &c.count);
	jx_set(out, "undeniable", json_integer((json_int_t)c.count.undeniable));
	jx_set(out, "unconditional",
	       json_boolean(c.count.explicit_deny + c.count.undeniable == c.count.known &&
			    all_fixed(&c.denied)));
	jx_set(out, "allowed_by", tally_end(&c.allowed));
	jx_set(out, "denied_by", tally_end(&c.denied));
	jx_set(out, "such_as", c.such_as);
	return out;
}

json_t *reach_summary(const struct reach *reach, const struct known_actions *actions)
{
	json_t *out = reach_counts(reach, actions);
	json_auto_t *paths = reach_paths(reach);
	json_auto_t *undo = reach_undo(reach);
	json_t *names = json_array();
	json_int_t open = 0;
	json_t *item;
	size_t i;

	json_array_foreach (paths, i, item)
		open += json_is_true(json_object_get(item, "open"));
	json_array_foreach (undo, i, item)
		json_array_append(names, json_object_get(item, "action"));
	jx_set(out, "paths", json_integer((json_int_t)json_array_size(paths)));
	jx_set(out, "paths_open", json_integer(open));
	jx_set(out, "undo", names);
	return out;
}
