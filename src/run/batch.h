/* SPDX-License-Identifier: Apache-2.0 */
/*
 * batch: reads that are sent together, each with what becomes of its answer.
 *
 *     struct batch batch = {.world = world};
 *     batch_add(&batch, store, "ListAccessKeys", {"UserName":..}, kind, name, extra);
 *     batch_send(&batch);                      sends all, then calls each store, in order of adding
 */
#ifndef CORDON_RUN_BATCH_H
#define CORDON_RUN_BATCH_H

#include "world.h"

struct batch;
struct read;

typedef void read_store(struct world *world, const struct read *read);

struct read {
	struct aws_call call;
	json_t *parameters;
	read_store *store;
	enum principal_kind kind;
	char name[129];
	const char *section; /* static text */
	const char *member;  /* of the reply; static text */
	void *arg;	     /* the asker's own */
};

struct batch {
	struct world *world;
	struct read *reads;
	size_t count;
};

/* parameters is stolen. The new read may be changed until it is sent. */
struct read *batch_add(struct batch *batch, read_store *store, const char *operation,
		       json_t *parameters, enum principal_kind kind, const char *name);
void batch_send(struct batch *batch);

/* The entry that a read is about. */
json_t *read_entry(const struct world *world, const struct read *read);
bool read_done(const struct read *read);
bool read_code_is(const struct read *read, const char *aws_code);
/* Why it could not be read, as a section's value. New. */
json_t *read_unread(const struct read *read);

#endif
