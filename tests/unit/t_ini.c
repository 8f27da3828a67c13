// SPDX-License-Identifier: Apache-2.0
#include "cordon/buf.h"
#include "cordon/err.h"
#include "cordon/ini.h"
#include "tap.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

/* tests/live/test_ini_oracle.py holds thousands of files against botocore; here is what counts. */
static void test_values(void)
{
	static const struct {
		const char *name, *text, *section, *key, *subkey, *want;
	} rows[] = {
		{"plain", "[a]\nk = v\n", "a", "k", NULL, "v"},
		{"no line end", "[a]\nk=v", "a", "k", NULL, "v"},
		{"CR LF", "[a]\r\nk = v\r\nl = w\r\n", "a", "k", NULL, "v"},
		{"CR", "[a]\rk = v\rl = w\r", "a", "l", NULL, "w"},
		{"tabs", "[a]\n\tk\t=\tv\t\n", "a", "k", NULL, "v"},
		{"colon", "[a]\nk: v=w\n", "a", "k", NULL, "v=w"},
		{"equals in the value", "[a]\nk=v=w:x\n", "a", "k", NULL, "v=w:x"},
		{"keys are lower case", "[a]\nAWS_Key = V\n", "a", "aws_key", NULL, "V"},
		{"sections are not", "[A]\nk = v\n", "a", "k", NULL, NULL},
		{"empty value", "[a]\nk =\n", "a", "k", NULL, ""},
		{"another section", "[a]\nk = v\n[b]\nk = w\n", "b", "k", NULL, "w"},
		{"no such key", "[a]\nk = v\n[b]\nl = w\n", "b", "k", NULL, NULL},
		{"byte order mark", "\xef\xbb\xbf[a]\nk = v\n", "a", "k", NULL, "v"},
		{"comments", "# x\n; y\n[a]\n# k = w\nk = v\n;k = x\n", "a", "k", NULL, "v"},
		{"an indented comment", "[a]\n  # k = w\nk = v\n", "a", "k", NULL, "v"},
		{"none after a value", "[a]\nk = v # w ; x\n", "a", "k", NULL, "v # w ; x"},
		{"quotes stay", "[a]\nk = \"v\"\n", "a", "k", NULL, "\"v\""},
		{"no interpolation", "[a]\nk = %(l)s${m}\n", "a", "k", NULL, "%(l)s${m}"},
		{"text after the section", "[a] # b\nk = v\n", "a", "k", NULL, "v"},
		{"up to the last bracket", "[a]b]\nk = v\n", "a]b", "k", NULL, "v"},
		{"blanks in the section stay", "[ a ]\nk = v\n", " a ", "k", NULL, "v"},
		{"continued", "[a]\nk = v\n  w\n\tx\nl = y\n", "a", "k", NULL, "v\nw\nx"},
		{"continued over a comment", "[a]\nk = v\n # c\n w\n", "a", "k", NULL, "v\nw"},
		{"continued over an empty line", "[a]\nk = v\n\n w\n\n", "a", "k", NULL, "v\n\nw"},
		{"an indented first key", "[a]\n  k = v\n  l = w\n", "a", "l", NULL, "w"},
		{"a less indented key", "[a]\n    k = v\n  l = w\n", "a", "l", NULL, "w"},
		{"nested", "[a]\nk =\n  x = 1\n  Y = a=b\nl = 2\n", "a", "k", "x", "1"},
		{"nested keys keep their case", "[a]\nk =\n  x = 1\n  Y = a=b\n", "a", "k", "Y",
		 "a=b"},
		{"what follows is not nested", "[a]\nk =\n  x = 1\nl = 2\n", "a", "l", NULL, "2"},
		{"the last of nested ones", "[a]\nk =\n x = 1\n x = 2\n", "a", "k", "x", "2"},
		{"nested is no text", "[a]\nk =\n  x = 1\n", "a", "k", NULL, NULL},
		{"text is not nested", "[a]\nk = x = 1\n", "a", "k", "x", NULL},
		{"nested past an empty line", "[a]\nk =\n\n  x = 1\n", "a", "k", "x", "1"},
		{"nested, CR LF", "[a]\r\nk =\r\n\tx = 1\r\n", "a", "k", "x", "1"},
		{"inherited", "[DEFAULT]\nk = v\n[a]\nl = w\n", "a", "k", NULL, "v"},
		{"inherited, nested", "[a]\nl = w\n[DEFAULT]\nk =\n x = 1\n", "a", "k", "x", "1"},
		{"own first", "[DEFAULT]\nk = v\n[a]\nk = w\n", "a", "k", NULL, "w"},
		{"own nested value first", "[DEFAULT]\nk =\n x = 1\n[a]\nk =\n y = 2\n", "a", "k",
		 "x", NULL},
		{"not for a section that is not there", "[DEFAULT]\nk = v\n[a]\nl = w\n", "b", "k",
		 NULL, NULL},
		{"control characters stay", "[a]\nk = v\033w\n", "a", "k", NULL, "v\033w"},
		{"UTF-8 white space", "[a]\nk = \xc2\xa0v\xe3\x80\x80\n", "a", "k", NULL, "v"},
		{"empty file", "", "a", "k", NULL, NULL},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct ini *ini = NULL;
		struct err err = ERR_INIT;

		INT_EQ(ini_parse(rows[i].text, strlen(rows[i].text), "f", &ini, &err), 0, "%s: %s",
		       rows[i].name, err.message);
		if (!ini)
			continue;
		STR_EQ(ini_value(ini, rows[i].section, rows[i].key, rows[i].subkey), rows[i].want,
		       "%s", rows[i].name);
		ini_free(ini);
	}
}

static void test_refused(void)
{
	static const struct {
		const char *name, *text;
		size_t length; /* 0: strlen */
		const char *want;
	} rows[] = {
		{"no section", "secret = s\n", 0, "f:1: text before the first [section]"},
		{"no equals", "[a]\nsecret\n", 0, "f:2: neither a [section] nor key = value"},
		{"no key", "[a]\n= secret\n", 0, "f:2: nothing before the '='"},
		{"no bracket", "[a\nk = v\n", 0, "f:1: text before the first [section]"},
		{"empty brackets", "[a]\n[]\n", 0, "f:2: neither a [section] nor key = value"},
		{"twice", "[a]\nk = secret\nK = secret\n", 0,
		 "f: 'k' is given twice in section 'a'"},
		{"section twice", "[a]\n[b]\n[a]\n", 0,
		 "f:3: section 'a' is there already, in line 1"},
		{"nested without equals", "[a]\nk =\n  x = 1\n  secret\nl = 2\n", 0,
		 "f:5: the nested value that ends here has a line without '='"},
		{"NUL", "[a]\nk = v\0w\n", 12, "f:2: not UTF-8 text"},
		{"Latin-1", "[a]\nk = \xe4\n", 0, "f:2: not UTF-8 text"},
		{"cut UTF-8", "[a]\nk = \xe2\x82", 0, "f:2: not UTF-8 text"},
		{"surrogate", "[a]\nk = \xed\xa0\x80\n", 0, "f:2: not UTF-8 text"},
		{"UTF-16", "\xff\xfe[\0a\0]\0", 8, "f:1: not UTF-8 text"},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		size_t length = rows[i].length ? rows[i].length : strlen(rows[i].text);
		struct ini *ini = NULL;
		struct err err = ERR_INIT;

		INT_EQ(ini_parse(rows[i].text, length, "f", &ini, &err), -1, "%s", rows[i].name);
		INT_EQ(err.code, ERR_INPUT, "%s: code", rows[i].name);
		STR_EQ(err.message, rows[i].want, "%s: message", rows[i].name);
		OK(!ini, "%s: nothing is written", rows[i].name);
	}
}

static void test_names(void)
{
	static const struct {
		const char *section, *kind, *name;
		bool want;
	} rows[] = {
		{"profile x", "profile", "x", true},
		{"profile  x ", "profile", "x", true},
		{"profile\tx", "profile", "x", true},
		{"profile 'x'", "profile", "x", true},
		{"profile \"x\"", "profile", "x", true},
		{"profile \"my name\"", "profile", "my name", true},
		{"profile my\\ name", "profile", "my name", true},
		{"profile my' 'name", "profile", "my name", true},
		{"profile my name", "profile", "my", false},
		{"profile \"a\\\"b\\c\"", "profile", "a\"b\\c", true},
		{"profile 'a\\'", "profile", "a\\", true},
		{"profile ''", "profile", "", true},
		{"profile 'x", "profile", "x", false},
		{"profile x\\", "profile", "x", false},
		{"profile", "profile", "x", false},
		{"profile", "profile", "profile", false},
		{"profile profile", "profile", "profile", true},
		{"x", "profile", "x", false},
		{"Profile x", "profile", "x", false},
		{"default", "profile", "default", true},
		{"profile default", "profile", "default", true},
		{"default", "services", "default", false},
		{"services local", "services", "local", true},
		{"sso-session x", "sso-session", "x", true},
		{"sso-session x", "profile", "x", false},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		char text[100];
		struct ini *ini = NULL;
		struct err err = ERR_INIT;

		snprintf(text, sizeof(text), "[%s]\nk = v\n", rows[i].section);
		if (ini_parse(text, strlen(text), "f", &ini, &err))
			continue;
		STR_EQ(ini_named_section(ini, rows[i].kind, rows[i].name),
		       rows[i].want ? rows[i].section : NULL, "[%s] for '%s'", rows[i].section,
		       rows[i].name);
		ini_free(ini);
	}
}

static void test_last_name(void)
{
	static const char text[] = "[profile x]\nk = 1\n[default]\nk = 2\n[profile 'x']\nk = 3\n"
				   "[profile default]\nk = 4\n";
	struct ini *ini = NULL;
	struct err err = ERR_INIT;

	INT_EQ(ini_parse(text, sizeof(text) - 1, "f", &ini, &err), 0, "same names are taken");
	STR_EQ(ini_named_section(ini, "profile", "x"), "profile 'x'", "the last counts");
	STR_EQ(ini_named_section(ini, "profile", "default"), "profile default", "of default too");
	OK(ini_has_section(ini, "default") && !ini_has_section(ini, "x"), "as they stand");
	ini_free(ini);
	ini_free(NULL);
}

static int parse_repeated(const char *head, const char *before, const char *after, size_t count,
			  struct err *err)
{
	autobuf struct buf text = BUF_INIT(4 * INI_MAX_BYTES);
	struct ini *ini = NULL;

	buf_add(&text, head);
	for (size_t i = 0; i < count; i++)
		buf_addf(&text, "%s%zu%s\n", before, i, after);
	int result = ini_parse(buf_text(&text), text.length, "f", &ini, err);
	ini_free(ini);
	return result;
}

static void test_limits(void)
{
	static const char long_comment[] =
		"# 45678901234567890123456789012345678901234567890123456789";
	struct err err = ERR_INIT;

	INT_EQ(parse_repeated("[a]\n", "k", "=", 99999, &err), 0, "many keys: %s", err.message);
	INT_EQ(parse_repeated("", "[", "]", 100000, &err), 0, "many sections: %s", err.message);
	INT_EQ(parse_repeated("[a]\nk =\n", " ", "=", 99998, &err), 0, "many nested keys");
	INT_EQ(parse_repeated("", "#", "", INI_MAX_LINES + 1, &err), -1, "too many lines");
	STR_EQ(err.message, "f:100001: too many lines", "says so");
	INT_EQ(parse_repeated("", long_comment, "", 20000, &err), -1, "too many bytes");
	STR_EQ(err.message, "f: larger than 1048576 bytes", "says so");
}

int main(void)
{
	test_values();
	test_refused();
	test_names();
	test_last_name();
	test_limits();
	return tap_done();
}
