// SPDX-License-Identifier: Apache-2.0
#include "query_xml.h"

#include "cordon/buf.h"
#include "cordon/err.h"
#include "cordon/json.h"
#include "cordon/query.h"
#include "cordon/text.h"

#include <libxml/parser.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PIECE = 32768 };

#define autoparser __attribute__((cleanup(free_parser)))

/* What an open element is. A shape is NULL where its element is skipped, with all that it holds. */
struct frame {
	const struct shape *shape;
	const char *name; /* of the table: the key in the parent, or NULL */
	json_t *value;	  /* of a structure, list or map */
	bool entry;	  /* the <entry> of a map: shape is the map's, value the map's own */
	struct buf text;  /* of a scalar; a map entry's key */
	json_t *item;	  /* of a map entry: its value */
};

struct reader {
	const char *root;
	const struct shape *document;
	struct query_secrets *secrets;
	struct err *err;
	xmlParserCtxtPtr parser;
	bool failed;
	size_t depth;
	json_t *reply;
	struct frame frames[QUERY_MAX_DEPTH];
};

static const struct shape key_shape = {.kind = SHAPE_STRING};

static void free_parser(xmlParserCtxtPtr *parser)
{
	xmlFreeParserCtxt(*parser);
}

/* libxml2 may call on for a while after it was stopped, so every handler looks at `failed`. */
__attribute__((format(printf, 2, 3))) static void fail(struct reader *r, const char *format, ...)
{
	char why[256];
	va_list args;

	if (r->failed)
		return;
	va_start(args, format);
	vsnprintf(why, sizeof(why), format, args);
	va_end(args);
	err_set(r->err, ERR_PROTOCOL, "the reply cannot be understood: %s", why);
	r->failed = true;
	xmlStopParser(r->parser);
}

static bool is_scalar(const struct shape *shape)
{
	return shape && shape->kind != SHAPE_STRUCTURE && shape->kind != SHAPE_LIST &&
	       shape->kind != SHAPE_MAP;
}

static const struct member *find_member(const struct member *members, const char *name)
{
	for (; members && members->name; members++) {
		if (strcmp(members->name, name) == 0)
			return members;
	}
	return NULL;
}

static void open_entry_part(const struct frame *parent, const char *name, struct frame *child)
{
	if (strcmp(name, "key") == 0) {
		child->shape = &key_shape;
		child->name = "key";
	} else if (strcmp(name, "value") == 0) {
		child->shape = parent->shape->item;
		child->name = "value";
	}
}

/* Says what child is, going by what holds it. */
static void open_child(const struct frame *parent, const char *name, struct frame *child)
{
	if (!parent->shape)
		return;
	if (parent->entry) {
		open_entry_part(parent, name, child);
		return;
	}
	const struct member *m = NULL;
	switch (parent->shape->kind) {
	case SHAPE_STRUCTURE:
		m = find_member(parent->shape->members, name);
		child->shape = m ? m->shape : NULL;
		child->name = m ? m->name : NULL;
		break;
	case SHAPE_LIST:
		if (strcmp(name, "member") == 0)
			child->shape = parent->shape->item;
		break;
	case SHAPE_MAP:
		if (strcmp(name, "entry") == 0) {
			child->shape = parent->shape;
			child->entry = true;
		}
		break;
	default:
		break;
	}
}

static json_t *new_value(const struct frame *f)
{
	if (!f->shape || f->entry || is_scalar(f->shape))
		return NULL;
	return f->shape->kind == SHAPE_LIST ? jx_pack("[]") : jx_pack("{}");
}

static void on_start(void *arg, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri,
		     int namespace_count, const xmlChar **namespaces, int attribute_count,
		     int defaulted_count, const xmlChar **attributes)
{
	struct reader *r = arg;
	const char *local = (const char *)name;

	(void)prefix, (void)uri, (void)namespace_count, (void)namespaces;
	(void)attribute_count, (void)defaulted_count, (void)attributes;
	if (r->failed)
		return;
	if (r->depth == QUERY_MAX_DEPTH) {
		fail(r, "it is nested deeper than %d", QUERY_MAX_DEPTH);
		return;
	}
	if (r->depth == 0 && strcmp(local, r->root) != 0) {
		fail(r, "it is a '%.64s' where a '%s' is due", local, r->root);
		return;
	}
	struct frame *f = &r->frames[r->depth];
	*f = (struct frame){.text = BUF_INIT(QUERY_MAX_REPLY)};
	if (r->depth == 0)
		f->shape = r->document;
	else
		open_child(f - 1, local, f);
	f->value = new_value(f);
	r->depth++;
}

static void on_text(void *arg, const xmlChar *text, int length)
{
	struct reader *r = arg;

	if (r->failed || r->depth == 0 || length <= 0)
		return;
	struct frame *f = &r->frames[r->depth - 1];
	if (!is_scalar(f->shape))
		return;
	buf_add_bytes(&f->text, text, (size_t)length);
	if (f->text.failed)
		fail(r, "a value is too large");
}

static void keep_secret(struct reader *r, const struct frame *f)
{
	struct query_secrets *secrets = r->secrets;

	if (!secrets)
		return;
	if (secrets->count == QUERY_MAX_SECRETS) {
		fail(r, "it holds more than %d secrets", QUERY_MAX_SECRETS);
		return;
	}
	secrets->item[secrets->count].name = f->name;
	secret_set(&secrets->item[secrets->count].value, buf_text(&f->text), f->text.length);
	secrets->count++;
}

/* A document whose encoding is broken is handed on as it came: reading it as JSON fails where it
 * is used, and the rest of the reply stays good. */
static json_t *document_value(const struct buf *text)
{
	autobuf struct buf plain = BUF_INIT(QUERY_MAX_REPLY);

	if (text_percent_decode(&plain, buf_text(text), text->length) || plain.failed)
		return jx_string(buf_text(text));
	return jx_string(buf_text(&plain));
}

static json_t *integer_value(struct reader *r, const struct frame *f)
{
	long number = 0;

	if (text_parse_number(buf_text(&f->text), LONG_MIN, LONG_MAX, &number)) {
		fail(r, "a %s is no whole number", f->name ? f->name : "list item");
		return NULL;
	}
	return jx_pack("I", (json_int_t)number);
}

static json_t *boolean_value(struct reader *r, const struct frame *f)
{
	bool yes = text_equal_nocase(buf_text(&f->text), "true");

	if (!yes && !text_equal_nocase(buf_text(&f->text), "false")) {
		fail(r, "a %s is neither true nor false", f->name ? f->name : "list item");
		return NULL;
	}
	return jx_pack("b", yes);
}

/* The value of a closed element; NULL if it leaves nothing in the JSON. */
static json_t *take_value(struct reader *r, struct frame *f)
{
	json_t *value = f->value;

	switch (f->shape->kind) {
	case SHAPE_STRING:
	case SHAPE_TIME:
		return jx_string(buf_text(&f->text));
	case SHAPE_DOCUMENT:
		return document_value(&f->text);
	case SHAPE_INTEGER:
		return integer_value(r, f);
	case SHAPE_BOOLEAN:
		return boolean_value(r, f);
	case SHAPE_SECRET:
		keep_secret(r, f);
		return NULL;
	default:
		f->value = NULL;
		return value;
	}
}

static void put_once(struct reader *r, json_t *object, const char *key, json_t *stolen)
{
	if (json_object_get(object, key)) {
		json_decref(stolen);
		fail(r, "'%.64s' is given twice", key);
		return;
	}
	jx_set(object, key, stolen);
}

static void close_entry_part(struct reader *r, struct frame *entry, const struct frame *part,
			     json_t *stolen)
{
	bool is_key = strcmp(part->name, "key") == 0;

	if (is_key ? entry->name != NULL : entry->item != NULL) {
		json_decref(stolen);
		fail(r, "a map entry holds two of a kind");
		return;
	}
	if (!is_key) {
		entry->item = stolen;
		return;
	}
	entry->name = "key";
	buf_add(&entry->text, json_string_value(stolen));
	json_decref(stolen);
}

static void close_entry(struct reader *r, struct frame *map, struct frame *entry)
{
	if (!entry->name || !entry->item) {
		fail(r, "a map entry lacks its key or its value");
		return;
	}
	put_once(r, map->value, buf_text(&entry->text), entry->item);
	entry->item = NULL;
}

static void close_value(struct reader *r, struct frame *parent, struct frame *f)
{
	json_t *value = take_value(r, f);

	if (!value)
		return;
	if (parent->entry)
		close_entry_part(r, parent, f, value);
	else if (parent->shape->kind == SHAPE_LIST)
		jx_push(parent->value, value);
	else
		put_once(r, parent->value, f->name, value);
}

static void frame_release(struct frame *f)
{
	json_decref(f->value);
	json_decref(f->item);
	buf_release(&f->text);
}

static void on_end(void *arg, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
	struct reader *r = arg;

	(void)name, (void)prefix, (void)uri;
	if (r->failed || r->depth == 0)
		return;
	struct frame *f = &r->frames[--r->depth];
	if (r->depth == 0) {
		r->reply = f->value;
		f->value = NULL;
	} else if (f->entry) {
		close_entry(r, f - 1, f);
	} else if (f->shape) {
		close_value(r, f - 1, f);
	}
	frame_release(f);
}

/* libxml2 has no option that refuses a DOCTYPE; with this handler none of its entities is ever
 * seen. */
static void on_doctype(void *arg, const xmlChar *name, const xmlChar *public_id,
		       const xmlChar *system_id)
{
	(void)name, (void)public_id, (void)system_id;
	fail(arg, "it holds a DOCTYPE");
}

/* Set, because libxml2 would else print. */
static void on_error(void *arg, xmlErrorPtr error)
{
	(void)arg, (void)error;
}

static const xmlSAXHandler handlers = {
	.initialized = XML_SAX2_MAGIC,
	.startElementNs = on_start,
	.endElementNs = on_end,
	.characters = on_text,
	.ignorableWhitespace = on_text,
	.cdataBlock = on_text,
	.internalSubset = on_doctype,
	.serror = on_error,
};

/* In pieces: libxml2 refuses a document of more than 10 MB that it is given as a whole, unless all
 * its limits are lifted. */
static void feed(struct reader *r, const char *body, size_t length)
{
	for (size_t at = 0; at < length && !r->failed && r->parser->wellFormed;) {
		size_t n = length - at < PIECE ? length - at : PIECE;

		xmlParseChunk(r->parser, body + at, (int)n, 0);
		at += n;
	}
	if (!r->failed && r->parser->wellFormed)
		xmlParseChunk(r->parser, NULL, 0, 1);
}

/* The encoding that the body claims is ignored: AWS sends UTF-8, and converters are more to trust.
 */
static int parse(struct reader *r, const char *body, size_t length)
{
	xmlSAXHandler sax = handlers;
	autoparser xmlParserCtxtPtr parser = xmlCreatePushParserCtxt(&sax, r, NULL, 0, NULL);

	if (!parser)
		abort();
	xmlCtxtUseOptions(parser, XML_PARSE_NONET | XML_PARSE_IGNORE_ENC);
	parser->sax->serror = on_error;
	r->parser = parser;
	feed(r, body, length);
	if (r->failed)
		return -1;
	if (!parser->wellFormed || !parser->nsWellFormed || !r->reply)
		return err_set(r->err, ERR_PROTOCOL,
			       "the reply cannot be understood: no well-formed XML (line %d)",
			       parser->input ? parser->input->line : 0);
	return 0;
}

json_t *query_xml(const char *root, const struct member *members, const char *body, size_t length,
		  struct query_secrets *secrets, struct err *err)
{
	struct shape document = {.kind = SHAPE_STRUCTURE, .members = members};
	struct reader r = {.root = root, .document = &document, .secrets = secrets, .err = err};

	if (length > QUERY_MAX_REPLY) {
		err_set(err, ERR_PROTOCOL, "the reply is larger than %d bytes", QUERY_MAX_REPLY);
		return NULL;
	}
	if (length == 0) {
		err_set(err, ERR_PROTOCOL, "the reply cannot be understood: it is empty");
		return NULL;
	}
	int result = parse(&r, body, length);
	while (r.depth > 0)
		frame_release(&r.frames[--r.depth]);
	if (result == 0)
		return r.reply;
	json_decref(r.reply);
	return NULL;
}
