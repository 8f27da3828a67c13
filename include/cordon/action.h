/* SPDX-License-Identifier: Apache-2.0 */
/*
 * action: the table of containment actions.
 *
 * One row serves playbooks (their steps), the command line (`cordon deny-all --user x`), help,
 * completion and the manual's check. A row knows its class (when it runs), whom it may name, its
 * options, and how it turns an end into operations.
 */
#ifndef CORDON_ACTION_H
#define CORDON_ACTION_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct planning; /* plan.c's work in progress */
struct step;

/* When it runs: all of a class before any of the next (design: deny first). 0: it only reads. */
enum action_class {
	CLASS_READ = 0,
	CLASS_DENY = 1,
	CLASS_CREDENTIALS = 2,
	CLASS_CUTOFF = 3,
	CLASS_STRIP = 4,
	CLASS_DELETE = 5,
};

struct action_option {
	const char *name; /* of the step's member and of --option */
	const char *type; /* a value type's name */
	bool list;	  /* may be given more than once */
	bool required;
	const char *const *choices; /* closed by NULL; NULL: any */
	const char *help;
};

struct action {
	const char *name;
	const char *summary; /* one line, for help */
	enum action_class class;
	unsigned principals;		     /* 1 << principal_kind: whom it may name */
	bool irreversible;		     /* no way back: the step must say so */
	const struct action_option *options; /* closed by a row without name */
	const char *const *needs; /* one of these options must be there; closed by NULL; or NULL */
	bool whole_account;	  /* everything in the account must be looked at first */
	/* Adds the operations that lead to the step's end, or says that it is reached. */
	void (*plan)(struct planning *planning, const struct step *step);
};

const struct action *action_find(const char *name);
const struct action *action_at(size_t i);
/* It is there or it is not: a flag on the command line. */
bool action_option_is_flag(const struct action_option *option);
const struct action_option *action_option_find(const struct action *action, const char *name);

#endif
