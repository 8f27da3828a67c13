// SPDX-License-Identifier: Apache-2.0
#include "gunzip.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#ifdef HAVE_ISAL
#include <isa-l.h>

struct gunzip {
	struct inflate_state state;
	bool begun; /* within a member */
	bool bad;
};

static void reset(struct gunzip *g)
{
	unsigned char *next = g->state.next_in;
	uint32_t left = g->state.avail_in;

	isal_inflate_init(&g->state);
	g->state.crc_flag = ISAL_GZIP;
	g->state.next_in = next;
	g->state.avail_in = left;
}

/* One call; whether the member came to its end. */
static bool step(struct gunzip *g, unsigned char *out, size_t room, size_t *ret_made, bool *ret_bad)
{
	g->state.next_out = out;
	g->state.avail_out = (uint32_t)room;
	*ret_bad = isal_inflate(&g->state) < 0;
	*ret_made = room - g->state.avail_out;
	return !*ret_bad && g->state.block_state == ISAL_BLOCK_FINISH;
}

static size_t left(const struct gunzip *g)
{
	return g->state.avail_in;
}

static void end(struct gunzip *g)
{
	(void)g;
}
#else
#include <zlib.h>

struct gunzip {
	z_stream state;
	bool begun;
	bool bad;
};

enum { GZIP_ONLY = 15 + 16 };

static void reset(struct gunzip *g)
{
	bool first = !g->state.state;

	if (first ? inflateInit2(&g->state, GZIP_ONLY) != Z_OK : inflateReset(&g->state) != Z_OK)
		abort();
}

static bool step(struct gunzip *g, unsigned char *out, size_t room, size_t *ret_made, bool *ret_bad)
{
	g->state.next_out = out;
	g->state.avail_out = (unsigned)room;
	int state = inflate(&g->state, Z_NO_FLUSH);
	*ret_bad = state != Z_OK && state != Z_BUF_ERROR && state != Z_STREAM_END;
	*ret_made = room - g->state.avail_out;
	return state == Z_STREAM_END;
}

static size_t left(const struct gunzip *g)
{
	return g->state.avail_in;
}

static void end(struct gunzip *g)
{
	inflateEnd(&g->state);
}
#endif

struct gunzip *gunzip_new(void)
{
	struct gunzip *g = calloc(1, sizeof(*g));

	if (!g)
		abort();
	reset(g);
	return g;
}

void gunzip_free(struct gunzip *g)
{
	if (g)
		end(g);
	free(g);
}

void gunzip_give(struct gunzip *g, unsigned char *bytes, size_t length)
{
	g->state.next_in = bytes;
	g->state.avail_in = (uint32_t)length;
}

/* What was made may still be waiting inside when all that was given is taken. */
size_t gunzip_take(struct gunzip *g, unsigned char *out, size_t room, bool *ret_bad)
{
	size_t made = 0;

	while (made == 0 && !g->bad) {
		size_t before = left(g);
		if (before == 0 && !g->begun)
			break;
		bool ended = step(g, out, room, &made, &g->bad);
		g->begun = !ended;
		if (ended)
			reset(g);
		else if (made == 0 && left(g) == before)
			break;
	}
	*ret_bad = g->bad && made == 0;
	return made;
}

bool gunzip_is_whole(const struct gunzip *g)
{
	return !g->begun;
}
