/* SPDX-License-Identifier: Apache-2.0 */
/*
 * text: times, durations, percent-encoding, and foreign text made harmless.
 *
 * Pure. Times are seconds since 1970 UTC. Parsers return 0, or -1 with nothing written. A text that
 * is NULL (a member that was not there) is of no form, equals nothing and begins with nothing.
 */
#ifndef CORDON_TEXT_H
#define CORDON_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

struct buf;

enum { TEXT_TIME_SIZE = 21, TEXT_COMPACT_SIZE = 17 };

/* 2026-07-14T10:15:00Z, and the form of X-Amz-Date and of our Sids: 20260714T101500Z.
 * Times outside the years 1970 to 9999 are printed as the nearest of these. */
void text_time(time_t at, char ret_text[static TEXT_TIME_SIZE]);
void text_time_compact(time_t at, char ret_text[static TEXT_COMPACT_SIZE]);

/* RFC 3339 with optional fraction and offset (2026-07-14T10:15:00.123+02:00), or compact. */
int text_parse_time(const char *text, time_t *ret_at);
/* The IMF-fixdate of an HTTP Date header: "Sun, 06 Nov 1994 08:49:37 GMT". */
int text_parse_http_date(const char *text, time_t *ret_at);
/* 90s 10m 36h 2d: a number and its unit; at most 10 years. */
int text_parse_duration(const char *text, long *ret_seconds);
/* A whole decimal number from min to max; nothing before or after it. */
int text_parse_number(const char *text, long min, long max, long *ret_number);

bool text_equal(const char *a, const char *b);	      /* either may be NULL: then false */
bool text_equal_nocase(const char *a, const char *b); /* ASCII; idem */
bool text_has_prefix(const char *text, const char *prefix);
bool text_has_suffix(const char *text, const char *suffix);
/* Every byte of text is in allowed ("A-Za-z0-9" is spelled out by the caller). */
bool text_only(const char *text, const char *allowed);

/* RFC 3986: everything but A-Za-z0-9-._~ becomes %XX. Decoding leaves '+' alone, and fails on
 * a broken %XX or on %00. */
void text_percent_encode(struct buf *out, const char *bytes, size_t length);
int text_percent_decode(struct buf *out, const char *bytes, size_t length);

/* The length of the well-formed UTF-8 sequence that bytes begins with, 1 to 4, or 0. */
size_t text_utf8(const char *bytes, size_t length, uint32_t *ret_char);

/* Text from AWS, logs or files for a human's eyes: control bytes, invalid UTF-8, bidirectional
 * and zero-width characters become \xNN or \u{NNNN}. No newline survives. */
void text_escape(struct buf *out, const char *text);

/* Characters that are not white space, as IAM counts the size of a policy document. White space
 * within JSON strings is counted: AWS does not say, and too large is the safe answer. */
size_t text_policy_size(const char *document);

#endif
