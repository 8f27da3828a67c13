#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# arrows.sh: a room includes only headers of the rooms it stands on, and only aws/http.c curl.
# A new header needs a row in `rooms` below.
set -eu
cd "$(dirname "$0")/../.."

# Whose contract each header is.
rooms='
base      buf embedded err file hash json secret text
policy    evaluate policy
account   account identity operation
reach     reach
playbook  action guard journal plan playbook preflight release verdict
trail     finding trail
report    report
aws       aws config credentials endpoint http ini query sigv4
run       run triage
cli       cli
'

# What each room may stand on; a single header is named with its room.
arrows='
base      base
policy    base policy
account   base policy account
reach     base policy account reach
playbook  base policy account reach playbook
trail     base policy account/identity trail
report    base policy account reach playbook report
aws       base account/operation aws
run       base policy account reach playbook trail report aws run
cli       base policy account reach playbook trail report aws run cli
'

{
	echo "$rooms" | sed 's/^/R /'
	echo "$arrows" | sed 's/^/A /'
	grep -Hno '^#include ["<].*[">]' src/*/*.[ch] include/cordon/*.h |
		sed 's/:\([0-9]*\):#include ["<]/ \1 /; s/[">]$//; s/^/I /'
} | awk '
	function bad(what) { printf "%s:%s: %s\n", $2, $3, what; failed = 1 }
	$1 == "R" { for (i = 3; i <= NF; i++) room[$i] = $2 }
	$1 == "A" { for (i = 3; i <= NF; i++) may[$2, $i] = 1 }
	$1 != "I" { next }
	{
		split($2, part, "/")
		name = part[3]
		sub(/\.h$/, "", name)
		from = part[1] == "src" ? part[2] : room[name]
		if (from == "")
			bad("arrows.sh knows no room for this header")
		else if ($4 ~ /^curl\// && $2 != "src/aws/http.c")
			bad("only src/aws/http.c includes curl")
		else if ($4 ~ /\.\.\//)
			bad("what another room does not put into include/cordon is its own")
		else if ($4 ~ /^cordon\//) {
			to = substr($4, 8)
			sub(/\.h$/, "", to)
			if (room[to] == "")
				bad("arrows.sh knows no room for " $4)
			else if (!((from, room[to]) in may) && !((from, room[to] "/" to) in may))
				bad(from " does not stand on " room[to] " (" $4 ")")
		}
	}
	END { exit failed }
'
