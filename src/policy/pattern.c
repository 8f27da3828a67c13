// SPDX-License-Identifier: Apache-2.0
/* Patterns with wildcards and policy variables, and the arena they lie in. */
#include "compiled.h"
#include "cordon/text.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_SIZE = 8192, MAX_VARIABLES = 256 };

struct arena_block {
	struct arena_block *next;
	_Alignas(16) unsigned char bytes[];
};

void *arena_get(struct arena *arena, size_t size)
{
	size = (size + 15) & ~(size_t)15;
	if (!arena->blocks || arena->size - arena->used < size) {
		size_t room = size > BLOCK_SIZE ? size : BLOCK_SIZE;
		struct arena_block *block = calloc(1, sizeof(*block) + room);
		if (!block)
			abort();
		block->next = arena->blocks;
		arena->blocks = block;
		arena->size = room;
		arena->used = 0;
	}
	void *got = arena->blocks->bytes + arena->used;
	arena->used += size;
	return got;
}

char *arena_copy(struct arena *arena, const char *text, size_t length)
{
	char *copy = arena_get(arena, length + 1);

	memcpy(copy, text, length);
	return copy;
}

char *arena_lower(struct arena *arena, const char *text)
{
	char *copy = arena_copy(arena, text, strlen(text));

	for (char *c = copy; *c; c++)
		*c = (char)tolower((unsigned char)*c);
	return copy;
}

void arena_release(struct arena *arena)
{
	while (arena->blocks) {
		struct arena_block *next = arena->blocks->next;
		free(arena->blocks);
		arena->blocks = next;
	}
	*arena = (struct arena){.blocks = NULL};
}

/* What stands between the braces: a key, and maybe ", 'default'". */
static bool parse_variable(struct arena *arena, const char *text, size_t length,
			   struct variable *ret_variable)
{
	char *all = arena_copy(arena, text, length);
	char *comma = strchr(all, ',');
	size_t end = comma ? (size_t)(comma - all) : length;

	while (end && (all[end - 1] == ' ' || all[end - 1] == '\t'))
		end--;
	all[end] = '\0';
	all += strspn(all, " \t");
	if (!*all || strpbrk(all, "*?${' \t"))
		return false;
	*ret_variable = (struct variable){.key = arena_lower(arena, all)};
	if (!comma)
		return true;
	char *value = comma + 1 + strspn(comma + 1, " \t");
	size_t left = strlen(value);
	while (left && (value[left - 1] == ' ' || value[left - 1] == '\t'))
		left--;
	if (left < 2 || value[0] != '\'' || value[left - 1] != '\'')
		return false;
	value[left - 1] = '\0';
	ret_variable->fallback = value + 1;
	return true;
}

struct reading_pattern {
	struct arena *arena;
	uint16_t *tokens;
	struct variable *variables;
	size_t length, variable_count, most;
};

static size_t count_variables(const char *text)
{
	size_t count = 0;

	while (count < MAX_VARIABLES && (text = strstr(text, "${"))) {
		count++;
		text += 2;
	}
	return count;
}

/* Takes "${..}" at text; the length of it, or 0 if it is none that can be understood. */
static size_t take_variable(struct reading_pattern *r, const char *text)
{
	const char *close = strchr(text, '}');
	size_t inside = close ? (size_t)(close - text) - 2 : 0;

	if (!close)
		return 0;
	if (inside == 1 && strchr("*?$", text[2])) {
		r->tokens[r->length++] = (unsigned char)text[2];
		return 4;
	}
	if (!r->variables) {
		r->most = count_variables(text);
		r->variables = arena_get(r->arena, r->most * sizeof(*r->variables));
	}
	if (r->variable_count == r->most ||
	    !parse_variable(r->arena, text + 2, inside, &r->variables[r->variable_count]))
		return 0;
	r->tokens[r->length++] = (uint16_t)(TOKEN_VARIABLE + r->variable_count++);
	return inside + 3;
}

static uint16_t token_of(char c, unsigned flags)
{
	if ((flags & PATTERN_WILD) && c == '*')
		return TOKEN_ANY;
	if ((flags & PATTERN_WILD) && c == '?')
		return TOKEN_ONE;
	return (unsigned char)((flags & PATTERN_LOWER) ? tolower((unsigned char)c) : c);
}

struct pattern pattern_compile(struct arena *arena, const char *text, unsigned flags)
{
	struct reading_pattern r = {
		.arena = arena,
		.tokens = arena_get(arena, strlen(text) * sizeof(uint16_t) + sizeof(uint16_t))};
	bool broken = false;

	while (*text) {
		if ((flags & PATTERN_VARIABLES) && text[0] == '$' && text[1] == '{') {
			size_t taken = take_variable(&r, text);
			if (taken) {
				text += taken;
				continue;
			}
			broken = true;
		}
		uint16_t token = token_of(*text++, flags);
		/* Two '*' say no more than one. */
		if (token != TOKEN_ANY || !r.length || r.tokens[r.length - 1] != TOKEN_ANY)
			r.tokens[r.length++] = token;
	}
	return (struct pattern){
		.tokens = r.tokens, .length = r.length, .variables = r.variables, .broken = broken};
}

size_t pattern_split(const struct pattern *pattern, struct pattern parts[static 6])
{
	size_t count = 0;
	size_t start = 0;

	for (size_t i = 0; i <= pattern->length; i++) {
		bool end = i == pattern->length;
		if (!end && (pattern->tokens[i] != ':' || count == 5))
			continue;
		parts[count] = *pattern;
		parts[count].tokens = pattern->tokens + start;
		parts[count].length = i - start;
		count++;
		start = i + 1;
	}
	return count;
}

bool pattern_is_all(const struct pattern *pattern)
{
	return pattern->length == 1 && pattern->tokens[0] == TOKEN_ANY;
}

bool pattern_has_variable(const struct pattern *pattern)
{
	for (size_t i = 0; i < pattern->length; i++) {
		if (pattern->tokens[i] >= TOKEN_VARIABLE)
			return true;
	}
	return false;
}

size_t span_split(const char *text, struct span parts[static 6])
{
	size_t count = 0;

	while (count < 5) {
		size_t length = strcspn(text, ":");
		parts[count++] = (struct span){.text = text, .length = length};
		text += length;
		if (!*text)
			return count;
		text++;
	}
	parts[count++] = (struct span){.text = text, .length = strlen(text)};
	return count;
}

/* Past the character at t, which may have several bytes. */
static const char *next_char(const char *t, const char *last)
{
	t++;
	while (t < last && ((unsigned char)*t & 0xc0) == 0x80)
		t++;
	return t;
}

/* Like policy_glob(): going back only to the last '*'. */
bool pattern_matches(const struct pattern *pattern, struct span text, bool opaque)
{
	const uint16_t *p = pattern->tokens;
	const uint16_t *end = p + pattern->length;
	const uint16_t *star = NULL;
	const char *t = text.text;
	const char *last = t + text.length;
	const char *after = NULL;

	while (t < last) {
		if (p < end && *p == TOKEN_ANY) {
			star = ++p;
			after = t;
		} else if (p < end && *p == (unsigned char)*t) {
			p++;
			t++;
		} else if (p < end && *p == TOKEN_ONE && !(opaque && *t == '*')) {
			p++;
			t = next_char(t, last);
		} else if (star) {
			p = star;
			t = after = next_char(after, last);
		} else {
			return false;
		}
	}
	while (p < end && *p == TOKEN_ANY)
		p++;
	return p == end;
}

/* The text of a variable; NULL: unresolved or unknown, as *ret says. */
static const char *value_of(const struct variable *variable, const struct context *context,
			    enum resolved *ret)
{
	const struct context_key *key = context_find(context, variable->key);

	*ret = UNRESOLVED;
	switch (key->state) {
	case KEY_ONE:
		*ret = RESOLVED;
		return key->values[0];
	case KEY_ABSENT:
		if (variable->fallback)
			*ret = RESOLVED;
		return variable->fallback;
	case KEY_UNKNOWN:
	case KEY_SINCE:
		*ret = RESOLVED_UNKNOWN;
		break;
	case KEY_MANY:
		break;
	}
	return NULL;
}

static enum resolved resolved_length(const struct pattern *pattern, const struct context *context,
				     size_t *ret_length)
{
	enum resolved worst = RESOLVED;
	size_t length = 0;

	for (size_t i = 0; i < pattern->length; i++) {
		enum resolved one = RESOLVED;
		if (pattern->tokens[i] < TOKEN_VARIABLE) {
			length++;
			continue;
		}
		const char *text = value_of(
			&pattern->variables[pattern->tokens[i] - TOKEN_VARIABLE], context, &one);
		if (one == UNRESOLVED)
			return UNRESOLVED;
		if (one == RESOLVED_UNKNOWN)
			worst = one;
		length += text ? strlen(text) : 0;
	}
	*ret_length = length;
	return worst;
}

enum resolved pattern_resolve(const struct pattern *pattern, const struct context *context,
			      struct pattern *ret_pattern, uint16_t **ret_made)
{
	size_t length = 0;
	enum resolved worst = RESOLVED;

	*ret_made = NULL;
	if (pattern->broken)
		return RESOLVED_UNKNOWN;
	if (!pattern->variables || !pattern_has_variable(pattern)) {
		*ret_pattern = *pattern;
		return RESOLVED;
	}
	worst = resolved_length(pattern, context, &length);
	if (worst != RESOLVED)
		return worst;
	uint16_t *made = calloc(length + 1, sizeof(*made));
	if (!made)
		abort();
	size_t at = 0;
	for (size_t i = 0; i < pattern->length; i++) {
		if (pattern->tokens[i] < TOKEN_VARIABLE) {
			made[at++] = pattern->tokens[i];
			continue;
		}
		const char *text = value_of(
			&pattern->variables[pattern->tokens[i] - TOKEN_VARIABLE], context, &worst);
		for (; text && *text; text++)
			made[at++] = (unsigned char)*text;
	}
	*ret_pattern = (struct pattern){.tokens = made, .length = length};
	*ret_made = made;
	return RESOLVED;
}
