#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# evaluate.sh PROGRAM [ORACLE]: the evaluator's speed, beside the other one's if ORACLE names the folder
# that `make oracle` installed. That one is asked for one principal of the 15,000 and multiplied.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

list=$here/../../src/reach/iam-actions.tsv
python3 "$here/../oracle/rows.py" --policies <"$list" >"$work/policies.json"
read -r known allowed one many memory <<LINE
$("$1" "$work/policies.json")
LINE
echo "five policies of 6,000 characters, $known known actions ($allowed allowed)"
echo "  cordon       $one ms"
echo "15,000 principals, 77 actions each, compiled for each"
echo "  cordon       $many ms"
echo "memory at most"
echo "  cordon       $memory KiB"
[ $# -gt 1 ] && [ -d "$2/node_modules" ] || exit 0
grep -v '^#' "$list" | cut -f1 >"$work/actions"
read -r one many memory <<LINE
$(node "$2/oracle.mjs" --time "$work/policies.json" 77 <"$work/actions")
LINE
echo "the other one: $one ms; $(awk "BEGIN { print $many * 15000 }") ms ($many ms times 15,000); $memory KiB"
