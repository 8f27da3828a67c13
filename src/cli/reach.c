// SPDX-License-Identifier: Apache-2.0
/* reach: what a principal can still do. */
#include "cordon/cli.h"
#include "cordon/identity.h"
#include "cordon/json.h"
#include "cordon/report.h"
#include "cordon/text.h"

#include <stdio.h>

/* AIDA and AROA ids are looked up first; anything else is itself. */
static int resolve(struct cli *cli, const char **principal, char out[static 256], int *ret_status,
		   struct err *err)
{
	const char *typed = *principal;
	json_auto_t *found = NULL;
	struct err ignored = ERR_INIT;
	struct identity id;

	if (identity_parse(typed, &id, &ignored) ||
	    (id.kind != IDENTITY_USER_ID && id.kind != IDENTITY_ROLE_ID))
		return 0;
	if (run_resolve_id(&cli->run, typed, &found, ret_status, err))
		return -1;
	snprintf(out, 256, "%s/%s", jx_text(found, "kind"), jx_text(found, "name"));
	*principal = out;
	return 0;
}

int cli_reach(struct cli *cli, struct cli_result *result, struct err *err)
{
	char resolved[256];

	if (cli->reach.resource && !cli->reach.action)
		return err_set(err, ERR_USAGE, "--resource goes with --action");
	if (cli->reach.issued && text_equal(cli->as, "key"))
		return err_set(err, ERR_USAGE,
			       "a key is not issued as a session is: --issued "
			       "does not go with --as key");
	struct run_reach reach = cli->reach;
	reach.principal = cli->operands[0];
	if (resolve(cli, &reach.principal, resolved, &result->status, err))
		return -1;
	reach.key = text_equal(cli->as, "key");
	reach.session = text_equal(cli->as, "session") || cli->reach.issued;
	result->report = report_reach;
	return run_reach(&cli->run, &reach, &result->document, &result->status, err);
}
