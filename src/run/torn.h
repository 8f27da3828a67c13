/* SPDX-License-Identifier: Apache-2.0 */
/*
 * torn: users whom a run has taken apart, or deleted, and not made whole again. They must not be
 * forgotten: a second recreate-user would take what is left of them for all they had.
 */
#ifndef CORDON_RUN_TORN_H
#define CORDON_RUN_TORN_H

#include "world.h"

/* Adds a warning to an apply document for each such user, with the command that goes on. */
void torn_warn(json_t *document);
/* ERR_REFUSED where work is to make a user anew whom an earlier run has left torn. */
int torn_check(const struct world *world, const struct run_work *work, struct err *err);

#endif
