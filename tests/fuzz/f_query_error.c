// SPDX-License-Identifier: Apache-2.0
#include "cordon/buf.h"
#include "cordon/err.h"
#include "cordon/query.h"
#include "cordon/text.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void must(bool good)
{
	if (!good)
		abort();
}

/* Without AWS's code, the excerpt in the message is harmless already. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	static const int statuses[] = {301, 400, 403, 404, 409, 429, 500, 503};

	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
		struct err err = ERR_INIT;

		must(query_error(statuses[i], NULL, (const char *)bytes, length, &err) == -1);
		must(err.code != ERR_NONE && err.message[0]);
		if (err.aws_code[0])
			continue;
		autobuf struct buf shown = BUF_INIT(8192);
		text_escape(&shown, err.message);
		must(strcmp(buf_text(&shown), err.message) == 0);
	}
	return 0;
}
