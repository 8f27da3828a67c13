# SPDX-License-Identifier: Apache-2.0
"""The lag of enforcement: what is read at once and counts later, and what counts at once."""

import pytest

from support.program import wait_until
from support.thief import Thief
from support.world import ACCOUNT, allow, deny, document, trust

NEVER = 100_000
DENY_ALL = "arn:aws:iam::aws:policy/AWSDenyAll"
U, R = {"UserName": "anna.dev"}, {"RoleName": "deploy"}
DENIED = {"PolicyName": "no", "PolicyDocument": document(deny("*"))}
TRUST_NOBODY = {"PolicyDocument": trust(f"arn:aws:iam::{ACCOUNT}:user/bob")}

# What root does, and whom it shuts out: the thief's key, his session of a role, or his way to a new one
CUTS = [
    ("put_user_policy", U | DENIED, "key"),
    ("attach_user_policy", U | {"PolicyArn": DENY_ALL}, "key"),
    ("put_user_permissions_boundary", U | {"PermissionsBoundary": DENY_ALL}, "key"),
    ("delete_user_policy", U | {"PolicyName": "daily-work"}, "key"),
    ("put_group_policy", {"GroupName": "developers"} | DENIED, "key"),
    ("update_access_key", U | {"AccessKeyId": "{key}", "Status": "Inactive"}, "key"),
    ("delete_access_key", U | {"AccessKeyId": "{key}"}, "key"),
    ("put_user_policy", U | DENIED, "session"),
    ("put_role_policy", R | DENIED, "role"),
    ("attach_role_policy", R | {"PolicyArn": DENY_ALL}, "role"),
    ("put_role_permissions_boundary", R | {"PermissionsBoundary": DENY_ALL}, "role"),
    ("delete_role_policy", R | {"PolicyName": "work"}, "role"),
    ("update_assume_role_policy", R | TRUST_NOBODY, "new role"),
]


@pytest.fixture
def held(world):
    """What the thief holds, as a question each: does it still work?"""
    world.iam.detach_group_policy(GroupName="developers", PolicyArn="arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess")
    thief = world.victim.thief()
    session, role = thief.session_token(), thief.assume(world.deploy)
    again = {"RoleArn": world.deploy, "RoleSessionName": "again"}
    return {
        "key": lambda: world.victim.thief().steal(),
        "session": session.steal,
        "role": role.steal,
        "new role": lambda: thief.attempt("sts", "assume_role", **again),
    }


def filled(world, parameters):
    """The key's id filled in."""
    return {k: v.replace("{key}", world.victim.key) for k, v in parameters.items()}


@pytest.mark.parametrize("method, parameters, whom", CUTS, ids=[f"{m}-{w}" for m, _p, w in CUTS])
def test_a_cut_is_read_at_once_and_counts_later(world, server, held, method, parameters, whom):
    before = server.state()
    assert held[whom]() == "ok"
    server.configure(lag=NEVER)
    getattr(world.iam, method)(**filled(world, parameters))
    assert server.state() != before
    assert held[whom]() == "ok"
    server.configure(lag=0)
    assert held[whom]() != "ok"


def test_a_deny_that_was_taken_away_still_counts(world, server, held):
    world.iam.put_user_policy(**U, **DENIED)
    server.configure(lag=NEVER)
    world.iam.delete_user_policy(**U, PolicyName="no")
    assert held["key"]() == "AccessDenied"
    server.configure(lag=0)
    assert held["key"]() == "ok"


def test_a_key_switched_on_again_waits_and_a_new_one_does_not(world, server):
    old = world.victim.keys[0]
    world.iam.update_access_key(**U, AccessKeyId=old["AccessKeyId"], Status="Inactive")
    world.iam.delete_access_key(**U, AccessKeyId=world.victim.keys[1]["AccessKeyId"])
    server.configure(lag=NEVER)
    world.iam.update_access_key(**U, AccessKeyId=old["AccessKeyId"], Status="Active")
    new = world.iam.create_access_key(**U)["AccessKey"]
    assert Thief(server, old).steal() == "InvalidAccessKeyId"
    assert Thief(server, new).steal() == "ok"
    world.iam.delete_access_key(**U, AccessKeyId=new["AccessKeyId"])
    assert Thief(server, new).steal() == "InvalidAccessKeyId"


def test_new_users_and_roles_count_at_once(world, server):
    server.configure(lag=NEVER)
    world.iam.create_user(UserName="new")
    world.iam.put_user_policy(UserName="new", PolicyName="all", PolicyDocument=document(allow("*")))
    thief = Thief(server, world.iam.create_access_key(UserName="new")["AccessKey"])
    role = world.role("fresh", trust(f"arn:aws:iam::{ACCOUNT}:user/new"))
    assert thief.steal() == thief.assume(role).steal() == "ok"
    world.iam.put_user_policy(UserName="new", PolicyName="no", PolicyDocument=document(deny("*")))
    assert thief.steal() == "AccessDenied", "what did not exist then is judged as it is now"


def test_a_deleted_user_goes_on(world, server):
    thief = world.bystander
    server.configure(lag=NEVER)
    for method, rest in (
        ("delete_login_profile", {}),
        ("delete_user_policy", {"PolicyName": "files"}),
        ("delete_access_key", {"AccessKeyId": thief.credentials["AccessKeyId"]}),
        ("delete_user", {}),
    ):
        getattr(world.iam, method)(UserName="bob", **rest)
    assert "bob" not in server.state()["users"]
    session = thief.session_token()
    assert thief.steal() == session.steal() == "ok"
    server.configure(lag=0)
    assert "ok" not in (thief.steal(), session.steal())


def test_the_lag_passes(world, server, held):
    """Not before its time, by the server's own log; and the last change of several is the one that stays."""
    server.configure(lag=0.5)
    world.iam.put_user_policy(**U, **DENIED)
    assert held["key"]() == "ok" or world.server.ask("log")[-1]["time"] - written(server) >= 0.5
    wait_until(lambda: held["key"]() == "AccessDenied")
    first = next(e for e in server.log(world.victim.key, service="s3") if e["code"] == "AccessDenied")
    assert first["time"] - written(server) >= 0.5
    world.iam.delete_user_policy(**U, PolicyName="no")
    world.iam.put_user_policy(**U, **DENIED)
    world.iam.delete_user_policy(**U, PolicyName="no")
    wait_until(lambda: held["key"]() == "ok")


def written(server):
    """When the deny was asked for: the lag begins no earlier."""
    puts = server.log(action="PutUserPolicy")
    return next(e["time"] for e in puts if e["params"]["PolicyName"] == "no")


def test_reads_by_the_thief_show_the_present(world, server):
    world.iam.put_user_policy(**U, PolicyName="iam", PolicyDocument=document(allow("iam:*")))
    server.configure(lag=NEVER)
    world.iam.put_user_policy(**U, **DENIED)
    client = world.victim.thief().client("iam")
    assert "no" in client.list_user_policies(**U)["PolicyNames"]
    client.delete_user_policy(**U, PolicyName="no")
    assert "no" not in server.state()["users"]["anna.dev"]["inline"]


def test_last_use_is_noted_all_the_same(world, server):
    server.configure(lag=NEVER)
    world.victim.thief().steal()
    used = world.iam.get_access_key_last_used(AccessKeyId=world.victim.key)["AccessKeyLastUsed"]
    assert used["ServiceName"] == "s3"


def test_a_reset_ends_the_lag(world, server, held):
    server.save("start")
    server.configure(lag=NEVER)
    server.restore("start")
    world.iam.put_user_policy(**U, **DENIED)
    assert held["key"]() == "AccessDenied"
