# SPDX-License-Identifier: Apache-2.0
"""Plans: reading only, the same twice, kept in a file, and applied only while they still fit."""

import json

import pytest

from support.expect import assert_user_contained, operations
from support.world import deny, document

SET = "--set"


def plan(cordon, world, *more, **kwargs):
    """The plan for the victim's key."""
    return cordon.json(
        "plan", "compromised-access-key", SET, f"access_key_id={world.victim.key}", *more, check=0, **kwargs
    )


def test_a_plan_writes_nothing(cordon, world, server):
    before = server.state()
    document_ = plan(cordon, world)
    assert document_["format"] == "cordon-plan/1"
    assert set(operations(document_)) == {"PutUserPolicy", "UpdateAccessKey", "DeleteLoginProfile"}
    assert world.writes() == [] and server.state() == before
    assert not list(cordon.folder.rglob("journal.jsonl"))


def test_a_dry_run_sends_no_write(cordon, world, server):
    before = server.state()
    result = cordon(
        "contain",
        world.victim.key,
        "--dry-run",
        "--yes",
        "--irreversible",
        "--revoke-roles",
        "--output",
        "json",
        check=0,
    )
    assert operations(result.json)
    assert world.writes() == [] and server.state() == before
    direct = cordon("deny-all", "--user", world.victim.name, "--dry-run", "--yes", check=0)
    assert direct.says("PutUserPolicy") or direct.says("deny")
    assert world.writes() == []


def test_the_cutoff_is_bound_late(cordon, world):
    text = json.dumps(plan(cordon, world))
    assert "$cutoff" in text and "$document" in text


def test_the_same_plan_has_the_same_fingerprint(cordon, world):
    first, second = plan(cordon, world), plan(cordon, world)
    assert first["fingerprint"] == second["fingerprint"]
    assert len(first["fingerprint"]) == 64
    world.iam.delete_login_profile(UserName=world.victim.name)
    assert plan(cordon, world)["fingerprint"] != first["fingerprint"]


def test_yes_and_irreversible_choose_what_is_sent_not_what_is_planned(cordon, world):
    whole = plan(cordon, world)["fingerprint"]
    run = cordon.contain(world.victim.key)
    assert run["fingerprint"] == whole


def test_a_plan_file_is_applied(cordon, world, server):
    path = cordon.folder / "plan.json"
    plan(cordon, world, "--out", str(path))
    before = server.state()
    cordon("apply", str(path), "--yes", "--irreversible", "--settle", "0", check=1)
    assert_user_contained(before, server.state(), world.victim.name)


def test_a_plan_that_no_longer_fits(cordon, world, server):
    path = cordon.folder / "plan.json"
    plan(cordon, world, "--out", str(path))
    world.iam.update_access_key(UserName=world.victim.name, AccessKeyId=world.victim.key, Status="Inactive")
    before = server.state()
    result = cordon("apply", str(path), "--yes", "--settle", "0", check=3)
    assert server.state() == before and world.writes() == []
    assert result.says("UpdateAccessKey") or result.says("differ") or result.says("changed")


def test_operations_are_never_executed_from_a_file(cordon, world, server):
    path = cordon.folder / "plan.json"
    document_ = plan(cordon, world)
    for operation in document_["operations"]:
        operation["parameters"]["UserName"] = "bob"
    path.write_text(json.dumps(document_))
    before = server.state()
    cordon("apply", str(path), "--yes", "--irreversible", "--settle", "0", check=3)
    assert server.state() == before


@pytest.mark.parametrize("change", ["sha256", "fingerprint", "account_id", "format"])
def test_a_plan_file_that_was_tampered_with(cordon, world, change):
    path = cordon.folder / "plan.json"
    document_ = plan(cordon, world)
    place = document_["playbooks"][0] if change == "sha256" else document_
    place[change] = "0" * len(place[change])
    path.write_text(json.dumps(document_))
    result = cordon("apply", str(path), "--yes", "--settle", "0")
    assert result.status in (2, 3), str(result)
    assert world.writes() == []


def test_parameters_come_from_the_plan_file(cordon, world):
    path = cordon.folder / "plan.json"
    plan(cordon, world, "--out", str(path))
    cordon("apply", str(path), SET, "access_key_id=AKIAQQQQQQQQQQQQQQQQ", "--yes", check=2)
    assert world.writes() == []


def test_apply_by_name(cordon, world, server):
    before = server.state()
    cordon(
        "apply",
        "compromised-user",
        SET,
        f"user={world.victim.name}",
        "--yes",
        "--irreversible",
        "--settle",
        "0",
        check=1,
    )
    assert_user_contained(before, server.state(), world.victim.name)


def test_a_plan_is_refused_with_the_same_status(cordon, world):
    cordon("plan", "compromised-user", SET, "user=ir-responder", check=3)
    cordon("plan", "compromised-user", SET, "user=nobody", check=2)
    assert world.writes() == []


@pytest.mark.parametrize(
    "args",
    [
        ["plan"],
        ["plan", "no-such-playbook"],
        ["plan", "compromised-user"],
        ["plan", "compromised-user", SET, "user"],
        ["plan", "compromised-user", SET, "user=a", SET, "colour=red"],
        ["plan", "compromised-access-key", SET, "access_key_id=x"],
        ["contain"],
        ["contain", "bob", "--nonsense"],
        ["contain", "bob", "--settle", "soon"],
        ["contain", "bob", "--settle"],
        ["contain", "bob", "--max-operations", "-1"],
        ["contain", "bob", "--user", "bob", "--role", "x"],
        ["frobnicate"],
        ["contain", "bob", "--output", "yaml"],
        ["contain", "bob", "--expect-account", "12"],
        ["deny-all"],
        ["deny-all", "--user", ""],
        ["apply", "/nonexistent/plan.json"],
    ],
)
def test_bad_usage(cordon, world, args):
    result = cordon(*args, check=2)
    assert result.stderr.strip()
    assert world.sent() == []


def test_shipped_playbooks(cordon):
    listed = cordon("playbooks", check=0).stdout
    for name in ("compromised-access-key", "compromised-user", "compromised-role", "compromised-session"):
        assert name in listed


def test_the_current_folder_and_the_users_own_never_shadow_a_shipped_playbook(cordon, world, server):
    evil = '{"cordon": 1, "name": "compromised-user"}'
    own = cordon.folder / "config" / "cordon" / "playbooks"
    own.mkdir(parents=True)
    for place in (
        cordon.folder / "compromised-user",
        cordon.folder / "compromised-user.json",
        own / "compromised-user.json",
    ):
        place.write_text(evil)
    result = cordon.json("plan", "compromised-user", SET, f"user={world.victim.name}", check=0)
    assert "UpdateAccessKey" in operations(result)


def test_warnings_about_a_deny_that_is_there_under_another_name(cordon, world):
    """Somebody's own deny counts for nothing: ours is planned all the same."""
    world.iam.put_user_policy(UserName=world.victim.name, PolicyName="emergency", PolicyDocument=document(deny("*")))
    assert "PutUserPolicy" in operations(plan(cordon, world))


def test_what_yes_sends_is_what_plan_shows(cordon, world):
    """The deny goes out early, and the run is still the plan: same operations in the same order, same fingerprint."""
    planned = plan(cordon, world)
    found = cordon.contain(world.victim.key, "--irreversible")
    assert [o["id"] for o in found["operations"]] == [o["id"] for o in planned["operations"]]
    assert found["fingerprint"] == planned["fingerprint"]
