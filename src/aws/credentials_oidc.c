// SPDX-License-Identifier: Apache-2.0
/* A sign-in of an sso-session that has ended is renewed with what it was kept with, as by the CLI.
 */
#include "cordon/endpoint.h"
#include "cordon/json.h"
#include "cordon/text.h"
#include "providers.h"

#include <stdlib.h>
#include <string.h>

enum { URL_MAX = 4096, TIMEOUT_MS = 20000, SECONDS_MAX = 30 * 86400 };

/* What the service wants of the cache, by its own names, which are the cache's. */
static const char *const wanted[] = {"clientId", "clientSecret", "refreshToken"};

static json_t *question(const json_t *cached)
{
	json_t *out = jx_pack("{s:s}", "grantType", "refresh_token");

	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		jx_set(out, wanted[i], jx_string(jx_text(cached, wanted[i])));
	return out;
}

static bool is_renewable(const json_t *cached)
{
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		if (!jx_text(cached, wanted[i]))
			return false;
	}
	return true;
}

static int token_url(const struct search *search, const char *region, struct buf *url,
		     struct err *err)
{
	struct endpoint endpoint;
	struct endpoint_request request = {.service = "sso-oidc",
					   .region = region,
					   .fips = config_fips(search->config),
					   .dualstack = config_dualstack(search->config)};

	if (config_configured_url(search->config, "SSO OIDC", &request.url, err) ||
	    endpoint_resolve(&request, &endpoint, err))
		return -1;
	size_t length = strlen(endpoint.url);
	buf_add(url, endpoint.url);
	buf_add(url, endpoint.url[length - 1] == '/' ? "token" : "/token");
	return 0;
}

static int ask_token(const struct search *search, const char *region, const json_t *cached,
		     struct http_reply *ret_reply, struct err *err)
{
	static const char *const headers[] = {"Content-Type: application/json", NULL};
	autobuf struct buf url = BUF_INIT(URL_MAX);

	if (token_url(search, region, &url, err))
		return -1;
	json_auto_t *body = question(cached);
	char *text = jx_compact(body);
	/* A refresh token may work only once, so that the question is not sent again. */
	const struct ask ask = {.url = buf_text(&url),
				.headers = headers,
				.body = text,
				.timeout_ms = TIMEOUT_MS,
				.attempts = 1};
	int result = ask_http(search->door, &ask, ret_reply, err);
	secret_free(text);
	return result;
}

/* The cache as the CLI would leave it. */
static int take_token(json_t *cached, const struct http_reply *reply, struct err *err)
{
	json_auto_t *given = jx_read_lenient(reply->body, reply->length);
	const char *token = jx_text(given, "accessToken");
	const char *refresh = jx_text(given, "refreshToken");
	json_int_t seconds = json_integer_value(json_object_get(given, "expiresIn"));
	char until[TEXT_TIME_SIZE];

	if (!token || !*token || seconds <= 0 || seconds > SECONDS_MAX)
		return err_set(err, ERR_PROTOCOL, "the answer holds no token");
	text_time(time(NULL) + (time_t)seconds, until);
	jx_set(cached, "accessToken", jx_string(token));
	jx_set(cached, "expiresAt", jx_string(until));
	if (refresh)
		jx_set(cached, "refreshToken", jx_string(refresh));
	return 0;
}

int oidc_renew(const struct search *search, const char *region, json_t *cached, struct err *err)
{
	autoreply struct http_reply reply = {0};

	if (!is_renewable(cached))
		return err_set(err, ERR_CREDENTIALS, "it holds nothing to renew it with");
	if (ask_token(search, region, cached, &reply, err))
		return -1;
	if (reply.status != 200)
		return err_set(err, ERR_CREDENTIALS, "status %d", reply.status);
	return take_token(cached, &reply, err);
}
