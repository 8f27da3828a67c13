/* SPDX-License-Identifier: Apache-2.0 */
/*
 * quota: what fits on a principal, and the calls that each kind of principal has. Private to this
 * room.
 */
#ifndef CORDON_PLAYBOOK_QUOTA_H
#define CORDON_PLAYBOOK_QUOTA_H

#include "planning.h"

/* The names that the API has for the same thing on a user, a role and a group; NULL: it has none.
 */
struct calls {
	const char *put, *drop;	     /* an inline policy */
	const char *attach, *detach; /* a managed one */
	const char *bound;	     /* sets the permissions boundary */
	const char *tag;
	const char *inline_key, *attached_key; /* of GetAccountSummary */
	long inline_size, attached;	       /* where that could not be read */
};

const struct calls *quota_calls(enum principal_kind kind);

/* What an inline document of this name would take, and what the others use. used -1: not known. */
struct room {
	long need, used, quota;
};

struct room quota_room(const struct planning *p, const struct step *step, const char *name,
		       const json_t *document);
bool quota_fits(const struct room *room);
/* Managed policies attached, and how many may be; *ret_count -1: not known. */
void quota_attached(const struct planning *p, const struct step *step, long *ret_count,
		    long *ret_limit);

/* Plans the inline policy. way: what LimitExceeded would close. */
void quota_put_inline(struct planning *p, const struct step *step, const char *name,
		      const json_t *document, const char *what, const char *way);

#endif
