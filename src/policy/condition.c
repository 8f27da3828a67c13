// SPDX-License-Identifier: Apache-2.0
/*
 * Conditions: operators and keys are joined by "and", the values of a key by "or"; a negated
 * operator wants that none of its values fits.
 */
#include "compiled.h"
#include "cordon/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One value of a policy, as its operator needs it. */
struct value {
	bool broken; /* it cannot be understood: whether it fits is not known */
	union {
		struct pattern pattern;
		struct pattern *parts; /* of an ARN */
		const char *text;
		struct instant at;
		struct network network;
		struct span bytes;
		bool flag;
	};
};

/* An unresolved variable fits nothing, and what is negated does not hold by it either. */
enum fit { FIT_NO, FIT_MAYBE, FIT_YES, FIT_UNRESOLVED };

struct op {
	const char *name; /* in lower case */
	/* Makes a value; false: it is none for this operator. */
	bool (*compile)(struct arena *arena, const struct op *op, const char *text, bool variables,
			struct value *value);
	enum fit (*fits)(const struct op *op, const struct value *value, const char *text,
			 const struct context *context);
	unsigned flags; /* pattern_flags */
	bool negated;
	bool orders[3]; /* fits if the request's is less, equal, greater */
};

struct condition {
	const struct op *op; /* NULL: not known */
	enum { SET_NONE, SET_ALL, SET_ANY } set;
	bool if_exists;
	const char *key; /* in lower case */
	struct value *values;
	size_t count;
};

static enum fit fit_of(bool fits)
{
	return fits ? FIT_YES : FIT_NO;
}

static enum fit fit_of_resolved(enum resolved resolved)
{
	return resolved == UNRESOLVED ? FIT_UNRESOLVED : FIT_MAYBE;
}

/* The request's value is not of the operator's form: it fits nothing, and whether it is therefore
 * "not equal" AWS does not say. */
static enum fit fit_of_none(const struct op *op)
{
	return op->negated ? FIT_MAYBE : FIT_NO;
}

static bool compile_text(struct arena *arena, const struct op *op, const char *text, bool variables,
			 struct value *value)
{
	value->pattern = pattern_compile(arena, text,
					 op->flags | (variables ? PATTERN_VARIABLES : 0));
	return !value->pattern.broken;
}

/* Folds the tokens, for what a variable brought has its own case. */
static bool equal_nocase(const struct pattern *pattern, const char *text)
{
	size_t i = 0;

	for (; i < pattern->length && text[i]; i++) {
		char a[2] = {(char)pattern->tokens[i], '\0'};
		char b[2] = {text[i], '\0'};
		if (pattern->tokens[i] > 255 || !text_equal_nocase(a, b))
			return false;
	}
	return i == pattern->length && !text[i];
}

static enum fit fits_pattern(const struct value *value, const char *text,
			     const struct context *context, bool nocase)
{
	struct pattern pattern;
	uint16_t *made = NULL;
	enum resolved resolved = pattern_resolve(&value->pattern, context, &pattern, &made);

	if (resolved != RESOLVED)
		return fit_of_resolved(resolved);
	bool fits = nocase ? equal_nocase(&pattern, text)
			   : pattern_matches(&pattern, (struct span){text, strlen(text)}, false);
	free(made);
	return fit_of(fits);
}

static enum fit fits_text(const struct op *op, const struct value *value, const char *text,
			  const struct context *context)
{
	(void)op;
	return fits_pattern(value, text, context, false);
}

static enum fit fits_nocase(const struct op *op, const struct value *value, const char *text,
			    const struct context *context)
{
	(void)op;
	return fits_pattern(value, text, context, true);
}

static bool compile_arn(struct arena *arena, const struct op *op, const char *text, bool variables,
			struct value *value)
{
	struct pattern whole = pattern_compile(arena, text,
					       op->flags | (variables ? PATTERN_VARIABLES : 0));

	value->parts = arena_get(arena, 6 * sizeof(struct pattern));
	return !whole.broken && pattern_split(&whole, value->parts) == 6;
}

static enum fit fits_arn(const struct op *op, const struct value *value, const char *text,
			 const struct context *context)
{
	struct span parts[6];
	enum fit fit = FIT_YES;

	(void)op;
	if (span_split(text, parts) != 6)
		return FIT_NO;
	for (size_t i = 0; i < 6; i++) {
		struct pattern pattern;
		uint16_t *made = NULL;
		enum resolved resolved = pattern_resolve(&value->parts[i], context, &pattern,
							 &made);
		if (resolved == UNRESOLVED)
			return FIT_UNRESOLVED;
		if (resolved == RESOLVED_UNKNOWN) {
			fit = FIT_MAYBE;
			continue;
		}
		bool fits = pattern_matches(&pattern, parts[i], false);
		free(made);
		if (!fits)
			return FIT_NO;
	}
	return fit;
}

static bool compile_decimal(struct arena *arena, const struct op *op, const char *text,
			    bool variables, struct value *value)
{
	(void)op;
	(void)variables;
	value->text = arena_copy(arena, text, strlen(text));
	return compare_is_decimal(text);
}

static enum fit fits_decimal(const struct op *op, const struct value *value, const char *text,
			     const struct context *context)
{
	int order = 0;

	(void)context;
	if (!compare_decimal(text, value->text, &order))
		return fit_of_none(op);
	return fit_of(op->orders[order + 1]);
}

static bool compile_instant(struct arena *arena, const struct op *op, const char *text,
			    bool variables, struct value *value)
{
	(void)arena;
	(void)op;
	(void)variables;
	return instant_parse(text, &value->at);
}

static enum fit fits_instant(const struct op *op, const struct value *value, const char *text,
			     const struct context *context)
{
	struct instant at;

	(void)context;
	if (!instant_parse(text, &at))
		return fit_of_none(op);
	return fit_of(op->orders[instant_compare(at, value->at) + 1]);
}

/* Of a time that can only grow: what fits now and always, and what never will again. */
static enum fit fits_since(const struct op *op, const struct value *value, time_t since)
{
	struct instant from = {.seconds = since};

	if (instant_compare(from, value->at) > 0)
		return fit_of(op->orders[2]);
	return op->orders[0] && op->orders[1] && op->orders[2] ? FIT_YES : FIT_MAYBE;
}

static bool compile_bool(struct arena *arena, const struct op *op, const char *text, bool variables,
			 struct value *value)
{
	if (!compile_text(arena, op, text, variables, value))
		return false;
	return text_equal_nocase(text, "true") || text_equal_nocase(text, "false") ||
	       pattern_has_variable(&value->pattern);
}

static bool compile_network(struct arena *arena, const struct op *op, const char *text,
			    bool variables, struct value *value)
{
	(void)arena;
	(void)op;
	(void)variables;
	return network_parse(text, &value->network);
}

static enum fit fits_network(const struct op *op, const struct value *value, const char *text,
			     const struct context *context)
{
	struct network address;

	(void)context;
	if (!network_parse(text, &address))
		return fit_of_none(op);
	return fit_of(network_has(&value->network, &address));
}

static bool compile_bytes(struct arena *arena, const struct op *op, const char *text,
			  bool variables, struct value *value)
{
	(void)op;
	(void)variables;
	return base64_decode(arena, text, &value->bytes);
}

static enum fit fits_bytes(const struct op *op, const struct value *value, const char *text,
			   const struct context *context)
{
	(void)op;
	(void)context;
	return fit_of(strlen(text) == value->bytes.length &&
		      memcmp(text, value->bytes.text, value->bytes.length) == 0);
}

static bool compile_null(struct arena *arena, const struct op *op, const char *text, bool variables,
			 struct value *value)
{
	(void)arena;
	(void)op;
	(void)variables;
	value->flag = text_equal_nocase(text, "true");
	return value->flag || text_equal_nocase(text, "false");
}

#define ROW(word, make, test, ...)                                             \
	{                                                                      \
		.name = (word), .compile = (make), .fits = (test), __VA_ARGS__ \
	}
#define TEXT(word, ...) ROW(word, compile_text, fits_text, __VA_ARGS__)
#define NOCASE(word, ...) ROW(word, compile_text, fits_nocase, __VA_ARGS__)
#define ARN(word, ...) ROW(word, compile_arn, fits_arn, .flags = PATTERN_WILD, __VA_ARGS__)
#define DECIMAL(word, ...) ROW(word, compile_decimal, fits_decimal, .orders = {__VA_ARGS__})
#define INSTANT(word, ...) ROW(word, compile_instant, fits_instant, .orders = {__VA_ARGS__})
#define NETWORK(word, ...) ROW(word, compile_network, fits_network, __VA_ARGS__)

static const struct op ops[] = {
	TEXT("stringequals"),
	TEXT("stringnotequals", .negated = true),
	NOCASE("stringequalsignorecase"),
	NOCASE("stringnotequalsignorecase", .negated = true),
	TEXT("stringlike", .flags = PATTERN_WILD),
	TEXT("stringnotlike", .flags = PATTERN_WILD, .negated = true),
	DECIMAL("numericequals", false, true, false),
	ROW("numericnotequals", compile_decimal, fits_decimal, .negated = true,
	    .orders = {false, true, false}),
	DECIMAL("numericlessthan", true, false, false),
	DECIMAL("numericlessthanequals", true, true, false),
	DECIMAL("numericgreaterthan", false, false, true),
	DECIMAL("numericgreaterthanequals", false, true, true),
	INSTANT("dateequals", false, true, false),
	ROW("datenotequals", compile_instant, fits_instant, .negated = true,
	    .orders = {false, true, false}),
	INSTANT("datelessthan", true, false, false),
	INSTANT("datelessthanequals", true, true, false),
	INSTANT("dategreaterthan", false, false, true),
	INSTANT("dategreaterthanequals", false, true, true),
	ROW("bool", compile_bool, fits_nocase),
	ROW("binaryequals", compile_bytes, fits_bytes),
	NETWORK("ipaddress"),
	NETWORK("notipaddress", .negated = true),
	ARN("arnequals"),
	ARN("arnlike"),
	ARN("arnnotequals", .negated = true),
	ARN("arnnotlike", .negated = true),
	ROW("null", compile_null, NULL),
};

static const struct op *find_op(const char *name)
{
	for (size_t i = 0; i < sizeof(ops) / sizeof(ops[0]); i++) {
		if (text_equal(ops[i].name, name))
			return &ops[i];
	}
	return NULL;
}

static bool is_null(const struct op *op)
{
	return op->compile == compile_null;
}

/* "ForAnyValue:StringLikeIfExists" taken apart. */
static void read_operator(struct arena *arena, const char *text, struct condition *condition)
{
	static const char suffix[] = "ifexists";
	char *name = arena_lower(arena, text);

	if (text_has_prefix(name, "forallvalues:"))
		condition->set = SET_ALL;
	else if (text_has_prefix(name, "foranyvalue:"))
		condition->set = SET_ANY;
	if (condition->set != SET_NONE)
		name = strchr(name, ':') + 1;
	condition->if_exists = text_has_suffix(name, suffix);
	if (condition->if_exists)
		name[strlen(name) - strlen(suffix)] = '\0';
	const struct op *found = find_op(name);
	bool bare = condition->set == SET_NONE && !condition->if_exists;
	condition->op = found && is_null(found) && !bare ? NULL : found;
}

/* Values may be JSON booleans and numbers too. */
static const char *value_text(const json_t *value, char out[static 64])
{
	if (json_is_boolean(value))
		return json_is_true(value) ? "true" : "false";
	if (json_is_integer(value))
		snprintf(out, 64, "%lld", (long long)json_integer_value(value));
	else if (json_is_real(value))
		snprintf(out, 64, "%.17g", json_real_value(value));
	else
		return json_string_value(value);
	return out;
}

struct compiling {
	struct arena *arena;
	bool variables;
	complain_fn *complain;
	void *arg;
};

static void compile_value(const struct compiling *c, const struct condition *condition,
			  const json_t *json, struct value *value)
{
	char number[64];
	const char *text = value_text(json, number);

	if (text && condition->op->compile(c->arena, condition->op, text, c->variables, value))
		return;
	value->broken = true;
	c->complain(c->arg, "a condition's value is not of its operator's form",
		    text ? text : "neither text, number nor boolean");
}

static void compile_values(const struct compiling *c, struct condition *condition,
			   const json_t *values)
{
	bool many = json_is_array(values);

	condition->count = many ? json_array_size(values) : 1;
	condition->values = arena_get(c->arena, (condition->count + 1) * sizeof(struct value));
	for (size_t i = 0; i < condition->count; i++)
		compile_value(c, condition, many ? json_array_get(values, i) : values,
			      &condition->values[i]);
}

static size_t count_conditions(const json_t *block)
{
	size_t count = 0;
	const char *name;
	json_t *keys;

	json_object_foreach ((json_t *)(uintptr_t)block, name, keys)
		count += json_object_size(keys);
	return count;
}

static void compile_operator(const struct compiling *c, struct condition_list *list,
			     const char *name, const json_t *keys)
{
	struct condition row = {.set = SET_NONE};
	const char *key;
	json_t *values;

	read_operator(c->arena, name, &row);
	if (!row.op)
		c->complain(c->arg, "an operator that is not known", name);
	json_object_foreach ((json_t *)(uintptr_t)keys, key, values) {
		struct condition *condition = &list->conditions[list->count++];
		*condition = row;
		condition->key = arena_lower(c->arena, key);
		if (row.op)
			compile_values(c, condition, values);
	}
}

struct condition_list conditions_compile(struct arena *arena, const json_t *condition,
					 bool variables, complain_fn *complain, void *arg)
{
	const struct compiling c = {
		.arena = arena, .variables = variables, .complain = complain, .arg = arg};
	struct condition_list list = {.count = 0};
	const char *name;
	json_t *keys;

	if (condition && !json_is_object(condition)) {
		complain(arg, "a condition that is no object", "");
		list.broken = true;
		return list;
	}
	list.conditions = arena_get(arena,
				    (count_conditions(condition) + 1) * sizeof(struct condition));
	json_object_foreach ((json_t *)(uintptr_t)condition, name, keys) {
		if (json_is_object(keys)) {
			compile_operator(&c, &list, name, keys);
			continue;
		}
		complain(arg, "an operator without keys", name);
		list.broken = true;
	}
	return list;
}

static enum truth truth_of(enum fit fit)
{
	return fit == FIT_YES ? TRUTH_YES : fit == FIT_MAYBE ? TRUTH_MAYBE : TRUTH_NO;
}

/* Whether one value of the request satisfies the operator. */
static enum truth satisfies(const struct condition *condition, const struct context *context,
			    const struct context_key *key, const char *text)
{
	const struct op *op = condition->op;
	enum truth found = TRUTH_NO;

	for (size_t i = 0; i < condition->count; i++) {
		const struct value *value = &condition->values[i];
		enum fit fit = FIT_MAYBE;
		if (!value->broken && text)
			fit = op->fits(op, value, text, context);
		else if (!value->broken && op->fits == fits_instant)
			fit = fits_since(op, value, key->since);
		if (fit == FIT_UNRESOLVED && op->negated)
			return TRUTH_NO;
		found = truth_or(found, truth_of(fit));
	}
	return op->negated ? truth_not(found) : found;
}

static enum truth null_holds(const struct condition *condition, const struct context_key *key)
{
	bool absent = key->state == KEY_ABSENT || (key->state == KEY_MANY && key->count == 0);
	enum truth found = TRUTH_NO;

	for (size_t i = 0; i < condition->count; i++) {
		if (condition->values[i].broken || key->state == KEY_UNKNOWN)
			found = truth_or(found, TRUTH_MAYBE);
		else if (condition->values[i].flag == absent)
			found = TRUTH_YES;
	}
	return found;
}

static enum truth absent_holds(const struct condition *condition)
{
	if (condition->if_exists || condition->set == SET_ALL)
		return TRUTH_YES;
	if (condition->set == SET_ANY)
		return TRUTH_NO;
	return condition->op->negated ? TRUTH_YES : TRUTH_NO;
}

static enum truth values_hold(const struct condition *condition, const struct context *context,
			      const struct context_key *key)
{
	enum truth found = condition->set == SET_ALL ? TRUTH_YES : TRUTH_NO;

	if (key->state == KEY_MANY && condition->set == SET_NONE)
		return TRUTH_NO;
	for (size_t i = 0; i < key->count; i++) {
		/* An empty value is no value to ForAllValues. */
		if (condition->set == SET_ALL && key->state == KEY_ONE && !*key->values[0])
			break;
		enum truth one = satisfies(condition, context, key, key->values[i]);
		found = condition->set == SET_ALL ? truth_and(found, one) : truth_or(found, one);
	}
	return found;
}

static enum truth condition_holds(const struct condition *condition, const struct context *context)
{
	const struct context_key *key = context_find(context, condition->key);

	if (!condition->op)
		return TRUTH_MAYBE;
	if (is_null(condition->op))
		return null_holds(condition, key);
	switch (key->state) {
	case KEY_ABSENT:
		return absent_holds(condition);
	case KEY_UNKNOWN:
		return TRUTH_MAYBE;
	case KEY_SINCE:
		return satisfies(condition, context, key, NULL);
	case KEY_ONE:
	case KEY_MANY:
		break;
	}
	return values_hold(condition, context, key);
}

enum truth conditions_hold(const struct condition_list *list, const struct context *context)
{
	enum truth found = list->broken ? TRUTH_MAYBE : TRUTH_YES;

	for (size_t i = 0; i < list->count && found != TRUTH_NO; i++)
		found = truth_and(found, condition_holds(&list->conditions[i], context));
	return found;
}

static bool reads(const struct op *op, const char *text)
{
	struct span parts[6];
	struct network address;
	struct instant at;

	if (op->fits == fits_arn)
		return span_split(text, parts) == 6;
	if (op->fits == fits_decimal)
		return compare_is_decimal(text);
	if (op->fits == fits_instant)
		return instant_parse(text, &at);
	if (op->fits == fits_network)
		return network_parse(text, &address);
	if (op->compile == compile_bool)
		return text_equal_nocase(text, "true") || text_equal_nocase(text, "false");
	return true;
}

const char *conditions_unreadable(const struct condition_list *list, const struct context *context)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct condition *condition = &list->conditions[i];
		const struct context_key *key = context_find(context, condition->key);
		for (size_t n = 0; condition->op && n < key->count; n++) {
			if (!reads(condition->op, key->values[n]))
				return key->values[n];
		}
	}
	return NULL;
}
