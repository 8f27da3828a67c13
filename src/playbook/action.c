// SPDX-License-Identifier: Apache-2.0
#include "cordon/action.h"

#include "cordon/operation.h"
#include "cordon/text.h"
#include "planning.h"

#define USER (1u << PRINCIPAL_USER)
#define ROLE (1u << PRINCIPAL_ROLE)
#define GROUP (1u << PRINCIPAL_GROUP)
#define OPTIONS(...) ((const struct action_option[]){__VA_ARGS__, {0}})
#define NEEDS(...) ((const char *const[]){__VA_ARGS__, NULL})

static const char *const ways[] = {"auto", "inline", "managed", "boundary", NULL};
static const char *const kinds[] = {"ssh-public-keys", "signing-certificates",
				    "service-specific-credentials", NULL};

/* Options that several actions have. */
#define OPTION_VIA                                                         \
	{                                                                  \
		.name = "via", .type = "string", .choices = ways,          \
		.help = "auto, inline, managed or boundary (default auto)" \
	}
#define OPTION_SESSION                                                    \
	{                                                                 \
		.name = "session", .type = "session",                     \
		.help = "only this session of the role or federated user" \
	}
#define OPTION_LIST(name_, type_, help_)                                  \
	{                                                                 \
		.name = name_, .type = type_, .list = true, .help = help_ \
	}
#define OPTION_ALL(help_)                                       \
	{                                                       \
		.name = "all", .type = "boolean", .help = help_ \
	}

static const struct action_option no_options[] = {{0}};

static const struct action actions[] = {
	{.name = "list-access-keys",
	 .summary = "list a user's access keys with status, age and last use",
	 .class = CLASS_READ,
	 .principals = USER,
	 .options = no_options,
	 .plan = contain_list_keys},
	{.name = "deny-all",
	 .summary = "deny a principal everything, or one of its sessions",
	 .class = CLASS_DENY,
	 .principals = USER | ROLE | GROUP,
	 .options = OPTIONS(OPTION_VIA, OPTION_SESSION),
	 .plan = contain_deny_all},
	{.name = "deactivate-access-keys",
	 .summary = "set a user's access keys to Inactive",
	 .class = CLASS_DENY,
	 .principals = USER,
	 .options = OPTIONS(
		 OPTION_LIST("key", "access-key-id", "only this key; may be given more than once")),
	 .plan = contain_deactivate_keys},
	{.name = "quarantine",
	 .summary = "deny what is most often abused: our own policy, or AWS's",
	 .class = CLASS_DENY,
	 .principals = USER | ROLE | GROUP,
	 .options = OPTIONS(OPTION_VIA,
			    {.name = "policy",
			     .type = "quarantine-arn",
			     .help = "this quarantine policy of AWS's (default the newest)"},
			    {.name = "spare_logs",
			     .type = "boolean",
			     .help = "leave log delivery and reading from S3"}),
	 .plan = contain_quarantine},
	{.name = "restrict",
	 .summary = "deny a principal given actions on given resources",
	 .class = CLASS_DENY,
	 .principals = USER | ROLE | GROUP,
	 .options = OPTIONS({.name = "deny",
			     .type = "iam-action",
			     .list = true,
			     .required = true,
			     .help = "an action, such as s3:GetObject; may be repeated"},
			    {.name = "resource",
			     .type = "resource",
			     .list = true,
			     .required = true,
			     .help = "an ARN, maybe with *, or *; may be repeated"}),
	 .plan = contain_restrict},
	{.name = "delete-login-profile",
	 .summary = "delete a user's console password, which has no way back",
	 .class = CLASS_CREDENTIALS,
	 .principals = USER,
	 .irreversible = true,
	 .options = no_options,
	 .plan = contain_delete_login_profile},
	{.name = "deactivate-credentials",
	 .summary = "switch off SSH keys, signing certificates, service-specific credentials",
	 .class = CLASS_CREDENTIALS,
	 .principals = USER,
	 .options = OPTIONS(
		 {.name = "kind",
		  .type = "string",
		  .list = true,
		  .choices = kinds,
		  .help = "only these: ssh-public-keys, signing-certificates, "
			  "service-specific-credentials"},
		 OPTION_LIST("credential", "credential-id", "only this one; may be repeated")),
	 .plan = contain_deactivate_credentials},
	{.name = "deactivate-mfa-devices",
	 .summary = "take MFA devices away from a user, which weakens him and has no way back",
	 .class = CLASS_CREDENTIALS,
	 .principals = USER,
	 .irreversible = true,
	 .options = OPTIONS({.name = "serial",
			     .type = "mfa-serial",
			     .list = true,
			     .required = true,
			     .help = "serial number or ARN of the device; may be repeated"}),
	 .plan = contain_deactivate_mfa},
	{.name = "revoke-sessions",
	 .summary = "deny every session issued until now, by token issue time",
	 .class = CLASS_CUTOFF,
	 .principals = USER | ROLE,
	 .options = OPTIONS(OPTION_SESSION),
	 .plan = contain_revoke_sessions},
	{.name = "lock-trust-policy",
	 .summary = "let nobody assume a role, or shut out some",
	 .class = CLASS_STRIP,
	 .principals = ROLE,
	 .options = OPTIONS(OPTION_LIST("principal", "principal",
					"shut out only this principal; may be repeated"),
			    {.name = "foreign",
			     .type = "boolean",
			     .help = "shut out whoever is not of this account"}),
	 .plan = contain_lock_trust},
	{.name = "detach-policies",
	 .summary = "detach managed policies",
	 .class = CLASS_STRIP,
	 .principals = USER | ROLE | GROUP,
	 .options = OPTIONS(OPTION_LIST("policy", "policy-arn", "this policy; may be repeated"),
			    OPTION_LIST("except", "policy-arn", "all but this one"),
			    OPTION_ALL("all of them, but for denies")),
	 .needs = NEEDS("policy", "except", "all"),
	 .plan = contain_detach_policies},
	{.name = "delete-inline-policies",
	 .summary = "delete inline policies; their documents are kept in the record",
	 .class = CLASS_STRIP,
	 .principals = USER | ROLE | GROUP,
	 .options = OPTIONS(OPTION_LIST("policy", "policy-name", "this policy; may be repeated"),
			    OPTION_LIST("except", "policy-name", "all but this one"),
			    OPTION_ALL("all of them, but for cordon's own")),
	 .needs = NEEDS("policy", "except", "all"),
	 .plan = contain_delete_inline_policies},
	{.name = "remove-from-groups",
	 .summary = "take a user out of groups",
	 .class = CLASS_STRIP,
	 .principals = USER,
	 .options = OPTIONS(OPTION_LIST("from", "group", "this group; may be repeated"),
			    OPTION_LIST("except", "group", "all but this one"),
			    OPTION_ALL("all of them")),
	 .needs = NEEDS("from", "except", "all"),
	 .plan = contain_remove_from_groups},
	{.name = "set-boundary",
	 .summary = "set the permissions boundary; the old one is kept in the record",
	 .class = CLASS_STRIP,
	 .principals = USER | ROLE,
	 .options = OPTIONS({.name = "policy",
			     .type = "policy-arn",
			     .required = true,
			     .help = "the managed policy to set"}),
	 .plan = contain_set_boundary},
	{.name = "tag",
	 .summary = "tag a principal with the case (--case) and the time",
	 .class = CLASS_STRIP,
	 .principals = USER | ROLE,
	 .options = no_options,
	 .plan = contain_tag},
	{.name = "activate-access-keys",
	 .summary = "set named access keys to Active again",
	 .class = CLASS_STRIP,
	 .principals = USER,
	 .options = OPTIONS(OPTION_LIST("key", "access-key-id", "this key; may be repeated"),
			    OPTION_ALL("all keys of the user")),
	 .needs = NEEDS("key", "all"),
	 .plan = contain_activate_keys},
	{.name = "delete-access-keys",
	 .summary = "delete access keys that are Inactive, which has no way back",
	 .class = CLASS_DELETE,
	 .principals = USER,
	 .irreversible = true,
	 .options = OPTIONS(OPTION_LIST("key", "access-key-id", "this key; may be repeated"),
			    OPTION_ALL("all keys of the user")),
	 .needs = NEEDS("key", "all"),
	 .plan = contain_delete_keys},
	{.name = "delete-credentials",
	 .summary = "delete other credentials that are Inactive, which has no way back",
	 .class = CLASS_DELETE,
	 .principals = USER,
	 .irreversible = true,
	 .options = OPTIONS({.name = "kind",
			     .type = "string",
			     .list = true,
			     .choices = kinds,
			     .help = "only these kinds"},
			    OPTION_LIST("credential", "credential-id", "this one; may be repeated"),
			    OPTION_ALL("all of them")),
	 .needs = NEEDS("credential", "all"),
	 .plan = contain_delete_credentials},
	{.name = "delete-user",
	 .summary = "delete a user with all that belongs to him, which has no way back",
	 .class = CLASS_DELETE,
	 .principals = USER,
	 .irreversible = true,
	 .options = no_options,
	 .plan = contain_delete_user},
	{.name = "delete-role",
	 .summary = "delete a role with all that belongs to it, which has no way back",
	 .class = CLASS_DELETE,
	 .principals = ROLE,
	 .irreversible = true,
	 .options = no_options,
	 .plan = contain_delete_role},
	{.name = "recreate-user",
	 .summary = "delete a user and make him anew without credentials; ends every session",
	 .class = CLASS_DELETE,
	 .principals = USER,
	 .irreversible = true,
	 .whole_account = true,
	 .options = no_options,
	 .plan = contain_recreate_user},
};

const struct action *action_at(size_t i)
{
	return i < sizeof(actions) / sizeof(actions[0]) ? &actions[i] : NULL;
}

const struct action *action_find(const char *name)
{
	const struct action *action;

	for (size_t i = 0; (action = action_at(i)); i++) {
		if (text_equal(action->name, name))
			return action;
	}
	return NULL;
}

bool action_option_is_flag(const struct action_option *option)
{
	return text_equal(option->type, "boolean");
}

const struct action_option *action_option_find(const struct action *action, const char *name)
{
	for (const struct action_option *o = action->options; o->name; o++) {
		if (text_equal(o->name, name))
			return o;
	}
	return NULL;
}
