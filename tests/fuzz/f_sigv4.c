// SPDX-License-Identifier: Apache-2.0
/*
 * Lines: method, path, query, headers "name:value" up to an empty line; the body is the rest.
 */
#include "cordon/sigv4.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { HEADERS_MAX = 8, OUT_MAX = 4 * 1024 * 1024 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void must(bool good)
{
	if (!good)
		abort();
}

static char *take_line(char **at)
{
	char *line = *at;
	size_t length = strcspn(line, "\n");

	*at += length;
	if (**at)
		*(*at)++ = '\0';
	return line;
}

static size_t take_headers(char **at, struct sigv4_header *ret_headers)
{
	size_t count = 0;

	for (char *line = take_line(at); *line && count < HEADERS_MAX; line = take_line(at)) {
		char *colon = strchr(line, ':');

		ret_headers[count].name = line;
		ret_headers[count].value = colon ? colon + 1 : "";
		if (colon)
			*colon = '\0';
		count++;
	}
	return count;
}

/* What was made canonical stays as it is. */
static void check_again(const struct sigv4_request *request, const struct buf *canonical)
{
	autobuf struct buf again = BUF_INIT(OUT_MAX);
	autobuf struct buf names = BUF_INIT(OUT_MAX);
	struct sigv4_request same = *request;
	const char *path = strchr(buf_text(canonical), '\n') + 1;
	const char *query = strchr(path, '\n') + 1;
	char *copy = strndup(query, strcspn(query, "\n"));

	must(copy != NULL);
	same.query = copy;
	sigv4_canonical(&same, &again, &names);
	must(strcmp(buf_text(&again), buf_text(canonical)) == 0);
	free(copy);
}

static void check(const struct sigv4_request *request)
{
	struct sigv4_scope scope = {1440938160, "us-east-1", "iam"};
	struct secret key = {0};
	struct sigv4_result result;
	autobuf struct buf canonical = BUF_INIT(OUT_MAX);
	autobuf struct buf names = BUF_INIT(OUT_MAX);

	sigv4_canonical(request, &canonical, &names);
	if (canonical.failed)
		return;
	if (!strchr(request->method, '\n') && !request->raw_path)
		check_again(request, &canonical);
	secret_set(&key, "secret", 6);
	if (sigv4_sign(request, &scope, "AKIDEXAMPLE", &key, NULL, &result) == 0) {
		must(strlen(result.date) == 16 && result.authorization.length > 64);
		buf_release(&result.authorization);
	}
	secret_release(&key);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct sigv4_header headers[HEADERS_MAX];
	char *text = malloc(length + 1);

	must(text != NULL);
	if (length)
		memcpy(text, bytes, length);
	text[length] = '\0';
	char *at = text;
	struct sigv4_request request = {.headers = headers};
	request.method = take_line(&at);
	request.path = take_line(&at);
	request.query = take_line(&at);
	request.raw_path = strchr(request.method, '*') != NULL;
	request.header_count = take_headers(&at, headers);
	request.body = at;
	request.body_length = strlen(at);
	check(&request);
	free(text);
	return 0;
}
