// SPDX-License-Identifier: Apache-2.0
#include "cordon/buf.h"
#include "cordon/text.h"

#include <stdlib.h>
#include <string.h>

enum { OUT_MAX = 64 * 1024 * 1024 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void must(bool good)
{
	if (!good)
		abort();
}

/* What a human is shown is UTF-8 without control bytes, and showing it again changes nothing. */
static void check_escape(const char *text)
{
	autobuf struct buf once = BUF_INIT(OUT_MAX);
	autobuf struct buf twice = BUF_INIT(OUT_MAX);

	text_escape(&once, text);
	for (size_t at = 0; at < once.length;) {
		uint32_t c = 0;
		size_t n = text_utf8(once.data + at, once.length - at, &c);

		must(n > 0 && c >= 0x20 && c != 0x7f && !(c >= 0x80 && c < 0xa0));
		at += n;
	}
	text_escape(&twice, buf_text(&once));
	must(text_equal(buf_text(&once), buf_text(&twice)));
}

static void check_percent(const char *bytes, size_t length)
{
	autobuf struct buf there = BUF_INIT(OUT_MAX);
	autobuf struct buf back = BUF_INIT(OUT_MAX);
	autobuf struct buf plain = BUF_INIT(OUT_MAX);

	text_percent_encode(&there, bytes, length);
	if (!memchr(bytes, '\0', length)) {
		must(text_percent_decode(&back, buf_text(&there), there.length) == 0);
		must(back.length == length && memcmp(buf_text(&back), bytes, length) == 0);
	}
	if (text_percent_decode(&plain, bytes, length))
		must(plain.length == 0);
}

static void check_numbers(const char *text)
{
	char shown[TEXT_TIME_SIZE];
	time_t at = 0;
	time_t again = 0;
	long number = 0;

	if (text_parse_time(text, &at) == 0 && at >= 0 && at <= 253402300799) {
		text_time(at, shown);
		must(text_parse_time(shown, &again) == 0 && again == at);
	}
	if (text_parse_http_date(text, &at) == 0)
		must(strlen(text) == 29);
	if (text_parse_duration(text, &number) == 0)
		must(number >= 0 && number <= 3650L * 86400);
	if (text_parse_number(text, -5, 500, &number) == 0)
		must(number >= -5 && number <= 500);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	char *text = malloc(length + 1);

	must(text != NULL);
	if (length)
		memcpy(text, bytes, length);
	text[length] = '\0';
	check_escape(text);
	check_percent(text, length);
	check_numbers(text);
	must(text_policy_size(text) <= strlen(text));
	free(text);
	return 0;
}
