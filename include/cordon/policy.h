/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policy: the IAM policy language: ARNs, wildcards, and what a document says.
 *
 * Documents are parsed JSON objects (account_document()). A document may write one statement or
 * a list, one action or a list; these functions accept every form. What they do not understand they
 * do not count: a Deny with an unknown condition is never taken for an unconditional one.
 * Pure.
 */
#ifndef CORDON_POLICY_H
#define CORDON_POLICY_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

/* A late-bound cutoff or stamp: later than any that stands already. */
#define POLICY_LATE ((time_t)INT64_MAX)
/* What the Sid of our own denies begins with; AWS's time follows. */
#define POLICY_SID "Cordon"
/* The names of our own inline policies, or what they begin with. */
#define POLICY_DENY "CordonDenyAll"
#define POLICY_CUTOFF "AWSRevokeOlderSessions" /* the console's own */
#define POLICY_QUARANTINE "CordonQuarantine"
#define POLICY_RESTRICT "CordonRestrict"

struct arn {
	char partition[32];
	char service[64];
	char region[32];
	char account[16];
	const char *resource; /* into the text that was parsed */
};

/* 0, or -1 if text is no ARN. */
int arn_parse(const char *text, struct arn *ret_arn);

/* '*' any run, '?' one character; in bounded time. */
bool policy_glob(const char *pattern, const char *text, bool ignore_case);

/* Deny of every action on every resource without condition. */
bool policy_denies_all(const json_t *document);
/* Deny of everything for one aws:userid (AROA..:session, ACCOUNT:NAME), with no other condition. */
bool policy_denies_userid(const json_t *document, const char *userid);
/* For whoever holds the organization: a service control policy that denies these principals (an
 * array of ARNs) everything. */
json_t *policy_make_scp(const json_t *arns);
/* The one aws:userid that a document denies everything, with no other condition; new, or NULL. */
json_t *policy_denied_userid(const json_t *document);
/* The latest time of any cutoff in a document, whomever it is bound to. */
bool policy_latest_cutoff(const json_t *document, time_t *ret_cutoff);
/* Deny of everything for tokens issued before a time: that time, the latest one of the document.
 * userid NULL: for all sessions; else also one bound to that userid. False if there is none. */
bool policy_cutoff(const json_t *document, const char *userid, time_t *ret_cutoff);
/* A cutoff for all sessions, or for one. */
bool policy_is_cutoff(const json_t *document);
/* The time in the Sid of our own deny ("Cordon20260714T101500Z"). False if it carries none. */
bool policy_stamp(const json_t *document, time_t *ret_time);

/* Some statement of an identity policy with this effect covers the action on the resource. A
 * statement with a condition counts only if conditions is true. resource NULL: for an Allow any
 * resource will do, for a Deny it must be all of them. */
bool policy_speaks(const json_t *document, const char *effect, const char *action,
		   const char *resource, bool conditions);

/* It has statements, and none but denies. */
bool policy_only_denies(const json_t *document);
/* A Deny without condition covers this action on every resource. */
bool policy_denies_action(const json_t *document, const char *action);
/* The action patterns of all Deny statements, for people: a new array of strings. */
json_t *policy_denied_actions(const json_t *document);

enum trust { TRUST_NONE, TRUST_ACCOUNT, TRUST_NAMED };
/* Whether a trust policy lets a user call sts:AssumeRole: by name (or *), or through the account.
 * Conditions count as met; Deny statements without condition count. */
enum trust policy_trusts(const json_t *document, const char *user_arn, const char *account_id);
/* Whom a trust policy names, for people: a new array of strings. */
json_t *policy_trusted(const json_t *document);

/* A trust policy as AWS would take it back: without principals that are unique ids (AIDA.., AROA..)
 * of what was deleted. Their ids are added to dropped. New; NULL if no statement is left. */
json_t *policy_restorable(const json_t *document, json_t *dropped);
/* A trust policy without the principals in named, without those outside of account_id (NULL: they
 * stay), and without unique ids; who went is added to removed. New; a lock if nobody is left. */
json_t *policy_shut_out(const json_t *document, const char *account_id, const json_t *named,
			json_t *removed);
/* Some statement names this principal, letter by letter. */
bool policy_names(const json_t *document, const char *principal);
/* The identity providers that are let in; a new array of strings. */
json_t *policy_providers(const json_t *document);
/* Nobody can assume the role: all three calls are denied to everybody, or nothing is allowed. */
bool policy_locked(const json_t *document);

/* The documents cordon writes; new. seconds after AWS's time of sending; userid may be NULL. */
json_t *policy_make_deny(const char *userid);
json_t *policy_make_cutoff(long seconds, const char *userid);
json_t *policy_make_lock(void);
/* Our own quarantine; spare_logs: without what log delivery and reading from S3 need. */
json_t *policy_make_quarantine(bool spare_logs);
bool policy_is_quarantine(const json_t *document);
/* The ARN of one of AWS's own (AWSCompromisedKeyQuarantine..). */
bool policy_is_aws_quarantine(const char *arn);
json_t *policy_make_restrict(const json_t *actions, const json_t *resources);

#endif
