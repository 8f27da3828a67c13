// SPDX-License-Identifier: Apache-2.0
/*
 * The program that a profile names. No shell; the environment is ours; its input is empty, its
 * output bounded, and when its time is up it is killed with what it started.
 */
#include "cordon/json.h"
#include "cordon/text.h"
#include "providers.h"
#include "words.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
	WORDS_MAX = 256,
	SECONDS_MAX = 60,
	STEP_MS = 100,
	TOLD_MAX = 4096,
	SHOWN_MAX = 200,
	REAPS_MAX = 50,
	REAP_MS = 10,
};

/* The program while it runs. */
struct child {
	pid_t pid;
	int out, told; /* its stdout and stderr; -1: closed */
	struct buf output;
	struct buf messages; /* the first of them */
	int status;
	bool ended;
};

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static long long now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

static int set_actions(posix_spawn_file_actions_t *actions, const int out[2], const int told[2])
{
	return posix_spawn_file_actions_init(actions) ||
	       posix_spawn_file_actions_addopen(actions, 0, "/dev/null", O_RDONLY, 0) ||
	       posix_spawn_file_actions_adddup2(actions, out[1], 1) ||
	       posix_spawn_file_actions_adddup2(actions, told[1], 2) ||
	       posix_spawn_file_actions_addclosefrom_np(actions, 3);
}

/* A group of its own, to be killed whole; and it is not to inherit that we ignore SIGPIPE. */
static int set_attributes(posix_spawnattr_t *attributes)
{
	sigset_t none;
	sigset_t ignored;

	sigemptyset(&none);
	sigemptyset(&ignored);
	sigaddset(&ignored, SIGPIPE);
	return posix_spawnattr_init(attributes) ||
	       posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF |
							    POSIX_SPAWN_SETSIGMASK) ||
	       posix_spawnattr_setpgroup(attributes, 0) ||
	       posix_spawnattr_setsigdefault(attributes, &ignored) ||
	       posix_spawnattr_setsigmask(attributes, &none);
}

static int spawn(struct child *child, char *const *words, const int out[2], const int told[2],
		 struct err *err)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;

	if (set_actions(&actions, out, told) || set_attributes(&attributes))
		abort();
	int code = posix_spawnp(&child->pid, words[0], &actions, &attributes, words, environ);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	if (code)
		return err_set(err, ERR_CREDENTIALS, "'%.200s' cannot be run: %s", words[0],
			       strerrordesc_np(code));
	return 0;
}

static int begin(struct child *child, char *const *words, struct err *err)
{
	int out[2] = {-1, -1};
	int told[2] = {-1, -1};
	int result = -1;

	if (pipe2(out, O_CLOEXEC) || pipe2(told, O_CLOEXEC))
		err_set(err, ERR_IO, "no pipe to a program: %m");
	else
		result = spawn(child, words, out, told, err);
	close_fd(&out[1]);
	close_fd(&told[1]);
	child->out = out[0];
	child->told = told[0];
	return result;
}

/* What is too much of the output fails; too many messages are read and dropped. */
static void take(struct buf *buf, int *fd, bool bounded)
{
	char bytes[4096];
	ssize_t n = read(*fd, bytes, sizeof(bytes));

	if (n < 0 && errno == EINTR)
		return;
	if (n <= 0) {
		close_fd(fd);
		return;
	}
	if (bounded || buf->length + (size_t)n <= buf->max)
		buf_add_bytes(buf, bytes, (size_t)n);
	explicit_bzero(bytes, sizeof(bytes));
}

/* Where our own parent ignores children, there is no status, and the output alone counts. */
static void look(struct child *child)
{
	pid_t pid = child->ended ? 0 : waitpid(child->pid, &child->status, WNOHANG);

	if (pid == child->pid || (pid < 0 && errno == ECHILD))
		child->ended = true;
}

static int wait_of(const struct child *child)
{
	if (child->ended)
		return 0;
	return child->out < 0 && child->told < 0 ? REAP_MS : STEP_MS;
}

/* Until the program has ended, and its pipes are closed or empty: what it left running in the
 * background may hold them open. */
static int follow(struct child *child, const struct credentials_door *door, struct err *err)
{
	long long end = now_ms() + SECONDS_MAX * 1000LL;

	for (;;) {
		struct pollfd fds[] = {{.fd = child->out, .events = POLLIN},
				       {.fd = child->told, .events = POLLIN}};
		bool was_ended = child->ended;
		int ready = poll(fds, 2, wait_of(child));

		if (ready > 0 && fds[0].revents)
			take(&child->output, &child->out, true);
		if (ready > 0 && fds[1].revents)
			take(&child->messages, &child->told, false);
		look(child);
		if (child->output.failed)
			return err_set(err, ERR_CREDENTIALS, "its output is larger than %d bytes",
				       CREDENTIALS_MAX_BYTES);
		if (was_ended && ready == 0)
			return 0;
		if (ask_stopped(door))
			return err_set(err, ERR_INTERRUPTED, "interrupted");
		if (now_ms() >= end)
			return err_set(err, ERR_CREDENTIALS, "it did not end within %d s",
				       SECONDS_MAX);
	}
}

/* The group first: its leader, not yet waited for, keeps the number from being given away. */
static void end(struct child *child)
{
	if (child->pid > 0 && !child->ended)
		kill(-child->pid, SIGKILL);
	for (int i = 0; child->pid > 0 && !child->ended && i < REAPS_MAX; i++) {
		look(child);
		if (!child->ended)
			poll(NULL, 0, REAP_MS);
	}
	close_fd(&child->out);
	close_fd(&child->told);
	buf_release(&child->output);
	buf_release(&child->messages);
}

/* The first line of what it said. */
static int tell_failure(const struct child *child, struct err *err)
{
	const char *said = buf_text(&child->messages);
	int length = (int)strcspn(said, "\r\n");
	int shown = length < SHOWN_MAX ? length : SHOWN_MAX;

	if (WIFSIGNALED(child->status))
		return err_set(err, ERR_CREDENTIALS, "it was killed by signal %d",
			       WTERMSIG(child->status));
	return err_set(err, ERR_CREDENTIALS, "it ended with status %d%s%.*s",
		       WEXITSTATUS(child->status), shown ? ": " : "", shown, said);
}

static int read_output(struct search *search, const struct child *child, const char *place,
		       struct err *err)
{
	static const struct credentials_form form = {.id = "AccessKeyId",
						     .secret = "SecretAccessKey",
						     .token = "SessionToken",
						     .expires = "Expiration"};

	if (!WIFEXITED(child->status) || WEXITSTATUS(child->status) != 0) {
		tell_failure(child, err);
		return err_wrap(err, "%s", place);
	}
	json_auto_t *object = credentials_json(buf_text(&child->output), child->output.length,
					       place, err);
	if (!object)
		return -1;
	const json_t *version = json_object_get(object, "Version");
	if (!json_is_integer(version) || json_integer_value(version) != 1)
		return err_set(err, ERR_CREDENTIALS, "%s: the Version of its answer is not 1",
			       place);
	if (credentials_read(&form, object, place, &search->found, err))
		return -1;
	search->is_found = true;
	return 0;
}

static int run(struct search *search, char *const *words, const char *place, struct err *err)
{
	struct child child = {.out = -1,
			      .told = -1,
			      .output = BUF_INIT(CREDENTIALS_MAX_BYTES),
			      .messages = BUF_INIT(TOLD_MAX)};
	int result = begin(&child, words, err) || follow(&child, search->door, err);

	if (result)
		err_wrap(err, "%s", place);
	else
		result = read_output(search, &child, place, err);
	end(&child);
	return result ? -1 : 0;
}

/* room: for all words, as long as line. */
static int split(const char *line, char *room, char *words[static WORDS_MAX + 1], struct err *err)
{
	size_t count = 0;
	bool broken = false;

	while (count < WORDS_MAX && words_take(&line, room, &broken)) {
		words[count++] = room;
		room += strlen(room) + 1;
	}
	words[count] = NULL;
	if (broken)
		return err_set(err, ERR_CREDENTIALS, "a quotation in it is not closed");
	if (count == WORDS_MAX)
		return err_set(err, ERR_CREDENTIALS, "it has more than %d words", WORDS_MAX - 1);
	if (!count || !*words[0])
		return err_set(err, ERR_CREDENTIALS, "it is empty");
	return 0;
}

int find_process(struct search *search, struct err *err)
{
	const char *line = search_value(search, "credential_process");
	char *words[WORDS_MAX + 1];
	char place[PLACE_SIZE];

	if (!line)
		return search_lacks(search, "no credential_process");
	/* Some lines hold a secret. */
	char *room = secret_malloc(strlen(line) + 2);
	if (!room)
		abort();
	snprintf(place, sizeof(place), "credential_process of profile '%.400s'", search->profile);
	int result = split(line, room, words, err);
	if (result)
		err_wrap(err, "%s", place);
	else
		result = run(search, words, place, err);
	secret_free(room);
	return result;
}
