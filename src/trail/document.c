// SPDX-License-Identifier: Apache-2.0
/* cordon-triage/1 */
#include "cordon/buf.h"
#include "cordon/json.h"
#include "cordon/text.h"
#include "graph.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { VALUE_MOST = 2048, COMMAND_MOST = 16 << 10 };

static json_t *time_json(time_t at)
{
	char text[TEXT_TIME_SIZE];

	if (!at)
		return json_null();
	text_time(at, text);
	return jx_string(text);
}

static json_t *number(size_t n)
{
	return json_integer((json_int_t)n);
}

static int by_file(const void *a, const void *b)
{
	const json_t *x = *(json_t *const *)a;
	const json_t *y = *(json_t *const *)b;
	int order = strcmp(jx_text(x, "file"), jx_text(y, "file"));

	return order ? order : strcmp(jx_text(x, "why"), jx_text(y, "why"));
}

/* Threads finish in any order; the document does not show it. */
static json_t *sorted(json_t *list, int (*compare)(const void *a, const void *b))
{
	size_t count = json_array_size(list);
	json_t **items = malloc((count + 1) * sizeof(json_t *));
	json_t *out = jx_pack("[]");

	if (!items)
		abort();
	for (size_t i = 0; i < count; i++)
		items[i] = json_array_get(list, i);
	qsort(items, count, sizeof(json_t *), compare);
	for (size_t i = 0; i < count; i++)
		jx_push(out, json_incref(items[i]));
	free(items);
	return out;
}

static json_t *sources_json(const struct trail *t)
{
	json_t *out = jx_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "files", number(t->files),
			      "files_read", number(t->files_read), "bytes",
			      number((size_t)t->counts.bytes), "events", number(t->counts.events),
			      "duplicates", number(t->duplicates), "out_of_time",
			      number(t->out_of_time), "alerts", number(t->counts.alerts));

	jx_set(out, "bad", number(t->counts.bad));
	jx_set(out, "unknown", number(t->counts.unknown));
	jx_set(out, "timeless", number(t->timeless));
	jx_set(out, "first", time_json(t->first));
	jx_set(out, "last", time_json(t->last));
	/* More than we keep: the counts and the graph are then of a part. */
	jx_set(out, "not_kept", number(t->dropped));
	jx_set(out, "findings_left_out", number(t->left_out));
	jx_set(out, "ids_not_compared", number(ids_unkept(t->ids)));
	jx_set(out, "skipped", sorted(t->inputs, by_file));
	return out;
}

static json_t *actor_json(const struct trail *t, const struct found *f)
{
	const struct session *s = f->session == NOTHING ? NULL : &t->sessions[f->session];
	const struct event *e = f->event == NOTHING ? NULL : &t->events[f->event];

	if (!s)
		return jx_pack("{s:o, s:o}", "type", jx_string(e ? "AWSService" : NULL), "service",
			       jx_string(e ? e->service : NULL));
	return jx_pack("{s:o, s:o, s:o, s:o, s:o}", "type", jx_string(s->type), "arn",
		       jx_string(s->arn), "access_key_id", jx_string(s->key), "account",
		       jx_string(s->account), "ip", jx_string(e ? e->ip : NULL));
}

static json_t *target_of_found(const struct found *f)
{
	if (f->alert)
		return jx_pack("{s:O?, s:O?, s:O?, s:O?}", "access_key_id",
			       json_object_get(f->alert, "key"), "user",
			       json_object_get(f->alert, "user"), "role",
			       json_object_get(f->alert, "role"), "account",
			       json_object_get(f->alert, "account"));
	if (!f->target)
		return json_null();
	return jx_pack("{s:s, s:o}", "kind", f->target_kind, "id", jx_string(f->target));
}

static json_t *finding_json(const struct trail *t, const struct found *f, size_t number_of)
{
	const struct event *e = f->event == NOTHING ? NULL : &t->events[f->event];
	const json_t *title = json_object_get(f->alert, "title");
	char id[32];

	snprintf(id, sizeof(id), "f%zu", number_of);
	json_t *ids = jx_pack("[]");
	if (e && e->id)
		jx_push(ids, jx_string(e->id));
	json_t *out = jx_pack("{s:s, s:s, s:s, s:o, s:o, s:o, s:o}", "id", id, "rule", f->rule->id,
			      "severity", severity_name(f->severity), "time", time_json(f->at),
			      "event_ids", ids, "actor", actor_json(t, f), "target",
			      target_of_found(f));
	jx_set(out, "event", jx_string(e ? e->name : NULL));
	jx_set(out, "error", jx_string(e ? e->error : NULL));
	jx_set(out, "title", title ? jx_copy(title) : json_null());
	jx_set(out, "playbook", jx_string(f->rule->playbook));
	return out;
}

static void set(json_t *object, const char *name, const char *value)
{
	if (value)
		jx_set(object, name, jx_string(value));
}

/* What the playbook asks for, from what is known. */
static json_t *parameters_json(const struct target *t)
{
	bool role =
		text_equal(t->kind, "role") ||
		(text_equal(t->kind, "session") && t->arn && strstr(t->arn, ":assumed-role/")) ||
		(text_equal(t->kind, "session") && !text_equal(t->playbook, "federated-session"));
	json_t *out = jx_pack("{}");

	if (text_equal(t->kind, "access-key"))
		set(out, "access_key_id", t->id);
	set(out, text_equal(t->kind, "group") ? "group" : role ? "role" : "user", t->name);
	set(out, "session", t->session);
	if (text_equal(t->playbook, "attacker-made-policy")) {
		if (t->policies)
			jx_set(out, "policies", jx_copy(t->policies));
		if (t->inline_policies)
			jx_set(out, "inline_policies", jx_copy(t->inline_policies));
	}
	if (text_equal(t->playbook, "attacker-made-trust"))
		jx_set(out, "foreign", json_true());
	return out;
}

/* One word of the command; false where the value could be more than one, an option, or anything to
 * a shell. */
static bool add_word(json_t *words, const char *name, const json_t *value)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789+=,.@-_/:";
	const char *text = json_is_true(value) ? "true" : json_string_value(value);

	if (!text || !*text || *text == '-' || strlen(text) > VALUE_MOST || !text_only(text, plain))
		return false;
	json_t *word = json_sprintf("--set %s=%s", name, text);
	if (!word)
		abort();
	jx_push(words, word);
	return true;
}

/* To be typed; null where a value is none that can stand in it. */
static json_t *command_json(const char *playbook, const json_t *parameters)
{
	autobuf struct buf text = BUF_INIT(COMMAND_MOST);
	json_auto_t *words = jx_pack("[]");
	const char *name;
	bool good = true;
	json_t *value;
	json_t *item;
	size_t i;

	json_object_foreach ((json_t *)(uintptr_t)parameters, name, value) {
		json_array_foreach (value, i, item)
			good = good && add_word(words, name, item);
		if (!json_is_array(value))
			good = good && add_word(words, name, value);
	}
	buf_addf(&text, "cordon apply %s", playbook);
	json_array_foreach (words, i, item)
		buf_addf(&text, " %s", json_string_value(item));
	return good && !text.failed ? jx_string(buf_text(&text)) : json_null();
}

static json_t *target_json(const struct graph *g, const struct target *t)
{
	json_t *out = jx_pack("{s:s, s:o, s:o, s:o, s:O, s:o, s:o, s:o, s:o}", "kind", t->kind,
			      "id", jx_string(t->id), "arn", jx_string(t->arn), "account",
			      jx_string(t->account), "why", t->why, "linked_by",
			      jx_string(t->linked_by), "last_seen", time_json(t->last_seen), "live",
			      t->live < 0 ? json_null() : json_boolean(t->live), "playbook",
			      jx_string(t->playbook));

	jx_set(out, "hops", json_integer((json_int_t)t->hops));
	json_t *others = others_of(g, t);
	if (others)
		jx_set(out, "others", others);
	json_t *same = same_name_of(g, t);
	if (json_array_size(same))
		jx_set(out, "same_name", same);
	else
		json_decref(same);
	if (t->until)
		jx_set(out, "expires", time_json(t->until));
	json_t *parameters = t->playbook ? parameters_json(t) : json_null();
	jx_set(out, "parameters", parameters);
	jx_set(out, "command", t->playbook ? command_json(t->playbook, parameters) : json_null());
	if (t->by_hand)
		jx_set(out, "by_hand", jx_string(t->by_hand));
	return out;
}

static json_t *artefact_json(const struct graph *g, const struct artefact *a)
{
	const struct deed *d = &g->t->deeds[a->deed];
	const struct event *e = &g->t->events[d->event];
	json_t *out = jx_pack("{s:s, s:o, s:o, s:o, s:o, s:b}", "kind", d->row->what, "id",
			      jx_string(d->id), "made_by", jx_string(a->made_by), "event_id",
			      jx_string(e->id), "time", time_json(e->at), "removed",
			      graph_removed(g, a));

	if (d->owner && d->owner != d->id)
		jx_set(out, "owner", jx_string(d->owner));
	set(out, "owner_kind", d->owner && d->owner != d->id ? d->row->owner_kind : NULL);
	return out;
}

static int compare_text(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "");
}

static int by_id(const void *a, const void *b)
{
	const json_t *x = *(json_t *const *)a;
	const json_t *y = *(json_t *const *)b;
	static const char *const keys[] = {"time", "kind", "id", "why", "account"};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		int order = compare_text(jx_text(x, keys[i]), jx_text(y, keys[i]));
		if (order)
			return order;
	}
	return 0;
}

/* Credentials of an instance that came from two places of the internet. */
static void find_elsewhere(struct trail *t, const struct session *s, uint32_t n)
{
	const char *colon = s->principal ? strchr(s->principal, ':') : NULL;
	size_t public = 0;

	for (size_t i = 0; i < SESSION_IPS && s->ips[i]; i++)
	public += trail_ip_ok(s->ips[i]);
	if (public < 2 || !s->direct || !text_has_prefix(colon, ":i-"))
		return;
	struct found *f = store_found(t, detection_find("instance-key-elsewhere"));
	if (!f)
		return;
	f->session = n;
	f->at = s->first;
}

/* A key that somebody made for himself and took into use at once. */
static void find_self_made(struct trail *t, const struct deed *d)
{
	const struct event *e = &t->events[d->event];
	uint32_t n = store_key(t, d->id);

	if (d->kind != DEED_MADE || n == NOTHING || e->session == NOTHING ||
	    !text_equal(d->row->what, "access-key"))
		return;
	const struct session *made = &t->sessions[n];
	bool self = text_equal(t->sessions[e->session].type, "IAMUser") &&
		    t->sessions[e->session].user == d->owner;
	if (!self || !made->uses || made->first < e->at || made->first > e->at + 3600)
		return;
	struct found *f = store_found(t, detection_find("self-made-key-used"));
	if (!f)
		return;
	f->session = n;
	f->event = d->event;
	f->at = made->first;
	f->target_kind = "user";
	f->target = d->owner;
}

/* Which of somebody's keys made the last call of a burst is chance: the first by name stands for
 * it.
 */
static void settle_burst(const struct trail *t, struct found *f)
{
	const struct session *s = &t->sessions[f->session];

	for (uint32_t n = 0; n < t->session_count; n++) {
		const struct session *other = &t->sessions[n];
		bool same = s->arn ? other->arn == s->arn : other->principal == s->principal;
		if (same && other->key && s->key && strcmp(other->key, s->key) < 0) {
			f->session = n;
			s = other;
		}
	}
}

/* What only the whole log shows. */
static void afterwards(struct trail *t)
{
	for (uint32_t n = 0; n < t->session_count; n++)
		find_elsewhere(t, &t->sessions[n], n);
	for (size_t i = 0; i < t->deed_count; i++)
		find_self_made(t, &t->deeds[i]);
	for (size_t i = 0; i < t->found_count; i++) {
		if (text_equal(t->found[i].rule->id, "discovery-burst"))
			settle_burst(t, &t->found[i]);
	}
}

static int by_time(const void *a, const void *b, void *arg)
{
	static const char *const named[] = {"key", "user", "role"};
	const struct trail *t = arg;
	const struct found *x = a;
	const struct found *y = b;

	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	if (x->severity != y->severity)
		return x->severity > y->severity ? -1 : 1;
	int order = strcmp(x->rule->id, y->rule->id);
	for (size_t i = 0; !order && i < sizeof(named) / sizeof(named[0]); i++)
		order = compare_text(jx_text(x->alert, named[i]), jx_text(y->alert, named[i]));
	if (order || x->event == NOTHING || y->event == NOTHING)
		return order;
	return compare_text(t->events[x->event].id, t->events[y->event].id);
}

/* Events of a session in the order of time, whatever the order of files. */
static int event_by_time(const void *a, const void *b, void *arg)
{
	const struct trail *t = arg;
	const struct event *x = &t->events[*(const uint32_t *)a];
	const struct event *y = &t->events[*(const uint32_t *)b];

	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	return compare_text(x->id, y->id);
}

static void order_events(struct trail *t)
{
	uint32_t *order = malloc((t->event_count + 1) * sizeof(*order));

	if (!order)
		abort();
	for (uint32_t i = 0; i < t->event_count; i++)
		order[i] = i;
	qsort_r(order, t->event_count, sizeof(*order), event_by_time, t);
	for (size_t i = 0; i < t->session_count; i++)
		t->sessions[i].events = NOTHING;
	for (size_t i = t->event_count; i-- > 0;) {
		struct event *e = &t->events[order[i]];
		if (e->session == NOTHING)
			continue;
		e->next = t->sessions[e->session].events;
		t->sessions[e->session].events = order[i];
	}
	free(order);
}

static void put_in_order(struct trail *t)
{
	order_events(t);
	if (t->found_count)
		qsort_r(t->found, t->found_count, sizeof(*t->found), by_time, t);
}

static json_t *findings_json(const struct trail *t)
{
	json_t *out = jx_pack("[]");

	for (size_t i = 0; i < t->found_count; i++) {
		if (!t->found[i].refuted)
			jx_push(out, finding_json(t, &t->found[i], json_array_size(out) + 1));
	}
	return out;
}

/* The rows that fired, once each. */
static json_t *rules_json(const struct trail *t)
{
	const struct detection *d;
	json_t *out = jx_pack("[]");

	for (size_t i = 0; (d = detection_at(i)); i++) {
		size_t n = 0;
		while (n < t->found_count && (t->found[n].rule != d || t->found[n].refuted))
			n++;
		if (n == t->found_count)
			continue;
		jx_push(out, jx_pack("{s:s, s:s, s:s, s:o, s:s, s:o, s:o}", "rule", d->id,
				     "severity", severity_name(d->severity), "technique",
				     d->technique, "corresponds", jx_string(d->rules), "meaning",
				     d->meaning, "differs", jx_string(d->settled), "playbook",
				     jx_string(d->playbook)));
	}
	return out;
}

json_t *trail_document(struct trail *t)
{
	struct graph g;
	json_auto_t *targets = jx_pack("[]");
	json_auto_t *artefacts = jx_pack("[]");

	afterwards(t);
	put_in_order(t);
	graph_build(&g, t);
	for (size_t i = 0; i < g.target_count; i++)
		jx_push(targets, target_json(&g, &g.targets[i]));
	for (size_t i = 0; i < g.artefact_count; i++)
		jx_push(artefacts, artefact_json(&g, &g.artefacts[i]));
	json_t *out = jx_pack("{s:s, s:o, s:o, s:o, s:o, s:o}", "format", "cordon-triage/1",
			      "sources", sources_json(t), "findings", findings_json(t), "targets",
			      sorted(targets, by_id), "artefacts", sorted(artefacts, by_id),
			      "not_targets", sorted(g.not_targets, by_id));
	jx_set(out, "rules", rules_json(t));
	graph_release(&g);
	return out;
}

bool trail_ip_ok(const char *ip)
{
	static const char *const private[] = {"10.",  "127.", "169.254.", "192.168.", "0.",
					      "fe80", "fc",   "fd",	  "::"};
	long second = ip && text_has_prefix(ip, "172.") ? strtol(ip + 4, NULL, 10) : 0;

	for (size_t i = 0; i < sizeof(private) / sizeof(private[0]); i++) {
		if (text_has_prefix(ip, private[i]))
			return false;
	}
	if (second >= 16 && second <= 31)
		return false;
	return text_only(ip, "0123456789abcdefABCDEF.:") && strpbrk(ip, ".:") != NULL;
}
