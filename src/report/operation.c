// SPDX-License-Identifier: Apache-2.0
/* Operations as text: what is sent, to whom, why, and what takes it back. */
#include "parts.h"

#include "cordon/json.h"
#include "cordon/text.h"

#include <stdlib.h>

static const char *const stages[] = {
	"read", "deny and keys off", "other credentials", "cutoffs", "strip", "delete",
};

enum { STAGE_COUNT = sizeof(stages) / sizeof(stages[0]) };

static const struct status {
	const char *name, *words;
	enum tone tone;
} statuses[] = {
	{"done", "done", TONE_GOOD},
	{"failed", "FAILED", TONE_BAD},
	{"unknown", "UNKNOWN", TONE_CARE},
	{"skipped", "skipped", TONE_PLAIN},
};

/* {"$cutoff":30} and its like, as words; NULL: it is no late-bound value. */
static json_t *late_words(const json_t *value)
{
	const json_t *cutoff = json_object_get(value, "$cutoff");
	const char *sid = jx_text(value, "sid");
	long long seconds = json_integer_value(cutoff);

	if (jx_text(value, "$result"))
		return json_sprintf("<result of %s>", jx_text(value, "$result"));
	if (!cutoff)
		return NULL;
	if (seconds == 0)
		return json_sprintf("%s<AWS time>", sid ? sid : "");
	return json_sprintf("%s<AWS time + %lld s>", sid ? sid : "", seconds);
}

/* A copy in which late-bound values are words. Depth is bounded where documents are read. */
static json_t *in_words(const json_t *value)
{
	json_t *late = late_words(value);
	json_t *item;
	const char *key;
	size_t i;

	if (late)
		return late;
	if (json_object_get(value, "$document"))
		return in_words(json_object_get(value, "$document"));
	if (json_is_object(value)) {
		json_t *out = json_object();
		json_object_foreach ((json_t *)(uintptr_t)value, key, item)
			jx_set(out, key, in_words(item));
		return out;
	}
	if (json_is_array(value)) {
		json_t *out = json_array();
		json_array_foreach (value, i, item)
			jx_push(out, in_words(item));
		return out;
	}
	return jx_copy(value);
}

static bool is_document(const char *name, const json_t *value)
{
	return json_object_get(value, "$document") || text_has_suffix(name, "Document");
}

static void document(struct page *p, const char *name, const json_t *value)
{
	json_auto_t *words = in_words(value);
	char *text = json_is_string(words) ? NULL : jx_compact(words);

	page_say(p, 6, 8, "%s:", name);
	page_add_document(p, text ? text : json_string_value(words));
	page_flow(p, 8, 8);
	free(text);
}

/* The target's own name, which stands in the operation's head. */
static bool is_principal_member(const char *name)
{
	return text_equal(name, "UserName") || text_equal(name, "RoleName") ||
	       text_equal(name, "GroupName");
}

static void scalars(struct page *p, const json_t *parameters, const char *principal)
{
	const char *separator = "with   ";
	const char *name;
	json_t *value;

	json_object_foreach ((json_t *)(uintptr_t)parameters, name, value) {
		bool is_target = is_principal_member(name) &&
				 text_equal(json_string_value(value), principal);
		if (is_target || is_document(name, value))
			continue;
		json_auto_t *words = in_words(value);
		page_add(p, "%s%s ", separator, name);
		part_add_value(p, words);
		separator = ", ";
	}
	if (*separator == ',')
		page_flow(p, 6, PAGE_VALUE);
}

static void parameters_of(struct page *p, const json_t *operation, const json_t *result,
			  const char *principal)
{
	const json_t *bound = json_object_get(result, "parameters");
	const json_t *parameters = bound ? bound : json_object_get(operation, "parameters");
	const char *name;
	json_t *value;

	scalars(p, parameters, principal);
	json_object_foreach ((json_t *)(uintptr_t)parameters, name, value) {
		if (is_document(name, value))
			document(p, name, value);
	}
}

/* What AWS's own policy denies, whose document is not part of the call. */
static void denies(struct page *p, const json_t *operation)
{
	const json_t *list = json_object_get(operation, "denies");
	json_t *action;
	size_t i;

	if (json_array_size(list) == 0)
		return;
	page_add(p, "denies %zu actions: ", json_array_size(list));
	json_array_foreach (list, i, action)
		page_add(p, "%s%s", i ? ", " : "", json_string_value(action));
	page_flow(p, 6, PAGE_VALUE);
}

static void undo(struct page *p, const json_t *operation)
{
	const json_t *list = json_object_get(operation, "undo");
	const char *separator = "";
	json_t *one;
	size_t i;

	page_add(p, "undo   ");
	if (part_is_final(operation))
		page_tone(p, TONE_BAD, "NO WAY BACK");
	else if (!json_is_array(list))
		page_add(p, "not known: what stood there could not be read");
	else if (json_array_size(list) == 0)
		page_add(p, "nothing to take back");
	else
		json_array_foreach (list, i, one) {
			page_add(p, "%s%s", separator, jx_text(one, "operation"));
			separator = ", ";
		}
	page_flow(p, 6, PAGE_VALUE);
}

void part_add_status(struct page *p, const char *status)
{
	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
		if (!text_equal(statuses[i].name, status))
			continue;
		page_tone(p, statuses[i].tone, statuses[i].words);
		return;
	}
	page_tone(p, TONE_CARE, "not sent");
}

static void why_skipped(struct page *p, const json_t *operation, const json_t *result)
{
	if (jx_text(result, "instead"))
		page_say(p, 6, PAGE_VALUE, "sent instead: %s", jx_text(result, "instead"));
	else if (part_is_final(operation))
		page_say(
			p, 6, PAGE_VALUE,
			"not sent: it has no way back, and that was not agreed to (--irreversible)");
}

static void outcome(struct page *p, const json_t *operation, const json_t *result)
{
	const json_t *error = json_object_get(result, "error");
	const char *id = jx_text(result, "request_id");

	if (json_is_object(error))
		page_say(p, 6, PAGE_VALUE, "error  %s: %s", jx_text(error, "code"),
			 jx_text(error, "message"));
	if (jx_text(result, "at") && id)
		page_say(p, 6, PAGE_VALUE, "sent   %s, request %s", jx_text(result, "at"), id);
	else if (jx_text(result, "at"))
		page_say(p, 6, PAGE_VALUE, "at     %s", jx_text(result, "at"));
	if (text_equal(jx_text(result, "status"), "unknown"))
		page_say(p, 6, PAGE_VALUE, "it may or may not have been done: read it back");
	if (text_equal(jx_text(result, "status"), "skipped") && !json_is_object(error))
		why_skipped(p, operation, result);
	else if (jx_text(result, "instead"))
		page_say(p, 6, PAGE_VALUE, "sent instead: %s", jx_text(result, "instead"));
}

static void operation(struct page *p, const json_t *plan, const json_t *one)
{
	const json_t *results = json_object_get(plan, "results");
	const json_t *result = jx_find(results, "id", jx_text(one, "id"), NULL);
	const json_t *target = jx_find(json_object_get(plan, "targets"), "id",
				       jx_text(one, "target"), NULL);
	const char *service = jx_text(one, "service");

	page_add(p, "%s  ", jx_text(one, "id"));
	if (results && part_is_rehearsal(plan))
		page_tone(p, TONE_CARE, "rehearsed ");
	if (results) {
		part_add_status(p, jx_text(result, "status"));
		page_add(p, "  ");
	}
	page_add(p, "%s:%s on ", service ? service : "iam", jx_text(one, "operation"));
	part_add_target(p, plan, jx_text(one, "target"));
	page_flow(p, 2, 6);
	if (results)
		outcome(p, one, result);
	parameters_of(p, one, result, jx_text(target, "name"));
	denies(p, one);
	if (jx_text(one, "why"))
		page_say(p, 6, PAGE_VALUE, "why    %s", jx_text(one, "why"));
	undo(p, one);
}

/* The stages of a release have an order of their own. */
static const char *const release_stages[] = {
	"",
	"the tail, before anything goes",
	"what was deleted comes back",
	"what was stripped comes back",
	"cutoffs go",
	"other credentials come back",
	"other denies go, keys that were named come back",
	"the deny goes",
};

enum { RELEASE_STAGE_COUNT = sizeof(release_stages) / sizeof(release_stages[0]) };

const char *part_stage_name(long long number, bool release)
{
	if (!release)
		return number >= 0 && number < STAGE_COUNT ? stages[number] : NULL;
	return number > 0 && number < RELEASE_STAGE_COUNT ? release_stages[number] : NULL;
}

static const char *stage_words(const json_t *plan, long long number)
{
	return part_stage_name(number, jx_text(plan, "release") != NULL);
}

static void stage(struct page *p, const json_t *plan, long long number)
{
	if (number < 1 || !stage_words(plan, number)) {
		page_title(p, "Operations");
		return;
	}
	if (p->out->length)
		buf_add(p->out, "\n");
	page_add(p, "Stage %lld: ", number);
	page_tone(p, TONE_HEAD, stage_words(plan, number));
	page_line(p, 0);
}

void part_operations(struct page *p, const json_t *plan)
{
	long long last = -1;
	json_t *one;
	size_t i;

	json_array_foreach (json_object_get(plan, "operations"), i, one) {
		long long now = json_integer_value(json_object_get(one, "stage"));
		if (now != last)
			stage(p, plan, now);
		last = now;
		operation(p, plan, one);
	}
}
