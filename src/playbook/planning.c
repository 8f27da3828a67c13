// SPDX-License-Identifier: Apache-2.0
/* What the planners of actions say, written into the plan. */
#include "planning.h"

#include "standing.h"

#include "cordon/err.h"
#include "cordon/identity.h"
#include "cordon/json.h"
#include "cordon/operation.h"
#include "cordon/policy.h"
#include "cordon/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *step_principal(const struct step *step)
{
	return jx_text(step->target, "name");
}

const char *step_arn(const struct step *step)
{
	return jx_text(step->target, "arn");
}

json_t *step_entry(const struct planning *p, const struct step *step)
{
	return account_find(p->account, step->kind, step_principal(step));
}

const char *step_option(const struct step *step, const char *name)
{
	return jx_text(step->options, name);
}

bool step_userid(const struct planning *p, const struct step *step,
		 char out[static IDENTITY_USERID])
{
	const char *id = step->kind == PRINCIPAL_ROLE ? jx_text(step_entry(p, step), "RoleId")
						      : jx_text(p->account, "account_id");

	return identity_userid(id, step_option(step, "session"), out);
}

__attribute__((format(printf, 1, 0))) static json_t *formatted(const char *format, va_list args)
{
	char text[768];

	vsnprintf(text, sizeof(text), format, args);
	return jx_string(text);
}

void planning_warn(struct planning *p, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	json_auto_t *text = formatted(format, args);
	va_end(args);
	jx_add_unique(p->warnings, json_string_value(text));
}

static void skip(struct planning *p, const struct step *step, bool reached, const char *instead,
		 json_t *why_stolen)
{
	jx_push(p->skipped, jx_pack("{s:s, s:s, s:o, s:o, s:b}", "step", step->id, "target",
				    jx_text(step->target, "id"), "why", why_stolen, "instead",
				    jx_string(instead), "reached", reached));
	json_t *entry = json_array_get(p->skipped, json_array_size(p->skipped) - 1);
	jx_set(entry, "action", jx_string(step->action->name));
	if (step_option(step, "session"))
		jx_set(entry, "session", jx_string(step_option(step, "session")));
}

void planning_skip(struct planning *p, const struct step *step, const char *instead,
		   const char *why, ...)
{
	va_list args;

	va_start(args, why);
	skip(p, step, false, instead, formatted(why, args));
	va_end(args);
}

void planning_reached(struct planning *p, const struct step *step, const char *why, ...)
{
	va_list args;

	va_start(args, why);
	skip(p, step, true, NULL, formatted(why, args));
	va_end(args);
}

json_t *planning_uncovered(struct planning *p, const char *command, const char *why,
			   const char *format, ...)
{
	va_list args;

	va_start(args, format);
	json_auto_t *entry = jx_pack("{s:o, s:s, s:o}", "what", formatted(format, args), "why", why,
				     "command", jx_string(command));
	va_end(args);
	json_t *other;
	size_t i;
	json_array_foreach (p->not_covered, i, other) {
		if (json_equal(entry, other))
			return other;
	}
	json_array_append(p->not_covered, entry);
	return entry;
}

json_t *plan_way(const char *arn, const char *way)
{
	return json_sprintf("%s %s", arn, way);
}

bool planning_exhausted(const struct planning *p, const struct step *step, const char *way)
{
	json_auto_t *text = plan_way(step_arn(step), way);

	return jx_contains(p->request->exhausted, json_string_value(text));
}

void planning_phase(struct planning *p)
{
	p->phase++;
}

bool step_names(const struct step *step, const char *option, const char *value, bool otherwise)
{
	const json_t *given = json_object_get(step->options, option);

	if (json_is_string(given))
		return text_equal(json_string_value(given), value);
	return json_array_size(given) ? jx_contains(given, value) : otherwise;
}

bool step_flag(const struct step *step, const char *option)
{
	return json_is_true(json_object_get(step->options, option));
}

bool step_unset(const struct step *step, const char *option)
{
	const json_t *value = json_object_get(step->options, option);

	return value && (json_is_null(value) || json_is_false(value) ||
			 (json_is_array(value) && json_array_size(value) == 0));
}

void step_missing(struct planning *p, const struct step *step, const char *option,
		  const json_t *entry, const char *section)
{
	const json_t *given = json_object_get(step->options, option);
	json_auto_t *one = json_is_string(given) ? jx_pack("[O]", given) : NULL;
	json_t *name;
	size_t i;

	json_array_foreach (one ? one : given, i, name) {
		if (account_item(entry, section, json_string_value(name), NULL) == SECTION_NONE)
			planning_warn(p, "%s has no %s '%s'", step_arn(step),
				      account_section_row(section)->what, json_string_value(name));
	}
}

bool planning_set_here(const struct planning *p, const json_t *target, const char *member,
		       const char *arn)
{
	json_t *operation;
	size_t i;

	json_array_foreach (p->request->done, i, operation) {
		const json_t *parameters = json_object_get(operation, "parameters");
		if (text_equal(jx_text(operation, "target"), jx_text(target, "id")) &&
		    text_has_prefix(jx_text(operation, "operation"),
				    strcmp(member, "PolicyArn") == 0 ? "Attach" : "Put") &&
		    text_equal(jx_text(parameters, member), arn))
			return true;
	}
	return false;
}

/* A quarantine on an entry that this run has not put there itself: its ARN, or NULL. */
static const char *foreign_quarantine(const struct planning *p, const json_t *target,
				      const json_t *entry)
{
	json_t *boundary = NULL;
	json_t *list = NULL;
	json_t *item;
	size_t i;

	if (account_section(entry, "AttachedManagedPolicies", &list) == SECTION_UNREAD)
		list = jx_at(entry, "AttachedManagedPolicies", "unread", "known", NULL);
	json_array_foreach (list, i, item) {
		const char *arn = jx_text(item, "PolicyArn");
		if (policy_is_aws_quarantine(arn) &&
		    !planning_set_here(p, target, "PolicyArn", arn))
			return arn;
	}
	account_section(entry, "PermissionsBoundary", &boundary);
	const char *bound = jx_text(boundary, "PermissionsBoundaryArn");
	return policy_is_aws_quarantine(bound) &&
			       !planning_set_here(p, target, "PermissionsBoundary", bound)
		       ? bound
		       : NULL;
}

static bool hold(struct planning *p, const struct step *step, const char *arn, const char *what)
{
	if (!arn || p->request->support_case)
		return false;
	skip(p, step, false, "--support-case ID",
	     json_sprintf("AWS's own quarantine stands (%s), and AWS asks to follow its support "
			  "case before %s",
			  arn, what));
	jx_set(json_array_get(p->skipped, json_array_size(p->skipped) - 1), "guard",
	       jx_string("aws-quarantine"));
	return true;
}

/* Where it stands could not be read: the first section of which that is so. */
static const char *unread_quarantine(const json_t *entry, enum principal_kind kind)
{
	static const char *const sections[] = {"AttachedManagedPolicies", "PermissionsBoundary",
					       NULL};

	for (size_t i = 0; sections[i]; i++) {
		const struct section *row = account_section_row(sections[i]);
		if ((row->kinds & (1u << kind)) &&
		    account_section(entry, sections[i], NULL) == SECTION_UNREAD)
			return sections[i];
	}
	return NULL;
}

/* A guard that rests on an unread section refuses deletions, and nothing else. */
static bool hold_unread(struct planning *p, const struct step *step, const json_t *entry,
			const char *what)
{
	const char *section = entry ? unread_quarantine(entry, step->kind) : NULL;

	if (!section || step->action->class != CLASS_DELETE || p->request->support_case)
		return false;
	skip(p, step, false, "--support-case ID",
	     json_sprintf(
		     "whether AWS's own quarantine stands could not be read (%s), and AWS asks "
		     "to follow its support case before %s",
		     account_unread_why(entry, section), what));
	jx_set(json_array_get(p->skipped, json_array_size(p->skipped) - 1), "guard",
	       jx_string("aws-quarantine"));
	return true;
}

bool planning_held_by_aws(struct planning *p, const struct step *step, const char *what)
{
	const json_t *entry = account_find(p->request->account, step->kind, step_principal(step));

	return hold(p, step, foreign_quarantine(p, step->target, entry), what) ||
	       hold_unread(p, step, entry, what);
}

bool planning_held_in_group(struct planning *p, const struct step *step, const char *group)
{
	const json_t *entry = account_find(p->request->account, PRINCIPAL_GROUP, group);

	return hold(p, step, standing_aws_quarantine(entry), "the user leaves a group that has it");
}

bool planning_stamped(const struct planning *p, const char *arn)
{
	return jx_contains(p->request->stamped, arn);
}

/* What stands under the name is ours to replace: nothing, or a document of our own form. */
static bool replaceable(const json_t *entry, const char *section, const char *name,
			bool (*ours)(const json_t *document))
{
	json_t *item = NULL;

	switch (account_item(entry, section, name, &item)) {
	case SECTION_NONE:
		return true;
	case SECTION_UNREAD:
		return false;
	case SECTION_VALUE:
		break;
	}
	json_auto_t *document = account_document(json_object_get(item, "PolicyDocument"));
	return document && ours && ours(document);
}

/* Nobody knows what it says, or whether it is there. */
static bool is_sealed(const json_t *entry, const char *section, const char *name)
{
	json_t *item = NULL;

	return account_item(entry, section, name, &item) == SECTION_UNREAD ||
	       jx_at(item, "PolicyDocument", "unread", NULL);
}

char *planning_policy_name(struct planning *p, const struct step *step, const char *base,
			   bool (*ours)(const json_t *document))
{
	const char *section = account_inline_section(step->kind);
	json_t *entry = step_entry(p, step);
	char name[129];

	/* What this run put there itself is replaceable, though it cannot be read now. */
	if (replaceable(entry, section, base, ours) ||
	    (is_sealed(entry, section, base) &&
	     planning_set_here(p, step->target, "PolicyName", base))) {
		snprintf(name, sizeof(name), "%s", base);
	} else {
		snprintf(name, sizeof(name), "%.90s-%.36s", base,
			 p->request->run_id ? p->request->run_id : PLAN_NEW_RUN);
		/* Nobody else can have made a policy of this name. */
		account_know(entry, section, name, NULL);
	}
	char *copy = strdup(name);
	if (!copy)
		abort();
	return copy;
}

static const char *principal_member(const struct operation *op)
{
	for (const struct member *m = op->input; m->name; m++) {
		if (m->flags & MEMBER_PRINCIPAL)
			return m->name;
	}
	return NULL;
}

static json_t *describe(struct planning *p, const struct step *step, const struct operation *op,
			json_t *parameters_stolen)
{
	json_t *undo = operation_undo(op, p->account, parameters_stolen);
	char id[32];

	snprintf(id, sizeof(id), "o%zu", p->next_id++);
	json_t *operation = jx_pack("{s:s, s:I, s:s, s:s, s:i, s:s, s:s, s:o}", "id", id,
				    "playbook", (json_int_t)step->playbook, "target",
				    jx_text(step->target, "id"), "step", step->id, "stage",
				    (int)step->action->class, "service", op->service, "operation",
				    op->name, "parameters", parameters_stolen);
	jx_set(operation, "undo", undo ? undo : json_null());
	/* A deny is not held up because what stood there could not be read. */
	if (step->action->irreversible || (!undo && step->action->class >= CLASS_STRIP))
		jx_set(operation, "irreversible", json_true());
	if (p->phase)
		jx_set(operation, "phase", jx_pack("i", p->phase));
	return operation;
}

static json_t *add(struct planning *p, const struct step *step, const char *principal,
		   const char *name, json_t *parameters_stolen, json_t *why_stolen)
{
	const struct operation *op = operation_find(name);
	struct err err = ERR_INIT;

	jx_set(parameters_stolen, principal_member(op), jx_string(principal));
	if (operation_check(op, parameters_stolen, &err)) {
		planning_skip(p, step, NULL, "%s", err.message);
		json_decref(parameters_stolen);
		json_decref(why_stolen);
		return NULL;
	}
	json_t *operation = describe(p, step, op, parameters_stolen);
	jx_set(operation, "why", why_stolen);
	jx_push(p->operations, operation);
	operation_effect(op, p->account, parameters_stolen);
	return operation;
}

json_t *planning_add(struct planning *p, const struct step *step, const char *name,
		     json_t *parameters_stolen, const char *why, ...)
{
	va_list args;

	va_start(args, why);
	json_t *text = formatted(why, args);
	va_end(args);
	return add(p, step, step_principal(step), name, parameters_stolen, text);
}

json_t *planning_add_on(struct planning *p, const struct step *step, const char *principal,
			const char *name, json_t *parameters_stolen, const char *why, ...)
{
	va_list args;

	va_start(args, why);
	json_t *text = formatted(why, args);
	va_end(args);
	return add(p, step, principal, name, parameters_stolen, text);
}
