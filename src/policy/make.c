// SPDX-License-Identifier: Apache-2.0
/* The documents that cordon puts on principals. */
#include "cordon/embedded.h"
#include "cordon/json.h"
#include "cordon/policy.h"
#include "cordon/text.h"
#include "statement.h"

#include <stdlib.h>

json_t *policy_make_deny(const char *userid)
{
	json_t *document = jx_pack("{s:s, s:[{s:{s:i, s:s}, s:s, s:s, s:s}]}", "Version",
				   "2012-10-17", "Statement", "Sid", "$cutoff", 0, "sid",
				   POLICY_SID, "Effect", "Deny", "Action", "*", "Resource", "*");

	if (userid)
		jx_set(json_array_get(json_object_get(document, "Statement"), 0), "Condition",
		       jx_pack("{s:{s:s}}", "StringEquals", "aws:userid", userid));
	return document;
}

/* The form that the console's "revoke active sessions" writes. */
json_t *policy_make_cutoff(long seconds, const char *userid)
{
	json_t *document = jx_pack("{s:s, s:[{s:s, s:[s], s:[s], s:{s:{s:{s:I}}}}]}", "Version",
				   "2012-10-17", "Statement", "Effect", "Deny", "Action", "*",
				   "Resource", "*", "Condition", "DateLessThan",
				   "aws:TokenIssueTime", "$cutoff", (json_int_t)seconds);

	if (userid)
		jx_set(json_object_get(json_array_get(json_object_get(document, "Statement"), 0),
				       "Condition"),
		       "StringEquals", jx_pack("{s:s}", "aws:userid", userid));
	return document;
}

json_t *policy_make_quarantine(bool spare_logs)
{
	const struct embedded_file *file =
		embedded_find(spare_logs ? "playbooks/policies/quarantine-spare-logs.json"
					 : "playbooks/policies/quarantine.json");
	json_t *document = file ? jx_read_lenient(file->bytes, file->length) : NULL;

	if (!document)
		abort(); /* it is compiled into the program */
	return document;
}

bool policy_is_quarantine(const json_t *document)
{
	json_auto_t *whole = policy_make_quarantine(false);
	json_auto_t *spare = policy_make_quarantine(true);

	return json_equal(document, whole) || json_equal(document, spare);
}

bool policy_is_aws_quarantine(const char *arn)
{
	struct arn parts;

	return arn_parse(arn, &parts) == 0 && text_equal(parts.account, "aws") &&
	       text_has_prefix(parts.resource, "policy/AWSCompromisedKeyQuarantine");
}

json_t *policy_make_restrict(const json_t *actions, const json_t *resources)
{
	return jx_pack("{s:s, s:[{s:s, s:s, s:O, s:O}]}", "Version", "2012-10-17", "Statement",
		       "Sid", POLICY_SID "Restrict", "Effect", "Deny", "Action", actions,
		       "Resource", resources);
}

json_t *policy_make_scp(const json_t *arns)
{
	return jx_pack("{s:s, s:[{s:s, s:s, s:s, s:s, s:{s:{s:O}}}]}", "Version", "2012-10-17",
		       "Statement", "Sid", POLICY_SID "Contain", "Effect", "Deny", "Action", "*",
		       "Resource", "*", "Condition", "ArnEquals", "aws:PrincipalArn", arns);
}
