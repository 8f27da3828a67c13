// SPDX-License-Identifier: Apache-2.0
/* What a plan will meet: whether we may, whether the target can undo it, what is in use. */
#include "parts.h"

#include "cordon/json.h"
#include "cordon/text.h"

static const struct {
	const char *may, *words;
	enum tone tone;
} answers[] = {
	{"yes", "we may send", TONE_GOOD},
	{"no", "WE MAY NOT SEND", TONE_BAD},
	{"unknown", "not known whether we may send", TONE_CARE},
};

/* All operations with one answer and one reason are one line. */
static void answered(struct page *p, const json_t *operations, size_t answer, const char *how)
{
	const char *separator = ": ";
	const char *id;
	json_t *one;

	page_tone(p, answers[answer].tone, answers[answer].words);
	json_object_foreach ((json_t *)(uintptr_t)operations, id, one) {
		if (!text_equal(jx_text(one, "may"), answers[answer].may) ||
		    !text_equal(jx_text(one, "how"), how))
			continue;
		page_add(p, "%s%s", separator, id);
		separator = ", ";
	}
	page_add(p, " (%s)", how);
	page_flow(p, 2, 6);
}

static void permissions(struct page *p, const json_t *operations)
{
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		json_auto_t *reasons = json_array();
		const char *id;
		json_t *one;
		size_t n;
		json_object_foreach ((json_t *)(uintptr_t)operations, id, one) {
			if (text_equal(jx_text(one, "may"), answers[i].may) && jx_text(one, "how"))
				jx_add_unique(reasons, jx_text(one, "how"));
		}
		json_array_foreach (reasons, n, one)
			answered(p, operations, i, json_string_value(one));
	}
}

static void list(struct page *p, const char *words, enum tone tone, const json_t *names)
{
	json_t *name;
	size_t i;

	if (json_array_size(names) == 0)
		return;
	page_tone(p, tone, words);
	json_array_foreach (names, i, name)
		page_add(p, "%s%s", i ? ", " : " ", json_string_value(name));
	page_flow(p, 6, 8);
}

static const char *use_words(const json_t *use)
{
	if (json_is_true(json_object_get(use, "stops")))
		return "stops working";
	return json_is_true(json_object_get(use, "cut"))
		       ? "its present sessions stop, new ones can be made"
		       : "in use";
}

static void target(struct page *p, const json_t *plan, const json_t *one)
{
	json_t *use;
	size_t i;

	part_add_target(p, plan, jx_text(one, "target"));
	page_flow(p, 2, 6);
	list(p,
	     json_is_true(json_object_get(one, "denied"))
		     ? "can act against this until the deny is enforced:"
		     : "can act against this, for nothing here denies it everything:",
	     TONE_BAD, json_object_get(one, "can"));
	list(p, "perhaps (a condition decides, or not all was read):", TONE_CARE,
	     json_object_get(one, "perhaps"));
	json_array_foreach (json_object_get(one, "in_use"), i, use) {
		const char *id = jx_text(use, "id");
		page_add(p, "%s: %s%s%s, last used: ", use_words(use), jx_text(use, "what"),
			 id ? " " : "", id ? id : "");
		if (json_is_true(json_object_get(use, "known")))
			part_add_last_used(p, use);
		else
			page_add(p, "not known");
		page_flow(p, 6, 8);
	}
}

void part_preflight(struct page *p, const json_t *plan)
{
	const json_t *preflight = json_object_get(plan, "preflight");
	json_t *one;
	size_t i;

	if (!preflight)
		return;
	page_title(p, "Preflight");
	permissions(p, json_object_get(preflight, "operations"));
	json_array_foreach (json_object_get(preflight, "targets"), i, one)
		target(p, plan, one);
}
