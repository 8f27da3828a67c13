// SPDX-License-Identifier: Apache-2.0
/* Whom to contain, with which playbook. One target for each user, key, role or session. */
#include "cordon/identity.h"
#include "cordon/json.h"
#include "cordon/policy.h"
#include "cordon/text.h"
#include "graph.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	HOUR = 3600,
	SESSION_MOST = 36 * HOUR,
	ROLE_MOST = 12 * HOUR,
	WHY_MOST = 20,
	TARGETS_LEAST = 256,
	NOT_TARGETS_MOST = 10000,
};

static void *or_die(void *p)
{
	if (!p)
		abort();
	return p;
}

static uint32_t *slot(const struct graph *g, const char *kind, const char *id, const char *account)
{
	size_t at = ((uintptr_t)id >> 3) * 0x9e3779b97f4a7c15u >> 20;
	size_t room = g->target_room * 2;

	for (at %= room; g->target_index[at] != NOTHING; at = (at + 1) % room) {
		const struct target *t = &g->targets[g->target_index[at]];
		bool same = !account || !t->account || t->account == account;
		if (t->id == id && same && text_equal(t->kind, kind))
			break;
	}
	return &g->target_index[at];
}

static void grow(struct graph *g)
{
	size_t room = g->target_room ? g->target_room * 2 : TARGETS_LEAST;

	g->target_room = room;
	g->targets = or_die(reallocarray(g->targets, room, sizeof(*g->targets)));
	free(g->target_index);
	g->target_index = or_die(malloc(room * 2 * sizeof(*g->target_index)));
	memset(g->target_index, 0xff, room * 2 * sizeof(*g->target_index));
	for (uint32_t i = 0; i < g->target_count; i++) {
		const struct target *t = &g->targets[i];
		*slot(g, t->kind, t->id, t->account) = i;
	}
}

struct target *targets_find(const struct graph *g, const char *kind, const char *id,
			    const char *account)
{
	uint32_t at = g->target_room ? *slot(g, kind, id, account) : NOTHING;

	return at == NOTHING ? NULL : &g->targets[at];
}

struct target *targets_get(struct graph *g, const char *kind, const char *id, const char *account)
{
	if (g->target_count == g->target_room)
		grow(g);
	uint32_t *at = slot(g, kind, id, account);
	if (*at == NOTHING) {
		*at = (uint32_t)g->target_count++;
		g->targets[*at] = (struct target){.kind = kind,
						  .id = id,
						  .name = id,
						  .account = account,
						  .live = -1,
						  .hops = UINT_MAX,
						  .maker = NOTHING,
						  .why = jx_pack("[]")};
	}
	struct target *target = &g->targets[*at];
	target->account = target->account ? target->account : account;
	target->firm = target->firm || !g->doubting;
	return target;
}

void targets_why(struct target *target, const char *format, ...)
{
	char *text = NULL;
	va_list args;

	va_start(args, format);
	int n = vasprintf(&text, format, args);
	va_end(args);
	if (n < 0)
		abort();
	json_auto_t *why = jx_string(text);
	free(text);
	if (json_array_size(target->why) < WHY_MOST)
		jx_add_unique(target->why, json_string_value(why));
}

void targets_not(struct graph *g, const char *id, const char *why)
{
	if (id && json_array_size(g->not_targets) < NOT_TARGETS_MOST)
		jx_push(g->not_targets,
			jx_pack("{s:o, s:o}", "id", jx_string(id), "why", jx_string(why)));
}

static const struct event *event_of(const struct graph *g, const struct mark *mark)
{
	return mark->event == NOTHING ? NULL : &g->t->events[mark->event];
}

static void explain(const struct graph *g, struct target *target, uint32_t n)
{
	const struct mark *mark = &g->marks[n];
	const struct session *s = &g->t->sessions[n];
	const struct event *e = event_of(g, mark);

	target->firm = target->firm || !mark->doubted;
	target->linked_by = target->linked_by ? target->linked_by : mark->linked_by;
	if (mark->hops < target->hops)
		target->hops = mark->hops;
	if (s->last > target->last_seen)
		target->last_seen = s->last;
	if (s->key && s->key != target->id)
		targets_why(target, "%s: %s %s%s%s%s", s->key, mark->why, mark->why_id,
			    e ? " (event " : "", e && e->id ? e->id : "", e ? ")" : "");
	else
		targets_why(target, "%s %s%s%s%s", mark->why, mark->why_id, e ? " (event " : "",
			    e && e->id ? e->id : "", e ? ")" : "");
}

/* How long what the session holds can last; 0 if nobody can say. */
static time_t until_of(const struct graph *g, uint32_t n, bool role)
{
	const struct session *s = &g->t->sessions[n];
	const struct deed *d = g->issued_by[n] == NOTHING ? NULL : &g->t->deeds[g->issued_by[n]];

	if (d && d->kind == DEED_ISSUED)
		return d->until;
	return s->created ? s->created + (role ? ROLE_MOST : SESSION_MOST) : 0;
}

/* The parent of a session that was not reached through it. */
static void look_up(struct graph *g, struct target *target, uint32_t n)
{
	const struct session *s = &g->t->sessions[n];
	uint32_t deed = g->issued_by[n];
	const struct event *e = deed == NOTHING ? NULL : &g->t->events[g->t->deeds[deed].event];

	if (text_equal(target->linked_by, "key") || text_equal(target->linked_by, "creation-time"))
		return;
	if (!e) {
		if (s->uses || s->key)
			targets_why(target, "its parent is outside the log");
		return;
	}
	if (e->session == NOTHING) {
		targets_why(target, "issued to %s (event %s)",
			    e->service ? e->service : "a service", e->id ? e->id : "-");
		return;
	}
	const struct session *parent = &g->t->sessions[e->session];
	const char *name = parent->key ? parent->key : parent->arn;
	if (!name || g->marks[e->session].on)
		return;
	targets_why(target, "issued by %s (event %s)", name, e->id ? e->id : "-");
	targets_not(g, name,
		    "issued a session that is a target; nothing else speaks against it: "
		    "look at it, and name it with --key or --user if it is the intruder's");
}

static void put_long_term(struct graph *g, uint32_t n)
{
	const struct session *s = &g->t->sessions[n];
	const struct target *user = s->user ? targets_find(g, "user", s->user, s->account) : NULL;
	char account[13];

	if (user && (user->whole || user->quarantined || user->console)) {
		explain(g, (struct target *)(uintptr_t)user, n);
		return;
	}
	const char *owned = s->account;
	if (!owned && identity_account(s->key, account))
		owned = store_string(g->t, account);
	struct target *target = targets_get(g, "access-key", s->key, owned);
	target->arn = s->arn;
	target->name = s->user;
	target->made = g->marks[n].made;
	/* The number in the id is not documented, so it is a hint and no more. */
	if (owned && identity_account(s->key, account) && !text_equal(owned, account))
		targets_why(target, "its id says account %s: make sure of the account", account);
	if (s->uses)
		target->live = 1;
	explain(g, target, n);
}

static void put_session(struct graph *g, uint32_t n)
{
	const struct session *s = &g->t->sessions[n];
	const char *arn = s->arn ? s->arn : s->key;
	const char *resource = s->arn ? strstr(s->arn, ":assumed-role/") : NULL;
	const char *federated = s->arn ? strstr(s->arn, ":federated-user/") : NULL;
	/* The issuer's ARN has the role's path, and its name is the last of it. */
	const char *start = resource ? resource + strlen(":assumed-role/") : NULL;
	const char *slash = start ? strrchr(start, '/') : NULL;
	struct target *target = targets_get(g, "session", arn ? arn : s->principal, s->account);

	target->arn = s->arn;
	target->name = NULL;
	if (slash) {
		target->name = store_text(g->t, start, (size_t)(slash - start));
		target->session = slash + 1;
	} else if (federated) {
		target->name = s->user;
		target->session = strchr(federated, '/') + 1;
		if (!target->name && g->issued_by[n] != NOTHING) {
			uint32_t maker = g->t->events[g->t->deeds[g->issued_by[n]].event].session;
			target->name = maker == NOTHING ? NULL : g->t->sessions[maker].user;
		}
	} else if (s->issuer) {
		const char *colon = s->principal ? strchr(s->principal, ':') : NULL;
		target->name = store_string(g->t, store_name(s->issuer));
		target->session = colon ? colon + 1 : NULL;
	}
	time_t until = until_of(g, n, resource != NULL);
	if (until > target->until)
		target->until = until;
	uint32_t deed = g->issued_by[n];
	if (deed != NOTHING && g->t->events[g->t->deeds[deed].event].session == NOTHING)
		target->playbook = "stolen-role-session";
	explain(g, target, n);
	look_up(g, target, n);
}

static void put_root(struct graph *g, uint32_t n)
{
	const struct session *s = &g->t->sessions[n];
	struct target *root = targets_get(g, "root", store_string(g->t, "root"), s->account);

	root->arn = s->arn;
	explain(g, root, n);
}

static void put_user(struct graph *g, uint32_t n)
{
	const struct session *s = &g->t->sessions[n];
	uint32_t deed = g->issued_by[n];
	struct target *target = targets_get(g, "user", s->user, s->account);

	target->arn = s->arn;
	target->whole = true; /* its sessions end only with a cutoff on the user */
	/* What only an alert says, nobody has seen. */
	if (s->uses || deed != NOTHING)
		target->live = 1;
	if (s->console || (deed != NOTHING && g->t->deeds[deed].kind == DEED_SIGN_IN))
		target->console = true;
	explain(g, target, n);
	if (s->key)
		look_up(g, target, n);
}

static bool is_off(const struct state *s)
{
	return s && s->off > s->on && s->off >= s->made;
}

/* The user of a session that his own key made is contained with the key; but a key that is off or
 * gone is not contained, and its sessions live on. */
static bool goes_with_key(const struct graph *g, uint32_t n)
{
	uint32_t deed = g->issued_by[n];

	if (deed == NOTHING || g->t->deeds[deed].kind != DEED_ISSUED)
		return false;
	uint32_t maker = g->t->events[g->t->deeds[deed].event].session;
	if (maker == NOTHING || !g->marks[maker].on)
		return false;
	const struct session *by = &g->t->sessions[maker];
	const struct state *key = states_find(g, "access-key", by->key, NULL, NULL);
	return text_has_prefix(by->key, "AKIA") && by->user == g->t->sessions[n].user &&
	       !states_gone(key) && !is_off(key);
}

static bool is_user_session(const struct session *s)
{
	return text_equal(s->type, "IAMUser") && !text_has_prefix(s->key, "AKIA") && s->user;
}

/* A finding speaks against the user, also where it is known from what a service did for him. */
static bool is_users_finding(const struct graph *g, uint32_t n)
{
	const struct session *s = &g->t->sessions[n];
	const char *by = g->marks[n].linked_by;

	return text_equal(s->type, "IAMUser") && s->user &&
	       (text_equal(by, "finding") || text_equal(by, "seed"));
}

static void put(struct graph *g, uint32_t n)
{
	const struct session *s = &g->t->sessions[n];
	char why[256];

	if (s->uses && !s->direct && is_users_finding(g, n)) {
		put_user(g, n);
	} else if (s->uses && !s->direct) {
		snprintf(why, sizeof(why), "%s made it to act for its caller: evidence, no target",
			 s->invoked_by ? s->invoked_by : "a service");
		targets_not(g, s->key ? s->key : s->arn, why);
	} else if (text_equal(s->type, "Root")) {
		put_root(g, n);
	} else if (text_has_prefix(s->key, "AKIA")) {
		put_long_term(g, n);
	} else if (text_equal(s->type, "AWSAccount") || text_equal(s->type, "AWSService")) {
		targets_not(g, s->principal ? s->principal : s->account,
			    "acts from another account: contain it there");
	} else if (is_user_session(s)) {
		if (!goes_with_key(g, n))
			put_user(g, n);
		else
			targets_not(g, s->key, "a session that ends with its user's containment");
	} else if (!s->type || text_equal(s->type, "AssumedRole") ||
		   text_equal(s->type, "FederatedUser") || text_equal(s->type, "Role")) {
		if (s->arn || s->key || s->principal)
			put_session(g, n);
	} else {
		targets_not(g, s->key ? s->key : s->principal,
			    "an identity of another kind: contain it where it is kept");
	}
}

/* Users, roles and groups own themselves; providers nobody. */
static const struct state *state_of(const struct graph *g, const struct target *t)
{
	const struct state *s = states_find(g, t->kind, t->id, t->id, t->account);

	return s ? s : states_find(g, t->kind, t->id, NULL, t->account);
}

/* Whom anybody may have chosen is for a person to judge: only he knows who is who. */
static void settle_doubt(struct target *t)
{
	if (t->firm || t->live == 0)
		return;
	t->live = -1;
	targets_why(t,
		    "nothing else speaks against it, and whoever did this chose it: look at both");
}

static void settle_live(struct graph *g, struct target *t)
{
	const struct state *s = state_of(g, t);
	const struct state *user = t->name ? states_find(g, "user", t->name, t->name, t->account)
					   : NULL;

	if (text_equal(t->kind, "session")) {
		t->live = t->until ? t->until > g->t->options.now : -1;
		return;
	}
	if (s && s->made && t->live < 0)
		t->live = 1;
	if (states_gone(s) || is_off(s))
		t->live = 0;
	if (text_equal(t->kind, "access-key") && states_gone(user))
		t->live = 0;
	if (t->live < 0 && t->last_seen && !text_equal(t->kind, "group"))
		t->live = 1;
	if (states_unsure(s) && t->last_seen <= s->made) {
		t->live = -1;
		targets_why(t, "made and deleted within one second: the log does not say which was "
			       "last");
	}
}

static const char *by_hand_of(const struct target *t)
{
	static const struct {
		const char *kind, *text;
	} rows[] = {
		{"saml-provider", "restore its metadata or delete it, then revoke the sessions of "
				  "every role that trusts it"},
		{"oidc-provider",
		 "delete it, then revoke the sessions of every role that trusts it"},
		{"trust-anchor",
		 "disable the trust anchor, then revoke the sessions of the roles of "
		 "its profiles"},
		{"rolesanywhere-profile",
		 "disable the profile, then revoke the sessions of its roles"},
		{"root",
		 "no policy of the account binds root: change its password, delete its keys, "
		 "look at its second factor, and ask AWS Support"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (text_equal(t->kind, rows[i].kind))
			return rows[i].text;
	}
	if (text_has_prefix(t->name, "AWSReservedSSO_"))
		return "IAM cannot change this role: end the session in IAM Identity Center";
	if (text_has_prefix(t->name, "AWSServiceRoleFor"))
		return "a service's own role: contain what uses the service";
	if (text_equal(t->kind, "session") && t->session && !identity_session_ok(t->session))
		return "its session has a name that AWS gives to none: look at the log";
	if (text_equal(t->kind, "session") && !t->name)
		return "the log does not say whose session it is: cordon contain with --role or --user";
	if (t->name && !identity_name_ok(t->name, text_equal(t->kind, "group") ? 128 : 64))
		return "its name is none that IAM allows: look at the log";
	return NULL;
}

static const char *playbook_of(const struct target *t)
{
	bool policy = t->policies || t->inline_policies;

	if (t->playbook && (t->session || !text_equal(t->kind, "session")))
		return t->playbook;
	if (text_equal(t->kind, "access-key"))
		return t->made ? "attacker-made-key" : "compromised-access-key";
	if (text_equal(t->kind, "session"))
		return text_has_prefix(t->arn, "arn:") && strstr(t->arn, ":federated-user/")
			       ? "federated-session"
			       : "compromised-session";
	if (text_equal(t->kind, "role"))
		return t->made		     ? "attacker-made-role"
		       : t->whole || !policy ? "compromised-role"
					     : "attacker-made-policy";
	if (text_equal(t->kind, "group"))
		return policy ? "attacker-made-policy" : NULL;
	if (t->quarantined)
		return "aws-quarantined";
	if (t->made)
		return "attacker-made-user";
	if (t->console)
		return "console-takeover";
	return policy && !t->whole ? "attacker-made-policy" : "compromised-user";
}

static void settle_arn(struct graph *g, struct target *t)
{
	char text[256];
	bool role = text_equal(t->kind, "role");
	struct arn arn;

	/* The call may be logged in another account than the one that holds the role. */
	if (arn_parse(t->arn, &arn) == 0 && identity_account_ok(arn.account))
		t->account = store_string(g->t, arn.account);

	if (text_has_prefix(t->id, "arn:") && !t->arn)
		t->arn = t->id;
	/* A path is not known; without one is what most have. */
	if (t->arn || !t->account || (!role && !text_equal(t->kind, "user")))
		return;
	snprintf(text, sizeof(text), "arn:aws:iam::%s:%s/%s", t->account, t->kind, t->id);
	t->arn = store_string(g->t, text);
}

/* What was made and is gone again is nothing to contain. */
static bool drop_gone(struct graph *g, const struct target *t)
{
	if (!t->made || !states_gone(state_of(g, t)))
		return false;
	targets_not(g, t->id, "made and deleted again: it is not there at the end of the log");
	return true;
}

static void release(struct target *t)
{
	json_decref(t->why);
	json_decref(t->policies);
	json_decref(t->inline_policies);
}

static void drop_all_gone(struct graph *g)
{
	size_t kept = 0;

	for (size_t i = 0; i < g->target_count; i++) {
		if (drop_gone(g, &g->targets[i]))
			release(&g->targets[i]);
		else
			g->targets[kept++] = g->targets[i];
	}
	g->target_count = kept;
}

static int compare_text(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "");
}

static int by_name(const void *a, const void *b, void *arg)
{
	const struct session *sessions = arg;
	const struct session *x = &sessions[*(const uint32_t *)a];
	const struct session *y = &sessions[*(const uint32_t *)b];
	int order = compare_text(x->key, y->key);

	order = order ? order : compare_text(x->arn, y->arn);
	if (order || x->created == y->created)
		return order;
	return x->created < y->created ? -1 : 1;
}

void targets_finish(struct graph *g)
{
	/* Sessions are numbered as they came; nothing of that is to show. */
	if (g->queue_count)
		qsort_r(g->queue, g->queue_count, sizeof(*g->queue), by_name, g->t->sessions);
	/* Users first, for keys go with them. */
	for (uint32_t i = 0; i < g->queue_count; i++) {
		if (is_user_session(&g->t->sessions[g->queue[i]]))
			put(g, g->queue[i]);
	}
	for (uint32_t i = 0; i < g->queue_count; i++) {
		if (!is_user_session(&g->t->sessions[g->queue[i]]))
			put(g, g->queue[i]);
	}
	for (size_t i = 0; i < g->target_count; i++) {
		struct target *t = &g->targets[i];
		if (t->maker != NOTHING)
			t->hops = g->marks[t->maker].hops + 1;
		t->hops = t->hops == UINT_MAX ? 0 : t->hops;
		settle_arn(g, t);
		settle_live(g, t);
		settle_doubt(t);
		t->by_hand = by_hand_of(t);
		t->playbook = t->by_hand ? NULL : playbook_of(t);
	}
	drop_all_gone(g);
}
