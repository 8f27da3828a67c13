// SPDX-License-Identifier: Apache-2.0
#include "cordon/identity.h"

#include "cordon/err.h"
#include "cordon/policy.h"
#include "cordon/text.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define DIGITS "0123456789"
#define NAME_CHARACTERS UPPER LOWER DIGITS "_+=,.@-"

/* IAM's unique id prefixes (IAM user guide, "Unique identifiers"; the list is not exhaustive). */
static const struct {
	const char *prefix;
	enum identity_kind kind;
	const char *what;
} prefixes[] = {
	{"AKIA", IDENTITY_ACCESS_KEY, "access key"},
	{"ASIA", IDENTITY_TEMPORARY_KEY, "temporary access key of a session"},
	{"AIDA", IDENTITY_USER_ID, "user id"},
	{"AROA", IDENTITY_ROLE_ID, "role id"},
	{"AGPA", IDENTITY_OTHER, "group id"},
	{"AIPA", IDENTITY_OTHER, "instance profile id"},
	{"ANPA", IDENTITY_OTHER, "managed policy id"},
	{"ANVA", IDENTITY_OTHER, "policy version id"},
	{"APKA", IDENTITY_OTHER, "SSH public key id"},
	{"ASCA", IDENTITY_OTHER, "certificate id"},
	{"ACCA", IDENTITY_OTHER, "service-specific credential"},
	{"ABIA", IDENTITY_OTHER, "STS bearer token"},
};

static const char *const kind_names[] = {
	[IDENTITY_ACCESS_KEY] = "access-key",
	[IDENTITY_TEMPORARY_KEY] = "temporary-key",
	[IDENTITY_USER] = "user",
	[IDENTITY_ROLE] = "role",
	[IDENTITY_GROUP] = "group",
	[IDENTITY_SESSION] = "session",
	[IDENTITY_FEDERATED] = "federated-user",
	[IDENTITY_USER_ID] = "user-id",
	[IDENTITY_ROLE_ID] = "role-id",
	[IDENTITY_ROOT] = "root",
	[IDENTITY_OTHER] = "other",
};

const char *identity_kind_name(enum identity_kind kind)
{
	return kind_names[kind];
}

bool identity_name_ok(const char *name, unsigned max)
{
	return name && *name && strlen(name) <= max && text_only(name, NAME_CHARACTERS);
}

bool identity_userid(const char *id, const char *session, char out[static IDENTITY_USERID])
{
	if (!identity_name_ok(id, 128) || !identity_session_ok(session))
		return false;
	snprintf(out, IDENTITY_USERID, "%.128s:%.64s", id, session);
	return true;
}

bool identity_session_ok(const char *name)
{
	return identity_name_ok(name, 64) && strlen(name) >= 2;
}

bool identity_key_ok(const char *id)
{
	return id && strlen(id) >= 16 && strlen(id) <= 128 && text_only(id, UPPER DIGITS "_");
}

bool identity_account_ok(const char *id)
{
	return id && strlen(id) == 12 && text_only(id, DIGITS);
}

/* RFC 4648 base 32 of the 8 characters after the prefix: 40 bits. */
static bool base32_40(const char *text, uint64_t *ret_bits)
{
	static const char alphabet[] = UPPER "234567";
	uint64_t bits = 0;

	for (size_t i = 0; i < 8; i++) {
		const char *found = text[i] ? strchr(alphabet, text[i]) : NULL;
		if (!found)
			return false;
		bits = bits << 5 | (uint64_t)(found - alphabet);
	}
	*ret_bits = bits;
	return true;
}

/*
 * The first 48 bits after the prefix: a one, the account number in 40 bits, 7 bits of something
 * else. Eight characters give 40 of them: the one and the upper 39; the ninth character's top bit
 * is the last.
 */
bool identity_account(const char *id, char ret_account[static 13])
{
	static const char upper_half[] = "QRSTUVWXYZ234567";
	uint64_t bits;

	if (strlen(id) < 16 || !base32_40(id + 4, &bits) || !(bits >> 39))
		return false;
	bool odd = strchr(upper_half, id[12]) != NULL;
	if (!odd && !strchr(UPPER, id[12]))
		return false;
	uint64_t account = ((bits & 0x7fffffffff) << 1) | odd;
	if (account > 999999999999)
		return false;
	snprintf(ret_account, 13, "%012llu", (unsigned long long)account);
	return true;
}

static int copy(char *out, size_t size, const char *text, size_t length)
{
	if (length >= size)
		return -1;
	memcpy(out, text, length);
	out[length] = '\0';
	return 0;
}

/* IAM paths: printable ASCII; slashes may stand side by side. */
static bool is_path(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if (text[i] < 0x21 || text[i] > 0x7e)
			return false;
	}
	return true;
}

/* "a/b/name" into path "/a/b/" and name. */
static int split_path(const char *rest, struct identity *id)
{
	const char *name = strrchr(rest, '/');
	size_t path = name ? (size_t)(name - rest) + 1 : 0;

	if (path + 1 >= sizeof(id->path) || !is_path(rest, path))
		return -1;
	id->path[0] = '/';
	memcpy(id->path + 1, rest, path);
	id->path[path + 1] = '\0';
	return copy(id->name, sizeof(id->name), rest + path, strlen(rest + path));
}

static int parse_assumed_role(const char *rest, struct identity *id)
{
	const char *slash = strchr(rest, '/');

	if (!slash || copy(id->name, sizeof(id->name), rest, (size_t)(slash - rest)) ||
	    !identity_name_ok(id->name, 64) || !identity_session_ok(slash + 1))
		return -1;
	return copy(id->session, sizeof(id->session), slash + 1, strlen(slash + 1));
}

static int parse_federated(const char *rest, struct identity *id)
{
	if (!identity_session_ok(rest))
		return -1;
	return copy(id->session, sizeof(id->session), rest, strlen(rest));
}

static int parse_named(const char *rest, struct identity *id)
{
	if (split_path(rest, id) ||
	    !identity_name_ok(id->name, id->kind == IDENTITY_GROUP ? 128 : 64))
		return -1;
	return 0;
}

static int parse_root(const char *rest, struct identity *id)
{
	(void)id;
	return *rest ? -1 : 0;
}

static const struct {
	const char *service;
	const char *prefix;
	enum identity_kind kind;
	const char *what;
	int (*parse)(const char *rest, struct identity *id);
} arns[] = {
	{"iam", "user/", IDENTITY_USER, "user", parse_named},
	{"iam", "role/", IDENTITY_ROLE, "role", parse_named},
	{"iam", "group/", IDENTITY_GROUP, "group", parse_named},
	{"iam", "root", IDENTITY_ROOT, "account root user", parse_root},
	{"sts", "assumed-role/", IDENTITY_SESSION, "role session", parse_assumed_role},
	{"sts", "federated-user/", IDENTITY_FEDERATED, "federated user session", parse_federated},
};

static int parse_arn(const char *text, struct identity *id, struct err *err)
{
	struct arn arn;

	if (arn_parse(text, &arn) || !identity_account_ok(arn.account) || *arn.region ||
	    !text_only(arn.partition, LOWER DIGITS "-"))
		return err_set(err, ERR_USAGE, "'%.200s' is no ARN of an IAM or STS principal",
			       text);
	for (size_t i = 0; i < sizeof(arns) / sizeof(arns[0]); i++) {
		if (!text_equal(arn.service, arns[i].service) ||
		    !text_has_prefix(arn.resource, arns[i].prefix))
			continue;
		id->kind = arns[i].kind;
		id->what = arns[i].what;
		memcpy(id->account, arn.account, sizeof(id->account));
		snprintf(id->partition, sizeof(id->partition), "%s", arn.partition);
		if (arns[i].parse(arn.resource + strlen(arns[i].prefix), id) == 0)
			return 0;
		break;
	}
	return err_set(err, ERR_USAGE,
		       "'%.200s' names no user, role, role session or federated user", text);
}

/* AROA...:session, as CloudTrail's principalId and aws:userid write it. */
static int parse_role_session(const char *text, struct identity *id, struct err *err)
{
	const char *colon = strchr(text, ':');
	size_t length = (size_t)(colon - text);

	if (copy(id->name, sizeof(id->name), text, length) || !identity_key_ok(id->name) ||
	    !text_has_prefix(text, "AROA") || !identity_session_ok(colon + 1))
		return err_set(err, ERR_USAGE, "'%.200s' is no role id with a session name", text);
	id->kind = IDENTITY_ROLE_ID;
	id->what = "role session";
	identity_account(id->name, id->account);
	return copy(id->session, sizeof(id->session), colon + 1, strlen(colon + 1));
}

/* A unique id: a known prefix and only capitals and digits. A user may be called AKIA-alice. */
static bool parse_id(const char *text, struct identity *id)
{
	if (!identity_key_ok(text))
		return false;
	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		if (!text_has_prefix(text, prefixes[i].prefix))
			continue;
		id->kind = prefixes[i].kind;
		id->what = prefixes[i].what;
		snprintf(id->name, sizeof(id->name), "%s", text);
		identity_account(text, id->account);
		return true;
	}
	return false;
}

static int parse_name(const char *text, struct identity *id, struct err *err)
{
	static const struct {
		const char *prefix;
		enum identity_kind kind;
		const char *what;
		unsigned longest; /* name */
	} forms[] = {{"user/", IDENTITY_USER, "user", 64},
		     {"role/", IDENTITY_ROLE, "role", 64},
		     {"group/", IDENTITY_GROUP, "group", 128}};

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		if (!text_has_prefix(text, forms[i].prefix))
			continue;
		id->kind = forms[i].kind;
		id->what = forms[i].what;
		if (split_path(text + strlen(forms[i].prefix), id) ||
		    !identity_name_ok(id->name, forms[i].longest))
			return err_set(err, ERR_USAGE, "'%.200s' is no %s name", text, id->what);
		if (strcmp(id->path, "/") == 0)
			id->path[0] = '\0';
		return 0;
	}
	if (!identity_name_ok(text, 64))
		return err_set(err, ERR_USAGE,
			       "'%.200s' is no access key id, ARN, unique id or user name", text);
	id->kind = IDENTITY_USER;
	id->what = "user";
	return copy(id->name, sizeof(id->name), text, strlen(text));
}

int identity_parse(const char *text, struct identity *ret_id, struct err *err)
{
	struct identity id = {.what = ""};
	int ret;

	if (text_has_prefix(text, "arn:")) {
		ret = parse_arn(text, &id, err);
	} else if (strchr(text, ':')) {
		ret = parse_role_session(text, &id, err);
	} else if (identity_account_ok(text)) {
		id.kind = IDENTITY_ROOT;
		id.what = "account";
		memcpy(id.account, text, sizeof(id.account));
		ret = 0;
	} else if (parse_id(text, &id)) {
		ret = 0;
	} else {
		ret = parse_name(text, &id, err);
	}
	if (ret == 0)
		*ret_id = id;
	return ret;
}
