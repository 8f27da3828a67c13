/* SPDX-License-Identifier: Apache-2.0 */
/*
 * driver: a program for the tests in tests/live. It reads one JSON object a line and prints one
 * JSON object a line.
 */
#ifndef TESTS_DRIVER_H
#define TESTS_DRIVER_H

#include "cordon/err.h"
#include "cordon/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* answer() gives what is printed for a line. */
static inline int driver_run(json_t *answer(const json_t *line))
{
	struct err err = ERR_INIT;
	char *text = NULL;
	size_t size = 0;
	ssize_t length = 0;

	while ((length = getline(&text, &size, stdin)) > 0) {
		json_t *line = jx_read(text, (size_t)length, "line", &err);

		if (!line) {
			fprintf(stderr, "%s\n", err.message);
			free(text);
			return 2;
		}
		json_t *result = answer(line);
		char *printed = jx_compact(result);
		puts(printed);
		free(printed);
		json_decref(result);
		json_decref(line);
	}
	free(text);
	return 0;
}

static inline json_t *driver_error(const struct err *err)
{
	return jx_pack("{s:{s:s, s:o}}", "error", "code", err_code_name(err->code), "message",
		       jx_string(err->message));
}

#endif
