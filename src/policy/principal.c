// SPDX-License-Identifier: Apache-2.0
/* Who asks, and whom a resource policy names. */
#include "compiled.h"
#include "cordon/policy.h"
#include "cordon/text.h"

#include <stdio.h>
#include <string.h>

/* Every request begins here: snprintf() would take a third of its time. */
static void copy_text(char *to, size_t size, const char *from)
{
	size_t length = strnlen(from, size - 1);

	memcpy(to, from, length);
	to[length] = '\0';
}

static bool is_account(const char *text)
{
	return strlen(text) == 12 && text_only(text, "0123456789");
}

/* A session's ARN has the role's name without its path: the context knows the whole. */
static void find_issuer(struct who *who, const struct request *request, const struct arn *arn)
{
	const struct context_key *key = context_find(request->context, "aws:principalarn");
	const char *known = request->issuer;
	char role[65];

	if (!known && key->state == KEY_ONE)
		known = key->values[0];
	if (known && !text_equal(known, who->name)) {
		copy_text(who->issuer, sizeof(who->issuer), known);
		return;
	}
	if (who->kind != WHO_SESSION)
		return;
	const char *name = arn->resource + strlen("assumed-role/");
	size_t length = strcspn(name, "/");
	if (length >= sizeof(role))
		return;
	memcpy(role, name, length);
	role[length] = '\0';
	snprintf(who->issuer, sizeof(who->issuer), "arn:%s:iam::%s:role/%s", arn->partition,
		 arn->account, role);
}

static enum who_kind kind_of(const struct arn *arn)
{
	static const struct {
		const char *service, *prefix;
		enum who_kind kind;
	} rows[] = {
		{"iam", "user/", WHO_USER},
		{"iam", "role/", WHO_ROLE},
		{"sts", "assumed-role/", WHO_SESSION},
		{"sts", "federated-user/", WHO_FEDERATED},
		{"iam", "saml-provider/", WHO_SERVICE},
		{"iam", "oidc-provider/", WHO_SERVICE},
	};

	if (text_equal(arn->service, "iam") && text_equal(arn->resource, "root"))
		return WHO_ROOT;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (text_equal(arn->service, rows[i].service) &&
		    text_has_prefix(arn->resource, rows[i].prefix))
			return rows[i].kind;
	}
	return WHO_OTHER;
}

struct who who_of(const struct request *request)
{
	const char *name = request->principal ? request->principal : "*";
	struct who who = {.kind = WHO_SERVICE, .name = name};
	struct arn arn;

	if (text_equal(name, "*") || text_equal_nocase(name, "anonymous")) {
		who.kind = WHO_ANYBODY;
		return who;
	}
	if (is_account(name)) {
		who.kind = WHO_ROOT;
		copy_text(who.account, sizeof(who.account), name);
		return who;
	}
	if (arn_parse(name, &arn))
		return who;
	who.kind = kind_of(&arn);
	copy_text(who.account, sizeof(who.account), arn.account);
	copy_text(who.partition, sizeof(who.partition), arn.partition);
	if (who.kind == WHO_SESSION || who.kind == WHO_FEDERATED)
		find_issuer(&who, request, &arn);
	who.service_linked = strstr(name, ":role/aws-service-role/") ||
			     strstr(who.issuer, ":role/aws-service-role/") ||
			     strstr(name, ":assumed-role/AWSServiceRoleFor");
	return who;
}

static bool names_account(const char *name, const struct who *who)
{
	struct arn arn;

	if (!*who->account)
		return false;
	if (is_account(name))
		return text_equal(name, who->account);
	return arn_parse(name, &arn) == 0 && text_equal(arn.service, "iam") &&
	       text_equal(arn.account, who->account) && text_equal(arn.resource, "root");
}

static enum grant match_aws(const char *name, const struct who *who)
{
	if (text_equal(name, "*"))
		return GRANT_DIRECT;
	if (who->kind == WHO_ANYBODY || who->kind == WHO_SERVICE)
		return GRANT_NONE;
	if (text_equal(name, who->name))
		return who->kind == WHO_ROLE ? GRANT_ISSUER : GRANT_DIRECT;
	if (*who->issuer && text_equal(name, who->issuer))
		return GRANT_ISSUER;
	if (names_account(name, who))
		return who->kind == WHO_ROOT ? GRANT_DIRECT : GRANT_ACCOUNT;
	return GRANT_NONE;
}

enum grant principals_match(const struct principal_list *list, const struct who *who)
{
	enum grant best = list->all ? GRANT_DIRECT : GRANT_NONE;

	for (size_t i = 0; i < list->count && best != GRANT_DIRECT; i++) {
		const struct principal_name *row = &list->names[i];
		enum grant one = GRANT_NONE;
		if (row->kind == PRINCIPAL_AWS)
			one = match_aws(row->name, who);
		else if (who->kind == WHO_SERVICE && text_equal(row->name, who->name))
			one = GRANT_DIRECT;
		if (one > best)
			best = one;
	}
	return best;
}

static const struct {
	const char *name;
	unsigned kind;
} kinds[] = {
	{"AWS", PRINCIPAL_AWS},
	{"Service", PRINCIPAL_SERVICE},
	{"Federated", PRINCIPAL_FEDERATED},
	/* Of S3 alone: the id of an account that nothing else of a request shows. */
	{"CanonicalUser", PRINCIPAL_FEDERATED},
};

struct principals {
	struct arena *arena;
	struct principal_list list;
	complain_fn *complain;
	void *arg;
};

static void add_name(struct principals *p, const json_t *json, unsigned kind)
{
	const char *name = json_string_value(json);

	if (!name) {
		p->complain(p->arg, "a principal that is no text", "");
		p->list.broken = true;
		return;
	}
	p->list.names[p->list.count++] = (struct principal_name){
		.name = arena_copy(p->arena, name, strlen(name)), .kind = kind};
}

static void add_names(struct principals *p, const char *kind, const json_t *value)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (!text_equal(kinds[i].name, kind))
			continue;
		if (!json_is_array(value))
			add_name(p, value, kinds[i].kind);
		for (size_t n = 0; n < json_array_size(value); n++)
			add_name(p, json_array_get(value, n), kinds[i].kind);
		return;
	}
	p->complain(p->arg, "a kind of principal that is not known", kind);
	p->list.broken = true;
}

struct principal_list principals_compile(struct arena *arena, const json_t *principal,
					 complain_fn *complain, void *arg)
{
	struct principals p = {.arena = arena, .complain = complain, .arg = arg};
	const char *kind;
	json_t *value;
	size_t count = 0;

	p.list.all = text_equal(json_string_value(principal), "*");
	if (p.list.all)
		return p.list;
	if (!json_is_object(principal)) {
		complain(arg, "a principal that is neither '*' nor an object", "");
		p.list.broken = true;
		return p.list;
	}
	json_object_foreach ((json_t *)(uintptr_t)principal, kind, value)
		count += json_is_array(value) ? json_array_size(value) : 1;
	p.list.names = arena_get(arena, (count + 1) * sizeof(*p.list.names));
	json_object_foreach ((json_t *)(uintptr_t)principal, kind, value)
		add_names(&p, kind, value);
	return p.list;
}
