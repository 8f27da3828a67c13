// SPDX-License-Identifier: Apache-2.0
/* AWS's own policies, as they are shipped with the program. */
#include "cordon/embedded.h"
#include "cordon/json.h"
#include "cordon/reach.h"
#include "cordon/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Both are compiled into the program. */
static json_t *read_embedded(const char *path)
{
	const struct embedded_file *file = embedded_find(path);
	json_t *value = file ? jx_read_lenient(file->bytes, file->length) : NULL;

	if (!value)
		abort();
	return value;
}

json_t *reach_shipped_index(void)
{
	return read_embedded("playbooks/policies/aws.json");
}

json_t *reach_shipped_policy(const char *name, const char *version, json_t **ret_row)
{
	json_auto_t *index = reach_shipped_index();
	char path[256];
	json_t *row;
	size_t i;

	json_array_foreach (json_object_get(index, "policies"), i, row) {
		const char *own = jx_text(row, "version");
		bool fits = version ? text_equal(own, version)
				    : json_is_true(json_object_get(row, "newest"));
		if (!fits || !text_equal(jx_text(row, "name"), name))
			continue;
		snprintf(path, sizeof(path), "playbooks/policies/aws/%.128s@%.32s.json", name, own);
		if (ret_row)
			*ret_row = json_incref(row);
		return read_embedded(path);
	}
	return NULL;
}
