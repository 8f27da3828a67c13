# SPDX-License-Identifier: Apache-2.0
"""From the log of an attack to its containment: the targets that triage finds, contained against the live server."""

import json

import pytest
from support.attack import FOREIGN, Attack
from support.expect import DENY, is_deny_all, user_changes
from support.world import ACCOUNT, changes

STS = f"arn:aws:sts::{ACCOUNT}:"


@pytest.fixture
def attack(world, server, cordon):
    """The attack, and what triage says of its log, written to triage.json."""
    made = Attack(world)
    result = cordon("triage", made.write(cordon.folder), "--output", "json", check=0)
    (cordon.folder / "triage.json").write_text(result.stdout)
    made.triage, made.text = result.json, result.stdout
    made.before = server.state()
    return made


def contain(cordon, *args, check=5):
    """Everything that can be contained without a question."""
    return cordon.json("contain", "--from-triage", "triage.json", "--settle", "0", *args, check=check)


def test_exactly_the_targets(attack):
    found = {(t["kind"], t["id"], t["playbook"], t["account"]) for t in attack.triage["targets"]}
    assert found == {
        ("access-key", attack.key, "compromised-access-key", ACCOUNT),
        ("access-key", attack.own_key, "attacker-made-key", ACCOUNT),
        ("session", STS + "assumed-role/deploy/s1", "compromised-session", ACCOUNT),
        ("session", STS + "assumed-role/admin/s2", "compromised-session", ACCOUNT),
        ("session", STS + "federated-user/fed", "federated-session", ACCOUNT),
        ("session", f"arn:aws:sts::{FOREIGN}:assumed-role/partner/s3", "compromised-session", FOREIGN),
        ("user", "temp", "attacker-made-user", ACCOUNT),
        ("role", "backdoor", "attacker-made-role", ACCOUNT),
        ("saml-provider", f"arn:aws:iam::{ACCOUNT}:saml-provider/theirs", None, ACCOUNT),
    }
    assert all(t["live"] for t in attack.triage["targets"])


def test_exactly_the_artefacts(attack):
    found = {(a["kind"], a["id"], a.get("owner"), a["removed"]) for a in attack.triage["artefacts"]}
    assert found == {
        ("access-key", attack.own_key, attack.victim.name, False),
        ("access-key", attack.temp_key, "temp", False),
        ("user", "temp", None, False),
        ("login-profile", "temp", None, False),
        ("role", "backdoor", None, False),
        ("attached-policy", "arn:aws:iam::aws:policy/AdministratorAccess", "backdoor", False),
        ("saml-provider", f"arn:aws:iam::{ACCOUNT}:saml-provider/theirs", None, False),
        ("user", "gone", None, True),
    }


def test_from_the_source_outwards(attack):
    hops = {t["id"].rsplit("/", 1)[-1]: t["hops"] for t in attack.triage["targets"]}
    near = dict.fromkeys(["s1", "fed", "s3", "temp", attack.own_key], 1)
    assert hops == {attack.key: 0, **near, "s2": 2, "backdoor": 3, "theirs": 3}


def test_who_else_uses_a_role(attack):
    [session] = [t for t in attack.triage["targets"] if t["id"].endswith("deploy/s1")]
    assert session["others"] == [STS + "assumed-role/deploy/release-42"]


def test_no_secret_comes_out(attack):
    assert "NEVERSHOWN" not in attack.text


def paths(before, after):
    """What differs, by principal."""
    return {path[:2] for path in changes(before, after)}


def test_yes_contains_what_is_sure(cordon, attack, server, world):
    """Users, keys and sessions; no role as a whole, nobody of another account, and nobody who only works."""
    found = contain(cordon, "--yes")
    after = server.state()
    assert paths(attack.before, after) == {
        ("users", attack.victim.name),
        ("users", "temp"),
        ("roles", "deploy"),
        ("roles", "admin"),
    }
    for name in (attack.victim.name, "temp"):
        assert is_deny_all(after["users"][name]["inline"][DENY])
        assert set(after["users"][name]["keys"].values()) == {"Inactive"}
    assert attack.deploy.steal() == attack.admin.steal() == attack.fed.steal() == "AccessDenied"
    assert attack.colleague.steal() == "ok" and world.bystander.steal() == "ok"
    left = {x["id"].rsplit("/", 1)[-1]: x for x in found["left_out"]}
    assert set(left) == {"backdoor", "theirs", "s3"}
    assert left["s3"]["account"] == FOREIGN and "another account" in left["s3"]["why"]
    covered = {x["what"].split("/")[-1]: x["why"] for x in found["not_covered"]}
    assert "restore its metadata" in covered["theirs"] and "--include" in covered["role backdoor"]
    assert found["shared_roles"][0]["others"] == [STS + "assumed-role/deploy/release-42"]


def target(kind, name, playbook, hops):
    """A target as triage writes it."""
    return {
        "kind": kind,
        "id": name,
        "account": ACCOUNT,
        "live": True,
        "playbook": playbook,
        "parameters": {kind: name},
        "hops": hops,
    }


def test_class_1_goes_first_then_cutoffs_outwards(cordon, attack, world):
    """Whatever the order in the file: each cutoff waits for the one nearer to the source."""
    chain = [
        target("role", "admin", "compromised-role", 2),
        target("role", "deploy", "compromised-role", 1),
        target("user", attack.victim.name, "compromised-user", 0),
    ]
    (cordon.folder / "triage.json").write_text(json.dumps(attack.triage | {"targets": chain}))
    contain(cordon, "--yes", "--include", "admin", "--include", "deploy", check=1)
    sent = [e["params"] for e in world.writes() if e["params"].get("PolicyName")]
    names = [(p["PolicyName"][:9], p.get("UserName") or p.get("RoleName")) for p in sent]
    assert {n for _, n in names[:3]} == {attack.victim.name, "deploy", "admin"} and names[0][0] != "AWSRevoke"
    assert names[3:] == [("AWSRevoke", n) for n in (attack.victim.name, "deploy", "admin")]


def test_what_is_left_out_is_in_the_record(cordon, attack):
    contain(cordon, "--yes")
    kept = json.loads((cordon.run_folder() / "result.json").read_text())
    assert any("backdoor" in x["what"] for x in kept["not_covered"])
    assert "backdoor" in cordon("show", cordon.run_folder().name).stdout


def test_a_role_that_is_named(cordon, attack, server):
    found = contain(cordon, "--yes", "--include", "backdoor")
    assert ("roles", "backdoor") in paths(attack.before, server.state())
    assert "backdoor" not in str(found["left_out"])


def test_it_asks_once(cordon, attack, server):
    result = cordon.answer(["reversible"], "contain", "--from-triage", "triage.json", "--settle", "0")
    assert result.tty.count("Answer:") == 1 and result.status == 5, str(result)
    assert {p for p in paths(attack.before, server.state()) if p[0] == "users"} == {
        ("users", attack.victim.name),
        ("users", "temp"),
    }
    assert "release-42" in result.stderr and "backdoor" in result.stderr


def test_no_answer_changes_nothing(cordon, attack, server):
    result = cordon.answer(["no"], "contain", "--from-triage", "triage.json")
    assert result.status == 3 and paths(attack.before, server.state()) == set()


def test_one_who_is_gone_by_now_stops_nobody(cordon, attack, server):
    """A user that was deleted after the log was written."""
    world = attack.world
    world.iam.delete_login_profile(UserName="temp")
    world.iam.delete_access_key(UserName="temp", AccessKeyId=attack.temp_key)
    world.iam.delete_user(UserName="temp")
    before = server.state()
    found = contain(cordon, "--yes")
    assert paths(before, server.state()) == {("users", attack.victim.name), ("roles", "deploy"), ("roles", "admin")}
    assert any("temp" in x for x in found["absent"])


def test_the_account_of_the_caller(cordon, attack, server):
    """Targets of another account alone: nothing is sent."""
    document = attack.triage | {"targets": [t for t in attack.triage["targets"] if t["account"] == FOREIGN]}
    (cordon.folder / "foreign.json").write_text(json.dumps(document))
    result = cordon("contain", "--from-triage", "foreign.json", "--yes", "--settle", "0")
    assert result.status == 3 and paths(attack.before, server.state()) == set(), str(result)


def test_a_plan_of_it_can_be_applied(cordon, attack, server):
    plan = cordon("contain", "--from-triage", "triage.json", "--dry-run", "--output", "json", check=5)
    (cordon.folder / "plan.json").write_text(plan.stdout)
    assert paths(attack.before, server.state()) == set()
    cordon("apply", "plan.json", "--yes", "--settle", "0", check=1)
    assert user_changes(attack.before, attack.victim.name, password=False) <= set(changes(attack.before, server.state()))
