# SPDX-License-Identifier: Apache-2.0
"""A journal that is broken, newer than the program, or cannot be written: a clear error, and nothing is sent."""

import hashlib
import json
import subprocess
import sys

import pytest

from support.places import BOUND, FILLING, FULL_DISK, disk_of, fill, set_modes
from support.program import wait_until
from support.torture import HELD, NOW

REFUSED = (2, 3)
HOLD = ("hold", "{run}", "--for", "2s", "--yes", "--irreversible", "--output", "json")
COMMANDS = {"resume": ("resume", "{run}", *NOW), "release": ("release", "{run}", *NOW), "hold": HOLD}
READERS = COMMANDS | {"show": ("show", "{run}", "--check")}
CONTAIN = ("contain", "{key}", *NOW)


@pytest.fixture
def cut_off(cordon, world, server):
    """A run that was killed when its first write had been carried out: each command has something to send."""
    words = filled(CONTAIN, world)
    process = cordon.start(*words, stdin="", under=HELD)
    key = world.responder["AccessKeyId"]
    server.faults({"key": key, "write": True, "skip": 1, "do": "kill-after", "pid": process.pid})
    assert cordon.finish(process, words, "\n").status == -9
    server.settle()
    server.faults()
    return cordon.run_folder()


def filled(words, world, run=""):
    """The words of a command with what is only known now."""
    return [word.replace("{run}", run).replace("{key}", world.victim.key) for word in words]


def chained(lines):
    """Lines as a journal whose chain is whole: only what they say can be wrong."""
    before, text = None, b""
    for line in lines:
        line = json.dumps(line | {"prev": before}, separators=(",", ":")).encode()
        before, text = hashlib.sha256(line).hexdigest(), text + line + b"\n"
    return text


def newer(text):
    """The same journal as a later cordon might write it."""
    lines = [json.loads(line) for line in text.splitlines()]
    return chained([line | {"format": "cordon-journal/2"} for line in lines])


DAMAGES = {
    "a letter changed": lambda text: text.replace(b"Inactive", b"Inactivf", 1),
    "the first line gone": lambda text: b"".join(text.splitlines(True)[1:]),
    "a line gone": lambda text: b"".join(text.splitlines(True)[:1] + text.splitlines(True)[2:]),
    "cut within the first line": lambda text: text[: len(text.splitlines()[0]) // 2],
    "two lines in one": lambda text: text.replace(b"\n", b"", 1),
    "empty": lambda _text: b"",
    "zeros": lambda text: bytes(len(text)),
    "no JSON": lambda text: b"not a journal\n" + text,
    "the first line twice": lambda text: text.splitlines(True)[0] + text,
    "deep": lambda text: b"[" * 100_000 + text,
    "newer": newer,
}


@pytest.mark.parametrize("command", READERS)
@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_journal_stops_everything(cordon, world, server, cut_off, damage, command):
    path = cut_off / "journal.jsonl"
    text = path.read_bytes()
    broken = DAMAGES[damage](text)
    assert broken != text
    path.write_bytes(broken)
    before, sent = server.state(), len(world.writes())
    result = cordon(*filled(READERS[command], world, cut_off.name))
    assert result.status in REFUSED, str(result)
    assert "journal" in result.stderr.lower() or "journal" in result.stdout.lower(), str(result)
    assert damage != "newer" or result.says("newer") or result.says("cordon-journal/2"), "what it is has to be said"
    assert len(world.writes()) == sent and server.state() == before
    assert path.read_bytes() == broken, "what is damaged is evidence: it stays as it is"


@pytest.mark.parametrize("command", ["resume", "release"])
def test_the_same_run_undamaged_sends_something(cordon, world, cut_off, command):
    """Else the tests above prove nothing; and what chained() makes of the journal is accepted as well."""
    path, sent = cut_off / "journal.jsonl", len(world.writes())
    lines = [json.loads(line) for line in path.read_bytes().splitlines()]
    path.write_bytes(chained(lines))
    result = cordon(*filled(COMMANDS[command], world, cut_off.name))
    assert result.status in (0, 1), str(result)
    assert len(world.writes()) > sent


def test_hold_says_what_it_sent_of_a_run_that_was_cut_off(cordon, world, cut_off):
    """Each call is a line, and the first round says how many there were."""
    sent = len(world.writes())
    result = cordon(*filled(HOLD, world, cut_off.name))
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    outcomes = [line["operation"] for line in lines if line.get("event") == "outcome"]
    rounds = [line for line in lines if line.get("event") == "hold"]
    assert outcomes and sorted(outcomes) == sorted(e["action"] for e in world.writes()[sent:])
    assert rounds[0]["sent"] > 0 and rounds[0]["state"] != "stands"
    assert sum(line["sent"] for line in rounds) == len(outcomes) and rounds[-1]["state"] == "stands"


def test_verify_says_what_a_run_that_was_cut_off_lacks(cordon, world, cut_off, tmp_path):
    """Of its record and of its exported file; verify writes nothing, and the ready commands name what was given."""
    exported = tmp_path / "x.json"
    cordon("export", cut_off.name, str(exported), check=0)
    sent = len(world.writes())
    for operand in (cut_off.name, str(exported)):
        found = cordon("verify", operand, "--settle", "0", "--output", "json", check=1).json
        lacking = {c["check"] for t in found["targets"] for c in t["checks"] if c["required"] and c["state"] == "false"}
        assert found["unfinished"] and found["verdict"] == "OPEN"
        assert {"step 'password' was carried out", "step 'sessions' was carried out"} <= lacking, lacking
        text = cordon("verify", operand, "--settle", "0", check=1).stdout
        for command in ("resume", "verify", "show"):
            assert f"cordon {command} {operand}" in text, text
        assert operand == cut_off.name or f"cordon show {cut_off.name}" not in text
    assert len(world.writes()) == sent
    cordon(*filled(COMMANDS["resume"], world, cut_off.name))
    assert "unfinished" not in cordon("verify", cut_off.name, "--settle", "0", "--output", "json").json


def test_a_last_line_torn_by_a_power_cut_is_no_damage(cordon, world, cut_off):
    """What was being written when the power went is not there: resume reads the account and goes on."""
    path = cut_off / "journal.jsonl"
    text = path.read_bytes()
    path.write_bytes(text[: -len(text.splitlines()[-1]) // 2])
    result = cordon(*filled(COMMANDS["resume"], world, cut_off.name))
    assert result.status in (0, 1), str(result)
    assert set(world.server.state()["users"][world.victim.name]["keys"].values()) == {"Inactive"}


# What a crash leaves, and what it cannot leave

ALL = READERS | {"report": ("report", "{run}"), "verify": ("verify", "{run}"), "export": ("export", "{run}", "x.json")}


@pytest.fixture
def finished(cordon, world):
    """A run that came to its end, twice: it was gone on with, and had something to send again."""
    cordon(*filled(CONTAIN, world))
    folder = cordon.run_folder()
    first = (folder / "result.json").read_bytes()
    world.iam.delete_user_policy(UserName=world.victim.name, PolicyName="CordonDenyAll")
    cordon(*filled(COMMANDS["resume"], world, folder.name))
    return folder, first


def none_left(path, _first):
    """Killed before the first result was in its place."""
    path.unlink()


def older_left(path, first):
    """Killed before the second one took the place of the first."""
    assert path.read_bytes() != first
    path.write_bytes(first)


@pytest.mark.parametrize("change,words", [(none_left, "is missing"), (older_left, "is older")])
def test_a_result_that_was_not_written_is_no_broken_chain(cordon, world, finished, change, words):
    folder, first = finished
    change(folder / "result.json", first)
    assert cordon("show", folder.name, "--check", check=0).says(words)
    told = cordon("report", folder.name, check=0)
    assert told.says("NOT FINISHED") and told.says("what the journal holds")
    assert cordon("runs", "--output", "json").json["runs"][0]["finished"] is False
    cordon(*filled(COMMANDS["resume"], world, folder.name))
    assert not cordon("show", folder.name, "--check", check=0).says(words)
    assert cordon("runs", "--output", "json").json["runs"][0]["finished"] is True


def test_a_result_that_was_changed_is_none(cordon, finished):
    folder, _first = finished
    path = folder / "result.json"
    path.write_bytes(path.read_bytes().replace(b"CONTAINED", b"CONTAINEd").replace(b"UNKNOWN", b"UNKNOWn"))
    assert cordon("show", folder.name, "--check", check=2).says("it was changed")


CUTS = {
    "the last line": lambda text: b"".join(text.splitlines(True)[:-1]),
    "a piece of it": lambda text: text[:-40],
    "some lines": lambda text: b"".join(text.splitlines(True)[:-2]),
}


@pytest.mark.parametrize("cut", CUTS)
def test_an_end_that_was_cut_off_is_missed_by_all(cordon, world, server, finished, cut):
    """The result is written after its line: where it stands alone, the line was taken away."""
    path = finished[0] / "journal.jsonl"
    path.write_bytes(CUTS[cut](path.read_bytes()))
    text, before, sent = path.read_bytes(), server.state(), len(world.writes())
    for words in (*ALL.values(), ("release", "{run}", "--dry-run"), ("resume", "{run}", "--dry-run")):
        result = cordon(*filled(words, world, finished[0].name), check=2)
        assert result.says("the journal's last line"), str(result)
    assert path.read_bytes() == text and len(world.writes()) == sent and server.state() == before


BEGINNINGS = {
    "no journal": ((), None),
    "nothing but a journal": ((), b""),
    "no plan": (("before.json",), b""),
    "no line": (("before.json", "plan.json"), b""),
    "half a line": (("before.json", "plan.json"), b'{"format":"cordon-journal/1","seq":1,"pr'),
}


@pytest.mark.parametrize("beginning", BEGINNINGS)
def test_stopped_before_the_first_line_nothing_was_sent(cordon, world, server, cut_off, beginning):
    kept, journal = BEGINNINGS[beginning]
    for path in cut_off.iterdir():
        if path.name not in kept:
            path.unlink()
    if journal is not None:
        (cut_off / "journal.jsonl").write_bytes(journal)
    sent = len(world.writes())
    for words in ALL.values():
        result = cordon(*filled(words, world, cut_off.name), check=2)
        assert result.says("before anything was sent") and result.says("give the command again"), str(result)
    (line,) = cordon("runs", "--output", "json").json["runs"]
    assert line["begun"] is False and line["finished"] is False
    told = cordon("runs")
    assert told.says("nothing was sent") and not told.says("NOT FINISHED") and not told.says("null")
    assert len(world.writes()) == sent


@pytest.mark.parametrize("command", COMMANDS)
def test_a_full_disk_stops_it_before_anything_is_sent(cordon, world, server, cut_off, command):
    before, sent, text = server.state(), len(world.writes()), (cut_off / "journal.jsonl").read_bytes()
    result = cordon(*filled(COMMANDS[command], world, cut_off.name), under=FULL_DISK)
    assert result.status in REFUSED, str(result)
    assert result.says("too large") or result.says("cannot write"), str(result)
    assert result.says(f"cordon export {cut_off.name} FILE") and not result.says("give a folder"), str(result)
    assert len(world.writes()) == sent and server.state() == before
    assert (cut_off / "journal.jsonl").read_bytes() == text


@pytest.mark.parametrize("command", COMMANDS)
def test_a_folder_that_is_only_for_reading(cordon, world, server, cut_off, command):
    before, sent = server.state(), len(world.writes())
    set_modes(cordon.state, 0o500, 0o400)
    try:
        result = cordon(*filled(COMMANDS[command], world, cut_off.name), under=BOUND)
    finally:
        set_modes(cordon.state, 0o700, 0o600)
    assert result.status in REFUSED, str(result)
    assert result.says("denied") or result.says("read-only"), str(result)
    assert result.says(f"cordon export {cut_off.name} FILE") and not result.says("give a folder"), str(result)
    assert len(world.writes()) == sent and server.state() == before


def test_a_first_run_on_a_full_disk(cordon, world, server):
    before = server.state()
    result = cordon(*filled(CONTAIN, world), under=FULL_DISK)
    assert result.status in REFUSED and result.says("--state-dir"), str(result)
    assert world.writes() == [] and server.state() == before


def test_a_first_run_in_a_folder_only_for_reading(cordon, world, server):
    before = server.state()
    set_modes(cordon.state, 0o500, 0o400)
    try:
        result = cordon(*filled(CONTAIN, world), under=BOUND)
    finally:
        set_modes(cordon.state, 0o700, 0o600)
    assert result.status in REFUSED and result.says("--state-dir"), str(result)
    assert world.writes() == [] and server.state() == before


def test_a_disk_that_fills_up_between_stages(cordon, world, server):
    """The first stage is out; what cannot be written down is not sent, and the error says why."""
    words = filled(CONTAIN, world)
    server.faults({"action": "PutUserPolicy", "do": "slow", "delay": 30})
    process = cordon.start(*words, under=FILLING)
    wait_until(lambda: world.sent(action="PutUserPolicy"))
    fill(process)
    server.faults()
    result = cordon.finish(process, words)
    assert result.status not in (0, 1, 130), str(result)
    assert {e["action"] for e in world.writes()} <= {"PutUserPolicy", "UpdateAccessKey"}
    assert result.status == 5 and "too large" in result.stderr, str(result)
    (warning,) = [w for w in result.json["warnings"] if "could not be written" in w]
    assert "too large" in warning and f"cordon export {cordon.run_folder().name} FILE" in warning


def test_a_disk_without_room_for_the_second_line(cordon, world, server, tmp_path):
    """The journal has begun with a line longer than all else, and nothing is sent: as in a folder that cannot be used at all."""
    protected = [word for number in range(300) for word in ("--protect", f"user/{number:050}")]
    words = [*filled(CONTAIN, world), *protected]
    cordon(*words, "--state-dir", str(tmp_path / "whole"))
    (journal,) = (tmp_path / "whole").rglob("journal.jsonl")
    world.iam.delete_user_policy(UserName=world.victim.name, PolicyName="CordonDenyAll")
    room, sent = 99 + len(journal.read_bytes().split(b"\n")[0]), len(world.writes())
    result = cordon(*words, "--state-dir", str(tmp_path / "small"), under=disk_of(room), check=2)
    assert result.says("too large") and result.says("--state-dir") and result.says("nothing was sent"), str(result)
    assert len(world.writes()) == sent
    (journal,) = (tmp_path / "small").rglob("journal.jsonl")
    assert journal.read_bytes().count(b"\n") == 1


def test_a_run_in_a_folder_only_for_reading_goes_on_elsewhere(cordon, world, server, cut_off, tmp_path):
    """What the error says to do is done."""
    set_modes(cordon.state, 0o500, 0o400)
    try:
        cordon("export", cut_off.name, str(tmp_path / "run.json"), check=0, under=BOUND)
        resume = ("resume", str(tmp_path / "run.json"), "--state-dir", str(tmp_path / "other"), *NOW)
        assert cordon(*resume, under=BOUND).status in (0, 1)
    finally:
        set_modes(cordon.state, 0o700, 0o600)
    assert set(server.state()["users"][world.victim.name]["keys"].values()) == {"Inactive"}
    assert cordon("runs", "--state-dir", str(tmp_path / "other"), "--output", "json").json["runs"][0]["finished"]


@pytest.mark.parametrize("under", [FULL_DISK, BOUND], ids=["full", "only for reading"])
def test_the_places_are_what_they_are_called(tmp_path, under):
    """The tricks themselves: nothing can be written there, and it can be read."""
    path = tmp_path / "inner" / "file"
    path.parent.mkdir()
    path.write_text("text")
    set_modes(path.parent, *((0o700, 0o600) if under is FULL_DISK else (0o500, 0o400)))
    program = f"print(open({str(path)!r}).read())\nwith open({str(path)!r}, 'r+') as file: file.write('x' * 9)"
    done = subprocess.run([*under, sys.executable, "-c", program], capture_output=True, text=True, check=False)
    set_modes(path.parent, 0o700, 0o600)
    assert done.stdout == "text\n" and done.returncode and "Error" in done.stderr
    assert path.read_text() == "text"
