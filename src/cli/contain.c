// SPDX-License-Identifier: Apache-2.0
/* contain: which playbook with which parameters an id asks for. */
#include "cordon/cli.h"
#include "cordon/identity.h"
#include "cordon/json.h"
#include "cordon/playbook.h"
#include "cordon/text.h"

#include <string.h>

/* One id on its way to a playbook. */
struct choosing {
	struct cli *cli;
	const char *text; /* as typed */
	struct identity id;
	const char *playbook;
	json_t *given;
	int status; /* of run_resolve_id, where it failed; 0: from err */
};

static void give(struct choosing *c, const char *name, const char *value)
{
	if (value)
		jx_set(c->given, name, jx_string(value));
}

static int no_owner(const struct choosing *c, const char *option, struct err *err)
{
	return err_set(err, ERR_USAGE, "--%s does not go with '%.200s', which is a %s", option,
		       c->text, c->id.what);
}

static int choose_key(struct choosing *c, struct err *err)
{
	if (c->cli->role)
		return err_set(err, ERR_USAGE,
			       "'%.200s' is a key of a user; --role does not go with it", c->text);
	c->playbook = "compromised-access-key";
	give(c, "access_key_id", c->id.name);
	give(c, "user", c->cli->user);
	return 0;
}

static int choose_named(struct choosing *c, struct err *err)
{
	bool role = c->id.kind == IDENTITY_ROLE;

	if (c->cli->user || c->cli->role)
		return no_owner(c, c->cli->user ? "user" : "role", err);
	c->playbook = role ? "compromised-role" : "compromised-user";
	give(c, role ? "role" : "user", c->id.name);
	return 0;
}

static int choose_session(struct choosing *c, struct err *err)
{
	if (c->cli->user || c->cli->role)
		return no_owner(c, c->cli->user ? "user" : "role", err);
	c->playbook = "compromised-session";
	give(c, "role", c->id.name);
	give(c, "session", c->id.session);
	return 0;
}

/* AIDA and AROA: a listing says the name. */
static int choose_by_id(struct choosing *c, struct err *err)
{
	json_auto_t *principal = NULL;

	if (c->cli->user || c->cli->role)
		return no_owner(c, c->cli->user ? "user" : "role", err);
	if (run_resolve_id(&c->cli->run, c->id.name, &principal, &c->status, err))
		return -1;
	const char *name = jx_text(principal, "name");
	if (text_equal(jx_text(principal, "kind"), "user")) {
		c->playbook = "compromised-user";
		give(c, "user", name);
		return 0;
	}
	c->playbook = *c->id.session ? "compromised-session" : "compromised-role";
	give(c, "role", name);
	if (*c->id.session)
		give(c, "session", c->id.session);
	return 0;
}

static int choose_temporary(struct choosing *c, struct err *err)
{
	if (!c->cli->user && !c->cli->role)
		return err_set(
			err, ERR_USAGE,
			"'%.200s' is a temporary key and does not say whose: look in CloudTrail for "
			"userIdentity with that accessKeyId; if it has sessionContext, "
			"sessionIssuer.userName is the name for --role or --user (its type says "
			"which)",
			c->text);
	c->playbook = "compromised-session";
	give(c, "user", c->cli->user);
	give(c, "role", c->cli->role);
	return 0;
}

static int choose_federated(struct choosing *c, struct err *err)
{
	if (c->cli->role)
		return no_owner(c, "role", err);
	if (!c->cli->user)
		return err_set(
			err, ERR_USAGE,
			"'%.200s' is a federated user and does not say who made it: give --user; "
			"in CloudTrail it is sessionContext.sessionIssuer.userName of its "
			"userIdentity",
			c->text);
	c->playbook = "compromised-session";
	give(c, "user", c->cli->user);
	give(c, "session", c->id.session);
	return 0;
}

static int refuse_group(struct choosing *c, struct err *err)
{
	return err_set(err, ERR_REFUSED,
		       "'%.200s' is a group, which has no credentials: contain its members instead",
		       c->text);
}

static int refuse_root(struct choosing *c, struct err *err)
{
	return err_set(
		err, ERR_REFUSED,
		"'%.200s' is an account or its root user, which no IAM policy stops: sign in as "
		"root, change password and MFA, delete its access keys, or deny it with a "
		"service control policy from the management account",
		c->text);
}

static int refuse_other(struct choosing *c, struct err *err)
{
	return err_set(err, ERR_REFUSED,
		       "'%.200s' is a %s, which is no identity to contain: give the user or role "
		       "behind it",
		       c->text, c->id.what);
}

static int (*const choices[])(struct choosing *, struct err *) = {
	[IDENTITY_ACCESS_KEY] = choose_key,	 [IDENTITY_TEMPORARY_KEY] = choose_temporary,
	[IDENTITY_USER] = choose_named,		 [IDENTITY_ROLE] = choose_named,
	[IDENTITY_GROUP] = refuse_group,	 [IDENTITY_SESSION] = choose_session,
	[IDENTITY_FEDERATED] = choose_federated, [IDENTITY_USER_ID] = choose_by_id,
	[IDENTITY_ROLE_ID] = choose_by_id,	 [IDENTITY_ROOT] = refuse_root,
	[IDENTITY_OTHER] = refuse_other,
};

/* All ids are read, and hold together, before anything is asked of AWS. */
static int check_accounts(struct cli *cli, char account[static 13], struct err *err)
{
	struct identity id;

	account[0] = '\0';
	for (size_t i = 0; i < cli->operand_count; i++) {
		if (identity_parse(cli->operands[i], &id, err))
			return -1;
		if (!*id.partition)
			continue;
		if (*account && !text_equal(account, id.account))
			return err_set(
				err, ERR_USAGE,
				"'%.200s' is of account %s, another id of account %s: contain them "
				"one account at a time",
				cli->operands[i], id.account, account);
		memcpy(account, id.account, sizeof(id.account));
	}
	if (!*account)
		return 0;
	if (cli->run.expect_account && !text_equal(cli->run.expect_account, account))
		return err_set(err, ERR_REFUSED,
			       "the id is of account %s, and --expect-account says %s", account,
			       cli->run.expect_account);
	cli->run.expect_account = account;
	return 0;
}

static int add_id(struct choosing *c, struct cli_work *work, bool *roles, struct err *err)
{
	struct playbook *playbook = NULL;

	if (identity_parse(c->text, &c->id, err) || choices[c->id.kind](c, err) ||
	    cli_load_playbook(c->playbook, &playbook, err))
		return -1;
	if (c->cli->run.revoke_roles && cli_set_roles(playbook, c->given))
		*roles = true;
	if (cli_work_add(work, playbook, c->given, err))
		return -1;
	/* A name alone would also fit a principal at another path. */
	if (*c->id.partition)
		work->work.entries[work->work.count - 1].arn = c->text;
	return 0;
}

static int choose_all(struct cli *cli, struct cli_work *work, int *status, struct err *err)
{
	bool roles = false;

	for (size_t i = 0; i < cli->operand_count; i++) {
		json_auto_t *given = json_object();
		struct choosing c = {.cli = cli, .text = cli->operands[i], .given = given};
		if (add_id(&c, work, &roles, err)) {
			*status = c.status;
			return -1;
		}
	}
	if (cli->run.revoke_roles && !roles)
		return err_set(err, ERR_USAGE,
			       "--revoke-roles: none of these playbooks has roles to revoke");
	work->work.roles_set = cli->run.revoke_roles;
	return 0;
}

int cli_contain(struct cli *cli, struct cli_result *result, struct err *err)
{
	struct cli_work work = {.playbooks = NULL};
	char account[13];

	if (cli->from_triage)
		return cli_contain_triage(cli, result, err);
	if (cli->operand_count == 0)
		return err_set(err, ERR_USAGE, "'contain' needs ID...");
	if (cli->operand_count > 1 && (cli->user || cli->role))
		return err_set(err, ERR_USAGE, "--%s goes with one id, not with several",
			       cli->user ? "user" : "role");
	if (check_accounts(cli, account, err))
		return -1;
	int ret = choose_all(cli, &work, &result->status, err);
	if (ret == 0)
		ret = cli_run_work(cli, &work, result, err);
	cli_work_release(&work);
	cli->run.expect_account = NULL;
	return ret;
}
