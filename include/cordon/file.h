/* SPDX-License-Identifier: Apache-2.0 */
/*
 * file: the local files that cordon reads and writes, bounded and private.
 *
 * Written files are 0600, made folders 0700, and never reached through a symbolic link in the last
 * component. Not for pure rooms.
 */
#ifndef CORDON_FILE_H
#define CORDON_FILE_H

#include <stdbool.h>
#include <stddef.h>

struct buf;
struct err;

/* Appends the whole file. ERR_NOT_FOUND if it is not there; ERR_INPUT if it is no regular file (a
 * link to one will do) or larger than out->max. "-" is standard input. */
int file_read(const char *path, struct buf *out, struct err *err);
/* Temporary file in the same folder, fsync, rename, fsync of the folder. Mode 0600. */
int file_write(const char *path, const char *bytes, size_t length, struct err *err);
/* Makes the folder and those above it, 0700. An existing one must be a folder. */
int file_make_folder(const char *path, struct err *err);
/* Opens for appending, made if it is not there; the descriptor or -1. */
int file_open_append(const char *path, struct err *err);
/* Writes all bytes, and waits until they are on disk. What could not be written whole is taken
 * back. */
int file_append(int fd, const char *bytes, size_t length, struct err *err);
/* An exclusive lock for as long as fd is open; false: somebody else has it. */
bool file_lock(int fd);
/* Cuts the file down to length bytes; it is never longer after. */
int file_cut(int fd, size_t length, struct err *err);
int file_sync_folder(const char *path, struct err *err);
bool file_exists(const char *path);
/* The names in a folder without "." and "..", sorted; a missing folder has none. */
int file_list(const char *path, char ***ret_names, size_t *ret_count, struct err *err);
void file_list_free(char **names, size_t count);

#endif
