/* SPDX-License-Identifier: Apache-2.0 */
/*
 * evaluate: what IAM would decide about a request.
 *
 *     struct policy *p = policy_compile(document, LAYER_IDENTITY, "inline deploy");   once
 *     policy_set_add(&set, p, 0);
 *     policy_evaluate(&set, &request, BOUND_EXACT, &decision);                        many times
 *
 * A set borrows its policies, which may stand in many sets; the caller frees both. A request
 * borrows all of its strings. A decision points into the set and lives as long.
 *
 * Evaluating never fails. What a document says that is not understood (an unknown operator, a value
 * that is none, an unknown member) is listed by policy_problems(), and leaves its statement in
 * doubt, as a context key does whose value nobody knows. A bound says how doubt is counted:
 *
 *     BOUND_EXACT  as AWS documents it; where a statement is in doubt, a Deny counts and an Allow
 *                  does not
 *     BOUND_MAY    what may be possible: an Allow in doubt counts, a Deny only if it is certain
 *     BOUND_MUST   what is possible in every case: the opposite
 *
 * Of two readings that AWS's documents leave open, MAY and MUST take the one on their side too: a
 * '*' that crosses the colons of an ARN, and a wildcard in the type of a resource ("inst?nce/x").
 * Pure.
 */
#ifndef CORDON_EVALUATE_H
#define CORDON_EVALUATE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <time.h>

struct err;

enum policy_layer {
	LAYER_IDENTITY, /* with those of groups */
	LAYER_BOUNDARY,
	LAYER_SESSION,
	LAYER_SCP,
	LAYER_RCP,
	LAYER_RESOURCE, /* a trust policy too */
	LAYER_ENDPOINT,
	LAYER_COUNT,
};

struct policy; /* a compiled document */

/* Never NULL. document and name are kept for the decisions: document by reference, name copied. */
struct policy *policy_compile(const json_t *document, enum policy_layer layer, const char *name);
void policy_free(struct policy *policy);
/* [{"policy","statement","what"}], maybe empty; borrowed. */
const json_t *policy_problems(const struct policy *policy);
const char *policy_name(const struct policy *policy);
/* The Sid of a statement, or its number from 0; new. */
json_t *policy_statement_name(const struct policy *policy, size_t statement);
/* The statement as it was written; borrowed, NULL if there is none. */
const json_t *policy_statement_source(const struct policy *policy, size_t statement);

/* The policies that bear on one principal and one resource. */
struct policy_set {
	struct policy_list {
		struct policy_entry {
			const struct policy *policy;
			unsigned level; /* SCPs and RCPs: from 0, the root */
		} * entries;
		size_t count;
		unsigned levels; /* SCPs and RCPs: also those without a policy */
	} layers[LAYER_COUNT];
};

void policy_set_add(struct policy_set *set, const struct policy *policy, unsigned level);
/* There are so many levels, even if the last ones hold no policy, and so no Allow. */
void policy_set_levels(struct policy_set *set, enum policy_layer layer, unsigned levels);
void policy_set_release(struct policy_set *set);

/* The condition keys of a request; names are compared without case. */
struct context;

/* open: a key that was not added is unknown; else it is absent. */
struct context *context_new(bool open);
void context_free(struct context *context);
/* value: a string, number or boolean, or a list of them (a multivalued key). False: none of those.
 */
bool context_add(struct context *context, const char *key, const json_t *value);
void context_add_text(struct context *context, const char *key, const char *value);
void context_add_absent(struct context *context, const char *key);
/* Of the keys that begin so, all were added: no other is there. */
void context_close(struct context *context, const char *prefix);
/* A time that is this or later: whoever asks can wait. */
void context_add_since(struct context *context, const char *key, time_t since);

/* What the ARNs of a resource look like: words between blanks. */
struct resource_form {
	const char *services; /* "iam" */
	const char *types;    /* what the last part begins with: "user/ role/"; NULL: anything */
};

struct request {
	/* The ARN of a user, role, session, federated user or root; a service's name; "*" for
	 * nobody in particular. */
	const char *principal;
	const char
		*issuer; /* the ARN of the role or user behind a session; NULL: as far as known */
	const char *action;   /* "iam:PassRole" */
	const char *resource; /* an ARN, or "*"; NULL: some resource or other */
	/* Where resource is NULL: what it can only be; NULL: anything. Some resource or other of
	 * the form is then enough for an Allow. */
	const struct resource_form *form;
	bool every; /* where resource is NULL: an Allow must cover all there are */
	const char *resource_account; /* NULL: the one in the ARN, else the principal's */
	const struct context *context;
	bool management; /* the principal's account is the organization's own: no SCP binds it */
	bool unread; /* the resource's own policy is not known; it may allow what it must itself */
	bool undenied; /* as if no identity policy, boundary or session policy denied anything */
};

enum effect { EFFECT_IMPLICIT_DENY, EFFECT_EXPLICIT_DENY, EFFECT_ALLOW };
enum bound { BOUND_EXACT, BOUND_MAY, BOUND_MUST };

struct decision {
	enum effect effect;
	const struct policy *policy; /* whose statement decided; NULL: none did */
	size_t statement;
	enum policy_layer layer; /* what decided, or what holds no Allow */
	const char *rule;	 /* a rule of AWS's that no policy changes, or NULL */
};

void policy_evaluate(const struct policy_set *set, const struct request *request, enum bound bound,
		     struct decision *ret_decision);

/* Some statement of the principal's own policies denies whatever it asks for, in every case: what
 * policy_evaluate() decides of any action then, but for those that no policy can deny. */
bool policy_denies_everything(const struct policy_set *set, struct decision *ret_decision);

/* An Allow that was decided for some resource or other is for all there are, by this statement. */
bool policy_on_everything(const struct policy *policy, size_t statement);

/* One row of `cordon evaluate`: a request with its policies, as cordon(1) describes it, to
 * {"id","decision","by"}; "may" and "problems" are added where a document is not understood.
 * ERR_INPUT for a row that is none. */
int policy_decide(const json_t *row, json_t **ret_decision, struct err *err);

const char *policy_effect_name(enum effect effect); /* "Allow", "ExplicitDeny", .. */
const char *policy_layer_name(enum policy_layer layer);

#endif
