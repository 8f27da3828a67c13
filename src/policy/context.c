// SPDX-License-Identifier: Apache-2.0
/* The condition keys of a request. */
#include "compiled.h"
#include "cordon/text.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct context {
	bool open;
	char *closed;		  /* a prefix in lower case, or NULL */
	struct context_key *keys; /* linked */
};

static const struct context_key absent_key = {.state = KEY_ABSENT};
static const struct context_key unknown_key = {.state = KEY_UNKNOWN};

struct context *context_new(bool open)
{
	struct context *context = calloc(1, sizeof(*context));

	if (!context)
		abort();
	context->open = open;
	return context;
}

static void values_release(struct context_key *key)
{
	for (size_t i = 0; i < key->count; i++)
		free(key->values[i]);
	free(key->values);
	key->values = NULL;
	key->count = 0;
}

void context_free(struct context *context)
{
	if (!context)
		return;
	while (context->keys) {
		struct context_key *next = context->keys->next;
		values_release(context->keys);
		free(context->keys->name);
		free(context->keys);
		context->keys = next;
	}
	free(context->closed);
	free(context);
}

const struct context_key *context_find(const struct context *context, const char *name)
{
	if (!context)
		return &absent_key;
	for (const struct context_key *key = context->keys; key; key = key->next) {
		if (strcmp(key->name, name) == 0)
			return key;
	}
	if (!context->open || (context->closed && text_has_prefix(name, context->closed)))
		return &absent_key;
	return &unknown_key;
}

static char *lowered(const char *text)
{
	char *copy = strdup(text);

	if (!copy)
		abort();
	for (char *c = copy; *c; c++)
		*c = (char)tolower((unsigned char)*c);
	return copy;
}

/* The key of a name, made if it is not there. */
static struct context_key *slot(struct context *context, const char *name)
{
	char *lower = lowered(name);

	for (struct context_key *key = context->keys; key; key = key->next) {
		if (strcmp(key->name, lower) == 0) {
			free(lower);
			return key;
		}
	}
	struct context_key *made = calloc(1, sizeof(*made));
	if (!made)
		abort();
	made->name = lower;
	made->next = context->keys;
	context->keys = made;
	return made;
}

/* Takes the values over. What is added again takes the place of what was there. */
static void put(struct context *context, const char *name, struct context_key key)
{
	struct context_key *to = slot(context, name);

	values_release(to);
	to->state = key.state;
	to->values = key.values;
	to->count = key.count;
	to->since = key.since;
}

/* A number as it would stand in a request. */
static char *text_of(const json_t *value)
{
	char number[64];

	switch (json_typeof(value)) {
	case JSON_STRING:
		return strdup(json_string_value(value));
	case JSON_TRUE:
		return strdup("true");
	case JSON_FALSE:
		return strdup("false");
	case JSON_INTEGER:
		snprintf(number, sizeof(number), "%lld", (long long)json_integer_value(value));
		return strdup(number);
	case JSON_REAL:
		snprintf(number, sizeof(number), "%.17g", json_real_value(value));
		return strdup(number);
	default:
		return NULL;
	}
}

bool context_add(struct context *context, const char *key, const json_t *value)
{
	bool many = json_is_array(value);
	size_t count = many ? json_array_size(value) : 1;
	struct context_key row = {.state = many ? KEY_MANY : KEY_ONE};

	row.values = calloc(count + 1, sizeof(*row.values));
	if (!row.values)
		abort();
	for (; value && row.count < count; row.count++) {
		row.values[row.count] = text_of(many ? json_array_get(value, row.count) : value);
		if (!row.values[row.count])
			break;
	}
	if (row.count == count) {
		put(context, key, row);
		return true;
	}
	values_release(&row);
	return false;
}

void context_add_text(struct context *context, const char *key, const char *value)
{
	json_t *text = json_string_nocheck(value);

	if (!text)
		abort();
	context_add(context, key, text);
	json_decref(text);
}

void context_add_absent(struct context *context, const char *key)
{
	put(context, key, (struct context_key){.state = KEY_ABSENT});
}

void context_close(struct context *context, const char *prefix)
{
	free(context->closed);
	context->closed = lowered(prefix);
}

void context_add_since(struct context *context, const char *key, time_t since)
{
	put(context, key, (struct context_key){.state = KEY_SINCE, .since = since});
}
