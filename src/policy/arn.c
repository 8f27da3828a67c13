// SPDX-License-Identifier: Apache-2.0
#include "cordon/policy.h"

#include <string.h>

/* Copies up to the next colon; NULL if there is none or the part does not fit. */
static const char *part(const char *text, char *ret_part, size_t size)
{
	const char *end = strchr(text, ':');

	if (!end || (size_t)(end - text) >= size)
		return NULL;
	memcpy(ret_part, text, (size_t)(end - text));
	ret_part[end - text] = '\0';
	return end + 1;
}

int arn_parse(const char *text, struct arn *ret_arn)
{
	struct arn arn;

	if (!text || strncmp(text, "arn:", 4) != 0)
		return -1;
	const char *rest = text + 4;
	if (!(rest = part(rest, arn.partition, sizeof(arn.partition))) ||
	    !(rest = part(rest, arn.service, sizeof(arn.service))) ||
	    !(rest = part(rest, arn.region, sizeof(arn.region))) ||
	    !(rest = part(rest, arn.account, sizeof(arn.account))))
		return -1;
	if (!*arn.partition || !*arn.service || !*rest)
		return -1;
	arn.resource = rest;
	*ret_arn = arn;
	return 0;
}
