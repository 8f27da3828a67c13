#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Bad command lines: status, one line on stderr, nothing on stdout, an error document in JSON.
. "$(dirname "$0")/../lib.sh"

mkdir -p home/.config/cordon
account=$tests/../playbooks/demo/breached-account.json
key=AKIARTX3GSDSUEXAMPLE

# bad STATUS SENTENCE ARGUMENT...
bad() {
	expected=$1
	sentence=$2
	shift 2
	line=$(printf '%s' "$*" | tr '\n' '?')
	run "$@"
	status "$expected" "$line"
	out_empty "$line: nothing on stdout"
	err_has "$sentence" "$line: says why"
	ok "$line: in one line" [ "$(wc -l <err)" -eq 1 ] || tell 'want one line'
	run "$@" --output json
	status "$expected" "$line: the same status with JSON"
	field_is "$code" "$line: an error document" error code
}

code=usage
bad 2 "there is no command 'nothing'; try 'cordon help'" nothing
bad 2 "the command comes first, not '--yes'" --yes plan
bad 2 "'plan' needs PLAYBOOK; try 'cordon help plan'" plan
bad 2 "'plan' does not take 'b'" plan a b
bad 2 "'whoami' does not take 'a'" whoami a
bad 2 "unknown option '--profil'" whoami --profil x
bad 2 "unknown option '-p'; options begin with '--'" whoami -p x
bad 2 "'show' takes no --set" show --set a=b r
bad 2 "'whoami' takes no --yes" whoami --yes
bad 2 "'whoami' takes no --via" whoami --via inline
bad 2 "'whoami' takes no --user" whoami --user a
bad 2 '--profile needs a value, not an empty one' whoami --profile=
bad 2 '--profile is given twice' whoami --profile a --profile b
bad 2 '--quiet takes no value' whoami --quiet=yes
bad 2 '--quiet and --verbose exclude each other' whoami --quiet --verbose
bad 2 '--settle is a whole number from 0 to 3600' verify r --settle 3601
bad 2 '--settle is a whole number from 0 to 3600' verify r --settle 10s
bad 2 '--max-operations is a whole number' plan p --max-operations 0
bad 2 '--expect-account is an account number of 12 digits' plan p --expect-account 123
bad 2 '--protect is the ARN of a user or role, user/NAME or role/NAME' plan p --protect alice
bad 2 '--color is auto|always|never' whoami --color sometimes
bad 2 '--set takes NAME=VALUE' plan p --set name
bad 2 '--set takes NAME=VALUE' plan p --set =value
bad 2 "'A b' is no name of a parameter" plan p --set 'A b=c'
bad 2 "--account-out goes with --account" plan p --account-out x
bad 2 "'deny-all' needs --user or --role" deny-all
bad 2 "'list-access-keys' needs --user" list-access-keys
bad 2 "'list-access-keys' takes no --role" list-access-keys --role r
bad 2 '--user, --role and --group exclude each other' deny-all --user u --role r
bad 2 '--user, --role and --group exclude each other' deny-all --user u --group g
bad 2 "'delete-access-keys' needs --key or --all" delete-access-keys --user u
bad 2 "'detach-policies' needs --policy or --except or --all" detach-policies --role r
bad 2 "'restrict' needs --resource" restrict --user u --deny s3:GetObject
bad 2 '--all takes no value' delete-access-keys --user u --all=yes
bad 2 "'tag' takes no --group" tag --group g
bad 2 '--deny is an action' restrict --user u --deny 's3: Get' --resource '*'
bad 2 '--resource is an ARN in Latin-1' restrict --user u --deny s3:GetObject --resource 'arn:aws:s3:::桶/*'
bad 2 '--policy is the name of an inline policy' delete-inline-policies --user u --policy 'a b'
bad 2 '--from is a group name' remove-from-groups --user u --from 'a/b'
bad 2 "'deny-all' takes no --check" deny-all --user u --check
bad 2 '--user is a user name without path' deny-all --user a/b
bad 2 '--user is a user name without path' deny-all --user "$(printf 'a\nb')"
bad 2 '--via is auto, inline, managed or boundary' deny-all --user u --via sideways
bad 2 '--key is an access key id' deactivate-access-keys --user u --key ASIA
bad 2 "'deny-all' takes no --key" deny-all --user u --key "$key"
bad 2 "'deny-all' has no roles to revoke" deny-all --user u --revoke-roles --account "$account"
bad 2 "'deny-all' does not take 'x'" deny-all --user u x

run plan --output xml x
status 2 'an unknown output'
err_has "--output is text|json, not 'xml'" 'says what there is'
run whoami --output
status 2 'no value at the end'
err_has '--output needs a value' 'says so'
run plan -- --output json x
status 2 'after -- there are only operands'
err_has "does not take 'json'" 'and too many are too many'
out_empty 'and --output was not one'

# contain: what an id cannot mean is said before anything is asked.
bad 2 '--user goes with one id, not with several' contain a b --user c
bad 2 "--user does not go with 'alice', which is a user" contain alice --user bob
bad 2 'is a temporary key and does not say whose: look in CloudTrail' contain ASIAABCDEFGHIJKLMNOP
bad 2 'sessionContext.sessionIssuer.userName' \
	contain arn:aws:sts::111122223333:federated-user/bob
bad 2 'is a key of a user; --role does not go with it' contain "$key" --role r
bad 2 'contain them one account at a time' contain arn:aws:iam::111122223333:user/a \
	arn:aws:iam::999922223333:user/b
bad 2 'is no access key id, ARN, unique id or user name' contain 'a b'
code=refused
bad 3 'which no IAM policy stops' contain arn:aws:iam::111122223333:root
bad 3 'which no IAM policy stops' contain 111122223333
bad 3 'which has no credentials: contain its members' contain arn:aws:iam::111122223333:group/g
bad 3 'is a managed policy id' contain ANPAABCDEFGHIJKLMNOP
bad 3 'and --expect-account says 999922223333' contain arn:aws:iam::111122223333:user/a \
	--expect-account 999922223333

# A duration has a unit.
code=usage
bad 2 'a duration such as 90s' hold 20260714T101500Z-000000 --for 5
bad 2 'a duration such as 1s' hold 20260714T101500Z-000000 --for 5s --every 5

# Playbooks and plan files.
code=not-found
bad 2 "no playbook is called 'nothing'" plan nothing
bad 2 "no playbook is called 'playbook.schema'" plan playbook.schema
bad 2 "no such file './nothing'" plan ./nothing
echo '{"cordon":1}' >half.json
mkdir plain
cp half.json plain/compromised
code=input
bad 2 'half.json: playbook: missing key' plan half.json
echo '{"format":"cordon-plan/1"}' >plan.json
bad 2 'plan.json' apply plan.json
code=usage
bad 2 'is a plan, which has its parameters' apply plan.json --set a=b
bad 2 'is a plan, which has its parameters' apply plan.json --revoke-roles
bad 2 "'cordon apply' takes it" plan plan.json
head -c 1100000 /dev/zero | tr '\0' ' ' >large.json
echo '{"cordon":1}' >>large.json
code=input
bad 2 'larger than a playbook may be' plan large.json

# Protected principals come from a file too, and a line that cannot be read protects nobody.
printf '# ours\n\nuser/alice # she signs\nalice\n' >home/.config/cordon/protect
bad 2 "line 4: 'alice' is no ARN" deny-all --user dana.okafor --account "$account" --dry-run
printf 'user/a b\n' >home/.config/cordon/protect
bad 2 'line 1: more than one word' deny-all --user dana.okafor --account "$account" --dry-run

finish
