// SPDX-License-Identifier: Apache-2.0
/* resume: a run that was cut off, to its end. */
#include "resume.h"

#include "cordon/action.h"
#include "cordon/json.h"
#include "cordon/text.h"

/* What is made anew is known from the first plan alone, and a file may say anything there. */
static int check_origin(const struct record *record, struct err *err)
{
	if (!record->foreign ||
	    !jx_find(json_object_get(record->plan, "operations"), "operation", "CreateUser", NULL))
		return 0;
	return err_set(err, ERR_REFUSED,
		       "run '%.40s' came as a file and makes a user anew from what it says: give "
		       "--expect HASH, which was printed at the end of the run",
		       record->run);
}

/* Reads the account and holds the record against it. */
static int reopen(struct run *run, struct record *record, struct err *err)
{
	const struct run_options *options = run->world.options;

	if (jx_find(record->lines, "event", "release", NULL))
		return err_set(err, ERR_REFUSED,
			       "run '%.40s' was released, or a release was begun, which 'cordon "
			       "release %.40s' finishes; to contain again, apply the playbook anew",
			       record->run, record->run);
	if (record_local(options, record, err) || check_origin(record, err) ||
	    (!options->dry_run && record_import(options, record, err)))
		return -1;
	run->begun = true;
	if (executor_reopen(&run->x, &run->world, record, err))
		return -1;
	run->x.irreversible = options->irreversible;
	if (apply_first(run, err) ||
	    record_check_place(record, run->world.account, run->world.aws != NULL, err))
		return -1;
	executor_reconsider(&run->x, true);
	return 0;
}

static void note_resumed(struct run *run, const struct record *record)
{
	executor_note(&run->x, "resume",
		      jx_pack("{s:o, s:b}", "command", jx_string(run->world.options->command),
			      "torn", record->torn));
}

/* Everything that is left to do becomes the plan's. */
static void take(struct run *run, const json_t *later, int stage)
{
	executor_drop_needless(&run->x, later, stage);
	executor_add(&run->x, later);
}

/* With --yes: what is left of class 1 goes out before anything else is looked at. */
static int deny_first(struct run *run, const struct record *record, json_t **ret_refused,
		      struct err *err)
{
	json_t *later = NULL;

	if (apply_plan(run, false, &later, err))
		return -1;
	if (apply_is_all_refused(later)) {
		*ret_refused = later;
		return 0;
	}
	apply_keep_class_1(later);
	note_resumed(run, record);
	take(run, later, CLASS_DENY);
	json_decref(later);
	if (executor_check(&run->x, err))
		return -1;
	apply_deny(run);
	return 0;
}

/* What is left to send, for the account as it stands now. */
static int left_now(struct run *run, json_t **ret_left, struct err *err)
{
	json_t *later = NULL;

	if (!run->world.account && apply_first(run, err))
		return -1;
	observe_wide(&run->world, NULL, run->work->entries, run->work->count);
	if (apply_plan(run, true, &later, err))
		return -1;
	*ret_left = executor_remaining(&run->x, later);
	json_decref(later);
	observe_preflight(&run->world, run->world.account, *ret_left);
	return 0;
}

static int left_anew(struct run *run, json_t **ret_left, struct err *err)
{
	apply_forget(run);
	return left_now(run, ret_left, err);
}

static int take_all(struct run *run, const struct record *record, struct err *err)
{
	json_t *later = NULL;

	if (apply_plan(run, true, &later, err))
		return -1;
	note_resumed(run, record);
	take(run, later, 0);
	json_decref(later);
	return executor_check(&run->x, err);
}

/* What is left is known, and asked about, before anything is sent. */
static int ask_first(struct run *run, const struct record *record, long hold, json_t **ret_refused,
		     int *ret_status, struct err *err)
{
	json_t *left = NULL;

	if (left_now(run, &left, err))
		return -1;
	bool refused = apply_is_all_refused(left);
	bool ask = !run->world.options->yes &&
		   (hold || json_array_size(json_object_get(left, "operations")));
	if (hold)
		jx_set(left, "hold", jx_pack("{s:I}", "seconds", (json_int_t)hold));
	int asked = !refused && ask ? apply_ask(run, left_anew, &left, err, ret_status) : 0;
	if (refused || asked > 0) {
		*ret_refused = left;
		return 0;
	}
	json_decref(left);
	return asked ? -1 : take_all(run, record, err);
}

int resume_open(const struct run_options *options, const char *id, struct resumption *r,
		struct err *err)
{
	*r = (struct resumption){
		.own = *options,
		.protect = options->protect ? jx_copy(options->protect) : json_array(),
		.run = {.world = {.options = options}, .x = {.folder = {.fd = -1}}}};
	r->own.protect = r->protect;
	r->run.work = &r->work;
	if (record_open(options, id, &r->record, err) ||
	    record_work(&r->record, &r->own, &r->work, err) ||
	    world_open(&r->own, &r->run.world, err))
		return -1;
	snprintf(r->run.world.run_id, sizeof(r->run.world.run_id), "%s", r->record.run);
	return reopen(&r->run, &r->record, err);
}

int resume_begin(struct resumption *r, long hold, json_t **ret_document, int *ret_status,
		 struct err *err)
{
	const struct run_options *options = &r->own;

	if (options->dry_run) {
		*ret_status = STATUS_DONE;
		return left_now(&r->run, ret_document, err);
	}
	*ret_status = STATUS_REFUSED;
	if (options->yes && r->run.world.aws)
		return deny_first(&r->run, &r->record, ret_document, err);
	return ask_first(&r->run, &r->record, hold, ret_document, ret_status, err);
}

int resume_close(struct resumption *r, int ret, int *ret_status, const struct err *err)
{
	if (ret)
		*ret_status = world_stopped(&r->run.world) ? STATUS_INTERRUPTED
							   : run_status_of(err);
	apply_release(&r->run);
	record_work_release(&r->work);
	record_release(&r->record);
	json_decref(r->protect);
	return ret ? -1 : 0;
}

int run_resume(const struct run_options *options, const char *id, json_t **ret_document,
	       int *ret_status, struct err *err)
{
	struct resumption r;
	int ret = resume_open(options, id, &r, err) ||
				  resume_begin(&r, 0, ret_document, ret_status, err)
			  ? -1
			  : 0;

	if (ret == 0 && !*ret_document)
		ret = apply_complete(&r.run, NULL, ret_document, ret_status, err);
	return resume_close(&r, ret, ret_status, err);
}
