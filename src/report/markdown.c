// SPDX-License-Identifier: Apache-2.0
/* The form for tickets and repositories: Markdown as GitHub and CommonMark read it. */
#include "sheet.h"

#include "cordon/text.h"

#include <string.h>

enum { TEXT_MAX = 1 << 22 };

/* Where it would begin a link by itself, a colon or a full stop is escaped too. */
static bool begins_link(const char *text, size_t i)
{
	if (text[i] == ':')
		return text[i + 1] == '/';
	return text[i] == '.' && i >= 3 && memcmp(text + i - 3, "www", 3) == 0;
}

static void markdown_text(struct buf *out, const char *foreign)
{
	autobuf struct buf harmless = BUF_INIT(TEXT_MAX);

	text_escape(&harmless, foreign);
	out->failed |= harmless.failed;
	const char *text = buf_text(&harmless);
	for (size_t i = 0; text[i]; i++) {
		if (strchr("\\`*_[]<>#|~&$@", text[i]) || begins_link(text, i))
			buf_add(out, "\\");
		buf_add_bytes(out, text + i, 1);
	}
}

/* The longest run of backticks: a fence must be longer. */
static size_t longest_run(const char *text)
{
	size_t longest = 0;
	size_t run = 0;

	for (; *text; text++) {
		run = *text == '`' ? run + 1 : 0;
		longest = run > longest ? run : longest;
	}
	return longest;
}

static void put_fence(struct buf *out, size_t length)
{
	for (size_t i = 0; i < length; i++)
		buf_add(out, "`");
}

/* A table would take a bar in it as the end of the cell. */
static void markdown_mono(struct buf *out, const char *foreign)
{
	autobuf struct buf text = BUF_INIT(TEXT_MAX);

	text_escape(&text, foreign);
	size_t run = longest_run(buf_text(&text));
	const char *pad = run || strchr(buf_text(&text), ' ') ? " " : "";
	if (strchr(foreign, '|') || text.length == 0) {
		markdown_text(out, foreign);
		return;
	}
	out->failed |= text.failed;
	put_fence(out, run + 1);
	buf_add(out, pad);
	buf_add(out, buf_text(&text));
	buf_add(out, pad);
	put_fence(out, run + 1);
}

static void code_line(struct buf *out, const char *text)
{
	text_escape(out, text);
	buf_add(out, "\n");
}

static void markdown_code(struct buf *out, const char *foreign, bool command)
{
	size_t fence = longest_run(foreign) + 1;

	if (fence < 3)
		fence = 3;
	put_fence(out, fence);
	buf_add(out, "\n");
	/* A command is one line, or what stands behind a newline would be run when it is pasted. */
	if (command)
		code_line(out, foreign);
	else
		sheet_lines(out, foreign, code_line);
	put_fence(out, fence);
	buf_add(out, "\n\n");
}

static void markdown_begin(struct sheet *s, const struct sheet_head *head)
{
	buf_add(s->out, head->rehearsal ? "# Rehearsal of a containment: " : "# Containment: ");
	markdown_mono(s->out, head->subject);
	buf_add(s->out, "\n\n");
}

static void markdown_end(struct sheet *s)
{
	if (s->rehearsal)
		buf_add(s->out, "\n*End of the report of a rehearsal: nothing was sent to AWS.*\n");
}

static void markdown_section(struct sheet *s, const char *id, const char *title)
{
	(void)id;
	buf_add(s->out, "## ");
	buf_add(s->out, title);
	buf_add(s->out, s->rehearsal ? " (rehearsal)\n\n" : "\n\n");
}

const struct sheet_form sheet_markdown = {
	.begin = markdown_begin,
	.end = markdown_end,
	.text = markdown_text,
	.mono = markdown_mono,
	.code = markdown_code,
	.section = markdown_section,
	.marks = {[MARK_PLAIN] = {"**", "**"},
		  [MARK_GOOD] = {"**", "**"},
		  [MARK_BAD] = {"**", "**"},
		  [MARK_CARE] = {"**", "**"},
		  [MARK_QUIET] = {"**", "**"},
		  [MARK_ASIDE] = {"", ""}},
	.blocks = {[BLOCK_PARAGRAPH] = {.after = "\n\n"},
		   [BLOCK_LEAD] = {.after = "\n\n"},
		   [BLOCK_NOTE] = {.after = "\n\n"},
		   [BLOCK_BANNER] = {.before = "> ", .after = "\n\n"},
		   [BLOCK_ITEM] = {.before = "### ", .after = "\n\n"},
		   [BLOCK_LABEL] = {.before = "", .after = ":\n\n"},
		   [BLOCK_BULLET] = {.open = "", .before = "- ", .after = "\n", .close = "\n"},
		   [BLOCK_FIELD] = {.open = "",
				    .before = "- **",
				    .label_end = ":** ",
				    .after = "\n",
				    .close = "\n"},
		   [BLOCK_FIGURE] = {.open = "",
				     .before = "- **",
				     .label_end = ":** ",
				     .after = "\n",
				     .close = "\n"}},
	.head_before = "| ",
	.head_after = " ",
	.head_end = "|\n",
	.head_rule = "|---",
	.body_open = "|\n",
	.cell_open = "| ",
	.cell_close = " ",
	.row_close = "|\n",
	.table_close = "\n",
};
