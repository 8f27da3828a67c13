// SPDX-License-Identifier: Apache-2.0
#include "cordon/config.h"
#include "cordon/credentials.h"
#include "cordon/err.h"
#include "home.h"
#include "tap.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

struct variable {
	const char *name, *value;
};

struct row {
	const char *name, *profile, *config, *credentials;
	struct variable variables[5];
	const char *want; /* key id, secret, token, expiry; or a part of the error */
};

#define FILE_KEYS "aws_access_key_id = AKIAFILE\naws_secret_access_key = filesecret\n"
#define CONFIG_KEYS "aws_access_key_id = AKIACONFIG\naws_secret_access_key = configsecret\n"
#define ENV_ID                                 \
	{                                      \
		"AWS_ACCESS_KEY_ID", "AKIAENV" \
	}
#define ENV_SECRET                                   \
	{                                            \
		"AWS_SECRET_ACCESS_KEY", "envsecret" \
	}

/* Whether a search ends as it should; the source ends in the row's own file or is "environment". */
static void check(const struct row *row, bool finds)
{
	struct config_options options = {.profile = row->profile};
	struct config *config = NULL;
	struct credentials c = {.expires = -1};
	struct err err = ERR_INIT;
	char got[512];

	home_begin();
	home_write(".aws/config", row->config, 0600);
	home_write(".aws/credentials", row->credentials, 0600);
	for (size_t i = 0; i < COUNT(row->variables) && row->variables[i].name; i++)
		home_set(row->variables[i].name, row->variables[i].value);
	INT_EQ(config_open(&options, home_env, &config, &err), 0, "%s: opened: %s", row->name,
	       err.message);
	int result = config ? credentials_find(config, &c, &err) : -1;
	INT_EQ(result, finds ? 0 : -1, "%s: %s", row->name, err.message);
	if (result) {
		INT_EQ(err.code, ERR_CREDENTIALS, "%s: code", row->name);
		OK(strstr(err.message, row->want) != NULL, "%s: %s", row->name, err.message);
		OK(!strstr(err.message, "secret ") && !strstr(err.message, "ecret\t"),
		   "%s: shows no secret", row->name);
		OK(c.expires == -1 && !c.secret_key.bytes, "%s: nothing is written", row->name);
	} else {
		snprintf(got, sizeof(got), "%s %s %s %lld %s", c.access_key_id, c.secret_key.bytes,
			 c.token.bytes ? c.token.bytes : "-", (long long)c.expires,
			 strstr(c.source, "/.aws/") ? strrchr(c.source, '/') : c.source);
		STR_EQ(got, row->want, "%s", row->name);
		credentials_release(&c);
		OK(!c.secret_key.bytes && !c.token.bytes && !*c.access_key_id, "%s: released",
		   row->name);
	}
	config_free(config);
	home_end();
}

static const struct row found_rows[] = {
	{"environment", .variables = {ENV_ID, ENV_SECRET},
	 .want = "AKIAENV envsecret - 0 environment"},
	{"environment, token and expiry",
	 .variables = {ENV_ID,
		       ENV_SECRET,
		       {"AWS_SESSION_TOKEN", "to/ken+="},
		       {"AWS_CREDENTIAL_EXPIRATION", "2026-07-14T10:15:00Z"}},
	 .want = "AKIAENV envsecret to/ken+= 1784024100 environment"},
	{"the token's old name first",
	 .variables =
		 {ENV_ID, ENV_SECRET, {"AWS_SESSION_TOKEN", "new"}, {"AWS_SECURITY_TOKEN", "old"}},
	 .want = "AKIAENV envsecret old 0 environment"},
	{"an empty token is none", .variables = {ENV_ID, ENV_SECRET, {"AWS_SESSION_TOKEN", ""}},
	 .want = "AKIAENV envsecret - 0 environment"},
	{"environment before the files", .config = "[default]\n" CONFIG_KEYS,
	 .credentials = "[default]\n" FILE_KEYS, .variables = {ENV_ID, ENV_SECRET},
	 .want = "AKIAENV envsecret - 0 environment"},
	{"environment before AWS_PROFILE", .credentials = "[x]\n" FILE_KEYS,
	 .variables = {ENV_ID, ENV_SECRET, {"AWS_PROFILE", "x"}},
	 .want = "AKIAENV envsecret - 0 environment"},
	{"environment before AWS_PROFILE's role",
	 .config = "[profile x]\nrole_arn = r\nsource_profile = default\n",
	 .variables = {ENV_ID, ENV_SECRET, {"AWS_PROFILE", "x"}},
	 .want = "AKIAENV envsecret - 0 environment"},
	{"--profile before the environment", .profile = "x", .credentials = "[x]\n" FILE_KEYS,
	 .variables = {ENV_ID, ENV_SECRET}, .want = "AKIAFILE filesecret - 0 /credentials"},
	{"--profile default before the environment", .profile = "default",
	 .credentials = "[default]\n" FILE_KEYS, .variables = {ENV_ID, ENV_SECRET},
	 .want = "AKIAFILE filesecret - 0 /credentials"},
	{"--profile before a web identity's variable", .profile = "x",
	 .credentials = "[x]\n" FILE_KEYS,
	 .variables = {{"AWS_WEB_IDENTITY_TOKEN_FILE", "/t"}, {"AWS_ROLE_ARN", "r"}},
	 .want = "AKIAFILE filesecret - 0 /credentials"},
	{"credentials file", .credentials = "[default]\n" FILE_KEYS "aws_session_token = t\n",
	 .want = "AKIAFILE filesecret t 0 /credentials"},
	{"credentials file before config file", .config = "[default]\n" CONFIG_KEYS,
	 .credentials = "[default]\n" FILE_KEYS, .want = "AKIAFILE filesecret - 0 /credentials"},
	{"config file", .config = "[default]\n" CONFIG_KEYS "aws_session_token = t\n",
	 .want = "AKIACONFIG configsecret t 0 /config"},
	{"a token of the other file is not mixed in",
	 .config = "[default]\naws_session_token = t\n", .credentials = "[default]\n" FILE_KEYS,
	 .want = "AKIAFILE filesecret - 0 /credentials"},
	{"config file of a profile", .profile = "x", .config = "[profile x]\n" CONFIG_KEYS,
	 .credentials = "[default]\n" FILE_KEYS, .want = "AKIACONFIG configsecret - 0 /config"},
	{"static keys before a process", .profile = "x",
	 .config = "[profile x]\ncredential_process = p\n", .credentials = "[x]\n" FILE_KEYS,
	 .want = "AKIAFILE filesecret - 0 /credentials"},
	{"static keys before a container", .credentials = "[default]\n" FILE_KEYS,
	 .variables = {{"AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://localhost/"}},
	 .want = "AKIAFILE filesecret - 0 /credentials"},
	{"a secret without key id is passed by, as by the CLI",
	 .credentials = "[default]\n" FILE_KEYS, .variables = {{"AWS_SECRET_ACCESS_KEY", "s"}},
	 .want = "AKIAFILE filesecret - 0 /credentials"},
	{"an sso-session alone is for bearer tokens",
	 .config = "[default]\nsso_session = s\n" CONFIG_KEYS,
	 .want = "AKIACONFIG configsecret - 0 /config"},
};

static void test_found(void)
{
	for (size_t i = 0; i < COUNT(found_rows); i++)
		check(&found_rows[i], true);
}

/* Configured, and cannot deliver: never the next identity. */
static const struct row refused_rows[] = {
	{"environment without secret", .credentials = "[default]\n" FILE_KEYS,
	 .variables = {{"AWS_ACCESS_KEY_ID", "AKIAENV"}},
	 .want = "partial credentials in environment: AWS_SECRET_ACCESS_KEY is missing"},
	{"environment with an empty secret",
	 .variables = {{"AWS_ACCESS_KEY_ID", "AKIAENV"}, {"AWS_SECRET_ACCESS_KEY", ""}},
	 .want = "AWS_SECRET_ACCESS_KEY is missing"},
	{"an odd expiry",
	 .variables = {ENV_ID, ENV_SECRET, {"AWS_CREDENTIAL_EXPIRATION", "tomorrow"}},
	 .want = "AWS_CREDENTIAL_EXPIRATION in environment is not a time"},
	{"a key id with a blank",
	 .variables = {{"AWS_ACCESS_KEY_ID", "AKIA ENV"}, {"AWS_SECRET_ACCESS_KEY", "s"}},
	 .want = "AWS_ACCESS_KEY_ID in environment holds white space"},
	{"a key id with a comma",
	 .variables = {{"AWS_ACCESS_KEY_ID", "AKIA,ENV"}, {"AWS_SECRET_ACCESS_KEY", "s"}},
	 .want = "AWS_ACCESS_KEY_ID in environment is not an access key id"},
	{"a secret with a line end",
	 .variables = {{"AWS_ACCESS_KEY_ID", "AKIAENV"}, {"AWS_SECRET_ACCESS_KEY", "secret\r\n"}},
	 .want = "AWS_SECRET_ACCESS_KEY in environment holds white space"},
	{"a token with an escape",
	 .variables = {ENV_ID, ENV_SECRET, {"AWS_SESSION_TOKEN", "t\033[31m"}},
	 .want = "AWS_SESSION_TOKEN in environment holds white space or a control character"},
	{"a token beyond ASCII",
	 .variables = {ENV_ID, ENV_SECRET, {"AWS_SESSION_TOKEN", "t\303\244"}},
	 .want = "AWS_SESSION_TOKEN in environment holds"},
	{"a comment after the secret",
	 .credentials = "[default]\naws_access_key_id = A\naws_secret_access_key = secret # mine\n",
	 .want = "aws_secret_access_key in profile 'default' in"},
	{"a continued secret",
	 .credentials = "[default]\naws_access_key_id = A\naws_secret_access_key = secret\n x\n",
	 .want = "holds white space or a control character"},
	{"a nested secret",
	 .credentials = "[default]\naws_access_key_id = A\naws_secret_access_key =\n x = secret\n",
	 .want = "aws_secret_access_key is missing"},
	{"credentials file without secret", .config = "[default]\n" CONFIG_KEYS,
	 .credentials = "[default]\naws_access_key_id = A\n",
	 .want = "aws_secret_access_key is missing"},
	{"credentials file with an empty key id", .config = "[default]\n" CONFIG_KEYS,
	 .credentials = "[default]\naws_access_key_id =\n", .want = "aws_access_key_id is missing"},
	{"a role", .profile = "x",
	 .config = "[profile x]\nrole_arn = r\nsource_profile = default\n",
	 .credentials = "[default]\n" FILE_KEYS,
	 .want = "profile 'x' has role_arn, so its credentials come from assuming a role, which "
		 "this version does not support; run eval \"$(aws configure export-credentials "
		 "--profile 'x' --format env)\""},
	{"a role before static keys", .profile = "x", .config = "[profile x]\nrole_arn = r\n",
	 .credentials = "[x]\n" FILE_KEYS, .want = "has role_arn"},
	{"a role of AWS_PROFILE", .config = "[profile x]\nrole_arn = r\n",
	 .credentials = "[default]\n" FILE_KEYS, .variables = {{"AWS_PROFILE", "x"}},
	 .want = "has role_arn"},
	{"a role of the default profile", .config = "[default]\nrole_arn = r\n" CONFIG_KEYS,
	 .want = "profile 'default' has role_arn"},
	{"a role in the credentials file", .profile = "x",
	 .credentials = "[x]\nrole_arn = r\n" FILE_KEYS, .want = "has role_arn"},
	{"a web identity", .profile = "x",
	 .config = "[profile x]\nrole_arn = r\nweb_identity_token_file = /t\n" CONFIG_KEYS,
	 .want = "has web_identity_token_file"},
	{"a web identity's variable", .config = "[default]\n" CONFIG_KEYS,
	 .variables = {{"AWS_WEB_IDENTITY_TOKEN_FILE", "/t"}},
	 .want = "AWS_WEB_IDENTITY_TOKEN_FILE is set, so credentials come from"},
	{"single sign-on", .profile = "x",
	 .config = "[profile x]\nsso_account_id = 1\n" CONFIG_KEYS,
	 .want = "has sso_account_id, so its credentials come from IAM Identity Center"},
	{"single sign-on, by role name", .profile = "x",
	 .config = "[profile x]\nsso_role_name = r\n", .want = "has sso_role_name"},
	{"login", .config = "[default]\nlogin_session = l\n" CONFIG_KEYS,
	 .want = "has login_session"},
	{"a process before the config file's keys",
	 .config = "[default]\ncredential_process = p\n" CONFIG_KEYS,
	 .want = "has credential_process"},
	{"a container", .variables = {{"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/x"}},
	 .want = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI is set"},
	{"a container, other form",
	 .variables = {{"AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://localhost/"}},
	 .want = "AWS_CONTAINER_CREDENTIALS_FULL_URI is set"},
	{"a container, whatever the profile", .profile = "x", .config = "[profile x]\nregion = r\n",
	 .variables = {{"AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://localhost/"}},
	 .want = "AWS_CONTAINER_CREDENTIALS_FULL_URI is set"},
};

static void test_refused(void)
{
	for (size_t i = 0; i < COUNT(refused_rows); i++)
		check(&refused_rows[i], false);
}

/* Each provider says what it lacks. */
static void test_not_found(void)
{
	static const struct row rows[] = {
		{"nothing", .want = "no credentials; environment: AWS_ACCESS"},
		{"nothing: role", .want = "; assumed role: no role_arn;"},
		{"nothing: web", .want = "; web identity: no web_identity_token"},
		{"nothing: sso", .want = "; IAM Identity Center: no sso_account"},
		{"nothing: file", .want = "/.aws/credentials; login: no login_s"},
		{"nothing: process", .want = "; process: no credential_process;"},
		{"nothing: config", .want = "/.aws/config; container: no AWS_CO"},
		{"nothing: metadata", .want = "; instance metadata: not asked"},
		{"another profile's", .profile = "x", .config = "[profile x]\nregion = r\n",
		 .credentials = "[default]\n" FILE_KEYS, .variables = {ENV_ID, ENV_SECRET},
		 .want = "environment: not asked, because --profile is given"},
		{"AWS_PROFILE's", .config = "[profile x]\nregion = r\n",
		 .credentials = "[default]\n" FILE_KEYS, .variables = {{"AWS_PROFILE", "x"}},
		 .want = "no aws_access_key_id in profile 'x' in"},
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		check(&rows[i], false);
}

static void test_lengths(void)
{
	static const struct {
		const char *variable;
		size_t length;
		int want;
	} rows[] = {
		{"AWS_ACCESS_KEY_ID", 128, 0},	     {"AWS_ACCESS_KEY_ID", 129, -1},
		{"AWS_SECRET_ACCESS_KEY", 1024, 0},  {"AWS_SECRET_ACCESS_KEY", 1025, -1},
		{"AWS_SESSION_TOKEN", 16 * 1024, 0}, {"AWS_SESSION_TOKEN", 16 * 1024 + 1, -1},
	};
	static char value[20000];

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct config_options options = {0};
		struct config *config = NULL;
		struct credentials c = {0};
		struct err err = ERR_INIT;

		memset(value, 'A', rows[i].length);
		value[rows[i].length] = '\0';
		home_begin();
		home_set("AWS_ACCESS_KEY_ID", "AKIAENV");
		home_set("AWS_SECRET_ACCESS_KEY", "envsecret");
		home_set(rows[i].variable, value);
		INT_EQ(config_open(&options, home_env, &config, &err), 0, "opened");
		INT_EQ(credentials_find(config, &c, &err), rows[i].want, "%s of %zu bytes",
		       rows[i].variable, rows[i].length);
		credentials_release(&c);
		config_free(config);
		home_end();
	}
}

/* A file that cannot be opened may hold the identity that is meant; a loop is one for root too. */
static void test_unreadable(void)
{
	static const struct {
		const char *name, *file, *profile;
		bool environment;
		int want_open, want_find;
	} rows[] = {
		{"config file", ".aws/config", NULL, false, 0, -1},
		{"credentials file", ".aws/credentials", NULL, false, 0, -1},
		{"not needed", ".aws/credentials", NULL, true, 0, 0},
		{"profile named", ".aws/credentials", "x", true, -1, -1},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct config_options options = {.profile = rows[i].profile};
		struct config *config = NULL;
		struct credentials c = {0};
		struct err err = ERR_INIT;

		home_begin();
		home_write(".aws/config", "[default]\n" CONFIG_KEYS, 0600);
		home_write(".aws/credentials", "[default]\n" FILE_KEYS, 0600);
		const char *path = home_write(rows[i].file, NULL, 0);
		OK(unlink(path) == 0 && symlink(path, path) == 0, "%s: a loop", rows[i].name);
		if (rows[i].environment) {
			home_set("AWS_ACCESS_KEY_ID", "AKIAENV");
			home_set("AWS_SECRET_ACCESS_KEY", "envsecret");
		}
		INT_EQ(config_open(&options, home_env, &config, &err), rows[i].want_open, "%s: %s",
		       rows[i].name, err.message);
		if (config) {
			OK(config_warning(config, 0) != NULL, "%s: warns", rows[i].name);
			INT_EQ(credentials_find(config, &c, &err), rows[i].want_find, "%s: %s",
			       rows[i].name, err.message);
		}
		if (rows[i].want_find)
			OK(err.code == ERR_CREDENTIALS && strstr(err.message, rows[i].file),
			   "%s: names the file", rows[i].name);
		credentials_release(&c);
		config_free(config);
		home_end();
	}
}

int main(void)
{
	test_found();
	test_refused();
	test_not_found();
	test_lengths();
	test_unreadable();
	return tap_done();
}
