// SPDX-License-Identifier: Apache-2.0
/* The joins of the graph, one by one, and what is there at the end. */
#include "cordon/buf.h"
#include "cordon/text.h"
#include "triaged.h"

#define AT(time) "'eventTime':'2026-07-14T" time "Z'"
#define ALICE "'userIdentity':" USER("alice", "AKIAEXAMPLELEAKED000")
#define CHILD(user, key, created)                                                        \
	"'userIdentity':{'type':'IAMUser','userName':'" user                             \
	"','arn':'arn:aws:iam::111122223333:user/" user "','accountId':'111122223333','" \
	"accessKeyId':'" key                                                             \
	"','sessionContext':{'attributes':{'creationDate':'2026-07-14T" created "Z'}}}"
#define SESSION(name, key, created)                                                                \
	"'userIdentity':{'type':'AssumedRole','arn':'arn:aws:sts::111122223333:assumed-role/" name \
	"','principalId':'AROA:s','accountId':'111122223333','accessKeyId':'" key                  \
	"','sessionContext':{'sessionIssuer':{'arn':'arn:aws:iam::111122223333:role/p/r','"        \
	"userName':'r'},'attributes':{'creationDate':'2026-07-14T" created "Z'}}}"
#define ASSUMED(key, name, until)                                                         \
	"'eventSource':'sts.amazonaws.com','eventName':'AssumeRole','responseElements':{" \
	"'credentials':{'accessKeyId':'" key "','expiration':'" until                     \
	"'},'assumedRoleUser':{'arn':'arn:aws:sts::111122223333:assumed-role/" name "'}}"
#define LATER "Jul 14, 2026, 11:00:00 AM"
#define READ "'eventSource':'s3.amazonaws.com','eventName':'ListBuckets'"
#define OFF(key) MAKE("UpdateAccessKey", "'status':'Inactive','accessKeyId':'" key "'")
#define MAKE(what, asked) "'eventName':'" what "','requestParameters':{" asked "}"

/* Seed: alice's leaked key. want: targets, artefacts and no targets, each "kind id", in order. */
static const struct {
	const char *name;
	const char *events[6]; /* NULL-terminated if shorter */
	const char *want;
} rows[] = {
	{"a key alone", {"{" ALICE "," READ "}"}, "access-key AKIAEXAMPLELEAKED000 live;"},
	{"a session that was never used",
	 {"{" ALICE "," ASSUMED("ASIA1", "r/s", LATER) "}"},
	 "access-key AKIAEXAMPLELEAKED000 live;session "
	 "arn:aws:sts::111122223333:assumed-role/r/s live;"},
	{"one that is over",
	 {"{" ALICE "," ASSUMED("ASIA1", "r/s", "Jul 14, 2026, 10:29:59 AM") "}"},
	 "access-key AKIAEXAMPLELEAKED000 live;session "
	 "arn:aws:sts::111122223333:assumed-role/r/s gone;"},
	{"a chain",
	 {"{" ALICE "," ASSUMED("ASIA1", "r/s", LATER) "}",
	  "{" SESSION("r/s", "ASIA1", "10:00:00") "," ASSUMED("ASIA2", "q/t", LATER) "}"},
	 "access-key AKIAEXAMPLELEAKED000 live;session "
	 "arn:aws:sts::111122223333:assumed-role/q/t live;session "
	 "arn:aws:sts::111122223333:assumed-role/r/s live;"},
	{"the same session name, made by somebody else at another time",
	 {"{" ALICE "," ASSUMED("ASIA1", "r/s", LATER) "}",
	  "{" SESSION("r/s", "ASIA9", "10:05:00") "," MAKE("CreateUser", "'userName':'x'") "}"},
	 "access-key AKIAEXAMPLELEAKED000 live;session "
	 "arn:aws:sts::111122223333:assumed-role/r/s live;"},
	{"another key of the same session",
	 {"{" ALICE "," ASSUMED("ASIA1", "r/s", LATER) "}",
	  "{" SESSION("r/s", "ASIA1", "10:00:00") "," READ "}",
	  "{" SESSION("r/s", "ASIA2", "10:00:00") "," MAKE("CreateUser", "'userName':'x'") "}"},
	 "access-key AKIAEXAMPLELEAKED000 live;session "
	 "arn:aws:sts::111122223333:assumed-role/r/s live;user x live;+user x;"},
	{"GetSessionToken: its user goes with the key",
	 {"{" ALICE ",'eventSource':'sts.amazonaws.com','eventName':'GetSessionToken',"
	  "'responseElements':{'credentials':{'accessKeyId':'ASIA1'}}}",
	  "{" CHILD("alice", "ASIA1", "10:00:00") "," READ "}"},
	 "access-key AKIAEXAMPLELEAKED000 live;-ASIA1;"},
	{"GetSessionToken, never used",
	 {"{" ALICE ",'eventSource':'sts.amazonaws.com','eventName':'GetSessionToken',"
	  "'responseElements':{'credentials':{'accessKeyId':'ASIA1'}}}"},
	 "access-key AKIAEXAMPLELEAKED000 live;-ASIA1;"},
	{"GetSessionToken, and then the key was switched off: the session lives on",
	 {"{" ALICE ",'eventSource':'sts.amazonaws.com','eventName':'GetSessionToken',"
	  "'responseElements':{'credentials':{'accessKeyId':'ASIA1'}}}",
	  "{" CHILD("alice", "ASIA1", "10:00:00") "," READ "}",
	  "{" ALICE "," OFF("AKIAEXAMPLELEAKED000") "," AT("10:01:00") "}"},
	 "user alice live;"},
	{"the same, never used",
	 {"{" ALICE ",'eventSource':'sts.amazonaws.com','eventName':'GetSessionToken',"
	  "'responseElements':{'credentials':{'accessKeyId':'ASIA1'}}}",
	  "{" ALICE "," OFF("AKIAEXAMPLELEAKED000") "," AT("10:01:00") "}"},
	 "user alice live;"},
	{"of a key that was made on another, and deleted",
	 {"{" ALICE
	  "," MAKE("CreateAccessKey",
		   "'userName':'bob'") ",'responseElements':{"
				       "'accessKey':{'accessKeyId':'AKIABOB','userName':'bob'}}}",
	  "{'userIdentity':" USER(
		  "bob",
		  "AKIABOB") ",'eventSource':'sts.amazonaws.com',"
			     "'eventName':'GetSessionToken','responseElements':{'credentials':{'accessKeyId':"
			     "'ASIA1'}}}",
	  "{" ALICE "," MAKE("DeleteAccessKey",
			     "'userName':'bob','accessKeyId':'AKIABOB'") "," AT("10:01:00") "}"},
	 "access-key AKIAEXAMPLELEAKED000 live;user bob live;+access-key AKIABOB removed;"},
	{"what a service makes of it leads on but is no target",
	 {"{" ALICE "," ASSUMED("ASIA1", "r/s", LATER) "}",
	  "{" SESSION("r/s", "ASIA1", "10:00:00") "," READ "}",
	  "{'userIdentity':{'type':'AssumedRole','arn':'arn:aws:sts::111122223333:assumed-role/r/s',"
	  "'accessKeyId':'ASIA2','invokedBy':'athena.amazonaws.com','sessionContext':{'attributes':"
	  "{'creationDate':'2026-07-14T10:00:00Z'}}}," MAKE("CreateUser", "'userName':'x'") "}"},
	 "access-key AKIAEXAMPLELEAKED000 live;session "
	 "arn:aws:sts::111122223333:assumed-role/r/s live;user x live;+user x;-ASIA2;"},
	{"a user for another",
	 {"{" ALICE "," MAKE("CreateLoginProfile", "'userName':'bob'") ",'responseElements':{}}",
	  "{" CHILD("bob", "",
		    "10:00:00") ",'eventSource':'signin.amazonaws.com','eventName':"
				"'ConsoleLogin','responseElements':{'ConsoleLogin':'Success'}," AT(
					"10:10:00") "}",
	  "{" CHILD("bob", "ASIA1", "10:10:00") "," MAKE("CreateUser", "'userName':'x'") "}"},
	 "access-key AKIAEXAMPLELEAKED000 live;user bob live;user x live;+login-profile bob;+user "
	 "x;"},
	{"a policy on a stranger",
	 {"{" ALICE "," MAKE("PutRolePolicy", "'roleName':'r','policyName':'p'") "}"},
	 "access-key AKIAEXAMPLELEAKED000 live;role r live?;+inline-policy p;"},
	{"a provider",
	 {"{" ALICE ",'eventName':'CreateSAMLProvider','responseElements':{'sAMLProviderArn':"
	  "'arn:aws:iam::111122223333:saml-provider/x'}}"},
	 "access-key AKIAEXAMPLELEAKED000 live;saml-provider "
	 "arn:aws:iam::111122223333:saml-provider/x live;+saml-provider "
	 "arn:aws:iam::111122223333:saml-provider/x;"},
	{"made and deleted",
	 {"{" ALICE "," MAKE("CreateUser", "'userName':'x'") "}",
	  "{" ALICE "," MAKE("DeleteUser", "'userName':'x'") "," AT("10:01:00") "}"},
	 "access-key AKIAEXAMPLELEAKED000 live;+user x removed;-x;"},
	{"in the same second: nobody knows",
	 {"{" ALICE "," MAKE("DeleteUser", "'userName':'x'") "}",
	  "{" ALICE "," MAKE("CreateUser", "'userName':'x'") "}"},
	 "access-key AKIAEXAMPLELEAKED000 live;user x live?;+user x;"},
	{"in the same second, and used later",
	 {"{" ALICE "," MAKE("DeleteUser", "'userName':'x'") "}",
	  "{" ALICE "," MAKE("CreateUser", "'userName':'x'") "}",
	  "{" CHILD("x", "AKIAX", "10:00:00") "," MAKE("CreateGroup",
						       "'x':'y'") "," AT("10:00:01") "}"},
	 "access-key AKIAEXAMPLELEAKED000 live;user x live;+user x;"},
	{"a key, made and deleted in the same second: its id never comes again",
	 {"{" ALICE
	  "," MAKE("CreateAccessKey", "'x':'y'") ",'responseElements':{'accessKey':{"
						 "'accessKeyId':'AKIAX','userName':'alice'}}}",
	  "{" ALICE "," MAKE("DeleteAccessKey", "'accessKeyId':'AKIAX'") "}"},
	 "access-key AKIAEXAMPLELEAKED000 live;+access-key AKIAX removed;-AKIAX;"},
	{"a deletion that was refused",
	 {"{" ALICE "," MAKE("CreateUser", "'userName':'x'") "}",
	  "{" ALICE "," MAKE("DeleteUser", "'userName':'x'") "," AT(
		  "10:01:00") ",'errorCode':'DeleteConflictException'}"},
	 "access-key AKIAEXAMPLELEAKED000 live;user x live;+user x;"},
	{"deleted by somebody else, and made again",
	 {"{" ALICE "," MAKE("CreateUser", "'userName':'x'") "}",
	  "{" CHILD("root2", "AKIAX", "09:00:00") "," MAKE("DeleteUser",
							   "'userName':'x'") "," AT("10:01:00") "}",
	  "{" ALICE "," MAKE("CreateUser", "'userName':'x'") "," AT("10:02:00") "}"},
	 "access-key AKIAEXAMPLELEAKED000 live;user x live;+user x;+user x;"},
	{"with a user goes what it holds",
	 {"{" ALICE "," MAKE("CreateUser", "'userName':'x'") "}",
	  "{" ALICE "," MAKE("AttachUserPolicy", "'userName':'x'," ADMIN) "," AT("10:01:00") "}",
	  "{" ALICE "," MAKE("DeleteUser", "'userName':'x'") "," AT("10:02:00") "}"},
	 "access-key AKIAEXAMPLELEAKED000 live;+attached-policy "
	 "arn:aws:iam::aws:policy/AdministratorAccess removed;+user x removed;-x;"},
	{"the key was switched off",
	 {"{" ALICE "," READ "}",
	  "{" CHILD("admin", "AKIAX", "09:00:00") "," MAKE(
		  "UpdateAccessKey", "'userName':'alice','status':'Inactive','accessKeyId':"
				     "'AKIAEXAMPLELEAKED000'") "}"},
	 "access-key AKIAEXAMPLELEAKED000 gone;"},
};

static void add_list(struct buf *out, const json_t *list, const char *mark)
{
	json_t *item;
	size_t i;

	json_array_foreach (list, i, item) {
		const json_t *live = json_object_get(item, "live");
		const char *kind = jx_text(item, "kind");
		buf_addf(out, "%s%s%s%s", mark, kind ? kind : "", kind ? " " : "",
			 jx_text(item, "id"));
		if (json_is_true(json_object_get(item, "removed")))
			buf_add(out, " removed");
		if (live)
			buf_add(out, json_is_null(live)	  ? " live?"
				     : json_is_true(live) ? " live"
							  : " gone");
		buf_add(out, ";");
	}
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Targets in the order of kind and id, whatever came first. */
static void sort_parts(struct buf *in, struct buf *out)
{
	char *parts[64];
	size_t count = 0;
	char *rest = in->data;

	for (char *part; rest && count < COUNT(parts) && (part = strsep(&rest, ";"));) {
		if (*part)
			parts[count++] = part;
	}
	if (count)
		qsort(parts, count, sizeof(*parts), by_text);
	for (size_t i = 0; i < count; i++)
		buf_addf(out, "%s;", parts[i]);
}

static json_t *triage_with_key(const json_t *list)
{
	json_auto_t *keys = read_quoted("['AKIAEXAMPLELEAKED000']");
	char *text = json_dumps(list, JSON_COMPACT);
	json_t *document = triage_bytes(text, strlen(text), 100, keys);

	free(text);
	return document;
}

static json_t *events_of(const char *const *changes, size_t most)
{
	json_t *list = json_array();
	char id[32];

	for (size_t n = 0; n < most && changes[n]; n++) {
		json_t *e = event(changes[n]);
		snprintf(id, sizeof(id), "e%zu", n);
		jx_set(e, "eventID", jx_string(id));
		jx_push(list, e);
	}
	return list;
}

static void test_rows(void)
{
	for (size_t i = 0; i < COUNT(rows); i++) {
		json_auto_t *list = events_of(rows[i].events, COUNT(rows[i].events));
		json_auto_t *document = triage_with_key(list);
		autobuf struct buf targets = BUF_INIT(4096);
		autobuf struct buf artefacts = BUF_INIT(4096);
		autobuf struct buf got = BUF_INIT(4096);

		add_list(&targets, json_object_get(document, "targets"), "");
		sort_parts(&targets, &got);
		add_list(&artefacts, json_object_get(document, "artefacts"), "+");
		sort_parts(&artefacts, &got);
		add_list(&got, json_object_get(document, "not_targets"), "-");
		STR_EQ(buf_text(&got), rows[i].want, "%s", rows[i].name);
	}
}

/* Of two trails the same event comes twice; the other account's copy names the caller dimly. */
static void test_copies(void)
{
	const char *const changes[] = {
		"{" ALICE "," ASSUMED("ASIA1", "r/s", LATER) "}",
		"{'userIdentity':{'type':'AWSAccount','accountId':'999988887777','principalId':"
		"'AIDAX'},'sharedEventID':'x'," ASSUMED("ASIA1", "r/s", LATER) "}"};
	json_auto_t *list = events_of(changes, COUNT(changes));
	json_auto_t *twice = json_array();

	json_array_extend(twice, list);
	json_array_extend(twice, list);
	json_auto_t *document = triage_with_key(twice);
	INT_EQ(json_integer_value(jx_at(document, "sources", "duplicates", NULL)), 2,
	       "copies are counted");
	INT_EQ(json_array_size(json_object_get(document, "targets")), 2, "and count once");
	INT_EQ(json_array_size(json_object_get(document, "not_targets")), 0,
	       "the other account's copy is nobody");
}

/* A role of another account: that account is where it is contained. */
static void test_account(void)
{
	const char *const changes[] = {
		"{" ALICE ",'eventSource':'sts.amazonaws.com','eventName':'AssumeRole',"
		"'responseElements':{'credentials':{'accessKeyId':'ASIA1'},'assumedRoleUser':{'arn':"
		"'arn:aws:sts::999988887777:assumed-role/r/s'}}}"};
	json_auto_t *list = events_of(changes, COUNT(changes));
	json_auto_t *document = triage_with_key(list);
	const json_t *session = jx_find(json_object_get(document, "targets"), "kind", "session",
					NULL);

	STR_EQ(jx_text(session, "account"), "999988887777",
	       "the account of a session is its role's");
}

static json_t *triage_of(const char *const *changes, size_t count)
{
	json_auto_t *list = events_of(changes, count);

	return triage(list);
}

#define LOCK(name, more)                                                        \
	"'eventName':'AttachUserPolicy','requestParameters':{'userName':'" name \
	"','policyArn':'" QUARANTINE "V3'}" more
#define ADMIN_KEY "'userIdentity':" USER("admin", "AKIAADMIN")

/* Anybody may put anybody under quarantine: whom he chose is said, but not taken for live. */
static void test_by_hand(void)
{
	static const struct {
		const char *name, *events[4], *want;
	} cases[] = {
		{"one that failed",
		 {"{" ALICE "," LOCK("bob", ",'errorCode':'LimitExceededException'") "}"},
		 "user bob live?;"},
		{"one that failed, on somebody who works",
		 {"{" ALICE "," LOCK("admin", ",'errorCode':'NoSuchEntityException'") "}",
		  "{" ADMIN_KEY "," MAKE("CreateGroup", "'groupName':'g'") "}"},
		 "user admin live?;"},
		{"on somebody who works, with all he made",
		 {"{" ALICE "," LOCK("admin", "") "}",
		  "{" ADMIN_KEY "," ASSUMED("ASIA1", "r/s", LATER) "}",
		  "{" SESSION("r/s", "ASIA1", "10:00:00") "," MAKE("CreateGroup",
								   "'groupName':'g'") "}",
		  "{" ADMIN_KEY "," MAKE("CreateUser", "'userName':'x'") "}"},
		 "session arn:aws:sts::111122223333:assumed-role/r/s live?;user admin live?;user x "
		 "live?;"},
		{"on one against whom more speaks",
		 {"{" ALICE "," LOCK("admin", "") "}",
		  "{" ADMIN_KEY "," MAKE("DeactivateMFADevice", "'userName':'x'") "}"},
		 "user admin live;user x live?;"},
		{"by a service of AWS",
		 {"{'userIdentity':{'type':'AWSService','invokedBy':'x.amazonaws.com'}," LOCK(
			  "admin", "") "}",
		  "{" ADMIN_KEY "," MAKE("CreateGroup", "'groupName':'g'") "}"},
		 "user admin live;"},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		json_auto_t *document = triage_of(cases[i].events, COUNT(cases[i].events));
		autobuf struct buf targets = BUF_INIT(4096);
		autobuf struct buf got = BUF_INIT(4096);

		add_list(&targets, json_object_get(document, "targets"), "");
		sort_parts(&targets, &got);
		STR_EQ(buf_text(&got), cases[i].want, "quarantine by hand: %s", cases[i].name);
	}
}

/* The console's own session is no stolen token, though its calls do not say so. */
static void test_console(void)
{
	const char *const changes[] = {
		"{" CHILD(
			"bob", "",
			"09:00:00") ",'eventSource':'signin.amazonaws.com','eventName':"
				    "'ConsoleLogin','responseElements':{'ConsoleLogin':'Success'}," AT(
					    "10:10:00") "}",
		"{" CHILD("bob", "ASIA1", "10:10:00") ",'eventName':'CreateGroup'}",
		"{" CHILD("bob", "ASIA2", "10:11:00") ",'eventName':'CreateGroup'}"};
	json_auto_t *login = triage_of(changes, 2);
	json_auto_t *stolen = triage_of(changes, 3);

	OK(!jx_find(json_object_get(login, "findings"), "rule", "session-token-iam", NULL),
	   "of the console");
	INT_EQ(json_array_size(json_object_get(login, "targets")), 0, "and nobody is a target");
	OK(jx_find(json_object_get(stolen, "findings"), "rule", "session-token-iam", NULL),
	   "of another session");
}

static const json_t *target_of(const json_t *document, const char *kind)
{
	return jx_find(json_object_get(document, "targets"), "kind", kind, NULL);
}

/* An ARN that was cut off names no session; the issuer may still name the role. */
static void test_cut_arn(void)
{
	const char *const changes[] = {
		"{" ALICE ",'eventSource':'sts.amazonaws.com','eventName':'AssumeRole',"
		"'responseElements':{'credentials':{'accessKeyId':'ASIA1'},'assumedRoleUser':{'arn':"
		"'arn:aws:sts::111122223333:assumed-role/x'}}}",
		"{'userIdentity':{'type':'AssumedRole','arn':'arn:aws:sts::1:assumed-role/x',"
		"'principalId':'AROA:s1','accountId':'111122223333','accessKeyId':'ASIA1'},"
		"'eventName':'CreateUser','requestParameters':{'userName':'y'}}",
		"{'userIdentity':{'type':'AssumedRole','arn':'arn:aws:sts::1:assumed-role/',"
		"'accessKeyId':'ASIA2'},'eventName':'DeactivateMFADevice'}"};
	json_auto_t *named = triage_of(changes, 1);
	json_auto_t *seen = triage_of(changes + 1, 2);
	json_auto_t *list = events_of(changes, 2);
	json_auto_t *seeded = triage_with_key(list);

	OK(json_is_array(json_object_get(named, "targets")), "an answer with a cut ARN is read");
	OK(target_of(seen, "session"), "and a caller with one");
	OK(strstr(jx_text(target_of(seeded, "session"), "by_hand"), "does not say whose"),
	   "whose session it is, is said to be not known");
}

/* The command is for a shell: no value adds a word to it, and none is cut. */
static void test_command(void)
{
	static const struct {
		const char *session, *name;
		bool ready;
	} sessions[] = {
		{"s1", "a plain session", true},
		{"a=b,c.d@e-f_g", "all letters that AWS allows", true},
		{"i-0abc --yes --set whole_role=true", "words", false},
		{"x;id", "something for a shell", false},
		{"-x", "an option", false},
		{"x", "a name that is too short", false},
	};

	for (size_t i = 0; i < COUNT(sessions); i++) {
		json_auto_t *e = event(
			"{'eventName':'DeactivateMFADevice','userIdentity':" ROLE("r", "s1") "}");
		json_t *who = json_object_get(e, "userIdentity");
		json_auto_t *id = json_sprintf("AROAEXAMPLE:%s", sessions[i].session);
		json_object_del(who, "arn");
		jx_set(who, "principalId", json_incref(id));
		json_auto_t *document = triage(e);
		const json_t *target = target_of(document, "session");
		const char *command = jx_text(target, "command");
		INT_EQ(command != NULL, sessions[i].ready, "a command: %s", sessions[i].name);
		OK(!command || !strstr(command, " --yes"), "no word of it: %s", sessions[i].name);
	}
	json_auto_t *e = event("{'eventName':'PutUserPolicy','requestParameters':{'userName':'bob',"
			       "'policyName':'p --yes'," GRANT "*" GRANT_END "}}");
	json_auto_t *list = json_pack("[O]", e);
	json_auto_t *document = triage(list);
	const json_t *bob = jx_find(json_object_get(document, "targets"), "id", "bob", NULL);
	OK(bob && !jx_text(bob, "command"), "a policy's name is a value as well");
}

/* A session's name is chosen by its maker: whoever has the same one is cut off with it. */
static void test_same_name(void)
{
	const char *const changes[] = {
		"{" ALICE "," ASSUMED("ASIA1", "r/i-0prod", LATER) "}",
		"{" SESSION("r/i-0prod", "ASIA1", "10:00:00") "," MAKE("CreateGroup",
								       "'x':'y'") "}",
		"{" SESSION("r/i-0prod", "ASIA9", "10:05:00") "," MAKE("CreateGroup",
								       "'x':'y'") "}",
		"{" SESSION("r/other", "ASIA8", "10:05:00") "," MAKE("CreateGroup", "'x':'y'") "}"};
	json_auto_t *list = events_of(changes, COUNT(changes));
	json_auto_t *alone = events_of(changes, 2);
	json_auto_t *document = triage_with_key(list);
	json_auto_t *without = triage_with_key(alone);
	const json_t *same = json_object_get(target_of(document, "session"), "same_name");

	INT_EQ(json_array_size(same), 1, "one more session of the same name");
	STR_EQ(json_string_value(json_array_get(same, 0)), "ASIA9", "is named");
	OK(!json_object_get(target_of(without, "session"), "same_name"), "where there is one");
}

#define HUB(resources)                                                                         \
	"{'SchemaVersion':'2018-10-08','ProductArn':'arn:x','Title':'t','Severity':{'Label':'" \
	"HIGH'},'AwsAccountId':'111122223333','Resources':[" resources "]}"
#define HUB_KEY(key, name)                                                          \
	"{'Type':'AwsIamAccessKey','Id':'AWS::IAM::AccessKey:" key "','Details':{'" \
	"AwsIamAccessKey':{'PrincipalName':'" name "','PrincipalType':'IAMUser'}}}"
#define HUB_USER(name) "{'Type':'AwsIamUser','Id':'arn:aws:iam::111122223333:user/" name "'}"

/* Every key of a finding is one of its own; a user beside them may be whom they were used on. */
static void test_resources(void)
{
	static const struct {
		const char *name, *finding, *want;
	} findings[] = {
		{"two keys and a user",
		 HUB(HUB_KEY("AKIAIOSFODNN7EXAMPLE", "mallory") "," HUB_KEY(
			 "ASIAIOSFODNN7EXAMPLE", "oscar") "," HUB_USER("victim")),
		 "access-key AKIAIOSFODNN7EXAMPLE live?;user oscar live?;"},
		{"users alone", HUB(HUB_USER("bob") "," HUB_USER("eve")),
		 "user bob live?;user eve live?;"},
		{"nobody", HUB("{'Type':'AwsS3Bucket','Id':'arn:aws:s3:::b/x'}"), ""},
	};

	for (size_t i = 0; i < COUNT(findings); i++) {
		json_auto_t *finding = read_quoted(findings[i].finding);
		json_auto_t *document = triage(finding);
		autobuf struct buf targets = BUF_INIT(4096);
		autobuf struct buf got = BUF_INIT(4096);

		add_list(&targets, json_object_get(document, "targets"), "");
		sort_parts(&targets, &got);
		STR_EQ(buf_text(&got), findings[i].want, "a finding with %s", findings[i].name);
		OK(json_array_size(json_object_get(document, "findings")), "%s: a finding",
		   findings[i].name);
	}
}

/* AWS's own quarantine comes as a call that a service makes for the user. */
static void test_for_the_user(void)
{
	const char *const changes[] = {
		"{'userIdentity':{'type':'IAMUser','userName':'alice','arn':"
		"'arn:aws:iam::111122223333:user/alice','accountId':'111122223333','accessKeyId':"
		"'ASIA1','invokedBy':'AWS Internal'},'eventName':'AttachUserPolicy','errorCode':"
		"'AccessDenied'," BY_AWS "}"};
	json_auto_t *document = triage_of(changes, COUNT(changes));

	STR_EQ(jx_text(target_of(document, "user"), "id"), "alice",
	       "a quarantine that a service could not make leads to its user");
}

static void test_bounds(void)
{
	OK(trail_ip_ok("203.0.113.9"), "a public address");
	OK(trail_ip_ok("2001:db8::1"), "and one of IPv6");
	OK(trail_ip_ok("172.32.0.1"), "behind the private ones");
	OK(!trail_ip_ok("172.20.0.1"), "a private address");
	OK(!trail_ip_ok("AWS Internal"), "no address");
	OK(!trail_ip_ok("s3.amazonaws.com"), "a service");
	OK(!trail_ip_ok(NULL), "nothing");
}

int main(void)
{
	test_rows();
	test_copies();
	test_account();
	test_by_hand();
	test_console();
	test_cut_arn();
	test_command();
	test_same_name();
	test_for_the_user();
	test_resources();
	test_bounds();
	return tap_done();
}
