// SPDX-License-Identifier: Apache-2.0
#include "cordon/query.h"

#include "cordon/buf.h"
#include "cordon/err.h"
#include "cordon/json.h"
#include "tap.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

/* A row with a member of every shape, and one that carries nothing back. */
static const struct shape string = {.kind = SHAPE_STRING};
static const struct shape integer = {.kind = SHAPE_INTEGER};
static const struct shape boolean = {.kind = SHAPE_BOOLEAN};
static const struct shape moment = {.kind = SHAPE_TIME};
static const struct shape document = {.kind = SHAPE_DOCUMENT};
static const struct shape secret = {.kind = SHAPE_SECRET};
static const struct shape strings = {.kind = SHAPE_LIST, .item = &string};
static const struct shape integers = {.kind = SHAPE_LIST, .item = &integer};
static const struct shape by_name = {.kind = SHAPE_MAP, .item = &integer};
static const struct member tag_members[] = {{"Key", &string, 0}, {"Value", &string, 0}, {0}};
static const struct shape tag = {.kind = SHAPE_STRUCTURE, .members = tag_members};
static const struct shape tags = {.kind = SHAPE_LIST, .item = &tag};
static const struct member key_members[] = {{"Id", &string, 0}, {"Secret", &secret, 0}, {0}};
static const struct shape key = {.kind = SHAPE_STRUCTURE, .members = key_members};
static const struct shape keys = {.kind = SHAPE_LIST, .item = &key};
static const struct member all_members[] = {
	{"User", &string, MEMBER_REQUIRED | MEMBER_PRINCIPAL},
	{"Age", &integer, 0},
	{"Ages", &integers, 0},
	{"On", &boolean, 0},
	{"At", &moment, 0},
	{"Doc", &document, 0},
	{"Names", &strings, 0},
	{"Map", &by_name, 0},
	{"Tag", &tag, 0},
	{"Tags", &tags, 0},
	{"Key", &key, 0},
	{"Keys", &keys, 0},
	{0},
};
static const struct operation all = {
	.name = "Do", .service = "iam", .input = all_members, .output = all_members};
static const struct operation paged = {.name = "Page",
				       .service = "iam",
				       .flags = OPERATION_PAGED,
				       .input = all_members,
				       .output = all_members};
static const struct operation silent = {
	.name = "Hush", .service = "sts", .flags = OPERATION_WRITE, .input = all_members};
static const struct operation strange = {.name = "X", .service = "s3", .input = all_members};

static void test_encode(void)
{
	static const struct {
		const char *name;
		const struct operation *op;
		const char *parameters, *marker, *want; /* NULL: refused */
	} rows[] = {
		{"one member", &all, "{'User':'u'}", NULL, "User=u"},
		{"percent-encoded", &all, "{'User':'a b+c&d=é/~._-*'}", NULL,
		 "User=a%20b%2Bc%26d%3D%C3%A9%2F~._-%2A"},
		{"table order", &all, "{'Age':3,'User':'u'}", NULL, "User=u&Age=3"},
		{"negative", &all, "{'User':'u','Age':-9223372036854775807}", NULL,
		 "User=u&Age=-9223372036854775807"},
		{"true", &all, "{'User':'u','On':true}", NULL, "User=u&On=true"},
		{"false", &all, "{'User':'u','On':false}", NULL, "User=u&On=false"},
		{"list", &all, "{'User':'u','Names':['a','b c']}", NULL,
		 "User=u&Names.member.1=a&Names.member.2=b%20c"},
		{"empty list", &all, "{'User':'u','Names':[]}", NULL, "User=u&Names="},
		{"structures", &all, "{'User':'u','Tags':[{'Key':'k','Value':''},{'Key':'l'}]}",
		 NULL, "User=u&Tags.member.1.Key=k&Tags.member.1.Value=&Tags.member.2.Key=l"},
		{"structure", &all, "{'User':'u','Tag':{'Key':'k'}}", NULL, "User=u&Tag.Key=k"},
		{"map", &all, "{'User':'u','Map':{'a b':1}}", NULL,
		 "User=u&Map.entry.1.key=a%20b&Map.entry.1.value=1"},
		{"document", &all, "{'User':'u','Doc':'{\\'a\\': 1}'}", NULL,
		 "User=u&Doc=%7B%27a%27%3A%201%7D"},
		{"marker", &all, "{'User':'u'}", "a+/=", "User=u&Marker=a%2B%2F%3D"},
		{"sts", &silent, "{'User':'u'}", NULL, "User=u"},
		{"no principal", &all, "{}", NULL, NULL},
		{"empty principal", &all, "{'User':''}", NULL, NULL},
		{"null principal", &all, "{'User':null}", NULL, NULL},
		{"unknown parameter", &all, "{'User':'u','Usr':'u'}", NULL, NULL},
		{"late-bound document", &all, "{'User':'u','Doc':{'$document':{}}}", NULL, NULL},
		{"null in a list", &all, "{'User':'u','Names':[null]}", NULL, NULL},
		{"object in a list", &all, "{'User':'u','Names':[{}]}", NULL, NULL},
		{"unknown service", &strange, "{'User':'u'}", NULL, NULL},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		autobuf struct buf got = BUF_INIT(4096);
		autobuf struct buf want = BUF_INIT(4096);
		struct err err = ERR_INIT;
		char quoted[512];

		snprintf(quoted, sizeof(quoted), "%s", rows[i].parameters);
		for (char *c = quoted; *c; c++)
			*c = *c == '\'' && (c == quoted || c[-1] != '\\') ? '"' : *c;
		for (char *c = strstr(quoted, "\\'"); c; c = strstr(c, "\\'"))
			memmove(c, c + 1, strlen(c));
		json_t *parameters = json_loads(quoted, 0, NULL);
		int result = query_encode(rows[i].op, parameters, rows[i].marker, &got, &err);
		INT_EQ(result, rows[i].want ? 0 : -1, "encode %s: %s", rows[i].name, err.message);
		buf_addf(&want, "Action=%s&Version=%s&%s", rows[i].op->name,
			 rows[i].op == &silent ? "2011-06-15" : "2010-05-08",
			 rows[i].want ? rows[i].want : "");
		if (rows[i].want)
			STR_EQ(buf_text(&got), buf_text(&want), "encode %s: body", rows[i].name);
		else
			INT_EQ(err.code, ERR_REFUSED, "encode %s: code", rows[i].name);
		json_decref(parameters);
	}
}

static void test_encode_limits(void)
{
	autobuf struct buf small = BUF_INIT(40);
	struct err err = ERR_INIT;
	json_t *parameters = json_pack("{s:s}", "User", "somebody");

	INT_EQ(query_encode(&all, parameters, NULL, &small, &err), -1, "too large for its buffer");
	INT_EQ(err.code, ERR_REFUSED, "too large: code");
	json_decref(parameters);
}

#define DO(inside)                                             \
	"<DoResponse xmlns=\"https://iam/\"><DoResult>" inside \
	"</DoResult><ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata></DoResponse>"
#define PAGE(inside) "<PageResponse><PageResult>" inside "</PageResult></PageResponse>"
#define X4(text) text text text text
#define DEEP(text) X4(X4(text)) X4(text) X4(text) X4(text) X4(text)

struct decode_row {
	const char *name;
	const struct operation *op;
	const char *body;
	const char *want; /* JSON, or a part of the message */
};

static const struct decode_row good[] = {
	{"nothing", &all, DO(""), "{}"},
	{"declaration", &all, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" DO("<User>u</User>"),
	 "{\"User\":\"u\"}"},
	{"an encoding that is a lie", &all,
	 "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>" DO("<User>\xc3\xa9</User>"),
	 "{\"User\":\"é\"}"},
	{"white space", &all, DO("\n  <User> u\n</User>\n  "), "{\"User\":\" u\\n\"}"},
	{"empty string", &all, DO("<User/>"), "{\"User\":\"\"}"},
	{"unknown elements", &all, DO("<New><User>x</User></New><User>u</User><A/>"),
	 "{\"User\":\"u\"}"},
	{"prefixes", &all,
	 "<a:DoResponse xmlns:a=\"x\"><a:DoResult><a:User>u</a:User></a:DoResult></a:DoResponse>",
	 "{\"User\":\"u\"}"},
	{"entities", &all, DO("<User>&lt;&gt;&amp;&quot;&apos;&#65;&#x42;</User>"),
	 "{\"User\":\"<>&\\\"'AB\"}"},
	{"CDATA", &all, DO("<User>a<![CDATA[<b>&amp;]]>c</User>"), "{\"User\":\"a<b>&amp;c\"}"},
	{"comments", &all, DO("<User>a<!-- <b> -->c<?pi?></User>"), "{\"User\":\"ac\"}"},
	{"an element in a scalar", &all, DO("<User>a<b>x</b>c</User>"), "{\"User\":\"ac\"}"},
	{"attributes", &all, DO("<User a=\"b\">u</User>"), "{\"User\":\"u\"}"},
	{"tab and newline by reference", &all, DO("<User>&#9;&#10;&#13;</User>"),
	 "{\"User\":\"\\t\\n\\r\"}"},
	{"beyond the BMP", &all, DO("<User>&#x1F600;</User>"), "{\"User\":\"\xf0\x9f\x98\x80\"}"},
	{"integer", &all, DO("<Age>-12</Age>"), "{\"Age\":-12}"},
	{"largest integer", &all, DO("<Age>9223372036854775807</Age>"),
	 "{\"Age\":9223372036854775807}"},
	{"true", &all, DO("<On>true</On>"), "{\"On\":true}"},
	{"False", &all, DO("<On>False</On>"), "{\"On\":false}"},
	{"time", &all, DO("<At>2026-07-14T10:15:00Z</At>"), "{\"At\":\"2026-07-14T10:15:00Z\"}"},
	{"document", &all, DO("<Doc>%7B%22a%22%3A%22b+c%2B%22%7D</Doc>"),
	 "{\"Doc\":\"{\\\"a\\\":\\\"b+c+\\\"}\"}"},
	{"plain document", &all, DO("<Doc>{&quot;a&quot;:1}</Doc>"), "{\"Doc\":\"{\\\"a\\\":1}\"}"},
	{"badly encoded document", &all, DO("<Doc>%7B%2</Doc>"), "{\"Doc\":\"%7B%2\"}"},
	{"document with a NUL", &all, DO("<Doc>%7B%00</Doc>"), "{\"Doc\":\"%7B%00\"}"},
	{"document with bad UTF-8", &all, DO("<Doc>%FFx</Doc>"), "{\"Doc\":\"\xef\xbf\xbdx\"}"},
	{"document with an escape", &all, DO("<Doc>%1B%5B2J</Doc>"), "{\"Doc\":\"\\u001b[2J\"}"},
	{"string that looks encoded", &all, DO("<User>%41</User>"), "{\"User\":\"%41\"}"},
	{"list", &all, DO("<Names><member>a</member>\n<member/></Names>"),
	 "{\"Names\":[\"a\",\"\"]}"},
	{"empty list", &all, DO("<Names/>"), "{\"Names\":[]}"},
	{"white list", &all, DO("<Names> \n</Names>"), "{\"Names\":[]}"},
	{"list of structures", &all,
	 DO("<Tags><member><Key>k</Key><Value/></member><member/></Tags>"),
	 "{\"Tags\":[{\"Key\":\"k\",\"Value\":\"\"},{}]}"},
	{"list without wrappers", &all, DO("<Names>a<b>c</b></Names>"), "{\"Names\":[]}"},
	{"empty structure", &all, DO("<Tag/>"), "{\"Tag\":{}}"},
	{"map", &all,
	 DO("<Map><entry><key>a</key><value>1</value></entry>\n"
	    "<entry><value>2</value><x/><key>b</key></entry></Map>"),
	 "{\"Map\":{\"a\":1,\"b\":2}}"},
	{"empty map", &all, DO("<Map/>"), "{\"Map\":{}}"},
	{"secrets are kept aside", &all,
	 DO("<Key><Id>i</Id><Secret>hush</Secret></Key><Keys><member><Secret>two</Secret></member>"
	    "</Keys>"),
	 "{\"Key\":{\"Id\":\"i\"},\"Keys\":[{}]}"},
	{"no paging members in a plain row", &all,
	 DO("<IsTruncated>true</IsTruncated><Marker>m</Marker>"), "{}"},
	{"last page", &paged, PAGE("<IsTruncated>false</IsTruncated><Marker>m</Marker>"), "{}"},
	{"page that says nothing", &paged, PAGE("<User>u</User>"), "{\"User\":\"u\"}"},
	{"more pages", &paged,
	 PAGE("<IsTruncated>true</IsTruncated><Marker>a+b</Marker><User>u</User>"),
	 "{\"User\":\"u\"}"},
	{"no result", &silent, "<HushResponse/>", "{}"},
	{"an empty result", &silent, "<HushResponse><HushResult/></HushResponse>", "{}"},
	{"a result that no one asked for", &silent,
	 "<HushResponse><HushResult><User>u</User></HushResult></HushResponse>", "{}"},
};

static const struct decode_row bad[] = {
	{"empty body", &all, "", "it is empty"},
	{"blank body", &all, " \n", "no well-formed XML"},
	{"text", &all, "hello", "no well-formed XML"},
	{"JSON", &all, "{\"DoResponse\":{}}", "no well-formed XML"},
	{"another root", &all, "<GetUserResponse/>",
	 "it is a 'GetUserResponse' where a 'DoResponse'"},
	{"an error as success", &all, "<ErrorResponse/>", "'ErrorResponse'"},
	{"HTML", &all, "<html><body>hi</body></html>", "'html'"},
	{"no result", &all, "<DoResponse/>", "Do: the reply holds no DoResult"},
	{"cut", &all, "<DoResponse><DoResult><User>u</Us", "no well-formed XML"},
	{"cut after the result", &all, "<DoResponse><DoResult/>", "no well-formed XML"},
	{"something behind", &all, DO("") "<x/>", "no well-formed XML"},
	{"two results", &all, "<DoResponse><DoResult/><DoResult/></DoResponse>",
	 "'DoResult' is given twice"},
	{"member twice", &all, DO("<User>a</User><User>b</User>"), "'User' is given twice"},
	{"list twice", &all, DO("<Names/><Names/>"), "'Names' is given twice"},
	{"DOCTYPE", &all, "<!DOCTYPE DoResponse>" DO(""), "DOCTYPE"},
	{"DOCTYPE with entity", &all, "<!DOCTYPE a [<!ENTITY b \"c\">]>" DO("<User>&b;</User>"),
	 "DOCTYPE"},
	{"external DOCTYPE", &all, "<!DOCTYPE a SYSTEM \"file:///etc/passwd\">" DO(""), "DOCTYPE"},
	{"prefix without namespace", &all, DO("<b:User>u</b:User>"), "no well-formed XML"},
	{"unknown entity", &all, DO("<User>&nbsp;</User>"), "no well-formed XML"},
	{"NUL by reference", &all, DO("<User>&#0;</User>"), "no well-formed XML"},
	{"control by reference", &all, DO("<User>&#27;</User>"), "no well-formed XML"},
	{"raw control", &all, DO("<User>\x1b</User>"), "no well-formed XML"},
	{"bad UTF-8", &all, DO("<User>\xff\xfe</User>"), "no well-formed XML"},
	{"surrogate", &all, DO("<User>&#xD800;</User>"), "no well-formed XML"},
	{"no integer", &all, DO("<Age>1x</Age>"), "a Age is no whole number"},
	{"empty integer", &all, DO("<Age/>"), "a Age is no whole number"},
	{"integer too large", &all, DO("<Age>9223372036854775808</Age>"), "no whole number"},
	{"no integer in a list", &all, DO("<Ages><member>x</member></Ages>"),
	 "a list item is no whole number"},
	{"no boolean", &all, DO("<On>yes</On>"), "a On is neither true nor false"},
	{"map key twice", &all,
	 DO("<Map><entry><key>a</key><value>1</value></entry>"
	    "<entry><key>a</key><value>1</value></entry></Map>"),
	 "'a' is given twice"},
	{"two keys", &all, DO("<Map><entry><key>a</key><key>b</key></entry></Map>"),
	 "two of a kind"},
	{"two values", &all, DO("<Map><entry><value>1</value><value>1</value></entry></Map>"),
	 "two of a kind"},
	{"no key", &all, DO("<Map><entry><value>1</value></entry></Map>"), "lacks its key"},
	{"no value", &all, DO("<Map><entry><key>a</key></entry></Map>"), "lacks its key"},
	{"too many secrets", &all,
	 DO("<Keys>" X4("<member><Secret>s</Secret></member>") "<member><Secret>s</Secret></member>"
							       "</Keys>"),
	 "more than 4 secrets"},
	{"too deep", &all, DO(DEEP("<a>")), "nested deeper than 32"},
	{"more pages, but where", &paged, PAGE("<IsTruncated>true</IsTruncated>"),
	 "is cut short and says not where"},
	{"more pages, nowhere", &paged, PAGE("<IsTruncated>true</IsTruncated><Marker/>"),
	 "is cut short and says not where"},
};

static void release_secrets(struct query_secrets *secrets)
{
	while (secrets->count > 0)
		secret_release(&secrets->item[--secrets->count].value);
}

static void test_decode(void)
{
	for (size_t i = 0; i < COUNT(good); i++) {
		struct query_secrets secrets = {.count = 0};
		struct err err = ERR_INIT;
		json_t *reply = NULL;
		char *marker = NULL;
		char id[128] = "?";

		INT_EQ(query_decode(good[i].op, good[i].body, strlen(good[i].body), &secrets,
				    &reply, &marker, id, &err),
		       0, "decode %s: %s", good[i].name, err.message);
		JSON_EQ(reply, good[i].want, "decode %s: reply", good[i].name);
		STR_EQ(id, strstr(good[i].body, "r-1") ? "r-1" : "", "decode %s: request id",
		       good[i].name);
		STR_EQ(marker, strstr(good[i].body, "a+b") ? "a+b" : NULL, "decode %s: marker",
		       good[i].name);
		release_secrets(&secrets);
		json_decref(reply);
		free(marker);
	}
}

static void test_refused(void)
{
	for (size_t i = 0; i < COUNT(bad); i++) {
		struct query_secrets secrets = {.count = 0};
		struct err err = ERR_INIT;
		json_t *reply = NULL;
		char *marker = NULL;
		char id[128] = "?";

		INT_EQ(query_decode(bad[i].op, bad[i].body, strlen(bad[i].body), &secrets, &reply,
				    &marker, id, &err),
		       -1, "refuse %s", bad[i].name);
		INT_EQ(err.code, ERR_PROTOCOL, "refuse %s: code", bad[i].name);
		if (!OK(strstr(err.message, bad[i].want) != NULL, "refuse %s: why", bad[i].name))
			tap_diff(err.message, bad[i].want);
		OK(!reply && !marker && strcmp(id, "?") == 0 && secrets.count == 0,
		   "refuse %s: nothing is written", bad[i].name);
		release_secrets(&secrets);
	}
}

static void test_secrets(void)
{
	static const char body[] = DO("<Key><Secret>hush</Secret></Key>");
	struct query_secrets secrets = {.count = 0};
	struct err err = ERR_INIT;
	json_t *reply = NULL;
	char *marker = NULL;
	char id[128];

	INT_EQ(query_decode(&all, body, sizeof(body) - 1, &secrets, &reply, &marker, id, &err), 0,
	       "a secret");
	INT_EQ(secrets.count, 1, "one secret");
	STR_EQ(secrets.item[0].name, "Secret", "its name");
	STR_EQ(secrets.item[0].value.bytes, "hush", "its value");
	release_secrets(&secrets);
	json_decref(reply);
	INT_EQ(query_decode(&all, body, sizeof(body) - 1, NULL, &reply, &marker, id, &err), 0,
	       "a secret that no one takes");
	JSON_EQ(reply, "{\"Key\":{}}", "is dropped");
	json_decref(reply);
}

/* What is in and out of the limits. */
static void test_sizes(void)
{
	size_t size = QUERY_MAX_REPLY + 1;
	char *body = malloc(size);
	struct err err = ERR_INIT;
	json_t *reply = NULL;
	char *marker = NULL;
	char id[128];
	static const char head[] = "<HushResponse a=\"", tail[] = "\"/>";

	if (!body)
		abort();
	memset(body, ' ', size);
	memcpy(body, "<HushResponse/>", 15);
	INT_EQ(query_decode(&silent, body, size, NULL, &reply, &marker, id, &err), -1,
	       "larger than the limit");
	OK(strstr(err.message, "larger than") != NULL, "larger: %s", err.message);
	INT_EQ(query_decode(&silent, body, size - 1, NULL, &reply, &marker, id, &err), 0,
	       "as large as the limit");
	json_decref(reply);
	memset(body, 'x', size);
	memcpy(body, head, sizeof(head) - 1);
	memcpy(body + size - sizeof(tail), tail, sizeof(tail) - 1);
	INT_EQ(query_decode(&silent, body, size - 1, NULL, &reply, &marker, id, &err), -1,
	       "a huge attribute");
	INT_EQ(err.code, ERR_PROTOCOL, "a huge attribute: code");
	free(body);
}

#define ERROR(inside) "<ErrorResponse xmlns=\"https://iam/\">" inside "</ErrorResponse>"

static void test_error(void)
{
	static const struct {
		const char *name;
		int status;
		const char *body, *message, *aws_code, *id;
		enum err_code code;
	} rows[] = {
		{"IAM", 404,
		 ERROR("<Error><Type>Sender</Type><Code>NoSuchEntity</Code><Message>The user with name "
		       "x cannot be found.</Message></Error><RequestId>r-1</RequestId>"),
		 "NoSuchEntity: The user with name x cannot be found.", "NoSuchEntity", "r-1",
		 ERR_NOT_FOUND},
		{"a front end", 403,
		 ERROR("<Errors><Error><Code>InvalidClientTokenId</Code><Message>no</Message></Error>"
		       "</Errors><RequestID>r-2</RequestID>"),
		 "InvalidClientTokenId: no", "InvalidClientTokenId", "r-2", ERR_CREDENTIALS},
		{"another front end", 400,
		 "<Response><Errors><Error><Code>RequestExpired</Code></Error></Errors></Response>",
		 "RequestExpired", "RequestExpired", "", ERR_CREDENTIALS},
		{"small message", 403,
		 ERROR("<Error><Code>AccessDenied</Code><message>m</message></Error>"),
		 "AccessDenied: m", "AccessDenied", "", ERR_DENIED},
		{"hostile message", 403,
		 ERROR("<Error><Code>AccessDenied</Code><Message>&#10;&#x202e;%n</Message></Error>"),
		 "AccessDenied: \n\xe2\x80\xae%n", "AccessDenied", "", ERR_DENIED},
		{"HTML", 500, "<!DOCTYPE html>\n<html>x",
		 "status 500 with an HTML page, which is no "
		 "answer of AWS's",
		 "", "", ERR_PROTOCOL},
		{"JSON", 400, " {\"__type\":\"x\"}",
		 "status 400 with JSON, which is no answer of AWS's: "
		 "' {\"__type\":\"x\"}'",
		 "", "", ERR_PROTOCOL},
		{"text", 503, "busy", "status 503 with text, which is no answer of AWS's: 'busy'",
		 "", "", ERR_PROTOCOL},
		{"nothing", 502, "", "status 502 with an empty body, which is no answer of AWS's",
		 "", "", ERR_PROTOCOL},
		{"slow down, without words", 429, "",
		 "status 429 with an empty body, which is no answer of AWS's", "", "",
		 ERR_THROTTLED},
		{"cut", 404, "<ErrorResponse><Error><Code>NoSuchEntity</Code>",
		 "status 404 with XML that cannot be read, which is no answer of AWS's: "
		 "'<ErrorResponse><Error><Code>NoSuchEntity</Code>'",
		 "", "", ERR_PROTOCOL},
		{"no code", 404, ERROR("<Error><Message>m</Message></Error>"),
		 "status 404 with XML that cannot be read, which is no answer of AWS's: "
		 "'<ErrorResponse xmlns=\"https://iam/\"><Error><Message>m</Message></Error></ErrorRespo"
		 "nse>'",
		 "", "", ERR_PROTOCOL},
		{"an escape in a page", 403, "\x1b[2J\xff",
		 "status 403 with text, which is no answer of "
		 "AWS's: '\\x1b[2J\\xff'",
		 "", "", ERR_PROTOCOL},
		{"a long page", 403, X4(X4("0123456789")),
		 "status 403 with text, which is no answer of "
		 "AWS's: '" X4("0123456789") X4("0123456789") X4("0123456789") "...'",
		 "", "", ERR_PROTOCOL},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct err err = ERR_INIT;

		INT_EQ(query_error(rows[i].status, NULL, rows[i].body, strlen(rows[i].body), &err),
		       -1, "error %s: is one", rows[i].name);
		STR_EQ(err.message, rows[i].message, "error %s: message", rows[i].name);
		STR_EQ(err.aws_code, rows[i].aws_code, "error %s: AWS's code", rows[i].name);
		STR_EQ(err.request_id, rows[i].id, "error %s: request id", rows[i].name);
		INT_EQ(err.code, rows[i].code, "error %s: code", rows[i].name);
	}
}

static void test_error_codes(void)
{
	static const struct {
		const char *aws_code;
		int status;
		enum err_code want;
	} rows[] = {
		{"NoSuchEntity", 404, ERR_NOT_FOUND},
		{"NoSuchEntityException", 404, ERR_NOT_FOUND},
		{"NoSuchEntit", 404, ERR_AWS},
		{"NoSuchEntityX", 404, ERR_AWS},
		{"AccessDenied", 403, ERR_DENIED},
		{"AccessDeniedException", 400, ERR_DENIED},
		{"Unheard", 403, ERR_DENIED},
		{"Unheard", 401, ERR_DENIED},
		{"Unheard", 400, ERR_AWS},
		{"ServiceFailure", 500, ERR_AWS},
		{"LimitExceeded", 409, ERR_AWS},
		{"LimitExceededException", 409, ERR_AWS},
		{"DeleteConflict", 409, ERR_AWS},
		{"ConcurrentModification", 409, ERR_AWS},
		{"EntityTemporarilyUnmodifiable", 409, ERR_AWS},
		{"Throttling", 400, ERR_THROTTLED},
		{"ThrottlingException", 400, ERR_THROTTLED},
		{"TooManyRequestsException", 400, ERR_THROTTLED},
		{"RequestLimitExceeded", 503, ERR_THROTTLED},
		{"Unheard", 429, ERR_THROTTLED},
		{"InvalidClientTokenId", 403, ERR_CREDENTIALS},
		{"UnrecognizedClientException", 403, ERR_CREDENTIALS},
		{"ExpiredToken", 403, ERR_CREDENTIALS},
		{"ExpiredTokenException", 400, ERR_CREDENTIALS},
		{"SignatureDoesNotMatch", 403, ERR_CREDENTIALS},
		{"", 500, ERR_PROTOCOL},
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		INT_EQ(query_error_code(rows[i].aws_code, rows[i].status), rows[i].want, "%s (%d)",
		       rows[i].aws_code, rows[i].status);
}

/* Every row of the operation table can be asked and answered. */
static void test_table(void)
{
	const struct operation *op = NULL;

	for (size_t i = 0; (op = operation_at(i)); i++) {
		if (operation_target(op->service))
			continue; /* test_json() */
		autobuf struct buf body = BUF_INIT(512);
		struct err err = ERR_INIT;
		json_t *reply = NULL;
		char *marker = NULL;
		char id[128];

		buf_addf(&body, "<%sResponse><%sResult/></%sResponse>", op->name, op->name,
			 op->name);
		INT_EQ(query_decode(op, buf_text(&body), body.length, NULL, &reply, &marker, id,
				    &err),
		       0, "%s: an empty result", op->name);
		JSON_EQ(reply, "{}", "%s: is empty", op->name);
		json_decref(reply);
	}
}

static json_t *decode_json(const char *body, struct err *err)
{
	json_t *reply = NULL;
	char *marker = NULL;
	char id[128];

	if (query_decode(operation_find("LookupEvents"), body, strlen(body), NULL, &reply, &marker,
			 id, err))
		return NULL;
	OK(!marker && !id[0], "JSON has neither marker nor request id");
	return reply;
}

/* JSON 1.1: what is sent, what is taken, and what is refused. */
static void test_json(void)
{
	static const struct {
		const char *body, *want; /* NULL: refused */
	} replies[] = {
		{"{}", "{}"},
		{"{\"Events\":null,\"NextToken\":\"t\",\"More\":[1.5]}", "{\"NextToken\":\"t\"}"},
		{"{\"Events\":[{\"EventId\":\"e\",\"EventTime\":1.2,\"CloudTrailEvent\":\"{}\"}]}",
		 "{\"Events\":[{\"EventId\":\"e\",\"CloudTrailEvent\":\"{}\"}]}"},
		{"", NULL},
		{"[]", NULL},
		{"{\"Events\":{}}", NULL},
		{"{\"Events\":[7]}", NULL},
		{"{\"NextToken\":7}", NULL},
		{"{\"Events\":[]", NULL},
		{"<LookupEventsResponse/>", NULL},
	};
	autobuf struct buf body = BUF_INIT(1024);
	struct err err = ERR_INIT;
	json_auto_t *asked = jx_pack("{s:[{s:s, s:s}], s:s, s:i}", "LookupAttributes",
				     "AttributeKey", "EventName", "AttributeValue", "\"x",
				     "StartTime", "2026-07-14T10:00:00Z", "MaxResults", 50);

	INT_EQ(query_encode(operation_find("LookupEvents"), asked, NULL, &body, &err), 0,
	       "a JSON request");
	STR_EQ(buf_text(&body),
	       "{\"LookupAttributes\":[{\"AttributeKey\":\"EventName\",\"AttributeValue\":\"\\\"x\"}],"
	       "\"StartTime\":1784023200,\"MaxResults\":50}",
	       "has its time in seconds");
	for (size_t i = 0; i < COUNT(replies); i++) {
		struct err why = ERR_INIT;
		json_auto_t *reply = decode_json(replies[i].body, &why);

		if (replies[i].want)
			JSON_EQ(reply, replies[i].want, "%s", replies[i].body);
		else
			OK(!reply && why.code == ERR_PROTOCOL, "refused: %s", replies[i].body);
	}
}

static void test_json_error(void)
{
	static const struct {
		const char *type, *body, *code, *message;
	} rows[] = {
		{"", "{\"__type\":\"a.b#ThrottlingException\",\"message\":\"slow\"}",
		 "ThrottlingException", "ThrottlingException: slow"},
		{"AccessDeniedException:http://x/", "{\"Message\":\"no\"}", "AccessDeniedException",
		 "AccessDeniedException: no"},
		{"Header", "{\"__type\":\"Body\"}", "Body", "Body"},
		{"Header", "", "Header", "Header"},
		{"", "{\"__type\":7}", "", NULL},
		{"", "{\"__type\":\"#:\"}", "", NULL},
		{"", "{\"message\":\"x\"}", "", NULL},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct err err = ERR_INIT;

		query_error(400, rows[i].type, rows[i].body, strlen(rows[i].body), &err);
		STR_EQ(err.aws_code, rows[i].code, "JSON error %zu: its code", i);
		if (rows[i].message)
			STR_EQ(err.message, rows[i].message, "JSON error %zu: its message", i);
		else
			OK(strstr(err.message, "no answer of AWS"), "JSON error %zu: none", i);
	}
}

int main(void)
{
	test_encode();
	test_encode_limits();
	test_decode();
	test_refused();
	test_secrets();
	test_sizes();
	test_error();
	test_error_codes();
	test_table();
	test_json();
	test_json_error();
	return tap_done();
}
