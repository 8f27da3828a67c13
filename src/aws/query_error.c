// SPDX-License-Identifier: Apache-2.0
#include "cordon/query.h"

#include "cordon/buf.h"
#include "cordon/err.h"
#include "cordon/json.h"
#include "cordon/text.h"
#include "query_json.h"
#include "query_xml.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { EXCERPT_SIZE = 120, ERROR_MAX = 256 * 1024 };

/* IAM and STS leave out the suffix "Exception", other services and some front ends do not: a name
 * stands for both. What is not here is ERR_AWS, as is IAM's LimitExceeded, which is a quota. */
static const struct {
	const char *name;
	enum err_code code;
} codes[] = {
	{"NoSuchEntity", ERR_NOT_FOUND},

	{"AccessDenied", ERR_DENIED},
	{"NotAuthorized", ERR_DENIED},
	{"OptInRequired", ERR_DENIED},
	{"UnauthorizedOperation", ERR_DENIED},

	{"AuthFailure", ERR_CREDENTIALS},
	{"ExpiredToken", ERR_CREDENTIALS},
	{"IncompleteSignature", ERR_CREDENTIALS},
	{"InvalidAccessKeyId", ERR_CREDENTIALS},
	{"InvalidClientTokenId", ERR_CREDENTIALS},
	{"InvalidSignature", ERR_CREDENTIALS},
	{"MissingAuthenticationToken", ERR_CREDENTIALS},
	{"RequestExpired", ERR_CREDENTIALS},
	{"RequestInTheFuture", ERR_CREDENTIALS},
	{"RequestTimeTooSkewed", ERR_CREDENTIALS},
	{"SignatureDoesNotMatch", ERR_CREDENTIALS},
	{"UnrecognizedClient", ERR_CREDENTIALS},

	{"BandwidthLimitExceeded", ERR_THROTTLED},
	{"EC2Throttled", ERR_THROTTLED},
	{"PriorRequestNotComplete", ERR_THROTTLED},
	{"ProvisionedThroughputExceeded", ERR_THROTTLED},
	{"RequestLimitExceeded", ERR_THROTTLED},
	{"RequestThrottled", ERR_THROTTLED},
	{"SlowDown", ERR_THROTTLED},
	{"Throttled", ERR_THROTTLED},
	{"Throttling", ERR_THROTTLED},
	{"TooManyRequests", ERR_THROTTLED},
	{"TransactionInProgress", ERR_THROTTLED},
};

static const struct shape string = {.kind = SHAPE_STRING};
static const struct member error_members[] = {
	{"Code", &string, 0}, {"Message", &string, 0}, {"message", &string, 0}, {0}};
static const struct shape error = {.kind = SHAPE_STRUCTURE, .members = error_members};
static const struct member errors_members[] = {{"Error", &error, 0}, {0}};
static const struct shape errors = {.kind = SHAPE_STRUCTURE, .members = errors_members};
static const struct member response_members[] = {{"Error", &error, 0},
						 {"Errors", &errors, 0},
						 {"RequestId", &string, 0},
						 {"RequestID", &string, 0},
						 {0}};

bool query_code_is(const char *aws_code, const char *name)
{
	size_t length = strlen(name);

	return strncmp(aws_code, name, length) == 0 &&
	       (!aws_code[length] || strcmp(aws_code + length, "Exception") == 0);
}

static enum err_code code_of_status(bool named, int status)
{
	if (status == 429)
		return ERR_THROTTLED;
	if (!named)
		return ERR_PROTOCOL;
	return status == 401 || status == 403 ? ERR_DENIED : ERR_AWS;
}

enum err_code query_error_code(const char *aws_code, int status)
{
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		if (query_code_is(aws_code, codes[i].name))
			return codes[i].code;
	}
	return code_of_status(*aws_code != '\0', status);
}

/* -1 if the body is not AWS's. Both shapes: front ends put <Errors> around <Error>. */
static int read_error(int status, const char *body, size_t length, struct err *err)
{
	struct err ignored = ERR_INIT;
	json_auto_t *v = query_xml("ErrorResponse", response_members, body, length, NULL, &ignored);

	if (!v)
		v = query_xml("Response", response_members, body, length, NULL, &ignored);
	const json_t *e = json_object_get(v, "Error");
	if (!e)
		e = jx_at(v, "Errors", "Error", NULL);
	const char *code = jx_text(e, "Code");
	if (!code || !*code)
		return -1;
	const char *message = jx_text(e, "Message");
	if (!message)
		message = jx_text(e, "message");
	const char *id = jx_text(v, "RequestId");
	if (!id)
		id = jx_text(v, "RequestID");
	err_set(err, query_error_code(code, status), "%s%s%s", code,
		message && *message ? ": " : "", message ? message : "");
	snprintf(err->aws_code, sizeof(err->aws_code), "%s", code);
	snprintf(err->request_id, sizeof(err->request_id), "%s", id ? id : "");
	return 0;
}

/* Its text is said nowhere: it is long, and of no use. */
static const char html_page[] = "an HTML page";

/* Names the kind of page, for a proxy's or a portal's is what stands between us and AWS. */
static const char *kind_of(const char *body, size_t length)
{
	size_t blank = strspn(body, " \t\r\n");

	if (blank >= length)
		return "an empty body";
	body += blank;
	if (*body == '{' || *body == '[')
		return "JSON";
	if (strncasecmp(body, "<!doctype", 9) == 0 || strncasecmp(body, "<html", 5) == 0)
		return html_page;
	return *body == '<' ? "XML that cannot be read" : "text";
}

static int not_aws(int status, const char *body, size_t length, struct err *err)
{
	autobuf struct buf start = BUF_INIT(EXCERPT_SIZE + 1);
	autobuf struct buf shown = BUF_INIT(sizeof(err->message));
	bool cut = length > EXCERPT_SIZE;

	buf_add_bytes(&start, body, cut ? EXCERPT_SIZE : length);
	text_escape(&shown, buf_text(&start));
	const char *kind = kind_of(buf_text(&start), start.length);
	enum err_code code = query_error_code("", status);
	if (start.length == 0 || kind == html_page)
		return err_set(err, code, "status %d with %s, which is no answer of AWS's", status,
			       kind);
	return err_set(err, code, "status %d with %s, which is no answer of AWS's: '%s%s'", status,
		       kind, buf_text(&shown), cut ? "..." : "");
}

int query_error(int status, const char *type, const char *body, size_t length, struct err *err)
{
	if (length > ERROR_MAX)
		return err_set(err, query_error_code("", status),
			       "status %d with %zu bytes, which is no answer of AWS's", status,
			       length);
	const char *text = body ? body : "";
	size_t size = body ? length : 0;

	if (type ? query_json_error(status, type, text, size, err)
		 : read_error(status, text, size, err))
		return not_aws(status, text, size, err);
	return -1;
}
