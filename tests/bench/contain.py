# SPDX-License-Identifier: Apache-2.0
"""contain.py PROGRAM [ROUNDS]: how fast one user is contained by cordon, boto3 and the AWS CLI, and 200 by cordon.

Everything runs side by side in one go against one server (iam.py), at once and behind a line with a round trip of
50 ms. Times are from the start of a process until its end, medians of some rounds. boto3 and the CLI send the same
calls in the same order as cordon did, one after the other: boto3 in one process with kept connections, the CLI in a
process for each call. "short" is what a script that only contains would send, without looking at anything else.
"""

import http.client
import json
import os
import socket
import ssl
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "live"))

import iam  # noqa: E402
from botocore import xform_name  # noqa: E402
from support import certificates  # noqa: E402

DELAYS = (0, 50)
KEY = iam.key_id(0)
USERS = 200
RATE = 500
CONTAIN = ("contain", KEY, "--yes", "--irreversible", "--settle", "0")

# A stage is what can be sent only when the one before was answered.
CONNECT = ["TCP", "TLS 1.3"]
TO_DENY = ["who we are, whose the key is", "the user", "deny and keys"]
REST = [
    "the user again, what lies around him",
    "documents of policies",
    "roles that he can assume",
    "what we may do",
    "password",
    "cutoff",
    "the first reading",
    "the second reading",
]
SHORT = [
    ("sts", "GetCallerIdentity", {}),
    ("iam", "GetAccessKeyLastUsed", {"AccessKeyId": KEY}),
    ("iam", "ListAccessKeys", {"UserName": "user-0"}),
    ("iam", "ListUserPolicies", {"UserName": "user-0"}),
    ("iam", "PutUserPolicy", {"UserName": "user-0", "PolicyName": "Deny", "PolicyDocument": iam.document("*")}),
    ("iam", "UpdateAccessKey", {"UserName": "user-0", "AccessKeyId": KEY, "Status": "Inactive"}),
    ("iam", "UpdateAccessKey", {"UserName": "user-0", "AccessKeyId": iam.key_id(1), "Status": "Inactive"}),
    ("iam", "DeleteLoginProfile", {"UserName": "user-0"}),
    ("iam", "PutUserPolicy", {"UserName": "user-0", "PolicyName": "Cutoff", "PolicyDocument": iam.document("*")}),
    ("iam", "GetUserPolicy", {"UserName": "user-0", "PolicyName": "Deny"}),
    ("iam", "GetUserPolicy", {"UserName": "user-0", "PolicyName": "Cutoff"}),
    ("iam", "ListAccessKeys", {"UserName": "user-0"}),
    ("iam", "GetLoginProfile", {"UserName": "user-0"}),
    ("iam", "ListUserPolicies", {"UserName": "user-0"}),
]


class Child:
    """A server of iam.py, which ends with us."""

    def __init__(self, *words):
        command = [sys.executable, HERE / "iam.py", *map(str, words)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.ports = [int(p) for p in self.process.stdout.readline().split()]

    def stop(self):
        """Its stdin ends."""
        self.process.stdin.close()
        self.process.wait(10)


class Run:
    """One run of a client, and what the server saw of it."""

    def __init__(self, began, took, memory, state):
        self.began, self.took, self.memory, self.log = began, took, memory, state["log"]
        self.connections, self.greetings = state["connections"], state["greetings"]
        assert not state["unknown"], state["unknown"]

    def until(self, found):
        """Seconds until the server carried out the first call like this."""
        return next(e["at"] + e["took"] for e in self.log if found(e)) - self.began

    def deny(self):
        """Until the first deny stands."""
        return self.until(lambda e: e["action"] == "PutUserPolicy")

    def key_off(self):
        """Until the leaked key is off."""
        return self.until(lambda e: e["action"] == "UpdateAccessKey" and e["params"]["AccessKeyId"] == KEY)

    def served(self):
        """The server's own share."""
        return sum(e["took"] for e in self.log)


class Bench:
    """The server, and what every client is given."""

    def __init__(self, program, folder):
        self.program, self.folder = Path(program).resolve(), Path(folder)
        self.ca, certificate, key = certificates.make(self.folder)
        self.server = Child("serve", certificate, key)
        self.lines = {}
        self.calls = self.folder / "calls.json"

    def stop(self):
        """The servers end."""
        for child in (*self.lines.values(), self.server):
            child.stop()

    def order(self, wish):
        """Through the server's door."""
        with socket.create_connection(("127.0.0.1", self.server.ports[1])) as door:
            door.sendall(json.dumps(wish).encode() + b"\n")
            with door.makefile() as answer:
                return json.loads(answer.readline())

    def url(self, delay):
        """Where the server is, so many milliseconds away."""
        if delay == 0:
            return f"https://127.0.0.1:{self.server.ports[0]}"
        if delay not in self.lines:
            self.lines[delay] = Child("line", self.server.ports[0], delay)
        return f"https://127.0.0.1:{self.lines[delay].ports[0]}"

    def environment(self):
        """Nobody else's configuration."""
        return {
            "PATH": "/usr/bin:/bin",
            "LC_ALL": "C.UTF-8",
            "HOME": str(self.folder),
            "AWS_ACCESS_KEY_ID": "AKIARESPONDER0000000",
            "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CA_BUNDLE": str(self.ca),
        }

    def spawn(self, command):
        """Run to the end; status and most memory in KiB, which is looked at all the while."""
        command = [str(c) for c in command]
        child = subprocess.Popen(
            command, env=self.environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=self.folder
        )
        memory = 0
        while child.poll() is None:
            memory = max(memory, peak(child.pid))
            time.sleep(0.002)
        return child.returncode, memory

    def measure(self, commands, users=1, statuses=(0,)):
        """Processes one after the other, as one run."""
        self.order({"reset": users})
        began, memory = time.monotonic(), 0
        for command in commands:
            status, most = self.spawn(command)
            assert status in statuses, f"{command}: status {status}"
            memory = max(memory, most)
        return Run(began, time.monotonic() - began, memory, self.order({}))

    def cordon(self, delay, *words, users=1):
        """With --settle 0 a containment ends UNKNOWN: 1."""
        words += ("--endpoint-url", self.url(delay), "--state-dir", self.folder / "runs", "--output", "json")
        return self.measure([[self.program, *words]], users, (1,))

    def boto(self, delay, calls):
        """One process."""
        self.calls.write_text(json.dumps(calls))
        return self.measure([[sys.executable, HERE / "boto.py", self.url(delay), self.calls]])

    def cli(self, delay, calls):
        """A process for each call; what is not there is 254 or 255."""
        aws = Path(sys.executable).parent / "aws"
        fixed = ["--endpoint-url", self.url(delay), "--cli-input-json"]
        commands = [[aws, s, xform_name(a, "-"), *fixed, json.dumps(p)] for s, a, p in calls]
        return self.measure(commands, statuses=(0, 254, 255))


def peak(pid):
    """The most memory a process had so far, in KiB."""
    try:
        with open(f"/proc/{pid}/status", encoding="ascii") as file:
            return next((int(line.split()[1]) for line in file if line.startswith("VmHWM")), 0)
    except OSError:
        return 0


def same_calls(log):
    """The calls of a log with their parameters, as boto3 and the CLI take them."""
    calls = []
    for entry in log:
        params = {k: v for k, v in entry["params"].items() if k not in ("Action", "Version")}
        for name in sorted({k.partition(".")[0] for k in params if ".member." in k}):
            items = sorted((int(k.rpartition(".")[2]), k) for k in params if k.startswith(name + ".member."))
            params[name] = [params.pop(k) for _, k in items]
        for name in [k for k in params if k == "MaxItems"]:
            params[name] = int(params[name])
        service = "sts" if entry["action"] == "GetCallerIdentity" else "iam"
        calls.append((service, entry["action"], params))
    return calls


def median(runs, what=lambda run: run.took):
    """Of one figure of some runs."""
    return statistics.median(what(run) for run in runs)


def round_trip(bench, delay):
    """Seconds, as measured by requests on one connection."""
    tls = ssl.create_default_context(cafile=str(bench.ca))
    host = bench.url(delay).rpartition("/")[2]
    line = http.client.HTTPSConnection(host, context=tls)
    took = []
    for _ in range(20):
        began = time.monotonic()
        line.request("HEAD", "/")
        line.getresponse().read()
        took.append(time.monotonic() - began)
    line.close()
    return statistics.median(took[1:])


def say(name, seconds, more=""):
    """One row."""
    print(f"  {name:<44}{seconds * 1000:>9.0f} ms  {more}")


def one_user(bench, delay, rounds):
    """Cordon, boto3 and the CLI in turn, so that a busy machine is busy for each of them."""
    ours, theirs, short_theirs, clis, short_clis = [], [], [], [], []
    calls = same_calls(bench.cordon(delay, *CONTAIN).log)
    for n in range(rounds):
        ours += [bench.cordon(delay, *CONTAIN) for _ in range(3)]
        theirs.append(bench.boto(delay, calls))
        short_theirs.append(bench.boto(delay, SHORT))
        if n < (rounds + 3) // 4:
            clis.append(bench.cli(delay, calls))
            short_clis.append(bench.cli(delay, SHORT))
    mine = median(ours)
    print(f"one user, {delay} ms round trip ({round_trip(bench, delay) * 1000:.1f} measured), {len(calls)} calls")
    say("cordon", mine, f"{len(ours[0].log)} requests, {ours[0].connections} connections, {len(ours)} rounds")
    rows = (
        ("boto3, the same calls", theirs),
        ("AWS CLI, the same calls", clis),
        (f"boto3, short ({len(SHORT)} calls)", short_theirs),
        (f"AWS CLI, short ({len(SHORT)} calls)", short_clis),
    )
    for name, runs in rows:
        say(name, median(runs), f"{median(runs) / mine:.1f} times cordon, {len(runs)} rounds")
    say("the server's own time, in cordon's runs", median(ours, Run.served))
    limits(ours, delay)
    return ours


def limits(ours, delay):
    """What the wire alone takes: each stage is a round trip."""
    trip = delay / 1000
    whole = len(CONNECT + TO_DENY + REST)
    first = len(CONNECT + TO_DENY) - 0.5
    if not delay:
        say("until the deny stands", median(ours, Run.deny))
        say("until the leaked key is off", median(ours, Run.key_off))
        return
    say(f"the wire's limit: {whole} stages", whole * trip, f"cordon takes {median(ours) / whole / trip:.2f} times that")
    for name, what in (("the deny stands", Run.deny), ("the leaked key is off", Run.key_off)):
        over = median(ours, what) - first * trip
        say(f"until {name}", median(ours, what), f"{over * 1000:.0f} ms over its limit, {first} round trips")


def many_users(bench):
    """200 users in one run, at a rate that is set; and the same calls for one user among 5,000 as for one alone."""
    names = [f"user/user-{n}" for n in range(USERS)]
    more = ("--max-operations", "5000", "--rate", str(RATE))
    words = ("contain", *names, *CONTAIN[2:], *more)
    print(f"{USERS} users in one run, 50 ms round trip, --rate {RATE}")
    run = bench.cordon(50, *words, users=USERS)
    # A second's worth goes at once, so a run takes a second less than its rate says.
    least = (len(run.log) - RATE) / RATE
    say("cordon", run.took, f"{len(run.log)} requests, {len(run.log) / run.took:.0f} a second")
    say("the rate's limit", least, f"cordon takes {run.took / least:.2f} times that")
    denied = [e for e in run.log if e["action"] == "PutUserPolicy"][USERS - 1]
    say("until the last of them is denied", denied["at"] - run.began)
    print(f"  {'memory at most':<44}{run.memory / 1024:>9.1f} MiB")
    counts = [len(bench.cordon(0, *CONTAIN, users=n).log) for n in (1, 5000)]
    print(f"  {'requests in an account of 1 and 5,000 users':<44}{counts[0]:>9} and {counts[1]}")


def start_up(bench):
    """Without the network."""
    took = []
    for _ in range(50):
        began = time.monotonic()
        subprocess.run([bench.program, "--version"], stdout=subprocess.DEVNULL, check=True)
        took.append(time.monotonic() - began)
    print(f"  {'start-up (--version)':<44}{statistics.median(took) * 1000:>9.1f} ms")


def main():
    """All of it."""
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    print(__doc__.partition("\n\n")[2])
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(sys.argv[1], folder)
        try:
            print("stages: " + "; ".join(CONNECT + TO_DENY + REST))
            print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}\n")
            for delay in DELAYS:
                ours = one_user(bench, delay, rounds)
            print(f"  {'memory at most':<44}{max(r.memory for r in ours) / 1024:>9.1f} MiB")
            start_up(bench)
            many_users(bench)
        finally:
            bench.stop()


if __name__ == "__main__":
    main()
