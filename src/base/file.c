// SPDX-License-Identifier: Apache-2.0
#include "cordon/file.h"

#include "cordon/buf.h"
#include "cordon/err.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LIST_MAX = 100000 };

#define autofd __attribute__((cleanup(close_fd)))
#define autotext __attribute__((cleanup(free_text)))

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static void free_text(char **text)
{
	free(*text);
}

static int fail(struct err *err, const char *what, const char *path)
{
	return err_set(err, ERR_IO, "cannot %s '%s': %s", what, path, strerror(errno));
}

static int open_again(const char *path, int flags, mode_t mode)
{
	int fd = -1;

	do
		fd = open(path, flags | O_CLOEXEC | O_NOCTTY, mode);
	while (fd < 0 && errno == EINTR);
	return fd;
}

static ssize_t read_again(int fd, char *bytes, size_t size)
{
	ssize_t n = -1;

	do
		n = read(fd, bytes, size);
	while (n < 0 && errno == EINTR);
	return n;
}

static int write_all(int fd, const char *bytes, size_t length)
{
	while (length) {
		ssize_t n = write(fd, bytes, length);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		bytes += n;
		length -= (size_t)n;
	}
	return 0;
}

static int sync_again(int fd)
{
	int result = -1;

	do
		result = fsync(fd);
	while (result < 0 && errno == EINTR);
	return result;
}

static int too_large(const char *path, const struct buf *out, struct err *err)
{
	return err_set(err, ERR_INPUT, "'%s' is larger than %zu bytes", path, out->max);
}

/* The bytes may be credentials, so the chunk is wiped. */
static int read_all(int fd, const char *path, struct buf *out, struct err *err)
{
	char chunk[16384];
	ssize_t n = 0;

	while ((n = read_again(fd, chunk, sizeof(chunk))) > 0 && !out->failed)
		buf_add_bytes(out, chunk, (size_t)n);
	explicit_bzero(chunk, sizeof(chunk));
	if (n < 0)
		return fail(err, "read", path);
	return out->failed ? too_large(path, out, err) : 0;
}

int file_read(const char *path, struct buf *out, struct err *err)
{
	struct stat st;

	if (strcmp(path, "-") == 0)
		return read_all(STDIN_FILENO, "standard input", out, err);
	/* O_NONBLOCK: a FIFO must not hold us up before it is refused. */
	autofd int fd = open_again(path, O_RDONLY | O_NONBLOCK, 0);
	if (fd < 0 && errno == ENOENT)
		return err_set(err, ERR_NOT_FOUND, "no such file '%s'", path);
	if (fd < 0)
		return fail(err, "open", path);
	if (fstat(fd, &st))
		return fail(err, "read", path);
	if (!S_ISREG(st.st_mode))
		return err_set(err, ERR_INPUT, "'%s' is not a regular file", path);
	if ((unsigned long long)st.st_size > out->max)
		return too_large(path, out, err);
	return read_all(fd, path, out, err);
}

/* What path is in; "." for a bare name. The caller frees. */
static char *folder_of(const char *path)
{
	size_t length = strlen(path);

	while (length > 1 && path[length - 1] == '/')
		length--;
	while (length && path[length - 1] != '/')
		length--;
	while (length > 1 && path[length - 1] == '/')
		length--;
	char *folder = length ? strndup(path, length) : strdup(".");
	if (!folder)
		abort();
	return folder;
}

int file_sync_folder(const char *path, struct err *err)
{
	autofd int fd = open_again(path, O_RDONLY | O_DIRECTORY, 0);

	if (fd < 0)
		return fail(err, "open", path);
	/* Some file systems cannot sync a folder, and say so with EINVAL. */
	if (sync_again(fd) && errno != EINVAL && errno != ENOTSUP)
		return fail(err, "sync", path);
	return 0;
}

static int fill_and_rename(int fd, const char *temporary, const char *path, const char *bytes,
			   size_t length, struct err *err)
{
	if (write_all(fd, bytes, length) || sync_again(fd))
		return fail(err, "write", path);
	if (rename(temporary, path))
		return fail(err, "replace", path);
	return 0;
}

int file_write(const char *path, const char *bytes, size_t length, struct err *err)
{
	autotext char *folder = folder_of(path);
	autotext char *temporary = NULL;
	struct stat st;

	/* Renaming over /dev/null or a link would take it away. */
	if (lstat(path, &st) == 0 && !S_ISREG(st.st_mode))
		return err_set(err, ERR_IO, "cannot write '%s': not a regular file", path);
	if (asprintf(&temporary, "%s.XXXXXX", path) < 0)
		abort();
	autofd int fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0)
		return fail(err, "write", path);
	if (fill_and_rename(fd, temporary, path, bytes, length, err)) {
		unlink(temporary);
		return -1;
	}
	return file_sync_folder(folder, err);
}

static int make_one_folder(const char *path, struct err *err)
{
	struct stat st;

	if (mkdir(path, 0700) == 0) {
		autotext char *parent = folder_of(path);
		return file_sync_folder(parent, err);
	}
	int why = errno;
	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return 0;
	errno = why == EEXIST ? ENOTDIR : why;
	return fail(err, "make folder", path);
}

int file_make_folder(const char *path, struct err *err)
{
	autotext char *whole = strdup(path);
	struct stat st;

	if (!whole)
		abort();
	for (size_t length = strlen(whole); length > 1 && whole[length - 1] == '/';)
		whole[--length] = '\0';
	for (char *slash = strchr(whole + (*whole == '/'), '/'); slash;
	     slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (make_one_folder(whole, err))
			return -1;
		*slash = '/';
	}
	if (lstat(whole, &st) == 0 && S_ISLNK(st.st_mode))
		return err_set(err, ERR_IO, "'%s' is a symbolic link, not a folder", whole);
	return make_one_folder(whole, err);
}

int file_open_append(const char *path, struct err *err)
{
	int flags = O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK;
	struct stat st;
	int fd = open_again(path, flags, 0600);

	if (fd < 0)
		return fail(err, "open", path);
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		return fd;
	close(fd);
	return err_set(err, ERR_IO, "cannot open '%s': not a regular file", path);
}

/* file_append() is given no path, so the kernel is asked for it. */
static int fail_fd(struct err *err, const char *what, int fd)
{
	int why = errno;
	char link[64];
	char path[PATH_MAX];

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	ssize_t n = readlink(link, path, sizeof(path) - 1);
	path[n < 0 ? 0 : n] = '\0';
	errno = why;
	return fail(err, what, n < 0 ? link : path);
}

bool file_lock(int fd)
{
	int ret = -1;

	do
		ret = flock(fd, LOCK_EX | LOCK_NB);
	while (ret < 0 && errno == EINTR);
	/* A file system without locks is no reason to contain nobody. */
	return ret == 0 || errno != EWOULDBLOCK;
}

int file_cut(int fd, size_t length, struct err *err)
{
	struct stat st;

	if (fstat(fd, &st) == 0 && st.st_size <= (off_t)length)
		return 0;
	return ftruncate(fd, (off_t)length) ? fail_fd(err, "cut", fd) : 0;
}

int file_append(int fd, const char *bytes, size_t length, struct err *err)
{
	struct stat before;

	if (fstat(fd, &before))
		return fail_fd(err, "write", fd);
	if (write_all(fd, bytes, length) == 0 && sync_again(fd) == 0)
		return 0;
	fail_fd(err, "write", fd);
	/* Half a line would spoil the one that is appended after it. */
	if (ftruncate(fd, before.st_size))
		return err_wrap(err, "half a line is left");
	return -1;
}

bool file_exists(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool is_name(const struct dirent *entry)
{
	return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

static char **add_name(char **names, size_t count, const char *name)
{
	/* Grown at each power of two. */
	if ((count & (count - 1)) == 0)
		names = reallocarray(names, count ? 2 * count : 1, sizeof(*names));
	if (!names)
		abort();
	names[count] = strdup(name);
	if (!names[count])
		abort();
	return names;
}

int file_list(const char *path, char ***ret_names, size_t *ret_count, struct err *err)
{
	DIR *folder = opendir(path);
	struct dirent *entry = NULL;
	char **names = NULL;
	size_t count = 0;

	if (!folder && errno != ENOENT)
		return fail(err, "open folder", path);
	for (errno = 0; folder && count < LIST_MAX && (entry = readdir(folder)); errno = 0) {
		if (is_name(entry))
			names = add_name(names, count++, entry->d_name);
	}
	int why = errno;
	if (folder)
		closedir(folder);
	if (entry || (folder && why)) {
		file_list_free(names, count);
		errno = entry ? E2BIG : why;
		return fail(err, "list folder", path);
	}
	if (count)
		qsort(names, count, sizeof(*names), by_name);
	*ret_names = names;
	*ret_count = count;
	return 0;
}

void file_list_free(char **names, size_t count)
{
	for (size_t i = 0; names && i < count; i++)
		free(names[i]);
	free(names);
}
