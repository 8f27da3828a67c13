// SPDX-License-Identifier: Apache-2.0
#include "../../src/aws/door.h"
#include "tap.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static void test_kinds(void)
{
	static const struct {
		const char *name;
		struct http_reply reply;
		enum err_code code;
		const char *aws_code;
		enum retry_kind want;
	} rows[] = {
		{"not sent", {.outcome = HTTP_NOT_SENT}, ERR_NETWORK, "", RETRY_TRANSIENT},
		{"a bad certificate",
		 {.outcome = HTTP_NOT_SENT, .permanent = true},
		 ERR_NETWORK,
		 "",
		 RETRY_NEVER},
		{"lost", {.outcome = HTTP_LOST}, ERR_NETWORK, "", RETRY_TRANSIENT},
		{"timed out",
		 {.outcome = HTTP_LOST, .timed_out = true},
		 ERR_NETWORK,
		 "",
		 RETRY_TIMEOUT},
		{"throttled", {.status = 400}, ERR_THROTTLED, "Throttling", RETRY_THROTTLED},
		{"429", {.status = 429}, ERR_THROTTLED, "", RETRY_THROTTLED},
		{"500", {.status = 500}, ERR_AWS, "ServiceFailure", RETRY_TRANSIENT},
		{"501", {.status = 501}, ERR_AWS, "", RETRY_NEVER},
		{"502", {.status = 502}, ERR_PROTOCOL, "", RETRY_TRANSIENT},
		{"503", {.status = 503}, ERR_PROTOCOL, "", RETRY_TRANSIENT},
		{"504", {.status = 504}, ERR_PROTOCOL, "", RETRY_TRANSIENT},
		{"STS", {.status = 400}, ERR_AWS, "IDPCommunicationError", RETRY_TRANSIENT},
		{"STS, long",
		 {.status = 400},
		 ERR_AWS,
		 "IDPCommunicationErrorException",
		 RETRY_TRANSIENT},
		{"a quota", {.status = 409}, ERR_AWS, "LimitExceeded", RETRY_NEVER},
		{"a quota, long", {.status = 409}, ERR_AWS, "LimitExceededException", RETRY_NEVER},
		{"busy", {.status = 409}, ERR_AWS, "ConcurrentModification", RETRY_BUSY},
		{"not yet", {.status = 409}, ERR_AWS, "EntityTemporarilyUnmodifiable", RETRY_BUSY},
		{"clock", {.status = 403}, ERR_CREDENTIALS, "SignatureDoesNotMatch", RETRY_CLOCK},
		{"denied", {.status = 403}, ERR_DENIED, "AccessDenied", RETRY_NEVER},
		{"expired", {.status = 403}, ERR_CREDENTIALS, "ExpiredToken", RETRY_NEVER},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct err err = {.code = rows[i].code};

		snprintf(err.aws_code, sizeof(err.aws_code), "%s", rows[i].aws_code);
		INT_EQ(retry_kind(&rows[i].reply, &err), rows[i].want, "%s", rows[i].name);
	}
}

/* The delay is by chance, so its limits are looked at, over many. */
static void test_delays(void)
{
	static const struct {
		const char *name;
		enum retry_kind kind;
		unsigned attempt;
		long max_attempts, retry_after_ms, least, most;
		bool patient;
	} rows[] = {
		{"never", RETRY_NEVER, 1, 3, -1, -1, -1, false},
		{"first", RETRY_TRANSIENT, 1, 3, -1, 0, 999, false},
		{"second", RETRY_TRANSIENT, 2, 3, -1, 0, 1999, false},
		{"third of three", RETRY_TRANSIENT, 3, 3, -1, -1, -1, false},
		{"late", RETRY_TRANSIENT, 40, 99, -1, 0, 19999, false},
		{"only one", RETRY_TRANSIENT, 1, 1, -1, -1, -1, false},
		{"as AWS asks", RETRY_TRANSIENT, 1, 3, 3000, 3000, 3000, false},
		{"AWS asks for too much", RETRY_TRANSIENT, 1, 3, 3600000, 5000, 5999, false},
		{"time-out", RETRY_TIMEOUT, 1, 3, -1, 0, 999, false},
		{"throttled", RETRY_THROTTLED, 2, 3, -1, 0, 1999, false},
		{"throttled, as configured", RETRY_THROTTLED, 3, 3, -1, -1, -1, false},
		{"throttled, patient", RETRY_THROTTLED, 3, 3, -1, 0, 3999, true},
		{"throttled, patient, late", RETRY_THROTTLED, 7, 3, -1, 0, 19999, true},
		{"throttled, patient, last", RETRY_THROTTLED, 8, 3, -1, -1, -1, true},
		{"patient with the throttled alone", RETRY_TRANSIENT, 3, 3, -1, -1, -1, true},
		{"busy, first", RETRY_BUSY, 1, 3, -1, 1000, 1000, false},
		{"busy, second", RETRY_BUSY, 2, 3, -1, 2000, 2000, false},
		{"busy, third", RETRY_BUSY, 3, 3, -1, 4000, 4000, false},
		{"busy, fourth", RETRY_BUSY, 4, 3, -1, 4000, 4000, false},
		{"busy, last", RETRY_BUSY, 5, 3, -1, -1, -1, false},
		{"busy, but only one", RETRY_BUSY, 1, 1, -1, -1, -1, false},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		long least = 1L << 30;
		long most = -1;

		for (int n = 0; n < 2000; n++) {
			long quota = 500;
			long ms = retry_delay(rows[i].kind, rows[i].attempt, rows[i].max_attempts,
					      rows[i].retry_after_ms, rows[i].patient, &quota);

			least = ms < least ? ms : least;
			most = ms > most ? ms : most;
		}
		OK(least >= rows[i].least && most <= rows[i].most, "%s: %ld to %ld ms",
		   rows[i].name, least, most);
		OK(rows[i].least == rows[i].most ||
			   most - least > (rows[i].most - rows[i].least) / 2,
		   "%s: is spread", rows[i].name);
	}
}

static void test_quota(void)
{
	long quota = 17;

	OK(retry_delay(RETRY_TRANSIENT, 1, 3, -1, false, &quota) >= 0, "a retry");
	INT_EQ(quota, 12, "costs 5");
	OK(retry_delay(RETRY_TIMEOUT, 1, 3, -1, false, &quota) >= 0, "a time-out");
	INT_EQ(quota, 2, "costs 10");
	INT_EQ(retry_delay(RETRY_TRANSIENT, 1, 3, -1, false, &quota), -1, "no more than there is");
	INT_EQ(quota, 2, "costs nothing");
	OK(retry_delay(RETRY_BUSY, 1, 3, -1, false, &quota) >= 0, "waiting for another change");
	INT_EQ(quota, 2, "is free");
	retry_succeeded(RETRY_TIMEOUT, true, false, &quota);
	INT_EQ(quota, 12, "success gives it back");
	retry_succeeded(RETRY_TIMEOUT, false, false, &quota);
	INT_EQ(quota, 13, "without a retry, 1");
	quota = 499;
	retry_succeeded(RETRY_TRANSIENT, true, false, &quota);
	INT_EQ(quota, 500, "no more than 500");
	quota = 0;
	OK(retry_delay(RETRY_THROTTLED, 1, 3, -1, true, &quota) >= 0, "patience needs no quota");
	INT_EQ(quota, 0, "and costs none");
	retry_succeeded(RETRY_THROTTLED, true, true, &quota);
	INT_EQ(quota, 1, "and gives none back");
	OK(retry_delay(RETRY_THROTTLED, 1, 3, -1, false, &quota) < 0, "without it, it does");
}

/* Requests as fast as they may leave, for so many seconds from `from` on. */
static int sent(struct rate *rate, double from, double seconds)
{
	int count = 0;

	for (double now = from; now < from + seconds;) {
		double wait = rate_wait(rate, now);
		if (wait > 0) {
			now += wait + 1e-6;
			continue;
		}
		rate_take(rate);
		count++;
		now += 1e-6;
	}
	return count;
}

static void test_set_rate(void)
{
	struct rate rate;

	rate_begin(&rate, 100, 16);
	INT_EQ(rate.window, 16, "the window at first");
	OK(rate_wait(&rate, 100) <= 0, "without a rate nothing waits");
	rate_set(&rate, 100, 50, 20);
	INT_EQ(rate.window, 20, "its window");
	int first = sent(&rate, 100, 1);
	OK(first >= 99 && first <= 101, "a second's worth at once, and one beside: %d", first);
	int then = sent(&rate, 101, 10);
	OK(then >= 499 && then <= 501, "then what was set: %d in 10 s", then);
	OK(sent(&rate, 200, 0.1) <= 56, "idle time is not saved up beyond a second's worth");
}

static void test_window(void)
{
	struct rate rate;

	rate_begin(&rate, 0, 16);
	for (int i = 0; i < 100; i++)
		rate_heard(&rate, 1, false);
	INT_EQ(rate.window, 16, "it does not grow beyond its size");
	for (int i = 0; i < 16; i++)
		rate_heard(&rate, 2, true);
	INT_EQ(rate.window, 8, "one storm halves it once");
	rate_heard(&rate, 3.1, true);
	rate_heard(&rate, 4.2, true);
	rate_heard(&rate, 5.3, true);
	rate_heard(&rate, 6.4, true);
	INT_EQ(rate.window, 1, "never less than one");
	rate_heard(&rate, 7, false);
	INT_EQ(rate.window, 2, "a window of successes makes it one larger");
	for (int i = 0; i < 1000; i++)
		rate_heard(&rate, 8, false);
	INT_EQ(rate.window, 16, "in the end it is as it was");
	OK(rate_wait(&rate, 8) <= 0, "no rate is set where retry_mode is not adaptive");
}

int main(void)
{
	test_kinds();
	test_delays();
	test_quota();
	test_set_rate();
	test_window();
	return tap_done();
}
