/* SPDX-License-Identifier: Apache-2.0 */
/*
 * run: the coordinators. They alone use the door to AWS and the run folders.
 *
 * Each function below is one command: options in, one JSON document and an exit status out. They
 * print nothing; questions and progress go through callbacks. On -1, err says what failed and no
 * document is set; *ret_status is valid in both cases (statuses are the design's).
 */
#ifndef CORDON_RUN_H
#define CORDON_RUN_H

#include "cordon/config.h"
#include "cordon/err.h"
#include "cordon/plan.h"
#include "cordon/verdict.h"

#include <jansson.h>
#include <stdbool.h>

enum answer { ANSWER_NO, ANSWER_YES, ANSWER_REVERSIBLE, ANSWER_ROLES, ANSWER_NOBODY };

struct run_options {
	struct config_options aws;
	config_env *env;
	const char *account_file; /* --account, or NULL */
	const char *account_out;
	const char *state_dir; /* NULL: the default */
	const char *case_id;
	bool dry_run, yes, irreversible, revoke_roles;
	long settle; /* seconds */
	long rate;   /* requests a second, at most; 0: no limit */
	const json_t *protect;
	bool allow_self;
	const char *support_case;
	const char *expect_account;
	long max_operations;
	const char *command; /* for the record: the command's name */
	const char *expect;  /* the hash that the journal of RUN must end with; NULL: any */

	/* Asks with the plan; ANSWER_NOBODY where there is no terminal. */
	enum answer (*ask)(void *arg, const json_t *plan);
	/* Things as they happen; a borrowed object. */
	void (*tell)(void *arg, const json_t *event);
	void *arg;
	/* A signal asked us to stop. */
	bool (*stopped)(void);
};

struct hold_options {
	long seconds; /* for so long */
	long every;   /* a round in so many seconds, after the first minute */
	long rate;    /* requests a second, at most */
	bool watch;   /* what appears elsewhere in the account is said, too */
};

/* What to plan: playbooks with their parameters bound. `roles_set` says that --set or
 * --revoke-roles already decided about expanded roles. */
struct run_work {
	struct plan_entry *entries;
	size_t count;
	const json_t *plan_file;   /* apply PLANFILE: hold the new plan against this one */
	const json_t *not_covered; /* what is left out, for the plan; or NULL */
	bool roles_set;
};

int run_plan(const struct run_options *options, const struct run_work *work, json_t **ret_document,
	     int *ret_status, struct err *err);
int run_apply(const struct run_options *options, const struct run_work *work, json_t **ret_document,
	      int *ret_status, struct err *err);
/* RUN is an id, or an exported file (it has a / or ends in .json), for these: */
int run_verify(const struct run_options *options, const char *run, json_t **ret_document,
	       int *ret_status, struct err *err);
/* Finishes a run that was cut off. */
int run_resume(const struct run_options *options, const char *run, json_t **ret_document,
	       int *ret_status, struct err *err);
/* Looks again and again, and contains again what came back. */
int run_hold(const struct run_options *options, const char *run,
	     const struct hold_options *hold_options, json_t **ret_document, int *ret_status,
	     struct err *err);
/* Takes back what a run did; activate: ids of credentials that shall be on again. */
int run_release(const struct run_options *options, const char *run, const json_t *activate,
		bool no_tail, json_t **ret_document, int *ret_status, struct err *err);
/* The run as one file for another machine: a cordon-export/1. */
int run_export(const struct run_options *options, const char *run, json_t **ret_document,
	       int *ret_status, struct err *err);
int run_whoami(const struct run_options *options, json_t **ret_document, int *ret_status,
	       struct err *err);
int run_whois(const struct run_options *options, const char *id, json_t **ret_document,
	      int *ret_status, struct err *err);
/* principal NULL: the whole account. The document is a cordon-account/1. */
int run_snapshot(const struct run_options *options, const char *principal, json_t **ret_document,
		 int *ret_status, struct err *err);
/* list-access-keys: status, age and last use; reads only. */
int run_access_keys(const struct run_options *options, const char *user, json_t **ret_document,
		    int *ret_status, struct err *err);
/* What is asked about a principal; see reach.h. Strings are borrowed. */
struct run_reach {
	const char *principal; /* a user, a role, or a session of one */
	bool key, session;     /* as which; neither: as a user's key or a role's session */
	const char *issued;    /* RFC 3339; NULL: now */
	const char *action, *resource;
	bool all;
	const char *actions_file; /* in place of the shipped list */
};
int run_reach(const struct run_options *options, const struct run_reach *asked,
	      json_t **ret_document, int *ret_status, struct err *err);
/* A policy: a file ('/' or .json), a shipped copy (NAME, NAME@v5), or one of AWS's (aws:NAME) or
 * any (its ARN), with or without @v5, asked of AWS or taken from the account file. */
int run_policy_diff(const struct run_options *options, const char *old, const char *new,
		    json_t **ret_document, int *ret_status, struct err *err);
/* AWS's policies as they are now against the shipped copies; STATUS_NO if one is another. */
int run_policy_drift(const struct run_options *options, json_t **ret_document, int *ret_status,
		     struct err *err);
int run_list(const struct run_options *options, json_t **ret_document, int *ret_status,
	     struct err *err);
/* check: prove the journal's chain; expect: its last hash must be this one. */
int run_show(const struct run_options *options, const char *run, bool check, const char *expect,
	     json_t **ret_document, int *ret_status, struct err *err);

/* Turns AIDA/AROA ids into user and role names where that needs a listing (contain, whois). The
 * document: {"kind":"user|role","name":..}. */
int run_resolve_id(const struct run_options *options, const char *id, json_t **ret_principal,
		   int *ret_status, struct err *err);

/* The status for an error that ended a command before any write. */
int run_status_of(const struct err *err);

#endif
