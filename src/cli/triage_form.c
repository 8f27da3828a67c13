// SPDX-License-Identifier: Apache-2.0
/*
 * What a target of a triage document may ask for: no more than triage itself writes. The limits of
 * contain --from-triage look at its kind and id, so its playbook and parameters may mean nobody
 * else and do nothing else.
 */
#include "cordon/buf.h"
#include "cordon/cli.h"
#include "cordon/identity.h"
#include "cordon/json.h"
#include "cordon/policy.h"
#include "cordon/text.h"

#include <string.h>

enum { COMMAND_MAX = 64 << 10, NAME_MOST = 64, POLICY_NAME_MOST = 128, ARN_MOST = 2048 };

#define POLICIES "policies", "inline_policies"

/* As playbook_of() and parameters_json() of triage have it. */
static const struct form {
	const char *kind, *playbook;
	const char *parameters[4];
} forms[] = {
	{"user", "aws-quarantined", {"user"}},
	{"user", "attacker-made-policy", {"user", POLICIES}},
	{"user", "attacker-made-user", {"user"}},
	{"user", "compromised-user", {"user"}},
	{"user", "console-takeover", {"user"}},
	{"role", "attacker-made-policy", {"role", POLICIES}},
	{"role", "attacker-made-role", {"role"}},
	{"role", "attacker-made-trust", {"role", "foreign"}},
	{"role", "compromised-role", {"role"}},
	{"group", "attacker-made-policy", {"group", POLICIES}},
	{"access-key", "attacker-made-key", {"access_key_id", "user"}},
	{"access-key", "compromised-access-key", {"access_key_id", "user"}},
	{"session", "compromised-session", {"role", "session"}},
	{"session", "federated-session", {"user", "session"}},
	{"session", "stolen-role-session", {"role", "session"}},
};

static bool is_name(const json_t *value)
{
	return identity_name_ok(json_string_value(value), NAME_MOST);
}

static bool is_policy_name(const json_t *value)
{
	return identity_name_ok(json_string_value(value), POLICY_NAME_MOST);
}

static bool is_key(const json_t *value)
{
	return identity_key_ok(json_string_value(value));
}

static bool is_session(const json_t *value)
{
	return identity_session_ok(json_string_value(value));
}

static bool is_true(const json_t *value)
{
	return json_is_true(value);
}

static bool is_policy_arn(const json_t *value)
{
	const char *text = json_string_value(value);

	return text_has_prefix(text, "arn:") && strlen(text) <= ARN_MOST &&
	       text_only(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
			       "_+=,.@-/:");
}

static const struct value {
	const char *name;
	bool (*ok)(const json_t *value);
	bool list;
} values[] = {
	{"user", is_name, false},	   {"role", is_name, false},
	{"group", is_policy_name, false},  {"session", is_session, false},
	{"access_key_id", is_key, false},  {"foreign", is_true, false},
	{"policies", is_policy_arn, true}, {"inline_policies", is_policy_name, true},
};

static bool is_value(const char *name, const json_t *value)
{
	const struct value *v = values;
	json_t *item;
	size_t i;

	while (!text_equal(v->name, name))
		v++; /* each name of a form is in the table */
	if (!v->list)
		return v->ok(value);
	json_array_foreach (value, i, item) {
		if (!v->ok(item))
			return false;
	}
	return json_is_array(value);
}

static const struct form *form_of(const json_t *target)
{
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		if (text_equal(jx_text(target, "kind"), forms[i].kind) &&
		    text_equal(jx_text(target, "playbook"), forms[i].playbook))
			return &forms[i];
	}
	return NULL;
}

static bool has_parameter(const struct form *form, const char *name)
{
	for (size_t i = 0; i < sizeof(form->parameters) / sizeof(form->parameters[0]); i++) {
		if (text_equal(form->parameters[i], name))
			return true;
	}
	return false;
}

static bool are_parameters(const struct form *form, const json_t *parameters)
{
	const char *name;
	json_t *value;

	json_object_foreach ((json_t *)(uintptr_t)parameters, name, value) {
		if (!has_parameter(form, name) || !is_value(name, value))
			return false;
	}
	return json_is_object(parameters);
}

/* text: an ARN, or what CloudTrail calls principalId. */
static bool is_the_same(const char *text, const json_t *target, const json_t *parameters)
{
	const char *user = jx_text(parameters, "user");
	struct err ignored = ERR_INIT;
	struct identity id;

	if (!text)
		return true;
	if (identity_parse(text, &id, &ignored) ||
	    (*id.partition && !text_equal(id.account, jx_text(target, "account"))))
		return false;
	if (text_equal(jx_text(target, "kind"), "access-key"))
		return !user || (id.kind == IDENTITY_USER && text_equal(user, id.name));
	if (*id.session && !text_equal(jx_text(parameters, "session"), id.session))
		return false;
	switch (id.kind) {
	case IDENTITY_USER:
		return text_equal(user, id.name);
	case IDENTITY_ROLE:
	case IDENTITY_SESSION:
		return text_equal(jx_text(parameters, "role"), id.name);
	case IDENTITY_GROUP:
		return text_equal(jx_text(parameters, "group"), id.name);
	case IDENTITY_FEDERATED:
		return user;
	case IDENTITY_ROLE_ID:
		return true;
	default:
		return false;
	}
}

/* Whom its parameters mean is whom its kind, id and ARN name. */
static bool are_of(const json_t *target, const json_t *parameters)
{
	const char *kind = jx_text(target, "kind");
	const char *id = jx_text(target, "id");
	const char *arn = jx_text(target, "arn");

	if (!is_the_same(arn, target, parameters))
		return false;
	if (!text_equal(kind, "session"))
		return text_equal(id,
				  jx_text(parameters,
					  text_equal(kind, "access-key") ? "access_key_id" : kind));
	if (id && strchr(id, ':') && !is_the_same(id, target, parameters))
		return false;
	return !text_equal(jx_text(target, "playbook"), "federated-session") ||
	       (arn && strstr(arn, ":federated-user/"));
}

/* A policy that keeps somebody out, ours or AWS's. */
static bool takes_deny(const json_t *parameters)
{
	json_t *item;
	size_t i;

	json_array_foreach (json_object_get(parameters, "inline_policies"), i, item) {
		const char *name = json_string_value(item);
		if (text_has_prefix(name, POLICY_DENY) || text_has_prefix(name, POLICY_CUTOFF))
			return true;
	}
	json_array_foreach (json_object_get(parameters, "policies"), i, item) {
		const char *arn = json_string_value(item);
		if (text_has_suffix(arn, ":iam::aws:policy/AWSDenyAll") ||
		    policy_is_aws_quarantine(arn))
			return true;
	}
	return false;
}

const char *cli_triage_misfit(const json_t *target)
{
	const json_t *parameters = json_object_get(target, "parameters");
	const struct form *form = form_of(target);

	if (!form)
		return "its playbook is none that triage gives for its kind";
	if (!are_parameters(form, parameters))
		return "its parameters are none that triage writes for its playbook";
	if (!are_of(target, parameters))
		return "its parameters mean another than its id and ARN do";
	if (takes_deny(parameters))
		return "one of its policies is a deny that keeps somebody out";
	return NULL;
}

static void add_set(struct buf *out, const char *name, const json_t *value)
{
	const char *text = json_is_true(value) ? "true" : json_string_value(value);

	buf_addf(out, " --set %s=%s", name, text);
}

/* The document's own command is not ours to hand on; all that stands in this one was checked. */
json_t *cli_triage_command(const json_t *target)
{
	autobuf struct buf out = BUF_INIT(COMMAND_MAX);
	const char *name;
	json_t *value;
	json_t *item;
	size_t i;

	if (cli_triage_misfit(target))
		return json_null();
	buf_addf(&out, "cordon apply %s", form_of(target)->playbook);
	json_object_foreach (json_object_get(target, "parameters"), name, value) {
		json_array_foreach (value, i, item)
			add_set(&out, name, item);
		if (!json_is_array(value))
			add_set(&out, name, value);
	}
	return out.failed ? json_null() : jx_string(buf_text(&out));
}
