/* SPDX-License-Identifier: Apache-2.0 */
/*
 * resume: a run on record, open to go on with; for resume and hold. Private to this room.
 *
 *     resume_open(options, id, &r, err)         record, lock, account; nothing is sent
 *     resume_begin(&r, hold, &document, ...)    asks, then class 1, then all is planned; a document
 *                                               here means that this was all (refused, dry run)
 *     resume_close(&r, ret, &status, err)       in every case, with what the others returned
 */
#ifndef CORDON_RUN_RESUME_H
#define CORDON_RUN_RESUME_H

#include "apply.h"

struct resumption {
	struct run_options own; /* with what the run was given at first */
	json_t *protect;
	struct record record;
	struct run_work work;
	struct run run; /* points into this struct: it must not move */
};

int resume_open(const struct run_options *options, const char *id, struct resumption *r,
		struct err *err);
/* hold: seconds for which rounds will follow, to be agreed to at once; 0: none. */
int resume_begin(struct resumption *r, long hold, json_t **ret_document, int *ret_status,
		 struct err *err);
int resume_close(struct resumption *r, int ret, int *ret_status, const struct err *err);

#endif
