# SPDX-License-Identifier: Apache-2.0
"""ConcurrentModification: of two writes to one principal that overlap, the later one loses."""

import re

from .wire import AwsError

WRITES = re.compile(
    r"(Put|Delete|Attach|Detach)(User|Group|Role)Policy"
    r"|(Put|Delete)(User|Role)PermissionsBoundary"
    r"|(Tag|Untag)(User|Role)"
    r"|UpdateAssumeRolePolicy"
)
TEXT = (
    "The request was rejected because multiple requests to change this object were submitted simultaneously. "
    "Wait a few minutes and submit your request again."
)


class Ticket:
    """One request on its way."""

    def __init__(self, queue, target):
        self.queue, self.target = queue, target

    def check(self):
        """Raise if another write to the same principal came before and is still on its way."""
        earlier = self.queue[: self.queue.index(self)]
        if self.target and any(other.target == self.target for other in earlier):
            raise AwsError(409, "ConcurrentModification", TEXT)

    def leave(self):
        """It has its reply."""
        self.queue.remove(self)


class InFlight:
    """The requests that came and have no reply yet, in the order in which they came."""

    def __init__(self):
        self.queue = []

    def enter(self, request):
        """A request comes in."""
        self.queue.append(Ticket(self.queue, _target(request)))
        return self.queue[-1]

    def reset(self):
        """Who is still under way from before is nobody's concern."""
        self.queue = []


def _target(request):
    """(kind, name) of the principal that a write changes, or None."""
    if request.service != "iam" or not WRITES.fullmatch(request.action or ""):
        return None
    for kind in ("UserName", "GroupName", "RoleName"):
        if kind in request.params:
            return kind, request.params[kind].lower()
    return None
