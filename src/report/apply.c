// SPDX-License-Identifier: Apache-2.0
#include "parts.h"

#include "cordon/json.h"
#include "cordon/text.h"

static const struct verdict {
	const char *name;
	enum tone tone;
	const char *means;
} verdicts[] = {
	{"OPEN", TONE_BAD, "at least one required check is not met"},
	{"UNKNOWN", TONE_CARE, "at least one required check could not be answered"},
	{"REHEARSED", TONE_GOOD, "on the account file; nothing was sent to AWS"},
};

static const struct state {
	const char *name, *sign;
	enum tone tone;
} states[] = {
	{"true", "[yes]", TONE_GOOD},
	{"false", "[NO] ", TONE_BAD},
};

/* Beneath CONTAINED, on a line of its own: how much that says. */
static void settled(struct page *p, const json_t *document, const char *verdict, unsigned indent)
{
	const json_t *seconds = json_object_get(document, "settled_seconds");

	if (!text_equal(verdict, "CONTAINED"))
		return;
	if (json_is_integer(seconds))
		page_add(p, "as configured at T+%lld s", json_integer_value(seconds));
	else
		page_add(p, "as configured when it was read");
	page_add(p, "; AWS gives no bound on enforcement");
	page_line(p, indent);
}

/* The name, and what it means. "rehearsed" is said beside every verdict of a rehearsal. */
static void add_verdict(struct page *p, const json_t *document, const char *name)
{
	if (text_equal(name, "CONTAINED")) {
		page_tone(p, TONE_GOOD, "CONTAINED");
		return;
	}
	for (size_t i = 0; i < sizeof(verdicts) / sizeof(verdicts[0]); i++) {
		if (!text_equal(verdicts[i].name, name))
			continue;
		page_tone(p, verdicts[i].tone, verdicts[i].name);
		if (part_is_rehearsal(document) && !text_equal(name, "REHEARSED"))
			page_add(p, " (rehearsed)");
		page_add(p, ": %s", verdicts[i].means);
		return;
	}
	page_add(p, part_is_rehearsal(document) ? "no verdict (rehearsed)" : "no verdict");
}

static void check(struct page *p, const json_t *one, bool rehearsal)
{
	const char *sign = "[?]  ";
	enum tone tone = TONE_CARE;

	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		if (!text_equal(states[i].name, jx_text(one, "state")))
			continue;
		sign = states[i].sign;
		tone = states[i].tone;
	}
	page_tone(p, tone, sign);
	page_add(p, rehearsal ? " rehearsed: %s" : " %s", jx_text(one, "check"));
	if (jx_text(one, "seen"))
		page_add(p, " (%s)", jx_text(one, "seen"));
	if (json_is_false(json_object_get(one, "required")))
		page_add(p, "; the verdict does not need it");
	page_flow(p, 6, 12);
	if (jx_text(one, "command"))
		page_command(p, 12, jx_text(one, "command"));
}

static void target(struct page *p, const json_t *document, const json_t *one)
{
	json_t *row;
	size_t i;

	part_add_target(p, document, jx_text(one, "id"));
	page_add(p, ": ");
	if (json_object_get(one, "refused"))
		page_tone(p, TONE_BAD, "REFUSED, ");
	add_verdict(p, document, jx_text(one, "verdict"));
	page_flow(p, 2, 6);
	settled(p, document, jx_text(one, "verdict"), 6);
	if (jx_text(one, "arn"))
		page_say(p, 6, 6, "%s", jx_text(one, "arn"));
	if (jx_text(one, "scope"))
		page_say(p, 6, 12, "scope: %s", jx_text(one, "scope"));
	json_array_foreach (json_object_get(one, "checks"), i, row)
		check(p, row, part_is_rehearsal(document));
	part_remains(p, json_object_get(one, "remains"));
}

static void targets(struct page *p, const json_t *document)
{
	json_t *one;
	size_t i;

	if (part_count(document, "targets"))
		page_title(p, "Targets");
	json_array_foreach (json_object_get(document, "targets"), i, one)
		target(p, document, one);
}

static void held(struct page *p, const json_t *document)
{
	const json_t *hold = json_object_get(document, "hold");
	json_t *one;
	size_t i;

	if (!hold)
		return;
	page_title(p, "Hold");
	page_say(p, 2, 4, "%lld rounds in %lld s; something had come back in %lld of them",
		 json_integer_value(json_object_get(hold, "rounds")),
		 json_integer_value(json_object_get(hold, "seconds")),
		 json_integer_value(json_object_get(hold, "drift")));
	if (!json_is_true(json_object_get(hold, "watched"))) {
		page_say(p, 2, 4, "other identities of the account were not watched");
		return;
	}
	page_say(p, 2, 4, "%zu new things in the account, author unknown%s",
		 part_count(document, "appeared"), part_count(document, "appeared") ? ":" : "");
	json_array_foreach (json_object_get(document, "appeared"), i, one) {
		page_tone(p, TONE_BAD, jx_text(one, "what"));
		page_add(p, " %s", jx_text(one, "id"));
		if (jx_text(one, "at"))
			page_add(p, ", made %s", jx_text(one, "at"));
		page_flow(p, 4, 6);
		page_say(p, 6, 8, "%s", jx_text(one, "command"));
	}
}

static size_t count_status(const json_t *document, const char *status)
{
	size_t count = 0;
	json_t *one;
	size_t i;

	json_array_foreach (json_object_get(document, "results"), i, one)
		count += text_equal(jx_text(one, "status"), status);
	return count;
}

static void tally(struct page *p, const json_t *document)
{
	size_t skipped = count_status(document, "skipped");
	size_t results = part_count(document, "results");
	size_t operations = part_count(document, "operations");

	page_add(p, "%s%zu done, %zu failed, %zu unknown, %zu skipped",
		 part_is_rehearsal(document) ? "rehearsed: " : "", count_status(document, "done"),
		 count_status(document, "failed"), count_status(document, "unknown"), skipped);
	if (operations > results)
		page_add(p, ", %zu not sent", operations - results);
	page_flow(p, 2, PAGE_VALUE);
}

static bool is_unfinished(const json_t *document)
{
	return json_is_true(json_object_get(document, "unfinished")) ||
	       count_status(document, "failed") || count_status(document, "unknown") ||
	       part_count(document, "operations") > part_count(document, "results");
}

static void next(struct page *p, const json_t *document)
{
	const char *run = jx_text(document, "run");
	/* A run that is known from a file only. */
	const char *operand = jx_text(document, "file") ? jx_text(document, "file") : run;
	bool rehearsal = part_is_rehearsal(document);

	if (!run)
		return;
	page_field(p, rehearsal ? "Rehearsal" : "Run", "%s", run);
	if (!rehearsal && is_unfinished(document)) {
		page_add(p, "not finished: cordon %s %s sends what is left, nothing twice",
			 jx_text(document, "release") ? "release" : "resume", operand);
		page_line(p, PAGE_VALUE);
	}
	if (!rehearsal) {
		page_add(p, "cordon verify %s", operand);
		page_line(p, PAGE_VALUE);
	}
	page_add(p, "cordon show %s", operand);
	page_line(p, PAGE_VALUE);
	if (!jx_text(document, "journal_last"))
		return;
	/* One line each, however long: they are to be kept, and copied. */
	page_add(p, "Journal    ends with %s", jx_text(document, "journal_last"));
	page_line(p, 2);
	page_add(p, "cordon show %s --check --expect %s", operand,
		 jx_text(document, "journal_last"));
	page_line(p, PAGE_VALUE);
}

void report_apply(struct buf *out, const json_t *document, const struct report_style *style)
{
	bool was_released = json_is_object(json_object_get(document, "released"));
	struct page p;

	page_begin(&p, out, style);
	page_title(&p, part_is_rehearsal(document) ? "Result of a rehearsal" : "Result");
	part_head(&p, document);
	part_operations(&p, document);
	part_skipped(&p, document);
	part_refusals(&p, document);
	part_differences(&p, document);
	targets(&p, document);
	held(&p, document);
	part_not_covered(&p, document);
	part_warnings(&p, document);
	if (json_object_get(document, "hold"))
		part_scp(&p, document);
	page_title(&p, "Outcome");
	tally(&p, document);
	page_add(&p, was_released ? "Was        " : "Verdict    ");
	add_verdict(&p, document, jx_text(document, "verdict"));
	if (was_released)
		page_add(&p, ", before a release was begun: it is so no more");
	page_flow(&p, 2, PAGE_VALUE);
	if (!was_released)
		settled(&p, document, jx_text(document, "verdict"), PAGE_VALUE);
	next(&p, document);
	page_end(&p);
}
