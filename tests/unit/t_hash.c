// SPDX-License-Identifier: Apache-2.0
/* Known answers: FIPS 180-4's examples, RFC 4231. */
#include "cordon/hash.h"
#include "tap.h"

static void test_sha256(void)
{
	static const struct {
		const char *input, *want;
	} rows[] = {
		{"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
		{"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
		{"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
		 "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
	};
	char hex[HASH_HEX_SIZE];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		hash_sha256_hex(rows[i].input, strlen(rows[i].input), hex);
		STR_EQ(hex, rows[i].want, "SHA-256 of '%s'", rows[i].input);
	}
}

static void test_sha1(void)
{
	char hex[HASH_SHA1_HEX_SIZE];

	hash_sha1_hex("abc", 3, hex);
	STR_EQ(hex, "a9993e364706816aba3e25717850c26c9cd0d89d", "SHA-1 of 'abc'");
}

static void test_hmac(void)
{
	static const struct {
		const char *name, *key, *input, *want;
	} rows[] = {
		{"RFC 4231 case 2", "Jefe", "what do ya want for nothing?",
		 "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
		{"key longer than a block",
		 "\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa"
		 "\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa"
		 "\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa"
		 "\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa"
		 "\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa"
		 "\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa"
		 "\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa"
		 "\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa"
		 "\xaa\xaa\xaa",
		 "Test Using Larger Than Block-Size Key - Hash Key First",
		 "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
	};
	unsigned char hash[HASH_SIZE];
	char hex[HASH_HEX_SIZE];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		hash_hmac(rows[i].key, strlen(rows[i].key), rows[i].input, strlen(rows[i].input),
			  hash);
		hash_hex(hash, hex);
		STR_EQ(hex, rows[i].want, "HMAC: %s", rows[i].name);
	}
}

int main(void)
{
	test_sha256();
	test_sha1();
	test_hmac();
	return tap_done();
}
