// SPDX-License-Identifier: Apache-2.0
#include "folder.h"

#include "cordon/buf.h"
#include "cordon/file.h"
#include "cordon/json.h"
#include "cordon/text.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

enum { MAX_DOCUMENT = 256 * 1024 * 1024 };

static const char *const places[] = {"runs", "rehearsals"};

void folder_new_id(time_t now, char ret_id[static 40])
{
	char compact[TEXT_COMPACT_SIZE];
	unsigned char random[3];

	if (getrandom(random, sizeof(random), 0) != sizeof(random))
		abort();
	text_time_compact(now, compact);
	snprintf(ret_id, 40, "%s-%02x%02x%02x", compact, random[0], random[1], random[2]);
}

static char *format_path(const char *a, const char *b, const char *c)
{
	char path[PATH_MAX];
	int n = snprintf(path, sizeof(path), "%s%s%s%s%s", a, b ? "/" : "", b ? b : "",
			 c ? "/" : "", c ? c : "");
	char *copy = n > 0 && (size_t)n < sizeof(path) ? strdup(path) : NULL;

	return copy;
}

static char *state_folder(const struct run_options *options)
{
	const char *home = options->env("HOME");
	const char *state = options->env("XDG_STATE_HOME");

	if (options->state_dir)
		return strdup(options->state_dir);
	if (state && *state == '/')
		return format_path(state, "cordon", NULL);
	return home && *home == '/' ? format_path(home, ".local/state", "cordon") : NULL;
}

int folder_unusable(struct err *err)
{
	return err_wrap(err,
			"the run cannot be written down, so nothing was sent; give a folder with "
			"--state-dir DIR");
}

int folder_stuck(const char *run, struct err *err)
{
	return err_wrap(err,
			"the record of this run cannot be written, and without it nothing is sent; "
			"'cordon export %.40s FILE' to another place, then this command with FILE "
			"and --state-dir DIR goes on from there",
			run);
}

static int lock(int fd, const char *run, struct err *err)
{
	if (file_lock(fd))
		return 0;
	return err_set(err, ERR_REFUSED, "another cordon is at work on run '%.40s'; wait for it",
		       run);
}

static int create(const struct run_options *options, const char *id, bool rehearsal,
		  const char *name, struct folder *ret_folder, struct err *err)
{
	struct folder folder = {.fd = -1};
	char *state = state_folder(options);
	char *place = state ? format_path(state, places[rehearsal], name) : NULL;

	free(state);
	if (!place) {
		err_set(err, ERR_IO, "no state folder: neither HOME nor XDG_STATE_HOME is set");
		return folder_unusable(err);
	}
	folder.path = place;
	char *journal = format_path(place, "journal.jsonl", NULL);
	if (!journal || file_make_folder(place, err) ||
	    (folder.fd = file_open_append(journal, err)) < 0 || lock(folder.fd, id, err) ||
	    file_sync_folder(place, err)) {
		free(journal);
		folder_close(&folder);
		return folder_unusable(err);
	}
	free(journal);
	*ret_folder = folder;
	return 0;
}

int folder_create(const struct run_options *options, const char *id, bool rehearsal,
		  struct folder *ret_folder, struct err *err)
{
	return create(options, id, rehearsal, id, ret_folder, err);
}

int folder_create_aside(const struct run_options *options, const char *id, bool rehearsal,
			struct folder *ret_folder, struct err *err)
{
	unsigned char random[4];
	char name[64];

	if (getrandom(random, sizeof(random), 0) != sizeof(random))
		abort();
	snprintf(name, sizeof(name), "%.39s.import-%02x%02x%02x%02x", id, random[0], random[1],
		 random[2], random[3]);
	return create(options, id, rehearsal, name, ret_folder, err);
}

int folder_publish(struct folder *folder, const char *id, struct err *err)
{
	char *parent = strndup(folder->path, (size_t)(strrchr(folder->path, '/') - folder->path));
	char *path = parent ? format_path(parent, id, NULL) : NULL;
	int ret = -1;

	if (!path)
		err_set(err, ERR_IO, "the path of the run folder is too long");
	else if (rename(folder->path, path))
		err_set(err, ERR_REFUSED, "run '%.40s' could not be put in place: %s", id,
			strerrordesc_np(errno));
	else
		ret = file_sync_folder(parent, err);
	free(parent);
	if (ret) {
		free(path);
		return -1;
	}
	free(folder->path);
	folder->path = path;
	return 0;
}

void folder_close(struct folder *folder)
{
	if (folder->fd > 0)
		close(folder->fd);
	free(folder->path);
	*folder = (struct folder){.fd = -1};
}

int folder_save(struct folder *folder, const char *name, const json_t *value, struct err *err)
{
	char *path = format_path(folder->path, name, NULL);
	char *text = jx_compact(value);
	int ret = path ? file_write(path, text, strlen(text), err) : -1;

	free(text);
	free(path);
	return ret;
}

int folder_note(struct folder *folder, time_t at, const char *event, json_t *fields_stolen,
		struct err *err)
{
	return folder_notes(folder, at, event, jx_pack("[o]", fields_stolen), err);
}

int folder_notes(struct folder *folder, time_t at, const char *event, json_t *list_stolen,
		 struct err *err)
{
	autobuf struct buf lines = BUF_INIT(JOURNAL_MAX);
	json_auto_t *list = list_stolen;
	json_t *fields;
	size_t i;

	json_array_foreach (list, i, fields) {
		char *line = journal_line(&folder->journal, at, event, json_incref(fields));
		buf_add(&lines, line);
		free(line);
	}
	if (lines.failed)
		return err_set(err, ERR_IO, "the journal is full");
	return file_append(folder->fd, buf_text(&lines), lines.length, err);
}

bool folder_is_run(const char *run)
{
	return strlen(run) < 40 && text_only(run, "0123456789abcdefTZ-") && strchr(run, 'T');
}

int folder_find(const struct run_options *options, const char *run, char **ret_path,
		struct err *err)
{
	char *state = state_folder(options);

	for (size_t i = 0; state && folder_is_run(run) && i < 2; i++) {
		char *path = format_path(state, places[i], run);
		if (path && file_exists(path)) {
			*ret_path = path;
			free(state);
			return 0;
		}
		free(path);
	}
	err_set(err, ERR_NOT_FOUND, "no run '%.100s' in '%.300s'; 'cordon runs' lists them", run,
		state ? state : "");
	free(state);
	return -1;
}

int folder_read(const char *path, const char *name, json_t **ret_value, struct err *err)
{
	autobuf struct buf bytes = BUF_INIT(MAX_DOCUMENT);
	char *file = format_path(path, name, NULL);
	int ret = file ? file_read(file, &bytes, err) : -1;

	if (ret == 0) {
		*ret_value = jx_read(buf_text(&bytes), bytes.length, name, err);
		ret = *ret_value ? 0 : -1;
	}
	free(file);
	return ret;
}

/* What only comes after the first line: the journal was emptied, not never begun. */
static bool is_later(const char *path)
{
	static const char *const later[] = {"result.json", "release.json", "imported.json", NULL};
	bool any = false;

	for (size_t i = 0; later[i] && !any; i++) {
		char *file = format_path(path, later[i], NULL);
		any = !file || file_exists(file);
		free(file);
	}
	return any;
}

bool folder_is_begun(const char *path)
{
	autobuf struct buf bytes = BUF_INIT(JOURNAL_MAX);
	struct err ignored = ERR_INIT;
	char *file = format_path(path, "journal.jsonl", NULL);
	bool there = file && file_exists(file);
	bool unread = there && file_read(file, &bytes, &ignored);

	free(file);
	/* A block of zeros is what a disk makes of a line that it lost. */
	return unread || memchr(buf_text(&bytes), '\n', bytes.length) ||
	       memchr(buf_text(&bytes), '\0', bytes.length) || is_later(path);
}

int folder_read_journal(const char *path, json_t **ret_lines, struct journal *ret_journal,
			size_t *ret_torn, char **ret_text, struct err *err)
{
	autobuf struct buf bytes = BUF_INIT(JOURNAL_MAX);
	char *file = format_path(path, "journal.jsonl", NULL);
	int ret = file ? file_read(file, &bytes, err) : -1;

	free(file);
	if (ret || journal_read(buf_text(&bytes), bytes.length, "journal.jsonl", ret_lines,
				ret_journal, ret_torn, err))
		return -1;
	if (ret_text) {
		*ret_text = strdup(buf_text(&bytes));
		char *end = *ret_text ? strrchr(*ret_text, '\n') : NULL;
		if (!*ret_text)
			abort();
		(end ? end + 1 : *ret_text)[0] = '\0';
	}
	return 0;
}

/* Between reading the record and the lock somebody else may have gone on with the run. */
static int check_unchanged(const char *path, const struct journal *journal, struct err *err)
{
	json_auto_t *lines = NULL;
	struct journal now;
	size_t torn;

	if (folder_read_journal(path, &lines, &now, &torn, NULL, err))
		return -1;
	if (text_equal(now.last, journal->last))
		return 0;
	return err_set(
		err, ERR_REFUSED,
		"another cordon has gone on with this run meanwhile: give the command again");
}

int folder_reopen(const char *path, const struct journal *journal, size_t length,
		  struct folder *ret_folder, struct err *err)
{
	struct folder folder = {.fd = -1, .journal = *journal, .path = strdup(path)};
	const char *run = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
	char *file = format_path(path, "journal.jsonl", NULL);

	if (!file || (folder.fd = file_open_append(file, err)) < 0 || lock(folder.fd, run, err) ||
	    check_unchanged(path, journal, err) || file_cut(folder.fd, length, err)) {
		free(file);
		folder_close(&folder);
		return err->code == ERR_REFUSED ? -1 : folder_stuck(run, err);
	}
	free(file);
	*ret_folder = folder;
	return 0;
}

int folder_runs(const struct run_options *options, json_t **ret_runs, struct err *err)
{
	json_auto_t *runs = json_array();
	char *state = state_folder(options);
	int ret = 0;

	for (size_t place = 0; state && ret == 0 && place < 2; place++) {
		char *path = format_path(state, places[place], NULL);
		char **names = NULL;
		size_t count = 0;
		ret = file_list(path, &names, &count, err);
		for (size_t i = 0; ret == 0 && i < count; i++) {
			if (folder_is_run(names[i]))
				jx_push(runs, jx_pack("{s:s, s:b}", "run", names[i], "rehearsal",
						      (int)place));
		}
		file_list_free(names, count);
		free(path);
	}
	free(state);
	if (ret == 0)
		*ret_runs = json_incref(runs);
	return ret;
}
