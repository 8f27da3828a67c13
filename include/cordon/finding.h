/* SPDX-License-Identifier: Apache-2.0 */
/*
 * finding: the table of detections. One row says what is looked for, how bad it is, whose rules it
 * answers to, where those disagree and what we do there, and which playbook answers it.
 */
#ifndef CORDON_FINDING_H
#define CORDON_FINDING_H

#include <stdbool.h>
#include <stddef.h>

struct view;

enum severity { SEVERITY_LOW, SEVERITY_MEDIUM, SEVERITY_HIGH, SEVERITY_CRITICAL };

enum outcome { OUTCOME_OK, OUTCOME_FAILED, OUTCOME_ANY };

/* Whom a finding makes a target of, where no seeds were named. */
enum implies {
	IMPLIES_NOBODY = 0,
	IMPLIES_ACTOR = 1 << 0,	 /* the credential that made the call */
	IMPLIES_TARGET = 1 << 1, /* the user or role that the call was about */
};

struct detection {
	const char *id;
	enum severity severity;
	const char *technique; /* MITRE ATT&CK */
	const char *rules;     /* "Elastic 0b79f5c0; Panther AWS.IAM...", or NULL */
	const char *meaning;
	const char *settled;  /* where rules disagree: what ours does and why; or NULL */
	const char *playbook; /* or NULL */
	unsigned implies;

	const char *source; /* "iam": iam.amazonaws.com; NULL: not from a single event */
	const char *names;  /* "CreateUser|Attach*" */
	enum outcome outcome;
	bool (*matches)(const struct view *view); /* NULL: always */
};

/* In the table's order; NULL after the last. */
const struct detection *detection_at(size_t i);
const struct detection *detection_find(const char *id);
size_t detection_number(const struct detection *detection);
const char *severity_name(enum severity severity);

#endif
