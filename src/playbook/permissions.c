// SPDX-License-Identifier: Apache-2.0
#include "permissions.h"

#include "cordon/json.h"
#include "cordon/policy.h"

static void add_inline(struct permissions *s, const json_t *entry, enum principal_kind kind)
{
	json_t *list = NULL;
	json_t *item;
	size_t i;

	if (account_section(entry, account_inline_section(kind), &list) == SECTION_UNREAD) {
		s->complete = false;
		return;
	}
	json_array_foreach (list, i, item) {
		json_t *document = account_document(json_object_get(item, "PolicyDocument"));
		if (document)
			jx_push(s->documents, document);
		else
			s->complete = false;
	}
}

static void add_attached(struct permissions *s, const json_t *entry)
{
	json_t *list = NULL;
	json_t *item;
	size_t i;

	if (account_section(entry, "AttachedManagedPolicies", &list) == SECTION_UNREAD) {
		s->complete = false;
		return;
	}
	json_array_foreach (list, i, item) {
		json_t *document = account_managed_document(s->account, jx_text(item, "PolicyArn"));
		if (document)
			jx_push(s->documents, document);
		else
			s->complete = false;
	}
}

static void add_groups(struct permissions *s, const json_t *user)
{
	json_t *list = NULL;
	json_t *name;
	size_t i;

	if (account_section(user, "GroupList", &list) == SECTION_UNREAD) {
		s->complete = false;
		return;
	}
	json_array_foreach (list, i, name) {
		const json_t *group = account_find(s->account, PRINCIPAL_GROUP,
						   json_string_value(name));
		if (!group) {
			s->complete = false;
			continue;
		}
		add_inline(s, group, PRINCIPAL_GROUP);
		add_attached(s, group);
	}
}

struct permissions permissions_of(const json_t *account, enum principal_kind kind, const char *name)
{
	struct permissions s = {.account = account, .documents = json_array(), .complete = true};
	const json_t *entry = account_find(account, kind, name);
	json_t *boundary = NULL;

	if (!entry) {
		s.complete = false;
		return s;
	}
	add_inline(&s, entry, kind);
	add_attached(&s, entry);
	if (kind == PRINCIPAL_USER)
		add_groups(&s, entry);
	switch (account_section(entry, "PermissionsBoundary", &boundary)) {
	case SECTION_UNREAD:
		s.complete = false;
		break;
	case SECTION_NONE:
		break;
	case SECTION_VALUE:
		s.boundary = account_managed_document(account,
						      jx_text(boundary, "PermissionsBoundaryArn"));
		s.bounded = true;
	}
	return s;
}

void permissions_release(struct permissions *s)
{
	json_decref(s->documents);
	json_decref(s->boundary);
}

static bool any_speaks(const struct permissions *s, const char *effect, const char *action,
		       const char *resource, bool conditions)
{
	json_t *document;
	size_t i;

	json_array_foreach (s->documents, i, document) {
		if (policy_speaks(document, effect, action, resource, conditions))
			return true;
	}
	return false;
}

/* A boundary that is there but was not read may say anything. */
static enum may bounded(const struct permissions *s, const char *action, const char *resource)
{
	if (!s->bounded)
		return MAY_YES;
	if (!s->boundary)
		return MAY_UNKNOWN;
	if (policy_speaks(s->boundary, "Deny", action, resource, false) ||
	    !policy_speaks(s->boundary, "Allow", action, resource, true))
		return MAY_NO;
	return policy_speaks(s->boundary, "Allow", action, resource, false) &&
			       !policy_speaks(s->boundary, "Deny", action, resource, true)
		       ? MAY_YES
		       : MAY_UNKNOWN;
}

enum may permissions_may(const struct permissions *s, const char *action, const char *resource)
{
	enum may bound = bounded(s, action, resource);

	if (any_speaks(s, "Deny", action, resource, false) || bound == MAY_NO)
		return MAY_NO;
	if (!any_speaks(s, "Allow", action, resource, true))
		return s->complete ? MAY_NO : MAY_UNKNOWN;
	if (bound == MAY_UNKNOWN || !s->complete || any_speaks(s, "Deny", action, resource, true) ||
	    !any_speaks(s, "Allow", action, resource, false))
		return MAY_UNKNOWN;
	return MAY_YES;
}
