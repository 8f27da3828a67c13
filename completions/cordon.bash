# SPDX-License-Identifier: Apache-2.0
# bash completion for cordon. The program knows its own words; this only asks it.
_cordon()
{
	local IFS=$'\n'
	COMPREPLY=($("${COMP_WORDS[0]}" __complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _cordon cordon
