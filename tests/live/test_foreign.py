# SPDX-License-Identifier: Apache-2.0
"""A record that somebody hands over as a file: what a forged one can make release and resume do, and what not."""

import hashlib
import json

import pytest

from support.places import FULL_DISK
from support.world import ALLOW_ALL, document

NOW = ("--yes", "--irreversible", "--settle", "0", "--output", "json")
NAME = "anna.dev"
WORK = "daily-work"


def digest(value):
    """The hash of a document, as the journal's end names it."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def forged(path, change):
    """A file whose chain and hashes fit, whatever was changed in it."""
    whole = json.loads(path.read_text())
    lines = [json.loads(line) for line in whole["journal"].splitlines()]
    change(whole, lines)
    texts, prev = [], None
    for line in lines:
        if prev:
            line["prev"] = prev
        if "plan_sha256" in line:
            line["plan_sha256"], line["result_sha256"] = digest(whole["plan"]), digest(whole["result"])
        texts.append(json.dumps(line, separators=(",", ":"), ensure_ascii=False))
        prev = hashlib.sha256(texts[-1].encode()).hexdigest()
    whole["journal"] = "".join(text + "\n" for text in texts)
    made = path.with_name("forged.json")
    made.write_text(json.dumps(whole))
    return str(made)


@pytest.fixture
def stripped(cordon, world, tmp_path):
    """A run that took inline policies away, as a file; the hash of its end; a machine that knows nothing of it."""
    done = cordon("delete-inline-policies", "--user", NAME, "--all", *NOW)
    path = tmp_path / "run.json"
    cordon("export", done.json["run"], str(path), check=0)
    return path, done.json, ("--state-dir", str(tmp_path / "elsewhere"))


def runs(cordon, elsewhere):
    """The ids of that machine."""
    return [run["run"] for run in cordon("runs", *elsewhere, "--output", "json").json["runs"]]


def test_what_comes_back_needs_a_hash_or_a_person(cordon, world, server, stripped):
    path, run, elsewhere = stripped
    before, sent = server.state(), len(world.writes())
    refused = cordon("release", str(path), *NOW, *elsewhere, check=3)
    assert refused.says("--expect") and server.state() == before and len(world.writes()) == sent
    assert cordon("release", str(path), *NOW, *elsewhere, "--expect", "0" * 64, check=3).says("ends with")
    assert runs(cordon, elsewhere) == [], "nothing of it was imported"
    cordon("release", str(path), *NOW, *elsewhere, "--expect", run["journal_last"], check=0)
    assert WORK in server.state()["users"][NAME]["inline"]


def test_a_dry_run_shows_it_and_imports_nothing(cordon, world, server, stripped):
    path, _run, elsewhere = stripped
    shown = cordon("release", str(path), "--dry-run", "--output", "json", *elsewhere, check=0).json
    assert [o["operation"] for o in shown["operations"]] == ["PutUserPolicy"]
    assert any("its word alone" in warning for warning in shown["warnings"])
    assert runs(cordon, elsewhere) == []
    cordon("resume", str(path), "--dry-run", *elsewhere, check=0)
    assert runs(cordon, elsewhere) == []


def test_what_was_imported_stays_a_strangers(cordon, world, server, stripped):
    """hold and resume take the file in; the release by its id is asked for the same hash."""
    path, run, elsewhere = stripped
    cordon("resume", str(path), *NOW, *elsewhere, check=0)
    assert runs(cordon, elsewhere) == [run["run"]]
    cordon("release", run["run"], *NOW, *elsewhere, check=3)
    assert WORK not in server.state()["users"][NAME]["inline"]
    cordon("release", run["run"], *NOW, *elsewhere, "--expect", run["journal_last"], check=0)


def test_the_undo_is_what_stood_there_whatever_the_plan_says(cordon, world, server, stripped):
    path, _run, elsewhere = stripped

    def change(whole, lines):
        for operation in [*whole["plan"]["operations"], *(line["operation"] for line in lines if line["operation"])]:
            for step in operation["undo"]:
                step["parameters"]["PolicyDocument"] = document(ALLOW_ALL)

    shown = cordon("release", forged(path, change), "--dry-run", "--output", "json", *elsewhere, check=0).json
    sent = [o["parameters"]["PolicyDocument"] for o in shown["operations"]]
    assert sent and document(ALLOW_ALL) not in sent


def test_a_forged_before_is_not_sent_unseen(cordon, world, server, stripped):
    """Chain, plan and before agree, and all is made up: the hash of the true run does not fit."""
    path, run, elsewhere = stripped

    def change(_whole, lines):
        for line in lines:
            for policy in (line["before"] or {}).get("UserPolicyList", []):
                policy["PolicyDocument"] = json.loads(document(ALLOW_ALL))

    before = server.state()
    words = ("release", forged(path, change), *NOW, *elsewhere)
    cordon(*words, check=3)
    cordon(*words, "--expect", run["journal_last"], check=3)
    assert server.state() == before


def test_a_full_disk_leaves_no_half_of_a_run(cordon, world, server, stripped):
    path, run, elsewhere = stripped
    cordon("resume", str(path), *NOW, *elsewhere, under=FULL_DISK)
    assert runs(cordon, elsewhere) == []
    cordon("resume", str(path), *NOW, *elsewhere, check=0)
    cordon("show", run["run"], "--check", *elsewhere, check=0)


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        ({"do": "error", "code": "AccessDenied", "status": 403}, 4),
        ({"do": "error", "code": "ServiceFailure", "status": 500}, 6),
    ],
    ids=["denied", "failing"],
)
def test_what_cannot_be_read_is_no_drift(cordon, world, server, fault, status):
    run = cordon("deny-all", "--user", NAME, *NOW).json["run"]
    sent = len(world.writes())
    server.faults({"action": "GetUserPolicy", "times": 0, **fault})
    found = cordon("release", run, *NOW, check=status).json
    assert found["drift"] == [] and [u["operation"] for u in found["unread"]] == ["o1"]
    told = cordon("release", run, "--yes", "--settle", "0", check=status)
    assert told.says("Could not be read") and told.says("Not known") and not told.says("Drift")
    assert len(world.writes()) == sent
