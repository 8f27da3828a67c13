/* SPDX-License-Identifier: Apache-2.0 */
/* Looking into one statement of a document; shared by the files of this room. */
#ifndef CORDON_POLICY_STATEMENT_H
#define CORDON_POLICY_STATEMENT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* A member that may be one thing or a list of them: the i-th, or NULL. Borrowed. */
const json_t *policy_one_of(const json_t *value, size_t i);
/* The i-th statement of a document, or NULL. */
const json_t *policy_statement(const json_t *document, size_t i);
bool policy_has_effect(const json_t *statement, const char *effect);
bool policy_unconditional(const json_t *statement);
/* Only the members named: anything else could narrow a Deny in a way not understood here. */
bool policy_only_members(const json_t *statement, const char *const *names);
/* Member or its Not form covers text; a statement with neither covers nothing. */
bool policy_covers(const json_t *statement, const char *member, const char *not_member,
		   const char *text, bool ignore_case);

#endif
