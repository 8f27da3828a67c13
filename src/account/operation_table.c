// SPDX-License-Identifier: Apache-2.0
/*
 * The table. Members, results and flags are those of the IAM (2010-05-08) and STS (2011-06-15)
 * service models, and of CloudTrail's (2013-11-01); "undone_by" is judged from the API reference.
 */
#include "cordon/operation.h"

#include "effects.h"

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

static const struct shape secret = {.kind = SHAPE_SECRET};
static const struct shape session =
	STRUCTURE(OPTIONAL("AccessKeyId", string), OPTIONAL("SecretAccessKey", secret),
		  OPTIONAL("SessionToken", secret), OPTIONAL("Expiration", moment));

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
/* A key's text; with it a deleted one could be uploaded again, under another id. */
static const struct shape ssh_key_text = STRUCTURE(OPTIONAL("SSHPublicKeyId", string),
						   OPTIONAL("SSHPublicKeyBody", string));
static const struct shape certificate =
	STRUCTURE(OPTIONAL("CertificateId", string), OPTIONAL("CertificateBody", string),
		  OPTIONAL("Status", string), OPTIONAL("UploadDate", moment));
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

static const struct shape simulated = STRUCTURE(OPTIONAL("EvalActionName", string),
						OPTIONAL("EvalResourceName", string),
						OPTIONAL("EvalDecision", string));
static const struct shape simulations = LIST(simulated);

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

static const struct shape lookup_attribute = STRUCTURE(REQUIRED("AttributeKey", string),
						       REQUIRED("AttributeValue", string));
static const struct shape lookup_attributes = LIST(lookup_attribute);
/* The rest of an event stands in its record once more. */
static const struct shape looked_up = STRUCTURE(OPTIONAL("EventId", string),
						OPTIONAL("CloudTrailEvent", string));
static const struct shape looked_up_list = LIST(looked_up);

static const struct member no_input[] = {{0}};

#define READ(name_, service_, flags_, input_, output_)                                        \
	{                                                                                     \
		.name = name_, .service = service_, .flags = (flags_) | OPERATION_IDEMPOTENT, \
		.input = input_, .output = output_                                            \
	}

/* A write on one section of a principal's entry: how it changes it, and what undoes it. */
#define WRITE(name_, flags_, on_, section_, change_, undo_, undone_by_, ...)               \
	{                                                                                  \
		.name = name_, .service = "iam", .flags = (flags_) | OPERATION_WRITE,      \
		.input = MEMBERS(__VA_ARGS__), .on = PRINCIPAL_##on_, .section = section_, \
		.effect = effect_##change_, .undo = undo_, .undone_by = undone_by_         \
	}
/* One that makes a principal, or ends it. */
#define WRITE_PRINCIPAL(name_, flags_, on_, change_, undo_, undone_by_, ...)               \
	{                                                                                  \
		.name = name_, .service = "iam", .flags = (flags_) | OPERATION_WRITE,      \
		.input = MEMBERS(__VA_ARGS__), .on = PRINCIPAL_##on_,                      \
		.account_effect = effect_##change_, .undo = undo_, .undone_by = undone_by_ \
	}

enum {
	PUT = OPERATION_IDEMPOTENT,
	REMOVE = OPERATION_IDEMPOTENT | OPERATION_REMOVES,
	PUT_POLICY = PUT | OPERATION_POLICY,
	REMOVE_POLICY = REMOVE | OPERATION_POLICY,
};

static const struct operation operations[] = {
	/* Who we are, and whose a key is. */
	READ("GetCallerIdentity", "sts", 0, no_input,
	     MEMBERS(OPTIONAL("UserId", string), OPTIONAL("Account", string),
		     OPTIONAL("Arn", string))),
	READ("GetAccessKeyLastUsed", "iam", 0, MEMBERS(REQUIRED("AccessKeyId", string)),
	     MEMBERS(OPTIONAL("UserName", string), OPTIONAL("AccessKeyLastUsed", last_used))),
	READ("GetAccessKeyInfo", "sts", 0, MEMBERS(REQUIRED("AccessKeyId", string)),
	     MEMBERS(OPTIONAL("Account", string))),
	/* Not OPERATION_PAGED: its pages are many, slow, and taken one by one. */
	READ("LookupEvents", "cloudtrail", 0,
	     MEMBERS(OPTIONAL("LookupAttributes", lookup_attributes), OPTIONAL("StartTime", moment),
		     OPTIONAL("EndTime", moment), OPTIONAL("MaxResults", integer),
		     OPTIONAL("NextToken", string)),
	     MEMBERS(OPTIONAL("Events", looked_up_list), OPTIONAL("NextToken", string))),

	/* Our own sessions. */
	READ("AssumeRole", "sts", 0,
	     MEMBERS(REQUIRED("RoleArn", string), REQUIRED("RoleSessionName", string),
		     OPTIONAL("ExternalId", string), OPTIONAL("SerialNumber", string),
		     OPTIONAL("TokenCode", string), OPTIONAL("DurationSeconds", integer)),
	     MEMBERS(OPTIONAL("Credentials", session))),
	READ("AssumeRoleWithWebIdentity", "sts", OPERATION_UNSIGNED,
	     MEMBERS(REQUIRED("RoleArn", string), REQUIRED("RoleSessionName", string),
		     REQUIRED("WebIdentityToken", string)),
	     MEMBERS(OPTIONAL("Credentials", session))),

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
	READ("GetSSHPublicKey", "iam", 0,
	     MEMBERS(PRINCIPAL("UserName"), REQUIRED("SSHPublicKeyId", string),
		     REQUIRED("Encoding", string)),
	     MEMBERS(OPTIONAL("SSHPublicKey", ssh_key_text))),
	READ("ListUsers", "iam", OPERATION_PAGED, no_input, MEMBERS(OPTIONAL("Users", users))),

	/* A group. */
	READ("GetGroup", "iam", OPERATION_PAGED, MEMBERS(PRINCIPAL("GroupName")),
	     MEMBERS(OPTIONAL("Group", group), OPTIONAL("Users", users))),
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

	READ("ListInstanceProfilesForRole", "iam", OPERATION_PAGED, MEMBERS(PRINCIPAL("RoleName")),
	     MEMBERS(OPTIONAL("InstanceProfiles", instance_profiles))),

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
	/* What a principal may do, as AWS itself decides it. */
	READ("SimulatePrincipalPolicy", "iam", OPERATION_PAGED,
	     MEMBERS(REQUIRED("PolicySourceArn", string), REQUIRED("ActionNames", strings),
		     OPTIONAL("ResourceArns", strings)),
	     MEMBERS(OPTIONAL("EvaluationResults", simulations))),

	/* A user's credentials. What is deleted here nobody can bring back. */
	WRITE("UpdateAccessKey", PUT, USER, "AccessKeys", set_status, undo_set_status,
	      "UpdateAccessKey", PRINCIPAL("UserName"), REQUIRED("AccessKeyId", string),
	      REQUIRED("Status", string)),
	WRITE("DeleteAccessKey", REMOVE, USER, "AccessKeys", delete_item, NULL, NULL,
	      PRINCIPAL("UserName"), REQUIRED("AccessKeyId", string)),
	WRITE("UpdateSSHPublicKey", PUT, USER, "SSHPublicKeys", set_status, undo_set_status,
	      "UpdateSSHPublicKey", PRINCIPAL("UserName"), REQUIRED("SSHPublicKeyId", string),
	      REQUIRED("Status", string)),
	WRITE("DeleteSSHPublicKey", REMOVE, USER, "SSHPublicKeys", delete_item, NULL, NULL,
	      PRINCIPAL("UserName"), REQUIRED("SSHPublicKeyId", string)),
	WRITE("UpdateSigningCertificate", PUT, USER, "SigningCertificates", set_status,
	      undo_set_status, "UpdateSigningCertificate", PRINCIPAL("UserName"),
	      REQUIRED("CertificateId", string), REQUIRED("Status", string)),
	WRITE("DeleteSigningCertificate", REMOVE, USER, "SigningCertificates", delete_item, NULL,
	      NULL, PRINCIPAL("UserName"), REQUIRED("CertificateId", string)),
	WRITE("UpdateServiceSpecificCredential", PUT, USER, "ServiceSpecificCredentials",
	      set_status, undo_set_status, "UpdateServiceSpecificCredential", PRINCIPAL("UserName"),
	      REQUIRED("ServiceSpecificCredentialId", string), REQUIRED("Status", string)),
	WRITE("DeleteServiceSpecificCredential", REMOVE, USER, "ServiceSpecificCredentials",
	      delete_item, NULL, NULL, PRINCIPAL("UserName"),
	      REQUIRED("ServiceSpecificCredentialId", string)),
	WRITE("DeleteLoginProfile", REMOVE, USER, "LoginProfile", clear, NULL, NULL,
	      PRINCIPAL("UserName")),
	/* Enabling one again needs two codes from the device. */
	WRITE("DeactivateMFADevice", REMOVE, USER, "MFADevices", delete_item, NULL, NULL,
	      PRINCIPAL("UserName"), REQUIRED("SerialNumber", string)),

	/* Inline policies. */
	WRITE("PutUserPolicy", PUT_POLICY, USER, "UserPolicyList", put_policy, undo_put_policy,
	      "DeleteUserPolicy", PRINCIPAL("UserName"), REQUIRED("PolicyName", string),
	      REQUIRED("PolicyDocument", document)),
	WRITE("DeleteUserPolicy", REMOVE_POLICY, USER, "UserPolicyList", delete_item,
	      undo_delete_policy, "PutUserPolicy", PRINCIPAL("UserName"),
	      REQUIRED("PolicyName", string)),
	WRITE("PutRolePolicy", PUT_POLICY, ROLE, "RolePolicyList", put_policy, undo_put_policy,
	      "DeleteRolePolicy", PRINCIPAL("RoleName"), REQUIRED("PolicyName", string),
	      REQUIRED("PolicyDocument", document)),
	WRITE("DeleteRolePolicy", REMOVE_POLICY, ROLE, "RolePolicyList", delete_item,
	      undo_delete_policy, "PutRolePolicy", PRINCIPAL("RoleName"),
	      REQUIRED("PolicyName", string)),
	WRITE("PutGroupPolicy", PUT_POLICY, GROUP, "GroupPolicyList", put_policy, undo_put_policy,
	      "DeleteGroupPolicy", PRINCIPAL("GroupName"), REQUIRED("PolicyName", string),
	      REQUIRED("PolicyDocument", document)),
	WRITE("DeleteGroupPolicy", REMOVE_POLICY, GROUP, "GroupPolicyList", delete_item,
	      undo_delete_policy, "PutGroupPolicy", PRINCIPAL("GroupName"),
	      REQUIRED("PolicyName", string)),

	/* Managed policies on a principal. */
	WRITE("AttachUserPolicy", PUT_POLICY, USER, "AttachedManagedPolicies", attach, undo_attach,
	      "DetachUserPolicy", PRINCIPAL("UserName"), REQUIRED("PolicyArn", string)),
	WRITE("DetachUserPolicy", REMOVE_POLICY, USER, "AttachedManagedPolicies", delete_item,
	      undo_detach, "AttachUserPolicy", PRINCIPAL("UserName"),
	      REQUIRED("PolicyArn", string)),
	WRITE("AttachRolePolicy", PUT_POLICY, ROLE, "AttachedManagedPolicies", attach, undo_attach,
	      "DetachRolePolicy", PRINCIPAL("RoleName"), REQUIRED("PolicyArn", string)),
	WRITE("DetachRolePolicy", REMOVE_POLICY, ROLE, "AttachedManagedPolicies", delete_item,
	      undo_detach, "AttachRolePolicy", PRINCIPAL("RoleName"),
	      REQUIRED("PolicyArn", string)),
	WRITE("AttachGroupPolicy", PUT_POLICY, GROUP, "AttachedManagedPolicies", attach,
	      undo_attach, "DetachGroupPolicy", PRINCIPAL("GroupName"),
	      REQUIRED("PolicyArn", string)),
	WRITE("DetachGroupPolicy", REMOVE_POLICY, GROUP, "AttachedManagedPolicies", delete_item,
	      undo_detach, "AttachGroupPolicy", PRINCIPAL("GroupName"),
	      REQUIRED("PolicyArn", string)),

	/* Permissions boundaries: one on a principal, replaced without a word. */
	WRITE("PutUserPermissionsBoundary", PUT_POLICY, USER, "PermissionsBoundary", put_boundary,
	      undo_boundary, "DeleteUserPermissionsBoundary", PRINCIPAL("UserName"),
	      REQUIRED("PermissionsBoundary", string)),
	WRITE("DeleteUserPermissionsBoundary", REMOVE_POLICY, USER, "PermissionsBoundary", clear,
	      undo_boundary, "PutUserPermissionsBoundary", PRINCIPAL("UserName")),
	WRITE("PutRolePermissionsBoundary", PUT_POLICY, ROLE, "PermissionsBoundary", put_boundary,
	      undo_boundary, "DeleteRolePermissionsBoundary", PRINCIPAL("RoleName"),
	      REQUIRED("PermissionsBoundary", string)),
	WRITE("DeleteRolePermissionsBoundary", REMOVE_POLICY, ROLE, "PermissionsBoundary", clear,
	      undo_boundary, "PutRolePermissionsBoundary", PRINCIPAL("RoleName")),

	/* What else belongs to a principal. */
	WRITE("AddUserToGroup", PUT_POLICY, USER, "GroupList", add_to_group, undo_add_to_group,
	      "RemoveUserFromGroup", PRINCIPAL("UserName"), REQUIRED("GroupName", string)),
	WRITE("RemoveUserFromGroup", REMOVE_POLICY, USER, "GroupList", remove_from_group,
	      undo_remove_from_group, "AddUserToGroup", PRINCIPAL("UserName"),
	      REQUIRED("GroupName", string)),
	WRITE("TagUser", PUT_POLICY, USER, "Tags", tag, undo_tag, "UntagUser",
	      PRINCIPAL("UserName"), REQUIRED("Tags", tags)),
	WRITE("UntagUser", PUT_POLICY, USER, "Tags", untag, undo_untag, "TagUser",
	      PRINCIPAL("UserName"), REQUIRED("TagKeys", strings)),
	WRITE("TagRole", PUT_POLICY, ROLE, "Tags", tag, undo_tag, "UntagRole",
	      PRINCIPAL("RoleName"), REQUIRED("Tags", tags)),
	WRITE("UntagRole", PUT_POLICY, ROLE, "Tags", untag, undo_untag, "TagRole",
	      PRINCIPAL("RoleName"), REQUIRED("TagKeys", strings)),
	WRITE("UpdateAssumeRolePolicy", PUT_POLICY, ROLE, "AssumeRolePolicyDocument", set_trust,
	      undo_set_trust, "UpdateAssumeRolePolicy", PRINCIPAL("RoleName"),
	      REQUIRED("PolicyDocument", document)),
	WRITE("RemoveRoleFromInstanceProfile", REMOVE_POLICY, ROLE, "InstanceProfileList",
	      delete_item, undo_leave_profile, "AddRoleToInstanceProfile", PRINCIPAL("RoleName"),
	      REQUIRED("InstanceProfileName", string)),
	WRITE("AddRoleToInstanceProfile", OPERATION_POLICY, ROLE, "InstanceProfileList",
	      join_profile, undo_join_profile, "RemoveRoleFromInstanceProfile",
	      PRINCIPAL("RoleName"), REQUIRED("InstanceProfileName", string)),

	/* Principals. One that is made again has another unique id, so ending one has no undo. */
	WRITE_PRINCIPAL("CreateUser", OPERATION_POLICY, USER, create, undo_create, "DeleteUser",
			PRINCIPAL("UserName"), OPTIONAL("Path", string),
			OPTIONAL("PermissionsBoundary", string), OPTIONAL("Tags", tags)),
	WRITE_PRINCIPAL("DeleteUser", REMOVE_POLICY, USER, end, NULL, NULL, PRINCIPAL("UserName")),
	WRITE_PRINCIPAL("DeleteRole", REMOVE_POLICY, ROLE, end, NULL, NULL, PRINCIPAL("RoleName")),
};

enum { OPERATION_COUNT = sizeof(operations) / sizeof(operations[0]) };

const struct operation *operation_at(size_t i)
{
	return i < OPERATION_COUNT ? &operations[i] : NULL;
}
