// SPDX-License-Identifier: Apache-2.0
/* report: the record of a run as a document for others. */
#include "cordon/report.h"
#include "cordon/buf.h"
#include "cordon/cli.h"
#include "cordon/file.h"
#include "cordon/text.h"

enum { REPORT_MAX = 256 << 20 };

static const struct form {
	const char *name;
	cli_report *report; /* NULL: the facts themselves */
} forms[] = {{"md", report_markdown}, {"html", report_html}, {"json", NULL}};

/* Without --format: Markdown, or what --output asked for. */
static const struct form *form_of(const struct cli *cli)
{
	const char *name = cli->format ? cli->format : cli->json ? "json" : "md";
	size_t i = 0;

	while (!text_equal(forms[i].name, name))
		i++;
	return &forms[i];
}

static int write_report(const struct form *form, const char *path, struct cli_result *result,
			struct err *err)
{
	autobuf struct buf text = BUF_INIT(REPORT_MAX);
	const struct report_style plain = {.width = 0};

	form->report(&text, result->document, &plain);
	if (text.failed)
		return err_set(err, ERR_INPUT,
			       "the report is larger than %d MiB; --format json has all of it",
			       REPORT_MAX >> 20);
	if (file_write(path, buf_text(&text), text.length, err))
		return -1;
	result->written = path;
	return 0;
}

int cli_report_run(struct cli *cli, struct cli_result *result, struct err *err)
{
	const struct form *form = form_of(cli);
	json_auto_t *run = NULL;

	if (cli->json && form->report && !cli->out)
		return err_set(err, ERR_USAGE,
			       "--output json prints the report's facts: --format %s goes with "
			       "--out FILE",
			       form->name);
	if (run_show(&cli->run, cli->operands[0], true, NULL, &run, &result->status, err))
		return -1;
	if (report_facts(run, &result->document, err)) {
		result->status = STATUS_USAGE;
		return -1;
	}
	result->report = form->report;
	if (!cli->out)
		return 0;
	int ret = form->report ? write_report(form, cli->out, result, err)
			       : cli_write_out(cli, result, err);
	if (ret)
		result->status = 0;
	return ret;
}
