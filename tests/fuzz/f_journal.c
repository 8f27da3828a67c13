// SPDX-License-Identifier: Apache-2.0
/* A journal from a stranger: what is read is a chain. */
#include "cordon/err.h"
#include "cordon/journal.h"
#include "cordon/json.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err err = ERR_INIT;
	struct journal journal;
	json_t *lines = NULL;
	size_t torn = 0;

	if (journal_read((const char *)data, size, "journal", &lines, &journal, &torn, &err) == 0) {
		if ((long)json_array_size(lines) + 1 != journal.next)
			__builtin_trap();
		json_decref(lines);
	}
	return 0;
}
