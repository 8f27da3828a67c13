// SPDX-License-Identifier: Apache-2.0
#include "world.h"

#include "cordon/buf.h"
#include "cordon/file.h"
#include "cordon/json.h"
#include "cordon/text.h"
#include "folder.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_ACCOUNT = 256 * 1024 * 1024, MAX_PATH = 4096 };

static int read_file(const char *path, json_t **ret_account, struct err *err)
{
	autobuf struct buf bytes = BUF_INIT(MAX_ACCOUNT);

	if (file_read(path, &bytes, err))
		return err_wrap(err, "account file");
	return account_read(buf_text(&bytes), bytes.length, path, ret_account, err);
}

int world_open(const struct run_options *options, struct world *world, struct err *err)
{
	*world = (struct world){.options = options, .absent = json_array()};
	if (options->account_file)
		return read_file(options->account_file, &world->account, err);
	if (aws_open(&options->aws, options->env, &world->aws, err))
		return -1;
	if (options->rate)
		aws_limit(world->aws, options->rate);
	return 0;
}

void world_close(struct world *world)
{
	if (world->aws)
		aws_close(world->aws);
	json_decref(world->account);
	json_decref(world->caller);
	json_decref(world->absent);
	*world = (struct world){0};
}

int world_write_account(const struct world *world, const char *path, struct err *err)
{
	char *text = jx_compact(world->account);
	int ret = file_write(path, text, strlen(text), err);

	free(text);
	return ret;
}

time_t world_now(const struct world *world)
{
	return world->aws ? aws_now(world->aws) : time(NULL);
}

bool world_stopped(const struct world *world)
{
	return world->options->stopped && world->options->stopped();
}

void world_tell(const struct world *world, json_t *event_stolen)
{
	if (world->options->tell)
		world->options->tell(world->options->arg, event_stolen);
	json_decref(event_stolen);
}

void world_note(const struct world *world, const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	world_tell(world, jx_pack("{s:s, s:o}", "event", "note", "text", jx_string(text)));
}
