// SPDX-License-Identifier: Apache-2.0
/* Commands that only look: at ourselves, at an id, at the account. */
#include "observe.h"
#include "world.h"

#include "cordon/account.h"
#include "cordon/identity.h"
#include "cordon/json.h"
#include "cordon/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int finish(struct world *world, int ret, int *ret_status, const struct err *err)
{
	*ret_status = ret ? run_status_of(err) : STATUS_DONE;
	if (world_stopped(world))
		*ret_status = STATUS_INTERRUPTED;
	world_close(world);
	return ret;
}

static int need_aws(const struct world *world, const char *what, struct err *err)
{
	if (world->aws)
		return 0;
	return err_set(err, ERR_USAGE, "%s asks AWS; it does not go with --account", what);
}

static json_t *time_or_null(time_t at)
{
	char text[TEXT_TIME_SIZE];

	if (!at)
		return json_null();
	text_time(at, text);
	return jx_string(text);
}

static json_t *warnings_of(const struct aws *aws)
{
	json_t *out = json_array();
	const char *warning;

	for (size_t i = 0; (warning = aws_warning(aws, i)); i++)
		jx_push(out, jx_string(warning));
	return out;
}

static void store_aliases(struct world *world, const struct read *read)
{
	json_t *list = json_object_get(read->call.reply, "AccountAliases");

	if (read_done(read) && list)
		json_object_set(world->account, "AccountAliases", list);
}

static json_t *alias_of(const struct world *world)
{
	json_t *aliases = NULL;

	account_section(world->account, "AccountAliases", &aliases);
	return jx_string(json_string_value(json_array_get(aliases, 0)));
}

static json_t *whoami_document(const struct world *world)
{
	const struct aws *aws = world->aws;

	return jx_pack("{s:s, s:O, s:O, s:O, s:o, s:s, s:s, s:o, s:{s:s, s:s}, s:s, s:s, s:o, s:o}",
		       "format", "cordon-whoami/1", "arn", json_object_get(world->caller, "arn"),
		       "account_id", json_object_get(world->caller, "account_id"), "user_id",
		       json_object_get(world->caller, "user_id"), "alias", alias_of(world),
		       "access_key_id", aws_access_key_id(aws), "source",
		       aws_credential_source(aws), "expires",
		       time_or_null(aws_credential_expiry(aws)), "endpoint", "iam",
		       aws_endpoint(aws, "iam"), "sts", aws_endpoint(aws, "sts"), "region",
		       aws_region(aws), "partition", aws_partition(aws), "clock_offset_seconds",
		       aws_clock_known(aws) ? jx_pack("I", (json_int_t)aws_clock_offset(aws))
					    : json_null(),
		       "warnings", warnings_of(aws));
}

int run_whoami(const struct run_options *options, json_t **ret_document, int *ret_status,
	       struct err *err)
{
	struct world world;
	int ret = world_open(options, &world, err);

	if (ret == 0 && (ret = need_aws(&world, "whoami", err)) == 0 &&
	    (ret = observe_caller(&world, NULL, 0, err)) == 0) {
		struct batch batch = {.world = &world};
		batch_add(&batch, store_aliases, "ListAccountAliases", json_object(),
			  PRINCIPAL_NONE, NULL);
		batch_send(&batch);
		*ret_document = whoami_document(&world);
	}
	return finish(&world, ret, ret_status, err);
}

/* What an id is found to be, while it is looked up. */
struct finding {
	struct world *world;
	struct identity id;
	enum principal_kind kind;
	char name[129];
	json_t *document;
	bool kind_named; /* a bare name */
};

static void note(struct finding *f, const char *text)
{
	jx_push(json_object_get(f->document, "notes"), jx_string(text));
}

static void next(struct finding *f, const char *typed, const char *option)
{
	char text[600];

	snprintf(text, sizeof(text), "cordon contain %.500s%s%s", typed, *option ? " " : "",
		 option);
	jx_push(json_object_get(f->document, "next"), jx_string(text));
}

static void set_account(struct finding *f, const char *account, const char *from)
{
	if (account && *account)
		jx_set(f->document, "account", jx_pack("{s:s, s:s}", "id", account, "from", from));
}

static void store_last_used(struct world *world, const struct read *read)
{
	json_t *used = json_object_get(read->call.reply, "AccessKeyLastUsed");
	json_t *item = jx_pack("{s:s, s:o, s:o}", "AccessKeyId",
			       jx_text(read->parameters, "AccessKeyId"), "UserName",
			       jx_string(jx_text(read->call.reply, "UserName")),
			       "AccessKeyLastUsed", used ? jx_copy(used) : json_null());

	if (!read_done(read))
		jx_set(item, "why", jx_string(read->call.err.message));
	jx_push(json_object_get(world->account, "AccessKeyLastUsed"), item);
}

static json_t *used_of(const json_t *used)
{
	if (!jx_text(used, "LastUsedDate"))
		return json_null();
	return jx_pack("{s:O, s:o, s:o}", "at", json_object_get(used, "LastUsedDate"), "service",
		       jx_string(jx_text(used, "ServiceName")), "region",
		       jx_string(jx_text(used, "Region")));
}

static void look_up_key(struct finding *f)
{
	struct batch batch = {.world = f->world};
	const char *key = f->id.name;

	if (f->world->aws) {
		batch_add(&batch, store_last_used, "GetAccessKeyLastUsed",
			  jx_pack("{s:s}", "AccessKeyId", key), PRINCIPAL_NONE, NULL);
		batch_send(&batch);
	}
	const json_t *item = jx_find(json_object_get(f->world->account, "AccessKeyLastUsed"),
				     "AccessKeyId", key, NULL);
	const char *owner = account_key_owner(f->world->account, key);
	jx_set(f->document, "last_used", used_of(json_object_get(item, "AccessKeyLastUsed")));
	if (!owner) {
		note(f,
		     "no user of this account is known to own it: it may be deleted, root's, or of "
		     "another account");
		if (jx_text(item, "why"))
			note(f, jx_text(item, "why"));
		return;
	}
	f->kind = PRINCIPAL_USER;
	snprintf(f->name, sizeof(f->name), "%s", owner);
	if (!f->id.account[0])
		set_account(f, jx_text(f->world->account, "account_id"), "GetAccessKeyLastUsed");
}

static void hold(json_t *holds, const char *what, const char *id, const json_t *item,
		 const char *date)
{
	jx_push(holds, jx_pack("{s:s, s:o, s:o, s:o}", "what", what, "id", jx_string(id), "status",
			       jx_string(jx_text(item, "Status")), "since",
			       jx_string(jx_text(item, date))));
}

static const struct {
	const char *section;
	const char *date;
} held[] = {
	{"AccessKeys", "CreateDate"},
	{"LoginProfile", "CreateDate"},
	{"MFADevices", "EnableDate"},
	{"SSHPublicKeys", "UploadDate"},
	{"SigningCertificates", "UploadDate"},
	{"ServiceSpecificCredentials", "CreateDate"},
	{"UserPolicyList", ""},
	{"RolePolicyList", ""},
	{"AttachedManagedPolicies", ""},
	{"GroupList", ""},
	{"PermissionsBoundary", ""},
};

static void hold_section(struct finding *f, json_t *holds, const json_t *entry, size_t i)
{
	const struct section *row = account_section_row(held[i].section);
	json_t *value = NULL;
	json_t *item;
	size_t n;
	char text[200];

	if (!(row->kinds & (1u << f->kind)))
		return;
	if (account_section(entry, row->name, &value) == SECTION_UNREAD) {
		snprintf(text, sizeof(text), "%s: not known (%s)", row->what,
			 account_unread_why(entry, row->name));
		note(f, text);
		return;
	}
	if (json_is_object(value) && json_object_size(value))
		hold(holds, row->what, jx_text(value, "PermissionsBoundaryArn"), value,
		     held[i].date);
	json_array_foreach (value, n, item)
		hold(holds, row->what, row->key ? jx_text(item, row->key) : json_string_value(item),
		     item, held[i].date);
}

static int hold_all(struct finding *f, struct err *err)
{
	if (f->world->aws)
		observe_principal(f->world, f->kind, f->name);
	const json_t *entry = account_find(f->world->account, f->kind, f->name);
	if (!entry)
		return err_set(err, ERR_NOT_FOUND, "no %s '%s' in account %s",
			       account_kind_name(f->kind), f->name,
			       jx_text(f->world->account, "account_id"));
	json_t *holds = json_array();
	for (size_t i = 0; i < sizeof(held) / sizeof(held[0]); i++)
		hold_section(f, holds, entry, i);
	jx_set(f->document, "holds", holds);
	jx_set(f->document, "owner",
	       jx_pack("{s:s, s:s, s:s}", "kind", account_kind_name(f->kind), "name", f->name,
		       "arn", account_arn(entry)));
	return 0;
}

static const char *const where_to_look =
	"who holds it stands in CloudTrail: look for userIdentity.accessKeyId, then for "
	"sessionContext.sessionIssuer (a role) or userName (a user)";

/* What to say and to offer, by the kind of id. */
static void advise(struct finding *f, const char *typed)
{
	switch (f->id.kind) {
	case IDENTITY_TEMPORARY_KEY:
		note(f, where_to_look);
		next(f, typed, "--role ROLE");
		next(f, typed, "--user USER");
		break;
	case IDENTITY_FEDERATED:
		note(f,
		     "a federated user is a session of a user: CloudTrail's sessionIssuer names him");
		next(f, typed, "--user USER");
		break;
	case IDENTITY_ROOT:
		note(f, "no IAM policy limits an account's root user; act as root, or from the "
			"organization's management account");
		break;
	case IDENTITY_GROUP:
	case IDENTITY_OTHER:
		note(f,
		     "cordon does not contain this by itself; contain the user or role behind it");
		break;
	default:
		if (f->kind != PRINCIPAL_NONE)
			next(f, typed, "");
	}
}

static void classify(struct finding *f)
{
	static const struct {
		enum identity_kind id;
		enum principal_kind kind;
	} kinds[] = {{IDENTITY_USER, PRINCIPAL_USER},
		     {IDENTITY_ROLE, PRINCIPAL_ROLE},
		     {IDENTITY_SESSION, PRINCIPAL_ROLE}};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (kinds[i].id == f->id.kind) {
			f->kind = kinds[i].kind;
			snprintf(f->name, sizeof(f->name), "%s", f->id.name);
		}
	}
}

static bool is_foreign(const struct finding *f)
{
	return f->id.account[0] &&
	       !text_equal(f->id.account, jx_text(f->world->account, "account_id"));
}

/* AIDA and AROA ids say nothing of names: that takes a listing. */
static void store_listing(struct world *world, const struct read *read)
{
	bool users = read->kind == PRINCIPAL_USER;
	json_t *item;
	size_t i;

	if (!read_done(read)) {
		world->problem = read->call.err;
		return;
	}
	json_array_foreach (json_object_get(read->call.reply, users ? "Users" : "Roles"), i, item) {
		if (text_equal(jx_text(item, users ? "UserId" : "RoleId"), read->name))
			json_object_update(
				account_add(world->account, read->kind,
					    jx_text(item, users ? "UserName" : "RoleName"),
					    jx_text(item, "Arn")),
				item);
	}
}

static int find_by_id(struct world *world, const struct identity *id, enum principal_kind *ret_kind,
		      const char **ret_name, struct err *err)
{
	enum principal_kind kind = id->kind == IDENTITY_USER_ID ? PRINCIPAL_USER : PRINCIPAL_ROLE;
	struct batch batch = {.world = world};

	if (world->aws) {
		batch_add(&batch, store_listing, kind == PRINCIPAL_USER ? "ListUsers" : "ListRoles",
			  json_object(), kind, id->name);
		batch_send(&batch);
	}
	const json_t *entry = account_find_id(world->account, kind, id->name);
	if (!entry && world->problem.code != ERR_NONE) {
		*err = world->problem;
		return err_wrap(err, "the %ss could not be listed", account_kind_name(kind));
	}
	if (!entry)
		return err_set(err, ERR_NOT_FOUND, "no %s has the id '%s' in account %s",
			       account_kind_name(kind), id->name,
			       jx_text(world->account, "account_id"));
	*ret_kind = kind;
	*ret_name = account_name(entry, kind);
	return 0;
}

static int look_up(struct finding *f, struct err *err)
{
	const char *name = NULL;

	classify(f);
	if (is_foreign(f)) {
		note(f, "it belongs to another account than the one we are in");
		return 0;
	}
	if (f->id.kind == IDENTITY_ACCESS_KEY)
		look_up_key(f);
	if (f->id.kind == IDENTITY_USER_ID || f->id.kind == IDENTITY_ROLE_ID) {
		if (find_by_id(f->world, &f->id, &f->kind, &name, err))
			return -1;
		snprintf(f->name, sizeof(f->name), "%s", name);
	}
	return f->kind == PRINCIPAL_NONE ? 0 : hold_all(f, err);
}

/* An id alone tells a little, even where there is no account to ask. */
static json_t *whois_document(const struct identity *id, const char *typed)
{
	return jx_pack("{s:s, s:o, s:s, s:s, s:n, s:n, s:n, s:n, s:[], s:[]}", "format",
		       "cordon-whois/1", "id", jx_string(typed), "kind",
		       identity_kind_name(id->kind), "what", id->what, "account", "owner",
		       "last_used", "holds", "notes", "next");
}

static void note_account(struct finding *f)
{
	bool arn = f->id.partition[0];

	set_account(f, f->id.account, arn ? "the ARN" : "the id itself");
	if (!f->id.account[0] &&
	    (f->id.kind == IDENTITY_ACCESS_KEY || f->id.kind == IDENTITY_TEMPORARY_KEY))
		note(f, "this id is of the old form that does not hold the account number");
}

int run_whois(const struct run_options *options, const char *typed, json_t **ret_document,
	      int *ret_status, struct err *err)
{
	struct world world = {0};
	struct finding f = {.world = &world};

	if (identity_parse(typed, &f.id, err)) {
		*ret_status = run_status_of(err);
		return -1;
	}
	f.document = whois_document(&f.id, typed);
	f.kind_named = !f.id.account[0] &&
		       (f.id.kind == IDENTITY_USER || f.id.kind == IDENTITY_ROLE);
	note_account(&f);
	struct err offline = ERR_INIT;
	int ret = 0;
	if (world_open(options, &world, &offline) || observe_caller(&world, NULL, 0, &offline)) {
		/* A name says nothing without an account; an id says its kind at least. */
		ret = options->account_file || f.kind_named ? -1 : 0;
		if (ret)
			*err = offline;
		else
			note(&f, offline.message);
	} else {
		ret = look_up(&f, err);
	}
	advise(&f, typed);
	if (ret)
		json_decref(f.document);
	else
		*ret_document = f.document;
	return finish(&world, ret, ret_status, err);
}

int run_resolve_id(const struct run_options *options, const char *typed, json_t **ret_principal,
		   int *ret_status, struct err *err)
{
	enum principal_kind kind = PRINCIPAL_NONE;
	const char *name = NULL;
	struct world world = {0};
	struct identity id;

	int ret = identity_parse(typed, &id, err) || world_open(options, &world, err) ||
				  observe_caller(&world, NULL, 0, err) ||
				  find_by_id(&world, &id, &kind, &name, err)
			  ? -1
			  : 0;
	if (ret == 0)
		*ret_principal = jx_pack("{s:s, s:s}", "kind", account_kind_name(kind), "name",
					 name);
	return finish(&world, ret, ret_status, err);
}

/* Only what belongs to one principal. */
static int keep_one(struct world *world, const char *principal, struct err *err)
{
	static const enum principal_kind kinds[] = {[IDENTITY_USER] = PRINCIPAL_USER,
						    [IDENTITY_ROLE] = PRINCIPAL_ROLE,
						    [IDENTITY_GROUP] = PRINCIPAL_GROUP};
	enum principal_kind kind = PRINCIPAL_NONE;
	struct identity id;

	if (identity_parse(principal, &id, err))
		return -1;
	if ((size_t)id.kind < sizeof(kinds) / sizeof(kinds[0]))
		kind = kinds[id.kind];
	if (kind == PRINCIPAL_NONE)
		return err_set(err, ERR_USAGE,
			       "snapshot takes a user, a role or a group, not '%.100s'", principal);
	if (world->aws)
		observe_principal(world, kind, id.name);
	json_t *entry = account_find(world->account, kind, id.name);
	if (!entry)
		return err_set(err, ERR_NOT_FOUND, "no %s '%s' in account %s",
			       account_kind_name(kind), id.name,
			       jx_text(world->account, "account_id"));
	json_t *one = account_new(jx_text(world->account, "account_id"));
	json_array_append(account_entries(one, kind), entry);
	json_decref(world->account);
	world->account = one;
	return 0;
}

int run_snapshot(const struct run_options *options, const char *principal, json_t **ret_document,
		 int *ret_status, struct err *err)
{
	char text[TEXT_TIME_SIZE];
	struct world world;
	int ret = world_open(options, &world, err);

	if (ret == 0 && principal)
		ret = observe_caller(&world, NULL, 0, err) || keep_one(&world, principal, err) ? -1
											       : 0;
	else if (ret == 0)
		ret = observe_all(&world, err);
	if (ret == 0 && world.aws) {
		text_time(world_now(&world), text);
		jx_set(world.account, "at", jx_string(text));
		jx_set(world.account, "source", jx_string(aws_endpoint(world.aws, "iam")));
	}
	if (ret == 0)
		*ret_document = json_incref(world.account);
	return finish(&world, ret, ret_status, err);
}

static void store_key_use(struct world *world, const struct read *read)
{
	json_t *user = account_find(world->account, PRINCIPAL_USER, read->name);
	json_t *key = NULL;
	json_t *used = json_object_get(read->call.reply, "AccessKeyLastUsed");

	if (read_done(read) && used &&
	    account_item(user, "AccessKeys", jx_text(read->parameters, "AccessKeyId"), &key) ==
		    SECTION_VALUE)
		json_object_set(key, "AccessKeyLastUsed", used);
}

static json_t *key_line(const json_t *key, time_t now)
{
	time_t made;
	bool known = text_parse_time(jx_text(key, "CreateDate"), &made) == 0;

	return jx_pack("{s:O, s:O, s:o, s:o, s:o}", "access_key_id",
		       json_object_get(key, "AccessKeyId"), "status",
		       json_object_get(key, "Status"), "created",
		       jx_string(jx_text(key, "CreateDate")), "age_days",
		       known ? jx_pack("I", (json_int_t)((now - made) / 86400)) : json_null(),
		       "last_used", used_of(json_object_get(key, "AccessKeyLastUsed")));
}

static int keys_of(struct world *world, const char *user, json_t **ret_document, struct err *err)
{
	struct batch batch = {.world = world};
	json_t *list = NULL;
	json_t *key;
	size_t i;

	if (world->aws)
		observe_principal(world, PRINCIPAL_USER, user);
	const json_t *entry = account_find(world->account, PRINCIPAL_USER, user);
	if (!entry)
		return err_set(err, ERR_NOT_FOUND, "no user '%s' in account %s", user,
			       jx_text(world->account, "account_id"));
	if (account_section(entry, "AccessKeys", &list) == SECTION_UNREAD)
		return err_set(err, ERR_DENIED,
			       "the access keys of user '%s' could not be read: %s", user,
			       account_unread_why(entry, "AccessKeys"));
	json_array_foreach (list, i, key) {
		if (world->aws)
			batch_add(&batch, store_key_use, "GetAccessKeyLastUsed",
				  jx_pack("{s:O}", "AccessKeyId",
					  json_object_get(key, "AccessKeyId")),
				  PRINCIPAL_USER, user);
	}
	batch_send(&batch);
	json_t *keys = json_array();
	json_array_foreach (list, i, key)
		jx_push(keys, key_line(key, world_now(world)));
	*ret_document = jx_pack("{s:s, s:s, s:s, s:o}", "format", "cordon-access-keys/1", "user",
				account_name(entry, PRINCIPAL_USER), "arn", account_arn(entry),
				"keys", keys);
	return 0;
}

int run_access_keys(const struct run_options *options, const char *user, json_t **ret_document,
		    int *ret_status, struct err *err)
{
	struct world world;
	int ret = world_open(options, &world, err);

	if (ret == 0)
		ret = observe_caller(&world, NULL, 0, err) ||
				      keys_of(&world, user, ret_document, err)
			      ? -1
			      : 0;
	return finish(&world, ret, ret_status, err);
}
