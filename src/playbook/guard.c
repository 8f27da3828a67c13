// SPDX-License-Identifier: Apache-2.0
/* Why cordon refuses: one row a guard. A named target is refused, an expanded one dropped. */
#include "cordon/err.h"
#include "cordon/identity.h"
#include "cordon/json.h"
#include "cordon/policy.h"
#include "cordon/text.h"
#include "planning.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_role(const json_t *target)
{
	return text_equal(jx_text(target, "principal"), "role");
}

/* Whether an ARN from our credential chain is this principal; role sessions carry no path. */
static bool is_principal(const char *arn, const json_t *target)
{
	struct identity id;
	struct err ignored = ERR_INIT;

	if (identity_parse(arn, &id, &ignored))
		return false;
	bool role = id.kind == IDENTITY_SESSION || id.kind == IDENTITY_ROLE;
	bool kind = is_role(target) ? role
				    : id.kind == IDENTITY_USER &&
					      text_equal(jx_text(target, "principal"), "user");
	return kind && text_equal_nocase(id.name, jx_text(target, "name"));
}

/* A deny bound to one session of our own role, where that session is not ours. */
static bool is_other_session(const char *arn, const json_t *target)
{
	struct identity id;
	struct err ignored = ERR_INIT;
	const char *session = jx_text(target, "session");

	return session && identity_parse(arn, &id, &ignored) == 0 && id.kind == IDENTITY_SESSION &&
	       !text_equal(id.session, session);
}

/* Federated users are sessions of a user that no ARN of theirs names. */
static bool is_own_federation(const char *arn, const json_t *target)
{
	struct identity id;
	struct err ignored = ERR_INIT;

	return identity_parse(arn, &id, &ignored) == 0 && id.kind == IDENTITY_FEDERATED &&
	       text_equal(id.session, jx_text(target, "session"));
}

/* An ARN of ours that cannot be read may be anybody's: then nothing is sent. */
static bool unread_self(const struct planning *p, char why[static 400])
{
	json_t *arn;
	size_t i;

	json_array_foreach (json_object_get(p->request->caller, "chain"), i, arn) {
		struct err ignored = ERR_INIT;
		struct identity id;
		if (!json_string_value(arn) ||
		    identity_parse(json_string_value(arn), &id, &ignored) == 0)
			continue;
		snprintf(why, 400, "our own identity could not be made out (%.250s)",
			 json_string_value(arn));
		return true;
	}
	return false;
}

static bool own_identity(const struct planning *p, const json_t *target, char why[static 400])
{
	json_t *arn;
	size_t i;

	if (unread_self(p, why))
		return true;
	json_array_foreach (json_object_get(p->request->caller, "chain"), i, arn) {
		const char *text = json_string_value(arn);
		if (is_own_federation(text, target)) {
			snprintf(why, 400, "we are this session ourselves (%.250s)", text);
			return true;
		}
		if (!is_principal(text, target) || is_other_session(text, target))
			continue;
		/* The first is the credential that signs: nothing allows that. */
		if (i > 0 && p->request->allow_self)
			continue;
		snprintf(why, 400,
			 "this is our own identity (%.250s); cordon would lock itself out", text);
		return true;
	}
	return false;
}

bool guard_step(struct planning *p, const struct step *step)
{
	json_t *arn;
	size_t i;

	json_array_foreach (json_object_get(p->request->caller, "chain"), i, arn) {
		const char *text = json_string_value(arn);
		if (!is_principal(text, step->target) || (i > 0 && p->request->allow_self) ||
		    (step_option(step, "session") && is_other_session(text, step->target)))
			continue;
		planning_skip(p, step, "run cordon with another identity",
			      "it would cut off our own session too (%.250s)", text);
		return true;
	}
	return false;
}

static bool is_named_by(const char *entry, const json_t *target)
{
	char form[160];

	snprintf(form, sizeof(form), "%s/%.128s", jx_text(target, "principal"),
		 jx_text(target, "name") ? jx_text(target, "name") : "");
	return text_equal(entry, jx_text(target, "arn")) || text_equal_nocase(entry, form) ||
	       is_principal(entry, target);
}

static bool protected_principal(const struct planning *p, const json_t *target,
				char why[static 400])
{
	json_t *entry;
	size_t i;

	json_array_foreach (p->request->protect, i, entry) {
		if (!is_named_by(json_string_value(entry), target))
			continue;
		snprintf(why, 400, "it is protected ('%.200s')", json_string_value(entry));
		return true;
	}
	return false;
}

/* A user is in a group: as the group's own list says, or the user's. */
static bool is_member(const struct planning *p, const char *group, const char *user)
{
	const json_t *entry = account_find(p->account, PRINCIPAL_GROUP, group);
	const json_t *member = account_find(p->account, PRINCIPAL_USER, user);
	json_t *list = NULL;
	json_t *name;
	size_t i;

	if (account_section(entry, "Members", &list) != SECTION_UNREAD) {
		json_array_foreach (list, i, name) {
			if (text_equal_nocase(json_string_value(name), user))
				return true;
		}
	}
	list = NULL;
	account_section(member, "GroupList", &list);
	return jx_contains(list, group);
}

static bool own_group(const struct planning *p, const json_t *target, char why[static 400])
{
	json_t *arn;
	size_t i;

	if (!text_equal(jx_text(target, "principal"), "group"))
		return false;
	json_array_foreach (json_object_get(p->request->caller, "chain"), i, arn) {
		struct err ignored = ERR_INIT;
		struct identity id;
		if (identity_parse(json_string_value(arn), &id, &ignored) ||
		    id.kind != IDENTITY_USER || (i > 0 && p->request->allow_self) ||
		    !is_member(p, jx_text(target, "name"), id.name))
			continue;
		snprintf(why, 400, "we are in this group ourselves (%.250s)",
			 json_string_value(arn));
		return true;
	}
	return false;
}

static bool protected_member(const struct planning *p, const json_t *target, char why[static 400])
{
	json_t *entry;
	size_t i;

	if (!text_equal(jx_text(target, "principal"), "group"))
		return false;
	json_array_foreach (p->request->protect, i, entry) {
		struct err ignored = ERR_INIT;
		struct identity id;
		if (identity_parse(json_string_value(entry), &id, &ignored) ||
		    id.kind != IDENTITY_USER || !is_member(p, jx_text(target, "name"), id.name))
			continue;
		snprintf(why, 400, "a protected user is in this group ('%.200s')",
			 json_string_value(entry));
		return true;
	}
	return false;
}

static const char *path_of(const struct planning *p, const json_t *target)
{
	const json_t *entry = account_find(p->account, account_kind(jx_text(target, "principal")),
					   jx_text(target, "name"));
	const char *path = jx_text(entry, "Path");

	return path ? path : "";
}

/* The path, or the ARN where only that was read. */
static bool has_path(const struct planning *p, const json_t *target, const char *path)
{
	char in_arn[80];
	const char *arn = jx_text(target, "arn");

	snprintf(in_arn, sizeof(in_arn), ":role%.60s", path);
	return text_has_prefix(path_of(p, target), path) || (arn && strstr(arn, in_arn));
}

static bool service_linked(const struct planning *p, const json_t *target, char why[static 400])
{
	const char *name = jx_text(target, "name");

	if (!is_role(target) || !(has_path(p, target, "/aws-service-role/") ||
				  (name && text_has_prefix(name, "AWSServiceRoleFor"))))
		return false;
	snprintf(why, 400, "it is a service-linked role, which only its AWS service can change");
	return true;
}

static bool identity_center(const struct planning *p, const json_t *target, char why[static 400])
{
	const char *name = jx_text(target, "name");

	if (!is_role(target) || !(has_path(p, target, "/aws-reserved/") ||
				  (name && text_has_prefix(name, "AWSReservedSSO_"))))
		return false;
	snprintf(why, 400, "it belongs to IAM Identity Center, which alone can change it");
	return true;
}

static bool other_account(const struct planning *p, const json_t *target, char why[static 400])
{
	const char *own = jx_text(p->account, "account_id");
	const char *theirs = jx_text(target, "account");

	if (!theirs || !own || text_equal(own, theirs))
		return false;
	snprintf(why, 400, "it belongs to account %s, and we are in %s", theirs, own);
	return true;
}

static bool key_not_listed(const struct planning *p, const json_t *target, char why[static 400])
{
	const json_t *entry = account_find(p->account, PRINCIPAL_USER, jx_text(target, "name"));
	json_t *key;
	size_t i;

	if (!text_equal(jx_text(target, "principal"), "user"))
		return false;
	json_array_foreach (json_object_get(target, "keys"), i, key) {
		if (account_item(entry, "AccessKeys", json_string_value(key), NULL) !=
			    SECTION_NONE ||
		    account_key_deleted(p->account, json_string_value(key)))
			continue;
		snprintf(
			why, 400,
			"its access keys were read and %.128s is not among them: it may be deleted, "
			"root's, or of another user or account",
			json_string_value(key));
		return true;
	}
	return false;
}

static bool unexpected_account(const struct planning *p, const json_t *target, char why[static 400])
{
	const char *own = jx_text(p->account, "account_id");

	(void)target;
	if (!p->request->expect_account || text_equal(own, p->request->expect_account))
		return false;
	snprintf(why, 400, "this is account %s, and --expect-account says %.20s", own,
		 p->request->expect_account);
	return true;
}

static bool strange_endpoint(const struct planning *p, const json_t *target, char why[static 400])
{
	(void)target;
	if (!p->request->custom_endpoint || p->request->endpoint_typed)
		return false;
	snprintf(why, 400,
		 "the endpoint of %.10s, %.200s, is not AWS's, and it was configured, not typed",
		 p->request->custom_service, p->request->custom_endpoint);
	return true;
}

enum {
	GUARD_CALLER = 1, /* it rests on who we are */
	GUARD_PLACE = 2,  /* it is about where we are, not whom we act on */
};

static const struct guard {
	const char *name;
	bool (*refuses)(const struct planning *p, const json_t *target, char why[static 400]);
	const char *instead;
	unsigned flags;
} guards[] = {
	{"expected-account", unexpected_account, "check the profile and the account number",
	 GUARD_PLACE},
	{"endpoint", strange_endpoint, "give --endpoint-url if this endpoint is meant",
	 GUARD_CALLER | GUARD_PLACE},
	{"other-account", other_account, "use credentials of that account", GUARD_PLACE},
	{"key-not-listed", key_not_listed,
	 "look the key up in CloudTrail, or contain the user by name if he is to be cut off", 0},
	{"own-identity", own_identity,
	 "run cordon with another identity, for example a break-glass role",
	 GUARD_CALLER | GUARD_PLACE},
	{"own-identity", own_group, "act on single users, or run cordon with another identity",
	 GUARD_CALLER},
	{"protected", protected_member, "act on single users of the group", 0},
	{"protected", protected_principal,
	 "take it off the protect list if it is really to be contained", 0},
	{"service-linked", service_linked,
	 "act in the service that owns it, or with a service control policy", 0},
	{"identity-center", identity_center,
	 "remove the assignment in IAM Identity Center, or deny by identitystore:UserId in the "
	 "permission set or a service control policy",
	 0},
};

enum { GUARD_COUNT = sizeof(guards) / sizeof(guards[0]) };

static json_t *refusal(const json_t *target, const char *guard, const char *why,
		       const char *instead)
{
	return jx_pack("{s:s, s:s, s:o, s:s}", "target", jx_text(target, "id"), "guard", guard,
		       "why", jx_string(why), "instead", instead);
}

static json_t *guarded(const struct planning *p, const json_t *target, bool place_only)
{
	char why[400];

	for (size_t i = 0; i < GUARD_COUNT; i++) {
		if (((guards[i].flags & GUARD_CALLER) && p->request->rehearsal) ||
		    (place_only && !(guards[i].flags & GUARD_PLACE)))
			continue;
		if (guards[i].refuses(p, target, why))
			return refusal(target, guards[i].name, why, guards[i].instead);
	}
	return NULL;
}

json_t *guard_target(const struct planning *p, const json_t *target)
{
	return guarded(p, target, false);
}

json_t *guard_place(const struct planning *p, const json_t *target)
{
	return guarded(p, target, true);
}

static bool has_operations(const struct planning *p, const json_t *target)
{
	return jx_find(p->operations, "target", jx_text(target, "id"), NULL) != NULL;
}

/* An action that a guard took all operations from was refused, not skipped. */
void guard_held(struct planning *p)
{
	json_t *skipped;
	size_t i;

	json_array_foreach (p->skipped, i, skipped) {
		const char *guard = jx_text(skipped, "guard");
		json_t *target = jx_find(p->targets, "id", jx_text(skipped, "target"), NULL);
		if (!guard || !text_equal(jx_text(target, "contains"), "none") ||
		    json_object_get(target, "refused") ||
		    json_object_get(target, "expanded_from") || has_operations(p, target))
			continue;
		jx_push(p->refusals, refusal(target, guard, jx_text(skipped, "why"),
					     jx_text(skipped, "instead")));
		jx_set(target, "refused", json_true());
	}
}

static bool is_named(const json_t *target)
{
	return !json_object_get(target, "expanded_from") && !json_object_get(target, "refused");
}

static size_t named_targets(const struct planning *p)
{
	size_t count = 0;
	json_t *target;
	size_t i;

	json_array_foreach (p->targets, i, target)
		count += is_named(target);
	return count;
}

/* The action of the step that an operation is of. */
static const char *action_of(const struct planning *p, const json_t *operation)
{
	size_t index = (size_t)json_integer_value(json_object_get(operation, "playbook"));
	const struct playbook *playbook = index < p->request->count
						  ? p->request->entries[index].playbook
						  : NULL;
	const json_t *steps = playbook ? json_object_get(playbook->document, "steps") : NULL;

	return jx_text(jx_find(steps, "id", jx_text(operation, "step"), NULL), "action");
}

static bool is_trust(const struct planning *p, const json_t *operation)
{
	return text_equal(action_of(p, operation), "lock-trust-policy");
}

/* What stands between a named target and whoever holds it: deny, credentials, cutoff, and with
 * trust who may assume the role. */
static bool is_needed(const struct planning *p, const json_t *operation, bool trust)
{
	const json_t *target = jx_find(p->targets, "id", jx_text(operation, "target"), NULL);

	return (json_integer_value(json_object_get(operation, "stage")) < CLASS_STRIP ||
		(trust && is_trust(p, operation))) &&
	       !json_object_get(target, "expanded_from");
}

static size_t needed(const struct planning *p, bool trust)
{
	json_t *operation;
	size_t count = 0;
	size_t i;

	json_array_foreach (p->operations, i, operation)
		count += is_needed(p, operation, trust);
	json_array_foreach (p->request->holding ? NULL : p->request->done, i, operation)
		count += is_needed(p, operation, trust);
	return count;
}

static void leave_out(struct planning *p, const json_t *operation, const char *why)
{
	const json_t *target = json_object_get(operation, "target");
	const json_t *step = json_object_get(operation, "step");
	json_t *other;
	size_t i;

	json_array_foreach (p->skipped, i, other) {
		if (json_equal(json_object_get(other, "target"), target) &&
		    json_equal(json_object_get(other, "step"), step))
			return;
	}
	jx_push(p->skipped, jx_pack("{s:O, s:O, s:o, s:s, s:s, s:b, s:s}", "step", step, "target",
				    target, "action", jx_string(action_of(p, operation)), "why",
				    why, "instead", "raise --max-operations if this is meant",
				    "reached", 0, "guard", "too-many-operations"));
}

/* Whoever holds the target may have filled it up: the deny goes out all the same, and what there is
 * too much of is left out, whole steps at a time. */
static void drop_rest(struct planning *p, const char *why, bool trust)
{
	for (size_t i = json_array_size(p->operations); i-- > 0;) {
		json_t *operation = json_array_get(p->operations, i);
		if (is_needed(p, operation, trust))
			continue;
		if (is_trust(p, operation))
			planning_warn(p, "who may assume %s stays as it is: %s",
				      jx_text(jx_find(p->targets, "id",
						      jx_text(operation, "target"), NULL),
					      "arn"),
				      why);
		leave_out(p, operation, why);
		json_array_remove(p->operations, i);
	}
}

void guard_plan(struct planning *p)
{
	size_t limit = p->request->max_operations > 0 ? (size_t)p->request->max_operations
						      : 100 * named_targets(p);
	size_t count = json_array_size(p->operations) +
		       (p->request->holding ? 0 : json_array_size(p->request->done));
	char why[400];
	json_t *target;
	size_t i;

	/* The next way of a deny that LimitExceeded closed is not a new plan. */
	if (count <= limit || json_array_size(p->request->exhausted) > 0)
		return;
	snprintf(why, sizeof(why), "the plan has %zu writes, and the limit is %zu", count, limit);
	bool trust = needed(p, true) <= limit;
	size_t least = needed(p, trust);
	if (least > 0 && least <= limit) {
		drop_rest(p, why, trust);
		return;
	}
	json_array_clear(p->operations);
	json_array_foreach (p->targets, i, target) {
		if (is_named(target))
			jx_push(p->refusals, refusal(target, "too-many-operations", why,
						     "raise --max-operations if this is meant"));
	}
}

void guard_warnings(struct planning *p)
{
	json_auto_t *names = json_array();
	json_t *name;
	size_t n;

	if (!p->request->rehearsal)
		return;
	for (size_t i = 0; i < GUARD_COUNT; i++) {
		if (guards[i].flags & GUARD_CALLER)
			jx_add_unique(names, guards[i].name);
	}
	char text[200] = "";
	json_array_foreach (names, n, name) {
		size_t used = strlen(text);
		snprintf(text + used, sizeof(text) - used, "%s%s", n ? ", " : "",
			 json_string_value(name));
	}
	planning_warn(p, "offline there is no caller, so these guards were not asked: %s", text);
}
