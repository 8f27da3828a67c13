/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json: jansson with our limits. Foreign documents are read strictly: bounded size, bounded depth,
 * duplicate keys refused, errors with name, line and column.
 *
 * jansson's own words apply: functions return new references unless they say "borrowed".
 * Out of memory aborts (json_or_die): the journal makes a crash as harmless as a power cut.
 */
#ifndef CORDON_JSON_H
#define CORDON_JSON_H

#include "cordon/hash.h"

#include <jansson.h>
#include <stdbool.h>

struct err;

enum { JX_MAX_DEPTH = 64 };

/* Parses length bytes. name is for messages ("playbook 'x.json'"). NULL and err on failure. */
json_t *jx_read(const char *bytes, size_t length, const char *name, struct err *err);

/* The same bounds, but duplicate keys are taken as IAM takes them; NULL without a reason. */
json_t *jx_read_lenient(const char *bytes, size_t length);

/* The string, or NULL if v is not an object, has no such key, or it is no string. Borrowed. */
const char *jx_text(const json_t *v, const char *key);
/* Follows keys down to NULL: jx_at(v, "a", "b", NULL). Borrowed, or NULL. */
json_t *jx_at(const json_t *v, ...) __attribute__((sentinel));
/* The first element of array whose member key is the string value. Borrowed; index may be NULL. */
json_t *jx_find(const json_t *array, const char *key, const char *value, size_t *ret_index);
/* Adds a string to an array unless it is there already. */
void jx_add_unique(json_t *array, const char *value);
bool jx_contains(const json_t *array, const char *value);

/* Compact; sorted by key where asked. The caller frees. Never NULL. */
char *jx_compact(const json_t *v);
char *jx_sorted(const json_t *v);
/* Lower-case hex SHA-256 of jx_sorted(). */
void jx_digest(const json_t *v, char ret_hex[static HASH_HEX_SIZE]);

/* json_pack and the setters, but aborting where they return NULL or -1: also for a string that is
 * not UTF-8. One that may not be is packed as "o" with jx_string(). */
json_t *jx_pack(const char *format, ...) __attribute__((returns_nonnull));
json_t *jx_copy(const json_t *v) __attribute__((returns_nonnull)); /* deep */
/* A new string; bytes that are not UTF-8 become U+FFFD. NULL gives JSON null. */
json_t *jx_string(const char *text) __attribute__((returns_nonnull));
void jx_set(json_t *object, const char *key, json_t *stolen);
void jx_push(json_t *array, json_t *stolen);

#endif
