// SPDX-License-Identifier: Apache-2.0
/* A playbook from a stranger: read, bound and its targets filled in. */
#include "cordon/err.h"
#include "cordon/json.h"
#include "cordon/playbook.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err err = ERR_INIT;
	struct playbook *playbook = NULL;
	json_t *parameters = NULL;
	json_auto_t *given = jx_pack("{s:s}", "user", "alice");

	if (playbook_read((const char *)data, size, "playbook", NULL, &playbook, &err) == 0 &&
	    playbook_bind(playbook, given, &parameters, &err) == 0)
		json_decref(playbook_targets(playbook, parameters));
	json_decref(parameters);
	playbook_free(playbook);
	return 0;
}
