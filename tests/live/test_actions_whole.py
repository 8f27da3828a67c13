# SPDX-License-Identifier: Apache-2.0
"""Whole users and roles under odd circumstances: paths, pages, namesakes; nothing is left out or hit by chance."""

import pytest

from support.acting import DENY_ALL, NOW, READ_ONLY, act, done, effect, undo_all
from support.expect import operations
from support.program import Cordon
from support.world import ACCOUNT, World, changes, trust

V = ("--user", "anna.dev")


@pytest.mark.parametrize("name, path", [("anna.dev", "/division/sub_unit/"), ("a.b+c=d,e@f-g_h", "/p/"), ("-rf", "/")])
def test_a_user_of_any_name_and_path_is_made_anew(server, tmp_path, name, path):
    world = World(server, name, path)
    before = server.state()
    found = Cordon(server, world.responder, tmp_path)("recreate-user", f"--user={name}", *NOW, check=0).json
    after = server.state()
    assert done(found) and after["users"][name]["arn"] == before["users"][name]["arn"]
    assert after["users"][name]["tags"] == before["users"][name]["tags"]
    assert before["roles"] == after["roles"] and before["groups"] == after["groups"]


@pytest.mark.parametrize("action", ["delete-user", "recreate-user"])
def test_one_thing_a_page(cordon, world, server, action):
    """Whatever is on a later page is found too, else AWS would refuse in the middle."""
    for arn in (DENY_ALL, "arn:aws:iam::aws:policy/PowerUserAccess"):
        world.iam.attach_user_policy(UserName="anna.dev", PolicyArn=arn)
    before = server.state()
    server.configure(page_size=1)
    assert done(act(cordon, action, *V))
    after = server.state()
    assert {e["status"] for e in world.writes()} == {200}
    if action == "delete-user":
        assert "anna.dev" not in after["users"]
    else:
        assert after["users"]["anna.dev"]["attached"] == before["users"]["anna.dev"]["attached"]
        assert after["roles"] == before["roles"]


def test_all_keys_on_all_pages(cordon, world, server):
    server.configure(page_size=1)
    act(cordon, "deactivate-access-keys", *V)
    assert set(server.state()["users"]["anna.dev"]["keys"].values()) == {"Inactive"}


def test_a_role_that_trusts_a_namesake_is_left_alone(cordon, world, server):
    """'ann' is the beginning of 'anna.dev'; the role that trusts the longer name has nothing to do with it."""
    world.iam.create_user(UserName="ann")
    act(cordon, "recreate-user", "--user", "ann")
    assert [e for e in world.writes() if e["action"] == "UpdateAssumeRolePolicy"] == []


def test_a_role_that_only_forbids_the_user_is_told_or_mended(cordon, world, server):
    """A Deny by ARN is kept by id too: after the user is made anew it would forbid nobody."""
    forbid = '{"Effect":"Deny","Principal":{"AWS":"%s"},"Action":"sts:AssumeRole"}' % world.victim.arn
    let = '{"Effect":"Allow","Principal":{"AWS":"%s"},"Action":"sts:AssumeRole"}' % ACCOUNT
    text = '{"Version":"2012-10-17","Statement":[%s,%s]}' % (let, forbid)
    world.iam.update_assume_role_policy(RoleName="deploy", PolicyDocument=text)
    before = server.state()["roles"]["deploy"]["trust"]
    act(cordon, "recreate-user", *V)
    assert server.state()["roles"]["deploy"]["trust"] == before


def test_a_trust_policy_that_names_another_who_is_gone_too(cordon, world, server):
    leaver = world.iam.create_user(UserName="leaver")["User"]
    world.iam.update_assume_role_policy(RoleName="deploy", PolicyDocument=trust(world.victim.arn, leaver["Arn"]))
    world.iam.delete_user(UserName="leaver")
    found = act(cordon, "recreate-user", *V)
    shown = str(server.state()["roles"]["deploy"]["trust"])
    assert done(found) and world.victim.arn in shown and leaver["UserId"] not in shown
    assert any(leaver["UserId"] in str(w) for w in found["warnings"] + found["not_covered"]), found["warnings"]


def test_what_was_not_read_of_the_account_keeps_the_user_alive(cordon, world, server):
    """Without the roles nobody knows who trusts him."""
    rule = {"do": "error", "code": "AccessDenied", "status": 403, "times": 0}
    server.faults(rule | {"action": ["GetAccountAuthorizationDetails", "ListRoles"]})
    found, changed = effect(cordon, server, "recreate-user", *V, check=5)
    assert changed == {} and world.writes() == [] and found["skipped"][0]["why"]


def test_a_hardware_device(cordon, world, server):
    codes = {"AuthenticationCode1": "123456", "AuthenticationCode2": "654321"}
    world.iam.enable_mfa_device(UserName="bob", SerialNumber="GAHT12345678", **codes)
    _found, changed = effect(cordon, server, "deactivate-mfa-devices", "--user", "bob", "--serial", "GAHT12345678")
    assert changed == {("users", "bob", "mfa"): []}


def test_a_tag_that_differs_in_case_comes_back(cordon, world, server):
    """IAM's tag keys are unique without regard to case: ours takes the place of theirs."""
    world.iam.tag_user(UserName="bob", Tags=[{"Key": "Cordon:Case", "Value": "old"}])
    before = server.state()
    found = act(cordon, "tag", "--user", "bob", "--case", "INC-7")
    assert undo_all(world, found) and server.state() == before


def test_all_of_a_long_plan_is_in_preflight(cordon, world):
    found = cordon("recreate-user", *V, "--dry-run", "--output", "json", check=0).json
    told = found["preflight"]["operations"]
    assert {told[o["id"]]["may"] for o in found["operations"]} == {"yes"}, told


def test_too_many_writes_are_refused_whole(cordon, world, server):
    found, changed = effect(cordon, server, "delete-user", *V, "--max-operations", "3", check=3)
    assert changed == {} and [r["guard"] for r in found["refusals"]] == ["too-many-operations"]


@pytest.mark.parametrize("action", ["delete-user", "recreate-user"])
def test_a_bare_user(cordon, world, server, action):
    world.iam.create_user(UserName="bare")
    found, changed = effect(cordon, server, action, "--user", "bare")
    assert list(changed) == [("users", "bare") if action == "delete-user" else ("users", "bare", "id")]
    assert operations(found) == (["DeleteUser"] if action == "delete-user" else ["DeleteUser", "CreateUser"])


def test_another_with_the_same_everything_is_left_alone(cordon, world, server):
    world.iam.attach_user_policy(UserName="bob", PolicyArn=READ_ONLY)
    world.iam.add_user_to_group(GroupName="developers", UserName="bob")
    before = server.state()
    act(cordon, "delete-user", *V)
    touched = {path[:2] for path in changes(before, server.state())}
    assert ("users", "bob") not in touched and ("users", "carol") not in touched
