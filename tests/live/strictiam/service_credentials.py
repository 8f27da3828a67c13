# SPDX-License-Identifier: Apache-2.0
"""Service-specific credentials: a user name and password for some services, a long-term API key for others."""

import base64
import secrets
from datetime import datetime, timedelta

from . import backend, clock, entities
from .backend import ACCOUNT
from .wire import AwsError

PASSWORDS = ("codecommit.amazonaws.com", "cassandra.amazonaws.com")
API_KEYS = {"bedrock.amazonaws.com": "BedrockAPIKey", "logs.amazonaws.com": "CloudWatchLogsAPIKey"}
PER_SERVICE = 2
DAYS = range(1, 36601)


def create(_caller, params):
    """Two at most for each service; the secret is told only now."""
    user, service = entities.user(params), params["ServiceName"]
    _check_service(service)
    days = _days(params)
    held = [c for c in user.service_credentials.values() if c["ServiceName"] == service]
    if len(held) >= PER_SERVICE:
        raise entities.limit("ServiceSpecificCredentialsPerUser", PER_SERVICE)
    now = clock.now()
    credential = {
        "UserName": user.name,
        "Status": "Active",
        "CreateDate": clock.iso(now),
        "ServiceSpecificCredentialId": backend.unique_id("ACCA"),
        "ServiceName": service,
        **_name(user, service, held),
    }
    if days:
        credential["ExpirationDate"] = clock.iso(now + timedelta(days=days))
    user.service_credentials[credential["ServiceSpecificCredentialId"]] = credential
    return {"ServiceSpecificCredential": credential | _secret(credential)}


def _check_service(service):
    if service not in PASSWORDS and service not in API_KEYS:
        raise AwsError(404, "NotSupportedService", f"No such service {service} is supported for service credentials.")


def _days(params):
    """Only API keys grow old."""
    text = params.get("CredentialAgeDays")
    if text is None:
        return None
    if params["ServiceName"] not in API_KEYS or not text.isdigit() or int(text) not in DAYS:
        raise AwsError(400, "ValidationError", f"Invalid value '{text}' at 'credentialAgeDays'")
    return int(text)


def _name(user, service, held):
    """The name to sign in with; an API key has only an alias."""
    if service in API_KEYS:
        return {"ServiceCredentialAlias": f"{API_KEYS[service]}-{secrets.token_hex(2)}-at-{ACCOUNT}"}
    plain = f"{user.name}-at-{ACCOUNT}"
    taken = plain in {c["ServiceUserName"] for c in held}
    return {"ServiceUserName": f"{user.name}+1-at-{ACCOUNT}" if taken else plain}


def _secret(credential):
    if "ServiceCredentialAlias" not in credential:
        return {"ServicePassword": secrets.token_urlsafe(24)}
    inside = f"{credential['ServiceCredentialAlias']}:{secrets.token_hex(16)}"
    return {"ServiceCredentialSecret": "ABSK" + base64.b64encode(inside.encode()).decode()}


def shown(credential):
    """As lists and replies have it: an API key past its date is Expired, whatever was set."""
    end = credential.get("ExpirationDate")
    if end and datetime.fromisoformat(end.replace("Z", "+00:00")) <= clock.now():
        return credential | {"Status": "Expired"}
    return credential


def list_all(_caller, params):
    """Of one user, or of all; of one service, or of all."""
    service = params.get("ServiceName")
    if service:
        _check_service(service)
    if _everybody(params) and params.get("UserName"):
        raise AwsError(400, "ValidationError", "AllUsers cannot be specified together with UserName.")
    owners = backend.iam().users.values() if _everybody(params) else [entities.user(params)]
    held = [shown(c) for owner in owners for c in owner.service_credentials.values()]
    return {"ServiceSpecificCredentials": [c for c in held if service in (None, c["ServiceName"])]}


def _everybody(params):
    return params.get("AllUsers") == "true"


def _held(params):
    user, key = entities.user(params), params["ServiceSpecificCredentialId"]
    if key not in user.service_credentials:
        raise entities.gone(f"Service Specific Credential {key} does not exist")
    return user, key


def update(_caller, params):
    """Active or Inactive."""
    user, key = _held(params)
    user.service_credentials[key]["Status"] = params["Status"]


def reset(_caller, params):
    """A new secret; the old one is worth nothing from now on."""
    user, key = _held(params)
    credential = shown(user.service_credentials[key])
    return {"ServiceSpecificCredential": credential | _secret(credential)}


def delete(_caller, params):
    """There is no way back from this one."""
    user, key = _held(params)
    del user.service_credentials[key]


OWN = {
    "CreateServiceSpecificCredential": create,
    "ListServiceSpecificCredentials": list_all,
    "UpdateServiceSpecificCredential": update,
    "ResetServiceSpecificCredential": reset,
    "DeleteServiceSpecificCredential": delete,
}
