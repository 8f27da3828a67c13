// SPDX-License-Identifier: Apache-2.0
/* The ends of the actions: which operations lead to each, and when it is reached. */
#include "cordon/verdict.h"

#include "planned.h"

#define KEY "AKIARTX3GSDSUEXAMPLE"
#define OTHER "AKIARTX3GSDS7EXAMPLE"
#define POLICY(name, more)                                                                 \
	"{'PolicyName':'" name "','PolicyDocument':{'Version':'2012-10-17','Statement':[{" \
	"'Effect':'Deny','Action':'*','Resource':'*'" more "}]}}"
#define DENY(time) POLICY("CordonDenyAll", ",'Sid':'Cordon" time "'")
#define ISSUED(time) "'DateLessThan':{'aws:TokenIssueTime':'" time "'}"
#define CUTOFF(time) POLICY("AWSRevokeOlderSessions", ",'Condition':{" ISSUED(time) "}")
#define SESSION_DENY(userid) \
	POLICY("CordonDenyAll-thief", ",'Condition':{'StringEquals':{'aws:userid':'" userid "'}}")
#define UNREAD "{'unread':{'why':'denied','code':'AccessDenied'}}"
#define PLAIN ",'AttachedManagedPolicies':[],'PermissionsBoundary':null"
#define MANAGED                                                                             \
	",'AttachedManagedPolicies':[{'PolicyName':'AWSDenyAll','PolicyArn':'" DENY_ALL_ARN \
	"'}],'PermissionsBoundary':null"
#define BOUNDARY                                                                                       \
	",'AttachedManagedPolicies':[],'PermissionsBoundary':{'PermissionsBoundaryArn':'" DENY_ALL_ARN \
	"'}"
#define KEYS(status) ",'AccessKeys':[{'AccessKeyId':'" KEY "','Status':'" status "'}]"
#define NO_KEYS ",'AccessKeys':[]"
#define USER(policies, more)                                                                      \
	"'UserDetailList':[{'UserName':'alice','Arn':'" ALICE "','UserPolicyList':" policies more \
	"}]"
#define ROLE(policies, more)                                                                     \
	"'RoleDetailList':[{'RoleName':'ops','RoleId':'AROAX','Arn':'" OPS                       \
	"','RolePolicyList':" policies                                                           \
	",'AssumeRolePolicyDocument':{'Statement':{'Effect':'Allow','Principal':{'AWS':'" NUMBER \
	"'},'Action':'sts:AssumeRole'}}" more "}]"
#define INLINE "PutUserPolicy/1 CordonDenyAll"
#define STAMP "PutUserPolicy/3 AWSRevokeOlderSessions"

struct row {
	const char *name, *ask, *given, *account;
	const char *known;	    /* of this run: {"stamped":[..],"exhausted":[..]}, or NULL */
	const char *want, *skipped; /* skipped: a part of it, or NULL */
};

static json_t *account_of(const char *members)
{
	char text[8192];

	snprintf(text, sizeof(text),
		 "{'format':'cordon-account/1','account_id':'" NUMBER
		 "','listed':{'users':true,'roles':true,'groups':true},%s}",
		 members);
	return read_account(text);
}

static void run(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		json_auto_t *account = account_of(rows[i].account);
		json_auto_t *known = js(rows[i].known ? rows[i].known : "{}");
		const struct plan_request request = {
			.account = account,
			.rehearsal = true,
			.partition = "aws",
			.stamped = json_object_get(known, "stamped"),
			.exhausted = json_object_get(known, "exhausted"),
			.done = json_object_get(known, "done"),
			.absent = json_object_get(known, "absent")};
		json_auto_t *plan = plan_of(&request, rows[i].ask, rows[i].given);
		STR_EQ(written(plan), rows[i].want, "%s", rows[i].name);
		char *skipped = listed(plan, "skipped");
		if (rows[i].skipped)
			HAS(skipped, rows[i].skipped, "%s: says so", rows[i].name);
		free(skipped);
	}
}

#define SEALED                                                                             \
	"{'PolicyName':'CordonDenyAll','PolicyDocument':{'unread':{'why':'denied','code':" \
	"'AccessDenied'}}}"

/* deny-all: inline, else attached, else as boundary; or the way that was asked for. */
static void test_ways(void)
{
	static const struct row rows[] = {
		{"a user", "deny-all", "{'user':'alice'}", USER("[]", PLAIN), NULL, INLINE, NULL},
		{"a role", "deny-all", "{'role':'ops'}", ROLE("[]", PLAIN), NULL,
		 "PutRolePolicy/1 CordonDenyAll", NULL},
		{"inline is full", "deny-all", "{'user':'alice'}",
		 USER("[]", PLAIN) ",'SummaryMap':{'UserPolicySizeQuota':50}", NULL,
		 "AttachUserPolicy/1 " DENY_ALL_ARN, NULL},
		{"both are full", "deny-all", "{'user':'alice'}",
		 USER("[]",
		      ",'PermissionsBoundary':null,'AttachedManagedPolicies':["
		      "{'PolicyName':'x','PolicyArn':'x'}]") ",'SummaryMap':{"
							     "'UserPolicySizeQuota':50,"
							     "'AttachedPoliciesPerUserQuota':1}",
		 NULL, "PutUserPermissionsBoundary/1 " DENY_ALL_ARN, NULL},
		{"a role's boundary", "deny-all", "{'role':'ops'}",
		 ROLE("[]",
		      ",'PermissionsBoundary':null,'AttachedManagedPolicies':["
		      "{'PolicyName':'x','PolicyArn':'x'}]") ",'SummaryMap':{"
							     "'RolePolicySizeQuota':50,"
							     "'AttachedPoliciesPerRoleQuota':1}",
		 NULL, "PutRolePermissionsBoundary/1 " DENY_ALL_ARN, NULL},
		{"inline was refused", "deny-all", "{'user':'alice'}", USER("[]", PLAIN),
		 "{'exhausted':['" ALICE " inline']}", "AttachUserPolicy/1 " DENY_ALL_ARN, NULL},
		{"inline of another was refused", "deny-all", "{'user':'alice'}", USER("[]", PLAIN),
		 "{'exhausted':['" IAM "user/bob inline']}", INLINE, NULL},
		{"two were refused", "deny-all", "{'user':'alice'}", USER("[]", PLAIN),
		 "{'exhausted':['" ALICE " inline','" ALICE " managed']}",
		 "PutUserPermissionsBoundary/1 " DENY_ALL_ARN, NULL},
		{"all were refused", "deny-all", "{'user':'alice'}", USER("[]", PLAIN),
		 "{'exhausted':['" ALICE " inline','" ALICE " managed','" ALICE " boundary']}", "",
		 "no room for an explicit deny"},
		{"asked for inline", "deny-all", "{'user':'alice','via':'inline'}",
		 USER("[]", PLAIN), NULL, INLINE, NULL},
		{"asked for managed", "deny-all", "{'user':'alice','via':'managed'}",
		 USER("[]", PLAIN), NULL, "AttachUserPolicy/1 " DENY_ALL_ARN, NULL},
		{"asked for a boundary", "deny-all", "{'user':'alice','via':'boundary'}",
		 USER("[]", PLAIN), NULL, "PutUserPermissionsBoundary/1 " DENY_ALL_ARN, NULL},
		{"stands inline", "deny-all", "{'user':'alice'}",
		 USER("[" DENY("20260714T091500Z") "]", PLAIN), NULL, "",
		 "the explicit deny stands already (inline)"},
		{"stands inline, without time", "deny-all", "{'user':'alice'}",
		 USER("[" POLICY("CordonDenyAll", "") "]", PLAIN), NULL, "", "stands already"},
		{"stands under a fresh name", "deny-all", "{'user':'alice'}",
		 USER("[" POLICY("CordonDenyAll-20260101T000000Z-x", "") "]", PLAIN), NULL, "",
		 "stands already"},
		{"cannot be read", "deny-all", "{'user':'alice'}", USER("[" SEALED "]", PLAIN),
		 NULL, "PutUserPolicy/1 CordonDenyAll-new", NULL},
		{"this run's own cannot be read: no second one", "deny-all", "{'user':'alice'}",
		 USER("[" SEALED "]", PLAIN),
		 "{'done':[{'id':'o1','target':'t1','operation':'PutUserPolicy','parameters':{"
		 "'UserName':'alice','PolicyName':'CordonDenyAll'}}]}",
		 INLINE, NULL},
		{"another target's own", "deny-all", "{'user':'alice'}",
		 USER("[" SEALED "]", PLAIN),
		 "{'done':[{'id':'o1','target':'t9','operation':'PutUserPolicy','parameters':{"
		 "'UserName':'alice','PolicyName':'CordonDenyAll'}}]}",
		 "PutUserPolicy/1 CordonDenyAll-new", NULL},
		{"stands attached", "deny-all", "{'user':'alice'}", USER("[]", MANAGED), NULL, "",
		 "stands already (managed)"},
		{"stands as boundary", "deny-all", "{'user':'alice'}", USER("[]", BOUNDARY), NULL,
		 "", "stands already (boundary)"},
		{"stands, but not as asked", "deny-all", "{'user':'alice','via':'inline'}",
		 USER("[]", MANAGED), NULL, INLINE, NULL},
		{"stands as asked", "deny-all", "{'user':'alice','via':'managed'}",
		 USER("[]", MANAGED), NULL, "", "stands already (managed)"},
		{"somebody else's deny is not ours", "deny-all", "{'user':'alice'}",
		 USER("[" POLICY("Mine", "") "]", PLAIN), NULL, INLINE, NULL},
		{"a deny of a session is not it", "deny-all", "{'user':'alice'}",
		 USER("[" SESSION_DENY("AROAX:thief") "]", PLAIN), NULL, INLINE, NULL},
		{"another's policy under our name stays", "deny-all", "{'user':'alice'}",
		 USER("[{'PolicyName':'CordonDenyAll','PolicyDocument':{'Statement':[]}}]", PLAIN),
		 NULL, "PutUserPolicy/1 CordonDenyAll-new", NULL},
		{"an unread document under our name stays", "deny-all", "{'user':'alice'}",
		 USER("[{'PolicyName':'CordonDenyAll','PolicyDocument':" UNREAD "}]", PLAIN), NULL,
		 "PutUserPolicy/1 CordonDenyAll-new", NULL},
		{"policies unread", "deny-all", "{'user':'alice'}", USER(UNREAD, PLAIN), NULL,
		 "PutUserPolicy/1 CordonDenyAll-new", NULL},
		{"policies unread, ours known", "deny-all", "{'user':'alice'}",
		 USER("{'unread':{'why':'denied','known':[" DENY("20260714T091500Z") "]}}", PLAIN),
		 NULL, "", "stands already (inline)"},
	};

	run(rows, COUNT(rows));
}

static void test_keys(void)
{
	static const struct row rows[] = {
		{"active", "deactivate-access-keys", "{'user':'alice'}", USER("[]", KEYS("Active")),
		 NULL, "UpdateAccessKey/1 " KEY, NULL},
		{"inactive", "deactivate-access-keys", "{'user':'alice'}",
		 USER("[]", KEYS("Inactive")), NULL, "", "no access key is Active"},
		{"expired", "deactivate-access-keys", "{'user':'alice'}",
		 USER("[]", KEYS("Expired")), NULL, "", "no access key is Active"},
		{"none", "deactivate-access-keys", "{'user':'alice'}", USER("[]", NO_KEYS), NULL,
		 "", "there is no access key"},
		{"named", "deactivate-access-keys", "{'user':'alice','key':'" OTHER "'}",
		 USER("[]", ",'AccessKeys':[{'AccessKeyId':'" KEY
			    "','Status':'Active'},{'AccessKeyId':'" OTHER "','Status':'Active'}]"),
		 NULL, "UpdateAccessKey/1 " OTHER, NULL},
		{"named, not there", "deactivate-access-keys",
		 "{'user':'alice','key':['" OTHER "']}", USER("[]", KEYS("Active")), NULL, "",
		 "the user has no access key " OTHER},
		{"unread, named", "deactivate-access-keys", "{'user':'alice','key':['" KEY "']}",
		 USER("[]", ",'AccessKeys':" UNREAD), NULL, "UpdateAccessKey/1 " KEY, NULL},
		{"unread, not named", "deactivate-access-keys", "{'user':'alice'}",
		 USER("[]", ",'AccessKeys':" UNREAD), NULL, "", NULL},
		{"unread, the alert's key", "compromised-access-key",
		 "{'access_key_id':'" KEY "','user':'alice'}",
		 USER("[]", PLAIN ",'LoginProfile':null,'AccessKeys':" UNREAD), NULL,
		 INLINE ", UpdateAccessKey/1 " KEY ", " STAMP, NULL},
		{"list", "list-access-keys", "{'user':'alice'}", USER("[]", KEYS("Active")), NULL,
		 "", "it only reads: 1 access keys"},
		{"password", "delete-login-profile", "{'user':'alice'}",
		 USER("[]", ",'LoginProfile':{'CreateDate':'x'}"), NULL, "DeleteLoginProfile/2",
		 NULL},
		{"no password", "delete-login-profile", "{'user':'alice'}",
		 USER("[]", ",'LoginProfile':null"), NULL, "", "the user has no console password"},
		{"password unread", "delete-login-profile", "{'user':'alice'}",
		 USER("[]", ",'LoginProfile':" UNREAD), NULL, "DeleteLoginProfile/2", NULL},
	};

	run(rows, COUNT(rows));
}

#define REACHED "a cutoff stands that leaves no older session"

static void test_cutoffs(void)
{
	static const struct row rows[] = {
		{"none", "revoke-sessions", "{'user':'alice'}", USER("[]", PLAIN), NULL, STAMP,
		 NULL},
		{"older than the deny", "revoke-sessions", "{'user':'alice'}",
		 USER("[" DENY("20260714T091500Z") "," CUTOFF("2026-07-14T09:14:59Z") "]", PLAIN),
		 NULL, STAMP, NULL},
		{"as old as the deny", "revoke-sessions", "{'user':'alice'}",
		 USER("[" DENY("20260714T091500Z") "," CUTOFF("2026-07-14T09:15:00Z") "]", PLAIN),
		 NULL, "", REACHED},
		{"younger than the deny", "revoke-sessions", "{'user':'alice'}",
		 USER("[" DENY("20260714T091500Z") "," CUTOFF("2026-07-14T09:15:30Z") "]", PLAIN),
		 NULL, "", REACHED},
		{"without a deny", "revoke-sessions", "{'user':'alice'}",
		 USER("[" CUTOFF("2026-07-14T09:15:30Z") "]", PLAIN), NULL, STAMP, NULL},
		{"now", "revoke-sessions", "{'user':'alice'}",
		 USER("[" CUTOFF("2026-07-14T10:15:00Z") "]", PLAIN), NULL, STAMP, NULL},
		{"in the future", "revoke-sessions", "{'user':'alice'}",
		 USER("[" CUTOFF("2026-07-14T10:15:01Z") "]", PLAIN), NULL, "", REACHED},
		{"the latest counts", "revoke-sessions", "{'user':'alice'}",
		 USER("[" CUTOFF("2026-07-14T10:15:01Z") "," POLICY(
			      "Mine", ",'Condition':{" ISSUED("2026-01-01T00:00:00Z") "}") "]",
		      PLAIN),
		 NULL, "", REACHED},
		{"a deny without time", "revoke-sessions", "{'user':'alice'}",
		 USER("[" CUTOFF("2026-07-14T09:15:30Z") "]", MANAGED), NULL, STAMP, NULL},
		{"a deny without time, stamped by this run", "revoke-sessions", "{'user':'alice'}",
		 USER("[" CUTOFF("2026-07-14T09:15:30Z") "]", MANAGED), "{'stamped':['" ALICE "']}",
		 "", REACHED},
		{"another was stamped", "revoke-sessions", "{'user':'alice'}", USER("[]", MANAGED),
		 "{'stamped':['" IAM "user/bob']}", STAMP, NULL},
		{"policies unread", "revoke-sessions", "{'user':'alice'}", USER(UNREAD, PLAIN),
		 NULL, "PutUserPolicy/3 AWSRevokeOlderSessions-new", NULL},
		{"another's policy under our name stays", "revoke-sessions", "{'user':'alice'}",
		 USER("[{'PolicyName':'AWSRevokeOlderSessions','PolicyDocument':{}}]", PLAIN), NULL,
		 "PutUserPolicy/3 AWSRevokeOlderSessions-new", NULL},
		{"no room", "revoke-sessions", "{'user':'alice'}",
		 USER("[]", PLAIN) ",'SummaryMap':{'UserPolicySizeQuota':50}", NULL, "",
		 "a cutoff does not fit"},
		{"no room, but a deny", "revoke-sessions", "{'user':'alice'}",
		 USER("[]", MANAGED) ",'SummaryMap':{'UserPolicySizeQuota':50}", NULL, "",
		 "the explicit deny (managed) stops older sessions too"},
		{"was refused", "revoke-sessions", "{'user':'alice'}", USER("[]", PLAIN),
		 "{'exhausted':['" ALICE " cutoff']}", "", "a cutoff does not fit"},
	};

	run(rows, COUNT(rows));
}

/* A session by name: its deny, and nothing that other sessions would feel. */
static void test_sessions(void)
{
	static const struct row rows[] = {
		{"a role's", "compromised-session", "{'role':'ops','session':'thief'}",
		 ROLE("[]", PLAIN), NULL, "PutRolePolicy/1 CordonDenyAll-thief",
		 "the session is denied, whenever it was issued"},
		{"a role's, denied already", "compromised-session",
		 "{'role':'ops','session':'thief'}",
		 ROLE("[" SESSION_DENY("AROAX:thief") "]", PLAIN), NULL, "",
		 "the session 'AROAX:thief' is denied already"},
		{"another's deny under that name stays", "compromised-session",
		 "{'role':'ops','session':'thief'}",
		 ROLE("[" SESSION_DENY("AROAY:thief") "]", PLAIN), NULL,
		 "PutRolePolicy/1 CordonDenyAll-thief-new", NULL},
		{"a federated user's", "compromised-session", "{'user':'alice','session':'guest'}",
		 USER("[]", PLAIN), NULL, "PutUserPolicy/1 CordonDenyAll-guest", NULL},
		{"every session", "compromised-session", "{'role':'ops'}", ROLE("[]", PLAIN), NULL,
		 "PutRolePolicy/3 AWSRevokeOlderSessions", NULL},
		{"every session of a user", "compromised-session", "{'user':'alice'}",
		 USER("[]", PLAIN), NULL, STAMP, NULL},
		{"no room", "compromised-session", "{'role':'ops','session':'thief'}",
		 ROLE("[]", PLAIN) ",'SummaryMap':{'RolePolicySizeQuota':50}", NULL, "",
		 "a deny of one session must be inline"},
		{"a cutoff of one session", "revoke-sessions", "{'role':'ops','session':'thief'}",
		 ROLE("[]", PLAIN), NULL, "PutRolePolicy/3 AWSRevokeOlderSessions-thief", NULL},
		{"the id is not known", "compromised-session", "{'role':'ops','session':'thief'}",
		 "'RoleDetailList':[{'RoleName':'ops','Arn':'" OPS "','RolePolicyList':[]}]", NULL,
		 "", "could not be read, so one session cannot be told apart"},
	};

	run(rows, COUNT(rows));
}

#define MAY                                                                            \
	"[{'PolicyName':'p','PolicyDocument':{'Statement':{'Effect':'Allow','Action':" \
	"'sts:AssumeRole','Resource':'*'}}}"
#define BOTH(policies, role)                                                                 \
	USER(MAY policies "]", PLAIN KEYS("Inactive") ",'GroupList':[],'LoginProfile':null") \
	"," ROLE(role, PLAIN)

/* An expanded role's cutoff is held against the deny on the user it came from. */
static void test_expanded(void)
{
	static const char ask[] = "{'user':'alice','revoke_roles':true}";
	static const char done[] = "{'user':'alice'}";
	static const struct row rows[] = {
		{"not asked for", "compromised-user", done, BOTH("", "[]"), NULL, INLINE ", " STAMP,
		 NULL},
		{"asked for", "compromised-user", ask, BOTH("", "[]"), NULL,
		 INLINE ", " STAMP ", PutRolePolicy/3 AWSRevokeOlderSessions", NULL},
		{"a cutoff older than the deny of now", "compromised-user", ask,
		 BOTH("", "[" CUTOFF("2026-07-14T10:14:00Z") "]"), NULL,
		 INLINE ", " STAMP ", PutRolePolicy/3 AWSRevokeOlderSessions", NULL},
		{"a cutoff younger than the user's deny", "compromised-user", ask,
		 BOTH("," DENY("20260714T091500Z") "," CUTOFF("2026-07-14T09:15:30Z"),
		      "[" CUTOFF("2026-07-14T09:15:30Z") "]"),
		 NULL, "", REACHED},
		{"a cutoff older than the user's deny", "compromised-user", ask,
		 BOTH("," DENY("20260714T091500Z") "," CUTOFF("2026-07-14T09:15:30Z"),
		      "[" CUTOFF("2026-07-14T09:00:00Z") "]"),
		 NULL, "PutRolePolicy/3 AWSRevokeOlderSessions", NULL},
		{"what he could assume before he was contained", "compromised-user", ask,
		 BOTH("," DENY("20260714T091500Z"), "[]"), NULL,
		 STAMP ", PutRolePolicy/3 AWSRevokeOlderSessions", NULL},
	};

	run(rows, COUNT(rows));
}

#define V3 "arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3"
#define V9 "arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV9"
#define NO_CREDENTIALS                                                                      \
	",'GroupList':[],'LoginProfile':null,'MFADevices':[],'SSHPublicKeys':[],'Tags':[]," \
	"'SigningCertificates':[],'ServiceSpecificCredentials':[],'UserId':'AIDAX','Path':'/'"
#define UNREAD_ATTACHED ",'AttachedManagedPolicies':" UNREAD ",'PermissionsBoundary':null"
#define WEAKER                                                                              \
	"{'PolicyName':'CordonQuarantine','PolicyDocument':{'Version':'2012-10-17',"        \
	"'Statement':[{'Sid':'CordonQuarantine','Effect':'Deny','Action':'*','Resource':'*" \
	"'}]}}"

/* What a slip of the keys, or what could not be read, must not turn into. */
static void test_slips(void)
{
	static const struct row rows[] = {
		{"a key to switch on that is not there", "activate-access-keys",
		 "{'user':'alice','key':['" OTHER "']}", USER("[]", KEYS("Inactive")), NULL, "",
		 "\"reached\":false"},
		{"a key to delete that is not there", "delete-access-keys",
		 "{'user':'alice','key':['" OTHER "']}", USER("[]", PLAIN KEYS("Inactive")), NULL,
		 "", "the user has no access key " OTHER},
		{"deletion where a quarantine may stand", "delete-access-keys",
		 "{'user':'alice','key':['" KEY "']}", USER("[]", UNREAD_ATTACHED KEYS("Inactive")),
		 NULL, "", "whether AWS's own quarantine stands could not be read"},
		{"a deny where a quarantine may stand", "deny-all", "{'user':'alice'}",
		 USER("[]", UNREAD_ATTACHED), NULL, INLINE, NULL},
		{"a quarantine in place of AWSDenyAll", "quarantine",
		 "{'user':'alice','via':'boundary'}", USER("[]", BOUNDARY), NULL, "",
		 "the permissions boundary that stands denies everything"},
		{"a quarantine that does not exist", "quarantine",
		 "{'user':'alice','policy':'" V9 "'}", USER("[]", PLAIN), "{'absent':['" V9 "']}",
		 "", "AWS has no policy " V9},
		{"none that is known exists", "quarantine", "{'user':'alice','via':'managed'}",
		 USER("[]", PLAIN), "{'absent':['" V3 "']}", "",
		 "there is no such policy of AWS's"},
		{"one that denies more stays", "quarantine", "{'user':'alice','via':'inline'}",
		 USER("[" WEAKER "]", PLAIN), NULL, "PutUserPolicy/1 CordonQuarantine-new", NULL},
		{"a session cannot be denied by AWSDenyAll", "deny-all",
		 "{'role':'ops','session':'thief','via':'managed'}", ROLE("[]", PLAIN), NULL, "",
		 "a deny of one session must be inline"},
		{"leaving a group that AWS quarantined", "delete-user", "{'user':'alice'}",
		 USER("[]", PLAIN NO_KEYS
		      ",'GroupList':['dev'],'LoginProfile':null,'MFADevices':[],'SSHPublicKeys':[],"
		      "'SigningCertificates':[],'ServiceSpecificCredentials':[],'Tags':[]") ",'GroupDetailList':[{'GroupName':'dev','Arn':'" IAM
											    "group/dev','GroupPolicyList':[],'AttachedManagedPolicies':[{'PolicyName':'q',"
											    "'PolicyArn':'" V3
											    "'}]}]",
		 NULL, "", "the user leaves a group that has it"},
		{"a deny of the account's own goes last", "delete-user", "{'user':'alice'}",
		 USER("[]", NO_KEYS NO_CREDENTIALS
		      ",'PermissionsBoundary':null,'AttachedManagedPolicies':[{'PolicyName':'no',"
		      "'PolicyArn':'" IAM "policy/no'},{'PolicyName':'yes','PolicyArn':'" IAM
		      "policy/yes'}]") ",'Policies':[{'Arn':'" IAM
				       "policy/no','DefaultVersionId':'v1','PolicyVersionList':[{'VersionId':'v1',"
				       "'IsDefaultVersion':true,'Document':{'Statement':[{'Effect':'Deny','Action':'*',"
				       "'Resource':'*'}]}}]}]",
		 NULL,
		 "DetachUserPolicy/5 " IAM "policy/yes, DetachUserPolicy/5 " IAM
		 "policy/no, DeleteUser/5",
		 NULL},
	};

	run(rows, COUNT(rows));
}

/* A playbook of its own: JSON with ' for ". */
static json_t *plan_text(const char *text, const char *given, const char *members)
{
	struct err err = ERR_INIT;
	struct playbook *playbook = NULL;
	struct plan_entry entry = {0};
	json_auto_t *values = js(given);
	json_auto_t *account = account_of(members);
	char *bytes = quoted(text);
	json_t *plan = NULL;

	if (playbook_read(bytes, strlen(bytes), "x.json", &shipped_library, &playbook, &err) ||
	    playbook_bind(playbook, values, &entry.parameters, &err))
		bail("a playbook", err.message);
	entry.playbook = playbook;
	const struct plan_request request = {.entries = &entry,
					     .count = 1,
					     .account = account,
					     .now = NOW,
					     .wide = true,
					     .rehearsal = true,
					     .partition = "aws"};
	if (plan_make(&request, &plan, &err))
		bail("a plan", err.message);
	json_decref(entry.parameters);
	playbook_free(playbook);
	free(bytes);
	return plan;
}

#define BOOK(contains, parameters, targets, steps)                                               \
	"{'cordon':1,'name':'x','title':'x','summary':'x','references':[],'contains':'" contains \
	"','parameters':{" parameters "},'targets':{" targets "},'steps':[" steps "]}"
#define PARAMETER(name, type, more) "'" name "':{'type':'" type "','description':'x'" more "}"

/* A user who is denied and made anew in one plan is denied again. */
static void test_deny_and_recreate(void)
{
	json_auto_t *plan = plan_text(
		BOOK("user", PARAMETER("user", "user", ",'required':true"),
		     "'user':{'user':'${user}'}",
		     "{'id':'a','action':'deny-all','user':'${user}'},"
		     "{'id':'b','action':'recreate-user','user':'${user}','irreversible':true}"),
		"{'user':'alice'}", USER("[]", PLAIN NO_KEYS NO_CREDENTIALS));

	STR_EQ(written(plan),
	       INLINE ", DeleteUserPolicy/5 CordonDenyAll, DeleteUser/5, CreateUser/5, "
		      "PutUserPolicy/5 CordonDenyAll",
	       "denied and made anew");
}

/* Keys of several users in one list, and a list that was not given. */
static void test_key_lists(void)
{
#define TWO_USERS                                                                            \
	"'UserDetailList':[{'UserName':'alice','Arn':'" ALICE                                \
	"','UserPolicyList':[]" PLAIN KEYS("Active") "},{'UserName':'bob','Arn':'" IAM       \
						     "user/bob','UserPolicyList':[]" PLAIN   \
						     ",'AccessKeys':[{'AccessKeyId':'" OTHER \
						     "','Status':'Active'}]}]"
#define KEY_BOOK                                                                              \
	BOOK("none",                                                                          \
	     PARAMETER("keys", "access-key-id",                                               \
		       ",'list':true") "," PARAMETER("off", "access-key-id", ",'list':true"), \
	     "'user':{'owner_of':'${keys}'}",                                                 \
	     "{'id':'a','action':'deactivate-access-keys','user':'${user}','key':'${off}'}")
	json_auto_t *both = plan_text(
		KEY_BOOK, "{'keys':['" KEY "','" OTHER "'],'off':['" KEY "','" OTHER "']}",
		TWO_USERS);
	json_auto_t *none = plan_text(KEY_BOOK, "{'keys':['" KEY "']}", TWO_USERS);

	STR_EQ(written(both), "UpdateAccessKey/1 " KEY ", UpdateAccessKey/1 " OTHER,
	       "each user's own");
	JS_EQ(json_object_get(both, "skipped"), "[]", "each user's own: nothing is left out");
	STR_EQ(written(none), "", "keys that were not named are not all keys");
	char *skipped = listed(none, "skipped");
	HAS(skipped, "\"reached\":false", "keys that were not named: that is said");
	free(skipped);
}

static void predict(const json_t *account, const char *playbook, const char *given)
{
	struct plan_request request = {.account = account, .rehearsal = true, .partition = "aws"};
	json_auto_t *plan = plan_of(&request, playbook, given);
	json_auto_t *after = plan_predict(plan, account);
	bool refused = json_array_size(json_object_get(plan, "refusals")) > 0;
	const struct verdict_input input = {.plan = plan, .account = after, .now = NOW};
	json_auto_t *targets = verdict_targets(&input);

	STR_EQ(verdict_overall(plan, targets), refused ? NULL : "REHEARSED", "%s %s: verdict",
	       playbook, given);
	OK(refused == (json_array_size(json_object_get(plan, "operations")) == 0),
	   "%s %s: something is planned, or it is refused", playbook, given);
	request.account = after;
	json_auto_t *again = plan_of(&request, playbook, given);
	STR_EQ(written(again), "", "%s %s: then nothing is left", playbook, given);
	/* What the plan would do is what differs, and its undo leads back. */
	json_t *operation;
	size_t i;
	json_array_foreach (json_object_get(plan, "operations"), i, operation) {
		const struct operation *op = operation_find(jx_text(operation, "operation"));
		const json_t *parameters = json_object_get(operation, "parameters");
		OK(operation_state(op, account, parameters) == OPERATION_UNDONE, "%s %s: %s before",
		   playbook, given, op->name);
		OK(operation_state(op, after, parameters) == OPERATION_DONE, "%s %s: %s after",
		   playbook, given, op->name);
		OK(json_is_array(json_object_get(operation, "undo")) ||
			   json_is_true(json_object_get(operation, "irreversible")),
		   "%s %s: %s has a way back or says so", playbook, given, op->name);
	}
	for (i = json_array_size(json_object_get(plan, "operations")); i-- > 0;) {
		json_t *step;
		size_t n;
		operation = json_array_get(json_object_get(plan, "operations"), i);
		json_array_foreach (json_object_get(operation, "undo"), n, step)
			operation_effect(operation_find(jx_text(step, "operation")), after,
					 json_object_get(step, "parameters"));
	}
	json_auto_t *differences = account_diff(account, after);
	json_array_foreach (differences, i, operation)
		STR_EQ(jx_text(operation, "section"), "LoginProfile", "%s %s: released", playbook,
		       given);
}

/* Every shipped playbook on everybody of the shipped account. */
static void test_demo(void)
{
	json_auto_t *account = demo_account();
	char given[256];
	json_t *entry;
	json_t *key;
	size_t i;
	size_t k;

	json_array_foreach (account_entries(account, PRINCIPAL_USER), i, entry) {
		const char *name = account_name(entry, PRINCIPAL_USER);
		snprintf(given, sizeof(given), "{'user':'%s'}", name);
		predict(account, "compromised-user", given);
		predict(account, "compromised-session", given);
		snprintf(given, sizeof(given), "{'user':'%s','revoke_roles':true}", name);
		predict(account, "compromised-user", given);
		snprintf(given, sizeof(given), "{'user':'%s','session':'guest'}", name);
		predict(account, "compromised-session", given);
		json_array_foreach (json_object_get(entry, "AccessKeys"), k, key) {
			snprintf(given, sizeof(given), "{'access_key_id':'%s'}",
				 jx_text(key, "AccessKeyId"));
			predict(account, "compromised-access-key", given);
		}
	}
	json_array_foreach (account_entries(account, PRINCIPAL_ROLE), i, entry) {
		const char *name = account_name(entry, PRINCIPAL_ROLE);
		snprintf(given, sizeof(given), "{'role':'%s'}", name);
		predict(account, "compromised-role", given);
		predict(account, "compromised-session", given);
		snprintf(given, sizeof(given), "{'role':'%s','session':'thief'}", name);
		predict(account, "compromised-session", given);
	}
}

/* Anybody can use our names: what is spared with the rest is what only denies. */
static void test_namesakes(void)
{
#define ALLOW_ALL                                                                                  \
	"{'PolicyName':'CordonRestrict-x','PolicyDocument':{'Version':'2012-10-17','Statement':[{" \
	"'Effect':'Allow','Action':'*','Resource':'*'}]}}"
	static const struct row rows[] = {
		{"a namesake that allows goes", "delete-inline-policies",
		 "{'user':'alice','all':true}",
		 USER("[" ALLOW_ALL "," DENY("20260714T091500Z") "]", PLAIN), NULL,
		 "DeleteUserPolicy/4 CordonRestrict-x", NULL},
	};

	run(rows, COUNT(rows));
}

int main(void)
{
	test_ways();
	test_keys();
	test_cutoffs();
	test_sessions();
	test_expanded();
	test_demo();
	test_namesakes();
	test_slips();
	test_deny_and_recreate();
	test_key_lists();
	return tap_done();
}
