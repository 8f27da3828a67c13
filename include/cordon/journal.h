/* SPDX-License-Identifier: Apache-2.0 */
/*
 * journal: the lines of a run's record, each bound to the one before by its SHA-256.
 *
 * Lines, not files: run/folder.c writes them. A line is compact JSON without a newline inside;
 * "prev" is the hash of the line before (without its newline), null in the first. Pure.
 */
#ifndef CORDON_JOURNAL_H
#define CORDON_JOURNAL_H

#include "cordon/hash.h"

#include <jansson.h>
#include <stddef.h>
#include <time.h>

struct err;

struct journal {
	long next;		  /* seq of the next line, from 1 */
	char last[HASH_HEX_SIZE]; /* hash of the last line, "" before the first */
};

enum { JOURNAL_MAX_LINE = 16 * 1024 * 1024, JOURNAL_MAX = 256 * 1024 * 1024 };

/* One line with its newline (free it): event and at, then the members of fields (stolen). */
char *journal_line(struct journal *journal, time_t at, const char *event, json_t *fields);

/* Checks every line and the chain; a new array of the lines' objects. A last line that is cut off
 * (a crash) is left out and counted in *ret_torn. ERR_INPUT with the line's number. */
int journal_read(const char *bytes, size_t length, const char *name, json_t **ret_lines,
		 struct journal *ret_journal, size_t *ret_torn, struct err *err);

/* What its lines say of releases: {"state":"whole|partly|begun","at"}, at the end of the release
 * that made it so, or where one was begun that has no end. NULL: there was none. New. */
json_t *journal_release(const json_t *lines);

#endif
