// SPDX-License-Identifier: Apache-2.0
#include "cordon/aws.h"
#include "cordon/buf.h"
#include "cordon/cli.h"
#include "cordon/secret.h"
#include "cordon/text.h"

#include <errno.h>
#include <fcntl.h>
#include <libxml/xmlmemory.h>
#include <openssl/crypto.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

enum { TEXT_MAX = 1 << 20 };

static volatile sig_atomic_t stops;

/* The first signal lets the stage in flight finish, the second one does not wait. */
static void on_signal(int number)
{
	(void)number;
	if (stops)
		_exit(STATUS_INTERRUPTED);
	stops = 1;
}

static bool is_stopped(void)
{
	return stops != 0;
}

/* No SA_RESTART: a question that waits for its answer is to end. */
static void take_signals(void)
{
	static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
	struct sigaction stop = {.sa_handler = on_signal};
	struct sigaction ignore = {.sa_handler = SIG_IGN};
	struct sigaction old;

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		/* What nohup ignores stays ignored. */
		if (sigaction(numbers[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
			sigaction(numbers[i], &stop, NULL);
	}
	sigaction(SIGPIPE, &ignore, NULL);
}

/* Else the first file that is opened would become stdout. */
static bool open_std(void)
{
	for (int fd = 0; fd <= 2; fd++) {
		if (fcntl(fd, F_GETFD) >= 0 || errno != EBADF)
			continue;
		if (open("/dev/null", fd ? O_WRONLY : O_RDONLY) != fd)
			return false;
	}
	return true;
}

static void *openssl_malloc(size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	return secret_malloc(size);
}

static void *openssl_realloc(void *p, size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	return secret_realloc(p, size);
}

static void openssl_free(void *p, const char *file, int line)
{
	(void)file;
	(void)line;
	secret_free(p);
}

/* Copies that libraries make of secrets are wiped too, and no core dump has any. */
static bool guard_memory(void)
{
	struct rlimit none = {.rlim_cur = 0, .rlim_max = 0};

	json_set_alloc_funcs(secret_malloc, secret_free);
	return setrlimit(RLIMIT_CORE, &none) == 0 && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 &&
	       CRYPTO_set_mem_functions(openssl_malloc, openssl_realloc, openssl_free) == 1 &&
	       xmlMemSetup(secret_free, secret_malloc, secret_realloc, secret_strdup) == 0;
}

static const char *environment(const char *name)
{
	return getenv(name);
}

static int show_help(const struct cli *cli)
{
	struct cli help = {.json = cli->json, .colour = cli->colour};
	struct cli_result result = {.document = NULL};
	struct err err = ERR_INIT;
	const char *operands[] = {cli->command->name};

	help.operands = operands;
	help.operand_count = 1;
	cli_help(&help, &result, &err);
	int status = out_result(&help, &result);
	json_decref(result.document);
	return status;
}

static int perform(struct cli *cli)
{
	struct cli_result result = {.document = NULL};
	struct err err = ERR_INIT;
	int status = STATUS_DONE;

	cli->run.env = environment;
	cli->run.ask = cli_ask;
	cli->run.tell = out_tell;
	cli->run.arg = cli;
	cli->run.stopped = is_stopped;
	cli->run.aws.stopped = is_stopped;
	cli->run.aws.ask_code = cli_ask_code;
	cli->run.aws.kept = aws_kept_new();
	if (cli_load_protect(cli, &err) || cli->command->run(cli, &result, &err)) {
		status = result.status ? result.status : run_status_of(&err);
		status = out_error(cli->json, &err, status, NULL);
	} else {
		status = out_result(cli, &result);
	}
	json_decref(result.document);
	aws_kept_free(cli->run.aws.kept);
	return status;
}

static int no_command(size_t count, const char *const *words)
{
	struct err err = ERR_INIT;

	if (count == 0) {
		out_usage();
		return STATUS_USAGE;
	}
	if (words[0][0] == '-')
		err_set(&err, ERR_USAGE, "the command comes first, not '%.100s'", words[0]);
	else
		err_set(&err, ERR_USAGE, "there is no command '%.100s'", words[0]);
	return out_error(cli_wants_json(count, words), &err, STATUS_USAGE, "");
}

static int complete(size_t count, const char *const *words)
{
	autobuf struct buf text = BUF_INIT(TEXT_MAX);

	cli_complete(&text, count, words);
	out_text(buf_text(&text));
	return STATUS_DONE;
}

static int dispatch(size_t count, const char *const *words)
{
	struct cli_command command;
	struct cli cli = {.command = &command};
	struct err err = ERR_INIT;
	int status = STATUS_USAGE;
	const char *name = count ? words[0] : "";

	if (text_equal(name, "__complete"))
		return complete(count - 1, words + 1);
	if (text_equal(name, "--help") || text_equal(name, "--version"))
		name += 2;
	if (!cli_command_find(name, &command))
		return no_command(count, words);
	if (cli_parse(&cli, count - 1, words + 1, &err))
		status = out_error(cli.json, &err, STATUS_USAGE, command.name);
	else
		status = cli.help ? show_help(&cli) : perform(&cli);
	cli_release(&cli);
	return status;
}

int main(int argc, char **argv)
{
	if (!open_std())
		return STATUS_USAGE;
	if (!guard_memory()) {
		out_say("cannot keep secrets out of core dumps");
		return STATUS_USAGE;
	}
	take_signals();
	return out_close(dispatch(argc > 0 ? (size_t)argc - 1 : 0,
				  (const char *const *)(argc > 0 ? argv + 1 : argv)));
}
