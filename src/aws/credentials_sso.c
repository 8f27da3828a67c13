// SPDX-License-Identifier: Apache-2.0
/*
 * IAM Identity Center: the token that `aws sso login` left in the CLI's cache, for credentials of a
 * role. Whether the token still holds the portal decides, not our clock.
 */
#include "cordon/endpoint.h"
#include "cordon/file.h"
#include "cordon/hash.h"
#include "cordon/json.h"
#include "cordon/text.h"
#include "providers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TOKEN_MAX = 16 * 1024, URL_MAX = 4096, TIMEOUT_MS = 20000 };

/* What a profile says of its sign-in. */
struct sign_in {
	const char *session; /* the sso-session's name, or NULL: the older form */
	const char *start_url, *region, *account, *role;
};

static const struct {
	const char *key;
	size_t where;
} keys[] = {
	{"sso_start_url", offsetof(struct sign_in, start_url)},
	{"sso_region", offsetof(struct sign_in, region)},
	{"sso_account_id", offsetof(struct sign_in, account)},
	{"sso_role_name", offsetof(struct sign_in, role)},
};

/* A key of the profile and of its sso-session, which may not contradict each other. */
static int read_key(const struct search *search, const char *session, const char *key,
		    const char **ret_value, struct err *err)
{
	const char *own = search_value(search, key);
	autobuf struct buf section = BUF_INIT(1024);

	buf_addf(&section, "sso-session %s", session ? session : "");
	const char *shared = session ? config_section_value(search->config, buf_text(&section), key)
				     : NULL;
	if (own && shared && strcmp(own, shared) != 0)
		return err_set(err, ERR_CREDENTIALS,
			       "profile '%s' and its sso-session '%s' have different values of %s",
			       search->profile, session, key);
	*ret_value = shared ? shared : own;
	if (!*ret_value || !**ret_value)
		return err_set(err, ERR_CREDENTIALS,
			       "profile '%s' is for IAM Identity Center, but has no %s",
			       search->profile, key);
	return 0;
}

static int read_sign_in(const struct search *search, struct sign_in *sign_in, struct err *err)
{
	sign_in->session = search_value(search, "sso_session");
	if (sign_in->session &&
	    !config_has_section(search->config, "sso-session", sign_in->session))
		return err_set(err, ERR_CREDENTIALS,
			       "profile '%s' names the sso-session '%s', which is not in '%s'",
			       search->profile, sign_in->session,
			       config_path(search->config, false));
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		const char **value = (const char **)((char *)sign_in + keys[i].where);

		if (read_key(search, sign_in->session, keys[i].key, value, err))
			return -1;
	}
	return 0;
}

/* "aws sso login ...": what renews the token. */
static void login_command(const struct search *search, const struct sign_in *sign_in,
			  char ret_command[static 300])
{
	if (sign_in->session)
		snprintf(ret_command, 300, "aws sso login --sso-session '%.200s'",
			 sign_in->session);
	else
		snprintf(ret_command, 300, "aws sso login --profile '%.200s'", search->profile);
}

static int refuse_token(const struct search *search, const struct sign_in *sign_in,
			const char *what, struct err *err)
{
	char command[300];

	login_command(search, sign_in, command);
	return err_set(err, ERR_CREDENTIALS, "profile '%s': %s; run \"%s\" and try again",
		       search->profile, what, command);
}

/* The sign-in's file in the CLI's cache; the caller frees. NULL: its name is too long. */
static char *cache_path(const struct search *search, const struct sign_in *sign_in)
{
	const char *name = sign_in->session ? sign_in->session : sign_in->start_url;
	char hash[HASH_SHA1_HEX_SIZE];
	char path[128];

	hash_sha1_hex(name, strlen(name), hash);
	snprintf(path, sizeof(path), "~/.aws/sso/cache/%s.json", hash);
	return config_home_path(search->config, path);
}

static json_t *read_cache(const struct search *search, const struct sign_in *sign_in,
			  struct err *err)
{
	autobuf struct buf bytes = BUF_INIT(CREDENTIALS_MAX_BYTES);
	char *path = cache_path(search, sign_in);
	struct err why = ERR_INIT;
	int result = path ? file_read(path, &bytes, &why) : -1;

	free(path);
	if (result) {
		refuse_token(search, sign_in,
			     why.code == ERR_NOT_FOUND ? "nobody has signed in"
						       : "the sign-in cannot be read",
			     err);
		return NULL;
	}
	json_t *cached = jx_read_lenient(buf_text(&bytes), bytes.length);
	if (!json_is_object(cached)) {
		json_decref(cached);
		refuse_token(search, sign_in, "the sign-in in the cache is not usable", err);
		return NULL;
	}
	return cached;
}

/* What could not be written the CLI renews again. */
static void write_cache(const struct search *search, const struct sign_in *sign_in,
			const json_t *cached)
{
	struct err ignored = ERR_INIT;
	char *path = cache_path(search, sign_in);
	char *text = jx_compact(cached);

	if (path)
		file_write(path, text, strlen(text), &ignored);
	secret_free(text);
	free(path);
}

static int portal_url(const struct search *search, const struct sign_in *sign_in, struct buf *url,
		      struct err *err)
{
	struct endpoint endpoint;
	struct endpoint_request request = {.service = "sso",
					   .region = sign_in->region,
					   .fips = config_fips(search->config),
					   .dualstack = config_dualstack(search->config)};

	if (config_configured_url(search->config, "SSO", &request.url, err) ||
	    endpoint_resolve(&request, &endpoint, err))
		return err_wrap(err, "IAM Identity Center");
	size_t length = strlen(endpoint.url);
	buf_add_bytes(url, endpoint.url, endpoint.url[length - 1] == '/' ? length - 1 : length);
	buf_add(url, "/federation/credentials?role_name=");
	text_percent_encode(url, sign_in->role, strlen(sign_in->role));
	buf_add(url, "&account_id=");
	text_percent_encode(url, sign_in->account, strlen(sign_in->account));
	return url->failed ? err_set(err, ERR_CREDENTIALS, "its address is too long") : 0;
}

static int ask_portal(const struct search *search, const struct sign_in *sign_in,
		      const json_t *cached, struct http_reply *ret_reply, struct err *err)
{
	const char *token = jx_text(cached, "accessToken");
	autobuf struct buf url = BUF_INIT(URL_MAX);
	autobuf struct buf line = BUF_INIT(TOKEN_MAX + 32);

	if (!token || !*token || strlen(token) > TOKEN_MAX || !credentials_printable(token))
		return refuse_token(search, sign_in, "the sign-in in the cache is not usable", err);
	if (portal_url(search, sign_in, &url, err))
		return -1;
	buf_add(&line, "x-amz-sso_bearer_token: ");
	buf_add(&line, token);
	const char *headers[] = {buf_text(&line), "Accept: application/json", NULL};
	const struct ask ask = {.url = buf_text(&url),
				.headers = headers,
				.timeout_ms = TIMEOUT_MS,
				.attempts = config_max_attempts(search->config)};
	if (ask_http(search->door, &ask, ret_reply, err))
		return err_wrap(err, "IAM Identity Center");
	return 0;
}

static int read_reply(struct search *search, const struct sign_in *sign_in,
		      const struct http_reply *reply, struct err *err)
{
	static const struct credentials_form form = {.id = "accessKeyId",
						     .secret = "secretAccessKey",
						     .token = "sessionToken",
						     .expires = "expiration",
						     .whole = true,
						     .milliseconds = true};
	char place[PLACE_SIZE];

	snprintf(place, sizeof(place),
		 "profile '%.100s', IAM Identity Center role '%.100s' in account %.20s",
		 search->profile, sign_in->role, sign_in->account);
	json_auto_t *object = credentials_json(reply->body, reply->length, place, err);
	if (!object || credentials_read(&form, json_object_get(object, "roleCredentials"), place,
					&search->found, err))
		return -1;
	search->is_found = true;
	return 0;
}

static int refuse_status(const struct search *search, const struct sign_in *sign_in,
			 const struct http_reply *reply, struct err *err)
{
	json_auto_t *object = jx_read_lenient(reply->body, reply->length);
	const char *message = jx_text(object, "message");

	if (reply->status == 401)
		return refuse_token(search, sign_in, "the sign-in has ended", err);
	return err_set(err, reply->status == 403 ? ERR_DENIED : ERR_CREDENTIALS,
		       "profile '%s': IAM Identity Center gives no credentials for role '%s' in "
		       "account %s: status %d%s%.200s",
		       search->profile, sign_in->role, sign_in->account, reply->status,
		       message ? ": " : "", message ? message : "");
}

/* Only an sso-session can be renewed, and only once it has ended. */
static int ask_again(const struct search *search, const struct sign_in *sign_in, json_t *cached,
		     struct http_reply *reply, struct err *err)
{
	struct err why = ERR_INIT;

	if (reply->status != 401 || !sign_in->session)
		return 0;
	if (oidc_renew(search, sign_in->region, cached, &why)) {
		if (why.code != ERR_INTERRUPTED)
			return 0;
		*err = why;
		return -1;
	}
	write_cache(search, sign_in, cached);
	http_reply_release(reply);
	return ask_portal(search, sign_in, cached, reply, err);
}

int find_sso(struct search *search, struct err *err)
{
	struct sign_in sign_in = {.session = NULL};
	autoreply struct http_reply reply = {0};

	if (!search_value(search, "sso_account_id") && !search_value(search, "sso_role_name"))
		return search_lacks(search, "no sso_account_id");
	if (read_sign_in(search, &sign_in, err))
		return -1;
	json_auto_t *cached = read_cache(search, &sign_in, err);
	if (!cached || ask_portal(search, &sign_in, cached, &reply, err) ||
	    ask_again(search, &sign_in, cached, &reply, err))
		return -1;
	if (reply.status != 200)
		return refuse_status(search, &sign_in, &reply, err);
	return read_reply(search, &sign_in, &reply, err);
}
