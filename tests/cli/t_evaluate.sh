#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# evaluate: decisions for JSON lines on standard input.
. "$(dirname "$0")/../lib.sh"

user=arn:aws:iam::111122223333:user/mallory
allow='{"Version":"2012-10-17","Statement":[{"Sid":"Read","Effect":"Allow","Action":"s3:Get*","Resource":"*"}]}'
deny='{"Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}'
request='"request":{"principal":"'$user'","action":"s3:GetObject","resource":"arn:aws:s3:::b/k"}'
INPUT=rows

run_rows() {
	printf '%s\n' "$@" >rows
	run evaluate
}

# line NUMBER WANT NAME
line() {
	got=$(sed -n "$1p" out)
	ok "$3" [ "$got" = "$2" ] || tell "line $1: got '$got', want '$2'"
}

run_rows '{"id":"a",'"$request"',"identity_policies":['"$allow"']}' \
	'' \
	'{"id":2,'"$request"',"identity_policies":['"$allow,$deny"'],"unknown":[1]}' \
	"{$request}"
status 0 'rows are decided'
err_empty 'and nothing is said'
line 1 '{"id":"a","decision":"Allow","by":{"policy":"identity_policies[0]","statement":"Read"}}' \
	'an Allow, by the Sid'
line 2 '{"id":2,"decision":"ExplicitDeny","by":{"policy":"identity_policies[1]","statement":0}}' \
	'an explicit deny, by the number of the statement; other members are ignored'
line 3 '{"id":null,"decision":"ImplicitDeny","by":{"policy":"identity_policies","statement":null}}' \
	'an implicit deny, by what holds no Allow'
ok 'one line each' [ "$(wc -l <out)" -eq 3 ]
cp out first
run evaluate --output json
same first out 'the same with --output json'
printf '%s' '{"id":"a",'"$request"'}' >rows
run evaluate
line 1 '{"id":"a","decision":"ImplicitDeny","by":{"policy":"identity_policies","statement":null}}' \
	'a last line without its end'

# The scopes of an organization, from the root down.
run_rows '{"id":1,'"$request"',"identity_policies":['"$allow"'],"scps":[{"orgIdentifier":"r-1","policies":['"$allow"']},{"orgIdentifier":"ou-1","policies":[]}]}'
line 1 '{"id":1,"decision":"ImplicitDeny","by":{"policy":"scps","statement":null}}' 'SCPs'

# What is not understood in a Deny is never taken for nothing.
run_rows '{"id":1,'"$request"',"identity_policies":['"$allow"',{"Statement":{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"StringOdd":{"k":"v"}}}}]}'
status 0 'an unknown operator'
field_is ExplicitDeny 'counts in a Deny' decision
field_is Allow 'it is said what else may be' may
field_is "an operator that is not known: 'StringOdd'" 'and why' problems 0 what

# Bad rows are answered in their place, and the others too.
run_rows 'nonsense' '[]' '{"id":7}' "{\"id\":8,$request,\"identity_policies\":[5]}" "{\"id\":9,$request}"
status 2 'bad rows'
err_has '4 of 5 lines could not be evaluated' 'are counted'
ok 'each has its line' [ "$(wc -l <out)" -eq 5 ]
out_has '"line 1: ' 'with its number'
line 2 '{"id":null,"error":{"code":"input","message":"line 2: no JSON object"}}' 'no object'
line 3 '{"id":7,"error":{"code":"input","message":"line 3: request: missing"}}' 'no request'
line 4 '{"id":8,"error":{"code":"input","message":"line 4: identity_policies[0]: no policy document"}}' 'no policy'
out_has '"id":9,"decision":"ImplicitDeny"' 'a good one'

{
	printf '{"id":"'
	head -c 5000000 /dev/zero | tr '\0' a
	printf '"}\n{"id":2,%s}\n' "$request"
} >rows
run evaluate
status 2 'a line that is too long'
line 1 '{"id":null,"error":{"code":"input","message":"line 1: longer than 4194304 bytes"}}' 'is said to be'
out_has '"id":2,"decision"' 'and the next one is decided'

: >rows
run evaluate
status 0 'no rows'
out_empty 'and no decisions'
run evaluate rows
status 2 'it takes no operand'

finish
