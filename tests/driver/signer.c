// SPDX-License-Identifier: Apache-2.0
/*
 * {"method","path","query","headers":[[name,value]],"body","raw_path","at","region","service",
 *  "access_key_id","secret","token"} to {"canonical","to_sign","authorization","date"}.
 * The stages see X-Amz-Date and X-Amz-Security-Token; sigv4_sign() adds its own: both must agree.
 */
#include "cordon/sigv4.h"
#include "cordon/text.h"
#include "driver.h"

#include <string.h>

enum { HEADERS_MAX = 64, OUT_MAX = 1024 * 1024 };

static size_t take_headers(const json_t *line, struct sigv4_header *ret_headers)
{
	const json_t *rows = json_object_get(line, "headers");
	size_t count = json_array_size(rows);

	if (count > HEADERS_MAX)
		abort();
	for (size_t i = 0; i < count; i++) {
		const json_t *row = json_array_get(rows, i);

		ret_headers[i].name = json_string_value(json_array_get(row, 0));
		ret_headers[i].value = json_string_value(json_array_get(row, 1));
	}
	return count;
}

static json_t *sign_by_stages(struct sigv4_request request, const struct sigv4_scope *scope,
			      const json_t *line, const struct secret *key)
{
	autobuf struct buf canonical = BUF_INIT(OUT_MAX);
	autobuf struct buf names = BUF_INIT(OUT_MAX);
	autobuf struct buf to_sign = BUF_INIT(OUT_MAX);
	autobuf struct buf value = BUF_INIT(OUT_MAX);
	struct sigv4_header headers[HEADERS_MAX + 2];
	char date[TEXT_COMPACT_SIZE];

	text_time_compact(scope->at, date);
	request.headers = headers;
	request.header_count = take_headers(line, headers);
	headers[request.header_count++] = (struct sigv4_header){"X-Amz-Date", date};
	if (jx_text(line, "token"))
		headers[request.header_count++] = (struct sigv4_header){"X-Amz-Security-Token",
									jx_text(line, "token")};
	sigv4_canonical(&request, &canonical, &names);
	sigv4_string_to_sign(scope, buf_text(&canonical), &to_sign);
	sigv4_authorization(scope, jx_text(line, "access_key_id"), key, buf_text(&names),
			    buf_text(&to_sign), &value);
	return jx_pack("{s:o, s:o, s:o, s:s}", "canonical", jx_string(buf_text(&canonical)),
		       "to_sign", jx_string(buf_text(&to_sign)), "authorization",
		       jx_string(buf_text(&value)), "date", date);
}

static json_t *answer(const json_t *line)
{
	struct sigv4_header headers[HEADERS_MAX];
	const json_t *body = json_object_get(line, "body");
	struct sigv4_request request = {
		.method = jx_text(line, "method"),
		.path = jx_text(line, "path"),
		.query = jx_text(line, "query"),
		.headers = headers,
		.header_count = take_headers(line, headers),
		.body = json_string_value(body),
		.body_length = json_string_length(body),
		.raw_path = json_is_true(json_object_get(line, "raw_path")),
	};
	struct sigv4_scope scope = {
		.at = json_integer_value(json_object_get(line, "at")),
		.region = jx_text(line, "region"),
		.service = jx_text(line, "service"),
	};
	autosecret struct secret key = {0};
	autosecret struct secret token = {0};
	struct sigv4_result result;

	secret_set(&key, jx_text(line, "secret"), strlen(jx_text(line, "secret")));
	if (jx_text(line, "token"))
		secret_set(&token, jx_text(line, "token"), strlen(jx_text(line, "token")));
	json_t *out = sign_by_stages(request, &scope, line, &key);
	if (sigv4_sign(&request, &scope, jx_text(line, "access_key_id"), &key, &token, &result)) {
		jx_set(out, "error", jx_string("sigv4_sign"));
		return out;
	}
	if (!text_equal(buf_text(&result.authorization), jx_text(out, "authorization")) ||
	    !text_equal(result.date, jx_text(out, "date")))
		jx_set(out, "error", jx_string("the stages and sigv4_sign() differ"));
	buf_release(&result.authorization);
	return out;
}

int main(void)
{
	return driver_run(answer);
}
