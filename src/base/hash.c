// SPDX-License-Identifier: Apache-2.0
#include "cordon/hash.h"

#include <limits.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>

void hash_sha256(const void *bytes, size_t length, unsigned char ret_hash[static HASH_SIZE])
{
	if (!EVP_Digest(bytes, length, ret_hash, NULL, EVP_sha256(), NULL))
		abort();
}

void hash_hmac(const void *key, size_t key_length, const void *bytes, size_t length,
	       unsigned char ret_hash[static HASH_SIZE])
{
	if (key_length > INT_MAX ||
	    !HMAC(EVP_sha256(), key, (int)key_length, bytes, length, ret_hash, NULL))
		abort();
}

static void write_hex(const unsigned char *hash, size_t size, char *ret_hex)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < size; i++) {
		ret_hex[2 * i] = digits[hash[i] >> 4];
		ret_hex[2 * i + 1] = digits[hash[i] & 15];
	}
	ret_hex[2 * size] = '\0';
}

void hash_hex(const unsigned char hash[static HASH_SIZE], char ret_hex[static HASH_HEX_SIZE])
{
	write_hex(hash, HASH_SIZE, ret_hex);
}

void hash_sha1_hex(const void *bytes, size_t length, char ret_hex[static HASH_SHA1_HEX_SIZE])
{
	enum { SHA1_SIZE = 20 };
	unsigned char hash[SHA1_SIZE];

	if (!EVP_Digest(bytes, length, hash, NULL, EVP_sha1(), NULL))
		abort();
	write_hex(hash, SHA1_SIZE, ret_hex);
}

void hash_sha256_hex(const void *bytes, size_t length, char ret_hex[static HASH_HEX_SIZE])
{
	unsigned char hash[HASH_SIZE];

	hash_sha256(bytes, length, hash);
	hash_hex(hash, ret_hex);
}
