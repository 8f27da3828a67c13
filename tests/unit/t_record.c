// SPDX-License-Identifier: Apache-2.0
/* The report of a run: its facts, and that nothing foreign gets out of its place. */
#include "cordon/buf.h"
#include "cordon/err.h"
#include "cordon/json.h"
#include "cordon/report.h"
#include "tap.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

/* Fixtures are written with ' for ". EVIL stands where strangers choose the text. */
#define OPERATION(id, name, stage, parameters, undo)                                       \
	"{'id':'" id "','target':'t1','step':'s','stage':" stage                           \
	",'service':'iam','operation':'" name "','parameters':" parameters ",'undo':" undo \
	",'why':'why " id "'}"
#define DENY_TEXT "'{\\\"Statement\\\":[{\\\"Effect\\\":\\\"Deny\\\"}]}'"
#define DENY                                                                                    \
	OPERATION("o1", "PutUserPolicy", "1",                                                   \
		  "{'UserName':'dana','PolicyName':'CordonDenyAll','PolicyDocument':" DENY_TEXT \
		  "}",                                                                          \
		  "[{'operation':'DeleteUserPolicy','parameters':{}}]")
#define KEY                                                                        \
	OPERATION("o2", "UpdateAccessKey", "1",                                    \
		  "{'UserName':'dana','AccessKeyId':'AKIA1','Status':'Inactive'}", \
		  "[{'operation':'UpdateAccessKey','parameters':{}}]")
#define PASSWORD                                                                          \
	"{'id':'o3','target':'t1','step':'s','stage':2,'operation':'DeleteLoginProfile'," \
	"'parameters':{'UserName':'dana'},'undo':null,'irreversible':true,'why':'password'}"
#define LINE(seq, second, event, operation)                                  \
	"{'seq':" seq ",'at':'2026-07-14T10:15:" second "Z','event':'" event \
	"','operation':" operation
#define POLICIES "'before':{'UserPolicyList':[{'PolicyName':'old','PolicyDocument':'{}'}]}"
#define KEYS                                                                                \
	"'before':{'AccessKeys':[{'AccessKeyId':'AKIA1','Status':'Active'},{'AccessKeyId':" \
	"'AKIA2','Status':'Active'}]}"
#define START LINE("1", "00", "start", "null") ",'command':'contain','case':'INC-1'}"
#define INTENTS                         \
	LINE("2", "01", "intent", DENY) \
	"," POLICIES "}," LINE("3", "01", "intent", KEY) "," KEYS "}"
#define DENIED LINE("4", "03", "outcome", DENY) ",'status':'done','request_id':'r-1','error':null}"
#define REFUSED                         \
	LINE("5", "04", "outcome", KEY) \
	",'status':'failed','error':{'code':'AccessDenied','message':'no'}}"
#define LEFT LINE("6", "04", "outcome", PASSWORD) ",'status':'skipped','why':'it stays'}"
#define END(seq, second, verdict) LINE(seq, second, "end", "null") ",'verdict':" verdict "}"
#define TARGETS(verdict)                                                                        \
	"'targets':[{'id':'t1','kind':'user','name':'dana','arn':'arn:dana','verdict':" verdict \
	",'scope':'all','checks':[{'check':'deny','state':'true','seen':'inline','required':"   \
	"true},{'check':'key','state':'false','seen':'Active','required':true},{'check':"       \
	"'session','state':'unknown','seen':'unread','required':false}]}]"
#define PLAN(rehearsal)                                                                                      \
	"{'account_id':'111122223333','alias':'acme','caller':'arn:ir','endpoint':'https://x',"              \
	"'playbooks':[{'name':'compromised-user','source':'shipped','sha256':'ab',"                          \
	"'parameters':{'user':'dana'}}],'rehearsal':" rehearsal ",'fingerprint':'f00d',"                     \
	"'operations':[" DENY "," KEY "," PASSWORD "]," TARGETS(                                             \
		"null") ",'skipped':["                                                                       \
			"{'step':'tag','target':'t1','why':'tagged','instead':null,'reached':true},"         \
			"{'step':'ssh','target':'t1','why':'no room','instead':'by hand','reached':false}]," \
			"'refusals':[{'target':'t1','guard':'root','why':'root','instead':'call AWS'}],"     \
			"'warnings':['mind the gap'],'not_covered':[{'what':'role deploy','why':'lives on'," \
			"'command':'cordon revoke-sessions --role deploy'}]}"
#define RESULT                                                                                         \
	"{'verdict':'OPEN','settled_seconds':12," TARGETS(                                             \
		"'OPEN'") ",'results':["                                                               \
			  "{'id':'o2','status':'failed','instead':null}],'warnings':['mind the gap']," \
			  "'refusals':[],'not_covered':[]}"
#define RUN(rehearsal, result, events)                                                   \
	"{'format':'cordon-run/1','run':'R1','folder':'/x','plan':" PLAN(                \
		rehearsal) ",'result':" result                                           \
			   ",'journal':{'lines':7,'last':'abcd','chain':'ok','torn':0}," \
			   "'events':[" events "]}"
#define WHOLE START "," INTENTS "," DENIED "," REFUSED "," LEFT "," END("7", "20", "'OPEN'")
#define FINISHED RUN("false", RESULT, WHOLE)

static json_t *fixture(const char *text)
{
	json_error_t error = {0};
	char *copy = strdup(text);

	for (char *at = copy; *at; at++)
		*at = *at == '\'' ? '"' : *at;
	json_t *run = json_loads(copy, 0, &error);
	if (!run)
		printf("# %s at %d\n", error.text, error.position);
	free(copy);
	return run;
}

static json_t *facts_of(const char *text)
{
	struct err err = ERR_INIT;
	json_auto_t *run = fixture(text);
	json_t *facts = NULL;

	OK(report_facts(run, &facts, &err) == 0, "there are facts %s", err.message);
	return facts;
}

/* What one fact is, by its path of keys and indexes. */
static const struct fact {
	const char *path, *want;
} facts[] = {
	{"format", "\"cordon-report/1\""},
	{"run", "\"R1\""},
	{"rehearsal", "false"},
	{"state", "\"finished\""},
	{"command", "\"contain\""},
	{"case", "\"INC-1\""},
	{"account_id", "\"111122223333\""},
	{"verdict", "\"OPEN\""},
	{"times",
	 "{\"started\":\"2026-07-14T10:15:00Z\",\"first_deny\":\"2026-07-14T10:15:03Z\","
	 "\"seconds_to_first_deny\":3,\"seconds_to_verdict\":20,\"verdicts\":[{\"verdict\":\"OPEN\","
	 "\"at\":\"2026-07-14T10:15:20Z\",\"seconds\":20}],\"last_line\":"
	 "\"2026-07-14T10:15:20Z\"}"},
	{"counts", "{\"planned\":3,\"done\":1,\"failed\":1,\"unknown\":0,\"skipped\":1,"
		   "\"not_sent\":0,\"released\":0,\"contained\":1}"},
	{"remaining",
	 "[{\"kind\":\"not-so\",\"what\":\"key\",\"why\":\"Active\",\"command\":null},"
	 "{\"kind\":\"left-out\",\"what\":\"password\",\"why\":\"it stays\",\"command\":null},"
	 "{\"kind\":\"warning\",\"what\":\"mind the gap\",\"why\":null,\"command\":null}]"},
	{"not_possible",
	 "[{\"status\":\"failed\",\"id\":\"o2\",\"target\":\"t1\",\"operation\":"
	 "\"UpdateAccessKey\",\"what\":\"why o2\",\"why\":\"AccessDenied: no\",\"instead\":null},"
	 "{\"status\":\"skipped\",\"what\":\"ssh\",\"target\":\"t1\",\"why\":\"no room\","
	 "\"instead\":\"by hand\"}]"},
	{"already_so", "[{\"status\":\"skipped\",\"what\":\"tag\",\"target\":\"t1\",\"why\":"
		       "\"tagged\",\"instead\":null}]"},
	{"changes.0.id", "\"o1\""},
	{"changes.0.request_id", "\"r-1\""},
	{"changes.0.before", "[]"},
	{"changes.0.after", "[{\"PolicyName\":\"CordonDenyAll\",\"PolicyDocument\":"
			    "\"{\\\"Statement\\\":[{\\\"Effect\\\":\\\"Deny\\\"}]}\"}]"},
	{"changes.1", NULL},
	{"undo",
	 "{\"command\":\"cordon release R1\",\"operations\":[{\"id\":\"o1\",\"target\":\"t1\","
	 "\"operation\":\"PutUserPolicy\",\"what\":\"why o1\",\"irreversible\":null,\"undo\":[{\"operation\":"
	 "\"DeleteUserPolicy\",\"parameters\":{}}]}],\"no_way_back\":[],\"keys\":[],"
	 "\"released\":null}"},
	{"timeline.3", "{\"seq\":4,\"at\":\"2026-07-14T10:15:03Z\",\"seconds\":3,\"event\":"
		       "\"outcome\",\"id\":\"o1\",\"target\":\"t1\",\"operation\":"
		       "\"PutUserPolicy\",\"status\":\"done\",\"request_id\":\"r-1\"}"},
	{"journal", "{\"lines\":7,\"last\":\"abcd\",\"torn\":0,\"check\":"
		    "\"cordon show R1 --check --expect abcd\"}"},
};

static const json_t *at_path(const json_t *v, const char *path)
{
	char key[64];

	while (*path) {
		size_t length = strcspn(path, ".");
		snprintf(key, sizeof(key), "%.*s", (int)length, path);
		v = json_is_array(v) ? json_array_get(v, (size_t)atoi(key))
				     : json_object_get(v, key);
		path += length + (path[length] == '.');
	}
	return v;
}

static void test_facts(void)
{
	json_auto_t *document = facts_of(FINISHED);

	for (size_t i = 0; i < COUNT(facts); i++)
		JSON_EQ(at_path(document, facts[i].path), facts[i].want, "%s", facts[i].path);
}

#define AGAIN                                                                            \
	LINE("8", "30", "rare", "null")                                                  \
	",'round':2,'section':'UserPolicyList','was':'a'}," LINE(                        \
		"9", "31", "intent", DENY) "," POLICIES "}," LINE("10", "32", "outcome", \
								  DENY) ",'status':'done'}"

#define UNDONE                                                                           \
	"{'id':'o4','target':'t1','step':'s','stage':7,'operation':'DeleteUserPolicy',"  \
	"'release':true,'why':'undoes o1','parameters':{'UserName':'dana','PolicyName':" \
	"'CordonDenyAll'},'undo':[{'operation':'PutUserPolicy','parameters':{}}]}"
#define RELEASED(state)                                                       \
	"," LINE("8", "50", "release", "null") ",'command':'release'}," LINE( \
		"9", "51", "intent",                                          \
		UNDONE) "," POLICIES                                          \
			"}," LINE("10", "51", "outcome",                      \
				  UNDONE) ",'status':"                        \
					  "'done'}," LINE(                    \
						  "11", "52", "end",          \
						  "null") ",'verdict':null,'released':" state "}"
#define HOLD "," LINE("8", "40", "hold", "null") ",'seconds':30,'watched':true}"
#define ROUNDS(seq, from, to, first, last, state)                                            \
	"," LINE(seq, "45", "rounds", "null") ",'from':" from ",'to':" to ",'first':'" first \
					      "','last':'" last "','state':'" state "'}"
#define HELD                                                                                                          \
	HOLD ROUNDS("9", "1", "3", "a", "b", "stands") "," LINE(                                                      \
		"10", "44", "drift",                                                                                  \
		"null") ",'round':4,'drift':[{'operation':'PutUserPolicy','target':'t1'}]}" ROUNDS("11",              \
												   "4",               \
												   "4",               \
												   "c",               \
												   "c",               \
												   "contained again") \
		ROUNDS("12", "5", "5", "d", "d", "stands") "," LINE(                                                  \
			"13", "44", "appeared",                                                                       \
			"null") ",'what':'user','id':'arn:late','author':'unknown','command':"                        \
				"'cordon contain user/late'}," END("14", "59", "'CONTAINED'")

/* Other runs than the plain one, and a fact that tells. */
static const struct {
	const char *name, *run, *path, *want;
} others[] = {
	{"a rehearsal", RUN("true", RESULT, WHOLE), "rehearsal", "true"},
	{"a rehearsal has nothing to undo", RUN("true", RESULT, WHOLE), "undo.command", "null"},
	{"no result", RUN("false", "null", START "," INTENTS "," DENIED), "state",
	 "\"unfinished\""},
	{"no verdict", RUN("false", "null", START "," INTENTS "," DENIED), "verdict", "null"},
	{"no answer", RUN("false", "null", START "," INTENTS "," DENIED), "not_possible.0.status",
	 "\"unknown\""},
	{"never announced", RUN("false", "null", START "," INTENTS "," DENIED), "counts.not_sent",
	 "1"},
	{"how to go on", RUN("false", "null", START "," INTENTS "," DENIED), "remaining.0.command",
	 "\"cordon resume R1\""},
	{"the plan's words, where there is no result", RUN("false", "null", START),
	 "remaining.1.command", "\"cordon revoke-sessions --role deploy\""},
	{"a refusal", RUN("false", "null", START), "not_possible.4",
	 "{\"status\":\"refused\",\"what\":\"root\",\"target\":\"t1\",\"why\":\"root\","
	 "\"instead\":\"call AWS\"}"},
	{"no deny", RUN("false", "null", START), "times.seconds_to_first_deny", "null"},
	{"cut off after a result", RUN("false", RESULT, WHOLE "," AGAIN), "state", "\"continued\""},
	{"held", RUN("false", RESULT, WHOLE "," AGAIN "," END("11", "40", "'CONTAINED'")), "state",
	 "\"finished\""},
	{"an event that nobody knows is shown whole",
	 RUN("false", RESULT, WHOLE "," AGAIN "," END("11", "40", "null")), "timeline.7",
	 "{\"seq\":8,\"at\":\"2026-07-14T10:15:30Z\",\"seconds\":30,\"event\":\"rare\",\"more\":"
	 "{\"round\":2,\"section\":\"UserPolicyList\",\"was\":\"a\"}}"},
	{"done again is another change", RUN("false", RESULT, WHOLE "," AGAIN), "changes.1.at",
	 "\"2026-07-14T10:15:32Z\""},
	{"each verdict", RUN("false", RESULT, WHOLE "," AGAIN "," END("11", "40", "'CONTAINED'")),
	 "times.verdicts.1.seconds", "40"},
	{"the first one counts",
	 RUN("false", RESULT, WHOLE "," AGAIN "," END("11", "40", "'CONTAINED'")),
	 "times.seconds_to_verdict", "20"},
	{"a release that was begun",
	 RUN("false", RESULT, WHOLE ",{'seq':8,'at':'2026-07-14T11:00:00Z','event':'release'}"),
	 "undo.released", "\"2026-07-14T11:00:00Z\""},
	{"and what it was before",
	 RUN("false", RESULT, WHOLE ",{'seq':8,'at':'2026-07-14T11:00:00Z','event':'release'}"),
	 "release", "{\"state\":\"begun\",\"at\":\"2026-07-14T11:00:00Z\",\"was\":\"OPEN\"}"},
	{"a release that was whole", RUN("false", RESULT, WHOLE RELEASED("'whole'")), "release",
	 "{\"state\":\"whole\",\"at\":\"2026-07-14T10:15:52Z\",\"was\":\"OPEN\"}"},
	{"a release that was not", RUN("false", RESULT, WHOLE RELEASED("'partly'")),
	 "release.state", "\"partly\""},
	{"a whole one stays whole",
	 RUN("false", RESULT,
	     WHOLE RELEASED("'whole'") ",{'seq':12,'at':'2026-07-14T12:00:00Z','event':'release'}"),
	 "release.at", "\"2026-07-14T10:15:52Z\""},
	{"its writes are counted apart", RUN("false", RESULT, WHOLE RELEASED("'whole'")), "counts",
	 "{\"planned\":3,\"done\":2,\"failed\":1,\"unknown\":0,\"skipped\":1,\"not_sent\":0,"
	 "\"released\":1,\"contained\":1}"},
	{"and are nothing to undo", RUN("false", RESULT, WHOLE RELEASED("'whole'")),
	 "undo.operations.1", NULL},
	{"the rounds of a hold", RUN("false", RESULT, WHOLE HELD), "holds.0.rounds",
	 "[{\"from\":1,\"to\":3,\"first\":\"a\",\"last\":\"b\",\"state\":\"stands\",\"drift\":[]},"
	 "{\"from\":4,\"to\":4,\"first\":\"c\",\"last\":\"c\",\"state\":\"contained again\","
	 "\"drift\":[{\"operation\":\"PutUserPolicy\",\"target\":\"t1\"}]},"
	 "{\"from\":5,\"to\":5,\"first\":\"d\",\"last\":\"d\",\"state\":\"stands\",\"drift\":[]}]"},
	{"and its end", RUN("false", RESULT, WHOLE HELD), "holds.0.verdict", "\"CONTAINED\""},
	{"one that was cut off has none", RUN("false", RESULT, WHOLE HOLD), "holds.0.ended",
	 "null"},
	{"what appeared is left for people", RUN("false", RESULT, WHOLE HELD), "remaining.2",
	 "{\"kind\":\"appeared\",\"what\":\"user arn:late, seen 2026-07-14T10:15:44Z, author "
	 "unknown\",\"why\":\"It appeared while the account was watched. IAM does not say who made "
	 "it, so it was not touched: look first.\",\"command\":\"cordon contain user/late\"}"},
	{"the playbooks that are kept are no part of the timeline",
	 RUN("false", "null",
	     LINE("1", "00", "start", "null") ",'command':'contain','kept':{'playbooks':{}}}"),
	 "timeline.0",
	 "{\"seq\":1,\"at\":\"2026-07-14T10:15:00Z\",\"seconds\":0,\"event\":\"start\","
	 "\"command\":\"contain\"}"},
	{"the key that a run switched off",
	 RUN("false", "null",
	     START "," INTENTS "," LINE("4", "03", "outcome", KEY) ",'status':'done'}"),
	 "undo.keys", "[\"AKIA1\"]"},
	{"before and after of one key of two",
	 RUN("false", "null",
	     START "," INTENTS "," LINE("4", "03", "outcome", KEY) ",'status':'done'}"),
	 "changes.0.before", "[{\"AccessKeyId\":\"AKIA1\",\"Status\":\"Active\"}]"},
	{"what was read as unknown has no before",
	 RUN("false", "null",
	     START
	     "," LINE("2", "01", "intent", KEY) ",'before':{'AccessKeys':{'unread':{'why':'denied'}}}}," LINE(
		     "4", "03", "outcome", KEY) ",'status':'done'}"),
	 "changes.0.before", "null"},
	{"announced again without an answer: what stood there first",
	 RUN("false", "null",
	     START "," LINE(
		     "2", "01", "intent",
		     KEY) "," KEYS
			  "}," LINE("3", "02", "intent", KEY) ",'before':{'AccessKeys':[{'AccessKeyId':'AKIA1','Status':'Inactive'}]}}," LINE(
				  "4", "03", "outcome", KEY) ",'status':'done'}"),
	 "changes.0.before", "[{\"AccessKeyId\":\"AKIA1\",\"Status\":\"Active\"}]"},
	{"a time that cannot be read",
	 RUN("false", "null", START ",{'seq':2,'at':'soon','event':'end','verdict':'OPEN'}"),
	 "times.seconds_to_verdict", "null"},
};

static void test_others(void)
{
	for (size_t i = 0; i < COUNT(others); i++) {
		json_auto_t *document = facts_of(others[i].run);
		JSON_EQ(at_path(document, others[i].path), others[i].want, "%s", others[i].name);
	}
}

static const struct {
	const char *name, *run, *message;
} not_whole[] = {
	{"no plan", "{'run':'R1','plan':null,'events':[{}]}", "plan.json cannot be read"},
	{"no lines", "{'run':'R1','plan':{},'events':[]}", "no lines"},
	{"another result",
	 "{'run':'R1','plan':{},'result':{'verdict':'CONTAINED'},'events':[{'event':'end',"
	 "'result_sha256':'00'},{'event':'resume'}]}",
	 "result.json is not what the journal says"},
};

static void test_not_whole(void)
{
	for (size_t i = 0; i < COUNT(not_whole); i++) {
		json_auto_t *run = fixture(not_whole[i].run);
		struct err err = ERR_INIT;
		json_t *none = NULL;
		OK(report_facts(run, &none, &err) == -1 && err.code == ERR_INPUT && !none,
		   "%s is refused", not_whole[i].name);
		OK(strstr(err.message, not_whole[i].message), "%s: %s", not_whole[i].name,
		   err.message);
	}
}

typedef void report_fn(struct buf *out, const json_t *facts, const struct report_style *style);

static const struct form {
	const char *name;
	report_fn *report;
} forms[] = {{"markdown", report_markdown}, {"html", report_html}};

static char *rendered(report_fn *report, const json_t *run)
{
	static const struct report_style style = {.width = 0};
	struct buf out = BUF_INIT(1 << 22);
	struct err err = ERR_INIT;
	json_t *document = NULL;

	if (report_facts(run, &document, &err))
		return strdup("");
	report(&out, document, &style);
	json_decref(document);
	char *text = strdup(out.failed ? "" : buf_text(&out));
	buf_release(&out);
	return text;
}

/* What each form must say of a run, and must not. */
static const struct {
	const char *name, *run, *has, *lacks;
} said[] = {
	{"a verdict", FINISHED, "OPEN", "REHEARSAL"},
	{"a verdict", FINISHED, "At least one check", "NOT FINISHED"},
	{"the first deny", FINISHED, "3 s", NULL},
	{"the hash", FINISHED, "cordon show R1 --check --expect abcd", NULL},
	{"the way back", FINISHED, "cordon release R1", NULL},
	{"the reason", FINISHED, "AccessDenied: no", NULL},
	{"the case", FINISHED, "INC-1", NULL},
	{"a rehearsal", RUN("true", RESULT, WHOLE), "REHEARSAL", "cordon release"},
	{"a rehearsal", RUN("true", RESULT, WHOLE), "nothing was sent to AWS", NULL},
	{"a rehearsal's status", RUN("true", RESULT, WHOLE), "rehearsed: ", NULL},
	{"a cut", RUN("false", "null", START "," INTENTS), "NOT FINISHED", "NO VERDICT"},
	{"a later cut", RUN("false", RESULT, WHOLE "," AGAIN), "went on after the verdict", NULL},
	{"a direct action",
	 RUN("false", "{'verdict':null,'targets':[]}", START "," END("2", "05", "null")),
	 "NO VERDICT", "NOT FINISHED"},
};

static void test_said(void)
{
	for (size_t i = 0; i < COUNT(said); i++) {
		json_auto_t *run = fixture(said[i].run);
		for (size_t j = 0; j < COUNT(forms); j++) {
			char *text = rendered(forms[j].report, run);
			OK(strstr(text, said[i].has), "%s: %s: has '%s'", forms[j].name,
			   said[i].name, said[i].has);
			OK(!said[i].lacks || !strstr(text, said[i].lacks), "%s: %s: lacks '%s'",
			   forms[j].name, said[i].name, said[i].lacks ? said[i].lacks : "");
			free(text);
		}
	}
}

static const char *const evils[] = {
	"<script>alert(1)</script>",
	"\"><img src=x onerror=alert(1)>",
	"'><svg/onload=alert(1)>",
	"</pre></title></style><h1>",
	"&lt;b&gt; &#60;i&#62;",
	"| a | b |\n|---|---|",
	"``` \n# not a heading\n```",
	"`` ` ``` code",
	"[text](javascript:alert(1)) ![x](http://evil/)",
	"https://evil.example www.evil.example",
	"*bold* _it_ ~~no~~ #12 @admin $x$",
	"\033[31mred\033[0m\007",
	"\r\n\t\b\177",
	"\xe2\x80\xae txt.exe \xe2\x81\xa6 \xe2\x80\x8b",
	"\\`\\*\\<",
	"%s%n%zu",
};

/* What code decides on; all else is text. */
static bool is_structure(const char *key)
{
	static const char *const keys[] = {"event",  "status", "operation", "id",
					   "target", "at",     "state",	    "kind"};

	for (size_t i = 0; key && i < COUNT(keys); i++) {
		if (strcmp(keys[i], key) == 0)
			return true;
	}
	return false;
}

static void poison(json_t *v, const char *key, const char *evil)
{
	const char *name;
	json_t *item;
	size_t i;

	if (json_is_string(v) && !is_structure(key))
		json_string_set(v, evil);
	json_object_foreach (v, name, item)
		poison(item, name, evil);
	json_array_foreach (v, i, item)
		poison(item, NULL, evil);
}

/* The tags alone: what a browser makes of it. */
static char *skeleton(const char *html)
{
	char *out = calloc(strlen(html) + 1, 1);
	size_t length = 0;
	bool inside = false;

	for (; *html; html++) {
		inside = inside || *html == '<';
		if (inside)
			out[length++] = *html;
		inside = inside && *html != '>';
	}
	return out;
}

static bool is_visible(const char *text)
{
	for (; *text; text++) {
		if (((unsigned char)*text < 0x20 && *text != '\n') || *text == 0x7f)
			return false;
	}
	return true;
}

/* The same document but for the text: same tags, and nothing that a terminal acts on. */
static void test_hostile(void)
{
	static const char *const runs[] = {FINISHED, RUN("true", RESULT, WHOLE "," AGAIN),
					   RUN("false", "null", START "," INTENTS "," DENIED)};

	for (size_t r = 0; r < COUNT(runs); r++) {
		json_auto_t *plain = fixture(runs[r]);
		poison(plain, NULL, "x");
		char *text = rendered(report_html, plain);
		char *want = skeleton(text);
		free(text);
		for (size_t i = 0; i < COUNT(evils); i++) {
			json_auto_t *run = fixture(runs[r]);
			poison(run, NULL, evils[i]);
			text = rendered(report_html, run);
			char *got = skeleton(text);
			STR_EQ(got, want, "html: the same tags with text %zu", i);
			OK(is_visible(text), "html: nothing but text, %zu", i);
			free(got);
			free(text);
			text = rendered(report_markdown, run);
			OK(*text && is_visible(text), "markdown: nothing but text, %zu", i);
			OK(!strstr(text, "\xe2\x80\xae"), "markdown: no override, %zu", i);
			free(text);
		}
		free(want);
	}
}

/* How one text looks where it is a sentence, a name, a command and a cell. */
static const struct {
	const char *name, *evil;
	const char *markdown[4], *html;
} looks[] = {
	{"a tag",
	 "<b>",
	 {"**Warning** \\<b\\>\n", "- **Endpoint:** `<b>`\n", "```\n<b>\n```\n", "| \\<b\\> |"},
	 "</b> &lt;b&gt;</p>"},
	{"a link",
	 "[a](http://e)",
	 {"**Warning** \\[a\\](http\\://e)\n", "`[a](http://e)`\n", "\n[a](http://e)\n",
	  "| \\[a\\](http\\://e) |"},
	 "</b> [a](http://e)</p>"},
	{"a bar",
	 "a|b",
	 {"**Warning** a\\|b\n", "- **Endpoint:** a\\|b\n", "```\na|b\n```\n", "| a\\|b |"},
	 "</b> a|b</p>"},
	{"backticks",
	 "a```b",
	 {"**Warning** a\\`\\`\\`b\n", "- **Endpoint:** ```` a```b ````\n", "````\na```b\n````\n",
	  "| a\\`\\`\\`b |"},
	 "</b> a```b</p>"},
	{"a newline in what is to be pasted",
	 "a\nrm -rf /",
	 {"**Warning** a\\\\x0arm -rf /\n", "` a\\x0arm -rf / `", "```\na\\x0arm -rf /\n```\n",
	  "| a\\\\x0arm -rf / |"},
	 "<pre class=\"command\">a\\x0arm -rf /\n</pre>"},
	{"an escape",
	 "\033[0m",
	 {"**Warning** \\\\x1b\\[0m\n", "`\\x1b[0m`", "```\n\\x1b[0m\n```\n", "| \\\\x1b\\[0m |"},
	 "</b> \\x1b[0m</p>"},
	{"quotes",
	 "\"'&",
	 {"**Warning** \"'\\&\n", "`\"'&`", "```\n\"'&\n```\n", "| \"'\\& |"},
	 "</b> &quot;&#39;&amp;</p>"},
	{"a link by itself",
	 "www.e.x",
	 {"**Warning** www\\.e.x\n", "`www.e.x`", "```\nwww.e.x\n```\n", "| www\\.e.x |"},
	 "</b> www.e.x</p>"},
};

static void test_looks(void)
{
	for (size_t i = 0; i < COUNT(looks); i++) {
		json_auto_t *run = fixture(RUN("false", "null", WHOLE));
		poison(run, NULL, looks[i].evil);
		char *markdown = rendered(report_markdown, run);
		char *html = rendered(report_html, run);
		for (size_t j = 0; j < COUNT(looks[i].markdown); j++)
			OK(strstr(markdown, looks[i].markdown[j]), "%s: markdown has %s",
			   looks[i].name, looks[i].markdown[j]);
		OK(strstr(html, looks[i].html), "%s: html has %s", looks[i].name, looks[i].html);
		free(markdown);
		free(html);
	}
}

/* The n-th value below v becomes another; false after the last one. */
static bool put(json_t *v, size_t *n, const json_t *with)
{
	const char *key;
	json_t *item;
	size_t i;

	json_object_foreach (v, key, item) {
		if ((*n)-- == 0) {
			jx_set(v, key, jx_copy(with));
			return true;
		}
		if (put(item, n, with))
			return true;
	}
	json_array_foreach (v, i, item) {
		if ((*n)-- == 0) {
			json_array_set_new(v, i, jx_copy(with));
			return true;
		}
		if (put(item, n, with))
			return true;
	}
	return false;
}

/* No value is of the type that was hoped for, one after the other. */
static void test_types(void)
{
	static const char *const withs[] = {"null", "-1", "\"x\"", "[[1]]", "{\"a\":{}}"};
	static const char *const text = RUN("false", RESULT,
					    WHOLE "," AGAIN "," END("11", "40", "'CONTAINED'"));
	size_t tried = 0;

	for (size_t w = 0; w < COUNT(withs); w++) {
		json_auto_t *with = json_loads(withs[w], JSON_DECODE_ANY, NULL);
		for (size_t n = 0;; n++) {
			json_auto_t *run = fixture(text);
			size_t left = n;
			if (!put(run, &left, with))
				break;
			free(rendered(report_markdown, run));
			free(rendered(report_html, run));
			tried++;
		}
	}
	OK(tried > 1000, "%zu documents with a value of another type", tried);
}

/* It may not run or fetch anything, and its policy says so to the browser. */
static void test_closed(void)
{
	static const char *const never[] = {"<script", "<link",	  "<img",    "<iframe",
					    "<a ",     "url(",	  "@import", "javascript",
					    "onload",  "style=\""};
	json_auto_t *run = fixture(FINISHED);
	char *html = rendered(report_html, run);

	OK(strstr(html, "content=\"default-src 'none'; style-src 'sha256-"), "a policy");
	OK(strstr(html, "charset=\"utf-8\"") && strstr(html, "name=\"viewport\""), "head");
	OK(strstr(html, "@media print") && strstr(html, "color-scheme: light"), "fit to print");
	for (size_t i = 0; i < COUNT(never); i++)
		OK(!strstr(html, never[i]), "no %s", never[i]);
	free(html);
}

int main(void)
{
	test_facts();
	test_others();
	test_not_whole();
	test_said();
	test_hostile();
	test_looks();
	test_types();
	test_closed();
	return tap_done();
}
