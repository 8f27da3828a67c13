# SPDX-License-Identifier: Apache-2.0
"""triage --lookup: CloudTrail asked page by page, as AWS allows it, whatever it answers."""

import json
import signal
import time

import pytest
from support.cloudtrail import CloudTrail, looked_up, refusal
from support.program import Cordon, wait_until

KEY = "AKIAEXAMPLELEAKED000"
OWN = {"AccessKeyId": "AKIAEXAMPLERESPONDER", "SecretAccessKey": "not-a-secret"}
ACCOUNT = "111122223333"


def record(number, name="ListUsers", user="alice", key=KEY, source="iam", **more):
    """A record of CloudTrail."""
    return {
        "eventVersion": "1.11",
        "userIdentity": {
            "type": "IAMUser",
            "userName": user,
            "accountId": ACCOUNT,
            "arn": f"arn:aws:iam::{ACCOUNT}:user/{user}",
            "accessKeyId": key,
        },
        "eventTime": f"2026-07-14T10:{number // 60 % 60:02}:{number % 60:02}Z",
        "eventSource": f"{source}.amazonaws.com",
        "eventName": name,
        "sourceIPAddress": "203.0.113.9",
        "userAgent": "Boto3/1.34",
        "requestParameters": None,
        "responseElements": None,
        "eventID": f"e{number}",
        "recipientAccountId": ACCOUNT,
        **more,
    }


@pytest.fixture
def trail():
    """An empty CloudTrail."""
    made = CloudTrail(OWN, {})
    yield made
    made.stop()


@pytest.fixture
def cordon(trail, tmp_path):
    """The program, with the responder's key."""
    return Cordon(trail, OWN, tmp_path)


def lookup(cordon, *args, check=0, **more):
    """One triage that asks CloudTrail."""
    return cordon.json("triage", "--lookup", *args, check=check, **more)


def test_what_a_key_did_in_two_regions(cordon, trail):
    """IAM's events are in one Region, those of a service in another; both lead to one picture."""
    made = {"accessKey": {"accessKeyId": "AKIAEXAMPLEBACKDOOR0", "userName": "bob"}}
    trail.events = {
        "us-east-1": [
            record(1, "CreateAccessKey", requestParameters={"userName": "bob"}, responseElements=made),
            record(2, "CreateUser", key="AKIAEXAMPLESOMEBODY0"),
        ],
        "eu-west-1": [record(3, "ListBuckets", source="s3")],
    }
    document = lookup(cordon, "--key", KEY, "--lookup-region", "us-east-1", "--lookup-region", "eu-west-1")
    assert [t["id"] for t in document["targets"]] == ["AKIAEXAMPLEBACKDOOR0", KEY]
    assert document["sources"]["events"] == 2
    assert {(x["region"], x["events"], x["complete"]) for x in document["sources"]["lookups"]} == {
        ("us-east-1", 1, True),
        ("eu-west-1", 1, True),
    }
    assert {e["region"] for e in trail.log} == {"us-east-1", "eu-west-1"}


def test_regions_where_none_is_named(cordon, trail):
    """The configured one, and the one that has what IAM does."""
    lookup(cordon, "--key", KEY, "--region", "eu-central-1")
    assert sorted(e["region"] for e in trail.log) == ["eu-central-1", "us-east-1"]


@pytest.mark.parametrize(
    "words, attribute",
    [
        (["--key", KEY], ("AccessKeyId", KEY)),
        (["--user", "alice"], ("Username", "alice")),
        (["--event-name", "AttachUserPolicy"], ("EventName", "AttachUserPolicy")),
        (["--event", "e1"], ("EventId", "e1")),
    ],
)
def test_what_is_asked_for(cordon, trail, words, attribute):
    trail.events = {"us-east-1": [record(1)]}
    lookup(cordon, *words)
    assert [e["asked"]["LookupAttributes"] for e in trail.log] == [
        [{"AttributeKey": attribute[0], "AttributeValue": attribute[1]}]
    ]


def test_an_event_name_leads_by_its_findings(cordon, trail):
    """The quarantine that failed, found by asking for its call."""
    by_aws = {"sourceIPAddress": "AWS Internal", "userAgent": "AWS Internal", "errorCode": "AccessDenied"}
    trail.events = {"us-east-1": [record(1, "AttachUserPolicy", **by_aws)]}
    document = lookup(cordon, "--event-name", "AttachUserPolicy")
    assert document["findings"][0]["rule"] == "quarantine-failed"
    assert [t["id"] for t in document["targets"]] == [KEY]


def test_pages_at_two_a_second(cordon, trail):
    """Four pages take three waits of half a second."""
    begun = time.monotonic()
    trail.events = {"us-east-1": [record(n) for n in range(180)]}
    document = lookup(cordon, "--key", KEY)
    assert document["sources"]["events"] == 180
    assert [e["asked"].get("NextToken") for e in trail.log] == [None, "50", "100", "150"]
    assert time.monotonic() - begun > 1.5


def test_times_are_asked_for(cordon, trail):
    lookup(cordon, "--key", KEY, "--from", "2099-01-01", "--to", "2099-01-02")
    assert (trail.log[0]["asked"]["StartTime"], trail.log[0]["asked"]["EndTime"]) == (4070908800, 4071081599)


def test_what_is_older_than_its_memory(cordon, trail):
    """An old beginning is not asked for, an old end is refused."""
    lookup(cordon, "--key", KEY, "--from", "2020-01-01")
    assert "StartTime" not in trail.log[0]["asked"]
    refused = lookup(cordon, "--key", KEY, "--to", "2020-01-01", check=2)
    assert "90 days" in refused["error"]["message"] and len(trail.log) == 1


def test_a_cap_is_said(cordon, trail):
    trail.events = {"us-east-1": [record(n) for n in range(120)]}
    document = lookup(cordon, "--key", KEY, "--lookup-pages", "1")
    assert document["sources"]["events"] == 50 and len(trail.log) == 1
    [one] = document["sources"]["lookups"]
    assert one["complete"] is False and "--lookup-pages" in one["why"]
    assert "--lookup-pages" in cordon("triage", "--lookup", "--key", KEY, "--lookup-pages", "1").stdout


def test_throttling_is_waited_for(cordon, trail):
    trail.events = {"us-east-1": [record(1)]}
    trail.script = [lambda _asked: refusal(400, "ThrottlingException", "Rate exceeded")] * 2
    assert lookup(cordon, "--key", KEY)["sources"]["events"] == 1


def scripted(answer):
    """An answer that is given whatever is asked."""
    return lambda _asked: answer


@pytest.mark.parametrize(
    "answer, words",
    [
        (refusal(400, "AccessDeniedException", "User is not authorized to perform: cloudtrail:LookupEvents"), "not authorized"),
        (refusal(400, "com.amazonaws#InvalidTimeRangeException:http://x/", "bad"), "InvalidTimeRangeException: bad"),
        ((403, b"{}", {"x-amzn-ErrorType": "AccessDeniedException:http://x/"}), "AccessDeniedException"),
        ((400, b"<html>portal</html>", {}), "no answer of AWS"),
        ((200, b"<html>portal</html>", {}), "no JSON"),
        ((200, b"[1, 2]", {}), "not the one of this operation"),
        ((200, b'{"Events": {"CloudTrailEvent": "x"}}', {}), "not the one of this operation"),
        ((200, b'{"Events": [{"CloudTrailEvent": 7}]}', {}), "not the one of this operation"),
        ((200, b'{"Events": ' + b"[" * 5000 + b"]" * 5000 + b"}", {}), "no JSON"),
        ((200, b'{"Events": [], "NextToken": "\xff"}', {}), "no JSON"),
    ],
)
def test_hostile_answers(cordon, trail, answer, words):
    """Alone it is an error; beside a file, an input that could not be read."""
    trail.script = [scripted(answer)]
    result = cordon("triage", "--lookup", "--key", KEY, "--output", "json")
    assert result.status != 0 and words in result.json["error"]["message"], str(result)
    (cordon.folder / "log.jsonl").write_text(json.dumps(record(1)))
    trail.script = [scripted(answer)]
    document = lookup(cordon, "--key", KEY, "log.jsonl")
    assert document["sources"]["events"] == 1
    assert any(words in s["why"] for s in document["sources"]["skipped"]), document["sources"]


def test_bad_records_cost_themselves(cordon, trail):
    """A record that is none, one that is cut, a NUL: counted, and the rest is read."""
    events = [{"CloudTrailEvent": "{"}, {"EventId": "x"}, {"CloudTrailEvent": json.dumps(record(1)) + "\0"}, looked_up(record(2))]
    trail.script = [scripted((200, json.dumps({"Events": events}).encode(), {}))]
    document = lookup(cordon, "--key", KEY)
    assert document["sources"]["events"] == 2
    assert document["sources"]["bad"] + document["sources"]["unknown"] == 2


def test_pages_without_end(cordon, trail):
    """The same token again leads round in a circle."""
    trail.script = [scripted((200, b'{"Events": [], "NextToken": "again"}', {}))] * 9
    result = cordon("triage", "--lookup", "--key", KEY, "--output", "json")
    assert "circle" in result.stdout and len(trail.log) == 2


def test_denied_in_one_region_of_two(cordon, trail):
    trail.events = {r: [record(n)] for n, r in enumerate(("eu-west-1", "us-east-1"))}
    trail.script = [lambda asked: refusal(400, "AccessDeniedException", "an SCP says no")]
    document = lookup(cordon, "--key", KEY, "--lookup-region", "eu-west-1", "--lookup-region", "us-east-1")
    assert sorted(x["complete"] for x in document["sources"]["lookups"]) == [False, True]
    assert document["sources"]["events"] == 1


def test_denied_everywhere(cordon, trail):
    trail.script = [scripted(refusal(400, "AccessDeniedException", "no"))]
    assert lookup(cordon, "--key", KEY, check=4)["error"]["code"] == "denied"


def test_wrong_credentials(cordon):
    wrong = {"AWS_ACCESS_KEY_ID": "AKIAEXAMPLEUNKNOWN00"}
    assert lookup(cordon, "--key", KEY, env=wrong, check=4)["error"]["code"] == "credentials"


def test_a_signal_stops_it(cordon, trail):
    trail.events = {"us-east-1": [record(n) for n in range(3000)]}
    process = cordon.start("triage", "--lookup", "--key", KEY, "--output", "json")
    wait_until(lambda: len(trail.log) >= 2)
    process.send_signal(signal.SIGINT)
    result = cordon.finish(process)
    assert result.status == 130 and len(trail.log) < 20, str(result)


@pytest.mark.parametrize(
    "words",
    [
        ["--lookup"],
        ["--lookup", "--role", "admin"],
        ["--lookup", "--ip", "203.0.113.9"],
        ["--event-name", "CreateUser", "x.json"],
        ["--lookup", "--key", KEY, "--lookup-region", "x.example.org/"],
        ["--lookup", "--key", KEY, "--lookup-region", "evil-"],
        ["--lookup", "--key", KEY, "--account", "a.json"],
    ],
)
def test_what_cannot_be_asked(cordon, trail, words):
    assert cordon("triage", *words).status == 2
    assert trail.log == []


def test_no_secret_of_a_record_comes_out(cordon, trail):
    issued = {"credentials": {"accessKeyId": "ASIAEXAMPLESESSION00", "sessionToken": "NEVERSHOWN", "expiration": "x"}}
    trail.events = {"us-east-1": [record(1, "GetSessionToken", source="sts", responseElements=issued)]}
    for output in ("text", "json"):
        result = cordon("triage", "--lookup", "--key", KEY, "--output", output, "--verbose", check=0)
        assert "NEVERSHOWN" not in result.stdout + result.stderr and KEY in result.stdout
