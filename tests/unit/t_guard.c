// SPDX-License-Identifier: Apache-2.0
/* Why a plan refuses or drops; targets that meet; what a plan file may not hold. */
#include "planned.h"

#define KEY "AKIARTX3GSDSUEXAMPLE"
#define FOREIGN "AKIAWO645SY5AAAAAAAA" /* of account 444455556666 */
#define ME "'arn:aws:sts::" NUMBER ":assumed-role/ops/me'"
#define IR "'" IAM "user/ir'"
#define QUARANTINE "arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3"

static const char everybody[] =
	"{'format':'cordon-account/1','account_id':'" NUMBER
	"','listed':{'users':true,'roles':true},"
	"'UserDetailList':[{'UserName':'alice','Path':'/','Arn':'" ALICE
	"','AccessKeys':[{'AccessKeyId':'" KEY "','Status':'Active'}],'UserPolicyList':["
	"{'PolicyName':'p','PolicyDocument':{'Statement':{'Effect':'Allow','Action':'*','Resource':"
	"'*'}}}],'AttachedManagedPolicies':[],'GroupList':[],'PermissionsBoundary':null,"
	"'LoginProfile':null},{'UserName':'held','UserId':'AIDAX','Path':'/','Arn':'" IAM
	"user/held','AccessKeys':[{'AccessKeyId':'AKIARTX3GSDS7EXAMPLE','Status':'Active'}],"
	"'LoginProfile':null,'MFADevices':[],'SSHPublicKeys':[],'SigningCertificates':[],"
	"'ServiceSpecificCredentials':[{'ServiceSpecificCredentialId':'ACCAEXAMPLEEXAMPLE1',"
	"'Status':'Inactive'}],'UserPolicyList':[],'GroupList':[],'PermissionsBoundary':null,"
	"'Tags':[],'AttachedManagedPolicies':[{'PolicyName':'X','PolicyArn':'arn:aws:iam::aws:policy/X'},{'PolicyName':'AWSCompromisedKeyQuarantineV3',"
	"'PolicyArn':'" QUARANTINE "'}]},{'UserName':'grouped','Path':'/','Arn':'" IAM
	"user/grouped','GroupList':['jail'],'AttachedManagedPolicies':[]},{'UserName':'bob','GroupList':['staff'],'Path':'/team/','Arn':'" IAM
	"user/team/bob','AccessKeys':{'unread':{'why':'denied'}},'UserPolicyList':[]}],"
	"'GroupDetailList':[{'GroupName':'staff','Arn':'" IAM "group/staff','GroupPolicyList':[],"
	"'AttachedManagedPolicies':[],'Members':['alice']},{'GroupName':'jail','Arn':'" IAM
	"group/jail','GroupPolicyList':[],'AttachedManagedPolicies':[{'PolicyName':"
	"'AWSCompromisedKeyQuarantineV3','PolicyArn':'" QUARANTINE "'}]}],"
	"'RoleDetailList':["
#define ROLE(name, path)                                                                         \
	"{'RoleName':'" name "','RoleId':'AROAX','Path':'" path "','Arn':'" IAM "role" path name \
	"','RolePolicyList':[],'AssumeRolePolicyDocument':{'Statement':{'Effect':'Allow',"       \
	"'Principal':{'AWS':'" NUMBER "'},'Action':'sts:AssumeRole'}}}"
	ROLE("ops", "/") "," ROLE("AWSServiceRoleForX", "/aws-service-role/x.amazonaws.com/") "," ROLE(
		"AWSReservedSSO_Admin_0123456789abcdef",
		"/aws-reserved/sso.amazonaws.com/") "," ROLE("plain",
							     "/aws-service-role/y.amazonaws.com/") "]}";

struct row {
	const char *name, *ask, *given;
	const char *chain;   /* of the caller, or NULL: a rehearsal */
	const char *request; /* further members, as JSON; or NULL */
	const char *want;    /* the guard, or NULL */
};

static json_t *planned(const json_t *account, const struct row *row)
{
	json_auto_t *chain = js(row->chain ? row->chain : "[]");
	json_auto_t *caller = jx_pack("{s:O, s:O, s:s}", "chain", chain, "arn",
				      row->chain ? json_array_get(chain, 0) : json_null(),
				      "account_id", NUMBER);
	json_auto_t *more = js(row->request ? row->request : "{}");
	const struct plan_request request = {
		.account = account,
		.partition = "aws",
		.rehearsal = !row->chain,
		.caller = row->chain ? caller : NULL,
		.protect = json_object_get(more, "protect"),
		.expect_account = jx_text(more, "expect_account"),
		.support_case = jx_text(more, "case"),
		.allow_self = json_is_true(json_object_get(more, "allow_self")),
		.endpoint = jx_text(more, "endpoint"),
		.custom_endpoint = jx_text(more, "custom"),
		.custom_service = "STS",
		.endpoint_typed = json_is_true(json_object_get(more, "typed")),
		.max_operations = (long)json_integer_value(json_object_get(more, "max"))};

	return plan_of(&request, row->ask, row->given);
}

static const struct row rows[] = {
	{"a user", "compromised-user", "{'user':'alice'}", "[" IR "]", NULL, NULL},
	{"our own user", "compromised-user", "{'user':'alice'}", "['" ALICE "']", NULL,
	 "own-identity"},
	{"our own user by another case", "compromised-user", "{'user':'alice'}",
	 "['" IAM "user/Alice']", NULL, "own-identity"},
	{"our own user, never allowed", "compromised-user", "{'user':'alice'}", "['" ALICE "']",
	 "{'allow_self':true}", "own-identity"},
	{"our own user behind a role", "compromised-user", "{'user':'alice'}",
	 "[" ME ",'" ALICE "']", NULL, "own-identity"},
	{"our own user behind a role, allowed", "compromised-user", "{'user':'alice'}",
	 "[" ME ",'" ALICE "']", "{'allow_self':true}", NULL},
	{"our own user under a path with empty parts", "compromised-user", "{'user':'alice'}",
	 "['" IAM "user/sec//ops/alice']", NULL, "own-identity"},
	{"another user under such a path", "compromised-user", "{'user':'alice'}",
	 "['" IAM "user/sec//ops/ir']", NULL, NULL},
	{"an ARN of ours that cannot be read", "compromised-user", "{'user':'alice'}",
	 "['" IAM "user/a b']", NULL, "own-identity"},
	{"nor one behind a role", "compromised-user", "{'user':'alice'}", "[" ME ",'arn:x']", NULL,
	 "own-identity"},
	{"nor is it allowed", "compromised-user", "{'user':'alice'}", "[" ME ",'arn:x']",
	 "{'allow_self':true}", "own-identity"},
	{"our own role", "compromised-role", "{'role':'ops'}", "[" ME "]", NULL, "own-identity"},
	{"our own session", "compromised-session", "{'role':'ops','session':'me'}", "[" ME "]",
	 NULL, "own-identity"},
	{"another session of our role", "compromised-session", "{'role':'ops','session':'thief'}",
	 "[" ME "]", NULL, NULL},
	{"all sessions of our role", "compromised-session", "{'role':'ops'}", "[" ME "]", NULL,
	 "own-identity"},
	{"our own federated session", "compromised-session", "{'user':'alice','session':'me'}",
	 "['arn:aws:sts::" NUMBER ":federated-user/me']", NULL, "own-identity"},
	{"another federated session", "compromised-session", "{'user':'alice','session':'thief'}",
	 "['arn:aws:sts::" NUMBER ":federated-user/me']", NULL, NULL},
	{"an action on ourselves", "deny-all", "{'user':'alice'}", "['" ALICE "']", NULL,
	 "own-identity"},

	{"protected by ARN", "compromised-user", "{'user':'alice'}", "[" IR "]",
	 "{'protect':['x','" ALICE "']}", "protected"},
	{"protected by name", "compromised-user", "{'user':'alice'}", "[" IR "]",
	 "{'protect':['user/alice']}", "protected"},
	{"protected by name, another case", "compromised-user", "{'user':'alice'}", "[" IR "]",
	 "{'protect':['user/ALICE']}", "protected"},
	{"a role of that name", "compromised-user", "{'user':'alice'}", "[" IR "]",
	 "{'protect':['role/alice']}", NULL},
	{"another is protected", "compromised-user", "{'user':'alice'}", "[" IR "]",
	 "{'protect':['user/bob']}", NULL},
	{"protected in a rehearsal", "compromised-role", "{'role':'ops'}", NULL,
	 "{'protect':['role/ops']}", "protected"},

	{"service-linked", "compromised-role", "{'role':'AWSServiceRoleForX'}", "[" IR "]", NULL,
	 "service-linked"},
	{"service-linked by its path", "compromised-role", "{'role':'plain'}", "[" IR "]", NULL,
	 "service-linked"},
	{"Identity Center's", "compromised-role",
	 "{'role':'AWSReservedSSO_Admin_0123456789abcdef'}", "[" IR "]", NULL, "identity-center"},

	{"a key of another account", "compromised-access-key", "{'access_key_id':'" FOREIGN "'}",
	 "[" IR "]", NULL, "other-account"},
	{"a key of another account, with a user", "compromised-access-key",
	 "{'access_key_id':'" FOREIGN "','user':'alice'}", "[" IR "]", NULL, "other-account"},
	{"a key that is not his", "compromised-access-key",
	 "{'access_key_id':'AKIAIOSFODNN7EXAMPLE','user':'alice'}", "[" IR "]", NULL,
	 "key-not-listed"},
	{"his key", "compromised-access-key", "{'access_key_id':'" KEY "'}", "[" IR "]", NULL,
	 NULL},
	{"a key that cannot be seen", "compromised-access-key",
	 "{'access_key_id':'AKIAIOSFODNN7EXAMPLE','user':'bob'}", "[" IR "]", NULL, NULL},

	{"our own group", "deny-all", "{'group':'staff'}", "['" ALICE "']", NULL, "own-identity"},
	{"our own group, by the user's own list", "deny-all", "{'group':'staff'}",
	 "['" IAM "user/team/bob']", NULL, "own-identity"},
	{"a group we are not in", "deny-all", "{'group':'staff'}", "[" IR "]", NULL, NULL},
	{"a protected user is in the group", "quarantine", "{'group':'staff'}", "[" IR "]",
	 "{'protect':['user/alice']}", "protected"},
	{"a protected user is not in it", "quarantine", "{'group':'staff'}", "[" IR "]",
	 "{'protect':['user/carol']}", NULL},
	{"AWS's quarantine is not removed", "detach-policies",
	 "{'user':'held','policy':'" QUARANTINE "'}", "[" IR "]", NULL, "aws-quarantine"},
	{"but with its support case", "detach-policies",
	 "{'user':'held','policy':'" QUARANTINE "'}", "[" IR "]", "{'case':'C1'}", NULL},
	{"with the rest it simply stays", "detach-policies", "{'user':'held','all':true}",
	 "[" IR "]", NULL, NULL},
	{"keys are not deleted under it", "delete-access-keys", "{'user':'held','all':true}",
	 "[" IR "]", NULL, "aws-quarantine"},
	{"nor other credentials", "delete-credentials", "{'user':'held','all':true}", "[" IR "]",
	 NULL, "aws-quarantine"},
	{"nor the user", "delete-user", "{'user':'held'}", "[" IR "]", NULL, "aws-quarantine"},
	{"keys are switched off under it", "deactivate-access-keys", "{'user':'held'}", "[" IR "]",
	 NULL, NULL},
	{"nor is it removed with its group", "remove-from-groups", "{'user':'grouped','all':true}",
	 "[" IR "]", NULL, "aws-quarantine"},
	{"and everything is denied", "compromised-user", "{'user':'held'}", "[" IR "]", NULL, NULL},
	{"a boundary does not touch it", "deny-all", "{'user':'held','via':'boundary'}", "[" IR "]",
	 NULL, NULL},

	{"another account than expected", "compromised-user", "{'user':'alice'}", "[" IR "]",
	 "{'expect_account':'444455556666'}", "expected-account"},
	{"the account expected", "compromised-user", "{'user':'alice'}", "[" IR "]",
	 "{'expect_account':'" NUMBER "'}", NULL},
	{"an endpoint that was configured", "compromised-user", "{'user':'alice'}", "[" IR "]",
	 "{'custom':'http://localhost:1'}", "endpoint"},
	{"an endpoint that was typed", "compromised-user", "{'user':'alice'}", "[" IR "]",
	 "{'custom':'http://localhost:1','typed':true}", NULL},
	{"too many", "compromised-user", "{'user':'alice'}", "[" IR "]", "{'max':2}",
	 "too-many-operations"},
	{"just enough", "compromised-user", "{'user':'alice'}", "[" IR "]", "{'max':3}", NULL},
};

static void test_guards(void)
{
	json_auto_t *account = read_account(everybody);

	for (size_t i = 0; i < COUNT(rows); i++) {
		json_auto_t *plan = planned(account, &rows[i]);
		const json_t *refusal = json_array_get(json_object_get(plan, "refusals"), 0);

		STR_EQ(jx_text(refusal, "guard"), rows[i].want, "%s", rows[i].name);
		INT_EQ(!*written(plan), rows[i].want != NULL, "%s: %s", rows[i].name,
		       rows[i].want ? "nothing is planned" : "it is planned");
		if (!rows[i].want)
			continue;
		OK(jx_text(refusal, "why") && *jx_text(refusal, "why"), "%s: says why",
		   rows[i].name);
		OK(jx_text(refusal, "instead") && *jx_text(refusal, "instead"),
		   "%s: says what instead", rows[i].name);
		STR_EQ(jx_text(refusal, "target"), "t1", "%s: says whom", rows[i].name);
	}
}

/* Another session of our role may be denied; what would hit ours as well is left out. */
static void test_steps(void)
{
	static const struct row rows_[] = {
		{"one session", "stolen-role-session", "{'role':'ops','session':'thief'}",
		 "[" ME "]", NULL, "PutRolePolicy/1 CordonDenyAll-thief"},
		{"and the whole role", "stolen-role-session",
		 "{'role':'ops','session':'thief','whole_role':true}", "[" ME "]", NULL,
		 "PutRolePolicy/1 CordonDenyAll-thief"},
		{"somebody else's role", "stolen-role-session",
		 "{'role':'ops','session':'thief','whole_role':true}", "[" IR "]", NULL,
		 "PutRolePolicy/1 CordonDenyAll-thief, PutRolePolicy/3 AWSRevokeOlderSessions"}};
	json_auto_t *account = read_account(everybody);

	for (size_t i = 0; i < COUNT(rows_); i++) {
		json_auto_t *plan = planned(account, &rows_[i]);
		STR_EQ(written(plan), rows_[i].want, "our own role: %s", rows_[i].name);
	}
}

/* A quarantine that this run set as boundary says nothing of one that AWS attached. */
static void test_set_here(void)
{
	json_auto_t *account = read_account(everybody);
	json_auto_t *done = js("[{'id':'o1','target':'t1','operation':'PutUserPermissionsBoundary',"
			       "'parameters':{'UserName':'held','PermissionsBoundary':'" QUARANTINE
			       "'}}]");
	const struct plan_request request = {
		.account = account, .rehearsal = true, .partition = "aws", .done = done};
	json_auto_t *plan = plan_of(&request, "delete-access-keys",
				    "{'user':'held','key':'AKIARTX3GSDS7EXAMPLE'}");

	STR_EQ(written(plan), "", "a boundary of ours does not free what AWS attached");
}

/* What expansion brings is dropped where a named target would be refused. */
/* Nobody may tell us whether we are in a group: what would come of it is said, where it would lock
 * us out. */
static void test_lockout(void)
{
	static const struct {
		const char *name, *ask, *given, *members;
		bool warned;
	} cases[] = {
		{"a deny of everything", "deny-all", "{'group':'staff'}", NULL, true},
		{"of something else", "restrict",
		 "{'group':'staff','deny':['bedrock:*'],'resource':['*']}", NULL, false},
		{"of what takes it back", "restrict",
		 "{'group':'staff','deny':['iam:*'],'resource':['*']}", NULL, true},
		{"we are not in it", "deny-all", "{'group':'staff'}", "['bob']", false},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct row row = {cases[i].name, cases[i].ask, cases[i].given,
				  "[" IR "]",	 NULL,	       NULL};
		json_auto_t *account = read_account(everybody);
		json_t *group = account_find(account, PRINCIPAL_GROUP, "staff");
		account_add(account, PRINCIPAL_USER, "ir", IAM "user/ir");
		jx_set(group, "Members",
		       cases[i].members ? js(cases[i].members) : account_unread("denied", NULL));
		json_auto_t *plan = planned(account, &row);
		char *warnings = listed(plan, "warnings");
		OK((strstr(warnings, "this locks us out: iam:") != NULL) == cases[i].warned,
		   "lock-out: %s: %s", cases[i].name, warnings);
		OK(!json_array_size(json_object_get(plan, "refusals")), "lock-out: %s: no refusal",
		   cases[i].name);
		free(warnings);
	}
}

static void test_dropped(void)
{
	static const struct row row = {
		"",  "compromised-user", "{'user':'alice','revoke_roles':true}", "[" ME "]", NULL,
		NULL};
	json_auto_t *account = read_account(everybody);
	json_auto_t *plan = planned(account, &row);
	char *skipped = listed(plan, "skipped");

	STR_EQ(written(plan),
	       "PutUserPolicy/1 CordonDenyAll, UpdateAccessKey/1 " KEY
	       ", PutUserPolicy/3 AWSRevokeOlderSessions",
	       "no role that may not be touched");
	INT_EQ(json_array_size(json_object_get(plan, "refusals")), 0, "nobody is refused");
	HAS(skipped, OPS ": this is our own identity", "our own role is dropped");
	HAS(skipped, "AWSServiceRoleForX: it is a service-linked role", "a service's is dropped");
	HAS(skipped, "it belongs to IAM Identity Center", "Identity Center's is dropped");
	free(skipped);
}

/* A role with so many policies that its deletion is over the limit. */
static json_t *stuffed(size_t count)
{
	json_auto_t *value = js(everybody);
	json_t *role = json_array_get(json_object_get(value, "RoleDetailList"), 0);
	json_t *policies = json_object_get(role, "RolePolicyList");

	jx_set(role, "AttachedManagedPolicies", json_array());
	jx_set(role, "InstanceProfileList", json_array());
	jx_set(role, "Tags", json_array());
	jx_set(role, "PermissionsBoundary", json_null());
	for (size_t i = 0; i < count; i++) {
		char name[32];
		snprintf(name, sizeof(name), "p%zu", i);
		jx_push(policies, jx_pack("{s:s, s:{s:{s:s, s:s, s:s}}}", "PolicyName", name,
					  "PolicyDocument", "Statement", "Effect", "Allow",
					  "Action", "s3:*", "Resource", "*"));
	}
	char *text = jx_compact(value);
	json_t *account = read_account(text);
	free(text);
	return account;
}

/* Whoever holds a target cannot stuff it until nothing is sent: what closes it goes out, and the
 * rest is left out, which is said. */
static void test_least(void)
{
#define CLOSES "PutRolePolicy/1 CordonDenyAll, PutRolePolicy/3 AWSRevokeOlderSessions"
#define LOCKS CLOSES ", UpdateAssumeRolePolicy/4"
	static const struct {
		struct row row;
		size_t policies, left_out;
	} cases[] = {
		{{"stuffed", "attacker-made-role", "{'role':'ops','delete':true}", "[" IR "]", NULL,
		  LOCKS},
		 105,
		 1},
		{{"stuffed, and a limit that has room for the trust", "attacker-made-role",
		  "{'role':'ops','delete':true}", "[" IR "]", "{'max':3}", LOCKS},
		 3,
		 1},
		{{"stuffed, and a limit", "attacker-made-role", "{'role':'ops','delete':true}",
		  "[" IR "]", "{'max':2}", CLOSES},
		 3,
		 2},
		{{"nothing to delete", "attacker-made-role", "{'role':'ops'}", "[" IR "]",
		  "{'max':2}", CLOSES},
		 3,
		 1},
		{{"less than it takes", "attacker-made-role", "{'role':'ops','delete':true}",
		  "[" IR "]", "{'max':1}", ""},
		 3,
		 0},
		{{"nothing of it closes anything", "delete-inline-policies",
		  "{'role':'ops','all':true}", "[" IR "]", NULL, ""},
		 105,
		 0},
	};
	static const char *const actions[] = {"lock-trust-policy", "delete-role"};

	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct row *row = &cases[i].row;
		json_auto_t *account = stuffed(cases[i].policies);
		json_auto_t *plan = planned(account, row);
		json_t *skipped;
		size_t left_out = 0;
		size_t n;

		STR_EQ(written(plan), row->want, "least: %s", row->name);
		INT_EQ(json_array_size(json_object_get(plan, "refusals")), !*row->want,
		       "least: %s: refused only if nothing goes out", row->name);
		json_array_foreach (json_object_get(plan, "skipped"), n, skipped) {
			if (!tap_same(jx_text(skipped, "guard"), "too-many-operations"))
				continue;
			left_out++;
			OK(json_is_false(json_object_get(skipped, "reached")),
			   "least: %s: it is not reached", row->name);
			HAS(jx_text(skipped, "why"), "and the limit is", "least: %s: says why",
			    row->name);
			OK(jx_text(skipped, "action") &&
				   (tap_same(jx_text(skipped, "action"), actions[0]) ||
				    tap_same(jx_text(skipped, "action"), actions[1])),
			   "least: %s: names the action", row->name);
		}
		INT_EQ(left_out, cases[i].left_out, "least: %s: each step once", row->name);
	}
}

/* Roles that expansion brings cannot crowd out the user who was named. */
static void test_least_expanded(void)
{
	static const struct row row = {
		"roles",    "compromised-user", "{'user':'alice','revoke_roles':true}",
		"[" IR "]", "{'max':3}",	NULL};
	json_auto_t *account = read_account(everybody);
	json_auto_t *plan = planned(account, &row);
	char *skipped = listed(plan, "skipped");

	STR_EQ(written(plan),
	       "PutUserPolicy/1 CordonDenyAll, UpdateAccessKey/1 " KEY
	       ", PutUserPolicy/3 AWSRevokeOlderSessions",
	       "least: the user, without the role");
	HAS(skipped, "too-many-operations", "least: the role is left out");
	free(skipped);
}

static void test_rehearsal(void)
{
	static const struct row row = {"",  "compromised-user", "{'user':'alice'}", NULL, NULL,
				       NULL};
	json_auto_t *account = read_account(everybody);
	json_auto_t *plan = planned(account, &row);
	char *warnings = listed(plan, "warnings");

	HAS(warnings, "own-identity", "a rehearsal names the guards it cannot ask");
	OK(json_is_null(json_object_get(plan, "caller")), "a rehearsal has no caller");
	free(warnings);
}

static void test_not_found(void)
{
	static const struct {
		const char *ask, *given, *want;
	} lost[] = {
		{"compromised-user", "{'user':'carol'}", "no user 'carol' in account " NUMBER},
		{"compromised-role", "{'role':'carol'}", "no role 'carol' in account " NUMBER},
		{"compromised-access-key", "{'access_key_id':'AKIAIOSFODNN7EXAMPLE'}",
		 "who owns the access key 'AKIAIOSFODNN7EXAMPLE' is not known"},
		{"compromised-session", "{'session':'thief'}", "was given no target"},
	};
	json_auto_t *account = read_account(everybody);

	for (size_t i = 0; i < COUNT(lost); i++) {
		const struct plan_request request = {.account = account, .rehearsal = true};
		struct err err = ERR_INIT;
		json_auto_t *plan = plan_or_err(&request, lost[i].ask, lost[i].given, &err);

		OK(!plan, "%s %s: no plan", lost[i].ask, lost[i].given);
		HAS(err.message, lost[i].want, "%s %s: message", lost[i].ask, lost[i].given);
	}
}

/* Ids that lead to one principal make one target; a session is one of its own. */
static void test_merged(void)
{
	static const struct {
		const char *name, *asks[2], *givens[2];
		size_t targets;
	} pairs[] = {
		{"a key and its user",
		 {"compromised-access-key", "compromised-user"},
		 {"{'access_key_id':'" KEY "'}", "{'user':'Alice'}"},
		 1},
		{"two users",
		 {"compromised-user", "compromised-user"},
		 {"{'user':'alice'}", "{'user':'bob'}"},
		 2},
		{"two sessions",
		 {"compromised-session", "compromised-session"},
		 {"{'role':'ops','session':'s1'}", "{'role':'ops','session':'s2'}"},
		 2},
		{"one session twice",
		 {"compromised-session", "compromised-session"},
		 {"{'role':'ops','session':'s1'}", "{'role':'ops','session':'s1'}"},
		 1},
		{"a role and its session",
		 {"compromised-role", "compromised-session"},
		 {"{'role':'ops'}", "{'role':'ops','session':'s1'}"},
		 2},
	};
	json_auto_t *account = read_account(everybody);

	for (size_t i = 0; i < COUNT(pairs); i++) {
		struct plan_entry entries[2] = {0};
		struct playbook *playbooks[2];
		struct err err = ERR_INIT;
		json_t *plan = NULL;

		for (size_t n = 0; n < 2; n++) {
			playbooks[n] = asked(pairs[i].asks[n], pairs[i].givens[n],
					     &entries[n].parameters);
			entries[n].playbook = playbooks[n];
		}
		struct plan_request request = {.entries = entries,
					       .count = 2,
					       .account = account,
					       .now = NOW,
					       .rehearsal = true,
					       .wide = true};
		OK(plan_make(&request, &plan, &err) == 0, "%s: %s", pairs[i].name, err.message);
		const json_t *targets = json_object_get(plan, "targets");
		INT_EQ(json_array_size(targets), pairs[i].targets, "%s: targets", pairs[i].name);
		INT_EQ(json_array_size(json_object_get(plan, "playbooks")), 2,
		       "%s: an entry for each", pairs[i].name);
		/* Stages run across all targets: no later class before an earlier one. */
		json_t *operation;
		json_int_t stage = 0;
		size_t n;
		json_array_foreach (json_object_get(plan, "operations"), n, operation) {
			json_int_t now = json_integer_value(json_object_get(operation, "stage"));
			OK(now >= stage, "%s: operation %zu in order", pairs[i].name, n);
			stage = now;
		}
		/* Another plan of the same run: the same ids, though the order is another. */
		struct plan_entry first = entries[0];
		json_t *again = NULL;
		entries[0] = entries[1];
		entries[1] = first;
		request.targets = targets;
		OK(plan_make(&request, &again, &err) == 0, "%s: again", pairs[i].name);
		json_array_foreach (json_object_get(again, "targets"), n, operation) {
			const json_t *old = jx_find(targets, "id", jx_text(operation, "id"), NULL);
			STR_EQ(jx_text(operation, "name"), jx_text(old, "name"), "%s: keeps its id",
			       pairs[i].name);
		}
		json_decref(again);
		json_decref(plan);
		for (n = 0; n < 2; n++) {
			json_decref(entries[n].parameters);
			playbook_free(playbooks[n]);
		}
	}
}

/* A plan file, changed in one place each. set: a path and its new value; null takes it away. */
static void test_files(void)
{
	static const struct {
		const char *name, *path[4], *value;
		bool sealed; /* with the fingerprint made again */
		enum err_code want;
	} changes[] = {
		{"nothing", {"x"}, "null", false, ERR_NONE},
		{"the format", {"format"}, "'cordon-plan/2'", false, ERR_INPUT},
		{"no format", {"format"}, "null", false, ERR_INPUT},
		{"the fingerprint", {"fingerprint"}, "'00'", false, ERR_REFUSED},
		{"no fingerprint", {"fingerprint"}, "null", false, ERR_REFUSED},
		{"a target", {"operations", "0", "target"}, "'t9'", false, ERR_REFUSED},
		{"a stage", {"operations", "0", "stage"}, "5", false, ERR_REFUSED},
		{"a step", {"operations", "0", "step"}, "'x'", false, ERR_REFUSED},
		{"whom",
		 {"operations", "0", "parameters", "UserName"},
		 "'bob'",
		 false,
		 ERR_REFUSED},
		{"the account", {"account_id"}, "'444455556666'", false, ERR_REFUSED},
		{"a playbook's hash", {"playbooks", "0", "sha256"}, "'00'", false, ERR_REFUSED},
		{"a parameter",
		 {"playbooks", "0", "parameters", "revoke_roles"},
		 "true",
		 false,
		 ERR_REFUSED},
		{"what no decision rests on", {"operations", "0", "why"}, "'x'", false, ERR_NONE},
		{"no operations", {"operations"}, "null", true, ERR_INPUT},
		{"operations as an object", {"operations"}, "{}", true, ERR_INPUT},
		{"an unknown operation",
		 {"operations", "0", "operation"},
		 "'DeleteUser'",
		 true,
		 ERR_INPUT},
		{"a read", {"operations", "0", "operation"}, "'GetUser'", true, ERR_INPUT},
		{"no principal",
		 {"operations", "0", "parameters", "UserName"},
		 "null",
		 true,
		 ERR_INPUT},
		{"an empty principal",
		 {"operations", "0", "parameters", "UserName"},
		 "''",
		 true,
		 ERR_INPUT},
		{"a member more",
		 {"operations", "0", "parameters", "Force"},
		 "true",
		 true,
		 ERR_INPUT},
		{"no playbooks", {"playbooks"}, "[]", true, ERR_INPUT},
		{"a playbook as a text", {"playbooks"}, "['x']", true, ERR_INPUT},
		{"no hash", {"playbooks", "0", "sha256"}, "null", true, ERR_INPUT},
	};
	static const struct row row = {"",  "compromised-user", "{'user':'alice'}", NULL, NULL,
				       NULL};
	json_auto_t *account = read_account(everybody);

	for (size_t i = 0; i < COUNT(changes); i++) {
		json_auto_t *plan = planned(account, &row);
		json_auto_t *value = js(changes[i].value);
		json_t *at = plan;
		size_t n = 0;
		struct err err = ERR_INIT;
		json_t *read = NULL;

		for (; n < 3 && changes[i].path[n + 1]; n++)
			at = json_is_array(at) ? json_array_get(at, 0)
					       : json_object_get(at, changes[i].path[n]);
		if (json_is_null(value))
			json_object_del(at, changes[i].path[n]);
		else
			json_object_set(at, changes[i].path[n], value);
		if (changes[i].sealed)
			plan_seal(plan, NULL);
		char *text = jx_compact(plan);
		INT_EQ(plan_read(text, strlen(text), "plan.json", &read, &err),
		       changes[i].want == ERR_NONE ? 0 : -1, "file: %s", changes[i].name);
		STR_EQ(err_code_name(err.code), err_code_name(changes[i].want), "file: %s: code",
		       changes[i].name);
		OK(changes[i].want == ERR_NONE || begins(err.message, "plan.json:"),
		   "file: %s: names the file", changes[i].name);
		json_decref(read);
		free(text);
	}
}

static void test_fingerprint(void)
{
	static const struct row row = {"",  "compromised-user", "{'user':'alice'}", NULL, NULL,
				       NULL};
	static const struct row other = {"",  "compromised-user", "{'user':'bob'}", NULL, NULL,
					 NULL};
	json_auto_t *account = read_account(everybody);
	json_auto_t *one = planned(account, &row);
	json_auto_t *two = planned(account, &row);
	json_auto_t *bob = planned(account, &other);
	char *fingerprint = strdup(jx_text(one, "fingerprint"));

	OK(json_equal(one, two), "the same request gives the same plan");
	OK(!tap_same(fingerprint, jx_text(bob, "fingerprint")), "another user another fingerprint");
	jx_set(one, "warnings", json_array());
	jx_set(one, "caller", jx_string("somebody else"));
	plan_seal(one, NULL);
	STR_EQ(jx_text(one, "fingerprint"), fingerprint, "it is of what is sent");
	json_auto_t *differences = plan_differences(two, bob, NULL);
	char *text = jx_compact(differences);
	HAS(text, "a playbook or its parameters have changed", "a difference: parameters");
	HAS(text, "no longer planned: UpdateAccessKey", "a difference: an operation less");
	free(text);
	free(fingerprint);
}

int main(void)
{
	test_guards();
	test_steps();
	test_set_here();
	test_lockout();
	test_dropped();
	test_least();
	test_least_expanded();
	test_rehearsal();
	test_not_found();
	test_merged();
	test_files();
	test_fingerprint();
	return tap_done();
}
