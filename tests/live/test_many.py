# SPDX-License-Identifier: Apache-2.0
"""Large accounts: pages are followed, and a containment costs the same however many users there are."""

import json
import time

import pytest

from support.expect import assert_user_contained
from support.program import Cordon
from support.world import World, trust


def calls(server, folder, extra):
    """The requests of one containment in an account with so many more users."""
    server.reset()
    world = World(server)
    server.ask("fill", {"users": extra})
    folder.mkdir()
    Cordon(server, world.responder, folder).contain(world.victim.key, "--irreversible")
    return sorted(e["action"] for e in world.sent())


def test_calls_do_not_grow_with_the_users(server, tmp_path):
    small, large = calls(server, tmp_path / "small", 0), calls(server, tmp_path / "large", 300)
    assert small == large


def test_an_id_is_found_among_twelve_hundred(cordon, world, server):
    server.ask("fill", {"users": 1200})
    last = sorted(u["id"] for n, u in server.state()["users"].items() if n.startswith("extra-01199"))[0]
    before = server.state()
    cordon.contain(last)
    after = server.state()
    assert [n for n in after["users"] if after["users"][n] != before["users"][n]] == ["extra-01199"]
    assert len(world.sent(action="ListUsers")) >= 2


def test_the_victims_id_among_twelve_hundred(cordon, world, server):
    server.ask("fill", {"users": 1200})
    before = server.state()
    cordon.contain(world.victim.id, "--irreversible")
    assert_user_contained(before, server.state(), world.victim.name)


@pytest.mark.parametrize("size", [None, 7])
def test_a_snapshot_of_twelve_hundred(cordon, world, server, size):
    """AWS may send fewer items than asked for: only IsTruncated counts."""
    server.ask("fill", {"users": 1200 if size is None else 60})
    server.configure(page_size=size)
    document = json.loads(cordon("snapshot", check=0).stdout)
    text = json.dumps(document)
    for name in server.state()["users"]:
        assert f'"{name}"' in text


def test_pages_of_one(cordon, world, server):
    """Every list of the user comes item by item."""
    server.configure(page_size=1)
    before = server.state()
    cordon.contain(world.victim.key, "--irreversible", "--revoke-roles")
    after = server.state()
    assert set(after["users"][world.victim.name]["keys"].values()) == {"Inactive"}
    assert "AWSRevokeOlderSessions" in after["roles"]["deploy"]["inline"]
    assert before["users"]["bob"] == after["users"]["bob"]


def test_many_roles_are_found(cordon, world, server):
    for number in range(130):
        world.role(f"extra-{number:03d}", trust("arn:aws:iam::123456789012:root"), "/other/")
    last = world.role("zz-last", trust("arn:aws:iam::123456789012:root"))
    session = world.victim.thief().assume(last)
    cordon.contain(world.victim.key, "--irreversible", "--revoke-roles")
    assert session.steal() == "AccessDenied"


def test_a_slow_server_is_asked_in_parallel(cordon, world, server):
    """Each reply takes a quarter of a second; one after the other it would take far longer."""
    server.faults({"key": world.responder["AccessKeyId"], "do": "slow", "delay": 0.25, "times": 0})
    start = time.monotonic()
    cordon.contain(world.victim.key, "--irreversible")
    assert time.monotonic() - start < 0.25 * len(world.sent())
