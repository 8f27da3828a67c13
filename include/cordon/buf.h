/* SPDX-License-Identifier: Apache-2.0 */
/*
 * buf: a growing string of bytes with the largest size it may reach.
 *
 *     autobuf struct buf b = BUF_INIT(65536);
 *     buf_add(&b, "Action="); buf_addf(&b, "%d", n);
 *     if (b.failed) ...                   checked once, at the end
 *
 * data is NUL-terminated whenever it is not NULL; use buf_text() for a string that never is.
 * Reaching max (or running out of memory) sets `failed`, and every later call does nothing.
 * buf_release() wipes what was held: buffers carry tokens and request bodies.
 */
#ifndef CORDON_BUF_H
#define CORDON_BUF_H

#include <stdbool.h>
#include <stddef.h>

struct buf {
	char *data;
	size_t length;
	size_t capacity;
	size_t max; /* bytes, without the closing NUL */
	bool failed;
};

#define BUF_INIT(limit)        \
	{                      \
		.max = (limit) \
	}
#define autobuf __attribute__((cleanup(buf_release)))

void buf_add(struct buf *b, const char *text);
void buf_add_bytes(struct buf *b, const void *bytes, size_t length);
void buf_addf(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
const char *buf_text(const struct buf *b) __attribute__((returns_nonnull));

/* Hands the string over to the caller (free it); b is empty again. NULL if b failed. */
char *buf_steal(struct buf *b);
void buf_release(struct buf *b);

#endif
