// SPDX-License-Identifier: Apache-2.0
/* What stands on a principal already: denies, cutoffs, quarantines. */
#include "standing.h"

#include "cordon/json.h"
#include "cordon/policy.h"
#include "cordon/text.h"

static bool is_managed_deny(const char *arn)
{
	return arn && text_has_prefix(arn, "arn:") &&
	       text_has_suffix(arn, ":iam::aws:policy/AWSDenyAll");
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
		if (!text_has_prefix(jx_text(item, "PolicyName"), POLICY_DENY))
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

bool standing_deny(const json_t *entry, enum principal_kind kind, time_t *ret_stamp,
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

bool standing_session_deny(const json_t *entry, enum principal_kind kind, const char *userid)
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

bool standing_cutoff(const json_t *entry, enum principal_kind kind, const char *userid,
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

bool standing_own_quarantine(const json_t *entry, enum principal_kind kind, const json_t *wanted)
{
	const json_t *list = inline_policies(entry, kind);
	json_t *item;
	size_t i;

	json_array_foreach (list, i, item) {
		json_auto_t *document = account_document(json_object_get(item, "PolicyDocument"));
		if (document && account_same(document, wanted))
			return true;
	}
	return false;
}

const char *standing_aws_quarantine(const json_t *entry)
{
	json_t *boundary = NULL;
	json_t *list = NULL;
	json_t *item;
	size_t i;

	if (account_section(entry, "AttachedManagedPolicies", &list) == SECTION_UNREAD)
		list = jx_at(entry, "AttachedManagedPolicies", "unread", "known", NULL);
	json_array_foreach (list, i, item) {
		if (policy_is_aws_quarantine(jx_text(item, "PolicyArn")))
			return jx_text(item, "PolicyArn");
	}
	account_section(entry, "PermissionsBoundary", &boundary);
	const char *bound = jx_text(boundary, "PermissionsBoundaryArn");
	return policy_is_aws_quarantine(bound) ? bound : NULL;
}

bool standing_is_own(const json_t *item)
{
	static const char *const names[] = {POLICY_DENY, POLICY_CUTOFF, POLICY_QUARANTINE,
					    POLICY_RESTRICT, NULL};
	const char *name = jx_text(item, "PolicyName");
	json_auto_t *document = account_document(json_object_get(item, "PolicyDocument"));
	size_t i = 0;

	while (names[i] && !(name && text_has_prefix(name, names[i])))
		i++;
	return names[i] && document && policy_only_denies(document);
}
