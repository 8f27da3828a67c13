// SPDX-License-Identifier: Apache-2.0
#include "page.h"

#include "cordon/text.h"

#include <stdarg.h>
#include <string.h>

/* Marks in a paragraph: control bytes, which no escaped text holds. */
enum mark {
	MARK_TONE = 0x10, /* + enum tone */
	MARK_BREAK = 0x01,
	MARK_SPACE = 0x02, /* one that is no place to break at */
};

enum { LINE_MAX_BYTES = 1 << 20, NARROWEST = 24 };

static const char *const ansi[] = {
	[TONE_PLAIN] = "\033[0m", [TONE_GOOD] = "\033[32m", [TONE_BAD] = "\033[1;31m",
	[TONE_CARE] = "\033[33m", [TONE_HEAD] = "\033[1m",
};

void page_begin(struct page *p, struct buf *out, const struct report_style *style)
{
	*p = (struct page){.out = out, .style = style, .line = BUF_INIT(LINE_MAX_BYTES)};
}

void page_end(struct page *p)
{
	buf_release(&p->line);
}

/* One conversion after '%'; what follows it. */
static const char *convert(struct buf *line, const char *at, va_list *args)
{
	const char *text;

	switch (*at) {
	case 's':
		text = va_arg(*args, const char *);
		text_escape(line, text ? text : "not known");
		return at + 1;
	case 'd':
		buf_addf(line, "%d", va_arg(*args, int));
		return at + 1;
	case 'z':
		buf_addf(line, "%zu", va_arg(*args, size_t));
		return at + 2;
	case 'l':
		buf_addf(line, "%lld", va_arg(*args, long long));
		return at + 3;
	default:
		buf_add(line, "%");
		return at + 1;
	}
}

static void add_args(struct page *p, const char *format, va_list *args)
{
	const char *at = format;

	while (*at) {
		const char *end = strchrnul(at, '%');
		buf_add_bytes(&p->line, at, (size_t)(end - at));
		at = *end ? convert(&p->line, end + 1, args) : end;
	}
}

void page_add(struct page *p, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add_args(p, format, &args);
	va_end(args);
}

static void add_mark(struct page *p, int mark)
{
	char byte = (char)mark;

	buf_add_bytes(&p->line, &byte, 1);
}

void page_tone(struct page *p, enum tone tone, const char *words)
{
	add_mark(p, MARK_TONE + (int)tone);
	buf_add(&p->line, words);
	add_mark(p, MARK_TONE + TONE_PLAIN);
}

void page_add_document(struct page *p, const char *text)
{
	autobuf struct buf escaped = BUF_INIT(LINE_MAX_BYTES);

	text_escape(&escaped, text);
	p->line.failed |= escaped.failed;
	for (const char *at = buf_text(&escaped); *at; at++) {
		if (*at == ' ')
			add_mark(p, MARK_SPACE);
		else
			buf_add_bytes(&p->line, at, 1);
		if (*at == ',' || *at == '{')
			add_mark(p, MARK_BREAK);
	}
}

static bool is_end(char c)
{
	return c == '\0' || c == ' ' || c == MARK_BREAK;
}

/* Columns of the word: marks have none, and of a UTF-8 sequence only the first byte counts. */
static size_t word_columns(const char *word, size_t *ret_length)
{
	size_t columns = 0;
	size_t i = 0;

	for (; !is_end(word[i]); i++) {
		unsigned char c = (unsigned char)word[i];
		columns += c == MARK_SPACE || (c >= 0x20 && (c & 0xc0) != 0x80);
	}
	*ret_length = i;
	return columns;
}

static void put_byte(struct page *p, char c)
{
	if (c == MARK_SPACE)
		buf_add(p->out, " ");
	else if (c >= MARK_TONE && c <= MARK_TONE + (int)TONE_HEAD)
		buf_add(p->out, p->style->colour ? ansi[c - MARK_TONE] : "");
	else
		buf_add_bytes(p->out, &c, 1);
}

static void put_indent(struct page *p, size_t columns)
{
	for (size_t i = 0; i < columns; i++)
		buf_add(p->out, " ");
}

static void put_words(struct page *p, size_t indent, size_t hang, size_t limit)
{
	const char *at = buf_text(&p->line);
	size_t column = indent;
	size_t spaces = 0;
	bool fresh = true;

	put_indent(p, indent);
	while (*at) {
		size_t length;
		size_t columns = word_columns(at, &length);
		if (limit && !fresh && columns && column + spaces + columns > limit) {
			buf_add(p->out, "\n");
			put_indent(p, hang);
			column = hang;
			spaces = 0;
		}
		/* Spaces before a word are kept: columns of a table. */
		put_indent(p, columns ? spaces : 0);
		column += columns ? spaces + columns : 0;
		spaces = columns ? 0 : spaces;
		fresh = fresh && !columns;
		for (size_t i = 0; i < length; i++)
			put_byte(p, at[i]);
		at += length;
		spaces += *at == ' ';
		at += *at != '\0';
	}
	buf_add(p->out, "\n");
}

static void finish(struct page *p, size_t indent, size_t hang, size_t limit)
{
	if (limit && limit < hang + NARROWEST)
		limit = hang + NARROWEST;
	put_words(p, indent, hang, limit);
	p->out->failed |= p->line.failed;
	buf_release(&p->line);
	p->line = (struct buf)BUF_INIT(LINE_MAX_BYTES);
}

void page_flow(struct page *p, unsigned indent, unsigned hang)
{
	finish(p, indent, hang, p->style->width);
}

void page_line(struct page *p, unsigned indent)
{
	finish(p, indent, indent, 0);
}

void page_say(struct page *p, unsigned indent, unsigned hang, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add_args(p, format, &args);
	va_end(args);
	page_flow(p, indent, hang);
}

void page_command(struct page *p, unsigned indent, const char *command)
{
	page_add(p, "%s", command);
	page_line(p, indent);
}

void page_title(struct page *p, const char *words)
{
	if (p->out->length)
		buf_add(p->out, "\n");
	page_tone(p, TONE_HEAD, words);
	page_line(p, 0);
}

void page_field(struct page *p, const char *label, const char *format, ...)
{
	va_list args;

	buf_addf(&p->line, "%-*s", PAGE_VALUE - 2, label);
	va_start(args, format);
	add_args(p, format, &args);
	va_end(args);
	page_flow(p, 2, PAGE_VALUE);
}
