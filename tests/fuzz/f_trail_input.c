// SPDX-License-Identifier: Apache-2.0
/* The decoders alone, without what is kept of them: many times as fast as f_trail. */
#include "../../src/trail/record.h"

#include "cordon/trail.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

struct seen {
	size_t events, alerts;
	uint64_t hash;
};

static void must(bool good)
{
	if (!good)
		abort();
}

static void mix(struct seen *seen, const char *at, size_t length)
{
	for (size_t i = 0; i < length; i++)
		seen->hash = (seen->hash ^ (unsigned char)at[i]) * 0x100000001b3u;
}

/* Every byte that a record points at is looked at: ASan knows whose it is. */
static void sink(void *arg, const struct trail_record *record)
{
	struct seen *seen = arg;

	must(record->kind == RECORD_EVENT || record->kind == RECORD_ALERT);
	seen->events += record->kind == RECORD_EVENT;
	seen->alerts += record->kind == RECORD_ALERT;
	for (int i = 0; i < FIELD_COUNT; i++) {
		struct span span = record->scan.field[i];
		mix(seen, span.at, span.at ? span.length : 0);
	}
	char *text = record->json ? json_dumps(record->json, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
	mix(seen, text, text ? strlen(text) : 0);
	free(text);
}

static struct seen feed(const char *bytes, size_t length, size_t piece)
{
	struct seen seen = {.events = 0};
	struct trail_input *in = trail_input_new(sink, &seen);

	for (size_t at = 0; at < length; at += piece) {
		size_t n = length - at < piece ? length - at : piece;
		char *copy = malloc(n);
		if (!copy)
			abort();
		memcpy(copy, bytes + at, n);
		trail_input_feed(in, copy, n);
		free(copy);
	}
	trail_input_end(in);
	must(trail_input_events(in) == seen.events);
	trail_input_free(in);
	return seen;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	const char *text = length ? (const char *)bytes : "";
	struct seen whole = feed(text, length, length + 1);
	struct seen pieces = feed(text, length, 5 + length % 59);

	must(whole.events == pieces.events && whole.alerts == pieces.alerts &&
	     whole.hash == pieces.hash);
	return 0;
}
