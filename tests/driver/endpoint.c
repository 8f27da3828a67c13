// SPDX-License-Identifier: Apache-2.0
/*
 * {"service","region","url","fips","dualstack"} to the endpoint's members, or {"error"}.
 */
#include "cordon/endpoint.h"

#include "driver.h"

static json_t *answer(const json_t *line)
{
	struct endpoint_request request = {
		.service = jx_text(line, "service"),
		.region = jx_text(line, "region"),
		.url = jx_text(line, "url"),
		.fips = json_is_true(json_object_get(line, "fips")),
		.dualstack = json_is_true(json_object_get(line, "dualstack")),
	};
	struct endpoint e;
	struct err err = ERR_INIT;

	if (endpoint_resolve(&request, &e, &err))
		return driver_error(&err);
	return jx_pack("{s:s, s:s, s:s, s:s, s:s, s:b}", "url", e.url, "host", e.host, "path",
		       e.path, "signing_region", e.signing_region, "partition", e.partition,
		       "custom", e.custom);
}

int main(void)
{
	return driver_run(answer);
}
