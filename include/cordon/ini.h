/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ini: the AWS CLI's configuration files, from bytes to sections.
 *
 * Pure. Reads what the CLI reads (botocore on Python's configparser), and refuses what it refuses:
 * a key or section given twice, a line without '=' or ':', text before the first section. Keys are
 * case-insensitive, a deeper indented line continues the value above it, '#' and ';' begin a
 * comment only at the start of a line, and what [DEFAULT] holds counts in every section. A value
 * that begins on the next line is nested: lines of `subkey = value`. A byte order mark is skipped.
 *
 * Values may be secrets: an error names the line and never shows it; ini_free() wipes.
 */
#ifndef CORDON_INI_H
#define CORDON_INI_H

#include <stdbool.h>
#include <stddef.h>

struct err;
struct ini;

enum { INI_MAX_BYTES = 1024 * 1024, INI_MAX_LINES = 100000 };

/* name is for errors (ERR_INPUT): "name:line: what is wrong". */
int ini_parse(const char *bytes, size_t length, const char *name, struct ini **ret_ini,
	      struct err *err);
void ini_free(struct ini *ini);

/* section is the text between the brackets, as it stands. key is lower case; subkey reaches into
 * a nested value, and is NULL for one that is not nested. NULL: none. */
const char *ini_value(const struct ini *ini, const char *section, const char *key,
		      const char *subkey);
bool ini_has_section(const struct ini *ini, const char *section);
/* The section of a kind ("profile", "services", "sso-session") with this name, which may be quoted
 * in the file as in a shell: [profile "my name"]; [default] is a profile too. Of several the last.
 * NULL: none. */
const char *ini_named_section(const struct ini *ini, const char *kind, const char *name);

#endif
