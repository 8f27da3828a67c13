// SPDX-License-Identifier: Apache-2.0
/* From an account to operations: order, ways, ends, guards, and what a plan leads to. */
#include "cordon/account.h"
#include "cordon/embedded.h"
#include "cordon/err.h"
#include "cordon/json.h"
#include "cordon/plan.h"
#include "cordon/text.h"
#include "cordon/verdict.h"
#include "tap.h"

#define ACCOUNT "111122223333"
#define USER_ARN "arn:aws:iam::" ACCOUNT ":user/alice"
#define KEY "AKIAIOSFODNN7EXAMPLE"
#define NOW 1784024100 /* 2026-07-14T10:15:00Z */
#define DENY_AT(time)                                              \
	"{'Version':'2012-10-17','Statement':[{'Sid':'Cordon" time \
	"','Effect':'Deny','Action':'*','Resource':'*'}]}"
#define CUTOFF_AT(time)                                                                         \
	"{'Version':'2012-10-17','Statement':[{'Effect':'Deny','Action':['*'],'Resource':['*']" \
	",'Condition':{'DateLessThan':{'aws:TokenIssueTime':'" time "'}}}]}"

/* A user in pieces that rows replace; documents are objects here, strings in life. */
#define KEYS "'AccessKeys':[{'AccessKeyId':'" KEY "','Status':'Active'}]"
#define NO_POLICIES "'UserPolicyList':[],'AttachedManagedPolicies':[],'PermissionsBoundary':null"
#define REST                                                                              \
	"'LoginProfile':null,'GroupList':[],'SSHPublicKeys':[],'SigningCertificates':[]," \
	"'ServiceSpecificCredentials':[],'Path':'/'"

static json_t *json_of(const char *single_quoted)
{
	char *text = strdup(single_quoted);

	for (char *p = text; *p; p++)
		*p = *p == '\'' ? '"' : *p;
	json_t *v = json_loads(text, 0, NULL);
	if (!v)
		printf("# the test's own JSON is broken: %s\n", text);
	free(text);
	return v;
}

static json_t *account_of(const char *user, const char *roles, const char *quotas)
{
	struct err err = ERR_INIT;
	json_t *account = NULL;
	char text[16384];

	snprintf(text, sizeof(text),
		 "{'format':'cordon-account/1','account_id':'" ACCOUNT
		 "','SummaryMap':{%s},'listed':{'roles':"
		 "true},'UserDetailList':[{'UserName':'alice','Arn':'" USER_ARN
		 "',%s}],'RoleDetailList':[%s]}",
		 quotas, user, roles);
	json_auto_t *value = json_of(text);
	char *bytes = jx_compact(value);
	if (account_read(bytes, strlen(bytes), "test", &account, &err))
		printf("# %s\n", err.message);
	free(bytes);
	return account;
}

static struct playbook *shipped(const char *name)
{
	char path[96];
	struct err err = ERR_INIT;
	struct playbook *playbook = NULL;

	snprintf(path, sizeof(path), "playbooks/%s.json", name);
	const struct embedded_file *file = embedded_find(path);
	if (!file || playbook_read(file->bytes, file->length, path, NULL, &playbook, &err))
		printf("# %s: %s\n", path, err.message);
	return playbook;
}

/* A playbook with its parameters on an account, as the command line would ask. */
struct asking {
	struct playbook *playbook;
	struct plan_entry entry;
	struct plan_request request;
};

static void ask(struct asking *a, const json_t *account, const char *playbook, const char *given)
{
	struct err err = ERR_INIT;
	json_auto_t *values = json_of(given);

	*a = (struct asking){.playbook = shipped(playbook)};
	a->entry.playbook = a->playbook;
	OK(playbook_bind(a->playbook, values, &a->entry.parameters, &err) == 0, "%s %s: %s",
	   playbook, given, err.message);
	a->request = (struct plan_request){.entries = &a->entry,
					   .count = 1,
					   .account = account,
					   .now = NOW,
					   .rehearsal = true,
					   .wide = true};
}

static json_t *plan_of(struct asking *a)
{
	struct err err = ERR_INIT;
	json_t *plan = NULL;

	if (plan_make(&a->request, &plan, &err))
		printf("# %s\n", err.message);
	return plan;
}

static void drop(struct asking *a)
{
	json_decref(a->entry.parameters);
	playbook_free(a->playbook);
}

/* "PutUserPolicy/1 UpdateAccessKey/1 ..." */
static void written(const json_t *plan, char *out, size_t size)
{
	json_t *operation;
	size_t used = 0;
	size_t i;

	out[0] = '\0';
	json_array_foreach (json_object_get(plan, "operations"), i, operation) {
		int n = snprintf(out + used, size - used, "%s%s/%lld", i ? " " : "",
				 jx_text(operation, "operation"),
				 json_integer_value(json_object_get(operation, "stage")));
		used += n > 0 && (size_t)n < size - used ? (size_t)n : 0;
	}
}

#define FULL "'UserPolicyList':[{'PolicyName':'x','PolicyDocument':{'filler':'%s'}}]"

/* What compromised-user plans on users in different states. */
static const struct {
	const char *name, *user, *quotas, *want;
} users[] = {
	{"a plain user", KEYS "," NO_POLICIES "," REST, "",
	 "PutUserPolicy/1 UpdateAccessKey/1 PutUserPolicy/3"},
	{"with a password",
	 KEYS "," NO_POLICIES ",'LoginProfile':{'CreateDate':'x'},'GroupList':[]", "",
	 "PutUserPolicy/1 UpdateAccessKey/1 DeleteLoginProfile/2 PutUserPolicy/3"},
	{"two keys, one off",
	 "'AccessKeys':[{'AccessKeyId':'" KEY
	 "','Status':'Inactive'},{'AccessKeyId':'AKIAI44QH8DHBEXAMPLE',"
	 "'Status':'Active'}]," NO_POLICIES "," REST,
	 "", "PutUserPolicy/1 UpdateAccessKey/1 PutUserPolicy/3"},
	{"an expired key is not Active",
	 "'AccessKeys':[{'AccessKeyId':'" KEY "','Status':'Expired'}]," NO_POLICIES "," REST, "",
	 "PutUserPolicy/1 PutUserPolicy/3"},
	{"a small quota", KEYS "," NO_POLICIES "," REST, "'UserPolicySizeQuota':100",
	 "AttachUserPolicy/1 UpdateAccessKey/1"},
	{"both quotas full", KEYS "," NO_POLICIES "," REST,
	 "'UserPolicySizeQuota':100,'AttachedPoliciesPerUserQuota':0",
	 "AttachUserPolicy/1 UpdateAccessKey/1"},
	{"attachments full",
	 KEYS ",'UserPolicyList':[],'AttachedManagedPolicies':[{'PolicyName':'a','PolicyArn':'a'}],"
	      "'PermissionsBoundary':null," REST,
	 "'UserPolicySizeQuota':100,'AttachedPoliciesPerUserQuota':1",
	 "PutUserPermissionsBoundary/1 UpdateAccessKey/1"},
	{"contained already",
	 "'AccessKeys':[{'AccessKeyId':'" KEY
	 "','Status':'Inactive'}],'UserPolicyList':[{'PolicyName':"
	 "'CordonDenyAll','PolicyDocument':" DENY_AT(
		 "20260714T091500Z") "},{'PolicyName':"
				     "'AWSRevokeOlderSessions','PolicyDocument':" CUTOFF_AT(
					     "2026-07-14T09:15:30Z") "}],"
								     "'AttachedManagedPolicies':[],'PermissionsBoundary':null," REST,
	 "", ""},
	{"a cutoff older than the deny is stamped again",
	 "'AccessKeys':[],'UserPolicyList':[{'PolicyName':'CordonDenyAll','PolicyDocument':" DENY_AT("20260714T091500Z") "},{'PolicyName':'AWSRevokeOlderSessions','PolicyDocument':" CUTOFF_AT(
		 "2026-07-14T09:14:59Z") "}],'AttachedManagedPolicies':[],'PermissionsBoundary':null," REST,
	 "", "PutUserPolicy/3"},
	{"AWSDenyAll carries no time, so the cutoff is stamped",
	 "'AccessKeys':[],'UserPolicyList':[{'PolicyName':'AWSRevokeOlderSessions','PolicyDocument':" CUTOFF_AT(
		 "2026-07-14T09:14:59Z") "}],'AttachedManagedPolicies':[{'PolicyName':'AWSDenyAll',"
					 "'PolicyArn':'arn:aws:iam::aws:policy/AWSDenyAll'}],'PermissionsBoundary':null," REST,
	 "", "PutUserPolicy/3"},
	{"a cutoff in the future is enough",
	 "'AccessKeys':[],'UserPolicyList':[{'PolicyName':'AWSRevokeOlderSessions','PolicyDocument':" CUTOFF_AT(
		 "2026-07-14T10:15:20Z") "}],'AttachedManagedPolicies':[],'PermissionsBoundary':{"
					 "'PermissionsBoundaryArn':'arn:aws:iam::aws:policy/AWSDenyAll'}," REST,
	 "", ""},
	{"a deny of somebody else under our name is not replaced",
	 "'AccessKeys':[],'UserPolicyList':[{'PolicyName':'CordonDenyAll','PolicyDocument':{'Statement':[]}}],"
	 "'AttachedManagedPolicies':[],'PermissionsBoundary':null," REST,
	 "", "PutUserPolicy/1 PutUserPolicy/3"},
	{"nothing could be read", "'Path':'/'", "",
	 "PutUserPolicy/1 DeleteLoginProfile/2 PutUserPolicy/3"},
};

static void check_users(void)
{
	char got[512];

	for (size_t i = 0; i < sizeof(users) / sizeof(users[0]); i++) {
		struct asking a;
		json_auto_t *account = account_of(users[i].user, "", users[i].quotas);
		ask(&a, account, "compromised-user", "{'user':'alice'}");
		json_auto_t *plan = plan_of(&a);
		written(plan, got, sizeof(got));
		STR_EQ(got, users[i].want, "%s", users[i].name);
		drop(&a);
	}
}

/* Every plan leads to an account on which there is nothing left to plan, and which is as it should
 * be. */
static void check_ends(void)
{
	char got[512];

	for (size_t i = 0; i < sizeof(users) / sizeof(users[0]) - 1; i++) {
		struct asking a;
		json_auto_t *account = account_of(users[i].user, "", users[i].quotas);
		ask(&a, account, "compromised-user", "{'user':'alice'}");
		json_auto_t *plan = plan_of(&a);
		json_auto_t *after = plan_predict(plan, account);
		const struct verdict_input input = {
			.plan = plan, .account = after, .agreed = true, .now = NOW};
		json_auto_t *targets = verdict_targets(&input);
		STR_EQ(verdict_overall(plan, targets), "REHEARSED", "%s: ends well", users[i].name);
		a.request.account = after;
		json_auto_t *stamped = jx_pack("[s]", USER_ARN);
		a.request.stamped = stamped;
		json_auto_t *again = plan_of(&a);
		written(again, got, sizeof(got));
		STR_EQ(got, "", "%s: nothing is left", users[i].name);
		drop(&a);
	}
}

static const char *first_name(const json_t *plan)
{
	return json_string_value(jx_at(json_array_get(json_object_get(plan, "operations"), 0),
				       "parameters", "PolicyName", NULL));
}

/* What stands under our name and cannot be read is left alone. */
static void check_names(void)
{
	struct asking a;
	json_auto_t *account =
		account_of(KEYS ",'UserPolicyList':{'unread':{'why':'denied'}}," REST, "", "");

	ask(&a, account, "compromised-user", "{'user':'alice'}");
	json_auto_t *plan = plan_of(&a);
	STR_EQ(first_name(plan), "CordonDenyAll-new", "a fresh name");
	a.request.run_id = "20260714T101500Z-abcdef";
	json_auto_t *run = plan_of(&a);
	STR_EQ(first_name(run), "CordonDenyAll-20260714T101500Z-abcdef", "with the run's id");
	STR_EQ(jx_text(run, "fingerprint"), jx_text(plan, "fingerprint"),
	       "and the same fingerprint");
	json_t *first = json_array_get(json_object_get(run, "operations"), 0);
	STR_EQ(jx_text(json_array_get(json_object_get(first, "undo"), 0), "operation"),
	       "DeleteUserPolicy", "which can be undone");
	drop(&a);
	json_auto_t *known = account_of(
		KEYS
		",'UserPolicyList':{'unread':{'why':'denied','absent':['CordonDenyAll']}}," REST,
		"", "");
	ask(&a, known, "compromised-user", "{'user':'alice'}");
	json_auto_t *plain = plan_of(&a);
	STR_EQ(first_name(plain), "CordonDenyAll", "the plain name where it is known to be free");
	drop(&a);
}

#define ROLE(name, path, trust)                                                                   \
	"{'RoleName':'" name "','Arn':'arn:aws:iam::" ACCOUNT ":role" path name "','Path':'" path \
	"','RoleId':'AROAEXAMPLEEXAMPLE01','AssumeRolePolicyDocument':{'Statement':[{'Effect':"   \
	"'Allow','Action':'sts:AssumeRole','Principal':{'AWS':'" trust                            \
	"'}}]},'RolePolicyList':[],"                                                              \
	"'AttachedManagedPolicies':[],'PermissionsBoundary':null}"
#define MAY_ASSUME                                                                              \
	"'UserPolicyList':[{'PolicyName':'p','PolicyDocument':{'Statement':[{'Effect':'Allow'," \
	"'Action':'sts:AssumeRole','Resource':'arn:aws:iam::" ACCOUNT ":role/*'}]}}],"          \
	"'AttachedManagedPolicies':[],'PermissionsBoundary':null"

static void check_roles(void)
{
	static const char roles[] = ROLE("app", "/", ACCOUNT) "," ROLE(
		"other", "/", "444455556666") "," ROLE("AWSReservedSSO_X_0123456789abcdef",
						       "/aws-reserved/sso.amazonaws.com/", ACCOUNT);
	char got[512];
	struct asking a;
	json_auto_t *account = account_of(KEYS "," MAY_ASSUME "," REST, roles, "");

	ask(&a, account, "compromised-user", "{'user':'alice'}");
	json_auto_t *plan = plan_of(&a);
	written(plan, got, sizeof(got));
	STR_EQ(got, "PutUserPolicy/1 UpdateAccessKey/1 PutUserPolicy/3", "roles are left alone");
	char *text = jx_compact(json_object_get(plan, "not_covered"));
	OK(strstr(text, "role/app") && strstr(text, "cordon revoke-sessions --role app"),
	   "and named");
	OK(!strstr(text, "role/other"), "but not one that does not trust him");
	free(text);
	drop(&a);
	ask(&a, account, "compromised-user", "{'user':'alice','revoke_roles':true}");
	json_auto_t *wide = plan_of(&a);
	written(wide, got, sizeof(got));
	STR_EQ(got, "PutUserPolicy/1 UpdateAccessKey/1 PutUserPolicy/3 PutRolePolicy/3",
	       "one is cut off too");
	text = jx_compact(json_object_get(wide, "skipped"));
	OK(strstr(text, "AWSReservedSSO_X"), "the one that cannot be changed is dropped, and said");
	free(text);
	OK(json_array_size(json_object_get(wide, "refusals")) == 0, "which refuses nobody");
	drop(&a);
}

/* One guard a row: who asks, what is set, what is said. */
static const struct {
	const char *name, *playbook, *given, *caller, *protect, *want;
} guards[] = {
	{"our own user", "compromised-user", "{'user':'alice'}", USER_ARN, NULL, "own-identity"},
	{"somebody else", "compromised-user", "{'user':'alice'}",
	 "arn:aws:iam::" ACCOUNT ":user/ir", NULL, NULL},
	{"our own role", "compromised-role", "{'role':'app'}",
	 "arn:aws:sts::" ACCOUNT ":assumed-role/app/me", NULL, "own-identity"},
	{"a user of our role's name", "compromised-user", "{'user':'alice'}",
	 "arn:aws:sts::" ACCOUNT ":assumed-role/alice/me", NULL, NULL},
	{"our own session", "compromised-session", "{'role':'app','session':'me'}",
	 "arn:aws:sts::" ACCOUNT ":assumed-role/app/me", NULL, "own-identity"},
	{"another session of our role", "compromised-session", "{'role':'app','session':'thief'}",
	 "arn:aws:sts::" ACCOUNT ":assumed-role/app/me", NULL, NULL},
	{"all sessions of our role", "compromised-session", "{'role':'app'}",
	 "arn:aws:sts::" ACCOUNT ":assumed-role/app/me", NULL, "own-identity"},
	{"protected by ARN", "compromised-user", "{'user':'alice'}",
	 "arn:aws:iam::" ACCOUNT ":user/ir", USER_ARN, "protected"},
	{"protected by name", "compromised-user", "{'user':'alice'}",
	 "arn:aws:iam::" ACCOUNT ":user/ir", "user/Alice", "protected"},
	{"a role of the protected name", "compromised-user", "{'user':'alice'}",
	 "arn:aws:iam::" ACCOUNT ":user/ir", "role/alice", NULL},
	{"a service-linked role", "compromised-role", "{'role':'AWSServiceRoleForX'}",
	 "arn:aws:iam::" ACCOUNT ":user/ir", NULL, "service-linked"},
	{"a key that is not his", "compromised-access-key",
	 "{'access_key_id':'AKIAI44QH8DHBEXAMPLE','user':'alice'}",
	 "arn:aws:iam::" ACCOUNT ":user/ir", NULL, "key-not-listed"},
	{"a key of another account", "compromised-access-key",
	 "{'access_key_id':'AKIAQNZGKIQY56JQ7WML'}", "arn:aws:iam::" ACCOUNT ":user/ir", NULL,
	 "other-account"},
};

static void check_guards(void)
{
	static const char roles[] = ROLE("app", "/", ACCOUNT) "," ROLE(
		"AWSServiceRoleForX", "/aws-service-role/x.amazonaws.com/", ACCOUNT);
	json_auto_t *account = account_of(KEYS "," NO_POLICIES "," REST, roles, "");

	for (size_t i = 0; i < sizeof(guards) / sizeof(guards[0]); i++) {
		struct asking a;
		json_auto_t *caller = jx_pack("{s:s, s:s, s:[s]}", "arn", guards[i].caller,
					      "account_id", ACCOUNT, "chain", guards[i].caller);
		json_auto_t *protect = guards[i].protect ? jx_pack("[s]", guards[i].protect) : NULL;
		ask(&a, account, guards[i].playbook, guards[i].given);
		a.request.rehearsal = false;
		a.request.caller = caller;
		a.request.protect = protect;
		json_auto_t *plan = plan_of(&a);
		STR_EQ(jx_text(json_array_get(json_object_get(plan, "refusals"), 0), "guard"),
		       guards[i].want, "%s", guards[i].name);
		OK((json_array_size(json_object_get(plan, "operations")) == 0) ==
			   (guards[i].want != NULL),
		   "%s: %s", guards[i].name,
		   guards[i].want ? "nothing is planned" : "it is planned");
		drop(&a);
	}
}

static void check_limits(void)
{
	struct asking a;
	json_auto_t *account = account_of(KEYS "," NO_POLICIES "," REST, "", "");

	ask(&a, account, "compromised-user", "{'user':'alice'}");
	a.request.max_operations = 2;
	json_auto_t *many = plan_of(&a);
	STR_EQ(jx_text(json_array_get(json_object_get(many, "refusals"), 0), "guard"),
	       "too-many-operations", "more writes than allowed");
	OK(json_array_size(json_object_get(many, "operations")) == 0, "then none");
	a.request.max_operations = 3;
	a.request.expect_account = "444455556666";
	json_auto_t *other = plan_of(&a);
	STR_EQ(jx_text(json_array_get(json_object_get(other, "refusals"), 0), "guard"),
	       "expected-account", "another account than expected");
	a.request.expect_account = ACCOUNT;
	json_auto_t *good = plan_of(&a);
	OK(json_array_size(json_object_get(good, "operations")) == 3, "within both");
	drop(&a);
}

/* Plan files: what was written is read; what was changed is not. */
static void check_files(void)
{
	struct asking a;
	struct err err = ERR_INIT;
	json_t *read = NULL;
	json_auto_t *account = account_of(KEYS "," NO_POLICIES "," REST, "", "");

	ask(&a, account, "compromised-user", "{'user':'alice'}");
	json_auto_t *plan = plan_of(&a);
	char *text = jx_compact(plan);
	OK(plan_read(text, strlen(text), "plan", &read, &err) == 0, "a plan is read back: %s",
	   err.message);
	json_auto_t *none = plan_differences(read, plan, NULL);
	OK(json_array_size(none) == 0, "and is the same plan");
	json_decref(read);
	char *at = strstr(text, "Inactive");
	memcpy(at, "InactivE", 8);
	OK(plan_read(text, strlen(text), "plan", &read, &err) < 0 && err.code == ERR_REFUSED,
	   "one that was changed is refused");
	free(text);
	json_auto_t *off = account_of("'AccessKeys':[]," NO_POLICIES "," REST, "", "");
	a.request.account = off;
	json_auto_t *now = plan_of(&a);
	json_auto_t *differences = plan_differences(plan, now, NULL);
	OK(json_array_size(differences) == 1, "what has changed is told");
	drop(&a);
}

int main(void)
{
	check_users();
	check_ends();
	check_names();
	check_roles();
	check_guards();
	check_limits();
	check_files();
	return tap_done();
}
