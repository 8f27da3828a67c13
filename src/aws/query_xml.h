/* SPDX-License-Identifier: Apache-2.0 */
/*
 * query_xml: hostile XML to JSON, steered by a table of members. Within the aws room only.
 *
 * The document's root must be called root and holds members; what no member names is skipped.
 * Only what stands in the table is ever kept, so memory follows the size of the body.
 */
#ifndef AWS_QUERY_XML_H
#define AWS_QUERY_XML_H

#include "cordon/operation.h"

struct err;
struct query_secrets;

/* A new object, or NULL with ERR_PROTOCOL. secrets may be NULL: then secrets are dropped. */
json_t *query_xml(const char *root, const struct member *members, const char *body, size_t length,
		  struct query_secrets *secrets, struct err *err);

#endif
