# SPDX-License-Identifier: Apache-2.0
# lib.sh: for the black-box tests of the built program ($PROG), in TAP.
#
#	. "$(dirname "$0")/../lib.sh"
#	run plan compromised-user --account "$tests/cli/account.json"
#	status 0 'it plans'
#	out_has 'deny-all' 'and says what'
#	field_is CONTAINED 'the verdict' targets 0 verdict
#	finish
#
# Each test has a private home and working folder ($work), no environment of the caller's, and no
# terminal. run leaves $work/out, $work/err and $status.
set -u
: "${PROG:?PROG names the program to test}"
tests=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
mkdir -m 700 "$work/home"
cd "$work" || exit 1
count=0
failed=0

# run ARGUMENT...: stdin is empty unless INPUT names a file; ENVIRON may hold NAME=VALUE words.
run() {
	status=0
	# shellcheck disable=SC2086
	env -i PATH="$PATH" HOME="$work/home" LC_ALL=C.UTF-8 AWS_EC2_METADATA_DISABLED=true ${ENVIRON-} \
		setsid -w "$PROG" "$@" <"${INPUT:-/dev/null}" >"$work/out" 2>"$work/err" || status=$?
}

# ok NAME COMMAND...: the command decides.
ok() {
	name=$1
	shift
	count=$((count + 1))
	if "$@"; then
		echo "ok $count - $name"
		return 0
	fi
	failed=$((failed + 1))
	echo "not ok $count - $name"
	return 1
}

# What the last run left, for whoever reads the failure.
tell() {
	echo "# $1"
	echo "# status $status; stdout, stderr:"
	cat "$work/out" "$work/err" | sed 's/^/#   /' | head -n 40
}

status() {
	ok "$2" [ "$status" -eq "$1" ] || tell "want status $1"
}

out_has() {
	ok "$2" grep -qF -e "$1" "$work/out" || tell "want on stdout: $1"
}

err_has() {
	ok "$2" grep -qF -e "$1" "$work/err" || tell "want on stderr: $1"
}

out_lacks() {
	ok "$2" sh -c '! grep -qF -e "$1" "$2"' - "$1" "$work/out" || tell "not on stdout: $1"
}

err_lacks() {
	ok "$2" sh -c '! grep -qF -e "$1" "$2"' - "$1" "$work/err" || tell "not on stderr: $1"
}

out_empty() {
	ok "$1" [ ! -s "$work/out" ] || tell 'want nothing on stdout'
}

err_empty() {
	ok "$1" [ ! -s "$work/err" ] || tell 'want nothing on stderr'
}

# same WANT GOT NAME: two files.
same() {
	ok "$3" cmp -s "$1" "$2" || diff -u "$1" "$2" | sed 's/^/# /'
}

# field KEY...: what stands there in the JSON of stdout; objects and lists compact, sorted by key.
field() {
	perl -MJSON::PP -e '
		local $/;
		my $at = JSON::PP->new->utf8->allow_nonref->decode(scalar <STDIN>);
		for (@ARGV) {
			$at = ref $at eq "ARRAY" ? $at->[$_] : ref $at eq "HASH" ? $at->{$_} : undef;
		}
		print ref $at || !defined $at ?
			JSON::PP->new->utf8->canonical->allow_nonref->encode($at) : $at, "\n";
	' "$@" <"$work/out"
}

# field_is WANT NAME KEY...
field_is() {
	want=$1
	what=$2
	shift 2
	got=$(field "$@" 2>&1)
	ok "$what" [ "$got" = "$want" ] || tell "$*: got '$got', want '$want'"
}

finish() {
	echo "1..$count"
	[ "$failed" -eq 0 ]
	exit
}
