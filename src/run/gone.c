// SPDX-License-Identifier: Apache-2.0
#include "gone.h"

#include "cordon/json.h"
#include "cordon/playbook.h"
#include "cordon/text.h"
#include "folder.h"
#include "record.h"

#include <stdlib.h>

/* Whom a run has deleted the key of, or sent to delete it and had no answer: AWS has it no more, so
 * that was done. NULL: it has not. */
static const char *deleted_of(const struct record *record, const char *key)
{
	json_t *result;
	size_t i;

	json_array_foreach (record->results, i, result) {
		const json_t *operation = jx_find(json_object_get(record->plan, "operations"), "id",
						  jx_text(result, "id"), NULL);
		const json_t *sent = json_object_get(result, "parameters");
		if (text_equal(jx_text(operation, "operation"), "DeleteAccessKey") &&
		    (text_equal(jx_text(result, "status"), "done") ||
		     text_equal(jx_text(result, "status"), "unknown")) &&
		    text_equal(jx_text(sent, "AccessKeyId"), key))
			return jx_text(sent, "UserName");
	}
	return NULL;
}

/* A run of that playbook, live, in this account, and our own: a stranger's would choose whom we
 * take for the owner. */
static bool is_of(const struct world *world, const struct record *record, const char *playbook)
{
	return !record->foreign &&
	       text_equal(jx_text(record->plan, "account_id"),
			  jx_text(world->account, "account_id")) &&
	       jx_find(json_object_get(record->plan, "playbooks"), "name", playbook, NULL);
}

/* The owner by the record of a run. New; NULL: no run says. */
static json_t *owner_on_record(const struct world *world, const char *playbook, const char *key)
{
	struct err ignored = ERR_INIT;
	json_auto_t *runs = NULL;
	json_t *owner = NULL;
	json_t *run;
	size_t i;

	if (folder_runs(world->options, &runs, &ignored))
		return NULL;
	json_array_foreach (runs, i, run) {
		struct record record;
		if (owner || json_is_true(json_object_get(run, "rehearsal")) ||
		    record_open(world->options, jx_text(run, "run"), &record, &ignored))
			continue;
		const char *user = is_of(world, &record, playbook) ? deleted_of(&record, key)
								   : NULL;
		if (user)
			owner = jx_string(user);
		record_release(&record);
	}
	return owner;
}

/* AWS has been asked, and has no such key. */
static bool is_missing(const struct world *world, const char *key, const char *user)
{
	const json_t *asked = jx_find(json_object_get(world->account, "AccessKeyLastUsed"),
				      "AccessKeyId", key, NULL);

	if (!user)
		return asked && !jx_text(asked, "UserName") && !json_object_get(asked, "problem");
	return account_item(account_find(world->account, PRINCIPAL_USER, user), "AccessKeys", key,
			    NULL) == SECTION_NONE;
}

static void note(struct world *world, const char *playbook, const json_t *selected)
{
	const char *key = jx_text(selected, "owner_of");
	const char *user = jx_text(selected, "user");
	json_t *list = json_object_get(world->account, "AccessKeyLastUsed");

	if (!key || !is_missing(world, key, user))
		return;
	json_auto_t *owner = owner_on_record(world, playbook, key);
	json_t *item = jx_find(list, "AccessKeyId", key, NULL);
	if (!owner || (user && !text_equal(user, json_string_value(owner))))
		return;
	if (!item) {
		item = jx_pack("{s:s}", "AccessKeyId", key);
		jx_push(list, item);
	}
	json_object_set(item, "UserName", owner);
	jx_set(item, "Deleted", json_true());
}

void gone_note(struct world *world, const struct run_work *work)
{
	json_t *selected;
	size_t n;

	if (!world->aws || !world->account)
		return;
	for (size_t i = 0; i < work->count; i++) {
		const struct plan_entry *entry = &work->entries[i];
		json_auto_t *targets = playbook_targets(entry->playbook, entry->parameters);
		json_array_foreach (targets, n, selected)
			note(world, entry->playbook->name, selected);
	}
}
