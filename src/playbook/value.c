// SPDX-License-Identifier: Apache-2.0
#include "cordon/identity.h"
#include "cordon/json.h"
#include "cordon/playbook.h"
#include "cordon/policy.h"
#include "cordon/text.h"

#include <string.h>

static bool is_string(const json_t *v)
{
	return json_is_string(v) && json_string_length(v) > 0 && json_string_length(v) <= 4096;
}

static bool is_boolean(const json_t *v)
{
	return json_is_boolean(v);
}

static bool is_integer(const json_t *v)
{
	return json_is_integer(v);
}

static bool is_access_key_id(const json_t *v)
{
	return is_string(v) && text_has_prefix(json_string_value(v), "AKIA") &&
	       identity_key_ok(json_string_value(v));
}

static bool is_principal_name(const json_t *v)
{
	return is_string(v) && identity_name_ok(json_string_value(v), 64);
}

static bool is_session(const json_t *v)
{
	return is_string(v) && identity_session_ok(json_string_value(v));
}

static bool is_policy_arn(const json_t *v)
{
	struct arn arn;

	return is_string(v) && arn_parse(json_string_value(v), &arn) == 0 &&
	       text_equal(arn.service, "iam") && text_has_prefix(arn.resource, "policy/");
}

/* "s3:GetObject", "iam:*", "*". */
static bool is_action(const json_t *v)
{
	const char *text = is_string(v) ? json_string_value(v) : "";
	const char *colon = strchr(text, ':');

	if (text_equal(text, "*"))
		return true;
	return colon && colon > text && colon[1] && strlen(text) <= 128 &&
	       text_only(text,
			 "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-*?:") &&
	       !strchr(colon + 1, ':') && !memchr(text, '*', (size_t)(colon - text));
}

/* What a policy document may hold: Latin-1 that prints (IAM: U+0020 to U+00FF). In UTF-8 that is
 * one byte, or two of which the first is C2 or C3. */
static bool is_latin1(const char *text)
{
	for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
		if (*c < 0x20 || *c == 0x7f || *c > 0xc3 || (*c >= 0x80 && *c < 0xc2))
			return false;
		if (*c >= 0xc2)
			c++;
	}
	return true;
}

static bool is_resource(const json_t *v)
{
	const char *text = is_string(v) ? json_string_value(v) : "";

	return text_equal(text, "*") ||
	       (text_has_prefix(text, "arn:") && strlen(text) <= 1600 && is_latin1(text));
}

static bool is_policy_name(const json_t *v)
{
	return is_string(v) && identity_name_ok(json_string_value(v), 128);
}

/* Whom a trust policy may name: an ARN, an account, a service, a provider, a unique id. */
static bool is_trusted(const json_t *v)
{
	return is_string(v) && is_latin1(json_string_value(v)) &&
	       !strchr(json_string_value(v), ' ');
}

static bool is_credential_id(const json_t *v)
{
	const char *text = is_string(v) ? json_string_value(v) : "";

	return strlen(text) >= 16 && strlen(text) <= 128 &&
	       text_only(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
}

/* AWS: 9 to 256 of [\w+=/:,.@-]. */
static bool is_serial(const json_t *v)
{
	const char *text = is_string(v) ? json_string_value(v) : "";

	return strlen(text) >= 9 && strlen(text) <= 256 &&
	       text_only(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"
			       "+=/:,.@-");
}

static bool is_quarantine(const json_t *v)
{
	const char *text = json_string_value(v);

	return text && strlen(text) < 128 && policy_is_aws_quarantine(text) &&
	       text_only(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
			       "+=,.@_-:/");
}

static bool is_duration(const json_t *v)
{
	long seconds;

	return is_string(v) && text_parse_duration(json_string_value(v), &seconds) == 0;
}

static json_t *boolean_from(const char *text)
{
	if (text_equal(text, "true"))
		return json_true();
	return text_equal(text, "false") ? json_false() : NULL;
}

static json_t *integer_from(const char *text)
{
	long number;

	if (text_parse_number(text, -1000000000, 1000000000, &number))
		return NULL;
	return jx_pack("I", (json_int_t)number);
}

static const struct value_type types[] = {
	{"string", "text", is_string, jx_string},
	{"boolean", "true or false", is_boolean, boolean_from},
	{"integer", "a whole number", is_integer, integer_from},
	{"access-key-id", "an access key id (AKIA...)", is_access_key_id, jx_string},
	{"user", "a user name without path", is_principal_name, jx_string},
	{"role", "a role name without path", is_principal_name, jx_string},
	{"session", "a session name of 2 to 64 characters", is_session, jx_string},
	{"group", "a group name without path", is_policy_name, jx_string},
	{"policy-arn", "the ARN of a managed policy", is_policy_arn, jx_string},
	{"quarantine-arn",
	 "the ARN of a quarantine policy of AWS's (AWSCompromisedKeyQuarantine..)", is_quarantine,
	 jx_string},
	{"policy-name", "the name of an inline policy", is_policy_name, jx_string},
	{"principal", "a principal as a trust policy names it", is_trusted, jx_string},
	{"iam-action", "an action such as s3:GetObject, maybe with *", is_action, jx_string},
	{"resource", "an ARN in Latin-1, maybe with *, or *", is_resource, jx_string},
	{"credential-id", "a credential's id", is_credential_id, jx_string},
	{"mfa-serial", "the serial number or ARN of an MFA device", is_serial, jx_string},
	{"duration", "a duration such as 90s, 10m or 36h", is_duration, jx_string},
};

const struct value_type *value_type_at(size_t i)
{
	return i < sizeof(types) / sizeof(types[0]) ? &types[i] : NULL;
}

const struct value_type *value_type_find(const char *name)
{
	const struct value_type *type;

	for (size_t i = 0; (type = value_type_at(i)); i++) {
		if (text_equal(type->name, name))
			return type;
	}
	return NULL;
}

bool playbook_fits(const json_t *parameter, const json_t *value)
{
	const struct value_type *type = value_type_find(jx_text(parameter, "type"));
	json_t *item;
	size_t i;

	if (!type)
		return false;
	if (!json_is_true(json_object_get(parameter, "list")))
		return type->ok(value);
	json_array_foreach (value, i, item) {
		if (!type->ok(item))
			return false;
	}
	return json_is_array(value) && json_array_size(value) <= PLAYBOOK_MAX_LIST;
}
