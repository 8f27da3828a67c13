# SPDX-License-Identifier: Apache-2.0
"""The strict layer's refusals that pass, and those that never do: AWS's own roles, remade users, writes that meet."""

import threading
import time

import pytest

from support.world import deny, document, trust
from test_strict import refusal

DENY_ALL = "arn:aws:iam::aws:policy/AWSDenyAll"
ROLES = ["AWSServiceRoleForAutoScaling", "AWSReservedSSO_Admin_0123456789abcdef"]
DENY = {"PolicyName": "x", "PolicyDocument": document(deny("*"))}
ROLE_WRITES = [
    ("put_role_policy", DENY),
    ("delete_role_policy", {"PolicyName": "x"}),
    ("attach_role_policy", {"PolicyArn": DENY_ALL}),
    ("detach_role_policy", {"PolicyArn": DENY_ALL}),
    ("put_role_permissions_boundary", {"PermissionsBoundary": DENY_ALL}),
    ("delete_role_permissions_boundary", {}),
    ("update_assume_role_policy", {"PolicyDocument": trust("123456789012")}),
    ("update_role", {"Description": "x"}),
    ("update_role_description", {"Description": "x"}),
    ("tag_role", {"Tags": [{"Key": "a", "Value": "b"}]}),
    ("untag_role", {"TagKeys": ["a"]}),
    ("delete_role", {}),
    ("add_role_to_instance_profile", {"InstanceProfileName": "web"}),
    ("remove_role_from_instance_profile", {"InstanceProfileName": "web"}),
]
ROLE_READS = ["get_role", "list_role_policies", "list_attached_role_policies", "list_role_tags"]


@pytest.mark.parametrize("role", ROLES)
def test_nothing_writes_to_aws_own_roles(server, world, role):
    world.iam.create_instance_profile(InstanceProfileName="web")
    before = server.state()
    text = f"Cannot perform the operation on the protected role '{role}' - this role is only modifiable by AWS"
    for call, params in ROLE_WRITES:
        found = refusal(getattr(world.iam, call), RoleName=role, **params)
        assert found == ("UnmodifiableEntity", 400, text), call
    assert server.state() == before
    for call in ROLE_READS:
        assert getattr(world.iam, call)(RoleName=role)


def test_the_writes_are_good_ones_on_other_roles(world):
    """Else the test before could pass for a wrong reason."""
    world.iam.create_instance_profile(InstanceProfileName="web")
    order = sorted(ROLE_WRITES, key=lambda write: write[0].startswith(("de", "un", "rem")))
    order.sort(key=lambda write: write[0] == "delete_role")
    world.iam.create_role(RoleName="plain", AssumeRolePolicyDocument=trust("123456789012"))
    for call, params in order:
        getattr(world.iam, call)(RoleName="plain", **params)


def test_a_boundary_that_is_not_there(world):
    for kind, name in (("user", "bob"), ("role", "deploy")):
        holder = {f"{kind.title()}Name": name}
        put = getattr(world.iam, f"put_{kind}_permissions_boundary")
        assert refusal(put, **holder, PermissionsBoundary=DENY_ALL + "X")[:2] == ("NoSuchEntity", 404)
        delete = getattr(world.iam, f"delete_{kind}_permissions_boundary")
        assert refusal(delete, **holder)[:2] == ("NoSuchEntity", 404)


# Users made again under an old name

CODES = {"AuthenticationCode1": "123456", "AuthenticationCode2": "654321"}
RESTING = [
    ("create_login_profile", {"Password": "Long enough 1!"}),
    ("update_login_profile", {"Password": "Long enough 1!"}),
    ("delete_login_profile", {}),
    ("enable_mfa_device", {"SerialNumber": "arn:aws:iam::123456789012:mfa/x", **CODES}),
    ("deactivate_mfa_device", {"SerialNumber": "arn:aws:iam::123456789012:mfa/x"}),
    ("update_user", {"NewPath": "/x/"}),
    ("delete_user", {}),
]


def remake(world, name="dora"):
    """Delete a user and make it again."""
    world.iam.create_user(UserName=name)
    world.iam.delete_user(UserName=name)
    world.iam.create_user(UserName=name)


@pytest.mark.parametrize("call, params", RESTING)
def test_a_remade_user_rests_for_some_calls(server, world, call, params):
    server.configure(recreated={"calls": 2})
    remake(world)
    for _time in range(2):
        found = refusal(getattr(world.iam, call), UserName="dora", **params)
        assert found[:2] == ("EntityTemporarilyUnmodifiable", 409)
    world.iam.put_user_policy(UserName="dora", **DENY)
    world.iam.delete_user_policy(UserName="dora", PolicyName="x")
    try:
        getattr(world.iam, call)(UserName="dora", **params)
    except world.iam.exceptions.NoSuchEntityException:
        pass


def test_a_remade_user_rests_for_some_time(server, world):
    server.configure(recreated={"seconds": 1})
    start = time.monotonic()
    remake(world)
    assert refusal(world.iam.delete_user, UserName="dora")[0] == "EntityTemporarilyUnmodifiable"
    time.sleep(max(0, start + 1.3 - time.monotonic()))
    world.iam.delete_user(UserName="dora")


def test_other_users_do_not_rest(server, world):
    remake(world)
    world.iam.delete_user(UserName="dora")
    server.configure(recreated={"calls": 5})
    world.iam.create_user(UserName="fresh")
    world.iam.delete_user(UserName="fresh")
    remake(world, "eve")
    server.reset()
    server.iam.create_user(UserName="eve")
    server.iam.delete_user(UserName="eve")


# Writes that meet


def slowly(server, call, **params):
    """Start a write that stays under way for a while; the thread, and what became of it."""
    found = []
    server.faults({"action": "TagUser", "do": "slow", "delay": 0.6})
    thread = threading.Thread(target=lambda: found.append(call(**params)))
    thread.start()
    for _attempt in range(100):
        if server.log(action="TagUser"):
            return thread, found
        time.sleep(0.01)
    raise AssertionError("the slow write did not come")


TAGS = [{"Key": "a", "Value": "b"}]
MEETING = [
    ("tag_user", {"UserName": "bob", "Tags": TAGS}, True),
    ("untag_user", {"UserName": "bob", "TagKeys": ["a"]}, True),
    ("put_user_policy", {"UserName": "bob", **DENY}, True),
    ("attach_user_policy", {"UserName": "BOB", "PolicyArn": DENY_ALL}, True),
    ("put_user_permissions_boundary", {"UserName": "bob", "PermissionsBoundary": DENY_ALL}, True),
    ("put_user_policy", {"UserName": "carol", **DENY}, False),
    ("tag_role", {"RoleName": "deploy", "Tags": TAGS}, False),
    ("create_access_key", {"UserName": "bob"}, False),
    ("list_user_tags", {"UserName": "bob"}, False),
]


@pytest.mark.parametrize("call, params, meets", MEETING)
def test_the_later_of_two_writes_loses(server, world, call, params, meets):
    thread, found = slowly(server, server.client("iam").tag_user, UserName="bob", Tags=TAGS)
    try:
        if meets:
            assert refusal(getattr(world.iam, call), **params)[:2] == ("ConcurrentModification", 409)
        else:
            getattr(world.iam, call)(**params)
        assert not found
    finally:
        thread.join()
    assert len(found) == 1
    assert world.iam.get_user(UserName="bob")["User"]["Tags"] == TAGS
    world.iam.untag_user(UserName="bob", TagKeys=["a"])


def test_one_without_the_right_learns_nothing_of_it(server, world):
    thread, _found = slowly(server, server.client("iam").tag_user, UserName="bob", Tags=TAGS)
    assert world.bystander.attempt("iam", "tag_user", UserName="bob", Tags=TAGS) == "AccessDenied"
    thread.join()


def test_concurrent_modification_on_order(server, world):
    server.faults({"action": "TagRole", "do": "error", "code": "ConcurrentModification", "status": 409})
    tag = {"RoleName": "deploy", "Tags": TAGS}
    assert refusal(world.iam.tag_role, **tag)[:2] == ("ConcurrentModification", 409)
    world.iam.tag_role(**tag)
