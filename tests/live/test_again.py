# SPDX-License-Identifier: Apache-2.0
"""Applying twice is harmless, a step in phases stops with the deny in place, and a resumed run knows its case."""

import pytest

NOW = ("--yes", "--irreversible", "--settle", "0", "--output", "json")
NAME = "anna.dev"
KEY = "attacker-made-key"


def apply(cordon, playbook, *settings, check=0):
    """A playbook with parameters."""
    return cordon("apply", playbook, *(word for text in settings for word in ("--set", text)), *NOW, check=check)


@pytest.mark.parametrize("more", [(), (f"user={NAME}",)], ids=["looked-up", "named"])
def test_a_key_that_is_deleted_already(cordon, world, server, more):
    settings = (f"access_key_id={world.victim.key}", "delete=true", *more)
    run = apply(cordon, KEY, *settings).json["run"]
    assert world.victim.key not in server.state()["users"][NAME]["keys"]
    since = len(world.writes())
    again = apply(cordon, KEY, *settings).json
    assert {"DeleteAccessKey", "UpdateAccessKey"}.isdisjoint(e["action"] for e in world.writes()[since:])
    assert {"key", "delete"} <= {s["step"] for s in again["skipped"] if s["reached"]}
    cordon("resume", run, *NOW, check=0)


def test_a_key_that_no_run_deleted_is_refused(cordon, world):
    """Only what is on record is known to be gone; and another playbook's run says nothing of it."""
    apply(cordon, KEY, f"access_key_id={world.victim.key}", "delete=true")
    apply(cordon, "compromised-access-key", f"access_key_id={world.victim.key}", check=2)
    apply(cordon, KEY, "access_key_id=AKIAQQQQQQQQQQQQQQQQ", "delete=true", check=3)


def test_a_strangers_record_names_no_owner(cordon, world, server, tmp_path):
    """Who could write a record would choose whom we contain."""
    settings = (f"access_key_id={world.victim.key}", "delete=true")
    path, elsewhere = str(tmp_path / "run.json"), ("--state-dir", str(tmp_path / "elsewhere"))
    cordon("export", apply(cordon, KEY, *settings).json["run"], path, check=0)
    cordon("resume", path, *NOW, *elsewhere)
    assert len(cordon("runs", "--output", "json", *elsewhere, check=0).json["runs"]) == 1
    before, words = server.state(), [word for text in settings for word in ("--set", text)]
    refused = cordon("apply", KEY, *words, *NOW, *elsewhere)
    assert refused.status in (2, 3) and server.state() == before


def test_a_deletion_that_cannot_end_leaves_the_deny(cordon, world, server):
    """The last policies go before the role does: where that fails, the deny comes back, and stays."""
    fault = {"action": "DeleteRole", "do": "error", "code": "AccessDenied", "status": 403, "times": 0}
    server.faults(fault)
    run = apply(cordon, "attacker-made-role", "role=deploy", "delete=true", check=5).json
    server.faults()
    assert "CordonDenyAll" in server.state()["roles"]["deploy"]["inline"]
    sent = [o["operation"] for o in run["operations"] if o["stage"] == 1]
    assert sent == ["PutRolePolicy", "PutRolePolicy"], "once, and once again when it had gone"
    cordon("resume", run["run"], *NOW)
    assert "deploy" not in server.state()["roles"]


def test_a_resumed_run_has_the_case_of_its_start(cordon, world, server):
    server.faults({"action": "TagUser", "do": "error", "code": "AccessDenied", "status": 403, "times": 0})
    run = cordon("tag", "--user", NAME, "--case", "C-9", *NOW, check=5).json["run"]
    server.faults()
    cordon("resume", run, *NOW, check=0)
    tags = {tag["Key"]: tag["Value"] for tag in server.state()["users"][NAME]["tags"]}
    assert tags["cordon:case"] == "C-9" and "cordon:contained" in tags


def test_a_key_whose_deletion_had_no_answer(cordon, world, server):
    server.faults({"action": "DeleteAccessKey", "do": "cut-after", "times": 0})
    run = apply(cordon, KEY, f"access_key_id={world.victim.key}", "delete=true", check=None).json["run"]
    server.faults()
    assert world.victim.key not in server.state()["users"][NAME]["keys"]
    cordon("resume", run, *NOW, check=0)
