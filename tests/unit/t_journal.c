// SPDX-License-Identifier: Apache-2.0
#include "cordon/journal.h"

#include "cordon/hash.h"
#include "fixture.h"

#define NOW 1784024100 /* 2026-07-14T10:15:00Z */
#define FORMAT "\"format\":\"cordon-journal/1\""

/* Three lines as a run writes them; the caller frees. */
static char *three_lines(void)
{
	struct journal journal = {0};
	char *lines[3] = {
		journal_line(&journal, NOW, "begin", js("{'run':'r','case':null}")),
		journal_line(&journal, NOW + 1, "intent", js("{'operation':'o1\\n'}")),
		journal_line(&journal, NOW + 2, "end", NULL),
	};
	char *whole = NULL;

	if (asprintf(&whole, "%s%s%s", lines[0], lines[1], lines[2]) < 0)
		abort();
	for (size_t i = 0; i < 3; i++)
		free(lines[i]);
	return whole;
}

static void test_write(void)
{
	struct journal journal = {0};
	char hex[HASH_HEX_SIZE];
	char *line = journal_line(&journal, NOW, "begin", js("{'run':'r'}"));

	STR_EQ(line,
	       "{" FORMAT ",\"seq\":1,\"prev\":null,\"at\":\"2026-07-14T10:15:00Z\",\"event\":"
	       "\"begin\",\"run\":\"r\"}\n",
	       "the first line");
	INT_EQ(journal.next, 2, "the next one's number");
	hash_sha256_hex(line, strlen(line) - 1, hex);
	STR_EQ(journal.last, hex, "the hash is of the line without its newline");
	char *second = journal_line(&journal, NOW, "note", js("{'text':'a\\nb'}"));
	HAS(second, hex, "the second holds the hash of the first");
	INT_EQ(strcspn(second, "\n"), strlen(second) - 1, "a newline within stays one line");
	free(second);
	free(line);
}

static void test_read(void)
{
	char *text = three_lines();
	struct journal journal = {0};
	struct err err = ERR_INIT;
	json_t *lines = NULL;
	size_t torn = 9;

	INT_EQ(journal_read(text, strlen(text), "j", &lines, &journal, &torn, &err), 0,
	       "what was written is read: %s", err.message);
	INT_EQ(json_array_size(lines), 3, "every line");
	INT_EQ(torn, 0, "none is torn");
	STR_EQ(jx_text(json_array_get(lines, 1), "operation"), "o1\n", "with its fields");
	INT_EQ(journal.next, 4, "and can be gone on with");
	char *more = journal_line(&journal, NOW + 3, "more", NULL);
	char *whole = NULL;
	if (asprintf(&whole, "%s%s", text, more) < 0)
		abort();
	json_decref(lines);
	INT_EQ(journal_read(whole, strlen(whole), "j", &lines, &journal, &torn, &err), 0,
	       "a journal that was gone on with is read: %s", err.message);
	INT_EQ(json_array_size(lines), 4, "every line of it");
	json_decref(lines);
	free(whole);
	free(more);
	free(text);
}

/* Cut anywhere, what is whole is read, and no more. */
static void test_torn(void)
{
	char *text = three_lines();
	size_t length = strlen(text);
	size_t wrong = 0;

	for (size_t cut = 0; cut <= length; cut++) {
		struct journal journal = {0};
		struct err err = ERR_INIT;
		json_t *lines = NULL;
		size_t torn = 9;
		size_t whole = 0;

		for (size_t i = 0; i < cut; i++)
			whole += text[i] == '\n';
		bool clean = cut == 0 || text[cut - 1] == '\n';
		if (journal_read(text, cut, "j", &lines, &journal, &torn, &err) ||
		    json_array_size(lines) != whole || torn != !clean ||
		    journal.next != (long)whole + 1)
			wrong++;
		json_decref(lines);
	}
	INT_EQ(wrong, 0, "cut at each of %zu places", length);
	free(text);
}

/* No byte of a line can be changed without notice, but for one of the last line. */
static void test_changed(void)
{
	char *text = three_lines();
	size_t last = strlen(text) - 1;
	size_t unnoticed = 0;

	while (text[last - 1] != '\n')
		last--;
	for (size_t i = 0; i < last; i++) {
		struct journal journal = {0};
		struct err err = ERR_INIT;
		json_t *lines = NULL;
		size_t torn = 0;

		text[i] ^= 1;
		if (journal_read(text, strlen(text), "j", &lines, &journal, &torn, &err) == 0) {
			unnoticed++;
			json_decref(lines);
		} else if (err.code != ERR_INPUT || !begins(err.message, "j:")) {
			if (!begins(err.message, "line "))
				unnoticed++;
		}
		text[i] ^= 1;
	}
	INT_EQ(unnoticed, 0, "each of %zu bytes changed", last);
	free(text);
}

#define AT "\"at\":\"2026-07-14T10:15:00Z\",\"event\":\"x\""
#define FIRST "{" FORMAT ",\"seq\":1,\"prev\":null," AT "}\n"

static void test_refused(void)
{
	static const struct {
		const char *name, *input, *want;
	} rows[] = {
		{"no JSON", "x\n", "line 1: j:1:"},
		{"an empty line", FIRST "\n", "line 2: j:"},
		{"a list", "[]\n", "line 1: format is not"},
		{"no format", "{\"seq\":1,\"prev\":null," AT "}\n", "line 1: format is not"},
		{"a newer format",
		 "{\"format\":\"cordon-journal/2\",\"seq\":1,\"prev\":null," AT "}\n",
		 "of a newer cordon than this one"},
		{"seq from 0", "{" FORMAT ",\"seq\":0,\"prev\":null," AT "}\n",
		 "line 1: seq is not 1"},
		{"seq from 2", "{" FORMAT ",\"seq\":2,\"prev\":null," AT "}\n",
		 "line 1: seq is not 1"},
		{"seq as a text", "{" FORMAT ",\"seq\":\"1\",\"prev\":null," AT "}\n",
		 "line 1: seq is not 1"},
		{"the first with a prev", "{" FORMAT ",\"seq\":1,\"prev\":\"00\"," AT "}\n",
		 "line 1: prev is not the hash"},
		{"the second without", FIRST "{" FORMAT ",\"seq\":2,\"prev\":null," AT "}\n",
		 "line 2: prev is not the hash"},
		{"the second with another",
		 FIRST "{" FORMAT ",\"seq\":2,\"prev\":"
		       "\"0000000000000000000000000000000000000000000000000000000000000000\"," AT
		       "}\n",
		 "line 2: prev is not the hash"},
		{"the first again", FIRST FIRST, "line 2: seq is not 2"},
		{"no event", "{" FORMAT ",\"seq\":1,\"prev\":null,\"at\":\"x\"}\n",
		 "line 1: no event or no time"},
		{"no time", "{" FORMAT ",\"seq\":1,\"prev\":null,\"event\":\"x\"}\n",
		 "line 1: no event or no time"},
		{"a key twice", "{" FORMAT ",\"seq\":1,\"seq\":1,\"prev\":null," AT "}\n",
		 "duplicate object key"},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct journal journal = {.next = 77};
		struct err err = ERR_INIT;
		json_t *lines = NULL;
		size_t torn = 0;

		INT_EQ(journal_read(rows[i].input, strlen(rows[i].input), "j", &lines, &journal,
				    &torn, &err),
		       -1, "%s: refused", rows[i].name);
		INT_EQ(err.code, ERR_INPUT, "%s: code", rows[i].name);
		HAS(err.message, rows[i].want, "%s: message", rows[i].name);
		OK(!lines && journal.next == 77, "%s: nothing is given", rows[i].name);
	}
	/* Its own length first: a line that is too long is not even parsed. */
	enum { LONG = JOURNAL_MAX_LINE + 1 };
	char *text = malloc(LONG + 1);
	struct journal journal;
	struct err err = ERR_INIT;
	json_t *lines = NULL;
	size_t torn = 0;
	memset(text, ' ', LONG);
	text[LONG] = '\n';
	INT_EQ(journal_read(text, LONG + 1, "j", &lines, &journal, &torn, &err), -1,
	       "a long line: refused");
	HAS(err.message, "line 1 is too long", "a long line: message");
	free(text);
}

int main(void)
{
	test_write();
	test_read();
	test_torn();
	test_changed();
	test_refused();
	return tap_done();
}
