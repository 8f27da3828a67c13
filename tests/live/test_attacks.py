# SPDX-License-Identifier: Apache-2.0
"""Somebody works against the run: renames, stuffs, answers oddly, or makes a user under the name that was freed."""

import base64

import pytest

from support.expect import CUTOFF, DENY, checks, operations, text_of
from support.program import Cordon, wait_until
from support.thief import Thief
from support.world import ALLOW_ALL, document, trust

NOW = ("--yes", "--irreversible", "--settle", "0", "--output", "json")
NAME = "mallory"
MAKER = "arn:aws:iam::123456789012:user/"


def admin(world, name=NAME, path="/"):
    """A user who may do everything, with a key."""
    world.iam.create_user(UserName=name, Path=path)
    world.iam.put_user_policy(UserName=name, PolicyName="all", PolicyDocument=document(ALLOW_ALL))
    return world.iam.create_access_key(UserName=name)["AccessKey"]


def statuses(found, operation):
    """What became of each write of that name."""
    ids = {o["id"] for o in found["operations"] if o["operation"] == operation}
    return [r["status"] for r in found["results"] if r["id"] in ids]


def test_renamed_before_he_is_deleted(cordon, world, server):
    """That nobody of the name is there any more does not say that he is gone."""
    key = admin(world)
    server.faults({"action": "DeleteUser", "do": "slow", "delay": 20})
    process = cordon.start("apply", "attacker-made-user", "--set", f"user={NAME}", "--set", "delete=true", *NOW)
    wait_until(lambda: server.log(action="DeleteUser"))
    world.iam.update_user(UserName=NAME, NewUserName="mallory2")
    server.faults()
    found = cordon.finish(process).json
    assert statuses(found, "DeleteUser") == ["failed"]
    assert found["verdict"] != "CONTAINED" and "mallory2" in server.state()["users"]
    assert key["AccessKeyId"] not in server.state()["users"]["mallory2"]["keys"]


def test_deleted_by_the_call_whose_answer_was_lost(cordon, world, server):
    """There it is gone by our own doing."""
    admin(world)
    server.faults({"action": "DeleteUser", "do": "cut-after"})
    found = cordon("delete-user", "--user", NAME, *NOW, check=0).json
    assert statuses(found, "DeleteUser") == ["done"] and NAME not in server.state()["users"]


def test_a_role_stuffed_with_policies(cordon, world, server):
    """Too much to delete; the deny, the cutoff and what else closes it go out all the same."""
    world.role("stuffed", trust("*"))
    text = document({"Effect": "Allow", "Action": "s3:*", "Resource": "*"})
    for number in range(105):
        world.iam.put_role_policy(RoleName="stuffed", PolicyName=f"p{number}", PolicyDocument=text)
    found = cordon("apply", "attacker-made-role", "--set", "role=stuffed", "--set", "delete=true", *NOW).json
    assert found["refusals"] == []
    assert operations(found) == ["PutRolePolicy", "PutRolePolicy", "UpdateAssumeRolePolicy"]
    assert {r["status"] for r in found["results"]} == {"done"}
    left_out = {s["step"] for s in found["skipped"] if s.get("guard") == "too-many-operations"}
    assert "delete" in left_out
    inline = server.state()["roles"]["stuffed"]["inline"]
    assert {DENY, CUTOFF} <= set(inline) and len(inline) == 108


def test_a_hundred_roles_that_trust_the_user(cordon, world, server):
    """They cannot crowd out the user who was named, early or late."""
    for number in range(101):
        world.iam.create_role(RoleName=f"r{number}", Path="/app/", AssumeRolePolicyDocument=trust(world.victim.arn))
    found = cordon("contain", world.victim.name, "--revoke-roles", *NOW).json
    user = server.state()["users"][world.victim.name]
    assert found["refusals"] == []
    assert {DENY, CUTOFF} <= set(user["inline"]) and set(user["keys"].values()) == {"Inactive"}
    assert not user["password"]
    assert any(s.get("guard") == "too-many-operations" for s in found["skipped"])
    assert not any(CUTOFF in role["inline"] for role in server.state()["roles"].values())


def test_our_own_user_under_an_odd_path(world, server, tmp_path):
    program = Cordon(server, admin(world, "resp2", "/sec//ops/"), tmp_path)
    before = server.state()
    found = program("contain", "resp2", *NOW, check=3).json
    assert [r["guard"] for r in found["refusals"]] == ["own-identity"]
    assert server.state() == before
    program("contain", world.victim.name, *NOW, check=1)
    assert DENY in server.state()["users"][world.victim.name]["inline"]


def test_our_own_identity_cannot_be_read(cordon, world, server):
    """Who we are may be anybody: then nothing is sent."""
    text = (
        '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>'
        f"<Arn>{MAKER}a b</Arn><UserId>AIDAEXAMPLEEXAMPLE12</UserId><Account>123456789012</Account>"
        "</GetCallerIdentityResult></GetCallerIdentityResponse>"
    )
    before = server.state()
    server.faults({"action": "GetCallerIdentity", "do": "body", "times": 0, "head": encoded(text)})
    result = cordon("contain", world.victim.name, *NOW, check=3)
    assert server.state() == before and result.says("our own identity could not be made out")


def encoded(text):
    """As the server takes a body."""
    return base64.b64encode(text.encode()).decode()


def reply(operation, inner):
    """An answer of IAM's."""
    space = "https://iam.amazonaws.com/doc/2010-05-08/"
    return encoded(
        f'<{operation}Response xmlns="{space}"><{operation}Result>{inner}<IsTruncated>false</IsTruncated>'
        f"</{operation}Result><ResponseMetadata><RequestId>x</RequestId></ResponseMetadata></{operation}Response>"
    )


NAMELESS = {
    "ListAccessKeys": "<AccessKeyMetadata><member><Status>Active</Status></member></AccessKeyMetadata>",
    "ListUserPolicies": "<PolicyNames><member/></PolicyNames>",
    "ListGroupsForUser": "<Groups><member><Path>/</Path></member></Groups>",
    "ListAttachedUserPolicies": "<AttachedPolicies><member><PolicyName>x</PolicyName></member></AttachedPolicies>",
    "ListMFADevices": "<MFADevices><member><UserName>x</UserName></member></MFADevices>",
    "ListSSHPublicKeys": "<SSHPublicKeys><member><Status>Active</Status></member></SSHPublicKeys>",
    "ListSigningCertificates": "<Certificates><member><Status>Active</Status></member></Certificates>",
    "ListServiceSpecificCredentials": "<ServiceSpecificCredentials><member><Status>Active</Status></member>"
    "</ServiceSpecificCredentials>",
}


@pytest.mark.parametrize("operation", NAMELESS)
def test_items_without_their_ids_are_no_answer(cordon, world, server, operation):
    """Nothing is deleted that was not seen whole, and the program goes on with what it knows."""
    server.faults({"action": operation, "do": "body", "times": 0, "head": reply(operation, NAMELESS[operation])})
    before = server.state()
    found = cordon("delete-user", "--user", world.victim.name, "--dry-run", "--output", "json").json
    assert operations(found) == [] and "could not be read" in text_of(found), found
    assert server.state() == before
    found = cordon("contain", world.victim.name, *NOW).json
    assert DENY in server.state()["users"][world.victim.name]["inline"]
    assert "DeleteUserPolicy" not in operations(found)
    if operation == "ListAccessKeys":
        assert set(checks(found).values()) & {"unknown"}, "keys that were not seen are not known to be off"


def test_a_cutoff_far_ahead_is_what_it_says(cordon, world, server):
    """It stays, and the session is said to be denied until then, not until a time of ours."""
    text = {"DateLessThan": {"aws:TokenIssueTime": "2999-01-01T00:00:00Z"}}
    deny = document({"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": text})
    world.iam.put_role_policy(RoleName="deploy", PolicyName=CUTOFF, PolicyDocument=deny)
    before = server.state()["roles"]["deploy"]["inline"]
    session = world.victim.thief().assume(world.deploy)
    found = cordon.contain(session.credentials["AccessKeyId"], "--role", "deploy", check=None)
    assert server.state()["roles"]["deploy"]["inline"] == before
    assert "2999-01-01t00:00:00z" in text_of(found)


def freed(world, server, cordon, stranger=()):
    """recreate-user up to CreateUser, which comes too late: the stranger's key, and the document."""
    admin(world)
    server.faults({"action": "CreateUser", "do": "slow", "delay": 20, "key": world.responder["AccessKeyId"]})
    process = cordon.start("recreate-user", "--user", NAME, *NOW)
    wait_until(lambda: world.sent(action="CreateUser"))
    world.iam.create_user(UserName=NAME)
    key = world.iam.create_access_key(UserName=NAME)["AccessKey"] if "key" in stranger else None
    server.faults()
    return key, cordon.finish(process).json


def assert_stranger_has_nothing(server, keys):
    """No policy, no group, nothing that was the old one's."""
    user = server.state()["users"][NAME]
    assert user["inline"] == {} and not user["attached"] and not user["groups"], user
    assert set(user["keys"]) == keys


@pytest.mark.parametrize("stranger", [("key",), ()], ids=["with a key", "without credentials"])
def test_a_strangers_user_is_not_the_old_one(cordon, world, server, stranger):
    """CreateUser fails, and resume, as often as it is tried, gives him nothing and never says done."""
    key, first = freed(world, server, cordon, stranger)
    keys = {key["AccessKeyId"]} if key else set()
    assert statuses(first, "CreateUser") == ["failed"]
    assert_stranger_has_nothing(server, keys)
    for _attempt in range(2):
        again = cordon("resume", first["run"], *NOW)
        assert again.status not in (0, 130), str(again)
        assert statuses(again.json, "CreateUser") == ["failed"], str(again)
        assert "done" not in statuses(again.json, "PutUserPolicy")
        stands = [state for name, state in checks(again.json).items() if "CreateUser stands" in name]
        assert stands in ([], ["false"])
        assert_stranger_has_nothing(server, keys)
    assert not key or Thief(server, key).attempt("iam", "list_users") == "AccessDenied"


def test_once_the_stranger_is_gone_it_goes_on(cordon, world, server):
    _key, first = freed(world, server, cordon)
    world.iam.delete_user(UserName=NAME)
    again = cordon("resume", first["run"], *NOW, check=0).json
    assert statuses(again, "CreateUser") == ["done"]
    assert set(server.state()["users"][NAME]["inline"]) == {"all"}


@pytest.mark.parametrize("stranger", [("key",), ()], ids=["with a key", "without credentials"])
def test_verify_does_not_take_him_for_ours(cordon, world, server, stranger):
    """What failed then does not stand because somebody else has done it since."""
    _key, first = freed(world, server, cordon, stranger)
    found = cordon("verify", first["run"], "--settle", "0", "--output", "json")
    assert found.status not in (0, 130), str(found)
    assert checks(found.json)["o4 CreateUser stands"] == "false", str(found)


def killed(world, server, cordon):
    """The program dies while CreateUser is under way: what became of it nobody knows. The run's name."""
    admin(world)
    server.faults({"action": "CreateUser", "do": "slow", "delay": 20, "key": world.responder["AccessKeyId"]})
    process = cordon.start("recreate-user", "--user", NAME, *NOW)
    wait_until(lambda: world.sent(action="CreateUser"))
    process.kill()
    process.communicate()
    return cordon.run_folder().name


def test_a_stranger_with_a_key_where_the_answer_was_lost(cordon, world, server):
    """A user who holds a key is not taken for the one that our call may have made."""
    run = killed(world, server, cordon)
    world.iam.create_user(UserName=NAME)
    key = world.iam.create_access_key(UserName=NAME)["AccessKey"]
    server.faults()
    for _attempt in range(2):
        again = cordon("resume", run, *NOW)
        assert again.status not in (0, 130), str(again)
        assert "done" not in statuses(again.json, "CreateUser") + statuses(again.json, "PutUserPolicy"), str(again)
        assert_stranger_has_nothing(server, {key["AccessKeyId"]})
    verified = cordon("verify", run, "--settle", "0", "--output", "json")
    assert verified.status not in (0, 130), str(verified)


def test_our_own_user_where_the_answer_was_lost(cordon, world, server):
    """He is ours, and gets what the old one had."""
    run = killed(world, server, cordon)
    server.faults()
    wait_until(lambda: NAME in server.state()["users"])
    again = cordon("resume", run, *NOW, check=0).json
    assert statuses(again, "CreateUser") == ["done"]
    assert set(server.state()["users"][NAME]["inline"]) == {"all"}
