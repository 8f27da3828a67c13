/* SPDX-License-Identifier: Apache-2.0 */
/*
 * aws: the door. Sends a set of operations in parallel, with credentials, signatures, pages and
 * retries taken care of.
 *
 *     aws_open(&options, env, &aws, err)
 *     struct aws_call calls[] = {{.operation = "GetUser", .parameters = p}, ...};
 *     aws_send(aws, calls, n, &watch)            returns when each call has ended
 *     calls[i].outcome, .reply, .err
 *     aws_call_release(&calls[i]) ... aws_close(aws)
 *
 * A call never fails the set: each carries its own outcome. Retries: standard SDK constants (3
 * attempts, full jitter, 1 s base, 20 s cap, token bucket of 500); throttling and 5xx always, lost
 * answers only for reads and rows marked idempotent; IAM's LimitExceeded never;
 * ConcurrentModification and EntityTemporarilyUnmodifiable a few times. Throttling halves how many
 * are sent at once, and a write that is throttled is tried 8 times where nobody configured how
 * often; retry_mode=adaptive sets a rate as the SDKs do. A wrong local clock is corrected once from
 * a trusted Date header and reported. Credentials that are about to expire are renewed before the
 * next call is signed, where they can be; if they cannot, a warning says so, and they are used for
 * as long as AWS takes them.
 */
#ifndef CORDON_AWS_H
#define CORDON_AWS_H

#include "cordon/config.h"
#include "cordon/err.h"
#include "cordon/query.h"

#include <jansson.h>
#include <stdbool.h>
#include <time.h>

struct aws;
/* What one opening found, for the next one with the same options: nobody is asked for a second MFA
 * code, and a session keeps its name. */
struct aws_kept;

enum aws_outcome {
	AWS_NONE,     /* not sent yet */
	AWS_DONE,     /* AWS said yes; or NoSuchEntity to a delete that was sent again */
	AWS_REFUSED,  /* AWS said no: err; it was not carried out */
	AWS_NOT_SENT, /* it cannot have been carried out, or it was a read without an answer: err */
	AWS_UNKNOWN,  /* a write that may or may not have been carried out: err */
};

struct aws_call {
	const char *operation;	  /* a name of the operation table */
	const json_t *parameters; /* borrowed; bound */
	const char *region;	  /* borrowed; NULL: the configured one. Not for IAM and STS */
	void *tag;		  /* the caller's */

	enum aws_outcome outcome;
	json_t *reply; /* decoded, pages joined; NULL unless AWS_DONE and the row has output */
	struct query_secrets secrets;
	struct err err;
	char request_id[128];
	unsigned attempts;
	time_t at; /* AWS's time of the answer, by its Date header; ours if it gave none */
};

/* Told of as things happen; members may be NULL. */
struct aws_watch {
	void *arg;
	void (*attempt)(void *arg,
			const struct aws_call *call); /* before the 2nd, 3rd, ... sending */
	void (*ended)(void *arg, const struct aws_call *call);
	bool (*stop)(void *arg); /* true: send nothing more, no further retries */
};

int aws_open(const struct config_options *options, config_env *env, struct aws **ret_aws,
	     struct err *err);
void aws_close(struct aws *aws);
struct aws_kept *aws_kept_new(void);
void aws_kept_free(struct aws_kept *kept);

/* At most so many requests a second, 1 to 1000; one second's worth may go at once. */
void aws_limit(struct aws *aws, long per_second);
/* So many calls to IAM will follow the next ones: connections for them are opened meanwhile. A
 * hint. */
void aws_expect(struct aws *aws, size_t count);
void aws_send(struct aws *aws, struct aws_call *calls, size_t count, const struct aws_watch *watch);
void aws_call_release(struct aws_call *call);

/* AWS's time now: the last trusted Date header plus what has passed since; our clock before that.
 */
time_t aws_now(const struct aws *aws);
long aws_clock_offset(const struct aws *aws); /* seconds AWS is ahead of this machine */
bool aws_clock_known(const struct aws *aws);

const char *aws_endpoint(const struct aws *aws, const char *service); /* its URL */
/* The URL of the first service ("IAM", or "STS", which says who we are) whose endpoint is not AWS's
 * own; NULL: all are. */
const char *aws_endpoint_custom(const struct aws *aws, const char **ret_service);
bool aws_endpoint_typed(const struct aws *aws);	  /* ... and all such came by --endpoint-url */
const char *aws_partition(const struct aws *aws); /* "aws", "aws-cn", ... */
const char *aws_region(const struct aws *aws);	  /* IAM's signing Region */
const char *aws_configured_region(const struct aws *aws); /* NULL: none is */
const char *aws_access_key_id(const struct aws *aws);
const char *aws_credential_source(const struct aws *aws);
/* ARNs of those who took on the role that we are, the last first; NULL: nobody did. */
const json_t *aws_credential_chain(const struct aws *aws);
time_t aws_credential_expiry(const struct aws *aws); /* 0: never, or not known */
const char *aws_warning(const struct aws *aws, size_t i);
/* Calls sent so far, retries included. */
unsigned long aws_requests(const struct aws *aws);

#endif
