# SPDX-License-Identifier: Apache-2.0
"""Console passwords: moto forgets whether one has to be changed, and takes any."""

import re

from . import backend, clock, entities
from .wire import AwsError

CLASSES = {
    "require_uppercase_characters": "[A-Z]",
    "require_lowercase_characters": "[a-z]",
    "require_numbers": "[0-9]",
    "require_symbols": r"[^A-Za-z0-9]",
}


def _profile(user):
    shown = {
        "UserName": user.name,
        "CreateDate": clock.iso(user.password_date),
        "PasswordResetRequired": user.password_reset_required,
    }
    return {"LoginProfile": shown}


def _holder(params):
    user = entities.user(params)
    if user.password is None:
        raise entities.gone(f"Login Profile for User {user.name} cannot be found.")
    return user


def _check_password(password):
    """The account's policy, else AWS's: eight characters of three kinds."""
    rules = backend.iam().account_password_policy
    present = {name: bool(re.search(pattern, password)) for name, pattern in CLASSES.items()}
    if rules is None:
        good = len(password) >= 8 and sum(present.values()) >= 3
    else:
        good = len(password) >= rules.minimum_password_length
        good = good and all(present[name] for name in CLASSES if getattr(rules, name))
    if not good:
        raise AwsError(400, "PasswordPolicyViolation", "Password does not conform to the account password policy.")


def create(_caller, params):
    """A user has one password or none."""
    user = entities.user(params)
    if "Password" not in params:
        raise AwsError(400, "ValidationError", "Password must be specified.")
    if user.password is not None:
        raise AwsError(409, "EntityAlreadyExists", f"Login Profile for user {user.name} already exists.")
    _check_password(params["Password"])
    user.password, user.password_date = params["Password"], clock.now()
    user.password_reset_required = params.get("PasswordResetRequired") == "true"
    return _profile(user)


def get(_caller, params):
    """Never the password itself."""
    return _profile(_holder(params))


def update(_caller, params):
    """What is not named stays as it was."""
    user = _holder(params)
    if "Password" in params:
        _check_password(params["Password"])
        user.password = params["Password"]
    if "PasswordResetRequired" in params:
        user.password_reset_required = params["PasswordResetRequired"] == "true"


def delete(_caller, params):
    """There is no way back from this one."""
    user = _holder(params)
    user.password, user.password_date, user.password_reset_required = None, None, False


OWN = {
    "CreateLoginProfile": create,
    "GetLoginProfile": get,
    "UpdateLoginProfile": update,
    "DeleteLoginProfile": delete,
}
