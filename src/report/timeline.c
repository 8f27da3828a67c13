// SPDX-License-Identifier: Apache-2.0
/* When what happened, by the journal's own times. */
#include "facts.h"

#include "cordon/action.h"
#include "cordon/json.h"
#include "cordon/text.h"

/* Where a member of a line goes. */
enum place {
	SHOWN,	   /* into the row */
	ELSEWHERE, /* the report has it in another place, if the event is a known one */
	NOWHERE,   /* it is the same on every line, or binds them */
	MORE,	   /* nobody knows it: shown as it is */
};

static const struct {
	const char *name;
	enum place place;
} members[] = {
	{"seq", SHOWN},
	{"at", SHOWN},
	{"event", SHOWN},
	{"status", SHOWN},
	{"attempt", SHOWN},
	{"why", SHOWN},
	{"text", SHOWN},
	{"error", SHOWN},
	{"request_id", SHOWN},
	{"caller", SHOWN},
	{"verdict", SHOWN},
	{"command", SHOWN},
	{"operation", ELSEWHERE},
	{"before", ELSEWHERE},
	{"targets", ELSEWHERE},
	{"fingerprint", ELSEWHERE},
	{"plan_sha256", ELSEWHERE},
	{"local_clock_offset", ELSEWHERE},
	{"result_sha256", ELSEWHERE},
	{"format", NOWHERE},
	{"prev", NOWHERE},
	{"case", NOWHERE},
	{"run", NOWHERE},
	{"kept", ELSEWHERE},
	{"seconds", ELSEWHERE},
	{"watched", ELSEWHERE},
	{"round", ELSEWHERE},
	{"drift", ELSEWHERE},
	{"from", ELSEWHERE},
	{"to", ELSEWHERE},
	{"first", ELSEWHERE},
	{"last", ELSEWHERE},
	{"state", ELSEWHERE},
	{"what", ELSEWHERE},
	{"id", ELSEWHERE},
	{"author", ELSEWHERE},
	{"released", SHOWN},
};

static bool is_known(const json_t *line)
{
	static const char *const known[] = {"start",  "intent", "attempt", "outcome",
					    "end",    "resume", "release", "hold",
					    "rounds", "drift",	"appeared"};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (facts_is_event(line, known[i]))
			return true;
	}
	return false;
}

static enum place place_of(const json_t *line, const char *name)
{
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		if (!text_equal(members[i].name, name))
			continue;
		return members[i].place == ELSEWHERE && !is_known(line) ? MORE : members[i].place;
	}
	return MORE;
}

bool facts_is_event(const json_t *line, const char *event)
{
	return text_equal(jx_text(line, "event"), event);
}

json_t *facts_member(const json_t *object, const char *name)
{
	json_t *value = json_object_get(object, name);

	return value ? json_incref(value) : json_null();
}

/* False if the line has no time that can be read. */
static bool seconds_between(const json_t *from, const json_t *to, json_int_t *ret_seconds)
{
	time_t start = 0;
	time_t end = 0;

	if (text_parse_time(jx_text(from, "at"), &start) ||
	    text_parse_time(jx_text(to, "at"), &end))
		return false;
	*ret_seconds = (json_int_t)(end - start);
	return true;
}

static json_t *seconds_since(const json_t *first, const json_t *line)
{
	json_int_t seconds = 0;

	return line && seconds_between(first, line, &seconds) ? json_integer(seconds) : json_null();
}

static void add_operation(json_t *row, const json_t *line)
{
	static const char *const names[] = {"id", "target", "operation", NULL};
	const json_t *operation = json_object_get(line, "operation");

	for (size_t i = 0; json_is_object(operation) && names[i]; i++)
		jx_set(row, names[i], facts_member(operation, names[i]));
}

static json_t *row_of(const json_t *first, const json_t *line)
{
	json_t *row = jx_pack("{s:o}", "seconds", seconds_since(first, line));
	json_t *more = json_object();
	const char *name;
	json_t *value;

	add_operation(row, line);
	json_object_foreach ((json_t *)(uintptr_t)line, name, value) {
		enum place place = place_of(line, name);
		if (json_is_null(value) || (text_equal(name, "torn") && !json_is_true(value)))
			continue;
		if (place == MORE)
			json_object_set(more, name, value);
		else if (place == SHOWN)
			json_object_set(row, name, value);
	}
	if (json_object_size(more))
		json_object_set(row, "more", more);
	json_decref(more);
	json_t *text = facts_hold_words(line);
	if (text)
		jx_set(row, "text", text);
	return row;
}

json_t *facts_timeline(const json_t *events)
{
	json_t *rows = json_array();
	json_t *line;
	size_t i;

	json_array_foreach (events, i, line)
		jx_push(rows, row_of(json_array_get(events, 0), line));
	return rows;
}

/* A write that denies: keys go off in the same stage, and are none. */
static bool is_deny(const json_t *operation)
{
	static const char *const denies[] = {"PolicyDocument", "PolicyArn", "PermissionsBoundary",
					     NULL};
	const json_t *parameters = json_object_get(operation, "parameters");

	if (json_integer_value(json_object_get(operation, "stage")) != CLASS_DENY)
		return false;
	for (size_t i = 0; denies[i]; i++) {
		if (json_object_get(parameters, denies[i]))
			return true;
	}
	return false;
}

static const json_t *first_deny(const json_t *events)
{
	json_t *line;
	size_t i;

	json_array_foreach (events, i, line) {
		if (facts_is_event(line, "outcome") &&
		    text_equal(jx_text(line, "status"), "done") &&
		    is_deny(json_object_get(line, "operation")))
			return line;
	}
	return NULL;
}

static json_t *verdicts_of(const json_t *events)
{
	json_t *out = json_array();
	json_t *line;
	size_t i;

	json_array_foreach (events, i, line) {
		if (facts_is_event(line, "end") && jx_text(line, "verdict"))
			jx_push(out,
				jx_pack("{s:o, s:o, s:o}", "verdict", facts_member(line, "verdict"),
					"at", facts_member(line, "at"), "seconds",
					seconds_since(json_array_get(events, 0), line)));
	}
	return out;
}

json_t *facts_times(const json_t *events)
{
	const json_t *first = json_array_get(events, 0);
	const json_t *last = json_array_get(events, json_array_size(events) - 1);
	const json_t *deny = first_deny(events);
	json_t *verdicts = verdicts_of(events);

	return jx_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "started", facts_member(first, "at"),
		       "first_deny", facts_member(deny, "at"), "seconds_to_first_deny",
		       seconds_since(first, deny), "seconds_to_verdict",
		       facts_member(json_array_get(verdicts, 0), "seconds"), "verdicts", verdicts,
		       "last_line", facts_member(last, "at"));
}
