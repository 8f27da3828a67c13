// SPDX-License-Identifier: Apache-2.0
/* evaluate: requests as JSON lines on stdin, a decision for each on stdout. */
#include "cordon/evaluate.h"

#include "cordon/buf.h"
#include "cordon/cli.h"
#include "cordon/json.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ROW_MAX = 4 << 20, CHUNK = 1 << 16 };

/* What was read and not yet taken as lines. */
struct lines {
	struct buf line; /* failed: longer than ROW_MAX */
	size_t number, bad;
};

static void print(json_t *document_stolen)
{
	char *text = jx_compact(document_stolen);

	json_decref(document_stolen);
	out_text(text);
	out_text("\n");
	free(text);
}

static void print_bad(struct lines *lines, const json_t *row, struct err *err)
{
	const json_t *id = json_object_get(row, "id");

	lines->bad++;
	err_wrap(err, "line %zu", lines->number);
	print(jx_pack("{s:o, s:{s:s, s:o}}", "id", id ? jx_copy(id) : json_null(), "error", "code",
		      err_code_name(err->code), "message", jx_string(err->message)));
}

static void take_line(struct lines *lines)
{
	struct err err = ERR_INIT;
	json_t *decision = NULL;
	json_auto_t *row = NULL;
	const char *text = buf_text(&lines->line);

	lines->number++;
	if (lines->line.failed) {
		err_set(&err, ERR_INPUT, "longer than %d bytes", ROW_MAX);
		print_bad(lines, NULL, &err);
		return;
	}
	if (text[strspn(text, " \t\r")] == '\0' && strlen(text) == lines->line.length)
		return;
	row = jx_read(text, lines->line.length, "row", &err);
	if (!row || policy_decide(row, &decision, &err))
		print_bad(lines, row, &err);
	else
		print(decision);
}

static void line_clear(struct buf *line)
{
	line->length = 0;
	line->failed = false;
	if (line->data)
		line->data[0] = '\0';
}

static void take_bytes(struct lines *lines, const char *bytes, size_t length)
{
	while (length) {
		const char *end = memchr(bytes, '\n', length);
		size_t part = end ? (size_t)(end - bytes) : length;
		buf_add_bytes(&lines->line, bytes, part);
		if (!end)
			return;
		take_line(lines);
		line_clear(&lines->line);
		bytes += part + 1;
		length -= part + 1;
	}
}

static int read_all(struct cli *cli, struct lines *lines, struct err *err)
{
	char bytes[CHUNK];

	for (;;) {
		ssize_t got = read(STDIN_FILENO, bytes, sizeof(bytes));
		if (cli->run.stopped())
			return err_set(err, ERR_INTERRUPTED, "interrupted");
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return err_set(err, ERR_IO, "cannot read standard input: %s",
				       strerror(errno));
		if (got == 0)
			break;
		take_bytes(lines, bytes, (size_t)got);
	}
	if (lines->line.length || lines->line.failed)
		take_line(lines);
	return 0;
}

int cli_evaluate(struct cli *cli, struct cli_result *result, struct err *err)
{
	struct lines lines = {.line = BUF_INIT(ROW_MAX)};
	int ret = read_all(cli, &lines, err);

	buf_release(&lines.line);
	if (ret == 0 && lines.bad)
		out_say("%zu of %zu lines could not be evaluated", lines.bad, lines.number);
	result->status = ret == 0 && lines.bad ? STATUS_USAGE : STATUS_DONE;
	return ret;
}
