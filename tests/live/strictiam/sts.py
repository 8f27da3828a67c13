# SPDX-License-Identifier: Apache-2.0
"""STS: who is calling, and sessions; moto only pretends to have these."""

import base64
import json

from . import backend, clock, policy, principals
from .backend import ACCOUNT
from .wire import AwsError


def get_caller_identity(caller, _params):
    """Works whatever the policies say."""
    return {"Arn": caller.arn, "UserId": caller.user_id, "Account": ACCOUNT}


def get_access_key_info(_caller, params):
    """The account of a key id, read from the key id."""
    key = params.get("AccessKeyId", "")
    own = backend.unique_id("AKIA", 20)[4:12]
    if key[4:12] != own:
        raise AwsError(403, "AccessDenied", "Access denied")
    return {"Account": ACCOUNT}


def assume_role(caller, params):
    """A session of a role; the trust policy was checked before."""
    role = next((r for r in backend.iam().roles.values() if r.arn == params["RoleArn"]), None)
    if role is None:
        raise AwsError(403, "AccessDenied", "Access denied")
    name = params["RoleSessionName"]
    arn = f"arn:aws:sts::{ACCOUNT}:assumed-role/{role.name}/{name}"
    seconds = int(params.get("DurationSeconds", 3600))
    mfa = "SerialNumber" in params
    session = principals.issue(
        "role", role, arn, f"{role.id}:{name}", seconds, mfa=mfa, session_policy=params.get("Policy")
    )
    described = {"Arn": arn, "AssumedRoleId": f"{role.id}:{name}"}
    return {"Credentials": session.credentials, "AssumedRoleUser": described}


def web_caller(request):
    """Nobody signs: the token says who asks, and the trust policy names who vouches for it."""
    claims = _claims(request.params.get("WebIdentityToken", ""))
    role = next((r for r in backend.iam().roles.values() if r.arn == request.params.get("RoleArn")), None)
    if claims["exp"] < clock.epoch():
        raise AwsError(400, "ExpiredTokenException", "Token expired")
    provider = f"arn:aws:iam::{ACCOUNT}:oidc-provider/{claims['iss'].removeprefix('https://')}"
    statements = policy.statements(role.assume_role_policy_document) if role else []
    vouched = any(
        s["Effect"] == "Allow"
        and s["Action"] == "sts:AssumeRoleWithWebIdentity"
        and s["Principal"].get("Federated") == provider
        for s in statements
    )
    if not vouched:
        raise AwsError(403, "AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity")
    return principals.Caller("web", None, claims["sub"], claims["sub"])


def _claims(token):
    """The inside of a token; its signature is a word that the tests know."""
    try:
        _head, body, signature = token.split(".")
        if signature != "signed":
            raise ValueError(signature)
        return json.loads(base64.urlsafe_b64decode(body + "=="))
    except ValueError as error:
        raise AwsError(400, "InvalidIdentityToken", "The web identity token that was passed is invalid") from error


def get_session_token(caller, params):
    """A session of the user himself; it outlives the key it was made with."""
    serial = params.get("SerialNumber")
    if serial and serial not in caller.entity.mfa_devices:
        raise AwsError(403, "AccessDenied", "MultiFactorAuthentication failed, unable to validate MFA code.")
    seconds = int(params.get("DurationSeconds", 43200))
    session = principals.issue("user-session", caller.entity, caller.arn, caller.user_id, seconds, mfa=bool(serial))
    return {"Credentials": session.credentials}


def get_federation_token(caller, params):
    """A federated session with at most the user's rights."""
    name = params["Name"]
    arn = f"arn:aws:sts::{ACCOUNT}:federated-user/{name}"
    seconds = int(params.get("DurationSeconds", 43200))
    session = principals.issue(
        "federated", caller.entity, arn, f"{ACCOUNT}:{name}", seconds, session_policy=params.get("Policy")
    )
    described = {"FederatedUserId": f"{ACCOUNT}:{name}", "Arn": arn}
    return {"Credentials": session.credentials, "FederatedUser": described}


OWN = {
    "GetCallerIdentity": get_caller_identity,
    "GetAccessKeyInfo": get_access_key_info,
    "AssumeRole": assume_role,
    "AssumeRoleWithWebIdentity": assume_role,
    "GetSessionToken": get_session_token,
    "GetFederationToken": get_federation_token,
}
