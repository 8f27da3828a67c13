#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The record: the last hash, its proof, and reports of whole, cut off and broken runs.
. "$(dirname "$0")/../lib.sh"

account=$tests/../playbooks/demo/breached-account.json
state=home/.local/state/cordon

run apply compromised-user --set user=dana.okafor --account "$account" --yes --case 'INC <7>' --output json
status 0 'a rehearsal'
id=$(field run)
last=$(field journal_last)
folder=$state/rehearsals/$id
ok 'a run ends with the last hash' \
	[ "$last" = "$(tail -n 1 "$folder/journal.jsonl" | tr -d '\n' | sha256sum | cut -d ' ' -f 1)" ]
ok 'which no file has' sh -c '! grep -rq "$1" "$2"' - "$last" "$folder"
run apply compromised-user --set user=dana.okafor --account "$account" --yes
out_has 'Journal    ends with ' 'the text has it too'
out_has ' --check --expect ' 'with the command'

run show "$id"
out_lacks 'internally consistent' 'what was not asked is not said'
run show "$id" --check
status 0 'a chain that holds'
out_has 'internally consistent' 'is internally consistent'
run show "$id" --check --output json
field_is 'internally consistent' 'as JSON' journal proof
run show "$id" --expect "$last"
status 0 'the hash that was kept'
out_has 'anchored: it ends with the hash that was expected' 'anchors it'
run show "$id" --expect "$(printf '%064d' 0)"
status 1 'another hash'

# The forms.
run report "$id"
status 0 'a report'
err_empty 'with nothing else'
out_has '# Rehearsal of a containment: `user/dana.okafor`' 'Markdown, if nothing is said'
out_has 'REHEARSAL' 'that is a rehearsal'
out_has "$last" 'and has the last hash'
out_has 'INC \<7\>' 'and the case, escaped'
cp out report.md
run report "$id" --format md
same report.md out 'the same by name'
run report "$id" --format html
status 0 'HTML'
out_has '<!DOCTYPE html>' 'of its own'
out_has "default-src 'none'" 'with a policy'
out_has 'INC &lt;7&gt;' 'escaped'
out_lacks '<7>' 'throughout'
cp out report.html
run report "$id" --format json
status 0 'JSON'
field_is cordon-report/1 'of its own' format
field_is "$last" 'with the hash' journal last
field_is true 'of a rehearsal' rehearsal
field_is null 'which has nothing to undo' undo command
field_is 0 'and its times' times seconds_to_first_deny
field_is '[]' 'nothing stood there before' changes 0 before
field_is CordonDenyAll 'and this after' changes 0 after 0 PolicyName
field_is Active 'a key before' changes 1 before 0 Status
field_is Inactive 'and after' changes 1 after 0 Status
cp out report.json
run report "$id" --output json
same report.json out 'JSON is JSON'

# Into a file.
run report "$id" --format html --out there.html
status 0 'into a file'
out_has 'there.html: cordon-report/1, account 111122223333' 'with a line that says so'
same report.html there.html 'the same'
ok 'which is private' [ "$(stat -c %a there.html)" = 600 ]
run report "$id" --format json --out there.json
same report.json there.json 'JSON too'
run report "$id" --format html --out again.html --output json
same report.json out 'and the facts beside it'
same report.html again.html 'both'
run report "$id" --out no/such/place.md
status 2 'where there is no folder'
out_empty 'nothing else is said'

# Misuse.
run report "$id" --format pdf
status 2 'another form'
err_has "--format is md|html|json, not 'pdf'" 'says what there is'
run report "$id" --format html --output json
status 2 'two forms for one output'
field_is usage 'is bad usage' error code
run report
status 2 'no run'
err_has "'report' needs RUN" 'is asked for'
run report "$id" two
status 2 'two runs'
run report 20260101T000000Z-000000
status 2 'no such run'
run report ../../etc
status 2 'nor a path'
run show "$id" --format md
status 2 'show has one form'

# A run that was cut off has a report; a record that was changed has none.
cp -r "$folder" keep
restore() { rm -r "$folder" && cp -r keep "$folder"; }
broken() {
	run report "$id"
	status 2 "$1"
	err_has "$2" "$1: is named"
	out_empty "$1: no report"
	restore
}
rm "$folder/result.json"
sed -i '6,$d' "$folder/journal.jsonl"
run report "$id"
status 0 'a run that was cut off'
out_has 'NOT FINISHED' 'says so'
out_has 'no answer is on record' 'and what nobody knows'
restore
printf '{"half' >>"$folder/journal.jsonl"
run report "$id"
status 0 'a line that was cut off'
out_has 'A last line that was cut off is not counted.' 'is said to be'
restore
sed -i '3s/Inactive/Inactivf/' "$folder/journal.jsonl"
broken 'a line that was changed' 'line 4: prev is not the hash'
sed -i 2d "$folder/journal.jsonl"
broken 'a line that is gone' 'line 2: seq is not 2'
sed -i '3s/.*/nothing/' "$folder/journal.jsonl"
broken 'a line that is none' 'line 3'
: >"$folder/journal.jsonl"
broken 'no line' 'journal.jsonl is empty'
rm "$folder/journal.jsonl"
broken 'no journal' 'journal.jsonl'
sed -i 's/REHEARSED/CONTAINED/' "$folder/result.json"
broken 'a result that was changed' 'result.json is not what the journal says'
rm "$folder/plan.json"
broken 'no plan' 'plan.json'
rm "$folder/plan.json" "$folder/result.json"
sed -i '6,$d' "$folder/journal.jsonl"
broken 'neither plan nor end' 'plan.json'

# What an attacker could write into an account. The demo account has a policy to write it into.
sed 's/LookBeforeOnboarding/\\\\u003c\/pre>\\\\u003cscript>alert(1)\\\\u003c\/script> ``` \\\\u202e/' \
	"$account" >evil.json
cat >strip.json <<'END'
{"cordon": 1, "name": "strip", "title": "t", "summary": "s", "contains": "none",
 "parameters": {"user": {"type": "user", "required": true, "description": "d"}},
 "targets": {"user": {"user": "${user}"}},
 "steps": [{"id": "d", "action": "deny-all", "user": "${user}"},
  {"id": "s", "action": "delete-inline-policies", "user": "${user}", "all": true}]}
END
run apply strip.json --set user=dana.okafor --account evil.json --yes --output json
status 0 'a policy with a script in it'
id=$(field run)
run report "$id" --format html
out_has '&lt;/pre&gt;&lt;script&gt;alert(1)&lt;/script&gt;' 'is text in HTML'
out_lacks '<script' 'and nothing else'
out_lacks "$(printf '\342\200\256')" 'no override'
run report "$id"
out_has '````' 'has a longer fence in Markdown'
out_lacks "$(printf '\342\200\256')" 'no override there'

finish
