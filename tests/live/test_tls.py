# SPDX-License-Identifier: Apache-2.0
"""Who is believed on the wire: certificates, versions of TLS, a proxy on the way, HTTP/2."""

import socket
import ssl

import pytest

from support import certificates
from support.expect import assert_user_contained
from support.program import Cordon
from support.server import Server
from support.wire import Front, H2Front, Impostor, Proxy

AWS = ("iam.amazonaws.com", "sts.us-east-1.amazonaws.com")
KEY = {"AccessKeyId": "AKIAIOSFODNN7EXAMPLE", "SecretAccessKey": "secret"}


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    """Trusted by whoever is given its file."""
    return certificates.Authority(tmp_path_factory.mktemp("authority"))


@pytest.mark.parametrize(
    "names, days, what",
    [
        (("iam.amazonaws.com",), 0, "a wrong name"),
        (("127.0.0.1.example.com", "localhost"), 0, "names that are nearly right"),
        (("127.0.0.1",), -2, "expired"),
        (("127.0.0.1",), 2, "not valid yet"),
    ],
)
def test_a_certificate_that_is_refused(authority, tmp_path, names, days, what):
    """Nothing is said to such a server, and the message tells what is wrong."""
    with Impostor(*authority.issue(f"server{days}", names, days)) as impostor:
        program = Cordon(None, KEY, tmp_path)
        for command in (["contain", KEY["AccessKeyId"], "--yes"], ["whoami"]):
            result = program(*command, "--ca-bundle", str(authority.path), endpoint=impostor.url, check=6)
            assert result.says("certificate"), what
        assert impostor.heard == []


def test_an_unknown_authority_is_refused(authority, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    bundle = str(certificates.Authority(other).path)
    with Impostor(*authority.issue("server")) as impostor:
        for trusted in (["--ca-bundle", bundle], []):
            result = Cordon(None, KEY, tmp_path)("whoami", *trusted, endpoint=impostor.url, check=6)
            assert result.says("certificate") and result.says("--ca-bundle")
        assert impostor.heard == []


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
@pytest.mark.filterwarnings("ignore:ssl.TLSVersion")
def test_old_tls_is_refused(authority, tmp_path, version):
    with Impostor(*authority.issue("server"), version) as impostor:
        Cordon(None, KEY, tmp_path)("whoami", "--ca-bundle", str(authority.path), endpoint=impostor.url, check=6)
        assert impostor.heard == []


def test_tls_12_is_enough(authority, tmp_path):
    """The counterpart: with the right version and name the request comes through."""
    with Impostor(*authority.issue("server"), ssl.TLSVersion.TLSv1_2) as impostor:
        Cordon(None, KEY, tmp_path)("whoami", "--ca-bundle", str(authority.path), endpoint=impostor.url, check=6)
        assert b"POST / HTTP/1.1" in b"".join(impostor.heard)


# AWS's own names, through a proxy that connects each of them to the strict server.


@pytest.fixture(scope="module")
def aws(authority):
    """The strict server under AWS's names."""
    server = Server((authority.path, *authority.issue("aws", (*AWS, "127.0.0.1"))))
    yield server
    server.stop()


@pytest.fixture
def aws_world(aws):
    """The account behind them."""
    from support.world import World

    aws.reset()
    return World(aws)


def port_of(server):
    """Of its URL."""
    return int(server.url.rpartition(":")[2])


@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "https_proxy"])
def test_a_proxy(aws_world, authority, tmp_path, variable):
    server = aws_world.server
    before = server.state()
    with Proxy(port_of(server)) as proxy:
        program = Cordon(server, aws_world.responder, tmp_path)
        env = {variable: proxy.url, "AWS_CA_BUNDLE": str(authority.path)}
        options = ("--yes", "--irreversible", "--settle", "0")
        result = program("contain", aws_world.victim.key, *options, env=env, endpoint=False, check=1)
        assert proxy.hosts() == {f"{name}:443" for name in AWS}
    assert_user_contained(before, server.state(), aws_world.victim.name)
    assert not result.says("clock of this machine")


def test_a_proxy_with_a_password(aws_world, authority, tmp_path):
    """It is told to the proxy alone, and shown to nobody."""
    with Proxy(port_of(aws_world.server), "ir:open sesame") as proxy:
        program = Cordon(aws_world.server, aws_world.responder, tmp_path)
        env = {"AWS_CA_BUNDLE": str(authority.path)}
        right = proxy.url.replace("//", "//ir:open%20sesame@")
        result = program("whoami", "--verbose", env=env | {"HTTPS_PROXY": right}, endpoint=False, check=0)
        assert not result.says("sesame")
        wrong = proxy.url.replace("//", "//ir:shut@")
        result = program("whoami", env=env | {"HTTPS_PROXY": wrong}, endpoint=False, check=6)
        assert result.says("407") and not result.says("shut")


def test_a_proxy_that_inspects_is_refused(aws_world, tmp_path):
    """Its authority is unknown until the responder says otherwise."""
    with Proxy(port_of(aws_world.server)) as proxy:
        program = Cordon(aws_world.server, aws_world.responder, tmp_path)
        result = program("whoami", env={"HTTPS_PROXY": proxy.url}, endpoint=False, check=6)
        assert result.says("proxy that inspects TLS")
    assert aws_world.sent() == []


def test_no_proxy_wins(aws_world, authority, tmp_path):
    """iam.amazonaws.com is not asked through a proxy that NO_PROXY rules out; there is no other way to it here."""
    with Proxy(port_of(aws_world.server)) as proxy:
        env = {"HTTPS_PROXY": proxy.url, "NO_PROXY": "amazonaws.com", "AWS_CA_BUNDLE": str(authority.path)}
        env |= {"AWS_MAX_ATTEMPTS": "1"}
        program = Cordon(aws_world.server, aws_world.responder, tmp_path)
        program("whoami", env=env, endpoint=False)
        assert proxy.heard == []


def test_http2_if_offered(world, authority, tmp_path):
    """The whole containment over streams of few connections."""
    before = world.server.state()
    with H2Front(*authority.issue("server"), port_of(world.server)) as front:
        program = Cordon(world.server, world.responder, tmp_path)
        options = ("--yes", "--irreversible", "--settle", "0", "--ca-bundle", str(authority.path))
        program("contain", world.victim.key, *options, endpoint=front.url, check=1)
        assert front.heard.count("POST") > 40
    assert_user_contained(before, world.server.state(), world.victim.name)


@pytest.mark.parametrize(
    "greeting",
    [
        b"HTTP/1.1 302 Found\r\nLocation: https://aws.amazon.com/iam\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nsurprise",
        b"nonsense\r\n\r\n",
        b"",
    ],
    ids=["redirect", "close", "body", "nonsense", "silence"],
)
def test_connections_opened_early(world, authority, tmp_path, greeting):
    """They carry nothing of ours, and whatever is answered, the containment goes on."""
    before = world.server.state()
    with Front(*authority.issue("server"), port_of(world.server), greeting) as front:
        program = Cordon(world.server, world.responder, tmp_path)
        options = ("--yes", "--irreversible", "--settle", "0", "--ca-bundle", str(authority.path))
        program("contain", world.victim.key, *options, endpoint=front.url, check=1)
        assert 0 < len(front.heard) <= 16
        assert {name for heard in front.heard for name in heard} == {"Host", "User-Agent", "Accept"}
        assert greeting[9:12] != b"302" or front.connections <= 20
    assert_user_contained(before, world.server.state(), world.victim.name)


@pytest.mark.parametrize("family", [socket.AF_INET, socket.AF_INET6])
def test_a_name_with_an_address_that_nobody_answers(tmp_path, family):
    """localhost has two addresses, and one of them is enough."""
    address = "127.0.0.1" if family == socket.AF_INET else "::1"
    with socket.create_server((address, 0), family=family) as listening:
        port = listening.getsockname()[1]
        program = Cordon(None, KEY, tmp_path)
        process = program.start("whoami", endpoint=f"http://localhost:{port}", env={"AWS_MAX_ATTEMPTS": "1"})
        connection, _ = listening.accept()
        with connection:
            assert b"POST / HTTP/1.1" in connection.recv(65536)
        program.finish(process)
