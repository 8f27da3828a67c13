// SPDX-License-Identifier: Apache-2.0
/*
 * Ending a principal, and making it anew. AWS refuses to delete one that still has something
 * (DeleteConflict), so everything goes before it, in phases: credentials, then what allows, then
 * what denies. Nothing goes that was not read: before.json is what is left of it.
 */
#include "cordon/json.h"
#include "cordon/policy.h"
#include "cordon/text.h"
#include "planning.h"
#include "quota.h"
#include "standing.h"

#include <stdint.h>
#include <string.h>

/* Sections whose items are deleted one by one by their key. */
static const struct part {
	enum principal_kind kind;
	const char *section, *drop;
} parts[] = {
	{PRINCIPAL_USER, "AccessKeys", "DeleteAccessKey"},
	{PRINCIPAL_USER, "SSHPublicKeys", "DeleteSSHPublicKey"},
	{PRINCIPAL_USER, "SigningCertificates", "DeleteSigningCertificate"},
	{PRINCIPAL_USER, "ServiceSpecificCredentials", "DeleteServiceSpecificCredential"},
	{PRINCIPAL_USER, "MFADevices", "DeactivateMFADevice"},
	{PRINCIPAL_ROLE, "InstanceProfileList", "RemoveRoleFromInstanceProfile"},
};

/* The first section that was not read, or a policy whose document was not; NULL: all is known. */
static const char *unread_part(const json_t *entry, enum principal_kind kind)
{
	const struct section *row;
	json_t *list = NULL;
	json_t *item;
	size_t n;

	for (size_t i = 0; (row = account_section_at(i)); i++) {
		if (!(row->kinds & (1u << kind)) || text_equal(row->name, "RoleLastUsed"))
			continue;
		if (account_section(entry, row->name, NULL) == SECTION_UNREAD)
			return row->what;
	}
	account_section(entry, account_inline_section(kind), &list);
	json_array_foreach (list, n, item) {
		const json_t *document = json_object_get(item, "PolicyDocument");
		if (!document || json_object_get(document, "unread"))
			return "inline policy";
	}
	return NULL;
}

static void drop_items(struct planning *p, const struct step *step, const json_t *entry)
{
	json_t *list;
	json_t *item;
	size_t n;

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		const struct section *row = account_section_row(parts[i].section);
		list = NULL;
		if (parts[i].kind != step->kind ||
		    account_section(entry, row->name, &list) != SECTION_VALUE)
			continue;
		json_array_foreach (list, n, item)
			planning_add(p, step, parts[i].drop,
				     jx_pack("{s:s}", row->key, jx_text(item, row->key)), "%s",
				     row->what);
	}
	if (step->kind == PRINCIPAL_USER &&
	    account_section(entry, "LoginProfile", NULL) == SECTION_VALUE)
		planning_add(p, step, "DeleteLoginProfile", json_object(), "console password");
}

/* AWS's own denies, and one of the account's that was read and does nothing else. */
static bool is_managed_deny(const struct planning *p, const char *arn)
{
	json_auto_t *document = account_managed_document(p->account, arn);

	return text_has_suffix(arn, ":iam::aws:policy/AWSDenyAll") ||
	       policy_is_aws_quarantine(arn) || (document && policy_only_denies(document));
}

static bool is_deny_item(const struct planning *p, const json_t *item)
{
	const char *arn = jx_text(item, "PolicyArn");

	return arn ? is_managed_deny(p, arn) : standing_is_own(item);
}

/* Those that allow, or those that deny. */
static void drop_policies(struct planning *p, const struct step *step, const json_t *entry,
			  bool denies)
{
	const struct calls *calls = quota_calls(step->kind);
	json_t *list = NULL;
	json_t *item;
	size_t i;

	account_section(entry, "AttachedManagedPolicies", &list);
	json_array_foreach (list, i, item) {
		if (is_deny_item(p, item) == denies)
			planning_add(p, step, calls->detach,
				     jx_pack("{s:s}", "PolicyArn", jx_text(item, "PolicyArn")),
				     "attached policy");
	}
	list = NULL;
	account_section(entry, account_inline_section(step->kind), &list);
	json_array_foreach (list, i, item) {
		if (is_deny_item(p, item) == denies)
			planning_add(p, step, calls->drop,
				     jx_pack("{s:s}", "PolicyName", jx_text(item, "PolicyName")),
				     "inline policy");
	}
}

static void leave_groups(struct planning *p, const struct step *step, const json_t *entry)
{
	json_t *list = NULL;
	json_t *name;
	size_t i;

	account_section(entry, "GroupList", &list);
	json_array_foreach (list, i, name)
		planning_add(p, step, "RemoveUserFromGroup", jx_pack("{s:O}", "GroupName", name),
			     "group");
}

static void warn_devices(struct planning *p, const json_t *entry)
{
	json_t *list = NULL;
	json_t *item;
	size_t i;

	account_section(entry, "MFADevices", &list);
	json_array_foreach (list, i, item) {
		const char *serial = jx_text(item, "SerialNumber");
		if (serial && strstr(serial, ":mfa/"))
			planning_warn(p,
				      "the virtual device %s stays in the account, assigned to "
				      "nobody",
				      serial);
	}
}

/* Dependents first; the denies stand until nothing is left that allows. */
static void end_principal(struct planning *p, const struct step *step, const char *operation)
{
	json_auto_t *entry = jx_copy(step_entry(p, step));

	drop_items(p, step, entry);
	planning_phase(p);
	drop_policies(p, step, entry, false);
	if (step->kind == PRINCIPAL_USER)
		leave_groups(p, step, entry);
	planning_phase(p);
	drop_policies(p, step, entry, true);
	planning_phase(p);
	planning_add(p, step, operation, json_object(), "the %s itself",
		     account_kind_name(step->kind));
	warn_devices(p, entry);
}

/* The user would leave a group that has AWS's quarantine. */
static bool held_in_groups(struct planning *p, const struct step *step)
{
	json_t *list = NULL;
	json_t *name;
	size_t i;

	if (step->kind == PRINCIPAL_USER)
		account_section(step_entry(p, step), "GroupList", &list);
	json_array_foreach (list, i, name) {
		if (planning_held_in_group(p, step, json_string_value(name)))
			return true;
	}
	return false;
}

/* Everything was read, so that it is kept, and AWS does not hold on to it. */
static bool may_end(struct planning *p, const struct step *step, const char *what)
{
	const char *unread = unread_part(step_entry(p, step), step->kind);

	if (unread) {
		planning_skip(p, step, NULL,
			      "its %ss could not be read, so what is deleted could not be kept",
			      unread);
		return false;
	}
	return !planning_held_by_aws(p, step, what) && !held_in_groups(p, step);
}

void contain_delete_user(struct planning *p, const struct step *step)
{
	if (may_end(p, step, "the user is deleted"))
		end_principal(p, step, "DeleteUser");
}

void contain_delete_role(struct planning *p, const struct step *step)
{
	if (may_end(p, step, "the role is deleted"))
		end_principal(p, step, "DeleteRole");
}

/* What is not so yet; on a user that was just made, everything. */
static void restore(struct planning *p, const struct step *step, const char *principal,
		    const char *operation, json_t *parameters_stolen, const char *why)
{
	const struct operation *op = operation_find(operation);
	json_auto_t *whole = jx_copy(parameters_stolen);

	for (const struct member *m = op->input; m->name; m++) {
		if (m->flags & MEMBER_PRINCIPAL)
			jx_set(whole, m->name, jx_string(principal));
	}
	if (operation_state(op, p->account, whole) == OPERATION_DONE)
		json_decref(parameters_stolen);
	else
		planning_add_on(p, step, principal, operation, parameters_stolen, "%s", why);
}

static void restore_policies(struct planning *p, const struct step *step, const json_t *old,
			     bool denies)
{
	json_t *list = NULL;
	json_t *item;
	size_t i;

	account_section(old, "AttachedManagedPolicies", &list);
	json_array_foreach (list, i, item) {
		if (is_deny_item(p, item) == denies)
			restore(p, step, step_principal(step), "AttachUserPolicy",
				jx_pack("{s:s}", "PolicyArn", jx_text(item, "PolicyArn")),
				"as before");
	}
	list = NULL;
	account_section(old, "UserPolicyList", &list);
	json_array_foreach (list, i, item) {
		if (is_deny_item(p, item) == denies)
			restore(p, step, step_principal(step), "PutUserPolicy",
				jx_pack("{s:s, s:o}", "PolicyName", jx_text(item, "PolicyName"),
					"PolicyDocument",
					account_document_text(
						json_object_get(item, "PolicyDocument"))),
				"as before");
	}
}

static void restore_groups(struct planning *p, const struct step *step, const json_t *old)
{
	json_t *list = NULL;
	json_t *name;
	size_t i;

	account_section(old, "GroupList", &list);
	json_array_foreach (list, i, name)
		restore(p, step, step_principal(step), "AddUserToGroup",
			jx_pack("{s:O}", "GroupName", name), "as before");
}

static bool holds_text(const json_t *document, const char *text)
{
	char *bytes = jx_compact(document);
	bool found = text && strstr(bytes, text);

	free(bytes);
	return found;
}

/* A guard speaks for a role that the step does not name, too. */
static bool is_guarded(struct planning *p, const struct step *step, const json_t *role)
{
	json_auto_t *target = jx_pack("{s:s, s:s, s:s, s:o, s:o}", "id",
				      jx_text(step->target, "id"), "kind", "role", "principal",
				      "role", "name", jx_string(account_name(role, PRINCIPAL_ROLE)),
				      "arn", jx_string(account_arn(role)));
	json_auto_t *refused = guard_target(p, target);

	if (refused)
		planning_uncovered(
			p, NULL, jx_text(refused, "why"),
			"the trust policy of %s, which names %s and is not written again",
			account_arn(role), step_arn(step));
	return refused != NULL;
}

/* The same document with one principal in place of another. New. */
static json_t *replaced(const json_t *value, const char *from, const char *to)
{
	const char *key;
	json_t *item;
	size_t i;

	if (json_is_string(value) && text_equal(json_string_value(value), from))
		return jx_string(to);
	if (json_is_object(value)) {
		json_t *out = json_object();
		json_object_foreach ((json_t *)(uintptr_t)value, key, item)
			jx_set(out, key, replaced(item, from, to));
		return out;
	}
	if (json_is_array(value)) {
		json_t *out = json_array();
		json_array_foreach (value, i, item)
			jx_push(out, replaced(item, from, to));
		return out;
	}
	return jx_copy(value);
}

/* What is sent: as it was captured, letter by letter, where it still says that. New. */
static json_t *trust_text(const struct planning *p, const json_t *document, const char *role)
{
	const json_t *entry = account_find(p->account, PRINCIPAL_ROLE, role);
	const json_t *text = json_object_get(entry, "AssumeRolePolicyDocument");
	json_auto_t *before = account_document(text);

	return account_document_text(before && account_same(before, document) ? text : document);
}

/* One role that lets the old user in, as it stands now. */
static void trust_again(struct planning *p, const struct step *step, const json_t *role,
			const json_t *document)
{
	const char *name = account_name(role, PRINCIPAL_ROLE);
	json_auto_t *dropped = json_array();
	json_auto_t *back = policy_restorable(document, dropped);
	json_t *id;
	size_t i;

	if (!back || is_guarded(p, step, role))
		return;
	json_array_foreach (dropped, i, id)
		planning_warn(p,
			      "the trust policy of %s names %s, which exists no more: it is "
			      "dropped and cannot be restored",
			      account_arn(role), json_string_value(id));
	/* The text may be the same as before: AWS stores the id behind it, so it is sent. */
	planning_add_on(p, step, name, "UpdateAssumeRolePolicy",
			jx_pack("{s:o}", "PolicyDocument",
				trust_text(p, json_array_size(dropped) ? back : document, name)),
			"its trust policy names the user, whose id is new");
}

/* Roles that let the old user in: AWS turns his name into an id that nobody has any more. One that
 * was changed since, so that it names him no more, stays as it is. */
static void restore_trust(struct planning *p, const struct step *step, const json_t *old)
{
	const char *id = jx_text(old, "UserId");
	json_t *role;
	size_t i;

	json_array_foreach (account_entries(p->account, PRINCIPAL_ROLE), i, role) {
		json_auto_t *stands =
			account_document(json_object_get(role, "AssumeRolePolicyDocument"));
		json_auto_t *document = stands ? replaced(stands, id, account_arn(old)) : NULL;
		if (document && policy_names(document, account_arn(old)))
			trust_again(p, step, role, document);
	}
}

static void note_document(struct planning *p, const json_t *value, const char *where,
			  const char *owner, const json_t *old)
{
	json_auto_t *document = account_document(value);
	const char *id = jx_text(old, "UserId");

	if (!document || !id || !holds_text(document, id))
		return;
	planning_uncovered(p, NULL, "it names the old unique id, which the new user does not have",
			   "%s of %s (%s)", where, owner, id);
}

/* Policies of IAM's own that speak of the old id. */
static void note_references(struct planning *p, const json_t *old)
{
	const json_t *account = p->account;
	json_t *entry;
	json_t *item;
	size_t i;
	size_t n;

	for (enum principal_kind kind = PRINCIPAL_USER; kind <= PRINCIPAL_GROUP; kind++) {
		json_array_foreach (account_entries(account, kind), i, entry) {
			json_t *list = NULL;
			account_section(entry, account_inline_section(kind), &list);
			json_array_foreach (list, n, item)
				note_document(p, json_object_get(item, "PolicyDocument"),
					      jx_text(item, "PolicyName"), account_arn(entry), old);
			note_document(p, json_object_get(entry, "AssumeRolePolicyDocument"),
				      "the trust policy", account_arn(entry), old);
		}
	}
	json_array_foreach (json_object_get(account, "Policies"), i, entry) {
		json_auto_t *document = account_managed_document(account, jx_text(entry, "Arn"));
		note_document(p, document, "the managed policy", jx_text(entry, "Arn"), old);
	}
}

static void note_new_id(struct planning *p, const struct step *step)
{
	static const char *const services[] = {"S3 bucket policies and access points",
					       "KMS key policies and grants",
					       "SQS queues and SNS topics",
					       "Lambda functions and layers",
					       "Secrets Manager secrets",
					       "ECR repositories",
					       "OpenSearch domains",
					       "EventBridge buses",
					       "Backup vaults",
					       "role trust policies of other accounts",
					       "EKS aws-auth and access entries",
					       NULL};

	planning_warn(p, "a user made anew has a new unique id: whatever named the old user by ARN "
			 "in a resource's policy shows the old id and lets nobody in; its access "
			 "keys, password, MFA devices and other credentials are gone");
	for (size_t i = 0; services[i]; i++)
		planning_uncovered(p, NULL, "only IAM's own policies were searched: check by hand",
				   "%s that name %s", services[i], step_arn(step));
}

/* "arn:aws:iam::111122223333:user/x/alice" with the name from its end: "/x/". */
static json_t *creation(const json_t *old)
{
	json_t *parameters = json_object();
	json_t *value = NULL;

	if (jx_text(old, "Path") && !text_equal(jx_text(old, "Path"), "/"))
		jx_set(parameters, "Path", jx_string(jx_text(old, "Path")));
	if (account_section(old, "PermissionsBoundary", &value) == SECTION_VALUE)
		jx_set(parameters, "PermissionsBoundary",
		       jx_string(jx_text(value, "PermissionsBoundaryArn")));
	if (account_section(old, "Tags", &value) == SECTION_VALUE)
		jx_set(parameters, "Tags", jx_copy(value));
	return parameters;
}

static bool is_whole(const json_t *account)
{
	return account_listed(account, PRINCIPAL_USER) && account_listed(account, PRINCIPAL_ROLE) &&
	       account_listed(account, PRINCIPAL_GROUP);
}

void contain_recreate_user(struct planning *p, const struct step *step)
{
	const char *name = step_principal(step);
	const json_t *entry = account_find(p->account, PRINCIPAL_USER, name);
	json_auto_t *old = entry ? jx_copy(entry) : NULL;
	const char *unread = unread_part(old, PRINCIPAL_USER);

	if (jx_find(p->request->done, "operation", "CreateUser", NULL)) {
		planning_reached(p, step, "this run has made the user anew, or has tried to");
		return;
	}
	if (!old) {
		planning_skip(p, step, NULL, "the user is not there");
		return;
	}
	if (!is_whole(p->account) || unread || !jx_text(old, "UserId")) {
		planning_skip(p, step, NULL,
			      "what names the user must be known before he is deleted, and %s%s "
			      "could not be read",
			      unread ? "his " : "not all of the account", unread ? unread : "");
		return;
	}
	if (planning_held_by_aws(p, step, "the user is deleted"))
		return;
	note_new_id(p, step);
	note_references(p, old);
	end_principal(p, step, "DeleteUser");
	planning_phase(p);
	planning_add(p, step, "CreateUser", creation(old),
		     "the same name, path, tags and boundary, without credentials");
	planning_phase(p);
	restore_policies(p, step, old, true);
	planning_phase(p);
	restore_policies(p, step, old, false);
	restore_groups(p, step, old);
	planning_phase(p);
	restore_trust(p, step, old);
}
