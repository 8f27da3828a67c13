// SPDX-License-Identifier: Apache-2.0
/* release: what a run did, taken back by the same executor, in the run's own record. */
#include "apply.h"

#include "cordon/journal.h"
#include "cordon/json.h"
#include "cordon/preflight.h"
#include "cordon/release.h"
#include "cordon/text.h"

#include <stdio.h>
#include <string.h>

enum { STAGE_TAIL = 1, STAGE_LAST = 7 };

/* One release at work. */
struct work {
	struct run run;
	struct record record;
	struct release release;
	json_t *earlier; /* operations of earlier releases of this run */
};

/* What earlier releases did is told by the journal alone. */
static json_t *earlier_of(const json_t *lines)
{
	json_t *out = json_array();
	json_t *line;
	size_t i;

	json_array_foreach (lines, i, line) {
		const json_t *operation = json_object_get(line, "operation");
		const char *id = jx_text(operation, "id");
		if (id && json_is_true(json_object_get(operation, "release")) &&
		    !jx_find(out, "id", id, NULL))
			json_array_append(out, (json_t *)operation);
	}
	return out;
}

/* A name that this program gives to what it puts on a principal. */
static bool is_our_name(const char *name)
{
	return name &&
	       (text_has_prefix(name, "Cordon") || text_has_prefix(name, "AWSRevokeOlderSessions"));
}

static bool are_our_tags(const json_t *keys)
{
	json_t *key;
	size_t i;

	json_array_foreach (keys, i, key) {
		if (!text_has_prefix(json_string_value(key), "cordon:"))
			return false;
	}
	return json_array_size(keys) > 0;
}

static bool is_deny_boundary(const struct work *w, const json_t *operation)
{
	const struct operation *op = operation_find(jx_text(operation, "operation"));
	const json_t *entry =
		account_find(w->run.world.account, op->on,
			     operation_principal(op, json_object_get(operation, "parameters")));
	const json_t *boundary = json_object_get(entry, op->section);
	const char *arn = jx_text(boundary, "PermissionsBoundaryArn");

	return arn && text_has_suffix(arn, ":iam::aws:policy/AWSDenyAll");
}

/* It takes away what bears our name, or puts the tail, or switches on what was named: it brings
 * nothing back of which the record alone says that it was there. */
static bool is_ours(const struct work *w, const json_t *operation)
{
	const json_t *parameters = json_object_get(operation, "parameters");
	const char *name = jx_text(operation, "operation");
	const char *arn = jx_text(parameters, "PolicyArn");

	if (json_integer_value(json_object_get(operation, "stage")) == STAGE_TAIL ||
	    text_equal(jx_text(parameters, "Status"), "Active"))
		return true;
	if (text_has_prefix(name, "Delete") && text_has_suffix(name, "Policy"))
		return is_our_name(jx_text(parameters, "PolicyName"));
	if (text_has_prefix(name, "Detach"))
		return arn && text_has_suffix(arn, ":iam::aws:policy/AWSDenyAll");
	if (text_has_prefix(name, "Delete") && text_has_suffix(name, "PermissionsBoundary"))
		return is_deny_boundary(w, operation);
	return text_has_prefix(name, "Untag") &&
	       are_our_tags(json_object_get(parameters, "TagKeys"));
}

/* Whoever wrote the file chose what comes back: a person who sees it says yes, or a hash that was
 * kept since the run's end vouches for it. */
static int check_origin(const struct work *w, const json_t *plan, struct err *err)
{
	const struct run_options *options = w->run.world.options;
	json_t *operation;
	size_t i;

	if (!w->record.foreign)
		return 0;
	jx_add_unique(json_object_get(plan, "warnings"),
		      "the record came as a file: that this stood there before is its word alone; "
		      "--expect with the hash that was printed at the run's end vouches for it");
	json_array_foreach (options->yes ? json_object_get(plan, "operations") : NULL, i,
			    operation) {
		if (is_ours(w, operation))
			continue;
		return err_set(
			err, ERR_REFUSED,
			"run '%.40s' came as a file, and %s (%s) would bring back what it says: "
			"give --expect HASH, which was printed at the end of the run, or look at "
			"it and confirm at the question, without --yes",
			w->record.run, jx_text(operation, "id"), jx_text(operation, "operation"));
	}
	return 0;
}

static int plan(struct work *w, json_t **ret_plan, struct err *err)
{
	struct plan_request request;

	apply_request(&w->run, &request);
	if (release_make(&request, &w->release, ret_plan, err))
		return -1;
	json_t *operation;
	size_t i;
	json_array_foreach (json_object_get(*ret_plan, "operations"), i, operation)
		jx_set(operation, "release", json_true());
	/* What was not read of the groups and their policies is said. */
	if (!world_stopped(&w->run.world))
		plan_foresee(*ret_plan, w->run.world.account, world_now(&w->run.world));
	return check_origin(w, *ret_plan, err);
}

static int look(struct work *w, struct err *err)
{
	struct world *world = &w->run.world;

	if (observe_caller(world, NULL, 0, err) ||
	    record_check_place(&w->record, world->account, world->aws != NULL, err))
		return -1;
	observe_again(world, w->record.plan);
	return 0;
}

static struct work *work_of(struct run *run)
{
	return (struct work *)(void *)((char *)run - offsetof(struct work, run));
}

static int plan_anew(struct run *run, json_t **ret_plan, struct err *err)
{
	struct work *w = work_of(run);

	apply_forget(run);
	return look(w, err) || plan(w, ret_plan, err) ? -1 : 0;
}

/* Nothing is to be sent: *ret_status says why. */
static bool is_all(const json_t *plan, bool dry_run, int *ret_status)
{
	bool any = json_array_size(json_object_get(plan, "operations")) > 0;

	if (json_array_size(json_object_get(plan, "refusals")))
		*ret_status = STATUS_REFUSED;
	else if (json_array_size(json_object_get(plan, "drift")))
		*ret_status = STATUS_NO;
	else if (json_array_size(json_object_get(plan, "unread")))
		*ret_status = jx_find(json_object_get(plan, "unread"), "why", "failed", NULL)
				      ? STATUS_UNREACHED
				      : STATUS_CREDENTIALS;
	else if (!any && json_array_size(json_object_get(plan, "skipped")))
		*ret_status = STATUS_REFUSED;
	else if (!any || dry_run)
		*ret_status = STATUS_DONE;
	else
		return false;
	return true;
}

/* 1: nothing is to be sent; *ret_status says so. */
static int settle_plan(struct work *w, json_t **plan, int *ret_status, struct err *err)
{
	const struct run_options *options = w->run.world.options;

	if (is_all(*plan, options->dry_run, ret_status))
		return 1;
	if (options->yes)
		return 0;
	int asked = apply_ask(&w->run, plan_anew, plan, err, ret_status);
	/* What was found while the question stood counts. */
	return asked == 0 && is_all(*plan, false, ret_status) ? 1 : asked;
}

/* The tail must be seen to stand before anything goes. */
static bool tails_stand(struct work *w)
{
	struct executor *x = &w->run.x;
	json_t *operation;
	size_t i;

	if (!w->run.world.aws)
		return true;
	verify_wait(&w->run.world, x->last_write_ms + w->run.world.options->settle * 1000);
	observe_again(&w->run.world, x->plan);
	executor_resolve(x);
	json_array_foreach (json_object_get(x->plan, "operations"), i, operation) {
		const json_t *result = executor_result(x, jx_text(operation, "id"));
		if (json_integer_value(json_object_get(operation, "stage")) == STAGE_TAIL &&
		    operation_state(operation_find(jx_text(operation, "operation")),
				    w->run.world.account,
				    json_object_get(result, "parameters")) != OPERATION_DONE)
			return false;
	}
	return true;
}

static bool has_tail(const json_t *plan)
{
	json_t *operation;
	size_t i;

	json_array_foreach (json_object_get(plan, "operations"), i, operation) {
		if (json_integer_value(json_object_get(operation, "stage")) == STAGE_TAIL)
			return true;
	}
	return false;
}

static void send(struct work *w)
{
	struct run *run = &w->run;

	executor_stage(&run->x, STAGE_TAIL);
	if (has_tail(run->x.plan) && !tails_stand(w)) {
		world_note(&run->world, "the tail does not stand yet, so the deny stays: give the "
					"command again");
		return;
	}
	for (int stage = STAGE_TAIL + 1; stage <= STAGE_LAST; stage++) {
		if (world_stopped(&run->world) || run->x.broken)
			return;
		executor_stage(&run->x, stage);
	}
}

/* All that was to go is gone; what stays by intent, tail and keys, does not count. */
static bool is_whole(const json_t *document)
{
	json_t *operation;
	size_t i;

	json_array_foreach (json_object_get(document, "operations"), i, operation) {
		const json_t *result = jx_find(json_object_get(document, "results"), "id",
					       jx_text(operation, "id"), NULL);
		if (!text_equal(jx_text(result, "status"), "done"))
			return false;
	}
	return json_array_size(json_object_get(document, "skipped")) == 0;
}

static void finish(struct work *w, json_t *document)
{
	json_t *end = jx_pack("{s:O, s:s, s:o}", "targets", json_object_get(document, "targets"),
			      "released", is_whole(document) ? "whole" : "partly", "verdict",
			      json_null());

	executor_end(&w->run.x, end, "release.json", document, w->record.plan, w->record.result);
}

static bool is_unknown(const struct work *w, const json_t *operation)
{
	const json_t *result = jx_find(w->record.results, "id", jx_text(operation, "id"), NULL);

	return text_equal(jx_text(result, "status"), "unknown");
}

/* A release that was cut off left calls of which nobody knew: what became of them is written down,
 * by what the account says. */
static void settle_earlier(struct work *w)
{
	json_t *operation;
	size_t i;

	json_array_foreach (w->earlier, i, operation) {
		const struct operation *op = operation_find(jx_text(operation, "operation"));
		if (!is_unknown(w, operation))
			continue;
		enum operation_state state = operation_state(
			op, w->run.world.account, json_object_get(operation, "parameters"));
		if (state != OPERATION_UNKNOWN)
			executor_settle(&w->run.x, operation,
					state == OPERATION_DONE ? "done" : "failed",
					"read back, when the release was gone on with");
	}
}

/* An earlier release has no end, or left something behind; with nothing more to send, only the
 * record waits for its end. */
static bool is_open_on_record(const struct work *w)
{
	json_auto_t *released = journal_release(w->record.lines);
	json_t *operation;
	size_t i;

	json_array_foreach (w->earlier, i, operation) {
		if (is_unknown(w, operation))
			return true;
	}
	return released && !text_equal(jx_text(released, "state"), "whole");
}

static int carry_out(struct work *w, const json_t *plan, json_t **ret_document, int *ret_status,
		     struct err *err)
{
	struct run *run = &w->run;
	struct verification v = {0};

	run->begun = true;
	if (record_import(run->world.options, &w->record, err) ||
	    executor_reopen(&run->x, &run->world, &w->record, err))
		return -1;
	executor_take_release(&run->x, plan);
	executor_note(
		&run->x, "release",
		jx_pack("{s:o, s:b}", "command", jx_string("release"), "torn", w->record.torn));
	settle_earlier(w);
	if (executor_check(&run->x, err))
		return -1;
	send(w);
	if (!world_stopped(&run->world) && !run->x.broken)
		v.looked = apply_look_until_seen(run);
	*ret_document = verify_document(&run->x, &v);
	finish(w, *ret_document);
	*ret_status = verdict_status(*ret_document, world_stopped(&run->world));
	if (run->x.broken && *ret_status != STATUS_INTERRUPTED)
		*ret_status = STATUS_PARTLY;
	return run->world.options->account_out
		       ? world_write_account(&run->world, run->world.options->account_out, err)
		       : 0;
}

static int release(struct work *w, json_t **ret_document, int *ret_status, struct err *err)
{
	json_t *made = NULL;

	if (record_local(w->run.world.options, &w->record, err) || look(w, err))
		return -1;
	w->release.run = w->record.run;
	w->release.plan = w->record.plan;
	w->release.before = w->record.before;
	w->release.results = w->record.results;
	w->release.lines = w->record.lines;
	w->release.operations = w->earlier = earlier_of(w->record.lines);
	if (plan(w, &made, err))
		return -1;
	int settled = settle_plan(w, &made, ret_status, err);
	if (settled == 1 && !(*ret_status == STATUS_DONE && !w->run.world.options->dry_run &&
			      is_open_on_record(w))) {
		*ret_document = made;
		return 0;
	}
	int ret = settled < 0 ? -1 : carry_out(w, made, ret_document, ret_status, err);
	json_decref(made);
	return ret;
}

int run_release(const struct run_options *options, const char *id, const json_t *activate,
		bool no_tail, json_t **ret_document, int *ret_status, struct err *err)
{
	static const struct run_work nothing = {.entries = NULL};
	struct work w = {.run = {.world = {.options = options},
				 .work = &nothing,
				 .x = {.folder = {.fd = -1}}},
			 .release = {.activate = activate, .no_tail = no_tail}};

	int ret = record_open(options, id, &w.record, err) || world_open(options, &w.run.world, err)
			  ? -1
			  : 0;
	if (ret == 0) {
		snprintf(w.run.world.run_id, sizeof(w.run.world.run_id), "%s", w.record.run);
		ret = release(&w, ret_document, ret_status, err);
	}
	if (ret)
		*ret_status = world_stopped(&w.run.world) ? STATUS_INTERRUPTED : run_status_of(err);
	json_decref(w.earlier);
	apply_release(&w.run);
	record_release(&w.record);
	return ret ? -1 : 0;
}
