// SPDX-License-Identifier: Apache-2.0
/* The record: runs, one run, and a run as it happens. */
#include "parts.h"

#include "cordon/json.h"
#include "cordon/text.h"

static const struct {
	const char *state, *words;
} releases[] = {
	{"whole", "RELEASED"},
	{"partly", "PARTLY RELEASED"},
	{"begun", "RELEASE NOT FINISHED, begun"},
};

static void add_release(struct page *p, const json_t *released)
{
	for (size_t i = 0; i < sizeof(releases) / sizeof(releases[0]); i++) {
		if (text_equal(releases[i].state, jx_text(released, "state")))
			page_tone(p, i ? TONE_BAD : TONE_CARE, releases[i].words);
	}
	page_add(p, " %s", jx_text(released, "at"));
}

/* A verdict, or why there is none. */
static void add_state(struct page *p, const json_t *run)
{
	const json_t *finished = json_object_get(run, "finished");
	const char *verdict = jx_text(run, "verdict");

	const json_t *released = json_object_get(run, "released");

	if (part_is_rehearsal(run))
		page_tone(p, TONE_CARE, "rehearsed ");
	if (json_is_object(released)) {
		add_release(p, released);
		page_add(p, " (was %s)", verdict ? verdict : "without a verdict");
		return;
	}
	if (json_is_false(json_object_get(run, "begun")))
		page_tone(p, TONE_CARE, "never begun: nothing was sent");
	else if (json_is_false(finished) || json_is_null(finished))
		page_tone(p, TONE_BAD, "NOT FINISHED");
	else if (text_equal(verdict, "OPEN"))
		page_tone(p, TONE_BAD, "OPEN");
	else
		page_add(p, "%s", verdict ? verdict : "no verdict");
}

static void run_row(struct page *p, const json_t *run)
{
	json_t *arn;
	size_t i;

	page_add(p, "%s  ", jx_text(run, "run"));
	add_state(p, run);
	page_flow(p, 0, 4);
	if (json_is_false(json_object_get(run, "begun")))
		return;
	page_add(p, "%s  %s, account %s", jx_text(run, "at"), jx_text(run, "command"),
		 jx_text(run, "account_id"));
	if (jx_text(run, "case"))
		page_add(p, ", case %s", jx_text(run, "case"));
	page_flow(p, 4, 6);
	json_array_foreach (json_object_get(run, "targets"), i, arn)
		page_say(p, 4, 6, "%s", json_string_value(arn));
}

void report_runs(struct buf *out, const json_t *document, const struct report_style *style)
{
	struct page p;
	json_t *run;
	size_t i;

	page_begin(&p, out, style);
	if (!part_count(document, "runs"))
		page_say(&p, 0, 0, "There is no run on record.");
	json_array_foreach (json_object_get(document, "runs"), i, run)
		run_row(&p, run);
	page_end(&p);
}

static void add_error(struct page *p, const json_t *error)
{
	if (json_is_object(error))
		page_add(p, "  %s: %s", jx_text(error, "code"), jx_text(error, "message"));
	else if (json_is_string(error))
		page_add(p, "  %s", json_string_value(error));
}

static void add_member(struct page *p, const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	if (!json_is_string(value) && !json_is_integer(value))
		return;
	page_add(p, "  ");
	part_add_value(p, value);
}

static void event_row(struct page *p, const json_t *event)
{
	static const char *const inner[] = {"id", "target", "operation", NULL};
	static const char *const members[] = {"status", "why", "text", "request_id", NULL};

	page_add(p, "%lld  %s  %s", json_integer_value(json_object_get(event, "seq")),
		 jx_text(event, "at"), jx_text(event, "event"));
	for (size_t i = 0; inner[i]; i++)
		add_member(p, json_object_get(event, "operation"), inner[i]);
	for (size_t i = 0; members[i]; i++)
		add_member(p, event, members[i]);
	add_error(p, json_object_get(event, "error"));
	page_flow(p, 2, 6);
}

static const struct {
	const char *proof, *means;
} proofs[] = {
	{"internally consistent",
	 "internally consistent: each line has the hash of the one before; only --expect with a "
	 "hash that was kept elsewhere shows that not all of it was written anew"},
	{"anchored", "anchored: it ends with the hash that was expected"},
};

static void journal(struct page *p, const json_t *one)
{
	const json_t *torn = json_object_get(one, "torn");
	bool broken = !text_equal(jx_text(one, "chain"), "ok");

	page_add(p, "Journal    %lld lines, chain ",
		 json_integer_value(json_object_get(one, "lines")));
	page_tone(p, broken ? TONE_BAD : TONE_GOOD, broken ? "BROKEN" : "ok");
	if (json_is_true(torn) || json_integer_value(torn) > 0)
		page_add(p, ", the last line is cut off");
	page_flow(p, 2, PAGE_VALUE);
	if (jx_text(one, "last"))
		page_field(p, "", "last hash %s", jx_text(one, "last"));
	for (size_t i = 0; i < sizeof(proofs) / sizeof(proofs[0]); i++) {
		if (text_equal(proofs[i].proof, jx_text(one, "proof")))
			page_field(p, "", "%s", proofs[i].means);
	}
	if (jx_text(one, "problem"))
		page_field(p, "Problem", "%s", jx_text(one, "problem"));
}

static void events(struct page *p, const json_t *document)
{
	json_t *event;
	size_t i;

	if (part_count(document, "events"))
		page_title(p, "Events");
	json_array_foreach (json_object_get(document, "events"), i, event)
		event_row(p, event);
}

/* The result below is of before it. */
static void released(struct page *p, const json_t *document)
{
	const json_t *released = json_object_get(document, "released");
	const char *verdict = jx_text(json_object_get(document, "result"), "verdict");

	if (!json_is_object(released))
		return;
	page_add(p, "State      ");
	add_release(p, released);
	page_add(p, " (was %s)", verdict ? verdict : "without a verdict");
	page_flow(p, 2, PAGE_VALUE);
}

void report_run(struct buf *out, const json_t *document, const struct report_style *style)
{
	const json_t *result = json_object_get(document, "result");
	struct page p;

	page_begin(&p, out, style);
	page_title(&p, "Run");
	page_field(&p, "Run", "%s", jx_text(document, "run"));
	page_field(&p, "Folder", "%s", jx_text(document, "folder"));
	released(&p, document);
	journal(&p, json_object_get(document, "journal"));
	events(&p, document);
	if (json_is_object(result)) {
		json_auto_t *shown = jx_copy(result);
		json_object_set(shown, "released", json_object_get(document, "released"));
		report_apply(out, shown, style);
		page_end(&p);
		return;
	}
	if (json_is_object(json_object_get(document, "plan"))) {
		page_title(&p, "What was planned");
		part_head(&p, json_object_get(document, "plan"));
		part_targets(&p, json_object_get(document, "plan"));
		part_operations(&p, json_object_get(document, "plan"));
	}
	buf_add(out, "\n");
	page_tone(&p, TONE_BAD, "NOT FINISHED");
	page_add(&p, ": there is no result. 'cordon resume %s' sends what is left, nothing twice.",
		 jx_text(document, "run"));
	page_flow(&p, 0, 0);
	page_end(&p);
}

static void progress_stage(struct page *p, const json_t *event)
{
	const json_t *number = json_object_get(event, "stage");
	bool release = json_is_true(json_object_get(event, "release"));
	const char *name = part_stage_name(json_integer_value(number), release);

	page_add(p, release ? "release, stage" : "stage");
	if (json_is_integer(number))
		page_add(p, " %lld", json_integer_value(number));
	if (name)
		page_add(p, ": %s", name);
	add_member(p, event, "text");
}

static void add_subject(struct page *p, const json_t *event)
{
	add_member(p, event, "id");
	add_member(p, event, "operation");
	add_member(p, event, "target");
}

static void progress_intent(struct page *p, const json_t *event)
{
	page_add(p, "recorded");
	add_subject(p, event);
	add_member(p, event, "text");
}

static void progress_attempt(struct page *p, const json_t *event)
{
	page_add(p, "sending ");
	add_subject(p, event);
	add_member(p, event, "text");
}

static void progress_outcome(struct page *p, const json_t *event)
{
	part_add_status(p, jx_text(event, "status"));
	add_subject(p, event);
	add_member(p, event, "text");
	add_error(p, json_object_get(event, "error"));
}

static void progress_note(struct page *p, const json_t *event)
{
	const char *text = jx_text(event, "text");

	page_add(p, "note: %s", text ? text : "");
	add_subject(p, event);
	add_error(p, json_object_get(event, "error"));
}

static void progress_part(struct page *p, const json_t *event)
{
	page_add(p, "%s", jx_text(event, "text"));
}

static void progress_settle(struct page *p, const json_t *event)
{
	const json_t *seconds = json_object_get(event, "seconds");

	if (json_is_integer(seconds))
		page_add(p, "waiting %lld s before the state is read again",
			 json_integer_value(seconds));
	else
		page_add(p, "reading the state again");
	add_member(p, event, "text");
}

static void progress_hold(struct page *p, const json_t *event)
{
	json_int_t sent = json_integer_value(json_object_get(event, "sent"));

	page_add(p, "hold: round %lld, %s, drift %lld, appeared %lld, %lld s left",
		 json_integer_value(json_object_get(event, "round")), jx_text(event, "state"),
		 json_integer_value(json_object_get(event, "drift")),
		 json_integer_value(json_object_get(event, "appeared")),
		 json_integer_value(json_object_get(event, "left")));
	if (sent)
		page_add(p, ", %lld sent", sent);
}

static void progress_drift(struct page *p, const json_t *event)
{
	json_t *one;
	size_t i;

	page_tone(p, TONE_BAD, "CAME BACK");
	page_add(p, " (round %lld):", json_integer_value(json_object_get(event, "round")));
	json_array_foreach (json_object_get(event, "drift"), i, one)
		page_add(p, "%s %s on %s %s", i ? "," : "", jx_text(one, "operation"),
			 jx_text(one, "target"),
			 jx_text(one, "left") ? "is left standing (needs --irreversible)"
					      : "is sent again");
}

static void progress_appeared(struct page *p, const json_t *event)
{
	page_tone(p, TONE_BAD, "APPEARED");
	page_add(p, ": %s %s, author unknown; look, then: %s", jx_text(event, "what"),
		 jx_text(event, "id"), jx_text(event, "command"));
}

static const struct kind {
	const char *event;
	void (*say)(struct page *p, const json_t *event);
} kinds[] = {
	{"hold", progress_hold},       {"drift", progress_drift},   {"appeared", progress_appeared},
	{"stage", progress_stage},     {"intent", progress_intent}, {"attempt", progress_attempt},
	{"outcome", progress_outcome}, {"note", progress_note},	    {"progress", progress_part},
	{"settle", progress_settle},
};

void report_progress(struct buf *out, const json_t *event, const struct report_style *style)
{
	void (*say)(struct page * p, const json_t *event) = progress_note;
	struct page p;

	page_begin(&p, out, style);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (text_equal(kinds[i].event, jx_text(event, "event")))
			say = kinds[i].say;
	}
	if (part_is_rehearsal(event))
		page_add(&p, "rehearsed: ");
	say(&p, event);
	page_line(&p, 0);
	page_end(&p);
}
