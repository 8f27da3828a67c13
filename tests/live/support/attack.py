# SPDX-License-Identifier: Apache-2.0
"""An attack on the World, carried out for real, and the CloudTrail records that it leaves."""

import json
from datetime import datetime, timedelta, timezone

from .world import ACCOUNT, allow, document, trust

FOREIGN = "999988887777"
ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"


class Attack:
    """Leaked key, role chain, federation token, own key, user with console, back door, deleted traces."""

    def __init__(self, world):
        self.world, self.records = world, []
        self.start = datetime.now(timezone.utc).replace(microsecond=0) - timedelta(minutes=40)
        self.iam, self.victim = world.iam, world.victim
        self.key = world.victim.key
        self._sessions()
        self._made()
        self._traces()

    # Who acts, as userIdentity has it.

    def user(self, name, key=None, created=None):
        """A user, or a session of him."""
        path = self.world.victim.arn if name == self.victim.name else f"arn:aws:iam::{ACCOUNT}:user/{name}"
        who = {"type": "IAMUser", "userName": name, "accountId": ACCOUNT, "arn": path, "principalId": "AIDAEXAMPLE"}
        if key:
            who["accessKeyId"] = key
        if created:
            who["sessionContext"] = {"attributes": {"creationDate": created, "mfaAuthenticated": "false"}}
        return who

    def session(self, role, name, key, created):
        """A session of a role."""
        return {
            "type": "AssumedRole",
            "accountId": ACCOUNT,
            "accessKeyId": key,
            "principalId": f"AROAEXAMPLE:{name}",
            "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/{role}/{name}",
            "sessionContext": {
                "attributes": {"creationDate": created, "mfaAuthenticated": "false"},
                "sessionIssuer": {"type": "Role", "arn": f"arn:aws:iam::{ACCOUNT}:role/app/{role}", "userName": role},
            },
        }

    def at(self, minute):
        """A time of the attack."""
        return (self.start + timedelta(minutes=minute)).strftime("%Y-%m-%dT%H:%M:%SZ")

    def record(self, minute, source, name, who, asked=None, answer=None, **more):
        """One call."""
        self.records.append(
            {
                "eventVersion": "1.11",
                "userIdentity": who,
                "eventTime": self.at(minute),
                "eventSource": f"{source}.amazonaws.com",
                "eventName": name,
                "awsRegion": "us-east-1",
                "sourceIPAddress": "203.0.113.9",
                "userAgent": "Boto3/1.34",
                "requestParameters": asked,
                "responseElements": answer,
                "recipientAccountId": ACCOUNT,
                "eventID": f"event-{len(self.records):02}",
                **more,
            }
        )

    def _assume(self, minute, who, thief, arn, name):
        """A session, made for real; (its holder, its userIdentity)."""
        made = thief.assume(arn, name)
        role, key = arn.split("/")[-1], made.credentials["AccessKeyId"]
        answer = {
            "credentials": {
                "accessKeyId": key,
                "sessionToken": "NEVERSHOWN",
                "expiration": made.credentials["Expiration"].strftime("%b %d, %Y, %I:%M:%S %p"),
            },
            "assumedRoleUser": {"arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/{role}/{name}"},
        }
        self.record(minute, "sts", "AssumeRole", who, {"roleArn": arn, "roleSessionName": name}, answer)
        return made, self.session(role, name, key, self.at(minute))

    def _sessions(self):
        world, anna = self.world, self.user(self.victim.name, self.key)
        self.anna = anna
        self.admin_arn = world.role("admin", trust(world.deploy))
        self.iam.put_role_policy(
            RoleName="deploy", PolicyName="chain", PolicyDocument=document(allow(["s3:*", "sts:AssumeRole"]))
        )
        by_aws = {"errorCode": "AccessDenied", "sourceIPAddress": "AWS Internal", "userAgent": "AWS Internal"}
        self.record(0, "iam", "AttachUserPolicy", anna, **by_aws)
        self.deploy, deploy = self._assume(1, anna, self.victim.thief(), world.deploy, "s1")
        self.record(1, "s3", "ListBuckets", deploy)
        self.admin, self.admin_is = self._assume(2, deploy, self.deploy, self.admin_arn, "s2")
        self.record(2, "s3", "ListBuckets", self.admin_is)
        self.fed = self.victim.thief().federate("fed")
        answer = {
            "credentials": {"accessKeyId": self.fed.credentials["AccessKeyId"], "sessionToken": "NEVERSHOWN"},
            "federatedUser": {"arn": f"arn:aws:sts::{ACCOUNT}:federated-user/fed"},
        }
        self.record(3, "sts", "GetFederationToken", anna, {"name": "fed", "durationSeconds": 43200}, answer)
        self.colleague = world.colleague_session("deploy", "release-42")
        key = self.colleague.credentials["AccessKeyId"]
        self.record(3, "s3", "ListBuckets", self.session("deploy", "release-42", key, self.at(-60)))
        foreign = {
            "credentials": {"accessKeyId": "ASIAEXAMPLEFOREIGN00"},
            "assumedRoleUser": {"arn": f"arn:aws:sts::{FOREIGN}:assumed-role/partner/s3"},
        }
        self.record(4, "sts", "AssumeRole", anna, {"roleArn": f"arn:aws:iam::{FOREIGN}:role/partner"}, foreign)

    def _made(self):
        old = self.victim.keys[1]["AccessKeyId"]
        self.iam.delete_access_key(UserName=self.victim.name, AccessKeyId=old)
        made = self.iam.create_access_key(UserName=self.victim.name)["AccessKey"]["AccessKeyId"]
        self.own_key = made
        self.record(5, "iam", "CreateAccessKey", self.anna, None, _key(made, self.victim.name))
        self.iam.create_user(UserName="temp")
        self.iam.create_login_profile(UserName="temp", Password="a password of theirs 3!")
        self.temp_key = self.iam.create_access_key(UserName="temp")["AccessKey"]["AccessKeyId"]
        self.record(6, "iam", "CreateUser", self.anna, {"userName": "temp"}, {"user": {"userName": "temp"}})
        self.record(6, "iam", "CreateLoginProfile", self.anna, {"userName": "temp"}, {})
        self.record(6, "iam", "CreateAccessKey", self.anna, {"userName": "temp"}, _key(self.temp_key, "temp"))
        backdoor = trust(f"arn:aws:iam::{FOREIGN}:root")
        self.iam.create_role(RoleName="backdoor", AssumeRolePolicyDocument=backdoor)
        self.iam.attach_role_policy(RoleName="backdoor", PolicyArn=ADMIN)
        asked = {"roleName": "backdoor", "assumeRolePolicyDocument": backdoor}
        self.record(7, "iam", "CreateRole", self.admin_is, asked, {"role": {"roleName": "backdoor"}})
        asked = {"roleName": "backdoor", "policyArn": ADMIN}
        self.record(7, "iam", "AttachRolePolicy", self.admin_is, asked)
        provider = {"sAMLProviderArn": f"arn:aws:iam::{ACCOUNT}:saml-provider/theirs"}
        self.record(8, "iam", "CreateSAMLProvider", self.admin_is, {"name": "theirs"}, provider)

    def _traces(self):
        self.record(9, "iam", "CreateUser", self.anna, {"userName": "gone"}, {"user": {}})
        self.record(10, "iam", "DeleteUser", self.anna, {"userName": "gone"})
        refused = {"errorCode": "DeleteConflict"}
        self.record(10, "iam", "DeleteUser", self.anna, {"userName": "temp"}, **refused)
        self.record(11, "signin", "ConsoleLogin", self.user("temp"), None, {"ConsoleLogin": "Success"})
        self.record(12, "s3", "ListBuckets", self.user("temp", "ASIAEXAMPLECONSOLE00", self.at(11)))
        self.record(13, "cloudtrail", "StopLogging", self.admin_is, {"name": "trail"})
        self.record(14, "s3", "ListBuckets", self.user("bob", self.world.bystander.credentials["AccessKeyId"]))

    def write(self, folder):
        """The log, as a trail would deliver it."""
        (folder / "log.json").write_text(json.dumps({"Records": self.records}))
        return "log.json"


def _key(key, user):
    return {"accessKey": {"accessKeyId": key, "userName": user, "status": "Active"}}
