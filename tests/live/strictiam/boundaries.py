# SPDX-License-Identifier: Apache-2.0
"""Permissions boundaries: moto has none for users and takes any ARN for roles."""

from . import entities


def put_user_permissions_boundary(_caller, params):
    """Replaces what boundary there was, silently, as AWS does."""
    entities.check_boundary(params["PermissionsBoundary"])
    entities.user(params).boundary_arn = params["PermissionsBoundary"]


def delete_user_permissions_boundary(_caller, params):
    """NoSuchEntity when there is none."""
    user = entities.user(params)
    if user.boundary_arn is None:
        raise entities.gone(f"The user with name {user.name} does not have a permissions boundary.")
    user.boundary_arn = None


def put_role_permissions_boundary(_caller, params):
    """The same for a role."""
    entities.check_boundary(params["PermissionsBoundary"])
    entities.role(params).permissions_boundary_arn = params["PermissionsBoundary"]


def delete_role_permissions_boundary(_caller, params):
    """The same for a role."""
    role = entities.role(params)
    if role.permissions_boundary_arn is None:
        raise entities.gone(f"The role with name {role.name} does not have a permissions boundary.")
    role.permissions_boundary_arn = None


OWN = {
    "PutUserPermissionsBoundary": put_user_permissions_boundary,
    "DeleteUserPermissionsBoundary": delete_user_permissions_boundary,
    "PutRolePermissionsBoundary": put_role_permissions_boundary,
    "DeleteRolePermissionsBoundary": delete_role_permissions_boundary,
}
