// SPDX-License-Identifier: Apache-2.0
/* The record of a run whose every value a stranger chose: the reports hold, and what is foreign
 * stays text. */
#include "cordon/buf.h"
#include "cordon/err.h"
#include "cordon/json.h"
#include "cordon/report.h"

#include <stdint.h>
#include <string.h>

enum { REPORT_MAX = 16 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_bytes(const char *text)
{
	for (; *text; text++) {
		if (((unsigned char)*text < 0x20 && *text != '\n') || *text == 0x7f)
			__builtin_trap();
	}
}

/* Every '<' begins a tag of ours. */
static void check_tags(const char *html)
{
	static const char tags[] = " !DOCTYPE html head meta style title body main header section "
				   "article footer h1 h2 h3 p small b span code pre ul li dl div "
				   "dt dd table thead tbody tr th td ";
	char want[32];

	for (const char *at = strchr(html, '<'); at; at = strchr(at + 1, '<')) {
		const char *name = at + 1 + (at[1] == '/');
		size_t length = strcspn(name, " >");
		if (length == 0 || length > 20)
			__builtin_trap();
		want[0] = ' ';
		memcpy(want + 1, name, length);
		memcpy(want + 1 + length, " ", 2);
		if (!strstr(tags, want))
			__builtin_trap();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct report_style style = {.width = 0};
	autobuf struct buf markdown = BUF_INIT(REPORT_MAX);
	autobuf struct buf html = BUF_INIT(REPORT_MAX);
	struct err err = ERR_INIT;
	json_auto_t *run = jx_read((const char *)data, size, "run", &err);
	json_t *facts = NULL;

	if (!run || report_facts(run, &facts, &err))
		return 0;
	report_markdown(&markdown, facts, &style);
	report_html(&html, facts, &style);
	json_decref(facts);
	check_bytes(buf_text(&markdown));
	check_bytes(buf_text(&html));
	check_tags(buf_text(&html));
	return 0;
}
