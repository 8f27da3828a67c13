// SPDX-License-Identifier: Apache-2.0
/* The words of a command line. After the first mistake the rest is still read, because it says how
 * to report the mistake. */
#include "cordon/cli.h"

#include "cordon/json.h"
#include "cordon/playbook.h"
#include "cordon/text.h"

#include <stdlib.h>
#include <string.h>

enum { NAME_MAX_LENGTH = 64 };

struct parsing {
	struct cli *cli;
	size_t count, at;
	const char *const *words;
	const char **operands;
	struct err *err; /* the first mistake */
};

#define mistake(parsing, ...)                                            \
	do {                                                             \
		if ((parsing)->err->code == ERR_NONE)                    \
			err_set((parsing)->err, ERR_USAGE, __VA_ARGS__); \
	} while (0)

static void *member(struct cli *cli, const struct cli_option *option)
{
	return (char *)cli + option->where;
}

static bool is_choice(const char *const *choices, const char *value)
{
	for (size_t i = 0; choices[i]; i++) {
		if (text_equal(choices[i], value))
			return true;
	}
	return false;
}

static void set_number(struct parsing *p, const struct cli_option *option, const char *value)
{
	long *to = member(p->cli, option);

	if (text_parse_number(value, option->least, option->most, to))
		mistake(p, "--%s is a whole number from %ld to %ld, not '%.100s'", option->name,
			option->least, option->most, value);
}

/* NAME=VALUE, split at the first '='. The same name again makes a list. */
static void set_parameter(struct parsing *p, json_t *set, const char *value)
{
	const char *equals = strchr(value, '=');
	char name[NAME_MAX_LENGTH + 1];
	size_t length = equals ? (size_t)(equals - value) : 0;

	if (length == 0 || length > NAME_MAX_LENGTH) {
		mistake(p, "--set takes NAME=VALUE, not '%.100s'", value);
		return;
	}
	memcpy(name, value, length);
	name[length] = '\0';
	if (!text_only(name, "abcdefghijklmnopqrstuvwxyz0123456789-_")) {
		mistake(p, "--set: '%s' is no name of a parameter", name);
		return;
	}
	json_t *old = json_object_get(set, name);
	if (json_is_array(old))
		jx_push(old, jx_string(equals + 1));
	else if (old)
		jx_set(set, name, jx_pack("[O, o]", old, jx_string(equals + 1)));
	else
		jx_set(set, name, jx_string(equals + 1));
}

static void set_value(struct parsing *p, const struct cli_option *option, const char *value)
{
	if (!*value)
		mistake(p, "--%s needs a value, not an empty one", option->name);
	else if (option->choices && !is_choice(option->choices, value))
		mistake(p, "--%s is %s, not '%.100s'", option->name, option->argument, value);
	else if (option->ok && !option->ok(value))
		mistake(p, "--%s is %s, not '%.100s'", option->name, option->what, value);
	else if (option->kind == OPTION_NUMBER)
		set_number(p, option, value);
	else if (option->kind == OPTION_SET)
		set_parameter(p, *(json_t **)member(p->cli, option), value);
	else if (option->kind == OPTION_LIST)
		jx_push(*(json_t **)member(p->cli, option), jx_string(value));
	else
		*(const char **)member(p->cli, option) = value;
}

/* An action's own option becomes a member of its step. */
static void set_step(struct parsing *p, const struct action_option *option, const char *name,
		     const char *value)
{
	const struct value_type *type = value_type_find(option->type);
	json_auto_t *typed = type->from_text(value);

	if (option->choices && !is_choice(option->choices, value)) {
		mistake(p, "--%s is %s, not '%.100s'", name, option->help, value);
		return;
	}
	if (!typed || !type->ok(typed)) {
		mistake(p, "--%s is %s, not '%.100s'", name, type->what, value);
		return;
	}
	if (option->list) {
		if (!json_object_get(p->cli->step, option->name))
			jx_set(p->cli->step, option->name, json_array());
		jx_push(json_object_get(p->cli->step, option->name), json_incref(typed));
	} else {
		jx_set(p->cli->step, option->name, json_incref(typed));
	}
}

/* The value after '=', or the next word. NULL after complaining. */
static const char *value_of(struct parsing *p, const char *name, const char *equals)
{
	if (equals)
		return equals + 1;
	if (p->at < p->count)
		return p->words[p->at++];
	mistake(p, "--%s needs a value", name);
	return NULL;
}

static bool first_time(struct parsing *p, const char *name, bool repeatable)
{
	bool again = cli_given(p->cli, name);

	jx_set(p->cli->seen, name, json_true());
	if (again && !repeatable)
		mistake(p, "--%s is given twice", name);
	return !again || repeatable;
}

static void take_flag(struct parsing *p, const struct cli_option *option, const char *equals)
{
	if (equals)
		mistake(p, "--%s takes no value", option->name);
	jx_set(p->cli->seen, option->name, json_true());
	*(bool *)member(p->cli, option) = true;
}

static void take_known(struct parsing *p, const struct cli_option *option, const char *equals)
{
	bool repeatable = option->kind == OPTION_LIST || option->kind == OPTION_SET;

	if (!(option->groups & p->cli->command->groups)) {
		mistake(p, "'%s' takes no --%s", p->cli->command->name, option->name);
		if (option->kind != OPTION_FLAG)
			value_of(p, option->name, equals);
		return;
	}
	if (option->kind == OPTION_FLAG) {
		take_flag(p, option, equals);
		return;
	}
	const char *value = value_of(p, option->name, equals);
	if (value && first_time(p, option->name, repeatable))
		set_value(p, option, value);
}

/* Another action's option is known, but not here. */
static bool some_action_has(const char *name)
{
	struct cli_command command;

	for (size_t i = 0; cli_command_at(i, &command); i++) {
		if (cli_action_option(&command, name))
			return true;
	}
	return false;
}

static void take_option(struct parsing *p, const char *word)
{
	const char *equals = strchr(word, '=');
	char name[NAME_MAX_LENGTH + 1] = "";
	size_t length = equals ? (size_t)(equals - word) : strlen(word);

	if (length < 2 + sizeof(name))
		memcpy(name, word + 2, length - 2);
	const struct action_option *own = cli_action_option(p->cli->command, name);
	const struct cli_option *option = cli_option_find(name);
	if (own && action_option_is_flag(own)) {
		if (equals)
			mistake(p, "--%s takes no value", name);
		else if (first_time(p, name, true))
			jx_set(p->cli->step, own->name, json_true());
	} else if (own) {
		const char *value = value_of(p, name, equals);
		if (value && first_time(p, name, own->list))
			set_step(p, own, name, value);
	} else if (option) {
		take_known(p, option, equals);
	} else if (some_action_has(name)) {
		mistake(p, "'%s' takes no --%s", p->cli->command->name, name);
		if (p->at < p->count && !text_has_prefix(p->words[p->at], "--"))
			value_of(p, name, equals);
	} else {
		mistake(p, "unknown option '%.100s'", word);
	}
}

static void take_words(struct parsing *p)
{
	bool ended = false;

	while (p->at < p->count) {
		const char *word = p->words[p->at++];
		if (!ended && strcmp(word, "--") == 0)
			ended = true;
		else if (!ended && text_has_prefix(word, "--"))
			take_option(p, word);
		else if (!ended && word[0] == '-' && word[1])
			mistake(p, "unknown option '%.100s'; options begin with '--'", word);
		else
			p->operands[p->cli->operand_count++] = word;
	}
}

/* An action needs one principal, of a kind that it acts on; no command takes two. */
static void check_principal(struct parsing *p)
{
	const struct cli *cli = p->cli;
	const struct cli_command *command = cli->command;
	const char *const given[] = {cli->user, cli->role, cli->group};
	size_t count = 0;
	char kinds[64];

	for (size_t i = 0; i < sizeof(given) / sizeof(given[0]); i++)
		count += given[i] != NULL;
	if (count > 1)
		mistake(p, "--user, --role and --group exclude each other");
	cli_principals(command, " or ", kinds);
	if (command->action && count == 0)
		mistake(p, "'%s' needs %s", command->name, kinds);
}

/* One of some options must be there: nothing is stripped or deleted that was not named. */
static void check_needs(struct parsing *p)
{
	const struct action *action = p->cli->command->action;
	char all[96] = "";

	for (size_t i = 0; action && action->needs && action->needs[i]; i++) {
		if (cli_given(p->cli, action->needs[i]))
			return;
		size_t used = strlen(all);
		snprintf(all + used, sizeof(all) - used, "%s--%s", i ? " or " : "",
			 action->needs[i]);
	}
	if (action && action->needs)
		mistake(p, "'%s' needs %s", p->cli->command->name, all);
}

/* What the words mean together. */
static void check_whole(struct parsing *p)
{
	const struct cli *cli = p->cli;
	const struct cli_command *command = cli->command;

	if (cli->help)
		return;
	if (cli->operand_count < command->least)
		mistake(p, "'%s' needs %s", command->name, command->operands);
	if (cli->operand_count > command->most)
		mistake(p, "'%s' does not take '%.100s'", command->name,
			cli->operands[command->most]);
	check_principal(p);
	if (cli->quiet && cli->verbose)
		mistake(p, "--quiet and --verbose exclude each other");
	if (cli->run.account_out && !cli->run.account_file)
		mistake(p, "--account-out goes with --account");
	if (!cli->run.aws.assume_role && (cli->run.aws.external_id || cli->run.aws.mfa_serial))
		mistake(p, "--%s goes with --assume-role",
			cli->run.aws.external_id ? "external-id" : "mfa-serial");
	check_needs(p);
	for (const struct action_option *o = command->action ? command->action->options : NULL;
	     o && o->name; o++) {
		char name[64];
		cli_option_name(o, name);
		if (o->required && !cli_given(cli, name))
			mistake(p, "'%s' needs --%s", command->name, name);
	}
}

int cli_parse(struct cli *cli, size_t count, const char *const *words, struct err *err)
{
	struct parsing p = {.cli = cli, .count = count, .words = words, .err = err};

	p.operands = calloc(count + 1, sizeof(*p.operands));
	cli->set = json_object();
	cli->step = json_object();
	cli->protect = json_array();
	cli->activate = json_array();
	cli->include = jx_pack("[]");
	cli->triage.keys = jx_pack("[]");
	cli->triage.events = jx_pack("[]");
	cli->triage.ips = jx_pack("[]");
	cli->triage.names = jx_pack("[]");
	cli->triage.regions = jx_pack("[]");
	cli->triage.pages = 200;
	cli->seen = json_object();
	if (!p.operands || !cli->set || !cli->step || !cli->protect || !cli->activate || !cli->seen)
		abort();
	cli->operands = p.operands;
	cli->run.settle = 10;
	cli->run.command = cli->command->name;
	take_words(&p);
	cli->json = text_equal(cli->output, "json");
	check_whole(&p);
	return err->code == ERR_NONE ? 0 : -1;
}

void cli_release(struct cli *cli)
{
	free((void *)(uintptr_t)cli->operands);
	json_decref(cli->set);
	json_decref(cli->step);
	json_decref(cli->protect);
	json_decref(cli->activate);
	json_decref(cli->include);
	json_decref(cli->triage.keys);
	json_decref(cli->triage.events);
	json_decref(cli->triage.ips);
	json_decref(cli->triage.names);
	json_decref(cli->triage.regions);
	json_decref(cli->seen);
}

bool cli_given(const struct cli *cli, const char *option)
{
	return json_object_get(cli->seen, option) != NULL;
}

bool cli_wants_json(size_t count, const char *const *words)
{
	for (size_t i = 0; i < count; i++) {
		if (text_equal(words[i], "--output=json"))
			return true;
		if (text_equal(words[i], "--output") && i + 1 < count &&
		    text_equal(words[i + 1], "json"))
			return true;
	}
	return false;
}
