// SPDX-License-Identifier: Apache-2.0
/* The form for people: one file with its style in it, no script, nothing fetched. */
#include "sheet.h"

#include "cordon/embedded.h"
#include "cordon/hash.h"
#include "cordon/text.h"

#include <string.h>

enum { TEXT_MAX = 1 << 22, BASE64_SIZE = (HASH_SIZE + 2) / 3 * 4 + 1 };

static void html_text(struct buf *out, const char *foreign)
{
	static const struct {
		char c;
		const char *entity;
	} entities[] = {
		{'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'"', "&quot;"}, {'\'', "&#39;"}};
	autobuf struct buf harmless = BUF_INIT(TEXT_MAX);

	text_escape(&harmless, foreign);
	out->failed |= harmless.failed;
	for (const char *at = buf_text(&harmless); *at; at++) {
		size_t i = 0;
		while (i < sizeof(entities) / sizeof(entities[0]) && entities[i].c != *at)
			i++;
		if (i < sizeof(entities) / sizeof(entities[0]))
			buf_add(out, entities[i].entity);
		else
			buf_add_bytes(out, at, 1);
	}
}

static void html_mono(struct buf *out, const char *foreign)
{
	buf_add(out, "<code>");
	html_text(out, foreign);
	buf_add(out, "</code>");
}

static void code_line(struct buf *out, const char *text)
{
	html_text(out, text);
	buf_add(out, "\n");
}

static void html_code(struct buf *out, const char *foreign, bool command)
{
	buf_add(out, command ? "<pre class=\"command\">" : "<pre>");
	/* A command is one line, or what stands behind a newline would be run when it is pasted. */
	if (command)
		code_line(out, foreign);
	else
		sheet_lines(out, foreign, code_line);
	buf_add(out, "</pre>\n");
}

/* Of a hash, for the policy that allows this one style and nothing else. */
static void base64(const unsigned char hash[static HASH_SIZE], char ret_text[static BASE64_SIZE])
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	char *out = ret_text;

	for (size_t i = 0; i < HASH_SIZE; i += 3) {
		unsigned bits = (unsigned)hash[i] << 16;
		bits |= i + 1 < HASH_SIZE ? (unsigned)hash[i + 1] << 8 : 0;
		bits |= i + 2 < HASH_SIZE ? hash[i + 2] : 0;
		*out++ = digits[bits >> 18 & 63];
		*out++ = digits[bits >> 12 & 63];
		*out++ = i + 1 < HASH_SIZE ? digits[bits >> 6 & 63] : '=';
		*out++ = i + 2 < HASH_SIZE ? digits[bits & 63] : '=';
	}
	*out = '\0';
}

static void put_style(struct buf *out)
{
	const struct embedded_file *css = embedded_find("src/report/report.css");
	unsigned char hash[HASH_SIZE];
	char text[BASE64_SIZE];

	hash_sha256(css->bytes, css->length, hash);
	base64(hash, text);
	buf_addf(out,
		 "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
		 "style-src 'sha256-%s'; base-uri 'none'; form-action 'none'\">\n<style>",
		 text);
	buf_add_bytes(out, css->bytes, css->length);
	buf_add(out, "</style>\n");
}

static void html_begin(struct sheet *s, const struct sheet_head *head)
{
	const char *kind = head->rehearsal ? "Rehearsal of a containment" : "Containment report";

	buf_add(s->out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
	put_style(s->out);
	buf_add(s->out, "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
			"<meta name=\"referrer\" content=\"no-referrer\">\n<title>");
	buf_addf(s->out, "%s: ", kind);
	html_text(s->out, head->subject);
	buf_addf(s->out,
		 "</title>\n</head>\n<body class=\"tone-%s\">\n<main>\n<header>\n"
		 "<p class=\"kind\">%s</p>\n<h1>",
		 head->tone, kind);
	html_text(s->out, head->subject);
	buf_add(s->out, "</h1>\n</header>\n");
}

static void html_end(struct sheet *s)
{
	if (s->in_section)
		buf_add(s->out, "</section>\n");
	if (s->rehearsal)
		buf_add(s->out, "<footer>End of the report of a rehearsal: nothing was sent to AWS."
				"</footer>\n");
	buf_add(s->out, "</main>\n</body>\n</html>\n");
}

static void html_section(struct sheet *s, const char *id, const char *title)
{
	if (s->in_section)
		buf_add(s->out, "</section>\n");
	buf_addf(s->out, "<section id=\"%s\">\n<h2>%s%s</h2>\n", id, title,
		 s->rehearsal ? " <small>rehearsal</small>" : "");
}

#define MARK(name)                                    \
	{                                             \
		"<b class=\"mark " name "\">", "</b>" \
	}

const struct sheet_form sheet_html = {
	.begin = html_begin,
	.end = html_end,
	.text = html_text,
	.mono = html_mono,
	.code = html_code,
	.section = html_section,
	.marks = {[MARK_PLAIN] = MARK("plain"),
		  [MARK_GOOD] = MARK("good"),
		  [MARK_BAD] = MARK("bad"),
		  [MARK_CARE] = MARK("care"),
		  [MARK_QUIET] = MARK("quiet"),
		  [MARK_ASIDE] = {"<span class=\"aside\">", "</span>"}},
	.blocks = {[BLOCK_PARAGRAPH] = {.before = "<p>", .after = "</p>\n"},
		   [BLOCK_LEAD] = {.before = "<p class=\"lead\">", .after = "</p>\n"},
		   [BLOCK_NOTE] = {.before = "<p class=\"note\">", .after = "</p>\n"},
		   [BLOCK_BANNER] = {.before = "<p class=\"banner\">", .after = "</p>\n"},
		   [BLOCK_ITEM] = {.before = "<h3>", .after = "</h3>\n"},
		   [BLOCK_LABEL] = {.before = "<p class=\"label\">", .after = "</p>\n"},
		   [BLOCK_BULLET] = {.open = "<ul>\n",
				     .before = "<li>",
				     .after = "</li>\n",
				     .close = "</ul>\n"},
		   [BLOCK_FIELD] = {.open = "<dl>\n",
				    .before = "<div><dt>",
				    .label_end = "</dt><dd>",
				    .after = "</dd></div>\n",
				    .close = "</dl>\n"},
		   [BLOCK_FIGURE] = {.open = "<dl class=\"figures\">\n",
				     .before = "<div><dt>",
				     .label_end = "</dt><dd>",
				     .after = "</dd></div>\n",
				     .close = "</dl>\n"}},
	.card_open = {[MARK_PLAIN] = "<article>\n",
		      [MARK_GOOD] = "<article class=\"good\">\n",
		      [MARK_BAD] = "<article class=\"bad\">\n",
		      [MARK_CARE] = "<article class=\"care\">\n",
		      [MARK_QUIET] = "<article class=\"quiet\">\n",
		      [MARK_ASIDE] = "<article>\n"},
	.card_close = "</article>\n",
	.table_open = "<table>\n<thead><tr>",
	.head_before = "<th scope=\"col\">",
	.head_after = "</th>",
	.head_end = "</tr></thead>\n",
	.body_open = "<tbody>\n",
	.row_open = "<tr>",
	.row_close = "</tr>\n",
	.cell_open = "<td data-label=\"",
	.cell_label_end = "\">",
	.cell_close = "</td>",
	.table_close = "</tbody>\n</table>\n",
};
