// SPDX-License-Identifier: Apache-2.0
#include "cordon/sigv4.h"

#include "cordon/hash.h"
#include "cordon/text.h"

#include <stdlib.h>
#include <string.h>

enum { CANONICAL_MAX = 256 * 1024, SIGNED_MAX = 16 * 1024, AUTHORIZATION_MAX = 32 * 1024 };

#define autopairs __attribute__((cleanup(free_pairs)))
#define autoheaders __attribute__((cleanup(free_headers)))
#define autosorted __attribute__((cleanup(free_sorted)))

static const char algorithm[] = "AWS4-HMAC-SHA256";

/* What HTTP libraries and proxies add, change or take away, so that no signature may cover it: what
 * botocore and aws-c-auth leave out, and what libcurl sets by itself. "x-*" is all that begin so.
 */
static const char *const never_signed[] = {
	"accept",
	"accept-encoding",
	"authorization",
	"baggage",
	"connection",
	"content-length",
	"expect",
	"keep-alive",
	"proxy-*",
	"sec-websocket-*",
	"te",
	"traceparent",
	"tracestate",
	"trailer",
	"transfer-encoding",
	"upgrade",
	"user-agent",
	"x-amzn-trace-id",
};

struct pair {
	const char *key;
	const char *value;
};

static void free_pairs(struct pair **pairs)
{
	free(*pairs);
}

static void free_headers(struct sigv4_header **headers)
{
	free(*headers);
}

static void free_sorted(const struct sigv4_header ***sorted)
{
	free(*sorted);
}

static void *new_array(size_t count, size_t size)
{
	void *array = calloc(count ? count : 1, size);

	if (!array)
		abort();
	return array;
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static void add_char(struct buf *out, char c)
{
	buf_add_bytes(out, &c, 1);
}

/* The segment is dropped, takes the one before it along, or stays. */
static void add_segment(struct buf *path, const char *segment, size_t length)
{
	if (length == 0 || (length == 1 && segment[0] == '.'))
		return;
	if (length == 2 && segment[0] == '.' && segment[1] == '.') {
		if (path->failed)
			return;
		while (path->length && path->data[--path->length] != '/')
			;
		return;
	}
	add_char(path, '/');
	buf_add_bytes(path, segment, length);
}

static void add_path_encoded(struct buf *out, const char *path, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if (path[i] == '/')
			add_char(out, '/');
		else
			text_percent_encode(out, path + i, 1);
	}
}

static void canonical_path(const char *path, struct buf *out)
{
	autobuf struct buf normal = BUF_INIT(out->max);
	size_t length = strlen(path);

	for (const char *at = path; at <= path + length;) {
		size_t n = strcspn(at, "/");

		add_segment(&normal, at, n);
		at += n + 1;
	}
	if (normal.length == 0 || path[length - 1] == '/')
		add_char(&normal, '/');
	if (normal.failed)
		out->failed = true;
	else
		add_path_encoded(out, normal.data, normal.length);
}

static int hex_value(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = c ? strchr(digits, lower(c)) : NULL;

	return at ? (int)(at - digits) : -1;
}

/* Decodes a %XX if it is one, and encodes by the rules of the signature whatever came out. */
static void add_query_text(struct buf *out, const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		char byte = text[i];

		if (byte == '%' && length - i > 2 && hex_value(text[i + 1]) >= 0 &&
		    hex_value(text[i + 2]) >= 0) {
			byte = (char)(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2]));
			i += 2;
		}
		text_percent_encode(out, &byte, 1);
	}
}

/* Writes key NUL value NUL for every piece, and tells how many there are. */
static size_t encode_pairs(const char *query, struct buf *out)
{
	size_t count = 0;

	for (const char *at = query;; at++) {
		size_t length = strcspn(at, "&");
		const char *equals = memchr(at, '=', length);
		size_t key_length = equals ? (size_t)(equals - at) : length;

		add_query_text(out, at, key_length);
		add_char(out, '\0');
		if (equals)
			add_query_text(out, equals + 1, length - key_length - 1);
		add_char(out, '\0');
		count++;
		at += length;
		if (!*at)
			return count;
	}
}

/* Keys first: "a=" and "a-b=" sort otherwise when compared as one string. */
static int by_key_and_value(const void *a, const void *b)
{
	const struct pair *x = a;
	const struct pair *y = b;
	int order = strcmp(x->key, y->key);

	return order ? order : strcmp(x->value, y->value);
}

static void canonical_query(const char *query, struct buf *out)
{
	autobuf struct buf encoded = BUF_INIT(out->max);

	if (!query || !*query)
		return;
	size_t count = encode_pairs(query, &encoded);
	if (encoded.failed) {
		out->failed = true;
		return;
	}
	autopairs struct pair *pairs = new_array(count, sizeof(*pairs));
	const char *at = encoded.data;
	for (size_t i = 0; i < count; i++) {
		pairs[i].key = at;
		pairs[i].value = at + strlen(at) + 1;
		at = pairs[i].value + strlen(pairs[i].value) + 1;
	}
	qsort(pairs, count, sizeof(*pairs), by_key_and_value);
	for (size_t i = 0; i < count; i++)
		buf_addf(out, "%s%s=%s", i ? "&" : "", pairs[i].key, pairs[i].value);
}

static int compare_names(const char *a, const char *b)
{
	while (*a && lower(*a) == lower(*b)) {
		a++;
		b++;
	}
	return (unsigned char)lower(*a) - (unsigned char)lower(*b);
}

/* By name; of the same name by place in the request, which is what the pointers tell. */
static int by_name(const void *a, const void *b)
{
	const struct sigv4_header *const *x = a;
	const struct sigv4_header *const *y = b;
	int order = compare_names((*x)->name, (*y)->name);

	if (order)
		return order;
	return *x < *y ? -1 : *x > *y;
}

static bool name_matches(const char *name, const char *pattern)
{
	while (*pattern && *pattern == lower(*name)) {
		pattern++;
		name++;
	}
	return *pattern == '*' || (!*pattern && !*name);
}

static bool is_signed(const char *name)
{
	for (size_t i = 0; i < sizeof(never_signed) / sizeof(never_signed[0]); i++) {
		if (name_matches(name, never_signed[i]))
			return false;
	}
	return true;
}

static void add_lower(struct buf *out, const char *text)
{
	for (; *text; text++)
		add_char(out, lower(*text));
}

/* Trimmed, and every run of blanks is one space, in quotes too. */
static void add_squeezed(struct buf *out, const char *value)
{
	static const char blanks[] = " \t\r\n\v\f";

	value += strspn(value, blanks);
	while (*value) {
		size_t word = strcspn(value, blanks);

		buf_add_bytes(out, value, word);
		value += word;
		value += strspn(value, blanks);
		if (*value)
			add_char(out, ' ');
	}
}

static void canonical_headers(const struct sigv4_request *request, struct buf *out,
			      struct buf *signed_headers)
{
	autosorted const struct sigv4_header **sorted = new_array(request->header_count,
								  sizeof(struct sigv4_header *));
	size_t count = 0;

	for (size_t i = 0; i < request->header_count; i++) {
		if (is_signed(request->headers[i].name))
			sorted[count++] = &request->headers[i];
	}
	qsort(sorted, count, sizeof(struct sigv4_header *), by_name);
	for (size_t i = 0; i < count; i++) {
		bool again = i && compare_names(sorted[i]->name, sorted[i - 1]->name) == 0;

		if (!again) {
			buf_add(out, i ? "\n" : "");
			add_lower(out, sorted[i]->name);
			buf_add(signed_headers, i ? ";" : "");
			add_lower(signed_headers, sorted[i]->name);
		}
		add_char(out, again ? ',' : ':');
		add_squeezed(out, sorted[i]->value);
	}
	buf_add(out, "\n");
}

static const char *header_value(const struct sigv4_request *request, const char *name)
{
	for (size_t i = 0; i < request->header_count; i++) {
		if (text_equal_nocase(request->headers[i].name, name))
			return request->headers[i].value;
	}
	return NULL;
}

static void add_payload_hash(const struct sigv4_request *request, struct buf *out)
{
	const char *said = header_value(request, "x-amz-content-sha256");
	char hex[HASH_HEX_SIZE];

	if (said) {
		buf_add(out, said);
		return;
	}
	hash_sha256_hex(request->body_length ? request->body : "", request->body_length, hex);
	buf_add(out, hex);
}

void sigv4_canonical(const struct sigv4_request *request, struct buf *out,
		     struct buf *signed_headers)
{
	size_t start = signed_headers->length;

	buf_addf(out, "%s\n", request->method);
	if (request->raw_path)
		buf_add(out, *request->path ? request->path : "/");
	else
		canonical_path(request->path, out);
	buf_add(out, "\n");
	canonical_query(request->query, out);
	buf_add(out, "\n");
	canonical_headers(request, out, signed_headers);
	buf_addf(out, "\n%s\n", buf_text(signed_headers) + start);
	add_payload_hash(request, out);
}

static void add_scope(const struct sigv4_scope *scope, const char *date, struct buf *out)
{
	buf_addf(out, "%.8s/%s/%s/aws4_request", date, scope->region, scope->service);
}

void sigv4_string_to_sign(const struct sigv4_scope *scope, const char *canonical, struct buf *out)
{
	char date[TEXT_COMPACT_SIZE];
	char hex[HASH_HEX_SIZE];

	text_time_compact(scope->at, date);
	hash_sha256_hex(canonical, strlen(canonical), hex);
	buf_addf(out, "%s\n%s\n", algorithm, date);
	add_scope(scope, date, out);
	buf_addf(out, "\n%s", hex);
}

static void derive_key(const struct sigv4_scope *scope, const char *date,
		       const struct secret *secret_key, unsigned char ret_key[static HASH_SIZE])
{
	const char *steps[] = {scope->region, scope->service, "aws4_request"};
	autobuf struct buf first = BUF_INIT(secret_key->length + 4);

	buf_add(&first, "AWS4");
	buf_add_bytes(&first, secret_key->bytes, secret_key->length);
	if (first.failed)
		abort();
	hash_hmac(first.data, first.length, date, 8, ret_key);
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		unsigned char next[HASH_SIZE];

		hash_hmac(ret_key, HASH_SIZE, steps[i], strlen(steps[i]), next);
		memcpy(ret_key, next, HASH_SIZE);
		explicit_bzero(next, sizeof(next));
	}
}

void sigv4_authorization(const struct sigv4_scope *scope, const char *access_key_id,
			 const struct secret *secret_key, const char *signed_headers,
			 const char *string_to_sign, struct buf *out)
{
	char date[TEXT_COMPACT_SIZE];
	unsigned char key[HASH_SIZE];
	unsigned char signature[HASH_SIZE];
	char hex[HASH_HEX_SIZE];

	text_time_compact(scope->at, date);
	derive_key(scope, date, secret_key, key);
	hash_hmac(key, sizeof(key), string_to_sign, strlen(string_to_sign), signature);
	explicit_bzero(key, sizeof(key));
	hash_hex(signature, hex);
	buf_addf(out, "%s Credential=%s/", algorithm, access_key_id);
	add_scope(scope, date, out);
	buf_addf(out, ", SignedHeaders=%s, Signature=%s", signed_headers, hex);
}

static bool may_be_signed(const struct sigv4_request *request)
{
	return header_value(request, "host") && !header_value(request, "x-amz-date") &&
	       !header_value(request, "x-amz-security-token") &&
	       !header_value(request, "authorization");
}

int sigv4_sign(const struct sigv4_request *request, const struct sigv4_scope *scope,
	       const char *access_key_id, const struct secret *secret_key,
	       const struct secret *token, struct sigv4_result *ret_result)
{
	autoheaders struct sigv4_header *headers = new_array(request->header_count + 2,
							     sizeof(*headers));
	autobuf struct buf canonical = BUF_INIT(CANONICAL_MAX);
	autobuf struct buf signed_headers = BUF_INIT(SIGNED_MAX);
	autobuf struct buf to_sign = BUF_INIT(AUTHORIZATION_MAX);
	struct sigv4_result result = {.authorization = BUF_INIT(AUTHORIZATION_MAX)};
	struct sigv4_request whole = *request;

	if (!may_be_signed(request))
		return -1;
	text_time_compact(scope->at, result.date);
	if (request->header_count)
		memcpy(headers, request->headers, request->header_count * sizeof(*headers));
	headers[whole.header_count++] = (struct sigv4_header){"X-Amz-Date", result.date};
	if (token && token->bytes)
		headers[whole.header_count++] = (struct sigv4_header){"X-Amz-Security-Token",
								      token->bytes};
	whole.headers = headers;
	sigv4_canonical(&whole, &canonical, &signed_headers);
	sigv4_string_to_sign(scope, buf_text(&canonical), &to_sign);
	sigv4_authorization(scope, access_key_id, secret_key, buf_text(&signed_headers),
			    buf_text(&to_sign), &result.authorization);
	if (canonical.failed || signed_headers.failed || to_sign.failed ||
	    result.authorization.failed) {
		buf_release(&result.authorization);
		return -1;
	}
	*ret_result = result;
	return 0;
}
