// SPDX-License-Identifier: Apache-2.0
/* Roles: of a profile, by a web identity, and the one that was typed. */
#include "cordon/aws.h"
#include "cordon/file.h"
#include "cordon/json.h"
#include "cordon/text.h"
#include "providers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CODE_MAX = 64, IDENTITY_TOKEN_MAX = 32 * 1024, ARN_MAX = 2048 };

/* What AssumeRole is asked for; texts are borrowed, and NULL where there is none. */
struct role {
	const char *arn, *session, *external_id, *mfa_serial, *duration;
	const char *place; /* for messages, and the source */
};

static void trim_end(char *text)
{
	size_t length = strlen(text);

	while (length && strchr(" \t\r\n", text[length - 1]))
		text[--length] = '\0';
}

/* The code of --mfa-code-file. It works once, so a renewal wants another one. */
static int read_code(const struct credentials_door *door, const char *path, struct secret *ret_code,
		     struct err *err)
{
	autobuf struct buf bytes = BUF_INIT(CODE_MAX);

	if (file_read(path, &bytes, err))
		return err_wrap(err, "the MFA code");
	if (bytes.data)
		trim_end(bytes.data);
	const char *code = buf_text(&bytes);
	if (!*code || !text_only(code, "0123456789"))
		return err_set(err, ERR_CREDENTIALS, "'%s' (--mfa-code-file) holds no MFA code",
			       path);
	if (door->used_code && door->used_code->bytes && text_equal(door->used_code->bytes, code))
		return err_set(err, ERR_CREDENTIALS,
			       "the MFA code in '%s' was used already; write a new one there",
			       path);
	secret_set(ret_code, code, strlen(code));
	return 0;
}

static int get_code(const struct credentials_door *door, const char *serial,
		    struct secret *ret_code, struct err *err)
{
	const struct config_options *typed = config_typed(door->config);

	if (typed->mfa_code_file)
		return read_code(door, typed->mfa_code_file, ret_code, err);
	if (door->renewing)
		return err_set(err, ERR_CREDENTIALS,
			       "a session with MFA is renewed only by a new code in the file of "
			       "--mfa-code-file");
	if (!typed->ask_code)
		return err_set(err, ERR_CREDENTIALS,
			       "there is no terminal to ask for the code of '%s'; give it by "
			       "--mfa-code-file",
			       serial);
	return typed->ask_code(serial, ret_code, err);
}

static void set_text(json_t *parameters, const char *name, const char *value)
{
	if (value)
		jx_set(parameters, name, jx_string(value));
}

/* What the role's profile asks for; no more, for the CLI's cache is named by it. */
static json_t *role_parameters(const struct role *role)
{
	json_t *parameters = json_object();
	long seconds = 0;

	set_text(parameters, "RoleArn", role->arn);
	set_text(parameters, "RoleSessionName", role->session);
	set_text(parameters, "ExternalId", role->external_id);
	set_text(parameters, "SerialNumber", role->mfa_serial);
	/* As the CLI does, what is no number is passed over; AWS judges the rest. */
	if (role->duration && text_parse_number(role->duration, 1, 1000000, &seconds) == 0)
		jx_set(parameters, "DurationSeconds", json_integer(seconds));
	return parameters;
}

static int add_code(const struct credentials_door *door, const struct role *role,
		    json_t *parameters, struct err *err)
{
	autosecret struct secret code = {.bytes = NULL};

	if (!role->mfa_serial)
		return 0;
	if (get_code(door, role->mfa_serial, &code, err))
		return err_wrap(err, "role '%s'", role->arn);
	set_text(parameters, "TokenCode", code.bytes);
	if (door->used_code)
		secret_set(door->used_code, code.bytes, code.length);
	return 0;
}

static const char *secret_of(const struct aws_call *call, const char *name)
{
	for (size_t i = 0; i < call->secrets.count; i++) {
		if (text_equal(call->secrets.item[i].name, name))
			return call->secrets.item[i].value.bytes;
	}
	return NULL;
}

/* The credentials in the answer of STS. */
static int take_session(const struct aws_call *call, const char *place, struct credentials *ret,
			struct err *err)
{
	const json_t *given = json_object_get(call->reply, "Credentials");
	const char *expires = jx_text(given, "Expiration");
	struct credentials_key key = {
		.id = jx_text(given, "AccessKeyId"),
		.id_name = "AccessKeyId",
		.secret = secret_of(call, "SecretAccessKey"),
		.secret_name = "SecretAccessKey",
		.token = secret_of(call, "SessionToken"),
		.token_name = "SessionToken",
		.place = place,
	};
	time_t at = 0;

	if (!key.token || text_parse_time(expires, &at))
		return err_set(err, ERR_CREDENTIALS,
			       "the answer to %s has no SessionToken or no Expiration",
			       call->operation);
	if (credentials_take(&key, ret, err))
		return -1;
	ret->expires = at;
	return 0;
}

/* "A, assumed with B" */
static void name_source(const char *cached, const char *place, const char *before,
			struct credentials *credentials)
{
	enum { SIZE = sizeof(credentials->source) };
	int n = snprintf(credentials->source, SIZE, "%s%s%s, assumed with %s", place,
			 cached ? ", " : "", cached ? cached : "", before);

	if (n < 0 || n >= SIZE)
		memcpy(credentials->source + SIZE - 4, "...", 4);
}

/* Who took on the role is an identity of ours too: no run may cut it off. */
static int note_source(const struct aws_call *call, const struct credentials *source,
		       struct credentials *credentials, struct err *err)
{
	const char *arn = jx_text(call->reply, "Arn");

	if (call->outcome != AWS_DONE || !arn || strlen(arn) > ARN_MAX) {
		if (call->outcome == AWS_DONE)
			return err_set(err, ERR_PROTOCOL,
				       "the answer to GetCallerIdentity has no Arn");
		*err = call->err;
		return err_wrap(err, "cannot tell who takes on the role");
	}
	credentials->chain = jx_pack("[o]", jx_string(arn));
	if (source->chain && json_array_extend(credentials->chain, source->chain))
		return err_set(err, ERR_PROTOCOL, "the chain of roles cannot be kept");
	return 0;
}

/* Both questions go out together: who asks, and for the role. */
static int ask_role(const struct credentials_door *door, const struct role *role,
		    const json_t *parameters, const struct credentials *source,
		    struct credentials *got, struct err *err)
{
	json_auto_t *nothing = json_object();
	struct aws_call calls[] = {{.operation = "GetCallerIdentity", .parameters = nothing},
				   {.operation = "AssumeRole", .parameters = parameters}};
	bool cached = got->access_key_id[0];
	int result = 0;

	door->ask_sts(door->arg, source, calls, cached ? 1 : 2);
	if (!cached && calls[1].outcome != AWS_DONE) {
		*err = calls[1].err;
		result = err_wrap(err, "%s: cannot assume role '%s'", role->place, role->arn);
	} else if (!cached) {
		result = take_session(&calls[1], role->place, got, err);
	}
	if (result == 0)
		result = note_source(&calls[0], source, got, err);
	aws_call_release(&calls[0]);
	aws_call_release(&calls[1]);
	return result;
}

/* search: the profile's, or NULL for a role that was typed. */
static int assume(const struct credentials_door *door, const struct search *search,
		  const struct role *role, const struct credentials *source,
		  struct credentials *ret_credentials, struct err *err)
{
	json_auto_t *parameters = role_parameters(role);
	autocredentials struct credentials got = {.expires = 0};
	bool cached = search && role->mfa_serial &&
		      cached_session(search, parameters, role->place, &got);

	if (!role->session)
		set_text(parameters, "RoleSessionName", door->session);
	if ((!cached && add_code(door, role, parameters, err)) ||
	    ask_role(door, role, parameters, source, &got, err))
		return -1;
	name_source(cached ? "the AWS CLI's session" : NULL, role->place, source->source, &got);
	*ret_credentials = got;
	got = (struct credentials){.expires = 0};
	return 0;
}

static int find_source(struct search *search, struct credentials *ret_source, struct err *err)
{
	const char *profile = search_value(search, "source_profile");
	const char *source = search_value(search, "credential_source");

	if (profile && source)
		return err_set(err, ERR_CREDENTIALS,
			       "profile '%s' has both source_profile and credential_source",
			       search->profile);
	if (!profile && !source)
		return err_set(err, ERR_CREDENTIALS,
			       "profile '%s' has role_arn, but neither source_profile nor "
			       "credential_source",
			       search->profile);
	return profile ? search_profile(search, profile, ret_source, err)
		       : search_source(search, source, ret_source, err);
}

int find_assumed_role(struct search *search, struct err *err)
{
	autocredentials struct credentials source = {.expires = 0};
	char place[PLACE_SIZE];
	struct role role = {.arn = search_value(search, "role_arn"),
			    .session = search_value(search, "role_session_name"),
			    .external_id = search_value(search, "external_id"),
			    .mfa_serial = search_value(search, "mfa_serial"),
			    .duration = search_value(search, "duration_seconds"),
			    .place = place};

	if (!role.arn)
		return search_lacks(search, "no role_arn");
	if (search_value(search, "web_identity_token_file"))
		return search_lacks(search, "it is one of a web identity");
	search_place(search, NULL, place);
	if (find_source(search, &source, err) ||
	    assume(search->door, search, &role, &source, &search->found, err))
		return -1;
	search->is_found = true;
	return 0;
}

int assume_typed_role(const struct credentials_door *door, struct credentials *credentials,
		      struct err *err)
{
	const struct config_options *typed = config_typed(door->config);
	struct credentials source = *credentials;
	const struct role role = {.arn = typed->assume_role,
				  .external_id = typed->external_id,
				  .mfa_serial = typed->mfa_serial,
				  .place = "--assume-role"};

	if (!role.arn)
		return 0;
	*credentials = (struct credentials){.expires = 0};
	int result = assume(door, NULL, &role, &source, credentials, err);
	credentials_release(&source);
	return result;
}

/* A key of the environment, which counts first, or of the profile. */
static const char *identity_value(const struct search *search, const char *variable,
				  const char *key)
{
	const char *value = search->environment ? config_env_value(search->config, variable) : NULL;

	return value ? value : search_value(search, key);
}

static int read_token(const struct config *config, const char *path, struct buf *out,
		      struct err *err)
{
	char *whole = config_home_path(config, path);

	if (!whole)
		return err_set(err, ERR_CREDENTIALS, "the name of the token file is too long");
	int result = file_read(whole, out, err);
	free(whole);
	if (result) {
		err->code = ERR_CREDENTIALS;
		return err_wrap(err, "web identity token");
	}
	if (out->data)
		trim_end(out->data);
	if (!*buf_text(out) || !credentials_printable(buf_text(out)))
		return err_set(err, ERR_CREDENTIALS, "'%s' holds no web identity token", path);
	return 0;
}

/* No signature: the token is who we are. */
static int assume_by_token(struct search *search, const struct role *role, const char *token,
			   struct err *err)
{
	json_auto_t *parameters = json_object();
	struct aws_call call = {.operation = "AssumeRoleWithWebIdentity", .parameters = parameters};
	int result = -1;

	set_text(parameters, "RoleArn", role->arn);
	set_text(parameters, "RoleSessionName",
		 role->session ? role->session : search->door->session);
	set_text(parameters, "WebIdentityToken", token);
	search->door->ask_sts(search->door->arg, NULL, &call, 1);
	if (call.outcome == AWS_DONE) {
		result = take_session(&call, role->place, &search->found, err);
	} else {
		*err = call.err;
		err_wrap(err, "%s: cannot assume role '%s'", role->place, role->arn);
	}
	aws_call_release(&call);
	search->is_found = result == 0;
	return result;
}

int find_web_identity(struct search *search, struct err *err)
{
	const char *path = identity_value(search, "AWS_WEB_IDENTITY_TOKEN_FILE",
					  "web_identity_token_file");
	autobuf struct buf token = BUF_INIT(IDENTITY_TOKEN_MAX);
	char place[PLACE_SIZE];
	const struct role role = {
		.arn = identity_value(search, "AWS_ROLE_ARN", "role_arn"),
		.session = identity_value(search, "AWS_ROLE_SESSION_NAME", "role_session_name"),
		.place = place};

	if (!path || !*path)
		return search_lacks(search, "no web_identity_token_file");
	if (!role.arn || !*role.arn)
		return err_set(err, ERR_CREDENTIALS,
			       "there is a web identity's token file, '%s', but no role (role_arn, "
			       "AWS_ROLE_ARN)",
			       path);
	snprintf(place, sizeof(place), "web identity in '%.400s'", path);
	if (read_token(search->config, path, &token, err))
		return -1;
	return assume_by_token(search, &role, buf_text(&token), err);
}
