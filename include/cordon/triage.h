/* SPDX-License-Identifier: Apache-2.0 */
/*
 * triage: the files of a triage, and what CloudTrail has to say, read into a trail. Folders are
 * read with all that is in them, gzip is recognised by its content, "-" is standard input.
 *
 * No file is an error: what cannot be read is named in the document (sources.skipped), and the rest
 * is read. -1 only where nothing could be read at all, or on a stop.
 */
#ifndef CORDON_TRIAGE_H
#define CORDON_TRIAGE_H

#include "cordon/err.h"
#include "cordon/run.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct run_triage {
	const char *const *files;
	size_t file_count;
	const char *from, *to;	     /* as typed: RFC 3339 or a date; NULL: open */
	json_t *keys, *events, *ips; /* seeds: arrays of strings */
	const json_t *users, *roles;
	bool fail_on_findings;

	/* CloudTrail is asked, too: for the events of keys, users and events above, and of names.
	 */
	bool lookup;
	const struct run_options *door; /* credentials and so on; NULL without lookup */
	json_t *names, *regions;	/* regions: none: the configured one, and IAM's */
	long pages;			/* of each lookup, at most */
	/* Once a second while it takes longer: {"event":"note","message":..}; may be NULL. */
	void (*tell)(void *arg, const json_t *event);
	void *arg;
	bool (*stopped)(void);
};

int run_triage(const struct run_triage *options, json_t **ret_document, int *ret_status,
	       struct err *err);
/* A date (2026-07-14), or a time in RFC 3339. */
bool run_triage_time_ok(const char *text);

#endif
