# SPDX-License-Identifier: Apache-2.0
"""Users, groups and roles by the parameters of a request, or NoSuchEntity in AWS's words."""

from . import backend
from .wire import AwsError


def user(params):
    """The user that UserName names."""
    return _found("user", params["UserName"], backend.iam().users.get(params["UserName"]))


def group(params):
    """The group that GroupName names."""
    return _found("group", params["GroupName"], backend.iam().groups.get(params["GroupName"]))


def role(params):
    """The role that RoleName names."""
    return _found("role", params["RoleName"], backend.role_named(params["RoleName"]))


def _found(kind, name, entity):
    if entity is None:
        raise AwsError(404, "NoSuchEntity", f"The {kind} with name {name} cannot be found.")
    return entity


def check_named(request):
    """Every operation on a user, group or role starts with this; moto has other words each time."""
    if request.service == "iam" and request.action not in ("CreateUser", "CreateGroup", "CreateRole"):
        for parameter, find in (("UserName", user), ("GroupName", group), ("RoleName", role)):
            if parameter in request.params:
                find(request.params)


def check_new_name(kind, name, taken):
    """Names differ in more than case."""
    if name.lower() in {other.lower() for other in taken}:
        raise AwsError(409, "EntityAlreadyExists", f"{kind} with name {name} already exists.")


def check_boundary(arn):
    """A boundary is a managed policy that exists."""
    if arn is not None and arn not in backend.iam().managed_policies:
        raise AwsError(404, "NoSuchEntity", f"Policy {arn} does not exist or is not attachable.")


def check_conflicts(entity, conflicts):
    """AWS deletes nothing that something still hangs on."""
    for first, holds in conflicts:
        if holds(entity):
            raise AwsError(409, "DeleteConflict", f"Cannot delete entity, must {first} first.")


def limit(kind, number):
    """The refusal of one more than a quota."""
    return AwsError(409, "LimitExceeded", f"Cannot exceed quota for {kind}: {number}")


def gone(text):
    """NoSuchEntity for what is neither user, group nor role."""
    return AwsError(404, "NoSuchEntity", text)
