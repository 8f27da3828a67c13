# SPDX-License-Identifier: Apache-2.0
"""Running the program under test: a clean environment, its output taken apart, its run folder read."""

import hashlib
import json
import os
import pty
import select
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[3]
PROGRAM = os.environ.get("CORDON", str(REPOSITORY / "build" / "cordon"))
LIMIT = 300
PASSED_ON = ("ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS", "LLVM_PROFILE_FILE")
MEASURE = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""
CRASHED = ("AddressSanitizer", "LeakSanitizer", "runtime error:", "UndefinedBehaviorSanitizer")


@dataclass
class Result:
    """What came out of one run of the program."""

    args: tuple
    status: int
    stdout: str
    stderr: str
    tty: str = ""

    @property
    def json(self):
        """The one document on stdout."""
        return json.loads(self.stdout)

    def says(self, text):
        """Whether the words stand in what a person would see."""
        return text.lower() in (self.stdout + self.stderr + self.tty).lower()

    def __str__(self):
        return f"cordon {' '.join(self.args)}\nstatus {self.status}\n{self.stdout}\n{self.stderr}\n{self.tty}"


def sanitized():
    """Whether the program carries AddressSanitizer, which needs far more memory."""
    return b"__asan_init" in Path(PROGRAM).read_bytes()


class Cordon:
    """The program with a private home and somebody's credentials."""

    def __init__(self, server, credentials, folder):
        self.server, self.folder = server, Path(folder)
        self.state = self.folder / "state"
        self.env = self._environment(credentials)

    def _environment(self, credentials):
        env = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TERM": "dumb", "AWS_EC2_METADATA_DISABLED": "true"}
        env |= {k: os.environ[k] for k in PASSED_ON if k in os.environ}
        places = {
            "HOME": "home",
            "XDG_CONFIG_HOME": "config",
            "XDG_STATE_HOME": "state",
            "XDG_CACHE_HOME": "cache",
            "XDG_DATA_HOME": "data",
            "TMPDIR": "tmp",
        }
        for name, place in places.items():
            (self.folder / place).mkdir(mode=0o700, exist_ok=True)
            env[name] = str(self.folder / place)
        return env | credential_variables(credentials) | {"AWS_REGION": "us-east-1"}

    def command(self, args, endpoint=True):
        """The argument vector; the endpoint is typed unless a test does without."""
        typed = (
            ["--endpoint-url", self.server.url]
            if endpoint is True
            else ["--endpoint-url", endpoint] if endpoint else []
        )
        return [PROGRAM, args[0], *typed, *args[1:]]

    def environment(self, changes):
        """The clean environment with changes; None takes a variable away."""
        return {k: v for k, v in (self.env | (changes or {})).items() if v is not None}

    def start(self, *args, env=None, endpoint=True, stdin=None, under=()):
        """Start the program without a terminal; `under` is a command that runs the rest of its words."""
        return subprocess.Popen(
            [*under, *self.command(args, endpoint)],
            env=self.environment(env),
            cwd=self.folder,
            stdin=subprocess.PIPE if stdin is not None else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            text=True,
            errors="surrogateescape",
        )

    def finish(self, process, args=(), stdin=None):
        """Wait for a started program; whatever it did, it must not have crashed."""
        try:
            stdout, stderr = process.communicate(stdin, timeout=LIMIT)
        except subprocess.TimeoutExpired:
            process.kill()
            stdout, stderr = process.communicate()
            raise AssertionError(f"cordon {args} did not end\n{stdout}\n{stderr}") from None
        result = Result(tuple(map(str, args)), process.returncode, stdout, stderr)
        assert result.status >= 0 or result.status == -signal.SIGKILL, f"killed by signal\n{result}"
        assert not any(word in stderr for word in CRASHED), str(result)
        return result

    def __call__(self, *args, env=None, stdin=None, check=None, endpoint=True, under=()):
        """Run to the end; `check` is the status that is expected."""
        result = self.finish(self.start(*args, env=env, endpoint=endpoint, stdin=stdin, under=under), args, stdin)
        assert check is None or result.status == check, str(result)
        return result

    def peak_memory(self, *args):
        """The most memory one run had, in KiB: measured by a process that has no other child."""
        command = [sys.executable, "-c", MEASURE, *self.command(args)]
        done = subprocess.run(
            command,
            env=self.env,
            cwd=self.folder,
            capture_output=True,
            text=True,
            start_new_session=True,
            timeout=LIMIT,
        )
        return int(done.stdout.split()[-1])

    def json(self, *args, **kwargs):
        """Run with --output json; the document."""
        return self(*args, "--output", "json", **kwargs).json

    def contain(self, *args, check=1, **kwargs):
        """Contain at once, without the wait that a verdict needs: by design the answer is UNKNOWN, status 1."""
        return self.json("contain", *args, "--yes", "--settle", "0", check=check, **kwargs)

    def answer(self, answers, *args, env=None, endpoint=True):
        """Run with a terminal of its own; give one answer to each question."""
        out, err = self.folder / "stdout", self.folder / "stderr"
        pid, terminal = pty.fork()
        if pid == 0:
            _become(self.command(args, endpoint), self.environment(env), self.folder, out, err)
        tty, status = _converse(pid, terminal, list(answers))
        return Result(tuple(map(str, args)), status, out.read_text(), err.read_text(), tty)

    def run_folder(self):
        """The folder of the newest run."""
        journals = sorted(self.folder.rglob("journal.jsonl"), key=lambda p: p.stat().st_mtime)
        assert journals, "no run was written down"
        return journals[-1].parent

    def journal(self):
        """The newest run's journal, its hash chain proved."""
        return read_journal(self.run_folder() / "journal.jsonl")


def credential_variables(credentials):
    """Credentials as environment variables."""
    env = {"AWS_ACCESS_KEY_ID": credentials["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": credentials["SecretAccessKey"]}
    if credentials.get("SessionToken"):
        env["AWS_SESSION_TOKEN"] = credentials["SessionToken"]
    return env


def read_journal(path):
    """The lines of a journal; each names the hash of the one before."""
    lines = path.read_bytes().split(b"\n")
    assert lines.pop() == b"", "the last line of the journal is not ended"
    before = None
    for number, line in enumerate(lines):
        prev = json.loads(line).get("prev")
        if before is None:
            assert prev in (None, "", "0" * 64, hashlib.sha256(b"").hexdigest()), f"line 1: {prev}"
        else:
            whole = {hashlib.sha256(before).hexdigest(), hashlib.sha256(before + b"\n").hexdigest()}
            assert prev in whole, f"line {number + 1} does not follow line {number}"
        before = line
    return [json.loads(line) for line in lines]


def _become(command, env, folder, out, err):
    """In the child: stdout and stderr into files, the terminal stays at /dev/tty and stdin."""
    for descriptor, path in ((1, out), (2, err)):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), descriptor)
    os.chdir(folder)
    os.execve(command[0], command, env)


def _converse(pid, terminal, answers):
    """Answer whenever the program has written something and then falls silent."""
    heard, fresh, deadline = b"", False, time.monotonic() + LIMIT
    while time.monotonic() < deadline:
        ready, _, _ = select.select([terminal], [], [], 0.3)
        if ready:
            try:
                data = os.read(terminal, 4096)
            except OSError:
                break
            if not data:
                break
            heard, fresh = heard + data, True
        elif fresh and answers:
            os.write(terminal, answers.pop(0).encode() + b"\n")
            fresh = False
    else:
        os.kill(pid, signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    os.close(terminal)
    return heard.decode("utf-8", "replace"), os.waitstatus_to_exitcode(status)


def wait_until(condition, seconds=30):
    """Wait for something that another process does."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = condition()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError("it did not happen in time")
