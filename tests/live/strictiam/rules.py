# SPDX-License-Identifier: Apache-2.0
"""AWS's rules about single calls that moto does not know: implied users, protected roles, parameter forms."""

import json
import re
from functools import lru_cache

import botocore.session

from . import backend, entities, quotas
from .wire import AwsError

IMPLIED_USER = frozenset(
    (
        "CreateAccessKey CreateLoginProfile DeactivateMFADevice DeleteAccessKey DeleteLoginProfile "
        "DeleteServiceSpecificCredential DeleteSigningCertificate GetLoginProfile GetMFADevice GetUser ListAccessKeys "
        "ListMFADevices ListSSHPublicKeys ListServiceSpecificCredentials ListSigningCertificates "
        "ResetServiceSpecificCredential UpdateAccessKey UpdateServiceSpecificCredential UpdateSigningCertificate "
        "UploadSigningCertificate"
    ).split()
)
READS = ("Get", "List", "Simulate", "Generate")
PROTECTED_PATHS = ("/aws-service-role/", "/aws-reserved/")


def is_write(request):
    """Whether the request changes the account."""
    return request.service == "iam" and not (request.action or "").startswith(READS)


@lru_cache
def _model(service):
    return botocore.session.get_session().get_service_model(service)


def check_action(request):
    """AWS's answer to an operation that does not exist."""
    known = request.service == "s3" or (request.service and request.action in _model(request.service).operation_names)
    if not known:
        version = request.params.get("Version")
        raise AwsError(400, "InvalidAction", f"Could not find operation {request.action} for version {version}")


def shape_of(request):
    """The model of the request's parameters."""
    return _model(request.service).operation_model(request.action).input_shape


def _implies_user(request):
    """No user is named, and the operation is not about all of them."""
    about_one = request.service == "iam" and request.action in IMPLIED_USER
    return about_one and not request.params.get("UserName") and request.params.get("AllUsers") != "true"


def violations(request):
    """What no careful client does, though AWS may bear it; tests assert that this stays empty."""
    found = []
    if _implies_user(request):
        found.append("the user is left to be implied from the signer")
    known = set(shape_of(request).members) if request.action and shape_of(request) else set()
    for name, value in request.params.items():
        if name not in ("Action", "Version") and name.split(".")[0] not in known:
            found.append(f"unknown parameter {name}")
        if value == "":
            found.append(f"empty parameter {name}")
    if request.action and request.method != "POST":
        found.append("an operation by " + request.method)
    return found


def check_parameters(request):
    """Required members, lengths and patterns, as the model has them."""
    shape = shape_of(request)
    for name, member in shape.members.items() if shape else ():
        given = request.params.get(name)
        present = given is not None or any(k.startswith(name + ".") for k in request.params)
        if name in shape.required_members and not present:
            raise _invalid(None, name, "Member must not be null")
        if given is not None and member.type_name == "string":
            _check_string(name, given, member.metadata)
        if given is not None and member.type_name == "integer" and name != "MaxItems":
            _check_integer(name, given, member.metadata)


def _check_string(name, value, rules):
    if len(value) < rules.get("min", 0):
        raise _invalid(value, name, f"Member must have length greater than or equal to {rules['min']}")
    if len(value) > rules.get("max", len(value)):
        raise _invalid(value, name, f"Member must have length less than or equal to {rules['max']}")
    if "enum" in rules and value not in rules["enum"]:
        raise _invalid(value, name, f"Member must satisfy enum value set: {rules['enum']}")
    pattern = rules.get("pattern")
    if pattern and not re.fullmatch(pattern.replace(r"\p{", r"\\p{"), value, re.S | re.A):
        raise _invalid(value, name, f"Member must satisfy regular expression pattern: {pattern}")


def _check_integer(name, value, rules):
    if not value.isdigit() or not rules.get("min", 0) <= int(value) <= rules.get("max", int(value)):
        raise _invalid(value, name, f"Member must have value between {rules.get('min')} and {rules.get('max')}")


def _invalid(value, name, constraint):
    shown = "null" if value is None else f"'{value}'"
    lower = name[0].lower() + name[1:]
    text = f"1 validation error detected: Value {shown} at '{lower}' failed to satisfy constraint: {constraint}"
    return AwsError(400, "ValidationError", text)


def imply_user(request, caller):
    """Twenty operations act on the signer when no user is named."""
    if _implies_user(request):
        if caller.kind != "user":
            raise AwsError(400, "ValidationError", "Must specify userName when calling with non-User credentials")
        request.params["UserName"] = caller.entity.name


def check_write(request):
    """Whether AWS would let this write happen to the user, group or role it names."""
    params = request.params
    _check_documents(params)
    if "RoleName" in params and request.action not in ("CreateRole", "DeleteServiceLinkedRole"):
        _check_protected(entities.role(params))
    for kind, name in (("User", "UserName"), ("Group", "GroupName"), ("Role", "RoleName")):
        holder = _holder(kind, params.get(name))
        if holder is not None:
            quotas.check(request, kind, holder)


def _check_documents(params):
    for name in ("PolicyDocument", "AssumeRolePolicyDocument"):
        try:
            json.loads(params.get(name, "{}"))
        except ValueError as error:
            raise AwsError(400, "MalformedPolicyDocument", "Syntax errors in policy.") from error


def _holder(kind, name):
    if kind == "Role":
        return backend.role_named(name)
    return (backend.iam().users if kind == "User" else backend.iam().groups).get(name)


def _check_protected(role):
    if role.path.startswith(PROTECTED_PATHS):
        text = f"Cannot perform the operation on the protected role '{role.name}' - this role is only modifiable by AWS"
        raise AwsError(400, "UnmodifiableEntity", text)


def already_attached(request):
    """Attaching twice is a success that changes nothing; moto would count it twice."""
    match = re.fullmatch(r"Attach(User|Group|Role)Policy", request.action)
    holder = _holder(match.group(1), request.params.get(match.group(1) + "Name")) if match else None
    return holder is not None and request.params["PolicyArn"] in holder.managed_policies
