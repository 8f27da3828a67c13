// SPDX-License-Identifier: Apache-2.0
/* cordon triage: its words. */
#include "cordon/cli.h"
#include "cordon/json.h"
#include "cordon/report.h"

#include <unistd.h>

static int check_lookup(const struct cli *cli, struct err *err)
{
	const struct run_triage *t = &cli->triage;

	if (t->lookup && cli->run.account_file)
		return err_set(err, ERR_USAGE, "--lookup asks AWS: it does not go with --account");
	if (!t->lookup && (json_array_size(t->names) || json_array_size(t->regions) ||
			   cli_given(cli, "lookup-pages")))
		return err_set(err, ERR_USAGE,
			       "--event-name, --lookup-region and --lookup-pages go with --lookup");
	if (!t->lookup && cli->operand_count == 0)
		return err_set(err, ERR_USAGE, "'triage' needs FILE or --lookup");
	return 0;
}

/* Whoever filled the log hoped that nobody would notice. */
static void say_not_kept(const json_t *document)
{
	const json_t *count = jx_at(document, "sources", "not_kept", NULL);

	if (json_integer_value(count))
		out_say("the log holds more than is kept: %lld sessions or events were left out. The "
			"answer is of a part: narrow it with --from and --to, or name --key, --user "
			"or --role",
			(long long)json_integer_value(count));
}

int cli_triage(struct cli *cli, struct cli_result *result, struct err *err)
{
	json_auto_t *users = cli->user ? jx_pack("[o]", jx_string(cli->user)) : NULL;
	json_auto_t *roles = cli->role ? jx_pack("[o]", jx_string(cli->role)) : NULL;
	struct run_triage *triage = &cli->triage;

	if (check_lookup(cli, err))
		return -1;
	triage->files = cli->operands;
	triage->file_count = cli->operand_count;
	triage->users = users;
	triage->roles = roles;
	triage->door = &cli->run;
	cli->live = isatty(STDERR_FILENO) && !cli->quiet;
	triage->tell = isatty(STDERR_FILENO) ? cli->run.tell : NULL;
	triage->arg = cli;
	triage->stopped = cli->run.stopped;
	result->report = report_triage;
	int ret = run_triage(triage, &result->document, &result->status, err);
	if (ret == 0)
		say_not_kept(result->document);
	return ret;
}
