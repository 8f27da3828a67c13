# SPDX-License-Identifier: Apache-2.0
"""The strict layer's tags of users and roles, and the policies that look at them."""

import pytest

from support.world import allow, deny, document
from test_strict import refusal

DENY_ALL = "arn:aws:iam::aws:policy/AWSDenyAll"


def tags(count, prefix="key"):
    """So many tags."""
    return [{"Key": f"{prefix}-{number:02d}", "Value": "v"} for number in range(count)]


@pytest.fixture(params=["user", "role"])
def tagged(request, world):
    """The calls for the tags of bob or of the role deploy."""
    kind, name = request.param, {"user": "bob", "role": "deploy"}[request.param]
    holder = {f"{kind.title()}Name": name}
    call = {verb: getattr(world.iam, f"{verb}_{kind}") for verb in ("tag", "untag", "get")}
    listed = getattr(world.iam, f"list_{kind}_tags")
    return {
        "tag": lambda *found: call["tag"](**holder, Tags=list(found)),
        "untag": lambda *keys: call["untag"](**holder, TagKeys=list(keys)),
        "list": lambda **more: listed(**holder, **more),
        "get": lambda: call["get"](**holder)[kind.title()].get("Tags"),
    }


def test_tags_are_seen_everywhere_and_keys_have_no_case(tagged):
    assert tagged["get"]() is None
    tagged["tag"]({"Key": "Team", "Value": "a"}, {"Key": "x:y/z=+-@_.1 ä", "Value": ""})
    tagged["tag"]({"Key": "team", "Value": "b"})
    wanted = [{"Key": "team", "Value": "b"}, {"Key": "x:y/z=+-@_.1 ä", "Value": ""}]
    assert sorted(tagged["get"](), key=lambda tag: tag["Key"]) == tagged["list"]()["Tags"] == wanted
    tagged["untag"]("TEAM", "never-there")
    assert tagged["get"]() == wanted[1:]


@pytest.mark.parametrize(
    "given, code",
    [
        ([{"Key": "a", "Value": "1"}, {"Key": "A", "Value": "2"}], "InvalidInput"),
        ([{"Key": "aws:mine", "Value": "1"}], "InvalidInput"),
        ([{"Key": "semi;colon", "Value": "1"}], "ValidationError"),
        ([{"Key": "a", "Value": "1,2"}], "ValidationError"),
        ([{"Key": "k" * 129, "Value": "1"}], "ValidationError"),
        ([{"Key": "a", "Value": "v" * 257}], "ValidationError"),
        (tags(51), "ValidationError"),
    ],
)
def test_tags_that_are_refused(tagged, given, code):
    assert refusal(lambda: tagged["tag"](*given))[:2] == (code, 400)
    assert tagged["get"]() is None


def test_fifty_tags_in_pages(tagged):
    tagged["tag"](*tags(50))
    tagged["tag"](*tags(2))
    assert refusal(lambda: tagged["tag"]({"Key": "more", "Value": ""}))[:2] == ("LimitExceeded", 409)
    page = tagged["list"](MaxItems=20)
    assert page["IsTruncated"] and page["Tags"] == tags(20)
    assert refusal(lambda: tagged["untag"]("semi;colon"))[:2] == ("ValidationError", 400)


@pytest.mark.parametrize("kind", ["User", "Role"])
def test_tags_of_nobody(world, kind):
    holder = {f"{kind}Name": "nobody"}
    for verb, more in (("tag", {"Tags": tags(1)}), ("untag", {"TagKeys": ["a"]})):
        assert refusal(getattr(world.iam, f"{verb}_{kind.lower()}"), **holder, **more)[0] == "NoSuchEntity"


# Tags decide


def test_tags_of_caller_and_target_are_known_to_policies(world):
    own = allow("iam:GetUser") | {"Condition": {"StringEquals": {"iam:ResourceTag/Team": "${aws:PrincipalTag/team}"}}}
    world.iam.put_user_policy(UserName="bob", PolicyName="own", PolicyDocument=document(own))
    for team, answer in (("payments", "ok"), ("other", "AccessDenied")):
        world.iam.tag_user(UserName="bob", Tags=[{"Key": "team", "Value": team}])
        assert world.bystander.attempt("iam", "get_user", UserName=world.victim.name) == answer


def test_the_boundary_shields_what_it_bounds(world):
    shield = deny("iam:DeleteUserPolicy") | {"Condition": {"ArnEquals": {"iam:PermissionsBoundary": DENY_ALL}}}
    world.iam.put_user_policy(UserName="bob", PolicyName="x", PolicyDocument=document(allow("iam:*"), shield))
    params = {"UserName": world.victim.name, "PolicyName": "daily-work"}
    world.iam.put_user_permissions_boundary(UserName=world.victim.name, PermissionsBoundary=DENY_ALL)
    assert world.bystander.attempt("iam", "delete_user_policy", **params) == "AccessDenied"
    world.iam.delete_user_permissions_boundary(UserName=world.victim.name)
    assert world.bystander.attempt("iam", "delete_user_policy", **params) == "ok"
