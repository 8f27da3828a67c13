// SPDX-License-Identifier: Apache-2.0
/* What each target may do before the plan and after it, and which statements say so. */
#include "parts.h"

#include "cordon/json.h"
#include "cordon/text.h"

enum { MOST_STATEMENTS = 4 };

static const struct {
	const char *name, *words;
} views[] = {
	{"key", "long-term key"},
	{"session_now", "session issued now"},
	{"session_later", "session issued later"},
};

enum { VIEWS = sizeof(views) / sizeof(views[0]) };

static long long number(const json_t *counts, const char *key)
{
	return (long long)json_integer_value(json_object_get(counts, key));
}

static void add_counts(struct page *p, const char *when, const json_t *counts)
{
	long long ways = number(counts, "paths_open");

	page_add(p, "%s %lld action%s, %lld way%s up", when, number(counts, "allowed"),
		 number(counts, "allowed") == 1 ? "" : "s", ways, ways == 1 ? "" : "s");
}

static bool is_good(const json_t *counts)
{
	return number(counts, "allowed") == number(counts, "undeniable");
}

/* "long-term key: before 640 actions, 21 ways up; after 2 actions, 0 ways up" */
static void view(struct page *p, size_t i, const json_t *one)
{
	const json_t *before = jx_at(one, "before", views[i].name, NULL);
	const json_t *after = jx_at(one, "after", views[i].name, NULL);

	if (!json_is_object(before))
		return;
	page_add(p, "%s: ", views[i].words);
	add_counts(p, "before", before);
	page_add(p, "; ");
	if (json_is_object(after)) {
		page_tone(p, is_good(after) ? TONE_GOOD : TONE_CARE, "after");
		add_counts(p, "", after);
	} else {
		page_tone(p, TONE_GOOD, "after nothing: it is gone");
	}
	page_flow(p, 6, 8);
}

/* The credential that may do most: it says the most. VIEWS: there is none. */
static size_t widest_view(const json_t *side)
{
	size_t found = VIEWS;
	long long most = -1;

	for (size_t i = 0; i < VIEWS; i++) {
		const json_t *counts = json_object_get(side, views[i].name);
		if (!json_is_object(counts) || number(counts, "allowed") <= most)
			continue;
		most = number(counts, "allowed");
		found = i;
	}
	return found;
}

static const json_t *widest(const json_t *side)
{
	size_t i = widest_view(side);

	return i < VIEWS ? json_object_get(side, views[i].name) : NULL;
}

/* Lists that are not those of every credential say whose they are. */
static const char *whose(const json_t *side, const char *list)
{
	const json_t *most = json_object_get(widest(side), list);

	for (size_t i = 0; i < VIEWS; i++) {
		const json_t *counts = json_object_get(side, views[i].name);
		if (json_is_object(counts) && !json_equal(json_object_get(counts, list), most))
			return views[widest_view(side)].words;
	}
	return NULL;
}

/* "562 by group developers: arn:..:policy/developer-base, LookAround" */
static void statement(struct page *p, const json_t *by)
{
	const json_t *name = json_object_get(by, "statement");

	page_add(p, "%lld by %s", number(by, "actions"), jx_text(by, "policy"));
	if (json_is_string(name))
		page_add(p, ", %s", json_string_value(name));
	else if (json_is_integer(name))
		page_add(p, ", statement %lld", (long long)json_integer_value(name));
	page_flow(p, 10, 14);
}

/* The statements that decide most of it, for the credential that may do most. */
static void statements(struct page *p, const char *words, const json_t *side, const char *name)
{
	const json_t *list = json_object_get(widest(side), name);
	const char *one = whose(side, name);
	long long rest = 0;
	json_t *by;
	size_t i;

	if (json_array_size(list) == 0)
		return;
	page_say(p, 6, 8, "%s%s%s:", words, one ? ", " : "", one ? one : "");
	json_array_foreach (list, i, by) {
		if (i < MOST_STATEMENTS)
			statement(p, by);
		else
			rest += number(by, "actions");
	}
	if (rest)
		page_say(p, 10, 14, "%lld by %zu more statements", rest,
			 json_array_size(list) - MOST_STATEMENTS);
}

static void undo(struct page *p, const char *words, enum tone tone, const json_t *side)
{
	const json_t *names = json_object_get(widest(side), "undo");
	const char *one = whose(side, "undo");
	json_t *name;
	size_t i;

	if (json_array_size(names) == 0)
		return;
	page_tone(p, tone, words);
	page_add(p, "%s%s:", one ? ", " : "", one ? one : "");
	json_array_foreach (names, i, name)
		page_add(p, "%s%s", i ? ", " : " ", json_string_value(name));
	page_flow(p, 6, 8);
}

static void doubts(struct page *p, const json_t *side, const char *list, const char *words)
{
	json_t *item;
	size_t i;

	json_array_foreach (json_object_get(side, list), i, item) {
		page_tone(p, TONE_CARE, words);
		page_add(p, " %s", json_string_value(item));
		page_flow(p, 6, 8);
	}
}

static void target(struct page *p, const json_t *plan, const json_t *one)
{
	const json_t *before = json_object_get(one, "before");
	const json_t *after = json_object_get(one, "after");

	part_add_target(p, plan, jx_text(one, "target"));
	page_flow(p, 2, 6);
	for (size_t i = 0; i < VIEWS; i++)
		view(p, i, one);
	if (json_is_integer(json_object_get(before, "keys_active")) &&
	    json_is_integer(json_object_get(after, "keys_active")))
		page_say(p, 6, 8, "access keys Active: before %lld, after %lld",
			 number(before, "keys_active"), number(after, "keys_active"));
	statements(p, "allowed before", before, "allowed_by");
	statements(p, "allowed after", after, "allowed_by");
	statements(p, "denied after", after, "denied_by");
	undo(p, "could undo the containment, before", TONE_PLAIN, before);
	undo(p, "could undo the containment, after", TONE_BAD, after);
	doubts(p, before, "unread", "not read, so it may be more:");
	doubts(p, after, "assumed", "not read, and taken for");
}

void part_reach(struct page *p, const json_t *plan)
{
	const json_t *reach = json_object_get(plan, "reach");
	const json_t *list = json_object_get(reach, "targets");
	json_t *one;
	size_t i;

	if (json_array_size(list) == 0)
		return;
	const json_t *first = widest(json_object_get(json_array_get(list, 0), "before"));
	page_title(p, "What it may do by its policies, before and after (predicted)");
	page_say(p, 2, 4,
		 "of %lld known actions and %lld published ways up to more rights; 'cordon reach' "
		 "names the statement for each",
		 number(first, "known"), number(first, "paths"));
	json_array_foreach (list, i, one)
		target(p, plan, one);
	if (number(reach, "left_out") > 0)
		page_say(p, 2, 4, "%lld more targets were not looked at here; cordon reach does",
			 number(reach, "left_out"));
}

/* "remains possible: long-term key 640 of 22091 known actions; .." */
void part_remains(struct page *p, const json_t *remains)
{
	const json_t *most = widest(remains);
	bool first = true;

	if (!most)
		return;
	page_tone(p, is_good(most) ? TONE_GOOD : TONE_CARE, "remains possible");
	for (size_t i = 0; i < VIEWS; i++) {
		const json_t *counts = json_object_get(remains, views[i].name);
		if (!json_is_object(counts))
			continue;
		page_add(p, "%s %s %lld of %lld", first ? ":" : ",", views[i].words,
			 number(counts, "allowed"), number(counts, "known"));
		first = false;
	}
	page_add(p, " known actions");
	page_flow(p, 6, 12);
	statements(p, "allowed by", remains, "allowed_by");
	doubts(p, remains, "unread", "not read, so it may be more:");
	doubts(p, remains, "assumed", "not read, and taken for");
}
