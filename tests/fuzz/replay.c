// SPDX-License-Identifier: Apache-2.0
/*
 * Feeds every file of a corpus folder, whole and cut short, to a fuzz target: what a fuzzer once
 * found stays tested where there is no fuzzer. Usage: replay FOLDER
 */
#include "cordon/buf.h"
#include "cordon/err.h"
#include "cordon/file.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { INPUT_MAX = 1024 * 1024 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

/* An allocation of the exact size: reading beyond it is what a sanitizer sees. */
static void feed(const char *bytes, size_t length)
{
	uint8_t *copy = malloc(length ? length : 1);

	if (!copy)
		abort();
	if (length)
		memcpy(copy, bytes, length);
	LLVMFuzzerTestOneInput(copy, length);
	free(copy);
}

/* The whole input, then cut short at places spread over it: truncated replies are common. */
static int replay(const char *folder, const char *name, struct err *err)
{
	autobuf struct buf path = BUF_INIT(4096);
	autobuf struct buf input = BUF_INIT(INPUT_MAX);

	buf_addf(&path, "%s/%s", folder, name);
	if (file_read(buf_text(&path), &input, err))
		return -1;
	feed(buf_text(&input), input.length);
	size_t step = input.length / 64 + 1;
	for (size_t length = 0; length < input.length; length += step)
		feed(buf_text(&input), length);
	return 0;
}

int main(int argc, char **argv)
{
	struct err err = ERR_INIT;
	char **names = NULL;
	size_t count = 0;

	if (argc != 2) {
		fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
		return 2;
	}
	if (file_list(argv[1], &names, &count, &err)) {
		fprintf(stderr, "%s\n", err.message);
		return 1;
	}
	int status = count == 0;
	for (size_t i = 0; i < count && status == 0; i++) {
		if (replay(argv[1], names[i], &err)) {
			fprintf(stderr, "%s\n", err.message);
			status = 1;
		}
	}
	file_list_free(names, count);
	printf("%s: %zu inputs replayed\n", argv[1], count);
	return status;
}
