// SPDX-License-Identifier: Apache-2.0
#include "cordon/sigv4.h"
#include "tap.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

enum { OUT_MAX = 512 * 1024 };

static const char key_id[] = "AKIDEXAMPLE";
static const char secret_text[] = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
static const time_t at = 1440938160; /* 2015-08-30T12:36:00Z */

static size_t count_headers(const struct sigv4_header *headers, size_t most)
{
	size_t count = 0;

	while (count < most && headers[count].name)
		count++;
	return count;
}

/* Cases of AWS's own SigV4 test suite, and the example of the IAM User Guide, with their published
 * signatures; those of the folded header and the token are botocore's. */
static const struct {
	const char *name, *method, *path, *query;
	const char *signature;
	const char *body, *token, *host, *service;
	struct sigv4_header extra[4];
} suite_rows[] = {
	{"get-vanilla", "GET", "/", "",
	 .signature = "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
	{"get-vanilla, empty path", "GET", "", NULL,
	 .signature = "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
	{"get-vanilla-query-order-key-case", "GET", "/", "Param2=value2&Param1=value1",
	 .signature = "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"},
	{"get-vanilla-empty-query-key", "GET", "/", "Param1=value1",
	 .signature = "a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb"},
	{"get-vanilla-query-order-value", "GET", "/", "Param1=value2&Param1=value1",
	 .signature = "5772eed61e12b33fae39ee5e7012498b51d56abc0abb7c60486157bd471c4694"},
	{"get-vanilla-query-order-key", "GET", "/", "Param1=value2&Param1=Value1",
	 .signature = "eedbc4e291e521cf13422ffca22be7d2eb8146eecf653089df300a15b2382bd1"},
	{"get-vanilla-query-unreserved", "GET", "/",
	 "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz="
	 "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
	 .signature = "9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197"},
	{"get-vanilla-utf8-query", "GET", "/", "\u1234=bar",
	 .signature = "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04"},
	{"get-unreserved", "GET",
	 "/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", "",
	 .signature = "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f"},
	{"get-utf8", "GET", "/\u1234", "",
	 .signature = "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85"},
	{"get-space", "GET", "/example space/", "",
	 .signature = "652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741"},
	{"get-slash", "GET", "//", "",
	 .signature = "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
	{"get-slash-dot-slash", "GET", "/./", "",
	 .signature = "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
	{"get-slash-pointless-dot", "GET", "/./example", "",
	 .signature = "ef75d96142cf21edca26f06005da7988e4f8dc83a165a80865db7089db637ec5"},
	{"get-slashes", "GET", "//example//", "",
	 .signature = "9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84"},
	{"get-relative", "GET", "/example/..", "",
	 .signature = "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
	{"get-relative-relative", "GET", "/example1/example2/../..", "",
	 .signature = "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
	{"get-header-key-duplicate", "GET", "/", "",
	 .signature = "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea",
	 .extra = {{"My-Header1", "value2"}, {"My-Header1", "value2"}, {"My-Header1", "value1"}}},
	{"get-header-value-order", "GET", "/", "",
	 .signature = "08c7e5a9acfcfeb3ab6b2185e75ce8b1deb5e634ec47601a50643f830c755c01",
	 .extra = {{"My-Header1", "value4"},
		   {"My-Header1", "value1"},
		   {"My-Header1", "value3"},
		   {"My-Header1", "value2"}}},
	{"get-header-value-trim", "GET", "/", "",
	 .signature = "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736",
	 .extra = {{"My-Header1", " value1"}, {"My-Header2", " \"a   b   c\""}}},
	{"get-header-value-multiline", "GET", "/", "",
	 .signature = "cfd34249e4b1c8d6b91ef74165d41a32e5fab3306300901bb65a51a73575eefd",
	 .extra = {{"My-Header1", "value1\n  value2\n     value3"}}},
	{"post-vanilla", "POST", "/", "",
	 .signature = "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"},
	{"post-vanilla-query", "POST", "/", "Param1=value1",
	 .signature = "28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11"},
	{"post-header-key-sort", "POST", "/", "",
	 .signature = "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c",
	 .extra = {{"My-Header1", "value1"}}},
	{"post-header-value-case", "POST", "/", "",
	 .signature = "cdbc9802e29d2942e5e10b5bccfdd67c5f22c7c4e8ae67b53629efa58b974b7d",
	 .extra = {{"My-Header1", "VALUE1"}}},
	{"post-x-www-form-urlencoded", "POST", "/", "",
	 .signature = "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
	 .body = "Param1=value1", .extra = {{"Content-Type", "application/x-www-form-urlencoded"}}},
	{"post-x-www-form-urlencoded-parameters", "POST", "/", "",
	 .signature = "1a72ec8f64bd914b0e42e42607c7fbce7fb2c7465f63e3092b3b0d39fa77a6fe",
	 .body = "Param1=value1",
	 .extra = {{"Content-Type", "application/x-www-form-urlencoded; charset=utf8"}}},
	{"session token", "POST", "/", "",
	 .signature = "a3ee4747632422191e5c7da3bb138ed2d3bc7d98086c7bcdb8d537fa79664cd9",
	 .token = "AQoDYXdzEPT//////////wEXAMPLE+/="},
	{"IAM User Guide, ListUsers", "GET", "/", "Action=ListUsers&Version=2010-05-08",
	 .signature = "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7",
	 .host = "iam.amazonaws.com", .service = "iam",
	 .extra = {{"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"}}},
};

static void test_aws_suite(void)
{
	for (size_t i = 0; i < COUNT(suite_rows); i++) {
		const char *name = suite_rows[i].name;
		const char *body = suite_rows[i].body;
		const char *service = suite_rows[i].service;
		struct sigv4_header headers[5] = {{"Host", suite_rows[i].host
								   ? suite_rows[i].host
								   : "example.amazonaws.com"}};
		struct sigv4_scope scope = {at, "us-east-1", service ? service : "service"};
		autosecret struct secret secret = {0};
		autosecret struct secret token = {0};
		struct sigv4_result result = {0};

		memcpy(headers + 1, suite_rows[i].extra, sizeof(suite_rows[i].extra));
		struct sigv4_request request = {
			.method = suite_rows[i].method,
			.path = suite_rows[i].path,
			.query = suite_rows[i].query,
			.headers = headers,
			.header_count = 1 + count_headers(suite_rows[i].extra, 4),
			.body = body,
			.body_length = body ? strlen(body) : 0,
		};
		secret_set(&secret, secret_text, strlen(secret_text));
		if (suite_rows[i].token)
			secret_set(&token, suite_rows[i].token, strlen(suite_rows[i].token));
		INT_EQ(sigv4_sign(&request, &scope, key_id, &secret, &token, &result), 0, "%s",
		       name);
		const char *found = strstr(buf_text(&result.authorization), "Signature=");
		STR_EQ(found ? found + 10 : NULL, suite_rows[i].signature, "%s", name);
		STR_EQ(result.date, "20150830T123600Z", "%s: date", name);
		buf_release(&result.authorization);
	}
}

#define NO_BODY "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

static void check_canonical(const struct sigv4_request *request, const char *want)
{
	autobuf struct buf out = BUF_INIT(OUT_MAX);
	autobuf struct buf names = BUF_INIT(OUT_MAX);

	sigv4_canonical(request, &out, &names);
	STR_EQ(buf_text(&out), want, "path '%s', query '%s'", request->path, request->query);
	OK(!out.failed && !names.failed, "fits");
}

static void test_paths(void)
{
	static const struct {
		const char *given;
		bool raw;
		const char *want;
	} rows[] = {
		{"", false, "/"},
		{"", true, "/"},
		{"/", false, "/"},
		{"/a%3Ab/c d:e", false, "/a%253Ab/c%20d%3Ae"},
		{"/../../a/../..//b/.", false, "/b"},
		{"/a/b/../", false, "/a/"},
		{"/a/..", false, "/"},
		{"/a/../", false, "/"},
		{"/.../..a/a..", false, "/.../..a/a.."},
		{"//a///b//", false, "/a/b/"},
		{"/a//./%3A/..", true, "/a//./%3A/.."},
	};
	char want[256];

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct sigv4_request request = {.method = "GET",
						.path = rows[i].given,
						.query = "",
						.raw_path = rows[i].raw};

		snprintf(want, sizeof(want), "GET\n%s\n\n\n\n\n" NO_BODY, rows[i].want);
		check_canonical(&request, want);
	}
}

static void test_queries(void)
{
	static const struct {
		const char *given, *want;
	} rows[] = {
		{"", ""},
		{"a", "a="},
		{"a=", "a="},
		{"&", "=&="},
		{"b&a", "a=&b="},
		{"a-b=1&a=2&a%2Db=0&A=3&a", "A=3&a=&a=2&a-b=0&a-b=1"},
		{"k=%7e%2f%2F+ %zz%4&%e4=b=c", "%E4=b%3Dc&k=~%2F%2F%2B%20%25zz%254"},
		{"b=%00&a=%00", "a=%00&b=%00"},
		{"a=%", "a=%25"},
	};
	char want[256];

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct sigv4_request request = {
			.method = "GET", .path = "/", .query = rows[i].given};

		snprintf(want, sizeof(want), "GET\n/\n%s\n\n\n\n" NO_BODY, rows[i].want);
		check_canonical(&request, want);
	}
}

/* Each header as in HTTP; the canonical ones, then their names. */
static const struct {
	const char *name;
	struct sigv4_header headers[7];
	const char *want, *want_signed;
} header_rows[] = {
	{"names sort as names",
	 {{"X-Amz-Meta-Test-Two", "2"}, {"x-amz-meta-test", "1"}, {"HOST", "h"}},
	 "host:h\nx-amz-meta-test:1\nx-amz-meta-test-two:2\n",
	 "host;x-amz-meta-test;x-amz-meta-test-two"},
	{"same names are one, in order",
	 {{"b", "2"}, {"A", " z "}, {"a", ""}, {"a", "y  x"}, {"B", "1"}, {"host", "h"}},
	 "a:z,,y x\nb:2,1\nhost:h\n",
	 "a;b;host"},
	{"blanks are squeezed",
	 {{"x-a", " \t a \r\n\tb\v\fc  \" d   e \" "}, {"x-b", " "}},
	 "x-a:a b c \" d e \"\nx-b:\n",
	 "x-a;x-b"},
	{"some are never signed",
	 {{"User-Agent", "x"},
	  {"Accept", "x"},
	  {"Proxy-Anything", "x"},
	  {"Content-Length", "1"},
	  {"Sec-WebSocket-Key", "x"},
	  {"teapot", "1"},
	  {"proxy", "2"}},
	 "proxy:2\nteapot:1\n",
	 "proxy;teapot"},
	{"more that are never signed",
	 {{"TE", "x"},
	  {"Expect", "x"},
	  {"X-Amzn-Trace-Id", "x"},
	  {"Connection", "x"},
	  {"Transfer-Encoding", "x"},
	  {"Upgrade", "x"},
	  {"x-amzn-trace-id2", "1"}},
	 "x-amzn-trace-id2:1\n",
	 "x-amzn-trace-id2"},
};

static void test_headers(void)
{
	char want[256];

	for (size_t i = 0; i < COUNT(header_rows); i++) {
		autobuf struct buf out = BUF_INIT(OUT_MAX);
		autobuf struct buf names = BUF_INIT(OUT_MAX);
		struct sigv4_request request = {
			.method = "GET",
			.path = "/",
			.headers = header_rows[i].headers,
			.header_count = count_headers(header_rows[i].headers, 7),
		};

		sigv4_canonical(&request, &out, &names);
		snprintf(want, sizeof(want), "GET\n/\n\n%s\n%s\n" NO_BODY, header_rows[i].want,
			 header_rows[i].want_signed);
		STR_EQ(buf_text(&out), want, "%s", header_rows[i].name);
		STR_EQ(buf_text(&names), header_rows[i].want_signed, "%s", header_rows[i].name);
	}
}

static void test_said_hash(void)
{
	static const struct sigv4_header headers[] = {{"X-Amz-Content-SHA256", "UNSIGNED-PAYLOAD"}};
	struct sigv4_request request = {
		.method = "GET", .path = "/", .query = "", .headers = headers, .header_count = 1};

	check_canonical(&request, "GET\n/\n\nx-amz-content-sha256:UNSIGNED-PAYLOAD\n\n"
				  "x-amz-content-sha256\nUNSIGNED-PAYLOAD");
}

static void test_stages(void)
{
	struct sigv4_scope scope = {at, "us-east-1", "service"};
	autobuf struct buf out = BUF_INIT(OUT_MAX);
	autobuf struct buf value = BUF_INIT(OUT_MAX);
	autosecret struct secret secret = {0};

	secret_set(&secret, secret_text, strlen(secret_text));
	sigv4_string_to_sign(&scope,
			     "GET\n/\n\nhost:example.amazonaws.com\n"
			     "x-amz-date:20150830T123600Z\n\nhost;x-amz-date\n" NO_BODY,
			     &out);
	STR_EQ(buf_text(&out),
	       "AWS4-HMAC-SHA256\n20150830T123600Z\n20150830/us-east-1/service/aws4_request\n"
	       "bb579772317eb040ac9ed261061d46c1f17a8133879d6129b6e1c25292927e63",
	       "get-vanilla: string to sign");
	sigv4_authorization(&scope, key_id, &secret, "host;x-amz-date", buf_text(&out), &value);
	STR_EQ(buf_text(&value),
	       "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
	       "SignedHeaders=host;x-amz-date, "
	       "Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
	       "get-vanilla: authorization");
}

static void test_refused(void)
{
	static const struct {
		const char *name;
		struct sigv4_header headers[3];
	} rows[] = {
		{"no host", {{"x-host", "h"}}},
		{"a date", {{"host", "h"}, {"x-amz-DATE", "20150830T123600Z"}}},
		{"a token", {{"host", "h"}, {"X-Amz-Security-Token", "t"}}},
		{"an authorization", {{"host", "h"}, {"authorization", "x"}}},
	};
	struct sigv4_scope scope = {at, "us-east-1", "service"};
	autosecret struct secret secret = {0};
	struct sigv4_result result = {.date = "untouched"};

	secret_set(&secret, secret_text, strlen(secret_text));
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct sigv4_request request = {
			.method = "GET",
			.path = "/",
			.headers = rows[i].headers,
			.header_count = count_headers(rows[i].headers, COUNT(rows[i].headers)),
		};

		INT_EQ(sigv4_sign(&request, &scope, key_id, &secret, NULL, &result), -1, "%s",
		       rows[i].name);
		STR_EQ(result.date, "untouched", "%s", rows[i].name);
	}
}

/* Everything is bounded; a body is only hashed, so it is not. */
static void test_limits(void)
{
	enum { LARGE = 300 * 1024 };
	struct sigv4_header headers[] = {{"host", "h"}};
	struct sigv4_scope scope = {at, "us-east-1", "service"};
	autosecret struct secret secret = {0};
	struct sigv4_result result = {.date = "untouched"};
	char *large = malloc(LARGE + 1);
	struct sigv4_request request = {"GET", "/", NULL, headers, 1, NULL, 0, false};

	if (!large)
		abort();
	memset(large, 'a', LARGE);
	large[LARGE] = '\0';
	secret_set(&secret, secret_text, strlen(secret_text));
	request.query = large;
	INT_EQ(sigv4_sign(&request, &scope, key_id, &secret, NULL, &result), -1, "long query");
	request.query = NULL;
	request.path = large;
	INT_EQ(sigv4_sign(&request, &scope, key_id, &secret, NULL, &result), -1, "long path");
	request.path = "/";
	headers[0].value = large;
	INT_EQ(sigv4_sign(&request, &scope, key_id, &secret, NULL, &result), -1, "long header");
	headers[0].value = "h";
	STR_EQ(result.date, "untouched", "nothing is written");
	request.body = large;
	request.body_length = LARGE;
	INT_EQ(sigv4_sign(&request, &scope, key_id, &secret, NULL, &result), 0, "long body");
	buf_release(&result.authorization);
	free(large);
}

int main(void)
{
	test_aws_suite();
	test_paths();
	test_queries();
	test_headers();
	test_said_hash();
	test_stages();
	test_refused();
	test_limits();
	return tap_done();
}
