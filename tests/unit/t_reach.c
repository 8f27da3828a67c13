// SPDX-License-Identifier: Apache-2.0
/* What principals of an account can still do. */
#include "cordon/reach.h"

#include "cordon/embedded.h"
#include "fixture.h"

#include <limits.h>

#define ACCOUNT "111122223333"
#define ROLE_ARN(name) "arn:aws:iam::" ACCOUNT ":role/" name
#define ANY \
	"{'Version':'2012-10-17','Statement':[{'Sid':'All','Effect':'Allow','Action':'*','Resource':'*'}]}"

enum { NOW = 1795161600 }; /* 2026-11-20T08:00:00Z */

/* A user with one inline policy and these roles. */
static json_t *account_with(const char *policy, const char *tags, const char *roles)
{
	static char text[16384];

	snprintf(text, sizeof(text),
		 "{'format':'cordon-account/1','account_id':'" ACCOUNT
		 "','listed':{'users':true,'groups':true,'roles':true},'UserDetailList':[{"
		 "'UserName':'mallory','UserId':'AIDAEXAMPLE','Arn':'arn:aws:iam::" ACCOUNT
		 ":user/mallory','UserPolicyList':[{'PolicyName':'p','PolicyDocument':%s}],"
		 "'GroupList':[],'AttachedManagedPolicies':[],'PermissionsBoundary':null,"
		 "'Tags':[%s]}],'GroupDetailList':[],'RoleDetailList':[%s],'Policies':[]}",
		 policy, tags, roles);
	return read_account(text);
}

static json_t *reach_of(const json_t *account, struct reach_query query,
			struct reach_options options)
{
	struct err err = ERR_INIT;

	query.account = account;
	query.now = NOW;
	query.issued = query.issued ? query.issued : NOW;
	query.kind = query.kind ? query.kind : PRINCIPAL_USER;
	query.name = query.name ? query.name : "mallory";
	struct reach *reach = reach_new(&query);
	if (!reach)
		bail(query.name, "no such principal");
	json_t *document = reach_document(reach, &options, &err);
	reach_free(reach);
	if (!document)
		bail("reach", err.message);
	return document;
}

static long long number(const json_t *document, const char *key)
{
	return json_integer_value(json_object_get(document, key));
}

static size_t open_paths(const json_t *document, const char *prefix)
{
	size_t count = 0;
	json_t *path;
	size_t i;

	json_array_foreach (json_object_get(document, "paths"), i, path)
		count += json_is_true(json_object_get(path, "open")) &&
			 begins(jx_text(path, "id"), prefix);
	return count;
}

/* Measured elsewhere: the quarantine of 2024-10-02 denies 143 of the known actions and leaves 14 of
 * the 65 paths of pathfinding.cloud open. */
static void test_quarantine(void)
{
	json_auto_t *quarantine = json_load_file("tests/data/AWSCompromisedKeyQuarantineV2.v5.json",
						 0, NULL);
	json_auto_t *account = account_with(ANY, "", "");
	json_t *user = account_find(account, PRINCIPAL_USER, "mallory");

	if (!quarantine)
		bail("the quarantine", "not read");
	json_auto_t *before = reach_of(account, (struct reach_query){0}, (struct reach_options){0});
	INT_EQ(number(before, "known"), 22091, "known actions");
	INT_EQ(number(before, "allowed"), 22091, "all of them allowed");
	INT_EQ(json_array_size(json_object_get(before, "paths")), 152, "published paths");
	INT_EQ(open_paths(before, "pathfinding/"), 65, "all paths open");
	jx_push(json_object_get(user, "UserPolicyList"),
		jx_pack("{s:s, s:O}", "PolicyName", "q", "PolicyDocument", quarantine));
	json_auto_t *after = reach_of(account, (struct reach_query){0}, (struct reach_options){0});
	/* One of the 143 is GetSessionToken, which a user is not denied by it. */
	INT_EQ(number(after, "explicit_deny"), 142, "actions that the quarantine denies");
	INT_EQ(number(after, "allowed"), 22091 - 142, "and the rest");
	INT_EQ(open_paths(after, "pathfinding/"), 14, "paths that it leaves open");
}

/* What one policy makes of one action. */
static void test_decisions(void)
{
	static const struct {
		const char *name, *policy, *tags, *action, *resource;
		bool session;
		const char *want; /* "Allow", with ? where a condition decides */
	} rows[] = {
		{"an allow", "{'Effect':'Allow','Action':'s3:*','Resource':'*'}", "",
		 "s3:GetObject", NULL, false, "Allow"},
		{"on one resource is on some",
		 "{'Effect':'Allow','Action':'s3:*','Resource':"
		 "'arn:aws:s3:::b/*'}",
		 "", "s3:GetObject", NULL, false, "Allow"},
		{"but no permission where there are none",
		 "{'Effect':'Allow','Action':'s3:*','Resource':'arn:aws:s3:::b/*'}", "",
		 "s3:ListAllMyBuckets", "*", false, "ImplicitDeny"},
		{"a condition that can be met",
		 "{'Effect':'Allow','Action':'s3:*','Resource':'*','Condition':{'IpAddress':"
		 "{'aws:SourceIp':'203.0.113.0/24'}}}",
		 "", "s3:GetObject", NULL, false, "Allow?"},
		{"a barrier that the caller chooses",
		 "{'Effect':'Allow','Action':'*','Resource':'*'},{'Effect':'Deny','Action':'*',"
		 "'Resource':'*','Condition':{'StringNotEquals':{'aws:RequestedRegion':"
		 "'eu-west-1'}}}",
		 "", "s3:GetObject", NULL, false, "Allow?"},
		{"a deny that lapses",
		 "{'Effect':'Allow','Action':'*','Resource':'*'},{'Effect':'Deny','Action':'*',"
		 "'Resource':'*','Condition':{'DateLessThan':{'aws:CurrentTime':"
		 "'2027-01-01T00:00:00Z'}}}",
		 "", "s3:GetObject", NULL, false, "Allow?"},
		{"an allow that has lapsed",
		 "{'Effect':'Allow','Action':'*','Resource':'*','Condition':{'DateLessThan':"
		 "{'aws:CurrentTime':'2026-01-01T00:00:00Z'}}}",
		 "", "s3:GetObject", NULL, false, "ImplicitDeny"},
		{"a deny that begins for good",
		 "{'Effect':'Allow','Action':'*','Resource':'*'},{'Effect':'Deny','Action':'*',"
		 "'Resource':'*','Condition':{'DateGreaterThan':{'aws:CurrentTime':"
		 "'2026-01-01T00:00:00Z'}}}",
		 "", "s3:GetObject", NULL, false, "ExplicitDeny"},
		{"a cutoff does not touch the key",
		 "{'Effect':'Allow','Action':'*','Resource':'*'},{'Effect':'Deny','Action':'*',"
		 "'Resource':'*','Condition':{'DateLessThan':{'aws:TokenIssueTime':"
		 "'2026-11-21T00:00:00Z'}}}",
		 "", "s3:GetObject", NULL, false, "Allow"},
		{"but its sessions",
		 "{'Effect':'Allow','Action':'*','Resource':'*'},{'Effect':'Deny','Action':'*',"
		 "'Resource':'*','Condition':{'DateLessThan':{'aws:TokenIssueTime':"
		 "'2026-11-21T00:00:00Z'}}}",
		 "", "s3:GetObject", NULL, true, "ExplicitDeny"},
		{"a cutoff that is still to be set",
		 "{'Effect':'Allow','Action':'*','Resource':'*'},{'Effect':'Deny','Action':'*',"
		 "'Resource':'*','Condition':{'DateLessThan':{'aws:TokenIssueTime':"
		 "{'$cutoff':30}}}}",
		 "", "s3:GetObject", NULL, true, "ExplicitDeny"},
		{"his own tag",
		 "{'Effect':'Allow','Action':'*','Resource':'*','Condition':"
		 "{'StringEquals':{'aws:PrincipalTag/team':'ops'}}}",
		 "{'Key':'team','Value':'ops'}", "s3:GetObject", NULL, false, "Allow"},
		{"not his tag",
		 "{'Effect':'Allow','Action':'*','Resource':'*','Condition':"
		 "{'StringEquals':{'aws:PrincipalTag/team':'dev'}}}",
		 "{'Key':'team','Value':'ops'}", "s3:GetObject", NULL, false, "ImplicitDeny"},
		{"a tag that he lacks",
		 "{'Effect':'Allow','Action':'*','Resource':'*','Condition':"
		 "{'StringEquals':{'aws:PrincipalTag/team':'dev'}}}",
		 "", "s3:GetObject", NULL, false, "ImplicitDeny"},
		{"his name",
		 "{'Effect':'Allow','Action':'iam:*','Resource':"
		 "'arn:aws:iam::*:user/${aws:username}'}",
		 "", "iam:CreateAccessKey", "arn:aws:iam::111122223333:user/mallory", false,
		 "Allow"},
		{"another's",
		 "{'Effect':'Allow','Action':'iam:*','Resource':"
		 "'arn:aws:iam::*:user/${aws:username}'}",
		 "", "iam:CreateAccessKey", "arn:aws:iam::111122223333:user/eve", false,
		 "ImplicitDeny"},
		/* Of some resource: only a Deny of all that is allowed is a barrier. */
		{"a deny of another resource",
		 "{'Effect':'Allow','Action':'s3:*','Resource':'arn:aws:s3:::b/*'},"
		 "{'Effect':'Deny','Action':'s3:*','Resource':'arn:aws:s3:::c/*'}",
		 "", "s3:GetObject", NULL, false, "Allow?"},
		{"a deny of all that was allowed",
		 "{'Effect':'Allow','Action':'s3:*','Resource':'arn:aws:s3:::b/*'},"
		 "{'Effect':'Deny','Action':'s3:*','Resource':'arn:aws:s3:::*'}",
		 "", "s3:GetObject", NULL, false, "ExplicitDeny"},
		{"a deny of a part of it",
		 "{'Effect':'Allow','Action':'s3:*','Resource':'arn:aws:s3:::*'},"
		 "{'Effect':'Deny','Action':'s3:*','Resource':'arn:aws:s3:::b/*'}",
		 "", "s3:GetObject", NULL, false, "Allow?"},
		{"a deny with a wildcard in the type",
		 "{'Effect':'Allow','Action':'*','Resource':'arn:aws:ec2:*:*:instance/i-1'},"
		 "{'Effect':'Deny','Action':'*','Resource':'arn:aws:ec2:*:*:*/i-1'}",
		 "", "ec2:StartInstances", "arn:aws:ec2:eu-west-1:111122223333:instance/i-1", false,
		 "Allow?"},
		{"nobody keeps him from this", "{'Effect':'Deny','Action':'*','Resource':'*'}", "",
		 "sts:GetSessionToken", "*", false, "Allow"},
	};
	char policy[2048];

	for (size_t i = 0; i < COUNT(rows); i++) {
		snprintf(policy, sizeof(policy), "{'Version':'2012-10-17','Statement':[%s]}",
			 rows[i].policy);
		json_auto_t *account = account_with(policy, rows[i].tags, "");
		const struct reach_query query = {.account = account,
						  .kind = PRINCIPAL_USER,
						  .name = "mallory",
						  .session = rows[i].session,
						  .issued = NOW,
						  .now = NOW};
		struct reach *reach = reach_new(&query);
		struct reach_answer answer;
		char got[32];
		reach_may(reach, rows[i].action, rows[i].resource, &answer);
		snprintf(got, sizeof(got), "%s%s", policy_effect_name(answer.may.effect),
			 answer.may.effect != answer.must.effect ? "?" : "");
		STR_EQ(got, rows[i].want, "%s", rows[i].name);
		OK(reach_complete(reach), "%s: all was read", rows[i].name);
		reach_free(reach);
	}
}

#define TRUST(who)                                                                                             \
	"'AssumeRolePolicyDocument':{'Statement':{'Effect':'Allow','Action':'sts:AssumeRole','Principal':" who \
	"}}"
#define ROLE(name, trust, policy)                                                                \
	"{'RoleName':'" name "','RoleId':'AROA" name "','Arn':'" ROLE_ARN(                       \
		name) "'," trust ",'RolePolicyList':[{'PolicyName':'p','PolicyDocument':" policy \
		      "}],'AttachedManagedPolicies':[],'PermissionsBoundary':null,'Tags':[]}"
#define ASSUME_B \
	"{'Statement':{'Effect':'Allow','Action':'sts:AssumeRole','Resource':'" ROLE_ARN("b") "'}}"
#define NOTHING "{'Statement':[]}"

/* Trust and permission together, and from there on. */
static void test_roles(void)
{
	static const char roles[] = ROLE("a", TRUST("{'AWS':'" ACCOUNT "'}"), ASSUME_B) "," ROLE(
		"b", TRUST("{'AWS':'" ROLE_ARN("a") "'}"),
		NOTHING) "," ROLE("c", TRUST("{'AWS':'arn:aws:iam::" ACCOUNT ":user/mallory'}"),
				  NOTHING) "," ROLE("d", TRUST("{'AWS':'" ACCOUNT "'}"),
						    NOTHING) "," ROLE("e",
								      TRUST("{'Service':'ec2.amazonaws.com'}"),
								      ANY);
	static const char policy[] = "{'Statement':{'Effect':'Allow','Action':'sts:AssumeRole',"
				     "'Resource':['" ROLE_ARN("a") "','" ROLE_ARN("e") "']}}";
	json_auto_t *account = account_with(policy, "", roles);
	json_auto_t *document = reach_of(account, (struct reach_query){0},
					 (struct reach_options){0});
	const json_t *found = json_object_get(document, "assumable_roles");
	static const struct {
		const char *name, *through, *policy;
	} want[] = {{"a", NULL, "inline p"},
		    {"c", NULL, "trust policy"},
		    {"b", ROLE_ARN("a"), "inline p"}};

	INT_EQ(json_array_size(found), COUNT(want), "roles that can be assumed");
	for (size_t i = 0; i < COUNT(want); i++) {
		const json_t *one = jx_find(found, "name", want[i].name, NULL);
		OK(one, "role %s can", want[i].name);
		STR_EQ(jx_text(one, "through"), want[i].through, "role %s: through", want[i].name);
	}
	STR_EQ(jx_text(jx_find(found, "name", "a", NULL), "policy"), "inline p", "by permission");
	STR_EQ(jx_text(jx_find(found, "name", "c", NULL), "policy"), "trust policy", "by trust");
	json_auto_t *role = reach_of(account,
				     (struct reach_query){.kind = PRINCIPAL_ROLE, .name = "a"},
				     (struct reach_options){0});
	STR_EQ(jx_text(role, "as"), "session", "a role is a session");
	INT_EQ(json_array_size(json_object_get(role, "assumable_roles")), 1, "a leads to b");
}

/* What lies between "may" and "must" is named, wherever it stands. */
static void test_between(void)
{
	static const char trust[] =
		"'AssumeRolePolicyDocument':{'Statement':{'Effect':'Allow','Action':'sts:AssumeRole',"
		"'Principal':{'AWS':'" ACCOUNT "'},'Condition':{'Bool':"
		"{'aws:MultiFactorAuthPresent':'true'}}}}";
	char role[1024];
	snprintf(role, sizeof(role), ROLE("a", "%s", NOTHING), trust);
	json_auto_t *account = account_with(
		"{'Statement':{'Effect':'Allow','Action':'sts:AssumeRole','Resource':'*'}}", "",
		role);
	json_auto_t *document = reach_of(account, (struct reach_query){0},
					 (struct reach_options){0});
	const json_t *one = json_array_get(json_object_get(document, "assumable_roles"), 0);

	JS_EQ(json_object_get(one, "unless"), "{'policy':'resource_policy','statement':null}",
	      "a condition of the trust policy");
	json_auto_t *plain = account_with(
		"{'Statement':{'Effect':'Allow','Action':'iam:*','Resource':'*','Condition':"
		"{'Bool':{'aws:MultiFactorAuthPresent':'true'}}}}",
		"", "");
	json_auto_t *conditional = reach_of(plain, (struct reach_query){0},
					    (struct reach_options){0});
	one = json_array_get(json_object_get(conditional, "undo"), 0);
	JS_EQ(json_object_get(one, "if"), "{'Bool':{'aws:MultiFactorAuthPresent':'true'}}",
	      "the condition of the Allow");
	OK(!json_object_get(one, "unless"), "and nothing else");
}

/* A role is passed only to a service that it lets in. */
static void test_pass_role(void)
{
	static const char policy[] =
		"{'Statement':{'Effect':'Allow','Action':['iam:PassRole','lambda:*','ec2:*'],"
		"'Resource':'*'}}";
	json_auto_t *account = account_with(
		policy, "", ROLE("e", TRUST("{'Service':['ec2.amazonaws.com']}"), ANY));
	json_auto_t *document = reach_of(account, (struct reach_query){0},
					 (struct reach_options){0});
	const json_t *paths = json_object_get(document, "paths");
	const json_t *ec2 = jx_find(paths, "id", "pathfinding/ec2-001", NULL);
	const json_t *lambda = jx_find(paths, "id", "pathfinding/lambda-001", NULL);

	OK(json_is_true(json_object_get(ec2, "open")), "a role for instances: open");
	STR_EQ(jx_text(json_array_get(json_object_get(ec2, "by"), 0), "resource"), ROLE_ARN("e"),
	       "with this role");
	OK(json_is_false(json_object_get(lambda, "open")), "none for functions: closed");
	STR_EQ(jx_text(json_array_get(json_object_get(lambda, "by"), 0), "why"),
	       "no role that the service may assume can be passed", "because of that");
}

/* After our deny nothing is left, and before it is another question. */
static void test_contained(void)
{
	static const char policy[] =
		"{'Version':'2012-10-17','Statement':[{'Effect':'Allow','Action':'*','Resource':'*'},"
		"{'Sid':{'$cutoff':0,'sid':'Cordon'},'Effect':'Deny','Action':'*','Resource':'*'}]}";
	json_auto_t *account = account_with(policy, "", "");
	struct known_actions *known = reach_actions();
	struct reach_query query = {
		.account = account, .kind = PRINCIPAL_USER, .name = "mallory", .now = NOW};
	struct reach *reach = reach_new(&query);

	json_auto_t *denied = reach_summary(reach, known);
	INT_EQ(number(denied, "known"), 22091, "known");
	INT_EQ(number(denied, "allowed"), 2, "GetCallerIdentity and GetSessionToken are left");
	INT_EQ(number(denied, "undeniable"), 2, "which nothing can deny");
	INT_EQ(number(denied, "explicit_deny"), 22089, "the rest is denied");
	JS_EQ(json_object_get(denied, "denied_by"),
	      "[{'policy':'inline p','statement':'Cordon20261120T080000Z','actions':22089}]",
	      "by one statement");
	JS_EQ(json_object_get(denied, "such_as"), "[]", "and nothing else is left");
	reach_free(reach);
	json_auto_t *document = reach_of(account, (struct reach_query){0},
					 (struct reach_options){0});
	JS_EQ(json_object_get(document, "undo"), "[]", "nothing undoes it");
	INT_EQ(open_paths(document, ""), 0, "no path is open");
	INT_EQ(number(document, "explicit_deny"), 22089, "asked one by one it is the same");
	INT_EQ(number(document, "allowed"), 2, "asked one by one: what is left");
	query.undenied = true;
	reach = reach_new(&query);
	json_auto_t *before = reach_counts(reach, known);
	INT_EQ(number(before, "allowed"), 22091, "without the denies: what it was");
	reach_free(reach);
	reach_actions_free(known);
}

/* Whatever is denied more, nothing more is allowed. */
static void test_more_denies(void)
{
	static const char *const denies[] = {
		"{'Effect':'Deny','Action':'s3:*','Resource':'*'}",
		"{'Effect':'Deny','NotAction':'iam:*','Resource':'*'}",
		"{'Effect':'Deny','Action':'*','NotResource':'arn:aws:s3:::b/*'}",
		"{'Effect':'Deny','Action':'*','Resource':'*','Condition':{'DateLessThan':{"
		"'aws:TokenIssueTime':'2030-01-01T00:00:00Z'}}}",
		"{'Effect':'Deny','Action':'*','Resource':'*','Condition':{'Mystery':{'k':'v'}}}",
		"{'Effect':'Deny','Action':'iam:PassRole','Resource':'*'}",
		"{'Effect':'Deny','Action':'nothing','Resource':'*'}",
		"{'Effect':'Deny','Action':'*','Resource':'*'}",
	};
	struct known_actions *known = reach_actions();
	json_auto_t *statements = js("[{'Effect':'Allow','Action':['iam:*','s3:*','ec2:*'],"
				     "'Resource':'*'}]");
	long long least = LLONG_MAX;

	for (size_t i = 0; i <= COUNT(denies); i++) {
		json_auto_t *document = jx_pack("{s:s, s:O}", "Version", "2012-10-17", "Statement",
						statements);
		char *text = jx_compact(document);
		json_auto_t *account = account_with(text, "", "");
		const struct reach_query query = {.account = account,
						  .kind = PRINCIPAL_USER,
						  .name = "mallory",
						  .session = true,
						  .issued = NOW,
						  .now = NOW};
		struct reach *reach = reach_new(&query);
		json_auto_t *counts = reach_counts(reach, known);
		OK(number(counts, "allowed") <= least, "with %zu denies: no more is allowed", i);
		least = number(counts, "allowed");
		reach_free(reach);
		free(text);
		if (i < COUNT(denies))
			jx_push(statements, js(denies[i]));
	}
	INT_EQ(least, 2, "and in the end nothing");
	reach_actions_free(known);
}

/* What was read by name in a section that was not counts; a shipped copy only where asked for. */
static void test_partly_read(void)
{
	static const char deny_all[] = "arn:aws:iam::aws:policy/AWSDenyAll";
	json_auto_t *account = account_with(ANY, "", "");
	json_t *user = account_find(account, PRINCIPAL_USER, "mallory");
	struct known_actions *known = reach_actions();
	struct reach_query query = {
		.account = account, .kind = PRINCIPAL_USER, .name = "mallory", .now = NOW};

	jx_set(user, "AttachedManagedPolicies",
	       jx_pack("[{s:s, s:s}]", "PolicyName", "AWSDenyAll", "PolicyArn", deny_all));
	struct reach *reach = reach_new(&query);
	json_auto_t *unread = reach_counts(reach, known);
	INT_EQ(number(unread, "allowed"), 22091, "AWSDenyAll unread: it denies nothing");
	OK(!reach_complete(reach), "and that is said");
	reach_free(reach);
	query.shipped = true;
	reach = reach_new(&query);
	json_auto_t *shipped = reach_counts(reach, known);
	INT_EQ(number(shipped, "allowed"), 2, "as shipped it denies everything");
	OK(reach_complete(reach) && json_array_size(reach_assumed(reach)) == 1, "and that is said");
	reach_free(reach);
	jx_set(user, "AttachedManagedPolicies", json_array());
	jx_set(user, "UserPolicyList", account_unread("denied", "AccessDenied"));
	account_know(user, "UserPolicyList", "CordonDenyAll",
		     js("{'PolicyName':'CordonDenyAll','PolicyDocument':{'Statement':{'Effect':"
			"'Deny','Action':'*','Resource':'*'}}}"));
	reach = reach_new(&query);
	json_auto_t *by_name = reach_counts(reach, known);
	INT_EQ(number(by_name, "explicit_deny"), 22089, "a deny that was read by name counts");
	OK(!reach_complete(reach), "though not all was read");
	reach_free(reach);
	reach_actions_free(known);
}

/* The boundary that AWSDenyAll took the place of is asked, where it is known. */
static void test_saved_boundary(void)
{
	static const char policy[] = "arn:aws:iam::" ACCOUNT ":policy/only-s3";
	json_auto_t *now = account_with(ANY, "", ROLE("r", TRUST("{'AWS':'" ACCOUNT "'}"), ANY));
	json_t *role = account_find(now, PRINCIPAL_ROLE, "r");
	json_t *user = account_find(now, PRINCIPAL_USER, "mallory");

	jx_set(user, "PermissionsBoundary",
	       jx_pack("{s:s}", "PermissionsBoundaryArn", "arn:aws:iam::aws:policy/AWSDenyAll"));
	jx_push(json_object_get(now, "Policies"),
		jx_pack("{s:s, s:[{s:b, s:o}]}", "Arn", policy, "PolicyVersionList",
			"IsDefaultVersion", 1, "Document",
			js("{'Statement':{'Effect':'Allow','Action':'s3:*','Resource':'*'}}")));
	json_auto_t *before = jx_copy(now);
	jx_set(account_find(before, PRINCIPAL_USER, "mallory"), "PermissionsBoundary",
	       jx_pack("{s:s}", "PermissionsBoundaryArn", policy));
	for (int saved = 0; saved < 2; saved++) {
		const struct reach_query query = {.account = now,
						  .kind = PRINCIPAL_USER,
						  .name = "mallory",
						  .now = NOW,
						  .undenied = true,
						  .saved = saved ? before : NULL};
		struct reach *reach = reach_new(&query);
		struct reach_answer answer;
		reach_may(reach, "sts:AssumeRole", account_arn(role), &answer);
		OK((answer.may.effect == EFFECT_ALLOW) == !saved,
		   saved ? "the saved boundary does not allow it" : "no boundary: it may");
		reach_free(reach);
	}
}

/* The trust policy alone: whom it names, whom it lets in through the account. */
static void test_trusts(void)
{
	static const struct {
		const char *name, *principal;
		enum reach_trust want;
	} rows[] = {
		{"named", "{'AWS':'arn:aws:iam::" ACCOUNT ":user/mallory'}", REACH_TRUST_NAMED},
		{"everybody", "{'AWS':'*'}", REACH_TRUST_NAMED},
		{"the account", "{'AWS':'arn:aws:iam::" ACCOUNT ":root'}", REACH_TRUST_ACCOUNT},
		{"somebody else", "{'AWS':'arn:aws:iam::" ACCOUNT ":user/eve'}", REACH_TRUST_NONE},
		{"a service", "{'Service':'ec2.amazonaws.com'}", REACH_TRUST_NONE},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		json_auto_t *account = account_with(ANY, "", ROLE("r", TRUST("'?'"), ANY));
		json_t *role = account_find(account, PRINCIPAL_ROLE, "r");
		const struct reach_query query = {
			.account = account, .kind = PRINCIPAL_USER, .name = "mallory", .now = NOW};
		json_t *document = jx_pack("{s:s, s:[{s:s, s:o, s:s}]}", "Version", "2012-10-17",
					   "Statement", "Effect", "Allow", "Principal",
					   js(rows[i].principal), "Action", "sts:AssumeRole");
		jx_set(role, "AssumeRolePolicyDocument", document);
		struct reach *reach = reach_new(&query);
		INT_EQ(reach_trusts(reach, role), rows[i].want, "trust: %s", rows[i].name);
		jx_set(role, "AssumeRolePolicyDocument", account_unread("denied", NULL));
		INT_EQ(reach_trusts(reach, role), REACH_TRUST_UNREAD, "trust: %s: unread",
		       rows[i].name);
		reach_free(reach);
	}
}

static void test_unread(void)
{
	json_auto_t *account = account_with(ANY, "", "");
	json_t *user = account_find(account, PRINCIPAL_USER, "mallory");

	jx_set(user, "AttachedManagedPolicies", account_unread("denied", "AccessDenied"));
	jx_set(user, "GroupList", js("['ghosts']"));
	json_auto_t *document = reach_of(account, (struct reach_query){0},
					 (struct reach_options){0});
	JS_EQ(json_object_get(document, "unread"), "['the attached policies','group ghosts']",
	      "what was not read is said");
	OK(!reach_new(&(struct reach_query){
		   .account = account, .kind = PRINCIPAL_USER, .name = "nobody"}),
	   "nobody of that name");
}

static void test_actions(void)
{
	static const struct {
		const char *text, *error;
		long long known;
	} rows[] = {
		{"s3:GetObject\nec2:RunInstances\tWrite\tinstance*\n", NULL, 2},
		{"# a list\n\ns3:GetObject\tRead\t\r\n", NULL, 1},
		{"", NULL, 0},
		{"s3:GetObject\nnonsense\n", "list:2: no service:Action", 0},
		{"s3:\n", "list:1: no service:Action", 0},
		{"s3:Get Object\n", "list:1: no service:Action", 0},
	};
	json_auto_t *account = account_with(ANY, "", "");
	const struct reach_query query = {
		.account = account, .kind = PRINCIPAL_USER, .name = "mallory", .now = NOW};
	struct reach *reach = reach_new(&query);

	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct reach_options options = {.actions = rows[i].text,
						      .actions_length = strlen(rows[i].text),
						      .actions_name = "list",
						      .all = true};
		struct err err = ERR_INIT;
		json_auto_t *document = reach_document(reach, &options, &err);
		STR_EQ(document ? NULL : err.message, rows[i].error, "list %zu", i);
		INT_EQ(number(document, "known"), rows[i].known, "list %zu: known", i);
		INT_EQ(json_array_size(json_object_get(document, "actions")), rows[i].known,
		       "list %zu: each is shown", i);
	}
	reach_free(reach);
}

static json_t *shipped(const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), "playbooks/policies/aws/%s.json", name);
	const struct embedded_file *file = embedded_find(path);
	json_t *document = file ? jx_read_lenient(file->bytes, file->length) : NULL;
	if (!document)
		bail(path, "it is not there");
	return document;
}

/* The change of 2024-10-02 in both policies: 29 actions, five of them Bedrock's. */
static void test_policy_diff(void)
{
	static const struct {
		const char *old, *new;
		size_t added, removed, closes, opens;
		long long denied;
	} rows[] = {
		{"AWSCompromisedKeyQuarantineV2@v4", "AWSCompromisedKeyQuarantineV2@v5", 29, 0, 29,
		 0, 143},
		{"AWSCompromisedKeyQuarantineV3@v1", "AWSCompromisedKeyQuarantineV3@v2", 29, 0, 29,
		 0, 143},
		{"AWSCompromisedKeyQuarantineV2@v5", "AWSCompromisedKeyQuarantineV2@v4", 0, 29, 0,
		 29, 114},
		{"AWSCompromisedKeyQuarantineV2@v5", "AWSCompromisedKeyQuarantineV3@v2", 0, 0, 0, 0,
		 143},
		/* The last of the ten is denied under a condition alone. */
		{"AWSCompromisedKeyQuarantineV3@v2", "AWSCompromisedKeyQuarantineV3@v3", 10, 0, 10,
		 0, 152},
		{"AWSCompromisedKeyQuarantine@v1", "AWSDenyAll@v2", 1, 28, 22008, 0, 22090},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		json_auto_t *old = shipped(rows[i].old);
		json_auto_t *new = shipped(rows[i].new);
		json_auto_t *diff = reach_policy_diff(old, new);
		const json_t *actions = json_object_get(diff, "actions");
		INT_EQ(json_array_size(json_object_get(actions, "added")), rows[i].added,
		       "%s to %s: added", rows[i].old, rows[i].new);
		INT_EQ(json_array_size(json_object_get(actions, "removed")), rows[i].removed,
		       "%s to %s: removed", rows[i].old, rows[i].new);
		INT_EQ(json_array_size(json_object_get(diff, "closes")), rows[i].closes,
		       "%s to %s: closes", rows[i].old, rows[i].new);
		INT_EQ(json_array_size(json_object_get(diff, "opens")), rows[i].opens,
		       "%s to %s: opens", rows[i].old, rows[i].new);
		INT_EQ(number(json_object_get(diff, "denied"), "new"), rows[i].denied,
		       "%s to %s: denied", rows[i].old, rows[i].new);
	}
}

/* What an Allow names must be something that the action can be about. */
static void test_forms(void)
{
#define ON(what) "{'Effect':'Allow','Action':'*','Resource':'" what "'}"
#define IAM "arn:aws:iam::" ACCOUNT ":"
	static const struct {
		const char *statement, *action, *want; /* "Allow!": on some resources only */
	} rows[] = {
		{ON("arn:aws:s3:::b/*"), "iam:AttachUserPolicy", "ImplicitDeny"},
		{ON("arn:aws:s3:::b/*"), "s3:GetObject", "Allow!"},
		{ON("arn:aws:s3:::b/*"), "s3tables:GetTable", "ImplicitDeny"},
		{ON("arn:aws:s3:::b/*"), "ssm:StartSession", "ImplicitDeny"},
		{ON("arn:aws:s3:::b/*"), "sts:AssumeRole", "ImplicitDeny"},
		/* The resources of these services are another's, or anybody's. */
		{ON("arn:aws:ec2:*:*:instance/*"), "ssm:StartSession", "Allow!"},
		{ON("arn:aws:ec2:*:*:instance/*"), "ec2-instance-connect:SendSSHPublicKey",
		 "Allow!"},
		{ON("arn:aws:ec2:*:*:snapshot/*"), "backup:CopyIntoBackupVault", "Allow!"},
		{ON("arn:aws:execute-api:*:*:*"), "execute-api:Invoke", "Allow!"},
		{ON("arn:aws:iam::*:role/x"), "ssm:SendCommand", "ImplicitDeny"},
		{ON("arn:aws:x:::y"), "unheard-of:Action", "Allow!"},
		{ON("arn:aws:iam::*:role/x"), "sts:AssumeRole", "Allow!"},
		{ON("arn:aws:iam::*:role/x"), "sts:GetFederationToken", "ImplicitDeny"},
		{ON("arn:aws:sts::*:federated-user/x"), "sts:GetFederationToken", "Allow!"},
		/* The types of IAM. */
		{ON(IAM "user/mallory"), "iam:CreateAccessKey", "Allow!"},
		{ON(IAM "user/mallory"), "iam:UpdateAssumeRolePolicy", "ImplicitDeny"},
		{ON(IAM "user/mallory"), "IAM:attachrolepolicy", "ImplicitDeny"},
		{ON(IAM "user/mallory"), "iam:AddUserToGroup", "ImplicitDeny"},
		{ON(IAM "user/mallory"), "iam:SimulatePrincipalPolicy", "Allow!"},
		{ON(IAM "user/mallory"), "iam:ActionOfTomorrow", "Allow!"},
		{ON(IAM "mfa/*"), "iam:DeleteVirtualMFADevice", "Allow!"},
		{ON(IAM "*"), "iam:DeleteVirtualMFADevice", "Allow"},
		{ON(IAM "user/*"), "iam:CreateAccessKey", "Allow"},
		{ON("arn:aws:iam::*:user/*"), "iam:CreateAccessKey", "Allow"},
		{ON("arn:aws:iam::999999999999:user/*"), "iam:CreateAccessKey", "Allow!"},
		{ON("arn:aws:iam::*:u*"), "iam:CreateAccessKey", "Allow"},
		{ON("arn:aws:iam::*:user/a:b/*"), "iam:CreateAccessKey", "Allow!"},
		{ON("arn:aws:iam::*:*/x"), "iam:CreateAccessKey", "Allow!"},
		{ON("arn:aws:iam::*:?ser/x"), "iam:CreateAccessKey", "Allow!"},
		{ON("arn:aws:iam::*:?ole/x"), "iam:CreateAccessKey", "ImplicitDeny"},
		{ON("arn:aws:iam::*:user/${aws:username}"), "iam:CreateAccessKey", "Allow!"},
		{ON("arn:aws:iam::*:${aws:userid}"), "iam:CreateAccessKey", "Allow!"},
		/* Fewer parts mean any, and a '*' may cross the colons. */
		{ON("arn:aws:iam"), "iam:CreateAccessKey", "Allow"},
		{ON("arn:aws:s3"), "iam:CreateAccessKey", "ImplicitDeny"},
		{ON("arn*"), "iam:CreateAccessKey", "Allow"},
		{ON("arn:aws:*:user/x"), "iam:CreateAccessKey", "Allow!"},
		{ON("*user/x"), "iam:CreateAccessKey", "Allow!"},
		{ON("*:role/x"), "iam:CreateAccessKey", "ImplicitDeny"},
		{ON("s3:*"), "iam:CreateAccessKey", "ImplicitDeny"},
		{ON(""), "iam:CreateAccessKey", "ImplicitDeny"},
		/* What is left out is not looked into. */
		{"{'Effect':'Allow','Action':'*','NotResource':'" IAM "user/*'}",
		 "iam:CreateAccessKey", "Allow!"},
		{"{'Effect':'Allow','Action':'*','NotResource':'*'}", "iam:CreateAccessKey",
		 "ImplicitDeny"},
		/* The widest statement counts, wherever it stands. */
		{ON(IAM "user/x") "," ON("*"), "iam:CreateAccessKey", "Allow"},
		{ON(IAM "role/x") "," ON(IAM "user/x"), "iam:CreateAccessKey", "Allow!"},
		/* A Deny is as strict as ever: it must be of everything. */
		{ON("*") ",{'Effect':'Deny','Action':'*','Resource':'" IAM "user/x'}",
		 "iam:CreateAccessKey", "Allow"},
		{ON(IAM "user/x") ",{'Effect':'Deny','Action':'*','Resource':'" IAM "user/*'}",
		 "iam:CreateAccessKey", "ExplicitDeny"},
		{ON("*") ",{'Effect':'Deny','Action':'*','Resource':'*'}", "iam:CreateAccessKey",
		 "ExplicitDeny"},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		char policy[1024];
		char got[32];
		struct reach_answer answer;
		snprintf(policy, sizeof(policy), "{'Version':'2012-10-17','Statement':[%s]}",
			 rows[i].statement);
		json_auto_t *account = account_with(policy, "", "");
		const struct reach_query query = {
			.account = account, .kind = PRINCIPAL_USER, .name = "mallory", .now = NOW};
		struct reach *reach = reach_new(&query);
		reach_may(reach, rows[i].action, NULL, &answer);
		snprintf(got, sizeof(got), "%s%s", policy_effect_name(answer.may.effect),
			 answer.bounded ? "!" : "");
		STR_EQ(got, rows[i].want, "%s by %s", rows[i].action, rows[i].statement);
		reach_free(reach);
	}
}

/* The counts, the paths and what undoes say no more than the statements can grant. */
static void test_bounded(void)
{
	static const struct {
		const char *name, *policy;
		long long allowed, bounded, iam;
		size_t paths;
	} rows[] = {
		{"objects of one bucket", "{'Statement':" ON("arn:aws:s3:::b/*") "}", 353, 351, 0,
		 0},
		{"oneself", "{'Statement':" ON(IAM "user/mallory") "}", -1, -1, 50, 22},
		{"users", "{'Statement':" ON(IAM "user/*") "}", -1, -1, 50, 22},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		json_auto_t *account = account_with(rows[i].policy, "", "");
		json_auto_t *got = reach_of(account, (struct reach_query){0},
					    (struct reach_options){0});
		const json_t *undo = json_object_get(got, "undo");
		if (rows[i].allowed >= 0) {
			INT_EQ(number(got, "allowed"), rows[i].allowed, "%s: allowed",
			       rows[i].name);
			INT_EQ(number(got, "bounded"), rows[i].bounded, "%s: bounded",
			       rows[i].name);
			INT_EQ(json_array_size(undo), 0, "%s: undoes nothing", rows[i].name);
		} else {
			OK(!jx_find(undo, "action", "iam:UpdateAssumeRolePolicy", NULL) &&
				   jx_find(undo, "action", "iam:CreateAccessKey", NULL),
			   "%s: undoes by users alone", rows[i].name);
		}
		INT_EQ(number(got, "conditional"), 0, "%s: conditional", rows[i].name);
		INT_EQ(number(json_object_get(got, "by_service"), "iam"), rows[i].iam, "%s: of IAM",
		       rows[i].name);
		INT_EQ(open_paths(got, ""), rows[i].paths, "%s: paths", rows[i].name);
	}
	json_auto_t *account = account_with("{'Statement':" ON(IAM "user/mallory") "}", "", "");
	json_auto_t *got = reach_of(account, (struct reach_query){0},
				    (struct reach_options){.action = "iam:CreateAccessKey"});
	JS_EQ(jx_at(got, "decision", "on", NULL), "['" IAM "user/mallory']", "the bounds");
	OK(!jx_at(got, "decision", "within", NULL), "which are its own");
}

/* The list of actions and the table of what they are about agree. */
static void test_types(void)
{
	json_auto_t *nobody = account_with("{'Statement':" ON(IAM "nothing/x") "}", "", "");
	json_auto_t *got = reach_of(nobody, (struct reach_query){0}, (struct reach_options){0});

	INT_EQ(number(json_object_get(got, "by_service"), "iam"), 0,
	       "every action of IAM that has resources has types");
}

/* Whose containment it is, its own or another's, does not matter: of roles and users alike. */
static void test_undo(void)
{
	static const char *const all[] = {
		"iam:UpdateAccessKey",
		"iam:CreateAccessKey",
		"iam:DeleteUserPolicy",
		"iam:DetachUserPolicy",
		"iam:DeleteUserPermissionsBoundary",
		"iam:PutUserPermissionsBoundary",
		"iam:PutUserPolicy",
		"iam:AttachUserPolicy",
		"iam:DeleteRolePermissionsBoundary",
		"iam:PutRolePermissionsBoundary",
		"iam:PutRolePolicy",
		"iam:AttachRolePolicy",
		"iam:CreatePolicyVersion",
		"iam:SetDefaultPolicyVersion",
		"iam:AddUserToGroup",
		"iam:RemoveUserFromGroup",
		"iam:PutGroupPolicy",
		"iam:DeleteGroupPolicy",
		"iam:DetachGroupPolicy",
		"iam:CreateLoginProfile",
		"iam:UpdateLoginProfile",
		"iam:UpdateAssumeRolePolicy",
		"iam:DeleteRolePolicy",
		"iam:DetachRolePolicy",
		"sts:AssumeRole",
		"organizations:LeaveOrganization",
		"organizations:DetachPolicy",
		"iam:CreateServiceSpecificCredential",
		"iam:UploadSigningCertificate",
		"rolesanywhere:CreateProfile",
		"ec2-instance-connect:SendSSHPublicKey",
		"ssm:StartSession",
		"ssm:SendCommand",
	};
	json_auto_t *account = account_with(
		"{'Statement':{'Effect':'Allow','Action':'iam:UpdateAccessKey','Resource':"
		"'" IAM "user/another'}}",
		"", ROLE("r", TRUST("{'AWS':'" ACCOUNT "'}"), ANY));
	json_auto_t *role = reach_of(account,
				     (struct reach_query){.kind = PRINCIPAL_ROLE, .name = "r"},
				     (struct reach_options){0});
	json_auto_t *user = reach_of(account, (struct reach_query){0}, (struct reach_options){0});
	const json_t *undo = json_object_get(role, "undo");

	for (size_t i = 0; i < COUNT(all); i++)
		OK(jx_find(undo, "action", all[i], NULL), "a role undoes by %s", all[i]);
	INT_EQ(json_array_size(undo), COUNT(all), "and by nothing else");
	undo = json_object_get(user, "undo");
	INT_EQ(json_array_size(undo), 1, "one user may do one thing to another");
	JS_EQ(jx_at(jx_find(undo, "action", "iam:UpdateAccessKey", NULL), "on", NULL),
	      "['" IAM "user/another']", "and to whom");
}

int main(void)
{
	test_undo();
	test_forms();
	test_bounded();
	test_types();
	test_policy_diff();
	test_quarantine();
	test_decisions();
	test_roles();
	test_between();
	test_pass_role();
	test_contained();
	test_more_denies();
	test_partly_read();
	test_saved_boundary();
	test_trusts();
	test_unread();
	test_actions();
	return tap_done();
}
