// SPDX-License-Identifier: Apache-2.0
/* How each action's end is recognised, and which operations lead to it. */
#include "cordon/json.h"
#include "cordon/policy.h"
#include "cordon/text.h"
#include "planning.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DENY_POLICY "CordonDenyAll"
#define CUTOFF_POLICY "AWSRevokeOlderSessions"
#define MANAGED_DENY "AWSDenyAll"

/* As long as the console's own: it covers the time until the change is enforced. */
enum { CUTOFF_SECONDS = 30 };

/* Sizes where GetAccountSummary could not be read (IAM quotas, fixed by AWS). */
static const struct quota {
	const char *inline_key, *attached_key, *put, *attach, *bound;
	long inline_size, attached;
} quotas[] = {
	[PRINCIPAL_USER] = {"UserPolicySizeQuota", "AttachedPoliciesPerUserQuota", "PutUserPolicy",
			    "AttachUserPolicy", "PutUserPermissionsBoundary", 2048, 10},
	[PRINCIPAL_ROLE] = {"RolePolicySizeQuota", "AttachedPoliciesPerRoleQuota", "PutRolePolicy",
			    "AttachRolePolicy", "PutRolePermissionsBoundary", 10240, 10},
};

static bool is_managed_deny(const char *arn)
{
	return arn && text_has_prefix(arn, "arn:") &&
	       text_has_suffix(arn, ":iam::aws:policy/" MANAGED_DENY);
}

/* The inline policies that were read, wholly or by name. */
static const json_t *inline_policies(const json_t *entry, enum principal_kind kind)
{
	const char *section = account_inline_section(kind);
	json_t *list = NULL;

	if (account_section(entry, section, &list) == SECTION_UNREAD)
		return jx_at(entry, section, "unread", "known", NULL);
	return list;
}

static bool denied_inline(const json_t *entry, enum principal_kind kind, time_t *ret_stamp)
{
	const json_t *list = inline_policies(entry, kind);
	json_t *item;
	size_t i;

	json_array_foreach (list, i, item) {
		if (!text_has_prefix(jx_text(item, "PolicyName"), DENY_POLICY))
			continue;
		json_auto_t *document = account_document(json_object_get(item, "PolicyDocument"));
		if (!document || !policy_denies_all(document))
			continue;
		if (!policy_stamp(document, ret_stamp))
			*ret_stamp = 0;
		return true;
	}
	return false;
}

static bool denied_managed(const json_t *entry)
{
	json_t *list = NULL;
	json_t *item;
	size_t i;

	if (account_section(entry, "AttachedManagedPolicies", &list) != SECTION_VALUE)
		list = jx_at(entry, "AttachedManagedPolicies", "unread", "known", NULL);
	json_array_foreach (list, i, item) {
		if (is_managed_deny(jx_text(item, "PolicyArn")))
			return true;
	}
	return false;
}

static bool denied_boundary(const json_t *entry)
{
	json_t *boundary = NULL;

	return account_section(entry, "PermissionsBoundary", &boundary) == SECTION_VALUE &&
	       is_managed_deny(jx_text(boundary, "PermissionsBoundaryArn"));
}

bool contain_denied(const json_t *entry, enum principal_kind kind, time_t *ret_stamp,
		    const char **ret_way)
{
	*ret_stamp = 0;
	if (denied_inline(entry, kind, ret_stamp)) {
		*ret_way = "inline";
		return true;
	}
	*ret_way = denied_managed(entry) ? "managed" : denied_boundary(entry) ? "boundary" : NULL;
	return *ret_way != NULL;
}

bool contain_session_denied(const json_t *entry, enum principal_kind kind, const char *userid)
{
	const json_t *list = inline_policies(entry, kind);
	json_t *item;
	size_t i;

	json_array_foreach (list, i, item) {
		json_auto_t *document = account_document(json_object_get(item, "PolicyDocument"));
		if (document && policy_denies_userid(document, userid))
			return true;
	}
	return false;
}

bool contain_cutoff(const json_t *entry, enum principal_kind kind, const char *userid,
		    time_t *ret_cutoff)
{
	const json_t *list = inline_policies(entry, kind);
	bool found = false;
	json_t *item;
	size_t i;

	json_array_foreach (list, i, item) {
		json_auto_t *document = account_document(json_object_get(item, "PolicyDocument"));
		time_t at;
		if (!document || !policy_cutoff(document, userid, &at))
			continue;
		if (!found || at > *ret_cutoff)
			*ret_cutoff = at;
		found = true;
	}
	return found;
}

/* What an inline document would take, and what is free for it. -1: nobody knows. */
struct room {
	long need, used, quota;
};

static struct room inline_room(const struct planning *p, const struct step *step, const char *name,
			       const json_t *document)
{
	const struct quota *q = &quotas[step->kind];
	json_auto_t *wrapped = jx_pack("{s:O}", "$document", document);
	json_auto_t *text = account_bind(wrapped, 0);
	struct room room = {.need = (long)text_policy_size(json_string_value(text)),
			    .used = account_inline_size(step_entry(p, step), step->kind),
			    .quota = account_quota(p->account, q->inline_key)};
	json_t *old = NULL;

	if (room.quota <= 0)
		room.quota = q->inline_size;
	if (room.used >= 0 && account_item(step_entry(p, step), account_inline_section(step->kind),
					   name, &old) == SECTION_VALUE) {
		json_auto_t *sent = account_document_text(json_object_get(old, "PolicyDocument"));
		json_auto_t *bound = account_bind(sent, 0);
		room.used -= (long)text_policy_size(json_string_value(bound));
	}
	return room;
}

static bool fits(const struct room *room)
{
	return room->used < 0 || room->used + room->need <= room->quota;
}

static void put_inline(struct planning *p, const struct step *step, const char *name,
		       const json_t *document, const char *what)
{
	struct room room = inline_room(p, step, name, document);
	json_t *parameters = jx_pack("{s:s, s:{s:O}}", "PolicyName", name, "PolicyDocument",
				     "$document", document);

	if (room.used < 0)
		planning_add(p, step, quotas[step->kind].put, parameters,
			     "%s; inline, %ld characters (what is in use could not be read)", what,
			     room.need);
	else
		planning_add(p, step, quotas[step->kind].put, parameters,
			     "%s; inline, %ld characters beside %ld of %ld", what, room.need,
			     room.used, room.quota);
}

/* A way is one of: tried; does not apply now (why says it). */
static bool try_inline(struct planning *p, const struct step *step, bool asked,
		       char why[static 160])
{
	json_auto_t *document = policy_make_deny(NULL);
	char *name = planning_policy_name(p, step, DENY_POLICY, policy_denies_all);
	struct room room = inline_room(p, step, name, document);
	bool full = planning_exhausted(p, step_arn(step), "inline");
	bool taken = !full && (asked || fits(&room));

	if (taken)
		put_inline(p, step, name, document, "explicit deny of every action");
	else
		snprintf(why, 160, "inline policies are full (%ld of %ld characters, %ld needed)",
			 room.used, room.quota, room.need);
	free(name);
	return taken;
}

static void managed_arn(const struct planning *p, char out[static 96])
{
	snprintf(out, 96, "arn:%.31s:iam::aws:policy/" MANAGED_DENY,
		 p->request->partition ? p->request->partition : "aws");
}

static bool try_managed(struct planning *p, const struct step *step, bool asked,
			char why[static 160])
{
	const struct quota *q = &quotas[step->kind];
	long limit = account_quota(p->account, q->attached_key);
	json_t *list = NULL;
	bool read = account_section(step_entry(p, step), "AttachedManagedPolicies", &list) !=
		    SECTION_UNREAD;
	size_t count = json_array_size(list);
	char arn[96];

	if (limit <= 0)
		limit = q->attached;
	if (planning_exhausted(p, step_arn(step), "managed") ||
	    (!asked && read && (long)count >= limit)) {
		snprintf(why, 160, "attached policies are full (%zu of %ld)", count, limit);
		return false;
	}
	managed_arn(p, arn);
	planning_add(p, step, q->attach, jx_pack("{s:s}", "PolicyArn", arn),
		     "explicit deny of every action; attached, %zu of %ld in use", count, limit);
	return true;
}

static bool try_boundary(struct planning *p, const struct step *step, bool asked,
			 char why[static 160])
{
	char arn[96];

	(void)asked;
	if (planning_exhausted(p, step_arn(step), "boundary")) {
		snprintf(why, 160, "the permissions boundary could not be set");
		return false;
	}
	managed_arn(p, arn);
	planning_add(p, step, quotas[step->kind].bound,
		     jx_pack("{s:s}", "PermissionsBoundary", arn),
		     "explicit deny of every action; as permissions boundary, the old one is kept");
	return true;
}

static const struct way {
	const char *name;
	bool (*try)(struct planning *p, const struct step *step, bool asked, char why[static 160]);
} ways[] = {
	{"inline", try_inline},
	{"managed", try_managed},
	{"boundary", try_boundary},
};

static void deny_session(struct planning *p, const struct step *step, const char *userid)
{
	char base[96];

	if (contain_session_denied(step_entry(p, step), step->kind, userid)) {
		planning_reached(p, step, "the session '%s' is denied already", userid);
		return;
	}
	snprintf(base, sizeof(base), DENY_POLICY "-%.64s", strchr(userid, ':') + 1);
	char *name = planning_policy_name(p, step, base, NULL);
	json_auto_t *document = policy_make_deny(userid);
	struct room room = inline_room(p, step, name, document);
	if (planning_exhausted(p, step_arn(step), "inline") || !fits(&room))
		planning_skip(p, step,
			      "free room in the inline policies, or deny-all without --session",
			      "a deny of one session must be inline, and %ld characters do not fit "
			      "(%ld of %ld in use)",
			      room.need, room.used, room.quota);
	else
		put_inline(p, step, name, document,
			   "explicit deny of every action for this session");
	free(name);
}

/* True: the step names a session, and that has been seen to. */
static bool deny_named_session(struct planning *p, const struct step *step)
{
	bool named = false;
	const char *userid = step_userid(p, step, &named);

	if (!named)
		return false;
	if (userid)
		deny_session(p, step, userid);
	else if (!step_option(step, "session"))
		planning_reached(p, step, "no session was named");
	else
		planning_skip(
			p, step, "deny-all without --session",
			"the unique id of %s could not be read, so one session cannot be told apart",
			step_principal(step));
	return true;
}

void contain_deny_all(struct planning *p, const struct step *step)
{
	const char *via = step_option(step, "via");
	bool automatic = !via || text_equal(via, "auto");
	const char *standing;
	char why[160] = "";
	time_t stamp;

	if (deny_named_session(p, step))
		return;
	if (contain_denied(step_entry(p, step), step->kind, &stamp, &standing) &&
	    (automatic || text_equal(via, standing))) {
		planning_reached(p, step, "the explicit deny stands already (%s)", standing);
		return;
	}
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		if (!automatic && !text_equal(via, ways[i].name))
			continue;
		if (ways[i].try(p, step, !automatic, why))
			return;
	}
	planning_skip(p, step, "a service control policy", "no room for an explicit deny: %s", why);
}

/* The keys to look at: those the step names, else those of the list, else the one from the alert.
 */
static json_t *keys_meant(const struct planning *p, const struct step *step)
{
	json_t *named = json_object_get(step->options, "key");
	json_t *out = json_array();
	json_t *list = NULL;
	json_t *item;
	size_t i;

	if (json_is_string(named))
		json_array_append(out, named);
	else if (json_is_array(named))
		json_array_extend(out, named);
	if (json_array_size(out))
		return out;
	if (account_section(step_entry(p, step), "AccessKeys", &list) == SECTION_UNREAD) {
		json_array_extend(out, json_object_get(step->target, "keys"));
		return out;
	}
	json_array_foreach (list, i, item)
		jx_add_unique(out, jx_text(item, "AccessKeyId"));
	return out;
}

enum key_state { KEY_OFF, KEY_PLANNED, KEY_MISSING };

static enum key_state deactivate(struct planning *p, const struct step *step, const char *id)
{
	json_t *entry = step_entry(p, step);
	json_t *key = NULL;
	enum section_state state = account_item(entry, "AccessKeys", id, &key);

	if (state == SECTION_NONE) {
		planning_skip(p, step, NULL, "the user has no access key %s", id);
		return KEY_MISSING;
	}
	if (state == SECTION_VALUE && !text_equal(jx_text(key, "Status"), "Active"))
		return KEY_OFF;
	planning_add(p, step, "UpdateAccessKey",
		     jx_pack("{s:s, s:s}", "AccessKeyId", id, "Status", "Inactive"),
		     state == SECTION_UNREAD ? "access key off; its status could not be read"
					     : "access key off");
	return KEY_PLANNED;
}

void contain_deactivate_keys(struct planning *p, const struct step *step)
{
	json_auto_t *keys = keys_meant(p, step);
	json_t *entry = step_entry(p, step);
	bool unread = account_section(entry, "AccessKeys", NULL) == SECTION_UNREAD;
	size_t off = 0;
	json_t *key;
	size_t i;

	if (unread)
		planning_warn(p,
			      "the access keys of %s could not be listed (%s): keys that are not "
			      "named stay as they are",
			      step_arn(step), account_unread_why(entry, "AccessKeys"));
	json_array_foreach (keys, i, key)
		off += deactivate(p, step, json_string_value(key)) == KEY_OFF;
	if (unread && json_array_size(keys) == 0)
		planning_skip(p, step, "--key", "the access keys could not be listed");
	else if (off == json_array_size(keys))
		planning_reached(p, step,
				 off ? "no access key is Active" : "there is no access key");
}

static bool is_cutoff(const json_t *document)
{
	time_t at;

	return policy_cutoff(document, NULL, &at);
}

/* The principal whose deny makes older sessions pointless to mint again: the user that an expanded
 * role came from, else the principal itself. */
static json_t *source_of(const struct planning *p, const struct step *step,
			 enum principal_kind *kind)
{
	const json_t *from = jx_find(p->targets, "id", jx_text(step->target, "expanded_from"),
				     NULL);

	*kind = from ? PRINCIPAL_USER : step->kind;
	if (from)
		return account_find(p->account, PRINCIPAL_USER, jx_text(from, "name"));
	return step_entry(p, step);
}

/* Before this plan: a key that was on may have minted sessions since the cutoff. */
static bool had_active_key(const struct planning *p, const json_t *source)
{
	const json_t *user = account_find(p->request->account, PRINCIPAL_USER,
					  account_name(source, PRINCIPAL_USER));
	json_t *list = NULL;

	account_section(user, "AccessKeys", &list);
	return jx_find(list, "Status", "Active", NULL) != NULL;
}

static bool cutoff_reached(const struct planning *p, const struct step *step, const char *userid)
{
	enum principal_kind kind;
	const json_t *source = source_of(p, step, &kind);
	const char *way;
	time_t stamp;
	time_t cutoff;

	if (planning_stamped(p, step_arn(step)))
		return true;
	if (!contain_cutoff(step_entry(p, step), step->kind, userid, &cutoff))
		return false;
	if (cutoff > p->request->now)
		return true;
	if (source != step_entry(p, step) && had_active_key(p, source))
		return false;
	return contain_denied(source, kind, &stamp, &way) && stamp && cutoff >= stamp;
}

static void stamp_cutoff(struct planning *p, const struct step *step, const char *userid)
{
	json_auto_t *document = policy_make_cutoff(CUTOFF_SECONDS, userid);
	char base[96] = CUTOFF_POLICY;
	const char *way;
	time_t stamp;

	if (userid)
		snprintf(base, sizeof(base), CUTOFF_POLICY "-%.64s", strchr(userid, ':') + 1);
	char *name = planning_policy_name(p, step, base, userid ? NULL : is_cutoff);
	struct room room = inline_room(p, step, name, document);
	bool full = planning_exhausted(p, step_arn(step), "cutoff") || !fits(&room);
	if (!full)
		put_inline(p, step, name, document,
			   userid ? "deny of this session's tokens issued until now"
				  : "deny of every session issued until now");
	else if (contain_denied(step_entry(p, step), step->kind, &stamp, &way))
		planning_reached(p, step,
				 "a cutoff does not fit (%ld of %ld characters in use), and the "
				 "explicit deny (%s) stops older sessions too",
				 room.used, room.quota, way);
	else
		planning_skip(p, step, "deny-all",
			      "a cutoff does not fit: %ld of %ld characters in use", room.used,
			      room.quota);
	free(name);
}

void contain_revoke_sessions(struct planning *p, const struct step *step)
{
	bool named = false;
	const char *userid = step_userid(p, step, &named);

	named = named && step_option(step, "session");
	if (named && !userid)
		planning_skip(
			p, step, "revoke-sessions without --session",
			"the unique id of %s could not be read, so one session cannot be told apart",
			step_principal(step));
	else if (named && contain_session_denied(step_entry(p, step), step->kind, userid))
		planning_reached(p, step, "the session is denied, whenever it was issued");
	else if (cutoff_reached(p, step, userid))
		planning_reached(p, step, "a cutoff stands that leaves no older session");
	else
		stamp_cutoff(p, step, userid);
}

void contain_delete_login_profile(struct planning *p, const struct step *step)
{
	enum section_state state = account_section(step_entry(p, step), "LoginProfile", NULL);

	if (state == SECTION_NONE)
		planning_reached(p, step, "the user has no console password");
	else
		planning_add(p, step, "DeleteLoginProfile", json_object(),
			     state == SECTION_UNREAD
				     ? "console password, if there is one: it could not be read"
				     : "console password");
}

void contain_list_keys(struct planning *p, const struct step *step)
{
	json_t *list = NULL;

	if (account_section(step_entry(p, step), "AccessKeys", &list) == SECTION_UNREAD)
		planning_warn(p, "the access keys of %s could not be listed", step_arn(step));
	else
		planning_reached(p, step, "it only reads: %zu access keys", json_array_size(list));
}
