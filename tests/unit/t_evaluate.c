// SPDX-License-Identifier: Apache-2.0
/* Decisions about requests, by tables from AWS's rules. */
#include "cordon/evaluate.h"

#include "fixture.h"

#define USER "arn:aws:iam::111122223333:user/dev/mallory"
#define ROLE "arn:aws:iam::111122223333:role/ops/deploy"
#define SESSION "arn:aws:sts::111122223333:assumed-role/deploy/s1"
#define FEDERATED "arn:aws:sts::111122223333:federated-user/bob"
#define ROOT "arn:aws:iam::111122223333:root"
#define OTHER "arn:aws:iam::444455556666:user/eve"
#define BUCKET "arn:aws:s3:::b"

/* The members of a row but for the request, as JSON with ' for ". */
static json_t *decide(const char *principal, const char *action, const char *resource,
		      const char *members)
{
	json_auto_t *row = js(members);
	json_t *decision = NULL;
	struct err err = ERR_INIT;
	json_t *request = json_object_get(row, "request");

	if (!request)
		json_object_set_new(row, "request", json_object());
	request = json_object_get(row, "request");
	jx_set(request, "principal", jx_string(principal));
	jx_set(request, "action", jx_string(action));
	if (resource)
		jx_set(request, "resource", jx_string(resource));
	if (policy_decide(row, &decision, &err))
		bail(members, err.message);
	return decision;
}

/* "Allow identity_policies[0] Sid", "ImplicitDeny scps" */
static void say(const json_t *decision, char out[static 256])
{
	const json_t *by = json_object_get(decision, "by");
	const json_t *statement = json_object_get(by, "statement");
	char number[32];

	snprintf(number, sizeof(number), " %lld", (long long)json_integer_value(statement));
	snprintf(out, 256, "%s %s%s%s", jx_text(decision, "decision"), jx_text(by, "policy"),
		 json_is_string(statement) ? " " : "",
		 json_is_string(statement)    ? json_string_value(statement)
		 : json_is_integer(statement) ? number
					      : "");
}

#define ALLOW_ALL \
	"{'Version':'2012-10-17','Statement':{'Effect':'Allow','Action':'*','Resource':'*'}}"
#define DENY_ALL "{'Statement':{'Sid':'No','Effect':'Deny','Action':'*','Resource':'*'}}"
#define NOTHING "{'Statement':[]}"
#define GRANT(who)                                                                    \
	"{'Statement':[{'Sid':'G','Effect':'Allow','Principal':" who ",'Action':'*'," \
	"'Resource':'*'}]}"
#define REFUSE(who)                                                                  \
	"{'Statement':[{'Sid':'R','Effect':'Deny','Principal':" who ",'Action':'*'," \
	"'Resource':'*'}]}"

static const struct layer_row {
	const char *name, *principal, *members, *want;
} layer_rows[] = {
	{"nothing allows", USER, "{}", "ImplicitDeny identity_policies"},
	{"an Allow", USER, "{'identity_policies':[" ALLOW_ALL "]}", "Allow identity_policies[0] 0"},
	{"the second policy", USER, "{'identity_policies':[" NOTHING "," ALLOW_ALL "]}",
	 "Allow identity_policies[1] 0"},
	{"a Deny wins", USER, "{'identity_policies':[" ALLOW_ALL "," DENY_ALL "]}",
	 "ExplicitDeny identity_policies[1] No"},
	{"a boundary that allows", USER,
	 "{'identity_policies':[" ALLOW_ALL "],'permission_boundaries':[" ALLOW_ALL "]}",
	 "Allow identity_policies[0] 0"},
	{"a boundary that does not", USER,
	 "{'identity_policies':[" ALLOW_ALL "],'permission_boundaries':[" NOTHING "]}",
	 "ImplicitDeny permission_boundaries"},
	{"a boundary allows nothing itself", USER, "{'permission_boundaries':[" ALLOW_ALL "]}",
	 "ImplicitDeny identity_policies"},
	{"a boundary that denies", USER,
	 "{'identity_policies':[" ALLOW_ALL "],'permission_boundaries':[" DENY_ALL "]}",
	 "ExplicitDeny permission_boundaries[0] No"},
	{"a session policy limits", SESSION,
	 "{'identity_policies':[" ALLOW_ALL "],'session_policy':" NOTHING "}",
	 "ImplicitDeny session_policy"},
	{"a session policy allows", SESSION,
	 "{'identity_policies':[" ALLOW_ALL "],'session_policy':" ALLOW_ALL "}",
	 "Allow identity_policies[0] 0"},
	{"a session policy denies", SESSION,
	 "{'identity_policies':[" ALLOW_ALL "],'session_policy':" DENY_ALL "}",
	 "ExplicitDeny session_policy No"},
	{"a session without one", SESSION, "{'identity_policies':[" ALLOW_ALL "]}",
	 "Allow identity_policies[0] 0"},
	{"null is no session policy", SESSION,
	 "{'identity_policies':[" ALLOW_ALL "],'session_policy':null}",
	 "Allow identity_policies[0] 0"},
	{"a federated user needs one", FEDERATED, "{'identity_policies':[" ALLOW_ALL "]}",
	 "ImplicitDeny session_policy"},
	{"a federated user with one", FEDERATED,
	 "{'identity_policies':[" ALLOW_ALL "],'session_policy':" ALLOW_ALL "}",
	 "Allow identity_policies[0] 0"},
	{"a federated user named by a resource", FEDERATED,
	 "{'resource_policy':" GRANT("{'AWS':'" FEDERATED "'}") "}", "Allow resource_policy G"},
	/* Organizations. */
	{"each level of SCPs allows", USER,
	 "{'identity_policies':[" ALLOW_ALL "],'scps':[{'orgIdentifier':'r','policies':[" ALLOW_ALL
	 "]},{'orgIdentifier':'a','policies':[" ALLOW_ALL "," NOTHING "]}]}",
	 "Allow identity_policies[0] 0"},
	{"one level does not", USER,
	 "{'identity_policies':[" ALLOW_ALL "],'scps':[{'orgIdentifier':'r','policies':[" ALLOW_ALL
	 "]},{'orgIdentifier':'a','policies':[" NOTHING "]}]}",
	 "ImplicitDeny scps"},
	{"a level without policies", USER,
	 "{'identity_policies':[" ALLOW_ALL "],'scps':[{'orgIdentifier':'r','policies':[]}]}",
	 "ImplicitDeny scps"},
	{"a level that denies", USER,
	 "{'identity_policies':[" ALLOW_ALL "],'scps':[{'policies':[" ALLOW_ALL "," DENY_ALL "]}]}",
	 "ExplicitDeny scps[0].policies[1] No"},
	{"root is bound by SCPs", ROOT, "{'scps':[{'policies':[" NOTHING "]}]}",
	 "ImplicitDeny scps"},
	{"root is not bound by its own policies", ROOT,
	 "{'identity_policies':[" DENY_ALL "],'permission_boundaries':[" DENY_ALL "]}",
	 "Allow AWS root may do anything in its account"},
	{"root and a resource policy", ROOT, "{'resource_policy':" REFUSE("'*'") "}",
	 "ExplicitDeny resource_policy R"},
	{"no SCP binds a service-linked role",
	 "arn:aws:sts::111122223333:assumed-role/AWSServiceRoleForX/s",
	 "{'identity_policies':[" ALLOW_ALL "],'scps':[{'policies':[" DENY_ALL "]}]}",
	 "Allow identity_policies[0] 0"},
	{"an RCP denies", USER,
	 "{'identity_policies':[" ALLOW_ALL "],'rcps':[{'policies':[" REFUSE("'*'") "]}]}",
	 "ExplicitDeny rcps[0].policies[0] R"},
	{"an RCP need not allow", USER,
	 "{'identity_policies':[" ALLOW_ALL "],'rcps':[{'policies':[" NOTHING "]}]}",
	 "Allow identity_policies[0] 0"},
	{"an endpoint policy limits", USER,
	 "{'identity_policies':[" ALLOW_ALL "],'endpoint_policies':[" NOTHING "]}",
	 "ImplicitDeny endpoint_policies"},
	{"an endpoint policy allows", USER,
	 "{'identity_policies':[" ALLOW_ALL "],'endpoint_policies':[" GRANT("'*'") "]}",
	 "Allow identity_policies[0] 0"},
	/* The same account. */
	{"a grant to the user", USER, "{'resource_policy':" GRANT("{'AWS':['" USER "']}") "}",
	 "Allow resource_policy G"},
	{"a grant to the user beyond his boundary", USER,
	 "{'resource_policy':" GRANT("{'AWS':'" USER "'}") ",'permission_boundaries':[" NOTHING
							   "]}",
	 "Allow resource_policy G"},
	{"a grant to everybody", USER, "{'resource_policy':" GRANT("'*'") "}",
	 "Allow resource_policy G"},
	{"a grant to every AWS principal", USER, "{'resource_policy':" GRANT("{'AWS':'*'}") "}",
	 "Allow resource_policy G"},
	{"a grant to the account delegates", USER,
	 "{'resource_policy':" GRANT("{'AWS':'" ROOT "'}") "}", "ImplicitDeny identity_policies"},
	{"a grant to its number too", USER,
	 "{'resource_policy':" GRANT("{'AWS':'111122223333'}") ",'identity_policies':[" ALLOW_ALL
							       "]}",
	 "Allow identity_policies[0] 0"},
	{"a grant to another user", USER,
	 "{'resource_policy':" GRANT("{'AWS':'arn:aws:iam::111122223333:user/x'}") "}",
	 "ImplicitDeny identity_policies"},
	{"no wildcard within a principal", USER,
	 "{'resource_policy':" GRANT("{'AWS':'arn:aws:iam::111122223333:user/*'}") "}",
	 "ImplicitDeny identity_policies"},
	{"a grant to the session", SESSION,
	 "{'resource_policy':" GRANT("{'AWS':'" SESSION "'}") ",'session_policy':" NOTHING "}",
	 "Allow resource_policy G"},
	{"a grant to the session's role", SESSION,
	 "{'resource_policy':" GRANT(
		 "{'AWS':'" ROLE "'}") ",'request':{'context':{'aws:PrincipalArn':'" ROLE "'}}}",
	 "Allow resource_policy G"},
	{"a grant to the role without path", SESSION,
	 "{'resource_policy':" GRANT("{'AWS':'arn:aws:iam::111122223333:role/deploy'}") "}",
	 "Allow resource_policy G"},
	{"a grant to the role within the session policy", SESSION,
	 "{'resource_policy':" GRANT(
		 "{'AWS':'arn:aws:iam::111122223333:role/deploy'}") ",'session_policy':" NOTHING
								    "}",
	 "ImplicitDeny session_policy"},
	{"a grant to the role within the boundary", ROLE,
	 "{'resource_policy':" GRANT("{'AWS':'" ROLE "'}") ",'permission_boundaries':[" NOTHING
							   "]}",
	 "ImplicitDeny permission_boundaries"},
	{"a Deny of the account is one of the user", USER,
	 "{'identity_policies':[" ALLOW_ALL "],'resource_policy':" REFUSE("{'AWS':'" ROOT "'}") "}",
	 "ExplicitDeny resource_policy R"},
	{"a Deny of another account is not", USER,
	 "{'identity_policies':[" ALLOW_ALL
	 "],'resource_policy':" REFUSE("{'AWS':'444455556666'}") "}",
	 "Allow identity_policies[0] 0"},
	{"a Deny of all but him", USER,
	 "{'identity_policies':[" ALLOW_ALL "],'resource_policy':{'Statement':[{'Effect':'Deny',"
	 "'NotPrincipal':{'AWS':'" USER "'},'Action':'*','Resource':'*'}]}}",
	 "Allow identity_policies[0] 0"},
	{"a Deny of all but others", USER,
	 "{'identity_policies':[" ALLOW_ALL "],'resource_policy':{'Statement':[{'Effect':'Deny',"
	 "'NotPrincipal':{'AWS':'" OTHER "'},'Action':'*','Resource':'*'}]}}",
	 "ExplicitDeny resource_policy 0"},
	{"a Deny of all but him hits who has a boundary", USER,
	 "{'identity_policies':[" ALLOW_ALL "],'permission_boundaries':[" ALLOW_ALL
	 "],'resource_policy':{'Statement':[{'Effect':'Deny','NotPrincipal':{'AWS':'" USER
	 "'},'Action':'*','Resource':'*'}]}}",
	 "ExplicitDeny resource_policy 0"},
	/* Another account. */
	{"both sides", OTHER,
	 "{'identity_policies':[" ALLOW_ALL "],'resource_policy':" GRANT(
		 "{'AWS':'444455556666'}") ",'request':{'resource_account':'111122223333'}}",
	 "Allow identity_policies[0] 0"},
	{"only the identity", OTHER,
	 "{'identity_policies':[" ALLOW_ALL "],'request':{'resource_account':'111122223333'}}",
	 "ImplicitDeny resource_policy"},
	{"only the resource", OTHER,
	 "{'resource_policy':" GRANT("{'AWS':'" OTHER
				     "'}") ",'request':{'resource_account':'111122223333'}}",
	 "ImplicitDeny identity_policies"},
	/* Others. */
	{"nobody in particular", "*", "{'resource_policy':" GRANT("'*'") "}",
	 "Allow resource_policy G"},
	{"nobody in particular and an account", "*",
	 "{'resource_policy':" GRANT("{'AWS':'111122223333'}") "}", "ImplicitDeny resource_policy"},
	{"no SCP binds nobody", "*",
	 "{'scps':[{'policies':[]}],'resource_policy':" GRANT("'*'") "}",
	 "Allow resource_policy G"},
	{"a service", "ec2.amazonaws.com",
	 "{'resource_policy':" GRANT("{'Service':['ec2.amazonaws.com']}") "}",
	 "Allow resource_policy G"},
	{"another service", "ec2.amazonaws.com",
	 "{'identity_policies':[" ALLOW_ALL
	 "],'resource_policy':" GRANT("{'Service':'lambda.amazonaws.com'}") "}",
	 "ImplicitDeny resource_policy"},
	{"an identity provider", "arn:aws:iam::111122223333:oidc-provider/ci.example",
	 "{'resource_policy':" GRANT(
		 "{'Federated':'arn:aws:iam::111122223333:oidc-provider/ci.example'}") "}",
	 "Allow resource_policy G"},
};

static void test_layers(void)
{
	char got[256];

	for (size_t i = 0; i < COUNT(layer_rows); i++) {
		const struct layer_row *row = &layer_rows[i];
		json_auto_t *decision = decide(row->principal, "s3:GetObject", BUCKET "/k",
					       row->members);
		say(decision, got);
		STR_EQ(got, row->want, "%s", row->name);
		OK(!json_object_get(decision, "problems"), "%s: no problems", row->name);
	}
}

static const struct match_row {
	const char *action, *resource, *statement, *want;
} match_rows[] = {
	{"s3:GetObject", BUCKET "/k", "'Action':'s3:GetObject','Resource':'*'", "Allow"},
	{"S3:getobject", BUCKET "/k", "'Action':'s3:GETOBJECT','Resource':'*'", "Allow"},
	{"s3:GetObject", BUCKET "/k", "'Action':'s3:Get*','Resource':'*'", "Allow"},
	{"s3:GetObject", BUCKET "/k", "'Action':'s3:?etObject','Resource':'*'", "Allow"},
	{"s3:GetObject", BUCKET "/k", "'Action':'s3:Put*','Resource':'*'", "ImplicitDeny"},
	{"s3:GetObject", BUCKET "/k", "'Action':'*:*','Resource':'*'", "Allow"},
	{"s3:GetObject", BUCKET "/k", "'Action':'s*:GetObject','Resource':'*'", "ImplicitDeny"},
	{"s3:GetObject", BUCKET "/k", "'Action':'GetObject','Resource':'*'", "ImplicitDeny"},
	{"s3:GetObject", BUCKET "/k", "'Action':['ec2:*','s3:*'],'Resource':'*'", "Allow"},
	{"s3:GetObject", BUCKET "/k", "'Action':[],'Resource':'*'", "ImplicitDeny"},
	{"s3:GetObject", BUCKET "/k", "'NotAction':'ec2:*','Resource':'*'", "Allow"},
	{"s3:GetObject", BUCKET "/k", "'NotAction':['s3:Get*'],'Resource':'*'", "ImplicitDeny"},
	{"s3express:GetObject", BUCKET "/k", "'Action':'s3:*','Resource':'*'", "ImplicitDeny"},
	/* Resources: six parts, each on its own, the last one whole. */
	{"s3:GetObject", BUCKET "/k", "'Action':'*','Resource':'" BUCKET "/*'", "Allow"},
	{"s3:GetObject", BUCKET "/K", "'Action':'*','Resource':'" BUCKET "/k'", "ImplicitDeny"},
	{"s3:GetObject", BUCKET "/a/b:c", "'Action':'*','Resource':'" BUCKET "*c'", "Allow"},
	{"s3:GetObject", BUCKET "/k", "'Action':'*','Resource':'arn:*:s3:::b/?'", "Allow"},
	{"s3:GetObject", BUCKET "/k", "'Action':'*','NotResource':'" BUCKET "/*'", "ImplicitDeny"},
	{"s3:GetObject", BUCKET "/k", "'Action':'*','NotResource':'arn:aws:s3:::c/*'", "Allow"},
	{"s3:ListAllMyBuckets", "*", "'Action':'*','Resource':'arn:aws:s3:::*'", "ImplicitDeny"},
	{"s3:ListAllMyBuckets", "*", "'Action':'*','NotResource':'arn:aws:s3:::*'", "Allow"},
	{"lambda:InvokeFunction", "arn:aws:lambda:eu-west-1:111122223333:function:x",
	 "'Action':'*','Resource':'arn:aws:lambda:*:*:function:x'", "Allow"},
	{"lambda:InvokeFunction", "arn:aws:lambda:eu-west-1:111122223333:function:x",
	 "'Action':'*','Resource':'arn:aws:lambda:*:function:x'", "ImplicitDeny"},
	{"ec2:StartInstances", "arn:aws:ec2:eu-west-1:111122223333:instance/i-1",
	 "'Action':'*','Resource':'arn:aws:ec2:*:*:*/i-1'", "Allow"},
	{"ec2:StartInstances", "arn:aws:ec2:eu-west-1:111122223333:instance/i-1",
	 "'Action':'*','Resource':'arn:aws:ec2:*:*:inst*'", "Allow"},
	{"s3:GetObject", BUCKET "/k", "'Action':'*','Resource':'arn:aws:s3'", "Allow"},
	{"s3:GetObject", BUCKET "/k", "'Action':'*','Resource':'arn:aws:ec2'", "ImplicitDeny"},
	{"s3:GetObject", BUCKET "/k", "'Action':'*','Resource':['x','arn:*']", "Allow"},
	/* Variables. */
	{"s3:GetObject", BUCKET "/mallory/k",
	 "'Action':'*','Resource':'" BUCKET "/${aws:username}/*'", "Allow"},
	{"s3:GetObject", BUCKET "/eve/k", "'Action':'*','Resource':'" BUCKET "/${aws:username}/*'",
	 "ImplicitDeny"},
	{"s3:GetObject", BUCKET "/k", "'Action':'*','Resource':'" BUCKET "/${aws:absent}*'",
	 "ImplicitDeny"},
	{"s3:GetObject", BUCKET "/k", "'Action':'*','NotResource':'" BUCKET "/${aws:absent}*'",
	 "ImplicitDeny"},
	{"s3:GetObject", BUCKET "/a*b", "'Action':'*','Resource':'" BUCKET "/a${*}b'", "Allow"},
	{"s3:GetObject", BUCKET "/acb", "'Action':'*','Resource':'" BUCKET "/a${*}b'",
	 "ImplicitDeny"},
};

static void test_matching(void)
{
	char members[1024];

	for (size_t i = 0; i < COUNT(match_rows); i++) {
		const struct match_row *row = &match_rows[i];
		snprintf(
			members, sizeof(members),
			"{'identity_policies':[{'Version':'2012-10-17','Statement':{'Effect':'Allow'"
			",%s}}],'request':{'context':{'aws:username':'mallory'}}}",
			row->statement);
		json_auto_t *decision = decide(USER, row->action, row->resource, members);
		STR_EQ(jx_text(decision, "decision"), row->want, "%s on %s by %s", row->action,
		       row->resource, row->statement);
	}
}

/* How each kind of policy takes a resource with fewer than six parts. */
static void test_short_resources(void)
{
	static const struct {
		const char *member, *resource, *want;
	} rows[] = {
		{"'permission_boundaries':[%s]", "arn:aws:s3", "Allow"},
		{"'session_policy':%s", "arn:aws:s3", "Allow"},
		{"'scps':[{'policies':[%s]}]", "arn:aws:s3", "ImplicitDeny"},
		{"'scps':[{'policies':[%s]}]", "arn:aws:s3*", "Allow"},
		{"'endpoint_policies':[%s]", "arn:aws:s3*", "Allow"},
	};
	char document[256];
	char member[512];
	char members[1024];

	for (size_t i = 0; i < COUNT(rows); i++) {
		snprintf(document, sizeof(document),
			 "{'Statement':{'Effect':'Allow','Action':'*','Resource':'%s'}}",
			 rows[i].resource);
		const char *at = strstr(rows[i].member, "%s");
		snprintf(member, sizeof(member), "%.*s%s%s", (int)(at - rows[i].member),
			 rows[i].member, document, at + 2);
		snprintf(members, sizeof(members), "{'identity_policies':[" ALLOW_ALL "],%s}",
			 member);
		json_auto_t *decision = decide(SESSION, "s3:GetObject", BUCKET "/k", members);
		STR_EQ(jx_text(decision, "decision"), rows[i].want, "short %s", member);
	}
}

static void test_service_rules(void)
{
	static const struct {
		const char *principal, *action, *resource, *members, *want;
	} rows[] = {
		{USER, "sts:GetCallerIdentity", "*", "{'identity_policies':[" DENY_ALL "]}",
		 "Allow AWS GetCallerIdentity needs no permission"},
		{USER, "sts:GetSessionToken", "*", "{'identity_policies':[" DENY_ALL "]}",
		 "Allow AWS no policy keeps a user from GetSessionToken"},
		{SESSION, "sts:GetSessionToken", "*", "{'identity_policies':[" DENY_ALL "]}",
		 "ExplicitDeny identity_policies[0] No"},
		{USER, "iam:CreatePolicyVersion", "arn:aws:iam::aws:policy/AdministratorAccess",
		 "{'identity_policies':[" ALLOW_ALL "]}",
		 "ImplicitDeny AWS a policy of AWS's own cannot be changed"},
		{USER, "iam:GetPolicy", "arn:aws:iam::aws:policy/AdministratorAccess",
		 "{'identity_policies':[" ALLOW_ALL "]}", "Allow identity_policies[0] 0"},
		{USER, "iam:PutRolePolicy",
		 "arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/x",
		 "{'identity_policies':[" ALLOW_ALL "]}",
		 "ImplicitDeny AWS a reserved role can only be changed by AWS"},
		{USER, "kms:DeleteAlias", "arn:aws:kms:eu-west-1:111122223333:alias/aws/s3",
		 "{'identity_policies':[" ALLOW_ALL "]}",
		 "ImplicitDeny AWS an alias of AWS's own cannot be changed"},
		/* Trust and key policies must themselves allow. */
		{USER, "sts:AssumeRole", ROLE, "{'identity_policies':[" ALLOW_ALL "]}",
		 "ImplicitDeny resource_policy"},
		{USER, "sts:AssumeRole", ROLE,
		 "{'identity_policies':[" ALLOW_ALL "],'resource_policy':{'Statement':{'Effect':"
		 "'Allow','Action':'sts:AssumeRole','Principal':{'AWS':'" ROOT "'}}}}",
		 "Allow identity_policies[0] 0"},
		{USER, "sts:AssumeRole", ROLE,
		 "{'resource_policy':{'Statement':{'Effect':'Allow','Action':'sts:AssumeRole',"
		 "'Principal':{'AWS':'" USER "'}}}}",
		 "Allow resource_policy 0"},
		{USER, "kms:Decrypt", "arn:aws:kms:eu-west-1:111122223333:key/1",
		 "{'identity_policies':[" ALLOW_ALL
		 "],'resource_policy':" GRANT("{'AWS':'arn:aws:iam::111122223333:user/x'}") "}",
		 "ImplicitDeny resource_policy"},
		/* Services that have no RCPs. */
		{USER, "ec2:RunInstances", "*",
		 "{'identity_policies':[" ALLOW_ALL "],'rcps':[{'policies':[" REFUSE("'*'") "]}]}",
		 "Allow identity_policies[0] 0"},
	};
	char got[256];

	for (size_t i = 0; i < COUNT(rows); i++) {
		json_auto_t *decision = decide(rows[i].principal, rows[i].action, rows[i].resource,
					       rows[i].members);
		say(decision, got);
		STR_EQ(got, rows[i].want, "%s on %s", rows[i].action, rows[i].resource);
	}
}

/* What is not understood counts against the request, and is said. */
static void test_problems(void)
{
	static const struct {
		const char *statement, *decision, *what;
		bool may; /* it would be allowed, were the statement none */
	} rows[] = {
		{"{'Effect':'Deny','Action':'*','Resource':'*','Conditon':{}}", "ExplicitDeny",
		 "a member that is not known: 'Conditon'", true},
		{"{'Effect':'deny','Action':'*','Resource':'*'}", "ExplicitDeny",
		 "an effect that is neither Allow nor Deny: 'deny'", true},
		{"{'Effect':'Deny','Resource':'*'}", "ExplicitDeny",
		 "there is none of this: 'Action'", true},
		{"{'Effect':'Deny','Action':'*'}", "ExplicitDeny",
		 "there is none of this: 'Resource'", true},
		{"{'Effect':'Deny','Action':'*','Resource':'*','Condition':{'Strange':{'a':'b'}}}",
		 "ExplicitDeny", "an operator that is not known: 'Strange'", true},
		{"{'Effect':'Deny','Action':'*','Resource':'*','Principal':'*'}", "ExplicitDeny",
		 "a policy of this kind names no principals", true},
		{"'Deny'", "ExplicitDeny", "a statement that is no object", true},
		{"{'Effect':'Deny','Action':'s*:Get*','Resource':'*'}", "Allow",
		 "this is no form of an action and matches none: 's*:Get*'", false},
		{"{'Effect':'Deny','Action':'*','Resource':'arn:aws:s3:${a}::b'}", "Allow",
		 "a variable outside of the last part of an ARN matches nothing: "
		 "'arn:aws:s3:${a}::b'",
		 false},
		{"{'Effect':'Deny','Action':'ec2:*','Resource':'*','Conditon':{}}", "Allow",
		 "a member that is not known: 'Conditon'", false},
	};
	char members[1024];

	for (size_t i = 0; i < COUNT(rows); i++) {
		snprintf(members, sizeof(members),
			 "{'identity_policies':[" ALLOW_ALL
			 ",{'Version':'2012-10-17','Statement':[%s]}]}",
			 rows[i].statement);
		json_auto_t *decision = decide(USER, "s3:GetObject", BUCKET "/k", members);
		STR_EQ(jx_text(decision, "decision"), rows[i].decision, "%s", rows[i].statement);
		STR_EQ(jx_text(json_array_get(json_object_get(decision, "problems"), 0), "what"),
		       rows[i].what, "%s: is reported", rows[i].statement);
		STR_EQ(jx_text(decision, "may"), rows[i].may ? "Allow" : NULL, "%s: may",
		       rows[i].statement);
	}
}

/* A value of the request that nothing can be made of keeps a Deny from holding: that is said, of
 * Denies of this action alone, and changes no decision. So is a wildcard in the type. */
static void test_doubts(void)
{
#define DOUBT(action, condition) \
	"{'Effect':'Deny','Action':'" action "','Resource':'*','Condition':" condition "}"
#define FORM \
	"a value of the request is not of the operator's form, so that this Deny may not hold: "
	static const struct {
		const char *statement, *context, *decision, *what;
	} rows[] = {
		{DOUBT("*", "{'NumericLessThan':{'s3:max-keys':'10'}}"), "{'s3:max-keys':'abc'}",
		 "Allow", FORM "'abc'"},
		{DOUBT("*", "{'IpAddress':{'aws:SourceIp':'10.0.0.0/8'}}"),
		 "{'aws:SourceIp':'AWS Internal'}", "Allow", FORM "'AWS Internal'"},
		{DOUBT("*", "{'NotIpAddress':{'aws:SourceIp':'10.0.0.0/8'}}"),
		 "{'aws:SourceIp':'AWS Internal'}", "ExplicitDeny", FORM "'AWS Internal'"},
		{DOUBT("*", "{'DateLessThan':{'aws:TokenIssueTime':'2026-01-01T00:00:00Z'}}"),
		 "{'aws:TokenIssueTime':'soon'}", "Allow", FORM "'soon'"},
		{DOUBT("*", "{'Bool':{'aws:SecureTransport':'false'}}"),
		 "{'aws:SecureTransport':'nope'}", "Allow", FORM "'nope'"},
		{DOUBT("*", "{'ArnLike':{'aws:SourceArn':'arn:aws:s3:::b'}}"),
		 "{'aws:SourceArn':'b'}", "Allow", FORM "'b'"},
		{DOUBT("*", "{'ForAnyValue:NumericEquals':{'k':'10'}}"), "{'k':['10','x']}",
		 "ExplicitDeny", FORM "'x'"},
		{DOUBT("*", "{'NumericLessThan':{'s3:max-keys':'10'}}"), "{'s3:max-keys':'11'}",
		 "Allow", NULL},
		{DOUBT("*", "{'NumericLessThan':{'s3:max-keys':'10'}}"), "{}", "Allow", NULL},
		{DOUBT("ec2:*", "{'NumericLessThan':{'s3:max-keys':'10'}}"),
		 "{'s3:max-keys':'abc'}", "Allow", NULL},
		{"{'Effect':'Allow','Action':'*','Resource':'*','Condition':{'NumericLessThan':"
		 "{'s3:max-keys':'10'}}}",
		 "{'s3:max-keys':'abc'}", "Allow", NULL},
	};
	static const char wild[] = "a wildcard in a resource's type, which may match nothing: "
				   "'arn:aws:ec2:*:*:*/i-1'";
	static const char typed[] = "{'identity_policies':[" ALLOW_ALL
				    ",{'Statement':{'Effect':'Deny','Action':'*','Resource':"
				    "'arn:aws:ec2:*:*:*/i-1'}}]}";
	char members[1024];

	for (size_t i = 0; i < COUNT(rows); i++) {
		snprintf(members, sizeof(members),
			 "{'request':{'context':%s},'identity_policies':[" ALLOW_ALL
			 ",{'Version':'2012-10-17','Statement':[%s]}]}",
			 rows[i].context, rows[i].statement);
		json_auto_t *decision = decide(USER, "s3:ListBucket", BUCKET, members);
		const json_t *problems = json_object_get(decision, "problems");
		STR_EQ(jx_text(decision, "decision"), rows[i].decision, "%s", rows[i].statement);
		STR_EQ(jx_text(json_array_get(problems, 0), "what"), rows[i].what, "%s: %s",
		       rows[i].statement, rows[i].what ? "is reported" : "has no problem");
	}
	json_auto_t *decision = decide(USER, "ec2:StopInstances",
				       "arn:aws:ec2:eu-west-1:111122223333:instance/i-1", typed);
	STR_EQ(jx_text(decision, "decision"), "ExplicitDeny", "a wildcard in the type");
	STR_EQ(jx_text(decision, "may"), "Allow", "may not count");
	STR_EQ(jx_text(json_array_get(json_object_get(decision, "problems"), 0), "what"), wild,
	       "and is flagged");
}

static void test_bad_rows(void)
{
	static const struct {
		const char *row, *want;
	} rows[] = {
		{"[]", "no JSON object"},
		{"{}", "request: missing"},
		{"{'request':[]}", "request: no object"},
		{"{'request':{}}", "request.principal: missing"},
		{"{'request':{'principal':5}}", "request.principal: no text"},
		{"{'request':{'principal':'*'}}", "request.action: missing"},
		{"{'request':{'principal':'*','action':'s3'}}",
		 "request.action: 's3' is no service:Action"},
		{"{'request':{'principal':'*','action':'s3:*'}}",
		 "request.action: 's3:*' is no service:Action"},
		{"{'request':{'principal':'*','action':'s3:a','context':[]}}",
		 "request.context: no object"},
		{"{'request':{'principal':'*','action':'s3:a','context':{'k':{}}}}",
		 "request.context: 'k' is neither text nor a list of it"},
		{"{'request':{'principal':'*','action':'s3:a'},'identity_policies':{}}",
		 "identity_policies: no list"},
		{"{'request':{'principal':'*','action':'s3:a'},'identity_policies':['x']}",
		 "identity_policies[0]: no policy document"},
		{"{'request':{'principal':'*','action':'s3:a'},'scps':[[]]}", "scps[0]: no object"},
		{"{'request':{'principal':'*','action':'s3:a'},'resource_policy':7}",
		 "resource_policy: no policy document"},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		json_auto_t *row = js(rows[i].row);
		struct err err = ERR_INIT;
		json_t *decision = NULL;
		INT_EQ(policy_decide(row, &decision, &err), -1, "%s: refused", rows[i].row);
		STR_EQ(err.message, rows[i].want, "%s: says why", rows[i].row);
		OK(!decision, "%s: nothing was written", rows[i].row);
	}
}

int main(void)
{
	test_layers();
	test_matching();
	test_short_resources();
	test_service_rules();
	test_problems();
	test_doubts();
	test_bad_rows();
	return tap_done();
}
