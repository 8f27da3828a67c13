// SPDX-License-Identifier: Apache-2.0
#include "verify.h"
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

static int verify_record(struct world *world, const struct record *record, json_t **ret_document,
			 int *ret_status, struct err *err)
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
			  : verify_record(&world, &record, ret_document, ret_status, err);
	if (ret)
		*ret_status = run_status_of(err);
	record_release(&record);
	world_close(&world);
	return ret;
}
