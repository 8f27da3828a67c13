// SPDX-License-Identifier: Apache-2.0
#include "cordon/text.h"

#include "cordon/buf.h"

#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { SECONDS_A_DAY = 86400 };

static const time_t last_time = 253402300799; /* 9999-12-31T23:59:59Z */
static const long longest_duration = 3650L * SECONDS_A_DAY;
static const char weekdays[] = "SunMonTueWedThuFriSat";
static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

/* A moment as a calendar shows it. Our own arithmetic, because the C library's reads TZ. */
struct moment {
	int64_t year;
	int month, day, hour, minute, second;
};

/* Days since 1970-01-01 of a proleptic Gregorian date; years count from March, so that the leap
 * day comes last. */
static int64_t days_from_date(int64_t year, int month, int day)
{
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t year_of_era = y - era * 400;
	int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

	return era * 146097 + day_of_era - 719468;
}

/* The inverse, for times that text_time() can show. */
static struct moment moment_of(time_t at)
{
	if (at < 0)
		at = 0;
	if (at > last_time)
		at = last_time;
	int64_t days = at / SECONDS_A_DAY + 719468;
	int seconds = (int)(at % SECONDS_A_DAY);
	int64_t era = days / 146097;
	int64_t day_of_era = days % 146097;
	int64_t year_of_era =
		(day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	int64_t day_of_year = day_of_era -
			      (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	int march_month = (int)((5 * day_of_year + 2) / 153);
	int month = march_month < 10 ? march_month + 3 : march_month - 9;

	return (struct moment){
		.year = year_of_era + era * 400 + (month <= 2),
		.month = month,
		.day = (int)(day_of_year - (153 * march_month + 2) / 5 + 1),
		.hour = seconds / 3600,
		.minute = seconds / 60 % 60,
		.second = seconds % 60,
	};
}

static void print_number(char *at, int digits, int64_t number)
{
	while (digits-- > 0) {
		at[digits] = (char)('0' + number % 10);
		number /= 10;
	}
}

void text_time(time_t at, char ret_text[static TEXT_TIME_SIZE])
{
	struct moment m = moment_of(at);

	memcpy(ret_text, "0000-00-00T00:00:00Z", TEXT_TIME_SIZE);
	print_number(ret_text, 4, m.year);
	print_number(ret_text + 5, 2, m.month);
	print_number(ret_text + 8, 2, m.day);
	print_number(ret_text + 11, 2, m.hour);
	print_number(ret_text + 14, 2, m.minute);
	print_number(ret_text + 17, 2, m.second);
}

void text_time_compact(time_t at, char ret_text[static TEXT_COMPACT_SIZE])
{
	struct moment m = moment_of(at);

	memcpy(ret_text, "00000000T000000Z", TEXT_COMPACT_SIZE);
	print_number(ret_text, 4, m.year);
	print_number(ret_text + 4, 2, m.month);
	print_number(ret_text + 6, 2, m.day);
	print_number(ret_text + 9, 2, m.hour);
	print_number(ret_text + 11, 2, m.minute);
	print_number(ret_text + 13, 2, m.second);
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The parsers below walk a const char ** forward and say whether they found what they look for. */
static bool take_number(const char **at, int digits, int *ret_number)
{
	int number = 0;

	for (int i = 0; i < digits; i++) {
		if (!is_digit((*at)[i]))
			return false;
		number = number * 10 + ((*at)[i] - '0');
	}
	*at += digits;
	*ret_number = number;
	return true;
}

static bool take_text(const char **at, const char *text)
{
	size_t length = strlen(text);

	if (strncmp(*at, text, length) != 0)
		return false;
	*at += length;
	return true;
}

/* One of the three-letter names; the number counts from 0. */
static bool take_name(const char **at, const char *names, int *ret_number)
{
	for (int i = 0; names[3 * i]; i++) {
		if (strncmp(*at, names + 3 * i, 3) != 0)
			continue;
		*at += 3;
		*ret_number = i;
		return true;
	}
	return false;
}

static int moment_to_time(const struct moment *m, time_t *ret_at)
{
	static const int month_days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = m->year % 4 == 0 && (m->year % 100 != 0 || m->year % 400 == 0);

	if (m->month < 1 || m->month > 12 || m->day < 1 ||
	    m->day > month_days[m->month - 1] + (m->month == 2 && leap))
		return -1;
	/* 60 is a leap second, which time_t does not know: it is the second after it. */
	if (m->hour > 23 || m->minute > 59 || m->second > 60)
		return -1;
	*ret_at = days_from_date(m->year, m->month, m->day) * SECONDS_A_DAY + m->hour * 3600L +
		  m->minute * 60L + m->second;
	return 0;
}

static bool take_fraction(const char **at)
{
	if (!take_text(at, "."))
		return true;
	if (!is_digit(**at))
		return false;
	while (is_digit(**at))
		(*at)++;
	return true;
}

/* Z, z, or hours and minutes east of UTC. */
static bool take_offset(const char **at, int *ret_seconds)
{
	int hours = 0;
	int minutes = 0;

	*ret_seconds = 0;
	if (take_text(at, "Z") || take_text(at, "z"))
		return true;
	char sign = **at;
	if (sign != '+' && sign != '-')
		return false;
	(*at)++;
	if (!take_number(at, 2, &hours) || !take_text(at, ":") || !take_number(at, 2, &minutes) ||
	    hours > 23 || minutes > 59)
		return false;
	*ret_seconds = (hours * 60 + minutes) * (sign == '-' ? -60 : 60);
	return true;
}

static bool take_compact(const char **at, struct moment *m, int *ret_year)
{
	return take_number(at, 4, ret_year) && take_number(at, 2, &m->month) &&
	       take_number(at, 2, &m->day) && take_text(at, "T") && take_number(at, 2, &m->hour) &&
	       take_number(at, 2, &m->minute) && take_number(at, 2, &m->second) &&
	       take_text(at, "Z");
}

static bool take_rfc3339(const char **at, struct moment *m, int *ret_year, int *ret_offset)
{
	return take_number(at, 4, ret_year) && take_text(at, "-") &&
	       take_number(at, 2, &m->month) && take_text(at, "-") && take_number(at, 2, &m->day) &&
	       (take_text(at, "T") || take_text(at, "t")) && take_number(at, 2, &m->hour) &&
	       take_text(at, ":") && take_number(at, 2, &m->minute) && take_text(at, ":") &&
	       take_number(at, 2, &m->second) && take_fraction(at) && take_offset(at, ret_offset);
}

int text_parse_time(const char *text, time_t *ret_at)
{
	struct moment m = {0};
	const char *at = text ? text : "";
	time_t seconds = 0;
	int year = 0;
	int offset = 0;

	if (!take_compact(&at, &m, &year)) {
		at = text ? text : "";
		if (!take_rfc3339(&at, &m, &year, &offset))
			return -1;
	}
	m.year = year;
	if (*at || moment_to_time(&m, &seconds))
		return -1;
	*ret_at = seconds - offset;
	return 0;
}

int text_parse_http_date(const char *text, time_t *ret_at)
{
	struct moment m = {0};
	const char *at = text ? text : "";
	int weekday = 0;
	int year = 0;

	if (!take_name(&at, weekdays, &weekday) || !take_text(&at, ", ") ||
	    !take_number(&at, 2, &m.day) || !take_text(&at, " ") ||
	    !take_name(&at, months, &m.month) || !take_text(&at, " ") ||
	    !take_number(&at, 4, &year) || !take_text(&at, " ") || !take_number(&at, 2, &m.hour) ||
	    !take_text(&at, ":") || !take_number(&at, 2, &m.minute) || !take_text(&at, ":") ||
	    !take_number(&at, 2, &m.second) || !take_text(&at, " GMT") || *at)
		return -1;
	m.month++;
	m.year = year;
	return moment_to_time(&m, ret_at);
}

/* Digits up to the first other byte. The sum is kept negative: LONG_MIN has no counterpart. */
static bool take_long(const char **at, bool negative, long *ret_number)
{
	long number = 0;

	if (!is_digit(**at))
		return false;
	for (; is_digit(**at); (*at)++) {
		if (__builtin_mul_overflow(number, 10L, &number) ||
		    __builtin_sub_overflow(number, (long)(**at - '0'), &number))
			return false;
	}
	if (!negative && __builtin_sub_overflow(0L, number, &number))
		return false;
	*ret_number = number;
	return true;
}

int text_parse_number(const char *text, long min, long max, long *ret_number)
{
	const char *at = text;
	bool negative = take_text(&at, "-");
	long number = 0;

	if (!take_long(&at, negative, &number) || *at || number < min || number > max)
		return -1;
	*ret_number = number;
	return 0;
}

int text_parse_duration(const char *text, long *ret_seconds)
{
	static const struct {
		const char *unit;
		long seconds;
	} units[] = {{"s", 1}, {"m", 60}, {"h", 3600}, {"d", SECONDS_A_DAY}};
	const char *at = text;
	long number = 0;

	if (!take_long(&at, false, &number))
		return -1;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (strcmp(at, units[i].unit) != 0)
			continue;
		if (number > longest_duration / units[i].seconds)
			return -1;
		*ret_seconds = number * units[i].seconds;
		return 0;
	}
	return -1;
}

bool text_equal(const char *a, const char *b)
{
	return a && b && strcmp(a, b) == 0;
}

static int lower(char c)
{
	return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
}

/* strcasecmp() would ask the locale. */
bool text_equal_nocase(const char *a, const char *b)
{
	if (!a || !b)
		return false;
	while (*a && lower(*a) == lower(*b)) {
		a++;
		b++;
	}
	return lower(*a) == lower(*b);
}

bool text_has_prefix(const char *text, const char *prefix)
{
	return text && strncmp(text, prefix, strlen(prefix)) == 0;
}

bool text_has_suffix(const char *text, const char *suffix)
{
	size_t length = text ? strlen(text) : 0;
	size_t tail = strlen(suffix);

	return text && length >= tail && strcmp(text + length - tail, suffix) == 0;
}

bool text_only(const char *text, const char *allowed)
{
	return text && text[strspn(text, allowed)] == '\0';
}

static bool is_unreserved(char c)
{
	return is_digit(c) || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' ||
	       c == '.' || c == '_' || c == '~';
}

void text_percent_encode(struct buf *out, const char *bytes, size_t length)
{
	static const char digits[] = "0123456789ABCDEF";

	for (size_t i = 0; i < length; i++) {
		unsigned char byte = (unsigned char)bytes[i];
		char code[3] = {'%', digits[byte >> 4], digits[byte & 15]};

		if (is_unreserved(bytes[i]))
			buf_add_bytes(out, bytes + i, 1);
		else
			buf_add_bytes(out, code, sizeof(code));
	}
}

static int hex_value(char c)
{
	if (is_digit(c))
		return c - '0';
	int small = lower(c);
	return small >= 'a' && small <= 'f' ? small - 'a' + 10 : -1;
}

/* The byte that a %XX stands for; 0 and -1 are none that we take. */
static int percent_value(const char *bytes, size_t left)
{
	if (left < 3)
		return -1;
	int high = hex_value(bytes[1]);
	int low = hex_value(bytes[2]);
	return high < 0 || low < 0 ? -1 : high * 16 + low;
}

int text_percent_decode(struct buf *out, const char *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if (bytes[i] == '%' && percent_value(bytes + i, length - i) <= 0)
			return -1;
	}
	for (size_t i = 0; i < length; i++) {
		char byte = bytes[i];

		if (byte == '%') {
			byte = (char)percent_value(bytes + i, length - i);
			i += 2;
		}
		buf_add_bytes(out, &byte, 1);
	}
	return 0;
}

size_t text_utf8(const char *bytes, size_t length, uint32_t *ret_char)
{
	static const struct {
		unsigned char mask, lead;
		uint32_t least; /* what is below could be said shorter, and must be */
	} forms[] = {
		{0x80, 0x00, 0}, {0xe0, 0xc0, 0x80}, {0xf0, 0xe0, 0x800}, {0xf8, 0xf0, 0x10000}};

	for (size_t i = 0; length && i < sizeof(forms) / sizeof(forms[0]); i++) {
		unsigned char first = (unsigned char)bytes[0];
		uint32_t c = first & (unsigned char)~forms[i].mask;

		if ((first & forms[i].mask) != forms[i].lead)
			continue;
		if (length < i + 1)
			return 0;
		for (size_t j = 1; j <= i; j++) {
			if (((unsigned char)bytes[j] & 0xc0) != 0x80)
				return 0;
			c = c << 6 | ((unsigned char)bytes[j] & 0x3f);
		}
		if (c < forms[i].least || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
			return 0;
		*ret_char = c;
		return i + 1;
	}
	return 0;
}

/* What a terminal acts on, what turns the direction of text, and what cannot be seen. */
static bool is_harmful(uint32_t c)
{
	static const struct {
		uint32_t first, last;
	} ranges[] = {
		{0x80, 0x9f},	    /* C1 control */
		{0xad, 0xad},	    /* soft hyphen */
		{0x34f, 0x34f},	    /* combining grapheme joiner */
		{0x61c, 0x61c},	    /* Arabic letter mark */
		{0x115f, 0x1160},   /* Hangul fillers */
		{0x17b4, 0x17b5},   /* Khmer inherent vowels */
		{0x180b, 0x180f},   /* Mongolian selectors and separator */
		{0x200b, 0x200f},   /* zero width, direction marks */
		{0x2028, 0x202e},   /* line and paragraph separator, embedding, override */
		{0x2060, 0x206f},   /* word joiner, invisible operators, isolates */
		{0x3164, 0x3164},   /* Hangul filler */
		{0xfe00, 0xfe0f},   /* variation selectors */
		{0xfeff, 0xfeff},   /* byte order mark */
		{0xffa0, 0xffa0},   /* half-width Hangul filler */
		{0xfff0, 0xfffb},   /* specials, interlinear annotation */
		{0x1bca0, 0x1bca3}, /* shorthand format controls */
		{0x1d173, 0x1d17a}, /* musical format controls */
		{0xe0000, 0xe0fff}, /* tags, more variation selectors */
	};

	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
		if (c >= ranges[i].first && c <= ranges[i].last)
			return true;
	}
	return (c & 0xfffe) == 0xfffe; /* never a character */
}

void text_escape(struct buf *out, const char *text)
{
	size_t left = strlen(text);

	while (left) {
		uint32_t c = 0;
		size_t n = text_utf8(text, left, &c);

		if (n == 0 || c < 0x20 || c == 0x7f) {
			buf_addf(out, "\\x%02x", (unsigned char)*text);
			n = 1;
		} else if (is_harmful(c)) {
			buf_addf(out, "\\u{%04X}", (unsigned)c);
		} else {
			buf_add_bytes(out, text, n);
		}
		text += n;
		left -= n;
	}
}

size_t text_policy_size(const char *document)
{
	bool quoted = false;
	size_t size = 0;

	for (const char *at = document; *at; at++) {
		bool first_byte = ((unsigned char)*at & 0xc0) != 0x80;

		if (quoted && *at == '\\' && at[1]) {
			at++;
			size += 2;
			continue;
		}
		if (*at == '"')
			quoted = !quoted;
		if (first_byte && (quoted || !strchr(" \t\r\n", *at)))
			size++;
	}
	return size;
}
