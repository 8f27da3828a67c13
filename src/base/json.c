// SPDX-License-Identifier: Apache-2.0
#include "cordon/json.h"

#include "cordon/buf.h"
#include "cordon/err.h"
#include "cordon/text.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static json_t *json_or_die(json_t *v)
{
	if (!v)
		abort();
	return v;
}

/* Jansson recurses, so depth is counted before it sees the bytes. */
static int check_depth(const char *bytes, size_t length, const char *name, struct err *err)
{
	int depth = 0;
	int line = 1;
	int column = 0;
	bool quoted = false;

	for (size_t i = 0; i < length; i++) {
		char c = bytes[i];

		column += ((unsigned char)c & 0xc0) != 0x80;
		if (c == '\n') {
			line++;
			column = 0;
		} else if (c == '"') {
			quoted = !quoted;
		} else if (quoted) {
			if (c == '\\' && i + 1 < length && bytes[i + 1] != '\n') {
				column++;
				i++;
			}
		} else if (c == '[' || c == '{') {
			if (++depth > JX_MAX_DEPTH)
				return err_set(err, ERR_INPUT, "%s:%d:%d: nested deeper than %d",
					       name, line, column, JX_MAX_DEPTH);
		} else if (c == ']' || c == '}') {
			depth--;
		}
	}
	return 0;
}

json_t *jx_read(const char *bytes, size_t length, const char *name, struct err *err)
{
	json_error_t error;

	if (length > INT32_MAX) {
		err_set(err, ERR_INPUT, "%s: larger than %d bytes", name, INT32_MAX);
		return NULL;
	}
	if (check_depth(bytes, length, name, err))
		return NULL;
	json_t *v = json_loadb(length ? bytes : "", length, JSON_REJECT_DUPLICATES, &error);
	if (!v)
		err_set(err, ERR_INPUT, "%s:%d:%d: %s", name, error.line, error.column, error.text);
	return v;
}

json_t *jx_read_lenient(const char *bytes, size_t length)
{
	struct err ignored = ERR_INIT;

	if (length > INT32_MAX || check_depth(bytes, length, "", &ignored))
		return NULL;
	return json_loadb(length ? bytes : "", length, 0, NULL);
}

const char *jx_text(const json_t *v, const char *key)
{
	return json_string_value(json_object_get(v, key));
}

json_t *jx_at(const json_t *v, ...)
{
	/* Jansson's getters take a const value and give a changeable one; so do we. */
	json_t *at = (json_t *)(uintptr_t)v;
	va_list keys;

	va_start(keys, v);
	for (const char *key = va_arg(keys, const char *); key; key = va_arg(keys, const char *))
		at = json_object_get(at, key);
	va_end(keys);
	return at;
}

json_t *jx_find(const json_t *array, const char *key, const char *value, size_t *ret_index)
{
	for (size_t i = 0; i < json_array_size(array); i++) {
		json_t *element = json_array_get(array, i);

		if (!text_equal(jx_text(element, key), value))
			continue;
		if (ret_index)
			*ret_index = i;
		return element;
	}
	return NULL;
}

bool jx_contains(const json_t *array, const char *value)
{
	for (size_t i = 0; i < json_array_size(array); i++) {
		if (text_equal(json_string_value(json_array_get(array, i)), value))
			return true;
	}
	return false;
}

void jx_add_unique(json_t *array, const char *value)
{
	if (!jx_contains(array, value))
		jx_push(array, jx_string(value));
}

static int dump_to_buf(const char *bytes, size_t length, void *b)
{
	buf_add_bytes(b, bytes, length);
	return 0;
}

/* Not json_dumps(): its string comes from the allocator that jansson was given, and free() is not
 * the way to give it back. */
static char *dump(const json_t *v, size_t flags)
{
	autobuf struct buf b = BUF_INIT(SIZE_MAX / 4);

	if (json_dump_callback(v, dump_to_buf, &b, JSON_COMPACT | JSON_ENCODE_ANY | flags))
		abort();
	char *text = buf_steal(&b);
	if (!text)
		abort();
	return text;
}

char *jx_compact(const json_t *v)
{
	return dump(v, 0);
}

char *jx_sorted(const json_t *v)
{
	return dump(v, JSON_SORT_KEYS);
}

void jx_digest(const json_t *v, char ret_hex[static HASH_HEX_SIZE])
{
	char *text = jx_sorted(v);

	hash_sha256_hex(text, strlen(text), ret_hex);
	free(text);
}

json_t *jx_pack(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	json_t *v = json_vpack_ex(NULL, 0, format, args);
	va_end(args);
	return json_or_die(v);
}

json_t *jx_copy(const json_t *v)
{
	return json_or_die(json_deep_copy(v));
}

json_t *jx_string(const char *text)
{
	if (!text)
		return json_or_die(json_null());
	json_t *v = json_string(text);
	if (v)
		return v;
	autobuf struct buf b = BUF_INIT(SIZE_MAX / 4);
	for (size_t left = strlen(text); left;) {
		uint32_t c = 0;
		size_t n = text_utf8(text, left, &c);

		buf_add_bytes(&b, n ? text : "\xef\xbf\xbd", n ? n : 3);
		text += n ? n : 1;
		left -= n ? n : 1;
	}
	return json_or_die(json_string(buf_text(&b)));
}

void jx_set(json_t *object, const char *key, json_t *stolen)
{
	if (json_object_set_new(object, key, stolen))
		abort();
}

void jx_push(json_t *array, json_t *stolen)
{
	if (json_array_append_new(array, stolen))
		abort();
}
