// SPDX-License-Identifier: Apache-2.0
#include "remains.h"

#include "cordon/json.h"
#include "cordon/text.h"

#include <stddef.h>

/* In the order of time; later is to now. */
static const struct view {
	const char *name, *words;
	bool session;
	time_t later;
} views[] = {
	{"key", "long-term key", false, 0},
	{"session_now", "session issued now", true, 0},
	{"session_later", "session issued later", true, REMAINS_LATER},
};

enum { VIEWS = sizeof(views) / sizeof(views[0]) };

const char *remains_view(size_t i)
{
	return i < VIEWS ? views[i].name : NULL;
}

const char *remains_words(const char *view)
{
	for (size_t i = 0; i < VIEWS; i++) {
		if (text_equal(views[i].name, view))
			return views[i].words;
	}
	return NULL;
}

/* The same policies say the same to every credential, unless something in them tells these apart.
 */
static bool is_settled(const struct reach *reach, const json_t *counts)
{
	return !reach_by_session(reach) || json_is_true(json_object_get(counts, "unconditional"));
}

json_t *remains_of(const struct remains_query *query)
{
	bool keyless = query->kind == PRINCIPAL_ROLE || query->session;
	json_t *out = json_object();
	const json_t *settled = NULL;

	for (size_t i = 0; i < VIEWS; i++) {
		const struct reach_query asked = {.account = query->account,
						  .kind = query->kind,
						  .name = query->name,
						  .session_name = query->session,
						  .session = views[i].session,
						  .issued = query->now + views[i].later,
						  .now = query->now,
						  .shipped = query->shipped};
		if (keyless && !views[i].session)
			continue;
		struct reach *reach = settled ? NULL : reach_new(&asked);
		if (!settled && !reach) {
			json_decref(out);
			return NULL;
		}
		json_t *counts = settled	? jx_copy(settled)
				 : query->paths ? reach_summary(reach, query->actions)
						: reach_counts(reach, query->actions);
		jx_set(out, views[i].name, counts);
		if (reach && !json_object_get(out, "unread")) {
			jx_set(out, "unread", jx_copy(reach_unread(reach)));
			jx_set(out, "assumed", jx_copy(reach_assumed(reach)));
		}
		if (reach && is_settled(reach, counts))
			settled = counts;
		reach_free(reach);
	}
	return out;
}

bool remains_nothing(const json_t *remains)
{
	for (size_t i = 0; i < VIEWS; i++) {
		const json_t *counts = json_object_get(remains, views[i].name);
		if (counts &&
		    json_integer_value(json_object_get(counts, "explicit_deny")) +
				    json_integer_value(json_object_get(counts, "undeniable")) !=
			    json_integer_value(json_object_get(counts, "known")))
			return false;
	}
	return remains != NULL;
}
