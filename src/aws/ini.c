// SPDX-License-Identifier: Apache-2.0
#include "cordon/ini.h"

#include "cordon/buf.h"
#include "cordon/err.h"
#include "cordon/secret.h"
#include "cordon/text.h"
#include "words.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static const char inherited[] = "DEFAULT";

struct section {
	const char *name;
	size_t line;
};

struct entry {
	const char *section;
	const char *key;
	const char *subkey; /* NULL for the key itself */
	const char *value;  /* NULL where it is nested */
	size_t order;
};

/* All text is in one block, which the file's own size bounds, so that it can be wiped as one. */
struct ini {
	char *text;
	size_t text_used, text_size;
	struct section *sections; /* as in the file */
	size_t section_count;
	struct entry *entries; /* sorted by section, key, subkey, order */
	size_t entry_count;
};

struct parser {
	struct ini *ini;
	const char *name;
	size_t line;
	const char *section; /* NULL before the first */
	const char *key;     /* the value in the making is its, or NULL */
	struct buf value;
	size_t indent;
	struct err *err;
};

struct slice {
	const char *bytes;
	size_t length;
};

#define autoini __attribute__((cleanup(free_ini)))
#define autotext __attribute__((cleanup(free_text)))
#define autosections __attribute__((cleanup(free_sections)))

static void free_ini(struct ini **ini)
{
	ini_free(*ini);
}

static void free_text(char **text)
{
	free(*text);
}

static void free_sections(struct section **sections)
{
	free(*sections);
}

static int fail(const struct parser *p, const char *what)
{
	return err_set(p->err, ERR_INPUT, "%s:%zu: %s", p->name, p->line, what);
}

/* What Python's strip() and split() take for white space. */
static bool is_space(uint32_t c)
{
	return (c >= 0x09 && c <= 0x0d) || (c >= 0x1c && c <= 0x20) || c == 0x85 || c == 0xa0 ||
	       c == 0x1680 || (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 ||
	       c == 0x202f || c == 0x205f || c == 0x3000;
}

/* Takes white space off the front; how many characters, not bytes, that was. */
static size_t skip_space(struct slice *s)
{
	size_t count = 0;
	uint32_t c = 0;

	for (;; count++) {
		size_t n = text_utf8(s->bytes, s->length, &c);

		if (n == 0 || !is_space(c))
			return count;
		s->bytes += n;
		s->length -= n;
	}
}

static void trim_end(struct slice *s)
{
	while (s->length) {
		size_t start = s->length - 1;
		uint32_t c = 0;

		while (start && ((unsigned char)s->bytes[start] & 0xc0) == 0x80)
			start--;
		if (!text_utf8(s->bytes + start, s->length - start, &c) || !is_space(c))
			return;
		s->length = start;
	}
}

static struct slice trimmed(const char *bytes, size_t length)
{
	struct slice s = {bytes, length};

	skip_space(&s);
	trim_end(&s);
	return s;
}

static const char *keep(struct ini *ini, struct slice s)
{
	char *copy = ini->text + ini->text_used;

	/* Every stored text and its NUL stand for at least as many bytes of the file. */
	if (ini->text_size - ini->text_used <= s.length)
		abort();
	if (s.length)
		memcpy(copy, s.bytes, s.length);
	copy[s.length] = '\0';
	ini->text_used += s.length + 1;
	return copy;
}

/* Grown at each power of two. */
static void *grown(void *array, size_t count, size_t size)
{
	if (count & (count - 1))
		return array;
	array = reallocarray(array, count ? 2 * count : 1, size);
	if (!array)
		abort();
	return array;
}

static void add_entry(struct parser *p, const char *subkey, const char *value)
{
	struct ini *ini = p->ini;

	ini->entries = grown(ini->entries, ini->entry_count, sizeof(*ini->entries));
	ini->entries[ini->entry_count] = (struct entry){
		.section = p->section,
		.key = p->key,
		.subkey = subkey,
		.value = value,
		.order = ini->entry_count,
	};
	ini->entry_count++;
}

/* The line ends that Python's splitlines() knows and that can stand within a value. */
static bool ends_line(uint32_t c)
{
	return c == '\n' || c == 0x0b || c == 0x0c || (c >= 0x1c && c <= 0x1e) || c == 0x85 ||
	       c == 0x2028 || c == 0x2029;
}

static struct slice take_line(struct slice *rest)
{
	struct slice line = {rest->bytes, 0};

	while (rest->length) {
		uint32_t c = 0;
		size_t n = text_utf8(rest->bytes, rest->length, &c);

		n = n ? n : 1;
		rest->bytes += n;
		rest->length -= n;
		if (ends_line(c))
			return line;
		line.length += n;
	}
	return line;
}

static int add_nested(struct parser *p, struct slice value)
{
	add_entry(p, NULL, NULL);
	while (value.length) {
		struct slice raw = take_line(&value);
		struct slice line = trimmed(raw.bytes, raw.length);
		const char *equals = memchr(line.bytes, '=', line.length);

		if (line.length == 0)
			continue;
		if (!equals)
			return fail(p, "the nested value that ends here has a line without '='");
		size_t length = (size_t)(equals - line.bytes);
		const char *subkey = keep(p->ini, trimmed(line.bytes, length));
		add_entry(p, subkey, keep(p->ini, trimmed(equals + 1, line.length - length - 1)));
	}
	return 0;
}

/* The value in the making is whole. */
static int close_value(struct parser *p)
{
	struct slice value = {buf_text(&p->value), p->value.length};
	int result = 0;

	if (!p->key)
		return 0;
	if (p->value.failed)
		abort(); /* it is never larger than the file */
	trim_end(&value);
	if (value.length && value.bytes[0] == '\n')
		result = add_nested(p, value);
	else
		add_entry(p, NULL, keep(p->ini, value));
	p->key = NULL;
	p->value.length = 0;
	return result;
}

static void add_section(struct parser *p, struct slice name)
{
	struct ini *ini = p->ini;

	p->section = keep(ini, name);
	if (strcmp(p->section, inherited) == 0)
		return;
	ini->sections = grown(ini->sections, ini->section_count, sizeof(*ini->sections));
	ini->sections[ini->section_count++] = (struct section){p->section, p->line};
}

/* "[name] whatever": the name goes up to the last bracket. */
static bool is_header(struct slice line, struct slice *ret_name)
{
	const char *last = memrchr(line.bytes, ']', line.length);

	if (line.bytes[0] != '[' || !last || last < line.bytes + 2)
		return false;
	*ret_name = (struct slice){line.bytes + 1, (size_t)(last - line.bytes) - 1};
	return true;
}

static int open_value(struct parser *p, struct slice line)
{
	size_t at = 0;

	while (at < line.length && line.bytes[at] != '=' && line.bytes[at] != ':')
		at++;
	if (at == line.length)
		return fail(p, "neither a [section] nor key = value");
	struct slice key = trimmed(line.bytes, at);
	struct slice value = trimmed(line.bytes + at + 1, line.length - at - 1);
	if (key.length == 0)
		return fail(p, "nothing before the '='");
	char *copy = p->ini->text + p->ini->text_used;
	p->key = keep(p->ini, key);
	for (; *copy; copy++)
		*copy = *copy >= 'A' && *copy <= 'Z' ? (char)(*copy + ('a' - 'A')) : *copy;
	buf_add_bytes(&p->value, value.bytes, value.length);
	return 0;
}

static int parse_line(struct parser *p, struct slice line)
{
	size_t indent = skip_space(&line);
	struct slice name = {NULL, 0};

	trim_end(&line);
	if (line.length && (line.bytes[0] == '#' || line.bytes[0] == ';'))
		return 0;
	if (p->key && (line.length == 0 || indent > p->indent)) {
		buf_add(&p->value, "\n");
		buf_add_bytes(&p->value, line.bytes, line.length);
		return 0;
	}
	if (line.length == 0)
		return 0;
	if (close_value(p))
		return -1;
	p->indent = indent;
	if (is_header(line, &name)) {
		add_section(p, name);
		return 0;
	}
	if (!p->section)
		return fail(p, "text before the first [section]");
	return open_value(p, line);
}

/* Up to LF, CR or CR LF. */
static struct slice take_raw_line(struct slice *rest)
{
	struct slice line = {rest->bytes, 0};

	while (line.length < rest->length && line.bytes[line.length] != '\n' &&
	       line.bytes[line.length] != '\r')
		line.length++;
	size_t taken = line.length;
	if (taken < rest->length && line.bytes[taken++] == '\r' && taken < rest->length &&
	    line.bytes[taken] == '\n')
		taken++;
	rest->bytes += taken;
	rest->length -= taken;
	return line;
}

static int check_line(const struct parser *p, struct slice line)
{
	uint32_t c = 0;

	if (p->line > INI_MAX_LINES)
		return fail(p, "too many lines");
	while (line.length) {
		size_t n = text_utf8(line.bytes, line.length, &c);

		if (n == 0 || c == 0)
			return fail(p, "not UTF-8 text");
		line.bytes += n;
		line.length -= n;
	}
	return 0;
}

static int parse_lines(struct parser *p, struct slice rest)
{
	if (rest.length >= 3 && memcmp(rest.bytes, "\xef\xbb\xbf", 3) == 0) {
		rest.bytes += 3;
		rest.length -= 3;
	}
	while (rest.length) {
		struct slice line = take_raw_line(&rest);

		p->line++;
		if (check_line(p, line) || parse_line(p, line))
			return -1;
	}
	return close_value(p);
}

static int compare_subkeys(const char *a, const char *b)
{
	if (!a || !b)
		return (a != NULL) - (b != NULL);
	return strcmp(a, b);
}

static int compare_places(const struct entry *a, const struct entry *b)
{
	int order = strcmp(a->section, b->section);

	if (order == 0)
		order = strcmp(a->key, b->key);
	return order ? order : compare_subkeys(a->subkey, b->subkey);
}

static int by_place(const void *a, const void *b)
{
	const struct entry *x = a;
	const struct entry *y = b;
	int order = compare_places(x, y);

	return order ? order : (x->order > y->order) - (x->order < y->order);
}

static int by_name(const void *a, const void *b)
{
	const struct section *x = a;
	const struct section *y = b;
	int order = strcmp(x->name, y->name);

	return order ? order : (x->line > y->line) - (x->line < y->line);
}

/* Section names are shown: they hold no secrets, while a misplaced line may. */
static int refuse_same_sections(const struct parser *p)
{
	size_t count = p->ini->section_count;

	if (!count)
		return 0;
	autosections struct section *sorted = calloc(count, sizeof(*sorted));
	if (!sorted)
		abort();
	memcpy(sorted, p->ini->sections, count * sizeof(*sorted));
	qsort(sorted, count, sizeof(*sorted), by_name);
	for (size_t i = 1; i < count; i++) {
		if (strcmp(sorted[i].name, sorted[i - 1].name) == 0)
			return err_set(p->err, ERR_INPUT,
				       "%s:%zu: section '%s' is there already, in line %zu",
				       p->name, sorted[i].line, sorted[i].name, sorted[i - 1].line);
	}
	return 0;
}

static int sort_entries(const struct parser *p)
{
	struct entry *entries = p->ini->entries;

	if (!p->ini->entry_count)
		return 0;
	qsort(entries, p->ini->entry_count, sizeof(*entries), by_place);
	for (size_t i = 1; i < p->ini->entry_count; i++) {
		if (!entries[i].subkey && compare_places(&entries[i], &entries[i - 1]) == 0)
			return err_set(p->err, ERR_INPUT, "%s: '%s' is given twice in section '%s'",
				       p->name, entries[i].key, entries[i].section);
	}
	return 0;
}

static struct ini *new_ini(size_t text_size)
{
	struct ini *ini = calloc(1, sizeof(*ini));
	char *text = secret_calloc(text_size, 1);

	if (!ini || !text)
		abort();
	ini->text = text;
	ini->text_size = text_size;
	return ini;
}

int ini_parse(const char *bytes, size_t length, const char *name, struct ini **ret_ini,
	      struct err *err)
{
	if (length > INI_MAX_BYTES)
		return err_set(err, ERR_INPUT, "%s: larger than %d bytes", name, INI_MAX_BYTES);
	/* The last line may lack the line end that the last NUL stands for. */
	autoini struct ini *ini = new_ini(length + 1);
	struct parser p = {.ini = ini, .name = name, .err = err, .value = BUF_INIT(length)};
	int result = parse_lines(&p, (struct slice){bytes, length});
	buf_release(&p.value);
	if (result || refuse_same_sections(&p) || sort_entries(&p))
		return -1;
	*ret_ini = ini;
	ini = NULL;
	return 0;
}

void ini_free(struct ini *ini)
{
	if (!ini)
		return;
	secret_free(ini->text);
	free(ini->sections);
	free(ini->entries);
	free(ini);
}

/* The last of equals, as the last of equal subkeys counts. */
static const struct entry *find(const struct ini *ini, const char *section, const char *key,
				const char *subkey)
{
	struct entry want = {.section = section, .key = key, .subkey = subkey, .order = SIZE_MAX};
	size_t low = 0;
	size_t high = ini->entry_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (by_place(&ini->entries[middle], &want) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == 0 || compare_places(&ini->entries[low - 1], &want) != 0)
		return NULL;
	return &ini->entries[low - 1];
}

const char *ini_value(const struct ini *ini, const char *section, const char *key,
		      const char *subkey)
{
	const struct entry *entry = find(ini, section, key, NULL);

	if (!entry && ini_has_section(ini, section))
		entry = find(ini, inherited, key, NULL);
	if (entry && subkey)
		entry = find(ini, entry->section, key, subkey);
	return entry ? entry->value : NULL;
}

bool ini_has_section(const struct ini *ini, const char *section)
{
	for (size_t i = 0; i < ini->section_count; i++) {
		if (strcmp(ini->sections[i].name, section) == 0)
			return true;
	}
	return false;
}

/* "profile x", in two words; the first may be longer, as the CLI asks only how it begins. */
static bool section_is(const char *section, const char *kind, const char *name)
{
	if (!text_has_prefix(section, kind))
		return false;
	autotext char *word = malloc(strlen(section) + 1);
	const char *at = section;
	bool broken = false;
	if (!word)
		abort();
	if (!words_take(&at, word, &broken) || !words_take(&at, word, &broken) ||
	    strcmp(word, name) != 0)
		return false;
	return at[strspn(at, " \t\r\n")] == '\0';
}

const char *ini_named_section(const struct ini *ini, const char *kind, const char *name)
{
	bool is_default = strcmp(kind, "profile") == 0 && strcmp(name, "default") == 0;

	for (size_t i = ini->section_count; i-- > 0;) {
		const char *section = ini->sections[i].name;

		if (section_is(section, kind, name) ||
		    (is_default && strcmp(section, "default") == 0))
			return section;
	}
	return NULL;
}
