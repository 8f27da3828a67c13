/* SPDX-License-Identifier: Apache-2.0 */
/*
 * words: a line split as a POSIX shell splits it (Python's shlex.split()): quotation marks and
 * backslashes, and nothing else a shell would do. Pure. Within the aws room only.
 */
#ifndef AWS_WORDS_H
#define AWS_WORDS_H

#include <stdbool.h>

/* Puts the next word of *at into ret_word, which has room for all of *at, and moves on. False:
 * there is none, or a quotation is not closed; *ret_broken tells. */
bool words_take(const char **at, char *ret_word, bool *ret_broken);

#endif
