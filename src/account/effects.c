// SPDX-License-Identifier: Apache-2.0
/*
 * Each effect changes one section of an entry as AWS would, and leaves it alone where it is unread
 * but for noting the one item it now knows (account_know). Each undo looks at the entry as it was
 * before.
 */
#include "effects.h"

#include "cordon/account.h"
#include "cordon/json.h"
#include "cordon/text.h"

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

int effect_delete_policy(const struct operation *op, json_t *entry, const json_t *parameters)
{
	remove_item(entry, op->section, jx_text(parameters, "PolicyName"));
	return 0;
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

int effect_detach(const struct operation *op, json_t *entry, const json_t *parameters)
{
	remove_item(entry, op->section, jx_text(parameters, "PolicyArn"));
	return 0;
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

/* The section's key is the name of the parameter too: AccessKeyId, SSHPublicKeyId, ... */
int effect_set_status(const struct operation *op, json_t *entry, const json_t *parameters)
{
	const char *key = jx_text(parameters, account_section_row(op->section)->key);
	json_t *item = NULL;

	if (account_item(entry, op->section, key, &item) == SECTION_NONE)
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
