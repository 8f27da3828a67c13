# SPDX-License-Identifier: Apache-2.0
"""release: what a run did, taken back, and nothing else; the thief stays out."""

import json

import pytest

from support.torture import HELD

NOW = ("--yes", "--irreversible", "--settle", "0", "--output", "json")
NAME = "anna.dev"
DENY, CUTOFF = "CordonDenyAll", "AWSRevokeOlderSessions"
THEIRS = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}]}


def contain(cordon, *more):
    """The victim, contained; the run's id."""
    return cordon("contain", NAME, *NOW, *more).json["run"]


def release(cordon, run, *more, check=0):
    """The document of a release."""
    return cordon("release", run, *NOW, *more, check=check).json


def user(server, name=NAME):
    """The victim as the server has him."""
    return server.state()["users"][name]


def writes(world, since):
    """The names of what was sent, in order."""
    return [entry["action"] for entry in world.writes()[since:]]


def test_keys_stay_off_and_the_tail_stays(cordon, world, server):
    before = user(server)
    thief = world.victim.thief()
    session = thief.session_token()
    run = contain(cordon)
    found = release(cordon, run)
    after = user(server)
    assert DENY not in after["inline"] and CUTOFF in after["inline"]
    assert set(after["keys"].values()) == {"Inactive"}
    assert {n: d for n, d in after["inline"].items() if n != CUTOFF} == before["inline"]
    assert "ok" not in (thief.steal(), session.steal()), "a stolen session does not come back to life"
    assert found["verdict"] is None and found["release"] == run and found["tails"][0]["policy"] == CUTOFF
    said = json.dumps(found["not_covered"])
    (password,) = [one for one in found["not_covered"] if "console password" in one["what"]]
    words = password["command"].split()
    assert words[:5] == ["aws", "iam", "create-login-profile", "--user-name", NAME]
    assert "--password-reset-required" in words and "file:///dev/stdin" in words and "--password" not in words
    assert "--activate " + world.victim.key in said


def test_without_tail_and_with_every_key_all_is_as_before(cordon, world, server):
    before = server.state()
    run = cordon("contain", NAME, "--yes", "--settle", "0", "--output", "json").json["run"]
    keys = [word for key in world.victim.keys for word in ("--activate", key["AccessKeyId"])]
    found = release(cordon, run, "--no-tail", *keys)
    assert server.state()["users"] == before["users"]
    assert any("--no-tail" in w for w in found["warnings"])
    assert world.victim.thief().steal() == "ok"


def test_the_tail_stands_before_the_deny_goes(cordon, world, server):
    """deny-all alone has no cutoff: the release brings one."""
    run = cordon("deny-all", "--user", NAME, *NOW).json["run"]
    since = len(world.writes())
    release(cordon, run)
    assert writes(world, since) == ["PutUserPolicy", "DeleteUserPolicy"]
    assert set(user(server)["inline"]) >= {CUTOFF}
    again = len(world.writes())
    assert release(cordon, run)["operations"] == [] and len(world.writes()) == again, "the tail has not expired"
    release(cordon, run, "--no-tail")
    assert CUTOFF not in user(server)["inline"]


def test_the_deny_stays_where_the_tail_cannot_be_put(cordon, world, server):
    run = cordon("deny-all", "--user", NAME, *NOW).json["run"]
    server.faults({"action": "PutUserPolicy", "do": "error", "code": "AccessDenied", "status": 403})
    found = release(cordon, run, check=5)
    server.faults()
    assert DENY in user(server)["inline"] and "DeleteUserPolicy" not in [e["action"] for e in world.writes()]
    assert [r["status"] for r in found["results"]] == ["failed"] and len(found["operations"]) == 2


def theirs(iam, _key):
    """Somebody writes under our name."""
    iam.put_user_policy(UserName=NAME, PolicyName=DENY, PolicyDocument=json.dumps(THEIRS))


def deny_gone(iam, _key):
    """Somebody takes our deny away."""
    iam.delete_user_policy(UserName=NAME, PolicyName=DENY)


def key_on(iam, key):
    """Somebody switches a key on that we switched off."""
    iam.update_access_key(UserName=NAME, AccessKeyId=key, Status="Active")


DRIFTS = {"document": (theirs, "sqs:*"), "deny gone": (deny_gone, "took it away"), "key on": (key_on, "on again")}


@pytest.mark.parametrize("drift", DRIFTS)
def test_drift_stops_it_with_both_versions(cordon, world, server, drift):
    """Before the first undo, whatever else the run has to take back."""
    run = cordon("contain", NAME, "role/deploy", *NOW).json["run"]
    change, words = DRIFTS[drift]
    change(world.iam, world.victim.key)
    before, sent = server.state(), len(world.writes())
    result = cordon("release", run, *NOW)
    assert result.status == 1 and server.state() == before and len(world.writes()) == sent
    (found,) = result.json["drift"]
    assert found["left"] and found["left"] != found["found"] and words in json.dumps(found)
    told = cordon("release", run, "--yes", "--settle", "0", check=1)
    assert told.says("Drift") and told.says("the run left:") and told.says("there is now:")
    assert told.says("there is now: none") == (drift == "deny gone")


def test_a_key_that_is_on_again_by_intent_is_named(cordon, world, server):
    run = contain(cordon)
    key_on(world.iam, world.victim.key)
    found = release(cordon, run, "--activate", world.victim.key)
    assert found["drift"] == [] and any("is on already" in w for w in found["warnings"])
    assert user(server)["keys"][world.victim.key] == "Active" and DENY not in user(server)["inline"]


def test_what_a_release_of_ours_took_away_is_no_drift(cordon, world, server):
    """Partly released, then finished, and the tail taken away at last: each time only what is left."""
    run = cordon("contain", NAME, "role/deploy", *NOW).json["run"]
    server.faults({"action": "DeleteRolePolicy", "do": "error", "code": "AccessDenied", "status": 403})
    release(cordon, run, check=5)
    server.faults()
    assert DENY not in user(server)["inline"]
    assert release(cordon, run)["drift"] == []
    assert release(cordon, run)["operations"] == []
    world.iam.delete_user_policy(UserName=NAME, PolicyName=CUTOFF)
    assert cordon("release", run, *NOW, check=1).json["drift"], "it kept stolen sessions out"
    assert release(cordon, run, "--no-tail")["drift"] == []
    assert release(cordon, run, "--no-tail")["operations"] == []


KILLS = [(kind, number) for kind in ("kill-before", "kill-after") for number in range(4)]


@pytest.mark.parametrize("kind,number", KILLS)
def test_a_release_that_was_killed_is_finished(cordon, world, server, kind, number):
    """At each of its writes: the same command again takes back what is left, and the record comes to its end."""
    run = cordon("contain", NAME, "role/deploy", *NOW).json["run"]
    words = ("release", run, "--no-tail", *NOW)
    process = cordon.start(*words, stdin="", under=HELD)
    key = world.responder["AccessKeyId"]
    server.faults({"key": key, "write": True, "skip": number, "do": kind, "pid": process.pid})
    assert cordon.finish(process, words, "\n").status == -9
    server.settle()
    server.faults()
    assert headline(cordon, run)[0]["released"]["state"] == "begun"
    release(cordon, run, "--no-tail")
    assert headline(cordon, run)[0]["released"]["state"] == "whole"
    outcomes = {line["operation"]["id"]: line["status"] for line in cordon.journal() if line["event"] == "outcome"}
    intents = {line["operation"]["id"] for line in cordon.journal() if line["event"] == "intent"}
    assert intents <= set(outcomes) and "RELEASED" in cordon("show", run, "--check", check=0).stdout
    state = server.state()
    inline = [*state["users"][NAME]["inline"], *state["roles"]["deploy"]["inline"]]
    assert not {DENY, CUTOFF} & set(inline)
    lines = len(cordon.journal())
    assert release(cordon, run, "--no-tail")["operations"] == [] and len(cordon.journal()) == lines


def test_what_was_stripped_comes_back_byte_for_byte(cordon, world, server):
    before = user(server)
    runs = [
        cordon(*command, "--user", NAME, "--all", *NOW).json["run"]
        for command in (("detach-policies",), ("delete-inline-policies",), ("remove-from-groups",))
    ]
    assert user(server) != before
    for run in reversed(runs):
        release(cordon, run)
    assert user(server) == before


def test_a_trust_policy_comes_back(cordon, world, server):
    before = server.state()["roles"]["deploy"]
    run = cordon("lock-trust-policy", "--role", "deploy", *NOW).json["run"]
    assert server.state()["roles"]["deploy"] != before
    release(cordon, run)
    assert server.state()["roles"]["deploy"] == before


def test_a_quarantine_of_ours_needs_no_case(cordon, world, server):
    before = user(server)
    run = cordon("quarantine", "--user", NAME, "--via", "managed", *NOW).json["run"]
    release(cordon, run)
    assert user(server) == before


def test_an_older_cutoff_of_somebody_else_comes_back(cordon, world, server):
    theirs = json.dumps(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": ["*"], "Resource": ["*"], "Condition": {"DateLessThan": {"aws:TokenIssueTime": "2026-01-01T00:00:00Z"}}}]}
    )
    world.iam.put_user_policy(UserName=NAME, PolicyName=CUTOFF, PolicyDocument=theirs)
    before = user(server)["inline"][CUTOFF]
    run = contain(cordon)
    release(cordon, run)
    assert user(server)["inline"][CUTOFF] != before, "the tail lies later, and stays"
    release(cordon, run, "--no-tail")
    assert user(server)["inline"][CUTOFF] == before


def test_tags_go_again(cordon, world, server):
    """The time in a tag is read back to the letter."""
    before = user(server)
    run = cordon("tag", "--user", NAME, "--case", "C-7", *NOW).json["run"]
    assert user(server) != before
    release(cordon, run)
    assert user(server) == before


def test_a_released_run_is_not_resumed(cordon, world):
    run = contain(cordon)
    release(cordon, run)
    refused = cordon("resume", run, "--yes", "--settle", "0", check=3)
    assert refused.says("was released")
    assert cordon("verify", run, "--settle", "0", "--output", "json", check=1).json["verdict"] == "OPEN"
    cordon("show", run, "--check", check=0)


def test_on_another_machine(cordon, world, server, tmp_path):
    run = contain(cordon)
    path, state = str(tmp_path / "run.json"), str(tmp_path / "elsewhere")
    cordon("export", run, path, check=0)
    release(cordon, path, "--state-dir", state)
    assert DENY not in user(server)["inline"]
    cordon("show", run, "--check", "--state-dir", state, check=0)


def test_two_at_once_exclude_each_other(cordon, world, server):
    run = contain(cordon)
    server.faults({"action": "DeleteUserPolicy", "do": "slow", "delay": 2})
    first = cordon.start("release", run, *NOW)
    while not server.log(action="DeleteUserPolicy"):
        pass
    second = cordon("release", run, *NOW, check=3)
    assert second.says("another cordon")
    assert cordon.finish(first).status == 0


def headline(cordon, run):
    """What the list of runs says of it: as JSON, and as text."""
    (line,) = [r for r in cordon("runs", "--output", "json").json["runs"] if r["run"] == run]
    return line, cordon("runs").stdout


def test_a_released_run_says_so(cordon, world, server):
    run = cordon("contain", NAME, "--yes", "--irreversible", "--output", "json").json["run"]
    line, text = headline(cordon, run)
    assert line["released"] is None and line["verdict"] == "CONTAINED" and "RELEASED" not in text
    server.faults({"action": "DeleteUserPolicy", "do": "error", "code": "AccessDenied", "status": 403})
    release(cordon, run, check=5)
    server.faults()
    line, text = headline(cordon, run)
    assert line["released"]["state"] == "partly" and "PARTLY RELEASED" in text and "(was CONTAINED)" in text
    release(cordon, run)
    line, text = headline(cordon, run)
    assert line["released"]["state"] == "whole" and line["verdict"] == "CONTAINED"
    assert f"RELEASED {line['released']['at']} (was CONTAINED)" in text and "PARTLY" not in text
    shown = cordon("show", run).stdout
    assert "RELEASED" in shown and "it is so no more" in shown
    report = cordon("report", run).stdout
    assert "**RELEASED**" in report and "**CONTAINED**" not in report
    facts = cordon("report", run, "--output", "json").json
    assert facts["release"]["was"] == "CONTAINED"
    assert facts["counts"]["released"] == 1 and facts["counts"]["contained"] == facts["counts"]["done"] - 1


def test_words(cordon, world):
    run = contain(cordon)
    before = len(world.writes())
    assert cordon("release", run, *NOW, "--activate", "AKIAQQQQQQQQQQQQQQQQ", check=2).says("has not switched off")
    cordon("release", "20200101T000000Z-000000", *NOW, check=2)
    cordon("release", check=2)
    cordon("release", run, "--settle", "0", check=3)
    assert cordon("release", run, "--dry-run", check=0).says("Release")
    assert len(world.writes()) == before
