#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Plans and rehearsals on the shipped account file, and playbooks as files.
. "$(dirname "$0")/../lib.sh"

account=$tests/../playbooks/demo/breached-account.json
arn=arn:aws:iam::111122223333:user/engineering/dana.okafor
key=AKIARTX3GSDSUEXAMPLE

run deny-all --user dana.okafor --account "$account" --dry-run
status 0 'a dry run of an action'
out_has 'PutUserPolicy' 'says what would be sent'
run deny-all --user dana.okafor --account "$account" --dry-run --output json
field_is cordon-plan/1 'as JSON it is a plan' format
field_is 'command line' 'of the command line' playbooks 0 source
field_is true 'and a rehearsal' rehearsal
cp out deny.json

run deny-all --user dana.okafor --account "$account"
status 3 'nobody to ask'
err_has 'nobody could be asked and nothing was written' 'is said'
out_has 'PutUserPolicy' 'and the plan is printed'

run deactivate-access-keys --user dana.okafor --key "$key" --account "$account" --dry-run --output json
field_is "$key" 'an action takes its own options' operations 0 parameters AccessKeyId
field_is null 'and only what was named' operations 1

run deny-all --user dana.okafor --account "$account" --dry-run --protect user/Dana.Okafor
status 3 'a protected principal is refused'
mkdir -p home/.config/cordon/playbooks
printf '# the on-call account\n%s\n' "$arn" >home/.config/cordon/protect
run deny-all --user dana.okafor --account "$account" --dry-run --output json
status 3 'also one from the file'
field_is protected 'by the guard' refusals 0 guard
rm home/.config/cordon/protect

run apply deny.json --account "$account" --dry-run
status 2 'the plan of an action is not applied from a file'
err_has "the action 'deny-all'" 'and it is said why'

# Playbooks.
run playbooks
status 0 'playbooks'
for name in compromised-access-key compromised-user compromised-role compromised-session; do
	out_has "$name" "$name is shipped"
done
run playbooks --output json
field_is cordon-playbooks/1 'as JSON' format
field_is shipped 'with their source' playbooks 0 source

run plan compromised-user --account "$account"
status 2 'a parameter is missing'
err_has '--set user=VALUE' 'and is asked for'
run plan compromised-user --set user=dana.okafor --set nothing=1 --account "$account"
status 2 'a parameter that is not declared'
run plan compromised-user --set user=a --set user=b --account "$account"
status 2 'a list where one value is wanted'

run plan compromised-user --set user=dana.okafor --account "$account" --output json
status 0 'a plan'
field_is 111122223333 'of this account' account_id
field_is shipped 'with a shipped playbook' playbooks 0 source
run plan --account="$account" --set=user=dana.okafor --out plan.json compromised-user
status 0 'a plan into a file'
out_has 'plan.json: cordon-plan/1, account 111122223333' 'with a summary on stdout'
ok 'the file is private' [ "$(stat -c %a plan.json)" = 600 ]
run plan compromised-user --set user=dana.okafor --account "$account" --out again.json --output json
same again.json out 'with JSON the document is on stdout as well'
run plan compromised-user --set user=dana.okafor --account "$account" --out no/such/folder.json
ok 'a file that cannot be written is an error' [ "$status" -ne 0 ]
out_empty 'and no result'
run apply plan.json --account "$account" --dry-run
status 0 'apply takes the plan file'
sed 's/"sha256": "....../"sha256": "000000/' plan.json >forged.json
run apply forged.json --account "$account" --dry-run
ok 'a plan file that was changed is refused' [ "$status" -eq 2 -o "$status" -eq 3 ]

# contain picks.
# picks WANT PLAYBOOK ARGUMENT...: the parameters that are not null.
picks() {
	parameters=$1
	playbook=$2
	shift 2
	run contain "$@" --account "$account" --dry-run --output json
	field_is "$playbook" "$*: playbook" playbooks 0 name
	got=$(field playbooks 0 parameters | sed 's/"[a-z_]*":\(null\|false\),*//g; s/,}/}/')
	ok "$*: parameters" [ "$got" = "$parameters" ] || tell "got $got, want $parameters"
}

picks "{\"access_key_id\":\"$key\"}" compromised-access-key "$key"
picks "{\"access_key_id\":\"$key\",\"user\":\"dana.okafor\"}" compromised-access-key "$key" \
	--user dana.okafor
picks '{"user":"dana.okafor"}' compromised-user dana.okafor
picks '{"user":"dana.okafor"}' compromised-user user/dana.okafor
picks '{"user":"dana.okafor"}' compromised-user "$arn"
picks '{"revoke_roles":true,"user":"dana.okafor"}' compromised-user dana.okafor --revoke-roles
picks '{"role":"data-export"}' compromised-role role/data-export
picks '{"role":"data-export","session":"evil"}' compromised-session \
	arn:aws:sts::111122223333:assumed-role/data-export/evil
picks '{"session":"bob","user":"dana.okafor"}' compromised-session \
	arn:aws:sts::111122223333:federated-user/bob --user dana.okafor
picks '{"role":"data-export"}' compromised-session ASIAABCDEFGHIJKLMNOP --role data-export
picks '{"user":"dana.okafor"}' compromised-session ASIAABCDEFGHIJKLMNOP --user dana.okafor

run contain "$key" role/data-export --account "$account" --dry-run --output json
field_is compromised-role 'several ids, in their order' playbooks 1 name

# A rehearsal.
run contain "$key" --account "$account" --yes --irreversible --account-out after.json --output json
status 0 'a rehearsal'
field_is REHEARSED 'never says CONTAINED' verdict
run plan compromised-access-key --set access_key_id="$key" --account after.json --output json
field_is '[]' 'afterwards nothing is left to do' operations
run list-access-keys --user dana.okafor --account after.json
status 0 'reading from the file it leads to'
out_has 'Inactive' 'the key is off'
run runs
status 0 'the record'

# Own playbooks: by bare name, but not in place of a shipped one, and never from the current folder.
own=home/.config/cordon/playbooks
cat >"$own/just-deny.json" <<'END'
{"cordon": 1, "name": "just-deny", "title": "t", "summary": "s", "contains": "none",
 "parameters": {"user": {"type": "user", "required": true, "description": "d"}},
 "targets": {"user": {"user": "${user}"}},
 "steps": [{"id": "d", "action": "deny-all", "user": "${user}"}]}
END
run plan just-deny --set user=dana.okafor --account "$account" --output json
status 0 'an own playbook by name'
field_is "$work/$own/just-deny.json" 'says where it is from' playbooks 0 source
sed 's/just-deny/compromised-user/' "$own/just-deny.json" >"$own/compromised-user.json"
run plan compromised-user --set user=dana.okafor --account "$account" --output json
field_is shipped 'a shipped one cannot be replaced' playbooks 0 source
cp "$own/just-deny.json" "$own/another.json"
cp "$own/just-deny.json" here.json
run playbooks
err_has "'compromised-user' is not used" 'which the list says'
err_has "'another' is not usable" 'as it does of one that is called otherwise'
out_has 'just-deny' 'and it has the good one'
run plan here --set user=dana.okafor --account "$account"
status 2 'the current folder is not searched'
run plan here.json --set user=dana.okafor --account "$account" --output json
status 0 'but a file is a file'
field_is here.json 'and is named as it was given' playbooks 0 source
ENVIRON="XDG_CONFIG_HOME=$work/elsewhere"
run plan just-deny --set user=dana.okafor --account "$account"
status 2 'XDG_CONFIG_HOME moves the folder'
ENVIRON=

# validate.
sed 's/"deny-all"/"deny-some"/' here.json >wrong.json
run validate here.json
status 0 'a good playbook'
out_has "here.json: playbook 'just-deny' is good" 'is said to be'
run validate here.json wrong.json nothing.json
status 2 'one of them is bad'
out_has 'deny-some' 'and it is said why'
out_has "no such file 'nothing.json'" "for each of them"
run validate here.json wrong.json --output json
field_is cordon-validate/1 'as JSON' format
field_is true 'good' files 0 ok
field_is false 'bad' files 1 ok
field_is null 'no name' files 1 name

# What cannot be printed was not done well.
status=0
env -i HOME="$work/home" "$PROG" version >/dev/full 2>err || status=$?
: >out
status 5 'standard output is full'
err_has 'cannot write the result to standard output' 'and that is said'
status=0
env -i HOME="$work/home" "$PROG" version >&- 2>err || status=$?
status 0 'a closed standard output is nobody who listens'

# Colour only where it was asked for.
esc=$(printf '\033')
run deny-all --user dana.okafor --account "$account" --dry-run
out_lacks "$esc" 'no colour in a file'
run deny-all --user dana.okafor --account "$account" --dry-run --color always
out_has "$esc" 'but where it is asked for'
ENVIRON='NO_COLOR=1'
run deny-all --user dana.okafor --account "$account" --dry-run --color auto
out_lacks "$esc" 'NO_COLOR'

finish
