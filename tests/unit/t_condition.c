// SPDX-License-Identifier: Apache-2.0
/* Conditions, by tables from AWS's rules: an Allow of everything under each of them. */
#include "cordon/evaluate.h"

#include "fixture.h"

/* '+' holds, '-' does not, '?' nobody can say. */
static char holds(const char *version, const char *condition, const char *context)
{
	json_auto_t *conditions = js(condition);
	json_auto_t *document = jx_pack("{s:s, s:[{s:s, s:s, s:s, s:O}]}", "Version", version,
					"Statement", "Effect", "Allow", "Action", "*", "Resource",
					"*", "Condition", conditions);
	struct policy *policy = policy_compile(document, LAYER_IDENTITY, "test");
	struct policy_set set = {0};
	bool open = *context == '~';
	struct context *known = context_new(open);
	json_auto_t *keys = js(context + open);
	struct decision must;
	struct decision may;
	const char *key;
	json_t *value;

	json_object_foreach (keys, key, value)
		OK(context_add(known, key, value), "%s: a context", context);
	const struct request request = {.principal = "arn:aws:iam::111122223333:user/a",
					.action = "s3:GetObject",
					.resource = "arn:aws:s3:::b/k",
					.context = known};
	policy_set_add(&set, policy, 0);
	policy_evaluate(&set, &request, BOUND_MUST, &must);
	policy_evaluate(&set, &request, BOUND_MAY, &may);
	policy_set_release(&set);
	policy_free(policy);
	context_free(known);
	if (must.effect == EFFECT_ALLOW)
		return may.effect == EFFECT_ALLOW ? '+' : '!';
	return may.effect == EFFECT_ALLOW ? '?' : '-';
}

struct row {
	const char *condition, *context;
	char want;
};

static const struct row string_rows[] = {
	{"{}", "{}", '+'},
	{"{'StringEquals':{'k':'a'}}", "{'k':'a'}", '+'},
	{"{'StringEquals':{'k':'a'}}", "{'k':'A'}", '-'},
	{"{'StringEquals':{'K':'a'}}", "{'k':'a'}", '+'},
	{"{'stringequals':{'k':'a'}}", "{'k':'a'}", '+'},
	{"{'StringEquals':{'k':'*'}}", "{'k':'a'}", '-'},
	{"{'StringEquals':{'k':'*'}}", "{'k':'*'}", '+'},
	{"{'StringEquals':{'k':['a','b']}}", "{'k':'b'}", '+'},
	{"{'StringEquals':{'k':[]}}", "{'k':'b'}", '-'},
	{"{'StringEquals':{'k':'a'}}", "{}", '-'},
	{"{'StringEquals':{'k':'true'}}", "{'k':true}", '+'},
	{"{'StringEquals':{'k':5}}", "{'k':'5'}", '+'},
	{"{'StringEqualsIfExists':{'k':'a'}}", "{}", '+'},
	{"{'StringEqualsIfExists':{'k':'a'}}", "{'k':'b'}", '-'},
	{"{'StringNotEquals':{'k':'a'}}", "{}", '+'},
	{"{'StringNotEquals':{'k':['a','b']}}", "{'k':'b'}", '-'},
	{"{'StringNotEquals':{'k':['a','b']}}", "{'k':'c'}", '+'},
	{"{'StringNotEquals':{'k':[]}}", "{'k':'c'}", '+'},
	{"{'StringNotEqualsIfExists':{'k':'a'}}", "{}", '+'},
	{"{'StringEqualsIgnoreCase':{'k':'aBc'}}", "{'k':'AbC'}", '+'},
	{"{'StringEqualsIgnoreCase':{'k':'aBc'}}", "{'k':'AbCd'}", '-'},
	{"{'StringNotEqualsIgnoreCase':{'k':'aBc'}}", "{'k':'AbC'}", '-'},
	{"{'StringLike':{'k':'a*c'}}", "{'k':'abbc'}", '+'},
	{"{'StringLike':{'k':'a?c'}}", "{'k':'abbc'}", '-'},
	{"{'StringLike':{'k':'a?c'}}",
	 "{'k':'a\xc3\xa9"
	 "c'}",
	 '+'},
	{"{'StringLike':{'k':'a??c'}}",
	 "{'k':'a\xc3\xa9"
	 "c'}",
	 '-'},
	{"{'StringLike':{'k':'*??c'}}",
	 "{'k':'\xc3\xa9"
	 "c'}",
	 '-'},
	{"{'StringLike':{'k':'*\xc3\xa9'}}", "{'k':'\xc3\xa9\xc3\xa9'}", '+'},
	{"{'StringLike':{'k':'A*'}}", "{'k':'abc'}", '-'},
	{"{'StringNotLike':{'k':'a*'}}", "{'k':'abc'}", '-'},
	{"{'StringNotLike':{'k':'a*'}}", "{'k':'b'}", '+'},
	/* Operators and keys are joined by "and". */
	{"{'StringEquals':{'k':'a','l':'b'}}", "{'k':'a','l':'b'}", '+'},
	{"{'StringEquals':{'k':'a','l':'b'}}", "{'k':'a','l':'c'}", '-'},
	{"{'StringEquals':{'k':'a'},'StringLike':{'l':'b*'}}", "{'k':'a','l':'c'}", '-'},
	{"{'StringEquals':{'k':'a','K':'b'}}", "{'k':'a'}", '-'},
};

static const struct row set_rows[] = {
	/* Several values without a set operator fit nothing. */
	{"{'StringEquals':{'k':'a'}}", "{'k':['a']}", '-'},
	{"{'StringNotEquals':{'k':'x'}}", "{'k':['a','b']}", '-'},
	{"{'StringEqualsIfExists':{'k':'a'}}", "{'k':['a','a']}", '-'},
	{"{'ForAllValues:StringEquals':{'k':['a','b']}}", "{'k':['a','b','a']}", '+'},
	{"{'ForAllValues:StringEquals':{'k':['a','b']}}", "{'k':['a','c']}", '-'},
	{"{'ForAllValues:StringEquals':{'k':['a','b']}}", "{'k':[]}", '+'},
	{"{'ForAllValues:StringEquals':{'k':['a','b']}}", "{'k':''}", '+'},
	{"{'ForAllValues:StringEquals':{'k':['a','b']}}", "{'k':['']}", '-'},
	{"{'ForAllValues:StringEquals':{'k':['a','b']}}", "{'k':['','a']}", '-'},
	{"{'ForAllValues:StringEquals':{'k':['a','b']}}", "{}", '+'},
	{"{'ForAllValues:StringEquals':{'k':'a'}}", "{'k':'a'}", '+'},
	{"{'ForAllValues:StringNotEquals':{'k':['a','b']}}", "{'k':['c','d']}", '+'},
	{"{'ForAllValues:StringNotEquals':{'k':['a','b']}}", "{'k':['c','a']}", '-'},
	{"{'ForAnyValue:StringEquals':{'k':['a','b']}}", "{'k':['c','a']}", '+'},
	{"{'ForAnyValue:StringEquals':{'k':['a','b']}}", "{'k':['c','d']}", '-'},
	{"{'ForAnyValue:StringEquals':{'k':['a','b']}}", "{'k':[]}", '-'},
	{"{'ForAnyValue:StringEquals':{'k':['a','b']}}", "{}", '-'},
	{"{'ForAnyValue:StringEqualsIfExists':{'k':['a','b']}}", "{}", '+'},
	{"{'ForAnyValue:StringEquals':{'k':'a'}}", "{'k':'a'}", '+'},
	{"{'ForAnyValue:StringNotEquals':{'k':['a','b']}}", "{'k':['a','c']}", '+'},
	{"{'ForAnyValue:StringNotEquals':{'k':['a','b']}}", "{'k':['a','b']}", '-'},
	{"{'ForAnyValue:StringNotEquals':{'k':['a','b']}}", "{}", '-'},
	{"{'ForAnyValue:StringLike':{'k':'a*'}}", "{'k':['c','ab']}", '+'},
	{"{'Null':{'k':'true'}}", "{}", '+'},
	{"{'Null':{'k':'true'}}", "{'k':'a'}", '-'},
	{"{'Null':{'k':'false'}}", "{'k':'a'}", '+'},
	{"{'Null':{'k':false}}", "{'k':'a'}", '+'},
	{"{'Null':{'k':'False'}}", "{}", '-'},
	{"{'Null':{'k':['true','false']}}", "{'k':'a'}", '+'},
	{"{'Null':{'k':'true'}}", "{'k':[]}", '+'},
};

static const struct row value_rows[] = {
	{"{'NumericEquals':{'k':'10'}}", "{'k':'10.0'}", '+'},
	{"{'NumericEquals':{'k':10}}", "{'k':10}", '+'},
	{"{'NumericEquals':{'k':'010'}}", "{'k':'10'}", '+'},
	{"{'NumericEquals':{'k':'9007199254740993'}}", "{'k':'9007199254740992'}", '-'},
	{"{'NumericEquals':{'k':'-0'}}", "{'k':'0'}", '+'},
	{"{'NumericNotEquals':{'k':['1','2']}}", "{'k':'2'}", '-'},
	{"{'NumericNotEquals':{'k':['1','2']}}", "{'k':'3'}", '+'},
	{"{'NumericLessThan':{'k':'10'}}", "{'k':'9.99'}", '+'},
	{"{'NumericLessThan':{'k':'10'}}", "{'k':'10'}", '-'},
	{"{'NumericLessThan':{'k':'-1'}}", "{'k':'-2'}", '+'},
	{"{'NumericLessThanEquals':{'k':'10'}}", "{'k':'10'}", '+'},
	{"{'NumericGreaterThan':{'k':'18446744073709551615'}}", "{'k':'18446744073709551616'}",
	 '+'},
	{"{'NumericGreaterThanEquals':{'k':'10'}}", "{'k':'9'}", '-'},
	{"{'NumericGreaterThanEquals':{'k':'3600'}}", "{'k':'7200'}", '+'},
	{"{'NumericLessThan':{'k':'7200'}}", "{'k':'3600'}", '+'},
	{"{'NumericLessThan':{'k':'1.25'}}", "{'k':'1.75'}", '-'},
	{"{'NumericGreaterThan':{'k':'1.25'}}", "{'k':'1.7'}", '+'},
	{"{'NumericGreaterThan':{'k':'1'}}", "{'k':'many'}", '-'},
	{"{'NumericGreaterThanIfExists':{'k':'1'}}", "{}", '+'},
	{"{'NumericEquals':{'k':'ten'}}", "{'k':'10'}", '?'},
	{"{'DateEquals':{'k':'2026-11-20T08:00:00Z'}}", "{'k':'2026-11-20T09:00:00+01:00'}", '+'},
	{"{'DateEquals':{'k':'2026-11-20T08:00:00Z'}}", "{'k':'1795161600'}", '+'},
	{"{'DateEquals':{'k':1795161600}}", "{'k':'2026-11-20T08:00:00.000Z'}", '+'},
	{"{'DateEquals':{'k':'2026-11-20'}}", "{'k':'2026-11-20T00:00Z'}", '+'},
	{"{'DateEquals':{'k':'2026'}}", "{'k':'2026-01-01T00:00:00Z'}", '+'},
	{"{'DateLessThan':{'k':'2022-02-16T01:36:00.138Z'}}", "{'k':'2022-02-16T01:36:00.137Z'}",
	 '+'},
	{"{'DateLessThan':{'k':'2022-02-16T01:36:00.138Z'}}", "{'k':'2022-02-16T01:36:00.138Z'}",
	 '-'},
	{"{'DateLessThan':{'k':'2022-02-16T01:36:00Z'}}", "{}", '-'},
	{"{'DateLessThanEquals':{'k':'2022-02-16T01:36:00Z'}}", "{'k':'2022-02-16T01:36:00Z'}",
	 '+'},
	{"{'DateGreaterThan':{'k':'2022-02-28T23:59:59Z'}}", "{'k':'2022-03-01T00:00:00Z'}", '+'},
	{"{'DateGreaterThanEquals':{'k':'2024-02-29'}}", "{'k':'2024-02-28T23:00Z'}", '-'},
	{"{'DateNotEquals':{'k':'2024-02-29'}}", "{'k':'2024-02-29T00:00Z'}", '-'},
	{"{'DateEquals':{'k':'2023-02-29'}}", "{'k':'2024-02-29T00:00Z'}", '?'},
	{"{'DateEquals':{'k':'yesterday'}}", "{'k':'2024-02-29T00:00Z'}", '?'},
	{"{'Bool':{'k':'true'}}", "{'k':'true'}", '+'},
	{"{'Bool':{'k':true}}", "{'k':'True'}", '+'},
	{"{'Bool':{'k':'TRUE'}}", "{'k':true}", '+'},
	{"{'Bool':{'k':'false'}}", "{'k':'true'}", '-'},
	{"{'Bool':{'k':'false'}}", "{}", '-'},
	{"{'BoolIfExists':{'k':'false'}}", "{}", '+'},
	{"{'Bool':{'k':'maybe'}}", "{'k':'true'}", '?'},
	{"{'IpAddress':{'k':'203.0.113.0/24'}}", "{'k':'203.0.113.77'}", '+'},
	{"{'IpAddress':{'k':'203.0.113.9/24'}}", "{'k':'203.0.113.77'}", '+'},
	{"{'IpAddress':{'k':'203.0.113.77'}}", "{'k':'203.0.113.77'}", '+'},
	{"{'IpAddress':{'k':'203.0.113.77'}}", "{'k':'203.0.113.78'}", '-'},
	{"{'IpAddress':{'k':'0.0.0.0/0'}}", "{'k':'203.0.113.78'}", '+'},
	{"{'IpAddress':{'k':'203.0.113.128/25'}}", "{'k':'203.0.113.127'}", '-'},
	{"{'IpAddress':{'k':'2001:DB8::/32'}}", "{'k':'2001:0db8:0:0:0:0:0:1'}", '+'},
	{"{'IpAddress':{'k':'::/0'}}", "{'k':'203.0.113.78'}", '-'},
	{"{'IpAddress':{'k':'0.0.0.0/0'}}", "{'k':'::ffff:203.0.113.78'}", '-'},
	{"{'NotIpAddress':{'k':'203.0.113.0/24'}}", "{'k':'198.51.100.1'}", '+'},
	{"{'NotIpAddress':{'k':['203.0.113.0/24','198.51.100.0/24']}}", "{'k':'198.51.100.1'}",
	 '-'},
	{"{'NotIpAddress':{'k':'203.0.113.0/24'}}", "{}", '+'},
	{"{'IpAddress':{'k':'203.0.113.0/33'}}", "{'k':'203.0.113.1'}", '?'},
	{"{'NotIpAddress':{'k':'nowhere'}}", "{'k':'203.0.113.1'}", '?'},
	{"{'BinaryEquals':{'k':'QmluYXJ5'}}", "{'k':'Binary'}", '+'},
	{"{'BinaryEquals':{'k':'QmluYXJ5'}}", "{'k':'binary'}", '-'},
	{"{'BinaryEquals':{'k':'QQ=='}}", "{'k':'A'}", '+'},
	{"{'BinaryEquals':{'k':'Q'}}", "{'k':'A'}", '?'},
	{"{'ArnEquals':{'k':'arn:aws:iam::*:role/ops-*'}}", "{'k':'arn:aws:iam::1:role/ops-a/b'}",
	 '+'},
	{"{'ArnLike':{'k':'arn:aws:iam::*:role/ops'}}", "{'k':'arn:aws:iam::1:2:role/ops'}", '-'},
	{"{'ArnLike':{'k':'arn:aws:*:role/ops'}}", "{'k':'arn:aws:iam::1:role/ops'}", '?'},
	{"{'ArnLike':{'k':'*'}}", "{'k':'arn:aws:iam::1:role/ops'}", '?'},
	{"{'NumericNotEquals':{'k':'1'}}", "{'k':'many'}", '?'},
	{"{'NotIpAddress':{'k':'203.0.113.0/24'}}", "{'k':'here'}", '?'},
	{"{'ArnLike':{'k':'arn:aws:iam::1:role/ops'}}", "{'k':'role/ops'}", '-'},
	{"{'ArnNotEquals':{'k':'arn:aws:iam::1:role/ops'}}", "{'k':'arn:aws:iam::1:role/ops'}",
	 '-'},
	{"{'ArnNotLike':{'k':'arn:aws:iam::1:role/ops'}}", "{'k':'arn:aws:iam::1:role/Ops'}", '+'},
};

static const struct row doubtful_rows[] = {
	{"{'StringAlike':{'k':'a'}}", "{'k':'a'}", '?'},
	{"{'ForSomeValues:StringLike':{'k':'a'}}", "{'k':'a'}", '?'},
	{"{'NullIfExists':{'k':'true'}}", "{}", '?'},
	{"{'ForAllValues:Null':{'k':'true'}}", "{}", '?'},
	{"{'StringEquals':'a'}", "{}", '?'},
	{"{'StringEquals':{'k':{'a':'b'}}}", "{'k':'a'}", '?'},
	{"{'StringEquals':{'k':['a',null]}}", "{'k':'a'}", '+'},
	{"{'StringEquals':{'k':['a',null]}}", "{'k':'b'}", '?'},
	{"'always'", "{}", '?'},
	/* With an open context what was not given is not known, in both directions. */
	{"{'StringEquals':{'k':'a'}}", "~{}", '?'},
	{"{'StringNotEquals':{'k':'a'}}", "~{}", '?'},
	{"{'StringEqualsIfExists':{'k':'a'}}", "~{}", '?'},
	{"{'Null':{'k':'true'}}", "~{}", '?'},
	{"{'ForAllValues:StringEquals':{'k':'a'}}", "~{}", '?'},
	{"{'StringEquals':{'k':'a','l':'b'}}", "~{'l':'c'}", '-'},
	{"{'StringEquals':{'k':'a','l':'b'}}", "~{'l':'b'}", '?'},
	{"{'StringEquals':{'l':'${k}'}}", "~{'l':'b'}", '?'},
};

static const struct row variable_rows[] = {
	{"{'StringEquals':{'k':'${l}'}}", "{'k':'a','l':'a'}", '+'},
	{"{'StringEquals':{'k':'x-${L}-y'}}", "{'k':'x-a-y','l':'a'}", '+'},
	{"{'StringEquals':{'k':'${l}'}}", "{'k':'a'}", '-'},
	{"{'StringNotEquals':{'k':'${l}'}}", "{'k':'a'}", '-'},
	{"{'StringEquals':{'k':['${l}','a']}}", "{'k':'a'}", '+'},
	{"{'StringEquals':{'k':'${l}'}}", "{'k':'a','l':['a']}", '-'},
	{"{'StringEquals':{'k':'${l, \\u0027team\\u0027}'}}", "{'k':'team'}", '+'},
	{"{'StringEquals':{'k':'${l,\\u0027team\\u0027}'}}", "{'k':'team','l':'a'}", '-'},
	{"{'StringEquals':{'k':'${l, team}'}}", "{'k':'team'}", '?'},
	{"{'StringLike':{'k':'${l}*'}}", "{'k':'abc','l':'ab'}", '+'},
	/* A '*' that a value brings is no wildcard. */
	{"{'StringLike':{'k':'${l}'}}", "{'k':'abc','l':'a*'}", '-'},
	{"{'StringLike':{'k':'${l}'}}", "{'k':'a*','l':'a*'}", '+'},
	{"{'StringLike':{'k':'a${*}'}}", "{'k':'a*'}", '+'},
	{"{'StringLike':{'k':'a${*}'}}", "{'k':'ab'}", '-'},
	{"{'StringLike':{'k':'a${?}${$}'}}", "{'k':'a?$'}", '+'},
	{"{'StringEquals':{'k':'${l'}}", "{'k':'${l'}", '?'},
	{"{'StringEqualsIgnoreCase':{'k':'${l}'}}", "{'k':'ABC','l':'abc'}", '+'},
	{"{'Bool':{'k':'${l}'}}", "{'k':'true','l':'true'}", '+'},
	{"{'ArnLike':{'k':'arn:aws:iam::${aws:PrincipalAccount}:role/${l}'}}",
	 "{'k':'arn:aws:iam::111122223333:role/a','aws:principalaccount':'111122223333','l':'a'}",
	 '+'},
	{"{'NumericEquals':{'k':'${l}'}}", "{'k':'1','l':'1'}", '?'},
};

static void test_rows(const char *name, const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const char *condition = rows[i].condition;
		char got = holds("2012-10-17", condition, rows[i].context);
		OK(got == rows[i].want, "%s row %zu: %s with %s: %c, want %c", name, i, condition,
		   rows[i].context, got, rows[i].want);
	}
}

/* The older version knows no variables, and neither does a document without a version. */
static void test_versions(void)
{
	static const char condition[] = "{'StringEquals':{'k':'${l}'}}";

	INT_EQ(holds("2012-10-17", condition, "{'k':'a','l':'a'}"), '+', "2012 fills in");
	INT_EQ(holds("2008-10-17", condition, "{'k':'a','l':'a'}"), '-', "2008 does not");
	INT_EQ(holds("2008-10-17", condition, "{'k':'${l}','l':'a'}"), '+', "and is literal");
}

#define TEST(rows) test_rows(#rows, rows, COUNT(rows))

int main(void)
{
	TEST(string_rows);
	TEST(set_rows);
	TEST(value_rows);
	TEST(doubtful_rows);
	TEST(variable_rows);
	test_versions();
	return tap_done();
}
