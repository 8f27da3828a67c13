// SPDX-License-Identifier: Apache-2.0
/* What is taken from a principal once it is denied: policies and groups; its boundary and marks. */
#include "cordon/json.h"
#include "cordon/policy.h"
#include "cordon/text.h"
#include "planning.h"
#include "quota.h"
#include "standing.h"

#include <string.h>

/* An item is meant if it is named, or none is named and it is not excepted. */
static bool is_meant(const struct step *step, const char *option, const char *name)
{
	return step_names(step, option, name, true) && !step_names(step, "except", name, false);
}

static bool is_given(const struct step *step, const char *option)
{
	const json_t *value = json_object_get(step->options, option);

	return json_is_string(value) || json_array_size(value) > 0;
}

/* Nothing is stripped that was not named: a parameter that was not set names nothing. */
static bool none_named(struct planning *p, const struct step *step, const char *option)
{
	if (step_flag(step, "all") || is_given(step, option) || is_given(step, "except"))
		return false;
	planning_reached(p, step, "none was named");
	return true;
}

static bool is_named(const struct step *step, const char *option, const char *name)
{
	return step_names(step, option, name, false);
}

/* A deny is not stripped with the rest, only by name. */
static bool keeps_deny(const struct step *step, const char *arn)
{
	return !is_named(step, "policy", arn) &&
	       (text_has_suffix(arn, ":iam::aws:policy/AWSDenyAll") ||
		policy_is_aws_quarantine(arn));
}

/* What kept somebody out goes by name alone, and not without a word. */
static void warn_deny_gone(struct planning *p, const struct step *step, const char *name,
			   const json_t *item)
{
	if (text_has_suffix(name, ":iam::aws:policy/AWSDenyAll") ||
	    policy_is_aws_quarantine(name) || (item && standing_is_own(item)))
		planning_warn(p,
			      "'%s' of %s keeps somebody out; without it his sessions that have "
			      "not expired work again",
			      name, step_arn(step));
}

void contain_detach_policies(struct planning *p, const struct step *step)
{
	json_auto_t *entry = jx_copy(step_entry(p, step));
	json_t *list = NULL;
	json_t *item;
	size_t count = 0;
	size_t i;

	if (none_named(p, step, "policy"))
		return;
	if (account_section(entry, "AttachedManagedPolicies", &list) == SECTION_UNREAD) {
		planning_skip(p, step, NULL, "the attached policies could not be listed (%s)",
			      account_unread_why(entry, "AttachedManagedPolicies"));
		return;
	}
	json_array_foreach (list, i, item) {
		const char *arn = jx_text(item, "PolicyArn");
		if (!is_meant(step, "policy", arn) || keeps_deny(step, arn))
			continue;
		count++;
		if (policy_is_aws_quarantine(arn) && planning_held_by_aws(p, step, "it is removed"))
			continue;
		warn_deny_gone(p, step, arn, NULL);
		planning_add(p, step, quota_calls(step->kind)->detach,
			     jx_pack("{s:s}", "PolicyArn", arn), "attached policy");
	}
	step_missing(p, step, "policy", entry, "AttachedManagedPolicies");
	if (count == 0)
		planning_reached(p, step, "no such policy is attached");
}

static void delete_inline(struct planning *p, const struct step *step, const json_t *item)
{
	const char *name = jx_text(item, "PolicyName");
	const json_t *document = json_object_get(item, "PolicyDocument");

	if (!document || json_object_get(document, "unread")) {
		planning_skip(
			p, step, NULL,
			"the inline policy '%s' could not be read, so it could not be put back",
			name);
		return;
	}
	warn_deny_gone(p, step, name, item);
	planning_add(p, step, quota_calls(step->kind)->drop, jx_pack("{s:s}", "PolicyName", name),
		     "inline policy");
}

void contain_delete_inline_policies(struct planning *p, const struct step *step)
{
	json_auto_t *entry = jx_copy(step_entry(p, step));
	const char *section = account_inline_section(step->kind);
	json_t *list = NULL;
	json_t *item;
	size_t count = 0;
	size_t i;

	if (none_named(p, step, "policy"))
		return;
	if (account_section(entry, section, &list) == SECTION_UNREAD) {
		planning_skip(p, step, NULL, "the inline policies could not be listed (%s)",
			      account_unread_why(entry, section));
		return;
	}
	json_array_foreach (list, i, item) {
		const char *name = jx_text(item, "PolicyName");
		if (!is_meant(step, "policy", name) ||
		    (standing_is_own(item) && !is_named(step, "policy", name)))
			continue;
		count++;
		delete_inline(p, step, item);
	}
	step_missing(p, step, "policy", entry, section);
	if (count == 0)
		planning_reached(p, step, "there is no such inline policy");
}

void contain_remove_from_groups(struct planning *p, const struct step *step)
{
	json_auto_t *entry = jx_copy(step_entry(p, step));
	json_t *list = NULL;
	json_t *name;
	size_t count = 0;
	size_t i;

	if (none_named(p, step, "from"))
		return;
	if (account_section(entry, "GroupList", &list) == SECTION_UNREAD) {
		planning_skip(p, step, NULL, "the user's groups could not be listed (%s)",
			      account_unread_why(entry, "GroupList"));
		return;
	}
	json_array_foreach (list, i, name) {
		if (!is_meant(step, "from", json_string_value(name)))
			continue;
		count++;
		if (planning_held_in_group(p, step, json_string_value(name)))
			continue;
		planning_add(p, step, "RemoveUserFromGroup", jx_pack("{s:O}", "GroupName", name),
			     "group, with what its policies allow and deny");
	}
	step_missing(p, step, "from", entry, "GroupList");
	if (count == 0)
		planning_reached(p, step, "the user is in no such group");
}

void contain_set_boundary(struct planning *p, const struct step *step)
{
	const char *policy = step_option(step, "policy");
	json_t *boundary = NULL;
	enum section_state state = account_section(step_entry(p, step), "PermissionsBoundary",
						   &boundary);
	const char *old = jx_text(boundary, "PermissionsBoundaryArn");

	if (!policy) {
		planning_reached(p, step, "no boundary was named");
	} else if (text_equal(old, policy)) {
		planning_reached(p, step, "the permissions boundary is %s already", policy);
	} else if (state == SECTION_UNREAD) {
		planning_skip(p, step, NULL,
			      "the boundary that stands could not be read, so it could not be put "
			      "back");
	} else if (!policy_is_aws_quarantine(old) ||
		   !planning_held_by_aws(p, step, "a boundary takes its place")) {
		if (text_has_suffix(old, ":iam::aws:policy/AWSDenyAll"))
			planning_warn(p, "the boundary of %s denies everything; %s takes its place",
				      step_arn(step), policy);
		planning_add(p, step, quota_calls(step->kind)->bound,
			     jx_pack("{s:s}", "PermissionsBoundary", policy),
			     old ? "permissions boundary, in place of %s"
				 : "permissions boundary; there is %s",
			     old ? old : "none");
	}
}

/* IAM takes letters, digits, spaces and these in a tag's value. */
static bool fits_tag(const char *text)
{
	return strlen(text) <= 256 &&
	       text_only(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 "
			       "_.:/=+-@");
}

static const char *tag_value(const json_t *entry, const char *key)
{
	json_t *list = NULL;

	account_section(entry, "Tags", &list);
	const char *value = jx_text(jx_find(list, "Key", key, NULL), "Value");
	return value ? value : "not set";
}

void contain_tag(struct planning *p, const struct step *step)
{
	const char *case_id = p->request->case_id;
	json_auto_t *tags = jx_pack("[{s:s, s:{s:i}}]", "Key", "cordon:contained", "Value",
				    "$cutoff", 0);

	if (case_id && !fits_tag(case_id)) {
		planning_skip(p, step, "--case",
			      "the case id has characters that a tag cannot hold");
		return;
	}
	if (case_id)
		jx_push(tags, jx_pack("{s:s, s:s}", "Key", "cordon:case", "Value", case_id));
	const struct operation *op = operation_find(quota_calls(step->kind)->tag);
	json_auto_t *parameters = jx_pack("{s:O}", "Tags", tags);
	jx_set(parameters, step->kind == PRINCIPAL_ROLE ? "RoleName" : "UserName",
	       jx_string(step_principal(step)));
	if (operation_state(op, p->account, parameters) == OPERATION_DONE)
		planning_reached(p, step, "the tags stand already (cordon:contained is %s)",
				 tag_value(step_entry(p, step), "cordon:contained"));
	else
		planning_add(p, step, op->name, json_incref(parameters), "case and time, as tags");
}
