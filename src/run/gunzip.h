/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gunzip: a gzip file in pieces, with ISA-L where there is one (make ISAL= for zlib), which is some
 * times as fast. Members that are put together are read one after the other. Private to this room.
 *
 *     struct gunzip *g = gunzip_new();
 *     gunzip_give(g, bytes, length);              borrowed until all of it is taken
 *     while ((n = gunzip_take(g, out, room, &bad)) > 0) ...
 *     gunzip_is_whole(g)                          at the end of the file
 */
#ifndef CORDON_RUN_GUNZIP_H
#define CORDON_RUN_GUNZIP_H

#include <stdbool.h>
#include <stddef.h>

struct gunzip;

struct gunzip *gunzip_new(void);
void gunzip_free(struct gunzip *g);
void gunzip_give(struct gunzip *g, unsigned char *bytes, size_t length);
/* Bytes written to out; 0: all that was given is taken, or it is damaged. */
size_t gunzip_take(struct gunzip *g, unsigned char *out, size_t room, bool *ret_bad);
/* The last member came to its end. */
bool gunzip_is_whole(const struct gunzip *g);

#endif
