/* SPDX-License-Identifier: Apache-2.0 */
/*
 * page: paragraphs with hanging indents, and the one place where foreign text is escaped.
 *
 *     page_begin(&p, out, style);
 *     page_say(&p, 2, 8, "%s in account %s", name, id);   a paragraph: column 2, then column 8
 *     page_end(&p);
 *
 * Formats know %s %d %zu %lld and %%. Every %s passes text_escape(), so no caller can forget it;
 * NULL is "not known". Words are never broken: what is too long for a line stands alone on it, to
 * be copied.
 */
#ifndef REPORT_PAGE_H
#define REPORT_PAGE_H

#include "cordon/buf.h"
#include "cordon/report.h"

enum tone { TONE_PLAIN, TONE_GOOD, TONE_BAD, TONE_CARE, TONE_HEAD };

struct page {
	struct buf *out;
	const struct report_style *style;
	struct buf line; /* the paragraph so far: escaped, with marks (page.c) */
};

void page_begin(struct page *p, struct buf *out, const struct report_style *style);
void page_end(struct page *p);

/* Adds to the paragraph. The words of page_tone() are ours, not foreign. */
void page_add(struct page *p, const char *format, ...) __attribute__((format(printf, 2, 3)));
void page_tone(struct page *p, enum tone tone, const char *words);
/* A foreign document: lines break only after its commas and opening braces. */
void page_add_document(struct page *p, const char *text);

/* Ends the paragraph: its first line starts at indent, the others at hang. */
void page_flow(struct page *p, unsigned indent, unsigned hang);
/* The same on one line, however long: what is to be copied, and events. */
void page_line(struct page *p, unsigned indent);
void page_say(struct page *p, unsigned indent, unsigned hang, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
/* A command to copy. */
void page_command(struct page *p, unsigned indent, const char *command);
/* A title; a blank line before it unless it is the first thing. */
void page_title(struct page *p, const char *words);
/* "  Label      value", the value at column 13. */
void page_field(struct page *p, const char *label, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

enum { PAGE_VALUE = 13 };

#endif
