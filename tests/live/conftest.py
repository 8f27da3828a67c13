# SPDX-License-Identifier: Apache-2.0
"""Fixtures of the live tests: servers once a session, an account afresh for each test."""

import pytest

from support import certificates
from support.program import Cordon
from support.server import Server
from support.settled import Settled
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
def settled(tmp_path_factory):
    """All runs that wait for a verdict, made once and together."""
    runs = Settled(tmp_path_factory.mktemp("settled"))
    yield runs
    runs.stop()
