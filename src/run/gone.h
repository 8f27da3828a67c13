/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gone: access keys that an earlier run of the same playbook has deleted. AWS knows no owner of
 * them any more; to apply the playbook once more, or to go on with its run, is no error.
 */
#ifndef CORDON_RUN_GONE_H
#define CORDON_RUN_GONE_H

#include "world.h"

/* Notes them, with their owners, in the account: as far as it was read, AWS has them no more. */
void gone_note(struct world *world, const struct run_work *work);

#endif
