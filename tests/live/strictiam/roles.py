# SPDX-License-Identifier: Apache-2.0
"""Roles and instance profiles: moto takes any trust policy and gives ids without AWS's prefix."""

from . import backend, entities, tags, trust
from .backend import models


class Role(models.Role):
    """A role whose trust policy follows the people it names."""

    @property
    def assume_role_policy_document(self):
        """As AWS shows it today."""
        return self.trust.shown()

    @assume_role_policy_document.setter
    def assume_role_policy_document(self, text):
        """Remember whom it means now."""
        self.trust = trust.Trust(text)

    @property
    def tag_list(self):
        """Named as a user's."""
        return self.tags

    @tag_list.setter
    def tag_list(self, wanted):
        """The same."""
        self.tags = wanted

    @property
    def permissions_boundary(self):
        """The word AWS really sends, which is not the one of its model."""
        arn = self.permissions_boundary_arn
        return {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": arn} if arn else None


class InstanceProfile(models.InstanceProfile):
    """A profile with an AIPA id."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.id = backend.unique_id("AIPA")


models.Role = Role
models.InstanceProfile = InstanceProfile


def check_create(params):
    """Name, boundary, tags, trust policy and whom it names."""
    entities.check_new_name("Role", params["RoleName"], [r.name for r in backend.iam().roles.values()])
    entities.check_boundary(params.get("PermissionsBoundary"))
    tags.given(params)
    trust.check(params["AssumeRolePolicyDocument"])
    trust.check_principals(params["AssumeRolePolicyDocument"])


def check_trust(params):
    """The role first, then what it shall trust."""
    entities.role(params)
    trust.check(params["PolicyDocument"])
    trust.check_principals(params["PolicyDocument"])


def _profile(params):
    name = params["InstanceProfileName"]
    found = backend.iam().instance_profiles.get(name)
    if found is None:
        raise entities.gone(f"Instance Profile {name} cannot be found.")
    return found


def check_remove(params):
    """Only a role that is in the profile can leave it."""
    role = entities.role(params)
    if role not in _profile(params).roles:
        raise entities.gone(f"The role {role.name} is not in the instance profile.")


CHECKS = {
    "CreateRole": check_create,
    "UpdateAssumeRolePolicy": check_trust,
    "GetInstanceProfile": _profile,
    "RemoveRoleFromInstanceProfile": check_remove,
}
