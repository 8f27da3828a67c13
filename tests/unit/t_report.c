// SPDX-License-Identifier: Apache-2.0
#include "cordon/report.h"

#include "cordon/buf.h"
#include "tap.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

typedef void (*report_fn)(struct buf *out, const json_t *document,
			  const struct report_style *style);

static const struct report_style page80 = {.width = 80};

static char *rendered(report_fn report, const char *json, const struct report_style *style)
{
	json_error_t error = {0};
	struct buf out = BUF_INIT(1 << 20);
	json_auto_t *document = json_loads(json, 0, &error);

	OK(document, "the test's document is JSON %s", error.text);
	report(&out, document, style);
	OK(!out.failed, "the text was made");
	char *text = strdup(buf_text(&out));
	buf_release(&out);
	return text;
}

static void has(const char *text, const char *want, const char *name)
{
	if (!OK(strstr(text, want), "%s: has '%s'", name, want))
		tap_diff(text, want);
}

static void lacks(const char *text, const char *not_wanted, const char *name)
{
	if (!OK(!strstr(text, not_wanted), "%s: lacks '%s'", name, not_wanted))
		tap_diff(text, not_wanted);
}

#define HEAD                                                                                         \
	"'format':'cordon-plan/1','playbooks':[{'name':'compromised-access-key','source':'shipped'," \
	"'sha256':'0123456789abcdef0123456789abcdef','parameters':"                                  \
	"{'access_key_id':'AKIARTX3GSDSUEXAMPLE','revoke_roles':false}}],"                           \
	"'account_id':'123456789012','alias':'acme-prod',"
#define LIVE                                                                             \
	"'caller':'arn:aws:iam::123456789012:user/ir','credential_source':'profile ir'," \
	"'endpoint':'https://iam.amazonaws.com','rehearsal':false,"
#define OFFLINE "'caller':null,'credential_source':null,'endpoint':null,'rehearsal':true,"
#define TARGET                                                \
	"'id':'t1','playbook':0,'kind':'user','name':'dana'," \
	"'arn':'arn:aws:iam::123456789012:user/dana','contains':'user'"
#define TARGETS "'targets':[{" TARGET ",'keys':['AKIARTX3GSDSUEXAMPLE']}],"
#define OPERATIONS                                                                                 \
	"'operations':["                                                                           \
	"{'id':'o1','playbook':0,'target':'t1','step':'deny','stage':1,'service':'iam',"           \
	"'operation':'PutUserPolicy','parameters':{'PolicyName':'CordonDenyAll','PolicyDocument':" \
	"{'$document':{'Version':'2012-10-17','Statement':[{'Sid':{'$cutoff':0,'sid':'Cordon'},"   \
	"'Effect':'Deny','Action':'*','Resource':'*'}]}},'UserName':'dana'},"                      \
	"'why':'explicit deny of every action','undo':[{'operation':'DeleteUserPolicy',"           \
	"'parameters':{}}]},"                                                                      \
	"{'id':'o2','playbook':0,'target':'t1','step':'password','stage':2,'service':'iam',"       \
	"'operation':'DeleteLoginProfile','parameters':{'UserName':'dana'},"                       \
	"'why':'console password','undo':null,'irreversible':true},"                               \
	"{'id':'o3','playbook':0,'target':'t1','step':'cutoff','stage':3,'service':'iam',"         \
	"'operation':'PutUserPolicy','parameters':{'PolicyName':'AWSRevokeOlderSessions',"         \
	"'PolicyDocument':{'$document':{'Version':'2012-10-17','Statement':[{'Effect':'Deny',"     \
	"'Action':['*'],'Resource':['*'],'Condition':{'DateLessThan':{'aws:TokenIssueTime':"       \
	"{'$cutoff':30}}}}]}},'UserName':'dana'},'why':'deny of every session issued until now',"  \
	"'undo':[{'operation':'DeleteUserPolicy','parameters':{}}]}],"
#define REST                                                                                      \
	"'skipped':[{'step':'keys','target':'t1','why':'no access key is Active',"                \
	"'instead':null}],'refusals':[],'warnings':['the endpoint is not AWS\\u2019s own'],"      \
	"'not_covered':[{'what':'role deploy, which dana may have assumed','why':'sessions live " \
	"on','command':'cordon revoke-sessions --role deploy'}],'fingerprint':'f00d'"
#define PLAN "{" HEAD LIVE TARGETS OPERATIONS REST "}"

/* The fixtures are written with ' for ". */
static char *quoted(const char *text)
{
	char *copy = strdup(text);

	for (char *at = copy; *at; at++)
		*at = *at == '\'' ? '"' : *at;
	return copy;
}

static char *show(report_fn report, const char *text, const struct report_style *style)
{
	char *json = quoted(text);
	char *out = rendered(report, json, style);

	free(json);
	return out;
}

static const char plan_text[] =
	"Plan\n"
	"  Account    123456789012 (acme-prod)\n"
	"  Caller     arn:aws:iam::123456789012:user/ir\n"
	"             credentials: profile ir\n"
	"  Endpoint   https://iam.amazonaws.com\n"
	"  Playbook   compromised-access-key (shipped, sha256 0123456789ab)\n"
	"             access_key_id AKIARTX3GSDSUEXAMPLE, revoke_roles false\n"
	"\n"
	"Targets\n"
	"  t1 user/dana\n"
	"      arn:aws:iam::123456789012:user/dana\n"
	"      named by access key AKIARTX3GSDSUEXAMPLE\n"
	"\n"
	"Stage 1: deny and keys off\n"
	"  o1  iam:PutUserPolicy on t1 user/dana\n"
	"      with   PolicyName CordonDenyAll\n"
	"      PolicyDocument:\n"
	"        {\"Version\":\"2012-10-17\",\"Statement\":[{\"Sid\":\"Cordon<AWS time>\",\n"
	"        \"Effect\":\"Deny\",\"Action\":\"*\",\"Resource\":\"*\"}]}\n"
	"      why    explicit deny of every action\n"
	"      undo   DeleteUserPolicy\n"
	"\n"
	"Stage 2: other credentials\n"
	"  o2  iam:DeleteLoginProfile on t1 user/dana\n"
	"      why    console password\n"
	"      undo   NO WAY BACK\n"
	"\n"
	"Stage 3: cutoffs\n"
	"  o3  iam:PutUserPolicy on t1 user/dana\n"
	"      with   PolicyName AWSRevokeOlderSessions\n"
	"      PolicyDocument:\n"
	"        {\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Deny\",\"Action\":[\"*\"],\n"
	"        \"Resource\":[\"*\"],\"Condition\":{\"DateLessThan\":{\n"
	"        \"aws:TokenIssueTime\":\"<AWS time + 30 s>\"}}}]}\n"
	"      why    deny of every session issued until now\n"
	"      undo   DeleteUserPolicy\n"
	"\n"
	"Skipped steps\n"
	"  keys for t1 user/dana\n"
	"      no access key is Active\n"
	"\n"
	"Not covered\n"
	"  role deploy, which dana may have assumed\n"
	"      sessions live on\n"
	"      cordon revoke-sessions --role deploy\n"
	"\n"
	"Warnings\n"
	"  warning: the endpoint is not AWS\xe2\x80\x99s own\n"
	"\n"
	"Fingerprint f00d\n"
	"NO WAY BACK: 1 of 3 writes. With --yes, that also needs --irreversible.\n"
	"3 writes planned; nothing was changed.\n";

static void test_plan(void)
{
	char *text = show(report_plan, PLAN, &page80);

	STR_EQ(text, plan_text, "a plan, whole");
	free(text);
}

static void test_plan_endings(void)
{
	static const struct {
		const char *name, *json, *want;
	} rows[] = {
		{"nothing to do", "{" HEAD LIVE "'operations':[]}",
		 "\nNothing to do; nothing was changed.\n"},
		{"one write",
		 "{" HEAD LIVE "'operations':[{'id':'o1','stage':1,'operation':'X','undo':[]}]}",
		 "\n1 write planned; nothing was changed.\n"},
		{"refused",
		 "{" HEAD LIVE TARGETS
		 "'operations':[],'refusals':[{'target':'t1','guard':'protected',"
		 "'why':'it is protected','instead':'take it off'}]}",
		 "  REFUSED t1 user/dana (guard protected)\n      it is protected\n"
		 "      instead: take it off\n"},
		{"another plan", "{" HEAD LIVE OPERATIONS "'differences':['planned now: X']}",
		 "  planned now: X\n"},
		{"rehearsal", "{" HEAD OFFLINE "'operations':[]}",
		 "REHEARSAL (offline account file)"},
		{"an empty document", "{}", "Nothing to do; nothing was changed.\n"},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		char *text = show(report_plan, rows[i].json, &page80);
		has(text, rows[i].want, rows[i].name);
		free(text);
	}
}

#define CHECKS                                                                                     \
	"'checks':[{'check':'a deny is in force','state':'true','seen':'inline','required':true}," \
	"{'check':'the password is gone','state':'false','seen':null,'required':true},"            \
	"{'check':'older sessions are denied','state':'unknown','seen':'not read',"                \
	"'required':false}]"
#define JUDGED(verdict)                                                                        \
	"'targets':[{" TARGET ",'verdict':'" verdict "','scope':'every request'," CHECKS "}]," \
	"'verdict':'" verdict "',"
#define RESULTS                                                                                    \
	"'run':'20260714T101500Z-ab12','settled_seconds':12,'results':["                           \
	"{'id':'o1','status':'done','at':'2026-07-14T10:15:00Z','request_id':'r-1','error':null}," \
	"{'id':'o2','status':'failed','at':'2026-07-14T10:15:01Z','request_id':'r-2',"             \
	"'error':{'code':'AccessDenied','message':'not authorized'}},"                             \
	"{'id':'o3','status':'unknown','at':null,'request_id':null,'error':null}],"
#define APPLY(where, verdict)                     \
	"{" HEAD where OPERATIONS JUDGED(verdict) \
	RESULTS REST "}"

static void test_apply(void)
{
	static const char *const wants[] = {
		"  o1  done  iam:PutUserPolicy on t1 user/dana\n",
		"      sent   2026-07-14T10:15:00Z, request r-1\n",
		"  o2  FAILED  iam:DeleteLoginProfile on t1 user/dana\n",
		"      error  AccessDenied: not authorized\n",
		"  o3  UNKNOWN  iam:PutUserPolicy",
		"  t1 user/dana: OPEN: at least one required check is not met\n",
		"      scope: every request\n",
		"      [yes] a deny is in force (inline)\n",
		"      [NO]  the password is gone\n",
		"      [?]   older sessions are denied (not read); the verdict does not need it\n",
		"\n  1 done, 1 failed, 1 unknown, 0 skipped\n",
		"  Run        20260714T101500Z-ab12\n"
		"             not finished: cordon resume 20260714T101500Z-ab12 sends what is left, "
		"nothing twice\n"
		"             cordon verify 20260714T101500Z-ab12\n"
		"             cordon show 20260714T101500Z-ab12\n",
	};
	char *text = show(report_apply, APPLY(LIVE, "OPEN"), &page80);

	for (size_t i = 0; i < COUNT(wants); i++)
		has(text, wants[i], "apply");
	lacks(text, "rehears", "a live run");
	lacks(text, "CONTAINED", "an open target");
	free(text);
}

static void test_verdicts(void)
{
	static const char sentence[] =
		"as configured at T+12 s; AWS gives no bound on enforcement\n";
	char *text = show(report_apply, APPLY(LIVE, "CONTAINED"), &page80);
	char want[200];

	snprintf(want, sizeof(want), "  t1 user/dana: CONTAINED\n      %s", sentence);
	has(text, want, "contained, the target");
	snprintf(want, sizeof(want), "  Verdict    CONTAINED\n             %s", sentence);
	has(text, want, "contained, overall");
	free(text);
	text = show(report_apply, "{'run':'r1','journal_last':'beef'}", &page80);
	has(text,
	    "  Journal    ends with beef\n             cordon show r1 --check --expect beef\n",
	    "the last hash");
	free(text);
	text = show(report_apply, "{" HEAD LIVE "'operations':[],'verdict':null,'results':[]}",
		    &page80);
	has(text, "Verdict    no verdict\n", "none is given");
	lacks(text, "cordon verify", "no run");
	free(text);
}

static void test_skipped(void)
{
	char *text = show(report_apply,
			  "{" HEAD LIVE TARGETS OPERATIONS
			  "'results':[{'id':'o1','status':'failed','instead':'o4','error':{'code':"
			  "'LimitExceeded','message':'m'}},{'id':'o2','status':'skipped'}]}",
			  &page80);

	has(text, "sent instead: o4\n", "another way");
	has(text, "not sent: it has no way back, and that was not agreed to", "not agreed");
	has(text, "  o3  not sent  iam:PutUserPolicy", "no result");
	has(text, "1 skipped, 1 not sent\n", "the tally");
	free(text);
}

static void test_rehearsal(void)
{
	static const char *const verdicts[] = {APPLY(OFFLINE, "REHEARSED"), APPLY(OFFLINE, "OPEN"),
					       APPLY(OFFLINE, "UNKNOWN")};
	static const char *const starts[] = {"  o", "  t1 ", "      [", "  Verdict"};

	for (size_t i = 0; i < COUNT(verdicts); i++) {
		char *text = show(report_apply, verdicts[i], &(struct report_style){0});
		char *at = text;
		lacks(text, "CONTAINED", "a rehearsal");
		lacks(text, "cordon verify", "a rehearsal");
		for (char *line; (line = strsep(&at, "\n"));) {
			for (size_t j = 0; j < COUNT(starts); j++) {
				if (strncmp(line, starts[j], strlen(starts[j])) == 0)
					OK(strcasestr(line, "rehearsed"), "says so: %s", line);
			}
		}
		free(text);
	}
}

static void test_question(void)
{
	char *text = show(report_question, PLAN, &page80);

	has(text, "123456789012 (acme-prod)", "question");
	has(text, "arn:aws:iam::123456789012:user/ir\n", "question");
	has(text, "https://iam.amazonaws.com\n", "question");
	has(text, "  NO WAY BACK  o2  DeleteLoginProfile on t1 user/dana: console password\n",
	    "question");
	has(text, "  Writes     3\n             on t1 user/dana\n", "question");
	free(text);
}

/* What attackers choose: no escape sequence, no line and no right-to-left override gets through. */
static void test_hostile(void)
{
#define EVIL "x\\u001b[2J\\u202e\\nDONE"
	static const struct {
		const char *name;
		report_fn report;
		const char *json;
	} rows[] = {
		{"plan", report_plan,
		 "{'alias':'" EVIL "','playbooks':[{'name':'" EVIL "','parameters':{'" EVIL
		 "':'" EVIL "'}}],'targets':[{'id':'t1','kind':'user','name':'" EVIL
		 "','arn':'" EVIL "'}],"
		 "'operations':[{'id':'o1','target':'t1','operation':'" EVIL
		 "','parameters':{'X':'" EVIL "','" EVIL "':1,'PolicyDocument':'" EVIL
		 "'},'why':'" EVIL "'}],'warnings':['" EVIL "'],'fingerprint':'" EVIL "'}"},
		{"apply", report_apply,
		 "{'run':'" EVIL
		 "','operations':[{'id':'o1'}],'results':[{'id':'o1','status':'" EVIL
		 "','error':{'code':'" EVIL "','message':'" EVIL "'}}],'verdict':'" EVIL
		 "','not_covered':[{'what':'" EVIL "','command':'" EVIL "'}]}"},
		{"whois", report_whois,
		 "{'id':'" EVIL "','owner':{'kind':'user','name':'" EVIL "'},'notes':['" EVIL
		 "'],'next':['" EVIL "'],'holds':[{'what':'" EVIL "'}]}"},
		{"progress", report_progress,
		 "{'event':'outcome','status':'" EVIL "','id':'" EVIL "','error':'" EVIL "'}"},
		{"run", report_run,
		 "{'run':'" EVIL "','events':[{'event':'" EVIL "','id':'" EVIL "'}]}"},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		char *text = show(rows[i].report, rows[i].json, &page80);
		has(text, "x\\x1b[2J\\u{202E}\\x0aDONE", rows[i].name);
		lacks(text, "\033", rows[i].name);
		lacks(text, "\nDONE", rows[i].name);
		lacks(text, "\xe2\x80\xae", rows[i].name);
		free(text);
	}
}

static size_t widest(const char *text)
{
	size_t most = 0;

	while (*text) {
		size_t length = strcspn(text, "\n");
		most = length > most ? length : most;
		text += length + (text[length] == '\n');
	}
	return most;
}

#define WORDS "one two three four five six seven eight nine ten eleven twelve thirteen fourteen "

static void test_width(void)
{
	static const char json[] = "{'warnings':['" WORDS WORDS "'],'fingerprint':'f'}";
	char *narrow = show(report_plan, json, &page80);
	char *wide = show(report_plan, json, &(struct report_style){0});
	char *none = show(report_plan, json, &(struct report_style){.width = 1});

	OK(widest(narrow) <= 80, "80 columns are kept");
	OK(widest(wide) > 160, "0 does not wrap");
	OK(widest(none) < 70, "a width of 1 ends");
	has(narrow, "\n      ", "the second line hangs");
	free(narrow);
	free(wide);
	free(none);
}

static void test_colour(void)
{
	char *plain = show(report_apply, APPLY(LIVE, "OPEN"), &page80);
	char *colour = show(report_apply, APPLY(LIVE, "OPEN"),
			    &(struct report_style){.colour = true, .width = 80});
	char *to = colour;

	lacks(plain, "\033", "no colour");
	has(colour, "\033[1;31mFAILED\033[0m", "colour");
	for (char *from = colour; *from; from++) {
		if (*from == '\033')
			from += strcspn(from, "m");
		else
			*to++ = *from;
	}
	*to = '\0';
	STR_EQ(colour, plain, "without the colours it is the same text");
	free(plain);
	free(colour);
}

static void test_questions(void)
{
	char *text =
		show(report_whois,
		     "{'id':'AKIA1','kind':'key','what':'access key of a user','account':{'id':"
		     "'123456789012','from':'the key id'},'owner':{'kind':'user','name':'dana',"
		     "'arn':'arn:u'},'last_used':{'at':'2026-07-14T10:15:00Z','service':'s3',"
		     "'region':'eu-west-1'},'holds':[{'what':'access key','id':'AKIA1','status':"
		     "'Active','since':'2026-01-01T00:00:00Z'}],'notes':['n'],"
		     "'next':['cordon contain AKIA1']}",
		     &page80);

	STR_EQ(text,
	       "  ID         AKIA1\n"
	       "  What       access key of a user\n"
	       "  Account    123456789012 (from the key id)\n"
	       "  Owner      user dana\n"
	       "             arn:u\n"
	       "  Last used  2026-07-14T10:15:00Z, s3, eu-west-1\n"
	       "\nHolds\n  access key AKIA1, Active, since 2026-01-01T00:00:00Z\n"
	       "\nNotes\n  n\n\nNext\n  cordon contain AKIA1\n",
	       "whois");
	free(text);
	text = show(
		report_whoami,
		"{'arn':'arn:me','account_id':'1','alias':null,'expires':null,'endpoint':{'iam':"
		"'https://i','sts':'https://s'},'clock_offset_seconds':-90,'warnings':['w']}",
		&page80);
	has(text, "  Clock      this machine is 90 s ahead of AWS (corrected for)\n", "whoami");
	has(text, "  IAM        https://i\n", "whoami");
	has(text, "  warning: w\n", "whoami");
	free(text);
	text = show(
		report_access_keys,
		"{'user':'dana','arn':'arn:u','keys':[{'access_key_id':'AKIA1','status':'Inactive',"
		"'created':'2026-01-01T00:00:00Z','age_days':3,'last_used':null}]}",
		&page80);
	STR_EQ(text,
	       "Access keys of user dana\n  arn:u\n\n  AKIA1  Inactive\n"
	       "    created 2026-01-01T00:00:00Z, 3 days ago\n    last used: no use on record\n",
	       "access keys");
	free(text);
}

static void test_record(void)
{
	char *text =
		show(report_runs,
		     "{'runs':[{'run':'r1','at':'2026-07-14T10:15:00Z','command':'contain','case':"
		     "'INC-7','account_id':'1','rehearsal':true,'targets':['arn:u'],'verdict':"
		     "'REHEARSED','finished':true},{'run':'r2','at':'x','command':'apply',"
		     "'account_id':'1','targets':[],'verdict':null,'finished':false}]}",
		     &page80);

	STR_EQ(text,
	       "r1  rehearsed REHEARSED\n    2026-07-14T10:15:00Z  contain, account 1, case INC-7\n"
	       "    arn:u\nr2  NOT FINISHED\n    x  apply, account 1\n",
	       "runs");
	free(text);
	text = show(
		report_run,
		"{'run':'r2','folder':'/f','plan':" PLAN
		",'result':null,'journal':{'lines':2,'last':"
		"'beef','chain':'broken','torn':1,'problem':'line 2'},'events':[{'seq':1,'at':'t',"
		"'event':'intent','operation':{'id':'o1','target':'t1','operation':'PutUserPolicy'}}]}",
		&page80);
	has(text, "2 lines, chain BROKEN, the last line is cut off\n", "show");
	has(text, "  1  t  intent  o1  t1  PutUserPolicy\n", "show");
	has(text, "iam:DeleteLoginProfile on t1 user/dana", "show: what was planned");
	has(text, "cordon resume r2' sends what is left, nothing", "show");
	free(text);
	text = show(report_run,
		    "{'run':'r2','journal':{'chain':'ok'},'result':" APPLY(LIVE, "OPEN") "}",
		    &page80);
	has(text, "chain ok\n\nResult\n", "show, finished");
	lacks(text, "internally consistent", "show: what was not asked");
	free(text);
	text = show(report_run, "{'run':'r','journal':{'proof':'internally consistent'}}", &page80);
	has(text, "internally consistent: each line has", "show, checked");
	free(text);
	text = show(report_run, "{'run':'r','journal':{'proof':'anchored'}}", &page80);
	has(text, "anchored: it ends with the hash that was expected", "show, expected");
	lacks(text, "internally consistent", "show, expected");
	free(text);
	text = show(
		report_playbook,
		"{'playbooks':[{'name':'n','title':'T','summary':'S','source':'shipped','sha256':"
		"'0123456789abcdef','contains':'user','parameters':{'user':{'type':'user',"
		"'required':true,'description':'who'}}}]}",
		&page80);
	STR_EQ(text,
	       "n: T\n    S\n    contains: user\n    from shipped, sha256 0123456789ab\n"
	       "    user (user, required): who\n",
	       "playbooks");
	free(text);
}

static void test_progress(void)
{
	static const struct {
		const char *json, *want;
	} rows[] = {
		{"{'event':'stage','stage':1}", "stage 1: deny and keys off\n"},
		{"{'event':'stage','stage':1,'release':true}",
		 "release, stage 1: the tail, before anything goes\n"},
		{"{'event':'stage','stage':7,'release':true}", "release, stage 7: the deny goes\n"},
		{"{'event':'stage','stage':8,'release':true}", "release, stage 8\n"},
		{"{'event':'intent','id':'o1','operation':'PutUserPolicy','target':'t1'}",
		 "recorded  o1  PutUserPolicy  t1\n"},
		{"{'event':'attempt','id':'o1','operation':'PutUserPolicy'}",
		 "sending   o1  PutUserPolicy\n"},
		{"{'event':'outcome','id':'o1','operation':'X','status':'failed','error':{'code':'C',"
		 "'message':'m'}}",
		 "FAILED  o1  X  C: m\n"},
		{"{'event':'outcome','id':'o1','status':'done'}", "done  o1\n"},
		{"{'event':'note','text':'the clock is off'}", "note: the clock is off\n"},
		{"{'event':'settle','seconds':10}",
		 "waiting 10 s before the state is read again\n"},
		{"{'event':'new','text':'t'}", "note: t\n"},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		char *text = show(report_progress, rows[i].json, &page80);
		STR_EQ(text, rows[i].want, "%s", rows[i].json);
		free(text);
	}
}

/* What the plan will meet, before anybody says yes. */
static void test_preflight(void)
{
	char *text = show(
		report_plan,
		"{" HEAD LIVE TARGETS OPERATIONS REST
		",'preflight':{'operations':{'o1':{'may':'yes','how':'simulated by AWS'},'o2':{'may':"
		"'no','how':'implicitDeny'},'o3':{'may':'yes','how':'simulated by AWS'}},'targets':["
		"{'target':'t1','can':['iam:DeleteUserPolicy'],'perhaps':['sts:AssumeRole'],'denied':true,'in_use':["
		"{'what':'access key','id':'AKIAX','stops':true,'known':true,'at':'2026-07-01T00:00:00Z','service':"
		"'s3','region':'eu-west-1'},{'what':'console password','id':null,'known':true,'at':"
		"null},{'what':'access key','id':'AKIAY','known':false},{'what':'role','id':'ops','known':false,'cut':true}]}]}}",
		&page80);

	has(text, "Preflight\n  we may send: o1, o3 (simulated by AWS)\n", "preflight");
	has(text, "  WE MAY NOT SEND: o2 (implicitDeny)\n", "preflight");
	has(text,
	    "  t1 user/dana\n      can act against this until the deny is enforced:", "preflight");
	has(text, "its present sessions stop, new ones can be made: role ops", "preflight");
	has(text, "iam:DeleteUserPolicy\n", "preflight");
	has(text, "not all was read): sts:AssumeRole\n", "preflight");
	has(text, "stops working: access key AKIAX, last used: 2026-07-01T00:00:00Z, s3,\n",
	    "preflight");
	has(text, "in use: console password, last used: no use on record\n", "preflight");
	has(text, "in use: access key AKIAY, last used: not known\n", "preflight");
	free(text);
}

/* What the targets may do, before and after. */
static void test_foresight(void)
{
#define BEFORE                                                                                 \
	"{'known':22091,'allowed':640,'undeniable':2,'paths':152,'paths_open':1,'undo':['iam:" \
	"CreateAccessKey'],'allowed_by':[{'policy':'inline p','statement':0,'actions':600},{"  \
	"'policy':'a','statement':'A','actions':20},{'policy':'b','statement':'B','actions':"  \
	"10},{'policy':'c','statement':'C','actions':6},{'policy':'d','statement':'D',"        \
	"'actions':3},{'policy':'e','statement':'E','actions':1}]}"
#define AFTER                                                                             \
	"{'known':22091,'allowed':2,'undeniable':2,'paths':152,'paths_open':0,'undo':[]," \
	"'denied_by':[{'policy':'inline CordonDenyAll','statement':'Cordon','actions':22089}]}"
	char *text = show(report_plan,
			  "{" HEAD LIVE TARGETS OPERATIONS REST
			  ",'reach':{'left_out':3,'targets':[{'target':'t1','before':{'key':" BEFORE
			  ",'session_now':" BEFORE ",'unread':['the groups'],'keys_active':2},"
			  "'after':{'key':" AFTER ",'session_now':" BEFORE
			  ",'assumed':['AWSDenyAll as it is shipped'],'keys_active':0}}]}}",
			  &page80);

	has(text, "before and after (predicted)\n  of 22091 known actions and 152", "foresight");
	has(text, "      long-term key: before 640 actions, 1 way up; after 2 actions, 0 ways up\n",
	    "foresight");
	has(text,
	    "      session issued now: before 640 actions, 1 way up; after 640 actions, 1 way",
	    "foresight");
	has(text, "access keys Active: before 2, after 0\n", "foresight");
	has(text, "      allowed before:\n          600 by inline p, statement 0\n", "foresight");
	has(text, "          6 by c, C\n          4 by 2 more statements\n", "foresight");
	has(text, "could undo the containment, after, session issued now: iam:CreateAccessKey\n",
	    "foresight: and whose list it is");
	has(text, "not read, so it may be more: the groups\n", "foresight");
	has(text, "not read, and taken for AWSDenyAll as it is shipped\n", "foresight");
	has(text, "3 more targets were not looked at here", "foresight");
	free(text);
}

/* A document of other types than promised prints something, and does not crash. */
static void test_wrong_types(void)
{
	static const report_fn reports[] = {report_plan,	report_apply,	  report_question,
					    report_whois,	report_whoami,	  report_runs,
					    report_run,		report_playbooks, report_playbook,
					    report_access_keys, report_progress};
	static const char *const documents[] = {
		"{}",
		"[]",
		"{'operations':[1,null,{'parameters':[]}],'targets':[[]],'playbooks':[2],'results':[3],"
		"'warnings':[4],'refusals':[{}],'skipped':[{}],'not_covered':[{}],'runs':[5],'keys':[6],"
		"'events':[7],'journal':8,'plan':{},'next':[null],'notes':[[]],'holds':[{}],"
		"'differences':[1],'preflight':3}",
		"{'reach':3}",
		"{'reach':{'targets':[1,{},{'before':{'key':{'undo':{},'allowed_by':[1,{}]}}},{"
		"'before':{'key':[],'unread':[{}]},'after':7}],'left_out':{}},'targets':[{'remains':"
		"{'key':3}},{'remains':{'session_now':{'allowed_by':[[]]}}}]}",
		"{'preflight':{'operations':[1],'targets':{}},'operations':[{'denies':7}]}",
		"{'preflight':{'operations':{'o1':5,'o2':{}},'targets':[1,{'in_use':[2],'can':{}}]}}",
	};

	for (size_t i = 0; i < COUNT(reports); i++) {
		for (size_t j = 0; j < COUNT(documents); j++)
			free(show(reports[i], documents[j], &page80));
	}
}

int main(void)
{
	test_plan();
	test_plan_endings();
	test_apply();
	test_verdicts();
	test_skipped();
	test_rehearsal();
	test_question();
	test_hostile();
	test_width();
	test_colour();
	test_questions();
	test_record();
	test_progress();
	test_preflight();
	test_foresight();
	test_wrong_types();
	return tap_done();
}
