/* SPDX-License-Identifier: Apache-2.0 */
/* use: playbooks within playbooks. Private to this room. */
#ifndef CORDON_PLAYBOOK_USE_H
#define CORDON_PLAYBOOK_USE_H

#include "cordon/playbook.h"

/* uses gets the texts of those that are used. Puts the steps and targets of each used playbook in
 * place of the step that uses it. sha256 covers theirs then. ERR_INPUT: no library, no such
 * playbook, a cycle, a wrong or missing parameter, too many steps, or a step without way back that
 * the user does not admit to. */
int use_expand(json_t *document, const char *source, const struct playbook_library *library,
	       json_t *uses, char sha256[HASH_HEX_SIZE], struct err *err);

#endif
