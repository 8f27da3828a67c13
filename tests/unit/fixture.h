/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of the pure rooms share: JSON written with ' for ", shipped files, small helpers.
 */
#ifndef TESTS_UNIT_FIXTURE_H
#define TESTS_UNIT_FIXTURE_H

#include "cordon/account.h"
#include "cordon/embedded.h"
#include "cordon/err.h"
#include "cordon/json.h"
#include "cordon/playbook.h"
#include "tap.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))
#define UNUSED __attribute__((unused))

/* A test that cannot go on says why and ends: prove sees that the plan is missing. */
static UNUSED void bail(const char *what, const char *why)
{
	printf("Bail out! %s: %s\n", what, why);
	exit(1);
}

/* The caller frees. */
static UNUSED char *quoted(const char *text)
{
	char *copy = strdup(text);

	for (char *at = copy; *at; at++)
		*at = *at == '\'' ? '"' : *at;
	return copy;
}

static UNUSED json_t *js(const char *text)
{
	json_error_t error = {0};
	char *json = quoted(text);
	json_t *value = json_loads(json, JSON_DECODE_ANY, &error);

	free(json);
	if (!value)
		bail(text, error.text);
	return value;
}

/* JSON_EQ() with a value that is written with ' for ". */
#define JS_EQ(got, want, ...)                      \
	do {                                       \
		char *want__ = quoted(want);       \
		JSON_EQ(got, want__, __VA_ARGS__); \
		free(want__);                      \
	} while (0)

static UNUSED json_t *read_account(const char *text)
{
	struct err err = ERR_INIT;
	json_t *account = NULL;
	char *json = quoted(text);

	if (account_read(json, strlen(json), "test", &account, &err))
		bail(text, err.message);
	free(json);
	return account;
}

static UNUSED json_t *demo_account(void)
{
	const struct embedded_file *file = embedded_find("playbooks/demo/breached-account.json");
	struct err err = ERR_INIT;
	json_t *account = NULL;

	if (!file || account_read(file->bytes, file->length, file->path, &account, &err))
		bail("the demo account", file ? err.message : "it is not there");
	return account;
}

/* Playbooks that use others find the shipped ones. */
static UNUSED int find_shipped(const struct playbook_library *library, const char *name,
			       struct playbook **ret_playbook, struct err *err)
{
	char path[128];

	snprintf(path, sizeof(path), "playbooks/%s.json", name);
	const struct embedded_file *file = embedded_find(path);
	if (!file)
		return err_set(err, ERR_NOT_FOUND, "no playbook is called '%s'", name);
	return playbook_read(file->bytes, file->length, path, library, ret_playbook, err);
}

static UNUSED const struct playbook_library shipped_library = {.find = find_shipped};

static UNUSED struct playbook *shipped_playbook(const char *name)
{
	struct playbook *playbook = NULL;
	struct err err = ERR_INIT;
	char path[128];

	snprintf(path, sizeof(path), "playbooks/%s.json", name);
	const struct embedded_file *file = embedded_find(path);
	if (!file ||
	    playbook_read(file->bytes, file->length, path, &shipped_library, &playbook, &err))
		bail(path, file ? err.message : "it is not there");
	return playbook;
}

/* The playbooks among the embedded files: those right below playbooks/, without the schema. */
static UNUSED bool is_shipped_playbook(const char *path)
{
	return strncmp(path, "playbooks/", 10) == 0 && !strchr(path + 10, '/') &&
	       !strstr(path, ".schema.");
}

static UNUSED bool begins(const char *text, const char *want)
{
	return strncmp(text, want, strlen(want)) == 0;
}

#define HAS(text, want, ...)                                         \
	do {                                                         \
		const char *text_ = (text), *want_ = (want);         \
		if (!OK(text_ && strstr(text_, want_), __VA_ARGS__)) \
			tap_diff(text_, want_);                      \
	} while (0)

#endif
