# SPDX-License-Identifier: Apache-2.0
"""AWS's limits that moto does not enforce."""

import re

from . import backend
from .wire import AwsError

DEFAULTS = {
    "UserPolicySizeQuota": 2048,
    "GroupPolicySizeQuota": 5120,
    "RolePolicySizeQuota": 10240,
    "AttachedPoliciesPerUserQuota": 10,
    "AttachedPoliciesPerGroupQuota": 10,
    "AttachedPoliciesPerRoleQuota": 10,
    "GroupsPerUserQuota": 10,
    "AssumeRolePolicySizeQuota": 2048,
    "PolicySizeQuota": 6144,
}
limits = dict(DEFAULTS)


def reset():
    """Back to AWS's defaults."""
    set_limits(DEFAULTS)


def set_limits(changes):
    """Change limits; GetAccountSummary tells the new ones."""
    limits.update(changes)
    summary = backend.iam().account_summary
    for name, value in limits.items():
        setattr(summary, re.sub("(?=[A-Z])", "_", name).lower(), value)


def check(request, kind, holder):
    """Raise LimitExceeded if the write would not fit on the user, group or role."""
    params = request.params
    if request.action == f"Put{kind}Policy":
        _check_inline(kind, holder, params["PolicyName"], params["PolicyDocument"])
    if request.action == f"Attach{kind}Policy" and params["PolicyArn"] not in holder.managed_policies:
        limit = limits[f"AttachedPoliciesPer{kind}Quota"]
        if len(holder.managed_policies) >= limit:
            raise AwsError(409, "LimitExceeded", f"Cannot exceed quota for PoliciesPer{kind}: {limit}")


def _check_inline(kind, holder, name, document):
    """The limit is on all inline policies together, white space not counted."""
    documents = dict(holder.policies, **{name: document})
    size = sum(len("".join(text.split())) for text in documents.values())
    limit = limits[f"{kind}PolicySizeQuota"]
    if size > limit:
        text = f"Maximum policy size of {limit} bytes exceeded for {kind.lower()} {holder.name}"
        raise AwsError(409, "LimitExceeded", text)
