// SPDX-License-Identifier: Apache-2.0
/* An account file from a stranger: read, compared with itself, and its first principals contained.
 */
#include "cordon/account.h"
#include "cordon/embedded.h"
#include "cordon/err.h"
#include "cordon/json.h"
#include "cordon/plan.h"
#include "cordon/verdict.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void contain(const json_t *account, const char *file, const char *parameter,
		    const char *name)
{
	const struct embedded_file *found = embedded_find(file);
	struct playbook *playbook = NULL;
	struct plan_entry entry = {0};
	struct err err = ERR_INIT;
	json_t *plan = NULL;
	json_auto_t *given = jx_pack("{s:s}", parameter, name);

	if (!found || playbook_read(found->bytes, found->length, file, NULL, &playbook, &err))
		abort();
	if (playbook_bind(playbook, given, &entry.parameters, &err) == 0) {
		entry.playbook = playbook;
		const struct plan_request request = {.entries = &entry,
						     .count = 1,
						     .account = account,
						     .now = 1800000000,
						     .rehearsal = true,
						     .wide = true};
		if (plan_make(&request, &plan, &err) == 0) {
			json_auto_t *after = plan_predict(plan, account);
			const struct verdict_input input = {
				.plan = plan, .account = after, .agreed = true, .now = 1800000000};
			json_auto_t *targets = verdict_targets(&input);
			json_auto_t *differences = account_diff(account, after);
			(void)targets;
			(void)differences;
			json_decref(plan);
		}
		json_decref(entry.parameters);
	}
	playbook_free(playbook);
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
		contain(account, "playbooks/compromised-user.json", "user",
			account_name(user, PRINCIPAL_USER));
	if (role)
		contain(account, "playbooks/compromised-role.json", "role",
			account_name(role, PRINCIPAL_ROLE));
	json_decref(account);
	return 0;
}
