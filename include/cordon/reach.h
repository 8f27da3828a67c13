/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reach: what a principal of an account can still do.
 *
 *     struct reach *reach = reach_new(&(struct reach_query){.account = account, ...});
 *     reach_may(reach, "iam:CreateAccessKey", NULL, &answer);        one action
 *     json_t *document = reach_document(reach, &options, &err);      all of it
 *     reach_free(reach);
 *
 * The account is a value that nobody asked for anything with, so most of a request is unknown. The
 * answers are therefore what MAY be possible (evaluate.h): a condition that could be met counts as
 * met in an Allow, and a Deny counts only if it holds in every case; the condition is named. What
 * the caller chooses (user agent, Region, tags of the request, source address, MFA, when to try)
 * is never a barrier. Known are the principal's own ARN, account, type, name, id and tags, and
 * whether and when its session was issued.
 *
 * Organization policies and the policies of resources, but for trust policies, are not part of an
 * account and are left out. What was not read is listed in "unread": it may allow more.
 * Pure.
 */
#ifndef CORDON_REACH_H
#define CORDON_REACH_H

#include "cordon/account.h"
#include "cordon/evaluate.h"

struct err;

struct reach_query {
	const json_t *account; /* borrowed for as long as the reach lives */
	enum principal_kind kind;
	const char *name;
	const char *session_name; /* of a role's one session, or a federated user's; NULL: any */
	bool session;		  /* a user's session instead of a long-term key; roles always */
	time_t issued;		  /* when the session was */
	time_t now;		  /* late-bound times become this, too */
	bool undenied;		  /* leave out what denies the principal: before it was contained */
	/* With undenied: the account that knows the boundary which AWSDenyAll took the place of. */
	const json_t *saved;
	bool shipped; /* a policy of AWS's own that was not read says what its shipped copy says */
};

struct reach;

/* NULL if the account has no such principal. */
struct reach *reach_new(const struct reach_query *query);
void reach_free(struct reach *reach);

/* Every policy that bears on the principal was read. */
bool reach_complete(const struct reach *reach);
/* What was not read, in words: ["group ops", ..]; borrowed. */
const json_t *reach_unread(const struct reach *reach);
/* What the shipped copy of a policy stands in for, in words; borrowed. */
const json_t *reach_assumed(const struct reach *reach);
/* Some policy speaks of what tells a session from a key, or one session from another. */
bool reach_by_session(const struct reach *reach);

struct reach_answer {
	struct decision may, must;
	bool bounded;		  /* of an Allow: not on every resource it could be about */
	enum policy_layer bounds; /* whose Allows reach no further */
};

/* resource NULL: on some resource or other that the action can be about: of its service, for IAM
 * and STS of its types ("user/x" for iam:CreateAccessKey); "*" for an action that knows none. The
 * resource's own policy is not asked; reach_may_assume() asks a role's trust policy too, if it was
 * read. */
void reach_may(const struct reach *reach, const char *action, const char *resource,
	       struct reach_answer *ret_answer);
void reach_may_assume(const struct reach *reach, const json_t *role,
		      struct reach_answer *ret_answer);
/* {"action","resource","decision","policy","statement"}, and where MAY and MUST differ "if" (the
 * condition of the Allow) and "unless": a Deny that may hold too, or the layer whose Allow is not
 * certain (statement null). Where the Allow is bounded "on" (the resources that the statement
 * names), "not_on" (those that it leaves out) or "within" (the layer that sets the bounds). "why"
 * in place of a policy where the account itself stands in the way. New. */
json_t *reach_explain(const struct reach *reach, const char *action, const char *resource,
		      const struct reach_answer *answer);
/* How far a role's trust policy goes for the principal, whatever its own policies say. */
enum reach_trust {
	REACH_TRUST_UNREAD,
	REACH_TRUST_NONE,
	REACH_TRUST_ACCOUNT, /* if its own policies allow it too */
	REACH_TRUST_NAMED,   /* by itself */
};
enum reach_trust reach_trusts(const struct reach *reach, const json_t *role);
/* The roles it can assume by trust and permission together, and those in turn:
 * [{"arn","name","through",..reach_explain}]. New. */
json_t *reach_assumable(const struct reach *reach);

struct reach_options {
	const char *actions; /* the bytes of another list of actions, or NULL */
	size_t actions_length;
	const char *actions_name;      /* for messages */
	const char *action, *resource; /* also answer this */
	bool all;		       /* with each action's own decision */
};

/* cordon-reach/1. NULL and ERR_INPUT for a list of actions that is none. */
json_t *reach_document(const struct reach *reach, const struct reach_options *options,
		       struct err *err);

/* The known actions, read once for many principals. */
struct known_actions;
struct known_actions *reach_actions(void);
void reach_actions_free(struct known_actions *actions);

/* How many of the known actions are allowed, without the rest of the document: {"known","allowed",
 * "conditional","bounded","explicit_deny","implicit_deny",
 *  "undeniable":N,             allowed whatever any policy says: GetCallerIdentity, ..
 *  "unconditional":true,       everything else is denied, whoever asks, when and how
 *  "allowed_by":[{"policy","statement","actions":N}],"denied_by":[..],   the most first
 *  "such_as":[..reach_explain]}  a few that are allowed and could be denied. New. */
json_t *reach_counts(const struct reach *reach, const struct known_actions *actions);
/* The same, with "paths_open", and "undo": the actions alone. New. */
json_t *reach_summary(const struct reach *reach, const struct known_actions *actions);

/* A policy of AWS's own as it is shipped; version NULL: the newest. *ret_row (or NULL), new: its
 * {"name","version","date"}. NULL: it is not shipped. New. */
json_t *reach_shipped_policy(const char *name, const char *version, json_t **ret_row);
/* {"source","policies":[{"name","version","date","newest"}]}; new. */
json_t *reach_shipped_index(void);

/* What a policy document says and does against another one:
 * {"actions":{"added":[..],"removed":[..]},      as they are written
 *  "closes":[{"action","from","to"}], "opens":[..]   known actions: allowed, conditional, denied
 *  "denied":{"old":N,"new":N},                   known actions that are not allowed for certain
 *  "paths":{"closed":[{"id","name"}],"opened":[..],"left_open":[..]}}
 * A document that only denies is held against a principal that may do anything else. New. */
json_t *reach_policy_diff(const json_t *old, const json_t *new);

#endif
