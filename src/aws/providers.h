/* SPDX-License-Identifier: Apache-2.0 */
/*
 * providers: what the credential providers share. Within the aws room only.
 *
 * A find function is 0 with search->is_found, or with what it lacks said by search_lacks(), or -1
 * with err: the place is configured and cannot deliver, and the search ends there, because the next
 * place would be another identity.
 */
#ifndef AWS_PROVIDERS_H
#define AWS_PROVIDERS_H

#include "cordon/buf.h"
#include "cordon/config.h"
#include "cordon/credentials.h"
#include "cordon/err.h"
#include "cordon/http.h"
#include "credentials_read.h"

#define autoreply __attribute__((cleanup(http_reply_release)))
#define autocredentials __attribute__((cleanup(credentials_release)))

enum { PLACE_SIZE = 512 };

/* One search, of the chain or of a profile that another takes its credentials from. */
struct search {
	const struct credentials_door *door;
	const struct config *config;
	const char *profile;	   /* whose keys count */
	bool environment;	   /* and whether variables that name an identity do */
	const struct search *from; /* the profile that asked, or NULL */
	const char *provider;	   /* the name of the row that is asked */
	struct credentials found;
	bool is_found;
	struct buf *lacks;
};

typedef int provider_find(struct search *search, struct err *err);

provider_find find_environment, find_credentials_file, find_config_file; /* credentials_static.c */
provider_find find_assumed_role, find_web_identity;			 /* credentials_role.c */
provider_find find_sso;							 /* credentials_sso.c */
provider_find find_login;						 /* credentials_login.c */
provider_find find_process;						 /* credentials_process.c */
provider_find find_container, find_instance;				 /* credentials_service.c */

/* "; PROVIDER: WHAT" for the message that tells what nobody had. Returns 0. */
int search_lacks(struct search *search, const char *what);
/* A key of the search's profile, of both files. NULL: none. */
const char *search_value(const struct search *search, const char *key);
/* "profile 'x'", cut where it is too long. */
void search_place(const struct search *search, const char *what, char ret_place[static PLACE_SIZE]);
/* What a source_profile has, and what a credential_source has. */
int search_profile(const struct search *from, const char *profile,
		   struct credentials *ret_credentials, struct err *err);
int search_source(const struct search *from, const char *name, struct credentials *ret_credentials,
		  struct err *err);
/* --assume-role, with what the search found; which it replaces. */
int assume_typed_role(const struct credentials_door *door, struct credentials *credentials,
		      struct err *err);

/* A session that the AWS CLI made by this very AssumeRole, with some time left. */
bool cached_session(const struct search *search, const json_t *parameters, const char *place,
		    struct credentials *ret_credentials);

/* Brings a cached sign-in up to date, with what it holds for that. */
int oidc_renew(const struct search *search, const char *region, json_t *cached, struct err *err);

/* A question over HTTP; whatever its status, an answer is an answer. */
struct ask {
	const char *url;
	const char *method; /* NULL: GET, or POST with a body */
	const char *const *headers;
	const char *body;
	long timeout_ms;
	long attempts; /* while there is no answer, or one of 429 or 5xx */
	bool link_local;
};
int ask_http(const struct credentials_door *door, const struct ask *ask,
	     struct http_reply *ret_reply, struct err *err);
bool ask_stopped(const struct credentials_door *door);

#endif
