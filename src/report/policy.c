// SPDX-License-Identifier: Apache-2.0
/* What a policy says and does against another one. */
#include "parts.h"

#include "cordon/json.h"
#include "cordon/text.h"

static void side(struct page *p, const char *label, const json_t *one)
{
	const char *version = jx_text(one, "version");
	const char *date = jx_text(one, "date");

	page_add(p, "%s", label);
	page_add(p, "%s", jx_text(one, "policy"));
	if (version)
		page_add(p, ", %s", version);
	if (date)
		page_add(p, ", of %s", date);
	page_flow(p, 2, 6);
}

static void names(struct page *p, const char *title, const json_t *list)
{
	json_t *item;
	size_t i;

	if (json_array_size(list) == 0)
		return;
	page_title(p, title);
	json_array_foreach (list, i, item)
		page_say(p, 2, 4, "%s", json_string_value(item));
}

static void changes(struct page *p, const char *title, const json_t *list)
{
	json_t *item;
	size_t i;

	if (json_array_size(list) == 0)
		return;
	page_title(p, title);
	json_array_foreach (list, i, item)
		page_say(p, 2, 4, "%s: %s, was %s", jx_text(item, "action"), jx_text(item, "to"),
			 jx_text(item, "from"));
}

static void paths(struct page *p, const char *title, const json_t *list)
{
	json_t *item;
	size_t i;

	if (json_array_size(list) == 0)
		return;
	page_title(p, title);
	json_array_foreach (list, i, item)
		page_say(p, 2, 4, "%s (%s)", jx_text(item, "name"), jx_text(item, "id"));
}

static void difference(struct page *p, const json_t *diff)
{
	const json_t *actions = json_object_get(diff, "actions");
	const json_t *ways = json_object_get(diff, "paths");
	const json_t *denied = json_object_get(diff, "denied");

	page_title(p, "In numbers");
	page_say(p, 2, 4, "%zu actions added, %zu removed, as they are written",
		 json_array_size(json_object_get(actions, "added")),
		 json_array_size(json_object_get(actions, "removed")));
	page_say(p, 2, 4, "not possible: %lld of %lld known actions, was %lld",
		 (long long)json_integer_value(json_object_get(denied, "new")),
		 (long long)json_integer_value(json_object_get(diff, "known")),
		 (long long)json_integer_value(json_object_get(denied, "old")));
	page_say(p, 2, 4,
		 "published ways to more permissions: %zu left open, %zu closed, %zu opened",
		 json_array_size(json_object_get(ways, "left_open")) +
			 json_array_size(json_object_get(ways, "opened")),
		 json_array_size(json_object_get(ways, "closed")),
		 json_array_size(json_object_get(ways, "opened")));
	names(p, "Actions added", json_object_get(actions, "added"));
	names(p, "Actions removed", json_object_get(actions, "removed"));
	changes(p, "Opens", json_object_get(diff, "opens"));
	changes(p, "Closes", json_object_get(diff, "closes"));
	paths(p, "Ways to more permissions that open", json_object_get(ways, "opened"));
	paths(p, "Ways to more permissions that close", json_object_get(ways, "closed"));
	paths(p, "Ways to more permissions left open", json_object_get(ways, "left_open"));
}

void report_policy_diff(struct buf *out, const json_t *document, const struct report_style *style)
{
	struct page p;

	page_begin(&p, out, style);
	side(&p, "Old  ", json_object_get(document, "old"));
	side(&p, "New  ", json_object_get(document, "new"));
	difference(&p, document);
	page_end(&p);
}

static const struct {
	const char *state, *words;
	enum tone tone;
} states[] = {
	{"same", "as shipped", TONE_GOOD},
	{"changed", "changed", TONE_BAD},
	{"new", "newer than this program", TONE_BAD},
	{"absent", "AWS has none", TONE_CARE},
	{"unread", "not in the account file", TONE_CARE},
};

static void drift(struct page *p, const json_t *one)
{
	page_add(p, "%s: ", jx_text(one, "name"));
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		if (text_equal(states[i].state, jx_text(one, "state")))
			page_tone(p, states[i].tone, states[i].words);
	}
	page_flow(p, 2, 4);
	if (json_is_object(json_object_get(one, "shipped")))
		side(p, "  Shipped  ", json_object_get(one, "shipped"));
	if (json_is_object(json_object_get(one, "live")))
		side(p, "  Live     ", json_object_get(one, "live"));
	if (json_object_get(one, "diff"))
		difference(p, json_object_get(one, "diff"));
}

void report_policy_drift(struct buf *out, const json_t *document, const struct report_style *style)
{
	struct page p;
	json_t *one;
	size_t i;

	page_begin(&p, out, style);
	page_title(&p, "AWS's policies against the copies in this program");
	json_array_foreach (json_object_get(document, "policies"), i, one)
		drift(&p, one);
	page_end(&p);
}
