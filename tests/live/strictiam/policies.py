# SPDX-License-Identifier: Apache-2.0
"""Managed policies: moto keeps documents of any size, and deletes a policy from under those it hangs on."""

from . import backend, context, entities, quotas
from .wire import AwsError

CONFLICTS = (
    ("detach it from all entities", lambda p: p.attachment_count or _bounded(p)),
    ("delete all versions but the default", lambda p: len(p.versions) > 1),
)


def _bounded(managed):
    iam = backend.iam()
    return any(context.boundary_arn(e) == managed.arn for e in [*iam.users.values(), *iam.roles.values()])


def check_size(params):
    """White space is free here too."""
    most = quotas.limits["PolicySizeQuota"]
    if len("".join(params["PolicyDocument"].split())) > most:
        raise AwsError(409, "LimitExceeded", f"Cannot exceed quota for PolicySize: {most}")


def check_delete(params):
    """Nobody may have it, and only one version may be left."""
    managed = backend.iam().managed_policies.get(params["PolicyArn"])
    if managed is not None:
        entities.check_conflicts(managed, CONFLICTS)


CHECKS = {"CreatePolicy": check_size, "CreatePolicyVersion": check_size, "DeletePolicy": check_delete}
