/* SPDX-License-Identifier: Apache-2.0 */
/*
 * compiled: a policy document made ready for many evaluations; shared by the files of this room.
 *
 * Everything that belongs to a policy lies in its arena and goes with it. Patterns are tokens of 16
 * bits, so that a '*' that is meant literally is another token than the wildcard.
 */
#ifndef CORDON_POLICY_COMPILED_H
#define CORDON_POLICY_COMPILED_H

#include "cordon/evaluate.h"

#include <stdint.h>

/* The order matters: both ways of "and" and "or" are the least and the greatest. */
enum truth { TRUTH_NO, TRUTH_MAYBE, TRUTH_YES };

/* Which of the readings that are left open: fewer matches, the documented ones, more matches. */
enum reading { READ_NARROW = -1, READ_EXACT = 0, READ_WIDE = 1 };

static inline enum truth truth_and(enum truth a, enum truth b)
{
	return a < b ? a : b;
}

static inline enum truth truth_or(enum truth a, enum truth b)
{
	return a > b ? a : b;
}

static inline enum truth truth_not(enum truth a)
{
	return (enum truth)(TRUTH_YES - a);
}

struct arena {
	struct arena_block *blocks;
	size_t used, size; /* of the newest block */
};

/* Zeroed; never NULL. */
void *arena_get(struct arena *arena, size_t size);
char *arena_copy(struct arena *arena, const char *text, size_t length);
char *arena_lower(struct arena *arena, const char *text);
void arena_release(struct arena *arena);

enum token { TOKEN_ANY = 256, TOKEN_ONE = 257, TOKEN_VARIABLE = 258 /* and those after it */ };

struct variable {
	const char *key;      /* in lower case */
	const char *fallback; /* or NULL */
};

struct pattern {
	const uint16_t *tokens;
	size_t length;
	const struct variable *variables; /* NULL: there is none */
	bool broken;			  /* a "${" that cannot be understood */
};

enum pattern_flags {
	PATTERN_WILD = 1,      /* '*' and '?' are wildcards */
	PATTERN_VARIABLES = 2, /* "${..}" is a variable */
	PATTERN_LOWER = 4,
};

struct pattern pattern_compile(struct arena *arena, const char *text, unsigned flags);
/* A piece of a pattern, without the colons around it. Returns how many there are: at most 6, for
 * the last one holds the rest. */
size_t pattern_split(const struct pattern *pattern, struct pattern parts[static 6]);
bool pattern_is_all(const struct pattern *pattern); /* nothing but '*' */
bool pattern_has_variable(const struct pattern *pattern);

struct span {
	const char *text;
	size_t length;
};

size_t span_split(const char *text, struct span parts[static 6]);
/* For patterns without variables. opaque: '*' in the text stands for anything, so that only '*'
 * covers it. */
bool pattern_matches(const struct pattern *pattern, struct span text, bool opaque);

/* How the variables of a value came out. */
enum resolved { RESOLVED, UNRESOLVED, RESOLVED_UNKNOWN };
/* With variables filled in; *ret_made (NULL, or to free) holds the new tokens. */
enum resolved pattern_resolve(const struct pattern *pattern, const struct context *context,
			      struct pattern *ret_pattern, uint16_t **ret_made);

/* context.c */
enum key_state { KEY_ABSENT, KEY_UNKNOWN, KEY_ONE, KEY_MANY, KEY_SINCE };

struct context_key {
	struct context_key *next;
	char *name; /* in lower case */
	enum key_state state;
	char **values;
	size_t count;
	time_t since;
};

/* Never NULL. name in lower case. */
const struct context_key *context_find(const struct context *context, const char *name);

/* compare.c: values that are more than text. */
struct instant {
	int64_t seconds;
	int32_t nanoseconds;
};

struct network {
	int family; /* AF_INET, AF_INET6 */
	unsigned bits;
	unsigned char bytes[16];
};

bool compare_decimal(const char *a, const char *b, int *ret_order);
bool compare_is_decimal(const char *text);
bool instant_parse(const char *text, struct instant *ret_instant);
int instant_compare(struct instant a, struct instant b);
bool network_parse(const char *text, struct network *ret_network);
bool network_has(const struct network *network, const struct network *address);
/* The bytes of base64 text on the arena; false if it is none. */
bool base64_decode(struct arena *arena, const char *text, struct span *ret_bytes);

/* condition.c */
struct condition;
struct condition_list {
	struct condition *conditions;
	size_t count;
	bool broken; /* it is no object of objects */
};

/* What a document says that is not understood; subject may be "". */
typedef void complain_fn(void *arg, const char *what, const char *subject);

struct condition_list conditions_compile(struct arena *arena, const json_t *condition,
					 bool variables, complain_fn *complain, void *arg);
/* A value of the request that an operator cannot make anything of, and so does not fit, though it
 * may be meant; NULL: there is none. */
const char *conditions_unreadable(const struct condition_list *list, const struct context *context);
enum truth conditions_hold(const struct condition_list *list, const struct context *context);

/* principal.c */
enum who_kind {
	WHO_USER,
	WHO_ROLE,
	WHO_SESSION,
	WHO_FEDERATED,
	WHO_ROOT,
	WHO_SERVICE, /* or an identity provider */
	WHO_ANYBODY,
	WHO_OTHER,
};

/* The one who asks. */
struct who {
	enum who_kind kind;
	const char *name; /* as the request has it */
	char account[16];
	char partition[32];
	char issuer[640]; /* the role of a session, the user of a federated one; or "" */
	bool service_linked;
};

struct who who_of(const struct request *request);

enum grant { GRANT_NONE, GRANT_ACCOUNT, GRANT_ISSUER, GRANT_DIRECT };
enum { PRINCIPAL_AWS = 1, PRINCIPAL_SERVICE = 2, PRINCIPAL_FEDERATED = 4 };

struct principal_list {
	struct principal_name {
		const char *name;
		unsigned kind;
	} * names;
	size_t count;
	bool all, broken;
};

struct principal_list principals_compile(struct arena *arena, const json_t *principal,
					 complain_fn *complain, void *arg);
enum grant principals_match(const struct principal_list *list, const struct who *who);

/* compile.c */
struct action_pattern {
	uint64_t service; /* hash of the part before the colon */
	struct pattern name;
};

struct resource_pattern {
	bool all, typed; /* typed: a wildcard in the resource's type */
	bool never;	 /* too short, or broken */
	size_t count;	 /* of parts */
	const char *text;
	struct pattern whole;
	struct pattern parts[6];
};

struct statement {
	enum effect effect;
	bool doubtful; /* it says something that is not understood */
	bool not_action, not_resource, not_principal;
	bool has_actions, has_resources, has_principals;
	bool all_actions;
	uint64_t services; /* a bit for each service's hash */
	struct action_pattern *actions;
	size_t action_count;
	struct resource_pattern *resources;
	size_t resource_count;
	struct principal_list principals;
	struct condition_list conditions;
};

struct policy {
	struct arena arena;
	enum policy_layer layer;
	char *name;
	json_t *document, *problems;
	struct statement *statements;
	size_t count;
};

uint64_t action_service(const char *service, size_t length); /* in lower case */

/* One more problem of a document: {"policy","statement","what"}; subject may be "". New. */
json_t *policy_problem(const struct policy *policy, size_t statement, const char *what,
		       const char *subject);

/* match.c: one request made ready. */
enum { ACTION_MAX = 256 };

struct asked {
	const struct request *request;
	enum bound bound;
	struct who who;
	bool bounded; /* the principal has a boundary */
	bool never;   /* an action of no form */
	uint64_t service;
	struct span name; /* the action's, in lower case */
	char action[ACTION_MAX];
	struct span resource[6];
	size_t resource_parts;
	bool opaque; /* the resource is itself a pattern */
};

void asked_prepare(struct asked *asked, const struct request *request, enum bound bound);
void asked_resource(struct asked *asked, const char *resource);
/* ret_grant: how a statement of a resource policy names the principal; may be NULL. */
enum truth statement_applies(const struct statement *statement, const struct asked *asked,
			     enum grant *ret_grant);
bool statement_covers_action(const struct statement *statement, const struct asked *asked);
/* A '*' is among its resources, or what it leaves out. */
bool statement_on_everything(const struct statement *statement);

/* form.c: form may be NULL. Some ARN of the form fits the pattern; every one fits some pattern of
 * the statement. */
bool form_meets(const struct resource_form *form, const struct resource_pattern *resource);
bool form_covered(const struct resource_form *form, const struct statement *statement,
		  const struct who *who);

#endif
