// SPDX-License-Identifier: Apache-2.0
#include "cordon/secret.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Stands before every block, so that freeing knows how much to wipe. */
union prefix {
	size_t size;
	max_align_t align;
};

void *secret_malloc(size_t size)
{
	size_t whole = 0;

	if (__builtin_add_overflow(size, sizeof(union prefix), &whole))
		return NULL;
	union prefix *block = malloc(whole);
	if (!block)
		return NULL;
	block->size = size;
	return block + 1;
}

void *secret_calloc(size_t count, size_t size)
{
	size_t whole = 0;

	if (__builtin_mul_overflow(count, size, &whole))
		return NULL;
	void *p = secret_malloc(whole);
	if (p)
		memset(p, 0, whole);
	return p;
}

void *secret_realloc(void *p, size_t size)
{
	if (!p)
		return secret_malloc(size);
	if (!size) {
		secret_free(p);
		return NULL;
	}
	size_t old = ((union prefix *)p - 1)->size;
	void *fresh = secret_malloc(size);
	if (!fresh)
		return NULL;
	memcpy(fresh, p, old < size ? old : size);
	secret_free(p);
	return fresh;
}

char *secret_strdup(const char *text)
{
	size_t size = strlen(text) + 1;
	char *copy = secret_malloc(size);

	if (copy)
		memcpy(copy, text, size);
	return copy;
}

void secret_free(void *p)
{
	if (!p)
		return;
	union prefix *block = (union prefix *)p - 1;
	explicit_bzero(p, block->size);
	free(block);
}

void secret_set(struct secret *s, const char *bytes, size_t length)
{
	/* Copied before the old bytes go: they may be the same. */
	char *copy = length < SIZE_MAX ? secret_malloc(length + 1) : NULL;

	if (!copy)
		abort();
	if (length)
		memcpy(copy, bytes, length);
	copy[length] = '\0';
	secret_release(s);
	s->bytes = copy;
	s->length = length;
}

void secret_release(struct secret *s)
{
	secret_free(s->bytes);
	s->bytes = NULL;
	s->length = 0;
}
