# SPDX-License-Identifier: Apache-2.0
"""AWS's clock: the machine's, plus an offset that a test may set."""

import time
from datetime import datetime, timezone

_offset = 0.0


def shift(seconds):
    """Let AWS's clock run so many seconds ahead of the machine's."""
    global _offset
    _offset = float(seconds)


def epoch():
    """Seconds since 1970, as AWS sees it."""
    return time.time() + _offset


def now():
    """The same as a datetime in UTC."""
    return datetime.fromtimestamp(epoch(), timezone.utc)


def iso(moment):
    """A moment as the Query protocol writes it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
