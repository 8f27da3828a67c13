# SPDX-License-Identifier: Apache-2.0
"""Signature Version 4, checked as AWS checks it, with AWS's words when it does not hold."""

import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import datetime, timezone
from urllib.parse import parse_qsl, quote

from . import clock
from .wire import AwsError

WINDOW = 300
AUTHORIZATION = re.compile(
    r"^AWS4-HMAC-SHA256 Credential=([^/,\s]+)/(\d{8})/([^/,]+)/([^/,]+)/aws4_request,"
    r"\s*SignedHeaders=([a-z0-9;-]+),\s*Signature=([0-9a-f]{64})$"
)
MISMATCH = (
    "The request signature we calculated does not match the signature you provided. "
    "Check your AWS Secret Access Key and signing method. Consult the service documentation for details."
)


@dataclass
class Claim:
    """What a request says about who signed it, not yet believed."""

    key_id: str
    day: str
    region: str
    service: str
    signed_headers: list
    signature: str
    date: str
    token: str | None


def read_claim(request):
    """Take the Authorization header apart."""
    header = request.header("authorization")
    if not header:
        raise AwsError(403, "MissingAuthenticationToken", "Request is missing Authentication Token")
    match = AUTHORIZATION.match(header)
    date = request.header("x-amz-date") or ""
    if not match or not re.fullmatch(r"\d{8}T\d{6}Z", date):
        raise AwsError(400, "IncompleteSignature", "The request signature does not conform to AWS standards.")
    key_id, day, region, service, signed, signature = match.groups()
    token = request.header("x-amz-security-token")
    return Claim(key_id, day, region, service, signed.split(";"), signature, date, token)


def verify(request, claim, secret):
    """Raise unless the claim was signed with this secret, for this service, now."""
    _check_scope(request, claim)
    _check_headers(request, claim)
    canonical = _canonical(request, claim)
    scope = f"{claim.day}/{claim.region}/{claim.service}/aws4_request"
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    to_sign = f"AWS4-HMAC-SHA256\n{claim.date}\n{scope}\n{digest}"
    key = ("AWS4" + secret).encode()
    for part in (claim.day, claim.region, claim.service, "aws4_request", to_sign):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    if not hmac.compare_digest(key.hex(), claim.signature):
        raise AwsError(403, "SignatureDoesNotMatch", MISMATCH)
    _check_freshness(claim)


def _check_scope(request, claim):
    if claim.service != request.service:
        text = f"Credential should be scoped to correct service: '{request.service}'. "
        raise AwsError(403, "SignatureDoesNotMatch", text)
    wrong_region = claim.service == "iam" and claim.region != "us-east-1"
    if wrong_region or not re.fullmatch(r"[a-z]{2}(-[a-z]+)+-\d", claim.region):
        raise AwsError(403, "SignatureDoesNotMatch", "Credential should be scoped to a valid region. ")
    if claim.day != claim.date[:8]:
        text = (
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: "
            f"'{claim.day}' != '{claim.date[:8]}', from '{claim.date}'."
        )
        raise AwsError(403, "SignatureDoesNotMatch", text)


def _check_headers(request, claim):
    amz = {k[5:].lower().replace("_", "-") for k in request.environ if k.startswith("HTTP_X_AMZ_")}
    unsigned = ({"host"} | amz) - set(claim.signed_headers)
    if unsigned or claim.signed_headers != sorted(claim.signed_headers):
        raise AwsError(
            403, "SignatureDoesNotMatch", "Missing or unordered signed headers: " + ", ".join(sorted(unsigned))
        )


def _check_freshness(claim):
    sent = datetime.strptime(claim.date, "%Y%m%dT%H%M%SZ").replace(tzinfo=timezone.utc).timestamp()
    here = clock.epoch()
    stamp = datetime.fromtimestamp(here, timezone.utc).strftime("%Y%m%dT%H%M%SZ")
    if sent < here - WINDOW:
        edge = datetime.fromtimestamp(here - WINDOW, timezone.utc).strftime("%Y%m%dT%H%M%SZ")
        text = f"Signature expired: {claim.date} is now earlier than {edge} ({stamp} - 5 min.)"
        raise AwsError(403, "SignatureDoesNotMatch", text)
    if sent > here + WINDOW:
        edge = datetime.fromtimestamp(here + WINDOW, timezone.utc).strftime("%Y%m%dT%H%M%SZ")
        text = f"Signature not yet current: {claim.date} is still later than {edge} ({stamp} + 5 min.)"
        raise AwsError(403, "SignatureDoesNotMatch", text)


def _canonical(request, claim):
    headers = ""
    for name in claim.signed_headers:
        value = request.header(name)
        if value is None:
            raise AwsError(403, "SignatureDoesNotMatch", MISMATCH)
        headers += f"{name}:{' '.join(value.split())}\n"
    pairs = sorted(
        (quote(k, safe="-_.~"), quote(v, safe="-_.~")) for k, v in parse_qsl(request.query, keep_blank_values=True)
    )
    query = "&".join(f"{k}={v}" for k, v in pairs)
    payload = request.header("x-amz-content-sha256") or hashlib.sha256(request.body).hexdigest()
    parts = [request.method, request.path or "/", query, headers, ";".join(claim.signed_headers), payload]
    return "\n".join(parts)
