# SPDX-License-Identifier: Apache-2.0
"""What a principal can still do and what AWS changed of its policies, asked of a live account."""

import pytest

from support.expect import checks
from support.world import ACCOUNT, deny


def roles(document):
    return {role["name"] for role in document["assumable_roles"]}


def test_a_user_before_and_after_containment(cordon, world):
    before = cordon.json("reach", world.victim.name, check=0)
    assert before["format"] == "cordon-reach/1" and before["unread"] == []
    assert before["principal"] == world.victim.arn and before["as"] == "key"
    assert before["allowed"] + before["explicit_deny"] + before["implicit_deny"] == before["known"]
    assert before["by_service"]["logs"] > 10, "by its group"
    assert {"deploy", "named"} <= roles(before)
    assert not {"unreachable", "distrusting"} & roles(before)
    assert "sts:GetFederationToken" in [item["action"] for item in before["undo"]]
    assert world.writes() == []
    cordon("deny-all", "--user", world.victim.name, "--yes")
    after = cordon.json("reach", world.victim.arn, check=0)
    assert after["by_service"] == {"sts": 2}
    assert after["undo"] == [] and roles(after) == set()
    assert [path for path in after["paths"] if path["open"]] == []


def test_a_cutoff_leaves_the_key_and_later_sessions(cordon, world):
    cordon("revoke-sessions", "--user", world.victim.name, "--yes")
    key = cordon.json("reach", world.victim.name, check=0)
    old = cordon.json("reach", world.victim.name, "--issued", "2020-01-01T00:00:00Z", check=0)
    later = cordon.json("reach", world.victim.name, "--issued", "2099-01-01T00:00:00Z", check=0)
    assert key["allowed"] == later["allowed"] > 100
    assert old["allowed"] == 2
    assert old["as"] == later["as"] == "session"


def test_one_action_by_its_statement(cordon, world):
    asked = ["reach", world.victim.name, "--action", "s3:PutObject", "--resource", "arn:aws:s3:::b/k"]
    decision = cordon.json(*asked, check=0)["decision"]
    assert (decision["decision"], decision["policy"], decision["statement"]) == ("Allow", "inline daily-work", 0)


def test_a_role_leads_on(cordon, world):
    document = cordon.json("reach", world.deploy, check=0)
    assert document["as"] == "session" and document["by_service"]["s3"] > 100
    assert f"arn:aws:iam::{ACCOUNT}:role/app/deploy" == document["principal"]


def test_by_its_access_key(cordon, world):
    assert cordon.json("reach", world.victim.key, check=0)["principal"] == world.victim.arn
    gone = world.iam.create_access_key(UserName="carol")["AccessKey"]["AccessKeyId"]
    world.iam.delete_access_key(UserName="carol", AccessKeyId=gone)
    assert cordon("reach", gone).status in (2, 4)


@pytest.mark.parametrize("who", ["nobody", "role/nobody"])
def test_nobody(cordon, world, who):
    assert cordon("reach", who, check=2).says("nobody")


def test_drift_and_diff(cordon, world):
    result = cordon("policy", "drift", "--output", "json")
    assert result.status in (0, 1), str(result)
    assert world.writes() == []
    assert cordon("policy", "diff", "AWSDenyAll", "aws:AWSDenyAll", check=0).says("AWSDenyAll")
    assert cordon("policy", "diff", "AWSDenyAll", "aws:Nothing", check=2).status == 2


REMAINS = "no known action remains possible"


def sides(document):
    return document["reach"]["targets"][0]


def test_a_plan_foresees_what_reach_finds_afterwards(cordon, world):
    """The plan's numbers are those of the account as it is, and as the containment leaves it."""
    plan = cordon.json("plan", "compromised-user", "--set", f"user={world.victim.name}", check=0)
    before = cordon.json("reach", world.victim.name, check=0)
    contained = cordon.contain(world.victim.name, "--irreversible")
    key = cordon.json("reach", world.victim.name, check=0)
    later = cordon.json("reach", world.victim.name, "--issued", "2099-01-01T00:00:00Z", check=0)
    for number in ("allowed", "explicit_deny", "implicit_deny"):
        assert sides(plan)["before"]["key"][number] == before[number]
        assert sides(plan)["after"]["key"][number] == key[number]
        assert sides(plan)["after"]["session_later"][number] == later[number]
    assert sides(plan)["before"]["unread"] == sides(plan)["after"]["unread"] == []
    assert sides(plan)["after"]["key"]["unconditional"] is True
    assert sides(contained)["before"]["key"]["allowed"] == before["allowed"], "with --yes too, as it was before"
    assert checks(contained)[REMAINS] == "true"


def test_the_check_is_not_met_once_the_deny_is_gone(cordon, world):
    run = cordon.contain(world.victim.name)["run"]
    assert checks(cordon.json("verify", run, "--settle", "0"))[REMAINS] == "true"
    world.iam.delete_user_policy(UserName=world.victim.name, PolicyName="CordonDenyAll")
    open_again = cordon.json("verify", run, "--settle", "0", check=1)
    assert open_again["verdict"] == "OPEN"
    assert checks(open_again)[REMAINS] == "false"


@pytest.mark.parametrize("unread, state", [(None, "true"), ("iam:GetPolicyVersion", "unknown"), ("iam:GetPolicy", "unknown")])
def test_what_aws_denies_is_read(cordon, world, unread, state):
    """AWSDenyAll counts by what it says; if that cannot be read, nobody knows."""
    run = cordon.contain(world.victim.name)["run"]
    world.iam.delete_user_policy(UserName=world.victim.name, PolicyName="CordonDenyAll")
    world.iam.attach_user_policy(UserName=world.victim.name, PolicyArn="arn:aws:iam::aws:policy/AWSDenyAll")
    if unread:
        world.limit_responder(deny(unread))
    assert checks(cordon.json("verify", run, "--settle", "0"))[REMAINS] == state


def test_a_cutoff_says_what_remains(cordon, world):
    document = cordon.json("apply", "compromised-session", "--set", "role=deploy", "--yes", "--settle", "0")
    target = document["targets"][0]
    assert REMAINS not in checks(document)
    assert target["remains"]["session_now"]["allowed"] == 1
    assert target["remains"]["session_later"]["allowed"] > 100
