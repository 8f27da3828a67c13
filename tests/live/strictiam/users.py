# SPDX-License-Identifier: Apache-2.0
"""Users: moto forgets boundaries, leaves things behind on renaming, and deletes what still has dependents."""

from . import backend, clock, entities, recreated, tags

CONFLICTS = (
    ("delete login profile", lambda u: u.password is not None),
    ("delete access keys", lambda u: u.access_keys),
    ("delete signing certificates", lambda u: u.signing_certificates),
    ("delete SSH public keys", lambda u: u.ssh_public_keys),
    ("delete service specific credentials", lambda u: u.service_credentials),
    ("delete MFA device", lambda u: u.mfa_devices),
    ("delete policies", lambda u: u.policies),
    ("detach all policies", lambda u: u.managed_policies),
    ("remove users from group", lambda u: u.group_list),
)


def described(user):
    """What every reply about a user has."""
    return {
        "Path": user.path,
        "UserName": user.name,
        "UserId": user.id,
        "Arn": user.arn,
        "CreateDate": clock.iso(user.create_date),
    }


def create(_caller, params):
    """With path, tags and boundary."""
    iam, boundary = backend.iam(), params.get("PermissionsBoundary")
    wanted = tags.given(params)
    entities.check_boundary(boundary)
    entities.check_new_name("User", params["UserName"], iam.users)
    user = iam.create_user("us-east-1", params["UserName"], params.get("Path"), [])
    user.tag_list, user.boundary_arn = wanted, boundary
    recreated.note_created(user.name)
    shown = described(user) | {"PermissionsBoundary": user.permissions_boundary, "Tags": user.tags}
    return {"User": shown}


def update(_caller, params):
    """Everything of the user goes with the new name."""
    iam, user = backend.iam(), entities.user(params)
    name = params.get("NewUserName", user.name)
    entities.check_new_name("User", name, set(iam.users) - {user.name})
    del iam.users[user.name]
    user.name, user.path = name, params.get("NewPath", user.path)
    iam.users[name] = user
    for thing in [*user.access_keys, *user.ssh_public_keys, *user.signing_certificates.values()]:
        thing.user_name = name
    for credential in user.service_credentials.values():
        credential["UserName"] = name


def delete(_caller, params):
    """A bare user only; the name is not quite free at once."""
    user = entities.user(params)
    entities.check_conflicts(user, CONFLICTS)
    backend.iam().delete_user(user.name)
    recreated.note_deleted(user.name)


OWN = {"CreateUser": create, "UpdateUser": update, "DeleteUser": delete}
