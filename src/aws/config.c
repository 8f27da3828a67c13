// SPDX-License-Identifier: Apache-2.0
#include "cordon/config.h"

#include "cordon/buf.h"
#include "cordon/err.h"
#include "cordon/file.h"
#include "cordon/ini.h"
#include "cordon/text.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { CONFIG_FILE, CREDENTIALS_FILE, FILE_COUNT };
enum { WARNINGS_MAX = 8, PATH_LENGTH_MAX = 4096, ATTEMPTS_DEFAULT = 3, ATTEMPTS_MAX = 100 };

static const struct {
	const char *variable;
	const char *path;
} places[FILE_COUNT] = {
	[CONFIG_FILE] = {"AWS_CONFIG_FILE", "~/.aws/config"},
	[CREDENTIALS_FILE] = {"AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials"},
};

/* The settings that are asked for in the same way: command line, environment, profile. */
enum setting {
	REGION,
	CA_BUNDLE,
	MAX_ATTEMPTS,
	FIPS,
	DUALSTACK,
	IGNORE_ENDPOINT_URLS,
	RETRY_MODE,
};

static const struct {
	const char *variables[2]; /* the first that is set counts */
	const char *key;
} settings[] = {
	[REGION] = {{"AWS_REGION", "AWS_DEFAULT_REGION"}, "region"},
	[CA_BUNDLE] = {{"AWS_CA_BUNDLE"}, "ca_bundle"},
	[MAX_ATTEMPTS] = {{"AWS_MAX_ATTEMPTS"}, "max_attempts"},
	[FIPS] = {{"AWS_USE_FIPS_ENDPOINT"}, "use_fips_endpoint"},
	[DUALSTACK] = {{"AWS_USE_DUALSTACK_ENDPOINT"}, "use_dualstack_endpoint"},
	[IGNORE_ENDPOINT_URLS] = {{"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"},
				  "ignore_configured_endpoint_urls"},
	[RETRY_MODE] = {{"AWS_RETRY_MODE"}, "retry_mode"},
};

static const char *const retry_modes[] = {
	[CONFIG_RETRY_STANDARD] = "standard",
	[CONFIG_RETRY_ADAPTIVE] = "adaptive",
	[CONFIG_RETRY_LEGACY] = "legacy",
};

struct source {
	char *path;
	char *unreadable;    /* why, or NULL */
	struct ini *ini;     /* NULL: no such file, or not readable */
	const char *section; /* of the profile in force, or NULL */
};

struct config {
	config_env *env;
	char *profile;
	bool profile_typed;
	struct config_options typed; /* texts are ours */
	long max_attempts;
	enum config_retry_mode retry_mode;
	struct source files[FILE_COUNT];
	char *warnings[WARNINGS_MAX];
	size_t warning_count;
};

#define autoconfig __attribute__((cleanup(free_config)))

static void free_config(struct config **config)
{
	config_free(*config);
}

static char *copy(const char *text)
{
	char *same = text ? strdup(text) : NULL;

	if (text && !same)
		abort();
	return same;
}

__attribute__((format(printf, 2, 3))) static void warn(struct config *config, const char *format,
						       ...)
{
	char *text = NULL;
	va_list args;

	if (config->warning_count == WARNINGS_MAX)
		return;
	va_start(args, format);
	int n = vasprintf(&text, format, args);
	va_end(args);
	if (n < 0)
		abort();
	config->warnings[config->warning_count++] = text;
}

const char *config_env_value(const struct config *config, const char *name)
{
	const char *value = config->env(name);

	return value && *value ? value : NULL;
}

/* $NAME or ${NAME} at text; its length, or 0. The value of one that is not set is NULL. */
static size_t variable_at(const struct config *config, const char *text, const char **ret_value)
{
	static const char letters[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_";
	char name[128];
	bool braces = text[0] == '$' && text[1] == '{';
	size_t start = braces ? 2 : 1;

	if (text[0] != '$')
		return 0;
	size_t length = braces ? strcspn(text + start, "}") : strspn(text + start, letters);
	if (!length || length >= sizeof(name) || (braces && text[start + length] != '}'))
		return 0;
	memcpy(name, text + start, length);
	name[length] = '\0';
	*ret_value = config->env(name);
	return start + length + (braces ? 1 : 0);
}

/* As the CLI does with the names of its files: variables, then ~ for HOME. */
static char *expand(const struct config *config, const char *path)
{
	const char *home = config_env_value(config, "HOME");
	autobuf struct buf out = BUF_INIT(PATH_LENGTH_MAX);
	autobuf struct buf whole = BUF_INIT(PATH_LENGTH_MAX);

	while (*path) {
		const char *value = NULL;
		size_t n = variable_at(config, path, &value);

		if (value)
			buf_add(&out, value);
		else
			buf_add_bytes(&out, path, n ? n : 1);
		path += n ? n : 1;
	}
	path = buf_text(&out);
	if (home && path[0] == '~' && (path[1] == '/' || !path[1])) {
		buf_add(&whole, home);
		path++;
	}
	buf_add(&whole, path);
	return out.failed ? NULL : buf_steal(&whole);
}

static void check_mode(struct config *config, const struct source *file, mode_t mode)
{
	if (file == &config->files[CREDENTIALS_FILE] && mode & 066)
		warn(config, "credentials file '%s' is open to others (mode %04o): chmod 600 it",
		     file->path, (unsigned)(mode & 07777));
}

/* Anything but a regular file counts as none, as for the CLI: AWS_CONFIG_FILE=/dev/null is usual.
 */
static int load(struct config *config, struct source *file, struct err *err)
{
	autobuf struct buf bytes = BUF_INIT(INI_MAX_BYTES);
	struct err why = ERR_INIT;
	struct stat st = {0};

	/* file_read() takes "-" for standard input. */
	if ((stat(file->path, &st) == 0 && !S_ISREG(st.st_mode)) || strcmp(file->path, "-") == 0)
		return 0;
	if (file_read(file->path, &bytes, &why) == 0) {
		check_mode(config, file, st.st_mode);
		return ini_parse(buf_text(&bytes), bytes.length, file->path, &file->ini, err);
	}
	if (why.code == ERR_NOT_FOUND)
		return 0;
	if (why.code == ERR_INPUT)
		return err_set(err, ERR_INPUT, "%s", why.message);
	file->unreadable = copy(why.message);
	warn(config, "%s", why.message);
	return 0;
}

static int load_files(struct config *config, struct err *err)
{
	for (size_t i = 0; i < FILE_COUNT; i++) {
		const char *named = config_env_value(config, places[i].variable);
		struct source *file = &config->files[i];

		file->path = expand(config, named ? named : places[i].path);
		if (!file->path)
			return err_set(err, ERR_INPUT, "%s is longer than %d bytes",
				       places[i].variable, PATH_LENGTH_MAX);
		if (load(config, file, err))
			return -1;
		if (named && !file_exists(file->path) && !file->unreadable)
			warn(config, "no such file '%s', which %s names", file->path,
			     places[i].variable);
	}
	return 0;
}

static const char *find_section(const struct config *config, size_t which, const char *profile)
{
	const struct ini *ini = config->files[which].ini;

	if (which == CONFIG_FILE)
		return ini ? ini_named_section(ini, "profile", profile) : NULL;
	return ini && ini_has_section(ini, profile) ? profile : NULL;
}

static int choose_profile(struct config *config, const char *typed, struct err *err)
{
	const char *name = typed ? typed : config_env_value(config, "AWS_PROFILE");
	struct source *file = &config->files[CONFIG_FILE];
	struct source *credentials = &config->files[CREDENTIALS_FILE];

	if (!name)
		name = config_env_value(config, "AWS_DEFAULT_PROFILE");
	config->profile = copy(name ? name : "default");
	config->profile_typed = typed != NULL;
	file->section = find_section(config, CONFIG_FILE, config->profile);
	credentials->section = find_section(config, CREDENTIALS_FILE, config->profile);
	if (!name || file->section || credentials->section)
		return 0;
	if (file->unreadable || credentials->unreadable)
		return err_set(err, ERR_CREDENTIALS, "profile '%s': %s", name,
			       file->unreadable ? file->unreadable : credentials->unreadable);
	return err_set(err, ERR_CREDENTIALS, "no profile '%s' in '%s' or '%s'", name, file->path,
		       credentials->path);
}

static const char *section_value(const struct source *file, const char *key)
{
	return file->section ? ini_value(file->ini, file->section, key, NULL) : NULL;
}

const char *config_profile_value(const struct config *config, const char *key, bool credentials)
{
	const char *value = credentials ? config_credentials_value(config, key) : NULL;

	return value ? value : section_value(&config->files[CONFIG_FILE], key);
}

const char *config_credentials_value(const struct config *config, const char *key)
{
	return section_value(&config->files[CREDENTIALS_FILE], key);
}

bool config_has_profile(const struct config *config, const char *profile)
{
	return find_section(config, CONFIG_FILE, profile) ||
	       find_section(config, CREDENTIALS_FILE, profile);
}

const char *config_value_of(const struct config *config, const char *profile, enum config_from from,
			    const char *key)
{
	static const bool asked[][FILE_COUNT] = {
		[CONFIG_FROM_BOTH] = {true, true},
		[CONFIG_FROM_CONFIG] = {[CONFIG_FILE] = true},
		[CONFIG_FROM_CREDENTIALS] = {[CREDENTIALS_FILE] = true},
	};

	for (size_t i = FILE_COUNT; i-- > 0;) {
		const char *section = asked[from][i] ? find_section(config, i, profile) : NULL;
		const char *value = section ? ini_value(config->files[i].ini, section, key, NULL)
					    : NULL;

		if (value)
			return value;
	}
	return NULL;
}

const char *config_setting(const struct config *config, const char *variable, const char *key)
{
	const char *value = config_env_value(config, variable);

	if (!value)
		value = config_profile_value(config, key, true);
	return value && *value ? value : NULL;
}

static const char *setting(const struct config *config, enum setting which)
{
	for (size_t i = 0; i < 2 && settings[which].variables[i]; i++) {
		const char *value = config_env_value(config, settings[which].variables[i]);

		if (value)
			return value;
	}
	const char *value = config_profile_value(config, settings[which].key, true);
	return value && *value ? value : NULL;
}

static void read_max_attempts(struct config *config)
{
	const char *text = setting(config, MAX_ATTEMPTS);

	config->max_attempts = ATTEMPTS_DEFAULT;
	if (text && text_parse_number(text, 1, ATTEMPTS_MAX, &config->max_attempts))
		warn(config, "max_attempts '%s' is no number from 1 to %d; it is taken as %d", text,
		     ATTEMPTS_MAX, ATTEMPTS_DEFAULT);
}

static void read_retry_mode(struct config *config)
{
	const char *text = setting(config, RETRY_MODE);

	for (size_t i = 0; i < sizeof(retry_modes) / sizeof(retry_modes[0]); i++) {
		if (text && !text_equal_nocase(text, retry_modes[i]))
			continue;
		config->retry_mode = (enum config_retry_mode)i;
		return;
	}
	warn(config,
	     "retry_mode '%s' is none of standard, adaptive and legacy; it is taken as "
	     "standard",
	     text);
}

static void copy_typed(struct config *config, const struct config_options *options)
{
	config->typed = *options;
	config->typed.profile = NULL;
	config->typed.region = copy(options->region);
	config->typed.endpoint_url = copy(options->endpoint_url);
	config->typed.ca_bundle = copy(options->ca_bundle);
	config->typed.assume_role = copy(options->assume_role);
	config->typed.external_id = copy(options->external_id);
	config->typed.mfa_serial = copy(options->mfa_serial);
	config->typed.mfa_code_file = copy(options->mfa_code_file);
}

static void free_typed(struct config_options *typed)
{
	const char *const texts[] = {typed->region,	  typed->endpoint_url, typed->ca_bundle,
				     typed->assume_role,  typed->external_id,  typed->mfa_serial,
				     typed->mfa_code_file};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		free((char *)(uintptr_t)texts[i]);
}

int config_open(const struct config_options *options, config_env *env, struct config **ret_config,
		struct err *err)
{
	autoconfig struct config *config = calloc(1, sizeof(*config));

	if (!config)
		abort();
	config->env = env;
	copy_typed(config, options);
	if (load_files(config, err) || choose_profile(config, options->profile, err))
		return -1;
	read_max_attempts(config);
	read_retry_mode(config);
	*ret_config = config;
	config = NULL;
	return 0;
}

void config_free(struct config *config)
{
	if (!config)
		return;
	for (size_t i = 0; i < FILE_COUNT; i++) {
		free(config->files[i].path);
		free(config->files[i].unreadable);
		ini_free(config->files[i].ini);
	}
	for (size_t i = 0; i < config->warning_count; i++)
		free(config->warnings[i]);
	free(config->profile);
	free_typed(&config->typed);
	free(config);
}

const char *config_profile(const struct config *config)
{
	return config->profile;
}

bool config_profile_typed(const struct config *config)
{
	return config->profile_typed;
}

const char *config_path(const struct config *config, bool credentials)
{
	return config->files[credentials ? CREDENTIALS_FILE : CONFIG_FILE].path;
}

const char *config_unreadable(const struct config *config, bool credentials)
{
	return config->files[credentials ? CREDENTIALS_FILE : CONFIG_FILE].unreadable;
}

/* Splits text at the first separator into the head, which must fit, and what follows. */
static const char *split(const char *text, char separator, char *ret_head, size_t size)
{
	const char *at = strchr(text, separator);
	size_t length = at ? (size_t)(at - text) : 0;

	if (!at || length >= size)
		return NULL;
	memcpy(ret_head, text, length);
	ret_head[length] = '\0';
	return at + 1;
}

static const char *named_section(const struct config *config, const char *kind, const char *name)
{
	const struct ini *ini = config->files[CONFIG_FILE].ini;

	return ini ? ini_named_section(ini, kind, name) : NULL;
}

const char *config_section_value(const struct config *config, const char *section, const char *key)
{
	char kind[32];
	char parent[64];
	const char *name = split(section, ' ', kind, sizeof(kind));
	const char *found = name ? named_section(config, kind, name) : NULL;
	const char *subkey = split(key, '.', parent, sizeof(parent));

	if (!found)
		return NULL;
	return ini_value(config->files[CONFIG_FILE].ini, found, subkey ? parent : key, subkey);
}

const char *config_region(const struct config *config)
{
	return config->typed.region ? config->typed.region : setting(config, REGION);
}

const char *config_ca_bundle(const struct config *config)
{
	return config->typed.ca_bundle ? config->typed.ca_bundle : setting(config, CA_BUNDLE);
}

long config_max_attempts(const struct config *config)
{
	return config->max_attempts;
}

enum config_retry_mode config_retry_mode(const struct config *config)
{
	return config->retry_mode;
}

const struct config_options *config_typed(const struct config *config)
{
	return &config->typed;
}

bool config_has_section(const struct config *config, const char *kind, const char *name)
{
	return named_section(config, kind, name) != NULL;
}

char *config_home_path(const struct config *config, const char *path)
{
	return expand(config, path);
}

bool config_fips(const struct config *config)
{
	return text_equal_nocase(setting(config, FIPS), "true");
}

bool config_dualstack(const struct config *config)
{
	return text_equal_nocase(setting(config, DUALSTACK), "true");
}

/* "SSO Admin" is AWS_ENDPOINT_URL_SSO_ADMIN in the environment and sso_admin in a file. */
static void service_names(const char *service_id, char ret_upper[static 64],
			  char ret_lower[static 64])
{
	size_t i = 0;

	for (; i < 63 && service_id[i]; i++) {
		char c = service_id[i] == ' ' ? '_' : service_id[i];

		ret_upper[i] = c >= 'a' && c <= 'z' ? (char)(c - ('a' - 'A')) : c;
		ret_lower[i] = c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
	}
	ret_upper[i] = ret_lower[i] = '\0';
}

static int profile_endpoint_url(const struct config *config, const char *service,
				const char **ret_url, struct err *err)
{
	const char *services = config_profile_value(config, "services", true);
	const char *section = services ? named_section(config, "services", services) : NULL;
	const char *url = NULL;

	if (services && !section)
		return err_set(err, ERR_CREDENTIALS,
			       "profile '%s' names the section [services %s], which is not in '%s'",
			       config->profile, services, config->files[CONFIG_FILE].path);
	if (section)
		url = ini_value(config->files[CONFIG_FILE].ini, section, service, "endpoint_url");
	if (!url || !*url)
		url = config_profile_value(config, "endpoint_url", true);
	*ret_url = url && *url ? url : NULL;
	return 0;
}

int config_configured_url(const struct config *config, const char *service_id, const char **ret_url,
			  struct err *err)
{
	char upper[64];
	char lower[64];
	char variable[96];
	const char *url = NULL;

	service_names(service_id, upper, lower);
	snprintf(variable, sizeof(variable), "AWS_ENDPOINT_URL_%s", upper);
	if (!text_equal_nocase(setting(config, IGNORE_ENDPOINT_URLS), "true")) {
		url = config_env_value(config, variable);
		if (!url)
			url = config_env_value(config, "AWS_ENDPOINT_URL");
		if (!url && profile_endpoint_url(config, lower, &url, err))
			return -1;
	}
	*ret_url = url;
	return 0;
}

int config_endpoint_url(const struct config *config, const char *service_id, const char **ret_url,
			bool *ret_typed, struct err *err)
{
	*ret_typed = config->typed.endpoint_url != NULL;
	*ret_url = config->typed.endpoint_url;
	return *ret_typed ? 0 : config_configured_url(config, service_id, ret_url, err);
}

const char *config_warning(const struct config *config, size_t i)
{
	return i < config->warning_count ? config->warnings[i] : NULL;
}
