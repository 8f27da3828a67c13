# SPDX-License-Identifier: Apache-2.0
"""Fixtures of the live tests: servers once a session, an account afresh for each test."""

import pytest

from support import certificates
from support.program import Cordon
from support.server import Server
from support.settled import Settled
from support.torture import COUNTED
from support.world import World


@pytest.fixture(scope="session")
def server_process():
    """The strict server over plain HTTP."""
    server = Server()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def tls_process(tmp_path_factory):
    """The strict server over TLS, with an authority of its own."""
    server = Server(certificates.make(tmp_path_factory.mktemp("tls")))
    yield server
    server.stop()


@pytest.fixture
def server(server_process):
    """The server with an empty account; no test may leave a request behind that no careful client sends."""
    server_process.reset()
    yield server_process
    assert [e for e in server_process.ask("log") if e["violations"] and e["caller"] != ROOT] == []


ROOT = "arn:aws:iam::123456789012:root"


@pytest.fixture
def world(server):
    """The account with its victim."""
    return World(server)


@pytest.fixture
def cordon(world, tmp_path):
    """The program, with the responder's credentials and a home of its own."""
    return Cordon(world.server, world.responder, tmp_path)


@pytest.fixture
def tls_world(tls_process):
    """The same account behind TLS."""
    tls_process.reset()
    return World(tls_process)


@pytest.fixture(scope="session")
def torture_process():
    """A strict server that keeps the accounts that torture puts aside."""
    server = Server()
    yield server
    server.stop()


def pytest_terminal_summary(terminalreporter):
    """How many points were tried, of each case and in all."""
    reports = [r for status in ("passed", "failed") for r in terminalreporter.getreports(status)]
    found = [dict(r.user_properties) for r in reports if "points" in dict(r.user_properties)]
    cases, names = {}, (*COUNTED, "seconds")
    for one in found:
        whole = cases.setdefault(one["case"], dict.fromkeys(names, 0))
        cases[one["case"]] = {name: whole[name] + one[name] for name in names}
    for name, whole in sorted(cases.items()):
        terminalreporter.write_line(f"torture: {name}: {_tortured(whole)}")
    if cases:
        whole = {name: sum(one[name] for one in cases.values()) for name in names}
        terminalreporter.write_line(f"torture: in all {_tortured(whole)} of work")


def _tortured(counts):
    """Why fewer were released than tried is said, too; where the same command was given again, none is."""
    spared = f"{counts['alike']} with a journal like one of these, {counts['one_way']} without a way back"
    return f"{counts['points']} points tried, {counts['releases']} released ({spared}), {counts['seconds']:.0f} s"


@pytest.fixture(scope="session")
def settled(tmp_path_factory):
    """All runs that wait for a verdict, made once and together."""
    runs = Settled(tmp_path_factory.mktemp("settled"))
    yield runs
    runs.stop()
