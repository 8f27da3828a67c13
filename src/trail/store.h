/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store: what is kept of the records that went by: who used which credential and when, and the
 * events that made, ended or handed over something. Texts are kept once each, so that pointers
 * compare.
 */
#ifndef TRAIL_STORE_H
#define TRAIL_STORE_H

#include "cordon/trail.h"
#include "deed.h"
#include "input.h"
#include "rule.h"

#include <jansson.h>

enum { NOTHING = UINT32_MAX, SESSION_IPS = 4 };

/* A credential: a key, or a session without one. */
struct session {
	const char *key; /* NULL: none was logged */
	const char *type, *arn, *principal, *account, *user, *issuer, *invoked_by;
	time_t created; /* 0: a long-term key */
	time_t first, last;
	uint32_t uses;
	const char *ips[SESSION_IPS];
	uint32_t events; /* the first of its events */
	uint32_t next;	 /* of those with the same who and when */
	bool console, seed;
	bool asked;  /* one that the options name: nobody takes its room */
	bool direct; /* some call came without a service in between */
};

struct event {
	const char *id, *name, *source, *ip, *error, *account;
	const char *service; /* userIdentity.invokedBy */
	time_t at;
	uint32_t session, next;
	bool ok;
};

struct deed {
	const struct deed_row *row;
	enum deed_kind kind;
	uint32_t event;
	const char *id, *owner;
	const char *role; /* issued: the role's ARN, if one was assumed */
	time_t until;	  /* issued: 0: not known */
};

struct found {
	const struct detection *rule;
	enum severity severity;
	uint32_t event;	  /* NOTHING: no single one */
	uint32_t session; /* who did it, or NOTHING */
	time_t at;
	const char *target_kind, *target;
	json_t *alert; /* or NULL */
	bool refuted;  /* the rest of the log says otherwise */
};

struct text_set;
struct bursts;
struct id_set;

struct trail {
	struct trail_options options;
	struct text_set *texts;
	struct id_set *ids;
	struct session *sessions;
	struct event *events;
	struct deed *deeds;
	struct found *found;
	size_t session_count, event_count, deed_count, found_count;
	size_t session_room, event_room, deed_room, found_room;
	uint32_t *session_index; /* by key, or by who and when */
	uint32_t *origin_index;	 /* by who and when */
	struct bursts *bursts;
	json_t *inputs; /* skipped and cut ones */
	struct input_counts counts;
	size_t minor[128]; /* findings of each rule of less than high severity */
	size_t left_out;
	size_t files, files_read, duplicates, out_of_time, timeless, dropped;
	time_t first, last;
};

const char *store_text(struct trail *t, const char *bytes, size_t length);
const char *store_string(struct trail *t, const char *text); /* NULL and "" give NULL */
/* The session with this key; NOTHING if none was seen. */
uint32_t store_key(const struct trail *t, const char *key);
/* The same, made if it was not seen; NOTHING at the bound. */
uint32_t store_make_key(struct trail *t, const char *key);
/* The first session of that identity from that time; go on with .next. */
uint32_t store_origin(const struct trail *t, const char *arn, time_t created);
/* A finding; NULL at the bound. Rules that fire all the time leave room for those that count. */
struct found *store_found(struct trail *t, const struct detection *rule);
/* As logs write it: "Nov 30, 2024, 8:43:17 PM" or RFC 3339. */
bool store_expiration(const char *text, time_t *ret_at);

/* bursts.c: six kinds of reading calls by one identity within ten seconds. */
struct bursts *bursts_new(void);
bool bursts_add(struct bursts *b, const char *who, time_t at, struct span name);

/* texts.c */
struct text_set *texts_new(uint64_t seed);
const char *texts_add(struct text_set *set, const char *bytes, size_t length);
/* True the first time only. text must come from the set. */
bool texts_mark(const char *text);
void texts_free(struct text_set *set);
struct id_set *ids_new(uint64_t seed);
/* False if it was there already. */
bool ids_add(struct id_set *set, const char *bytes, size_t length);
size_t ids_unkept(const struct id_set *set); /* those it had no room for */
void ids_free(struct id_set *set);

/* The name behind the last slash of an ARN's user/.. or role/..; the text itself if it is none. */
const char *store_name(const char *arn);

#endif
