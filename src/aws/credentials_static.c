// SPDX-License-Identifier: Apache-2.0
/* Keys that stand somewhere as they are: in the environment and in the CLI's two files. */
#include "providers.h"

#include "cordon/text.h"

#include <stdio.h>

static int take(struct search *search, const struct credentials_key *key, struct err *err)
{
	if (credentials_take(key, &search->found, err))
		return -1;
	search->is_found = true;
	return 0;
}

int find_environment(struct search *search, struct err *err)
{
	const struct config *config = search->config;
	const char *expires = config_env_value(config, "AWS_CREDENTIAL_EXPIRATION");
	/* The old name first, as the CLI does. */
	const char *old_token = config_env_value(config, "AWS_SECURITY_TOKEN");
	struct credentials_key key = {
		.id = config_env_value(config, "AWS_ACCESS_KEY_ID"),
		.id_name = "AWS_ACCESS_KEY_ID",
		.secret = config_env_value(config, "AWS_SECRET_ACCESS_KEY"),
		.secret_name = "AWS_SECRET_ACCESS_KEY",
		.token = old_token ? old_token : config_env_value(config, "AWS_SESSION_TOKEN"),
		.token_name = old_token ? "AWS_SECURITY_TOKEN" : "AWS_SESSION_TOKEN",
		.place = "environment",
	};

	if (!key.id)
		return search_lacks(search, "AWS_ACCESS_KEY_ID is not set");
	if (take(search, &key, err))
		return -1;
	if (expires && text_parse_time(expires, &search->found.expires))
		return err_set(err, ERR_CREDENTIALS,
			       "AWS_CREDENTIAL_EXPIRATION in environment is not a time");
	return 0;
}

static int find_in_file(struct search *search, enum config_from from, struct err *err)
{
	const struct config *config = search->config;
	const char *path = config_path(config, from == CONFIG_FROM_CREDENTIALS);
	const char *old_token = config_value_of(config, search->profile, from,
						"aws_security_token");
	char place[PLACE_SIZE];
	struct credentials_key key = {
		.id = config_value_of(config, search->profile, from, "aws_access_key_id"),
		.id_name = "aws_access_key_id",
		.secret = config_value_of(config, search->profile, from, "aws_secret_access_key"),
		.secret_name = "aws_secret_access_key",
		.token = old_token ? old_token
				   : config_value_of(config, search->profile, from,
						     "aws_session_token"),
		.token_name = old_token ? "aws_security_token" : "aws_session_token",
		.place = place,
	};

	search_place(search, path, place);
	if (key.id)
		return take(search, &key, err);
	buf_addf(search->lacks, "; %s: no aws_access_key_id in %s", search->provider, place);
	return 0;
}

int find_credentials_file(struct search *search, struct err *err)
{
	return find_in_file(search, CONFIG_FROM_CREDENTIALS, err);
}

int find_config_file(struct search *search, struct err *err)
{
	return find_in_file(search, CONFIG_FROM_CONFIG, err);
}
