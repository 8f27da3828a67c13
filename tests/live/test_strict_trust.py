# SPDX-License-Identifier: Apache-2.0
"""The strict layer's trust policies: whom they may name, and what becomes of the names."""

import json

import pytest

from support.world import allow, document, trust
from test_strict import refusal

ACCOUNT = "123456789012"
HERE = f"arn:aws:iam::{ACCOUNT}"
PRINCIPALS = [
    ("*", True),
    (ACCOUNT, True),
    ("999999999999", True),
    (f"{HERE}:root", True),
    ("arn:aws:iam::999999999999:user/who-knows", True),
    ("arn:aws:iam::999999999999:role/x/who-knows", True),
    (f"{HERE}:user/bob", True),
    (f"{HERE}:role/app/deploy", True),
    (f"arn:aws:sts::{ACCOUNT}:assumed-role/deploy/session", True),
    (f"arn:aws:sts::{ACCOUNT}:federated-user/guest", True),
    (f"{HERE}:user/nobody", False),
    (f"{HERE}:user/Bob", False),
    (f"{HERE}:user/*", False),
    (f"{HERE}:role/deploy", False),
    (f"{HERE}:group/developers", False),
    (f"arn:aws:sts::{ACCOUNT}:assumed-role/none/session", False),
    ("AIDAQQQQQQQQQQQQQQQQQ", False),
    ("AROAQQQQQQQQQQQQQQQQQ", False),
    ("bob", False),
]


def trusted(world, role="deploy"):
    """The AWS principals of a role's trust policy as GetRole has them."""
    statement = world.iam.get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"]["Statement"][0]
    found = statement["Principal"]["AWS"]
    return found if isinstance(found, list) else [found]


def set_trust(world, text, role="deploy"):
    """UpdateAssumeRolePolicy."""
    world.iam.update_assume_role_policy(RoleName=role, PolicyDocument=text)


@pytest.mark.parametrize("name, valid", PRINCIPALS)
def test_whom_a_role_may_trust(world, name, valid):
    if valid:
        set_trust(world, trust(f"{HERE}:root", name))
        assert trusted(world) == [f"{HERE}:root", name]
        return
    before = trusted(world)
    found = refusal(set_trust, world=world, text=trust(f"{HERE}:root", name))
    assert found == ("MalformedPolicyDocument", 400, f'Invalid principal in policy: "AWS":"{name}"')
    assert trusted(world) == before


ASSUME = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": ACCOUNT}}


@pytest.mark.parametrize(
    "statement",
    [
        {"Effect": "Allow", "Action": "sts:AssumeRole"},
        ASSUME | {"Resource": "*"},
        ASSUME | {"Action": "s3:GetObject"},
        ASSUME | {"Effect": "Maybe"},
    ],
)
def test_what_is_no_trust_policy(world, statement):
    assert refusal(set_trust, world=world, text=document(statement))[:2] == ("MalformedPolicyDocument", 400)
    params = {"RoleName": "new", "AssumeRolePolicyDocument": document(statement)}
    assert refusal(world.iam.create_role, **params)[:2] == ("MalformedPolicyDocument", 400)


def test_the_size_of_a_trust_policy(server, world):
    long = [f"arn:aws:iam::999999999999:user/u{number:03d}" for number in range(60)]
    assert refusal(set_trust, world=world, text=trust(*long)) == (
        "LimitExceeded",
        409,
        "Cannot exceed quota for ACLSizePerRole: 2048",
    )
    params = {"RoleName": "new", "AssumeRolePolicyDocument": trust(*long)}
    assert refusal(world.iam.create_role, **params)[:2] == ("LimitExceeded", 409)
    set_trust(world, trust(ACCOUNT) + " " * 3000)
    server.configure(quotas={"AssumeRolePolicySizeQuota": 4096})
    assert world.iam.get_account_summary()["SummaryMap"]["AssumeRolePolicySizeQuota"] == 4096
    set_trust(world, trust(*long))
    assert trusted(world) == long


def test_a_role_that_is_not_there(world):
    assert refusal(set_trust, world=world, text=trust(ACCOUNT), role="none")[:2] == ("NoSuchEntity", 404)


# Names and ids


def remake_bob(world):
    """Another bob with the same ARN, who may ask for every role; (old id, new id, his thief)."""
    old = world.iam.get_user(UserName="bob")["User"]["UserId"]
    world.iam.delete_login_profile(UserName="bob")
    world.iam.delete_user_policy(UserName="bob", PolicyName="files")
    key = world.bystander.credentials["AccessKeyId"]
    world.iam.delete_access_key(UserName="bob", AccessKeyId=key)
    world.iam.delete_user(UserName="bob")
    thief = type(world.bystander)(world.server, world._user("bob"))
    world.iam.put_user_policy(UserName="bob", PolicyName="x", PolicyDocument=document(allow("sts:AssumeRole")))
    return old, world.iam.get_user(UserName="bob")["User"]["UserId"], thief


def test_a_namesake_is_a_stranger(server, world):
    set_trust(world, trust(f"{HERE}:user/bob"))
    assert world.bystander.attempt("sts", "assume_role", RoleArn=world.deploy, RoleSessionName="xx") == "ok"
    old, new, thief = remake_bob(world)
    assert trusted(world) == [old] and old.startswith("AIDA")
    assert thief.attempt("sts", "assume_role", RoleArn=world.deploy, RoleSessionName="xx") == "AccessDenied"
    assert server.state()["roles"]["deploy"]["trust"]["Statement"][0]["Principal"] == {"AWS": [old]}
    found = refusal(set_trust, world=world, text=trust(old))
    assert found == ("MalformedPolicyDocument", 400, f'Invalid principal in policy: "AWS":"{old}"')
    set_trust(world, trust(new))
    assert trusted(world) == [f"{HERE}:user/bob"]
    assert thief.attempt("sts", "assume_role", RoleArn=world.deploy, RoleSessionName="xx") == "ok"


def test_every_view_shows_the_dangling_id(world):
    role_id = world.iam.create_role(RoleName="gone", AssumeRolePolicyDocument=trust(ACCOUNT))["Role"]["RoleId"]
    set_trust(world, trust(f"{HERE}:role/gone", f"{HERE}:root"))
    world.iam.delete_role(RoleName="gone")
    world.iam.create_role(RoleName="gone", AssumeRolePolicyDocument=trust(ACCOUNT))
    world.iam.create_instance_profile(InstanceProfileName="web")
    world.iam.add_role_to_instance_profile(InstanceProfileName="web", RoleName="deploy")
    details = world.iam.get_account_authorization_details(Filter=["Role"])["RoleDetailList"]
    views = [
        *(r for r in world.iam.list_roles()["Roles"] if r["RoleName"] == "deploy"),
        *(r for r in details if r["RoleName"] == "deploy"),
        *world.iam.get_instance_profile(InstanceProfileName="web")["InstanceProfile"]["Roles"],
        world.iam.get_role(RoleName="deploy")["Role"],
    ]
    shown = [v["AssumeRolePolicyDocument"]["Statement"][0]["Principal"]["AWS"] for v in views]
    assert shown == [[role_id, f"{HERE}:root"]] * 4


def test_a_new_name_is_followed(world):
    set_trust(world, trust(f"{HERE}:user/bob"))
    world.iam.update_user(UserName="bob", NewUserName="rob")
    assert trusted(world) == [f"{HERE}:user/rob"]
    assert world.bystander.attempt("sts", "assume_role", RoleArn=world.deploy, RoleSessionName="xx") == "ok"


def test_the_text_stays_while_the_people_do(world):
    only = ASSUME | {"Principal": {"AWS": f"{HERE}:user/bob"}}
    text = json.dumps({"Version": "2012-10-17", "Statement": only}, indent=2)
    set_trust(world, text)
    found = world.iam.get_role(RoleName="deploy")["Role"]["AssumeRolePolicyDocument"]
    assert found == json.loads(text)
    remake_bob(world)
    found = world.iam.get_role(RoleName="deploy")["Role"]["AssumeRolePolicyDocument"]
    assert found["Statement"]["Principal"]["AWS"].startswith("AIDA")
