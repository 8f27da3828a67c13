// SPDX-License-Identifier: Apache-2.0
/* A cordon-report/1 as a document: first what a manager asks, then what an auditor does. */
#include "sheet.h"

#include "cordon/json.h"
#include "cordon/report.h"
#include "cordon/text.h"
#include "record.h"

static const struct word {
	const char *name, *shown;
	enum mark mark;
	const char *means;
} verdicts[] = {
	{"CONTAINED", "CONTAINED", MARK_GOOD,
	 "Every identity that was named is cut off, as it was configured at the last reading. AWS "
	 "gives no bound on how soon it enforces a change."},
	{"OPEN", "OPEN", MARK_BAD,
	 "At least one check that the verdict needs is not met. The identity may still act."},
	{"UNKNOWN", "UNKNOWN", MARK_CARE,
	 "Nothing was found open, but at least one check that the verdict needs has no answer."},
	{"REHEARSED", "REHEARSED", MARK_QUIET,
	 "Every check is met on the account file. Nothing was sent to AWS, and nothing is "
	 "contained."},
};

static const struct word statuses[] = {
	{"done", "done", MARK_GOOD, NULL},	   {"failed", "FAILED", MARK_BAD, NULL},
	{"unknown", "UNKNOWN", MARK_CARE, NULL},   {"skipped", "not sent", MARK_PLAIN, NULL},
	{"not-sent", "not sent", MARK_CARE, NULL}, {"refused", "REFUSED", MARK_BAD, NULL},
};

static const struct word kinds[] = {
	{"unfinished", "Not finished", MARK_BAD, NULL},
	{"not-so", "Not met", MARK_BAD, NULL},
	{"made-since", "Made by somebody else after containment", MARK_BAD, NULL},
	{"not-known", "Not known", MARK_CARE, NULL},
	{"left-out", "Left out on purpose", MARK_CARE, NULL},
	{"not-covered", "Not covered", MARK_PLAIN, NULL},
	{"warning", "Warning", MARK_CARE, NULL},
	{"appeared", "Appeared", MARK_BAD, NULL},
};

static const struct word states[] = {
	{"true", "yes", MARK_GOOD, NULL},
	{"false", "NO", MARK_BAD, NULL},
	{"unknown", "not known", MARK_CARE, NULL},
};

#define FIND(table, name) find_word(table, sizeof(table) / sizeof((table)[0]), name)

static const struct word *find_word(const struct word *table, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++) {
		if (text_equal(table[i].name, name))
			return &table[i];
	}
	return NULL;
}

/* A word of ours with its mark, or a foreign one as it is. */
static void add_word(struct sheet *s, const struct word *word, const char *name)
{
	if (s->rehearsal && (!word || !text_equal(word->name, "REHEARSED")))
		sheet_add(s, "rehearsed: ");
	if (word)
		sheet_mark(s, word->mark, word->shown);
	else
		sheet_mono(s, name);
}

static bool is_rehearsal(const json_t *facts)
{
	return json_is_true(json_object_get(facts, "rehearsal"));
}

static bool is_finished(const json_t *facts)
{
	return text_equal(jx_text(facts, "state"), "finished");
}

static const struct word *verdict_word(const json_t *facts)
{
	return FIND(verdicts, jx_text(facts, "verdict"));
}

static size_t count(const json_t *facts, const char *list)
{
	return json_array_size(json_object_get(facts, list));
}

void record_target(struct sheet *s, const json_t *facts, const char *id)
{
	const json_t *target = jx_find(json_object_get(facts, "targets"), "id", id, NULL);
	const char *kind = jx_text(target, "principal");
	const char *name = jx_text(target, "name");

	if (!kind)
		kind = jx_text(target, "kind");
	if (name)
		sheet_add(s, "%s ", kind);
	sheet_mono(s, name ? name : id);
	if (jx_text(target, "session")) {
		sheet_add(s, ", session ");
		sheet_mono(s, jx_text(target, "session"));
	}
}

static bool is_released(const json_t *facts)
{
	return json_is_object(json_object_get(facts, "release"));
}

static void add_seconds(struct sheet *s, const json_t *seconds)
{
	if (json_is_integer(seconds))
		sheet_add(s, "%lld s", json_integer_value(seconds));
	else
		sheet_mark(s, MARK_ASIDE, "none on record");
}

static void figure_seconds(struct sheet *s, const json_t *facts, const char *label, const char *key)
{
	add_seconds(s, jx_at(facts, "times", key, NULL));
	sheet_block(s, BLOCK_FIGURE, label);
}

/* The verdict that counts is the last one; a hold may have come to others before. */
static void figure_verdict(struct sheet *s, const json_t *facts)
{
	const json_t *all = jx_at(facts, "times", "verdicts", NULL);
	const json_t *first = json_array_get(all, 0);
	const json_t *last = json_array_get(all, json_array_size(all) - 1);

	if (first != last && !text_equal(jx_text(first, "verdict"), jx_text(last, "verdict"))) {
		add_seconds(s, json_object_get(first, "seconds"));
		sheet_block(s, BLOCK_FIGURE, "To a first verdict");
		first = last;
	}
	add_seconds(s, json_object_get(first, "seconds"));
	sheet_block(s, BLOCK_FIGURE, "To the verdict");
}

static void figures(struct sheet *s, const json_t *facts)
{
	figure_seconds(s, facts, "To the first deny", "seconds_to_first_deny");
	figure_verdict(s, facts);
	sheet_add(s, "%lld", json_integer_value(jx_at(facts, "counts", "contained", NULL)));
	sheet_block(s, BLOCK_FIGURE, s->rehearsal ? "Changes rehearsed" : "Changes made");
	if (is_released(facts)) {
		sheet_add(s, "%lld", json_integer_value(jx_at(facts, "counts", "released", NULL)));
		sheet_block(s, BLOCK_FIGURE, "Changes of the release");
	}
	sheet_add(s, "%zu", count(facts, "not_possible"));
	sheet_block(s, BLOCK_FIGURE, "Not possible");
	sheet_add(s, "%zu", count(facts, "remaining"));
	sheet_block(s, BLOCK_FIGURE, "Left for people");
}

/* What has become of the run since; its verdict is of before. */
static void released(struct sheet *s, const json_t *facts)
{
	static const struct {
		const char *state, *shown, *means;
	} becomes[] = {
		{"whole", "RELEASED",
		 "What the run changed was taken back, but for what stays on "
		 "purpose: credentials that were not named, and cutoffs that "
		 "keep stolen sessions out."},
		{"partly", "PARTLY RELEASED",
		 "Some of what the run changed was taken back, and some not. The release can be "
		 "given again."},
		{"begun", "RELEASE NOT FINISHED",
		 "A release was begun and has no end on record. The release can be given again."},
	};
	const json_t *release = json_object_get(facts, "release");
	const char *was = jx_text(release, "was");

	for (size_t i = 0; i < sizeof(becomes) / sizeof(becomes[0]); i++) {
		if (!text_equal(becomes[i].state, jx_text(release, "state")))
			continue;
		sheet_mark(s, i ? MARK_BAD : MARK_CARE, becomes[i].shown);
		sheet_add(s, " at ");
		record_time(s, jx_text(release, "at"));
		if (was)
			sheet_add(s, ". The verdict before, %s, holds no longer. ", was);
		else
			sheet_add(s, ". There was no verdict before. ");
		sheet_add(s, "%s", becomes[i].means);
	}
	sheet_block(s, BLOCK_LEAD, NULL);
}

/* No target is open; something else appeared. */
static bool is_open_by_others(const json_t *facts)
{
	return text_equal(jx_text(facts, "verdict"), "OPEN") &&
	       !jx_find(json_object_get(facts, "targets"), "verdict", "OPEN", NULL) &&
	       jx_find(json_object_get(facts, "remaining"), "kind", "appeared", NULL);
}

static void verdict(struct sheet *s, const json_t *facts)
{
	const struct word *word = verdict_word(facts);
	const json_t *settled = json_object_get(facts, "settled_seconds");

	if (is_released(facts)) {
		released(s, facts);
		return;
	}
	if (word && s->rehearsal && word->mark != MARK_QUIET)
		sheet_add(s, "Rehearsed: ");
	if (is_open_by_others(facts)) {
		sheet_mark(s, word->mark, word->shown);
		sheet_add(s,
			  " because of what appeared in the account while it was watched, author "
			  "unknown. What was named is judged below.");
	} else if (word) {
		sheet_mark(s, word->mark, word->shown);
		sheet_add(s, " ");
		sheet_add(s, "%s", word->means);
	} else if (jx_text(facts, "verdict")) {
		sheet_mono(s, jx_text(facts, "verdict"));
	} else {
		sheet_mark(s, MARK_PLAIN, "NO VERDICT");
		sheet_add(s, " This record says what was done. It does not say whether anybody is "
			     "contained.");
	}
	if (text_equal(jx_text(facts, "verdict"), "CONTAINED") && json_is_integer(settled))
		sheet_add(s, " The last reading was %lld s after the last write.",
			  json_integer_value(settled));
	sheet_block(s, BLOCK_LEAD, NULL);
}

/* What must not be missed, before anything else. */
static void banners(struct sheet *s, const json_t *facts)
{
	const char *state = jx_text(facts, "state");

	if (s->rehearsal) {
		sheet_mark(s, MARK_BAD, "REHEARSAL");
		sheet_add(s, " on an account file. Nothing was sent to AWS, nobody was contained, "
			     "and every change below was made to a copy.");
		sheet_block(s, BLOCK_BANNER, NULL);
	}
	if (text_equal(state, "unfinished")) {
		sheet_mark(s, MARK_BAD, "NOT FINISHED");
		sheet_add(s, " This run was cut off: there is no result and no verdict. What "
			     "follows is what the journal holds.");
		sheet_block(s, BLOCK_BANNER, NULL);
	} else if (text_equal(state, "continued")) {
		sheet_mark(s, MARK_BAD, "NOT FINISHED");
		sheet_add(s, " The run went on after the verdict below, and was cut off then. The "
			     "verdict is the earlier one.");
		sheet_block(s, BLOCK_BANNER, NULL);
	}
}

static void where(struct sheet *s, const json_t *facts)
{
	const json_t *counts = json_object_get(facts, "counts");
	const char *alias = jx_text(facts, "alias");

	sheet_add(s, "Account ");
	sheet_mono(s, jx_text(facts, "account_id"));
	if (alias)
		sheet_add(s, " (%s)", alias);
	sheet_add(s, ", begun ");
	record_time(s, jx_text(json_object_get(facts, "times"), "started"));
	if (jx_text(facts, "case"))
		sheet_add(s, ", case %s", jx_text(facts, "case"));
	sheet_add(s, ". Writes: %lld done, %lld failed, %lld unknown, %lld not sent.",
		  json_integer_value(json_object_get(counts, "done")),
		  json_integer_value(json_object_get(counts, "failed")),
		  json_integer_value(json_object_get(counts, "unknown")),
		  json_integer_value(json_object_get(counts, "skipped")) +
			  json_integer_value(json_object_get(counts, "not_sent")));
	sheet_block(s, BLOCK_PARAGRAPH, NULL);
}

static void target_card(struct sheet *s, const json_t *facts, const json_t *target)
{
	const char *name = jx_text(target, "verdict");
	const struct word *word = FIND(verdicts, name);
	bool refused = json_object_get(target, "refused") != NULL;

	sheet_card(s, refused ? MARK_BAD : word && !is_released(facts) ? word->mark : MARK_PLAIN);
	if (refused)
		sheet_mark(s, MARK_BAD, "REFUSED");
	else if (!name)
		sheet_mark(s, MARK_PLAIN, "no verdict");
	else if (is_released(facts))
		sheet_add(s, "was %s:", name);
	else
		add_word(s, word, name);
	sheet_add(s, " ");
	record_target(s, facts, jx_text(target, "id"));
	sheet_block(s, BLOCK_PARAGRAPH, NULL);
	if (jx_text(target, "arn")) {
		sheet_mono(s, jx_text(target, "arn"));
		sheet_block(s, BLOCK_PARAGRAPH, NULL);
	}
	if (jx_text(target, "scope")) {
		sheet_add(s, "Scope: %s", jx_text(target, "scope"));
		sheet_block(s, BLOCK_NOTE, NULL);
	}
	sheet_card_end(s);
}

static void summary(struct sheet *s, const json_t *facts)
{
	json_t *target;
	size_t i;

	sheet_section(s, "summary", "Summary");
	banners(s, facts);
	if (!text_equal(jx_text(facts, "state"), "unfinished"))
		verdict(s, facts);
	figures(s, facts);
	where(s, facts);
	json_array_foreach (json_object_get(facts, "targets"), i, target)
		target_card(s, facts, target);
}

static void remaining(struct sheet *s, const json_t *facts)
{
	json_t *one;
	size_t i;

	sheet_section(s, "remaining", "What remains for people");
	if (is_released(facts)) {
		sheet_add(s, "As it was before the release, which took the denies away.");
		sheet_block(s, BLOCK_NOTE, NULL);
	}
	if (count(facts, "remaining") == 0)
		sheet_add(s, "Nothing that this run knows of.");
	else
		sheet_add(s, "This run neither did nor checked the following. A command is ready "
			     "where there is one.");
	sheet_block(s, BLOCK_PARAGRAPH, NULL);
	json_array_foreach (json_object_get(facts, "remaining"), i, one) {
		const struct word *kind = FIND(kinds, jx_text(one, "kind"));
		sheet_card(s, kind ? kind->mark : MARK_PLAIN);
		if (kind)
			sheet_mark(s, kind->mark, kind->shown);
		sheet_add(s, " %s", jx_text(one, "what"));
		sheet_block(s, BLOCK_PARAGRAPH, NULL);
		if (jx_text(one, "why")) {
			sheet_add(s, "%s", jx_text(one, "why"));
			sheet_block(s, BLOCK_NOTE, NULL);
		}
		if (jx_text(one, "command"))
			sheet_command(s, jx_text(one, "command"));
		sheet_card_end(s);
	}
}

static void impossible(struct sheet *s, const json_t *facts, const json_t *one)
{
	const struct word *status = FIND(statuses, jx_text(one, "status"));

	sheet_card(s, status ? status->mark : MARK_CARE);
	add_word(s, status, jx_text(one, "status"));
	sheet_add(s, " %s, on ", jx_text(one, "what"));
	record_target(s, facts, jx_text(one, "target"));
	if (jx_text(one, "operation")) {
		sheet_add(s, " (");
		sheet_mono(s, jx_text(one, "operation"));
		sheet_add(s, ")");
	}
	sheet_block(s, BLOCK_PARAGRAPH, NULL);
	sheet_add(s, "%s", jx_text(one, "why"));
	sheet_block(s, BLOCK_NOTE, NULL);
	if (jx_text(one, "instead")) {
		sheet_add(s, "Instead: %s", jx_text(one, "instead"));
		sheet_block(s, BLOCK_PARAGRAPH, NULL);
	}
	sheet_card_end(s);
}

static void not_possible(struct sheet *s, const json_t *facts)
{
	json_t *one;
	size_t i;

	sheet_section(s, "not-possible", "What was not possible");
	if (count(facts, "not_possible") == 0) {
		sheet_add(s, "Nothing: no write failed, none is unknown, and no guard refused.");
		sheet_block(s, BLOCK_PARAGRAPH, NULL);
	}
	json_array_foreach (json_object_get(facts, "not_possible"), i, one)
		impossible(s, facts, one);
}

static void undo_words(struct sheet *s, const json_t *facts, const json_t *undo)
{
	if (s->rehearsal)
		sheet_add(s, "There is nothing to undo: nothing was sent.");
	else if (count(undo, "operations") == 0)
		sheet_add(s, "This run did nothing that can be taken back.");
	else
		sheet_add(s,
			  "This takes back what this run did and nothing else, newest first, "
			  "and shows all of it before it asks. %zu of %zu changes can be taken "
			  "back.",
			  count(undo, "operations"),
			  (size_t)json_integer_value(jx_at(facts, "counts", "contained", NULL)));
	if (jx_text(undo, "released")) {
		sheet_add(s, " A release is on record already, ");
		record_time(s, jx_text(undo, "released"));
		sheet_add(s, ": the timeline has it. Given again, it takes away the cutoffs that "
			     "have served their time, and nothing twice.");
	}
	sheet_block(s, BLOCK_PARAGRAPH, NULL);
}

/* A hold may have done the same again and again: how often, for the first of them; 0: not the
 * first.
 */
static size_t times_lost(const json_t *list, size_t index)
{
	static const char *const members[] = {"what", "target", "irreversible", NULL};
	const json_t *one = json_array_get(list, index);
	size_t times = 0;

	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *other = json_array_get(list, i);
		bool same = true;
		for (size_t n = 0; members[n]; n++)
			same = same && json_equal(json_object_get(one, members[n]),
						  json_object_get(other, members[n]));
		if (same && i < index)
			return 0;
		times += same;
	}
	return times;
}

/* What no release brings back. */
static void undo_not(struct sheet *s, const json_t *facts, const json_t *undo)
{
	json_t *one;
	size_t i;

	json_array_foreach (json_object_get(undo, "no_way_back"), i, one) {
		bool final = json_is_true(json_object_get(one, "irreversible"));
		size_t times = times_lost(json_object_get(undo, "no_way_back"), i);
		if (times == 0)
			continue;
		sheet_mark(s, MARK_BAD, final ? "No way back" : "Way back not known");
		sheet_add(s, " %s, on ", jx_text(one, "what"));
		record_target(s, facts, jx_text(one, "target"));
		if (times > 1)
			sheet_add(s, " (%zu times)", times);
		sheet_block(s, BLOCK_BULLET, NULL);
	}
	json_array_foreach (s->rehearsal ? NULL : json_object_get(undo, "keys"), i, one) {
		sheet_mark(s, MARK_PLAIN, "Stays off");
		sheet_add(s, " access key ");
		sheet_mono(s, json_string_value(one));
		sheet_add(s, ", unless it is named");
		sheet_block(s, BLOCK_BULLET, NULL);
	}
}

static void undo(struct sheet *s, const json_t *facts)
{
	const json_t *undo = json_object_get(facts, "undo");
	const char *command = jx_text(undo, "command");

	sheet_section(s, "undo", "How to undo");
	undo_words(s, facts, undo);
	if (command && count(undo, "operations"))
		sheet_command(s, command);
	undo_not(s, facts, undo);
}

static void already(struct sheet *s, const json_t *facts)
{
	json_t *one;
	size_t i;

	if (count(facts, "already_so") == 0)
		return;
	sheet_section(s, "already", "What was so already");
	json_array_foreach (json_object_get(facts, "already_so"), i, one) {
		sheet_add(s, "Step %s, on ", jx_text(one, "what"));
		record_target(s, facts, jx_text(one, "target"));
		sheet_add(s, ": %s", jx_text(one, "why"));
		sheet_block(s, BLOCK_BULLET, NULL);
	}
}

static void checks(struct sheet *s, const json_t *facts)
{
	static const char *const columns[] = {"Identity", "Check", "Met", "Seen", NULL};
	json_t *target;
	json_t *check;
	size_t i;
	size_t j;

	sheet_section(s, "checks", "What the verdict rests on");
	sheet_table(s, columns);
	json_array_foreach (json_object_get(facts, "targets"), i, target) {
		json_array_foreach (json_object_get(target, "checks"), j, check) {
			const char *state = jx_text(check, "state");
			sheet_add(s, "%s", jx_text(target, "name"));
			sheet_cell(s);
			sheet_add(s, "%s", jx_text(check, "check"));
			if (json_is_false(json_object_get(check, "required")))
				sheet_mark(s, MARK_ASIDE, " (the verdict does not need it)");
			sheet_cell(s);
			add_word(s, FIND(states, state), state);
			sheet_cell(s);
			sheet_add(s, "%s", jx_text(check, "seen") ? jx_text(check, "seen") : "");
			sheet_cell(s);
		}
	}
	sheet_table_end(s);
}

static const char *tone_of(const json_t *facts)
{
	static const char *const tones[MARK_COUNT] = {"plain", "good",	"bad",
						      "care",  "quiet", "plain"};
	const struct word *word = verdict_word(facts);

	if (!is_finished(facts))
		return "bad";
	if (is_released(facts))
		return "care";
	return tones[word ? word->mark : MARK_PLAIN];
}

/* "user/dana and 2 more". Free it. */
static json_t *subject_of(const json_t *facts)
{
	const json_t *target = json_array_get(json_object_get(facts, "targets"), 0);
	size_t others = count(facts, "targets") - (target != NULL);
	const char *kind = jx_text(target, "principal");
	const char *name = jx_text(target, "name");

	if (!name)
		return jx_string(jx_text(facts, "run"));
	if (!kind)
		kind = jx_text(target, "kind");
	if (others)
		return json_sprintf("%s/%s and %zu more", kind ? kind : "", name, others);
	return json_sprintf("%s/%s", kind ? kind : "", name);
}

static void render(struct buf *out, const json_t *facts, const struct sheet_form *form)
{
	json_auto_t *subject = subject_of(facts);
	const struct sheet_head head = {.subject = json_string_value(subject),
					.tone = tone_of(facts),
					.rehearsal = is_rehearsal(facts)};
	struct sheet s;

	sheet_begin(&s, form, out, &head);
	summary(&s, facts);
	remaining(&s, facts);
	record_holds(&s, facts);
	not_possible(&s, facts);
	undo(&s, facts);
	record_changes(&s, facts);
	already(&s, facts);
	checks(&s, facts);
	record_scp(&s, facts);
	record_timeline(&s, facts);
	record_about(&s, facts);
	sheet_end(&s);
}

void report_markdown(struct buf *out, const json_t *facts, const struct report_style *style)
{
	(void)style;
	render(out, facts, &sheet_markdown);
}

void report_html(struct buf *out, const json_t *facts, const struct report_style *style)
{
	(void)style;
	render(out, facts, &sheet_html);
}
