/* SPDX-License-Identifier: Apache-2.0 */
/*
 * account: an AWS account as a value.
 *
 * A jansson tree in the shape of GetAccountAuthorizationDetails with more sections per principal;
 * cordon-account(5) is its whole description. It comes from live reads or from a file, operations
 * change it (operation.h), and two of them can be compared (account_diff).
 *
 * Every section is one of three things, and code must ask which:
 *     a value          read, and this is what was there
 *     empty or null    read, and there is none
 *     unread           {"unread":{"why":"not-asked|denied|failed|format","code":..}}: nobody knows
 * A list section that is unread may still know single items that were asked for by name:
 * {"unread":{..,"known":[item..],"absent":["key"..]}}.
 *
 * Late-bound values stand for what is known only when a stage starts or ends:
 *     {"$cutoff":30}              AWS's time of sending plus 30 s, as RFC 3339 with milliseconds
 *     {"$cutoff":0,"sid":"Cordon"} the same as a Sid: "Cordon20260714T101500Z"
 *     {"$result":"o3","path":..}  what AWS answered
 * A document that holds one is {"$document":{..}} instead of a string.
 *
 * The tree belongs to the caller; accessors return borrowed references. Pure.
 */
#ifndef CORDON_ACCOUNT_H
#define CORDON_ACCOUNT_H

#include "cordon/operation.h"

#include <jansson.h>
#include <stdbool.h>
#include <time.h>

struct err;

enum section_state { SECTION_UNREAD, SECTION_NONE, SECTION_VALUE };

/* A row for each section of a principal's entry: how its items are told apart. */
struct section {
	const char *name;
	unsigned kinds;	  /* 1 << principal_kind */
	const char *key;  /* the member that identifies an item; NULL: the items are strings */
	bool list;	  /* else one object or null */
	const char *what; /* for people: "access key", "inline policy" */
};

/* An account that holds nothing and has read nothing: every part is unread (not-asked). */
json_t *account_new(const char *account_id);
/* A principal's entry that was found but whose sections were not asked for. */
json_t *account_add(json_t *account, enum principal_kind kind, const char *name, const char *arn);

/* Reads an account file: cordon-account/1, or the JSON of get-account-authorization-details, whose
 * missing sections become unread (format). name is for messages. ERR_INPUT with the place. */
int account_read(const char *bytes, size_t length, const char *name, json_t **ret_account,
		 struct err *err);

const char *account_kind_name(enum principal_kind kind); /* "user", "role", "group" */
enum principal_kind account_kind(const char *name);
/* A principal's entry by name (IAM names differ by more than case). NULL: not here. */
json_t *account_find(const json_t *account, enum principal_kind kind, const char *name);
json_t *account_find_id(const json_t *account, enum principal_kind kind, const char *unique_id);
json_t *account_find_arn(const json_t *account, const char *arn, enum principal_kind *ret_kind);
/* All entries of a kind were read, so that one not here does not exist. */
bool account_listed(const json_t *account, enum principal_kind kind);
void account_set_listed(json_t *account, enum principal_kind kind);
/* The array of entries of a kind; never NULL, maybe empty. */
json_t *account_entries(const json_t *account, enum principal_kind kind);
const char *account_name(const json_t *entry, enum principal_kind kind);
const char *account_arn(const json_t *entry);
/* The user that owns an access key: from GetAccessKeyLastUsed, or from the key lists. NULL:
 * unknown. */
const char *account_key_owner(const json_t *account, const char *access_key_id);
/* A run on record has deleted it. */
bool account_key_deleted(const json_t *account, const char *access_key_id);

/* A section of an entry, or of the account itself ("SummaryMap", "AccountAliases"). */
enum section_state account_section(const json_t *entry, const char *section, json_t **ret_value);
/* One item of a list section by its key: VALUE with the item, NONE, or UNREAD. */
enum section_state account_item(const json_t *entry, const char *section, const char *key,
				json_t **ret_item);
/* Why it is unread, for people: "denied (AccessDenied)"; "" if it was read. */
const char *account_unread_why(const json_t *entry, const char *section);
json_t *account_unread(const char *why, const char *code);
/* Notes a single item of a section that is unread: there (item, stolen) or not there (NULL). */
void account_know(json_t *entry, const char *section, const char *key, json_t *item);
const struct section *account_section_row(const char *name);
const struct section *account_section_at(size_t i);
/* Every item of a list says which one it is. */
bool account_items_ok(const struct section *row, const json_t *list);
const char *account_inline_section(enum principal_kind kind);

/* A quota or count of GetAccountSummary; -1 if unread. */
long account_quota(const json_t *account, const char *key);
/* Characters of all inline policies as IAM counts them; -1 if a document is unread. */
long account_inline_size(const json_t *entry, enum principal_kind kind);
/* The document of a managed policy's default version (new reference), or NULL if unread. */
json_t *account_managed_document(const json_t *account, const char *policy_arn);

/* A document as an object, from a string, an object or {"$document":..}. New, or NULL if it is no
 * JSON object. */
json_t *account_document(const json_t *value);
/* A document as the string that is sent: a JSON string, or {"$document":..} while late-bound. New.
 */
json_t *account_document_text(const json_t *value);
bool account_late_bound(const json_t *value);
/* Parameters with every late-bound time filled in, documents as strings; new. */
json_t *account_bind(const json_t *value, time_t aws_now);
/* Equal but for late-bound values, which match anything, and for how a document is written. */
bool account_same(const json_t *a, const json_t *b);

/* Takes from later what before has not read. */
void account_fill(json_t *before, const json_t *later);
/* What differs, ignoring late-bound values, dates and last use: a new array of
 * {"principal","section","item","member","from","to"}. Unread on either side: no difference. */
json_t *account_diff(const json_t *from, const json_t *to);

#endif
