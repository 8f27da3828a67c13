# SPDX-License-Identifier: Apache-2.0
"""Our signer against botocore's, on generated requests: canonical request, string to sign and
Authorization must be the same to the byte."""

import datetime
import random
from urllib.parse import quote

import botocore.auth
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from driver import ask

# botocore sets these after signing, so it never meets them; we leave them out by rule.
NOT_SIGNED_EITHER = ["accept", "accept-encoding", "content-length"]
NOT_SIGNED_EITHER += ["proxy-connection", "sec-websocket-key"]
UNSIGNED = list(botocore.auth.SIGNED_HEADERS_BLACKLIST) + NOT_SIGNED_EITHER

UNRESERVED = "abcXYZ019-._~"
WILD = UNRESERVED + " !\"$&'()*+,:;<=>@[]^`{|}/?#%\\äß€漢😀"
NAMES = ["x-amz-target", "X-Amz-Meta-A", "x-amz-meta-a-b", "x-amz-meta-a1", "Content-Type"]
NAMES += ["X-Custom", "x-custom-2", "amz-sdk-request", "P", "Zed"]


class RawPath(SigV4Auth):
    def _normalize_url_path(self, path):
        return path or "/"


def text(rng, alphabet, longest):
    return "".join(rng.choice(alphabet) for _ in range(rng.randrange(longest + 1)))


def make_path(rng):
    if rng.random() < 0.3:
        return "/"
    parts = [
        rng.choice(["", ".", "..", "a", "%41", "%3A", "a.b", "...", quote(text(rng, WILD, 6), "")])
        for _ in range(rng.randrange(1, 7))
    ]
    return "/" + "/".join(parts)


def overencoded(rng, value):
    """The same bytes: some unreserved ones encoded too, hexadecimal digits of either case."""
    out = ""
    for byte in value.encode():
        plain = chr(byte) in "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~"
        if plain and rng.random() < 0.9:
            out += chr(byte)
        else:
            out += "%" + format(byte, rng.choice(["02x", "02X"]))
    return out


def make_query(rng):
    if rng.random() < 0.4:
        return []
    keys = ["a", "a-b", "a.b", "ab", "A", "Action", "X-Amz-Expires", text(rng, WILD, 5)]
    return [(rng.choice(keys), text(rng, WILD, 8)) for _ in range(rng.randrange(1, 9))]


def make_headers(rng):
    headers = [("Host", rng.choice(["iam.amazonaws.com", "localhost:5000", "[::1]:80"]))]
    for _ in range(rng.randrange(8)):
        name = rng.choice(NAMES + UNSIGNED)
        if name in UNSIGNED and rng.random() < 0.5:
            name = name.title()
        value = text(rng, UNRESERVED + "  \t\"',;=äß漢", 20)
        headers.append((name, value))
    rng.shuffle(headers)
    return headers


def make_case(rng):
    query = make_query(rng)
    pieces = []
    for key, value in query:  # one nameless, empty piece is no query at all
        whole = overencoded(rng, key)
        if value or rng.random() < 0.5:
            whole += "=" + overencoded(rng, value)
        pieces.append(whole)
    return {
        "method": rng.choice(["GET", "POST", "PUT", "DELETE"]),
        "path": make_path(rng),
        "query": "&".join(pieces),
        "params": query if "&".join(pieces) else [],
        "headers": make_headers(rng),
        "body": text(rng, WILD + "\n", 200),
        "raw_path": rng.random() < 0.2,
        "at": rng.randrange(0, 253402300799),
        "region": rng.choice(["us-east-1", "cn-north-1", "eu-central-1"]),
        "service": rng.choice(["iam", "sts", "cloudtrail", "s3"]),
        "access_key_id": "AKIA" + text(rng, "ABCXYZ234567", 16),
        "secret": text(rng, UNRESERVED + "/+", 40) or "s",
        "token": text(rng, UNRESERVED + "/+=", 400) or None,
    }


class Clock:
    def __init__(self, monkeypatch):
        self.at = 0
        monkeypatch.setattr(botocore.auth, "get_current_datetime", self.now)

    def now(self):
        return datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=self.at)


def botocore_signs(case, clock, params):
    url = "http://signed.invalid" + case["path"] + ("" if params else "?" + case["query"])
    request = AWSRequest(
        method=case["method"],
        url=url,
        data=case["body"].encode(),
        params=case["params"] if params else None,
    )
    for name, value in case["headers"]:
        request.headers.add_header(name, value)
    clock.at = case["at"]
    keys = Credentials(case["access_key_id"], case["secret"], case["token"])
    signer = (RawPath if case["raw_path"] else SigV4Auth)(keys, case["service"], case["region"])
    # As add_auth() does, keeping what it only logs.
    request.context["timestamp"] = clock.now().strftime(botocore.auth.SIGV4_TIMESTAMP)
    signer._modify_request_before_signing(request)
    canonical = signer.canonical_request(request)
    to_sign = signer.string_to_sign(request, canonical)
    signer._inject_signature_to_request(request, signer.signature(to_sign, request))
    return canonical, to_sign, request.headers["Authorization"]


@pytest.fixture
def clock(monkeypatch):
    blacklist = botocore.auth.SIGNED_HEADERS_BLACKLIST + NOT_SIGNED_EITHER
    monkeypatch.setattr(botocore.auth, "SIGNED_HEADERS_BLACKLIST", blacklist)
    return Clock(monkeypatch)


def compare(cases, clock, params):
    for case, ours in zip(cases, ask("signer", cases)):
        theirs = botocore_signs(case, clock, params)
        assert "error" not in ours, case
        assert (ours["canonical"], ours["to_sign"], ours["authorization"]) == theirs, case


def test_generated_requests(clock):
    rng = random.Random(1)
    compare([make_case(rng) for _ in range(4000)], clock, params=True)


def test_query_in_the_url(clock):
    """botocore takes a query that stands in the URL as it is; ours must not change one that is
    encoded by the rules already."""
    rng = random.Random(2)
    cases = []
    for _ in range(2000):
        case = make_case(rng)
        pieces = [f"{quote(k, '-_.~')}={quote(v, '-_.~')}" for k, v in case["params"]]
        case["query"] = "&".join(pieces)
        cases.append(case)
    compare(cases, clock, params=False)


def test_requests_of_our_services(clock):
    """POST / with a form, as every IAM and STS call is."""
    rng = random.Random(3)
    cases = []
    for _ in range(2000):
        case = make_case(rng)
        form = f"Action=GetUser&Version=2010-05-08&UserName={quote(text(rng, WILD, 64), '')}"
        case.update(method="POST", path=rng.choice(["", "/"]), query="", params=[], body=form)
        case["headers"] = [
            ("Host", "iam.amazonaws.com"),
            ("Content-Type", "application/x-www-form-urlencoded; charset=utf-8"),
            ("User-Agent", "cordon/0.1"),
            ("Accept", "*/*"),
        ]
        cases.append(case)
    compare(cases, clock, params=True)


def test_content_sha256_is_the_payload_hash(clock):
    rng = random.Random(4)
    cases = [make_case(rng) for _ in range(200)]
    for case in cases:
        case["headers"].append(("X-Amz-Content-SHA256", "UNSIGNED-PAYLOAD"))
    compare(cases, clock, params=True)
