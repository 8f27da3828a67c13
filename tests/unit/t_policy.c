// SPDX-License-Identifier: Apache-2.0
#include "cordon/policy.h"

#include "cordon/text.h"
#include "fixture.h"

#include <unistd.h>

#define ME "arn:aws:iam::111122223333:user/dev/mallory"
#define ACCOUNT "111122223333"

static time_t at(const char *text)
{
	time_t seconds = 0;

	if (text_parse_time(text, &seconds))
		bail(text, "no time");
	return seconds;
}

static void test_arn(void)
{
	static const struct {
		const char *input, *want; /* want: the parts with |, or NULL */
	} rows[] = {
		{ME, "aws|iam||111122223333|user/dev/mallory"},
		{"arn:aws-cn:sts::111122223333:assumed-role/r/s",
		 "aws-cn|sts||111122223333|assumed-role/r/s"},
		{"arn:aws:iam::aws:policy/AWSDenyAll", "aws|iam||aws|policy/AWSDenyAll"},
		{"arn:aws:s3:::bucket/key:with:colons", "aws|s3|||bucket/key:with:colons"},
		{"arn:aws:sns:eu-west-1:111122223333:topic",
		 "aws|sns|eu-west-1|111122223333|topic"},
		{"arn:aws:iam::111122223333:root", "aws|iam||111122223333|root"},
		{"", NULL},
		{"arn", NULL},
		{"arn:", NULL},
		{"arn:aws:iam::111122223333", NULL},
		{"arn:aws:iam::111122223333:", NULL},
		{"arn::iam::111122223333:root", NULL},
		{"arn:aws:::111122223333:root", NULL},
		{"ARN:aws:iam::111122223333:root", NULL},
		{" arn:aws:iam::111122223333:root", NULL},
		{"arn:aws-a-partition-of-31-character:iam::1:r",
		 "aws-a-partition-of-31-character|iam||1|r"},
		{"arn:aws-a-partition-of-32-characters:iam::1:r", NULL},
		{"arn:aws:iam::11112222333344445:root", NULL},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct arn arn = {.resource = "untouched"};
		char got[512];

		if (arn_parse(rows[i].input, &arn)) {
			OK(!rows[i].want, "arn row %zu '%s': refused", i, rows[i].input);
			STR_EQ(arn.resource, "untouched", "arn row %zu: nothing was written", i);
			continue;
		}
		snprintf(got, sizeof(got), "%s|%s|%s|%s|%s", arn.partition, arn.service, arn.region,
			 arn.account, arn.resource);
		STR_EQ(got, rows[i].want, "arn row %zu", i);
	}
	struct arn arn;
	OK(arn_parse(NULL, &arn) == -1, "no text is no ARN");
}

static void test_glob(void)
{
	static const struct {
		const char *pattern, *text;
		bool nocase, want;
	} rows[] = {
		{"", "", false, true},
		{"", "a", false, false},
		{"*", "", false, true},
		{"*", "anything:at/all", false, true},
		{"**", "", false, true},
		{"?", "", false, false},
		{"?", "a", false, true},
		{"a?c", "abc", false, true},
		{"a?c", "ac", false, false},
		{"a*c", "ac", false, true},
		{"a*c", "abcbc", false, true},
		{"a*c", "abcb", false, false},
		{"*abc", "ababc", false, true},
		{"*ab*ab", "abab", false, true},
		{"*ab*ab", "aab", false, false},
		{"s3:Get*", "s3:GetObject", false, true},
		{"S3:gET*", "s3:GetObject", true, true},
		{"S3:gET*", "s3:GetObject", false, false},
		{"s3:Get*", "s3:PutObject", true, false},
		{"arn:aws:iam::*:role/ops-*", "arn:aws:iam::111122223333:role/ops-x/y", false,
		 true},
		{"a[b]", "ab", false, false},
		{"a[b]", "a[b]", false, true},
		{"a\\*", "a*", false, false},
		{"*?", "", false, false},
		{"?*", "x", false, true},
		{"abc", "abcd", false, false},
		{"abcd", "abc", false, false},
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		INT_EQ(policy_glob(rows[i].pattern, rows[i].text, rows[i].nocase), rows[i].want,
		       "glob row %zu: '%s' on '%s'", i, rows[i].pattern, rows[i].text);
}

/* The patterns on which a matcher that goes back to every '*' never ends. The alarm ends us. */
static void test_glob_ends(void)
{
	enum { STARS = 100, LENGTH = 20000 };
	static char pattern[3 * STARS + 2];
	static char text[LENGTH + 1];

	memset(text, 'a', LENGTH);
	for (int i = 0; i < STARS; i++)
		memcpy(pattern + 3 * i, "a*a", 3);
	alarm(60);
	OK(policy_glob(pattern, text, false), "a*aa*a.. on many a");
	pattern[3 * STARS] = 'b';
	OK(!policy_glob(pattern, text, false), "a*aa*a..b on many a");
	OK(!policy_glob(pattern, text, true), "a*aa*a..b on many a, any case");
	memset(pattern, '*', 3 * STARS);
	OK(!policy_glob(pattern, text, false), "***..b on many a");
	memset(pattern, '?', 3 * STARS);
	OK(!policy_glob(pattern, text, false), "??? on more");
	alarm(0);
}

/* A Deny of everything, in two halves around what a row adds. */
#define DENY(more) "{'Effect':'Deny','Action':'*','Resource':'*'" more "}"
#define DOCUMENT(statement) "{'Version':'2012-10-17','Statement':" statement "}"

static void test_denies_all(void)
{
	static const struct {
		const char *name, *input;
		bool want;
	} rows[] = {
		{"one statement", DOCUMENT(DENY("")), true},
		{"a list", DOCUMENT("[" DENY("") "]"), true},
		{"the second of a list",
		 DOCUMENT("[{'Effect':'Allow','Action':'*','Resource':'*'}," DENY("") "]"), true},
		{"old version", "{'Version':'2008-10-17','Statement':" DENY("") "}", true},
		{"no version", "{'Statement':" DENY("") "}", true},
		{"lists of one", DOCUMENT("[{'Effect':'Deny','Action':['*'],'Resource':['*']}]"),
		 true},
		{"a star among others",
		 DOCUMENT("{'Effect':'Deny','Action':['s3:*','*'],'Resource':['x','*']}"), true},
		{"*:*", DOCUMENT("{'Effect':'Deny','Action':'*:*','Resource':'*'}"), true},
		{"a Sid", DOCUMENT(DENY(",'Sid':'CordonX'")), true},
		{"a late-bound Sid", DOCUMENT(DENY(",'Sid':{'$cutoff':0,'sid':'Cordon'}")), true},
		{"an empty condition", DOCUMENT(DENY(",'Condition':{}")), true},
		{"Allow", DOCUMENT("{'Effect':'Allow','Action':'*','Resource':'*'}"), false},
		{"effect in small letters",
		 DOCUMENT("{'Effect':'deny','Action':'*','Resource':'*'}"), false},
		{"no effect", DOCUMENT("{'Action':'*','Resource':'*'}"), false},
		{"one service", DOCUMENT("{'Effect':'Deny','Action':'s3:*','Resource':'*'}"),
		 false},
		{"resource *:*", DOCUMENT("{'Effect':'Deny','Action':'*','Resource':'*:*'}"),
		 false},
		{"one resource",
		 DOCUMENT("{'Effect':'Deny','Action':'*','Resource':'arn:aws:s3:::b'}"), false},
		{"no resource", DOCUMENT("{'Effect':'Deny','Action':'*'}"), false},
		{"no action", DOCUMENT("{'Effect':'Deny','Resource':'*'}"), false},
		{"NotAction", DOCUMENT("{'Effect':'Deny','NotAction':'iam:*','Resource':'*'}"),
		 false},
		{"NotAction beside Action", DOCUMENT(DENY(",'NotAction':'iam:*'")), false},
		{"NotResource", DOCUMENT("{'Effect':'Deny','Action':'*','NotResource':'x'}"),
		 false},
		{"NotResource beside Resource", DOCUMENT(DENY(",'NotResource':'x'")), false},
		{"a principal", DOCUMENT(DENY(",'Principal':'*'")), false},
		{"an unknown member", DOCUMENT(DENY(",'Unless':'x'")), false},
		{"a condition", DOCUMENT(DENY(",'Condition':{'Bool':{'aws:SecureTransport':'x'}}")),
		 false},
		{"an empty operator", DOCUMENT(DENY(",'Condition':{'Bool':{}}")), false},
		{"a condition of another type", DOCUMENT(DENY(",'Condition':[]")), false},
		{"a condition null", DOCUMENT(DENY(",'Condition':null")), false},
		{"empty lists", DOCUMENT("{'Effect':'Deny','Action':[],'Resource':[]}"), false},
		{"numbers", DOCUMENT("{'Effect':'Deny','Action':1,'Resource':2}"), false},
		{"no statement", "{'Version':'2012-10-17'}", false},
		{"an empty list", DOCUMENT("[]"), false},
		{"a list of lists", DOCUMENT("[[" DENY("") "]]"), false},
		{"a text", DOCUMENT("'Deny'"), false},
		{"another name", "{'statement':" DENY("") "}", false},
		{"no object", "[" DENY("") "]", false},
		{"null", "null", false},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		json_auto_t *document = js(rows[i].input);

		INT_EQ(policy_denies_all(document), rows[i].want, "denies all: %s", rows[i].name);
	}
	OK(!policy_denies_all(NULL), "denies all: no document");
}

#define USERID "AROAEXAMPLEROLEID0000:thief"
#define BOUND(more) DOCUMENT("[" DENY(",'Condition':{" more "}") "]")

static void test_denies_userid(void)
{
	static const struct {
		const char *name, *input;
		bool want;
	} rows[] = {
		{"this one", BOUND("'StringEquals':{'aws:userid':'" USERID "'}"), true},
		{"a list of one", BOUND("'StringEquals':{'aws:userid':['" USERID "']}"), true},
		{"one of a list", BOUND("'StringEquals':{'aws:userid':['x','" USERID "']}"), true},
		{"the key in another case", BOUND("'StringEquals':{'aws:UserId':'" USERID "'}"),
		 true},
		{"another session", BOUND("'StringEquals':{'aws:userid':'AROAEXAMPLE:owner'}"),
		 false},
		{"the value in another case",
		 BOUND("'StringEquals':{'aws:userid':'aroaexampleroleid0000:thief'}"), false},
		{"a pattern under StringEquals", BOUND("'StringEquals':{'aws:userid':'*'}"), false},
		{"another operator", BOUND("'StringNotEquals':{'aws:userid':'" USERID "'}"), false},
		{"another key", BOUND("'StringEquals':{'aws:username':'" USERID "'}"), false},
		{"one more key",
		 BOUND("'StringEquals':{'aws:userid':'" USERID "','aws:SourceIp':'1.2.3.4'}"),
		 false},
		{"one more operator",
		 BOUND("'StringEquals':{'aws:userid':'" USERID "'},'Bool':{'aws:x':'true'}"),
		 false},
		{"no value", BOUND("'StringEquals':{'aws:userid':[]}"), false},
		{"a number", BOUND("'StringEquals':{'aws:userid':5}"), false},
		{"no condition", DOCUMENT(DENY("")), false},
		{"not everything",
		 DOCUMENT("{'Effect':'Deny','Action':'s3:*','Resource':'*','Condition':"
			  "{'StringEquals':{'aws:userid':'" USERID "'}}}"),
		 false},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		json_auto_t *document = js(rows[i].input);

		INT_EQ(policy_denies_userid(document, USERID), rows[i].want, "denies userid: %s",
		       rows[i].name);
		OK(!policy_denies_all(document) || !rows[i].want,
		   "denies userid: %s: is not a deny of all", rows[i].name);
	}
}

#define ISSUED(value) "'DateLessThan':{'aws:TokenIssueTime':" value "}"

static void test_cutoff(void)
{
	static const struct {
		const char *name, *input, *userid, *want; /* want: a time, "late", or NULL */
	} rows[] = {
		{"the console's", BOUND(ISSUED("'2026-07-14T10:15:30.000Z'")), NULL,
		 "2026-07-14T10:15:30Z"},
		{"a list of one", BOUND(ISSUED("['2026-07-14T10:15:30Z']")), NULL,
		 "2026-07-14T10:15:30Z"},
		{"an offset", BOUND(ISSUED("'2026-07-14T12:15:30+02:00'")), NULL,
		 "2026-07-14T10:15:30Z"},
		{"an epoch", BOUND(ISSUED("1784024130")), NULL, "2026-07-14T10:15:30Z"},
		{"late-bound", BOUND(ISSUED("{'$cutoff':30}")), NULL, "late"},
		{"the key in another case",
		 BOUND("'DateLessThan':{'AWS:tokenissuetime':'2026-07-14T10:15:30Z'}"), NULL,
		 "2026-07-14T10:15:30Z"},
		{"the latest of several statements",
		 DOCUMENT("[" DENY(",'Condition':{" ISSUED("'2026-07-14T10:00:00Z'") "}") "," DENY(
			 ",'Condition':{" ISSUED(
				 "'2026-07-14T11:00:00Z'") "}") "," DENY(",'Condition':{" ISSUED("'2026-07-14T09:00:00Z'") "}") "]"),
		 NULL, "2026-07-14T11:00:00Z"},
		{"late-bound is later than any",
		 DOCUMENT("[" DENY(",'Condition':{" ISSUED("{'$cutoff':30}") "}") "," DENY(
			 ",'Condition':{" ISSUED("'2099-07-14T11:00:00Z'") "}") "]"),
		 NULL, "late"},
		{"for a session, asked for it",
		 BOUND("'StringEquals':{'aws:userid':'" USERID
		       "'}," ISSUED("'2026-07-14T10:15:30Z'")),
		 USERID, "2026-07-14T10:15:30Z"},
		{"for a session, asked for all",
		 BOUND("'StringEquals':{'aws:userid':'" USERID
		       "'}," ISSUED("'2026-07-14T10:15:30Z'")),
		 NULL, NULL},
		{"for another session",
		 BOUND("'StringEquals':{'aws:userid':'x'}," ISSUED("'2026-07-14T10:15:30Z'")),
		 USERID, NULL},
		{"for all, asked for a session", BOUND(ISSUED("'2026-07-14T10:15:30Z'")), USERID,
		 "2026-07-14T10:15:30Z"},
		{"one more condition",
		 BOUND("'Bool':{'aws:x':'true'}," ISSUED("'2026-07-14T10:15:30Z'")), NULL, NULL},
		{"one more key",
		 BOUND("'DateLessThan':{'aws:TokenIssueTime':'2026-07-14T10:15:30Z','aws:x':'y'}"),
		 NULL, NULL},
		{"another key", BOUND("'DateLessThan':{'aws:CurrentTime':'2026-07-14T10:15:30Z'}"),
		 NULL, NULL},
		{"another operator",
		 BOUND("'DateGreaterThan':{'aws:TokenIssueTime':'2026-07-14T10:15:30Z'}"), NULL,
		 NULL},
		{"if exists",
		 BOUND("'DateLessThanIfExists':{'aws:TokenIssueTime':'2026-07-14T10:15:30Z'}"),
		 NULL, NULL},
		{"no time", BOUND(ISSUED("'yesterday'")), NULL, NULL},
		{"an empty list", BOUND(ISSUED("[]")), NULL, NULL},
		{"a real number", BOUND(ISSUED("1784024130.5")), NULL, NULL},
		{"several texts", BOUND(ISSUED("['2026-07-14T10:15:30Z','2026-07-14T11:15:30Z']")),
		 NULL, NULL},
		{"no condition", DOCUMENT(DENY("")), NULL, NULL},
		{"not everything",
		 DOCUMENT("{'Effect':'Deny','NotAction':'x','Resource':'*','Condition':{" ISSUED(
			 "'2026-07-14T10:15:30Z'") "}}"),
		 NULL, NULL},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		json_auto_t *document = js(rows[i].input);
		char text[TEXT_TIME_SIZE];
		time_t cutoff = 0;

		if (!policy_cutoff(document, rows[i].userid, &cutoff)) {
			OK(!rows[i].want, "cutoff: %s: none", rows[i].name);
			continue;
		}
		text_time(cutoff, text);
		STR_EQ(cutoff == POLICY_LATE ? "late" : text, rows[i].want, "cutoff: %s",
		       rows[i].name);
	}
}

static void test_stamp(void)
{
	static const struct {
		const char *name, *input, *want;
	} rows[] = {
		{"ours", DOCUMENT("[" DENY(",'Sid':'Cordon20260714T101500Z'") "]"),
		 "2026-07-14T10:15:00Z"},
		{"ours, one statement", DOCUMENT(DENY(",'Sid':'Cordon20260714T101500Z'")),
		 "2026-07-14T10:15:00Z"},
		{"the second",
		 DOCUMENT("[" DENY(",'Sid':'x'") "," DENY(",'Sid':'Cordon20260714T101500Z'") "]"),
		 "2026-07-14T10:15:00Z"},
		{"late-bound", DOCUMENT(DENY(",'Sid':{'$cutoff':0,'sid':'Cordon'}")), "late"},
		{"no time", DOCUMENT(DENY(",'Sid':'CordonDeny'")), NULL},
		{"no such day", DOCUMENT(DENY(",'Sid':'Cordon20260230T101500Z'")), NULL},
		{"another's", DOCUMENT(DENY(",'Sid':'Deny20260714T101500Z'")), NULL},
		{"more after it", DOCUMENT(DENY(",'Sid':'Cordon20260714T101500Zx'")), NULL},
		{"no Sid", DOCUMENT(DENY("")), NULL},
		{"a number", DOCUMENT(DENY(",'Sid':5")), NULL},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		json_auto_t *document = js(rows[i].input);
		char text[TEXT_TIME_SIZE];
		time_t stamp = 0;

		if (!policy_stamp(document, &stamp)) {
			OK(!rows[i].want, "stamp: %s: none", rows[i].name);
			continue;
		}
		text_time(stamp, text);
		STR_EQ(stamp == POLICY_LATE ? "late" : text, rows[i].want, "stamp: %s",
		       rows[i].name);
	}
}

#define ALLOW(action, resource) \
	DOCUMENT("[{'Effect':'Allow','Action':" action ",'Resource':" resource "}]")
#define ROLE "arn:aws:iam::111122223333:role/ops/deploy"

static void test_may_allow(void)
{
	static const struct {
		const char *name, *input;
		bool want;
	} rows[] = {
		{"literal", ALLOW("'sts:AssumeRole'", "'" ROLE "'"), true},
		{"action in another case", ALLOW("'STS:assumerole'", "'" ROLE "'"), true},
		{"resource in another case",
		 ALLOW("'sts:AssumeRole'", "'arn:aws:iam::111122223333:role/ops/Deploy'"), false},
		{"wildcards", ALLOW("'sts:*'", "'arn:aws:iam::*:role/ops/*'"), true},
		{"everything", ALLOW("'*'", "'*'"), true},
		{"lists", ALLOW("['s3:*','sts:Assume*']", "['x','*']"), true},
		{"a condition counts as met",
		 DOCUMENT("{'Effect':'Allow','Action':'*','Resource':'*','Condition':{'Bool':"
			  "{'aws:MultiFactorAuthPresent':'true'}}}"),
		 true},
		{"NotAction", DOCUMENT("{'Effect':'Allow','NotAction':'iam:*','Resource':'*'}"),
		 true},
		{"NotAction that names it",
		 DOCUMENT("{'Effect':'Allow','NotAction':['iam:*','sts:*'],'Resource':'*'}"),
		 false},
		{"NotResource",
		 DOCUMENT("{'Effect':'Allow','Action':'*','NotResource':'arn:aws:s3:::*'}"), true},
		{"NotResource that names it",
		 DOCUMENT("{'Effect':'Allow','Action':'*','NotResource':'arn:aws:iam:*'}"), false},
		{"another action", ALLOW("'sts:AssumeRoleWithSAML'", "'*'"), false},
		{"another resource", ALLOW("'sts:AssumeRole'", "'" ROLE "s'"), false},
		{"a Deny", DOCUMENT("{'Effect':'Deny','Action':'*','Resource':'*'}"), false},
		{"no resource", DOCUMENT("{'Effect':'Allow','Action':'*'}"), false},
		{"no action", DOCUMENT("{'Effect':'Allow','Resource':'*'}"), false},
		{"no statement", "{}", false},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		json_auto_t *document = js(rows[i].input);

		INT_EQ(policy_speaks(document, "Allow", "sts:AssumeRole", ROLE, true), rows[i].want,
		       "may allow: %s", rows[i].name);
	}
}

#define TRUST(effect, principal) "{'Effect':'" effect "','Action':'sts:AssumeRole'," principal "}"

static void test_trusts(void)
{
	static const struct {
		const char *name, *input;
		enum trust want;
	} rows[] = {
		{"named", DOCUMENT("[" TRUST("Allow", "'Principal':{'AWS':'" ME "'}") "]"),
		 TRUST_NAMED},
		{"named in a list",
		 DOCUMENT(TRUST("Allow", "'Principal':{'AWS':['arn:x','" ME "']}")), TRUST_NAMED},
		{"root",
		 DOCUMENT(TRUST("Allow", "'Principal':{'AWS':'arn:aws:iam::" ACCOUNT ":root'}")),
		 TRUST_ACCOUNT},
		{"the account number",
		 DOCUMENT(TRUST("Allow", "'Principal':{'AWS':'" ACCOUNT "'}")), TRUST_ACCOUNT},
		{"another account's root",
		 DOCUMENT(TRUST("Allow", "'Principal':{'AWS':'arn:aws:iam::444455556666:root'}")),
		 TRUST_NONE},
		{"another account number",
		 DOCUMENT(TRUST("Allow", "'Principal':{'AWS':'444455556666'}")), TRUST_NONE},
		{"*", DOCUMENT(TRUST("Allow", "'Principal':'*'")), TRUST_NAMED},
		{"AWS *", DOCUMENT(TRUST("Allow", "'Principal':{'AWS':'*'}")), TRUST_NAMED},
		{"AWS [*]", DOCUMENT(TRUST("Allow", "'Principal':{'AWS':['*']}")), TRUST_NAMED},
		{"a name is no pattern",
		 DOCUMENT(TRUST("Allow", "'Principal':{'AWS':'arn:aws:iam::111122223333:user/*'}")),
		 TRUST_NONE},
		{"another user",
		 DOCUMENT(TRUST("Allow",
				"'Principal':{'AWS':'arn:aws:iam::111122223333:user/alice'}")),
		 TRUST_NONE},
		{"a service",
		 DOCUMENT(TRUST("Allow", "'Principal':{'Service':'ec2.amazonaws.com'}")),
		 TRUST_NONE},
		{"a federation", DOCUMENT(TRUST("Allow", "'Principal':{'Federated':'*'}")),
		 TRUST_NONE},
		{"named beats the account",
		 DOCUMENT("[" TRUST("Allow", "'Principal':{'AWS':'" ME "'}") "," TRUST(
			 "Allow", "'Principal':{'AWS':'" ACCOUNT "'}") "]"),
		 TRUST_NAMED},
		{"NotPrincipal of others",
		 DOCUMENT(TRUST("Allow",
				"'NotPrincipal':{'AWS':'arn:aws:iam::111122223333:user/alice'}")),
		 TRUST_NAMED},
		{"NotPrincipal of us", DOCUMENT(TRUST("Allow", "'NotPrincipal':{'AWS':'" ME "'}")),
		 TRUST_NONE},
		{"a Deny after",
		 DOCUMENT("[" TRUST("Allow", "'Principal':{'AWS':'" ME "'}") "," TRUST(
			 "Deny", "'Principal':{'AWS':'" ME "'}") "]"),
		 TRUST_NONE},
		{"a Deny before, of the account",
		 DOCUMENT("[" TRUST("Deny", "'Principal':{'AWS':'" ACCOUNT "'}") "," TRUST(
			 "Allow", "'Principal':{'AWS':'" ME "'}") "]"),
		 TRUST_NONE},
		{"a Deny of everyone but others",
		 DOCUMENT("[" TRUST("Allow", "'Principal':'*'") "," TRUST(
			 "Deny", "'NotPrincipal':{'AWS':'arn:aws:iam::1:user/x'}") "]"),
		 TRUST_NONE},
		{"a Deny of another",
		 DOCUMENT(
			 "[" TRUST("Deny", "'Principal':{'AWS':'arn:aws:iam::1:user/x'}") "," TRUST(
				 "Allow", "'Principal':{'AWS':'" ME "'}") "]"),
		 TRUST_NAMED},
		{"a Deny with a condition does not count",
		 DOCUMENT(
			 "[" TRUST("Deny", "'Principal':'*','Condition':{'Bool':{'aws:x':'y'}}") "," TRUST(
				 "Allow", "'Principal':{'AWS':'" ME "'}") "]"),
		 TRUST_NAMED},
		{"an Allow with a condition counts",
		 DOCUMENT(TRUST("Allow",
				"'Principal':{'AWS':'" ME "'},'Condition':{'Bool':{'a':1}}")),
		 TRUST_NAMED},
		{"sts:*", DOCUMENT("{'Effect':'Allow','Action':'sts:*','Principal':'*'}"),
		 TRUST_NAMED},
		{"another action",
		 DOCUMENT("{'Effect':'Allow','Action':'sts:TagSession','Principal':'*'}"),
		 TRUST_NONE},
		{"no principal", DOCUMENT("{'Effect':'Allow','Action':'sts:AssumeRole'}"),
		 TRUST_NONE},
		{"nothing", "{}", TRUST_NONE},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		json_auto_t *document = js(rows[i].input);

		INT_EQ(policy_trusts(document, ME, ACCOUNT), rows[i].want, "trusts: %s",
		       rows[i].name);
	}
}

static void test_trusted(void)
{
	static const struct {
		const char *name, *input, *want;
	} rows[] = {
		{"each once, of every kind",
		 DOCUMENT(
			 "[" TRUST("Allow", "'Principal':{'AWS':['a','b'],'Service':'ec2'}") "," TRUST(
				 "Allow", "'Principal':{'AWS':'a'}") "]"),
		 "['a','b','ec2']"},
		{"everyone", DOCUMENT(TRUST("Allow", "'Principal':'*'")), "['*']"},
		{"a Deny names nobody", DOCUMENT(TRUST("Deny", "'Principal':{'AWS':'a'}")), "[]"},
		{"all but", DOCUMENT(TRUST("Allow", "'NotPrincipal':{'AWS':'a'}")),
		 "['everyone but those named by NotPrincipal']"},
		{"nothing", "{}", "[]"},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		json_auto_t *document = js(rows[i].input);
		json_auto_t *names = policy_trusted(document);

		JS_EQ(names, rows[i].want, "trusted: %s", rows[i].name);
	}
}

/* As sent: the string that AWS would give back, and what we then make of it. */
static void test_own(void)
{
	static const struct {
		const char *name;
		bool cutoff;
		const char *userid, *want;
	} rows[] = {
		{"the deny", false, NULL,
		 "{'Version':'2012-10-17','Statement':[{'Sid':'Cordon20260714T101500Z',"
		 "'Effect':'Deny','Action':'*','Resource':'*'}]}"},
		{"the deny of a session", false, USERID,
		 "{'Version':'2012-10-17','Statement':[{'Sid':'Cordon20260714T101500Z',"
		 "'Effect':'Deny','Action':'*','Resource':'*',"
		 "'Condition':{'StringEquals':{'aws:userid':'" USERID "'}}}]}"},
		{"the cutoff, as the console writes it", true, NULL,
		 "{'Version':'2012-10-17','Statement':[{'Effect':'Deny','Action':['*'],"
		 "'Resource':['*'],'Condition':{'DateLessThan':{'aws:TokenIssueTime':"
		 "'2026-07-14T10:15:30.000Z'}}}]}"},
		{"the cutoff of a session", true, USERID,
		 "{'Version':'2012-10-17','Statement':[{'Effect':'Deny','Action':['*'],"
		 "'Resource':['*'],'Condition':{'DateLessThan':{'aws:TokenIssueTime':"
		 "'2026-07-14T10:15:30.000Z'},'StringEquals':{'aws:userid':'" USERID "'}}}]}"},
	};
	time_t now = at("2026-07-14T10:15:00Z");

	for (size_t i = 0; i < COUNT(rows); i++) {
		json_auto_t *late = rows[i].cutoff ? policy_make_cutoff(30, rows[i].userid)
						   : policy_make_deny(rows[i].userid);
		json_auto_t *wrapped = jx_pack("{s:O}", "$document", late);
		json_auto_t *sent = account_bind(wrapped, now);
		json_auto_t *back = account_document(sent);
		char *want = quoted(rows[i].want);
		time_t seen = 0;

		STR_EQ(json_string_value(sent), want, "%s: the text", rows[i].name);
		OK(account_late_bound(wrapped) && !account_late_bound(sent),
		   "%s: is bound when it is sent", rows[i].name);
		OK(account_same(wrapped, sent), "%s: is the same before and after", rows[i].name);
		bool all = !rows[i].cutoff && !rows[i].userid;
		bool session = !rows[i].cutoff && rows[i].userid;
		INT_EQ(policy_denies_all(late), all, "%s: denies all, late", rows[i].name);
		INT_EQ(policy_denies_all(back), all, "%s: denies all, sent", rows[i].name);
		INT_EQ(policy_denies_userid(late, USERID), session, "%s: session", rows[i].name);
		INT_EQ(policy_denies_userid(back, USERID), session, "%s: session", rows[i].name);
		INT_EQ(policy_cutoff(back, rows[i].userid, &seen), rows[i].cutoff, "%s: cutoff",
		       rows[i].name);
		if (rows[i].cutoff)
			INT_EQ(seen, now + 30, "%s: the time", rows[i].name);
		INT_EQ(policy_stamp(back, &seen), !rows[i].cutoff, "%s: stamp", rows[i].name);
		if (!rows[i].cutoff)
			INT_EQ(seen, now, "%s: the time", rows[i].name);
		free(want);
	}
}

#define OURS "'arn:aws:iam::111122223333:root'"
#define THEIRS "'arn:aws:iam::444455556666:root'"
#define GONE "'AIDACKCEVSQ6C2EXAMPLE'"
#define TRUSTING(principal)                                                                 \
	"{'Version':'2012-10-17','Statement':[{'Effect':'Allow','Principal':" principal "," \
	"'Action':'sts:AssumeRole'}]}"
#define LOCK                                                                             \
	"{'Version':'2012-10-17','Statement':[{'Sid':'CordonLockTrust','Effect':'Deny'," \
	"'Principal':'*','Action':['sts:AssumeRole','sts:AssumeRoleWithSAML',"           \
	"'sts:AssumeRoleWithWebIdentity']}]}"

/* Who is shut out of a trust policy, and what is left of it. */
static void test_shut_out(void)
{
	static const struct {
		const char *name, *input, *named;
		bool foreign;
		const char *want, *removed;
	} rows[] = {
		{"nobody", TRUSTING("{'AWS':" OURS "}"), "[]", false, TRUSTING("{'AWS':" OURS "}"),
		 "[]"},
		{"one by name", TRUSTING("{'AWS':[" OURS "," THEIRS "]}"), "[" THEIRS "]", false,
		 TRUSTING("{'AWS':[" OURS "]}"), "[" THEIRS "]"},
		{"strangers", TRUSTING("{'AWS':[" OURS "," THEIRS "]}"), "[]", true,
		 TRUSTING("{'AWS':[" OURS "]}"), "[" THEIRS "]"},
		{"a stranger's bare account", TRUSTING("{'AWS':['444455556666'," OURS "]}"), "[]",
		 true, TRUSTING("{'AWS':[" OURS "]}"), "['444455556666']"},
		{"our bare account stays", TRUSTING("{'AWS':'111122223333'}"), "[]", true,
		 TRUSTING("{'AWS':'111122223333'}"), "[]"},
		{"everybody is a stranger", TRUSTING("'*'"), "[]", true, LOCK, "['*']"},
		{"everybody, as AWS", TRUSTING("{'AWS':'*','Service':'ec2.amazonaws.com'}"), "[]",
		 true, TRUSTING("{'Service':'ec2.amazonaws.com'}"), "['*']"},
		{"services and providers stay",
		 TRUSTING("{'Service':'ec2.amazonaws.com','Federated':'accounts.google.com'}"),
		 "[]", true,
		 TRUSTING("{'Service':'ec2.amazonaws.com','Federated':'accounts.google.com'}"),
		 "[]"},
		{"a canonical user is a stranger",
		 TRUSTING("{'CanonicalUser':'79a5','AWS':" OURS "}"), "[]", true,
		 TRUSTING("{'AWS':" OURS "}"), "['79a5']"},
		{"what exists no more goes always", TRUSTING("{'AWS':[" GONE "," OURS "]}"), "[]",
		 false, TRUSTING("{'AWS':[" OURS "]}"), "[" GONE "]"},
		{"nobody is left", TRUSTING("{'AWS':" THEIRS "}"), "[]", true, LOCK,
		 "[" THEIRS "]"},
		{"NotPrincipal lets strangers in",
		 "{'Statement':[{'Effect':'Allow','NotPrincipal':{'AWS':" OURS
		 "},'Action':'sts:AssumeRole'}]}",
		 "[]", true, LOCK, "['everyone but those named by NotPrincipal']"},
		{"a Deny of strangers stays",
		 "{'Statement':[{'Effect':'Deny','Principal':{'AWS':" THEIRS
		 "},'Action':'sts:AssumeRole'}]}",
		 "[]", true,
		 "{'Statement':[{'Effect':'Deny','Principal':{'AWS':" THEIRS
		 "},'Action':'sts:AssumeRole'}]}",
		 "[]"},
		{"a Deny of all but one who is gone is a Deny of all",
		 "{'Statement':[{'Effect':'Deny','NotPrincipal':{'AWS':" GONE
		 "},'Action':'sts:*'},{'Effect':'Allow','Principal':{'AWS':" OURS "}}]}",
		 "[]", false,
		 "{'Statement':[{'Effect':'Deny','Principal':'*','Action':'sts:*'},{'Effect':"
		 "'Allow','Principal':{'AWS':" OURS "}}]}",
		 "[" GONE "]"},
		{"one statement of two",
		 "{'Statement':[{'Effect':'Allow','Principal':{'AWS':" THEIRS
		 "}},{'Effect':'Allow','Principal':{'AWS':" OURS "}}]}",
		 "[]", true, "{'Statement':[{'Effect':'Allow','Principal':{'AWS':" OURS "}}]}",
		 "[" THEIRS "]"},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		json_auto_t *document = js(rows[i].input);
		json_auto_t *named = js(rows[i].named);
		json_auto_t *removed = json_array();
		json_auto_t *got = policy_shut_out(document, rows[i].foreign ? ACCOUNT : NULL,
						   named, removed);
		JS_EQ(got, rows[i].want, "shut out: %s", rows[i].name);
		JS_EQ(removed, rows[i].removed, "shut out: %s: who went", rows[i].name);
	}
}

static void test_restorable(void)
{
	static const struct {
		const char *input, *want, *dropped;
	} rows[] = {
		{TRUSTING("{'AWS':[" GONE "," THEIRS "]}"), TRUSTING("{'AWS':[" THEIRS "]}"),
		 "[" GONE "]"},
		{TRUSTING("{'AWS':" THEIRS "}"), TRUSTING("{'AWS':" THEIRS "}"), "[]"},
		{TRUSTING("{'AWS':" GONE "}"), NULL, "[" GONE "]"},
		/* An access key id or a name that looks like one is no unique id. */
		{TRUSTING("{'AWS':'AIDA-team'}"), TRUSTING("{'AWS':'AIDA-team'}"), "[]"},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		json_auto_t *document = js(rows[i].input);
		json_auto_t *dropped = json_array();
		json_auto_t *got = policy_restorable(document, dropped);
		if (rows[i].want)
			JS_EQ(got, rows[i].want, "restorable row %zu", i);
		else
			OK(!got, "restorable row %zu: nobody is left", i);
		JS_EQ(dropped, rows[i].dropped, "restorable row %zu: dropped", i);
	}
}

static void test_locked(void)
{
	static const struct {
		const char *input;
		bool want;
	} rows[] = {
		{LOCK, true},
		{"{'Statement':[]}", true},
		{TRUSTING("'*'"), false},
		{"{'Statement':{'Effect':'Deny','Principal':'*','Action':'sts:*'}}", true},
		/* One call is left open, or the Deny has a condition, or names not all. */
		{"{'Statement':[{'Effect':'Deny','Principal':'*','Action':'sts:AssumeRole'},"
		 "{'Effect':'Allow','Principal':'*','Action':'sts:AssumeRoleWithSAML'}]}",
		 false},
		/* A member that is not understood may narrow the Deny. */
		{"{'Statement':[{'Sid':'x','Effect':'Deny','Principal':'*','Action':'sts:*'},"
		 "{'Effect':'Allow','Principal':'*','Action':'sts:AssumeRole'}]}",
		 true},
		{"{'Statement':[{'Effect':'Deny','Principal':'*','Action':'sts:*','condition':{"
		 "'Bool':{'aws:SecureTransport':'false'}}},{'Effect':'Allow','Principal':'*',"
		 "'Action':'sts:AssumeRole'}]}",
		 false},
		{"{'Statement':[{'Effect':'Deny','Principal':'*','Action':'sts:*','NotResource':"
		 "'*'},{'Effect':'Allow','Principal':'*','Action':'sts:AssumeRole'}]}",
		 false},
		{"{'Statement':[{'Effect':'Deny','Principal':'*','Action':'sts:*','Condition':{"
		 "'Bool':{'aws:MultiFactorAuthPresent':'false'}}},{'Effect':'Allow','Principal':"
		 "'*','Action':'sts:*'}]}",
		 false},
		{"{'Statement':[{'Effect':'Deny','Principal':{'AWS':'*'},'Action':'sts:*'},"
		 "{'Effect':'Allow','Principal':{'Service':'ec2.amazonaws.com'},'Action':'sts:*'}"
		 "]}",
		 false},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		json_auto_t *document = js(rows[i].input);
		INT_EQ(policy_locked(document), rows[i].want, "locked row %zu", i);
	}
	json_auto_t *lock = policy_make_lock();
	JS_EQ(lock, LOCK, "the lock as it is sent");
}

/* What a document says of an action on one resource, or on any. */
static void test_speaks(void)
{
	static const struct {
		const char *effect, *resource;
		bool conditions, want;
	} rows[] = {
		{"Allow", "arn:a:x", false, true}, {"Allow", "arn:a:y", false, false},
		{"Allow", "arn:a:y", true, true},  {"Allow", NULL, false, true},
		{"Deny", "arn:a:z", false, true},  {"Deny", "arn:a:x", false, false},
		{"Deny", NULL, false, false},
	};
	json_auto_t *document = js(
		"{'Statement':[{'Effect':'Allow','Action':'s3:*','Resource':'arn:a:x'},"
		"{'Effect':'Allow','Action':'s3:GetObject','Resource':'*','Condition':{'Bool':{"
		"'aws:MultiFactorAuthPresent':'true'}}},"
		"{'Effect':'Deny','Action':'s3:Get*','Resource':'arn:a:z'}]}");

	for (size_t i = 0; i < COUNT(rows); i++)
		INT_EQ(policy_speaks(document, rows[i].effect, "s3:GetObject", rows[i].resource,
				     rows[i].conditions),
		       rows[i].want, "speaks row %zu", i);
	json_auto_t *all = js("{'Statement':{'Effect':'Deny','Action':'*','Resource':'*'}}");
	OK(policy_speaks(all, "Deny", "s3:GetObject", NULL, false), "a Deny of all resources");
}

/* Ours to replace is a document that says nothing but its cutoff. */
static void test_is_cutoff(void)
{
	static const struct {
		const char *input;
		bool want;
	} rows[] = {
#define BEFORE "'Condition':{'DateLessThan':{'aws:TokenIssueTime':'2026-07-14T10:15:00Z'}}"
#define CUT "{'Effect':'Deny','Action':'*','Resource':'*'," BEFORE "}"
		{"{'Statement':[" CUT "]}", true},
		{"{'Statement':" CUT "}", true},
		{"{'Statement':[" CUT ",{'Effect':'Allow','Action':'*','Resource':'*'}]}", false},
		{"{'Statement':[{'Effect':'Deny','Action':'*','Resource':'*'}]}", false},
		{"{'Statement':[{'Effect':'Deny','Action':'s3:*','Resource':'*'," BEFORE "}]}",
		 false},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		json_auto_t *document = js(rows[i].input);
		INT_EQ(policy_is_cutoff(document), rows[i].want, "is a cutoff: row %zu", i);
	}
}

int main(void)
{
	test_arn();
	test_glob();
	test_glob_ends();
	test_denies_all();
	test_denies_userid();
	test_cutoff();
	test_stamp();
	test_may_allow();
	test_trusts();
	test_trusted();
	test_own();
	test_shut_out();
	test_restorable();
	test_locked();
	test_speaks();
	test_is_cutoff();
	return tap_done();
}
