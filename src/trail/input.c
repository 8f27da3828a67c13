// SPDX-License-Identifier: Apache-2.0
/* From bytes in pieces to whole records, in the memory of one record. */
#include "input.h"

#include "cordon/json.h"
#include "cordon/secret.h"
#include "csv.h"
#include "record.h"

#include <stdlib.h>
#include <string.h>

enum {
	BUFFER_LEAST = 64 << 10,
	/* Torn records are looked at again from within. Whoever nests them makes that slow. */
	WASTE_LEAST = 64 << 20,
	WASTE_RATIO = 16,
};

static void deliver(void *arg, const struct trail_record *record)
{
	struct trail_input *in = arg;

	in->counts.mended += record->mended;
	switch (record->kind) {
	case RECORD_EVENT:
		in->counts.events++;
		break;
	case RECORD_ALERT:
		in->counts.alerts++;
		break;
	case RECORD_BAD:
		in->counts.bad++;
		return;
	case RECORD_UNKNOWN:
		in->counts.unknown++;
		return;
	case RECORD_SKIPPED:
		input_skip(in, record->why);
		return;
	}
	in->sink(in->arg, record);
}

void input_skip(struct trail_input *in, const char *why)
{
	for (size_t i = 0; i < INPUT_MAX_WHY; i++) {
		if (!in->skipped[i].why)
			in->skipped[i].why = why;
		if (strcmp(in->skipped[i].why, why) == 0) {
			in->skipped[i].count++;
			return;
		}
	}
}

struct trail_input *trail_input_new(trail_sink *sink, void *arg)
{
	struct trail_input *in = calloc(1, sizeof(*in));

	if (!in)
		abort();
	in->sink = sink;
	in->arg = arg;
	return in;
}

void trail_input_free(struct trail_input *in)
{
	if (!in)
		return;
	json_decref(in->columns);
	secret_free(in->data); /* session tokens stand in logs */
	free(in);
}

bool trail_input_refused(const struct trail_input *in)
{
	return in->state == INPUT_REFUSED || in->state == INPUT_GIVEN_UP;
}

void trail_input_stop_if(struct trail_input *in, bool (*stopped)(void))
{
	in->stopped = stopped;
}

size_t trail_input_events(const struct trail_input *in)
{
	return in->counts.events;
}

static const char *at(const struct trail_input *in)
{
	return in->data + in->start;
}

static size_t left(const struct trail_input *in)
{
	return in->length - in->start;
}

/* White space and commas between values; a byte order mark at the very beginning. */
static void skip_between(struct trail_input *in)
{
	if (in->state == INPUT_START && left(in) >= 3 && memcmp(at(in), "\xef\xbb\xbf", 3) == 0)
		in->start += 3;
	while (in->start < in->length && memchr(" \t\r\n,", in->data[in->start], 5))
		in->start++;
}

/* A line that begins, or a record of a log that has no lines. */
static bool looks_like_record(const struct trail_input *in, const char *brace)
{
	static const char *const begins[] = {"{\"eventVersion\"", "{\"EventId\""};
	size_t rest = (size_t)(in->data + in->length - brace);

	if (brace > at(in) && brace[-1] == '\n')
		return true;
	for (size_t i = 0; i < sizeof(begins) / sizeof(begins[0]); i++) {
		size_t length = strlen(begins[i]);
		if (rest >= length && memcmp(brace, begins[i], length) == 0)
			return true;
	}
	return false;
}

/* A record that is cut or torn: goes on at what looks like the beginning of another one. False:
 * there is none in the bytes at hand. */
static bool find_again(struct trail_input *in)
{
	const char *end = in->data + in->length;
	const char *brace = left(in) ? memchr(at(in), '{', left(in)) : NULL;

	while (brace && !looks_like_record(in, brace))
		brace = memchr(brace + 1, '{', (size_t)(end - brace - 1));
	in->lost = !brace;
	if (brace)
		in->start = (size_t)(brace - in->data);
	return brace != NULL;
}

static void give_up(struct trail_input *in)
{
	in->state = INPUT_GIVEN_UP;
	in->start = in->length;
	in->lost = false;
}

static void broken(struct trail_input *in)
{
	in->counts.bad++;
	in->wasted += in->looked;
	in->looked = 0;
	if (in->wasted > WASTE_LEAST + in->counts.bytes * WASTE_RATIO) {
		input_skip(in, "too much of it is torn: read up to there");
		give_up(in);
		return;
	}
	if (in->stopped && in->stopped()) {
		give_up(in);
		return;
	}
	in->start++;
	find_again(in);
}

/* Lost, and the bytes so far are of no use but for a beginning that they may end with. */
static bool search(struct trail_input *in)
{
	enum { KEEP = 16 };

	if (find_again(in))
		return true;
	if (left(in) > KEEP)
		in->start = in->length - KEEP;
	return false;
}

static bool need_more(struct trail_input *in)
{
	if (left(in) > TRAIL_MAX_ITEM) {
		broken(in);
		return !in->lost || search(in);
	}
	/* Not at each new piece, or a long record would be looked at again and again. */
	in->wanted = left(in) < TRAIL_MAX_ITEM / 2 ? left(in) * 2 : TRAIL_MAX_ITEM + 1;
	return false;
}

static bool read_value(struct trail_input *in, bool wrapper)
{
	struct scan scan;
	size_t used = 0;

	enum scan_end end = scan_value(at(in), left(in), wrapper, &scan, &used);
	in->looked = end == SCAN_MORE ? left(in) : used;
	switch (end) {
	case SCAN_DONE:
		if (*at(in) == '{')
			record_read(at(in), used, &scan, deliver, in);
		else
			in->counts.unknown++;
		in->start += used;
		return true;
	case SCAN_INSIDE:
		in->start += used;
		in->state = INPUT_LIST;
		in->in_object = true;
		return true;
	case SCAN_MORE:
		return need_more(in);
	case SCAN_BROKEN:
	default:
		broken(in);
		return !in->lost;
	}
}

static bool read_rest(struct trail_input *in)
{
	size_t used = 0;

	enum scan_end end = scan_rest(at(in), left(in), &used);
	in->looked = end == SCAN_MORE ? left(in) : used;
	switch (end) {
	case SCAN_DONE:
		in->state = INPUT_VALUES;
		break;
	case SCAN_INSIDE:
		in->state = INPUT_LIST;
		break;
	case SCAN_MORE:
		return need_more(in);
	case SCAN_BROKEN:
	default:
		in->state = INPUT_VALUES;
		broken(in);
		return !in->lost;
	}
	in->looked = 0;
	in->start += used;
	return true;
}

static void close_list(struct trail_input *in)
{
	in->start++;
	in->state = in->in_object ? INPUT_REST : INPUT_VALUES;
	in->in_object = false;
}

static bool read_row(struct trail_input *in)
{
	size_t used = csv_row_length(at(in), left(in), in->ended);

	if (used == 0) {
		in->looked = left(in);
		return need_more(in);
	}
	json_auto_t *row = csv_record(in->columns, at(in), used);
	if (row)
		record_read_json(row, deliver, in);
	else
		in->counts.bad++;
	in->start += used;
	return true;
}

static void refuse(struct trail_input *in)
{
	in->state = INPUT_REFUSED;
	in->start = in->length;
}

/* What it is, from its first byte or its first line. */
static bool recognise(struct trail_input *in)
{
	char first = *at(in);

	if (first == '{' || first == '[') {
		in->state = INPUT_VALUES;
		return true;
	}
	size_t used = csv_row_length(at(in), left(in), in->ended);
	if (used == 0 && left(in) <= BUFFER_LEAST)
		return false;
	in->columns = used ? csv_columns(at(in), used) : NULL;
	if (!in->columns) {
		refuse(in);
		return false;
	}
	in->start += used;
	in->state = INPUT_ROWS;
	return true;
}

/* One step; false if it takes more bytes. */
static bool step(struct trail_input *in)
{
	if (in->lost && !search(in))
		return false;
	if (in->state != INPUT_REST)
		skip_between(in);
	if (in->start == in->length)
		return false;
	switch (in->state) {
	case INPUT_START:
		return recognise(in);
	case INPUT_VALUES:
		if (*at(in) == '[') {
			in->start++;
			in->state = INPUT_LIST;
			return true;
		}
		if (*at(in) == '{')
			return read_value(in, true);
		broken(in);
		return !in->lost;
	case INPUT_LIST:
		if (*at(in) != ']')
			return read_value(in, false);
		close_list(in);
		return true;
	case INPUT_REST:
		return read_rest(in);
	case INPUT_ROWS:
		return read_row(in);
	case INPUT_REFUSED:
	case INPUT_GIVEN_UP:
	default:
		in->start = in->length;
		return false;
	}
}

static void make_room(struct trail_input *in, size_t length)
{
	size_t kept = left(in);

	if (in->start && kept)
		memmove(in->data, at(in), kept);
	in->start = 0;
	in->length = kept;
	if (in->size - kept >= length)
		return;
	size_t size = in->size ? in->size : BUFFER_LEAST;
	while (size - kept < length)
		size *= 2;
	char *grown = secret_realloc(in->data, size);
	if (!grown)
		abort();
	in->data = grown;
	in->size = size;
}

static void feed_piece(struct trail_input *in, const char *bytes, size_t length)
{
	make_room(in, length);
	memcpy(in->data + in->length, bytes, length);
	in->length += length;
	if (in->length < in->wanted)
		return;
	in->wanted = 0;
	while (step(in))
		;
}

void trail_input_feed(struct trail_input *in, const char *bytes, size_t length)
{
	in->counts.bytes += length;
	while (length && !trail_input_refused(in)) {
		size_t piece = length < BUFFER_LEAST ? length : BUFFER_LEAST;

		feed_piece(in, bytes, piece);
		bytes += piece;
		length -= piece;
	}
}

/* What is left was cut off, but whole records may stand within it. */
void trail_input_end(struct trail_input *in)
{
	in->ended = true;
	in->wanted = 0;
	while (step(in))
		;
	while (!in->lost && left(in) && !trail_input_refused(in) && in->state != INPUT_START) {
		broken(in);
		while (!in->lost && step(in))
			;
	}
	in->cut = in->state == INPUT_LIST || in->state == INPUT_REST;
	if (in->state == INPUT_START && left(in))
		in->state = INPUT_REFUSED;
}
