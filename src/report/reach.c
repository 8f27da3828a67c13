// SPDX-License-Identifier: Apache-2.0
/* What a principal can still do, the worst first. */
#include "parts.h"

#include "cordon/json.h"
#include "cordon/text.h"

#include <stdlib.h>

static long long number(const json_t *document, const char *key)
{
	return json_integer_value(json_object_get(document, key));
}

/* "inline onboarding, statement LookBefore" */
static void add_statement(struct page *p, const json_t *by)
{
	const json_t *statement = json_object_get(by, "statement");

	page_add(p, "%s", jx_text(by, "policy"));
	if (json_is_string(statement))
		page_add(p, ", %s", json_string_value(statement));
	else if (json_is_integer(statement))
		page_add(p, ", statement %lld", json_integer_value(statement));
}

static void add_condition(struct page *p, const char *word, const json_t *condition)
{
	char *text = jx_compact(condition);

	page_add(p, " %s ", word);
	page_add_document(p, text);
	free(text);
}

static void add_list(struct page *p, const char *words, const json_t *list)
{
	json_t *item;
	size_t i;

	json_array_foreach (list, i, item)
		page_add(p, "%s %s", i ? "," : words, json_string_value(item));
}

/* Of an Allow that is not for every resource. */
static void add_bounds(struct page *p, const json_t *by)
{
	add_list(p, ", on", json_object_get(by, "on"));
	add_list(p, ", but not on", json_object_get(by, "not_on"));
	if (jx_text(by, "within"))
		page_add(p, ", where %s allows it", jx_text(by, "within"));
}

static void add_doubt(struct page *p, const json_t *by)
{
	const json_t *condition = json_object_get(by, "if");
	const json_t *unless = json_object_get(by, "unless");

	if (condition)
		add_condition(p, "if", condition);
	if (!unless)
		return;
	if (json_is_null(json_object_get(unless, "statement"))) {
		page_add(p, "; only if a condition in %s is met", jx_text(unless, "policy"));
		return;
	}
	page_add(p, "; unless denied by ");
	add_statement(p, unless);
	if (json_object_get(unless, "condition"))
		add_condition(p, "if", json_object_get(unless, "condition"));
}

/* "iam:CreateAccessKey: by inline onboarding, TooWide if {..}" */
static void add_step(struct page *p, const json_t *by)
{
	page_add(p, "%s", jx_text(by, "action"));
	if (jx_text(by, "resource") && !text_equal(jx_text(by, "resource"), "*"))
		page_add(p, " on %s", jx_text(by, "resource"));
	page_add(p, ": ");
	if (jx_text(by, "why"))
		page_add(p, "%s", jx_text(by, "why"));
	else
		add_statement(p, by);
	add_bounds(p, by);
	add_doubt(p, by);
}

static void step(struct page *p, unsigned indent, const json_t *by)
{
	add_step(p, by);
	page_flow(p, indent, indent + 4);
}

static void counts(struct page *p, const json_t *document)
{
	page_field(p, "Allowed",
		   "%lld of %lld known actions, %lld of them under a condition, %lld only on some "
		   "resources",
		   number(document, "allowed"), number(document, "known"),
		   number(document, "conditional"), number(document, "bounded"));
	page_field(p, "Denied", "%lld explicitly, %lld because nothing allows them",
		   number(document, "explicit_deny"), number(document, "implicit_deny"));
}

static void decision(struct page *p, const json_t *document)
{
	const json_t *by = json_object_get(document, "decision");

	if (!by)
		return;
	page_title(p, "Decision");
	page_tone(p, text_equal(jx_text(by, "decision"), "Allow") ? TONE_BAD : TONE_GOOD,
		  jx_text(by, "decision"));
	page_add(p, " ");
	add_step(p, by);
	page_flow(p, 2, 4);
}

static void undo(struct page *p, const json_t *list)
{
	json_t *by;
	size_t i;

	page_title(p, "Could undo a containment");
	if (json_array_size(list) == 0)
		page_say(p, 2, 4, "nothing that is known");
	json_array_foreach (list, i, by)
		step(p, 2, by);
}

/* The lists that paths come from have some in common: each is shown once. */
static void path(struct page *p, const json_t *one, json_t *shown)
{
	const char *name = jx_text(one, "name");
	json_t *by;
	size_t i;

	if (!json_is_true(json_object_get(one, "open")) || jx_contains(shown, name))
		return;
	jx_add_unique(shown, name);
	page_say(p, 2, 4, "%s (%s)", name, jx_text(one, "id"));
	json_array_foreach (json_object_get(one, "by"), i, by)
		step(p, 6, by);
}

static void paths(struct page *p, const json_t *list)
{
	json_auto_t *shown = json_array();
	size_t open = 0;
	json_t *one;
	size_t i;

	json_array_foreach (list, i, one)
		open += json_is_true(json_object_get(one, "open"));
	page_title(p, "Published ways to more permissions");
	page_say(p, 2, 4, "%zu of %zu are open", open, json_array_size(list));
	json_array_foreach (list, i, one)
		path(p, one, shown);
}

static void roles(struct page *p, const json_t *list)
{
	json_t *one;
	size_t i;

	page_title(p, "Roles that it can assume");
	if (json_array_size(list) == 0)
		page_say(p, 2, 4, "none of those that were read");
	json_array_foreach (list, i, one) {
		page_add(p, "%s", jx_text(one, "arn"));
		if (jx_text(one, "through"))
			page_add(p, ", through %s", jx_text(one, "through"));
		page_add(p, ": by ");
		add_statement(p, one);
		add_doubt(p, one);
		page_flow(p, 2, 4);
	}
}

static void services(struct page *p, const json_t *by_service)
{
	const char *service;
	json_t *count;
	bool first = true;

	if (json_object_size(by_service) == 0)
		return;
	page_title(p, "Allowed, by service");
	json_object_foreach ((json_t *)(uintptr_t)by_service, service, count) {
		page_add(p, "%s%s %lld", first ? "" : ", ", service,
			 (long long)json_integer_value(count));
		first = false;
	}
	page_flow(p, 2, 2);
}

static void actions(struct page *p, const json_t *list)
{
	json_t *by;
	size_t i;

	if (!json_is_array(list))
		return;
	page_title(p, "Every known action");
	json_array_foreach (list, i, by) {
		page_add(p, "%s ", jx_text(by, "decision"));
		add_step(p, by);
		page_line(p, 2);
	}
}

static void doubts(struct page *p, const json_t *document)
{
	json_t *item;
	size_t i;

	if (json_array_size(json_object_get(document, "unread")))
		page_title(p, "Not read, and may allow more");
	json_array_foreach (json_object_get(document, "unread"), i, item)
		page_say(p, 2, 4, "%s", json_string_value(item));
	if (json_array_size(json_object_get(document, "assumed")))
		page_title(p, "Not in the file, and taken for");
	json_array_foreach (json_object_get(document, "assumed"), i, item)
		page_say(p, 2, 4, "%s", json_string_value(item));
	if (json_array_size(json_object_get(document, "problems")))
		page_title(p, "Not understood");
	json_array_foreach (json_object_get(document, "problems"), i, item) {
		add_statement(p, item);
		page_add(p, ": %s", jx_text(item, "what"));
		page_flow(p, 2, 4);
	}
}

void report_reach(struct buf *out, const json_t *document, const struct report_style *style)
{
	bool session = text_equal(jx_text(document, "as"), "session");
	struct page p;

	page_begin(&p, out, style);
	page_field(&p, "Principal", "%s", jx_text(document, "principal"));
	if (session)
		page_field(&p, "As", "a session issued at %s", jx_text(document, "issued"));
	else
		page_field(&p, "As", "its long-term key");
	counts(&p, document);
	decision(&p, document);
	undo(&p, json_object_get(document, "undo"));
	paths(&p, json_object_get(document, "paths"));
	roles(&p, json_object_get(document, "assumable_roles"));
	services(&p, json_object_get(document, "by_service"));
	actions(&p, json_object_get(document, "actions"));
	doubts(&p, document);
	page_title(&p, "How this is meant");
	page_say(&p, 2, 2,
		 "Conditions that could be met count as met. Organization policies and the "
		 "policies of resources are not part of this.");
	page_end(&p);
}
