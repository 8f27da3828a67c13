/* SPDX-License-Identifier: Apache-2.0 */
/* rule: which events the tables want to see, and what the detections look at in one. */
#ifndef TRAIL_RULE_H
#define TRAIL_RULE_H

#include "cordon/finding.h"
#include "scan.h"

#include <jansson.h>

/* One parsed event. Everything is borrowed; a text that is not there is NULL. */
struct view {
	const json_t *record, *request, *response;
	const char *name;
	const char *type;    /* of userIdentity */
	const char *actor;   /* the IAM user's name */
	const char *target;  /* requestParameters.userName, or what the answer says */
	const char *key;     /* of the caller */
	const char *account; /* where it happened */
	const char *ip, *agent, *error;
	bool ok, console;
	bool chained; /* the caller is a session of a role */
};

/* Some table has a row for it. */
bool rule_wants(struct span source, struct span name);
/* "sts" is sts.amazonaws.com; names: "CreateUser|Put*Policy*" with stars at the ends only. */
bool rule_source_is(const char *source, const char *ours);
bool rule_name_in(const char *name, const char *names);
/* A row without an event of its own says false. */
bool rule_matches(const struct detection *rule, const char *source, const struct view *view);
/* A policy document in a parameter; new, or NULL. */
json_t *rule_document(const json_t *parameters, const char *name);
/* Only reads: no rule of ours asks for it. */
bool rule_is_read(const char *name, size_t length);

#endif
