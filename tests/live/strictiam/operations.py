# SPDX-License-Identifier: Apache-2.0
"""Operations that moto lacks or only pretends to have: STS, user boundaries, service-specific credentials."""

import secrets

from . import backend, clock, principals, wire
from .backend import ACCOUNT
from .wire import AwsError

S3 = "http://s3.amazonaws.com/doc/2006-03-01/"


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
    role = next(r for r in backend.iam().roles.values() if r.arn == params["RoleArn"])
    name = params["RoleSessionName"]
    arn = f"arn:aws:sts::{ACCOUNT}:assumed-role/{role.name}/{name}"
    seconds = int(params.get("DurationSeconds", 3600))
    session = principals.issue("role", role, arn, f"{role.id}:{name}", seconds, session_policy=params.get("Policy"))
    described = {"Arn": arn, "AssumedRoleId": f"{role.id}:{name}"}
    return {"Credentials": session.credentials, "AssumedRoleUser": described}


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


def _user(params):
    user = backend.iam().users.get(params["UserName"])
    if user is None:
        raise AwsError(404, "NoSuchEntity", f"The user with name {params['UserName']} cannot be found.")
    return user


def put_user_permissions_boundary(_caller, params):
    """Replaces what boundary there was, silently, as AWS does."""
    arn = params["PermissionsBoundary"]
    if arn not in backend.iam().managed_policies:
        raise AwsError(404, "NoSuchEntity", f"Policy {arn} does not exist or is not attachable.")
    _user(params).boundary_arn = arn


def delete_user_permissions_boundary(_caller, params):
    """NoSuchEntity when there is none."""
    user = _user(params)
    if user.boundary_arn is None:
        raise AwsError(404, "NoSuchEntity", f"The user with name {user.name} does not have a permissions boundary.")
    user.boundary_arn = None


def create_service_specific_credential(_caller, params):
    """A password for one service, such as CodeCommit or Bedrock."""
    user, service = _user(params), params["ServiceName"]
    held = [c for c in user.service_credentials.values() if c["ServiceName"] == service]
    if len(held) >= 2:
        raise AwsError(409, "LimitExceeded", "Cannot exceed quota for ServiceSpecificCredentialsPerUser: 2")
    credential = {
        "UserName": user.name,
        "Status": "Active",
        "ServiceUserName": f"{user.name}-at-{ACCOUNT}",
        "CreateDate": clock.iso(clock.now()),
        "ServiceSpecificCredentialId": backend.unique_id("ACCA"),
        "ServiceName": service,
    }
    user.service_credentials[credential["ServiceSpecificCredentialId"]] = credential
    return {"ServiceSpecificCredential": credential | {"ServicePassword": secrets.token_urlsafe(24)}}


def list_service_specific_credentials(_caller, params):
    """Paged like the other lists."""
    return {"ServiceSpecificCredentials": list(_user(params).service_credentials.values()), "IsTruncated": False}


def _credential(params):
    user, key = _user(params), params["ServiceSpecificCredentialId"]
    if key not in user.service_credentials:
        raise AwsError(404, "NoSuchEntity", f"Service Specific Credential {key} does not exist")
    return user, key


def update_service_specific_credential(_caller, params):
    """Active or Inactive."""
    user, key = _credential(params)
    user.service_credentials[key]["Status"] = params["Status"]


def delete_service_specific_credential(_caller, params):
    """There is no way back from this one."""
    user, key = _credential(params)
    del user.service_credentials[key]


def put_role_permissions_boundary(_caller, params):
    """moto takes any ARN; AWS takes only a policy that exists."""
    arn = params["PermissionsBoundary"]
    if arn not in backend.iam().managed_policies:
        raise AwsError(404, "NoSuchEntity", f"Policy {arn} does not exist or is not attachable.")
    backend.role_named(params["RoleName"]).permissions_boundary_arn = arn


OWN = {
    "sts": {
        "GetCallerIdentity": get_caller_identity,
        "GetAccessKeyInfo": get_access_key_info,
        "AssumeRole": assume_role,
        "GetSessionToken": get_session_token,
        "GetFederationToken": get_federation_token,
    },
    "iam": {
        "PutUserPermissionsBoundary": put_user_permissions_boundary,
        "DeleteUserPermissionsBoundary": delete_user_permissions_boundary,
        "PutRolePermissionsBoundary": put_role_permissions_boundary,
        "CreateServiceSpecificCredential": create_service_specific_credential,
        "ListServiceSpecificCredentials": list_service_specific_credentials,
        "UpdateServiceSpecificCredential": update_service_specific_credential,
        "DeleteServiceSpecificCredential": delete_service_specific_credential,
    },
}


def own(request, caller):
    """Carry out one of ours; None if it is moto's to do."""
    if request.service == "s3":
        return list_buckets()
    operation = OWN[request.service].get(request.action)
    if operation is None:
        return None
    return wire.success(request, operation(caller, request.params))


def list_buckets():
    """S3 stands for everything a thief wants that is not IAM."""
    inside = "<Owner><ID>1</ID></Owner><Buckets><Bucket><Name>payroll</Name></Bucket></Buckets>"
    text = f'<ListAllMyBucketsResult xmlns="{S3}">{inside}</ListAllMyBucketsResult>'
    return wire.Reply(200, text.encode(), "application/xml")
