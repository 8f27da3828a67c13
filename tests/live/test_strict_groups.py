# SPDX-License-Identifier: Apache-2.0
"""The strict layer's groups: their members, their policies and their limits."""

import pytest

from support.world import allow, deny, document
from test_strict import refusal

DENY_ALL = "arn:aws:iam::aws:policy/AWSDenyAll"
SOME_POLICY = {"PolicyName": "some", "PolicyDocument": document(deny("*"))}


def test_a_group_and_its_members(server, world):
    made = world.iam.create_group(GroupName="ops", Path="/x/")["Group"]
    assert made["GroupId"].startswith("AGPA") and made["Arn"] == "arn:aws:iam::123456789012:group/x/ops"
    assert refusal(world.iam.create_group, GroupName="Ops")[:2] == ("EntityAlreadyExists", 409)
    pair = {"GroupName": "ops", "UserName": "bob"}
    world.iam.add_user_to_group(**pair)
    world.iam.add_user_to_group(**pair)
    assert [u["UserName"] for u in world.iam.get_group(GroupName="ops")["Users"]] == ["bob"]
    assert [g["GroupId"] for g in world.iam.list_groups_for_user(UserName="bob")["Groups"]] == [made["GroupId"]]
    world.iam.remove_user_from_group(**pair)
    assert refusal(world.iam.remove_user_from_group, **pair)[:2] == ("NoSuchEntity", 404)
    assert server.state()["groups"]["ops"]["users"] == []


@pytest.mark.parametrize("pair", [("none", "bob"), ("developers", "nobody")])
@pytest.mark.parametrize("call", ["add_user_to_group", "remove_user_from_group"])
def test_groups_and_users_that_are_not_there(world, call, pair):
    found = refusal(getattr(world.iam, call), GroupName=pair[0], UserName=pair[1])
    assert found[:2] == ("NoSuchEntity", 404)


def test_members_come_in_pages(server, world):
    names = [f"extra-{number:05d}" for number in range(7)]
    server.ask("fill", {"users": 7})
    world.iam.create_group(GroupName="crowd")
    for name in names:
        world.iam.add_user_to_group(GroupName="crowd", UserName=name)
    pages = list(world.iam.get_paginator("get_group").paginate(GroupName="crowd", PaginationConfig={"PageSize": 3}))
    assert [len(page["Users"]) for page in pages] == [3, 3, 1]
    assert [u["UserName"] for page in pages for u in page["Users"]] == names
    assert {page["Group"]["GroupName"] for page in pages} == {"crowd"}


def test_ten_groups_a_user(world):
    for number in range(11):
        world.iam.create_group(GroupName=f"g{number}")
    for number in range(10):
        world.iam.add_user_to_group(GroupName=f"g{number}", UserName="bob")
    assert world.iam.add_user_to_group(GroupName="g3", UserName="bob")
    found = refusal(world.iam.add_user_to_group, GroupName="g10", UserName="bob")
    assert found == ("LimitExceeded", 409, "Cannot exceed quota for GroupsPerUser: 10")


def test_policies_of_a_group(world):
    group = {"GroupName": "developers"}
    world.iam.put_group_policy(**group, **SOME_POLICY)
    assert sorted(world.iam.list_group_policies(**group)["PolicyNames"]) == ["some", "watch"]
    kept = world.iam.get_group_policy(**group, PolicyName="some")["PolicyDocument"]
    assert kept["Statement"] == [deny("*")]
    world.iam.delete_group_policy(**group, PolicyName="some")
    for call in ("get_group_policy", "delete_group_policy"):
        assert refusal(getattr(world.iam, call), **group, PolicyName="some")[:2] == ("NoSuchEntity", 404)
    world.iam.attach_group_policy(**group, PolicyArn=DENY_ALL)
    world.iam.attach_group_policy(**group, PolicyArn=DENY_ALL)
    attached = world.iam.list_attached_group_policies(**group)["AttachedPolicies"]
    assert {p["PolicyName"] for p in attached} == {"AmazonS3ReadOnlyAccess", "AWSDenyAll"}
    world.iam.detach_group_policy(**group, PolicyArn=DENY_ALL)
    assert refusal(world.iam.detach_group_policy, **group, PolicyArn=DENY_ALL)[:2] == ("NoSuchEntity", 404)
    assert world.iam.get_policy(PolicyArn=DENY_ALL)["Policy"]["AttachmentCount"] == 0


def test_ten_policies_a_group(world):
    for number in range(10):
        text = document(allow("s3:*"))
        arn = world.iam.create_policy(PolicyName=f"p{number}", PolicyDocument=text)["Policy"]["Arn"]
        if number < 9:
            world.iam.attach_group_policy(GroupName="developers", PolicyArn=arn)
    found = refusal(world.iam.attach_group_policy, GroupName="developers", PolicyArn=arn)
    assert found == ("LimitExceeded", 409, "Cannot exceed quota for PoliciesPerGroup: 10")


GROUP_DEPENDENTS = {
    "user": lambda iam: iam.add_user_to_group(UserName="bob", GroupName="ops"),
    "inline": lambda iam: iam.put_group_policy(GroupName="ops", **SOME_POLICY),
    "attached": lambda iam: iam.attach_group_policy(GroupName="ops", PolicyArn=DENY_ALL),
}


@pytest.mark.parametrize("kind", GROUP_DEPENDENTS)
def test_no_group_goes_with_anything_left(world, kind):
    world.iam.create_group(GroupName="ops")
    GROUP_DEPENDENTS[kind](world.iam)
    assert refusal(world.iam.delete_group, GroupName="ops")[:2] == ("DeleteConflict", 409)
