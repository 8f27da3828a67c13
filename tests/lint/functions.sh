#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# functions.sh FILE.c...: no function is longer than 70 lines.
set -eu

awk '
	/^\{/ { start = FNR }
	/^\}/ && start {
		if (FNR - start - 1 > 70) {
			printf "%s:%d: a function of %d lines\n", FILENAME, start, FNR - start - 1
			failed = 1
		}
		start = 0
	}
	END { exit failed }
' "$@"
