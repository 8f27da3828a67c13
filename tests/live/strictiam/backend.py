# SPDX-License-Identifier: Apache-2.0
"""moto's IAM, made to look like AWS's: realistic ids, the managed policies the tests use, missing attributes."""

import json
import os
import random
from contextlib import contextmanager
from functools import lru_cache

os.environ.setdefault("MOTO_IAM_LOAD_MANAGED_POLICIES", "true")

from moto import server as moto_server  # noqa: E402
from moto.core.serialize import never_return, return_if_not_empty, url_encode  # noqa: E402
from moto.iam import models, responses  # noqa: E402
from moto.iam.utils import generate_access_key_id_from_account_id  # noqa: E402

ACCOUNT = "123456789012"
AWS_POLICIES = (
    "AdministratorAccess",
    "AmazonS3ReadOnlyAccess",
    "AWSCompromisedKeyQuarantine",
    "AWSCompromisedKeyQuarantineV2",
    "AWSCompromisedKeyQuarantineV3",
    "AWSDenyAll",
    "IAMReadOnlyAccess",
    "PowerUserAccess",
    "ReadOnlyAccess",
    "SecurityAudit",
)
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


def unique_id(prefix, length=21):
    """An id as AWS makes them, the account readable from it."""
    return generate_access_key_id_from_account_id(ACCOUNT, prefix, length)


class User(models.User):
    """A user with an AIDA id, a boundary, service-specific credentials and tags of his own."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.id = unique_id("AIDA")
        self.boundary_arn = None
        self.service_credentials = {}
        self.tag_list = []
        self.password_date = None

    @property
    def tags(self):
        """Kept with the user, not with his ARN, which may change."""
        return self.tag_list or None

    @property
    def permissions_boundary(self):
        """In the form moto serialises."""
        if self.boundary_arn is None:
            return None
        return {
            "PermissionsBoundaryType": "Policy",
            "PermissionsBoundaryArn": self.boundary_arn,
        }


class Group(models.Group):
    """A group with an AGPA id."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.id = unique_id("AGPA")


@lru_cache
def aws_policies():
    """Those of AWS's policies that the tests use."""
    everything = json.loads(models.aws_managed_policies_data)
    return {name: everything[name] for name in AWS_POLICIES}


def _load_aws_policies(backend):
    """Ten of AWS's 1,485 policies, so that a reset is quick."""
    return [
        models.AWSManagedPolicy.from_data(name, backend.account_id, backend.region_name, data)
        for name, data in aws_policies().items()
    ]


# moto looks for these names when it describes a policy in the account's authorization details
models.ManagedPolicy.policy_name = property(lambda policy: policy.name)
models.ManagedPolicy.policy_id = property(lambda policy: policy.id)
models.User = responses.User = User
models.Group = Group
models.IAMBackend._init_aws_policies = _load_aws_policies
models.random_policy_id = lambda: unique_id("ANPA")
models.random_resource_id = lambda size=20: "".join(random.choices(ALPHABET, k=size))
ENCODED_TRUST = (
    "GetAccountAuthorizationDetailsResponse.RoleDetailList.RoleDetail",
    "GetAccountAuthorizationDetailsResponse.RoleDetailList.RoleDetail.InstanceProfileList.InstanceProfile.Roles.Role",
    "GetInstanceProfileResponse.InstanceProfile.Roles.Role",
    "ListInstanceProfilesForRoleResponse.InstanceProfiles.InstanceProfile.Roles.Role",
    "ListInstanceProfilesResponse.InstanceProfiles.InstanceProfile.Roles.Role",
    "ListRolesResponse.Roles.Role",
)
responses.IamResponse.RESPONSE_KEY_PATH_TO_TRANSFORMER.update(
    {f"{path}.AssumeRolePolicyDocument": url_encode for path in ENCODED_TRUST}
    | {
        "GetPolicyVersionResponse.PolicyVersion.Document": url_encode,
        "GetUserResponse.User.PermissionsBoundary": return_if_not_empty,
        "ListUsersResponse.Users.User.PermissionsBoundary": never_return,
    }
)
application = moto_server.DomainDispatcherApplication(moto_server.create_backend_app)


_judged = []


def present():
    """The IAM of our account."""
    return models.iam_backends[ACCOUNT]["aws"]


def iam():
    """The same; within judged_by() the one that is given there."""
    return _judged[-1] if _judged else present()


@contextmanager
def judged_by(account):
    """Look at another account for a while."""
    _judged.append(account)
    try:
        yield
    finally:
        _judged.pop()


def replace(contents):
    """Another account in the place of ours."""
    present().__dict__.clear()
    present().__dict__.update(contents)


def reset():
    """An empty account."""
    present().reset()


def role_named(name):
    """A role, or None."""
    return next((r for r in iam().roles.values() if r.name == name), None)


def user_with_key(key_id):
    """The user that owns a long-term key, and the key; or (None, None)."""
    key = iam().access_keys.get(key_id)
    user = iam().users.get(key.user_name) if key and key.user_name else None
    return (user, key) if user else (None, None)


def note_use(caller_key, service, region):
    """What GetAccessKeyLastUsed will tell."""
    key = present().access_keys.get(caller_key)
    if key:
        key.last_used = models.AccessKeyLastUsed(models.utcnow(), service, region)


def call_moto(environ):
    """Let moto carry out a request; its status, headers and body."""
    head = {}

    def start_response(status, headers, _exc_info=None):
        head["status"], head["headers"] = int(status.split()[0]), dict(headers)

    chunks = application(environ, start_response)
    body = b"".join(chunks)
    if hasattr(chunks, "close"):
        chunks.close()
    return head["status"], head["headers"], body
