// SPDX-License-Identifier: Apache-2.0
/* A playbook from a stranger: read, bound and its targets filled in. */
#include "cordon/embedded.h"
#include "cordon/err.h"
#include "cordon/json.h"
#include "cordon/playbook.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* It may use the shipped ones. */
static int find(const struct playbook_library *library, const char *name,
		struct playbook **ret_playbook, struct err *err)
{
	char path[128];

	snprintf(path, sizeof(path), "playbooks/%.64s.json", name);
	const struct embedded_file *file = embedded_find(path);
	if (!file)
		return err_set(err, ERR_NOT_FOUND, "no such playbook");
	return playbook_read(file->bytes, file->length, path, library, ret_playbook, err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct playbook_library library = {.find = find};
	struct err err = ERR_INIT;
	struct playbook *playbook = NULL;
	json_t *parameters = NULL;
	json_auto_t *given = jx_pack("{s:s}", "user", "alice");

	if (playbook_read((const char *)data, size, "playbook", &library, &playbook, &err) == 0 &&
	    playbook_bind(playbook, given, &parameters, &err) == 0)
		json_decref(playbook_targets(playbook, parameters));
	json_decref(parameters);
	playbook_free(playbook);
	return 0;
}
