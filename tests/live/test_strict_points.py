# SPDX-License-Identifier: Apache-2.0
"""What torture needs of the layer: faults at the N-th call of a client, a process killed there, a saved account."""

import json
import subprocess

import botocore.exceptions
import pytest

from support.thief import Thief
from support.world import World, deny, document

READ = ("get_user", {"UserName": "bob"})
WRITE = ("put_user_policy", {"UserName": "bob", "PolicyName": "no", "PolicyDocument": document(deny("*"))})
REFUSED = {"throttle": 400, "html": 503, "cut-before": None, "cut-after": None}


@pytest.fixture
def client(world):
    """Somebody who sends one call after another."""
    return Thief(world.server, world.responder).client("iam")


def outcome(client, call):
    """'ok', the status of a refusal, or None where no reply came."""
    try:
        getattr(client, call[0])(**call[1])
    except botocore.exceptions.ClientError as error:
        return error.response["ResponseMetadata"]["HTTPStatusCode"]
    except botocore.exceptions.HTTPClientError:
        return None
    except botocore.parsers.ResponseParserError:
        return 503
    return "ok"


@pytest.mark.parametrize("effect", REFUSED)
@pytest.mark.parametrize("number", [0, 1, 3])
def test_the_nth_call_of_a_client_whatever_it_asks(world, server, client, effect, number):
    server.faults({"key": world.responder["AccessKeyId"], "skip": number, "do": effect})
    found = []
    for place in range(4):
        found.append(outcome(client, WRITE if place % 2 else READ))
        server.settle()  # a write whose reply was cut may still be under way
        assert outcome(server.iam, READ) == "ok", "another client's calls do not count"
    assert found == ["ok"] * number + [REFUSED[effect]] + ["ok"] * (3 - number)


@pytest.mark.parametrize("effect, carried_out", [("kill-before", False), ("kill-after", True)])
def test_a_process_is_dead_before_anything_else_happens(world, server, client, effect, carried_out):
    before = server.state()
    with subprocess.Popen(["sleep", "1000"]) as process:
        rule = {"key": world.responder["AccessKeyId"], "skip": 1, "do": effect, "pid": process.pid}
        server.faults(rule)
        assert outcome(client, READ) == "ok" and process.poll() is None
        assert outcome(client, WRITE) is None
        assert process.wait(0) == -9, "it had ended when the connection did"
    assert (server.state() != before) == carried_out
    server.settle()
    assert server.log(world.responder["AccessKeyId"])[-1]["done"] == carried_out


def test_an_account_is_put_aside_and_brought_back(world, server):
    server.save("start")
    before, texts = server.state(), server.state(texts=True)
    thief = world.victim.thief()
    world.iam.delete_user_policy(UserName="bob", PolicyName="files")
    world.iam.update_access_key(UserName="anna.dev", AccessKeyId=world.victim.key, Status="Inactive")
    world.iam.create_user(UserName="new")
    server.configure(quotas={"GroupsPerUserQuota": 1})
    server.save("later")
    server.restore("start")
    assert server.state() == before and server.state(texts=True) == texts
    assert server.ask("log") == []
    assert thief.steal() == "ok" and world.bystander.steal() == "ok"
    assert world.iam.get_account_summary()["SummaryMap"]["GroupsPerUserQuota"] == 10
    world.iam.create_user(UserName="other")
    server.restore("later")
    assert set(server.state()["users"]) == set(before["users"]) | {"new"}
    assert thief.steal() == "InvalidAccessKeyId"


def test_sessions_come_back_with_the_account(world, server):
    early = world.victim.thief().session_token()
    server.save("start")
    late = world.victim.thief().session_token()
    assert early.steal() == late.steal() == "ok"
    server.restore("start")
    assert early.steal() == "ok" and late.steal() == "InvalidAccessKeyId"
    world.iam.put_user_policy(UserName="anna.dev", PolicyName="no", PolicyDocument=document(deny("*")))
    assert early.steal() == "AccessDenied", "it is judged by the user as he is after the account came back"


def test_a_saved_account_does_not_change_with_the_present_one(world, server):
    server.save("start")
    for _time in range(2):
        server.restore("start")
        world.iam.put_user_policy(UserName="bob", PolicyName="more", PolicyDocument=document(deny("s3:*")))
    server.restore("start")
    assert set(server.state()["users"]["bob"]["inline"]) == {"files"}


def test_a_reset_forgets_what_was_put_aside(world, server):
    server.save("start")
    server.reset()
    with pytest.raises(OSError):
        server.restore("start")
    World(server)


def test_texts_are_those_that_were_sent(world, server):
    text = document(deny("*")).replace(",", " ,\n\t")
    world.iam.put_user_policy(UserName="bob", PolicyName="spaced", PolicyDocument=text)
    assert server.state(texts=True)["users"]["bob"]["inline"]["spaced"] == text
    assert server.state()["users"]["bob"]["inline"]["spaced"] == json.loads(text)
