// SPDX-License-Identifier: Apache-2.0
#include "record.h"

#include "alert.h"
#include "cordon/json.h"
#include "cordon/secret.h"
#include "cordon/text.h"
#include "rule.h"

#include <stdlib.h>
#include <string.h>

/* Numbers larger than 64 bits become reals: an attacker could hide a record behind one. */
enum { FLAGS = JSON_DECODE_INT_AS_REAL | JSON_ALLOW_NUL, WHOLE = 0 };

static void give(record_fn *fn, void *arg, enum record_kind kind, const char *why)
{
	struct trail_record record = {.kind = kind, .why = why};

	fn(arg, &record);
}

/* Control bytes become spaces, bytes that are not UTF-8 question marks. */
static json_t *parse_mended(const char *bytes, size_t length)
{
	char *copy = secret_malloc(length);
	json_t *value = NULL;
	uint32_t c;

	if (!copy)
		abort();
	memcpy(copy, bytes, length);
	for (size_t i = 0; i < length;) {
		size_t n = text_utf8(copy + i, length - i, &c);
		if (n == 0)
			copy[i] = '?';
		else if (n == 1 && (unsigned char)copy[i] < 0x20)
			copy[i] = ' ';
		i += n ? n : 1;
	}
	value = json_loadb(copy, length, FLAGS, NULL);
	secret_free(copy);
	return value;
}

static bool is_big_number(const char *bytes, size_t length)
{
	size_t digits = 0;

	for (size_t i = 0; i < length && digits < 19; i++)
		digits = bytes[i] >= '0' && bytes[i] <= '9' ? digits + 1 : 0;
	return digits >= 19;
}

static json_t *parse(const char *bytes, size_t length, bool *ret_mended)
{
	/* As reals only where it must be: ids that are numbers stay whole. */
	size_t flags = is_big_number(bytes, length) ? FLAGS : JSON_ALLOW_NUL;
	json_t *value = json_loadb(bytes, length, flags, NULL);

	*ret_mended = false;
	if (value)
		return value;
	value = parse_mended(bytes, length);
	*ret_mended = value != NULL;
	return value;
}

static bool is_event(const struct scan *scan)
{
	return scan->field[FIELD_SOURCE].at && scan->field[FIELD_NAME].at &&
	       scan->field[FIELD_TIME].at;
}

/* The members that scan_value() finds in the bytes, from a parsed record. */
static void scan_json(const json_t *v, struct scan *ret_scan)
{
	static const struct {
		enum field field;
		const char *at[3];
	} rows[] = {
		{FIELD_ID, {"eventID"}},
		{FIELD_TIME, {"eventTime"}},
		{FIELD_SOURCE, {"eventSource"}},
		{FIELD_NAME, {"eventName"}},
		{FIELD_IP, {"sourceIPAddress"}},
		{FIELD_AGENT, {"userAgent"}},
		{FIELD_CATEGORY, {"eventCategory"}},
		{FIELD_CONSOLE, {"sessionCredentialFromConsole"}},
		{FIELD_TYPE, {"type"}},
		{FIELD_ARN, {"arn"}},
		{FIELD_PRINCIPAL, {"principalId"}},
		{FIELD_KEY, {"accessKeyId"}},
		{FIELD_ACCOUNT, {"accountId"}},
		{FIELD_USER, {"userName"}},
		{FIELD_INVOKED_BY, {"invokedBy"}},
		{FIELD_CREATED, {"sessionContext", "attributes", "creationDate"}},
		{FIELD_ISSUER, {"sessionContext", "sessionIssuer", "arn"}},
		{FIELD_ISSUER_NAME, {"sessionContext", "sessionIssuer", "userName"}},
	};

	*ret_scan = (struct scan){.escaped = false};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const json_t *at = rows[i].field >= FIELD_TYPE ? json_object_get(v, "userIdentity")
							       : v;
		for (size_t n = 0; n < 3 && rows[i].at[n]; n++)
			at = json_object_get(at, rows[i].at[n]);
		if (json_is_string(at))
			ret_scan->field[rows[i].field] = (struct span){
				.at = json_string_value(at), .length = json_string_length(at)};
	}
}

static bool is_insight(const struct scan *scan)
{
	return scan_is(scan->field[FIELD_CATEGORY], "Insight");
}

static void give_event(json_t *value, bool mended, record_fn *fn, void *arg)
{
	struct trail_record record = {.kind = RECORD_EVENT, .json = value, .mended = mended};

	scan_json(value, &record.scan);
	if (!is_event(&record.scan))
		record.kind = RECORD_UNKNOWN;
	if (is_insight(&record.scan))
		give(fn, arg, RECORD_SKIPPED, "CloudTrail Insights: a summary, not a call");
	else
		fn(arg, &record);
}

static void read_event(const char *bytes, size_t length, const struct scan *scan, record_fn *fn,
		       void *arg)
{
	struct trail_record record = {.kind = RECORD_EVENT, .scan = *scan};
	bool mended = false;

	if (is_insight(scan)) {
		give(fn, arg, RECORD_SKIPPED, "CloudTrail Insights: a summary, not a call");
		return;
	}
	if (!scan->escaped && !rule_wants(scan->field[FIELD_SOURCE], scan->field[FIELD_NAME])) {
		fn(arg, &record);
		return;
	}
	json_auto_t *value = parse(bytes, length, &mended);
	if (value)
		give_event(value, mended, fn, arg);
	else
		give(fn, arg, RECORD_BAD, NULL);
}

/* LookupEvents hands each record over as a string in JSON. */
static void read_looked_up(json_t *value, record_fn *fn, void *arg)
{
	const json_t *text = json_object_get(value, "CloudTrailEvent");
	const char *bytes = json_string_value(text);
	size_t length = json_string_length(text);
	struct scan scan;
	size_t used = 0;

	if (scan_value(bytes, length, false, &scan, &used) == SCAN_DONE && is_event(&scan))
		read_event(bytes, used, &scan, fn, arg);
	else
		give(fn, arg, RECORD_BAD, NULL);
}

void record_read_json(json_t *value, record_fn *fn, void *arg)
{
	json_t *detail = json_object_get(value, "detail");
	const char *what = jx_text(value, "detail-type");

	if (json_is_string(json_object_get(value, "CloudTrailEvent")))
		read_looked_up(value, fn, arg);
	else if (json_object_get(value, "digestStartTime"))
		give(fn, arg, RECORD_SKIPPED, "CloudTrail digest: hashes of log files");
	else if (what && detail && strstr(what, "via CloudTrail"))
		give_event(detail, false, fn, arg);
	else if (jx_text(value, "eventSource") && jx_text(value, "eventName"))
		give_event(value, false, fn, arg);
	else if (!alert_read(value, fn, arg))
		give(fn, arg, RECORD_UNKNOWN, NULL);
}

static void forward_mended(void *arg, const struct trail_record *record)
{
	void **to = arg;
	struct trail_record copy = *record;

	copy.mended = true;
	((record_fn *)(uintptr_t)to[0])(to[1], &copy);
}

void record_read(const char *bytes, size_t length, const struct scan *scan, record_fn *fn,
		 void *arg)
{
	bool mended = false;
	void *to[] = {(void *)(uintptr_t)fn, arg};

	if (is_event(scan)) {
		read_event(bytes, length, scan, fn, arg);
		return;
	}
	json_auto_t *value = parse(bytes, length, &mended);
	if (!value)
		give(fn, arg, RECORD_BAD, NULL);
	else if (mended)
		record_read_json(value, forward_mended, to);
	else
		record_read_json(value, fn, arg);
}
