// SPDX-License-Identifier: Apache-2.0
/* resume: a run that was cut off, to its end. */
#include "apply.h"

#include "cordon/action.h"
#include "cordon/json.h"
#include "cordon/text.h"

/* Reads the account and holds the record against it. */
static int reopen(struct run *run, struct record *record, struct err *err)
{
	const struct run_options *options = run->world.options;

	if (jx_find(record->lines, "event", "release", NULL))
		return err_set(
			err, ERR_REFUSED,
			"run '%.40s' was released: to contain again, apply the playbook anew",
			record->run);
	if (record_import(options, record, err) ||
	    executor_reopen(&run->x, &run->world, record, err))
		return -1;
	run->begun = true;
	run->x.irreversible = options->irreversible;
	if (apply_first(run, err) ||
	    record_check_place(record, run->world.account, run->world.aws != NULL, err))
		return -1;
	executor_reconsider(&run->x);
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
	apply_deny(run);
	return 0;
}

/* What is left to send, for the account as it stands now. */
static int left_now(struct run *run, json_t **ret_left, struct err *err)
{
	json_t *later = NULL;

	if (!run->world.account && apply_first(run, err))
		return -1;
	observe_wide(&run->world, run->work->entries, run->work->count);
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
	return 0;
}

/* What is left is known, and asked about, before anything is sent. */
static int ask_first(struct run *run, const struct record *record, json_t **ret_refused,
		     int *ret_status, struct err *err)
{
	json_t *left = NULL;

	if (left_now(run, &left, err))
		return -1;
	bool refused = apply_is_all_refused(left);
	bool ask = !run->world.options->yes && json_array_size(json_object_get(left, "operations"));
	int asked = !refused && ask ? apply_ask(run, left_anew, &left, err, ret_status) : 0;
	if (refused || asked > 0) {
		*ret_refused = left;
		return 0;
	}
	json_decref(left);
	return asked ? -1 : take_all(run, record, err);
}

static int go_on(struct run *run, struct record *record, json_t **ret_document, int *ret_status,
		 struct err *err)
{
	bool early = run->world.options->yes && run->world.aws;

	if (reopen(run, record, err))
		return -1;
	if (run->world.options->dry_run) {
		*ret_status = STATUS_DONE;
		return left_now(run, ret_document, err);
	}
	*ret_status = STATUS_REFUSED;
	int ret = early ? deny_first(run, record, ret_document, err)
			: ask_first(run, record, ret_document, ret_status, err);
	if (ret || *ret_document)
		return ret;
	return apply_complete(run, ret_document, ret_status, err);
}

int run_resume(const struct run_options *options, const char *id, json_t **ret_document,
	       int *ret_status, struct err *err)
{
	struct run_options own = *options;
	json_auto_t *protect = options->protect ? jx_copy(options->protect) : json_array();
	struct record record = {.path = NULL};
	struct run_work work = {.entries = NULL};
	struct run run = {.world = {.options = &own},
			  .work = &work,
			  .resumed = true,
			  .x = {.folder = {.fd = -1}}};

	own.protect = protect;
	int ret = record_open(options, id, &record, err) ||
				  record_work(&record, &own, &work, err) ||
				  world_open(&own, &run.world, err)
			  ? -1
			  : 0;
	if (ret == 0) {
		snprintf(run.world.run_id, sizeof(run.world.run_id), "%s", record.run);
		ret = go_on(&run, &record, ret_document, ret_status, err);
	}
	if (ret)
		*ret_status = world_stopped(&run.world) ? STATUS_INTERRUPTED : run_status_of(err);
	apply_release(&run);
	record_work_release(&work);
	record_release(&record);
	return ret ? -1 : 0;
}
