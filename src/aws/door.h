/* SPDX-License-Identifier: Apache-2.0 */
/*
 * door: what the files behind aws.h share. Within the aws room only.
 */
#ifndef AWS_DOOR_H
#define AWS_DOOR_H

#include "cordon/aws.h"
#include "cordon/credentials.h"
#include "cordon/endpoint.h"
#include "cordon/http.h"
#include "cordon/operation.h"

enum { DOOR_SERVICES = 2, DOOR_ID_SIZE = 37 };

struct door_service {
	const char *name;
	struct endpoint endpoint;
	bool typed;
};

struct door_place;

struct rate_bucket {
	double fill, most, tokens; /* a second; at most; there are */
	double at;
};

/* How fast requests may leave: rate.c says by which rules. */
struct rate {
	struct rate_bucket set; /* --rate; fill 0: none */

	bool adapts;   /* retry_mode=adaptive */
	bool adapting; /* ... and AWS has throttled */
	struct rate_bucket adaptive;
	double measured, measured_to, count;
	double w_max, k, last_fail;

	size_t window, most; /* requests on their way at once */
	size_t successes;
	double halved_at;
};

struct aws {
	struct config *config;
	struct http *http;
	struct credentials credentials;
	struct door_service services[DOOR_SERVICES];
	struct door_place *places; /* those of other services, one for each Region */
	long quota;		   /* what is left for retries; shared by all calls */
	struct rate rate;
	size_t expected;   /* connections to open beside the next calls */
	long long warm_ms; /* when the rest of them are opened */
	bool patient;	   /* nobody said how often to try: throttled writes are tried more often */
	unsigned long requests;

	bool clock_known;
	time_t date;	      /* AWS's, */
	long long date_at_ms; /* when it came */
	bool skewed;	      /* AWS refused our clock: its own signs from now on */
	char clock_warning[160];

	char session[32];	   /* the name of our role sessions */
	struct secret used_code;   /* of an MFA device */
	bool searching;		   /* what is sent belongs to a search for credentials */
	long long renew_at_ms;	   /* not before; by door_ms() */
	char identity[2049];	   /* our ARN, as STS told it last, or "" */
	char renewal_warning[400]; /* or "" */
};

/* One sending of one page of a call. */
struct door_request {
	const struct operation *op;
	const struct endpoint *endpoint;
	const json_t *parameters;
	const char *marker;
	const char *invocation; /* the same for every attempt */
	unsigned attempt;
	time_t signed_at;
};

/* Encodes, signs and starts it. -1: nothing was sent. */
int door_start(struct aws *aws, const struct door_request *request, void *tag, struct err *err);
void door_invocation(char ret_id[static DOOR_ID_SIZE]);

const struct door_service *door_service(const struct aws *aws, const char *name); /* or NULL */
/* Where calls of the service go. region NULL: the configured one, for IAM and STS always. The
 * door's, or NULL with err. */
const struct endpoint *door_endpoint(struct aws *aws, const char *service, const char *region,
				     struct err *err);
void door_places_free(struct door_place *places);
void door_heard(struct aws *aws, const struct http_reply *reply);
/* Opens the connections that aws_expect() asked for, some now and some later: the milliseconds
 * after which to call it again at the latest. */
int door_warm(struct aws *aws);
/* The time to sign with. */
time_t door_signing_time(const struct aws *aws);
/* AWS refused a signature made at signed_at and said its time. True if sending it again, signed
 * with AWS's clock, is worth it. */
bool door_correct_clock(struct aws *aws, const struct http_reply *reply, time_t signed_at);
long long door_ms(void); /* a clock that only goes forward, also while the machine sleeps */

/* renew.c: finds the credentials that calls are signed with. */
int door_find_credentials(struct aws *aws, struct err *err);
/* Whether they should be renewed before another call is signed; and the renewal. Nothing may be
 * under way meanwhile. */
bool door_is_renewal_due(const struct aws *aws);
void door_renew(struct aws *aws);
/* STS told who we are. */
void door_met(struct aws *aws, const struct operation *op, const json_t *reply);

/* window: how many requests may be on their way at once. Times are in seconds. */
void rate_begin(struct rate *rate, double now, size_t window);
void rate_set(struct rate *rate, double now, double per_second, size_t window);
double rate_wait(struct rate *rate, double now);		/* until one may leave; 0: now */
void rate_take(struct rate *rate);				/* one leaves */
void rate_heard(struct rate *rate, double now, bool throttled); /* an answer came */

/* What an attempt came to. */
enum retry_kind {
	RETRY_NEVER,
	RETRY_TRANSIENT,
	RETRY_TIMEOUT,
	RETRY_THROTTLED, /* it was not carried out, for there were too many */
	RETRY_BUSY,	 /* another change to the same entity is under way */
	RETRY_CLOCK,	 /* the signature was refused, maybe for its time */
};

enum retry_kind retry_kind(const struct http_reply *reply, const struct err *err);
/* Milliseconds to wait before the next attempt, after `attempt` ones; -1: no more. Pays quota.
 * patient: a throttled one is tried more often, for free. */
long retry_delay(enum retry_kind kind, unsigned attempt, long max_attempts, long retry_after_ms,
		 bool patient, long *quota);
/* Gives back what the last retry cost, or a little where there was none. */
void retry_succeeded(enum retry_kind last, bool retried, bool patient, long *quota);

#endif
