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
	struct context_key *keys;
	size_t count;
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

static void key_release(struct context_key *key)
{
	for (size_t i = 0; i < key->count; i++)
		free(key->values[i]);
	free(key->values);
	free(key->name);
}

void context_free(struct context *context)
{
	for (size_t i = 0; context && i < context->count; i++)
		key_release(&context->keys[i]);
	if (context)
		free(context->keys);
	free(context);
}

const struct context_key *context_find(const struct context *context, const char *name)
{
	if (!context)
		return &absent_key;
	for (size_t i = 0; i < context->count; i++) {
		if (strcmp(context->keys[i].name, name) == 0)
			return &context->keys[i];
	}
	return context->open ? &unknown_key : &absent_key;
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

/* Takes the values over. What is added again takes the place of what was there. */
static void put(struct context *context, const char *name, struct context_key key)
{
	key.name = lowered(name);
	for (size_t i = 0; i < context->count; i++) {
		if (strcmp(context->keys[i].name, key.name) == 0) {
			key_release(&context->keys[i]);
			context->keys[i] = key;
			return;
		}
	}
	context->keys = reallocarray(context->keys, context->count + 1, sizeof(*context->keys));
	if (!context->keys)
		abort();
	context->keys[context->count++] = key;
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
	key_release(&row);
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

void context_add_since(struct context *context, const char *key, time_t since)
{
	put(context, key, (struct context_key){.state = KEY_SINCE, .since = since});
}
