// SPDX-License-Identifier: Apache-2.0
/* Whether a resource pattern and the form of some ARNs have a text in common. */
#include "compiled.h"

#include <stdio.h>
#include <string.h>

enum { MAX_FORM = 160 };

/* Words between blanks. False after the last one; without any there is one, and it is empty. */
static bool next_word(const char **at, struct span *word)
{
	if (!*at)
		return false;
	word->text = *at;
	word->length = strcspn(*at, " ");
	*at = word->text[word->length] ? word->text + word->length + 1 : NULL;
	return true;
}

/* What is reached without a character of the pattern, or by its '*' over any. */
static void spread(bool *reached, struct span form, bool any)
{
	for (size_t i = 0; i < form.length; i++)
		reached[i + 1] = reached[i + 1] || (reached[i] && (any || form.text[i] == '*'));
}

static bool takes(uint16_t token, char c)
{
	return token == TOKEN_ONE ? c != '*' : token == (unsigned char)c;
}

/* Both have wildcards. colons: a '*' of the form may stand for them. */
static bool meet(const struct pattern *pattern, struct span form, bool colons)
{
	bool reached[MAX_FORM + 1] = {true};

	if (form.length > MAX_FORM)
		return true;
	for (size_t n = 0; n < pattern->length; n++) {
		uint16_t token = pattern->tokens[n];
		bool any = token == TOKEN_ANY || token >= TOKEN_VARIABLE;
		spread(reached, form, any);
		for (size_t i = form.length + 1; !any && i-- > 0;) {
			bool stays = i < form.length && form.text[i] == '*' &&
				     (token != ':' || colons);
			bool comes = i && takes(token, form.text[i - 1]);
			reached[i] = (reached[i] && stays) || (comes && reached[i - 1]);
		}
	}
	spread(reached, form, false);
	return reached[form.length];
}

static bool is_wild(const struct pattern *pattern)
{
	for (size_t i = 0; i < pattern->length; i++) {
		if (pattern->tokens[i] >= TOKEN_ANY)
			return true;
	}
	return false;
}

static bool is_service(const struct resource_pattern *r, struct span service)
{
	return r->count < 3 || meet(&r->parts[2], service, false);
}

static bool is_arn(const struct resource_pattern *r)
{
	return meet(&r->parts[0], (struct span){"arn", 3}, false) &&
	       (r->count < 2 || meet(&r->parts[1], (struct span){"aws*", 4}, false));
}

/* A '*' before the last part may be taken to cross the colons, but not those of a name. */
static bool meets_across(const struct resource_pattern *r, struct span service, struct span type)
{
	char form[MAX_FORM];
	bool wild = false;
	bool early = false; /* the '*' stands where the service may be behind it */

	for (size_t i = 0; i < r->count && i < 5; i++) {
		wild = wild || is_wild(&r->parts[i]);
		early = early || (i < 3 && is_wild(&r->parts[i]));
	}
	if (!wild || (!early && !is_service(r, service)))
		return false;
	int length = snprintf(form, sizeof(form), "arn:aws*:%.*s:*:*:%.*s*", (int)service.length,
			      service.text, (int)type.length, type.text);
	if (length >= (int)sizeof(form))
		return true;
	return meet(&r->whole, (struct span){form, (size_t)length}, false);
}

static bool meets_one(const struct resource_pattern *r, struct span service, struct span type)
{
	char last[MAX_FORM];

	if (is_arn(r) && is_service(r, service)) {
		int length = snprintf(last, sizeof(last), "%.*s*", (int)type.length, type.text);
		if (r->count < 6 || length >= (int)sizeof(last) ||
		    meet(&r->parts[5], (struct span){last, (size_t)length}, true))
			return true;
	}
	return meets_across(r, service, type);
}

bool form_meets(const struct resource_form *form, const struct resource_pattern *r)
{
	struct span service;
	struct span type;

	if (r->never || r->all || !form)
		return !r->never;
	for (const char *services = form->services; next_word(&services, &service);) {
		const char *types = form->types ? form->types : "";
		while (next_word(&types, &type)) {
			if (meets_one(r, service, type))
				return true;
		}
	}
	return false;
}

/* Every ARN of the principal's own account that has this service and type. */
static bool covers_one(const struct resource_pattern *r, const struct who *who, struct span service,
		       struct span type)
{
	char arn[MAX_FORM];
	struct span parts[6];
	int length = snprintf(arn, sizeof(arn), "arn:%s:%.*s::%s:%.*s*", who->partition,
			      (int)service.length, service.text, who->account, (int)type.length,
			      type.text);

	if (r->never || r->typed || length >= (int)sizeof(arn))
		return false;
	span_split(arn, parts);
	for (size_t i = 0; i < r->count; i++) {
		if (!pattern_matches(&r->parts[i], parts[i], true))
			return false;
	}
	return true;
}

bool form_covered(const struct resource_form *form, const struct statement *s,
		  const struct who *who)
{
	struct span service;
	struct span type;

	if (!form || !form->types)
		return false;
	for (const char *services = form->services; next_word(&services, &service);) {
		const char *types = form->types;
		while (next_word(&types, &type)) {
			size_t i = 0;
			while (i < s->resource_count &&
			       !covers_one(&s->resources[i], who, service, type))
				i++;
			if (i == s->resource_count)
				return false;
		}
	}
	return true;
}
