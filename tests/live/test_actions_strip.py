# SPDX-License-Identifier: Apache-2.0
"""Stripping in detail: what stays, what the record keeps of what went, and what is said."""

import pytest

from support.acting import DENY_ALL, QUARANTINE, READ_ONLY, act, effect, undo_all, undo_of
from support.expect import CUTOFF, DENY, operations
from support.world import ACCOUNT, allow, deny, document, trust

ROOT, STRANGER = f"arn:aws:iam::{ACCOUNT}:root", "arn:aws:iam::999988887777:root"
# Written by hand, as people do: odd spacing, a character that JSON may escape, Latin-1.
BY_HAND = (
    '{ "Version": "2012-10-17",\n\t"Statement":{"Sid":"caf\u00e9", "Effect":"Allow","Action":["s3:Get*"],'
    '  "Resource":"arn:aws:s3:::a\\u002fb/*"}\n}'
)
TRUST_BY_HAND = (
    '{"Statement" : [ {"Action":"sts:AssumeRole" ,"Principal":{"AWS":"%s"},'
    '"Effect":"Allow"}],"Version":"2012-10-17"}'
)


def put(world, name, text=BY_HAND, user="anna.dev"):
    """An inline policy."""
    world.iam.put_user_policy(UserName=user, PolicyName=name, PolicyDocument=text)


def set_trust(world, text, role="deploy"):
    """A trust policy."""
    world.iam.update_assume_role_policy(RoleName=role, PolicyDocument=text)


# Inline policies


def test_the_undo_holds_the_old_document_byte_for_byte(cordon, world):
    put(world, "by-hand")
    found = act(cordon, "delete-inline-policies", "--user", "anna.dev", "--policy", "by-hand")
    back = {"UserName": "anna.dev", "PolicyName": "by-hand", "PolicyDocument": BY_HAND}
    assert undo_of(found, "DeleteUserPolicy") == [("PutUserPolicy", back)]


def test_the_record_holds_it_too(cordon, world):
    put(world, "by-hand")
    act(cordon, "delete-inline-policies", "--user", "anna.dev", "--policy", "by-hand")
    intents = [line for line in cordon.journal() if line["event"] == "intent"]
    assert BY_HAND in [i["PolicyDocument"] for i in intents[0]["before"]["UserPolicyList"]]


def test_our_own_denies_stay_unless_they_are_named(cordon, world, server):
    for name in (DENY, DENY + "-session", "CordonQuarantine", "CordonRestrict-1", CUTOFF):
        put(world, name, document(deny("s3:DeleteBucket")))
    act(cordon, "delete-inline-policies", "--user", "anna.dev", "--all")
    kept = server.state()["users"]["anna.dev"]["inline"]
    assert set(kept) == {DENY, DENY + "-session", "CordonQuarantine", "CordonRestrict-1", CUTOFF}
    found = act(cordon, "delete-inline-policies", "--user", "anna.dev", "--policy", CUTOFF)
    assert any(CUTOFF in w and "work again" in w for w in found["warnings"])
    assert CUTOFF not in server.state()["users"]["anna.dev"]["inline"]


def test_a_policy_that_only_resembles_ours_goes(cordon, world, server):
    put(world, "Cordoned-off", document(allow("*")))
    act(cordon, "delete-inline-policies", "--user", "anna.dev", "--all")
    assert server.state()["users"]["anna.dev"]["inline"] == {}


def test_a_policy_that_cannot_be_read_is_not_deleted(cordon, world, server):
    """It could not be put back."""
    rule = {"action": "GetUserPolicy", "params": {"PolicyName": "daily-work"}, "times": 0}
    server.faults(rule | {"do": "error", "code": "AccessDenied", "status": 403})
    put(world, "more")
    found, changed = effect(cordon, server, "delete-inline-policies", "--user", "anna.dev", "--all", check=5)
    assert changed == {("users", "anna.dev", "inline", "more"): None}
    assert "daily-work" in str(found["skipped"])


# Managed policies, groups, boundary


@pytest.mark.parametrize("version", ["", "V2", "V3"])
def test_awss_denies_stay_when_all_is_detached(cordon, world, server, version):
    for arn in (DENY_ALL, QUARANTINE + version):
        world.iam.attach_user_policy(UserName="anna.dev", PolicyArn=arn)
    found, changed = effect(cordon, server, "detach-policies", "--user", "anna.dev", "--all")
    assert changed == {("users", "anna.dev", "attached"): sorted([QUARANTINE + version, DENY_ALL])}
    assert undo_of(found, "DetachUserPolicy") == [
        ("AttachUserPolicy", {"UserName": "anna.dev", "PolicyArn": READ_ONLY})
    ]


def test_letting_the_deny_go_is_said(cordon, world):
    """AWSDenyAll detached by name lets him in again, as a deletion of our inline deny does, which warns."""
    act(cordon, "deny-all", "--user", "anna.dev", "--via", "managed")
    found = act(cordon, "detach-policies", "--user", "anna.dev", "--policy", DENY_ALL)
    assert world.victim.thief().steal() == "ok"
    assert any("anna.dev" in w for w in found["warnings"]), found["warnings"]


def test_several_by_name(cordon, world, server):
    world.iam.attach_user_policy(UserName="anna.dev", PolicyArn=DENY_ALL)
    named = ("--policy", DENY_ALL, "--policy", READ_ONLY)
    found, changed = effect(cordon, server, "detach-policies", "--user", "anna.dev", *named)
    assert changed == {("users", "anna.dev", "attached"): []}
    assert operations(found) == ["DetachUserPolicy"] * 2


@pytest.mark.parametrize("old", [None, READ_ONLY])
def test_the_boundary_that_was_there_is_the_undo(cordon, world, server, old):
    if old:
        world.iam.put_role_permissions_boundary(RoleName="deploy", PermissionsBoundary=old)
    found = act(cordon, "set-boundary", "--role", "deploy", "--policy", DENY_ALL)
    back = {"RoleName": "deploy", "PermissionsBoundary": old}
    assert undo_of(found, "PutRolePermissionsBoundary") == [
        ("PutRolePermissionsBoundary", back) if old else ("DeleteRolePermissionsBoundary", {"RoleName": "deploy"})
    ]
    assert (old or "none") in found["operations"][0]["why"]
    again = act(cordon, "set-boundary", "--role", "deploy", "--policy", DENY_ALL)
    assert operations(again) == [] and again["skipped"][0]["reached"]


def test_a_boundary_that_denies_everything_is_not_replaced_in_silence(cordon, world):
    act(cordon, "deny-all", "--user", "anna.dev", "--via", "boundary")
    found = act(cordon, "set-boundary", "--user", "anna.dev", "--policy", READ_ONLY)
    assert any("denies everything" in w for w in found["warnings"])


def test_a_boundary_that_does_not_exist_fails_and_says_so(cordon, world, server):
    found, changed = effect(
        cordon, server, "set-boundary", "--user", "bob", "--policy", f"arn:aws:iam::{ACCOUNT}:policy/none", check=5
    )
    assert changed == {} and found["results"][0]["error"]["code"] == "NoSuchEntity"


# Tags


def test_the_undo_of_a_tag_is_the_old_value(cordon, world, server):
    old = [{"Key": "cordon:case", "Value": "INC-1"}]
    world.iam.tag_user(UserName="anna.dev", Tags=old)
    before = server.state()
    found = act(cordon, "tag", "--user", "anna.dev", "--case", "INC-2")
    undo = undo_of(found, "TagUser")
    assert ("TagUser", {"UserName": "anna.dev", "Tags": old}) in undo
    assert ("UntagUser", {"UserName": "anna.dev", "TagKeys": ["cordon:contained"]}) in undo
    assert undo_all(world, found) and server.state() == before


def test_a_tag_without_a_case_is_the_time(cordon, world, server):
    _found, changed = effect(cordon, server, "tag", "--user", "bob")
    (tags,) = changed.values()
    assert [tag["Key"] for tag in tags] == ["cordon:contained"]


@pytest.mark.parametrize("case", ["INC;7", "INC-7<b>", "x" * 257])
def test_a_case_that_no_tag_can_hold(cordon, world, case):
    found = cordon("tag", "--user", "bob", "--case", case, "--yes", "--settle", "0")
    assert found.status in (2, 5) and found.says("case") and world.writes() == []


# Trust


def test_the_undo_of_a_trust_policy_is_byte_for_byte(cordon, world):
    text = TRUST_BY_HAND % ROOT
    set_trust(world, text)
    found = act(cordon, "lock-trust-policy", "--role", "deploy")
    assert undo_of(found, "UpdateAssumeRolePolicy") == [
        ("UpdateAssumeRolePolicy", {"RoleName": "deploy", "PolicyDocument": text})
    ]
    assert any("nothing can assume" in w for w in found["warnings"])
    assert any("sessions" in n["what"] for n in found["not_covered"])


def test_a_locked_role_lets_nobody_in_and_its_sessions_live_on(cordon, world):
    session = world.victim.thief().assume(world.deploy)
    act(cordon, "lock-trust-policy", "--role", "deploy")
    assume = {"RoleArn": world.deploy, "RoleSessionName": "again"}
    assert world.victim.thief().attempt("sts", "assume_role", **assume) == "AccessDenied"
    assert session.steal() == "ok"


def dangle(world, *others):
    """A role that trusts somebody who is gone, and others."""
    leaver = world.iam.create_user(UserName="leaver")["User"]
    set_trust(world, trust(leaver["Arn"], *others))
    world.iam.delete_user(UserName="leaver")
    return leaver["UserId"]


@pytest.mark.parametrize("options", [(), ("--principal", STRANGER), ("--foreign",)])
def test_somebody_who_is_gone_is_dropped_and_it_is_said(cordon, world, server, options):
    gone = dangle(world, ROOT, STRANGER)
    found = act(cordon, "lock-trust-policy", "--role", "deploy", *options)
    assert any(gone in w and "cannot be restored" in w for w in found["warnings"]), found["warnings"]
    (undo,) = undo_of(found, "UpdateAssumeRolePolicy")
    assert gone not in undo[1]["PolicyDocument"]
    assert ROOT in undo[1]["PolicyDocument"] and STRANGER in undo[1]["PolicyDocument"]
    assert undo_all(world, found)
    assert ROOT in str(server.state()["roles"]["deploy"]["trust"])


def test_where_only_the_one_who_is_gone_was_trusted_nothing_can_come_back(cordon, world):
    gone = dangle(world)
    found = act(cordon, "lock-trust-policy", "--role", "deploy")
    assert undo_of(found, "UpdateAssumeRolePolicy") is None
    assert any(gone in w for w in found["warnings"]) and any("cannot be restored" in w for w in found["warnings"])


def test_what_cannot_come_back_needs_a_second_word(cordon, world, server):
    """--yes covers what can be undone, and nothing else."""
    dangle(world)
    before = server.state()
    found = cordon("lock-trust-policy", "--role", "deploy", "--yes", "--settle", "0", "--output", "json").json
    assert [o["undo"] for o in found["operations"]] == [None]
    assert server.state() == before, found["results"]


@pytest.mark.parametrize("principal, gets_in", [("*", False), (ACCOUNT, True), ("999988887777", False), (ROOT, True)])
def test_who_is_a_stranger(cordon, world, server, principal, gets_in):
    set_trust(world, trust(f"arn:aws:iam::{ACCOUNT}:user/bob", principal))
    act(cordon, "lock-trust-policy", "--role", "deploy", "--foreign")
    shown = str(server.state()["roles"]["deploy"]["trust"])
    assert (f"'{principal}'" in shown) == gets_in and "user/bob" in shown
