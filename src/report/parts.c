// SPDX-License-Identifier: Apache-2.0
#include "parts.h"

#include "cordon/json.h"
#include "cordon/text.h"

#include <stdlib.h>

enum { SHORT_HASH = 12 };

bool part_is_rehearsal(const json_t *document)
{
	return json_is_true(json_object_get(document, "rehearsal"));
}

bool part_is_final(const json_t *operation)
{
	return json_is_true(json_object_get(operation, "irreversible"));
}

size_t part_count(const json_t *document, const char *list)
{
	return json_array_size(json_object_get(document, list));
}

void part_add_value(struct page *p, const json_t *value)
{
	if (json_is_string(value)) {
		page_add(p, "%s", json_string_value(value));
		return;
	}
	char *text = value ? jx_compact(value) : NULL;
	page_add(p, "%s", text);
	free(text);
}

void part_add_target(struct page *p, const json_t *document, const char *id)
{
	const json_t *target = jx_find(json_object_get(document, "targets"), "id", id, NULL);
	const char *kind = jx_text(target, "principal");
	const char *name = jx_text(target, "name");

	if (!kind)
		kind = jx_text(target, "kind");

	page_add(p, "%s", id);
	if (name)
		page_add(p, " %s/%s", kind, name);
	else if (target)
		page_add(p, " %s (owner not known)", kind);
	if (jx_text(target, "session"))
		page_add(p, ", session %s", jx_text(target, "session"));
}

void part_add_last_used(struct page *p, const json_t *used)
{
	if (!jx_text(used, "at")) {
		page_add(p, "no use on record");
		return;
	}
	page_add(p, "%s", jx_text(used, "at"));
	if (jx_text(used, "service"))
		page_add(p, ", %s", jx_text(used, "service"));
	if (jx_text(used, "region"))
		page_add(p, ", %s", jx_text(used, "region"));
}

static void account(struct page *p, const json_t *plan)
{
	const char *alias = jx_text(plan, "alias");

	if (alias)
		page_field(p, "Account", "%s (%s)", jx_text(plan, "account_id"), alias);
	else
		page_field(p, "Account", "%s", jx_text(plan, "account_id"));
}

void part_where(struct page *p, const json_t *plan)
{
	const char *source = jx_text(plan, "credential_source");

	account(p, plan);
	if (part_is_rehearsal(plan)) {
		page_tone(p, TONE_CARE, "REHEARSAL (offline account file)");
		page_add(p, ": no caller, no endpoint, nothing is sent");
		page_flow(p, 2, PAGE_VALUE);
		return;
	}
	page_field(p, "Caller", "%s", jx_text(plan, "caller"));
	if (source)
		page_field(p, "", "credentials: %s", source);
	page_field(p, "Endpoint", "%s", jx_text(plan, "endpoint"));
}

void part_add_hash(struct page *p, const char *sha256)
{
	char hash[SHORT_HASH + 1] = "";

	for (size_t i = 0; sha256 && sha256[i] && i < SHORT_HASH; i++)
		hash[i] = sha256[i];
	page_add(p, "sha256 %s", sha256 ? hash : NULL);
}

static void playbook(struct page *p, const json_t *one)
{
	const char *separator = "";
	const char *name;
	json_t *value;

	page_add(p, "Playbook   %s (%s, ", jx_text(one, "name"), jx_text(one, "source"));
	part_add_hash(p, jx_text(one, "sha256"));
	page_add(p, ")");
	page_flow(p, 2, PAGE_VALUE);
	json_object_foreach (json_object_get(one, "parameters"), name, value) {
		page_add(p, "%s%s ", separator, name);
		part_add_value(p, value);
		separator = ", ";
	}
	if (*separator)
		page_flow(p, PAGE_VALUE, PAGE_VALUE);
}

void part_head(struct page *p, const json_t *plan)
{
	json_t *one;
	size_t i;

	part_where(p, plan);
	if (jx_text(plan, "release"))
		page_field(p, "Releases", "what run %s did", jx_text(plan, "release"));
	json_array_foreach (json_object_get(plan, "playbooks"), i, one)
		playbook(p, one);
}

static void target(struct page *p, const json_t *plan, const json_t *one)
{
	json_t *key;
	size_t i;

	page_add(p, "  ");
	part_add_target(p, plan, jx_text(one, "id"));
	if (jx_text(one, "expanded_from"))
		page_add(p, ", which %s can assume", jx_text(one, "expanded_from"));
	if (json_object_get(one, "refused"))
		page_tone(p, TONE_BAD, "  REFUSED");
	page_flow(p, 0, 6);
	if (jx_text(one, "arn"))
		page_say(p, 6, 6, "%s", jx_text(one, "arn"));
	json_array_foreach (json_object_get(one, "keys"), i, key)
		page_say(p, 6, 6, "named by access key %s", json_string_value(key));
}

void part_scp(struct page *p, const json_t *plan)
{
	const json_t *scp = json_object_get(plan, "scp");
	json_t *limit;
	size_t i;

	if (!scp)
		return;
	char *text = jx_compact(json_object_get(scp, "document"));
	page_title(p, "For whoever holds the organization: a service control policy");
	page_add_document(p, text);
	page_flow(p, 2, 4);
	json_array_foreach (json_object_get(scp, "limits"), i, limit)
		page_say(p, 2, 4, "- %s", json_string_value(limit));
	free(text);
}

static void version(struct page *p, const char *words, const json_t *value)
{
	char *text = jx_compact(value);

	page_add(p, "%s ", words);
	page_add_document(p, json_is_null(value) ? "none" : text);
	page_flow(p, 6, 8);
	free(text);
}

void part_drift(struct page *p, const json_t *plan)
{
	json_t *one;
	size_t i;

	if (part_count(plan, "drift"))
		page_title(p, "Drift: nothing is undone");
	json_array_foreach (json_object_get(plan, "drift"), i, one) {
		page_tone(p, TONE_BAD, jx_text(one, "what") ? jx_text(one, "what") : "?");
		page_add(p, " (%s): %s", jx_text(one, "operation"), jx_text(one, "why"));
		page_flow(p, 2, 6);
		version(p, "the run left:", json_object_get(one, "left"));
		version(p, "there is now:", json_object_get(one, "found"));
	}
}

void part_unread(struct page *p, const json_t *plan)
{
	json_t *one;
	size_t i;

	if (part_count(plan, "unread"))
		page_title(p, "Could not be read: nothing is undone");
	json_array_foreach (json_object_get(plan, "unread"), i, one) {
		page_tone(p, TONE_CARE, jx_text(one, "what") ? jx_text(one, "what") : "?");
		page_add(p, " (%s): whether it is as the run left it is not known; %s",
			 jx_text(one, "operation"),
			 text_equal(jx_text(one, "why"), "denied") ? "we may not read it"
								   : "reading it failed");
		if (jx_text(one, "code"))
			page_add(p, " (%s)", jx_text(one, "code"));
		page_flow(p, 2, 6);
	}
}

void part_targets(struct page *p, const json_t *plan)
{
	json_t *one;
	size_t i;

	if (part_count(plan, "targets"))
		page_title(p, "Targets");
	json_array_foreach (json_object_get(plan, "targets"), i, one)
		target(p, plan, one);
}

/* Why, and what to do instead, of what is skipped or refused. */
static void reasons(struct page *p, const json_t *one)
{
	page_say(p, 6, 6, "%s", jx_text(one, "why"));
	if (jx_text(one, "instead"))
		page_say(p, 6, 6, "instead: %s", jx_text(one, "instead"));
}

void part_skipped(struct page *p, const json_t *plan)
{
	json_t *one;
	size_t i;

	if (part_count(plan, "skipped"))
		page_title(p, "Skipped steps");
	json_array_foreach (json_object_get(plan, "skipped"), i, one) {
		page_add(p, "%s for ", jx_text(one, "step"));
		part_add_target(p, plan, jx_text(one, "target"));
		page_flow(p, 2, 6);
		reasons(p, one);
	}
}

void part_refusals(struct page *p, const json_t *plan)
{
	json_t *one;
	size_t i;

	if (part_count(plan, "refusals"))
		page_title(p, "Refused by a guard");
	json_array_foreach (json_object_get(plan, "refusals"), i, one) {
		page_tone(p, TONE_BAD, "REFUSED ");
		part_add_target(p, plan, jx_text(one, "target"));
		page_add(p, " (guard %s)", jx_text(one, "guard"));
		page_flow(p, 2, 6);
		reasons(p, one);
	}
}

void part_warnings(struct page *p, const json_t *document)
{
	json_t *one;
	size_t i;

	if (part_count(document, "warnings"))
		page_title(p, "Warnings");
	json_array_foreach (json_object_get(document, "warnings"), i, one) {
		page_tone(p, TONE_CARE, "warning: ");
		page_add(p, "%s", json_string_value(one));
		page_flow(p, 2, 6);
	}
}

void part_not_covered(struct page *p, const json_t *plan)
{
	json_t *one;
	size_t i;

	if (part_count(plan, "not_covered"))
		page_title(p, "Not covered");
	json_array_foreach (json_object_get(plan, "not_covered"), i, one) {
		page_say(p, 2, 6, "%s", jx_text(one, "what"));
		page_say(p, 6, 6, "%s", jx_text(one, "why"));
		if (jx_text(one, "command"))
			page_command(p, 6, jx_text(one, "command"));
	}
}

void part_differences(struct page *p, const json_t *plan)
{
	json_t *one;
	size_t i;

	if (!part_count(plan, "differences"))
		return;
	page_title(p, "The plan no longer fits the plan file");
	json_array_foreach (json_object_get(plan, "differences"), i, one)
		page_say(p, 2, 6, "%s", json_string_value(one));
}
