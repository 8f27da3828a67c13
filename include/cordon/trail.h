/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trail: from the bytes of logs and alerts to findings, and from findings to the identities to
 * contain. Pure: files, inflating and threads are the caller's.
 *
 *     struct trail *trail = trail_new(&options);
 *     struct trail_input *in = trail_input_new(sink, arg);   one for each file
 *     trail_input_feed(in, bytes, length); ...               in pieces of any size
 *     trail_input_end(in);
 *     trail_close(trail, "a.json", in, NULL); trail_input_free(in);
 *     document = trail_document(trail); trail_free(trail);
 *
 * An input recognises what it holds by its content, takes it apart one record at a time and hands
 * each to the sink, which calls trail_add(). Inputs are independent of each other and may be fed by
 * several threads; calls with the trail are for one thread at a time. The order in which records
 * arrive makes no difference to the document.
 *
 * Nothing in an input is an error: what cannot be read is counted and named. What is kept of a log
 * is bounded (TRAIL_MAX_*); the document says where a bound was met. Secrets that stand beside a
 * key id are not kept.
 */
#ifndef CORDON_TRAIL_H
#define CORDON_TRAIL_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

struct trail;
struct trail_input;
struct trail_record;

enum {
	TRAIL_MAX_ITEM = 4 << 20,     /* bytes of one record, alert or line */
	TRAIL_MAX_SESSIONS = 1 << 17, /* keys and sessions that were seen */
	TRAIL_MAX_EVENTS = 1 << 18,   /* events that mean something to us */
	TRAIL_RESERVED = 1 << 13,     /* of both, for those that the options name */
	TRAIL_MAX_FINDINGS = 1 << 16,
	TRAIL_MAX_MINOR = 1000,	 /* of one rule, of less than high severity */
	TRAIL_MAX_IDS = 3 << 20, /* event ids, to count duplicates */
};

/* Borrowed, and must outlive the trail. Lists are arrays of strings, or NULL. */
struct trail_options {
	time_t from, to; /* 0: open; both ends belong to it */
	time_t now;	 /* what is live is live now */
	uint64_t seed;	 /* random: nobody can choose strings that collide */
	/* Where to start from: key ids, event ids, source addresses; names or ARNs of users and
	 * roles. None at all: the findings. */
	const json_t *keys, *events, *ips, *users, *roles;
};

typedef void trail_sink(void *arg, const struct trail_record *record);

struct trail_input *trail_input_new(trail_sink *sink, void *arg);
void trail_input_feed(struct trail_input *in, const char *bytes, size_t length);
void trail_input_end(struct trail_input *in);
void trail_input_free(struct trail_input *in);
/* Asked between records that are torn: true, and nothing more is read. */
void trail_input_stop_if(struct trail_input *in, bool (*stopped)(void));
/* What it holds is nothing that we read, or too much of it is torn; more bytes would change
 * nothing.
 */
bool trail_input_refused(const struct trail_input *in);
/* How many events it held so far. */
size_t trail_input_events(const struct trail_input *in);

struct trail *trail_new(const struct trail_options *options);
void trail_add(struct trail *trail, const struct trail_record *record);
/* Counts an input that was read. in NULL: it could not be. failure: why it was not read to its end,
 * or NULL. name may hold any bytes. */
void trail_close(struct trail *trail, const char *name, const struct trail_input *in,
		 const char *failure);
/* cordon-triage/1; new. Once, at the end. */
json_t *trail_document(struct trail *trail);
void trail_free(struct trail *trail);

/* An id or address that --ip may name: public, and one that a person can own. */
bool trail_ip_ok(const char *ip);

#endif
