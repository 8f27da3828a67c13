// SPDX-License-Identifier: Apache-2.0
#include "cordon/err.h"
#include "cordon/json.h"
#include "cordon/query.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void must(bool good)
{
	if (!good)
		abort();
}

/* A reply of JSON 1.1: what is taken is what the table says, and can be written down. */
static void decode(const char *body, size_t length)
{
	struct err err = ERR_INIT;
	json_t *reply = NULL;
	char *marker = NULL;
	char id[128];
	json_t *event;
	size_t i;

	if (query_decode(operation_find("LookupEvents"), body, length, NULL, &reply, &marker, id,
			 &err)) {
		must(err.code == ERR_PROTOCOL && err.message[0] && !reply);
		return;
	}
	must(json_is_object(reply) && json_object_size(reply) <= 2 && !marker);
	json_array_foreach (json_object_get(reply, "Events"), i, event)
		must(json_is_object(event) && json_object_size(event) <= 2);
	free(jx_compact(reply));
	json_decref(reply);
}

/* The input is a reply, and a code that a header may hold. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	char type[128] = "";
	struct err err = ERR_INIT;

	decode((const char *)bytes, length);
	memcpy(type, bytes, length < sizeof(type) - 1 ? length : sizeof(type) - 1);
	must(query_error(400, type, (const char *)bytes, length, &err) == -1);
	must(err.code != ERR_NONE && err.message[0]);
	return 0;
}
