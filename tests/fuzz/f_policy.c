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

/* Whoever is shut out stays out: a second time nobody goes. */
static void shut_out(const json_t *document)
{
	json_auto_t *named = jx_pack("[s]", "arn:aws:iam::444455556666:root");
	json_auto_t *first = json_array();
	json_auto_t *second = json_array();
	json_auto_t *once = policy_shut_out(document, "111122223333", named, first);
	json_auto_t *twice = policy_shut_out(once, "111122223333", named, second);

	if (json_array_size(second) || !json_equal(once, twice))
		abort();
	policy_locked(document);
	json_decref(policy_restorable(document, second));
}

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
		policy_speaks(document, "Allow", "sts:AssumeRole",
			      "arn:aws:iam::111122223333:role/x", true);
		policy_speaks(document, "Deny", "s3:GetObject", NULL, false);
		policy_is_cutoff(document);
		policy_is_quarantine(document);
		json_decref(policy_denied_actions(document));
		shut_out(document);
		policy_trusts(document, "arn:aws:iam::111122223333:user/a", "111122223333");
		json_decref(policy_trusted(document));
	}
	identity_parse(text, &id, &err);
	policy_glob(text, text, true);
	free(text);
	return 0;
}
