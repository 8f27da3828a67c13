// SPDX-License-Identifier: Apache-2.0
#include "cordon/config.h"
#include "cordon/err.h"
#include "home.h"
#include "tap.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static const char config_text[] = "[default]\n"
				  "region = eu-default-1\n"
				  "[profile x]\n"
				  "region = eu-x-1\n"
				  "ca_bundle = /x.pem\n"
				  "max_attempts = 7\n"
				  "use_fips_endpoint = TRUE\n"
				  "aws_access_key_id = CONFIGKEY\n"
				  "[profile 'a b']\n"
				  "region = eu-ab-1\n"
				  "[profile both]\n"
				  "region = eu-config-1\n"
				  "output = json\n"
				  "[profile empty]\n"
				  "region =\n"
				  "max_attempts = many\n"
				  "use_dualstack_endpoint = yes\n"
				  "[sso-session s]\n"
				  "sso_region = eu-s-1\n"
				  "[services local]\n"
				  "iam =\n"
				  "  endpoint_url = http://localhost:1\n"
				  "sts =\n"
				  "  endpoint_url = http://localhost:2\n"
				  "iam.endpoint_url = http://localhost:3\n"
				  "[profile urls]\n"
				  "services = local\n"
				  "endpoint_url = http://localhost:4\n"
				  "[profile url]\n"
				  "endpoint_url = http://localhost:4\n"
				  "[profile ignoring]\n"
				  "endpoint_url = http://localhost:4\n"
				  "ignore_configured_endpoint_urls = true\n"
				  "[profile lost]\n"
				  "services = nowhere\n";

static const char credentials_text[] = "[x]\n"
				       "aws_access_key_id = CREDENTIALSKEY\n"
				       "[both]\n"
				       "region = eu-credentials-1\n"
				       "[only]\n"
				       "aws_access_key_id = ONLYKEY\n"
				       "[profile y]\n"
				       "aws_access_key_id = YKEY\n";

struct variable {
	const char *name, *value;
};

static void begin(const struct variable variables[], size_t count)
{
	home_begin();
	home_write(".aws/config", config_text, 0600);
	home_write(".aws/credentials", credentials_text, 0600);
	for (size_t i = 0; i < count && variables[i].name; i++)
		home_set(variables[i].name, variables[i].value);
}

static const char *or_none(const char *text)
{
	return text ? text : "(none)";
}

/* What is asked of a config is joined to one line, so that a row says all. */
static const struct {
	const char *name;
	struct config_options options;
	struct variable variables[4];
	const char *want; /* profile, typed, region, CA bundle, attempts, FIPS, dual-stack */
} setting_rows[] = {
	{"nothing", {0}, {{0}}, "default 0 eu-default-1 (none) 3 0 0"},
	{"a typed profile", {.profile = "x"}, {{0}}, "x 1 eu-x-1 /x.pem 7 1 0"},
	{"a quoted profile", {.profile = "a b"}, {{0}}, "a b 1 eu-ab-1 (none) 3 0 0"},
	{"AWS_PROFILE", {0}, {{"AWS_PROFILE", "x"}}, "x 0 eu-x-1 /x.pem 7 1 0"},
	{"AWS_DEFAULT_PROFILE", {0}, {{"AWS_DEFAULT_PROFILE", "x"}}, "x 0 eu-x-1 /x.pem 7 1 0"},
	{"AWS_PROFILE first",
	 {0},
	 {{"AWS_DEFAULT_PROFILE", "x"}, {"AWS_PROFILE", "a b"}},
	 "a b 0 eu-ab-1 (none) 3 0 0"},
	{"an empty AWS_PROFILE is none",
	 {0},
	 {{"AWS_PROFILE", ""}},
	 "default 0 eu-default-1 (none) 3 0 0"},
	{"typed before AWS_PROFILE",
	 {.profile = "x"},
	 {{"AWS_PROFILE", "nowhere"}},
	 "x 1 eu-x-1 /x.pem 7 1 0"},
	{"default may be typed",
	 {.profile = "default"},
	 {{0}},
	 "default 1 eu-default-1 (none) 3 0 0"},
	{"the credentials file first",
	 {.profile = "both"},
	 {{0}},
	 "both 1 eu-credentials-1 (none) 3 0 0"},
	{"a profile in the credentials file alone",
	 {.profile = "only"},
	 {{0}},
	 "only 1 (none) (none) 3 0 0"},
	{"AWS_DEFAULT_REGION",
	 {.profile = "x"},
	 {{"AWS_DEFAULT_REGION", "e"}},
	 "x 1 e /x.pem 7 1 0"},
	{"AWS_REGION first",
	 {.profile = "x"},
	 {{"AWS_DEFAULT_REGION", "e"}, {"AWS_REGION", "f"}},
	 "x 1 f /x.pem 7 1 0"},
	{"all typed",
	 {.profile = "x", .region = "t", .ca_bundle = "/t"},
	 {{"AWS_REGION", "f"}, {"AWS_CA_BUNDLE", "/f"}},
	 "x 1 t /t 7 1 0"},
	{"all by environment",
	 {.profile = "x"},
	 {{"AWS_CA_BUNDLE", "/f"},
	  {"AWS_MAX_ATTEMPTS", "5"},
	  {"AWS_USE_FIPS_ENDPOINT", "false"},
	  {"AWS_USE_DUALSTACK_ENDPOINT", "True"}},
	 "x 1 eu-x-1 /f 5 0 1"},
	{"empty and odd values",
	 {.profile = "empty"},
	 {{"AWS_CA_BUNDLE", ""}},
	 "empty 1 (none) (none) 3 0 0"},
	{"too many attempts",
	 {.profile = "a b"},
	 {{"AWS_MAX_ATTEMPTS", "1000"}},
	 "a b 1 eu-ab-1 (none) 3 0 0"},
};

static void test_settings(void)
{
	for (size_t i = 0; i < COUNT(setting_rows); i++) {
		struct config *config = NULL;
		struct err err = ERR_INIT;
		char got[256] = "";

		begin(setting_rows[i].variables, COUNT(setting_rows[i].variables));
		INT_EQ(config_open(&setting_rows[i].options, home_env, &config, &err), 0, "%s: %s",
		       setting_rows[i].name, err.message);
		if (config)
			snprintf(got, sizeof(got), "%s %d %s %s %ld %d %d", config_profile(config),
				 config_profile_typed(config), or_none(config_region(config)),
				 or_none(config_ca_bundle(config)), config_max_attempts(config),
				 config_fips(config), config_dualstack(config));
		STR_EQ(got, setting_rows[i].want, "%s", setting_rows[i].name);
		config_free(config);
		home_end();
	}
}

static void test_values(void)
{
	struct config_options options = {.profile = "x"};
	struct config *config = NULL;
	struct err err = ERR_INIT;

	begin(NULL, 0);
	home_set("EMPTY", "");
	home_set("FULL", "1");
	INT_EQ(config_open(&options, home_env, &config, &err), 0, "opened");
	STR_EQ(config_profile_value(config, "aws_access_key_id", true), "CREDENTIALSKEY", "first");
	STR_EQ(config_profile_value(config, "aws_access_key_id", false), "CONFIGKEY", "alone");
	STR_EQ(config_credentials_value(config, "aws_access_key_id"), "CREDENTIALSKEY", "alone");
	STR_EQ(config_credentials_value(config, "region"), NULL, "not there");
	STR_EQ(config_profile_value(config, "region", true), "eu-x-1", "then the config file");
	STR_EQ(config_profile_value(config, "nothing", true), NULL, "no such key");
	STR_EQ(config_section_value(config, "sso-session s", "sso_region"), "eu-s-1", "section");
	STR_EQ(config_section_value(config, "services local", "iam.endpoint_url"),
	       "http://localhost:1", "nested");
	STR_EQ(config_section_value(config, "services local", "s3.endpoint_url"), NULL, "none");
	STR_EQ(config_section_value(config, "services other", "iam.endpoint_url"), NULL, "none");
	STR_EQ(config_section_value(config, "services", "iam"), NULL, "none");
	STR_EQ(config_env_value(config, "EMPTY"), NULL, "an empty variable is none");
	STR_EQ(config_env_value(config, "FULL"), "1", "variable");
	STR_EQ(config_warning(config, 0), NULL, "no warnings");
	config_free(config);
	config_free(NULL);
	home_end();
}

static const struct {
	const char *name;
	struct config_options options;
	struct variable variables[4];
	const char *service, *want; /* NULL: none; "error" */
} url_rows[] = {
	{"none", {0}, {{0}}, "IAM", NULL},
	{"profile", {.profile = "url"}, {{0}}, "IAM", "http://localhost:4"},
	{"services before profile", {.profile = "urls"}, {{0}}, "IAM", "http://localhost:1"},
	{"of each service", {.profile = "urls"}, {{0}}, "STS", "http://localhost:2"},
	{"profile for the others", {.profile = "urls"}, {{0}}, "S3", "http://localhost:4"},
	{"environment before services",
	 {.profile = "urls"},
	 {{"AWS_ENDPOINT_URL", "http://localhost:5"}},
	 "IAM",
	 "http://localhost:5"},
	{"service before global",
	 {.profile = "urls"},
	 {{"AWS_ENDPOINT_URL", "http://localhost:5"},
	  {"AWS_ENDPOINT_URL_IAM", "http://localhost:6"}},
	 "IAM",
	 "http://localhost:6"},
	{"another service's", {0}, {{"AWS_ENDPOINT_URL_IAM", "http://localhost:6"}}, "STS", NULL},
	{"a name of two words",
	 {0},
	 {{"AWS_ENDPOINT_URL_SSO_ADMIN", "http://localhost:6"}},
	 "SSO Admin",
	 "http://localhost:6"},
	{"typed before all",
	 {.endpoint_url = "http://localhost:7"},
	 {{"AWS_ENDPOINT_URL_IAM", "http://localhost:6"},
	  {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true"}},
	 "IAM",
	 "http://localhost:7"},
	{"all ignored",
	 {.profile = "lost"},
	 {{"AWS_ENDPOINT_URL_IAM", "http://localhost:6"},
	  {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true"}},
	 "IAM",
	 NULL},
	{"ignored by the profile", {.profile = "ignoring"}, {{0}}, "IAM", NULL},
	{"ignored by the profile, not by the environment",
	 {.profile = "ignoring"},
	 {{"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "false"}},
	 "IAM",
	 "http://localhost:4"},
	{"no such services section", {.profile = "lost"}, {{0}}, "IAM", "error"},
	{"no such services section, not needed",
	 {.profile = "lost"},
	 {{"AWS_ENDPOINT_URL", "http://localhost:5"}},
	 "IAM",
	 "http://localhost:5"},
};

static void test_endpoint_url(void)
{
	for (size_t i = 0; i < COUNT(url_rows); i++) {
		struct config *config = NULL;
		struct err err = ERR_INIT;
		const char *url = NULL;
		bool typed = false;

		begin(url_rows[i].variables, COUNT(url_rows[i].variables));
		INT_EQ(config_open(&url_rows[i].options, home_env, &config, &err), 0, "%s: opened",
		       url_rows[i].name);
		if (config_endpoint_url(config, url_rows[i].service, &url, &typed, &err)) {
			url = "error";
			INT_EQ(err.code, ERR_CREDENTIALS, "%s: code", url_rows[i].name);
			OK(strstr(err.message, "[services nowhere]") != NULL, "%s: %s",
			   url_rows[i].name, err.message);
		}
		STR_EQ(url, url_rows[i].want, "%s", url_rows[i].name);
		OK(typed == (url_rows[i].options.endpoint_url != NULL), "%s: typed",
		   url_rows[i].name);
		config_free(config);
		home_end();
	}
}

static const struct {
	const char *name, *profile, *config, *credentials;
	struct variable variables[2];
	enum err_code want;
	const char *message;
} refused_rows[] = {
	{"no such profile",
	 "nowhere",
	 config_text,
	 credentials_text,
	 {{0}},
	 ERR_CREDENTIALS,
	 "no profile 'nowhere' in"},
	{"no such AWS_PROFILE",
	 NULL,
	 config_text,
	 credentials_text,
	 {{"AWS_PROFILE", "nowhere"}},
	 ERR_CREDENTIALS,
	 "no profile 'nowhere' in"},
	{"no file at all", "x", NULL, NULL, {{0}}, ERR_CREDENTIALS, "no profile 'x' in"},
	{"[profile y] in the credentials file is no profile y",
	 "y",
	 NULL,
	 credentials_text,
	 {{0}},
	 ERR_CREDENTIALS,
	 "no profile 'y' in"},
	{"[x] in the config file is no profile x",
	 "x",
	 "[x]\nregion = y\n",
	 NULL,
	 {{0}},
	 ERR_CREDENTIALS,
	 "no profile 'x' in"},
	{"a broken config file",
	 NULL,
	 "[a]\nsecret\n",
	 NULL,
	 {{0}},
	 ERR_INPUT,
	 "/.aws/config:2: neither"},
	{"a broken credentials file",
	 NULL,
	 NULL,
	 "secret = secret\n",
	 {{0}},
	 ERR_INPUT,
	 "/.aws/credentials:1: text before"},
	{"a key twice",
	 NULL,
	 NULL,
	 "[default]\na = secret\na = secret\n",
	 {{0}},
	 ERR_INPUT,
	 "'a' is given twice in section 'default'"},
};

static void test_refused(void)
{
	for (size_t i = 0; i < COUNT(refused_rows); i++) {
		struct config_options options = {.profile = refused_rows[i].profile};
		struct config *config = NULL;
		struct err err = ERR_INIT;

		home_begin();
		home_write(".aws/config", refused_rows[i].config, 0600);
		home_write(".aws/credentials", refused_rows[i].credentials, 0600);
		if (refused_rows[i].variables[0].name)
			home_set(refused_rows[i].variables[0].name,
				 refused_rows[i].variables[0].value);
		INT_EQ(config_open(&options, home_env, &config, &err), -1, "%s",
		       refused_rows[i].name);
		INT_EQ(err.code, refused_rows[i].want, "%s: code", refused_rows[i].name);
		OK(strstr(err.message, refused_rows[i].message) != NULL, "%s: %s",
		   refused_rows[i].name, err.message);
		OK(!strstr(err.message, "secret"), "%s: shows nothing of the file",
		   refused_rows[i].name);
		OK(!config, "%s: nothing is written", refused_rows[i].name);
		home_end();
	}
}

/* Where the files are. */
static void test_places(void)
{
	static const struct {
		const char *name, *variable;
		const char *want; /* the Region found, or NULL */
	} rows[] = {
		{"a path", NULL, "eu-other-1"}, /* of the file itself */
		{"home", "~/other", "eu-other-1"},
		{"a variable", "$HOME/other", "eu-other-1"},
		{"a variable in braces", "${HOME}/other", "eu-other-1"},
		{"part of a name", "$HOMER/other", NULL},
		{"an open brace", "${HOME/other", NULL},
		{"another's home", "~root/other", NULL},
		{"no regular file", "/dev/null", NULL},
		{"a folder", "~/.aws", NULL},
		{"not standard input", "-", NULL},
		{"missing", "~/missing", NULL},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct config_options options = {0};
		struct config *config = NULL;
		struct err err = ERR_INIT;

		begin(NULL, 0);
		const char *path = home_write("other", "[default]\nregion = eu-other-1\n", 0600);
		home_set("AWS_CONFIG_FILE", rows[i].variable ? rows[i].variable : path);
		INT_EQ(config_open(&options, home_env, &config, &err), 0, "%s: %s", rows[i].name,
		       err.message);
		STR_EQ(config_region(config), rows[i].want, "%s", rows[i].name);
		config_free(config);
		home_end();
	}
}

static void test_no_home(void)
{
	struct config_options options = {0};
	struct config *config = NULL;
	struct err err = ERR_INIT;

	home_begin();
	home_set("HOME", NULL);
	INT_EQ(config_open(&options, home_env, &config, &err), 0, "no home: %s", err.message);
	STR_EQ(config_path(config, true), "~/.aws/credentials", "no home: the name stays");
	STR_EQ(config_region(config), NULL, "no home: nothing found");
	config_free(config);
	home_end();
}

static void test_warnings(void)
{
	static const struct {
		const char *name;
		mode_t config, credentials;
		struct variable variable;
		const char *want; /* part of the first warning, or NULL */
	} rows[] = {
		{"private", 0600, 0600, {0}, NULL},
		{"read-only", 0400, 0400, {0}, NULL},
		{"an open config file is usual", 0644, 0600, {0}, NULL},
		{"open to all", 0600, 0644, {0}, "is open to others (mode 0644)"},
		{"open to the group", 0600, 0640, {0}, "is open to others (mode 0640)"},
		{"open for writing", 0600, 0602, {0}, "is open to others (mode 0602)"},
		{"missing by variable",
		 0600,
		 0600,
		 {"AWS_SHARED_CREDENTIALS_FILE", "~/missing"},
		 "/missing', which AWS_SHARED_CREDENTIALS_FILE names"},
		{"not missing", 0600, 0600, {"AWS_CONFIG_FILE", "/dev/null"}, NULL},
		{"attempts",
		 0600,
		 0600,
		 {"AWS_MAX_ATTEMPTS", "0"},
		 "max_attempts '0' is no number"},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct config_options options = {0};
		struct config *config = NULL;
		struct err err = ERR_INIT;

		home_begin();
		home_write(".aws/config", config_text, rows[i].config);
		home_write(".aws/credentials", credentials_text, rows[i].credentials);
		if (rows[i].variable.name)
			home_set(rows[i].variable.name, rows[i].variable.value);
		INT_EQ(config_open(&options, home_env, &config, &err), 0, "%s: opened",
		       rows[i].name);
		const char *warning = config_warning(config, 0);
		if (rows[i].want)
			OK(warning && strstr(warning, rows[i].want), "%s: %s", rows[i].name,
			   or_none(warning));
		else
			STR_EQ(warning, NULL, "%s", rows[i].name);
		STR_EQ(config_warning(config, 1), NULL, "%s: no more", rows[i].name);
		config_free(config);
		home_end();
	}
}

int main(void)
{
	test_settings();
	test_values();
	test_endpoint_url();
	test_refused();
	test_places();
	test_no_home();
	test_warnings();
	return tap_done();
}
