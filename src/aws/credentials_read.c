// SPDX-License-Identifier: Apache-2.0
#include "credentials_read.h"

#include "cordon/err.h"
#include "cordon/json.h"
#include "cordon/text.h"

#include <stdio.h>
#include <string.h>

enum { KEY_ID_MAX = 128, SECRET_MAX = 1024, TOKEN_MAX = 16 * 1024 };

static const char key_id_letters[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

bool credentials_printable(const char *value)
{
	for (; *value; value++) {
		if (*value <= ' ' || *value > '~')
			return false;
	}
	return true;
}

static int check_value(const struct credentials_key *key, const char *value, const char *name,
		       size_t max, struct err *err)
{
	if (!value || !*value)
		return err_set(err, ERR_CREDENTIALS, "partial credentials in %s: %s is missing",
			       key->place, name);
	if (strlen(value) > max)
		return err_set(err, ERR_CREDENTIALS, "%s in %s is longer than %zu bytes", name,
			       key->place, max);
	if (!credentials_printable(value))
		return err_set(err, ERR_CREDENTIALS,
			       "%s in %s holds white space or a control character (a comment after "
			       "a value is part of it)",
			       name, key->place);
	return 0;
}

/* The key id goes into a header beside ',' and '/', so it is held to its own letters. */
static int check_key(const struct credentials_key *key, struct err *err)
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

int credentials_take(const struct credentials_key *key, struct credentials *ret_credentials,
		     struct err *err)
{
	if (check_key(key, err))
		return -1;
	*ret_credentials = (struct credentials){.expires = 0};
	snprintf(ret_credentials->access_key_id, sizeof(ret_credentials->access_key_id), "%s",
		 key->id);
	secret_set(&ret_credentials->secret_key, key->secret, strlen(key->secret));
	if (key->token && *key->token)
		secret_set(&ret_credentials->token, key->token, strlen(key->token));
	snprintf(ret_credentials->source, sizeof(ret_credentials->source), "%s", key->place);
	return 0;
}

json_t *credentials_json(const char *bytes, size_t length, const char *place, struct err *err)
{
	json_t *object = jx_read_lenient(bytes, length);

	if (json_is_object(object))
		return object;
	json_decref(object);
	err_set(err, ERR_CREDENTIALS, "%s: the answer is no JSON object", place);
	return NULL;
}

static int read_expiry(const struct credentials_form *form, const json_t *object, const char *place,
		       time_t *ret_at, struct err *err)
{
	const json_t *value = json_object_get(object, form->expires);
	json_int_t ms = json_integer_value(value);

	if (!value || json_is_null(value)) {
		if (!form->whole)
			return 0;
		return err_set(err, ERR_CREDENTIALS, "partial credentials in %s: %s is missing",
			       place, form->expires);
	}
	if (form->milliseconds && json_is_integer(value) && ms > 0) {
		*ret_at = (time_t)(ms / 1000);
		return 0;
	}
	if (!form->milliseconds && text_parse_time(json_string_value(value), ret_at) == 0)
		return 0;
	return err_set(err, ERR_CREDENTIALS, "%s in %s is not a time", form->expires, place);
}

/* A member of another type is no credential; a string with a NUL is cut, and then refused by AWS.
 */
static bool has_strings(const struct credentials_form *form, const json_t *object)
{
	const char *const names[] = {form->id, form->secret, form->token};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const json_t *value = json_object_get(object, names[i]);

		if (value && !json_is_null(value) &&
		    (!json_is_string(value) ||
		     strlen(json_string_value(value)) != json_string_length(value)))
			return false;
	}
	return true;
}

int credentials_read(const struct credentials_form *form, const json_t *object, const char *place,
		     struct credentials *ret_credentials, struct err *err)
{
	const struct credentials_key key = {
		.id = jx_text(object, form->id),
		.id_name = form->id,
		.secret = jx_text(object, form->secret),
		.secret_name = form->secret,
		.token = jx_text(object, form->token),
		.token_name = form->token,
		.place = place,
	};
	time_t expires = 0;

	if (!has_strings(form, object))
		return err_set(err, ERR_CREDENTIALS, "credentials in %s are no text", place);
	if (form->whole && (!key.token || !*key.token))
		return err_set(err, ERR_CREDENTIALS, "partial credentials in %s: %s is missing",
			       place, form->token);
	if (read_expiry(form, object, place, &expires, err) ||
	    credentials_take(&key, ret_credentials, err))
		return -1;
	ret_credentials->expires = expires;
	return 0;
}

void credentials_copy(const struct credentials *from, struct credentials *ret_credentials)
{
	*ret_credentials = *from;
	ret_credentials->secret_key = ret_credentials->token = (struct secret){.bytes = NULL};
	secret_set(&ret_credentials->secret_key, from->secret_key.bytes, from->secret_key.length);
	if (from->token.bytes)
		secret_set(&ret_credentials->token, from->token.bytes, from->token.length);
	ret_credentials->chain = from->chain ? jx_copy(from->chain) : NULL;
}

void credentials_release(struct credentials *credentials)
{
	secret_release(&credentials->secret_key);
	secret_release(&credentials->token);
	json_decref(credentials->chain);
	explicit_bzero(credentials, sizeof(*credentials));
}
