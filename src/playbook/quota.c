// SPDX-License-Identifier: Apache-2.0
#include "quota.h"

#include "cordon/json.h"
#include "cordon/text.h"

/* Sizes are IAM's own defaults, fixed for inline policies. */
static const struct calls rows[] = {
	[PRINCIPAL_NONE] = {0},
	[PRINCIPAL_USER] = {"PutUserPolicy", "DeleteUserPolicy", "AttachUserPolicy",
			    "DetachUserPolicy", "PutUserPermissionsBoundary", "TagUser",
			    "UserPolicySizeQuota", "AttachedPoliciesPerUserQuota", 2048, 10},
	[PRINCIPAL_ROLE] = {"PutRolePolicy", "DeleteRolePolicy", "AttachRolePolicy",
			    "DetachRolePolicy", "PutRolePermissionsBoundary", "TagRole",
			    "RolePolicySizeQuota", "AttachedPoliciesPerRoleQuota", 10240, 10},
	[PRINCIPAL_GROUP] = {"PutGroupPolicy", "DeleteGroupPolicy", "AttachGroupPolicy",
			     "DetachGroupPolicy", NULL, NULL, "GroupPolicySizeQuota",
			     "AttachedPoliciesPerGroupQuota", 5120, 10},
};

const struct calls *quota_calls(enum principal_kind kind)
{
	return &rows[kind];
}

struct room quota_room(const struct planning *p, const struct step *step, const char *name,
		       const json_t *document)
{
	const struct calls *calls = &rows[step->kind];
	json_auto_t *wrapped = jx_pack("{s:O}", "$document", document);
	json_auto_t *text = account_bind(wrapped, 0);
	struct room room = {.need = (long)text_policy_size(json_string_value(text)),
			    .used = account_inline_size(step_entry(p, step), step->kind),
			    .quota = account_quota(p->account, calls->inline_key)};
	json_t *old = NULL;

	if (room.quota <= 0)
		room.quota = calls->inline_size;
	if (room.used >= 0 && account_item(step_entry(p, step), account_inline_section(step->kind),
					   name, &old) == SECTION_VALUE) {
		json_auto_t *sent = account_document_text(json_object_get(old, "PolicyDocument"));
		json_auto_t *bound = account_bind(sent, 0);
		room.used -= (long)text_policy_size(json_string_value(bound));
	}
	return room;
}

bool quota_fits(const struct room *room)
{
	return room->used < 0 || room->used + room->need <= room->quota;
}

void quota_attached(const struct planning *p, const struct step *step, long *ret_count,
		    long *ret_limit)
{
	const struct calls *calls = &rows[step->kind];
	json_t *list = NULL;
	bool read = account_section(step_entry(p, step), "AttachedManagedPolicies", &list) !=
		    SECTION_UNREAD;

	*ret_count = read ? (long)json_array_size(list) : -1;
	*ret_limit = account_quota(p->account, calls->attached_key);
	if (*ret_limit <= 0)
		*ret_limit = calls->attached;
}

void quota_put_inline(struct planning *p, const struct step *step, const char *name,
		      const json_t *document, const char *what, const char *way)
{
	struct room room = quota_room(p, step, name, document);
	json_t *parameters = jx_pack("{s:s, s:{s:O}}", "PolicyName", name, "PolicyDocument",
				     "$document", document);
	const char *put = rows[step->kind].put;
	json_t *operation =
		room.used < 0
			? planning_add(p, step, put, parameters,
				       "%s; inline, %ld characters (what is in use could not be "
				       "read)",
				       what, room.need)
			: planning_add(p, step, put, parameters,
				       "%s; inline, %ld characters beside %ld of %ld", what,
				       room.need, room.used, room.quota);

	if (operation)
		jx_set(operation, "way", jx_string(way));
}
