// SPDX-License-Identifier: Apache-2.0
#include "record.h"

#include "folder.h"

#include "cordon/account.h"
#include "cordon/buf.h"
#include "cordon/file.h"
#include "cordon/json.h"
#include "cordon/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FORMAT "cordon-export/1"
/* Beside the others in a folder that was made from a file: where the file ended. */
#define ORIGIN "imported.json"

enum { MAX_EXPORT = 512 * 1024 * 1024 };

static time_t last_write_of(const json_t *lines)
{
	time_t last = 0;
	json_t *one;
	size_t i;

	json_array_foreach (lines, i, one) {
		time_t at;
		const char *status = jx_text(one, "status");
		if (text_equal(jx_text(one, "event"), "outcome") &&
		    !text_equal(status, "skipped") &&
		    text_parse_time(jx_text(one, "at"), &at) == 0 && at > last)
			last = at;
	}
	return last;
}

static void take_outcome(json_t *result, const json_t *one)
{
	const json_t *error = json_object_get(one, "error");

	json_object_set(result, "status", json_object_get(one, "status"));
	json_object_set(result, "at", json_object_get(one, "at"));
	json_object_set(result, "request_id", json_object_get(one, "request_id"));
	jx_set(result, "error", error ? jx_copy(error) : json_null());
	if (json_object_get(one, "instead"))
		json_object_set(result, "instead", json_object_get(one, "instead"));
}

/* What became of the operations; one that was announced and has no outcome is unknown. */
static json_t *results_of(const json_t *lines)
{
	json_auto_t *by_id = json_object();
	json_t *out = json_array();
	json_t *one;
	size_t i;

	json_array_foreach (lines, i, one) {
		const json_t *operation = json_object_get(one, "operation");
		const char *id = jx_text(operation, "id");
		json_t *result = id ? json_object_get(by_id, id) : NULL;
		if (!id)
			continue;
		if (!result) {
			result = jx_pack("{s:s, s:s}", "id", id, "status", "unknown");
			jx_push(out, result);
			json_object_set(by_id, id, result);
		}
		json_object_set(result, "parameters", json_object_get(operation, "parameters"));
		if (text_equal(jx_text(one, "event"), "outcome"))
			take_outcome(result, one);
		else if (text_equal(jx_text(one, "event"), "intent"))
			jx_set(result, "status", jx_string("unknown"));
	}
	return out;
}

/* What was planned and not sent, as the run said it, and as it stayed. */
static json_t *left_of(const json_t *lines, const json_t *results)
{
	json_t *out = json_array();
	json_t *one;
	size_t i;

	json_array_foreach (lines, i, one) {
		const json_t *operation = json_object_get(one, "operation");
		const json_t *result = jx_find(results, "id", jx_text(operation, "id"), NULL);
		char why[400];
		if (!text_equal(jx_text(one, "status"), "skipped") || !jx_text(one, "why") ||
		    !text_equal(jx_text(result, "status"), "skipped"))
			continue;
		snprintf(why, sizeof(why), "%.190s: %.200s", jx_text(operation, "why"),
			 jx_text(one, "why"));
		jx_push(out, jx_pack("{s:o, s:o, s:o, s:n}", "step",
				     jx_string(jx_text(operation, "step")), "target",
				     jx_string(jx_text(operation, "target")), "why", jx_string(why),
				     "instead"));
	}
	return out;
}

/* The plan is the one that the journal's end names. */
static int check_plan(const struct record *record, struct err *err)
{
	const json_t *last = json_array_get(record->lines, json_array_size(record->lines) - 1);
	const char *want = jx_text(last, "plan_sha256");
	char hex[HASH_HEX_SIZE];

	jx_digest(record->plan, hex);
	if (!want || text_equal(want, hex))
		return 0;
	return err_set(err, ERR_INPUT,
		       "plan.json is not what the journal says was written: it was changed");
}

bool record_is_result_of(const json_t *end, const json_t *result)
{
	char hex[HASH_HEX_SIZE];

	jx_digest(result, hex);
	return text_equal(jx_text(end, "result_sha256"), hex);
}

/* The last line that names a result; NULL: there is none. */
static const json_t *last_end(const json_t *lines)
{
	for (size_t i = json_array_size(lines); i-- > 0;) {
		const json_t *line = json_array_get(lines, i);
		if (jx_text(line, "result_sha256"))
			return line;
	}
	return NULL;
}

/* A result that no line names: its own line is gone, or it was changed. */
static int no_line_names_it(const struct record *record, struct err *err)
{
	const json_t *last = json_array_get(record->lines, json_array_size(record->lines) - 1);

	if (!jx_text(last, "result_sha256"))
		return err_set(err, ERR_INPUT,
			       "the journal's last line is missing: result.json was written after "
			       "it, and no line of journal.jsonl names it");
	return err_set(err, ERR_INPUT,
		       "result.json is not what the journal says was written: it was changed, or "
		       "the journal's last lines are missing");
}

/* The end is on disk before its result: where the machine stopped in between there is none, or
 * still an earlier one, and the journal is whole all the same. */
static int check_result(struct record *record, struct err *err)
{
	const json_t *end = last_end(record->lines);
	json_t *line;
	size_t i;

	if (record->result && !jx_find(record->lines, "event", "end", NULL))
		return no_line_names_it(record, err);
	if (!end || (record->result && record_is_result_of(end, record->result)))
		return 0;
	json_array_foreach (record->result ? record->lines : NULL, i, line) {
		if (record_is_result_of(line, record->result))
			break;
	}
	if (record->result && i == json_array_size(record->lines))
		return no_line_names_it(record, err);
	record->problem = record->result
				  ? "result.json is older than the journal's end: the "
				    "machine stopped before the new one was written"
				  : "result.json, which the journal's end names, is missing: "
				    "the machine stopped before it was written, or it was "
				    "taken away";
	json_decref(record->result);
	record->result = NULL;
	return 0;
}

/* An operation that code can rely on: a row of the table, whole parameters, a step, a target. */
static bool operation_ok(const struct record *record, const json_t *operation)
{
	const struct operation *op = operation_find(jx_text(operation, "operation"));
	struct err ignored = ERR_INIT;

	return op && jx_text(operation, "step") && jx_text(operation, "id") &&
	       jx_find(json_object_get(record->plan, "targets"), "id", jx_text(operation, "target"),
		       NULL) &&
	       operation_check(op, json_object_get(operation, "parameters"), &ignored) == 0;
}

static int check_operations(const struct record *record, struct err *err)
{
	json_t *one;
	size_t i;

	json_array_foreach (json_object_get(record->plan, "operations"), i, one) {
		if (!operation_ok(record, one))
			return err_set(err, ERR_INPUT, "plan.json: operation %zu is none", i + 1);
	}
	json_array_foreach (record->lines, i, one) {
		const json_t *operation = json_object_get(one, "operation");
		if (json_is_object(operation) && !operation_ok(record, operation))
			return err_set(err, ERR_INPUT, "journal.jsonl: line %zu: no operation",
				       i + 1);
	}
	return 0;
}

/* Everything has been read: what follows from it. */
static int complete(struct record *record, struct err *err)
{
	if (json_array_size(record->lines) == 0)
		return err_set(
			err, ERR_INPUT,
			"journal.jsonl is empty, or cut within its first line: the record is "
			"gone, and what was done is not known");
	if (!text_equal(jx_text(json_array_get(record->lines, 0), "event"), "start"))
		return err_set(err, ERR_INPUT, "journal.jsonl was cut: its first line is missing");
	if (!json_is_object(record->before) || !jx_text(record->before, "account_id"))
		return err_set(err, ERR_INPUT, "before.json is no account");
	if (plan_check(record->plan, "plan.json", err) || check_result(record, err) ||
	    check_plan(record, err) || check_operations(record, err))
		return -1;
	record->results = results_of(record->lines);
	record->left = left_of(record->lines, record->results);
	record->last_write = last_write_of(record->lines);
	return 0;
}

static int read_folder(const char *path, struct record *record, struct err *err)
{
	struct err ignored = ERR_INIT;
	size_t torn = 0;

	if (!folder_is_begun(path))
		return err_set(err, ERR_INPUT,
			       "it was stopped before the first line of its journal was written, "
			       "and so before anything was sent: nothing is to be finished or "
			       "taken back; give the command again that began it");
	if (folder_read(path, "plan.json", &record->plan, err) ||
	    folder_read(path, "before.json", &record->before, err) ||
	    folder_read_journal(path, &record->lines, &record->journal, &torn, &record->text, err))
		return -1;
	record->torn = torn > 0;
	if (folder_read(path, "result.json", &record->result, &ignored))
		record->result = NULL;
	return complete(record, err);
}

/* How much of a journal is whole lines. */
static size_t whole_lines(const char *text)
{
	const char *end = strrchr(text, '\n');

	return end ? (size_t)(end - text) + 1 : 0;
}

static int read_export(const char *file, struct record *record, struct err *err)
{
	autobuf struct buf bytes = BUF_INIT(MAX_EXPORT);
	size_t torn = 0;

	if (file_read(file, &bytes, err))
		return -1;
	json_auto_t *whole = jx_read(buf_text(&bytes), bytes.length, file, err);
	if (!whole)
		return -1;
	const char *run = jx_text(whole, "run");
	const char *journal = jx_text(whole, "journal");
	const json_t *result = json_object_get(whole, "result");
	if (!text_equal(jx_text(whole, "format"), FORMAT) || !run || !folder_is_run(run) ||
	    !journal)
		return err_set(err, ERR_INPUT, "'%.200s' is no exported run (" FORMAT ")", file);
	snprintf(record->run, sizeof(record->run), "%s", run);
	record->plan = json_incref(json_object_get(whole, "plan"));
	record->before = json_incref(json_object_get(whole, "before"));
	record->result = json_is_object(result) ? jx_copy(result) : NULL;
	if (journal_read(journal, strlen(journal), "journal", &record->lines, &record->journal,
			 &torn, err))
		return -1;
	record->torn = torn > 0;
	record->text = strndup(journal, whole_lines(journal));
	if (!record->text)
		abort();
	return complete(record, err);
}

static bool is_file(const char *run)
{
	return strchr(run, '/') || text_has_suffix(run, ".json");
}

/* Whoever hands over a file can have written all of it; not so with a hash that was kept since the
 * run's end. */
static int check_origin(const struct run_options *options, struct record *record, struct err *err)
{
	struct err ignored = ERR_INIT;
	json_auto_t *origin = NULL;
	const char *last = record->journal.last;

	if (record->path)
		folder_read(record->path, ORIGIN, &origin, &ignored);
	record->foreign = !record->path ||
			  (origin && !json_is_true(json_object_get(origin, "anchored")));
	if (!options->expect)
		return 0;
	if (!text_equal_nocase(options->expect, last) &&
	    !(origin && text_equal_nocase(options->expect, jx_text(origin, "last"))))
		return err_set(err, ERR_REFUSED, "the journal ends with %s, not with %.70s",
			       *last ? last : "nothing", options->expect);
	record->foreign = false;
	return 0;
}

int record_open(const struct run_options *options, const char *run, struct record *ret_record,
		struct err *err)
{
	struct record record = {.path = NULL};
	int ret = 0;

	if (is_file(run)) {
		ret = read_export(run, &record, err);
	} else {
		ret = folder_find(options, run, &record.path, err);
		if (ret == 0 && read_folder(record.path, &record, err))
			ret = err_wrap(err, "run '%.40s'", run);
		snprintf(record.run, sizeof(record.run), "%s", run);
	}
	ret = ret ? ret : check_origin(options, &record, err);
	if (ret)
		record_release(&record);
	else
		*ret_record = record;
	return ret ? -1 : 0;
}

void record_release(struct record *record)
{
	free(record->path);
	free(record->text);
	json_decref(record->plan);
	json_decref(record->before);
	json_decref(record->result);
	json_decref(record->lines);
	json_decref(record->results);
	json_decref(record->left);
	*record = (struct record){.path = NULL};
}

json_t *record_keep(const struct run_options *options, const struct run_work *work)
{
	json_t *playbooks = json_object();
	json_t *arns = json_array();

	for (size_t i = 0; i < work->count; i++) {
		const struct playbook *playbook = work->entries[i].playbook;
		jx_push(arns, jx_string(work->entries[i].arn));
		if (!json_object_get(playbooks, playbook->sha256))
			jx_set(playbooks, playbook->sha256, playbook_keep(playbook));
	}
	return jx_pack("{s:o, s:o, s:o, s:b, s:o, s:O*}", "playbooks", playbooks, "arns", arns,
		       "protect", options->protect ? jx_copy(options->protect) : json_array(),
		       "allow_self", options->allow_self, "support_case",
		       jx_string(options->support_case), "not_covered", work->not_covered);
}

static int add_entry(const struct record *record, const json_t *kept, size_t i,
		     struct run_work *work, struct err *err)
{
	const json_t *planned = json_array_get(json_object_get(record->plan, "playbooks"), i);
	const char *sha256 = jx_text(planned, "sha256");
	struct plan_entry *entry = &work->entries[i];
	struct playbook *playbook = NULL;

	if (playbook_restore(sha256 ? jx_at(kept, "playbooks", sha256, NULL) : NULL,
			     jx_text(planned, "source"), sha256, &playbook, err))
		return -1;
	entry->playbook = playbook;
	work->count = i + 1;
	entry->arn = json_string_value(json_array_get(json_object_get(kept, "arns"), i));
	entry->hop = (unsigned)json_integer_value(json_object_get(planned, "hop"));
	return playbook_bind(playbook, json_object_get(planned, "parameters"), &entry->parameters,
			     err);
}

int record_work(const struct record *record, struct run_options *options, struct run_work *ret_work,
		struct err *err)
{
	const json_t *kept = json_object_get(json_array_get(record->lines, 0), "kept");
	size_t count = json_array_size(json_object_get(record->plan, "playbooks"));
	struct run_work work = {.entries = calloc(count + 1, sizeof(*work.entries)),
				.roles_set = true,
				.not_covered = json_object_get(kept, "not_covered")};

	if (!work.entries)
		abort();
	for (size_t i = 0; i < count; i++) {
		if (add_entry(record, kept, i, &work, err)) {
			record_work_release(&work);
			return err_wrap(err, "run '%.40s'", record->run);
		}
	}
	json_t *protected;
	size_t n;
	json_array_foreach (json_object_get(kept, "protect"), n, protected) {
		if (json_is_string(protected))
			jx_add_unique((json_t *)(uintptr_t)options->protect,
				      json_string_value(protected));
	}
	/* What takes a guard away is not taken from a file that somebody hands over. */
	if (!options->case_id)
		options->case_id = jx_text(json_array_get(record->lines, 0), "case");
	if (record->path) {
		options->allow_self = options->allow_self ||
				      json_is_true(json_object_get(kept, "allow_self"));
		if (!options->support_case)
			options->support_case = jx_text(kept, "support_case");
	}
	*ret_work = work;
	return 0;
}

void record_work_release(struct run_work *work)
{
	for (size_t i = 0; i < work->count; i++) {
		playbook_free((struct playbook *)(uintptr_t)work->entries[i].playbook);
		json_decref(work->entries[i].parameters);
	}
	free(work->entries);
	*work = (struct run_work){.entries = NULL};
}

int record_check_place(const struct record *record, const json_t *account, bool live,
		       struct err *err)
{
	const char *theirs = jx_text(record->plan, "account_id");
	const char *ours = jx_text(account, "account_id");

	if (json_is_true(json_object_get(record->plan, "rehearsal")) && live)
		return err_set(err, ERR_USAGE,
			       "run '%.40s' was a rehearsal; give --account FILE with it",
			       record->run);
	if (!text_equal(theirs, ours))
		return err_set(err, ERR_REFUSED, "run '%.40s' was in account %s, and we are in %s",
			       record->run, theirs ? theirs : "?", ours);
	return 0;
}

json_t *record_export(const struct record *record)
{
	json_t *whole = jx_pack("{s:s, s:s, s:O, s:O, s:o, s:o}", "format", FORMAT, "run",
				record->run, "plan", record->plan, "before", record->before,
				"result", record->result ? jx_copy(record->result) : json_null(),
				"journal", jx_string(record->text));

	return whole;
}

/* If the file says the same so far. */
static int same_here(const struct run_options *options, struct record *record, struct err *err)
{
	struct record here;

	if (record_open(options, record->run, &here, err))
		return -1;
	bool same = text_has_prefix(here.text, record->text);
	record_release(record);
	*record = here;
	if (same)
		return 0;
	return err_set(err, ERR_REFUSED,
		       "run '%.40s' is in the state folder already, and its journal is another one "
		       "than the file's: give the run's id to go on with what is here",
		       record->run);
}

int record_local(const struct run_options *options, struct record *record, struct err *err)
{
	struct err ignored = ERR_INIT;
	char *path = NULL;

	if (record->path || folder_find(options, record->run, &path, &ignored))
		return 0;
	free(path);
	return same_here(options, record, err);
}

static int fill(struct folder *folder, const struct record *record, struct err *err)
{
	json_auto_t *origin = jx_pack("{s:s, s:b}", "last", record->journal.last, "anchored",
				      !record->foreign);

	return folder_save(folder, "plan.json", record->plan, err) ||
			       folder_save(folder, "before.json", record->before, err) ||
			       (record->result &&
				folder_save(folder, "result.json", record->result, err)) ||
			       folder_save(folder, ORIGIN, origin, err) ||
			       file_append(folder->fd, record->text, strlen(record->text), err)
		       ? -1
		       : 0;
}

int record_import(const struct run_options *options, struct record *record, struct err *err)
{
	bool rehearsal = json_is_true(json_object_get(record->plan, "rehearsal"));
	struct folder folder;

	if (record->path)
		return 0;
	if (folder_create_aside(options, record->run, rehearsal, &folder, err))
		return -1;
	int ret = fill(&folder, record, err) || folder_publish(&folder, record->run, err) ? -1 : 0;
	if (ret == 0)
		record->path = strdup(folder.path);
	folder_close(&folder);
	return ret;
}
