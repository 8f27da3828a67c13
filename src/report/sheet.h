/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sheet: a document in parts, for the two forms that a report has: Markdown and HTML.
 *
 *     sheet_begin(&s, &sheet_html, out, &head);
 *     sheet_section(&s, "changes", "What was changed");
 *     sheet_add(&s, "%s on ", operation); sheet_mono(&s, name); sheet_block(&s, BLOCK_BULLET,
 * NULL); sheet_end(&s);
 *
 * Inline pieces are gathered and a block takes them. The words of a format, of marks, labels and
 * titles are ours; every %s and everything else is foreign and is escaped by the form (which itself
 * starts from text_escape()), so no caller can forget it. Formats know %s %zu %lld and %%; NULL is
 * "not known". What a form writes around a block stands in its tables; the code is the same.
 */
#ifndef REPORT_SHEET_H
#define REPORT_SHEET_H

#include "cordon/buf.h"

#include <stdbool.h>
#include <stddef.h>

enum mark { MARK_PLAIN, MARK_GOOD, MARK_BAD, MARK_CARE, MARK_QUIET, MARK_ASIDE, MARK_COUNT };

enum block {
	BLOCK_PARAGRAPH,
	BLOCK_LEAD,   /* the paragraph to read if one reads only one */
	BLOCK_NOTE,   /* small print */
	BLOCK_BANNER, /* what nobody may miss */
	BLOCK_ITEM,   /* a heading within a section */
	BLOCK_LABEL,  /* what the block below is */
	BLOCK_BULLET,
	BLOCK_FIELD,  /* with a label */
	BLOCK_FIGURE, /* idem: a number of the summary */
	BLOCK_COUNT,
};

/* Blocks with the same group stand in one pair of brackets. */
struct sheet_block {
	const char *open, *close; /* of the group, or NULL */
	const char *before, *after;
	const char *label_end; /* what closes the label that stands after before */
};

struct sheet_head {
	const char *subject; /* foreign: for the title */
	const char *tone;    /* ours: a class for the whole page */
	bool rehearsal;
};

struct sheet;

struct sheet_form {
	void (*begin)(struct sheet *s, const struct sheet_head *head);
	void (*end)(struct sheet *s);
	void (*text)(struct buf *out, const char *foreign);
	void (*mono)(struct buf *out, const char *foreign);
	/* Several lines as they are, each escaped: a document, a command. */
	void (*code)(struct buf *out, const char *foreign, bool command);
	void (*section)(struct sheet *s, const char *id, const char *title);
	const char *marks[MARK_COUNT][2];
	struct sheet_block blocks[BLOCK_COUNT];
	const char *card_open[MARK_COUNT], *card_close;
	const char *table_open, *head_before, *head_after, *head_end, *head_rule, *body_open;
	const char *table_close;
	const char *row_open, *row_close;
	const char *cell_open, *cell_label_end, *cell_close;
};

extern const struct sheet_form sheet_markdown, sheet_html;

struct sheet {
	struct buf *out;
	const struct sheet_form *form;
	struct buf line;		 /* inline pieces that no block has taken yet */
	const struct sheet_block *group; /* the open one, or NULL */
	const char *const *columns;	 /* of the open table; closed by NULL */
	size_t column;
	bool rehearsal, in_section;
};

void sheet_begin(struct sheet *s, const struct sheet_form *form, struct buf *out,
		 const struct sheet_head *head);
void sheet_end(struct sheet *s);
/* title: ours. A rehearsal says so in each. */
void sheet_section(struct sheet *s, const char *id, const char *title);

void sheet_add(struct sheet *s, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* A name, an id, a value: in a fixed-width face. */
void sheet_mono(struct sheet *s, const char *foreign);
void sheet_mark(struct sheet *s, enum mark mark, const char *words);

void sheet_block(struct sheet *s, enum block block, const char *label);
void sheet_code(struct sheet *s, const char *foreign);
void sheet_command(struct sheet *s, const char *foreign);
/* What belongs together. */
void sheet_card(struct sheet *s, enum mark mark);
void sheet_card_end(struct sheet *s);

/* columns: closed by NULL, kept until the end. A row has as many cells. */
void sheet_table(struct sheet *s, const char *const *columns);
void sheet_cell(struct sheet *s);
void sheet_table_end(struct sheet *s);

/* For the forms: calls line(out, text, length) for each line of text. */
void sheet_lines(struct buf *out, const char *text,
		 void (*line)(struct buf *out, const char *text));

#endif
