/* SPDX-License-Identifier: Apache-2.0 */
/*
 * parts: what plan and apply documents have in common. A part whose list is empty prints nothing.
 */
#ifndef REPORT_PARTS_H
#define REPORT_PARTS_H

#include "page.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* Account, caller, endpoint, playbooks. */
void part_head(struct page *p, const json_t *plan);
/* Account, caller and endpoint alone. */
void part_where(struct page *p, const json_t *plan);
/* The service control policy for whoever holds the organization. */
void part_scp(struct page *p, const json_t *plan);
/* What somebody has changed since the run that is to be released: both versions. */
void part_drift(struct page *p, const json_t *plan);
/* What a release could not compare. */
void part_unread(struct page *p, const json_t *plan);
void part_targets(struct page *p, const json_t *plan);
/* By stage; with the status of each where the document has "results". */
void part_operations(struct page *p, const json_t *document);
/* What the plan will meet; preflight.c. */
void part_preflight(struct page *p, const json_t *plan);
/* What the targets may do before and after; foresight.c. */
void part_reach(struct page *p, const json_t *plan);
/* What a target may still do, where nothing denies it everything; foresight.c. */
void part_remains(struct page *p, const json_t *remains);
void part_skipped(struct page *p, const json_t *plan);
void part_refusals(struct page *p, const json_t *plan);
void part_warnings(struct page *p, const json_t *document);
void part_not_covered(struct page *p, const json_t *plan);
void part_differences(struct page *p, const json_t *plan);

bool part_is_rehearsal(const json_t *document);
/* No undo, or an action that says so itself. */
bool part_is_final(const json_t *operation);
size_t part_count(const json_t *document, const char *list);
/* Adds "t1 user/NAME" to the paragraph. */
void part_add_target(struct page *p, const json_t *document, const char *id);
/* Adds a value: a string as it is, anything else as JSON. */
void part_add_value(struct page *p, const json_t *value);
/* Adds "TIME, SERVICE, REGION" of a last use, or that there is none. */
void part_add_last_used(struct page *p, const json_t *used);

/* Adds "sha256 0123456789ab". */
void part_add_hash(struct page *p, const char *sha256);
/* "done", "FAILED", ..; operation.c. */
void part_add_status(struct page *p, const char *status);
/* The stages of a release have names of their own; NULL: there is no such stage. */
const char *part_stage_name(long long number, bool release);

#endif
