// SPDX-License-Identifier: Apache-2.0
/* hold: looks again and again, and contains again what came back, in the run's own record. */
#include "apply.h"
#include "resume.h"
#include "watch.h"

#include "cordon/action.h"
#include "cordon/json.h"
#include "cordon/playbook.h"
#include "cordon/policy.h"
#include "cordon/text.h"
#include "cordon/verdict.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Also a row of the table in held.c. */
#define LEFT_STANDING "drift left standing (needs --irreversible)"

enum { FAST_MS = 60 * 1000, ROLE_STAMP_MS = 60 * 1000, MIN_ROUND_MS = 100, QUIET_MS = 60 * 1000 };

/* A hold at work. */
struct holding {
	struct run *run;
	const struct hold_options *options;
	struct watch watch;
	json_t *stamps;	 /* {ARN: ms of the last cutoff}: roles are stamped once a minute at most */
	json_t *pending; /* ARNs that want another cutoff */
	long started_ms;
	long round, drifted;
	long told;     /* so many of the executor's writes have been told */
	bool denied;   /* something that denies went out in this round, before the rest was read */
	json_t *alike; /* rounds that are not in the journal yet: they were all alike */
	long alike_ms; /* since when */
};

static long left_ms(const struct holding *h)
{
	return h->started_ms + h->options->seconds * 1000 - executor_clock_ms();
}

/* Credentials of a target that were not there before the run, of one kind. */
static void add_new(const struct holding *h, const json_t *target, const char *section, json_t *ids)
{
	enum principal_kind kind = account_kind(jx_text(target, "principal"));
	const char *name = jx_text(target, "name");
	const json_t *before = account_find(h->run->x.before, kind, name);
	const json_t *now = account_find(h->run->world.account, kind, name);
	const char *key = account_section_row(section)->key;
	json_t *list = NULL;
	json_t *item;
	size_t i;

	if (account_section(before, section, NULL) == SECTION_UNREAD ||
	    account_section(now, section, &list) != SECTION_VALUE)
		return;
	json_array_foreach (list, i, item) {
		const char *id = jx_text(item, key);
		if (text_equal(jx_text(item, "Status"), "Active") &&
		    account_item(before, section, id, NULL) == SECTION_NONE)
			jx_add_unique(ids, id);
	}
}

/* What a step of its own switches off on one target: what is new there since the run. */
static int plan_new(struct holding *h, const json_t *target, const json_t *ids, json_t *later,
		    struct err *err)
{
	json_auto_t *step = jx_pack("{s:O, s:O}", "user", json_object_get(target, "name"),
				    "credential", ids);
	json_auto_t *nothing = json_object();
	struct plan_entry entry = {.playbook = NULL};
	struct playbook *playbook = NULL;
	json_t *own = NULL;

	if (playbook_of_action("deactivate-credentials", step, &playbook, err))
		return -1;
	entry.playbook = playbook;
	int ret = playbook_bind(playbook, nothing, &entry.parameters, err) ||
				  apply_plan_of(h->run, &entry, 1, &own, err)
			  ? -1
			  : 0;
	json_t *operation;
	size_t i;
	json_array_foreach (json_object_get(own, "operations"), i, operation) {
		json_object_set(operation, "playbook", json_object_get(target, "playbook"));
		json_array_append(json_object_get(later, "operations"), operation);
	}
	json_decref(own);
	json_decref(entry.parameters);
	playbook_free(playbook);
	return ret;
}

static void add_new_credentials(struct holding *h, json_t *later)
{
	static const char *const sections[] = {"SSHPublicKeys", "SigningCertificates",
					       "ServiceSpecificCredentials", NULL};
	json_t *target;
	size_t i;

	json_array_foreach (json_object_get(h->run->x.plan, "targets"), i, target) {
		json_auto_t *ids = json_array();
		struct err err = ERR_INIT;
		if (!text_equal(jx_text(target, "principal"), "user") ||
		    json_object_get(target, "refused"))
			continue;
		for (size_t n = 0; sections[n]; n++)
			add_new(h, target, sections[n], ids);
		if (json_array_size(ids) && plan_new(h, target, ids, later, &err))
			world_note(&h->run->world, "new credentials: %s", err.message);
	}
}

/* Whoever was let in for a moment may have made sessions: of the target, and of the roles that it
 * brought. */
static void want_stamps(struct holding *h, const json_t *later)
{
	const json_t *targets = json_object_get(h->run->x.plan, "targets");
	json_t *operation;
	json_t *target;
	size_t i;
	size_t n;

	json_array_foreach (json_object_get(later, "operations"), i, operation) {
		const char *id = jx_text(operation, "target");
		if (json_integer_value(json_object_get(operation, "stage")) >= CLASS_CUTOFF &&
		    !text_equal(jx_text(operation, "operation"), "UpdateAssumeRolePolicy"))
			continue;
		json_array_foreach (targets, n, target) {
			if (text_equal(jx_text(target, "id"), id) ||
			    text_equal(jx_text(target, "expanded_from"), id))
				jx_add_unique(h->pending, jx_text(target, "arn"));
		}
	}
}

static bool is_role(const struct holding *h, const char *arn)
{
	const json_t *target = jx_find(json_object_get(h->run->x.plan, "targets"), "arn", arn,
				       NULL);

	return text_equal(jx_text(target, "principal"), "role");
}

/* The next plan stamps what is due. A role that production runs on is stamped once a minute at
 * most, else its new sessions are born revoked; at the end all that is due. */
static bool due_stamps(struct holding *h, bool all)
{
	json_t *restamp = h->run->x.restamp;
	json_t *arn;
	size_t i;

	json_array_clear(restamp);
	json_array_foreach (h->pending, i, arn) {
		const char *name = json_string_value(arn);
		const json_t *last = json_object_get(h->stamps, name);
		if (all || !last || !is_role(h, name) ||
		    executor_clock_ms() - json_integer_value(last) >= ROLE_STAMP_MS)
			jx_add_unique(restamp, name);
	}
	return json_array_size(restamp) > 0;
}

/* A cutoff for this principal went out. */
static void note_stamp(struct holding *h, const char *arn)
{
	jx_set(h->stamps, arn, jx_pack("I", (json_int_t)executor_clock_ms()));
	for (size_t i = json_array_size(h->pending); i-- > 0;) {
		if (text_equal(json_string_value(json_array_get(h->pending, i)), arn))
			json_array_remove(h->pending, i);
	}
}

/* What the round has stamped waits no more; what it could not stays due. */
static void note_stamps(struct holding *h, size_t had)
{
	const json_t *operations = json_object_get(h->run->x.plan, "operations");

	for (size_t i = had; i < json_array_size(operations); i++) {
		const json_t *operation = json_array_get(operations, i);
		const json_t *result = executor_result(&h->run->x, jx_text(operation, "id"));
		const json_t *target = jx_find(json_object_get(h->run->x.plan, "targets"), "id",
					       jx_text(operation, "target"), NULL);
		json_auto_t *document = account_document(json_object_get(
			json_object_get(operation, "parameters"), "PolicyDocument"));
		if (document && policy_is_cutoff(document) && jx_text(target, "arn") &&
		    text_equal(jx_text(result, "status"), "done"))
			note_stamp(h, jx_text(target, "arn"));
	}
	json_array_clear(h->run->x.restamp);
}

/* Not agreed to: it is told, and stays. */
static bool is_left(const struct holding *h, const json_t *operation)
{
	return json_is_true(json_object_get(operation, "irreversible")) && !h->run->x.irreversible;
}

static json_t *words_of(const struct holding *h, const json_t *operations)
{
	json_t *out = json_array();
	json_t *operation;
	size_t i;

	json_array_foreach (operations, i, operation) {
		json_t *words = jx_pack("{s:O, s:O, s:O}", "operation",
					json_object_get(operation, "operation"), "target",
					json_object_get(operation, "target"), "why",
					json_object_get(operation, "why"));
		if (is_left(h, operation))
			jx_set(words, "left", jx_string("needs --irreversible"));
		jx_push(out, words);
	}
	return out;
}

static void write_rounds(struct holding *h)
{
	if (h->alike)
		executor_note(&h->run->x, "rounds", h->alike);
	h->alike = NULL;
}

/* Said at once, and written down: what came back. */
static void tell_drift(struct holding *h, const json_t *later)
{
	json_t *fields = jx_pack("{s:I, s:o}", "round", (json_int_t)h->round, "drift",
				 words_of(h, json_object_get(later, "operations")));

	write_rounds(h);
	h->drifted += !h->denied;
	json_t *event = jx_pack("{s:s}", "event", "drift");
	json_object_update(event, fields);
	world_tell(&h->run->world, event);
	executor_note(&h->run->x, "drift", fields);
}

static json_t *plan_round(struct holding *h)
{
	struct err err = ERR_INIT;
	json_t *later = NULL;

	if (apply_plan(h->run, true, &later, &err)) {
		world_note(&h->run->world, "planning again failed: %s", err.message);
		return NULL;
	}
	add_new_credentials(h, later);
	return later;
}

/* Sends what the plan wants, and what an earlier round could not. */
static void send_round(struct holding *h, json_t *later)
{
	struct executor *x = &h->run->x;
	size_t had = json_array_size(json_object_get(x->plan, "operations"));

	executor_drop_needless(x, later, 0);
	executor_add(x, later);
	if (executor_any_unsent(x))
		apply_stages(h->run);
	note_stamps(h, had);
}

/* What this run wrote in class 1 and what does not stand: as it was planned. New. */
static json_t *undone_denies(const struct holding *h)
{
	const struct executor *x = &h->run->x;
	json_t *out = json_array();
	json_t *operation;
	size_t i;

	json_array_foreach (json_object_get(x->plan, "operations"), i, operation) {
		const json_t *result = executor_result(x, jx_text(operation, "id"));
		const struct operation *op = operation_find(jx_text(operation, "operation"));
		const json_t *parameters = json_object_get(operation, "parameters");
		bool known = false;
		for (size_t n = 0; n < json_array_size(out); n++)
			known = known || executor_is_same(json_array_get(out, n), operation);
		if (!known &&
		    json_integer_value(json_object_get(operation, "stage")) == CLASS_DENY &&
		    text_equal(jx_text(result, "status"), "done") &&
		    operation_state(op, x->world->account, parameters) == OPERATION_UNDONE)
			json_array_append(out, operation);
	}
	return out;
}

/* The first answers of a round tell all that denies: what is gone of it is sent before anything
 * else is read or planned. */
static void deny_at_once(void *arg)
{
	struct holding *h = arg;
	json_auto_t *gone = undone_denies(h);
	json_auto_t *later = jx_copy(h->run->x.plan);

	if (json_array_size(gone) == 0 || h->run->x.broken)
		return;
	json_object_set(later, "operations", gone);
	if (!executor_any_new(&h->run->x, later))
		return;
	tell_drift(h, later);
	want_stamps(h, later);
	executor_add(&h->run->x, later);
	executor_stage(&h->run->x, CLASS_DENY);
	h->denied = true;
}

/* Looks, and contains again; true if something had come back. */
static bool do_round(struct holding *h, bool last)
{
	struct run *run = h->run;

	h->round++;
	h->denied = false;
	executor_reconsider(&run->x, false);
	observe_again_and(&run->world, run->x.plan, deny_at_once, h);
	if (world_stopped(&run->world))
		return h->denied;
	executor_resolve(&run->x);
	json_t *later = plan_round(h);
	if (!later)
		return h->denied;
	bool drift = executor_any_new(&run->x, later);
	if (drift) {
		tell_drift(h, later);
		want_stamps(h, later);
	}
	if (due_stamps(h, last)) {
		json_decref(later);
		later = plan_round(h);
	}
	if (later)
		send_round(h, later);
	json_decref(later);
	return drift || h->denied;
}

/* As the account was last read, with what was sent since. */
static const char *state_of(const struct holding *h, bool drift)
{
	const struct verdict_input input = {.plan = h->run->x.plan,
					    .results = h->run->x.results,
					    .account = h->run->world.account,
					    .before = h->run->x.before,
					    .now = world_now(&h->run->world)};
	json_auto_t *targets = verdict_checks(&input);
	bool unknown = false;
	bool left = false;
	const char *id;
	json_t *checks;
	json_t *check;
	size_t i;

	json_object_foreach (targets, id, checks) {
		json_array_foreach (checks, i, check) {
			bool required = json_is_true(json_object_get(check, "required"));
			bool open = required && text_equal(jx_text(check, "state"), "false");
			if (open && json_is_true(json_object_get(check, "appeared")) &&
			    !h->run->x.irreversible)
				left = true;
			else if (open)
				return "NOT CONTAINED";
			unknown = unknown ||
				  (required && text_equal(jx_text(check, "state"), "unknown"));
		}
	}
	if (left)
		return LEFT_STANDING;
	if (unknown)
		return "NOT KNOWN";
	if (drift)
		return "contained again";
	return h->run->x.sent > h->told ? "what was missing was sent" : "stands";
}

/* A line of the journal for rounds that were alike; one is due each minute, so that whoever stops
 * us takes no more than that away. A round in which something came back has a line of its own. */
static void note_round(struct holding *h, const char *state, bool drift)
{
	char now[TEXT_TIME_SIZE];

	text_time(world_now(&h->run->world), now);
	if (drift || !text_equal(jx_text(h->alike, "state"), state) ||
	    executor_clock_ms() - h->alike_ms >= QUIET_MS)
		write_rounds(h);
	if (!h->alike) {
		h->alike = jx_pack("{s:I, s:s, s:s}", "from", (json_int_t)h->round, "state", state,
				   "first", now);
		h->alike_ms = executor_clock_ms();
	}
	jx_set(h->alike, "to", jx_pack("I", (json_int_t)h->round));
	jx_set(h->alike, "last", jx_string(now));
	if (drift)
		write_rounds(h);
}

static void tell_round(struct holding *h, bool drift)
{
	long left = left_ms(h) / 1000;
	const char *state = state_of(h, drift);

	note_round(h, state, drift);
	world_tell(&h->run->world,
		   jx_pack("{s:s, s:I, s:s, s:I, s:I, s:I, s:I}", "event", "hold", "round",
			   (json_int_t)h->round, "state", state, "left",
			   (json_int_t)(left > 0 ? left : 0), "drift", (json_int_t)h->drifted,
			   "appeared", (json_int_t)json_array_size(h->watch.found), "sent",
			   (json_int_t)(h->run->x.sent - h->told)));
	h->told = h->run->x.sent;
}

/* Back to back for the first minute, as far as the request rate allows; then at its pace. */
static long next_ms(const struct holding *h, long began_ms, long requests)
{
	long fast = requests * 1000 / h->options->rate;
	long pace = executor_clock_ms() - h->started_ms < FAST_MS ? MIN_ROUND_MS
								  : h->options->every * 1000;

	return began_ms + (fast > pace ? fast : pace);
}

static void do_rounds(struct holding *h)
{
	struct run *run = h->run;
	long watched_ms = 0;

	while (left_ms(h) > 0 && !world_stopped(&run->world) && !run->x.broken) {
		long began = executor_clock_ms();
		long requests = run->world.requests;
		bool drift = do_round(h, false);
		if (h->options->watch && began - watched_ms >= h->options->every * 1000) {
			watched_ms = began;
			watch_look(&h->watch, &run->world, &run->x);
		}
		tell_round(h, drift);
		if (!drift)
			verify_wait(&run->world, next_ms(h, began, run->world.requests - requests));
	}
	if (!world_stopped(&run->world) && !run->x.broken)
		tell_round(h, do_round(h, true));
	write_rounds(h);
}

/* What the document of a hold says beyond that of its run. */
static void describe(void *arg, json_t *document)
{
	struct holding *h = arg;

	/* Once more, after the last reading of the targets. */
	if (h->options->watch && !world_stopped(&h->run->world) && !h->run->x.broken)
		watch_look(&h->watch, &h->run->world, &h->run->x);
	jx_set(document, "hold",
	       jx_pack("{s:I, s:I, s:I, s:b}", "seconds",
		       (json_int_t)(executor_clock_ms() - h->started_ms) / 1000, "rounds",
		       (json_int_t)h->round, "drift", (json_int_t)h->drifted, "watched",
		       h->options->watch));
	watch_describe(&h->watch, document, h->options->watch);
}

static void begin(struct holding *h, struct run *run, const struct hold_options *options)
{
	*h = (struct holding){.run = run,
			      .options = options,
			      .stamps = json_object(),
			      .pending = json_array(),
			      .started_ms = executor_clock_ms()};
	run->x.holding = true;
	watch_begin(&h->watch, &run->x);
	executor_note(&run->x, "hold",
		      jx_pack("{s:I, s:b}", "seconds", (json_int_t)options->seconds, "watched",
			      options->watch));
}

static void end(struct holding *h)
{
	json_decref(h->stamps);
	json_decref(h->pending);
	json_decref(h->alike);
	watch_end(&h->watch);
}

static int hold(struct run *run, const struct hold_options *options, json_t **ret_document,
		int *ret_status, struct err *err)
{
	struct holding h;

	begin(&h, run, options);
	if (executor_check(&run->x, err)) {
		end(&h);
		return -1;
	}
	/* What an earlier process left to do comes first. */
	apply_stages(run);
	do_rounds(&h);
	const struct apply_addition addition = {.add = describe, .arg = &h};
	int ret = apply_complete(run, &addition, ret_document, ret_status, err);
	end(&h);
	return ret;
}

int run_hold(const struct run_options *options, const char *id,
	     const struct hold_options *hold_options, json_t **ret_document, int *ret_status,
	     struct err *err)
{
	struct resumption r;
	int ret = resume_open(options, id, &r, err) || resume_begin(&r, hold_options->seconds,
								    ret_document, ret_status, err)
			  ? -1
			  : 0;

	if (ret == 0 && !*ret_document)
		ret = hold(&r.run, hold_options, ret_document, ret_status, err);
	return resume_close(&r, ret, ret_status, err);
}
