// SPDX-License-Identifier: Apache-2.0
#include "parts.h"

#include "cordon/json.h"
#include "cordon/text.h"

#include <stdio.h>

static void parameter(struct page *p, const char *name, const json_t *one)
{
	const json_t *standard = json_object_get(one, "default");

	page_add(p, "%s (%s%s", name, jx_text(one, "type"),
		 json_is_true(json_object_get(one, "list")) ? ", list" : "");
	if (json_is_true(json_object_get(one, "required")))
		page_add(p, ", required");
	if (standard && !json_is_null(standard)) {
		page_add(p, ", default ");
		part_add_value(p, standard);
	}
	page_add(p, ")");
	if (jx_text(one, "description"))
		page_add(p, ": %s", jx_text(one, "description"));
	page_flow(p, 4, 8);
}

static void playbook(struct page *p, const json_t *one)
{
	const char *name;
	json_t *value;

	if (p->out->length)
		buf_add(p->out, "\n");
	page_say(p, 0, 2, "%s: %s", jx_text(one, "name"), jx_text(one, "title"));
	page_say(p, 4, 4, "%s", jx_text(one, "summary"));
	page_say(p, 4, 8, "contains: %s", jx_text(one, "contains"));
	page_add(p, "from %s, ", jx_text(one, "source"));
	part_add_hash(p, jx_text(one, "sha256"));
	page_flow(p, 4, 8);
	json_object_foreach (json_object_get(one, "parameters"), name, value)
		parameter(p, name, value);
}

static void line(struct page *p, const json_t *one)
{
	const char *name = jx_text(one, "name");
	char label[80];

	snprintf(label, sizeof(label), "%-22.64s", name ? name : "?");
	page_say(p, 0, 24, "%s  %s%s", label, jx_text(one, "title"),
		 text_equal(jx_text(one, "source"), "shipped") ? "" : " (your own)");
}

void report_playbooks(struct buf *out, const json_t *document, const struct report_style *style)
{
	struct page p;
	json_t *one;
	size_t i;

	page_begin(&p, out, style);
	if (!part_count(document, "playbooks"))
		page_say(&p, 0, 0, "There is no playbook.");
	json_array_foreach (json_object_get(document, "playbooks"), i, one)
		line(&p, one);
	if (part_count(document, "playbooks"))
		page_command(&p, 0, "cordon playbooks NAME");
	page_end(&p);
}

void report_playbook(struct buf *out, const json_t *document, const struct report_style *style)
{
	struct page p;
	json_t *one;
	size_t i;

	page_begin(&p, out, style);
	json_array_foreach (json_object_get(document, "playbooks"), i, one)
		playbook(&p, one);
	page_end(&p);
}
