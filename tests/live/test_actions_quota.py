# SPDX-License-Identifier: Apache-2.0
"""Full quotas: the next way is taken, in the plan or when AWS says no; where there is none, the reason is said."""

import json

import pytest

from support.acting import DENY_ALL, QUARANTINE, READ_ONLY, act, effect
from support.expect import CUTOFF, DENY, is_deny_all, operations
from support.world import deny, document

LIMITED = {"do": "error", "code": "LimitExceeded", "status": 409, "times": 0}
MEMBER = {"user": "UserName", "role": "RoleName", "group": "GroupName"}
SIZE = {"user": 2048, "role": 10240, "group": 5120}
WHO = {"user": ("--user", "anna.dev"), "role": ("--role", "deploy"), "group": ("--group", "developers")}


def size(text):
    """What AWS counts: all but white space."""
    return len("".join(text.split()))


def in_use(world, kind, name):
    """The characters of all inline policies of a principal, written as the world writes them."""
    inline = world.server.state()[f"{kind}s"][name]["inline"]
    return sum(size(json.dumps(policy)) for policy in inline.values())


NEED = size(document(deny("*") | {"Sid": "Cordon20261121T080429Z"}))


def fill(world, kind="user", left=0):
    """Use up a principal's inline quota but for so many characters."""
    name = WHO[kind][1]
    empty = size(document(deny("s3:", "arn:aws:s3:::")))
    room = SIZE[kind] - in_use(world, kind, name) - left - empty
    text = document(deny("s3:", "arn:aws:s3:::" + "x" * room))
    getattr(world.iam, f"put_{kind}_policy")(**{MEMBER[kind]: name}, PolicyName="filler", PolicyDocument=text)
    assert in_use(world, kind, name) == SIZE[kind] - left


def attach_all(world, kind="user"):
    """Use up the ten attachments."""
    name = WHO[kind][1]
    for number in range(10 - len(world.server.state()[f"{kind}s"][name]["attached"])):
        text = document(deny(f"ec2:x{number}"))
        arn = world.iam.create_policy(PolicyName=f"p{number}", PolicyDocument=text)["Policy"]["Arn"]
        getattr(world.iam, f"attach_{kind}_policy")(**{MEMBER[kind]: name}, PolicyArn=arn)


# In the plan


@pytest.mark.parametrize("kind", ["user", "role", "group"])
def test_inline_full_goes_managed(cordon, world, server, kind):
    fill(world, kind)
    found, changed = effect(cordon, server, "deny-all", *WHO[kind])
    ((path, new),) = changed.items()
    assert path[2] == "attached" and DENY_ALL in new
    assert {e["status"] for e in world.writes()} == {200}
    assert found["results"][0]["status"] == "done"


@pytest.mark.parametrize("kind", ["user", "role"])
def test_attachments_full_too_goes_to_the_boundary(cordon, world, server, kind):
    fill(world, kind)
    attach_all(world, kind)
    found, changed = effect(cordon, server, "deny-all", *WHO[kind])
    assert changed == {(f"{kind}s", WHO[kind][1], "boundary"): DENY_ALL}
    assert operations(found) == [f"Put{kind.title()}PermissionsBoundary"]


def test_a_group_with_no_room_at_all_says_so(cordon, world, server):
    fill(world, "group")
    attach_all(world, "group")
    found, changed = effect(cordon, server, "deny-all", *WHO["group"], check=5)
    assert changed == {} and world.writes() == []
    (skipped,) = found["skipped"]
    assert "group has no permissions boundary" in skipped["why"] and skipped["instead"]


@pytest.mark.parametrize("kind", ["user", "role", "group"])
@pytest.mark.parametrize("short, place", [(0, "inline"), (1, "attached")])
def test_the_last_characters_are_counted_exactly(cordon, world, server, kind, short, place):
    fill(world, kind, left=NEED - short)
    _found, changed = effect(cordon, server, "deny-all", *WHO[kind])
    assert [path[:3] for path in changed] == [(f"{kind}s", WHO[kind][1], place)]
    assert {e["status"] for e in world.writes()} == {200}


def test_white_space_is_free(cordon, world, server):
    text = "\n\t ".join(document(deny("s3:Get*")).split(" ")) + "\n" * 3000
    world.iam.put_user_policy(UserName="anna.dev", PolicyName="airy", PolicyDocument=text)
    _found, changed = effect(cordon, server, "deny-all", *WHO["user"])
    assert list(changed) == [("users", "anna.dev", "inline", DENY)]


def test_what_is_replaced_makes_room(cordon, world, server):
    """Our own quarantine stands and the rest is full: the smaller one fits in its place."""
    act(cordon, "quarantine", "--role", "deploy")
    fill(world, "role")
    _found, changed = effect(cordon, server, "quarantine", "--role", "deploy", "--spare-logs")
    assert list(changed) == [("roles", "deploy", "inline", "CordonQuarantine", "Statement")]


def test_a_cutoff_that_does_not_fit_beside_the_deny_is_skipped_with_the_reason(cordon, world, server):
    fill(world, "user", left=NEED + 10)
    session = world.victim.thief().session_token()
    found = cordon.contain("anna.dev")
    inline = server.state()["users"]["anna.dev"]["inline"]
    assert is_deny_all(inline[DENY]) and CUTOFF not in inline
    told = [s["why"] for s in found["skipped"] if "cutoff does not fit" in s["why"]]
    assert told and "the explicit deny (inline) stops older sessions too" in told[0]
    assert session.steal() == "AccessDenied"
    assert {e["status"] for e in world.writes()} == {200}


def test_a_cutoff_alone_that_does_not_fit(cordon, world):
    fill(world)
    found = act(cordon, "revoke-sessions", *WHO["user"], check=5)
    assert world.writes() == [] and found["skipped"][0]["instead"] == "deny-all"


@pytest.mark.parametrize(
    "command, instead",
    [
        (("restrict", "--deny", "s3:GetObject", "--resource", "*"), "fewer actions"),
        (("deny-all", "--session", "guest"), "without --session"),
        (("quarantine", "--via", "inline"), "deny-all"),
    ],
)
def test_what_must_be_inline_and_does_not_fit(cordon, world, command, instead):
    """Asked for outright, `--via inline` may be tried; the answer is no all the same, and it is not called success."""
    fill(world)
    found = act(cordon, *command, *WHO["user"], check=5)
    assert [e for e in world.writes() if e["status"] == 200] == []
    told = found["skipped"] + [r for r in found["results"] if r["status"] == "failed"]
    assert instead in str(found["skipped"]) or "LimitExceeded" in str(told)


def test_a_quarantine_that_does_not_fit_is_awss_own(cordon, world, server):
    fill(world)
    _found, changed = effect(cordon, server, "quarantine", *WHO["user"])
    assert changed == {("users", "anna.dev", "attached"): [QUARANTINE + "V3", READ_ONLY]}


@pytest.mark.parametrize("action", ["deny-all", "quarantine"])
def test_what_ended_as_a_boundary_is_sent_once_and_found_again(cordon, world, action):
    fill(world)
    attach_all(world)
    assert operations(act(cordon, action, *WHO["user"])) == ["PutUserPermissionsBoundary"]
    assert operations(act(cordon, action, *WHO["user"])) == []


def test_a_quarantine_as_boundary_says_that_it_stops_everything(cordon, world):
    """A boundary that allows nothing leaves nothing allowed: that is no quarantine any more."""
    found = act(cordon, "quarantine", *WHO["user"], "--via", "boundary")
    assert world.victim.thief().attempt("s3", "list_buckets") == "AccessDenied"
    asked = {"PolicySourceArn": world.victim.arn, "ActionNames": ["ec2:DescribeInstances"]}
    assert world.iam.simulate_principal_policy(**asked)["EvaluationResults"][0]["EvalDecision"] == "implicitDeny"
    assert any("boundary" in w for w in found["warnings"]), found["warnings"]
    assert not any("not everything" in w for w in found["warnings"]), found["warnings"]


def test_a_quarantine_on_a_full_group(cordon, world, server):
    fill(world, "group")
    attach_all(world, "group")
    found, changed = effect(cordon, server, "quarantine", *WHO["group"], check=5)
    assert changed == {} and "no room" in found["skipped"][0]["why"]


# When it is sent


def fallen(world):
    """What was sent, and how it was answered."""
    return [(e["action"], e["status"]) for e in world.writes()]


@pytest.mark.parametrize("action", ["deny-all", "quarantine"])
def test_a_quota_that_nobody_told_leads_to_the_next_way(cordon, world, server, action):
    """The summary could not be read, and this account's limit is lower than AWS's default."""
    lower = in_use(world, "user", "anna.dev") + 10
    server.configure(quotas={"UserPolicySizeQuota": lower})
    server.faults({"action": "GetAccountSummary", "do": "error", "code": "AccessDenied", "status": 403, "times": 0})
    found, changed = effect(cordon, server, action, *WHO["user"])
    wanted = DENY_ALL if action == "deny-all" else QUARANTINE + "V3"
    assert changed == {("users", "anna.dev", "attached"): sorted([wanted, READ_ONLY])}
    assert fallen(world) == [("PutUserPolicy", 409), ("AttachUserPolicy", 200)]
    assert {r["status"] for r in found["results"]} == {"skipped", "done"}


@pytest.mark.parametrize("action", ["deny-all", "quarantine"])
def test_two_ways_closed_lead_to_the_third(cordon, world, server, action):
    server.faults(LIMITED | {"action": "PutUserPolicy"}, LIMITED | {"action": "AttachUserPolicy"})
    _found, changed = effect(cordon, server, action, *WHO["user"])
    assert list(changed) == [("users", "anna.dev", "boundary")]
    assert [name for name, _status in fallen(world)] == [
        "PutUserPolicy",
        "AttachUserPolicy",
        "PutUserPermissionsBoundary",
    ]


def test_all_ways_closed_is_a_failure(cordon, world, server):
    server.faults(LIMITED | {"action": ["PutUserPolicy", "AttachUserPolicy", "PutUserPermissionsBoundary"]})
    found, changed = effect(cordon, server, "deny-all", *WHO["user"], check=5)
    assert changed == {} and len(fallen(world)) == 3
    assert "failed" in {r["status"] for r in found["results"]}


def test_a_way_that_was_asked_for_is_not_left_in_silence(cordon, world, server):
    server.faults(LIMITED | {"action": "PutUserPolicy"})
    found, changed = effect(cordon, server, "deny-all", *WHO["user"], "--via", "inline", check=5)
    assert changed == {} and fallen(world) == [("PutUserPolicy", 409)]
    assert found["results"][0]["status"] == "failed"


def test_a_group_whose_limits_are_met_when_it_is_sent(cordon, world, server):
    server.faults(LIMITED | {"action": "PutGroupPolicy"})
    _found, changed = effect(cordon, server, "deny-all", *WHO["group"])
    assert list(changed) == [("groups", "developers", "attached")]


@pytest.mark.parametrize(
    "command, operation",
    [
        (("restrict", "--user", "bob", "--deny", "s3:*", "--resource", "*"), "PutUserPolicy"),
        (("revoke-sessions", "--user", "bob"), "PutUserPolicy"),
        (("lock-trust-policy", "--role", "deploy"), "UpdateAssumeRolePolicy"),
        (("tag", "--user", "bob", "--case", "INC-7"), "TagUser"),
    ],
)
def test_no_other_way_means_failed(cordon, world, server, command, operation):
    server.faults(LIMITED | {"action": operation})
    found, changed = effect(cordon, server, *command, check=5)
    assert changed == {} and fallen(world) == [(operation, 409)]
    assert found["results"][0]["status"] == "failed" and found["results"][0]["error"]["code"] == "LimitExceeded"


def test_recreating_stops_where_a_quota_has_shrunk(cordon, world, server):
    """What cannot be put back is said: not done, and named."""
    server.faults(LIMITED | {"action": "AttachUserPolicy"})
    found = act(cordon, "recreate-user", "--user", "anna.dev", check=5)
    failed = {r["id"] for r in found["results"] if r["status"] == "failed"}
    assert [o["operation"] for o in found["operations"] if o["id"] in failed] == ["AttachUserPolicy"]
    assert "anna.dev" in server.state()["users"]
