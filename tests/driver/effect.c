// SPDX-License-Identifier: Apache-2.0
/*
 * {"operation","parameters","before":account,"after":account} to {"differences":[..] between what
 * the operation does to before and what was read afterwards,"undo":[..] or null,"state":"done|
 * undone|unknown" in after}, or {"error"}.
 */
#include "cordon/account.h"
#include "cordon/operation.h"

#include "driver.h"

static const char *const states[] = {
	[OPERATION_UNDONE] = "undone", [OPERATION_DONE] = "done", [OPERATION_UNKNOWN] = "unknown"};

static json_t *read_one(const json_t *line, const char *member, struct err *err)
{
	json_t *account = NULL;
	char *text = jx_compact(json_object_get(line, member));

	account_read(text, strlen(text), member, &account, err);
	free(text);
	return account;
}

static json_t *answer(const json_t *line)
{
	const struct operation *op = operation_find(jx_text(line, "operation"));
	const json_t *parameters = json_object_get(line, "parameters");
	struct err err = ERR_INIT;
	json_auto_t *before = read_one(line, "before", &err);
	json_auto_t *after = read_one(line, "after", &err);

	if (!op)
		err_set(&err, ERR_INPUT, "there is no such operation");
	if (!before || !after || !op || operation_check(op, parameters, &err))
		return driver_error(&err);
	json_t *undo = operation_undo(op, before, parameters);
	if (operation_effect(op, before, parameters))
		err_set(&err, ERR_INPUT, "it has no effect on this account");
	if (err.code != ERR_NONE) {
		json_decref(undo);
		return driver_error(&err);
	}
	return jx_pack("{s:o, s:o, s:s}", "differences", account_diff(before, after), "undo",
		       undo ? undo : json_null(), "state",
		       states[operation_state(op, after, parameters)]);
}

int main(void)
{
	return driver_run(answer);
}
