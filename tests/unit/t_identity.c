// SPDX-License-Identifier: Apache-2.0
#include "cordon/identity.h"

#include "cordon/err.h"
#include "tap.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))
#define IAM "arn:aws:iam::111122223333:"
#define STS "arn:aws:sts::111122223333:"
#define TEN "0123456789"
#define SIXTY TEN TEN TEN TEN TEN TEN

static void test_parse(void)
{
	static const struct {
		const char *input, *want; /* want: kind|what|partition|account|path|name|session */
	} rows[] = {
		/* Unique ids. The account is in those made since 2019. */
		{"AKIARTX3GSDSUEXAMPLE",
		 "access-key|access key||111122223333||AKIARTX3GSDSUEXAMPLE|"},
		{"AKIAIOSFODNN7EXAMPLE", "access-key|access key||||AKIAIOSFODNN7EXAMPLE|"},
		{"ASIAQNZGKIQY56JQ7WML",
		 "temporary-key|temporary access key of a session||029608264753||"
		 "ASIAQNZGKIQY56JQ7WML|"},
		{"AIDARTX3GSDSQAAAAAAA", "user-id|user id||111122223333||AIDARTX3GSDSQAAAAAAA|"},
		{"AROARTX3GSDSQAAAAAAA", "role-id|role id||111122223333||AROARTX3GSDSQAAAAAAA|"},
		{"AROARTX3GSDSQAAAAAAA:i-0123",
		 "role-id|role session||111122223333||AROARTX3GSDSQAAAAAAA|i-0123"},
		{"AGPAIOSFODNN7EXAMPLE", "other|group id||||AGPAIOSFODNN7EXAMPLE|"},
		{"AIPAIOSFODNN7EXAMPLE", "other|instance profile id||||AIPAIOSFODNN7EXAMPLE|"},
		{"ANPAIOSFODNN7EXAMPLE", "other|managed policy id||||ANPAIOSFODNN7EXAMPLE|"},
		{"ANVAIOSFODNN7EXAMPLE", "other|policy version id||||ANVAIOSFODNN7EXAMPLE|"},
		{"APKAIOSFODNN7EXAMPLE", "other|SSH public key id||||APKAIOSFODNN7EXAMPLE|"},
		{"ASCAIOSFODNN7EXAMPLE", "other|certificate id||||ASCAIOSFODNN7EXAMPLE|"},
		{"ACCAIOSFODNN7EXAMPLE",
		 "other|service-specific credential||||ACCAIOSFODNN7EXAMPLE|"},
		{"ACCAQNZGKIQY56JQ7WML",
		 "other|service-specific credential||029608264753||ACCAQNZGKIQY56JQ7WML|"},
		{"ABIAIOSFODNN7EXAMPLE", "other|STS bearer token||||ABIAIOSFODNN7EXAMPLE|"},
		{"AKIA1111111111111111", "access-key|access key||||AKIA1111111111111111|"},

		/* What looks like one is a name: too short, small letters, other characters. */
		{"AKIASHORT", "user|user|||||AKIASHORT|"},
		{"akiaiosfodnn7example", "user|user|||||akiaiosfodnn7example|"},
		{"AKIA-alice-has-a-name", "user|user|||||AKIA-alice-has-a-name|"},
		{"XKIAIOSFODNN7EXAMPLE", "user|user|||||XKIAIOSFODNN7EXAMPLE|"},

		/* Accounts. */
		{"111122223333", "root|account||111122223333|||"},
		{"11112222333", "user|user|||||11112222333|"},
		{"1111222233334", "user|user|||||1111222233334|"},
		{IAM "root", "root|account root user|aws|111122223333|||"},

		/* Principals by ARN. */
		{"group/admins", "group|group||||admins|"},
		{IAM "user/alice", "user|user|aws|111122223333|/|alice|"},
		{IAM "user/a/b/alice", "user|user|aws|111122223333|/a/b/|alice|"},
		/* IAM lets slashes stand side by side. */
		{IAM "user/sec//ops/alice", "user|user|aws|111122223333|/sec//ops/|alice|"},
		{IAM "user//alice", "user|user|aws|111122223333|//|alice|"},
		{IAM "role/sec//deploy", "role|role|aws|111122223333|/sec//|deploy|"},
		{"user/sec//alice", "user|user|||/sec//|alice|"},
		{"arn:aws-us-gov:iam::111122223333:user/alice",
		 "user|user|aws-us-gov|111122223333|/|alice|"},
		{IAM "user/x+=,.@-_9", "user|user|aws|111122223333|/|x+=,.@-_9|"},
		{IAM "role/deploy", "role|role|aws|111122223333|/|deploy|"},
		{IAM "role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS",
		 "role|role|aws|111122223333|/aws-service-role/ecs.amazonaws.com/|"
		 "AWSServiceRoleForECS|"},
		{IAM "group/admins", "group|group|aws|111122223333|/|admins|"},
		{STS "assumed-role/deploy/i-0123",
		 "session|role session|aws|111122223333||deploy|i-0123"},
		{STS "assumed-role/deploy/alice@example.com",
		 "session|role session|aws|111122223333||deploy|alice@example.com"},
		{STS "federated-user/bob",
		 "federated-user|federated user session|aws|111122223333|||bob"},

		/* Names. */
		{"alice", "user|user|||||alice|"},
		{"-alice", "user|user|||||-alice|"},
		{"-leading+dash=,.@x", "user|user|||||-leading+dash=,.@x|"},
		{"user/alice", "user|user|||||alice|"},
		{"user/a/b/alice", "user|user|||/a/b/|alice|"},
		{"user/111122223333", "user|user|||||111122223333|"},
		{"user/AKIAIOSFODNN7EXAMPLE", "user|user|||||AKIAIOSFODNN7EXAMPLE|"},
		{"role/deploy", "role|role|||||deploy|"},
		{"role/ops/deploy", "role|role|||/ops/|deploy|"},
		{SIXTY "1234", "user|user|||||" SIXTY "1234|"},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct identity id = {0};
		struct err err = ERR_INIT;
		char got[1100];

		if (identity_parse(rows[i].input, &id, &err)) {
			OK(false, "parse '%s': %s", rows[i].input, err.message);
			continue;
		}
		/* Without a path the field is empty, with one it is shown between two bars. */
		snprintf(got, sizeof(got), "%s|%s|%s|%s|%s|%s%s|%s", identity_kind_name(id.kind),
			 id.what, id.partition, id.account, id.path,
			 id.kind == IDENTITY_USER || id.kind == IDENTITY_ROLE
				 ? (*id.path ? "" : "|")
				 : "",
			 id.name, id.session);
		STR_EQ(got, rows[i].want, "parse '%s'", rows[i].input);
		INT_EQ(err.code, ERR_NONE, "parse '%s': no error", rows[i].input);
	}
}

static void test_refused(void)
{
	static const struct {
		const char *input, *want;
	} rows[] = {
		{"", "'' is no access key id, ARN, unique id or user name"},
		{" ", "' ' is no access key id"},
		{"alice bob", "'alice bob' is no access key id"},
		{"alice\n", "'alice\n' is no access key id"},
		{"a/b", "'a/b' is no access key id"},
		{"\xc3\xa9milie", "'\xc3\xa9milie' is no access key id"},
		{"\x1b[31malice", "'\x1b[31malice' is no access key id"},
		{"alice\xff", "'alice\xff' is no access key id"},
		{SIXTY "12345", "'" SIXTY "12345' is no access key id"},
		{"user/", "'user/' is no user name"},
		{"user/a/", "'user/a/' is no user name"},
		{"user/al ice", "'user/al ice' is no user name"},
		{"role/", "'role/' is no role name"},
		{"role/" SIXTY "12345", "'role/" SIXTY "12345' is no role name"},
		{"alice:bob", "'alice:bob' is no role id with a session name"},
		{"AROARTX3GSDSQAAAAAAA:", "'AROARTX3GSDSQAAAAAAA:' is no role id"},
		{"AROARTX3GSDSQAAAAAAA:x", "'AROARTX3GSDSQAAAAAAA:x' is no role id"},
		{"AROARTX3GSDSQAAAAAAA:a b", "'AROARTX3GSDSQAAAAAAA:a b' is no role id"},
		{"AROASHORT:session", "'AROASHORT:session' is no role id"},
		{"AIDARTX3GSDSQAAAAAAA:session", "'AIDARTX3GSDSQAAAAAAA:session' is no role id"},
		{":session", "':session' is no role id"},
		{"arn:", "'arn:' is no ARN of an IAM or STS principal"},
		{"arn:aws:s3:::bucket", "' is no ARN"},
		{"arn:aws:iam::111122223333", "' is no ARN"},
		{"arn:aws:iam::11112222333:user/alice", "' is no ARN"},
		{"arn:aws:iam::aws:policy/AWSDenyAll", "' is no ARN"},
		{"arn:aws:iam:us-east-1:111122223333:user/alice", "' is no ARN"},
		{"arn:aws:iam::111122223333:rooted", "' names no user, role"},
		{IAM "user/", "' names no user, role"},
		{IAM "user/al ice", "' names no user, role"},
		{IAM "user/" SIXTY "12345", "' names no user, role"},
		{IAM "policy/x", "' names no user, role"},
		{IAM "mfa/alice", "' names no user, role"},
		{STS "user/alice", "' names no user, role"},
		{IAM "assumed-role/r/session", "' names no user, role"},
		{STS "assumed-role/r", "' names no user, role"},
		{STS "assumed-role/r/", "' names no user, role"},
		{STS "assumed-role/r/s", "' names no user, role"},
		{STS "assumed-role//session", "' names no user, role"},
		{STS "assumed-role/p/r/session", "' names no user, role"},
		{STS "federated-user/b", "' names no user, role"},
		{STS "federated-user/a/b", "' names no user, role"},
		{"arn:aws:s3::111122223333:user/alice", "' names no user, role"},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct identity id = {.what = "untouched"};
		struct err err = ERR_INIT;

		INT_EQ(identity_parse(rows[i].input, &id, &err), -1, "refused row %zu", i);
		INT_EQ(err.code, ERR_USAGE, "refused row %zu: code", i);
		if (!OK(strstr(err.message, rows[i].want), "refused row %zu: message", i))
			tap_diff(err.message, rows[i].want);
		STR_EQ(id.what, "untouched", "refused row %zu: nothing was written", i);
	}
}

/* Longer than any field: refused or fitting, never cut. */
static void test_long(void)
{
	static const char *const heads[] = {
		"",
		IAM "user/",
		IAM "role/a/",
		STS "assumed-role/",
		"AKIA",
		STS "assumed-role/r/",
		STS "federated-user/",
		"AROARTX3GSDSQAAAAAAA:",
		"arn:",
		"user/",
		"role/x/",
		IAM "user/a/",
	};
	static const char fills[] = {'A', '/', ':', '7', '\xc3'};
	enum { LENGTH = 5000 };

	for (size_t i = 0; i < COUNT(heads); i++) {
		for (size_t f = 0; f < sizeof(fills); f++) {
			char text[LENGTH + 1] = "";
			struct identity id;
			struct err err = ERR_INIT;

			snprintf(text, sizeof(text), "%s", heads[i]);
			memset(text + strlen(heads[i]), fills[f], LENGTH - strlen(heads[i]));
			INT_EQ(identity_parse(text, &id, &err), -1, "long row %zu.%zu", i, f);
		}
	}
	/* A path of 512 is IAM's longest, with both slashes. */
	for (int length = 511; length <= 513; length++) {
		char text[700] = IAM "user";
		struct identity id;
		struct err err = ERR_INIT;
		char *path = text + strlen(text);

		memset(path, 'p', (size_t)length);
		path[0] = path[length - 1] = '/';
		strcpy(path + length, "alice");
		INT_EQ(identity_parse(text, &id, &err), length <= 512 ? 0 : -1, "a path of %d",
		       length);
	}
}

static void test_account(void)
{
	static const struct {
		const char *input, *want;
	} rows[] = {
		/* facts/iam.md 4.7: verified vectors. */
		{"ASIAQNZGKIQY56JQ7WML", "029608264753"},
		{"ASIAR2TG44V5PDTTBZRR", "125843596666"},
		{"ASIAY34FZKBOKMUTVV7A", "609629065308"},
		{"AKIARTX3GSDSQAAAAAAA", "111122223333"},
		{"AKIAWO645SY5AAAAAAAA", "444455556666"},
		{"AROAWO645SY5AAAAAAAA", "444455556666"},
		{"AKIAQAAAAAAAAAAAAAAA", "000000000000"},
		{"AKIAQAAAAAAAQAAAAAAA", "000000000001"},
		{"AKIAQAAAAAAAP7777777", "000000000000"},
		{"AKIA6RVFFB77QAAAAAAA", "999999999999"},
		{"AKIA6RVFFB77QAAA", "999999999999"},
		/* Old ids hold none; others hold no number of 12 digits, or no base 32. */
		{"AKIAIOSFODNN7EXAMPLE", NULL},
		{"AKIAJOSFODNN7EXAMPLE", NULL},
		{"AKIAPAAAAAAAAAAAAAAA", NULL},
		{"AKIA6RVFFCAAAAAAAAAA", NULL},
		{"AKIA7777777777777777", NULL},
		{"AKIAQ0AAAAAAAAAAAAAA", NULL},
		{"AKIAQ8ZGKIQY56JQ7WML", NULL},
		{"AKIAQAAAAAA1AAAAAAAA", NULL},
		{"AKIAQAAAAAAA8AAAAAAA", NULL},
		{"AKIAQAAAAAAA_AAAAAAA", NULL},
		{"AKIAqaaaaaaaaaaaaaaa", NULL},
		{"AKIAQAAAAAAAAAA", NULL},
		{"AKIA", NULL},
		{"", NULL},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		char account[13] = "untouched";
		bool found = identity_account(rows[i].input, account);

		STR_EQ(account, rows[i].want ? rows[i].want : "untouched", "account of '%s'",
		       rows[i].input);
		INT_EQ(found, rows[i].want != NULL, "account of '%s': found", rows[i].input);
	}
}

static bool name64(const char *text)
{
	return identity_name_ok(text, 64);
}

static void test_rules(void)
{
	static const struct {
		const char *name;
		bool (*ok)(const char *text);
		const char *input;
		bool want;
	} rows[] = {
		{"name", name64, "x", true},
		{"name: all characters", name64, "aZ09_+=,.@-", true},
		{"name: 64", name64, SIXTY "1234", true},
		{"name: 65", name64, SIXTY "12345", false},
		{"name: empty", name64, "", false},
		{"name: none", name64, NULL, false},
		{"name: slash", name64, "a/b", false},
		{"name: colon", name64, "a:b", false},
		{"name: space", name64, "a b", false},
		{"name: tab", name64, "a\tb", false},
		{"name: quote", name64, "a'b", false},
		{"name: not ASCII", name64, "\xc3\xa9", false},
		{"session: 2", identity_session_ok, "ab", true},
		{"session: 1", identity_session_ok, "a", false},
		{"session: 64", identity_session_ok, SIXTY "1234", true},
		{"session: 65", identity_session_ok, SIXTY "12345", false},
		{"session: none", identity_session_ok, NULL, false},
		{"key: 16", identity_key_ok, "AKIA567890123456", true},
		{"key: 15", identity_key_ok, "AKIA56789012345", false},
		{"key: 128", identity_key_ok, SIXTY SIXTY "12345678", true},
		{"key: 129", identity_key_ok, SIXTY SIXTY "123456789", false},
		{"key: _", identity_key_ok, "AKIA_67890123456", true},
		{"key: -", identity_key_ok, "AKIA-67890123456", false},
		{"key: small letters", identity_key_ok, "akia567890123456", false},
		{"key: none", identity_key_ok, NULL, false},
		{"account", identity_account_ok, "000000000000", true},
		{"account: 11", identity_account_ok, "00000000000", false},
		{"account: 13", identity_account_ok, "0000000000000", false},
		{"account: a letter", identity_account_ok, "00000000000O", false},
		{"account: a sign", identity_account_ok, "+00000000000", false},
		{"account: none", identity_account_ok, NULL, false},
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		INT_EQ(rows[i].ok(rows[i].input), rows[i].want, "%s", rows[i].name);
}

int main(void)
{
	test_parse();
	test_refused();
	test_long();
	test_account();
	test_rules();
	return tap_done();
}
