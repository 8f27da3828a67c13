// SPDX-License-Identifier: Apache-2.0
#include "alert.h"

#include "cordon/json.h"
#include "cordon/text.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { KEY_SIZE = 24, KEY_LENGTH = 20, WALK_DEPTH = 32 };

struct giving {
	record_fn *fn;
	void *arg;
};

static void skip(const struct giving *to, const char *why)
{
	struct trail_record record = {.kind = RECORD_SKIPPED, .why = why};

	to->fn(to->arg, &record);
}

static bool in_word(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* Behind the next access key id that stands in a text as a word of its own; NULL: there is none. */
static const char *next_key(const char *text, char key[static KEY_SIZE])
{
	static const char *const prefixes[] = {"AKIA", "ASIA"};
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

	for (const char *p = text; p && (p = strchr(p, 'A')); p++) {
		bool begins = strncmp(p, prefixes[0], 4) == 0 || strncmp(p, prefixes[1], 4) == 0;
		if (!begins || (p > text && in_word(p[-1])) || strspn(p, allowed) != KEY_LENGTH ||
		    in_word(p[KEY_LENGTH]))
			continue;
		snprintf(key, KEY_SIZE, "%.*s", (int)KEY_LENGTH, p);
		return p + KEY_LENGTH;
	}
	return NULL;
}

static bool key_in(const char *text, char key[static KEY_SIZE])
{
	return next_key(text, key) != NULL;
}

static bool is_censored(const char *text)
{
	return (text_has_prefix(text, "AKIA") || text_has_prefix(text, "ASIA")) &&
	       strchr(text, '*');
}

/* Every key id in the strings below, once each. */
static void collect_keys(const json_t *v, json_t *keys, bool *censored, int depth)
{
	char key[KEY_SIZE];
	const char *name;
	json_t *item;
	size_t i;

	if (json_is_string(v)) {
		for (const char *p = json_string_value(v); (p = next_key(p, key));)
			jx_add_unique(keys, key);
		*censored = *censored || is_censored(json_string_value(v));
	}
	if (depth == 0)
		return;
	json_array_foreach (v, i, item)
		collect_keys(item, keys, censored, depth - 1);
	json_object_foreach ((json_t *)(uintptr_t)v, name, item)
		collect_keys(item, keys, censored, depth - 1);
}

/* GuardDuty writes accessKeyId on the bus and AccessKeyId in answers. */
static json_t *member(const json_t *v, const char *name)
{
	char other[64];
	json_t *found = json_object_get(v, name);

	if (found)
		return found;
	snprintf(other, sizeof(other), "%s", name);
	other[0] = (char)toupper((unsigned char)other[0]);
	return json_object_get(v, other);
}

static const char *text_of(const json_t *v, const char *name)
{
	return json_string_value(member(v, name));
}

static json_t *new_alert(const char *source, const char *severity, const char *title)
{
	return jx_pack("{s:s, s:s, s:o}", "source", source, "severity", severity, "title",
		       jx_string(title));
}

static void set_text(json_t *alert, const char *name, const char *text)
{
	if (text && *text)
		jx_set(alert, name, jx_string(text));
}

/* Takes the alert over. Without anybody to contain it is still a finding. */
static void give(const struct giving *to, json_t *stolen)
{
	struct trail_record record = {.kind = RECORD_ALERT, .json = stolen};

	to->fn(to->arg, &record);
	json_decref(stolen);
}

/* user, role, session or root, from what AWS calls the type of user. */
static void set_principal(json_t *alert, const char *type, const char *name, const char *id)
{
	const char *colon = id ? strchr(id, ':') : NULL;

	if (text_equal(type, "Root")) {
		jx_set(alert, "root", json_true());
	} else if (text_equal(type, "AssumedRole") || text_equal(type, "Role")) {
		set_text(alert, "role", name);
		set_text(alert, "session", colon ? colon + 1 : NULL);
	} else if (text_equal(type, "FederatedUser")) {
		set_text(alert, "session", name);
	} else if (name && !text_has_prefix(type, "AWS")) {
		set_text(alert, "user", name);
	}
	set_text(alert, "principal", id);
}

static const char *severity_of(double number)
{
	return number >= 9 ? "critical" : number >= 7 ? "high" : number >= 4 ? "medium" : "low";
}

static bool is_sample(const json_t *finding)
{
	const json_t *info = member(member(finding, "service"), "additionalInfo");
	const json_t *details = member(member(finding, "resource"), "accessKeyDetails");

	/* A user may have any name: it alone says nothing. */
	return json_is_true(member(info, "sample")) ||
	       text_equal(text_of(info, "sample"), "true") ||
	       (text_has_prefix(text_of(details, "userName"), "GeneratedFinding") &&
		text_equal(text_of(details, "accessKeyId"), "GeneratedFindingAccessKeyId")) ||
	       text_has_prefix(text_of(finding, "title"), "[SAMPLE]");
}

static json_t *guardduty_alert(const json_t *finding)
{
	const json_t *severity = member(finding, "severity");
	json_t *alert = new_alert("guardduty", severity_of(json_number_value(severity)),
				  text_of(finding, "type"));

	set_text(alert, "id", text_of(finding, "id"));
	set_text(alert, "account", text_of(finding, "accountId"));
	const char *time = text_of(member(finding, "service"), "eventLastSeen");
	set_text(alert, "time", time ? time : text_of(finding, "updatedAt"));
	return alert;
}

/* An attack sequence names its actors, not one resource. */
static void read_actors(const json_t *finding, const struct giving *to)
{
	const json_t *sequence = member(member(member(finding, "service"), "detection"),
					"sequence");
	json_t *actor;
	size_t i;

	json_array_foreach (member(sequence, "actors"), i, actor) {
		const json_t *user = member(actor, "user");
		json_t *alert = guardduty_alert(finding);
		set_text(alert, "key", text_of(user, "credentialUid"));
		set_principal(alert, text_of(user, "type"), text_of(user, "name"),
			      text_of(user, "uid"));
		give(to, alert);
	}
	if (i == 0)
		give(to, guardduty_alert(finding));
}

static bool read_guardduty(json_t *finding, const struct giving *to)
{
	const json_t *details = member(member(finding, "resource"), "accessKeyDetails");

	if (!text_of(finding, "type") || !member(finding, "resource") ||
	    !member(finding, "service") || !member(finding, "severity"))
		return false;
	if (is_sample(finding)) {
		skip(to, "GuardDuty sample finding: it names nobody");
		return true;
	}
	if (!details) {
		read_actors(finding, to);
		return true;
	}
	json_t *alert = guardduty_alert(finding);
	set_text(alert, "key", text_of(details, "accessKeyId"));
	set_principal(alert, text_of(details, "userType"), text_of(details, "userName"),
		      text_of(details, "principalId"));
	give(to, alert);
	return true;
}

/* Whom one resource names; false: nobody. */
static bool set_asff_resource(json_t *alert, const json_t *resource)
{
	const json_t *key = jx_at(resource, "Details", "AwsIamAccessKey", NULL);
	const char *type = jx_text(resource, "Type");
	const char *id = jx_text(resource, "Id");
	const char *name = id ? strrchr(id, '/') : NULL;
	char found[KEY_SIZE];

	if (text_equal(type, "AwsIamAccessKey")) {
		const char *user = jx_text(key, "PrincipalName");
		set_principal(alert, jx_text(key, "PrincipalType"),
			      user ? user : jx_text(key, "UserName"), jx_text(key, "PrincipalId"));
		if (key_in(jx_text(key, "AccessKeyId"), found) || key_in(id, found))
			set_text(alert, "key", found);
		return true;
	}
	if (!name || (!text_equal(type, "AwsIamUser") && !text_equal(type, "AwsIamRole")))
		return false;
	set_text(alert, text_equal(type, "AwsIamUser") ? "user" : "role", name + 1);
	return true;
}

/* An alert for each key; users and roles count where no key stands beside them: they may be whom
 * the key was used on. */
static void give_asff_resources(const json_t *alert, const json_t *resources,
				const struct giving *to)
{
	bool keys = jx_find(resources, "Type", "AwsIamAccessKey", NULL) != NULL;
	json_t *resource;
	bool given = false;
	size_t i;

	json_array_foreach (resources, i, resource) {
		json_t *one = jx_copy(alert);
		bool of_key = text_equal(jx_text(resource, "Type"), "AwsIamAccessKey");
		if (keys == of_key && set_asff_resource(one, resource)) {
			give(to, one);
			given = true;
		} else {
			json_decref(one);
		}
	}
	if (!given)
		give(to, jx_copy(alert));
}

static bool read_asff(json_t *finding, const struct giving *to)
{
	const char *label = jx_text(json_object_get(finding, "Severity"), "Label");
	char severity[16] = "medium";
	size_t i;

	if (!jx_text(finding, "ProductArn") || !jx_text(finding, "SchemaVersion"))
		return false;
	if (text_has_prefix(jx_text(finding, "Title"), "[SAMPLE]") ||
	    jx_at(finding, "ProductFields", "aws/guardduty/service/additionalInfo/sample", NULL)) {
		skip(to, "Security Hub sample finding: it names nobody");
		return true;
	}
	for (i = 0; label && label[i] && i + 1 < sizeof(severity); i++) {
		severity[i] = (char)tolower((unsigned char)label[i]);
		severity[i + 1] = '\0';
	}
	json_auto_t *alert = new_alert("securityhub", "medium", jx_text(finding, "Title"));
	set_text(alert, "severity", text_equal(severity, "informational") ? "low" : severity);
	set_text(alert, "id", jx_text(finding, "Id"));
	set_text(alert, "account", jx_text(finding, "AwsAccountId"));
	set_text(alert, "time", jx_text(finding, "UpdatedAt"));
	give_asff_resources(alert, json_object_get(finding, "Resources"), to);
	return true;
}

static bool read_health(json_t *value, const struct giving *to)
{
	const json_t *detail = json_object_get(value, "detail");
	const char *code = jx_text(detail, "eventTypeCode");
	char key[KEY_SIZE];
	json_t *entity;
	size_t i;

	if (!code || !text_has_prefix(jx_text(value, "detail-type"), "AWS Health"))
		return false;
	if (!strstr(code, "CREDENTIALS_EXPOS")) {
		skip(to, "AWS Health event about something else than credentials");
		return true;
	}
	json_array_foreach (json_object_get(detail, "affectedEntities"), i, entity) {
		json_t *alert = new_alert("health", "critical", code);
		if (key_in(jx_text(entity, "entityValue"), key))
			set_text(alert, "key", key);
		set_text(alert, "id", jx_text(detail, "eventArn"));
		const char *account = jx_text(detail, "affectedAccount");
		set_text(alert, "account", account ? account : jx_text(value, "account"));
		set_text(alert, "time", jx_text(value, "time"));
		give(to, alert);
	}
	return true;
}

static bool read_trusted_advisor(json_t *value, const struct giving *to)
{
	const json_t *detail = json_object_get(value, "detail");
	const json_t *item = json_object_get(detail, "check-item-detail");
	char key[KEY_SIZE];

	if (!item)
		return false;
	if (!key_in(jx_text(item, "Access Key ID"), key)) {
		skip(to, "Trusted Advisor check about something else than exposed keys");
		return true;
	}
	json_t *alert = new_alert("trusted-advisor", "critical", jx_text(detail, "check-name"));
	set_text(alert, "key", key);
	set_text(alert, "id", jx_text(detail, "uuid"));
	set_text(alert, "account", jx_text(value, "account"));
	set_text(alert, "time", jx_text(value, "time"));
	const char *user = jx_text(item, "User Name (IAM or Root)");
	set_principal(alert, text_equal_nocase(user, "root") ? "Root" : "IAMUser", user, NULL);
	give(to, alert);
	return true;
}

/* One alert for each key id below; said where there is none. */
static void give_keys(const json_t *value, const char *source, const char *severity,
		      const char *title, const struct giving *to)
{
	json_auto_t *keys = jx_pack("[]");
	bool censored = false;
	json_t *key;
	size_t i;

	collect_keys(value, keys, &censored, WALK_DEPTH);
	json_array_foreach (keys, i, key) {
		json_t *alert = new_alert(source, severity, title);
		set_text(alert, "key", json_string_value(key));
		give(to, alert);
	}
	if (i == 0 && censored)
		skip(to, "a censored key id: look it up at its source");
	else if (i == 0)
		skip(to, "a scanner's alert without an access key id");
}

static bool read_trusted_advisor_check(json_t *value, const struct giving *to)
{
	const json_t *result = json_object_get(value, "result");

	if (!json_is_array(json_object_get(result, "flaggedResources")))
		return false;
	give_keys(json_object_get(result, "flaggedResources"), "trusted-advisor", "critical",
		  "Exposed Access Keys", to);
	return true;
}

static bool read_github(json_t *value, const struct giving *to)
{
	const json_t *alert = json_object_get(value, "alert");
	const char *type = jx_text(alert ? alert : value, "secret_type");

	if (alert && !type)
		return false;
	if (type && (alert || json_object_get(value, "number"))) {
		if (!strstr(type, "aws"))
			skip(to, "GitHub: a secret of another kind");
		else if (!jx_text(alert ? alert : value, "secret"))
			skip(to, "GitHub: the alert hides the key id; read it at GitHub");
		else
			give_keys(json_object_get(alert ? alert : value, "secret"), "github",
				  "high", type, to);
		return true;
	}
	if (!jx_text(value, "token") || !jx_text(value, "type") || !jx_text(value, "url"))
		return false;
	give_keys(json_object_get(value, "token"), "github", "high", jx_text(value, "type"), to);
	return true;
}

static bool read_ggshield(json_t *value, const struct giving *to)
{
	const json_t *entities = json_object_get(value, "entities_with_incidents");

	if (!json_is_array(entities))
		return false;
	give_keys(entities, "ggshield", "high", "secret found by ggshield", to);
	return true;
}

static bool is_canary(const json_t *extra)
{
	return json_is_true(json_object_get(extra, "is_canary")) ||
	       text_equal_nocase(jx_text(extra, "is_canary"), "true");
}

static bool read_trufflehog(json_t *value, const struct giving *to)
{
	const json_t *extra = json_object_get(value, "ExtraData");
	const char *detector = jx_text(value, "DetectorName");
	bool verified = json_is_true(json_object_get(value, "Verified"));
	const char *arn = jx_text(extra, "arn");
	const char *user = arn ? strstr(arn, ":user/") : NULL;
	char key[KEY_SIZE];

	if (!detector || !json_object_get(value, "Raw"))
		return false;
	if (!text_has_prefix(detector, "AWS")) {
		skip(to, "TruffleHog: a secret of another kind");
	} else if (is_canary(extra)) {
		skip(to, "a canary token: whoever used it is the intruder, its owner is not");
	} else if (key_in(jx_text(value, "Redacted"), key) || key_in(jx_text(value, "Raw"), key) ||
		   key_in(jx_text(value, "RawV2"), key)) {
		json_t *alert = new_alert("trufflehog", verified ? "critical" : "high", detector);
		set_text(alert, "key", key);
		set_text(alert, "account", jx_text(extra, "account"));
		set_text(alert, "user", user ? strrchr(user, '/') + 1 : NULL);
		give(to, alert);
	} else {
		skip(to, is_censored(jx_text(value, "Redacted"))
				 ? "a censored key id: look it up at its source"
				 : "a scanner's alert without an access key id");
	}
	return true;
}

static bool read_gitleaks(json_t *value, const struct giving *to)
{
	const char *rule = jx_text(value, "RuleID");

	if (!rule || !json_object_get(value, "Secret"))
		return false;
	if (strstr(rule, "aws"))
		give_keys(json_object_get(value, "Secret"), "gitleaks", "high", rule, to);
	else
		skip(to, "gitleaks: a secret of another kind");
	return true;
}

/* A finding of GuardDuty or Security Hub, alone or in its envelope. */
static bool read_enveloped(json_t *value, const struct giving *to)
{
	json_t *detail = json_object_get(value, "detail");
	json_t *finding;
	size_t i;

	if (!detail)
		return read_guardduty(value, to) || read_asff(value, to);
	json_array_foreach (json_object_get(detail, "findings"), i, finding) {
		if (!read_asff(finding, to))
			skip(to, "an envelope that holds something else than findings");
	}
	return i || read_guardduty(detail, to);
}

bool alert_read(json_t *value, record_fn *fn, void *arg)
{
	static bool (*const forms[])(json_t * value, const struct giving *to) = {
		read_enveloped, read_health,   read_trusted_advisor, read_trusted_advisor_check,
		read_github,	read_ggshield, read_trufflehog,	     read_gitleaks,
	};
	const struct giving to = {.fn = fn, .arg = arg};

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		if (forms[i](value, &to))
			return true;
	}
	return false;
}
