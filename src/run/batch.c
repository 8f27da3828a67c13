// SPDX-License-Identifier: Apache-2.0
#include "batch.h"

#include "cordon/json.h"
#include "cordon/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct read *batch_add(struct batch *batch, read_store *store, const char *operation,
		       json_t *parameters, enum principal_kind kind, const char *name)
{
	struct read *grown = realloc(batch->reads, (batch->count + 1) * sizeof(*grown));

	if (!grown)
		abort();
	batch->reads = grown;
	struct read *read = &batch->reads[batch->count++];
	*read = (struct read){.call = {.operation = operation, .parameters = parameters},
			      .parameters = parameters,
			      .store = store,
			      .kind = kind};
	snprintf(read->name, sizeof(read->name), "%s", name ? name : "");
	return read;
}

static bool stop(void *arg)
{
	return world_stopped(arg);
}

void batch_send(struct batch *batch)
{
	struct aws_watch watch = {.arg = batch->world, .stop = stop};
	struct aws_call *calls = calloc(batch->count ? batch->count : 1, sizeof(*calls));

	if (!calls)
		abort();
	for (size_t i = 0; i < batch->count; i++)
		calls[i] = batch->reads[i].call;
	batch->world->requests += (long)batch->count;
	aws_send(batch->world->aws, calls, batch->count, &watch);
	for (size_t i = 0; i < batch->count; i++) {
		struct read *read = &batch->reads[i];
		read->call = calls[i];
		read->store(batch->world, read);
		aws_call_release(&read->call);
		json_decref(read->parameters);
	}
	free(calls);
	free(batch->reads);
	batch->reads = NULL;
	batch->count = 0;
}

json_t *read_entry(const struct world *world, const struct read *read)
{
	return account_find(world->account, read->kind, read->name);
}

bool read_done(const struct read *read)
{
	return read->call.outcome == AWS_DONE;
}

bool read_code_is(const struct read *read, const char *aws_code)
{
	return read->call.outcome == AWS_REFUSED && text_equal(read->call.err.aws_code, aws_code);
}

json_t *read_unread(const struct read *read)
{
	const char *why = read->call.err.code == ERR_DENIED ? "denied" : "failed";
	const char *code = read->call.err.aws_code;

	return account_unread(why, code[0] ? code : err_code_name(read->call.err.code));
}
