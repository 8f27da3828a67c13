// SPDX-License-Identifier: Apache-2.0
/* Asking before the plan is sent: what AWS would decide, or else what our own policies say. */
#include "cordon/preflight.h"

#include "cordon/identity.h"
#include "cordon/json.h"
#include "cordon/text.h"
#include "observe.h"
#include "world.h"

#include <stdio.h>

/* Ourselves, as far as IAM has an entry for us. */
struct own {
	enum principal_kind kind; /* PRINCIPAL_NONE: root, federated */
	char name[129];
	char arn[600];
};

static void find_own(const struct world *world, struct own *own)
{
	const char *arn = jx_text(world->caller, "arn");
	struct err ignored = ERR_INIT;
	struct identity id;

	*own = (struct own){.kind = PRINCIPAL_NONE};
	if (identity_parse(arn, &id, &ignored))
		return;
	if (id.kind == IDENTITY_USER)
		own->kind = PRINCIPAL_USER;
	else if (id.kind == IDENTITY_SESSION)
		own->kind = PRINCIPAL_ROLE;
	else
		return;
	snprintf(own->name, sizeof(own->name), "%s", id.name);
	snprintf(own->arn, sizeof(own->arn), "%s", own->kind == PRINCIPAL_USER ? arn : "");
}

/* One answer, kept for the one who asked. */
static void keep_reply(struct world *world, const struct read *read)
{
	json_t **reply = read->arg;

	(void)world;
	if (read_done(read))
		*reply = jx_copy(read->call.reply);
}

static json_t *ask(struct world *world, const char *operation, json_t *parameters_stolen)
{
	struct batch batch = {.world = world};
	json_t *reply = NULL;

	struct read *read = batch_add(&batch, keep_reply, operation, parameters_stolen,
				      PRINCIPAL_NONE, NULL);
	read->arg = &reply;
	batch_send(&batch);
	return reply;
}

/* The ARN of a session leaves out the path of its role, and a simulation needs it. */
static void find_role_arn(struct world *world, struct own *own)
{
	const json_t *known = account_find(world->account, PRINCIPAL_ROLE, own->name);
	json_auto_t *reply = known ? NULL
				   : ask(world, "GetRole", jx_pack("{s:s}", "RoleName", own->name));
	const char *arn = known ? account_arn(known)
				: jx_text(json_object_get(reply, "Role"), "Arn");

	snprintf(own->arn, sizeof(own->arn), "%s", arn ? arn : "");
}

static json_t *simulate(struct world *world, const struct own *own, const json_t *plan)
{
	json_t *questions = preflight_questions(plan, world->account);

	/* None of its principals is there: an empty list is no question. */
	if (json_array_size(json_object_get(questions, "ResourceArns")) == 0) {
		json_decref(questions);
		return NULL;
	}
	jx_set(questions, "PolicySourceArn", jx_string(own->arn));
	json_auto_t *reply = ask(world, "SimulatePrincipalPolicy", questions);
	json_t *results = json_object_get(reply, "EvaluationResults");
	return results ? json_incref(results) : NULL;
}

void observe_preflight(struct world *world, const json_t *before, json_t *plan)
{
	struct preflight_input input = {
		.account = before, .own_account = world->account, .now = world_now(world)};
	struct own own = {.kind = PRINCIPAL_NONE};
	json_t *simulated = NULL;

	if (world_stopped(world))
		return;
	plan_foresee(plan, before, world_now(world));
	if (json_array_size(json_object_get(plan, "operations")) == 0)
		return;
	if (world->aws) {
		input.caller = jx_text(world->caller, "arn");
		find_own(world, &own);
		if (own.kind == PRINCIPAL_ROLE)
			find_role_arn(world, &own);
		if (*own.arn)
			simulated = simulate(world, &own, plan);
		if (!simulated && own.kind != PRINCIPAL_NONE &&
		    observe_policies_of(world, own.kind, own.name)) {
			input.own_kind = own.kind;
			input.own_name = own.name;
		}
	}
	input.simulated = simulated;
	preflight_add(plan, &input);
	json_decref(simulated);
}
