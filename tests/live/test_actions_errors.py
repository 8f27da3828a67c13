# SPDX-License-Identifier: Apache-2.0
"""What AWS answers when it is busy, sulky or broken: bounded patience, and an honest account of what was done."""

import time

import pytest

from support.acting import NOW, act, effect
from support.expect import DENY, operations

V = ("--user", "anna.dev")


def error(action, code, status=409, **more):
    """A fault: this action is answered so."""
    return {"action": action, "do": "error", "code": code, "status": status} | more


def statuses(found):
    """{operation: the statuses of its results}."""
    names = {o["id"]: o["operation"] for o in found["operations"]}
    out = {}
    for result in found["results"]:
        out.setdefault(names[result["id"]], set()).add(result["status"])
    return out


def tries(world, action):
    """How often a write was sent."""
    return len([e for e in world.sent() if e["action"] == action])


# Busy


@pytest.mark.parametrize(
    "fault",
    [
        error("PutUserPolicy", "ConcurrentModification"),
        {"action": "PutUserPolicy", "do": "throttle"},
        error("PutUserPolicy", "ServiceFailure", 500),
        {"action": "PutUserPolicy", "do": "html"},
    ],
    ids=["concurrent", "throttled", "failure", "html"],
)
def test_once_is_tried_again_and_done(cordon, world, server, fault):
    server.faults(fault)
    found, changed = effect(cordon, server, "deny-all", *V)
    assert list(changed) == [("users", "anna.dev", "inline", DENY)]
    assert statuses(found) == {"PutUserPolicy": {"done"}} and tries(world, "PutUserPolicy") == 2
    assert len([line for line in cordon.journal() if line["event"] == "attempt"]) >= 1


@pytest.mark.parametrize(
    "fault, told",
    [({"do": "html"}, "503"), ({"do": "throttle"}, "Throttling")],
    ids=["html", "throttled"],
)
def test_for_ever_is_given_up_and_said(cordon, world, server, fault, told):
    server.faults(fault | {"action": "PutUserPolicy", "times": 0})
    cordon.env["AWS_MAX_ATTEMPTS"] = "3"  # unset, a throttled write is tried longer
    found, changed = effect(cordon, server, "deny-all", *V, check=5)
    assert changed == {}
    assert statuses(found)["PutUserPolicy"] <= {"failed", "unknown"}
    assert told in str(found["results"]) and 2 <= tries(world, "PutUserPolicy") <= 6


def made_again(world, server, **rest):
    """A user of an old name, who refuses to be changed for a while."""
    world.iam.create_user(UserName="phoenix")
    world.iam.delete_user(UserName="phoenix")
    server.configure(recreated=rest)
    world.iam.create_user(UserName="phoenix")


@pytest.mark.parametrize("rest, answers, status", [({"calls": 1}, [409, 200], 0), ({"seconds": 600}, [409] * 5, 5)])
def test_a_user_who_was_just_made_anew_is_waited_for_but_not_for_ever(cordon, world, server, rest, answers, status):
    made_again(world, server, **rest)
    start = time.monotonic()
    found, changed = effect(cordon, server, "delete-user", "--user", "phoenix", check=status)
    assert changed == ({} if status else {("users", "phoenix"): None})
    assert [e["status"] for e in world.sent(action="DeleteUser")] == answers and time.monotonic() - start < 20
    assert statuses(found) == {"DeleteUser": {"failed" if status else "done"}}
    assert not status or found["results"][0]["error"]["code"] == "EntityTemporarilyUnmodifiable"


# Not there any more


@pytest.mark.parametrize(
    "command, operation",
    [
        (("detach-policies", *V, "--all"), "DetachUserPolicy"),
        (("delete-inline-policies", *V, "--all"), "DeleteUserPolicy"),
        (("delete-login-profile", *V), "DeleteLoginProfile"),
        (("remove-from-groups", *V, "--all"), "RemoveUserFromGroup"),
    ],
)
def test_somebody_else_was_quicker_is_done(cordon, world, server, command, operation):
    server.faults(error(operation, "NoSuchEntity", 404))
    found = act(cordon, *command, check=1)
    assert statuses(found) == {operation: {"done"}} and tries(world, operation) == 1
    assert [c["state"] for c in found["targets"][0]["checks"]] == ["false"], "this server's word was no truth: it is read back"


def test_what_should_be_set_on_nobody_is_not_done(cordon, world, server):
    server.faults(error("PutUserPolicy", "NoSuchEntity", 404))
    found = act(cordon, "deny-all", *V, check=5)
    assert statuses(found) == {"PutUserPolicy": {"failed"}} and tries(world, "PutUserPolicy") == 1


# Half done


def test_a_conflict_at_the_end_is_told_as_it_is(cordon, world, server):
    """Somebody gave the user something while he was taken apart: he still exists, and that is the answer."""
    server.faults(error("DeleteUser", "DeleteConflict"))
    found = act(cordon, "delete-user", *V, check=5)
    assert statuses(found)["DeleteUser"] == {"failed"} and tries(world, "DeleteUser") == 1
    left = server.state()["users"]["anna.dev"]
    assert left["keys"] == {} and left["inline"] == {} and not left["password"]
    assert "DeleteConflict" in str(found["results"])
    act(cordon, "delete-user", *V)
    assert "anna.dev" not in server.state()["users"]


@pytest.mark.parametrize("failing", ["DeleteAccessKey", "DetachUserPolicy", "RemoveUserFromGroup", "DeleteUserPolicy"])
def test_what_failed_holds_back_what_comes_after(cordon, world, server, failing):
    server.faults(error(failing, "AccessDenied", 403, times=0))
    found = act(cordon, "delete-user", *V, check=5)
    told = statuses(found)
    assert "failed" in told[failing] and told["DeleteUser"] == {"skipped"}
    assert tries(world, "DeleteUser") == 0 and "anna.dev" in server.state()["users"]


@pytest.mark.parametrize("failing", ["DeleteAccessKey", "DeleteUser"])
def test_no_new_user_beside_the_old_one(cordon, world, server, failing):
    server.faults(error(failing, "AccessDenied", 403, times=0))
    before = server.state()["users"]["anna.dev"]["id"]
    told = statuses(act(cordon, "recreate-user", *V, check=5))
    assert "failed" in told[failing] and told["CreateUser"] == {"skipped"}
    assert tries(world, "CreateUser") == 0 and server.state()["users"]["anna.dev"]["id"] == before


def test_a_new_user_that_could_not_be_made_gets_nothing(cordon, world, server):
    """The old one is gone by then: the worst place to fail, so nothing may hide it."""
    server.faults(error("CreateUser", "AccessDenied", 403, times=0))
    found = act(cordon, "recreate-user", *V, check=5)
    told = statuses(found)
    assert told["DeleteUser"] == {"done"} and told["CreateUser"] == {"failed"}
    assert told["AttachUserPolicy"] == {"skipped"} and tries(world, "AttachUserPolicy") == 0
    assert "anna.dev" not in server.state()["users"]
    assert "daily-work" in (cordon.run_folder() / "before.json").read_text()


def test_denies_that_do_not_come_back_keep_back_what_allows(cordon, world, server):
    act(cordon, "deny-all", *V)
    server.faults(error("PutUserPolicy", "AccessDenied", 403, params={"PolicyName": DENY}, times=0))
    found = act(cordon, "recreate-user", *V, check=5)
    new = server.state()["users"]["anna.dev"]
    assert new["attached"] == [] and new["inline"] == {} and new["groups"] == []
    assert "failed" in statuses(found)["PutUserPolicy"]


# The answer was lost


@pytest.mark.parametrize("cut", ["cut-before", "cut-after", "truncate"])
@pytest.mark.parametrize(
    "command, operation",
    [(("delete-user", "--user", "bob"), "DeleteUser"), (("recreate-user", "--user", "bob"), "CreateUser")],
)
def test_an_answer_that_is_lost(cordon, world, server, cut, command, operation):
    """A write that must not be sent twice is read back; one that may is sent again: the end is the same."""
    before = server.state()["users"]["bob"]["id"]
    server.faults({"action": operation, "do": cut})
    found = cordon(*command, *NOW).json
    users = server.state()["users"]
    exists = "bob" in users
    assert exists == (operation == "CreateUser") or "done" not in statuses(found)[operation]
    assert not exists or users["bob"]["id"] != before
    assert tries(world, "CreateUser") <= 2 and operations(found)


# Only AWS may


@pytest.mark.parametrize("action", ["deny-all", "lock-trust-policy", "revoke-sessions", "tag"])
def test_a_role_that_aws_protects_without_a_sign_of_it(cordon, world, server, action):
    """The guard knows names and paths; where AWS knows better, its answer is told."""
    operation = {"lock-trust-policy": "UpdateAssumeRolePolicy", "tag": "TagRole"}.get(action, "PutRolePolicy")
    server.faults(error(operation, "UnmodifiableEntity", 400, times=0))
    found, changed = effect(cordon, server, action, "--role", "deploy", check=5)
    assert changed == {} and tries(world, operation) == 1
    assert found["results"][0]["error"]["code"] == "UnmodifiableEntity"
