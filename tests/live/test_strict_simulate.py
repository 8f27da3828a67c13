# SPDX-License-Identifier: Apache-2.0
"""The strict layer's simulator, its condition operators, and that it says what then happens."""

import botocore.parsers
import pytest

from support.world import allow, deny, document
from test_strict import refusal

DENY_ALL = "arn:aws:iam::aws:policy/AWSDenyAll"
READ_ONLY = "arn:aws:iam::aws:policy/IAMReadOnlyAccess"
BOB = "arn:aws:iam::123456789012:user/bob"


def decisions(world, arn=BOB, actions=("s3:ListAllMyBuckets",), **params):
    """{(action, resource): decision}"""
    found = world.iam.simulate_principal_policy(PolicySourceArn=arn, ActionNames=list(actions), **params)
    return {(r["EvalActionName"], r["EvalResourceName"]): r["EvalDecision"] for r in found["EvaluationResults"]}


def only(world, **params):
    """The single result of a simulation."""
    params = {"PolicySourceArn": BOB, "ActionNames": ["s3:ListAllMyBuckets"]} | params
    (found,) = world.iam.simulate_principal_policy(**params)["EvaluationResults"]
    return found


CHANGES = [
    ("nothing", lambda w: None, "allowed", "ok"),
    (
        "inline deny",
        lambda w: w.iam.put_user_policy(UserName="bob", PolicyName="x", PolicyDocument=document(deny("*"))),
        "explicitDeny",
        "AccessDenied",
    ),
    (
        "managed deny",
        lambda w: w.iam.attach_user_policy(UserName="bob", PolicyArn=DENY_ALL),
        "explicitDeny",
        "AccessDenied",
    ),
    (
        "no policy",
        lambda w: w.iam.delete_user_policy(UserName="bob", PolicyName="files"),
        "implicitDeny",
        "AccessDenied",
    ),
    (
        "narrow boundary",
        lambda w: w.iam.put_user_permissions_boundary(UserName="bob", PermissionsBoundary=READ_ONLY),
        "implicitDeny",
        "AccessDenied",
    ),
    (
        "deny in the boundary",
        lambda w: w.iam.put_user_permissions_boundary(UserName="bob", PermissionsBoundary=DENY_ALL),
        "explicitDeny",
        "AccessDenied",
    ),
]


@pytest.mark.parametrize("change, decision, answer", [c[1:] for c in CHANGES], ids=[c[0] for c in CHANGES])
def test_the_simulator_says_what_happens(world, change, decision, answer):
    change(world)
    assert list(decisions(world).values()) == [decision]
    assert world.bystander.steal() == answer


def test_groups_count_and_can_be_asked(world):
    carol = "arn:aws:iam::123456789012:user/team/carol"
    group = "arn:aws:iam::123456789012:group/developers"
    for arn in (carol, group):
        assert decisions(world, arn, ["logs:PutLogEvents"]) == {("logs:PutLogEvents", "*"): "allowed"}
    world.iam.put_group_policy(GroupName="developers", PolicyName="x", PolicyDocument=document(deny("logs:*")))
    for arn in (carol, group):
        assert decisions(world, arn, ["logs:PutLogEvents"]) == {("logs:PutLogEvents", "*"): "explicitDeny"}


def test_roles_and_their_boundaries(world):
    wanted = {("s3:ListAllMyBuckets", "*"): "allowed"}
    assert decisions(world, world.deploy) == wanted
    world.iam.put_role_permissions_boundary(RoleName="deploy", PermissionsBoundary=READ_ONLY)
    assert decisions(world, world.deploy) == dict.fromkeys(wanted, "implicitDeny")


def test_each_action_on_each_resource(world):
    text = document(allow("iam:GetUser", BOB), deny("iam:GetRole", world.deploy))
    world.iam.put_user_policy(UserName="bob", PolicyName="x", PolicyDocument=text)
    found = decisions(world, BOB, ["iam:GetUser", "iam:GetRole"], ResourceArns=[BOB, world.deploy])
    assert found == {
        ("iam:GetUser", BOB): "allowed",
        ("iam:GetUser", world.deploy): "implicitDeny",
        ("iam:GetRole", BOB): "implicitDeny",
        ("iam:GetRole", world.deploy): "explicitDeny",
    }


def test_policies_tried_on_and_left_out(world):
    assert only(world, PolicyInputList=[document(deny("*"))])["EvalDecision"] == "explicitDeny"
    bounded = only(world, PermissionsBoundaryPolicyInputList=[document(allow("iam:*"))])
    assert bounded["EvalDecision"] == "implicitDeny"
    assert bounded["PermissionsBoundaryDecisionDetail"] == {"AllowedByPermissionsBoundary": False}
    inline = {"PolicyName": "files", "AttachmentType": "user", "AttachmentName": "bob"}
    assert only(world, PolicyExclusionList=[{"InlinePolicyIdentifier": inline}])["EvalDecision"] == "implicitDeny"
    world.iam.attach_user_policy(UserName="bob", PolicyArn=DENY_ALL)
    assert only(world, PolicyExclusionList=[{"PolicyArn": DENY_ALL}])["EvalDecision"] == "allowed"
    assert world.bystander.steal() == "AccessDenied"


def test_who_decided_and_what_was_not_known(world):
    world.iam.attach_user_policy(UserName="bob", PolicyArn=DENY_ALL)
    assert only(world)["MatchedStatements"] == [{"SourcePolicyId": "AWSDenyAll", "SourcePolicyType": "aws-managed"}]
    world.iam.detach_user_policy(UserName="bob", PolicyArn=DENY_ALL)
    assert [s["SourcePolicyId"] for s in only(world)["MatchedStatements"]] == ["user_bob_files"]
    old = deny("*") | {"Condition": {"DateLessThan": {"aws:TokenIssueTime": "2026-01-01T00:00:00Z"}}}
    found = only(world, PolicyInputList=[document(old)])
    assert (found["EvalDecision"], found["MissingContextValues"]) == ("allowed", ["aws:TokenIssueTime"])
    for year, decision in ((2025, "explicitDeny"), (2027, "allowed")):
        entry = {"ContextKeyName": "aws:TokenIssueTime", "ContextKeyType": "date"}
        entry["ContextKeyValues"] = [f"{year}-06-01T00:00:00Z"]
        found = only(world, PolicyInputList=[document(old)], ContextEntries=[entry])
        assert (found["EvalDecision"], found["MissingContextValues"]) == (decision, [])


def test_results_come_in_pages(server, world):
    actions = [f"s3:Get{letter}" for letter in "ABCDE"]
    server.configure(page_size=2)
    pager = world.iam.get_paginator("simulate_principal_policy").paginate(PolicySourceArn=BOB, ActionNames=actions)
    pages = [[r["EvalActionName"] for r in page["EvaluationResults"]] for page in pager]
    assert pages == [actions[:2], actions[2:4], actions[4:]]


@pytest.mark.parametrize(
    "params, code",
    [
        ({"PolicySourceArn": BOB + "by"}, "NoSuchEntity"),
        ({"PolicySourceArn": "arn:aws:sts::123456789012:assumed-role/deploy/x"}, "InvalidInput"),
        ({"ActionNames": ["s3:*"]}, "InvalidInput"),
        ({"ActionNames": ["nonsense"]}, "InvalidInput"),
    ],
)
def test_questions_that_are_refused(world, params, code):
    params = {"PolicySourceArn": BOB, "ActionNames": ["s3:GetObject"]} | params
    assert refusal(world.iam.simulate_principal_policy, **params)[0] == code


def test_asking_needs_permission_for_the_one_asked_about(world):
    ask = {"ActionNames": ["s3:GetObject"]}
    assert world.bystander.attempt("iam", "simulate_principal_policy", PolicySourceArn=BOB, **ask) == "AccessDenied"
    text = document(allow("iam:SimulatePrincipalPolicy", BOB))
    world.iam.put_user_policy(UserName="bob", PolicyName="ask", PolicyDocument=text)
    for arn, answer in ((BOB, "ok"), (world.victim.arn, "AccessDenied")):
        assert world.bystander.attempt("iam", "simulate_principal_policy", PolicySourceArn=arn, **ask) == answer


# Condition operators: (operator, what the policy says, what holds, what does not); None: the key is absent

OPERATORS = [
    ("StringEquals", "a", "a", "A"),
    ("StringNotEquals", "a", "b", "a"),
    ("StringNotEquals", "a", None, "a"),
    ("StringEqualsIgnoreCase", "a", "A", "b"),
    ("StringNotEqualsIgnoreCase", "a", "b", "A"),
    ("StringLike", "a*", "abc", "bc"),
    ("StringNotLike", "a*", "bc", "abc"),
    ("StringEquals", ["a", "b"], "b", "c"),
    ("StringNotEquals", ["a", "b"], "c", "b"),
    ("ArnEquals", "arn:aws:iam::*:user/b?b", BOB, "arn:aws:iam::1:user/rob"),
    ("ArnLike", "arn:aws:iam::*:user/*", BOB, "arn:aws:iam::1:role/bob"),
    ("ArnNotEquals", "arn:aws:iam::*:user/*", "arn:aws:iam::1:role/bob", BOB),
    ("ArnNotLike", "arn:aws:iam::*:user/*", "arn:aws:iam::1:role/bob", BOB),
    ("Bool", "true", "true", "false"),
    ("Bool", "true", "true", None),
    ("BoolIfExists", "true", None, "false"),
    ("Null", "true", None, "x"),
    ("Null", "false", "x", None),
    ("DateEquals", "2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z", "2026-01-01T00:00:01Z"),
    ("DateNotEquals", "2026-01-01T00:00:00Z", "2026-01-01T00:00:01Z", "2026-01-01T00:00:00Z"),
    ("DateLessThan", "2026-01-01T00:00:00Z", "2025-12-31T23:59:59Z", "2026-01-01T00:00:00Z"),
    ("DateLessThanEquals", "2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z", "2026-01-01T00:00:01Z"),
    ("DateGreaterThan", "2026-01-01T00:00:00Z", "2026-01-01T00:00:01Z", "2026-01-01T00:00:00Z"),
    ("DateGreaterThanEquals", "2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z", "2025-12-31T23:59:59Z"),
    ("DateLessThan", "1767225600", "2025-12-31T23:59:59Z", None),
    ("NumericLessThan", "5", "4", "5"),
]


@pytest.mark.parametrize("operator, wanted, holding, failing", OPERATORS)
def test_condition_operators(world, operator, wanted, holding, failing):
    statement = deny("*") | {"Condition": {operator: {"test:Key": wanted}}}
    for value, decision in ((holding, "explicitDeny"), (failing, "allowed")):
        entry = {"ContextKeyName": "test:Key", "ContextKeyType": "string", "ContextKeyValues": [value]}
        entries = {} if value is None else {"ContextEntries": [entry]}
        assert only(world, PolicyInputList=[document(statement)], **entries)["EvalDecision"] == decision


@pytest.mark.parametrize("operator", ["ForAllValues:StringEquals", "ForAnyValue:StringLike", "IpAddress"])
def test_operators_that_are_not_evaluated_are_loud(server, world, operator):
    statement = deny("*") | {"Condition": {operator: {"aws:username": "bob"}}}
    with pytest.raises(botocore.parsers.ResponseParserError):
        only(world, PolicyInputList=[document(statement)])
    assert operator in str(server.ask("log")[-1]["violations"])
    server.ask("clear", {})
