// SPDX-License-Identifier: Apache-2.0
/* Published ways to more permissions, and what would undo a containment. */
#include "internal.h"

#include "cordon/embedded.h"
#include "cordon/json.h"
#include "cordon/text.h"

#include <stdlib.h>
#include <string.h>

/* What a contained principal must not do any more, to itself or to anybody of whom another
 * containment takes care: it would undo the containment, or make or take a way in that it does not
 * cover. */
static const struct undo {
	const char *action;
	bool user; /* roles cannot call it */
	bool none; /* it knows no resource */
} undos[] = {
	{.action = "iam:UpdateAccessKey"},
	{.action = "iam:DeleteUserPolicy"},
	{.action = "iam:DetachUserPolicy"},
	{.action = "iam:DeleteUserPermissionsBoundary"},
	{.action = "iam:PutUserPermissionsBoundary"},
	{.action = "iam:PutUserPolicy"},
	{.action = "iam:AttachUserPolicy"},
	{.action = "iam:DeleteRolePolicy"},
	{.action = "iam:DetachRolePolicy"},
	{.action = "iam:DeleteRolePermissionsBoundary"},
	{.action = "iam:PutRolePermissionsBoundary"},
	{.action = "iam:PutRolePolicy"},
	{.action = "iam:AttachRolePolicy"},
	{.action = "iam:UpdateAssumeRolePolicy"},
	{.action = "iam:DeleteGroupPolicy"},
	{.action = "iam:DetachGroupPolicy"},
	{.action = "iam:PutGroupPolicy"}, /* in place of the deny that has its name */
	{.action = "iam:AddUserToGroup"},
	{.action = "iam:RemoveUserFromGroup"}, /* out of the one that is denied */
	{.action = "iam:CreatePolicyVersion"},
	{.action = "iam:SetDefaultPolicyVersion"},
	{.action = "iam:CreateAccessKey"},
	{.action = "iam:CreateLoginProfile"},
	{.action = "iam:UpdateLoginProfile"},
	{.action = "iam:CreateServiceSpecificCredential"},
	{.action = "iam:UploadSigningCertificate"},
	{.action = "sts:AssumeRole"},
	{.action = "sts:GetFederationToken", .user = true},
	{.action = "organizations:LeaveOrganization", .none = true},
	{.action = "organizations:DetachPolicy"},
	{.action = "rolesanywhere:CreateProfile", .none = true},
	{.action = "ec2-instance-connect:SendSSHPublicKey"},
	{.action = "ssm:StartSession"},
	{.action = "ssm:SendCommand"},
};

json_t *reach_undo(const struct reach *reach)
{
	json_t *out = json_array();
	struct reach_answer answer;

	for (size_t i = 0; i < sizeof(undos) / sizeof(undos[0]); i++) {
		const struct undo *undo = &undos[i];
		const char *resource = undo->none ? "*" : NULL;
		if (undo->user && reach->query.kind != PRINCIPAL_USER)
			continue;
		reach_may(reach, undo->action, resource, &answer);
		if (answer.may.effect == EFFECT_ALLOW)
			jx_push(out, reach_explain(reach, undo->action, resource, &answer));
	}
	return out;
}

/* The services of a path that a role could be passed to. */
static bool names_service(const json_t *path, const char *principal)
{
	json_t *action;
	size_t i;

	json_array_foreach (json_object_get(path, "required"), i, action) {
		const char *name = json_string_value(action);
		size_t length = strcspn(name, ":");
		if (length && strncmp(name, "iam:", 4) != 0 &&
		    memmem(principal, strlen(principal), name, length))
			return true;
	}
	return false;
}

static bool statement_lets_in(const json_t *statement, const json_t *path)
{
	const json_t *principal = json_object_get(statement, "Principal");
	const json_t *services = json_object_get(principal, "Service");

	if (!text_equal(jx_text(statement, "Effect"), "Allow"))
		return false;
	if (json_object_get(statement, "NotPrincipal"))
		return true;
	if (json_is_string(services))
		return names_service(path, json_string_value(services));
	for (size_t i = 0; i < json_array_size(services); i++) {
		const char *name = json_string_value(json_array_get(services, i));
		if (name && names_service(path, name))
			return true;
	}
	return false;
}

/* Some service of the path may assume the role; unread trust lets everybody in. */
static bool lets_in(const json_t *role, const json_t *path)
{
	json_auto_t *trust = account_document(json_object_get(role, "AssumeRolePolicyDocument"));
	const json_t *statements = json_object_get(trust, "Statement");

	if (!trust)
		return true;
	if (json_is_object(statements))
		return statement_lets_in(statements, path);
	for (size_t i = 0; i < json_array_size(statements); i++) {
		if (statement_lets_in(json_array_get(statements, i), path))
			return true;
	}
	return false;
}

/* With one of these a role that suits is made where there is none. */
static bool makes_roles(const struct reach *reach)
{
	static const char *const makers[] = {"iam:CreateRole", "iam:UpdateAssumeRolePolicy"};
	struct reach_answer answer;

	for (size_t i = 0; i < sizeof(makers) / sizeof(makers[0]); i++) {
		reach_may(reach, makers[i], NULL, &answer);
		if (answer.may.effect == EFFECT_ALLOW)
			return true;
	}
	return false;
}

struct asking {
	const struct reach *reach;
	const json_t *without_resource;
	bool any_role; /* roles are made, or not all are known */
};

/* iam:PassRole on a role that the path's service may assume. */
static json_t *ask_pass_role(const struct asking *a, const json_t *path, bool *ret_open)
{
	struct reach_answer answer;
	json_t *role;
	size_t i;

	reach_may(a->reach, "iam:PassRole", NULL, &answer);
	*ret_open = answer.may.effect == EFFECT_ALLOW;
	if (!*ret_open || a->any_role)
		return reach_explain(a->reach, "iam:PassRole", NULL, &answer);
	json_array_foreach (account_entries(a->reach->query.account, PRINCIPAL_ROLE), i, role) {
		if (!lets_in(role, path))
			continue;
		reach_may(a->reach, "iam:PassRole", account_arn(role), &answer);
		if (answer.may.effect == EFFECT_ALLOW)
			return reach_explain(a->reach, "iam:PassRole", account_arn(role), &answer);
	}
	*ret_open = false;
	return jx_pack("{s:s, s:n, s:s, s:n, s:n, s:s}", "action", "iam:PassRole", "resource",
		       "decision", "ImplicitDeny", "policy", "statement", "why",
		       "no role that the service may assume can be passed");
}

static json_t *ask(const struct asking *a, const json_t *path, const char *action, bool *ret_open)
{
	const char *resource = jx_contains(a->without_resource, action) ? "*" : NULL;
	struct reach_answer answer;

	if (text_equal(action, "iam:PassRole"))
		return ask_pass_role(a, path, ret_open);
	reach_may(a->reach, action, resource, &answer);
	*ret_open = answer.may.effect == EFFECT_ALLOW;
	return reach_explain(a->reach, action, resource, &answer);
}

/* by: what allows each step of an open path; what stops the first one of a closed path. */
static json_t *path_of(const struct asking *a, const json_t *path)
{
	json_t *by = json_array();
	bool open = true;
	json_t *action;
	size_t i;

	json_array_foreach (json_object_get(path, "required"), i, action) {
		json_t *step = ask(a, path, json_string_value(action), &open);
		if (!open)
			json_array_clear(by);
		jx_push(by, step);
		if (!open)
			break;
	}
	return jx_pack("{s:O, s:O, s:b, s:o}", "id", json_object_get(path, "id"), "name",
		       json_object_get(path, "name"), "open", open, "by", by);
}

json_t *reach_paths(const struct reach *reach)
{
	const struct embedded_file *file = embedded_find("src/reach/escalation-paths.json");
	json_auto_t *shipped = file ? jx_read_lenient(file->bytes, file->length) : NULL;
	json_t *out = json_array();
	json_t *path;
	size_t i;

	if (!shipped)
		abort(); /* it is compiled into the program */
	const struct asking asking = {
		.reach = reach,
		.without_resource = json_object_get(shipped, "without_resource"),
		.any_role = !account_listed(reach->query.account, PRINCIPAL_ROLE) ||
			    makes_roles(reach)};
	json_array_foreach (json_object_get(shipped, "paths"), i, path)
		jx_push(out, path_of(&asking, path));
	return out;
}
