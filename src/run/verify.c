// SPDX-License-Identifier: Apache-2.0
#include "verify.h"
#include "apply.h"
#include "record.h"

#include "cordon/account.h"
#include "cordon/json.h"
#include "cordon/text.h"
#include "cordon/verdict.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static json_t *checks_now(const struct executor *x)
{
	const struct verdict_input input = {.plan = x->plan,
					    .results = x->results,
					    .account = x->world->account,
					    .before = x->before,
					    .now = world_now(x->world)};

	return verdict_checks(&input);
}

bool verify_stands(const struct executor *x)
{
	json_auto_t *targets = checks_now(x);
	const char *id;
	json_t *checks;

	json_object_foreach (targets, id, checks) {
		if (jx_find(checks, "state", "false", NULL))
			return false;
	}
	return true;
}

/* In short steps, so that a signal is noticed. */
void verify_wait(const struct world *world, long deadline_ms)
{
	while (executor_clock_ms() < deadline_ms && !world_stopped(world)) {
		struct timespec step = {.tv_nsec = 50 * 1000000};
		nanosleep(&step, NULL);
	}
}

static void wait_since(const struct world *world, long since_ms, long settle)
{
	long left = (since_ms + settle * 1000 - executor_clock_ms() + 999) / 1000;

	if (left > 0)
		world_tell(world,
			   jx_pack("{s:s, s:I}", "event", "settle", "seconds", (json_int_t)left));
	verify_wait(world, since_ms + settle * 1000);
}

void verify_settle(struct executor *x, long settle, struct verification *ret)
{
	long since = x->wrote ? x->last_write_ms : executor_clock_ms();

	if (!x->world->aws) {
		*ret = (struct verification){.looked = true, .agreed = true};
		return;
	}
	json_auto_t *first = checks_now(x);
	wait_since(x->world, since, settle);
	/* The second read begins now; what it says is at least this old. */
	long started = executor_clock_ms();
	observe_again(x->world, x->plan);
	json_auto_t *second = checks_now(x);
	ret->agreed = json_equal(first, second);
	ret->settled_seconds = (started - since) / 1000;
}

json_t *verify_document(const struct executor *x, const struct verification *v)
{
	const struct world *world = x->world;
	json_t *document = jx_copy(x->plan);
	json_auto_t *results = executor_results(x);
	/* What was read before the writes says nothing of what stands now. */
	json_auto_t *unread = account_new(jx_text(world->account, "account_id"));
	const struct verdict_input input = {.plan = x->plan,
					    .results = x->results,
					    .account = v->looked ? world->account : unread,
					    .before = x->before,
					    .unseen = !v->looked,
					    .agreed = v->agreed,
					    .settled_seconds = v->settled_seconds,
					    .now = world_now(world)};
	json_t *targets = verdict_targets(&input);

	jx_set(document, "format", jx_string("cordon-apply/1"));
	jx_set(document, "run", jx_string(world->run_id));
	json_object_set(document, "results", results);
	json_array_extend(json_object_get(document, "skipped"), x->left);
	jx_set(document, "targets", targets);
	jx_set(document, "verdict", jx_string(verdict_overall(x->plan, targets)));
	jx_set(document, "settled_seconds", jx_pack("I", (json_int_t)v->settled_seconds));
	return document;
}

/* Still so: the verdict of a run with targets to judge; of any other, that its operations stand. */
static int status_of(const json_t *document, const struct world *world)
{
	const char *verdict = jx_text(document, "verdict");
	json_t *target;
	json_t *check;
	size_t i;
	size_t j;

	if (world_stopped(world))
		return STATUS_INTERRUPTED;
	if (verdict)
		return verdict_status(document, false);
	json_array_foreach (json_object_get(document, "targets"), i, target) {
		json_array_foreach (json_object_get(target, "checks"), j, check) {
			if (!text_equal(jx_text(check, "state"), "true"))
				return STATUS_NO;
		}
	}
	return STATUS_DONE;
}

/* No end is on record, a signal ended it, or what was planned was never announced. */
static bool is_unfinished(const struct executor *x, const struct record *record)
{
	size_t lines = json_array_size(record->lines);
	const json_t *last = json_array_get(record->lines, lines - 1);
	json_t *operation;
	size_t i;

	if (jx_find(record->lines, "event", "release", NULL))
		return false;
	if (!record->result || !text_equal(jx_text(last, "event"), "end") ||
	    json_is_true(json_object_get(last, "interrupted")))
		return true;
	json_array_foreach (json_object_get(x->plan, "operations"), i, operation) {
		if (!executor_result(x, jx_text(operation, "id")))
			return true;
	}
	return false;
}

/* What resume would send now: what was planned and not sent, and what was never planned. New. */
static int missing_of(const struct executor *x, const struct record *record, json_t **ret_left,
		      struct err *err)
{
	struct run_options own = *x->world->options;
	struct run_work work = {.entries = NULL};
	json_t *later = NULL;

	json_auto_t *protect = own.protect ? jx_copy(own.protect) : json_array();
	own.protect = protect;
	int ret = record_work(record, &own, &work, err) ||
				  observe_named(x->world, work.entries, work.count, err)
			  ? -1
			  : 0;
	if (ret == 0) {
		observe_wide(x->world, NULL, work.entries, work.count);
		const struct run run = {.world = *x->world, .x = *x, .work = &work};
		ret = apply_plan(&run, true, &later, err);
	}
	if (ret == 0)
		*ret_left = executor_remaining(x, later);
	json_decref(later);
	record_work_release(&work);
	return ret ? -1 : 0;
}

/* The target that an operation counts for: of a role that expansion brought, where it came from. */
static json_t *judged_target(const json_t *document, const json_t *left, const json_t *operation)
{
	const char *id = jx_text(operation, "target");
	const json_t *target = jx_find(json_object_get(left, "targets"), "id", id, NULL);

	if (jx_text(target, "expanded_from"))
		id = jx_text(target, "expanded_from");
	return jx_find(json_object_get(document, "targets"), "id", id, NULL);
}

static void add_missing(json_t *target, const char *name, const char *state, const char *seen)
{
	jx_push(json_object_get(target, "checks"),
		jx_pack("{s:s, s:s, s:s, s:b}", "check", name, "state", state, "seen", seen,
			"required", 1));
	if (!jx_text(target, "verdict") || text_equal(jx_text(target, "verdict"), "OPEN"))
		return;
	jx_set(target, "verdict", jx_string(text_equal(state, "false") ? "OPEN" : "UNKNOWN"));
}

static void say_missing(json_t *document, const json_t *left)
{
	json_t *operation;
	char name[400];
	size_t i;

	json_array_foreach (json_object_get(left, "operations"), i, operation) {
		json_t *target = judged_target(document, left, operation);
		const char *why = jx_text(operation, "why");
		snprintf(name, sizeof(name), "step '%.64s' was carried out",
			 jx_text(operation, "step"));
		if (target)
			add_missing(target, name, "false", why ? why : "not sent");
	}
}

/* A run that was cut off is not contained as planned while something of it is missing. */
static void say_unfinished(struct executor *x, const struct record *record, const char *operand,
			   json_t *document)
{
	struct err err = ERR_INIT;
	json_t *left = NULL;
	json_t *target;
	size_t i;

	jx_set(document, "unfinished", json_true());
	json_auto_t *text = json_sprintf("the run is not finished: cordon resume %.500s", operand);
	jx_add_unique(json_object_get(document, "warnings"), json_string_value(text));
	if (missing_of(x, record, &left, &err) == 0) {
		say_missing(document, left);
	} else {
		json_array_foreach (json_object_get(document, "targets"), i, target)
			add_missing(target, "what the run had still to do is known", "unknown",
				    err.message);
	}
	json_decref(left);
	jx_set(document, "verdict",
	       jx_string(verdict_overall(x->plan, json_object_get(document, "targets"))));
}

static int verify_record(struct world *world, const struct record *record, const char *operand,
			 json_t **ret_document, int *ret_status, struct err *err)
{
	struct executor x = {.world = world,
			     .folder = {.fd = -1},
			     .plan = record->plan,
			     .before = record->before,
			     .results = record->results,
			     .left = record->left};
	struct verification v = {0};

	if (observe_caller(world, NULL, 0, err) ||
	    record_check_place(record, world->account, world->aws != NULL, err))
		return -1;
	executor_index(&x);
	observe_again(world, record->plan);
	/* How long ago the last write was, by AWS's clock; old enough needs no waiting. */
	executor_since(&x, record->last_write);
	verify_settle(&x, world->options->settle, &v);
	executor_resolve(&x);
	v.looked = true;
	snprintf(world->run_id, sizeof(world->run_id), "%s", record->run);
	*ret_document = verify_document(&x, &v);
	/* It is not imported: elsewhere only the file is known. */
	if (!record->path)
		jx_set(*ret_document, "file", jx_string(operand));
	if (!world_stopped(world) && is_unfinished(&x, record))
		say_unfinished(&x, record, operand, *ret_document);
	*ret_status = status_of(*ret_document, world);
	json_decref(x.by_id);
	return 0;
}

int run_verify(const struct run_options *options, const char *run, json_t **ret_document,
	       int *ret_status, struct err *err)
{
	struct record record = {.path = NULL};
	struct world world = {0};

	int ret = record_open(options, run, &record, err) || world_open(options, &world, err)
			  ? -1
			  : verify_record(&world, &record, run, ret_document, ret_status, err);
	if (ret)
		*ret_status = run_status_of(err);
	record_release(&record);
	world_close(&world);
	return ret;
}
