/* SPDX-License-Identifier: Apache-2.0 */
/*
 * identity: what a responder types or an alert names, taken apart.
 *
 * Pure. Sources: the IAM user guide's "IAM identifiers"; the account number in a key id is not
 * documented by AWS (published by T. Be'ery), so it is a hint, never a proof.
 */
#ifndef CORDON_IDENTITY_H
#define CORDON_IDENTITY_H

#include <stdbool.h>

struct err;

enum identity_kind {
	IDENTITY_ACCESS_KEY,	/* AKIA...: a user's, or root's */
	IDENTITY_TEMPORARY_KEY, /* ASIA...: a session's */
	IDENTITY_USER,		/* a name or ARN */
	IDENTITY_ROLE,
	IDENTITY_GROUP,
	IDENTITY_SESSION,   /* arn:..:assumed-role/ROLE/SESSION */
	IDENTITY_FEDERATED, /* arn:..:federated-user/NAME */
	IDENTITY_USER_ID,   /* AIDA... */
	IDENTITY_ROLE_ID,   /* AROA... or AROA...:session */
	IDENTITY_ROOT,	    /* arn:..:root, or an account number */
	IDENTITY_OTHER,	    /* known, but nothing that cordon contains: `what` says which */
};

struct identity {
	enum identity_kind kind;
	const char *what;   /* for people: "access key", "signing certificate", ... */
	char partition[32]; /* of an ARN, else "" */
	char account[13];   /* of an ARN, or decoded from a key id; else "" */
	char name[129];	    /* user, role or group name, without path; or the id as typed */
	char path[513];	    /* "/" or "/a/b/"; "" if unknown */
	char session[129];  /* role session or federated user name */
};

/* ERR_USAGE with what would be right if text is none of them. Bounded, ASCII only. */
int identity_parse(const char *text, struct identity *ret_id, struct err *err);
const char *identity_kind_name(enum identity_kind kind);

/* The account number that an AKIA/ASIA/AIDA/AROA id holds. False for old ids, which hold none. */
bool identity_account(const char *id, char ret_account[static 13]);

/* IAM's own rules: [\w+=,.@-]+, users and roles 1-64, policies and groups 1-128. */
bool identity_name_ok(const char *name, unsigned max);
bool identity_session_ok(const char *name); /* [\w+=,.@-]{2,64} */
/* The aws:userid of a session: a role's by its unique id, a federated user's by the account number.
 * False if either is of no usable form: a condition on it would match nobody. */
enum { IDENTITY_USERID = 256 };
bool identity_userid(const char *id, const char *session, char out[static IDENTITY_USERID]);
bool identity_key_ok(const char *id);	  /* [A-Z0-9_]{16,128} */
bool identity_account_ok(const char *id); /* 12 digits */

#endif
