// SPDX-License-Identifier: Apache-2.0
/* gzip in any pieces, whole, cut and damaged, whatever library takes it apart. */
#include "../../src/run/gunzip.h"

#include "tap.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { PLAIN = 200000, ROOM = 2 * PLAIN };

static unsigned char plain[PLAIN], packed[2 * PLAIN], out[ROOM];

static size_t pack(unsigned char *to, size_t room, const unsigned char *from, size_t length)
{
	z_stream z = {.next_in = (unsigned char *)(uintptr_t)from,
		      .avail_in = (unsigned)length,
		      .next_out = to,
		      .avail_out = (unsigned)room};

	if (deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK ||
	    deflate(&z, Z_FINISH) != Z_STREAM_END)
		abort();
	deflateEnd(&z);
	return room - z.avail_out;
}

struct end {
	size_t made;
	bool bad, whole;
};

static struct end unpack(size_t length, size_t piece, size_t room)
{
	struct gunzip *g = gunzip_new();
	struct end end = {.made = 0};

	for (size_t at = 0; at < length && !end.bad; at += piece) {
		size_t n;
		gunzip_give(g, packed + at, length - at < piece ? length - at : piece);
		while ((n = gunzip_take(g, out + end.made,
					ROOM - end.made < room ? ROOM - end.made : room,
					&end.bad)) > 0)
			end.made += n;
	}
	end.whole = gunzip_is_whole(g);
	gunzip_free(g);
	return end;
}

static void test_pieces(size_t length)
{
	static const size_t pieces[] = {1, 2, 7, 1000, SIZE_MAX / 2};

	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		for (size_t room = 1; room <= ROOM; room *= 1000) {
			memset(out, 0, ROOM);
			struct end end = unpack(length, pieces[i], room);
			OK(end.made == 2 * PLAIN && end.whole && !end.bad &&
				   memcmp(out, plain, PLAIN) == 0 &&
				   memcmp(out + PLAIN, plain, PLAIN) == 0,
			   "two members, pieces of %zu, room for %zu", pieces[i], room);
		}
	}
}

static void test_damage(size_t length)
{
	for (size_t cut = 1; cut < length; cut += length / 50) {
		struct end end = unpack(cut, 1000, 1000);
		/* Where the first one ends, nothing is missing. */
		OK(!end.bad && (!end.whole || end.made == PLAIN), "cut at %zu", cut);
	}
	packed[length - 6] ^= 1;
	OK(unpack(length, 1000, 1000).bad, "a checksum that does not hold");
	packed[length - 6] ^= 1;
	memset(packed + 5000, 0xff, 100);
	OK(unpack(length, 1000, 1000).bad, "bytes that are none");
}

int main(void)
{
	unsigned seed = 1;

	for (size_t i = 0; i < PLAIN; i++) {
		seed = seed * 1103515245u + 12345u;
		plain[i] = (unsigned char)("abcdefgh\n{}\":,01"[seed >> 16 & 15]);
	}
	size_t length = pack(packed, sizeof(packed), plain, PLAIN);
	length += pack(packed + length, sizeof(packed) - length, plain, PLAIN);
	test_pieces(length);
	test_damage(length);
	return tap_done();
}
