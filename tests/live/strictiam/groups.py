# SPDX-License-Identifier: Apache-2.0
"""Groups: moto has no limit on memberships, and deletes a group with all that hangs on it."""

from . import backend, entities, quotas

CONFLICTS = (
    ("remove users from group", lambda g: g.users),
    ("detach all policies", lambda g: g.managed_policies),
    ("delete policies", lambda g: g.policies),
)


def check_create(params):
    """AWS's names are unique whatever their case."""
    entities.check_new_name("Group", params["GroupName"], backend.iam().groups)


def check_add(params):
    """Ten groups a user; adding twice is a success that changes nothing."""
    group, user = entities.group(params), entities.user(params)
    most = quotas.limits["GroupsPerUserQuota"]
    if user not in group.users and len(user.group_list) >= most:
        raise entities.limit("GroupsPerUser", most)


def check_delete(params):
    """Empty groups only."""
    entities.check_conflicts(entities.group(params), CONFLICTS)


CHECKS = {
    "CreateGroup": check_create,
    "AddUserToGroup": check_add,
    "DeleteGroup": check_delete,
}
