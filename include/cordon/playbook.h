/* SPDX-License-Identifier: Apache-2.0 */
/*
 * playbook: what to do about a situation, as a document; cordon-playbook(5) describes it.
 *
 *     playbook_read(bytes, length, "playbooks/x.json", &playbook, err)
 *     playbook_bind(playbook, {"access_key_id":"AKIA.."}, &parameters, err)
 *
 * Reading is strict: unknown or duplicate keys, unknown actions, wrong types, parameters that
 * nothing uses and a step without way back that does not say so are ERR_INPUT, with file and place.
 * Pure.
 */
#ifndef CORDON_PLAYBOOK_H
#define CORDON_PLAYBOOK_H

#include "cordon/hash.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct err;

struct playbook {
	json_t *document;
	json_t *text;	      /* as it was read; playbook_restore() needs it */
	json_t *uses;	      /* {name: text} of those that it uses, and theirs */
	const char *name;     /* into document */
	const char *contains; /* "user", "role", "session", "none"; into document */
	char *source;	      /* where it came from, as said to the user */
	char sha256[HASH_HEX_SIZE];
};

/* Where the playbooks are that others use. find reads one by its bare name, with the library that
 * it was called with. NULL in playbook_read(): none can be used. */
struct playbook_library {
	int (*find)(const struct playbook_library *library, const char *name,
		    struct playbook **ret_playbook, struct err *err);
	const json_t *users; /* names of those that are being read; NULL: this is the first */
	const json_t *texts; /* find's own */
};

/* Steps of playbooks that it uses stand in its document as its own, under "ID.STEP"; sha256 then
 * covers theirs too. */
int playbook_read(const char *bytes, size_t length, const char *source,
		  const struct playbook_library *library, struct playbook **ret_playbook,
		  struct err *err);
void playbook_free(struct playbook *playbook);

/* For a record: all that playbook_restore() needs to read it again elsewhere; new. */
json_t *playbook_keep(const struct playbook *playbook);
/* What playbook_keep() made, from outside: checked like any playbook, and it must come to sha256.
 * ERR_INPUT. */
int playbook_restore(const json_t *kept, const char *source, const char *sha256,
		     struct playbook **ret_playbook, struct err *err);

/* A playbook of one step, for a command that is an action: step names "user", "role" or "group"
 * and holds the action's own options. Takes no reference. */
int playbook_of_action(const char *action, const json_t *step, struct playbook **ret_playbook,
		       struct err *err);

/* Checks given values (strings from --set, or typed ones from a plan file) against the parameters,
 * fills in defaults. New object, every declared parameter in it; unset ones are null. ERR_USAGE. */
int playbook_bind(const struct playbook *playbook, const json_t *given, json_t **ret_parameters,
		  struct err *err);

/* The targets with their selectors filled in: a new array of {"name":"user"} with "owner_of" (an
 * access key id), "user", "role" or "group"; those whose parameters are all unset are left out, and
 * a list makes one target for each of its values. */
json_t *playbook_targets(const struct playbook *playbook, const json_t *parameters);

/* A value is of the parameter's type, or a list of such where the parameter is a list. */
bool playbook_fits(const json_t *parameter, const json_t *value);
enum { PLAYBOOK_MAX_LIST = 1000 };

/* A value that is "${name}" becomes what scope holds under that name; null if it holds nothing.
 * New. */
json_t *playbook_expand(const json_t *value, const json_t *scope);

/* The table of value types: parameters and action options alike. */
struct value_type {
	const char *name;
	const char *what;		 /* for people: "an access key id (AKIA...)" */
	bool (*ok)(const json_t *value); /* a typed value */
	json_t *(*from_text)(
		const char *text); /* from --set or an option; NULL: not of this type */
};
const struct value_type *value_type_find(const char *name);
const struct value_type *value_type_at(size_t i);

#endif
