// SPDX-License-Identifier: Apache-2.0
#include "words.h"

#include <string.h>

static const char blanks[] = " \t\r\n";

/* One character of a word. quote is 0, ' or ", and changes with what is read. *ret_out is the
 * character, or -1 for a quotation mark. */
static bool take_char(const char **at, char *quote, int *ret_out)
{
	char c = *(*at)++;

	*ret_out = (unsigned char)c;
	if (c == *quote || (!*quote && (c == '\'' || c == '"'))) {
		*quote = *quote ? '\0' : c;
		*ret_out = -1;
		return true;
	}
	if (c != '\\' || *quote == '\'')
		return true;
	if (!**at)
		return false;
	if (!*quote || **at == '\\' || **at == '"')
		*ret_out = (unsigned char)*(*at)++;
	return true;
}

bool words_take(const char **at, char *ret_word, bool *ret_broken)
{
	char quote = '\0';
	int c = 0;

	*ret_broken = false;
	*at += strspn(*at, blanks);
	if (!**at)
		return false;
	while (**at && (quote || !strchr(blanks, **at))) {
		if (!take_char(at, &quote, &c)) {
			*ret_broken = true;
			return false;
		}
		if (c >= 0)
			*ret_word++ = (char)c;
	}
	*ret_word = '\0';
	*ret_broken = quote != '\0';
	return !quote;
}
