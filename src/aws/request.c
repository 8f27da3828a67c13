// SPDX-License-Identifier: Apache-2.0
#include "door.h"

#include "cordon/buf.h"
#include "cordon/sigv4.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum { BODY_MAX = 1024 * 1024, LINES_MAX = 64 * 1024, HEADER_MAX = 12, TARGET_SIZE = 160 };

/* The headers of one request: names and values to sign, then lines to send. */
struct headers {
	struct sigv4_header item[HEADER_MAX];
	size_t count;
};

static void add(struct headers *headers, const char *name, const char *value)
{
	headers->item[headers->count++] = (struct sigv4_header){name, value};
}

/* A version 4 UUID. */
void door_invocation(char ret_id[static DOOR_ID_SIZE])
{
	unsigned char b[16];

	if (getrandom(b, sizeof(b), 0) != sizeof(b))
		abort();
	b[6] = (unsigned char)((b[6] & 0x0f) | 0x40);
	b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
	snprintf(ret_id, DOOR_ID_SIZE,
		 "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0], b[1],
		 b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14],
		 b[15]);
}

/* Writes "Name: value" NUL for each. Not buf_addf(): its copies of a token would not be wiped. */
static void write_lines(const struct headers *headers, struct buf *lines)
{
	for (size_t i = 0; i < headers->count; i++) {
		buf_add(lines, headers->item[i].name);
		buf_add(lines, ": ");
		buf_add(lines, headers->item[i].value);
		buf_add_bytes(lines, "", 1);
	}
}

static int send(struct http *http, const struct endpoint *endpoint, const struct headers *headers,
		const struct buf *body, void *tag, struct err *err)
{
	autobuf struct buf lines = BUF_INIT(LINES_MAX);
	const char *each[HEADER_MAX + 1] = {NULL};

	write_lines(headers, &lines);
	if (lines.failed)
		return err_set(err, ERR_CREDENTIALS, "the session token is too large to be sent");
	const char *at = lines.data;
	for (size_t i = 0; i < headers->count; i++) {
		each[i] = at;
		at += strlen(at) + 1;
	}
	struct http_request request = {.url = endpoint->url,
				       .headers = each,
				       .body = body->data,
				       .body_length = body->length,
				       .max_reply = QUERY_MAX_REPLY};
	return http_start(http, &request, tag, err);
}

static int sign(const struct aws *aws, const struct door_request *request,
		const struct headers *headers, const struct buf *body,
		struct sigv4_result *ret_result, struct err *err)
{
	const struct credentials *c = &aws->credentials;
	struct sigv4_request whole = {.method = "POST",
				      .path = request->endpoint->path,
				      .headers = headers->item,
				      .header_count = headers->count,
				      .body = body->data,
				      .body_length = body->length};
	struct sigv4_scope scope = {.at = request->signed_at,
				    .region = request->endpoint->signing_region,
				    .service = request->op->service};

	if (sigv4_sign(&whole, &scope, c->access_key_id, &c->secret_key, &c->token, ret_result))
		return err_set(err, ERR_CREDENTIALS, "%s cannot be signed with these credentials",
			       request->op->name);
	return 0;
}

static void release_signature(struct sigv4_result *result)
{
	buf_release(&result->authorization);
}

static void add_protocol(struct headers *headers, const struct operation *op,
			 char target[static TARGET_SIZE])
{
	const char *prefix = operation_target(op->service);

	if (!prefix) {
		add(headers, "Content-Type", "application/x-www-form-urlencoded; charset=utf-8");
		return;
	}
	snprintf(target, TARGET_SIZE, "%s.%s", prefix, op->name);
	add(headers, "Content-Type", "application/x-amz-json-1.1");
	add(headers, "X-Amz-Target", target);
}

static int sign_and_send(struct aws *aws, const struct door_request *request,
			 struct headers *headers, const struct buf *body, void *tag,
			 struct err *err)
{
	__attribute__((cleanup(release_signature))) struct sigv4_result result = {0};

	if (!(request->op->flags & OPERATION_UNSIGNED)) {
		if (sign(aws, request, headers, body, &result, err))
			return -1;
		add(headers, "X-Amz-Date", result.date);
		if (aws->credentials.token.bytes)
			add(headers, "X-Amz-Security-Token", aws->credentials.token.bytes);
		add(headers, "Authorization", buf_text(&result.authorization));
	}
	add(headers, "Accept", operation_target(request->op->service) ? "*/*" : "text/xml, */*");
	return send(aws->http, request->endpoint, headers, body, tag, err);
}

int door_start(struct aws *aws, const struct door_request *request, void *tag, struct err *err)
{
	autobuf struct buf body = BUF_INIT(BODY_MAX);
	struct headers headers = {.count = 0};
	char target[TARGET_SIZE];
	char attempt[48];

	long max = config_max_attempts(aws->config);
	if (query_encode(request->op, request->parameters, request->marker, &body, err))
		return -1;
	snprintf(attempt, sizeof(attempt), "attempt=%u; max=%ld", request->attempt, max);
	add(&headers, "Host", request->endpoint->host);
	add_protocol(&headers, request->op, target);
	add(&headers, "amz-sdk-invocation-id", request->invocation);
	add(&headers, "amz-sdk-request", attempt);
	return sign_and_send(aws, request, &headers, &body, tag, err);
}
