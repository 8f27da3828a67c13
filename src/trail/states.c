// SPDX-License-Identifier: Apache-2.0
/* What was made and is still there at the end of the log. Events carry whole seconds and files no
 * order, so the latest time counts; within one second nobody knows. */
#include "cordon/text.h"
#include "graph.h"

#include <stdlib.h>
#include <string.h>

static size_t room_of(const struct graph *g)
{
	size_t room = 64;

	while (room < g->t->deed_count * 2)
		room *= 2;
	return room;
}

/* What has an id of its own is the same wherever it is named. */
static bool has_own_id(const char *what)
{
	static const char *const kinds[] = {"access-key", "mfa-device", "service-credential",
					    "ssh-key", "signing-certificate"};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (text_equal(what, kinds[i]))
			return true;
	}
	return false;
}

static bool is_state(const struct state *s, const struct state *want)
{
	return s->id == want->id && s->owner == want->owner && s->account == want->account &&
	       text_equal(s->what, want->what);
}

static uint32_t *slot(const struct graph *g, const struct state *want)
{
	size_t room = room_of(g);
	size_t at = ((uintptr_t)want->id ^ (uintptr_t)want->owner * 31) * 0x9e3779b97f4a7c15u >> 20;

	for (at %= room; g->state_index[at] != NOTHING; at = (at + 1) % room) {
		if (is_state(&g->states[g->state_index[at]], want))
			break;
	}
	return &g->state_index[at];
}

static struct state wanted(const char *what, const char *id, const char *owner, const char *account)
{
	bool own = has_own_id(what);

	return (struct state){.what = what,
			      .id = id,
			      .owner = own ? NULL : owner,
			      .account = own ? NULL : account};
}

const struct state *states_find(const struct graph *g, const char *what, const char *id,
				const char *owner, const char *account)
{
	struct state want = wanted(what, id, owner, account);
	uint32_t at = id ? *slot(g, &want) : NOTHING;

	return at == NOTHING ? NULL : &g->states[at];
}

static void later(time_t *to, time_t at)
{
	if (at > *to)
		*to = at;
}

static void add(struct state *s, enum deed_kind kind, time_t at)
{
	switch (kind) {
	case DEED_MADE:
		s->made_count++;
		later(&s->made, at);
		break;
	case DEED_REMOVED:
		s->removed_count++;
		later(&s->removed, at);
		break;
	case DEED_ON:
		later(&s->on, at);
		break;
	case DEED_OFF:
		later(&s->off, at);
		break;
	case DEED_ISSUED:
	case DEED_SIGN_IN:
	default:
		break;
	}
}

void states_build(struct graph *g)
{
	size_t room = room_of(g);

	g->states = calloc(g->t->deed_count + 1, sizeof(*g->states));
	g->state_index = malloc(room * sizeof(*g->state_index));
	if (!g->states || !g->state_index)
		abort();
	memset(g->state_index, 0xff, room * sizeof(*g->state_index));
	for (size_t i = 0; i < g->t->deed_count; i++) {
		const struct deed *d = &g->t->deeds[i];
		const struct event *e = &g->t->events[d->event];
		if (!d->id || d->kind == DEED_ISSUED || d->kind == DEED_SIGN_IN)
			continue;
		struct state want = wanted(d->row->what, d->id, d->owner, e->account);
		uint32_t *at = slot(g, &want);
		if (*at == NOTHING) {
			*at = (uint32_t)g->state_count;
			g->states[g->state_count++] = want;
		}
		add(&g->states[*at], d->kind, e->at);
	}
}

/* An id that AWS gives, and once only: what removed it came last. */
static bool is_once(const struct state *s)
{
	return has_own_id(s->what) && !text_equal(s->what, "mfa-device");
}

bool states_gone(const struct state *s)
{
	if (!s || !s->removed_count)
		return false;
	return s->removed > s->made || (s->removed == s->made && (!s->made_count || is_once(s)));
}

bool states_unsure(const struct state *s)
{
	return s && s->removed_count && s->made_count && s->removed == s->made && !is_once(s);
}
