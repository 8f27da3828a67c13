// SPDX-License-Identifier: Apache-2.0
#include "cordon/buf.h"
#include "cordon/text.h"
#include "tap.h"

#include <limits.h>

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static void test_time(void)
{
	static const struct {
		time_t at;
		const char *want, *compact;
	} rows[] = {
		{0, "1970-01-01T00:00:00Z", "19700101T000000Z"},
		{-1, "1970-01-01T00:00:00Z", "19700101T000000Z"},
		{951782400, "2000-02-29T00:00:00Z", "20000229T000000Z"},
		{951868799, "2000-02-29T23:59:59Z", "20000229T235959Z"},
		{951868800, "2000-03-01T00:00:00Z", "20000301T000000Z"},
		{1784024100, "2026-07-14T10:15:00Z", "20260714T101500Z"},
		{4107542399, "2100-02-28T23:59:59Z", "21000228T235959Z"},
		{4107542400, "2100-03-01T00:00:00Z", "21000301T000000Z"},
		{253402300799, "9999-12-31T23:59:59Z", "99991231T235959Z"},
		{253402300800, "9999-12-31T23:59:59Z", "99991231T235959Z"},
	};
	char text[TEXT_TIME_SIZE];
	char compact[TEXT_COMPACT_SIZE];

	for (size_t i = 0; i < COUNT(rows); i++) {
		text_time(rows[i].at, text);
		STR_EQ(text, rows[i].want, "text_time(%lld)", (long long)rows[i].at);
		text_time_compact(rows[i].at, compact);
		STR_EQ(compact, rows[i].compact, "text_time_compact(%lld)", (long long)rows[i].at);
	}
}

/* Every day of 400 years, and then some, goes there and back. */
static void test_time_round_trip(void)
{
	char text[TEXT_TIME_SIZE];
	char compact[TEXT_COMPACT_SIZE];
	long wrong = 0;

	for (time_t at = 43210; at < 150000L * 86400; at += 86400) {
		time_t back = 0;

		text_time(at, text);
		wrong += text_parse_time(text, &back) != 0 || back != at;
		text_time_compact(at, compact);
		wrong += text_parse_time(compact, &back) != 0 || back != at;
	}
	INT_EQ(wrong, 0, "150000 days go there and back");
}

static void test_parse_time(void)
{
	static const struct {
		const char *input;
		bool good;
		long long want;
	} rows[] = {
		{"2026-07-14T10:15:00Z", true, 1784024100},
		{"2026-07-14t10:15:00z", true, 1784024100},
		{"20260714T101500Z", true, 1784024100},
		{"2026-07-14T10:15:00.123+02:00", true, 1784016900},
		{"2026-07-14T10:15:00-00:30", true, 1784025900},
		{"2026-07-14T10:15:00.999999999Z", true, 1784024100},
		{"2016-12-31T23:59:60Z", true, 1483228800},
		{"2024-02-29T00:00:00Z", true, 1709164800},
		{"2000-02-29T00:00:00Z", true, 951782400},
		{"1969-12-31T23:59:59Z", true, -1},
		{"1900-03-01T00:00:00Z", true, -2203891200},
		{"0000-01-01T00:00:00Z", true, -62167219200},
		{"2023-02-29T00:00:00Z", false, 0},
		{"2100-02-29T00:00:00Z", false, 0},
		{"2026-00-14T10:15:00Z", false, 0},
		{"2026-13-14T10:15:00Z", false, 0},
		{"2026-07-00T10:15:00Z", false, 0},
		{"2026-04-31T10:15:00Z", false, 0},
		{"2026-07-14T24:00:00Z", false, 0},
		{"2026-07-14T10:60:00Z", false, 0},
		{"2026-07-14T10:15:61Z", false, 0},
		{"2026-07-14T10:15:00", false, 0},
		{"2026-07-14T10:15:00.Z", false, 0},
		{"2026-07-14T10:15:00+24:00", false, 0},
		{"2026-07-14T10:15:00+0200", false, 0},
		{"2026-07-14T10:15:00+02:60", false, 0},
		{"2026-07-14T10:15:00Zx", false, 0},
		{" 2026-07-14T10:15:00Z", false, 0},
		{"2026-07-14 10:15:00Z", false, 0},
		{"2026-7-14T10:15:00Z", false, 0},
		{"+026-07-14T10:15:00Z", false, 0},
		{"20260714T101500", false, 0},
		{"20260714T101500ZZ", false, 0},
		{"2026", false, 0},
		{"", false, 0},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		time_t at = 42;

		INT_EQ(text_parse_time(rows[i].input, &at), rows[i].good ? 0 : -1, "'%s'",
		       rows[i].input);
		INT_EQ(at, rows[i].good ? rows[i].want : 42, "'%s': value", rows[i].input);
	}
}

static void test_http_date(void)
{
	static const struct {
		const char *input;
		bool good;
		long long want;
	} rows[] = {
		{"Sun, 06 Nov 1994 08:49:37 GMT", true, 784111777},
		{"Tue, 14 Jul 2026 10:15:00 GMT", true, 1784024100},
		{"Sun, 6 Nov 1994 08:49:37 GMT", false, 0},
		{"Sunday, 06-Nov-94 08:49:37 GMT", false, 0},
		{"Sun Nov  6 08:49:37 1994", false, 0},
		{"Sun, 06 Nov 1994 08:49:37 UTC", false, 0},
		{"Sun, 06 Nov 1994 08:49:37 GMT ", false, 0},
		{"Sun, 06 Nox 1994 08:49:37 GMT", false, 0},
		{"Xun, 06 Nov 1994 08:49:37 GMT", false, 0},
		{"Sun, 31 Nov 1994 08:49:37 GMT", false, 0},
		{"Su", false, 0},
		{"", false, 0},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		time_t at = 42;

		INT_EQ(text_parse_http_date(rows[i].input, &at), rows[i].good ? 0 : -1, "'%s'",
		       rows[i].input);
		INT_EQ(at, rows[i].good ? rows[i].want : 42, "'%s': value", rows[i].input);
	}
}

static void test_duration(void)
{
	static const struct {
		const char *input;
		bool good;
		long want;
	} rows[] = {
		{"90s", true, 90},
		{"10m", true, 600},
		{"36h", true, 129600},
		{"2d", true, 172800},
		{"0s", true, 0},
		{"45", false, 0},
		{"0", false, 0},
		{"3650d", true, 315360000},
		{"3651d", false, 0},
		{"315360001s", false, 0},
		{"999999999999999999999s", false, 0},
		{"9223372036854775807d", false, 0},
		{"-5s", false, 0},
		{"+5s", false, 0},
		{"5 s", false, 0},
		{"1h30m", false, 0},
		{"5S", false, 0},
		{"1.5h", false, 0},
		{"s", false, 0},
		{"", false, 0},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		long seconds = 42;

		INT_EQ(text_parse_duration(rows[i].input, &seconds), rows[i].good ? 0 : -1, "'%s'",
		       rows[i].input);
		INT_EQ(seconds, rows[i].good ? rows[i].want : 42, "'%s': value", rows[i].input);
	}
}

static void test_number(void)
{
	static const struct {
		const char *input;
		long min, max;
		bool good;
		long want;
	} rows[] = {
		{"0", 0, 10, true, 0},
		{"10", 0, 10, true, 10},
		{"11", 0, 10, false, 0},
		{"-1", 0, 10, false, 0},
		{"-1", -1, 10, true, -1},
		{"007", 0, 10, true, 7},
		{"9223372036854775807", 0, LONG_MAX, true, LONG_MAX},
		{"9223372036854775808", 0, LONG_MAX, false, 0},
		{"-9223372036854775808", LONG_MIN, 0, true, LONG_MIN},
		{"-9223372036854775809", LONG_MIN, 0, false, 0},
		{"", 0, 10, false, 0},
		{"-", -10, 10, false, 0},
		{"--1", -10, 10, false, 0},
		{"+1", 0, 10, false, 0},
		{" 1", 0, 10, false, 0},
		{"1 ", 0, 10, false, 0},
		{"0x1", 0, 10, false, 0},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		long number = 42;

		INT_EQ(text_parse_number(rows[i].input, rows[i].min, rows[i].max, &number),
		       rows[i].good ? 0 : -1, "'%s'", rows[i].input);
		INT_EQ(number, rows[i].good ? rows[i].want : 42, "'%s': value", rows[i].input);
	}
}

static void test_comparing(void)
{
	OK(text_equal("a", "a") && !text_equal("a", "A"), "text_equal minds case");
	OK(!text_equal(NULL, "a") && !text_equal("a", NULL) && !text_equal(NULL, NULL),
	   "text_equal: NULL equals nothing");
	OK(text_equal_nocase("aZ-0", "Az-0"), "text_equal_nocase does not mind case");
	OK(!text_equal_nocase("a", "ab") && !text_equal_nocase("ab", "a"), "lengths count");
	OK(!text_equal_nocase("[", "{") && !text_equal_nocase("@", "`"), "letters only");
	OK(!text_equal_nocase("\xc3\x84", "\xc3\xa4"), "ASCII only");
	OK(!text_equal_nocase(NULL, NULL), "text_equal_nocase: NULL equals nothing");
	OK(text_has_prefix("abc", "ab") && text_has_prefix("abc", ""), "prefix");
	OK(!text_has_prefix("a", "ab"), "a prefix longer than the text");
	OK(text_has_suffix("abc", "bc") && text_has_suffix("abc", ""), "suffix");
	OK(!text_has_suffix("c", "bc"), "a suffix longer than the text");
	OK(text_only("abba", "ab") && text_only("", "ab") && !text_only("abc", "ab"), "text_only");
}

static void test_percent(void)
{
	static const struct {
		const char *plain, *encoded;
	} rows[] = {
		{"AZaz09-._~", "AZaz09-._~"},
		{"a b+c", "a%20b%2Bc"},
		{"/?&=%", "%2F%3F%26%3D%25"},
		{"\xc3\xa4\xff", "%C3%A4%FF"},
		{"", ""},
	};
	static const char *const broken[] = {"%", "%4", "%zz", "%4g", "%00", "ok%0"};

	for (size_t i = 0; i < COUNT(rows); i++) {
		autobuf struct buf there = BUF_INIT(100);
		autobuf struct buf back = BUF_INIT(100);

		text_percent_encode(&there, rows[i].plain, strlen(rows[i].plain));
		STR_EQ(buf_text(&there), rows[i].encoded, "encode '%s'", rows[i].encoded);
		OK(!text_percent_decode(&back, buf_text(&there), there.length), "decode '%s'",
		   rows[i].encoded);
		STR_EQ(buf_text(&back), rows[i].plain, "there and back");
	}
	for (size_t i = 0; i < COUNT(broken); i++) {
		autobuf struct buf out = BUF_INIT(100);

		INT_EQ(text_percent_decode(&out, broken[i], strlen(broken[i])), -1,
		       "'%s' is broken", broken[i]);
		INT_EQ(out.length, 0, "'%s': nothing written", broken[i]);
	}
	autobuf struct buf out = BUF_INIT(100);
	OK(!text_percent_decode(&out, "%2f%2F+", 7), "small hexadecimal digits are taken");
	STR_EQ(buf_text(&out), "//+", "a plus stays a plus");
	OK(text_percent_decode(&out, "%41", 2), "no reading beyond the length");
}

static void test_escape(void)
{
	static const struct {
		const char *name, *input, *want;
	} rows[] = {
		{"plain", "user/eve (x)", "user/eve (x)"},
		{"letters", "\xc3\xa4 \xe4\xb8\xad \xf0\x9f\x94\xa5",
		 "\xc3\xa4 \xe4\xb8\xad \xf0\x9f\x94\xa5"},
		{"escape sequence", "\x1b[2J\x1b]0;x\x07", "\\x1b[2J\\x1b]0;x\\x07"},
		{"newline and tab", "a\r\n\tb", "a\\x0d\\x0a\\x09b"},
		{"delete", "\x7f", "\\x7f"},
		{"C1 control",
		 "\xc2\x9b"
		 "2J",
		 "\\u{009B}2J"},
		{"bare C1 byte",
		 "\x9b"
		 "2J",
		 "\\x9b2J"},
		{"right-to-left override",
		 "a\xe2\x80\xae"
		 "b",
		 "a\\u{202E}b"},
		{"first embedding", "\xe2\x80\xaa", "\\u{202A}"},
		{"isolates", "\xe2\x81\xa6\xe2\x81\xa9", "\\u{2066}\\u{2069}"},
		{"marks", "\xe2\x80\x8e\xe2\x80\x8f\xd8\x9c", "\\u{200E}\\u{200F}\\u{061C}"},
		{"zero width", "\xe2\x80\x8b\xe2\x80\x8c\xe2\x80\x8d",
		 "\\u{200B}\\u{200C}\\u{200D}"},
		{"joiner and mark", "\xe2\x81\xa0\xef\xbb\xbf", "\\u{2060}\\u{FEFF}"},
		{"separators", "\xe2\x80\xa8\xe2\x80\xa9", "\\u{2028}\\u{2029}"},
		{"tags", "\xf3\xa0\x80\x81\xf3\xa0\x81\xbf", "\\u{E0001}\\u{E007F}"},
		{"not a character", "\xef\xbf\xbf", "\\u{FFFF}"},
		{"overlong slash", "\xc0\xaf", "\\xc0\\xaf"},
		{"overlong escape", "\xe0\x80\x9b", "\\xe0\\x80\\x9b"},
		{"surrogate", "\xed\xa0\x80", "\\xed\\xa0\\x80"},
		{"beyond Unicode", "\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"},
		{"five bytes", "\xf8\x88\x80\x80\x80", "\\xf8\\x88\\x80\\x80\\x80"},
		{"cut short", "\xe2\x80", "\\xe2\\x80"},
		{"cut short, then text",
		 "\xe2\x80"
		 "ab",
		 "\\xe2\\x80ab"},
		{"lone continuation", "a\xbf", "a\\xbf"},
		{"no-break space stays", "\xc2\xa0", "\xc2\xa0"},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		autobuf struct buf b = BUF_INIT(200);

		text_escape(&b, rows[i].input);
		STR_EQ(buf_text(&b), rows[i].want, "escape: %s", rows[i].name);
	}
}

static void test_utf8(void)
{
	static const struct {
		const char *input;
		size_t length, want;
		uint32_t c;
	} rows[] = {
		{"a", 1, 1, 'a'},
		{"\xc2\x80", 2, 2, 0x80},
		{"\xdf\xbf", 2, 2, 0x7ff},
		{"\xe0\xa0\x80", 3, 3, 0x800},
		{"\xee\x80\x80", 3, 3, 0xe000},
		{"\xf0\x90\x80\x80", 4, 4, 0x10000},
		{"\xf4\x8f\xbf\xbf", 4, 4, 0x10ffff},
		{"\xc1\xbf", 2, 0, 42},
		{"\xe0\x9f\xbf", 3, 0, 42},
		{"\xf0\x8f\xbf\xbf", 4, 0, 42},
		{"\xe2\x80\x8b", 2, 0, 42},
		{"", 0, 0, 42},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		uint32_t c = 42;

		INT_EQ(text_utf8(rows[i].input, rows[i].length, &c), rows[i].want,
		       "UTF-8 row %zu: length", i);
		INT_EQ(c, rows[i].c, "UTF-8 row %zu: character", i);
	}
}

static void test_policy_size(void)
{
	static const struct {
		const char *input;
		size_t want;
	} rows[] = {
		{"", 0},
		{" \t\r\n", 0},
		{"{ \"a\" : 1 }", 7},
		{"{\"a\":\"b c\"}", 11},
		{"{\"a\":\"\\\" \\\\\"}", 13},
		{"{\"\xc3\xa4\":1}", 7},
		{"\"open \\", 7},
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		INT_EQ(text_policy_size(rows[i].input), rows[i].want, "policy size, row %zu", i);
}

int main(void)
{
	test_time();
	test_time_round_trip();
	test_parse_time();
	test_http_date();
	test_duration();
	test_number();
	test_comparing();
	test_percent();
	test_escape();
	test_utf8();
	test_policy_size();
	return tap_done();
}
