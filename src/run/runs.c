// SPDX-License-Identifier: Apache-2.0
/* The record: which runs there were, and what one of them was. */
#include "folder.h"
#include "record.h"

#include "cordon/json.h"
#include "cordon/text.h"

#include <stdlib.h>
#include <string.h>

/* A value read from a file, or null if it is not there or not readable. */
static json_t *read_or_null(const char *path, const char *name)
{
	struct err ignored = ERR_INIT;
	json_t *value = NULL;

	return folder_read(path, name, &value, &ignored) ? json_null() : value;
}

static json_t *arns_of(const json_t *plan)
{
	json_t *arns = json_array();
	json_t *target;
	size_t i;

	json_array_foreach (json_object_get(plan, "targets"), i, target) {
		if (!json_object_get(target, "expanded_from"))
			json_array_append(arns, json_object_get(target, "arn"));
	}
	return arns;
}

/* NULL where they cannot be read, or do not fit each other. */
static json_t *lines_of(const char *path)
{
	struct err ignored = ERR_INIT;
	struct journal journal;
	json_t *lines = NULL;
	size_t torn;

	if (folder_read_journal(path, &lines, &journal, &torn, NULL, &ignored))
		return NULL;
	return lines;
}

static json_t *member(const json_t *object, const char *name)
{
	json_t *value = json_object_get(object, name);

	return value ? jx_copy(value) : json_null();
}

/* The result that the journal's last end names; null: it was not written, or is an older one. */
static json_t *result_of(const char *path, const json_t *lines)
{
	json_t *result = read_or_null(path, "result.json");

	for (size_t i = json_array_size(lines); i-- > 0;) {
		const json_t *line = json_array_get(lines, i);
		if (!jx_text(line, "result_sha256"))
			continue;
		if (record_is_result_of(line, result))
			break;
		json_decref(result);
		return json_null();
	}
	return result;
}

static json_t *run_line(const char *path, const json_t *run)
{
	json_auto_t *plan = read_or_null(path, "plan.json");
	json_auto_t *lines = lines_of(path);
	json_auto_t *result = result_of(path, lines);
	const json_t *first = json_array_get(lines, 0);
	json_t *released = journal_release(lines);

	return jx_pack("{s:O, s:o, s:o, s:o, s:o, s:O, s:o, s:o, s:b, s:b, s:o}", "run",
		       json_object_get(run, "run"), "at", member(first, "at"), "command",
		       member(first, "command"), "case", member(first, "case"), "account_id",
		       member(plan, "account_id"), "rehearsal", json_object_get(run, "rehearsal"),
		       "targets", arns_of(plan), "verdict", member(result, "verdict"), "finished",
		       json_is_object(result), "begun", (int)folder_is_begun(path), "released",
		       released ? released : json_null());
}

int run_list(const struct run_options *options, json_t **ret_document, int *ret_status,
	     struct err *err)
{
	json_auto_t *runs = NULL;
	json_t *lines = json_array();
	json_t *run;
	size_t i;

	if (folder_runs(options, &runs, err)) {
		json_decref(lines);
		*ret_status = run_status_of(err);
		return -1;
	}
	json_array_foreach (runs, i, run) {
		struct err ignored = ERR_INIT;
		char *path = NULL;
		if (folder_find(options, jx_text(run, "run"), &path, &ignored) == 0)
			jx_push(lines, run_line(path, run));
		free(path);
	}
	*ret_document = jx_pack("{s:s, s:o}", "format", "cordon-runs/1", "runs", lines);
	*ret_status = STATUS_DONE;
	return 0;
}

/* How far a check went. A chain proves no more than that its lines fit each other: whoever can
 * write the file can write all of it anew. */
static void say_proof(json_t *journal, bool check, const char *expect)
{
	const char *proof = expect ? "anchored" : "internally consistent";

	jx_set(journal, "proof", jx_string(check || expect ? proof : NULL));
}

/* The journal's own state. What is broken is an error, not a document. */
static json_t *journal_of(const struct record *record)
{
	const char *last = record->journal.last;

	return jx_pack("{s:I, s:o, s:s, s:I, s:o}", "lines",
		       (json_int_t)json_array_size(record->lines), "last",
		       jx_string(*last ? last : NULL), "chain", "ok", "torn",
		       (json_int_t)record->torn, "problem", jx_string(record->problem));
}

static int check_journal(const struct record *record, bool check, const char *expect,
			 int *ret_status, struct err *err)
{
	const char *last = record->journal.last;

	*ret_status = STATUS_DONE;
	if (check && json_array_size(record->lines) == 0) {
		*ret_status = STATUS_USAGE;
		return err_set(err, ERR_INPUT, "journal.jsonl is empty: the record is gone");
	}
	if (expect && !text_equal_nocase(last, expect)) {
		*ret_status = STATUS_NO;
		return err_set(err, ERR_INPUT, "the journal ends with %s, not with %.70s",
			       *last ? last : "nothing", expect);
	}
	return 0;
}

int run_show(const struct run_options *options, const char *run, bool check, const char *expect,
	     json_t **ret_document, int *ret_status, struct err *err)
{
	struct run_options own = *options;
	struct record record;

	/* A mismatch is an answer here, with a status of its own. */
	own.expect = NULL;
	if (record_open(&own, run, &record, err)) {
		*ret_status = run_status_of(err);
		return -1;
	}
	int ret = check_journal(&record, check, expect, ret_status, err);
	json_t *journal = journal_of(&record);
	say_proof(journal, check, expect);
	json_t *released = journal_release(record.lines);
	if (ret == 0)
		*ret_document = jx_pack("{s:s, s:s, s:o, s:O, s:o, s:o, s:O, s:o}", "format",
					"cordon-run/1", "run", record.run, "folder",
					jx_string(record.path), "plan", record.plan, "result",
					record.result ? jx_copy(record.result) : json_null(),
					"journal", jx_copy(journal), "events", record.lines,
					"released", released ? released : json_null());
	else
		json_decref(released);
	json_decref(journal);
	record_release(&record);
	return ret ? err_wrap(err, "run '%.40s'", run) : 0;
}

int run_export(const struct run_options *options, const char *run, json_t **ret_document,
	       int *ret_status, struct err *err)
{
	struct record record;

	if (record_open(options, run, &record, err)) {
		*ret_status = run_status_of(err);
		return -1;
	}
	*ret_document = record_export(&record);
	*ret_status = STATUS_DONE;
	record_release(&record);
	return 0;
}
