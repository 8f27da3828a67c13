/* SPDX-License-Identifier: Apache-2.0 */
/*
 * csv: rows of Athena's CloudTrail table as the records they were.
 *
 * userIdentity is a struct there, printed as {type=IAMUser, arn=..., sessioncontext={...}}; names
 * of columns and members are in lower case. No name of a user or session can hold a space, so ", "
 * between members cannot be forged.
 */
#ifndef TRAIL_CSV_H
#define TRAIL_CSV_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* The columns of a first line; NULL if it is none of a CloudTrail table. New. */
json_t *csv_columns(const char *bytes, size_t length);
/* How many bytes the row takes with its line end; 0: it goes on. At the end of a file (last) the
 * line end may be missing. */
size_t csv_row_length(const char *bytes, size_t length, bool last);
/* The row as a record. New; NULL if it has other columns. */
json_t *csv_record(const json_t *columns, const char *bytes, size_t length);

#endif
