/* SPDX-License-Identifier: Apache-2.0 */
/*
 * secret: bytes that must never be shown and are wiped when freed.
 *
 * A struct secret does not print by accident: it is no char *. secret_malloc() and its family wipe
 * what they free; the program gives them to jansson, libcurl, libxml2 and OpenSSL at start-up, so
 * that the copies these libraries make are wiped too.
 */
#ifndef CORDON_SECRET_H
#define CORDON_SECRET_H

#include <stddef.h>

struct secret {
	char *bytes; /* NUL-terminated, or NULL */
	size_t length;
};

#define autosecret __attribute__((cleanup(secret_release)))

/* Replaces what s holds by a copy. */
void secret_set(struct secret *s, const char *bytes, size_t length);
void secret_release(struct secret *s);

void *secret_malloc(size_t size);
void *secret_calloc(size_t count, size_t size);
void *secret_realloc(void *p, size_t size);
char *secret_strdup(const char *text);
void secret_free(void *p);

#endif
