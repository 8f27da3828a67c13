# SPDX-License-Identifier: Apache-2.0
"""Credentials in detail: what is switched off, on again and deleted, what is left alone, and what is said."""

import re

import pytest

from support.acting import act, effect, undo_of
from support.expect import operations


def key(world, number=0):
    """One of the victim's keys."""
    return world.victim.keys[number]["AccessKeyId"]


def off(world, *numbers):
    """Switch keys off, as somebody did before."""
    for number in numbers:
        world.iam.update_access_key(UserName="anna.dev", AccessKeyId=key(world, number), Status="Inactive")


def test_keys_are_listed_with_status_age_and_last_use(cordon, world):
    world.victim.thief().steal()
    off(world, 1)
    before = len(world.server.log(write=True))
    told = cordon("list-access-keys", "--user", "anna.dev", check=0).stdout
    first, second = sorted(re.split(r"(?=AKIA)", told)[1:], key=lambda part: key(world) not in part)
    assert "Active" in first and "0 days ago" in first and "s3, us-east-1" in first, told
    assert key(world, 1) in second and "Inactive" in second and "no use on record" in second, told
    assert len(world.server.log(write=True)) == before


def test_the_listing_as_a_document(cordon, world):
    world.victim.thief().steal()
    found = cordon("list-access-keys", "--user", "anna.dev", "--output", "json", check=0).json
    text = str(found)
    assert key(world) in text and key(world, 1) in text and "'s3'" in text
    assert found["format"].startswith("cordon-")


def test_a_key_that_is_on_is_not_deleted(cordon, world, server):
    """One is off and goes; the other is on, stays, and the answer says what to do first."""
    off(world, 1)
    found, changed = effect(cordon, server, "delete-access-keys", "--user", "anna.dev", "--all", check=5)
    assert set(changed) == {("users", "anna.dev", "keys", key(world, 1)), ("key_index",)}
    (skipped,) = found["skipped"]
    assert key(world) in skipped["why"] and skipped["instead"] == "deactivate-access-keys"


def test_nothing_is_sent_where_the_only_key_named_is_on(cordon, world):
    act(cordon, "delete-access-keys", "--user", "anna.dev", "--key", key(world), check=5)
    assert world.writes() == []


@pytest.mark.parametrize("action", ["delete-access-keys", "delete-credentials", "deactivate-mfa-devices"])
def test_what_has_no_way_back_needs_a_second_word(cordon, world, server, action):
    off(world, 0, 1)
    options = {
        "delete-access-keys": ("--all",),
        "delete-credentials": ("--all",),
        "deactivate-mfa-devices": ("--serial", world.victim.mfa),
    }[action]
    act(cordon, "deactivate-credentials", "--user", "anna.dev")
    before = server.state()
    command = (action, "--user", "anna.dev", *options, "--yes", "--settle", "0", "--output", "json")
    found = cordon(*command, check=3).json
    assert server.state() == before
    assert {o["undo"] for o in found["operations"]} == {None}
    assert {r["status"] for r in found["results"]} == {"skipped"}


def test_a_key_of_nobody_is_named_in_the_answer(cordon, world):
    """The alert may have named the wrong user: silence would look like success."""
    bobs = world.bystander.credentials["AccessKeyId"]
    found = cordon("deactivate-access-keys", "--user", "anna.dev", "--key", bobs, "--yes", "--settle", "0")
    assert found.status in (3, 5) and found.says(bobs)
    assert world.writes() == []


def test_a_key_that_works_again_warns(cordon, world):
    off(world, 0, 1)
    found = act(cordon, "activate-access-keys", "--user", "anna.dev", "--key", key(world))
    assert world.victim.thief().steal() == "ok" and world.victim.thief(1).steal() == "InvalidAccessKeyId"
    assert any("replaced, not activated" in w for w in found["warnings"])
    user = {"UserName": "anna.dev", "AccessKeyId": key(world), "Status": "Inactive"}
    assert undo_of(found, "UpdateAccessKey") == [("UpdateAccessKey", user)]


def test_only_the_keys_that_are_on_are_switched_off(cordon, world):
    off(world, 1)
    found = act(cordon, "deactivate-access-keys", "--user", "anna.dev")
    assert [o["parameters"]["AccessKeyId"] for o in found["operations"]] == [key(world)]


# The other credentials


def credentials(world):
    """{kind: id} of the victim's other credentials."""
    user = world.server.state()["users"]["anna.dev"]
    return {kind: next(iter(user[kind])) for kind in ("ssh", "certificates", "service_credentials")}


def test_a_long_term_api_key_is_switched_off_too(cordon, world, server):
    """A Bedrock key works as a bearer token: it outlives every access key."""
    made = world.iam.create_service_specific_credential(
        UserName="anna.dev", ServiceName="bedrock.amazonaws.com", CredentialAgeDays=30
    )["ServiceSpecificCredential"]["ServiceSpecificCredentialId"]
    found, changed = effect(
        cordon, server, "deactivate-credentials", "--user", "anna.dev", "--kind", "service-specific-credentials"
    )
    assert changed[("users", "anna.dev", "service_credentials", made)] == "Inactive" and len(changed) == 2
    assert any("bedrock" in o["why"] for o in found["operations"])


def test_credentials_that_are_on_are_not_deleted(cordon, world, server):
    kinds = credentials(world)
    off_already = {"UserName": "anna.dev", "SSHPublicKeyId": kinds["ssh"], "Status": "Inactive"}
    world.iam.update_ssh_public_key(**off_already)
    found, changed = effect(cordon, server, "delete-credentials", "--user", "anna.dev", "--all", check=5)
    assert changed == {("users", "anna.dev", "ssh", kinds["ssh"]): None}
    assert {s["instead"] for s in found["skipped"]} == {"deactivate-credentials"}
    assert {i for i in kinds.values() if any(i in s["why"] for s in found["skipped"])} == set(kinds.values()) - {
        kinds["ssh"]
    }


def test_first_off_then_deleted(cordon, world, server):
    act(cordon, "deactivate-credentials", "--user", "anna.dev")
    act(cordon, "delete-credentials", "--user", "anna.dev", "--all")
    user = server.state()["users"]["anna.dev"]
    assert (user["ssh"], user["certificates"], user["service_credentials"]) == ({}, {}, {})


def test_several_by_name(cordon, world, server):
    kinds = credentials(world)
    named = ("--credential", kinds["ssh"], "--credential", kinds["certificates"])
    _found, changed = effect(cordon, server, "deactivate-credentials", "--user", "anna.dev", *named)
    assert set(changed) == {("users", "anna.dev", kind, kinds[kind]) for kind in ("ssh", "certificates")}


def test_a_credential_that_is_not_there_is_said(cordon, world):
    """Nothing was switched off: an answer of success would hide a typing mistake."""
    gone = cordon("deactivate-credentials", "--user", "anna.dev", "--credential", "APKAQQQQQQQQQQQQQQQQ", "--yes")
    assert gone.says("APKAQQQQQQQQQQQQQQQQ"), str(gone)
    assert world.writes() == []


def test_an_mfa_device_goes_and_the_answer_says_that_this_weakens(cordon, world, server):
    command = ("deactivate-mfa-devices", "--user", "anna.dev", "--serial", world.victim.mfa)
    found, changed = effect(cordon, server, *command)
    assert changed == {("users", "anna.dev", "mfa"): []}
    assert world.victim.mfa in server.state()["virtual_mfa"]
    assert any("signs in with less" in w for w in found["warnings"])
    assert [o["undo"] for o in found["operations"]] == [None]


def test_an_mfa_device_of_somebody_else_stays(cordon, world):
    arn = world.iam.create_virtual_mfa_device(VirtualMFADeviceName="bobs")["VirtualMFADevice"]["SerialNumber"]
    codes = {"AuthenticationCode1": "123456", "AuthenticationCode2": "654321"}
    world.iam.enable_mfa_device(UserName="bob", SerialNumber=arn, **codes)
    found = act(cordon, "deactivate-mfa-devices", "--user", "anna.dev", "--serial", arn)
    assert operations(found) == [] and world.writes() == []


def test_a_password_is_gone_at_once(cordon, world, server):
    found, changed = effect(cordon, server, "delete-login-profile", "--user", "bob")
    assert changed == {("users", "bob", "password"): False}
    assert [o["undo"] for o in found["operations"]] == [None]
