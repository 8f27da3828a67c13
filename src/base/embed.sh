#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# embed.sh FILE...: prints the C file that holds the table of include/cordon/embedded.h.
# The assembler reads the files, so any size and any byte will do.
set -eu
export LC_ALL=C

[ $# -eq 0 ] || set -- $(printf '%s\n' "$@" | sort -u)
echo '#include "cordon/embedded.h"'
n=0
for f; do
	printf '__asm__(".pushsection .rodata,\\"a\\"\\n"\n'
	printf '\t"embedded_%d: .incbin \\"%s\\"\\n.byte 0\\n.popsection");\n' $n "$f"
	printf 'extern const char embedded_%d[] __attribute__((visibility("hidden")));\n' $n
	n=$((n + 1))
done
echo 'const struct embedded_file embedded_files[] = {'
n=0
for f; do
	printf '\t{"%s", embedded_%d, %d},\n' "$f" $n "$(wc -c <"$f")"
	n=$((n + 1))
done
printf '\t{NULL, NULL, 0},\n};\n'
