// SPDX-License-Identifier: Apache-2.0
/* Playbooks: the shipped ones, each rule broken once, binding, targets, and actions as playbooks.
 */
#include "cordon/playbook.h"

#include "cordon/action.h"
#include "fixture.h"

#define KEY "AKIARTX3GSDSUEXAMPLE"
#define HEAD "'cordon':1,'name':'x','title':'t','summary':'s','contains':'user'"
#define PARAMETER "'parameters':{'user':{'type':'user','required':true}}"
#define TARGET "'targets':{'user':{'user':'${user}'}}"
#define STEP "{'id':'a','action':'deny-all','user':'${user}'}"
#define STEPS "'steps':[" STEP "]"
#define WITH_STEP(more) \
	"{" HEAD "," PARAMETER "," TARGET ",'steps':[{'id':'a','user':'${user}'," more "}]}"
#define WITH_PARAMETER(more)                                                                  \
	"{" HEAD ",'parameters':{'user':{'type':'user'},'p':{" more "}}," TARGET ",'steps':[" \
	"{'id':'a','action':'deny-all','user':'${user}','when':'${p}'}]}"
#define WITH_TARGET(more) "{" HEAD "," PARAMETER ",'targets':{" more "}," STEPS "}"

static struct playbook *read_playbook(const char *text)
{
	struct playbook *playbook = NULL;
	struct err err = ERR_INIT;
	char *json = quoted(text);

	if (playbook_read(json, strlen(json), "test", &shipped_library, &playbook, &err))
		bail(text, err.message);
	free(json);
	return playbook;
}

static void test_shipped(void)
{
	size_t count = 0;

	for (const struct embedded_file *f = embedded_files; f->path; f++) {
		struct playbook *playbook = NULL;
		struct err err = ERR_INIT;
		char path[128];

		if (!is_shipped_playbook(f->path))
			continue;
		count++;
		if (!OK(playbook_read(f->bytes, f->length, f->path, &shipped_library, &playbook,
				      &err) == 0,
			"%s is read: %s", f->path, err.message))
			continue;
		snprintf(path, sizeof(path), "playbooks/%s.json", playbook->name);
		STR_EQ(path, f->path, "%s: is named as its file", f->path);
		STR_EQ(playbook->source, f->path, "%s: knows where it came from", f->path);
		INT_EQ(strlen(playbook->sha256), 64, "%s: has a hash", f->path);
		json_t *steps = json_object_get(playbook->document, "steps");
		/* What claims to contain begins with what contains. */
		if (strcmp(playbook->contains, "none") != 0)
			STR_EQ(jx_text(json_array_get(steps, 0), "action"), "deny-all",
			       "%s: denies first", f->path);
		playbook_free(playbook);
	}
	OK(count >= 16, "%zu playbooks are shipped", count);
}

static void test_good(void)
{
	static const struct {
		const char *name, *input;
	} rows[] = {
		{"the smallest", "{" HEAD "," PARAMETER "," TARGET "," STEPS "}"},
		{"a literal target", "{" HEAD ",'targets':{'user':{'user':'alice'}}," STEPS "}"},
		{"references",
		 "{" HEAD ",'references':['https://x']," PARAMETER "," TARGET "," STEPS "}"},
		{"an option", WITH_STEP("'action':'deny-all','via':'managed'")},
		{"a list", WITH_STEP("'action':'deactivate-access-keys','key':['" KEY "']")},
		{"one for a list", WITH_STEP("'action':'deactivate-access-keys','key':'" KEY "'")},
		{"irreversible false", WITH_STEP("'action':'deny-all','irreversible':false")},
		{"irreversible", WITH_STEP("'action':'delete-login-profile','irreversible':true")},
		{"owner and user", WITH_TARGET("'user':{'owner_of':'" KEY "','user':'${user}'}")},
		{"a default", WITH_PARAMETER("'type':'boolean','default':true")},
		{"for each",
		 "{" HEAD "," PARAMETER "," TARGET ",'steps':[{'id':'a','action':'revoke-sessions',"
		 "'for_each':{'roles_assumable_by':'${user}'},'role':'${item}'}]}"},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct playbook *playbook = read_playbook(rows[i].input);

		STR_EQ(playbook->name, "x", "good: %s: name", rows[i].name);
		STR_EQ(playbook->contains, "user", "good: %s: contains", rows[i].name);
		playbook_free(playbook);
	}
	playbook_free(NULL);
}

static void test_bad(void)
{
	static const struct {
		const char *name, *input, *want; /* want: a part of the message */
	} rows[] = {
		/* The head. */
		{"no JSON", "{", "test:1:"},
		{"a list", "[]", "playbook is no object"},
		{"a key twice", "{" HEAD ",'name':'x'}", "duplicate object key"},
		{"an unknown key", "{" HEAD ",'shoes':1," PARAMETER "," TARGET "," STEPS "}",
		 "unknown key 'shoes'"},
		{"no version", "{'name':'x'}", "\"cordon\": 1 is missing"},
		{"a newer version", "{'cordon':2}", "\"cordon\": 1 is missing"},
		{"a version as a text", "{'cordon':'1'}", "\"cordon\": 1 is missing"},
		{"no name", "{'cordon':1,'title':'t'}", "missing key, or no string: 'name'"},
		{"no title", "{'cordon':1,'name':'x'}", "missing key, or no string: 'title'"},
		{"no summary", "{'cordon':1,'name':'x','title':'t'}",
		 "missing key, or no string: 'summary'"},
		{"a title as a number", "{'cordon':1,'name':'x','title':5}",
		 "missing key, or no string: 'title'"},
		{"no contains", "{'cordon':1,'name':'x','title':'t','summary':'s'}",
		 "missing key, or no string: 'contains'"},
		{"an unknown contains",
		 "{'cordon':1,'name':'x','title':'t','summary':'s','contains':'group'}",
		 "not user, role, session or none: 'group'"},
		{"a name with capitals",
		 "{'cordon':1,'name':'X','title':'t','summary':'s','contains':'user'}",
		 "not a name of small letters"},
		{"a name with a dash first",
		 "{'cordon':1,'name':'-x','title':'t','summary':'s','contains':'user'}",
		 "not a name of small letters"},
		{"a name with a slash",
		 "{'cordon':1,'name':'../x','title':'t','summary':'s','contains':'user'}",
		 "not a name of small letters"},
		{"references as a text", "{" HEAD ",'references':'https://x'}",
		 "not a list: 'references'"},
		{"references of numbers", "{" HEAD ",'references':[1]}", "not a list of 'strings'"},

		/* Parameters. */
		{"parameters as a list", "{" HEAD ",'parameters':[]}",
		 "not an object of at most 50"},
		{"a parameter as a text", "{" HEAD ",'parameters':{'p':'user'}}",
		 "parameter 'p' is no object"},
		{"a parameter's name", "{" HEAD ",'parameters':{'P':{'type':'user'}}}",
		 "not a name of small letters"},
		{"a parameter's unknown key", WITH_PARAMETER("'type':'user','help':'x'"),
		 "parameter 'p': unknown key 'help'"},
		{"an unknown type", WITH_PARAMETER("'type':'number'"), "unknown type 'number'"},
		{"no type", WITH_PARAMETER("'required':true"), "unknown type ''"},
		{"required as a text", WITH_PARAMETER("'type':'user','required':'yes'"),
		 "not true or false: 'required'"},
		{"a default of another type", WITH_PARAMETER("'type':'boolean','default':'true'"),
		 "the default is not 'true or false'"},
		{"a default that is none", WITH_PARAMETER("'type':'user','default':'a b'"),
		 "the default is not 'a user name"},
		{"a description as a number", WITH_PARAMETER("'type':'user','description':1"),
		 "not a string: 'description'"},
		{"an unused parameter",
		 "{" HEAD ",'parameters':{'user':{'type':'user'},'p':{'type':'string'}}," TARGET
		 "," STEPS "}",
		 "nothing uses 'p'"},

		/* Targets. */
		{"no targets", "{" HEAD "," STEPS "}", "missing or empty key 'targets'"},
		{"empty targets", WITH_TARGET(""), "missing or empty key 'targets'"},
		{"targets as a list", "{" HEAD ",'targets':[]," STEPS "}",
		 "missing or empty key 'targets'"},
		{"a target's name", WITH_TARGET("'U':{'user':'${user}'}"),
		 "not a name of small letters"},
		{"a target as a text", WITH_TARGET("'user':'${user}'"),
		 "target 'user' is no object"},
		{"a target of nothing", WITH_TARGET("'user':{}"), "names not exactly one of"},
		{"a target of both", WITH_TARGET("'user':{'user':'${user}','role':'r'}"),
		 "names not exactly one of"},
		{"a target's unknown key", WITH_TARGET("'user':{'grp':'g'}"),
		 "target 'user': unknown key 'grp'"},
		{"a target of a number", WITH_TARGET("'user':{'user':5}"), "not a string: 'user'"},
		{"a target of an unknown parameter", WITH_TARGET("'user':{'user':'${usr}'}"),
		 "no parameter, target or item is called 'usr'"},
		{"a target of half a reference", WITH_TARGET("'user':{'user':'a${user}'}"),
		 "stands alone, not in"},

		/* Steps. */
		{"no steps", "{" HEAD "," PARAMETER "," TARGET "}", "not a list of 1 to 200"},
		{"empty steps", "{" HEAD "," PARAMETER "," TARGET ",'steps':[]}",
		 "not a list of 1 to 200"},
		{"steps as an object", "{" HEAD "," PARAMETER "," TARGET ",'steps':{}}",
		 "not a list of 1 to 200"},
		{"a step as a text", "{" HEAD "," PARAMETER "," TARGET ",'steps':['deny-all']}",
		 "step 1: missing or unusable key 'id'"},
		{"no id",
		 "{" HEAD "," PARAMETER "," TARGET
		 ",'steps':[{'action':'deny-all','user':'${user}'}]}",
		 "step 1: missing or unusable key 'id'"},
		{"an id twice", "{" HEAD "," PARAMETER "," TARGET ",'steps':[" STEP "," STEP "]}",
		 "the id is there twice: 'a'"},
		{"no action", WITH_STEP("'when':'${user}'"), "unknown action ''"},
		{"an unknown action", WITH_STEP("'action':'deny-some'"),
		 "step 'a': unknown action 'deny-some'"},
		{"an unknown option", WITH_STEP("'action':'deny-all','how':'managed'"),
		 "unknown key 'how'"},
		{"another action's option", WITH_STEP("'action':'deny-all','key':'" KEY "'"),
		 "unknown key 'key'"},
		{"an option's value", WITH_STEP("'action':'deny-all','via':'magic'"),
		 "unknown value 'magic'"},
		{"an option's type", WITH_STEP("'action':'deny-all','via':5"),
		 "is of the wrong type: 'via'"},
		{"an option that is none",
		 WITH_STEP("'action':'deactivate-access-keys','key':['" KEY "','x']"),
		 "is of the wrong type: 'key'"},
		{"a list for one", WITH_STEP("'action':'deny-all','via':['auto']"),
		 "takes one value, not a list: 'via'"},
		{"irreversible, unsaid", WITH_STEP("'action':'delete-login-profile'"),
		 "must say \"irreversible\": true"},
		{"irreversible, denied",
		 WITH_STEP("'action':'delete-login-profile','irreversible':false"),
		 "must say \"irreversible\": true"},
		{"irreversible, wrongly said", WITH_STEP("'action':'deny-all','irreversible':true"),
		 "\"irreversible\" does not belong here"},
		{"irreversible as a text", WITH_STEP("'action':'deny-all','irreversible':'yes'"),
		 "not true or false: 'irreversible'"},
		{"when as a boolean", WITH_STEP("'action':'deny-all','when':true"),
		 "not a string: 'when'"},
		{"when of an unknown parameter", WITH_STEP("'action':'deny-all','when':'${p}'"),
		 "no parameter, target or item is called 'p'"},
		{"an option of an unknown parameter",
		 WITH_STEP("'action':'deny-all','session':'${p}'"),
		 "no parameter, target or item is called 'p'"},
		{"two references", WITH_STEP("'action':'deny-all','session':'${user}${user}'"),
		 "stands alone, not in"},
		{"an open reference", WITH_STEP("'action':'deny-all','session':'${user'"),
		 "stands alone, not in"},

		/* Whom a step acts on. */
		{"nobody",
		 "{" HEAD "," PARAMETER "," TARGET ",'steps':[{'id':'a','action':'deny-all'}]}",
		 "names not exactly one of 'user, role, group'"},
		{"both", WITH_STEP("'action':'deny-all','role':'${user}'"),
		 "names not exactly one of 'user, role, group'"},
		{"a literal user",
		 "{" HEAD "," PARAMETER "," TARGET
		 ",'steps':[{'id':'a','action':'deny-all','user':'alice'}]}",
		 "not a target or item, as in ${user}: 'alice'"},
		{"no such target",
		 "{" HEAD "," PARAMETER "," TARGET
		 ",'steps':[{'id':'a','action':'deny-all','user':'${usr}'}]}",
		 "no target is called 'usr'"},
		{"a target of the other kind",
		 "{" HEAD "," PARAMETER "," TARGET
		 ",'steps':[{'id':'a','action':'deny-all','role':'${user}'}]}",
		 "the target is of the other kind: 'user'"},
		{"an action that is not for roles",
		 "{" HEAD "," PARAMETER "," TARGET
		 ",'steps':[{'id':'a','action':'list-access-keys','role':'${user}'}]}",
		 "this action does not act on a 'role'"},
		{"an item of nothing",
		 "{" HEAD "," PARAMETER "," TARGET
		 ",'steps':[{'id':'a','action':'deny-all','user':'${item}'}]}",
		 "no for_each for '${item}'"},
		{"for each of an unknown kind",
		 "{" HEAD "," PARAMETER "," TARGET ",'steps':[{'id':'a','action':'revoke-sessions',"
		 "'for_each':{'users':'${user}'},'role':'${item}'}]}",
		 "unknown key 'users'"},
		{"for each of no target",
		 "{" HEAD "," PARAMETER "," TARGET ",'steps':[{'id':'a','action':'revoke-sessions',"
		 "'for_each':{'roles_assumable_by':'alice'},'role':'${item}'}]}",
		 "not a target, as in ${user}: 'alice'"},
		{"for each of a role",
		 "{" HEAD ",'targets':{'r':{'role':'ops'}},'steps':[{'id':'a','action':"
		 "'revoke-sessions','for_each':{'roles_assumable_by':'${r}'},'role':'${item}'}]}",
		 "not a user: 'r'"},
		{"for each, not on the item",
		 "{" HEAD ",'targets':{'r':{'role':'ops'},'u':{'user':'alice'}},'steps':[{'id':'a',"
		 "'action':'revoke-sessions','for_each':{'roles_assumable_by':'${u}'},'role':"
		 "'${r}'}]}",
		 "for_each over roles needs"},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		char *json = quoted(rows[i].input);
		struct playbook *playbook = NULL;
		struct err err = ERR_INIT;

		INT_EQ(playbook_read(json, strlen(json), "test", &shipped_library, &playbook, &err),
		       -1, "bad: %s: refused", rows[i].name);
		INT_EQ(err.code, ERR_INPUT, "bad: %s: code", rows[i].name);
		OK(begins(err.message, "test:"), "bad: %s: names the file", rows[i].name);
		HAS(err.message, rows[i].want, "bad: %s: message", rows[i].name);
		playbook_free(playbook);
		free(json);
	}
}

/* Line and column, where what is wrong stands in one place only. */
static void test_place(void)
{
	static const char text[] = "{\"cordon\": 1,\n \"name\": \"x\",\n   \"shoes\": 1}";
	struct playbook *playbook = NULL;
	struct err err = ERR_INIT;

	INT_EQ(playbook_read(text, strlen(text), "test", &shipped_library, &playbook, &err), -1,
	       "place: refused");
	STR_EQ(err.message, "test:3:4: playbook: unknown key 'shoes'", "place: message");
}

static void test_limits(void)
{
	for (int steps = 200; steps <= 201; steps++) {
		json_auto_t *document = js("{" HEAD "," PARAMETER "," TARGET ",'steps':[]}");
		struct playbook *playbook = NULL;
		struct err err = ERR_INIT;

		for (int i = 0; i < steps; i++) {
			json_t *step = js(STEP);
			jx_set(step, "id", json_sprintf("s%d", i));
			jx_push(json_object_get(document, "steps"), step);
		}
		char *text = jx_compact(document);
		INT_EQ(playbook_read(text, strlen(text), "test", &shipped_library, &playbook, &err),
		       steps > 200 ? -1 : 0, "%d steps", steps);
		playbook_free(playbook);
		free(text);
	}
}

static void test_types(void)
{
	static const struct {
		const char *type, *text, *want; /* want: JSON, or NULL: not of this type */
	} rows[] = {
		{"string", "a b", "'a b'"},
		{"string", "", NULL},
		{"boolean", "true", "true"},
		{"boolean", "false", "false"},
		{"boolean", "yes", NULL},
		{"boolean", "", NULL},
		{"integer", "-5", "-5"},
		{"integer", "5x", NULL},
		{"integer", "", NULL},
		{"integer", "99999999999", NULL},
		{"access-key-id", KEY, "'" KEY "'"},
		{"access-key-id", "ASIAQNZGKIQY56JQ7WML", NULL},
		{"access-key-id", "AKIA", NULL},
		{"access-key-id", "akiaiosfodnn7example", NULL},
		{"user", "alice+x=,.@-_", "'alice+x=,.@-_'"},
		{"user", "team/alice", NULL},
		{"user", "a b", NULL},
		{"user", "", NULL},
		{"role", "ops", "'ops'"},
		{"role", "arn:aws:iam::111122223333:role/ops", NULL},
		{"session", "i-0123", "'i-0123'"},
		{"session", "i", NULL},
		{"session", "a b", NULL},
		{"policy-arn", "arn:aws:iam::aws:policy/AWSDenyAll",
		 "'arn:aws:iam::aws:policy/AWSDenyAll'"},
		{"policy-arn", "arn:aws:iam::111122223333:role/ops", NULL},
		{"policy-arn", "AWSDenyAll", NULL},
		{"duration", "90s", "'90s'"},
		{"duration", "soon", NULL},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		char text[256];
		struct err err = ERR_INIT;
		json_t *bound = NULL;

		snprintf(text, sizeof(text),
			 "{" HEAD ",'parameters':{'user':{'type':'user'},'p':{'type':'%s'}}," TARGET
			 ",",
			 rows[i].type);
		char *whole = NULL;
		if (asprintf(&whole,
			     "%s'steps':[{'id':'a','action':'deny-all','user':'${user}','when':"
			     "'${p}'}]}",
			     text) < 0)
			abort();
		struct playbook *playbook = read_playbook(whole);
		free(whole);
		json_auto_t *given = jx_pack("{s:s}", "p", rows[i].text);
		int ret = playbook_bind(playbook, given, &bound, &err);
		INT_EQ(ret, rows[i].want ? 0 : -1, "bind %s '%s'", rows[i].type, rows[i].text);
		if (ret == 0) {
			JS_EQ(json_object_get(bound, "p"), rows[i].want, "bind %s '%s': value",
			      rows[i].type, rows[i].text);
			/* As a plan file holds it: typed already. */
			json_t *again = NULL;
			OK(playbook_bind(playbook, bound, &again, &err) == 0 &&
				   json_equal(bound, again),
			   "bind %s '%s': again", rows[i].type, rows[i].text);
			json_decref(again);
		} else {
			INT_EQ(err.code, ERR_USAGE, "bind %s '%s': code", rows[i].type,
			       rows[i].text);
			HAS(err.message, "parameter 'p' of playbook 'x' is not", "bind %s: message",
			    rows[i].type);
		}
		json_decref(bound);
		playbook_free(playbook);
	}
	for (size_t i = 0; value_type_at(i); i++)
		OK(value_type_find(value_type_at(i)->name) == value_type_at(i), "type %s is found",
		   value_type_at(i)->name);
	OK(!value_type_find("shoe") && !value_type_find(NULL), "no such type");
}

static void test_bind(void)
{
	static const struct {
		const char *given, *want; /* want: JSON, or a part of the message */
		bool good;
	} rows[] = {
		{"{'access_key_id':'" KEY "'}",
		 "{'access_key_id':'" KEY "','user':null,'revoke_roles':false}", true},
		{"{'access_key_id':'" KEY "','user':'alice','revoke_roles':'true'}",
		 "{'access_key_id':'" KEY "','user':'alice','revoke_roles':true}", true},
		{"{'access_key_id':'" KEY "','user':null,'revoke_roles':null}",
		 "{'access_key_id':'" KEY "','user':null,'revoke_roles':false}", true},
		{"{}", "needs --set access_key_id=VALUE (an access key id (AKIA...))", false},
		{"{'access_key_id':null}", "needs --set access_key_id=VALUE", false},
		{"{'access_key_id':'" KEY "','shoe':'43'}",
		 "playbook 'compromised-access-key' has no parameter 'shoe'", false},
		{"{'access_key_id':5}", "is not an access key id", false},
		{"{'access_key_id':['" KEY "']}", "is not an access key id", false},
		{"{'access_key_id':'" KEY "','revoke_roles':1}", "is not true or false", false},
	};
	struct playbook *playbook = shipped_playbook("compromised-access-key");

	for (size_t i = 0; i < COUNT(rows); i++) {
		json_auto_t *given = js(rows[i].given);
		struct err err = ERR_INIT;
		json_t *bound = NULL;

		INT_EQ(playbook_bind(playbook, given, &bound, &err), rows[i].good ? 0 : -1,
		       "bind %s", rows[i].given);
		if (rows[i].good)
			JS_EQ(bound, rows[i].want, "bind %s: values", rows[i].given);
		else
			HAS(err.message, rows[i].want, "bind %s: message", rows[i].given);
		json_decref(bound);
	}
	playbook_free(playbook);
}

static void test_expand(void)
{
	static const struct {
		const char *value, *want;
	} rows[] = {
		{"'${a}'", "'x'"}, {"'${b}'", "true"}, {"'${none}'", "null"}, {"'a'", "'a'"},
		{"5", "5"},	   {"['x']", "['x']"}, {"'${}'", "'${}'"},    {"'${a'", "'${a'"},
	};
	json_auto_t *scope = js("{'a':'x','b':true}");

	for (size_t i = 0; i < COUNT(rows); i++) {
		json_auto_t *value = js(rows[i].value);
		json_auto_t *expanded = playbook_expand(value, scope);

		JS_EQ(expanded, rows[i].want, "expand %s", rows[i].value);
	}
	json_auto_t *nothing = playbook_expand(NULL, scope);
	JS_EQ(nothing, "null", "expand nothing");
}

static void test_targets(void)
{
	static const struct {
		const char *playbook, *parameters, *want;
	} rows[] = {
		{"compromised-user", "{'user':'alice'}", "[{'name':'user','user':'alice'}]"},
		{"compromised-access-key", "{'access_key_id':'" KEY "','user':null}",
		 "[{'name':'user','owner_of':'" KEY "'}]"},
		{"compromised-access-key", "{'access_key_id':'" KEY "','user':'alice'}",
		 "[{'name':'user','owner_of':'" KEY "','user':'alice'}]"},
		{"compromised-session", "{'role':'ops','user':null,'session':'thief'}",
		 "[{'name':'role','role':'ops'}]"},
		{"compromised-session", "{'role':null,'user':null,'session':null}", "[]"},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct playbook *playbook = shipped_playbook(rows[i].playbook);
		json_auto_t *parameters = js(rows[i].parameters);
		json_auto_t *targets = playbook_targets(playbook, parameters);

		JS_EQ(targets, rows[i].want, "targets of %s %s", rows[i].playbook,
		      rows[i].parameters);
		playbook_free(playbook);
	}
}

/* Every action is also a command: a playbook of one step. */
#define QUARANTINE "arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantine"
#define FIFTY "VVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVV"

static void test_actions(void)
{
	static const struct {
		const char *action, *step, *want; /* want: NULL, or a part of the message */
	} rows[] = {
		{"deny-all", "{'user':'alice'}", NULL},
		{"deny-all", "{'role':'ops','via':'managed'}", NULL},
		{"deny-all", "{'role':'ops','via':'magic'}", "unknown value 'magic'"},
		{"deny-all", "{'user':'alice','role':'ops'}", "names not exactly one of"},
		{"deny-all", "{}", "'deny-all' needs --user, --role or --group"},
		{"deny-some", "{'user':'alice'}", "'deny-some' needs"},
		{"deactivate-access-keys", "{'user':'alice','key':['" KEY "']}", NULL},
		{"deactivate-access-keys", "{'user':'alice','key':['x']}", "is of the wrong type"},
		{"deactivate-access-keys", "{'role':'ops'}", "does not act on a 'role'"},
		{"quarantine", "{'user':'alice','via':'managed','policy':'" QUARANTINE "V3'}",
		 NULL},
		/* A name that is no name of IAM's, and one too long to be kept whole. */
		{"quarantine", "{'user':'alice','via':'managed','policy':'" QUARANTINE "\xc3\xa9'}",
		 "is of the wrong type"},
		{"quarantine", "{'user':'alice','via':'managed','policy':'" QUARANTINE " V3'}",
		 "is of the wrong type"},
		{"quarantine",
		 "{'user':'alice','via':'managed','policy':'" QUARANTINE FIFTY FIFTY "'}",
		 "is of the wrong type"},
		{"delete-login-profile", "{'user':'alice'}", NULL},
		{"revoke-sessions", "{'role':'ops','session':'i-0123'}", NULL},
		{"list-access-keys", "{'user':'alice'}", NULL},
		{"list-access-keys", "{'user':'alice','shoe':'43'}", "unknown key 'shoe'"},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		json_auto_t *step = js(rows[i].step);
		json_auto_t *copy = jx_copy(step);
		struct playbook *playbook = NULL;
		struct err err = ERR_INIT;

		INT_EQ(playbook_of_action(rows[i].action, step, &playbook, &err),
		       rows[i].want ? -1 : 0, "action %s %s", rows[i].action, rows[i].step);
		OK(json_equal(step, copy), "action %s: the step is left alone", rows[i].action);
		if (!playbook) {
			INT_EQ(err.code, ERR_USAGE, "action %s: code", rows[i].action);
			HAS(err.message, rows[i].want, "action %s: message", rows[i].action);
			continue;
		}
		STR_EQ(playbook->name, rows[i].action, "action %s: name", rows[i].action);
		STR_EQ(playbook->contains, "none", "action %s: contains", rows[i].action);
		json_auto_t *parameters = NULL;
		OK(playbook_bind(playbook, NULL, &parameters, &err) == 0,
		   "action %s: needs nothing", rows[i].action);
		json_auto_t *targets = playbook_targets(playbook, parameters);
		INT_EQ(json_array_size(targets), 1, "action %s: one target", rows[i].action);
		playbook_free(playbook);
	}
}

/* Each row of the table serves help, completion and steps, so it is whole. */
static void test_action_table(void)
{
	const struct action *action;

	for (size_t i = 0; (action = action_at(i)); i++) {
		OK(action_find(action->name) == action, "%s: is found", action->name);
		OK(action->summary && *action->summary, "%s: says what it does", action->name);
		OK(action->plan && action->options && action->principals, "%s: is whole",
		   action->name);
		for (const struct action_option *o = action->options; o->name; o++) {
			OK(value_type_find(o->type), "%s --%s: has a type", action->name, o->name);
			OK(o->help && *o->help, "%s --%s: has help", action->name, o->name);
			OK(action_option_find(action, o->name) == o, "%s --%s: is found",
			   action->name, o->name);
		}
		OK(!action_option_find(action, "shoe"), "%s: no such option", action->name);
	}
	OK(!action_find("shoe") && !action_find(NULL), "no such action");
}

int main(void)
{
	test_shipped();
	test_good();
	test_bad();
	test_place();
	test_limits();
	test_types();
	test_bind();
	test_expand();
	test_targets();
	test_actions();
	test_action_table();
	return tap_done();
}
