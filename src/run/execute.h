/* SPDX-License-Identifier: Apache-2.0 */
/*
 * execute: the one executor. Sends the operations of a plan stage by stage, each written down
 * before and after.
 *
 *     executor_begin(&x, world, plan, err)      the run folder; nothing is sent if it fails
 *     executor_reopen(&x, world, record, err)   or the folder of a run that was cut off
 *     executor_stage(&x, stage)                 one stage of x->plan
 *     executor_add(&x, plan)                    a later plan's operations, after those so far
 *     executor_release(&x)
 *
 * In a rehearsal an operation is its effect on world->account.
 */
#ifndef CORDON_RUN_EXECUTE_H
#define CORDON_RUN_EXECUTE_H

#include "folder.h"
#include "record.h"
#include "world.h"

struct executor {
	struct world *world;
	struct folder folder;
	json_t *plan;	   /* all operations of the run so far */
	json_t *before;	   /* the account as it was before the first write, as far as it was read */
	json_t *results;   /* as they came */
	json_t *by_id;	   /* the same by the operations' ids; executor_index() */
	json_t *left;	   /* entries for "skipped": planned, and not sent */
	json_t *stamped;   /* for plan_request */
	json_t *restamp;   /* idem */
	json_t *exhausted; /* idem */
	json_t *resent;	   /* ids of what an earlier process may have sent */
	bool irreversible; /* what has no way back is sent too */
	bool wrote;
	long sent;	    /* calls of this process that AWS took, or may have taken */
	bool holding;	    /* for plan_request */
	bool again;	    /* LimitExceeded: the stage wants another plan */
	bool broken;	    /* the record cannot be written any more: nothing more is sent */
	long last_write_ms; /* on the monotonic clock */
	/* What plan.json and before.json hold, "": nobody knows. */
	char plan_saved[HASH_HEX_SIZE], before_saved[HASH_HEX_SIZE];
	struct err problem; /* what went wrong with the record */
};

/* kept (stolen): what a later process needs to go on. */
int executor_begin(struct executor *x, struct world *world, const json_t *plan, json_t *kept_stolen,
		   struct err *err);
/* Goes on with a run that is on record. Nothing is written or sent yet. */
int executor_reopen(struct executor *x, struct world *world, const struct record *record,
		    struct err *err);
/* The last write of a run on record was then; 0: there was none. */
void executor_since(struct executor *x, time_t last_write);
/* A line of the journal that is no operation's; fields is stolen. */
void executor_note(struct executor *x, const char *event, json_t *fields_stolen);
/* What failed or is unknown is to be sent again, as far as the account does not show that it is
 * done; with skipped: what was left out, too. */
void executor_reconsider(struct executor *x, bool skipped);
/* ERR_IO where the record cannot be written any more. */
int executor_check(const struct executor *x, struct err *err);
/* Something has been sent, or was found to be so, by this process or an earlier one. */
bool executor_any_sent(const struct executor *x);
/* Something is planned and neither sent nor left out. */
bool executor_any_unsent(const struct executor *x);
/* Whether executor_add() would take anything. */
bool executor_any_new(const struct executor *x, const json_t *later);
/* What was planned once and never sent, and what later does not plan any more, is left out; stage
 * 0: of all stages. */
void executor_drop_needless(struct executor *x, const json_t *later, int stage);
/* What would be sent: x->plan with just that, and what later adds. New. */
json_t *executor_remaining(const struct executor *x, const json_t *later);
void executor_stage(struct executor *x, int stage);
/* Takes later's operations that this run has not tried in vain; true if there are any. */
bool executor_add(struct executor *x, const json_t *later);
/* Writes plan and account down as they are now; where that fails nothing more is sent. */
void executor_save(struct executor *x);
/* Reads back what nobody knows the outcome of. */
void executor_resolve(struct executor *x);
/* Results were put in or taken out by hand. */
void executor_index(struct executor *x);
/* What became of an operation so far; NULL: nothing. */
json_t *executor_result(const struct executor *x, const char *id);
/* Says what became of it without a call of its own; why is for the record. */
void executor_settle(struct executor *x, const json_t *operation, const char *status,
		     const char *why);
/* The same call on the same target. */
bool executor_is_same(const json_t *a, const json_t *b);
/* The results in the order of the operations. New. */
json_t *executor_results(const struct executor *x);
/* The plan of a release takes the place of the run's own, whose files stay as they are. */
void executor_take_release(struct executor *x, const json_t *plan);
/* The last line (end stolen), which plan.json and result.json (or NULL) are bound to, and file. The
 * document then gets "journal_last", the line's hash. */
void executor_end(struct executor *x, json_t *end_stolen, const char *file, json_t *document,
		  const json_t *plan, const json_t *result);
void executor_finish(struct executor *x, json_t *document);
void executor_release(struct executor *x);
long executor_clock_ms(void);

#endif
