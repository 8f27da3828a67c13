// SPDX-License-Identifier: Apache-2.0
/*
 * The table. Members, results and flags are those of the IAM (2010-05-08) and STS (2011-06-15)
 * service models; "undone_by" is judged from the API reference.
 */
#include "cordon/operation.h"

#include "cordon/account.h"
#include "cordon/err.h"
#include "cordon/json.h"
#include "cordon/text.h"
#include "effects.h"

#include <string.h>

#define MEMBERS(...) ((const struct member[]){__VA_ARGS__, {0}})
#define STRUCTURE(...)                                                   \
	{                                                                \
		.kind = SHAPE_STRUCTURE, .members = MEMBERS(__VA_ARGS__) \
	}
#define LIST(shape_)                                  \
	{                                             \
		.kind = SHAPE_LIST, .item = &(shape_) \
	}
#define REQUIRED(name_, shape_)                   \
	{                                         \
		name_, &(shape_), MEMBER_REQUIRED \
	}
#define PRINCIPAL(name_)                                           \
	{                                                          \
		name_, &string, MEMBER_REQUIRED | MEMBER_PRINCIPAL \
	}
#define OPTIONAL(name_, shape_)     \
	{                           \
		name_, &(shape_), 0 \
	}

static const struct shape string = {.kind = SHAPE_STRING};
static const struct shape integer = {.kind = SHAPE_INTEGER};
static const struct shape boolean = {.kind = SHAPE_BOOLEAN};
static const struct shape moment = {.kind = SHAPE_TIME};
static const struct shape document = {.kind = SHAPE_DOCUMENT};
static const struct shape strings = LIST(string);
static const struct shape integers_by_name = {.kind = SHAPE_MAP, .item = &integer};

static const struct shape tag = STRUCTURE(OPTIONAL("Key", string), OPTIONAL("Value", string));
static const struct shape tags = LIST(tag);
static const struct shape boundary = STRUCTURE(OPTIONAL("PermissionsBoundaryType", string),
					       OPTIONAL("PermissionsBoundaryArn", string));
static const struct shape attached = STRUCTURE(OPTIONAL("PolicyName", string),
					       OPTIONAL("PolicyArn", string));
static const struct shape attached_list = LIST(attached);
static const struct shape inline_policy = STRUCTURE(OPTIONAL("PolicyName", string),
						    OPTIONAL("PolicyDocument", document));
static const struct shape inline_list = LIST(inline_policy);
static const struct shape last_used = STRUCTURE(OPTIONAL("LastUsedDate", moment),
						OPTIONAL("ServiceName", string),
						OPTIONAL("Region", string));
static const struct shape access_key = STRUCTURE(OPTIONAL("AccessKeyId", string),
						 OPTIONAL("Status", string),
						 OPTIONAL("CreateDate", moment));
static const struct shape access_keys = LIST(access_key);
static const struct shape login_profile = STRUCTURE(OPTIONAL("CreateDate", moment),
						    OPTIONAL("PasswordResetRequired", boolean));
static const struct shape mfa_device = STRUCTURE(OPTIONAL("SerialNumber", string),
						 OPTIONAL("EnableDate", moment));
static const struct shape mfa_devices = LIST(mfa_device);
static const struct shape ssh_key = STRUCTURE(OPTIONAL("SSHPublicKeyId", string),
					      OPTIONAL("Status", string),
					      OPTIONAL("UploadDate", moment));
static const struct shape ssh_keys = LIST(ssh_key);
static const struct shape certificate = STRUCTURE(OPTIONAL("CertificateId", string),
						  OPTIONAL("Status", string),
						  OPTIONAL("UploadDate", moment));
static const struct shape certificates = LIST(certificate);
static const struct shape service_credential =
	STRUCTURE(OPTIONAL("ServiceSpecificCredentialId", string), OPTIONAL("ServiceName", string),
		  OPTIONAL("ServiceUserName", string), OPTIONAL("ServiceCredentialAlias", string),
		  OPTIONAL("Status", string), OPTIONAL("CreateDate", moment),
		  OPTIONAL("ExpirationDate", moment));
static const struct shape service_credentials = LIST(service_credential);
static const struct shape user =
	STRUCTURE(OPTIONAL("Path", string), OPTIONAL("UserName", string),
		  OPTIONAL("UserId", string), OPTIONAL("Arn", string),
		  OPTIONAL("CreateDate", moment), OPTIONAL("PasswordLastUsed", moment),
		  OPTIONAL("PermissionsBoundary", boundary), OPTIONAL("Tags", tags));
static const struct shape users = LIST(user);
static const struct shape group = STRUCTURE(OPTIONAL("Path", string), OPTIONAL("GroupName", string),
					    OPTIONAL("GroupId", string), OPTIONAL("Arn", string),
					    OPTIONAL("CreateDate", moment));
static const struct shape groups = LIST(group);
static const struct shape role_used = STRUCTURE(OPTIONAL("LastUsedDate", moment),
						OPTIONAL("Region", string));
static const struct shape role = STRUCTURE(
	OPTIONAL("Path", string), OPTIONAL("RoleName", string), OPTIONAL("RoleId", string),
	OPTIONAL("Arn", string), OPTIONAL("CreateDate", moment),
	OPTIONAL("AssumeRolePolicyDocument", document), OPTIONAL("Description", string),
	OPTIONAL("MaxSessionDuration", integer), OPTIONAL("PermissionsBoundary", boundary),
	OPTIONAL("Tags", tags), OPTIONAL("RoleLastUsed", role_used));
static const struct shape roles = LIST(role);
static const struct shape policy = STRUCTURE(
	OPTIONAL("PolicyName", string), OPTIONAL("PolicyId", string), OPTIONAL("Arn", string),
	OPTIONAL("Path", string), OPTIONAL("DefaultVersionId", string),
	OPTIONAL("AttachmentCount", integer), OPTIONAL("IsAttachable", boolean),
	OPTIONAL("CreateDate", moment), OPTIONAL("UpdateDate", moment));
static const struct shape policy_version =
	STRUCTURE(OPTIONAL("Document", document), OPTIONAL("VersionId", string),
		  OPTIONAL("IsDefaultVersion", boolean), OPTIONAL("CreateDate", moment));
static const struct shape policy_versions = LIST(policy_version);
static const struct shape instance_profile = STRUCTURE(OPTIONAL("InstanceProfileName", string),
						       OPTIONAL("Arn", string));
static const struct shape instance_profiles = LIST(instance_profile);

/* The details of GetAccountAuthorizationDetails. */
static const struct shape user_detail = STRUCTURE(
	OPTIONAL("Path", string), OPTIONAL("UserName", string), OPTIONAL("UserId", string),
	OPTIONAL("Arn", string), OPTIONAL("CreateDate", moment),
	OPTIONAL("UserPolicyList", inline_list), OPTIONAL("GroupList", strings),
	OPTIONAL("AttachedManagedPolicies", attached_list),
	OPTIONAL("PermissionsBoundary", boundary), OPTIONAL("Tags", tags));
static const struct shape user_details = LIST(user_detail);
static const struct shape group_detail =
	STRUCTURE(OPTIONAL("Path", string), OPTIONAL("GroupName", string),
		  OPTIONAL("GroupId", string), OPTIONAL("Arn", string),
		  OPTIONAL("CreateDate", moment), OPTIONAL("GroupPolicyList", inline_list),
		  OPTIONAL("AttachedManagedPolicies", attached_list));
static const struct shape group_details = LIST(group_detail);
static const struct shape role_detail = STRUCTURE(
	OPTIONAL("Path", string), OPTIONAL("RoleName", string), OPTIONAL("RoleId", string),
	OPTIONAL("Arn", string), OPTIONAL("CreateDate", moment),
	OPTIONAL("AssumeRolePolicyDocument", document),
	OPTIONAL("InstanceProfileList", instance_profiles), OPTIONAL("RolePolicyList", inline_list),
	OPTIONAL("AttachedManagedPolicies", attached_list),
	OPTIONAL("PermissionsBoundary", boundary), OPTIONAL("Tags", tags),
	OPTIONAL("RoleLastUsed", role_used));
static const struct shape role_details = LIST(role_detail);
static const struct shape policy_detail = STRUCTURE(
	OPTIONAL("PolicyName", string), OPTIONAL("PolicyId", string), OPTIONAL("Arn", string),
	OPTIONAL("Path", string), OPTIONAL("DefaultVersionId", string),
	OPTIONAL("AttachmentCount", integer), OPTIONAL("PermissionsBoundaryUsageCount", integer),
	OPTIONAL("CreateDate", moment), OPTIONAL("UpdateDate", moment),
	OPTIONAL("PolicyVersionList", policy_versions));
static const struct shape policy_details = LIST(policy_detail);

static const struct member no_input[] = {{0}};

#define READ(name_, service_, flags_, input_, output_)                                        \
	{                                                                                     \
		.name = name_, .service = service_, .flags = (flags_) | OPERATION_IDEMPOTENT, \
		.input = input_, .output = output_                                            \
	}

static const struct operation operations[] = {
	/* Who we are, and whose a key is. */
	READ("GetCallerIdentity", "sts", 0, no_input,
	     MEMBERS(OPTIONAL("UserId", string), OPTIONAL("Account", string),
		     OPTIONAL("Arn", string))),
	READ("GetAccessKeyLastUsed", "iam", 0, MEMBERS(REQUIRED("AccessKeyId", string)),
	     MEMBERS(OPTIONAL("UserName", string), OPTIONAL("AccessKeyLastUsed", last_used))),
	READ("GetAccessKeyInfo", "sts", 0, MEMBERS(REQUIRED("AccessKeyId", string)),
	     MEMBERS(OPTIONAL("Account", string))),

	/* A user. */
	READ("GetUser", "iam", 0, MEMBERS(PRINCIPAL("UserName")), MEMBERS(OPTIONAL("User", user))),
	READ("ListAccessKeys", "iam", OPERATION_PAGED, MEMBERS(PRINCIPAL("UserName")),
	     MEMBERS(OPTIONAL("AccessKeyMetadata", access_keys))),
	READ("GetLoginProfile", "iam", 0, MEMBERS(PRINCIPAL("UserName")),
	     MEMBERS(OPTIONAL("LoginProfile", login_profile))),
	READ("ListMFADevices", "iam", OPERATION_PAGED, MEMBERS(PRINCIPAL("UserName")),
	     MEMBERS(OPTIONAL("MFADevices", mfa_devices))),
	READ("ListSSHPublicKeys", "iam", OPERATION_PAGED, MEMBERS(PRINCIPAL("UserName")),
	     MEMBERS(OPTIONAL("SSHPublicKeys", ssh_keys))),
	READ("ListSigningCertificates", "iam", OPERATION_PAGED, MEMBERS(PRINCIPAL("UserName")),
	     MEMBERS(OPTIONAL("Certificates", certificates))),
	READ("ListServiceSpecificCredentials", "iam", OPERATION_PAGED,
	     MEMBERS(PRINCIPAL("UserName")),
	     MEMBERS(OPTIONAL("ServiceSpecificCredentials", service_credentials))),
	READ("ListUserPolicies", "iam", OPERATION_PAGED, MEMBERS(PRINCIPAL("UserName")),
	     MEMBERS(OPTIONAL("PolicyNames", strings))),
	READ("GetUserPolicy", "iam", 0,
	     MEMBERS(PRINCIPAL("UserName"), REQUIRED("PolicyName", string)),
	     MEMBERS(OPTIONAL("UserName", string), OPTIONAL("PolicyName", string),
		     OPTIONAL("PolicyDocument", document))),
	READ("ListAttachedUserPolicies", "iam", OPERATION_PAGED, MEMBERS(PRINCIPAL("UserName")),
	     MEMBERS(OPTIONAL("AttachedPolicies", attached_list))),
	READ("ListGroupsForUser", "iam", OPERATION_PAGED, MEMBERS(PRINCIPAL("UserName")),
	     MEMBERS(OPTIONAL("Groups", groups))),
	READ("ListUsers", "iam", OPERATION_PAGED, no_input, MEMBERS(OPTIONAL("Users", users))),

	/* A group. */
	READ("ListGroupPolicies", "iam", OPERATION_PAGED, MEMBERS(PRINCIPAL("GroupName")),
	     MEMBERS(OPTIONAL("PolicyNames", strings))),
	READ("GetGroupPolicy", "iam", 0,
	     MEMBERS(PRINCIPAL("GroupName"), REQUIRED("PolicyName", string)),
	     MEMBERS(OPTIONAL("GroupName", string), OPTIONAL("PolicyName", string),
		     OPTIONAL("PolicyDocument", document))),
	READ("ListAttachedGroupPolicies", "iam", OPERATION_PAGED, MEMBERS(PRINCIPAL("GroupName")),
	     MEMBERS(OPTIONAL("AttachedPolicies", attached_list))),

	/* A role. */
	READ("GetRole", "iam", 0, MEMBERS(PRINCIPAL("RoleName")), MEMBERS(OPTIONAL("Role", role))),
	READ("ListRoles", "iam", OPERATION_PAGED, no_input, MEMBERS(OPTIONAL("Roles", roles))),
	READ("ListRolePolicies", "iam", OPERATION_PAGED, MEMBERS(PRINCIPAL("RoleName")),
	     MEMBERS(OPTIONAL("PolicyNames", strings))),
	READ("GetRolePolicy", "iam", 0,
	     MEMBERS(PRINCIPAL("RoleName"), REQUIRED("PolicyName", string)),
	     MEMBERS(OPTIONAL("RoleName", string), OPTIONAL("PolicyName", string),
		     OPTIONAL("PolicyDocument", document))),
	READ("ListAttachedRolePolicies", "iam", OPERATION_PAGED, MEMBERS(PRINCIPAL("RoleName")),
	     MEMBERS(OPTIONAL("AttachedPolicies", attached_list))),

	/* Managed policies and the account. */
	READ("GetPolicy", "iam", 0, MEMBERS(REQUIRED("PolicyArn", string)),
	     MEMBERS(OPTIONAL("Policy", policy))),
	READ("GetPolicyVersion", "iam", 0,
	     MEMBERS(REQUIRED("PolicyArn", string), REQUIRED("VersionId", string)),
	     MEMBERS(OPTIONAL("PolicyVersion", policy_version))),
	READ("GetAccountSummary", "iam", 0, no_input,
	     MEMBERS(OPTIONAL("SummaryMap", integers_by_name))),
	READ("ListAccountAliases", "iam", OPERATION_PAGED, no_input,
	     MEMBERS(OPTIONAL("AccountAliases", strings))),
	READ("GetAccountAuthorizationDetails", "iam", OPERATION_PAGED,
	     MEMBERS(OPTIONAL("Filter", strings)),
	     MEMBERS(OPTIONAL("UserDetailList", user_details),
		     OPTIONAL("GroupDetailList", group_details),
		     OPTIONAL("RoleDetailList", role_details),
		     OPTIONAL("Policies", policy_details))),

	/* Credentials. */
	{.name = "UpdateAccessKey",
	 .service = "iam",
	 .flags = OPERATION_WRITE | OPERATION_IDEMPOTENT,
	 .input = MEMBERS(PRINCIPAL("UserName"), REQUIRED("AccessKeyId", string),
			  REQUIRED("Status", string)),
	 .on = PRINCIPAL_USER,
	 .section = "AccessKeys",
	 .effect = effect_set_status,
	 .undo = undo_set_status,
	 .undone_by = "UpdateAccessKey"},
	{.name = "DeleteLoginProfile", /* nobody can read a password, so nobody can bring it back */
	 .service = "iam",
	 .flags = OPERATION_WRITE | OPERATION_IDEMPOTENT | OPERATION_REMOVES,
	 .input = MEMBERS(PRINCIPAL("UserName")),
	 .on = PRINCIPAL_USER,
	 .section = "LoginProfile",
	 .effect = effect_clear},

	/* Inline policies. */
	{.name = "PutUserPolicy",
	 .service = "iam",
	 .flags = OPERATION_WRITE | OPERATION_IDEMPOTENT | OPERATION_POLICY,
	 .input = MEMBERS(PRINCIPAL("UserName"), REQUIRED("PolicyName", string),
			  REQUIRED("PolicyDocument", document)),
	 .on = PRINCIPAL_USER,
	 .section = "UserPolicyList",
	 .effect = effect_put_policy,
	 .undo = undo_put_policy,
	 .undone_by = "DeleteUserPolicy"},
	{.name = "DeleteUserPolicy",
	 .service = "iam",
	 .flags = OPERATION_WRITE | OPERATION_IDEMPOTENT | OPERATION_REMOVES | OPERATION_POLICY,
	 .input = MEMBERS(PRINCIPAL("UserName"), REQUIRED("PolicyName", string)),
	 .on = PRINCIPAL_USER,
	 .section = "UserPolicyList",
	 .effect = effect_delete_policy,
	 .undo = undo_delete_policy,
	 .undone_by = "PutUserPolicy"},
	{.name = "PutRolePolicy",
	 .service = "iam",
	 .flags = OPERATION_WRITE | OPERATION_IDEMPOTENT | OPERATION_POLICY,
	 .input = MEMBERS(PRINCIPAL("RoleName"), REQUIRED("PolicyName", string),
			  REQUIRED("PolicyDocument", document)),
	 .on = PRINCIPAL_ROLE,
	 .section = "RolePolicyList",
	 .effect = effect_put_policy,
	 .undo = undo_put_policy,
	 .undone_by = "DeleteRolePolicy"},
	{.name = "DeleteRolePolicy",
	 .service = "iam",
	 .flags = OPERATION_WRITE | OPERATION_IDEMPOTENT | OPERATION_REMOVES | OPERATION_POLICY,
	 .input = MEMBERS(PRINCIPAL("RoleName"), REQUIRED("PolicyName", string)),
	 .on = PRINCIPAL_ROLE,
	 .section = "RolePolicyList",
	 .effect = effect_delete_policy,
	 .undo = undo_delete_policy,
	 .undone_by = "PutRolePolicy"},

	/* Managed policies on a principal. */
	{.name = "AttachUserPolicy",
	 .service = "iam",
	 .flags = OPERATION_WRITE | OPERATION_IDEMPOTENT | OPERATION_POLICY,
	 .input = MEMBERS(PRINCIPAL("UserName"), REQUIRED("PolicyArn", string)),
	 .on = PRINCIPAL_USER,
	 .section = "AttachedManagedPolicies",
	 .effect = effect_attach,
	 .undo = undo_attach,
	 .undone_by = "DetachUserPolicy"},
	{.name = "DetachUserPolicy",
	 .service = "iam",
	 .flags = OPERATION_WRITE | OPERATION_IDEMPOTENT | OPERATION_REMOVES | OPERATION_POLICY,
	 .input = MEMBERS(PRINCIPAL("UserName"), REQUIRED("PolicyArn", string)),
	 .on = PRINCIPAL_USER,
	 .section = "AttachedManagedPolicies",
	 .effect = effect_detach,
	 .undo = undo_detach,
	 .undone_by = "AttachUserPolicy"},
	{.name = "AttachRolePolicy",
	 .service = "iam",
	 .flags = OPERATION_WRITE | OPERATION_IDEMPOTENT | OPERATION_POLICY,
	 .input = MEMBERS(PRINCIPAL("RoleName"), REQUIRED("PolicyArn", string)),
	 .on = PRINCIPAL_ROLE,
	 .section = "AttachedManagedPolicies",
	 .effect = effect_attach,
	 .undo = undo_attach,
	 .undone_by = "DetachRolePolicy"},
	{.name = "DetachRolePolicy",
	 .service = "iam",
	 .flags = OPERATION_WRITE | OPERATION_IDEMPOTENT | OPERATION_REMOVES | OPERATION_POLICY,
	 .input = MEMBERS(PRINCIPAL("RoleName"), REQUIRED("PolicyArn", string)),
	 .on = PRINCIPAL_ROLE,
	 .section = "AttachedManagedPolicies",
	 .effect = effect_detach,
	 .undo = undo_detach,
	 .undone_by = "AttachRolePolicy"},

	/* Permissions boundaries: one on a principal, replaced without a word. */
	{.name = "PutUserPermissionsBoundary",
	 .service = "iam",
	 .flags = OPERATION_WRITE | OPERATION_IDEMPOTENT | OPERATION_POLICY,
	 .input = MEMBERS(PRINCIPAL("UserName"), REQUIRED("PermissionsBoundary", string)),
	 .on = PRINCIPAL_USER,
	 .section = "PermissionsBoundary",
	 .effect = effect_put_boundary,
	 .undo = undo_boundary,
	 .undone_by = "DeleteUserPermissionsBoundary"},
	{.name = "DeleteUserPermissionsBoundary",
	 .service = "iam",
	 .flags = OPERATION_WRITE | OPERATION_IDEMPOTENT | OPERATION_REMOVES | OPERATION_POLICY,
	 .input = MEMBERS(PRINCIPAL("UserName")),
	 .on = PRINCIPAL_USER,
	 .section = "PermissionsBoundary",
	 .effect = effect_clear,
	 .undo = undo_boundary,
	 .undone_by = "PutUserPermissionsBoundary"},
	{.name = "PutRolePermissionsBoundary",
	 .service = "iam",
	 .flags = OPERATION_WRITE | OPERATION_IDEMPOTENT | OPERATION_POLICY,
	 .input = MEMBERS(PRINCIPAL("RoleName"), REQUIRED("PermissionsBoundary", string)),
	 .on = PRINCIPAL_ROLE,
	 .section = "PermissionsBoundary",
	 .effect = effect_put_boundary,
	 .undo = undo_boundary,
	 .undone_by = "DeleteRolePermissionsBoundary"},
	{.name = "DeleteRolePermissionsBoundary",
	 .service = "iam",
	 .flags = OPERATION_WRITE | OPERATION_IDEMPOTENT | OPERATION_REMOVES | OPERATION_POLICY,
	 .input = MEMBERS(PRINCIPAL("RoleName")),
	 .on = PRINCIPAL_ROLE,
	 .section = "PermissionsBoundary",
	 .effect = effect_clear,
	 .undo = undo_boundary,
	 .undone_by = "PutRolePermissionsBoundary"},
};

enum { OPERATION_COUNT = sizeof(operations) / sizeof(operations[0]) };

const struct operation *operation_find(const char *name)
{
	for (size_t i = 0; i < OPERATION_COUNT; i++) {
		if (text_equal(operations[i].name, name))
			return &operations[i];
	}
	return NULL;
}

const struct operation *operation_at(size_t i)
{
	return i < OPERATION_COUNT ? &operations[i] : NULL;
}

const char *operation_version(const char *service)
{
	static const struct {
		const char *service, *version;
	} versions[] = {{"iam", "2010-05-08"}, {"sts", "2011-06-15"}};

	for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
		if (text_equal(versions[i].service, service))
			return versions[i].version;
	}
	return NULL;
}

const char *operation_principal(const struct operation *op, const json_t *parameters)
{
	for (const struct member *m = op->input; m->name; m++) {
		if (m->flags & MEMBER_PRINCIPAL)
			return jx_text(parameters, m->name);
	}
	return NULL;
}

static bool shape_fits(const struct shape *shape, const json_t *value);

static bool items_fit(const struct shape *shape, const json_t *list)
{
	json_t *item;
	size_t i;

	json_array_foreach (list, i, item) {
		if (!shape_fits(shape->item, item))
			return false;
	}
	return json_is_array(list);
}

static bool shape_fits(const struct shape *shape, const json_t *value)
{
	switch (shape->kind) {
	case SHAPE_STRING:
	case SHAPE_TIME:
	case SHAPE_SECRET:
		return json_is_string(value);
	case SHAPE_DOCUMENT:
		return json_is_string(value) || json_is_object(json_object_get(value, "$document"));
	case SHAPE_INTEGER:
		return json_is_integer(value);
	case SHAPE_BOOLEAN:
		return json_is_boolean(value);
	case SHAPE_LIST:
		return items_fit(shape, value);
	case SHAPE_STRUCTURE:
	case SHAPE_MAP:
		return json_is_object(value);
	}
	return false;
}

static int check_member(const struct operation *op, const struct member *m, const json_t *value,
			struct err *err)
{
	if (!value) {
		if (!(m->flags & MEMBER_REQUIRED))
			return 0;
		return err_set(err, ERR_REFUSED, "%s without %s is not sent%s", op->name, m->name,
			       m->flags & MEMBER_PRINCIPAL ? ": it would act on ourselves" : "");
	}
	if (!shape_fits(m->shape, value))
		return err_set(err, ERR_REFUSED, "%s: %s is of the wrong type", op->name, m->name);
	if ((m->flags & MEMBER_REQUIRED) && json_is_string(value) && !*json_string_value(value))
		return err_set(err, ERR_REFUSED, "%s with an empty %s is not sent%s", op->name,
			       m->name,
			       m->flags & MEMBER_PRINCIPAL ? ": it would act on ourselves" : "");
	return 0;
}

static bool is_member(const struct operation *op, const char *name)
{
	const struct member *m = op->input;

	while (m->name && strcmp(m->name, name) != 0)
		m++;
	return m->name != NULL;
}

int operation_check(const struct operation *op, const json_t *parameters, struct err *err)
{
	const char *key;
	json_t *value;

	for (const struct member *m = op->input; m->name; m++) {
		if (check_member(op, m, json_object_get(parameters, m->name), err))
			return -1;
	}
	json_object_foreach ((json_t *)(uintptr_t)parameters, key, value) {
		if (!is_member(op, key))
			return err_set(err, ERR_REFUSED, "%s has no parameter '%.100s'", op->name,
				       key);
	}
	return 0;
}

int operation_effect(const struct operation *op, json_t *account, const json_t *parameters)
{
	json_t *entry = account_find(account, op->on, operation_principal(op, parameters));

	if (!entry || !op->effect)
		return -1;
	return op->effect(op, entry, parameters);
}

json_t *operation_undo(const struct operation *op, const json_t *account, const json_t *parameters)
{
	const json_t *entry = account_find(account, op->on, operation_principal(op, parameters));

	if (!entry || !op->undo)
		return NULL;
	return op->undo(op, entry, parameters);
}

/* The key under which account_know() would note what an effect did; NULL for a section as a whole.
 */
static enum section_state read_of(const struct operation *op, const json_t *entry,
				  const json_t *parameters)
{
	static const char *const keys[] = {"PolicyName", "PolicyArn", "AccessKeyId", NULL};

	for (size_t i = 0; keys[i]; i++) {
		const char *key = jx_text(parameters, keys[i]);
		if (key)
			return account_item(entry, op->section, key, NULL);
	}
	return account_section(entry, op->section, NULL);
}

enum operation_state operation_state(const struct operation *op, const json_t *account,
				     const json_t *parameters)
{
	json_t *entry = account_find(account, op->on, operation_principal(op, parameters));

	if (!entry || !op->effect)
		return OPERATION_UNKNOWN;
	if (read_of(op, entry, parameters) == SECTION_UNREAD)
		return OPERATION_UNKNOWN;
	json_auto_t *after = jx_copy(entry);
	if (op->effect(op, after, parameters))
		return OPERATION_UNDONE;
	return account_same(entry, after) ? OPERATION_DONE : OPERATION_UNDONE;
}
