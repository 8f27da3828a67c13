# SPDX-License-Identifier: Apache-2.0
"""The strict layer's users, roles and instance profiles: made, changed and taken away."""

import pytest

from support.world import CERTIFICATE, SSH_KEY, allow, deny, document, trust
from test_strict import refusal

ROOT = "arn:aws:iam::123456789012:root"
DENY_ALL = "arn:aws:iam::aws:policy/AWSDenyAll"
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
CODES = {"AuthenticationCode1": "123456", "AuthenticationCode2": "654321"}
SOME_POLICY = {"PolicyName": "some", "PolicyDocument": document(deny("*"))}


# Users


def test_a_user_is_made_as_asked(world):
    tags = [{"Key": "team", "Value": "ops"}]
    made = world.iam.create_user(UserName="dora", Path="/ops/", Tags=tags, PermissionsBoundary=READ_ONLY)["User"]
    assert made["Arn"] == "arn:aws:iam::123456789012:user/ops/dora"
    assert made["UserId"].startswith("AIDA") and made["UserId"].isupper() and len(made["UserId"]) == 21
    found = world.iam.get_user(UserName="dora")["User"]
    for user in (made, found):
        assert (user["Path"], user["Tags"]) == ("/ops/", tags)
        assert user["PermissionsBoundary"]["PermissionsBoundaryArn"] == READ_ONLY


@pytest.mark.parametrize(
    "params, code",
    [
        ({"UserName": "BOB"}, "EntityAlreadyExists"),
        ({"UserName": "new", "PermissionsBoundary": DENY_ALL + "X"}, "NoSuchEntity"),
        ({"UserName": "new", "Tags": [{"Key": "a", "Value": ""}, {"Key": "A", "Value": ""}]}, "InvalidInput"),
    ],
)
def test_users_that_are_not_made(server, world, params, code):
    before = server.state()
    assert refusal(world.iam.create_user, **params)[0] == code
    assert server.state() == before


def test_a_new_name_takes_everything_along(server, world):
    thief, before = world.victim.thief(), server.state()["users"][world.victim.name]
    world.iam.update_user(UserName=world.victim.name, NewUserName="anna.new", NewPath="/moved/")
    after = server.state()["users"]
    assert world.victim.name not in after
    assert after["anna.new"] == before | {"arn": "arn:aws:iam::123456789012:user/moved/anna.new"}
    assert thief.steal() == "ok"
    assert refusal(world.iam.update_user, UserName="bob", NewUserName="Anna.New")[0] == "EntityAlreadyExists"


def device(iam):
    """Give the user a device."""
    serial = iam.create_virtual_mfa_device(VirtualMFADeviceName="d")["VirtualMFADevice"]["SerialNumber"]
    iam.enable_mfa_device(UserName="dora", SerialNumber=serial, **CODES)


USER_DEPENDENTS = {
    "password": lambda iam: iam.create_login_profile(UserName="dora", Password="Long enough 1!"),
    "key": lambda iam: iam.create_access_key(UserName="dora"),
    "certificate": lambda iam: iam.upload_signing_certificate(UserName="dora", CertificateBody=CERTIFICATE),
    "ssh": lambda iam: iam.upload_ssh_public_key(UserName="dora", SSHPublicKeyBody=SSH_KEY),
    "service": lambda iam: iam.create_service_specific_credential(
        UserName="dora", ServiceName="bedrock.amazonaws.com"
    ),
    "mfa": device,
    "inline": lambda iam: iam.put_user_policy(UserName="dora", **SOME_POLICY),
    "attached": lambda iam: iam.attach_user_policy(UserName="dora", PolicyArn=DENY_ALL),
    "group": lambda iam: iam.add_user_to_group(UserName="dora", GroupName="developers"),
}


@pytest.mark.parametrize("kind", USER_DEPENDENTS)
def test_no_user_goes_with_anything_left(server, world, kind):
    world.iam.create_user(UserName="dora", Tags=[{"Key": "a", "Value": "b"}], PermissionsBoundary=READ_ONLY)
    USER_DEPENDENTS[kind](world.iam)
    code, status, text = refusal(world.iam.delete_user, UserName="dora")
    assert (code, status) == ("DeleteConflict", 409) and text.startswith("Cannot delete entity, must ")
    assert "dora" in server.state()["users"]


def test_a_bare_user_goes(server, world):
    before = server.state()
    world.iam.create_user(UserName="dora", Tags=[{"Key": "a", "Value": "b"}], PermissionsBoundary=READ_ONLY)
    world.iam.delete_user(UserName="dora")
    assert server.state() == before
    assert refusal(world.iam.delete_user, UserName="dora")[:2] == ("NoSuchEntity", 404)
    world.iam.create_user(UserName="dora")
    assert "Tags" not in world.iam.get_user(UserName="dora")["User"]


# Roles and instance profiles


def test_an_instance_profile_and_its_role(world):
    made = world.iam.create_instance_profile(InstanceProfileName="web", Path="/x/")["InstanceProfile"]
    assert made["InstanceProfileId"].startswith("AIPA") and made["InstanceProfileId"].isupper()
    pair = {"InstanceProfileName": "web", "RoleName": "deploy"}
    world.iam.add_role_to_instance_profile(**pair)
    found = refusal(world.iam.add_role_to_instance_profile, InstanceProfileName="web", RoleName="named")
    assert found[:2] == ("LimitExceeded", 409)
    listed = world.iam.list_instance_profiles_for_role(RoleName="deploy")["InstanceProfiles"]
    seen = world.iam.get_instance_profile(InstanceProfileName="web")["InstanceProfile"]
    for profile in (*listed, seen):
        assert (profile["InstanceProfileName"], profile["Arn"]) == ("web", made["Arn"])
        assert profile["Roles"][0]["Arn"] == world.deploy
        assert profile["Roles"][0]["AssumeRolePolicyDocument"]["Statement"]
    assert len(listed) == 1
    world.iam.remove_role_from_instance_profile(**pair)
    assert refusal(world.iam.remove_role_from_instance_profile, **pair)[:2] == ("NoSuchEntity", 404)
    assert world.iam.list_instance_profiles_for_role(RoleName="deploy")["InstanceProfiles"] == []
    for call in ("get_instance_profile", "delete_instance_profile"):
        assert refusal(getattr(world.iam, call), InstanceProfileName="none")[:2] == ("NoSuchEntity", 404)


def in_a_profile(iam):
    """Put the role into a profile."""
    iam.create_instance_profile(InstanceProfileName="web")
    iam.add_role_to_instance_profile(InstanceProfileName="web", RoleName="new")


ROLE_DEPENDENTS = {
    "inline": lambda iam: iam.put_role_policy(RoleName="new", **SOME_POLICY),
    "attached": lambda iam: iam.attach_role_policy(RoleName="new", PolicyArn=DENY_ALL),
    "profile": in_a_profile,
}


@pytest.mark.parametrize("kind", ROLE_DEPENDENTS)
def test_no_role_goes_with_anything_left(server, world, kind):
    made = world.iam.create_role(RoleName="new", AssumeRolePolicyDocument=trust(ROOT))["Role"]
    assert made["RoleId"].startswith("AROA") and len(made["RoleId"]) == 21
    ROLE_DEPENDENTS[kind](world.iam)
    code, status, text = refusal(world.iam.delete_role, RoleName="new")
    assert (code, status) == ("DeleteConflict", 409) and text.startswith("Cannot delete entity, must ")
    assert "new" in server.state()["roles"]


def test_a_bare_role_goes(server, world):
    before = server.state()
    params = {"Tags": [{"Key": "a", "Value": "b"}], "PermissionsBoundary": READ_ONLY}
    world.iam.create_role(RoleName="new", AssumeRolePolicyDocument=trust(ROOT), **params)
    found = world.iam.get_role(RoleName="new")["Role"]
    assert found["Tags"] == params["Tags"]
    assert found["PermissionsBoundary"]["PermissionsBoundaryArn"] == READ_ONLY
    world.iam.delete_role(RoleName="new")
    assert server.state() == before
    assert refusal(world.iam.delete_role, RoleName="new")[:2] == ("NoSuchEntity", 404)


# Permissions are for the one thing

OWN_RIGHTS = [
    ("create_user", {"UserName": "new", "Path": "/p/"}, "user/p/new"),
    ("create_role", {"RoleName": "new", "Path": "/p/", "AssumeRolePolicyDocument": trust(ROOT)}, "role/p/new"),
    ("create_group", {"GroupName": "new", "Path": "/p/"}, "group/p/new"),
    ("add_user_to_group", {"UserName": "carol", "GroupName": "developers"}, "group/developers"),
    ("tag_user", {"UserName": "carol", "Tags": [{"Key": "a", "Value": "b"}]}, "user/team/carol"),
    ("update_assume_role_policy", {"RoleName": "deploy", "PolicyDocument": trust(ROOT)}, "role/app/deploy"),
    ("get_instance_profile", {"InstanceProfileName": "web"}, "instance-profile/x/web"),
    ("add_role_to_instance_profile", {"InstanceProfileName": "web", "RoleName": "deploy"}, "instance-profile/x/web"),
    ("delete_virtual_mfa_device", {"SerialNumber": "arn:aws:iam::123456789012:mfa/spare"}, "mfa/spare"),
]


@pytest.mark.parametrize("call, params, resource", OWN_RIGHTS, ids=[right[0] for right in OWN_RIGHTS])
def test_a_permission_for_one_thing_is_enough_and_needed(world, call, params, resource):
    world.iam.create_instance_profile(InstanceProfileName="web", Path="/x/")
    world.iam.create_virtual_mfa_device(VirtualMFADeviceName="spare")
    for arn, answer in ((resource + "x", "AccessDenied"), (resource, "ok")):
        text = document(allow("iam:*", f"arn:aws:iam::123456789012:{arn}"))
        world.iam.put_user_policy(UserName="bob", PolicyName="own", PolicyDocument=text)
        assert world.bystander.attempt("iam", call, **params) == answer


@pytest.mark.parametrize("kind", ["user", "group", "role"])
def test_who_is_not_there_is_told_in_one_way(world, kind):
    found = refusal(getattr(world.iam, f"get_{kind}"), **{f"{kind.title()}Name": "none"})
    assert found == ("NoSuchEntity", 404, f"The {kind} with name none cannot be found.")
