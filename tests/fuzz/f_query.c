// SPDX-License-Identifier: Apache-2.0
#include "cordon/buf.h"
#include "cordon/err.h"
#include "cordon/json.h"
#include "cordon/query.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void must(bool good)
{
	if (!good)
		abort();
}

/* CreateAccessKey, by heart: its reply holds a secret. */
static const struct shape string = {.kind = SHAPE_STRING};
static const struct shape secret = {.kind = SHAPE_SECRET};
static const struct member key_members[] = {
	{"AccessKeyId", &string, 0}, {"SecretAccessKey", &secret, 0}, {0}};
static const struct shape key = {.kind = SHAPE_STRUCTURE, .members = key_members};
static const struct member output[] = {{"AccessKey", &key, 0}, {0}};
static const struct operation create = {
	.name = "CreateAccessKey", .service = "iam", .input = output, .output = output};

/* What comes out is JSON that can be read back, knows no member but the table's, and holds no
 * secret. */
static void check(const struct operation *op, const json_t *reply)
{
	char *text = jx_compact(reply);
	json_auto_t *again = json_loads(text, 0, NULL);

	must(again && json_equal(again, reply));
	must(!json_object_get(reply, "SecretAccessKey"));
	must(!jx_at(reply, "AccessKey", "SecretAccessKey", NULL));
	if (op->flags & OPERATION_PAGED)
		must(!json_object_get(reply, "IsTruncated"));
	free(text);
}

static void decode(const struct operation *op, const char *body, size_t length)
{
	struct query_secrets secrets = {.count = 0};
	struct err err = ERR_INIT;
	json_t *reply = NULL;
	char *marker = NULL;
	char id[128] = "";

	if (query_decode(op, body, length, &secrets, &reply, &marker, id, &err)) {
		must(err.code == ERR_PROTOCOL && err.message[0] && !reply && !marker);
		must(secrets.count == 0);
		return;
	}
	check(op, reply);
	must(!marker || *marker);
	while (secrets.count > 0)
		secret_release(&secrets.item[--secrets.count].value);
	json_decref(reply);
	free(marker);
}

/* The operation is the one that the input names, so that a corpus is replies as they are. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	const struct operation *op = NULL;

	decode(&create, (const char *)bytes, length);
	for (size_t i = 0; (op = operation_at(i)); i++) {
		autobuf struct buf root = BUF_INIT(256);

		buf_addf(&root, "%sResponse", op->name);
		if (memmem(bytes, length, root.data, root.length))
			decode(op, (const char *)bytes, length);
	}
	return 0;
}
