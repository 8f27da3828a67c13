// SPDX-License-Identifier: Apache-2.0
/*
 * The door's credentials: found at first, and found again before they expire, by the same search. A
 * renewal may not make us somebody else, so STS is asked who the new ones are.
 */
#include "door.h"

#include "cordon/json.h"
#include "cordon/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	RENEW_SECONDS = 10 * 60, /* before they expire, as the SDKs */
	AGAIN_MS = 60 * 1000,	 /* between two tries */
};

struct aws_kept {
	struct credentials credentials; /* no access key id: none yet */
	struct secret used_code;
	char session[32];
};

struct aws_kept *aws_kept_new(void)
{
	struct aws_kept *kept = calloc(1, sizeof(*kept));

	if (!kept)
		abort();
	return kept;
}

void aws_kept_free(struct aws_kept *kept)
{
	if (!kept)
		return;
	credentials_release(&kept->credentials);
	secret_release(&kept->used_code);
	free(kept);
}

static bool is_stopped(void *arg)
{
	const struct aws *aws = arg;
	bool (*stopped)(void) = config_typed(aws->config)->stopped;

	return stopped && stopped();
}

/* The calls of a search are signed with what it has found so far. */
static void ask_sts(void *arg, const struct credentials *with, struct aws_call *calls, size_t count)
{
	struct aws *aws = arg;
	struct credentials own = aws->credentials;
	struct aws_watch watch = {.arg = aws, .stop = is_stopped};

	aws->credentials = with ? *with : (struct credentials){.expires = 0};
	aws->searching = true;
	aws_send(aws, calls, count, &watch);
	aws->searching = false;
	aws->credentials = own;
}

static int find(struct aws *aws, bool renewing, struct credentials *ret_credentials,
		struct err *err)
{
	const struct credentials_door door = {.config = aws->config,
					      .http = aws->http,
					      .ask_sts = ask_sts,
					      .arg = aws,
					      .session = aws->session,
					      .used_code = &aws->used_code,
					      .renewing = renewing};

	return credentials_find(&door, ret_credentials, err);
}

/* Credentials that live for less than twice the time are renewed later: at half of it. */
static void plan_renewal(struct aws *aws)
{
	long left = (long)(aws->credentials.expires - aws_now(aws));
	long wait = left > 2 * RENEW_SECONDS ? left - RENEW_SECONDS : left / 2;

	aws->renew_at_ms = door_ms() + (wait > 0 ? 1000LL * wait : 0);
}

/* Those that are kept, if they last for so long. */
static bool take_kept(struct aws *aws, long seconds)
{
	const struct aws_kept *kept = config_typed(aws->config)->kept;

	if (!kept || !kept->credentials.access_key_id[0] ||
	    (kept->credentials.expires && kept->credentials.expires - time(NULL) < seconds))
		return false;
	credentials_copy(&kept->credentials, &aws->credentials);
	return true;
}

static void take_names(struct aws *aws)
{
	const struct aws_kept *kept = config_typed(aws->config)->kept;

	snprintf(aws->session, sizeof(aws->session), "cordon-%lld", (long long)time(NULL));
	if (kept && kept->session[0])
		memcpy(aws->session, kept->session, sizeof(aws->session));
	if (kept && kept->used_code.bytes)
		secret_set(&aws->used_code, kept->used_code.bytes, kept->used_code.length);
}

static void keep(const struct aws *aws)
{
	struct aws_kept *kept = config_typed(aws->config)->kept;

	if (!kept)
		return;
	credentials_release(&kept->credentials);
	credentials_copy(&aws->credentials, &kept->credentials);
	memcpy(kept->session, aws->session, sizeof(kept->session));
	if (aws->used_code.bytes)
		secret_set(&kept->used_code, aws->used_code.bytes, aws->used_code.length);
}

int door_find_credentials(struct aws *aws, struct err *err)
{
	struct err why = ERR_INIT;

	take_names(aws);
	if (!take_kept(aws, RENEW_SECONDS)) {
		if (find(aws, false, &aws->credentials, &why) == 0) {
			keep(aws);
		} else if (why.code == ERR_INTERRUPTED || !take_kept(aws, 0)) {
			*err = why;
			return -1;
		}
	}
	plan_renewal(aws);
	return 0;
}

bool door_is_renewal_due(const struct aws *aws)
{
	return aws->credentials.expires && !aws->searching && door_ms() >= aws->renew_at_ms;
}

void door_met(struct aws *aws, const struct operation *op, const json_t *reply)
{
	const char *arn = jx_text(reply, "Arn");

	if (!aws->searching && arn && text_equal(op->name, "GetCallerIdentity"))
		snprintf(aws->identity, sizeof(aws->identity), "%s", arn);
}

/* Our guards know those who took on the role that we were; nobody took on one: NULL. */
static bool is_same_chain(const json_t *a, const json_t *b)
{
	return a && b ? json_equal(a, b) : a == b;
}

/* Nobody else. Where nobody asked yet who we are, there is nothing to hold it against. */
static int check_identity(struct aws *aws, const struct credentials *fresh, struct err *err)
{
	json_auto_t *nothing = json_object();
	struct aws_call call = {.operation = "GetCallerIdentity", .parameters = nothing};
	int result = 0;

	if (!aws->identity[0])
		return 0;
	ask_sts(aws, fresh, &call, 1);
	if (call.outcome != AWS_DONE) {
		*err = call.err;
		result = err_wrap(err, "who they are cannot be told");
	} else if (!text_equal(jx_text(call.reply, "Arn"), aws->identity)) {
		result = err_set(err, ERR_CREDENTIALS, "they are of somebody else");
	} else if (!is_same_chain(fresh->chain, aws->credentials.chain)) {
		result = err_set(err, ERR_CREDENTIALS, "somebody else took on the role");
	}
	aws_call_release(&call);
	return result;
}

static bool is_same(const struct credentials *a, const struct credentials *b)
{
	return text_equal(a->access_key_id, b->access_key_id) &&
	       text_equal(a->token.bytes, b->token.bytes);
}

static int renew(struct aws *aws, struct err *err)
{
	struct credentials fresh = {.expires = 0};

	if (find(aws, true, &fresh, err))
		return -1;
	int result = 0;
	if (is_same(&fresh, &aws->credentials))
		result = err_set(err, ERR_CREDENTIALS, "there are no newer ones");
	else
		result = check_identity(aws, &fresh, err);
	if (result) {
		credentials_release(&fresh);
		return -1;
	}
	credentials_release(&aws->credentials);
	aws->credentials = fresh;
	keep(aws);
	return 0;
}

void door_renew(struct aws *aws)
{
	struct err err = ERR_INIT;
	char until[TEXT_TIME_SIZE];

	if (renew(aws, &err) == 0) {
		aws->renewal_warning[0] = '\0';
		plan_renewal(aws);
		if (aws->renew_at_ms < door_ms() + AGAIN_MS)
			aws->renew_at_ms = door_ms() + AGAIN_MS;
		return;
	}
	text_time(aws->credentials.expires, until);
	snprintf(aws->renewal_warning, sizeof(aws->renewal_warning),
		 "our credentials expire at %s and could not be renewed: %.300s", until,
		 err.message);
	aws->renew_at_ms = door_ms() + AGAIN_MS;
}
