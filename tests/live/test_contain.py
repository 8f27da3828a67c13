# SPDX-License-Identifier: Apache-2.0
"""The main job: whatever the alert named, the same identity is cut off, exactly, and it is written down."""

import stat
import time

import pytest

from support.expect import (
    CUTOFF,
    DENY,
    assert_user_contained,
    checks,
    cutoff_of,
    is_deny_all,
    operations,
    role_changes,
    text_of,
    user_changes,
)
from support.program import Cordon
from support.world import Victim, World, changes, deny, document

PLAN_KEYS = {
    "format",
    "playbooks",
    "account_id",
    "alias",
    "caller",
    "credential_source",
    "endpoint",
    "rehearsal",
    "operations",
    "skipped",
    "refusals",
    "warnings",
    "not_covered",
    "fingerprint",
}


def user_ids(victim):
    """All the ways an alert may name a user."""
    return {"key": victim.key, "arn": victim.arn, "typed": f"user/{victim.name}", "bare": victim.name, "id": victim.id}


@pytest.mark.parametrize("form", ["key", "arn", "typed", "bare", "id"])
def test_a_user_however_named(cordon, world, server, form):
    before = server.state()
    found = cordon.contain(user_ids(world.victim)[form], "--irreversible")
    assert_user_contained(before, server.state(), world.victim.name)
    assert found["verdict"] == "UNKNOWN"
    assert [t["arn"] for t in found["targets"]] == [world.victim.arn]
    assert {r["status"] for r in found["results"]} == {"done"}


def test_the_second_key_leads_to_the_same_user(cordon, world, server):
    before = server.state()
    cordon.contain(world.victim.keys[1]["AccessKeyId"], "--irreversible")
    assert_user_contained(before, server.state(), world.victim.name)


@pytest.mark.parametrize(
    "name, path",
    [
        ("a.b+c=d,e@f-g_h", "/"),
        ("-rf", "/"),
        ("--yes", "/"),
        ("Anna", "/division/sub_unit/"),
        ("x" * 64, "/p/"),
    ],
)
def test_unusual_names(server, tmp_path, name, path):
    world = World(server, name, path)
    before = server.state()
    Cordon(server, world.responder, tmp_path).contain(world.victim.key, "--irreversible")
    assert_user_contained(before, server.state(), name)


@pytest.mark.parametrize("name", ["-rf", "a.b+c=d,e@f-g_h"])
def test_unusual_names_given_by_hand(server, tmp_path, name):
    world = World(server, name, "/odd/")
    before = server.state()
    options = ("--yes", "--settle", "0", "--irreversible", "--output", "json")
    found = Cordon(server, world.responder, tmp_path)("contain", *options, "--", name, check=1).json
    assert_user_contained(before, server.state(), name)
    assert found["targets"][0]["arn"] == world.victim.arn


def test_without_irreversible_the_password_stays_and_it_is_said(cordon, world, server):
    before = server.state()
    found = cordon.contain(world.victim.key)
    assert_user_contained(before, server.state(), world.victim.name, password=False)
    skipped = text_of(found["skipped"]) + text_of([r for r in found["results"] if r["status"] == "skipped"])
    assert "password" in skipped or "login" in skipped
    text = cordon("contain", world.victim.key, "--yes", "--settle", "0")
    assert text.says("password")


def test_the_document_of_a_run(cordon, world):
    found = cordon.contain(world.victim.key, "--irreversible")
    assert PLAN_KEYS | {"run", "results", "targets", "verdict", "settled_seconds"} <= set(found)
    assert found["format"] == "cordon-apply/1"
    assert found["account_id"] == "123456789012"
    assert text_of(found["caller"]).count("ir-responder")
    assert found["endpoint"].startswith(world.server.url)
    assert found["rehearsal"] is False
    assert found["playbooks"][0]["name"] == "compromised-access-key"
    assert found["playbooks"][0]["parameters"]["access_key_id"] == world.victim.key
    assert len(found["playbooks"][0]["sha256"]) == 64
    for operation in found["operations"]:
        assert {
            "id",
            "playbook",
            "target",
            "step",
            "stage",
            "service",
            "operation",
            "parameters",
            "why",
            "undo",
        } <= set(operation)
    assert sorted(r["id"] for r in found["results"]) == sorted(o["id"] for o in found["operations"])
    target = found["targets"][0]
    assert target["kind"] == "user" and target["scope"] and target["checks"]
    assert set(checks(found).values()) <= {"true", "false", "unknown"}


def test_undo_is_planned_for_what_can_be_undone_and_null_for_the_rest(cordon, world):
    found = cordon.contain(world.victim.key, "--irreversible")
    undo = {o["operation"]: o["undo"] for o in found["operations"]}
    assert undo["DeleteLoginProfile"] is None
    assert [u["operation"] for u in undo["UpdateAccessKey"]] == ["UpdateAccessKey"]
    assert undo["UpdateAccessKey"][0]["parameters"]["Status"] == "Active"
    assert [u["operation"] for u in undo["PutUserPolicy"]] == ["DeleteUserPolicy"]


def test_classes_are_in_order_and_the_deny_is_in_the_first(cordon, world):
    found = cordon.contain(world.victim.key, "--irreversible")
    stages = {}
    for operation in found["operations"]:
        what = operation["parameters"].get("PolicyName", operation["operation"])
        stages.setdefault(what, set()).add(operation["stage"])
    assert max(stages[DENY]) < min(stages["DeleteLoginProfile"]) <= min(stages[CUTOFF])
    assert max(stages["UpdateAccessKey"]) < min(stages["DeleteLoginProfile"])
    sent = [e["params"].get("PolicyName", e["action"]) for e in world.writes()]
    assert sent.index(DENY) < sent.index("DeleteLoginProfile") < sent.index(CUTOFF)


def test_the_deny_goes_out_before_roles_are_listed(cordon, world):
    cordon.contain(world.victim.key, "--irreversible")
    order = [e["action"] for e in world.sent()]
    deny = next(i for i, e in enumerate(world.sent()) if e["params"].get("PolicyName") == DENY and e["write"])
    wide = [i for i, action in enumerate(order) if action in ("ListRoles", "GetAccountAuthorizationDetails")]
    assert all(i > deny for i in wide)


def test_the_cutoff_is_awss_time_and_half_a_minute(cordon, world, server):
    server.configure(clock=200)
    cordon.contain(world.victim.key, "--irreversible")
    inline = server.state()["users"][world.victim.name]["inline"]
    ahead = cutoff_of(inline[CUTOFF]) - (time.time() + 200)
    assert 0 < ahead < 45


def test_a_second_run_plans_nothing(cordon, world, server):
    cordon.contain(world.victim.key, "--irreversible")
    before, writes = server.state(), len(world.writes())
    found = cordon("contain", world.victim.key, "--yes", "--irreversible", "--settle", "0", "--output", "json").json
    assert operations(found) == []
    assert len(world.writes()) == writes
    assert server.state() == before


def test_what_is_missing_is_done_by_the_second_run(cordon, world, server):
    cordon.contain(world.victim.key, "--irreversible")
    contained = server.state()
    world.iam.update_access_key(UserName=world.victim.name, AccessKeyId=world.victim.key, Status="Active")
    found = cordon.contain(world.victim.key, "--irreversible")
    assert operations(found) == ["UpdateAccessKey"]
    assert server.state() == contained


def test_policies_of_others_under_our_name_are_kept(cordon, world, server):
    """PutUserPolicy replaces silently: what is replaced must be saved, or another name taken."""
    mine = '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"s3:Put*","Resource":"*"}]}'
    world.iam.put_user_policy(UserName=world.victim.name, PolicyName=DENY, PolicyDocument=mine)
    cordon.contain(world.victim.key, "--irreversible")
    inline = server.state()["users"][world.victim.name]["inline"]
    saved = (cordon.run_folder() / "before.json").read_text() + (cordon.run_folder() / "journal.jsonl").read_text()
    assert any(is_deny_all(d) for name, d in inline.items() if name.startswith("Cordon"))
    assert "s3:Put*" in str(inline) or "s3:Put*" in saved


def test_the_run_is_written_down(cordon, world, server):
    found = cordon.contain(world.victim.key, "--irreversible", "--case", "INC-7")
    folder = cordon.run_folder()
    assert folder.name == found["run"]
    assert {"plan.json", "before.json", "journal.jsonl", "result.json"} <= {p.name for p in folder.iterdir()}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(p.stat().st_mode) for p in folder.iterdir()} == {0o600}
    lines = cordon.journal()
    assert lines[0]["format"] == "cordon-journal/1"
    assert [line["seq"] for line in lines] == list(range(lines[0]["seq"], lines[0]["seq"] + len(lines)))
    assert "INC-7" in str(lines)
    intents = [line for line in lines if line["event"] == "intent"]
    outcomes = [line for line in lines if line["event"] == "outcome"]
    assert len(intents) == len(found["operations"]) <= len(outcomes)


def test_every_write_has_an_intent_that_was_written_before_it(cordon, world):
    cordon.contain(world.victim.key, "--irreversible")
    intents = [str(line["operation"]) for line in cordon.journal() if line["event"] == "intent"]
    for entry in world.writes():
        assert any(entry["action"] in intent for intent in intents)


def test_secrets_are_nowhere(cordon, world):
    result = cordon("contain", world.victim.key, "--yes", "--irreversible", "--settle", "0", "--verbose")
    secret = world.responder["SecretAccessKey"]
    assert result.status == 1 and cordon.journal()
    assert secret not in result.stdout + result.stderr
    for path in cordon.folder.rglob("*"):
        assert not path.is_file() or secret not in path.read_text(errors="replace")


def test_runs_and_show(cordon, world):
    found = cordon.contain(world.victim.key, "--irreversible")
    assert found["run"] in cordon("runs", check=0).stdout
    assert found["run"] in cordon("runs", "--output", "json", check=0).stdout
    shown = cordon("show", found["run"], check=0)
    assert shown.says(world.victim.name)
    assert cordon("show", found["run"], "--check").status == 0


# Roles and sessions


@pytest.mark.parametrize("form", ["arn", "typed", "id"])
def test_a_role_however_named(cordon, world, server, form):
    role_id = server.state()["roles"]["deploy"]["id"]
    session = world.victim.thief().assume(world.deploy)
    before = server.state()
    found = cordon.contain({"arn": world.deploy, "typed": "role/deploy", "id": role_id}[form])
    assert set(changes(before, server.state())) == role_changes("deploy")
    assert is_deny_all(server.state()["roles"]["deploy"]["inline"][DENY])
    assert session.steal() == "AccessDenied"
    assert found["targets"][0]["kind"] == "role"


def test_one_session_of_a_role(cordon, world, server):
    bad = world.victim.thief().assume(world.deploy, "bad-session")
    good = world.colleague_session("deploy", "good-session")
    before = server.state()
    found = cordon.contain("arn:aws:sts::123456789012:assumed-role/deploy/bad-session")
    assert (bad.steal(), good.steal()) == ("AccessDenied", "ok")
    assert {path[:2] for path in changes(before, server.state())} == {("roles", "deploy")}
    assert found["targets"][0]["kind"] == "session"
    assert found["targets"][0]["scope"]


def test_a_federated_user(cordon, world, server):
    thief = world.victim.thief()
    guest, other = thief.federate("guest"), thief.federate("other")
    before = server.state()
    found = cordon.contain("arn:aws:sts::123456789012:federated-user/guest", "--user", world.victim.name)
    assert (guest.steal(), other.steal()) == ("AccessDenied", "ok")
    assert {path[:3] for path in changes(before, server.state())} == {("users", world.victim.name, "inline")}
    assert found["targets"][0]["kind"] == "session"


@pytest.mark.parametrize("holder", ["user", "role"])
def test_a_temporary_key_with_its_holder_is_a_cutoff(cordon, world, server, holder):
    thief = world.victim.thief()
    session = thief.session_token() if holder == "user" else thief.assume(world.deploy)
    name = world.victim.name if holder == "user" else "deploy"
    before = server.state()
    found = cordon.contain(session.credentials["AccessKeyId"], f"--{holder}", name)
    assert session.steal() == "AccessDenied"
    assert set(changes(before, server.state())) == {(holder + "s", name, "inline", CUTOFF)}
    assert found["verdict"] != "CONTAINED"
    assert "issued before" in text_of(found["targets"][0]["scope"])


@pytest.mark.parametrize("identity", ["session", "federated"])
def test_a_temporary_identity_is_never_guessed(cordon, world, identity):
    thief = world.victim.thief()
    key = thief.session_token().credentials["AccessKeyId"]
    named = {"session": key, "federated": "arn:aws:sts::123456789012:federated-user/guest"}[identity]
    result = cordon("contain", named, "--yes", "--settle", "0", check=2)
    assert result.says("--user")
    assert world.writes() == []


# Several, and single actions


def test_several_identities_are_one_run(cordon, world, server):
    second = Victim(server, "zoe")
    before = server.state()
    found = cordon.contain(world.victim.key, world.victim.keys[1]["AccessKeyId"], second.arn, "--irreversible")
    wanted = user_changes(before, world.victim.name) | user_changes(before, "zoe")
    assert set(changes(before, server.state())) == wanted
    assert len(found["playbooks"]) == 3
    assert sorted(t["arn"] for t in found["targets"]) == sorted([world.victim.arn, second.arn])


def test_an_option_for_one_identity_with_several_is_bad_usage(cordon, world):
    cordon("contain", world.victim.key, "bob", "--user", "bob", "--yes", check=2)
    assert world.sent() == []


def test_deny_all_alone(cordon, world, server):
    before = server.state()
    found = cordon.json("deny-all", "--user", world.victim.name, "--yes", "--settle", "0", check=0)
    assert set(changes(before, server.state())) == {("users", world.victim.name, "inline", DENY)}
    assert found["verdict"] is None


def test_deactivate_alone(cordon, world, server):
    before = server.state()
    cordon.json("deactivate-access-keys", "--user", world.victim.name, "--yes", "--settle", "0", check=0)
    assert set(changes(before, server.state())) == {
        ("users", world.victim.name, "keys", k["AccessKeyId"]) for k in world.victim.keys
    }


@pytest.mark.parametrize("kind", ["user", "role"])
def test_revoke_sessions_alone(cordon, world, server, kind):
    name = world.victim.name if kind == "user" else "deploy"
    before = server.state()
    cordon.json("revoke-sessions", f"--{kind}", name, "--yes", "--settle", "0", check=0)
    assert set(changes(before, server.state())) == {(kind + "s", name, "inline", CUTOFF)}


def test_delete_password_alone_needs_irreversible(cordon, world, server):
    command = ("delete-login-profile", "--user", world.victim.name, "--yes", "--settle", "0")
    before = server.state()
    cordon.json(*command)
    assert server.state() == before
    cordon.json(*command, "--irreversible", check=0)
    assert set(changes(before, server.state())) == {("users", world.victim.name, "password")}


def test_list_access_keys_only_reads(cordon, world):
    result = cordon("list-access-keys", "--user", world.victim.name, "--output", "json", check=0)
    assert all(k["AccessKeyId"] in result.stdout for k in world.victim.keys)
    assert world.writes() == []


def test_a_cutoff_is_never_moved_backwards(cordon, world, server):
    condition = {"DateLessThan": {"aws:TokenIssueTime": "2099-01-01T00:00:00Z"}}
    later = document(deny(["*"], ["*"]) | {"Condition": condition})
    world.iam.put_user_policy(UserName=world.victim.name, PolicyName=CUTOFF, PolicyDocument=later)
    cordon.json("revoke-sessions", "--user", world.victim.name, "--yes", "--settle", "0", check=0)
    inline = server.state()["users"][world.victim.name]["inline"]
    assert cutoff_of(inline[CUTOFF]) > 4_000_000_000
