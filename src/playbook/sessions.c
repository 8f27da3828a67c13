// SPDX-License-Identifier: Apache-2.0
/* Sessions: one of them denied, or all that were issued until now. */
#include "cordon/json.h"
#include "cordon/policy.h"
#include "cordon/text.h"
#include "planning.h"
#include "quota.h"
#include "standing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* As long as the console's own: it covers the time until the change is enforced. */
enum { CUTOFF_SECONDS = 30 };

void contain_deny_session(struct planning *p, const struct step *step, const char *userid)
{
	char base[96];

	if (standing_session_deny(step_entry(p, step), step->kind, userid)) {
		planning_reached(p, step, "the session '%s' is denied already", userid);
		return;
	}
	snprintf(base, sizeof(base), POLICY_DENY "-%.64s", strchr(userid, ':') + 1);
	char *name = planning_policy_name(p, step, base, NULL);
	json_auto_t *document = policy_make_deny(userid);
	struct room room = quota_room(p, step, name, document);
	if (planning_exhausted(p, step, "inline") || !quota_fits(&room))
		planning_skip(p, step,
			      "free room in the inline policies, or deny-all without --session",
			      "a deny of one session must be inline, and %ld characters do not fit "
			      "(%ld of %ld in use)",
			      room.need, room.used, room.quota);
	else
		quota_put_inline(p, step, name, document,
				 "explicit deny of every action for this session", "inline");
	free(name);
}

/* The principal whose deny makes older sessions pointless to mint again: the user that an expanded
 * role came from, else the principal itself. */
static json_t *source_of(const struct planning *p, const struct step *step,
			 enum principal_kind *kind)
{
	const json_t *from = jx_find(p->targets, "id", jx_text(step->target, "expanded_from"),
				     NULL);

	*kind = from ? PRINCIPAL_USER : step->kind;
	if (from)
		return account_find(p->account, PRINCIPAL_USER, jx_text(from, "name"));
	return step_entry(p, step);
}

/* Before this plan: a key that was on may have minted sessions since the cutoff. */
static bool had_active_key(const struct planning *p, const json_t *source)
{
	const json_t *user = account_find(p->request->account, PRINCIPAL_USER,
					  account_name(source, PRINCIPAL_USER));
	json_t *list = NULL;

	account_section(user, "AccessKeys", &list);
	return jx_find(list, "Status", "Active", NULL) != NULL;
}

static bool cutoff_reached(const struct planning *p, const struct step *step, const char *userid)
{
	enum principal_kind kind;
	const json_t *source = source_of(p, step, &kind);
	const char *way;
	time_t stamp;
	time_t cutoff;

	if (jx_contains(p->request->restamp, step_arn(step)) ||
	    !standing_cutoff(step_entry(p, step), step->kind, userid, &cutoff))
		return false;
	if (planning_stamped(p, step_arn(step)))
		return true;
	if (cutoff > p->request->now)
		return true;
	if (source != step_entry(p, step) && had_active_key(p, source))
		return false;
	return standing_deny(source, kind, &stamp, &way) && stamp && cutoff >= stamp;
}

static void stamp_cutoff(struct planning *p, const struct step *step, const char *userid)
{
	json_auto_t *document = policy_make_cutoff(CUTOFF_SECONDS, userid);
	char base[96] = POLICY_CUTOFF;
	const char *way;
	time_t stamp;

	if (userid)
		snprintf(base, sizeof(base), POLICY_CUTOFF "-%.64s", strchr(userid, ':') + 1);
	char *name = planning_policy_name(p, step, base, userid ? NULL : policy_is_cutoff);
	struct room room = quota_room(p, step, name, document);
	bool full = planning_exhausted(p, step, "cutoff") || !quota_fits(&room);
	if (!full)
		quota_put_inline(p, step, name, document,
				 userid ? "deny of this session's tokens issued until now"
					: "deny of every session issued until now",
				 "cutoff");
	else if (standing_deny(step_entry(p, step), step->kind, &stamp, &way))
		planning_reached(p, step,
				 "a cutoff does not fit (%ld of %ld characters in use), and the "
				 "explicit deny (%s) stops older sessions too",
				 room.used, room.quota, way);
	else
		planning_skip(p, step, "deny-all",
			      "a cutoff does not fit: %ld of %ld characters in use", room.used,
			      room.quota);
	free(name);
}

void contain_revoke_sessions(struct planning *p, const struct step *step)
{
	char text[IDENTITY_USERID];
	bool named = step_option(step, "session") != NULL;
	const char *userid = step_userid(p, step, text) ? text : NULL;

	if (named && !userid)
		planning_skip(
			p, step, "revoke-sessions without --session",
			"the unique id of %s could not be read, so one session cannot be told apart",
			step_principal(step));
	else if (named && standing_session_deny(step_entry(p, step), step->kind, userid))
		planning_reached(p, step, "the session is denied, whenever it was issued");
	else if (cutoff_reached(p, step, userid))
		planning_reached(p, step, "a cutoff stands that leaves no older session");
	else
		stamp_cutoff(p, step, userid);
}
