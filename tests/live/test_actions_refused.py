# SPDX-License-Identifier: Apache-2.0
"""What is refused: wrong words, wrong targets, and what AWS's own quarantine forbids; nothing is sent."""

import pytest

from support.acting import NOW, QUARANTINE, READ_ONLY, act, effect
from support.expect import operations
from support.program import Cordon
from support.world import ACCOUNT, ALLOW_ALL, document, trust

V = ("--user", "anna.dev")
SLR, SSO = "AWSServiceRoleForAutoScaling", "AWSReservedSSO_Admin_0123456789abcdef"
CASE = ("--support-case", "1234567890")
RESTRICT = ("restrict", *V, "--deny", "s3:GetObject", "--resource")


def refused(cordon, world, *command, check=3):
    """The status, a reason, and no write at all; the guards that said no."""
    result = cordon(*command, *NOW, check=check)
    assert world.writes() == []
    document_ = result.json
    if check == 2:
        assert document_["error"]["message"]
        return []
    assert all(r["why"] and r["instead"] for r in document_["refusals"])
    return [r["guard"] for r in document_["refusals"]]


# Words

USAGE = [
    ("deny-all",),
    ("deny-all", "--user", "a", "--role", "b"),
    ("deny-all", *V, "--group", "developers"),
    ("deny-all", "anna.dev"),
    ("deny-all", *V, "--via", "scp"),
    ("deny-all", *V, "--key", "AKIAQQQQQQQQQQQQQQQQ"),
    ("revoke-sessions", "--group", "developers"),
    ("lock-trust-policy", *V),
    ("delete-user", "--role", "deploy"),
    ("set-boundary", *V),
    ("set-boundary", *V, "--policy", "ReadOnlyAccess"),
    ("set-boundary", "--group", "developers", "--policy", READ_ONLY),
    ("detach-policies", *V),
    ("detach-policies", *V, "--policy", "daily-work"),
    ("delete-inline-policies", *V),
    ("remove-from-groups", *V),
    ("activate-access-keys", *V),
    ("activate-access-keys", *V, "--key", "ASIAQQQQQQQQQQQQQQQQ"),
    ("delete-access-keys", *V),
    ("delete-credentials", *V),
    ("delete-credentials", *V, "--kind", "ssh-public-keys"),
    ("deactivate-credentials", *V, "--kind", "passwords"),
    ("deactivate-mfa-devices", *V),
    ("restrict", *V, "--deny", "s3:GetObject"),
    ("restrict", *V, "--resource", "*"),
    ("restrict", *V, "--deny", "GetObject", "--resource", "*"),
    (*RESTRICT, "bucket"),
    (*RESTRICT, "arn:aws:s3:::\u65e5\u672c/*"),
    ("quarantine", *V, "--policy", "V3"),
    ("tag", "--group", "developers"),
    ("delete-inline-policies", *V, "--policy", "x" * 129),
    ("delete-inline-policies", *V, "--policy", "a b"),
    ("detach-policies", *V, "--all", "--user"),
]


@pytest.mark.parametrize("command", USAGE, ids=" ".join)
def test_wrong_words_send_nothing(cordon, world, command):
    refused(cordon, world, *command, check=2)
    assert world.sent() == []


def test_latin_1_is_all_that_a_policy_holds(cordon, world, server):
    """What AWS would call malformed is refused here; what it takes is sent as it is."""
    act(cordon, *RESTRICT, "arn:aws:s3:::caf\u00e9/*")
    assert "caf\u00e9" in str(server.state()["users"]["anna.dev"]["inline"])


def test_a_name_of_128_characters(cordon, world, server):
    name = "x" * 128
    world.iam.put_user_policy(UserName="anna.dev", PolicyName=name, PolicyDocument=document(ALLOW_ALL))
    _found, changed = effect(cordon, server, "delete-inline-policies", *V, "--policy", name)
    assert changed == {("users", "anna.dev", "inline", name): None}


@pytest.mark.parametrize("who", [("--user", "nobody"), ("--role", "nobody"), ("--group", "nobody")])
def test_nobody_by_that_name(cordon, world, who):
    refused(cordon, world, "deny-all", *who, check=2)


# Targets


@pytest.mark.parametrize("role, guard", [(SLR, "service-linked"), (SSO, "identity-center")])
@pytest.mark.parametrize("action", ["deny-all", "lock-trust-policy", "delete-role", "tag"])
def test_roles_that_only_aws_may_change(cordon, world, role, guard, action):
    assert refused(cordon, world, action, "--role", role) == [guard]


@pytest.mark.parametrize("action", ["deny-all", "deactivate-access-keys", "delete-user", "recreate-user", "tag"])
def test_our_own_user(cordon, world, action):
    assert refused(cordon, world, action, "--user", "ir-responder", "--allow-self") == ["own-identity"]


@pytest.mark.parametrize("action", ["deny-all", "lock-trust-policy", "delete-role"])
def test_our_own_role(world, server, tmp_path, action):
    world.iam.create_role(RoleName="ir", AssumeRolePolicyDocument=trust(f"arn:aws:iam::{ACCOUNT}:root"))
    world.iam.put_role_policy(RoleName="ir", PolicyName="all", PolicyDocument=document(ALLOW_ALL))
    sts = server.client("sts", world.responder["AccessKeyId"], world.responder["SecretAccessKey"])
    session = sts.assume_role(RoleArn=f"arn:aws:iam::{ACCOUNT}:role/ir", RoleSessionName="me")["Credentials"]
    found = Cordon(server, session, tmp_path)(action, "--role", "ir", *NOW, check=3).json
    assert [r["guard"] for r in found["refusals"]] == ["own-identity"]
    assert server.log(session["AccessKeyId"], write=True) == []


GROUP_ACTIONS = [
    ("deny-all",),
    ("quarantine",),
    ("restrict", "--deny", "s3:*", "--resource", "*"),
    ("detach-policies", "--all"),
    ("delete-inline-policies", "--all"),
]


@pytest.mark.parametrize("command", GROUP_ACTIONS, ids=lambda c: c[0])
def test_a_group_that_we_are_in(cordon, world, command):
    world.iam.add_user_to_group(GroupName="developers", UserName="ir-responder")
    assert refused(cordon, world, *command, "--group", "developers") == ["own-identity"]


@pytest.mark.parametrize("who", [f"arn:aws:iam::{ACCOUNT}:user/team/carol", "user/carol"])
def test_a_protected_user_and_his_group(cordon, world, who):
    assert refused(cordon, world, "deny-all", "--user", "carol", "--protect", who) == ["protected"]
    assert refused(cordon, world, "deny-all", "--group", "developers", "--protect", who) == ["protected"]
    act(cordon, "deny-all", "--group", "developers", "--protect", "user/bob")


def test_a_protected_role(cordon, world):
    assert refused(cordon, world, "lock-trust-policy", "--role", "deploy", "--protect", world.deploy) == ["protected"]


@pytest.mark.parametrize("user", ["root", "<root_account>"])
def test_root_is_no_user(cordon, world, user):
    refused(cordon, world, "deny-all", "--user", user, check=2)


@pytest.mark.parametrize("action", ["deactivate-access-keys", "delete-access-keys", "activate-access-keys"])
def test_a_key_of_roots(cordon, world, server, action):
    """It is on no list of a user's: said, and nothing sent."""
    result = cordon(action, *V, "--key", server.root_key, *NOW)
    assert result.says(server.root_key) and world.writes() == []


# AWS's own quarantine

HELD = [
    ("detach-policies", *V, "--policy", QUARANTINE + "V3"),
    ("delete-access-keys", *V, "--all"),
    ("delete-credentials", *V, "--all"),
    ("delete-user", *V),
    ("recreate-user", *V),
]


def quarantined(world, boundary=False):
    """AWS found the key on GitHub; everything is off already."""
    if boundary:
        world.iam.put_user_permissions_boundary(UserName="anna.dev", PermissionsBoundary=QUARANTINE + "V3")
    else:
        world.iam.attach_user_policy(UserName="anna.dev", PolicyArn=QUARANTINE + "V3")
    for key in world.victim.keys:
        world.iam.update_access_key(UserName="anna.dev", AccessKeyId=key["AccessKeyId"], Status="Inactive")
    (ssh,) = world.server.state()["users"]["anna.dev"]["ssh"]
    world.iam.update_ssh_public_key(UserName="anna.dev", SSHPublicKeyId=ssh, Status="Inactive")


@pytest.mark.parametrize("command", HELD, ids=lambda c: c[0])
def test_aws_holds_on_to_it(cordon, world, command):
    quarantined(world)
    assert set(refused(cordon, world, *command)) == {"aws-quarantine"}
    found = cordon(*command, *CASE, *NOW).json
    assert operations(found) and not found["refusals"] and world.writes()


@pytest.mark.parametrize(
    "command", [("set-boundary", *V, "--policy", READ_ONLY), ("deny-all", *V, "--via", "boundary")], ids=lambda c: c[0]
)
def test_aws_holds_on_to_a_boundary_of_its_own(cordon, world, server, command):
    quarantined(world, boundary=True)
    assert refused(cordon, world, *command) == ["aws-quarantine"]
    _found, changed = effect(cordon, server, *command, *CASE)
    assert list(changed) == [("users", "anna.dev", "boundary")]


@pytest.mark.parametrize(
    "command",
    [("deny-all", *V), ("deactivate-access-keys", *V), ("revoke-sessions", *V), ("deactivate-credentials", *V)],
    ids=lambda c: c[0],
)
def test_what_cuts_off_is_never_hindered(cordon, world, command):
    world.iam.attach_user_policy(UserName="anna.dev", PolicyArn=QUARANTINE)
    found = act(cordon, *command)
    assert operations(found) and not found["refusals"]


def test_the_rest_is_detached_and_awss_stays_without_a_word_about_refusal(cordon, world, server):
    quarantined(world)
    found, changed = effect(cordon, server, "detach-policies", *V, "--all")
    assert changed == {("users", "anna.dev", "attached"): [QUARANTINE + "V3"]} and not found["refusals"]


def test_a_look_alike_holds_nobody(cordon, world, server):
    """A customer's own policy of that name is no quarantine of AWS's."""
    arn = world.iam.create_policy(PolicyName="AWSCompromisedKeyQuarantineV3", PolicyDocument=document(ALLOW_ALL))
    world.iam.attach_user_policy(UserName="bob", PolicyArn=arn["Policy"]["Arn"])
    act(cordon, "delete-user", "--user", "bob")
    assert "bob" not in server.state()["users"]


STEPS = """{"cordon": 1, "name": "own", "title": "t", "summary": "s", "contains": "none", "parameters": {},
 "targets": {"user": {"user": "anna.dev"}}, "steps": [
 {"id": "q", "action": "quarantine", "user": "${user}", "via": "managed"},
 {"id": "k", "action": "delete-access-keys", "user": "${user}", "all": true, "irreversible": true}]}"""


def test_a_quarantine_of_this_runs_own_does_not_hold(cordon, world, server):
    """Not AWS put it there but the step before."""
    for key in world.victim.keys:
        world.iam.update_access_key(UserName="anna.dev", AccessKeyId=key["AccessKeyId"], Status="Inactive")
    path = cordon.folder / "own.json"
    path.write_text(STEPS)
    found = cordon("apply", str(path), *NOW, check=0).json
    user = server.state()["users"]["anna.dev"]
    assert QUARANTINE + "V3" in user["attached"] and user["keys"] == {}, found["skipped"]
    assert not any("AWS's own quarantine" in w for w in found["warnings"]), found["warnings"]
