// SPDX-License-Identifier: Apache-2.0
/* An account file from a stranger: read, compared with itself, and its first principals contained.
 */
#include "cordon/account.h"
#include "cordon/action.h"
#include "cordon/embedded.h"
#include "cordon/err.h"
#include "cordon/json.h"
#include "cordon/plan.h"
#include "cordon/preflight.h"
#include "cordon/verdict.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Values for the options that an action cannot do without. */
static json_t *step_of(const struct action *action, const char *kind, const char *name)
{
	static const struct {
		const char *option, *value;
	} values[] = {{"deny", "s3:GetObject"},
		      {"resource", "*"},
		      {"policy", "arn:aws:iam::aws:policy/ReadOnlyAccess"},
		      {"serial", "arn:aws:iam::111122223333:mfa/x"}};
	json_t *step = jx_pack("{s:s}", kind, name);

	for (const struct action_option *o = action->options; o->name; o++) {
		if (strcmp(o->type, "boolean") == 0)
			jx_set(step, o->name, json_true());
		for (size_t i = 0; o->required && i < sizeof(values) / sizeof(values[0]); i++) {
			if (strcmp(values[i].option, o->name) == 0)
				jx_set(step, o->name, jx_string(values[i].value));
		}
	}
	return step;
}

/* Whatever is planned may be sent. */
static void check_plan(const json_t *plan)
{
	json_t *operation;
	size_t i;

	json_array_foreach (json_object_get(plan, "operations"), i, operation) {
		const struct operation *op = operation_find(jx_text(operation, "operation"));
		struct err err = ERR_INIT;
		if (!op || operation_check(op, json_object_get(operation, "parameters"), &err))
			abort();
	}
}

static void judge(json_t *plan, const json_t *account)
{
	json_auto_t *after = plan_predict(plan, account);
	const struct verdict_input input = {
		.plan = plan, .account = after, .agreed = true, .now = 1800000000};
	const struct preflight_input before = {.account = account,
					       .caller = "arn:aws:iam::111122223333:user/ir"};
	json_auto_t *targets = verdict_targets(&input);
	json_auto_t *differences = account_diff(account, after);

	(void)targets;
	(void)differences;
	check_plan(plan);
	preflight_add(plan, &before);
}

static void contain(const json_t *account, struct playbook *playbook, const json_t *given)
{
	struct plan_entry entry = {.playbook = playbook};
	struct err err = ERR_INIT;
	json_t *plan = NULL;

	if (playbook_bind(playbook, given, &entry.parameters, &err) == 0) {
		const struct plan_request request = {.entries = &entry,
						     .count = 1,
						     .account = account,
						     .now = 1800000000,
						     .case_id = "C-1",
						     .rehearsal = true,
						     .wide = true};
		if (plan_make(&request, &plan, &err) == 0) {
			judge(plan, account);
			json_decref(plan);
		}
		json_decref(entry.parameters);
	}
	playbook_free(playbook);
}

static void contain_by(const json_t *account, const char *file, const char *parameter,
		       const char *name)
{
	const struct embedded_file *found = embedded_find(file);
	struct playbook *playbook = NULL;
	struct err err = ERR_INIT;
	json_auto_t *given = jx_pack("{s:s}", parameter, name);

	if (!found || playbook_read(found->bytes, found->length, file, NULL, &playbook, &err))
		abort();
	contain(account, playbook, given);
}

/* Every action on the first principal of each kind. */
static void act(const json_t *account, enum principal_kind kind, const char *name)
{
	const struct action *action;

	for (size_t i = 0; (action = action_at(i)); i++) {
		struct playbook *playbook = NULL;
		struct err err = ERR_INIT;
		json_auto_t *step = step_of(action, account_kind_name(kind), name);
		json_auto_t *nothing = json_object();
		if (action->principals & (1u << kind) &&
		    playbook_of_action(action->name, step, &playbook, &err) == 0)
			contain(account, playbook, nothing);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err err = ERR_INIT;
	json_t *account = NULL;

	if (account_read((const char *)data, size, "account", &account, &err))
		return 0;
	json_auto_t *differences = account_diff(account, account);
	if (json_array_size(differences) || !account_same(account, account))
		abort();
	const json_t *user = json_array_get(account_entries(account, PRINCIPAL_USER), 0);
	const json_t *role = json_array_get(account_entries(account, PRINCIPAL_ROLE), 0);
	if (user)
		contain_by(account, "playbooks/compromised-user.json", "user",
			   account_name(user, PRINCIPAL_USER));
	if (role)
		contain_by(account, "playbooks/compromised-role.json", "role",
			   account_name(role, PRINCIPAL_ROLE));
	for (enum principal_kind kind = PRINCIPAL_USER; kind <= PRINCIPAL_GROUP; kind++) {
		const json_t *first = json_array_get(account_entries(account, kind), 0);
		if (first)
			act(account, kind, account_name(first, kind));
	}
	json_decref(account);
	return 0;
}
