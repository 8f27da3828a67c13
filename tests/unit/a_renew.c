// SPDX-License-Identifier: Apache-2.0
/* Credentials that are renewed within a run may not make us somebody else. */
#include "cordon/aws.h"
#include "cordon/json.h"

#include "../../src/aws/door.h"
#include "home.h"
#include "server.h"
#include "tap.h"

#define ACCOUNT "arn:aws:iam::123456789012:"
#define ONE "AKIAIOSFODNN7EXAMPL1"
#define TWO "AKIAIOSFODNN7EXAMPL2"
#define REPLY(op, inside) "<" op "Response><" op "Result>" inside "</" op "Result></" op "Response>"
#define WHO(arn)                                                                        \
	{                                                                               \
		.status = 200, .body = REPLY("GetCallerIdentity", "<Arn>" arn "</Arn>") \
	}

/* The role's session has the same name whoever takes the role on. */
static const struct answer *choose(const char *request)
{
	static const struct answer one = WHO(ACCOUNT "user/one");
	static const struct answer two = WHO(ACCOUNT "user/two");
	static const struct answer role = WHO("arn:aws:sts::123456789012:assumed-role/r/s");
	static char body[1024];
	static struct answer session = {.status = 200, .body = body};

	if (strstr(request, "Action=AssumeRole")) {
		snprintf(body, sizeof(body),
			 REPLY("AssumeRole",
			       "<Credentials><AccessKeyId>ASIAIOSFODNN7EXAM%03d</AccessKeyId>"
			       "<SecretAccessKey>s</SecretAccessKey><SessionToken>t%d"
			       "</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration>"
			       "</Credentials>"),
			 server_count(&server_shared->counters[0]), server_shared->counters[0]);
		return &session;
	}
	return strstr(request, "Credential=" ONE)   ? &one
	       : strstr(request, "Credential=" TWO) ? &two
						    : &role;
}

static void write_source(const char *key)
{
	char text[256];

	snprintf(text, sizeof(text),
		 "{\"Version\":1,\"AccessKeyId\":\"%s\",\"SecretAccessKey\":\"secret\"}", key);
	home_write("source.json", text, 0600);
}

static struct aws *open_aws(void)
{
	struct config_options options = {.endpoint_url = server_url, .profile = "r"};
	struct err err = ERR_INIT;
	struct aws *aws = NULL;
	char text[512];

	home_begin();
	home_set("AWS_EC2_METADATA_DISABLED", "true");
	write_source(ONE);
	snprintf(text, sizeof(text),
		 "[profile r]\nrole_arn = " ACCOUNT "role/r\nrole_session_name = session\n"
		 "source_profile = src\n[profile src]\ncredential_process = /bin/cat \"%s\"\n",
		 home_write("source.json", NULL, 0));
	home_write(".aws/config", text, 0600);
	INT_EQ(aws_open(&options, home_env, &aws, &err), 0, "opens: %s", err.message);
	if (!aws)
		exit(1);
	return aws;
}

static void who(struct aws *aws)
{
	json_auto_t *nothing = json_object();
	struct aws_call call = {.operation = "GetCallerIdentity", .parameters = nothing};

	aws_send(aws, &call, 1, NULL);
	INT_EQ(call.outcome, AWS_DONE, "who we are: %s", call.err.message);
	aws_call_release(&call);
}

static void test_chain(const char *name, const char *source, const char *key, const char *warning)
{
	server_shared->counters[0] = 0;
	struct aws *aws = open_aws();

	who(aws);
	write_source(source);
	aws->renew_at_ms = 0; /* it is due */
	who(aws);
	const char *said = aws_warning(aws, 0);
	OK(warning ? said && strstr(said, warning) : !said, "%s: %s", name, said ? said : "-");
	STR_EQ(aws_access_key_id(aws), key, "%s: whose key", name);
	STR_EQ(json_string_value(json_array_get(aws_credential_chain(aws), 0)), ACCOUNT "user/one",
	       "%s: the chain that the guards know", name);
	aws_close(aws);
	home_end();
}

int main(void)
{
	server_begin(choose);
	test_chain("the same source", ONE, "ASIAIOSFODNN7EXAM001", NULL);
	test_chain("another source", TWO, "ASIAIOSFODNN7EXAM000",
		   "could not be renewed: somebody else took on the role");
	server_end();
	return tap_done();
}
