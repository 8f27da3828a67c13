# SPDX-License-Identifier: Apache-2.0
"""Trust policies as AWS keeps them: users and roles by unique id, so that a namesake made later is a stranger."""

import json
import re

from moto.core.exceptions import ServiceException
from moto.iam.policy_validation import IAMTrustPolicyDocumentValidator

from . import backend, policy, quotas
from .backend import ACCOUNT
from .wire import AwsError

UNIQUE_ID = re.compile(r"(AIDA|AROA)[A-Z2-7]+")
ENTITY = re.compile(r"arn:aws:iam::(\d{12}):(user|role)/[\w+=,.@/-]+")
SESSION = re.compile(r"arn:aws:sts::(\d{12}):assumed-role/([\w+=,.@-]+)/[\w+=,.@-]+")
OTHERS = re.compile(r"\*|\d{12}|arn:aws:iam::\d{12}:root|arn:aws:sts::\d{12}:federated-user/[\w+=,.@-]+")


class Trust:
    """One trust policy, and whom it meant when it was written."""

    def __init__(self, text):
        self.text = text
        self.meant = {name: entity.id for name in _named(text) if (entity := _entity(name))}

    def shown(self):
        """The text as it was given, unless somebody it names is gone or has another name now."""
        now = {name: self._now(name) for name in _named(self.text)}
        if all(name == other for name, other in now.items()):
            return self.text
        document = json.loads(self.text)
        for statement in policy.as_list(document["Statement"]):
            inner = statement.get("Principal")
            if isinstance(inner, dict) and "AWS" in inner:
                names = [now[name] for name in policy.as_list(inner["AWS"])]
                inner["AWS"] = names if isinstance(inner["AWS"], list) else names[0]
        return json.dumps(document)

    def _now(self, name):
        if name not in self.meant:
            return name
        entity = _entity(self.meant[name])
        return entity.arn if entity else self.meant[name]


def _named(text):
    """The AWS principals of a trust policy."""
    found = []
    for statement in policy.statements(text):
        inner = statement.get("Principal")
        found += policy.as_list(inner.get("AWS", [])) if isinstance(inner, dict) else []
    return found


def _entity(name):
    """The user or role that an ARN or unique id stands for today."""
    iam = backend.iam()
    everybody = [*iam.users.values(), *iam.roles.values()]
    return next((e for e in everybody if name in (e.arn, e.id)), None)


def check(text):
    """What AWS says to the form of a trust policy before it keeps it."""
    most = quotas.limits["AssumeRolePolicySizeQuota"]
    if len("".join(text.split())) > most:
        raise AwsError(409, "LimitExceeded", f"Cannot exceed quota for ACLSizePerRole: {most}")
    try:
        IAMTrustPolicyDocumentValidator(text).validate()
    except ServiceException as error:
        raise AwsError(400, "MalformedPolicyDocument", error.message) from error
    if not all({"Principal", "NotPrincipal"} & set(s) for s in policy.statements(text)):
        raise AwsError(400, "MalformedPolicyDocument", "Missing required field Principal")


def check_principals(text):
    """Nobody can be trusted who is not there."""
    for name in _named(text):
        if not _valid(name):
            raise AwsError(400, "MalformedPolicyDocument", f'Invalid principal in policy: "AWS":"{name}"')


def _valid(name):
    """Whoever should be in this account has to be there; a dangling unique id is nobody."""
    if OTHERS.fullmatch(name):
        return True
    session, entity = SESSION.fullmatch(name), ENTITY.fullmatch(name)
    if session:
        return session.group(1) != ACCOUNT or backend.role_named(session.group(2)) is not None
    if entity or UNIQUE_ID.fullmatch(name):
        return bool(entity and entity.group(1) != ACCOUNT) or _entity(name) is not None
    return False
