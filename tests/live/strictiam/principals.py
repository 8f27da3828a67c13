# SPDX-License-Identifier: Apache-2.0
"""Who signs: the root user, users by their keys, and the sessions that STS hands out."""

import base64
import os
import secrets
from dataclasses import dataclass, field, replace
from datetime import timedelta

from . import backend, clock, signature
from .backend import ACCOUNT
from .wire import AwsError

ROOT_KEY = backend.unique_id("AKIA", 20)
ROOT_SECRET = secrets.token_urlsafe(30)
INVALID = "The security token included in the request is invalid."


@dataclass
class Caller:
    """An authenticated principal with everything a policy may ask about it."""

    kind: str  # root, user, role, user-session or federated
    key_id: str
    arn: str
    user_id: str
    entity: object = None
    mfa: bool = False
    session_policy: str | None = None
    issued: object = None

    def context(self):
        """The condition keys that the principal itself fixes."""
        is_role = self.kind == "role"
        known = {
            "aws:principalarn": self.entity.arn if is_role else self.arn,
            "aws:principalaccount": ACCOUNT,
            "aws:principaltype": {"role": "AssumedRole", "root": "Account", "federated": "FederatedUser"}.get(
                self.kind, "User"
            ),
            "aws:userid": self.user_id,
            "aws:currenttime": clock.iso(clock.now()),
            "aws:epochtime": str(int(clock.epoch())),
            "aws:securetransport": "true",
        }
        if self.kind in ("user", "user-session"):
            known["aws:username"] = self.entity.name
        if self.issued:
            known["aws:tokenissuetime"] = clock.iso(self.issued)
            known["aws:multifactorauthpresent"] = "true" if self.mfa else "false"
        return known


@dataclass
class Session:
    """Temporary credentials and who they stand for."""

    caller: Caller
    secret: str
    token: str
    expires: object
    credentials: dict = field(default_factory=dict)


_sessions = {}


def reset():
    """Forget all sessions."""
    _sessions.clear()


def saved():
    """All sessions, to be put aside."""
    return dict(_sessions)


def restore(sessions):
    """These sessions and no others."""
    _sessions.clear()
    _sessions.update(sessions)


def issue(kind, entity, arn, user_id, seconds, mfa=False, session_policy=None):
    """Make temporary credentials; they work until denied or expired."""
    now = clock.now().replace(microsecond=0)
    key_id = backend.unique_id("ASIA", 20)
    caller = Caller(kind, key_id, arn, user_id, entity, mfa, session_policy, issued=now)
    secret, token = secrets.token_urlsafe(30), base64.b64encode(os.urandom(270)).decode()
    session = Session(caller, secret, token, now + timedelta(seconds=seconds))
    session.credentials = {
        "AccessKeyId": key_id,
        "SecretAccessKey": secret,
        "SessionToken": token,
        "Expiration": clock.iso(session.expires),
    }
    _sessions[key_id] = session
    return session


def authenticate(request):
    """The caller of a request, or AWS's refusal."""
    claim = signature.read_claim(request)
    caller, secret, token, expires = _look_up(claim.key_id, request.service)
    if claim.token != token:
        raise AwsError(403, _invalid_code(request.service), INVALID)
    signature.verify(request, claim, secret)
    if expires and expires < clock.now():
        raise AwsError(403, "ExpiredToken", "The security token included in the request is expired")
    caller = _alive(caller, request.service)
    backend.note_use(claim.key_id, claim.service, claim.region)
    return caller


def _look_up(key_id, service):
    if key_id == ROOT_KEY:
        return Caller("root", key_id, f"arn:aws:iam::{ACCOUNT}:root", ACCOUNT), ROOT_SECRET, None, None
    if key_id in _sessions:
        session = _sessions[key_id]
        return session.caller, session.secret, session.token, session.expires
    user, key = backend.user_with_key(key_id)
    if user is None or key.status != "Active":
        raise AwsError(403, _invalid_code(service), INVALID)
    return Caller("user", key_id, user.arn, user.id, user), key.secret_access_key, None, None


def _alive(caller, service):
    """The caller with his user or role as it is; a session dies with that."""
    if caller.kind == "root":
        return caller
    iam = backend.iam()
    entity = next((e for e in [*iam.users.values(), *iam.roles.values()] if e.id == caller.entity.id), None)
    if entity is None:
        raise AwsError(403, _invalid_code(service), INVALID)
    return replace(caller, entity=entity)


def _invalid_code(service):
    return "InvalidAccessKeyId" if service == "s3" else "InvalidClientTokenId"
