// SPDX-License-Identifier: Apache-2.0
#include "cordon/http.h"

#include "cordon/err.h"
#include "server.h"
#include "tap.h"

#include <sys/time.h>

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

enum { LARGE = 100000, HEADERS = 70000 };

static char large[LARGE + 1], headers_body[HEADERS + 64];

/* What each path is answered with: first, and from the second request on. */
static const struct {
	const char *path;
	struct answer first, then;
} paths[] = {
	{"/ok", {.status = 200, .body = "hello"}, {.status = 200, .body = "hello"}},
	{"/close",
	 {.how = ANSWER_CLOSE, .status = 200, .body = "hello"},
	 {.how = ANSWER_CLOSE, .status = 200, .body = "hello"}},
	{"/headers",
	 {.status = 403,
	  .headers = "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\nX-Amzn-RequestId: r-1\r\n"
		     "x-amz-retry-after: 1500\r\n",
	  .body = "no"},
	 {0}},
	{"/odd-headers",
	 {.status = 200, .headers = "Date: yesterday\r\nx-amz-retry-after: -1\r\n", .body = ""},
	 {0}},
	{"/redirect", {.status = 302, .headers = "Location: /ok\r\n", .body = "see"}, {0}},
	{"/large", {.status = 200, .body = large}, {0}},
	{"/many-headers", {.how = ANSWER_RAW, .body = headers_body}, {0}},
	{"/cut", {.how = ANSWER_CUT}, {.how = ANSWER_CUT}},
	{"/kept", {.status = 200, .body = "1"}, {.how = ANSWER_CUT}},
	{"/kept-get", {.status = 200, .body = "1"}, {.how = ANSWER_CUT}},
	{"/half", {.how = ANSWER_HALF, .status = 200, .body = "0123456789"}, {0}},
	{"/silent", {.how = ANSWER_SILENT}, {.how = ANSWER_SILENT}},
	{"/garbage", {.how = ANSWER_RAW, .body = "SSH-2.0-x\r\n"}, {0}},
	{"/interim",
	 {.how = ANSWER_RAW,
	  .body = "HTTP/1.1 103 Early\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n"
		  "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"},
	 {0}},
};

static const struct answer *choose(const char *request)
{
	const char *path = strchr(request, '/');

	for (size_t i = 0; path && i < COUNT(paths); i++) {
		size_t length = strlen(paths[i].path);

		if (strncmp(path, paths[i].path, length) == 0 && path[length] == ' ')
			return server_count(&server_shared->counters[i]) ? &paths[i].then
									 : &paths[i].first;
	}
	abort();
}

static struct http *open_http(void)
{
	struct http_options options = {.user_agent = "cordon/test", .total_seconds = 1};
	struct http *http = NULL;
	struct err err = ERR_INIT;

	if (http_open(&options, &http, &err)) {
		printf("# %s\n", err.message);
		abort();
	}
	return http;
}

static void start(struct http *http, const char *path, const char *body, void *tag)
{
	static const char *const headers[] = {"X-Test: yes", "Content-Type: text/x", NULL};
	struct http_request request = {.headers = headers,
				       .body = body,
				       .body_length = body ? strlen(body) : 0,
				       .max_reply = 50000};
	struct err err = ERR_INIT;
	char url[256];

	snprintf(url, sizeof(url), "%.*s%s", (int)strlen(server_url) - 1, server_url, path);
	request.url = strchr(path, ':') ? path : url;
	INT_EQ(http_start(http, &request, tag, &err), 0, "%s: starts: %s", path, err.message);
}

static struct http_reply ask(struct http *http, const char *path, const char *body)
{
	struct http_reply reply = {0};
	int tag = 0;

	start(http, path, body, &tag);
	int result = 0;
	while ((result = http_wait(http, 5000, &reply)) == 0)
		;
	INT_EQ(result, 1, "%s: ends", path);
	OK(reply.tag == &tag, "%s: its tag", path);
	return reply;
}

static void test_answers(void)
{
	static const struct {
		const char *path, *body;
		enum http_outcome outcome;
		int status;
		const char *want; /* the body, or a part of the problem */
	} rows[] = {
		{"/ok", NULL, HTTP_ANSWERED, 200, "hello"},
		{"/ok", "a=b", HTTP_ANSWERED, 200, "hello"},
		{"/close", "a=b", HTTP_ANSWERED, 200, "hello"},
		{"/headers", "a=b", HTTP_ANSWERED, 403, "no"},
		{"/odd-headers", NULL, HTTP_ANSWERED, 200, ""},
		{"/redirect", "a=b", HTTP_ANSWERED, 302, "see"},
		{"/interim", NULL, HTTP_ANSWERED, 200, "hi"},
		{"/many-headers", NULL, HTTP_LOST, 200, "headers are too large"},
		{"/cut", "a=b", HTTP_LOST, 0, "Empty reply"},
		{"/cut", NULL, HTTP_LOST, 0, "Empty reply"},
		{"/half", "a=b", HTTP_LOST, 200, "bytes remaining"},
		{"/garbage", "a=b", HTTP_LOST, 0, "HTTP/0.9"},
	};
	struct http *http = open_http();

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct http_reply reply = ask(http, rows[i].path, rows[i].body);
		bool answered = rows[i].outcome == HTTP_ANSWERED;

		INT_EQ(reply.outcome, rows[i].outcome, "%s: outcome", rows[i].path);
		INT_EQ(reply.status, rows[i].status, "%s: status", rows[i].path);
		if (answered)
			STR_EQ(reply.body, rows[i].want, "%s: body", rows[i].path);
		else
			OK(strstr(reply.problem, rows[i].want) != NULL, "%s: %s", rows[i].path,
			   reply.problem);
		OK(!reply.too_large && !reply.timed_out && !reply.permanent, "%s: traits",
		   rows[i].path);
		bool told = strcmp(rows[i].path, "/headers") == 0;
		INT_EQ(reply.date, told ? 784111777 : 0, "%s: date", rows[i].path);
		INT_EQ(reply.date_trusted, told, "%s: trusted", rows[i].path);
		INT_EQ(reply.retry_after_ms, told ? 1500 : -1, "%s: retry after", rows[i].path);
		STR_EQ(reply.request_id, told ? "r-1" : "", "%s: request id", rows[i].path);
		http_reply_release(&reply);
	}
	http_close(http);
}

/* Nothing is added that we do not know of. */
static void test_request(void)
{
	struct http *http = open_http();
	struct http_reply reply = ask(http, "/ok", "a=b&c=d");
	char want[512];

	snprintf(
		want, sizeof(want),
		"POST /ok HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUser-Agent: cordon/test\r\nAccept: */*\r\n"
		"X-Test: yes\r\nContent-Type: text/x\r\nContent-Length: 7\r\n\r\na=b&c=d",
		server_port);
	STR_EQ(server_shared->last, want, "a request as it is sent");
	http_reply_release(&reply);
	http_close(http);
}

/* Of itself, libcurl would send a POST again too, though the first may have been carried out. */
static void test_kept_connection(void)
{
	static const struct {
		const char *path, *body, *problem;
		int requests;
	} rows[] = {
		{"/kept", "a=b", "the connection was cut before an answer came", 2},
		{"/kept-get", NULL, "Empty reply from server", 3},
	};
	struct http *http = open_http();

	for (size_t i = 0; i < COUNT(rows); i++) {
		int before = server_shared->requests;
		struct http_reply first = ask(http, rows[i].path, rows[i].body);
		struct http_reply second = ask(http, rows[i].path, rows[i].body);

		INT_EQ(first.outcome, HTTP_ANSWERED, "%s: the first", rows[i].path);
		INT_EQ(second.outcome, HTTP_LOST, "%s: the second", rows[i].path);
		INT_EQ(server_shared->requests - before, rows[i].requests, "%s: how often",
		       rows[i].path);
		STR_EQ(second.problem, rows[i].problem, "%s: why", rows[i].path);
		http_reply_release(&first);
		http_reply_release(&second);
	}
	http_close(http);
}

static void test_too_large(void)
{
	struct http *http = open_http();
	struct http_reply reply = ask(http, "/large", "a=b");

	INT_EQ(reply.outcome, HTTP_ANSWERED, "too large: is an answer");
	OK(reply.too_large, "too large: said so");
	INT_EQ(reply.status, 200, "too large: status");
	OK(reply.length <= 50000, "too large: no more than was allowed");
	http_reply_release(&reply);
	http_close(http);
}

static void test_time_out(void)
{
	struct http *http = open_http();
	struct http_reply reply = ask(http, "/silent", "a=b");

	INT_EQ(reply.outcome, HTTP_LOST, "silent: outcome");
	OK(reply.timed_out, "silent: time is up: %s", reply.problem);
	http_reply_release(&reply);
	http_close(http);
}

static void test_unreachable(void)
{
	struct http *http = open_http();
	char url[64];
	int port = 0;

	close(server_socket(&port));
	snprintf(url, sizeof(url), "http://127.0.0.1:%d/", port);
	struct http_reply reply = ask(http, url, "a=b");
	INT_EQ(reply.outcome, HTTP_NOT_SENT, "nobody listens: outcome");
	OK(!reply.permanent && reply.problem[0], "nobody listens: %s", reply.problem);
	http_reply_release(&reply);

	int before = server_shared->requests;
	snprintf(url, sizeof(url), "https://127.0.0.1:%d/", server_port);
	reply = ask(http, url, "a=b");
	INT_EQ(reply.outcome, HTTP_NOT_SENT, "no TLS: outcome: %s", reply.problem);
	INT_EQ(server_shared->requests, before, "no TLS: nothing is sent");
	http_reply_release(&reply);
	http_close(http);
}

static void test_urls(void)
{
	static const struct {
		const char *url;
		int want;
	} rows[] = {
		{"https://iam.amazonaws.com/", 0},
		{"http://127.0.0.1:1/", 0},
		{"http://127.9.9.9:1/", 0},
		{"http://localhost:1/", 0},
		{"http://[::1]:1/", 0},
		{"http://iam.amazonaws.com/", -1},
		{"http://127.0.0.1.example.com/", -1},
		{"http://localhost.example.com/", -1},
		{"http://169.254.169.254/", -1},
		{"http://[::2]/", -1},
		{"http://0.0.0.0/", -1},
		{"http://user@127.0.0.1/", -1},
		{"https://user:x@iam.amazonaws.com/", -1},
		{"ftp://127.0.0.1/", -1},
		{"file:///etc/passwd", -1},
		{"127.0.0.1", -1},
		{"", -1},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct http *http = open_http();
		struct http_request request = {.url = rows[i].url, .max_reply = 1};
		struct err err = ERR_INIT;

		INT_EQ(http_start(http, &request, NULL, &err), rows[i].want, "'%s' %s", rows[i].url,
		       err.message);
		if (rows[i].want)
			INT_EQ(err.code, ERR_INPUT, "'%s': code", rows[i].url);
		http_close(http);
	}
}

static void test_ca_bundle(void)
{
	struct http_options options = {.ca_bundle = "/nowhere/ca.pem"};
	struct http *http = NULL;
	struct err err = ERR_INIT;

	INT_EQ(http_open(&options, &http, &err), -1, "a CA bundle that is not there");
	INT_EQ(err.code, ERR_INPUT, "its code");
	OK(strstr(err.message, "/nowhere/ca.pem") && strstr(err.message, "AWS_CA_BUNDLE"), "%s",
	   err.message);
	OK(!http, "nothing is written");
	http_close(NULL);
}

static void test_parallel(void)
{
	struct http *http = open_http();
	struct http_reply reply = {0};
	int connections = server_shared->connections;
	int done[40] = {0};

	INT_EQ(http_wait(http, 0, &reply), -1, "none running");
	for (size_t i = 0; i < COUNT(done); i++)
		start(http, "/ok", "a=b", &done[i]);
	for (size_t ended = 0; ended < COUNT(done);) {
		int result = http_wait(http, 1000, &reply);

		if (result < 0)
			break;
		if (result == 0)
			continue;
		*(int *)reply.tag += reply.outcome == HTTP_ANSWERED;
		ended++;
		http_reply_release(&reply);
	}
	INT_EQ(http_wait(http, 0, &reply), -1, "none running any more");
	bool all = true;
	for (size_t i = 0; i < COUNT(done); i++)
		all = all && done[i] == 1;
	OK(all, "each is answered once");
	connections = server_shared->connections - connections;
	OK(connections <= 20, "%d connections", connections);
	http_close(http);
}

static long long now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

static void on_alarm(int number)
{
	(void)number;
}

static void test_waiting(void)
{
	struct sigaction action = {.sa_handler = on_alarm, .sa_flags = SA_RESTART};
	struct itimerval soon = {.it_value.tv_usec = 100000};
	struct http *http = open_http();
	struct http_reply reply = {0};

	start(http, "/silent", "a=b", NULL);
	INT_EQ(http_wait(http, 0, &reply), 0, "no time to wait");
	long long before = now_ms();
	INT_EQ(http_wait(http, 50, &reply), 0, "50 ms");
	OK(now_ms() - before >= 49, "were waited");
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &soon, NULL);
	before = now_ms();
	INT_EQ(http_wait(http, 900, &reply), 0, "a signal");
	OK(now_ms() - before < 600, "ends the waiting: %lld ms", now_ms() - before);
	http_close(http);
}

int main(void)
{
	signal(SIGPIPE, SIG_IGN);
	memset(large, 'x', LARGE);
	snprintf(headers_body, sizeof(headers_body), "HTTP/1.1 200 OK\r\nX: %0*d\r\n\r\n", HEADERS,
		 0);
	server_begin(choose);
	test_answers();
	test_request();
	test_kept_connection();
	test_too_large();
	test_time_out();
	test_unreachable();
	test_urls();
	test_ca_bundle();
	test_parallel();
	test_waiting();
	server_end();
	return tap_done();
}
