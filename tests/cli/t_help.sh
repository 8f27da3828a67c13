#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Help, version, completion, and where they go.
. "$(dirname "$0")/../lib.sh"

run
status 2 'no command is bad usage'
out_empty 'and nothing on stdout'
err_has 'usage: cordon COMMAND' 'but the usage on stderr'

for words in help --help; do
	run "$words"
	status 0 "$words"
	out_has 'usage: cordon COMMAND' "$words shows the usage"
	out_has 'contain ID...' "$words has commands"
	out_has 'deny-all' "$words has actions"
	out_has '130  interrupted' "$words has exit statuses"
	err_empty "$words leaves stderr alone"
done

for words in version --version; do
	run "$words"
	status 0 "$words"
	out_has 'cordon 0.' "$words shows it"
done
run version --output json
field_is cordon-version/1 'version as JSON' format
run help --output json
field_is cordon-help/1 'help as JSON' format

run help contain
cp out wanted
status 0 'help of a command'
out_has 'usage: cordon contain ID...' 'has its usage'
out_has '--revoke-roles' 'has the options of commands that write'
out_lacks '--set ' 'has no option of others'
run contain --help
status 0 'the same by --help'
same wanted out 'the same text'
run contain AKIA --help --account nothing
same wanted out 'help does nothing else'

run help deny-all
out_has '--via' 'an action shows its own options'
out_has '--user|--role|--group NAME' 'and whom it may name'
run help list-access-keys
out_lacks '--role' 'an action for users takes no role'
out_lacks '--yes' 'and one that only reads has nothing to confirm'
run help nothing
status 2 'help of what is not there'

for command in '' $("$PROG" __complete ''); do
	run help $command
	ok "help $command fits 80 columns" [ -z "$(awk 'length > 80' out)" ]
done

# $* is the line; the candidates become one line.
completes() {
	want=$1
	shift
	run __complete "$@"
	got=$(tr '\n' ' ' <"$work/out")
	ok "completion of '$*'" [ "$got" = "$want" ] || tell "want '$want'"
}

completes 'plan playbooks ' pl
completes 'whois whoami ' who
completes '--out --output ' plan x --out
completes 'text json ' plan x --output ''
completes 'json ' plan x --output j
completes 'json ' plan x --output = j
completes 'text json ' plan x --output =
completes 'inline ' deny-all --via i
completes '' plan --profile ''
completes 'deny-all deactivate-access-keys delete-login-profile deactivate-credentials deactivate-mfa-devices detach-policies delete-inline-policies delete-access-keys delete-credentials delete-user delete-role ' help de
completes '' nothing --
completes '' plan -- zzz
run __complete
status 0 'completion of nothing'
out_has 'contain' 'is every command'

mkdir -p home/.config/cordon/playbooks
echo '{}' >home/.config/cordon/playbooks/zz-own.json
echo '{}' >'home/.config/cordon/playbooks/zz;rm.json'
completes 'zz-own ' plan zz

finish
