// SPDX-License-Identifier: Apache-2.0
/*
 * {"text","values":[[section,key,subkey or null]],"names":[[kind,name]]} to {"values":[value or
 * null],"names":[section or null]}, or {"error"}.
 */
#include "cordon/ini.h"

#include "driver.h"

static json_t *find_values(const struct ini *ini, const json_t *questions)
{
	json_t *out = jx_pack("[]");

	for (size_t i = 0; i < json_array_size(questions); i++) {
		const json_t *q = json_array_get(questions, i);
		const char *section = json_string_value(json_array_get(q, 0));
		const char *key = json_string_value(json_array_get(q, 1));
		const char *subkey = json_string_value(json_array_get(q, 2));
		const char *value = NULL;

		if (ini_has_section(ini, section))
			value = ini_value(ini, section, key, subkey);
		jx_push(out, jx_string(value));
	}
	return out;
}

static json_t *find_names(const struct ini *ini, const json_t *questions)
{
	json_t *out = jx_pack("[]");

	for (size_t i = 0; i < json_array_size(questions); i++) {
		const json_t *q = json_array_get(questions, i);
		const char *kind = json_string_value(json_array_get(q, 0));
		const char *name = json_string_value(json_array_get(q, 1));

		jx_push(out, jx_string(ini_named_section(ini, kind, name)));
	}
	return out;
}

static json_t *answer(const json_t *line)
{
	const json_t *text = json_object_get(line, "text");
	struct ini *ini = NULL;
	struct err err = ERR_INIT;

	if (ini_parse(json_string_value(text), json_string_length(text), "file", &ini, &err))
		return driver_error(&err);
	json_t *out = jx_pack("{s:o, s:o}", "values",
			      find_values(ini, json_object_get(line, "values")), "names",
			      find_names(ini, json_object_get(line, "names")));
	ini_free(ini);
	return out;
}

int main(void)
{
	return driver_run(answer);
}
