// SPDX-License-Identifier: Apache-2.0
#include "execute.h"

#include "cordon/account.h"
#include "cordon/action.h"
#include "cordon/json.h"
#include "cordon/plan.h"
#include "cordon/policy.h"
#include "cordon/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

long executor_clock_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* A record that can no longer be written stops all sending: nothing unrecorded may happen. */
static void give_up(struct executor *x)
{
	const char *command = text_equal(x->world->options->command, "release") ? "release"
										: "resume";
	const char *run = x->world->run_id;

	x->broken = true;
	world_note(x->world, "the record cannot be written: %s", x->problem.message);
	json_auto_t *text = json_sprintf(
		"the record could not be written any more, and nothing was sent from there on: "
		"%s. Once there is room, 'cordon %s %s' finishes it; or 'cordon export %s FILE' to "
		"another place, then 'cordon %s FILE --state-dir DIR'",
		x->problem.message, command, run, run, command);
	if (text)
		jx_add_unique(json_object_get(x->plan, "warnings"), json_string_value(text));
}

static void record(struct executor *x, const char *event, json_t *list_stolen)
{
	if (x->broken) {
		json_decref(list_stolen);
		return;
	}
	if (folder_notes(&x->folder, world_now(x->world), event, list_stolen, &x->problem))
		give_up(x);
}

/* The members that every line of the journal has. */
static json_t *line(const struct executor *x, json_t *operation_stolen, json_t *before_stolen,
		    const char *request_id)
{
	const json_t *caller = x->world->caller;

	return jx_pack("{s:o, s:o, s:o, s:o, s:o}", "operation", operation_stolen, "before",
		       before_stolen, "caller", jx_string(jx_text(caller, "arn")), "request_id",
		       jx_string(request_id && *request_id ? request_id : NULL), "case",
		       jx_string(x->world->options->case_id));
}

/* A line that could not be read again would make the record worthless. */
static int check_kept(const json_t *kept, struct err *err)
{
	char *text = jx_compact(kept);
	size_t length = strlen(text);

	free(text);
	if (length < JOURNAL_MAX_LINE / 2)
		return 0;
	return err_set(err, ERR_USAGE, "the playbooks are too large to be written down");
}

static void fill_start(const struct executor *x, json_t *start, json_t *kept)
{
	const struct world *world = x->world;

	jx_set(start, "command", jx_string(world->options->command));
	jx_set(start, "run", jx_string(world->run_id));
	jx_set(start, "fingerprint", jx_string(jx_text(x->plan, "fingerprint")));
	jx_set(start, "local_clock_offset",
	       world->aws && aws_clock_known(world->aws)
		       ? jx_pack("I", (json_int_t)aws_clock_offset(world->aws))
		       : json_null());
	json_object_set(start, "kept", kept);
}

/* Where it is not what the file holds already: waiting for the disk costs more than a hash. */
static int save(struct executor *x, const char *name, const json_t *value,
		char saved[static HASH_HEX_SIZE], struct err *err)
{
	char hex[HASH_HEX_SIZE];

	jx_digest(value, hex);
	if (strcmp(hex, saved) == 0)
		return 0;
	saved[0] = '\0';
	if (folder_save(&x->folder, name, value, err))
		return -1;
	memcpy(saved, hex, sizeof(hex));
	return 0;
}

int executor_begin(struct executor *x, struct world *world, const json_t *plan, json_t *kept_stolen,
		   struct err *err)
{
	bool rehearsal = world->aws == NULL;
	json_auto_t *kept = kept_stolen;

	x->world = world;
	x->plan = jx_copy(plan);
	x->before = jx_copy(world->account);
	x->results = json_array();
	executor_index(x);
	x->stamped = json_array();
	x->restamp = json_array();
	x->exhausted = json_array();
	x->left = json_array();
	x->resent = json_array();
	if (check_kept(kept, err) ||
	    folder_create(world->options, world->run_id, rehearsal, &x->folder, err))
		return -1;
	json_t *start = line(x, json_null(), json_null(), NULL);
	fill_start(x, start, kept);
	if (save(x, "before.json", x->before, x->before_saved, err) ||
	    save(x, "plan.json", x->plan, x->plan_saved, err)) {
		json_decref(start);
		return folder_unusable(err);
	}
	return folder_note(&x->folder, world_now(world), "start", start, err) ? folder_unusable(err)
									      : 0;
}

void executor_note(struct executor *x, const char *event, json_t *fields_stolen)
{
	json_t *fields = line(x, json_null(), json_null(), NULL);

	json_object_update(fields, fields_stolen);
	json_decref(fields_stolen);
	record(x, event, jx_pack("[o]", fields));
}

void executor_release(struct executor *x)
{
	folder_close(&x->folder);
	json_decref(x->plan);
	json_decref(x->before);
	json_decref(x->results);
	json_decref(x->by_id);
	json_decref(x->stamped);
	json_decref(x->restamp);
	json_decref(x->exhausted);
	json_decref(x->left);
	json_decref(x->resent);
}

json_t *executor_result(const struct executor *x, const char *id)
{
	return id ? json_object_get(x->by_id, id) : NULL;
}

void executor_index(struct executor *x)
{
	json_t *result;
	size_t i;

	json_decref(x->by_id);
	x->by_id = json_object();
	json_array_foreach (x->results, i, result) {
		if (jx_text(result, "id"))
			json_object_set(x->by_id, jx_text(result, "id"), result);
	}
}

static void set_result(struct executor *x, const json_t *operation, const char *status, time_t at,
		       const struct aws_call *call)
{
	const char *id = jx_text(operation, "id");
	json_t *result = executor_result(x, id);
	char text[TEXT_TIME_SIZE];

	if (!result) {
		result = jx_pack("{s:s}", "id", id);
		jx_push(x->results, result);
		json_object_set(x->by_id, id, result);
	}
	text_time(at, text);
	jx_set(result, "status", jx_string(status));
	jx_set(result, "at", jx_string(text));
	jx_set(result, "request_id",
	       jx_string(call && *call->request_id ? call->request_id : NULL));
	jx_set(result, "error", json_null());
	if (call && call->err.code != ERR_NONE && strcmp(status, "done") != 0)
		jx_set(result, "error",
		       jx_pack("{s:o, s:o}", "code",
			       jx_string(call->err.aws_code[0] ? call->err.aws_code
							       : err_code_name(call->err.code)),
			       "message", jx_string(call->err.message)));
}

static void skip(struct executor *x, const json_t *operation, const char *why, const char *instead)
{
	char text[400];

	set_result(x, operation, "skipped", world_now(x->world), NULL);
	snprintf(text, sizeof(text), "%.200s: %s", jx_text(operation, "why"), why);
	jx_push(x->left, jx_pack("{s:O, s:O, s:o, s:o}", "step", json_object_get(operation, "step"),
				 "target", json_object_get(operation, "target"), "why",
				 jx_string(text), "instead", jx_string(instead)));
	json_t *copy = jx_copy(operation);
	json_t *fields = line(x, copy, json_null(), NULL);
	jx_set(fields, "status", jx_string("skipped"));
	jx_set(fields, "why", jx_string(why));
	record(x, "outcome", jx_pack("[o]", fields));
}

/* Stripping and deleting wait for the deny: they would only warn whoever is still in. */
static bool is_denied_first(const struct executor *x, const json_t *operation)
{
	json_t *other;
	size_t i;

	/* A deny that found no room, or could not be planned, is none. */
	json_array_foreach (json_object_get(x->plan, "skipped"), i, other) {
		if (text_equal(jx_text(other, "action"), "deny-all") &&
		    text_equal(jx_text(other, "target"), jx_text(operation, "target")) &&
		    !json_is_true(json_object_get(other, "reached")))
			return false;
	}

	json_array_foreach (json_object_get(x->plan, "operations"), i, other) {
		if (json_integer_value(json_object_get(other, "stage")) != CLASS_DENY ||
		    !text_equal(jx_text(other, "target"), jx_text(operation, "target")))
			continue;
		const json_t *result = executor_result(x, jx_text(other, "id"));
		if (!text_equal(jx_text(result, "status"), "done") && !jx_text(result, "instead"))
			return false;
	}
	return true;
}

/* Of a release: everything of an earlier stage on this target is done; the deny goes last. */
static bool is_undone_first(const struct executor *x, const json_t *operation)
{
	json_int_t stage = json_integer_value(json_object_get(operation, "stage"));
	json_t *other;
	size_t i;

	json_array_foreach (json_object_get(x->plan, "operations"), i, other) {
		if (json_integer_value(json_object_get(other, "stage")) < stage &&
		    text_equal(jx_text(other, "target"), jx_text(operation, "target")) &&
		    !text_equal(jx_text(executor_result(x, jx_text(other, "id")), "status"),
				"done"))
			return false;
	}
	return true;
}

static bool is_release(const json_t *operation)
{
	return json_is_true(json_object_get(operation, "release"));
}

static bool may_send(struct executor *x, const json_t *operation)
{
	if (is_release(operation)) {
		bool may = is_undone_first(x, operation);
		if (!may)
			skip(x, operation, "what had to come before it is not done", NULL);
		return may;
	}
	if (json_is_true(json_object_get(operation, "irreversible")) && !x->irreversible) {
		skip(x, operation,
		     "it stays: this has no way back, and --irreversible was not given",
		     "--irreversible");
		return false;
	}
	if (json_integer_value(json_object_get(operation, "stage")) >= CLASS_STRIP &&
	    !is_denied_first(x, operation)) {
		skip(x, operation, "the explicit deny on this target is not confirmed", NULL);
		return false;
	}
	return true;
}

/* One operation on its way: its record, its bound parameters, its call. */
struct sending {
	json_t *operation; /* borrowed */
	json_t *bound;
	const struct operation *row;
	size_t wave;
	json_int_t hop;
	struct executor *x;
};

static json_t *entry_section(const struct executor *x, const struct sending *s)
{
	const json_t *entry = account_find(x->world->account, s->row->on,
					   operation_principal(s->row, s->bound));
	json_t *value = json_object_get(entry, s->row->section);

	return value ? jx_pack("{s:O}", s->row->section, value) : json_null();
}

/* The record of an operation with the time filled in. */
static json_t *bound_operation(const struct sending *s)
{
	json_t *copy = jx_copy(s->operation);

	jx_set(copy, "parameters", jx_copy(s->bound));
	return copy;
}

static bool is_policy_write(const struct sending *s)
{
	return s->row->flags & OPERATION_POLICY;
}

static long phase_of(const json_t *operation)
{
	return (long)json_integer_value(json_object_get(operation, "phase"));
}

static bool same_step(const json_t *a, const json_t *b)
{
	return json_equal(json_object_get(a, "step"), json_object_get(b, "step")) &&
	       json_equal(json_object_get(a, "target"), json_object_get(b, "target"));
}

static bool is_cutoff(const struct sending *s)
{
	json_auto_t *document = account_document(json_object_get(s->bound, "PolicyDocument"));

	return document && policy_is_cutoff(document);
}

/* Of a cutoff: how far from where a triage began. Whoever is nearer could make what is farther
 * anew. 0: there was none, or it is no cutoff. */
static json_int_t hop_of(const struct sending *s)
{
	const json_t *playbook = json_object_get(s->operation, "playbook");
	const json_t *planned = json_array_get(json_object_get(s->x->plan, "playbooks"),
					       (size_t)json_integer_value(playbook));
	json_int_t hop = json_integer_value(json_object_get(planned, "hop"));

	return hop && is_cutoff(s) ? hop : 0;
}

/* a goes before b: an earlier phase of the same step, a cutoff nearer to the source, or the one
 * policy write at a time that AWS takes on a principal (ConcurrentModification). */
static bool goes_before(const struct sending *a, const struct sending *b)
{
	if (same_step(a->operation, b->operation) &&
	    phase_of(a->operation) < phase_of(b->operation))
		return true;
	if (a->hop && a->hop < b->hop)
		return true;
	return is_policy_write(a) && is_policy_write(b) && a->row->on == b->row->on &&
	       text_equal(operation_principal(a->row, a->bound),
			  operation_principal(b->row, b->bound));
}

/* A later plan's operations stand behind those of an earlier one, whatever their phase. */
static void sort_by_phase(struct sending *list, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		struct sending one = list[i];
		size_t at = i;
		for (; at > 0 && phase_of(list[at - 1].operation) > phase_of(one.operation); at--)
			list[at] = list[at - 1];
		list[at] = one;
	}
}

static void arrange(struct sending *list, size_t count)
{
	sort_by_phase(list, count);
	for (size_t i = 0; i < count; i++) {
		for (size_t j = 0; j < i; j++) {
			if (goes_before(&list[j], &list[i]) && list[j].wave >= list[i].wave)
				list[i].wave = list[j].wave + 1;
		}
	}
}

/* An earlier phase of its step is not done: going on would tear what it was to prepare. */
static bool is_held(const struct executor *x, const json_t *operation)
{
	json_t *other;
	size_t i;

	json_array_foreach (json_object_get(x->plan, "operations"), i, other) {
		const json_t *result = executor_result(x, jx_text(other, "id"));
		if (same_step(other, operation) && phase_of(other) < phase_of(operation) &&
		    !text_equal(jx_text(result, "status"), "done") && !jx_text(result, "instead"))
			return true;
	}
	return false;
}

static const char *target_arn(const struct sending *s)
{
	const json_t *target = jx_find(json_object_get(s->x->plan, "targets"), "id",
				       jx_text(s->operation, "target"), NULL);

	return jx_text(target, "arn");
}

/* The way that LimitExceeded closes, as its planner called it. */
static bool exhaust(struct sending *s)
{
	const char *way = jx_text(s->operation, "way");
	json_auto_t *text = way ? plan_way(target_arn(s), way) : NULL;

	if (!text)
		return false;
	jx_add_unique(s->x->exhausted, json_string_value(text));
	s->x->again = true;
	return true;
}

/* A credential of a list that was read, which the call was to switch off. */
static bool was_switched_off(const struct sending *s)
{
	const json_t *entry = account_find(s->x->world->account, s->row->on,
					   operation_principal(s->row, s->bound));
	const struct section *section = account_section_row(s->row->section);
	const char *key = section && section->key ? jx_text(s->bound, section->key) : NULL;

	return key && text_equal(jx_text(s->bound, "Status"), "Inactive") &&
	       account_item(entry, section->name, key, NULL) == SECTION_VALUE;
}

/* What an answer means for the run; the status for the result. */
static const char *status_of(struct sending *s, const struct aws_call *call)
{
	switch (call->outcome) {
	case AWS_DONE:
		return "done";
	case AWS_REFUSED:
		/* What should go is not there: that is the end wanted. A principal may have been
		 * renamed instead: of one only an answer that was lost explains it. */
		if ((s->row->flags & OPERATION_REMOVES) &&
		    (!s->row->account_effect || call->attempts > 1 ||
		     jx_contains(s->x->resent, jx_text(s->operation, "id"))) &&
		    text_equal(call->err.aws_code, "NoSuchEntity"))
			return "done";
		/* It was there when it was read, and is gone: it can open nothing any more. */
		if (text_equal(call->err.aws_code, "NoSuchEntity") && was_switched_off(s))
			return "done";
		/* Sent once before, and its answer was lost. */
		if (text_equal(call->err.aws_code, "EntityAlreadyExists") &&
		    jx_contains(s->x->resent, jx_text(s->operation, "id")))
			return "done";
		if (text_equal(call->err.aws_code, "LimitExceeded") && exhaust(s))
			return "skipped";
		return "failed";
	case AWS_UNKNOWN:
		return "unknown";
	case AWS_NONE:
	case AWS_NOT_SENT:
		break;
	}
	return "failed";
}

static void tell_outcome(const struct sending *s, const char *status, const struct aws_call *call)
{
	world_tell(s->x->world,
		   jx_pack("{s:s, s:O, s:O, s:O, s:s, s:o}", "event", "outcome", "id",
			   json_object_get(s->operation, "id"), "operation",
			   json_object_get(s->operation, "operation"), "target",
			   json_object_get(s->operation, "target"), "status", status, "error",
			   call && call->err.code != ERR_NONE ? jx_string(call->err.message)
							      : json_null()));
}

static void settle_one(struct sending *s, const struct aws_call *call, time_t at)
{
	struct executor *x = s->x;
	const char *status = call ? status_of(s, call) : "done";

	set_result(x, s->operation, status, at, call);
	json_t *result = executor_result(x, jx_text(s->operation, "id"));
	jx_set(result, "parameters", jx_copy(s->bound));
	json_t *fields = line(x, bound_operation(s), json_null(), call ? call->request_id : NULL);
	jx_set(fields, "status", jx_string(status));
	jx_set(fields, "error", jx_copy(json_object_get(result, "error")));
	record(x, "outcome", jx_pack("[o]", fields));
	/* Later plans of this run see the write; the next read tells whether it stands. */
	if (strcmp(status, "done") == 0 && x->world->aws)
		operation_effect(s->row, x->world->account, s->bound);
	if (strcmp(status, "done") == 0 && is_cutoff(s))
		jx_add_unique(x->stamped, target_arn(s));
	if (!call || call->outcome == AWS_DONE || call->outcome == AWS_UNKNOWN) {
		x->wrote = true;
		x->sent++;
		x->last_write_ms = executor_clock_ms();
	}
	tell_outcome(s, status, call);
}

static void on_ended(void *arg, const struct aws_call *call)
{
	struct sending *s = call->tag;

	(void)arg;
	settle_one(s, call, call->at);
}

static void on_attempt(void *arg, const struct aws_call *call)
{
	struct executor *x = arg;
	const struct sending *s = call->tag;
	json_t *fields = line(x, bound_operation(s), json_null(), NULL);

	jx_set(fields, "attempt", jx_pack("I", (json_int_t)call->attempts + 1));
	record(x, "attempt", jx_pack("[o]", fields));
}

static void send_wave(struct executor *x, struct sending *list, size_t count, size_t wave)
{
	struct aws_watch watch = {.arg = x, .attempt = on_attempt, .ended = on_ended};
	struct aws_call *calls = calloc(count, sizeof(*calls));
	size_t used = 0;

	if (!calls)
		abort();
	for (size_t i = 0; i < count; i++) {
		if (list[i].wave != wave)
			continue;
		if (phase_of(list[i].operation) && is_held(x, list[i].operation))
			skip(x, list[i].operation, "what had to come before it is not done", NULL);
		else
			calls[used++] = (struct aws_call){.operation = list[i].row->name,
							  .parameters = list[i].bound,
							  .tag = &list[i]};
	}
	if (x->world->aws) {
		aws_send(x->world->aws, calls, used, &watch);
	} else {
		for (size_t i = 0; i < used; i++) {
			struct sending *s = calls[i].tag;
			operation_effect(s->row, x->world->account, s->bound);
			settle_one(s, NULL, world_now(x->world));
		}
	}
	for (size_t i = 0; i < used; i++)
		aws_call_release(&calls[i]);
	free(calls);
}

/* Before the first byte: what is about to be done, and what was there. */
static void announce(struct executor *x, const struct sending *list, size_t count)
{
	json_t *lines = json_array();

	for (size_t i = 0; i < count; i++)
		jx_push(lines,
			line(x, bound_operation(&list[i]), entry_section(x, &list[i]), NULL));
	record(x, "intent", lines);
}

static size_t gather(struct executor *x, int stage, struct sending *list)
{
	json_t *operation;
	size_t count = 0;
	size_t i;

	json_array_foreach (json_object_get(x->plan, "operations"), i, operation) {
		if (json_integer_value(json_object_get(operation, "stage")) != stage ||
		    executor_result(x, jx_text(operation, "id")) || !may_send(x, operation))
			continue;
		list[count] = (struct sending){
			.operation = operation,
			.bound = account_bind(json_object_get(operation, "parameters"),
					      world_now(x->world)),
			.row = operation_find(jx_text(operation, "operation")),
			.x = x};
		list[count].hop = hop_of(&list[count]);
		count++;
	}
	return count;
}

void executor_stage(struct executor *x, int stage)
{
	size_t all = json_array_size(json_object_get(x->plan, "operations"));
	struct sending *list = calloc(all ? all : 1, sizeof(*list));
	size_t waves = 0;

	if (!list)
		abort();
	x->again = false;
	size_t count = gather(x, stage, list);
	arrange(list, count);
	if (count) {
		world_tell(x->world, jx_pack("{s:s, s:i, s:b, s:I}", "event", "stage", "stage",
					     stage, "release", is_release(list[0].operation),
					     "writes", (json_int_t)count));
		announce(x, list, count);
	}
	for (size_t i = 0; i < count; i++)
		waves = list[i].wave >= waves ? list[i].wave + 1 : waves;
	for (size_t wave = 0; wave < waves && !x->broken; wave++)
		send_wave(x, list, count, wave);
	for (size_t i = 0; i < count; i++)
		json_decref(list[i].bound);
	free(list);
}

bool executor_is_same(const json_t *a, const json_t *b)
{
	static const char *const members[] = {"target", "operation", "parameters", NULL};

	for (size_t i = 0; members[i]; i++) {
		if (!json_equal(json_object_get(a, members[i]), json_object_get(b, members[i])))
			return false;
	}
	return true;
}

/* Done, and nobody can read whether it still stands: sending it again would not tell either. */
static bool is_unseen(const struct executor *x, const json_t *operation)
{
	return operation_state(operation_find(jx_text(operation, "operation")), x->world->account,
			       json_object_get(operation, "parameters")) == OPERATION_UNKNOWN;
}

/* What failed or was left out is not tried again in a later round; what was done may have been
 * undone. */
static bool in_vain(const struct executor *x, const json_t *operation)
{
	json_t *other;
	size_t i;

	json_array_foreach (json_object_get(x->plan, "operations"), i, other) {
		const json_t *result = executor_result(x, jx_text(other, "id"));
		if (!executor_is_same(other, operation))
			continue;
		if (!text_equal(jx_text(result, "status"), "done") || is_unseen(x, operation))
			return true;
	}
	return false;
}

/* It belongs to a step in phases of which something that later plans has failed, or was left out:
 * begun again, the step would take away the deny and not come to its end. */
static bool is_stuck(const struct executor *x, const json_t *later, const json_t *operation)
{
	json_t *one;
	json_t *other;
	size_t i;
	size_t j;

	if (!phase_of(operation))
		return false;
	json_array_foreach (json_object_get(later, "operations"), i, one) {
		if (!same_step(one, operation) || !phase_of(one))
			continue;
		json_array_foreach (json_object_get(x->plan, "operations"), j, other) {
			const json_t *result = executor_result(x, jx_text(other, "id"));
			if (result && executor_is_same(other, one) &&
			    !text_equal(jx_text(result, "status"), "done"))
				return true;
		}
	}
	return false;
}

static bool is_to_add(const struct executor *x, const json_t *later, const json_t *operation)
{
	return !in_vain(x, operation) && !is_stuck(x, later, operation);
}

/* Operations that LimitExceeded ruled out are answered for by the one that takes their place. */
static void replace_exhausted(struct executor *x, const json_t *operation)
{
	json_t *other;
	size_t i;

	json_array_foreach (json_object_get(x->plan, "operations"), i, other) {
		json_t *result = executor_result(x, jx_text(other, "id"));
		const json_t *code = jx_at(result, "error", "code", NULL);
		if (text_equal(json_string_value(code), "LimitExceeded") &&
		    !jx_text(result, "instead") &&
		    text_equal(jx_text(other, "step"), jx_text(operation, "step")) &&
		    text_equal(jx_text(other, "target"), jx_text(operation, "target")))
			jx_set(result, "instead", jx_string(jx_text(operation, "id")));
	}
}

/* A step that has operations in this run is not "skipped" because a later look finds its end
 * reached. */
static void take_skipped(struct executor *x, const json_t *later)
{
	json_t *out = json_array();
	json_t *entry;
	json_t *operation;
	size_t i;
	size_t j;

	json_array_foreach (json_object_get(later, "skipped"), i, entry) {
		bool mine = false;
		json_array_foreach (json_object_get(x->plan, "operations"), j, operation)
			mine = mine ||
			       (text_equal(jx_text(operation, "step"), jx_text(entry, "step")) &&
				text_equal(jx_text(operation, "target"), jx_text(entry, "target")));
		if (!mine || !json_is_true(json_object_get(entry, "reached")))
			json_array_append(out, entry);
	}
	jx_set(x->plan, "skipped", out);
}

/* LimitExceeded, and no other way: it has failed, unless the step's end is reached without it. */
static void close_exhausted(struct executor *x, const json_t *later)
{
	json_t *operation;
	json_t *skipped;
	size_t i;
	size_t j;

	json_array_foreach (json_object_get(x->plan, "operations"), i, operation) {
		json_t *result = executor_result(x, jx_text(operation, "id"));
		const char *code = json_string_value(jx_at(result, "error", "code", NULL));
		bool reached = false;
		if (!text_equal(code, "LimitExceeded") || jx_text(result, "instead"))
			continue;
		json_array_foreach (json_object_get(later, "skipped"), j, skipped)
			reached = reached || (json_is_true(json_object_get(skipped, "reached")) &&
					      json_equal(json_object_get(skipped, "step"),
							 json_object_get(operation, "step")) &&
					      json_equal(json_object_get(skipped, "target"),
							 json_object_get(operation, "target")));
		if (!reached)
			jx_set(result, "status", jx_string("failed"));
	}
}

/* A target that writes have gone to is judged, whatever a guard says of it by now. */
static void keep_judged(const struct executor *x, json_t *targets)
{
	json_t *target;
	size_t i;

	json_array_foreach (targets, i, target) {
		const char *id = jx_text(target, "id");
		if (jx_find(json_object_get(x->plan, "operations"), "target", id, NULL))
			json_object_del(target, "refused");
	}
}

int executor_check(const struct executor *x, struct err *err)
{
	if (!x->broken)
		return 0;
	*err = x->problem;
	return folder_stuck(x->world->run_id, err);
}

bool executor_any_sent(const struct executor *x)
{
	json_t *result;
	size_t i;

	json_array_foreach (x->results, i, result) {
		if (!text_equal(jx_text(result, "status"), "skipped"))
			return true;
	}
	return false;
}

bool executor_any_unsent(const struct executor *x)
{
	json_t *operation;
	size_t i;

	json_array_foreach (json_object_get(x->plan, "operations"), i, operation) {
		if (!executor_result(x, jx_text(operation, "id")))
			return true;
	}
	return false;
}

bool executor_any_new(const struct executor *x, const json_t *later)
{
	json_t *operation;
	size_t i;

	json_array_foreach (json_object_get(later, "operations"), i, operation) {
		if (is_to_add(x, later, operation))
			return true;
	}
	return false;
}

/* Those of the later plan, and those that it does not look at: operations name them by their ids.
 * New. */
static json_t *merged_targets(const struct executor *x, const json_t *later)
{
	json_t *out = jx_copy(json_object_get(later, "targets"));
	json_t *target;
	size_t i;

	json_array_foreach (json_object_get(x->plan, "targets"), i, target) {
		if (!jx_find(out, "id", jx_text(target, "id"), NULL))
			json_array_append(out, target);
	}
	return out;
}

void executor_save(struct executor *x)
{
	if (x->broken)
		return;
	if (save(x, "plan.json", x->plan, x->plan_saved, &x->problem) ||
	    save(x, "before.json", x->before, x->before_saved, &x->problem))
		give_up(x);
}

bool executor_add(struct executor *x, const json_t *later)
{
	static const char *const replaced[] = {"refusals", "not_covered", NULL};
	json_t *operations = json_object_get(x->plan, "operations");
	size_t had = json_array_size(operations);
	json_t *item;
	size_t i;

	json_array_foreach (json_object_get(later, "operations"), i, item) {
		if (!is_to_add(x, later, item))
			continue;
		char id[32];
		snprintf(id, sizeof(id), "o%zu", json_array_size(operations) + 1);
		json_t *copy = jx_copy(item);
		jx_set(copy, "id", jx_string(id));
		jx_push(operations, copy);
		replace_exhausted(x, copy);
	}
	close_exhausted(x, later);
	json_auto_t *targets = merged_targets(x, later);
	keep_judged(x, targets);
	for (i = 0; replaced[i]; i++)
		json_object_set(x->plan, replaced[i], json_object_get(later, replaced[i]));
	json_object_set(x->plan, "targets", targets);
	json_array_foreach (json_object_get(later, "warnings"), i, item)
		jx_add_unique(json_object_get(x->plan, "warnings"), json_string_value(item));
	take_skipped(x, later);
	plan_seal(x->plan, x->world->run_id);
	executor_save(x);
	return json_array_size(operations) > had;
}

void executor_settle(struct executor *x, const json_t *operation, const char *status,
		     const char *why)
{
	json_t *result = executor_result(x, jx_text(operation, "id"));

	if (!result) {
		set_result(x, operation, status, world_now(x->world), NULL);
		result = executor_result(x, jx_text(operation, "id"));
	}
	jx_set(result, "status", jx_string(status));
	if (!x->folder.path)
		return;
	json_t *copy = jx_copy(operation);
	if (json_object_get(result, "parameters"))
		json_object_set(copy, "parameters", json_object_get(result, "parameters"));
	json_t *fields = line(x, copy, json_null(), NULL);
	jx_set(fields, "status", jx_string(status));
	jx_set(fields, "why", jx_string(why));
	if (json_object_get(result, "instead"))
		json_object_set(fields, "instead", json_object_get(result, "instead"));
	record(x, "outcome", jx_pack("[o]", fields));
}

json_t *executor_results(const struct executor *x)
{
	json_t *out = json_array();
	json_t *operation;
	size_t i;

	json_array_foreach (json_object_get(x->plan, "operations"), i, operation) {
		json_t *result = executor_result(x, jx_text(operation, "id"));
		if (result)
			json_array_append(out, result);
	}
	return out;
}

void executor_end(struct executor *x, json_t *end_stolen, const char *file, json_t *document,
		  const json_t *plan, const json_t *result)
{
	json_t *end = line(x, json_null(), json_null(), NULL);
	char hex[HASH_HEX_SIZE];

	json_object_update(end, end_stolen);
	json_decref(end_stolen);
	if (result) {
		jx_digest(result, hex);
		jx_set(end, "result_sha256", jx_string(hex));
	}
	jx_digest(plan, hex);
	jx_set(end, "plan_sha256", jx_string(hex));
	record(x, "end", jx_pack("[o]", end));
	if (!x->broken && folder_save(&x->folder, file, document, &x->problem))
		world_note(x->world, "the result could not be written down: %s",
			   x->problem.message);
	/* It stands in no file: result.json is in the line that it is the hash of. */
	if (!x->broken)
		jx_set(document, "journal_last", jx_string(x->folder.journal.last));
}

void executor_finish(struct executor *x, json_t *document)
{
	json_t *end = json_object();

	json_object_del(document, "journal_last");
	json_object_set(end, "verdict", json_object_get(document, "verdict"));
	json_object_set(end, "targets", json_object_get(document, "targets"));
	if (world_stopped(x->world))
		jx_set(end, "interrupted", json_true());
	executor_end(x, end, "result.json", document, x->plan, document);
}
