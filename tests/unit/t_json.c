// SPDX-License-Identifier: Apache-2.0
#include "cordon/err.h"
#include "cordon/json.h"
#include "tap.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static void test_read(void)
{
	static const struct {
		const char *input, *want; /* want: a value, or how the message begins */
		bool good;
	} rows[] = {
		{"{\"a\":[1,true,null,\"x\"]}", "{\"a\":[1,true,null,\"x\"]}", true},
		{" [] \n", "[]", true},
		{"{\"a\":\"[[[{{{\"}", "{\"a\":\"[[[{{{\"}", true},
		{"{\"a\":\"\\\"[\"}", "{\"a\":\"\\\"[\"}", true},
		{"", "doc:1:0: ", false},
		{"{\"a\":1,\n \"a\":2}", "doc:2:4: duplicate object key", false},
		{"{\"a\":1,}", "doc:1:8: ", false},
		{"{\n  \"a\": x\n}", "doc:2:8: invalid token near 'x'", false},
		{"[1] [2]", "doc:1:5: end of file expected", false},
		{"\"text\"", "doc:1:6: ", false},
		{"[\"\\u0000\"]", "doc:1:9: \\u0000 is not allowed", false},
		{"[\"\xff\"]", "doc:1:2: unable to decode byte 0xff", false},
		{"[99999999999999999999]", "doc:1:21: too big integer", false},
		{"{\"a\": \"open", "doc:1:11: ", false},
		{"]]]]", "doc:1:1: ", false},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct err err = ERR_INIT;
		json_auto_t *v = jx_read(rows[i].input, strlen(rows[i].input), "doc", &err);

		if (rows[i].good) {
			JSON_EQ(v, rows[i].want, "read row %zu", i);
			continue;
		}
		OK(!v, "read row %zu: refused", i);
		INT_EQ(err.code, ERR_INPUT, "read row %zu: code", i);
		if (!OK(strncmp(err.message, rows[i].want, strlen(rows[i].want)) == 0,
			"read row %zu: message", i))
			tap_diff(err.message, rows[i].want);
	}
}

static void test_read_bytes(void)
{
	struct err err = ERR_INIT;
	json_auto_t *part = jx_read("[1]garbage", 3, "doc", &err);
	json_auto_t *zero = jx_read("[1]\0", 4, "doc", &err);
	json_auto_t *none = jx_read(NULL, 0, "doc", &err);

	JSON_EQ(part, "[1]", "the length counts, not a NUL");
	OK(!zero, "a NUL byte is refused");
	OK(!none, "no bytes are no document");
}

static void test_depth(void)
{
	for (int depth = JX_MAX_DEPTH; depth <= JX_MAX_DEPTH + 1; depth++) {
		char text[4 * JX_MAX_DEPTH + 2] = "\n";
		struct err err = ERR_INIT;

		memset(text + 1, '[', (size_t)depth);
		memset(text + 1 + depth, ']', (size_t)depth);
		json_auto_t *v = jx_read(text, strlen(text), "doc", &err);
		if (depth == JX_MAX_DEPTH) {
			OK(v, "a depth of %d is read", depth);
			continue;
		}
		OK(!v, "a depth of %d is refused", depth);
		STR_EQ(err.message, "doc:2:65: nested deeper than 64", "and says where");
	}
	/* Siblings are not depth. */
	char wide[8001] = "[";
	for (int i = 0; i < 1300; i++)
		memcpy(wide + 1 + 5 * i, "[{}],", 5);
	memcpy(wide + 1 + 5 * 1300, "1]", 3);
	struct err err = ERR_INIT;
	json_auto_t *v = jx_read(wide, strlen(wide), "doc", &err);
	INT_EQ(json_array_size(v), 1301, "a wide document is read");
}

static void test_getters(void)
{
	json_auto_t *v = jx_pack("{s:{s:{s:s}}, s:i, s:[{s:s},{s:s,s:i},[],{s:i}]}", "a", "b", "c",
				 "deep", "n", 1, "list", "k", "x", "k", "y", "v", 2, "k", 3);
	size_t index = 42;

	STR_EQ(jx_text(jx_at(v, "a", "b", NULL), "c"), "deep", "jx_at walks down");
	OK(jx_at(v, NULL) == v, "jx_at without a key is the value itself");
	OK(!jx_at(v, "a", "x", "c", NULL), "jx_at: a missing key");
	OK(!jx_at(v, "n", "x", NULL), "jx_at: no object on the way");
	OK(!jx_at(NULL, "a", NULL), "jx_at of nothing");
	OK(!jx_text(v, "n") && !jx_text(v, "z") && !jx_text(NULL, "a"), "jx_text: no string");
	JSON_EQ(jx_find(jx_at(v, "list", NULL), "k", "y", &index), "{\"k\":\"y\",\"v\":2}",
		"jx_find finds");
	INT_EQ(index, 1, "and says where");
	OK(jx_find(jx_at(v, "list", NULL), "k", "x", NULL), "jx_find without an index");
	index = 42;
	OK(!jx_find(jx_at(v, "list", NULL), "k", "z", &index) && index == 42, "jx_find: not there");
	OK(!jx_find(v, "k", "y", &index) && !jx_find(NULL, "k", "y", &index), "jx_find: no array");
}

static void test_lists(void)
{
	json_auto_t *list = json_array();

	jx_add_unique(list, "a");
	jx_add_unique(list, "b");
	jx_add_unique(list, "a");
	jx_push(list, json_integer(1));
	JSON_EQ(list, "[\"a\",\"b\",1]", "jx_add_unique adds once");
	OK(jx_contains(list, "b") && !jx_contains(list, "1") && !jx_contains(NULL, "b"),
	   "jx_contains");
}

static void test_texts(void)
{
	json_auto_t *v = jx_pack("{s:i, s:{s:i, s:i}, s:s}", "z", 1, "a", "d", 1, "c", 2, "m", "/");
	char *compact = jx_compact(v);
	char *sorted = jx_sorted(v);
	char hex[HASH_HEX_SIZE];
	char want[HASH_HEX_SIZE];

	STR_EQ(compact, "{\"z\":1,\"a\":{\"d\":1,\"c\":2},\"m\":\"/\"}",
	       "jx_compact keeps the order");
	STR_EQ(sorted, "{\"a\":{\"c\":2,\"d\":1},\"m\":\"/\",\"z\":1}", "jx_sorted sorts");
	jx_digest(v, hex);
	hash_sha256_hex(sorted, strlen(sorted), want);
	STR_EQ(hex, want, "jx_digest is the hash of jx_sorted");
	free(compact);
	free(sorted);
	json_auto_t *text = json_string("x");
	compact = jx_compact(text);
	STR_EQ(compact, "\"x\"", "any value has a text");
	free(compact);
}

static void test_string(void)
{
	static const struct {
		const char *input, *want;
	} rows[] = {
		{"plain", "plain"},
		{"\xc3\xa4", "\xc3\xa4"},
		{"a\xff\xe2\x82z", "a\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbdz"},
		{"\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
		{"", ""},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		json_auto_t *v = jx_string(rows[i].input);

		STR_EQ(json_string_value(v), rows[i].want, "jx_string row %zu", i);
	}
	json_auto_t *null = jx_string(NULL);
	OK(json_is_null(null), "jx_string of NULL");
}

static void test_copy(void)
{
	json_auto_t *v = jx_pack("{s:{s:i}}", "a", "b", 1);
	json_auto_t *copy = jx_copy(v);

	jx_set(jx_at(copy, "a", NULL), "b", json_integer(2));
	JSON_EQ(v, "{\"a\":{\"b\":1}}", "a copy is deep");
	JSON_EQ(copy, "{\"a\":{\"b\":2}}", "and can be changed");
}

int main(void)
{
	test_read();
	test_read_bytes();
	test_depth();
	test_getters();
	test_lists();
	test_texts();
	test_string();
	test_copy();
	return tap_done();
}
