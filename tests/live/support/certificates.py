# SPDX-License-Identifier: Apache-2.0
"""A certification authority of the tests' own, made afresh for each session."""

import datetime
import ipaddress

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


def _name(text):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _builder(subject, issuer, public_key):
    now = datetime.datetime.now(datetime.timezone.utc)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=1))
    )


def _authority():
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name("cordon test authority")
    usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
    builder = _builder(name, name, key.public_key())
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), True).add_extension(usage, True)
    builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
    return key, builder.sign(key, hashes.SHA256())


def _server(ca_key, ca):
    key = ec.generate_private_key(ec.SECP256R1())
    names = x509.SubjectAlternativeName(
        [
            x509.DNSName("localhost"),
            x509.DNSName("aws.invalid"),
            x509.IPAddress(ipaddress.ip_address("127.0.0.1")),
        ]
    )
    builder = _builder(_name("localhost"), ca.subject, key.public_key()).add_extension(names, False)
    issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key())
    return key, builder.add_extension(issuer, False).sign(ca_key, hashes.SHA256())


def _pem(thing):
    return thing.public_bytes(serialization.Encoding.PEM)


def make(folder):
    """Write ca.pem, server.pem and server.key; return their paths."""
    ca_key, ca = _authority()
    key, certificate = _server(ca_key, ca)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    for name, data in (("ca.pem", _pem(ca)), ("server.pem", _pem(certificate)), ("server.key", private)):
        (folder / name).write_bytes(data)
    return folder / "ca.pem", folder / "server.pem", folder / "server.key"


def signing_certificate():
    """A certificate a user could upload as a signing certificate."""
    return _pem(_authority()[1]).decode()
