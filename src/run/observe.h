/* SPDX-License-Identifier: Apache-2.0 */
/* The steps of reading principals, for batches of several (observe.c has the table). */
#ifndef CORDON_RUN_OBSERVE_H
#define CORDON_RUN_OBSERVE_H

#include "batch.h"

/* Fresh entry; first reads; documents that the lists named; false if it does not exist. */
void observe_fresh(struct world *world, enum principal_kind kind, const char *name);
void observe_add_principal(struct batch *batch, enum principal_kind kind, const char *name);
/* What only matters of a target: a group's members, a role's instance profiles. */
void observe_add_target(struct batch *batch, enum principal_kind kind, const char *name);
void observe_add_section(struct batch *batch, enum principal_kind kind, const char *name,
			 const char *section);
void observe_add_documents(struct batch *batch, enum principal_kind kind, const char *name,
			   const char *session);
bool observe_settle(struct world *world, enum principal_kind kind, const char *name);

#endif
