// SPDX-License-Identifier: Apache-2.0
#include "cordon/verdict.h"

#include "cordon/action.h"
#include "cordon/identity.h"
#include "cordon/json.h"
#include "cordon/policy.h"
#include "cordon/text.h"
#include "remains.h"
#include "standing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What remains possible is described of so many targets. */
enum { MAX_DESCRIBED = 20 };

/* One target's checks while they are made. */
struct judging {
	const struct verdict_input *input;
	const json_t *target;
	const json_t *entry;
	enum principal_kind kind;
	const json_t *by_id;	  /* results by the operations' ids */
	const json_t *operations; /* of this target */
	const json_t *end;	  /* the account with all that was done standing */
	const struct known_actions *actions;
	bool by_deny; /* the verdict rests on an unconditional deny */
	json_t *checks;
};

static const json_t *result_of(const struct judging *j, const json_t *operation)
{
	const char *id = jx_text(operation, "id");

	return id ? json_object_get(j->by_id, id) : NULL;
}

static bool is_ours(const struct judging *j, const json_t *operation)
{
	return text_equal(jx_text(operation, "target"), jx_text(j->target, "id"));
}

static const char *const states[] = {"false", "unknown", "true"};
enum state { STATE_FALSE, STATE_UNKNOWN, STATE_TRUE };

static void check(struct judging *j, const char *name, enum state state, bool required,
		  const char *seen)
{
	jx_push(j->checks, jx_pack("{s:o, s:s, s:o, s:b}", "check", jx_string(name), "state",
				   states[state], "seen", jx_string(seen), "required", required));
}

static bool unread(const struct judging *j, const char *section)
{
	return account_section(j->entry, section, NULL) == SECTION_UNREAD;
}

static bool may_hide_deny(const struct judging *j)
{
	return !j->entry || unread(j, account_inline_section(j->kind)) ||
	       unread(j, "AttachedManagedPolicies") || unread(j, "PermissionsBoundary");
}

static enum state denied(const struct judging *j, char seen[static 200])
{
	char text[TEXT_TIME_SIZE];
	const char *way;
	time_t stamp;

	if (j->entry && standing_deny(j->entry, j->kind, &stamp, &way)) {
		text_time(stamp, text);
		bool known = stamp > 0 && stamp < j->input->now + 86400;
		snprintf(seen, 200, "%s%s%s", way, known ? ", since " : "", known ? text : "");
		return STATE_TRUE;
	}
	bool hidden = may_hide_deny(j);
	snprintf(seen, 200, hidden ? "not all of its policies could be read" : "no explicit deny");
	return hidden ? STATE_UNKNOWN : STATE_FALSE;
}

/* By the evaluator, on what was read. A rehearsal has nothing of AWS's to read. New, or NULL. */
static json_t *remains(const struct judging *j)
{
	const struct remains_query query = {
		.account = j->input->account,
		.actions = j->actions,
		.kind = j->kind,
		.name = jx_text(j->target, "name"),
		.session = jx_text(j->target, "session"),
		.now = j->input->now,
		.shipped = json_is_true(json_object_get(j->input->plan, "rehearsal"))};

	return j->entry ? remains_of(&query) : NULL;
}

static json_int_t count_of(const json_t *counts, const char *key)
{
	return json_integer_value(json_object_get(counts, key));
}

/* "412 of 22091 for a session issued later, such as s3:GetObject by inline p, statement 0" */
static void describe_left(const json_t *left, char seen[static 300])
{
	const char *view;

	for (size_t i = 0; (view = remains_view(i)); i++) {
		const json_t *counts = json_object_get(left, view);
		const json_t *one = json_array_get(json_object_get(counts, "such_as"), 0);
		json_int_t open = count_of(counts, "allowed") - count_of(counts, "undeniable");
		if (!counts || count_of(counts, "explicit_deny") + count_of(counts, "undeniable") ==
				       count_of(counts, "known"))
			continue;
		if (open)
			snprintf(seen, 300, "%lld of %lld for a %s, such as %.64s by %.120s",
				 (long long)open, (long long)count_of(counts, "known"),
				 remains_words(view), jx_text(one, "action"),
				 jx_text(one, "policy"));
		else
			snprintf(seen, 300, "not all is explicitly denied, for a %s",
				 remains_words(view));
		return;
	}
}

/* Every known action, asked of the evaluator: nothing may hang on a permission that is missing. */
static void check_nothing_remains(struct judging *j)
{
	static const char name[] = "no known action remains possible";
	json_auto_t *left = remains(j);
	const json_t *part = json_array_get(json_object_get(left, "unread"), 0);
	enum state state = STATE_FALSE;
	char ignored[200];
	char seen[300] = "nothing was read of it";

	j->by_deny = true;
	if (remains_nothing(left)) {
		const json_t *counts =
			json_object_get(left, json_object_get(left, "key") ? "key" : "session_now");
		state = STATE_TRUE;
		snprintf(seen, sizeof(seen),
			 "%lld of %lld are explicitly denied; %lld no policy "
			 "can deny",
			 (long long)count_of(counts, "explicit_deny"),
			 (long long)count_of(counts, "known"),
			 (long long)count_of(counts, "undeniable"));
	} else if (!left || (part && denied(j, ignored) != STATE_FALSE)) {
		state = STATE_UNKNOWN;
		if (part)
			snprintf(seen, sizeof(seen), "not read, and may be what denies it: %.200s",
				 json_string_value(part));
	} else {
		describe_left(left, seen);
	}
	check(j, name, state, true, seen);
}

/* The verdict rests on this: the deny, and that it leaves nothing. */
static void check_deny(struct judging *j)
{
	char seen[200];
	enum state state = denied(j, seen);

	check(j, "an unconditional explicit deny is in force", state, true, seen);
	check_nothing_remains(j);
}

static void check_listed_keys(struct judging *j, const json_t *keys)
{
	char name[200];
	json_t *key;
	size_t i;

	if (json_array_size(keys) == 0)
		check(j, "no access key is Active", STATE_TRUE, true, "there is none");
	json_array_foreach (keys, i, key) {
		const char *status = jx_text(key, "Status");
		snprintf(name, sizeof(name), "access key %.128s is not Active",
			 jx_text(key, "AccessKeyId"));
		check(j, name, text_equal(status, "Active") ? STATE_FALSE : STATE_TRUE, true,
		      status);
	}
}

static void check_keys(struct judging *j)
{
	json_t *keys = NULL;

	if (account_section(j->entry, "AccessKeys", &keys) == SECTION_UNREAD)
		check(j, "no access key is Active", STATE_UNKNOWN, true,
		      account_unread_why(j->entry, "AccessKeys"));
	else
		check_listed_keys(j, keys);
}

/* The key of the alert: whether it is this user's at all. A key that is gone is not in the way. */
static void check_ownership(struct judging *j)
{
	char name[200];
	json_t *id;
	size_t i;

	json_array_foreach (json_object_get(j->target, "keys"), i, id) {
		const char *key = json_string_value(id);
		bool hidden = account_item(j->entry, "AccessKeys", key, NULL) == SECTION_UNREAD;
		snprintf(name, sizeof(name), "access key %.128s belongs to this user", key);
		check(j, name, hidden ? STATE_UNKNOWN : STATE_TRUE, true,
		      hidden ? account_unread_why(j->entry, "AccessKeys") : "read");
	}
}

static const json_t *operation_of(const struct judging *j, const char *name,
				  const json_t **ret_result)
{
	/* The last one: what an earlier round did may have been undone since. */
	for (size_t i = json_array_size(j->operations); i-- > 0;) {
		const json_t *operation = json_array_get(j->operations, i);
		if (!text_equal(jx_text(operation, "operation"), name))
			continue;
		*ret_result = result_of(j, operation);
		return operation;
	}
	return NULL;
}

/* What became of the deletions of the password, of this round and of earlier ones. */
struct deletions {
	bool planned, sent, done;
};

static struct deletions deletions_of(const struct judging *j)
{
	struct deletions found = {false, false, false};
	json_t *operation;
	size_t i;

	json_array_foreach (j->operations, i, operation) {
		const char *status = jx_text(result_of(j, operation), "status");
		if (!text_equal(jx_text(operation, "operation"), "DeleteLoginProfile"))
			continue;
		found.planned = true;
		/* Planned, and not sent: not agreed to, or the run ended before. */
		found.sent = found.sent || (status && !text_equal(status, "skipped"));
		found.done = found.done || text_equal(status, "done");
	}
	return found;
}

/* The password that is there is not the one of before the run: somebody has made it since. */
static bool is_new_password(const struct judging *j, bool deleted)
{
	const json_t *before = account_find(j->input->before, j->kind, jx_text(j->target, "name"));
	json_t *old = NULL;
	json_t *now = NULL;

	if (account_section(j->entry, "LoginProfile", &now) != SECTION_VALUE ||
	    jx_text(j->input->plan, "release"))
		return false;
	switch (account_section(before, "LoginProfile", &old)) {
	case SECTION_NONE:
		return before != NULL;
	case SECTION_VALUE:
		return jx_text(old, "CreateDate") && jx_text(now, "CreateDate") &&
		       !text_equal(jx_text(old, "CreateDate"), jx_text(now, "CreateDate"));
	case SECTION_UNREAD:
		break;
	}
	return deleted;
}

/* Required: whoever made it is still at work. */
static void check_new_password(struct judging *j)
{
	check(j, "the console password is gone", STATE_FALSE, true,
	      "a new one is there, made by somebody else after containment");
	json_t *made = json_array_get(j->checks, json_array_size(j->checks) - 1);
	jx_set(made, "appeared", json_true());
	if (!json_is_true(json_object_get(j->input->plan, "rehearsal")))
		jx_set(made, "command",
		       json_sprintf("cordon delete-login-profile --user %.64s --irreversible",
				    jx_text(j->target, "name")));
}

/* A step without way back that was not sent is no condition: the verdict rests on the deny. */
static void check_password(struct judging *j)
{
	const struct deletions deletions = deletions_of(j);
	bool sent = deletions.sent;

	if (is_new_password(j, deletions.done)) {
		check_new_password(j);
		return;
	}
	if (!deletions.planned)
		return;
	switch (account_section(j->entry, "LoginProfile", NULL)) {
	case SECTION_UNREAD:
		check(j, "the console password is gone", STATE_UNKNOWN, sent,
		      account_unread_why(j->entry, "LoginProfile"));
		break;
	case SECTION_NONE:
		check(j, "the console password is gone", STATE_TRUE, sent, "there is none");
		break;
	case SECTION_VALUE:
		check(j, "the console password is gone", STATE_FALSE, sent,
		      sent ? "it is still there" : "it stays: deleting it needs --irreversible");
	}
}

/* The cutoff on the target; false: none, as far as can be seen. */
static bool cutoff(const struct judging *j, const char *userid, char text[static TEXT_TIME_SIZE])
{
	time_t at;

	if (!j->entry || !standing_cutoff(j->entry, j->kind, userid, &at))
		return false;
	/* In a rehearsal it is bound only when it is sent. */
	text_time(at >= POLICY_LATE ? j->input->now + 30 : at, text);
	return true;
}

/* The cutoff that this run set on the target, as it was sent. */
static bool sent_cutoff(const struct judging *j, const char *userid, time_t *ret_at)
{
	bool found = false;
	json_t *operation;
	size_t i;

	json_array_foreach (j->operations, i, operation) {
		time_t at;
		if (!is_ours(j, operation) ||
		    !text_equal(jx_text(result_of(j, operation), "status"), "done"))
			continue;
		const json_t *result = result_of(j, operation);
		json_auto_t *document =
			account_document(jx_at(result, "parameters", "PolicyDocument", NULL));
		if (!document || !policy_cutoff(document, userid, &at))
			continue;
		if (!found || at > *ret_at)
			*ret_at = at;
		found = true;
	}
	return found;
}

/* The planner found the end of a step on this target reached. */
static bool found_reached(const struct judging *j)
{
	json_t *skipped;
	size_t i;

	json_array_foreach (json_object_get(j->input->plan, "skipped"), i, skipped) {
		const json_t *operation = jx_find(j->operations, "step", jx_text(skipped, "step"),
						  NULL);
		if (json_is_true(json_object_get(skipped, "reached")) && !operation &&
		    text_equal(jx_text(skipped, "action"), "revoke-sessions") &&
		    !jx_text(skipped, "session") &&
		    text_equal(jx_text(skipped, "target"), jx_text(j->target, "id")))
			return true;
	}
	return false;
}

/* An old cutoff of somebody else says nothing of the sessions made since. */
static bool is_good_cutoff(const struct judging *j, const char *userid, time_t stands)
{
	time_t sent;

	if (sent_cutoff(j, userid, &sent))
		return stands >= sent;
	return stands > j->input->now || found_reached(j);
}

static void check_cutoff(struct judging *j, const char *userid, bool required)
{
	char text[TEXT_TIME_SIZE];
	char seen[120];
	bool hidden = !j->entry || unread(j, account_inline_section(j->kind));
	time_t stands;

	if (!cutoff(j, userid, text)) {
		check(j, "older sessions are denied", hidden ? STATE_UNKNOWN : STATE_FALSE,
		      required, hidden ? "its inline policies could not be read" : "no cutoff");
		return;
	}
	standing_cutoff(j->entry, j->kind, userid, &stands);
	bool good = is_good_cutoff(j, userid, stands);
	snprintf(seen, sizeof(seen), "issued before %s%s", text,
		 good ? "" : ", which is older than what this run wanted");
	check(j, "older sessions are denied", good ? STATE_TRUE : STATE_FALSE, required, seen);
}

static bool plans_cutoff(const struct judging *j)
{
	json_t *operation;
	size_t i;

	json_array_foreach (j->operations, i, operation) {
		json_auto_t *document =
			account_document(jx_at(operation, "parameters", "PolicyDocument", NULL));
		if (document && policy_is_cutoff(document) &&
		    text_equal(jx_text(operation, "target"), jx_text(j->target, "id")))
			return true;
	}
	return false;
}

/* What every credential of a user ends with. */
static const struct dead {
	const char *operation, *section;
} dead[] = {
	{"UpdateSSHPublicKey", "SSHPublicKeys"},
	{"UpdateSigningCertificate", "SigningCertificates"},
	{"UpdateServiceSpecificCredential", "ServiceSpecificCredentials"},
};

static void check_credential(struct judging *j, const struct dead *row, const char *id)
{
	const struct section *section = account_section_row(row->section);
	json_t *item = NULL;
	char name[200];

	snprintf(name, sizeof(name), "%s %.128s is not Active", section->what, id);
	switch (account_item(j->entry, row->section, id, &item)) {
	case SECTION_UNREAD:
		check(j, name, STATE_UNKNOWN, true, account_unread_why(j->entry, row->section));
		break;
	case SECTION_NONE:
		check(j, name, STATE_TRUE, true, "it is gone");
		break;
	case SECTION_VALUE:
		check(j, name,
		      text_equal(jx_text(item, "Status"), "Active") ? STATE_FALSE : STATE_TRUE,
		      true, jx_text(item, "Status"));
	}
}

/* Every credential that the plan was to end is ended. */
static void check_credentials(struct judging *j)
{
	json_auto_t *seen = json_array();
	json_t *operation;
	size_t n;

	json_array_foreach (j->operations, n, operation) {
		if (!text_equal(jx_text(operation, "target"), jx_text(j->target, "id")))
			continue;
		for (size_t i = 0; i < sizeof(dead) / sizeof(dead[0]); i++) {
			const char *key = account_section_row(dead[i].section)->key;
			const char *id = jx_text(json_object_get(operation, "parameters"), key);
			if (!text_equal(dead[i].operation, jx_text(operation, "operation")) ||
			    jx_contains(seen, id))
				continue;
			jx_add_unique(seen, id);
			check_credential(j, &dead[i], id);
		}
	}
}

/* This run was to end the principal, and AWS has said that it did. */
static bool was_ended(const struct judging *j)
{
	json_t *operation;
	size_t i;

	json_array_foreach (j->operations, i, operation) {
		const struct operation *op = operation_find(jx_text(operation, "operation"));
		if (op && op->account_effect && (op->flags & OPERATION_REMOVES) &&
		    is_ours(j, operation) &&
		    text_equal(jx_text(result_of(j, operation), "status"), "done"))
			return true;
	}
	return false;
}

/* A principal that was deleted, and is still not there, can do nothing. */
static bool check_ended(struct judging *j)
{
	if (j->entry || !was_ended(j))
		return false;
	check(j, "it is gone", j->input->unseen ? STATE_UNKNOWN : STATE_TRUE, true,
	      j->input->unseen ? "deleted in this run, and not looked for since"
			       : "deleted in this run, and not there any more");
	return true;
}

/* A credential that the plan was to end, and could not so much as look at. */
static void check_unplanned(struct judging *j)
{
	json_t *skipped;
	char name[200];
	size_t i;

	json_array_foreach (json_object_get(j->input->plan, "skipped"), i, skipped) {
		const struct action *action = action_find(jx_text(skipped, "action"));
		if (!action || action->class != CLASS_CREDENTIALS ||
		    !json_is_false(json_object_get(skipped, "reached")) ||
		    !text_equal(jx_text(skipped, "target"), jx_text(j->target, "id")))
			continue;
		snprintf(name, sizeof(name), "step '%.64s' (%s) has reached its end",
			 jx_text(skipped, "step"), action->name);
		check(j, name, STATE_UNKNOWN, true, jx_text(skipped, "why"));
	}
}

static void judge_user(struct judging *j)
{
	check_deny(j);
	check_ownership(j);
	check_keys(j);
	check_password(j);
	check_credentials(j);
	check_unplanned(j);
	if (plans_cutoff(j))
		check_cutoff(j, NULL, false);
}

/* This run locked the trust policy when the cutoff was past: sessions made in between live on. */
static bool locked_after(const struct judging *j)
{
	const json_t *result = NULL;
	time_t locked;
	time_t cut;

	if (!operation_of(j, "UpdateAssumeRolePolicy", &result) ||
	    text_parse_time(jx_text(result, "at"), &locked) ||
	    !standing_cutoff(j->entry, j->kind, NULL, &cut))
		return false;
	return locked > cut;
}

/* No new session by the trust policy, no old one by the cutoff: as good as the deny. */
static bool check_locked(struct judging *j)
{
	json_auto_t *trust =
		account_document(json_object_get(j->entry, "AssumeRolePolicyDocument"));
	char text[TEXT_TIME_SIZE];

	if (!trust || !policy_locked(trust) || !cutoff(j, NULL, text))
		return false;
	bool late = locked_after(j);
	check(j, "nobody can assume the role", late ? STATE_UNKNOWN : STATE_TRUE, true,
	      late ? "its trust policy was locked only after the cutoff"
		   : "its trust policy lets nobody in");
	check_cutoff(j, NULL, true);
	return true;
}

/* A cutoff alone leaves the role free to mint new sessions: that is neither open nor closed. */
static void judge_role(struct judging *j)
{
	char seen[200];
	char text[TEXT_TIME_SIZE];
	enum state state = denied(j, seen);

	if (state == STATE_FALSE && check_locked(j))
		return;
	bool by_cutoff = state == STATE_FALSE && cutoff(j, NULL, text);
	if (by_cutoff) {
		state = STATE_UNKNOWN;
		snprintf(seen, sizeof(seen), "only sessions issued before %s are denied", text);
	}
	check(j, "an unconditional explicit deny is in force", state, true, seen);
	if (!by_cutoff)
		check_nothing_remains(j);
	if (plans_cutoff(j))
		check_cutoff(j, NULL, false);
}

/* The aws:userid that the target's session goes by; false if it is not known. */
static bool userid_of(const struct judging *j, char out[static IDENTITY_USERID])
{
	const char *id = j->kind == PRINCIPAL_ROLE ? jx_text(j->entry, "RoleId")
						   : jx_text(j->input->plan, "account_id");

	return identity_userid(id, jx_text(j->target, "session"), out);
}

static void judge_session(struct judging *j)
{
	char userid[IDENTITY_USERID];
	char seen[200];

	if (!jx_text(j->target, "session")) {
		if (denied(j, seen) == STATE_TRUE)
			check_deny(j);
		else
			check_cutoff(j, NULL, true);
		return;
	}
	if (!userid_of(j, userid)) {
		check(j, "the session is denied", STATE_UNKNOWN, true,
		      "its unique id is not known");
		return;
	}
	if (standing_session_deny(j->entry, j->kind, userid)) {
		check(j, "the session is denied", STATE_TRUE, true, userid);
		return;
	}
	enum state state = denied(j, seen);
	check(j, "the session is denied", state, true, seen);
	check_nothing_remains(j);
}

/* A role that expansion brought: its cutoff is what was wanted; it has no verdict. */
static void judge_expanded(struct judging *j)
{
	check_cutoff(j, NULL, false);
}

/* What stands once every operation that was done has taken effect, one after the other. New. */
static json_t *end_of(const struct verdict_input *input, const json_t *by_id)
{
	json_t *end = jx_copy(input->account);
	json_t *operation;
	size_t i;

	json_array_foreach (json_object_get(input->plan, "operations"), i, operation) {
		const struct operation *op = operation_find(jx_text(operation, "operation"));
		const char *id = jx_text(operation, "id");
		const json_t *result = id ? json_object_get(by_id, id) : NULL;
		if (op && text_equal(jx_text(result, "status"), "done"))
			operation_effect(op, end, json_object_get(operation, "parameters"));
	}
	return end;
}

/* A later operation of the same run has done away with what this one did. */
static bool is_superseded(const struct judging *j, const struct operation *op,
			  const json_t *parameters)
{
	return operation_state(op, j->end, parameters) == OPERATION_UNDONE;
}

/* An action of its own promises no more than its operations. */
static void judge_none(struct judging *j)
{
	static const enum state state_of[] = {[OPERATION_UNDONE] = STATE_FALSE,
					      [OPERATION_DONE] = STATE_TRUE,
					      [OPERATION_UNKNOWN] = STATE_UNKNOWN};
	char name[160];
	json_t *operation;
	size_t i;

	json_array_foreach (j->operations, i, operation) {
		const char *id = jx_text(operation, "id");
		const json_t *result = result_of(j, operation);
		const json_t *parameters = json_object_get(operation, "parameters");
		const struct operation *op = operation_find(jx_text(operation, "operation"));
		bool done = text_equal(jx_text(result, "status"), "done");
		if (!op || !text_equal(jx_text(operation, "target"), jx_text(j->target, "id")) ||
		    text_equal(jx_text(result, "status"), "skipped") ||
		    (done && is_superseded(j, op, parameters)))
			continue;
		enum operation_state state =
			j->input->unseen ? OPERATION_UNKNOWN
					 : operation_state(op, j->input->account, parameters);
		/* That a principal of this name is there does not say that it is ours. */
		if (op->account_effect && text_equal(jx_text(result, "status"), "failed"))
			state = OPERATION_UNDONE;
		snprintf(name, sizeof(name), "%s %s stands", id, op->name);
		check(j, name, state_of[state], false, NULL);
	}
}

static const struct {
	const char *contains;
	const char *scope;
	void (*judge)(struct judging *j);
} kinds[] = {
	{"user",
	 "every request by the user's access keys, password and sessions, while the deny stands; not "
	 "the sessions of roles",
	 judge_user},
	{"role",
	 "every request by the role's sessions, while the deny stands (or the locked trust policy "
	 "and the cutoff)",
	 judge_role},
	{"session", NULL, judge_session},
	{"none", "what this action does, and no more", judge_none},
};

static void scope_of(const struct judging *j, const char *scope, char out[static 300])
{
	char text[TEXT_TIME_SIZE] = "this run's cutoff";

	if (jx_text(j->input->plan, "release")) {
		snprintf(out, 300,
			 "what the run did, as far as it is taken back: do not count on it");
	} else if (scope) {
		snprintf(out, 300, "%s", scope);
	} else if (jx_text(j->target, "session")) {
		snprintf(out, 300, "requests by the session '%.64s' of %s '%.64s', whenever issued",
			 jx_text(j->target, "session"), jx_text(j->target, "principal"),
			 jx_text(j->target, "name"));
	} else {
		cutoff(j, NULL, text);
		snprintf(out, 300, "every session of %s '%.64s' issued before %s",
			 jx_text(j->target, "principal"), jx_text(j->target, "name"), text);
	}
}

static void judge(struct judging *j, char scope[static 300])
{
	const char *contains = jx_text(j->target, "contains");

	if (json_object_get(j->target, "expanded_from")) {
		char text[TEXT_TIME_SIZE] = "the cutoff";
		cutoff(j, NULL, text);
		judge_expanded(j);
		snprintf(scope, 300, "sessions of this role issued before %s", text);
		return;
	}
	if (!text_equal(contains, "none") && check_ended(j)) {
		snprintf(scope, 300,
			 "every request by what was deleted; not the sessions of roles it assumed");
		return;
	}
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (!text_equal(kinds[i].contains, contains))
			continue;
		kinds[i].judge(j);
		scope_of(j, kinds[i].scope, scope);
	}
}

static json_t *index_of(const json_t *results)
{
	json_t *by_id = json_object();
	json_t *result;
	size_t i;

	json_array_foreach (results, i, result) {
		if (jx_text(result, "id"))
			json_object_set(by_id, jx_text(result, "id"), result);
	}
	return by_id;
}

/* {target: [operation,..]}: with many targets each looks at its own alone. */
static json_t *by_target(const json_t *plan)
{
	json_t *out = json_object();
	json_t *operation;
	size_t i;

	json_array_foreach (json_object_get(plan, "operations"), i, operation) {
		const char *target = jx_text(operation, "target");
		if (!target)
			continue;
		if (!json_object_get(out, target))
			jx_set(out, target, json_array());
		json_array_append(json_object_get(out, target), operation);
	}
	return out;
}

/* What all targets are judged by, made once. */
struct index {
	json_t *by_id, *by_target, *end;
	struct known_actions *actions;
};

static struct index index_begin(const struct verdict_input *input)
{
	struct index index = {.by_id = index_of(input->results),
			      .by_target = by_target(input->plan),
			      .actions = reach_actions()};

	index.end = end_of(input, index.by_id);
	return index;
}

static void index_end(struct index *index)
{
	json_decref(index->by_id);
	json_decref(index->by_target);
	json_decref(index->end);
	reach_actions_free(index->actions);
}

static void begin(struct judging *j, const struct verdict_input *input, const json_t *target,
		  const struct index *index)
{
	const char *own = jx_text(target, "id");
	enum principal_kind kind = account_kind(jx_text(target, "principal"));

	*j = (struct judging){.input = input,
			      .target = target,
			      .kind = kind,
			      .by_id = index->by_id,
			      .operations = own ? json_object_get(index->by_target, own) : NULL,
			      .end = index->end,
			      .actions = index->actions,
			      .entry = account_find(input->account, kind, jx_text(target, "name")),
			      .checks = json_array()};
}

static void check_settled(struct judging *j)
{
	char seen[160];

	if (json_is_true(json_object_get(j->input->plan, "rehearsal")))
		return;
	snprintf(seen, sizeof(seen), "%s, the last %ld s after the last write",
		 j->input->agreed ? "two reads agree" : "the reads do not agree",
		 j->input->settled_seconds);
	check(j, "two reads agree, the last at least 10 s after the last write",
	      j->input->agreed && j->input->settled_seconds >= VERDICT_SETTLE ? STATE_TRUE
									      : STATE_UNKNOWN,
	      true, seen);
}

static const char *worst(const struct judging *j)
{
	const char *verdict = json_is_true(json_object_get(j->input->plan, "rehearsal"))
				      ? "REHEARSED"
				      : "CONTAINED";
	json_t *one;
	size_t i;

	json_array_foreach (j->checks, i, one) {
		if (!json_is_true(json_object_get(one, "required")))
			continue;
		if (text_equal(jx_text(one, "state"), "false"))
			return "OPEN";
		if (text_equal(jx_text(one, "state"), "unknown"))
			verdict = "UNKNOWN";
	}
	return verdict;
}

static bool is_judged(const json_t *target)
{
	return !json_object_get(target, "expanded_from") && !json_object_get(target, "refused") &&
	       !text_equal(jx_text(target, "contains"), "none");
}

/* What the scope leaves, where no deny of everything is promised. */
static bool leaves_something(const struct judging *j)
{
	return !j->by_deny && !json_object_get(j->target, "expanded_from") &&
	       !json_object_get(j->target, "refused") && !jx_text(j->input->plan, "release") &&
	       (j->kind == PRINCIPAL_USER || j->kind == PRINCIPAL_ROLE);
}

json_t *verdict_targets(const struct verdict_input *input)
{
	struct index index = index_begin(input);
	size_t described = 0;
	json_t *out = json_array();
	json_t *target;
	size_t i;

	json_array_foreach (json_object_get(input->plan, "targets"), i, target) {
		char scope[300] = "refused: nothing was done";
		struct judging j;
		begin(&j, input, target, &index);
		json_t *judged = jx_copy(target);
		if (!json_object_get(target, "refused"))
			judge(&j, scope);
		if (is_judged(target))
			check_settled(&j);
		jx_set(judged, "verdict", jx_string(is_judged(target) ? worst(&j) : NULL));
		jx_set(judged, "scope", jx_string(scope));
		jx_set(judged, "checks", j.checks);
		json_t *left = leaves_something(&j) && described < MAX_DESCRIBED ? remains(&j)
										 : NULL;
		if (left) {
			jx_set(judged, "remains", left);
			described++;
		}
		jx_push(out, judged);
	}
	index_end(&index);
	return out;
}

json_t *verdict_checks(const struct verdict_input *input)
{
	struct index index = index_begin(input);
	json_t *out = json_object();
	json_t *target;
	size_t i;

	json_array_foreach (json_object_get(input->plan, "targets"), i, target) {
		char scope[300];
		struct judging j;
		begin(&j, input, target, &index);
		if (!json_object_get(target, "refused"))
			judge(&j, scope);
		jx_set(out, jx_text(target, "id"), j.checks);
	}
	index_end(&index);
	return out;
}

const char *verdict_overall(const json_t *plan, const json_t *targets)
{
	static const char *const order[] = {"OPEN", "UNKNOWN", "REHEARSED", "CONTAINED", NULL};
	json_t *target;
	size_t i;

	(void)plan;
	for (size_t rank = 0; order[rank]; rank++) {
		json_array_foreach (targets, i, target) {
			if (text_equal(jx_text(target, "verdict"), order[rank]))
				return order[rank];
		}
	}
	return NULL;
}

static bool any_result(const json_t *document, const char *status)
{
	return jx_find(json_object_get(document, "results"), "status", status, NULL) != NULL;
}

static bool all_refused(const json_t *document)
{
	json_t *target;
	size_t i;

	json_array_foreach (json_object_get(document, "targets"), i, target) {
		if (!json_object_get(target, "refused") &&
		    !json_object_get(target, "expanded_from"))
			return false;
	}
	return true;
}

/* An action of its own that sent nothing because it has no way back: not agreed to. */
static bool is_left_out(const json_t *document)
{
	const json_t *results = json_object_get(document, "results");
	json_t *result;
	size_t i;

	json_array_foreach (results, i, result) {
		if (!text_equal(jx_text(result, "status"), "skipped") || jx_text(result, "instead"))
			return false;
	}
	return json_array_size(results) > 0 && !jx_text(document, "verdict");
}

/* Something asked for could not be planned, and no end was reached. Where a target has a verdict,
 * that says so; this is about actions of their own, and what expansion brought. */
static bool any_out_of_reach(const json_t *document)
{
	json_t *skipped;
	size_t i;

	json_array_foreach (json_object_get(document, "skipped"), i, skipped) {
		const json_t *target = jx_find(json_object_get(document, "targets"), "id",
					       jx_text(skipped, "target"), NULL);
		if (json_is_false(json_object_get(skipped, "reached")) &&
		    !jx_text(target, "verdict"))
			return true;
	}
	return false;
}

/* What was done, and where no verdict says it: it does not stand any more. */
static bool any_undone(const json_t *document)
{
	json_t *target;
	json_t *one;
	size_t i;
	size_t n;

	json_array_foreach (json_object_get(document, "targets"), i, target) {
		if (jx_text(target, "verdict") || json_object_get(target, "refused") ||
		    json_object_get(target, "expanded_from"))
			continue;
		json_array_foreach (json_object_get(target, "checks"), n, one) {
			if (text_equal(jx_text(one, "state"), "false"))
				return true;
		}
	}
	return false;
}

/* A release that left something out has not taken back what the run did. */
static bool is_half_released(const json_t *document)
{
	return jx_text(document, "release") &&
	       (any_result(document, "skipped") ||
		json_array_size(json_object_get(document, "operations")) >
			json_array_size(json_object_get(document, "results")));
}

static bool was_sent(const json_t *document)
{
	return any_result(document, "done") || any_result(document, "failed") ||
	       any_result(document, "unknown");
}

int verdict_status(const json_t *document, bool interrupted)
{
	const char *verdict = jx_text(document, "verdict");
	const json_t *refusals = json_object_get(document, "refusals");
	bool refused = json_array_size(refusals) > 0;

	if (interrupted)
		return STATUS_INTERRUPTED;
	if (refused && !was_sent(document) &&
	    (all_refused(document) || jx_find(refusals, "guard", "too-many-operations", NULL)))
		return STATUS_REFUSED;
	if (is_left_out(document))
		return STATUS_REFUSED;
	if (refused || any_result(document, "failed") || any_result(document, "unknown") ||
	    is_half_released(document) || any_out_of_reach(document))
		return STATUS_PARTLY;
	return text_equal(verdict, "OPEN") || text_equal(verdict, "UNKNOWN") || any_undone(document)
		       ? STATUS_NO
		       : STATUS_DONE;
}
