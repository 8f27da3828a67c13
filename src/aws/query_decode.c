// SPDX-License-Identifier: Apache-2.0
#include "cordon/query.h"

#include "cordon/err.h"
#include "cordon/json.h"
#include "cordon/text.h"
#include "query_json.h"
#include "query_xml.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OUTPUT_MAX = 32, NAME_MAX_LENGTH = 128 };

static const struct shape string = {.kind = SHAPE_STRING};
static const struct shape boolean = {.kind = SHAPE_BOOLEAN};
static const struct member metadata_members[] = {{"RequestId", &string, 0}, {0}};
static const struct shape metadata = {.kind = SHAPE_STRUCTURE, .members = metadata_members};

static const struct member paging[] = {{"IsTruncated", &boolean, 0}, {"Marker", &string, 0}};

/* What may stand in the result: the row's own members, and the two of every list in pages. */
static void result_members(const struct operation *op, struct member ret_members[static OUTPUT_MAX])
{
	size_t count = 0;

	for (const struct member *m = op->output; m && m->name; m++) {
		if (count == OUTPUT_MAX - 3)
			abort();
		ret_members[count++] = *m;
	}
	if (op->flags & OPERATION_PAGED) {
		ret_members[count++] = paging[0];
		ret_members[count++] = paging[1];
	}
	ret_members[count] = (struct member){0};
}

/* Takes the paging members out of result. */
static int take_marker(const struct operation *op, json_t *result, char **ret_marker,
		       struct err *err)
{
	if (!(op->flags & OPERATION_PAGED))
		return 0;
	const char *marker = jx_text(result, "Marker");
	bool more = json_is_true(json_object_get(result, "IsTruncated"));

	if (more && (!marker || !*marker))
		return err_set(err, ERR_PROTOCOL, "%s: the reply is cut short and says not where",
			       op->name);
	if (more && !(*ret_marker = strdup(marker)))
		abort();
	json_object_del(result, "IsTruncated");
	json_object_del(result, "Marker");
	return 0;
}

static void copy_text(char ret_text[static 128], const char *text)
{
	snprintf(ret_text, 128, "%s", text ? text : "");
}

/* root_name and result_name of "GetUser": GetUserResponse, GetUserResult. */
static void derive_name(char ret_name[static NAME_MAX_LENGTH], const struct operation *op,
			const char *suffix)
{
	int n = snprintf(ret_name, NAME_MAX_LENGTH, "%s%s", op->name, suffix);

	if (n < 0 || n >= NAME_MAX_LENGTH)
		abort();
}

static void drop_secrets(struct query_secrets *secrets, size_t count)
{
	while (secrets && secrets->count > count)
		secret_release(&secrets->item[--secrets->count].value);
}

static json_t *read_reply(const struct operation *op, const char *result_name, const char *body,
			  size_t length, struct query_secrets *secrets, struct err *err)
{
	char root[NAME_MAX_LENGTH];
	struct member members[OUTPUT_MAX];

	derive_name(root, op, "Response");
	result_members(op, members);
	const struct shape result = {.kind = SHAPE_STRUCTURE, .members = members};
	const struct member top[] = {
		{result_name, &result, 0}, {"ResponseMetadata", &metadata, 0}, {0}};
	return query_xml(root, top, body, length, secrets, err);
}

static int decode(const struct operation *op, const char *body, size_t length,
		  struct query_secrets *secrets, json_t **ret_reply, char **ret_marker,
		  char ret_request_id[static 128], struct err *err)
{
	char name[NAME_MAX_LENGTH];
	char *marker = NULL;

	derive_name(name, op, "Result");
	json_auto_t *whole = read_reply(op, name, body, length, secrets, err);
	if (!whole)
		return err_wrap(err, "%s", op->name);
	json_t *result = json_object_get(whole, name);
	if (!result && op->output)
		return err_set(err, ERR_PROTOCOL, "%s: the reply holds no %s", op->name, name);
	if (take_marker(op, result, &marker, err))
		return -1;
	copy_text(ret_request_id, jx_text(jx_at(whole, "ResponseMetadata", NULL), "RequestId"));
	*ret_reply = result ? json_incref(result) : jx_pack("{}");
	*ret_marker = marker;
	return 0;
}

int query_decode(const struct operation *op, const char *body, size_t length,
		 struct query_secrets *secrets, json_t **ret_reply, char **ret_marker,
		 char ret_request_id[static 128], struct err *err)
{
	size_t held = secrets ? secrets->count : 0;

	if (operation_target(op->service)) {
		*ret_marker = NULL;
		copy_text(ret_request_id, NULL);
		*ret_reply = query_json_decode(op, body, length, err);
		return *ret_reply ? 0 : err_wrap(err, "%s", op->name);
	}
	int result = decode(op, body, length, secrets, ret_reply, ret_marker, ret_request_id, err);

	if (result)
		drop_secrets(secrets, held);
	return result;
}
