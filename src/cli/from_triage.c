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

#include <string.h>

enum { DOCUMENT_MAX = 64 << 20 };

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

static bool is_open(const json_t *target)
{
	return jx_text(target, "playbook") && !json_is_false(json_object_get(target, "live"));
}

/* All targets of one account, or the one that --expect-account names. */
static int choose_account(struct cli *cli, const json_t *targets, struct err *err)
{
	const char *chosen = cli->run.expect_account;
	json_t *target;
	size_t i;

	json_array_foreach (targets, i, target) {
		const char *account = jx_text(target, "account");
		if (!account || !is_open(target) || cli->run.expect_account)
			continue;
		if (!identity_account_ok(account))
			return err_set(err, ERR_INPUT, "'%.100s' is no account number", account);
		if (chosen && !text_equal(chosen, account))
			return err_set(err, ERR_USAGE,
				       "the targets are of account %s and of account %s: contain "
				       "them one account at a time, with --expect-account",
				       chosen, account);
		chosen = account;
	}
	cli->run.expect_account = chosen;
	return 0;
}

/* Why this one is left out; NULL: it is not. */
static const char *why_not(const struct cli *cli, const json_t *target)
{
	const json_t *live = json_object_get(target, "live");
	const char *kind = jx_text(target, "kind");
	const char *account = jx_text(target, "account");
	const char *playbook = jx_text(target, "playbook");

	if (!playbook)
		return "no playbook answers it: see by_hand";
	if (cli_is_file(playbook))
		return "its playbook is none that is shipped";
	if (json_is_false(live))
		return "it is gone or over";
	if (account && cli->run.expect_account && !text_equal(account, cli->run.expect_account))
		return "it is of another account";
	if (text_equal(kind, "role") && !jx_contains(cli->include, jx_text(target, "id")))
		return "others may use the role: name it with --include";
	if (cli->run.yes && !json_is_true(live))
		return "nobody knows if it is live, and --yes asks nobody";
	return NULL;
}

static int add_target(const json_t *target, struct cli_work *work, struct err *err)
{
	struct playbook *playbook = NULL;
	json_auto_t *nothing = json_object();
	const json_t *parameters = json_object_get(target, "parameters");

	if (cli_load_playbook(jx_text(target, "playbook"), &playbook, err) ||
	    cli_work_add(work, playbook, json_is_object(parameters) ? parameters : nothing, err)) {
		const char *id = jx_text(target, "id");
		return err_wrap(err, "target '%.100s'", id ? id : "");
	}
	return 0;
}

static void leave_out(json_t *left_out, const json_t *target, const char *why)
{
	const char *id = jx_text(target, "id");

	jx_push(left_out, jx_pack("{s:O?, s:O?, s:s}", "kind", json_object_get(target, "kind"),
				  "id", json_object_get(target, "id"), "why", why));
	out_say("left out: %s: %s", id ? id : "-", why);
}

static int add_all(const struct cli *cli, const json_t *targets, struct cli_work *work,
		   json_t *left_out, struct err *err)
{
	json_t *target;
	size_t i;

	json_array_foreach (targets, i, target) {
		const char *why = why_not(cli, target);
		if (why)
			leave_out(left_out, target, why);
		else if (add_target(target, work, err))
			return -1;
	}
	if (work->work.count == 0)
		return err_set(err, ERR_REFUSED, "no target of the triage is to be contained");
	return 0;
}

int cli_contain_triage(struct cli *cli, struct cli_result *result, struct err *err)
{
	struct cli_work work = {.playbooks = NULL};
	json_auto_t *left_out = jx_pack("[]");

	if (cli->operand_count || cli->user || cli->role || cli->run.revoke_roles)
		return err_set(err, ERR_USAGE,
			       "--from-triage names the targets: it goes with no id, and not with "
			       "--user, --role or --revoke-roles");
	json_auto_t *document = read_document(cli->from_triage, err);
	const json_t *targets = json_object_get(document, "targets");
	if (!document || choose_account(cli, targets, err))
		return -1;
	int ret = add_all(cli, targets, &work, left_out, err);
	if (ret == 0)
		ret = cli_run_work(cli, &work, result, err);
	if (ret == 0 && json_array_size(left_out)) {
		jx_set(result->document, "left_out", json_incref(left_out));
		result->status = result->status == STATUS_DONE ? STATUS_PARTLY : result->status;
	}
	cli_work_release(&work);
	cli->run.expect_account = NULL;
	return ret;
}
