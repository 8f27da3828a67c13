// SPDX-License-Identifier: Apache-2.0
#include "cordon/aws.h"
#include "cordon/config.h"
#include "cordon/credentials.h"
#include "cordon/err.h"
#include "cordon/http.h"
#include "cordon/json.h"
#include "home.h"
#include "tap.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

struct variable {
	const char *name, *value;
};

struct row {
	const char *name, *profile, *config, *credentials;
	struct variable variables[5];
	const char *asked;
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

/* STS: every role can be taken on; the session's key names it and who did it. */
static void give(struct aws_call *call, const char *name, const char *value)
{
	size_t i = call->secrets.count++;

	call->secrets.item[i].name = name;
	secret_set(&call->secrets.item[i].value, value, strlen(value));
}

static void answer_role(struct aws_call *call, const struct credentials *with)
{
	char id[64];

	snprintf(id, sizeof(id), "%.20s-%.30s", jx_text(call->parameters, "RoleArn"),
		 with ? with->access_key_id : jx_text(call->parameters, "WebIdentityToken"));
	call->reply = jx_pack("{s:{s:s, s:s}}", "Credentials", "AccessKeyId", id, "Expiration",
			      "2026-07-14T10:15:00Z");
	give(call, "SecretAccessKey", "sessionsecret");
	give(call, "SessionToken", "token");
}

static char asked[1024]; /* the parameters of the last role */

static void ask_sts(void *arg, const struct credentials *with, struct aws_call *calls, size_t count)
{
	(void)arg;
	for (size_t i = 0; i < count; i++) {
		calls[i].outcome = AWS_DONE;
		if (strcmp(calls[i].operation, "GetCallerIdentity") == 0) {
			calls[i].reply = jx_pack("{s:s}", "Arn", with->access_key_id);
			continue;
		}
		char *text = jx_sorted(calls[i].parameters);
		snprintf(asked, sizeof(asked), "%s", text);
		free(text);
		answer_role(&calls[i], with);
	}
}

/* A search through doors of the test's own. */
static int find(const struct config *config, struct credentials *ret, struct err *err)
{
	struct http_options options = {.connect_seconds = 5};
	struct http *http = NULL;
	struct secret used = {NULL};
	struct credentials_door door = {
		.config = config, .ask_sts = ask_sts, .session = "cordon-1", .used_code = &used};

	if (http_open(&options, &http, err))
		return -1;
	door.http = http;
	int result = credentials_find(&door, ret, err);
	http_close(http);
	secret_release(&used);
	return result;
}

/* Whether a search ends as it should; the source ends in the row's own file or is "environment". */
static void check(const struct row *row, bool finds)
{
	struct config_options options = {.profile = row->profile};
	struct config *config = NULL;
	struct credentials c = {.expires = -1};
	struct err err = ERR_INIT;
	char got[1200];

	home_begin();
	home_set("AWS_EC2_METADATA_DISABLED", "true");
	home_write(".aws/config", row->config, 0600);
	home_write(".aws/credentials", row->credentials, 0600);
	home_write(".aws/empty", "\n", 0600);
	for (size_t i = 0; i < COUNT(row->variables) && row->variables[i].name; i++)
		home_set(row->variables[i].name, row->variables[i].value);
	INT_EQ(config_open(&options, home_env, &config, &err), 0, "%s: opened: %s", row->name,
	       err.message);
	*asked = '\0';
	int result = config ? find(config, &c, &err) : -1;
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
		if (row->asked)
			STR_EQ(asked, row->asked, "%s: what STS is asked", row->name);
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

#define ROLE(name, source) "[profile " name "]\nrole_arn = " name "\nsource_profile = " source "\n"
#define SESSION " sessionsecret token 1784024100 /credentials"

static const struct row role_rows[] = {
	{"a role", .profile = "r", .config = ROLE("r", "x"), .credentials = "[x]\n" FILE_KEYS,
	 .asked = "{\"RoleArn\":\"r\",\"RoleSessionName\":\"cordon-1\"}",
	 .want = "r-AKIAFILE" SESSION},
	{"a role with everything", .profile = "r",
	 .config = ROLE("r",
			"x") "external_id = e\nrole_session_name = me\nduration_seconds = 900\n",
	 .credentials = "[x]\n" FILE_KEYS,
	 .asked = "{\"DurationSeconds\":900,\"ExternalId\":\"e\",\"RoleArn\":\"r\","
		  "\"RoleSessionName\":\"me\"}",
	 .want = "r-AKIAFILE" SESSION},
	{"a duration that is no number is passed over, as by the CLI", .profile = "r",
	 .config = ROLE("r", "x") "duration_seconds = an hour\n", .credentials = "[x]\n" FILE_KEYS,
	 .asked = "{\"RoleArn\":\"r\",\"RoleSessionName\":\"cordon-1\"}",
	 .want = "r-AKIAFILE" SESSION},
	{"a role before the profile's own keys", .profile = "r", .config = ROLE("r", "r"),
	 .credentials = "[r]\n" FILE_KEYS, .want = "r-AKIAFILE" SESSION},
	{"a role in the credentials file", .profile = "r",
	 .credentials = "[r]\nrole_arn = r\nsource_profile = x\n[x]\n" FILE_KEYS,
	 .want = "r-AKIAFILE" SESSION},
	{"a role of AWS_PROFILE", .config = ROLE("r", "x"), .credentials = "[x]\n" FILE_KEYS,
	 .variables = {{"AWS_PROFILE", "r"}}, .want = "r-AKIAFILE" SESSION},
	{"a role of the default profile", .config = "[default]\nrole_arn = r\nsource_profile = x\n",
	 .credentials = "[x]\n" FILE_KEYS, .want = "r-AKIAFILE" SESSION},
	{"a chain of roles", .profile = "three",
	 .config = ROLE("three", "two") ROLE("two", "one") ROLE("one", "x"),
	 .credentials = "[x]\n" FILE_KEYS, .want = "three-two-one-AKIAFILE" SESSION},
	{"static keys of the source before its role", .profile = "two",
	 .config = ROLE("two", "one") ROLE("one", "x"), .credentials = "[one]\n" FILE_KEYS,
	 .want = "two-AKIAFILE" SESSION},
	{"the environment is no source of a profile", .profile = "r", .config = ROLE("r", "x"),
	 .credentials = "[x]\n" FILE_KEYS, .variables = {ENV_ID, ENV_SECRET},
	 .want = "r-AKIAFILE" SESSION},
	{"the environment as source", .profile = "r",
	 .config = "[profile r]\nrole_arn = r\ncredential_source = Environment\n",
	 .credentials = "[default]\n" FILE_KEYS, .variables = {ENV_ID, ENV_SECRET},
	 .want = "r-AKIAENV sessionsecret token 1784024100 profile 'r', assumed with environment"},
};

static void test_roles(void)
{
	for (size_t i = 0; i < COUNT(role_rows); i++)
		check(&role_rows[i], true);
}

static const struct row no_role_rows[] = {
	{"neither source", .profile = "r", .config = "[profile r]\nrole_arn = r\n" CONFIG_KEYS,
	 .want = "has role_arn, but neither source_profile nor credential_source"},
	{"both sources", .profile = "r",
	 .config = ROLE("r", "x") "credential_source = Environment\n",
	 .credentials = "[x]\n" FILE_KEYS, .want = "both source_profile and credential_source"},
	{"no such source", .profile = "r", .config = ROLE("r", "nobody"),
	 .want = "source_profile 'nobody', which does not exist"},
	{"a source without keys", .profile = "r", .config = ROLE("r", "x") "[profile x]\na = b\n",
	 .want = "profile 'x', the source_profile of 'r', has no credentials; web identity: no"},
	{"a source with half a key", .profile = "r", .config = ROLE("r", "x"),
	 .credentials = "[x]\naws_access_key_id = A\n", .want = "aws_secret_access_key is missing"},
	{"another name of a source", .profile = "r",
	 .config = "[profile r]\nrole_arn = r\ncredential_source = environment\n",
	 .variables = {ENV_ID, ENV_SECRET}, .want = "it is one of Environment, Ec2Inst"},
	{"an empty source", .profile = "r",
	 .config = "[profile r]\nrole_arn = r\ncredential_source = Environment\n",
	 .want = "which has none; environment: AWS_ACCESS_KEY_ID is not set"},
	{"a loop of one", .profile = "r", .config = ROLE("r", "r"), .want = ": a loop"},
	{"a loop of two", .profile = "one", .config = ROLE("one", "two") ROLE("two", "one"),
	 .want = "profile 'two' has source_profile 'one', which leads back to it: a loop"},
	{"a loop further on", .profile = "one",
	 .config = ROLE("one", "two") ROLE("two", "three") ROLE("three", "two"),
	 .want = ": a loop"},
	{"a loop to oneself further on", .profile = "one",
	 .config = ROLE("one", "two") ROLE("two", "two"), .want = ": a loop"},
	{"MFA without a terminal", .profile = "r", .config = ROLE("r", "x") "mfa_serial = m\n",
	 .credentials = "[x]\n" FILE_KEYS, .want = "no terminal to ask for the code of 'm'"},
	{"a web identity without a role", .profile = "w",
	 .config = "[profile w]\nweb_identity_token_file = /t\n" CONFIG_KEYS,
	 .want = "but no role (role_arn, AWS_ROLE_ARN)"},
	{"a web identity without its file", .config = "[default]\n" CONFIG_KEYS,
	 .variables = {{"AWS_WEB_IDENTITY_TOKEN_FILE", "/no/such/file"}, {"AWS_ROLE_ARN", "r"}},
	 .want = "web identity token: "},
	{"a web identity in an empty file", .config = "[default]\n" CONFIG_KEYS,
	 .variables = {{"AWS_WEB_IDENTITY_TOKEN_FILE", "~/.aws/empty"}, {"AWS_ROLE_ARN", "r"}},
	 .want = "holds no web identity token"},
	{"single sign-on without role", .profile = "x",
	 .config =
		 "[profile x]\nsso_account_id = 1\nsso_start_url = u\nsso_region = r\n" CONFIG_KEYS,
	 .want = "profile 'x' is for IAM Identity Center, but has no sso_role_name"},
	{"single sign-on without account", .profile = "x",
	 .config = "[profile x]\nsso_role_name = r\nsso_start_url = u\nsso_region = r\n",
	 .want = "has no sso_account_id"},
	{"single sign-on without a place", .profile = "x",
	 .config = "[profile x]\nsso_role_name = r\nsso_account_id = 1\n",
	 .want = "has no sso_start_url"},
	{"single sign-on without its session", .profile = "x",
	 .config = "[profile x]\nsso_session = s\nsso_role_name = r\nsso_account_id = 1\n",
	 .want = "names the sso-session 's', which is not in"},
	{"single sign-on that contradicts itself", .profile = "x",
	 .config = "[profile x]\nsso_session = s\nsso_role_name = r\nsso_account_id = 1\n"
		   "sso_region = a\n[sso-session s]\nsso_region = b\nsso_start_url = u\n",
	 .want = "have different values of sso_region"},
	{"nobody signed in", .profile = "x",
	 .config = "[profile x]\nsso_session = s\nsso_role_name = r\nsso_account_id = 1\n"
		   "[sso-session s]\nsso_region = b\nsso_start_url = u\n",
	 .want = "nobody has signed in; run \"aws sso login --sso-session 's'\" and try again"},
	{"nobody signed in, older form", .profile = "x",
	 .config = "[profile x]\nsso_role_name = r\nsso_account_id = 1\nsso_region = b\n"
		   "sso_start_url = u\n" CONFIG_KEYS,
	 .want = "nobody has signed in; run \"aws sso login --profile 'x'\" and try again"},
};

static void test_no_roles(void)
{
	for (size_t i = 0; i < COUNT(no_role_rows); i++)
		check(&no_role_rows[i], false);
}

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
	{"login", .config = "[default]\nlogin_session = l\n" CONFIG_KEYS,
	 .want = "profile 'default': nobody has logged in; run \"aws login --profile 'default'\" and"},
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
		{"nothing: metadata", .want = "; instance metadata: switched off by AWS_E"},
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
		home_set("AWS_EC2_METADATA_DISABLED", "true");
		home_set("AWS_ACCESS_KEY_ID", "AKIAENV");
		home_set("AWS_SECRET_ACCESS_KEY", "envsecret");
		home_set(rows[i].variable, value);
		INT_EQ(config_open(&options, home_env, &config, &err), 0, "opened");
		INT_EQ(find(config, &c, &err), rows[i].want, "%s of %zu bytes", rows[i].variable,
		       rows[i].length);
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
			INT_EQ(find(config, &c, &err), rows[i].want_find, "%s: %s", rows[i].name,
			       err.message);
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
	test_roles();
	test_no_roles();
	test_not_found();
	test_lengths();
	test_unreadable();
	return tap_done();
}
