# SPDX-License-Identifier: Apache-2.0
"""One action as a row of a table: what was there, what is typed, and every leaf of the account that differs then."""

from dataclasses import dataclass, field
from fnmatch import fnmatchcase

import botocore

from .world import changes

NOW = ("--yes", "--irreversible", "--settle", "0", "--output", "json")
AWS = "arn:aws:iam::aws:policy/"
DENY_ALL = AWS + "AWSDenyAll"
READ_ONLY = AWS + "IAMReadOnlyAccess"
QUARANTINE = AWS + "AWSCompromisedKeyQuarantine"


@dataclass
class Row:
    """`given` is done by root before; `expected` is {path: new value, or a test of it}: the parts of a path are apart
    by blanks, the last one may be a pattern."""

    command: str
    expected: dict = field(default_factory=dict)
    given: tuple = ()

    def __str__(self):
        return self.command


def names(world):
    """What a table may write in braces."""
    user = world.server.state()["users"][world.victim.name]
    single = {kind: next(iter(user[kind])) for kind in ("ssh", "certificates", "service_credentials")}
    keys = {f"key{n}": key["AccessKeyId"] for n, key in enumerate(world.victim.keys)}
    return {"user": world.victim.name, "mfa": world.victim.mfa, "arn": world.victim.arn} | single | keys


def filled(thing, known):
    """A text, list or dict with its braces filled in; what is not text stays."""
    if isinstance(thing, str):
        for name, value in known.items():
            thing = thing.replace("{" + name + "}", value)
        return thing
    if isinstance(thing, dict):
        return {filled(k, known): filled(v, known) for k, v in thing.items()}
    return [filled(part, known) for part in thing] if isinstance(thing, list) else thing


def prepare(world, row):
    """Do what is given; the row's words and what is expected, filled in."""
    known = names(world)
    for method, parameters in row.given:
        getattr(world.iam, method)(**filled(parameters, known))
    expected = {tuple(path.split()): value for path, value in filled(row.expected, known).items()}
    return filled(row.command, known).split(), expected


def act(cordon, *args, check=0):
    """One action at once; its document."""
    return cordon(*args, *NOW, check=check).json


def effect(cordon, server, *args, check=0):
    """One action at once: its document, and {path: new value} of all that differs."""
    before = server.state()
    found = act(cordon, *args, check=check)
    return found, {path: new for path, (_old, new) in changes(before, server.state()).items()}


def assert_effect(found, expected):
    """These leaves and no others, each with the value that was wanted."""
    assert len(found) == len(expected), found
    for pattern, wanted in expected.items():
        paths = [path for path in found if path[:-1] == pattern[:-1] and fnmatchcase(path[-1], pattern[-1])]
        assert len(paths) == 1, (pattern, found)
        new = found[paths[0]]
        assert wanted(new) if callable(wanted) else new == wanted, (paths[0], new)


def done(document):
    """Whether each planned write was sent and answered."""
    return {r["status"] for r in document["results"]} <= {"done"}


def undo_of(document, operation):
    """The undo of the one write of that name, as (operation, parameters)."""
    found = [o for o in document["operations"] if o["operation"] == operation]
    assert len(found) == 1, document["operations"]
    return [(u["operation"], u["parameters"]) for u in found[0]["undo"]] if found[0]["undo"] else None


def undo_all(world, document):
    """Send the undo operations as root, newest first; False if a write has none."""
    undos = [operation["undo"] for operation in reversed(document["operations"])]
    for undo in undos:
        for one in undo or []:
            getattr(world.iam, botocore.xform_name(one["operation"]))(**one["parameters"])
    return all(undos)
