# SPDX-License-Identifier: Apache-2.0
"""A responder with less than all rights: what cannot be read is unknown, what cannot be written is said."""

import pytest

from support.expect import DENY, checks, is_deny_all, text_of
from support.program import Cordon
from support.world import deny

READS = [
    "GetUser",
    "ListUserPolicies",
    "GetUserPolicy",
    "ListAttachedUserPolicies",
    "GetLoginProfile",
    "ListMFADevices",
    "ListSSHPublicKeys",
    "ListSigningCertificates",
    "ListServiceSpecificCredentials",
    "ListGroupsForUser",
    "ListGroupPolicies",
    "GetGroupPolicy",
    "ListAttachedGroupPolicies",
    "ListRoles",
    "GetAccountAuthorizationDetails",
    "GetAccountSummary",
    "ListAccountAliases",
    "GetPolicy",
    "GetPolicyVersion",
]


def denied_user(server, world):
    """Whether our deny stands on the victim, under whatever name, and holds."""
    inline = server.state()["users"][world.victim.name]["inline"]
    return any(is_deny_all(d) for name, d in inline.items() if name.startswith("Cordon"))


@pytest.mark.parametrize("action", READS)
def test_no_failed_read_stops_the_deny(cordon, world, server, action):
    session = world.victim.thief().session_token()
    world.limit_responder(deny(f"iam:{action}"))
    result = cordon("contain", world.victim.key, "--yes", "--irreversible", "--settle", "0", "--output", "json")
    assert denied_user(server, world), str(result)
    assert session.steal() == "AccessDenied"
    assert result.status in (1, 5)
    assert result.json["verdict"] in ("UNKNOWN", "OPEN")
    assert set(server.state()["users"][world.victim.name]["keys"].values()) == {"Inactive"}


def test_keys_that_cannot_be_listed_are_unknown(cordon, world, server):
    world.limit_responder(deny("iam:ListAccessKeys"))
    document = cordon("contain", world.victim.key, "--yes", "--settle", "0", "--output", "json").json
    assert denied_user(server, world)
    assert "unknown" in checks(document).values()
    assert document["warnings"]
    assert server.state()["users"][world.victim.name]["keys"][world.victim.key] == "Inactive"


def test_every_read_denied_but_the_user_is_given(cordon, world, server):
    session = world.victim.thief().session_token()
    world.limit_responder(deny(["iam:Get*", "iam:List*"]))
    result = cordon(
        "contain", world.victim.key, "--user", world.victim.name, "--yes", "--settle", "0", "--output", "json"
    )
    assert denied_user(server, world), str(result)
    assert session.steal() == "AccessDenied"
    assert result.status in (1, 5) and result.json["verdict"] == "UNKNOWN"


def test_a_policy_of_ours_that_cannot_be_read_is_not_overwritten(cordon, world, server):
    other = '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"s3:Put*","Resource":"*"}]}'
    world.iam.put_user_policy(UserName=world.victim.name, PolicyName=DENY, PolicyDocument=other)
    world.limit_responder(deny(["iam:GetUserPolicy", "iam:GetAccountAuthorizationDetails"]))
    cordon("contain", world.victim.key, "--yes", "--settle", "0")
    inline = server.state()["users"][world.victim.name]["inline"]
    assert "s3:Put*" in str(inline[DENY])
    assert denied_user(server, world) or "arn:aws:iam::aws:policy/AWSDenyAll" in str(server.state()["users"])


def test_keys_that_may_not_be_turned_off(cordon, world, server):
    thief = world.victim.thief()
    world.limit_responder(deny("iam:UpdateAccessKey"))
    document = cordon.contain(world.victim.key, "--irreversible", check=5)
    assert denied_user(server, world)
    assert thief.steal() == "AccessDenied"
    assert document["verdict"] != "CONTAINED"
    failed = [r for r in document["results"] if r["status"] == "failed"]
    assert len(failed) == 2 and {r["error"]["code"] for r in failed} == {"AccessDenied"}
    assert not server.state()["users"][world.victim.name]["password"]


def test_a_deny_that_may_not_be_written_inline(cordon, world, server):
    """Nothing may pass for contained without a deny; the keys go off all the same."""
    world.limit_responder(deny("iam:PutUserPolicy"))
    result = cordon("contain", world.victim.key, "--yes", "--irreversible", "--settle", "0", "--output", "json")
    assert result.status == 5, str(result)
    assert result.json["verdict"] != "CONTAINED"
    assert set(server.state()["users"][world.victim.name]["keys"].values()) == {"Inactive"}


def test_no_write_at_all_is_allowed(cordon, world, server):
    world.limit_responder(deny(["iam:Put*", "iam:Update*", "iam:Delete*", "iam:Attach*"]))
    before = server.state()
    result = cordon("contain", world.victim.key, "--yes", "--irreversible", "--settle", "0", "--output", "json")
    assert result.status == 5, str(result)
    assert result.json["verdict"] in ("OPEN", "UNKNOWN")
    assert server.state() == before


def test_denied_before_any_write(cordon, world):
    """Whose key it is may not be asked, and nobody said: there is nothing to write to."""
    world.limit_responder(deny("iam:*"))
    result = cordon("contain", world.victim.key, "--yes", "--settle", "0", check=4)
    assert result.says("AccessDenied") or result.says("denied") or result.says("not authorized")
    assert world.writes() == []


@pytest.mark.parametrize("wrong", ["none", "unknown", "secret", "inactive", "token"])
def test_no_usable_credentials(world, server, tmp_path, wrong):
    keys = dict(world.responder)
    if wrong == "unknown":
        keys["AccessKeyId"] = "AKIAQQQQQQQQQQQQQQQQ"
    if wrong == "secret":
        keys["SecretAccessKey"] = "not/the/secret"
    if wrong == "token":
        keys["SessionToken"] = "bm9uc2Vuc2U="
    if wrong == "inactive":
        world.iam.update_access_key(UserName="ir-responder", AccessKeyId=keys["AccessKeyId"], Status="Inactive")
    program = Cordon(server, keys, tmp_path)
    gone = {"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None} if wrong == "none" else {}
    before = server.state()
    result = program("contain", world.victim.key, "--yes", "--settle", "0", "--output", "json", env=gone, check=4)
    assert result.json["error"]["message"]
    assert server.state() == before
    assert world.responder["SecretAccessKey"] not in result.stdout + result.stderr


def test_half_of_the_credentials(cordon, world):
    cordon("whoami", env={"AWS_SECRET_ACCESS_KEY": None}, check=4)
    assert world.sent() == []


def test_credentials_from_files_and_profiles(cordon, world):
    folder = cordon.folder / "home" / ".aws"
    folder.mkdir()
    key = world.responder
    (folder / "credentials").write_text(
        f"[ir]\naws_access_key_id = {key['AccessKeyId']}\naws_secret_access_key={key['SecretAccessKey']}\n"
    )
    (folder / "config").write_text("# a comment\n[profile ir]\nregion = eu-west-1\n")
    gone = {"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None, "AWS_REGION": None}
    assert "ir-responder" in cordon("whoami", "--profile", "ir", env=gone, check=0).stdout
    assert "ir-responder" in cordon("whoami", env=gone | {"AWS_PROFILE": "ir"}, check=0).stdout
    cordon("whoami", "--profile", "nobody", env=gone, check=4)


def test_an_unread_section_is_never_true(cordon, world):
    """The login profile cannot be read: the password may still be there."""
    world.limit_responder(deny("iam:GetLoginProfile"))
    document = cordon.json("plan", "compromised-user", "--set", f"user={world.victim.name}", check=0)
    assert "unread" in text_of(document) or "denied" in text_of(document["warnings"]) or "unknown" in text_of(document)
