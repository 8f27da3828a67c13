// SPDX-License-Identifier: Apache-2.0
#include "cordon/action.h"

#include "cordon/operation.h"
#include "cordon/text.h"
#include "planning.h"

#define USER (1u << PRINCIPAL_USER)
#define ROLE (1u << PRINCIPAL_ROLE)
#define OPTIONS(...) ((const struct action_option[]){__VA_ARGS__, {0}})

static const char *const ways[] = {"auto", "inline", "managed", "boundary", NULL};
static const struct action_option no_options[] = {{0}};

static const struct action actions[] = {
	{.name = "list-access-keys",
	 .summary = "list a user's access keys with status, age and last use",
	 .class = CLASS_READ,
	 .principals = USER,
	 .options = no_options,
	 .plan = contain_list_keys},
	{.name = "deny-all",
	 .summary = "deny a user or role everything, or one of its sessions",
	 .class = CLASS_DENY,
	 .principals = USER | ROLE,
	 .options = OPTIONS({.name = "via",
			     .type = "string",
			     .choices = ways,
			     .help = "auto, inline, managed or boundary"},
			    {.name = "session",
			     .type = "session",
			     .help = "only this session of the role or federated user"}),
	 .plan = contain_deny_all},
	{.name = "deactivate-access-keys",
	 .summary = "set a user's access keys to Inactive",
	 .class = CLASS_DENY,
	 .principals = USER,
	 .options = OPTIONS({.name = "key",
			     .type = "access-key-id",
			     .list = true,
			     .help = "only this key; may be given more than once"}),
	 .plan = contain_deactivate_keys},
	{.name = "delete-login-profile",
	 .summary = "delete a user's console password, which has no way back",
	 .class = CLASS_CREDENTIALS,
	 .principals = USER,
	 .irreversible = true,
	 .options = no_options,
	 .plan = contain_delete_login_profile},
	{.name = "revoke-sessions",
	 .summary = "deny every session issued until now, by token issue time",
	 .class = CLASS_CUTOFF,
	 .principals = USER | ROLE,
	 .options = OPTIONS({.name = "session",
			     .type = "session",
			     .help = "only this session of the role or federated user"}),
	 .plan = contain_revoke_sessions},
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

const struct action_option *action_option_find(const struct action *action, const char *name)
{
	for (const struct action_option *o = action->options; o->name; o++) {
		if (text_equal(o->name, name))
			return o;
	}
	return NULL;
}
