# SPDX-License-Identifier: Apache-2.0
"""The verdicts: what is said after the settling time, for runs that all waited together."""

import pytest

from support.expect import DENY, checks, is_deny_all, operations, role_changes, text_of, user_changes
from support.program import read_journal
from support.world import changes


def changed(settled, name):
    """What happened to one user."""
    return {p for p in changes(settled.before, settled.after) if p[:2] == ("users", name)}


def test_everything_worked_before(settled):
    assert set(settled.worked.values()) == {"ok"}, settled.worked


def test_contained(settled):
    result = settled.results["complete"]
    assert result.status == 0, str(result)
    document = result.json
    assert document["verdict"] == document["targets"][0]["verdict"] == "CONTAINED"
    assert document["settled_seconds"] >= 10
    assert set(checks(document).values()) == {"true"}
    assert changed(settled, "complete") == user_changes(settled.before, "complete")


def test_a_second_run_plans_nothing_and_still_verifies(settled):
    result = settled.results["again"]
    assert result.status == 0, str(result)
    assert operations(result.json) == []
    assert result.json["verdict"] == "CONTAINED"


def test_verify_says_the_same(settled):
    result = settled.results["verified"]
    assert result.status == 0, str(result)
    assert result.json["verdict"] == "CONTAINED"


def test_without_irreversible_it_is_contained_by_the_deny(settled):
    result = settled.results["reversible"]
    assert result.status == 0, str(result)
    assert result.json["verdict"] == "CONTAINED"
    assert changed(settled, "reversible") == user_changes(settled.before, "reversible", password=False)
    assert "password" in text_of(result.json) or "login" in text_of(result.json)


def test_roles_are_revoked_when_asked_for(settled):
    result = settled.results["rolling"]
    assert result.status == 0, str(result)
    expanded = [t for t in result.json["targets"] if t.get("expanded_from")]
    assert [(t["arn"], t["verdict"]) for t in expanded] == [(settled.rolled, None)]
    assert settled.after["roles"]["rolled"]["inline"].keys() == {"work", "AWSRevokeOlderSessions"}


def test_a_responder_who_may_not_turn_keys_off(settled):
    result = settled.results["limited"]
    assert result.status == 5, str(result)
    assert result.json["verdict"] != "CONTAINED"
    failed = {o["operation"] for o, r in paired(result.json) if r["status"] == "failed"}
    assert failed == {"UpdateAccessKey"}
    assert {r["error"]["code"] for _o, r in paired(result.json) if r["error"]} == {"AccessDenied"}
    assert is_deny_all(settled.after["users"]["limited"]["inline"][DENY])


def paired(document):
    """Operations with their results."""
    results = {r["id"]: r for r in document["results"]}
    return [(o, results[o["id"]]) for o in document["operations"]]


def test_a_key_that_came_back_is_contained_again(settled):
    """The thief turns his key on while cordon waits: it is seen, turned off in the same run, and on record."""
    result = settled.results["reopened"]
    assert result.status == 0, str(result)
    assert result.json["verdict"] == "CONTAINED"
    key = settled.victims["reopened"].key
    again = [o for o in result.json["operations"] if o["parameters"].get("AccessKeyId") == key]
    assert len(again) == 2 and {r["status"] for o, r in paired(result.json) if o in again} == {"done"}
    assert settled.after["users"]["reopened"]["keys"][key] == "Inactive"


def test_a_role(settled):
    result = settled.results["role"]
    assert result.status == 0, str(result)
    assert result.json["verdict"] == "CONTAINED"


@pytest.mark.parametrize("name", ["session", "federating"])
def test_a_session(settled, name):
    result = settled.results[name]
    assert result.status == 0, str(result)
    assert result.json["verdict"] == "CONTAINED"
    assert result.json["not_covered"], "what could mint the session again is either denied or named"


def test_the_thief_afterwards(settled):
    now = settled.steal()
    assert now["key"] == now["second key"] == now["reversible"] == "InvalidAccessKeyId"
    for name in ("session token", "federation token", "rolled", "whole", "bad", "guest", "limited"):
        assert now[name] == "AccessDenied", name
    for name in ("good", "bystander", "colleague"):
        assert now[name] == "ok", name


def test_everything_else_is_as_it_was(settled):
    touched = {p[:2] for p in changes(settled.before, settled.after)}
    users = {("users", name) for name in settled.victims}
    assert touched == users | {("roles", "rolled"), ("roles", "whole"), ("roles", "shared")}
    found = {p for p in changes(settled.before, settled.after) if p[:2] == ("roles", "whole")}
    assert found == role_changes("whole")


def test_every_journal_is_a_chain(settled):
    for name, program in settled.programs.items():
        paths = list(program.folder.rglob("journal.jsonl"))
        assert any([read_journal(path) for path in paths]), name
