// SPDX-License-Identifier: Apache-2.0
/* An account from a stranger: what its principals can do, and its policies side by side. */
#include "cordon/reach.h"

#include "cordon/err.h"
#include "cordon/json.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char actions[] =
	"s3:GetObject\tRead\t*\niam:PassRole\tWrite\t*\nsts:AssumeRole\tWrite\t*\n"
	"iam:CreateUser\tWrite\t*\nec2:DescribeInstances\tList\t\n";

static long long number(const json_t *document, const char *key)
{
	return json_integer_value(json_object_get(document, key));
}

static json_t *document_of(const json_t *account, enum principal_kind kind, const char *name,
			   bool undenied)
{
	const struct reach_query query = {.account = account,
					  .kind = kind,
					  .name = name,
					  .session = true,
					  .issued = 1795161600,
					  .now = 1795161600,
					  .undenied = undenied};
	const struct reach_options options = {.actions = actions,
					      .actions_length = sizeof(actions) - 1,
					      .actions_name = "list",
					      .all = true};
	struct reach *reach = reach_new(&query);
	struct err err = ERR_INIT;
	json_t *document = reach ? reach_document(reach, &options, &err) : NULL;

	if (reach && !document)
		abort();
	reach_free(reach);
	return document;
}

/* Every action has one decision, and without the denies there is never less. */
static void look(const json_t *account, enum principal_kind kind)
{
	const json_t *list = account_entries(account, kind);

	for (size_t i = 0; i < json_array_size(list) && i < 3; i++) {
		const char *name = account_name(json_array_get(list, i), kind);
		json_auto_t *with = name ? document_of(account, kind, name, false) : NULL;
		json_auto_t *without = name ? document_of(account, kind, name, true) : NULL;
		if (!with || !without)
			continue;
		if (number(with, "allowed") + number(with, "explicit_deny") +
			    number(with, "implicit_deny") !=
		    number(with, "known"))
			abort();
		if (number(without, "allowed") < number(with, "allowed"))
			abort();
	}
}

/* Whom a trust policy does not let in cannot assume the role, whatever his own policies say. */
static void trusts(const json_t *account, const char *user)
{
	const struct reach_query query = {.account = account,
					  .kind = PRINCIPAL_USER,
					  .name = user,
					  .now = 1795161600,
					  .undenied = true,
					  .saved = account,
					  .shipped = true};
	const json_t *roles = account_entries(account, PRINCIPAL_ROLE);
	struct reach *reach = reach_new(&query);

	for (size_t i = 0; reach && i < json_array_size(roles) && i < 5; i++) {
		const json_t *role = json_array_get(roles, i);
		struct reach_answer answer;
		if (!account_arn(role))
			continue;
		reach_may_assume(reach, role, &answer);
		if (reach_trusts(reach, role) == REACH_TRUST_NONE &&
		    answer.may.effect == EFFECT_ALLOW)
			abort();
	}
	reach_free(reach);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err err = ERR_INIT;
	json_t *account = NULL;

	if (account_read((const char *)data, size, "fuzz", &account, &err))
		return 0;
	look(account, PRINCIPAL_USER);
	look(account, PRINCIPAL_ROLE);
	const json_t *users = account_entries(account, PRINCIPAL_USER);
	for (size_t i = 0; i < json_array_size(users) && i < 3; i++) {
		const char *name = account_name(json_array_get(users, i), PRINCIPAL_USER);
		if (name)
			trusts(account, name);
	}
	json_decref(account);
	return 0;
}
