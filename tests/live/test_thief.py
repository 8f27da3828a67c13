# SPDX-License-Identifier: Apache-2.0
"""The thief, asked through boto3 before and after: each kind of credential he may hold, and those of others."""

import pytest

from support.world import document, trust


def holdings(world):
    """What a thief makes of one stolen key before anybody notices."""
    thief = world.victim.thief()
    return {
        "key": thief,
        "other key": world.victim.thief(1),
        "session": thief.session_token(),
        "strong session": thief.session_token(SerialNumber=world.victim.mfa, TokenCode="123456"),
        "guest": thief.federate("guest"),
        "role": thief.assume(world.deploy),
    }


def stolen(held):
    """Which of them still work."""
    return {name: thief.steal() for name, thief in held.items()}


def test_all_credentials_of_the_user_die(cordon, world):
    held = holdings(world)
    assert set(stolen(held).values()) == {"ok"}
    cordon.contain(world.victim.key, "--irreversible")
    now = stolen(held)
    assert now["key"] == now["other key"] == "InvalidAccessKeyId"
    assert now["session"] == now["strong session"] == now["guest"] == "AccessDenied"
    assert held["strong session"].attempt("iam", "list_users") == "AccessDenied"


def test_a_role_session_lives_on_and_the_report_says_so(cordon, world):
    role = world.victim.thief().assume(world.deploy)
    document_ = cordon.contain(world.victim.key, "--irreversible")
    assert role.steal() == "ok"
    named = [n for n in document_["not_covered"] if "deploy" in str(n)]
    assert named and all(n["why"] and "deploy" in n["command"] for n in named)


def test_revoking_roles_ends_older_sessions_and_new_ones_cannot_be_made(cordon, world, server):
    held = holdings(world)
    before = server.state()["roles"]
    cordon.contain(world.victim.key, "--irreversible", "--revoke-roles")
    assert held["role"].steal() == "AccessDenied"
    again = {"RoleArn": world.deploy, "RoleSessionName": "again"}
    assert held["strong session"].attempt("sts", "assume_role", **again) == "AccessDenied"
    after = server.state()["roles"]
    assert {name for name in after if after[name] != before[name]} - {"named"} == {"deploy"}


def test_the_responders_own_command_for_an_uncovered_role_works(cordon, world):
    role = world.victim.thief().assume(world.deploy)
    found = cordon.contain(world.victim.key, "--irreversible")["not_covered"]
    words = next(n["command"] for n in found if "deploy" in str(n)).split()
    assert words[0] == "cordon"
    cordon(*words[1:], *([] if "--yes" in words else ["--yes"]), "--settle", "0")
    assert role.steal() == "AccessDenied"


def test_a_role_whose_trust_names_the_user_is_never_missed(cordon, world):
    """AWS lets him assume it without any policy of his own: it must be a target or be named."""
    session = world.victim.thief().assume(world.named)
    found = cordon.contain(world.victim.key, "--irreversible", "--revoke-roles")
    mentioned = str(found["targets"]) + str(found["not_covered"])
    assert world.named in mentioned or "role/other/named" in mentioned
    assert session.steal() in ("ok", "AccessDenied")


def test_roles_he_cannot_assume_are_left_alone(cordon, world, server):
    before = server.state()["roles"]
    cordon.contain(world.victim.key, "--irreversible", "--revoke-roles")
    after = server.state()["roles"]
    for name in ("unreachable", "distrusting", "AWSServiceRoleForAutoScaling", "AWSReservedSSO_Admin_0123456789abcdef"):
        assert after[name] == before[name]


def test_a_role_that_cannot_be_changed_is_dropped_into_skipped(cordon, world, server):
    """He may assume an Identity Center role: a guard on what expansion brought skips it."""
    text = document({"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"})
    world.iam.put_user_policy(UserName=world.victim.name, PolicyName="roles", PolicyDocument=text)
    found = cordon.contain(world.victim.key, "--irreversible", "--revoke-roles")
    assert "AWSReservedSSO" in str(found["skipped"])
    tried = [e for e in world.writes() if "AWSReservedSSO" in str(e["params"])]
    assert tried == []


def test_bystanders_do_not_notice(cordon, world, server):
    before = server.state()
    others = {
        "bystander": world.bystander,
        "colleague": world.colleague,
        "her session": world.colleague_session("deploy", "s1"),
    }
    assert set(stolen(others).values()) == {"ok"}
    cordon.contain(world.victim.key, "--irreversible")
    after = server.state()
    assert set(stolen(others).values()) == {"ok"}
    for name in ("bob", "ir-responder"):
        assert after["users"][name] == before["users"][name]
    assert after["groups"] == before["groups"]


@pytest.mark.parametrize("full", ["inline", "inline and attached"])
def test_a_full_quota_does_not_save_the_thief(cordon, world, server, full):
    """Inline is full: AWSDenyAll attached; attachments full too: AWSDenyAll as the boundary."""
    fill_up(world, attached=full != "inline")
    held = holdings(world)
    cordon.contain(world.victim.key, "--irreversible")
    user = server.state()["users"][world.victim.name]
    deny_all = "arn:aws:iam::aws:policy/AWSDenyAll"
    assert (deny_all in user["attached"]) == (full == "inline")
    assert (user["boundary"] == deny_all) == (full != "inline")
    assert {held[n].steal() for n in ("session", "guest")} == {"AccessDenied"}
    assert set(user["keys"].values()) == {"Inactive"}


def test_a_boundary_that_is_replaced_is_saved(cordon, world, server):
    old = "arn:aws:iam::aws:policy/PowerUserAccess"
    world.iam.put_user_permissions_boundary(UserName=world.victim.name, PermissionsBoundary=old)
    fill_up(world, attached=True)
    found = cordon.contain(world.victim.key, "--irreversible")
    undo = next(o["undo"] for o in found["operations"] if o["operation"] == "PutUserPermissionsBoundary")
    assert [(u["operation"], u["parameters"]["PermissionsBoundary"]) for u in undo] == [
        ("PutUserPermissionsBoundary", old)
    ]


def fill_up(world, attached):
    """Use up the user's inline quota, and all ten attachments."""
    statements = [{"Effect": "Deny", "Action": f"s3:Put{'x' * 60}{i:03d}", "Resource": "*"} for i in range(15)]
    world.iam.put_user_policy(UserName=world.victim.name, PolicyName="fill", PolicyDocument=document(*statements))
    for number in range(9 if attached else 0):
        text = document({"Effect": "Deny", "Action": f"ec2:x{number}", "Resource": "*"})
        arn = world.iam.create_policy(PolicyName=f"p{number}", PolicyDocument=text)["Policy"]["Arn"]
        world.iam.attach_user_policy(UserName=world.victim.name, PolicyArn=arn)


def test_a_quota_that_is_found_full_only_when_writing(cordon, world, server):
    """The plan thought that there was room: LimitExceeded at run time leads to the next way."""
    held = holdings(world)
    server.faults({"action": "PutUserPolicy", "do": "error", "code": "LimitExceeded", "status": 409, "times": 0})
    cordon("contain", world.victim.key, "--yes", "--irreversible", "--settle", "0")
    user = server.state()["users"][world.victim.name]
    assert "arn:aws:iam::aws:policy/AWSDenyAll" in user["attached"]
    assert {held[n].steal() for n in ("session", "guest")} == {"AccessDenied"}


def test_a_role_open_to_the_account(cordon, world):
    """A trust of the whole account counts only with a permission of his own."""
    world.role("backdoor", trust("arn:aws:iam::123456789012:root"))
    session = world.victim.thief().assume("arn:aws:iam::123456789012:role/app/backdoor")
    cordon.contain(world.victim.key, "--irreversible", "--revoke-roles")
    assert session.steal() == "AccessDenied"


def test_an_old_cutoff_contains_nobody(cordon, world, server):
    """A cutoff of years ago stands and ours cannot be written: the stolen session still works, and cordon says OPEN."""
    session = world.victim.thief().assume(world.deploy)
    old = {"Effect": "Deny", "Action": "*", "Resource": "*"}
    old["Condition"] = {"DateLessThan": {"aws:TokenIssueTime": "2020-01-01T00:00:00Z"}}
    world.iam.put_role_policy(RoleName="deploy", PolicyName="AWSRevokeOlderSessions", PolicyDocument=document(old))
    server.faults({"action": "PutRolePolicy", "do": "error", "code": "AccessDenied", "status": 403, "times": 0})
    key = session.credentials["AccessKeyId"]
    found = cordon("contain", key, "--role", "deploy", "--yes", "--settle", "0", "--output", "json", check=5).json
    assert found["verdict"] == "OPEN"
    assert session.steal() == "ok"
