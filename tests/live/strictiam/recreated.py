# SPDX-License-Identifier: Apache-2.0
"""EntityTemporarilyUnmodifiable: a user that was deleted and made again is not quite there for a while."""

from . import clock
from .wire import AwsError

ACTIONS = (
    "ChangePassword",
    "CreateLoginProfile",
    "DeactivateMFADevice",
    "DeleteLoginProfile",
    "DeleteUser",
    "EnableMFADevice",
    "UpdateLoginProfile",
    "UpdateUser",
)
TEXT = (
    "The request was rejected because it referenced an entity that is temporarily unmodifiable, "
    "such as a user name that was deleted and then recreated."
)
_rest = {"seconds": 0, "calls": 0}
_deleted = set()
_resting = {}


def reset():
    """Nothing was deleted, and names are free at once."""
    configure({})
    _deleted.clear()
    _resting.clear()


def saved():
    """All of it, to be put aside."""
    return dict(_rest), set(_deleted), dict(_resting)


def restore(whole):
    """As it was put aside."""
    for place, contents in zip((_rest, _deleted, _resting), whole):
        place.clear()
        place.update(contents)


def configure(rest):
    """How long a new old user refuses: {"seconds": N}, {"calls": N} or both; {} for never."""
    _rest.update({"seconds": 0, "calls": 0} | rest)


def note_deleted(name):
    """From now on the name is an old one."""
    _deleted.add(name)
    _resting.pop(name, None)


def note_created(name):
    """An old name rests first."""
    if name in _deleted and any(_rest.values()):
        _resting[name] = {"until": clock.epoch() + _rest["seconds"], "calls": _rest["calls"]}


def check(request):
    """Refuse while the user rests."""
    rest = _resting.get(request.params.get("UserName"))
    if rest is None or request.action not in ACTIONS:
        return
    if rest["calls"] > 0:
        rest["calls"] -= 1
    elif clock.epoch() >= rest["until"]:
        return
    raise AwsError(409, "EntityTemporarilyUnmodifiable", TEXT)
