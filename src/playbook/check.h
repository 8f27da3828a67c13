/* SPDX-License-Identifier: Apache-2.0 */
/* check: whether a document is a playbook. Private to this room. */
#ifndef CORDON_PLAYBOOK_CHECK_H
#define CORDON_PLAYBOOK_CHECK_H

#include <jansson.h>

struct err;

/* ERR_INPUT with source and, where text is the file and the subject stands there once, the place.
 * Steps that use another playbook are checked as far as this file goes. */
int check_playbook(const char *source, const char *text, const json_t *document, struct err *err);

/* "${name}" at text: the name into out, and where it ends. NULL if there is none here. */
const char *check_reference(const char *text, char out[static 65]);

#endif
