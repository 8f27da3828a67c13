// SPDX-License-Identifier: Apache-2.0
/* A policy document, and a typed identity, from a stranger. */
#include "cordon/account.h"
#include "cordon/identity.h"
#include "cordon/policy.h"

#include "cordon/err.h"
#include "cordon/json.h"
#include <stdlib.h>

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err err = ERR_INIT;
	char *text = calloc(1, size + 1);
	struct identity id;
	time_t at;

	if (!text)
		return 0;
	memcpy(text, data, size);
	json_auto_t *value = jx_string(text);
	json_auto_t *document = account_document(value);
	if (document) {
		policy_denies_all(document);
		policy_denies_userid(document, "AROAEXAMPLE:s");
		policy_cutoff(document, "AROAEXAMPLE:s", &at);
		policy_stamp(document, &at);
		policy_may_allow(document, "sts:AssumeRole", "arn:aws:iam::111122223333:role/x");
		policy_trusts(document, "arn:aws:iam::111122223333:user/a", "111122223333");
		json_decref(policy_trusted(document));
	}
	identity_parse(text, &id, &err);
	policy_glob(text, text, true);
	free(text);
	return 0;
}
