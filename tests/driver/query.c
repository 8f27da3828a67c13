// SPDX-License-Identifier: Apache-2.0
/*
 * {"table":true} to {"rows":[..]}, every row of the operation table;
 * {"encode":OPERATION,"parameters":{..},"marker"?:..} to {"body"};
 * {"decode":OPERATION,"body":..} to {"reply","marker","request_id","secrets":{..}};
 * {"status":N,"type"?,"body":..} to {"code","message","aws_code","request_id"}; or {"error"}.
 */
#include "cordon/query.h"

#include "cordon/buf.h"
#include "driver.h"

static json_t *describe_members(const struct member *members);

static json_t *describe(const struct shape *shape)
{
	static const char *const kinds[] = {"string", "integer",   "boolean", "time", "document",
					    "secret", "structure", "list",    "map"};
	json_t *out = jx_pack("{s:s}", "kind", kinds[shape->kind]);

	if (shape->kind == SHAPE_STRUCTURE)
		jx_set(out, "members", describe_members(shape->members));
	if (shape->item)
		jx_set(out, "item", describe(shape->item));
	return out;
}

static json_t *describe_members(const struct member *members)
{
	json_t *out = jx_pack("[]");

	for (const struct member *m = members; m && m->name; m++)
		jx_push(out,
			jx_pack("{s:s, s:b, s:o}", "name", m->name, "required",
				(m->flags & MEMBER_REQUIRED) != 0, "shape", describe(m->shape)));
	return out;
}

static json_t *table(void)
{
	json_t *rows = jx_pack("[]");
	const struct operation *op = NULL;

	for (size_t i = 0; (op = operation_at(i)); i++)
		jx_push(rows, jx_pack("{s:s, s:s, s:o, s:s, s:b, s:b, s:o, s:o}", "name", op->name,
				      "service", op->service, "target",
				      jx_string(operation_target(op->service)), "version",
				      operation_version(op->service), "paged",
				      (op->flags & OPERATION_PAGED) != 0, "has_output",
				      op->output != NULL, "input", describe_members(op->input),
				      "output", describe_members(op->output)));
	return jx_pack("{s:o}", "rows", rows);
}

static json_t *encode(const struct operation *op, const json_t *line)
{
	autobuf struct buf body = BUF_INIT(16 * 1024 * 1024);
	struct err err = ERR_INIT;

	if (query_encode(op, json_object_get(line, "parameters"), jx_text(line, "marker"), &body,
			 &err))
		return driver_error(&err);
	return jx_pack("{s:o}", "body", jx_string(buf_text(&body)));
}

static json_t *decode(const struct operation *op, const json_t *body)
{
	struct query_secrets secrets = {.count = 0};
	struct err err = ERR_INIT;
	json_t *reply = NULL;
	char *marker = NULL;
	char id[128];
	json_t *kept = jx_pack("{}");

	if (query_decode(op, json_string_value(body), json_string_length(body), &secrets, &reply,
			 &marker, id, &err)) {
		json_decref(kept);
		return driver_error(&err);
	}
	for (size_t i = 0; i < secrets.count; i++) {
		jx_set(kept, secrets.item[i].name, jx_string(secrets.item[i].value.bytes));
		secret_release(&secrets.item[i].value);
	}
	json_t *out = jx_pack("{s:o, s:o, s:o, s:o}", "reply", reply, "marker", jx_string(marker),
			      "request_id", jx_string(id), "secrets", kept);
	free(marker);
	return out;
}

static json_t *explain(const json_t *line)
{
	const json_t *body = json_object_get(line, "body");
	struct err err = ERR_INIT;

	query_error((int)json_integer_value(json_object_get(line, "status")), jx_text(line, "type"),
		    json_string_value(body), json_string_length(body), &err);
	return jx_pack("{s:s, s:o, s:o, s:o}", "code", err_code_name(err.code), "message",
		       jx_string(err.message), "aws_code", jx_string(err.aws_code), "request_id",
		       jx_string(err.request_id));
}

static json_t *answer(const json_t *line)
{
	const char *encoded = jx_text(line, "encode");
	const char *decoded = jx_text(line, "decode");
	struct err err = ERR_INIT;

	if (json_object_get(line, "table"))
		return table();
	if (json_object_get(line, "status"))
		return explain(line);
	const struct operation *op = operation_find(encoded ? encoded : decoded);
	if (!op) {
		err_set(&err, ERR_REFUSED, "no such operation");
		return driver_error(&err);
	}
	return encoded ? encode(op, line) : decode(op, json_object_get(line, "body"));
}

int main(void)
{
	return driver_run(answer);
}
