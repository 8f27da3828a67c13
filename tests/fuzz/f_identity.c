// SPDX-License-Identifier: Apache-2.0
/* What a responder types or an alert names: refused with a reason, or taken apart within bounds. */
#include "cordon/err.h"
#include "cordon/identity.h"
#include "cordon/policy.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool good)
{
	if (!good)
		abort();
}

static bool same(const struct identity *a, const struct identity *b)
{
	return a->kind == b->kind && strcmp(a->account, b->account) == 0 &&
	       strcmp(a->name, b->name) == 0 && strcmp(a->session, b->session) == 0;
}

/* A name means the same with its kind before it. */
static void read_again(const struct identity *id)
{
	struct err err = ERR_INIT;
	struct identity again;
	char text[160];

	if (id->kind != IDENTITY_USER && id->kind != IDENTITY_ROLE)
		return;
	snprintf(text, sizeof(text), "%s/%s", identity_kind_name(id->kind), id->name);
	must(identity_parse(text, &again, &err) == 0);
	memcpy(again.account, id->account, sizeof(again.account));
	must(same(id, &again));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	struct identity id = {.what = ""};
	struct err err = ERR_INIT;
	char account[13] = "";
	struct arn arn;

	must(text != NULL);
	if (size)
		memcpy(text, data, size);
	text[size] = '\0';
	must(!identity_account(text, account) || identity_account_ok(account));
	must(arn_parse(text, &arn) || *arn.resource);
	if (identity_parse(text, &id, &err)) {
		must(err.code == ERR_USAGE && *err.message);
	} else {
		must(err.code == ERR_NONE && *id.what && *identity_kind_name(id.kind));
		must(!*id.name || identity_name_ok(id.name, 128));
		must(!*id.account || identity_account_ok(id.account));
		must(!*id.session || identity_session_ok(id.session));
		must(!*id.path || id.path[0] == '/');
		read_again(&id);
	}
	free(text);
	return 0;
}
