// SPDX-License-Identifier: Apache-2.0
/* A row of `cordon evaluate` from a stranger: documents, conditions, ARNs and context. */
#include "cordon/evaluate.h"

#include "cordon/err.h"
#include "cordon/json.h"
#include "cordon/text.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char *decision_of(const json_t *row)
{
	struct err err = ERR_INIT;
	json_t *decision = NULL;

	if (policy_decide(row, &decision, &err))
		return NULL;
	char *text = jx_compact(decision);
	json_decref(decision);
	return text;
}

static bool is_decision(const char *text, const char *want)
{
	json_auto_t *decision = jx_read_lenient(text, strlen(text));

	return text_equal(jx_text(decision, "decision"), want);
}

/* With one more deny of everything nothing is allowed but what nobody can deny. */
static void deny(json_t *row)
{
	jx_set(row, "resource_policy",
	       jx_pack("{s:{s:s, s:s, s:s, s:s}}", "Statement", "Effect", "Deny", "Principal", "*",
		       "Action", "*", "Resource", "*"));
	char *text = decision_of(row);
	if (text && !is_decision(text, "ExplicitDeny") && !strstr(text, "\"AWS\""))
		abort();
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	json_auto_t *row = jx_read_lenient((const char *)data, size);

	if (!row)
		return 0;
	char *first = decision_of(row);
	char *second = decision_of(row);
	if (!first != !second || (first && strcmp(first, second) != 0))
		abort();
	if (first)
		deny(row);
	free(first);
	free(second);
	return 0;
}
