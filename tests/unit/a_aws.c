// SPDX-License-Identifier: Apache-2.0
#include "cordon/aws.h"

#include "cordon/operation.h"
#include "cordon/text.h"
#include "home.h"
#include "server.h"
#include "tap.h"

#include <time.h>

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

/* A table of our own in the place of the real one: a row for every combination of flags. */
static const struct shape string = {.kind = SHAPE_STRING};
static const struct shape strings = {.kind = SHAPE_LIST, .item = &string};
static const struct shape secret = {.kind = SHAPE_SECRET};
static const struct member input[] = {{"UserName", &string, MEMBER_REQUIRED | MEMBER_PRINCIPAL},
				      {0}};
static const struct member output[] = {
	{"Name", &string, 0}, {"Items", &strings, 0}, {"Key", &secret, 0}, {0}};

static const struct operation operations[] = {
	{.name = "Read", .flags = OPERATION_IDEMPOTENT, .output = output},
	{.name = "List", .flags = OPERATION_IDEMPOTENT | OPERATION_PAGED, .output = output},
	{.name = "Put", .flags = OPERATION_WRITE | OPERATION_IDEMPOTENT},
	{.name = "Delete", .flags = OPERATION_WRITE | OPERATION_IDEMPOTENT | OPERATION_REMOVES},
	{.name = "Create", .flags = OPERATION_WRITE, .output = output},
	{.name = "Open", .flags = OPERATION_IDEMPOTENT | OPERATION_UNSIGNED, .output = output},
};
static struct operation table[COUNT(operations)];

const struct operation *operation_find(const char *name)
{
	for (size_t i = 0; i < COUNT(operations); i++) {
		table[i] = operations[i];
		table[i].service = "iam";
		table[i].input = input;
		if (strcmp(table[i].name, name) == 0)
			return &table[i];
	}
	return NULL;
}

const char *operation_version(const char *service)
{
	(void)service;
	return "2010-05-08";
}

const char *operation_target(const char *service)
{
	(void)service;
	return NULL;
}

int operation_check(const struct operation *op, const json_t *parameters, struct err *err)
{
	if (json_object_get(parameters, "UserName"))
		return 0;
	return err_set(err, ERR_REFUSED, "%s without UserName", op->name);
}

#define REPLY(op, inside)                               \
	"<" op "Response><" op "Result>" inside "</" op \
	"Result><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></" op "Response>"
#define GIVES(op, inside)                                \
	{                                                \
		.status = 200, .body = REPLY(op, inside) \
	}
#define ERROR(status_, code)                                                                   \
	{                                                                                      \
		.status = status_, .body = "<ErrorResponse><Error><Code>" code                 \
					   "</Code><Message>m</Message></Error><RequestId>e</" \
					   "RequestId></ErrorResponse>"                        \
	}
#define PAGE(items, marker)                                   \
	GIVES("List", "<Items>" items "</Items><Name>" marker \
		      "</Name><IsTruncated>true</IsTruncated><Marker>" marker "</Marker>")
#define ITEM(name) "<member>" name "</member>"
#define CUT                       \
	{                         \
		.how = ANSWER_CUT \
	}
#define HTML(status_)                                           \
	{                                                       \
		.status = status_, .body = "<html>sorry</html>" \
	}

/* Each row is a call with a user name of its own, by which the server knows it; the last answer is
 * given again and again. */
static const struct row {
	const char *name, *operation;
	struct answer answers[5];
	enum aws_outcome outcome;
	enum err_code code;
	unsigned attempts;
	const char *want; /* the reply, or a part of the message */
} rows[] = {
	{"an answer",
	 "Read",
	 {GIVES("Read", "<Name>n</Name>")},
	 AWS_DONE,
	 0,
	 1,
	 "{\"Name\":\"n\"}"},
	{"unsigned", "Open", {GIVES("Open", "")}, AWS_DONE, 0, 1, "{}"},
	{"no output", "Put", {GIVES("Put", "")}, AWS_DONE, 0, 1, NULL},
	{"denied",
	 "Read",
	 {ERROR(403, "AccessDenied")},
	 AWS_REFUSED,
	 ERR_DENIED,
	 1,
	 "AccessDenied: m"},
	{"throttled once",
	 "Read",
	 {ERROR(400, "Throttling"), GIVES("Read", "")},
	 AWS_DONE,
	 0,
	 2,
	 "{}"},
	{"throttled on and on",
	 "Read",
	 {ERROR(400, "Throttling")},
	 AWS_REFUSED,
	 ERR_THROTTLED,
	 3,
	 "Throttling: m"},
	{"429", "Create", {HTML(429), GIVES("Create", "")}, AWS_DONE, 0, 2, "{}"},
	{"a page in HTML", "Read", {HTML(500), GIVES("Read", "")}, AWS_DONE, 0, 2, "{}"},
	{"a page of another's", "Read", {HTML(404)}, AWS_REFUSED, ERR_PROTOCOL, 1, "status 404"},
	{"service failure, read",
	 "Read",
	 {ERROR(500, "ServiceFailure")},
	 AWS_REFUSED,
	 ERR_AWS,
	 3,
	 "ServiceFailure: m"},
	{"service failure, write",
	 "Put",
	 {ERROR(500, "ServiceFailure")},
	 AWS_UNKNOWN,
	 ERR_AWS,
	 3,
	 "ServiceFailure: m"},
	{"unavailable",
	 "Put",
	 {ERROR(503, "ServiceUnavailable")},
	 AWS_REFUSED,
	 ERR_AWS,
	 3,
	 "ServiceUnavailable: m"},
	{"create, unavailable", "Create", {HTML(503), GIVES("Create", "")}, AWS_DONE, 0, 2, "{}"},
	{"create, cut",
	 "Create",
	 {CUT, GIVES("Create", "")},
	 AWS_UNKNOWN,
	 ERR_NETWORK,
	 1,
	 "no answer from '127.0.0.1"},
	{"create, half an answer",
	 "Create",
	 {{.how = ANSWER_HALF, .status = 200, .body = REPLY("Create", "")}},
	 AWS_UNKNOWN,
	 ERR_NETWORK,
	 1,
	 "no answer from '127.0.0.1"},
	{"create, a gateway's 502",
	 "Create",
	 {HTML(502)},
	 AWS_UNKNOWN,
	 ERR_PROTOCOL,
	 1,
	 "status 502"},
	{"create, failed, is there",
	 "Create",
	 {ERROR(500, "ServiceFailure"), ERROR(409, "EntityAlreadyExists")},
	 AWS_UNKNOWN,
	 ERR_AWS,
	 2,
	 "EntityAlreadyExists: m"},
	{"put, cut", "Put", {CUT, GIVES("Put", "")}, AWS_DONE, 0, 2, NULL},
	{"put, half an answer",
	 "Put",
	 {{.how = ANSWER_HALF, .status = 200, .body = REPLY("Put", "")}, GIVES("Put", "")},
	 AWS_DONE,
	 0,
	 2,
	 NULL},
	{"put, cut, then denied",
	 "Put",
	 {CUT, ERROR(403, "AccessDenied")},
	 AWS_UNKNOWN,
	 ERR_DENIED,
	 2,
	 "AccessDenied: m"},
	{"put, cut on and on", "Put", {CUT}, AWS_UNKNOWN, ERR_NETWORK, 3, "no answer from"},
	{"read, cut on and on", "Read", {CUT}, AWS_NOT_SENT, ERR_NETWORK, 3, "no answer from"},
	{"delete, not there",
	 "Delete",
	 {ERROR(404, "NoSuchEntity")},
	 AWS_REFUSED,
	 ERR_NOT_FOUND,
	 1,
	 "NoSuchEntity: m"},
	{"delete, cut, not there",
	 "Delete",
	 {CUT, ERROR(404, "NoSuchEntity")},
	 AWS_DONE,
	 0,
	 2,
	 NULL},
	{"put, cut, not there",
	 "Put",
	 {CUT, ERROR(404, "NoSuchEntity")},
	 AWS_UNKNOWN,
	 ERR_NOT_FOUND,
	 2,
	 "NoSuchEntity: m"},
	{"a quota",
	 "Put",
	 {ERROR(409, "LimitExceeded")},
	 AWS_REFUSED,
	 ERR_AWS,
	 1,
	 "LimitExceeded: m"},
	{"another change",
	 "Put",
	 {ERROR(409, "ConcurrentModification"), GIVES("Put", "")},
	 AWS_DONE,
	 0,
	 2,
	 NULL},
	{"not yet",
	 "Create",
	 {ERROR(409, "EntityTemporarilyUnmodifiableException"), GIVES("Create", "")},
	 AWS_DONE,
	 0,
	 2,
	 "{}"},
	{"garbage as success", "Put", {HTML(200)}, AWS_UNKNOWN, ERR_PROTOCOL, 1, "Put: the reply"},
	{"garbage as success, read",
	 "Read",
	 {HTML(200)},
	 AWS_REFUSED,
	 ERR_PROTOCOL,
	 1,
	 "Read: the reply"},
	{"a redirect",
	 "Put",
	 {{.status = 301, .headers = "Location: /\r\n", .body = ""}},
	 AWS_REFUSED,
	 ERR_PROTOCOL,
	 1,
	 "status 301"},
	{"wrong secret",
	 "Read",
	 {ERROR(403, "SignatureDoesNotMatch")},
	 AWS_REFUSED,
	 ERR_CREDENTIALS,
	 1,
	 "SignatureDoesNotMatch: m"},
	{"pages",
	 "List",
	 {PAGE(ITEM("a") ITEM("b"), "m1"), PAGE("", "m2"),
	  GIVES("List", "<Items>" ITEM("c") "</Items><IsTruncated>false</IsTruncated>")},
	 AWS_DONE,
	 0,
	 3,
	 "{\"Items\":[\"a\",\"b\",\"c\"],\"Name\":\"m1\"}"},
	{"pages and a stumble",
	 "List",
	 {PAGE(ITEM("a"), "m1"), ERROR(400, "Throttling"),
	  GIVES("List", "<Items>" ITEM("b") "</Items>")},
	 AWS_DONE,
	 0,
	 3,
	 "{\"Items\":[\"a\",\"b\"],\"Name\":\"m1\"}"},
	{"pages, the first without a list",
	 "List",
	 {GIVES("List", "<IsTruncated>true</IsTruncated><Marker>x</Marker>"),
	  GIVES("List", "<Items>" ITEM("b") "</Items>")},
	 AWS_DONE,
	 0,
	 2,
	 "{\"Items\":[\"b\"]}"},
	{"pages in a circle",
	 "List",
	 {PAGE(ITEM("a"), "m1"), PAGE(ITEM("b"), "m2"), PAGE(ITEM("c"), "m1")},
	 AWS_REFUSED,
	 ERR_PROTOCOL,
	 3,
	 "goes in a circle"},
	{"pages, then denied",
	 "List",
	 {PAGE(ITEM("a"), "m1"), ERROR(403, "AccessDenied")},
	 AWS_REFUSED,
	 ERR_DENIED,
	 2,
	 "AccessDenied: m"},
	{"a secret", "Create", {GIVES("Create", "<Key>hush</Key>")}, AWS_DONE, 0, 1, "{}"},
	{"no such operation", "Nothing", {CUT}, AWS_NOT_SENT, ERR_REFUSED, 0, "'Nothing'"},
};

static const struct answer *choose(const char *request)
{
	const char *name = strstr(request, "UserName=u");
	long i = name ? strtol(name + 10, NULL, 10) : -1;

	if (i < 0 || i >= (long)COUNT(rows))
		abort();
	int n = server_count(&server_shared->counters[i]);
	while (n > 0 && (n >= (int)COUNT(rows[i].answers) ||
			 (!rows[i].answers[n].status && rows[i].answers[n].how == ANSWER_KEEP)))
		n--;
	return &rows[i].answers[n];
}

static struct aws *open_aws(void)
{
	struct config_options options = {.endpoint_url = server_url};
	struct err err = ERR_INIT;
	struct aws *aws = NULL;

	home_begin();
	home_set("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE");
	home_set("AWS_SECRET_ACCESS_KEY", "secret");
	home_set("AWS_SESSION_TOKEN", "token+/=");
	home_set("AWS_REGION", "eu-west-1");
	INT_EQ(aws_open(&options, home_env, &aws, &err), 0, "opens: %s", err.message);
	if (!aws)
		exit(1);
	return aws;
}

static void close_aws(struct aws *aws)
{
	aws_close(aws);
	home_end();
}

struct counts {
	int attempts, ended, polls;
	int stop_after; /* polls; 0: never */
};

static void on_attempt(void *arg, const struct aws_call *call)
{
	struct counts *counts = arg;

	counts->attempts += call->attempts > 1;
}

static void on_ended(void *arg, const struct aws_call *call)
{
	struct counts *counts = arg;

	counts->ended += call->outcome != AWS_NONE;
}

static bool on_poll(void *arg)
{
	struct counts *counts = arg;

	counts->polls++;
	return counts->stop_after && counts->polls > counts->stop_after;
}

static void check_row(const struct row *row, const struct aws_call *call)
{
	INT_EQ(call->outcome, row->outcome, "%s: outcome: %s", row->name, call->err.message);
	INT_EQ(call->err.code, row->code, "%s: code", row->name);
	INT_EQ(call->attempts, row->attempts, "%s: attempts", row->name);
	if (row->outcome == AWS_DONE)
		JSON_EQ(call->reply, row->want, "%s: reply", row->name);
	else
		OK(!call->reply && strstr(call->err.message, row->want), "%s: '%s'", row->name,
		   call->err.message);
	if (call->err.aws_code[0])
		STR_EQ(call->request_id, "e", "%s: request id", row->name);
	OK(row->attempts == 0 || call->at > 0, "%s: has a time", row->name);
}

static void test_rows(void)
{
	struct aws_call calls[COUNT(rows)] = {0};
	struct counts counts = {0};
	struct aws_watch watch = {
		.arg = &counts, .attempt = on_attempt, .ended = on_ended, .stop = on_poll};
	struct aws *aws = open_aws();
	unsigned long requests = 0;
	int repeated = 0;

	for (size_t i = 0; i < COUNT(rows); i++) {
		char name[16];

		snprintf(name, sizeof(name), "u%zu", i);
		calls[i].operation = rows[i].operation;
		calls[i].parameters = json_pack("{s:s}", "UserName", name);
	}
	aws_send(aws, calls, COUNT(rows), &watch);
	for (size_t i = 0; i < COUNT(rows); i++) {
		check_row(&rows[i], &calls[i]);
		requests += calls[i].attempts;
		bool paged = strcmp(rows[i].operation, "List") == 0;
		repeated += calls[i].attempts > 1 && !paged ? (int)calls[i].attempts - 1 : 0;
	}
	INT_EQ(aws_requests(aws), requests, "requests");
	INT_EQ(server_shared->requests, requests, "as the server saw them");
	INT_EQ(counts.ended, COUNT(rows), "each told of once");
	INT_EQ(counts.attempts, repeated + 1, "each repetition told of; of pages, the one stumble");
	for (size_t i = 0; i < COUNT(rows); i++) {
		INT_EQ(calls[i].secrets.count, strcmp(rows[i].name, "a secret") == 0, "%s: secrets",
		       rows[i].name);
		json_decref((json_t *)(uintptr_t)calls[i].parameters);
		aws_call_release(&calls[i]);
	}
	close_aws(aws);
}

static void test_getters(void)
{
	struct aws *aws = open_aws();

	STR_EQ(aws_endpoint(aws, "iam"), server_url, "IAM's endpoint");
	STR_EQ(aws_endpoint(aws, "sts"), server_url, "STS's endpoint");
	OK(!aws_endpoint(aws, "s3"), "no other");
	const char *service = NULL;
	STR_EQ(aws_endpoint_custom(aws, &service), server_url, "is custom");
	STR_EQ(service, "IAM", "that of IAM first");
	OK(aws_endpoint_typed(aws), "and typed");
	STR_EQ(aws_partition(aws), "aws", "partition");
	STR_EQ(aws_region(aws), "us-east-1", "IAM's signing Region");
	STR_EQ(aws_access_key_id(aws), "AKIAIOSFODNN7EXAMPLE", "access key id");
	STR_EQ(aws_credential_source(aws), "environment", "source");
	INT_EQ(aws_credential_expiry(aws), 0, "expiry");
	INT_EQ(aws_requests(aws), 0, "no requests");
	OK(!aws_clock_known(aws) && aws_clock_offset(aws) == 0, "no clock but ours");
	OK(labs((long)(aws_now(aws) - time(NULL))) <= 1, "so it is now");
	OK(!aws_warning(aws, 0), "no warning");
	close_aws(aws);
}

/* A service that says who we are, or that we write to: each one counts. */
static void test_configured_endpoints(void)
{
	static const struct {
		const char *variable, *service, *iam;
	} cases[] = {
		{"AWS_ENDPOINT_URL_STS", "STS", "https://iam.amazonaws.com/"},
		{"AWS_ENDPOINT_URL_IAM", "IAM", "http://localhost:1/"},
		{"AWS_ENDPOINT_URL", "IAM", "http://localhost:1/"},
		{"AWS_ENDPOINT_URL_SSO", NULL, "https://iam.amazonaws.com/"},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct config_options options = {.profile = NULL};
		const char *service = NULL;
		struct err err = ERR_INIT;
		struct aws *aws = NULL;

		home_begin();
		home_set("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE");
		home_set("AWS_SECRET_ACCESS_KEY", "secret");
		home_set(cases[i].variable, "http://localhost:1");
		INT_EQ(aws_open(&options, home_env, &aws, &err), 0, "opens: %s", err.message);
		if (!aws)
			exit(1);
		STR_EQ(aws_endpoint(aws, "iam"), cases[i].iam, "%s: IAM", cases[i].variable);
		STR_EQ(aws_endpoint_custom(aws, &service),
		       cases[i].service ? "http://localhost:1/" : NULL, "%s: a strange one",
		       cases[i].variable);
		STR_EQ(service, cases[i].service, "%s: whose", cases[i].variable);
		OK(!aws_endpoint_typed(aws), "%s: not typed", cases[i].variable);
		close_aws(aws);
	}
}

static void test_open_fails(void)
{
	struct config_options options = {.endpoint_url = "http://example.com/"};
	struct aws *aws = NULL;
	struct err err = ERR_INIT;

	home_begin();
	home_set("AWS_EC2_METADATA_DISABLED", "true");
	INT_EQ(aws_open(&options, home_env, &aws, &err), -1, "plain http elsewhere");
	INT_EQ(err.code, ERR_USAGE, "is usage: %s", err.message);
	options.endpoint_url = server_url;
	INT_EQ(aws_open(&options, home_env, &aws, &err), -1, "no credentials");
	INT_EQ(err.code, ERR_CREDENTIALS, "code: %s", err.message);
	OK(!aws, "nothing is written");
	home_end();
	aws_close(NULL);
}

static void call_once(struct aws *aws, struct aws_call *call, const struct aws_watch *watch)
{
	json_t *parameters = json_pack("{s:s}", "UserName", "u0");

	call->parameters = parameters;
	aws_send(aws, call, 1, watch);
	json_decref(parameters);
}

static long skew;

static void http_date(char ret_text[static 64])
{
	time_t at = time(NULL) + skew;
	struct tm tm;

	gmtime_r(&at, &tm);
	strftime(ret_text, 64, "Date: %a, %d %b %Y %H:%M:%S GMT\r\n", &tm);
}

/* AWS with another clock: takes signatures that are at most 5 minutes off. */
static const struct answer *choose_clock(const char *request)
{
	static struct answer good = GIVES("Read", "<Name>n</Name>");
	static struct answer bad = ERROR(403, "SignatureDoesNotMatch");
	static char date[64];
	const char *header = strstr(request, "X-Amz-Date: ");
	char text[17] = "";
	time_t at = 0;

	http_date(date);
	good.headers = bad.headers = date;
	if (header)
		snprintf(text, sizeof(text), "%.16s", header + 12);
	if (text_parse_time(text, &at))
		abort();
	return labs((long)(time(NULL) + skew - at)) <= 300 ? &good : &bad;
}

static void test_clock(void)
{
	static const struct {
		long skew;
		enum aws_outcome outcome;
		unsigned attempts;
		const char *warning;
	} clocks[] = {
		{0, AWS_DONE, 1, NULL},
		{200, AWS_DONE, 1, NULL},
		{3600, AWS_DONE, 2, "s behind AWS's; requests are signed with AWS's"},
		{-7200, AWS_DONE, 2, "s ahead of AWS's; requests are signed with AWS's"},
		{172800, AWS_REFUSED, 1, "s behind AWS's; set it first"},
	};

	for (size_t i = 0; i < COUNT(clocks); i++) {
		skew = clocks[i].skew;
		server_begin(choose_clock);
		struct aws *aws = open_aws();
		struct aws_call call = {.operation = "Read"};
		struct aws_call again = {.operation = "Read"};

		call_once(aws, &call, NULL);
		INT_EQ(call.outcome, clocks[i].outcome, "skew %ld: %s", skew, call.err.message);
		INT_EQ(call.attempts, clocks[i].attempts, "skew %ld: attempts", skew);
		OK(aws_clock_known(aws) && labs(aws_clock_offset(aws) - skew) <= 2,
		   "skew %ld: offset %ld", skew, aws_clock_offset(aws));
		OK(labs((long)(aws_now(aws) - time(NULL)) - skew) <= 2, "skew %ld: now", skew);
		OK(labs((long)(call.at - time(NULL)) - skew) <= 2, "skew %ld: at", skew);
		const char *warning = aws_warning(aws, 0);
		OK(clocks[i].warning ? warning && strstr(warning, clocks[i].warning) : !warning,
		   "skew %ld: %s", skew, warning ? warning : "no warning");
		call_once(aws, &again, NULL);
		INT_EQ(again.attempts, 1, "skew %ld: once is enough", skew);
		aws_call_release(&call);
		aws_call_release(&again);
		close_aws(aws);
		server_end();
	}
}

static const struct answer *choose_busy(const char *request)
{
	static const struct answer busy = ERROR(400, "Throttling");
	static const struct answer cut = CUT;

	return strstr(request, "Action=Create") || strstr(request, "Action=Put") ? &cut : &busy;
}

static void test_stop(void)
{
	static const struct {
		const char *name, *operation;
		int stop_after;
		enum aws_outcome outcome;
		unsigned attempts;
	} stops[] = {
		{"before the first", "Put", -1, AWS_NOT_SENT, 0},
		{"after throttling", "Read", 2, AWS_NOT_SENT, 1},
		{"after a lost answer", "Put", 2, AWS_UNKNOWN, 1},
	};

	server_begin(choose_busy);
	for (size_t i = 0; i < COUNT(stops); i++) {
		struct counts counts = {.stop_after = stops[i].stop_after};
		struct aws_watch watch = {.arg = &counts, .ended = on_ended, .stop = on_poll};
		struct aws_call call = {.operation = stops[i].operation};
		struct aws *aws = open_aws();

		call_once(aws, &call, &watch);
		INT_EQ(call.outcome, stops[i].outcome, "stop %s: %s", stops[i].name,
		       call.err.message);
		OK(call.attempts >= stops[i].attempts && call.attempts <= 2, "stop %s: %u attempts",
		   stops[i].name, call.attempts);
		INT_EQ(call.err.code, ERR_INTERRUPTED, "stop %s: code", stops[i].name);
		INT_EQ(counts.ended, 1, "stop %s: told", stops[i].name);
		aws_call_release(&call);
		close_aws(aws);
	}
	server_end();
}

static bool has_line(const char *line)
{
	return strstr(server_shared->last, line) != NULL;
}

static void test_request(void)
{
	static const char head[] = "POST / HTTP/1.1\r\nHost: 127.0.0.1:";
	struct aws_call call = {.operation = "Read"};

	skew = 0;
	server_begin(choose_clock);
	struct aws *aws = open_aws();
	call_once(aws, &call, NULL);
	OK(strncmp(server_shared->last, head, sizeof(head) - 1) == 0, "POST /");
	OK(has_line("\r\nUser-Agent: cordon/"), "user agent");
	OK(has_line("\r\nContent-Type: application/x-www-form-urlencoded; charset=utf-8\r\n"),
	   "type");
	OK(has_line("\r\nX-Amz-Security-Token: token+/=\r\n"), "token");
	OK(has_line("\r\namz-sdk-request: attempt=1; max=3\r\n"), "attempt");
	OK(has_line("\r\nAuthorization: AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/"),
	   "key id");
	OK(has_line(
		   "/us-east-1/iam/aws4_request, SignedHeaders=amz-sdk-invocation-id;"
		   "amz-sdk-request;content-type;host;x-amz-date;x-amz-security-token, Signature="),
	   "what is signed");
	OK(!has_line("Expect") && !has_line("secret\r"), "nothing else");
	const char *body = strstr(server_shared->last, "\r\n\r\n");
	STR_EQ(body ? body + 4 : NULL, "Action=Read&Version=2010-05-08&UserName=u0", "body");
	const char *id = strstr(server_shared->last, "amz-sdk-invocation-id: ");
	OK(id && id[23 + 8] == '-' && id[23 + 14] == '4' && id[23 + 36] == '\r', "a UUID");
	aws_call_release(&call);
	close_aws(aws);
	server_end();
}

/* A closed port: nothing was sent, and that is known. */
static void test_unreachable(void)
{
	struct aws_call call = {.operation = "Create"};
	int port = 0;

	close(server_socket(&port));
	snprintf(server_url, sizeof(server_url), "http://127.0.0.1:%d/", port);
	struct aws *aws = open_aws();
	call_once(aws, &call, NULL);
	INT_EQ(call.outcome, AWS_NOT_SENT, "nobody listens: %s", call.err.message);
	INT_EQ(call.err.code, ERR_NETWORK, "nobody listens: code");
	INT_EQ(call.attempts, 3, "nobody listens: attempts");
	aws_call_release(&call);
	close_aws(aws);
}

int main(void)
{
	signal(SIGPIPE, SIG_IGN);
	server_begin(choose);
	test_getters();
	test_configured_endpoints();
	test_open_fails();
	test_rows();
	server_end();
	test_clock();
	test_stop();
	test_request();
	test_unreachable();
	return tap_done();
}
