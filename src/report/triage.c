// SPDX-License-Identifier: Apache-2.0
/* What a triage found: first what happened, at the end, where the eye is, whom to contain. */
#include "cordon/json.h"
#include "cordon/text.h"
#include "page.h"

#include <stdio.h>
#include <string.h>

enum {
	TIMELINE_MOST = 200,
	SKIPPED_MOST = 20,
	DATE_LENGTH = 10, /* of 2026-07-14T10:15:00Z */
	CLOCK_LENGTH = 8,
	EVENT_COLUMN = 24, /* of what an event was */
	RULE_WIDTH = 22,
	MADE_COLUMN = 24,
};

static long long count_of(const json_t *v, const char *name)
{
	return json_integer_value(json_object_get(v, name));
}

static void title(struct page *p, const char *words, size_t count)
{
	char text[64];

	snprintf(text, sizeof(text), "%s (%zu)", words, count);
	page_title(p, text);
}

/* What follows the account of an ARN says it all; the account stands with the targets. */
static const char *bare(const char *text)
{
	const char *at = text_has_prefix(text, "arn:") ? text : NULL;

	for (int i = 0; at && i < 5; i++) {
		at = strchr(at, ':');
		at = at ? at + 1 : NULL;
	}
	return at && *at ? at : text;
}

static void say_sources(struct page *p, const json_t *sources)
{
	static const struct {
		const char *name, *words;
	} rows[] = {{"duplicates", "there twice, counted once"},
		    {"out_of_time", "outside of --from and --to"},
		    {"bad", "that cannot be read"},
		    {"unknown", "of no known form"},
		    {"timeless", "without a time"},
		    {"findings_left_out", "more findings of rules that fire all the time"},
		    {"not_kept", "more than can be kept: targets may be missing"}};

	page_add(p, "Read %lld of %lld inputs: %lld events, %lld alerts",
		 count_of(sources, "files_read"), count_of(sources, "files"),
		 count_of(sources, "events"), count_of(sources, "alerts"));
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (count_of(sources, rows[i].name))
			page_add(p, ", %lld %s", count_of(sources, rows[i].name), rows[i].words);
	}
	page_flow(p, 0, 2);
	if (jx_text(sources, "first"))
		page_say(p, 2, 4, "from %s to %s", jx_text(sources, "first"),
			 jx_text(sources, "last"));
}

static void say_skipped(struct page *p, const json_t *skipped)
{
	json_t *item;
	size_t i;

	json_array_foreach (skipped, i, item) {
		if (i == SKIPPED_MOST) {
			page_say(p, 2, 4, "and %zu more; --output json has all",
				 json_array_size(skipped) - i);
			break;
		}
		page_tone(p, TONE_CARE, "careful: ");
		page_add(p, "%s: %s", jx_text(item, "file"), jx_text(item, "why"));
		if (count_of(item, "count") > 1)
			page_add(p, " (%lld)", count_of(item, "count"));
		page_flow(p, 2, 4);
	}
}

static enum tone tone_of(const char *severity)
{
	if (text_equal(severity, "critical") || text_equal(severity, "high"))
		return TONE_BAD;
	return text_equal(severity, "medium") ? TONE_CARE : TONE_PLAIN;
}

/* Padded, in its colour; one of four words of ours. */
static void add_severity(struct page *p, const char *severity)
{
	static const char *const words[] = {"low       ", "medium    ", "high      ", "critical  "};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (severity && strncmp(words[i], severity, strlen(severity)) == 0)
			page_tone(p, tone_of(severity), words[i]);
	}
}

static const char *actor_of(const json_t *finding)
{
	const json_t *actor = json_object_get(finding, "actor");
	const json_t *target = json_object_get(finding, "target");
	const char *names[] = {jx_text(actor, "arn"), jx_text(actor, "access_key_id"),
			       jx_text(actor, "service"), jx_text(target, "access_key_id"),
			       jx_text(target, "user")};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (names[i])
			return bare(names[i]);
	}
	return "-";
}

/* The clock alone, under the day that it belongs to. */
static void add_clock(struct page *p, const char *time, char day[static DATE_LENGTH + 1])
{
	char clock[CLOCK_LENGTH + 1] = "--:--:--";

	if (time && strlen(time) >= DATE_LENGTH + 1 + CLOCK_LENGTH) {
		memcpy(clock, time + DATE_LENGTH + 1, CLOCK_LENGTH);
		if (strncmp(time, day, DATE_LENGTH) != 0) {
			memcpy(day, time, DATE_LENGTH);
			page_say(p, 2, 2, "%s", day);
		}
	}
	page_add(p, "%s  ", clock);
}

/* Most names of rules end in one column. */
static void add_padded(struct page *p, const char *rule)
{
	static const char blanks[RULE_WIDTH + 1] = "                      ";
	size_t length = rule ? strlen(rule) : 0;

	page_add(p, "%s%s", rule, length + 2 < RULE_WIDTH ? blanks + length : "  ");
}

static void say_finding(struct page *p, const json_t *finding, char day[static DATE_LENGTH + 1])
{
	const json_t *target = json_object_get(finding, "target");
	const char *id = jx_text(target, "id");
	const char *actor = actor_of(finding);

	add_clock(p, jx_text(finding, "time"), day);
	add_severity(p, jx_text(finding, "severity"));
	add_padded(p, jx_text(finding, "rule"));
	page_add(p, "%s", actor);
	/* Whom a call was about is news only where it was another one. */
	if (id && !(text_has_suffix(actor, id) && text_has_prefix(actor, "user/")))
		page_add(p, " -> %s %s", jx_text(target, "kind"), bare(id));
	if (jx_text(finding, "title"))
		page_add(p, "  %s", jx_text(finding, "title"));
	page_flow(p, 4, EVENT_COLUMN);
}

/* Of a long timeline the worst is what must be seen. */
static void say_findings(struct page *p, const json_t *findings)
{
	char day[DATE_LENGTH + 1] = "";
	bool all = json_array_size(findings) <= TIMELINE_MOST;
	json_t *finding;
	size_t i;
	size_t left_out = 0;

	title(p, "Timeline", json_array_size(findings));
	json_array_foreach (findings, i, finding) {
		enum tone tone = tone_of(jx_text(finding, "severity"));
		if (all || tone == TONE_BAD)
			say_finding(p, finding, day);
		else
			left_out++;
	}
	if (left_out)
		page_say(p, 2, 4, "and %zu of low and medium severity; --output json has all",
			 left_out);
	if (i == 0)
		page_say(p, 2, 4, "no rule has fired");
}

static void say_rules(struct page *p, const json_t *rules)
{
	json_t *rule;
	size_t i;

	if (json_array_size(rules))
		page_title(p, "What that means");
	json_array_foreach (rules, i, rule)
		page_say(p, 2, 4, "%s: %s", jx_text(rule, "rule"), jx_text(rule, "meaning"));
}

static void say_artefacts(struct page *p, const json_t *artefacts)
{
	char day[DATE_LENGTH + 1] = "";
	json_t *one;
	size_t i;

	if (json_array_size(artefacts))
		title(p, "What they made", json_array_size(artefacts));
	json_array_foreach (artefacts, i, one) {
		bool gone = json_is_true(json_object_get(one, "removed"));
		add_clock(p, jx_text(one, "time"), day);
		page_tone(p, gone ? TONE_PLAIN : TONE_BAD, gone ? "removed   " : "there     ");
		page_add(p, "%s %s", jx_text(one, "kind"), bare(jx_text(one, "id")));
		if (jx_text(one, "owner"))
			page_add(p, " on %s %s", jx_text(one, "owner_kind"),
				 bare(jx_text(one, "owner")));
		page_add(p, ", by %s", jx_text(one, "made_by"));
		page_flow(p, 4, MADE_COLUMN);
	}
}

static void say_others(struct page *p, const json_t *others)
{
	json_t *one;
	size_t i;

	if (json_array_size(others))
		title(p, "No targets", json_array_size(others));
	json_array_foreach (others, i, one)
		page_say(p, 2, 4, "%s: %s", bare(jx_text(one, "id")), jx_text(one, "why"));
}

static void say_shared(struct page *p, const json_t *target)
{
	const json_t *others = json_object_get(target, "others");
	json_t *other;
	size_t i;

	json_array_foreach (others, i, other)
		page_add(p, "%s%s",
			 i ? ", " : "the role is also used by: ", bare(json_string_value(other)));
	if (i)
		page_flow(p, 6, 8);
}

static void say_same_name(struct page *p, const json_t *target)
{
	json_t *other;
	size_t i;

	json_array_foreach (json_object_get(target, "same_name"), i, other)
		page_add(p, "%s%s",
			 i ? ", " : "same name, cut off with it: ", json_string_value(other));
	if (i)
		page_flow(p, 6, 8);
}

static void say_target(struct page *p, const json_t *target)
{
	const json_t *live = json_object_get(target, "live");
	bool known = json_is_boolean(live);
	json_t *why;
	size_t i;

	page_tone(p,
		  known && !json_is_true(live) ? TONE_PLAIN
		  : known		       ? TONE_BAD
					       : TONE_CARE,
		  known && !json_is_true(live) ? "gone   "
		  : known		       ? "live   "
					       : "live?  ");
	page_add(p, "%s %s  in account %s", jx_text(target, "kind"), bare(jx_text(target, "id")),
		 jx_text(target, "account"));
	page_flow(p, 2, 9);
	json_array_foreach (json_object_get(target, "why"), i, why)
		page_say(p, 6, 8, "%s", json_string_value(why));
	say_shared(p, target);
	say_same_name(p, target);
	if (jx_text(target, "by_hand")) {
		page_tone(p, TONE_CARE, "by hand: ");
		page_add(p, "%s", jx_text(target, "by_hand"));
		page_flow(p, 6, 8);
	} else if (jx_text(target, "command")) {
		page_add(p, "$ %s", jx_text(target, "command"));
		page_line(p, 6);
	}
}

static void say_targets(struct page *p, const json_t *targets)
{
	json_t *target;
	size_t i;
	size_t open = 0;

	title(p, "Whom to contain", json_array_size(targets));
	json_array_foreach (targets, i, target) {
		say_target(p, target);
		open += jx_text(target, "playbook") &&
			!json_is_false(json_object_get(target, "live"));
	}
	if (i == 0)
		page_say(p, 2, 4, "nobody");
	if (open > 1) {
		page_say(p, 2, 4,
			 "All of them in one plan: write this with --output json >FILE, then");
		page_command(p, 6, "$ cordon contain --from-triage FILE");
	}
}

void report_triage(struct buf *out, const json_t *document, const struct report_style *style)
{
	const json_t *sources = json_object_get(document, "sources");
	struct page p;

	page_begin(&p, out, style);
	say_sources(&p, sources);
	say_skipped(&p, json_object_get(sources, "skipped"));
	say_findings(&p, json_object_get(document, "findings"));
	say_rules(&p, json_object_get(document, "rules"));
	say_artefacts(&p, json_object_get(document, "artefacts"));
	say_others(&p, json_object_get(document, "not_targets"));
	say_targets(&p, json_object_get(document, "targets"));
	page_end(&p);
}
