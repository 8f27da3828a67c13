// SPDX-License-Identifier: Apache-2.0
/* What a responder types. The account numbers in key ids are those of public tests. */
#include "cordon/err.h"
#include "cordon/identity.h"
#include "tap.h"

static const struct {
	const char *text;
	enum identity_kind kind;
	const char *account, *name, *session;
} good[] = {
	{"AKIAIOSFODNN7EXAMPLE", IDENTITY_ACCESS_KEY, "", "AKIAIOSFODNN7EXAMPLE", ""},
	{"ASIAQNZGKIQY56JQ7WML", IDENTITY_TEMPORARY_KEY, "029608264753", "ASIAQNZGKIQY56JQ7WML",
	 ""},
	{"ASIAR2TG44V5PDTTBZRR", IDENTITY_TEMPORARY_KEY, "125843596666", "ASIAR2TG44V5PDTTBZRR",
	 ""},
	{"ASIAY34FZKBOKMUTVV7A", IDENTITY_TEMPORARY_KEY, "609629065308", "ASIAY34FZKBOKMUTVV7A",
	 ""},
	{"AIDAQNZGKIQY56JQ7WML", IDENTITY_USER_ID, "029608264753", "AIDAQNZGKIQY56JQ7WML", ""},
	{"AROAQNZGKIQY56JQ7WML", IDENTITY_ROLE_ID, "029608264753", "AROAQNZGKIQY56JQ7WML", ""},
	{"AROAQNZGKIQY56JQ7WML:i-0abc", IDENTITY_ROLE_ID, "029608264753", "AROAQNZGKIQY56JQ7WML",
	 "i-0abc"},
	{"ACCAQNZGKIQY56JQ7WML", IDENTITY_OTHER, "029608264753", "ACCAQNZGKIQY56JQ7WML", ""},
	{"arn:aws:iam::111122223333:user/alice", IDENTITY_USER, "111122223333", "alice", ""},
	{"arn:aws:iam::111122223333:user/a/b/alice", IDENTITY_USER, "111122223333", "alice", ""},
	{"arn:aws-cn:iam::111122223333:role/x/ops", IDENTITY_ROLE, "111122223333", "ops", ""},
	{"arn:aws:iam::111122223333:group/staff", IDENTITY_GROUP, "111122223333", "staff", ""},
	{"arn:aws:iam::111122223333:root", IDENTITY_ROOT, "111122223333", "", ""},
	{"111122223333", IDENTITY_ROOT, "111122223333", "", ""},
	{"arn:aws:sts::111122223333:assumed-role/ops/me@x", IDENTITY_SESSION, "111122223333", "ops",
	 "me@x"},
	{"arn:aws:sts::111122223333:federated-user/guest", IDENTITY_FEDERATED, "111122223333", "",
	 "guest"},
	{"user/alice", IDENTITY_USER, "", "alice", ""},
	{"user/team/alice", IDENTITY_USER, "", "alice", ""},
	{"role/ops", IDENTITY_ROLE, "", "ops", ""},
	{"alice", IDENTITY_USER, "", "alice", ""},
	{"-leading+dash=,.@x", IDENTITY_USER, "", "-leading+dash=,.@x", ""},
	{"AKIA-is-a-name", IDENTITY_USER, "", "AKIA-is-a-name", ""},
};

static const char *const bad[] = {
	"",
	"a b",
	"alice/bob",
	"user/",
	"al\xc3\xa9",
	"a\x1b[31m",
	"arn:aws:iam::111122223333:user/",
	"arn:aws:iam::1111:user/alice",
	"arn:aws:iam:us-east-1:111122223333:user/alice",
	"arn:aws:sts::111122223333:assumed-role/ops",
	"arn:aws:sts::111122223333:assumed-role/ops/x",
	"arn:aws:s3:::bucket",
	"arn:aws:iam::111122223333:rootling",
	"AROAQNZGKIQY56JQ7WML:",
	"AIDAQNZGKIQY56JQ7WML:x1",
	"x:y",
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
};

static void check_accounts(void)
{
	static const struct {
		const char *id, *want;
	} rows[] = {
		{"ASIAQNZGKIQY56JQ7WML", "029608264753"},
		{"AKIAIOSFODNN7EXAMPLE", NULL}, /* of the old form */
		{"AKIAQ8ZGKIQY56JQ7WML", NULL}, /* 8 is no base 32 */
		{"AKIA7777777777777777", NULL}, /* over twelve digits */
		{"AKIAQ", NULL},
		{"", NULL},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char account[13] = "";
		bool found = identity_account(rows[i].id, account);
		OK(found == (rows[i].want != NULL), "account of '%s'", rows[i].id);
		STR_EQ(account, rows[i].want ? rows[i].want : "", "account of '%s'", rows[i].id);
	}
}

int main(void)
{
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct err err = ERR_INIT;
		struct identity id = {.kind = IDENTITY_OTHER};
		if (!OK(identity_parse(good[i].text, &id, &err) == 0, "'%s' is read: %s",
			good[i].text, err.message))
			continue;
		STR_EQ(identity_kind_name(id.kind), identity_kind_name(good[i].kind), "'%s': kind",
		       good[i].text);
		STR_EQ(id.account, good[i].account, "'%s': account", good[i].text);
		STR_EQ(id.name, good[i].name, "'%s': name", good[i].text);
		STR_EQ(id.session, good[i].session, "'%s': session", good[i].text);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct err err = ERR_INIT;
		struct identity id;
		OK(identity_parse(bad[i], &id, &err) < 0 && err.code == ERR_USAGE,
		   "bad %zu is refused", i);
	}
	check_accounts();
	return tap_done();
}
