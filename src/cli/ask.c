// SPDX-License-Identifier: Apache-2.0
/* The question, on the terminal and nowhere else. */
#include "cordon/buf.h"
#include "cordon/cli.h"
#include "cordon/json.h"
#include "cordon/report.h"
#include "cordon/secret.h"
#include "cordon/text.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

enum { QUESTION_MAX = 16 << 20, WORD_MAX = 64 };

static bool write_all(int fd, const char *bytes, size_t length)
{
	while (length) {
		ssize_t n = write(fd, bytes, length);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		bytes += n;
		length -= (size_t)n;
	}
	return true;
}

/* One line. Only a whole one counts: what the end of input or a signal cuts off is no answer. */
static bool read_line(int fd, char word[static WORD_MAX])
{
	size_t length = 0;
	char c = '\0';

	for (;;) {
		if (read(fd, &c, 1) != 1)
			return false;
		if (c == '\n')
			break;
		if (length < WORD_MAX)
			word[length++] = c;
	}
	if (length == WORD_MAX)
		return false;
	word[length] = '\0';
	return true;
}

static bool has_irreversible(const json_t *plan)
{
	json_t *operation;
	size_t i;

	json_array_foreach (json_object_get(plan, "operations"), i, operation) {
		if (json_is_true(json_object_get(operation, "irreversible")))
			return true;
	}
	return false;
}

static bool has_roles(const json_t *plan)
{
	json_t *item;
	size_t i;

	json_array_foreach (json_object_get(plan, "not_covered"), i, item) {
		if (jx_text(item, "role"))
			return true;
	}
	return false;
}

/* Some playbook would cut off roles, and was not told to. */
static bool may_revoke_roles(const json_t *plan)
{
	json_t *playbook;
	size_t i;

	json_array_foreach (json_object_get(plan, "playbooks"), i, playbook) {
		if (json_is_false(jx_at(playbook, "parameters", "revoke_roles", NULL)))
			return true;
	}
	return false;
}

/* The words that count, in the order in which they are offered. */
static const struct {
	const char *word;
	enum answer answer;
	const char *means;
} words[] = {
	{"yes", ANSWER_YES, "everything that is planned"},
	{"reversible", ANSWER_REVERSIBLE, "only what can be undone"},
	{"roles", ANSWER_ROLES, "plan again with the roles that the user could assume"},
};

enum { WORD_COUNT = sizeof(words) / sizeof(words[0]) };

static bool is_offered(enum answer answer, const struct cli *cli, const json_t *plan)
{
	if (answer == ANSWER_REVERSIBLE)
		return has_irreversible(plan);
	if (answer == ANSWER_ROLES)
		return !cli->roles_decided && may_revoke_roles(plan) && has_roles(plan);
	return true;
}

/* What was typed before the question was read is no answer to it. */
static bool put_prompt(int fd)
{
	static const char prompt[] = "Answer: ";

	return tcflush(fd, TCIFLUSH) == 0 && write_all(fd, prompt, sizeof(prompt) - 1);
}

static bool put_question(const struct cli *cli, const json_t *plan, int fd)
{
	autobuf struct buf text = BUF_INIT(QUESTION_MAX);
	struct report_style style = out_style(cli, fd);

	json_auto_t *shown = jx_copy(plan);
	long seconds = 0;
	if (cli->then_hold && text_parse_duration(cli->then_hold, &seconds) == 0)
		jx_set(shown, "hold", jx_pack("{s:I}", "seconds", (json_int_t)seconds));
	report_plan(&text, shown, &style);
	buf_add(&text, "\n");
	report_question(&text, shown, &style);
	buf_add(&text, "\n");
	for (size_t i = 0; i < WORD_COUNT; i++) {
		if (is_offered(words[i].answer, cli, plan))
			buf_addf(&text, "  %-12s%s\n", words[i].word, words[i].means);
	}
	buf_addf(&text, "  %-12s%s\n", "other words", "nothing at all");
	return !text.failed && write_all(fd, buf_text(&text), text.length) && put_prompt(fd);
}

enum answer cli_ask(void *arg, const json_t *plan)
{
	struct cli *cli = arg;
	char word[WORD_MAX] = "";
	enum answer answer = ANSWER_NO;
	int fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);

	cli->asked = true;
	if (fd < 0)
		return cli->answer = ANSWER_NOBODY;
	if (put_question(cli, plan, fd) && read_line(fd, word)) {
		for (size_t i = 0; i < WORD_COUNT; i++) {
			if (text_equal(word, words[i].word) &&
			    is_offered(words[i].answer, cli, plan))
				answer = words[i].answer;
		}
	}
	close(fd);
	return cli->answer = answer;
}

/* The line of a terminal that shows nothing meanwhile; it is as before in every case. */
static bool read_hidden(int fd, char word[static WORD_MAX])
{
	struct termios before;

	if (tcgetattr(fd, &before))
		return false;
	struct termios hidden = before;
	hidden.c_lflag &= ~(tcflag_t)ECHO;
	if (tcsetattr(fd, TCSAFLUSH, &hidden))
		return false;
	bool whole = read_line(fd, word);
	tcsetattr(fd, TCSANOW, &before);
	write_all(fd, "\n", 1);
	return whole;
}

int cli_ask_code(const char *serial, struct secret *ret_code, struct err *err)
{
	autobuf struct buf text = BUF_INIT(QUESTION_MAX);
	char word[WORD_MAX] = "";
	int fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
	int ret = 0;

	if (fd < 0)
		return err_set(err, ERR_CREDENTIALS,
			       "there is no terminal to ask for the MFA code of '%s'; give it by "
			       "--mfa-code-file",
			       serial);
	buf_add(&text, "MFA code of ");
	text_escape(&text, serial);
	buf_add(&text, " (not shown): ");
	if (text.failed || !write_all(fd, buf_text(&text), text.length) || !read_hidden(fd, word))
		ret = err_set(err, ERR_INTERRUPTED, "no MFA code was typed");
	else if (!*word || !text_only(word, "0123456789"))
		ret = err_set(err, ERR_CREDENTIALS, "what was typed is no MFA code");
	else
		secret_set(ret_code, word, strlen(word));
	explicit_bzero(word, sizeof(word));
	close(fd);
	return ret;
}
