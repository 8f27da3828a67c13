# SPDX-License-Identifier: Apache-2.0
"""A small IAM and STS over TLS that answers at once, and a line that takes its time.

What is measured must be the client, so this server keeps a few dictionaries, checks no signature and answers within
a fraction of a millisecond; the time it takes itself is counted and told. HTTP/1.1, kept connections, as AWS's.

    python iam.py serve CERTIFICATE KEY       prints its port and the port of its door for orders
    python iam.py line PORT MILLISECONDS      prints the port of a relay to PORT with this round trip

The relay delays every piece of data by half a round trip in each direction. Connecting costs a whole one: what
the client sends is held for as long as a SYN and its answer would have been under way.
"""

import asyncio
import base64
import json
import os
import selectors
import ssl
import sys
import time
from email.utils import formatdate
from urllib.parse import parse_qsl, quote
from xml.sax.saxutils import escape

ACCOUNT = "123456789012"
STAMP = "2026-01-02T03:04:05Z"
TRUST = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole"}]}
RESPONDER = "responder"


def document(action, resource="*"):
    """A policy that allows something."""
    return json.dumps(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": resource}]}
    )


def key_id(number):
    """An access key id of this account, whose number AWS packs into the first characters."""
    packed = (1 << 47 | int(ACCOUNT) << 7).to_bytes(6, "big") + number.to_bytes(4, "big")
    return "AKIA" + base64.b32encode(packed).decode()


def user_number(name):
    """The number of a user's name, such as user-17."""
    return int(name.rpartition("-")[2])


class NoSuchEntity(Exception):
    """What was asked for is not there."""


class Account:
    """As many users as it takes; each is made when it is first asked for."""

    def __init__(self, users=1):
        self.size, self.users = users, {}
        self.roles = [self._role("deploy", "root"), self._role("audit", "user/" + RESPONDER)]

    @staticmethod
    def _role(name, who):
        trust = json.loads(json.dumps(TRUST))
        trust["Statement"][0]["Principal"] = {"AWS": f"arn:aws:iam::{ACCOUNT}:{who}"}
        return {"RoleName": name, "AssumeRolePolicyDocument": json.dumps(trust)}

    def user(self, name):
        """A user with two keys, a password, an attached policy and a group."""
        if not name.startswith("user-") or user_number(name) >= self.size:
            raise NoSuchEntity(f"The user with name {name} cannot be found.")
        number = user_number(name)
        return self.users.setdefault(
            name,
            {
                "keys": {key_id(2 * number): "Active", key_id(2 * number + 1): "Active"},
                "inline": {},
                "password": True,
            },
        )


class Answers:
    """One method for each operation: parameters to the inner XML of its result."""

    def __init__(self, account):
        self.account = account

    def _user(self, params):
        return self.account.user(params["UserName"])

    @staticmethod
    def _list(name, items):
        return f"<IsTruncated>false</IsTruncated><{name}>{''.join(f'<member>{i}</member>' for i in items)}</{name}>"

    @staticmethod
    def GetCallerIdentity(_params):
        arn = f"arn:aws:iam::{ACCOUNT}:user/{RESPONDER}"
        return f"<Arn>{arn}</Arn><UserId>AIDARESPONDER0000000</UserId><Account>{ACCOUNT}</Account>"

    def GetAccessKeyLastUsed(self, params):
        number = int.from_bytes(base64.b32decode(params["AccessKeyId"][4:])[6:], "big") // 2
        used = "<ServiceName>N/A</ServiceName><Region>N/A</Region>"
        return f"<UserName>user-{number}</UserName><AccessKeyLastUsed>{used}</AccessKeyLastUsed>"

    def GetUser(self, params):
        self._user(params)
        name = params["UserName"]
        arn = f"arn:aws:iam::{ACCOUNT}:user/{name}"
        inner = f"<Path>/</Path><UserName>{name}</UserName><UserId>AIDA{user_number(name):016d}</UserId>"
        return f"<User>{inner}<Arn>{arn}</Arn><CreateDate>{STAMP}</CreateDate></User>"

    def GetAccountSummary(self, _params):
        quotas = {"Users": self.account.size, "UserPolicySizeQuota": 2048, "AttachedPoliciesPerUserQuota": 10}
        items = "".join(f"<entry><key>{k}</key><value>{v}</value></entry>" for k, v in quotas.items())
        return f"<SummaryMap>{items}</SummaryMap>"

    def ListAccountAliases(self, _params):
        return self._list("AccountAliases", ["bench"])

    def ListAccessKeys(self, params):
        keys = self._user(params)["keys"].items()
        user = f"<UserName>{params['UserName']}</UserName><CreateDate>{STAMP}</CreateDate>"
        items = [f"{user}<AccessKeyId>{k}</AccessKeyId><Status>{s}</Status>" for k, s in keys]
        return self._list("AccessKeyMetadata", items)

    def UpdateAccessKey(self, params):
        keys = self._user(params)["keys"]
        if params["AccessKeyId"] not in keys:
            raise NoSuchEntity(f"The Access Key with id {params['AccessKeyId']} cannot be found.")
        keys[params["AccessKeyId"]] = params["Status"]
        return None

    def GetLoginProfile(self, params):
        if not self._user(params)["password"]:
            raise NoSuchEntity(f"Login Profile for User {params['UserName']} cannot be found.")
        name = f"<UserName>{params['UserName']}</UserName>"
        return f"<LoginProfile>{name}<CreateDate>{STAMP}</CreateDate></LoginProfile>"

    def DeleteLoginProfile(self, params):
        self.GetLoginProfile(params)
        self._user(params)["password"] = False

    def ListUserPolicies(self, params):
        return self._list("PolicyNames", self._user(params)["inline"])

    def GetUserPolicy(self, params):
        inline = self._user(params)["inline"]
        if params["PolicyName"] not in inline:
            raise NoSuchEntity(f"The user policy with name {params['PolicyName']} cannot be found.")
        names = f"<UserName>{params['UserName']}</UserName><PolicyName>{params['PolicyName']}</PolicyName>"
        return f"{names}<PolicyDocument>{quote(inline[params['PolicyName']])}</PolicyDocument>"

    def PutUserPolicy(self, params):
        self._user(params)["inline"][params["PolicyName"]] = params["PolicyDocument"]

    def ListAttachedUserPolicies(self, params):
        self._user(params)
        return self._list("AttachedPolicies", [self._attached("ReadOnlyAccess")])

    @staticmethod
    def _attached(name):
        return f"<PolicyName>{name}</PolicyName><PolicyArn>arn:aws:iam::aws:policy/{name}</PolicyArn>"

    def ListGroupsForUser(self, params):
        self._user(params)
        return self._list("Groups", [self._group("developers")])

    @staticmethod
    def _group(name):
        inner = f"<Path>/</Path><GroupName>{name}</GroupName><GroupId>AGPA0000000000000000</GroupId>"
        return f"{inner}<Arn>arn:aws:iam::{ACCOUNT}:group/{name}</Arn><CreateDate>{STAMP}</CreateDate>"

    def ListMFADevices(self, params):
        self._user(params)
        return self._list("MFADevices", [])

    def ListSSHPublicKeys(self, params):
        self._user(params)
        return self._list("SSHPublicKeys", [])

    def ListSigningCertificates(self, params):
        self._user(params)
        return self._list("Certificates", [])

    def ListServiceSpecificCredentials(self, params):
        self._user(params)
        return self._list("ServiceSpecificCredentials", [])

    def ListGroupPolicies(self, _params):
        return self._list("PolicyNames", ["work"])

    def ListAttachedGroupPolicies(self, _params):
        return self._list("AttachedPolicies", [])

    @staticmethod
    def GetGroupPolicy(params):
        names = f"<GroupName>{params['GroupName']}</GroupName><PolicyName>work</PolicyName>"
        text = quote(document("sts:AssumeRole", f"arn:aws:iam::{ACCOUNT}:role/deploy"))
        return f"{names}<PolicyDocument>{text}</PolicyDocument>"

    @staticmethod
    def GetPolicy(params):
        arn = params["PolicyArn"]
        inner = f"<PolicyName>{arn.rpartition('/')[2]}</PolicyName><Arn>{arn}</Arn><Path>/</Path>"
        return f"<Policy>{inner}<PolicyId>ANPA0</PolicyId><DefaultVersionId>v1</DefaultVersionId></Policy>"

    @staticmethod
    def GetPolicyVersion(_params):
        text = quote(document(["s3:Get*", "ec2:Describe*"]))
        inner = f"<Document>{text}</Document><VersionId>v1</VersionId><IsDefaultVersion>true</IsDefaultVersion>"
        return f"<PolicyVersion>{inner}<CreateDate>{STAMP}</CreateDate></PolicyVersion>"

    def _role(self, role):
        name = role["RoleName"]
        inner = f"<Path>/</Path><RoleName>{name}</RoleName><RoleId>AROA{name:0>16}</RoleId>"
        text = quote(role["AssumeRolePolicyDocument"])
        arn = f"arn:aws:iam::{ACCOUNT}:role/{name}"
        dated = f"<CreateDate>{STAMP}</CreateDate><AssumeRolePolicyDocument>{text}</AssumeRolePolicyDocument>"
        return f"{inner}<Arn>{arn}</Arn>{dated}"

    def ListRoles(self, _params):
        return self._list("Roles", [self._role(r) for r in self.account.roles])

    def GetRole(self, params):
        for role in self.account.roles:
            if role["RoleName"] == params["RoleName"]:
                return f"<Role>{self._role(role)}</Role>"
        raise NoSuchEntity(f"The role with name {params['RoleName']} cannot be found.")

    def ListRolePolicies(self, _params):
        return self._list("PolicyNames", [])

    @staticmethod
    def GetRolePolicy(params):
        raise NoSuchEntity(f"The role policy with name {params['PolicyName']} cannot be found.")

    def ListAttachedRolePolicies(self, _params):
        return self._list("AttachedPolicies", [self._attached("ReadOnlyAccess")])

    def SimulatePrincipalPolicy(self, params):
        actions = [v for k, v in params.items() if k.startswith("ActionNames.")]
        items = [
            f"<EvalActionName>{a}</EvalActionName><EvalResourceName>*</EvalResourceName>"
            "<EvalDecision>allowed</EvalDecision>"
            for a in actions
        ]
        return self._list("EvaluationResults", items)


class Server:
    """HTTP over TLS, a log, and a door for orders."""

    def __init__(self):
        self.account, self.log, self.connections, self.greetings, self.unknown = Account(), [], 0, 0, set()

    def answer(self, body):
        """Status and XML for one form."""
        params = dict(parse_qsl(body.decode(), keep_blank_values=True))
        action = params.get("Action", "")
        method = None if action.startswith("_") else getattr(Answers(self.account), action, None)
        if method is None:
            self.unknown.add(action)
            return action, params, 400, self._error("InvalidAction", f"no {action} here")
        try:
            inner = method(params)
        except NoSuchEntity as error:
            return action, params, 404, self._error("NoSuchEntity", str(error))
        result = "" if inner is None else f"<{action}Result>{inner}</{action}Result>"
        meta = f"<ResponseMetadata><RequestId>bench-{len(self.log)}</RequestId></ResponseMetadata>"
        return action, params, 200, f"<{action}Response>{result}{meta}</{action}Response>"

    @staticmethod
    def _error(code, text):
        inner = f"<Type>Sender</Type><Code>{code}</Code><Message>{escape(text)}</Message>"
        return f"<ErrorResponse><Error>{inner}</Error><RequestId>bench-error</RequestId></ErrorResponse>"

    async def serve(self, reader, writer):
        """One connection."""
        self.connections += 1
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                lines = head.decode("latin-1").split("\r\n")
                length = next((int(l[15:]) for l in lines if l.lower().startswith("content-length:")), 0)
                body = await reader.readexactly(length)
                if head.startswith(b"HEAD "):
                    self.greetings += 1
                    writer.write(b"HTTP/1.1 302 Found\r\nLocation: https://example.com/\r\nContent-Length: 0\r\n\r\n")
                    continue
                came = time.monotonic()
                action, params, status, text = self.answer(body)
                data = text.encode()
                date = formatdate(usegmt=True)
                writer.write(
                    f"HTTP/1.1 {status} X\r\nDate: {date}\r\nContent-Type: text/xml\r\n"
                    f"Content-Length: {len(data)}\r\n\r\n".encode()
                    + data
                )
                self.log.append({"at": came, "took": time.monotonic() - came, "action": action, "params": params})
        except (asyncio.IncompleteReadError, ConnectionError, ssl.SSLError):
            pass
        finally:
            writer.close()

    async def order(self, reader, writer):
        """{"reset": USERS} starts anew; anything else asks what has happened."""
        wish = json.loads(await reader.readline() or b"{}")
        if "reset" in wish:
            self.account, self.log = Account(wish["reset"]), []
            self.connections = self.greetings = 0
        state = {"log": self.log, "connections": self.connections, "greetings": self.greetings, "unknown": sorted(self.unknown)}
        writer.write(json.dumps(state | {"users": self.account.users}).encode() + b"\n")
        await writer.drain()
        writer.close()

    async def run(self, certificate, key):
        """Serve until stdin ends."""
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(certificate, key)
        front = await asyncio.start_server(self.serve, "127.0.0.1", 0, ssl=tls, backlog=256)
        door = await asyncio.start_server(self.order, "127.0.0.1", 0)
        print(*(s.sockets[0].getsockname()[1] for s in (front, door)), flush=True)
        await until_stdin_ends()


class Line:
    """A relay with a round trip."""

    def __init__(self, port, seconds):
        self.port, self.round_trip = port, seconds

    async def carry(self, reader, writer, not_before=0.0):
        """One direction: each piece arrives half a round trip after it was sent, in order."""
        loop = asyncio.get_running_loop()
        pieces = asyncio.Queue()

        async def deliver():
            while True:
                due, data = await pieces.get()
                wait = due - loop.time()
                if wait > 0:
                    await asyncio.sleep(wait)
                if not data:
                    break
                writer.write(data)
            writer.close()

        task = loop.create_task(deliver())
        data = b"-"
        while data:
            try:
                data = await reader.read(65536)
            except ConnectionError:
                data = b""
            pieces.put_nowait((max(loop.time(), not_before) + self.round_trip / 2, data))
        await task

    async def relay(self, reader, writer):
        """One connection; it counts as connected a round trip after it came."""
        connected = asyncio.get_running_loop().time() + self.round_trip
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.port)
        except OSError:
            writer.close()
            return
        both = (self.carry(reader, far_writer, connected), self.carry(far_reader, writer))
        await asyncio.gather(*both, return_exceptions=True)

    async def run(self):
        """Relay until stdin ends."""
        server = await asyncio.start_server(self.relay, "127.0.0.1", 0, backlog=256)
        print(server.sockets[0].getsockname()[1], flush=True)
        await until_stdin_ends()


async def until_stdin_ends():
    """Whoever started this holds the other end."""
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


def main():
    """select() waits by the microsecond, epoll by the millisecond only."""
    kind, *rest = sys.argv[1:]
    loop = asyncio.SelectorEventLoop(selectors.SelectSelector())
    if kind == "serve":
        loop.run_until_complete(Server().run(*rest))
    else:
        loop.run_until_complete(Line(int(rest[0]), float(rest[1]) / 1000).run())
    os._exit(0)


if __name__ == "__main__":
    main()
