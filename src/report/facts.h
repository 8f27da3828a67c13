/* SPDX-License-Identifier: Apache-2.0 */
/*
 * facts: the parts of a cordon-report/1, each from the lines of the journal. New references.
 *
 * Lines come from a journal whose chain holds, yet nothing is taken for granted of their members:
 * what is absent or of another type is null or left out.
 */
#ifndef REPORT_FACTS_H
#define REPORT_FACTS_H

#include <jansson.h>
#include <stdbool.h>

/* Every line in its order: {"seq","at","seconds","event",..}; what nobody knows is in "more". */
json_t *facts_timeline(const json_t *events);
/* When it began, the first deny, each verdict, the end; seconds are counted from the beginning. */
json_t *facts_times(const json_t *events);
/* The writes, in the order in which they were announced: what was sent, what became of it, what
 * stood there before and after. An announced write that has no answer has the status "unknown". */
json_t *facts_writes(const json_t *events);

/* Each hold: {"at","seconds","watched","rounds":[{"from","to","first","last","state","drift"}],
 * "appeared":[..],"ended","verdict"}; rounds that were alike stand together. */
json_t *facts_holds(const json_t *events);
/* A line of a hold in words; NULL: it is none. New. */
json_t *facts_hold_words(const json_t *line);
/* Adds what appeared while the account was watched to what remains for people. */
void facts_appeared(const json_t *events, json_t *remaining);

bool facts_is_event(const json_t *line, const char *event);
/* The member with another reference, or null. */
json_t *facts_member(const json_t *object, const char *name);

#endif
