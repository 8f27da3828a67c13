# SPDX-License-Identifier: Apache-2.0
"""Each call of a run goes wrong in each way; then the run is finished, and released, and nothing may show."""

import shutil
import time
from dataclasses import dataclass

from .normal import KEYS, SWITCHED, TAIL, Span, differences, normal, released, shape, with_tails
from .program import Cordon, read_journal
from .world import ACCOUNT, World, deny, document

NOW = ("--yes", "--irreversible", "--settle", "0", "--output", "json")
# Nothing is tried again in the run that goes wrong: a fault that is ridden out proves nothing about what comes after
ONCE = {"AWS_MAX_ATTEMPTS": "1"}
KINDS = {
    "throttled": {"do": "throttle"},
    "denied": {"do": "error", "code": "AccessDenied", "status": 403},
    "failing": {"do": "error", "code": "ServiceFailure", "status": 500},
    "page": {"do": "html"},
    "cut-before": {"do": "cut-before"},
    "cut-after": {"do": "cut-after"},
    "kill-before": {"do": "kill-before"},
    "kill-after": {"do": "kill-after"},
    "offline": {"do": "cut-before", "times": 0},
    "expired": {"do": "error", "code": "ExpiredToken", "status": 403, "times": 0},
}
# What is counted of a case: of the points, releases were spared where the journal said no more than one that was released
# before (alike), and where what was done has no way back (one_way)
COUNTED = ("points", "releases", "alike", "one_way")
HELD = ("sh", "-c", 'read -r _ && exec "$@" </dev/null', "sh")
AWS = "arn:aws:iam::aws:policy/"
U = {"UserName": "anna.dev"}


@dataclass(frozen=True)
class Case:
    """A playbook with its parameters, what is done to the account beforehand, and what cannot be taken back at all.

    `share` is for `make test`: 0 leaves the case to `make torture`, else each call meets one of so many kinds."""

    playbook: str
    settings: tuple
    given: tuple = ()
    options: tuple = ()
    share: int = 0
    way_back: bool = True
    note: str = ""

    def __str__(self):
        words = (self.playbook, self.settings[0], *(s.partition("=")[0] for s in self.settings[1:]), self.note)
        return "-".join(word for word in words if word)


ON_ANNA, ON_DEPLOY, ROLES = "user=anna.dev", "role=deploy", "revoke_roles=true"
QUARANTINE = ("attach_user_policy", U | {"PolicyArn": AWS + "AWSCompromisedKeyQuarantineV3"})
KEY_OFF = ("update_access_key", U | {"AccessKeyId": "{key}", "Status": "Inactive"})
DENY = ("put_user_policy", U | {"PolicyName": "CordonDenyAll", "PolicyDocument": document(deny("*"))})
DENY_TOO = ("attach_user_policy", U | {"PolicyArn": AWS + "AWSDenyAll"})
OLD = {"Effect": "Deny", "Action": "*", "Resource": "*"}
OLD |= {"Condition": {"DateLessThan": {"aws:TokenIssueTime": "2020-01-01T00:00:00Z"}}}
OLD_CUTOFF = ("put_role_policy", {"RoleName": "deploy", "PolicyName": "AWSRevokeOlderSessions"})
OLD_CUTOFF[1]["PolicyDocument"] = document(OLD)
CASES = (
    Case("attacker-made-key", ("access_key_id={key}",)),
    Case("attacker-made-key", ("access_key_id={key}", "delete=true")),
    Case(
        "attacker-made-policy",
        ("group=developers", "inline_policies=watch", f"policies={AWS}AmazonS3ReadOnlyAccess"),
        share=4,
    ),
    Case("attacker-made-policy", (ON_ANNA, "inline_policies=daily-work", f"policies={AWS}IAMReadOnlyAccess")),
    Case("attacker-made-role", (ON_DEPLOY,)),
    Case("attacker-made-role", (ON_DEPLOY, "delete=true"), way_back=False),
    Case("attacker-made-trust", (ON_DEPLOY, f"principals=arn:aws:iam::{ACCOUNT}:root"), share=15),
    Case("attacker-made-user", (ON_ANNA, ROLES)),
    Case("attacker-made-user", (ON_ANNA, "delete=true"), way_back=False),
    Case("aws-quarantined", (ON_ANNA,), given=(QUARANTINE,)),
    Case("bedrock-api-key", (ON_ANNA,)),
    Case("clean-up", (ON_ANNA, "access_keys={key}", f"managed_denies={AWS}AWSDenyAll"), (KEY_OFF, DENY, DENY_TOO)),
    Case("compromised-access-key", ("access_key_id={key}",), share=30),
    Case("compromised-access-key", ("access_key_id={key}", ROLES)),
    Case("compromised-role", (ON_DEPLOY,), share=10),
    Case("compromised-role", (ON_DEPLOY,), given=(OLD_CUTOFF,), note="old-cutoff"),
    Case("compromised-session", (ON_DEPLOY, "session=s1")),
    Case("compromised-session", (ON_ANNA,)),
    Case("compromised-user", (ON_ANNA, ROLES)),
    Case("console-takeover", (ON_ANNA, "rogue_mfa_devices={mfa}"), options=("--case", "C-7")),
    Case("federated-session", (ON_ANNA, "session=guest", ROLES)),
    Case("mass-containment", ("users=anna.dev", "users=bob")),
    Case("stolen-role-session", (ON_DEPLOY, "session=s1", "whole_role=true")),
)


class Torture:
    """One case on one server: its start, its uninterrupted run, and any number of points."""

    def __init__(self, server, folder, case):
        self.server, self.folder, self.case = server, folder, case
        server.reset()
        self.world = World(server)
        self.points = self.releases = self.alike = self.one_way = 0
        self.known = {"{key}": self.world.victim.key, "{mfa}": self.world.victim.mfa}
        for method, parameters in case.given:
            getattr(server.iam, method)(**{k: self._filled(v) for k, v in parameters.items()})
        self.key = self.world.responder["AccessKeyId"]
        server.save("start")
        self.start = server.state(texts=True)
        self.proved = set()
        self._uninterrupted()

    def _filled(self, text):
        for name, value in self.known.items():
            text = text.replace(name, value)
        return text

    def _uninterrupted(self):
        """How many calls there are, and what they lead to."""
        cordon, since = self._fresh(), time.time()
        result = cordon(*self._apply())
        assert result.status in (0, 1), str(result)
        self.verdict = (result.status, result.json["verdict"])
        self.raw, self.span = self.server.state(texts=True), Span(since, time.time())
        self.goal = normal(self.raw, self.span)
        log = self.server.log(self.key)
        self.calls, self.writes = len(log), [number for number, entry in enumerate(log) if entry["write"]]
        assert differences(self.start, self.raw), "a run that changes nothing proves nothing"

    def _fresh(self):
        """The account as it was at the start, and a program that has never run."""
        self.server.restore("start")
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        return Cordon(self.server, self.world.responder, self.folder)

    def _apply(self):
        settings = [word for text in self.case.settings for word in ("--set", self._filled(text))]
        return ("apply", self.case.playbook, *settings, *self.case.options, *NOW)

    # One point

    def break_off(self, number, kind):
        """A run whose call of that number, from 0, goes wrong: the program, what came of it, and since when."""
        cordon, since = self._fresh(), time.time()
        words = self._apply()
        process = cordon.start(*words, env=ONCE, stdin="", under=HELD)
        self.server.faults(KINDS[kind] | {"key": self.key, "skip": number, "pid": process.pid})
        result = cordon.finish(process, words, "\n")
        self.server.settle()
        hit = [e for e in self.server.log(self.key) if e["fault"]]
        self.server.faults()
        assert hit, f"{self.calls} calls, but no call {number}\n{result}"
        return cordon, since

    def point(self, number, kind, finish):
        """One fault, and the end of the run: what is wrong then, in words."""
        self.points += 1
        cordon, since = self.break_off(number, kind)
        run = _run_of(cordon)
        words = FINISH[finish](run, self._apply())
        result = cordon(*words)
        found = normal(self.server.state(texts=True), Span(since, time.time()))
        wrong = differences(self.goal, found) or _unfinished(result) or self._careless()
        if not wrong and finish == "resume" and (result.status, result.json["verdict"]) != self.verdict:
            wrong = f"the end is right, and the verdict is not that of the uninterrupted run: {self.verdict}"
        if wrong or finish == "again":
            return wrong and f"{wrong}\n{result}"
        return self._release_both(cordon, _run_of(cordon))

    # What release makes of it

    def _release_both(self, cordon, run):
        """With every key named and no tail; and as it is without options: from the same state each time."""
        if not self.case.way_back:
            self.one_way += 1
            return ""
        kept, state = self.folder.with_name(self.folder.name + "-kept"), cordon.state
        now = shape(read_journal(cordon.run_folder() / "journal.jsonl"))
        if now in self.proved:
            self.alike += 1
            return ""
        self.server.save("contained")
        shutil.rmtree(kept, ignore_errors=True)
        shutil.copytree(state, kept)
        self.releases += 1
        keys = [word for key in self.switched_off() for word in ("--activate", key)]
        wrong = self._release(cordon, ("release", run, "--no-tail", *keys, *NOW))
        self.server.restore("contained")
        shutil.rmtree(state)
        shutil.copytree(kept, state)
        wrong = wrong or self._release(cordon, ("release", run, *NOW), *KEYS, TAIL)
        if not wrong:
            self.proved.add(now)
        return wrong

    def _release(self, cordon, words, *stays):
        contained = self.server.state(texts=True)
        result = cordon(*words)
        if result.status:
            return f"release ends with {result.status}\n{result}"
        wanted, found = released(self.start, contained, *stays), self.server.state(texts=True)
        wrong = differences(with_tails(wanted, found) if TAIL in stays else wanted, found) or self._careless()
        return wrong and f"{wrong}\n{result}"

    def _careless(self):
        """Requests that no careful client sends."""
        return "".join(str(e) for e in self.server.log(self.key) if e["violations"])

    def switched_off(self):
        """The keys, and other credentials, that the run switched off."""
        before, after = self.start["users"], self.raw["users"]
        held = [(user, kind, key) for user in after for kind in SWITCHED for key in after[user][kind]]
        off = [place for place in held if after[place[0]][place[1]][place[2]] == "Inactive"]
        return [key for user, kind, key in off if before[user][kind].get(key) == "Active"]


def _run_of(cordon):
    """The newest run that has a journal, or None."""
    journals = sorted(cordon.state.rglob("journal.jsonl"), key=lambda path: path.parent.name)
    return journals[-1].parent.name if journals else None


def _unfinished(result):
    """The account is right; the program has to say so too, but for the settling that nobody waited for."""
    if result.status not in (0, 1):
        return f"the end is right, the status is {result.status}"
    left = [r for r in result.json["results"] if r["status"] in ("failed", "unknown")]
    return f"the end is right, these are not: {left}" if left else ""


# How a run that was cut off is finished: by its name, or by the same words once more
FINISH = {
    "again": lambda _run, apply: apply,
    "resume": lambda run, apply: ("resume", run, *NOW) if run else apply,
}


def numbers(calls, kind, share):
    """The calls that meet that kind where each meets one of so many."""
    place = list(KINDS).index(kind)
    return [number for number in range(calls) if (number + place) % share == 0]
