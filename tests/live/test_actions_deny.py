# SPDX-License-Identifier: Apache-2.0
"""Denies in detail: which policy is taken, what the plan shows of it, and what the thief can still do."""

import pytest

from support.acting import DENY_ALL, NOW, QUARANTINE, READ_ONLY, act, effect, undo_of
from support.expect import DENY, operations
from support.rows_cut import OURS, SPARING
from support.thief import Thief
from support.world import allow, document


def decisions(world, arn, *asked):
    """What AWS decides about (action, resource) for a principal."""
    found = {}
    for action, resource in asked:
        reply = world.iam.simulate_principal_policy(PolicySourceArn=arn, ActionNames=[action], ResourceArns=[resource])
        found[action, resource] = reply["EvaluationResults"][0]["EvalDecision"]
    return found


def one(document_):
    """The one operation of a plan."""
    assert len(document_["operations"]) == 1, document_["operations"]
    return document_["operations"][0]


# Everything


@pytest.mark.parametrize("via", ["inline", "managed", "boundary"])
def test_the_thief_is_denied_whatever_the_way(cordon, world, via):
    thief, session = world.victim.thief(), world.victim.thief().session_token()
    assert {thief.steal(), session.steal()} == {"ok"}
    act(cordon, "deny-all", "--user", world.victim.name, "--via", via)
    assert {thief.steal(), session.steal()} == {"AccessDenied"}
    assert world.bystander.steal() == "ok"


def test_a_group_denied_is_its_members_denied_and_it_says_who(cordon, world):
    world.iam.put_user_policy(UserName="carol", PolicyName="s3", PolicyDocument=document(allow("s3:*")))
    assert world.colleague.steal() == "ok"
    found = act(cordon, "deny-all", "--group", "developers")
    assert {world.victim.thief().steal(), world.colleague.steal()} == {"AccessDenied"}
    assert any("carol" in w and "anna.dev" in w and "2 users" in w for w in found["warnings"]), found["warnings"]
    assert world.bystander.steal() == "ok"


def test_one_session_denied_and_its_neighbour_not(cordon, world):
    bad = world.victim.thief().assume(world.deploy, "bad")
    good = world.colleague_session("deploy", "good")
    act(cordon, "deny-all", "--role", "deploy", "--session", "bad")
    assert (bad.steal(), good.steal()) == ("AccessDenied", "ok")
    assert world.victim.thief().assume(world.deploy, "bad").steal() == "AccessDenied"


def test_a_role_denied_says_what_is_cut_off_with_it(cordon, world):
    found = act(cordon, "deny-all", "--role", "deploy")
    assert any("logs:PutLogEvents" in w and "last used" in w for w in found["warnings"]), found["warnings"]


@pytest.mark.parametrize(
    "via, operation, undo",
    [
        ("inline", "PutUserPolicy", [("DeleteUserPolicy", {"UserName": "anna.dev", "PolicyName": DENY})]),
        ("managed", "AttachUserPolicy", [("DetachUserPolicy", {"UserName": "anna.dev", "PolicyArn": DENY_ALL})]),
        (
            "boundary",
            "PutUserPermissionsBoundary",
            [("PutUserPermissionsBoundary", {"UserName": "anna.dev", "PermissionsBoundary": READ_ONLY})],
        ),
    ],
)
def test_the_undo_is_what_was_there(cordon, world, via, operation, undo):
    world.iam.put_user_permissions_boundary(UserName="anna.dev", PermissionsBoundary=READ_ONLY)
    assert undo_of(act(cordon, "deny-all", "--user", "anna.dev", "--via", via), operation) == undo


def test_another_way_is_added_only_where_it_is_asked_for(cordon, world):
    assert operations(act(cordon, "deny-all", "--user", "anna.dev", "--via", "managed")) == ["AttachUserPolicy"]
    assert operations(act(cordon, "deny-all", "--user", "anna.dev")) == []
    assert operations(act(cordon, "deny-all", "--user", "anna.dev", "--via", "inline")) == ["PutUserPolicy"]


# Quarantine


@pytest.mark.parametrize("newest, exists", [("V3", False), ("V4", True)])
def test_the_newest_of_awss_is_taken(cordon, world, server, newest, exists):
    server.configure(quarantine_v4=exists)
    found, changed = effect(cordon, server, "quarantine", "--user", "anna.dev", "--via", "managed")
    assert changed == {("users", "anna.dev", "attached"): [QUARANTINE + newest, READ_ONLY]}
    assert "version v" in one(found)["why"]


def test_one_that_is_named_is_taken_although_a_newer_one_exists(cordon, server):
    server.configure(quarantine_v4=True)
    found, changed = effect(cordon, server, "quarantine", "--user", "anna.dev", "--policy", QUARANTINE + "V2")
    assert changed == {("users", "anna.dev", "attached"): [QUARANTINE + "V2", READ_ONLY]}
    assert "ec2:RunInstances" in one(found)["denies"]


@pytest.mark.parametrize("via, member", [("managed", "PolicyArn"), ("boundary", "PermissionsBoundary")])
def test_the_plan_shows_what_awss_policy_denies(cordon, world, server, via, member):
    server.configure(quarantine_v4=True)
    shown = one(act(cordon, "quarantine", "--user", "anna.dev", "--via", via))
    version = world.iam.get_policy(PolicyArn=shown["parameters"][member])["Policy"]["DefaultVersionId"]
    text = world.iam.get_policy_version(PolicyArn=shown["parameters"][member], VersionId=version)
    statements = text["PolicyVersion"]["Document"]["Statement"]
    wanted = {a for s in statements for a in ([s["Action"]] if isinstance(s["Action"], str) else s["Action"])}
    assert set(shown["denies"]) == wanted and "sts:AssumeRoot" in wanted
    assert "sts:AssumeRoot" in cordon("quarantine", "--user", "bob", "--via", via, "--dry-run", check=0).stdout


def still_allowed(world, *options, cordon):
    """Which of the actions that AWS's V3 denies a quarantined role may still do; it may do everything else."""
    world.iam.put_role_policy(RoleName="deploy", PolicyName="all", PolicyDocument=document(allow("*")))
    found = act(cordon, "quarantine", "--role", "deploy", *options)
    assert any("does not contain" in w for w in found["warnings"])
    version = world.iam.get_policy(PolicyArn=QUARANTINE + "V3")["Policy"]["DefaultVersionId"]
    reply = world.iam.get_policy_version(PolicyArn=QUARANTINE + "V3", VersionId=version)
    denied = reply["PolicyVersion"]["Document"]["Statement"][0]["Action"]
    ways_on = ["sts:AssumeRole", "iam:DeleteUserPolicy"]  # AWS's own leaves them open
    actions = [action.replace("*", "Instances") for action in denied] + ways_on
    used = ["ec2:DescribeInstances", "s3:PutObject", "dynamodb:GetItem"]
    pages = world.iam.get_paginator("simulate_principal_policy").paginate(
        PolicySourceArn=world.deploy, ActionNames=actions + used
    )
    decided = {r["EvalActionName"]: r["EvalDecision"] for page in pages for r in page["EvaluationResults"]}
    assert {decided.pop(action) for action in used} == {"allowed"} and len(decided) > 90
    return {action for action, decision in decided.items() if decision != "explicitDeny"}


def test_our_own_quarantine_denies_all_that_awss_does(cordon, world):
    assert still_allowed(world, cordon=cordon) == set()


def test_one_that_spares_logs_denies_all_but_these(cordon, world):
    spared = still_allowed(world, "--spare-logs", cordon=cordon)
    assert {"logs:PutLogEvents", "s3:GetObject"} <= spared <= {"logs:PutLogEvents", "s3:GetObject", "s3:ListBucket"}


def test_a_spared_role_still_writes_its_logs(cordon, world):
    world.iam.put_role_policy(RoleName="deploy", PolicyName="all", PolicyDocument=document(allow("*")))
    logs = [("logs:PutLogEvents", "*"), ("s3:GetObject", "arn:aws:s3:::b/k")]
    act(cordon, "quarantine", "--role", "deploy", "--spare-logs")
    assert set(decisions(world, world.deploy, *logs).values()) == {"allowed"}
    act(cordon, "quarantine", "--role", "deploy", "--via", "managed")
    assert set(decisions(world, world.deploy, *logs).values()) == {"explicitDeny"}


@pytest.mark.parametrize("way", [("--via", "managed"), ("--via", "boundary"), ("--policy", QUARANTINE + "V3")])
def test_awss_policy_cannot_spare_logs(cordon, world, server, way):
    found, changed = effect(cordon, server, "quarantine", "--role", "deploy", "--spare-logs", *way, check=5)
    assert changed == {} and world.writes() == []
    assert found["skipped"][0]["instead"] == "--via inline"


def test_a_quarantine_takes_the_place_of_our_own_and_its_undo_brings_it_back(cordon, world, server):
    act(cordon, "quarantine", "--role", "deploy")
    found, changed = effect(cordon, server, "quarantine", "--role", "deploy", "--spare-logs")
    assert changed == {("roles", "deploy", "inline", "CordonQuarantine", "Statement"): SPARING["Statement"]}
    (undo,) = undo_of(found, "PutRolePolicy")
    assert undo[0] == "PutRolePolicy" and '"logs:PutL' in str(undo[1]) and OURS != SPARING


def test_a_policy_of_somebody_else_under_our_name_is_kept(cordon, world, server):
    theirs = document(allow("sqs:*"))
    world.iam.put_user_policy(UserName="anna.dev", PolicyName="CordonQuarantine", PolicyDocument=theirs)
    _found, changed = effect(cordon, server, "quarantine", "--user", "anna.dev")
    (path,) = changed
    assert path[:3] == ("users", "anna.dev", "inline") and path[3].startswith("CordonQuarantine-")


# Given actions


def test_the_thief_is_denied_that_and_only_that(cordon, world):
    """The guide's example: a bucket that is being emptied is closed to one user."""
    bucket = ["arn:aws:s3:::payroll", "arn:aws:s3:::payroll/*"]
    options = [word for arn in bucket for word in ("--resource", arn)]
    act(cordon, "restrict", "--user", "anna.dev", "--deny", "s3:Get*", "--deny", "s3:ListBucket", *options)
    asked = [
        ("s3:GetObject", bucket[0] + "/a"),
        ("s3:ListBucket", bucket[0]),
        ("s3:PutObject", bucket[0] + "/a"),
        ("s3:GetObject", "arn:aws:s3:::other/a"),
    ]
    found = decisions(world, world.victim.arn, *asked)
    assert list(found.values()) == ["explicitDeny", "explicitDeny", "allowed", "allowed"]
    assert Thief(world.server, world.victim.keys[0]).steal() == "ok"


def test_two_restrictions_stand_beside_each_other(cordon, world, server):
    for action in ("s3:GetObject", "s3:PutObject"):
        act(cordon, "restrict", "--user", "anna.dev", "--deny", action, "--resource", "*")
    inline = server.state()["users"]["anna.dev"]["inline"]
    assert len([name for name in inline if name.startswith("CordonRestrict-")]) == 2


def test_options_in_another_order_are_the_same_restriction(cordon, world):
    """A step states an end: the same restriction is not put twice."""
    act(cordon, "restrict", "--user", "bob", "--deny", "s3:Get*", "--deny", "s3:Put*", "--resource", "*")
    again = act(cordon, "restrict", "--user", "bob", "--deny", "s3:Put*", "--deny", "s3:Get*", "--resource", "*")
    assert operations(again) == [], again["operations"]


def test_restricting_a_group_says_whom_it_hits(cordon):
    found = act(cordon, "restrict", "--group", "developers", "--deny", "s3:*", "--resource", "*")
    assert any("carol" in w for w in found["warnings"]), found["warnings"]


def test_text_says_what_happened(cordon, world):
    told = cordon("deny-all", "--user", "anna.dev", *NOW[:4], check=0)
    assert told.says("anna.dev") and told.says("PutUserPolicy") and told.says("done")
