# SPDX-License-Identifier: Apache-2.0
"""Never half-done: each call of each playbook goes wrong in each way; the run is finished and released all the same.

`make test` takes a share of the points of the smaller playbooks, `make torture` all points of all of them, or with
SHARE=N one in N of all: each call then meets one of so many kinds.
"""

import copy
import json
import os
import time

import pytest

from support import torture
from support.normal import KEYS, LEAD, TAIL, Span, differences, normal, released, shape
from support.program import REPOSITORY
from support.world import changes

SHARE = int(os.environ.get("CORDON_TORTURE", 0))
CHOSEN = [case for case in torture.CASES if SHARE or case.share]
SMALLEST = min((case for case in torture.CASES if case.share), key=lambda case: case.share)
USER = next(case for case in CHOSEN if case.playbook == "compromised-access-key")
WRONG_SHOWN = 5
_last = {}


@pytest.fixture
def tortured(torture_process, tmp_path_factory):
    """A case by name, made ready once for as long as the same one is asked for."""

    def ready(case):
        if str(case) not in _last:
            _last.clear()
            _last[str(case)] = torture.Torture(torture_process, tmp_path_factory.mktemp("torture") / "home", case)
        return _last[str(case)]

    return ready


def tried(subject, kind, finish, share, record):
    """Every point of one kind; what was wrong, by the number of the call."""
    before, since, wrong = {name: getattr(subject, name) for name in torture.COUNTED}, time.monotonic(), {}
    for number in torture.numbers(subject.calls, kind, share):
        try:
            found = subject.point(number, kind, finish)
        except (AssertionError, ValueError, KeyError) as error:
            found = repr(error)
        if found:
            wrong[number] = found
    record("case", f"{subject.case} ({finish})")
    for name, count in before.items():
        record(name, getattr(subject, name) - count)
    record("seconds", time.monotonic() - since)
    return wrong


def told(wrong, calls):
    """The first few of what was wrong."""
    shown = [f"call {number} of {calls}: {text}" for number, text in list(wrong.items())[:WRONG_SHOWN]]
    return f"{len(wrong)} points went wrong\n" + "\n\n".join(shown)


@pytest.mark.parametrize("kind", torture.KINDS)
@pytest.mark.parametrize("case", CHOSEN, ids=str)
def test_resumed_and_released(tortured, record_property, case, kind):
    subject = tortured(case)
    wrong = tried(subject, kind, "resume", SHARE or case.share, record_property)
    assert not wrong, told(wrong, subject.calls)


@pytest.mark.parametrize("kind", torture.KINDS)
def test_the_same_command_again_finishes_too(tortured, record_property, kind):
    """A crash is the same as a power cut, and the same command again handles both."""
    subject = tortured(SMALLEST)
    wrong = tried(subject, kind, "again", SHARE or 10, record_property)
    assert not wrong, told(wrong, subject.calls)


def test_no_playbook_is_left_out():
    """A new playbook is tortured, or this says so."""
    shipped = {path.stem for path in (REPOSITORY / "playbooks").glob("*.json")} - {"playbook.schema"}
    assert shipped == {case.playbook for case in torture.CASES}


# The measure itself: it must see whatever is not a time of the run


@pytest.fixture
def states(tortured):
    """A start, what a run led to, and when that was."""
    subject = tortured(USER)
    return copy.deepcopy(subject.start), copy.deepcopy(subject.raw), subject.span


def test_a_run_that_nobody_finishes_is_seen(tortured):
    """Killed before or after each write, the account differs from the goal until the last one is done."""
    subject = tortured(USER)
    places = subject.writes
    assert len(places) >= 4
    for place in places:
        subject.break_off(place, "kill-before")
        found = normal(subject.server.state(texts=True), Span(subject.span.since, time.time()))
        assert differences(subject.goal, found), f"nothing is missing before write {place}"


def leaves(value, path=()):
    """Every leaf of a state, and every empty dict or list, by its path."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    if not inner or not value:
        yield path, value
    for key, one in inner:
        yield from leaves(one, path + (key,))


def other(value):
    """Something else of the same kind."""
    if isinstance(value, bool) or value is None:
        return not value
    if isinstance(value, (dict, list)):
        return [{"more": "more"}] if isinstance(value, list) else {"more": "more"}
    return value + 1 if isinstance(value, int) else value + "x"


def at(state, path, value):
    """A copy with another leaf."""
    made = json.loads(json.dumps(state))
    place = made
    for part in path[:-1]:
        place = place[part]
    place[path[-1]] = value
    return made


def test_every_leaf_counts(states):
    _start, state, span = states
    goal = normal(state, span)
    found = list(leaves(state))
    assert len(found) > 100
    for path, value in found:
        assert differences(goal, normal(at(state, path, other(value)), span)), path


def test_every_member_that_is_missing_counts(states):
    _start, state, span = states
    goal = normal(state, span)
    for path, _value in [(path, value) for path, value in leaves(state) if value is not None]:
        made = json.loads(json.dumps(state))
        place = made
        for part in path[:-1]:
            place = place[part]
        del place[path[-1]]
        assert differences(goal, normal(made, span)), path


def ours(state):
    """Our policies, as (path, text)."""
    found = [(p, v) for p, v in leaves(state) if "inline" in p and p[-1] in ("CordonDenyAll", "AWSRevokeOlderSessions")]
    assert len(found) == 2
    return found


def test_every_character_of_our_policies_counts_but_for_a_time_of_the_run(states):
    """One character at a time: only seconds and minutes that still are of the run go unnoticed."""
    _start, state, span = states
    goal, wide = normal(state, span), Span(span.since - 1, span.until + 1)
    for path, text in ours(state):
        unnoticed = set()
        for place, letter in enumerate(text):
            changed = text[:place] + ("7" if letter != "7" else "3") + text[place + 1 :]
            if not differences(goal, normal(at(state, path, changed), wide)):
                unnoticed.add(place)
        assert len(unnoticed) <= 3, [text[:place] + "|" + text[place:] for place in unnoticed]


@pytest.mark.parametrize("seconds", [-100_000, -3600, -120, 120, 3600, 100_000])
def test_a_time_of_another_run_counts(states, seconds):
    _start, state, span = states
    goal = normal(state, span)
    moved = Span(span.since + seconds, span.until + seconds)
    found = differences(goal, normal(state, moved))
    assert "CordonDenyAll" in found and "AWSRevokeOlderSessions" in found


def test_a_cutoff_without_its_lead_counts(states):
    """AWS's time plus 30 s: a cutoff of just now leaves the newest sessions alive."""
    _start, state, span = states
    late = Span(span.since + LEAD, span.until + LEAD)
    assert "AWSRevokeOlderSessions" in differences(normal(state, span), normal(state, late))


def test_the_order_of_tags_does_not_count(states):
    _start, state, span = states
    tags = [{"Key": "b", "Value": "1"}, {"Key": "a", "Value": "2"}]
    one, two = (at(state, ("users", "bob", "tags"), found) for found in (tags, tags[::-1]))
    assert differences(one, two) == "" and differences(one, state)
    swapped = [{"Key": "b", "Value": "2"}, {"Key": "a", "Value": "1"}]
    assert differences(one, at(state, ("users", "bob", "tags"), swapped))


def test_what_a_release_has_to_lead_to(states, tortured):
    start, state, _span = states
    whole, plain = released(start, state), released(start, state, *KEYS, TAIL)
    user = "anna.dev"
    assert set(changes(start, whole)) == {("users", user, "password")}
    keys = {("users", user, "keys", key) for key in tortured(USER).switched_off()}
    kept = keys | {("users", user, "password"), ("users", user, "inline", "AWSRevokeOlderSessions")}
    assert len(keys) == 2 and set(changes(start, plain)) == kept
    assert differences(plain, state) and differences(whole, start) and differences(whole, plain)


def test_a_key_that_is_gone_stays_gone(states):
    start, state, _span = states
    key = next(iter(start["users"]["anna.dev"]["keys"]))
    del state["users"]["anna.dev"]["keys"][key]
    state["key_index"].remove(key)
    found = released(start, state)
    assert key not in found["users"]["anna.dev"]["keys"] and key not in found["key_index"]
    assert len(found["users"]["anna.dev"]["keys"]) == 1


def test_journals_that_say_different_things_are_different(tortured):
    """What spares a second release: only times, numbers and the order within a stage may differ."""
    line = {"event": "outcome", "seq": 1, "at": "2026-11-21T12:02:34Z", "status": "done", "error": None, "before": None}
    line["operation"] = {"operation": "PutRolePolicy", "parameters": {"RoleName": "r", "At": "20261121T120234Z"}}
    again = copy.deepcopy(line) | {"seq": 2, "at": "2026-11-21T12:02:35Z"}
    again["operation"]["parameters"]["At"] = "20261121T120235Z"
    assert shape([line]) == shape([again]) != shape([line, again])
    for change in ({"status": "unknown"}, {"event": "intent"}, {"before": {}}, {"error": {"code": "X"}}):
        assert shape([line]) != shape([line | change])
    other_role = copy.deepcopy(line)
    other_role["operation"]["parameters"]["RoleName"] = "s"
    assert shape([line]) != shape([other_role])
