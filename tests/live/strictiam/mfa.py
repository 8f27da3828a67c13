# SPDX-License-Identifier: Apache-2.0
"""MFA devices: moto enables what does not exist or belongs to another, and deletes what is in use."""

from . import backend, clock, entities, users
from .wire import AwsError

PER_USER = 8


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
