// SPDX-License-Identifier: Apache-2.0
#include "sheet.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_MAX_BYTES = 1 << 22 };

/* Strings of a form's tables may be absent. */
static void put(struct sheet *s, const char *ours)
{
	buf_add(s->out, ours ? ours : "");
}

static void close_group(struct sheet *s)
{
	if (s->group)
		put(s, s->group->close);
	s->group = NULL;
}

static void take_line(struct sheet *s)
{
	buf_add(s->out, buf_text(&s->line));
	s->out->failed |= s->line.failed;
	buf_release(&s->line);
	s->line = (struct buf)BUF_INIT(LINE_MAX_BYTES);
}

void sheet_begin(struct sheet *s, const struct sheet_form *form, struct buf *out,
		 const struct sheet_head *head)
{
	*s = (struct sheet){.out = out,
			    .form = form,
			    .line = BUF_INIT(LINE_MAX_BYTES),
			    .rehearsal = head->rehearsal};
	form->begin(s, head);
}

void sheet_end(struct sheet *s)
{
	close_group(s);
	s->form->end(s);
	buf_release(&s->line);
}

void sheet_section(struct sheet *s, const char *id, const char *title)
{
	close_group(s);
	s->form->section(s, id, title);
	s->in_section = true;
}

/* One conversion after '%'; what follows it. */
static const char *convert(struct sheet *s, const char *at, va_list *args)
{
	const char *text;

	switch (*at) {
	case 's':
		text = va_arg(*args, const char *);
		s->form->text(&s->line, text ? text : "not known");
		return at + 1;
	case 'z':
		buf_addf(&s->line, "%zu", va_arg(*args, size_t));
		return at + 2;
	case 'l':
		buf_addf(&s->line, "%lld", va_arg(*args, long long));
		return at + 3;
	default:
		buf_add(&s->line, "%");
		return at + 1;
	}
}

void sheet_add(struct sheet *s, const char *format, ...)
{
	const char *at = format;
	va_list args;

	va_start(args, format);
	while (*at) {
		const char *end = strchrnul(at, '%');
		buf_add_bytes(&s->line, at, (size_t)(end - at));
		at = *end ? convert(s, end + 1, &args) : end;
	}
	va_end(args);
}

void sheet_mono(struct sheet *s, const char *foreign)
{
	if (foreign)
		s->form->mono(&s->line, foreign);
	else
		buf_add(&s->line, "not known");
}

void sheet_mark(struct sheet *s, enum mark mark, const char *words)
{
	buf_add(&s->line, s->form->marks[mark][0]);
	buf_add(&s->line, words);
	buf_add(&s->line, s->form->marks[mark][1]);
}

void sheet_block(struct sheet *s, enum block block, const char *label)
{
	const struct sheet_block *form = &s->form->blocks[block];

	if (s->group != form) {
		close_group(s);
		put(s, form->open);
		s->group = form->open ? form : NULL;
	}
	put(s, form->before);
	if (form->label_end) {
		put(s, label);
		put(s, form->label_end);
	}
	take_line(s);
	put(s, form->after);
}

void sheet_code(struct sheet *s, const char *foreign)
{
	close_group(s);
	s->form->code(s->out, foreign, false);
}

void sheet_command(struct sheet *s, const char *foreign)
{
	close_group(s);
	s->form->code(s->out, foreign, true);
}

void sheet_card(struct sheet *s, enum mark mark)
{
	close_group(s);
	put(s, s->form->card_open[mark]);
}

void sheet_card_end(struct sheet *s)
{
	close_group(s);
	put(s, s->form->card_close);
}

void sheet_table(struct sheet *s, const char *const *columns)
{
	close_group(s);
	s->columns = columns;
	s->column = 0;
	put(s, s->form->table_open);
	for (size_t i = 0; columns[i]; i++) {
		put(s, s->form->head_before);
		put(s, columns[i]);
		put(s, s->form->head_after);
	}
	put(s, s->form->head_end);
	for (size_t i = 0; columns[i] && s->form->head_rule; i++)
		put(s, s->form->head_rule);
	put(s, s->form->body_open);
}

void sheet_cell(struct sheet *s)
{
	if (s->column == 0)
		put(s, s->form->row_open);
	put(s, s->form->cell_open);
	if (s->form->cell_label_end) {
		put(s, s->columns[s->column]);
		put(s, s->form->cell_label_end);
	}
	take_line(s);
	put(s, s->form->cell_close);
	s->column++;
	if (s->columns[s->column])
		return;
	put(s, s->form->row_close);
	s->column = 0;
}

void sheet_table_end(struct sheet *s)
{
	put(s, s->form->table_close);
	s->columns = NULL;
}

void sheet_lines(struct buf *out, const char *text, void (*line)(struct buf *out, const char *text))
{
	while (*text) {
		const char *end = strchrnul(text, '\n');
		char *copy = strndup(text, (size_t)(end - text));
		if (!copy)
			abort();
		line(out, copy);
		free(copy);
		text = *end ? end + 1 : end;
	}
}
