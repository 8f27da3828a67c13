# SPDX-License-Identifier: Apache-2.0
"""Requests below boto3: signed by hand, so that each part can be made wrong."""

import datetime
import re
import urllib.error
import urllib.parse
import urllib.request
from unittest import mock

import botocore.auth
import botocore.awsrequest
import botocore.credentials

VERSION = {"iam": "2010-05-08", "sts": "2011-06-15"}


def signed(
    server, credentials, action, service="iam", region="us-east-1", scope=None, skew=0, params=None, method="POST"
):
    """A signed request as (url, body, headers); scope is what the signature claims to be for."""
    pairs = {"Action": action, "Version": VERSION[service], **(params or {})}
    text = urllib.parse.urlencode(pairs, quote_via=urllib.parse.quote)
    url, body = (server.url + "/", text) if method == "POST" else (f"{server.url}/?{text}", "")
    headers = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"} if method == "POST" else {}
    request = botocore.awsrequest.AWSRequest(method, url, headers, body.encode())
    keys = botocore.credentials.Credentials(
        credentials["AccessKeyId"], credentials["SecretAccessKey"], credentials.get("SessionToken")
    )
    moment = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=skew)
    with mock.patch("botocore.auth.get_current_datetime", lambda *a, **k: moment.replace(tzinfo=None)):
        botocore.auth.SigV4Auth(keys, scope or service, region).add_auth(request)
    return url, body.encode(), dict(request.headers)


def send(url, body, headers):
    """(status, error code or None, text, headers)"""
    request = urllib.request.Request(url, body or None, headers)
    try:
        with urllib.request.urlopen(request, timeout=20) as reply:
            return _taken_apart(reply.status, reply.read().decode(), reply.headers)
    except urllib.error.HTTPError as error:
        return _taken_apart(error.code, error.read().decode(), error.headers)


def _taken_apart(status, text, headers):
    code = re.search(r"<Code>(.*?)</Code>", text)
    return status, code.group(1) if code else None, text, headers
