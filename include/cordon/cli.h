/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cli: from the words of a command line to a document, a text and an exit status.
 *
 * Three tables in tables.c drive the parser, the help, the completion and the manual's check:
 * commands (actions join them), options, and exit statuses. A command's function takes what was
 * parsed and fills a result; it prints nothing. out.c alone prints.
 */
#ifndef CORDON_CLI_H
#define CORDON_CLI_H

#include "cordon/action.h"
#include "cordon/err.h"
#include "cordon/run.h"
#include "cordon/triage.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct buf;
struct report_style;
struct secret;

/* What a command line said. Strings are borrowed from argv. */
struct cli {
	const struct cli_command *command;
	const char *const *operands;
	size_t operand_count;
	struct run_options run;

	bool json, quiet, verbose, help, check;
	const char *output, *colour; /* as typed, or NULL */
	const char *user, *role, *group, *out, *format;
	struct run_reach reach;
	const char *as;	  /* reach --as */
	json_t *set;	  /* {NAME: "VALUE" or ["VALUE",..]} */
	json_t *step;	  /* an action's own options */
	json_t *protect;  /* ["ARN or user/NAME or role/NAME",..] */
	json_t *activate; /* ids of credentials */
	bool no_tail;
	bool watch; /* of hold; durations as typed */
	const char *hold_for, *every, *then_hold;
	bool lines;   /* what happens is a line of JSON each, and so is the result */
	bool live;    /* a line on the terminal that is written over */
	json_t *seen; /* options that were given */
	struct run_triage triage;
	const char *from_triage;
	json_t *include; /* roles of a triage */

	bool roles_decided; /* the question does not offer them: set, or of a run on record */
	enum answer answer;
	bool asked;
};

typedef void cli_report(struct buf *out, const json_t *document, const struct report_style *style);

/* What a command leads to. document is NULL where there is an error, and where the command printed
 * its lines as it went. */
struct cli_result {
	json_t *document;
	int status;
	cli_report *report;  /* the document as text; NULL: the document itself */
	const char *written; /* --out: the file that has the document */
};

typedef int cli_command_fn(struct cli *cli, struct cli_result *result, struct err *err);

/* Which options a command takes, and to which commands an option belongs. */
enum option_group {
	OPTIONS_COMMON = 1 << 0,
	OPTIONS_WRITE = 1 << 1,
	OPTIONS_SETTLE = 1 << 2,
	OPTIONS_USER = 1 << 3,
	OPTIONS_ROLE = 1 << 4,
	OPTIONS_SET = 1 << 5,
	OPTIONS_OUT = 1 << 6,
	OPTIONS_CHECK = 1 << 7,
	OPTIONS_GROUP = 1 << 8,
	OPTIONS_RELEASE = 1 << 9,
	OPTIONS_HOLD = 1 << 10,
	OPTIONS_THEN_HOLD = 1 << 11,
	OPTIONS_FORMAT = 1 << 12,
	OPTIONS_REACH = 1 << 13,
	OPTIONS_TRIAGE = 1 << 14,
	OPTIONS_FROM_TRIAGE = 1 << 15,
	OPTIONS_ANCHOR = 1 << 16,
};

enum operand_kind { OPERAND_NONE, OPERAND_COMMAND, OPERAND_PLAYBOOK, OPERAND_FILE, OPERAND_OTHER };

struct cli_command {
	const char *name;
	const char *operands; /* for help: "ID..." */
	const char *summary;
	size_t least, most; /* operands */
	enum operand_kind operand;
	unsigned groups; /* option_group */
	bool hidden;
	cli_command_fn *run;
	const struct action *action; /* NULL: not an action */
};

enum option_kind {
	OPTION_FLAG,   /* bool */
	OPTION_TEXT,   /* const char * */
	OPTION_NUMBER, /* long */
	OPTION_LIST,   /* json_t *: may be given more than once */
	OPTION_SET,    /* json_t *: NAME=VALUE */
};

struct cli_option {
	const char *name; /* without "--" */
	const char *argument;
	enum option_kind kind;
	size_t where; /* offset in struct cli */
	unsigned groups;
	const char *help;
	const char *const *choices;    /* closed by NULL; NULL: any */
	bool (*ok)(const char *value); /* NULL: any */
	const char *what;	       /* what ok wants */
	long least, most;	       /* OPTION_NUMBER */
};

struct cli_status {
	int number;
	const char *meaning;
};

/* tables.c. In the tables' order; false after the last. */
bool cli_command_at(size_t i, struct cli_command *ret_command);
bool cli_command_find(const char *name, struct cli_command *ret_command);
const struct cli_option *cli_option_at(size_t i);
const struct cli_option *cli_option_find(const char *name);
const struct cli_status *cli_status_at(size_t i);
/* The command's own name of an action's option: '_' is '-'. The step's member name from it. */
void cli_option_name(const struct action_option *option, char ret_name[static 64]);
/* "--user or --role": the principals that a command names, joined. */
void cli_principals(const struct cli_command *command, const char *joint, char out[static 64]);
const struct action_option *cli_action_option(const struct cli_command *command, const char *name);

/* parse.c. Fills cli as far as the words make sense; the first mistake is in err. words: after the
 * command. */
int cli_parse(struct cli *cli, size_t count, const char *const *words, struct err *err);
void cli_release(struct cli *cli);
bool cli_given(const struct cli *cli, const char *option);
/* --output json stands somewhere, for mistakes before there is a command. */
bool cli_wants_json(size_t count, const char *const *words);

/* help.c */
void cli_usage(struct buf *out);
void cli_help_command(struct buf *out, const struct cli_command *command);
cli_command_fn cli_help, cli_version;
/* complete.c: candidates for the last word, one a line. */
void cli_complete(struct buf *out, size_t count, const char *const *words);

/* load.c: playbooks, plan files and the protect list. */
struct cli_work {
	struct run_work work;
	struct playbook **playbooks;
};
void cli_work_release(struct cli_work *work);
/* Binds given to playbook (stolen) as the next entry. */
int cli_work_add(struct cli_work *work, struct playbook *stolen, const json_t *given,
		 struct err *err);
/* A bare name, or a file with '/' or ending in .json. */
int cli_load_playbook(const char *operand, struct playbook **ret_playbook, struct err *err);
/* The entries of a PLAYBOOK or PLANFILE operand with --set. */
int cli_load_work(struct cli *cli, const char *operand, struct cli_work *work, struct err *err);
int cli_load_protect(struct cli *cli, struct err *err);
bool cli_protect_ok(const char *entry);
bool cli_is_file(const char *operand);
/* $XDG_CONFIG_HOME/cordon/NAME. False if there is no such place. */
bool cli_config_path(const char *name, struct buf *out);
/* --revoke-roles: revoke_roles=true in given, if playbook declares it. */
bool cli_set_roles(const struct playbook *playbook, json_t *given);

/* Commands; contain.c and commands.c. */
cli_command_fn cli_contain, cli_plan, cli_apply, cli_action, cli_resume, cli_release_run, cli_hold,
	cli_verify, cli_export, cli_whois, cli_whoami, cli_snapshot, cli_runs, cli_show,
	cli_playbooks, cli_validate;
cli_command_fn cli_evaluate; /* evaluate.c */
cli_command_fn cli_reach;    /* reach.c */
cli_command_fn cli_policy;   /* policy.c */
/* Plan or apply, as the command and --dry-run say. */
int cli_run_work(struct cli *cli, struct cli_work *work, struct cli_result *result,
		 struct err *err);

/* --out FILE, with the document as JSON. */
int cli_write_out(const struct cli *cli, struct cli_result *result, struct err *err);
/* report.c */
cli_command_fn cli_report_run;
/* triage.c, and from_triage.c for contain */
cli_command_fn cli_triage, cli_contain_triage;
/* triage_form.c: why target asks for more than triage writes; NULL: it does not. */
const char *cli_triage_misfit(const json_t *target);
/* To be typed, made of checked words alone; json_null() where there is none. New. */
json_t *cli_triage_command(const json_t *target);

/* ask.c: run_options.ask */
enum answer cli_ask(void *arg, const json_t *plan);
/* ask.c: config_options.ask_code; what is typed is not shown. */
int cli_ask_code(const char *serial, struct secret *ret_code, struct err *err);

/* out.c: the only place that prints. Each returns the exit status. */
int out_result(const struct cli *cli, const struct cli_result *result);
/* try: the command of "try 'cordon help X'", "" for "cordon help", NULL for none. */
int out_error(bool json, const struct err *err, int status, const char *try);
void out_say(const char *format, ...) __attribute__((format(printf, 1, 2)));
void out_text(const char *text); /* to stdout as it is */
void out_usage(void);
void out_tell(void *arg, const json_t *event);
int out_close(int status);
struct report_style out_style(const struct cli *cli, int fd);

#endif
