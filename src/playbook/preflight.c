// SPDX-License-Identifier: Apache-2.0
/* What will happen when the plan is sent: may we, can the target undo it, and what will break. */
#include "cordon/preflight.h"

#include "cordon/identity.h"
#include "cordon/json.h"
#include "cordon/operation.h"
#include "cordon/policy.h"
#include "cordon/reach.h"
#include "cordon/text.h"

#include <stdio.h>
#include <string.h>

enum may { MAY_NO, MAY_UNKNOWN, MAY_YES };
static const char *const mays[] = {[MAY_NO] = "no", [MAY_UNKNOWN] = "unknown", [MAY_YES] = "yes"};

/* By policies that were read: what hangs on a condition, or on what was not read, is unknown. reach
 * NULL: there is nobody of that name. */
static enum may may_of(const struct reach *reach, const char *action, const char *resource)
{
	struct reach_answer answer;

	if (!reach)
		return MAY_UNKNOWN;
	reach_may(reach, action, resource, &answer);
	if (answer.may.effect == EFFECT_EXPLICIT_DENY)
		return MAY_NO;
	if (answer.may.effect != EFFECT_ALLOW)
		return reach_complete(reach) ? MAY_NO : MAY_UNKNOWN;
	return answer.must.effect == EFFECT_ALLOW && reach_complete(reach) ? MAY_YES : MAY_UNKNOWN;
}

/* With one of these a principal gets out of what this plan does, until the deny is enforced: by
 * undoing it on itself, or by a new way in on anything. */
static const struct way_out {
	const char *action;
	bool itself;
} ways_out[] = {
	{"iam:DeleteUserPolicy", true},
	{"iam:DeleteRolePolicy", true},
	{"iam:PutUserPolicy", false},
	{"iam:PutRolePolicy", false},
	{"iam:DetachUserPolicy", true},
	{"iam:DetachRolePolicy", true},
	{"iam:AttachUserPolicy", false},
	{"iam:AttachRolePolicy", false},
	{"iam:PutUserPermissionsBoundary", true},
	{"iam:PutRolePermissionsBoundary", true},
	{"iam:DeleteUserPermissionsBoundary", true},
	{"iam:DeleteRolePermissionsBoundary", true},
	{"iam:RemoveUserFromGroup", false},
	{"iam:UpdateAccessKey", true},
	{"iam:UpdateServiceSpecificCredential", true},
	{"iam:ResetServiceSpecificCredential", true},
	{"iam:UpdateSSHPublicKey", true},
	{"iam:UpdateSigningCertificate", true},
	{"iam:CreateAccessKey", false},
	{"iam:CreateLoginProfile", false},
	{"iam:UpdateLoginProfile", false},
	{"iam:CreateServiceSpecificCredential", false},
	{"iam:UploadSSHPublicKey", false},
	{"iam:UploadSigningCertificate", false},
	{"iam:UpdateAssumeRolePolicy", false},
	{"iam:CreateUser", false},
	{"iam:CreateRole", false},
	{"iam:AddUserToGroup", false},
	{"iam:CreatePolicyVersion", false},
	{"iam:SetDefaultPolicyVersion", false},
	{"iam:PassRole", false},
	{"sts:AssumeRole", false},
	{"sts:GetFederationToken", false},
};

enum { WAYS_OUT = sizeof(ways_out) / sizeof(ways_out[0]) };

/* Calls whose permission is asked on something else than the principal that they change. */
static json_t *resource_of(const json_t *account, const struct operation *op,
			   const json_t *parameters)
{
	const char *group = jx_text(parameters, "GroupName");
	const char *profile = jx_text(parameters, "InstanceProfileName");
	const json_t *entry = account_find(account, op->on, operation_principal(op, parameters));
	const char *arn = account_arn(entry);
	struct arn parts;

	if (op->on == PRINCIPAL_USER && group && arn_parse(arn, &parts) == 0) {
		const json_t *there = account_find(account, PRINCIPAL_GROUP, group);
		return account_arn(there) ? jx_string(account_arn(there))
					  : json_sprintf("arn:%s:iam::%s:group/%s", parts.partition,
							 parts.account, group);
	}
	if (profile && arn_parse(arn, &parts) == 0)
		return json_sprintf("arn:%s:iam::%s:instance-profile/%s", parts.partition,
				    parts.account, profile);
	return jx_string(arn);
}

json_t *preflight_questions(const json_t *plan, const json_t *account)
{
	json_t *actions = json_array();
	json_t *resources = json_array();
	json_t *operation;
	size_t i;

	json_array_foreach (json_object_get(plan, "operations"), i, operation) {
		const struct operation *op = operation_find(jx_text(operation, "operation"));
		if (!op)
			continue;
		json_auto_t *resource = resource_of(account, op,
						    json_object_get(operation, "parameters"));
		json_auto_t *action = json_sprintf("%s:%s", op->service, op->name);
		jx_add_unique(actions, json_string_value(action));
		if (json_is_string(resource) && json_array_size(resources) < PREFLIGHT_RESOURCES)
			jx_add_unique(resources, json_string_value(resource));
	}
	return jx_pack("{s:o, s:o}", "ActionNames", actions, "ResourceArns", resources);
}

/* AWS's own decision, if it was asked about this. */
static const char *simulated(const json_t *results, const char *action, const char *resource)
{
	json_t *item;
	size_t i;

	json_array_foreach (results, i, item) {
		if (text_equal_nocase(jx_text(item, "EvalActionName"), action) &&
		    text_equal(jx_text(item, "EvalResourceName"), resource))
			return jx_text(item, "EvalDecision");
	}
	return NULL;
}

static json_t *answer(enum may may, const char *how)
{
	return jx_pack("{s:s, s:s}", "may", mays[may], "how", how);
}

static json_t *may_we(const struct preflight_input *input, const struct reach *own,
		      const json_t *operation)
{
	const struct operation *op = operation_find(jx_text(operation, "operation"));
	json_auto_t *resource = op ? resource_of(input->account, op,
						 json_object_get(operation, "parameters"))
				   : NULL;
	const char *on = json_string_value(resource);
	json_auto_t *action = op ? json_sprintf("%s:%s", op->service, op->name) : NULL;
	const char *name = json_string_value(action);

	if (!input->caller)
		return answer(MAY_UNKNOWN, "offline there is no caller");
	if (text_has_suffix(input->caller, ":root"))
		return answer(MAY_YES, "we are root");
	const char *decision = on ? simulated(input->simulated, name, on) : NULL;
	if (decision)
		return answer(text_equal(decision, "allowed") ? MAY_YES : MAY_NO,
			      text_equal(decision, "allowed") ? "simulated by AWS" : decision);
	if (!own)
		return answer(MAY_UNKNOWN, "AWS did not simulate it, and our own policies could "
					   "not be read");
	enum may may = may_of(own, name, on ? on : "*");
	return answer(may, may == MAY_UNKNOWN
				   ? "not all of our policies could be read, or a condition decides"
				   : "as our own policies say");
}

/* The most that any of these may do, per row of ways_out. */
static void add_ways(const struct preflight_input *input, enum principal_kind kind,
		     const char *name, const char *arn, enum may *most)
{
	const struct reach_query query = {
		.account = input->account, .kind = kind, .name = name, .now = input->now};
	struct reach *reach = name ? reach_new(&query) : NULL;

	for (size_t i = 0; i < WAYS_OUT; i++) {
		enum may may = may_of(reach, ways_out[i].action, ways_out[i].itself ? arn : NULL);
		most[i] = may > most[i] ? may : most[i];
	}
	reach_free(reach);
}

/* A group acts through its members. */
static void add_members(const struct preflight_input *input, const char *group, enum may *most)
{
	const json_t *entry = account_find(input->account, PRINCIPAL_GROUP, group);
	bool unread = account_section(entry, "Members", NULL) == SECTION_UNREAD;
	json_t *members = NULL;
	json_t *name;
	size_t i;

	for (i = 0; unread && i < WAYS_OUT; i++)
		most[i] = MAY_UNKNOWN;
	if (!unread)
		account_section(entry, "Members", &members);
	json_array_foreach (members, i, name) {
		const char *user = json_string_value(name);
		add_ways(input, PRINCIPAL_USER, user,
			 account_arn(account_find(input->account, PRINCIPAL_USER, user)), most);
	}
}

/* What the target may do against the plan. */
static json_t *undo_of(const struct preflight_input *input, const json_t *target,
		       enum principal_kind kind)
{
	enum may most[WAYS_OUT] = {MAY_NO};
	json_t *can = json_array();
	json_t *perhaps = json_array();

	if (kind == PRINCIPAL_GROUP)
		add_members(input, jx_text(target, "name"), most);
	else
		add_ways(input, kind, jx_text(target, "name"), jx_text(target, "arn"), most);
	for (size_t i = 0; i < WAYS_OUT; i++) {
		if (most[i] != MAY_NO)
			jx_push(most[i] == MAY_YES ? can : perhaps, jx_string(ways_out[i].action));
	}
	return jx_pack("{s:o, s:o}", "can", can, "perhaps", perhaps);
}

/* Something that a target is used by, and whether the plan ends it. */
struct use {
	const char *what, *id;
	bool stops;
	bool cut; /* the sessions that exist stop; new ones can be made */
};

/* used: {"LastUsedDate",..}; NULL: nobody knows. */
static void add_use(json_t *out, struct use use, const json_t *used)
{
	const char *service = jx_text(used, "ServiceName");
	bool never = text_equal(service, "N/A");

	jx_push(out, jx_pack("{s:s, s:o, s:b, s:b, s:b, s:o, s:o, s:o}", "what", use.what, "id",
			     jx_string(use.id), "stops", use.stops, "cut", use.cut, "known",
			     used && !json_object_get(used, "unread"), "at",
			     jx_string(jx_text(used, "LastUsedDate")), "service",
			     jx_string(never ? NULL : service), "region",
			     jx_string(never ? NULL : jx_text(used, "Region"))));
}

static bool is_deny_all(const char *arn)
{
	return arn && text_has_suffix(arn, ":iam::aws:policy/AWSDenyAll");
}

/* The plan denies the target everything, or ends it. */
static bool stops_all(const json_t *plan, const json_t *target)
{
	json_t *operation;
	size_t i;

	json_array_foreach (json_object_get(plan, "operations"), i, operation) {
		const struct operation *op = operation_find(jx_text(operation, "operation"));
		const json_t *parameters = json_object_get(operation, "parameters");
		json_auto_t *document =
			account_document(json_object_get(parameters, "PolicyDocument"));
		if (!op || !text_equal(jx_text(operation, "target"), jx_text(target, "id")))
			continue;
		if (op->account_effect || (document && policy_denies_all(document)) ||
		    is_deny_all(jx_text(parameters, "PolicyArn")) ||
		    is_deny_all(jx_text(parameters, "PermissionsBoundary")))
			return true;
	}
	return false;
}

/* The plan denies every session of the target that exists. */
static bool cuts(const json_t *plan, const json_t *target)
{
	json_t *operation;
	size_t i;

	json_array_foreach (json_object_get(plan, "operations"), i, operation) {
		json_auto_t *document =
			account_document(jx_at(operation, "parameters", "PolicyDocument", NULL));
		time_t at;
		if (document && text_equal(jx_text(operation, "target"), jx_text(target, "id")) &&
		    policy_cutoff(document, NULL, &at))
			return true;
	}
	return false;
}

/* Some operation ends this one credential. */
static bool ends(const json_t *plan, const json_t *target, const char *operation, const char *id)
{
	json_t *one;
	size_t i;

	json_array_foreach (json_object_get(plan, "operations"), i, one) {
		const json_t *parameters = json_object_get(one, "parameters");
		if (text_equal(jx_text(one, "target"), jx_text(target, "id")) &&
		    text_equal(jx_text(one, "operation"), operation) &&
		    (!id || text_equal(jx_text(parameters, "AccessKeyId"), id)) &&
		    !text_equal(jx_text(parameters, "Status"), "Active"))
			return true;
	}
	return false;
}

static void add_keys(const struct preflight_input *input, const json_t *plan, const json_t *target,
		     const json_t *entry, json_t *out)
{
	bool all = stops_all(plan, target);
	json_t *keys = NULL;
	json_t *key;
	size_t i;

	account_section(entry, "AccessKeys", &keys);
	json_array_foreach (keys, i, key) {
		const char *id = jx_text(key, "AccessKeyId");
		const json_t *asked = jx_find(json_object_get(input->account, "AccessKeyLastUsed"),
					      "AccessKeyId", id, NULL);
		const struct use use = {.what = "access key",
					.id = id,
					.stops = all || ends(plan, target, "UpdateAccessKey", id) ||
						 ends(plan, target, "DeleteAccessKey", id)};
		const json_t *used = json_object_get(asked ? asked : key, "AccessKeyLastUsed");
		if (text_equal(jx_text(key, "Status"), "Active"))
			add_use(out, use, used);
	}
}

/* The last use of each thing that the target is used by. */
static json_t *in_use(const struct preflight_input *input, const json_t *plan, const json_t *target,
		      enum principal_kind kind)
{
	const json_t *entry = account_find(input->account, kind, jx_text(target, "name"));
	bool all = stops_all(plan, target);
	json_t *out = json_array();

	if (kind == PRINCIPAL_ROLE)
		add_use(out, (struct use){"role", jx_text(target, "name"), all, cuts(plan, target)},
			json_object_get(entry, "RoleLastUsed"));
	add_keys(input, plan, target, entry, out);
	if (kind == PRINCIPAL_USER &&
	    account_section(entry, "LoginProfile", NULL) == SECTION_VALUE) {
		json_auto_t *used = jx_pack("{s:o}", "LastUsedDate",
					    jx_string(jx_text(entry, "PasswordLastUsed")));
		bool gone = all || ends(plan, target, "DeleteLoginProfile", NULL);
		add_use(out, (struct use){"console password", NULL, gone, false},
			jx_text(entry, "UserId") ? used : NULL);
	}
	return out;
}

static json_t *targets_of(const struct preflight_input *input, const json_t *plan)
{
	json_t *out = json_array();
	json_t *target;
	size_t i;

	json_array_foreach (json_object_get(plan, "targets"), i, target) {
		enum principal_kind kind = account_kind(jx_text(target, "principal"));
		if (json_object_get(target, "refused") ||
		    !jx_find(json_object_get(plan, "operations"), "target", jx_text(target, "id"),
			     NULL))
			continue;
		json_t *one = undo_of(input, target, kind);
		jx_set(one, "target", jx_string(jx_text(target, "id")));
		jx_set(one, "denied", json_boolean(stops_all(plan, target)));
		jx_set(one, "in_use", in_use(input, plan, target, kind));
		jx_push(out, one);
	}
	return out;
}

void preflight_add(json_t *plan, const struct preflight_input *input)
{
	const struct reach_query query = {.account = input->own_account,
					  .kind = input->own_kind,
					  .name = input->own_name,
					  .issued = input->now,
					  .now = input->now};
	struct reach *own = input->own_name ? reach_new(&query) : NULL;
	json_t *operations = json_object();
	json_t *operation;
	size_t i;

	json_array_foreach (json_object_get(plan, "operations"), i, operation)
		jx_set(operations, jx_text(operation, "id"), may_we(input, own, operation));
	reach_free(own);
	jx_set(plan, "preflight",
	       jx_pack("{s:o, s:o}", "operations", operations, "targets", targets_of(input, plan)));
}
