# SPDX-License-Identifier: Apache-2.0
"""The strict layer's views of the whole account, and the managed policies of AWS in it."""

import pytest

from support import raw
from support.world import allow, deny, document
from test_strict import refusal

AWS = "arn:aws:iam::aws:policy/"
V3, V4 = "AWSCompromisedKeyQuarantineV3", "AWSCompromisedKeyQuarantineV4"
READ_ONLY = AWS + "ReadOnlyAccess"
# name, default version, number of actions: as AWS published them
PUBLISHED = [
    ("AWSDenyAll", "v2", 1),
    ("AWSCompromisedKeyQuarantine", "v1", 28),
    ("AWSCompromisedKeyQuarantineV2", "v5", 89),
    (V3, "v3", 99),
]


def default_document(world, name):
    """The default version of one of AWS's policies: (version, document)."""
    found = world.iam.get_policy(PolicyArn=AWS + name)["Policy"]
    version = {"PolicyArn": AWS + name, "VersionId": found["DefaultVersionId"]}
    return version["VersionId"], world.iam.get_policy_version(**version)["PolicyVersion"]["Document"]


def actions(text):
    """All actions of a document."""
    return [a for s in text["Statement"] for a in ([s["Action"]] if isinstance(s["Action"], str) else s["Action"])]


def listed(world):
    """The names of AWS's policies."""
    pages = world.iam.get_paginator("list_policies").paginate(Scope="AWS")
    return {p["PolicyName"] for page in pages for p in page["Policies"]}


@pytest.mark.parametrize("name, version, count", PUBLISHED)
def test_the_policies_that_aws_published(world, name, version, count):
    found, text = default_document(world, name)
    assert (found, len(actions(text))) == (version, count)
    assert {s["Effect"] for s in text["Statement"]} == {"Deny"}
    assert name in listed(world)


def test_the_third_quarantine_is_of_march_2026(world):
    _version, text = default_document(world, V3)
    assert {"logs:PutLogEvents", "organizations:LeaveOrganization", "kms:CreateGrant"} <= set(actions(text))
    assert text["Statement"][1]["Condition"] == {"Null": {"kms:ViaService": "true"}}
    assert len(document(*text["Statement"])) > 2048


def test_the_fourth_quarantine_comes_and_goes(server, world):
    assert V4 not in listed(world)
    assert refusal(world.iam.get_policy, PolicyArn=AWS + V4)[:2] == ("NoSuchEntity", 404)
    server.configure(quarantine_v4=True)
    version, text = default_document(world, V4)
    assert version == "v2" and V4 in listed(world)
    assert set(actions(text)) > set(actions(default_document(world, V3)[1]))
    assert "Not AWS's document" in world.iam.get_policy(PolicyArn=AWS + V4)["Policy"]["Description"]
    world.iam.attach_user_policy(UserName=world.victim.name, PolicyArn=AWS + V4)
    assert world.victim.thief().attempt("iam", "list_users") == "AccessDenied"
    world.iam.detach_user_policy(UserName=world.victim.name, PolicyArn=AWS + V4)
    server.configure(quarantine_v4=False)
    assert V4 not in listed(world)


def test_a_reset_takes_the_fourth_quarantine_back(server):
    server.configure(quarantine_v4=True)
    server.reset()
    assert refusal(server.iam.get_policy, PolicyArn=AWS + V4)[0] == "NoSuchEntity"


def test_managed_policies_of_the_account(world):
    text = document(allow("s3:*"))
    arn = world.iam.create_policy(PolicyName="mine", PolicyDocument=text)["Policy"]["Arn"]
    world.iam.put_user_permissions_boundary(UserName="bob", PermissionsBoundary=arn)
    assert refusal(world.iam.delete_policy, PolicyArn=arn)[:2] == ("DeleteConflict", 409)
    world.iam.delete_user_permissions_boundary(UserName="bob")
    world.iam.attach_user_policy(UserName="bob", PolicyArn=arn)
    assert refusal(world.iam.delete_policy, PolicyArn=arn)[:2] == ("DeleteConflict", 409)
    world.iam.detach_user_policy(UserName="bob", PolicyArn=arn)
    world.iam.create_policy_version(PolicyArn=arn, PolicyDocument=text)
    assert refusal(world.iam.delete_policy, PolicyArn=arn)[:2] == ("DeleteConflict", 409)
    world.iam.delete_policy_version(PolicyArn=arn, VersionId="v2")
    long = document(*[deny(f"s3:Get{'x' * 90}{number:04d}") for number in range(50)])
    for call, who in (("create_policy", {"PolicyName": "long"}), ("create_policy_version", {"PolicyArn": arn})):
        assert refusal(getattr(world.iam, call), **who, PolicyDocument=long)[:2] == ("LimitExceeded", 409)
    world.iam.delete_policy(PolicyArn=arn)
    assert refusal(world.iam.get_policy, PolicyArn=arn)[:2] == ("NoSuchEntity", 404)


# Documents on the wire

DOCUMENTS = [
    ("GetRole", {"RoleName": "deploy"}),
    ("GetRolePolicy", {"RoleName": "deploy", "PolicyName": "work"}),
    ("GetUserPolicy", {"UserName": "bob", "PolicyName": "files"}),
    ("GetGroupPolicy", {"GroupName": "developers", "PolicyName": "watch"}),
    ("GetPolicyVersion", {"PolicyArn": AWS + V3, "VersionId": "v3"}),
    ("GetInstanceProfile", {"InstanceProfileName": "web"}),
    ("ListInstanceProfilesForRole", {"RoleName": "deploy"}),
    ("ListRoles", {}),
    ("GetAccountAuthorizationDetails", {}),
]


@pytest.mark.parametrize("action, params", DOCUMENTS)
def test_documents_come_percent_encoded(server, world, action, params):
    world.iam.create_instance_profile(InstanceProfileName="web")
    world.iam.add_role_to_instance_profile(InstanceProfileName="web", RoleName="deploy")
    status, _code, text, _headers = raw.send(*raw.signed(server, world.responder, action, params=params))
    assert status == 200 and "%22Statement%22" in text
    assert '"Statement"' not in text and "&quot;Statement" not in text


# The whole account

QUOTAS = {
    "UserPolicySizeQuota": 2048,
    "GroupPolicySizeQuota": 5120,
    "RolePolicySizeQuota": 10240,
    "AssumeRolePolicySizeQuota": 2048,
    "PolicySizeQuota": 6144,
    "AttachedPoliciesPerUserQuota": 10,
    "AttachedPoliciesPerGroupQuota": 10,
    "AttachedPoliciesPerRoleQuota": 10,
    "GroupsPerUserQuota": 10,
    "AccessKeysPerUserQuota": 2,
    "SigningCertificatesPerUserQuota": 2,
    "VersionsPerPolicyQuota": 5,
}


def test_the_summary_has_every_quota(server, world):
    summary = world.iam.get_account_summary()["SummaryMap"]
    assert {name: summary[name] for name in QUOTAS} == QUOTAS
    assert (summary["Users"], summary["Groups"], summary["MFADevicesInUse"]) == (4, 1, 1)


@pytest.mark.parametrize("name", ["GroupPolicySizeQuota", "GroupsPerUserQuota", "AttachedPoliciesPerGroupQuota"])
def test_a_quota_that_a_test_sets_is_told_and_kept(server, world, name):
    server.configure(quotas={name: 1})
    assert world.iam.get_account_summary()["SummaryMap"][name] == 1
    group = {"GroupName": "developers"}
    calls = {
        "GroupPolicySizeQuota": lambda: world.iam.put_group_policy(
            **group, PolicyName="x", PolicyDocument=document(deny("*"))
        ),
        "GroupsPerUserQuota": lambda: world.iam.add_user_to_group(GroupName="second", UserName="carol"),
        "AttachedPoliciesPerGroupQuota": lambda: world.iam.attach_group_policy(**group, PolicyArn=READ_ONLY),
    }
    world.iam.create_group(GroupName="second")
    assert refusal(calls[name])[:2] == ("LimitExceeded", 409)


def detail(world, kind, name):
    """One entry of the authorization details."""
    found = world.iam.get_account_authorization_details(Filter=[kind])
    return next(e for e in found[f"{kind}DetailList"] if e[f"{kind}Name"] == name)


def test_the_details_show_what_hangs_on_users_and_groups(world):
    tags = [{"Key": "a", "Value": "b"}]
    world.iam.tag_user(UserName="carol", Tags=tags)
    world.iam.put_user_permissions_boundary(UserName="carol", PermissionsBoundary=READ_ONLY)
    world.iam.put_user_policy(UserName="carol", PolicyName="x", PolicyDocument=document(deny("*")))
    world.iam.put_group_policy(GroupName="developers", PolicyName="y", PolicyDocument=document(deny("*")))
    world.iam.attach_group_policy(GroupName="developers", PolicyArn=READ_ONLY)
    user, group = detail(world, "User", "carol"), detail(world, "Group", "developers")
    assert (user["Tags"], user["GroupList"]) == (tags, ["developers"])
    assert user["PermissionsBoundary"]["PermissionsBoundaryArn"] == READ_ONLY
    assert [(p["PolicyName"], p["PolicyDocument"]["Statement"]) for p in user["UserPolicyList"]] == [("x", [deny("*")])]
    assert {p["PolicyName"] for p in group["GroupPolicyList"]} == {"watch", "y"}
    assert READ_ONLY in {p["PolicyArn"] for p in group["AttachedManagedPolicies"]}


def test_the_details_show_what_hangs_on_roles(world):
    tags = [{"Key": "a", "Value": "b"}]
    world.iam.tag_role(RoleName="deploy", Tags=tags)
    world.iam.put_role_permissions_boundary(RoleName="deploy", PermissionsBoundary=READ_ONLY)
    world.iam.attach_role_policy(RoleName="deploy", PolicyArn=READ_ONLY)
    world.iam.create_instance_profile(InstanceProfileName="web")
    world.iam.add_role_to_instance_profile(InstanceProfileName="web", RoleName="deploy")
    role = detail(world, "Role", "deploy")
    assert role["Tags"] == tags
    assert role["PermissionsBoundary"]["PermissionsBoundaryArn"] == READ_ONLY
    assert [p["PolicyArn"] for p in role["AttachedManagedPolicies"]] == [READ_ONLY]
    assert [p["PolicyName"] for p in role["RolePolicyList"]] == ["work"]
    (profile,) = role["InstanceProfileList"]
    assert profile["InstanceProfileName"] == "web"
    assert [r["RoleName"] for r in profile["Roles"]] == ["deploy"]


def test_a_role_is_held_by_its_boundary_too(world):
    thief = world.victim.thief().assume(world.deploy)
    assert thief.steal() == "ok"
    for boundary in (AWS + "IAMReadOnlyAccess", AWS + "AWSDenyAll"):
        world.iam.put_role_permissions_boundary(RoleName="deploy", PermissionsBoundary=boundary)
        assert thief.steal() == "AccessDenied"
    world.iam.delete_role_permissions_boundary(RoleName="deploy")
    assert thief.steal() == "ok"
