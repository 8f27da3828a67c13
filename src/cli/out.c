// SPDX-License-Identifier: Apache-2.0
/* The only place that prints. */
#include "cordon/buf.h"
#include "cordon/cli.h"
#include "cordon/json.h"
#include "cordon/report.h"
#include "cordon/text.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { TEXT_MAX = 64 << 20, LINE_MAX_LENGTH = 1 << 20, WIDTH_LEAST = 40, WIDTH_MOST = 200 };

static bool environment_has(const char *name)
{
	const char *value = getenv(name);

	return value && *value;
}

static bool wants_colour(const struct cli *cli, int fd)
{
	if (text_equal(cli->colour, "always"))
		return true;
	if (text_equal(cli->colour, "never") || environment_has("NO_COLOR"))
		return false;
	return isatty(fd) && !text_equal(getenv("TERM"), "dumb");
}

struct report_style out_style(const struct cli *cli, int fd)
{
	struct winsize size = {.ws_col = 0};
	struct report_style style = {.colour = wants_colour(cli, fd), .width = 0};

	if (!isatty(fd))
		return style;
	style.width = 80;
	if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col)
		style.width = size.ws_col;
	if (style.width < WIDTH_LEAST)
		style.width = WIDTH_LEAST;
	if (style.width > WIDTH_MOST)
		style.width = WIDTH_MOST;
	return style;
}

void out_text(const char *text)
{
	fputs(text, stdout);
}

/* One sentence on stderr. What is in it may be foreign. */
/* The terminal's line holds a state that is written over. */
static bool line_is_open;
static const char clear_line[] = "\r\033[K";

void out_say(const char *format, ...)
{
	autobuf struct buf words = BUF_INIT(LINE_MAX_LENGTH);
	autobuf struct buf line = BUF_INIT(LINE_MAX_LENGTH);
	va_list args;
	char *text = NULL;

	va_start(args, format);
	int n = vasprintf(&text, format, args);
	va_end(args);
	if (n < 0)
		return;
	buf_add(&words, text);
	free(text);
	text_escape(&line, buf_text(&words));
	fprintf(stderr, "%scordon: %s\n", line_is_open ? clear_line : "", buf_text(&line));
	line_is_open = false;
}

static void print_line(const json_t *event)
{
	json_dumpf(event, stdout, JSON_COMPACT | JSON_ENSURE_ASCII);
	fputc('\n', stdout);
	fflush(stdout);
}

static void print_document(const json_t *document)
{
	/* Names may hold what turns a terminal's text around: there it is written as escapes. */
	json_dumpf(document, stdout,
		   JSON_INDENT(2) | (isatty(STDOUT_FILENO) ? JSON_ENSURE_ASCII : 0));
	fputc('\n', stdout);
}

static void print_report(const struct cli *cli, const struct cli_result *result)
{
	autobuf struct buf text = BUF_INIT(TEXT_MAX);
	struct report_style style = out_style(cli, STDOUT_FILENO);

	result->report(&text, result->document, &style);
	if (text.failed)
		out_say("the text is too long to print; --output json has all of it");
	else
		fwrite(buf_text(&text), 1, text.length, stdout);
}

static void say_why_not(const struct cli *cli)
{
	if (!cli->asked)
		return;
	if (cli->answer == ANSWER_NOBODY)
		out_say("nobody could be asked and nothing was written: there is no terminal; --yes says "
			"yes to what can be undone, with --irreversible also to the rest");
	else if (cli->answer == ANSWER_NO)
		out_say("not confirmed; nothing was written");
}

/* In place of a document that went into a file. */
static void print_written(const struct cli_result *result)
{
	const json_t *document = result->document;
	const json_t *users = json_object_get(document, "UserDetailList");
	autobuf struct buf words = BUF_INIT(LINE_MAX_LENGTH);
	autobuf struct buf line = BUF_INIT(LINE_MAX_LENGTH);

	buf_addf(&words, "%s: %s", result->written, jx_text(document, "format"));
	if (jx_text(document, "account_id"))
		buf_addf(&words, ", account %s", jx_text(document, "account_id"));
	if (json_object_get(document, "operations"))
		buf_addf(&words, ", %zu operations, %zu refusals, fingerprint %s",
			 json_array_size(json_object_get(document, "operations")),
			 json_array_size(json_object_get(document, "refusals")),
			 jx_text(document, "fingerprint"));
	if (json_is_array(users))
		buf_addf(&words, ", %zu users, %zu roles", json_array_size(users),
			 json_array_size(json_object_get(document, "RoleDetailList")));
	text_escape(&line, buf_text(&words));
	fprintf(stdout, "%s\n", buf_text(&line));
}

int out_result(const struct cli *cli, const struct cli_result *result)
{
	if (!result->document)
		return result->status;
	if (cli->live)
		fputs(clear_line, stderr);
	line_is_open = false;
	if (cli->lines)
		print_line(result->document);
	else if (cli->json || (!result->report && !result->written))
		print_document(result->document);
	else if (result->written)
		print_written(result);
	else
		print_report(cli, result);
	say_why_not(cli);
	return result->status;
}

static json_t *error_document(const struct err *err)
{
	json_t *error = jx_pack("{s:s, s:o}", "code", err_code_name(err->code), "message",
				jx_string(err->message));

	if (*err->aws_code)
		jx_set(error, "aws_code", jx_string(err->aws_code));
	if (*err->request_id)
		jx_set(error, "request_id", jx_string(err->request_id));
	return jx_pack("{s:o}", "error", error);
}

/* A line for each source of credentials. Only a path can hold what parts them, and is cut. */
static void say_missing(const char *message)
{
	const char *end = strstr(message, "; ");

	out_say("%.*s", (int)(end - message), message);
	while (end) {
		const char *part = end + 2;

		end = strstr(part, "; ");
		out_say("  %.*s", (int)(end ? (size_t)(end - part) : strlen(part)), part);
	}
}

int out_error(bool json, const struct err *err, int status, const char *try)
{
	const char *gap = try && *try ? " " : "";

	if (json) {
		json_auto_t *document = error_document(err);
		print_document(document);
	}
	if (try)
		out_say("%s; try 'cordon help%s%s'", err->message, gap, try);
	else if (*err->request_id)
		out_say("%s (request %s)", err->message, err->request_id);
	else if (err->code == ERR_CREDENTIALS && text_has_prefix(err->message, "no credentials; "))
		say_missing(err->message);
	else
		out_say("%s", err->message);
	return status;
}

void out_usage(void)
{
	autobuf struct buf text = BUF_INIT(LINE_MAX_LENGTH);

	cli_usage(&text);
	fputs(buf_text(&text), stderr);
}

static bool is_hold_event(const char *kind)
{
	return text_equal(kind, "hold") || text_equal(kind, "drift") ||
	       text_equal(kind, "appeared") || text_equal(kind, "outcome");
}

/* On a terminal the state of a hold is one line, written over until something else is to be said.
 */
static void put_progress(const struct cli *cli, struct buf *line, bool state)
{
	if (cli->live)
		fputs(clear_line, stderr);
	else if (state && !cli->verbose)
		return;
	line_is_open = cli->live && state && line->length;
	if (line_is_open)
		fprintf(stderr, "%.*s", (int)line->length - 1, buf_text(line));
	else
		fputs(buf_text(line), stderr);
}

void out_tell(void *arg, const json_t *event)
{
	const struct cli *cli = arg;
	const char *kind = jx_text(event, "event");
	autobuf struct buf line = BUF_INIT(LINE_MAX_LENGTH);
	struct report_style style = out_style(cli, STDERR_FILENO);

	if (cli->lines && is_hold_event(kind)) {
		print_line(event);
		return;
	}
	if (cli->quiet || (cli->json && !cli->verbose && !text_equal(kind, "note")))
		return;
	if (!cli->verbose && (text_equal(kind, "intent") || text_equal(kind, "attempt")))
		return;
	json_auto_t *said = jx_copy(event);
	if (cli->run.account_file)
		jx_set(said, "rehearsal", json_true());
	report_progress(&line, said, &style);
	put_progress(cli, &line, text_equal(kind, "hold") || text_equal(kind, "progress"));
}

int out_close(int status)
{
	errno = 0;
	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
	out_say("cannot write the result to standard output: %s",
		errno ? strerror(errno) : "an earlier write failed");
	return status == STATUS_DONE ? STATUS_PARTLY : status;
}
