# SPDX-License-Identifier: Apache-2.0
"""The strict layer's ways to sign in to the console: MFA devices and passwords."""

import pytest

from test_strict import refusal

USER = "carol"
CODES = {"AuthenticationCode1": "123456", "AuthenticationCode2": "654321"}
PASSWORD = "Long enough 1!"


def device(world, name="spare"):
    """The serial number of a new virtual device."""
    return world.iam.create_virtual_mfa_device(VirtualMFADeviceName=name)["VirtualMFADevice"]["SerialNumber"]


def test_a_device_comes_and_goes(world):
    serial = device(world)
    owned = {"UserName": USER, "SerialNumber": serial}
    world.iam.enable_mfa_device(**owned, **CODES)
    listed = world.iam.list_mfa_devices(UserName=USER)["MFADevices"]
    assert [(d["UserName"], d["SerialNumber"]) for d in listed] == [(USER, serial)]
    assert world.iam.get_mfa_device(**owned)["UserName"] == USER
    assert refusal(world.iam.delete_virtual_mfa_device, SerialNumber=serial)[:2] == ("DeleteConflict", 409)
    world.iam.deactivate_mfa_device(**owned)
    assert refusal(world.iam.deactivate_mfa_device, **owned)[:2] == ("NoSuchEntity", 404)
    assert refusal(world.iam.get_mfa_device, **owned)[:2] == ("NoSuchEntity", 404)
    world.iam.delete_virtual_mfa_device(SerialNumber=serial)
    assert refusal(world.iam.delete_virtual_mfa_device, SerialNumber=serial)[:2] == ("NoSuchEntity", 404)


def test_a_device_has_one_owner_and_real_codes(world):
    serial, enable = device(world), world.iam.enable_mfa_device
    owned = {"UserName": USER, "SerialNumber": serial}
    same = {"AuthenticationCode1": "123456", "AuthenticationCode2": "123456"}
    assert refusal(enable, **owned, **same)[:2] == ("InvalidAuthenticationCode", 403)
    taken = {"UserName": USER, "SerialNumber": world.victim.mfa}
    assert refusal(enable, **taken, **CODES)[:2] == ("EntityAlreadyExists", 409)
    nowhere = {"UserName": USER, "SerialNumber": serial + "-not"}
    assert refusal(enable, **nowhere, **CODES)[:2] == ("NoSuchEntity", 404)
    assert refusal(world.iam.deactivate_mfa_device, **taken)[:2] == ("NoSuchEntity", 404)
    assert refusal(world.iam.create_virtual_mfa_device, VirtualMFADeviceName="spare")[0] == "EntityAlreadyExists"


def test_eight_devices_a_user(world):
    serials = [device(world, f"d{number}") for number in range(9)]
    for serial in serials[:8]:
        world.iam.enable_mfa_device(UserName=USER, SerialNumber=serial, **CODES)
    found = refusal(world.iam.enable_mfa_device, UserName=USER, SerialNumber=serials[8], **CODES)
    assert found[:2] == ("LimitExceeded", 409)


@pytest.mark.parametrize("status, found", [("Any", "both"), ("Assigned", "used"), ("Unassigned", "spare")])
def test_virtual_devices_by_assignment(world, status, found):
    serials = {"used": [world.victim.mfa], "spare": [device(world)]}
    serials["both"] = serials["used"] + serials["spare"]
    listed = world.iam.list_virtual_mfa_devices(AssignmentStatus=status)["VirtualMFADevices"]
    assert [d["SerialNumber"] for d in listed] == serials[found]
    owners = {d["SerialNumber"]: d["User"]["Arn"] for d in listed if "User" in d}
    assert owners == ({} if found == "spare" else {world.victim.mfa: world.victim.arn})
    assert not any("Base32StringSeed" in d for d in listed)


def test_a_password_comes_and_goes(server, world):
    made = world.iam.create_login_profile(UserName=USER, Password=PASSWORD, PasswordResetRequired=True)
    assert made["LoginProfile"]["PasswordResetRequired"] is True
    found = refusal(world.iam.create_login_profile, UserName=USER, Password=PASSWORD)
    assert found[:2] == ("EntityAlreadyExists", 409)
    world.iam.update_login_profile(UserName=USER, PasswordResetRequired=False)
    assert world.iam.get_login_profile(UserName=USER)["LoginProfile"]["PasswordResetRequired"] is False
    assert server.state()["users"][USER]["password"] is True
    world.iam.update_login_profile(UserName=USER, Password="Another one 2?")
    world.iam.delete_login_profile(UserName=USER)
    for call in ("get_login_profile", "delete_login_profile", "update_login_profile"):
        assert refusal(getattr(world.iam, call), UserName=USER)[:2] == ("NoSuchEntity", 404)


@pytest.mark.parametrize("weak", ["Sh0rt!", "onlylowercase", "lower and spaces", "12345678"])
def test_weak_passwords(world, weak):
    found = refusal(world.iam.create_login_profile, UserName=USER, Password=weak)
    assert found[:2] == ("PasswordPolicyViolation", 400)
    world.iam.create_login_profile(UserName=USER, Password=PASSWORD)
    found = refusal(world.iam.update_login_profile, UserName=USER, Password=weak)
    assert found[:2] == ("PasswordPolicyViolation", 400)


def test_the_accounts_own_password_policy(world):
    world.iam.update_account_password_policy(MinimumPasswordLength=20, RequireNumbers=True)
    for password in (PASSWORD, "a very long password without"):
        found = refusal(world.iam.create_login_profile, UserName=USER, Password=password)
        assert found[:2] == ("PasswordPolicyViolation", 400)
    world.iam.create_login_profile(UserName=USER, Password="a very long password with 1")
