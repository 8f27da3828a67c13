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
/* Deny of everything for tokens issued before a time: that time, the latest one of the document.
 * userid NULL: for all sessions; else also one bound to that userid. False if there is none. */
bool policy_cutoff(const json_t *document, const char *userid, time_t *ret_cutoff);
/* The time in the Sid of our own deny ("Cordon20260714T101500Z"). False if it carries none. */
bool policy_stamp(const json_t *document, time_t *ret_time);

/* Some Allow statement of an identity policy matches; conditions count as met. */
bool policy_may_allow(const json_t *document, const char *action, const char *resource);

enum trust { TRUST_NONE, TRUST_ACCOUNT, TRUST_NAMED };
/* Whether a trust policy lets a user call sts:AssumeRole: by name (or *), or through the account.
 * Conditions count as met; Deny statements without condition count. */
enum trust policy_trusts(const json_t *document, const char *user_arn, const char *account_id);
/* Whom a trust policy names, for people: a new array of strings. */
json_t *policy_trusted(const json_t *document);

/* The documents cordon writes; new. seconds after AWS's time of sending; userid may be NULL. */
json_t *policy_make_deny(const char *userid);
json_t *policy_make_cutoff(long seconds, const char *userid);

#endif
