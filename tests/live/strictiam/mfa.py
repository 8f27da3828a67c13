# SPDX-License-Identifier: Apache-2.0
"""MFA devices: moto enables what does not exist or belongs to another, and deletes what is in use."""

import base64
import hashlib
import hmac
import struct

from . import backend, clock, entities, users
from .wire import AwsError

PER_USER = 8
STEP = 30
_used = set()


def reset():
    """Every code works once again."""
    _used.clear()


def code(seed, at):
    """RFC 6238: the code of a device at a time."""
    counter = struct.pack(">Q", int(at) // STEP)
    digest = hmac.new(base64.b32decode(seed), counter, hashlib.sha1).digest()
    start = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[start : start + 4])[0] & 0x7FFFFFFF) % 10**6:06d}"


def prove(caller, serial, given):
    """A device of the caller's own, and a code of it that is of now and was not used before."""
    device = getattr(caller.entity, "mfa_devices", {}).get(serial)
    if device is None:
        text = "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number."
        raise AwsError(403, "AccessDenied", text + "  is valid and associated with this user.")
    seed = backend.iam().virtual_mfa_devices[serial].base32_string_seed
    near = {code(seed, clock.epoch() + STEP * step) for step in (-1, 0, 1)}
    if given not in near or (serial, given) in _used:
        raise AwsError(403, "AccessDenied", "MultiFactorAuthentication failed with invalid MFA one time pass code. ")
    _used.add((serial, given))


def _owner(serial):
    return next((u for u in backend.iam().users.values() if serial in u.mfa_devices), None)


def check_enable(params):
    """Two codes that follow each other are never the same; a virtual device has to be made first."""
    user, serial = entities.user(params), params["SerialNumber"]
    if serial.startswith("arn:") and serial not in backend.iam().virtual_mfa_devices:
        raise entities.gone(f"VirtualMFADevice with serial number {serial} doesn't exist.")
    if _owner(serial):
        raise AwsError(409, "EntityAlreadyExists", f"MFADevice entity with serial number {serial} already exists.")
    if len(user.mfa_devices) >= PER_USER:
        raise entities.limit("MFADevicesPerUser", PER_USER)
    if params["AuthenticationCode1"] == params["AuthenticationCode2"]:
        text = "Authentication code for device is not valid."
        raise AwsError(403, "InvalidAuthenticationCode", text)


def check_deactivate(params):
    """The device has to be this user's."""
    if params["SerialNumber"] not in entities.user(params).mfa_devices:
        raise entities.gone(f"MFA Device invalid for user {params['UserName']}.")


def check_delete(params):
    """Not while somebody signs in with it."""
    if _owner(params["SerialNumber"]):
        raise AwsError(409, "DeleteConflict", "MFA VirtualDevice in use. Must deactivate first.")


def get(_caller, params):
    """One device, with its owner."""
    serial = params["SerialNumber"]
    owner = _owner(serial)
    if owner is None or params.get("UserName", owner.name) != owner.name:
        raise entities.gone(f"MFA Device {serial} cannot be found.")
    enabled = clock.iso(owner.mfa_devices[serial].enable_date)
    return {"UserName": owner.name, "SerialNumber": serial, "EnableDate": enabled}


def list_virtual(_caller, params):
    """Devices of everybody, and those of nobody; never their seeds."""
    wanted = params.get("AssignmentStatus", "Any")
    found = []
    for serial in backend.iam().virtual_mfa_devices:
        owner = _owner(serial)
        if wanted == "Any" or (wanted == "Assigned") == (owner is not None):
            found.append({"SerialNumber": serial, **_assignment(serial, owner)})
    return {"VirtualMFADevices": found}


def _assignment(serial, owner):
    if owner is None:
        return {}
    enabled = clock.iso(owner.mfa_devices[serial].enable_date)
    return {"User": users.described(owner), "EnableDate": enabled}


OWN = {"GetMFADevice": get, "ListVirtualMFADevices": list_virtual}
CHECKS = {
    "EnableMFADevice": check_enable,
    "DeactivateMFADevice": check_deactivate,
    "DeleteVirtualMFADevice": check_delete,
}
