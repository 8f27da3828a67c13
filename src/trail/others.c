// SPDX-License-Identifier: Apache-2.0
/* Roles are shared: whoever else was seen on one loses it with the intruder. */
#include "cordon/json.h"
#include "cordon/text.h"
#include "graph.h"

#include <string.h>

struct other {
	const char *arn; /* or key id */
	time_t last;
};

/* The newest ones, each once. */
static void keep(struct other *list, size_t *count, const char *arn, time_t last)
{
	size_t at = 0;

	while (at < *count && list[at].arn != arn)
		at++;
	if (at < *count && list[at].last >= last)
		return;
	if (at == *count) {
		if (*count < OTHERS_MOST)
			(*count)++;
		else if (list[--at].last >= last)
			return;
	}
	for (; at > 0 && (list[at - 1].last < last ||
			  (list[at - 1].last == last && strcmp(list[at - 1].arn, arn) > 0));
	     at--)
		list[at] = list[at - 1];
	list[at] = (struct other){.arn = arn, .last = last};
}

static bool is_on_role(const struct session *s, const struct target *t)
{
	return s->uses && s->direct && s->arn && s->issuer && text_equal(s->type, "AssumedRole") &&
	       (!t->account || s->account == t->account) &&
	       text_equal(store_name(s->issuer), t->name);
}

json_t *others_of(const struct graph *g, const struct target *target)
{
	bool session = text_equal(target->kind, "session") && target->arn &&
		       strstr(target->arn, ":assumed-role/");
	struct other list[OTHERS_MOST];
	size_t count = 0;

	if (!target->name || (!session && !text_equal(target->kind, "role")))
		return NULL;
	for (uint32_t n = 0; n < g->t->session_count; n++) {
		const struct session *s = &g->t->sessions[n];
		if (!g->marks[n].on && is_on_role(s, target) && s->arn != target->arn)
			keep(list, &count, s->arn, s->last);
	}
	json_t *out = jx_pack("[]");
	for (size_t i = 0; i < count; i++)
		jx_push(out, jx_string(list[i].arn));
	return out;
}

/* A deny by the session's name knows no better. */
json_t *same_name_of(const struct graph *g, const struct target *target)
{
	struct other list[OTHERS_MOST];
	size_t count = 0;

	if (!target->arn || !text_equal(target->kind, "session"))
		return NULL;
	for (uint32_t n = 0; n < g->t->session_count; n++) {
		const struct session *s = &g->t->sessions[n];
		if (!g->marks[n].on && s->uses && s->direct && s->key && s->arn == target->arn)
			keep(list, &count, s->key, s->last);
	}
	json_t *out = jx_pack("[]");
	for (size_t i = 0; i < count; i++)
		jx_push(out, jx_string(list[i].arn));
	return out;
}
