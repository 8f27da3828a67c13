// SPDX-License-Identifier: Apache-2.0
/*
 * Sessions with MFA that the AWS CLI keeps: a code works once, and whoever typed one for the CLI is
 * not asked for another. Only read.
 */
#include "cordon/file.h"
#include "cordon/hash.h"
#include "cordon/json.h"
#include "cordon/text.h"
#include "providers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { LEFT_SECONDS = 15 * 60 }; /* as the CLI: with less, it makes a new one */

/* The CLI's name: SHA-1 of what is asked for, as Python writes it. */
static char *cache_path(const struct search *search, const json_t *parameters)
{
	char *text = json_dumps(parameters, JSON_SORT_KEYS | JSON_ENSURE_ASCII);
	char hash[HASH_SHA1_HEX_SIZE];
	char path[128];

	if (!text)
		abort();
	hash_sha1_hex(text, strlen(text), hash);
	free(text);
	snprintf(path, sizeof(path), "~/.aws/cli/cache/%s.json", hash);
	return config_home_path(search->config, path);
}

bool cached_session(const struct search *search, const json_t *parameters, const char *place,
		    struct credentials *ret_credentials)
{
	static const struct credentials_form form = {.id = "AccessKeyId",
						     .secret = "SecretAccessKey",
						     .token = "SessionToken",
						     .expires = "Expiration",
						     .whole = true};
	autobuf struct buf bytes = BUF_INIT(CREDENTIALS_MAX_BYTES);
	struct credentials found = {.expires = 0};
	struct err ignored = ERR_INIT;
	char *path = cache_path(search, parameters);
	int result = path ? file_read(path, &bytes, &ignored) : -1;

	free(path);
	if (result)
		return false;
	json_auto_t *cached = jx_read_lenient(buf_text(&bytes), bytes.length);
	if (credentials_read(&form, json_object_get(cached, "Credentials"), place, &found,
			     &ignored))
		return false;
	if (found.expires - time(NULL) < LEFT_SECONDS) {
		credentials_release(&found);
		return false;
	}
	*ret_credentials = found;
	return true;
}
