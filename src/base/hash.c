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

void hash_hex(const unsigned char hash[static HASH_SIZE], char ret_hex[static HASH_HEX_SIZE])
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < HASH_SIZE; i++) {
		ret_hex[2 * i] = digits[hash[i] >> 4];
		ret_hex[2 * i + 1] = digits[hash[i] & 15];
	}
	ret_hex[2 * HASH_SIZE] = '\0';
}

void hash_sha256_hex(const void *bytes, size_t length, char ret_hex[static HASH_HEX_SIZE])
{
	unsigned char hash[HASH_SIZE];

	hash_sha256(bytes, length, hash);
	hash_hex(hash, ret_hex);
}
