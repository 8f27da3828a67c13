#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# banned.sh OBJECT...: calls that no room makes, and calls that only some rooms make. The objects are
# asked, which no macro deceives; and the sources, because a compiler may put one call for another.
set -eu
cd "$(dirname "$0")/../.."

# No bound, a hidden state, no way to tell an error, a shell, or a name that can be guessed.
never='strcpy|strcat|strncat|stpcpy|sprintf|vsprintf|gets|strtok|strtok_r|gmtime|localtime|gmtime_r|
localtime_r|mktime|asctime|ctime|atoi|atol|atoll|atof|scanf|sscanf|fscanf|vsscanf|system|popen|
tmpnam|tempnam|mktemp|tmpfile|rand|srand|random|setenv|putenv|alloca|longjmp|bzero'
never=$(printf '%s' "$never" | tr -d '\n')

# CALLS ROOMS: where else each of these is a mistake.
some='
printf|vprintf|puts|putchar|fprintf|vfprintf|dprintf|fputs|fputc|putc|fwrite|perror|psignal  cli
exit|_exit|quick_exit|atexit                                                    cli
getenv|secure_getenv                                                            cli
signal|sigaction                                                                cli|run
time|clock_gettime|gettimeofday|nanosleep|clock_nanosleep|usleep|sleep          aws|run|cli
socket|connect|getaddrinfo                                                      none
curl_[a-z_]*                                                                    aws/http
fopen|open|openat|fdopen|creat|rename|unlink|mkdir                              base/file|run|cli
opendir|readdir                                                                 base/file|aws/http
'

symbols=$(for object; do
	nm -u "$object" | sed "s|^ *U ||; s|@.*||; s|^__isoc99_||; s|^__\(.*\)_chk\$|\1|; s|^|$object |"
done)
failed=0

found=$(echo "$symbols" | grep -E " ($never)\$" || :)
if [ -n "$found" ]; then
	echo "$found" | sed 's/$/: banned/'
	failed=1
fi
if grep -nE "(^|[^A-Za-z0-9_.>])($never)\(" src/*/*.[ch]; then
	echo 'banned in sources'
	failed=1
fi
echo "$some" | while read -r calls where; do
	[ -n "$calls" ] || continue
	if echo "$symbols" | grep -vE "/src/($where)(/|\.o )" | grep -E " ($calls)\$"; then
		echo "only for: $where"
		exit 1
	fi
done || failed=1
exit $failed
