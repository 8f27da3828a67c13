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

struct aws_kept;
struct config;
struct err;
struct secret;

typedef const char *config_env(const char *name);

struct config_options {
	const char *profile;	  /* --profile, or NULL */
	const char *region;	  /* --region, or NULL */
	const char *endpoint_url; /* --endpoint-url, or NULL */
	const char *ca_bundle;	  /* --ca-bundle, or NULL */

	/* A role to take on, on top of what the search finds; NULL where it was not typed. */
	const char *assume_role, *external_id, *mfa_serial;
	const char *mfa_code_file; /* where the code of any MFA device is; NULL: ask */
	/* Asks a person for the code of this device; NULL: there is nobody. */
	int (*ask_code)(const char *serial, struct secret *ret_code, struct err *err);
	bool (*stopped)(void); /* a signal asked us to stop; NULL: none does */
	struct aws_kept *kept; /* see aws.h; NULL: nothing is kept */
};

enum config_from { CONFIG_FROM_BOTH, CONFIG_FROM_CONFIG, CONFIG_FROM_CREDENTIALS };
enum config_retry_mode { CONFIG_RETRY_STANDARD, CONFIG_RETRY_ADAPTIVE, CONFIG_RETRY_LEGACY };

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
/* The same of any profile; of both files' the credentials file's. */
bool config_has_profile(const struct config *config, const char *profile);
const char *config_value_of(const struct config *config, const char *profile, enum config_from from,
			    const char *key);
/* A setting of environment variable or profile key. NULL: neither, or "". */
const char *config_setting(const struct config *config, const char *variable, const char *key);
/* The config or the credentials file's name, and why it could not be read (NULL: it was, or there
 * is none). */
const char *config_path(const struct config *config, bool credentials);
const char *config_unreadable(const struct config *config, bool credentials);
/* A key in [section] of the config file, e.g. ("services x", "iam.endpoint_url"). NULL: none. */
const char *config_section_value(const struct config *config, const char *section, const char *key);

bool config_has_section(const struct config *config, const char *kind, const char *name);
/* A path of the CLI's with its ~ and variables put in; the caller frees. NULL: too long. */
char *config_home_path(const struct config *config, const char *path);
/* What was typed. */
const struct config_options *config_typed(const struct config *config);

const char *config_region(const struct config *config);	   /* NULL if none is configured */
const char *config_ca_bundle(const struct config *config); /* NULL: the system's */
long config_max_attempts(const struct config *config);	   /* default 3 */
enum config_retry_mode config_retry_mode(const struct config *config); /* default standard */
bool config_fips(const struct config *config);
bool config_dualstack(const struct config *config);
/* The endpoint URL configured for a service id ("IAM", "STS"), NULL if none. typed: by
 * --endpoint-url. -1 with ERR_CREDENTIALS if the profile names a services section that is not
 * there. */
int config_endpoint_url(const struct config *config, const char *service_id, const char **ret_url,
			bool *ret_typed, struct err *err);
/* The same without --endpoint-url: for services that are no part of AWS's IAM. */
int config_configured_url(const struct config *config, const char *service_id, const char **ret_url,
			  struct err *err);
/* Warnings for the user (a credentials file that others can read, a file that we may not read);
 * NULL after the last. */
const char *config_warning(const struct config *config, size_t i);

#endif
