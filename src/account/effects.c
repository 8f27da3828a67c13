// SPDX-License-Identifier: Apache-2.0
/*
 * Each effect changes one section of an entry as AWS would, and leaves it alone where it is unread
 * but for noting the one item it now knows (account_know). Each undo looks at the entry as it was
 * before.
 */
#include "effects.h"

#include "cordon/account.h"
#include "cordon/json.h"
#include "cordon/policy.h"
#include "cordon/text.h"

#include <stdio.h>
#include <string.h>

static const char *principal_member(const struct operation *op)
{
	const struct member *m = op->input;

	while (!(m->flags & MEMBER_PRINCIPAL))
		m++;
	return m->name;
}

/* One undo operation on the same principal; more is added by the caller. */
static json_t *undo_step(const char *operation, const struct operation *op,
			 const json_t *parameters, const char *key, json_t *value_stolen)
{
	const char *who = principal_member(op);
	json_t *undo = jx_pack("{s:s, s:{s:s}}", "operation", operation, "parameters", who,
			       jx_text(parameters, who));

	if (key)
		jx_set(json_object_get(undo, "parameters"), key, value_stolen);
	return undo;
}

static void replace_item(json_t *entry, const char *section, const char *key, json_t *item_stolen)
{
	const char *member = account_section_row(section)->key;
	json_t *list = json_object_get(entry, section);
	size_t i;

	if (account_section(entry, section, NULL) == SECTION_UNREAD) {
		account_know(entry, section, key, item_stolen);
		return;
	}
	if (!json_is_array(list)) {
		list = json_array();
		jx_set(entry, section, list);
	}
	if (jx_find(list, member, key, &i))
		json_array_set_new(list, i, item_stolen);
	else
		jx_push(list, item_stolen);
}

static void remove_item(json_t *entry, const char *section, const char *key)
{
	const char *member = account_section_row(section)->key;
	json_t *list = json_object_get(entry, section);
	size_t i;

	if (account_section(entry, section, NULL) == SECTION_UNREAD)
		account_know(entry, section, key, NULL);
	else if (jx_find(list, member, key, &i))
		json_array_remove(list, i);
}

/* The section's key is the name of the parameter too: AccessKeyId, PolicyArn, SerialNumber, ... */
static const char *key_of(const struct operation *op, const json_t *parameters)
{
	return jx_text(parameters, account_section_row(op->section)->key);
}

int effect_delete_item(const struct operation *op, json_t *entry, const json_t *parameters)
{
	remove_item(entry, op->section, key_of(op, parameters));
	return 0;
}

int effect_put_policy(const struct operation *op, json_t *entry, const json_t *parameters)
{
	const char *name = jx_text(parameters, "PolicyName");
	json_t *item = jx_pack("{s:s, s:O}", "PolicyName", name, "PolicyDocument",
			       json_object_get(parameters, "PolicyDocument"));

	replace_item(entry, op->section, name, item);
	return 0;
}

/* The old document under its old name; none where it could not be read. */
static json_t *put_back(const char *operation, const struct operation *op, const json_t *parameters,
			const json_t *item)
{
	const json_t *document = json_object_get(item, "PolicyDocument");

	if (!document || json_object_get(document, "unread"))
		return NULL;
	json_t *back = undo_step(operation, op, parameters, "PolicyName",
				 jx_string(jx_text(item, "PolicyName")));
	jx_set(json_object_get(back, "parameters"), "PolicyDocument",
	       account_document_text(document));
	return jx_pack("[o]", back);
}

json_t *undo_put_policy(const struct operation *op, const json_t *entry, const json_t *parameters)
{
	const char *name = jx_text(parameters, "PolicyName");
	json_t *item = NULL;

	switch (account_item(entry, op->section, name, &item)) {
	case SECTION_UNREAD:
		return NULL;
	case SECTION_NONE:
		return jx_pack("[o]", undo_step(op->undone_by, op, parameters, "PolicyName",
						jx_string(name)));
	case SECTION_VALUE:
		break;
	}
	return put_back(op->name, op, parameters, item);
}

json_t *undo_delete_policy(const struct operation *op, const json_t *entry,
			   const json_t *parameters)
{
	const char *name = jx_text(parameters, "PolicyName");
	json_t *item = NULL;

	if (account_item(entry, op->section, name, &item) != SECTION_VALUE)
		return NULL;
	return put_back(op->undone_by, op, parameters, item);
}

int effect_attach(const struct operation *op, json_t *entry, const json_t *parameters)
{
	const char *arn = jx_text(parameters, "PolicyArn");
	const char *slash = strrchr(arn, '/');

	if (account_item(entry, op->section, arn, NULL) == SECTION_VALUE)
		return 0;
	replace_item(
		entry, op->section, arn,
		jx_pack("{s:s, s:s}", "PolicyName", slash ? slash + 1 : arn, "PolicyArn", arn));
	return 0;
}

/* Attaching what is attached already changes nothing, so there is nothing to take back. */
json_t *undo_attach(const struct operation *op, const json_t *entry, const json_t *parameters)
{
	const char *arn = jx_text(parameters, "PolicyArn");

	switch (account_item(entry, op->section, arn, NULL)) {
	case SECTION_UNREAD:
		return NULL;
	case SECTION_VALUE:
		return json_array();
	case SECTION_NONE:
		break;
	}
	return jx_pack("[o]",
		       undo_step(op->undone_by, op, parameters, "PolicyArn", jx_string(arn)));
}

json_t *undo_detach(const struct operation *op, const json_t *entry, const json_t *parameters)
{
	const char *arn = jx_text(parameters, "PolicyArn");

	if (account_item(entry, op->section, arn, NULL) != SECTION_VALUE)
		return NULL;
	return jx_pack("[o]",
		       undo_step(op->undone_by, op, parameters, "PolicyArn", jx_string(arn)));
}

int effect_put_boundary(const struct operation *op, json_t *entry, const json_t *parameters)
{
	if (account_section(entry, op->section, NULL) != SECTION_UNREAD)
		jx_set(entry, op->section,
		       jx_pack("{s:s, s:s}", "PermissionsBoundaryType", "Policy",
			       "PermissionsBoundaryArn",
			       jx_text(parameters, "PermissionsBoundary")));
	return 0;
}

/* Whatever was there comes back: the boundary before, or none. */
json_t *undo_boundary(const struct operation *op, const json_t *entry, const json_t *parameters)
{
	bool putting = json_object_get(parameters, "PermissionsBoundary") != NULL;
	json_t *old = NULL;

	switch (account_section(entry, op->section, &old)) {
	case SECTION_UNREAD:
		return NULL;
	case SECTION_NONE:
		if (!putting)
			return json_array();
		return jx_pack("[o]", undo_step(op->undone_by, op, parameters, NULL, NULL));
	case SECTION_VALUE:
		break;
	}
	if (!jx_text(old, "PermissionsBoundaryArn"))
		return NULL;
	return jx_pack("[o]", undo_step(putting ? op->name : op->undone_by, op, parameters,
					"PermissionsBoundary",
					jx_string(jx_text(old, "PermissionsBoundaryArn"))));
}

int effect_set_status(const struct operation *op, json_t *entry, const json_t *parameters)
{
	json_t *item = NULL;

	if (account_item(entry, op->section, key_of(op, parameters), &item) == SECTION_NONE)
		return -1;
	if (item)
		jx_set(item, "Status", jx_string(jx_text(parameters, "Status")));
	return 0;
}

/* Unread: whoever switched it off means a key that was on; release asks for each key by name
 * anyway. */
json_t *undo_set_status(const struct operation *op, const json_t *entry, const json_t *parameters)
{
	const char *member = account_section_row(op->section)->key;
	const char *key = jx_text(parameters, member);
	const char *status = "Active";
	json_t *item = NULL;

	if (account_item(entry, op->section, key, &item) == SECTION_NONE)
		return NULL;
	if (item)
		status = jx_text(item, "Status");
	json_t *back = undo_step(op->undone_by, op, parameters, member, jx_string(key));
	jx_set(json_object_get(back, "parameters"), "Status", jx_string(status));
	return jx_pack("[o]", back);
}

int effect_clear(const struct operation *op, json_t *entry, const json_t *parameters)
{
	(void)parameters;
	if (account_section(entry, op->section, NULL) != SECTION_UNREAD)
		jx_set(entry, op->section, json_null());
	return 0;
}

static bool is_member(const json_t *entry, const struct operation *op, const char *group)
{
	return jx_contains(json_object_get(entry, op->section), group);
}

int effect_add_to_group(const struct operation *op, json_t *entry, const json_t *parameters)
{
	if (account_section(entry, op->section, NULL) == SECTION_UNREAD)
		return 0;
	if (!json_is_array(json_object_get(entry, op->section)))
		jx_set(entry, op->section, json_array());
	jx_add_unique(json_object_get(entry, op->section), jx_text(parameters, "GroupName"));
	return 0;
}

static json_t *undo_membership(const struct operation *op, const json_t *entry,
			       const json_t *parameters, bool was)
{
	const char *group = jx_text(parameters, "GroupName");

	if (account_section(entry, op->section, NULL) == SECTION_UNREAD)
		return NULL;
	if (is_member(entry, op, group) != was)
		return json_array();
	return jx_pack("[o]",
		       undo_step(op->undone_by, op, parameters, "GroupName", jx_string(group)));
}

json_t *undo_add_to_group(const struct operation *op, const json_t *entry, const json_t *parameters)
{
	return undo_membership(op, entry, parameters, false);
}

int effect_remove_from_group(const struct operation *op, json_t *entry, const json_t *parameters)
{
	json_t *list = json_object_get(entry, op->section);

	for (size_t i = json_array_size(list); i-- > 0;) {
		if (text_equal(json_string_value(json_array_get(list, i)),
			       jx_text(parameters, "GroupName")))
			json_array_remove(list, i);
	}
	return 0;
}

json_t *undo_remove_from_group(const struct operation *op, const json_t *entry,
			       const json_t *parameters)
{
	return undo_membership(op, entry, parameters, true);
}

/* IAM tells tag keys apart without regard to case. */
static json_t *tag_at(const json_t *entry, const char *section, const char *key, size_t *ret_at)
{
	json_t *tag;
	size_t i;

	json_array_foreach (json_object_get(entry, section), i, tag) {
		if (!text_equal_nocase(jx_text(tag, "Key"), key))
			continue;
		*ret_at = i;
		return tag;
	}
	return NULL;
}

int effect_tag(const struct operation *op, json_t *entry, const json_t *parameters)
{
	json_t *tag;
	size_t i;

	json_array_foreach (json_object_get(parameters, "Tags"), i, tag) {
		size_t at;
		if (tag_at(entry, op->section, jx_text(tag, "Key"), &at))
			json_array_set_new(json_object_get(entry, op->section), at, jx_copy(tag));
		else
			replace_item(entry, op->section, jx_text(tag, "Key"), jx_copy(tag));
	}
	return 0;
}

/* Tags that had another value get it back, new ones go. */
json_t *undo_tag(const struct operation *op, const json_t *entry, const json_t *parameters)
{
	json_t *out = json_array();
	json_auto_t *old = json_array();
	json_auto_t *made = json_array();
	json_t *item;
	json_t *tag;
	size_t i;

	json_array_foreach (json_object_get(parameters, "Tags"), i, tag) {
		const char *key = jx_text(tag, "Key");
		size_t at;
		item = tag_at(entry, op->section, key, &at);
		if (item)
			json_array_append(old, item);
		else
			jx_push(made, jx_string(key));
	}
	if (json_array_size(made))
		jx_push(out, undo_step(op->undone_by, op, parameters, "TagKeys", jx_copy(made)));
	if (json_array_size(old))
		jx_push(out, undo_step(op->name, op, parameters, "Tags", jx_copy(old)));
	if (account_section(entry, op->section, NULL) != SECTION_UNREAD)
		return out;
	json_decref(out);
	return NULL;
}

int effect_untag(const struct operation *op, json_t *entry, const json_t *parameters)
{
	json_t *key;
	size_t i;

	json_array_foreach (json_object_get(parameters, "TagKeys"), i, key) {
		size_t at;
		if (tag_at(entry, op->section, json_string_value(key), &at))
			json_array_remove(json_object_get(entry, op->section), at);
	}
	return 0;
}

json_t *undo_untag(const struct operation *op, const json_t *entry, const json_t *parameters)
{
	json_auto_t *old = json_array();
	json_t *item = NULL;
	json_t *key;
	size_t i;

	if (account_section(entry, op->section, NULL) == SECTION_UNREAD)
		return NULL;
	json_array_foreach (json_object_get(parameters, "TagKeys"), i, key) {
		size_t at;
		item = tag_at(entry, op->section, json_string_value(key), &at);
		if (item)
			json_array_append(old, item);
	}
	if (json_array_size(old) == 0)
		return json_array();
	return jx_pack("[o]", undo_step(op->undone_by, op, parameters, "Tags", jx_copy(old)));
}

int effect_set_trust(const struct operation *op, json_t *entry, const json_t *parameters)
{
	if (account_section(entry, op->section, NULL) != SECTION_UNREAD)
		json_object_set(entry, op->section, json_object_get(parameters, "PolicyDocument"));
	return 0;
}

json_t *undo_set_trust(const struct operation *op, const json_t *entry, const json_t *parameters)
{
	json_t *old = NULL;

	if (account_section(entry, op->section, &old) != SECTION_VALUE)
		return NULL;
	json_auto_t *document = account_document(old);
	json_auto_t *dropped = json_array();
	json_auto_t *back = document ? policy_restorable(document, dropped) : NULL;
	if (!back)
		return NULL;
	return jx_pack("[o]",
		       undo_step(op->name, op, parameters, "PolicyDocument",
				 account_document_text(json_array_size(dropped) ? back : old)));
}

/* Its ARN is the one that a profile without path has; the next read tells. */
int effect_join_profile(const struct operation *op, json_t *entry, const json_t *parameters)
{
	const char *name = key_of(op, parameters);
	struct arn role;

	if (account_item(entry, op->section, name, NULL) == SECTION_VALUE ||
	    arn_parse(account_arn(entry), &role))
		return 0;
	json_auto_t *arn = json_sprintf("arn:%s:iam::%s:instance-profile/%s", role.partition,
					role.account, name);
	replace_item(entry, op->section, name,
		     jx_pack("{s:s, s:O}", "InstanceProfileName", name, "Arn", arn));
	return 0;
}

static json_t *undo_profile(const struct operation *op, const json_t *entry,
			    const json_t *parameters, enum section_state was)
{
	const char *member = account_section_row(op->section)->key;
	const char *name = jx_text(parameters, member);
	enum section_state state = account_item(entry, op->section, name, NULL);

	if (state == SECTION_UNREAD)
		return NULL;
	if (state != was)
		return json_array();
	return jx_pack("[o]", undo_step(op->undone_by, op, parameters, member, jx_string(name)));
}

json_t *undo_join_profile(const struct operation *op, const json_t *entry, const json_t *parameters)
{
	return undo_profile(op, entry, parameters, SECTION_NONE);
}

json_t *undo_leave_profile(const struct operation *op, const json_t *entry,
			   const json_t *parameters)
{
	return undo_profile(op, entry, parameters, SECTION_VALUE);
}

/* As its neighbours say it. */
static void partition_of(json_t *account, char out[static 32])
{
	struct arn arn;

	snprintf(out, 32, "aws");
	for (enum principal_kind kind = PRINCIPAL_USER; kind <= PRINCIPAL_GROUP; kind++) {
		const json_t *entry = json_array_get(account_entries(account, kind), 0);
		if (arn_parse(account_arn(entry), &arn) == 0)
			memcpy(out, arn.partition, 32);
	}
}

static void empty_sections(json_t *entry, enum principal_kind kind)
{
	const struct section *row;

	for (size_t i = 0; (row = account_section_at(i)); i++) {
		if (row->kinds & (1u << kind))
			jx_set(entry, row->name, row->list ? json_array() : json_null());
	}
}

int effect_create(const struct operation *op, json_t *account, const json_t *parameters)
{
	const char *name = operation_principal(op, parameters);
	const char *path = jx_text(parameters, "Path") ? jx_text(parameters, "Path") : "/";
	const char *boundary = jx_text(parameters, "PermissionsBoundary");
	char partition[32];

	if (account_find(account, op->on, name))
		return -1;
	partition_of(account, partition);
	json_auto_t *arn = json_sprintf("arn:%s:iam::%s:%s%s%s", partition,
					jx_text(account, "account_id"), account_kind_name(op->on),
					path, name);
	json_t *entry = account_add(account, op->on, name, json_string_value(arn));
	empty_sections(entry, op->on);
	jx_set(entry, "Path", jx_string(path));
	if (json_object_get(parameters, "Tags"))
		jx_set(entry, "Tags", jx_copy(json_object_get(parameters, "Tags")));
	if (boundary)
		jx_set(entry, "PermissionsBoundary",
		       jx_pack("{s:s, s:s}", "PermissionsBoundaryType", "Policy",
			       "PermissionsBoundaryArn", boundary));
	return 0;
}

json_t *undo_create(const struct operation *op, const json_t *entry, const json_t *parameters)
{
	return entry ? NULL : jx_pack("[o]", undo_step(op->undone_by, op, parameters, NULL, NULL));
}

int effect_end(const struct operation *op, json_t *account, const json_t *parameters)
{
	json_t *entries = account_entries(account, op->on);
	const json_t *entry = account_find(account, op->on, operation_principal(op, parameters));

	for (size_t i = json_array_size(entries); i-- > 0;) {
		if (json_array_get(entries, i) == entry)
			json_array_remove(entries, i);
	}
	return 0;
}
