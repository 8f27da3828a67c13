# SPDX-License-Identifier: Apache-2.0
"""The services that give credentials: an instance's metadata, a container's endpoint, the portal of Identity Center."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit


class Giver:
    """One server on loopback for all of them; `answers` replaces what a path gives."""

    def __init__(self, credentials):
        self.credentials = dict(credentials)
        self.session_token, self.bearer, self.authorization = "metadata-token", "bearer-token", "container-token"
        self.refresh = "refresh-token"
        self.role, self.answers, self.log, self.tokens = "instance-role", {}, [], True
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"giver": self}))
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def stop(self):
        """No more answers."""
        self.server.shutdown()
        self.server.server_close()

    def asked(self, path=""):
        """The requests for a path, as (method, path, headers)."""
        return [r for r in self.log if r[1].startswith(path)]

    def document(self):
        """Credentials as instances and containers get them."""
        c = self.credentials
        names = {"Token": "SessionToken", "Expiration": "Expiration"}
        given = {k: c[k] for k in ("AccessKeyId", "SecretAccessKey")} | {k: c[v] for k, v in names.items()}
        return {"Code": "Success", "Type": "AWS-HMAC", "LastUpdated": "2026-01-01T00:00:00Z"} | given

    def reply(self, method, target, headers, body=b""):
        """Status and body."""
        path = urlsplit(target).path
        if path in self.answers:
            found = self.answers[path]
            return found(headers) if callable(found) else found
        if path.startswith("/latest/"):
            return self._instance(method, path, headers)
        if path == "/token":
            return self._renewal(json.loads(body))
        if path == "/federation/credentials":
            return self._portal(parse_qs(urlsplit(target).query), headers)
        if path.startswith("/container"):
            if headers.get("Authorization") != self.authorization:
                return 403, b'{"code":"AccessDenied","message":"wrong token"}'
            return 200, json.dumps(self.document()).encode()
        return 404, b"not found"

    def _instance(self, method, path, headers):
        """Version 2: a token by PUT, for as long as is asked for, then with each question."""
        where = "/latest/meta-data/iam/security-credentials/"
        if path == "/latest/api/token":
            if not self.tokens:
                return 403, b""
            if method != "PUT" or not headers.get("X-aws-ec2-metadata-token-ttl-seconds", "").isdigit():
                return 400, b"Bad Request"
            return 200, self.session_token.encode()
        if method != "GET":
            return 405, b""
        if self.tokens and headers.get("X-aws-ec2-metadata-token") != self.session_token:
            return 401, b"Unauthorized"
        if path == where and self.role:
            return 200, self.role.encode()
        if path == where + str(self.role):
            return 200, json.dumps(self.document()).encode()
        return 404, b"<html>404</html>"

    def _renewal(self, asked):
        """A refresh token works once."""
        known = {"grantType": "refresh_token", "clientId": "client", "clientSecret": "client-secret"}
        if asked != known | {"refreshToken": self.refresh}:
            return 400, b'{"error":"invalid_grant"}'
        self.refresh, self.bearer = "refresh-token-2", "bearer-token-2"
        given = {"accessToken": self.bearer, "expiresIn": 28800, "refreshToken": self.refresh, "tokenType": "Bearer"}
        return 200, json.dumps(given).encode()

    def _portal(self, query, headers):
        if headers.get("x-amz-sso_bearer_token") != self.bearer:
            return 401, b'{"message":"Session token not found or invalid"}'
        if query != {"role_name": ["Responder"], "account_id": ["123456789012"]}:
            return 403, b'{"message":"No access"}'
        c = self.credentials
        until = 1000 * int(time.mktime(time.strptime(c["Expiration"], "%Y-%m-%dT%H:%M:%SZ")) - time.timezone)
        given = {
            "accessKeyId": c["AccessKeyId"],
            "secretAccessKey": c["SecretAccessKey"],
            "sessionToken": c["SessionToken"],
            "expiration": until,
        }
        return 200, json.dumps({"roleCredentials": given}).encode()


class _Handler(BaseHTTPRequestHandler):
    giver = None
    protocol_version = "HTTP/1.1"

    def _serve(self):
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        self.giver.log.append((self.command, self.path, dict(self.headers), body))
        status, reply = self.giver.reply(self.command, self.path, self.headers, body)
        self.send_response(status)
        self.send_header("Content-Length", str(len(reply)))
        self.end_headers()
        self.wfile.write(reply)

    do_GET = do_PUT = do_POST = _serve

    def log_message(self, *_args):
        """Nothing on stderr."""
