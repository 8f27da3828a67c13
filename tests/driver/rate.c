// SPDX-License-Identifier: Apache-2.0
/*
 * {"start","answers":[[time, throttled]]} to the rate and the bucket's size after each answer:
 * [[fill, most]].
 */
#include "../../src/aws/door.h"

#include "driver.h"

static json_t *answer(const json_t *line)
{
	json_t *out = jx_pack("[]");
	struct rate rate;
	json_t *each;
	size_t i;

	rate_begin(&rate, json_number_value(json_object_get(line, "start")), 16);
	rate.adapts = true;
	json_array_foreach (json_object_get(line, "answers"), i, each) {
		rate_heard(&rate, json_number_value(json_array_get(each, 0)),
			   json_is_true(json_array_get(each, 1)));
		jx_push(out, jx_pack("[f, f]", rate.adaptive.fill, rate.adaptive.most));
	}
	return jx_pack("{s:o}", "rates", out);
}

int main(void)
{
	return driver_run(answer);
}
