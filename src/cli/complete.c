// SPDX-License-Identifier: Apache-2.0
/* Candidates for the last word of a command line, made from the tables. */
#include "cordon/buf.h"
#include "cordon/cli.h"
#include "cordon/embedded.h"
#include "cordon/file.h"
#include "cordon/text.h"

#include <stdio.h>
#include <string.h>

static void offer(struct buf *out, const char *word, const char *prefix)
{
	if (text_has_prefix(word, prefix))
		buf_addf(out, "%s\n", word);
}

static void offer_commands(struct buf *out, const char *prefix)
{
	struct cli_command command;

	for (size_t i = 0; cli_command_at(i, &command); i++)
		offer(out, command.name, prefix);
}

static void offer_options(struct buf *out, const struct cli_command *command, const char *prefix)
{
	const struct cli_option *option;
	char word[80];

	for (const struct action_option *o = command->action ? command->action->options : NULL;
	     o && o->name; o++) {
		char name[64];
		cli_option_name(o, name);
		snprintf(word, sizeof(word), "--%s", name);
		offer(out, word, prefix);
	}
	for (size_t i = 0; (option = cli_option_at(i)); i++) {
		if (!(option->groups & command->groups))
			continue;
		snprintf(word, sizeof(word), "--%s", option->name);
		offer(out, word, prefix);
	}
}

static void offer_playbook(struct buf *out, const char *file, const char *prefix)
{
	char name[65];
	size_t length = strlen(file);

	if (!text_has_suffix(file, ".json") || length - 5 >= sizeof(name) || strchr(file, '/'))
		return;
	memcpy(name, file, length - 5);
	name[length - 5] = '\0';
	/* The schema beside the playbooks has a dot in its name. */
	if (!strchr(name, '.'))
		offer(out, name, prefix);
}

static void offer_playbooks(struct buf *out, const char *prefix)
{
	autobuf struct buf folder = BUF_INIT(4096);
	struct err ignored = ERR_INIT;
	char **names = NULL;
	size_t count = 0;

	for (const struct embedded_file *f = embedded_files; f->path; f++) {
		if (text_has_prefix(f->path, "playbooks/"))
			offer_playbook(out, f->path + strlen("playbooks/"), prefix);
	}
	if (!cli_config_path("playbooks", &folder) ||
	    file_list(buf_text(&folder), &names, &count, &ignored))
		return;
	for (size_t i = 0; i < count; i++) {
		/* Names are data: one that a shell could stumble over is not offered. */
		if (text_only(names[i], "abcdefghijklmnopqrstuvwxyz0123456789-_."))
			offer_playbook(out, names[i], prefix);
	}
	file_list_free(names, count);
}

static void offer_choices(struct buf *out, const char *const *choices, const char *prefix)
{
	for (size_t i = 0; choices && choices[i]; i++)
		offer(out, choices[i], prefix);
}

/* The word before the last is an option that waits for its value: its choices, if it has any. */
static bool offer_values(struct buf *out, const struct cli_command *command, const char *before,
			 const char *prefix)
{
	if (!text_has_prefix(before, "--"))
		return false;
	const struct action_option *own = cli_action_option(command, before + 2);
	const struct cli_option *option = cli_option_find(before + 2);
	if (own && action_option_is_flag(own))
		return false;
	if (own) {
		offer_choices(out, own->choices, prefix);
		return true;
	}
	if (!option || option->kind == OPTION_FLAG)
		return false;
	offer_choices(out, option->choices, prefix);
	return true;
}

void cli_complete(struct buf *out, size_t count, const char *const *words)
{
	struct cli_command command;
	const char *last = count ? words[count - 1] : "";
	const char *before = count > 1 ? words[count - 2] : "";

	if (count < 2) {
		offer_commands(out, last);
		return;
	}
	if (!cli_command_find(words[0], &command))
		return;
	/* bash makes "--output=js" three words. */
	if (text_equal(last, "=")) {
		before = words[count - 2];
		last = "";
	} else if (text_equal(before, "=") && count > 2) {
		before = words[count - 3];
	}
	if (offer_values(out, &command, before, last))
		return;
	if (last[0] == '-')
		offer_options(out, &command, last);
	else if (command.operand == OPERAND_COMMAND)
		offer_commands(out, last);
	else if (command.operand == OPERAND_PLAYBOOK)
		offer_playbooks(out, last);
}
