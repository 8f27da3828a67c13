// SPDX-License-Identifier: Apache-2.0
#include "deed.h"

#include "cordon/json.h"
#include "cordon/text.h"

#include <stdio.h>
#include <string.h>

#define RQ "requestParameters."
#define RS "responseElements."
#define CREDENTIALS RS "credentials.accessKeyId"
#define POLICY(on, member, kind)                                                               \
	{"iam", "Attach" on "Policy", DEED_MADE, "attached-policy", RQ "policyArn", RQ member, \
	 kind},                                                                                \
		{"iam",                                                                        \
		 "Detach" on "Policy",                                                         \
		 DEED_REMOVED,                                                                 \
		 "attached-policy",                                                            \
		 RQ "policyArn",                                                               \
		 RQ member,                                                                    \
		 kind},                                                                        \
		{"iam",		  "Put" on "Policy", DEED_MADE, "inline-policy",               \
		 RQ "policyName", RQ member,	     kind},                                    \
	{                                                                                      \
		"iam", "Delete" on "Policy", DEED_REMOVED, "inline-policy", RQ "policyName",   \
			RQ member, kind                                                        \
	}

static const struct deed_row rows[] = {
	{"sts", "AssumeRole|AssumeRoleWithSAML|AssumeRoleWithWebIdentity", DEED_ISSUED,
	 "AssumeRole", CREDENTIALS, RS "assumedRoleUser.arn", NULL},
	{"sts", "GetSessionToken", DEED_ISSUED, "GetSessionToken", CREDENTIALS, NULL, NULL},
	{"sts", "GetFederationToken", DEED_ISSUED, "GetFederationToken", CREDENTIALS,
	 RS "federatedUser.arn", NULL},
	{"sts", "AssumeRoot", DEED_ISSUED, "AssumeRoot", CREDENTIALS, NULL, NULL},
	{"signin", "GetSigninToken", DEED_ISSUED, "GetSigninToken", CREDENTIALS, NULL, NULL},
	{"signin", "ConsoleLogin", DEED_SIGN_IN, "ConsoleLogin", NULL, NULL, NULL},
	{"rolesanywhere", "CreateSession", DEED_ISSUED, "CreateSession",
	 RS "credentialSet.0.credentials.accessKeyId", RS "credentialSet.0.assumedRoleUser.arn",
	 NULL},

	{"iam", "CreateAccessKey", DEED_MADE, "access-key", RS "accessKey.accessKeyId",
	 RS "accessKey.userName or " RQ "userName or =user", "user"},
	{"iam", "DeleteAccessKey", DEED_REMOVED, "access-key", RQ "accessKeyId",
	 RQ "userName or =user", "user"},
	{"iam", "UpdateAccessKey", DEED_OFF, "access-key", RQ "accessKeyId", RQ "userName or =user",
	 "user"},
	{"iam", "CreateUser", DEED_MADE, "user", RQ "userName", RQ "userName", "user"},
	{"iam", "DeleteUser", DEED_REMOVED, "user", RQ "userName or =user", RQ "userName or =user",
	 "user"},
	{"iam", "CreateLoginProfile|UpdateLoginProfile", DEED_MADE, "login-profile",
	 RQ "userName or =user", RQ "userName or =user", "user"},
	{"iam", "DeleteLoginProfile", DEED_REMOVED, "login-profile", RQ "userName or =user",
	 RQ "userName or =user", "user"},
	{"iam", "CreateRole", DEED_MADE, "role", RQ "roleName", RQ "roleName", "role"},
	{"iam", "DeleteRole", DEED_REMOVED, "role", RQ "roleName", RQ "roleName", "role"},
	{"iam", "UpdateAssumeRolePolicy", DEED_MADE, "trust-policy", RQ "roleName", RQ "roleName",
	 "role"},
	{"iam", "CreateGroup", DEED_MADE, "group", RQ "groupName", RQ "groupName", "group"},
	{"iam", "DeleteGroup", DEED_REMOVED, "group", RQ "groupName", RQ "groupName", "group"},
	{"iam", "AddUserToGroup", DEED_MADE, "membership", RQ "groupName", RQ "userName", "user"},
	{"iam", "RemoveUserFromGroup", DEED_REMOVED, "membership", RQ "groupName", RQ "userName",
	 "user"},
	POLICY("User", "userName", "user"),
	POLICY("Role", "roleName", "role"),
	POLICY("Group", "groupName", "group"),
	{"iam", "CreatePolicy", DEED_MADE, "policy", RS "policy.arn", NULL, NULL},
	{"iam", "DeletePolicy", DEED_REMOVED, "policy", RQ "policyArn", NULL, NULL},
	{"iam", "CreatePolicyVersion", DEED_MADE, "policy-version", RS "policyVersion.versionId",
	 RQ "policyArn", "policy"},
	{"iam", "DeletePolicyVersion", DEED_REMOVED, "policy-version", RQ "versionId",
	 RQ "policyArn", "policy"},
	{"iam", "CreateSAMLProvider|UpdateSAMLProvider", DEED_MADE, "saml-provider",
	 RS "sAMLProviderArn or " RQ "sAMLProviderArn", NULL, NULL},
	{"iam", "DeleteSAMLProvider", DEED_REMOVED, "saml-provider", RQ "sAMLProviderArn", NULL,
	 NULL},
	{"iam", "CreateOpenIDConnectProvider", DEED_MADE, "oidc-provider",
	 RS "openIDConnectProviderArn", NULL, NULL},
	{"iam", "DeleteOpenIDConnectProvider", DEED_REMOVED, "oidc-provider",
	 RQ "openIDConnectProviderArn", NULL, NULL},
	{"rolesanywhere", "CreateTrustAnchor", DEED_MADE, "trust-anchor",
	 RS "trustAnchor.trustAnchorId", NULL, NULL},
	{"rolesanywhere", "DeleteTrustAnchor|DisableTrustAnchor", DEED_REMOVED, "trust-anchor",
	 RQ "trustAnchorId", NULL, NULL},
	{"rolesanywhere", "CreateProfile", DEED_MADE, "rolesanywhere-profile",
	 RS "profile.profileId", NULL, NULL},
	{"rolesanywhere", "DeleteProfile|DisableProfile", DEED_REMOVED, "rolesanywhere-profile",
	 RQ "profileId", NULL, NULL},
	{"iam", "CreateVirtualMFADevice", DEED_MADE, "mfa-device",
	 RS "virtualMFADevice.serialNumber", NULL, NULL},
	{"iam", "EnableMFADevice", DEED_MADE, "mfa-device", RQ "serialNumber",
	 RQ "userName or =user", "user"},
	{"iam", "DeleteVirtualMFADevice", DEED_REMOVED, "mfa-device", RQ "serialNumber", NULL,
	 NULL},
	{"iam", "DeactivateMFADevice", DEED_REMOVED, "mfa-device", RQ "serialNumber",
	 RQ "userName or =user", "user"},
	{"iam", "CreateServiceSpecificCredential", DEED_MADE, "service-credential",
	 RS "serviceSpecificCredential.serviceSpecificCredentialId", RQ "userName or =user",
	 "user"},
	{"iam", "DeleteServiceSpecificCredential", DEED_REMOVED, "service-credential",
	 RQ "serviceSpecificCredentialId", RQ "userName or =user", "user"},
	{"iam", "UploadSSHPublicKey", DEED_MADE, "ssh-key", RS "sSHPublicKey.sSHPublicKeyId",
	 RQ "userName or =user", "user"},
	{"iam", "DeleteSSHPublicKey", DEED_REMOVED, "ssh-key", RQ "sSHPublicKeyId",
	 RQ "userName or =user", "user"},
	{"iam", "UploadSigningCertificate", DEED_MADE, "signing-certificate",
	 RS "certificate.certificateId", RQ "userName or =user", "user"},
	{"iam", "DeleteSigningCertificate", DEED_REMOVED, "signing-certificate", RQ "certificateId",
	 RQ "userName or =user", "user"},
	{"iam", "AddRoleToInstanceProfile", DEED_MADE, "instance-profile-role",
	 RQ "instanceProfileName", RQ "roleName", "role"},
	{"iam", "RemoveRoleFromInstanceProfile", DEED_REMOVED, "instance-profile-role",
	 RQ "instanceProfileName", RQ "roleName", "role"},
	{"lambda", "CreateFunction*|UpdateFunctionCode*", DEED_MADE, "function", RQ "functionName",
	 NULL, NULL},
	{"lambda", "DeleteFunction2*|DeleteFunction", DEED_REMOVED, "function", RQ "functionName",
	 NULL, NULL},
};

const struct deed_row *deed_row_at(size_t i)
{
	return i < sizeof(rows) / sizeof(rows[0]) ? &rows[i] : NULL;
}

/* One path; a number is a place in a list. */
static const char *text_at(const json_t *record, const char *path, size_t length)
{
	const json_t *at = record;
	char name[64];

	for (size_t i = 0; i < length && at;) {
		size_t n = strcspn(path + i, ".");
		if (n > length - i)
			n = length - i;
		snprintf(name, sizeof(name), "%.*s", (int)n, path + i);
		at = json_is_array(at) ? json_array_get(at, (size_t)(name[0] - '0'))
				       : json_object_get(at, name);
		i += n + 1;
	}
	return json_string_value(at);
}

/* The user that makes the call; a role or root has no name of its own here. */
static const char *caller(const json_t *record)
{
	const json_t *who = json_object_get(record, "userIdentity");

	return text_equal(jx_text(who, "type"), "IAMUser") ? jx_text(who, "userName") : NULL;
}

const char *deed_text(const json_t *record, const char *paths)
{
	static const char or [] = " or ";

	while (paths) {
		const char *next = strstr(paths, or);
		size_t length = next ? (size_t)(next - paths) : strlen(paths);
		const char *text = length == 5 && memcmp(paths, "=user", 5) == 0
					   ? caller(record)
					   : text_at(record, paths, length);
		if (text && *text)
			return text;
		paths = next ? next + strlen(or) : NULL;
	}
	return NULL;
}
