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
	{"policy-arn", "the ARN of a managed policy", is_policy_arn, jx_string},
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
