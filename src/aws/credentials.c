// SPDX-License-Identifier: Apache-2.0
#include "cordon/credentials.h"

#include "cordon/buf.h"
#include "cordon/config.h"
#include "cordon/err.h"
#include "cordon/text.h"

#include <stdio.h>
#include <string.h>

enum { KEY_ID_MAX = 128, SECRET_MAX = 1024, TOKEN_MAX = 16 * 1024, LACKS_MAX = 900 };

static const char key_id_letters[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

struct provider;

/* What a provider gets and leaves: found credentials, or what it lacks. */
struct search {
	const struct config *config;
	const struct provider *provider;
	struct credentials found;
	bool is_found;
	struct buf lacks;
};

/*
 * One row for each place that credentials can come from. find() is 0 with search->is_found or with
 * a line in search->lacks, or -1 with err: the place is configured and cannot deliver, and the
 * search ends there, because the next place would be another identity.
 */
struct provider {
	const char *name;
	int (*find)(struct search *search, struct err *err);
	bool not_for_typed_profile;	/* --profile means the profile, not the environment */
	const char *keys[2];		/* profile keys, either of which says: look here */
	const char *not_with;		/* unless this key is there too */
	const char *variables[2];	/* environment variables that say so */
	bool variables_not_for_profile; /* but not where --profile was typed */
	const char *what;		/* where they come from, for its error */
};

static int find_environment(struct search *search, struct err *err);
static int refuse_unreadable(struct search *search, struct err *err);
static int find_credentials_file(struct search *search, struct err *err);
static int find_config_file(struct search *search, struct err *err);
static int refuse_unsupported(struct search *search, struct err *err);
static int find_nothing(struct search *search, struct err *err);

/* The CLI's order. */
static const struct provider providers[] = {
	{
		.name = "environment",
		.find = find_environment,
		.not_for_typed_profile = true,
	},
	{
		.name = "files",
		.find = refuse_unreadable,
	},
	{
		.name = "assumed role",
		.find = refuse_unsupported,
		.keys = {"role_arn"},
		.not_with = "web_identity_token_file",
		.what = "assuming a role",
	},
	{
		.name = "web identity",
		.find = refuse_unsupported,
		.keys = {"web_identity_token_file"},
		.variables = {"AWS_WEB_IDENTITY_TOKEN_FILE"},
		.variables_not_for_profile = true,
		.what = "assuming a role with a web identity",
	},
	{
		.name = "IAM Identity Center",
		.find = refuse_unsupported,
		.keys = {"sso_account_id", "sso_role_name"},
		.what = "IAM Identity Center (SSO)",
	},
	{
		.name = "credentials file",
		.find = find_credentials_file,
	},
	{
		.name = "login",
		.find = refuse_unsupported,
		.keys = {"login_session"},
		.what = "'aws login'",
	},
	{
		.name = "process",
		.find = refuse_unsupported,
		.keys = {"credential_process"},
		.what = "a program",
	},
	{
		.name = "config file",
		.find = find_config_file,
	},
	{
		.name = "container",
		.find = refuse_unsupported,
		.variables = {"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
			      "AWS_CONTAINER_CREDENTIALS_FULL_URI"},
		.what = "the container's credential service",
	},
	{
		.name = "instance metadata",
		.find = find_nothing,
	},
};

/* A static key as it stands in the environment or in a file: borrowed, any part may be NULL. */
struct static_key {
	const char *id, *id_name;
	const char *secret, *secret_name;
	const char *token, *token_name;
	const char *place;
};

static bool is_printable(const char *value)
{
	for (; *value; value++) {
		if (*value <= ' ' || *value > '~')
			return false;
	}
	return true;
}

static int check_value(const struct static_key *key, const char *value, const char *name,
		       size_t max, struct err *err)
{
	if (!value || !*value)
		return err_set(err, ERR_CREDENTIALS, "partial credentials in %s: %s is missing",
			       key->place, name);
	if (strlen(value) > max)
		return err_set(err, ERR_CREDENTIALS, "%s in %s is longer than %zu bytes", name,
			       key->place, max);
	if (!is_printable(value))
		return err_set(err, ERR_CREDENTIALS,
			       "%s in %s holds white space or a control character (a comment after "
			       "a value is part of it)",
			       name, key->place);
	return 0;
}

/* The key id goes into a header beside ',' and '/', so it is held to its own letters. */
static int check_key(const struct static_key *key, struct err *err)
{
	if (check_value(key, key->id, key->id_name, KEY_ID_MAX, err) ||
	    check_value(key, key->secret, key->secret_name, SECRET_MAX, err))
		return -1;
	if (key->token && *key->token &&
	    check_value(key, key->token, key->token_name, TOKEN_MAX, err))
		return -1;
	if (!text_only(key->id, key_id_letters))
		return err_set(err, ERR_CREDENTIALS, "%s in %s is not an access key id",
			       key->id_name, key->place);
	return 0;
}

static int take_key(struct search *search, const struct static_key *key, struct err *err)
{
	struct credentials *found = &search->found;

	if (check_key(key, err))
		return -1;
	snprintf(found->access_key_id, sizeof(found->access_key_id), "%s", key->id);
	secret_set(&found->secret_key, key->secret, strlen(key->secret));
	if (key->token && *key->token)
		secret_set(&found->token, key->token, strlen(key->token));
	snprintf(found->source, sizeof(found->source), "%s", key->place);
	search->is_found = true;
	return 0;
}

static int lacks(struct search *search, const char *what)
{
	buf_addf(&search->lacks, "; %s: %s", search->provider->name, what);
	return 0;
}

static int find_environment(struct search *search, struct err *err)
{
	const struct config *config = search->config;
	const char *expires = config_env_value(config, "AWS_CREDENTIAL_EXPIRATION");
	/* The old name first, as the CLI does. */
	const char *old_token = config_env_value(config, "AWS_SECURITY_TOKEN");
	struct static_key key = {
		.id = config_env_value(config, "AWS_ACCESS_KEY_ID"),
		.id_name = "AWS_ACCESS_KEY_ID",
		.secret = config_env_value(config, "AWS_SECRET_ACCESS_KEY"),
		.secret_name = "AWS_SECRET_ACCESS_KEY",
		.token = old_token ? old_token : config_env_value(config, "AWS_SESSION_TOKEN"),
		.token_name = old_token ? "AWS_SECURITY_TOKEN" : "AWS_SESSION_TOKEN",
		.place = "environment",
	};

	if (!key.id)
		return lacks(search, "AWS_ACCESS_KEY_ID is not set");
	if (take_key(search, &key, err))
		return -1;
	if (expires && text_parse_time(expires, &search->found.expires))
		return err_set(err, ERR_CREDENTIALS,
			       "AWS_CREDENTIAL_EXPIRATION in environment is not a time");
	return 0;
}

typedef const char *value_in_profile(const struct config *config, const char *key);

static const char *config_file_value(const struct config *config, const char *key)
{
	return config_profile_value(config, key, false);
}

/* No place, but the end of the search: a file that is there and cannot be read may hold the
 * identity that is meant. */
static int refuse_unreadable(struct search *search, struct err *err)
{
	const char *why = config_unreadable(search->config, false);

	if (!why)
		why = config_unreadable(search->config, true);
	return why ? err_set(err, ERR_CREDENTIALS, "%s", why) : 0;
}

static int find_in_profile(struct search *search, value_in_profile *value, bool credentials,
			   struct err *err)
{
	const struct config *config = search->config;
	const char *old_token = value(config, "aws_security_token");
	char place[sizeof(search->found.source)];
	struct static_key key = {
		.id = value(config, "aws_access_key_id"),
		.id_name = "aws_access_key_id",
		.secret = value(config, "aws_secret_access_key"),
		.secret_name = "aws_secret_access_key",
		.token = old_token ? old_token : value(config, "aws_session_token"),
		.token_name = old_token ? "aws_security_token" : "aws_session_token",
		.place = place,
	};

	int n = snprintf(place, sizeof(place), "profile '%s' in %s", config_profile(config),
			 config_path(config, credentials));
	if (n < 0 || (size_t)n >= sizeof(place))
		memcpy(place + sizeof(place) - 4, "...", 4);
	if (key.id)
		return take_key(search, &key, err);
	buf_addf(&search->lacks, "; %s: no aws_access_key_id in %s", search->provider->name, place);
	return 0;
}

static int find_credentials_file(struct search *search, struct err *err)
{
	return find_in_profile(search, config_credentials_value, true, err);
}

static int find_config_file(struct search *search, struct err *err)
{
	return find_in_profile(search, config_file_value, false, err);
}

static const char *asking_variable(const struct search *search)
{
	const struct provider *provider = search->provider;

	if (provider->variables_not_for_profile && config_profile_typed(search->config))
		return NULL;
	for (size_t i = 0; i < 2 && provider->variables[i]; i++) {
		if (config_env_value(search->config, provider->variables[i]))
			return provider->variables[i];
	}
	return NULL;
}

static const char *asking_key(const struct search *search)
{
	const struct provider *provider = search->provider;

	if (provider->not_with && config_profile_value(search->config, provider->not_with, true))
		return NULL;
	for (size_t i = 0; i < 2 && provider->keys[i]; i++) {
		if (config_profile_value(search->config, provider->keys[i], true))
			return provider->keys[i];
	}
	return NULL;
}

static int refuse_unsupported(struct search *search, struct err *err)
{
	const struct provider *provider = search->provider;
	const char *profile = config_profile(search->config);
	const char *variable = asking_variable(search);
	const char *key = asking_key(search);

	if (variable)
		return err_set(err, ERR_CREDENTIALS,
			       "%s is set, so credentials come from %s, which this version does "
			       "not support; run eval \"$(aws configure export-credentials "
			       "--format env)\" and try again",
			       variable, provider->what);
	if (key)
		return err_set(err, ERR_CREDENTIALS,
			       "profile '%s' has %s, so its credentials come from %s, which this "
			       "version does not support; run eval \"$(aws configure "
			       "export-credentials --profile '%s' --format env)\" and try again "
			       "without --profile",
			       profile, key, provider->what, profile);
	buf_addf(&search->lacks, "; %s: no %s", provider->name,
		 provider->keys[0] ? provider->keys[0] : provider->variables[0]);
	return 0;
}

static int find_nothing(struct search *search, struct err *err)
{
	(void)err;
	return lacks(search, "not asked by this version; there, run eval \"$(aws configure "
			     "export-credentials --format env)\"");
}

static int search_all(struct search *search, struct err *err)
{
	const struct config *config = search->config;

	for (size_t i = 0; i < sizeof(providers) / sizeof(providers[0]); i++) {
		search->provider = &providers[i];
		if (providers[i].not_for_typed_profile && config_profile_typed(config)) {
			lacks(search, "not asked, because --profile is given");
			continue;
		}
		if (providers[i].find(search, err))
			return -1;
		if (search->is_found)
			return 0;
	}
	/* What does not fit is left out: only a very long profile name or path gets here. */
	return err_set(err, ERR_CREDENTIALS, "no credentials%s", buf_text(&search->lacks));
}

int credentials_find(const struct config *config, struct credentials *ret_credentials,
		     struct err *err)
{
	struct search search = {.config = config, .lacks = BUF_INIT(LACKS_MAX)};
	int result = search_all(&search, err);

	buf_release(&search.lacks);
	if (result)
		credentials_release(&search.found);
	else
		*ret_credentials = search.found;
	return result;
}

void credentials_release(struct credentials *credentials)
{
	secret_release(&credentials->secret_key);
	secret_release(&credentials->token);
	explicit_bzero(credentials, sizeof(*credentials));
}
