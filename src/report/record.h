/* SPDX-License-Identifier: Apache-2.0 */
/* The auditor's parts of a report; record.c has the order. */
#ifndef REPORT_RECORD_H
#define REPORT_RECORD_H

#include "sheet.h"

#include <jansson.h>

/* Each change with what stood there before and after. */
void record_changes(struct sheet *s, const json_t *facts);
void record_timeline(struct sheet *s, const json_t *facts);
/* The rounds of each hold, why it ended as it did. */
void record_holds(struct sheet *s, const json_t *facts);
void record_scp(struct sheet *s, const json_t *facts);
/* Who, where, with which playbook, and how to prove the journal. */
void record_about(struct sheet *s, const json_t *facts);
/* Adds "user NAME, session NAME". */
void record_target(struct sheet *s, const json_t *facts, const char *id);
/* Adds "2026-07-14 10:15:00 UTC", or what else stands there. */
void record_time(struct sheet *s, const char *at);

#endif
