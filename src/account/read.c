// SPDX-License-Identifier: Apache-2.0
/*
 * Account files. Two formats, one result: cordon-account/1, and what `aws iam
 * get-account-authorization-details` prints, which knows nothing of keys and passwords.
 */
#include "cordon/account.h"

#include "cordon/err.h"
#include "cordon/identity.h"
#include "cordon/json.h"
#include "cordon/policy.h"
#include "cordon/text.h"

#include <stdio.h>
#include <string.h>

enum { MAX_ENTRIES = 200000 };

struct reading {
	const char *name; /* of the file, for messages */
	bool ours;	  /* cordon-account/1 */
	struct err *err;
};

/* GetAccountAuthorizationDetails leaves out a member that holds nothing. */
static const char *const details[] = {"UserPolicyList", "GroupPolicyList",
				      "RolePolicyList", "AttachedManagedPolicies",
				      "GroupList",	"PermissionsBoundary",
				      "Tags",		"InstanceProfileList",
				      "RoleLastUsed",	NULL};

static bool is_detail(const char *section)
{
	size_t i = 0;

	while (details[i] && strcmp(details[i], section) != 0)
		i++;
	return details[i] != NULL;
}

static json_t *missing(const struct reading *r, const struct section *row)
{
	if (r->ours)
		return account_unread("not-asked", NULL);
	if (is_detail(row->name))
		return row->list ? json_array() : json_null();
	return account_unread("format", NULL);
}

static bool is_unread(const json_t *value)
{
	const json_t *unread = json_object_get(value, "unread");

	return json_object_size(value) == 1 && jx_text(unread, "why");
}

bool account_items_ok(const struct section *row, const json_t *list)
{
	json_t *item;
	size_t i;

	json_array_foreach (list, i, item) {
		if (row->key ? !jx_text(item, row->key) : !json_is_string(item))
			return false;
	}
	return true;
}

static bool section_ok(const struct section *row, const json_t *value)
{
	if (json_is_null(value) || is_unread(value))
		return true;
	if (row->list)
		return json_is_array(value) && account_items_ok(row, value);
	/* Only a document may be text. */
	return json_is_object(value) ||
	       (json_is_string(value) && text_equal(row->name, "AssumeRolePolicyDocument"));
}

static int read_sections(const struct reading *r, json_t *entry, enum principal_kind kind)
{
	const struct section *row;

	for (size_t i = 0; (row = account_section_at(i)); i++) {
		if (!(row->kinds & (1u << kind)))
			continue;
		json_t *value = json_object_get(entry, row->name);
		if (!value)
			jx_set(entry, row->name, missing(r, row));
		else if (!section_ok(row, value))
			return err_set(r->err, ERR_INPUT, "%s: %s of %s '%.128s' is malformed",
				       r->name, row->name, account_kind_name(kind),
				       account_name(entry, kind));
	}
	return 0;
}

/* Keys, statuses: what a decision rests on must be there as text. */
static int check_keys(const struct reading *r, const json_t *user)
{
	json_t *keys = NULL;
	json_t *key;
	size_t i;

	if (account_section(user, "AccessKeys", &keys) != SECTION_VALUE)
		return 0;
	json_array_foreach (keys, i, key) {
		if (!identity_key_ok(jx_text(key, "AccessKeyId")) || !jx_text(key, "Status"))
			return err_set(r->err, ERR_INPUT,
				       "%s: an access key of user '%.128s' has no id or no status",
				       r->name, account_name(user, PRINCIPAL_USER));
	}
	return 0;
}

static bool is_arn_of(const struct arn *arn, enum principal_kind kind, const char *name)
{
	char first[16];
	char last[132];

	snprintf(first, sizeof(first), "%s/", account_kind_name(kind));
	snprintf(last, sizeof(last), "/%s", name);
	return text_has_prefix(arn->resource, first) && text_has_suffix(arn->resource, last);
}

/* IAM tells names apart without regard to case. */
static void fold(const char *name, char out[static 132])
{
	size_t i = 0;

	for (; i < 131 && name[i]; i++)
		out[i] = (char)(name[i] >= 'A' && name[i] <= 'Z' ? name[i] + 32 : name[i]);
	out[i] = '\0';
}

static int read_entry(const struct reading *r, json_t *account, json_t *entry,
		      enum principal_kind kind)
{
	const char *name = account_name(entry, kind);
	const char *account_id = jx_text(account, "account_id");
	struct arn arn;

	if (!identity_name_ok(name, 128))
		return err_set(r->err, ERR_INPUT, "%s: a %s has no usable name", r->name,
			       account_kind_name(kind));
	if (arn_parse(account_arn(entry), &arn) || !identity_account_ok(arn.account))
		return err_set(r->err, ERR_INPUT, "%s: %s '%s' has no ARN", r->name,
			       account_kind_name(kind), name);
	if (account_id && !text_equal(account_id, arn.account))
		return err_set(r->err, ERR_INPUT, "%s: %s '%s' is of account %s, the file of %s",
			       r->name, account_kind_name(kind), name, arn.account, account_id);
	if (!account_id)
		jx_set(account, "account_id", jx_string(arn.account));
	if (!is_arn_of(&arn, kind, name))
		return err_set(r->err, ERR_INPUT, "%s: the ARN of %s '%s' names another", r->name,
			       account_kind_name(kind), name);
	if (read_sections(r, entry, kind) || (kind == PRINCIPAL_USER && check_keys(r, entry)))
		return -1;
	return 0;
}

/* Names are told apart through an index: an account may hold thousands. */
static int read_list(const struct reading *r, json_t *account, const char *list,
		     enum principal_kind kind)
{
	json_auto_t *seen = json_object();
	json_t *value = json_object_get(account, list);
	json_t *entry;
	size_t i;

	if (!value || is_unread(value)) {
		jx_set(account, list, json_array());
		return 0;
	}
	if (!json_is_array(value) || json_array_size(value) > MAX_ENTRIES)
		return err_set(r->err, ERR_INPUT, "%s: %s is no list, or too long", r->name, list);
	if (!r->ours)
		account_set_listed(account, kind);
	json_array_foreach (value, i, entry) {
		if (read_entry(r, account, entry, kind))
			return -1;
		char folded[132];
		fold(account_name(entry, kind), folded);
		if (json_object_get(seen, folded))
			return err_set(r->err, ERR_INPUT, "%s: %s '%s' is there twice", r->name,
				       account_kind_name(kind), account_name(entry, kind));
		jx_set(seen, folded, json_true());
	}
	return 0;
}

/* {group: [user,..]} by the users' own lists; NULL if one of those is not known. */
static json_t *members_by_group(const json_t *account)
{
	json_t *out = json_object();
	json_t *user;
	json_t *name;
	size_t i;
	size_t n;

	json_array_foreach (account_entries(account, PRINCIPAL_USER), i, user) {
		json_t *list = NULL;
		if (account_section(user, "GroupList", &list) == SECTION_UNREAD) {
			json_decref(out);
			return NULL;
		}
		json_array_foreach (list, n, name) {
			if (!json_object_get(out, json_string_value(name)))
				jx_set(out, json_string_value(name), json_array());
			jx_push(json_object_get(out, json_string_value(name)),
				jx_string(account_name(user, PRINCIPAL_USER)));
		}
	}
	return out;
}

static void fill_members(json_t *account)
{
	json_auto_t *members = account_listed(account, PRINCIPAL_USER) ? members_by_group(account)
								       : NULL;
	json_t *group;
	size_t i;

	json_array_foreach (account_entries(account, PRINCIPAL_GROUP), i, group) {
		json_t *list = json_object_get(members, account_name(group, PRINCIPAL_GROUP));
		if (!members || account_section(group, "Members", NULL) != SECTION_UNREAD)
			continue;
		jx_set(group, "Members", list ? jx_copy(list) : json_array());
	}
}

static int read_policies(const struct reading *r, json_t *account)
{
	json_t *policies = json_object_get(account, "Policies");
	json_t *policy;
	size_t i;

	if (!policies || is_unread(policies)) {
		jx_set(account, "Policies", json_array());
		return 0;
	}
	if (!json_is_array(policies))
		return err_set(r->err, ERR_INPUT, "%s: Policies is no list", r->name);
	json_array_foreach (policies, i, policy) {
		if (!jx_text(policy, "Arn"))
			return err_set(r->err, ERR_INPUT, "%s: a managed policy has no Arn",
				       r->name);
	}
	return 0;
}

static int read_parts(const struct reading *r, json_t *account)
{
	const char *why = r->ours ? "not-asked" : "format";

	if (!json_is_object(json_object_get(account, "listed")))
		jx_set(account, "listed", json_object());
	if (!json_object_get(account, "AccountAliases"))
		jx_set(account, "AccountAliases", account_unread(why, NULL));
	if (!json_object_get(account, "SummaryMap"))
		jx_set(account, "SummaryMap", account_unread(why, NULL));
	if (!json_is_array(json_object_get(account, "AccessKeyLastUsed")))
		jx_set(account, "AccessKeyLastUsed", json_array());
	if (read_list(r, account, "UserDetailList", PRINCIPAL_USER) ||
	    read_list(r, account, "GroupDetailList", PRINCIPAL_GROUP) ||
	    read_list(r, account, "RoleDetailList", PRINCIPAL_ROLE) || read_policies(r, account))
		return -1;
	fill_members(account);
	if (!identity_account_ok(jx_text(account, "account_id")))
		return err_set(r->err, ERR_INPUT,
			       "%s: names no account: no account_id, no principal", r->name);
	return 0;
}

static int check_format(struct reading *r, const json_t *account)
{
	const json_t *format = json_object_get(account, "format");

	if (!json_is_object(account))
		return err_set(r->err, ERR_INPUT, "%s: no account: the document is no object",
			       r->name);
	if (format) {
		if (!text_equal(json_string_value(format), "cordon-account/1"))
			return err_set(
				r->err, ERR_INPUT,
				"%s: format is not 'cordon-account/1'; a newer cordon may read it",
				r->name);
		r->ours = true;
		return 0;
	}
	if (!json_object_get(account, "UserDetailList") &&
	    !json_object_get(account, "RoleDetailList"))
		return err_set(r->err, ERR_INPUT,
			       "%s: no account: neither cordon-account/1 nor the output of "
			       "get-account-authorization-details",
			       r->name);
	return 0;
}

int account_read(const char *bytes, size_t length, const char *name, json_t **ret_account,
		 struct err *err)
{
	struct reading r = {.name = name, .err = err};
	json_auto_t *account = jx_read(bytes, length, name, err);

	if (!account || check_format(&r, account))
		return -1;
	if (!r.ours)
		jx_set(account, "format", jx_string("cordon-account/1"));
	if (json_object_get(account, "account_id") && !jx_text(account, "account_id"))
		return err_set(err, ERR_INPUT, "%s: account_id is no string", name);
	if (json_object_get(account, "listed") &&
	    !json_is_object(json_object_get(account, "listed")))
		return err_set(err, ERR_INPUT, "%s: 'listed' is no object", name);
	if (read_parts(&r, account))
		return -1;
	*ret_account = json_incref(account);
	return 0;
}
