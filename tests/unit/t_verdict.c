// SPDX-License-Identifier: Apache-2.0
/* What is said of an account after the writes. Plans are as the planner makes them, cut down to
 * what a verdict looks at. */
#include "cordon/verdict.h"

#include "fixture.h"

#define NOW 1784024100 /* 2026-07-14T10:15:00Z */
#define NUMBER "111122223333"
#define KEY "AKIARTX3GSDSUEXAMPLE"
#define DENY_OF(more)                                                                    \
	"{'Version':'2012-10-17','Statement':[{'Sid':'Cordon20260714T101400Z','Effect':" \
	"'Deny','Action':'*','Resource':'*'" more "}]}"
#define POLICY(name, document) "{'PolicyName':'" name "','PolicyDocument':" document "}"
#define DENY POLICY("CordonDenyAll", DENY_OF(""))
#define CUTOFF                           \
	POLICY("AWSRevokeOlderSessions", \
	       DENY_OF(",'Condition':{'DateLessThan':{'aws:TokenIssueTime':'2026-07-14T10:14:30Z'}}"))
/* The cutoff as an operation of the run, and as it was sent. */
#define STAMP                                                                                  \
	"{'id':'o1','target':'t1','operation':'PutRolePolicy','parameters':{'RoleName':'ops'," \
	"'PolicyName':'AWSRevokeOlderSessions','PolicyDocument':'{}'}}"
#define STAMPED(time)                                                         \
	"{'id':'o1','status':'done','parameters':{'PolicyDocument':" DENY_OF( \
		",'Condition':{'DateLessThan':{'aws:TokenIssueTime':'" time "'}}") "}}"
#define SESSION                   \
	POLICY("CordonDenyAll-s", \
	       DENY_OF(",'Condition':{'StringEquals':{'aws:userid':'AROAX:thief'}}"))
#define UNREAD "{'unread':{'why':'denied'}}"
#define KEYS(status) "[{'AccessKeyId':'" KEY "','Status':'" status "'}]"
#define NOTHING ",'AttachedManagedPolicies':[],'PermissionsBoundary':null"
#define MANAGED                                                               \
	",'AttachedManagedPolicies':[{'PolicyName':'AWSDenyAll','PolicyArn':" \
	"'arn:aws:iam::aws:policy/AWSDenyAll'}],'PermissionsBoundary':null"
#define BOUNDARY                                                \
	",'AttachedManagedPolicies':[],'PermissionsBoundary':{" \
	"'PermissionsBoundaryArn':'arn:aws-cn:iam::aws:policy/AWSDenyAll'}"

/* AWSDenyAll as it was read, in a partition; and read as something else. */
#define READ_AS(partition, effect)                                                                \
	",'Policies':[{'Arn':'arn:" partition ":iam::aws:policy/AWSDenyAll','PolicyName':"        \
	"'AWSDenyAll','PolicyVersionList':[{'VersionId':'v2','IsDefaultVersion':true,'Document':" \
	"{'Version':'2012-10-17','Statement':[{'Sid':'DenyAll','Effect':'" effect                 \
	"','Action':['*'],'Resource':['*']}]}}]}]"

#define USER(keys, policies, more)                                                          \
	"'UserDetailList':[{'UserName':'alice','Arn':'arn:aws:iam::" NUMBER ":user/alice'," \
	"'AccessKeys':" keys ",'UserPolicyList':" policies more "}]"
#define ROLE(policies, more)                                                               \
	"'RoleDetailList':[{'RoleName':'ops','RoleId':'AROAX','Arn':'arn:aws:iam::" NUMBER \
	":role/ops','RolePolicyList':" policies more "}]"
#define TARGET(kind, name, contains, more)                                               \
	"{'id':'t1','playbook':0,'kind':'" kind "','principal':'" kind "','name':'" name \
	"','arn':'arn:aws:iam::" NUMBER ":" kind "/" name "','contains':'" contains "'" more "}"
#define ALICE TARGET("user", "alice", "user", "")
#define OPS(contains, more) TARGET("role", "ops", contains, more)
#define PASSWORD                                                                              \
	"{'id':'o1','target':'t1','operation':'DeleteLoginProfile','parameters':{'UserName':" \
	"'alice'}}"
#define OFF                                                                                \
	"{'id':'o1','target':'t1','operation':'UpdateAccessKey','parameters':{'UserName':" \
	"'alice','AccessKeyId':'" KEY "','Status':'Inactive'}}"

#define LOCKED                                                                                 \
	",'AssumeRolePolicyDocument':{'Statement':[{'Effect':'Deny','Principal':'*','Action':" \
	"'sts:*'}]}"
#define LOCK_LATE                                                                      \
	"{'id':'o2','target':'t1','operation':'UpdateAssumeRolePolicy','parameters':{" \
	"'RoleName':'ops','PolicyDocument':'{}'}}"
#define END_USER                                                                      \
	"{'id':'o1','target':'t1','operation':'DeleteUser','parameters':{'UserName':" \
	"'alice'}}"
#define SSH_OFF                                                                    \
	"{'id':'o1','target':'t1','operation':'UpdateSSHPublicKey','parameters':{" \
	"'UserName':'alice','SSHPublicKeyId':'APKAX','Status':'Inactive'}}"

struct row {
	const char *name, *target, *operations, *results, *account, *want;
};

static const struct row rows[] = {
	{"a user contained", ALICE, "", "", USER(KEYS("Inactive"), "[" DENY "]", NOTHING),
	 "CONTAINED"},
	{"without keys", ALICE, "", "", USER("[]", "[" DENY "]", NOTHING), "CONTAINED"},
	{"by AWSDenyAll", ALICE, "", "", USER("[]", "[]", MANAGED) READ_AS("aws", "Deny"),
	 "CONTAINED"},
	{"by AWSDenyAll, which says something else", ALICE, "", "",
	 USER("[]", "[]", MANAGED ",'GroupList':[]") READ_AS("aws", "Allow"), "OPEN"},
	{"by a boundary", ALICE, "", "", USER("[]", "[]", BOUNDARY) READ_AS("aws-cn", "Deny"),
	 "CONTAINED"},
	{"a key Active", ALICE, "", "", USER(KEYS("Active"), "[" DENY "]", NOTHING), "OPEN"},
	{"a key Expired", ALICE, "", "", USER(KEYS("Expired"), "[" DENY "]", NOTHING), "CONTAINED"},
	{"no deny", ALICE, "", "", USER(KEYS("Inactive"), "[]", NOTHING), "OPEN"},
	{"a cutoff is no deny", ALICE, "", "", USER("[]", "[" CUTOFF "]", NOTHING), "OPEN"},
	{"a deny of one session is no deny of the user", ALICE, "", "",
	 USER("[]", "[" SESSION "]", NOTHING), "OPEN"},
	{"a deny under another's name is not ours", ALICE, "", "",
	 USER("[]", "[" POLICY("Mine", DENY_OF("")) "]", NOTHING), "OPEN"},
	{"keys unread", ALICE, "", "", USER(UNREAD, "[" DENY "]", NOTHING), "UNKNOWN"},
	{"policies unread", ALICE, "", "", USER("[]", UNREAD, NOTHING), "UNKNOWN"},
	{"policies unread but for ours", ALICE, "", "",
	 USER("[]", "{'unread':{'why':'denied','known':[" DENY "]}}", NOTHING), "CONTAINED"},
	{"open beats unknown", ALICE, "", "", USER(KEYS("Active"), UNREAD, NOTHING), "OPEN"},
	{"the user is not there", ALICE, "", "", "'UserDetailList':[]", "UNKNOWN"},
	{"the alert's key cannot be seen", TARGET("user", "alice", "user", ",'keys':['" KEY "']"),
	 "", "", USER(UNREAD, "[" DENY "]", NOTHING), "UNKNOWN"},
	{"the password was to go, and is there", ALICE, PASSWORD, "{'id':'o1','status':'done'}",
	 USER("[]", "[" DENY "]", NOTHING ",'LoginProfile':{'CreateDate':'x'}"), "OPEN"},
	{"the password was to go, and is gone", ALICE, PASSWORD, "{'id':'o1','status':'done'}",
	 USER("[]", "[" DENY "]", NOTHING ",'LoginProfile':null"), "CONTAINED"},
	{"the password was to go, and is unread", ALICE, PASSWORD, "{'id':'o1','status':'done'}",
	 USER("[]", "[" DENY "]", NOTHING ",'LoginProfile':" UNREAD), "UNKNOWN"},
	{"the password was left out: the deny counts", ALICE, PASSWORD,
	 "{'id':'o1','status':'skipped'}",
	 USER("[]", "[" DENY "]", NOTHING ",'LoginProfile':{'CreateDate':'x'}"), "CONTAINED"},
	{"a password that no step is about", ALICE, "", "",
	 USER("[]", "[" DENY "]", NOTHING ",'LoginProfile':{'CreateDate':'x'}"), "CONTAINED"},

	{"a role denied", OPS("role", ""), "", "", ROLE("[" DENY "]", NOTHING), "CONTAINED"},
	{"a cutoff alone leaves a role unknown", OPS("role", ""), "", "",
	 ROLE("[" CUTOFF "]", NOTHING), "UNKNOWN"},
	{"a role with nothing", OPS("role", ""), "", "", ROLE("[]", NOTHING), "OPEN"},
	{"a role unread", OPS("role", ""), "", "", ROLE(UNREAD, NOTHING), "UNKNOWN"},

	{"locked, and older sessions cut off", OPS("role", ""), STAMP,
	 STAMPED("2026-07-14T10:14:30Z"), ROLE("[" CUTOFF "]", NOTHING LOCKED), "CONTAINED"},
	{"locked, and no cutoff", OPS("role", ""), "", "", ROLE("[]", NOTHING LOCKED), "OPEN"},
	{"locked, and an old cutoff of somebody else", OPS("role", ""), "", "",
	 ROLE("[" CUTOFF "]", NOTHING LOCKED), "OPEN"},
	{"locked only after the cutoff", OPS("role", ""), STAMP "," LOCK_LATE,
	 STAMPED("2026-07-14T10:14:30Z") ",{'id':'o2','status':'done','at':"
					 "'2026-07-14T10:14:31Z'}",
	 ROLE("[" CUTOFF "]", NOTHING LOCKED), "UNKNOWN"},
	{"a user who was deleted", ALICE, END_USER, "{'id':'o1','status':'done'}",
	 "'UserDetailList':[]", "CONTAINED"},
	{"deleted, and back again", ALICE, END_USER, "{'id':'o1','status':'done'}",
	 USER(KEYS("Active"), "[]", NOTHING), "OPEN"},
	{"not deleted, and not to be seen", ALICE, END_USER, "{'id':'o1','status':'failed'}",
	 "'UserDetailList':[]", "UNKNOWN"},
	{"another credential is off", ALICE, SSH_OFF, "{'id':'o1','status':'done'}",
	 USER("[]", "[" DENY "]",
	      NOTHING ",'SSHPublicKeys':[{'SSHPublicKeyId':'APKAX','Status':"
		      "'Inactive'}]"),
	 "CONTAINED"},
	{"another credential is on again", ALICE, SSH_OFF, "{'id':'o1','status':'done'}",
	 USER("[]", "[" DENY "]",
	      NOTHING ",'SSHPublicKeys':[{'SSHPublicKeyId':'APKAX','Status':"
		      "'Active'}]"),
	 "OPEN"},
	{"another credential is unread", ALICE, SSH_OFF, "{'id':'o1','status':'done'}",
	 USER("[]", "[" DENY "]", NOTHING ",'SSHPublicKeys':" UNREAD), "UNKNOWN"},
	{"a quarantine contains nobody", ALICE, "", "",
	 USER("[]", "[]",
	      ",'AttachedManagedPolicies':[{'PolicyName':'AWSCompromisedKeyQuarantineV3',"
	      "'PolicyArn':'arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3'}],"
	      "'PermissionsBoundary':null"),
	 "OPEN"},

	{"a session denied", OPS("session", ",'session':'thief'"), "", "",
	 ROLE("[" SESSION "]", NOTHING), "CONTAINED"},
	{"another session denied", OPS("session", ",'session':'other'"), "", "",
	 ROLE("[" SESSION "]", NOTHING), "OPEN"},
	{"the role denied, and so its session", OPS("session", ",'session':'thief'"), "", "",
	 ROLE("[" DENY "]", NOTHING), "CONTAINED"},
	{"a named session and a cutoff", OPS("session", ",'session':'thief'"), "", "",
	 ROLE("[" CUTOFF "]", NOTHING), "OPEN"},
	{"sessions cut off", OPS("session", ""), STAMP, STAMPED("2026-07-14T10:14:30Z"),
	 ROLE("[" CUTOFF "]", NOTHING), "CONTAINED"},
	{"a cutoff moved back since", OPS("session", ""), STAMP, STAMPED("2026-07-14T10:14:31Z"),
	 ROLE("[" CUTOFF "]", NOTHING), "OPEN"},
	{"an old cutoff of somebody else", OPS("session", ""), "", "",
	 ROLE("[" CUTOFF "]", NOTHING), "OPEN"},
	{"sessions not cut off", OPS("session", ""), "", "", ROLE("[]", NOTHING), "OPEN"},
	{"sessions unread", OPS("session", ""), "", "", ROLE(UNREAD, NOTHING), "UNKNOWN"},
	{"one session's cutoff is not all sessions'", OPS("session", ""), "", "",
	 ROLE("[" SESSION "]", NOTHING), "OPEN"},
	{"a session of nobody we can see", OPS("session", ",'session':'thief'"), "", "",
	 "'RoleDetailList':[]", "UNKNOWN"},

	{"an action of its own has none", TARGET("user", "alice", "none", ""), OFF, "",
	 USER(KEYS("Active"), "[]", NOTHING), NULL},
	{"a refused target has none", TARGET("user", "alice", "user", ",'refused':true"), "", "",
	 USER(KEYS("Active"), "[]", NOTHING), NULL},
	{"what expansion brought has none", OPS("none", ",'expanded_from':'t0'"), "", "",
	 ROLE("[]", NOTHING), NULL},
};

static json_t *plan_of(const struct row *row, bool rehearsal)
{
	char text[4096];

	snprintf(text, sizeof(text),
		 "{'account_id':'" NUMBER "','rehearsal':%s,'targets':[%s],'operations':[%s]}",
		 rehearsal ? "true" : "false", row->target, row->operations);
	return js(text);
}

static json_t *judged(const struct row *row, bool rehearsal, bool agreed, long settled)
{
	char text[4096];

	snprintf(text, sizeof(text), "{'format':'cordon-account/1','account_id':'" NUMBER "',%s}",
		 row->account);
	json_auto_t *account = read_account(text);
	snprintf(text, sizeof(text), "[%s]", row->results);
	json_auto_t *results = js(text);
	json_auto_t *plan = plan_of(row, rehearsal);
	const struct verdict_input input = {.plan = plan,
					    .results = results,
					    .account = account,
					    .agreed = agreed,
					    .settled_seconds = settled,
					    .now = NOW};
	return verdict_targets(&input);
}

/* Of a thousand users, of whom every other one is deleted: two operations each, and who goes
 * through all results for each of them for each user does not come to an end. */
static json_t *thousand(const char *list)
{
	static const char *const keys[] = {"targets", "operations", "results", "users"};
	json_t *out = json_array();

	for (int i = 0; i < 1000; i++) {
		char text[4][600];
		snprintf(text[0], sizeof(text[0]),
			 "{'id':'t%d','playbook':0,'kind':'user','principal':'user','name':'u%d',"
			 "'arn':'arn:aws:iam::" NUMBER ":user/u%d','contains':'user'}",
			 i, i, i);
		snprintf(text[3], sizeof(text[3]),
			 "{'UserName':'u%d','Arn':'arn:aws:iam::" NUMBER ":user/u%d','AccessKeys':"
			 "[{'AccessKeyId':'AKIAEXAMPLE%09d','Status':'Inactive'}],'UserPolicyList':"
			 "[" DENY "]" NOTHING "}",
			 i, i, i);
		for (int n = 0; n < 2; n++) {
			if (n == 1 && i % 2)
				snprintf(text[1], sizeof(text[1]),
					 "{'id':'o%d-1','target':'t%d','operation':'DeleteUser',"
					 "'parameters':{'UserName':'u%d'}}",
					 i, i, i);
			else
				snprintf(text[1], sizeof(text[1]),
					 "{'id':'o%d-%d','target':'t%d','operation':"
					 "'UpdateAccessKey','parameters':{'UserName':'u%d',"
					 "'AccessKeyId':'AKIAEXAMPLE%09d','Status':'Inactive'}}",
					 i, n, i, i, i);
			snprintf(text[2], sizeof(text[2]), "{'id':'o%d-%d','status':'done'}", i, n);
			for (size_t k = 0; k < COUNT(keys); k++) {
				bool one = k == 1 || k == 2 || (n == 0 && (k == 0 || i % 2 == 0));
				if (one && tap_same(list, keys[k]))
					jx_push(out, js(text[k]));
			}
		}
	}
	return out;
}

static const char *said(const json_t *targets)
{
	return verdict_overall(NULL, targets);
}

static void test_targets(void)
{
	for (size_t i = 0; i < COUNT(rows); i++) {
		bool good = tap_same(rows[i].want, "CONTAINED");
		json_auto_t *live = judged(&rows[i], false, true, VERDICT_SETTLE);
		json_auto_t *rehearsal = judged(&rows[i], true, false, 0);
		json_auto_t *differ = judged(&rows[i], false, false, VERDICT_SETTLE);
		json_auto_t *early = judged(&rows[i], false, true, VERDICT_SETTLE - 1);

		STR_EQ(said(live), rows[i].want, "%s", rows[i].name);
		STR_EQ(said(rehearsal), good ? "REHEARSED" : rows[i].want, "%s: in a rehearsal",
		       rows[i].name);
		STR_EQ(said(differ), good ? "UNKNOWN" : rows[i].want, "%s: reads that differ",
		       rows[i].name);
		STR_EQ(said(early), good ? "UNKNOWN" : rows[i].want, "%s: read too early",
		       rows[i].name);
		const json_t *target = json_array_get(live, 0);
		OK(jx_text(target, "scope") && *jx_text(target, "scope"), "%s: says its scope",
		   rows[i].name);
		OK(json_is_array(json_object_get(target, "checks")), "%s: has checks",
		   rows[i].name);
	}
}

static const char *state_of(const json_t *targets, const char *check)
{
	const json_t *checks = json_object_get(json_array_get(targets, 0), "checks");

	return jx_text(jx_find(checks, "check", check, NULL), "state");
}

/* Checks that no verdict rests on, but that people see. */
static void test_checks(void)
{
	static const struct row own = {"", TARGET("user", "alice", "none", ""), OFF,
				       "", USER(KEYS("Active"), "[]", NOTHING), NULL};
	static const struct row own_done = {"", TARGET("user", "alice", "none", ""),   OFF,
					    "", USER(KEYS("Inactive"), "[]", NOTHING), NULL};
	static const struct row own_skipped = {"",
					       TARGET("user", "alice", "none", ""),
					       OFF,
					       "{'id':'o1','status':'skipped'}",
					       USER(KEYS("Active"), "[]", NOTHING),
					       NULL};
	static const struct row expanded = {"",
					    OPS("none", ",'expanded_from':'t0'"),
					    STAMP,
					    STAMPED("2026-07-14T10:14:30Z"),
					    ROLE("[" CUTOFF "]", NOTHING),
					    NULL};
	static const struct row refused = {"",
					   TARGET("user", "alice", "user", ",'refused':true"),
					   "",
					   "",
					   USER(KEYS("Active"), "[]", NOTHING),
					   NULL};
	json_auto_t *open = judged(&own, false, true, 20);
	json_auto_t *done = judged(&own_done, false, true, 20);
	json_auto_t *skipped = judged(&own_skipped, false, true, 20);
	json_auto_t *role = judged(&expanded, false, true, 20);
	json_auto_t *none = judged(&refused, false, true, 20);

	STR_EQ(state_of(open, "o1 UpdateAccessKey stands"), "false", "an action not done");
	STR_EQ(state_of(done, "o1 UpdateAccessKey stands"), "true", "an action done");
	STR_EQ(state_of(skipped, "o1 UpdateAccessKey stands"), NULL, "an action left out");
	STR_EQ(state_of(role, "older sessions are denied"), "true", "an expanded role's cutoff");
	HAS(jx_text(json_array_get(role, 0), "scope"), "2026-07-14T10:14:30Z",
	    "an expanded role's scope has the time");
	JS_EQ(json_object_get(json_array_get(none, 0), "checks"), "[]", "refused: no checks");
	STR_EQ(jx_text(json_array_get(none, 0), "scope"), "refused: nothing was done",
	       "refused: scope");
}

/* Where nobody looked after the writes, a principal that is not there is not known to be gone. */
static void test_unseen(void)
{
	static const struct row whole = {
		"", ALICE, END_USER, "{'id':'o1','status':'done'}", "'UserDetailList':[]", NULL};
	static const struct row own = {"",
				       TARGET("user", "alice", "none", ""),
				       END_USER,
				       "{'id':'o1','status':'done'}",
				       "'UserDetailList':[]",
				       NULL};
	static const struct {
		const struct row *row;
		const char *check;
	} cases[] = {{&whole, "it is gone"}, {&own, "o1 DeleteUser stands"}};

	for (size_t i = 0; i < COUNT(cases); i++) {
		json_auto_t *plan = plan_of(cases[i].row, false);
		json_auto_t *results = js("[{'id':'o1','status':'done'}]");
		json_auto_t *account = account_new(NUMBER);
		struct verdict_input input = {
			.plan = plan, .results = results, .account = account, .unseen = true};
		json_auto_t *unseen = verdict_targets(&input);
		STR_EQ(state_of(unseen, cases[i].check), "unknown", "unseen: %s", cases[i].check);
		input.unseen = false;
		json_auto_t *seen = verdict_targets(&input);
		STR_EQ(state_of(seen, cases[i].check), "true", "seen: %s", cases[i].check);
	}
}

/* Only the end of revoke-sessions, for all sessions, vouches for a cutoff that was there before. */
static void test_vouching(void)
{
	static const struct row row = {
		"", OPS("role", ""), "", "", ROLE("[" CUTOFF "]", NOTHING LOCKED), NULL};
	static const struct {
		const char *skipped, *want;
	} cases[] = {
		{"[]", "false"},
		{"[{'target':'t1','step':'x','reached':true,'action':'lock-trust-policy'}]",
		 "false"},
		{"[{'target':'t1','step':'x','reached':true,'action':'revoke-sessions','session':"
		 "'thief'}]",
		 "false"},
		{"[{'target':'t2','step':'x','reached':true,'action':'revoke-sessions'}]", "false"},
		{"[{'target':'t1','step':'x','reached':false,'action':'revoke-sessions'}]",
		 "false"},
		{"[{'target':'t1','step':'x','reached':true,'action':'revoke-sessions'}]", "true"},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		json_auto_t *plan = plan_of(&row, false);
		char text[2048];
		snprintf(text, sizeof(text), "{'account_id':'" NUMBER "',%s}", row.account);
		json_auto_t *account = read_account(text);
		jx_set(plan, "skipped", js(cases[i].skipped));
		const struct verdict_input input = {.plan = plan, .account = account, .now = NOW};
		json_auto_t *targets = verdict_targets(&input);
		STR_EQ(state_of(targets, "older sessions are denied"), cases[i].want,
		       "vouching: case %zu", i);
	}
}

/* A credential that could not be looked at is not known to be ended. */
static void test_unplanned(void)
{
#define SKIPPED(target, reached, action)                                             \
	"[{'step':'x','target':'" target "','reached':" reached ",'action':'" action \
	"','why':'the SSH keys could not be listed'}]"
	static const struct row row = {"", ALICE, "", "", USER("[]", "[" DENY "]", NOTHING), NULL};
	static const struct {
		const char *skipped, *want;
	} cases[] = {
		{"[]", "CONTAINED"},
		{SKIPPED("t1", "false", "deactivate-credentials"), "UNKNOWN"},
		{SKIPPED("t1", "true", "deactivate-credentials"), "CONTAINED"},
		{SKIPPED("t2", "false", "deactivate-credentials"), "CONTAINED"},
		{SKIPPED("t1", "false", "detach-policies"), "CONTAINED"},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		json_auto_t *plan = plan_of(&row, false);
		json_auto_t *results = js("[]");
		char text[2048];
		snprintf(text, sizeof(text), "{'account_id':'" NUMBER "',%s}", row.account);
		json_auto_t *account = read_account(text);
		jx_set(plan, "skipped", js(cases[i].skipped));
		const struct verdict_input input = {.plan = plan,
						    .results = results,
						    .account = account,
						    .agreed = true,
						    .settled_seconds = 20,
						    .now = NOW};
		json_auto_t *targets = verdict_targets(&input);
		STR_EQ(verdict_overall(plan, targets), cases[i].want, "unplanned: case %zu", i);
	}
}

/* What a later operation of the run does away with need not stand; what somebody else did, must. */
static void test_superseded(void)
{
	static const struct {
		const char *stands, *first, *second;
	} cases[] = {{"{'Statement':[2]}", NULL, "true"}, {"{'Statement':[3]}", NULL, "false"}};

	for (size_t i = 0; i < COUNT(cases); i++) {
		json_auto_t *plan = js("{'account_id':'" NUMBER
				       "','targets':[" OPS("none", "") "],'operations':[]}");
		json_auto_t *results =
			js("[{'id':'o1','status':'done'},{'id':'o2','status':'done'}]");
		static const char *const texts[] = {"{\"Statement\":[1]}", "{\"Statement\":[2]}"};
		for (int n = 0; n < 2; n++)
			jx_push(json_object_get(plan, "operations"),
				jx_pack("{s:s, s:s, s:s, s:{s:s, s:s}}", "id", n ? "o2" : "o1",
					"target", "t1", "operation", "UpdateAssumeRolePolicy",
					"parameters", "RoleName", "ops", "PolicyDocument",
					texts[n]));
		char text[2048];
		snprintf(text, sizeof(text),
			 "{'account_id':'" NUMBER "','RoleDetailList':[{'RoleName':'ops','Arn':"
			 "'arn:aws:iam::" NUMBER ":role/ops','AssumeRolePolicyDocument':%s}]}",
			 cases[i].stands);
		json_auto_t *account = read_account(text);
		const struct verdict_input input = {
			.plan = plan, .results = results, .account = account, .now = NOW};
		json_auto_t *targets = verdict_targets(&input);
		STR_EQ(state_of(targets, "o1 UpdateAssumeRolePolicy stands"), cases[i].first,
		       "superseded: case %zu: the first", i);
		STR_EQ(state_of(targets, "o2 UpdateAssumeRolePolicy stands"), cases[i].second,
		       "superseded: case %zu: the second", i);
	}
}

static void test_many(void)
{
	json_auto_t *plan = jx_pack("{s:s, s:o, s:o}", "account_id", NUMBER, "targets",
				    thousand("targets"), "operations", thousand("operations"));
	json_auto_t *results = thousand("results");
	json_auto_t *value = jx_pack("{s:s, s:s, s:o}", "format", "cordon-account/1", "account_id",
				     NUMBER, "UserDetailList", thousand("users"));
	char *text = jx_compact(value);
	json_auto_t *account = read_account(text);
	const struct verdict_input input = {.plan = plan,
					    .results = results,
					    .account = account,
					    .agreed = true,
					    .settled_seconds = VERDICT_SETTLE,
					    .now = NOW};
	json_auto_t *targets = verdict_targets(&input);

	free(text);
	INT_EQ(json_array_size(targets), 1000, "many: each has a verdict");
	STR_EQ(said(targets), "CONTAINED", "many: and it ends");
}

/* Somebody else's user of the name that was to be made anew is not what was to be made. */
static void test_strangers(void)
{
#define MADE                                                                          \
	"{'id':'o1','target':'t1','operation':'CreateUser','parameters':{'UserName':" \
	"'alice'}}"
	static const struct {
		const char *status, *want;
	} cases[] = {{"done", "true"}, {"failed", "false"}};

	for (size_t i = 0; i < COUNT(cases); i++) {
		char results[64];
		snprintf(results, sizeof(results), "{'id':'o1','status':'%s'}", cases[i].status);
		const struct row row = {"",	 TARGET("user", "alice", "none", ""), MADE,
					results, USER(KEYS("Active"), "[]", NOTHING), NULL};
		json_auto_t *targets = judged(&row, false, true, 20);
		STR_EQ(state_of(targets, "o1 CreateUser stands"), cases[i].want,
		       "a user of that name: the creation %s", cases[i].status);
	}
}

/* A cutoff that lies far ahead is no late-bound one: its own time is said. */
static void test_far_ahead(void)
{
#define FAR                              \
	POLICY("AWSRevokeOlderSessions", \
	       DENY_OF(",'Condition':{'DateLessThan':{'aws:TokenIssueTime':'2999-01-01T00:00:00Z'}}"))
	static const struct row far = {"",
				       OPS("session", ""),
				       STAMP,
				       STAMPED("2999-01-01T00:00:00Z"),
				       ROLE("[" FAR "]", NOTHING),
				       NULL};
	json_auto_t *targets = judged(&far, false, true, VERDICT_SETTLE);

	HAS(jx_text(json_array_get(targets, 0), "scope"), "2999-01-01T00:00:00Z",
	    "a cutoff far ahead is what it says");
}

static void test_overall(void)
{
	static const struct {
		const char *targets, *want;
	} overall[] = {
		{"[]", NULL},
		{"[{'verdict':null}]", NULL},
		{"[{'verdict':'CONTAINED'},{'verdict':null}]", "CONTAINED"},
		{"[{'verdict':'CONTAINED'},{'verdict':'UNKNOWN'}]", "UNKNOWN"},
		{"[{'verdict':'UNKNOWN'},{'verdict':'OPEN'},{'verdict':'CONTAINED'}]", "OPEN"},
		{"[{'verdict':'REHEARSED'}]", "REHEARSED"},
	};

	for (size_t i = 0; i < COUNT(overall); i++) {
		json_auto_t *targets = js(overall[i].targets);

		STR_EQ(verdict_overall(NULL, targets), overall[i].want, "overall: %s",
		       overall[i].targets);
	}
}

static void test_status(void)
{
	static const struct {
		const char *document;
		bool interrupted;
		int want;
	} statuses[] = {
		{"{'verdict':'CONTAINED'}", false, 0},
		{"{'verdict':'REHEARSED'}", false, 0},
		{"{'verdict':'OPEN'}", false, 1},
		{"{'verdict':'UNKNOWN'}", false, 1},
		{"{'verdict':null}", false, 0},
		{"{'verdict':'CONTAINED'}", true, 130},
		{"{'verdict':'CONTAINED','results':[{'status':'done'}]}", false, 0},
		{"{'verdict':'CONTAINED','results':[{'status':'done'},{'status':'failed'}]}", false,
		 5},
		{"{'verdict':'OPEN','results':[{'status':'failed'}]}", false, 5},
		{"{'verdict':'UNKNOWN','results':[{'status':'unknown'}]}", false, 5},
		{"{'verdict':null,'results':[{'status':'failed'}]}", false, 5},
		/* Done, and undone by somebody since. */
		{"{'verdict':null,'results':[{'status':'done'}],'targets':[{'checks':[{'state':"
		 "'false'}]}]}",
		 false, 1},
		{"{'verdict':null,'results':[{'status':'done'}],'targets':[{'checks':[{'state':"
		 "'true'}]}]}",
		 false, 0},
		{"{'verdict':'CONTAINED','results':[{'status':'skipped'}]}", false, 0},
		/* An action of its own that nobody agreed to. */
		{"{'verdict':null,'results':[{'status':'skipped'}]}", false, 3},
		{"{'verdict':null,'results':[{'status':'skipped'},{'status':'done'}]}", false, 0},
		{"{'verdict':null,'targets':[{'refused':true}],'refusals':[{'guard':'x'}]}", false,
		 3},
		{"{'verdict':'CONTAINED','targets':[{'refused':true},{}],'refusals':[{'guard':"
		 "'x'}]}",
		 false, 5},
		{"{'verdict':'OPEN','targets':[{'refused':true},{}],'refusals':[{'guard':'x'}]}",
		 false, 5},
		{"{'verdict':null,'targets':[{}],'refusals':[{'guard':'too-many-operations'}]}",
		 false, 3},
		{"{'verdict':null,'targets':[{'refused':true},{'expanded_from':'t1'}],"
		 "'refusals':[{'guard':'x'}]}",
		 false, 3},
	};

	for (size_t i = 0; i < COUNT(statuses); i++) {
		json_auto_t *document = js(statuses[i].document);

		INT_EQ(verdict_status(document, statuses[i].interrupted), statuses[i].want,
		       "status: %s", statuses[i].document);
	}
}

#define REMAINS "no known action remains possible"

/* AWSDenyAll that nobody read: a live verdict does not rest on it; a rehearsal knows the copy that
 * is shipped. */
static void test_unread_deny(void)
{
	static const struct row unread[] = {
		{"AWSDenyAll", ALICE, "", "", USER("[]", "[]", MANAGED), NULL},
		{"a boundary", ALICE, "", "", USER("[]", "[]", BOUNDARY), NULL},
	};

	for (size_t i = 0; i < COUNT(unread); i++) {
		json_auto_t *live = judged(&unread[i], false, true, VERDICT_SETTLE);
		json_auto_t *rehearsal = judged(&unread[i], true, false, 0);
		STR_EQ(said(live), "UNKNOWN", "unread: %s", unread[i].name);
		STR_EQ(state_of(live, REMAINS), "unknown", "unread: %s: the check", unread[i].name);
		STR_EQ(said(rehearsal), "REHEARSED", "unread: %s: in a rehearsal", unread[i].name);
	}
}

/* By the evaluator: nothing remains, something does, or what denies may be what was not read. */
static void test_remains(void)
{
#define ANY POLICY("any", "{'Statement':{'Effect':'Allow','Action':'*','Resource':'*'}}")
#define HALF                                                                                   \
	POLICY("CordonDenyAll", "{'Version':'2012-10-17','Statement':[{'Effect':'Deny',"       \
				"'Action':'*','Resource':'*'},{'Effect':'Allow','Action':'*'," \
				"'Resource':'*'}]}")
	static const struct {
		struct row row;
		const char *state, *seen;
	} remaining[] = {
		{{"denied", ALICE, "", "", USER("[]", "[" DENY "," ANY "]", NOTHING), NULL},
		 "true",
		 "22089 of 22091 are explicitly denied; 2 no policy can deny"},
		{{"a role denied", OPS("role", ""), "", "", ROLE("[" DENY "]", NOTHING), NULL},
		 "true",
		 "22090 of 22091 are explicitly denied; 1 no policy can deny"},
		{{"free", ALICE, "", "", USER("[]", "[" ANY "]", NOTHING), NULL},
		 "false",
		 "22089 of 22091 for a long-term key"},
		{{"nothing allowed is not denied", ALICE, "", "", USER("[]", "[]", NOTHING), NULL},
		 "false",
		 "not all is explicitly denied"},
		{{"a deny beats an Allow beside it", ALICE, "", "",
		  USER("[]", "[" HALF "]", NOTHING), NULL},
		 "true",
		 "22089 of"},
		{{"a cutoff leaves the key", ALICE, "", "",
		  USER("[]", "[" CUTOFF "," ANY "]", NOTHING), NULL},
		 "false",
		 "for a long-term key, such as"},
		{{"what was not read cannot allow what is denied", ALICE, "", "",
		  USER("[]", "[" DENY "]", ",'AttachedManagedPolicies':" UNREAD), NULL},
		 "true",
		 "22089 of"},
		{{"what was not read may deny", ALICE, "", "",
		  USER("[]", "[" ANY "]",
		       ",'AttachedManagedPolicies':" UNREAD ",'PermissionsBoundary':null,"
		       "'GroupList':[]"),
		  NULL},
		 "unknown",
		 "the attached policies"},
		{{"nobody is there", ALICE, "", "", "'UserDetailList':[]", NULL},
		 "unknown",
		 "nothing was read"},
	};

	for (size_t i = 0; i < COUNT(remaining); i++) {
		json_auto_t *targets = judged(&remaining[i].row, false, true, VERDICT_SETTLE);
		const json_t *checks = json_object_get(json_array_get(targets, 0), "checks");
		const json_t *one = jx_find(checks, "check", REMAINS, NULL);
		STR_EQ(jx_text(one, "state"), remaining[i].state, "remains: %s",
		       remaining[i].row.name);
		HAS(jx_text(one, "seen"), remaining[i].seen, "remains: %s: what was seen",
		    remaining[i].row.name);
		OK(json_is_true(json_object_get(one, "required")), "remains: %s: it is needed",
		   remaining[i].row.name);
	}
}

/* Where no deny of everything is promised, what is left is said instead. */
static void test_left(void)
{
	static const struct row cut = {
		"", OPS("session", ""), "", "", ROLE("[" CUTOFF "," ANY "]", NOTHING), NULL};
	json_auto_t *targets = judged(&cut, false, true, VERDICT_SETTLE);
	const json_t *remains = json_object_get(json_array_get(targets, 0), "remains");
	const json_t *later = json_object_get(remains, "session_later");

	OK(!state_of(targets, REMAINS), "left: no such check");
	OK(!json_object_get(remains, "key"), "left: a role has no key");
	INT_EQ(json_integer_value(jx_at(remains, "session_later", "allowed", NULL)), 22091,
	       "left: a later session may do anything");
	STR_EQ(jx_text(json_array_get(json_object_get(later, "allowed_by"), 0), "policy"),
	       "inline any", "left: by this");
}

#define WITH(value)                                          \
	"{'format':'cordon-account/1','account_id':'" NUMBER \
	"'," USER("[]", "[" DENY "]", NOTHING ",'LoginProfile':" value) "}"

/* A password that was not there before the run: whoever made it is at work, whatever was agreed to.
 */
static void test_made_since(void)
{
#define MADE_AT(time) "{'CreateDate':'2026-07-14T10:" time ":00Z'}"
	static const struct {
		const char *name, *operations, *status, *before, *now, *verdict;
		bool appeared;
	} cases[] = {
		{"the old one", PASSWORD, "skipped", WITH(MADE_AT("01")), WITH(MADE_AT("01")),
		 "CONTAINED", false},
		{"another one", PASSWORD, "skipped", WITH(MADE_AT("01")), WITH(MADE_AT("20")),
		 "OPEN", true},
		{"one where there was none", PASSWORD, "skipped", WITH("null"), WITH(MADE_AT("20")),
		 "OPEN", true},
		{"one that no step is about", "", "skipped", WITH("null"), WITH(MADE_AT("20")),
		 "OPEN", true},
		{"one that went again", PASSWORD, "done", WITH("null"), WITH("null"), "CONTAINED",
		 false},
		{"deleted, and seen late", PASSWORD, "done", WITH(MADE_AT("01")),
		 WITH(MADE_AT("01")), "OPEN", false},
		{"deleted, and there was nothing to compare", PASSWORD, "done", WITH(UNREAD),
		 WITH(MADE_AT("20")), "OPEN", true},
		{"left out, and nothing to compare", PASSWORD, "skipped", WITH(UNREAD),
		 WITH(MADE_AT("20")), "CONTAINED", false},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct row row = {"", ALICE, cases[i].operations, "", "", NULL};
		json_auto_t *plan = plan_of(&row, false);
		json_auto_t *before = read_account(cases[i].before);
		json_auto_t *now = read_account(cases[i].now);
		json_auto_t *results = jx_pack("[{s:s, s:s}]", "id", "o1", "status",
					       cases[i].status);
		const struct verdict_input input = {.plan = plan,
						    .results = results,
						    .account = now,
						    .before = before,
						    .agreed = true,
						    .settled_seconds = 10,
						    .now = NOW};
		json_auto_t *targets = verdict_targets(&input);
		const json_t *found = jx_find(json_object_get(json_array_get(targets, 0), "checks"),
					      "check", "the console password is gone", NULL);
		STR_EQ(verdict_overall(plan, targets), cases[i].verdict, "%s", cases[i].name);
		OK(json_is_true(json_object_get(found, "appeared")) == cases[i].appeared &&
			   (jx_text(found, "command") != NULL) == cases[i].appeared,
		   "%s: said to be new", cases[i].name);
	}
}

/* What two reads are compared by: the checks of the targets alone. */
static void test_compared(void)
{
	json_auto_t *plan = plan_of(&rows[0], false);
	json_auto_t *account = read_account("{'format':'cordon-account/1','account_id':'" NUMBER
					    "'," USER(KEYS("Inactive"), "[" DENY "]", NOTHING) "}");
	const struct verdict_input first = {.plan = plan, .account = account, .now = NOW};
	const struct verdict_input second = {.plan = plan,
					     .account = account,
					     .agreed = true,
					     .settled_seconds = 99,
					     .now = NOW};
	json_auto_t *one = verdict_checks(&first);
	json_auto_t *two = verdict_checks(&second);

	OK(json_equal(one, two), "the same account gives the same checks");
	OK(json_array_size(json_object_get(one, "t1")) == 3, "deny, what remains, and key");
}

int main(void)
{
	test_targets();
	test_unread_deny();
	test_remains();
	test_left();
	test_checks();
	test_unseen();
	test_vouching();
	test_unplanned();
	test_superseded();
	test_many();
	test_strangers();
	test_far_ahead();
	test_overall();
	test_status();
	test_compared();
	test_made_since();
	return tap_done();
}
