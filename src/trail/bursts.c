// SPDX-License-Identifier: Apache-2.0
/* Many kinds of reading calls within ten seconds. A fixed table: at worst a burst is overlooked,
 * which is the least of the detections. */
#include "store.h"

#include <stdlib.h>
#include <string.h>

enum { ROOM = 1 << 13, KINDS = 5, SECONDS = 10, PROBES = 4 };

struct bursts {
	struct burst {
		const char *who;
		time_t at;
		unsigned count;
		uint32_t names[KINDS];
		bool said;
	} slots[ROOM];
};

struct bursts *bursts_new(void)
{
	struct bursts *b = calloc(1, sizeof(*b));

	if (!b)
		abort();
	return b;
}

static struct burst *find(struct bursts *b, const char *who, time_t at)
{
	size_t start = ((uintptr_t)who >> 3) * 31 + (size_t)at * 2654435761u;
	struct burst *oldest = &b->slots[start % ROOM];

	for (size_t i = 0; i < PROBES; i++) {
		struct burst *slot = &b->slots[(start + i) % ROOM];
		if (slot->who == who && slot->at == at)
			return slot;
		if (!slot->who || slot->at < oldest->at)
			oldest = slot;
	}
	*oldest = (struct burst){.who = who, .at = at};
	return oldest;
}

bool bursts_add(struct bursts *b, const char *who, time_t at, struct span name)
{
	struct burst *burst = find(b, who, at / SECONDS);
	uint32_t hash = 2166136261u;

	for (size_t i = 0; i < name.length; i++)
		hash = (hash ^ (unsigned char)name.at[i]) * 16777619u;
	for (unsigned i = 0; i < burst->count; i++) {
		if (burst->names[i] == hash)
			return false;
	}
	if (burst->count < KINDS) {
		burst->names[burst->count++] = hash;
		return false;
	}
	bool first = !burst->said;
	burst->said = true;
	return first;
}
