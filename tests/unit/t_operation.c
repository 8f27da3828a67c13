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
static const char *const final[] = {"DeleteLoginProfile",
				    "DeleteAccessKey",
				    "DeleteSSHPublicKey",
				    "DeleteSigningCertificate",
				    "DeleteServiceSpecificCredential",
				    "DeactivateMFADevice",
				    "DeleteUser",
				    "DeleteRole",
				    NULL};

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

/* A principal in three states: nothing there, the thing there, the section unread. What can only
 * be switched is there in each. */
#define DOCUMENT "'{\\\"Version\\\":\\\"2012-10-17\\\"}'"
static const char *const states[] = {
	"'UserPolicyList':[],'RolePolicyList':[],'GroupPolicyList':[],'AttachedManagedPolicies':[],"
	"'PermissionsBoundary':null,'LoginProfile':null,'GroupList':[],'Tags':[],"
	"'InstanceProfileList':[],'MFADevices':[],"
	"'AssumeRolePolicyDocument':{'Statement':[{'Effect':'Allow','Principal':'*'}]},"
	"'SSHPublicKeys':[{'SSHPublicKeyId':'APKAEXAMPLE','Status':'Active'}],"
	"'SigningCertificates':[{'CertificateId':'CERTEXAMPLE','Status':'Active'}],"
	"'ServiceSpecificCredentials':[{'ServiceSpecificCredentialId':'ACCAEXAMPLE','Status':"
	"'Active'}],"
	"'AccessKeys':[{'AccessKeyId':'AKIAIOSFODNN7EXAMPLE','Status':'Active'}]",

	"'UserPolicyList':[{'PolicyName':'P','PolicyDocument':" DOCUMENT "}],"
	"'RolePolicyList':[{'PolicyName':'P','PolicyDocument':" DOCUMENT "}],"
	"'GroupPolicyList':[{'PolicyName':'P','PolicyDocument':" DOCUMENT "}],"
	"'AttachedManagedPolicies':[{'PolicyName':'X','PolicyArn':'arn:aws:iam::aws:policy/X'}],"
	"'PermissionsBoundary':{'PermissionsBoundaryType':'Policy',"
	"'PermissionsBoundaryArn':'arn:aws:iam::aws:policy/Old'},"
	"'LoginProfile':{'CreateDate':'2026-01-01T00:00:00Z'},"
	"'GroupList':['staff'],'Tags':[{'Key':'cordon:case','Value':'before'}],"
	"'InstanceProfileList':[{'InstanceProfileName':'web','Arn':"
	"'arn:aws:iam::111122223333:instance-profile/web'}],"
	"'MFADevices':[{'SerialNumber':'arn:aws:iam::111122223333:mfa/alice'}],"
	"'AssumeRolePolicyDocument':'{\\\"Statement\\\":[{\\\"Effect\\\":\\\"Allow\\\",\\\"Principal\\\":"
	"\\\"*\\\"}]}',"
	"'SSHPublicKeys':[{'SSHPublicKeyId':'APKAEXAMPLE','Status':'Inactive'}],"
	"'SigningCertificates':[{'CertificateId':'CERTEXAMPLE','Status':'Inactive'}],"
	"'ServiceSpecificCredentials':[{'ServiceSpecificCredentialId':'ACCAEXAMPLE','Status':"
	"'Inactive'}],"
	"'AccessKeys':[{'AccessKeyId':'AKIAIOSFODNN7EXAMPLE','Status':'Inactive'}]",
};
enum { EMPTY, THERE, UNREAD };

/* Every section of the entry that is there becomes unread. */
static void make_unread(json_t *account)
{
	for (enum principal_kind kind = PRINCIPAL_USER; kind <= PRINCIPAL_GROUP; kind++) {
		json_t *entry = json_array_get(account_entries(account, kind), 0);
		const struct section *row;
		for (size_t i = 0; (row = account_section_at(i)); i++) {
			if (row->kinds & (1u << kind))
				jx_set(entry, row->name, account_unread("denied", NULL));
		}
	}
}

static json_t *account_in(int state)
{
	const char *sections = states[state == UNREAD ? EMPTY : state];
	struct err err = ERR_INIT;
	json_t *account = NULL;
	static char text[16384];

	snprintf(
		text, sizeof(text),
		"{'format':'cordon-account/1','account_id':'111122223333',"
		"'UserDetailList':[{'UserName':'alice','Arn':'arn:aws:iam::111122223333:user/alice',"
		"%s}],'RoleDetailList':[{'RoleName':'ops','Arn':"
		"'arn:aws:iam::111122223333:role/ops',%s}],'GroupDetailList':[{'GroupName':'staff',"
		"'Arn':'arn:aws:iam::111122223333:group/staff',%s}]}",
		sections, sections, sections);
	for (char *p = text; *p; p++)
		*p = *p == '\'' ? '"' : *p;
	if (account_read(text, strlen(text), "test", &account, &err))
		printf("# %s\n", err.message);
	if (state == UNREAD)
		make_unread(account);
	return account;
}

/* JSON with ' for ". */
static json_t *quoted(const char *text)
{
	char bytes[256];

	snprintf(bytes, sizeof(bytes), "%s", text);
	for (char *p = bytes; *p; p++)
		*p = *p == '\'' ? '"' : *p;
	return json_loads(bytes, JSON_DECODE_ANY, NULL);
}

/* Parameters that fit any row: those that it has. */
static json_t *parameters_of(const struct operation *op)
{
	static const struct {
		const char *name, *value;
	} values[] = {{"UserName", "'alice'"},
		      {"RoleName", "'ops'"},
		      {"GroupName", "'staff'"},
		      {"PolicyName", "'P'"},
		      {"PolicyDocument", "'{}'"},
		      {"PolicyArn", "'arn:aws:iam::aws:policy/X'"},
		      {"PermissionsBoundary", "'arn:aws:iam::aws:policy/AWSDenyAll'"},
		      {"AccessKeyId", "'AKIAIOSFODNN7EXAMPLE'"},
		      {"SSHPublicKeyId", "'APKAEXAMPLE'"},
		      {"Encoding", "'SSH'"},
		      {"CertificateId", "'CERTEXAMPLE'"},
		      {"ServiceSpecificCredentialId", "'ACCAEXAMPLE'"},
		      {"SerialNumber", "'arn:aws:iam::111122223333:mfa/alice'"},
		      {"InstanceProfileName", "'web'"},
		      {"Tags", "[{'Key':'cordon:case','Value':'C-1'}]"},
		      {"TagKeys", "['cordon:case']"},
		      {"ActionNames", "['iam:ListUsers']"},
		      {"PolicySourceArn", "'arn:aws:iam::111122223333:user/alice'"},
		      {"RoleArn", "'arn:aws:iam::111122223333:role/ops'"},
		      {"RoleSessionName", "'cordon'"},
		      {"WebIdentityToken", "'a.b.c'"},
		      {"VersionId", "'v1'"},
		      {"Status", "'Inactive'"}};
	json_t *out = json_object();

	for (const struct member *m = op->input; m->name; m++) {
		for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
			if ((m->flags & MEMBER_REQUIRED) && strcmp(values[i].name, m->name) == 0)
				jx_set(out, m->name, quoted(values[i].value));
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
	OK(!write || (!op->effect != !op->account_effect && op->on != PRINCIPAL_NONE),
	   "%s: a write has one effect", op->name);
	OK(!write || op->account_effect || account_section_row(op->section),
	   "%s: on a known section", op->name);
	OK(!write || (op->undo && operation_find(op->undone_by)) || is_in(final, op->name),
	   "%s: a write has an undo or an explicit none", op->name);
	OK(!(op->flags & OPERATION_REMOVES) || text_has_prefix(op->name, "De") ||
		   text_has_prefix(op->name, "Remove"),
	   "%s: only what deletes, detaches or removes removes", op->name);
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

	if (op->account_effect)
		return;
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

/* A principal comes and goes as a whole. */
static void check_principals(void)
{
	static const struct {
		const char *begin, *end;
		enum principal_kind kind;
		const char *who;
	} rows[] = {{"CreateUser", "DeleteUser", PRINCIPAL_USER, "alice"},
		    {NULL, "DeleteRole", PRINCIPAL_ROLE, "ops"}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct operation *end = operation_find(rows[i].end);
		const struct operation *begin = operation_find(rows[i].begin);
		json_auto_t *account = account_in(THERE);
		json_auto_t *parameters = parameters_of(end);
		OK(operation_state(end, account, parameters) == OPERATION_UNDONE,
		   "%s: it is there before", end->name);
		OK(operation_effect(end, account, parameters) == 0 &&
			   !account_find(account, rows[i].kind, rows[i].who),
		   "%s: it is gone", end->name);
		OK(operation_state(end, account, parameters) == OPERATION_DONE, "%s: done",
		   end->name);
		if (!begin)
			continue;
		json_auto_t *undo = operation_undo(begin, account, parameters);
		jx_set(parameters, "Path", jx_string("/x/"));
		jx_set(parameters, "PermissionsBoundary", jx_string("arn:aws:iam::aws:policy/B"));
		OK(operation_effect(begin, account, parameters) == 0, "%s: made", begin->name);
		const json_t *made = account_find(account, rows[i].kind, rows[i].who);
		OK(text_equal(account_arn(made), "arn:aws:iam::111122223333:user/x/alice"),
		   "%s: its ARN has the path", begin->name);
		OK(account_section(made, "AccessKeys", NULL) == SECTION_NONE,
		   "%s: it has no credential", begin->name);
		OK(account_section(made, "PermissionsBoundary", NULL) == SECTION_VALUE,
		   "%s: it has its boundary", begin->name);
		OK(operation_state(begin, account, parameters) == OPERATION_DONE, "%s: done",
		   begin->name);
		OK(operation_effect(begin, account, parameters) < 0, "%s: not twice", begin->name);
		undo_all(begin, account, undo);
		OK(!account_find(account, rows[i].kind, rows[i].who), "%s: and gone again",
		   begin->name);
	}
}

/* What AWS would not take back is dropped from what is put back, the rest is to the letter. */
static void check_dangling(void)
{
	const struct operation *op = operation_find("UpdateAssumeRolePolicy");
	json_auto_t *account = account_in(THERE);
	json_auto_t *parameters = parameters_of(op);
	json_t *role = account_find(account, PRINCIPAL_ROLE, "ops");

	jx_set(role, "AssumeRolePolicyDocument",
	       jx_string("{\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":["
			 "\"AIDACKCEVSQ6C2EXAMPLE\",\"arn:aws:iam::111122223333:root\"]}}]}"));
	json_auto_t *undo = operation_undo(op, account, parameters);
	char *text = jx_compact(undo);
	OK(strstr(text, ":root") && !strstr(text, "AIDA"), "a unique id is not put back: %s", text);
	free(text);
	jx_set(role, "AssumeRolePolicyDocument",
	       jx_string("{\"Statement\":{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":"
			 "\"AROACKCEVSQ6C2EXAMPLE\"}}}"));
	json_auto_t *none = operation_undo(op, account, parameters);
	OK(!none, "where nobody else is named there is no way back");
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
	check_principals();
	check_dangling();
	return tap_done();
}
