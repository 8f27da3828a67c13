// SPDX-License-Identifier: Apache-2.0
/* The list of known actions, shipped or given: a line each, with tabs. */
#include "internal.h"

#include "cordon/embedded.h"
#include "cordon/err.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_NAME = 200 };

static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:";

/* "s3:GetObject\tRead\tobject*": without the third column no policy may name its resource; a list
 * of names alone says nothing of that, and so any may. own: our list needs no second look. */
static bool read_line(char *line, size_t length, bool own, struct known_action *ret_action)
{
	char *tab = memchr(line, '\t', length);
	size_t name = tab ? (size_t)(tab - line) : length;
	const char *second = tab ? memchr(tab + 1, '\t', length - name - 1) : NULL;
	const char *colon = memchr(line, ':', name);

	if (!colon || colon == line || colon == line + name - 1 || name > MAX_NAME ||
	    (!own && strspn(line, allowed) < name))
		return false;
	ret_action->name = line;
	ret_action->has_resources = !second || second + 1 < line + length;
	line[name] = '\0';
	return true;
}

static size_t count_lines(const char *bytes, size_t length)
{
	size_t count = 1;

	for (size_t i = 0; i < length; i++)
		count += bytes[i] == '\n';
	return count;
}

/* A copy that names are cut out of, and room for a row from each line. */
static void actions_make(struct known_actions *actions, const char *bytes, size_t length)
{
	actions->text = calloc(1, length + 1);
	actions->rows = calloc(count_lines(bytes, length), sizeof(*actions->rows));
	actions->count = 0;
	if (!actions->text || !actions->rows)
		abort();
	memcpy(actions->text, bytes, length);
}

/* 0, or the number of the line that is none. */
static size_t read_lines(struct known_actions *actions, size_t length, bool own)
{
	char *line = actions->text;
	char *end = line + length;

	for (size_t number = 1; line < end; number++) {
		char *next = memchr(line, '\n', (size_t)(end - line));
		char *stop = next ? next : end;
		size_t size = (size_t)(stop - line);
		size -= size && stop[-1] == '\r';
		if (size && *line != '#') {
			if (!read_line(line, size, own, &actions->rows[actions->count]))
				return number;
			actions->count++;
		}
		line = stop + 1;
	}
	return 0;
}

int known_actions_read(const char *bytes, size_t length, const char *name,
		       struct known_actions *ret_actions, struct err *err)
{
	const struct embedded_file *shipped = embedded_find("src/reach/iam-actions.tsv");

	if (!bytes && !shipped)
		abort();
	struct known_actions actions = {.rows = NULL};
	actions_make(&actions, bytes ? bytes : shipped->bytes, bytes ? length : shipped->length);
	size_t bad = read_lines(&actions, bytes ? length : shipped->length, !bytes);
	if (bad) {
		known_actions_release(&actions);
		return err_set(err, ERR_INPUT, "%s:%zu: no service:Action", name, bad);
	}
	*ret_actions = actions;
	return 0;
}

void known_actions_release(struct known_actions *actions)
{
	free(actions->text);
	free(actions->rows);
	*actions = (struct known_actions){.rows = NULL};
}
