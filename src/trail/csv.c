// SPDX-License-Identifier: Apache-2.0
#include "csv.h"

#include "cordon/buf.h"
#include "cordon/json.h"
#include "cordon/text.h"
#include "cordon/trail.h"

#include <stdlib.h>
#include <string.h>

enum { COLUMNS_MAX = 64 };

/* How CloudTrail writes what Athena has in lower case. */
static const char *const names[] = {
	"eventVersion",
	"userIdentity",
	"eventTime",
	"eventSource",
	"eventName",
	"awsRegion",
	"sourceIPAddress",
	"userAgent",
	"errorCode",
	"errorMessage",
	"requestParameters",
	"responseElements",
	"requestID",
	"eventID",
	"eventType",
	"recipientAccountId",
	"sharedEventID",
	"readOnly",
	"additionalEventData",
	"eventCategory",
	"type",
	"principalId",
	"arn",
	"accountId",
	"invokedBy",
	"accessKeyId",
	"userName",
	"sessionContext",
	"attributes",
	"creationDate",
	"mfaAuthenticated",
	"sessionIssuer",
	"ec2RoleDelivery",
	"sourceIdentity",
	"sessionCredentialFromConsole",
};

static const char *name_of(const char *text, size_t length)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strlen(names[i]) == length && strncasecmp(names[i], text, length) == 0)
			return names[i];
	}
	return NULL;
}

size_t csv_row_length(const char *bytes, size_t length, bool last)
{
	bool quoted = false;

	for (size_t i = 0; i < length; i++) {
		if (bytes[i] == '"')
			quoted = !quoted;
		else if (bytes[i] == '\n' && !quoted)
			return i + 1;
	}
	return last && !quoted ? length : 0;
}

/* The next field, without its quotes, into out; how many bytes it took with its comma. */
static size_t next_field(const char *bytes, size_t length, struct buf *out)
{
	bool quoted = length && *bytes == '"';
	size_t i = quoted ? 1 : 0;

	for (; i < length; i++) {
		if (quoted && bytes[i] == '"') {
			if (i + 1 < length && bytes[i + 1] == '"')
				i++;
			else {
				quoted = false;
				continue;
			}
		} else if (!quoted && bytes[i] == ',') {
			return i + 1;
		}
		buf_add_bytes(out, &bytes[i], 1);
	}
	return length + 1;
}

static size_t without_line_end(const char *bytes, size_t length)
{
	while (length && (bytes[length - 1] == '\n' || bytes[length - 1] == '\r'))
		length--;
	return length;
}

json_t *csv_columns(const char *bytes, size_t length)
{
	json_t *columns = jx_pack("[]");

	length = without_line_end(bytes, length);
	for (size_t i = 0; i <= length && json_array_size(columns) < COLUMNS_MAX;) {
		autobuf struct buf field = BUF_INIT(256);
		i += next_field(bytes + i, length - i, &field);
		const char *name = name_of(buf_text(&field), field.length);
		jx_push(columns, jx_string(name ? name : ""));
	}
	if (jx_contains(columns, "eventName") && jx_contains(columns, "eventTime") &&
	    jx_contains(columns, "userIdentity"))
		return columns;
	json_decref(columns);
	return NULL;
}

/* Where the value of a member ends: at ", " or the closing brace on its own level. */
static size_t value_length(const char *text, size_t length)
{
	int depth = 0;

	for (size_t i = 0; i < length; i++) {
		if (text[i] == '{')
			depth++;
		else if (text[i] == '}' && depth-- == 0)
			return i;
		else if (depth == 0 && text[i] == ',' && i + 1 < length && text[i + 1] == ' ')
			return i;
	}
	return length;
}

static json_t *read_struct(const char *text, size_t length, int depth);

/* Takes the value over; false if there is none, or one of that name already. */
static bool set_once(json_t *object, const char *name, json_t *value)
{
	bool good = value && !json_object_get(object, name);

	if (good)
		jx_set(object, name, value);
	else
		json_decref(value);
	return good;
}

static json_t *struct_value(const char *text, size_t length, int depth)
{
	if (length && *text == '{' && depth < 8)
		return read_struct(text, length, depth + 1);
	if (length == 0 || (length == 4 && memcmp(text, "null", 4) == 0))
		return json_null();
	char *copy = strndup(text, length);
	if (!copy)
		abort();
	json_t *value = jx_string(copy);
	free(copy);
	return value;
}

/* {type=IAMUser, arn=.., sessioncontext={attributes={..}}}. Nothing is quoted in it: a name of
 * somebody's own choosing may hold ", arn=..", and nobody can tell which is which. NULL for one
 * with a member twice or something behind its end. */
static json_t *read_struct(const char *text, size_t length, int depth)
{
	json_t *object = jx_pack("{}");
	bool good = true;
	size_t i = 1;

	while (good && i < length && text[i] != '}') {
		const char *equals = memchr(text + i, '=', length - i);
		if (!equals)
			break;
		const char *name = name_of(text + i, (size_t)(equals - text) - i);
		i = (size_t)(equals - text) + 1;
		size_t n = value_length(text + i, length - i);
		if (name)
			good = set_once(object, name, struct_value(text + i, n, depth));
		i += n;
		while (i < length && (text[i] == ',' || text[i] == ' '))
			i++;
	}
	if (good && i + 1 == length)
		return object;
	json_decref(object);
	return NULL;
}

/* Parameters and answers are JSON in text. NULL: it cannot be read. */
static json_t *field_value(const char *name, const char *text, size_t length)
{
	if (length == 0 || text_equal(text, "null"))
		return json_null();
	if (text_equal(name, "userIdentity"))
		return *text == '{' ? read_struct(text, length, 0) : json_null();
	if (*text == '{') {
		json_t *value = jx_read_lenient(text, length);
		if (value)
			return value;
	}
	return jx_string(text);
}

json_t *csv_record(const json_t *columns, const char *bytes, size_t length)
{
	json_t *record = jx_pack("{}");
	bool good = true;
	size_t count = 0;

	length = without_line_end(bytes, length);
	for (size_t i = 0; good && i <= length; count++) {
		autobuf struct buf field = BUF_INIT(TRAIL_MAX_ITEM);
		const char *name = json_string_value(json_array_get(columns, count));
		i += next_field(bytes + i, length - i, &field);
		if (name && *name)
			good = set_once(record, name,
					field_value(name, buf_text(&field), field.length));
	}
	if (good && count == json_array_size(columns))
		return record;
	json_decref(record);
	return NULL;
}
