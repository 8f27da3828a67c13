#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The main job on an invented account, without a network: demo.sh PATH-OF-CORDON
set -eu

cordon=$1
account=$(dirname "$0")/../playbooks/demo/breached-account.json
key=AKIARTX3GSDSUEXAMPLE
user=dana.okafor

# Nothing of the caller's own set-up may matter, and nothing of it is touched.
home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT
trap 'exit 130' HUP INT TERM
export HOME="$home" XDG_STATE_HOME="$home/state" XDG_CONFIG_HOME="$home/config"
unset AWS_PROFILE AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN || :

say() { printf '\n== %s\n' "$*"; }

# run STATUS ARGUMENT...: shows the command, runs it, and fails unless it ends with STATUS.
run() {
	want=$1
	shift
	printf '$ cordon %s\n' "$*" | sed "s|$home/||g; s|$account|breached-account.json|g"
	got=0
	"$cordon" "$@" </dev/null >"$home/out" 2>"$home/err" || got=$?
	cat "$home/err" "$home/out"
	[ "$got" = "$want" ] || fail "status $got, not $want"
}
fail() {
	printf 'demo: %s\n' "$*" >&2
	exit 1
}
expect() { grep -q "$1" "$home/out" || fail "the output lacks '$1'"; }

say "A key was found in a public repository. Whose is it, and what does the owner hold?"
run 0 whois "$key" --account "$account"
expect "$user"

say "What would cordon do? This changes nothing."
run 0 plan compromised-access-key --set access_key_id="$key" --account "$account"

say "Do it on a copy of the account. Against AWS this would ask first."
run 0 apply compromised-access-key --set access_key_id="$key" --account "$account" \
	--yes --irreversible --account-out "$home/after.json"
expect REHEARSED

say "Before: the keys of $user."
run 0 list-access-keys --user "$user" --account "$account"
expect Active
say "After: the same keys, on the copy."
run 0 list-access-keys --user "$user" --account "$home/after.json"
expect Inactive
! grep -qw Active "$home/out" || fail 'a key is still Active'

say "A second plan on the copy: nothing is left to do."
run 0 plan compromised-access-key --set access_key_id="$key" --account "$home/after.json" \
	--output json
expect '"operations": *\[\]'

say "The record of the rehearsal, kept apart from real runs:"
find "$home/state" -type f | sed "s|$home/||" | sort
printf '\nThe demo ended as it should. Nothing was sent anywhere, and its files are removed.\n'
