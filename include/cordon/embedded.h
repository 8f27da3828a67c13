/* SPDX-License-Identifier: Apache-2.0 */
/*
 * embedded: the data files that are compiled into the program.
 *
 * Every .json below playbooks/, and every .json and .tsv below src/, by its path in the source
 * tree: "playbooks/compromised-user.json". The Makefile finds them, src/base/embed.sh makes the
 * table. bytes ends with a NUL that length does not count.
 *
 *     for (const struct embedded_file *f = embedded_files; f->path; f++)
 */
#ifndef CORDON_EMBEDDED_H
#define CORDON_EMBEDDED_H

#include <stddef.h>

struct embedded_file {
	const char *path;
	const char *bytes;
	size_t length;
};

/* Sorted by path in byte order; the last one's path is NULL. */
extern const struct embedded_file embedded_files[];

/* NULL if there is none. */
const struct embedded_file *embedded_find(const char *path);

#endif
