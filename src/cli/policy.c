// SPDX-License-Identifier: Apache-2.0
/* policy diff and policy drift. */
#include "cordon/cli.h"
#include "cordon/report.h"
#include "cordon/text.h"

int cli_policy(struct cli *cli, struct cli_result *result, struct err *err)
{
	const char *verb = cli->operands[0];

	if (text_equal(verb, "diff") && cli->operand_count == 3) {
		result->report = report_policy_diff;
		return run_policy_diff(&cli->run, cli->operands[1], cli->operands[2],
				       &result->document, &result->status, err);
	}
	if (text_equal(verb, "drift") && cli->operand_count == 1) {
		result->report = report_policy_drift;
		return run_policy_drift(&cli->run, &result->document, &result->status, err);
	}
	result->status = STATUS_USAGE;
	return err_set(err, ERR_USAGE, "'policy' is policy diff OLD NEW, or policy drift");
}
