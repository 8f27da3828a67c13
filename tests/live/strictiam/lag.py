# SPDX-License-Identifier: Apache-2.0
"""Enforcement lags: reads show a change at once, authorization still goes by the account of some seconds ago.

Users, roles, groups, policies and keys that did not exist then count at once, as they are now: whoever makes
something new need not wait, whoever takes something away has to.
"""

import time

from . import backend, snapshots

NEW_ONES = ("users", "groups", "roles", "managed_policies", "access_keys")


class Lag:
    """What the account was lately, oldest first: (since when, the account as bytes)."""

    def __init__(self):
        self.seconds, self.past, self.seen = 0.0, [], None

    def configure(self, seconds):
        """From now on changes count that many seconds late; 0: at once, those of before too."""
        self.seconds, self.past, self.seen = float(seconds), [], None
        self.note()

    def note(self):
        """The account has changed, or may have."""
        if self.seconds:
            self.past.append((time.monotonic(), snapshots.frozen()))

    def account(self):
        """The account by which a request of now is judged."""
        if not self.seconds:
            return backend.present()
        edge = time.monotonic() - self.seconds
        while len(self.past) > 1 and self.past[1][0] <= edge:
            self.past.pop(0)
        data = self.past[0][1]
        if self.seen is None or self.seen[0] is not data:
            then = snapshots.thawed(data)
            self.seen = data, then, _ids(then)
        _data, then, ids = self.seen
        _add_new(then, ids)
        return then


def _ids(account):
    """What existed, so that the new can be told from what is gone."""
    return {kind: {_id(thing) for thing in getattr(account, kind).values()} for kind in NEW_ONES}


def _id(thing):
    return getattr(thing, "access_key_id", None) or thing.id


def _add_new(then, ids):
    """Let the old account have what was made since, and lose what was made since and is gone again."""
    for kind in NEW_ONES:
        place, now = getattr(then, kind), getattr(backend.present(), kind)
        for name in [name for name, thing in place.items() if _id(thing) not in ids[kind]]:
            del place[name]
        for name, thing in now.items():
            if _id(thing) not in ids[kind]:
                place.setdefault(name, thing)
