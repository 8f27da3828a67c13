// SPDX-License-Identifier: Apache-2.0
/* One statement held against one request. */
#include "compiled.h"
#include "cordon/text.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static void prepare_action(struct asked *asked, const char *action)
{
	const char *colon = strchr(action, ':');
	size_t length = strlen(action);

	asked->never = !colon || colon == action || !colon[1] || length >= ACTION_MAX;
	if (asked->never)
		return;
	for (size_t i = 0; i <= length; i++)
		asked->action[i] = (char)tolower((unsigned char)action[i]);
	size_t service = (size_t)(colon - action);
	asked->service = action_service(asked->action, service);
	asked->name = (struct span){asked->action + service + 1, length - service - 1};
}

void asked_resource(struct asked *asked, const char *resource)
{
	asked->resource_parts = resource ? span_split(resource, asked->resource) : 0;
}

void asked_prepare(struct asked *asked, const struct request *request, enum bound bound)
{
	*asked = (struct asked){.request = request, .bound = bound};
	asked->who = who_of(request);
	prepare_action(asked, request->action ? request->action : "");
	asked_resource(asked, request->resource);
}

static bool names_action(const struct statement *s, const struct asked *asked)
{
	if (s->all_actions)
		return true;
	if (!(s->services & (uint64_t)1 << (asked->service >> 32 & 63)))
		return false;
	for (size_t i = 0; i < s->action_count; i++) {
		const struct action_pattern *a = &s->actions[i];
		if (a->service == asked->service && pattern_matches(&a->name, asked->name, false))
			return true;
	}
	return false;
}

bool statement_covers_action(const struct statement *s, const struct asked *asked)
{
	if (!s->has_actions)
		return s->doubtful;
	return names_action(s, asked) != s->not_action;
}

bool statement_on_everything(const struct statement *s)
{
	for (size_t i = 0; i < s->resource_count; i++) {
		if (s->resources[i].all)
			return true;
	}
	return false;
}

/* How a statement is read depends on which side it would be wrong to err on. */
static enum reading reading_of(const struct statement *s, const struct asked *asked)
{
	bool deny = s->effect == EFFECT_EXPLICIT_DENY;

	if (asked->bound == BOUND_EXACT)
		return READ_EXACT;
	return (asked->bound == BOUND_MAY) == deny ? READ_NARROW : READ_WIDE;
}

static enum resolved match_last(const struct pattern *last, const struct asked *asked,
				bool *ret_match)
{
	struct pattern pattern;
	uint16_t *made = NULL;
	enum resolved resolved = pattern_resolve(last, asked->request->context, &pattern, &made);

	if (resolved == RESOLVED)
		*ret_match = pattern_matches(&pattern, asked->resource[5], asked->opaque);
	free(made);
	return resolved;
}

/* A '*' that is taken to cross the colons of an ARN. */
static bool matches_across(const struct resource_pattern *r, const struct asked *asked)
{
	const char *start = asked->resource[0].text;

	return !r->never && !r->whole.broken && !pattern_has_variable(&r->whole) &&
	       pattern_matches(&r->whole, (struct span){start, strlen(start)}, asked->opaque);
}

static bool parts_match(const struct resource_pattern *r, const struct asked *asked)
{
	for (size_t i = 0; i < 5 && i < r->count; i++) {
		if (!pattern_matches(&r->parts[i], asked->resource[i], asked->opaque))
			return false;
	}
	return true;
}

/* Whether two patterns may have a text in common: not, if what they begin with differs. */
static bool may_meet(const struct resource_pattern *r, const struct asked *asked)
{
	const char *text = asked->resource[0].text;

	for (size_t i = 0; i < r->whole.length && r->whole.tokens[i] < TOKEN_ANY; i++) {
		if (!text[i] || strchr("*?$", text[i]))
			return true;
		if (r->whole.tokens[i] != (unsigned char)text[i])
			return false;
	}
	return true;
}

enum fit_resource { MISS, DOUBT, HIT, UNFIT };

/* UNFIT: a variable of it has no value, so that the statement does not apply by its opposite
 * either. */
static enum fit_resource match_resource(const struct resource_pattern *r, const struct asked *asked,
					enum reading reading, const struct resource_form *form)
{
	bool match = false;

	if (r->all)
		return HIT;
	if (asked->opaque && reading == READ_WIDE)
		return form_meets(form, r) && may_meet(r, asked) ? HIT : MISS;
	if (r->never || asked->resource_parts < 6 || !parts_match(r, asked))
		return reading == READ_WIDE && asked->resource_parts == 6 &&
				       matches_across(r, asked)
			       ? HIT
			       : MISS;
	if (r->typed && reading == READ_NARROW)
		return MISS;
	if (r->count < 6)
		return HIT;
	switch (match_last(&r->parts[5], asked, &match)) {
	case UNRESOLVED:
		return UNFIT;
	case RESOLVED_UNKNOWN:
		return DOUBT;
	case RESOLVED:
		break;
	}
	return match ? HIT : MISS;
}

/* Only an Allow is held against the form: a Deny is left as it is written. */
static const struct resource_form *form_of(const struct statement *s, const struct asked *asked)
{
	return s->effect == EFFECT_ALLOW ? asked->request->form : NULL;
}

/* NULL as resource: on some resource or other. A part of all resources is enough for an Allow, and
 * to a Deny only where everything that may be denied counts. */
static enum truth covers_some(const struct statement *s, const struct asked *asked)
{
	const struct resource_form *form = form_of(s, asked);
	bool all = statement_on_everything(s);
	bool part = s->not_resource;

	if (all)
		return s->not_resource ? TRUTH_NO : TRUTH_YES;
	if (asked->request->every && s->effect == EFFECT_ALLOW)
		return !s->not_resource && form_covered(form, s, &asked->who) ? TRUTH_YES
									      : TRUTH_NO;
	for (size_t i = 0; i < s->resource_count && !part; i++)
		part = form_meets(form, &s->resources[i]);
	return part && (s->effect == EFFECT_ALLOW || asked->bound == BOUND_MUST) ? TRUTH_YES
										 : TRUTH_NO;
}

static enum truth covers_resource(const struct statement *s, const struct asked *asked,
				  enum reading reading)
{
	enum truth found = TRUTH_NO;

	if (!s->has_resources)
		return s->doubtful ? TRUTH_MAYBE : TRUTH_YES;
	if (!asked->request->resource && !asked->opaque)
		return covers_some(s, asked);
	if (s->not_resource)
		reading = (enum reading)(-(int)reading);
	for (size_t i = 0; i < s->resource_count; i++) {
		enum fit_resource fit = match_resource(&s->resources[i], asked, reading,
						       form_of(s, asked));
		if (fit == UNFIT && s->not_resource)
			return TRUTH_NO;
		if (fit == HIT)
			found = TRUTH_YES;
		else if (fit == DOUBT)
			found = truth_or(found, TRUTH_MAYBE);
	}
	return s->not_resource ? truth_not(found) : found;
}

static enum truth covers_principal(const struct statement *s, const struct asked *asked,
				   enum grant *ret_grant)
{
	enum grant grant = GRANT_DIRECT;

	if (s->has_principals) {
		grant = principals_match(&s->principals, &asked->who);
		/* An exception by NotPrincipal does not hold for who has a boundary. */
		if (s->not_principal && asked->bounded && s->effect == EFFECT_EXPLICIT_DENY)
			grant = GRANT_NONE;
		if (s->not_principal)
			grant = grant == GRANT_NONE ? GRANT_DIRECT : GRANT_NONE;
	}
	/* Somebody is named who cannot be read; he may be meant. */
	if (grant == GRANT_NONE && s->principals.broken)
		grant = GRANT_ACCOUNT;
	*ret_grant = grant;
	if (grant == GRANT_NONE)
		return TRUTH_NO;
	return s->principals.broken ? TRUTH_MAYBE : TRUTH_YES;
}

enum truth statement_applies(const struct statement *s, const struct asked *asked,
			     enum grant *ret_grant)
{
	enum grant grant = GRANT_NONE;

	if (!statement_covers_action(s, asked))
		return TRUTH_NO;
	enum truth truth = covers_principal(s, asked, &grant);
	if (truth != TRUTH_NO)
		truth = truth_and(truth, covers_resource(s, asked, reading_of(s, asked)));
	if (truth != TRUTH_NO)
		truth = truth_and(truth, conditions_hold(&s->conditions, asked->request->context));
	if (truth == TRUTH_YES && s->doubtful)
		truth = TRUTH_MAYBE;
	if (ret_grant)
		*ret_grant = grant;
	return truth;
}
