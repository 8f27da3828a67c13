// SPDX-License-Identifier: Apache-2.0
/* Working from the rows of operation_table.c: what may be sent, what it changes, whether it stands.
 */
#include "cordon/operation.h"

#include "cordon/account.h"
#include "cordon/err.h"
#include "cordon/json.h"
#include "cordon/text.h"
#include "effects.h"

#include <string.h>

const struct operation *operation_find(const char *name)
{
	const struct operation *op;

	for (size_t i = 0; (op = operation_at(i)); i++) {
		if (text_equal(op->name, name))
			return op;
	}
	return NULL;
}

static const struct service {
	const char *name, *version, *target;
} services[] = {
	{"iam", "2010-05-08", NULL},
	{"sts", "2011-06-15", NULL},
	{"cloudtrail", "2013-11-01", "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101"},
};

static const struct service *service_find(const char *name)
{
	for (size_t i = 0; i < sizeof(services) / sizeof(services[0]); i++) {
		if (text_equal(services[i].name, name))
			return &services[i];
	}
	return NULL;
}

const char *operation_version(const char *service)
{
	const struct service *row = service_find(service);

	return row ? row->version : NULL;
}

const char *operation_target(const char *service)
{
	const struct service *row = service_find(service);

	return row ? row->target : NULL;
}

const char *operation_principal(const struct operation *op, const json_t *parameters)
{
	for (const struct member *m = op->input; m->name; m++) {
		if (m->flags & MEMBER_PRINCIPAL)
			return jx_text(parameters, m->name);
	}
	return NULL;
}

static bool shape_fits(const struct shape *shape, const json_t *value);

static bool items_fit(const struct shape *shape, const json_t *list)
{
	json_t *item;
	size_t i;

	json_array_foreach (list, i, item) {
		if (!shape_fits(shape->item, item))
			return false;
	}
	return json_is_array(list);
}

static bool shape_fits(const struct shape *shape, const json_t *value)
{
	switch (shape->kind) {
	case SHAPE_STRING:
	case SHAPE_TIME:
	case SHAPE_SECRET:
		return json_is_string(value);
	case SHAPE_DOCUMENT:
		return json_is_string(value) || json_is_object(json_object_get(value, "$document"));
	case SHAPE_INTEGER:
		return json_is_integer(value);
	case SHAPE_BOOLEAN:
		return json_is_boolean(value);
	case SHAPE_LIST:
		return items_fit(shape, value);
	case SHAPE_STRUCTURE:
	case SHAPE_MAP:
		return json_is_object(value);
	}
	return false;
}

static int check_member(const struct operation *op, const struct member *m, const json_t *value,
			struct err *err)
{
	if (!value) {
		if (!(m->flags & MEMBER_REQUIRED))
			return 0;
		return err_set(err, ERR_REFUSED, "%s without %s is not sent%s", op->name, m->name,
			       m->flags & MEMBER_PRINCIPAL ? ": it would act on ourselves" : "");
	}
	if (!shape_fits(m->shape, value))
		return err_set(err, ERR_REFUSED, "%s: %s is of the wrong type", op->name, m->name);
	if ((m->flags & MEMBER_REQUIRED) && json_is_string(value) && !*json_string_value(value))
		return err_set(err, ERR_REFUSED, "%s with an empty %s is not sent%s", op->name,
			       m->name,
			       m->flags & MEMBER_PRINCIPAL ? ": it would act on ourselves" : "");
	return 0;
}

static bool is_member(const struct operation *op, const char *name)
{
	const struct member *m = op->input;

	while (m->name && strcmp(m->name, name) != 0)
		m++;
	return m->name != NULL;
}

int operation_check(const struct operation *op, const json_t *parameters, struct err *err)
{
	const char *key;
	json_t *value;

	for (const struct member *m = op->input; m->name; m++) {
		if (check_member(op, m, json_object_get(parameters, m->name), err))
			return -1;
	}
	json_object_foreach ((json_t *)(uintptr_t)parameters, key, value) {
		if (!is_member(op, key))
			return err_set(err, ERR_REFUSED, "%s has no parameter '%.100s'", op->name,
				       key);
	}
	return 0;
}

int operation_effect(const struct operation *op, json_t *account, const json_t *parameters)
{
	json_t *entry = account_find(account, op->on, operation_principal(op, parameters));

	if (op->account_effect)
		return op->account_effect(op, account, parameters);
	if (!entry || !op->effect)
		return -1;
	return op->effect(op, entry, parameters);
}

json_t *operation_undo(const struct operation *op, const json_t *account, const json_t *parameters)
{
	const json_t *entry = account_find(account, op->on, operation_principal(op, parameters));

	if (!op->undo || (!entry && !op->account_effect))
		return NULL;
	return op->undo(op, entry, parameters);
}

/* What is known of the one item, or else of the section, that the call changes. */
static enum section_state read_of(const struct operation *op, const json_t *entry,
				  const json_t *parameters)
{
	const char *member = account_section_row(op->section)->key;
	const char *key = member ? jx_text(parameters, member) : NULL;

	json_t *item = NULL;

	if (!key)
		return account_section(entry, op->section, NULL);
	enum section_state state = account_item(entry, op->section, key, &item);
	/* It is there, and what it says is not known. */
	if (state == SECTION_VALUE && !(op->flags & OPERATION_REMOVES) &&
	    json_object_get(json_object_get(item, "PolicyDocument"), "unread"))
		return SECTION_UNREAD;
	return state;
}

/* A principal that ends is gone, one that is made is there: no more is known of it. */
static enum operation_state state_of_principal(const struct operation *op, const json_t *entry)
{
	bool wanted = !(op->flags & OPERATION_REMOVES);

	return wanted == (entry != NULL) ? OPERATION_DONE : OPERATION_UNDONE;
}

enum operation_state operation_state(const struct operation *op, const json_t *account,
				     const json_t *parameters)
{
	json_t *entry = account_find(account, op->on, operation_principal(op, parameters));

	if (op->account_effect)
		return state_of_principal(op, entry);
	if (!entry || !op->effect)
		return OPERATION_UNKNOWN;
	if (read_of(op, entry, parameters) == SECTION_UNREAD)
		return OPERATION_UNKNOWN;
	json_auto_t *after = jx_copy(entry);
	if (op->effect(op, after, parameters))
		return OPERATION_UNDONE;
	return account_same(entry, after) ? OPERATION_DONE : OPERATION_UNDONE;
}
