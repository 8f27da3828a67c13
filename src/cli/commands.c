// SPDX-License-Identifier: Apache-2.0
/* The commands, but for contain and help. */
#include "cordon/buf.h"
#include "cordon/cli.h"
#include "cordon/embedded.h"
#include "cordon/file.h"
#include "cordon/json.h"
#include "cordon/playbook.h"
#include "cordon/report.h"
#include "cordon/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PLAYBOOK_MAX = 1 << 20, PATH_LENGTH = 4096 };

/* A plan has no results: it was asked for, or nothing came of it. */
static cli_report *report_for(const json_t *document)
{
	return json_object_get(document, "results") ? report_apply : report_plan;
}

static long seconds_of(const char *duration, long otherwise)
{
	long seconds = otherwise;

	if (duration)
		text_parse_duration(duration, &seconds);
	return seconds;
}

/* A line of JSON for each thing that happens, unless somebody is looking. */
static void begin_hold(struct cli *cli)
{
	cli->lines = cli->json || (!cli->output && !isatty(STDOUT_FILENO));
	cli->json = cli->lines;
	cli->live = !cli->json && !cli->quiet && isatty(STDERR_FILENO);
}

static int hold(struct cli *cli, const char *run, long seconds, struct cli_result *result,
		struct err *err)
{
	const struct hold_options options = {.seconds = seconds,
					     .every = seconds_of(cli->every, 5),
					     .rate = cli->run.rate ? cli->run.rate : 100,
					     .watch = cli->watch};
	json_t *document = NULL;

	begin_hold(cli);
	cli->roles_decided = true;
	if (run_hold(&cli->run, run, &options, &document, &result->status, err))
		return -1;
	json_decref(result->document);
	result->document = document;
	result->report = report_for(document);
	return 0;
}

int cli_hold(struct cli *cli, struct cli_result *result, struct err *err)
{
	if (!cli->hold_for)
		return err_set(err, ERR_USAGE, "'hold' needs --for DURATION");
	return hold(cli, cli->operands[0], seconds_of(cli->hold_for, 0), result, err);
}

/* apply --hold: the run that was just made, agreed to with it. */
static int hold_on(struct cli *cli, struct cli_result *result, struct err *err)
{
	json_auto_t *run = jx_string(jx_text(result->document, "run"));
	int status = result->status;

	if (!cli->then_hold || !json_is_string(run) ||
	    (status != STATUS_DONE && status != STATUS_NO && status != STATUS_PARTLY))
		return 0;
	cli->run.irreversible = cli->run.irreversible || cli->answer == ANSWER_YES;
	cli->run.yes = true;
	return hold(cli, json_string_value(run), seconds_of(cli->then_hold, 0), result, err);
}

int cli_run_work(struct cli *cli, struct cli_work *work, struct cli_result *result, struct err *err)
{
	bool plan = cli->run.dry_run || text_equal(cli->command->name, "plan");

	cli->roles_decided = work->work.roles_set;
	if ((plan ? run_plan : run_apply)(&cli->run, &work->work, &result->document,
					  &result->status, err))
		return -1;
	result->report = report_for(result->document);
	return plan ? 0 : hold_on(cli, result, err);
}

int cli_write_out(const struct cli *cli, struct cli_result *result, struct err *err)
{
	char *text = cli->out ? json_dumps(result->document, JSON_INDENT(2)) : NULL;
	int ret = 0;

	if (!cli->out)
		return 0;
	if (!text)
		abort();
	autobuf struct buf bytes = BUF_INIT(strlen(text) + 1);
	buf_add(&bytes, text);
	buf_add(&bytes, "\n");
	free(text);
	if (file_write(cli->out, buf_text(&bytes), bytes.length, err)) {
		result->status = 0;
		ret = -1;
	} else {
		result->written = cli->out;
	}
	return ret;
}

static int run_operand(struct cli *cli, struct cli_result *result, struct err *err)
{
	struct cli_work work = {.playbooks = NULL};
	int ret = cli_load_work(cli, cli->operands[0], &work, err);

	if (ret == 0)
		ret = cli_run_work(cli, &work, result, err);
	cli_work_release(&work);
	return ret;
}

int cli_plan(struct cli *cli, struct cli_result *result, struct err *err)
{
	return run_operand(cli, result, err) || cli_write_out(cli, result, err) ? -1 : 0;
}

int cli_apply(struct cli *cli, struct cli_result *result, struct err *err)
{
	return run_operand(cli, result, err);
}

static int run_action(struct cli *cli, struct cli_result *result, struct err *err)
{
	struct cli_work work = {.playbooks = NULL};
	struct playbook *playbook = NULL;
	json_auto_t *nothing = json_object();

	if (cli->run.revoke_roles)
		return err_set(err, ERR_USAGE, "'%s' has no roles to revoke for --revoke-roles",
			       cli->command->name);
	if (cli->group)
		jx_set(cli->step, "group", jx_string(cli->group));
	else
		jx_set(cli->step, cli->user ? "user" : "role",
		       jx_string(cli->user ? cli->user : cli->role));
	if (playbook_of_action(cli->command->action->name, cli->step, &playbook, err))
		return -1;
	int ret = cli_work_add(&work, playbook, nothing, err);
	work.work.roles_set = true;
	if (ret == 0)
		ret = cli_run_work(cli, &work, result, err);
	cli_work_release(&work);
	return ret;
}

int cli_action(struct cli *cli, struct cli_result *result, struct err *err)
{
	if (cli->command->action->class != CLASS_READ)
		return run_action(cli, result, err);
	result->report = report_access_keys;
	return run_access_keys(&cli->run, cli->user, &result->document, &result->status, err);
}

int cli_verify(struct cli *cli, struct cli_result *result, struct err *err)
{
	result->report = report_apply;
	return run_verify(&cli->run, cli->operands[0], &result->document, &result->status, err);
}

int cli_resume(struct cli *cli, struct cli_result *result, struct err *err)
{
	cli->roles_decided = true;
	if (run_resume(&cli->run, cli->operands[0], &result->document, &result->status, err))
		return -1;
	result->report = report_for(result->document);
	return 0;
}

int cli_release_run(struct cli *cli, struct cli_result *result, struct err *err)
{
	cli->roles_decided = true;
	if (run_release(&cli->run, cli->operands[0], cli->activate, cli->no_tail, &result->document,
			&result->status, err))
		return -1;
	result->report = report_for(result->document);
	return 0;
}

int cli_export(struct cli *cli, struct cli_result *result, struct err *err)
{
	cli->out = cli->operands[1];
	if (run_export(&cli->run, cli->operands[0], &result->document, &result->status, err))
		return -1;
	return cli_write_out(cli, result, err);
}

int cli_whois(struct cli *cli, struct cli_result *result, struct err *err)
{
	result->report = report_whois;
	return run_whois(&cli->run, cli->operands[0], &result->document, &result->status, err);
}

int cli_whoami(struct cli *cli, struct cli_result *result, struct err *err)
{
	result->report = report_whoami;
	return run_whoami(&cli->run, &result->document, &result->status, err);
}

int cli_snapshot(struct cli *cli, struct cli_result *result, struct err *err)
{
	const char *principal = cli->operand_count ? cli->operands[0] : NULL;

	if (run_snapshot(&cli->run, principal, &result->document, &result->status, err))
		return -1;
	return cli_write_out(cli, result, err);
}

int cli_runs(struct cli *cli, struct cli_result *result, struct err *err)
{
	result->report = report_runs;
	return run_list(&cli->run, &result->document, &result->status, err);
}

int cli_show(struct cli *cli, struct cli_result *result, struct err *err)
{
	result->report = report_run;
	return run_show(&cli->run, cli->operands[0], cli->check || cli->run.expect, cli->run.expect,
			&result->document, &result->status, err);
}

/* What a list says of a playbook. */
static json_t *playbook_entry(const struct playbook *playbook)
{
	const json_t *parameters = json_object_get(playbook->document, "parameters");

	return jx_pack("{s:s, s:s, s:s, s:o, s:s, s:s, s:o}", "name", playbook->name, "title",
		       jx_text(playbook->document, "title"), "summary",
		       jx_text(playbook->document, "summary"), "source",
		       jx_string(playbook->source), "sha256", playbook->sha256, "contains",
		       playbook->contains, "parameters",
		       parameters ? jx_copy(parameters) : json_object());
}

/* "playbooks/NAME.json", whose NAME goes into name. */
static bool name_from(const char *path, char name[static 65])
{
	size_t length = text_has_suffix(path, ".json") ? strlen(path) - strlen(".json") : 0;

	if (length == 0 || length > 64 || strchr(path, '/'))
		return false;
	memcpy(name, path, length);
	name[length] = '\0';
	return true;
}

static int add_shipped(json_t *list, struct err *err)
{
	char name[65];

	for (const struct embedded_file *f = embedded_files; f->path; f++) {
		struct playbook *playbook = NULL;
		if (!text_has_prefix(f->path, "playbooks/") ||
		    !name_from(f->path + strlen("playbooks/"), name))
			continue;
		json_auto_t *document = jx_read(f->bytes, f->length, f->path, err);
		if (!document)
			return -1;
		if (!json_object_get(document, "cordon"))
			continue;
		if (cli_load_playbook(name, &playbook, err))
			return err_wrap(err, "shipped playbook '%s'", name);
		jx_push(list, playbook_entry(playbook));
		playbook_free(playbook);
	}
	return 0;
}

static void add_own(json_t *list, const char *name)
{
	struct playbook *playbook = NULL;
	struct err err = ERR_INIT;

	if (jx_find(list, "name", name, NULL)) {
		out_say("your own playbook '%s' is not used: a shipped one has this name", name);
		return;
	}
	if (cli_load_playbook(name, &playbook, &err)) {
		out_say("your own playbook '%s' is not usable: %s", name, err.message);
		return;
	}
	jx_push(list, playbook_entry(playbook));
	playbook_free(playbook);
}

static int add_all_own(json_t *list, struct err *err)
{
	autobuf struct buf folder = BUF_INIT(PATH_LENGTH);
	char **names = NULL;
	size_t count = 0;
	char name[65];

	if (!cli_config_path("playbooks", &folder))
		return 0;
	if (file_list(buf_text(&folder), &names, &count, err))
		return -1;
	for (size_t i = 0; i < count; i++) {
		if (name_from(names[i], name))
			add_own(list, name);
	}
	file_list_free(names, count);
	return 0;
}

static int show_playbook(const char *name, struct cli_result *result, struct err *err)
{
	struct playbook *playbook = NULL;

	if (cli_load_playbook(name, &playbook, err))
		return -1;
	result->document = jx_pack("{s:s, s:[o]}", "format", "cordon-playbooks/1", "playbooks",
				   playbook_entry(playbook));
	result->report = report_playbook;
	playbook_free(playbook);
	return 0;
}

int cli_playbooks(struct cli *cli, struct cli_result *result, struct err *err)
{
	json_auto_t *list = json_array();

	if (cli->operand_count)
		return show_playbook(cli->operands[0], result, err);
	if (add_shipped(list, err) || add_all_own(list, err))
		return -1;
	result->document = jx_pack("{s:s, s:O}", "format", "cordon-playbooks/1", "playbooks", list);
	result->report = report_playbooks;
	return 0;
}

static bool validate_one(const char *path, json_t *files)
{
	struct playbook *playbook = NULL;
	struct err err = ERR_INIT;
	bool ok = cli_load_playbook(path, &playbook, &err) == 0;

	jx_push(files, jx_pack("{s:o, s:b, s:o, s:o}", "file", jx_string(path), "ok", ok, "name",
			       jx_string(ok ? playbook->name : NULL), "error",
			       jx_string(ok ? NULL : err.message)));
	playbook_free(playbook);
	return ok;
}

static void report_validate(struct buf *out, const json_t *document,
			    const struct report_style *style)
{
	json_t *file;
	size_t i;

	(void)style;
	json_array_foreach (json_object_get(document, "files"), i, file) {
		const char *name = jx_text(file, "file");
		const char *error = jx_text(file, "error");
		/* An error begins with the file's name and the place. */
		text_escape(out, error ? error : name);
		if (!error) {
			buf_add(out, ": playbook '");
			text_escape(out, jx_text(file, "name"));
			buf_add(out, "' is good");
		}
		buf_add(out, "\n");
	}
}

int cli_validate(struct cli *cli, struct cli_result *result, struct err *err)
{
	json_auto_t *files = json_array();
	bool ok = true;

	(void)err;
	for (size_t i = 0; i < cli->operand_count; i++)
		ok = validate_one(cli->operands[i], files) && ok;
	result->document = jx_pack("{s:s, s:O}", "format", "cordon-validate/1", "files", files);
	result->report = report_validate;
	result->status = ok ? STATUS_DONE : STATUS_USAGE;
	return 0;
}
