/* SPDX-License-Identifier: Apache-2.0 */
/* Records for the tests of the trail: JSON in single quotes, changes to one plain event. */
#ifndef TESTS_UNIT_TRIAGED_H
#define TESTS_UNIT_TRIAGED_H

#include "cordon/json.h"
#include "cordon/trail.h"
#include "fixture.h"

#include <string.h>

#define NOW 1784025000 /* 2026-07-14T10:30:00Z */
#define ADMIN "'policyArn':'arn:aws:iam::aws:policy/AdministratorAccess'"
#define QUARANTINE "arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantine"
#define USER(name, key)                                                                       \
	"{'type':'IAMUser','userName':'" name "','arn':'arn:aws:iam::111122223333:user/" name \
	"','accountId':'111122223333','principalId':'AIDAEXAMPLE','accessKeyId':'" key "'}"
#define ROLE(name, session)                                                                     \
	"{'type':'AssumedRole','arn':'arn:aws:sts::111122223333:assumed-role/" name "/" session \
	"','principalId':'AROAEXAMPLE:" session                                                 \
	"','accountId':'111122223333','accessKeyId':'ASIAEXAMPLEEXAMPLE00','sessionContext':{'" \
	"sessionIssuer':{'arn':'arn:aws:iam::111122223333:role/" name "','userName':'" name     \
	"'},'attributes':{'creationDate':'2026-07-14T09:00:00Z'}}}"
#define ROOT                                                                                 \
	"{'type':'Root','arn':'arn:aws:iam::111122223333:root','accountId':'111122223333','" \
	"accessKeyId':'ASIAEXAMPLEROOT00000'}"
#define BY_AWS "'sourceIPAddress':'AWS Internal','userAgent':'aws-internal/3'"
#define GRANT \
	"'policyDocument':'{\\\"Statement\\\":{\\\"Effect\\\":\\\"Allow\\\",\\\"Action\\\":\\\""
#define GRANT_END "\\\",\\\"Resource\\\":\\\"*\\\"}}'"
#define TRUST(principal)                                                                               \
	"'{\\\"Statement\\\":{\\\"Effect\\\":\\\"Allow\\\",\\\"Action\\\":\\\"sts:AssumeRole\\\",\\\"" \
	"Principal\\\":{\\\"AWS\\\":\\\"" principal "\\\"}}}'"

static const char base[] = "{'eventVersion':'1.11','userIdentity':" USER(
	"alice",
	"AKIAEXAMPLEEXAMPLE00") ",'eventTime':'2026-07-14T10:00:00Z','eventSource':'iam.amazonaws.com','awsRegion':"
				"'us-east-1','sourceIPAddress':'203.0.113.9','userAgent':'Boto3/1.34','requestParameters':"
				"null,'responseElements':null,'eventID':'e1','recipientAccountId':'111122223333'}";

/* Single quotes stand for double ones. */
static inline json_t *read_quoted(const char *text)
{
	char *copy = strdup(text);
	json_error_t error;

	for (char *c = copy; c && *c; c++) {
		if (*c == '\'')
			*c = '"';
	}
	json_t *v = copy ? json_loads(copy, JSON_DECODE_ANY, &error) : NULL;
	if (!v)
		bail(text, error.text);
	free(copy);
	return v;
}

static inline void sink(void *arg, const struct trail_record *record)
{
	trail_add(arg, record);
}

static inline json_t *triage_bytes(const char *bytes, size_t length, size_t piece,
				   const json_t *keys)
{
	struct trail_options options = {.now = NOW, .seed = 7, .keys = keys};
	struct trail *trail = trail_new(&options);
	struct trail_input *in = trail_input_new(sink, trail);

	for (size_t at = 0; at < length; at += piece)
		trail_input_feed(in, bytes + at, length - at < piece ? length - at : piece);
	trail_input_end(in);
	trail_close(trail, "input", in, NULL);
	trail_input_free(in);
	json_t *document = trail_document(trail);
	trail_free(trail);
	return document;
}

static inline json_t *triage(const json_t *v)
{
	char *text = json_dumps(v, JSON_COMPACT | JSON_ENCODE_ANY);
	json_t *document = triage_bytes(text, strlen(text), 4096, NULL);

	free(text);
	return document;
}

static inline json_t *event(const char *changes)
{
	json_t *record = read_quoted(base);
	json_auto_t *with = read_quoted(changes);

	json_object_update(record, with);
	return record;
}

#endif
