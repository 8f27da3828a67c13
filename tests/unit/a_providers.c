// SPDX-License-Identifier: Apache-2.0
/* Providers that ask a service or run a program, and what these may answer. */
#include "cordon/config.h"
#include "cordon/credentials.h"
#include "cordon/err.h"
#include "cordon/hash.h"
#include "cordon/http.h"
#include "cordon/text.h"
#include "home.h"
#include "server.h"
#include "tap.h"

#include <time.h>

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))
#define GIVEN(members)                                                                       \
	"{\"AccessKeyId\":\"ASIAGIVEN\",\"SecretAccessKey\":\"secret\",\"Token\":\"token\"," \
	"\"Expiration\":\"2026-07-14T10:15:00Z\"" members "}"
#define FOUND "ASIAGIVEN secret token 1784024100"

static bool (*stopped)(void);

static int find(struct credentials *ret, struct err *err)
{
	struct config_options options = {.stopped = stopped};
	struct http_options http_options = {.connect_seconds = 5};
	struct credentials_door door = {.session = "cordon-1"};
	struct config *config = NULL;
	struct http *http = NULL;

	if (config_open(&options, home_env, &config, err) || http_open(&http_options, &http, err)) {
		config_free(config);
		return -1;
	}
	door.config = config;
	door.http = http;
	int result = credentials_find(&door, ret, err);
	http_close(http);
	config_free(config);
	return result;
}

/* want: what was found, or a part of the error. */
static void check(const char *name, const char *want)
{
	struct credentials c = {.expires = 0};
	struct err err = ERR_INIT;
	char got[256] = "";

	if (find(&c, &err) == 0)
		snprintf(got, sizeof(got), "%s %s %s %lld", c.access_key_id, c.secret_key.bytes,
			 c.token.bytes ? c.token.bytes : "-", (long long)c.expires);
	if (*got)
		STR_EQ(got, want, "%s", name);
	else
		OK(strstr(err.message, want) != NULL, "%s: %s", name, err.message);
	OK(!strstr(err.message, "hidden"), "%s: shows nothing of the answer", name);
	credentials_release(&c);
}

static char huge[70000];

/* A container's endpoint: one answer for all. */

static const struct answer *given;

static const struct answer *choose_given(const char *request)
{
	(void)request;
	return given;
}

static const struct {
	const char *name;
	struct answer answer;
	const char *want;
} container_rows[] = {
	{"good", {.status = 200, .body = GIVEN("")}, FOUND},
	{"more members", {.status = 200, .body = GIVEN(",\"RoleArn\":\"r\",\"x\":[1]")}, FOUND},
	{"an expiry with a fraction",
	 {.status = 200,
	  .body = "{\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"s\",\"Token\":\"t\","
		  "\"Expiration\":\"2026-07-14T12:15:00.25+02:00\"}"},
	 "A s t 1784024100"},
	{"refused",
	 {.status = 403, .body = "{\"message\":\"no such role\"}"},
	 "service: the answer is status 403: no such role"},
	{"not there", {.status = 404, .body = "hidden"}, "status 404"},
	{"a redirect",
	 {.status = 302, .headers = "Location: http://127.0.0.1:1/\r\n"},
	 "status 302"},
	{"no JSON", {.status = 200, .body = "hidden"}, "the answer is no JSON object"},
	{"a list", {.status = 200, .body = "[\"hidden\"]"}, "the answer is no JSON object"},
	{"nothing", {.status = 200, .body = ""}, "the answer is no JSON object"},
	{"cut off", {.status = 200, .body = "{\"AccessKeyId\":\"hidden\","}, "no JSON object"},
	{"no key",
	 {.status = 200, .body = "{\"SecretAccessKey\":\"hidden\",\"Token\":\"t\"}"},
	 "partial credentials in the container's credential service"},
	{"no secret",
	 {.status = 200,
	  .body = "{\"AccessKeyId\":\"hidden\",\"Token\":\"t\","
		  "\"Expiration\":\"2026-07-14T10:15:00Z\"}"},
	 "SecretAccessKey is missing"},
	{"no token",
	 {.status = 200,
	  .body = "{\"AccessKeyId\":\"a\",\"SecretAccessKey\":\"hidden\","
		  "\"Expiration\":\"2026-07-14T10:15:00Z\"}"},
	 "Token is missing"},
	{"an empty token",
	 {.status = 200,
	  .body = "{\"AccessKeyId\":\"a\",\"SecretAccessKey\":\"hidden\",\"Token\":\"\","
		  "\"Expiration\":\"2026-07-14T10:15:00Z\"}"},
	 "Token is missing"},
	{"no expiry",
	 {.status = 200,
	  .body = "{\"AccessKeyId\":\"a\",\"SecretAccessKey\":\"hidden\",\"Token\":\"t\"}"},
	 "Expiration is missing"},
	{"an odd expiry",
	 {.status = 200,
	  .body = "{\"AccessKeyId\":\"a\",\"SecretAccessKey\":\"hidden\",\"Token\":\"t\","
		  "\"Expiration\":\"hidden\"}"},
	 "Expiration in the container's credential service is not a time"},
	{"an expiry that is a number",
	 {.status = 200,
	  .body = "{\"AccessKeyId\":\"a\",\"SecretAccessKey\":\"hidden\",\"Token\":\"t\","
		  "\"Expiration\":1784024100}"},
	 "is not a time"},
	{"a key that is a number",
	 {.status = 200,
	  .body = "{\"AccessKeyId\":7,\"SecretAccessKey\":\"hidden\",\"Token\":\"t\"}"},
	 "are no text"},
	{"a header in the token",
	 {.status = 200,
	  .body = "{\"AccessKeyId\":\"a\",\"SecretAccessKey\":\"s\","
		  "\"Token\":\"hidden\\r\\nX: y\",\"Expiration\":\"2026-07-14T10:15:00Z\"}"},
	 "Token in the container's credential service holds white space"},
	{"a NUL in the token",
	 {.status = 200,
	  .body = "{\"AccessKeyId\":\"a\",\"SecretAccessKey\":\"s\","
		  "\"Token\":\"hid\\u0000den\",\"Expiration\":\"2026-07-14T10:15:00Z\"}"},
	 "credential service"},
	{"an escape in the reason",
	 {.status = 400, .body = "{\"message\":\"\\u001b[31mno\"}"},
	 "status 400: \033[31mno"},
	{"huge", {.status = 200, .body = huge}, "the answer is larger than 65536 bytes"},
	{"no HTTP", {.how = ANSWER_RAW, .body = "hidden\r\n\r\n"}, "no answer: "},
};

static void test_container(void)
{
	memset(huge, ' ', sizeof(huge) - 1);
	for (size_t i = 0; i < COUNT(container_rows); i++) {
		given = &container_rows[i].answer;
		server_begin(choose_given);
		home_begin();
		home_set("AWS_EC2_METADATA_DISABLED", "true");
		home_set("AWS_CONTAINER_CREDENTIALS_FULL_URI", server_url);
		home_set("AWS_CONTAINER_AUTHORIZATION_TOKEN", "Basic abc");
		/* A proxy would see the token. */
		home_set("http_proxy", "http://127.0.0.1:1");
		check(container_rows[i].name, container_rows[i].want);
		OK(strstr(server_shared->last, "\r\nAuthorization: Basic abc\r\n") != NULL,
		   "%s: with the token", container_rows[i].name);
		home_end();
		server_end();
	}
}

/* Asked again while it is out of order. */
static const struct answer *choose_third(const char *request)
{
	static const struct answer good = {.status = 200, .body = GIVEN("")};
	static const struct answer bad = {.status = 503, .body = ""};
	static const struct answer cut = {.how = ANSWER_CUT};

	(void)request;
	switch (server_count(&server_shared->counters[0])) {
	case 0:
		return &bad;
	case 1:
		return &cut;
	default:
		return &good;
	}
}

static void test_container_again(void)
{
	server_begin(choose_third);
	home_begin();
	home_set("AWS_CONTAINER_CREDENTIALS_FULL_URI", server_url);
	check("the third time", FOUND);
	INT_EQ(server_shared->requests, 3, "three times");
	home_end();
	server_end();
}

/* Only where the CLI would ask. */
static void test_container_hosts(void)
{
	static const char elsewhere[] = "http is for this machine, 169.254.170.2";
	static const struct {
		const char *relative, *full, *token, *want;
	} rows[] = {
		{.full = "http://192.0.2.1/x", .want = elsewhere},
		{.full = "http://169.254.169.254/x", .want = elsewhere},
		{.full = "http://169.254.170.2.example.org/x", .want = elsewhere},
		{.full = "http://169.254.170.2@192.0.2.1/x", .want = elsewhere},
		{.full = "http://localhost.example.org/x", .want = elsewhere},
		{.full = "http://[fd00:ec2::254]/x", .want = elsewhere},
		{.full = "http://[fe80::1]/x", .want = elsewhere},
		{.full = "http://[::1/x", .want = elsewhere},
		{.full = "http://127.0.0.1.example.org/x", .want = "not https, and not on this"},
		{.full = "http://127.0.0.1@192.0.2.1/", .want = "is no URL that can be asked"},
		{.full = "ftp://localhost/x", .want = elsewhere},
		{.full = "file:///etc/passwd", .want = elsewhere},
		{.full = "localhost/x", .want = elsewhere},
		{.full = "http://localhost/a b", .want = "FULL_URI is no address"},
		{.full = "http://localhost/\r\nX: y", .want = "FULL_URI is no address"},
		{.relative = "x", .want = "RELATIVE_URI is no address"},
		{.relative = "@192.0.2.1/", .want = "RELATIVE_URI is no address"},
		{.full = "http://localhost:1/",
		 .token = "a\r\nX: y",
		 .want = "AWS_CONTAINER_AUTHORIZATION_TOKEN holds what cannot stand in a header"},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		home_begin();
		home_set("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", rows[i].relative);
		home_set("AWS_CONTAINER_CREDENTIALS_FULL_URI", rows[i].full);
		home_set("AWS_CONTAINER_AUTHORIZATION_TOKEN", rows[i].token);
		check(rows[i].want, rows[i].want);
		home_end();
	}
}

/* An instance's metadata: an answer for each of the three questions. */

enum { ASK_TOKEN, ASK_ROLE, ASK_KEY, ASK_COUNT };

static struct answer instance_answers[ASK_COUNT];

static const struct answer *choose_instance(const char *request)
{
	static const struct answer lost = {.status = 404, .body = ""};

	if (strncmp(request, "PUT /latest/api/token HTTP", 26) == 0)
		return strcasestr(request, "\r\nX-aws-ec2-metadata-token-ttl-seconds: 21600\r\n")
			       ? &instance_answers[ASK_TOKEN]
			       : &lost;
	if (instance_answers[ASK_TOKEN].status == 200 &&
	    !strcasestr(request, "\r\nX-aws-ec2-metadata-token: tok=\r\n"))
		return &lost;
	if (strncmp(request, "GET /latest/meta-data/iam/security-credentials/ HTTP", 52) == 0)
		return &instance_answers[ASK_ROLE];
	if (strncmp(request, "GET /latest/meta-data/iam/security-credentials/role HTTP", 56) == 0)
		return &instance_answers[ASK_KEY];
	return &lost;
}

static const struct {
	const char *name;
	struct answer answers[ASK_COUNT];
	const char *variable, *want;
} instance_rows[] = {
	{.name = "good", .want = FOUND},
	{.name = "only version 1", .answers[ASK_TOKEN] = {.status = 403}, .want = FOUND},
	{.name = "only version 1, off",
	 .answers[ASK_TOKEN] = {.status = 405},
	 .variable = "AWS_EC2_METADATA_V1_DISABLED",
	 .want = "its version 1 is switched off"},
	{.name = "switched off",
	 .variable = "AWS_EC2_METADATA_DISABLED",
	 .want = "; instance metadata: switched off by AWS_EC2_METADATA_DISABLED"},
	{.name = "a bad request", .answers[ASK_TOKEN] = {.status = 400}, .want = "status 400"},
	{.name = "an empty session",
	 .answers[ASK_TOKEN] = {.status = 200, .body = ""},
	 .want = "its token is none that can be used"},
	{.name = "a header as session",
	 .answers[ASK_TOKEN] = {.status = 200, .body = "hidden\r\nX: y"},
	 .want = "its token is none that can be used"},
	{.name = "a huge session",
	 .answers[ASK_TOKEN] = {.status = 200, .body = huge},
	 .want = "larger than"},
	{.name = "no role",
	 .answers[ASK_ROLE] = {.status = 404, .body = "hidden"},
	 .want = "instance metadata: the instance has no role"},
	{.name = "two roles",
	 .answers[ASK_ROLE] = {.status = 200, .body = "role\nother"},
	 .want = FOUND},
	{.name = "a path as role",
	 .answers[ASK_ROLE] = {.status = 200, .body = "../x"},
	 .want = "what it names is no role"},
	{.name = "a page as role",
	 .answers[ASK_ROLE] = {.status = 200, .body = "<html>"},
	 .want = "what it names is no role"},
	{.name = "no role at all",
	 .answers[ASK_ROLE] = {.status = 200, .body = ""},
	 .want = "what it names is no role"},
	{.name = "an error with status 200",
	 .answers[ASK_KEY] = {.status = 200,
			      .body = "{\"Code\":\"AssumeRoleUnauthorizedAccess\","
				      "\"Message\":\"EC2 cannot assume the role\"}"},
	 .want = "EC2 cannot assume the role"},
	{.name = "no key",
	 .answers[ASK_KEY] = {.status = 200, .body = "{\"Code\":\"Success\"}"},
	 .want = "partial credentials in instance metadata, role 'role': Token is missing"},
	{.name = "out of order", .answers[ASK_KEY] = {.status = 500}, .want = "status 500"},
	{.name = "cut", .answers[ASK_ROLE] = {.how = ANSWER_CUT}, .want = "no answer: "},
	{.name = "half",
	 .answers[ASK_KEY] = {.how = ANSWER_HALF, .status = 200, .body = GIVEN("")},
	 .want = "no answer: "},
	{.name = "silent", .answers[ASK_TOKEN] = {.how = ANSWER_SILENT}, .want = "no answer: "},
};

static void begin_instance(size_t row)
{
	static const struct answer good[] = {
		[ASK_TOKEN] = {.status = 200, .body = "tok="},
		[ASK_ROLE] = {.status = 200, .body = "role"},
		[ASK_KEY] = {.status = 200, .body = GIVEN(",\"Code\":\"Success\"")}};

	for (size_t i = 0; i < ASK_COUNT; i++) {
		const struct answer *own = &instance_rows[row].answers[i];

		instance_answers[i] = own->status || own->how ? *own : good[i];
	}
	server_begin(choose_instance);
	home_begin();
	home_set("AWS_EC2_METADATA_SERVICE_ENDPOINT", server_url);
	if (instance_rows[row].variable)
		home_set(instance_rows[row].variable, "TRUE");
}

static void test_instance(void)
{
	struct timespec start, end;

	clock_gettime(CLOCK_MONOTONIC, &start);
	for (size_t i = 0; i < COUNT(instance_rows); i++) {
		begin_instance(i);
		check(instance_rows[i].name, instance_rows[i].want);
		home_end();
		server_end();
	}
	clock_gettime(CLOCK_MONOTONIC, &end);
	OK(end.tv_sec - start.tv_sec < 20, "a silent service costs a second");
}

static void test_instance_settings(void)
{
	static const struct {
		const char *name, *config, *variable, *value, *want;
	} rows[] = {
		{"another machine by http", NULL, "AWS_EC2_METADATA_SERVICE_ENDPOINT",
		 "http://192.0.2.1/", "is not https, and not on this machine"},
		{"from the profile",
		 "[default]\nec2_metadata_service_endpoint = http://192.0.2.1/\n", NULL, NULL,
		 "'http://192.0.2.1/latest/api/token' is not https"},
		{"no URL", NULL, "AWS_EC2_METADATA_SERVICE_ENDPOINT", "a b", "is no address"},
		{"no mode", NULL, "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "ipv5",
		 "'ipv5' is neither IPv4 nor IPv6"},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		home_begin();
		home_write(".aws/config", rows[i].config, 0600);
		if (rows[i].variable)
			home_set(rows[i].variable, rows[i].value);
		check(rows[i].name, rows[i].want);
		home_end();
	}
}

/* The portal of IAM Identity Center. */

#define PORTAL(key)                                                                               \
	"{\"roleCredentials\":{" key "\"secretAccessKey\":\"secret\",\"sessionToken\":\"token\"," \
	"\"expiration\":1784024100000}}"

static const struct {
	const char *name, *cache;
	struct answer answer;
	const char *want;
} portal_rows[] = {
	{"good",
	 "{\"accessToken\":\"bearer\"}",
	 {.status = 200, .body = PORTAL("\"accessKeyId\":\"ASIAGIVEN\",")},
	 FOUND},
	{"ended",
	 "{\"accessToken\":\"bearer\"}",
	 {.status = 401, .body = "hidden"},
	 "the sign-in has ended; run \"aws sso login --sso-session 'a b'\" and try again"},
	{"not ours",
	 "{\"accessToken\":\"bearer\"}",
	 {.status = 403, .body = "{\"message\":\"No access\"}"},
	 "gives no credentials for role 'r&x' in account 1: status 403: No access"},
	{"no key",
	 "{\"accessToken\":\"bearer\"}",
	 {.status = 200, .body = PORTAL("")},
	 "accessKeyId is missing"},
	{"no JSON",
	 "{\"accessToken\":\"bearer\"}",
	 {.status = 200, .body = "hidden"},
	 "the answer is no JSON object"},
	{"another shape",
	 "{\"accessToken\":\"bearer\"}",
	 {.status = 200, .body = "{\"roleCredentials\":\"hidden\"}"},
	 "partial credentials in"},
	{"huge", "{\"accessToken\":\"bearer\"}", {.status = 200, .body = huge}, "larger than"},
	{"a broken cache",
	 "{\"accessToken\":\"hid",
	 {.status = 200},
	 "the sign-in in the cache is not usable; run \"aws sso login"},
	{"a header in the cache",
	 "{\"accessToken\":\"hidden\\r\\nX: y\"}",
	 {.status = 200},
	 "the sign-in in the cache is not usable"},
	{"a number in the cache",
	 "{\"accessToken\":7}",
	 {.status = 200},
	 "the sign-in in the cache is not usable"},
};

static void write_cache(const char *text)
{
	char hash[HASH_SHA1_HEX_SIZE];
	char name[96];

	hash_sha1_hex("a b", 3, hash);
	if (mkdir(home_write(".aws/sso", NULL, 0), 0700) ||
	    mkdir(home_write(".aws/sso/cache", NULL, 0), 0700))
		abort();
	snprintf(name, sizeof(name), ".aws/sso/cache/%s.json", hash);
	home_write(name, text, 0600);
}

static void test_portal(void)
{
	for (size_t i = 0; i < COUNT(portal_rows); i++) {
		given = &portal_rows[i].answer;
		server_begin(choose_given);
		home_begin();
		home_set("AWS_ENDPOINT_URL_SSO", server_url);
		home_set("AWS_MAX_ATTEMPTS", "1");
		home_write(".aws/config",
			   "[default]\nsso_session = a b\nsso_account_id = 1\nsso_role_name = r&x\n"
			   "[sso-session 'a b']\nsso_start_url = u\nsso_region = eu-west-1\n",
			   0600);
		write_cache(portal_rows[i].cache);
		check(portal_rows[i].name, portal_rows[i].want);
		if (i == 0)
			OK(strstr(server_shared->last,
				  "GET /federation/credentials?role_name=r%26x&account_id=1 HTTP") &&
				   strstr(server_shared->last,
					  "\r\nx-amz-sso_bearer_token: bearer\r\n"),
			   "what the portal is asked");
		home_end();
		server_end();
	}
}

/* Programs. */

#define KEYS "\"AccessKeyId\":\"ASIAGIVEN\",\"SecretAccessKey\":\"secret\""
#define SAY(json) "/usr/bin/printf %s '" json "'"

static const struct {
	const char *name, *command, *want;
} process_rows[] = {
	{"a long-term key", SAY("{\"Version\":1," KEYS "}"), "ASIAGIVEN secret - 0"},
	{"a session",
	 SAY("{\"Version\":1," KEYS
	     ",\"SessionToken\":\"token\",\"Expiration\":\"2026-07-14T10:15:00Z\"}"),
	 FOUND},
	{"no shell",
	 "sh -c 'test \"$1\" = \";\" -a \"$2\" = \"$3\" -a $# = 3 && printf %s \"$0\"' "
	 "'{\"Version\":1," KEYS "}' ; '$HOME' $HOME",
	 "ASIAGIVEN secret - 0"},
	{"quotation marks", "\"/usr/bin/\"printf '%s' {\\\"Version\\\":1,'" KEYS "}'",
	 "ASIAGIVEN secret - 0"},
	{"words over several lines", "printf\n  %s\n\t'{\"Version\":1," KEYS "}'",
	 "ASIAGIVEN secret - 0"},
	{"from PATH", "printf %s '{\"Version\":1," KEYS "}'", "ASIAGIVEN secret - 0"},
	{"no version", SAY("{" KEYS "}"), "the Version of its answer is not 1"},
	{"another version", SAY("{\"Version\":2," KEYS "}"), "the Version of its answer is not 1"},
	{"a version as text", SAY("{\"Version\":\"1\"," KEYS "}"), "the Version of its answer"},
	{"no secret", SAY("{\"Version\":1,\"AccessKeyId\":\"hidden\"}"),
	 "SecretAccessKey is missing"},
	{"nothing", "true", "the answer is no JSON object"},
	{"no JSON", "echo hidden", "the answer is no JSON object"},
	{"a failure", "sh -c 'echo no card >&2; exit 3'", "it ended with status 3: no card"},
	{"a silent failure", "false", "profile 'default': it ended with status 1"},
	{"a failure after an answer", "sh -c 'echo hidden; exit 1'", "it ended with status 1"},
	{"a signal", "sh -c 'kill -9 $$'", "it was killed by signal 9"},
	{"not there", "/no/such/program x", "'/no/such/program' cannot be run: No such file"},
	{"no program", "/etc/passwd", "cannot be run: Permission denied"},
	{"a folder", "/", "cannot be run: Permission denied"},
	{"empty", "''", "it is empty"},
	{"an open quotation", "echo 'x", "a quotation in it is not closed"},
	{"an end in a backslash", "echo x\\", "a quotation in it is not closed"},
	{"huge", "head -c 100000 /dev/zero", "its output is larger than 65536 bytes"},
	{"without end", "yes hidden", "its output is larger than 65536 bytes"},
	{"many messages",
	 "sh -c 'head -c 1000000 /dev/zero >&2; printf %s \"$0\"' '{\"Version\":1," KEYS "}'",
	 "ASIAGIVEN secret - 0"},
	{"standard input is empty",
	 "sh -c 'read x && exit 5; printf %s \"$0\"' '{\"Version\":1," KEYS "}'",
	 "ASIAGIVEN secret - 0"},
	{"no descriptor of ours",
	 "sh -c 'test -e /dev/fd/3 -o -e /dev/fd/4 -o -e /dev/fd/9 && exit 5; printf %s \"$0\"' "
	 "'{\"Version\":1," KEYS "}'",
	 "ASIAGIVEN secret - 0"},
	{"SIGPIPE ends it", "sh -c 'kill -PIPE $$; echo hidden'", "it was killed by signal 13"},
	{"it leaves one behind that holds its output",
	 "sh -c 'sleep 300 & printf %s \"$0\"' '{\"Version\":1," KEYS "}'", "ASIAGIVEN secret - 0"},
	{"it ends with an output still unread",
	 "sh -c 'printf %s \"$0\"; head -c 60000 /dev/zero | tr \"\\\\000\" \" \"' "
	 "'{\"Version\":1," KEYS "}'",
	 "ASIAGIVEN secret - 0"},
};

static void test_process(void)
{
	signal(SIGPIPE, SIG_IGN);
	for (size_t i = 0; i < COUNT(process_rows); i++) {
		char text[600];

		home_begin();
		home_set("AWS_EC2_METADATA_DISABLED", "true");
		snprintf(text, sizeof(text), "[default]\ncredential_process = %s\n",
			 process_rows[i].command);
		home_write(".aws/config", text, 0600);
		check(process_rows[i].name, process_rows[i].want);
		home_end();
	}
	signal(SIGPIPE, SIG_DFL);
}

/* Stopped once the program has written down its child; the child is to end with it. */
static bool is_begun(void)
{
	struct stat st;

	return stat(home_write("pid", NULL, 0), &st) == 0 && st.st_size > 0;
}

static void test_process_stopped(void)
{
	char text[300];
	int pid = 0;

	stopped = is_begun;
	home_begin();
	snprintf(text, sizeof(text),
		 "[default]\ncredential_process = sh -c 'sleep 300 & echo $! >%s; wait'\n",
		 home_write("pid", NULL, 0));
	home_write(".aws/config", text, 0600);
	check("stopped", "credential_process of profile 'default': interrupted");
	FILE *file = fopen(home_write("pid", NULL, 0), "re");
	OK(file && fscanf(file, "%d", &pid) == 1 && pid > 1, "it had a child");
	if (file)
		fclose(file);
	for (int i = 0; i < 500 && pid > 1 && kill(pid, 0) == 0; i++)
		usleep(10000);
	OK(pid > 1 && kill(pid, 0) != 0, "which ended with it");
	home_end();
	stopped = NULL;
}

int main(void)
{
	test_container();
	test_container_again();
	test_container_hosts();
	test_instance();
	test_instance_settings();
	test_portal();
	test_process();
	test_process_stopped();
	return tap_done();
}
