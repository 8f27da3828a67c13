// SPDX-License-Identifier: Apache-2.0
/* The services that a container or an instance asks for its credentials. */
#include "cordon/file.h"
#include "cordon/json.h"
#include "cordon/text.h"
#include "providers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	CONTAINER_TIMEOUT_MS = 2000,
	CONTAINER_ATTEMPTS = 3,
	URL_MAX = 2048,
	TOKEN_MAX = 16 * 1024,
	ROLE_NAME_MAX = 128,
	INSTANCE_SECONDS_MAX = 60,
	INSTANCE_ATTEMPTS_MAX = 10,
};

static const struct credentials_form service_form = {.id = "AccessKeyId",
						     .secret = "SecretAccessKey",
						     .token = "Token",
						     .expires = "Expiration",
						     .whole = true};

/* A header's line. It may hold a token, so that buf_addf() will not do. */
static const char *header(struct buf *line, const char *name, const char *value)
{
	buf_add(line, name);
	buf_add(line, ": ");
	buf_add(line, value);
	return buf_text(line);
}

/* AWS's own words, from {"code"/"Code":..,"message"/"Message":..}, for a refusal. */
static void add_reason(const struct http_reply *reply, char ret_text[static 300])
{
	json_auto_t *object = jx_read_lenient(reply->body, reply->length);
	const char *message = jx_text(object, "message");

	if (!message)
		message = jx_text(object, "Message");
	snprintf(ret_text, 300, "%s%.250s", message ? ": " : "", message ? message : "");
}

static int refuse_status(const struct http_reply *reply, const char *place, struct err *err)
{
	char reason[300];

	add_reason(reply, reason);
	return err_set(err, ERR_CREDENTIALS, "%s: the answer is status %d%s", place, reply->status,
		       reason);
}

/* http: for this machine, and for the addresses at which containers are served. */
static bool is_allowed(const char *url)
{
	static const char *const hosts[] = {"169.254.170.2", "169.254.170.23", "[fd00:ec2::23]",
					    "localhost"};
	const char *host = url + strlen("http://");

	if (text_has_prefix(url, "https://"))
		return true;
	if (!text_has_prefix(url, "http://"))
		return false;
	size_t length = strcspn(host, "/?#");
	const char *colon = host[0] == '[' ? NULL : memchr(host, ':', length);
	const char *end = host[0] == '[' ? memchr(host, ']', length) : NULL;
	if (end)
		length = (size_t)(end - host) + 1;
	else if (colon)
		length = (size_t)(colon - host);
	for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
		if (strlen(hosts[i]) == length && strncmp(host, hosts[i], length) == 0)
			return true;
	}
	/* Of these http.c takes what is loopback. */
	return text_has_prefix(host, "127.") || text_has_prefix(host, "[::1]");
}

static int container_url(struct search *search, struct buf *url, struct err *err)
{
	const char *relative = config_env_value(search->config,
						"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
	const char *full = config_env_value(search->config, "AWS_CONTAINER_CREDENTIALS_FULL_URI");

	if (relative) {
		buf_add(url, "http://169.254.170.2");
		buf_add(url, relative);
	} else {
		buf_add(url, full);
	}
	if (url->failed || !credentials_printable(buf_text(url)) ||
	    (relative && relative[0] != '/'))
		return err_set(err, ERR_CREDENTIALS, "%s is no address that can be asked",
			       relative ? "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"
					: "AWS_CONTAINER_CREDENTIALS_FULL_URI");
	if (!is_allowed(buf_text(url)))
		return err_set(err, ERR_CREDENTIALS,
			       "AWS_CONTAINER_CREDENTIALS_FULL_URI: http is for this machine, "
			       "169.254.170.2, 169.254.170.23 and [fd00:ec2::23] alone");
	return 0;
}

/* The file counts before the variable, and is read anew each time. */
static int container_token(const struct config *config, struct buf *token, struct err *err)
{
	const char *path = config_env_value(config, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
	const char *value = config_env_value(config, "AWS_CONTAINER_AUTHORIZATION_TOKEN");

	if (path && file_read(path, token, err)) {
		err->code = ERR_CREDENTIALS;
		return err_wrap(err, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
	}
	if (!path && value)
		buf_add(token, value);
	for (const char *c = buf_text(token); *c; c++) {
		if (*c < ' ' || *c > '~')
			return err_set(err, ERR_CREDENTIALS,
				       "%s holds what cannot stand in a header",
				       path ? "the file of AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"
					    : "AWS_CONTAINER_AUTHORIZATION_TOKEN");
	}
	if (token->failed || strlen(buf_text(token)) != token->length)
		return err_set(err, ERR_CREDENTIALS,
			       "the container's authorization token is not usable");
	return 0;
}

static int read_reply(struct search *search, const struct http_reply *reply, const char *place,
		      struct err *err)
{
	json_auto_t *object = credentials_json(reply->body, reply->length, place, err);

	if (!object || credentials_read(&service_form, object, place, &search->found, err))
		return -1;
	search->is_found = true;
	return 0;
}

int find_container(struct search *search, struct err *err)
{
	static const char place[] = "the container's credential service";
	autobuf struct buf url = BUF_INIT(URL_MAX);
	autobuf struct buf token = BUF_INIT(TOKEN_MAX);
	autobuf struct buf line = BUF_INIT(TOKEN_MAX + 32);
	autoreply struct http_reply reply = {0};

	if (!config_env_value(search->config, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") &&
	    !config_env_value(search->config, "AWS_CONTAINER_CREDENTIALS_FULL_URI"))
		return search_lacks(search, "no AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
	if (container_url(search, &url, err) || container_token(search->config, &token, err))
		return -1;
	const char *headers[] = {
		"Accept: application/json",
		token.length ? header(&line, "Authorization", buf_text(&token)) : NULL, NULL};
	const struct ask ask = {.url = buf_text(&url),
				.headers = headers,
				.timeout_ms = CONTAINER_TIMEOUT_MS,
				.attempts = CONTAINER_ATTEMPTS,
				.link_local = true};
	if (ask_http(search->door, &ask, &reply, err)) {
		if (err->code != ERR_INTERRUPTED)
			err->code = ERR_CREDENTIALS;
		return err_wrap(err, "%s", place);
	}
	if (reply.status != 200)
		return refuse_status(&reply, place, err);
	return read_reply(search, &reply, place, err);
}

/* How the instance's service is asked. */
struct instance {
	char base[512]; /* ends in '/' */
	struct secret token;
	struct ask ask;
};

static bool is_true(const char *value)
{
	return text_equal_nocase(value, "true");
}

static long number(const char *value, long most, long otherwise)
{
	long n = otherwise;

	if (value)
		text_parse_number(value, 1, most, &n);
	return n;
}

static int instance_base(const struct config *config, char ret_base[static 512], struct err *err)
{
	const char *url = config_setting(config, "AWS_EC2_METADATA_SERVICE_ENDPOINT",
					 "ec2_metadata_service_endpoint");
	const char *mode = config_setting(config, "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE",
					  "ec2_metadata_service_endpoint_mode");
	bool v6 = mode ? text_equal_nocase(mode, "ipv6")
		       : is_true(config_setting(config, "AWS_IMDS_USE_IPV6", "imds_use_ipv6"));

	if (mode && !v6 && !text_equal_nocase(mode, "ipv4"))
		return err_set(err, ERR_CREDENTIALS,
			       "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE '%.40s' is neither IPv4 nor "
			       "IPv6",
			       mode);
	if (!url)
		url = v6 ? "http://[fd00:ec2::254]" : "http://169.254.169.254";
	size_t length = strlen(url);
	if (length > 500 || !credentials_printable(url))
		return err_set(err, ERR_CREDENTIALS,
			       "AWS_EC2_METADATA_SERVICE_ENDPOINT is no address that can be asked");
	snprintf(ret_base, 512, "%s%s", url, length && url[length - 1] == '/' ? "" : "/");
	return 0;
}

static int instance_open(const struct config *config, struct instance *instance, struct err *err)
{
	const char *seconds = config_setting(config, "AWS_METADATA_SERVICE_TIMEOUT",
					     "metadata_service_timeout");
	const char *attempts = config_setting(config, "AWS_METADATA_SERVICE_NUM_ATTEMPTS",
					      "metadata_service_num_attempts");

	instance->ask.timeout_ms = 1000 * number(seconds, INSTANCE_SECONDS_MAX, 1);
	instance->ask.attempts = number(attempts, INSTANCE_ATTEMPTS_MAX, 1);
	instance->ask.link_local = true;
	return instance_base(config, instance->base, err);
}

static int instance_ask(struct search *search, struct instance *instance, const char *path,
			const char *const *headers, struct http_reply *ret_reply, struct err *err)
{
	autobuf struct buf url = BUF_INIT(URL_MAX);

	buf_add(&url, instance->base);
	buf_add(&url, path);
	instance->ask.url = buf_text(&url);
	instance->ask.headers = headers;
	int result = ask_http(search->door, &instance->ask, ret_reply, err);
	instance->ask.url = NULL;
	instance->ask.headers = NULL;
	return result;
}

/* A session of the service. 1: it knows of none, so that version 1 is left. */
static int instance_token(struct search *search, struct instance *instance, struct err *err)
{
	static const char *const headers[] = {"X-aws-ec2-metadata-token-ttl-seconds: 21600",
					      "Content-Type:", NULL};
	autoreply struct http_reply reply = {0};

	instance->ask.method = "PUT";
	instance->ask.body = "";
	int result = instance_ask(search, instance, "latest/api/token", headers, &reply, err);
	instance->ask.method = instance->ask.body = NULL;
	if (result)
		return -1;
	if (reply.status == 403 || reply.status == 404 || reply.status == 405)
		return 1;
	if (reply.status != 200)
		return refuse_status(&reply, "the instance's metadata service", err);
	if (!reply.length || reply.length > 4096 || !credentials_printable(reply.body))
		return err_set(err, ERR_CREDENTIALS, "its token is none that can be used");
	secret_set(&instance->token, reply.body, reply.length);
	return 0;
}

static int instance_get(struct search *search, struct instance *instance, const char *path,
			struct http_reply *ret_reply, struct err *err)
{
	autobuf struct buf line = BUF_INIT(8192);
	const char *headers[] = {NULL, NULL};

	if (instance->token.bytes)
		headers[0] = header(&line, "X-aws-ec2-metadata-token", instance->token.bytes);
	return instance_ask(search, instance, path, headers, ret_reply, err);
}

/* The first line is the role's name. */
static bool role_name(const struct http_reply *reply, char ret_name[static ROLE_NAME_MAX + 1])
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				      "0123456789_+=,.@-";
	size_t length = strcspn(reply->body, "\r\n");

	if (!length || length > ROLE_NAME_MAX)
		return false;
	memcpy(ret_name, reply->body, length);
	ret_name[length] = '\0';
	return text_only(ret_name, letters);
}

static int instance_credentials(struct search *search, struct instance *instance, const char *role,
				struct err *err)
{
	autobuf struct buf path = BUF_INIT(URL_MAX);
	autoreply struct http_reply reply = {0};
	char place[PLACE_SIZE];

	snprintf(place, sizeof(place), "instance metadata, role '%s'", role);
	buf_addf(&path, "latest/meta-data/iam/security-credentials/%s", role);
	if (instance_get(search, instance, buf_text(&path), &reply, err))
		return -1;
	if (reply.status != 200)
		return refuse_status(&reply, place, err);
	json_auto_t *object = credentials_json(reply.body, reply.length, place, err);
	if (!object)
		return -1;
	/* Its status is 200 also where it has none to give. */
	const char *code = jx_text(object, "Code");
	if (code && !text_equal(code, "Success"))
		return refuse_status(&reply, place, err);
	if (credentials_read(&service_form, object, place, &search->found, err))
		return -1;
	search->is_found = true;
	return 0;
}

static int instance_search(struct search *search, struct instance *instance, struct err *err)
{
	bool only_v2 = is_true(config_setting(search->config, "AWS_EC2_METADATA_V1_DISABLED",
					      "ec2_metadata_v1_disabled"));
	autoreply struct http_reply reply = {0};
	char role[ROLE_NAME_MAX + 1];
	int token = instance_token(search, instance, err);

	if (token < 0)
		return -1;
	if (token > 0 && only_v2)
		return err_set(err, ERR_CREDENTIALS,
			       "it gives no token, and its version 1 is switched off");
	if (instance_get(search, instance, "latest/meta-data/iam/security-credentials/", &reply,
			 err))
		return -1;
	if (reply.status == 404)
		return err_set(err, ERR_CREDENTIALS, "the instance has no role");
	if (reply.status != 200)
		return refuse_status(&reply, "the instance's metadata service", err);
	if (!role_name(&reply, role))
		return err_set(err, ERR_CREDENTIALS, "what it names is no role");
	return instance_credentials(search, instance, role, err);
}

/* The last place: what it cannot give, nobody gives, and so its reason stands beside the others. */
int find_instance(struct search *search, struct err *err)
{
	struct instance instance = {.base = ""};
	struct err why = ERR_INIT;
	char reason[300];

	if (is_true(config_env_value(search->config, "AWS_EC2_METADATA_DISABLED")))
		return search_lacks(search, "switched off by AWS_EC2_METADATA_DISABLED");
	int result = instance_open(search->config, &instance, &why) ||
		     instance_search(search, &instance, &why);
	secret_release(&instance.token);
	if (!result)
		return 0;
	if (why.code == ERR_INTERRUPTED) {
		*err = why;
		return -1;
	}
	snprintf(reason, sizeof(reason), "%.290s", why.message);
	return search_lacks(search, reason);
}
