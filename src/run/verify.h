/* SPDX-License-Identifier: Apache-2.0 */
/* Looking again: the two reads that a verdict needs. */
#ifndef CORDON_RUN_VERIFY_H
#define CORDON_RUN_VERIFY_H

#include "execute.h"

struct verification {
	bool looked; /* the account was read after the last write */
	bool agreed;
	long settled_seconds;
};

/* The account was read just now; waits until settle seconds after the last write (or after now, if
 * the run wrote nothing), reads again and compares. */
void verify_settle(struct executor *x, long settle, struct verification *ret);
/* Everything that this run did stands, as it was last read. */
bool verify_stands(const struct executor *x);
/* Until executor_clock_ms() is at deadline_ms, or a signal came. */
void verify_wait(const struct world *world, long deadline_ms);
/* The apply document: the plan, what became of it, and what the last reading says. New. */
json_t *verify_document(const struct executor *x, const struct verification *v);

#endif
