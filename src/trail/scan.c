// SPDX-License-Identifier: Apache-2.0
#include "scan.h"

#include <stdint.h>
#include <string.h>

struct cursor {
	const char *p, *end;
	enum scan_end state;
	struct scan *scan;
	bool wrapper;
};

enum node { NODE_ROOT, NODE_IDENTITY, NODE_CONTEXT, NODE_ATTRIBUTES, NODE_ISSUER, NODE_COUNT };

#define NAME(text) (text), sizeof(text) - 1

/* The members to find: a field, or the object to go on in. */
static const struct member {
	enum node in;
	const char *name;
	size_t length;
	int field; /* -1: go on in `node` */
	enum node node;
} members[] = {
	{NODE_ROOT, NAME("eventID"), FIELD_ID, 0},
	{NODE_ROOT, NAME("eventTime"), FIELD_TIME, 0},
	{NODE_ROOT, NAME("eventSource"), FIELD_SOURCE, 0},
	{NODE_ROOT, NAME("eventName"), FIELD_NAME, 0},
	{NODE_ROOT, NAME("sourceIPAddress"), FIELD_IP, 0},
	{NODE_ROOT, NAME("userAgent"), FIELD_AGENT, 0},
	{NODE_ROOT, NAME("eventCategory"), FIELD_CATEGORY, 0},
	{NODE_ROOT, NAME("sessionCredentialFromConsole"), FIELD_CONSOLE, 0},
	{NODE_ROOT, NAME("CloudTrailEvent"), FIELD_CLOUDTRAIL_EVENT, 0},
	{NODE_ROOT, NAME("digestStartTime"), FIELD_DIGEST, 0},
	{NODE_ROOT, NAME("userIdentity"), -1, NODE_IDENTITY},
	{NODE_IDENTITY, NAME("type"), FIELD_TYPE, 0},
	{NODE_IDENTITY, NAME("arn"), FIELD_ARN, 0},
	{NODE_IDENTITY, NAME("principalId"), FIELD_PRINCIPAL, 0},
	{NODE_IDENTITY, NAME("accessKeyId"), FIELD_KEY, 0},
	{NODE_IDENTITY, NAME("accountId"), FIELD_ACCOUNT, 0},
	{NODE_IDENTITY, NAME("userName"), FIELD_USER, 0},
	{NODE_IDENTITY, NAME("invokedBy"), FIELD_INVOKED_BY, 0},
	{NODE_IDENTITY, NAME("sessionContext"), -1, NODE_CONTEXT},
	{NODE_CONTEXT, NAME("attributes"), -1, NODE_ATTRIBUTES},
	{NODE_CONTEXT, NAME("sessionIssuer"), -1, NODE_ISSUER},
	{NODE_ATTRIBUTES, NAME("creationDate"), FIELD_CREATED, 0},
	{NODE_ISSUER, NAME("arn"), FIELD_ISSUER, 0},
	{NODE_ISSUER, NAME("userName"), FIELD_ISSUER_NAME, 0},
};

/* Members of an outermost object whose list holds the records, one by one. */
static const char *const lists[] = {"Records", "Events", "Findings", "findings"};

enum { COUNT_MEMBERS = sizeof(members) / sizeof(members[0]) };

bool scan_is(struct span span, const char *text)
{
	size_t length = strlen(text);

	return span.at && span.length == length && memcmp(span.at, text, length) == 0;
}

bool scan_begins(struct span span, const char *prefix)
{
	size_t length = strlen(prefix);

	return span.at && span.length >= length && memcmp(span.at, prefix, length) == 0;
}

static bool stop(struct cursor *c, enum scan_end state)
{
	c->state = state;
	return false;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

/* To the next byte that is no white space. */
static bool skip_space(struct cursor *c)
{
	while (c->p < c->end && is_space(*c->p))
		c->p++;
	return c->p < c->end || stop(c, SCAN_MORE);
}

static const bool string_stop[256] = {['"'] = true, ['\\'] = true, ['\n'] = true};

/* From behind the opening quote to behind the closing one. */
static bool skip_string(struct cursor *c, struct span *ret_span, bool *ret_escaped)
{
	const char *start = c->p;
	const char *p = start;

	for (;; p += 2) {
		while (p < c->end && !string_stop[(unsigned char)*p])
			p++;
		if (p >= c->end)
			return stop(c, SCAN_MORE);
		if (*p == '\n') {
			c->p = p; /* how far we looked */
			return stop(c, SCAN_BROKEN);
		}
		if (*p == '"')
			break;
		*ret_escaped = true;
		if (p + 1 >= c->end)
			return stop(c, SCAN_MORE);
	}
	*ret_span = (struct span){.at = start, .length = (size_t)(p - start)};
	c->p = p + 1;
	return true;
}

/* Numbers and words; one of them may go on behind the end of the bytes. */
static bool skip_scalar(struct cursor *c)
{
	const char *start = c->p;

	while (c->p < c->end && !is_space(*c->p) && !memchr(",]}[{:\"", *c->p, 7))
		c->p++;
	if (c->p == start)
		return stop(c, SCAN_BROKEN);
	return c->p < c->end || stop(c, SCAN_MORE);
}

enum { PLAIN, QUOTE, OPEN, CLOSE, COLON, COMMA };
static const unsigned char classes[256] = {
	['"'] = QUOTE, ['{'] = OPEN,  ['['] = OPEN,  ['}'] = CLOSE,
	[']'] = CLOSE, [':'] = COLON, [','] = COMMA,
};

/* An object or list, without looking into it. One bit for each open bracket says which it is. */
static bool skip_nested(struct cursor *c)
{
	uint64_t objects = 0;
	unsigned depth = 0;
	char before = ':';
	struct span ignored;
	bool escaped;

	for (; c->p < c->end; c->p++) {
		char now = *c->p;

		switch (classes[(unsigned char)now]) {
		case PLAIN:
			continue;
		case QUOTE:
			c->p++;
			if (!skip_string(c, &ignored, &escaped))
				return false;
			c->p--;
			break;
		case OPEN:
			/* A value where a name must be: the record before it was cut. */
			if (depth == SCAN_MAX_DEPTH || ((objects & 1) && depth && before != ':'))
				return stop(c, SCAN_BROKEN);
			objects = objects << 1 | (now == '{');
			depth++;
			break;
		case CLOSE:
			if ((objects & 1) != (now == '}'))
				return stop(c, SCAN_BROKEN);
			objects >>= 1;
			if (--depth == 0) {
				c->p++;
				return true;
			}
			break;
		default:
			break;
		}
		before = now;
	}
	return stop(c, SCAN_MORE);
}

static bool skip_value(struct cursor *c)
{
	struct span ignored;
	bool escaped;

	if (*c->p == '{' || *c->p == '[')
		return skip_nested(c);
	if (*c->p != '"')
		return skip_scalar(c);
	c->p++;
	return skip_string(c, &ignored, &escaped);
}

static bool scan_object(struct cursor *c, enum node node);

static const struct member *find_member(enum node node, struct span name)
{
	for (size_t i = 0; i < COUNT_MEMBERS; i++) {
		if (members[i].in == node && members[i].length == name.length &&
		    memcmp(name.at, members[i].name, name.length) == 0)
			return &members[i];
	}
	return NULL;
}

/* A later member of the same name takes the place of the earlier one, as it does for a parser. */
static bool scan_member(struct cursor *c, const struct member *member)
{
	struct span *field = NULL;

	if (member->field < 0)
		return *c->p == '{' ? scan_object(c, member->node) : skip_value(c);
	field = &c->scan->field[member->field];
	*field = (struct span){.at = NULL};
	if (*c->p != '"')
		return skip_value(c);
	c->p++;
	return skip_string(c, field, &c->scan->escaped);
}

static bool opens_list(struct cursor *c, struct span name)
{
	if (!c->wrapper || *c->p != '[')
		return false;
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		if (scan_is(name, lists[i])) {
			c->p++;
			return true;
		}
	}
	return false;
}

/* "name": value. Names with escapes are as good as unknown: a parser will know them. */
static bool scan_pair(struct cursor *c, enum node node)
{
	struct span name;

	if (*c->p != '"')
		return stop(c, SCAN_BROKEN);
	c->p++;
	if (!skip_string(c, &name, &c->scan->escaped) || !skip_space(c))
		return false;
	if (*c->p != ':')
		return stop(c, SCAN_BROKEN);
	c->p++;
	if (!skip_space(c))
		return false;
	if (node == NODE_ROOT && opens_list(c, name))
		return stop(c, SCAN_INSIDE);
	const struct member *member = find_member(node, name);
	return member ? scan_member(c, member) : skip_value(c);
}

/* The members from here to behind the '}'. */
static bool scan_members(struct cursor *c, enum node node, bool comma_first)
{
	bool comma = !comma_first;

	for (;;) {
		if (!skip_space(c))
			return false;
		if (*c->p == '}') {
			c->p++;
			return true;
		}
		if (!comma) {
			if (*c->p != ',')
				return stop(c, SCAN_BROKEN);
			c->p++;
			if (!skip_space(c))
				return false;
		}
		comma = false;
		if (!scan_pair(c, node))
			return false;
	}
}

static bool scan_object(struct cursor *c, enum node node)
{
	c->p++;
	return scan_members(c, node, false);
}

enum scan_end scan_value(const char *bytes, size_t length, bool wrapper, struct scan *ret_scan,
			 size_t *ret_used)
{
	struct cursor c = {.p = bytes, .end = bytes + length, .scan = ret_scan, .wrapper = wrapper};

	*ret_scan = (struct scan){.escaped = false};
	if (length == 0)
		return SCAN_MORE;
	if (*bytes == '{' ? scan_object(&c, NODE_ROOT) : skip_value(&c))
		c.state = SCAN_DONE;
	*ret_used = (size_t)(c.p - bytes);
	return c.state;
}

enum scan_end scan_rest(const char *bytes, size_t length, size_t *ret_used)
{
	struct scan ignored = {.escaped = false};
	struct cursor c = {.p = bytes, .end = bytes + length, .scan = &ignored, .wrapper = true};

	if (scan_members(&c, NODE_ROOT, true))
		c.state = SCAN_DONE;
	*ret_used = (size_t)(c.p - bytes);
	return c.state;
}
