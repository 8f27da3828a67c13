# SPDX-License-Identifier: Apache-2.0
"""The strict layer's credentials of users: keys, SSH keys, certificates, service credentials, MFA, passwords."""

import datetime
import re

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from support import raw
from support.certificates import signing_certificate
from support.world import CERTIFICATE, SSH_KEY
from test_strict import refusal

USER = "bob"
NOBODY = "nobody"
PASSWORD = "Long enough 1!"
UNKNOWN_KEY = "AKIAQQQQQQQQQQQQQQQQ"
UNKNOWN_SSH = "APKAQQQQQQQQQQQQQQQQ"
UNKNOWN_CREDENTIAL = "ACCAQQQQQQQQQQQQQQQQQ"


def ssh_key(number):
    """A key of the form AWS takes."""
    return SSH_KEY.replace("De0", f"De{number}")


def credential(world, service="codecommit.amazonaws.com", **more):
    """A new service-specific credential."""
    made = world.iam.create_service_specific_credential(UserName=USER, ServiceName=service, **more)
    return made["ServiceSpecificCredential"]


MISSING = [
    ("update_access_key", {"AccessKeyId": UNKNOWN_KEY, "Status": "Inactive"}),
    ("delete_access_key", {"AccessKeyId": UNKNOWN_KEY}),
    ("get_ssh_public_key", {"SSHPublicKeyId": UNKNOWN_SSH, "Encoding": "SSH"}),
    ("update_ssh_public_key", {"SSHPublicKeyId": UNKNOWN_SSH, "Status": "Inactive"}),
    ("delete_ssh_public_key", {"SSHPublicKeyId": UNKNOWN_SSH}),
    ("update_signing_certificate", {"CertificateId": "Q" * 32, "Status": "Inactive"}),
    ("delete_signing_certificate", {"CertificateId": "Q" * 32}),
    ("update_service_specific_credential", {"ServiceSpecificCredentialId": UNKNOWN_CREDENTIAL, "Status": "Inactive"}),
    ("reset_service_specific_credential", {"ServiceSpecificCredentialId": UNKNOWN_CREDENTIAL}),
    ("delete_service_specific_credential", {"ServiceSpecificCredentialId": UNKNOWN_CREDENTIAL}),
    ("deactivate_mfa_device", {"SerialNumber": "arn:aws:iam::123456789012:mfa/none"}),
]
OF_NOBODY = [
    ("create_access_key", {}),
    ("list_access_keys", {}),
    ("upload_ssh_public_key", {"SSHPublicKeyBody": SSH_KEY}),
    ("list_ssh_public_keys", {}),
    ("upload_signing_certificate", {"CertificateBody": CERTIFICATE}),
    ("list_signing_certificates", {}),
    ("create_service_specific_credential", {"ServiceName": "codecommit.amazonaws.com"}),
    ("list_service_specific_credentials", {}),
    ("list_mfa_devices", {}),
    ("create_login_profile", {"Password": PASSWORD}),
    ("get_login_profile", {}),
    ("update_login_profile", {"Password": PASSWORD}),
    ("delete_login_profile", {}),
]


@pytest.mark.parametrize("call, params", MISSING)
def test_what_a_user_does_not_have(world, call, params):
    assert refusal(getattr(world.iam, call), UserName=USER, **params)[:2] == ("NoSuchEntity", 404)


@pytest.mark.parametrize("call, params", MISSING + OF_NOBODY)
def test_what_nobody_has(world, call, params):
    assert refusal(getattr(world.iam, call), UserName=NOBODY, **params)[:2] == ("NoSuchEntity", 404)


def test_access_keys_live_and_die(server, world):
    made = world.iam.create_access_key(UserName=USER)["AccessKey"]
    key = {"UserName": USER, "AccessKeyId": made["AccessKeyId"]}
    code, status, text = refusal(world.iam.create_access_key, UserName=USER)
    assert (code, status, text) == ("LimitExceeded", 409, "Cannot exceed quota for AccessKeysPerUser: 2")
    assert refusal(world.iam.update_access_key, **key, Status="Expired")[:2] == ("InvalidInput", 400)
    world.iam.update_access_key(**key, Status="Inactive")
    world.iam.update_access_key(**key, Status="Inactive")
    listed = world.iam.list_access_keys(UserName=USER)["AccessKeyMetadata"]
    assert {k["AccessKeyId"]: k["Status"] for k in listed}[made["AccessKeyId"]] == "Inactive"
    world.iam.delete_access_key(**key)
    assert refusal(world.iam.delete_access_key, **key)[:2] == ("NoSuchEntity", 404)
    assert made["AccessKeyId"] not in server.state()["users"][USER]["keys"]


# SSH public keys


def test_an_ssh_key_is_kept_whole(world):
    made = world.iam.upload_ssh_public_key(UserName=USER, SSHPublicKeyBody=SSH_KEY)["SSHPublicKey"]
    key = {"UserName": USER, "SSHPublicKeyId": made["SSHPublicKeyId"]}
    assert re.fullmatch("APKA[A-Z2-7]{16}", made["SSHPublicKeyId"])
    assert re.fullmatch("([0-9a-f]{2}:){15}[0-9a-f]{2}", made["Fingerprint"])
    assert refusal(world.iam.update_ssh_public_key, **key, Status="Expired")[:2] == ("InvalidInput", 400)
    world.iam.update_ssh_public_key(**key, Status="Inactive")
    found = world.iam.get_ssh_public_key(**key, Encoding="SSH")["SSHPublicKey"]
    assert (found["SSHPublicKeyBody"], found["Status"]) == (SSH_KEY, "Inactive")
    assert found["Fingerprint"] == made["Fingerprint"]
    listed = world.iam.list_ssh_public_keys(UserName=USER)["SSHPublicKeys"]
    assert [set(k) for k in listed] == [{"UserName", "SSHPublicKeyId", "Status", "UploadDate"}]
    world.iam.delete_ssh_public_key(**key)
    assert world.iam.list_ssh_public_keys(UserName=USER)["SSHPublicKeys"] == []


def test_both_encodings_of_an_ssh_key(world):
    public = rsa.generate_private_key(65537, 2048).public_key()
    text = public.public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH).decode()
    pem = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()
    for body in (text, pem):
        made = world.iam.upload_ssh_public_key(UserName=USER, SSHPublicKeyBody=body)["SSHPublicKey"]
        key = {"UserName": USER, "SSHPublicKeyId": made["SSHPublicKeyId"]}
        for encoding, wanted in (("SSH", text), ("PEM", pem)):
            found = world.iam.get_ssh_public_key(**key, Encoding=encoding)["SSHPublicKey"]
            assert found["SSHPublicKeyBody"] == wanted


def test_limits_of_ssh_keys(world):
    upload = world.iam.upload_ssh_public_key
    for number in range(5):
        upload(UserName=USER, SSHPublicKeyBody=ssh_key(number))
    again = ssh_key(3).replace("test@example", "other comment")
    assert refusal(upload, UserName=USER, SSHPublicKeyBody=again)[:2] == ("DuplicateSSHPublicKey", 400)
    assert refusal(upload, UserName=USER, SSHPublicKeyBody=ssh_key(6))[:2] == ("LimitExceeded", 409)
    assert upload(UserName="carol", SSHPublicKeyBody=ssh_key(3))


@pytest.mark.parametrize("body", ["nonsense", "ssh-rsa nonsense", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ a@b"])
def test_only_rsa_keys_are_ssh_keys(world, body):
    found = refusal(world.iam.upload_ssh_public_key, UserName=USER, SSHPublicKeyBody=body)
    assert found[:2] == ("InvalidPublicKey", 400)


# Signing certificates


def test_signing_certificates(world):
    upload = world.iam.upload_signing_certificate
    bodies = [signing_certificate() for _ in range(3)]
    made = [upload(UserName=USER, CertificateBody=body)["Certificate"] for body in bodies[:2]]
    assert refusal(upload, UserName=USER, CertificateBody=bodies[0])[:2] == ("DuplicateCertificate", 409)
    assert refusal(upload, UserName=USER, CertificateBody=bodies[2])[:2] == ("LimitExceeded", 409)
    assert refusal(upload, UserName=USER, CertificateBody="nonsense")[:2] == ("MalformedCertificate", 400)
    first = {"UserName": USER, "CertificateId": made[0]["CertificateId"]}
    world.iam.update_signing_certificate(**first, Status="Inactive")
    listed = world.iam.list_signing_certificates(UserName=USER)["Certificates"]
    assert [(c["CertificateBody"].strip(), c["Status"]) for c in listed] == [
        (bodies[0].strip(), "Inactive"),
        (bodies[1].strip(), "Active"),
    ]
    world.iam.delete_signing_certificate(**first)
    assert upload(UserName=USER, CertificateBody=bodies[2])


# Service-specific credentials

SERVICES = [
    ("codecommit.amazonaws.com", False),
    ("cassandra.amazonaws.com", False),
    ("bedrock.amazonaws.com", True),
    ("logs.amazonaws.com", True),
]


@pytest.mark.parametrize("service, is_api_key", SERVICES)
def test_two_forms_of_service_credentials(world, service, is_api_key):
    made, second = credential(world, service), credential(world, service)
    assert made["ServiceName"] == service and made["ServiceSpecificCredentialId"].startswith("ACCA")
    has = {"ServiceCredentialAlias", "ServiceCredentialSecret"} & set(made)
    other = {"ServiceUserName", "ServicePassword"} & set(made)
    assert (len(has), len(other)) == ((2, 0) if is_api_key else (0, 2))
    name = "ServiceCredentialAlias" if is_api_key else "ServiceUserName"
    assert made[name] != second[name]
    code, status, _text = refusal(credential, world=world, service=service)
    assert (code, status) == ("LimitExceeded", 409)
    listed = world.iam.list_service_specific_credentials(UserName=USER)["ServiceSpecificCredentials"]
    assert [c[name] for c in listed] == [made[name], second[name]]
    assert not any("Password" in part or "Secret" in part for c in listed for part in c)


def test_reset_makes_a_new_secret(world):
    for service, secret in (("codecommit", "ServicePassword"), ("bedrock", "ServiceCredentialSecret")):
        made = credential(world, f"{service}.amazonaws.com")
        key = {"UserName": USER, "ServiceSpecificCredentialId": made["ServiceSpecificCredentialId"]}
        world.iam.update_service_specific_credential(**key, Status="Inactive")
        fresh = world.iam.reset_service_specific_credential(**key)["ServiceSpecificCredential"]
        assert fresh[secret] != made[secret]
        assert fresh["ServiceSpecificCredentialId"] == made["ServiceSpecificCredentialId"]
        assert fresh["Status"] == "Inactive"


def test_only_api_keys_grow_old(server, world):
    made = credential(world, "bedrock.amazonaws.com", CredentialAgeDays=30)
    assert made["ExpirationDate"] - made["CreateDate"] == datetime.timedelta(days=30)
    assert "ExpirationDate" not in credential(world, "bedrock.amazonaws.com")
    for days, service in ((36601, "bedrock"), (30, "codecommit")):
        found = refusal(credential, world=world, service=f"{service}.amazonaws.com", CredentialAgeDays=days)
        assert found[:2] == ("ValidationError", 400)


def test_an_old_api_key_is_expired(server, world):
    credential(world, "bedrock.amazonaws.com", CredentialAgeDays=1)
    for days, status in ((0, "Active"), (2, "Expired")):
        server.configure(clock=days * 86400)
        request = raw.signed(
            server,
            world.responder,
            "ListServiceSpecificCredentials",
            skew=days * 86400,
            params={"UserName": USER},
        )
        assert f"<Status>{status}</Status>" in raw.send(*request)[2]


def test_lists_of_service_credentials_are_narrowed(server, world):
    credential(world, "bedrock.amazonaws.com")
    fetch = world.iam.list_service_specific_credentials
    for narrowed, owners in (
        ({"UserName": USER}, [USER]),
        ({"UserName": USER, "ServiceName": "logs.amazonaws.com"}, []),
        ({"AllUsers": True}, [world.victim.name, USER]),
        ({"AllUsers": True, "ServiceName": "bedrock.amazonaws.com"}, [USER]),
    ):
        assert [c["UserName"] for c in fetch(**narrowed)["ServiceSpecificCredentials"]] == owners
    assert refusal(fetch, UserName=USER, AllUsers=True)[:2] == ("ValidationError", 400)
    server.ask("clear", {})
    fetch(AllUsers=True)
    assert server.ask("log")[-1]["violations"] == []


def test_services_that_have_no_credentials(world):
    assert refusal(credential, world=world, service="s3.amazonaws.com")[:2] == ("NotSupportedService", 404)
    fetch = world.iam.list_service_specific_credentials
    assert refusal(fetch, UserName=USER, ServiceName="s3.amazonaws.com")[:2] == ("NotSupportedService", 404)
