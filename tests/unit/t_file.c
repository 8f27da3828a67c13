// SPDX-License-Identifier: Apache-2.0
#include "cordon/buf.h"
#include "cordon/embedded.h"
#include "cordon/err.h"
#include "cordon/file.h"
#include "tap.h"

#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

/* Everything happens in a private folder, which is the working folder. */
static char home[] = "/tmp/cordon-t_file.XXXXXX";

static unsigned mode_of(const char *path)
{
	struct stat st;

	return lstat(path, &st) ? 0 : (unsigned)(st.st_mode & 07777);
}

static bool read_is(const char *path, const char *want)
{
	autobuf struct buf b = BUF_INIT(1000);
	struct err err = ERR_INIT;

	return file_read(path, &b, &err) == 0 && strcmp(buf_text(&b), want) == 0;
}

static void test_write_and_read(void)
{
	struct err err = ERR_INIT;
	char **names = NULL;
	size_t count = 0;

	umask(0);
	OK(file_write("a", "one\n", 4, &err) == 0 && read_is("a", "one\n"), "written, and read");
	INT_EQ(mode_of("a"), 0600, "a written file is private");
	INT_EQ(chmod("a", 0644), 0, "made public");
	OK(file_write("./a", "", 0, &err) == 0 && read_is("a", ""), "replaced by nothing");
	INT_EQ(mode_of("a"), 0600, "and private again");
	OK(file_list(".", &names, &count, &err) == 0 && count == 1, "no temporary file is left");
	file_list_free(names, count);
}

static void test_write_fails(void)
{
	struct err err = ERR_INIT;

	INT_EQ(file_write("no/such/file", "x", 1, &err), -1, "no folder to write to");
	STR_EQ(err.message, "cannot write 'no/such/file': No such file or directory", "is said");
	INT_EQ(err.code, ERR_IO, "as an i/o error");
	INT_EQ(symlink("a", "link"), 0, "a link");
	INT_EQ(file_write("link", "x", 1, &err), -1, "a link is not written through");
	OK(read_is("a", ""), "nor to where it leads");
	INT_EQ(file_write("/dev/null", "x", 1, &err), -1, "a device is not replaced");
	STR_EQ(err.message, "cannot write '/dev/null': not a regular file", "which is said");
	INT_EQ(file_write(".", "x", 1, &err), -1, "nor a folder");
}

static void test_read(void)
{
	autobuf struct buf b = BUF_INIT(5);
	struct err err = ERR_INIT;

	file_write("b", "12345", 5, &err);
	OK(file_read("b", &b, &err) == 0 && b.length == 5, "as large as it may be");
	buf_release(&b);
	file_write("b", "123456", 6, &err);
	INT_EQ(file_read("b", &b, &err), -1, "one byte more");
	INT_EQ(err.code, ERR_INPUT, "is not acceptable");
	STR_EQ(err.message, "'b' is larger than 5 bytes", "which is said");
	INT_EQ(file_read("/proc/self/status", &b, &err), -1, "nor one that hides its size");
	INT_EQ(err.code, ERR_INPUT, "for the same reason");
	INT_EQ(file_read("none", &b, &err), -1, "a missing file");
	INT_EQ(err.code, ERR_NOT_FOUND, "is not found");
	STR_EQ(err.message, "no such file 'none'", "which is said");
	INT_EQ(file_read(".", &b, &err), -1, "a folder");
	STR_EQ(err.message, "'.' is not a regular file", "is no file");
	INT_EQ(mkfifo("fifo", 0600), 0, "a FIFO");
	INT_EQ(file_read("fifo", &b, &err), -1, "is refused, without waiting for its other end");
}

static void test_read_stdin(void)
{
	autobuf struct buf b = BUF_INIT(100000);
	struct err err = ERR_INIT;
	char text[50001];
	int ends[2];

	memset(text, 'x', sizeof(text));
	if (pipe(ends) || dup2(ends[0], STDIN_FILENO) < 0)
		abort();
	INT_EQ(write(ends[1], text, 50000), 50000, "into the pipe");
	close(ends[0]);
	close(ends[1]);
	OK(file_read("-", &b, &err) == 0 && b.length == 50000, "- is standard input");
}

static void test_folders(void)
{
	struct err err = ERR_INIT;

	INT_EQ(file_make_folder("x/y//z/", &err), 0, "made with those above");
	INT_EQ(mode_of("x"), 0700, "x is private");
	INT_EQ(mode_of("x/y/z"), 0700, "x/y/z is private");
	INT_EQ(file_make_folder("x/y", &err), 0, "one that is there is fine");
	INT_EQ(file_make_folder("/", &err), 0, "so is the root");
	INT_EQ(file_make_folder("a", &err), -1, "a file is no folder");
	STR_EQ(err.message, "cannot make folder 'a': Not a directory", "which is said");
	INT_EQ(file_make_folder("a/b", &err), -1, "nor can one be made in it");
	INT_EQ(symlink("x", "xlink"), 0, "a link to a folder");
	INT_EQ(file_make_folder("xlink", &err), -1, "is not one");
	INT_EQ(file_make_folder("xlink/", &err), -1, "not with a slash either");
	INT_EQ(file_make_folder("xlink/w", &err), 0, "but one may be made behind it");
	INT_EQ(file_make_folder("", &err), -1, "no name");
	INT_EQ(file_sync_folder("x", &err), 0, "synced");
	INT_EQ(file_sync_folder("none", &err), -1, "not synced");
}

static void test_append(void)
{
	struct err err = ERR_INIT;
	int fd = file_open_append("log", &err);

	OK(fd >= 0, "opened for appending");
	INT_EQ(mode_of("log"), 0600, "private");
	OK((fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0, "closed when another program starts");
	OK(!file_append(fd, "one\n", 4, &err) && !file_append(fd, "two\n", 4, &err), "appended");
	close(fd);
	fd = file_open_append("log", &err);
	INT_EQ(file_append(fd, "three\n", 6, &err), 0, "opened again");
	close(fd);
	OK(read_is("log", "one\ntwo\nthree\n"), "all is there");
	INT_EQ(file_open_append("link", &err), -1, "not through a link");
	INT_EQ(file_open_append("fifo", &err), -1, "nor to a FIFO");
	INT_EQ(file_open_append(".", &err), -1, "nor to a folder");
}

static void test_append_fails(void)
{
	struct err err = ERR_INIT;
	int fd = open("log", O_RDONLY | O_CLOEXEC);
	char want[200];

	INT_EQ(file_append(fd, "x", 1, &err), -1, "a descriptor that cannot be written");
	OK(strstr(err.message, "/log': Bad file descriptor"), "the message names the file");
	close(fd);
	snprintf(want, sizeof(want), "cannot write '/proc/self/fd/%d': Bad file descriptor", fd);
	INT_EQ(file_append(fd, "x", 1, &err), -1, "a descriptor that is closed");
	if (!OK(strstr(err.message, want), "is named as well as it can be"))
		tap_diff(err.message, want);
	fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
	INT_EQ(file_append(fd, "x", 1, &err), -1, "no space");
	OK(strstr(err.message, "cannot write '/dev/full': No space left on device"), "is said");
	close(fd);
}

static void test_list(void)
{
	struct err err = ERR_INIT;
	char **names = NULL;
	size_t count = 42;

	OK(file_list("none", &names, &count, &err) == 0 && count == 0, "a missing folder has none");
	file_list_free(names, count);
	INT_EQ(file_list("a", &names, &count, &err), -1, "a file is no folder");
	INT_EQ(file_make_folder("list", &err), 0, "a folder");
	for (int i = 0; i < 9; i++) {
		char path[32];

		snprintf(path, sizeof(path), "list/%d", (i * 7) % 9);
		file_write(path, "", 0, &err);
	}
	file_write("list/.hidden", "", 0, &err);
	OK(file_list("list", &names, &count, &err) == 0 && count == 10, "all are listed");
	bool sorted = true;
	for (size_t i = 1; i < count; i++)
		sorted = sorted && strcmp(names[i - 1], names[i]) < 0;
	OK(sorted, "in order");
	file_list_free(names, count);
	OK(file_exists("list") && file_exists("a") && !file_exists("none"), "file_exists");
}

static void test_embedded(void)
{
	size_t count = 0;
	bool good = true;

	for (const struct embedded_file *f = embedded_files; f->path; f++) {
		count++;
		good = good && embedded_find(f->path) == f && f->bytes[f->length] == '\0';
		good = good && (f == embedded_files || strcmp(f[-1].path, f->path) < 0);
	}
	OK(good, "%zu embedded files are found, ended and in order", count);
	OK(!embedded_find("playbooks/none.json"), "one that is not there is not");
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *place)
{
	(void)st;
	(void)kind;
	(void)place;
	return remove(path);
}

int main(void)
{
	if (!mkdtemp(home) || chdir(home))
		abort();
	test_write_and_read();
	test_write_fails();
	test_read();
	test_read_stdin();
	test_folders();
	test_append();
	test_append_fails();
	test_list();
	test_embedded();
	nftw(home, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	return tap_done();
}
