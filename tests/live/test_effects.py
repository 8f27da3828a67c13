# SPDX-License-Identifier: Apache-2.0
"""The operation table against the server: for each write, what its row does to an account value is what is read
afterwards, and its undo, sent to the server, brings back what was read before."""

import json
import re
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from driver import ask
from support.program import REPOSITORY, Cordon
from support.world import ACCOUNT, allow, deny, document, trust

DENY_ALL = "arn:aws:iam::aws:policy/AWSDenyAll"
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
VICTIM, ROLE, GROUP = "user/anna.dev", "role/named", "group/developers"


@dataclass
class Row:
    """One write: on whom, with what; `given` is done by the server's root beforehand."""

    operation: str
    on: str
    parameters: dict = field(default_factory=dict)
    given: tuple = ()
    final: bool = False

    def __str__(self):
        return self.operation


def user(operation, **rest):
    """A write on the victim."""
    return Row(operation, VICTIM, **rest)


def role(operation, **rest):
    """A write on a role."""
    return Row(operation, ROLE, **rest)


def group(operation, **rest):
    """A write on a group."""
    return Row(operation, GROUP, **rest)


NEW = {"PolicyName": "CordonDenyAll", "PolicyDocument": document(deny("*"))}
TAGS = {"Tags": [{"Key": "cordon:case", "Value": "C-1"}, {"Key": "team", "Value": "other"}]}
PROFILE = {"InstanceProfileName": "fleet"}
MADE = (("create_instance_profile", PROFILE),)
JOINED = MADE + (("add_role_to_instance_profile", PROFILE | {"RoleName": "named"}),)

ROWS = [
    user("UpdateAccessKey", parameters={"AccessKeyId": "AccessKeys", "Status": "Inactive"}),
    user("DeleteAccessKey", parameters={"AccessKeyId": "AccessKeys"}, final=True),
    user("UpdateSSHPublicKey", parameters={"SSHPublicKeyId": "SSHPublicKeys", "Status": "Inactive"}),
    user("DeleteSSHPublicKey", parameters={"SSHPublicKeyId": "SSHPublicKeys"}, final=True),
    user("UpdateSigningCertificate", parameters={"CertificateId": "SigningCertificates", "Status": "Inactive"}),
    user("DeleteSigningCertificate", parameters={"CertificateId": "SigningCertificates"}, final=True),
    user(
        "UpdateServiceSpecificCredential",
        parameters={"ServiceSpecificCredentialId": "ServiceSpecificCredentials", "Status": "Inactive"},
    ),
    user(
        "DeleteServiceSpecificCredential",
        parameters={"ServiceSpecificCredentialId": "ServiceSpecificCredentials"},
        final=True,
    ),
    user("DeleteLoginProfile", final=True),
    user("DeactivateMFADevice", parameters={"SerialNumber": "MFADevices"}, final=True),
    user("PutUserPolicy", parameters=NEW),
    user("PutUserPolicy", parameters=NEW | {"PolicyName": "daily-work"}),
    user("DeleteUserPolicy", parameters={"PolicyName": "daily-work"}),
    role("PutRolePolicy", parameters=NEW),
    role("DeleteRolePolicy", parameters={"PolicyName": "work"}),
    group("PutGroupPolicy", parameters=NEW),
    group("DeleteGroupPolicy", parameters={"PolicyName": "watch"}),
    user("AttachUserPolicy", parameters={"PolicyArn": DENY_ALL}),
    user("DetachUserPolicy", parameters={"PolicyArn": "arn:aws:iam::aws:policy/IAMReadOnlyAccess"}),
    role("AttachRolePolicy", parameters={"PolicyArn": DENY_ALL}),
    role(
        "DetachRolePolicy",
        parameters={"PolicyArn": DENY_ALL},
        given=(("attach_role_policy", {"RoleName": "named", "PolicyArn": DENY_ALL}),),
    ),
    group("AttachGroupPolicy", parameters={"PolicyArn": DENY_ALL}),
    group("DetachGroupPolicy", parameters={"PolicyArn": "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"}),
    user("PutUserPermissionsBoundary", parameters={"PermissionsBoundary": DENY_ALL}),
    user(
        "PutUserPermissionsBoundary",
        parameters={"PermissionsBoundary": DENY_ALL},
        given=(("put_user_permissions_boundary", {"UserName": "anna.dev", "PermissionsBoundary": READ_ONLY}),),
    ),
    user(
        "DeleteUserPermissionsBoundary",
        given=(("put_user_permissions_boundary", {"UserName": "anna.dev", "PermissionsBoundary": READ_ONLY}),),
    ),
    role("PutRolePermissionsBoundary", parameters={"PermissionsBoundary": DENY_ALL}),
    role(
        "DeleteRolePermissionsBoundary",
        given=(("put_role_permissions_boundary", {"RoleName": "named", "PermissionsBoundary": READ_ONLY}),),
    ),
    user("AddUserToGroup", parameters={"GroupName": "second"}, given=(("create_group", {"GroupName": "second"}),)),
    user("RemoveUserFromGroup", parameters={"GroupName": "developers"}),
    user("TagUser", parameters=TAGS),
    user("UntagUser", parameters={"TagKeys": ["team", "none"]}),
    role("TagRole", parameters=TAGS),
    role("UntagRole", parameters={"TagKeys": ["team"]}, given=(("tag_role", TAGS | {"RoleName": "named"}),)),
    role("UpdateAssumeRolePolicy", parameters={"PolicyDocument": trust(f"arn:aws:iam::{ACCOUNT}:root")}),
    role("AddRoleToInstanceProfile", parameters=PROFILE, given=MADE),
    role("RemoveRoleFromInstanceProfile", parameters=PROFILE, given=JOINED),
    Row("CreateUser", "user/newcomer", {"Path": "/x/", "PermissionsBoundary": READ_ONLY, "Tags": TAGS["Tags"]}),
    Row("DeleteUser", "user/leaver", given=(("create_user", {"UserName": "leaver"}),), final=True),
    Row(
        "DeleteRole",
        "role/leaver",
        given=(("create_role", {"RoleName": "leaver", "AssumeRolePolicyDocument": trust(f"arn:aws:iam::{ACCOUNT}:root")}),),
        final=True,
    ),
]

KINDS = {"user": ("UserName", "UserDetailList"), "role": ("RoleName", "RoleDetailList"), "group": ("GroupName", "GroupDetailList")}
KEYS = {
    "AccessKeys": "AccessKeyId",
    "SSHPublicKeys": "SSHPublicKeyId",
    "SigningCertificates": "CertificateId",
    "ServiceSpecificCredentials": "ServiceSpecificCredentialId",
    "MFADevices": "SerialNumber",
}


def method(operation):
    """boto3's name of an operation."""
    words = re.sub("(SSH|MFA)", lambda m: m.group().capitalize(), operation)
    return re.sub("(?<!^)(?=[A-Z])", "_", words).lower()


def seen(cordon, principal, account_id=ACCOUNT):
    """What the program reads of one principal; an account without it if there is none."""
    result = cordon("snapshot", principal, "--output", "json")
    if result.status == 0:
        return json.loads(result.stdout)
    assert result.status == 2, result
    empty = {"format": "cordon-account/1", "account_id": account_id}
    return empty | {"listed": {"users": True, "roles": True, "groups": True}}


def filled(row, before):
    """The row's parameters with the principal, and ids taken from what was read."""
    kind, name = row.on.split("/")
    member, entries = KINDS[kind]
    entry = next((e for e in before.get(entries, []) if e[member] == name), {})
    found = {k: entry[v][0][KEYS[v]] if v in KEYS else v for k, v in row.parameters.items() if isinstance(v, str)}
    return row.parameters | found | {member: name}


def send(iam, operation, parameters):
    """The same call by boto3, as root."""
    getattr(iam, method(operation))(**parameters)


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_effect_and_undo(cordon, world, row):
    for name, parameters in row.given:
        getattr(world.iam, name)(**parameters)
    before = seen(cordon, row.on)
    parameters = filled(row, before)
    send(world.iam, row.operation, parameters)
    after = seen(cordon, row.on)
    (told,) = ask(
        "effect",
        [{"operation": row.operation, "parameters": parameters, "before": before, "after": after}],
    )
    assert "error" not in told, told
    assert told["differences"] == []
    assert told["state"] == "done"
    assert (told["undo"] is None) == row.final
    for step in told["undo"] or []:
        send(world.iam, step["operation"], step["parameters"])
    if not row.final:
        assert same(before, seen(cordon, row.on)), "the undo does not bring back what was there"


def same(before, again):
    """Whether two readings agree to the letter, but for when and by whom they were made."""
    strip = lambda account: {k: v for k, v in account.items() if k not in ("at", "listed", "AccessKeyLastUsed")}
    left, right = json.dumps(strip(before), sort_keys=True), json.dumps(strip(again), sort_keys=True)
    return left == right or (not before.get("UserDetailList") and not again.get("UserDetailList"))


def test_no_write_is_left_out():
    """Every write of the table has a row here."""
    table = Path(REPOSITORY, "src/account/operation_table.c").read_text()
    writes = set(re.findall(r'WRITE(?:_PRINCIPAL)?\("(\w+)"', table))
    assert writes == {row.operation for row in ROWS}


def test_the_driver_tells_differences(cordon, world):
    """A wrong prediction is seen: the check above can fail."""
    before = seen(cordon, VICTIM)
    wrong = {"UserName": "anna.dev", "PolicyName": "other", "PolicyDocument": document(allow("*"))}
    (told,) = ask(
        "effect",
        [{"operation": "PutUserPolicy", "parameters": wrong, "before": before, "after": before}],
    )
    assert [d["item"] for d in told["differences"]] == ["other"] and told["state"] == "undone"
