// SPDX-License-Identifier: Apache-2.0
/*
 * The AWS SDKs' standard mode: full jitter, 1 s base, 20 s cap, and a quota that is shared by all
 * calls, so that an outage is not answered with three times the load. A write that AWS throttled is
 * tried longer, where nobody configured how often: that 200 users are to be cut off at once is no
 * reason to leave one of them out. rate.c sees to it that it is asked more slowly then.
 */
#include "door.h"

#include <stdlib.h>
#include <sys/random.h>

enum {
	QUOTA_MAX = 500,
	COST = 5,
	COST_TIMEOUT = 10,
	BASE_MS = 1000,
	CAP_MS = 20000,
	RETRY_AFTER_SLACK_MS = 5000,
	BUSY_ATTEMPTS = 5,
	BUSY_CAP_MS = 4000,
	PATIENT_ATTEMPTS = 8,
};

static const struct {
	const char *aws_code;
	enum retry_kind kind;
} kinds[] = {
	{"ConcurrentModification", RETRY_BUSY},
	{"EntityTemporarilyUnmodifiable", RETRY_BUSY},

	{"IDPCommunicationError", RETRY_TRANSIENT},
	{"RequestTimeout", RETRY_TRANSIENT},

	{"AuthFailure", RETRY_CLOCK},
	{"InvalidSignature", RETRY_CLOCK},
	{"RequestExpired", RETRY_CLOCK},
	{"RequestInTheFuture", RETRY_CLOCK},
	{"RequestTimeTooSkewed", RETRY_CLOCK},
	{"SignatureDoesNotMatch", RETRY_CLOCK},
};

static bool is_transient(int status)
{
	return status == 500 || status == 502 || status == 503 || status == 504;
}

enum retry_kind retry_kind(const struct http_reply *reply, const struct err *err)
{
	if (reply->outcome != HTTP_ANSWERED) {
		if (reply->permanent)
			return RETRY_NEVER;
		return reply->timed_out ? RETRY_TIMEOUT : RETRY_TRANSIENT;
	}
	if (err->code == ERR_THROTTLED)
		return RETRY_THROTTLED;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (query_code_is(err->aws_code, kinds[i].aws_code))
			return kinds[i].kind;
	}
	return is_transient(reply->status) ? RETRY_TRANSIENT : RETRY_NEVER;
}

static long cost_of(enum retry_kind kind)
{
	return kind == RETRY_TIMEOUT ? COST_TIMEOUT : COST;
}

/* 0 to ms. */
static long jitter(long ms)
{
	unsigned number = 0;

	if (getrandom(&number, sizeof(number), 0) != sizeof(number))
		abort();
	return (long)((unsigned long)ms * (number >> 8) >> 24);
}

static long doubled(long base, unsigned times, long cap)
{
	while (times-- > 0 && base < cap)
		base *= 2;
	return base < cap ? base : cap;
}

/* As botocore: AWS's wish is heard, within limits. */
static long obey(long ms, long retry_after_ms)
{
	long most = ms + RETRY_AFTER_SLACK_MS;

	if (retry_after_ms <= ms)
		return ms;
	return retry_after_ms < most ? retry_after_ms : most;
}

long retry_delay(enum retry_kind kind, unsigned attempt, long max_attempts, long retry_after_ms,
		 bool patient, long *quota)
{
	if (kind == RETRY_NEVER || kind == RETRY_CLOCK || max_attempts <= 1)
		return -1;
	if (kind == RETRY_BUSY) {
		long most = max_attempts > BUSY_ATTEMPTS ? max_attempts : BUSY_ATTEMPTS;

		return attempt < most ? doubled(BASE_MS, attempt - 1, BUSY_CAP_MS) : -1;
	}
	patient = patient && kind == RETRY_THROTTLED;
	if (patient && max_attempts < PATIENT_ATTEMPTS)
		max_attempts = PATIENT_ATTEMPTS;
	if (attempt >= max_attempts || (!patient && *quota < cost_of(kind)))
		return -1;
	*quota -= patient ? 0 : cost_of(kind);
	return obey(jitter(doubled(BASE_MS, attempt - 1, CAP_MS)), retry_after_ms);
}

void retry_succeeded(enum retry_kind last, bool retried, bool patient, long *quota)
{
	bool paid = retried && (last == RETRY_TRANSIENT || last == RETRY_TIMEOUT ||
				(last == RETRY_THROTTLED && !patient));

	*quota += paid ? cost_of(last) : 1;
	if (*quota > QUOTA_MAX)
		*quota = QUOTA_MAX;
}
