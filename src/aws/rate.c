// SPDX-License-Identifier: Apache-2.0
/*
 * How fast requests may leave. Three things, each on its own: the rate that was asked for (--rate);
 * retry_mode=adaptive, as the SDKs have it (a measured rate, lowered at each throttling answer and
 * grown again by a cubic); and, in every mode, how many may be on their way at once, halved when
 * AWS throttles and grown one by one when it does not. Time is given, so this file asks no clock.
 */
#include "door.h"

#include <math.h>

static const double smoothing = 0.8;
static const double bucket_seconds = 0.5;
static const double scale = 0.4;
static const double beta = 0.7;
static const double most_of_measured = 2.0;
static const double least_rate = 0.5;
static const double halve_seconds = 1.0; /* one storm is answered once, not by each reply of it */

void rate_begin(struct rate *rate, double now, size_t window)
{
	*rate = (struct rate){.window = window,
			      .most = window,
			      .halved_at = -halve_seconds,
			      .last_fail = now,
			      .measured_to = floor(now),
			      .adaptive = {.fill = 1, .most = 1, .at = now}};
}

/* One second's worth may go at once. */
void rate_set(struct rate *rate, double now, double per_second, size_t window)
{
	rate->set = (struct rate_bucket){
		.fill = per_second, .most = per_second, .tokens = per_second, .at = now};
	rate->window = rate->most = window;
}

static void refill(struct rate_bucket *bucket, double now)
{
	double tokens = bucket->tokens + (now - bucket->at) * bucket->fill;

	bucket->tokens = tokens < bucket->most ? tokens : bucket->most;
	bucket->at = now;
}

/* Seconds until there is one token. */
static double wait_for(struct rate_bucket *bucket, double now)
{
	refill(bucket, now);
	return bucket->tokens >= 1 ? 0 : (1 - bucket->tokens) / bucket->fill;
}

double rate_wait(struct rate *rate, double now)
{
	double set = rate->set.fill > 0 ? wait_for(&rate->set, now) : 0;
	double adaptive = rate->adapting ? wait_for(&rate->adaptive, now) : 0;

	return set > adaptive ? set : adaptive;
}

void rate_take(struct rate *rate)
{
	rate->set.tokens -= rate->set.fill > 0;
	rate->adaptive.tokens -= rate->adapting;
}

/* How many answers a second, by half seconds. */
static void measure(struct rate *rate, double now)
{
	double bucket = floor(now / bucket_seconds) * bucket_seconds;

	rate->count++;
	if (bucket <= rate->measured_to)
		return;
	rate->measured = rate->count / (bucket - rate->measured_to) * smoothing +
			 rate->measured * (1 - smoothing);
	rate->count = 0;
	rate->measured_to = bucket;
}

static double lowered(struct rate *rate, double now)
{
	bool slower = rate->adapting && rate->adaptive.fill < rate->measured;

	rate->w_max = slower ? rate->adaptive.fill : rate->measured;
	rate->k = cbrt(rate->w_max * (1 - beta) / scale);
	rate->last_fail = now;
	return rate->w_max * beta;
}

static double grown(const struct rate *rate, double now)
{
	return scale * pow(now - rate->last_fail - rate->k, 3) + rate->w_max;
}

static void adapt(struct rate *rate, double now, bool throttled)
{
	double most = 0;
	double to = 0;

	measure(rate, now);
	to = throttled ? lowered(rate, now) : grown(rate, now);
	rate->adapting = rate->adapting || throttled;
	most = rate->measured * most_of_measured;
	to = to < most ? to : most;
	refill(&rate->adaptive, now);
	rate->adaptive.fill = to > least_rate ? to : least_rate;
	rate->adaptive.most = to >= 1 ? to : 1;
	if (rate->adaptive.tokens > rate->adaptive.most)
		rate->adaptive.tokens = rate->adaptive.most;
}

static void resize(struct rate *rate, double now, bool throttled)
{
	if (!throttled) {
		if (rate->window < rate->most && ++rate->successes >= rate->window) {
			rate->window++;
			rate->successes = 0;
		}
		return;
	}
	rate->successes = 0;
	if (now - rate->halved_at < halve_seconds)
		return;
	rate->halved_at = now;
	rate->window = rate->window > 1 ? rate->window / 2 : 1;
}

void rate_heard(struct rate *rate, double now, bool throttled)
{
	resize(rate, now, throttled);
	if (rate->adapts)
		adapt(rate, now, throttled);
}
