// SPDX-License-Identifier: Apache-2.0
/* The tables of commands, options and exit statuses. */
#include "cordon/account.h"
#include "cordon/cli.h"
#include "cordon/identity.h"
#include "cordon/text.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define ANY SIZE_MAX
#define WRITES (OPTIONS_COMMON | OPTIONS_WRITE | OPTIONS_SETTLE)

static const struct cli_command commands[] = {
	{.name = "contain",
	 .operands = "ID...",
	 .summary = "pick the playbook for an id, then plan, ask, apply, verify",
	 .most = ANY,
	 .operand = OPERAND_OTHER,
	 .groups = WRITES | OPTIONS_USER | OPTIONS_ROLE | OPTIONS_FROM_TRIAGE | OPTIONS_THEN_HOLD,
	 .run = cli_contain},
	{.name = "plan",
	 .operands = "PLAYBOOK",
	 .summary = "observe, plan and print; changes nothing",
	 .least = 1,
	 .most = 1,
	 .operand = OPERAND_PLAYBOOK,
	 .groups = WRITES | OPTIONS_SET | OPTIONS_OUT,
	 .run = cli_plan},
	{.name = "apply",
	 .operands = "PLAYBOOK|PLANFILE",
	 .summary = "plan, ask, apply, verify",
	 .least = 1,
	 .most = 1,
	 .operand = OPERAND_PLAYBOOK,
	 .groups = WRITES | OPTIONS_SET | OPTIONS_THEN_HOLD,
	 .run = cli_apply},
	{.name = "resume",
	 .operands = "RUN",
	 .summary = "finish a run that was cut off; what is done is not done twice",
	 .least = 1,
	 .most = 1,
	 .operand = OPERAND_OTHER,
	 .groups = WRITES | OPTIONS_ANCHOR,
	 .run = cli_resume},
	{.name = "hold",
	 .operands = "RUN",
	 .summary = "keep looking for a time, and contain again what came back",
	 .least = 1,
	 .most = 1,
	 .operand = OPERAND_OTHER,
	 .groups = WRITES | OPTIONS_HOLD | OPTIONS_ANCHOR,
	 .run = cli_hold},
	{.name = "release",
	 .operands = "RUN",
	 .summary = "take back what a run did; compromised keys stay off",
	 .least = 1,
	 .most = 1,
	 .operand = OPERAND_OTHER,
	 .groups = WRITES | OPTIONS_RELEASE | OPTIONS_ANCHOR,
	 .run = cli_release_run},
	{.name = "verify",
	 .operands = "RUN",
	 .summary = "say whether the targets of a run are still contained",
	 .least = 1,
	 .most = 1,
	 .operand = OPERAND_OTHER,
	 .groups = OPTIONS_COMMON | OPTIONS_SETTLE,
	 .run = cli_verify},
	{.name = "whois",
	 .operands = "ID",
	 .summary = "say whose an id is, which account's, what kind, what it holds",
	 .least = 1,
	 .most = 1,
	 .operand = OPERAND_OTHER,
	 .groups = OPTIONS_COMMON,
	 .run = cli_whois},
	{.name = "whoami",
	 .operands = "",
	 .summary = "show our identity, its source, the endpoint and the clock",
	 .groups = OPTIONS_COMMON,
	 .run = cli_whoami},
	{.name = "snapshot",
	 .operands = "[PRINCIPAL]",
	 .summary = "write the account, or one principal, as an account file",
	 .most = 1,
	 .operand = OPERAND_OTHER,
	 .groups = OPTIONS_COMMON | OPTIONS_OUT,
	 .run = cli_snapshot},
	{.name = "runs",
	 .operands = "",
	 .summary = "list the runs of the state folder",
	 .groups = OPTIONS_COMMON,
	 .run = cli_runs},
	{.name = "show",
	 .operands = "RUN",
	 .summary = "show the record of a run",
	 .least = 1,
	 .most = 1,
	 .operand = OPERAND_OTHER,
	 .groups = OPTIONS_COMMON | OPTIONS_CHECK | OPTIONS_ANCHOR,
	 .run = cli_show},
	{.name = "export",
	 .operands = "RUN FILE",
	 .summary = "write a run as one file, for show, verify, resume and release elsewhere",
	 .least = 2,
	 .most = 2,
	 .operand = OPERAND_OTHER,
	 .groups = OPTIONS_COMMON,
	 .run = cli_export},
	{.name = "report",
	 .operands = "RUN",
	 .summary = "write the record of a run as a document to hand over",
	 .least = 1,
	 .most = 1,
	 .operand = OPERAND_OTHER,
	 .groups = OPTIONS_COMMON | OPTIONS_FORMAT | OPTIONS_OUT,
	 .run = cli_report_run},
	{.name = "triage",
	 .operands = "[FILE...]",
	 .summary = "logs and alerts to findings and targets",
	 .most = ANY,
	 .operand = OPERAND_FILE,
	 .groups = OPTIONS_COMMON | OPTIONS_TRIAGE | OPTIONS_USER | OPTIONS_ROLE,
	 .run = cli_triage},
	{.name = "playbooks",
	 .operands = "[NAME]",
	 .summary = "list the playbooks that a bare name can mean, or show one",
	 .most = 1,
	 .operand = OPERAND_PLAYBOOK,
	 .groups = OPTIONS_COMMON,
	 .run = cli_playbooks},
	{.name = "validate",
	 .operands = "FILE...",
	 .summary = "check playbooks without using the network",
	 .least = 1,
	 .most = ANY,
	 .operand = OPERAND_FILE,
	 .groups = OPTIONS_COMMON,
	 .run = cli_validate},
	{.name = "reach",
	 .operands = "PRINCIPAL",
	 .summary = "say what a principal can still do, and by which statement",
	 .least = 1,
	 .most = 1,
	 .operand = OPERAND_OTHER,
	 .groups = OPTIONS_COMMON | OPTIONS_REACH,
	 .run = cli_reach},
	{.name = "policy",
	 .operands = "diff OLD NEW|drift",
	 .summary = "say what a policy changes, or what AWS changed of its own",
	 .least = 1,
	 .most = 3,
	 .operand = OPERAND_OTHER,
	 .groups = OPTIONS_COMMON,
	 .run = cli_policy},
	{.name = "evaluate",
	 .operands = "",
	 .summary = "decide requests: JSON lines on stdin, a decision for each",
	 .groups = OPTIONS_COMMON,
	 .run = cli_evaluate},
	{.name = "help",
	 .operands = "[COMMAND]",
	 .summary = "show the commands, or the options of one",
	 .most = 1,
	 .operand = OPERAND_COMMAND,
	 .groups = OPTIONS_COMMON,
	 .run = cli_help},
	{.name = "version",
	 .operands = "",
	 .summary = "show the version",
	 .groups = OPTIONS_COMMON,
	 .run = cli_version},
};

static bool is_principal_name(const char *name)
{
	return identity_name_ok(name, 64);
}

static bool is_time(const char *text)
{
	long seconds = 0;

	return text_parse_duration(text, &seconds) == 0 && seconds > 0 && seconds <= 48 * 3600;
}

static bool is_event_name(const char *name)
{
	return *name && strlen(name) <= 128 &&
	       text_only(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");
}

static bool is_region_name(const char *name)
{
	return strchr(name, '-') && strlen(name) < 64 &&
	       text_only(name, "abcdefghijklmnopqrstuvwxyz0123456789-");
}

static bool is_credential(const char *id)
{
	return strlen(id) >= 16 && strlen(id) <= 128 &&
	       text_only(id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");
}

static bool is_group_name(const char *name)
{
	return identity_name_ok(name, 128);
}

static bool is_role_arn(const char *text)
{
	struct identity id;
	struct err ignored = ERR_INIT;

	return identity_parse(text, &id, &ignored) == 0 && id.kind == IDENTITY_ROLE &&
	       *id.partition;
}

static bool is_moment(const char *text)
{
	time_t at;

	return text_parse_time(text, &at) == 0;
}

static bool is_action_name(const char *name)
{
	const char *colon = strchr(name, ':');

	return colon && colon != name && colon[1] && !strpbrk(name, "*? ") && strlen(name) < 256;
}

#define TO(member) offsetof(struct cli, member)
#define FLAG(option, member, group, words)                                                     \
	{                                                                                      \
		.name = (option), .kind = OPTION_FLAG, .where = TO(member), .groups = (group), \
		.help = (words)                                                                \
	}
#define TEXT(option, value, member, group, words)                                                \
	{                                                                                        \
		.name = (option), .argument = (value), .kind = OPTION_TEXT, .where = TO(member), \
		.groups = (group), .help = (words)                                               \
	}

static const char *const formats[] = {"md", "html", "json", NULL};
static const char *const outputs[] = {"text", "json", NULL};
static const char *const credentials[] = {"key", "session", NULL};
static const char *const colours[] = {"auto", "always", "never", NULL};

static const struct cli_option options[] = {
	{.name = "user",
	 .argument = "NAME",
	 .kind = OPTION_TEXT,
	 .where = TO(user),
	 .groups = OPTIONS_USER,
	 .help = "the user",
	 .ok = is_principal_name,
	 .what = "a user name without path"},
	{.name = "role",
	 .argument = "NAME",
	 .kind = OPTION_TEXT,
	 .where = TO(role),
	 .groups = OPTIONS_ROLE,
	 .help = "the role",
	 .ok = is_principal_name,
	 .what = "a role name without path"},
	{.name = "group",
	 .argument = "NAME",
	 .kind = OPTION_TEXT,
	 .where = TO(group),
	 .groups = OPTIONS_GROUP,
	 .help = "the group",
	 .ok = is_group_name,
	 .what = "a group name without path"},
	{.name = "set",
	 .argument = "NAME=VALUE",
	 .kind = OPTION_SET,
	 .where = TO(set),
	 .groups = OPTIONS_SET,
	 .help = "set a parameter of the playbook; repeat for a list"},
	{.name = "activate",
	 .argument = "ID",
	 .kind = OPTION_LIST,
	 .where = TO(activate),
	 .groups = OPTIONS_RELEASE,
	 .help = "switch this credential on again; may be repeated",
	 .ok = is_credential,
	 .what = "the id of an access key or another credential"},
	FLAG("no-tail", no_tail, OPTIONS_RELEASE,
	     "no cutoff stays behind: stolen sessions that live on work again"),
	{.name = "for",
	 .argument = "DURATION",
	 .kind = OPTION_TEXT,
	 .where = TO(hold_for),
	 .groups = OPTIONS_HOLD,
	 .help = "for so long: 90s, 15m, 2h",
	 .ok = is_time,
	 .what = "a duration such as 90s, 15m or 2h, up to 48h"},
	{.name = "every",
	 .argument = "DURATION",
	 .kind = OPTION_TEXT,
	 .where = TO(every),
	 .groups = OPTIONS_HOLD,
	 .help = "look again after so long, once the first minute is over (default 5s)",
	 .ok = is_time,
	 .what = "a duration such as 1s or 5m"},
	FLAG("watch-account", watch, OPTIONS_HOLD,
	     "also say which users, roles, keys and trust changes appear elsewhere"),
	{.name = "hold",
	 .argument = "DURATION",
	 .kind = OPTION_TEXT,
	 .where = TO(then_hold),
	 .groups = OPTIONS_THEN_HOLD,
	 .help = "then hold the run for so long",
	 .ok = is_time,
	 .what = "a duration such as 90s, 15m or 2h, up to 48h"},
	TEXT("out", "FILE", out, OPTIONS_OUT, "write the document to FILE"),
	{.name = "format",
	 .argument = "md|html|json",
	 .kind = OPTION_TEXT,
	 .where = TO(format),
	 .groups = OPTIONS_FORMAT,
	 .help = "Markdown, one HTML file, or the facts (default md)",
	 .choices = formats},
	{.name = "key",
	 .argument = "ID",
	 .kind = OPTION_LIST,
	 .where = TO(triage.keys),
	 .groups = OPTIONS_TRIAGE,
	 .help = "start from this access key; may be repeated",
	 .ok = identity_key_ok,
	 .what = "an access key id"},
	{.name = "event",
	 .argument = "ID",
	 .kind = OPTION_LIST,
	 .where = TO(triage.events),
	 .groups = OPTIONS_TRIAGE,
	 .help = "start from who made this event; may be repeated"},
	{.name = "ip",
	 .argument = "ADDRESS",
	 .kind = OPTION_LIST,
	 .where = TO(triage.ips),
	 .groups = OPTIONS_TRIAGE,
	 .help = "start from all that came from this address; may be repeated"},
	{.name = "from",
	 .argument = "TIME",
	 .kind = OPTION_TEXT,
	 .where = TO(triage.from),
	 .groups = OPTIONS_TRIAGE,
	 .help = "leave out events before this date or time (UTC)",
	 .ok = run_triage_time_ok,
	 .what = "a date (2026-07-14) or a time (2026-07-14T10:15:00Z)"},
	{.name = "to",
	 .argument = "TIME",
	 .kind = OPTION_TEXT,
	 .where = TO(triage.to),
	 .groups = OPTIONS_TRIAGE,
	 .help = "leave out events after this date or time",
	 .ok = run_triage_time_ok,
	 .what = "a date (2026-07-14) or a time (2026-07-14T10:15:00Z)"},
	TEXT("from-triage", "FILE", from_triage, OPTIONS_FROM_TRIAGE,
	     "contain the targets of a triage, written with --output json"),
	{.name = "include",
	 .argument = "ROLE",
	 .kind = OPTION_LIST,
	 .where = TO(include),
	 .groups = OPTIONS_FROM_TRIAGE,
	 .help = "with --from-triage: also this role; may be repeated",
	 .ok = is_principal_name,
	 .what = "a role name without path"},
	FLAG("lookup", triage.lookup, OPTIONS_TRIAGE,
	     "also ask CloudTrail for the events of each --key, --user, --event and --event-name"),
	{.name = "event-name",
	 .argument = "NAME",
	 .kind = OPTION_LIST,
	 .where = TO(triage.names),
	 .groups = OPTIONS_TRIAGE,
	 .help = "with --lookup: ask for all calls of this name; may be repeated",
	 .ok = is_event_name,
	 .what = "a name of a call, such as CreateAccessKey"},
	{.name = "lookup-region",
	 .argument = "REGION",
	 .kind = OPTION_LIST,
	 .where = TO(triage.regions),
	 .groups = OPTIONS_TRIAGE,
	 .help = "with --lookup: ask in this Region; may be repeated",
	 .ok = is_region_name,
	 .what = "a Region such as eu-west-1"},
	{.name = "lookup-pages",
	 .argument = "N",
	 .kind = OPTION_NUMBER,
	 .where = TO(triage.pages),
	 .groups = OPTIONS_TRIAGE,
	 .help = "with --lookup: at most so many pages of 50 events each (default 200)",
	 .least = 1,
	 .most = 100000},
	FLAG("fail-on-findings", triage.fail_on_findings, OPTIONS_TRIAGE,
	     "end with status 1 if there is a finding"),
	FLAG("check", check, OPTIONS_CHECK, "prove the journal's chain of hashes"),
	TEXT("expect", "HASH", run.expect, OPTIONS_ANCHOR,
	     "demand that the journal's last hash is HASH"),

	{.name = "as",
	 .argument = "key|session",
	 .kind = OPTION_TEXT,
	 .where = TO(as),
	 .groups = OPTIONS_REACH,
	 .help = "of a user: its long-term key (default), or a session",
	 .choices = credentials},
	{.name = "issued",
	 .argument = "TIME",
	 .kind = OPTION_TEXT,
	 .where = TO(reach.issued),
	 .groups = OPTIONS_REACH,
	 .help = "when the session was issued (default now)",
	 .ok = is_moment,
	 .what = "a time like 2026-11-20T08:00:00Z"},
	{.name = "action",
	 .argument = "ACTION",
	 .kind = OPTION_TEXT,
	 .where = TO(reach.action),
	 .groups = OPTIONS_REACH,
	 .help = "also decide this action",
	 .ok = is_action_name,
	 .what = "an action like s3:GetObject"},
	TEXT("resource", "ARN", reach.resource, OPTIONS_REACH,
	     "on this resource (default: on any that there may be)"),
	FLAG("all", reach.all, OPTIONS_REACH, "show the decision on every known action"),
	TEXT("actions", "FILE", reach.actions_file, OPTIONS_REACH,
	     "take the known actions from FILE"),

	FLAG("dry-run", run.dry_run, OPTIONS_WRITE, "stop after the plan"),
	FLAG("yes", run.yes, OPTIONS_WRITE, "do not ask; covers what can be undone"),
	FLAG("irreversible", run.irreversible, OPTIONS_WRITE, "with --yes: also what cannot"),
	FLAG("revoke-roles", run.revoke_roles, OPTIONS_WRITE,
	     "also revoke the roles that the user could assume"),
	{.name = "settle",
	 .argument = "SECONDS",
	 .kind = OPTION_NUMBER,
	 .where = TO(run.settle),
	 .groups = OPTIONS_SETTLE,
	 .help = "wait so long before the last reading (default 10)",
	 .least = 0,
	 .most = 3600},
	{.name = "protect",
	 .argument = "PRINCIPAL",
	 .kind = OPTION_LIST,
	 .where = TO(protect),
	 .groups = OPTIONS_WRITE,
	 .help = "refuse to touch this principal; may be repeated",
	 .ok = cli_protect_ok,
	 .what = "the ARN of a user or role, user/NAME or role/NAME"},
	FLAG("allow-self", run.allow_self, OPTIONS_WRITE,
	     "allow a target that is our own identity"),
	TEXT("support-case", "ID", run.support_case, OPTIONS_WRITE,
	     "the AWS support case of a quarantine that AWS set"),
	{.name = "expect-account",
	 .argument = "ID",
	 .kind = OPTION_TEXT,
	 .where = TO(run.expect_account),
	 .groups = OPTIONS_WRITE,
	 .help = "refuse to work on any other account",
	 .ok = identity_account_ok,
	 .what = "an account number of 12 digits"},
	{.name = "max-operations",
	 .argument = "N",
	 .kind = OPTION_NUMBER,
	 .where = TO(run.max_operations),
	 .groups = OPTIONS_WRITE,
	 .help = "send no more writes (default 100 for each target)",
	 .least = 1,
	 .most = 100000},
	TEXT("account-out", "FILE", run.account_out, OPTIONS_WRITE,
	     "in a rehearsal: write the account it leads to"),

	TEXT("profile", "NAME", run.aws.profile, OPTIONS_COMMON, "use this profile of the AWS CLI"),
	{.name = "assume-role",
	 .argument = "ARN",
	 .kind = OPTION_TEXT,
	 .where = TO(run.aws.assume_role),
	 .groups = OPTIONS_COMMON,
	 .help = "take on this role first, also in another account",
	 .ok = is_role_arn,
	 .what = "the ARN of a role"},
	TEXT("external-id", "ID", run.aws.external_id, OPTIONS_COMMON,
	     "with --assume-role: the external id that the role asks for"),
	TEXT("mfa-serial", "ARN", run.aws.mfa_serial, OPTIONS_COMMON,
	     "with --assume-role: the MFA device to use"),
	TEXT("mfa-code-file", "FILE", run.aws.mfa_code_file, OPTIONS_COMMON,
	     "take the MFA code from FILE instead of asking for it"),
	TEXT("region", "REGION", run.aws.region, OPTIONS_COMMON,
	     "the Region, which decides the partition"),
	TEXT("endpoint-url", "URL", run.aws.endpoint_url, OPTIONS_COMMON,
	     "send requests there instead of to AWS"),
	TEXT("ca-bundle", "FILE", run.aws.ca_bundle, OPTIONS_COMMON,
	     "trust the certificates in FILE"),
	TEXT("account", "FILE", run.account_file, OPTIONS_COMMON,
	     "take the account from FILE instead of from AWS"),
	{.name = "output",
	 .argument = "text|json",
	 .kind = OPTION_TEXT,
	 .where = TO(output),
	 .groups = OPTIONS_COMMON,
	 .help = "how the result is printed (default text)",
	 .choices = outputs},
	TEXT("state-dir", "DIR", run.state_dir, OPTIONS_COMMON, "where run folders are kept"),
	TEXT("case", "ID", run.case_id, OPTIONS_COMMON, "a case number for the journal"),
	{.name = "color",
	 .argument = "auto|always|never",
	 .kind = OPTION_TEXT,
	 .where = TO(colour),
	 .groups = OPTIONS_COMMON,
	 .help = "colour the text (default auto)",
	 .choices = colours},
	{.name = "rate",
	 .argument = "N",
	 .kind = OPTION_NUMBER,
	 .where = TO(run.rate),
	 .groups = OPTIONS_COMMON,
	 .help = "at most so many requests a second (default: no limit; a hold: 100)",
	 .least = 1,
	 .most = 1000},
	FLAG("quiet", quiet, OPTIONS_COMMON, "no progress on standard error"),
	FLAG("verbose", verbose, OPTIONS_COMMON, "more of it"),
	FLAG("help", help, OPTIONS_COMMON, "show help and exit"),
};

static const struct cli_status statuses[] = {
	{STATUS_INTERRUPTED, "interrupted; what was in flight is recorded"},
	{STATUS_USAGE, "bad usage, playbook or input file, or no such target; no write was sent"},
	{STATUS_REFUSED, "refused by a guard, not confirmed, or the plan no longer fits; no write "
			 "was sent"},
	{STATUS_CREDENTIALS, "no usable credentials, or AWS denies us, before any write"},
	{STATUS_UNREACHED, "AWS could not be reached, before any write"},
	{STATUS_PARTLY, "partly done: a write failed or is unknown, or a target was left out"},
	{STATUS_NO, "the answer is no: OPEN or UNKNOWN; --fail-on-findings is met"},
	{STATUS_DONE, "done: planned, contained and verified, or nothing left to do"},
};

enum {
	COMMAND_COUNT = sizeof(commands) / sizeof(commands[0]),
	OPTION_COUNT = sizeof(options) / sizeof(options[0]),
	STATUS_COUNT = sizeof(statuses) / sizeof(statuses[0]),
};

static struct cli_command command_of(const struct action *action)
{
	unsigned groups = action->class == CLASS_READ ? OPTIONS_COMMON : WRITES;

	if (action->principals & (1u << PRINCIPAL_USER))
		groups |= OPTIONS_USER;
	if (action->principals & (1u << PRINCIPAL_ROLE))
		groups |= OPTIONS_ROLE;
	if (action->principals & (1u << PRINCIPAL_GROUP))
		groups |= OPTIONS_GROUP;
	return (struct cli_command){.name = action->name,
				    .operands = "",
				    .summary = action->summary,
				    .groups = groups,
				    .run = cli_action,
				    .action = action};
}

bool cli_command_at(size_t i, struct cli_command *ret_command)
{
	if (i < COMMAND_COUNT) {
		*ret_command = commands[i];
		return true;
	}
	const struct action *action = action_at(i - COMMAND_COUNT);
	if (!action)
		return false;
	*ret_command = command_of(action);
	return true;
}

bool cli_command_find(const char *name, struct cli_command *ret_command)
{
	struct cli_command command;

	for (size_t i = 0; cli_command_at(i, &command); i++) {
		if (!text_equal(command.name, name))
			continue;
		*ret_command = command;
		return true;
	}
	return false;
}

const struct cli_option *cli_option_at(size_t i)
{
	return i < OPTION_COUNT ? &options[i] : NULL;
}

const struct cli_option *cli_option_find(const char *name)
{
	for (size_t i = 0; i < OPTION_COUNT; i++) {
		if (text_equal(options[i].name, name))
			return &options[i];
	}
	return NULL;
}

const struct cli_status *cli_status_at(size_t i)
{
	return i < STATUS_COUNT ? &statuses[i] : NULL;
}

void cli_option_name(const struct action_option *option, char ret_name[static 64])
{
	snprintf(ret_name, 64, "%s", option->name);
	for (char *c = ret_name; *c; c++) {
		if (*c == '_')
			*c = '-';
	}
}

void cli_principals(const struct cli_command *command, const char *joint, char out[static 64])
{
	static const struct {
		unsigned group;
		const char *text;
	} rows[] = {{OPTIONS_USER, "--user"}, {OPTIONS_ROLE, "--role"}, {OPTIONS_GROUP, "--group"}};

	out[0] = '\0';
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t used = strlen(out);
		if (command->groups & rows[i].group)
			snprintf(out + used, 64 - used, "%s%s", used ? joint : "", rows[i].text);
	}
}

const struct action_option *cli_action_option(const struct cli_command *command, const char *name)
{
	char own[64];

	if (!command->action)
		return NULL;
	for (const struct action_option *o = command->action->options; o->name; o++) {
		cli_option_name(o, own);
		if (text_equal(own, name))
			return o;
	}
	return NULL;
}
