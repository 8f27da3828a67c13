// SPDX-License-Identifier: Apache-2.0
/* Questions about identities: whoami, whois, access keys. */
#include "parts.h"

#include "cordon/json.h"
#include "cordon/text.h"

static void strings(struct page *p, const json_t *list, const char *title)
{
	json_t *one;
	size_t i;

	if (json_array_size(list))
		page_title(p, title);
	json_array_foreach (list, i, one)
		page_say(p, 2, 4, "%s", json_string_value(one));
}

static void clock_field(struct page *p, const json_t *offset)
{
	long long seconds = json_integer_value(offset);

	if (!json_is_integer(offset))
		page_field(p, "Clock", "not compared with AWS's");
	else if (seconds == 0)
		page_field(p, "Clock", "agrees with AWS's");
	else
		page_field(p, "Clock", "this machine is %lld s %s AWS (corrected for)",
			   seconds < 0 ? -seconds : seconds, seconds < 0 ? "ahead of" : "behind");
}

static void optional(struct page *p, const char *label, const char *text)
{
	if (text)
		page_field(p, label, "%s", text);
}

void report_whoami(struct buf *out, const json_t *document, const struct report_style *style)
{
	const char *alias = jx_text(document, "alias");
	struct page p;

	page_begin(&p, out, style);
	page_title(&p, "Our own identity");
	page_field(&p, "Identity", "%s", jx_text(document, "arn"));
	page_field(&p, "Account", alias ? "%s (%s)" : "%s", jx_text(document, "account_id"), alias);
	page_field(&p, "Unique id", "%s", jx_text(document, "user_id"));
	page_field(&p, "Access key", "%s", jx_text(document, "access_key_id"));
	page_field(&p, "Source", "%s", jx_text(document, "source"));
	optional(&p, "Expires", jx_text(document, "expires"));
	page_field(&p, "IAM", "%s", jx_text(json_object_get(document, "endpoint"), "iam"));
	page_field(&p, "STS", "%s", jx_text(json_object_get(document, "endpoint"), "sts"));
	optional(&p, "Region", jx_text(document, "region"));
	optional(&p, "Partition", jx_text(document, "partition"));
	clock_field(&p, json_object_get(document, "clock_offset_seconds"));
	part_warnings(&p, document);
	page_end(&p);
}

static void owner(struct page *p, const json_t *one)
{
	if (!json_is_object(one)) {
		page_field(p, "Owner", "not known");
		return;
	}
	page_field(p, "Owner", "%s %s", jx_text(one, "kind"), jx_text(one, "name"));
	if (jx_text(one, "arn"))
		page_field(p, "", "%s", jx_text(one, "arn"));
}

static void held(struct page *p, const json_t *one)
{
	page_add(p, "%s", jx_text(one, "what"));
	if (jx_text(one, "id"))
		page_add(p, " %s", jx_text(one, "id"));
	if (jx_text(one, "status"))
		page_add(p, ", %s", jx_text(one, "status"));
	if (jx_text(one, "since"))
		page_add(p, ", since %s", jx_text(one, "since"));
	page_flow(p, 2, 4);
}

static void holds(struct page *p, const json_t *list)
{
	json_t *one;
	size_t i;

	if (!json_is_array(list))
		return;
	page_title(p, "Holds");
	if (json_array_size(list) == 0)
		page_say(p, 2, 4, "nothing that was found");
	json_array_foreach (list, i, one)
		held(p, one);
}

static void commands(struct page *p, const json_t *list)
{
	json_t *one;
	size_t i;

	if (json_array_size(list))
		page_title(p, "Next");
	json_array_foreach (list, i, one)
		page_command(p, 2, json_string_value(one));
}

void report_whois(struct buf *out, const json_t *document, const struct report_style *style)
{
	const json_t *account = json_object_get(document, "account");
	const json_t *used = json_object_get(document, "last_used");
	const char *from = jx_text(account, "from");
	const char *what = jx_text(document, "what");
	struct page p;

	page_begin(&p, out, style);
	page_field(&p, "ID", "%s", jx_text(document, "id"));
	page_field(&p, "What", "%s", what ? what : jx_text(document, "kind"));
	page_field(&p, "Account", from ? "%s (from %s)" : "%s", jx_text(account, "id"), from);
	owner(&p, json_object_get(document, "owner"));
	if (json_is_object(used)) {
		page_add(&p, "Last used  ");
		part_add_last_used(&p, used);
		page_flow(&p, 2, PAGE_VALUE);
	}
	holds(&p, json_object_get(document, "holds"));
	strings(&p, json_object_get(document, "notes"), "Notes");
	commands(&p, json_object_get(document, "next"));
	page_end(&p);
}

static void access_key(struct page *p, const json_t *key)
{
	const json_t *age = json_object_get(key, "age_days");
	const char *status = jx_text(key, "status");

	page_add(p, "%s  ", jx_text(key, "access_key_id"));
	if (text_equal(status, "Active"))
		page_tone(p, TONE_CARE, "Active");
	else
		page_add(p, "%s", status);
	page_flow(p, 2, 4);
	page_add(p, "created %s", jx_text(key, "created"));
	if (json_is_integer(age))
		page_add(p, ", %lld days ago", json_integer_value(age));
	page_flow(p, 4, 4);
	page_add(p, "last used: ");
	part_add_last_used(p, json_object_get(key, "last_used"));
	page_flow(p, 4, 4);
}

void report_access_keys(struct buf *out, const json_t *document, const struct report_style *style)
{
	const json_t *keys = json_object_get(document, "keys");
	struct page p;
	json_t *key;
	size_t i;

	page_begin(&p, out, style);
	page_add(&p, "Access keys of user %s", jx_text(document, "user"));
	page_flow(&p, 0, 2);
	if (jx_text(document, "arn"))
		page_say(&p, 2, 2, "%s", jx_text(document, "arn"));
	buf_add(out, "\n");
	if (!json_is_array(keys))
		page_say(&p, 2, 2, "the keys could not be read");
	else if (json_array_size(keys) == 0)
		page_say(&p, 2, 2, "there is none");
	json_array_foreach (keys, i, key)
		access_key(&p, key);
	part_warnings(&p, document);
	page_end(&p);
}
