// SPDX-License-Identifier: Apache-2.0
#include "cordon/release.h"

#include "cordon/err.h"
#include "cordon/json.h"
#include "cordon/policy.h"
#include "cordon/text.h"
#include "planning.h"
#include "quota.h"
#include "standing.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STAGE_TAIL = 1, STAGE_LAST = 7 };

/* A release while it is planned. */
struct releasing {
	struct planning p;
	const struct release *release;
	json_t *done; /* operations that were done, oldest first, with their parameters as sent */
	json_t *objects; /* [{"newest","oldest"}] into done: what they changed, newest change first
			  */
	json_t *drift;
	json_t *unread; /* objects of which nobody knows whether they are as the run left them */
	json_t *tails;
};

static const struct action undoing = {.name = "release", .class = CLASS_DENY, .principals = ~0u};

static const json_t *parameters_of(const json_t *operation)
{
	return json_object_get(operation, "parameters");
}

static const struct operation *row_of(const json_t *operation)
{
	return operation_find(jx_text(operation, "operation"));
}

/* A run acts on its targets; what it wrote on others had no way back. */
static bool is_of_target(const struct releasing *r, const json_t *operation)
{
	const struct operation *op = row_of(operation);
	const json_t *target = jx_find(json_object_get(r->release->plan, "targets"), "id",
				       jx_text(operation, "target"), NULL);

	return text_equal(account_kind_name(op->on), jx_text(target, "principal")) &&
	       text_equal_nocase(operation_principal(op, parameters_of(operation)),
				 jx_text(target, "name"));
}

/* AWS said so; or its answer never came, and the account says so. */
static bool was_done(const struct releasing *r, const json_t *operation, const json_t *result)
{
	const char *status = jx_text(result, "status");

	return text_equal(status, "done") ||
	       (text_equal(status, "unknown") &&
		operation_state(row_of(operation), r->p.request->account,
				json_object_get(result, "parameters")) == OPERATION_DONE);
}

/* What stood there when the operation was first announced: the section it changes. */
static const json_t *captured(const struct releasing *r, const json_t *operation)
{
	json_t *line;
	size_t i;

	json_array_foreach (r->release->lines, i, line) {
		const json_t *before = json_object_get(line, "before");
		if (text_equal(jx_text(line, "event"), "intent") && json_is_object(before) &&
		    text_equal(jx_text(json_object_get(line, "operation"), "id"),
			       jx_text(operation, "id")))
			return before;
	}
	return NULL;
}

/* The undo by what the journal says stood there, whatever the plan says; null: it was not read.
 * New. */
static json_t *undo_by_journal(const struct releasing *r, const json_t *operation)
{
	const struct operation *op = row_of(operation);
	const json_t *before = captured(r, operation);
	const char *name = operation_principal(op, parameters_of(operation));
	json_auto_t *account = account_new(jx_text(r->p.request->account, "account_id"));
	json_t *value = op->section ? json_object_get(before, op->section) : NULL;
	json_t *undo = NULL;

	if (value && !op->account_effect) {
		json_object_set(account_add(account, op->on, name, NULL), op->section, value);
		undo = operation_undo(op, account, parameters_of(operation));
	}
	return undo ? undo : json_null();
}

/* Only what was done is undone. */
static void add_done(struct releasing *r, const json_t *operations)
{
	json_t *operation;
	size_t i;

	json_array_foreach (operations, i, operation) {
		const json_t *result = jx_find(r->release->results, "id", jx_text(operation, "id"),
					       NULL);
		const json_t *sent = json_object_get(result, "parameters");
		if (!row_of(operation) || !is_of_target(r, operation) ||
		    !operation_principal(row_of(operation), parameters_of(operation)) ||
		    !was_done(r, operation, result))
			continue;
		json_t *copy = jx_copy(operation);
		if (sent)
			json_object_set(copy, "parameters", (json_t *)(uintptr_t)sent);
		jx_set(copy, "undo", undo_by_journal(r, copy));
		jx_push(r->done, copy);
	}
}

/* What of its section an operation changes; NULL: all of it. */
static const char *key_of(const json_t *operation)
{
	const struct section *section = row_of(operation)->section
						? account_section_row(row_of(operation)->section)
						: NULL;

	return section && section->key ? jx_text(parameters_of(operation), section->key) : NULL;
}

static const char *group_of(const json_t *operation)
{
	return jx_text(parameters_of(operation), "GroupName");
}

static bool same_object(const json_t *a, const json_t *b)
{
	const struct operation *x = row_of(a);
	const struct operation *y = row_of(b);

	if (x->on != y->on || !text_equal(x->section, y->section) ||
	    !text_equal_nocase(operation_principal(x, parameters_of(a)),
			       operation_principal(y, parameters_of(b))))
		return false;
	if (!key_of(a) && !key_of(b))
		return x->on != PRINCIPAL_USER || (!group_of(a) && !group_of(b)) ||
		       text_equal(group_of(a), group_of(b));
	return text_equal(key_of(a), key_of(b));
}

/* The newest change of each object, with the oldest one beside it. */
static void collect_objects(struct releasing *r)
{
	for (size_t i = json_array_size(r->done); i-- > 0;) {
		json_t *operation = json_array_get(r->done, i);
		json_t *object;
		json_t *known = NULL;
		size_t n;
		json_array_foreach (r->objects, n, object) {
			if (same_object(json_object_get(object, "newest"), operation))
				known = object;
		}
		if (known)
			json_object_set(known, "oldest", operation);
		else
			jx_push(r->objects,
				jx_pack("{s:O, s:O}", "newest", operation, "oldest", operation));
	}
}

static bool same_text(const char *a, const char *b)
{
	return (!a && !b) || text_equal(a, b);
}

/* The undo of a record is no more than what an operation on the same principal can need. */
static bool is_undo(const json_t *operation, const json_t *step)
{
	const struct operation *op = row_of(operation);
	const struct operation *back = row_of(step);
	struct err ignored = ERR_INIT;

	return back && (back->flags & OPERATION_WRITE) && back->on == op->on &&
	       text_equal(back->section, op->section) && !back->account_effect &&
	       same_text(key_of(step), key_of(operation)) &&
	       same_text(group_of(step), group_of(operation)) &&
	       operation_check(back, parameters_of(step), &ignored) == 0 &&
	       text_equal(operation_principal(back, parameters_of(step)),
			  operation_principal(op, parameters_of(operation)));
}

/* The calls that bring back what stood before; NULL: there is no way back. */
static const json_t *undo_of(const json_t *object)
{
	const json_t *oldest = json_object_get(object, "oldest");
	const json_t *undo = json_object_get(oldest, "undo");
	json_t *step;
	size_t i;

	if (!json_is_array(undo) || json_is_true(json_object_get(oldest, "irreversible")))
		return NULL;
	json_array_foreach (undo, i, step) {
		if (!is_undo(oldest, step))
			return NULL;
	}
	return undo;
}

static bool is_so(const json_t *account, const json_t *steps)
{
	json_t *step;
	size_t i;

	json_array_foreach (steps, i, step) {
		if (operation_state(row_of(step), account, parameters_of(step)) != OPERATION_DONE)
			return false;
	}
	return true;
}

/* What stands where an operation wrote: the item, or the whole section. New. */
static json_t *found(const json_t *account, const json_t *operation)
{
	const struct operation *op = row_of(operation);
	const json_t *entry = account_find(account, op->on,
					   operation_principal(op, parameters_of(operation)));
	json_t *value = NULL;

	if (!entry)
		return jx_string("it is gone");
	if (key_of(operation))
		account_item(entry, op->section, key_of(operation), &value);
	else
		value = json_object_get(entry, op->section);
	return value ? jx_copy(value) : json_null();
}

/* What the run left there. New. */
static json_t *left(const struct releasing *r, const json_t *operation)
{
	json_auto_t *account = jx_copy(r->p.request->account);

	operation_effect(row_of(operation), account, parameters_of(operation));
	return found(account, operation);
}

/* New. */
static json_t *name_of_object(const json_t *operation)
{
	const struct operation *op = row_of(operation);
	const struct section *section = account_section_row(op->section);
	const char *key = key_of(operation);

	return json_sprintf("%s%s%.128s of %s %.128s", section->what, key ? " " : "",
			    key ? key : "", account_kind_name(op->on),
			    operation_principal(op, parameters_of(operation)));
}

static void note_drift(struct releasing *r, const json_t *operation, const char *why)
{
	jx_push(r->drift, jx_pack("{s:O, s:O, s:o, s:s, s:o, s:o}", "operation",
				  json_object_get(operation, "id"), "target",
				  json_object_get(operation, "target"), "what",
				  name_of_object(operation), "why", why, "left", left(r, operation),
				  "found", found(r->p.request->account, operation)));
}

static void note_unread(struct releasing *r, const json_t *operation)
{
	const struct operation *op = row_of(operation);
	const json_t *entry = account_find(r->p.request->account, op->on,
					   operation_principal(op, parameters_of(operation)));
	json_t *item = NULL;

	if (key_of(operation))
		account_item(entry, op->section, key_of(operation), &item);
	const json_t *unread = jx_at(item, "PolicyDocument", "unread", NULL);
	if (!unread)
		unread = jx_at(entry, op->section, "unread", NULL);
	const char *why = jx_text(unread, "why");
	jx_push(r->unread,
		jx_pack("{s:O, s:O, s:o, s:s, s:o}", "operation", json_object_get(operation, "id"),
			"target", json_object_get(operation, "target"), "what",
			name_of_object(operation), "why", why ? why : "failed", "code",
			jx_string(jx_text(unread, "code"))));
}

/* The principal was deleted since: there is nothing to take back on it. */
static bool is_gone(const struct releasing *r, const json_t *operation)
{
	const struct operation *op = row_of(operation);

	return !account_find(r->p.request->account, op->on,
			     operation_principal(op, parameters_of(operation)));
}

static const char *unique_id(const json_t *account, const json_t *operation)
{
	static const char *const members[] = {"UserId", "RoleId", "GroupId", NULL};
	const struct operation *op = row_of(operation);
	const json_t *entry = account_find(account, op->on,
					   operation_principal(op, parameters_of(operation)));
	const char *id = NULL;

	for (size_t i = 0; members[i] && !id; i++)
		id = jx_text(entry, members[i]);
	return id;
}

/* Deleted, and somebody has made one of the same name. */
static bool is_another(const struct releasing *r, const json_t *operation)
{
	const char *before = unique_id(r->release->before, operation);
	const char *now = unique_id(r->p.request->account, operation);

	return before && now && !text_equal(before, now);
}

/* A credential that an undo would switch on: its id; NULL: it is another change. */
static const char *switched_on(const json_t *object)
{
	json_t *step;
	size_t i;

	json_array_foreach (undo_of(object), i, step) {
		if (text_equal(jx_text(parameters_of(step), "Status"), "Active"))
			return key_of(step);
	}
	return NULL;
}

/* A credential that the run switched off: its id; NULL: it is another change. */
static const char *credential_of(const json_t *operation)
{
	const char *status = jx_text(parameters_of(operation), "Status");

	return text_equal(status, "Inactive") ? key_of(operation) : NULL;
}

static long tail_seconds(const struct releasing *r, enum principal_kind kind, const char *name)
{
	const json_t *role = account_find(r->p.request->account, PRINCIPAL_ROLE, name);
	const json_t *seconds = json_object_get(role, "MaxSessionDuration");

	if (kind != PRINCIPAL_ROLE)
		return RELEASE_USER_TAIL;
	return json_integer_value(seconds) > 0 ? (long)json_integer_value(seconds)
					       : RELEASE_ROLE_TAIL;
}

/* A cutoff whose sessions have expired since keeps nobody out any more; nor does one that a release
 * left, and that this one is to take away. */
static bool is_spent(const struct releasing *r, const json_t *operation)
{
	json_auto_t *document =
		account_document(json_object_get(parameters_of(operation), "PolicyDocument"));
	time_t at;

	if (!document || !policy_is_cutoff(document) || !policy_latest_cutoff(document, &at))
		return false;
	at += tail_seconds(r, row_of(operation)->on,
			   operation_principal(row_of(operation), parameters_of(operation)));
	return at <= r->p.request->now ||
	       (r->release->no_tail && json_array_size(r->release->operations));
}

/* The run's own change is gone, and no release of ours took it back: somebody else did. */
static void look_for_undone(struct releasing *r, const json_t *object)
{
	const json_t *newest = json_object_get(object, "newest");
	const char *id = switched_on(object);
	json_auto_t *now = found(r->p.request->account, newest);

	if (json_is_true(json_object_get(newest, "release")) || is_another(r, newest) ||
	    (id && jx_contains(r->release->activate, id)) || is_spent(r, newest) ||
	    operation_state(row_of(newest), r->p.request->account, parameters_of(newest)) !=
		    OPERATION_UNDONE)
		return;
	if (id)
		note_drift(r, newest,
			   "this run switched it off, and somebody else has switched it on again; "
			   "--activate with its id says that it may stay so");
	else if (json_is_null(now))
		note_drift(r, newest,
			   "it was put by this run; now there is none: somebody else took it away");
	else
		note_drift(r, newest,
			   "this run changed it, and somebody else has brought back what was there "
			   "before");
}

/* All of it before the first undo: whatever is not as the run left it stops everything. */
static void look_for_drift(struct releasing *r)
{
	json_t *object;
	size_t i;

	json_array_foreach (r->objects, i, object) {
		const json_t *newest = json_object_get(object, "newest");
		const json_t *undo = undo_of(object);
		if (!undo || is_gone(r, newest))
			continue;
		if (is_so(r->p.request->account, undo)) {
			look_for_undone(r, object);
			continue;
		}
		if (is_another(r, newest)) {
			note_drift(r, newest, "this is another principal of the same name");
			continue;
		}
		switch (operation_state(row_of(newest), r->p.request->account,
					parameters_of(newest))) {
		case OPERATION_DONE:
			break;
		case OPERATION_UNDONE:
			note_drift(r, newest, "somebody has changed it since");
			break;
		case OPERATION_UNKNOWN:
			note_unread(r, newest);
			break;
		}
	}
}

/* What cannot come back, and what to do instead. */
static const struct lost {
	const char *operation, *what, *instead;
} losses[] = {
	{"DeleteLoginProfile", "the console password of %s",
	 "set a new one, to be changed at the first sign-in; the command reads {\"Password\":\"...\"} "
	 "from standard input, so that it stands in no argument"},
	{"DeleteAccessKey", "a deleted access key of %s",
	 "make a new one where one is needed, better a role: aws iam create-access-key"},
	{"DeactivateMFADevice", "an MFA device of %s",
	 "have the person enrol a device again: aws iam enable-mfa-device"},
	{"DeleteSigningCertificate", "a deleted signing certificate of %s",
	 "upload a new one: aws iam upload-signing-certificate"},
	{"DeleteServiceSpecificCredential", "a deleted service-specific credential of %s",
	 "make a new one: aws iam create-service-specific-credential"},
	{"DeleteSSHPublicKey", "a deleted SSH public key of %s",
	 "upload a new one: aws iam upload-ssh-public-key"},
	{"DeleteUser", "the user that %s was",
	 "a new user of this name has another unique id; before.json of the run has what he had"},
	{"DeleteRole", "the role that %s was",
	 "a new role of this name has another unique id; before.json of the run has what it had"},
};

static const char *target_arn(const struct releasing *r, const json_t *operation)
{
	const char *arn = jx_text(jx_find(r->p.targets, "id", jx_text(operation, "target"), NULL),
				  "arn");

	return arn ? arn : "?";
}

/* The password goes in by standard input. New, or NULL. */
static json_t *command_for(const json_t *operation)
{
	const char *user = jx_text(json_object_get(operation, "parameters"), "UserName");

	if (!text_equal(jx_text(operation, "operation"), "DeleteLoginProfile") || !user)
		return NULL;
	return json_sprintf("aws iam create-login-profile --user-name %.64s "
			    "--password-reset-required --cli-input-json file:///dev/stdin",
			    user);
}

static void note_lost(struct releasing *r, const json_t *operation)
{
	json_auto_t *command = command_for(operation);
	const char *name = jx_text(operation, "operation");

	for (size_t i = 0; i < sizeof(losses) / sizeof(losses[0]); i++) {
		if (!text_equal(losses[i].operation, name))
			continue;
		char what[700];
		const char *at = strstr(losses[i].what, "%s");
		snprintf(what, sizeof(what), "%.*s%.600s%s", (int)(at - losses[i].what),
			 losses[i].what, target_arn(r, operation), at + 2);
		planning_uncovered(&r->p, json_string_value(command), losses[i].instead, "%s",
				   what);
		return;
	}
	if (json_is_true(json_object_get(operation, "irreversible")))
		return; /* part of a principal that ended */
	planning_uncovered(
		&r->p, NULL, "what stood there before could not be read, so it is left as it is",
		"%s on %s (%s)", name, target_arn(r, operation), jx_text(operation, "id"));
}

/* What was in other hands stays off, unless it is named. */
static bool stays_off(struct releasing *r, const json_t *object)
{
	const char *id = switched_on(object);
	char command[200];

	if (!id || jx_contains(r->release->activate, id) || is_so(r->p.account, undo_of(object)))
		return false;
	snprintf(command, sizeof(command), "cordon release %.40s --activate %.64s", r->release->run,
		 id);
	planning_uncovered(
		&r->p, command, "what was in other hands is replaced, not switched on again",
		"%s of %s stays Inactive", id, target_arn(r, json_object_get(object, "newest")));
	return true;
}

/* A later time takes the place of an earlier one. */
static void add_tail(struct releasing *r, const char *target, const char *policy, time_t until)
{
	char text[TEXT_TIME_SIZE];

	text_time(until, text);
	for (size_t i = json_array_size(r->tails); i-- > 0;) {
		const json_t *tail = json_array_get(r->tails, i);
		if (text_equal(jx_text(tail, "target"), target) &&
		    text_equal(jx_text(tail, "policy"), policy))
			json_array_remove(r->tails, i);
	}
	jx_push(r->tails, jx_pack("{s:o, s:o, s:s}", "target", jx_string(target), "policy",
				  jx_string(policy), "until", text));
}

/* A cutoff of ours stays until whatever it denies has expired. */
static bool is_tail(struct releasing *r, const json_t *object)
{
	const json_t *newest = json_object_get(object, "newest");
	json_auto_t *item = found(r->p.request->account, newest);
	json_auto_t *now = account_document(json_object_get(item, "PolicyDocument"));
	time_t at;

	if (r->release->no_tail || !now || !policy_is_cutoff(now) ||
	    !policy_latest_cutoff(now, &at) || is_so(r->p.request->account, undo_of(object)))
		return false;
	at += tail_seconds(r, row_of(newest)->on,
			   operation_principal(row_of(newest), parameters_of(newest)));
	if (at <= r->p.request->now)
		return false;
	add_tail(r, jx_text(newest, "target"), key_of(newest), at);
	return true;
}

/* A credential that the run switched off, and that is as it was before. */
static bool is_on_again(const struct releasing *r, const json_t *object)
{
	return credential_of(json_object_get(object, "newest")) &&
	       is_so(r->p.request->account, undo_of(object));
}

/* Objects that are to be undone now; the others are said and left. */
static void choose(struct releasing *r)
{
	json_auto_t *chosen = json_array();
	json_t *object;
	size_t i;

	json_array_foreach (r->objects, i, object) {
		const json_t *newest = json_object_get(object, "newest");
		if (!undo_of(object))
			note_lost(r, newest);
		else if (is_gone(r, newest))
			planning_warn(&r->p, "%s is gone: nothing is taken back on it",
				      target_arn(r, newest));
		else if (is_on_again(r, object))
			planning_warn(&r->p, "%s of %s is on already: this run did not do that",
				      key_of(newest), target_arn(r, newest));
		else if (!is_so(r->p.request->account, undo_of(object)) && !stays_off(r, object) &&
			 !is_tail(r, object))
			json_array_append(chosen, object);
	}
	json_decref(r->objects);
	r->objects = json_incref(chosen);
}

static struct step step_of(const struct releasing *r, const json_t *operation, json_t *options)
{
	json_t *target = jx_find(r->p.targets, "id", jx_text(operation, "target"), NULL);

	return (struct step){
		.id = jx_text(operation, "step"),
		.playbook = (size_t)json_integer_value(json_object_get(operation, "playbook")),
		.action = &undoing,
		.options = options,
		.target = target,
		.kind = account_kind(jx_text(target, "principal"))};
}

static void set_stage(json_t *operation, int stage)
{
	if (operation)
		jx_set(operation, "stage", jx_pack("i", stage));
}

/* What keeps everybody out goes after all else, in its stage too. */
static bool denies_all(const json_t *operation)
{
	json_auto_t *document =
		account_document(json_object_get(parameters_of(operation), "PolicyDocument"));
	const char *arn = jx_text(parameters_of(operation), "PolicyArn");

	if (!arn)
		arn = jx_text(parameters_of(operation), "PermissionsBoundary");
	return (document && policy_denies_all(document)) ||
	       (arn && text_has_suffix(arn, ":iam::aws:policy/AWSDenyAll"));
}

static void undo_object(struct releasing *r, const json_t *object)
{
	const json_t *newest = json_object_get(object, "newest");
	const json_t *oldest = json_object_get(object, "oldest");
	json_auto_t *options = json_object();
	struct step step = step_of(r, newest, options);
	int class = (int)json_integer_value(json_object_get(oldest, "stage"));
	json_t *one;
	size_t i;

	json_array_foreach (undo_of(object), i, one) {
		const struct operation *op = row_of(one);
		if (operation_state(op, r->p.account, parameters_of(one)) == OPERATION_DONE)
			continue;
		json_t *added =
			planning_add_on(&r->p, &step, operation_principal(op, parameters_of(one)),
					op->name, jx_copy(parameters_of(one)), "undoes %s (%s)",
					jx_text(newest, "id"), jx_text(newest, "operation"));
		set_stage(added, denies_all(newest) ? STAGE_LAST : STAGE_LAST - class);
	}
}

/* The account once everything chosen is undone. New. */
static json_t *after_all(const struct releasing *r)
{
	json_t *after = jx_copy(r->p.request->account);
	json_t *object;
	json_t *one;
	size_t i;
	size_t n;

	json_array_foreach (r->objects, i, object) {
		json_array_foreach (undo_of(object), n, one)
			operation_effect(row_of(one), after, parameters_of(one));
	}
	return after;
}

/* A deny of one session that would go: its aws:userid. New, or NULL. */
static json_t *session_lost(const struct releasing *r, const json_t *target, const json_t *after)
{
	enum principal_kind kind = account_kind(jx_text(target, "principal"));
	const char *name = jx_text(target, "name");
	json_t *object;
	size_t i;

	json_array_foreach (r->objects, i, object) {
		const json_t *newest = json_object_get(object, "newest");
		json_auto_t *document =
			account_document(json_object_get(parameters_of(newest), "PolicyDocument"));
		json_t *userid = document ? policy_denied_userid(document) : NULL;
		if (userid &&
		    json_equal(json_object_get(newest, "target"), json_object_get(target, "id")) &&
		    !standing_session_deny(account_find(after, kind, name), kind,
					   json_string_value(userid)))
			return userid;
		json_decref(userid);
	}
	return NULL;
}

static bool loses_deny(const struct releasing *r, const json_t *target, const json_t *after)
{
	enum principal_kind kind = account_kind(jx_text(target, "principal"));
	const char *name = jx_text(target, "name");
	const json_t *now = account_find(r->p.request->account, kind, name);
	const char *way;
	time_t stamp;

	return standing_deny(now, kind, &stamp, &way) &&
	       !standing_deny(account_find(after, kind, name), kind, &stamp, &way);
}

/* Without room for the tail the deny stays. */
static void keep_deny(struct releasing *r, const struct step *step)
{
	planning_skip(&r->p, step, "--no-tail, or free room in the inline policies",
		      "a cutoff does not fit beside the deny, and without one stolen sessions that "
		      "have not expired would work again: nothing is undone on this target");
	for (size_t i = json_array_size(r->objects); i-- > 0;) {
		const json_t *newest = json_object_get(json_array_get(r->objects, i), "newest");
		if (text_equal(jx_text(newest, "target"), jx_text(step->target, "id")))
			json_array_remove(r->objects, i);
	}
}

/* What stands under the tail's name stays with it until a later release. */
static void keep_tail(struct releasing *r, const struct step *step, const char *name)
{
	for (size_t i = json_array_size(r->objects); i-- > 0;) {
		const json_t *newest = json_object_get(json_array_get(r->objects, i), "newest");
		if (text_equal(jx_text(newest, "target"), jx_text(step->target, "id")) &&
		    text_equal(key_of(newest), name))
			json_array_remove(r->objects, i);
	}
}

static void put_tail(struct releasing *r, const struct step *step, const char *userid)
{
	json_auto_t *document = policy_make_cutoff(0, userid);
	char base[160] = POLICY_CUTOFF;

	if (userid)
		snprintf(base, sizeof(base), POLICY_CUTOFF "-%.64s", strchr(userid, ':') + 1);
	char *name = planning_policy_name(&r->p, step, base, policy_is_cutoff);
	struct room room = quota_room(&r->p, step, name, document);
	size_t had = json_array_size(r->p.operations);
	if (quota_fits(&room))
		quota_put_inline(&r->p, step, name, document,
				 "the tail: sessions of before stay denied when the deny goes",
				 "cutoff");
	else
		keep_deny(r, step);
	if (json_array_size(r->p.operations) > had) {
		set_stage(json_array_get(r->p.operations, had), STAGE_TAIL);
		keep_tail(r, step, name);
		add_tail(r, jx_text(step->target, "id"), name,
			 r->p.request->now + tail_seconds(r, step->kind, step_principal(step)));
	}
	free(name);
}

/* Before a deny goes: what keeps stolen sessions out. */
static void plan_tail(struct releasing *r, json_t *target, const json_t *after)
{
	json_auto_t *userid = session_lost(r, target, after);
	json_auto_t *options = json_object();
	struct step step = {.id = "tail",
			    .action = &undoing,
			    .options = options,
			    .target = target,
			    .kind = account_kind(jx_text(target, "principal"))};
	const char *who = userid ? json_string_value(userid) : NULL;
	time_t at;

	if (!userid && !loses_deny(r, target, after))
		return;
	if (r->release->no_tail)
		planning_warn(&r->p,
			      "--no-tail: stolen sessions of %s that have not expired work again "
			      "when the deny goes",
			      step_arn(&step));
	else if (!standing_cutoff(step_entry(&r->p, &step), step.kind, who, &at) ||
		 at < r->p.request->now)
		put_tail(r, &step, who);
}

static void plan_tails(struct releasing *r)
{
	json_auto_t *after = after_all(r);
	json_t *target;
	size_t i;

	json_array_foreach (r->p.targets, i, target)
		plan_tail(r, target, after);
}

/* The run's targets, without what they were judged by. */
static void take_targets(struct releasing *r)
{
	json_t *target;
	size_t i;

	json_array_foreach (json_object_get(r->release->plan, "targets"), i, target) {
		if (json_object_get(target, "refused"))
			continue;
		json_t *copy = jx_copy(target);
		json_object_del(copy, "expanded_from");
		json_object_del(copy, "keys");
		jx_set(copy, "contains", jx_string("none"));
		jx_push(r->p.targets, copy);
		json_t *refused = guard_place(&r->p, copy);
		if (refused) {
			jx_push(r->p.refusals, refused);
			jx_set(copy, "refused", json_true());
		}
	}
}

static int check_activate(const struct releasing *r, struct err *err)
{
	json_t *id;
	json_t *operation;
	size_t i;
	size_t n;

	json_array_foreach (r->release->activate, i, id) {
		bool known = false;
		json_array_foreach (r->done, n, operation)
			known = known ||
				text_equal(credential_of(operation), json_string_value(id));
		if (!known)
			return err_set(err, ERR_USAGE, "run '%.40s' has not switched off '%.128s'",
				       r->release->run, json_string_value(id));
	}
	return 0;
}

static void plan_all(struct releasing *r)
{
	json_t *object;
	size_t i;

	look_for_drift(r);
	if (json_array_size(r->drift) || json_array_size(r->unread) ||
	    json_array_size(r->p.refusals))
		return;
	choose(r);
	plan_tails(r);
	json_array_foreach (r->objects, i, object)
		undo_object(r, object);
}

static void describe(struct releasing *r)
{
	json_t *tail;
	size_t i;

	json_array_foreach (r->tails, i, tail)
		planning_warn(&r->p,
			      "%s of %s stays until %s, when what it denies has expired: give this "
			      "command again then",
			      jx_text(tail, "policy"), target_arn(r, tail), jx_text(tail, "until"));
	json_object_set(r->p.plan, "playbooks", json_object_get(r->release->plan, "playbooks"));
	jx_set(r->p.plan, "release", jx_string(r->release->run));
	json_object_set(r->p.plan, "drift", r->drift);
	json_object_set(r->p.plan, "unread", r->unread);
	json_object_set(r->p.plan, "tails", r->tails);
	plan_seal(r->p.plan, NULL);
}

int release_make(const struct plan_request *request, const struct release *release,
		 json_t **ret_plan, struct err *err)
{
	struct releasing r = {.release = release,
			      .done = json_array(),
			      .objects = json_array(),
			      .drift = json_array(),
			      .unread = json_array(),
			      .tails = json_array()};

	planning_begin(&r.p, request);
	/* Ids go on after those of the run and of earlier releases. */
	r.p.next_id = json_array_size(json_object_get(release->plan, "operations")) +
		      json_array_size(release->operations) + 1;
	add_done(&r, json_object_get(release->plan, "operations"));
	add_done(&r, release->operations);
	collect_objects(&r);
	int ret = check_activate(&r, err);
	if (ret == 0) {
		take_targets(&r);
		plan_all(&r);
		describe(&r);
		*ret_plan = json_incref(r.p.plan);
	}
	planning_end(&r.p);
	json_decref(r.done);
	json_decref(r.objects);
	json_decref(r.drift);
	json_decref(r.unread);
	json_decref(r.tails);
	return ret;
}
