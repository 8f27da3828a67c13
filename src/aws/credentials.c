// SPDX-License-Identifier: Apache-2.0
#include "cordon/text.h"
#include "providers.h"

#include <stdio.h>
#include <string.h>

enum { LACKS_MAX = 900 };

enum provider_flags {
	PROVIDER_NOT_TYPED = 1, /* --profile means the profile, not the environment */
	PROVIDER_OF_PROFILE = 2 /* it can be what a source_profile has */
};

struct provider {
	const char *name;
	provider_find *find;
	unsigned flags;
	const char *source; /* as credential_source names it */
};

static provider_find refuse_unreadable;

/* The CLI's order. */
static const struct provider providers[] = {
	{"environment", find_environment, PROVIDER_NOT_TYPED, "Environment"},
	{"files", refuse_unreadable, 0, NULL},
	{"assumed role", find_assumed_role, 0, NULL},
	{"web identity", find_web_identity, PROVIDER_OF_PROFILE, NULL},
	{"IAM Identity Center", find_sso, PROVIDER_OF_PROFILE, NULL},
	{"credentials file", find_credentials_file, PROVIDER_OF_PROFILE, NULL},
	{"login", find_login, PROVIDER_OF_PROFILE, NULL},
	{"process", find_process, PROVIDER_OF_PROFILE, NULL},
	{"config file", find_config_file, PROVIDER_OF_PROFILE, NULL},
	{"container", find_container, 0, "EcsContainer"},
	{"instance metadata", find_instance, 0, "Ec2InstanceMetadata"},
};

enum { PROVIDER_COUNT = sizeof(providers) / sizeof(providers[0]) };

int search_lacks(struct search *search, const char *what)
{
	buf_addf(search->lacks, "; %s: %s", search->provider, what);
	return 0;
}

const char *search_value(const struct search *search, const char *key)
{
	return config_value_of(search->config, search->profile, CONFIG_FROM_BOTH, key);
}

void search_place(const struct search *search, const char *what, char ret_place[static PLACE_SIZE])
{
	int n = snprintf(ret_place, PLACE_SIZE, "profile '%s'%s%s", search->profile,
			 what ? " in " : "", what ? what : "");

	if (n < 0 || n >= PLACE_SIZE)
		memcpy(ret_place + PLACE_SIZE - 4, "...", 4);
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

/* Asks the rows that have one of flags (0: all). */
static int search_rows(struct search *search, unsigned flags, struct err *err)
{
	for (size_t i = 0; i < PROVIDER_COUNT && !search->is_found; i++) {
		const struct provider *row = &providers[i];

		search->provider = row->name;
		if (flags && !(row->flags & flags))
			continue;
		if (!search->environment && (row->flags & PROVIDER_NOT_TYPED)) {
			search_lacks(search, "not asked, because --profile is given");
			continue;
		}
		if (row->find(search, err))
			return -1;
	}
	return 0;
}

static void hand_over(struct search *search, int result, struct credentials *ret_credentials)
{
	if (result)
		credentials_release(&search->found);
	else
		*ret_credentials = search->found;
}

static bool has_static_key(const struct config *config, const char *profile)
{
	return config_value_of(config, profile, CONFIG_FROM_BOTH, "aws_access_key_id") ||
	       config_value_of(config, profile, CONFIG_FROM_BOTH, "aws_secret_access_key");
}

static bool has_role(const struct config *config, const char *profile)
{
	return config_value_of(config, profile, CONFIG_FROM_BOTH, "role_arn") &&
	       !config_value_of(config, profile, CONFIG_FROM_BOTH, "web_identity_token_file");
}

/* A profile may name itself, for the keys beside its role_arn; any other way round is a loop. */
static int check_loop(const struct search *from, const char *profile, struct err *err)
{
	for (const struct search *s = from; s; s = s->from) {
		if (strcmp(s->profile, profile) != 0)
			continue;
		if (s == from && has_static_key(from->config, profile))
			return 0;
		return err_set(err, ERR_CREDENTIALS,
			       "profile '%s' has source_profile '%s', which leads back to it: a "
			       "loop",
			       from->profile, profile);
	}
	return 0;
}

int search_profile(const struct search *from, const char *profile,
		   struct credentials *ret_credentials, struct err *err)
{
	struct search search = {.door = from->door,
				.config = from->config,
				.profile = profile,
				.from = from,
				.provider = "assumed role"};
	autobuf struct buf lacks = BUF_INIT(LACKS_MAX);

	search.lacks = &lacks;
	if (!config_has_profile(from->config, profile))
		return err_set(err, ERR_CREDENTIALS,
			       "profile '%s' has source_profile '%s', which does not exist",
			       from->profile, profile);
	if (check_loop(from, profile, err))
		return -1;
	bool by_role = !has_static_key(from->config, profile) && has_role(from->config, profile);
	int result = by_role ? find_assumed_role(&search, err)
			     : search_rows(&search, PROVIDER_OF_PROFILE, err);
	if (!result && !search.is_found)
		result = err_set(err, ERR_CREDENTIALS,
				 "profile '%s', the source_profile of '%s', has no credentials%s",
				 profile, from->profile, buf_text(&lacks));
	hand_over(&search, result, ret_credentials);
	return result;
}

int search_source(const struct search *from, const char *name, struct credentials *ret_credentials,
		  struct err *err)
{
	struct search search = {.door = from->door,
				.config = from->config,
				.profile = from->profile,
				.environment = true,
				.from = from};
	autobuf struct buf lacks = BUF_INIT(LACKS_MAX);
	size_t i = 0;

	while (i < PROVIDER_COUNT && !text_equal(providers[i].source, name))
		i++;
	if (i == PROVIDER_COUNT)
		return err_set(err, ERR_CREDENTIALS,
			       "profile '%s' has credential_source '%s'; it is one of Environment, "
			       "Ec2InstanceMetadata and EcsContainer",
			       from->profile, name);
	search.lacks = &lacks;
	search.provider = providers[i].name;
	int result = providers[i].find(&search, err);
	if (!result && !search.is_found)
		result = err_set(err, ERR_CREDENTIALS,
				 "profile '%s' has credential_source '%s', which has none%s",
				 from->profile, name, buf_text(&lacks));
	hand_over(&search, result, ret_credentials);
	return result;
}

int credentials_find(const struct credentials_door *door, struct credentials *ret_credentials,
		     struct err *err)
{
	autobuf struct buf lacks = BUF_INIT(LACKS_MAX);
	struct search search = {.door = door,
				.config = door->config,
				.profile = config_profile(door->config),
				.environment = !config_profile_typed(door->config),
				.lacks = &lacks};
	int result = search_rows(&search, 0, err);

	/* What does not fit is left out: only a very long profile name or path gets there. */
	if (!result && !search.is_found)
		result = err_set(err, ERR_CREDENTIALS, "no credentials%s", buf_text(&lacks));
	if (!result)
		result = assume_typed_role(door, &search.found, err);
	hand_over(&search, result, ret_credentials);
	return result;
}
