// SPDX-License-Identifier: Apache-2.0
/* A hold: its rounds, what came back, what appeared, and how it ended. */
#include "facts.h"
#include "record.h"

#include "cordon/json.h"
#include "cordon/text.h"

#include <stdint.h>
#include <stdlib.h>

/* The state of a round in which something stays for want of --irreversible. */
#define LEFT_STANDING "drift left standing (needs --irreversible)"

static long long number(const json_t *object, const char *key)
{
	return (long long)json_integer_value(json_object_get(object, key));
}

static json_t *rounds_words(const json_t *line)
{
	const char *state = jx_text(line, "state");
	long long from = number(line, "from");
	long long to = number(line, "to");

	if (from == to)
		return json_sprintf("round %lld: %.64s", from, state ? state : "?");
	return json_sprintf("rounds %lld to %lld: %.64s", from, to, state ? state : "?");
}

static json_t *drift_words(const json_t *line)
{
	const json_t *drift = json_object_get(line, "drift");
	size_t left = 0;

	for (size_t i = 0; i < json_array_size(drift); i++)
		left += jx_text(json_array_get(drift, i), "left") != NULL;
	if (left)
		return json_sprintf("round %lld: %zu had come back: %zu are sent again, %zu left "
				    "standing (needs --irreversible)",
				    number(line, "round"), json_array_size(drift),
				    json_array_size(drift) - left, left);
	return json_sprintf("round %lld: %zu had come back, and are sent again",
			    number(line, "round"), json_array_size(drift));
}

json_t *facts_hold_words(const json_t *line)
{
	if (facts_is_event(line, "hold"))
		return json_sprintf("for %lld s; %s", number(line, "seconds"),
				    json_is_true(json_object_get(line, "watched"))
					    ? "the account is watched"
					    : "other identities are not watched");
	if (facts_is_event(line, "rounds"))
		return rounds_words(line);
	if (facts_is_event(line, "drift"))
		return drift_words(line);
	if (facts_is_event(line, "appeared"))
		return json_sprintf("%.64s %.300s, author unknown",
				    jx_text(line, "what") ? jx_text(line, "what") : "?",
				    jx_text(line, "id") ? jx_text(line, "id") : "?");
	return NULL;
}

static json_t *new_hold(const json_t *line)
{
	return jx_pack("{s:o, s:o, s:o, s:[], s:[], s:n, s:n}", "at", facts_member(line, "at"),
		       "seconds", facts_member(line, "seconds"), "watched",
		       facts_member(line, "watched"), "rounds", "appeared", "ended", "verdict");
}

/* What came back is told before its round is over, in one line or two. */
static json_t *drift_of(const json_t *line, const json_t *told)
{
	json_t *drift = json_array();
	json_t *one;
	size_t i;

	json_array_foreach (told, i, one) {
		if (number(one, "round") >= number(line, "from") &&
		    number(one, "round") <= number(line, "to"))
			json_array_extend(drift, json_object_get(one, "drift"));
	}
	return drift;
}

static void take_rounds(json_t *hold, const json_t *line, json_t *told)
{
	static const char *const names[] = {"from", "to", "first", "last", "state", NULL};
	json_t *rounds = json_object();

	for (size_t i = 0; names[i]; i++)
		jx_set(rounds, names[i], facts_member(line, names[i]));
	jx_set(rounds, "drift", drift_of(line, told));
	json_array_clear(told);
	jx_push(json_object_get(hold, "rounds"), rounds);
}

static void take(json_t *hold, const json_t *line, json_t *told)
{
	if (facts_is_event(line, "drift"))
		json_array_append(told, (json_t *)(uintptr_t)line);
	else if (facts_is_event(line, "rounds"))
		take_rounds(hold, line, told);
	else if (facts_is_event(line, "appeared"))
		json_array_append(json_object_get(hold, "appeared"), (json_t *)(uintptr_t)line);
	if (!facts_is_event(line, "end") || !json_is_null(json_object_get(hold, "ended")))
		return;
	jx_set(hold, "ended", facts_member(line, "at"));
	jx_set(hold, "verdict", facts_member(line, "verdict"));
}

json_t *facts_holds(const json_t *events)
{
	json_t *holds = json_array();
	json_auto_t *told = json_array();
	json_t *hold = NULL;
	json_t *line;
	size_t i;

	json_array_foreach (events, i, line) {
		if (facts_is_event(line, "hold")) {
			hold = new_hold(line);
			json_array_clear(told);
			jx_push(holds, hold);
		} else if (hold) {
			take(hold, line, told);
		}
		if (facts_is_event(line, "end"))
			hold = NULL;
	}
	return holds;
}

void facts_appeared(const json_t *events, json_t *remaining)
{
	json_auto_t *seen = json_array();
	json_t *line;
	size_t i;

	json_array_foreach (events, i, line) {
		const char *what = jx_text(line, "what");
		const char *id = jx_text(line, "id");
		if (!facts_is_event(line, "appeared") || !what || !id || jx_contains(seen, id))
			continue;
		jx_add_unique(seen, id);
		jx_push(remaining,
			jx_pack("{s:s, s:o, s:s, s:o}", "kind", "appeared", "what",
				json_sprintf("%.64s %.300s, seen %.40s, author unknown", what, id,
					     jx_text(line, "at")),
				"why",
				"It appeared while the account was watched. IAM does not say who "
				"made it, so it was not touched: look first.",
				"command", facts_member(line, "command")));
	}
}

static void add_span(struct sheet *s, const json_t *rounds)
{
	record_time(s, jx_text(rounds, "first"));
	if (!text_equal(jx_text(rounds, "first"), jx_text(rounds, "last"))) {
		sheet_cell(s);
		record_time(s, jx_text(rounds, "last"));
	} else {
		sheet_cell(s);
	}
	sheet_cell(s);
}

static void add_state(struct sheet *s, const char *state)
{
	static const struct {
		const char *state;
		enum mark mark;
	} marks[] = {{"stands", MARK_GOOD},
		     {"contained again", MARK_CARE},
		     {"what was missing was sent", MARK_CARE},
		     {LEFT_STANDING, MARK_BAD},
		     {"NOT CONTAINED", MARK_BAD},
		     {"NOT KNOWN", MARK_CARE}};
	size_t i = 0;

	while (i < sizeof(marks) / sizeof(marks[0]) && !text_equal(marks[i].state, state))
		i++;
	if (i < sizeof(marks) / sizeof(marks[0]))
		sheet_mark(s, marks[i].mark, marks[i].state);
	else
		sheet_add(s, "%s", state);
	sheet_cell(s);
}

static bool same_call(const json_t *a, const json_t *b)
{
	return json_equal(json_object_get(a, "operation"), json_object_get(b, "operation")) &&
	       json_equal(json_object_get(a, "target"), json_object_get(b, "target"));
}

/* How often, for the first of its kind on one target; 0: not the first. */
static size_t times_of(const json_t *drift, size_t index)
{
	size_t times = 0;

	for (size_t i = 0; i < json_array_size(drift); i++) {
		if (!same_call(json_array_get(drift, i), json_array_get(drift, index)))
			continue;
		if (i < index)
			return 0;
		times++;
	}
	return times;
}

static void add_drift(struct sheet *s, const json_t *facts, const json_t *rounds)
{
	const json_t *drift = json_object_get(rounds, "drift");
	json_t *one;
	size_t i;

	if (json_array_size(drift) == 0)
		sheet_add(s, text_equal(jx_text(rounds, "state"), LEFT_STANDING) ? "nothing more"
										 : "nothing");
	json_array_foreach (drift, i, one) {
		size_t times = times_of(drift, i);
		if (times == 0)
			continue;
		sheet_add(s, "%s%s on ", i ? ", " : "", jx_text(one, "operation"));
		record_target(s, facts, jx_text(one, "target"));
		if (times > 1)
			sheet_add(s, " (%zu times)", times);
		if (jx_text(one, "left"))
			sheet_add(s, ", left standing");
	}
	sheet_cell(s);
}

static void rounds_row(struct sheet *s, const json_t *facts, const json_t *rounds)
{
	long long from = number(rounds, "from");
	long long to = number(rounds, "to");

	sheet_add(s, "%lld", from);
	if (to != from)
		sheet_add(s, " to %lld", to);
	sheet_cell(s);
	add_span(s, rounds);
	add_state(s, jx_text(rounds, "state"));
	add_drift(s, facts, rounds);
}

static void rounds_of(struct sheet *s, const json_t *facts, const json_t *hold)
{
	static const char *const columns[] = {"Round",	    "From",	 "To",
					      "State then", "Came back", NULL};
	const json_t *list = json_object_get(hold, "rounds");
	json_t *one;
	size_t i;

	if (json_array_size(list) == 0)
		return;
	sheet_table(s, columns);
	json_array_foreach (list, i, one)
		rounds_row(s, facts, one);
	sheet_table_end(s);
}

static void tally(struct sheet *s, const json_t *hold)
{
	const json_t *list = json_object_get(hold, "rounds");
	long long rounds = number(json_array_get(list, json_array_size(list) - 1), "to");
	long long back = 0;
	json_t *one;
	size_t i;

	json_array_foreach (list, i, one)
		back += json_array_size(json_object_get(one, "drift")) > 0;
	sheet_add(s, "Begun ");
	record_time(s, jx_text(hold, "at"));
	sheet_add(s, ", for %lld s: %lld rounds, and something had come back in %lld of them. ",
		  number(hold, "seconds"), rounds, back);
	if (jx_text(hold, "ended")) {
		sheet_add(s, "It ended ");
		record_time(s, jx_text(hold, "ended"));
		sheet_add(s, " with the verdict %s.", jx_text(hold, "verdict"));
	} else {
		sheet_mark(s, MARK_BAD, "It was cut off: no end is on record.");
	}
	sheet_block(s, BLOCK_PARAGRAPH, NULL);
	if (json_is_true(json_object_get(hold, "watched")))
		sheet_add(s,
			  "Watched: the targets, and all users, roles, access keys and trust "
			  "policies of the account. %zu new ones appeared.",
			  json_array_size(json_object_get(hold, "appeared")));
	else
		sheet_add(s, "Watched: the targets. Other identities of the account were not.");
	sheet_block(s, BLOCK_PARAGRAPH, NULL);
}

/* Why the verdict is not CONTAINED. */
static void reason(struct sheet *s, const json_t *facts, const json_t *hold)
{
	json_t *one;
	size_t i;

	if (!jx_text(hold, "verdict") || text_equal(jx_text(hold, "verdict"), "CONTAINED"))
		return;
	if (json_array_size(json_object_get(hold, "appeared"))) {
		sheet_add(s,
			  "The verdict is %s because of what appeared: see what remains for "
			  "people.",
			  jx_text(hold, "verdict"));
		sheet_block(s, BLOCK_BULLET, NULL);
	}
	json_array_foreach (json_object_get(facts, "remaining"), i, one) {
		bool open = text_equal(jx_text(one, "kind"), "not-so") ||
			    text_equal(jx_text(one, "kind"), "made-since");
		if (!open && !text_equal(jx_text(one, "kind"), "not-known"))
			continue;
		sheet_mark(s, open ? MARK_BAD : MARK_CARE, open ? "Not met" : "Not known");
		sheet_add(s, " %s", jx_text(one, "what"));
		if (jx_text(one, "why"))
			sheet_add(s, ": %s", jx_text(one, "why"));
		sheet_block(s, BLOCK_BULLET, NULL);
	}
}

void record_holds(struct sheet *s, const json_t *facts)
{
	const json_t *list = json_object_get(facts, "holds");
	json_t *one;
	size_t i;

	if (json_array_size(list) == 0)
		return;
	sheet_section(s, "hold", "Hold");
	sheet_add(s, "The account was read again and again, and what came back was contained "
		     "again, or left standing where that has no way back and was not agreed to: "
		     "the state of each round says which. Rounds that were alike stand together.");
	sheet_block(s, BLOCK_NOTE, NULL);
	json_array_foreach (list, i, one) {
		tally(s, one);
		/* What is open now is said of the newest. */
		if (i + 1 == json_array_size(list))
			reason(s, facts, one);
		rounds_of(s, facts, one);
	}
}

void record_scp(struct sheet *s, const json_t *facts)
{
	const json_t *scp = json_object_get(facts, "scp");
	json_t *limit;
	size_t i;

	if (!json_is_object(json_object_get(scp, "document")))
		return;
	sheet_section(s, "scp", "For whoever holds the organization");
	sheet_add(s, "IAM takes some seconds to enforce a change, and an attacker with rights in "
		     "IAM can use them. Only a service control policy stops him then. Cordon does "
		     "not attach it. This one denies the targets everything:");
	sheet_block(s, BLOCK_PARAGRAPH, NULL);
	char *text = json_dumps(json_object_get(scp, "document"), JSON_INDENT(2));
	if (!text)
		abort();
	sheet_code(s, text);
	free(text);
	json_array_foreach (json_object_get(scp, "limits"), i, limit) {
		sheet_add(s, "%s", json_string_value(limit));
		sheet_block(s, BLOCK_BULLET, NULL);
	}
}
