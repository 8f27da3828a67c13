// SPDX-License-Identifier: Apache-2.0
/* What was written: the journal's intents and outcomes brought together. */
#include "facts.h"

#include "cordon/err.h"
#include "cordon/json.h"
#include "cordon/operation.h"
#include "cordon/text.h"

#include <stdio.h>
#include <stdlib.h>

/* IAM holds no more of anything on one principal, and every item is compared with every other. */
enum { KEY_LENGTH = 256, ITEMS_MAX = 5000 };

static void key_of(const json_t *operation, char ret_key[static KEY_LENGTH])
{
	const char *id = jx_text(operation, "id");
	const char *name = jx_text(operation, "operation");

	snprintf(ret_key, KEY_LENGTH, "%.100s %.100s", id ? id : "", name ? name : "");
}

static bool holds(const json_t *list, const json_t *item)
{
	json_t *one;
	size_t i;

	json_array_foreach (list, i, one) {
		if (json_equal(item, one))
			return true;
	}
	return false;
}

/* What only the first of two lists holds. */
static json_t *items_not_in(const json_t *list, const json_t *other)
{
	json_t *out = json_array();
	json_t *item;
	size_t i;

	json_array_foreach (list, i, item) {
		if (!holds(other, item))
			json_array_append(out, item);
	}
	return out;
}

/* A section as a list: one value is a list of one, and null has none. */
static json_t *listed(const json_t *section)
{
	if (json_is_array(section))
		return json_incref((json_t *)(uintptr_t)section);
	if (!section || json_is_null(section))
		return json_array();
	return jx_pack("[O]", section);
}

/* The record holds the whole section; what this write changed of it is what the operation's own
 * effect changes. */
static void add_difference(json_t *write, const struct operation *row, const json_t *before)
{
	const json_t *was = json_object_get(before, row->section);
	const json_t *parameters = json_object_get(write, "parameters");
	json_auto_t *entry = json_object();
	struct err ignored = ERR_INIT;

	if (!was || json_object_get(was, "unread") || json_array_size(was) > ITEMS_MAX ||
	    operation_check(row, parameters, &ignored))
		return;
	jx_set(entry, row->section, jx_copy(was));
	if (row->effect(row, entry, parameters))
		return;
	json_auto_t *old = listed(was);
	json_auto_t *now = listed(json_object_get(entry, row->section));
	jx_set(write, "before", items_not_in(old, now));
	jx_set(write, "after", items_not_in(now, old));
}

static json_t *new_write(const json_t *operation)
{
	static const char *const members[] = {"id",	 "target",	 "step",    "stage",
					      "service", "operation",	 "why",	    "parameters",
					      "undo",	 "irreversible", "release", NULL};
	json_t *write = jx_pack("{s:s, s:n, s:n, s:n, s:n, s:n, s:n}", "status", "unknown", "at",
				"request_id", "error", "not_sent", "before", "after");

	for (size_t i = 0; members[i]; i++)
		jx_set(write, members[i], facts_member(operation, members[i]));
	return write;
}

/* The write that a line speaks of; announced again after it was done, it is another one. */
static json_t *write_of(json_t *writes, json_t *by_key, const json_t *line)
{
	const json_t *operation = json_object_get(line, "operation");
	char key[KEY_LENGTH];

	key_of(operation, key);
	json_t *write = json_object_get(by_key, key);
	bool again = facts_is_event(line, "intent") && text_equal(jx_text(write, "status"), "done");
	if (write && !again)
		return write;
	write = new_write(operation);
	jx_push(writes, write);
	/* Names may be cut in the middle of a character; the key is nobody's to read. */
	if (json_object_set_nocheck(by_key, key, write))
		abort();
	return write;
}

static void take_intent(json_t *write, const json_t *line)
{
	const json_t *operation = json_object_get(line, "operation");
	const struct operation *row = operation_find(jx_text(operation, "operation"));

	/* Announced again because the first attempt has no answer: what stood there first counts.
	 */
	if (!json_is_null(json_object_get(write, "before")))
		return;
	jx_set(write, "parameters", facts_member(operation, "parameters"));
	if (row && row->section && row->effect)
		add_difference(write, row, json_object_get(line, "before"));
}

static void take_outcome(json_t *write, const json_t *line)
{
	static const char *const members[] = {"status", "at", "request_id", "error", NULL};
	bool skipped = text_equal(jx_text(line, "status"), "skipped");

	for (size_t i = 0; members[i]; i++)
		jx_set(write, members[i], facts_member(line, members[i]));
	jx_set(write, "not_sent", skipped ? facts_member(line, "why") : json_null());
	jx_set(write, "parameters", facts_member(json_object_get(line, "operation"), "parameters"));
}

json_t *facts_writes(const json_t *events)
{
	json_t *writes = json_array();
	json_auto_t *by_key = json_object();
	json_t *line;
	size_t i;

	json_array_foreach (events, i, line) {
		bool intent = facts_is_event(line, "intent");
		if (!json_is_object(json_object_get(line, "operation")) ||
		    (!intent && !facts_is_event(line, "outcome")))
			continue;
		json_t *write = write_of(writes, by_key, line);
		if (intent)
			take_intent(write, line);
		else
			take_outcome(write, line);
	}
	return writes;
}
