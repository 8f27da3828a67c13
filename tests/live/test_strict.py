# SPDX-License-Identifier: Apache-2.0
"""The strict layer itself: every strictness that the other tests lean on is proved here, by boto3 and by hand."""

import base64
import datetime
import email.utils
import http.client
import json
import time

import botocore.exceptions
import pytest

from support import raw
from support.thief import Thief
from support.world import allow, changes, deny, document, trust

QUARANTINE = "arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3"


def refusal(call, **params):
    """The (code, status, message) of a refusal."""
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        call(**params)
    error = caught.value.response
    return error["Error"]["Code"], error["ResponseMetadata"]["HTTPStatusCode"], error["Error"]["Message"]


def ask(server, credentials, action="GetCallerIdentity", service="sts", **wrong):
    """A request by hand: (status, code)."""
    return raw.send(*raw.signed(server, credentials, action, service, **wrong))[:2]


# Signatures


def test_a_good_signature_is_taken(server, world):
    assert ask(server, world.responder) == (200, None)
    assert ask(server, world.responder, "ListUsers", "iam") == (200, None)
    assert ask(server, world.responder, "ListUsers", "iam", method="GET") == (200, None)
    server.ask("clear", {})


@pytest.mark.parametrize(
    "part, code",
    [
        ("AccessKeyId", "InvalidClientTokenId"),
        ("SecretAccessKey", "SignatureDoesNotMatch"),
    ],
)
def test_wrong_key_or_secret(server, world, part, code):
    forged = dict(world.responder, **{part: "AKIAQQQQQQQQQQQQQQQQ"})
    assert ask(server, forged) == (403, code)


def test_a_changed_body_is_noticed(server, world):
    url, body, headers = raw.signed(server, world.responder, "ListUsers")
    assert raw.send(url, body + b"&PathPrefix=%2F", headers)[:2] == (403, "SignatureDoesNotMatch")


def test_an_unsigned_request_is_refused(server):
    assert raw.send(server.url + "/", b"Action=ListUsers&Version=2010-05-08", {})[:2] == (
        403,
        "MissingAuthenticationToken",
    )


def test_an_unsigned_amz_header_is_refused(server, world):
    url, body, headers = raw.signed(server, world.responder, "ListUsers")
    assert raw.send(url, body, headers | {"X-Amz-Extra": "1"})[:2] == (403, "SignatureDoesNotMatch")


@pytest.mark.parametrize(
    "skew, code",
    [
        (-290, None),
        (290, None),
        (-330, "SignatureDoesNotMatch"),
        (330, "SignatureDoesNotMatch"),
        (-172800, "SignatureDoesNotMatch"),
    ],
)
def test_freshness(server, world, skew, code):
    status, found, text, _headers = raw.send(
        *raw.signed(server, world.responder, "GetCallerIdentity", "sts", skew=skew)
    )
    assert (status, found) == ((403, code) if code else (200, None))
    assert not code or ("Signature expired" if skew < 0 else "Signature not yet current") in text


def test_scope_of_the_signature(server, world):
    assert ask(server, world.responder, "ListUsers", "iam", region="eu-west-1") == (403, "SignatureDoesNotMatch")
    assert ask(server, world.responder, "ListUsers", "iam", scope="sts") == (403, "SignatureDoesNotMatch")
    assert ask(server, world.responder, region="eu-west-1") == (200, None)


def test_an_inactive_key_is_dead_and_revived(server, world):
    thief, key = world.victim.thief(), world.victim.key
    world.iam.update_access_key(UserName=world.victim.name, AccessKeyId=key, Status="Inactive")
    assert thief.attempt("sts", "get_caller_identity") == "InvalidClientTokenId"
    assert thief.steal() == "InvalidAccessKeyId"
    world.iam.update_access_key(UserName=world.victim.name, AccessKeyId=key, Status="Active")
    assert thief.steal() == "ok"


def test_session_tokens_are_checked(server, world):
    session = world.victim.thief().session_token().credentials
    assert ask(server, session) == (200, None)
    assert ask(server, dict(session, SessionToken=None)) == (403, "InvalidClientTokenId")
    assert ask(server, dict(session, SessionToken="bm9uc2Vuc2U=")) == (403, "InvalidClientTokenId")
    assert ask(server, dict(world.responder, SessionToken="bm9uc2Vuc2U=")) == (403, "InvalidClientTokenId")


def test_the_clock_can_be_shifted(server, world):
    server.configure(clock=3600)
    status, code, _text, headers = raw.send(*raw.signed(server, world.responder, "GetCallerIdentity", "sts"))
    assert (status, code) == (403, "SignatureDoesNotMatch")
    date = email.utils.parsedate_to_datetime(headers["Date"])
    ahead = (date - datetime.datetime.now(datetime.timezone.utc)).total_seconds()
    assert 3500 < ahead < 3700
    assert ask(server, world.responder, skew=3600) == (200, None)


# Policies


def test_explicit_deny_beats_allow_for_every_kind_of_credential(server, world):
    thief = world.victim.thief()
    everyone = [thief, thief.session_token(), thief.federate("guest"), thief.assume(world.deploy)]
    assert [t.steal() for t in everyone] == ["ok"] * 4
    text = document(deny("*"))
    world.iam.put_user_policy(UserName=world.victim.name, PolicyName="stop", PolicyDocument=text)
    assert [t.steal() for t in everyone] == ["AccessDenied"] * 3 + ["ok"]
    world.iam.put_role_policy(RoleName="deploy", PolicyName="stop", PolicyDocument=text)
    assert everyone[3].steal() == "AccessDenied"
    assert {t.attempt("sts", "get_caller_identity") for t in everyone} == {"ok"}


def older_than(seconds):
    """The console's revocation with a cutoff so many seconds from now."""
    cutoff = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
    condition = {"DateLessThan": {"aws:TokenIssueTime": cutoff.strftime("%Y-%m-%dT%H:%M:%S.000Z")}}
    return document(deny(["*"], ["*"]) | {"Condition": condition})


def test_a_cutoff_hits_older_sessions_only_and_never_a_key(server, world):
    thief = world.victim.thief()
    role, user, guest = thief.assume(world.deploy), thief.session_token(), thief.federate("guest")
    for seconds, answer in ((-60, "ok"), (60, "AccessDenied")):
        text = older_than(seconds)
        world.iam.put_role_policy(RoleName="deploy", PolicyName="AWSRevokeOlderSessions", PolicyDocument=text)
        world.iam.put_user_policy(UserName=world.victim.name, PolicyName="AWSRevokeOlderSessions", PolicyDocument=text)
        assert [t.steal() for t in (role, user, guest)] == [answer] * 3
        assert thief.steal() == "ok"
    server.configure(clock=120)
    fresh = raw.signed(server, world.bystander.credentials, "GetCallerIdentity", "sts", skew=120)
    assert raw.send(*fresh)[0] == 200


def test_deny_by_userid_hits_one_session_of_a_role(server, world):
    thief = world.victim.thief()
    bad, good, guest = thief.assume(world.deploy, "bad"), thief.assume(world.deploy, "good"), thief.federate("guest")
    role_id = world.iam.get_role(RoleName="deploy")["Role"]["RoleId"]
    one = deny("*") | {"Condition": {"StringEquals": {"aws:userId": f"{role_id}:bad"}}}
    world.iam.put_role_policy(RoleName="deploy", PolicyName="one", PolicyDocument=document(one))
    assert (bad.steal(), good.steal()) == ("AccessDenied", "ok")
    two = deny("*") | {"Condition": {"StringEquals": {"aws:userid": "123456789012:guest"}}}
    world.iam.put_user_policy(UserName=world.victim.name, PolicyName="two", PolicyDocument=document(two))
    assert (guest.steal(), thief.steal()) == ("AccessDenied", "ok")


def test_attached_deny_groups_and_boundaries_count(server, world):
    thief, name = world.victim.thief(), world.victim.name
    deny_all = "arn:aws:iam::aws:policy/AWSDenyAll"
    world.iam.attach_user_policy(UserName=name, PolicyArn=deny_all)
    assert thief.steal() == "AccessDenied"
    world.iam.detach_user_policy(UserName=name, PolicyArn=deny_all)
    world.iam.put_user_permissions_boundary(UserName=name, PermissionsBoundary=deny_all)
    assert thief.steal() == "AccessDenied"
    world.iam.delete_user_permissions_boundary(UserName=name)
    assert thief.steal() == "ok"
    world.iam.put_group_policy(GroupName="developers", PolicyName="stop", PolicyDocument=document(deny("S3:listall*")))
    assert (thief.steal(), world.colleague.steal()) == ("AccessDenied", "AccessDenied")


def test_a_boundary_limits_without_a_deny(server, world):
    world.iam.put_user_permissions_boundary(
        UserName="bob", PermissionsBoundary="arn:aws:iam::aws:policy/IAMReadOnlyAccess"
    )
    assert world.bystander.steal() == "AccessDenied"


def test_permissions_for_one_resource(server, world):
    world.iam.put_user_policy(
        UserName="bob", PolicyName="one", PolicyDocument=document(allow("iam:GetUser", world.victim.arn))
    )
    assert world.bystander.attempt("iam", "get_user", UserName=world.victim.name) == "ok"
    assert world.bystander.attempt("iam", "get_user", UserName="carol") == "AccessDenied"


def test_policy_variables_and_not_forms(server, world):
    own = allow("iam:ListAccessKeys", "arn:aws:iam::123456789012:user/${aws:username}")
    rest = {"Effect": "Deny", "NotAction": "iam:*", "NotResource": "arn:aws:iam::*:user/bob"}
    world.iam.put_user_policy(UserName="bob", PolicyName="own", PolicyDocument=document(own, rest))
    assert world.bystander.attempt("iam", "list_access_keys", UserName="bob") == "ok"
    assert world.bystander.attempt("iam", "list_access_keys", UserName="carol") == "AccessDenied"
    assert world.bystander.steal() == "AccessDenied"


def test_quarantine_denies_some_and_not_all(server, world):
    world.iam.attach_user_policy(UserName=world.victim.name, PolicyArn=QUARANTINE)
    thief = world.victim.thief()
    assert thief.attempt("iam", "list_users") == "AccessDenied"
    assert thief.attempt("iam", "list_roles") == "ok"


def test_an_unknown_operator_is_loud(server, world):
    odd = deny("*") | {"Condition": {"BinaryEquals": {"aws:username": "Ym9i"}}}
    server.ask("clear", {})
    world.iam.put_user_policy(UserName="bob", PolicyName="odd", PolicyDocument=document(odd))
    with pytest.raises(botocore.exceptions.ClientError):
        world.bystander.client("s3").list_buckets()
    noted = [e["violations"] for e in server.log(world.bystander.credentials["AccessKeyId"])]
    server.ask("clear", {})
    assert "BinaryEquals" in str(noted)


# STS


def test_assume_role_needs_trust_and_permission(server, world):
    thief = world.victim.thief()
    for arn, answer in ((world.deploy, "ok"), (world.unreachable, "AccessDenied"), (world.distrusting, "AccessDenied")):
        assert thief.attempt("sts", "assume_role", RoleArn=arn, RoleSessionName="x1") == answer
    missing = "arn:aws:iam::123456789012:role/app/none"
    assert thief.attempt("sts", "assume_role", RoleArn=missing, RoleSessionName="x1") == "AccessDenied"


def test_a_trust_policy_that_names_the_user_is_enough(server, world):
    """AWS's AssumeRole page: in the same account either of the two does."""
    assert world.victim.thief().assume(world.named).steal() == "ok"
    text = document(deny("sts:AssumeRole"))
    world.iam.put_user_policy(UserName=world.victim.name, PolicyName="stop", PolicyDocument=text)
    params = {"RoleArn": world.named, "RoleSessionName": "again"}
    assert world.victim.thief().attempt("sts", "assume_role", **params) == "AccessDenied"


def test_sessions_outlive_the_key(server, world):
    thief = world.victim.thief()
    sessions = [thief.session_token(), thief.federate("guest"), thief.assume(world.deploy)]
    world.iam.delete_access_key(UserName=world.victim.name, AccessKeyId=world.victim.key)
    assert [s.steal() for s in sessions] == ["ok"] * 3
    assert thief.steal() == "InvalidAccessKeyId"


def test_limits_of_user_tokens(server, world):
    thief = world.victim.thief()
    plain, guest = thief.session_token(), thief.federate("guest")
    strong = thief.session_token(SerialNumber=world.victim.mfa, TokenCode="123456")
    assert plain.attempt("iam", "list_users") == "InvalidClientTokenId"
    assert guest.attempt("iam", "list_users") == "InvalidClientTokenId"
    assert strong.attempt("iam", "list_users") == "ok"
    assert plain.attempt("sts", "get_session_token") == "AccessDenied"
    assert guest.attempt("sts", "assume_role", RoleArn=world.deploy, RoleSessionName="xx") == "AccessDenied"
    assert plain.attempt("sts", "assume_role", RoleArn=world.deploy, RoleSessionName="xx") == "ok"


def test_identities_and_their_ids(server, world):
    thief = world.victim.thief()
    who = {
        name: t.client("sts").get_caller_identity()
        for name, t in (
            ("user", thief),
            ("session", thief.session_token()),
            ("guest", thief.federate("guest")),
            ("role", thief.assume(world.deploy, "s1")),
        )
    }
    assert who["user"]["Arn"] == who["session"]["Arn"] == world.victim.arn
    assert who["user"]["UserId"] == who["session"]["UserId"] == world.victim.id
    assert world.victim.id.startswith("AIDA") and world.victim.id.isupper()
    assert who["guest"]["UserId"] == "123456789012:guest"
    assert who["guest"]["Arn"] == "arn:aws:sts::123456789012:federated-user/guest"
    assert who["role"]["Arn"] == "arn:aws:sts::123456789012:assumed-role/deploy/s1"
    role_id, _, name = who["role"]["UserId"].partition(":")
    assert role_id.startswith("AROA") and name == "s1"


def test_the_account_can_be_read_from_a_key_id(server, world):
    for key in (world.victim.key, server.root_key, world.victim.thief().session_token().credentials["AccessKeyId"]):
        number = int.from_bytes(base64.b32decode(key[4:])[:6], "big")
        assert number >> 47 == 1
        assert (number & 0x7FFFFFFFFF80) >> 7 == 123456789012


# Rules and quotas


@pytest.mark.parametrize("kind, limit", [("user", 2048), ("group", 5120), ("role", 10240)])
def test_inline_quota(server, world, kind, limit):
    name = {"user": "bob", "group": "developers", "role": "deploy"}[kind]
    put = getattr(world.iam, f"put_{kind}_policy")
    fill = document(*[deny(f"s3:Get{'x' * 90}{i:04d}") for i in range(limit // 160)])
    holder = {f"{kind.title()}Name": name}
    put(**holder, PolicyName="fill", PolicyDocument=fill)
    put(**holder, PolicyName="fill", PolicyDocument=fill.replace("{", "{ \n"))
    code, status, text = refusal(put, **holder, PolicyName="more", PolicyDocument=fill)
    assert (code, status) == ("LimitExceeded", 409)
    assert text == f"Maximum policy size of {limit} bytes exceeded for {kind} {name}"


def test_attachment_and_key_quotas(server, world):
    for number in range(9):
        arn = world.iam.create_policy(PolicyName=f"p{number}", PolicyDocument=document(allow("s3:*")))["Policy"]["Arn"]
        world.iam.attach_user_policy(UserName=world.victim.name, PolicyArn=arn)
    code, status, text = refusal(
        world.iam.attach_user_policy, UserName=world.victim.name, PolicyArn="arn:aws:iam::aws:policy/AWSDenyAll"
    )
    assert (code, status, text) == ("LimitExceeded", 409, "Cannot exceed quota for PoliciesPerUser: 10")
    assert world.iam.attach_user_policy(UserName=world.victim.name, PolicyArn=arn)
    assert server.state()["policies"][arn]["attachments"] == 1
    assert refusal(world.iam.create_access_key, UserName=world.victim.name)[:2] == ("LimitExceeded", 409)


def test_account_summary_tells_the_quotas(server, world):
    server.configure(quotas={"UserPolicySizeQuota": 3000})
    summary = world.iam.get_account_summary()["SummaryMap"]
    assert summary["UserPolicySizeQuota"] == 3000
    assert summary["AttachedPoliciesPerUserQuota"] == 10
    assert summary["AccountAccessKeysPresent"] == 0


def test_somebody_elses_key(server, world):
    for call, more in (("update_access_key", {"Status": "Inactive"}), ("delete_access_key", {})):
        found = refusal(getattr(world.iam, call), UserName="bob", AccessKeyId=world.victim.key, **more)
        assert found[:2] == ("NoSuchEntity", 404)


def test_an_implied_user_is_the_signer_and_is_written_down(server, world):
    mine = Thief(server, world.responder)
    mine.client("iam").update_access_key(AccessKeyId=world.responder["AccessKeyId"], Status="Inactive")
    noted = server.log(world.responder["AccessKeyId"])[-1]["violations"]
    server.ask("clear", {})
    assert noted == ["the user is left to be implied from the signer"]
    assert server.state()["users"]["ir-responder"]["keys"] == {world.responder["AccessKeyId"]: "Inactive"}


def test_keys_nobody_knows(server, world):
    call = world.iam.get_access_key_last_used
    assert refusal(call, AccessKeyId="AKIAQQQQQQQQQQQQQQQQ")[:2] == ("NoSuchEntity", 404)
    server.configure(unknown_key="AccessDenied")
    assert refusal(call, AccessKeyId="AKIAQQQQQQQQQQQQQQQQ")[:2] == ("AccessDenied", 403)
    assert call(AccessKeyId=world.victim.key)["UserName"] == world.victim.name


@pytest.mark.parametrize("role", ["AWSServiceRoleForAutoScaling", "AWSReservedSSO_Admin_0123456789abcdef"])
def test_protected_roles(server, world, role):
    text = document(deny("*"))
    found = refusal(world.iam.put_role_policy, RoleName=role, PolicyName="x", PolicyDocument=text)
    assert found[:2] == ("UnmodifiableEntity", 400)
    assert "only modifiable by AWS" in found[2]
    assert world.iam.get_role(RoleName=role)["Role"]["RoleName"] == role


@pytest.mark.parametrize("name", ["with space", "a/b", "ä", "x" * 129, "semi;colon"])
def test_illegal_names(server, world, name):
    assert ask(server, world.responder, "GetUser", "iam", params={"UserName": name}) == (400, "ValidationError")


def test_missing_parameters_documents_and_actions(server, world):
    assert ask(server, world.responder, "PutUserPolicy", "iam", params={"UserName": "bob"}) == (400, "ValidationError")
    params = {"UserName": "bob", "PolicyName": "x", "PolicyDocument": "{"}
    assert ask(server, world.responder, "PutUserPolicy", "iam", params=params) == (400, "MalformedPolicyDocument")
    assert ask(server, world.responder, "MakeCoffee", "iam") == (400, "InvalidAction")
    server.configure(unknown_action="html")
    assert ask(server, world.responder, "MakeCoffee", "iam") == (500, None)


def test_boundaries_and_service_credentials(server, world):
    name, arn = world.victim.name, "arn:aws:iam::aws:policy/PowerUserAccess"
    world.iam.put_user_permissions_boundary(UserName=name, PermissionsBoundary=arn)
    assert world.iam.get_user(UserName=name)["User"]["PermissionsBoundary"]["PermissionsBoundaryArn"] == arn
    assert not any("PermissionsBoundary" in u for u in world.iam.list_users()["Users"])
    details = world.iam.get_account_authorization_details(Filter=["User"])["UserDetailList"]
    assert next(u for u in details if u["UserName"] == name)["PermissionsBoundary"]["PermissionsBoundaryArn"] == arn
    world.iam.delete_user_permissions_boundary(UserName=name)
    assert refusal(world.iam.delete_user_permissions_boundary, UserName=name)[0] == "NoSuchEntity"
    held = world.iam.list_service_specific_credentials(UserName=name)["ServiceSpecificCredentials"]
    assert [c["ServiceName"] for c in held] == ["codecommit.amazonaws.com"]
    key = {"UserName": name, "ServiceSpecificCredentialId": held[0]["ServiceSpecificCredentialId"]}
    world.iam.update_service_specific_credential(**key, Status="Inactive")
    assert set(server.state()["users"][name]["service_credentials"].values()) == {"Inactive"}
    world.iam.delete_service_specific_credential(**key)
    assert refusal(world.iam.delete_service_specific_credential, **key)[:2] == ("NoSuchEntity", 404)


def test_ssh_keys_and_certificates(server, world):
    name = world.victim.name
    ssh = world.iam.list_ssh_public_keys(UserName=name)["SSHPublicKeys"]
    world.iam.update_ssh_public_key(UserName=name, SSHPublicKeyId=ssh[0]["SSHPublicKeyId"], Status="Inactive")
    certificate = world.iam.list_signing_certificates(UserName=name)["Certificates"][0]["CertificateId"]
    world.iam.update_signing_certificate(UserName=name, CertificateId=certificate, Status="Inactive")
    user = server.state()["users"][name]
    assert set(user["ssh"].values()) == set(user["certificates"].values()) == {"Inactive"}


# Pages


def test_lists_are_paged(server, world):
    server.ask("fill", {"users": 250})
    first = world.iam.list_users()
    assert len(first["Users"]) == 100 and first["IsTruncated"] and first["Marker"]
    every = [u["UserName"] for page in world.iam.get_paginator("list_users").paginate() for u in page["Users"]]
    assert len(every) == len(set(every)) == 254
    assert len(world.iam.list_users(MaxItems=1000)["Users"]) == 254
    assert ask(server, world.responder, "ListUsers", "iam", params={"MaxItems": "1001"}) == (400, "ValidationError")
    assert ask(server, world.responder, "ListUsers", "iam", params={"Marker": "x"}) == (400, "ValidationError")


def test_account_details_are_paged_over_mixed_lists(server, world):
    server.ask("fill", {"users": 30})
    server.configure(page_size=7)
    whole, pages = {}, 0
    for page in world.iam.get_paginator("get_account_authorization_details").paginate():
        pages += 1
        for kind in ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies"):
            whole.setdefault(kind, []).extend(page[kind])
    assert pages > 5
    assert len(whole["UserDetailList"]) == 34 and len(whole["RoleDetailList"]) == 6
    assert {p["PolicyName"] for p in whole["Policies"]} > {"IncidentResponse", "AWSDenyAll"}


@pytest.mark.parametrize(
    "call, key, extra",
    [
        ("list_access_keys", "AccessKeyMetadata", {}),
        ("list_service_specific_credentials", "ServiceSpecificCredentials", {}),
        ("list_attached_user_policies", "AttachedPolicies", {}),
        ("list_user_policies", "PolicyNames", {}),
        ("list_groups_for_user", "Groups", {}),
        ("list_mfa_devices", "MFADevices", {}),
    ],
)
def test_every_list_of_a_user_is_paged(server, world, call, key, extra):
    for service in ("cassandra.amazonaws.com", "codecommit.amazonaws.com"):
        world.iam.create_service_specific_credential(UserName=world.victim.name, ServiceName=service)
    server.configure(page_size=1)
    found, marker, pages = [], {}, 0
    while True:
        reply = getattr(world.iam, call)(UserName=world.victim.name, **marker, **extra)
        found, pages = found + reply[key], pages + 1
        if not reply["IsTruncated"]:
            break
        marker = {"Marker": reply["Marker"]}
    assert len(found) == pages >= 1


# Faults, log, state


def test_ordered_faults(server, world):
    bob = world.bystander
    world.iam.put_user_policy(UserName="bob", PolicyName="see", PolicyDocument=document(allow("iam:*")))
    server.faults(
        {"action": "GetUser", "do": "throttle", "skip": 1},
        {"action": "ListUsers", "do": "html", "status": 503},
        {"action": "ListRoles", "do": "error", "code": "ServiceFailure", "status": 500, "times": 0},
    )
    codes = [bob.attempt("iam", "get_user", UserName="bob") for _ in range(3)]
    assert codes == ["ok", "Throttling", "ok"]
    assert ask(server, bob.credentials, "ListUsers", "iam") == (503, None)
    assert [bob.attempt("iam", "list_roles") for _ in range(3)] == ["ServiceFailure"] * 3


@pytest.mark.parametrize("kind, done", [("cut-before", False), ("cut-after", True), ("truncate", True)])
def test_broken_replies(server, world, kind, done):
    server.faults({"action": "CreateGroup", "do": kind})
    url, body, headers = raw.signed(server, world.responder, "CreateGroup", params={"GroupName": "ghost"})
    with pytest.raises((http.client.HTTPException, OSError)):
        raw.send(url, body, headers)
    assert ("ghost" in server.state()["groups"]) == done
    assert server.log(world.responder["AccessKeyId"])[-1]["done"] == done


def test_bodies_of_the_tests_own_and_slow_replies(server, world):
    ham = base64.b64encode(b"ham ").decode()
    server.faults(
        {"action": "GetUser", "do": "body", "unit": ham, "count": 5_000_000},
        {"action": "ListUsers", "do": "slow", "delay": 0.3},
    )
    text = raw.send(*raw.signed(server, world.responder, "GetUser", params={"UserName": "bob"}))[2]
    assert len(text) == 20_000_000
    assert server.log(world.responder["AccessKeyId"])[-1]["done"] is False
    start = time.monotonic()
    assert ask(server, world.responder, "ListUsers", "iam") == (200, None)
    assert time.monotonic() - start >= 0.3


def test_log_and_state(server, world):
    before = server.state()
    world.iam.add_user_to_group(GroupName="developers", UserName="bob")
    entry = server.ask("log")[-1]
    assert (entry["action"], entry["write"], entry["status"]) == ("AddUserToGroup", True, 200)
    assert entry["params"] == {"GroupName": "developers", "UserName": "bob"}
    assert set(changes(before, server.state())) == {("groups", "developers", "users"), ("users", "bob", "groups")}


def test_tls_with_the_tests_own_authority(tls_world):
    assert tls_world.victim.thief().steal() == "ok"


def test_trust_helper_is_json():
    assert json.loads(trust("a", "b"))["Statement"][0]["Principal"] == {"AWS": ["a", "b"]}
