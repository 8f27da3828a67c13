# SPDX-License-Identifier: Apache-2.0
"""Interruptions: a signal lets the stage in flight finish, a kill leaves a journal that tells how far it came."""

import hashlib
import os
import signal
import subprocess

import pytest

from support.expect import DENY, assert_user_contained
from support.program import read_journal, wait_until

SLOW = {"action": "UpdateAccessKey", "do": "slow", "delay": 1.5, "times": 0}


def started(cordon, world, *more):
    """A containment that hangs in its first stage."""
    process = cordon.start(
        "contain", world.victim.key, "--yes", "--irreversible", "--settle", "0", "--output", "json", *more
    )
    wait_until(lambda: world.sent(action="UpdateAccessKey"))
    return process


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_run_after_the_stage(cordon, world, server, number):
    server.faults(SLOW)
    process = started(cordon, world)
    process.send_signal(number)
    result = cordon.finish(process)
    assert result.status == 130, str(result)
    assert result.says("resume")
    lines = cordon.journal()
    sent = {e["action"] for e in world.writes()}
    assert "DeleteLoginProfile" not in sent and DENY in server.state()["users"][world.victim.name]["inline"]
    outcomes = [line for line in lines if line["event"] == "outcome"]
    assert len(outcomes) >= len(world.writes())


def test_a_second_signal_ends_it_at_once(cordon, world, server):
    server.faults(SLOW | {"delay": 30})
    process = started(cordon, world)
    process.send_signal(signal.SIGINT)
    with pytest.raises(TimeoutError):
        wait_for(process, 0.5)
    process.send_signal(signal.SIGINT)
    assert wait_for(process, 10) == 130
    server.faults()


def wait_for(process, seconds):
    """The status of a process that must end by itself."""
    try:
        return process.wait(seconds)
    except subprocess.TimeoutExpired as error:
        raise TimeoutError from error


def test_a_kill_leaves_intents_and_the_next_run_finishes(cordon, world, server):
    before = server.state()
    server.faults(SLOW | {"delay": 3})
    process = started(cordon, world)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    lines = cordon.journal()
    intents = [line for line in lines if line["event"] == "intent"]
    assert all(name in str(intents) for name in ("UpdateAccessKey", "PutUserPolicy"))
    run = cordon.run_folder().name
    server.faults()
    wait_until(lambda: all(e["status"] for e in world.sent(action="UpdateAccessKey")))
    assert run in cordon("runs", check=0).stdout
    assert cordon("show", run).status in (0, 1, 5, 130)
    cordon.contain(world.victim.key, "--irreversible")
    assert_user_contained(before, server.state(), world.victim.name)


def test_intents_are_on_disk_before_the_first_byte_of_a_write(cordon, world, server):
    """Whatever the journal does not announce was not sent: looked at while the first stage hangs."""
    server.faults({"write": True, "do": "slow", "delay": 2, "times": 0, "key": world.responder["AccessKeyId"]})
    process = cordon.start("contain", world.victim.key, "--yes", "--irreversible", "--settle", "0")
    sent = wait_until(world.writes)
    path = wait_until(lambda: list(cordon.folder.rglob("journal.jsonl")))[0]
    announced = path.read_text()
    for entry in sent:
        assert entry["action"] in announced
    server.faults()
    cordon.finish(process)
    assert read_journal(path)


def test_a_tampered_journal_is_noticed(cordon, world):
    run = cordon.contain(world.victim.key, "--irreversible")["run"]
    path = cordon.run_folder() / "journal.jsonl"
    cordon("show", run, "--check", check=0)
    text = path.read_text()
    path.write_text(text.replace("Inactive", "Inactivf", 1))
    assert cordon("show", run, "--check").status != 0
    path.write_text("".join(text.splitlines(True)[1:]))
    assert cordon("show", run, "--check").status != 0


@pytest.mark.parametrize("garbage", ["", "{", "\0" * 50, "[" * 50_000, '{"format":"cordon-journal/9"}\n', "not json\n"])
def test_a_broken_journal_is_an_error(cordon, world, garbage):
    run = cordon.contain(world.victim.key, "--irreversible")["run"]
    (cordon.run_folder() / "journal.jsonl").write_text(garbage)
    written = len(world.writes())
    assert cordon("show", run, "--check").status not in (0, 130)
    assert cordon("verify", run, "--settle", "0").status not in (0, 130)
    assert len(world.writes()) == written


def test_an_expected_hash(cordon, world):
    run = cordon.contain(world.victim.key, "--irreversible")["run"]
    last = (cordon.run_folder() / "journal.jsonl").read_bytes().splitlines()[-1]
    right = [hashlib.sha256(last).hexdigest(), hashlib.sha256(last + b"\n").hexdigest()]
    assert 0 in [cordon("show", run, "--check", "--expect", h).status for h in right]
    assert cordon("show", run, "--check", "--expect", "0" * 64).status != 0


def test_a_closed_pipe_does_not_stop_a_containment(cordon, world, server):
    """The reader of stdout goes away: SIGPIPE is ignored and the job is done."""
    before = server.state()
    process = cordon.start("contain", world.victim.key, "--yes", "--irreversible", "--settle", "0")
    process.stdout.close()
    process.stderr.close()
    process.wait(60)
    assert process.returncode >= 0
    assert_user_contained(before, server.state(), world.victim.name)
