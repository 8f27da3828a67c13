// SPDX-License-Identifier: Apache-2.0
#include "graph.h"

#include "cordon/json.h"
#include "cordon/text.h"

#include <stdlib.h>
#include <string.h>

enum { HOPS_MOST = 64 };

static void *or_die(void *p)
{
	if (!p)
		abort();
	return p;
}

static struct session *session_at(const struct graph *g, uint32_t n)
{
	return &g->t->sessions[n];
}

/* Keys that were handed out and never used become sessions while the graph grows. */
static void make_marks(struct graph *g)
{
	size_t room = g->t->session_room;

	if (g->mark_room >= room)
		return;
	g->marks = or_die(reallocarray(g->marks, room + 1, sizeof(*g->marks)));
	g->queue = or_die(reallocarray(g->queue, room + 1, sizeof(*g->queue)));
	g->issued_by = or_die(reallocarray(g->issued_by, room + 1, sizeof(*g->issued_by)));
	memset(g->marks + g->mark_room, 0, (room + 1 - g->mark_room) * sizeof(*g->marks));
	memset(g->issued_by + g->mark_room, 0xff,
	       (room + 1 - g->mark_room) * sizeof(*g->issued_by));
	g->mark_room = room;
}

static struct mark *reach(struct graph *g, uint32_t n, const char *linked_by, const char *why,
			  const char *why_id, uint32_t event, uint32_t from)
{
	if (n == NOTHING)
		return NULL;
	make_marks(g);
	struct mark *mark = &g->marks[n];
	if (mark->on)
		return mark;
	*mark = (struct mark){.on = true,
			      .doubted = g->doubting,
			      .linked_by = linked_by,
			      .why = why,
			      .why_id = why_id,
			      .event = event,
			      .from = from};
	g->queue[g->queue_count++] = n;
	return mark;
}

bool graph_removed(const struct graph *g, const struct artefact *a)
{
	const struct deed *d = &g->t->deeds[a->deed];
	const char *account = g->t->events[d->event].account;
	const struct state *owner = NULL;

	if (states_gone(a->state))
		return true;
	/* With a user or role goes what it holds. */
	if (d->owner && d->row->owner_kind)
		owner = states_find(g, d->row->owner_kind, d->owner, d->owner, account);
	return owner && states_gone(owner) && owner->removed >= a->state->made;
}

static void add_artefact(struct graph *g, uint32_t deed, const char *made_by)
{
	const struct deed *d = &g->t->deeds[deed];

	for (size_t i = g->artefact_count; i-- > 0 && i + 64 > g->artefact_count;) {
		if (g->artefacts[i].deed == deed)
			return;
	}
	if (g->artefact_count == g->artefact_room) {
		g->artefact_room = g->artefact_room ? g->artefact_room * 2 : 64;
		g->artefacts =
			or_die(reallocarray(g->artefacts, g->artefact_room, sizeof(*g->artefacts)));
	}
	g->artefacts[g->artefact_count++] =
		(struct artefact){.deed = deed,
				  .made_by = made_by,
				  .state = states_find(g, d->row->what, d->id, d->owner,
						       g->t->events[d->event].account)};
}

static const char *name_of(const struct session *s)
{
	if (s->key)
		return s->key;
	return s->arn ? s->arn : s->principal;
}

static void whole(struct graph *g, struct target *target, const char *linked_by)
{
	target->linked_by = target->linked_by ? target->linked_by : linked_by;
	g->grew = g->grew || !target->whole;
	if (g->doubting && !target->whole)
		target->firm = false;
	target->whole = true;
}

/* A policy on somebody who is not contained anyway. */
static void add_policy(struct target *target, const struct deed *d)
{
	bool attached = text_equal(d->row->what, "attached-policy");
	json_t **list = attached ? &target->policies : &target->inline_policies;

	if (!*list)
		*list = jx_pack("[]");
	jx_add_unique(*list, d->id);
}

static const char *const by_hand_kinds[] = {"saml-provider", "oidc-provider", "trust-anchor",
					    "rolesanywhere-profile"};

static void made_by_hand(struct graph *g, const struct deed *d, const struct event *e,
			 const char *maker)
{
	for (size_t i = 0; i < sizeof(by_hand_kinds) / sizeof(by_hand_kinds[0]); i++) {
		if (!text_equal(d->row->what, by_hand_kinds[i]))
			continue;
		struct target *target = targets_get(g, by_hand_kinds[i], d->id, e->account);
		target->linked_by = "made";
		target->made = true;
		target->maker = e->session;
		targets_why(target, "%s by %s (event %s)", e->name, maker, e->id ? e->id : "-");
	}
}

/* A key that was never used is known only from here. */
static void made_key(struct graph *g, const struct deed *d, const char *by, uint32_t from)
{
	uint32_t n = store_make_key(g->t, d->id);
	struct mark *mark = reach(g, n, "made", "made by", by, d->event, from);

	if (!mark)
		return;
	mark->made = true;
	mark->maker = from;
	struct session *s = session_at(g, n);
	s->user = s->user ? s->user : d->owner;
	s->account = s->account ? s->account : g->t->events[d->event].account;
}

/* What something that was made means for its owner. */
static void follow_made(struct graph *g, uint32_t deed, const struct session *maker, uint32_t from)
{
	const struct deed *d = &g->t->deeds[deed];
	const struct event *e = &g->t->events[d->event];
	const char *what = d->row->what;
	const char *by = name_of(maker);
	struct target *target = NULL;

	add_artefact(g, deed, by);
	made_by_hand(g, d, e, by);
	if (text_equal(what, "access-key")) {
		made_key(g, d, by, from);
		return;
	}
	if (!d->owner || !d->row->owner_kind)
		return;
	bool made = text_equal(what, "user") || text_equal(what, "role");
	bool password = text_equal(what, "login-profile");
	bool trust = text_equal(what, "trust-policy");
	bool policy = text_has_suffix(what, "-policy") && !trust;
	bool own = maker->user == d->owner && text_equal(maker->type, "IAMUser");
	if (!made && !password && !trust && !(policy && !own))
		return;
	target = targets_get(g, d->row->owner_kind, d->owner, e->account);
	target->maker = target->maker == NOTHING ? e->session : target->maker;
	target->made = target->made || made;
	target->console = target->console || password;
	if (policy)
		add_policy(target, d);
	else if (trust)
		target->playbook = "attacker-made-trust";
	if (made || password)
		whole(g, target, "made");
	target->linked_by = target->linked_by ? target->linked_by : "made";
	targets_why(target, "%s by %s (event %s)", e->name, by, e->id ? e->id : "-");
}

static void follow_origin(struct graph *g, const char *arn, time_t created, const char *why,
			  const char *why_id, uint32_t event, uint32_t from)
{
	for (uint32_t n = store_origin(g->t, arn, created); n != NOTHING;
	     n = session_at(g, n)->next)
		reach(g, n, "creation-time", why, why_id, event, from);
}

static void follow_issued(struct graph *g, const struct deed *d, const char *by, uint32_t from)
{
	const struct event *e = &g->t->events[d->event];
	uint32_t n = store_make_key(g->t, d->id);

	if (n == NOTHING) {
		follow_origin(g, d->owner, e->at, "issued by", by, d->event, from);
		return;
	}
	make_marks(g);
	struct session *s = session_at(g, n);
	if (!s->type && text_equal(d->row->what, "GetSessionToken")) {
		const struct session *maker = session_at(g, from);
		s->type = maker->type;
		s->user = maker->user;
		s->arn = maker->arn;
		s->account = maker->account;
		s->created = e->at;
	}
	if (!s->arn) {
		s->arn = d->owner;
		s->created = e->at;
		s->issuer = s->issuer ? s->issuer : d->role;
		s->account = s->account ? s->account : e->account;
	}
	if (g->issued_by[n] == NOTHING)
		g->issued_by[n] = (uint32_t)(d - g->t->deeds);
	reach(g, n, "key", "issued by", by, d->event, from);
}

static void follow_deed(struct graph *g, uint32_t deed, uint32_t session)
{
	const struct deed d = g->t->deeds[deed];
	const struct session by = *session_at(g, session);

	if (d.kind == DEED_ISSUED)
		follow_issued(g, &g->t->deeds[deed], name_of(&by), session);
	else if (d.kind == DEED_SIGN_IN)
		follow_origin(g, by.arn, g->t->events[d.event].at, "signed in as", name_of(&by),
			      d.event, session);
	else if (d.kind == DEED_MADE)
		follow_made(g, deed, &by, session);
}

static void visit(struct graph *g, uint32_t session)
{
	const struct session *s = session_at(g, session);
	uint32_t event = s->events;

	follow_origin(g, s->arn ? s->arn : s->principal, s->created, "same session as", name_of(s),
		      NOTHING, session);
	for (; event != NOTHING; event = g->t->events[event].next) {
		for (uint32_t d = g->first_deed[event];
		     d != NOTHING && d < g->t->deed_count && g->t->deeds[d].event == event; d++)
			follow_deed(g, d, session);
	}
}

/* Sessions of users and roles that are the intruder's as a whole. */
static void reach_whole(struct graph *g)
{
	g->grew = false;
	for (uint32_t n = 0; n < g->t->session_count; n++) {
		const struct session *s = session_at(g, n);
		bool user = text_equal(s->type, "IAMUser");
		const char *name = user ? s->user : store_name(s->issuer);
		name = store_string(g->t, name);
		if (!name || !s->type)
			continue;
		const struct target *target = targets_find(g, user ? "user" : "role", name,
							   s->account);
		if (target && target->whole)
			reach(g, n, "name", "session of", name, NOTHING, target->maker);
	}
}

static void index_deeds(struct graph *g)
{
	const struct trail *t = g->t;

	g->first_deed = or_die(malloc((t->event_count + 1) * sizeof(*g->first_deed)));
	memset(g->first_deed, 0xff, (t->event_count + 1) * sizeof(*g->first_deed));
	for (uint32_t i = 0; i < t->deed_count; i++) {
		const struct deed *d = &t->deeds[i];
		if (g->first_deed[d->event] == NOTHING)
			g->first_deed[d->event] = i;
		uint32_t maker = t->events[d->event].session;
		const char *arn = maker == NOTHING ? NULL : t->sessions[maker].arn;
		uint32_t n = d->kind == DEED_ISSUED ? store_key(t, d->id) : NOTHING;
		bool foreign = maker != NOTHING &&
			       text_equal(t->sessions[maker].type, "AWSAccount");
		/* The owner of a role sees a caller of another account only dimly. */
		if (n != NOTHING && (g->issued_by[n] == NOTHING || !foreign))
			g->issued_by[n] = i;
		if (d->kind != DEED_SIGN_IN)
			continue;
		for (n = store_origin(t, arn, t->events[d->event].at); n != NOTHING;
		     n = t->sessions[n].next)
			g->issued_by[n] = i;
	}
}

static void seed_keys(struct graph *g, const json_t *keys)
{
	json_t *key;
	size_t i;

	json_array_foreach (keys, i, key)
		reach(g, store_make_key(g->t, store_string(g->t, json_string_value(key))), "seed",
		      "named by", "--key", NOTHING, NOTHING);
}

static void seed_principals(struct graph *g, const char *kind, const json_t *list,
			    const char *option)
{
	json_t *item;
	size_t i;

	json_array_foreach (list, i, item) {
		const char *text = json_string_value(item);
		const char *name = store_string(g->t, store_name(text));
		bool found = false;
		for (uint32_t n = 0; n < g->t->session_count; n++) {
			const struct session *s = session_at(g, n);
			bool user = text_equal(s->type, "IAMUser");
			const char *is = user ? s->user : store_name(s->issuer);
			if (user != text_equal(kind, "user") || !text_equal(is, name))
				continue;
			found = true;
			struct target *target = targets_get(g, kind, name, s->account);
			if (!target->whole)
				targets_why(target, "named by %s", option);
			whole(g, target, "seed");
		}
		if (found)
			continue;
		struct target *target = targets_get(g, kind, name, NULL);
		targets_why(target, "named by %s; not seen in the log", option);
		whole(g, target, "seed");
	}
}

static void seed_sessions(struct graph *g)
{
	for (uint32_t n = 0; n < g->t->session_count; n++) {
		if (session_at(g, n)->seed)
			reach(g, n, "seed", "named by", "--event or --ip", NOTHING, NOTHING);
	}
}

static bool has_seeds(const struct trail_options *o)
{
	return json_array_size(o->keys) || json_array_size(o->events) || json_array_size(o->ips) ||
	       json_array_size(o->users) || json_array_size(o->roles);
}

/* Alerts say whom they are about; the log may not know him. */
static void seed_alert(struct graph *g, const struct found *f)
{
	const char *key = store_string(g->t, jx_text(f->alert, "key"));
	const char *user = store_string(g->t, jx_text(f->alert, "user"));
	const char *role = store_string(g->t, jx_text(f->alert, "role"));
	const char *account = store_string(g->t, jx_text(f->alert, "account"));
	const char *kind = user ? "user" : role ? "role" : NULL;

	if (json_is_true(json_object_get(f->alert, "root"))) {
		struct target *root = targets_get(g, "root", "root", account);
		root->linked_by = "finding";
		targets_why(root, "%s", f->rule->id);
	} else if (key) {
		uint32_t n = store_make_key(g->t, key);
		make_marks(g);
		struct session *s = n == NOTHING ? NULL : session_at(g, n);
		if (s && !s->type) {
			s->user = user;
			s->account = account;
			s->type = user ? "IAMUser" : NULL;
			s->issuer = role;
			s->principal = store_string(g->t, jx_text(f->alert, "principal"));
		}
		reach(g, n, "finding", "named by", f->rule->id, NOTHING, NOTHING);
	} else if (kind) {
		struct target *target = targets_get(g, kind, user ? user : role, account);
		targets_why(target, "%s", f->rule->id);
		whole(g, target, "finding");
	}
}

/* Anybody who may attach a policy chooses on whom: of AWS itself it says something, of others only
 * that they did so. */
static bool is_doubtful(const struct graph *g, const struct found *f)
{
	const struct event *e = f->event == NOTHING ? NULL : &g->t->events[f->event];
	bool by_hand = text_has_prefix(f->rule->id, "quarantine") &&
		       text_has_suffix(f->rule->id, "-by-hand");

	return by_hand && !(f->session == NOTHING && e && e->service);
}

static void seed_finding(struct graph *g, const struct found *f)
{
	const struct event *e = f->event == NOTHING ? NULL : &g->t->events[f->event];
	bool quarantine = text_has_prefix(f->rule->id, "quarantine");

	if (f->alert) {
		seed_alert(g, f);
		return;
	}
	if ((f->rule->implies & IMPLIES_ACTOR) && f->session != NOTHING) {
		const struct session *s = session_at(g, f->session);
		reach(g, f->session, "finding", "finding", f->rule->id, f->event, NOTHING);
		if (quarantine && e && e->ok && s->user) {
			struct target *user = targets_get(g, "user", s->user, s->account);
			user->quarantined = true;
			user->linked_by = "finding";
			targets_why(user, "%s (event %s)", f->rule->id, e->id ? e->id : "-");
		}
	}
	bool principal = text_equal(f->target_kind, "user") || text_equal(f->target_kind, "role") ||
			 text_equal(f->target_kind, "group");
	if (!(f->rule->implies & IMPLIES_TARGET) || !f->target || !principal || !e)
		return;
	struct target *target = targets_get(g, f->target_kind, f->target, e->account);
	target->linked_by = target->linked_by ? target->linked_by : "finding";
	target->console = target->console || text_equal(f->rule->playbook, "console-takeover");
	targets_why(target, "%s (event %s)", f->rule->id, e->id ? e->id : "-");
	/* What failed may name one who is not even there. */
	if (quarantine && (e->ok || !g->doubting))
		whole(g, target, "finding");
}

/* A session whose beginning at the console is in the log was none of a stolen token. */
static void refute(struct graph *g)
{
	for (size_t i = 0; i < g->t->found_count; i++) {
		struct found *f = &g->t->found[i];
		if (f->session == NOTHING || g->issued_by[f->session] == NOTHING ||
		    !strstr(f->rule->id, "session-token"))
			continue;
		f->refuted = g->t->deeds[g->issued_by[f->session]].kind == DEED_SIGN_IN;
	}
}

static void seed(struct graph *g)
{
	const struct trail_options *o = &g->t->options;

	if (has_seeds(o)) {
		seed_keys(g, o->keys);
		seed_principals(g, "user", o->users, "--user");
		seed_principals(g, "role", o->roles, "--role");
		seed_sessions(g);
		return;
	}
	for (size_t i = 0; i < g->t->found_count; i++) {
		const struct found *f = &g->t->found[i];
		if (!f->refuted && is_doubtful(g, f) == g->doubting)
			seed_finding(g, f);
	}
}

/* Whose session this one comes from; NOTHING if nobody's that we follow. */
static uint32_t parent_of(const struct graph *g, uint32_t n, bool *ret_same)
{
	const struct mark *mark = &g->marks[n];
	uint32_t deed = g->issued_by[n];
	uint32_t by = deed == NOTHING ? NOTHING : g->t->events[g->t->deeds[deed].event].session;

	*ret_same = false;
	if (by != NOTHING && by != n && g->marks[by].on)
		return by;
	if (mark->made)
		return mark->maker;
	*ret_same = text_equal(mark->why, "same session as");
	return mark->from;
}

/* A finding may name the last of a chain: how far it is from the first is seen only at the end. */
static void settle_hops(struct graph *g)
{
	bool same = false;

	for (size_t i = 0; i < g->queue_count; i++) {
		struct mark *mark = &g->marks[g->queue[i]];
		uint32_t n = parent_of(g, g->queue[i], &same);
		for (unsigned steps = 0; n != NOTHING && steps < HOPS_MOST; steps++) {
			mark->hops += !same;
			n = parent_of(g, n, &same);
		}
	}
}

static void follow_all(struct graph *g)
{
	do {
		if (g->grew)
			reach_whole(g);
		while (g->queue_at < g->queue_count)
			visit(g, g->queue[g->queue_at++]);
	} while (g->grew);
}

void graph_build(struct graph *g, struct trail *t)
{
	*g = (struct graph){.t = t, .not_targets = jx_pack("[]")};
	if (!t->session_room)
		store_make_key(t, store_string(t, "-"));
	make_marks(g);
	states_build(g);
	index_deeds(g);
	refute(g);
	seed(g);
	follow_all(g);
	/* Last, so that what is only reached from here is known by it. */
	g->doubting = true;
	if (!has_seeds(&t->options)) {
		seed(g);
		follow_all(g);
	}
	settle_hops(g);
	targets_finish(g);
}

void graph_release(struct graph *g)
{
	for (size_t i = 0; i < g->target_count; i++) {
		json_decref(g->targets[i].why);
		json_decref(g->targets[i].policies);
		json_decref(g->targets[i].inline_policies);
	}
	free(g->marks);
	free(g->queue);
	free(g->issued_by);
	free(g->first_deed);
	free(g->states);
	free(g->state_index);
	free(g->targets);
	free(g->target_index);
	free(g->artefacts);
	json_decref(g->not_targets);
}
