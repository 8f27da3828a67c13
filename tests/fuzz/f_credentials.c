// SPDX-License-Identifier: Apache-2.0
/* Credentials as a service or a program gives them, and the command line of such a program. */
#include "../../src/aws/credentials_read.h"
#include "../../src/aws/words.h"
#include "cordon/err.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void must(bool good)
{
	if (!good)
		abort();
}

static const struct credentials_form forms[] = {
	{"AccessKeyId", "SecretAccessKey", "Token", "Expiration", .whole = true},
	{"AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration", .whole = false},
	{"accessKeyId", "secretAccessKey", "sessionToken", "expiration", .whole = true,
	 .milliseconds = true},
};

/* What is taken can be sent in a header. */
static void read_all(const json_t *object)
{
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		struct credentials c = {.expires = 0};
		struct err err = ERR_INIT;

		if (credentials_read(&forms[i], object, "here", &c, &err)) {
			must(err.code == ERR_CREDENTIALS && err.message[0] && !c.secret_key.bytes);
			continue;
		}
		must(c.access_key_id[0] && credentials_printable(c.access_key_id));
		must(c.secret_key.length && credentials_printable(c.secret_key.bytes));
		must(!forms[i].whole || c.token.length);
		must(!c.token.bytes || credentials_printable(c.token.bytes));
		credentials_release(&c);
	}
}

/* Words and the NULs between them fit into what the line needs. */
static void split(const char *line, size_t length)
{
	char *text = calloc(length + 1, 1);
	if (text && length)
		memcpy(text, line, length);
	char *room = text ? malloc(strlen(text) + 2) : NULL;

	must(text && room);
	char *end = room + strlen(text) + 2;
	char *word = room;
	const char *at = text;
	bool broken = false;
	while (words_take(&at, word, &broken)) {
		must(!broken);
		word += strlen(word) + 1;
		must(word < end);
	}
	must(broken || !*at);
	free(room);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	const char *text = (const char *)bytes;
	struct err err = ERR_INIT;

	json_t *object = credentials_json(text, length, "here", &err);
	must(object ? json_is_object(object) : err.code == ERR_CREDENTIALS);
	read_all(object);
	json_decref(object);
	split(text, length);
	return 0;
}
