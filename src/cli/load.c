// SPDX-License-Identifier: Apache-2.0
/* Finding and reading playbooks, plan files and the protect list. */
#include "cordon/buf.h"
#include "cordon/cli.h"
#include "cordon/embedded.h"
#include "cordon/file.h"
#include "cordon/identity.h"
#include "cordon/json.h"
#include "cordon/playbook.h"
#include "cordon/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PLAYBOOK_MAX = 1 << 20, PLAN_MAX = 16 << 20, PROTECT_MAX = 1 << 20, PATH_LENGTH = 4096 };

#define SHIPPED "shipped"

bool cli_config_path(const char *name, struct buf *out)
{
	const char *base = getenv("XDG_CONFIG_HOME");
	const char *home = getenv("HOME");

	/* The XDG specification ignores paths that are not absolute. */
	if (base && base[0] == '/')
		buf_addf(out, "%s/cordon/%s", base, name);
	else if (home && home[0] == '/')
		buf_addf(out, "%s/.config/cordon/%s", home, name);
	else
		return false;
	return !out->failed;
}

bool cli_is_file(const char *operand)
{
	return strchr(operand, '/') || text_has_suffix(operand, ".json");
}

static bool is_playbook_name(const char *name)
{
	return *name && *name != '-' && strlen(name) <= 64 &&
	       text_only(name, "abcdefghijklmnopqrstuvwxyz0123456789-_");
}

/* The file of a bare name may not hold a playbook of another one. */
static int check_name(struct playbook *playbook, const char *name, struct playbook **ret_playbook,
		      struct err *err)
{
	if (!text_equal(playbook->name, name)) {
		err_set(err, ERR_INPUT, "%s: the playbook in it is called '%s'", playbook->source,
			playbook->name);
		playbook_free(playbook);
		return -1;
	}
	*ret_playbook = playbook;
	return 0;
}

static int load_shipped(const char *name, const struct playbook_library *library,
			struct playbook **ret_playbook, struct err *err)
{
	char path[96];
	struct playbook *playbook = NULL;

	snprintf(path, sizeof(path), "playbooks/%.64s.json", name);
	const struct embedded_file *file = is_playbook_name(name) ? embedded_find(path) : NULL;
	if (!file) {
		err_set(err, ERR_NOT_FOUND,
			"no playbook is called '%.100s'; 'cordon playbooks' lists them, and a file "
			"is named with '/' or '.json'",
			name);
		return -1;
	}
	if (playbook_read(file->bytes, file->length, SHIPPED, library, &playbook, err))
		return -1;
	return check_name(playbook, name, ret_playbook, err);
}

static int load_file(const char *path, const struct playbook_library *library,
		     struct playbook **ret_playbook, struct err *err)
{
	autobuf struct buf bytes = BUF_INIT(PLAYBOOK_MAX);

	if (file_read(path, &bytes, err))
		return -1;
	return playbook_read(buf_text(&bytes), bytes.length, path, library, ret_playbook, err);
}

static int load_named(const char *name, const struct playbook_library *library,
		      struct playbook **ret_playbook, struct err *err)
{
	autobuf struct buf path = BUF_INIT(PATH_LENGTH);
	struct playbook *playbook = NULL;
	struct err absent = ERR_INIT;
	char file[96];

	if (load_shipped(name, library, ret_playbook, &absent) == 0)
		return 0;
	snprintf(file, sizeof(file), "playbooks/%.64s.json", name);
	if (absent.code != ERR_NOT_FOUND || !is_playbook_name(name) ||
	    !cli_config_path(file, &path) || !file_exists(buf_text(&path))) {
		*err = absent;
		return -1;
	}
	if (load_file(buf_text(&path), library, &playbook, err))
		return -1;
	return check_name(playbook, name, ret_playbook, err);
}

static int find_used(const struct playbook_library *library, const char *name,
		     struct playbook **ret_playbook, struct err *err)
{
	return load_named(name, library, ret_playbook, err);
}

/* What a bare name means to a playbook is what it means on the command line. */
static const struct playbook_library library_of_names = {.find = find_used};

int cli_load_playbook(const char *operand, struct playbook **ret_playbook, struct err *err)
{
	if (cli_is_file(operand))
		return load_file(operand, &library_of_names, ret_playbook, err);
	return load_named(operand, &library_of_names, ret_playbook, err);
}

void cli_work_release(struct cli_work *work)
{
	for (size_t i = 0; i < work->work.count; i++) {
		json_decref(work->work.entries[i].parameters);
		playbook_free(work->playbooks[i]);
	}
	free(work->work.entries);
	free(work->playbooks);
	json_decref((json_t *)(uintptr_t)work->work.plan_file);
	*work = (struct cli_work){.playbooks = NULL};
}

int cli_work_add(struct cli_work *work, struct playbook *stolen, const json_t *given,
		 struct err *err)
{
	size_t count = work->work.count + 1;
	json_t *parameters = NULL;

	if (playbook_bind(stolen, given, &parameters, err)) {
		playbook_free(stolen);
		return -1;
	}
	work->work.entries = reallocarray(work->work.entries, count, sizeof(*work->work.entries));
	work->playbooks = reallocarray(work->playbooks, count, sizeof(*work->playbooks));
	if (!work->work.entries || !work->playbooks)
		abort();
	work->work.entries[count - 1] = (struct plan_entry){.playbook = stolen,
							    .parameters = parameters};
	work->playbooks[count - 1] = stolen;
	work->work.count = count;
	return 0;
}

bool cli_set_roles(const struct playbook *playbook, json_t *given)
{
	if (!jx_at(playbook->document, "parameters", "revoke_roles", NULL))
		return false;
	jx_set(given, "revoke_roles", json_true());
	return true;
}

/* One playbook of a plan file, which must be the very one that the plan was made with. */
static int add_planned(struct cli_work *work, const char *file, const json_t *planned,
		       struct err *err)
{
	const char *name = jx_text(planned, "name");
	const char *source = jx_text(planned, "source");
	struct playbook *playbook = NULL;
	int ret = 0;

	if (text_equal(source, "command line"))
		return err_set(
			err, ERR_USAGE,
			"%s: a plan of the action '%.64s' is not applied from a file; give the "
			"command itself again",
			file, name);
	if (text_equal(source, SHIPPED))
		ret = load_shipped(name, &library_of_names, &playbook, err);
	else if (cli_is_file(source))
		ret = load_file(source, &library_of_names, &playbook, err);
	else
		ret = err_set(err, ERR_INPUT, "'%.200s' is no source of a playbook", source);
	if (ret)
		return err_wrap(err, "%s", file);
	if (!text_equal(playbook->sha256, jx_text(planned, "sha256"))) {
		playbook_free(playbook);
		return err_set(
			err, ERR_REFUSED,
			"%s: playbook '%.64s' (%.200s) is not the one that the plan was made "
			"with",
			file, name, source);
	}
	if (cli_work_add(work, playbook, json_object_get(planned, "parameters"), err))
		return -1;
	work->work.entries[work->work.count - 1].hop =
		(unsigned)json_integer_value(json_object_get(planned, "hop"));
	return 0;
}

static int load_plan(struct cli *cli, const char *path, const struct buf *bytes,
		     struct cli_work *work, struct err *err)
{
	json_t *plan = NULL;
	json_t *planned;
	size_t i;

	if (json_object_size(cli->set) > 0 || cli->run.revoke_roles)
		return err_set(
			err, ERR_USAGE,
			"'%.200s' is a plan, which has its parameters: --%s does not go with it",
			path, cli->run.revoke_roles ? "revoke-roles" : "set");
	if (text_equal(cli->command->name, "plan"))
		return err_set(
			err, ERR_USAGE,
			"'%.200s' is a plan; 'cordon apply' takes it, with --dry-run to plan it "
			"again",
			path);
	if (plan_read(buf_text(bytes), bytes->length, path, &plan, err))
		return -1;
	work->work.plan_file = plan;
	work->work.roles_set = true;
	json_array_foreach (json_object_get(plan, "playbooks"), i, planned) {
		if (add_planned(work, path, planned, err))
			return -1;
	}
	return 0;
}

static int add_one(struct cli *cli, struct playbook *playbook, struct cli_work *work,
		   struct err *err)
{
	json_auto_t *given = jx_copy(cli->set);

	work->work.roles_set = cli->run.revoke_roles || json_object_get(given, "revoke_roles");
	if (cli->run.revoke_roles && json_object_get(given, "revoke_roles"))
		err_set(err, ERR_USAGE, "--revoke-roles and --set revoke_roles exclude each other");
	else if (cli->run.revoke_roles && !cli_set_roles(playbook, given))
		err_set(err, ERR_USAGE,
			"playbook '%s' has no parameter 'revoke_roles' for --revoke-roles",
			playbook->name);
	else
		return cli_work_add(work, playbook, given, err);
	playbook_free(playbook);
	return -1;
}

int cli_load_work(struct cli *cli, const char *operand, struct cli_work *work, struct err *err)
{
	autobuf struct buf bytes = BUF_INIT(PLAN_MAX);
	struct playbook *playbook = NULL;

	if (!cli_is_file(operand))
		return load_named(operand, &library_of_names, &playbook, err) ||
				       add_one(cli, playbook, work, err)
			       ? -1
			       : 0;
	if (file_read(operand, &bytes, err))
		return -1;
	json_auto_t *document = jx_read(buf_text(&bytes), bytes.length, operand, err);
	if (!document)
		return -1;
	if (json_object_get(document, "format"))
		return load_plan(cli, operand, &bytes, work, err);
	if (bytes.length > PLAYBOOK_MAX)
		return err_set(err, ERR_INPUT, "'%.200s' is larger than a playbook may be (1 MiB)",
			       operand);
	if (playbook_read(buf_text(&bytes), bytes.length, operand, &library_of_names, &playbook,
			  err))
		return -1;
	return add_one(cli, playbook, work, err);
}

/* What the guards compare: an ARN, or KIND/NAME without path. */
static bool parse_protected(const char *entry, struct identity *id)
{
	struct err ignored = ERR_INIT;

	if (identity_parse(entry, id, &ignored))
		return false;
	if (id->kind != IDENTITY_USER && id->kind != IDENTITY_ROLE)
		return false;
	return *id->partition || text_has_prefix(entry, "user/") || text_has_prefix(entry, "role/");
}

bool cli_protect_ok(const char *entry)
{
	struct identity id;

	return parse_protected(entry, &id);
}

static void add_protected(json_t *list, const char *entry)
{
	struct identity id;
	char form[160];

	if (!parse_protected(entry, &id))
		return;
	snprintf(form, sizeof(form), "%s/%s", identity_kind_name(id.kind), id.name);
	jx_add_unique(list, *id.partition ? entry : form);
}

static int add_line(json_t *list, char *line, const char *path, size_t number, struct err *err)
{
	char *comment = strchr(line, '#');

	if (comment)
		*comment = '\0';
	line += strspn(line, " \t\r");
	size_t length = strcspn(line, " \t\r");
	if (!*line)
		return 0;
	if (line[length + strspn(line + length, " \t\r")])
		return err_set(err, ERR_INPUT, "%s: line %zu: more than one word", path, number);
	line[length] = '\0';
	if (!cli_protect_ok(line))
		return err_set(err, ERR_INPUT,
			       "%s: line %zu: '%.200s' is no ARN of a user or role, user/NAME or "
			       "role/NAME",
			       path, number, line);
	add_protected(list, line);
	return 0;
}

static int read_protect_file(json_t *list, struct err *err)
{
	autobuf struct buf path = BUF_INIT(PATH_LENGTH);
	autobuf struct buf bytes = BUF_INIT(PROTECT_MAX);
	struct err absent = ERR_INIT;

	if (!cli_config_path("protect", &path))
		return 0;
	if (file_read(buf_text(&path), &bytes, &absent)) {
		if (absent.code == ERR_NOT_FOUND)
			return 0;
		*err = absent;
		return -1;
	}
	if (bytes.length && memchr(bytes.data, '\0', bytes.length))
		return err_set(err, ERR_INPUT, "%s: holds a NUL byte", buf_text(&path));
	char *rest = bytes.data;
	for (size_t number = 1; rest && *rest; number++) {
		char *line = strsep(&rest, "\n");
		if (add_line(list, line, buf_text(&path), number, err))
			return -1;
	}
	return 0;
}

int cli_load_protect(struct cli *cli, struct err *err)
{
	json_auto_t *list = json_array();
	json_t *entry;
	size_t i;

	if (!(cli->command->groups & OPTIONS_WRITE))
		return 0;
	json_array_foreach (cli->protect, i, entry)
		add_protected(list, json_string_value(entry));
	if (read_protect_file(list, err))
		return -1;
	json_decref(cli->protect);
	cli->protect = json_incref(list);
	cli->run.protect = cli->protect;
	return 0;
}
