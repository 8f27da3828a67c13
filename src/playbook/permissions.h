/* SPDX-License-Identifier: Apache-2.0 */
/*
 * permissions: what the policies of an account allow a principal, as far as they were read. Private
 * to this room. Resource policies, session policies and those of the organization are not seen.
 */
#ifndef CORDON_PLAYBOOK_PERMISSIONS_H
#define CORDON_PLAYBOOK_PERMISSIONS_H

#include "cordon/account.h"

struct permissions {
	const json_t *account;
	json_t *documents; /* inline, attached, and those of the groups */
	json_t *boundary;  /* its document; NULL: none, or not read */
	bool bounded;
	bool complete; /* false where one could not be read */
};

/* MAY_UNKNOWN also where a condition decides. */
enum may { MAY_NO, MAY_UNKNOWN, MAY_YES };

struct permissions permissions_of(const json_t *account, enum principal_kind kind,
				  const char *name);
void permissions_release(struct permissions *s);
enum may permissions_may(const struct permissions *s, const char *action, const char *resource);

#endif
