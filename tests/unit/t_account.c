// SPDX-License-Identifier: Apache-2.0
/* The account as a value: files, sections, late-bound values, and two accounts side by side. */
#include "cordon/account.h"

#include "fixture.h"

#define NUMBER "111122223333"
#define IAM "arn:aws:iam::" NUMBER ":"
#define KEY "AKIARTX3GSDSUEXAMPLE"
#define HEAD "'format':'cordon-account/1','account_id':'" NUMBER "'"
#define USER(more) "{'UserName':'alice','Arn':'" IAM "user/alice'" more "}"
#define ROLE(more) "{'RoleName':'ops','Arn':'" IAM "role/ops'" more "}"
#define GROUP(more) "{'GroupName':'staff','Arn':'" IAM "group/staff'" more "}"
#define WITH_USER(more) "{" HEAD ",'UserDetailList':[" USER(more) "]}"
#define WITH_ROLE(more) "{" HEAD ",'RoleDetailList':[" ROLE(more) "]}"
#define UNREAD "{'unread':{'why':'denied','code':'AccessDenied'}}"

static json_t *first(const json_t *account, enum principal_kind kind)
{
	return json_array_get(account_entries(account, kind), 0);
}

static void test_good(void)
{
	static const struct {
		const char *name, *input;
		size_t users, groups, roles;
		bool listed;
	} rows[] = {
		{"nobody", "{" HEAD "}", 0, 0, 0, false},
		{"a user", WITH_USER(""), 1, 0, 0, false},
		{"one of each",
		 "{" HEAD ",'UserDetailList':[" USER("") "],'GroupDetailList':[" GROUP(
			 "") "],'RoleDetailList':[" ROLE("") "],'Policies':[]}",
		 1, 1, 1, false},
		{"the account is its principals'",
		 "{'format':'cordon-account/1','UserDetailList':[" USER("") "]}", 1, 0, 0, false},
		{"all listed", "{" HEAD ",'listed':{'users':true,'groups':true,'roles':true}}", 0,
		 0, 0, true},
		{"members that nobody knows", WITH_USER(",'Shoe':43"), 1, 0, 0, false},
		{"unread lists", "{" HEAD ",'UserDetailList':" UNREAD ",'Policies':" UNREAD "}", 0,
		 0, 0, false},
		{"details of AWS's own tool",
		 "{'UserDetailList':[" USER(
			 ",'UserPolicyList':[{'PolicyName':'p','PolicyDocument':{'Version':"
			 "'2012-10-17','Statement':[]}}]") "],'GroupDetailList':[" GROUP("") "],'RoleDetailList':[" ROLE(",'AssumeRolePolicyDocument':{}") "],"
																			   "'Policies':[]}",
		 1, 1, 1, true},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		json_auto_t *account = read_account(rows[i].input);

		STR_EQ(jx_text(account, "format"), "cordon-account/1", "%s: format", rows[i].name);
		STR_EQ(jx_text(account, "account_id"), NUMBER, "%s: account", rows[i].name);
		INT_EQ(json_array_size(account_entries(account, PRINCIPAL_USER)), rows[i].users,
		       "%s: users", rows[i].name);
		INT_EQ(json_array_size(account_entries(account, PRINCIPAL_GROUP)), rows[i].groups,
		       "%s: groups", rows[i].name);
		INT_EQ(json_array_size(account_entries(account, PRINCIPAL_ROLE)), rows[i].roles,
		       "%s: roles", rows[i].name);
		INT_EQ(account_listed(account, PRINCIPAL_USER), rows[i].listed, "%s: listed",
		       rows[i].name);
		/* What was written is read again as the same. */
		char *text = jx_compact(account);
		struct err err = ERR_INIT;
		json_t *again = NULL;
		OK(account_read(text, strlen(text), "again", &again, &err) == 0 &&
			   json_equal(account, again),
		   "%s: survives being written", rows[i].name);
		json_decref(again);
		free(text);
	}
}

static void test_bad(void)
{
	static const struct {
		const char *name, *input, *want; /* want: a part of the message */
	} rows[] = {
		{"no JSON", "account", "test:1:"},
		{"a list", "[]", "the document is no object"},
		{"nothing", "{}", "neither cordon-account/1 nor"},
		{"a newer format", "{'format':'cordon-account/2'}", "a newer cordon may read it"},
		{"a plan", "{'format':'cordon-plan/1'}", "format is not 'cordon-account/1'"},
		{"a format of another type", "{'format':1}", "format is not"},
		{"a key twice", "{" HEAD ",'account_id':'" NUMBER "'}", "duplicate object key"},
		{"no account", "{'format':'cordon-account/1'}", "names no account"},
		{"no number", "{'format':'cordon-account/1','account_id':'1234'}",
		 "names no account"},
		{"a user twice", "{" HEAD ",'UserDetailList':[" USER("") "," USER("") "]}",
		 "user 'alice' is there twice"},
		{"a role twice", "{" HEAD ",'RoleDetailList':[" ROLE("") "," ROLE("") "]}",
		 "role 'ops' is there twice"},
		{"no name", "{" HEAD ",'UserDetailList':[{'Arn':'" IAM "user/alice'}]}",
		 "a user has no usable name"},
		{"a hostile name",
		 "{" HEAD ",'UserDetailList':[{'UserName':'a\\u001b[2J','Arn':'" IAM "user/a'}]}",
		 "a user has no usable name"},
		{"no ARN", "{" HEAD ",'UserDetailList':[{'UserName':'alice'}]}",
		 "user 'alice' has no ARN"},
		{"a bad ARN", "{" HEAD ",'UserDetailList':[{'UserName':'alice','Arn':'alice'}]}",
		 "user 'alice' has no ARN"},
		{"an ARN without account",
		 "{" HEAD ",'RoleDetailList':[{'RoleName':'ops','Arn':'arn:aws:iam:::role/ops'}]}",
		 "role 'ops' has no ARN"},
		{"another account",
		 "{" HEAD ",'UserDetailList':[{'UserName':'bob','Arn':"
		 "'arn:aws:iam::444455556666:user/bob'}]}",
		 "user 'bob' is of account 444455556666, the file of " NUMBER},
		{"two accounts",
		 "{'UserDetailList':[" USER("") ",{'UserName':'bob','Arn':"
						"'arn:aws:iam::444455556666:user/bob'}]}",
		 "user 'bob' is of account 444455556666"},
		{"users as an object", "{" HEAD ",'UserDetailList':{}}",
		 "UserDetailList is no list"},
		{"users null", "{" HEAD ",'UserDetailList':null}", "UserDetailList is no list"},
		{"a user as a text", "{" HEAD ",'UserDetailList':['alice']}",
		 "a user has no usable name"},
		{"policies as an object", "{" HEAD ",'Policies':{}}", "Policies is no list"},
		{"a policy without ARN", "{" HEAD ",'Policies':[{'PolicyName':'x'}]}",
		 "a managed policy has no Arn"},
		{"listed as a list", "{" HEAD ",'listed':[]}", "'listed' is no object"},
		{"keys as an object", WITH_USER(",'AccessKeys':{}"),
		 "AccessKeys of user 'alice' is malformed"},
		{"keys as a text", WITH_USER(",'AccessKeys':'none'"), "AccessKeys of user 'alice'"},
		{"unread without why", WITH_USER(",'AccessKeys':{'unread':{}}"),
		 "AccessKeys of user 'alice'"},
		{"a key as a text", WITH_USER(",'AccessKeys':['" KEY "']"),
		 "AccessKeys of user 'alice'"},
		{"a key without id", WITH_USER(",'AccessKeys':[{'Status':'Active'}]"),
		 "AccessKeys of user 'alice'"},
		{"a key without status", WITH_USER(",'AccessKeys':[{'AccessKeyId':'" KEY "'}]"),
		 "an access key of user 'alice' has no id or no status"},
		{"a key whose id is none",
		 WITH_USER(",'AccessKeys':[{'AccessKeyId':'x','Status':'Active'}]"),
		 "an access key of user 'alice' has no id or no status"},
		{"a group as an object", WITH_USER(",'GroupList':[{}]"),
		 "GroupList of user 'alice' is malformed"},
		{"a password as a list", WITH_USER(",'LoginProfile':[]"),
		 "LoginProfile of user 'alice' is malformed"},
		{"a policy without name", WITH_ROLE(",'RolePolicyList':[{'PolicyDocument':'{}'}]"),
		 "RolePolicyList of role 'ops' is malformed"},
		{"a trust policy as a number", WITH_ROLE(",'AssumeRolePolicyDocument':7"),
		 "AssumeRolePolicyDocument of role 'ops' is malformed"},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		char *json = quoted(rows[i].input);
		struct err err = ERR_INIT;
		json_t *account = NULL;

		INT_EQ(account_read(json, strlen(json), "test", &account, &err), -1, "%s: refused",
		       rows[i].name);
		OK(!account, "%s: nothing is given", rows[i].name);
		INT_EQ(err.code, ERR_INPUT, "%s: code", rows[i].name);
		OK(strncmp(err.message, "test:", 5) == 0, "%s: names the file", rows[i].name);
		HAS(err.message, rows[i].want, "%s: message", rows[i].name);
		free(json);
	}
}

static void test_deep(void)
{
	enum { DEPTH = 100 };
	char text[4 * DEPTH + 200] = "";
	struct err err = ERR_INIT;
	json_t *account = NULL;

	strcat(text, "{\"format\":\"cordon-account/1\",\"x\":");
	for (int i = 0; i < DEPTH; i++)
		strcat(text, "[");
	for (int i = 0; i < DEPTH; i++)
		strcat(text, "]");
	strcat(text, "}");
	INT_EQ(account_read(text, strlen(text), "test", &account, &err), -1, "deep: refused");
	HAS(err.message, "nested deeper than 64", "deep: message");
}

/* Every form of a section, in each of the two formats. */
static void test_sections(void)
{
	static const struct {
		const char *name, *input, *section;
		enum section_state want;
		const char *why;
	} rows[] = {
		{"a list", WITH_USER(",'GroupList':['staff']"), "GroupList", SECTION_VALUE, ""},
		{"an empty list", WITH_USER(",'GroupList':[]"), "GroupList", SECTION_NONE, ""},
		{"null", WITH_USER(",'GroupList':null"), "GroupList", SECTION_NONE, ""},
		{"not there", WITH_USER(""), "GroupList", SECTION_UNREAD, "not asked for"},
		{"denied", WITH_USER(",'GroupList':" UNREAD), "GroupList", SECTION_UNREAD,
		 "we may not read it"},
		{"failed", WITH_USER(",'GroupList':{'unread':{'why':'failed'}}"), "GroupList",
		 SECTION_UNREAD, "reading it failed"},
		{"another reason", WITH_USER(",'GroupList':{'unread':{'why':'tired'}}"),
		 "GroupList", SECTION_UNREAD, "not read"},
		{"an object", WITH_USER(",'LoginProfile':{'CreateDate':'x'}"), "LoginProfile",
		 SECTION_VALUE, ""},
		{"an object null", WITH_USER(",'LoginProfile':null"), "LoginProfile", SECTION_NONE,
		 ""},
		{"an empty object", WITH_USER(",'LoginProfile':{}"), "LoginProfile", SECTION_NONE,
		 ""},
		{"no such section", WITH_USER(""), "Shoes", SECTION_UNREAD, "not read"},
		{"AWS's tool: keys", "{'UserDetailList':[" USER("") "]}", "AccessKeys",
		 SECTION_UNREAD, "the account file does not hold it"},
		{"AWS's tool: password", "{'UserDetailList':[" USER("") "]}", "LoginProfile",
		 SECTION_UNREAD, "the account file does not hold it"},
		{"AWS's tool: no policies", "{'UserDetailList':[" USER("") "]}", "UserPolicyList",
		 SECTION_NONE, ""},
		{"AWS's tool: no boundary", "{'UserDetailList':[" USER("") "]}",
		 "PermissionsBoundary", SECTION_NONE, ""},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		json_auto_t *account = read_account(rows[i].input);
		const json_t *user = first(account, PRINCIPAL_USER);

		INT_EQ(account_section(user, rows[i].section, NULL), rows[i].want, "section: %s",
		       rows[i].name);
		STR_EQ(account_unread_why(user, rows[i].section), rows[i].why, "why: %s",
		       rows[i].name);
	}
	INT_EQ(account_section(NULL, "GroupList", NULL), SECTION_UNREAD, "section of nobody");
}

static void test_items(void)
{
	static const char known[] =
		",'AccessKeys':{'unread':{'why':'denied','known':[{'AccessKeyId':'" KEY
		"','Status':'Active'}],'absent':['AKIAIOSFODNN7EXAMPLE']}}";
	static const char read[] = ",'AccessKeys':[{'AccessKeyId':'" KEY "','Status':'Active'}]";
	static const struct {
		const char *name, *more, *section, *key;
		enum section_state want;
	} rows[] = {
		{"read, there", read, "AccessKeys", KEY, SECTION_VALUE},
		{"read, not there", read, "AccessKeys", "AKIAIOSFODNN7EXAMPLE", SECTION_NONE},
		{"read, empty", ",'AccessKeys':[]", "AccessKeys", KEY, SECTION_NONE},
		{"unread, known", known, "AccessKeys", KEY, SECTION_VALUE},
		{"unread, absent", known, "AccessKeys", "AKIAIOSFODNN7EXAMPLE", SECTION_NONE},
		{"unread, not asked", known, "AccessKeys", "AKIAIOSFODNN7EXAMPLX", SECTION_UNREAD},
		{"unread, nothing known", "", "AccessKeys", KEY, SECTION_UNREAD},
		{"a list of texts, there", ",'GroupList':['staff']", "GroupList", "staff",
		 SECTION_VALUE},
		{"a list of texts, not there", ",'GroupList':['staff']", "GroupList", "ops",
		 SECTION_NONE},
		{"no such section", "", "Shoes", "left", SECTION_UNREAD},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		char text[1024];
		json_t *item = NULL;

		snprintf(text, sizeof(text),
			 "{" HEAD ",'UserDetailList':[{'UserName':'alice','Arn':'" IAM
			 "user/alice'%s}]}",
			 rows[i].more);
		json_auto_t *account = read_account(text);
		const json_t *user = first(account, PRINCIPAL_USER);
		INT_EQ(account_item(user, rows[i].section, rows[i].key, &item), rows[i].want,
		       "item: %s", rows[i].name);
		bool keyed = rows[i].want == SECTION_VALUE && strcmp(rows[i].key, "staff") != 0;
		STR_EQ(jx_text(item, "AccessKeyId"), keyed ? rows[i].key : NULL, "item: %s: which",
		       rows[i].name);
	}
}

static void test_know(void)
{
	json_auto_t *account = account_new(NUMBER);
	json_t *user = account_add(account, PRINCIPAL_USER, "alice", IAM "user/alice");
	const char *section = "UserPolicyList";

	INT_EQ(account_item(user, section, "p", NULL), SECTION_UNREAD, "know: nothing yet");
	account_know(user, section, "p", js("{'PolicyName':'p','PolicyDocument':'1'}"));
	INT_EQ(account_item(user, section, "p", NULL), SECTION_VALUE, "know: it is there");
	account_know(user, section, "p", js("{'PolicyName':'p','PolicyDocument':'2'}"));
	account_know(user, section, "q", NULL);
	JS_EQ(json_object_get(user, section),
	      "{'unread':{'why':'not-asked','known':[{'PolicyName':'p','PolicyDocument':'2'}],"
	      "'absent':['q']}}",
	      "know: the last word counts, once");
	account_know(user, section, "p", NULL);
	account_know(user, section, "q", js("{'PolicyName':'q'}"));
	JS_EQ(json_object_get(user, section),
	      "{'unread':{'why':'not-asked','known':[{'PolicyName':'q'}],'absent':['p']}}",
	      "know: there and not there change places");
	INT_EQ(account_section(user, section, NULL), SECTION_UNREAD, "know: it stays unread");
	jx_set(user, section, json_array());
	account_know(user, section, "r", js("{'PolicyName':'r'}"));
	JS_EQ(json_object_get(user, section), "[]", "know: what was read is left alone");
	account_know(user, "LoginProfile", "x", js("{}"));
	JS_EQ(json_object_get(user, "LoginProfile"), "{'unread':{'why':'not-asked'}}",
	      "know: only lists have items");
}

static void test_find(void)
{
	json_auto_t *account = read_account(
		"{" HEAD ",'AccessKeyLastUsed':[{'AccessKeyId':'AKIAIOSFODNN7EXAMPLE','UserName':"
		"'carol'}],'UserDetailList':[" USER(
			",'UserId':'AIDA1','AccessKeys':[{'AccessKeyId':'" KEY
			"','Status':'Inactive'}]") "],"
						   "'RoleDetailList':[" ROLE(
							   ",'RoleId':'AROA1'") "]}");
	enum principal_kind kind = PRINCIPAL_NONE;

	OK(account_find(account, PRINCIPAL_USER, "alice"), "find: by name");
	OK(account_find(account, PRINCIPAL_USER, "ALICE"), "find: names differ by more than case");
	OK(!account_find(account, PRINCIPAL_USER, "alic"), "find: not by half a name");
	OK(!account_find(account, PRINCIPAL_USER, NULL), "find: not without a name");
	OK(!account_find(account, PRINCIPAL_ROLE, "alice"), "find: not as another kind");
	OK(account_find_id(account, PRINCIPAL_ROLE, "AROA1"), "find: by id");
	OK(!account_find_id(account, PRINCIPAL_ROLE, "AIDA1"), "find: not by another kind's id");
	OK(account_find_arn(account, IAM "role/ops", &kind) && kind == PRINCIPAL_ROLE,
	   "find: by ARN");
	OK(!account_find_arn(account, IAM "role/OPS", &kind), "find: ARNs are exact");
	STR_EQ(account_key_owner(account, KEY), "alice", "owner: from the key lists");
	STR_EQ(account_key_owner(account, "AKIAIOSFODNN7EXAMPLE"), "carol", "owner: was asked for");
	STR_EQ(account_key_owner(account, "AKIAIOSFODNN7EXAMPLX"), NULL, "owner: unknown");
	for (enum principal_kind k = PRINCIPAL_USER; k <= PRINCIPAL_GROUP; k++)
		INT_EQ(account_kind(account_kind_name(k)), k, "kind: %s", account_kind_name(k));
	INT_EQ(account_kind("policy"), PRINCIPAL_NONE, "kind: no such");
	INT_EQ(account_kind(NULL), PRINCIPAL_NONE, "kind: none");
}

static void test_inline_size(void)
{
	static const struct {
		const char *name, *list;
		long want;
	} rows[] = {
		{"none", "[]", 0},
		{"null", "null", 0},
		{"unread", UNREAD, -1},
		{"a text", "[{'PolicyName':'p','PolicyDocument':'{ }'}]", 2},
		{"an object", "[{'PolicyName':'p','PolicyDocument':{'a':[1, 2]}}]", 11},
		{"two",
		 "[{'PolicyName':'p','PolicyDocument':'{}'},"
		 "{'PolicyName':'q','PolicyDocument':'{}'}]",
		 4},
		{"an unread document",
		 "[{'PolicyName':'p','PolicyDocument':'{}'},"
		 "{'PolicyName':'q','PolicyDocument':{'unread':{'why':'denied'}}}]",
		 -1},
		{"no document", "[{'PolicyName':'p'}]", -1},
		{"late-bound, with room for the time",
		 "[{'PolicyName':'p','PolicyDocument':{'$document':{'at':{'$cutoff':30}}}}]",
		 (long)sizeof("{'at':'2026-07-14T10:15:30.000Z'}") - 1},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		char text[1024];

		snprintf(text, sizeof(text),
			 "{" HEAD ",'UserDetailList':[{'UserName':'alice','Arn':'" IAM
			 "user/alice','UserPolicyList':%s}]}",
			 rows[i].list);
		json_auto_t *account = read_account(text);
		INT_EQ(account_inline_size(first(account, PRINCIPAL_USER), PRINCIPAL_USER),
		       rows[i].want, "inline size: %s", rows[i].name);
	}
}

static void test_documents(void)
{
	static const struct {
		const char *name, *input, *want; /* want: the object, or NULL */
	} rows[] = {
		{"a text", "'{ }'", "{}"},
		{"an object", "{'Version':'x'}", "{'Version':'x'}"},
		{"late-bound", "{'$document':{'a':{'$cutoff':1}}}", "{'a':{'$cutoff':1}}"},
		{"unread", UNREAD, NULL},
		{"no JSON", "'{'", NULL},
		{"a list in a text", "'[]'", NULL},
		{"a list", "[]", NULL},
		{"a number", "5", NULL},
		{"null", "null", NULL},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		json_auto_t *value = js(rows[i].input);
		json_auto_t *document = account_document(value);

		if (!rows[i].want)
			OK(!document, "document: %s: none", rows[i].name);
		else
			JS_EQ(document, rows[i].want, "document: %s", rows[i].name);
	}
	/* IAM takes duplicate keys; the last one counts. */
	json_auto_t *twice = json_string("{\"a\":1,\"a\":2}");
	json_auto_t *document = account_document(twice);
	JSON_EQ(document, "{\"a\":2}", "document: a key twice");
	OK(!account_document(NULL), "document: nothing");
	json_auto_t *object = js("{'b':1,'a':2}");
	json_auto_t *text = account_document_text(object);
	STR_EQ(json_string_value(text), "{\"b\":1,\"a\":2}", "text: an object, in its own order");
	json_auto_t *same = account_document_text(text);
	OK(json_equal(text, same), "text: a text stays");
	json_auto_t *late = js("{'$document':{}}");
	json_auto_t *stays = account_document_text(late);
	OK(json_equal(late, stays), "text: late-bound stays");
}

static void test_bind(void)
{
	static const struct {
		const char *name, *input, *want;
		bool late;
	} rows[] = {
		{"nothing to bind", "{'a':[1,'x',null,true]}", "{'a':[1,'x',null,true]}", false},
		{"a time", "{'a':{'$cutoff':30}}", "{'a':'2026-07-14T10:15:30.000Z'}", true},
		{"a Sid", "[{'$cutoff':0,'sid':'Cordon'}]", "['Cordon20260714T101500Z']", true},
		{"backwards", "[{'$cutoff':-900}]", "['2026-07-14T10:00:00.000Z']", true},
		{"what AWS answered waits", "[{'$result':'o3','path':'x'}]",
		 "[{'$result':'o3','path':'x'}]", true},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		json_auto_t *value = js(rows[i].input);
		json_auto_t *bound = account_bind(value, 1784024100);

		JS_EQ(bound, rows[i].want, "bind: %s", rows[i].name);
		INT_EQ(account_late_bound(value), rows[i].late, "bind: %s: late", rows[i].name);
	}
	json_auto_t *value = js("{'PolicyDocument':{'$document':{'Statement':{'$cutoff':0}}}}");
	json_auto_t *bound = account_bind(value, 1784024100);
	STR_EQ(jx_text(bound, "PolicyDocument"), "{\"Statement\":\"2026-07-14T10:15:00.000Z\"}",
	       "bind: a document becomes a text");
}

static void test_same(void)
{
	static const struct {
		const char *a, *b;
		bool want;
	} rows[] = {
		{"{'a':1}", "{'a':1}", true},
		{"{'a':1,'b':2}", "{'b':2,'a':1}", true},
		{"{'a':1}", "{'a':2}", false},
		{"{'a':1}", "{'a':1,'b':2}", false},
		{"{'a':1}", "{'b':1}", false},
		{"[1,2]", "[2,1]", false},
		{"[1]", "[1,2]", false},
		{"{'a':1}", "[1]", false},
		{"null", "null", true},
		{"null", "false", false},
		{"{'a':{'$cutoff':30}}", "{'a':'2026-07-14T10:15:30.000Z'}", true},
		{"{'a':'x'}", "{'a':{'$result':'o1','path':'p'}}", true},
		{"{'PolicyDocument':'{ }'}", "{'PolicyDocument':{}}", true},
		{"{'Document':'{ }'}", "{'Document':'{}'}", true},
		{"{'AssumeRolePolicyDocument':{}}", "{'AssumeRolePolicyDocument':'{}'}", true},
		{"{'PolicyDocument':'{ }'}", "{'PolicyDocument':{'a':1}}", false},
		{"{'PolicyDocument':'x'}", "{'PolicyDocument':'x'}", true},
		{"{'PolicyDocument':'x'}", "{'PolicyDocument':'y'}", false},
		{"{'Other':'{ }'}", "{'Other':'{}'}", false},
		{"{'PolicyDocument':{'$document':{'at':{'$cutoff':30}}}}",
		 "{'PolicyDocument':{'at':'now'}}", true},
		{"{'PolicyDocument':{'$document':{'at':{'$cutoff':30}}}}",
		 "{'PolicyDocument':{'is':'now'}}", false},
		{"{'PolicyDocument':" UNREAD "}", "{'PolicyDocument':" UNREAD "}", true},
		{"{'PolicyDocument':" UNREAD "}", "{'PolicyDocument':{}}", false},
		{"{'AssumeRolePolicyDocument':null}", "{'AssumeRolePolicyDocument':null}", true},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		json_auto_t *a = js(rows[i].a);
		json_auto_t *b = js(rows[i].b);

		INT_EQ(account_same(a, b), rows[i].want, "same row %zu: %s, %s", i, rows[i].a,
		       rows[i].b);
		INT_EQ(account_same(b, a), rows[i].want, "same row %zu, the other way", i);
	}
}

static void test_fill(void)
{
	json_auto_t *before =
		read_account("{" HEAD ",'listed':{'users':true},'UserDetailList':[" USER(
			",'GroupList':['staff'],'AccessKeys':" UNREAD) "]}");
	json_auto_t *later = read_account(
		"{" HEAD ",'AccountAliases':['acme'],'listed':{'users':true,'roles':true},"
		"'UserDetailList':[" USER(
			",'GroupList':[],'AccessKeys':[],'LoginProfile':null") ",{'UserName':'bob',"
									       "'Arn':'" IAM
									       "user/bob'}],'RoleDetailList':[" ROLE(
										       "") "],'Policies':[{'Arn':'a'}]}");

	account_fill(before, later);
	const json_t *user = first(before, PRINCIPAL_USER);
	JS_EQ(json_object_get(user, "GroupList"), "['staff']", "fill: what was read stays");
	JS_EQ(json_object_get(user, "AccessKeys"), "[]", "fill: what was not is taken");
	JS_EQ(json_object_get(user, "LoginProfile"), "null", "fill: none is an answer");
	INT_EQ(account_section(user, "Tags", NULL), SECTION_UNREAD, "fill: unread in both");
	OK(!account_find(before, PRINCIPAL_USER, "bob"), "fill: a complete list gains nobody");
	OK(account_find(before, PRINCIPAL_ROLE, "ops"), "fill: another does");
	OK(account_listed(before, PRINCIPAL_ROLE), "fill: and is complete now");
	JS_EQ(json_object_get(before, "AccountAliases"), "['acme']", "fill: the account's own");
	JS_EQ(json_object_get(before, "Policies"), "[{'Arn':'a'}]", "fill: policies");
	account_fill(before, later);
	INT_EQ(json_array_size(json_object_get(before, "Policies")), 1, "fill: each once");
}

static void test_diff(void)
{
	static const struct {
		const char *name, *from, *to, *want; /* of user alice; want: NULL for none */
	} rows[] = {
		{"the same", ",'GroupList':['a']", ",'GroupList':['a']", "[]"},
		{"another order", ",'GroupList':['a','b']", ",'GroupList':['b','a']", "[]"},
		{"a group more", ",'GroupList':['a']", ",'GroupList':['a','b']",
		 "[{'principal':'user/alice','section':'GroupList','item':'b','member':null,"
		 "'from':null,'to':'b'}]"},
		{"a group less", ",'GroupList':['a']", ",'GroupList':[]",
		 "[{'principal':'user/alice','section':'GroupList','item':'a','member':null,"
		 "'from':'a','to':null}]"},
		{"unread now", ",'GroupList':['a']", ",'GroupList':" UNREAD, "[]"},
		{"unread before", ",'GroupList':" UNREAD, ",'GroupList':['a']", "[]"},
		{"a status", ",'AccessKeys':[{'AccessKeyId':'" KEY "','Status':'Active'}]",
		 ",'AccessKeys':[{'AccessKeyId':'" KEY "','Status':'Inactive'}]",
		 "[{'principal':'user/alice','section':'AccessKeys','item':'" KEY
		 "','member':'Status','from':'Active','to':'Inactive'}]"},
		{"dates and uses change by themselves",
		 ",'AccessKeys':[{'AccessKeyId':'" KEY
		 "','Status':'Active','CreateDate':'1','AccessKeyLastUsed':{}}]",
		 ",'AccessKeys':[{'AccessKeyId':'" KEY
		 "','Status':'Active','CreateDate':'2','AccessKeyLastUsed':{'Region':'x'}}]",
		 "[]"},
		{"a password", ",'LoginProfile':{'PasswordResetRequired':true}",
		 ",'LoginProfile':null",
		 "[{'principal':'user/alice','section':'LoginProfile','item':null,'member':null,"
		 "'from':{'PasswordResetRequired':true},'to':null}]"},
		{"a document written otherwise",
		 ",'UserPolicyList':[{'PolicyName':'p','PolicyDocument':'{ }'}]",
		 ",'UserPolicyList':[{'PolicyName':'p','PolicyDocument':{}}]", "[]"},
		{"a document late-bound",
		 ",'UserPolicyList':[{'PolicyName':'p','PolicyDocument':{'$document':{'a':"
		 "{'$cutoff':1}}}}]",
		 ",'UserPolicyList':[{'PolicyName':'p','PolicyDocument':{'a':'b'}}]", "[]"},
		{"an unread document, with itself",
		 ",'UserPolicyList':[{'PolicyName':'p','PolicyDocument':" UNREAD "}]",
		 ",'UserPolicyList':[{'PolicyName':'p','PolicyDocument':" UNREAD "}]", "[]"},
		{"another document", ",'UserPolicyList':[{'PolicyName':'p','PolicyDocument':{}}]",
		 ",'UserPolicyList':[{'PolicyName':'p','PolicyDocument':{'a':1}}]",
		 "[{'principal':'user/alice','section':'UserPolicyList','item':'p','member':"
		 "'PolicyDocument','from':{},'to':{'a':1}}]"},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		char text[1024];
		static const char form[] = "{" HEAD
					   ",'UserDetailList':[{'UserName':'alice','Arn':'" IAM
					   "user/alice'%s}]}";

		snprintf(text, sizeof(text), form, rows[i].from);
		json_auto_t *from = read_account(text);
		snprintf(text, sizeof(text), form, rows[i].to);
		json_auto_t *to = read_account(text);
		json_auto_t *differences = account_diff(from, to);
		JS_EQ(differences, rows[i].want, "diff: %s", rows[i].name);
	}
}

static void test_diff_entries(void)
{
	static const char some[] = "{" HEAD ",'UserDetailList':[" USER("") "]}";
	static const char all[] = "{" HEAD ",'listed':{'users':true},'UserDetailList':[]}";
	json_auto_t *one = read_account(some);
	json_auto_t *none = read_account(all);
	json_auto_t *gone = account_diff(one, none);
	json_auto_t *came = account_diff(none, one);
	json_auto_t *unknown = account_new(NUMBER);
	json_auto_t *hidden = account_diff(one, unknown);

	JS_EQ(gone,
	      "[{'principal':'user/alice','section':'entry','item':null,'member':null,'from':'" IAM
	      "user/alice','to':null}]",
	      "diff: a user who is gone");
	JS_EQ(came,
	      "[{'principal':'user/alice','section':'entry','item':null,'member':null,'from':null,"
	      "'to':'" IAM "user/alice'}]",
	      "diff: a user who is new");
	JS_EQ(hidden, "[]", "diff: a list that is not complete says nothing");
}

static void test_quota(void)
{
	json_auto_t *account = read_account(
		"{" HEAD ",'SummaryMap':{'UserPolicySizeQuota':2048,'x':'2048'},'Policies':["
		"{'Arn':'a','PolicyVersionList':[{'VersionId':'v1','Document':'{}'},{'VersionId':"
		"'v2','IsDefaultVersion':true,'Document':'{\\u0022b\\u0022:1}'}]},{'Arn':'c'}]}");
	json_auto_t *unread = account_new(NUMBER);

	INT_EQ(account_quota(account, "UserPolicySizeQuota"), 2048, "quota: read");
	INT_EQ(account_quota(account, "x"), -1, "quota: no number");
	INT_EQ(account_quota(account, "y"), -1, "quota: not there");
	INT_EQ(account_quota(unread, "UserPolicySizeQuota"), -1, "quota: unread");
	json_auto_t *document = account_managed_document(account, "a");
	JS_EQ(document, "{'b':1}", "managed: the default version");
	OK(!account_managed_document(account, "b"), "managed: no such policy");
	OK(!account_managed_document(account, "c"), "managed: no versions read");
}

static void test_demo(void)
{
	json_auto_t *account = demo_account();
	json_auto_t *itself = account_diff(account, account);
	json_t *entry;
	size_t i;

	STR_EQ(jx_text(account, "account_id"), NUMBER, "demo: is read");
	JS_EQ(itself, "[]", "demo: is the same as itself");
	for (enum principal_kind kind = PRINCIPAL_USER; kind <= PRINCIPAL_GROUP; kind++) {
		OK(account_listed(account, kind), "demo: all %ss", account_kind_name(kind));
		json_array_foreach (account_entries(account, kind), i, entry)
			OK(account_inline_size(entry, kind) >= 0, "demo: policies of %s",
			   account_name(entry, kind));
	}
}

int main(void)
{
	test_good();
	test_bad();
	test_deep();
	test_sections();
	test_items();
	test_know();
	test_find();
	test_inline_size();
	test_documents();
	test_bind();
	test_same();
	test_fill();
	test_diff();
	test_diff_entries();
	test_quota();
	test_demo();
	return tap_done();
}
