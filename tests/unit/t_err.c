// SPDX-License-Identifier: Apache-2.0
#include "cordon/err.h"
#include "tap.h"

static void test_set_and_wrap(void)
{
	struct err err = ERR_INIT;

	INT_EQ(err_set(&err, ERR_NOT_FOUND, "no user '%s'", "eve"), -1, "err_set returns -1");
	STR_EQ(err.message, "no user 'eve'", "the message is formatted");
	INT_EQ(err_wrap(&err, "playbook '%s'", "x"), -1, "err_wrap returns -1");
	STR_EQ(err.message, "playbook 'x': no user 'eve'", "context goes before");
	INT_EQ(err.code, ERR_NOT_FOUND, "the code stays");
}

static void test_set_forgets_aws(void)
{
	struct err err = {.code = ERR_AWS, .aws_code = "Throttling", .request_id = "r-1"};

	err_wrap(&err, "a call");
	STR_EQ(err.aws_code, "Throttling", "err_wrap keeps AWS's code");
	STR_EQ(err.request_id, "r-1", "err_wrap keeps the request id");
	err_set(&err, ERR_IO, "another");
	STR_EQ(err.aws_code, "", "err_set clears AWS's code");
	STR_EQ(err.request_id, "", "err_set clears the request id");
}

static void test_limits(void)
{
	char longest[2 * sizeof(((struct err *)NULL)->message)];
	struct err err = ERR_INIT;

	memset(longest, 'x', sizeof(longest));
	longest[sizeof(longest) - 1] = '\0';
	err_set(&err, ERR_IO, "%s", longest);
	INT_EQ(strlen(err.message), sizeof(err.message) - 1, "a long message is cut");
	err_wrap(&err, "first");
	OK(strncmp(err.message, "first: xxx", 10) == 0, "wrapping a full message cuts its end");
	INT_EQ(strlen(err.message), sizeof(err.message) - 1, "and stays within bounds");
	err_wrap(&err, "%s", longest);
	INT_EQ(strlen(err.message), sizeof(err.message) - 1, "so does a context that is too long");
}

static void test_names(void)
{
	for (int code = ERR_NONE; code <= ERR_INTERRUPTED; code++) {
		const char *name = err_code_name((enum err_code)code);

		OK(name && *name && strcmp(name, "unknown") != 0, "code %d has a name", code);
		for (int other = ERR_NONE; other < code; other++) {
			if (strcmp(name, err_code_name((enum err_code)other)) == 0)
				OK(false, "codes %d and %d share a name", code, other);
		}
	}
	STR_EQ(err_code_name((enum err_code)9999), "unknown", "a code from nowhere");
}

int main(void)
{
	test_set_and_wrap();
	test_set_forgets_aws();
	test_limits();
	test_names();
	return tap_done();
}
