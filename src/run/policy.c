// SPDX-License-Identifier: Apache-2.0
/* policy diff and policy drift: documents from files, shipped copies, an account or AWS. */
#include "batch.h"
#include "world.h"

#include "cordon/buf.h"
#include "cordon/file.h"
#include "cordon/json.h"
#include "cordon/policy.h"
#include "cordon/reach.h"
#include "cordon/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_DOCUMENT = 1 << 20, MAX_ARN = 512, MAX_QUARANTINE = 12 };

/* One side of a comparison. */
struct side {
	char name[MAX_ARN], version[16]; /* version "" : the default or newest one */
	json_t *document;
	json_t *date;
};

static void side_release(struct side *side)
{
	json_decref(side->document);
	json_decref(side->date);
}

/* "NAME@v5" taken apart. */
static int split_name(const char *text, struct side *side, struct err *err)
{
	const char *at = strrchr(text, '@');
	size_t length = at ? (size_t)(at - text) : strlen(text);

	if (!length || length >= sizeof(side->name) ||
	    (at && (at[1] != 'v' || strlen(at + 1) >= sizeof(side->version) ||
		    !text_only(at + 2, "0123456789") || !at[2])))
		return err_set(err, ERR_USAGE, "'%.200s' is no name of a policy, or NAME@vN", text);
	memcpy(side->name, text, length);
	side->name[length] = '\0';
	snprintf(side->version, sizeof(side->version), "%s", at ? at + 1 : "");
	return 0;
}

static int load_shipped(const char *text, struct side *side, struct err *err)
{
	json_auto_t *row = NULL;

	side->document = reach_shipped_policy(side->name, *side->version ? side->version : NULL,
					      &row);
	if (!side->document)
		return err_set(
			err, ERR_NOT_FOUND,
			"no policy '%.200s' is shipped; a file has '/' or ends in .json, and "
			"aws:NAME is asked for",
			text);
	snprintf(side->version, sizeof(side->version), "%s", jx_text(row, "version"));
	side->date = json_incref(json_object_get(row, "date"));
	return 0;
}

static int load_file(const char *path, struct side *side, struct err *err)
{
	autobuf struct buf bytes = BUF_INIT(MAX_DOCUMENT);

	snprintf(side->name, sizeof(side->name), "%s", path);
	if (file_read(path, &bytes, err))
		return err_wrap(err, "policy");
	side->document = jx_read(buf_text(&bytes), bytes.length, path, err);
	if (!side->document)
		return -1;
	if (!json_object_get(side->document, "Statement"))
		return err_set(err, ERR_INPUT, "%s: no policy document: it has no Statement", path);
	return 0;
}

static json_t *version_in(const json_t *policy, const char *wanted)
{
	json_t *version;
	size_t i;

	json_array_foreach (json_object_get(policy, "PolicyVersionList"), i, version) {
		if (*wanted ? text_equal(jx_text(version, "VersionId"), wanted)
			    : json_is_true(json_object_get(version, "IsDefaultVersion")))
			return version;
	}
	return NULL;
}

static void take_version(struct side *side, const json_t *version)
{
	const char *date = jx_text(version, "CreateDate");

	if (jx_text(version, "VersionId"))
		snprintf(side->version, sizeof(side->version), "%s", jx_text(version, "VersionId"));
	side->document = account_document(json_object_get(version, "Document"));
	side->date = jx_string(date);
}

/* aws:NAME has no partition: the end of the ARN is compared. */
static int load_from_account(struct world *world, struct side *side, struct err *err)
{
	json_t *policy;
	size_t i;

	json_array_foreach (json_object_get(world->account, "Policies"), i, policy) {
		const char *arn = jx_text(policy, "Arn");
		json_t *version = version_in(policy, side->version);
		if (!arn || !text_has_suffix(arn, strstr(side->name, ":iam::")) || !version)
			continue;
		take_version(side, version);
		if (side->document)
			return 0;
	}
	return err_set(err, ERR_NOT_FOUND, "no policy '%.200s'%s%s in the account file", side->name,
		       *side->version ? " with version " : "", side->version);
}

static void store_reply(struct world *world, const struct read *read)
{
	json_t *value = json_object_get(read->call.reply, read->member);

	world->problem = read->call.err;
	if (read_done(read) && value)
		json_object_set(read->arg, read->member, value);
}

/* One call; its reply's member, new, or NULL and err. */
static json_t *call(struct world *world, const char *operation, const char *member,
		    json_t *parameters, struct err *err)
{
	struct batch batch = {.world = world};
	json_auto_t *into = json_object();

	struct read *read = batch_add(&batch, store_reply, operation, parameters, PRINCIPAL_NONE,
				      NULL);
	read->member = member;
	read->arg = into;
	batch_send(&batch);
	json_t *value = json_object_get(into, member);
	if (!value && world->problem.code != ERR_NONE)
		*err = world->problem;
	else if (!value)
		err_set(err, ERR_PROTOCOL, "%s answered without its %s", operation, member);
	return json_incref(value);
}

static int load_live(struct world *world, struct side *side, struct err *err)
{
	if (!*side->version) {
		json_auto_t *policy = call(world, "GetPolicy", "Policy",
					   jx_pack("{s:s}", "PolicyArn", side->name), err);
		const char *version = jx_text(policy, "DefaultVersionId");
		if (!policy)
			return err_wrap(err, "policy '%s'", side->name);
		snprintf(side->version, sizeof(side->version), "%s", version ? version : "");
	}
	json_auto_t *version = call(
		world, "GetPolicyVersion", "PolicyVersion",
		jx_pack("{s:s, s:s}", "PolicyArn", side->name, "VersionId", side->version), err);
	if (!version)
		return err_wrap(err, "policy '%s', version %s", side->name, side->version);
	take_version(side, version);
	if (!side->document)
		return err_set(err, ERR_PROTOCOL, "policy '%s' has no document", side->name);
	return 0;
}

/* Nothing is opened where nothing is asked. */
static int open_once(const struct run_options *options, struct world *world, struct err *err)
{
	if (world->aws || world->account)
		return 0;
	return world_open(options, world, err);
}

static int load(const struct run_options *options, struct world *world, const char *text,
		struct side *side, struct err *err)
{
	bool aws = text_has_prefix(text, "aws:");
	char arn[MAX_ARN];

	if (!aws && !text_has_prefix(text, "arn:")) {
		if (strchr(text, '/') || text_has_suffix(text, ".json"))
			return load_file(text, side, err);
		return split_name(text, side, err) || load_shipped(text, side, err) ? -1 : 0;
	}
	if (open_once(options, world, err))
		return -1;
	if (aws)
		snprintf(arn, sizeof(arn), "arn:%s:iam::aws:policy/%s",
			 world->aws ? aws_partition(world->aws) : "aws", text + 4);
	if (split_name(aws ? arn : text, side, err))
		return -1;
	if (!strstr(side->name, ":iam::"))
		return err_set(err, ERR_USAGE, "'%.200s' is no ARN of a policy", text);
	return world->aws ? load_live(world, side, err) : load_from_account(world, side, err);
}

static json_t *describe(const struct side *side)
{
	return jx_pack("{s:o, s:o, s:o}", "policy", jx_string(side->name), "version",
		       jx_string(*side->version ? side->version : NULL), "date",
		       side->date ? json_incref(side->date) : json_null());
}

static int finish(struct world *world, int ret, int *ret_status, const struct err *err)
{
	if (ret)
		*ret_status = run_status_of(err);
	if (world_stopped(world))
		*ret_status = STATUS_INTERRUPTED;
	world_close(world);
	return ret;
}

int run_policy_diff(const struct run_options *options, const char *old, const char *new,
		    json_t **ret_document, int *ret_status, struct err *err)
{
	struct world world = {.options = options};
	struct side from = {.document = NULL};
	struct side to = {.document = NULL};
	int ret = load(options, &world, old, &from, err) || load(options, &world, new, &to, err)
			  ? -1
			  : 0;

	*ret_status = STATUS_DONE;
	if (ret == 0) {
		*ret_document = reach_policy_diff(from.document, to.document);
		jx_set(*ret_document, "format", jx_string("cordon-policy-diff/1"));
		jx_set(*ret_document, "old", describe(&from));
		jx_set(*ret_document, "new", describe(&to));
	}
	side_release(&from);
	side_release(&to);
	return finish(&world, ret, ret_status, err);
}

static bool is_missing(const struct err *err)
{
	return err->code == ERR_NOT_FOUND || text_equal(err->aws_code, "NoSuchEntity");
}

/* Drift, as far as it is found. */
struct drift {
	const struct run_options *options;
	struct world *world;
	json_t *rows;
	bool found, differs; /* a live policy; one that is not as shipped */
};

static const char *state_of(const struct drift *d, bool found, bool shipped, bool same)
{
	if (!found)
		return d->world->aws ? "absent" : "unread";
	return same ? "same" : shipped ? "changed" : "new";
}

/* What stands there now against the newest shipped copy; shipped may be NULL. */
static int drift_of(struct drift *d, const char *name, const struct side *shipped, struct err *err)
{
	struct side live = {.document = NULL};
	struct err problem = ERR_INIT;
	char text[128];

	snprintf(text, sizeof(text), "aws:%s", name);
	bool found = load(d->options, d->world, text, &live, &problem) == 0;
	if (!found && !is_missing(&problem)) {
		*err = problem;
		side_release(&live);
		return -1;
	}
	bool same = found && shipped && json_equal(live.document, shipped->document);
	if (found || shipped) {
		json_t *row = jx_pack("{s:s, s:s, s:o, s:o}", "name", name, "state",
				      state_of(d, found, shipped != NULL, same), "shipped",
				      shipped ? describe(shipped) : json_null(), "live",
				      found ? describe(&live) : json_null());
		if (found && shipped && !same)
			jx_set(row, "diff", reach_policy_diff(shipped->document, live.document));
		jx_push(d->rows, row);
	}
	d->found = d->found || found;
	d->differs = d->differs || (found && !same);
	side_release(&live);
	return 0;
}

static int drift_of_shipped(struct drift *d, struct err *err)
{
	json_auto_t *index = reach_shipped_index();
	json_t *row;
	size_t i;

	json_array_foreach (json_object_get(index, "policies"), i, row) {
		struct side shipped = {.document = NULL};
		const char *name = jx_text(row, "name");
		if (!json_is_true(json_object_get(row, "newest")))
			continue;
		int ret = split_name(name, &shipped, err) || load_shipped(name, &shipped, err) ||
					  drift_of(d, name, &shipped, err)
				  ? -1
				  : 0;
		side_release(&shipped);
		if (ret)
			return -1;
	}
	return 0;
}

/* AWS numbers its quarantine policies: there may be one that is newer than this program. */
static int drift_of_newer(struct drift *d, struct err *err)
{
	char name[64];

	for (int version = 2; version <= MAX_QUARANTINE; version++) {
		snprintf(name, sizeof(name), "AWSCompromisedKeyQuarantineV%d", version);
		if (!jx_find(d->rows, "name", name, NULL) && drift_of(d, name, NULL, err))
			return -1;
	}
	return 0;
}

int run_policy_drift(const struct run_options *options, json_t **ret_document, int *ret_status,
		     struct err *err)
{
	struct world world = {.options = options};
	json_auto_t *rows = json_array();
	struct drift d = {.options = options, .world = &world, .rows = rows};
	int ret = drift_of_shipped(&d, err) || drift_of_newer(&d, err) ? -1 : 0;

	if (ret == 0 && !d.found)
		ret = err_set(err, ERR_NOT_FOUND,
			      "none of AWS's policies of which there are copies "
			      "was found");
	*ret_status = d.differs ? STATUS_NO : STATUS_DONE;
	if (ret == 0)
		*ret_document = jx_pack("{s:s, s:O}", "format", "cordon-policy-drift/1", "policies",
					rows);
	return finish(&world, ret, ret_status, err);
}
