// SPDX-License-Identifier: Apache-2.0
/* What the ARNs look like that an action can be about, by its name. */
#include "internal.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_NAME = 128 };

struct typed_action {
	const char *action; /* in lower case */
	struct resource_form form;
};

struct arn_services {
	const char *service;
	const char *services; /* NULL: itself */
};

/* Both in the order of strcmp(). */
static const struct typed_action typed[] = {
#include "arn-types.inc"
};

static const struct arn_services known[] = {
#include "arn-services.inc"
};

static int by_action(const void *key, const void *row)
{
	return strcmp(key, ((const struct typed_action *)row)->action);
}

static int by_service(const void *key, const void *row)
{
	return strcmp(key, ((const struct arn_services *)row)->service);
}

bool reach_form(const char *action, struct resource_form *ret_form)
{
	char name[MAX_NAME];
	size_t length = 0;

	for (; length < sizeof(name) - 1 && action[length]; length++)
		name[length] = (char)tolower((unsigned char)action[length]);
	name[length] = '\0';
	const struct typed_action *one = bsearch(name, typed, sizeof(typed) / sizeof(typed[0]),
						 sizeof(typed[0]), by_action);
	if (one) {
		*ret_form = one->form;
		return true;
	}
	name[strcspn(name, ":")] = '\0';
	const struct arn_services *found = bsearch(name, known, sizeof(known) / sizeof(known[0]),
						   sizeof(known[0]), by_service);
	if (!found)
		return false;
	*ret_form = (struct resource_form){.services = found->services ? found->services
								       : found->service};
	return true;
}
