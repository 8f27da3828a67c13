# SPDX-License-Identifier: Apache-2.0
"""Asking only: whose is it, who are we, and that no question changes anything."""

import pytest

from support.server import free_port

NONE = {"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None}


def test_whose_key(cordon, world):
    document = cordon.json("whois", world.victim.key, check=0)
    assert document["format"] == "cordon-whois/1"
    for told in (world.victim.name, "123456789012"):
        assert told in str(document)
    assert world.writes() == []


@pytest.mark.parametrize("form", ["arn", "name", "id", "role", "role id", "session"])
def test_whose_identity(cordon, world, server, form):
    state = server.state()
    named, wanted = {
        "arn": (world.victim.arn, world.victim.name),
        "name": (world.victim.name, world.victim.name),
        "id": (world.victim.id, world.victim.name),
        "role": (world.deploy, "deploy"),
        "role id": (state["roles"]["deploy"]["id"], "deploy"),
        "session": ("arn:aws:sts::123456789012:assumed-role/deploy/s1", "deploy"),
    }[form]
    assert wanted in cordon("whois", named, check=0).stdout
    assert world.writes() == []


@pytest.mark.parametrize(
    "key, account",
    [
        ("ASIAQNZGKIQY56JQ7WML", "029608264753"),
        ("ASIAR2TG44V5PDTTBZRR", "125843596666"),
        ("ASIAY34FZKBOKMUTVV7A", "609629065308"),
    ],
)
def test_the_account_of_a_key_id_needs_no_server(cordon, key, account):
    result = cordon("whois", key, env=NONE, endpoint=f"http://127.0.0.1:{free_port()}")
    assert result.says(account), str(result)


@pytest.mark.parametrize("key", ["AKIAIOSFODNN7EXAMPLE", "AKIAJ0189ABCDEFGHIJK"])
def test_an_old_key_id_holds_no_account_and_it_is_said(cordon, world, key):
    result = cordon("whois", key, env=NONE, endpoint=f"http://127.0.0.1:{free_port()}")
    assert not result.says('account_id": "1')
    assert (result.stdout + result.stderr).strip()
    assert result.status in (0, 1, 2, 4, 6)


def test_nobodys_key(cordon, world):
    gone = world.iam.create_access_key(UserName="bob")["AccessKey"]["AccessKeyId"]
    world.iam.delete_access_key(UserName="bob", AccessKeyId=gone)
    result = cordon("whois", gone)
    assert result.says("123456789012")
    assert not result.says("bob")


def test_who_am_i(cordon, world, server):
    document = cordon.json("whoami", check=0)
    assert document["format"] == "cordon-whoami/1"
    for told in ("arn:aws:iam::123456789012:user/security/ir-responder", server.url):
        assert told in str(document)
    assert world.responder["SecretAccessKey"] not in str(document)


def test_who_am_i_with_a_session(cordon, world):
    role = world.victim.thief().assume(world.deploy, "me")
    keys = role.credentials
    env = {
        "AWS_ACCESS_KEY_ID": keys["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": keys["SecretAccessKey"],
        "AWS_SESSION_TOKEN": keys["SessionToken"],
    }
    assert "assumed-role/deploy/me" in cordon("whoami", env=env, check=0).stdout


def test_a_snapshot_of_one_principal(cordon, world):
    text = cordon("snapshot", world.victim.arn, check=0).stdout
    assert world.victim.key in text and "daily-work" in text
    assert world.writes() == []


def test_help_and_completion_without_network(cordon, world):
    assert "contain" in cordon("help", endpoint=False).stdout + cordon("--help", endpoint=False).stdout
    assert cordon("contain", "--help", endpoint=False, check=0).says("--irreversible")
    assert world.sent() == []
