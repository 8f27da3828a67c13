#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# pure.sh OBJECT...: what the pure rooms' objects need and do not hold themselves is on this list:
# memory, strings, numbers, JSON and hashes. No file, clock, environment, network, printing, exit.
set -eu

allowed='
abort
__assert_fail
bsearch
cbrt floor pow
__ctype_b_loc __ctype_tolower_loc __ctype_toupper_loc tolower toupper
explicit_bzero
free
inet_pton
malloc calloc realloc reallocarray malloc_usable_size
memchr memcmp memcpy memmem memmove memrchr memset
qsort qsort_r
snprintf vsnprintf asprintf vasprintf
__stack_chk_fail
strchr strrchr strchrnul strstr strpbrk strspn strcspn
strcmp strncmp strcasecmp strncasecmp
strdup strndup
strlen strnlen
strtod strtol strtoll strtoul strtoull
inflateInit2_ inflate inflateEnd inflateReset
EVP_Digest EVP_sha1 EVP_sha256 HMAC
EVP_MD_CTX_new EVP_MD_CTX_free EVP_DigestInit_ex EVP_DigestUpdate EVP_DigestFinal_ex
xmlCreatePushParserCtxt xmlCtxtUseOptions xmlFreeParserCtxt xmlParseChunk xmlStopParser
_GLOBAL_OFFSET_TABLE_
'
# All of jansson but what reads or writes files.
jansson='^json_'
not_jansson='^json_(dumpf|dumpfd|dump_file|loadf|loadfd|load_file)$'

own=$(mktemp)
trap 'rm -f "$own"' EXIT
nm --defined-only -g "$@" | awk 'NF == 3 { print $3 }' >"$own"
echo "$allowed" | tr ' ' '\n' | grep . >>"$own"

failed=0
for object; do
	strange=$(nm -u "$object" | sed 's/^ *U //; s/@.*//; s/^__\(.*\)_chk$/\1/' |
		awk -v no="$not_jansson" -v yes="$jansson" '$0 !~ yes || $0 ~ no' |
		grep -vxFf "$own" || :)
	[ -z "$strange" ] || {
		for symbol in $strange; do echo "$object: not pure: $symbol"; done
		failed=1
	}
done
exit $failed
