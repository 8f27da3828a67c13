// SPDX-License-Identifier: Apache-2.0
/* plan, ask, apply, verify: the order of things, and nothing else. */
#include "apply.h"
#include "gone.h"
#include "record.h"
#include "torn.h"

#include "cordon/account.h"
#include "cordon/action.h"
#include "cordon/json.h"
#include "cordon/text.h"
#include "cordon/verdict.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Connections that are opened at once: for a user's first look, and what is asked beside the
 * second one. */
enum { EXPECTED = 16 };
enum { MAX_ROUNDS = 4, MAX_QUESTIONS = 3, LOOK_AGAIN_MS = 1000 };

int run_status_of(const struct err *err)
{
	static const int statuses[] = {
		[ERR_NONE] = STATUS_DONE,
		[ERR_USAGE] = STATUS_USAGE,
		[ERR_INPUT] = STATUS_USAGE,
		[ERR_NOT_FOUND] = STATUS_USAGE,
		[ERR_REFUSED] = STATUS_REFUSED,
		[ERR_CREDENTIALS] = STATUS_CREDENTIALS,
		[ERR_DENIED] = STATUS_CREDENTIALS,
		[ERR_THROTTLED] = STATUS_UNREACHED,
		[ERR_AWS] = STATUS_CREDENTIALS,
		[ERR_NETWORK] = STATUS_UNREACHED,
		[ERR_PROTOCOL] = STATUS_UNREACHED,
		[ERR_IO] = STATUS_USAGE,
		[ERR_INTERRUPTED] = STATUS_INTERRUPTED,
	};

	return statuses[err->code];
}

/* The request for the world as it stands; x (or NULL) is what this run has done so far. */
static struct plan_request request_of(const struct world *world, const struct run_work *work,
				      const struct executor *x, bool wide)
{
	const struct run_options *options = world->options;
	const char *service = NULL;
	const char *custom = world->aws ? aws_endpoint_custom(world->aws, &service) : NULL;

	return (struct plan_request){
		.captured = x ? x->before : NULL,
		.entries = work->entries,
		.count = work->count,
		.account = world->account,
		.now = world_now(world),
		.caller = world->caller,
		.partition = world->aws ? aws_partition(world->aws) : NULL,
		.credential_source = world->aws ? aws_credential_source(world->aws) : NULL,
		.endpoint = world->aws ? aws_endpoint(world->aws, "iam") : NULL,
		.custom_endpoint = custom,
		.custom_service = service,
		.endpoint_typed = world->aws && aws_endpoint_typed(world->aws),
		.rehearsal = world->aws == NULL,
		.not_covered = work->not_covered,
		.protect = options->protect,
		.expect_account = options->expect_account,
		.support_case = options->support_case,
		.case_id = options->case_id,
		.allow_self = options->allow_self,
		.max_operations = options->max_operations,
		.run_id = world->run_id[0] ? world->run_id : NULL,
		.stamped = x ? x->stamped : NULL,
		.holding = x && x->holding,
		.restamp = x ? x->restamp : NULL,
		.exhausted = x ? x->exhausted : NULL,
		.targets = x ? json_object_get(x->plan, "targets") : NULL,
		.done = x ? json_object_get(x->plan, "operations") : NULL,
		.absent = world->absent,
		.wide = wide,
	};
}

static int make_plan(const struct world *world, const struct run_work *work,
		     const struct executor *x, bool wide, json_t **ret_plan, struct err *err)
{
	const struct plan_request request = request_of(world, work, x, wide);

	return plan_make(&request, ret_plan, err);
}

static void add_warnings(const struct world *world, json_t *plan)
{
	const char *warning;

	for (size_t i = 0; world->aws && (warning = aws_warning(world->aws, i)); i++)
		jx_add_unique(json_object_get(plan, "warnings"), warning);
}

static int observe_first(struct world *world, const struct run_work *work, struct err *err)
{
	/* While it is asked who we are, and whose the key is. */
	if (world->aws)
		aws_expect(world->aws, EXPECTED);
	if (observe_caller(world, work->entries, work->count, err) || torn_check(world, work, err))
		return -1;
	gone_note(world, work);
	if (observe_named(world, work->entries, work->count, err))
		return -1;
	gone_note(world, work);
	return 0;
}

int apply_first(struct run *run, struct err *err)
{
	return observe_first(&run->world, run->work, err);
}

void apply_request(const struct run *run, struct plan_request *ret_request)
{
	*ret_request = request_of(&run->world, run->work, NULL, true);
}

int apply_plan_of(const struct run *run, struct plan_entry *entries, size_t count,
		  json_t **ret_plan, struct err *err)
{
	const struct run_work work = {.entries = entries, .count = count};

	return make_plan(&run->world, &work, &run->x, true, ret_plan, err);
}

int apply_plan(const struct run *run, bool wide, json_t **ret_plan, struct err *err)
{
	return make_plan(&run->world, run->work, &run->x, wide, ret_plan, err);
}

static bool is_refused(const json_t *plan)
{
	return json_array_size(json_object_get(plan, "refusals")) > 0;
}

/* Nothing of it can go out: every named target is refused. */
bool apply_is_all_refused(const json_t *plan)
{
	return is_refused(plan) && verdict_status(plan, false) == STATUS_REFUSED;
}

static int whole_plan(struct world *world, const struct run_work *work, json_t **ret_plan,
		      struct err *err)
{
	if (observe_first(world, work, err))
		return -1;
	observe_wide(world, NULL, work->entries, work->count);
	if (make_plan(world, work, NULL, true, ret_plan, err))
		return -1;
	observe_preflight(world, world->account, *ret_plan);
	add_warnings(world, *ret_plan);
	return 0;
}

static bool fits_plan_file(const struct world *world, const struct run_work *work, json_t *plan)
{
	if (!work->plan_file)
		return true;
	json_auto_t *differences = plan_differences(work->plan_file, plan,
						    world->run_id[0] ? world->run_id : NULL);
	if (json_array_size(differences) == 0)
		return true;
	json_object_set(plan, "differences", differences);
	return false;
}

static int fail(struct world *world, const struct err *err, int *ret_status)
{
	*ret_status = world_stopped(world) ? STATUS_INTERRUPTED : run_status_of(err);
	world_close(world);
	return -1;
}

int run_plan(const struct run_options *options, const struct run_work *work, json_t **ret_document,
	     int *ret_status, struct err *err)
{
	json_t *plan = NULL;
	struct world world;

	if (world_open(options, &world, err) || whole_plan(&world, work, &plan, err))
		return fail(&world, err, ret_status);
	bool fits = fits_plan_file(&world, work, plan);
	*ret_status = is_refused(plan) || !fits ? STATUS_REFUSED : STATUS_DONE;
	if (world_stopped(&world))
		*ret_status = STATUS_INTERRUPTED;
	*ret_document = plan;
	world_close(&world);
	return 0;
}

/* The plan again on what stands now; its new operations join the run. anew: what was planned before
 * and never sent is needed only if it is in there. */
static bool more(struct run *run, bool wide, bool anew)
{
	struct err err = ERR_INIT;
	json_t *later = NULL;

	if (make_plan(&run->world, run->work, &run->x, wide, &later, &err)) {
		world_note(&run->world, "planning again failed: %s", err.message);
		return false;
	}
	account_fill(run->x.before, run->world.account);
	add_warnings(&run->world, later);
	if (anew)
		executor_drop_needless(&run->x, later, 0);
	bool any = executor_add(&run->x, later);
	json_decref(later);
	return any;
}

bool apply_more(struct run *run, bool wide)
{
	return more(run, wide, false);
}

/* One stage; where LimitExceeded closed a way, the next way, until none is left. */
void apply_stage(struct run *run, int stage, bool wide)
{
	executor_stage(&run->x, stage);
	while (run->x.again && !run->x.broken && apply_more(run, wide))
		executor_stage(&run->x, stage);
}

void apply_stages(struct run *run)
{
	for (int stage = CLASS_DENY; stage <= CLASS_DELETE; stage++) {
		if (world_stopped(&run->world) || run->x.broken)
			return;
		apply_stage(run, stage, true);
	}
}

static int begin(struct run *run, const json_t *plan, struct err *err)
{
	run->begun = true;
	return executor_begin(&run->x, &run->world, plan,
			      record_keep(run->world.options, run->work), err);
}

void apply_keep_class_1(json_t *plan)
{
	json_t *operations = json_object_get(plan, "operations");

	for (size_t i = json_array_size(operations); i-- > 0;) {
		const json_t *stage = json_object_get(json_array_get(operations, i), "stage");
		if (json_integer_value(stage) != CLASS_DENY)
			json_array_remove(operations, i);
	}
}

void apply_deny(struct run *run)
{
	apply_stage(run, CLASS_DENY, false);
	if (world_stopped(&run->world) || run->x.broken)
		return;
	observe_wide(&run->world, run->x.plan, run->work->entries, run->work->count);
	/* A run that was cut off may have planned on what could not be read then. */
	more(run, true, true);
	observe_preflight(&run->world, run->x.before, run->x.plan);
	executor_save(&run->x);
}

/* Promise 1: with --yes the deny goes out before anything else is looked at. */
static int deny_early(struct run *run, json_t **ret_plan, struct err *err)
{
	json_t *plan = NULL;

	if (observe_first(&run->world, run->work, err) ||
	    make_plan(&run->world, run->work, NULL, false, &plan, err))
		return -1;
	add_warnings(&run->world, plan);
	*ret_plan = plan;
	if (apply_is_all_refused(plan))
		return 0;
	/* What comes after class 1 is planned on the larger account, in its own order. */
	apply_keep_class_1(plan);
	if (begin(run, plan, err))
		return -1;
	apply_deny(run);
	return 0;
}

static void set_revoke_roles(const struct run_work *work)
{
	for (size_t i = 0; i < work->count; i++) {
		if (json_object_get(work->entries[i].parameters, "revoke_roles"))
			jx_set(work->entries[i].parameters, "revoke_roles", json_true());
	}
}

static bool same_fingerprint(const json_t *a, const json_t *b)
{
	return text_equal(jx_text(a, "fingerprint"), jx_text(b, "fingerprint"));
}

void apply_forget(struct run *run)
{
	if (!run->world.aws)
		return;
	json_decref(run->world.account);
	json_decref(run->world.caller);
	run->world.account = run->world.caller = NULL;
}

static int plan_anew(struct run *run, json_t **ret_plan, struct err *err)
{
	apply_forget(run);
	return whole_plan(&run->world, run->work, ret_plan, err);
}

/* Asks until the answer is about what still stands: minutes may pass at a question. The status if
 * it is not a yes, else 0. */
int apply_ask(struct run *run, apply_anew *anew, json_t **plan, struct err *err, int *ret_status)
{
	const struct run_options *options = run->world.options;

	for (int i = 0; i < MAX_QUESTIONS; i++) {
		enum answer answer = options->ask(options->arg, *plan);
		json_t *now = NULL;
		*ret_status = STATUS_REFUSED;
		if (answer == ANSWER_NO || answer == ANSWER_NOBODY || world_stopped(&run->world))
			return 1;
		run->x.irreversible = answer == ANSWER_YES;
		if (answer == ANSWER_ROLES)
			set_revoke_roles(run->work);
		if (anew(run, &now, err))
			return -1;
		bool same = same_fingerprint(*plan, now);
		json_decref(*plan);
		*plan = now;
		if (same && answer != ANSWER_ROLES)
			return 0;
		if (answer != ANSWER_ROLES)
			world_note(&run->world,
				   "the account has changed while you were asked; this is the "
				   "plan now");
	}
	return 1;
}

static bool must_ask(const struct run *run, const json_t *plan)
{
	return !run->world.options->yes && json_array_size(json_object_get(plan, "operations")) > 0;
}

/* The plan is known before anything is sent: without --yes, for a plan file, in a rehearsal. 1:
 * that was all (refused, not confirmed); *ret_status says so. */
static int plan_first(struct run *run, json_t **ret_plan, int *ret_status, struct err *err)
{
	if (whole_plan(&run->world, run->work, ret_plan, err))
		return -1;
	*ret_status = STATUS_REFUSED;
	if (!fits_plan_file(&run->world, run->work, *ret_plan) || apply_is_all_refused(*ret_plan))
		return 1;
	if (must_ask(run, *ret_plan)) {
		int asked = apply_ask(run, plan_anew, ret_plan, err, ret_status);
		if (asked)
			return asked;
		if (apply_is_all_refused(*ret_plan))
			return 1;
	}
	return begin(run, *ret_plan, err);
}

/* Reads the targets again, and with them what nobody knew; false if a signal came before. */
bool apply_look(struct run *run)
{
	if (world_stopped(&run->world))
		return false;
	if (run->world.aws)
		observe_again(&run->world, run->x.plan);
	if (world_stopped(&run->world))
		return false;
	executor_resolve(&run->x);
	return true;
}

/* IAM may show a write late: a run without verdict looks until it stands, for as long as the
 * settling takes. */
bool apply_look_until_seen(struct run *run)
{
	long deadline = executor_clock_ms() + run->world.options->settle * 1000;
	bool looked = apply_look(run);

	while (looked && run->world.aws && !verify_stands(&run->x) &&
	       executor_clock_ms() < deadline) {
		verify_wait(&run->world, executor_clock_ms() + LOOK_AGAIN_MS);
		looked = apply_look(run);
	}
	return looked;
}

/* What was read before these writes says nothing of them: if the rounds end here, nobody knows. */
static void contain_again(struct run *run, struct verification *v)
{
	apply_stages(run);
	*v = (struct verification){0};
}

/* Looks twice, and contains again what came back in between, a few times. */
static void verify(struct run *run, struct verification *v)
{
	for (int round = 0; round < MAX_ROUNDS; round++) {
		v->looked = apply_look(run);
		if (world_stopped(&run->world) || run->x.broken)
			break;
		if (run->world.aws && apply_more(run, true)) {
			contain_again(run, v);
			continue;
		}
		verify_settle(&run->x, run->world.options->settle, v);
		if (!run->world.aws || world_stopped(&run->world) || !apply_more(run, true))
			break;
		contain_again(run, v);
	}
}

static bool is_judged(const json_t *plan)
{
	json_t *target;
	size_t i;

	json_array_foreach (json_object_get(plan, "targets"), i, target) {
		if (!text_equal(jx_text(target, "contains"), "none"))
			return true;
	}
	return false;
}

/* Everything after class 1 (or all of it), then the verdict. */
int apply_complete(struct run *run, const struct apply_addition *addition, json_t **ret_document,
		   int *ret_status, struct err *err)
{
	const struct run_options *options = run->world.options;
	struct verification v = {0};

	if (!run->x.broken && !world_stopped(&run->world))
		apply_stages(run);
	if (run->x.broken && !executor_any_sent(&run->x)) {
		*err = run->x.problem;
		return folder_unusable(err);
	}
	if (!world_stopped(&run->world) && !run->x.broken) {
		if (is_judged(run->x.plan))
			verify(run, &v);
		else
			v.looked = apply_look_until_seen(run);
	}
	json_t *document = verify_document(&run->x, &v);
	torn_warn(document);
	if (addition)
		addition->add(addition->arg, document);
	executor_finish(&run->x, document);
	*ret_status = verdict_status(document, world_stopped(&run->world));
	if (*ret_status == STATUS_INTERRUPTED)
		world_note(
			&run->world,
			"interrupted: run %s is on record: 'cordon resume %s' finishes it, nothing "
			"is done twice",
			run->world.run_id, run->world.run_id);
	if (run->x.broken && *ret_status != STATUS_INTERRUPTED)
		*ret_status = STATUS_PARTLY;
	*ret_document = document;
	return options->account_out ? world_write_account(&run->world, options->account_out, err)
				    : 0;
}

void apply_release(struct run *run)
{
	if (run->begun)
		executor_release(&run->x);
	world_close(&run->world);
}

int run_apply(const struct run_options *options, const struct run_work *work, json_t **ret_document,
	      int *ret_status, struct err *err)
{
	struct run run = {.work = work,
			  .x = {.folder = {.fd = -1}, .irreversible = options->irreversible}};
	json_t *plan = NULL;
	int ret;

	if (world_open(options, &run.world, err))
		return fail(&run.world, err, ret_status);
	folder_new_id(world_now(&run.world), run.world.run_id);
	if (options->yes && !work->plan_file && run.world.aws)
		ret = deny_early(&run, &plan, err);
	else
		ret = plan_first(&run, &plan, ret_status, err);
	if (ret < 0) {
		*ret_status = world_stopped(&run.world) ? STATUS_INTERRUPTED : run_status_of(err);
	} else if (!run.begun) {
		*ret_status = world_stopped(&run.world) ? STATUS_INTERRUPTED : STATUS_REFUSED;
		*ret_document = plan;
		plan = NULL;
	} else {
		ret = apply_complete(&run, NULL, ret_document, ret_status, err);
		if (ret)
			*ret_status = run_status_of(err);
	}
	json_decref(plan);
	apply_release(&run);
	return ret < 0 ? -1 : 0;
}
