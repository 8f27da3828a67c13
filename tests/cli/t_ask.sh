#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The question, on a terminal that script(1) makes.
. "$(dirname "$0")/../lib.sh"

account=$tests/../playbooks/demo/breached-account.json

trap "" PIPE

command='contain dana.okafor'

# ask AHEAD ANSWER...: AHEAD is typed before the program starts, each ANSWER once it waits for one;
# "" is nothing, "end" ends the input. What the terminal showed is in $work/out. The input is ended by
# its character: script(1) may drop the end of its own while the program has not read all of it.
ask() {
	rm -f keys
	mkfifo keys
	: >out
	: >err
	env -i PATH="$PATH" HOME="$work/home" LC_ALL=C.UTF-8 TERM=dumb SHELL=/bin/sh \
		script -qfec "touch ready; while [ ! -e typed ]; do sleep 0.05; done; sleep 0.2
			'$PROG' $command --account '$account' --quiet" out \
		<keys >/dev/null 2>&1 &
	asked=$!
	exec 3>keys
	until [ -e ready ]; do sleep 0.05; done
	[ -z "$1" ] || printf '%s\n' "$1" >&3
	touch typed
	shift
	question=0
	for answer; do
		question=$((question + 1))
		await "$question"
		[ "$answer" != end ] || answer=$(printf '\004')
		printf '%s\n' "$answer" >&3
	done
	status=0
	wait "$asked" || status=$?
	exec 3>&-
	rm -f ready typed
}

# await N: until the question was put N times, or the program has ended.
await() {
	until [ "$(grep -c 'Answer: ' out)" -ge "$1" ] || ! kill -0 "$asked" 2>/dev/null; do
		sleep 0.05
	done
}

ask '' yes
status 0 'a yes to the question'
out_has 'About to write' 'which was put'
out_has 'REHEARSED' 'is done'

ask '' YES
status 3 'another word is a no'
out_has 'not confirmed; nothing was written' 'and it is said'

ask '' end
status 3 'the end of input is a no'

ask yes end
status 3 'what was typed before the question answers nothing'
out_lacks 'Result of a rehearsal' 'and nothing was done'

ask yes reversible
status 0 'the answer after it counts'
out_has 'rehearsed skipped  iam:DeleteLoginProfile' 'as it was given'

ask '' roles end
out_has 'role/data-export' 'roles are planned'
ok 'and asked about' [ "$(grep -c 'About to write' out)" -eq 2 ]

run runs --output json
id=$(sed -n 's/.*"run": "\(.*\)",/\1/p' out | head -1)
command="hold $id --for 1s"
ask '' no
status 3 'a hold asks, too'
out_has 'About to write' 'as any command that writes'
out_lacks '  roles ' 'and offers no roles: what the run was about is settled'

finish
