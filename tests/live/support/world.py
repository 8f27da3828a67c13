# SPDX-License-Identifier: Apache-2.0
"""A small company's account, built through the API, in which one user is about to be robbed."""

import json

from .certificates import signing_certificate
from .thief import Thief

ACCOUNT = "123456789012"
SSH_KEY = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQDe0 test@example"
ALLOW_ALL = {"Effect": "Allow", "Action": "*", "Resource": "*"}
CERTIFICATE = signing_certificate()


def document(*statements):
    """A policy document as text."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def trust(*principals):
    """A trust policy for AWS principals."""
    return document({"Effect": "Allow", "Principal": {"AWS": list(principals)}, "Action": "sts:AssumeRole"})


def allow(action, resource="*"):
    """One Allow statement."""
    return {"Effect": "Allow", "Action": action, "Resource": resource}


def deny(action, resource="*"):
    """One Deny statement."""
    return {"Effect": "Deny", "Action": action, "Resource": resource}


class Victim:
    """A user with everything a user can have."""

    def __init__(self, server, name, path="/", roles="app"):
        self.server, self.name, self.iam = server, name, server.iam
        created = self.iam.create_user(UserName=name, Path=path, Tags=[{"Key": "team", "Value": "payments"}])["User"]
        self.arn, self.id = created["Arn"], created["UserId"]
        self.keys = [self.iam.create_access_key(UserName=name)["AccessKey"] for _ in range(2)]
        self.key = self.keys[0]["AccessKeyId"]
        self._credentials()
        self._policies(roles)

    def _credentials(self):
        self.iam.create_login_profile(UserName=self.name, Password="correct horse battery staple 1!")
        device = self.iam.create_virtual_mfa_device(VirtualMFADeviceName=self.name)["VirtualMFADevice"]
        self.mfa = device["SerialNumber"]
        self.iam.enable_mfa_device(
            UserName=self.name, SerialNumber=self.mfa, AuthenticationCode1="123456", AuthenticationCode2="654321"
        )
        self.iam.upload_ssh_public_key(UserName=self.name, SSHPublicKeyBody=SSH_KEY)
        self.iam.upload_signing_certificate(UserName=self.name, CertificateBody=CERTIFICATE)
        self.iam.create_service_specific_credential(UserName=self.name, ServiceName="codecommit.amazonaws.com")

    def _policies(self, roles):
        inline = document(
            allow(["s3:*", "ec2:Describe*", "sts:GetFederationToken"]),
            allow("sts:AssumeRole", f"arn:aws:iam::*:role/{roles}/*"),
        )
        self.iam.put_user_policy(UserName=self.name, PolicyName="daily-work", PolicyDocument=inline)
        self.iam.attach_user_policy(UserName=self.name, PolicyArn="arn:aws:iam::aws:policy/IAMReadOnlyAccess")

    def thief(self, index=0):
        """Someone who holds one of the user's keys."""
        return Thief(self.server, self.keys[index])


class World:
    """The account: a responder, a victim, roles around the victim, and by-standers who must not notice."""

    def __init__(self, server, victim="anna.dev", path="/"):
        self.server, self.iam = server, server.iam
        self.responder = self._user("ir-responder", "/security/")
        self.iam.create_policy(PolicyName="IncidentResponse", PolicyDocument=document(ALLOW_ALL))
        self.iam.attach_user_policy(
            UserName="ir-responder", PolicyArn=f"arn:aws:iam::{ACCOUNT}:policy/IncidentResponse"
        )
        self._group()
        self.victim = Victim(server, victim, path)
        self.iam.add_user_to_group(GroupName="developers", UserName=victim)
        self._roles()
        self._bystanders()

    def _user(self, name, path="/"):
        self.iam.create_user(UserName=name, Path=path)
        return self.iam.create_access_key(UserName=name)["AccessKey"]

    def _group(self):
        self.iam.create_group(GroupName="developers")
        text = document(allow(["cloudwatch:*", "logs:*"]))
        self.iam.put_group_policy(GroupName="developers", PolicyName="watch", PolicyDocument=text)
        self.iam.attach_group_policy(GroupName="developers", PolicyArn="arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess")

    def role(self, name, trust_policy, path="/app/"):
        """A role that may read S3; its ARN."""
        created = self.iam.create_role(RoleName=name, Path=path, AssumeRolePolicyDocument=trust_policy)["Role"]
        self.iam.put_role_policy(RoleName=name, PolicyName="work", PolicyDocument=document(allow("s3:*")))
        return created["Arn"]

    def _roles(self):
        root = f"arn:aws:iam::{ACCOUNT}:root"
        self.deploy = self.role("deploy", trust(root))
        self.unreachable = self.role("unreachable", trust(root), "/other/")
        self.named = self.role("named", trust(self.victim.arn), "/other/")
        self.distrusting = self.role("distrusting", trust(f"arn:aws:iam::{ACCOUNT}:user/security/ir-responder"))
        self.iam.create_service_linked_role(AWSServiceName="autoscaling.amazonaws.com")
        sso = {"RoleName": "AWSReservedSSO_Admin_0123456789abcdef", "Path": "/aws-reserved/sso.amazonaws.com/"}
        self.sso = self.iam.create_role(**sso, AssumeRolePolicyDocument=trust(root))["Role"]["Arn"]

    def _bystanders(self):
        self.bystander = Thief(self.server, self._user("bob"))
        self.iam.put_user_policy(UserName="bob", PolicyName="files", PolicyDocument=document(allow("s3:*")))
        self.iam.create_login_profile(UserName="bob", Password="another long password 2!")
        self.colleague = Thief(self.server, self._user("carol", "/team/"))
        self.iam.add_user_to_group(GroupName="developers", UserName="carol")

    def colleague_session(self, role_name, session):
        """A session that somebody else made, by his own right."""
        text = document(allow("sts:AssumeRole", f"arn:aws:iam::{ACCOUNT}:role/app/*"))
        self.iam.put_user_policy(UserName="carol", PolicyName="roles", PolicyDocument=text)
        return self.colleague.assume(f"arn:aws:iam::{ACCOUNT}:role/app/{role_name}", session)

    def limit_responder(self, *statements):
        """Take rights away from the responder."""
        self.iam.put_user_policy(UserName="ir-responder", PolicyName="limits", PolicyDocument=document(*statements))

    def sent(self, **wanted):
        """The requests that the responder's key sent."""
        return self.server.log(self.responder["AccessKeyId"], **wanted)

    def writes(self):
        """The writes among them."""
        return self.sent(write=True)


def changes(before, after, path=()):
    """Every leaf that differs between two states, as {path: (old, new)}."""
    if isinstance(before, dict) and isinstance(after, dict):
        found = {}
        for key in sorted(set(before) | set(after)):
            found |= changes(before.get(key), after.get(key), path + (key,))
        return found
    return {} if before == after else {path: (before, after)}
