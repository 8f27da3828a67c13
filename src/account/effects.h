/* SPDX-License-Identifier: Apache-2.0 */
/* The ways in which a write changes an entry, shared by the rows of operation.c. */
#ifndef CORDON_ACCOUNT_EFFECTS_H
#define CORDON_ACCOUNT_EFFECTS_H

#include "cordon/operation.h"

/* Each pair belongs together; see effects.c. */
int effect_put_policy(const struct operation *op, json_t *entry, const json_t *parameters);
json_t *undo_put_policy(const struct operation *op, const json_t *entry, const json_t *parameters);
int effect_delete_policy(const struct operation *op, json_t *entry, const json_t *parameters);
json_t *undo_delete_policy(const struct operation *op, const json_t *entry,
			   const json_t *parameters);
int effect_attach(const struct operation *op, json_t *entry, const json_t *parameters);
json_t *undo_attach(const struct operation *op, const json_t *entry, const json_t *parameters);
int effect_detach(const struct operation *op, json_t *entry, const json_t *parameters);
json_t *undo_detach(const struct operation *op, const json_t *entry, const json_t *parameters);
int effect_put_boundary(const struct operation *op, json_t *entry, const json_t *parameters);
json_t *undo_boundary(const struct operation *op, const json_t *entry, const json_t *parameters);
int effect_set_status(const struct operation *op, json_t *entry, const json_t *parameters);
json_t *undo_set_status(const struct operation *op, const json_t *entry, const json_t *parameters);
int effect_clear(const struct operation *op, json_t *entry, const json_t *parameters);

#endif
