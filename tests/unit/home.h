/* SPDX-License-Identifier: Apache-2.0 */
/*
 * home: an environment and a home folder of a test's own.
 *
 *     home_begin(); home_set("AWS_PROFILE", "x"); home_write(".aws/config", text, 0600);
 *     config_open(&options, home_env, ...)
 *     home_end();
 */
#ifndef TESTS_HOME_H
#define TESTS_HOME_H

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { HOME_VARIABLES = 16 };

static char home_folder[64];
static struct {
	const char *name, *value;
} home_variables[HOME_VARIABLES];

static inline const char *home_env(const char *name)
{
	for (size_t i = 0; i < HOME_VARIABLES; i++) {
		if (home_variables[i].name && strcmp(home_variables[i].name, name) == 0)
			return home_variables[i].value;
	}
	return NULL;
}

static inline void home_set(const char *name, const char *value)
{
	size_t i = 0;

	while (i < HOME_VARIABLES - 1 && home_variables[i].name &&
	       strcmp(home_variables[i].name, name) != 0)
		i++;
	home_variables[i].name = name;
	home_variables[i].value = value;
}

static inline void home_begin(void)
{
	char path[128];

	memset(home_variables, 0, sizeof(home_variables));
	snprintf(home_folder, sizeof(home_folder), "/tmp/cordon-test-XXXXXX");
	if (!mkdtemp(home_folder))
		abort();
	snprintf(path, sizeof(path), "%s/.aws", home_folder);
	if (mkdir(path, 0700))
		abort();
	home_set("HOME", home_folder);
}

/* The path; valid until the next call. NULL as text writes nothing. */
static inline const char *home_write(const char *name, const char *text, mode_t mode)
{
	static char path[192];

	snprintf(path, sizeof(path), "%s/%s", home_folder, name);
	if (!text)
		return path;
	FILE *file = fopen(path, "we");
	if (!file || fputs(text, file) < 0 || fclose(file) || chmod(path, mode))
		abort();
	return path;
}

static inline int home_remove(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static inline void home_end(void)
{
	nftw(home_folder, home_remove, 16, FTW_DEPTH | FTW_PHYS);
}

#endif
