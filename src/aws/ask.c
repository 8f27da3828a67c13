// SPDX-License-Identifier: Apache-2.0
/* A question to a service that gives credentials, and its bounded answer. */
#include "providers.h"

#include <poll.h>
#include <string.h>

enum { STEP_MS = 100, PAUSE_MS = 250, PAUSE_CAP_MS = 2000 };

bool ask_stopped(const struct credentials_door *door)
{
	bool (*stopped)(void) = config_typed(door->config)->stopped;

	return stopped && stopped();
}

static int ask_once(const struct credentials_door *door, const struct ask *ask,
		    struct http_reply *ret_reply, struct err *err)
{
	struct http_request request = {.url = ask->url,
				       .headers = ask->headers,
				       .body = ask->body,
				       .body_length = ask->body ? strlen(ask->body) : 0,
				       .max_reply = CREDENTIALS_MAX_BYTES,
				       .method = ask->method,
				       .timeout_ms = ask->timeout_ms,
				       .link_local = ask->link_local};

	if (http_start(door->http, &request, NULL, err))
		return -1;
	/* What is under way ends by its own time-out, at the latest. */
	int got = 0;
	while (got == 0)
		got = http_wait(door->http, STEP_MS, ret_reply);
	if (got < 0)
		return err_set(err, ERR_NETWORK, "no answer");
	if (ret_reply->outcome != HTTP_ANSWERED)
		return err_set(err, ERR_NETWORK, "no answer: %s", ret_reply->problem);
	if (ret_reply->too_large)
		return err_set(err, ERR_PROTOCOL, "the answer is larger than %d bytes",
			       CREDENTIALS_MAX_BYTES);
	return 0;
}

static bool is_worth_another(const struct http_reply *reply, const struct err *err)
{
	if (err->code != ERR_NONE)
		return err->code == ERR_NETWORK && !reply->permanent;
	return reply->status == 429 || reply->status >= 500;
}

int ask_http(const struct credentials_door *door, const struct ask *ask,
	     struct http_reply *ret_reply, struct err *err)
{
	long pause = PAUSE_MS;

	for (long attempt = 1;; attempt++) {
		struct err why = ERR_INIT;
		int result = ask_once(door, ask, ret_reply, &why);

		if (ask_stopped(door)) {
			http_reply_release(ret_reply);
			return err_set(err, ERR_INTERRUPTED, "interrupted");
		}
		if (attempt >= ask->attempts || !is_worth_another(ret_reply, &why)) {
			if (result) {
				http_reply_release(ret_reply);
				*err = why;
			}
			return result;
		}
		http_reply_release(ret_reply);
		poll(NULL, 0, (int)pause);
		pause = 2 * pause < PAUSE_CAP_MS ? 2 * pause : PAUSE_CAP_MS;
	}
}
