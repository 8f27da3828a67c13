// SPDX-License-Identifier: Apache-2.0
#include "cordon/buf.h"
#include "tap.h"

static void test_growing(void)
{
	autobuf struct buf b = BUF_INIT(100000);
	char want[20001] = "";

	STR_EQ(buf_text(&b), "", "an empty buffer has a text");
	for (int i = 0; i < 2000; i++) {
		buf_addf(&b, "%010d", i % 10);
		memset(want + 10 * i, '0', 9);
		want[10 * i + 9] = (char)('0' + i % 10);
	}
	OK(!b.failed, "growing works");
	INT_EQ(b.length, 20000, "the length counts");
	STR_EQ(buf_text(&b), want, "nothing is lost on the way");
}

static void test_addf_long(void)
{
	autobuf struct buf b = BUF_INIT(5000);

	buf_addf(&b, "%2000d|", 7);
	INT_EQ(b.length, 2001, "a formatted text may be longer than the small buffer");
	OK(b.data && b.data[1999] == '7' && b.data[2000] == '|', "and ends as it should");
}

static void test_limit(void)
{
	static const struct {
		const char *name;
		size_t max;
		const char *first, *second;
		bool failed;
		const char *want;
	} rows[] = {
		{"fits", 6, "abc", "def", false, "abcdef"},
		{"one too many", 5, "abc", "def", true, "abc"},
		{"nothing fits in nothing", 0, "", "a", true, ""},
		{"nothing is nothing", 0, "", "", false, ""},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		autobuf struct buf b = BUF_INIT(rows[i].max);

		buf_add(&b, rows[i].first);
		buf_add(&b, rows[i].second);
		INT_EQ(b.failed, rows[i].failed, "%s: failed", rows[i].name);
		STR_EQ(buf_text(&b), rows[i].want, "%s: text", rows[i].name);
	}
}

static void test_sticky(void)
{
	autobuf struct buf b = BUF_INIT(3);

	buf_add(&b, "abcd");
	buf_add(&b, "a");
	buf_addf(&b, "%d", 1);
	OK(b.failed, "failing lasts");
	STR_EQ(buf_text(&b), "", "and nothing is added any more");
	OK(!buf_steal(&b), "nor can it be stolen");
}

static void test_steal(void)
{
	autobuf struct buf b = BUF_INIT(10);

	char *nothing = buf_steal(&b);
	STR_EQ(nothing, "", "stealing an empty buffer gives an empty text");
	free(nothing);
	buf_add_bytes(&b, "a\0b", 3);
	char *text = buf_steal(&b);
	OK(text && memcmp(text, "a\0b", 4) == 0, "bytes may be zero");
	OK(!b.data && !b.length, "the buffer is empty after that");
	free(text);
	buf_add(&b, "again");
	STR_EQ(buf_text(&b), "again", "and can be used again");
	buf_release(&b);
	buf_release(&b);
	OK(!b.data, "releasing twice is harmless");
}

int main(void)
{
	test_growing();
	test_addf_long();
	test_limit();
	test_sticky();
	test_steal();
	return tap_done();
}
