// SPDX-License-Identifier: Apache-2.0
/* Two accounts side by side: filling gaps of one from the other, and what differs. */
#include "cordon/account.h"
#include "cordon/json.h"
#include "cordon/text.h"

#include <stdio.h>
#include <string.h>

static void fill_sections(json_t *before, const json_t *later, enum principal_kind kind)
{
	const struct section *row;
	json_t *value = NULL;

	for (size_t i = 0; (row = account_section_at(i)); i++) {
		if (row->kinds & (1u << kind) &&
		    account_section(before, row->name, NULL) == SECTION_UNREAD &&
		    account_section(later, row->name, &value) != SECTION_UNREAD)
			jx_set(before, row->name, jx_copy(value));
	}
}

static void fill_kind(json_t *before, const json_t *later, enum principal_kind kind)
{
	bool complete = account_listed(before, kind);
	json_t *entry;
	size_t i;

	json_array_foreach (account_entries(later, kind), i, entry) {
		json_t *mine = account_find(before, kind, account_name(entry, kind));
		if (mine)
			fill_sections(mine, entry, kind);
		else if (!complete)
			jx_push(account_entries(before, kind), jx_copy(entry));
	}
	if (account_listed(later, kind))
		account_set_listed(before, kind);
}

static void fill_list(json_t *before, const json_t *later, const char *list, const char *key)
{
	json_t *mine = json_object_get(before, list);
	json_t *item;
	size_t i;

	if (!json_is_array(mine)) {
		mine = json_array();
		jx_set(before, list, mine);
	}
	json_array_foreach (json_object_get(later, list), i, item) {
		if (!jx_find(mine, key, jx_text(item, key), NULL))
			jx_push(mine, jx_copy(item));
	}
}

void account_fill(json_t *before, const json_t *later)
{
	static const char *const own[] = {"AccountAliases", "SummaryMap", NULL};
	json_t *value = NULL;

	for (size_t i = 0; own[i]; i++) {
		if (account_section(before, own[i], NULL) == SECTION_UNREAD &&
		    account_section(later, own[i], &value) != SECTION_UNREAD)
			jx_set(before, own[i], jx_copy(value));
	}
	for (enum principal_kind kind = PRINCIPAL_USER; kind <= PRINCIPAL_GROUP; kind++)
		fill_kind(before, later, kind);
	fill_list(before, later, "Policies", "Arn");
	fill_list(before, later, "AccessKeyLastUsed", "AccessKeyId");
}

/* Dates and uses change by themselves. */
static bool changes_by_itself(const char *member)
{
	return text_has_suffix(member, "Date") || text_has_suffix(member, "LastUsed");
}

struct comparison {
	json_t *out;
	char principal[160]; /* "user/alice" */
	const char *section;
};

static void note(struct comparison *c, const char *item, const char *member, const json_t *from,
		 const json_t *to)
{
	jx_push(c->out,
		jx_pack("{s:s, s:s, s:s?, s:s?, s:o, s:o}", "principal", c->principal, "section",
			c->section, "item", item, "member", member, "from",
			from ? jx_copy(from) : json_null(), "to", to ? jx_copy(to) : json_null()));
}

static bool same_member(const char *member, const json_t *a, const json_t *b)
{
	json_auto_t *left = jx_pack("{s:O}", member, a);
	json_auto_t *right = jx_pack("{s:O}", member, b);

	return account_same(left, right);
}

static void compare_objects(struct comparison *c, const char *item, const json_t *a,
			    const json_t *b)
{
	const char *key;
	json_t *value;

	json_object_foreach ((json_t *)(uintptr_t)a, key, value) {
		json_t *other = json_object_get(b, key);
		if (other && !changes_by_itself(key) && !same_member(key, value, other))
			note(c, item, key, value, other);
	}
}

static const char *item_name(const struct section *row, const json_t *item)
{
	return row->key ? jx_text(item, row->key) : json_string_value(item);
}

static const json_t *item_in(const struct section *row, const json_t *list, const char *name)
{
	json_t *item;
	size_t i;

	json_array_foreach (list, i, item) {
		if (text_equal(item_name(row, item), name))
			return item;
	}
	return NULL;
}

static void compare_lists(struct comparison *c, const struct section *row, const json_t *a,
			  const json_t *b)
{
	json_t *item;
	size_t i;

	json_array_foreach (a, i, item) {
		const char *name = item_name(row, item);
		const json_t *other = item_in(row, b, name);
		if (!other)
			note(c, name, NULL, item, NULL);
		else if (json_is_object(item))
			compare_objects(c, name, item, other);
	}
	json_array_foreach (b, i, item) {
		if (!item_in(row, a, item_name(row, item)))
			note(c, item_name(row, item), NULL, NULL, item);
	}
}

static void compare_section(struct comparison *c, const struct section *row, const json_t *from,
			    const json_t *to)
{
	json_t *a = NULL;
	json_t *b = NULL;

	if (changes_by_itself(row->name) ||
	    account_section(from, row->name, &a) == SECTION_UNREAD ||
	    account_section(to, row->name, &b) == SECTION_UNREAD)
		return;
	c->section = row->name;
	if (row->list)
		compare_lists(c, row, a, b);
	else if (json_is_object(a) && json_is_object(b) && !json_object_get(a, "$document"))
		compare_objects(c, NULL, a, b);
	else if (!same_member(row->name, a, b))
		note(c, NULL, NULL, a, b);
}

static void compare_entries(json_t *out, enum principal_kind kind, const json_t *from,
			    const json_t *to)
{
	struct comparison c = {.out = out};
	const struct section *row;

	snprintf(c.principal, sizeof(c.principal), "%s/%.128s", account_kind_name(kind),
		 account_name(from ? from : to, kind));
	if (!from || !to) {
		c.section = "entry";
		note(&c, NULL, NULL, from ? json_object_get(from, "Arn") : NULL,
		     to ? json_object_get(to, "Arn") : NULL);
		return;
	}
	for (size_t i = 0; (row = account_section_at(i)); i++) {
		if (row->kinds & (1u << kind))
			compare_section(&c, row, from, to);
	}
}

json_t *account_diff(const json_t *from, const json_t *to)
{
	json_t *out = json_array();
	json_t *entry;
	size_t i;

	for (enum principal_kind kind = PRINCIPAL_USER; kind <= PRINCIPAL_GROUP; kind++) {
		json_array_foreach (account_entries(from, kind), i, entry) {
			const json_t *other = account_find(to, kind, account_name(entry, kind));
			if (other || account_listed(to, kind))
				compare_entries(out, kind, entry, other);
		}
		json_array_foreach (account_entries(to, kind), i, entry) {
			if (!account_find(from, kind, account_name(entry, kind)) &&
			    account_listed(from, kind))
				compare_entries(out, kind, NULL, entry);
		}
	}
	return out;
}
