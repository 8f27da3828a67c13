// SPDX-License-Identifier: Apache-2.0
/* What is said before a plan is sent: of ourselves, of the target, of what is in use. */
#include "cordon/preflight.h"

#include "planned.h"

#define KEY "AKIARTX3GSDSUEXAMPLE"
#define ALLOW(action, more) "{'Effect':'Allow','Action':" action ",'Resource':'*'" more "}"
#define INLINE(statements)                                                                     \
	"[{'PolicyName':'p','PolicyDocument':{'Version':'2012-10-17','Statement':[" statements \
	"]}}]"
#define USER(name, policies, more)                                                          \
	"{'UserName':'" name "','UserId':'AIDAX','Arn':'" IAM "user/" name                  \
	"','UserPolicyList':" policies ",'AttachedManagedPolicies':[],'GroupList':[],"      \
	"'PermissionsBoundary':null,'LoginProfile':null,'AccessKeys':[{'AccessKeyId':'" KEY \
	"','Status':'Active'}]" more "}"
#define UNREAD "{'unread':{'why':'denied'}}"

static json_t *account_of(const char *users)
{
	char text[8192];

	snprintf(text, sizeof(text),
		 "{'format':'cordon-account/1','account_id':'" NUMBER
		 "','UserDetailList':[%s],'AccessKeyLastUsed':[{'AccessKeyId':'" KEY
		 "','UserName':'alice','AccessKeyLastUsed':{'LastUsedDate':'2026-07-01T00:00:00Z',"
		 "'ServiceName':'s3','Region':'eu-west-1'}}]}",
		 users);
	return read_account(text);
}

static json_t *flown(const json_t *account, const struct preflight_input *base)
{
	const struct plan_request request = {
		.account = account, .rehearsal = true, .partition = "aws"};
	json_t *plan = plan_of(&request, "deactivate-access-keys", "{'user':'alice'}");
	struct preflight_input input = *base;

	input.account = account;
	input.own_account = account;
	preflight_add(plan, &input);
	return plan;
}

/* Whether we may: root, AWS's simulation, our own policies, or nobody knows. */
static void test_ourselves(void)
{
#define DENIED ",{'Effect':'Deny','Action':'iam:Update*','Resource':'*'}"
	static const struct {
		const char *name, *own, *caller, *simulated, *may, *how;
	} rows[] = {
		{"offline", NULL, NULL, NULL, "unknown", "offline"},
		{"root", NULL, "arn:aws:iam::" NUMBER ":root", NULL, "yes", "root"},
		{"simulated, allowed", NULL, IAM "user/ir", "allowed", "yes", "simulated by AWS"},
		{"simulated, denied", INLINE(ALLOW("'*'", "")), IAM "user/ir", "explicitDeny", "no",
		 "explicitDeny"},
		{"simulated, not allowed", NULL, IAM "user/ir", "implicitDeny", "no",
		 "implicitDeny"},
		{"nothing was read", NULL, IAM "user/ir", NULL, "unknown", "could not be read"},
		{"our policies allow", INLINE(ALLOW("'iam:*'", "")), IAM "user/ir", NULL, "yes",
		 "own policies"},
		{"our policies allow, and deny", INLINE(ALLOW("'iam:*'", "") DENIED), IAM "user/ir",
		 NULL, "no", "own policies"},
		{"our policies allow something else", INLINE(ALLOW("'s3:*'", "")), IAM "user/ir",
		 NULL, "no", "own policies"},
		{"a condition decides",
		 INLINE(ALLOW("'iam:*'", ",'Condition':{'Bool':{'aws:MultiFactorAuthPresent':"
					 "'true'}}")),
		 IAM "user/ir", NULL, "unknown", "condition"},
		{"our policies are unread", UNREAD, IAM "user/ir", NULL, "unknown",
		 "could be read"},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		char users[4096];
		snprintf(users, sizeof(users), USER("alice", "[]", "") "%s%s%s",
			 rows[i].own ? ",{'UserName':'ir','Arn':'" IAM "user/ir',"
				       "'AttachedManagedPolicies':[],'GroupList':[],"
				       "'PermissionsBoundary':null,'UserPolicyList':"
				     : "",
			 rows[i].own ? rows[i].own : "", rows[i].own ? "}" : "");
		json_auto_t *account = account_of(users);
		json_auto_t *results = json_array();
		if (rows[i].simulated)
			jx_push(results, jx_pack("{s:s, s:s, s:s}", "EvalActionName",
						 "iam:UpdateAccessKey", "EvalResourceName", ALICE,
						 "EvalDecision", rows[i].simulated));
		const struct preflight_input input = {.caller = rows[i].caller,
						      .simulated = results,
						      .own_kind = PRINCIPAL_USER,
						      .own_name = rows[i].own ? "ir" : NULL};
		json_auto_t *plan = flown(account, &input);
		const json_t *one = jx_at(plan, "preflight", "operations", "o1", NULL);
		STR_EQ(jx_text(one, "may"), rows[i].may, "ourselves: %s", rows[i].name);
		HAS(jx_text(one, "how"), rows[i].how, "ourselves: %s: how", rows[i].name);
	}
}

static void test_target(void)
{
	static const struct {
		const char *name, *policies, *more, *can, *perhaps;
	} rows[] = {
		{"nothing", "[]", "", "[]", "[]"},
		{"one way out", INLINE(ALLOW("'iam:DeleteUserPolicy'", "")), "",
		 "['iam:DeleteUserPolicy']", "[]"},
		{"on somebody else only",
		 INLINE("{'Effect':'Allow','Action':['iam:DeleteUserPolicy','sts:AssumeRole'],"
			"'Resource':'" IAM "role/x'}"),
		 "", "['sts:AssumeRole']", "[]"},
		{"denied already",
		 INLINE(ALLOW("'*'", "") ",{'Effect':'Deny','Action':'*',"
					 "'Resource':'*'}"),
		 "", "[]", "[]"},
		{"with a condition",
		 INLINE(ALLOW("'iam:CreateUser'",
			      ",'Condition':{'IpAddress':{'aws:SourceIp':'192.0.2.0/24'}}")),
		 "", "[]", "['iam:CreateUser']"},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		char users[4096];
		snprintf(users, sizeof(users),
			 "{'UserName':'alice','UserId':'AIDAX','Arn':'" ALICE
			 "','UserPolicyList':%s,'AttachedManagedPolicies':[],'GroupList':[],"
			 "'PermissionsBoundary':null,'LoginProfile':null,'AccessKeys':[{"
			 "'AccessKeyId':'" KEY "','Status':'Active'}]%s}",
			 rows[i].policies, rows[i].more);
		json_auto_t *account = account_of(users);
		const struct preflight_input input = {.caller = NULL};
		json_auto_t *plan = flown(account, &input);
		const json_t *one = json_array_get(jx_at(plan, "preflight", "targets", NULL), 0);
		JS_EQ(json_object_get(one, "can"), rows[i].can, "target: %s", rows[i].name);
		JS_EQ(json_object_get(one, "perhaps"), rows[i].perhaps, "target: %s: perhaps",
		      rows[i].name);
		JS_EQ(json_object_get(one, "in_use"),
		      "[{'what':'access key','id':'" KEY
		      "','stops':true,'cut':false,'known':true,'at':'2026-07-01T00:00:00Z','service':'s3','region':"
		      "'eu-west-1'}]",
		      "target: %s: what is in use", rows[i].name);
	}
}

/* The questions are about what the plan writes, and on what. */
static void test_questions(void)
{
	json_auto_t *account = account_of(USER("alice", "[]", ""));
	const struct plan_request request = {
		.account = account, .rehearsal = true, .partition = "aws"};
	json_auto_t *plan = plan_of(&request, "compromised-user", "{'user':'alice'}");
	json_auto_t *questions = preflight_questions(plan, account);
	json_auto_t *without = jx_copy(plan);

	HAS(written(plan), "PutUserPolicy", "there is something to ask");
	OK(jx_contains(json_object_get(questions, "ActionNames"), "iam:PutUserPolicy"),
	   "the action is asked about");
	JS_EQ(json_object_get(questions, "ResourceArns"), "['" ALICE "']", "on the user");
	const struct preflight_input input = {.account = account};
	preflight_add(plan, &input);
	plan_seal(plan, NULL);
	plan_seal(without, NULL);
	STR_EQ(jx_text(plan, "fingerprint"), jx_text(without, "fingerprint"),
	       "the fingerprint is of what is sent, not of what may come of it");
}

/* A containment never allows anything more, for any credential; a deny of everything leaves nothing
 * but what no policy can deny. */
static void test_foreseen(void)
{
	static const struct {
		const char *ask, *more;
		bool nothing;
	} plans[] = {
		{"compromised-user", "", true},
		{"deny-all", ",'via':'managed'", true},
		{"deny-all", ",'via':'boundary'", true},
		{"revoke-sessions", "", false},
		{"quarantine", "", false},
		{"restrict", ",'deny':['s3:*'],'resource':['*']", false},
		{"remove-from-groups", ",'all':true", false},
	};
	static const char *const views[] = {"key", "session_now", "session_later"};
	json_auto_t *account = demo_account();
	const struct plan_request request = {
		.account = account, .rehearsal = true, .partition = "aws"};
	json_t *user;
	size_t i;

	json_array_foreach (account_entries(account, PRINCIPAL_USER), i, user) {
		for (size_t n = 0; n < COUNT(plans); n++) {
			char given[256];
			snprintf(given, sizeof(given), "{'user':'%s'%s}",
				 account_name(user, PRINCIPAL_USER), plans[n].more);
			json_auto_t *plan = plan_of(&request, plans[n].ask, given);
			plan_foresee(plan, account, NOW);
			const json_t *one = json_array_get(jx_at(plan, "reach", "targets", NULL),
							   0);
			for (size_t v = 0; v < COUNT(views); v++) {
				const json_t *was = jx_at(one, "before", views[v], NULL);
				const json_t *is = jx_at(one, "after", views[v], NULL);
				long long before =
					json_integer_value(json_object_get(was, "allowed"));
				long long after =
					json_integer_value(json_object_get(is, "allowed"));
				OK(was && is && after <= before, "%s %s: %s: %lld, then %lld",
				   plans[n].ask, given, views[v], before, after);
				if (plans[n].nothing)
					OK(after == 2 && json_is_true(json_object_get(
								 is, "unconditional")),
					   "%s %s: %s: nothing", plans[n].ask, given, views[v]);
			}
		}
	}
}

/* Of many targets the first are looked at, and the rest is counted. */
static void test_many_targets(void)
{
	json_auto_t *account = account_of(USER("alice", "[]", ""));
	json_auto_t *plan = js("{'targets':[],'operations':[]}");

	for (int i = 0; i < 25; i++)
		jx_push(json_object_get(plan, "targets"),
			js("{'id':'t','principal':'user','name':'alice'}"));
	jx_push(json_object_get(plan, "targets"), js("{'id':'g','principal':'group','name':'g'}"));
	jx_push(json_object_get(plan, "targets"),
		js("{'id':'r','principal':'user','name':'alice','refused':true}"));
	plan_foresee(plan, account, NOW);
	INT_EQ(json_array_size(jx_at(plan, "reach", "targets", NULL)), 20, "the first twenty");
	INT_EQ(json_integer_value(jx_at(plan, "reach", "left_out", NULL)), 5,
	       "the rest is counted");
}

int main(void)
{
	test_ourselves();
	test_target();
	test_questions();
	test_foreseen();
	test_many_targets();
	return tap_done();
}
