/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by the files of this room. */
#ifndef CORDON_REACH_INTERNAL_H
#define CORDON_REACH_INTERNAL_H

#include "cordon/reach.h"

struct reach {
	struct reach_query query;
	const json_t *entry;
	const char *arn;
	char principal[640]; /* the session's ARN, or the same as arn */
	struct policy_set set;
	struct policy **policies;
	size_t count;
	struct context *context;
	json_t *unread;	 /* what was not read, in words */
	json_t *assumed; /* what a shipped copy stands in for, in words */
	json_t *problems;
	bool by_session; /* some policy tells sessions from keys, or from each other */
};

/* principal.c */
struct policy *reach_compile(const struct reach *reach, const json_t *document,
			     enum policy_layer layer, const char *name);
/* Adds "policy" and "statement" of what decided. */
void reach_by(json_t *out, const struct decision *decision);

/* form.c: the form of what an action is about. False: it is not known. */
bool reach_form(const char *action, struct resource_form *ret_form);

/* actions.c */
struct known_action {
	const char *name;
	bool has_resources; /* a policy may name its resource */
};

struct known_actions {
	char *text; /* that the names lie in */
	struct known_action *rows;
	size_t count;
};

/* bytes NULL: the list that is shipped. ERR_INPUT with the line. */
int known_actions_read(const char *bytes, size_t length, const char *name,
		       struct known_actions *ret_actions, struct err *err);
void known_actions_release(struct known_actions *actions);

/* counts.c */
struct reach_count {
	size_t known, allowed, conditional, explicit_deny, implicit_deny;
	size_t bounded;	   /* of the allowed: only on some of the resources it could be about */
	size_t undeniable; /* of the allowed: by a rule of AWS's that no policy changes */
};

void count_one(struct reach_count *count, const struct reach_answer *answer);
void add_counts(json_t *out, const struct reach_count *count);

/* paths.c: [{"id","name","open","by"}] and [{"action",..}]; new. */
json_t *reach_paths(const struct reach *reach);
json_t *reach_undo(const struct reach *reach);

#endif
