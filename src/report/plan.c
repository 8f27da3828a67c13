// SPDX-License-Identifier: Apache-2.0
#include "parts.h"

#include "cordon/json.h"
#include "cordon/text.h"

static const char *plural(size_t count)
{
	return count == 1 ? "" : "s";
}

static size_t count_final(const json_t *plan)
{
	size_t count = 0;
	json_t *one;
	size_t i;

	json_array_foreach (json_object_get(plan, "operations"), i, one)
		count += part_is_final(one);
	return count;
}

/* The last line. */
static void summary(struct page *p, const json_t *plan)
{
	size_t writes = part_count(plan, "operations");

	if (part_count(plan, "differences"))
		page_say(p, 0, 0, "The plan file was not applied; nothing was changed.");
	else if (writes)
		page_say(p, 0, 0, "%zu write%s planned; nothing was changed.", writes,
			 plural(writes));
	else if (part_count(plan, "drift"))
		page_say(p, 0, 0,
			 "Drift: look at who changed what, put it as the run left it or as it "
			 "should be, and release again; nothing was changed.");
	else if (part_count(plan, "unread"))
		page_say(p, 0, 0,
			 "Not known: whether all is as the run left it could not be read; nothing "
			 "was changed.");
	else if (part_count(plan, "refusals"))
		page_say(p, 0, 0, "Refused: no write is planned; nothing was changed.");
	else
		page_say(p, 0, 0, "Nothing to do; nothing was changed.");
}

void report_plan(struct buf *out, const json_t *plan, const struct report_style *style)
{
	static const char *const titles[2][2] = {{"Plan", "Plan of a rehearsal"},
						 {"Release", "Release of a rehearsal"}};
	struct page p;
	size_t final = count_final(plan);

	page_begin(&p, out, style);
	page_title(&p, titles[jx_text(plan, "release") != NULL][part_is_rehearsal(plan)]);
	part_head(&p, plan);
	part_targets(&p, plan);
	part_drift(&p, plan);
	part_unread(&p, plan);
	part_operations(&p, plan);
	part_reach(&p, plan);
	part_preflight(&p, plan);
	part_skipped(&p, plan);
	part_refusals(&p, plan);
	part_not_covered(&p, plan);
	part_warnings(&p, plan);
	part_scp(&p, plan);
	part_differences(&p, plan);
	buf_add(out, "\n");
	page_add(&p, "Fingerprint %s", jx_text(plan, "fingerprint"));
	page_line(&p, 0);
	if (final) {
		page_tone(&p, TONE_BAD, "NO WAY BACK");
		page_add(&p, ": %zu of %zu writes. With --yes, that also needs --irreversible.",
			 final, part_count(plan, "operations"));
		page_flow(&p, 0, 0);
	}
	summary(&p, plan);
	page_end(&p);
}

static void final_operations(struct page *p, const json_t *plan)
{
	json_t *one;
	size_t i;

	json_array_foreach (json_object_get(plan, "operations"), i, one) {
		if (!part_is_final(one))
			continue;
		page_tone(p, TONE_BAD, "NO WAY BACK");
		page_add(p, "  %s  %s on ", jx_text(one, "id"), jx_text(one, "operation"));
		part_add_target(p, plan, jx_text(one, "target"));
		page_add(p, ": %s", jx_text(one, "why"));
		page_flow(p, 2, PAGE_VALUE);
	}
}

static void writes(struct page *p, const json_t *plan)
{
	size_t count = part_count(plan, "operations");
	json_t *one;
	size_t i;

	page_field(p, "Writes", "%zu", count);
	json_array_foreach (json_object_get(plan, "targets"), i, one) {
		if (json_object_get(one, "refused"))
			continue;
		page_add(p, "on ");
		part_add_target(p, plan, jx_text(one, "id"));
		page_flow(p, PAGE_VALUE, PAGE_VALUE + 2);
	}
}

void report_question(struct buf *out, const json_t *plan, const struct report_style *style)
{
	struct page p;

	page_begin(&p, out, style);
	page_title(&p, "About to write");
	part_where(&p, plan);
	writes(&p, plan);
	part_refusals(&p, plan);
	if (json_object_get(plan, "hold"))
		page_say(&p, 2, 2,
			 "For %lld s after that: what comes back of this is sent again, and new "
			 "credentials of the targets are switched off, without another question.",
			 json_integer_value(jx_at(plan, "hold", "seconds", NULL)));
	final_operations(&p, plan);
	if (!count_final(plan))
		page_say(&p, 2, 2, "Each of these writes can be undone; the record says how.");
	page_end(&p);
}
