/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tap: a unit test prints what it found, `prove` counts. A failed check does not end the program.
 *
 *     OK(n > 0, "%s: takes it", row->name);
 *     STR_EQ(buf_text(&b), row->want, "%s", row->name);
 *     return tap_done();
 */
#ifndef TESTS_TAP_H
#define TESTS_TAP_H

#include <jansson.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int tap_count, tap_failed;

__attribute__((format(printf, 4, 5))) static inline bool tap_ok(bool good, const char *file,
								int line, const char *format, ...)
{
	va_list args;

	printf("%s %d - ", good ? "ok" : "not ok", ++tap_count);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	if (!good)
		printf("\n# at %s:%d", file, line);
	putchar('\n');
	tap_failed += !good;
	return good;
}

static inline void tap_diff(const char *got, const char *want)
{
	printf("#  got: %s\n# want: %s\n", got ? got : "(null)", want ? want : "(null)");
}

static inline bool tap_same(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

/* Compares as values: the order of keys does not count. The texts that are shown are sorted. */
static inline void tap_json(bool *ret_good, const json_t *got, const char *want, char *ret_texts[2])
{
	json_t *v = want ? json_loads(want, JSON_DECODE_ANY, NULL) : NULL;

	*ret_good = (!got && !want) || (v && json_equal(got, v));
	ret_texts[0] = got ? json_dumps(got, JSON_ENCODE_ANY | JSON_SORT_KEYS) : NULL;
	ret_texts[1] = v ? json_dumps(v, JSON_ENCODE_ANY | JSON_SORT_KEYS) : NULL;
	json_decref(v);
}

/* Prints the plan; main() returns it. */
static inline int tap_done(void)
{
	printf("1..%d\n", tap_count);
	return tap_failed != 0;
}

#define OK(condition, ...) tap_ok((condition), __FILE__, __LINE__, __VA_ARGS__)
#define STR_EQ(a, b, ...)                                    \
	do {                                                 \
		const char *got_ = (a), *want_ = (b);        \
		if (!OK(tap_same(got_, want_), __VA_ARGS__)) \
			tap_diff(got_, want_);               \
	} while (0)
#define INT_EQ(a, b, ...)                                                    \
	do {                                                                 \
		long long got_ = (long long)(a), want_ = (long long)(b);     \
		if (!OK(got_ == want_, __VA_ARGS__))                         \
			printf("#  got: %lld\n# want: %lld\n", got_, want_); \
	} while (0)
/* got: a json_t * (borrowed); want: JSON text. NULL equals NULL. */
#define JSON_EQ(got, want, ...)                          \
	do {                                             \
		char *texts_[2];                         \
		bool good_;                              \
		tap_json(&good_, (got), (want), texts_); \
		if (!OK(good_, __VA_ARGS__))             \
			tap_diff(texts_[0], texts_[1]);  \
		free(texts_[0]);                         \
		free(texts_[1]);                         \
	} while (0)

#endif
