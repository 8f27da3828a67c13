// SPDX-License-Identifier: Apache-2.0
/* A plan file from a stranger. */
#include "cordon/err.h"
#include "cordon/json.h"
#include "cordon/plan.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err err = ERR_INIT;
	json_t *plan = NULL;

	if (plan_read((const char *)data, size, "plan", &plan, &err) == 0) {
		json_auto_t *differences = plan_differences(plan, plan, NULL);
		if (json_array_size(differences))
			__builtin_trap();
		json_decref(plan);
	}
	return 0;
}
