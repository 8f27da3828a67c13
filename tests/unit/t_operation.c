// SPDX-License-Identifier: Apache-2.0
/* Walks the operation table: every row is whole, and every write does what its row says, both ways.
 */
#include "cordon/account.h"
#include "cordon/err.h"
#include "cordon/json.h"
#include "cordon/operation.h"
#include "cordon/text.h"
#include "tap.h"

/* Writes that nobody can take back. */
static const char *const final[] = {"DeleteLoginProfile", NULL};

/* IAM operations that act on the caller when the user is not named (API reference, "UserName"). */
static const char *const implicit[] = {"CreateAccessKey",
				       "CreateLoginProfile",
				       "DeactivateMFADevice",
				       "DeleteAccessKey",
				       "DeleteLoginProfile",
				       "DeleteServiceSpecificCredential",
				       "GetLoginProfile",
				       "DeleteSigningCertificate",
				       "GetMFADevice",
				       "GetUser",
				       "ListAccessKeys",
				       "ListMFADevices",
				       "ListSSHPublicKeys",
				       "ListServiceSpecificCredentials",
				       "UpdateAccessKey",
				       "ListSigningCertificates",
				       "ResetServiceSpecificCredential",
				       "UpdateSigningCertificate",
				       "UpdateServiceSpecificCredential",
				       "UploadSigningCertificate",
				       NULL};

static bool is_in(const char *const *list, const char *name)
{
	size_t i = 0;

	while (list[i] && strcmp(list[i], name) != 0)
		i++;
	return list[i] != NULL;
}

/* A user and a role in three states: nothing there, the thing there, the section unread. */
static const char *const states[] = {
	"'UserPolicyList':[],'RolePolicyList':[],'AttachedManagedPolicies':[],"
	"'PermissionsBoundary':null,'LoginProfile':null,"
	"'AccessKeys':[{'AccessKeyId':'AKIAIOSFODNN7EXAMPLE','Status':'Active'}]",

	"'UserPolicyList':[{'PolicyName':'P','PolicyDocument':'{\\\"Version\\\":\\\"2012-10-17\\\"}'}],"
	"'RolePolicyList':[{'PolicyName':'P','PolicyDocument':'{\\\"Version\\\":\\\"2012-10-17\\\"}'}],"
	"'AttachedManagedPolicies':[{'PolicyName':'X','PolicyArn':'arn:aws:iam::aws:policy/X'}],"
	"'PermissionsBoundary':{'PermissionsBoundaryType':'Policy',"
	"'PermissionsBoundaryArn':'arn:aws:iam::aws:policy/Old'},"
	"'LoginProfile':{'CreateDate':'2026-01-01T00:00:00Z'},"
	"'AccessKeys':[{'AccessKeyId':'AKIAIOSFODNN7EXAMPLE','Status':'Inactive'}]",

	"'UserPolicyList':{'unread':{'why':'denied'}},'RolePolicyList':{'unread':{'why':'denied'}},"
	"'AttachedManagedPolicies':{'unread':{'why':'denied'}},"
	"'PermissionsBoundary':{'unread':{'why':'denied'}},'LoginProfile':{'unread':{'why':'denied'}},"
	"'AccessKeys':{'unread':{'why':'denied'}}",
};
enum { EMPTY, THERE, UNREAD };

static json_t *account_in(int state)
{
	struct err err = ERR_INIT;
	json_t *account = NULL;
	char text[4096];

	snprintf(
		text, sizeof(text),
		"{'format':'cordon-account/1','account_id':'111122223333','UserDetailList':[{'UserName':"
		"'alice','Arn':'arn:aws:iam::111122223333:user/alice',%s}],'RoleDetailList':[{'RoleName':"
		"'ops','Arn':'arn:aws:iam::111122223333:role/ops',%s}]}",
		states[state], states[state]);
	for (char *p = text; *p; p++)
		*p = *p == '\'' ? '"' : *p;
	if (account_read(text, strlen(text), "test", &account, &err))
		printf("# %s\n", err.message);
	return account;
}

/* Parameters that fit any row: those that it has. */
static json_t *parameters_of(const struct operation *op)
{
	static const struct {
		const char *name, *value;
	} values[] = {{"UserName", "alice"},
		      {"RoleName", "ops"},
		      {"GroupName", "staff"},
		      {"PolicyName", "P"},
		      {"PolicyDocument", "{\"Version\":\"2012-10-17\",\"Statement\":[]}"},
		      {"PolicyArn", "arn:aws:iam::aws:policy/X"},
		      {"PermissionsBoundary", "arn:aws:iam::aws:policy/AWSDenyAll"},
		      {"AccessKeyId", "AKIAIOSFODNN7EXAMPLE"},
		      {"VersionId", "v1"},
		      {"Status", "Inactive"}};
	json_t *out = json_object();

	for (const struct member *m = op->input; m->name; m++) {
		for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
			if ((m->flags & MEMBER_REQUIRED) && strcmp(values[i].name, m->name) == 0)
				jx_set(out, m->name, jx_string(values[i].value));
		}
	}
	return out;
}

static bool shapes_whole(const struct member *members, int depth)
{
	for (const struct member *m = members; m && m->name; m++) {
		const struct shape *shape = m->shape;
		if (!shape || depth > 6)
			return false;
		while (shape->kind == SHAPE_LIST || shape->kind == SHAPE_MAP) {
			if (!shape->item)
				return false;
			shape = shape->item;
		}
		if (shape->kind == SHAPE_STRUCTURE &&
		    (!shape->members || !shapes_whole(shape->members, depth + 1)))
			return false;
	}
	return true;
}

static void check_row(const struct operation *op)
{
	bool write = op->flags & OPERATION_WRITE;

	OK(operation_find(op->name) == op, "%s: is found once, by name", op->name);
	OK(operation_version(op->service) != NULL, "%s: its service has a version", op->name);
	OK(op->input && shapes_whole(op->input, 0), "%s: input is whole", op->name);
	OK(shapes_whole(op->output, 0), "%s: output is whole", op->name);
	OK(write || op->output, "%s: a read has a reply", op->name);
	OK(write || (op->flags & OPERATION_IDEMPOTENT), "%s: a read may be sent again", op->name);
	OK(!write || (op->effect && op->on != PRINCIPAL_NONE), "%s: a write has an effect",
	   op->name);
	OK(!write || account_section_row(op->section), "%s: on a known section", op->name);
	OK(!write || (op->undo && operation_find(op->undone_by)) || is_in(final, op->name),
	   "%s: a write has an undo or an explicit none", op->name);
	OK(!(op->flags & OPERATION_REMOVES) || text_has_prefix(op->name, "De"),
	   "%s: only what deletes or detaches removes", op->name);
}

static void check_refusals(const struct operation *op)
{
	struct err err = ERR_INIT;
	json_auto_t *whole = parameters_of(op);

	OK(operation_check(op, whole, &err) == 0, "%s: whole parameters pass: %s", op->name,
	   err.message);
	for (const struct member *m = op->input; m->name; m++) {
		if (!(m->flags & MEMBER_REQUIRED))
			continue;
		json_auto_t *changed = jx_copy(whole);
		json_object_del(changed, m->name);
		OK(operation_check(op, changed, &err) < 0 && err.code == ERR_REFUSED,
		   "%s: not without %s", op->name, m->name);
		jx_set(changed, m->name, jx_string(""));
		OK(operation_check(op, changed, &err) < 0, "%s: not with an empty %s", op->name,
		   m->name);
		jx_set(changed, m->name, json_null());
		OK(operation_check(op, changed, &err) < 0, "%s: not with a null %s", op->name,
		   m->name);
	}
	jx_set(whole, "NoSuchMember", jx_string("x"));
	OK(operation_check(op, whole, &err) < 0, "%s: nothing unknown", op->name);
	OK(!is_in(implicit, op->name) || operation_principal(op, whole), "%s: names its user",
	   op->name);
}

static void undo_all(const struct operation *op, json_t *account, const json_t *undo)
{
	json_t *step;
	size_t i;

	json_array_foreach (undo, i, step) {
		const struct operation *back = operation_find(jx_text(step, "operation"));
		struct err err = ERR_INIT;
		const json_t *parameters = json_object_get(step, "parameters");
		OK(back && operation_check(back, parameters, &err) == 0,
		   "%s: its undo may be sent: %s", op->name, err.message);
		OK(back && operation_effect(back, account, parameters) == 0, "%s: undone by %s",
		   op->name, jx_text(step, "operation"));
	}
}

static void check_both_ways(const struct operation *op, int state)
{
	static const char *const names[] = {"empty", "there", "unread"};
	json_auto_t *before = account_in(state);
	json_auto_t *account = jx_copy(before);
	json_auto_t *parameters = parameters_of(op);
	json_auto_t *undo = operation_undo(op, before, parameters);

	if (operation_effect(op, account, parameters)) {
		OK(false, "%s on %s: takes effect", op->name, names[state]);
		return;
	}
	if (state == UNREAD) {
		json_t *entry = account_find(account, op->on, operation_principal(op, parameters));
		OK(account_section(entry, op->section, NULL) == SECTION_UNREAD,
		   "%s: unread stays unread", op->name);
		OK(operation_state(op, before, parameters) == OPERATION_UNKNOWN,
		   "%s: unread is unknown", op->name);
		return;
	}
	OK(operation_state(op, account, parameters) == OPERATION_DONE,
	   "%s on %s: is done afterwards", op->name, names[state]);
	OK(undo || is_in(final, op->name) || json_equal(before, account) ||
		   (state == EMPTY && (op->flags & OPERATION_REMOVES)),
	   "%s on %s: has a way back", op->name, names[state]);
	undo_all(op, account, undo);
	json_auto_t *differences = account_diff(before, account);
	OK(is_in(final, op->name) || json_array_size(differences) == 0,
	   "%s on %s: undone is as before", op->name, names[state]);
	OK(is_in(final, op->name) || account_same(before, account), "%s on %s: to the letter",
	   op->name, names[state]);
}

/* The value of a test is in what it tells apart. */
static void check_states_apart(void)
{
	json_auto_t *account = account_in(EMPTY);
	const struct operation *put = operation_find("PutUserPolicy");
	json_auto_t *late = jx_pack("{s:s, s:s, s:{s:{s:s, s:{s:i}}}}", "UserName", "alice",
				    "PolicyName", "P", "PolicyDocument", "$document", "Version",
				    "2012-10-17", "At", "$cutoff", 30);
	json_auto_t *bound = account_bind(late, 1000000000);

	OK(operation_state(put, account, late) == OPERATION_UNDONE,
	   "a policy that is not there is undone");
	operation_effect(put, account, bound);
	OK(operation_state(put, account, late) == OPERATION_DONE,
	   "late-bound matches what was bound");
	jx_set(bound, "PolicyDocument", jx_string("{}"));
	OK(operation_state(put, account, bound) == OPERATION_UNDONE, "another document is undone");
	OK(json_is_string(json_object_get(bound, "PolicyDocument")),
	   "a bound document is a string");
	json_auto_t *bob = jx_pack("{s:s, s:s, s:s}", "UserName", "bob", "PolicyName", "P",
				   "PolicyDocument", "{}");
	OK(operation_effect(put, account, bob) < 0, "nobody of that name");
}

int main(void)
{
	const struct operation *op;

	for (size_t i = 0; (op = operation_at(i)); i++) {
		check_row(op);
		check_refusals(op);
		for (int state = EMPTY; (op->flags & OPERATION_WRITE) && state <= UNREAD; state++)
			check_both_ways(op, state);
	}
	OK(operation_find("NoSuchOperation") == NULL, "what is not in the table is not found");
	OK(operation_find(NULL) == NULL, "nor is nothing");
	check_states_apart();
	return tap_done();
}
