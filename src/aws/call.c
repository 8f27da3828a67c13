// SPDX-License-Identifier: Apache-2.0
#include "cordon/aws.h"

#include "cordon/json.h"
#include "cordon/text.h"
#include "door.h"

#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	STEP_MS = 100, /* how soon a stop is seen */
	PAGES_MAX = 10000,
};

#define autoreply __attribute__((cleanup(http_reply_release)))

enum flight_state { FLIGHT_WAITING, FLIGHT_OUT, FLIGHT_ENDED };

/* A call on its way. */
struct flight {
	struct aws_call *call;
	const struct operation *op;
	const struct endpoint *endpoint;
	enum flight_state state;
	long long due_ms;
	char invocation[DOOR_ID_SIZE];
	unsigned attempt; /* of this page */
	time_t signed_at;
	enum retry_kind last;
	bool corrected; /* its signature's time was, once */
	bool maybe;	/* an attempt of this write may have been carried out */

	json_t *reply; /* the pages so far */
	json_t *seen;  /* the markers so far, as keys */
	char *marker;
	unsigned pages;
};

struct set {
	struct aws *aws;
	struct flight *flights;
	size_t count;
	size_t out;
	size_t ended;
	const struct aws_watch *watch;
};

static bool is_write(const struct flight *f)
{
	return f->op && (f->op->flags & OPERATION_WRITE);
}

/* Sending it twice does no more than sending it once. */
static bool is_repeatable(const struct flight *f)
{
	return !is_write(f) || (f->op->flags & OPERATION_IDEMPOTENT);
}

/* Nobody said how often to try, and it is a write: AWS's throttling alone does not stop it. */
static bool is_patient(const struct set *set, const struct flight *f)
{
	return set->aws->patient && is_write(f);
}

static void drop_secrets(struct query_secrets *secrets)
{
	while (secrets->count > 0)
		secret_release(&secrets->item[--secrets->count].value);
}

static void end(struct set *set, struct flight *f, enum aws_outcome outcome)
{
	f->state = FLIGHT_ENDED;
	f->call->outcome = outcome;
	if (outcome == AWS_DONE && f->op->output) {
		f->call->reply = f->reply;
		f->reply = NULL;
	}
	if (outcome != AWS_DONE)
		drop_secrets(&f->call->secrets);
	json_decref(f->reply);
	json_decref(f->seen);
	free(f->marker);
	f->reply = f->seen = NULL;
	f->marker = NULL;
	set->ended++;
	if (set->watch && set->watch->ended)
		set->watch->ended(set->watch->arg, f->call);
}

/* A refusal does not tell that an earlier attempt without an answer was not carried out. */
static void end_failed(struct set *set, struct flight *f, bool answered)
{
	if (is_write(f) && f->maybe)
		end(set, f, AWS_UNKNOWN);
	else
		end(set, f, answered ? AWS_REFUSED : AWS_NOT_SENT);
}

static void begin(struct set *set, struct flight *f, struct aws_call *call)
{
	aws_call_release(call);
	f->call = call;
	f->op = operation_find(call->operation);
	if (!f->op)
		err_set(&call->err, ERR_REFUSED, "no such operation '%s'", call->operation);
	else
		f->endpoint = door_endpoint(set->aws, f->op->service, call->region, &call->err);
	if (f->endpoint) {
		door_invocation(f->invocation);
		return;
	}
	end(set, f, AWS_NOT_SENT);
}

static void start(struct set *set, struct flight *f)
{
	struct err err = ERR_INIT;

	f->attempt++;
	f->call->attempts++;
	if (f->attempt > 1 && set->watch && set->watch->attempt)
		set->watch->attempt(set->watch->arg, f->call);
	f->signed_at = door_signing_time(set->aws);
	struct door_request request = {.op = f->op,
				       .endpoint = f->endpoint,
				       .parameters = f->call->parameters,
				       .marker = f->marker,
				       .invocation = f->invocation,
				       .attempt = f->attempt,
				       .signed_at = f->signed_at};
	if (door_start(set->aws, &request, f, &err)) {
		f->call->err = err;
		end_failed(set, f, false);
		return;
	}
	set->aws->requests++;
	set->out++;
	f->state = FLIGHT_OUT;
}

static void interrupt(struct set *set, struct flight *f)
{
	struct err *err = &f->call->err;
	struct err last = *err;

	if (last.code == ERR_NONE)
		err_set(err, ERR_INTERRUPTED, "interrupted before it was sent");
	else
		err_set(err, ERR_INTERRUPTED, "interrupted before it was sent again: %.900s",
			last.message);
	end_failed(set, f, false);
}

/* The lists of all pages, one after the other; the rest as the first page has it. */
static void join_page(struct flight *f, json_t *page)
{
	if (!f->reply) {
		f->reply = json_incref(page);
		return;
	}
	for (const struct member *m = f->op->output; m && m->name; m++) {
		json_t *more = json_object_get(page, m->name);
		json_t *list = json_object_get(f->reply, m->name);

		if (!more || m->shape->kind != SHAPE_LIST)
			continue;
		if (!list)
			jx_set(f->reply, m->name, json_incref(more));
		else if (json_array_extend(list, more))
			abort();
	}
}

/* A marker that comes again would lead round in a circle. */
static int turn_page(struct flight *f, char *marker_taken, struct err *err)
{
	free(f->marker);
	f->marker = marker_taken;
	f->attempt = 0;
	f->due_ms = 0;
	f->state = FLIGHT_WAITING;
	door_invocation(f->invocation);
	if (!f->seen)
		f->seen = jx_pack("{}");
	if (json_object_get(f->seen, f->marker))
		return err_set(err, ERR_PROTOCOL, "%s: the reply goes in a circle", f->op->name);
	jx_set(f->seen, f->marker, json_true());
	if (++f->pages >= PAGES_MAX)
		return err_set(err, ERR_PROTOCOL, "%s: the reply has more than %d pages",
			       f->op->name, PAGES_MAX);
	return 0;
}

static void on_success(struct set *set, struct flight *f, const struct http_reply *reply)
{
	struct aws_call *call = f->call;
	json_auto_t *page = NULL;
	char *marker = NULL;

	retry_succeeded(f->last, f->attempt > 1, is_patient(set, f), &set->aws->quota);
	if (query_decode(f->op, reply->body, reply->length, &call->secrets, &page, &marker,
			 call->request_id, &call->err)) {
		snprintf(call->err.request_id, sizeof(call->err.request_id), "%s",
			 reply->request_id);
		f->maybe = true;
		end_failed(set, f, true);
		return;
	}
	call->err = (struct err)ERR_INIT;
	if (!call->request_id[0])
		snprintf(call->request_id, sizeof(call->request_id), "%s", reply->request_id);
	join_page(f, page);
	if (!marker) {
		door_met(set->aws, f->op, f->reply);
		end(set, f, AWS_DONE);
	} else if (turn_page(f, marker, &call->err)) {
		end_failed(set, f, true);
	}
}

static bool is_success(const struct http_reply *reply)
{
	return reply->outcome == HTTP_ANSWERED && reply->status >= 200 && reply->status < 300;
}

/* Fills the call's err from a reply that is no success. */
static void explain(const struct flight *f, const struct http_reply *reply)
{
	const char *host = f->endpoint->host;
	struct err *err = &f->call->err;

	if (reply->outcome == HTTP_NOT_SENT)
		err_set(err, ERR_NETWORK, "cannot reach '%s': %s", host, reply->problem);
	else if (reply->outcome == HTTP_LOST)
		err_set(err, ERR_NETWORK, "no answer from '%s': %s", host, reply->problem);
	else if (reply->too_large)
		err_set(err, ERR_PROTOCOL, "%s: the reply is larger than %d bytes", f->op->name,
			QUERY_MAX_REPLY);
	else
		query_error(reply->status,
			    operation_target(f->op->service) ? reply->error_type : NULL,
			    reply->body, reply->length, err);
	if (reply->outcome == HTTP_ANSWERED && !err->request_id[0])
		snprintf(err->request_id, sizeof(err->request_id), "%s", reply->request_id);
	snprintf(f->call->request_id, sizeof(f->call->request_id), "%s", err->request_id);
}

/* 503 and throttling come before anything is done; another 5xx may come after. */
static bool may_be_done(const struct http_reply *reply, const struct err *err)
{
	if (reply->outcome != HTTP_ANSWERED)
		return reply->outcome == HTTP_LOST;
	if (err->code == ERR_THROTTLED)
		return false;
	return reply->too_large || (reply->status >= 500 && reply->status != 503);
}

/* Whether it was AWS itself that answered, and not something on the way. */
static bool aws_spoke(const struct http_reply *reply, const struct err *err)
{
	return reply->outcome == HTTP_ANSWERED && err->aws_code[0];
}

static bool retry_later(struct set *set, struct flight *f, const struct http_reply *reply)
{
	struct aws *aws = set->aws;
	const struct err *err = &f->call->err;
	enum retry_kind kind = retry_kind(reply, err);

	if (reply->too_large)
		return false;
	if (kind == RETRY_CLOCK) {
		if (f->corrected || !door_correct_clock(aws, reply, f->signed_at))
			return false;
		f->corrected = true;
		f->due_ms = 0;
		return true;
	}
	if (may_be_done(reply, err) && !aws_spoke(reply, err) && !is_repeatable(f))
		return false;
	long ms = retry_delay(kind, f->attempt, config_max_attempts(aws->config),
			      reply->retry_after_ms, is_patient(set, f), &aws->quota);
	f->last = kind;
	f->due_ms = door_ms() + ms;
	return ms >= 0;
}

static void on_failure(struct set *set, struct flight *f, const struct http_reply *reply)
{
	const struct err *err = &f->call->err;

	explain(f, reply);
	if (f->attempt > 1 && (f->op->flags & OPERATION_REMOVES) &&
	    query_code_is(err->aws_code, "NoSuchEntity")) {
		f->call->err = (struct err)ERR_INIT;
		end(set, f, AWS_DONE);
		return;
	}
	f->maybe = f->maybe || may_be_done(reply, err);
	if (retry_later(set, f, reply))
		f->state = FLIGHT_WAITING;
	else
		end_failed(set, f, reply->outcome == HTTP_ANSWERED);
}

static double now_seconds(void)
{
	return (double)door_ms() / 1000;
}

/* Answers alone tell how much AWS takes. */
static void pace(struct aws *aws, const struct flight *f, const struct http_reply *reply)
{
	if (reply->outcome == HTTP_ANSWERED)
		rate_heard(&aws->rate, now_seconds(),
			   !is_success(reply) && f->call->err.code == ERR_THROTTLED);
}

static void on_reply(struct set *set, const struct http_reply *reply)
{
	struct flight *f = reply->tag;

	set->out--;
	door_heard(set->aws, reply);
	f->call->at = reply->date_trusted ? reply->date : aws_now(set->aws);
	if (is_success(reply) && !reply->too_large)
		on_success(set, f, reply);
	else
		on_failure(set, f, reply);
	pace(set->aws, f, reply);
}

static bool is_stopped(const struct set *set)
{
	return set->watch && set->watch->stop && set->watch->stop(set->watch->arg);
}

/* Starts what is due. Returns the milliseconds until something is, at most STEP_MS. */
static int start_due(struct set *set)
{
	struct rate *rate = &set->aws->rate;
	long long now = door_ms();
	long long wait = STEP_MS;

	if (door_is_renewal_due(set->aws)) {
		if (set->out > 0)
			return STEP_MS;
		door_renew(set->aws);
		now = door_ms();
	}
	for (size_t i = 0; i < set->count && set->out < rate->window; i++) {
		struct flight *f = &set->flights[i];

		if (f->state != FLIGHT_WAITING)
			continue;
		long long due = f->due_ms - now;
		bool paced = due <= 0;
		if (paced)
			due = (long long)ceil(rate_wait(rate, now_seconds()) * 1000);
		if (due <= 0) {
			rate_take(rate);
			start(set, f);
			continue;
		}
		wait = due < wait ? due : wait;
		if (paced)
			break;
	}
	return (int)wait;
}

static void interrupt_waiting(struct set *set)
{
	for (size_t i = 0; i < set->count; i++) {
		if (set->flights[i].state == FLIGHT_WAITING)
			interrupt(set, &set->flights[i]);
	}
}

static void step(struct set *set)
{
	autoreply struct http_reply reply = {0};
	int wait = STEP_MS;

	if (is_stopped(set))
		interrupt_waiting(set);
	else
		wait = start_due(set);
	/* After the calls themselves, which must not wait for them. */
	int warm = door_warm(set->aws);
	wait = set->aws->expected && warm < wait ? warm : wait;
	if (set->ended == set->count)
		return;
	if (set->out == 0)
		poll(NULL, 0, wait);
	else if (http_wait(set->aws->http, wait, &reply) == 1)
		on_reply(set, &reply);
}

void aws_send(struct aws *aws, struct aws_call *calls, size_t count, const struct aws_watch *watch)
{
	struct set set = {.aws = aws, .count = count, .watch = watch};

	set.flights = calloc(count ? count : 1, sizeof(*set.flights));
	if (!set.flights)
		abort();
	for (size_t i = 0; i < count; i++)
		begin(&set, &set.flights[i], &calls[i]);
	while (set.ended < set.count)
		step(&set);
	free(set.flights);
}

void aws_call_release(struct aws_call *call)
{
	json_decref(call->reply);
	drop_secrets(&call->secrets);
	call->reply = NULL;
	call->outcome = AWS_NONE;
	call->err = (struct err)ERR_INIT;
	call->request_id[0] = '\0';
	call->attempts = 0;
	call->at = 0;
}
