// SPDX-License-Identifier: Apache-2.0
#include "cordon/secret.h"
#include "tap.h"

#include <stdint.h>

static void test_set(void)
{
	autosecret struct secret s = {0};

	secret_set(&s, "key\0tail", 8);
	OK(s.length == 8 && memcmp(s.bytes, "key\0tail", 9) == 0,
	   "bytes may be zero, a NUL follows");
	secret_set(&s, s.bytes, 3);
	OK(s.length == 3 && strcmp(s.bytes, "key") == 0, "set from its own bytes");
	secret_set(&s, NULL, 0);
	STR_EQ(s.bytes, "", "an empty secret is a text");
	secret_release(&s);
	secret_release(&s);
	OK(!s.bytes && !s.length, "releasing twice is harmless");
}

static void test_allocator(void)
{
	unsigned char *p = secret_calloc(3, 5);
	int sum = 0;

	for (int i = 0; p && i < 15; i++)
		sum += p[i];
	OK(p && sum == 0, "secret_calloc clears");
	OK((uintptr_t)p % _Alignof(max_align_t) == 0, "what it gives is aligned");
	memcpy(p, "0123456789abcde", 15);
	p = secret_realloc(p, 100000);
	OK(p && memcmp(p, "0123456789abcde", 15) == 0, "growing keeps the bytes");
	p = secret_realloc(p, 4);
	OK(p && memcmp(p, "0123", 4) == 0, "shrinking keeps the first ones");
	OK(!secret_realloc(p, 0), "to nothing is freeing");
	p = secret_realloc(NULL, 4);
	OK(p, "from nothing is allocating");
	secret_free(p);
	secret_free(NULL);
	char *text = secret_strdup("abc");
	STR_EQ(text, "abc", "secret_strdup copies");
	secret_free(text);
	void *empty = secret_malloc(0);
	OK(empty, "no bytes are a block too");
	secret_free(empty);
}

static void test_overflow(void)
{
	/* volatile: the compiler would see what is asked here. */
	volatile size_t huge = SIZE_MAX;

	OK(!secret_calloc(huge / 2, 3), "a product that overflows is refused");
	OK(!secret_malloc(huge - 1), "a sum that overflows is refused");
	char *p = secret_strdup("kept");
	OK(p && !secret_realloc(p, huge - 1), "so is growing to it");
	STR_EQ(p, "kept", "which leaves the block alone");
	secret_free(p);
}

/* What is freed is handed out again first, so its bytes can be looked for there. (Not so under a
 * sanitizer, which keeps freed blocks back.) */
static void test_wiping(void)
{
	char *p = secret_malloc(1000);

	memset(p, 'S', 1000);
	p = secret_realloc(p, 3000);
	memset(p, 'S', 3000);
	secret_free(p);
	for (size_t size = 1000; size <= 3000; size += 2000) {
		char *volatile again = malloc(size);

		OK(again && !memmem(again, size, "SSSS", 4), "%zu freed bytes are wiped", size);
		free(again);
	}
}

int main(void)
{
	test_set();
	test_allocator();
	test_overflow();
	test_wiping();
	return tap_done();
}
