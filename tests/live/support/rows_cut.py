# SPDX-License-Identifier: Apache-2.0
"""The actions that cut off: denies, credentials, sessions; what each changes, and nothing else."""

import json

from .acting import AWS, DENY_ALL, QUARANTINE, READ_ONLY, Row
from .expect import CUTOFF, DENY, cutoff_of, is_deny_all, only_statement
from .program import REPOSITORY
from .world import deny

S3_READ = AWS + "AmazonS3ReadOnlyAccess"
U = {"UserName": "{user}"}
KEYS_OFF = tuple(("update_access_key", U | {"AccessKeyId": key, "Status": "Inactive"}) for key in ("{key0}", "{key1}"))
SSH_OFF = ("update_ssh_public_key", U | {"SSHPublicKeyId": "{ssh}", "Status": "Inactive"})
CERTIFICATE_OFF = ("update_signing_certificate", U | {"CertificateId": "{certificates}", "Status": "Inactive"})
SERVICE_OFF = (
    "update_service_specific_credential",
    U | {"ServiceSpecificCredentialId": "{service_credentials}", "Status": "Inactive"},
)
KEY0, KEY1 = "users {user} keys {key0}", "users {user} keys {key1}"
SSH, CERTIFICATE = "users {user} ssh {ssh}", "users {user} certificates {certificates}"
SERVICE = "users {user} service_credentials {service_credentials}"


def shipped(name):
    """A policy that is compiled into the program."""
    return json.loads((REPOSITORY / "playbooks" / "policies" / name).read_text())


OURS, SPARING = shipped("quarantine.json"), shipped("quarantine-spare-logs.json")


def of_session(document):
    """The one statement without the condition on a session, which has to be there."""
    statement = dict(only_statement(document))
    condition = dict(statement.pop("Condition"))
    assert list(condition.pop("StringEquals")["aws:userid"].partition(":")[1:]) == [":", "build-7"]
    return {"Statement": statement | ({"Condition": condition} if condition else {})}


def is_session_deny(document):
    """A deny of one session, whenever it was issued."""
    return is_deny_all(of_session(document))


def is_cutoff(document):
    """A deny of what was issued before some time of today."""
    return cutoff_of(document) > 1_600_000_000 and list(only_statement(document)["Condition"]) == ["DateLessThan"]


def is_session_cutoff(document):
    """The same for one session."""
    return is_cutoff(of_session(document))


def is_restriction(document):
    """The listing of buckets and no more."""
    statement = dict(only_statement(document))
    statement.pop("Sid")
    return statement == deny(["s3:ListAllMyBuckets"], ["*"])


def user_inline(name):
    """The path of an inline policy of the victim's."""
    return f"users {{user}} inline {name}"


DENIES = [
    Row("deny-all --user {user}", {user_inline(DENY): is_deny_all}),
    Row("deny-all --user {user} --via inline", {user_inline(DENY): is_deny_all}),
    Row("deny-all --user {user} --via managed", {"users {user} attached": [DENY_ALL, READ_ONLY]}),
    Row("deny-all --user {user} --via boundary", {"users {user} boundary": DENY_ALL}),
    Row("deny-all --role deploy", {f"roles deploy inline {DENY}": is_deny_all}),
    Row("deny-all --role deploy --via managed", {"roles deploy attached": [DENY_ALL]}),
    Row("deny-all --role deploy --via boundary", {"roles deploy boundary": DENY_ALL}),
    Row("deny-all --role deploy --session build-7", {f"roles deploy inline {DENY}-build-7": is_session_deny}),
    Row("deny-all --group developers", {f"groups developers inline {DENY}": is_deny_all}),
    Row("deny-all --group developers --via managed", {"groups developers attached": [DENY_ALL, S3_READ]}),
    Row("quarantine --user {user}", {user_inline("CordonQuarantine"): OURS}),
    Row("quarantine --user {user} --via inline", {user_inline("CordonQuarantine"): OURS}),
    Row("quarantine --user {user} --via managed", {"users {user} attached": [QUARANTINE + "V3", READ_ONLY]}),
    Row("quarantine --user {user} --via boundary", {"users {user} boundary": QUARANTINE + "V3"}),
    Row("quarantine --role deploy", {"roles deploy inline CordonQuarantine": OURS}),
    Row("quarantine --role deploy --spare-logs", {"roles deploy inline CordonQuarantine": SPARING}),
    Row(f"quarantine --role deploy --policy {QUARANTINE}V2", {"roles deploy attached": [QUARANTINE + "V2"]}),
    Row("quarantine --group developers", {"groups developers inline CordonQuarantine": OURS}),
    Row(
        "restrict --user {user} --deny s3:ListAllMyBuckets --resource *",
        {user_inline("CordonRestrict-*"): is_restriction},
    ),
    Row(
        "restrict --role deploy --deny s3:ListAllMyBuckets --resource *",
        {"roles deploy inline CordonRestrict-*": is_restriction},
    ),
    Row(
        "restrict --group developers --deny s3:ListAllMyBuckets --resource *",
        {"groups developers inline CordonRestrict-*": is_restriction},
    ),
]

CREDENTIALS = [
    Row("deactivate-access-keys --user {user}", {KEY0: "Inactive", KEY1: "Inactive"}),
    Row("deactivate-access-keys --user {user} --key {key1}", {KEY1: "Inactive"}),
    Row("activate-access-keys --user {user} --key {key0}", {KEY0: "Active"}, KEYS_OFF),
    Row("activate-access-keys --user {user} --all", {KEY0: "Active", KEY1: "Active"}, KEYS_OFF),
    Row("delete-access-keys --user {user} --key {key0}", {KEY0: None, "key_index": list}, KEYS_OFF),
    Row("delete-access-keys --user {user} --all", {KEY0: None, KEY1: None, "key_index": list}, KEYS_OFF),
    Row("delete-login-profile --user {user}", {"users {user} password": False}),
    Row("deactivate-credentials --user {user}", {SSH: "Inactive", CERTIFICATE: "Inactive", SERVICE: "Inactive"}),
    Row("deactivate-credentials --user {user} --kind ssh-public-keys", {SSH: "Inactive"}),
    Row("deactivate-credentials --user {user} --kind signing-certificates", {CERTIFICATE: "Inactive"}),
    Row("deactivate-credentials --user {user} --kind service-specific-credentials", {SERVICE: "Inactive"}),
    Row("deactivate-credentials --user {user} --credential {ssh}", {SSH: "Inactive"}),
    Row("delete-credentials --user {user} --credential {ssh}", {SSH: None}, (SSH_OFF, CERTIFICATE_OFF)),
    Row(
        "delete-credentials --user {user} --all",
        {SSH: None, CERTIFICATE: None, SERVICE: None},
        (SSH_OFF, CERTIFICATE_OFF, SERVICE_OFF),
    ),
    Row(
        "delete-credentials --user {user} --all --kind signing-certificates",
        {CERTIFICATE: None},
        (SSH_OFF, CERTIFICATE_OFF, SERVICE_OFF),
    ),
    Row("deactivate-mfa-devices --user {user} --serial {mfa}", {"users {user} mfa": []}),
]

SESSIONS = [
    Row("revoke-sessions --user {user}", {user_inline(CUTOFF): is_cutoff}),
    Row("revoke-sessions --role deploy", {f"roles deploy inline {CUTOFF}": is_cutoff}),
    Row(
        "revoke-sessions --role deploy --session build-7",
        {f"roles deploy inline {CUTOFF}-build-7": is_session_cutoff},
    ),
]
