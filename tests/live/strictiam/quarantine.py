# SPDX-License-Identifier: Apache-2.0
"""AWSCompromisedKeyQuarantineV4, on or off. Its real document is not public: this one is the tests' own."""

import copy

from . import backend
from .backend import models

BASE = "AWSCompromisedKeyQuarantineV3"
NAME = "AWSCompromisedKeyQuarantineV4"
MORE_ACTIONS = ("bedrock:CreateModelCustomizationJob", "iam:CreateServiceSpecificCredential", "sts:AssumeRoot")
DATES = {"DefaultVersionId": "v2", "CreateDate": "2026-11-06T00:00:00+00:00", "UpdateDate": "2026-11-09T00:00:00+00:00"}


def switch(wanted):
    """Let AWS have the policy, or not yet."""
    iam = backend.iam()
    iam.aws_managed_policies = [p for p in iam.aws_managed_policies if p.name != NAME]
    iam.managed_policies.pop(f"arn:aws:iam::aws:policy/{NAME}", None)
    if wanted:
        made = models.AWSManagedPolicy.from_data(NAME, iam.account_id, iam.region_name, _data())
        made.description = "Not AWS's document, but one for tests: V3's with some actions more."
        iam.aws_managed_policies.append(made)
        iam.managed_policies[made.arn] = made


def _data():
    data = copy.deepcopy(backend.aws_policies()[BASE]) | DATES
    data["Document"]["Statement"][0]["Action"] += MORE_ACTIONS
    return data
