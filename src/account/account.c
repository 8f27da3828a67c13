// SPDX-License-Identifier: Apache-2.0
#include "cordon/account.h"

#include "cordon/json.h"
#include "cordon/policy.h"
#include "cordon/text.h"

#include <string.h>

#define USERS (1u << PRINCIPAL_USER)
#define ROLES (1u << PRINCIPAL_ROLE)
#define GROUPS (1u << PRINCIPAL_GROUP)

static const struct section sections[] = {
	{"AccessKeys", USERS, "AccessKeyId", true, "access key"},
	{"LoginProfile", USERS, NULL, false, "password"},
	{"MFADevices", USERS, "SerialNumber", true, "MFA device"},
	{"SSHPublicKeys", USERS, "SSHPublicKeyId", true, "SSH public key"},
	{"SigningCertificates", USERS, "CertificateId", true, "signing certificate"},
	{"ServiceSpecificCredentials", USERS, "ServiceSpecificCredentialId", true,
	 "service-specific credential"},
	{"UserPolicyList", USERS, "PolicyName", true, "inline policy"},
	{"GroupPolicyList", GROUPS, "PolicyName", true, "inline policy"},
	{"RolePolicyList", ROLES, "PolicyName", true, "inline policy"},
	{"AttachedManagedPolicies", USERS | ROLES | GROUPS, "PolicyArn", true, "attached policy"},
	{"GroupList", USERS, NULL, true, "group"},
	{"PermissionsBoundary", USERS | ROLES, NULL, false, "permissions boundary"},
	{"AssumeRolePolicyDocument", ROLES, NULL, false, "trust policy"},
	{"InstanceProfileList", ROLES, "InstanceProfileName", true, "instance profile"},
	{"RoleLastUsed", ROLES, NULL, false, "last use"},
	{"Members", GROUPS, NULL, true, "member"},
	{"Tags", USERS | ROLES, "Key", true, "tag"},
};

/* Where the entries of a kind stand, and what the API calls their names. */
static const struct kind {
	const char *name;
	const char *list;
	const char *member;
	const char *id;
	const char *inline_section;
	const char *listed;
} kinds[] = {
	[PRINCIPAL_NONE] = {"none", "", "", "", "", ""},
	[PRINCIPAL_USER] = {"user", "UserDetailList", "UserName", "UserId", "UserPolicyList",
			    "users"},
	[PRINCIPAL_ROLE] = {"role", "RoleDetailList", "RoleName", "RoleId", "RolePolicyList",
			    "roles"},
	[PRINCIPAL_GROUP] = {"group", "GroupDetailList", "GroupName", "GroupId", "GroupPolicyList",
			     "groups"},
};

const struct section *account_section_at(size_t i)
{
	return i < sizeof(sections) / sizeof(sections[0]) ? &sections[i] : NULL;
}

const struct section *account_section_row(const char *name)
{
	const struct section *row;

	for (size_t i = 0; (row = account_section_at(i)); i++) {
		if (text_equal(row->name, name))
			return row;
	}
	return NULL;
}

const char *account_inline_section(enum principal_kind kind)
{
	return kinds[kind].inline_section;
}

const char *account_kind_name(enum principal_kind kind)
{
	return kinds[kind].name;
}

enum principal_kind account_kind(const char *name)
{
	for (enum principal_kind kind = PRINCIPAL_USER; kind <= PRINCIPAL_GROUP; kind++) {
		if (text_equal(kinds[kind].name, name))
			return kind;
	}
	return PRINCIPAL_NONE;
}

json_t *account_unread(const char *why, const char *code)
{
	json_t *value = jx_pack("{s:{s:s}}", "unread", "why", why);

	if (code && *code)
		jx_set(json_object_get(value, "unread"), "code", jx_string(code));
	return value;
}

json_t *account_new(const char *account_id)
{
	return jx_pack("{s:s, s:o, s:o, s:o, s:{s:b, s:b, s:b}, s:[], s:[], s:[], s:[], s:[]}",
		       "format", "cordon-account/1", "account_id", jx_string(account_id),
		       "AccountAliases", account_unread("not-asked", NULL), "SummaryMap",
		       account_unread("not-asked", NULL), "listed", "users", 0, "groups", 0,
		       "roles", 0, "UserDetailList", "GroupDetailList", "RoleDetailList",
		       "Policies", "AccessKeyLastUsed");
}

json_t *account_entries(const json_t *account, enum principal_kind kind)
{
	static json_t *none;
	json_t *list = json_object_get(account, kinds[kind].list);

	if (json_is_array(list))
		return list;
	if (!none)
		none = json_array();
	return none;
}

bool account_listed(const json_t *account, enum principal_kind kind)
{
	return json_is_true(jx_at(account, "listed", kinds[kind].listed, NULL));
}

void account_set_listed(json_t *account, enum principal_kind kind)
{
	jx_set(json_object_get(account, "listed"), kinds[kind].listed, json_true());
}

const char *account_name(const json_t *entry, enum principal_kind kind)
{
	return jx_text(entry, kinds[kind].member);
}

const char *account_arn(const json_t *entry)
{
	return jx_text(entry, "Arn");
}

json_t *account_find(const json_t *account, enum principal_kind kind, const char *name)
{
	json_t *list = account_entries(account, kind);
	json_t *exact = jx_find(list, kinds[kind].member, name, NULL);
	json_t *entry;
	size_t i;

	if (exact)
		return exact;
	json_array_foreach (list, i, entry) {
		if (text_equal_nocase(account_name(entry, kind), name))
			return entry;
	}
	return NULL;
}

json_t *account_find_id(const json_t *account, enum principal_kind kind, const char *unique_id)
{
	return jx_find(account_entries(account, kind), kinds[kind].id, unique_id, NULL);
}

json_t *account_find_arn(const json_t *account, const char *arn, enum principal_kind *ret_kind)
{
	for (enum principal_kind kind = PRINCIPAL_USER; kind <= PRINCIPAL_GROUP; kind++) {
		json_t *entry = jx_find(account_entries(account, kind), "Arn", arn, NULL);
		if (!entry)
			continue;
		if (ret_kind)
			*ret_kind = kind;
		return entry;
	}
	return NULL;
}

json_t *account_add(json_t *account, enum principal_kind kind, const char *name, const char *arn)
{
	json_t *entry = json_object();
	const struct section *row;

	jx_set(entry, kinds[kind].member, jx_string(name));
	jx_set(entry, "Arn", jx_string(arn));
	for (size_t i = 0; (row = account_section_at(i)); i++) {
		if (row->kinds & (1u << kind))
			jx_set(entry, row->name, account_unread("not-asked", NULL));
	}
	jx_push(account_entries(account, kind), entry);
	return entry;
}

const char *account_key_owner(const json_t *account, const char *access_key_id)
{
	json_t *asked = jx_find(json_object_get(account, "AccessKeyLastUsed"), "AccessKeyId",
				access_key_id, NULL);
	json_t *user;
	size_t i;

	if (jx_text(asked, "UserName"))
		return jx_text(asked, "UserName");
	json_array_foreach (account_entries(account, PRINCIPAL_USER), i, user) {
		if (account_item(user, "AccessKeys", access_key_id, NULL) == SECTION_VALUE)
			return account_name(user, PRINCIPAL_USER);
	}
	return NULL;
}

bool account_key_deleted(const json_t *account, const char *access_key_id)
{
	return json_is_true(json_object_get(jx_find(json_object_get(account, "AccessKeyLastUsed"),
						    "AccessKeyId", access_key_id, NULL),
					    "Deleted"));
}

enum section_state account_section(const json_t *entry, const char *section, json_t **ret_value)
{
	json_t *value = json_object_get(entry, section);

	if (!value || json_object_get(value, "unread"))
		return SECTION_UNREAD;
	if (ret_value)
		*ret_value = value;
	if (json_is_null(value) || (json_is_array(value) && json_array_size(value) == 0) ||
	    (json_is_object(value) && json_object_size(value) == 0))
		return SECTION_NONE;
	return SECTION_VALUE;
}

static enum section_state known_item(const json_t *unread, const char *member, const char *key,
				     json_t **ret_item)
{
	json_t *item = jx_find(json_object_get(unread, "known"), member, key, NULL);

	if (item) {
		if (ret_item)
			*ret_item = item;
		return SECTION_VALUE;
	}
	return jx_contains(json_object_get(unread, "absent"), key) ? SECTION_NONE : SECTION_UNREAD;
}

enum section_state account_item(const json_t *entry, const char *section, const char *key,
				json_t **ret_item)
{
	const struct section *row = account_section_row(section);
	json_t *list = NULL;

	if (!row)
		return SECTION_UNREAD;
	if (account_section(entry, section, &list) == SECTION_UNREAD)
		return row->key ? known_item(jx_at(entry, section, "unread", NULL), row->key, key,
					     ret_item)
				: SECTION_UNREAD;
	if (!row->key)
		return jx_contains(list, key) ? SECTION_VALUE : SECTION_NONE;
	json_t *item = jx_find(list, row->key, key, NULL);
	if (item && ret_item)
		*ret_item = item;
	return item ? SECTION_VALUE : SECTION_NONE;
}

const char *account_unread_why(const json_t *entry, const char *section)
{
	static const struct {
		const char *why, *text;
	} texts[] = {
		{"not-asked", "not asked for"},
		{"denied", "we may not read it"},
		{"failed", "reading it failed"},
		{"format", "the account file does not hold it"},
	};
	const char *why = jx_text(jx_at(entry, section, "unread", NULL), "why");

	if (account_section(entry, section, NULL) != SECTION_UNREAD)
		return "";
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (text_equal(texts[i].why, why))
			return texts[i].text;
	}
	return "not read";
}

static void forget(json_t *unread, const char *member, const char *key)
{
	json_t *known = json_object_get(unread, "known");
	json_t *absent = json_object_get(unread, "absent");
	size_t i;

	if (jx_find(known, member, key, &i))
		json_array_remove(known, i);
	for (i = json_array_size(absent); i-- > 0;) {
		if (text_equal(json_string_value(json_array_get(absent, i)), key))
			json_array_remove(absent, i);
	}
}

static json_t *array_in(json_t *object, const char *key)
{
	if (!json_is_array(json_object_get(object, key)))
		jx_set(object, key, json_array());
	return json_object_get(object, key);
}

void account_know(json_t *entry, const char *section, const char *key, json_t *item)
{
	const struct section *row = account_section_row(section);
	json_t *unread = jx_at(entry, section, "unread", NULL);

	if (!unread || !row || !row->key) {
		json_decref(item);
		return;
	}
	forget(unread, row->key, key);
	if (item)
		jx_push(array_in(unread, "known"), item);
	else
		jx_push(array_in(unread, "absent"), jx_string(key));
}

long account_quota(const json_t *account, const char *key)
{
	json_t *value = jx_at(account, "SummaryMap", key, NULL);

	return json_is_integer(value) ? (long)json_integer_value(value) : -1;
}

long account_inline_size(const json_t *entry, enum principal_kind kind)
{
	json_t *list = NULL;
	json_t *item;
	long size = 0;
	size_t i;

	if (account_section(entry, kinds[kind].inline_section, &list) == SECTION_UNREAD)
		return -1;
	json_array_foreach (list, i, item) {
		json_t *text = json_object_get(item, "PolicyDocument");
		if (!text || json_object_get(text, "unread"))
			return -1;
		json_auto_t *bound = account_bind(text, 0);
		json_auto_t *sent = account_document_text(bound);
		size += (long)text_policy_size(json_string_value(sent));
	}
	return size;
}

json_t *account_managed_document(const json_t *account, const char *policy_arn)
{
	json_t *policy = jx_find(json_object_get(account, "Policies"), "Arn", policy_arn, NULL);
	json_t *version;
	size_t i;

	json_array_foreach (json_object_get(policy, "PolicyVersionList"), i, version) {
		if (json_is_true(json_object_get(version, "IsDefaultVersion")))
			return account_document(json_object_get(version, "Document"));
	}
	return NULL;
}
