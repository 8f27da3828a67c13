// SPDX-License-Identifier: Apache-2.0
/* From the record of a run to what a report says: cordon-report/1. */
#include "facts.h"

#include "cordon/err.h"
#include "cordon/hash.h"
#include "cordon/journal.h"
#include "cordon/json.h"
#include "cordon/report.h"
#include "cordon/text.h"
#include "parts.h"

/* A record as it is taken apart: borrowed, but for the writes. */
struct record {
	const json_t *plan;
	const json_t *latest; /* the result, or else the plan */
	const json_t *result; /* NULL: there is none */
	const json_t *events;
	json_t *writes;
	const char *run;
	bool rehearsal;
};

/* Members that are the same in the facts and in what they are from. */
static void copy(json_t *facts, const json_t *from, const char *const *names)
{
	for (size_t i = 0; names[i]; i++)
		jx_set(facts, names[i], facts_member(from, names[i]));
}

static bool has_status(const json_t *write, const char *status)
{
	return text_equal(jx_text(write, "status"), status);
}

static bool is_left_out(const json_t *write)
{
	return part_is_final(write) && has_status(write, "skipped") &&
	       !json_is_object(json_object_get(write, "error"));
}

static json_t *last_end(const json_t *events)
{
	for (size_t i = json_array_size(events); i-- > 0;) {
		json_t *line = json_array_get(events, i);
		if (facts_is_event(line, "end"))
			return line;
	}
	return NULL;
}

/* "finished"; "continued": lines came after the last end, which nothing closed; "unfinished". */
static const char *state_of(const struct record *r)
{
	const json_t *end = last_end(r->events);
	const json_t *last = json_array_get(r->events, json_array_size(r->events) - 1);

	if (!r->result || !end)
		return "unfinished";
	return end == last ? "finished" : "continued";
}

/* Each entry says what is left for people; command may be NULL. */
static void add_remaining(json_t *list, const char *kind, json_t *what_stolen, json_t *why_stolen,
			  json_t *command_stolen)
{
	jx_push(list, jx_pack("{s:s, s:o, s:o, s:o}", "kind", kind, "what", what_stolen, "why",
			      why_stolen, "command", command_stolen));
}

/* A credential that the run did not find when it began, and that stays. */
static void remain_made(json_t *list, const json_t *target, const json_t *check)
{
	const char *name = jx_text(target, "name");

	add_remaining(list, "made-since",
		      json_sprintf("a console password of %.64s", name ? name : "?"),
		      jx_string("It is new. While the deny stands it opens nothing, but whoever "
				"made it is still at work."),
		      facts_member(check, "command"));
}

static void remain_checks(json_t *list, const json_t *targets)
{
	json_t *target;
	json_t *check;
	size_t i;
	size_t j;

	json_array_foreach (targets, i, target) {
		json_array_foreach (json_object_get(target, "checks"), j, check) {
			const char *state = jx_text(check, "state");
			if (json_is_false(json_object_get(check, "required")) ||
			    text_equal(state, "true"))
				continue;
			if (json_is_true(json_object_get(check, "appeared"))) {
				remain_made(list, target, check);
				continue;
			}
			add_remaining(list, text_equal(state, "false") ? "not-so" : "not-known",
				      facts_member(check, "check"), facts_member(check, "seen"),
				      json_null());
		}
	}
}

static void remain_left_out(json_t *list, const json_t *writes)
{
	json_t *write;
	size_t i;

	json_array_foreach (writes, i, write) {
		if (is_left_out(write))
			add_remaining(list, "left-out", facts_member(write, "why"),
				      facts_member(write, "not_sent"), json_null());
	}
}

static void remain_unfinished(json_t *list, const struct record *r)
{
	if (text_equal(state_of(r), "finished"))
		return;
	add_remaining(list, "unfinished", jx_string("the run was cut off"),
		      jx_string("what was planned and not sent is still to do"),
		      r->rehearsal ? json_null() : jx_pack("s+", "cordon resume ", r->run));
}

static json_t *remaining_of(const struct record *r)
{
	json_t *list = json_array();
	json_t *one;
	size_t i;

	remain_unfinished(list, r);
	remain_checks(list, json_object_get(r->result, "targets"));
	remain_left_out(list, r->writes);
	facts_appeared(r->events, list);
	json_array_foreach (json_object_get(r->latest, "not_covered"), i, one)
		add_remaining(list, "not-covered", facts_member(one, "what"),
			      facts_member(one, "why"), facts_member(one, "command"));
	json_array_foreach (json_object_get(r->latest, "warnings"), i, one)
		add_remaining(list, "warning", json_incref(one), json_null(), json_null());
	return list;
}

/* Why a write is not done: AWS's words, ours, or that there is no answer. */
static json_t *reason_of(const json_t *write)
{
	const json_t *error = json_object_get(write, "error");

	if (json_is_object(error) && jx_text(error, "code") && jx_text(error, "message"))
		return json_sprintf("%s: %s", jx_text(error, "code"), jx_text(error, "message"));
	if (jx_text(write, "not_sent"))
		return facts_member(write, "not_sent");
	return jx_string("no answer is on record: it may or may not have been done");
}

static void add_not_possible(json_t *list, const json_t *one, const char *status, json_t *why,
			     const char *instead)
{
	const char *what = jx_text(one, "why");

	jx_push(list, jx_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:o}", "status", status, "id",
			      facts_member(one, "id"), "target", facts_member(one, "target"),
			      "operation", facts_member(one, "operation"), "what", jx_string(what),
			      "why", why, "instead", jx_string(instead)));
}

static void not_possible_writes(json_t *list, const struct record *r)
{
	json_t *write;
	size_t i;

	json_array_foreach (r->writes, i, write) {
		const json_t *result = jx_find(json_object_get(r->result, "results"), "id",
					       jx_text(write, "id"), NULL);
		const char *status = jx_text(write, "status");
		if (has_status(write, "done") || is_left_out(write))
			continue;
		add_not_possible(list, write, status ? status : "unknown", reason_of(write),
				 jx_text(result, "instead"));
	}
}

/* What was planned and never announced: the run ended before. */
static void not_possible_unsent(json_t *list, const struct record *r)
{
	json_t *operation;
	size_t i;

	json_array_foreach (json_object_get(r->plan, "operations"), i, operation) {
		if (!jx_find(r->writes, "id", jx_text(operation, "id"), NULL))
			add_not_possible(list, operation, "not-sent",
					 jx_string("the run ended before it was sent"), NULL);
	}
}

/* Steps of the plan that could not be planned; reached: those that had nothing to do. */
static json_t *steps(const json_t *plan, bool reached)
{
	json_t *out = json_array();
	json_t *one;
	size_t i;

	json_array_foreach (json_object_get(plan, "skipped"), i, one) {
		if (json_is_true(json_object_get(one, "reached")) == reached)
			jx_push(out, jx_pack("{s:s, s:o, s:o, s:o, s:o}", "status", "skipped",
					     "what", facts_member(one, "step"), "target",
					     facts_member(one, "target"), "why",
					     facts_member(one, "why"), "instead",
					     facts_member(one, "instead")));
	}
	return out;
}

static json_t *not_possible_of(const struct record *r)
{
	json_t *list = json_array();
	json_auto_t *skipped = steps(r->plan, false);
	json_t *one;
	size_t i;

	not_possible_writes(list, r);
	not_possible_unsent(list, r);
	json_array_extend(list, skipped);
	json_array_foreach (json_object_get(r->latest, "refusals"), i, one)
		jx_push(list, jx_pack("{s:s, s:o, s:o, s:o, s:o}", "status", "refused", "what",
				      facts_member(one, "guard"), "target",
				      facts_member(one, "target"), "why", facts_member(one, "why"),
				      "instead", facts_member(one, "instead")));
	return list;
}

static bool is_of_release(const json_t *write)
{
	return json_is_true(json_object_get(write, "release"));
}

static json_t *changes_of(const json_t *writes)
{
	json_t *out = json_array();
	json_t *write;
	size_t i;

	json_array_foreach (writes, i, write) {
		if (has_status(write, "done"))
			json_array_append(out, write);
	}
	return out;
}

static json_t *counts_of(const struct record *r)
{
	static const char *const statuses[] = {"done", "failed", "unknown", "skipped"};
	json_t *counts = json_object();
	json_auto_t *unsent = json_array();

	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
		json_int_t count = 0;
		for (size_t j = 0; j < json_array_size(r->writes); j++)
			count += has_status(json_array_get(r->writes, j), statuses[i]);
		jx_set(counts, statuses[i], json_integer(count));
	}
	json_int_t released = 0;
	for (size_t j = 0; j < json_array_size(r->writes); j++) {
		const json_t *write = json_array_get(r->writes, j);
		released += has_status(write, "done") && is_of_release(write);
	}
	jx_set(counts, "released", json_integer(released));
	jx_set(counts, "contained",
	       json_integer(json_integer_value(json_object_get(counts, "done")) - released));
	not_possible_unsent(unsent, r);
	jx_set(counts, "not_sent", json_integer((json_int_t)json_array_size(unsent)));
	jx_set(counts, "planned",
	       json_integer((json_int_t)json_array_size(json_object_get(r->plan, "operations"))));
	return counts;
}

/* Keys that this run switched off stay off until each is named. */
static const char *key_switched_off(const json_t *write)
{
	const json_t *parameters = json_object_get(write, "parameters");

	if (!text_equal(jx_text(write, "operation"), "UpdateAccessKey") ||
	    !text_equal(jx_text(parameters, "Status"), "Inactive"))
		return NULL;
	return jx_text(parameters, "AccessKeyId");
}

/* What became of the run since, and what it was before; or null. */
static json_t *release_of(const struct record *r)
{
	json_t *release = journal_release(r->events);

	if (!release)
		return json_null();
	jx_set(release, "was", facts_member(r->result, "verdict"));
	return release;
}

static json_t *taken_back(const json_t *write)
{
	static const char *const members[] = {"id",	      "target", "operation",
					      "irreversible", "undo",	NULL};
	json_t *out = jx_pack("{s:o}", "what", facts_member(write, "why"));

	copy(out, write, members);
	return out;
}

/* What a release takes back, newest first, and what it cannot. */
static json_t *undo_of(const struct record *r)
{
	json_t *back = json_array();
	json_t *final = json_array();
	json_t *keys = json_array();
	json_auto_t *release = journal_release(r->events);

	for (size_t i = json_array_size(r->writes); i-- > 0;) {
		json_t *write = json_array_get(r->writes, i);
		const char *key = key_switched_off(write);
		if (!has_status(write, "done") || is_of_release(write))
			continue;
		if (key)
			jx_add_unique(keys, key);
		const json_t *undo = json_object_get(write, "undo");
		/* An empty list: nothing was there to take back. */
		if (json_array_size(undo) || !json_is_array(undo))
			jx_push(json_is_array(undo) ? back : final, taken_back(write));
	}
	return jx_pack("{s:o, s:o, s:o, s:o, s:o}", "command",
		       r->rehearsal ? json_null() : jx_pack("s+", "cordon release ", r->run),
		       "operations", back, "no_way_back", final, "keys", keys, "released",
		       facts_member(release, "at"));
}

static json_t *journal_of(const json_t *run)
{
	const json_t *journal = json_object_get(run, "journal");
	const char *id = jx_text(run, "run");
	const char *last = jx_text(journal, "last");

	return jx_pack(
		"{s:o, s:o, s:o, s:o}", "lines", facts_member(journal, "lines"), "last",
		facts_member(journal, "last"), "torn", facts_member(journal, "torn"), "check",
		last ? json_sprintf("cordon show %s --check --expect %s", id, last) : json_null());
}

static json_t *assemble(const json_t *run, const struct record *r)
{
	static const char *const of_plan[] = {"account_id",	   "alias",    "caller",
					      "credential_source", "endpoint", "playbooks",
					      "fingerprint",	   NULL};
	static const char *const of_start[] = {"command", "case", NULL};
	static const char *const of_result[] = {"verdict", "settled_seconds", NULL};
	json_t *facts = jx_pack("{s:s, s:s, s:b, s:s}", "format", "cordon-report/1", "run", r->run,
				"rehearsal", (int)r->rehearsal, "state", state_of(r));

	copy(facts, r->plan, of_plan);
	copy(facts, json_array_get(r->events, 0), of_start);
	copy(facts, r->result, of_result);
	jx_set(facts, "targets", facts_member(r->latest, "targets"));
	jx_set(facts, "release", release_of(r));
	jx_set(facts, "holds", facts_holds(r->events));
	jx_set(facts, "scp", facts_member(r->latest, "scp"));
	jx_set(facts, "times", facts_times(r->events));
	jx_set(facts, "counts", counts_of(r));
	jx_set(facts, "remaining", remaining_of(r));
	jx_set(facts, "not_possible", not_possible_of(r));
	jx_set(facts, "changes", changes_of(r->writes));
	jx_set(facts, "already_so", steps(r->plan, true));
	jx_set(facts, "undo", undo_of(r));
	jx_set(facts, "timeline", facts_timeline(r->events));
	jx_set(facts, "journal", journal_of(run));
	return facts;
}

/* Where lines came after the last end, nobody else has compared it with the result. */
static int check_result(const struct record *r, struct err *err)
{
	const char *want = jx_text(last_end(r->events), "result_sha256");
	char hex[HASH_HEX_SIZE];

	if (!r->result || !want)
		return 0;
	jx_digest(r->result, hex);
	if (text_equal(hex, want))
		return 0;
	return err_set(err, ERR_INPUT,
		       "result.json is not what the journal says was written: it was changed");
}

int report_facts(const json_t *run, json_t **ret_facts, struct err *err)
{
	const json_t *result = json_object_get(run, "result");
	struct record r = {.plan = json_object_get(run, "plan"),
			   .result = json_is_object(result) ? result : NULL,
			   .events = json_object_get(run, "events"),
			   .run = jx_text(run, "run")};

	if (!r.run || json_array_size(r.events) == 0)
		return err_set(err, ERR_INPUT, "the record has no lines to report");
	if (!json_is_object(r.plan))
		return err_set(err, ERR_INPUT,
			       "run '%.40s': plan.json cannot be read: the record is not whole",
			       r.run);
	if (check_result(&r, err))
		return err_wrap(err, "run '%.40s'", r.run);
	r.latest = r.result ? r.result : r.plan;
	r.rehearsal = part_is_rehearsal(r.plan);
	r.writes = facts_writes(r.events);
	*ret_facts = assemble(run, &r);
	json_decref(r.writes);
	return 0;
}
