// SPDX-License-Identifier: Apache-2.0
/* reach: the account as far as the question needs it, and the answer. */
#include "observe.h"
#include "world.h"

#include "cordon/buf.h"
#include "cordon/file.h"
#include "cordon/identity.h"
#include "cordon/json.h"
#include "cordon/reach.h"
#include "cordon/text.h"

#include <stdio.h>
#include <string.h>

enum { MAX_ACTIONS_FILE = 64 << 20, MAX_ROLES_READ = 50, IDENTITY_NAME = 129 };

static void store_roles(struct world *world, const struct read *read)
{
	json_t *role;
	size_t i;

	if (!read_done(read)) {
		world_note(world, "the account's roles could not be listed: %s",
			   read->call.err.message);
		return;
	}
	json_array_foreach (json_object_get(read->call.reply, "Roles"), i, role) {
		const char *name = jx_text(role, "RoleName");
		const char *arn = jx_text(role, "Arn");
		if (name && arn && !account_find(world->account, PRINCIPAL_ROLE, name))
			json_object_update(account_add(world->account, PRINCIPAL_ROLE, name, arn),
					   role);
	}
	account_set_listed(world->account, PRINCIPAL_ROLE);
}

/* The roles that were found lead further: their policies are read too, up to a limit. */
static void read_roles(struct world *world, const struct reach_query *query)
{
	json_auto_t *done = json_array();
	size_t before = SIZE_MAX;

	while (json_array_size(done) != before) {
		struct reach *reach = reach_new(query);
		json_auto_t *found = reach ? reach_assumable(reach) : NULL;
		json_t *item;
		size_t i;
		reach_free(reach);
		before = json_array_size(done);
		json_array_foreach (found, i, item) {
			const char *name = jx_text(item, "name");
			if (!name || jx_contains(done, name))
				continue;
			if (json_array_size(done) == MAX_ROLES_READ) {
				world_note(world,
					   "more than %d roles can be assumed; what the rest of "
					   "them may do was not read",
					   MAX_ROLES_READ);
				return;
			}
			jx_add_unique(done, name);
			observe_policies_of(world, PRINCIPAL_ROLE, name);
		}
	}
}

static void observe(struct world *world, struct reach_query *query)
{
	struct batch batch = {.world = world};

	batch_add(&batch, store_roles, "ListRoles", json_object(), PRINCIPAL_NONE, NULL);
	batch_send(&batch);
	query->account = world->account;
	read_roles(world, query);
}

static int find_principal(const struct identity *id, const struct run_reach *asked,
			  struct reach_query *query, struct err *err)
{
	switch (id->kind) {
	case IDENTITY_ACCESS_KEY: /* whose it is will be asked */
	case IDENTITY_USER:
		query->kind = PRINCIPAL_USER;
		break;
	case IDENTITY_SESSION:
		query->session_name = id->session;
		query->kind = PRINCIPAL_ROLE;
		break;
	case IDENTITY_ROLE:
		query->kind = PRINCIPAL_ROLE;
		break;
	default:
		return err_set(
			err, ERR_USAGE,
			"reach takes a user, its access key, a role or a session of one, not "
			"'%.200s'",
			asked->principal);
	}
	query->name = id->name;
	query->session = asked->session;
	if (asked->key && query->kind == PRINCIPAL_ROLE)
		return err_set(err, ERR_USAGE, "a role has no key; --as key goes with a user");
	return 0;
}

static int answer(struct world *world, const struct run_reach *asked, struct reach_query *query,
		  struct reach_options *options, json_t **ret_document, struct err *err)
{
	if (world->aws && observe_policies_of(world, query->kind, query->name))
		observe(world, query);
	query->account = world->account;
	query->shipped = !world->aws;
	struct reach *reach = reach_new(query);
	if (!reach)
		return err_set(err, ERR_NOT_FOUND, "no %s '%s' in account %s",
			       account_kind_name(query->kind), query->name,
			       jx_text(world->account, "account_id"));
	options->action = asked->action;
	options->resource = asked->resource;
	options->all = asked->all;
	*ret_document = reach_document(reach, options, err);
	reach_free(reach);
	return *ret_document ? 0 : -1;
}

static void store_owner(struct world *world, const struct read *read)
{
	const char *name = jx_text(read->call.reply, "UserName");

	world->problem = read->call.err;
	if (read_done(read) && name)
		snprintf(read->arg, IDENTITY_NAME, "%s", name);
}

/* A key becomes the name of its owner. */
static int find_owner(struct world *world, const char *key, char owner[static IDENTITY_NAME],
		      struct err *err)
{
	const char *known = account_key_owner(world->account, key);
	struct batch batch = {.world = world};

	owner[0] = '\0';
	if (known)
		snprintf(owner, IDENTITY_NAME, "%s", known);
	else if (world->aws)
		batch_add(&batch, store_owner, "GetAccessKeyLastUsed",
			  jx_pack("{s:s}", "AccessKeyId", key), PRINCIPAL_USER, NULL)
			->arg = owner;
	batch_send(&batch);
	if (*owner)
		return 0;
	if (world->problem.code == ERR_NONE)
		return err_set(err, ERR_NOT_FOUND, "no user of account %s has the key '%s'",
			       jx_text(world->account, "account_id"), key);
	*err = world->problem;
	return err_wrap(err, "who owns the access key '%s' could not be read", key);
}

/* Asks one account or file for one principal. */
static int ask(struct world *world, const struct run_reach *asked, json_t **ret_document,
	       struct err *err)
{
	autobuf struct buf actions = BUF_INIT(MAX_ACTIONS_FILE);
	struct reach_query query = {.now = world_now(world)};
	struct reach_options options = {.actions = NULL};
	char owner[IDENTITY_NAME];
	struct identity id;

	if (identity_parse(asked->principal, &id, err) || find_principal(&id, asked, &query, err))
		return -1;
	query.issued = query.now;
	if (asked->issued)
		text_parse_time(asked->issued, &query.issued);
	if (asked->actions_file) {
		if (file_read(asked->actions_file, &actions, err))
			return err_wrap(err, "list of actions");
		options.actions = buf_text(&actions);
		options.actions_length = actions.length;
		options.actions_name = asked->actions_file;
	}
	if (observe_caller(world, NULL, 0, err))
		return -1;
	if (id.kind == IDENTITY_ACCESS_KEY) {
		if (find_owner(world, id.name, owner, err))
			return -1;
		query.name = owner;
	}
	return answer(world, asked, &query, &options, ret_document, err);
}

int run_reach(const struct run_options *options, const struct run_reach *asked,
	      json_t **ret_document, int *ret_status, struct err *err)
{
	struct world world = {0};
	int ret = world_open(options, &world, err) || ask(&world, asked, ret_document, err) ? -1
											    : 0;

	*ret_status = ret ? run_status_of(err) : STATUS_DONE;
	if (world_stopped(&world))
		*ret_status = STATUS_INTERRUPTED;
	world_close(&world);
	return ret;
}
