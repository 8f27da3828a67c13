// SPDX-License-Identifier: Apache-2.0
/* Help, made from the tables. */
#include "cordon/buf.h"
#include "cordon/cli.h"
#include "cordon/json.h"
#include "cordon/playbook.h"
#include "cordon/text.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { HELP_MAX = 1 << 18, HELP_COLUMN = 30, HELP_WIDTH = 80, STATUS_COLUMN = 7 };

/* Words from a column on; further lines begin there too. */
static void flow(struct buf *out, size_t column, const char *words)
{
	size_t at = column;

	while (*words) {
		size_t length = strcspn(words, " ");
		bool first = at == column;
		if (!first && at + 1 + length > HELP_WIDTH) {
			buf_addf(out, "\n%*s", (int)column, "");
			at = column;
		} else if (!first) {
			buf_add(out, " ");
			at++;
		}
		buf_add_bytes(out, words, length);
		at += length;
		words += length + (words[length] == ' ');
	}
	buf_add(out, "\n");
}

/* The label, and the words beside it or, where it is too long, below it. */
static void row(struct buf *out, size_t column, const char *label, const char *words)
{
	if (strlen(label) + 4 > column)
		buf_addf(out, "  %s\n%*s", label, (int)column, "");
	else
		buf_addf(out, "  %-*s", (int)column - 2, label);
	flow(out, column, words);
}

static void option_rows(struct buf *out, unsigned groups, unsigned of)
{
	const struct cli_option *o;

	for (size_t i = 0; (o = cli_option_at(i)); i++) {
		char label[64];
		if (!(o->groups & groups & of))
			continue;
		snprintf(label, sizeof(label), "--%s%s%s", o->name, o->argument ? " " : "",
			 o->argument ? o->argument : "");
		row(out, HELP_COLUMN, label, o->help);
	}
}

static void action_option_rows(struct buf *out, const struct action *action)
{
	for (const struct action_option *o = action->options; o->name; o++) {
		char name[64];
		char label[160];
		cli_option_name(o, name);
		int n = snprintf(label, sizeof(label), "--%s ", name);
		const char *what = action_option_is_flag(o) ? "" : o->choices ? "how" : o->name;
		for (; *what && (size_t)n < sizeof(label) - 1; what++)
			label[n++] = *what == '_' ? '-' : (char)toupper((unsigned char)*what);
		label[n] = '\0';
		row(out, HELP_COLUMN, label, o->help);
	}
}

static void status_rows(struct buf *out)
{
	const struct cli_status *status;

	for (size_t i = 0; (status = cli_status_at(i)); i++) {
		buf_addf(out, "  %3d  ", status->number);
		flow(out, STATUS_COLUMN, status->meaning);
	}
}

static void command_rows(struct buf *out, bool actions)
{
	struct cli_command command;

	for (size_t i = 0; cli_command_at(i, &command); i++) {
		char label[80];
		if ((command.action != NULL) != actions)
			continue;
		snprintf(label, sizeof(label), "%s%s%s", command.name, *command.operands ? " " : "",
			 command.operands);
		row(out, actions ? 26 : 27, label, command.summary);
	}
}

void cli_usage(struct buf *out)
{
	buf_add(out,
		"usage: cordon COMMAND [OPERAND...] [OPTION...]\n\n"
		"Contain compromised AWS identities. Start with: cordon contain ID --dry-run\n\n"
		"Commands:\n");
	command_rows(out, false);
	buf_add(out, "\nActions, which are commands with --user, --role or --group NAME:\n");
	command_rows(out, true);
	buf_add(out, "\nOptions of every command:\n");
	option_rows(out, OPTIONS_COMMON, OPTIONS_COMMON);
	buf_add(out, "\nOptions of commands that write, and of plan:\n");
	option_rows(out, OPTIONS_WRITE | OPTIONS_SETTLE, OPTIONS_WRITE | OPTIONS_SETTLE);
	buf_add(out, "\nExit status, the first that applies:\n");
	status_rows(out);
	buf_add(out, "\n'cordon help COMMAND' has the options of one command; 'man cordon' has the "
		     "rest.\n");
}

static void section(struct buf *out, const char *title, const struct cli_command *command,
		    unsigned of)
{
	if (!(command->groups & of))
		return;
	buf_addf(out, "\n%s:\n", title);
	option_rows(out, command->groups, of);
}

void cli_help_command(struct buf *out, const struct cli_command *command)
{
	const unsigned own = OPTIONS_USER | OPTIONS_ROLE | OPTIONS_GROUP | OPTIONS_SET |
			     OPTIONS_OUT | OPTIONS_CHECK | OPTIONS_RELEASE | OPTIONS_HOLD |
			     OPTIONS_THEN_HOLD | OPTIONS_FORMAT | OPTIONS_REACH | OPTIONS_TRIAGE |
			     OPTIONS_FROM_TRIAGE | OPTIONS_ANCHOR;
	char kinds[64];
	unsigned writes = OPTIONS_WRITE | OPTIONS_SETTLE;

	buf_addf(out, "usage: cordon %s%s%s", command->name, *command->operands ? " " : "",
		 command->operands);
	if (command->action) {
		cli_principals(command, "|", kinds);
		buf_addf(out, " %s NAME", kinds);
	}
	buf_addf(out, " [OPTION...]\n\n%s.\n", command->summary);
	section(out, "Options", command, own);
	if (command->action)
		action_option_rows(out, command->action);
	section(out, command->groups & OPTIONS_WRITE ? "Options of commands that write" : "Waiting",
		command, writes);
	section(out, "Options of every command", command, OPTIONS_COMMON);
}

static void report_text(struct buf *out, const json_t *document, const struct report_style *style)
{
	(void)style;
	buf_add(out, jx_text(document, "text"));
}

int cli_help(struct cli *cli, struct cli_result *result, struct err *err)
{
	autobuf struct buf text = BUF_INIT(HELP_MAX);
	struct cli_command command;

	if (cli->operand_count == 0)
		cli_usage(&text);
	else if (cli_command_find(cli->operands[0], &command))
		cli_help_command(&text, &command);
	else
		return err_set(err, ERR_USAGE, "there is no command '%.100s'", cli->operands[0]);
	result->document = jx_pack("{s:s, s:s}", "format", "cordon-help/1", "text",
				   buf_text(&text));
	result->report = report_text;
	return 0;
}

static void report_version(struct buf *out, const json_t *document,
			   const struct report_style *style)
{
	(void)style;
	buf_addf(out, "cordon %s\n", jx_text(document, "version"));
}

int cli_version(struct cli *cli, struct cli_result *result, struct err *err)
{
	(void)cli;
	(void)err;
	result->document = jx_pack("{s:s, s:s}", "format", "cordon-version/1", "version",
				   CORDON_VERSION);
	result->report = report_version;
	return 0;
}
