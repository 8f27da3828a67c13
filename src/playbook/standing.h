/* SPDX-License-Identifier: Apache-2.0 */
/*
 * standing: what stands on a principal already. Private to this room; the planners ask it whether
 * an end is reached, the verdict whether it still is, the guards whether AWS was there first.
 */
#ifndef CORDON_PLAYBOOK_STANDING_H
#define CORDON_PLAYBOOK_STANDING_H

#include "cordon/account.h"

/* Whether our unconditional deny stands on an entry; *ret_stamp: since when, if it says so, else 0;
 * *ret_way: "inline", "managed", "boundary" or NULL. */
bool standing_deny(const json_t *entry, enum principal_kind kind, time_t *ret_stamp,
		   const char **ret_way);
bool standing_session_deny(const json_t *entry, enum principal_kind kind, const char *userid);
/* The latest cutoff on an entry, for all sessions or for userid. */
bool standing_cutoff(const json_t *entry, enum principal_kind kind, const char *userid,
		     time_t *ret_cutoff);
/* Our own inline quarantine, with this document. */
bool standing_own_quarantine(const json_t *entry, enum principal_kind kind, const json_t *document);
/* AWS's own quarantine policy, attached or as boundary: its ARN, or NULL. */
const char *standing_aws_quarantine(const json_t *entry);
/* An item of inline policies is one that cordon (or the console) writes to contain: by its name,
 * and it denies and does nothing else. Anybody can use the name. */
bool standing_is_own(const json_t *item);

#endif
