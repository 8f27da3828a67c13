#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The manual and the help have every command, option and exit status of the tables.
. "$(dirname "$0")/../lib.sh"

manual=$tests/../man/cordon.1

# in_manual NAME TEXT: as a whole word.
in_manual() {
	ok "$1 is in the manual" grep -qE -e "$2( |\$)" "$manual"
}

run __complete ''
commands=$(cat out)
ok 'there are commands' [ -n "$commands" ]
all=
for command in $commands; do
	in_manual "$command" "^\\.It Cm $command"
	run help
	out_has "  $command" "$command is in the help"
	run __complete "$command" --
	options=$(cat out)
	run help "$command"
	for option in $options; do
		ok "help $command has $option" grep -qE -e "^  $option( |\$)" out
	done
	all="$all $options"
done
for option in $(printf '%s\n' $all | sort -u); do
	in_manual "$option" "Fl ${option#-}"
done

run help
sed -n '/^Exit status/,$s/^ *\([0-9][0-9]*\)  .*/\1/p' out >statuses
sed -n '/^\.Sh EXIT STATUS/,/^\.El/s/^\.It \([0-9][0-9]*\)$/\1/p' "$manual" >documented
same statuses documented 'the manual has the exit statuses in their order'
ok 'there are eight of them' [ "$(wc -l <statuses)" -eq 8 ]

finish
