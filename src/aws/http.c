// SPDX-License-Identifier: Apache-2.0
#include "cordon/http.h"

#include "cordon/buf.h"
#include "cordon/err.h"
#include "cordon/secret.h"
#include "cordon/text.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <dirent.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum {
	CONNECT_SECONDS = 10,
	IDLE_SECONDS = 30,
	TOTAL_SECONDS = 120,
	CONNECTIONS = 20,
	WARM_SECONDS = 10,
	COOL_MS = 1000,
	MAX_HEADERS = 64 * 1024,
};

/* Reading this folder's few certificates by hash, rather than the bundle's 144, saves 25 ms of CPU
 * on every connection. */
static const char ca_folder[] = "/etc/ssl/certs";

struct transfer {
	struct http *http;
	struct transfer *next;
	CURL *easy;
	struct curl_slist *headers;
	void *tag;
	struct secret body;
	size_t body_read; /* what libcurl took of it */
	bool warm;	  /* nobody waits for it */
	struct buf reply;
	size_t header_bytes;
	bool headers_too_large;
	bool anonymous; /* plain http to another machine: who answers is not known */
	char error[CURL_ERROR_SIZE];
};

struct http {
	CURLM *multi;
	struct transfer *running;
	long long cool_at; /* when those that are still being warmed are given up; 0: they are not
			    * in the way */
	struct http_options options;
	char *ca_bundle;
	char *user_agent;
	bool ca_is_folder;
	bool system_folder;
};

static long long now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

/* Copies that live as long as http. */
static char *keep(const char *text)
{
	char *copy = text ? strdup(text) : NULL;

	if (text && !copy)
		abort();
	return copy;
}

/* Whether OpenSSL can look certificates up in it: c_rehash makes names like 0a775a30.0. */
static bool is_hashed(const char *path)
{
	DIR *folder = opendir(path);
	struct dirent *entry = NULL;
	bool found = false;

	while (folder && !found && (entry = readdir(folder)))
		found = strspn(entry->d_name, "0123456789abcdef") == 8 &&
			strcmp(entry->d_name + 8, ".0") == 0;
	if (folder)
		closedir(folder);
	return found;
}

static int check_ca(struct http *http, struct err *err)
{
	struct stat st;

	if (!http->ca_bundle) {
		http->system_folder = is_hashed(ca_folder);
		return 0;
	}
	if (stat(http->ca_bundle, &st))
		return err_set(err, ERR_INPUT,
			       "no CA certificates at '%s' (--ca-bundle, AWS_CA_BUNDLE): %m",
			       http->ca_bundle);
	http->ca_is_folder = S_ISDIR(st.st_mode);
	return 0;
}

/* Unset, libcurl sizes its cache by the transfers still running and drops warm connections between
 * two stages. */
static int set_connections(struct http *http, long count)
{
	return curl_multi_setopt(http->multi, CURLMOPT_MAXCONNECTS, 2 * count) != CURLM_OK ||
			       curl_multi_setopt(http->multi, CURLMOPT_MAX_HOST_CONNECTIONS,
						 count) != CURLM_OK
		       ? -1
		       : 0;
}

static int make_multi(struct http *http, struct err *err)
{
	http->multi = curl_multi_init();
	if (!http->multi || set_connections(http, CONNECTIONS))
		return err_set(err, ERR_NETWORK, "libcurl cannot be set up");
	return 0;
}

void http_connections(struct http *http, long count)
{
	/* It worked when http was opened. */
	(void)set_connections(http, count);
}

static long or_default(long value, long otherwise)
{
	return value > 0 ? value : otherwise;
}

int http_open(const struct http_options *options, struct http **ret_http, struct err *err)
{
	if (curl_global_init_mem(CURL_GLOBAL_DEFAULT, secret_malloc, secret_free, secret_realloc,
				 secret_strdup, secret_calloc) != CURLE_OK)
		return err_set(err, ERR_NETWORK, "libcurl cannot be set up");
	struct http *http = calloc(1, sizeof(*http));
	if (!http)
		abort();
	http->ca_bundle = keep(options->ca_bundle);
	http->user_agent = keep(options->user_agent ? options->user_agent : "cordon");
	http->options.connect_seconds = or_default(options->connect_seconds, CONNECT_SECONDS);
	http->options.idle_seconds = or_default(options->idle_seconds, IDLE_SECONDS);
	http->options.total_seconds = or_default(options->total_seconds, TOTAL_SECONDS);
	if (check_ca(http, err) || make_multi(http, err)) {
		http_close(http);
		return -1;
	}
	*ret_http = http;
	return 0;
}

static void transfer_free(struct transfer *t)
{
	curl_easy_cleanup(t->easy);
	curl_slist_free_all(t->headers);
	secret_release(&t->body);
	buf_release(&t->reply);
	free(t);
}

static void unlink_transfer(struct http *http, const struct transfer *t)
{
	struct transfer **at = &http->running;

	while (*at && *at != t)
		at = &(*at)->next;
	if (*at)
		*at = t->next;
	curl_multi_remove_handle(http->multi, t->easy);
}

void http_close(struct http *http)
{
	if (!http)
		return;
	while (http->running) {
		struct transfer *t = http->running;

		unlink_transfer(http, t);
		transfer_free(t);
	}
	if (http->multi)
		curl_multi_cleanup(http->multi);
	free(http->ca_bundle);
	free(http->user_agent);
	free(http);
	curl_global_cleanup();
}

static size_t on_body(char *bytes, size_t size, size_t count, void *arg)
{
	struct transfer *t = arg;

	buf_add_bytes(&t->reply, bytes, size * count);
	return t->reply.failed ? 0 : size * count;
}

/* libcurl 7.88 keeps every header it is sent. */
static size_t on_header(char *bytes, size_t size, size_t count, void *arg)
{
	struct transfer *t = arg;

	(void)bytes;
	t->header_bytes += size * count;
	t->headers_too_large = t->header_bytes > MAX_HEADERS;
	return t->headers_too_large ? 0 : size * count;
}

static size_t on_send(char *room, size_t size, size_t count, void *arg)
{
	struct transfer *t = arg;
	size_t n = t->body.length - t->body_read;

	if (n > size * count)
		n = size * count;
	if (n)
		memcpy(room, t->body.bytes + t->body_read, n);
	t->body_read += n;
	return n;
}

/* When a kept connection dies before it answers, libcurl sends the request again on a fresh one, a
 * POST too, though the first may have been carried out. It has to rewind the body for that, so
 * refusing leaves the decision to our caller; a request whose body never left is sent again. */
static int on_rewind(void *arg, curl_off_t offset, int origin)
{
	const struct transfer *t = arg;

	if (offset == 0 && origin == SEEK_SET && t->body_read == 0)
		return CURL_SEEKFUNC_OK;
	return CURL_SEEKFUNC_FAIL;
}

static bool is_loopback(const char *host)
{
	struct in_addr v4;

	if (inet_pton(AF_INET, host, &v4) == 1)
		return ntohl(v4.s_addr) >> 24 == 127;
	return text_equal_nocase(host, "localhost") || text_equal(host, "[::1]");
}

/* Where the metadata services are. */
static bool is_link_local(const char *host)
{
	struct in_addr v4;

	if (inet_pton(AF_INET, host, &v4) == 1)
		return ntohl(v4.s_addr) >> 16 == 0xa9fe;
	return text_has_prefix(host, "[fe80:") || text_equal(host, "[fd00:ec2::254]") ||
	       text_equal(host, "[fd00:ec2::23]");
}

/* What a URL leads to. */
struct way {
	bool plain;
	bool direct;	/* past every proxy */
	bool anonymous; /* as in struct transfer */
};

static bool may_be_plain(const struct http_request *request, const char *host)
{
	return is_loopback(host) || (request->link_local && is_link_local(host));
}

/* Judges the host that libcurl itself reads out of the URL, after it normalised it. */
static int judge_url(const struct http_request *request, struct way *ret_way, struct err *err)
{
	const char *url = request->url;
	CURLU *parts = curl_url();
	char *scheme = NULL;
	char *host = NULL;
	int result = 0;

	if (!parts || curl_url_set(parts, CURLUPART_URL, url, CURLU_DISALLOW_USER) != CURLUE_OK ||
	    curl_url_get(parts, CURLUPART_SCHEME, &scheme, 0) != CURLUE_OK ||
	    curl_url_get(parts, CURLUPART_HOST, &host, 0) != CURLUE_OK) {
		result = err_set(err, ERR_INPUT, "'%s' is no URL that can be asked", url);
	} else if (strcmp(scheme, "https") != 0 &&
		   (strcmp(scheme, "http") != 0 || !may_be_plain(request, host))) {
		result = err_set(err, ERR_INPUT, "'%s' is not https, and not on this machine", url);
	} else {
		ret_way->plain = strcmp(scheme, "http") == 0;
		ret_way->direct = request->link_local || is_loopback(host) || is_link_local(host);
		ret_way->anonymous = ret_way->plain && !is_loopback(host);
	}
	curl_free(host);
	curl_free(scheme);
	curl_url_cleanup(parts);
	return result;
}

/* The first setopt that fails is remembered, so that none goes unchecked. */
#define SET(easy, code, option, value)                                   \
	do {                                                             \
		if (*(code) == CURLE_OK)                                 \
			*(code) = curl_easy_setopt(easy, option, value); \
	} while (0)

static void set_trust(const struct http *http, CURL *easy, CURLcode *code)
{
	SET(easy, code, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	SET(easy, code, CURLOPT_SSL_VERIFYPEER, 1L);
	SET(easy, code, CURLOPT_SSL_VERIFYHOST, 2L);
	if (http->ca_bundle || http->system_folder) {
		SET(easy, code, CURLOPT_CAINFO, NULL);
		SET(easy, code, CURLOPT_CAPATH, NULL);
	}
	if (http->system_folder)
		SET(easy, code, CURLOPT_CAPATH, ca_folder);
	if (http->ca_bundle && http->ca_is_folder)
		SET(easy, code, CURLOPT_CAPATH, http->ca_bundle);
	if (http->ca_bundle && !http->ca_is_folder)
		SET(easy, code, CURLOPT_CAINFO, http->ca_bundle);
}

static void set_limits(const struct http *http, const struct http_request *request, CURL *easy,
		       CURLcode *code)
{
	SET(easy, code, CURLOPT_FOLLOWLOCATION, 0L);
	SET(easy, code, CURLOPT_NOSIGNAL, 1L);
	SET(easy, code, CURLOPT_CONNECTTIMEOUT, http->options.connect_seconds);
	SET(easy, code, CURLOPT_TIMEOUT, http->options.total_seconds);
	SET(easy, code, CURLOPT_LOW_SPEED_LIMIT, 1L);
	SET(easy, code, CURLOPT_LOW_SPEED_TIME, http->options.idle_seconds);
	if (request->timeout_ms)
		SET(easy, code, CURLOPT_TIMEOUT_MS, request->timeout_ms);
	/* A resolver that hangs must not hold us up after the time-out. */
	SET(easy, code, CURLOPT_QUICK_EXIT, 1L);
}

static void set_callbacks(struct transfer *t, CURLcode *code)
{
	SET(t->easy, code, CURLOPT_PRIVATE, t);
	SET(t->easy, code, CURLOPT_ERRORBUFFER, t->error);
	SET(t->easy, code, CURLOPT_WRITEFUNCTION, on_body);
	SET(t->easy, code, CURLOPT_WRITEDATA, t);
	SET(t->easy, code, CURLOPT_HEADERFUNCTION, on_header);
	SET(t->easy, code, CURLOPT_HEADERDATA, t);
	/* A proxy's headers are not the server's. */
	SET(t->easy, code, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
	SET(t->easy, code, CURLOPT_HEADEROPT, (long)CURLHEADER_SEPARATE);
}

static void set_body(struct transfer *t, const struct http_request *request, CURLcode *code)
{
	if (!request->body)
		return;
	secret_set(&t->body, request->body, request->body_length);
	SET(t->easy, code, CURLOPT_POST, 1L);
	SET(t->easy, code, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_length);
	SET(t->easy, code, CURLOPT_READFUNCTION, on_send);
	SET(t->easy, code, CURLOPT_READDATA, t);
	SET(t->easy, code, CURLOPT_SEEKFUNCTION, on_rewind);
	SET(t->easy, code, CURLOPT_SEEKDATA, t);
}

static void add_header(struct transfer *t, const char *header, CURLcode *code)
{
	struct curl_slist *longer = curl_slist_append(t->headers, header);

	if (longer)
		t->headers = longer;
	else
		*code = CURLE_OUT_OF_MEMORY;
}

static void set_headers(struct transfer *t, const struct http_request *request, CURLcode *code)
{
	/* Without a value: libcurl then sends no such header of its own. */
	add_header(t, "Expect:", code);
	for (const char *const *h = request->headers; h && *h; h++)
		add_header(t, *h, code);
	SET(t->easy, code, CURLOPT_HTTPHEADER, t->headers);
	SET(t->easy, code, CURLOPT_USERAGENT, t->http->user_agent);
}

static CURLcode set_up(struct transfer *t, const struct http_request *request,
		       const struct way *way)
{
	CURLcode code = CURLE_OK;

	SET(t->easy, &code, CURLOPT_URL, request->url);
	SET(t->easy, &code, CURLOPT_PROTOCOLS_STR, way->plain ? "http" : "https");
	SET(t->easy, &code, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
	SET(t->easy, &code, CURLOPT_PATH_AS_IS, 1L);
	if (way->direct)
		SET(t->easy, &code, CURLOPT_NOPROXY, "*");
	set_trust(t->http, t->easy, &code);
	set_limits(t->http, request, t->easy, &code);
	set_callbacks(t, &code);
	set_body(t, request, &code);
	if (request->method)
		SET(t->easy, &code, CURLOPT_CUSTOMREQUEST, request->method);
	set_headers(t, request, &code);
	return code;
}

static struct transfer *new_transfer(struct http *http, const struct http_request *request,
				     void *tag)
{
	struct transfer *t = calloc(1, sizeof(*t));

	if (!t)
		abort();
	t->http = http;
	t->tag = tag;
	t->reply = (struct buf)BUF_INIT(request->max_reply);
	t->easy = curl_easy_init();
	if (!t->easy)
		abort();
	return t;
}

static bool is_warming(const struct http *http)
{
	for (const struct transfer *t = http->running; t; t = t->next) {
		if (t->warm)
			return true;
	}
	return false;
}

/* Their places are free for others then. */
static void stop_warming(struct http *http)
{
	struct transfer *next = NULL;

	for (struct transfer *t = http->running; t; t = next) {
		next = t->next;
		if (!t->warm)
			continue;
		unlink_transfer(http, t);
		transfer_free(t);
	}
	http->cool_at = 0;
}

static CURLcode add_transfer(struct transfer *t)
{
	if (curl_multi_add_handle(t->http->multi, t->easy) != CURLM_OK)
		return CURLE_FAILED_INIT;
	t->next = t->http->running;
	t->http->running = t;
	return CURLE_OK;
}

int http_start(struct http *http, const struct http_request *request, void *tag, struct err *err)
{
	struct way way = {0};

	if (judge_url(request, &way, err))
		return -1;
	struct transfer *t = new_transfer(http, request, tag);
	t->anonymous = way.anonymous;
	CURLcode code = set_up(t, request, &way);
	if (code == CURLE_OK)
		code = add_transfer(t);
	/* It waits for a connection that is nearly there rather than open one more. */
	if (is_warming(http) && !http->cool_at)
		http->cool_at = now_ms() + COOL_MS;
	if (code != CURLE_OK) {
		transfer_free(t);
		return err_set(err, ERR_NETWORK, "libcurl refuses the request: %s",
			       curl_easy_strerror(code));
	}
	return 0;
}

/* libcurl cannot keep a connection that carried no request. */
static void warm_one(struct http *http, const struct http_request *request, const struct way *way)
{
	struct transfer *t = new_transfer(http, request, NULL);
	CURLcode code = set_up(t, request, way);

	t->warm = true;
	SET(t->easy, &code, CURLOPT_NOBODY, 1L);
	SET(t->easy, &code, CURLOPT_FRESH_CONNECT, 1L);
	SET(t->easy, &code, CURLOPT_TIMEOUT, (long)WARM_SECONDS);
	if (code != CURLE_OK || add_transfer(t) != CURLE_OK)
		transfer_free(t);
}

void http_warm(struct http *http, const char *url, size_t count)
{
	const struct http_request request = {.url = url, .max_reply = 1};
	struct err ignored = ERR_INIT;
	struct way way = {0};

	if (judge_url(&request, &way, &ignored) || way.plain)
		return;
	for (size_t i = 0; i < count; i++)
		warm_one(http, &request, &way);
}

/* A POST cannot be carried out before its body is there; a GET, once a byte of it was sent. */
static bool was_sent(const struct transfer *t)
{
	long bytes = 0;

	if (t->body.length)
		return t->body_read > 0;
	return curl_easy_getinfo(t->easy, CURLINFO_REQUEST_SIZE, &bytes) != CURLE_OK || bytes > 0;
}

/* It is about certificates, which do not get better by asking again. */
static bool is_mistrust(CURLcode code)
{
	return code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE ||
	       code == CURLE_SSL_ISSUER_ERROR;
}

static void tell_problem(const struct transfer *t, CURLcode code, struct http_reply *reply)
{
	const char *why = t->error[0] ? t->error : curl_easy_strerror(code);

	if (t->headers_too_large)
		why = "the headers are too large";
	if (code == CURLE_SEND_FAIL_REWIND)
		why = "the connection was cut before an answer came";
	reply->outcome = was_sent(t) ? HTTP_LOST : HTTP_NOT_SENT;
	reply->timed_out = code == CURLE_OPERATION_TIMEDOUT;
	reply->permanent = is_mistrust(code);
	snprintf(reply->problem, sizeof(reply->problem), "%s%s", why,
		 reply->permanent
			 ? " (behind a proxy that inspects TLS, give its CA by --ca-bundle "
			   "or AWS_CA_BUNDLE; a wrong clock does this too)"
			 : "");
}

/* The last answer's header, or NULL. */
static const char *header_of(const struct transfer *t, const char *name)
{
	struct curl_header *h = NULL;

	return curl_easy_header(t->easy, name, 0, CURLH_HEADER, -1, &h) == CURLHE_OK ? h->value
										     : NULL;
}

static void read_headers(const struct transfer *t, struct http_reply *reply)
{
	const char *date = header_of(t, "Date");
	const char *wait = header_of(t, "x-amz-retry-after");
	const char *id = header_of(t, "x-amzn-RequestId");
	const char *type = header_of(t, "x-amzn-ErrorType");

	if (date && !t->anonymous && text_parse_http_date(date, &reply->date) == 0)
		reply->date_trusted = true;
	if (!wait || text_parse_number(wait, 0, 3600 * 1000L, &reply->retry_after_ms))
		reply->retry_after_ms = -1;
	snprintf(reply->request_id, sizeof(reply->request_id), "%s", id ? id : "");
	snprintf(reply->error_type, sizeof(reply->error_type), "%s", type ? type : "");
}

static void take_body(struct transfer *t, struct http_reply *reply)
{
	t->reply.failed = false;
	reply->length = t->reply.length;
	reply->body = buf_steal(&t->reply);
	if (!reply->body)
		abort();
}

/* A body that outgrew its limit is an answer all the same: it was refused by us. */
static void finish(struct transfer *t, CURLcode code, struct http_reply *reply)
{
	long status = 0;

	*reply = (struct http_reply){.tag = t->tag, .retry_after_ms = -1};
	reply->too_large = t->reply.failed;
	curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
	reply->status = (int)status;
	if (code == CURLE_OK || reply->too_large) {
		read_headers(t, reply);
		take_body(t, reply);
	} else {
		tell_problem(t, code, reply);
	}
	unlink_transfer(t->http, t);
	transfer_free(t);
}

/* True if somebody waits for it: then reply is filled. */
static bool end_transfer(struct transfer *t, CURLcode code, struct http_reply *reply)
{
	if (!t->warm) {
		finish(t, code, reply);
		return true;
	}
	unlink_transfer(t->http, t);
	transfer_free(t);
	return false;
}

static bool take_finished(struct http *http, struct http_reply *reply)
{
	int left = 0;
	CURLMsg *message = NULL;

	while ((message = curl_multi_info_read(http->multi, &left))) {
		struct transfer *t = NULL;

		if (message->msg != CURLMSG_DONE)
			continue;
		if (curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &t) != CURLE_OK || !t)
			abort();
		if (end_transfer(t, message->data.result, reply))
			return true;
	}
	return false;
}

/* Moves everything that can be moved without waiting. */
static bool advance(struct http *http, struct http_reply *reply)
{
	int running = 0;

	if (curl_multi_perform(http->multi, &running) != CURLM_OK) {
		while (http->running) {
			if (end_transfer(http->running, CURLE_RECV_ERROR, reply))
				return true;
		}
		return false;
	}
	return take_finished(http, reply);
}

static bool is_awaited(const struct http *http)
{
	for (const struct transfer *t = http->running; t; t = t->next) {
		if (!t->warm)
			return true;
	}
	return false;
}

int http_wait(struct http *http, int timeout_ms, struct http_reply *ret_reply)
{
	long long end = now_ms() + timeout_ms;
	int ready = 0;

	if (!is_awaited(http))
		return -1;
	while (!advance(http, ret_reply)) {
		long long now = now_ms();
		long long left = end - now;

		if (left <= 0)
			return 0;
		if (http->cool_at && now >= http->cool_at)
			stop_warming(http);
		/* libcurl keeps a signal to itself, but leaves errno. */
		errno = 0;
		if (curl_multi_poll(http->multi, NULL, 0, (int)left, &ready) != CURLM_OK ||
		    (!ready && errno == EINTR))
			return 0;
	}
	return 1;
}

void http_reply_release(struct http_reply *reply)
{
	if (reply->body)
		explicit_bzero(reply->body, reply->length);
	free(reply->body);
	reply->body = NULL;
	reply->length = 0;
}
