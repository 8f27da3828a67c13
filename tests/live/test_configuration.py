# SPDX-License-Identifier: Apache-2.0
"""Regions, endpoints, retries and proxies: as botocore takes them from the same environment and files."""

import os
import random
import re
import socket
import threading

import botocore.exceptions
import botocore.session
import pytest
from support.program import Cordon
from support.server import free_port

LOADER = botocore.session.Session().get_component("data_loader")
KEYS = {"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret"}
REGIONS = ["eu-west-1", "us-gov-west-1", "cn-north-1", "us-iso-east-1", "us-isob-east-1", "eu-isoe-west-1"]
REGIONS += ["us-isof-south-1", "eusc-de-east-1", "aws-global", "ap-southeast-7"]
CHOICES = {
    "region": [None, *REGIONS],
    "profile_region": [None, *REGIONS],
    "fips": [None, None, "true", "false"],
    "profile_fips": [None, None, "true", "false"],
    "dualstack": [None, None, "true", "false"],
    "profile_dualstack": [None, None, "true"],
    "url": [None, None, None, "https://env.example"],
    "url_sts": [None, None, None, "https://env-sts.example:8443/path"],
    "profile_url": [None, None, "https://profile.example"],
    "services": [None, None, "https://services-sts.example"],
    "ignore": [None, None, None, "true"],
    "profile_ignore": [None, None, None, "true"],
}
VARIABLES = {
    "region": "AWS_DEFAULT_REGION",
    "fips": "AWS_USE_FIPS_ENDPOINT",
    "dualstack": "AWS_USE_DUALSTACK_ENDPOINT",
    "url": "AWS_ENDPOINT_URL",
    "url_sts": "AWS_ENDPOINT_URL_STS",
    "ignore": "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
}
PROFILE = {
    "profile_region": "region",
    "profile_fips": "use_fips_endpoint",
    "profile_dualstack": "use_dualstack_endpoint",
    "profile_url": "endpoint_url",
    "profile_ignore": "ignore_configured_endpoint_urls",
}


def combinations(count):
    """One choice of each, at random; the same every time."""
    rng = random.Random(7)
    return [{name: rng.choice(values) for name, values in CHOICES.items()} for _ in range(count)]


def files(chosen):
    """The config file of a combination."""
    lines = ["[profile x]"] + [f"{key} = {chosen[name]}" for name, key in PROFILE.items() if chosen[name]]
    if chosen["services"]:
        lines += ["services = s", "[services s]", "sts =", f"  endpoint_url = {chosen['services']}"]
    return "\n".join(lines) + "\n"


def variables(chosen):
    """Its environment."""
    return {VARIABLES[name]: chosen[name] for name in VARIABLES if chosen[name]} | {"AWS_PROFILE": "x"}


def theirs(monkeypatch, env):
    """The endpoint of botocore's client, or None where it refuses."""
    for name in [n for n in os.environ if n.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    session = botocore.session.Session()
    session.register_component("data_loader", LOADER)
    session.set_config_variable("metadata_service_num_attempts", 0)
    client = session.create_client("sts", region_name=session.get_config_variable("region") or "aws-global")
    url = client._resolve_endpoint_ruleset(client.meta.service_model.operation_model("GetCallerIdentity"), {}, {})[0]
    return re.sub(r"^https://|/$", "", url)




def test_endpoints_as_botocore(tmp_path, monkeypatch, world):
    """The host that would be asked, of 100 combinations; nothing leaves, for the proxy is not there."""
    cordon = Cordon(world.server, world.responder, tmp_path)
    (tmp_path / "home/.aws").mkdir()
    config = tmp_path / "home/.aws/config"
    nowhere = f"http://127.0.0.1:{free_port()}"
    hosts = set()
    for chosen in combinations(100):
        config.write_text(files(chosen))
        env = KEYS | variables(chosen) | {"HOME": str(tmp_path / "home")}
        plain = {"AWS_REGION": None, "AWS_MAX_ATTEMPTS": "1", "HTTPS_PROXY": nowhere}
        result = cordon("whoami", env=env | plain, endpoint=False)
        try:
            want = theirs(monkeypatch, env)
        except botocore.exceptions.EndpointVariantError:
            continue  # botocore's older table, which it asks first, lacks dual-stack in new partitions
        variant = [chosen[name] or chosen[f"profile_{name}"] for name in ("fips", "dualstack")]
        if ".example" in want and "true" in variant:
            # Here botocore forgets what its own rules would refuse, as we do.
            assert result.says("cannot go with an endpoint URL"), f"{chosen}\n{result}"
            continue
        assert result.status == 6, f"{chosen}\n{want}\n{result}"
        host = re.search(r"cannot reach '(.*?)'", result.stderr).group(1)
        hosts.add(host)
        # For pseudo-Regions botocore makes names that do not exist.
        if "aws-global" in want:
            assert "us-east-1" in host, f"{chosen}\n{want}\n{result}"
        else:
            assert host == want.split("/")[0], f"{chosen}\n{want}\n{result}"
    assert len(hosts) > 20, hosts


def test_a_region_typed_wins(tmp_path, world):
    """Command line, AWS_REGION, AWS_DEFAULT_REGION, profile."""
    cordon = Cordon(world.server, world.responder, tmp_path)
    (tmp_path / "home/.aws").mkdir()
    (tmp_path / "home/.aws/config").write_text("[default]\nregion = eu-central-1\n")
    order = [("--region", "eu-west-1"), ("AWS_REGION", "eu-west-2"), ("AWS_DEFAULT_REGION", "eu-west-3")]
    for left in range(len(order) + 1):
        rest = order[left:]
        typed = [word for name, value in rest if name.startswith("-") for word in (name, value)]
        env = {"AWS_REGION": None} | {name: value for name, value in rest if not name.startswith("-")}
        env |= {"HTTPS_PROXY": f"http://127.0.0.1:{free_port()}", "AWS_MAX_ATTEMPTS": "1"}
        result = cordon("whoami", *typed, env=env, endpoint=False, check=6)
        want = rest[0][1] if rest else "eu-central-1"
        assert result.says(f"'sts.{want}.amazonaws.com'"), str(result)


@pytest.mark.parametrize("name,key", [("AWS_MAX_ATTEMPTS", "max_attempts")])
def test_attempts(cordon, world, server, name, key):
    """How often a request is sent: by the environment, else by the profile, else three times."""
    (cordon.folder / "home/.aws").mkdir()
    (cordon.folder / "home/.aws/config").write_text(f"[profile x]\n{key} = 2\n")
    server.faults({"action": "GetCallerIdentity", "do": "throttle", "times": 0})
    for env, most in (({}, 3), ({"AWS_PROFILE": "x"}, 2), ({"AWS_PROFILE": "x", name: "1"}, 1)):
        server.ask("clear")
        cordon("whoami", env=env)
        assert len(world.sent(action="GetCallerIdentity")) == most, env


@pytest.mark.parametrize("mode", ["standard", "adaptive", "legacy", "STANDARD"])
def test_a_retry_mode(cordon, world, mode):
    assert cordon.json("whoami", env={"AWS_RETRY_MODE": mode})["warnings"] == []


def test_an_unknown_retry_mode(cordon, world):
    (warning,) = cordon.json("whoami", env={"AWS_RETRY_MODE": "often"})["warnings"]
    assert "retry_mode 'often'" in warning


# A proxy


class Tunnels:
    """A proxy that joins a client to where it wants to go, wherever that is said to be."""

    def __init__(self, port):
        self.port, self.asked = port, []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self):
        while True:
            try:
                client, _address = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._join, args=(client,), daemon=True).start()

    def _join(self, client):
        head = b""
        while b"\r\n\r\n" not in head:
            piece = client.recv(4096)
            if not piece:
                return
            head += piece
        self.asked.append(head.split(b"\r\n")[0].decode())
        far = socket.create_connection(("127.0.0.1", self.port))
        client.sendall(b"HTTP/1.1 200 Connection established\r\nDate: Mon, 01 Jan 2001 00:00:00 GMT\r\n\r\n")
        for here, there in ((client, far), (far, client)):
            threading.Thread(target=self._pass_on, args=(here, there), daemon=True).start()

    @staticmethod
    def _pass_on(here, there):
        try:
            while data := here.recv(65536):
                there.sendall(data)
            there.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass

    def stop(self):
        """No more clients."""
        self.listener.close()


@pytest.fixture
def tunnels(tls_world):
    """A proxy behind which every host is the strict server."""
    proxy = Tunnels(int(tls_world.server.url.rsplit(":", 1)[1]))
    yield proxy
    proxy.stop()


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"])
def test_through_a_proxy(tls_world, tunnels, tmp_path, name):
    """All of it goes through the tunnel, and the proxy's Date is nobody's clock."""
    program = Cordon(tls_world.server, tls_world.responder, tmp_path)
    env = {name: tunnels.url, "AWS_CA_BUNDLE": tls_world.server.ca}
    ours = program.json("whoami", env=env, endpoint="https://aws.invalid:4443")
    assert ours["arn"].endswith("/ir-responder") and abs(ours["clock_offset_seconds"]) < 100
    assert set(tunnels.asked) == {"CONNECT aws.invalid:4443 HTTP/1.1"}


def test_a_proxy_changes_no_certificate(tls_world, tunnels, tmp_path):
    """The name behind the tunnel is checked as ever."""
    program = Cordon(tls_world.server, tls_world.responder, tmp_path)
    env = {"HTTPS_PROXY": tunnels.url, "AWS_CA_BUNDLE": tls_world.server.ca}
    result = program("whoami", env=env, endpoint="https://other.invalid", check=6)
    assert result.says("certificate"), str(result)
    assert tls_world.sent() == []


def test_past_a_proxy(tls_world, tunnels, tmp_path):
    """NO_PROXY, and this machine whatever is set."""
    program = Cordon(tls_world.server, tls_world.responder, tmp_path)
    env = {"HTTPS_PROXY": tunnels.url, "AWS_CA_BUNDLE": tls_world.server.ca, "AWS_MAX_ATTEMPTS": "1"}
    assert program("whoami", env=env, check=0).says("ir-responder")
    program("whoami", env=env | {"NO_PROXY": ".invalid"}, endpoint="https://a.invalid", check=6)
    program("whoami", env=env | {"NO_PROXY": "*"}, endpoint="https://a.invalid", check=6)
    assert tunnels.asked == []
