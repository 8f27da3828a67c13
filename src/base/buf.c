// SPDX-License-Identifier: Apache-2.0
#include "cordon/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* realloc() would leave an unwiped copy behind, so growing is copy, wipe, free. */
static bool grow(struct buf *b, size_t need)
{
	size_t capacity = b->capacity ? b->capacity : 128;

	if (need > b->max)
		return false;
	while (capacity < need + 1)
		capacity = capacity > b->max / 2 ? b->max + 1 : capacity * 2;
	char *data = malloc(capacity);
	if (!data)
		return false;
	if (b->data) {
		memcpy(data, b->data, b->length);
		explicit_bzero(b->data, b->capacity);
		free(b->data);
	}
	b->data = data;
	b->capacity = capacity;
	return true;
}

void buf_add_bytes(struct buf *b, const void *bytes, size_t length)
{
	if (b->failed)
		return;
	if (length > b->max - b->length) {
		b->failed = true;
		return;
	}
	if (b->length + length + 1 > b->capacity && !grow(b, b->length + length)) {
		b->failed = true;
		return;
	}
	if (length)
		memcpy(b->data + b->length, bytes, length);
	b->length += length;
	b->data[b->length] = '\0';
}

void buf_add(struct buf *b, const char *text)
{
	buf_add_bytes(b, text, strlen(text));
}

void buf_addf(struct buf *b, const char *format, ...)
{
	char small[512];
	va_list args;

	va_start(args, format);
	int n = vsnprintf(small, sizeof(small), format, args);
	va_end(args);
	if (n < 0) {
		b->failed = true;
		return;
	}
	if ((size_t)n < sizeof(small)) {
		buf_add_bytes(b, small, (size_t)n);
		return;
	}
	char *large = malloc((size_t)n + 1);
	if (!large) {
		b->failed = true;
		return;
	}
	va_start(args, format);
	n = vsnprintf(large, (size_t)n + 1, format, args);
	va_end(args);
	if (n >= 0)
		buf_add_bytes(b, large, (size_t)n);
	free(large);
}

const char *buf_text(const struct buf *b)
{
	return b->data ? b->data : "";
}

char *buf_steal(struct buf *b)
{
	if (b->failed)
		return NULL;
	if (!b->data)
		return strdup("");
	char *data = b->data;
	b->data = NULL;
	b->length = b->capacity = 0;
	return data;
}

void buf_release(struct buf *b)
{
	if (b->data) {
		explicit_bzero(b->data, b->capacity);
		free(b->data);
	}
	b->data = NULL;
	b->length = b->capacity = 0;
}
