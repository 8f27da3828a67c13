/* SPDX-License-Identifier: Apache-2.0 */
/*
 * report: documents as text for people. Pure: from JSON to a buf.
 *
 * Everything that came from AWS, files or logs is escaped here, in one place. Colour is the
 * caller's decision. The text is made from the same records that the executor reads.
 */
#ifndef CORDON_REPORT_H
#define CORDON_REPORT_H

#include <jansson.h>
#include <stdbool.h>

struct buf;
struct err;

struct report_style {
	bool colour;
	unsigned width; /* columns; 0: do not wrap */
};

void report_plan(struct buf *out, const json_t *plan, const struct report_style *style);
/* An apply document: what was done, the verdict of each target with checks and scope, what is left.
 */
void report_apply(struct buf *out, const json_t *document, const struct report_style *style);
/* What the question names: account, caller, endpoint, operations without a way back. */
void report_question(struct buf *out, const json_t *plan, const struct report_style *style);
void report_whois(struct buf *out, const json_t *document, const struct report_style *style);
void report_whoami(struct buf *out, const json_t *document, const struct report_style *style);
void report_runs(struct buf *out, const json_t *document, const struct report_style *style);
void report_run(struct buf *out, const json_t *document, const struct report_style *style);
/* One playbook, with its summary and parameters. */
void report_playbook(struct buf *out, const json_t *document, const struct report_style *style);
/* All of them, a line each. */
void report_playbooks(struct buf *out, const json_t *document, const struct report_style *style);
void report_access_keys(struct buf *out, const json_t *document, const struct report_style *style);
void report_policy_diff(struct buf *out, const json_t *document, const struct report_style *style);
void report_policy_drift(struct buf *out, const json_t *document, const struct report_style *style);
void report_reach(struct buf *out, const json_t *document, const struct report_style *style);
void report_triage(struct buf *out, const json_t *document, const struct report_style *style);
/* One event of a run as it happens, one line: {"event","operation","id","target",...}. */
void report_progress(struct buf *out, const json_t *event, const struct report_style *style);

/* The report of a run, for whoever was not there. From a cordon-run/1 (whose chain was proved) to
 * its facts, cordon-report/1; ERR_INPUT if the record is not whole. */
int report_facts(const json_t *run, json_t **ret_facts, struct err *err);
/* The facts as a document: for tickets, and as one file that needs nothing else. */
void report_markdown(struct buf *out, const json_t *facts, const struct report_style *style);
void report_html(struct buf *out, const json_t *facts, const struct report_style *style);

#endif
