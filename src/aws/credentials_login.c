// SPDX-License-Identifier: Apache-2.0
/*
 * What `aws login` keeps. It lives for minutes; to renew it, the CLI proves that it holds a key,
 * which is left to the CLI.
 */
#include "cordon/file.h"
#include "cordon/hash.h"
#include "cordon/json.h"
#include "providers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static int refuse(const struct search *search, const char *what, struct err *err)
{
	return err_set(
		err, ERR_CREDENTIALS,
		"profile '%s': %s; run \"aws login --profile '%s'\" and try again, or eval "
		"\"$(aws configure export-credentials --profile '%s' --format env)\" and try "
		"again without --profile",
		search->profile, what, search->profile, search->profile);
}

static json_t *read_cache(const struct search *search, const char *session, struct err *err)
{
	const char *folder = config_env_value(search->config, "AWS_LOGIN_CACHE_DIRECTORY");
	autobuf struct buf path = BUF_INIT(4096);
	autobuf struct buf bytes = BUF_INIT(CREDENTIALS_MAX_BYTES);
	char hash[HASH_HEX_SIZE];
	struct err why = ERR_INIT;

	hash_sha256_hex(session, strlen(session), hash);
	buf_addf(&path, "%s/%s.json", folder ? folder : "~/.aws/login/cache", hash);
	char *whole = config_home_path(search->config, buf_text(&path));
	int result = whole ? file_read(whole, &bytes, &why) : -1;
	free(whole);
	json_t *cached = result ? NULL : jx_read_lenient(buf_text(&bytes), bytes.length);
	if (cached)
		return cached;
	refuse(search,
	       why.code == ERR_NOT_FOUND ? "nobody has logged in" : "the login cannot be read",
	       err);
	return NULL;
}

int find_login(struct search *search, struct err *err)
{
	static const struct credentials_form form = {.id = "accessKeyId",
						     .secret = "secretAccessKey",
						     .token = "sessionToken",
						     .expires = "expiresAt",
						     .whole = true};
	const char *session = search_value(search, "login_session");
	char place[PLACE_SIZE];

	if (!session)
		return search_lacks(search, "no login_session");
	json_auto_t *cached = read_cache(search, session, err);
	if (!cached)
		return -1;
	snprintf(place, sizeof(place), "profile '%.200s', the login of 'aws login'",
		 search->profile);
	if (credentials_read(&form, json_object_get(cached, "accessToken"), place, &search->found,
			     err))
		return -1;
	if (search->found.expires <= time(NULL))
		return refuse(search, "the login has ended", err);
	search->is_found = true;
	return 0;
}
