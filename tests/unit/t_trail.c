// SPDX-License-Identifier: Apache-2.0
/* Every detection with an event that it is about, and one that it only nearly is. */
#include "cordon/finding.h"
#include "cordon/json.h"
#include "cordon/text.h"
#include "triaged.h"

static bool has_rule(const json_t *document, const char *rule)
{
	return jx_find(json_object_get(document, "findings"), "rule", rule, NULL) != NULL;
}

static const struct {
	const char *rule, *yes, *no;
} rows[] = {
	/* seeds 001 and 002, and what both miss: denied, without parameters */
	{"quarantine-failed",
	 "{'eventName':'AttachUserPolicy','errorCode':'AccessDenied'," BY_AWS "}",
	 "{'eventName':'AttachUserPolicy','errorCode':'AccessDenied'}"},
	{"quarantine-failed",
	 "{'eventName':'PutUserPolicy','errorCode':'LimitExceededException'," BY_AWS
	 ",'requestParameters':{'userName':'alice','policyName':"
	 "'AWSExposedCredentialPolicy_DO_NOT_REMOVE'}}",
	 "{'eventName':'PutUserPolicy','errorCode':'LimitExceededException'," BY_AWS
	 ",'requestParameters':{'userName':'alice','policyName':'AWSExposedCredentialPolicy'}}"},
	{"quarantine-failed-by-hand",
	 "{'eventName':'PutUserPolicy','errorCode':'LimitExceededException','requestParameters':{"
	 "'userName':'bob','policyName':'AWSExposedCredentialPolicy_DO_NOT_REMOVE'}}",
	 "{'eventName':'PutUserPolicy','errorCode':'LimitExceededException','requestParameters':{"
	 "'userName':'bob','policyName':'AWSExposedCredentialPolicy'}}"},
	{"root-key-made", "{'eventName':'CreateAccessKey','userIdentity':" ROOT "}",
	 "{'eventName':'CreateAccessKey','userIdentity':" ROOT
	 ",'requestParameters':{'userName':'bob'}}"},
	{"key-for-another",
	 "{'eventName':'CreateAccessKey','userIdentity':" ROOT
	 ",'requestParameters':{'userName':'bob'}}",
	 "{'eventName':'CreateAccessKey','userIdentity':" ROOT "}"},
	{"policy-admin-made",
	 "{'eventName':'CreatePolicy','requestParameters':{'policyName':'p'," GRANT "*" GRANT_END
	 "}}",
	 "{'eventName':'CreatePolicy','requestParameters':{'policyName':'p'," GRANT "s3:*" GRANT_END
	 "}}"},
	{"policy-version-chosen", "{'eventName':'SetDefaultPolicyVersion'}",
	 "{'eventName':'SetDefaultPolicyVersion','errorCode':'AccessDenied'}"},
	{"session-token-iam",
	 "{'eventName':'CreateGroup','userIdentity':" USER("alice", "ASIAEXAMPLEEXAMPLE00") "}",
	 "{'eventName':'CreateGroup','userAgent':'console.amazonaws.com','userIdentity':" USER(
		 "alice", "ASIAEXAMPLEEXAMPLE00") "}"},
	{"quarantine-applied",
	 "{'eventName':'AttachUserPolicy'," BY_AWS
	 ",'requestParameters':{'userName':'alice','policyArn':'" QUARANTINE "V3'}}",
	 "{'eventName':'AttachUserPolicy'," BY_AWS
	 ",'requestParameters':{'userName':'bob','policyArn':'" QUARANTINE "V3'}}"},
	{"quarantine-applied",
	 "{'eventName':'PutUserPolicy','sourceIPAddress':'52.94.1.1','userAgent':'aws-internal/3 x',"
	 "'requestParameters':{'userName':'alice','policyName':'AWSCompromisedKeyQuarantineV2'}}",
	 "{'eventName':'AttachUserPolicy','userAgent':'aws-internal/3','sessionCredentialFromConsole'"
	 ":'true','requestParameters':{'userName':'alice','policyArn':'" QUARANTINE "V2'}}"},
	{"quarantine-by-hand",
	 "{'eventName':'AttachRolePolicy','userAgent':'AWS Internal','sessionCredentialFromConsole':"
	 "'true','requestParameters':{'roleName':'r','policyArn':'" QUARANTINE "'}}",
	 "{'eventName':'AttachRolePolicy','requestParameters':{'roleName':'r','policyArn':"
	 "'arn:aws:iam::111122223333:policy/AWSCompromisedKeyQuarantine'}}"},
	{"quarantine-by-hand",
	 "{'eventName':'AttachUserPolicy','requestParameters':{'userName':'bob','policyArn':"
	 "'arn:aws-cn:iam::aws:policy/AWSCompromisedKeyQuarantineV12'}}",
	 "{'eventName':'AttachUserPolicy','requestParameters':{'userName':"
	 "'AWSCompromisedKeyQuarantineV2','policyArn':'" QUARANTINE "Vx'}}"},
	{"quarantine-removed",
	 "{'eventName':'DetachUserPolicy','requestParameters':{'userName':'bob','policyArn':'" QUARANTINE
	 "V2'}}",
	 "{'eventName':'DetachUserPolicy','errorCode':'AccessDenied','requestParameters':{'userName':"
	 "'bob','policyArn':'" QUARANTINE "V2'}}"},

	/* seed 003 */
	{"key-for-another",
	 "{'eventName':'CreateAccessKey','requestParameters':{'userName':'bob'}}",
	 "{'eventName':'CreateAccessKey','requestParameters':{'userName':'alice'},'userIdentity':{"
	 "'type':'IAMUser','userName':'alice','arn':'arn:aws:iam::111122223333:user/ops/alice'}}"},
	{"key-for-another",
	 "{'eventName':'CreateAccessKey','requestParameters':{'userName':'alice'},'userIdentity':" ROLE(
		 "alice", "alice") "}",
	 "{'eventName':'CreateAccessKey','errorMessage':'denied','requestParameters':{'userName':"
	 "'bob'}}"},
	{"root-login-profile", "{'eventName':'CreateLoginProfile','userIdentity':" ROOT "}",
	 "{'eventName':'CreateLoginProfile','requestParameters':{'userName':'bob'},'userIdentity':" ROOT
	 "}"},
	{"admin-policy-user",
	 "{'eventName':'AttachUserPolicy','requestParameters':{'userName':'bob'," ADMIN "}}",
	 "{'eventName':'AttachUserPolicy','requestParameters':{'userName':'bob','policyArn':"
	 "'arn:aws:iam::aws:policy/AdministratorAccess-Amplify'}}"},
	{"admin-policy-user",
	 "{'eventName':'AttachUserPolicy','requestParameters':{'userName':'bob','policyArn':"
	 "'arn:aws-us-gov:iam::aws:policy/IAMFullAccess'}}",
	 "{'eventName':'AttachUserPolicy','requestParameters':{'userName':'bob','policyArn':"
	 "'arn:aws:iam::111122223333:policy/AdministratorAccess'}}"},
	{"ec2-role-makes-user",
	 "{'eventName':'CreateUser','requestParameters':{'userName':'x'},'userIdentity':" ROLE(
		 "web", "i-0123456789abcdef0") "}",
	 "{'eventName':'CreateUser','requestParameters':{'userName':'x'},'userIdentity':" ROLE(
		 "ci-i-role", "build") "}"},
	{"customer-policy-role",
	 "{'eventName':'AttachRolePolicy','requestParameters':{'roleName':'r','policyArn':"
	 "'arn:aws:iam::111122223333:policy/p'}}",
	 "{'eventName':'AttachRolePolicy','requestParameters':{'roleName':'r','policyArn':"
	 "'arn:aws:iam::aws:policy/ReadOnlyAccess'}}"},
	{"mfa-deactivated",
	 "{'eventName':'DeactivateMFADevice','requestParameters':{'userName':'bob','serialNumber':"
	 "'arn:aws:iam::111122223333:mfa/bob'}}",
	 "{'eventName':'DeactivateMFADevice','errorCode':'AccessDenied'}"},
	{"mfa-deactivated", "{'eventName':'DeleteVirtualMFADevice'}",
	 "{'eventName':'ListVirtualMFADevices'}"},
	{"admin-policy-group",
	 "{'eventName':'AttachGroupPolicy','requestParameters':{'groupName':'g'," ADMIN "}}",
	 "{'eventName':'AttachUserPolicy','requestParameters':{'userName':'g'," ADMIN "}}"},
	{"admin-policy-role",
	 "{'eventName':'AttachRolePolicy','requestParameters':{'roleName':'r'," ADMIN "}}",
	 "{'eventName':'AttachRolePolicy','requestParameters':{'roleName':'r','policyArn':"
	 "'arn:aws:iam::aws:policy/MyAdministratorAccess'}}"},
	{"saml-provider-updated", "{'eventName':'UpdateSAMLProvider'}",
	 "{'eventName':'UpdateSAMLProvider','sourceIPAddress':'sso.amazonaws.com','userAgent':"
	 "'sso.amazonaws.com'}"},
	{"rolesanywhere-profile",
	 "{'eventSource':'rolesanywhere.amazonaws.com','eventName':'CreateProfile'}",
	 "{'eventSource':'appintegrations.amazonaws.com','eventName':'CreateProfile'}"},
	{"rolesanywhere-external-anchor",
	 "{'eventSource':'rolesanywhere.amazonaws.com','eventName':'CreateTrustAnchor',"
	 "'requestParameters':{'source':{'sourceType':'CERTIFICATE_BUNDLE'}}}",
	 "{'eventSource':'rolesanywhere.amazonaws.com','eventName':'CreateTrustAnchor',"
	 "'requestParameters':{'source':{'sourceType':'AWS_ACM_PCA'}}}"},
	{"rolesanywhere-external-anchor",
	 "{'eventSource':'rolesanywhere.amazonaws.com','eventName':'CreateTrustAnchor'}",
	 "{'eventSource':'rolesanywhere.amazonaws.com','eventName':'CreateTrustAnchor','errorCode':"
	 "'ValidationException'}"},
	{"group-made", "{'eventName':'CreateGroup'}", "{'eventName':'UpdateGroup'}"},
	{"group-deleted", "{'eventName':'DeleteGroup'}",
	 "{'eventName':'DeleteGroup','errorCode':'DeleteConflictException'}"},

	/* what the seeds miss */
	{"inline-admin",
	 "{'eventName':'PutUserPolicy','requestParameters':{'userName':'alice','policyName':'p'," GRANT
	 "*" GRANT_END "}}",
	 "{'eventName':'PutUserPolicy','requestParameters':{'userName':'alice','policyName':'p'," GRANT
	 "s3:GetObject" GRANT_END "}}"},
	{"inline-admin",
	 "{'eventName':'PutRolePolicy','requestParameters':{'roleName':'r','policyName':'p'," GRANT
	 "iam:Put*" GRANT_END "}}",
	 "{'eventName':'PutRolePolicy','requestParameters':{'roleName':'r','policyName':'p'}}"},
	{"policy-admin",
	 "{'eventName':'CreatePolicyVersion','requestParameters':{'setAsDefault':true," GRANT
	 "iam:*" GRANT_END "}}",
	 "{'eventName':'CreatePolicyVersion','requestParameters':{'setAsDefault':false," GRANT
	 "iam:*" GRANT_END "}}"},
	{"key-for-self", "{'eventName':'CreateAccessKey'}",
	 "{'eventName':'CreateAccessKey','requestParameters':{'userName':'bob'}}"},
	{"key-activated", "{'eventName':'UpdateAccessKey','requestParameters':{'status':'Active'}}",
	 "{'eventName':'UpdateAccessKey','requestParameters':{'status':'Inactive'}}"},
	{"federation-token", "{'eventSource':'sts.amazonaws.com','eventName':'GetFederationToken'}",
	 "{'eventSource':'sts.amazonaws.com','eventName':'GetSessionToken'}"},
	{"session-token-iam",
	 "{'eventName':'CreateGroup','userIdentity':" USER("alice", "ASIAEXAMPLEEXAMPLE00") "}",
	 "{'eventName':'ListUsers','userIdentity':" USER("alice", "ASIAEXAMPLEEXAMPLE00") "}"},
	{"session-token-iam",
	 "{'eventName':'UpdateUser','userIdentity':" USER("alice", "ASIAEXAMPLEEXAMPLE00") "}",
	 "{'eventName':'UpdateUser','sessionCredentialFromConsole':'true','userIdentity':" USER(
		 "alice", "ASIAEXAMPLEEXAMPLE00") "}"},
	{"role-chain",
	 "{'eventSource':'sts.amazonaws.com','eventName':'AssumeRole','userIdentity':" ROLE(
		 "a", "s") "}",
	 "{'eventSource':'sts.amazonaws.com','eventName':'AssumeRole'}"},
	{"trust-stranger",
	 "{'eventName':'UpdateAssumeRolePolicy','requestParameters':{'roleName':'r','policyDocument':" TRUST(
		 "arn:aws:iam::999988887777:root") "}}",
	 "{'eventName':'UpdateAssumeRolePolicy','requestParameters':{'roleName':'r','policyDocument':" TRUST(
		 "arn:aws:iam::111122223333:root") "}}"},
	{"trust-stranger",
	 "{'eventName':'CreateRole','requestParameters':{'roleName':'r','assumeRolePolicyDocument':" TRUST(
		 "*") "}}",
	 "{'eventName':'CreateRole','requestParameters':{'roleName':'r','assumeRolePolicyDocument':" TRUST(
		 "arn:aws:iam::111122223333:user/bob") "}}"},
	{"identity-provider-made", "{'eventName':'CreateSAMLProvider'}",
	 "{'eventName':'CreateSAMLProvider','sourceIPAddress':'sso.amazonaws.com','userAgent':"
	 "'sso.amazonaws.com'}"},
	{"identity-provider-made", "{'eventName':'CreateOpenIDConnectProvider'}",
	 "{'eventName':'TagOpenIDConnectProvider'}"},
	{"saml-provider-deleted", "{'eventName':'DeleteSAMLProvider'}",
	 "{'eventName':'DeleteSAMLProvider','errorCode':'AccessDenied'}"},
	{"rolesanywhere-changed",
	 "{'eventSource':'rolesanywhere.amazonaws.com','eventName':'EnableTrustAnchor'}",
	 "{'eventSource':'rolesanywhere.amazonaws.com','eventName':'DisableTrustAnchor'}"},
	{"password-for-another",
	 "{'eventName':'UpdateLoginProfile','requestParameters':{'userName':'bob'}}",
	 "{'eventName':'UpdateLoginProfile','requestParameters':{'userName':'alice'}}"},
	{"password-for-another",
	 "{'eventName':'CreateLoginProfile','requestParameters':{'userName':'alice'},'userIdentity':" ROLE(
		 "x", "alice") "}",
	 "{'eventName':'CreateLoginProfile','errorCode':'AccessDenied','requestParameters':{"
	 "'userName':'bob'}}"},
	{"boundary-removed", "{'eventName':'DeleteUserPermissionsBoundary'}",
	 "{'eventName':'PutUserPermissionsBoundary'}"},
	{"boundary-changed", "{'eventName':'PutRolePermissionsBoundary'}",
	 "{'eventName':'DeleteRolePermissionsBoundary'}"},
	{"assume-root", "{'eventSource':'sts.amazonaws.com','eventName':'AssumeRoot'}",
	 "{'eventSource':'sts.amazonaws.com','eventName':'AssumeRole'}"},
	{"bedrock-user-made",
	 "{'eventName':'CreateUser','requestParameters':{'userName':'BedrockAPIKey-1'}}",
	 "{'eventName':'CreateUser','requestParameters':{'userName':'bedrock'}}"},
	{"bedrock-user-acts",
	 "{'eventName':'CreateUser','userIdentity':" USER("BedrockAPIKey-1",
							  "AKIAEXAMPLEEXAMPLE00") "}",
	 "{'eventName':'ListUsers','userIdentity':" USER("BedrockAPIKey-1",
							 "AKIAEXAMPLEEXAMPLE00") "}"},
	{"bedrock-api-key",
	 "{'eventName':'CreateServiceSpecificCredential','requestParameters':{'serviceName':"
	 "'bedrock.amazonaws.com'}}",
	 "{'eventName':'CreateServiceSpecificCredential','requestParameters':{'serviceName':"
	 "'codecommit.amazonaws.com'}}"},
	{"user-made", "{'eventName':'CreateUser'}",
	 "{'eventName':'CreateUser','errorCode':'EntityAlreadyExistsException'}"},
	{"group-joined", "{'eventName':'AddUserToGroup'}", "{'eventName':'RemoveUserFromGroup'}"},
	{"credential-uploaded", "{'eventName':'UploadSSHPublicKey'}",
	 "{'eventName':'UploadServerCertificate'}"},
	{"mfa-with-session-token",
	 "{'eventName':'EnableMFADevice','userIdentity':" USER("alice", "ASIAEXAMPLEEXAMPLE00") "}",
	 "{'eventName':'EnableMFADevice'}"},
	{"console-from-keys",
	 "{'eventSource':'signin.amazonaws.com','eventName':'GetSigninToken','userIdentity':" ROLE(
		 "a", "s") "}",
	 "{'eventSource':'signin.amazonaws.com','eventName':'GetSigninToken'}"},
	{"console-without-mfa",
	 "{'eventSource':'signin.amazonaws.com','eventName':'ConsoleLogin','responseElements':{"
	 "'ConsoleLogin':'Success'},'additionalEventData':{'MFAUsed':'No'}}",
	 "{'eventSource':'signin.amazonaws.com','eventName':'ConsoleLogin','errorMessage':'Failed "
	 "authentication','responseElements':{'ConsoleLogin':'Failure'},'additionalEventData':{"
	 "'MFAUsed':'No'}}"},
	{"root-console",
	 "{'eventSource':'signin.amazonaws.com','eventName':'ConsoleLogin','responseElements':{"
	 "'ConsoleLogin':'Success'},'userIdentity':" ROOT "}",
	 "{'eventSource':'signin.amazonaws.com','eventName':'ConsoleLogin','responseElements':{"
	 "'ConsoleLogin':'Success'}}"},
	{"root-password-recovery",
	 "{'eventSource':'signin.amazonaws.com','eventName':'PasswordRecoveryRequested'}",
	 "{'eventSource':'signin.amazonaws.com','eventName':'CheckMfa'}"},
	{"root-key-used",
	 "{'eventName':'CreateUser','userIdentity':{'type':'Root','accessKeyId':"
	 "'AKIAEXAMPLEROOT00000'}}",
	 "{'eventName':'CreateUser','userIdentity':" ROOT "}"},
	{"trail-stopped", "{'eventSource':'cloudtrail.amazonaws.com','eventName':'StopLogging'}",
	 "{'eventSource':'cloudtrail.amazonaws.com','eventName':'StopLogging','errorCode':"
	 "'AccessDenied'}"},
	{"trail-changed", "{'eventSource':'cloudtrail.amazonaws.com','eventName':'UpdateTrail'}",
	 "{'eventSource':'cloudtrail.amazonaws.com','eventName':'StartLogging'}"},
	{"detector-stopped",
	 "{'eventSource':'guardduty.amazonaws.com','eventName':'DeleteDetector'}",
	 "{'eventSource':'guardduty.amazonaws.com','eventName':'CreateDetector'}"},
	{"organization-left",
	 "{'eventSource':'organizations.amazonaws.com','eventName':'LeaveOrganization'}",
	 "{'eventSource':'organizations.amazonaws.com','eventName':'DescribeOrganization'}"},
	{"identity-center-assignment",
	 "{'eventSource':'sso.amazonaws.com','eventName':'CreateAccountAssignment'}",
	 "{'eventSource':'sso.amazonaws.com','eventName':'DeleteAccountAssignment'}"},
	{"access-denied-iam", "{'eventName':'CreateUser','errorCode':'AccessDenied'}",
	 "{'eventName':'CreateUser'}"},
};

static void test_detections(void)
{
	for (size_t i = 0; i < COUNT(rows); i++) {
		json_auto_t *yes = event(rows[i].yes);
		json_auto_t *no = event(rows[i].no);
		json_auto_t *found = triage(yes);
		json_auto_t *missed = triage(no);

		OK(has_rule(found, rows[i].rule), "%s: row %zu is found", rows[i].rule, i);
		OK(!has_rule(missed, rows[i].rule), "%s: row %zu, nearly, is not", rows[i].rule, i);
		INT_EQ(json_integer_value(jx_at(missed, "sources", "events", NULL)), 1,
		       "%s: row %zu was read", rows[i].rule, i);
	}
}

static const struct {
	const char *rule, *yes, *key, *skipped;
} alerts[] = {
	{"alert-guardduty",
	 "{'detail-type':'GuardDuty Finding','detail':{'id':'1','type':'T','severity':8,'accountId':"
	 "'111122223333','resource':{'accessKeyDetails':{'accessKeyId':'AKIAIOSFODNN7EXAMPLE',"
	 "'userName':'bob','userType':'IAMUser'}},'service':{}}}",
	 "AKIAIOSFODNN7EXAMPLE",
	 "{'id':'1','type':'T','severity':8,'resource':{'accessKeyDetails':{'accessKeyId':"
	 "'GeneratedFindingAccessKeyId','userName':'GeneratedFindingUserName'}},'service':{}}"},
	{"alert-guardduty",
	 "{'id':'1','type':'T','severity':8,'resource':{'accessKeyDetails':{'accessKeyId':"
	 "'AKIAIOSFODNN7EXAMPLE','userName':'GeneratedFindingUserName','userType':'IAMUser'}},"
	 "'service':{}}",
	 "AKIAIOSFODNN7EXAMPLE", NULL},
	{"alert-guardduty",
	 "{'Findings':[{'Id':'1','Type':'T','Severity':5,'Resource':{'AccessKeyDetails':{"
	 "'AccessKeyId':'AKIAIOSFODNN7EXAMPLE','UserName':'bob','UserType':'IAMUser'}},'Service':{}}"
	 "]}",
	 "AKIAIOSFODNN7EXAMPLE",
	 "{'Findings':[{'Id':'1','Type':'T','Severity':5,'Resource':{'AccessKeyDetails':{"
	 "'AccessKeyId':'AKIAIOSFODNN7EXAMPLE'}},'Service':{'AdditionalInfo':{'Sample':true}}}]}"},
	{"alert-guardduty",
	 "{'type':'AttackSequence:IAM/CompromisedCredentials','severity':9,'resource':{},'service':{"
	 "'detection':{'sequence':{'actors':[{'user':{'credentialUid':'AKIAIOSFODNN7EXAMPLE','name':"
	 "'bob','type':'IAMUser','uid':'AIDA'}}]}}}}",
	 "AKIAIOSFODNN7EXAMPLE", NULL},
	{"alert-securityhub",
	 "{'detail-type':'Security Hub Findings - Imported','detail':{'findings':[{'SchemaVersion':"
	 "'2018-10-08','ProductArn':'arn:x','Title':'t','Severity':{'Label':'HIGH'},'Resources':[{"
	 "'Type':'AwsIamAccessKey','Id':'AWS::IAM::AccessKey:AKIAIOSFODNN7EXAMPLE','Details':{"
	 "'AwsIamAccessKey':{'PrincipalName':'bob','PrincipalType':'IAMUser'}}}]}]}}",
	 "AKIAIOSFODNN7EXAMPLE",
	 "{'SchemaVersion':'2018-10-08','ProductArn':'arn:x','Title':'[SAMPLE] t','Resources':[]}"},
	{"alert-health",
	 "{'detail-type':'AWS Health Event','detail':{'eventTypeCode':'AWS_RISK_CREDENTIALS_EXPOSED',"
	 "'affectedEntities':[{'entityValue':'AKIAIOSFODNN7EXAMPLE'}]}}",
	 "AKIAIOSFODNN7EXAMPLE",
	 "{'detail-type':'AWS Health Event','detail':{'eventTypeCode':'AWS_EC2_RETIREMENT'}}"},
	{"alert-trusted-advisor",
	 "{'detail-type':'Trusted Advisor Check Item Refresh Notification','detail':{'check-name':"
	 "'Exposed Access Keys','check-item-detail':{'Access Key ID':'AKIAIOSFODNN7EXAMPLE',"
	 "'User Name (IAM or Root)':'bob'}}}",
	 "AKIAIOSFODNN7EXAMPLE",
	 "{'detail':{'check-name':'x','check-item-detail':{'Region':'x'}}}"},
	{"alert-trusted-advisor",
	 "{'result':{'flaggedResources':[{'metadata':['x','AKIAIOSFODNN7EXAMPLE','Exposed']}]}}",
	 "AKIAIOSFODNN7EXAMPLE", "{'result':{'flaggedResources':[{'metadata':['x']}]}}"},
	{"alert-github",
	 "[{'number':1,'secret_type':'aws_access_key_id','secret':'AKIAIOSFODNN7EXAMPLE'}]",
	 "AKIAIOSFODNN7EXAMPLE",
	 "{'action':'created','alert':{'number':1,'secret_type':'aws_access_key_id'}}"},
	{"alert-github",
	 "[{'token':'AKIAIOSFODNN7EXAMPLE','type':'aws','url':'https://x','source':'content'}]",
	 "AKIAIOSFODNN7EXAMPLE", "[{'number':1,'secret_type':'slack_token','secret':'x'}]"},
	{"alert-ggshield",
	 "{'entities_with_incidents':[{'incidents':[{'occurrences':[{'match':"
	 "'AKIAIOSFODNN7EXAMPLE'}]}]}]}",
	 "AKIAIOSFODNN7EXAMPLE",
	 "{'entities_with_incidents':[{'incidents':[{'occurrences':[{'match':"
	 "'AKIA************3F6J'}]}]}]}"},
	{"alert-trufflehog",
	 "{'DetectorName':'AWS','Verified':true,'Raw':'AKIAIOSFODNN7EXAMPLE','RawV2':"
	 "'AKIAIOSFODNN7EXAMPLE:SECRETSECRET','ExtraData':{'arn':"
	 "'arn:aws:iam::111122223333:user/bob'}}",
	 "AKIAIOSFODNN7EXAMPLE",
	 "{'DetectorName':'AWS','Raw':'AKIAIOSFODNN7EXAMPLE','ExtraData':{'is_canary':'true'}}"},
	{"alert-gitleaks",
	 "[{'RuleID':'aws-access-token','Secret':'AKIAIOSFODNN7EXAMPLE','Match':'SECRETSECRET'}]",
	 "AKIAIOSFODNN7EXAMPLE", "[{'RuleID':'generic-api-key','Secret':'SECRETSECRET'}]"},
};

static void test_alerts(void)
{
	for (size_t i = 0; i < COUNT(alerts); i++) {
		json_auto_t *yes = read_quoted(alerts[i].yes);
		json_auto_t *no = alerts[i].skipped ? read_quoted(alerts[i].skipped) : NULL;
		json_auto_t *found = triage(yes);
		json_auto_t *skipped = no ? triage(no) : NULL;
		char *text = json_dumps(found, JSON_COMPACT);

		OK(has_rule(found, alerts[i].rule), "alert row %zu: %s", i, alerts[i].rule);
		STR_EQ(jx_text(json_array_get(json_object_get(found, "targets"), 0), "id"),
		       alerts[i].key, "alert row %zu: leads to the key", i);
		OK(!strstr(text, "SECRETSECRET"), "alert row %zu: no secret comes out", i);
		free(text);
		if (!skipped)
			continue;
		INT_EQ(json_array_size(json_object_get(skipped, "findings")), 0,
		       "alert row %zu: the other one is no finding", i);
		INT_EQ(json_array_size(jx_at(skipped, "sources", "skipped", NULL)), 1,
		       "alert row %zu: and said to be skipped", i);
	}
}

/* One string may name several keys. */
static void test_keys_of_a_text(void)
{
	json_auto_t *alert = read_quoted(
		"[{'RuleID':'aws-access-token','Secret':'AKIAIOSFODNN7EXAMPLE, "
		"AKIAIOSFODNN7EXAMPL2:x xAKIAIOSFODNN7EXAMPL3 ASIAIOSFODNN7EXAMPL4'}]");
	json_auto_t *document = triage(alert);

	INT_EQ(json_array_size(json_object_get(document, "findings")), 3, "each key of a text");
	OK(jx_find(json_object_get(document, "targets"), "id", "AKIAIOSFODNN7EXAMPL2", NULL),
	   "and the second is a target");
}

/* No row is without a test, and none names what does not exist. */
static void test_table(void)
{
	const struct detection *d;

	for (size_t i = 0; (d = detection_at(i)); i++) {
		bool tested = text_equal(d->id, "discovery-burst") ||
			      text_equal(d->id, "instance-key-elsewhere") ||
			      text_equal(d->id, "self-made-key-used");
		for (size_t n = 0; n < COUNT(rows); n++)
			tested = tested || text_equal(rows[n].rule, d->id);
		for (size_t n = 0; n < COUNT(alerts); n++)
			tested = tested || text_equal(alerts[n].rule, d->id);
		OK(tested, "%s has a test", d->id);
		OK(detection_find(d->id) == d, "%s is there once", d->id);
		OK(d->meaning && d->technique, "%s says what it means", d->id);
	}
}

static void test_burst(void)
{
	static const char *const names[] = {"ListUsers",  "ListRoles",	    "GetUser",
					    "ListGroups", "ListAccessKeys", "GetAccountSummary"};

	for (size_t most = 5; most <= 6; most++) {
		for (int console = 0; console < 2; console++) {
			json_auto_t *list = json_array();
			for (size_t i = 0; i < most; i++) {
				json_t *e = event(
					console ? "{'sessionCredentialFromConsole':'true'}" : "{}");
				char id[32];
				snprintf(id, sizeof(id), "e%zu", i);
				jx_set(e, "eventName", jx_string(names[i]));
				jx_set(e, "eventID", jx_string(id));
				jx_push(list, e);
			}
			json_auto_t *document = triage(list);
			INT_EQ(has_rule(document, "discovery-burst"), most == 6 && !console,
			       "%zu kinds of reading calls, console %d", most, console);
		}
	}
}

static json_t *two(const char *first, const char *second)
{
	json_t *list = json_array();

	jx_push(list, event(first));
	jx_push(list, event(second));
	jx_set(json_array_get(list, 1), "eventID", jx_string("e2"));
	return list;
}

/* What takes two events to see. */
static void test_afterwards(void)
{
	static const struct {
		const char *rule, *first, *second;
		bool found;
	} pairs[] = {
		{"instance-key-elsewhere", "{'userIdentity':" ROLE("web", "i-1") "}",
		 "{'sourceIPAddress':'198.51.100.1','userIdentity':" ROLE("web", "i-1") "}", true},
		{"instance-key-elsewhere", "{'userIdentity':" ROLE("web", "i-1") "}",
		 "{'sourceIPAddress':'10.0.0.1','userIdentity':" ROLE("web", "i-1") "}", false},
		{"instance-key-elsewhere", "{'userIdentity':" ROLE("web", "x") "}",
		 "{'sourceIPAddress':'198.51.100.1','userIdentity':" ROLE("web", "x") "}", false},
		{"self-made-key-used",
		 "{'eventName':'CreateAccessKey','responseElements':{'accessKey':{'accessKeyId':"
		 "'AKIANEW'}}}",
		 "{'eventTime':'2026-07-14T10:30:00Z','userIdentity':" USER("alice", "AKIANEW") "}",
		 true},
		{"self-made-key-used",
		 "{'eventName':'CreateAccessKey','responseElements':{'accessKey':{'accessKeyId':"
		 "'AKIANEW'}}}",
		 "{'eventTime':'2026-07-14T11:30:00Z','userIdentity':" USER("alice", "AKIANEW") "}",
		 false},
	};

	for (size_t i = 0; i < COUNT(pairs); i++) {
		json_auto_t *list = two(pairs[i].first, pairs[i].second);
		json_t *e;
		size_t n;
		json_array_foreach (list, n, e) {
			if (!json_object_get(e, "eventName"))
				jx_set(e, "eventName", jx_string("ListUsers"));
		}
		json_auto_t *document = triage(list);
		INT_EQ(has_rule(document, pairs[i].rule), pairs[i].found, "%s: pair %zu",
		       pairs[i].rule, i);
	}
}

/* A rule that fires all the time must not take the room of one that counts. */
static void test_flood(void)
{
	json_auto_t *list = json_array();
	char id[32];

	for (size_t i = 0; i < 70000; i++) {
		json_t *e = event("{'eventName':'CreateGroup'}");
		snprintf(id, sizeof(id), "e%zu", i);
		jx_set(e, "eventID", jx_string(id));
		jx_push(list, e);
	}
	json_t *last = event("{'eventName':'DeactivateMFADevice'}");
	jx_set(last, "eventID", jx_string("last"));
	jx_push(list, last);
	json_auto_t *document = triage(list);
	OK(has_rule(document, "mfa-deactivated"), "what counts is found behind a flood");
	INT_EQ(json_integer_value(jx_at(document, "sources", "findings_left_out", NULL)),
	       70000 - TRAIL_MAX_MINOR, "and what was left out is counted");
}

/* Rows that no single event is about are minor as well. */
static void test_flood_of_bursts(void)
{
	static const char *const names[] = {"ListUsers",  "ListRoles",	    "GetUser",
					    "ListGroups", "ListAccessKeys", "GetAccountSummary"};
	struct trail_options options = {.now = NOW, .seed = 7};
	struct trail *trail = trail_new(&options);
	struct trail_input *in = trail_input_new(sink, trail);
	char text[512];

	for (int i = 0; i < 1200 * 6; i++) {
		int n = snprintf(
			text, sizeof(text),
			"{\"eventID\":\"e%d\",\"eventTime\":\"2026-07-14T%02d:%02d:%02dZ\","
			"\"eventSource\":\"ec2.amazonaws.com\",\"eventName\":\"%s\","
			"\"userAgent\":\"x\",\"userIdentity\":{\"type\":\"IAMUser\","
			"\"arn\":\"arn:aws:iam::111122223333:user/bob\",\"accessKeyId\":"
			"\"AKIAEXAMPLEBOB000000\"}}\n",
			i, i / 6 * 10 / 3600, i / 6 * 10 / 60 % 60, i / 6 * 10 % 60, names[i % 6]);
		trail_input_feed(in, text, (size_t)n);
	}
	trail_input_end(in);
	trail_close(trail, "input", in, NULL);
	trail_input_free(in);
	json_auto_t *document = trail_document(trail);
	trail_free(trail);
	INT_EQ(json_array_size(json_object_get(document, "findings")), TRAIL_MAX_MINOR,
	       "bursts leave room for what counts");
	INT_EQ(json_integer_value(jx_at(document, "sources", "findings_left_out", NULL)), 200,
	       "and are counted");
}

/* So many keys that there is no room for more; then one that was named, and one of a named user. */
static void test_flood_of_keys(void)
{
	json_auto_t *keys = read_quoted("['AKIAEXAMPLEREAL00000']");
	json_auto_t *users = read_quoted("['arn:aws:iam::111122223333:user/p/carol']");
	struct trail_options options = {.now = NOW, .seed = 7, .keys = keys, .users = users};
	struct trail *trail = trail_new(&options);
	struct trail_input *in = trail_input_new(sink, trail);
	char text[512];

	for (int i = 0; i < TRAIL_MAX_SESSIONS + 2; i++) {
		bool last = i > TRAIL_MAX_SESSIONS;
		bool real = i == TRAIL_MAX_SESSIONS;
		char key[32];
		snprintf(key, sizeof(key), "AKIA%016d", i);
		int n = snprintf(text, sizeof(text),
				 "{\"eventID\":\"e%d\",\"eventTime\":\"2026-07-14T10:00:00Z\","
				 "\"eventSource\":\"s3.amazonaws.com\",\"eventName\":\"GetObject\","
				 "\"userIdentity\":{\"type\":\"IAMUser\",\"userName\":\"%s\","
				 "\"accountId\":\"111122223333\",\"accessKeyId\":\"%s\"}}\n",
				 i, last ? "carol" : "bob", real ? "AKIAEXAMPLEREAL00000" : key);
		trail_input_feed(in, text, (size_t)n);
	}
	trail_input_end(in);
	trail_close(trail, "input", in, NULL);
	trail_input_free(in);
	json_auto_t *document = trail_document(trail);
	trail_free(trail);
	const json_t *targets = json_object_get(document, "targets");
	const json_t *real = jx_find(targets, "id", "AKIAEXAMPLEREAL00000", NULL);
	OK(json_is_true(json_object_get(real, "live")), "a key that was named is found in a flood");
	const json_t *carol = jx_find(targets, "id", "carol", NULL);
	OK(json_is_true(json_object_get(carol, "live")), "and so is a user");
	INT_EQ(json_integer_value(jx_at(document, "sources", "not_kept", NULL)), TRAIL_RESERVED + 1,
	       "and what found no room is counted");
}

/* Beginnings of records within a record that never ends: each is looked at, but not for ever. */
static void test_nested(void)
{
	static const struct {
		const char *name, *head, *again;
		size_t count;
	} floods[] = {
		{"JSON", "{\"a\":[", "{\"eventVersion\":[\\\"", 60000},
		{"CSV", "eventversion,eventtime,eventname,useridentity\n\"",
		 "{\"eventVersion\":", 400000},
	};

	for (size_t i = 0; i < COUNT(floods); i++) {
		size_t head = strlen(floods[i].head);
		size_t again = strlen(floods[i].again);
		size_t length = head + floods[i].count * again;
		char *text = malloc(length + 1);
		if (!text)
			bail("no memory", "");
		memcpy(text, floods[i].head, head);
		for (size_t n = 0; n < floods[i].count; n++)
			memcpy(text + head + n * again, floods[i].again, again);
		json_auto_t *document = triage_bytes(text, length, 4096, NULL);
		char *said = json_dumps(jx_at(document, "sources", "skipped", NULL), JSON_COMPACT);
		OK(strstr(said, "too much of it is torn"), "%s: given up, and said",
		   floods[i].name);
		free(said);
		free(text);
	}
}

static bool always(void)
{
	return true;
}

/* Whoever asks to stop does not wait for a torn input. */
static void test_stop(void)
{
	struct trail_options options = {.now = NOW, .seed = 7};
	struct trail *trail = trail_new(&options);
	struct trail_input *in = trail_input_new(sink, trail);
	static const char torn[] = "{x\n{y\n{z\n";

	trail_input_stop_if(in, always);
	trail_input_feed(in, torn, strlen(torn));
	OK(trail_input_refused(in), "a torn input ends when it is asked to");
	trail_input_free(in);
	trail_free(trail);
}

int main(void)
{
	test_detections();
	test_alerts();
	test_keys_of_a_text();
	test_table();
	test_burst();
	test_afterwards();
	test_flood();
	test_nested();
	test_stop();
	test_flood_of_bursts();
	test_flood_of_keys();
	return tap_done();
}
