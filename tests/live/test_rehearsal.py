# SPDX-License-Identifier: Apache-2.0
"""Rehearsals: the account from a file, no credentials, no server; and the same outcome as in the live run."""

import json

import pytest

from support.expect import CUTOFF, DENY, cutoff_of, is_deny_all, operations, text_of

NONE = {"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None}


def snapshot(cordon, name="account.json"):
    """The live account in a file."""
    path = cordon.folder / name
    cordon("snapshot", "--out", str(path), check=0)
    return path


def rehearse(cordon, world, path, *more, check=0):
    """Contain the victim in the file."""
    out = cordon.folder / "after.json"
    result = cordon(
        "contain",
        world.victim.key,
        "--account",
        str(path),
        "--account-out",
        str(out),
        "--yes",
        "--irreversible",
        "--output",
        "json",
        *more,
        env=NONE,
        endpoint=False,
        check=check,
    )
    return result.json, json.loads(out.read_text())


def user_of(account, name):
    """A user of an account file, whatever its section is called."""
    found = [u for u in walk(account) if isinstance(u, dict) and u.get("UserName") == name and "UserId" in u]
    assert len(found) == 1
    return found[0]


def walk(value):
    """All values in a document."""
    yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else []:
        yield from walk(inner)


def test_a_rehearsal_sends_nothing_and_says_what_it_is(cordon, world, server):
    path, before = snapshot(cordon), server.state()
    server.ask("clear", {})
    document, after = rehearse(cordon, world, path)
    assert document["verdict"] == document["targets"][0]["verdict"] == "REHEARSED"
    assert document["rehearsal"] is True and document["caller"] is None
    assert document["warnings"]
    assert server.log() == [] and server.state() == before
    user = text_of(user_of(after, world.victim.name))
    assert DENY.lower() in user and CUTOFF.lower() in user
    assert "CONTAINED" not in json.dumps(document)


def test_the_rehearsal_foretells_the_live_run(cordon, world):
    path = snapshot(cordon)
    rehearsed, _after = rehearse(cordon, world, path)
    live = cordon.contain(world.victim.key, "--irreversible")
    assert operations(rehearsed) == operations(live)
    assert rehearsed["fingerprint"] == live["fingerprint"]


def test_a_second_rehearsal_plans_nothing(cordon, world):
    path = snapshot(cordon)
    _first, after = rehearse(cordon, world, path)
    again = cordon.folder / "again.json"
    again.write_text(json.dumps(after))
    second, _same = rehearse(cordon, world, again)
    assert operations(second) == []


def test_the_file_that_was_given_is_not_changed(cordon, world):
    path = snapshot(cordon)
    before = path.read_bytes()
    rehearse(cordon, world, path)
    assert path.read_bytes() == before


def test_text_says_rehearsed(cordon, world):
    path = snapshot(cordon)
    result = cordon("contain", world.victim.key, "--account", str(path), "--yes", env=NONE, endpoint=False)
    assert result.says("rehears")
    assert "CONTAINED" not in result.stdout


def test_a_plan_made_offline_is_applied_live(cordon, world, server):
    path, out = snapshot(cordon), cordon.folder / "plan.json"
    arguments = ("plan", "compromised-user", "--set", f"user={world.victim.name}")
    cordon(*arguments, "--account", str(path), "--out", str(out), env=NONE, endpoint=False, check=0)
    cordon("apply", str(out), "--yes", "--settle", "0", check=1)
    assert is_deny_all(server.state()["users"][world.victim.name]["inline"][DENY])


def test_snapshots_agree_with_the_server(cordon, world):
    """What live reads say and what the file says is the same document."""
    text = snapshot(cordon).read_text()
    for wanted in (
        world.victim.key,
        world.victim.mfa,
        "daily-work",
        "developers",
        "IAMReadOnlyAccess",
        world.deploy,
        "bob",
    ):
        assert wanted in text
    assert json.loads(text)["format"] == "cordon-account/1"
    assert world.responder["SecretAccessKey"] not in text
    assert world.writes() == []


def test_a_live_change_shows_in_the_next_snapshot(cordon, world):
    cordon.contain(world.victim.key, "--irreversible")
    user = user_of(json.loads(snapshot(cordon).read_text()), world.victim.name)
    assert DENY in str(user) and "Active" not in {
        k.get("Status") for k in walk(user) if isinstance(k, dict) and k.get("AccessKeyId")
    }
    stamp = next(d for d in walk(user) if isinstance(d, dict) and d.get("PolicyName") == CUTOFF)
    policy = stamp["PolicyDocument"]
    assert cutoff_of(policy if isinstance(policy, dict) else json.loads(policy))


def details(world):
    """What `aws iam get-account-authorization-details` prints."""
    whole = {}
    for page in world.iam.get_paginator("get_account_authorization_details").paginate():
        for kind in ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies"):
            whole.setdefault(kind, []).extend(page[kind])
    return json.dumps(whole, default=lambda moment: moment.isoformat())


def test_authorization_details_leave_keys_and_passwords_unread(cordon, world):
    """A plain listing says nothing about keys: they are unread, so the rehearsal cannot say REHEARSED."""
    path = cordon.folder / "details.json"
    path.write_text(details(world))
    arguments = ("plan", "compromised-user", "--set", f"user={world.victim.name}", "--account", str(path))
    document = cordon.json(*arguments, env=NONE, endpoint=False, check=0)
    assert "PutUserPolicy" in operations(document)
    assert "UpdateAccessKey" not in operations(document)
    result = cordon("apply", *arguments[1:], "--yes", "--output", "json", env=NONE, endpoint=False)
    assert result.status == 1 and result.json["verdict"] == "UNKNOWN", str(result)


@pytest.mark.parametrize(
    "text, why",
    [
        ("", "empty"),
        ("{", "cut"),
        ("[]", "wrong type"),
        ('{"format":"cordon-account/9"}', "another version"),
        ('{"format":"cordon-account/1","format":"cordon-account/1"}', "duplicate key"),
        ("[" * 100_000, "deep"),
        ('{"format":"cordon-account/1","UserDetailList":7}', "wrong section"),
        ("\0\0\0", "binary"),
    ],
)
def test_broken_account_files(cordon, world, text, why):
    path = cordon.folder / "account.json"
    path.write_text(text)
    result = cordon("contain", "bob", "--account", str(path), "--yes", env=NONE, endpoint=False, check=2)
    assert "account.json" in result.stderr
    assert world.sent() == []


def test_a_huge_account_file_is_refused(cordon, world):
    path = cordon.folder / "account.json"
    with path.open("wb") as file:
        file.truncate(3 * 1024**3)
    cordon("contain", "bob", "--account", str(path), "--yes", env=NONE, endpoint=False, check=2)
    assert world.sent() == []


def test_a_file_that_is_no_file(cordon, world):
    for path in ("/nonexistent/account.json", str(cordon.folder), "/dev/zero"):
        cordon("contain", "bob", "--account", path, "--yes", env=NONE, endpoint=False, check=2)
    assert world.sent() == []
