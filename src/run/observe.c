// SPDX-License-Identifier: Apache-2.0
/* Reading one principal at a time: a table of calls, and what becomes of each answer. */
#include "observe.h"

#include "cordon/err.h"
#include "cordon/identity.h"
#include "cordon/json.h"
#include "cordon/policy.h"
#include "cordon/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The names of our own policies are asked for at once, beside the list: they decide what is next,
 * and they can be read even where the list is denied. */
static const char *const own_policies[] = {POLICY_DENY, POLICY_CUTOFF, NULL};

static const struct kind {
	const char *member, *get, *object, *list_inline, *get_inline;
} kinds[] = {
	[PRINCIPAL_USER] = {"UserName", "GetUser", "User", "ListUserPolicies", "GetUserPolicy"},
	[PRINCIPAL_ROLE] = {"RoleName", "GetRole", "Role", "ListRolePolicies", "GetRolePolicy"},
	[PRINCIPAL_GROUP] = {"GroupName", "GetGroup", "Group", "ListGroupPolicies",
			     "GetGroupPolicy"},
};

/* A principal that AWS does not know is marked, and taken out once all its answers are in. */
static void mark_missing(json_t *entry)
{
	jx_set(entry, "$missing", json_true());
}

/* Groups and inline policies come in a form of their own. */
static bool is_whole(const char *section, const json_t *list)
{
	const struct section *row = account_section_row(section);
	const struct section names = {.key = NULL};
	const struct section groups = {.key = "GroupName"};

	if (text_equal(section, "GroupList"))
		row = &groups;
	else if (text_has_suffix(section, "PolicyList"))
		row = &names;
	return account_items_ok(row, list);
}

static void store_list(struct world *world, const struct read *read)
{
	json_t *entry = read_entry(world, read);
	json_t *list = json_object_get(read->call.reply, read->member);

	if (!entry)
		return;
	/* An answer without its list is none, for AWS sends an empty one; nor is one with items
	 * that do not say which they are. */
	if (read_done(read))
		jx_set(entry, read->section,
		       list && is_whole(read->section, list) ? jx_copy(list)
							     : account_unread("failed", NULL));
	else if (read_code_is(read, "NoSuchEntity"))
		mark_missing(entry);
	else
		jx_set(entry, read->section, read_unread(read));
}

static void store_groups(struct world *world, const struct read *read)
{
	json_t *entry = read_entry(world, read);
	json_t *group;
	size_t i;

	store_list(world, read);
	if (!entry || account_section(entry, "GroupList", NULL) == SECTION_UNREAD)
		return;
	json_t *names = json_array();
	json_array_foreach (json_object_get(read->call.reply, "Groups"), i, group)
		jx_push(names, jx_string(jx_text(group, "GroupName")));
	jx_set(entry, "GroupList", names);
}

/* No login profile is an answer, not a missing user. */
static void store_login_profile(struct world *world, const struct read *read)
{
	json_t *entry = read_entry(world, read);
	json_t *profile = json_object_get(read->call.reply, "LoginProfile");

	if (!entry)
		return;
	if (read_code_is(read, "NoSuchEntity"))
		jx_set(entry, "LoginProfile", json_null());
	else if (read_done(read) && json_object_size(profile))
		jx_set(entry, "LoginProfile", jx_copy(profile));
	else if (read_done(read))
		jx_set(entry, "LoginProfile", account_unread("failed", NULL));
	else
		jx_set(entry, "LoginProfile", read_unread(read));
}

/* GetUser and GetRole carry these; absent means none. */
static void store_details(struct world *world, const struct read *read)
{
	static const struct {
		const char *name;
		bool list;
	} details[] = {{"PermissionsBoundary", false}, {"Tags", true}, {"RoleLastUsed", false}};
	json_t *entry = read_entry(world, read);
	json_t *object = json_object_get(read->call.reply, kinds[read->kind].object);

	if (!entry)
		return;
	if (read_code_is(read, "NoSuchEntity"))
		mark_missing(entry);
	for (size_t i = 0; i < sizeof(details) / sizeof(details[0]); i++) {
		if (!json_object_get(entry, details[i].name))
			continue;
		json_t *none = details[i].list ? json_array() : json_null();
		jx_set(entry, details[i].name, read_done(read) ? none : read_unread(read));
		if (!read_done(read))
			json_decref(none);
	}
	if (!read_done(read) && read->kind == PRINCIPAL_ROLE)
		jx_set(entry, "AssumeRolePolicyDocument", read_unread(read));
	if (read_done(read))
		json_object_update(entry, object);
}

/* A group's own facts, and who is in it. */
static void store_group(struct world *world, const struct read *read)
{
	json_t *entry = read_entry(world, read);
	json_t *names = json_array();
	json_t *user;
	size_t i;

	if (!entry) {
		json_decref(names);
		return;
	}
	if (read_code_is(read, "NoSuchEntity"))
		mark_missing(entry);
	json_array_foreach (json_object_get(read->call.reply, "Users"), i, user)
		jx_push(names, jx_string(jx_text(user, "UserName")));
	jx_set(entry, "Members", read_done(read) ? json_incref(names) : read_unread(read));
	json_decref(names);
	if (read_done(read))
		json_object_update(entry, json_object_get(read->call.reply, "Group"));
}

/* The text of an SSH key, so that a deleted one is not lost. */
static void store_ssh_key(struct world *world, const struct read *read)
{
	json_t *key = json_object_get(read->call.reply, "SSHPublicKey");
	json_t *item = NULL;

	account_item(read_entry(world, read), "SSHPublicKeys", jx_text(key, "SSHPublicKeyId"),
		     &item);
	if (item && read_done(read) && jx_text(key, "SSHPublicKeyBody"))
		json_object_set(item, "SSHPublicKeyBody", json_object_get(key, "SSHPublicKeyBody"));
}

static json_t *own_item(const char *name, const json_t *document)
{
	return jx_pack("{s:s, s:O}", "PolicyName", name, "PolicyDocument", document);
}

/* The policies' names, each with its document still unread; our own were asked for beside it and
 * come after this in the batch. */
static void store_inline_names(struct world *world, const struct read *read)
{
	json_t *entry = read_entry(world, read);
	json_t *name;
	size_t i;

	store_list(world, read);
	if (!entry || account_section(entry, read->section, NULL) == SECTION_UNREAD)
		return;
	json_t *items = json_array();
	json_array_foreach (json_object_get(read->call.reply, "PolicyNames"), i, name)
		jx_push(items, jx_pack("{s:O, s:o}", "PolicyName", name, "PolicyDocument",
				       account_unread("not-asked", NULL)));
	jx_set(entry, read->section, items);
}

static void store_inline_document(struct world *world, const struct read *read)
{
	const char *name = jx_text(read->parameters, "PolicyName");
	const json_t *document = json_object_get(read->call.reply, "PolicyDocument");
	json_t *entry = read_entry(world, read);
	json_t *item = NULL;

	if (!entry)
		return;
	bool gone = read_code_is(read, "NoSuchEntity");
	if (account_section(entry, read->section, NULL) == SECTION_UNREAD) {
		if (gone)
			account_know(entry, read->section, name, NULL);
		else if (read_done(read) && document)
			account_know(entry, read->section, name, own_item(name, document));
		return;
	}
	if (account_item(entry, read->section, name, &item) == SECTION_VALUE) {
		/* Listed, and gone a moment later: what stands there now is not known. */
		jx_set(item, "PolicyDocument",
		       read_done(read) && document ? jx_copy(document) : read_unread(read));
	} else if (read_done(read) && document) {
		/* Not listed yet: it was made between the two answers, so it counts. */
		json_t *list = json_object_get(entry, read->section);
		if (json_is_array(list))
			jx_push(list, own_item(name, document));
	}
}

static const struct row {
	unsigned kinds;
	const char *operation;
	const char *section;
	const char *member;
	read_store *store;
} rows[] = {
	{1 << PRINCIPAL_USER, "GetUser", NULL, NULL, store_details},
	{1 << PRINCIPAL_ROLE, "GetRole", NULL, NULL, store_details},
	{1 << PRINCIPAL_USER, "ListAccessKeys", "AccessKeys", "AccessKeyMetadata", store_list},
	{1 << PRINCIPAL_USER, "ListUserPolicies", "UserPolicyList", "PolicyNames",
	 store_inline_names},
	{1 << PRINCIPAL_ROLE, "ListRolePolicies", "RolePolicyList", "PolicyNames",
	 store_inline_names},
	{1 << PRINCIPAL_GROUP, "ListGroupPolicies", "GroupPolicyList", "PolicyNames",
	 store_inline_names},
	{1 << PRINCIPAL_USER, "ListAttachedUserPolicies", "AttachedManagedPolicies",
	 "AttachedPolicies", store_list},
	{1 << PRINCIPAL_ROLE, "ListAttachedRolePolicies", "AttachedManagedPolicies",
	 "AttachedPolicies", store_list},
	{1 << PRINCIPAL_GROUP, "ListAttachedGroupPolicies", "AttachedManagedPolicies",
	 "AttachedPolicies", store_list},
	{1 << PRINCIPAL_USER, "GetLoginProfile", "LoginProfile", "LoginProfile",
	 store_login_profile},
	{1 << PRINCIPAL_USER, "ListGroupsForUser", "GroupList", "Groups", store_groups},
	{1 << PRINCIPAL_USER, "ListMFADevices", "MFADevices", "MFADevices", store_list},
	{1 << PRINCIPAL_USER, "ListSSHPublicKeys", "SSHPublicKeys", "SSHPublicKeys", store_list},
	{1 << PRINCIPAL_USER, "ListSigningCertificates", "SigningCertificates", "Certificates",
	 store_list},
	{1 << PRINCIPAL_USER, "ListServiceSpecificCredentials", "ServiceSpecificCredentials",
	 "ServiceSpecificCredentials", store_list},
};

/* Read for targets only: nothing else asks for them. */
static const struct row target_rows[] = {
	{1 << PRINCIPAL_GROUP, "GetGroup", NULL, NULL, store_group},
	{1 << PRINCIPAL_ROLE, "ListInstanceProfilesForRole", "InstanceProfileList",
	 "InstanceProfiles", store_list},
};

static void add_document(struct batch *batch, enum principal_kind kind, const char *name,
			 const char *policy)
{
	struct read *read = batch_add(
		batch, store_inline_document, kinds[kind].get_inline,
		jx_pack("{s:s, s:s}", kinds[kind].member, name, "PolicyName", policy), kind, name);

	read->section = account_inline_section(kind);
}

static void add_row(struct batch *batch, const struct row *row, enum principal_kind kind,
		    const char *name)
{
	struct read *read = batch_add(batch, row->store, row->operation,
				      jx_pack("{s:s}", kinds[kind].member, name), kind, name);

	read->section = row->section;
	read->member = row->member;
}

void observe_add_section(struct batch *batch, enum principal_kind kind, const char *name,
			 const char *section)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].kinds & (1u << kind) && text_equal(rows[i].section, section))
			add_row(batch, &rows[i], kind, name);
	}
}

void observe_add_principal(struct batch *batch, enum principal_kind kind, const char *name)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].kinds & (1u << kind))
			add_row(batch, &rows[i], kind, name);
	}
	for (size_t i = 0; kind != PRINCIPAL_GROUP && own_policies[i]; i++)
		add_document(batch, kind, name, own_policies[i]);
}

void observe_add_target(struct batch *batch, enum principal_kind kind, const char *name)
{
	for (size_t i = 0; i < sizeof(target_rows) / sizeof(target_rows[0]); i++) {
		if (target_rows[i].kinds & (1u << kind))
			add_row(batch, &target_rows[i], kind, name);
	}
}

static void add_ssh_keys(struct batch *batch, const json_t *entry, const char *name)
{
	json_t *list = NULL;
	json_t *item;
	size_t i;

	account_section(entry, "SSHPublicKeys", &list);
	json_array_foreach (list, i, item)
		batch_add(batch, store_ssh_key, "GetSSHPublicKey",
			  jx_pack("{s:s, s:s, s:s}", "UserName", name, "SSHPublicKeyId",
				  jx_text(item, "SSHPublicKeyId"), "Encoding", "SSH"),
			  PRINCIPAL_USER, name);
}

/* The names that this run or a session's deny may have used, where the list could not be read. */
static void add_hidden(struct batch *batch, enum principal_kind kind, const char *name,
		       const char *suffix)
{
	char policy[129];

	for (size_t i = 0; *suffix && own_policies[i]; i++) {
		snprintf(policy, sizeof(policy), "%.60s-%.64s", own_policies[i], suffix);
		add_document(batch, kind, name, policy);
	}
}

/* The second look: documents of policies that the list named. */
void observe_add_documents(struct batch *batch, enum principal_kind kind, const char *name,
			   const char *session)
{
	const json_t *entry = account_find(batch->world->account, kind, name);
	json_t *list = NULL;
	json_t *item;
	size_t i;

	if (!entry || json_object_get(entry, "$missing"))
		return;
	if (kind == PRINCIPAL_USER)
		add_ssh_keys(batch, entry, name);
	if (account_section(entry, account_inline_section(kind), &list) == SECTION_UNREAD) {
		add_hidden(batch, kind, name, batch->world->run_id);
		add_hidden(batch, kind, name, session ? session : "");
		return;
	}
	json_array_foreach (list, i, item) {
		if (json_object_get(json_object_get(item, "PolicyDocument"), "unread"))
			add_document(batch, kind, name, jx_text(item, "PolicyName"));
	}
}

/* True if it exists. */
bool observe_settle(struct world *world, enum principal_kind kind, const char *name)
{
	json_t *entries = account_entries(world->account, kind);
	json_t *entry;
	size_t i;

	json_array_foreach (entries, i, entry) {
		if (!text_equal_nocase(account_name(entry, kind), name))
			continue;
		if (!json_object_get(entry, "$missing"))
			return true;
		json_array_remove(entries, i);
		return false;
	}
	return false;
}

/* An entry to read into, at the place of any older one. Its ARN is a guess until GetUser or GetRole
 * tells. */
void observe_fresh(struct world *world, enum principal_kind kind, const char *name)
{
	json_t *entries = account_entries(world->account, kind);
	json_t *old = account_find(world->account, kind, name);
	size_t last = json_array_size(entries);
	char arn[256];

	snprintf(arn, sizeof(arn), "arn:%.31s:iam::%.12s:%s/%.128s", aws_partition(world->aws),
		 jx_text(world->account, "account_id"), account_kind_name(kind), name);
	json_t *fresh = account_add(world->account, kind, name,
				    jx_text(old, "Arn") ? jx_text(old, "Arn") : arn);
	for (size_t i = 0; old && i < last; i++) {
		if (json_array_get(entries, i) != old)
			continue;
		json_array_set(entries, i, fresh);
		json_array_remove(entries, last);
		return;
	}
}

bool observe_principal(struct world *world, enum principal_kind kind, const char *name)
{
	struct batch batch = {.world = world};

	observe_fresh(world, kind, name);
	observe_add_principal(&batch, kind, name);
	observe_add_target(&batch, kind, name);
	batch_send(&batch);
	observe_add_documents(&batch, kind, name, NULL);
	batch_send(&batch);
	return observe_settle(world, kind, name);
}
