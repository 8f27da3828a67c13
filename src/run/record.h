/* SPDX-License-Identifier: Apache-2.0 */
/*
 * record: a run as it was written down, from its folder or from an exported file. Private to this
 * room.
 *
 *     record_open(options, "20261121T101500Z-0a1b2c" or "./run.json", &record, err)
 *     record_work(&record, &work, err)          its playbooks, to plan again
 *     record_release(&record)
 *
 * What is read is checked: the journal's chain, the plan's form, and that plan and result are those
 * that the journal's end names. A journal is torn where the machine stopped within a line: that
 * line is left out. A result that was not yet written, or is older than the end, is left out too.
 */
#ifndef CORDON_RUN_RECORD_H
#define CORDON_RUN_RECORD_H

#include "cordon/journal.h"
#include "cordon/run.h"

struct record {
	char run[40];
	char *path; /* of the folder; NULL: an exported file */
	json_t *plan;
	json_t *before;
	json_t *result;	 /* NULL: the run has no end */
	json_t *lines;	 /* of the journal */
	char *text;	 /* the same, as written */
	json_t *results; /* of the operations, as the lines tell it */
	json_t *left;	 /* entries for "skipped" */
	struct journal journal;
	const char
		*problem; /* what is not as it should be, and does no harm; static text, or NULL */
	bool torn;
	bool foreign; /* it came as a file, and no hash that was kept elsewhere vouches for it */
	time_t last_write; /* 0: none */
};

/* ERR_NOT_FOUND, ERR_INPUT. */
int record_open(const struct run_options *options, const char *run, struct record *ret_record,
		struct err *err);
void record_release(struct record *record);
/* A line of the journal names this result. */
bool record_is_result_of(const json_t *end, const json_t *result);

/* The playbooks of the run with their parameters, and the options that its guards had, where
 * options has none. ERR_INPUT where the record is of an older cordon. */
int record_work(const struct record *record, struct run_options *options, struct run_work *ret_work,
		struct err *err);
void record_work_release(struct run_work *work);
/* What record_work() needs, for the journal's first line; new. */
json_t *record_keep(const struct run_options *options, const struct run_work *work);

/* Something is in the way of using the run in this account and world. ERR_USAGE, ERR_REFUSED. */
int record_check_place(const struct record *record, const json_t *account, bool live,
		       struct err *err);

/* The exported form. */
json_t *record_export(const struct record *record);
/* A run that is here already goes on from its own folder, not from the file; ERR_REFUSED where the
 * two tell different stories. Writes nothing. */
int record_local(const struct run_options *options, struct record *record, struct err *err);
/* A folder of this machine from a file; it comes to be whole or not at all. */
int record_import(const struct run_options *options, struct record *record, struct err *err);

#endif
