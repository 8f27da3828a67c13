// SPDX-License-Identifier: Apache-2.0
/* What a user signs in with: access keys, password, other credentials, MFA devices. */
#include "cordon/json.h"
#include "cordon/text.h"
#include "planning.h"

/* The keys to look at: those the step names, else those of the list, else the one from the alert.
 */
static json_t *keys_meant(const struct planning *p, const struct step *step)
{
	json_t *named = json_object_get(step->options, "key");
	json_t *out = json_array();
	json_t *list = NULL;
	json_t *item;
	size_t i;

	if (json_is_string(named))
		json_array_append(out, named);
	else if (json_is_array(named))
		json_array_extend(out, named);
	if (json_array_size(out))
		return out;
	if (account_section(step_entry(p, step), "AccessKeys", &list) == SECTION_UNREAD) {
		json_array_extend(out, json_object_get(step->target, "keys"));
		return out;
	}
	json_array_foreach (list, i, item)
		jx_add_unique(out, jx_text(item, "AccessKeyId"));
	return out;
}

enum key_state { KEY_OFF, KEY_PLANNED, KEY_MISSING, KEY_OF_ANOTHER };

/* A list of keys may be of several users, who are all targets. */
static bool is_of_another(const struct planning *p, const struct step *step, const char *id)
{
	json_t *target;
	size_t i;

	json_array_foreach (p->targets, i, target) {
		if (target != step->target && jx_contains(json_object_get(target, "keys"), id))
			return true;
	}
	return false;
}

static enum key_state deactivate(struct planning *p, const struct step *step, const char *id)
{
	json_t *entry = step_entry(p, step);
	json_t *key = NULL;
	enum section_state state = account_item(entry, "AccessKeys", id, &key);

	if (state != SECTION_VALUE && is_of_another(p, step, id))
		return KEY_OF_ANOTHER;
	if (state == SECTION_NONE && account_key_deleted(p->account, id))
		return KEY_OFF;
	if (state == SECTION_NONE) {
		planning_skip(p, step, NULL, "the user has no access key %s", id);
		return KEY_MISSING;
	}
	if (state == SECTION_VALUE && !text_equal(jx_text(key, "Status"), "Active"))
		return KEY_OFF;
	planning_add(p, step, "UpdateAccessKey",
		     jx_pack("{s:s, s:s}", "AccessKeyId", id, "Status", "Inactive"),
		     state == SECTION_UNREAD ? "access key off; its status could not be read"
					     : "access key off");
	return KEY_PLANNED;
}

/* A parameter that was not set: neither all nor none is meant, and that is said. */
static bool none_given(struct planning *p, const struct step *step, const char *option)
{
	if (!step_unset(step, option))
		return false;
	planning_skip(p, step, NULL, "the step names '%s', and that was not set", option);
	return true;
}

void contain_deactivate_keys(struct planning *p, const struct step *step)
{
	json_auto_t *keys = keys_meant(p, step);
	json_t *entry = step_entry(p, step);
	bool unread = account_section(entry, "AccessKeys", NULL) == SECTION_UNREAD;
	size_t off = 0;
	json_t *key;
	size_t i;

	if (none_given(p, step, "key"))
		return;
	if (unread)
		planning_warn(p,
			      "the access keys of %s could not be listed (%s): keys that are not "
			      "named stay as they are",
			      step_arn(step), account_unread_why(entry, "AccessKeys"));
	json_array_foreach (keys, i, key) {
		enum key_state state = deactivate(p, step, json_string_value(key));
		off += state == KEY_OFF || state == KEY_OF_ANOTHER;
	}
	if (unread && json_array_size(keys) == 0)
		planning_skip(p, step, "--key", "the access keys could not be listed");
	else if (off == json_array_size(keys))
		planning_reached(p, step,
				 off ? "no access key is Active" : "there is no access key");
}

/* Nothing is switched on or deleted that was not named, one by one or all. */
static json_t *keys_named(struct planning *p, const struct step *step)
{
	json_t *named = json_object_get(step->options, "key");
	bool all = step_flag(step, "all");

	if (!all && !json_is_string(named) && json_array_size(named) == 0) {
		planning_reached(p, step, "no access key was named");
		return NULL;
	}
	if (all && account_section(step_entry(p, step), "AccessKeys", NULL) == SECTION_UNREAD) {
		planning_skip(p, step, "--key", "the access keys could not be listed (%s)",
			      account_unread_why(step_entry(p, step), "AccessKeys"));
		return NULL;
	}
	return keys_meant(p, step);
}

/* Gone is where deletion leads to; or a slip of the keys, which is said. */
static void missing_key(struct planning *p, const struct step *step, const char *id)
{
	if (is_of_another(p, step, id))
		return;
	if (step->action->class != CLASS_DELETE) {
		planning_skip(p, step, NULL, "%s has no access key %s", step_arn(step), id);
		return;
	}
	planning_warn(p, "%s has no access key %s: it was deleted before, or that is not its id",
		      step_arn(step), id);
	planning_reached(p, step, "the user has no access key %s", id);
}

/* The status of a key that is to be changed; NULL: it is not there or not known, and that is said.
 */
static const char *status_of(struct planning *p, const struct step *step, const char *id)
{
	json_t *key = NULL;

	switch (account_item(step_entry(p, step), "AccessKeys", id, &key)) {
	case SECTION_NONE:
		missing_key(p, step, id);
		return NULL;
	case SECTION_UNREAD:
		planning_skip(p, step, NULL, "the status of %s could not be read", id);
		return NULL;
	case SECTION_VALUE:
		break;
	}
	return jx_text(key, "Status") ? jx_text(key, "Status") : "unknown";
}

static void activate(struct planning *p, const struct step *step, const char *id)
{
	const char *status = status_of(p, step, id);

	if (!status)
		return;
	if (text_equal(status, "Active"))
		planning_reached(p, step, "access key %s is Active", id);
	else
		planning_add(p, step, "UpdateAccessKey",
			     jx_pack("{s:s, s:s}", "AccessKeyId", id, "Status", "Active"),
			     "access key on again");
}

void contain_activate_keys(struct planning *p, const struct step *step)
{
	json_auto_t *keys = keys_named(p, step);
	json_t *key;
	size_t i;

	if (json_array_size(keys))
		planning_warn(p, "whoever else holds a key that is switched on again can use it: a "
				 "key that was in other hands is replaced, not activated");
	json_array_foreach (keys, i, key)
		activate(p, step, json_string_value(key));
}

static void delete_key(struct planning *p, const struct step *step, const char *id)
{
	const char *status = status_of(p, step, id);

	if (!status)
		return;
	if (text_equal(status, "Active"))
		planning_skip(p, step, "deactivate-access-keys",
			      "access key %s is Active: it is switched off first, and watched, "
			      "before it is deleted",
			      id);
	else
		planning_add(p, step, "DeleteAccessKey", jx_pack("{s:s}", "AccessKeyId", id),
			     "access key, which is off");
}

void contain_delete_keys(struct planning *p, const struct step *step)
{
	json_auto_t *keys = keys_named(p, step);
	json_t *key;
	size_t i;

	if (!keys || planning_held_by_aws(p, step, "keys are deleted"))
		return;
	json_array_foreach (keys, i, key)
		delete_key(p, step, json_string_value(key));
	if (json_array_size(keys) == 0)
		planning_reached(p, step, "there is no access key");
}

void contain_delete_login_profile(struct planning *p, const struct step *step)
{
	enum section_state state = account_section(step_entry(p, step), "LoginProfile", NULL);

	if (state == SECTION_NONE)
		planning_reached(p, step, "the user has no console password");
	else
		planning_add(p, step, "DeleteLoginProfile", json_object(),
			     state == SECTION_UNREAD
				     ? "console password, if there is one: it could not be read"
				     : "console password");
}

/* Credentials that have a state of their own. */
static const struct credential {
	const char *kind, *section, *update, *drop;
	const char *opens; /* where the item does not say it itself */
} credentials[] = {
	{"ssh-public-keys", "SSHPublicKeys", "UpdateSSHPublicKey", "DeleteSSHPublicKey",
	 "CodeCommit over SSH"},
	{"signing-certificates", "SigningCertificates", "UpdateSigningCertificate",
	 "DeleteSigningCertificate", "SOAP requests and EC2 images"},
	{"service-specific-credentials", "ServiceSpecificCredentials",
	 "UpdateServiceSpecificCredential", "DeleteServiceSpecificCredential",
	 "a service that was not named"},
};

enum { CREDENTIAL_COUNT = sizeof(credentials) / sizeof(credentials[0]) };

/* For people: what it opens. */
static const char *opens(const struct credential *c, const json_t *item)
{
	const char *service = jx_text(item, "ServiceName");

	return service ? service : c->opens;
}

static bool switch_off(struct planning *p, const struct step *step, const struct credential *c,
		       const json_t *item)
{
	const struct section *row = account_section_row(c->section);

	if (!text_equal(jx_text(item, "Status"), "Active"))
		return false;
	planning_add(p, step, c->update,
		     jx_pack("{s:s, s:s}", row->key, jx_text(item, row->key), "Status", "Inactive"),
		     "%s off (%s)", row->what, opens(c, item));
	return true;
}

static bool drop(struct planning *p, const struct step *step, const struct credential *c,
		 const json_t *item)
{
	const struct section *row = account_section_row(c->section);
	const char *id = jx_text(item, row->key);

	if (text_equal(jx_text(item, "Status"), "Active"))
		planning_skip(p, step, "deactivate-credentials",
			      "%s %s is Active: it is switched off before it is deleted", row->what,
			      id);
	else
		planning_add(p, step, c->drop, jx_pack("{s:s}", row->key, id), "%s (%s)", row->what,
			     opens(c, item));
	return true;
}

/* How many of one kind were dealt with. */
static size_t each_credential(struct planning *p, const struct step *step,
			      const struct credential *c,
			      bool (*deal)(struct planning *, const struct step *,
					   const struct credential *, const json_t *))
{
	const struct section *row = account_section_row(c->section);
	/* The planners below change the entry, so a copy is walked. */
	json_auto_t *entry = jx_copy(step_entry(p, step));
	json_t *list = NULL;
	json_t *item;
	size_t count = 0;
	size_t i;

	if (account_section(entry, c->section, &list) == SECTION_UNREAD) {
		planning_skip(p, step, NULL, "the %ss could not be listed (%s)", row->what,
			      account_unread_why(entry, c->section));
		return 1;
	}
	json_array_foreach (list, i, item) {
		if (step_names(step, "credential", jx_text(item, row->key), true))
			count += deal(p, step, c, item);
	}
	return count;
}

/* Ids that none of the kinds holds; where a kind is unread nobody knows. */
static void missing(struct planning *p, const struct step *step)
{
	const json_t *given = json_object_get(step->options, "credential");
	json_auto_t *one = json_is_string(given) ? jx_pack("[O]", given) : NULL;
	const json_t *entry = account_find(p->request->account, step->kind, step_principal(step));
	json_t *id;
	size_t n;

	json_array_foreach (one ? one : given, n, id) {
		bool absent = true;
		for (size_t i = 0; i < CREDENTIAL_COUNT; i++)
			absent = absent &&
				 (!step_names(step, "kind", credentials[i].kind, true) ||
				  account_item(entry, credentials[i].section, json_string_value(id),
					       NULL) == SECTION_NONE);
		if (absent)
			planning_warn(p, "%s has no such credential: '%s'", step_arn(step),
				      json_string_value(id));
	}
}

void contain_deactivate_credentials(struct planning *p, const struct step *step)
{
	size_t count = 0;

	if (none_given(p, step, "credential") || none_given(p, step, "kind"))
		return;
	for (size_t i = 0; i < CREDENTIAL_COUNT; i++) {
		if (step_names(step, "kind", credentials[i].kind, true))
			count += each_credential(p, step, &credentials[i], switch_off);
	}
	missing(p, step);
	if (count == 0)
		planning_reached(p, step, "none of them is Active");
}

void contain_delete_credentials(struct planning *p, const struct step *step)
{
	bool named = json_is_string(json_object_get(step->options, "credential")) ||
		     json_array_size(json_object_get(step->options, "credential")) > 0;
	size_t count = 0;

	if (!named && !step_flag(step, "all")) {
		planning_reached(p, step, "no credential was named");
		return;
	}
	if (planning_held_by_aws(p, step, "credentials are deleted"))
		return;
	for (size_t i = 0; i < CREDENTIAL_COUNT; i++) {
		if (step_names(step, "kind", credentials[i].kind, true))
			count += each_credential(p, step, &credentials[i], drop);
	}
	missing(p, step);
	if (count == 0)
		planning_reached(p, step, "there is none of them");
}

void contain_deactivate_mfa(struct planning *p, const struct step *step)
{
	json_auto_t *entry = jx_copy(step_entry(p, step));
	json_t *list = NULL;
	json_t *device;
	size_t count = 0;
	size_t i;

	if (account_section(entry, "MFADevices", &list) == SECTION_UNREAD) {
		planning_skip(p, step, NULL, "the MFA devices could not be listed (%s)",
			      account_unread_why(entry, "MFADevices"));
		return;
	}
	json_array_foreach (list, i, device) {
		const char *serial = jx_text(device, "SerialNumber");
		if (!step_names(step, "serial", serial, false))
			continue;
		count++;
		planning_warn(p,
			      "without %s the user signs in with less than before: only a "
			      "device that an attacker added is taken away",
			      serial);
		planning_add(p, step, "DeactivateMFADevice",
			     jx_pack("{s:s}", "SerialNumber", serial), "MFA device");
	}
	step_missing(p, step, "serial", entry, "MFADevices");
	if (count == 0)
		planning_reached(p, step, "the user has no such MFA device");
}

void contain_list_keys(struct planning *p, const struct step *step)
{
	json_t *list = NULL;

	if (account_section(step_entry(p, step), "AccessKeys", &list) == SECTION_UNREAD)
		planning_warn(p, "the access keys of %s could not be listed", step_arn(step));
	else
		planning_reached(p, step, "it only reads: %zu access keys", json_array_size(list));
}
