# SPDX-License-Identifier: Apache-2.0
"""SSH public keys: moto takes any text, any number, and knows one encoding."""

import re

from cryptography.hazmat.primitives import serialization

from . import backend, clock, entities
from .backend import models
from .wire import AwsError, Gap

PER_USER = 5
RSA = "ssh-rsa AAAAB3NzaC1yc2E"
PEM = "-----BEGIN PUBLIC KEY-----"


def check_upload(params):
    """RSA keys only, five a user, none twice."""
    user, body = entities.user(params), params["SSHPublicKeyBody"]
    if body.startswith("ssh-") and not body.startswith(RSA) or not body.startswith(("ssh-", PEM)):
        raise AwsError(400, "InvalidPublicKey", "The public key is not a valid RSA public key.")
    if _material(body) in [_material(key.ssh_public_key_body) for key in user.ssh_public_keys]:
        raise AwsError(400, "DuplicateSSHPublicKey", "The SSH public key is already associated with the user.")
    if len(user.ssh_public_keys) >= PER_USER:
        raise entities.limit("SSHPublicKeysPerUser", PER_USER)


def _material(body):
    """The key without its comment."""
    return body.split()[1] if body.startswith("ssh-") else "".join(body.split())


def _key(params):
    key_id = params["SSHPublicKeyId"]
    for key in entities.user(params).ssh_public_keys:
        if key.ssh_public_key_id == key_id:
            return key
    raise entities.gone(f"The Public Key with id {key_id} cannot be found.")


def get(_caller, params):
    """The key in the encoding that was asked for."""
    key = _key(params)
    shown = described(key) | {"Fingerprint": key.fingerprint}
    return {"SSHPublicKey": shown | {"SSHPublicKeyBody": encoded(key.ssh_public_key_body, params["Encoding"])}}


def described(key):
    """What lists have: never the body."""
    return {
        "UserName": key.user_name,
        "SSHPublicKeyId": key.ssh_public_key_id,
        "Status": key.status,
        "UploadDate": clock.iso(key.upload_date),
    }


def list_keys(_caller, params):
    """Paged like the other lists."""
    return {"SSHPublicKeys": [described(key) for key in entities.user(params).ssh_public_keys]}


def encoded(body, encoding):
    """SSH or PEM; the tests' own keys are not all real, and stay as they are."""
    if body.startswith(PEM) == (encoding == "PEM"):
        return body
    try:
        if encoding == "PEM":
            key = serialization.load_ssh_public_key(body.encode())
            form = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        else:
            key = serialization.load_pem_public_key(body.encode())
            form = serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH
    except ValueError as error:
        raise Gap("the encoding of an SSH key that is none") from error
    return key.public_bytes(*form).decode()


def update(_caller, params):
    """Active or Inactive; Expired is not for callers to say."""
    if params["Status"] == "Expired":
        raise AwsError(400, "InvalidInput", "Invalid status Expired")
    _key(params).status = params["Status"]


def check_known(params):
    """moto's words for a missing key are its own."""
    _key(params)


class PublicKey(models.SshPublicKey):
    """A key with an id and a fingerprint of AWS's form."""

    def __init__(self, user_name, ssh_public_key_body):
        super().__init__(user_name, ssh_public_key_body)
        self.ssh_public_key_id = backend.unique_id("APKA", 20)
        self.fingerprint = ":".join(re.findall("..", self.fingerprint))


OWN = {"GetSSHPublicKey": get, "ListSSHPublicKeys": list_keys, "UpdateSSHPublicKey": update}
CHECKS = {"UploadSSHPublicKey": check_upload, "DeleteSSHPublicKey": check_known}
models.SshPublicKey = PublicKey
