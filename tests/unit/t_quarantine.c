// SPDX-License-Identifier: Apache-2.0
/* Our own quarantine: it denies what AWS's denies and what that leaves open, leaves ordinary work
 * alone, and is small. The known actions are those of tests/data/iam-actions.tsv. Run from the top.
 */
#include "cordon/policy.h"

#include "fixture.h"

#define DATA "tests/data/"
#define FULL "playbooks/policies/quarantine.json"
#define SPARE "playbooks/policies/quarantine-spare-logs.json"

/* A user has 2,048 for all inline policies together. */
enum { MOST_FULL = 1240, MOST_SPARE = 1190, MOST_READS = 24 };

struct action {
	char *name, *level; /* into tsv */
};

static char *tsv;
static struct action *actions;
static size_t action_count;

/* Those that only the full form denies: what V3 names, and our patterns. */
static const char *const spared[] = {"logs:PutLogEvents", "s3:GetObject", "s3:ListBucket"};
static const char *const spared_patterns[] = {"logs:PutLogEvents", "s3:GetObject*",
					      "s3:ListBucket*"};

/* What must be denied besides, and V3 v3 leaves open. IAM's own writes come from the levels. */
static const char *const also[] = {
	/* A quarantined principal takes the quarantine off, or comes back by another way. */
	"iam:DeleteUserPolicy",
	"iam:DeleteRolePolicy",
	"iam:DeleteGroupPolicy",
	"iam:DetachRolePolicy",
	"iam:DetachGroupPolicy",
	"iam:DeleteUserPermissionsBoundary",
	"iam:DeleteRolePermissionsBoundary",
	"iam:PutRolePermissionsBoundary",
	"iam:CreatePolicy",
	"iam:DeletePolicy",
	"iam:DeletePolicyVersion",
	"iam:CreateGroup",
	"iam:RemoveUserFromGroup",
	"iam:UpdateRole",
	"iam:DeleteUser",
	"iam:DeleteLoginProfile",
	"iam:EnableMFADevice",
	"iam:DeactivateMFADevice",
	"iam:CreateVirtualMFADevice",
	"iam:DeleteVirtualMFADevice",
	"iam:ResyncMFADevice",
	"iam:CreateServiceSpecificCredential",
	"iam:ResetServiceSpecificCredential",
	"iam:UpdateServiceSpecificCredential",
	"iam:UploadSSHPublicKey",
	"iam:UpdateSSHPublicKey",
	"iam:UploadSigningCertificate",
	"iam:UpdateSigningCertificate",
	"iam:UploadServerCertificate",
	"iam:CreateSAMLProvider",
	"iam:UpdateSAMLProvider",
	"iam:CreateOpenIDConnectProvider",
	"iam:AddClientIDToOpenIDConnectProvider",
	"iam:UpdateOpenIDConnectProviderThumbprint",
	"iam:AddRoleToInstanceProfile",
	"iam:CreateServiceLinkedRole",
	"iam:AcceptDelegationRequest",
	"iam:TagUser",
	"iam:UntagRole",
	/* Other credentials. */
	"sts:AssumeRole",
	"sts:AssumeRoot",
	"sts:GetWebIdentityToken",
	"sts:GetDelegatedAccessToken",
	"ec2-instance-connect:SendSSHPublicKey",
	"ec2-instance-connect:SendSerialConsoleSSHPublicKey",
	"ssm:StartSession",
	"ssm:ResumeSession",
	"ssm:SendCommand",
	"ssm:CreateAssociation",
	"ssm:UpdateAssociation",
	"ecs:ExecuteCommand",
	"sagemaker:CreatePresignedNotebookInstanceUrl",
	/* Code under a role that is already passed. */
	"apprunner:UpdateService",
	"cloudformation:UpdateStack",
	"cloudformation:UpdateStackSet",
	"cloudformation:ExecuteChangeSet",
	"codebuild:StartBuild",
	"codebuild:StartBuildBatch",
	"codestar:CreateProject",
	"ec2:CreateLaunchTemplateVersion",
	"glue:UpdateDevEndpoint",
	"lambda:CreateEventSourceMapping",
	"lambda:CreateFunctionUrlConfig",
	"lambda:UpdateFunctionConfiguration",
	"sagemaker:CreateNotebookInstance",
	"sagemaker:CreateNotebookInstanceLifecycleConfig",
	"sagemaker:CreateTrainingJob",
	"sagemaker:UpdateNotebookInstance",
	"sagemaker:UpdateNotebookInstanceLifecycleConfig",
	/* Bedrock. */
	"bedrock:CallWithBearerToken",
	"bedrock:CreateProvisionedModelThroughput",
	"bedrock:DeleteModelInvocationLoggingConfiguration",
	"bedrock:InvokeAgent",
	"bedrock:InvokeInlineAgent",
	"bedrock:PutUseCaseForModelAccess",
	"bedrock:RetrieveAndGenerate",
	"bedrock-agentcore:InvokeAgentRuntime",
	"bedrock-agentcore:InvokeCodeInterpreter",
	"bedrock-mantle:CallWithBearerToken",
	"bedrock-mantle:CreateInference",
	/* The same as what V3 denies, by another name. */
	"ec2:PurchaseCapacityBlock",
	"ec2:RequestSpotFleet",
	"s3:PutReplicationConfiguration",
	"ses:ListEmailIdentities",
};

/* What the published escalation paths need that V3 v3 leaves open, by pathfinding.cloud's id or
 * Rhino's number; one of each path's permissions is enough. */
static const struct {
	const char *path, *action;
} paths[] = {
	{"apprunner-002", "apprunner:UpdateService"},
	{"bedrock-002", "bedrock-agentcore:InvokeCodeInterpreter"},
	{"cloudformation-002", "cloudformation:UpdateStack"},
	{"cloudformation-005", "cloudformation:ExecuteChangeSet"},
	{"codebuild-002", "codebuild:StartBuild"},
	{"codebuild-003", "codebuild:StartBuildBatch"},
	{"ec2-004", "ec2:CreateLaunchTemplateVersion"},
	{"ec2instanceconnect-003", "ec2-instance-connect:SendSSHPublicKey"},
	{"ecs-006", "ecs:ExecuteCommand"},
	{"glue-002", "glue:UpdateDevEndpoint"},
	{"rhino 23",
	 "codestar:CreateProjectFromTemplate"}, /* of a closed service; not in the table */
	{"rhino 25", "codestar:CreateProject"},
	{"rhino 26", "lambda:UpdateFunctionConfiguration"},
	{"sagemaker-004", "sagemaker:CreatePresignedNotebookInstanceUrl"},
	{"sagemaker-005", "sagemaker:CreateNotebookInstanceLifecycleConfig"},
	{"ssm-001", "ssm:StartSession"},
	{"ssm-002", "ssm:SendCommand"},
	{"sts-001", "sts:AssumeRole"},
};

/* What runs on: neither V3 nor we deny it. */
static const char *const ordinary[] = {
	"apprunner:DescribeService",
	"autoscaling:DescribeAutoScalingGroups",
	"cloudformation:DescribeStacks",
	"cloudtrail:DescribeTrails",
	"cloudtrail:GetTrailStatus",
	"cloudwatch:GetMetricData",
	"cloudwatch:PutMetricData",
	"codebuild:BatchGetBuilds",
	"dynamodb:GetItem",
	"dynamodb:PutItem",
	"dynamodb:Query",
	"ec2:AttachVolume",
	"ec2:CreateSnapshot",
	"ec2:DescribeInstances",
	"ec2:DescribeLaunchTemplates",
	"ec2:DescribeReservedInstances",
	"ec2:RebootInstances",
	"ec2:StopInstances",
	"ec2:TerminateInstances",
	"ec2messages:GetMessages",
	"ecr:BatchGetImage",
	"ecr:GetDownloadUrlForLayer",
	"ecs:DescribeTasks",
	"ecs:Poll",
	"ecs:RegisterContainerInstance",
	"ecs:SubmitTaskStateChange",
	"events:PutEvents",
	"glue:GetTable",
	"glue:StartJobRun",
	"kinesis:PutRecord",
	"kms:Decrypt",
	"kms:DescribeKey",
	"kms:GenerateDataKey",
	"kms:GetKeyPolicy",
	"kms:ListGrants",
	"kms:ReEncryptFrom",
	"lambda:GetFunction",
	"lambda:InvokeFunction",
	"logs:CreateLogGroup",
	"logs:CreateLogStream",
	"logs:FilterLogEvents",
	"logs:GetLogEvents",
	"organizations:DescribeOrganization",
	"organizations:ListAccounts",
	"rds:DescribeDBInstances",
	"s3:AbortMultipartUpload",
	"s3:GetBucketLocation",
	"s3:GetBucketPolicy",
	"s3:GetEncryptionConfiguration",
	"s3:ListMultipartUploadParts",
	"s3:PutObject",
	"s3:PutObjectAcl",
	"s3:PutObjectTagging",
	"sagemaker:DescribeEndpoint",
	"sagemaker:InvokeEndpoint",
	"secretsmanager:GetSecretValue",
	"ses:SendEmail",
	"sns:Publish",
	"sqs:ReceiveMessage",
	"sqs:SendMessage",
	"ssm:DescribeInstanceInformation",
	"ssm:GetParameter",
	"ssm:ListAssociations",
	"ssm:UpdateAssociationStatus",
	"ssm:UpdateInstanceInformation",
	"ssmmessages:OpenDataChannel",
	"states:StartExecution",
	"sts:DecodeAuthorizationMessage",
	"sts:GetCallerIdentity",
	"xray:PutTraceSegments",
};

/* Besides, in the form that spares logs and reads. */
static const char *const ordinary_spared[] = {
	"logs:PutLogEvents",   "s3:GetObject",	"s3:GetObjectTagging",
	"s3:GetObjectVersion", "s3:ListBucket", "s3:ListBucketVersions",
};

/* The caller frees. */
static char *file_text(const char *path)
{
	char *text = NULL;
	size_t size = 0;
	FILE *file = fopen(path, "re");

	if (!file || getdelim(&text, &size, '\0', file) <= 0)
		bail(path, "cannot read it; the test runs from the top of the source tree");
	fclose(file);
	return text;
}

static json_t *file_json(const char *path)
{
	char *text = file_text(path);
	struct err err = ERR_INIT;
	json_t *document = jx_read(text, strlen(text), path, &err);

	free(text);
	if (!document)
		bail(path, err.message);
	return document;
}

static json_t *shipped(const char *path)
{
	const struct embedded_file *file = embedded_find(path);
	struct err err = ERR_INIT;
	json_t *document = file ? jx_read(file->bytes, file->length, path, &err) : NULL;

	if (!document)
		bail(path, file ? err.message : "it is not there");
	return document;
}

static void read_actions(void)
{
	char *rest = tsv = file_text(DATA "iam-actions.tsv");
	size_t room = 0;

	for (const char *at = tsv; *at; at++)
		room += *at == '\n';
	actions = calloc(room + 1, sizeof(*actions));
	for (char *line = strsep(&rest, "\n"); line; line = strsep(&rest, "\n")) {
		char *name = strsep(&line, "\t");
		if (*name && *name != '#')
			actions[action_count++] = (struct action){name, strsep(&line, "\t")};
	}
}

static bool is_read(const struct action *action)
{
	return strcmp(action->level, "Read") == 0 || strcmp(action->level, "List") == 0;
}

static bool is_known(const char *name)
{
	for (size_t i = 0; i < action_count; i++) {
		if (strcmp(actions[i].name, name) == 0)
			return true;
	}
	return false;
}

/* "Action" and "Resource" are a string or a list of them. */
static bool some_match(const json_t *patterns, const char *text)
{
	size_t i = 0;
	const json_t *pattern = NULL;

	if (json_is_string(patterns))
		return policy_glob(json_string_value(patterns), text, true);
	json_array_foreach (patterns, i, pattern) {
		if (policy_glob(json_string_value(pattern), text, true))
			return true;
	}
	return false;
}

static bool statement_denies(const json_t *statement, const char *action)
{
	return tap_same(jx_text(statement, "Effect"), "Deny") &&
	       some_match(json_object_get(statement, "Resource"), "*") &&
	       some_match(json_object_get(statement, "Action"), action);
}

/* A deny under a condition counts only where that very condition is asked for. NULL: none. */
static bool denies(const json_t *document, const char *action, const json_t *condition)
{
	size_t i = 0;
	const json_t *statement = NULL;

	json_array_foreach (json_object_get(document, "Statement"), i, statement) {
		const json_t *own = json_object_get(statement, "Condition");
		if (statement_denies(statement, action) &&
		    (!own || (condition && json_equal(own, condition))))
			return true;
	}
	return false;
}

/* {action: condition or null} of the known actions that a document denies. */
static json_t *denied_by(const json_t *document)
{
	json_t *denied = json_object();
	size_t at = 0;
	json_t *statement = NULL;

	json_array_foreach (json_object_get(document, "Statement"), at, statement) {
		json_t *condition = json_object_get(statement, "Condition");
		for (size_t i = 0; i < action_count; i++) {
			if (statement_denies(statement, actions[i].name))
				jx_set(denied, actions[i].name,
				       condition ? json_incref(condition) : json_null());
		}
	}
	return denied;
}

/* The actions of {action: condition} that a document leaves open, as an array. */
static json_t *open_in(const json_t *document, json_t *wanted)
{
	json_t *open = json_array();
	const char *action = NULL;
	json_t *condition = NULL;

	json_object_foreach (wanted, action, condition) {
		if (!denies(document, action, json_is_null(condition) ? NULL : condition))
			jx_push(open, json_string(action));
	}
	return open;
}

static void none_open(const json_t *document, json_t *wanted, const char *name)
{
	json_auto_t *open = open_in(document, wanted);
	char *text = jx_compact(open);

	STR_EQ(text, "[]", "%s: all of %zu", name, json_object_size(wanted));
	free(text);
}

/* IAM's writes, and the table. */
static json_t *wanted_besides(void)
{
	json_t *wanted = json_object();

	for (size_t i = 0; i < action_count; i++) {
		if (begins(actions[i].name, "iam:") && !is_read(&actions[i]))
			jx_set(wanted, actions[i].name, json_null());
	}
	OK(json_object_size(wanted) > 100, "%zu writes of IAM are known", json_object_size(wanted));
	for (size_t i = 0; i < COUNT(also); i++)
		jx_set(wanted, also[i], json_null());
	for (size_t i = 0; i < COUNT(paths); i++)
		jx_set(wanted, paths[i].action, json_null());
	return wanted;
}

static json_t *without_spared(const json_t *wanted)
{
	json_t *copy = jx_copy(wanted);

	for (size_t i = 0; i < COUNT(spared); i++)
		OK(json_object_del(copy, spared[i]) == 0, "V3 denies %s", spared[i]);
	return copy;
}

/* The rows themselves: no misspelt action, none that V3 denies already, none twice. */
static void test_tables(const json_t *v3)
{
	json_auto_t *seen = json_object();

	OK(action_count > 20000, "%zu actions are known", action_count);
	OK(COUNT(also) >= 60, "%zu actions besides IAM's writes", COUNT(also));
	for (size_t i = 0; i < COUNT(also); i++) {
		OK(is_known(also[i]) && !denies(v3, also[i], NULL) &&
			   !json_object_get(seen, also[i]),
		   "%s: V3 leaves it open", also[i]);
		jx_set(seen, also[i], json_true());
	}
	for (size_t i = 0; i < COUNT(paths); i++)
		OK(!denies(v3, paths[i].action, NULL), "path %s: V3 leaves %s open", paths[i].path,
		   paths[i].action);
	for (size_t i = 0; i < COUNT(ordinary); i++)
		OK(is_known(ordinary[i]) && !denies(v3, ordinary[i], NULL),
		   "%s: V3 does not deny it", ordinary[i]);
	for (size_t i = 0; i < COUNT(ordinary_spared); i++)
		OK(is_known(ordinary_spared[i]), "%s: is known", ordinary_spared[i]);
}

/* service:name, where only the name has wildcards: IAM takes no '*' in a service. */
static bool is_pattern(const char *text)
{
	size_t service = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-");
	const char *name = text + service + 1;

	return service > 0 && text[service] == ':' && *name &&
	       name[strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz*")] == '\0';
}

static void test_form(const json_t *document, const char *name, size_t most)
{
	json_t *statements = json_object_get(document, "Statement");
	json_t *first = json_array_get(statements, 0);
	size_t i = 0;
	const json_t *pattern = NULL;
	const char *last = "";
	char *text = jx_compact(document);

	STR_EQ(jx_text(document, "Version"), "2012-10-17", "%s: version", name);
	STR_EQ(jx_text(first, "Sid"), "CordonQuarantine", "%s: is known by its Sid", name);
	INT_EQ(json_array_size(statements), 2, "%s: two statements", name);
	INT_EQ(json_object_size(first), 4, "%s: the first has no condition", name);
	OK(strlen(text) <= most, "%s: has %zu characters, at most %zu", name, strlen(text), most);
	OK(!strchr(text, ' '), "%s: none of them white space", name);
	free(text);
	json_array_foreach (json_object_get(first, "Action"), i, pattern) {
		const char *value = json_is_string(pattern) ? json_string_value(pattern) : "";
		OK(is_pattern(value), "%s: '%s' is an action", name, value);
		OK(strcmp(last, value) < 0, "%s: '%s' is in its place", name, value);
		last = value;
	}
}

/* V3's patterns are denied as texts. A '*' there needs a '*' of ours, so this holds for actions
 * that no one knows yet. */
static void test_future(const json_t *theirs, const json_t *ours)
{
	size_t at = 0;
	const json_t *statement = NULL;

	json_array_foreach (json_object_get(theirs, "Statement"), at, statement) {
		size_t i = 0;
		const json_t *pattern = NULL;
		json_array_foreach (json_object_get(statement, "Action"), i, pattern)
			OK(denies(ours, json_string_value(pattern),
				  json_object_get(statement, "Condition")),
			   "V3's %s is denied", json_string_value(pattern));
	}
}

static void test_ordinary(const json_t *full, const json_t *spare)
{
	for (size_t i = 0; i < COUNT(ordinary); i++)
		OK(!denies(full, ordinary[i], NULL) && !denies(spare, ordinary[i], NULL),
		   "%s: runs on", ordinary[i]);
	for (size_t i = 0; i < COUNT(ordinary_spared); i++)
		OK(denies(full, ordinary_spared[i], NULL) &&
			   !denies(spare, ordinary_spared[i], NULL),
		   "%s: is spared", ordinary_spared[i]);
	OK(!denies(full, "kms:CreateGrant", NULL) && !denies(spare, "kms:CreateGrant", NULL),
	   "kms:CreateGrant: runs on where a service asks for it");
}

/* A wildcard that is too wide denies reads. IAM, Bedrock and Lightsail are meant as a whole. */
static void test_reads(const json_t *full, const json_t *v3)
{
	int extra = 0;

	for (size_t i = 0; i < action_count; i++) {
		const char *name = actions[i].name;
		extra += is_read(&actions[i]) && !begins(name, "iam:") &&
			 !begins(name, "bedrock:") && !begins(name, "lightsail:") &&
			 denies(full, name, NULL) && !denies(v3, name, NULL);
	}
	OK(extra <= MOST_READS, "%d reads are denied that V3 leaves, at most %d", extra,
	   MOST_READS);
}

static void test_spare(const json_t *full, const json_t *spare, json_t *wanted_v3)
{
	json_auto_t *open = open_in(spare, wanted_v3);
	json_auto_t *reduced = jx_copy(full);
	json_t *list = json_object_get(json_array_get(json_object_get(reduced, "Statement"), 0),
				       "Action");

	JS_EQ(open, "['logs:PutLogEvents','s3:GetObject','s3:ListBucket']",
	      "V3 denies these three more than the form that spares logs and reads");
	for (size_t i = 0; i < COUNT(spared_patterns); i++) {
		for (size_t at = 0; at < json_array_size(list); at++) {
			if (tap_same(json_string_value(json_array_get(list, at)),
				     spared_patterns[i]))
				json_array_remove(list, at);
		}
	}
	OK(json_equal(reduced, spare), "the two forms differ in %zu patterns",
	   COUNT(spared_patterns));
}

/* What is open once the pattern is taken out. New. */
static json_t *open_without(const json_t *document, size_t pattern, json_t *wanted)
{
	json_auto_t *copy = jx_copy(document);

	json_array_remove(
		json_object_get(json_array_get(json_object_get(copy, "Statement"), 0), "Action"),
		pattern);
	return open_in(copy, wanted);
}

/* Each pattern is needed, and the checks see that it is gone. */
static void test_mutations(const json_t *document, json_t *wanted, const char *name)
{
	const json_t *list = json_object_get(
		json_array_get(json_object_get(document, "Statement"), 0), "Action");
	size_t i = 0;
	const json_t *pattern = NULL;

	json_array_foreach (list, i, pattern) {
		json_auto_t *open = open_without(document, i, wanted);
		const char *text = json_string_value(pattern);
		size_t matching = 0, at = 0;
		const json_t *action = NULL;
		json_array_foreach (open, at, action)
			matching += policy_glob(text, json_string_value(action), true);
		OK(matching > 0 && matching == json_array_size(open),
		   "%s without %s: %zu are missed", name, text, matching);
	}
	json_auto_t *copy = jx_copy(document);
	json_array_remove(json_object_get(copy, "Statement"), 1);
	json_auto_t *open = open_in(copy, wanted);
	JS_EQ(open, "['kms:CreateGrant']", "%s without its second statement", name);
	json_auto_t *allow = jx_copy(document);
	jx_set(json_array_get(json_object_get(allow, "Statement"), 0), "Effect",
	       json_string("Allow"));
	json_auto_t *all = open_in(allow, wanted);
	INT_EQ(json_array_size(all), json_object_size(wanted) - 1, "%s with Allow for Deny", name);
}

static void test_one_mutation(const json_t *full, json_t *wanted_v3)
{
	json_auto_t *copy = jx_copy(full);
	json_t *list = json_object_get(json_array_get(json_object_get(copy, "Statement"), 0),
				       "Action");

	for (size_t i = 0; i < json_array_size(list); i++) {
		if (tap_same(json_string_value(json_array_get(list, i)), "kms:Re*Grant"))
			json_array_remove(list, i);
	}
	json_auto_t *open = open_in(copy, wanted_v3);
	JS_EQ(open, "['kms:RetireGrant','kms:RevokeGrant']", "without kms:Re*Grant both are named");
}

int main(void)
{
	read_actions();
	json_auto_t *v2 = file_json(DATA "AWSCompromisedKeyQuarantineV2.v5.json");
	json_auto_t *v3 = file_json(DATA "AWSCompromisedKeyQuarantineV3.v3.json");
	json_auto_t *full = shipped(FULL);
	json_auto_t *spare = shipped(SPARE);
	json_auto_t *wanted_v2 = denied_by(v2);
	json_auto_t *wanted_v3 = denied_by(v3);
	json_auto_t *besides = wanted_besides();
	json_auto_t *wanted = jx_copy(wanted_v3);
	json_object_update_missing(wanted, besides);
	json_auto_t *wanted_spare = without_spared(wanted);

	test_tables(v3);
	test_form(full, "quarantine", MOST_FULL);
	test_form(spare, "quarantine-spare-logs", MOST_SPARE);
	none_open(full, wanted_v2, "what V2 v5 denies");
	none_open(full, wanted_v3, "what V3 v3 denies");
	none_open(full, besides, "what V3 leaves open");
	none_open(spare, wanted_spare, "sparing logs and reads");
	test_future(v3, full);
	test_spare(full, spare, wanted_v3);
	test_ordinary(full, spare);
	test_reads(full, v3);
	test_mutations(full, wanted, "quarantine");
	test_mutations(spare, wanted_spare, "quarantine-spare-logs");
	test_one_mutation(full, wanted_v3);
	free(actions);
	free(tsv);
	return tap_done();
}
