// SPDX-License-Identifier: Apache-2.0
/* What a plan needs to know: who we are, the named targets, and what lies around them. */
#include "observe.h"

#include "cordon/action.h"
#include "cordon/err.h"
#include "cordon/identity.h"
#include "cordon/json.h"
#include "cordon/policy.h"
#include "cordon/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* More candidates than this are listed without their last use. */
enum { MAX_CANDIDATES = 100 };
/* V4 is of November 2026. */
enum { MAX_QUARANTINE = 12 };

/* Calls fn for each target of each playbook with its selector. */
typedef void target_fn(void *arg, const struct plan_entry *entry, const json_t *selected);

static void each_target(const struct plan_entry *entries, size_t count, target_fn *fn, void *arg)
{
	json_t *selected;
	size_t j;

	for (size_t i = 0; i < count; i++) {
		json_auto_t *targets = playbook_targets(entries[i].playbook, entries[i].parameters);
		json_array_foreach (targets, j, selected)
			fn(arg, &entries[i], selected);
	}
}

static void store_caller(struct world *world, const struct read *read)
{
	const char *arn = jx_text(read->call.reply, "Arn");
	const char *account = jx_text(read->call.reply, "Account");
	struct arn parsed;

	if (!read_done(read))
		world->problem = read->call.err;
	if (!read_done(read) || arn_parse(arn, &parsed) || !identity_account_ok(account))
		return;
	world->account = account_new(account);
	world->caller = jx_pack("{s:s, s:s, s:o, s:[s]}", "arn", arn, "account_id", account,
				"user_id", jx_string(jx_text(read->call.reply, "UserId")), "chain",
				arn);
	json_t *before = (json_t *)(uintptr_t)aws_credential_chain(world->aws);
	if (before && json_array_extend(json_object_get(world->caller, "chain"), before))
		abort();
}

/* Owners wait for the account, which the caller's answer makes. */
static void store_owner(struct world *world, const struct read *read)
{
	const char *key = jx_text(read->parameters, "AccessKeyId");
	json_t *list = json_object_get(world->account, "AccessKeyLastUsed");

	if (!list)
		return;
	json_t *item = read_done(read) && read->call.reply ? jx_copy(read->call.reply)
							   : json_object();
	jx_set(item, "AccessKeyId", jx_string(key));
	if (!read_done(read))
		jx_set(item, "problem",
		       jx_pack("{s:i, s:o}", "code", (int)read->call.err.code, "message",
			       jx_string(read->call.err.message)));
	if (read_code_is(read, "NoSuchEntity"))
		json_object_del(item, "problem");
	jx_push(list, item);
}

static void store_part(struct world *world, const struct read *read)
{
	json_t *value = json_object_get(read->call.reply, read->member);

	if (!world->account)
		return;
	if (!read_done(read))
		jx_set(world->account, read->section, read_unread(read));
	else
		jx_set(world->account, read->section, value ? jx_copy(value) : json_array());
}

static void add_part(struct batch *batch, const char *operation, const char *part)
{
	struct read *read = batch_add(batch, store_part, operation, json_object(), PRINCIPAL_NONE,
				      NULL);

	read->section = part;
	read->member = part;
}

static void add_owner(void *arg, const struct plan_entry *entry, const json_t *selected)
{
	const char *key = jx_text(selected, "owner_of");
	struct batch *batch = arg;

	(void)entry;
	if (key && !jx_text(selected, "user"))
		batch_add(batch, store_owner, "GetAccessKeyLastUsed",
			  jx_pack("{s:s}", "AccessKeyId", key), PRINCIPAL_NONE, NULL);
}

static int owner_problem(const json_t *item, struct err *err)
{
	const json_t *problem = json_object_get(item, "problem");

	if (!problem)
		return 0;
	return err_set(
		err, (enum err_code)json_integer_value(json_object_get(problem, "code")),
		"who owns the access key '%.128s' could not be read: %.400s; give --user NAME if "
		"you know it (a key of another account is answered like this too)",
		jx_text(item, "AccessKeyId"), jx_text(problem, "message"));
}

/* A key whose id says that it is of another account is the guard's to refuse. */
static bool is_foreign_key(const struct world *world, const char *key)
{
	char account[13];

	return identity_account(key, account) &&
	       !text_equal(account, jx_text(world->account, "account_id"));
}

static int check_owners(const struct world *world, struct err *err)
{
	json_t *item;
	size_t i;

	json_array_foreach (json_object_get(world->account, "AccessKeyLastUsed"), i, item) {
		if (!is_foreign_key(world, jx_text(item, "AccessKeyId")) &&
		    owner_problem(item, err))
			return -1;
	}
	return 0;
}

int observe_caller(struct world *world, const struct plan_entry *entries, size_t count,
		   struct err *err)
{
	struct batch batch = {.world = world};

	if (!world->aws)
		return 0;
	batch_add(&batch, store_caller, "GetCallerIdentity", json_object(), PRINCIPAL_NONE, NULL);
	each_target(entries, count, add_owner, &batch);
	/* They need no name, and so cost no time here. */
	if (count) {
		add_part(&batch, "GetAccountSummary", "SummaryMap");
		add_part(&batch, "ListAccountAliases", "AccountAliases");
	}
	batch_send(&batch);
	if (world->caller)
		return check_owners(world, err);
	if (world->problem.code == ERR_NONE)
		return err_set(err, ERR_PROTOCOL,
			       "GetCallerIdentity answered without an ARN and an account");
	*err = world->problem;
	return err_wrap(err, "who we are could not be read");
}

/* The principals that a pass reads, each once. */
struct pass {
	struct world *world;
	struct batch batch;
	bool targets;		 /* with what only matters of those */
	json_t *quarantines;	 /* AWS's quarantine policies too, and these; NULL: none */
	json_t *names;		 /* [{"kind","name","session"}] */
	observe_answered *first; /* NULL: nobody waits for the first answers */
	void *arg;
};

static void want(struct pass *pass, const char *kind, const char *name, const char *session)
{
	json_auto_t *one = jx_pack("{s:s, s:s, s:o}", "kind", kind, "name", name, "session",
				   jx_string(session));
	json_t *other;
	size_t i;

	json_array_foreach (pass->names, i, other) {
		if (text_equal(jx_text(other, "kind"), kind) &&
		    text_equal_nocase(jx_text(other, "name"), name))
			return;
	}
	json_array_append(pass->names, one);
}

static void want_target(void *arg, const struct plan_entry *entry, const json_t *selected)
{
	struct pass *pass = arg;
	const char *kind = jx_text(selected, "role")	? "role"
			   : jx_text(selected, "group") ? "group"
							: "user";
	const char *name = jx_text(selected, kind);

	if (!name)
		name = account_key_owner(pass->world->account, jx_text(selected, "owner_of"));
	if (name)
		want(pass, kind, name, jx_text(entry->parameters, "session"));
}

static void store_policy(struct world *world, const struct read *read)
{
	json_t *policy = json_object_get(read->call.reply, "Policy");

	if (read_code_is(read, "NoSuchEntity"))
		jx_add_unique(world->absent, jx_text(read->parameters, "PolicyArn"));
	if (read_done(read) && jx_text(policy, "Arn") && jx_text(policy, "DefaultVersionId"))
		jx_push(json_object_get(world->account, "Policies"), jx_copy(policy));
}

static void store_version(struct world *world, const struct read *read)
{
	json_t *policy = jx_find(json_object_get(world->account, "Policies"), "Arn",
				 jx_text(read->parameters, "PolicyArn"), NULL);
	json_t *version = json_object_get(read->call.reply, "PolicyVersion");

	if (policy && read_done(read) && version) {
		jx_set(version, "IsDefaultVersion", json_true());
		jx_set(policy, "PolicyVersionList", jx_pack("[O]", version));
	}
}

static void add_versions(struct batch *batch)
{
	json_t *one;
	size_t i;

	json_array_foreach (json_object_get(batch->world->account, "Policies"), i, one) {
		if (!json_object_get(one, "PolicyVersionList"))
			batch_add(batch, store_version, "GetPolicyVersion",
				  jx_pack("{s:O, s:O}", "PolicyArn", json_object_get(one, "Arn"),
					  "VersionId", json_object_get(one, "DefaultVersionId")),
				  PRINCIPAL_NONE, NULL);
	}
}

static void add_policy(struct batch *batch, const char *arn)
{
	if (!jx_find(json_object_get(batch->world->account, "Policies"), "Arn", arn, NULL))
		batch_add(batch, store_policy, "GetPolicy", jx_pack("{s:s}", "PolicyArn", arn),
			  PRINCIPAL_NONE, NULL);
}

/* AWS numbers its quarantine policies, and makes a new one now and then: which of them exist is
 * asked one by one, for a list of all of AWS's policies takes many pages. */
static void add_quarantines(struct batch *batch, const json_t *asked)
{
	json_auto_t *arns = jx_copy(asked);
	char arn[128];
	json_t *one;
	size_t i;

	for (int version = 1; version <= MAX_QUARANTINE; version++) {
		snprintf(arn, sizeof(arn), "arn:%.31s:iam::aws:policy/AWSCompromisedKeyQuarantine",
			 aws_partition(batch->world->aws));
		size_t used = strlen(arn);
		if (version > 1)
			snprintf(arn + used, sizeof(arn) - used, "V%d", version);
		jx_add_unique(arns, arn);
	}
	json_array_foreach (arns, i, one)
		add_policy(batch, json_string_value(one));
}

static bool uses(const struct plan_entry *entries, size_t count,
		 bool (*fits)(const struct action *action))
{
	json_t *step;
	size_t n;

	for (size_t i = 0; i < count; i++) {
		json_array_foreach (json_object_get(entries[i].playbook->document, "steps"), n,
				    step) {
			const struct action *action = action_find(jx_text(step, "action"));
			if (action && fits(action))
				return true;
		}
	}
	return false;
}

/* The quarantine policies that steps name, beyond those that are looked for; NULL: no step is a
 * quarantine. New. */
static json_t *asked_quarantines(const struct plan_entry *entries, size_t count)
{
	json_t *asked = NULL;
	json_t *step;
	size_t n;

	for (size_t i = 0; i < count; i++) {
		json_array_foreach (json_object_get(entries[i].playbook->document, "steps"), n,
				    step) {
			if (!text_equal(jx_text(step, "action"), "quarantine"))
				continue;
			json_auto_t *policy = playbook_expand(json_object_get(step, "policy"),
							      entries[i].parameters);
			asked = asked ? asked : json_array();
			if (json_is_string(policy))
				jx_add_unique(asked, json_string_value(policy));
		}
	}
	return asked;
}

static bool needs_all(const struct action *action)
{
	return action->whole_account;
}

static void add_first_looks(struct pass *pass, struct batch *batch)
{
	json_t *one;
	size_t i;

	json_array_foreach (pass->names, i, one) {
		enum principal_kind kind = account_kind(jx_text(one, "kind"));
		observe_fresh(pass->world, kind, jx_text(one, "name"));
		observe_add_principal(batch, kind, jx_text(one, "name"));
		if (pass->targets)
			observe_add_target(batch, kind, jx_text(one, "name"));
	}
}

static void add_second_looks(const struct pass *pass, struct batch *batch)
{
	json_t *one;
	size_t i;

	json_array_foreach (pass->names, i, one)
		observe_add_documents(batch, account_kind(jx_text(one, "kind")),
				      jx_text(one, "name"), jx_text(one, "session"));
}

static void settle_all(const struct pass *pass)
{
	json_t *one;
	size_t i;

	json_array_foreach (pass->names, i, one)
		observe_settle(pass->world, account_kind(jx_text(one, "kind")),
			       jx_text(one, "name"));
}

/* All first looks together, then all second ones. */
static void read_wanted(struct pass *pass)
{
	add_first_looks(pass, &pass->batch);
	if (pass->quarantines)
		add_quarantines(&pass->batch, pass->quarantines);
	batch_send(&pass->batch);
	if (pass->first && !world_stopped(pass->world))
		pass->first(pass->arg);
	if (pass->quarantines)
		add_versions(&pass->batch);
	add_second_looks(pass, &pass->batch);
	batch_send(&pass->batch);
	settle_all(pass);
}

/* Whether we are in a group that is named, even where we may not see who is. */
static void add_own_groups(struct pass *pass)
{
	struct err ignored = ERR_INIT;
	struct identity id;

	if (!jx_find(pass->names, "kind", "group", NULL) ||
	    identity_parse(jx_text(pass->world->caller, "arn"), &id, &ignored) ||
	    id.kind != IDENTITY_USER)
		return;
	if (!account_find(pass->world->account, PRINCIPAL_USER, id.name))
		observe_fresh(pass->world, PRINCIPAL_USER, id.name);
	observe_add_section(&pass->batch, PRINCIPAL_USER, id.name, "GroupList");
}

int observe_named(struct world *world, const struct plan_entry *entries, size_t count,
		  struct err *err)
{
	json_auto_t *names = json_array();
	json_auto_t *quarantines = asked_quarantines(entries, count);
	struct pass pass = {.world = world,
			    .batch = {.world = world},
			    .names = names,
			    .targets = true,
			    .quarantines = quarantines};

	if (!world->aws)
		return 0;
	each_target(entries, count, want_target, &pass);
	add_own_groups(&pass);
	read_wanted(&pass);
	if (world_stopped(world))
		return err_set(err, ERR_INTERRUPTED, "interrupted");
	return 0;
}

static void add_policies_of(json_t *arns, const json_t *entry)
{
	const char *boundary = jx_text(json_object_get(entry, "PermissionsBoundary"),
				       "PermissionsBoundaryArn");
	json_t *list = NULL;
	json_t *item;
	size_t i;

	account_section(entry, "AttachedManagedPolicies", &list);
	json_array_foreach (list, i, item) {
		if (jx_text(item, "PolicyArn"))
			jx_add_unique(arns, jx_text(item, "PolicyArn"));
	}
	if (boundary)
		jx_add_unique(arns, boundary);
}

/* What AWSDenyAll says is read where a verdict rests on it. */
static void read_deny_all(struct world *world, const json_t *names)
{
	struct batch batch = {.world = world};
	json_auto_t *arns = json_array();
	json_t *one;
	size_t i;

	json_array_foreach (names, i, one)
		add_policies_of(arns,
				account_find(world->account, account_kind(jx_text(one, "kind")),
					     jx_text(one, "name")));
	json_array_foreach (arns, i, one) {
		if (text_has_suffix(json_string_value(one), ":iam::aws:policy/AWSDenyAll"))
			add_policy(&batch, json_string_value(one));
	}
	batch_send(&batch);
	add_versions(&batch);
	batch_send(&batch);
}

/* Who is looked at again: the plan's targets, and whom its operations are on. */
static void want_planned(struct pass *pass, const json_t *plan)
{
	json_t *target;
	json_t *operation;
	size_t i;

	json_array_foreach (json_object_get(plan, "targets"), i, target) {
		if (!json_object_get(target, "refused"))
			want(pass, jx_text(target, "principal"), jx_text(target, "name"),
			     jx_text(target, "session"));
	}
	/* An operation may be on somebody else: a trust policy that named the target. */
	json_array_foreach (json_object_get(plan, "operations"), i, operation) {
		const struct operation *op = operation_find(jx_text(operation, "operation"));
		const char *name =
			op ? operation_principal(op, json_object_get(operation, "parameters"))
			   : NULL;
		if (name)
			want(pass, account_kind_name(op->on), name, NULL);
	}
}

void observe_again(struct world *world, const json_t *plan)
{
	observe_again_and(world, plan, NULL, NULL);
}

void observe_again_and(struct world *world, const json_t *plan, observe_answered *first, void *arg)
{
	json_auto_t *names = json_array();
	struct pass pass = {.world = world,
			    .batch = {.world = world},
			    .names = names,
			    .targets = true,
			    .first = first,
			    .arg = arg};

	if (!world->aws)
		return;
	want_planned(&pass, plan);
	read_wanted(&pass);
	read_deny_all(world, names);
}

static void store_role_list(struct world *world, const struct read *read)
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
		if (!name || !jx_text(role, "Arn") ||
		    account_find(world->account, PRINCIPAL_ROLE, name))
			continue;
		json_t *entry = account_add(world->account, PRINCIPAL_ROLE, name,
					    jx_text(role, "Arn"));
		json_object_update(entry, role);
	}
	account_set_listed(world->account, PRINCIPAL_ROLE);
}

static bool is_user_playbook(const struct plan_entry *entry)
{
	return text_equal(entry->playbook->contains, "user");
}

/* The named users whose surroundings matter. */
static void want_user(void *arg, const struct plan_entry *entry, const json_t *selected)
{
	if (is_user_playbook(entry) && !jx_text(selected, "role"))
		want_target(arg, entry, selected);
}

static bool is_read(const struct world *world, enum principal_kind kind, const char *name)
{
	const json_t *entry = account_find(world->account, kind, name);

	return account_section(entry, "AttachedManagedPolicies", NULL) != SECTION_UNREAD;
}

static void want_groups(struct pass *groups, const json_t *users)
{
	json_t *user;
	json_t *name;
	size_t i;
	size_t j;

	json_array_foreach (users, i, user) {
		json_t *list = NULL;
		const json_t *entry = account_find(groups->world->account, PRINCIPAL_USER,
						   jx_text(user, "name"));
		if (!text_equal(jx_text(user, "kind"), "user"))
			continue;
		account_section(entry, "GroupList", &list);
		json_array_foreach (list, j, name) {
			const char *group = json_string_value(name);
			if (!is_read(groups->world, PRINCIPAL_GROUP, group))
				want(groups, "group", group, NULL);
		}
	}
}

static void add_policies(struct batch *batch, const json_t *principals)
{
	json_auto_t *arns = json_array();
	json_t *one;
	size_t i;

	json_array_foreach (principals, i, one)
		add_policies_of(arns, account_find(batch->world->account,
						   account_kind(jx_text(one, "kind")),
						   jx_text(one, "name")));
	json_array_foreach (arns, i, one)
		add_policy(batch, json_string_value(one));
}

/* The managed policies of principals ({"kind","name"}): which version counts, then what it says. */
static void read_policies(struct world *world, const json_t *principals, const json_t *groups)
{
	struct batch batch = {.world = world};

	add_policies(&batch, principals);
	add_policies(&batch, groups);
	batch_send(&batch);
	add_versions(&batch);
	batch_send(&batch);
}

/* The roles a user may have used: with last use and policies, for not_covered or to be cut off too.
 */
static void want_roles(struct pass *roles, const json_t *users)
{
	json_t *user;
	json_t *role;
	size_t i;
	size_t j;

	json_array_foreach (users, i, user) {
		json_auto_t *found = plan_assumable(roles->world->account, jx_text(user, "name"),
						    NULL, world_now(roles->world));
		json_array_foreach (found, j, role) {
			if (json_array_size(roles->names) < MAX_CANDIDATES)
				want(roles, "role", jx_text(role, "name"), NULL);
		}
	}
}

/* Only roles that no target is, so that what a plan rests on is read once. */
static void forget_read(struct pass *roles)
{
	for (size_t i = json_array_size(roles->names); i-- > 0;) {
		const json_t *one = json_array_get(roles->names, i);
		if (is_read(roles->world, PRINCIPAL_ROLE, jx_text(one, "name")))
			json_array_remove(roles->names, i);
	}
}

/* The whole account's details, read as a file of the CLI's is: the reply has its form. NULL: not
 * read; world->problem says why. */
static json_t *details_of(struct world *world, const struct read *read)
{
	struct err err = ERR_INIT;
	json_t *account = NULL;

	world->problem = read->call.err;
	if (!read_done(read))
		return NULL;
	char *text = jx_compact(read->call.reply);
	account_read(text, strlen(text), "GetAccountAuthorizationDetails", &account, &err);
	free(text);
	return account;
}

static void store_rest(struct world *world, const struct read *read)
{
	json_auto_t *account = details_of(world, read);

	if (account)
		account_fill(world->account, account);
	else
		world_note(world, "the account as a whole could not be read: %s",
			   read->call.err.message);
}

/* Everything else in the account, beside what was read of the targets. */
static void observe_rest(struct world *world)
{
	struct batch batch = {.world = world};

	if (account_listed(world->account, PRINCIPAL_USER))
		return;
	batch_add(&batch, store_rest, "GetAccountAuthorizationDetails", json_object(),
		  PRINCIPAL_NONE, NULL);
	batch_send(&batch);
}

/* When each of their access keys was used last, for what will break. */
static void add_last_use(struct batch *batch, const json_t *users)
{
	const json_t *account = batch->world->account;
	const json_t *asked = json_object_get(account, "AccessKeyLastUsed");
	json_t *user;
	json_t *key;
	size_t i;
	size_t n;

	json_array_foreach (users, i, user) {
		const json_t *entry = account_find(account, PRINCIPAL_USER, jx_text(user, "name"));
		json_t *keys = NULL;
		if (!text_equal(jx_text(user, "kind"), "user"))
			continue;
		account_section(entry, "AccessKeys", &keys);
		json_array_foreach (keys, n, key) {
			if (!jx_find(asked, "AccessKeyId", jx_text(key, "AccessKeyId"), NULL))
				batch_add(batch, store_owner, "GetAccessKeyLastUsed",
					  jx_pack("{s:O}", "AccessKeyId",
						  json_object_get(key, "AccessKeyId")),
					  PRINCIPAL_NONE, NULL);
		}
	}
}

bool observe_policies_of(struct world *world, enum principal_kind kind, const char *name)
{
	json_auto_t *own_names = json_array();
	json_auto_t *group_names = json_array();
	struct pass own = {.world = world, .batch = {.world = world}, .names = own_names};
	struct pass groups = {.world = world, .batch = {.world = world}, .names = group_names};

	want(&own, account_kind_name(kind), name, NULL);
	if (!is_read(world, kind, name))
		read_wanted(&own);
	if (kind == PRINCIPAL_USER)
		want_groups(&groups, own_names);
	read_wanted(&groups);
	read_policies(world, own_names, group_names);
	return account_find(world->account, kind, name) != NULL;
}

/* What a wide look wants, and what it has. */
struct wide {
	struct pass again;   /* of those who are looked at once more */
	struct pass targets; /* only their names count, here and in users */
	struct pass users;
	struct pass groups;
	struct pass roles;
	bool roles_listed;
};

static void list_roles(struct wide *wide, struct batch *batch)
{
	if (wide->roles_listed || json_array_size(wide->users.names) == 0)
		return;
	wide->roles_listed = true;
	batch_add(batch, store_role_list, "ListRoles", json_object(), PRINCIPAL_NONE, NULL);
}

/* What is known of the targets already says most of what will be asked: it is asked together with
 * the second look at them, rather than after it. What that look brings up is asked afterwards. */
static void look_ahead(struct wide *wide)
{
	struct batch batch = {.world = wide->again.world};

	add_last_use(&batch, wide->targets.names);
	want_groups(&wide->groups, wide->targets.names);
	list_roles(wide, &batch);
	add_policies(&batch, wide->targets.names);
	add_first_looks(&wide->groups, &batch);
	add_first_looks(&wide->again, &batch);
	batch_send(&batch);
	add_versions(&batch);
	add_policies(&batch, wide->groups.names);
	add_second_looks(&wide->groups, &batch);
	add_second_looks(&wide->again, &batch);
	batch_send(&batch);
	settle_all(&wide->groups);
	settle_all(&wide->again);
	read_deny_all(wide->again.world, wide->again.names);
	json_array_clear(wide->groups.names);
}

static void look_wide(struct wide *wide, struct world *world)
{
	struct batch batch = {.world = world};

	look_ahead(wide);
	add_last_use(&batch, wide->targets.names);
	list_roles(wide, &batch);
	batch_send(&batch);
	want_groups(&wide->groups, wide->targets.names);
	read_wanted(&wide->groups);
	read_policies(world, wide->targets.names, wide->groups.names);
	want_roles(&wide->roles, wide->users.names);
	forget_read(&wide->roles);
	read_wanted(&wide->roles);
}

void observe_wide(struct world *world, const json_t *again, const struct plan_entry *entries,
		  size_t count)
{
	json_auto_t *lists = jx_pack("[[], [], [], [], []]");
	struct wide wide = {.roles_listed = false};
	struct pass *const passes[] = {&wide.again, &wide.targets, &wide.users, &wide.groups,
				       &wide.roles};

	if (!world->aws)
		return;
	for (size_t i = 0; i < sizeof(passes) / sizeof(passes[0]); i++)
		*passes[i] = (struct pass){.world = world,
					   .batch = {.world = world},
					   .names = json_array_get(lists, i)};
	wide.again.targets = true;
	if (uses(entries, count, needs_all))
		observe_rest(world);
	if (again)
		want_planned(&wide.again, again);
	each_target(entries, count, want_target, &wide.targets);
	each_target(entries, count, want_user, &wide.users);
	look_wide(&wide, world);
}

static void store_users(struct world *world, const struct read *read)
{
	static const struct {
		const char *list;
		enum principal_kind kind;
	} lists[] = {{"UserDetailList", PRINCIPAL_USER},
		     {"GroupDetailList", PRINCIPAL_GROUP},
		     {"RoleDetailList", PRINCIPAL_ROLE}};
	json_auto_t *account = details_of(world, read);

	if (!account)
		return;
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		json_object_set(world->account, lists[i].list,
				json_object_get(account, lists[i].list));
		account_set_listed(world->account, lists[i].kind);
	}
	json_object_set(world->account, "Policies", json_object_get(account, "Policies"));
}

/* The credentials that the details leave out, for each user. */
static void read_credentials(struct world *world)
{
	static const char *const sections[] = {"AccessKeys",
					       "LoginProfile",
					       "MFADevices",
					       "SSHPublicKeys",
					       "SigningCertificates",
					       "ServiceSpecificCredentials",
					       NULL};
	struct batch batch = {.world = world};
	json_t *user;
	size_t i;

	json_array_foreach (account_entries(world->account, PRINCIPAL_USER), i, user) {
		for (size_t s = 0; sections[s]; s++)
			observe_add_section(&batch, PRINCIPAL_USER,
					    account_name(user, PRINCIPAL_USER), sections[s]);
	}
	batch_send(&batch);
}

int observe_all(struct world *world, struct err *err)
{
	struct batch batch = {.world = world};

	if (!world->aws)
		return 0;
	if (observe_caller(world, NULL, 0, err))
		return -1;
	add_part(&batch, "GetAccountSummary", "SummaryMap");
	add_part(&batch, "ListAccountAliases", "AccountAliases");
	batch_add(&batch, store_users, "GetAccountAuthorizationDetails", json_object(),
		  PRINCIPAL_NONE, NULL);
	batch_send(&batch);
	if (!account_listed(world->account, PRINCIPAL_USER)) {
		if (world->problem.code == ERR_NONE)
			return err_set(err, ERR_PROTOCOL,
				       "the account's details cannot be understood");
		*err = world->problem;
		return err_wrap(err, "the account could not be read");
	}
	read_credentials(world);
	return 0;
}
