# SPDX-License-Identifier: Apache-2.0
"""hold: an attacker fights back while AWS enforces late; and what others do meanwhile is reported, never touched."""

import json
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from support.expect import text_of
from support.fighter import Fighter
from support.program import Cordon, read_journal, wait_until
from support.server import Server
from support.world import ALLOW_ALL, World, document, trust

LAG = 4.0
AFTER = 4
LEFT = "drift left standing (needs --irreversible)"
NOW = ("--yes", "--settle", "0", "--output", "json")
OTHERS = ("early-user", "late-user", "backdoor", "unreachable", "carol")
STRANGER = trust("arn:aws:iam::999988887777:root")


class Scene:
    """An account in which everything lags, a user who may do anything, and a run that contains him."""

    def __init__(self, folder):
        folder.mkdir()
        self.server = Server()
        self.world = World(self.server)
        self.iam = self.server.iam
        self.user = {"UserName": self.world.victim.name}
        self.iam.put_user_policy(**self.user, PolicyName="daily-work", PolicyDocument=document(ALLOW_ALL))
        self.cordon = Cordon(self.server, self.world.responder, folder)
        self.fighter, self.lines, self.started = None, [], 0

    def contain(self, *more):
        """Contained, as far as one go can."""
        self.server.configure(lag=LAG)
        result = self.cordon("contain", self.world.victim.key, "--revoke-roles", *NOW, *more)
        assert result.status in (1, 5), str(result)
        self.run = result.json["run"]

    def hold(self, *more, meanwhile=lambda: None):
        """Hold it; do something else once it is at work."""
        self.started = len(self.world.sent())
        words = ("hold", self.run, "--every", "1s", "--yes", "--output", "json", *more)
        process = self.cordon.start(*words)
        wait_until(lambda: len(self.world.sent()) > self.started or process.poll() is not None)
        meanwhile()
        self.result = self.cordon.finish(process, words)
        self.ended = time.time()
        self.lines = self.result.stdout.splitlines()
        self.document = json.loads(self.lines[-1]) if self.lines else None
        self.written = [e for e in self.world.sent()[self.started :] if e["write"]]

    def stop(self):
        """The end of the server, and of whoever fights."""
        self.server.stop()


def fought(scene):
    """The principal's own identity only, from before the first write until after the verdict."""
    scene.fighter = Fighter(scene.world, scene.world.deploy)
    scene.fighter.start()
    scene.contain("--irreversible")
    scene.hold("--for", "30s", "--irreversible")
    rounds = scene.fighter.rounds
    wait_until(lambda: scene.fighter.rounds >= rounds + AFTER or scene.fighter.failure)
    scene.fighter.stop()
    scene.log = scene.server.ask("log")
    scene.server.configure(lag=0)
    scene.works = [thief.steal() for thief in scene.fighter.holds]


def others(scene):
    """Another identity makes things of its own."""
    iam = scene.iam
    iam.create_user(UserName="late-user")
    scene.key = iam.create_access_key(UserName="carol")["AccessKey"]["AccessKeyId"]
    iam.create_role(RoleName="backdoor", AssumeRolePolicyDocument=STRANGER)
    iam.update_assume_role_policy(RoleName="unreachable", PolicyDocument=STRANGER)
    scene.made = theirs(scene)


def theirs(scene):
    """What the other identity made or changed, as it is."""
    state = scene.server.state(texts=True)
    return {name: state["users"].get(name) or state["roles"].get(name) for name in OTHERS}


def watched(scene, *more):
    """Nobody fights; somebody else is at work, before and during the hold."""
    scene.contain("--irreversible")
    scene.iam.create_user(UserName="early-user")
    scene.hold("--for", "15s", *more, meanwhile=lambda: others(scene))


def returned(scene):
    """A key comes back to life and a password is made; writes without a way back are not allowed."""
    scene.contain("--irreversible")
    key = {"AccessKeyId": scene.world.victim.key, "Status": "Active"}

    def meanwhile():
        journal = scene.cordon.run_folder() / "journal.jsonl"
        wait_until(lambda: '"event":"hold"' in journal.read_text())
        scene.iam.update_access_key(**scene.user, **key)
        scene.iam.create_login_profile(**scene.user, Password="correct horse battery staple 4!")

    scene.hold("--for", "20s", meanwhile=meanwhile)
    scene.left = scene.server.state()["users"][scene.world.victim.name]
    scene.verified = scene.cordon("verify", scene.run, "--output", "json")
    scene.facts = scene.cordon("report", scene.run, "--output", "json", check=0).json
    (made,) = [one for one in scene.facts["remaining"] if one["kind"] == "made-since"]
    scene.cordon(*made["command"].split()[1:], "--yes", "--settle", "0", check=0)
    scene.after = scene.cordon("verify", scene.run, "--output", "json")


def undenied(scene):
    """The deny goes while it holds, and whatever is read after the first answers takes its time."""
    scene.contain("--irreversible")

    def meanwhile():
        journal = scene.cordon.run_folder() / "journal.jsonl"
        wait_until(lambda: '"event":"hold"' in journal.read_text())
        scene.server.faults({"action": "GetUserPolicy", "params": {"PolicyName": "daily-work"}, "do": "slow", "delay": 1, "times": 0})
        scene.iam.delete_user_policy(**scene.user, PolicyName="CordonDenyAll")

    scene.hold("--for", "15s", meanwhile=meanwhile)
    scene.log = scene.server.ask("log")


SCENES = {
    "fought": fought,
    "watched": lambda scene: watched(scene, "--watch-account"),
    "unwatched": watched,
    "returned": returned,
    "undenied": undenied,
}


@pytest.fixture(scope="module")
def scenes(tmp_path_factory):
    """All of them at once, each on a server of its own: most of the time they wait."""
    folder = tmp_path_factory.mktemp("hold")
    found = {name: Scene(folder / name) for name in SCENES}
    with ThreadPoolExecutor(len(SCENES)) as pool:
        futures = {name: pool.submit(SCENES[name], scene) for name, scene in found.items()}
    yield {name: (found[name], future.exception()) for name, future in futures.items()}
    for scene in found.values():
        scene.stop()


def scene_of(scenes, name):
    """One scene; what went wrong in it is this test's failure."""
    scene, error = scenes[name]
    if error:
        raise error
    return scene


def test_the_attacker_really_fought(scenes):
    """Before the end he undid denies, switched keys on and made new ones; else the rest proves nothing."""
    scene = scene_of(scenes, "fought")
    his = [e for e in scene.log if e["key"] in scene.fighter.keys() and e["done"]]
    did = {e["action"] for e in his}
    assert {"DeleteUserPolicy", "AssumeRole"} <= did and did & {"CreateAccessKey", "UpdateAccessKey"}
    assert any(e["key"] in {k["AccessKeyId"] for k in scene.world.victim.keys} for e in his)


def test_hold_ends_contained(scenes):
    scene = scene_of(scenes, "fought")
    assert scene.result.status == 0, str(scene.result)
    assert scene.document["verdict"] == "CONTAINED"
    assert {t["verdict"] for t in scene.document["targets"] if not t.get("expanded_from")} == {"CONTAINED"}


def test_nothing_the_attacker_holds_works_afterwards(scenes):
    """Not once from the verdict on, while he goes on trying; and nothing waits to become valid."""
    scene = scene_of(scenes, "fought")
    late = [e for e in scene.log if e["key"] in scene.fighter.keys() and e["time"] > scene.ended]
    assert late, "he went on trying"
    assert [e for e in late if e["done"] and e["action"] != "GetCallerIdentity"] == []
    assert len(scene.works) > 5 and "ok" not in scene.works


@pytest.mark.parametrize("name", ["fought", "returned"])
def test_each_round_is_on_record(scenes, name):
    scene = scene_of(scenes, name)
    assert len(scene.lines) > 2 and all(isinstance(json.loads(line), dict) for line in scene.lines)
    denies = [e for e in scene.world.sent(action="PutUserPolicy") if "CordonDenyAll" in e["params"].values()]
    assert name == "returned" or len(denies) > 1, "he undid the deny, so that it was written again"
    assert name == "fought" or scene.written, "something came back, so that something was written again"
    journals = [read_journal(path) for path in scene.cordon.state.rglob("journal.jsonl")]
    intents = [line for lines in journals for line in lines if line["event"] == "intent"]
    assert len(intents) >= len(scene.written)


def reported(scene):
    """The facts of the report."""
    return scene.cordon("report", scene.run, "--output", "json", check=0).json


@pytest.mark.parametrize("name", ["fought", "returned"])
def test_each_round_is_in_the_report(scenes, name):
    """Quiet ones too: all rounds from the first to the last, without a gap; those with drift have it."""
    scene = scene_of(scenes, name)
    (hold,) = reported(scene)["holds"]
    rounds = [number for span in hold["rounds"] for number in range(span["from"], span["to"] + 1)]
    assert rounds == list(range(1, scene.document["hold"]["rounds"] + 1))
    assert sum(bool(span["drift"]) for span in hold["rounds"]) == scene.document["hold"]["drift"]
    assert hold["verdict"] == scene.document["verdict"] and not hold["watched"]
    text = scene.cordon("report", scene.run, check=0).stdout
    assert "## Hold" in text and "organization" in text
    if name == "returned":
        assert any(span["drift"] for span in hold["rounds"]) and "left standing" in text
        assert "Made by somebody else after containment" in text and "cordon delete-login-profile" in text


def test_what_appeared_is_in_the_report(scenes):
    scene = scene_of(scenes, "watched")
    facts = reported(scene)
    assert facts["verdict"] == "OPEN" and facts["holds"][0]["watched"]
    said = text_of([one for one in facts["remaining"] if one["kind"] == "appeared"])
    assert [name for name in OTHERS if name not in said] == []
    assert "because of what appeared" in scene.cordon("report", scene.run, check=0).stdout


def test_watching_the_account_turns_the_verdict(scenes):
    scene = scene_of(scenes, "watched")
    assert scene.result.status == 1, str(scene.result)
    assert scene.document["verdict"] == "OPEN"
    said = text_of(scene.document)
    assert [name for name in OTHERS if name not in said] == [] and scene.key.lower() in said
    assert "unknown" in said and "cordon contain" in said


def test_without_watching_the_scope_says_so(scenes):
    scene = scene_of(scenes, "unwatched")
    assert scene.result.status == 0, str(scene.result)
    assert scene.document["verdict"] == "CONTAINED"
    assert any("other identit" in t["scope"].lower() for t in scene.document["targets"]), scene.document["targets"]
    assert "late-user" not in text_of(scene.document)


@pytest.mark.parametrize("name", ["watched", "unwatched"])
def test_what_others_made_is_never_touched(scenes, name):
    scene = scene_of(scenes, name)
    assert theirs(scene) == scene.made
    assert [e for e in scene.written if set(e["params"].values()) & set(OTHERS)] == []


def test_the_deny_goes_out_again_before_anything_else_is_read(scenes):
    """After the first answers that show it gone, and before the policies of others are looked at."""
    scene = scene_of(scenes, "undenied")
    ours = [e for e in scene.log if e["key"] == scene.world.responder["AccessKeyId"]]
    gone = next(e["time"] for e in scene.log if e["action"] == "DeleteUserPolicy" and e["done"])
    again = next(i for i, e in enumerate(ours) if e["action"] == "PutUserPolicy" and e["time"] > gone)
    last = max(i for i, e in enumerate(ours[:again]) if e["params"].get("PolicyName") == "daily-work")
    asked = [e["params"]["PolicyName"] for e in ours[last:again] if e["action"] == "GetUserPolicy"]
    assert "CordonDenyAll" in asked, asked
    assert scene.result.status == 0 and scene.document["verdict"] == "CONTAINED", str(scene.result)


def test_what_came_back_is_contained_again_without_what_has_no_way_back(scenes):
    scene = scene_of(scenes, "returned")
    assert set(scene.left["keys"].values()) == {"Inactive"} and scene.left["password"]
    assert {e["action"] for e in scene.written} & {"DeleteLoginProfile", "DeleteAccessKey"} == set()


def test_a_password_that_was_made_and_stays_is_open(scenes):
    """The deny refuses it; but whoever made it is at work, and each round says that it is there still."""
    scene = scene_of(scenes, "returned")
    assert scene.result.status == 1 and scene.document["verdict"] == "OPEN", str(scene.result)
    assert scene.verified.status == 1 and scene.verified.json["verdict"] == "OPEN", str(scene.verified)
    lines = [json.loads(line) for line in scene.lines]
    drift = [one for line in lines if line.get("event") == "drift" for one in line["drift"]]
    assert {one["operation"]: "left" in one for one in drift} == {"UpdateAccessKey": False, "DeleteLoginProfile": True}
    states = [line["state"] for line in lines if line.get("event") == "hold"]
    first = states.index(LEFT)
    assert set(states[first:]) == {LEFT} and len(states) > first + 1, states
    assert scene.after.status == 0 and scene.after.json["verdict"] == "CONTAINED", "the ready command ends it"
