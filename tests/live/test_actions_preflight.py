# SPDX-License-Identifier: Apache-2.0
"""Preflight: may we, can the target undo it, and what stops working; told before the question, after the deny."""

import pytest

from support.acting import NOW, act
from support.program import Cordon
from support.thief import Thief
from support.world import ACCOUNT, ALLOW_ALL, allow, deny, document, trust

V = ("--user", "anna.dev")
BLIND = ["iam:SimulatePrincipalPolicy"]
OWN_POLICIES = ["iam:ListUserPolicies", "iam:ListAttachedUserPolicies", "iam:GetUserPolicy", "iam:GetPolicyVersion"]
ASKS = {"SimulatePrincipalPolicy", "GetAccountAuthorizationDetails", "GetGroupPolicy"}


def preflight(cordon, *command, status=0):
    """What a dry run says will happen."""
    found = cordon(*command, "--dry-run", "--output", "json", check=status).json
    return found["preflight"], found


def answers(cordon, *command):
    """{operation: what we may, and how that is known}."""
    told, found = preflight(cordon, *command)
    assert set(told["operations"]) == {o["id"] for o in found["operations"]} != set()
    return {o["operation"]: tuple(told["operations"][o["id"]].values()) for o in found["operations"]}


# May we?


@pytest.mark.parametrize(
    "command, operation",
    [
        (("deny-all", *V), "PutUserPolicy"),
        (("deny-all", "--role", "deploy"), "PutRolePolicy"),
        (("deny-all", "--group", "developers"), "PutGroupPolicy"),
        (("remove-from-groups", *V, "--all"), "RemoveUserFromGroup"),
        (("deactivate-mfa-devices", *V, "--serial", f"arn:aws:iam::{ACCOUNT}:mfa/anna.dev"), "DeactivateMFADevice"),
    ],
    ids=lambda c: c[0] if isinstance(c, tuple) else c,
)
def test_aws_is_asked(cordon, world, command, operation):
    assert answers(cordon, *command) == {operation: ("yes", "simulated by AWS")}
    (asked,) = world.sent(action="SimulatePrincipalPolicy")
    assert asked["params"]["PolicySourceArn"].endswith("user/security/ir-responder")
    assert world.writes() == []


def test_a_refusal_that_aws_foresees(cordon, world):
    world.limit_responder(deny("iam:DetachUserPolicy"))
    assert answers(cordon, "detach-policies", *V, "--all") == {"DetachUserPolicy": ("no", "explicitDeny")}
    told = cordon.answer(["no"], "detach-policies", *V, "--all", "--settle", "0")
    assert "WE MAY NOT SEND" in told.tty, str(told)
    assert told.status == 3 and world.writes() == []


def test_a_right_on_one_user_only(cordon, world):
    """The right is asked for on the one who is changed, path and all."""
    own = f"arn:aws:iam::{ACCOUNT}:user/team/*"
    world.limit_responder(deny("iam:PutUserPolicy", own))
    assert answers(cordon, "deny-all", "--user", "carol") == {"PutUserPolicy": ("no", "explicitDeny")}
    assert answers(cordon, "deny-all", "--user", "bob") == {"PutUserPolicy": ("yes", "simulated by AWS")}


@pytest.mark.parametrize("denied, may", [([], "yes"), (["iam:PutUserPolicy"], "no")])
def test_where_aws_may_not_be_asked_our_own_policies_say(cordon, world, denied, may):
    world.limit_responder(deny(BLIND + denied))
    assert answers(cordon, "deny-all", *V) == {"PutUserPolicy": (may, "as our own policies say")}


def test_where_nothing_can_be_read_it_is_not_known(cordon, world):
    world.limit_responder(deny(BLIND + ["iam:GetAccountAuthorizationDetails"]), deny(OWN_POLICIES, responder_arn()))
    ((may, how),) = answers(cordon, "deny-all", *V).values()
    assert may == "unknown" and "could" in how and "not" in how
    told = cordon.answer(["no"], "deny-all", *V, "--settle", "0")
    assert "not known whether we may send" in told.tty, str(told)


def responder_arn():
    """Ourselves."""
    return f"arn:aws:iam::{ACCOUNT}:user/security/ir-responder"


def test_a_role_is_asked_about_with_its_path(world, server, tmp_path):
    arn = world.role("ir", trust(f"arn:aws:iam::{ACCOUNT}:root"), "/security/")
    world.iam.put_role_policy(RoleName="ir", PolicyName="all", PolicyDocument=document(ALLOW_ALL))
    responder = Thief(server, world.responder).assume(arn, "me")
    found = answers(Cordon(server, responder.credentials, tmp_path), "deny-all", *V)
    assert found == {"PutUserPolicy": ("yes", "simulated by AWS")}
    (asked,) = server.log(responder.credentials["AccessKeyId"], action="SimulatePrincipalPolicy")
    assert asked["params"]["PolicySourceArn"] == arn


# Can the target undo it?


def of_target(cordon, *command):
    """What preflight says of the one target."""
    (target,) = preflight(cordon, *command)[0]["targets"]
    return target


def test_what_a_target_can_undo(cordon, world):
    world.iam.put_user_policy(UserName="bob", PolicyName="iam", PolicyDocument=document(allow("iam:*User*")))
    can = of_target(cordon, "deny-all", "--user", "bob")["can"]
    assert {"iam:DeleteUserPolicy", "iam:PutUserPolicy", "iam:CreateUser"} <= set(can)
    assert "iam:CreateAccessKey" not in can and "sts:AssumeRole" not in can
    told = cordon.answer(["no"], "deny-all", "--user", "bob", "--settle", "0")
    assert "can act against this" in told.tty and "iam:DeleteUserPolicy" in told.tty


def test_one_who_can_undo_nothing(cordon, world):
    target = of_target(cordon, "deny-all", "--user", "bob")
    assert (target["can"], target["perhaps"]) == ([], [])


def test_his_groups_count_and_a_deny_does(cordon, world):
    world.iam.put_group_policy(GroupName="developers", PolicyName="iam", PolicyDocument=document(allow("iam:*")))
    world.iam.put_user_policy(UserName="carol", PolicyName="no", PolicyDocument=document(deny("iam:Put*")))
    can = of_target(cordon, "deny-all", "--user", "carol")["can"]
    assert "iam:DeleteUserPolicy" in can and "iam:PutUserPolicy" not in can


def test_a_condition_is_perhaps(cordon, world):
    when = {"Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}
    text = document(allow("iam:CreateAccessKey") | when)
    world.iam.put_user_policy(UserName="bob", PolicyName="iam", PolicyDocument=text)
    target = of_target(cordon, "deny-all", "--user", "bob")
    assert target["can"] == [] and target["perhaps"] == ["iam:CreateAccessKey"]


def test_a_way_out_over_roles_is_one(cordon, world):
    """The victim may assume roles under /app/: the right is on them, not on himself."""
    assert world.victim.thief().assume(world.deploy).steal() == "ok"
    target = of_target(cordon, "deny-all", *V)
    assert "sts:AssumeRole" in target["can"] + target["perhaps"], target
    assert "sts:GetFederationToken" in target["can"]


@pytest.mark.parametrize(
    "action, resource",
    [
        ("iam:CreatePolicyVersion", f"arn:aws:iam::{ACCOUNT}:policy/*"),
        ("iam:AddUserToGroup", f"arn:aws:iam::{ACCOUNT}:group/*"),
        ("iam:UpdateAssumeRolePolicy", f"arn:aws:iam::{ACCOUNT}:role/*"),
        ("iam:CreateUser", f"arn:aws:iam::{ACCOUNT}:user/backup-*"),
    ],
)
def test_a_right_on_other_things_is_a_way_out_too(cordon, world, action, resource):
    world.iam.put_user_policy(UserName="bob", PolicyName="iam", PolicyDocument=document(allow(action, resource)))
    target = of_target(cordon, "deny-all", "--user", "bob")
    assert action in target["can"] + target["perhaps"], target


# What stops working?


def in_use(target):
    """{id or kind: (known, service)}."""
    return {use["id"] or use["what"]: (use["known"], use["service"]) for use in target["in_use"]}


def test_the_last_use_of_what_stops_working(cordon, world):
    world.victim.thief().steal()
    first, second = (key["AccessKeyId"] for key in world.victim.keys)
    found = in_use(of_target(cordon, "deny-all", *V))
    assert found[first] == (True, "s3") and found[second] == (True, None)
    assert "console password" in found


def test_a_role_in_use(cordon, world):
    (use,) = of_target(cordon, "deny-all", "--role", "deploy")["in_use"]
    assert use["what"] == "role" and use["id"] == "deploy"


def test_what_was_switched_off_is_still_told(cordon, world):
    """With --yes the deny goes first; the record tells all the same what stopped working, and what he could do."""
    world.victim.thief().steal()
    world.iam.put_user_policy(UserName="anna.dev", PolicyName="iam", PolicyDocument=document(allow("iam:*")))
    found = cordon.contain("anna.dev")
    (target,) = found["preflight"]["targets"]
    assert in_use(target).get(world.victim.key) == (True, "s3"), target
    assert "iam:DeleteUserPolicy" in target["can"], target


# The deny first


@pytest.mark.parametrize(
    "command",
    [("contain", "anna.dev"), ("deny-all", *V), ("deny-all", "--role", "deploy"), ("quarantine", *V)],
    ids=lambda c: c[0],
)
def test_nothing_is_asked_before_the_deny_is_out(cordon, world, command):
    cordon(*command, *NOW)
    order = [e["action"] for e in world.sent()]
    first = next(n for n, e in enumerate(world.sent()) if e["write"])
    asked = [n for n, e in enumerate(world.sent()) if e["action"] in ASKS or about_us(e)]
    assert asked and min(asked) > first, order


def about_us(entry):
    """A question about the responder's own user."""
    return entry["params"].get("UserName") == "ir-responder"


def test_preflight_that_fails_delays_nothing(cordon, world, server):
    fault = {"action": "SimulatePrincipalPolicy", "do": "error", "code": "ServiceFailure", "status": 500, "times": 0}
    server.faults(fault)
    found = act(cordon, "deny-all", *V)
    assert [r["status"] for r in found["results"]] == ["done"]
    assert world.victim.thief().steal() == "AccessDenied"
