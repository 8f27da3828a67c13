// SPDX-License-Identifier: Apache-2.0
/* Texts kept once each, and a set of event ids that keeps no text. */
#include "store.h"

#include <stdlib.h>
#include <string.h>

enum { CHUNK = 1 << 18, FIRST = 1 << 12 };

struct text {
	uint32_t hash;
	uint32_t length : 31;
	uint32_t marked : 1;
	char bytes[];
};

struct chunk {
	struct chunk *next;
	size_t used, size;
	_Alignas(8) char bytes[];
};

struct text_set {
	uint64_t seed;
	struct text **slots;
	size_t room, count;
	struct chunk *chunks;
};

static uint64_t hash_of(uint64_t seed, const char *bytes, size_t length)
{
	uint64_t h = seed ^ (length * 0x9e3779b97f4a7c15u);
	uint64_t word = 0;

	for (; length >= 8; bytes += 8, length -= 8) {
		memcpy(&word, bytes, 8);
		h = (h ^ word) * 0xff51afd7ed558ccdu;
		h ^= h >> 32;
	}
	word = 0;
	memcpy(&word, bytes, length);
	h = (h ^ word ^ seed) * 0xc4ceb9fe1a85ec53u;
	h ^= h >> 29;
	return h * 0xff51afd7ed558ccdu ^ h >> 31;
}

static void *or_die(void *p)
{
	if (!p)
		abort();
	return p;
}

struct text_set *texts_new(uint64_t seed)
{
	struct text_set *set = or_die(calloc(1, sizeof(*set)));

	set->seed = seed;
	set->room = FIRST;
	set->slots = or_die(calloc(set->room, sizeof(struct text *)));
	return set;
}

void texts_free(struct text_set *set)
{
	while (set && set->chunks) {
		struct chunk *next = set->chunks->next;
		free(set->chunks);
		set->chunks = next;
	}
	if (set)
		free(set->slots);
	free(set);
}

static struct text *new_text(struct text_set *set, uint32_t hash, const char *bytes, size_t length)
{
	size_t size = (sizeof(struct text) + length + 1 + 7) & ~(size_t)7;
	struct chunk *chunk = set->chunks;

	if (!chunk || chunk->size - chunk->used < size) {
		size_t room = size > CHUNK ? size : CHUNK;
		chunk = or_die(malloc(sizeof(*chunk) + room));
		*chunk = (struct chunk){.next = set->chunks, .size = room};
		set->chunks = chunk;
	}
	struct text *text = (struct text *)(void *)(chunk->bytes + chunk->used);
	chunk->used += size;
	text->hash = hash;
	text->length = (uint32_t)length & 0x7fffffff;
	text->marked = 0;
	memcpy(text->bytes, bytes, length);
	text->bytes[length] = '\0';
	return text;
}

static void grow(struct text_set *set)
{
	size_t room = set->room * 2;
	struct text **slots = or_die(calloc(room, sizeof(struct text *)));

	for (size_t i = 0; i < set->room; i++) {
		if (!set->slots[i])
			continue;
		size_t at = set->slots[i]->hash & (room - 1);
		while (slots[at])
			at = (at + 1) & (room - 1);
		slots[at] = set->slots[i];
	}
	free(set->slots);
	set->slots = slots;
	set->room = room;
}

const char *texts_add(struct text_set *set, const char *bytes, size_t length)
{
	uint32_t hash = (uint32_t)hash_of(set->seed, bytes, length);

	if (set->count * 2 >= set->room)
		grow(set);
	size_t at = hash & (set->room - 1);
	for (; set->slots[at]; at = (at + 1) & (set->room - 1)) {
		struct text *text = set->slots[at];
		if (text->hash == hash && text->length == length &&
		    memcmp(text->bytes, bytes, length) == 0)
			return text->bytes;
	}
	set->slots[at] = new_text(set, hash, bytes, length);
	set->count++;
	return set->slots[at]->bytes;
}

bool texts_mark(const char *text)
{
	struct text *t = (struct text *)(uintptr_t)(text - offsetof(struct text, bytes));
	bool first = !t->marked;

	t->marked = 1;
	return first;
}

struct id_set {
	uint64_t seed;
	uint64_t *slots;
	size_t room, count, unkept;
};

struct id_set *ids_new(uint64_t seed)
{
	struct id_set *set = or_die(calloc(1, sizeof(*set)));

	set->seed = seed;
	set->room = FIRST;
	set->slots = or_die(calloc(set->room, sizeof(uint64_t)));
	return set;
}

void ids_free(struct id_set *set)
{
	if (set)
		free(set->slots);
	free(set);
}

size_t ids_unkept(const struct id_set *set)
{
	return set->unkept;
}

/* 64 bits stand for the id: of three million, two are taken for one with odds of one in four
 * million, and then only a count is wrong: events that mean something are compared whole. */
static bool put(uint64_t *slots, size_t room, uint64_t hash)
{
	size_t at = hash & (room - 1);

	while (slots[at]) {
		if (slots[at] == hash)
			return false;
		at = (at + 1) & (room - 1);
	}
	slots[at] = hash;
	return true;
}

bool ids_add(struct id_set *set, const char *bytes, size_t length)
{
	uint64_t hash = hash_of(set->seed, bytes, length);

	if (set->count >= TRAIL_MAX_IDS) {
		set->unkept++;
		return true;
	}
	if (set->count * 4 >= set->room * 3) {
		uint64_t *slots = or_die(calloc(set->room * 2, sizeof(uint64_t)));
		for (size_t i = 0; i < set->room; i++) {
			if (set->slots[i])
				put(slots, set->room * 2, set->slots[i]);
		}
		free(set->slots);
		set->slots = slots;
		set->room *= 2;
	}
	bool fresh = put(set->slots, set->room, hash | 1ull << 63);
	set->count += fresh;
	return fresh;
}
