/* SPDX-License-Identifier: Apache-2.0 */
/*
 * remains: what a principal may do by its policies, for each kind of credential that may be in a
 * thief's hands. Private to this room; plans predict with it, verdicts rest on it.
 */
#ifndef CORDON_PLAYBOOK_REMAINS_H
#define CORDON_PLAYBOOK_REMAINS_H

#include "cordon/account.h"
#include "cordon/reach.h"

/* A session issued later is issued this much after now: later than any cutoff of ours. */
enum { REMAINS_LATER = 3600 };

struct remains_query {
	const json_t *account;
	const struct known_actions *actions;
	enum principal_kind kind;
	const char *name;
	const char *session; /* only this one of it; NULL: its key and any session */
	time_t now;
	bool shipped; /* a policy of AWS's that was not read is as it is shipped */
	bool paths;   /* with the published ways that are open, and what undoes */
};

/* The kinds of credential, in order: NULL after the last one. */
const char *remains_view(size_t i);
/* For people: "long-term key". */
const char *remains_words(const char *view);

/* {"key":{..reach_counts},"session_now":{..},"session_later":{..},"unread":[..],"assumed":[..]};
 * a role, and one session, have no key. NULL: it is not in the account. New. */
json_t *remains_of(const struct remains_query *query);
/* Everything that can be denied is, explicitly, for every kind of credential. */
bool remains_nothing(const json_t *remains);

#endif
