# SPDX-License-Identifier: Apache-2.0
"""What an account must look like after a containment: these changes and no others."""

import re
from datetime import datetime, timezone

from .world import changes

DENY = "CordonDenyAll"
CUTOFF = "AWSRevokeOlderSessions"
SID = re.compile(r"Cordon\d{8}T\d{6}Z")


def is_deny_all(document):
    """An unconditional deny of everything, carrying the time it was set."""
    statement = only_statement(document)
    everything = [statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"]
    anywhere = [statement["Resource"]] if isinstance(statement["Resource"], str) else statement["Resource"]
    return (
        statement["Effect"] == "Deny"
        and everything == ["*"]
        and anywhere == ["*"]
        and "Condition" not in statement
        and SID.fullmatch(statement["Sid"]) is not None
    )


def cutoff_of(document):
    """The time before which issued sessions are denied, as epoch seconds."""
    statement = only_statement(document)
    assert statement["Effect"] == "Deny"
    text = statement["Condition"]["DateLessThan"]["aws:TokenIssueTime"]
    assert text.endswith("Z")
    return datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(timezone.utc).timestamp()


def only_statement(document):
    """The one statement of a document."""
    found = document["Statement"]
    found = [found] if isinstance(found, dict) else found
    assert len(found) == 1
    return found[0]


def user_changes(before, name, password=True):
    """The paths that differ once a user is contained: keys off, two inline policies, perhaps no password."""
    user = before["users"][name]
    paths = {("users", name, "keys", key) for key, status in user["keys"].items() if status == "Active"}
    paths |= {("users", name, "inline", DENY), ("users", name, "inline", CUTOFF)}
    if password and user["password"]:
        paths.add(("users", name, "password"))
    return paths


def role_changes(name):
    """The paths that differ once a role is contained."""
    return {("roles", name, "inline", DENY), ("roles", name, "inline", CUTOFF)}


def assert_user_contained(before, after, name, password=True):
    """Both keys there and Inactive, an explicit deny, sessions revoked; everything else as it was."""
    found = changes(before, after)
    assert set(found) == user_changes(before, name, password), found
    user = after["users"][name]
    assert set(user["keys"]) == set(before["users"][name]["keys"])
    assert set(user["keys"].values()) == {"Inactive"}
    assert is_deny_all(user["inline"][DENY])
    assert cutoff_of(user["inline"][CUTOFF])
    assert user["password"] == (before["users"][name]["password"] and not password)


def checks(document, target=0):
    """The checks of a target as {name: state}."""
    return {c["check"]: c["state"] for c in document["targets"][target]["checks"]}


def operations(document):
    """The names of what is planned."""
    return [o["operation"] for o in document["operations"]]


def text_of(document):
    """Everything a document says, in lower case."""
    return str(document).lower()
