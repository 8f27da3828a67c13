# SPDX-License-Identifier: Apache-2.0
"""A CloudTrail that knows LookupEvents and nothing else: signature, protocol and parameters as strict as AWS,
answers as a test wants them."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from botocore.loaders import Loader
from botocore.model import ServiceModel
from botocore.validate import validate_parameters

from strictiam import signature
from strictiam.wire import AwsError

TARGET = "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents"
MODEL = ServiceModel(Loader().load_service_model("cloudtrail", "service-2"), "cloudtrail")
INPUT = MODEL.operation_model("LookupEvents").input_shape
ATTRIBUTES = {
    "AccessKeyId": lambda e: e.get("userIdentity", {}).get("accessKeyId"),
    "EventName": lambda e: e["eventName"],
    "EventId": lambda e: e["eventID"],
    "Username": lambda e: e.get("userIdentity", {}).get("userName"),
}


class Request:
    """What strictiam's signature check wants to see of a request."""

    def __init__(self, handler, body):
        parts = urlsplit(handler.path)
        self.method, self.path, self.query, self.body = handler.command, parts.path, parts.query, body
        self.service, self.headers = "cloudtrail", handler.headers
        self.environ = {"HTTP_" + k.upper().replace("-", "_"): v for k, v in handler.headers.items()}

    def header(self, name):
        """A header's value or None."""
        return self.headers.get(name)


class CloudTrail:
    """events: {Region: [record]}, newest first as AWS gives them. script: answers that come before the real one,
    each a function of the request's document that returns (status, body bytes, headers) or None."""

    def __init__(self, credentials, events):
        self.secrets = {credentials["AccessKeyId"]: credentials["SecretAccessKey"]}
        self.events, self.log, self.script = events, [], []
        self.lock = threading.Lock()
        trail = self

        class Handler(BaseHTTPRequestHandler):
            """One request."""

            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status, answer, headers = trail.answer(Request(self, body))
                self.send_response(status)
                for name, value in {"x-amzn-RequestId": "r-1", "Content-Type": "application/x-amz-json-1.1", **headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_args):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        """No more requests."""
        self.server.shutdown()
        self.server.server_close()

    def answer(self, request):
        """Check all that AWS checks, then say what the test or the events say."""
        try:
            region, asked = self.check(request)
        except AwsError as error:
            return refusal(error.status, error.code, error.message)
        with self.lock:
            self.log.append({"region": region, "asked": asked})
            scripted = self.script.pop(0) if self.script else None
        return (scripted and scripted(asked)) or self.page(region, asked)

    def check(self, request):
        """(Region, parameters) of a request that AWS would take."""
        if request.header("x-amz-target") != TARGET:
            raise AwsError(400, "UnknownOperationException", "")
        if request.header("content-type") != "application/x-amz-json-1.1" or request.path != "/":
            raise AwsError(400, "SerializationException", "")
        claim = signature.read_claim(request)
        if claim.key_id not in self.secrets:
            raise AwsError(400, "UnrecognizedClientException", "The security token included in the request is invalid.")
        signature.verify(request, claim, self.secrets[claim.key_id])
        asked = json.loads(request.body)
        timeless = {k: v for k, v in asked.items() if k not in ("StartTime", "EndTime")}
        validate_parameters(timeless, INPUT)
        assert set(asked) <= set(INPUT.members) and len(asked.get("LookupAttributes", [])) == 1
        assert all(isinstance(asked[k], int) for k in ("StartTime", "EndTime") if k in asked)
        assert asked.get("MaxResults", 50) <= 50
        return claim.region, asked

    def page(self, region, asked):
        """What CloudTrail would answer."""
        want = asked["LookupAttributes"][0]
        found = [e for e in self.events.get(region, []) if ATTRIBUTES[want["AttributeKey"]](e) == want["AttributeValue"]]
        start = int(asked.get("NextToken", "0"))
        end = start + asked.get("MaxResults", 50)
        out = {"Events": [looked_up(e) for e in found[start:end]]}
        if end < len(found):
            out["NextToken"] = str(end)
        return 200, json.dumps(out).encode(), {}


def looked_up(record):
    """A record as LookupEvents wraps it."""
    return {
        "EventId": record["eventID"],
        "EventName": record["eventName"],
        "ReadOnly": "false",
        "EventTime": 1784025000.123,
        "EventSource": record["eventSource"],
        "Username": "somebody",
        "Resources": [{"ResourceType": "AWS::IAM::User", "ResourceName": "x"}],
        "CloudTrailEvent": json.dumps(record),
    }


def refusal(status, code, message, headers=None):
    """An error as JSON 1.1 has it."""
    return status, json.dumps({"__type": code, "message": message}).encode(), headers or {}
