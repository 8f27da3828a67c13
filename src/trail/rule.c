// SPDX-License-Identifier: Apache-2.0
/* The table of detections, and what its rows look at. */
#include "rule.h"

#include "cordon/buf.h"
#include "cordon/json.h"
#include "cordon/policy.h"
#include "cordon/text.h"
#include "deed.h"

#include <ctype.h>
#include <string.h>

enum { DOCUMENT_MAX = 256 << 10 };

static const char *asked(const struct view *v, const char *name)
{
	return jx_text(v->request, name);
}

/* requestParameters are plain, responseElements percent-encoded; one form is made of both. */
json_t *rule_document(const json_t *parameters, const char *name)
{
	const char *text = jx_text(parameters, name);
	autobuf struct buf plain = BUF_INIT(DOCUMENT_MAX);

	if (!text)
		return NULL;
	if (*text == '%' && text_percent_decode(&plain, text, strlen(text)) == 0)
		text = buf_text(&plain);
	return jx_read_lenient(text, strlen(text));
}

/* AWSCompromisedKeyQuarantine, ..V2 and what will follow; the one of 2020. */
static bool is_quarantine_name(const char *name)
{
	static const char ours[] = "AWSCompromisedKeyQuarantine";

	if (text_equal(name, "AWSExposedCredentialPolicy_DO_NOT_REMOVE"))
		return true;
	if (!name || !text_has_prefix(name, ours))
		return false;
	const char *rest = name + strlen(ours);
	return !*rest || (*rest == 'V' && rest[1] && text_only(rest + 1, "0123456789"));
}

/* The name of one of AWS's own policies, in any partition; NULL for a policy of the account. */
static const char *aws_policy(const char *text)
{
	struct arn arn;

	if (arn_parse(text, &arn) || !text_equal(arn.service, "iam") ||
	    !text_equal(arn.account, "aws") || !text_has_prefix(arn.resource, "policy/"))
		return NULL;
	return strrchr(arn.resource, '/') + 1;
}

static bool is_quarantine(const struct view *v)
{
	return is_quarantine_name(aws_policy(asked(v, "policyArn"))) ||
	       (!asked(v, "policyArn") && is_quarantine_name(asked(v, "policyName")));
}

/* AWS acts as the user whose key leaked. A person in the console has the same user agent, but
 * comes with an address and a console session. */
static bool by_aws(const struct view *v)
{
	bool himself = !v->target || text_equal(v->target, v->actor);

	return text_equal(v->type, "IAMUser") && himself && !v->console &&
	       (text_equal(v->ip, "AWS Internal") || text_has_prefix(v->agent, "aws-internal/"));
}

static bool quarantined_by_aws(const struct view *v)
{
	return is_quarantine(v) && by_aws(v);
}

static bool quarantined_by_hand(const struct view *v)
{
	return is_quarantine(v) && !by_aws(v);
}

/* Denied, an event has no parameters: then who did it to whom is all there is. */
static bool quarantine_failed(const struct view *v)
{
	return by_aws(v) && (is_quarantine(v) || json_object_size(v->request) == 0);
}

static bool for_another(const struct view *v)
{
	return v->target && !text_equal(v->target, v->actor);
}

static bool for_self(const struct view *v)
{
	return text_equal(v->type, "IAMUser") && !for_another(v);
}

static bool is_root(const struct view *v)
{
	return text_equal(v->type, "Root");
}

static bool root_itself(const struct view *v)
{
	return is_root(v) && !asked(v, "userName");
}

static bool by_role_of_instance(const struct view *v)
{
	const char *id = jx_text(json_object_get(v->record, "userIdentity"), "principalId");
	const char *session = id ? strchr(id, ':') : NULL;

	return text_equal(v->type, "AssumedRole") && text_has_prefix(session, ":i-");
}

static bool is_admin_policy(const struct view *v)
{
	static const char *const names[] = {"AdministratorAccess", "IAMFullAccess",
					    "PowerUserAccess"};
	const char *name = aws_policy(asked(v, "policyArn"));

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (text_equal(name, names[i]))
			return true;
	}
	return false;
}

static bool is_customer_policy(const struct view *v)
{
	return asked(v, "policyArn") && !aws_policy(asked(v, "policyArn"));
}

/* It allows a call with which its holder can give himself everything else. */
static bool grants_admin(const struct view *v)
{
	static const char *const calls[] = {"iam:PutUserPolicy",      "iam:PutRolePolicy",
					    "iam:AttachUserPolicy",   "iam:AttachRolePolicy",
					    "iam:CreateAccessKey",    "iam:UpdateAssumeRolePolicy",
					    "iam:CreatePolicyVersion"};
	const char *text = asked(v, "policyDocument");
	json_auto_t *document = rule_document(v->request, "policyDocument");

	/* One that was cut off in the log may hold anything. */
	if (!document)
		return text && *text == '{';
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		if (policy_speaks(document, "Allow", calls[i], NULL, true))
			return true;
	}
	return false;
}

static bool default_grants_admin(const struct view *v)
{
	const json_t *set = json_object_get(v->request, "setAsDefault");

	return (json_is_true(set) || text_equal(json_string_value(set), "true")) && grants_admin(v);
}

static bool trusts_stranger(const struct view *v)
{
	bool made = text_equal(v->name, "CreateRole");
	json_auto_t *document = rule_document(v->request,
					      made ? "assumeRolePolicyDocument" : "policyDocument");
	json_auto_t *removed = jx_pack("[]");
	json_t *who;
	size_t i;

	if (!document || !v->account)
		return false;
	json_decref(policy_shut_out(document, v->account, NULL, removed));
	json_array_foreach (removed, i, who) {
		const char *name = json_string_value(who);
		if (!text_has_prefix(name, "AIDA") && !text_has_prefix(name, "AROA"))
			return true;
	}
	return false;
}

static bool not_identity_center(const struct view *v)
{
	return !text_equal(v->ip, "sso.amazonaws.com") ||
	       !text_equal(v->agent, "sso.amazonaws.com");
}

static bool external_anchor(const struct view *v)
{
	const char *type = jx_text(jx_at(v->request, "source", NULL), "sourceType");

	return !text_equal(type ? type : asked(v, "sourceType"), "AWS_ACM_PCA");
}

static bool not_by_service(const struct view *v)
{
	return !text_equal(v->type, "AWSService");
}

static bool role_to_role(const struct view *v)
{
	return text_equal(v->type, "AssumedRole");
}

static bool activates(const struct view *v)
{
	return text_equal(asked(v, "status"), "Active");
}

static bool bedrock_name(const struct view *v)
{
	return text_has_prefix(asked(v, "userName"), "BedrockAPIKey-");
}

static bool bedrock_user_acts(const struct view *v)
{
	return text_has_prefix(v->actor, "BedrockAPIKey-");
}

static bool bedrock_service(const struct view *v)
{
	return text_equal(asked(v, "serviceName"), "bedrock.amazonaws.com");
}

/* The console does not always say that it is one. */
static bool looks_like_console(const struct view *v)
{
	static const char *const agents[] = {"console.", "signin.", "AWS Internal", "[S3Console",
					     "AWSCloudShell"};

	for (size_t i = 0; i < sizeof(agents) / sizeof(agents[0]); i++) {
		if (text_has_prefix(v->agent, agents[i]))
			return true;
	}
	return v->console;
}

static bool by_session_token(const struct view *v)
{
	return text_equal(v->type, "IAMUser") && text_has_prefix(v->key, "ASIA") &&
	       !looks_like_console(v) &&
	       !jx_text(json_object_get(v->record, "userIdentity"), "invokedBy");
}

static bool without_mfa(const struct view *v)
{
	return text_equal(v->type, "IAMUser") &&
	       text_equal(jx_text(json_object_get(v->record, "additionalEventData"), "MFAUsed"),
			  "No");
}

static bool with_root_key(const struct view *v)
{
	return is_root(v) && text_has_prefix(v->key, "AKIA");
}

static bool with_session_key(const struct view *v)
{
	const char *key = jx_text(json_object_get(v->response, "credentials"), "accessKeyId");

	return key || text_has_prefix(v->key, "ASIA");
}

#define ATTACH "AttachUserPolicy|AttachGroupPolicy|AttachRolePolicy"
#define PUT "PutUserPolicy|PutGroupPolicy|PutRolePolicy"
#define DETACH "DetachUserPolicy|DetachGroupPolicy|DetachRolePolicy"
#define DELETE "DeleteUserPolicy|DeleteGroupPolicy|DeleteRolePolicy"
#define ADMIN                                                                                         \
	"Elastic matches names that begin with AdministratorAccess, Panther those that end so; ours " \
	"is the name itself, of AWS's account, in any partition, and also IAMFullAccess and "         \
	"PowerUserAccess"
#define WHO_QUARANTINE                                                                                \
	"Elastic: AttachUserPolicy that succeeded, the name anywhere in the parameters; Panther: V2 " \
	"only, or inline only, whatever the outcome. Ours: any version, attached or inline, to "      \
	"users, groups and roles, by the policy's own name; outcomes are rows of their own"

static const struct detection detections[] = {
#include "detections.inc"
};

enum { COUNT = sizeof(detections) / sizeof(detections[0]) };

const struct detection *detection_at(size_t i)
{
	return i < COUNT ? &detections[i] : NULL;
}

const struct detection *detection_find(const char *id)
{
	for (size_t i = 0; i < COUNT; i++) {
		if (text_equal(detections[i].id, id))
			return &detections[i];
	}
	return NULL;
}

size_t detection_number(const struct detection *detection)
{
	return (size_t)(detection - detections);
}

const char *severity_name(enum severity severity)
{
	static const char *const names[] = {"low", "medium", "high", "critical"};

	return names[severity];
}

bool rule_source_is(const char *source, const char *ours)
{
	size_t length = strlen(ours);

	return source && strncmp(source, ours, length) == 0 &&
	       strcmp(source + length, ".amazonaws.com") == 0;
}

static bool span_source_is(struct span source, const char *ours)
{
	/* Nearly all records are of other services: the first letters say so. */
	if (source.length <= 14 || source.at[0] != ours[0] || source.at[1] != ours[1])
		return false;
	size_t length = strlen(ours);
	return source.length == length + 14 && memcmp(source.at, ours, length) == 0 &&
	       memcmp(source.at + length, ".amazonaws.com", 14) == 0;
}

/* One pattern up to '|' or the end. Versions at the end of a name (20150331v2) match '*'. */
static bool name_is(const char *name, size_t length, const char *pattern, size_t size)
{
	if (size && pattern[size - 1] == '*')
		return length >= size - 1 && memcmp(name, pattern, size - 1) == 0;
	return length == size && memcmp(name, pattern, size) == 0;
}

static bool name_in(const char *name, size_t length, const char *names)
{
	for (;;) {
		size_t size = strcspn(names, "|");
		if (name_is(name, length, names, size))
			return true;
		if (!names[size])
			return false;
		names += size + 1;
	}
}

bool rule_name_in(const char *name, const char *names)
{
	return name && name_in(name, strlen(name), names);
}

bool rule_is_read(const char *name, size_t length)
{
	return name_in(name, length,
		       "Get*|List*|Describe*|Generate*|Simulate*|Lookup*|Head*|Check*");
}

/* Rows for all of a service ("*") are about what changes something. */
bool rule_wants(struct span source, struct span name)
{
	const struct deed_row *row;

	for (size_t i = 0; i < COUNT; i++) {
		const struct detection *d = &detections[i];
		if (d->source && span_source_is(source, d->source) &&
		    name_in(name.at, name.length, d->names) &&
		    (strcmp(d->names, "*") != 0 || !rule_is_read(name.at, name.length)))
			return true;
	}
	for (size_t i = 0; (row = deed_row_at(i)); i++) {
		if (span_source_is(source, row->source) &&
		    name_in(name.at, name.length, row->names))
			return true;
	}
	return false;
}

bool rule_matches(const struct detection *rule, const char *source, const struct view *view)
{
	if (!rule->source || !rule_source_is(source, rule->source) ||
	    !rule_name_in(view->name, rule->names))
		return false;
	if (rule->outcome != OUTCOME_ANY && (rule->outcome == OUTCOME_OK) != view->ok)
		return false;
	return !rule->matches || rule->matches(view);
}
