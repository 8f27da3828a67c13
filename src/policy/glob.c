// SPDX-License-Identifier: Apache-2.0
#include "cordon/policy.h"

#include <ctype.h>
#include <stddef.h>

static bool same(char a, char b, bool ignore_case)
{
	if (!ignore_case)
		return a == b;
	return tolower((unsigned char)a) == tolower((unsigned char)b);
}

/* Going back only to the last '*' keeps it at pattern length times text length. */
bool policy_glob(const char *pattern, const char *text, bool ignore_case)
{
	const char *star = NULL;
	const char *after = NULL;

	while (*text) {
		if (*pattern == '*') {
			star = ++pattern;
			after = text;
			continue;
		}
		if (*pattern && (*pattern == '?' || same(*pattern, *text, ignore_case))) {
			pattern++;
			text++;
			continue;
		}
		if (!star)
			return false;
		pattern = star;
		text = ++after;
	}
	while (*pattern == '*')
		pattern++;
	return *pattern == '\0';
}
