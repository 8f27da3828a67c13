// SPDX-License-Identifier: Apache-2.0
#include "cordon/journal.h"

#include "cordon/err.h"
#include "cordon/json.h"
#include "cordon/text.h"

#include <stdlib.h>
#include <string.h>

#define FORMAT "cordon-journal/1"

static void advance(struct journal *journal, const char *line, size_t length)
{
	hash_sha256_hex(line, length, journal->last);
	journal->next++;
}

char *journal_line(struct journal *journal, time_t at, const char *event, json_t *fields)
{
	char time_text[TEXT_TIME_SIZE];

	if (journal->next == 0)
		journal->next = 1;
	text_time(at, time_text);
	json_auto_t *line = jx_pack("{s:s, s:I, s:o, s:s, s:s}", "format", FORMAT, "seq",
				    (json_int_t)journal->next, "prev",
				    journal->last[0] ? jx_string(journal->last) : json_null(), "at",
				    time_text, "event", event);
	if (fields && json_object_update_missing_new(line, fields))
		abort();
	char *text = jx_compact(line);
	size_t length = strlen(text);
	advance(journal, text, length);
	char *whole = realloc(text, length + 2);
	if (!whole)
		abort();
	memcpy(whole + length, "\n", 2);
	return whole;
}

static int check_chain(const struct journal *journal, const json_t *line, const char *name,
		       struct err *err)
{
	const char *prev = jx_text(line, "prev");

	const char *format = jx_text(line, "format");

	if (format && text_has_prefix(format, "cordon-journal/") && !text_equal(format, FORMAT))
		return err_set(err, ERR_INPUT,
			       "%s: line %ld: the journal is '%.40s', of a newer cordon than this "
			       "one, which reads " FORMAT,
			       name, journal->next, format);
	if (!text_equal(format, FORMAT))
		return err_set(err, ERR_INPUT, "%s: line %ld: format is not '" FORMAT "'", name,
			       journal->next);
	if (json_integer_value(json_object_get(line, "seq")) != journal->next)
		return err_set(err, ERR_INPUT,
			       "%s: line %ld: seq is not %ld: a line is missing or added", name,
			       journal->next, journal->next);
	bool first = journal->last[0] == '\0' && json_is_null(json_object_get(line, "prev"));
	if (!first && !text_equal(prev, journal->last))
		return err_set(
			err, ERR_INPUT,
			"%s: line %ld: prev is not the hash of the line before: the record was "
			"changed",
			name, journal->next);
	if (!jx_text(line, "event") || !jx_text(line, "at"))
		return err_set(err, ERR_INPUT, "%s: line %ld: no event or no time", name,
			       journal->next);
	return 0;
}

static int read_line(struct journal *journal, const char *text, size_t length, const char *name,
		     json_t *lines, struct err *err)
{
	if (length > JOURNAL_MAX_LINE)
		return err_set(err, ERR_INPUT, "%s: line %ld is too long", name, journal->next);
	json_auto_t *line = jx_read(text, length, name, err);
	if (!line)
		return err_wrap(err, "line %ld", journal->next);
	if (check_chain(journal, line, name, err))
		return -1;
	json_array_append(lines, line);
	advance(journal, text, length);
	return 0;
}

static bool is_event(const json_t *line, const char *event)
{
	return text_equal(jx_text(line, "event"), event);
}

/* Of one release, from its first line on: whole, partly or begun. */
static json_t *release_from(const json_t *lines, size_t first)
{
	json_auto_t *left = json_object();
	json_t *line;
	size_t i;

	for (i = first; i < json_array_size(lines); i++) {
		line = json_array_get(lines, i);
		const char *id = jx_text(json_object_get(line, "operation"), "id");
		bool done = text_equal(jx_text(line, "status"), "done");
		if (is_event(line, "end"))
			break;
		if (id && done)
			json_object_del(left, id);
		else if (id)
			jx_set(left, id, json_true());
	}
	line = json_array_get(lines, i < json_array_size(lines) ? i : first);
	const char *state = is_event(line, "end") ? jx_text(line, "released") : "begun";
	if (!state)
		state = json_object_size(left) ? "partly" : "whole";
	return jx_pack("{s:s, s:O}", "state", state, "at", json_object_get(line, "at"));
}

json_t *journal_release(const json_t *lines)
{
	json_t *found = NULL;
	json_t *line;
	size_t i;

	json_array_foreach (lines, i, line) {
		/* A later one takes away the tail, or finishes what the earlier one left. */
		if (!is_event(line, "release") || text_equal(jx_text(found, "state"), "whole"))
			continue;
		json_decref(found);
		found = release_from(lines, i);
	}
	return found;
}

int journal_read(const char *bytes, size_t length, const char *name, json_t **ret_lines,
		 struct journal *ret_journal, size_t *ret_torn, struct err *err)
{
	struct journal journal = {.next = 1};
	json_auto_t *lines = json_array();
	size_t at = 0;

	if (length > JOURNAL_MAX)
		return err_set(err, ERR_INPUT, "%s: larger than a journal may be", name);
	*ret_torn = 0;
	while (at < length) {
		const char *end = memchr(bytes + at, '\n', length - at);
		if (!end) {
			*ret_torn = 1;
			break;
		}
		size_t size = (size_t)(end - bytes) - at;
		if (read_line(&journal, bytes + at, size, name, lines, err))
			return -1;
		at += size + 1;
	}
	*ret_lines = json_incref(lines);
	*ret_journal = journal;
	return 0;
}
