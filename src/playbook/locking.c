// SPDX-License-Identifier: Apache-2.0
/* Trust policies: letting nobody assume a role, or shutting out some. */
#include "cordon/json.h"
#include "cordon/policy.h"
#include "cordon/text.h"
#include "planning.h"
#include "standing.h"

#include <stdlib.h>

/* A trust policy that is to be changed. */
struct locking {
	json_t *old;	 /* the document that stands */
	json_t *named;	 /* who is to be shut out, one by one; empty: by another rule */
	bool foreign;	 /* whoever is not of this account */
	json_t *removed; /* who goes */
};

static void begin(struct locking *l, const struct planning *p, const struct step *step)
{
	const json_t *named = json_object_get(step->options, "principal");

	*l = (struct locking){.old = account_document(json_object_get(step_entry(p, step),
								      "AssumeRolePolicyDocument")),
			      .named = json_is_string(named)  ? jx_pack("[O]", named)
				       : json_is_array(named) ? jx_copy(named)
							      : json_array(),
			      .foreign = step_flag(step, "foreign"),
			      .removed = json_array()};
}

static void release(struct locking *l)
{
	json_decref(l->old);
	json_decref(l->named);
	json_decref(l->removed);
}

static bool is_whole(const struct locking *l)
{
	return !l->foreign && json_array_size(l->named) == 0;
}

/* The new document; NULL: the old one does what is wanted, letter by letter. New. */
static json_t *shut(struct locking *l, const char *account_id)
{
	if (is_whole(l))
		return policy_locked(l->old) ? NULL : policy_make_lock();
	json_t *document = policy_shut_out(l->old, l->foreign ? account_id : NULL, l->named,
					   l->removed);
	if (json_array_size(l->removed))
		return document;
	json_decref(document);
	return NULL;
}

/* Who is named may still be let in, by a wider name: an account, or everybody. */
static bool is_let_in(const struct planning *p, const json_t *document, const char *principal)
{
	struct arn arn;
	const char *account = arn_parse(principal, &arn) == 0 ? arn.account
							      : jx_text(p->account, "account_id");

	return policy_trusts(document, principal, account) != TRUST_NONE;
}

/* What is left says more than the step asked for: strangers who come by another way. */
static bool warn_left(struct planning *p, const struct step *step, const struct locking *l,
		      const json_t *document)
{
	json_auto_t *providers = policy_providers(document);
	bool inside = false;
	json_t *item;
	size_t i;

	json_array_foreach (l->named, i, item) {
		const char *name = json_string_value(item);
		if (!is_let_in(p, document, name)) {
			if (!jx_contains(l->removed, name) && !is_let_in(p, l->old, name))
				planning_warn(p, "%s is not named in the trust policy of %s", name,
					      step_arn(step));
			continue;
		}
		inside = true;
		planning_warn(p,
			      "%s is still let in to %s by a wider name, such as an account or *",
			      json_string_value(item), step_arn(step));
	}
	json_array_foreach (providers, i, item) {
		if (l->foreign)
			planning_warn(p,
				      "the identity provider %s stays trusted by %s: whoever it "
				      "vouches for can assume the role",
				      json_string_value(item), step_arn(step));
	}
	return inside;
}

/* Principals that were deleted stand in the old document by ids that AWS does not take back. */
static void warn_dangling(struct planning *p, const struct step *step, const json_t *old)
{
	json_auto_t *dropped = json_array();
	json_auto_t *back = policy_restorable(old, dropped);
	json_t *id;
	size_t i;

	json_array_foreach (dropped, i, id)
		planning_warn(p,
			      "the trust policy of %s names %s, which exists no more: it is "
			      "dropped and cannot be restored",
			      step_arn(step), json_string_value(id));
	if (!back)
		planning_warn(p,
			      "nobody else is named in the trust policy of %s, so what stands "
			      "there now cannot be restored",
			      step_arn(step));
}

/* The plan denies the sessions that exist, or something that stands does. */
static bool ends_sessions(const struct planning *p, const struct step *step)
{
	const json_t *entry = step_entry(p, step);
	const char *way;
	time_t at;

	return standing_deny(entry, step->kind, &at, &way) ||
	       (standing_cutoff(entry, step->kind, NULL, &at) && at > p->request->now);
}

static void add(struct planning *p, const struct step *step, const struct locking *l,
		const json_t *document)
{
	char *who = jx_compact(l->removed);

	warn_dangling(p, step, l->old);
	if (is_whole(l))
		planning_warn(p, "nothing can assume %s any more, AWS services included",
			      step_arn(step));
	planning_add(p, step, "UpdateAssumeRolePolicy",
		     jx_pack("{s:{s:O}}", "PolicyDocument", "$document", document),
		     is_whole(l) ? "trust policy: nobody can assume the role%.0s"
				 : "trust policy without %.400s",
		     who);
	free(who);
	if (!ends_sessions(p, step))
		planning_uncovered(
			p, NULL,
			"a trust policy stops new sessions only; revoke-sessions ends them",
			"sessions of %s that exist already", step_arn(step));
}

void contain_lock_trust(struct planning *p, const struct step *step)
{
	struct locking l;

	begin(&l, p, step);
	/* A parameter that was not set shuts out nobody, rather than everybody. */
	if (is_whole(&l) && (step_unset(step, "principal") || step_unset(step, "foreign"))) {
		planning_reached(p, step, "nobody was named");
		release(&l);
		return;
	}
	json_auto_t *document = l.old ? shut(&l, jx_text(p->account, "account_id")) : NULL;
	bool inside = l.old && warn_left(p, step, &l, document ? document : l.old);
	if (!l.old)
		planning_skip(p, step, "deny-all",
			      "the trust policy could not be read, so it could not be put back");
	else if (document)
		add(p, step, &l, document);
	else if (inside)
		planning_skip(p, step, "--principal with the wider name, or without --principal",
			      "the trust policy does not name them, and lets them in by a wider "
			      "name");
	else
		planning_reached(p, step, "the trust policy lets none of them in");
	release(&l);
}
