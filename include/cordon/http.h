/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http: many requests at once over kept connections. The only file that knows libcurl.
 *
 *     http_open(&options, &http, err)
 *     http_start(http, &request, tag, err)       as many as there are
 *     http_wait(http, timeout_ms, &reply)        1: a finished one; 0: time is up, or a
 *                                              signal came; -1: none running
 *     http_reply_release(&reply)
 *     http_close(http)
 *
 * http_warm(http, url, n) opens connections that later requests will find ready.
 *
 * HTTPS verified always, TLS 1.2 or newer, no redirects; http:// to loopback only, and to the
 * metadata services of the local link where a request says so. Bodies are
 * capped. A request that never left this machine, one that may have been carried out, and an
 * answered one are told apart: retries depend on it.
 */
#ifndef CORDON_HTTP_H
#define CORDON_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

struct err;
struct http;

struct http_options {
	const char *ca_bundle; /* file or folder; NULL: the system's */
	const char *user_agent;
	long connect_seconds; /* 0: the default */
	long idle_seconds;
	long total_seconds;
};

struct http_request {
	const char *url;
	const char *const *headers; /* "Name: value", closed by NULL; copied */
	const char *body;	    /* POST; copied and wiped. NULL: GET */
	size_t body_length;
	size_t max_reply;   /* bytes */
	const char *method; /* instead of GET or POST */
	long timeout_ms;    /* for all of it; 0: as http was opened */
	bool link_local;    /* a metadata service: plain http to one, and past every proxy */
};

enum http_outcome {
	HTTP_ANSWERED, /* status and body are there */
	HTTP_NOT_SENT, /* DNS, connect, TLS: it cannot have been carried out */
	HTTP_LOST,     /* sent, at least in part, and no whole answer: nobody knows */
};

struct http_reply {
	void *tag;
	enum http_outcome outcome;
	int status;
	char *body; /* NUL-terminated */
	size_t length;
	bool too_large;
	time_t date;	      /* the Date header, 0 if none */
	bool date_trusted;    /* it came over verified TLS, or from loopback */
	long retry_after_ms;  /* x-amz-retry-after, else -1 */
	char request_id[128]; /* x-amzn-requestid, or "" */
	char error_type[128]; /* x-amzn-errortype, or "" */
	char problem[512];    /* for HTTP_NOT_SENT and HTTP_LOST: what went wrong, in a sentence */
	bool timed_out;	      /* idem: because time was up */
	bool permanent;	      /* idem: a certificate that would be refused again */
};

int http_open(const struct http_options *options, struct http **ret_http, struct err *err);
void http_close(struct http *http);
/* How many to one host at once, at most; 16 if never called. */
void http_connections(struct http *http, long count);
/* Opens count more connections to an https URL's host, each with a HEAD request of its root that
 * carries nothing; what comes of it is told to nobody. Nothing for plain http. */
void http_warm(struct http *http, const char *url, size_t count);
int http_start(struct http *http, const struct http_request *request, void *tag, struct err *err);
int http_wait(struct http *http, int timeout_ms, struct http_reply *ret_reply);
void http_reply_release(struct http_reply *reply);

#endif
