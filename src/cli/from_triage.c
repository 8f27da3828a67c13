// SPDX-License-Identifier: Apache-2.0
/*
 * contain --from-triage: the targets of a triage document as one work. An intruder chooses whom he
 * touches, so that a document alone never decides about roles, or about what may be gone.
 */
#include "cordon/buf.h"
#include "cordon/cli.h"
#include "cordon/file.h"
#include "cordon/identity.h"
#include "cordon/json.h"
#include "cordon/playbook.h"
#include "cordon/text.h"

#include <stdlib.h>
#include <string.h>

enum { DOCUMENT_MAX = 64 << 20, HOPS_MOST = 1000000 };

static json_t *read_document(const char *path, struct err *err)
{
	autobuf struct buf bytes = BUF_INIT(DOCUMENT_MAX);

	if (file_read(path, &bytes, err))
		return NULL;
	json_t *document = jx_read(buf_text(&bytes), bytes.length, path, err);
	if (!document || text_equal(jx_text(document, "format"), "cordon-triage/1"))
		return document;
	json_decref(document);
	err_set(err, ERR_INPUT, "'%.200s' is no document of cordon triage --output json", path);
	return NULL;
}

/* The targets on their way to one work. */
struct sorting {
	struct cli *cli;
	struct cli_work work;
	json_t *left_out;    /* with why */
	json_t *not_covered; /* those of them that are still to be contained, as a plan has it */
	json_t *shared;	     /* roles that others use */
};

static bool is_gone(const json_t *target)
{
	return json_is_false(json_object_get(target, "live"));
}

static bool is_of(const json_t *target, const char *kind)
{
	return text_equal(jx_text(target, "kind"), kind);
}

/* Everybody on it is hit: a role, or a session of one that has no name. */
static bool is_whole_role(const json_t *target)
{
	const json_t *parameters = json_object_get(target, "parameters");

	return is_of(target, "role") ||
	       (json_object_get(parameters, "role") && !json_object_get(parameters, "session"));
}

static const char *role_of(const json_t *target)
{
	const char *role = jx_text(json_object_get(target, "parameters"), "role");

	return role ? role : jx_text(target, "id");
}

/* More than one account among those that could be contained. */
static int accounts_of(const json_t *targets, const char **ret_first, const char **ret_other,
		       struct err *err)
{
	json_t *target;
	size_t i;

	json_array_foreach (targets, i, target) {
		const char *account = jx_text(target, "account");
		if (!account || !jx_text(target, "playbook") || is_gone(target))
			continue;
		if (!identity_account_ok(account))
			return err_set(err, ERR_INPUT, "'%.100s' is no account number", account);
		if (*ret_first && !text_equal(*ret_first, account))
			*ret_other = account;
		*ret_first = *ret_first ? *ret_first : account;
	}
	return 0;
}

/* The account of all targets; of several, ours. who: keeps what AWS says we are. */
static int choose_account(struct cli *cli, const json_t *targets, json_t **who, int *ret_status,
			  struct err *err)
{
	const char *first = NULL;
	const char *other = NULL;

	if (accounts_of(targets, &first, &other, err))
		return -1;
	if (cli->run.expect_account)
		return 0;
	cli->run.expect_account = first;
	if (!other)
		return 0;
	if (cli->run.account_file)
		return err_set(err, ERR_USAGE,
			       "the targets are of account %s and of account %s: name one with "
			       "--expect-account",
			       first, other);
	if (run_whoami(&cli->run, who, ret_status, err))
		return -1;
	cli->run.expect_account = jx_text(*who, "account_id");
	return 0;
}

/* An intruder chooses whom he touches: without a person to ask, only what is sure. */
static const char *unsure(const struct cli *cli, const json_t *target)
{
	bool named = is_whole_role(target); /* by --include, or it would be out already */

	if (!cli->run.yes)
		return NULL;
	if (json_array_size(json_object_get(target, "same_name")))
		return "others have a session of the same name, and --yes asks nobody";
	if (!named && !json_is_true(json_object_get(target, "live")))
		return "nobody knows if it is live, and --yes asks nobody";
	if (!jx_text(target, "account"))
		return "its account is not known, and --yes asks nobody";
	if (!named && !is_of(target, "user") && !is_of(target, "access-key") &&
	    !is_of(target, "session"))
		return "--yes is for users, access keys and sessions";
	return NULL;
}

/* Why this one is left out; NULL: it is not. */
static const char *why_not(const struct cli *cli, const json_t *target)
{
	const char *account = jx_text(target, "account");
	const char *playbook = jx_text(target, "playbook");
	const char *by_hand = jx_text(target, "by_hand");
	const char *misfit = cli_triage_misfit(target);

	if (is_gone(target))
		return "it is gone or over";
	if (!playbook)
		return by_hand ? by_hand : "no playbook answers it";
	if (misfit)
		return misfit;
	if (account && cli->run.expect_account && !text_equal(account, cli->run.expect_account))
		return "it is of another account: contain it with credentials of that account";
	if (is_whole_role(target) && !jx_contains(cli->include, role_of(target)))
		return "others may use the role; of it, only the sessions that are targets are "
		       "contained: for all of it name it with --include";
	return unsure(cli, target);
}

static void leave_out(struct sorting *s, const json_t *target, const char *why)
{
	const char *kind = jx_text(target, "kind");
	const char *id = jx_text(target, "id");

	jx_push(s->left_out,
		jx_pack("{s:O?, s:O?, s:O?, s:o}", "kind", json_object_get(target, "kind"), "id",
			json_object_get(target, "id"), "account",
			json_object_get(target, "account"), "why", jx_string(why)));
	out_say("left out: %s: %s", id ? id : "-", why);
	if (is_gone(target))
		return;
	json_auto_t *what = json_sprintf("%s %s", kind ? kind : "target", id ? id : "-");
	jx_push(s->not_covered,
		jx_pack("{s:o, s:o, s:o}", "what", what ? json_incref(what) : jx_string(id), "why",
			jx_string(why), "command", cli_triage_command(target)));
}

/* Before anybody is asked. */
static void say_others(struct sorting *s, const json_t *target)
{
	const json_t *others = json_object_get(target, "others");
	const char *role = role_of(target);
	json_t *other;
	size_t i;

	if (!json_array_size(others) || jx_find(s->shared, "role", role, NULL))
		return;
	jx_push(s->shared, jx_pack("{s:o, s:s, s:o}", "role", jx_string(role), "hit",
				   is_whole_role(target) ? "all of them" : "one session", "others",
				   jx_copy(others)));
	out_say("the role %s is also used by others, who %s:", role,
		is_whole_role(target) ? "are cut off with it" : "go on");
	json_array_foreach (others, i, other)
		out_say("    %s", json_string_value(other));
}

/* One that cannot be planned does not keep the others from being contained. */
static void add_target(struct sorting *s, const json_t *target)
{
	struct playbook *playbook = NULL;
	struct err err = ERR_INIT;
	json_auto_t *nothing = json_object();
	const json_t *parameters = json_object_get(target, "parameters");
	json_int_t hops = json_integer_value(json_object_get(target, "hops"));

	if (cli_load_playbook(jx_text(target, "playbook"), &playbook, &err) ||
	    cli_work_add(&s->work, playbook, json_is_object(parameters) ? parameters : nothing,
			 &err)) {
		leave_out(s, target, err.message);
		return;
	}
	s->work.work.entries[s->work.work.count - 1].hop = hops >= 0 && hops < HOPS_MOST
								   ? (unsigned)hops + 1
								   : HOPS_MOST;
	say_others(s, target);
}

struct place {
	json_t *target;
	json_int_t hops;
	size_t at;
};

static int by_hops(const void *a, const void *b)
{
	const struct place *x = a;
	const struct place *y = b;

	if (x->hops != y->hops)
		return x->hops < y->hops ? -1 : 1;
	return x->at < y->at ? -1 : 1;
}

/* From the source outwards; within one distance, as the document has them. */
static json_t *outwards(const json_t *targets)
{
	size_t count = json_array_size(targets);
	struct place *list = calloc(count + 1, sizeof(*list));
	json_t *out = jx_pack("[]");

	if (!list)
		abort();
	for (size_t i = 0; i < count; i++) {
		json_t *target = json_array_get(targets, i);
		json_int_t hops = json_integer_value(json_object_get(target, "hops"));
		list[i] = (struct place){.target = target, .hops = hops, .at = i};
	}
	qsort(list, count, sizeof(*list), by_hops);
	for (size_t i = 0; i < count; i++)
		jx_push(out, json_incref(list[i].target));
	free(list);
	return out;
}

static int add_all(struct sorting *s, const json_t *targets, struct err *err)
{
	json_auto_t *sorted = outwards(targets);
	json_t *target;
	size_t i;

	json_array_foreach (sorted, i, target) {
		const char *why = why_not(s->cli, target);
		if (why)
			leave_out(s, target, why);
		else
			add_target(s, target);
	}
	if (s->work.work.count == 0)
		return err_set(err, ERR_REFUSED, "no target of the triage is to be contained");
	s->work.work.not_covered = s->not_covered;
	return 0;
}

static int check_words(const struct cli *cli, struct err *err)
{
	if (cli->operand_count || cli->user || cli->role || cli->run.revoke_roles)
		return err_set(err, ERR_USAGE,
			       "--from-triage names the targets: it goes with no id, and not with "
			       "--user, --role or --revoke-roles");
	return 0;
}

/* A role that is named and not there is a slip of the hand. */
static int check_includes(const struct cli *cli, const json_t *targets, struct err *err)
{
	json_t *name;
	json_t *target;
	size_t i;
	size_t j;

	json_array_foreach (cli->include, i, name) {
		bool found = false;
		json_array_foreach (targets, j, target)
			found = found || text_equal(role_of(target), json_string_value(name));
		if (!found)
			return err_set(err, ERR_USAGE,
				       "--include %s: the triage has no target of that role",
				       json_string_value(name));
	}
	return 0;
}

/* A target that is still open, or that was not there any more, makes it a part of the whole. */
static void finish(const struct sorting *s, struct cli_result *result)
{
	bool partly = json_array_size(s->not_covered) ||
		      json_array_size(json_object_get(result->document, "absent"));

	if (json_array_size(s->left_out))
		jx_set(result->document, "left_out", json_incref(s->left_out));
	if (json_array_size(s->shared))
		jx_set(result->document, "shared_roles", json_incref(s->shared));
	if (partly && (result->status == STATUS_DONE || result->status == STATUS_NO))
		result->status = STATUS_PARTLY;
}

/* Nobody of them is here, perhaps because here is another account. */
static int judge(struct cli *cli, struct cli_result *result, struct err *err)
{
	json_auto_t *who = NULL;
	struct err ignored = ERR_INIT;
	int status = 0;

	if (err->code != ERR_NOT_FOUND || cli->run.account_file ||
	    run_whoami(&cli->run, &who, &status, &ignored))
		return -1;
	const char *ours = jx_text(who, "account_id");
	if (!ours || !cli->run.expect_account || text_equal(ours, cli->run.expect_account))
		return -1;
	result->status = STATUS_REFUSED;
	return err_set(err, ERR_REFUSED,
		       "the targets are of account %s, and these credentials of account %s",
		       cli->run.expect_account, ours);
}

int cli_contain_triage(struct cli *cli, struct cli_result *result, struct err *err)
{
	json_auto_t *left_out = jx_pack("[]");
	json_auto_t *not_covered = jx_pack("[]");
	json_auto_t *shared = jx_pack("[]");
	json_auto_t *who = NULL;
	struct sorting s = {
		.cli = cli, .left_out = left_out, .not_covered = not_covered, .shared = shared};

	if (check_words(cli, err))
		return -1;
	json_auto_t *document = read_document(cli->from_triage, err);
	const json_t *targets = json_object_get(document, "targets");
	if (!document || check_includes(cli, targets, err) ||
	    choose_account(cli, targets, &who, &result->status, err))
		return -1;
	int ret = add_all(&s, targets, err);
	if (ret == 0)
		ret = cli_run_work(cli, &s.work, result, err);
	if (ret == 0)
		finish(&s, result);
	else
		ret = judge(cli, result, err);
	cli_work_release(&s.work);
	cli->run.expect_account = NULL;
	return ret;
}
