// SPDX-License-Identifier: Apache-2.0
/* Policy documents in an account, late-bound values, and what counts as the same. */
#include "cordon/account.h"
#include "cordon/json.h"
#include "cordon/text.h"

#include <stdlib.h>
#include <string.h>

json_t *account_document(const json_t *value)
{
	const json_t *late = json_object_get(value, "$document");

	if (late)
		return json_is_object(late) ? jx_copy(late) : NULL;
	if (json_is_object(value) && !json_object_get(value, "unread"))
		return jx_copy(value);
	if (!json_is_string(value))
		return NULL;
	/* IAM accepts duplicate keys, so they are no reason not to understand a document. */
	json_t *parsed = jx_read_lenient(json_string_value(value), json_string_length(value));
	if (parsed && !json_is_object(parsed)) {
		json_decref(parsed);
		return NULL;
	}
	return parsed;
}

json_t *account_document_text(const json_t *value)
{
	if (json_is_string(value) || json_object_get(value, "$document"))
		return jx_copy(value);
	char *text = jx_compact(value);
	json_t *string = jx_string(text);
	free(text);
	return string;
}

static bool is_late(const json_t *value)
{
	return json_is_object(value) &&
	       (json_object_get(value, "$cutoff") || json_object_get(value, "$result"));
}

bool account_late_bound(const json_t *value)
{
	const char *key;
	json_t *item;
	size_t i;

	if (is_late(value))
		return true;
	json_object_foreach ((json_t *)(uintptr_t)value, key, item) {
		if (account_late_bound(item))
			return true;
	}
	json_array_foreach (value, i, item) {
		if (account_late_bound(item))
			return true;
	}
	return false;
}

enum { MAX_CUTOFF = 10 * 366 * 86400 };

static json_t *bind_time(const json_t *late, time_t now)
{
	json_int_t seconds = json_integer_value(json_object_get(late, "$cutoff"));
	time_t at = now + (seconds >= -MAX_CUTOFF && seconds <= MAX_CUTOFF ? (time_t)seconds : 0);
	const char *sid = jx_text(late, "sid");
	char compact[TEXT_COMPACT_SIZE];
	char text[TEXT_TIME_SIZE];

	if (sid) {
		text_time_compact(at, compact);
		return jx_pack("s+", sid, compact);
	}
	/* Milliseconds, as the console writes them. */
	text_time(at, text);
	text[strlen(text) - 1] = '\0';
	return jx_pack("s+", text, ".000Z");
}

json_t *account_bind(const json_t *value, time_t aws_now)
{
	const json_t *document = json_object_get(value, "$document");
	const char *key;
	json_t *item;
	size_t i;

	if (document) {
		json_auto_t *bound = account_bind(document, aws_now);
		return account_document_text(bound);
	}
	if (is_late(value) && json_object_get(value, "$cutoff"))
		return bind_time(value, aws_now);
	if (json_is_object(value)) {
		json_t *out = json_object();
		json_object_foreach ((json_t *)(uintptr_t)value, key, item)
			jx_set(out, key, account_bind(item, aws_now));
		return out;
	}
	if (json_is_array(value)) {
		json_t *out = json_array();
		json_array_foreach (value, i, item)
			jx_push(out, account_bind(item, aws_now));
		return out;
	}
	return jx_copy(value);
}

static bool holds_document(const char *key)
{
	return strcmp(key, "PolicyDocument") == 0 || strcmp(key, "Document") == 0 ||
	       strcmp(key, "AssumeRolePolicyDocument") == 0;
}

static bool same_documents(const json_t *a, const json_t *b)
{
	/* To the letter, or unread alike. */
	if (json_equal(a, b))
		return true;
	json_auto_t *left = account_document(a);
	json_auto_t *right = account_document(b);
	return left && right && account_same(left, right);
}

static bool same_objects(const json_t *a, const json_t *b)
{
	const char *key;
	json_t *item;

	if (json_object_size(a) != json_object_size(b))
		return false;
	json_object_foreach ((json_t *)(uintptr_t)a, key, item) {
		const json_t *other = json_object_get(b, key);
		if (!other)
			return false;
		if (!(holds_document(key) ? same_documents(item, other)
					  : account_same(item, other)))
			return false;
	}
	return true;
}

bool account_same(const json_t *a, const json_t *b)
{
	json_t *item;
	size_t i;

	if (is_late(a) || is_late(b))
		return true;
	if (json_object_get(a, "$document") || json_object_get(b, "$document"))
		return same_documents(a, b);
	if (json_is_object(a) && json_is_object(b))
		return same_objects(a, b);
	if (!json_is_array(a) || !json_is_array(b))
		return json_equal(a, b);
	if (json_array_size(a) != json_array_size(b))
		return false;
	json_array_foreach (a, i, item) {
		if (!account_same(item, json_array_get(b, i)))
			return false;
	}
	return true;
}
