// SPDX-License-Identifier: Apache-2.0
/* What an auditor reads: changes, the timeline, and what the record itself is. */
#include "record.h"

#include "cordon/err.h"
#include "cordon/json.h"
#include "cordon/text.h"

#include <stdlib.h>
#include <string.h>

/* A value as one text: a string as it is, anything else as JSON. */
static void add_value(struct sheet *s, const json_t *value)
{
	char *text = json_is_string(value) ? NULL : jx_compact(value);

	sheet_mono(s, text ? text : json_string_value(value));
	free(text);
}

void record_time(struct sheet *s, const char *at)
{
	time_t time = 0;
	char text[TEXT_TIME_SIZE];

	if (text_parse_time(at, &time)) {
		sheet_add(s, "%s", at);
		return;
	}
	text_time(time, text);
	text[10] = text[19] = '\0';
	sheet_add(s, "%s %s UTC", text, text + 11);
}

static bool is_document(const char *name)
{
	return text_has_suffix(name, "Document");
}

static int append(const char *bytes, size_t length, void *out)
{
	buf_add_bytes(out, bytes, length);
	return 0;
}

/* Laid out, if it is JSON that says one thing only; else as it is. */
static void document(struct sheet *s, const json_t *value)
{
	const char *text = json_string_value(value);
	struct err ignored = ERR_INIT;
	json_auto_t *parsed = text ? jx_read(text, strlen(text), "", &ignored) : jx_copy(value);
	autobuf struct buf laid_out = BUF_INIT(1 << 22);

	if (parsed)
		json_dump_callback(parsed, append, &laid_out, JSON_INDENT(2) | JSON_ENCODE_ANY);
	if (laid_out.length && !laid_out.failed) {
		sheet_code(s, buf_text(&laid_out));
		return;
	}
	char *compact = text ? NULL : jx_compact(value);
	sheet_code(s, text ? text : compact);
	free(compact);
}

/* One thing of an account: its members, then its documents. */
static void item(struct sheet *s, const json_t *value)
{
	const char *separator = "";
	const char *name;
	json_t *one;

	if (!json_is_object(value)) {
		document(s, value);
		return;
	}
	json_object_foreach ((json_t *)(uintptr_t)value, name, one) {
		if (is_document(name) || json_is_null(one))
			continue;
		sheet_add(s, "%s%s ", separator, name);
		add_value(s, one);
		separator = ", ";
	}
	if (*separator)
		sheet_block(s, BLOCK_BULLET, NULL);
	json_object_foreach ((json_t *)(uintptr_t)value, name, one) {
		if (is_document(name))
			document(s, one);
	}
}

static void side(struct sheet *s, const json_t *items, const char *label)
{
	json_t *one;
	size_t i;

	sheet_add(s, "%s", label);
	sheet_block(s, BLOCK_LABEL, NULL);
	if (!json_is_array(items)) {
		sheet_add(s, "not on record");
		sheet_block(s, BLOCK_BULLET, NULL);
	} else if (json_array_size(items) == 0) {
		sheet_add(s, "nothing of this");
		sheet_block(s, BLOCK_BULLET, NULL);
	}
	json_array_foreach (items, i, one)
		item(s, one);
}

static void head_of(struct sheet *s, const json_t *facts, const json_t *change)
{
	if (s->rehearsal)
		sheet_add(s, "rehearsed: ");
	if (json_is_true(json_object_get(change, "release")))
		sheet_add(s, "Release: ");
	sheet_add(s, "%s", jx_text(change, "why"));
	sheet_block(s, BLOCK_ITEM, NULL);
	sheet_mono(s, jx_text(change, "id"));
	sheet_add(s, " ");
	sheet_mono(s, jx_text(change, "operation"));
	sheet_add(s, " on ");
	record_target(s, facts, jx_text(change, "target"));
	sheet_add(s, ", ");
	record_time(s, jx_text(change, "at"));
	if (jx_text(change, "request_id")) {
		sheet_add(s, ", request ");
		sheet_mono(s, jx_text(change, "request_id"));
	}
	if (!json_is_array(json_object_get(change, "undo"))) {
		sheet_add(s, ", ");
		sheet_mark(s, MARK_BAD, "no way back");
	}
	sheet_block(s, BLOCK_PARAGRAPH, NULL);
}

/* One thing that is the same but for a member or two: those, before all of it twice. */
static void short_form(struct sheet *s, const json_t *before, const json_t *after)
{
	const json_t *old = json_array_get(before, 0);
	const json_t *now = json_array_get(after, 0);
	const char *name;
	json_t *value;

	if (json_array_size(before) != 1 || json_array_size(after) != 1)
		return;
	json_object_foreach ((json_t *)(uintptr_t)now, name, value) {
		const char *was = jx_text(old, name);
		if (!was || !json_is_string(value) || is_document(name) ||
		    text_equal(was, json_string_value(value)))
			continue;
		sheet_add(s, "%s was ", name);
		sheet_mono(s, was);
		sheet_add(s, ", is ");
		sheet_mono(s, json_string_value(value));
		sheet_block(s, BLOCK_BULLET, NULL);
	}
}

static void change(struct sheet *s, const json_t *facts, const json_t *one)
{
	const json_t *before = json_object_get(one, "before");
	const json_t *after = json_object_get(one, "after");

	sheet_card(s, MARK_PLAIN);
	head_of(s, facts, one);
	if (json_is_array(before) && json_array_size(before) == 0 && json_array_size(after) == 0) {
		sheet_add(s, "It stood like this before.");
		sheet_block(s, BLOCK_PARAGRAPH, NULL);
	}
	if (json_is_array(before)) {
		short_form(s, before, after);
		side(s, before, "Before");
		side(s, after, "After");
	} else {
		sheet_add(s, "What this changed is not in the journal: it could not be read, or it "
			     "is more than one thing. The run's before.json has what was read "
			     "before. This was sent:");
		sheet_block(s, BLOCK_PARAGRAPH, NULL);
		item(s, json_object_get(one, "parameters"));
	}
	sheet_card_end(s);
}

void record_changes(struct sheet *s, const json_t *facts)
{
	const json_t *list = json_object_get(facts, "changes");
	json_t *one;
	size_t i;

	sheet_section(s, "changes", "What was changed");
	if (json_array_size(list) == 0)
		sheet_add(s, "Nothing.");
	else
		sheet_add(s, "Each change as it stood before and as it stands after, by what was "
			     "read before it and sent. Documents are laid out for reading; the "
			     "journal has every byte.");
	sheet_block(s, BLOCK_PARAGRAPH, NULL);
	json_array_foreach (list, i, one)
		change(s, facts, one);
}

static void add_error(struct sheet *s, const json_t *error)
{
	if (json_is_object(error))
		sheet_add(s, " %s: %s", jx_text(error, "code"), jx_text(error, "message"));
	else if (json_is_string(error))
		sheet_add(s, " %s", json_string_value(error));
}

static void add_text(struct sheet *s, const json_t *row, const char *words, const char *name)
{
	const json_t *value = json_object_get(row, name);

	if (json_is_string(value))
		sheet_add(s, "%s%s ", words, json_string_value(value));
	else if (json_is_integer(value))
		sheet_add(s, "%s%lld ", words, json_integer_value(value));
}

/* What was said of a line, in the order in which one would ask. */
static void row_details(struct sheet *s, const json_t *row, const char *caller)
{
	static const struct {
		const char *words, *name;
	} parts[] = {{"", "status"},
		     {"verdict ", "verdict"},
		     {"released: ", "released"},
		     {"attempt ", "attempt"},
		     {"cordon ", "command"},
		     {"", "why"},
		     {"", "text"},
		     {"request ", "request_id"}};
	const json_t *more = json_object_get(row, "more");
	const char *name;
	json_t *value;

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		add_text(s, row, parts[i].words, parts[i].name);
	add_error(s, json_object_get(row, "error"));
	if (jx_text(row, "caller") && !text_equal(jx_text(row, "caller"), caller))
		sheet_add(s, " by %s", jx_text(row, "caller"));
	json_object_foreach ((json_t *)(uintptr_t)more, name, value) {
		char *text = json_is_string(value) ? NULL : jx_compact(value);
		sheet_add(s, " %s %s;", name, text ? text : json_string_value(value));
		free(text);
	}
	sheet_cell(s);
}

static void row_of(struct sheet *s, const json_t *facts, const json_t *row, const char *caller)
{
	const json_t *seconds = json_object_get(row, "seconds");

	sheet_add(s, "%lld", json_integer_value(json_object_get(row, "seq")));
	sheet_cell(s);
	record_time(s, jx_text(row, "at"));
	sheet_cell(s);
	if (json_is_integer(seconds))
		sheet_add(s, "%lld s", json_integer_value(seconds));
	sheet_cell(s);
	sheet_add(s, "%s", jx_text(row, "event"));
	sheet_cell(s);
	add_text(s, row, "", "id");
	add_text(s, row, "", "operation");
	if (jx_text(row, "target")) {
		sheet_add(s, "on ");
		record_target(s, facts, jx_text(row, "target"));
	}
	sheet_cell(s);
	row_details(s, row, caller);
}

void record_timeline(struct sheet *s, const json_t *facts)
{
	static const char *const columns[] = {"Line",	   "Time",    "From start", "Event",
					      "Operation", "Details", NULL};
	const char *caller = NULL;
	json_t *row;
	size_t i;

	sheet_section(s, "timeline", "Timeline");
	sheet_add(s, "Every line of the journal, in its order. Times are by AWS's clock where it "
		     "was known. Seconds are counted from the first line, which is written when "
		     "the plan is made and agreed to.");
	sheet_block(s, BLOCK_NOTE, NULL);
	sheet_table(s, columns);
	json_array_foreach (json_object_get(facts, "timeline"), i, row) {
		row_of(s, facts, row, caller);
		caller = jx_text(row, "caller");
	}
	sheet_table_end(s);
}

static void field(struct sheet *s, const json_t *facts, const char *label, const char *name)
{
	if (!jx_text(facts, name))
		return;
	sheet_mono(s, jx_text(facts, name));
	sheet_block(s, BLOCK_FIELD, label);
}

static void playbook(struct sheet *s, const json_t *one)
{
	const char *name;
	json_t *value;

	sheet_mono(s, jx_text(one, "name"));
	sheet_add(s, " (%s), SHA-256 ", jx_text(one, "source"));
	sheet_mono(s, jx_text(one, "sha256"));
	json_object_foreach (json_object_get(one, "parameters"), name, value) {
		sheet_add(s, ", %s ", name);
		add_value(s, value);
	}
	sheet_block(s, BLOCK_FIELD, "Playbook");
}

/* What the hash proves and what it does not. */
static void proof(struct sheet *s, const json_t *facts)
{
	const json_t *journal = json_object_get(facts, "journal");
	const json_t *torn = json_object_get(journal, "torn");

	sheet_card(s, MARK_PLAIN);
	sheet_add(s,
		  "The journal is internally consistent: %lld lines, each with the hash of the "
		  "one before.",
		  json_integer_value(json_object_get(journal, "lines")));
	if (json_is_true(torn) || json_integer_value(torn) > 0)
		sheet_add(s, " A last line that was cut off is not counted.");
	sheet_add(s, " That alone does not show that nobody rewrote all of it. It ends with the "
		     "hash below: keep it, or this report, where the journal's keeper cannot "
		     "change it, and hold the journal against it.");
	sheet_block(s, BLOCK_PARAGRAPH, NULL);
	if (jx_text(journal, "last"))
		sheet_command(s, jx_text(journal, "last"));
	if (jx_text(journal, "check"))
		sheet_command(s, jx_text(journal, "check"));
	sheet_card_end(s);
}

void record_about(struct sheet *s, const json_t *facts)
{
	static const struct {
		const char *label, *name;
	} fields[] = {{"Run", "run"},		{"Command", "command"},
		      {"Case", "case"},		{"Account", "account_id"},
		      {"Caller", "caller"},	{"Credentials", "credential_source"},
		      {"Endpoint", "endpoint"}, {"Fingerprint of the plan", "fingerprint"}};
	json_t *one;
	size_t i;

	sheet_section(s, "record", "The record");
	for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		field(s, facts, fields[i].label, fields[i].name);
	json_array_foreach (json_object_get(facts, "playbooks"), i, one)
		playbook(s, one);
	json_array_foreach (jx_at(facts, "times", "verdicts", NULL), i, one) {
		sheet_add(s, "%s, ", jx_text(one, "verdict"));
		record_time(s, jx_text(one, "at"));
		sheet_block(s, BLOCK_FIELD, "Verdict");
	}
	proof(s, facts);
}
