// SPDX-License-Identifier: Apache-2.0
/* Numbers, times, addresses and bytes as conditions compare them. */
#include "compiled.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_DIGITS = 128 };

/* A decimal without leading zeros in front and trailing zeros behind: exact at any length. */
struct decimal {
	bool negative;
	const char *whole, *fraction;
	size_t whole_length, fraction_length;
};

static size_t digits(const char *text)
{
	return strspn(text, "0123456789");
}

static bool decimal_parse(const char *text, struct decimal *ret)
{
	struct decimal d = {.negative = *text == '-'};

	text += *text == '-' || *text == '+';
	d.whole = text;
	d.whole_length = digits(text);
	text += d.whole_length;
	if (*text == '.') {
		d.fraction = text + 1;
		d.fraction_length = digits(text + 1);
		text += 1 + d.fraction_length;
		if (!d.fraction_length)
			return false;
	}
	if (*text || !d.whole_length || d.whole_length + d.fraction_length > MAX_DIGITS)
		return false;
	for (; d.whole_length && *d.whole == '0'; d.whole++)
		d.whole_length--;
	while (d.fraction_length && d.fraction[d.fraction_length - 1] == '0')
		d.fraction_length--;
	if (!d.whole_length && !d.fraction_length)
		d.negative = false;
	*ret = d;
	return true;
}

bool compare_is_decimal(const char *text)
{
	struct decimal d;

	return decimal_parse(text, &d);
}

/* -1, 0 or 1, which memcmp() does not promise. */
static int compare_digits(const char *a, const char *b, size_t length)
{
	int order = length ? memcmp(a, b, length) : 0;

	return (order > 0) - (order < 0);
}

/* Without the signs. */
static int compare_size(const struct decimal *a, const struct decimal *b)
{
	if (a->whole_length != b->whole_length)
		return a->whole_length < b->whole_length ? -1 : 1;
	int order = compare_digits(a->whole, b->whole, a->whole_length);
	if (order)
		return order;
	size_t least = a->fraction_length < b->fraction_length ? a->fraction_length
							       : b->fraction_length;
	order = compare_digits(a->fraction, b->fraction, least);
	if (order || a->fraction_length == b->fraction_length)
		return order;
	return a->fraction_length < b->fraction_length ? -1 : 1;
}

bool compare_decimal(const char *a, const char *b, int *ret_order)
{
	struct decimal x;
	struct decimal y;

	if (!decimal_parse(a, &x) || !decimal_parse(b, &y))
		return false;
	if (x.negative != y.negative)
		*ret_order = x.negative ? -1 : 1;
	else
		*ret_order = x.negative ? compare_size(&y, &x) : compare_size(&x, &y);
	return true;
}

/* Exactly count digits; moves on. */
static bool take_number(const char **text, size_t count, int *ret_number)
{
	int number = 0;

	for (size_t i = 0; i < count; i++) {
		if (!isdigit((unsigned char)(*text)[i]))
			return false;
		number = number * 10 + ((*text)[i] - '0');
	}
	*text += count;
	*ret_number = number;
	return true;
}

static bool take(const char **text, char c)
{
	if (**text != c)
		return false;
	(*text)++;
	return true;
}

static bool is_leap(int year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int64_t days_before(int year, int month, int day)
{
	static const int before[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
	int64_t past = year - 1;

	return past * 365 + past / 4 - past / 100 + past / 400 + before[month - 1] +
	       (month > 2 && is_leap(year)) + day - 1 - 719162;
}

static bool day_exists(int year, int month, int day)
{
	static const int days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	if (year < 1 || month < 1 || month > 12 || day < 1 || day > days[month - 1])
		return false;
	return month != 2 || day < 29 || is_leap(year);
}

/* Z, or +hh:mm; the seconds to take off. */
static bool take_zone(const char **text, int *ret_offset)
{
	int hours = 0;
	int minutes = 0;
	int sign = **text == '-' ? -1 : 1;

	if (take(text, 'Z') || take(text, 'z')) {
		*ret_offset = 0;
		return true;
	}
	if (!take(text, '+') && !take(text, '-'))
		return false;
	if (!take_number(text, 2, &hours))
		return false;
	take(text, ':');
	if (!take_number(text, 2, &minutes) || hours > 23 || minutes > 59)
		return false;
	*ret_offset = sign * (hours * 3600 + minutes * 60);
	return true;
}

/* Digits after a point: the first nine count. */
static bool take_fraction(const char **text, int32_t *ret_nanoseconds)
{
	size_t count = digits(*text);
	int32_t value = 0;

	for (size_t i = 0; i < 9; i++)
		value = value * 10 + (i < count ? (*text)[i] - '0' : 0);
	*text += count;
	*ret_nanoseconds = value;
	return count > 0;
}

static bool take_clock(const char **text, struct instant *instant)
{
	int hour = 0;
	int minute = 0;
	int second = 0;
	int offset = 0;

	if (!take_number(text, 2, &hour) || !take(text, ':') || !take_number(text, 2, &minute))
		return false;
	if (take(text, ':') && !take_number(text, 2, &second))
		return false;
	if (take(text, '.') && !take_fraction(text, &instant->nanoseconds))
		return false;
	if (hour > 23 || minute > 59 || second > 60 || !take_zone(text, &offset))
		return false;
	instant->seconds += hour * 3600 + minute * 60 + second - offset;
	return true;
}

/* YYYY, YYYY-MM, YYYY-MM-DD, and these with Thh:mm[:ss[.s]] and a zone (W3C NOTE-datetime). */
static bool parse_date(const char *text, struct instant *instant)
{
	int year = 0;
	int month = 1;
	int day = 1;

	if (!take_number(&text, 4, &year))
		return false;
	if (take(&text, '-') && !take_number(&text, 2, &month))
		return false;
	bool whole = take(&text, '-');
	if ((whole && !take_number(&text, 2, &day)) || !day_exists(year, month, day))
		return false;
	instant->seconds = days_before(year, month, day) * 86400;
	if (!*text)
		return true;
	return whole && (take(&text, 'T') || take(&text, 't')) && take_clock(&text, instant) &&
	       !*text;
}

/* Seconds since 1970; four digits are a year. */
static bool parse_epoch(const char *text, struct instant *instant)
{
	bool negative = take(&text, '-');
	size_t count = digits(text);

	if (count == 0 || count > 15)
		return false;
	instant->seconds = strtoll(text, NULL, 10);
	text += count;
	if (take(&text, '.') && !take_fraction(&text, &instant->nanoseconds))
		return false;
	if (negative) {
		instant->seconds = -instant->seconds - (instant->nanoseconds > 0);
		instant->nanoseconds = instant->nanoseconds ? 1000000000 - instant->nanoseconds : 0;
	}
	return !*text;
}

bool instant_parse(const char *text, struct instant *ret_instant)
{
	struct instant date = {0};
	struct instant epoch = {0};

	if (parse_date(text, &date))
		*ret_instant = date;
	else if (parse_epoch(text, &epoch))
		*ret_instant = epoch;
	else
		return false;
	return true;
}

int instant_compare(struct instant a, struct instant b)
{
	if (a.seconds != b.seconds)
		return a.seconds < b.seconds ? -1 : 1;
	return (a.nanoseconds > b.nanoseconds) - (a.nanoseconds < b.nanoseconds);
}

bool network_parse(const char *text, struct network *ret_network)
{
	char address[64];
	struct network network = {.family = strchr(text, ':') ? AF_INET6 : AF_INET};
	size_t length = strcspn(text, "/");
	unsigned most = network.family == AF_INET6 ? 128 : 32;

	if (length >= sizeof(address))
		return false;
	memcpy(address, text, length);
	address[length] = '\0';
	if (inet_pton(network.family, address, network.bytes) != 1)
		return false;
	network.bits = most;
	if (text[length] == '/') {
		const char *bits = text + length + 1;
		size_t count = digits(bits);
		if (count == 0 || count > 3 || bits[count])
			return false;
		network.bits = (unsigned)strtoul(bits, NULL, 10);
	}
	if (network.bits > most)
		return false;
	*ret_network = network;
	return true;
}

bool network_has(const struct network *network, const struct network *address)
{
	if (network->family != address->family || address->bits < network->bits)
		return false;
	size_t whole = network->bits / 8;
	unsigned rest = network->bits % 8;
	if (memcmp(network->bytes, address->bytes, whole) != 0)
		return false;
	return !rest || (network->bytes[whole] ^ address->bytes[whole]) >> (8 - rest) == 0;
}

static int base64_value(char c)
{
	static const char alphabet[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at = c ? strchr(alphabet, c) : NULL;

	return at ? (int)(at - alphabet) : -1;
}

bool base64_decode(struct arena *arena, const char *text, struct span *ret_bytes)
{
	size_t length = strlen(text);
	size_t padding = 0;
	size_t at = 0;
	uint32_t bits = 0;

	if (length % 4)
		return false;
	while (padding < 2 && padding < length && text[length - 1 - padding] == '=')
		padding++;
	char *bytes = arena_get(arena, length / 4 * 3 + 1);
	for (size_t i = 0; i < length; i++) {
		int value = i >= length - padding ? 0 : base64_value(text[i]);
		if (value < 0)
			return false;
		bits = bits << 6 | (uint32_t)value;
		if (i % 4 != 3)
			continue;
		bytes[at++] = (char)(bits >> 16);
		bytes[at++] = (char)(bits >> 8 & 0xff);
		bytes[at++] = (char)(bits & 0xff);
	}
	*ret_bytes = (struct span){.text = bytes, .length = at - padding};
	return true;
}
