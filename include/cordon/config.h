/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config: the AWS CLI's files and environment variables, and the precedence between them.
 *
 *     config_open(&options, getenv-like function, &config, err)
 *     config_get(config, SETTING...)          command line > environment > profile
 *
 * The files are parsed as the CLI does (profiles, services and sso-session sections, nested keys,
 * comments, continuation lines). The environment is asked through a function, so tests bring
 * theirs. Missing files are no error; a profile that was asked for and is nowhere is
 * ERR_CREDENTIALS, and a file that the CLI would refuse is ERR_INPUT.
 */
#ifndef CORDON_CONFIG_H
#define CORDON_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

struct config;
struct err;

typedef const char *config_env(const char *name);

struct config_options {
	const char *profile;	  /* --profile, or NULL */
	const char *region;	  /* --region, or NULL */
	const char *endpoint_url; /* --endpoint-url, or NULL */
	const char *ca_bundle;	  /* --ca-bundle, or NULL */
};

int config_open(const struct config_options *options, config_env *env, struct config **ret_config,
		struct err *err);
void config_free(struct config *config);

/* The profile in force and whether the command line named it (then environment keys do not count).
 */
const char *config_profile(const struct config *config);
bool config_profile_typed(const struct config *config);

const char *config_env_value(const struct config *config,
			     const char *name); /* NULL if unset or "" */
/* A key of the profile in force; from the credentials file first where `credentials`. NULL: none.
 */
const char *config_profile_value(const struct config *config, const char *key, bool credentials);
/* The same from the credentials file alone. */
const char *config_credentials_value(const struct config *config, const char *key);
/* The config or the credentials file's name, and why it could not be read (NULL: it was, or there
 * is none). */
const char *config_path(const struct config *config, bool credentials);
const char *config_unreadable(const struct config *config, bool credentials);
/* A key in [section] of the config file, e.g. ("services x", "iam.endpoint_url"). NULL: none. */
const char *config_section_value(const struct config *config, const char *section, const char *key);

const char *config_region(const struct config *config);	   /* NULL if none is configured */
const char *config_ca_bundle(const struct config *config); /* NULL: the system's */
long config_max_attempts(const struct config *config);	   /* default 3 */
bool config_fips(const struct config *config);
bool config_dualstack(const struct config *config);
/* The endpoint URL configured for a service id ("IAM", "STS"), NULL if none. typed: by
 * --endpoint-url. -1 with ERR_CREDENTIALS if the profile names a services section that is not
 * there. */
int config_endpoint_url(const struct config *config, const char *service_id, const char **ret_url,
			bool *ret_typed, struct err *err);
/* Warnings for the user (a credentials file that others can read, a file that we may not read);
 * NULL after the last. */
const char *config_warning(const struct config *config, size_t i);

#endif
