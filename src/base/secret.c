// SPDX-License-Identifier: Apache-2.0
#include "cordon/secret.h"

#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* How much there is to wipe, the C library knows. So free() takes these blocks as well; it only
 * does not wipe them. */
void *secret_malloc(size_t size)
{
	return malloc(size);
}

void *secret_calloc(size_t count, size_t size)
{
	return calloc(count, size);
}

void *secret_realloc(void *p, size_t size)
{
	if (!p)
		return secret_malloc(size);
	if (!size) {
		secret_free(p);
		return NULL;
	}
	size_t old = malloc_usable_size(p);
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
	explicit_bzero(p, malloc_usable_size(p));
	free(p);
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
