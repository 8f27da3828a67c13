# SPDX-License-Identifier: Apache-2.0
"""Faults a test orders: what goes wrong, with which request, how often."""

import base64
import os
import signal
import socket
import threading
import time

from . import wire
from .wire import AwsError, Reply

HTML = b"<html><body><h1>503 Service Unavailable</h1>No server is available <br></body></html>"
THROTTLED = {"status": 400, "code": "Throttling", "message": "Rate exceeded"}


class Faults:
    """The rules in force.

    A rule: {"action": NAME or list, "service", "params": {..}, "write": bool, "key": ID,
             "skip": matches to let pass first, "times": how many to hit (0: all), "do": EFFECT, ...}
    With no more than "key" and "skip" a rule is about the N-th call of a client, whatever it asks. The effects
    kill-before and kill-after end the process "pid", and go on only when it is dead.
    """

    def __init__(self):
        self.rules = []
        self.changed = threading.Event()

    def replace(self, rules):
        """Forget the old rules; who sleeps because of them wakes up."""
        self.changed.set()
        self.changed = threading.Event()
        self.rules = [dict(rule, seen=0, hit=0) for rule in rules]

    def pause(self, rule):
        """A slow server."""
        self.changed.wait(rule.get("delay", 0))

    def pick(self, request, key_id, write):
        """The first rule that applies to this request and is not used up; counting it."""
        for rule in self.rules:
            if not _matches(rule, request, key_id, write):
                continue
            rule["seen"] += 1
            times = rule.get("times", 1)
            if rule["seen"] <= rule.get("skip", 0) or (times and rule["hit"] >= times):
                continue
            rule["hit"] += 1
            return rule
        return None


def _matches(rule, request, key_id, write):
    actions = rule.get("action")
    if actions and request.action not in ([actions] if isinstance(actions, str) else actions):
        return False
    if "service" in rule and rule["service"] != request.service:
        return False
    if "write" in rule and rule["write"] != write:
        return False
    if "key" in rule and rule["key"] != key_id:
        return False
    return all(request.params.get(k) == v for k, v in rule.get("params", {}).items())


def before(rule, request):
    """Effects that keep the request from being carried out; a Reply, or None to go on."""
    kind = rule["do"]
    if kind == "throttle":
        return wire.failure(request.service, AwsError(**THROTTLED))
    if kind == "error":
        error = AwsError(rule.get("status", 400), rule["code"], rule.get("message", "injected"))
        return wire.failure(request.service, error)
    if kind == "html":
        return Reply(rule.get("status", 503), HTML, "text/html")
    if kind == "kill-before":
        _kill(rule["pid"])
    if kind in ("cut-before", "kill-before"):
        return _hang_up(request.environ, b"")
    if kind == "body":
        return Reply(rule.get("status", 200), _hostile(rule), rule.get("type", "text/xml"))
    return None


def after(rule, request, reply):
    """Effects on the reply of a request that was carried out."""
    kind = rule["do"]
    if kind == "kill-after":
        _kill(rule["pid"])
    if kind in ("cut-after", "kill-after"):
        return _hang_up(request.environ, b"")
    if kind == "truncate":
        head = f"HTTP/1.1 {reply.status} OK\r\nContent-Type: text/xml\r\nContent-Length: {len(reply.body)}\r\n\r\n"
        return _hang_up(request.environ, head.encode() + reply.body[: len(reply.body) // 2])
    if kind == "garbage-after":
        return Reply(200, _hostile(rule), "text/xml")
    return reply


def _kill(pid):
    """As a power cut would, at this very call: nothing the process does comes after."""
    os.kill(pid, signal.SIGKILL)
    while _lives(pid):
        time.sleep(0.001)


def _lives(pid):
    """Whether there is such a process, and more of it than what its parent has yet to take note of."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
            return file.read().rpartition(")")[2].split()[0] not in ("Z", "X")
    except (FileNotFoundError, ProcessLookupError):
        return False


def _hostile(rule):
    """Bytes given in base64, with a middle that may be repeated to make them long."""
    part = {k: base64.b64decode(rule.get(k, "")) for k in ("head", "unit", "tail")}
    return part["head"] + part["unit"] * rule.get("count", 1) + part["tail"]


def _hang_up(environ, data):
    """Send what there is and close the connection under the client."""
    connection = environ["gunicorn.socket"]
    try:
        connection.sendall(data)
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
    return Reply(500, b"", code="cut")
