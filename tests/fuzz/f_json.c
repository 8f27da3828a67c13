// SPDX-License-Identifier: Apache-2.0
#include "cordon/err.h"
#include "cordon/json.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void must(bool good)
{
	if (!good)
		abort();
}

/* What was read can be written and read again, and is the same. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct err err = ERR_INIT;
	json_auto_t *v = jx_read((const char *)bytes, length, "fuzz", &err);

	if (!v) {
		must(err.code == ERR_INPUT && strncmp(err.message, "fuzz:", 5) == 0);
		return 0;
	}
	char *compact = jx_compact(v);
	json_auto_t *again = jx_read(compact, strlen(compact), "fuzz", &err);
	must(again && json_equal(v, again));
	free(compact);

	char one[HASH_HEX_SIZE];
	char two[HASH_HEX_SIZE];
	jx_digest(v, one);
	jx_digest(again, two);
	must(strcmp(one, two) == 0);
	return 0;
}
