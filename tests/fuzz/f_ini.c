// SPDX-License-Identifier: Apache-2.0
#include "cordon/err.h"
#include "cordon/ini.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void must(bool good)
{
	if (!good)
		abort();
}

static void ask(const struct ini *ini)
{
	static const char *const kinds[] = {"profile", "services", "sso-session"};
	static const char *const names[] = {"default", "x", "a b", ""};
	static const char *const keys[] = {"region", "aws_access_key_id", "iam", "k"};

	for (size_t i = 0; i < 3 * 4; i++) {
		const char *section = ini_named_section(ini, kinds[i % 3], names[i / 3]);

		if (!section)
			continue;
		must(ini_has_section(ini, section));
		for (size_t j = 0; j < 4; j++) {
			const char *value = ini_value(ini, section, keys[j], NULL);
			const char *nested = ini_value(ini, section, keys[j], "endpoint_url");

			must(!value || !nested);
			must(!value || value[0] != '\n');
			must(!nested || !strchr(nested, '\n'));
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct ini *ini = NULL;
	struct err err = ERR_INIT;

	if (ini_parse((const char *)bytes, length, "file", &ini, &err)) {
		must(!ini && err.code == ERR_INPUT && err.message[0]);
		return 0;
	}
	ask(ini);
	ini_free(ini);
	return 0;
}
