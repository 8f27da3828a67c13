# SPDX-License-Identifier: Apache-2.0
"""Ending a user or a role, and making a user anew: in an order that AWS takes, with a record of all that went."""

import pytest

from support.acting import DENY_ALL, NOW, QUARANTINE, READ_ONLY, act, done, effect
from support.expect import DENY, operations
from support.world import ACCOUNT, allow, changes, deny, document, trust

SUPPORT = ("--support-case", "1234567890")
CREDENTIALS = {
    "DeleteAccessKey",
    "DeleteSSHPublicKey",
    "DeleteSigningCertificate",
    "DeleteServiceSpecificCredential",
    "DeactivateMFADevice",
    "DeleteLoginProfile",
}


def sent(world):
    """The names of the writes, in the order of their arrival; all were answered well."""
    assert {e["status"] for e in world.writes()} == {200}, [e for e in world.writes() if e["status"] != 200]
    return [e["action"] for e in world.writes()]


def denied(world):
    """The victim as an incident leaves him: denied three ways, with a boundary and a second group."""
    iam, user = world.iam, {"UserName": "anna.dev"}
    iam.put_user_policy(**user, PolicyName=DENY, PolicyDocument=document(deny("*")))
    iam.attach_user_policy(**user, PolicyArn=DENY_ALL)
    iam.put_user_permissions_boundary(**user, PermissionsBoundary=READ_ONLY)
    iam.create_group(GroupName="second")
    iam.add_user_to_group(**user, GroupName="second")


def index(order, **wanted):
    """Where a write with these parameters stands."""
    found = [n for n, e in enumerate(order) if wanted.items() <= e["params"].items()]
    assert len(found) == 1, found
    return found[0]


# The end of a user


def test_a_user_is_deleted_with_all_that_is_his(cordon, world, server):
    denied(world)
    before = server.state()
    found = act(cordon, "delete-user", "--user", "anna.dev")
    after = server.state()
    assert done(found) and "anna.dev" not in after["users"]
    paths = set(changes(before, after))
    trusted = ("roles", "named", "trust", "Statement")
    assert paths == {("users", "anna.dev"), ("key_index",), trusted} | {
        ("groups", group, "users") for group in ("developers", "second")
    }
    assert world.victim.mfa in after["virtual_mfa"]
    assert any(world.victim.mfa in w for w in found["warnings"])


def test_dependents_go_first_and_denies_stand_to_the_end(cordon, world):
    denied(world)
    act(cordon, "delete-user", "--user", "anna.dev")
    order, entries = sent(world), world.writes()
    assert order[-1] == "DeleteUser" and order.count("DeleteUser") == 1
    denies = [index(entries, PolicyName=DENY), index(entries, PolicyArn=DENY_ALL)]
    allows = [index(entries, PolicyName="daily-work"), index(entries, PolicyArn=READ_ONLY)]
    allows += [n for n, name in enumerate(order) if name == "RemoveUserFromGroup"]
    credentials = [n for n, name in enumerate(order) if name in CREDENTIALS]
    assert len(credentials) == 7 and len(allows) == 4
    assert max(credentials) < min(allows) and max(allows) < min(denies)


def test_nothing_of_it_can_be_undone_but_the_record_is_whole(cordon, world):
    act(cordon, "delete-user", "--user", "anna.dev")
    text = (cordon.run_folder() / "before.json").read_text()
    for part in ("daily-work", "IAMReadOnlyAccess", "developers", world.victim.mfa, world.victim.key, "ssh-rsa AAAA"):
        assert part in text, part
    assert "BEGIN CERTIFICATE" in text


@pytest.mark.parametrize("action", ["delete-user", "recreate-user"])
def test_without_a_second_word_it_is_only_shown(cordon, world, server, action):
    before = server.state()
    found = cordon(action, "--user", "anna.dev", "--yes", "--settle", "0", "--output", "json", check=3).json
    assert server.state() == before and "DeleteUser" in operations(found)


def test_the_question_names_what_has_no_way_back(cordon, world, server):
    told = cordon.answer(["yes"] * 3, "delete-user", "--user", "bob", "--settle", "0")
    assert told.status == 0 and "DeleteUser" in told.tty, str(told)
    assert "bob" not in server.state()["users"]


@pytest.mark.parametrize("action", ["delete-user", "delete-role"])
def test_what_is_gone_is_no_target_any_more(cordon, world, server, action):
    who = ("--user", "bob") if action == "delete-user" else ("--role", "deploy")
    act(cordon, action, *who)
    state = server.state()
    cordon(action, *who, *NOW, check=2)
    assert server.state() == state


@pytest.mark.parametrize("read", ["ListGroupsForUser", "ListSSHPublicKeys", "GetUserPolicy"])
def test_what_could_not_be_read_is_not_deleted(cordon, world, server, read):
    """Of what is deleted unread nothing is left."""
    server.faults({"action": read, "times": 0, "do": "error", "code": "AccessDenied", "status": 403})
    found, changed = effect(cordon, server, "delete-user", "--user", "anna.dev", check=5)
    assert changed == {} and world.writes() == []
    assert "could not be read" in found["skipped"][0]["why"]


# The end of a role


def test_a_role_is_deleted_with_all_that_is_its(cordon, world, server):
    iam = world.iam
    for profile in ("one", "two"):
        iam.create_instance_profile(InstanceProfileName=profile)
        iam.add_role_to_instance_profile(InstanceProfileName=profile, RoleName="deploy")
    iam.attach_role_policy(RoleName="deploy", PolicyArn=READ_ONLY)
    act(cordon, "deny-all", "--role", "deploy")
    before, already = server.state(), len(world.writes())
    assert done(act(cordon, "delete-role", "--role", "deploy"))
    assert set(changes(before, server.state())) == {
        ("roles", "deploy"),
        ("instance_profiles", "one"),
        ("instance_profiles", "two"),
    }
    order = [e["params"].get("PolicyName", e["action"]) for e in world.writes()[already:]]
    assert order[-1] == "DeleteRole" and order[-2] == DENY and len(order) == 6
    assert set(order[:2]) == {"RemoveRoleFromInstanceProfile"} and set(sent(world))


def test_a_role_with_only_a_boundary_and_tags(cordon, world, server):
    world.iam.put_role_permissions_boundary(RoleName="unreachable", PermissionsBoundary=READ_ONLY)
    world.iam.tag_role(RoleName="unreachable", Tags=[{"Key": "a", "Value": "b"}])
    _found, changed = effect(cordon, server, "delete-role", "--role", "unreachable")
    assert changed == {("roles", "unreachable"): None}


# A user made anew


def fit_for_return(world):
    """What a user should come back with, and what he should not."""
    denied(world)
    world.iam.delete_user_policy(UserName="anna.dev", PolicyName="daily-work")
    world.iam.put_user_policy(UserName="anna.dev", PolicyName="by-hand", PolicyDocument=document(allow("s3:Get*")))
    world.iam.update_assume_role_policy(
        RoleName="deploy", PolicyDocument=trust(world.victim.arn, f"arn:aws:iam::{ACCOUNT}:user/bob")
    )


def test_the_new_user_has_all_but_credentials(cordon, world, server):
    fit_for_return(world)
    old = server.state()
    found = act(cordon, "recreate-user", "--user", "anna.dev")
    new = server.state()
    assert done(found)
    gone = {"keys": {}, "ssh": {}, "certificates": {}, "service_credentials": {}, "mfa": [], "password": False}
    user, was = new["users"]["anna.dev"], old["users"]["anna.dev"]
    assert user.pop("id") != was.pop("id")
    assert user == was | gone
    assert set(changes(old, new)) - {p for p in changes(old, new) if p[:2] == ("users", "anna.dev")} == {("key_index",)}
    assert old["roles"] == new["roles"] and old["groups"] == new["groups"]


def test_no_session_of_the_old_user_lives_on(cordon, world):
    """The reason to do it: whoever he was, even without any deny."""
    session = world.victim.thief().session_token()
    assert session.steal() == "ok"
    act(cordon, "recreate-user", "--user", "anna.dev")
    assert session.steal() != "ok" and world.victim.thief().steal() != "ok"


def test_the_new_user_is_trusted_as_the_old_one_was(cordon, world):
    fit_for_return(world)
    act(cordon, "recreate-user", "--user", "anna.dev")
    made = world.iam.create_access_key(UserName="anna.dev")["AccessKey"]
    for role in ("named", "deploy"):
        shown = world.iam.get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"]
        assert world.victim.arn in str(shown) and "AIDA" not in str(shown)
    updated = [e["params"]["RoleName"] for e in world.writes() if e["action"] == "UpdateAssumeRolePolicy"]
    assert sorted(updated) == ["deploy", "named"] and made


def test_the_denies_come_back_before_what_allows(cordon, world):
    fit_for_return(world)
    act(cordon, "recreate-user", "--user", "anna.dev")
    entries = world.writes()
    made = [e["action"] for e in entries].index("CreateUser")
    again = entries[made:]
    denies = [index(again, PolicyName=DENY), index(again, PolicyArn=DENY_ALL)]
    allows = [index(again, PolicyName="by-hand"), index(again, PolicyArn=READ_ONLY)]
    groups = [n for n, e in enumerate(again) if e["action"] == "AddUserToGroup"]
    assert len(groups) == 2 and max(denies) < min(allows + groups) and set(sent(world))
    assert entries[made - 1]["action"] == "DeleteUser"
    assert again[0]["params"]["PermissionsBoundary"] == READ_ONLY


def test_awss_quarantine_comes_back_with_him(cordon, world, server):
    world.iam.attach_user_policy(UserName="anna.dev", PolicyArn=QUARANTINE + "V3")
    act(cordon, "recreate-user", "--user", "anna.dev", *SUPPORT)
    assert QUARANTINE + "V3" in server.state()["users"]["anna.dev"]["attached"]


def test_what_only_a_person_can_look_up_is_named(cordon, world):
    world.iam.put_role_policy(
        RoleName="deploy", PolicyName="by-id", PolicyDocument=document(allow("s3:*", f"arn:aws:s3:::{world.victim.id}"))
    )
    found = act(cordon, "recreate-user", "--user", "anna.dev")
    told = [n["what"] for n in found["not_covered"]]
    for service in ("S3 bucket policies", "KMS key policies", "role trust policies of other accounts"):
        assert any(service in what and world.victim.arn in what for what in told), told
    assert any("by-id" in what and world.victim.id in what for what in told), told


def test_a_second_time_works_too(cordon, world, server):
    act(cordon, "recreate-user", "--user", "anna.dev")
    first = server.state()
    act(cordon, "recreate-user", "--user", "anna.dev")
    assert set(changes(first, server.state())) == {("users", "anna.dev", "id")}
