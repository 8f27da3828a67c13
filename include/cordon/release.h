/* SPDX-License-Identifier: Apache-2.0 */
/*
 * release: how to take back what a run did, and nothing else. Pure.
 *
 *     release_make(&request, &release, &plan, err)      a cordon-plan/1 with "release" and "drift"
 *
 * Each object that the run changed is one question: does it stand as the run left it? If not, it is
 * drift, and nothing is to be sent. If so, what stood before the run's first change is brought
 * back, by what the journal has of it, not by the plan. Where an unconditional deny goes, a
 * token-issue-time deny (the tail) is put in place first and stays until every session of before it
 * has expired.
 */
#ifndef CORDON_RELEASE_H
#define CORDON_RELEASE_H

#include "cordon/plan.h"

/* Sessions of a user live for 36 h at most (GetSessionToken, GetFederationToken). */
enum { RELEASE_USER_TAIL = 36 * 3600, RELEASE_ROLE_TAIL = 12 * 3600 };

struct release {
	const char *run;
	const json_t *plan;	  /* of the run */
	const json_t *before;	  /* the account before it */
	const json_t *lines;	  /* of its journal, with what stood before each write */
	const json_t *results;	  /* of its operations, and of earlier releases' */
	const json_t *operations; /* of earlier releases; NULL: there was none */
	const json_t *activate;	  /* ids of credentials that shall be Active again */
	bool no_tail;
};

/* request: account, now, caller, endpoint and guards' options as for plan_make(); entries are not
 * used. ERR_USAGE where activate names what this run did not switch off. In the plan, "stage" tells
 * the order: tails, then the classes of the run backwards, then the deny. */
int release_make(const struct plan_request *request, const struct release *release,
		 json_t **ret_plan, struct err *err);

#endif
