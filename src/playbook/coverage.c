// SPDX-License-Identifier: Apache-2.0
/* What no operation of a plan covers, said before anybody relies on it. */
#include "cordon/json.h"
#include "cordon/policy.h"
#include "cordon/text.h"
#include "planning.h"
#include "standing.h"

#include <stdio.h>
#include <stdlib.h>

/* A role that this plan cuts off; not one that a guard dropped, or on which there is no room. */
static bool is_target(const struct planning *p, const char *arn)
{
	const json_t *target = jx_find(p->targets, "arn", arn, NULL);
	json_t *skipped;
	size_t i;

	json_array_foreach (p->skipped, i, skipped) {
		if (text_equal(jx_text(skipped, "target"), jx_text(target, "id")) &&
		    !json_is_true(json_object_get(skipped, "reached")))
			return false;
	}
	return target && !json_object_get(target, "refused");
}

static const char *why_role(const char *how)
{
	if (text_equal(how, "allowed"))
		return "sessions the user made of it live on until they expire";
	if (text_equal(how, "trusted"))
		return "its trust policy names the user, which AWS takes as enough; no policy of his was found "
		       "that says so too";
	return "its trust policy lets the account in, and not all of the user's policies could be read";
}

static void note_role(struct planning *p, const char *user_arn, const json_t *role)
{
	const char *last = jx_text(role, "last_used");
	char command[160];

	if (is_target(p, jx_text(role, "arn")))
		return;
	snprintf(command, sizeof(command), "cordon revoke-sessions --role %.64s",
		 jx_text(role, "name"));
	json_t *entry = planning_uncovered(
		p, command, why_role(jx_text(role, "how")), "%s, which %s may have assumed%s%s",
		jx_text(role, "arn"), user_arn, last ? "; last used " : "; last use not known",
		last ? last : "");
	jx_set(entry, "role", jx_string(jx_text(role, "name")));
}

static void note_roles(struct planning *p, const json_t *target)
{
	const char *arn = jx_text(target, "arn");
	json_auto_t *roles = plan_assumable(p->request->account, jx_text(target, "name"),
					    p->request->captured, p->request->now);
	json_t *role;
	size_t i;

	if (!account_listed(p->request->account, PRINCIPAL_ROLE))
		planning_uncovered(p, NULL, "the account's roles were not or could not be listed",
				   "roles that %s can assume", arn);
	json_array_foreach (roles, i, role)
		note_role(p, arn, role);
}

/* Credentials that stay as they are; the deny refuses them as long as it stands. */
static void note_credentials(struct planning *p, const json_t *entry, const char *section)
{
	const struct section *row = account_section_row(section);
	const char *way;
	time_t stamp;
	bool denied = standing_deny(entry, PRINCIPAL_USER, &stamp, &way);
	json_t *list = NULL;
	json_t *item;
	size_t i;

	if (account_section(entry, section, &list) == SECTION_UNREAD) {
		planning_uncovered(p, NULL, account_unread_why(entry, section), "%ss of %s",
				   row->what, account_arn(entry));
		return;
	}
	json_array_foreach (list, i, item) {
		if (text_equal(jx_text(item, "Status"), "Active"))
			planning_uncovered(p, NULL,
					   denied ? "stays Active; the explicit deny on the user "
						    "refuses it"
						  : "stays Active, and nothing here denies what it "
						    "opens",
					   "%s %s of %s", row->what, jx_text(item, row->key),
					   account_arn(entry));
	}
}

static void note_user(struct planning *p, const json_t *target)
{
	static const char *const sections[] = {"SSHPublicKeys", "SigningCertificates",
					       "ServiceSpecificCredentials", NULL};
	const json_t *entry = account_find(p->account, PRINCIPAL_USER, jx_text(target, "name"));

	note_roles(p, target);
	/* Of one that the plan deletes nothing stays. */
	for (size_t i = 0; entry && sections[i]; i++)
		note_credentials(p, entry, sections[i]);
}

/* Whoever may assume a role can mint its sessions again. */
static void note_minting(struct planning *p, const json_t *target)
{
	const json_t *entry = account_find(p->account, PRINCIPAL_ROLE, jx_text(target, "name"));
	json_auto_t *trust = account_document(json_object_get(entry, "AssumeRolePolicyDocument"));
	json_auto_t *names = trust ? policy_trusted(trust) : NULL;
	char command[160];

	snprintf(command, sizeof(command), "cordon contain role/%.64s", jx_text(target, "name"));
	if (!trust) {
		planning_uncovered(p, command, "its trust policy could not be read",
				   "new sessions of %s", jx_text(target, "arn"));
		return;
	}
	char *list = jx_compact(names);
	planning_uncovered(p, command, "whoever its trust policy names can make another session",
			   "new sessions of %s, made by %.500s", jx_text(target, "arn"), list);
	free(list);
}

static void note_user_minting(struct planning *p, const json_t *target)
{
	char command[160];

	snprintf(command, sizeof(command), "cordon contain user/%.64s", jx_text(target, "name"));
	planning_uncovered(p, command,
			   "whoever holds the user's access keys can make another session",
			   "new sessions of %s", jx_text(target, "arn"));
}

static void note_target(struct planning *p, const json_t *target)
{
	const char *contains = jx_text(target, "contains");
	bool role = text_equal(jx_text(target, "principal"), "role");

	if (text_equal(contains, "user") && !role)
		note_user(p, target);
	if (text_equal(contains, "session"))
		role ? note_minting(p, target) : note_user_minting(p, target);
	if (!text_equal(contains, "none"))
		planning_uncovered(p, NULL,
				   "cordon cuts an identity off; it does not look for what it did",
				   "what %s made or changed before", jx_text(target, "arn"));
}

/* Only a service control policy beats somebody with rights in IAM while denies are not enforced
 * yet: ready to be handed on, with what it does not do. */
static void add_scp(struct planning *p)
{
	static const char *const limits[] = {
		"it needs an organization with service control policies enabled, and somebody who "
		"may attach them to this account",
		"it does not act on the management account, nor on service-linked roles",
		"an account has places for a few of them, of 5,120 characters at most each",
		"detach it when the case is over: it denies these names for ever, whoever has them",
		NULL};
	json_auto_t *arns = json_array();
	json_t *target;
	size_t i;

	json_array_foreach (p->targets, i, target) {
		if (!text_equal(jx_text(target, "contains"), "none") &&
		    !text_equal(jx_text(target, "contains"), "session") &&
		    !json_object_get(target, "refused") && jx_text(target, "arn"))
			jx_add_unique(arns, jx_text(target, "arn"));
	}
	if (json_array_size(arns) == 0)
		return;
	json_t *scp = jx_pack("{s:o, s:[]}", "document", policy_make_scp(arns), "limits");
	for (i = 0; limits[i]; i++)
		jx_push(json_object_get(scp, "limits"), jx_string(limits[i]));
	jx_set(p->plan, "scp", scp);
}

void coverage_note(struct planning *p)
{
	json_t *target;
	size_t i;

	json_array_foreach (p->targets, i, target) {
		if (!json_object_get(target, "expanded_from") &&
		    !json_object_get(target, "refused"))
			note_target(p, target);
	}
	add_scp(p);
}
