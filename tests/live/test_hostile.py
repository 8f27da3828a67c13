# SPDX-License-Identifier: Apache-2.0
"""A hostile or broken IAM: entity bombs, external entities, floods, depth, wrong roots, and text that means harm."""

import base64

import pytest

from support.expect import DENY
from support.program import sanitized

NAMESPACE = "https://iam.amazonaws.com/doc/2010-05-08/"


def b64(text):
    """Bytes for a fault."""
    return base64.b64encode(text.encode() if isinstance(text, str) else text).decode()


def reply(action, inside, prolog=""):
    """A reply of IAM with something odd inside."""
    return f'{prolog}<{action}Response xmlns="{NAMESPACE}"><{action}Result>{inside}</{action}Result></{action}Response>'


def laughs(action):
    """A thousand million laughs in one entity."""
    entities = '<!ENTITY l0 "ha">' + "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 11))
    return reply(action, "<UserName>&l10;</UserName>", f"<!DOCTYPE x [{entities}]>")


def hostile_bodies(action, server, secret_file):
    """All of them by name, as fields of a fault."""
    outside = f'<!DOCTYPE x [<!ENTITY e SYSTEM "file://{secret_file}">]>'
    fetched = f'<!DOCTYPE x SYSTEM "{server.url}/stolen.dtd"><!-- -->'
    parameter = f'<!DOCTYPE x [<!ENTITY % p SYSTEM "{server.url}/stolen.ent"> %p;]>'
    opening, closing = reply(action, "|").split("|")
    return {
        "billion laughs": {"head": b64(laughs(action))},
        "external file": {"head": b64(reply(action, "<UserName>&e;</UserName>", outside))},
        "external dtd": {"head": b64(reply(action, "<UserName>x</UserName>", fetched))},
        "parameter entity": {"head": b64(reply(action, "<UserName>x</UserName>", parameter))},
        "twenty megabytes": {
            "head": b64(opening + "<UserName>"),
            "unit": b64("A" * 1024),
            "count": 20 * 1024,
            "tail": b64("</UserName>" + closing),
        },
        "many elements": {
            "head": b64(opening),
            "unit": b64("<member><UserName>a</UserName></member>"),
            "count": 400_000,
            "tail": b64(closing),
        },
        "deep": {"head": b64(opening), "unit": b64("<a>"), "count": 200_000},
        "wrong root": {"head": b64("<html><body>sign in to the wifi</body></html>")},
        "another operation": {"head": b64(reply("DeleteUser", "<UserName>x</UserName>"))},
        "not xml": {"head": b64('{"message": "hello"}')},
        "empty": {"head": b64("")},
        "nul": {"head": b64(b"\0" * 100)},
        "bad utf-8": {
            "head": b64(opening + "<UserName>"),
            "unit": b64(b"\xff\xfe\x80"),
            "tail": b64("</UserName>" + closing),
        },
        "utf-16": {"head": b64(reply(action, "<UserName>x</UserName>").encode("utf-16"))},
        "half": {"head": b64(opening + "<UserName>an")},
    }


NAMES = list(hostile_bodies("X", type("S", (), {"url": ""}), ""))


@pytest.fixture
def secret(tmp_path):
    """A file that an external entity would like to read."""
    path = tmp_path / "secret.txt"
    path.write_text("s3cr3t-of-the-responder")
    return path


def fetched(server):
    """Requests for a document type: none may ever come."""
    return [e for e in server.ask("log") if e["action"] is None and e["key"] is None]


@pytest.mark.parametrize("name", NAMES)
def test_a_hostile_answer_about_the_owner(cordon, world, server, secret, name):
    """Nothing is known, so nothing is written; and nothing is read, fetched or swallowed."""
    body = hostile_bodies("GetAccessKeyLastUsed", server, secret)[name]
    server.faults({"action": "GetAccessKeyLastUsed", "do": "body", "times": 0} | body)
    result = cordon("contain", world.victim.key, "--yes", "--settle", "0", "--output", "json")
    assert result.status in (1, 2, 3, 4, 5, 6) and result.status != 0, str(result)
    assert result.json["error"]["message"] or result.json["refusals"]
    assert "s3cr3t" not in result.stdout + result.stderr
    assert world.writes() == [] and fetched(server) == []


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("action", ["ListAccessKeys", "GetUser"])
def test_a_hostile_answer_never_stops_the_deny(cordon, world, server, secret, action, name):
    server.faults({"action": action, "do": "body", "times": 0} | hostile_bodies(action, server, secret)[name])
    result = cordon("contain", world.victim.key, "--yes", "--settle", "0", "--output", "json")
    assert DENY in server.state()["users"][world.victim.name]["inline"], str(result)
    assert result.status in (1, 5), str(result)
    assert result.json["verdict"] in ("UNKNOWN", "OPEN")
    assert "s3cr3t" not in result.stdout + result.stderr
    assert fetched(server) == []


@pytest.mark.parametrize("name", ["billion laughs", "twenty megabytes", "wrong root", "deep", "empty"])
def test_a_hostile_answer_to_a_write_is_no_success(cordon, world, server, secret, name):
    body = hostile_bodies("UpdateAccessKey", server, secret)[name]
    server.faults({"action": "UpdateAccessKey", "do": "body", "times": 0} | body)
    result = cordon("contain", world.victim.key, "--yes", "--settle", "0", "--output", "json")
    assert result.status == 5, str(result)
    assert result.json["verdict"] != "CONTAINED"
    keys = [o["id"] for o in result.json["operations"] if o["operation"] == "UpdateAccessKey"]
    assert {r["status"] for r in result.json["results"] if r["id"] in keys} <= {"failed", "unknown"}


@pytest.mark.parametrize("name", ["twenty megabytes", "many elements", "billion laughs"])
def test_memory_is_bounded(cordon, world, server, secret, name):
    """What is too long is refused before all of it is kept."""
    body = hostile_bodies("ListAccessKeys", server, secret)[name]
    server.faults({"action": "ListAccessKeys", "do": "body", "times": 0} | body)
    limit = 1024 if sanitized() else 64
    assert 0 < cordon.peak_memory("contain", world.victim.key, "--yes", "--settle", "0") < limit * 1024
    assert world.sent(action="ListAccessKeys")


@pytest.mark.parametrize("name", ["external dtd", "wrong root", "half", "not xml"])
def test_a_hostile_identity(cordon, world, server, secret, name):
    """Who we are must be known before anything is written."""
    server.faults(
        {"action": "GetCallerIdentity", "do": "body", "times": 0}
        | hostile_bodies("GetCallerIdentity", server, secret)[name]
    )
    result = cordon("contain", world.victim.key, "--yes", "--settle", "0", "--output", "json")
    assert result.status in (4, 6), str(result)
    assert world.writes() == []


def test_an_endless_list_ends(cordon, world, server):
    """IsTruncated for ever, always with the same marker."""
    inside = (
        "<AccessKeyMetadata><member><UserName>u</UserName><AccessKeyId>AKIAQQQQQQQQQQQQQQQQ</AccessKeyId>"
        "<Status>Inactive</Status></member></AccessKeyMetadata><IsTruncated>true</IsTruncated><Marker>m</Marker>"
    )
    server.faults({"action": "ListAccessKeys", "do": "body", "times": 0, "head": b64(reply("ListAccessKeys", inside))})
    result = cordon("contain", world.victim.key, "--yes", "--settle", "0")
    assert result.status in (1, 5), str(result)
    assert 1 < len(world.sent(action="ListAccessKeys")) < 5000
    assert DENY in server.state()["users"][world.victim.name]["inline"]


@pytest.mark.parametrize("text", ["\u009b31m", "\u202egnp.exe", "line\nCONTAINED\n", "\u0085", "&#x9b;2J"])
def test_text_from_the_server_stays_text(cordon, world, server, text):
    server.faults(
        {"action": "UpdateAccessKey", "do": "error", "status": 403, "code": "AccessDenied", "message": text, "times": 0}
    )
    result = cordon("contain", world.victim.key, "--yes", "--settle", "0", check=5)
    printed = result.stdout + result.stderr
    assert not any(c in printed for c in "\u009b\u202e\u0085\x1b")
    assert "CONTAINED" not in [line.strip() for line in printed.splitlines()]


def test_a_wrong_user_name_is_not_acted_upon(cordon, world, server):
    """The owner that the server tells is no legal name: an injection must not reach a request."""
    used = "<AccessKeyLastUsed><ServiceName>N/A</ServiceName><Region>N/A</Region></AccessKeyLastUsed>"
    inside = "<UserName>anna.dev&amp;Action=DeleteUser</UserName>" + used
    body = b64(reply("GetAccessKeyLastUsed", inside))
    server.faults({"action": "GetAccessKeyLastUsed", "do": "body", "times": 0, "head": body})
    before = server.state()
    result = cordon("contain", world.victim.key, "--yes", "--settle", "0")
    assert result.status != 0 and server.state() == before
    assert world.sent(action="GetAccessKeyLastUsed")


@pytest.mark.parametrize("inside", ["<UserName/>", "", "<UserName></UserName>"])
def test_an_owner_without_a_name(cordon, world, server, inside):
    """Twenty operations act on the signer when the name is empty."""
    body = b64(reply("GetAccessKeyLastUsed", inside))
    server.faults({"action": "GetAccessKeyLastUsed", "do": "body", "times": 0, "head": body})
    before = server.state()
    result = cordon("contain", world.victim.key, "--yes", "--settle", "0")
    assert result.status != 0 and server.state() == before
    assert world.sent(action="GetAccessKeyLastUsed")
    assert world.writes() == []
