// SPDX-License-Identifier: Apache-2.0
#include "lookup.h"

#include "cordon/aws.h"
#include "cordon/buf.h"
#include "cordon/json.h"
#include "cordon/secret.h"
#include "cordon/text.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
	REGIONS_MOST = 64,
	WANTED_MOST = 100,
	PAGE_EVENTS = 50, /* as many as AWS gives */
	ROUND_MS = 500,	  /* two requests a second */
	STEP_MS = 100,
	THROTTLED_MS = 2000,
	THROTTLED_MOST = 5, /* pages in a row, after the retries of each */
	DAY = 86400,
	KEPT_DAYS = 90,
};

/* One thing to look for in one Region. */
struct lookup {
	const char *region; /* NULL: the configured one, and there is none */
	const char *attribute, *value;
	struct trail_input *in;
	json_t *token; /* of the next page; NULL: there is none */
	json_t *seen;  /* tokens */
	size_t pages, throttled;
	bool done;
	struct err why; /* not read to its end */
};

struct looking {
	const struct run_triage *options;
	struct aws *aws;
	struct trail *trail;
	char from[TEXT_TIME_SIZE], to[TEXT_TIME_SIZE]; /* "": open */
	const char *regions[REGIONS_MOST];
	size_t region_count;
	struct lookup *lookups; /* of each Region together */
	size_t count;
	size_t events;
	long long told_ms;
};

static long long now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

static void sink(void *arg, const struct trail_record *record)
{
	struct looking *l = arg;

	trail_add(l->trail, record);
}

static bool is_stopped(void *arg)
{
	const struct looking *l = arg;

	return l->options->stopped && l->options->stopped();
}

static void add_lookups(struct looking *l, const char *region, const char *attribute,
			const json_t *values)
{
	json_t *value;
	size_t i;

	json_array_foreach (values, i, value) {
		struct lookup *one = &l->lookups[l->count++];
		*one = (struct lookup){.region = region,
				       .attribute = attribute,
				       .value = json_string_value(value),
				       .in = trail_input_new(sink, l),
				       .seen = jx_pack("{}")};
	}
}

static int make_lookups(struct looking *l, struct err *err)
{
	const struct run_triage *o = l->options;
	size_t wanted = json_array_size(o->keys) + json_array_size(o->users) +
			json_array_size(o->names) + json_array_size(o->events);

	if (wanted == 0)
		return err_set(err, ERR_USAGE,
			       "--lookup asks for the events of --key, --user, --event or "
			       "--event-name: name one");
	if (wanted > WANTED_MOST)
		return err_set(err, ERR_USAGE, "--lookup asks for at most %d things", WANTED_MOST);
	l->lookups = calloc(wanted * l->region_count, sizeof(*l->lookups));
	if (!l->lookups)
		abort();
	for (size_t i = 0; i < l->region_count; i++) {
		add_lookups(l, l->regions[i], "AccessKeyId", o->keys);
		add_lookups(l, l->regions[i], "Username", o->users);
		add_lookups(l, l->regions[i], "EventName", o->names);
		add_lookups(l, l->regions[i], "EventId", o->events);
	}
	return 0;
}

static void add_region(struct looking *l, const char *region)
{
	for (size_t i = 0; i < l->region_count; i++) {
		if (text_equal(l->regions[i], region))
			return;
	}
	l->regions[l->region_count++] = region;
}

/* Where none is named: the configured one, and the one that has what IAM does. */
static int choose_regions(struct looking *l, struct err *err)
{
	const json_t *named = l->options->regions;
	json_t *region;
	size_t i;

	if (json_array_size(named) > REGIONS_MOST)
		return err_set(err, ERR_USAGE, "--lookup asks at most %d Regions", REGIONS_MOST);
	json_array_foreach (named, i, region)
		add_region(l, json_string_value(region));
	if (l->region_count)
		return 0;
	add_region(l, aws_region(l->aws));
	if (aws_configured_region(l->aws))
		add_region(l, aws_configured_region(l->aws));
	return 0;
}

/* What is older than CloudTrail's memory is not asked for: it would refuse the question. */
static int set_bounds(struct looking *l, const struct trail_options *bounds, struct err *err)
{
	time_t oldest = bounds->now - (time_t)KEPT_DAYS * DAY;

	if (bounds->to && bounds->to < oldest)
		return err_set(err, ERR_USAGE,
			       "--lookup: CloudTrail keeps events for %d days; for older ones read "
			       "the files of a trail",
			       KEPT_DAYS);
	if (bounds->from && bounds->from > oldest)
		text_time(bounds->from, l->from);
	if (bounds->to)
		text_time(bounds->to, l->to);
	return 0;
}

static json_t *page_parameters(const struct looking *l, const struct lookup *one)
{
	json_t *p = jx_pack("{s:[{s:s, s:o}], s:i}", "LookupAttributes", "AttributeKey",
			    one->attribute, "AttributeValue", jx_string(one->value), "MaxResults",
			    PAGE_EVENTS);

	if (l->from[0])
		jx_set(p, "StartTime", jx_string(l->from));
	if (l->to[0])
		jx_set(p, "EndTime", jx_string(l->to));
	if (one->token)
		jx_set(p, "NextToken", json_incref(one->token));
	return p;
}

/* A token that comes again would lead round in a circle. */
static int turn_page(const struct looking *l, struct lookup *one, const char *token)
{
	json_decref(one->token);
	one->token = token && *token ? jx_string(token) : NULL;
	if (!one->token)
		return 1;
	if (json_object_get(one->seen, token))
		return err_set(&one->why, ERR_PROTOCOL, "the pages go in a circle");
	jx_set(one->seen, token, json_true());
	if (one->pages >= (size_t)l->options->pages)
		return err_set(
			&one->why, ERR_PROTOCOL,
			"only the newest %zu pages were read, there are more: narrow it with "
			"--from and --to, or raise --lookup-pages",
			one->pages);
	return 0;
}

static void take_page(struct looking *l, struct lookup *one, const json_t *reply)
{
	json_t *event;
	size_t i;

	json_array_foreach (json_object_get(reply, "Events"), i, event) {
		char *text = jx_compact(event);
		trail_input_feed(one->in, text, strlen(text));
		trail_input_feed(one->in, "\n", 1);
		secret_free(text);
	}
	l->events += i;
	one->pages++;
	one->throttled = 0;
	one->done = turn_page(l, one, jx_text(reply, "NextToken")) != 0;
}

/* AWS's limit is for all who ask in the account: it is waited for. */
static bool is_throttled(struct lookup *one, const struct aws_call *call)
{
	return call->err.code == ERR_THROTTLED && ++one->throttled < THROTTLED_MOST;
}

static void take_answer(struct looking *l, struct lookup *one, const struct aws_call *call,
			long *wait)
{
	long asked = (long)call->attempts * ROUND_MS;

	*wait = asked > *wait ? asked : *wait;
	if (call->outcome == AWS_DONE) {
		take_page(l, one, call->reply);
	} else if (is_throttled(one, call)) {
		*wait = THROTTLED_MS;
	} else {
		one->why = call->err;
		one->done = true;
	}
}

static struct lookup *next_of(struct looking *l, const char *region)
{
	for (size_t i = 0; i < l->count; i++) {
		struct lookup *one = &l->lookups[i];
		if (!one->done && text_equal(one->region, region))
			return one;
	}
	return NULL;
}

/* One page in each Region. The milliseconds until the next may be asked for, or -1: all are done.
 */
static long read_round(struct looking *l)
{
	struct lookup *asked[REGIONS_MOST];
	struct aws_call calls[REGIONS_MOST] = {0};
	json_t *parameters[REGIONS_MOST];
	struct aws_watch watch = {.arg = l, .stop = is_stopped};
	size_t count = 0;
	long wait = 0;

	for (size_t i = 0; i < l->region_count; i++) {
		struct lookup *one = next_of(l, l->regions[i]);
		if (!one)
			continue;
		asked[count] = one;
		parameters[count] = page_parameters(l, one);
		calls[count] = (struct aws_call){.operation = "LookupEvents",
						 .parameters = parameters[count],
						 .region = one->region};
		count++;
	}
	if (count == 0)
		return -1;
	aws_send(l->aws, calls, count, &watch);
	for (size_t i = 0; i < count; i++) {
		take_answer(l, asked[i], &calls[i], &wait);
		aws_call_release(&calls[i]);
		json_decref(parameters[i]);
	}
	return wait;
}

static void say_progress(struct looking *l, long long now)
{
	autobuf struct buf text = BUF_INIT(256);
	size_t done = 0;
	size_t pages = 0;

	if (!l->options->tell || now - l->told_ms < 1000)
		return;
	l->told_ms = now;
	for (size_t i = 0; i < l->count; i++) {
		done += l->lookups[i].done;
		pages += l->lookups[i].pages;
	}
	buf_addf(&text, "%zu of %zu lookups done, %zu pages, %zu events", done, l->count, pages,
		 l->events);
	json_auto_t *event = jx_pack("{s:s, s:s}", "event", "progress", "text", buf_text(&text));
	l->options->tell(l->options->arg, event);
}

static int read_pages(struct looking *l, struct err *err)
{
	l->told_ms = now_ms();
	for (;;) {
		long long begun = now_ms();
		long wait = read_round(l);
		if (is_stopped(l))
			return err_set(err, ERR_INTERRUPTED, "stopped before all was looked up");
		if (wait < 0)
			return 0;
		for (long long now; (now = now_ms()) < begun + wait && !is_stopped(l);)
			poll(NULL, 0,
			     begun + wait - now < STEP_MS ? (int)(begun + wait - now) : STEP_MS);
		say_progress(l, now_ms());
	}
}

static const char *reason(const struct lookup *one)
{
	if (one->why.message[0])
		return one->why.message;
	return trail_input_events(one->in) ? NULL : "no such event in the time that was asked for";
}

/* Each lookup is one input of the trail. */
static json_t *close_all(struct looking *l)
{
	json_t *out = jx_pack("[]");

	for (size_t i = 0; i < l->count; i++) {
		struct lookup *one = &l->lookups[i];
		autobuf struct buf name = BUF_INIT(4096);

		trail_input_end(one->in);
		buf_addf(&name, "LookupEvents in %s, %s %s", one->region, one->attribute,
			 one->value);
		trail_close(l->trail, buf_text(&name), one->in, reason(one));
		jx_push(out,
			jx_pack("{s:o, s:s, s:o, s:I, s:I, s:b, s:o}", "region",
				jx_string(one->region), "attribute", one->attribute, "value",
				jx_string(one->value), "pages", (json_int_t)one->pages, "events",
				(json_int_t)trail_input_events(one->in), "complete",
				!one->why.message[0], "why",
				one->why.message[0] ? jx_string(one->why.message) : json_null()));
	}
	return out;
}

/* Not one page, and nothing else was to be read: then that is the answer. */
static int judge(const struct looking *l, struct err *err)
{
	for (size_t i = 0; i < l->count; i++) {
		if (l->lookups[i].pages || !l->lookups[i].why.message[0])
			return 0;
	}
	*err = l->lookups[0].why;
	return err_wrap(err, "LookupEvents in %s", l->lookups[0].region);
}

static void release(struct looking *l)
{
	for (size_t i = 0; i < l->count; i++) {
		trail_input_free(l->lookups[i].in);
		json_decref(l->lookups[i].seen);
		json_decref(l->lookups[i].token);
	}
	free(l->lookups);
	aws_close(l->aws);
}

int lookup_all(const struct run_triage *options, const struct trail_options *bounds,
	       struct trail *trail, json_t **ret_lookups, struct err *err)
{
	struct looking l = {.options = options, .trail = trail};
	int ret = -1;

	if (set_bounds(&l, bounds, err) ||
	    aws_open(&options->door->aws, options->door->env, &l.aws, err))
		return -1;
	if (choose_regions(&l, err) == 0 && make_lookups(&l, err) == 0)
		ret = read_pages(&l, err);
	if (ret == 0 && options->file_count == 0)
		ret = judge(&l, err);
	if (ret == 0)
		*ret_lookups = close_all(&l);
	release(&l);
	return ret;
}
