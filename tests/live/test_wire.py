# SPDX-License-Identifier: Apache-2.0
"""The wire: lost replies, throttling, error pages, a wrong clock, TLS, and a server that is not there."""

import json
import time

import pytest

from support.expect import CUTOFF, DENY, assert_user_contained, cutoff_of
from support.program import Cordon
from support.server import free_port

WRITES = ["PutUserPolicy", "UpdateAccessKey", "DeleteLoginProfile"]


def contain(cordon, world):
    """One complete containment without the wait."""
    return cordon("contain", world.victim.key, "--yes", "--irreversible", "--settle", "0", "--output", "json")


def test_nobody_listens(cordon, world):
    result = cordon(
        "contain", world.victim.key, "--yes", "--output", "json", endpoint=f"http://127.0.0.1:{free_port()}", check=6
    )
    assert result.json["error"]["message"]
    assert world.sent() == []


def test_a_server_that_always_hangs_up(cordon, world, server):
    server.faults({"do": "cut-before", "times": 0, "key": world.responder["AccessKeyId"]})
    result = contain(cordon, world)
    assert result.status == 6, str(result)
    assert world.writes() == []


def test_the_server_goes_away_after_the_deny(cordon, world, server):
    """What follows cannot be known: unknown, and the status says partly done."""
    server.faults(
        {"action": WRITES[1:], "do": "cut-before", "times": 0},
        {"params": {"PolicyName": CUTOFF}, "write": True, "do": "cut-before", "times": 0},
    )
    result = contain(cordon, world)
    assert result.status == 5, str(result)
    assert result.json["verdict"] != "CONTAINED"
    assert DENY in server.state()["users"][world.victim.name]["inline"]
    assert {r["status"] for r in result.json["results"]} <= {"done", "failed", "unknown", "skipped"}


@pytest.mark.parametrize("kind", ["throttle", "html", "cut-before", "cut-after", "truncate"])
@pytest.mark.parametrize("action", WRITES)
def test_a_write_that_goes_wrong_once(cordon, world, server, action, kind):
    before = server.state()
    server.faults({"action": action, "do": kind})
    result = contain(cordon, world)
    assert_user_contained(before, server.state(), world.victim.name)
    assert result.status == 1, str(result)
    assert {r["status"] for r in result.json["results"]} == {"done"}


@pytest.mark.parametrize("kind", ["throttle", "html", "cut-before", "truncate"])
@pytest.mark.parametrize("action", ["GetAccessKeyLastUsed", "ListAccessKeys", "ListUserPolicies", "GetLoginProfile"])
def test_a_read_that_goes_wrong_once(cordon, world, server, action, kind):
    before = server.state()
    server.faults({"action": action, "do": kind})
    result = contain(cordon, world)
    assert_user_contained(before, server.state(), world.victim.name)
    assert result.status == 1, str(result)


@pytest.mark.parametrize("status", [500, 502, 503])
def test_error_pages_without_end(cordon, world, server, status):
    server.faults({"action": "UpdateAccessKey", "do": "html", "status": status, "times": 0})
    result = contain(cordon, world)
    assert result.status == 5, str(result)
    tried = [e for e in world.sent(action="UpdateAccessKey")]
    assert 2 <= len(tried) <= 12
    assert "<html" not in result.stdout.lower()
    assert DENY in server.state()["users"][world.victim.name]["inline"]


def test_throttling_without_end_on_a_read(cordon, world, server):
    server.faults({"action": "ListMFADevices", "do": "throttle", "times": 0})
    result = contain(cordon, world)
    assert result.status in (1, 5)
    assert DENY in server.state()["users"][world.victim.name]["inline"]


def test_a_storm_leaves_nobody_out(cordon, world, server):
    """Of five denies twelve are throttled: each is sent again until it is taken, in smaller numbers at once."""
    server.ask("fill", {"users": 5})
    names = sorted(n for n in server.state()["users"] if n.startswith("extra-"))[:5]
    server.faults({"write": True, "do": "throttle", "times": 12, "key": world.responder["AccessKeyId"]})
    result = cordon.contain(*(f"user/{n}" for n in names), env={"AWS_MAX_ATTEMPTS": None})
    assert {r["status"] for r in result["results"]} == {"done"}
    assert all(DENY in server.state()["users"][n]["inline"] for n in names)


def test_attempts_that_are_configured_count(cordon, world, server):
    server.faults({"write": True, "do": "throttle", "times": 0, "key": world.responder["AccessKeyId"]})
    result = cordon.contain(world.victim.key, env={"AWS_MAX_ATTEMPTS": "2"}, check=5)
    assert {r["error"]["code"] for r in result["results"] if r["error"]} == {"Throttling"}
    assert len(world.sent(action="UpdateAccessKey")) == 4


@pytest.mark.parametrize("mode, times", [("standard", 5), ("adaptive", 1)])
def test_throttling_in_the_retry_modes_of_the_sdks(cordon, world, server, mode, times):
    before = server.state()
    server.faults({"do": "throttle", "times": times, "skip": 45, "key": world.responder["AccessKeyId"]})
    cordon.contain(world.victim.key, "--irreversible", env={"AWS_RETRY_MODE": mode, "AWS_MAX_ATTEMPTS": "6"})
    assert_user_contained(before, server.state(), world.victim.name)


def test_a_rate(cordon, world):
    """Slower than a round trip allows; a second's worth goes at once."""
    began = time.monotonic()
    cordon.contain(world.victim.key, "--irreversible", "--rate", "40")
    assert time.monotonic() - began > (len(world.sent()) - 40) / 40


def test_a_password_that_is_still_being_made(cordon, world, server):
    text = "Login Profile for User anna.dev cannot be modified while login profile is being created."
    server.faults(
        {
            "action": "DeleteLoginProfile",
            "do": "error",
            "status": 409,
            "code": "EntityTemporarilyUnmodifiable",
            "message": text,
        }
    )
    result = contain(cordon, world)
    assert not server.state()["users"][world.victim.name]["password"], str(result)


def test_a_quota_is_not_retried(cordon, world, server):
    server.faults({"action": "UpdateAccessKey", "do": "error", "status": 409, "code": "LimitExceeded", "times": 0})
    contain(cordon, world)
    assert len(world.sent(action="UpdateAccessKey")) == 2


def test_unknown_operations_as_moto_answers_them(cordon, world, server):
    """Half an IAM: every list of rare credentials is an HTML 500."""
    server.faults({"action": "ListServiceSpecificCredentials", "do": "html", "status": 500, "times": 0})
    contain(cordon, world)
    assert DENY in server.state()["users"][world.victim.name]["inline"]


@pytest.mark.parametrize("hours", [-20, -3, 3, 20])
def test_a_wrong_local_clock_is_corrected_and_reported(tls_world, tmp_path, hours):
    """Over TLS: an offset may be believed only from a peer that has proved who it is."""
    world, server = tls_world, tls_world.server
    server.configure(clock=hours * 3600)
    before = server.state()
    program = Cordon(server, world.responder, tmp_path)
    options = ("--yes", "--irreversible", "--settle", "0", "--ca-bundle", server.ca)
    result = program("contain", world.victim.key, *options, check=1)
    after = server.state()
    assert_user_contained(before, after, world.victim.name)
    ahead = cutoff_of(after["users"][world.victim.name]["inline"][CUTOFF]) - (time.time() + hours * 3600)
    assert 0 < ahead < 60
    assert result.says("the clock of this machine is")
    offset = program.journal()[0]["local_clock_offset"]
    assert abs(offset - hours * 3600) < 60
    for name in ("plan.json", "result.json"):
        record = json.loads((program.run_folder() / name).read_text())
        assert any("the clock of this machine is" in w for w in record["warnings"])
    refused = [e["action"] for e in tls_world.sent() if e["status"] == 403]
    assert len(refused) <= 4, "the first answers correct it for all later requests"


def test_another_region_signs_iam_right_all_the_same(cordon, world, server):
    before = server.state()
    cordon.contain(world.victim.key, "--irreversible", env={"AWS_REGION": "eu-central-1"})
    assert_user_contained(before, server.state(), world.victim.name)
    assert {e["status"] for e in world.sent()} <= {200, 404}


def test_connections_are_kept(cordon, world):
    contain(cordon, world)
    sent = world.sent()
    assert len(sent) >= 8
    assert len({e["connection"] for e in sent}) <= len(sent) * 3 / 4


def test_the_client_names_itself(cordon, world):
    contain(cordon, world)
    assert {"cordon" in (e["agent"] or "").lower() for e in world.sent()} == {True}


def test_no_proxy_for_loopback_and_no_redirects(cordon, world, server):
    before = server.state()
    proxy = f"http://127.0.0.1:{free_port()}"
    cordon(
        "contain",
        world.victim.key,
        "--yes",
        "--irreversible",
        "--settle",
        "0",
        env={"NO_PROXY": "127.0.0.1", "http_proxy": proxy, "HTTPS_PROXY": proxy},
    )
    assert_user_contained(before, server.state(), world.victim.name)


# TLS


def test_tls_with_the_authority_given(tls_world, tmp_path):
    world, server = tls_world, tls_world.server
    before = server.state()
    program = Cordon(server, world.responder, tmp_path)
    program.contain(world.victim.key, "--irreversible", "--ca-bundle", server.ca)
    assert_user_contained(before, server.state(), world.victim.name)


def test_tls_with_the_authority_from_the_environment(tls_world, tmp_path):
    program = Cordon(tls_world.server, tls_world.responder, tmp_path)
    result = program("whoami", env={"AWS_CA_BUNDLE": tls_world.server.ca}, check=0)
    assert result.says("ir-responder")


def test_tls_with_an_unknown_authority(tls_world, tmp_path):
    program = Cordon(tls_world.server, tls_world.responder, tmp_path)
    before = tls_world.server.state()
    result = program("contain", tls_world.victim.key, "--yes", "--settle", "0", check=6)
    assert result.says("certificate")
    assert tls_world.server.state() == before
    assert tls_world.sent() == []


def test_a_missing_or_broken_bundle_is_an_error(tls_world, tmp_path):
    program = Cordon(tls_world.server, tls_world.responder, tmp_path)
    broken = tmp_path / "broken.pem"
    broken.write_text("nonsense")
    for path in (broken, tmp_path / "none.pem"):
        assert program("whoami", "--ca-bundle", str(path)).status in (2, 6)
    assert tls_world.sent() == []


@pytest.mark.parametrize(
    "url",
    [
        "http://192.0.2.1/",
        "http://iam.amazonaws.com/",
        "http://127.0.0.1.example.com:1/",
        "ftp://127.0.0.1/",
        "nonsense",
    ],
)
def test_plain_http_leaves_the_machine_never(cordon, world, url):
    cordon("contain", world.victim.key, "--yes", "--settle", "0", endpoint=url, check=2)
    cordon("whoami", env={"AWS_ENDPOINT_URL": url}, endpoint=False, check=2)
