// SPDX-License-Identifier: Apache-2.0
#include "store.h"

#include "cordon/json.h"
#include "cordon/text.h"
#include "record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { INDEX_ROOM = TRAIL_MAX_SESSIONS * 2, TIME_LENGTH = 40, ISSUE_DEFAULT = 3600 };

static void *or_die(void *p)
{
	if (!p)
		abort();
	return p;
}

static uint32_t *new_index(void)
{
	uint32_t *index = or_die(malloc(INDEX_ROOM * sizeof(*index)));

	memset(index, 0xff, INDEX_ROOM * sizeof(*index));
	return index;
}

void trail_free(struct trail *t)
{
	if (!t)
		return;
	for (size_t i = 0; i < t->found_count; i++)
		json_decref(t->found[i].alert);
	texts_free(t->texts);
	ids_free(t->ids);
	free(t->bursts);
	free(t->session_index);
	free(t->origin_index);
	free(t->sessions);
	free(t->events);
	free(t->deeds);
	free(t->found);
	json_decref(t->inputs);
	free(t);
}

const char *store_text(struct trail *t, const char *bytes, size_t length)
{
	return bytes && length ? texts_add(t->texts, bytes, length) : NULL;
}

const char *store_string(struct trail *t, const char *text)
{
	return text ? store_text(t, text, strlen(text)) : NULL;
}

static const char *keep(struct trail *t, struct span span)
{
	return store_text(t, span.at, span.length);
}

const char *store_name(const char *arn)
{
	const char *slash = arn ? strrchr(arn, '/') : NULL;

	return slash ? slash + 1 : arn;
}

/* Room for one more; false at the bound. */
static bool room_for(void **array, size_t *room, size_t count, size_t size, size_t most)
{
	if (count < *room)
		return true;
	if (count >= most)
		return false;
	*room = *room ? *room * 2 : 64;
	*array = or_die(reallocarray(*array, *room, size));
	return true;
}

/* Texts are kept once, so that their addresses stand for them. */
static size_t slot_of(const char *text, time_t at)
{
	uint64_t h = ((uint64_t)(uintptr_t)text >> 3) * 0x9e3779b97f4a7c15u ^
		     (uint64_t)at * 0xff51afd7ed558ccdu;

	return (size_t)(h >> 20) % INDEX_ROOM;
}

static const char *who(const struct session *s)
{
	return s->arn ? s->arn : s->principal;
}

static bool is_session(const struct session *s, const char *key, const char *id, time_t created)
{
	return key ? s->key == key : !s->key && who(s) == id && s->created == created;
}

static uint32_t *find_session(const struct trail *t, const char *key, const char *id,
			      time_t created)
{
	size_t at = key ? slot_of(key, 0) : slot_of(id, created);

	while (t->session_index[at] != NOTHING &&
	       !is_session(&t->sessions[t->session_index[at]], key, id, created))
		at = (at + 1) % INDEX_ROOM;
	return &t->session_index[at];
}

static uint32_t *find_origin(const struct trail *t, const char *id, time_t created)
{
	size_t at = slot_of(id, created);

	while (t->origin_index[at] != NOTHING) {
		const struct session *s = &t->sessions[t->origin_index[at]];
		if (who(s) == id && s->created == created)
			break;
		at = (at + 1) % INDEX_ROOM;
	}
	return &t->origin_index[at];
}

uint32_t store_key(const struct trail *t, const char *key)
{
	/* Looked up with what was kept; a text of another place is kept first by its caller. */
	return key ? *find_session(t, key, NULL, 0) : NOTHING;
}

uint32_t store_origin(const struct trail *t, const char *arn, time_t created)
{
	return arn && created ? *find_origin(t, arn, created) : NOTHING;
}

static uint32_t new_session(struct trail *t, uint32_t *slot, const char *key)
{
	if (!room_for((void **)&t->sessions, &t->session_room, t->session_count,
		      sizeof(struct session), TRAIL_MAX_SESSIONS)) {
		t->dropped++;
		return NOTHING;
	}
	*slot = (uint32_t)t->session_count++;
	t->sessions[*slot] = (struct session){.key = key, .events = NOTHING, .next = NOTHING};
	return *slot;
}

static void chain_origin(struct trail *t, uint32_t n)
{
	struct session *s = &t->sessions[n];

	if (!who(s) || !s->created)
		return;
	uint32_t *origin = find_origin(t, who(s), s->created);
	s->next = *origin;
	*origin = n;
}

uint32_t store_make_key(struct trail *t, const char *key)
{
	uint32_t *slot = key ? find_session(t, key, NULL, 0) : NULL;

	if (!slot || *slot != NOTHING)
		return slot ? *slot : NOTHING;
	return new_session(t, slot, key);
}

/* What starts from a key must not depend on how many others there are. */
static void ask_for_keys(struct trail *t)
{
	json_t *key;
	size_t i;

	json_array_foreach (t->options.keys, i, key) {
		uint32_t n = store_make_key(t, store_string(t, json_string_value(key)));
		if (n != NOTHING)
			t->sessions[n].asked = true;
	}
}

struct trail *trail_new(const struct trail_options *options)
{
	struct trail *t = or_die(calloc(1, sizeof(*t)));

	t->options = *options;
	t->texts = texts_new(options->seed);
	t->ids = ids_new(options->seed);
	t->bursts = bursts_new();
	t->session_index = new_index();
	t->origin_index = new_index();
	t->inputs = jx_pack("[]");
	ask_for_keys(t);
	return t;
}

static time_t time_of(struct span span)
{
	char text[TIME_LENGTH];
	time_t at = 0;

	if (!span.at || span.length >= sizeof(text))
		return 0;
	snprintf(text, sizeof(text), "%.*s", (int)span.length, span.at);
	return text_parse_time(text, &at) ? 0 : at;
}

static void describe(struct trail *t, struct session *s, const struct span *f, time_t created)
{
	s->type = keep(t, f[FIELD_TYPE]);
	s->arn = keep(t, f[FIELD_ARN]);
	s->principal = keep(t, f[FIELD_PRINCIPAL]);
	s->account = keep(t, f[FIELD_ACCOUNT]);
	s->user = keep(t, f[FIELD_USER].at ? f[FIELD_USER] : f[FIELD_ISSUER_NAME]);
	s->issuer = keep(t, f[FIELD_ISSUER]);
	s->invoked_by = keep(t, f[FIELD_INVOKED_BY]);
	s->created = created;
}

static void touch(struct trail *t, struct session *s, const struct span *f, time_t at)
{
	const char *ip = keep(t, f[FIELD_IP]);

	s->uses++;
	s->direct = s->direct || !f[FIELD_INVOKED_BY].length;
	if (!s->first || at < s->first)
		s->first = at;
	if (at > s->last)
		s->last = at;
	s->console = s->console || scan_is(f[FIELD_CONSOLE], "true");
	for (size_t i = 0; ip && i < SESSION_IPS; i++) {
		if (!s->ips[i])
			s->ips[i] = ip;
		if (s->ips[i] == ip)
			break;
	}
}

static bool names(const json_t *list, struct span span)
{
	json_t *item;
	size_t i;

	json_array_foreach (list, i, item) {
		if (scan_is(span, json_string_value(item)))
			return true;
	}
	return false;
}

/* Users and roles, by their names. */
static bool names_principal(const json_t *list, struct span name)
{
	json_t *item;
	size_t i;

	json_array_foreach (list, i, item) {
		if (name.at && scan_is(name, store_name(json_string_value(item))))
			return true;
	}
	return false;
}

static bool is_asked(const struct trail *t, const struct span *f)
{
	const struct trail_options *o = &t->options;

	return names_principal(o->users, f[FIELD_USER]) ||
	       names_principal(o->roles, f[FIELD_ISSUER_NAME]) || names(o->events, f[FIELD_ID]) ||
	       names(o->ips, f[FIELD_IP]);
}

/* Who made the call. Services that act for themselves are nobody to contain. */
static uint32_t session_of(struct trail *t, const struct span *f, time_t at)
{
	const char *key = keep(t, f[FIELD_KEY]);
	const char *id = NULL;
	time_t created = 0;

	if (scan_is(f[FIELD_TYPE], "AWSService"))
		return NOTHING;
	if (!key) {
		created = time_of(f[FIELD_CREATED]);
		id = keep(t, f[FIELD_ARN].length ? f[FIELD_ARN] : f[FIELD_PRINCIPAL]);
		if (!id)
			return NOTHING;
	}
	uint32_t *slot = find_session(t, key, id, created);
	if (*slot == NOTHING && t->session_count >= TRAIL_MAX_SESSIONS - TRAIL_RESERVED &&
	    !is_asked(t, f)) {
		t->dropped++;
		return NOTHING;
	}
	uint32_t n = *slot != NOTHING ? *slot : new_session(t, slot, key);
	if (n == NOTHING)
		return n;
	if (!t->sessions[n].uses) {
		describe(t, &t->sessions[n], f, time_of(f[FIELD_CREATED]));
		t->sessions[n].asked = t->sessions[n].asked || is_asked(t, f);
		chain_origin(t, n);
	}
	touch(t, &t->sessions[n], f, at);
	return n;
}

static uint32_t new_event(struct trail *t, const struct trail_record *r, const struct view *view,
			  uint32_t session, time_t at)
{
	const struct span *f = r->scan.field;
	bool asked = session != NOTHING && t->sessions[session].asked;

	if (t->event_count >= TRAIL_MAX_EVENTS - TRAIL_RESERVED && !asked) {
		t->dropped++;
		return NOTHING;
	}
	if (!room_for((void **)&t->events, &t->event_room, t->event_count, sizeof(struct event),
		      TRAIL_MAX_EVENTS)) {
		t->dropped++;
		return NOTHING;
	}
	uint32_t n = (uint32_t)t->event_count++;
	struct event *e = &t->events[n];
	*e = (struct event){.at = at, .session = session, .next = NOTHING, .ok = view->ok};
	e->id = keep(t, f[FIELD_ID]);
	e->name = keep(t, f[FIELD_NAME]);
	e->source = keep(t, f[FIELD_SOURCE]);
	e->ip = keep(t, f[FIELD_IP]);
	e->service = keep(t, f[FIELD_INVOKED_BY]);
	e->error = store_string(t, view->error);
	e->account = store_string(t, view->account);
	if (session != NOTHING) {
		e->next = t->sessions[session].events;
		t->sessions[session].events = n;
	}
	return n;
}

static bool is_ok(const json_t *record, const char *name)
{
	const char *login = jx_text(json_object_get(record, "responseElements"), "ConsoleLogin");

	if (jx_text(record, "errorCode") || jx_text(record, "errorMessage"))
		return false;
	return !text_equal(name, "ConsoleLogin") || text_equal(login, "Success");
}

static struct view view_of(const json_t *record)
{
	const json_t *who_did = json_object_get(record, "userIdentity");
	struct view v = {.record = record,
			 .request = json_object_get(record, "requestParameters"),
			 .response = json_object_get(record, "responseElements"),
			 .name = jx_text(record, "eventName"),
			 .type = jx_text(who_did, "type"),
			 .key = jx_text(who_did, "accessKeyId"),
			 .account = jx_text(record, "recipientAccountId"),
			 .ip = jx_text(record, "sourceIPAddress"),
			 .agent = jx_text(record, "userAgent"),
			 .error = jx_text(record, "errorCode")};

	if (text_equal(v.type, "IAMUser")) {
		v.actor = jx_text(who_did, "userName");
		if (!v.actor)
			v.actor = store_name(jx_text(who_did, "arn"));
	}
	v.target = jx_text(v.request, "userName");
	if (!v.target)
		v.target = jx_text(json_object_get(v.response, "accessKey"), "userName");
	if (!v.account)
		v.account = jx_text(who_did, "accountId");
	const json_t *console = json_object_get(record, "sessionCredentialFromConsole");
	v.console = json_is_true(console) || text_equal(json_string_value(console), "true");
	v.ok = is_ok(record, v.name);
	return v;
}

bool store_expiration(const char *text, time_t *ret_at)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	char iso[TIME_LENGTH];
	char name[4] = "";
	long number[5] = {0};
	size_t count = 0;

	if (text_parse_time(text, ret_at) == 0)
		return true;
	if (!text || strlen(text) < 20)
		return false;
	memcpy(name, text, 3);
	const char *month = strstr(months, name);
	for (const char *p = text + 3; *p && count < 5;) {
		char *end = NULL;
		number[count] = strtol(p, &end, 10);
		bool read = end != p;
		count += read;
		p = read ? end : p + 1;
	}
	bool evening = strstr(text, "PM") != NULL;
	long hour = number[2] % 12 + (evening ? 12 : 0);
	if (!month || count != 5)
		return false;
	snprintf(iso, sizeof(iso), "%04ld-%02ld-%02ldT%02ld:%02ld:%02ldZ", number[1],
		 (long)(month - months) / 3 + 1, number[0], hour, number[3], number[4]);
	return text_parse_time(iso, ret_at) == 0;
}

static time_t until_of(const json_t *record, const char *how, time_t at)
{
	const json_t *credentials = jx_at(record, "responseElements", "credentials", NULL);
	const json_t *seconds = jx_at(record, "requestParameters", "durationSeconds", NULL);
	time_t until = 0;

	if (store_expiration(jx_text(credentials, "expiration"), &until))
		return until;
	if (json_is_integer(seconds))
		return at + (time_t)json_integer_value(seconds);
	return at + (text_has_prefix(how, "Get") ? 12 * ISSUE_DEFAULT : ISSUE_DEFAULT);
}

static void add_deed(struct trail *t, const struct deed_row *row, const json_t *record,
		     uint32_t event)
{
	const char *id = deed_text(record, row->id);
	const char *owner = deed_text(record, row->owner);
	time_t at = t->events[event].at;

	if (!id && row->kind != DEED_SIGN_IN && row->kind != DEED_ISSUED)
		return;
	if (!room_for((void **)&t->deeds, &t->deed_room, t->deed_count, sizeof(struct deed),
		      TRAIL_MAX_EVENTS)) {
		t->dropped++;
		return;
	}
	struct deed *d = &t->deeds[t->deed_count++];
	*d = (struct deed){.row = row, .kind = row->kind, .event = event};
	d->id = store_string(t, id);
	d->owner = store_string(t, owner);
	if (row->kind == DEED_ISSUED) {
		d->until = until_of(record, row->what, at);
		d->role = store_string(t, deed_text(record, "requestParameters.roleArn"));
	}
	if (row->kind == DEED_OFF &&
	    text_equal(deed_text(record, "requestParameters.status"), "Active"))
		d->kind = DEED_ON;
}

struct found *store_found(struct trail *t, const struct detection *rule)
{
	size_t n = detection_number(rule) % (sizeof(t->minor) / sizeof(t->minor[0]));

	bool minor = rule->severity < SEVERITY_HIGH && !text_has_prefix(rule->id, "alert-");

	if (minor && t->minor[n]++ >= TRAIL_MAX_MINOR) {
		t->left_out++;
		return NULL;
	}
	if (!room_for((void **)&t->found, &t->found_room, t->found_count, sizeof(struct found),
		      TRAIL_MAX_FINDINGS)) {
		t->dropped++;
		return NULL;
	}
	struct found *f = &t->found[t->found_count++];
	*f = (struct found){
		.rule = rule, .severity = rule->severity, .event = NOTHING, .session = NOTHING};
	return f;
}

static void set_target(struct trail *t, struct found *f, const struct view *v)
{
	static const struct {
		const char *member, *kind;
	} rows[] = {{"roleName", "role"}, {"groupName", "group"}, {"policyArn", "policy"}};

	f->target_kind = "user";
	f->target = store_string(t, v->target);
	for (size_t i = 0; !f->target && i < sizeof(rows) / sizeof(rows[0]); i++) {
		f->target_kind = rows[i].kind;
		f->target = store_string(t, jx_text(v->request, rows[i].member));
	}
	if (!f->target) {
		f->target_kind = "user";
		f->target = store_string(t, v->actor);
	}
}

static void find(struct trail *t, const struct view *v, uint32_t event)
{
	const struct detection *rule;
	const char *source = t->events[event].source;

	for (size_t i = 0; (rule = detection_at(i)); i++) {
		if (!rule_matches(rule, source, v))
			continue;
		struct found *f = store_found(t, rule);
		if (!f)
			continue;
		f->event = event;
		f->session = t->events[event].session;
		f->at = t->events[event].at;
		set_target(t, f, v);
	}
}

static void add_meaning(struct trail *t, const struct trail_record *r, uint32_t session, time_t at)
{
	struct view view = view_of(r->json);
	const struct deed_row *row;

	/* Services make sessions all day: they must not take the room of what people do. */
	if (session == NOTHING && t->event_count > TRAIL_MAX_EVENTS / 2) {
		t->dropped++;
		return;
	}
	uint32_t event = new_event(t, r, &view, session, at);

	if (event == NOTHING)
		return;
	for (size_t i = 0; view.ok && (row = deed_row_at(i)); i++) {
		if (rule_source_is(t->events[event].source, row->source) &&
		    rule_name_in(view.name, row->names))
			add_deed(t, row, r->json, event);
	}
	find(t, &view, event);
}

static bool is_new(struct trail *t, const struct trail_record *r)
{
	struct span id = r->scan.field[FIELD_ID];

	if (!id.at || !id.length)
		return true;
	if (r->json)
		return texts_mark(keep(t, id));
	return ids_add(t->ids, id.at, id.length);
}

static void add_burst(struct trail *t, const struct span *f, uint32_t session, time_t at)
{
	const struct session *s = &t->sessions[session];

	if (!rule_is_read(f[FIELD_NAME].at, f[FIELD_NAME].length) || s->invoked_by || s->console ||
	    !who(s) || !f[FIELD_AGENT].at || scan_begins(f[FIELD_AGENT], "console.") ||
	    scan_begins(f[FIELD_AGENT], "AWS Internal") ||
	    memmem(f[FIELD_AGENT].at, f[FIELD_AGENT].length, ".amazonaws.com", 14))
		return;
	if (!bursts_add(t->bursts, who(s), at, f[FIELD_NAME]))
		return;
	struct found *found = store_found(t, detection_find("discovery-burst"));
	if (!found)
		return;
	found->session = session;
	found->at = at / 10 * 10;
}

static void add_event(struct trail *t, const struct trail_record *r)
{
	const struct span *f = r->scan.field;
	time_t at = time_of(f[FIELD_TIME]);

	t->timeless += at == 0;
	if (at &&
	    ((t->options.from && at < t->options.from) || (t->options.to && at > t->options.to))) {
		t->out_of_time++;
		return;
	}
	if (!is_new(t, r)) {
		t->duplicates++;
		return;
	}
	if (at && (!t->first || at < t->first))
		t->first = at;
	if (at > t->last)
		t->last = at;
	uint32_t session = session_of(t, f, at);
	if (r->json)
		add_meaning(t, r, session, at);
	if (session == NOTHING)
		return;
	add_burst(t, f, session, at);
	if (names(t->options.events, f[FIELD_ID]) || names(t->options.ips, f[FIELD_IP]))
		t->sessions[session].seed = true;
}

static void add_alert(struct trail *t, const json_t *alert)
{
	char id[64];
	enum severity severity = SEVERITY_LOW;
	const char *word = jx_text(alert, "severity");

	snprintf(id, sizeof(id), "alert-%s", jx_text(alert, "source"));
	const struct detection *rule = detection_find(id);
	struct found *f = rule ? store_found(t, rule) : NULL;
	if (!f)
		return;
	while (severity < SEVERITY_CRITICAL && !text_equal(severity_name(severity), word))
		severity++;
	f->severity = text_equal(severity_name(severity), word) ? severity : rule->severity;
	f->alert = jx_copy(alert);
	text_parse_time(jx_text(alert, "time"), &f->at);
}

void trail_add(struct trail *trail, const struct trail_record *record)
{
	if (record->kind == RECORD_EVENT)
		add_event(trail, record);
	else if (record->kind == RECORD_ALERT)
		add_alert(trail, record->json);
}

static void add_why(struct trail *t, const char *name, const char *why, size_t count)
{
	jx_push(t->inputs, jx_pack("{s:o, s:o, s:I}", "file", jx_string(name), "why",
				   jx_string(why), "count", (json_int_t)count));
}

void trail_close(struct trail *t, const char *name, const struct trail_input *in,
		 const char *failure)
{
	t->files++;
	if (failure)
		add_why(t, name, failure, 1);
	if (!in)
		return;
	const struct input_counts *c = &in->counts;
	bool refused = in->state == INPUT_REFUSED;
	t->files_read += !refused;
	t->counts.bytes += c->bytes;
	t->counts.events += c->events;
	t->counts.alerts += c->alerts;
	t->counts.bad += c->bad;
	t->counts.unknown += c->unknown;
	t->counts.mended += c->mended;
	if (refused)
		add_why(t, name, "not recognised: no log and no alert that cordon knows", 1);
	else if (!c->bytes && !failure)
		add_why(t, name, "empty", 1);
	if (c->bad)
		add_why(t, name, "records that cannot be read", c->bad);
	if (c->unknown)
		add_why(t, name, "records of no known form", c->unknown);
	if (c->mended)
		add_why(t, name, "records with bytes that are no JSON, read all the same",
			c->mended);
	if (in->cut)
		add_why(t, name, "ends in the middle", 1);
	for (size_t i = 0; i < INPUT_MAX_WHY && in->skipped[i].why; i++)
		add_why(t, name, in->skipped[i].why, in->skipped[i].count);
}
