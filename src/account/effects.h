/* SPDX-License-Identifier: Apache-2.0 */
/* The ways in which a write changes an entry, shared by the rows of operation.c. */
#ifndef CORDON_ACCOUNT_EFFECTS_H
#define CORDON_ACCOUNT_EFFECTS_H

#include "cordon/operation.h"

/* The next three change the item whose key a parameter names, as the section's row has it. */
int effect_delete_item(const struct operation *op, json_t *entry, const json_t *parameters);
int effect_set_status(const struct operation *op, json_t *entry, const json_t *parameters);
json_t *undo_set_status(const struct operation *op, const json_t *entry, const json_t *parameters);

int effect_put_policy(const struct operation *op, json_t *entry, const json_t *parameters);
json_t *undo_put_policy(const struct operation *op, const json_t *entry, const json_t *parameters);
json_t *undo_delete_policy(const struct operation *op, const json_t *entry,
			   const json_t *parameters);
int effect_attach(const struct operation *op, json_t *entry, const json_t *parameters);
json_t *undo_attach(const struct operation *op, const json_t *entry, const json_t *parameters);
json_t *undo_detach(const struct operation *op, const json_t *entry, const json_t *parameters);
int effect_put_boundary(const struct operation *op, json_t *entry, const json_t *parameters);
json_t *undo_boundary(const struct operation *op, const json_t *entry, const json_t *parameters);
int effect_clear(const struct operation *op, json_t *entry, const json_t *parameters);
int effect_add_to_group(const struct operation *op, json_t *entry, const json_t *parameters);
json_t *undo_add_to_group(const struct operation *op, const json_t *entry,
			  const json_t *parameters);
int effect_remove_from_group(const struct operation *op, json_t *entry, const json_t *parameters);
json_t *undo_remove_from_group(const struct operation *op, const json_t *entry,
			       const json_t *parameters);
int effect_tag(const struct operation *op, json_t *entry, const json_t *parameters);
json_t *undo_tag(const struct operation *op, const json_t *entry, const json_t *parameters);
int effect_untag(const struct operation *op, json_t *entry, const json_t *parameters);
json_t *undo_untag(const struct operation *op, const json_t *entry, const json_t *parameters);
int effect_set_trust(const struct operation *op, json_t *entry, const json_t *parameters);
/* Without the principals that AWS would not take back (policy_restorable()). */
json_t *undo_set_trust(const struct operation *op, const json_t *entry, const json_t *parameters);
int effect_join_profile(const struct operation *op, json_t *entry, const json_t *parameters);
json_t *undo_join_profile(const struct operation *op, const json_t *entry,
			  const json_t *parameters);
json_t *undo_leave_profile(const struct operation *op, const json_t *entry,
			   const json_t *parameters);

int effect_create(const struct operation *op, json_t *account, const json_t *parameters);
json_t *undo_create(const struct operation *op, const json_t *entry, const json_t *parameters);
int effect_end(const struct operation *op, json_t *account, const json_t *parameters);

#endif
