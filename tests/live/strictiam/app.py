# SPDX-License-Identifier: Apache-2.0
"""The WSGI application: authenticate, authorise, carry out, write down; and go wrong where a test asked for it."""

import json
import threading
import time
from http import HTTPStatus
from urllib.parse import urlencode

from . import (
    access,
    backend,
    clock,
    entities,
    faults,
    inflight,
    lag,
    mfa,
    operations,
    paging,
    principals,
    quarantine,
    quotas,
    recreated,
    rules,
    snapshots,
    state,
    sts,
    wire,
)
from .wire import AwsError, Gap, Reply


class StrictIam:
    """One account behind one lock: requests overlap only in faults that sleep."""

    def __init__(self):
        self.lock = threading.RLock()
        self.faults = faults.Faults()
        self.inflight = inflight.InFlight()
        self.lag = lag.Lag()
        self.reset()

    def reset(self, _body=None):
        """An empty account, an empty log, no faults, the right time."""
        with self.lock:
            backend.reset()
            principals.reset()
            quotas.reset()
            recreated.reset()
            mfa.reset()
            snapshots.forget()
            self._calm()
            self.config = {"page_size": None, "unknown_key": "NoSuchEntity", "unknown_action": "aws"}
            return {}

    def _calm(self):
        """Nothing logged, nothing under way, nothing ordered to go wrong; the right time."""
        self.inflight.reset()
        self.faults.replace([])
        self.log = []
        clock.shift(0)
        self.lag.configure(0)

    def _restore(self, name):
        """An account that was put aside, and calm."""
        snapshots.restore(name)
        self._calm()

    def __call__(self, environ, start_response):
        request = wire.Request(environ)
        if request.path.startswith("/_strict/"):
            reply = self._control(request)
        else:
            reply = self._serve(request)
        headers = [("Content-Type", reply.content_type), ("Content-Length", str(len(reply.body)))]
        headers += list(reply.headers.items())
        start_response(f"{reply.status} {HTTPStatus(reply.status).phrase}", headers)
        return [reply.body]

    # The test's own door

    def _control(self, request):
        """Questions and orders of the tests; never part of what cordon sees."""
        body = json.loads(request.body or b"null")
        door = {
            "root": lambda _body: {"key": principals.ROOT_KEY, "secret": principals.ROOT_SECRET},
            "log": lambda _body: self.log,
            "state": lambda body: state.dump(**(body or {})),
            "save": snapshots.save,
            "restore": self._restore,
            "busy": lambda _body: len(self.inflight.queue),
            "reset": self.reset,
            "clear": lambda _body: self.log.clear(),
            "faults": self.faults.replace,
            "config": self._configure,
            "fill": self._fill,
        }
        with self.lock:
            result = door[request.path[len("/_strict/") :]](body)
            return Reply(200, json.dumps(result).encode(), "application/json")

    def _configure(self, changes):
        """Switches: clock offset, lag, quotas, AWS's next quarantine, how long a remade user rests, and self.config."""
        if "lag" in changes:
            self.lag.configure(changes.pop("lag"))
        if "clock" in changes:
            clock.shift(changes.pop("clock"))
        quotas.set_limits(changes.pop("quotas", {}))
        if "quarantine_v4" in changes:
            quarantine.switch(changes.pop("quarantine_v4"))
        if "recreated" in changes:
            recreated.configure(changes.pop("recreated"))
        self.config.update(changes)

    def _fill(self, body):
        """Many users at once, as by-standers."""
        for number in range(body["users"]):
            backend.iam().create_user("us-east-1", f"extra-{number:05d}", "/crowd/", [])

    # What AWS would do

    def _serve(self, request):
        entry = self._note(request)
        with self.lock:
            rule = self.faults.pick(request, entry["key"], entry["write"])
            entry["fault"] = rule["do"] if rule else None
            ticket = self.inflight.enter(request)
        try:
            reply = self._answer(request, entry, rule, ticket)
            entry.update(status=reply.status, code=reply.code)
        finally:
            with self.lock:
                ticket.leave()
        return reply

    def _answer(self, request, entry, rule, ticket):
        """Do what was asked, with the fault that a test ordered for it."""
        if rule:
            self.faults.pause(rule)
        reply = faults.before(rule, request) if rule else None
        if reply is None:
            with self.lock:
                reply = self._carry_out(request, entry, ticket)
            entry["done"] = reply.status == 200
        return faults.after(rule, request, reply) if rule else reply

    def _note(self, request):
        """Every request is in the log before anything is done with it."""
        credential = (request.header("authorization") or "").partition("Credential=")[2]
        entry = {
            "service": request.service,
            "action": request.action,
            "params": {k: v for k, v in request.params.items() if k not in ("Action", "Version")},
            "key": credential.partition("/")[0] or None,
            "caller": None,
            "write": rules.is_write(request),
            "done": False,
            "status": None,
            "code": None,
            "fault": None,
            "violations": [],
            "agent": request.header("user-agent"),
            "connection": request.environ.get("REMOTE_PORT"),
            "time": time.time(),
        }
        with self.lock:
            self.log.append(entry)
        return entry

    def _carry_out(self, request, entry, ticket):
        try:
            rules.check_action(request)
            with backend.judged_by(self.lag.account()):
                caller = self._judge(request, entry)
            if request.service == "s3":
                return operations.list_buckets()
            ticket.check()
            reply = self._execute(request, caller)
            if entry["write"]:
                self.lag.note()
            return reply
        except AwsError as error:
            return self._refusal(request, error)
        except Gap as gap:
            entry["violations"].append(f"the strict layer does not model: {gap}")
            return Reply(500, str(gap).encode(), "text/plain")

    def _judge(self, request, entry):
        """Who asks, whether he asks as one should, and whether he may."""
        by_token = request.action == "AssumeRoleWithWebIdentity"
        caller = sts.web_caller(request) if by_token else principals.authenticate(request)
        entry["caller"] = caller.arn
        if request.service != "s3":
            entry["violations"] = rules.violations(request)
            rules.check_parameters(request)
            rules.imply_user(request, caller)
        if not by_token:
            access.authorize(caller, request)
        return caller

    def _refusal(self, request, error):
        """The error as XML; moto's way with unknown actions is a page of HTML."""
        if error.code == "InvalidAction" and self.config["unknown_action"] == "html":
            return Reply(500, faults.HTML, "text/html", code="html")
        return wire.failure(request.service, error)

    def _execute(self, request, caller):
        if request.action == "GetAccessKeyLastUsed":
            self._check_key_known(request)
        entities.check_named(request)
        if rules.is_write(request):
            rules.check_write(request)
            recreated.check(request)
            if rules.already_attached(request):
                return wire.success(request)
        operations.check(request)
        pager = paging.Pager(request, self.config["page_size"])
        reply = operations.own(request, caller) or self._moto(request)
        if pager.wanted and reply.status == 200:
            reply.body = pager.cut(reply.body)
        return reply

    def _check_key_known(self, request):
        """AWS does not document what a foreign key gets; a test may choose."""
        owner, _key = backend.user_with_key(request.params["AccessKeyId"])
        if owner is None and self.config["unknown_key"] == "AccessDenied":
            raise AwsError(403, "AccessDenied", "User is not authorized to perform: iam:GetAccessKeyLastUsed")

    def _moto(self, request):
        """Let moto do it, all in one page, and put its errors into AWS's one shape."""
        params = dict(request.params)
        if request.action.startswith("List"):
            params["MaxItems"] = "100000"
        status, _headers, body = backend.call_moto(request.with_parameters(urlencode(params)))
        if status == 500 and b"<html" in body.lower():
            raise Gap(f"moto has no {request.action}")
        if status >= 400:
            code, message = (wire.element(body, name) for name in ("Code", "Message"))
            raise AwsError(status, code, message)
        return wire.polished(body)
