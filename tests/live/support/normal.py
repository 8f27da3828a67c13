# SPDX-License-Identifier: Apache-2.0
"""Two states of the account held against each other: what has to differ between two runs, and nothing else.

Only three things do: the time in the Sid of our deny, the time in a cutoff of ours, and the time in our tag. Each is
ignored only where it stands for the time of the run in question; every id has to be the same, because nothing that
torture does makes anything that AWS gives an id to.
"""

import copy
import json
import re
from dataclasses import dataclass
from datetime import datetime, timezone
from fnmatch import fnmatchcase

from .expect import CUTOFF
from .world import changes

LEAD = 30
OURS = re.compile(r"CordonDenyAll|CordonDenySession[\w-]*|AWSRevokeOlderSessions[\w-]*|CordonDeny[\w-]*")
SID = re.compile(r'(?<="Sid":"Cordon)\d{8}T\d{6}Z(?=")')
ISSUED = re.compile(r'(?<="aws:TokenIssueTime":")[^"]*(?=")')
CHANCE = re.compile(r"\d{8}T\d{6}Z|\d{4}-\d\d-\d\dT[\d:.]+Z|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
STAMPED = "cordon:contained"
SWITCHED = ("keys", "ssh", "certificates", "service_credentials")
KEYS = tuple(("users", "*", section, "*") for section in SWITCHED)
TAIL = ("*", "*", "inline", CUTOFF + "*")
# What no call brings back, if the run did away with it
LOST = (
    ("users", "*", "password"),
    ("users", "*", "reset_required"),
    ("users", "*", "mfa"),
)


@dataclass(frozen=True)
class Span:
    """When something ran, by AWS's clock, in seconds since 1970."""

    since: float
    until: float

    def holds(self, text, lead=0):
        """Whether a time of a policy or a tag is one of that span, so many seconds ahead."""
        moment = _moment(str(text))
        return moment is not None and int(self.since) <= moment - lead <= self.until + 1


def _moment(text):
    for form in ("%Y%m%dT%H%M%SZ", "%Y-%m-%dT%H:%M:%S.000Z", "%Y-%m-%dT%H:%M:%SZ"):
        try:
            return datetime.strptime(text, form).replace(tzinfo=timezone.utc).timestamp()
        except ValueError:
            continue
    return None


def normal(state, span):
    """A state, taken with its documents as texts, without the times of that span."""
    made = copy.deepcopy(state)
    for kind in ("users", "groups", "roles"):
        for holder in made[kind].values():
            inline = holder.get("inline", {})
            inline.update({name: _timeless(text, span) for name, text in inline.items() if OURS.fullmatch(name)})
            for tag in holder.get("tags", []):
                if tag.get("Key") == STAMPED and span.holds(tag.get("Value")):
                    tag["Value"] = "<time>"
    return made


def _timeless(text, span):
    text = SID.sub(lambda m: "<time>" if span.holds(m.group()) else m.group(), text)
    return ISSUED.sub(lambda m: "<time>" if span.holds(m.group(), LEAD) else m.group(), text)


def ordered(state):
    """The same, with what is a set in AWS's eyes in an order of ours."""
    made = copy.deepcopy(state)
    for kind in ("users", "roles"):
        for holder in made[kind].values():
            holder.get("tags", []).sort(key=lambda tag: str(tag.get("Key")))
    return made


def differences(wanted, found):
    """What differs between two normal states, in words; an empty text if nothing does."""
    leaves = changes(ordered(wanted), ordered(found))
    return "\n".join(f"{' '.join(path)}: wanted {old!r}, found {new!r}" for path, (old, new) in leaves.items())


def released(start, contained, *also):
    """What a release has to lead to: the start, but for what has no way back and for what is to stay."""
    made = copy.deepcopy(start)
    for path, (_old, new) in changes(start, contained).items():
        gone = new is None and fnmatchcase(" ".join(path), "users * keys *")
        if gone or any(_is(path, pattern) for pattern in LOST + also):
            _put(made, path, new)
            made["key_index"] = [key for key in made["key_index"] if not (gone and key == path[-1])]
    return made


def with_tails(wanted, found):
    """The same with the cutoffs that a release put there itself: it found none to leave."""
    made = copy.deepcopy(wanted)
    for path, (old, new) in changes(wanted, found).items():
        if old is None and _is(path, TAIL) and '"Effect":"Deny"' in new and ISSUED.search(new):
            _put(made, path, new)
    return made


def _is(path, pattern):
    return len(path) == len(pattern) and all(fnmatchcase(p, w) for p, w in zip(path, pattern))


def _put(state, path, value):
    for part in path[:-1]:
        state = state[part]
    if value is None:
        state.pop(path[-1], None)
    else:
        state[path[-1]] = value


def shape(journal):
    """What a journal says that was intended and came of it, without times and numbers: as one text."""
    lines = []
    for line in journal:
        kept = {k: line.get(k) for k in ("event", "before", "status", "error", "verdict")}
        operation = line.get("operation") or {}
        kept["operation"] = {k: operation.get(k) for k in ("target", "step", "operation", "parameters", "undo")}
        text = json.dumps(kept, sort_keys=True)
        lines.append(CHANCE.sub("<>", text))
    return "\n".join(sorted(lines))
