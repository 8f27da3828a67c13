#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What a plan says of before and after is what reach says of the account before and after.
. "$(dirname "$0")/../lib.sh"

account=$tests/../playbooks/demo/breached-account.json
user=user/dana.okafor

# counts NAME WHEN FILE: reach's own numbers for each credential are those of the plan.
counts() {
	for view in 'key key' 'session_now session' 'session_later session'; do
		as=${view#* }
		issued=
		[ "${view% *}" = session_later ] && issued='--issued 2030-01-01T00:00:00Z'
		for number in allowed explicit_deny implicit_deny; do
			run_again reach targets 0 "$2" "${view% *}" "$number"
			want=$(cat got)
			# shellcheck disable=SC2086
			run reach "$user" --account "$3" --as $as $issued --output json
			field_is "$want" "$1: ${view% *}: $number" "$number"
		done
	done
}

# A field of the plan that was kept.
run_again() {
	cp plan.json out
	field "$@" >got
}

run plan compromised-user --set user=dana.okafor --account "$account" --output json
status 0 'a plan'
cp out plan.json
run apply compromised-user --set user=dana.okafor --account "$account" --yes --irreversible \
	--account-out after.json --output json
status 0 'and its rehearsal'
field_is true 'the check is met' targets 0 checks 1 state
field_is 'no known action remains possible' 'by this name' targets 0 checks 1 check
counts 'before' before "$account"
counts 'after' after after.json
cp plan.json out
field_is 2 'keys that are Active' reach targets 0 before keys_active
field_is 0 'and after' reach targets 0 after keys_active
field_is '[]' 'nothing undoes it' reach targets 0 after key undo
field_is true 'all is denied, whatever the condition' reach targets 0 after key unconditional
field_is 22089 'by one statement' reach targets 0 after key denied_by 0 actions
field_is 'inline CordonDenyAll' 'of this policy' reach targets 0 after key denied_by 0 policy

run plan compromised-user --set user=dana.okafor --account "$account"
out_has 'What it may do by its policies, before and after (predicted)' 'as text'
out_has '      long-term key: before 640 actions, 21 ways up; after 2 actions, 0 ways up' 'the key'
out_has '      session issued now: before 640 actions, 21 ways up; after 2 actions, 0 ways up' \
	'a session'
out_has '      session issued later: before 640 actions, 21 ways up; after 2 actions, 0 ways up' \
	'a later one'
out_has '          562 by group developers: arn:aws:iam::111122223333:policy/developer-base, LookAround' \
	'by which statement it was allowed'
out_has '          22089 by inline CordonDenyAll, Cordon' 'and by which it is denied'
out_has 'access keys Active: before 2, after 0' 'and the keys'

# A cutoff leaves what is issued later; that is said, and no check promises otherwise.
run apply compromised-session --set role=deploy-production --account "$account" --yes \
	--account-out cut.json
status 0 'sessions cut off'
out_has 'session issued now 1 of 22091, session issued later 31 of 22091 known actions' \
	'what remains possible'
out_lacks 'no known action remains possible' 'and no more is promised'
run plan compromised-session --set role=deploy-production --account "$account"
out_has 'session issued later: before 31 actions, 9 ways up; after 31 actions, 9 ways up' \
	'the plan says so too'
out_has '      allowed after, session issued later:' 'whose list it is'
out_has '      allowed before:' 'one that is that of each credential needs no name'

# A quarantine is held against the same list.
run quarantine --user dana.okafor --account "$account" --dry-run --output json
quarantined=$(field reach targets 0 after key allowed)
ok 'a quarantine leaves most of it' [ "$quarantined" -gt 500 ]

# A policy of AWS's that the file does not hold is as it is shipped, and that is said.
run deny-all --via managed --user dana.okafor --account "$account" --dry-run
out_has 'not read, and taken for arn:aws:iam::aws:policy/AWSDenyAll as it is shipped with cordon' \
	'a shipped copy'
run deny-all --via managed --user dana.okafor --account "$account" --account-out managed.json --yes
status 0 'rehearsed'
run reach "$user" --account managed.json
out_has 'Allowed    2 of 22091 known actions' 'reach takes the same copy'
out_has 'Not in the file, and taken for' 'and says so'
# Groups have no requests of their own.
run deny-all --group developers --account "$account" --dry-run
out_lacks 'before and after (predicted)' 'no reach of a group'
finish
