// SPDX-License-Identifier: Apache-2.0
/* Playbooks within playbooks, and parameters that are lists. */
#include "planned.h"

#define HEAD(name, contains) \
	"{'cordon':1,'name':'" name "','title':'t','summary':'s','contains':'" contains "'"
#define INNER(more) HEAD("inner", "user") more
#define USER_PARAMETER ",'parameters':{'user':{'type':'user','required':true}}"
#define USER_TARGET ",'targets':{'user':{'user':'${user}'}}"
#define USES(set, more) "{'id':'x','use':'inner','set':{" set "}" more "}"

static const struct file {
	const char *name, *text;
} files[] = {
	{"inner",
	 INNER(",'parameters':{'user':{'type':'user','required':true},'also':{'type':'boolean',"
	       "'default':false}}" USER_TARGET
	       ",'steps':[{'id':'deny','action':'deny-all','user':'${user}'},{'id':'keys','action':"
	       "'deactivate-access-keys','user':'${user}','when':'${also}'}]}")},
	{"final", HEAD("final", "user") USER_PARAMETER USER_TARGET
	 ",'steps':[{'id':'gone','action':'delete-user','user':'${user}','irreversible':true}]}"},
	{"middle", HEAD("middle", "user") USER_PARAMETER
	 ",'steps':[{'id':'in','use':'inner','set':{'user':'${user}','also':true}}]}"},
	{"roles", HEAD("roles", "user") USER_PARAMETER USER_TARGET
	 ",'steps':[{'id':'cut','action':'revoke-sessions','for_each':{'roles_assumable_by':"
	 "'${user}'},'role':'${item}'}]}"},
	{"listed",
	 HEAD("listed",
	      "user") ",'parameters':{'user':{'type':'user','required':true},"
		      "'names':{'type':'policy-name','list':true,'default':[]}}" USER_TARGET
		      ",'steps':[{'id':'gone','action':'delete-inline-policies','user':'${user}','policy':"
		      "'${names}','when':'${names}'}]}"},
	{"loop-a", HEAD("loop-a", "user") USER_PARAMETER
	 ",'steps':[{'id':'b','use':'loop-b','set':{'user':'${user}'}}]}"},
	{"loop-b", HEAD("loop-b", "user") USER_PARAMETER
	 ",'steps':[{'id':'a','use':'loop-a','set':{'user':'${user}'}}]}"},
	{"broken", "{'cordon':1}"},
};

static int find(const struct playbook_library *library, const char *name,
		struct playbook **ret_playbook, struct err *err)
{
	for (size_t i = 0; i < COUNT(files); i++) {
		if (strcmp(files[i].name, name) != 0)
			continue;
		char *json = quoted(files[i].text);
		int ret = playbook_read(json, strlen(json), name, library, ret_playbook, err);
		free(json);
		return ret;
	}
	return err_set(err, ERR_NOT_FOUND, "no playbook is called '%s'", name);
}

static const struct playbook_library library = {.find = find};

static struct playbook *read_text(const char *text, struct err *err)
{
	struct playbook *playbook = NULL;
	char *json = quoted(text);

	if (playbook_read(json, strlen(json), "test", &library, &playbook, err))
		playbook = NULL;
	free(json);
	return playbook;
}

#define OUTER(parameters, steps) HEAD("outer", "user") parameters ",'steps':[" steps "]}"

/* With ".user" it comes to 64. */
#define LONG "a2345678901234567890123456789012345678901234567890123456789"

static void test_good(void)
{
	static const struct {
		const char *name, *text, *steps, *targets;
	} rows[] = {
		{"one that is used", OUTER(USER_PARAMETER, USES("'user':'${user}'", "")),
		 "[{'id':'x.deny','action':'deny-all','user':'${x.user}'},{'id':'x.keys','action':"
		 "'deactivate-access-keys','user':'${x.user}','when':[false]}]",
		 "{'x.user':{'user':'${user}'}}"},
		{"a literal", OUTER("", USES("'user':'alice','also':true", "")),
		 "[{'id':'x.deny','action':'deny-all','user':'${x.user}'},{'id':'x.keys','action':"
		 "'deactivate-access-keys','user':'${x.user}','when':[true]}]",
		 "{'x.user':{'user':'alice'}}"},
		{"conditions of both",
		 OUTER(",'parameters':{'user':{'type':'user'},'more':{'type':'boolean'},'also':{"
		       "'type':'boolean'}}",
		       USES("'user':'${user}','also':'${also}'", ",'when':'${more}'")),
		 "[{'id':'x.deny','action':'deny-all','user':'${x.user}','when':['${more}']},"
		 "{'id':'x.keys','action':'deactivate-access-keys','user':'${x.user}','when':["
		 "'${also}','${more}']}]",
		 "{'x.user':{'user':'${user}'}}"},
		{"one within one",
		 OUTER(USER_PARAMETER, "{'id':'m','use':'middle','set':{'user':'${user}'}}"),
		 "[{'id':'m.in.deny','action':'deny-all','user':'${m.in.user}'},{'id':'m.in.keys',"
		 "'action':'deactivate-access-keys','user':'${m.in.user}','when':[true]}]",
		 "{'m.in.user':{'user':'${user}'}}"},
		{"for each",
		 OUTER(USER_PARAMETER, "{'id':'r','use':'roles','set':{'user':'${user}'}}"),
		 "[{'id':'r.cut','action':'revoke-sessions','for_each':{'roles_assumable_by':"
		 "'${r.user}'},'role':'${item}'}]",
		 "{'r.user':{'user':'${user}'}}"},
		/* One condition, which is a list: not a list of conditions. */
		{"an empty list as condition",
		 OUTER(USER_PARAMETER, "{'id':'l','use':'listed','set':{'user':'${user}'}}"),
		 "[{'id':'l.gone','action':'delete-inline-policies','user':'${l.user}','policy':[],"
		 "'when':[[]]}]",
		 "{'l.user':{'user':'${user}'}}"},
		{"a list as condition",
		 OUTER(USER_PARAMETER,
		       "{'id':'l','use':'listed','set':{'user':'${user}','names':['a','b']}}"),
		 "[{'id':'l.gone','action':'delete-inline-policies','user':'${l.user}','policy':["
		 "'a','b'],'when':[['a','b']]}]",
		 "{'l.user':{'user':'${user}'}}"},
		{"the longest id",
		 OUTER(USER_PARAMETER, "{'id':'" LONG "','use':'inner','set':{'user':'${user}'}}"),
		 "[{'id':'" LONG ".deny','action':'deny-all','user':'${" LONG
		 ".user}'},{'id':'" LONG ".keys','action':'deactivate-access-keys','user':'${" LONG
		 ".user}','when':[false]}]",
		 "{'" LONG ".user':{'user':'${user}'}}"},
		{"without way back",
		 OUTER(USER_PARAMETER,
		       "{'id':'f','use':'final','set':{'user':'${user}'},'irreversible':true}"),
		 "[{'id':'f.gone','action':'delete-user','user':'${f.user}','irreversible':true}]",
		 "{'f.user':{'user':'${user}'}}"},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct err err = ERR_INIT;
		struct playbook *playbook = read_text(rows[i].text, &err);
		if (!OK(playbook, "use: %s: %s", rows[i].name, err.message))
			continue;
		JS_EQ(json_object_get(playbook->document, "steps"), rows[i].steps, "use: %s: steps",
		      rows[i].name);
		JS_EQ(json_object_get(playbook->document, "targets"), rows[i].targets,
		      "use: %s: targets", rows[i].name);
		playbook_free(playbook);
	}
}

static void test_bad(void)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
		{OUTER("", USES("", "")), "step 'x': the playbook that it uses needs 'user'"},
		{OUTER("", USES("'user':'alice','shoe':1", "")), "has no parameter 'shoe'"},
		{OUTER("", USES("'user':5", "")),
		 "not of the type that the used playbook needs: 'user'"},
		{OUTER(",'parameters':{'user':{'type':'role'}}", USES("'user':'${user}'", "")),
		 "not of the type that the used playbook needs: 'user'"},
		{OUTER(",'parameters':{'user':{'type':'user','list':true}}",
		       USES("'user':'${user}'", "")),
		 "not of the type that the used playbook needs: 'user'"},
		{OUTER("", USES("'user':'${nobody}'", "")),
		 "no parameter, target or item is called 'nobody'"},
		{OUTER("", "{'id':'x','use':'nothing'}"), "no playbook is called 'nothing'"},
		{OUTER("", "{'id':'x','use':'broken'}"), "missing key"},
		{OUTER("", "{'id':'" LONG "0','use':'inner','set':{'user':'alice'}}"),
		 "the id is too long"},
		{OUTER("", "{'id':'x','use':'../inner'}"), "not the name of a playbook"},
		{OUTER("", "{'id':'x','use':'inner','action':'deny-all'}"), "unknown key 'action'"},
		{OUTER("", USES("'user':'alice'", ",'irreversible':true")),
		 "\"irreversible\" does not belong here"},
		{OUTER("", "{'id':'x','use':'final','set':{'user':'alice'}}"),
		 "must say \"irreversible\": true"},
		{OUTER("", "{'id':'x','use':'outer'}"), "a playbook cannot use itself"},
		{OUTER("", "{'id':'x','use':'loop-a','set':{'user':'alice'}}"),
		 "a playbook cannot use itself"},
		{OUTER("", "{'id':'x','use':'inner','set':[]}"), "not an object: 'set'"},
		{OUTER(USER_PARAMETER, USES("'user':'alice'", "")), "nothing uses 'user'"},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct err err = ERR_INIT;
		struct playbook *playbook = read_text(rows[i].text, &err);
		OK(!playbook, "bad use row %zu: refused", i);
		HAS(err.message, rows[i].want, "bad use row %zu: says why", i);
		playbook_free(playbook);
	}
	struct playbook *playbook = NULL;
	struct err err = ERR_INIT;
	char *json = quoted(OUTER("", USES("'user':'alice'", "")));
	INT_EQ(playbook_read(json, strlen(json), "test", NULL, &playbook, &err), -1,
	       "without a library nothing can be used");
	free(json);
}

/* What a playbook does is in its hash, wherever it stands. */
static void test_hash(void)
{
	struct err err = ERR_INIT;
	struct playbook *one = read_text(OUTER(USER_PARAMETER, USES("'user':'${user}'", "")), &err);
	struct playbook *two = read_text(
		OUTER(USER_PARAMETER, "{'id':'x','use':'middle','set':{'user':'${user}'}}"), &err);
	struct playbook *same = read_text(OUTER(USER_PARAMETER, USES("'user':'${user}'", "")),
					  &err);

	OK(strcmp(one->sha256, two->sha256) != 0, "another used playbook is another hash");
	STR_EQ(one->sha256, same->sha256, "the same ones are the same hash");
	playbook_free(one);
	playbook_free(two);
	playbook_free(same);
}

#define USERS ",'parameters':{'users':{'type':'user','list':true,'required':true}}"
#define EACH                                                                                \
	",'targets':{'all':{'user':'${users}'}},'steps':[{'id':'deny','action':'deny-all'," \
	"'user':'${all}'}]}"

static void test_lists(void)
{
	static const struct {
		const char *given, *want;
		bool good;
	} rows[] = {
		{"{'users':['alice','bob']}", "{'users':['alice','bob']}", true},
		{"{'users':'alice'}", "{'users':['alice']}", true},
		{"{'users':['alice',5]}", "is not a user name", false},
		{"{'users':['alice','a b']}", "is not a user name", false},
		{"{}", "needs --set users=VALUE", false},
	};
	struct err err = ERR_INIT;
	struct playbook *playbook = read_text(HEAD("outer", "user") USERS EACH, &err);

	if (!OK(playbook, "lists: read: %s", err.message))
		return;
	for (size_t i = 0; i < COUNT(rows); i++) {
		json_auto_t *given = js(rows[i].given);
		json_t *bound = NULL;
		err = (struct err)ERR_INIT;
		INT_EQ(playbook_bind(playbook, given, &bound, &err), rows[i].good ? 0 : -1,
		       "list %s", rows[i].given);
		if (rows[i].good)
			JS_EQ(bound, rows[i].want, "list %s: value", rows[i].given);
		else
			HAS(err.message, rows[i].want, "list %s: says why", rows[i].given);
		json_decref(bound);
	}
	json_auto_t *parameters = js("{'users':['alice','bob']}");
	json_auto_t *targets = playbook_targets(playbook, parameters);
	JS_EQ(targets, "[{'name':'all','user':'alice'},{'name':'all','user':'bob'}]",
	      "a target for each");
	playbook_free(playbook);
}

static void test_list_forms(void)
{
	static const struct {
		const char *text, *want; /* NULL: good */
	} rows[] = {
		{HEAD("x", "user") ",'parameters':{'users':{'type':'user','list':1}}" EACH,
		 "not true or false: 'list'"},
		{HEAD("x", "user") ",'parameters':{'users':{'type':'user','list':true,'default':"
				   "'alice'}}" EACH,
		 "the default is not"},
		{HEAD("x", "user") ",'parameters':{'users':{'type':'user','list':true,'default':["
				   "'alice']}}" EACH,
		 NULL},
		{HEAD("x", "user") ",'parameters':{'keys':{'type':'access-key-id','list':true}},"
				   "'targets':{'u':{'user':'a'}},'steps':[{'id':'k','action':"
				   "'deactivate-access-keys','user':'${u}','key':'${keys}'}]}",
		 NULL},
		{HEAD("x", "user") ",'parameters':{'s':{'type':'session','list':true}},'targets':{"
				   "'u':{'user':'a'}},'steps':[{'id':'k','action':'deny-all',"
				   "'user':'${u}','session':'${s}'}]}",
		 "takes one value, not a list: 'session'"},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct err err = ERR_INIT;
		struct playbook *playbook = read_text(rows[i].text, &err);
		if (rows[i].want)
			HAS(err.message, rows[i].want, "list form row %zu", i);
		else
			OK(playbook, "list form row %zu: %s", i, err.message);
		playbook_free(playbook);
	}
}

int main(void)
{
	test_good();
	test_bad();
	test_hash();
	test_lists();
	test_list_forms();
	return tap_done();
}
