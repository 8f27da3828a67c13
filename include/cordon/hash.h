/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hash: SHA-256 and HMAC-SHA-256 (OpenSSL). They cannot fail but for a broken library, and then
 * abort: a wrong hash would be a wrong signature or a false proof.
 */
#ifndef CORDON_HASH_H
#define CORDON_HASH_H

#include <stddef.h>

enum { HASH_SIZE = 32, HASH_HEX_SIZE = 65 };

void hash_sha256(const void *bytes, size_t length, unsigned char ret_hash[static HASH_SIZE]);
void hash_sha256_hex(const void *bytes, size_t length, char ret_hex[static HASH_HEX_SIZE]);
/* SHA-1, for the names of the AWS CLI's cache files and for nothing that has to be safe. */
enum { HASH_SHA1_HEX_SIZE = 41 };
void hash_sha1_hex(const void *bytes, size_t length, char ret_hex[static HASH_SHA1_HEX_SIZE]);
void hash_hmac(const void *key, size_t key_length, const void *bytes, size_t length,
	       unsigned char ret_hash[static HASH_SIZE]);
void hash_hex(const unsigned char hash[static HASH_SIZE], char ret_hex[static HASH_HEX_SIZE]);

#endif
