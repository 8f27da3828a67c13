// SPDX-License-Identifier: Apache-2.0
#include "cordon/plan.h"

#include "cordon/err.h"
#include "cordon/identity.h"
#include "cordon/json.h"
#include "cordon/policy.h"
#include "cordon/text.h"
#include "planning.h"
#include "standing.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A growing list of steps to plan; order of execution decides, then order in the playbooks. */
struct steps {
	struct step *at;
	size_t count;
};

static int by_execution(const void *a, const void *b)
{
	const struct step *x = a;
	const struct step *y = b;

	if (x->action->class != y->action->class)
		return x->action->class < y->action->class ? -1 : 1;
	/* What expansion brought comes last: nothing may delay a named target. */
	if (x->expanded != y->expanded)
		return x->expanded ? 1 : -1;
	return x->order < y->order ? -1 : x->order > y->order;
}

/* A target keeps the id that an earlier plan of this run gave it; a new one comes after all. */
static void next_target_id(const struct planning *p, const char *kind, const char *name,
			   char id[static 32])
{
	const json_t *known = p->request->targets;
	size_t count = json_array_size(known);
	json_t *target;
	size_t i;

	json_array_foreach (known, i, target) {
		const char *old = jx_text(target, "id");
		if (text_equal(jx_text(target, "principal"), kind) &&
		    text_equal(jx_text(target, "name"), name) &&
		    !jx_find(p->targets, "id", old, NULL)) {
			snprintf(id, 32, "%.31s", old);
			return;
		}
	}
	json_array_foreach (p->targets, i, target)
		count += !jx_find(known, "id", jx_text(target, "id"), NULL);
	snprintf(id, 32, "t%zu", count + 1);
}

static json_t *add_target(struct planning *p, size_t playbook, const char *kind, const char *name,
			  const char *arn)
{
	char id[32];

	next_target_id(p, kind, name, id);
	json_t *target = jx_pack("{s:s, s:I, s:s, s:s, s:o, s:o}", "id", id, "playbook",
				 (json_int_t)playbook, "kind", kind, "principal", kind, "name",
				 jx_string(name), "arn", jx_string(arn));
	jx_push(p->targets, target);
	return target;
}

/* IDs that lead to the same principal make one target; another session is another target. */
static json_t *same_target(const struct planning *p, const char *kind, const char *name,
			   const char *session)
{
	json_t *target;
	size_t i;

	json_array_foreach (p->targets, i, target) {
		const char *other = jx_text(target, "session");
		if (text_equal(jx_text(target, "principal"), kind) &&
		    text_equal(jx_text(target, "name"), name) &&
		    (session ? text_equal(session, other) : !other))
			return target;
	}
	return NULL;
}

static void note_key(json_t *target, const char *key)
{
	if (!key)
		return;
	if (!json_object_get(target, "keys"))
		jx_set(target, "keys", json_array());
	jx_add_unique(json_object_get(target, "keys"), key);
}

/* Whose account a target is said to be of: the one a key id holds, or the one it was typed with. */
static void note_account(json_t *target, const char *key)
{
	char account[13];

	if (key && identity_account(key, account))
		jx_set(target, "account", jx_string(account));
}

/* The name inside "${name}". */
static void referred(const char *text, char name[static 65])
{
	size_t length = strlen(text) - 3;

	snprintf(name, 65, "%.*s", (int)(length > 64 ? 64 : length), text + 2);
}

/* The target that a step names, as in "${user}". */
static const char *step_target(const json_t *step)
{
	const char *who = NULL;

	for (enum principal_kind kind = PRINCIPAL_USER; kind <= PRINCIPAL_GROUP && !who; kind++)
		who = jx_text(step, account_kind_name(kind));
	return who;
}

/* The one session that all steps on a target are bound to; in a playbook that is about a session
 * the one that its steps name. NULL: there is none. New. */
static json_t *session_of(const struct plan_entry *entry, const char *target)
{
	const json_t *steps = json_object_get(entry->playbook->document, "steps");
	bool about_session = text_equal(entry->playbook->contains, "session");
	json_t *session = NULL;
	json_t *step;
	size_t i;

	json_array_foreach (steps, i, step) {
		char name[65];
		if (json_object_get(step, "for_each") || !step_target(step))
			continue;
		referred(step_target(step), name);
		if (!about_session && !text_equal(name, target))
			continue;
		json_auto_t *bound = playbook_expand(json_object_get(step, "session"),
						     entry->parameters);
		if (!json_is_string(bound) && about_session)
			continue;
		if (!json_is_string(bound) || (session && !json_equal(session, bound))) {
			json_decref(session);
			return NULL;
		}
		json_decref(session);
		session = json_incref(bound);
	}
	return session;
}

static bool hides_keys(const struct planning *p)
{
	json_t *user;
	size_t i;

	json_array_foreach (account_entries(p->account, PRINCIPAL_USER), i, user) {
		if (account_section(user, "AccessKeys", NULL) == SECTION_UNREAD)
			return true;
	}
	return false;
}

/* Whom a selector names; *ret_name NULL: nobody but the owner of a key. */
static enum principal_kind named_kind(const json_t *selected, const char **ret_name)
{
	for (enum principal_kind kind = PRINCIPAL_ROLE; kind <= PRINCIPAL_GROUP; kind++) {
		*ret_name = jx_text(selected, account_kind_name(kind));
		if (*ret_name)
			return kind;
	}
	*ret_name = jx_text(selected, "user");
	return PRINCIPAL_USER;
}

/* Made by an earlier plan of this run, which then deleted the principal. */
static const json_t *ended_target(const struct planning *p, const char *kind, const char *name)
{
	json_t *operation;
	json_t *target;
	size_t i;

	json_array_foreach (p->request->done, i, operation) {
		const struct operation *op = operation_find(jx_text(operation, "operation"));
		if (!op || !op->account_effect || !(op->flags & OPERATION_REMOVES))
			continue;
		target = jx_find(p->request->targets, "id", jx_text(operation, "target"), NULL);
		if (text_equal(jx_text(target, "principal"), kind) &&
		    text_equal_nocase(jx_text(target, "name"), name))
			return target;
	}
	return NULL;
}

/* Some step ends a principal and makes it anew. */
static bool makes_anew(const struct planning *p)
{
	json_t *step;
	size_t n;

	for (size_t i = 0; i < p->request->count; i++) {
		const struct playbook *playbook = p->request->entries[i].playbook;
		json_array_foreach (json_object_get(playbook->document, "steps"), n, step) {
			const struct action *action = action_find(jx_text(step, "action"));
			if (action && action->whole_account)
				return true;
		}
	}
	return false;
}

static int no_such(const struct planning *p, const json_t *selected, struct err *err)
{
	const char *key = jx_text(selected, "owner_of");
	const char *account = jx_text(p->account, "account_id");
	const char *name;
	enum principal_kind kind = named_kind(selected, &name);

	if (!name && hides_keys(p))
		return err_set(
			err, ERR_NOT_FOUND,
			"who owns the access key '%.128s' is not known: not every user's keys "
			"could be read; if you know the user, give --user NAME",
			key);
	if (!name)
		return err_set(
			err, ERR_NOT_FOUND,
			"no user owns the access key '%.128s' in account %s: it may be deleted, "
			"root's, or of another account; if you know the user, give --user NAME",
			key, account);
	return err_set(err, ERR_NOT_FOUND, "no %s '%.128s' in account %s%s",
		       account_kind_name(kind), name, account,
		       makes_anew(p)
			       ? "; if recreate-user was cut off when it had deleted him, 'cordon "
				 "resume RUN' goes on ('cordon runs' lists them)"
			       : "");
}

/* A key of another account has no owner here, and is refused rather than not found. */
static bool is_foreign(const struct planning *p, const char *key)
{
	char account[13];

	return key && identity_account(key, account) &&
	       !text_equal(account, jx_text(p->account, "account_id"));
}

/* A name is unique in an account, but an ARN with another path names nobody. */
static bool is_elsewhere(const json_t *found, const char *kind, const char *typed)
{
	struct arn arn;
	struct arn own;
	char prefix[16];

	snprintf(prefix, sizeof(prefix), "%.10s/", kind);
	return arn_parse(typed, &arn) == 0 && arn_parse(account_arn(found), &own) == 0 &&
	       text_equal(arn.account, own.account) && text_equal(arn.service, "iam") &&
	       text_has_prefix(arn.resource, prefix) && jx_text(found, "Path") &&
	       !text_equal(account_arn(found), typed);
}

/* What the verdict on a target is about: one of another kind than the playbook's is judged as what
 * it is, and a group has no requests of its own. */
static const char *contains_of(const struct playbook *playbook, enum principal_kind kind)
{
	if (!text_equal(playbook->contains, "user") && !text_equal(playbook->contains, "role"))
		return playbook->contains;
	return kind == PRINCIPAL_GROUP ? "none" : account_kind_name(kind);
}

static int resolve(struct planning *p, size_t playbook, const json_t *selected, json_t *scope,
		   struct err *err)
{
	const struct plan_entry *entry = &p->request->entries[playbook];
	const char *key = jx_text(selected, "owner_of");
	const char *name;
	enum principal_kind named = named_kind(selected, &name);
	const char *kind = account_kind_name(named);

	if (!name && key)
		name = account_key_owner(p->account, key);
	json_t *found = account_find(p->account, named, name);
	const json_t *ended = ended_target(p, kind, name);
	const json_t *before = found || !name ? NULL
					      : account_find(p->request->captured, named, name);
	if (!found && !ended && !before && !is_foreign(p, key))
		return no_such(p, selected, err);
	if (found && entry->arn && is_elsewhere(found, kind, entry->arn))
		return err_set(err, ERR_NOT_FOUND, "no %s '%.300s'; there is '%.300s'", kind,
			       entry->arn, account_arn(found));
	if (!found)
		found = (json_t *)(uintptr_t)before;
	if (found)
		name = account_name(found, named);
	json_auto_t *bound = session_of(entry, jx_text(selected, "name"));
	const char *session = json_string_value(bound);
	json_t *target = name ? same_target(p, kind, name, session) : NULL;
	if (!target) {
		target = add_target(p, playbook, kind, name,
				    found ? account_arn(found) : jx_text(ended, "arn"));
		jx_set(target, "contains", jx_string(contains_of(entry->playbook, named)));
		if (text_equal(entry->playbook->contains, "session"))
			jx_set(target, "kind", jx_string("session"));
		if (session)
			jx_set(target, "session", jx_string(session));
	}
	note_key(target, key);
	note_account(target, key);
	jx_set(scope, jx_text(selected, "name"), jx_string(name));
	json_t *named_targets = json_object_get(scope, "$targets");
	if (!json_object_get(named_targets, jx_text(selected, "name")))
		jx_set(named_targets, jx_text(selected, "name"), json_array());
	json_t *list = json_object_get(named_targets, jx_text(selected, "name"));
	if (!jx_find(list, "id", jx_text(target, "id"), NULL))
		json_array_append(list, target);
	return 0;
}

/* Parameters, then targets over them. "$targets" holds lists of target objects by name. */
static int scope_of(struct planning *p, size_t playbook, json_t **ret_scope, struct err *err)
{
	const struct plan_entry *entry = &p->request->entries[playbook];
	json_auto_t *selected = playbook_targets(entry->playbook, entry->parameters);
	json_auto_t *scope = jx_copy(entry->parameters);
	json_t *one;
	size_t i;

	if (json_array_size(selected) == 0)
		return err_set(err, ERR_USAGE, "playbook '%s' was given no target",
			       entry->playbook->name);
	jx_set(scope, "$targets", json_object());
	json_array_foreach (selected, i, one) {
		if (resolve(p, playbook, one, scope, err))
			return -1;
	}
	*ret_scope = json_incref(scope);
	return 0;
}

static json_t *options_of(const json_t *step, const json_t *scope)
{
	json_t *options = json_object();
	const char *key;
	json_t *value;

	json_object_foreach ((json_t *)(uintptr_t)step, key, value) {
		if (strcmp(key, "for_each") != 0)
			jx_set(options, key, playbook_expand(value, scope));
	}
	return options;
}

static bool holds(const json_t *condition, const json_t *scope)
{
	json_auto_t *value = playbook_expand(condition, scope);

	return json_is_true(value) || (json_is_string(value) && json_string_length(value) > 0) ||
	       json_array_size(value) > 0;
}

/* One condition, or a list of which all must hold. */
static bool is_wanted(const json_t *step, const json_t *scope)
{
	const json_t *when = json_object_get(step, "when");
	json_t *one;
	size_t i;

	if (!json_is_array(when))
		return !when || holds(when, scope);
	json_array_foreach (when, i, one) {
		if (!holds(one, scope))
			return false;
	}
	return true;
}

static void push_step(struct steps *steps, struct step step)
{
	struct step *grown = realloc(steps->at, (steps->count + 1) * sizeof(*grown));

	if (!grown)
		abort();
	steps->at = grown;
	step.order = steps->count;
	steps->at[steps->count++] = step;
}

static struct step make_step(size_t playbook, const json_t *step, const json_t *scope,
			     json_t *target)
{
	return (struct step){.id = jx_text(step, "id"),
			     .playbook = playbook,
			     .action = action_find(jx_text(step, "action")),
			     .options = options_of(step, scope),
			     .target = target,
			     .kind = account_kind(jx_text(target, "principal"))};
}

/* A guard drops what expansion brought, and says so. */
static void drop(struct planning *p, const json_t *step, const json_t *target,
		 const json_t *refused)
{
	char why[600];

	snprintf(why, sizeof(why), "%.150s: %.400s", jx_text(target, "arn"),
		 jx_text(refused, "why"));
	jx_push(p->skipped,
		jx_pack("{s:O, s:O, s:o, s:O}", "step", json_object_get(step, "id"), "target",
			json_object_get(refused, "target"), "why", jx_string(why), "instead",
			json_object_get(refused, "instead")));
}

static json_t *expanded_target(struct planning *p, size_t playbook, const json_t *step,
			       const json_t *source, const json_t *role)
{
	json_t *target = same_target(p, "role", jx_text(role, "name"), NULL);

	if (target)
		return json_object_get(target, "refused") ? NULL : target;
	target = add_target(p, playbook, "role", jx_text(role, "name"), jx_text(role, "arn"));
	jx_set(target, "expanded_from", jx_string(jx_text(source, "id")));
	jx_set(target, "contains", jx_string("none"));
	json_auto_t *refused = guard_target(p, target);
	if (!refused)
		return target;
	drop(p, step, target, refused);
	jx_set(target, "refused", json_true());
	return NULL;
}

static void collect_roles(struct planning *p, size_t playbook, const json_t *step, json_t *scope,
			  const json_t *source, struct steps *steps)
{
	json_auto_t *roles = plan_assumable(p->request->account, jx_text(source, "name"),
					    p->request->captured, p->request->now);
	json_t *role;
	size_t i;

	json_array_foreach (roles, i, role) {
		if (!text_equal(jx_text(role, "how"), "allowed"))
			continue;
		json_t *target = expanded_target(p, playbook, step, source, role);
		if (!target)
			continue;
		jx_set(scope, "item", jx_string(jx_text(role, "name")));
		struct step one = make_step(playbook, step, scope, target);
		one.expanded = true;
		push_step(steps, one);
	}
}

static void collect_each(struct planning *p, size_t playbook, const json_t *step, json_t *scope,
			 struct steps *steps)
{
	char name[65];
	json_t *source;
	size_t i;

	referred(jx_text(json_object_get(step, "for_each"), "roles_assumable_by"), name);
	if (!p->request->wide)
		return;
	json_array_foreach (jx_at(scope, "$targets", name, NULL), i, source) {
		if (!json_object_get(source, "refused"))
			collect_roles(p, playbook, step, scope, source, steps);
	}
}

static void collect(struct planning *p, size_t playbook, json_t *scope, struct steps *steps)
{
	const json_t *list = json_object_get(p->request->entries[playbook].playbook->document,
					     "steps");
	json_t *step;
	json_t *target;
	size_t i;
	size_t n;

	json_array_foreach (list, i, step) {
		char name[65];
		if (!is_wanted(step, scope))
			continue;
		if (json_object_get(step, "for_each")) {
			collect_each(p, playbook, step, scope, steps);
			continue;
		}
		referred(step_target(step), name);
		json_array_foreach (jx_at(scope, "$targets", name, NULL), n, target) {
			if (!json_object_get(target, "refused"))
				push_step(steps, make_step(playbook, step, scope, target));
		}
	}
}

static void refuse_targets(struct planning *p)
{
	json_t *target;
	size_t i;

	json_array_foreach (p->targets, i, target) {
		json_t *refused = guard_target(p, target);
		if (!refused)
			continue;
		jx_push(p->refusals, refused);
		jx_set(target, "refused", json_true());
	}
}

static json_t *head_of(const struct plan_request *request)
{
	json_t *playbooks = json_array();
	const json_t *account = request->account;
	json_t *aliases = NULL;

	for (size_t i = 0; i < request->count; i++) {
		const struct plan_entry *entry = &request->entries[i];
		json_t *one = jx_pack("{s:s, s:o, s:s, s:O}", "name", entry->playbook->name,
				      "source", jx_string(entry->playbook->source), "sha256",
				      entry->playbook->sha256, "parameters", entry->parameters);
		if (entry->hop)
			jx_set(one, "hop", json_integer((json_int_t)entry->hop));
		jx_push(playbooks, one);
	}
	account_section(account, "AccountAliases", &aliases);
	return jx_pack("{s:s, s:o, s:O, s:o, s:o, s:o, s:o, s:b}", "format", "cordon-plan/1",
		       "playbooks", playbooks, "account_id", json_object_get(account, "account_id"),
		       "alias", jx_string(json_string_value(json_array_get(aliases, 0))), "caller",
		       jx_string(jx_text(request->caller, "arn")), "credential_source",
		       jx_string(request->credential_source), "endpoint",
		       jx_string(request->endpoint), "rehearsal", request->rehearsal);
}

static json_t *array_of(json_t *plan, const char *name)
{
	json_t *array = json_array();

	jx_set(plan, name, array);
	return array;
}

void planning_begin(struct planning *p, const struct plan_request *request)
{
	*p = (struct planning){.request = request,
			       .account = jx_copy(request->account),
			       .plan = head_of(request),
			       .next_id = json_array_size(request->done) + 1};
	p->targets = array_of(p->plan, "targets");
	p->operations = array_of(p->plan, "operations");
	p->skipped = array_of(p->plan, "skipped");
	p->refusals = array_of(p->plan, "refusals");
	p->warnings = array_of(p->plan, "warnings");
	p->not_covered = array_of(p->plan, "not_covered");
	json_array_extend(p->not_covered, (json_t *)(uintptr_t)request->not_covered);
}

/* What the plan could not see of a named target. */
static void warn_unread(struct planning *p, const json_t *target, const json_t *entry,
			enum principal_kind kind)
{
	const struct section *row;

	for (size_t i = 0; (row = account_section_at(i)); i++) {
		const char *why = jx_text(jx_at(entry, row->name, "unread", NULL), "why");
		const char *code = jx_text(jx_at(entry, row->name, "unread", NULL), "code");
		if (!(row->kinds & (1u << kind)) || json_object_get(target, "expanded_from") ||
		    (!text_equal(why, "denied") && !text_equal(why, "failed")))
			continue;
		planning_warn(p, "unread, so unknown: %s of %s (%s%s%s)", row->what,
			      jx_text(target, "arn"), why, code ? ", " : "", code ? code : "");
	}
}

/* AWS asks not to take its quarantine away, and to follow the support case. */
static void warn_quarantine(struct planning *p, const json_t *target, const json_t *entry)
{
	const char *arn = standing_aws_quarantine(entry);

	if (arn && !planning_set_here(p, target, "PolicyArn", arn) &&
	    !planning_set_here(p, target, "PermissionsBoundary", arn))
		planning_warn(p,
			      "AWS's own quarantine (%s) is attached to %s: leave it, and follow "
			      "AWS's support case; it does not contain by itself",
			      arn, jx_text(target, "arn"));
}

static void warn_target(struct planning *p, const json_t *target)
{
	enum principal_kind kind = account_kind(jx_text(target, "principal"));
	const json_t *entry = account_find(p->request->account, kind, jx_text(target, "name"));
	bool keys = account_section(entry, "AccessKeys", NULL) == SECTION_UNREAD;
	json_t *id;
	size_t i;

	json_array_foreach (json_object_get(target, "keys"), i, id) {
		if (keys &&
		    account_item(entry, "AccessKeys", json_string_value(id), NULL) != SECTION_VALUE)
			planning_warn(p, "whether %s is a key of %s could not be read (%s)",
				      json_string_value(id), jx_text(target, "arn"),
				      account_unread_why(entry, "AccessKeys"));
	}
	warn_unread(p, target, entry, kind);
	warn_quarantine(p, target, entry);
}

static void warn_targets(struct planning *p)
{
	json_t *target;
	size_t i;

	guard_warnings(p);
	json_array_foreach (p->targets, i, target) {
		if (!json_object_get(target, "refused"))
			warn_target(p, target);
	}
	if (p->request->custom_endpoint)
		planning_warn(p, "the endpoint of %s, %s, is not AWS's own",
			      p->request->custom_service, p->request->custom_endpoint);
}

static bool may_be_gone(const struct planning *p, size_t playbook, const struct err *err)
{
	return p->request->entries[playbook].hop && err->code == ERR_NOT_FOUND;
}

/* Somebody else has deleted him since the log was written: that is said, and the others go on. */
static json_t *left_out(struct planning *p, size_t playbook, struct err *err)
{
	const struct plan_entry *entry = &p->request->entries[playbook];
	char *what = jx_sorted(entry->parameters);

	planning_uncovered(p, NULL, err->message, "%s %s", entry->playbook->name, what);
	free(what);
	if (!json_object_get(p->plan, "absent"))
		array_of(p->plan, "absent");
	jx_push(json_object_get(p->plan, "absent"), jx_string(err->message));
	*err = (struct err)ERR_INIT;
	json_t *scope = jx_copy(entry->parameters);
	jx_set(scope, "$targets", json_object());
	return scope;
}

static int collect_all(struct planning *p, struct steps *steps, struct err *err)
{
	json_auto_t *scopes = json_array();
	size_t gone = 0;

	for (size_t i = 0; i < p->request->count; i++) {
		json_t *scope = NULL;
		if (scope_of(p, i, &scope, err)) {
			if (!may_be_gone(p, i, err) || ++gone == p->request->count)
				return -1;
			scope = left_out(p, i, err);
		}
		jx_push(scopes, scope);
	}
	refuse_targets(p);
	for (size_t i = 0; i < p->request->count; i++)
		collect(p, i, json_array_get(scopes, i), steps);
	return 0;
}

static void plan_steps(struct planning *p, struct steps *steps)
{
	if (steps->count)
		qsort(steps->at, steps->count, sizeof(*steps->at), by_execution);
	for (size_t i = 0; i < steps->count; i++) {
		struct step *step = &steps->at[i];
		p->phase = 0;
		/* What this run has deleted needs no more, but to be made anew. */
		if (guard_step(p, step))
			continue;
		if (step_entry(p, step) || step->action->whole_account)
			step->action->plan(p, step);
		else
			planning_reached(p, step, "%s is gone", step_arn(step));
	}
}

void planning_end(struct planning *p)
{
	json_decref(p->account);
	json_decref(p->plan);
}

static void release(struct planning *p, struct steps *steps)
{
	for (size_t i = 0; i < steps->count; i++)
		json_decref(steps->at[i].options);
	free(steps->at);
	planning_end(p);
}

int plan_make(const struct plan_request *request, json_t **ret_plan, struct err *err)
{
	struct steps steps = {0};
	struct planning p;

	planning_begin(&p, request);
	int ret = collect_all(&p, &steps, err);
	if (ret == 0) {
		plan_steps(&p, &steps);
		guard_lockout(&p);
		guard_plan(&p);
		guard_held(&p);
		warn_targets(&p);
		coverage_note(&p);
		plan_seal(p.plan, request->run_id);
		*ret_plan = json_incref(p.plan);
	}
	release(&p, &steps);
	return ret;
}

json_t *plan_predict(const json_t *plan, const json_t *account)
{
	json_t *after = jx_copy(account);
	json_t *operation;
	size_t i;

	json_array_foreach (json_object_get(plan, "operations"), i, operation) {
		const struct operation *op = operation_find(jx_text(operation, "operation"));
		if (op)
			operation_effect(op, after, json_object_get(operation, "parameters"));
	}
	return after;
}
