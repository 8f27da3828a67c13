// SPDX-License-Identifier: Apache-2.0
#include "query_json.h"

#include "cordon/buf.h"
#include "cordon/err.h"
#include "cordon/json.h"
#include "cordon/query.h"
#include "cordon/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static json_t *wire_value(const struct shape *shape, const json_t *value);

static json_t *wire_members(const struct member *members, const json_t *object)
{
	json_t *out = jx_pack("{}");

	for (const struct member *m = members; m && m->name; m++) {
		const json_t *value = json_object_get(object, m->name);
		if (value)
			jx_set(out, m->name, wire_value(m->shape, value));
	}
	return out;
}

static json_t *wire_list(const struct shape *item, const json_t *list)
{
	json_t *out = jx_pack("[]");
	json_t *value;
	size_t i;

	json_array_foreach (list, i, value)
		jx_push(out, wire_value(item, value));
	return out;
}

static json_t *wire_value(const struct shape *shape, const json_t *value)
{
	time_t at = 0;

	if (shape->kind == SHAPE_STRUCTURE)
		return wire_members(shape->members, value);
	if (shape->kind == SHAPE_LIST)
		return wire_list(shape->item, value);
	if (shape->kind == SHAPE_TIME && text_parse_time(json_string_value(value), &at) == 0)
		return json_integer((json_int_t)at);
	return jx_copy(value);
}

void query_json_encode(const struct operation *op, const json_t *parameters, struct buf *out)
{
	json_auto_t *body = wire_members(op->input, parameters);
	char *text = jx_compact(body);

	buf_add(out, text);
	free(text);
}

static json_t *take_value(const struct shape *shape, const json_t *value);

/* NULL where a member is of another kind. null is as good as not there. */
static json_t *take_members(const struct member *members, const json_t *object)
{
	json_auto_t *out = jx_pack("{}");

	for (const struct member *m = members; m && m->name; m++) {
		const json_t *value = json_object_get(object, m->name);
		if (!value || json_is_null(value) || m->shape->kind == SHAPE_SECRET)
			continue;
		json_t *taken = take_value(m->shape, value);
		if (!taken)
			return NULL;
		jx_set(out, m->name, taken);
	}
	return json_is_object(object) ? json_incref(out) : NULL;
}

static json_t *take_list(const struct shape *item, const json_t *list)
{
	json_auto_t *out = jx_pack("[]");
	json_t *value;
	size_t i;

	json_array_foreach (list, i, value) {
		json_t *taken = take_value(item, value);
		if (!taken)
			return NULL;
		jx_push(out, taken);
	}
	return json_is_array(list) ? json_incref(out) : NULL;
}

static json_t *take_time(const json_t *value)
{
	char text[TEXT_TIME_SIZE];
	double at = json_number_value(value);

	if (!json_is_number(value) || !(at >= 0 && at < 253e9))
		return NULL;
	text_time((time_t)at, text);
	return jx_string(text);
}

static json_t *take_value(const struct shape *shape, const json_t *value)
{
	bool fits = false;

	switch (shape->kind) {
	case SHAPE_STRUCTURE:
		return take_members(shape->members, value);
	case SHAPE_LIST:
		return take_list(shape->item, value);
	case SHAPE_TIME:
		return take_time(value);
	case SHAPE_INTEGER:
		fits = json_is_integer(value);
		break;
	case SHAPE_BOOLEAN:
		fits = json_is_boolean(value);
		break;
	case SHAPE_STRING:
	case SHAPE_DOCUMENT:
		fits = json_is_string(value);
		break;
	case SHAPE_MAP:
		fits = json_is_object(value);
		break;
	case SHAPE_SECRET:
		break;
	}
	return fits ? jx_copy(value) : NULL;
}

json_t *query_json_decode(const struct operation *op, const char *body, size_t length,
			  struct err *err)
{
	/* A NUL in the text of one event is no reason to lose the others; jansson bounds depth. */
	json_auto_t *whole = json_loadb(body, length, JSON_ALLOW_NUL, NULL);
	json_t *reply = NULL;

	if (!whole) {
		err_set(err, ERR_PROTOCOL, "the reply is no JSON");
		return NULL;
	}
	reply = take_members(op->output, whole);
	if (!reply)
		err_set(err, ERR_PROTOCOL, "the reply is not the one of this operation");
	return reply;
}

/* "com.example#ThrottlingException:http://..." is ThrottlingException. */
static void bare_code(const char *type, char *ret_code, size_t size)
{
	size_t length = strcspn(type, ":");
	const char *hash = memrchr(type, '#', length);
	const char *start = hash ? hash + 1 : type;

	snprintf(ret_code, size, "%.*s", (int)(length - (size_t)(start - type)), start);
}

int query_json_error(int status, const char *type, const char *body, size_t length, struct err *err)
{
	json_auto_t *v = jx_read_lenient(body, length);
	const char *named = jx_text(v, "__type");
	const char *message = jx_text(v, "message");
	char code[sizeof(err->aws_code)] = "";

	if (!named || !*named)
		named = type;
	if (named)
		bare_code(named, code, sizeof(code));
	if (!*code)
		return -1;
	if (!message)
		message = jx_text(v, "Message");
	err_set(err, query_error_code(code, status), "%s%s%s", code,
		message && *message ? ": " : "", message ? message : "");
	memcpy(err->aws_code, code, sizeof(code));
	return 0;
}
