// SPDX-License-Identifier: Apache-2.0
#include "cordon/query.h"

#include "cordon/buf.h"
#include "cordon/err.h"
#include "cordon/text.h"
#include "query_json.h"

#include <stdio.h>
#include <string.h>

enum { NAME_MAX_LENGTH = 256 };

struct encoder {
	const struct operation *op;
	struct buf *out;
	struct err *err;
};

static int add_value(const struct encoder *e, const char *name, const struct shape *shape,
		     const json_t *value);

static void add_pair(const struct encoder *e, const char *name, const char *text, size_t length)
{
	if (e->out->length)
		buf_add(e->out, "&");
	text_percent_encode(e->out, name, strlen(name));
	buf_add(e->out, "=");
	text_percent_encode(e->out, text, length);
}

static void add_text(const struct encoder *e, const char *name, const char *text)
{
	add_pair(e, name, text, strlen(text));
}

/* A document that still is an object holds late-bound values, and must not get here. */
static int add_scalar(const struct encoder *e, const char *name, const json_t *value)
{
	char number[32];

	switch (json_typeof(value)) {
	case JSON_STRING:
		add_pair(e, name, json_string_value(value), json_string_length(value));
		return 0;
	case JSON_TRUE:
	case JSON_FALSE:
		add_text(e, name, json_is_true(value) ? "true" : "false");
		return 0;
	case JSON_INTEGER:
		snprintf(number, sizeof(number), "%lld", (long long)json_integer_value(value));
		add_text(e, name, number);
		return 0;
	default:
		return err_set(e->err, ERR_REFUSED, "%s: %s is not a value that can be sent",
			       e->op->name, name);
	}
}

/* Writes "before.part" or, for a number above 0, "before.part.number". */
static int join(const struct encoder *e, char ret_name[static NAME_MAX_LENGTH], const char *before,
		const char *part, size_t number)
{
	char digits[24] = "";

	if (number)
		snprintf(digits, sizeof(digits), ".%zu", number);
	int n = snprintf(ret_name, NAME_MAX_LENGTH, "%s%s%s%s", before, *before ? "." : "", part,
			 digits);
	if (n < 0 || n >= NAME_MAX_LENGTH)
		return err_set(e->err, ERR_REFUSED, "%s: a parameter is nested too deeply",
			       e->op->name);
	return 0;
}

static int add_members(const struct encoder *e, const char *prefix, const struct member *members,
		       const json_t *object)
{
	char name[NAME_MAX_LENGTH];

	for (const struct member *m = members; m && m->name; m++) {
		const json_t *value = json_object_get(object, m->name);

		if (!value)
			continue;
		if (join(e, name, prefix, m->name, 0) || add_value(e, name, m->shape, value))
			return -1;
	}
	return 0;
}

/* An empty list is sent as an empty value: without it, AWS would leave the list as it is. */
static int add_list(const struct encoder *e, const char *name, const struct shape *item,
		    const json_t *array)
{
	char item_name[NAME_MAX_LENGTH];
	size_t count = json_array_size(array);

	if (count == 0)
		add_text(e, name, "");
	for (size_t i = 0; i < count; i++) {
		if (join(e, item_name, name, "member", i + 1) ||
		    add_value(e, item_name, item, json_array_get(array, i)))
			return -1;
	}
	return 0;
}

static int add_map(const struct encoder *e, const char *name, const struct shape *item,
		   const json_t *object)
{
	char entry[NAME_MAX_LENGTH];
	char part[NAME_MAX_LENGTH];
	const char *key = NULL;
	json_t *value = NULL;
	size_t i = 0;

	json_object_foreach ((json_t *)(uintptr_t)object, key, value) {
		if (join(e, entry, name, "entry", ++i) || join(e, part, entry, "key", 0))
			return -1;
		add_text(e, part, key);
		if (join(e, part, entry, "value", 0) || add_value(e, part, item, value))
			return -1;
	}
	return 0;
}

static int add_value(const struct encoder *e, const char *name, const struct shape *shape,
		     const json_t *value)
{
	switch (shape->kind) {
	case SHAPE_STRUCTURE:
		return add_members(e, name, shape->members, value);
	case SHAPE_LIST:
		return add_list(e, name, shape->item, value);
	case SHAPE_MAP:
		return add_map(e, name, shape->item, value);
	default:
		return add_scalar(e, name, value);
	}
}

static int add_form(const struct encoder *e, const char *version, const json_t *parameters,
		    const char *marker)
{
	add_text(e, "Action", e->op->name);
	add_text(e, "Version", version);
	if (add_members(e, "", e->op->input, parameters))
		return -1;
	if (marker)
		add_text(e, "Marker", marker);
	return 0;
}

int query_encode(const struct operation *op, const json_t *parameters, const char *marker,
		 struct buf *out, struct err *err)
{
	struct encoder e = {.op = op, .out = out, .err = err};
	const char *version = operation_version(op->service);

	if (operation_check(op, parameters, err))
		return -1;
	if (!version)
		return err_set(err, ERR_REFUSED, "%s: no such service '%s'", op->name, op->service);
	if (operation_target(op->service))
		query_json_encode(op, parameters, out);
	else if (add_form(&e, version, parameters, marker))
		return -1;
	if (out->failed)
		return err_set(err, ERR_REFUSED, "%s: the request is larger than %zu bytes",
			       op->name, out->max);
	return 0;
}
