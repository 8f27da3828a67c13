// SPDX-License-Identifier: Apache-2.0
/* Explicit denies: of everything, of what a quarantine names, of given actions. */
#include "cordon/hash.h"
#include "cordon/json.h"
#include "cordon/policy.h"
#include "cordon/text.h"
#include "planning.h"
#include "quota.h"
#include "standing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A deny that can be put in three ways: a document of our own, or a policy of AWS's. */
struct deny {
	const char *name; /* of the inline policy */
	const char *what; /* for people */
	const char *arn;  /* of the managed policy; NULL: there is none */
	json_t *document; /* inline; NULL: there is none */
	bool (*ours)(const json_t *document);
	const char *ways[3]; /* what LimitExceeded closes, in the order of `ways` below */
};

enum { WHY_SIZE = 200 };

static bool try_inline(struct planning *p, const struct step *step, const struct deny *deny,
		       bool asked, char why[static WHY_SIZE])
{
	if (!deny->document) {
		snprintf(why, WHY_SIZE, "a policy of AWS's is not inline");
		return false;
	}
	char *name = planning_policy_name(p, step, deny->name, deny->ours);
	struct room room = quota_room(p, step, name, deny->document);
	bool full = planning_exhausted(p, step, deny->ways[0]);
	bool taken = !full && (asked || quota_fits(&room));

	if (taken)
		quota_put_inline(p, step, name, deny->document, deny->what, deny->ways[0]);
	else
		snprintf(why, WHY_SIZE,
			 "inline policies are full (%ld of %ld characters, %ld needed)", room.used,
			 room.quota, room.need);
	free(name);
	return taken;
}

/* What AWS's policy denies, beside the operation that sets it. */
static void show_denied(struct planning *p, json_t *operation, const struct deny *deny)
{
	json_auto_t *document = account_managed_document(p->account, deny->arn);

	if (!operation)
		return;
	if (document)
		jx_set(operation, "denies", policy_denied_actions(document));
	else if (policy_is_aws_quarantine(deny->arn))
		planning_warn(p, "what %s denies could not be read", deny->arn);
}

static bool try_managed(struct planning *p, const struct step *step, const struct deny *deny,
			bool asked, char why[static WHY_SIZE])
{
	char used[64];
	long count;
	long limit;

	quota_attached(p, step, &count, &limit);
	if (count < 0)
		snprintf(used, sizeof(used), "how many are in use could not be read");
	else
		snprintf(used, sizeof(used), "%ld of %ld in use", count, limit);
	if (!deny->arn || planning_exhausted(p, step, deny->ways[1]) ||
	    (!asked && count >= limit)) {
		snprintf(why, WHY_SIZE,
			 deny->arn ? "attached policies are full (%s)"
				   : "there is no such policy of AWS's%.0s",
			 used);
		return false;
	}
	json_t *operation = planning_add(
		p, step, quota_calls(step->kind)->attach, jx_pack("{s:s}", "PolicyArn", deny->arn),
		"%s; attached, %s%s%s", deny->what, used, *why ? "; for " : "", why);
	if (operation)
		jx_set(operation, "way", jx_string(deny->ways[1]));
	show_denied(p, operation, deny);
	return true;
}

static bool try_boundary(struct planning *p, const struct step *step, const struct deny *deny,
			 bool asked, char why[static WHY_SIZE])
{
	const char *bound = quota_calls(step->kind)->bound;
	json_t *old = NULL;

	(void)asked;
	if (!bound || !deny->arn || planning_exhausted(p, step, deny->ways[2])) {
		snprintf(why, WHY_SIZE,
			 bound ? "the permissions boundary could not be set"
			       : "a group has no permissions boundary");
		return false;
	}
	account_section(step_entry(p, step), "PermissionsBoundary", &old);
	if (text_has_suffix(jx_text(old, "PermissionsBoundaryArn"), "iam::aws:policy/AWSDenyAll")) {
		snprintf(why, WHY_SIZE, "the permissions boundary that stands denies everything");
		return false;
	}
	if (policy_is_aws_quarantine(jx_text(old, "PermissionsBoundaryArn")) &&
	    planning_held_by_aws(p, step, "a boundary takes its place"))
		return true;
	json_t *operation = planning_add(p, step, bound,
					 jx_pack("{s:s}", "PermissionsBoundary", deny->arn),
					 "%s; as permissions boundary, the old one is kept%s%s",
					 deny->what, *why ? "; for " : "", why);
	if (operation)
		jx_set(operation, "way", jx_string(deny->ways[2]));
	show_denied(p, operation, deny);
	return true;
}

static const struct way {
	const char *name;
	bool (*try)(struct planning *p, const struct step *step, const struct deny *deny,
		    bool asked, char why[static WHY_SIZE]);
} ways[] = {
	{"inline", try_inline},
	{"managed", try_managed},
	{"boundary", try_boundary},
};

/* via NULL or "auto": the first that has room. False: none, and why says it. */
static bool put_deny(struct planning *p, const struct step *step, const struct deny *deny,
		     const char *via, char why[static WHY_SIZE])
{
	bool automatic = !via || text_equal(via, "auto");

	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		if (!automatic && !text_equal(via, ways[i].name))
			continue;
		if (ways[i].try(p, step, deny, !automatic, why))
			return true;
	}
	return false;
}

static const char *partition(const struct planning *p)
{
	return p->request->partition ? p->request->partition : "aws";
}

/* True: the step names a session, and that has been seen to. */
static bool deny_named_session(struct planning *p, const struct step *step)
{
	char userid[IDENTITY_USERID];

	if (!json_object_get(step->options, "session"))
		return false;
	const char *via = step_option(step, "via");
	if (step->kind == PRINCIPAL_GROUP)
		planning_skip(p, step, "--user or --role", "a group has no sessions");
	else if (via && !text_equal(via, "auto") && !text_equal(via, "inline"))
		planning_skip(p, step, "--via inline", "a deny of one session must be inline");
	else if (step_userid(p, step, userid))
		contain_deny_session(p, step, userid);
	else if (!step_option(step, "session"))
		planning_reached(p, step, "no session was named");
	else
		planning_skip(
			p, step, "deny-all without --session",
			"the unique id of %s could not be read, so one session cannot be told apart",
			step_principal(step));
	return true;
}

/* What stops with a role that is denied everything. */
static void warn_role(struct planning *p, const struct step *step, const char *what)
{
	const char *last = jx_text(json_object_get(step_entry(p, step), "RoleLastUsed"),
				   "LastUsedDate");

	if (step->kind == PRINCIPAL_ROLE && !step->expanded)
		planning_warn(p, "%s: %s; last used %s", step_arn(step), what,
			      last ? last : "not known");
}

/* A group's deny is its members'. */
static void warn_group(struct planning *p, const struct step *step)
{
	json_t *members = NULL;

	if (step->kind != PRINCIPAL_GROUP)
		return;
	if (account_section(step_entry(p, step), "Members", &members) == SECTION_UNREAD) {
		planning_warn(p, "whoever is in %s is denied too; who that is could not be read",
			      step_arn(step));
		return;
	}
	char *list = jx_compact(members);
	planning_warn(p, "whoever is in %s is denied too: %zu users, %.300s", step_arn(step),
		      json_array_size(members), list);
	free(list);
}

void contain_deny_all(struct planning *p, const struct step *step)
{
	const char *via = step_option(step, "via");
	const char *standing;
	char why[WHY_SIZE] = "";
	char arn[96];
	time_t stamp;

	if (deny_named_session(p, step))
		return;
	if (standing_deny(step_entry(p, step), step->kind, &stamp, &standing) &&
	    (!via || text_equal(via, "auto") || text_equal(via, standing))) {
		planning_reached(p, step, "the explicit deny stands already (%s)", standing);
		return;
	}
	snprintf(arn, sizeof(arn), "arn:%.31s:iam::aws:policy/AWSDenyAll", partition(p));
	json_auto_t *document = policy_make_deny(NULL);
	const struct deny deny = {.name = POLICY_DENY,
				  .what = "explicit deny of every action",
				  .arn = arn,
				  .document = document,
				  .ours = policy_denies_all,
				  .ways = {"inline", "managed", "boundary"}};
	warn_role(p, step,
		  "everything that runs on it is cut off with it, its log delivery included "
		  "(logs:PutLogEvents, s3:GetObject)");
	warn_group(p, step);
	if (!put_deny(p, step, &deny, via, why))
		planning_skip(p, step, "a service control policy",
			      "no room for an explicit deny: %s", why);
}

/* "AWSCompromisedKeyQuarantineV4" is 4, without a number it is 1. */
static long version_of(const char *arn)
{
	const char *name = strstr(arn, "Quarantine");
	long version = 1;

	if (name && name[strlen("Quarantine")] == 'V')
		text_parse_number(name + strlen("QuarantineV"), 1, 1000, &version);
	return version;
}

/* The newest of AWS's quarantine policies that was found; NULL: none was looked at. */
static const json_t *newest_quarantine(const struct planning *p)
{
	const json_t *newest = NULL;
	json_t *policy;
	size_t i;

	json_array_foreach (json_object_get(p->account, "Policies"), i, policy) {
		const char *arn = jx_text(policy, "Arn");
		if (policy_is_aws_quarantine(arn) &&
		    (!newest || version_of(arn) > version_of(jx_text(newest, "Arn"))))
			newest = policy;
	}
	return newest;
}

/* Which of AWS's policies is meant: the one asked for, the newest that exists, or the newest that
 * this program knows where that could not be found out. False: AWS says that it does not exist. */
static bool choose_quarantine(struct planning *p, const struct step *step, char arn[static 128],
			      char what[static 200])
{
	const char *asked = step_option(step, "policy");
	const json_t *policy = asked ? jx_find(json_object_get(p->account, "Policies"), "Arn",
					       asked, NULL)
				     : newest_quarantine(p);
	const char *found = asked ? asked : jx_text(policy, "Arn");
	const char *changed = jx_text(policy, "UpdateDate");

	if (found)
		snprintf(arn, 128, "%.127s", found);
	else
		snprintf(arn, 128, "arn:%.31s:iam::aws:policy/AWSCompromisedKeyQuarantineV3",
			 partition(p));
	bool absent = jx_contains(p->request->absent, arn);
	snprintf(what, 200, "AWS's %.64s%s%.16s%s%.32s%s", strrchr(arn, '/') + 1,
		 policy ? ", version " : "",
		 policy && jx_text(policy, "DefaultVersionId") ? jx_text(policy, "DefaultVersionId")
							       : "",
		 changed ? ", last changed " : "", changed ? changed : "",
		 policy ? "" : " (which versions exist could not be read)");
	return !absent;
}

static bool quarantine_stands(const struct planning *p, const struct step *step, const char *via,
			      const json_t *document, const char *arn)
{
	const json_t *entry = step_entry(p, step);
	bool automatic = !via || text_equal(via, "auto");
	json_t *boundary = NULL;

	if (document && (automatic || text_equal(via, "inline")) &&
	    standing_own_quarantine(entry, step->kind, document))
		return true;
	if ((automatic || text_equal(via, "managed")) &&
	    account_item(entry, "AttachedManagedPolicies", arn, NULL) == SECTION_VALUE)
		return true;
	account_section(entry, "PermissionsBoundary", &boundary);
	return (automatic || text_equal(via, "boundary")) &&
	       text_equal(jx_text(boundary, "PermissionsBoundaryArn"), arn);
}

static bool is_bound(const struct planning *p, const struct step *step)
{
	json_t *boundary = NULL;

	account_section(step_entry(p, step), "PermissionsBoundary", &boundary);
	return policy_is_aws_quarantine(jx_text(boundary, "PermissionsBoundaryArn"));
}

/* As the plan leaves it: a quarantine that is a boundary denies by what it does not allow. */
static void warn_quarantine(struct planning *p, const struct step *step, bool spare)
{
	if (is_bound(p, step)) {
		planning_warn(p,
			      "as a permissions boundary a quarantine allows nothing at all: "
			      "whatever runs as %s stops",
			      step_arn(step));
		return;
	}
	planning_warn(p,
		      "a quarantine of %s denies what is most often abused, not everything: it "
		      "does not contain by itself",
		      step_arn(step));
	if (!spare)
		warn_role(p, step,
			  "the quarantine also stops its logs:PutLogEvents and s3:GetObject; "
			  "--spare-logs leaves them");
}

/* Our own policy where there is room for it, else AWS's; false: neither, and why says it. */
static bool put_quarantine(struct planning *p, const struct step *step, struct deny *deny,
			   const char *aws, char why[static WHY_SIZE])
{
	const char *via = step_option(step, "via");
	bool may_inline = !via || text_equal(via, "auto") || text_equal(via, "inline");

	if (deny->document && may_inline &&
	    try_inline(p, step, deny, text_equal(via, "inline"), why))
		return true;
	deny->what = aws;
	deny->document = NULL;
	return !text_equal(via, "inline") && put_deny(p, step, deny, via, why);
}

void contain_quarantine(struct planning *p, const struct step *step)
{
	const char *via = step_option(step, "via");
	bool spare = step_flag(step, "spare_logs");
	bool named = step_option(step, "policy") != NULL;
	char why[WHY_SIZE] = "";
	char what[200];
	char arn[128];

	if (spare && (named || text_equal(via, "managed") || text_equal(via, "boundary"))) {
		planning_skip(p, step, "--via inline",
			      "AWS's own policy cannot be had without what stops logging");
		return;
	}
	bool exists = choose_quarantine(p, step, arn, what);
	if (named && !exists) {
		planning_skip(p, step, "quarantine without --policy", "AWS has no policy %s", arn);
		return;
	}
	json_auto_t *document = named ? NULL : policy_make_quarantine(spare);
	struct deny deny = {
		.name = POLICY_QUARANTINE,
		.what = "our own quarantine",
		.arn = spare || !exists ? NULL : arn,
		.document = document,
		.ours = policy_is_quarantine,
		.ways = {"quarantine-inline", "quarantine-managed", "quarantine-boundary"}};
	warn_group(p, step);
	if (quarantine_stands(p, step, via, document, arn))
		planning_reached(p, step, "the quarantine stands already");
	else if (!put_quarantine(p, step, &deny, what, why))
		planning_skip(p, step, "deny-all", "no room for a quarantine: %s", why);
	warn_quarantine(p, step, spare);
}

/* One name for one restriction, so that the same one is not put twice. */
static void restrict_name(const json_t *document, char name[static 64])
{
	char hex[HASH_HEX_SIZE];

	jx_digest(document, hex);
	snprintf(name, 64, POLICY_RESTRICT "-%.12s", hex);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* In one order, each once: IAM does not mind, and the same restriction is the same document. */
static json_t *as_list(const json_t *value)
{
	json_auto_t *one = json_is_array(value) ? NULL : jx_pack("[O]", value);
	const json_t *list = one ? one : value;
	size_t count = json_array_size(list);
	const char **texts = calloc(count + 1, sizeof(*texts));
	json_t *out = json_array();

	if (!texts)
		abort();
	for (size_t i = 0; i < count; i++)
		texts[i] = json_string_value(json_array_get(list, i));
	qsort(texts, count, sizeof(*texts), by_text);
	for (size_t i = 0; i < count; i++)
		jx_add_unique(out, texts[i]);
	free(texts);
	return out;
}

void contain_restrict(struct planning *p, const struct step *step)
{
	json_auto_t *actions = as_list(json_object_get(step->options, "deny"));
	json_auto_t *resources = as_list(json_object_get(step->options, "resource"));
	json_auto_t *document = policy_make_restrict(actions, resources);
	char base[64];
	json_t *item = NULL;

	restrict_name(document, base);
	const char *section = account_inline_section(step->kind);
	if (account_item(step_entry(p, step), section, base, &item) == SECTION_VALUE) {
		json_auto_t *stands = account_document(json_object_get(item, "PolicyDocument"));
		if (stands && account_same(stands, document)) {
			planning_reached(p, step, "the restriction stands already (%s)", base);
			return;
		}
	}
	warn_group(p, step);
	char *name = planning_policy_name(p, step, base, NULL);
	struct room room = quota_room(p, step, name, document);
	if (planning_exhausted(p, step, "restrict") || !quota_fits(&room))
		planning_skip(p, step, "fewer actions and resources, or deny-all",
			      "the restriction does not fit: %ld characters, %ld of %ld in use",
			      room.need, room.used, room.quota);
	else
		quota_put_inline(p, step, name, document, "deny of the actions given", "restrict");
	free(name);
}
