// SPDX-License-Identifier: Apache-2.0
/*
 * Every shipped playbook in the situation that it is for: on principals that have none, one and
 * many of each thing that they can have, with what must be given alone and with all that can be,
 * and on the demo account word for word.
 */
#include "cordon/verdict.h"

#include "planned.h"

#define KEY "AKIARTX3GSDSUEXAMPLE"
#define OTHER "AKIARTX3GSDS5EXAMPLE"
#define STRANGER "arn:aws:iam::999988887777:root"
#define QUARANTINE "arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3"
#define MINUTES_LATER (NOW + 300)

/* What a principal has 0, 1 or many of. */
enum thing { KEYS, SSH, CERTIFICATES, SPECIFIC, DEVICES, PASSWORD, GROUPS, ATTACHED, INLINE };
enum { THINGS = INLINE + 1, LEVELS = 3 };
static const struct {
	const char *name;
	size_t counts[LEVELS];
} things[THINGS] = {
	[KEYS] = {"access keys", {0, 1, 2}},
	[SSH] = {"SSH keys", {0, 1, 5}},
	[CERTIFICATES] = {"certificates", {0, 1, 2}},
	[SPECIFIC] = {"service-specific credentials", {0, 1, 4}},
	[DEVICES] = {"MFA devices", {0, 1, 3}},
	[PASSWORD] = {"password", {0, 1, 1}},
	[GROUPS] = {"groups", {0, 1, 3}},
	[ATTACHED] = {"attached policies", {0, 1, 10}},
	[INLINE] = {"inline policies", {0, 1, 8}}, /* of a user, 8 leave no room */
};

/* Where a playbook leads to, whatever there was. */
enum end {
	DENIED = 1,
	KEYS_OFF = 2,
	CREDENTIALS_OFF = 4,
	NO_PASSWORD = 8,
	CUT_OFF = 16, /* or denied, where it does not fit */
	KEY_OFF = 32, /* that one, and the other as it was */
	USER_GONE = 64,
	ROLE_DENIED = 128,
	ROLE_LOCKED = 256,
	ROLE_CUT_OFF = 512,
	ROLE_GONE = 1024,
	ROLE_LIVES = 2048, /* not denied as a whole */
	SESSION_DENIED = 4096,
	DEVICE_GONE = 8192,
	TAGGED = 16384,
	STRANGERS_OUT = 32768,
	POLICIES_GONE = 65536,
	NOT_DENIED = 131072,
	KEY_GONE = 262144,
	PEERS_TOO = 524288, /* what holds of alice holds of bob */
	GUEST_DENIED = 1048576,
	LIFTED = 2097152, /* the deny, unless it is the boundary */
	KEYS_STAY = 4194304,
	AWS_STAYS = 8388608,
};
#define ROLE_STAMP "PutRolePolicy/3 ops AWSRevokeOlderSessions"
#define USER_STAMP "PutUserPolicy/3 alice AWSRevokeOlderSessions"
/* The playbooks of an alert end what an alert is about; the deny refuses the rest while it stands.
 */
#define SHUT (DENIED | KEYS_OFF | NO_PASSWORD | CUT_OFF)
#define OFF (SHUT | CREDENTIALS_OFF)

static const struct situation {
	const char *playbook, *given;
	unsigned ends;
	const char *again; /* what is planned once more some minutes later; NULL: nothing */
	const char *first; /* a playbook that was applied before */
	bool owner;	   /* the key must be there */
	bool room;	   /* it goes inline or not at all */
} situations[] = {
	{"compromised-access-key", "{'access_key_id':'" KEY "'}", .ends = SHUT, .owner = true},
	{"compromised-access-key", "{'access_key_id':'" KEY "','user':'alice','revoke_roles':true}",
	 .ends = SHUT, .owner = true},
	{"compromised-user", "{'user':'alice'}", .ends = SHUT},
	{"compromised-user", "{'user':'alice','revoke_roles':true}", .ends = SHUT},
	{"compromised-role", "{'role':'ops'}", .ends = ROLE_DENIED | ROLE_CUT_OFF},
	{"compromised-session", "{'role':'ops'}", .ends = ROLE_CUT_OFF | ROLE_LIVES,
	 .again = ROLE_STAMP},
	{"compromised-session", "{'role':'ops','session':'thief'}",
	 .ends = SESSION_DENIED | ROLE_LIVES},
	{"compromised-session", "{'user':'alice'}", .ends = CUT_OFF | NOT_DENIED,
	 .again = USER_STAMP, .room = true},
	{"compromised-session", "{'user':'alice','session':'guest'}",
	 .ends = GUEST_DENIED | NOT_DENIED, .room = true},
	{"console-takeover", "{'user':'alice'}", .ends = OFF | TAGGED},
	{"console-takeover",
	 "{'user':'alice','rogue_mfa_devices':['" IAM "mfa/device-0'],'revoke_roles':true}",
	 .ends = OFF | TAGGED | DEVICE_GONE},
	{"stolen-role-session", "{'role':'ops','session':'thief'}",
	 .ends = SESSION_DENIED | ROLE_LIVES},
	{"stolen-role-session", "{'role':'ops','session':'thief','whole_role':true}",
	 .ends = SESSION_DENIED | ROLE_LIVES | ROLE_CUT_OFF, .again = ROLE_STAMP},
	{"federated-session", "{'user':'alice'}", .ends = DENIED | KEYS_OFF | CUT_OFF},
	{"federated-session", "{'user':'alice','session':'guest','revoke_roles':true}",
	 .ends = DENIED | KEYS_OFF | CUT_OFF | GUEST_DENIED},
	{"aws-quarantined", "{'user':'alice'}", .ends = OFF | AWS_STAYS},
	{"aws-quarantined", "{'user':'alice','revoke_roles':true}", .ends = OFF | AWS_STAYS},
	{"attacker-made-user", "{'user':'alice'}", .ends = OFF},
	{"attacker-made-user", "{'user':'alice','revoke_roles':true,'delete':true}",
	 .ends = USER_GONE},
	{"attacker-made-key", "{'access_key_id':'" KEY "'}", .ends = KEY_OFF | CUT_OFF | NOT_DENIED,
	 .again = USER_STAMP, .owner = true, .room = true},
	{"attacker-made-key", "{'access_key_id':'" KEY "','user':'alice','delete':true}",
	 .ends = KEY_OFF | KEY_GONE | CUT_OFF | NOT_DENIED, .owner = true, .room = true},
	{"attacker-made-role", "{'role':'ops'}", .ends = ROLE_DENIED | ROLE_CUT_OFF | ROLE_LOCKED},
	{"attacker-made-role", "{'role':'ops','delete':true}", .ends = ROLE_GONE},
	{"attacker-made-policy",
	 "{'user':'alice','policies':['" IAM "policy/p0'],'inline_policies':['i0']}",
	 .ends = POLICIES_GONE | NOT_DENIED},
	{"attacker-made-policy",
	 "{'user':'alice','role':'ops','group':'g0','policies':['" IAM "policy/p0'],"
	 "'inline_policies':['i0']}",
	 .ends = POLICIES_GONE | NOT_DENIED | ROLE_LIVES},
	{"attacker-made-trust", "{'role':'ops'}", .ends = ROLE_CUT_OFF | ROLE_LIVES,
	 .again = ROLE_STAMP},
	{"attacker-made-trust", "{'role':'ops','principals':['" STRANGER "']}",
	 .ends = ROLE_CUT_OFF | ROLE_LIVES | STRANGERS_OUT, .again = ROLE_STAMP},
	{"attacker-made-trust", "{'role':'ops','principals':['" ALICE "'],'foreign':true}",
	 .ends = ROLE_CUT_OFF | ROLE_LIVES | STRANGERS_OUT, .again = ROLE_STAMP},
	{"bedrock-api-key", "{'user':'alice'}",
	 .ends = DENIED | KEYS_OFF | CREDENTIALS_OFF | CUT_OFF},
	{"mass-containment", "{'users':['alice']}", .ends = OFF},
	{"mass-containment", "{'users':['alice','bob'],'revoke_roles':true}",
	 .ends = OFF | PEERS_TOO},
	/* The deny goes where it is inline, the cutoff and what is off stay. */
	{"clean-up", "{'user':'alice'}", .ends = KEYS_OFF | CUT_OFF, .first = "compromised-user"},
	{"clean-up",
	 "{'user':'alice','access_keys':['" KEY "'],'inline_denies':['CordonDenyAll'],"
	 "'managed_denies':['" DENY_ALL_ARN "']}",
	 .ends = KEYS_OFF | KEY_GONE | LIFTED, .first = "compromised-user"},
	/* Active keys are left out. */
	{"clean-up", "{'user':'alice','access_keys':['" KEY "']}", .ends = NOT_DENIED | KEYS_STAY},
};

/* Accounts. */

static json_t *numbered(const char *member, const char *prefix, size_t count)
{
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++)
		jx_push(list, jx_pack("{s:o, s:s}", member, json_sprintf("%s%zu", prefix, i),
				      "Status", "Active"));
	return list;
}

static json_t *keys_of(size_t count, bool second)
{
	static const char *const ids[2][2] = {{KEY, OTHER},
					      {"AKIARTX3GSDS7EXAMPLE", "AKIARTX3GSDS6EXAMPLE"}};
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++)
		jx_push(list,
			jx_pack("{s:s, s:s}", "AccessKeyId", ids[second][i], "Status", "Active"));
	return list;
}

/* The first lets its owner assume roles; eight of them have 2,040 characters. */
static json_t *inline_of(size_t count)
{
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++) {
		json_t *document = js("{'Version':'2012-10-17','Statement':[{'Effect':'Allow',"
				      "'Action':'sts:AssumeRole','Resource':'*'}]}");
		json_t *statement = json_array_get(json_object_get(document, "Statement"), 0);
		char filler[162];
		memset(filler, 'x', sizeof(filler) - 1);
		filler[sizeof(filler) - 1] = '\0';
		jx_set(statement, "Sid", jx_string(filler));
		jx_push(list, jx_pack("{s:o, s:o}", "PolicyName", json_sprintf("i%zu", i),
				      "PolicyDocument", document));
	}
	return list;
}

static json_t *attached_of(size_t count)
{
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++)
		jx_push(list, jx_pack("{s:o, s:o}", "PolicyName", json_sprintf("p%zu", i),
				      "PolicyArn", json_sprintf(IAM "policy/p%zu", i)));
	return list;
}

static json_t *user_of(const char *name, const size_t counts[THINGS])
{
	json_t *groups = json_array();
	json_t *user = jx_pack("{s:s, s:o, s:s, s:s, s:[], s:n}", "UserName", name, "Arn",
			       json_sprintf(IAM "user/%s", name), "Path", "/", "UserId", name,
			       "Tags", "PermissionsBoundary");

	for (size_t i = 0; i < counts[GROUPS]; i++)
		jx_push(groups, json_sprintf("g%zu", i));
	jx_set(user, "GroupList", groups);
	jx_set(user, "UserPolicyList", inline_of(counts[INLINE]));
	jx_set(user, "AttachedManagedPolicies", attached_of(counts[ATTACHED]));
	jx_set(user, "AccessKeys", keys_of(counts[KEYS], strcmp(name, "bob") == 0));
	jx_set(user, "SSHPublicKeys",
	       numbered("SSHPublicKeyId", "APKAEXAMPLEEXAMPLE", counts[SSH]));
	jx_set(user, "SigningCertificates",
	       numbered("CertificateId", "CERTIFICATEEXAMPLEEXAMPLE", counts[CERTIFICATES]));
	jx_set(user, "ServiceSpecificCredentials",
	       numbered("ServiceSpecificCredentialId", "ACCAEXAMPLEEXAMPLE", counts[SPECIFIC]));
	jx_set(user, "MFADevices", numbered("SerialNumber", IAM "mfa/device-", counts[DEVICES]));
	jx_set(user, "LoginProfile",
	       counts[PASSWORD] ? js("{'CreateDate':'2026-01-01T00:00:00Z'}") : json_null());
	return user;
}

static json_t *role_of(const char *name, const size_t counts[THINGS])
{
	json_t *role = jx_pack("{s:s, s:o, s:s, s:o, s:[], s:n}", "RoleName", name, "Arn",
			       json_sprintf(IAM "role/%s", name), "Path", "/", "RoleId",
			       json_sprintf("AROA%s", name), "Tags", "PermissionsBoundary");

	jx_set(role, "RolePolicyList", inline_of(counts[INLINE]));
	jx_set(role, "AttachedManagedPolicies", attached_of(counts[ATTACHED]));
	jx_set(role, "InstanceProfileList",
	       numbered("InstanceProfileName", "profile-", counts[GROUPS]));
	jx_set(role, "AssumeRolePolicyDocument",
	       js("{'Version':'2012-10-17','Statement':[{'Effect':'Allow','Principal':{'Service':"
		  "'ec2.amazonaws.com','AWS':['" ALICE "','" NUMBER "','" STRANGER
		  "']},'Action':'sts:AssumeRole'}]}"));
	return role;
}

static json_t *group_of(size_t number, const size_t counts[THINGS])
{
	json_t *group = jx_pack("{s:o, s:o, s:s, s:[]}", "GroupName", json_sprintf("g%zu", number),
				"Arn", json_sprintf(IAM "group/g%zu", number), "Path", "/",
				"Members");

	if (number < counts[GROUPS])
		jx_push(json_object_get(group, "Members"), jx_string("alice"));
	jx_set(group, "GroupPolicyList", inline_of(counts[INLINE] > 1 ? 2 : counts[INLINE]));
	jx_set(group, "AttachedManagedPolicies", attached_of(counts[ATTACHED]));
	return group;
}

static json_t *account_of(const size_t counts[THINGS])
{
	struct err err = ERR_INIT;
	json_t *account = NULL;
	json_auto_t *users = jx_pack("[o, o]", user_of("alice", counts), user_of("bob", counts));
	json_auto_t *roles = jx_pack("[o, o]", role_of("ops", counts), role_of("data", counts));
	json_auto_t *groups = jx_pack("[o, o, o]", group_of(0, counts), group_of(1, counts),
				      group_of(2, counts));
	json_auto_t *document = jx_pack(
		"{s:s, s:s, s:{s:b, s:b, s:b}, s:{s:i, s:i, s:i, s:i}, s:O, s:O, s:O}", "format",
		"cordon-account/1", "account_id", NUMBER, "listed", "users", 1, "roles", 1,
		"groups", 1, "SummaryMap", "UserPolicySizeQuota", 2048, "RolePolicySizeQuota",
		10240, "AttachedPoliciesPerUserQuota", 10, "AttachedPoliciesPerRoleQuota", 10,
		"UserDetailList", users, "RoleDetailList", roles, "GroupDetailList", groups);
	char *text = jx_compact(document);

	if (account_read(text, strlen(text), "test", &account, &err))
		bail("an account", err.message);
	free(text);
	return account;
}

/* Plans. */

static json_t *plan_at(const json_t *account, time_t now, const char *name, const char *given,
		       struct err *err)
{
	struct plan_entry entry = {0};
	json_t *plan = NULL;
	struct playbook *playbook = asked(name, given, &entry.parameters);
	const struct plan_request request = {.entries = &entry,
					     .count = 1,
					     .account = account,
					     .now = now,
					     .rehearsal = true,
					     .partition = "aws",
					     .wide = true};

	entry.playbook = playbook;
	if (plan_make(&request, &plan, err))
		plan = NULL;
	json_decref(entry.parameters);
	playbook_free(playbook);
	return plan;
}

/* "PutUserPolicy/1 alice CordonDenyAll, UpdateAccessKey/1 alice AKIA.., ..": static text. */
static const char *told(const json_t *plan)
{
	static const char *const members[] = {"PolicyName",
					      "PolicyArn",
					      "AccessKeyId",
					      "PermissionsBoundary",
					      "SSHPublicKeyId",
					      "CertificateId",
					      "ServiceSpecificCredentialId",
					      "SerialNumber",
					      "GroupName",
					      "InstanceProfileName",
					      NULL};
	static char text[8192];
	json_t *operation;
	size_t used = 0;
	size_t i;

	text[0] = '\0';
	json_array_foreach (json_object_get(plan, "operations"), i, operation) {
		const char *name = jx_text(operation, "operation");
		const json_t *parameters = json_object_get(operation, "parameters");
		const char *what = NULL;
		for (size_t m = 0; members[m] && !what; m++)
			what = jx_text(parameters, members[m]);
		used += (size_t)snprintf(
			text + used, sizeof(text) - used, "%s%s/%d %s%s%s", i ? ", " : "", name,
			(int)json_integer_value(json_object_get(operation, "stage")),
			operation_principal(operation_find(name), parameters), what ? " " : "",
			what ? what : "");
		if (used >= sizeof(text))
			bail("a plan", "too long for a test");
	}
	return text;
}

static const json_t *step_of(const struct playbook *playbook, const json_t *operation)
{
	return jx_find(json_object_get(playbook->document, "steps"), "id",
		       jx_text(operation, "step"), NULL);
}

/* What must hold of each operation of any plan; one check, and what breaks it is said. */
static void check_operations(const struct playbook *playbook, const json_t *plan, const char *where)
{
	json_int_t last = 0;
	json_t *operation;
	size_t i;

	json_array_foreach (json_object_get(plan, "operations"), i, operation) {
		const struct operation *op = operation_find(jx_text(operation, "operation"));
		const json_t *step = step_of(playbook, operation);
		const struct action *action = action_find(jx_text(step, "action"));
		json_int_t stage = json_integer_value(json_object_get(operation, "stage"));
		bool final = json_is_true(json_object_get(operation, "irreversible"));
		struct err err = ERR_INIT;
		const char *wrong = NULL;

		if (!op || !action)
			bail(where, "an operation of no action");
		if (operation_check(op, json_object_get(operation, "parameters"), &err))
			wrong = err.message;
		else if (stage < last || stage != (json_int_t)action->class)
			wrong = "out of order";
		else if (final != action->irreversible ||
			 final != json_is_true(json_object_get(step, "irreversible")))
			wrong = "not irreversible as its action is";
		else if (!final && !json_is_array(json_object_get(operation, "undo")))
			wrong = "without a way back";
		if (wrong)
			OK(false, "%s: %s: %s", where, op->name, wrong);
		last = stage;
	}
}

/* Ends. */

static bool any_active(const json_t *entry, const char *section)
{
	return jx_find(json_object_get(entry, section), "Status", "Active", NULL) != NULL;
}

/* An inline policy of exactly this name, or an unconditional deny of AWS's. */
static const json_t *inline_named(const json_t *entry, enum principal_kind kind, const char *name)
{
	return jx_find(json_object_get(entry, account_inline_section(kind)), "PolicyName", name,
		       NULL);
}

static bool is_denied(const json_t *entry, enum principal_kind kind)
{
	return inline_named(entry, kind, "CordonDenyAll") ||
	       jx_find(json_object_get(entry, "AttachedManagedPolicies"), "PolicyArn", DENY_ALL_ARN,
		       NULL) ||
	       tap_same(jx_text(json_object_get(entry, "PermissionsBoundary"),
				"PermissionsBoundaryArn"),
			DENY_ALL_ARN);
}

/* KEY is off, and the other key as it was. */
static bool is_off_alone(const json_t *keys, const json_t *before)
{
	const json_t *now = jx_find(keys, "AccessKeyId", OTHER, NULL);
	const json_t *old = jx_find(before, "AccessKeyId", OTHER, NULL);

	return !tap_same(jx_text(jx_find(keys, "AccessKeyId", KEY, NULL), "Status"), "Active") &&
	       (now == old || json_equal(now, old));
}

/* The first end of a user that is not reached; "" if all are. */
static const char *missing_of_user(const json_t *after, const char *name, unsigned ends,
				   const json_t *before)
{
	const json_t *user = account_find(after, PRINCIPAL_USER, name);
	const json_t *old = account_find(before, PRINCIPAL_USER, name);
	const json_t *keys = json_object_get(user, "AccessKeys");
	bool denied = is_denied(user, PRINCIPAL_USER);
	bool cut = inline_named(user, PRINCIPAL_USER, "AWSRevokeOlderSessions") != NULL;

	if (ends & USER_GONE)
		return user ? "the user is still there" : "";
	if ((ends & DENIED) && !denied)
		return "no deny";
	if ((ends & NOT_DENIED) && denied)
		return "a deny that was not meant";
	if ((ends & KEYS_OFF) && any_active(user, "AccessKeys"))
		return "a key is Active";
	if ((ends & CREDENTIALS_OFF) &&
	    (any_active(user, "SSHPublicKeys") || any_active(user, "SigningCertificates") ||
	     any_active(user, "ServiceSpecificCredentials")))
		return "a credential is Active";
	if ((ends & NO_PASSWORD) && !json_is_null(json_object_get(user, "LoginProfile")))
		return "a password";
	if ((ends & CUT_OFF) && !cut && !denied)
		return "sessions are not cut off";
	if ((ends & GUEST_DENIED) && !inline_named(user, PRINCIPAL_USER, "CordonDenyAll-guest"))
		return "the federated user is not denied";
	if ((ends & LIFTED) && denied && json_is_null(json_object_get(user, "PermissionsBoundary")))
		return "the deny still stands";
	if ((ends & AWS_STAYS) && !jx_find(json_object_get(user, "AttachedManagedPolicies"),
					   "PolicyArn", QUARANTINE, NULL))
		return "AWS's quarantine is gone";
	if ((ends & KEYS_STAY) && !json_equal(keys, json_object_get(old, "AccessKeys")))
		return "a key that is Active was touched";
	if ((ends & KEY_OFF) && !is_off_alone(keys, json_object_get(old, "AccessKeys")))
		return "not that key alone is off";
	if ((ends & KEY_GONE) && jx_find(keys, "AccessKeyId", KEY, NULL))
		return "the key is still there";
	if ((ends & DEVICE_GONE) &&
	    jx_find(json_object_get(user, "MFADevices"), "SerialNumber", IAM "mfa/device-0", NULL))
		return "the device is still there";
	if ((ends & TAGGED) && json_array_size(json_object_get(user, "Tags")) == 0)
		return "no tag";
	if ((ends & POLICIES_GONE) && (inline_named(user, PRINCIPAL_USER, "i0") ||
				       jx_find(json_object_get(user, "AttachedManagedPolicies"),
					       "PolicyArn", IAM "policy/p0", NULL)))
		return "a policy is still there";
	return "";
}

static const char *missing_of_role(const json_t *after, unsigned ends)
{
	const json_t *role = account_find(after, PRINCIPAL_ROLE, "ops");
	bool denied = is_denied(role, PRINCIPAL_ROLE);
	json_auto_t *trust = account_document(json_object_get(role, "AssumeRolePolicyDocument"));
	char *text = trust ? jx_compact(trust) : NULL;
	bool stranger = text && strstr(text, STRANGER);
	bool locked = text && !strstr(text, "Allow");

	free(text);
	if (ends & ROLE_GONE)
		return role ? "the role is still there" : "";
	if ((ends & ROLE_DENIED) && !denied)
		return "the role is not denied";
	if ((ends & ROLE_LIVES) && denied)
		return "the whole role is denied";
	if ((ends & ROLE_CUT_OFF) && !inline_named(role, PRINCIPAL_ROLE, "AWSRevokeOlderSessions"))
		return "the role's sessions are not cut off";
	if ((ends & SESSION_DENIED) && !inline_named(role, PRINCIPAL_ROLE, "CordonDenyAll-thief"))
		return "the session is not denied";
	if ((ends & ROLE_LOCKED) && !locked)
		return "the role can be assumed";
	if ((ends & STRANGERS_OUT) && (stranger || locked))
		return stranger ? "a stranger is trusted" : "nobody is trusted";
	return "";
}

static void check_ends(const struct situation *s, const json_t *after, const json_t *before,
		       unsigned ends, const char *where)
{
	STR_EQ(missing_of_user(after, "alice", ends, before), "", "%s: the user's ends", where);
	if (ends & PEERS_TOO)
		STR_EQ(missing_of_user(after, "bob", ends, before), "", "%s: the other's ends",
		       where);
	else
		OK(json_equal(account_find(after, PRINCIPAL_USER, "bob"),
			      account_find(before, PRINCIPAL_USER, "bob")),
		   "%s: another user stays as he was", where);
	STR_EQ(missing_of_role(after, ends), "", "%s: the role's ends", where);
	if (!strstr(s->given, "revoke_roles"))
		OK(json_equal(account_find(after, PRINCIPAL_ROLE, "data"),
			      account_find(before, PRINCIPAL_ROLE, "data")),
		   "%s: another role stays as it was", where);
}

/* A plan without what has no way back, as --yes alone sends it: the verdict rests on the rest. */
static void check_agreed(const json_t *plan, const json_t *before, const char *want,
			 const char *where)
{
	json_auto_t *sent = jx_copy(plan);
	json_auto_t *results = json_array();
	json_t *operations = json_array();
	json_t *operation;
	size_t i;

	json_array_foreach (json_object_get(plan, "operations"), i, operation) {
		bool final = json_is_true(json_object_get(operation, "irreversible"));
		jx_push(results, jx_pack("{s:s, s:s}", "id", jx_text(operation, "id"), "status",
					 final ? "skipped" : "done"));
		if (!final)
			json_array_append(operations, operation);
	}
	jx_set(sent, "operations", operations);
	json_auto_t *after = plan_predict(sent, before);
	const struct verdict_input input = {
		.plan = plan, .account = after, .results = results, .now = NOW};
	json_auto_t *targets = verdict_targets(&input);
	STR_EQ(verdict_overall(plan, targets), want, "%s: the verdict without --irreversible",
	       where);
}

/* Times of sending filled in, as they would stand in the account. */
static json_t *sent_at_once(const json_t *plan, const json_t *before)
{
	json_auto_t *after = plan_predict(plan, before);

	return account_bind(after, NOW);
}

/* AWSDenyAll carries no time, so that a cutoff is stamped again in each run; on the user it does
 * not fit. */
static const char *planned_again(const struct situation *s, bool full)
{
	if (full && strstr(s->given, "revoke_roles"))
		return "PutRolePolicy/3 ops AWSRevokeOlderSessions, "
		       "PutRolePolicy/3 data AWSRevokeOlderSessions";
	return s->again ? s->again : "";
}

static void check_again(const struct situation *s, const json_t *after, bool full,
			const char *where)
{
	static const struct {
		time_t at;
		const char *when;
	} rows[] = {{NOW, "at once"}, {MINUTES_LATER, "later"}};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct err err = ERR_INIT;
		json_auto_t *plan = plan_at(after, rows[i].at, s->playbook, s->given, &err);
		if (s->ends & (USER_GONE | ROLE_GONE))
			INT_EQ(err.code, ERR_NOT_FOUND, "%s: again %s: it is gone", where,
			       rows[i].when);
		else if (OK(plan, "%s: again %s: %s", where, rows[i].when, err.message))
			STR_EQ(told(plan), rows[i].at == NOW ? "" : planned_again(s, full),
			       "%s: again %s", where, rows[i].when);
	}
}

/* What the playbook needs and this account lacks: the key, or room for what must be inline. */
static bool lacks(const struct situation *s, const size_t counts[THINGS])
{
	return s->owner && counts[KEYS] == 0;
}

static void check_lacking(const struct situation *s, const json_t *account, const char *where)
{
	struct err err = ERR_INIT;
	json_auto_t *plan = plan_at(account, NOW, s->playbook, s->given, &err);

	if (!plan) {
		INT_EQ(err.code, ERR_NOT_FOUND, "%s: nobody has the key", where);
		return;
	}
	const json_t *refusals = json_object_get(plan, "refusals");
	STR_EQ(told(plan), "", "%s: nothing is planned", where);
	STR_EQ(jx_text(json_array_get(refusals, 0), "guard"), "key-not-listed", "%s: refused",
	       where);
}

static void check_plan(const struct situation *s, const struct playbook *playbook,
		       const json_t *plan, const json_t *account, bool full, const char *where)
{
	json_auto_t *predicted = plan_predict(plan, account);
	json_auto_t *after = sent_at_once(plan, account);
	const struct verdict_input input = {.plan = plan, .account = predicted, .now = NOW};
	json_auto_t *targets = verdict_targets(&input);
	bool judged = strcmp(playbook->contains, "none") != 0;
	bool gone = s->ends & (USER_GONE | ROLE_GONE);
	unsigned ends = s->ends;

	INT_EQ(json_array_size(json_object_get(plan, "refusals")), 0, "%s: no refusal", where);
	check_operations(playbook, plan, where);
	if (full)
		ends &= ~(unsigned)GUEST_DENIED;
	if (full && s->room)
		ends &= ~(unsigned)CUT_OFF;
	check_ends(s, after, account, ends, where);
	if (full && s->room) {
		char *skipped = listed(plan, "skipped");
		HAS(skipped, "not fit", "%s: says what does not fit", where);
		free(skipped);
		return;
	}
	if (!gone)
		STR_EQ(verdict_overall(plan, targets), judged ? "REHEARSED" : NULL, "%s: verdict",
		       where);
	check_agreed(plan, account, judged ? "REHEARSED" : NULL, where);
	check_again(s, after, full, where);
}

static json_t *prepared(const struct situation *s, const size_t counts[THINGS])
{
	json_auto_t *account = account_of(counts);
	struct err err = ERR_INIT;

	if (s->ends & AWS_STAYS)
		jx_push(json_object_get(account_find(account, PRINCIPAL_USER, "alice"),
					"AttachedManagedPolicies"),
			jx_pack("{s:s, s:s}", "PolicyName", "AWSCompromisedKeyQuarantineV3",
				"PolicyArn", QUARANTINE));
	if (!s->first)
		return json_incref(account);
	json_auto_t *plan = plan_at(account, NOW - 3600, s->first, "{'user':'alice'}", &err);
	json_auto_t *after = plan_predict(plan, account);
	return account_bind(after, NOW - 3600);
}

static void run(const struct situation *s, const size_t counts[THINGS], const char *what)
{
	json_auto_t *account = prepared(s, counts);
	struct playbook *playbook = shipped_playbook(s->playbook);
	struct err err = ERR_INIT;
	char where[400];

	snprintf(where, sizeof(where), "%s %s, %s", s->playbook, s->given, what);
	if (lacks(s, counts)) {
		check_lacking(s, account, where);
	} else {
		json_auto_t *plan = plan_at(account, NOW, s->playbook, s->given, &err);
		if (OK(plan, "%s: planned: %s", where, err.message))
			check_plan(s, playbook, plan, account, counts[INLINE] > 1, where);
	}
	playbook_free(playbook);
}

/* Everything at once at each level, then each thing alone away from one of each. */
static void test_levels(const struct situation *s)
{
	size_t counts[THINGS];
	char what[80];

	for (size_t level = 0; level < LEVELS; level++) {
		for (size_t t = 0; t < THINGS; t++)
			counts[t] = things[t].counts[level];
		snprintf(what, sizeof(what), "level %zu of all", level);
		run(s, counts, what);
		for (size_t t = 0; level != 1 && t < THINGS; t++) {
			for (size_t other = 0; other < THINGS; other++)
				counts[other] = things[other].counts[other == t ? level : 1];
			snprintf(what, sizeof(what), "%zu %s", counts[t], things[t].name);
			run(s, counts, what);
		}
	}
}

/* Each shipped playbook has rows, and together they set all of its parameters. */
static void test_complete(void)
{
	for (const struct embedded_file *f = embedded_files; f->path; f++) {
		json_auto_t *set = json_object();
		char path[128];
		const char *name;
		json_t *value;
		size_t rows = 0;

		if (!is_shipped_playbook(f->path))
			continue;
		snprintf(path, sizeof(path), "%s", f->path + strlen("playbooks/"));
		*strrchr(path, '.') = '\0';
		struct playbook *playbook = shipped_playbook(path);
		for (size_t i = 0; i < COUNT(situations); i++) {
			if (strcmp(situations[i].playbook, playbook->name) != 0)
				continue;
			json_auto_t *given = js(situations[i].given);
			json_object_update(set, given);
			rows++;
		}
		OK(rows > 0, "%s is in the table", f->path);
		json_object_foreach (json_object_get(playbook->document, "parameters"), name, value)
			OK(json_object_get(set, name), "%s: %s is set in a row", f->path, name);
		playbook_free(playbook);
	}
}

/* What a responder is shown for the demo account. */
static void test_demo(void)
{
	static const struct {
		const char *playbook, *given, *want;
	} rows[] = {
		{"compromised-access-key",
		 "{'access_key_id':'AKIARTX3GSDSUEXAMPLE','revoke_roles':true}",
		 "PutUserPolicy/1 dana.okafor CordonDenyAll, "
		 "UpdateAccessKey/1 dana.okafor AKIARTX3GSDSUEXAMPLE, "
		 "UpdateAccessKey/1 dana.okafor AKIARTX3GSDS5EXAMPLE, "
		 "DeleteLoginProfile/2 dana.okafor, "
		 "PutUserPolicy/3 dana.okafor AWSRevokeOlderSessions, "
		 "PutRolePolicy/3 data-export AWSRevokeOlderSessions, "
		 "PutRolePolicy/3 deploy-production AWSRevokeOlderSessions"},
		{"compromised-role", "{'role':'web-frontend'}",
		 "PutRolePolicy/1 web-frontend CordonDenyAll, "
		 "PutRolePolicy/3 web-frontend AWSRevokeOlderSessions"},
		{"compromised-session", "{'role':'web-frontend','session':'i-0123456789abcdef0'}",
		 "PutRolePolicy/1 web-frontend CordonDenyAll-i-0123456789abcdef0"},
		{"compromised-user", "{'user':'dana.okafor'}",
		 "PutUserPolicy/1 dana.okafor CordonDenyAll, "
		 "UpdateAccessKey/1 dana.okafor AKIARTX3GSDSUEXAMPLE, "
		 "UpdateAccessKey/1 dana.okafor AKIARTX3GSDS5EXAMPLE, "
		 "DeleteLoginProfile/2 dana.okafor, "
		 "PutUserPolicy/3 dana.okafor AWSRevokeOlderSessions"},
		{"console-takeover",
		 "{'user':'mei.tanaka','rogue_mfa_devices':['" IAM "mfa/mei.tanaka-key']}",
		 "PutUserPolicy/1 mei.tanaka CordonDenyAll, "
		 "DeleteLoginProfile/2 mei.tanaka, "
		 "DeactivateMFADevice/2 mei.tanaka " IAM "mfa/mei.tanaka-key, "
		 "PutUserPolicy/3 mei.tanaka AWSRevokeOlderSessions, "
		 "TagUser/4 mei.tanaka"},
		{"stolen-role-session",
		 "{'role':'web-frontend','session':'i-0123456789abcdef0','whole_role':true}",
		 "PutRolePolicy/1 web-frontend CordonDenyAll-i-0123456789abcdef0, "
		 "PutRolePolicy/3 web-frontend AWSRevokeOlderSessions"},
		{"federated-session", "{'user':'dana.okafor','session':'guest'}",
		 "PutUserPolicy/1 dana.okafor CordonDenyAll, "
		 "UpdateAccessKey/1 dana.okafor AKIARTX3GSDSUEXAMPLE, "
		 "UpdateAccessKey/1 dana.okafor AKIARTX3GSDS5EXAMPLE, "
		 "PutUserPolicy/1 dana.okafor CordonDenyAll-guest, "
		 "PutUserPolicy/3 dana.okafor AWSRevokeOlderSessions"},
		{"aws-quarantined", "{'user':'dana.okafor'}",
		 "PutUserPolicy/1 dana.okafor CordonDenyAll, "
		 "UpdateAccessKey/1 dana.okafor AKIARTX3GSDSUEXAMPLE, "
		 "UpdateAccessKey/1 dana.okafor AKIARTX3GSDS5EXAMPLE, "
		 "DeleteLoginProfile/2 dana.okafor, "
		 "UpdateSSHPublicKey/2 dana.okafor APKARTX3GSDST3EXAMPLE, "
		 "UpdateSigningCertificate/2 dana.okafor TA7SMP42TDN5Z26OBPJE7EXAMPLE, "
		 "UpdateServiceSpecificCredential/2 dana.okafor ACCARTX3GSDSUIEXAMPLE, "
		 "PutUserPolicy/3 dana.okafor AWSRevokeOlderSessions"},
		{"attacker-made-user", "{'user':'aws-health-monitor','delete':true}",
		 "PutUserPolicy/1 aws-health-monitor CordonDenyAll, "
		 "UpdateAccessKey/1 aws-health-monitor AKIARTX3GSDS7EXAMPLE, "
		 "DeleteLoginProfile/2 aws-health-monitor, "
		 "PutUserPolicy/3 aws-health-monitor AWSRevokeOlderSessions, "
		 "DeleteAccessKey/5 aws-health-monitor AKIARTX3GSDS7EXAMPLE, "
		 "DetachUserPolicy/5 aws-health-monitor arn:aws:iam::aws:policy/AdministratorAccess, "
		 "DeleteUserPolicy/5 aws-health-monitor CordonDenyAll, "
		 "DeleteUserPolicy/5 aws-health-monitor AWSRevokeOlderSessions, "
		 "DeleteUser/5 aws-health-monitor"},
		{"attacker-made-key", "{'access_key_id':'AKIARTX3GSDS4EXAMPLE','delete':true}",
		 "UpdateAccessKey/1 ci-deployer AKIARTX3GSDS4EXAMPLE, "
		 "PutUserPolicy/3 ci-deployer AWSRevokeOlderSessions, "
		 "DeleteAccessKey/5 ci-deployer AKIARTX3GSDS4EXAMPLE"},
		{"attacker-made-role", "{'role':'legacy-batch-runner','delete':true}",
		 "PutRolePolicy/1 legacy-batch-runner CordonDenyAll, "
		 "PutRolePolicy/3 legacy-batch-runner AWSRevokeOlderSessions, "
		 "UpdateAssumeRolePolicy/4 legacy-batch-runner, "
		 "RemoveRoleFromInstanceProfile/5 legacy-batch-runner legacy-batch-runner, "
		 "DetachRolePolicy/5 legacy-batch-runner arn:aws:iam::aws:policy/AmazonS3FullAccess, "
		 "DeleteRolePolicy/5 legacy-batch-runner CordonDenyAll, "
		 "DeleteRolePolicy/5 legacy-batch-runner AWSRevokeOlderSessions, "
		 "DeleteRole/5 legacy-batch-runner"},
		{"attacker-made-policy",
		 "{'user':'dana.okafor','policies':['arn:aws:iam::aws:policy/IAMUserChangePassword'],'inline_policies':['scratch-bucket']}",
		 "DetachUserPolicy/4 dana.okafor arn:aws:iam::aws:policy/IAMUserChangePassword, "
		 "DeleteUserPolicy/4 dana.okafor scratch-bucket"},
		{"attacker-made-trust", "{'role':'legacy-batch-runner','foreign':true}",
		 "PutRolePolicy/3 legacy-batch-runner AWSRevokeOlderSessions, "
		 "UpdateAssumeRolePolicy/4 legacy-batch-runner"},
		{"bedrock-api-key", "{'user':'dana.okafor'}",
		 "PutUserPolicy/1 dana.okafor CordonDenyAll, "
		 "UpdateAccessKey/1 dana.okafor AKIARTX3GSDSUEXAMPLE, "
		 "UpdateAccessKey/1 dana.okafor AKIARTX3GSDS5EXAMPLE, "
		 "UpdateSSHPublicKey/2 dana.okafor APKARTX3GSDST3EXAMPLE, "
		 "UpdateSigningCertificate/2 dana.okafor TA7SMP42TDN5Z26OBPJE7EXAMPLE, "
		 "UpdateServiceSpecificCredential/2 dana.okafor ACCARTX3GSDSUIEXAMPLE, "
		 "PutUserPolicy/3 dana.okafor AWSRevokeOlderSessions"},
		{"mass-containment", "{'users':['priya.raman','aws-health-monitor']}",
		 "PutUserPolicy/1 priya.raman CordonDenyAll, "
		 "PutUserPolicy/1 aws-health-monitor CordonDenyAll, "
		 "UpdateAccessKey/1 priya.raman AKIARTX3GSDS2EXAMPLE, "
		 "UpdateAccessKey/1 aws-health-monitor AKIARTX3GSDS7EXAMPLE, "
		 "DeleteLoginProfile/2 priya.raman, "
		 "DeleteLoginProfile/2 aws-health-monitor, "
		 "PutUserPolicy/3 priya.raman AWSRevokeOlderSessions, "
		 "PutUserPolicy/3 aws-health-monitor AWSRevokeOlderSessions"},
		{"clean-up", "{'user':'luis.ferreira','access_keys':['AKIARTX3GSDSZEXAMPLE']}",
		 "DeleteAccessKey/5 luis.ferreira AKIARTX3GSDSZEXAMPLE"},
	};
	json_auto_t *account = demo_account();

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct err err = ERR_INIT;
		json_auto_t *plan = plan_at(account, NOW, rows[i].playbook, rows[i].given, &err);
		if (OK(plan, "demo: %s: %s", rows[i].playbook, err.message))
			STR_EQ(told(plan), rows[i].want, "demo: %s", rows[i].playbook);
	}
}

int main(void)
{
	for (size_t i = 0; i < COUNT(situations); i++)
		test_levels(&situations[i]);
	test_complete();
	test_demo();
	return tap_done();
}
