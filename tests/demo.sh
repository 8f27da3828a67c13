#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The main job on an invented account, without a network: demo.sh PATH-OF-CORDON
set -eu

cordon=$1
account=$(dirname "$0")/../playbooks/demo/breached-account.json
key=AKIARTX3GSDSUEXAMPLE
user=dana.okafor

# Nothing of the caller's own set-up matters here, and nothing of it is touched.
home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT
trap 'exit 130' HUP INT TERM
export HOME="$home" XDG_STATE_HOME="$home/state" XDG_CONFIG_HOME="$home/config"

say() { printf '\n== %s\n\n' "$*"; }

fail() {
	printf 'demo: %s\n' "$*" >&2
	exit 1
}

# run STATUS ARGUMENT...: runs a command into $home/out and fails unless it ends with STATUS.
run() {
	want=$1
	shift
	printf '$ cordon %s\n' "$*" | sed "s|$home/||g; s|$account|breached-account.json|g"
	got=0
	"$cordon" "$@" </dev/null >"$home/out" 2>"$home/err" || got=$?
	[ "$got" = "$want" ] || {
		cat "$home/err" "$home/out"
		fail "status $got, not $want"
	}
}
show() { cat "$home/err" "$home/out"; }
expect() { grep -q "$1" "$home/out" || fail "the output lacks '$1'"; }

say 'A key was found in a public repository. Whose is it, and what does the owner hold?'
run 0 whois "$key" --account "$account" && show
expect "user $user"

say 'What would cordon do about it? This changes nothing.'
run 0 plan compromised-access-key --set access_key_id="$key" --account "$account" && show
expect '^5 writes planned'

say 'Do it on a copy of the account. Against AWS, cordon would ask first or need --yes.'
run 0 apply compromised-access-key --set access_key_id="$key" --account "$account" \
	--yes --irreversible --account-out "$home/after.json" && show
expect 'Verdict *REHEARSED'

say "What is different about $user, before (<) and after (>)?"
run 0 whois "$user" --account "$account" && mv "$home/out" "$home/before"
run 0 whois "$user" --account "$home/after.json"
expect 'CordonDenyAll'
! grep -q 'access key .* Active\|^  password' "$home/out" ||
	fail 'a key is still Active, or there is a password'
diff "$home/before" "$home/out" || :

say 'What is different about another user? Nothing.'
run 0 snapshot ci-deployer --account "$account" && mv "$home/out" "$home/before"
run 0 snapshot ci-deployer --account "$home/after.json"
cmp "$home/before" "$home/out" || fail 'somebody else was touched'

say 'Plan again on the copy: nothing is left to do.'
run 0 plan compromised-access-key --set access_key_id="$key" --account "$home/after.json"
expect '^Nothing to do'
sed -n '/^Skipped steps/,/^$/p; /^Nothing to do/p' "$home/out"

say 'The record. Rehearsals are kept apart from runs.'
run 0 runs && show
expect REHEARSED
printf '\nThe demo ended as it should. Nothing was sent anywhere, and its files are removed.\n'
