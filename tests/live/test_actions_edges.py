# SPDX-License-Identifier: Apache-2.0
"""Where a careless tool would harm somebody else, or say a thing that is not so."""

import json

import pytest

from support.acting import NOW, QUARANTINE, READ_ONLY, act, effect
from support.expect import operations
from support.world import ACCOUNT, allow, changes, document, trust

V = ("--user", "anna.dev")
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
BOB = f"arn:aws:iam::{ACCOUNT}:user/bob"
STRANGER = "999988887777"
STRANGER_ROOT = f"arn:aws:iam::{STRANGER}:root"


def set_trust(world, text):
    """Whom the role trusts."""
    world.iam.update_assume_role_policy(RoleName="deploy", PolicyDocument=text)


def reached(document_):
    """Whether the plan says that there was nothing to do."""
    return [s["why"] for s in document_["skipped"] if s["reached"]]


# Others are not touched


def test_a_protected_role_is_not_written_when_its_user_is_made_anew(cordon, world, server):
    """It trusts the user; --protect says that nothing is to be written to it."""
    found = cordon("recreate-user", *V, "--protect", world.named, *NOW).json
    assert [e for e in world.writes() if e["params"].get("RoleName") == "named"] == [], found["warnings"]


def test_a_role_of_awss_is_not_written_when_its_user_is_made_anew(cordon, world, server):
    text = trust(world.victim.arn)
    path = "/aws-reserved/sso.amazonaws.com/"
    world.iam.create_role(RoleName="AWSReservedSSO_X_0123456789abcdef", Path=path, AssumeRolePolicyDocument=text)
    found = cordon("recreate-user", *V, *NOW).json
    refused = [e for e in world.writes() if e["status"] != 200]
    assert refused == [], found["results"]


@pytest.mark.parametrize("page_size", [1, None])
def test_our_own_name_on_the_last_page_of_a_group(cordon, world, server, page_size):
    world.iam.create_group(GroupName="crowd")
    for user in ("bob", "carol", "anna.dev", "ir-responder"):
        world.iam.add_user_to_group(GroupName="crowd", UserName=user)
    server.configure(page_size=page_size)
    found = cordon("deny-all", "--group", "crowd", *NOW, check=3).json
    assert [r["guard"] for r in found["refusals"]] == ["own-identity"] and world.writes() == []


def test_a_group_whose_members_cannot_be_read(cordon, world, server):
    """We are in it, and our own list of groups says so."""
    world.iam.add_user_to_group(GroupName="developers", UserName="ir-responder")
    server.faults({"action": "GetGroup", "do": "error", "code": "AccessDenied", "status": 403, "times": 0})
    cordon("deny-all", "--group", "developers", *NOW)
    assert world.writes() == [], "we have locked ourselves out"


def test_the_group_of_a_user_is_not_told_apart_from_him(cordon, world, server):
    """What he has by a group is not taken by detaching: it is said or left, but nobody else loses it."""
    before = server.state()
    act(cordon, "detach-policies", *V, "--all")
    act(cordon, "delete-inline-policies", *V, "--all")
    assert {p[:2] for p in changes(before, server.state())} == {("users", "anna.dev")}


# What is said is so


@pytest.mark.parametrize("named, stands", [(STRANGER, STRANGER_ROOT), (STRANGER_ROOT, STRANGER)])
def test_an_account_has_two_names(cordon, world, server, named, stands):
    """AWS takes the number for the ARN of its root: who is shut out by one name is not let in by the other."""
    set_trust(world, trust(ROOT, stands))
    act(cordon, "lock-trust-policy", "--role", "deploy", "--principal", named)
    assert stands not in str(server.state()["roles"]["deploy"]["trust"])


@pytest.mark.parametrize("wide", ["*", ROOT])
def test_one_who_gets_in_by_a_wider_name_is_not_called_shut_out(cordon, world, wide):
    """Nothing names him, and yet he is let in: silence or success would be wrong."""
    set_trust(world, trust(wide))
    found = cordon("lock-trust-policy", "--role", "deploy", "--principal", BOB, *NOW).json
    assert reached(found) == [] or any(wide in w for w in found["warnings"]), reached(found)


def test_strangers_who_come_by_an_identity_provider(cordon, world, server):
    """Everybody with an account at Google is not of this account."""
    federated = {"Effect": "Allow", "Principal": {"Federated": "accounts.google.com"}}
    federated["Action"] = "sts:AssumeRoleWithWebIdentity"
    set_trust(world, document(json.loads(trust(ROOT))["Statement"][0], federated))
    found = act(cordon, "lock-trust-policy", "--role", "deploy", "--foreign")
    left = "accounts.google.com" in str(server.state()["roles"]["deploy"]["trust"])
    assert not left or "accounts.google.com" in str(found["warnings"] + found["not_covered"])


def test_services_are_kept_when_strangers_go(cordon, world, server):
    service = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    set_trust(world, document(service, json.loads(trust(STRANGER))["Statement"][0]))
    act(cordon, "lock-trust-policy", "--role", "deploy", "--foreign")
    assert server.state()["roles"]["deploy"]["trust"]["Statement"] == [service]


@pytest.mark.parametrize(
    "command",
    [
        ("detach-policies", *V, "--policy", f"arn:aws:iam::{ACCOUNT}:policy/tpyo"),
        ("delete-inline-policies", *V, "--policy", "tpyo"),
        ("remove-from-groups", *V, "--from", "tpyo"),
        ("deactivate-mfa-devices", *V, "--serial", f"arn:aws:iam::{ACCOUNT}:mfa/tpyo"),
        ("delete-credentials", *V, "--credential", "APKAQQQQQQQQTPYOQQQQ"),
    ],
    ids=lambda c: c[0],
)
def test_a_name_that_is_not_there_is_repeated(cordon, world, command):
    """A typing mistake must be seen: the answer names what was not found."""
    told = cordon(*command, *NOW[:4])
    assert told.says("tpyo") and world.writes() == [], str(told)


def test_one_that_is_not_there_beside_one_that_is(cordon, world, server):
    """The first is found; the second is a typing mistake, and the policy it meant is still there."""
    told = cordon("delete-inline-policies", *V, "--policy", "daily-work", "--policy", "tpyo", *NOW[:4])
    assert "daily-work" not in server.state()["users"]["anna.dev"]["inline"]
    assert told.says("tpyo"), str(told)


def test_a_federated_guest_is_denied_alone(cordon, world):
    thief = world.victim.thief()
    guest, other = thief.federate("guest"), thief.federate("other")
    act(cordon, "deny-all", *V, "--session", "guest")
    assert (guest.steal(), other.steal(), thief.steal()) == ("AccessDenied", "ok", "ok")


def test_a_policy_that_does_not_exist_is_a_failure(cordon, world, server):
    found, changed = effect(cordon, server, "quarantine", *V, "--policy", QUARANTINE + "V9", check=5)
    assert changed == {} and found["operations"] == []
    assert "has no policy " + QUARANTINE + "V9" in found["skipped"][0]["why"]


def test_a_policy_that_is_no_quarantine_is_not_called_one(cordon, world):
    """--policy takes AWS's quarantine policies: attaching rights to a thief would be the opposite."""
    found = cordon("quarantine", *V, "--policy", "arn:aws:iam::aws:policy/AdministratorAccess", *NOW)
    assert found.status in (2, 3, 5) and world.writes() == [], str(found)


@pytest.mark.parametrize("policy", ["arn:aws:iam::aws:policy/AdministratorAccess", READ_ONLY])
def test_a_boundary_does_not_widen_what_a_deny_closed(cordon, world, policy):
    """set-boundary in place of a narrower one is sent, as asked; the old one is in the record."""
    old = world.iam.create_policy(PolicyName="narrow", PolicyDocument=document(allow("s3:Get*")))["Policy"]["Arn"]
    world.iam.put_user_permissions_boundary(UserName="bob", PermissionsBoundary=old)
    found = act(cordon, "set-boundary", "--user", "bob", "--policy", policy)
    assert operations(found) == ["PutUserPermissionsBoundary"] and old in found["operations"][0]["why"]
