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


def _builder(subject, issuer, public_key, days=0):
    now = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=days)
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


def _alternative(name):
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _server(ca_key, ca, names, days):
    key = ec.generate_private_key(ec.SECP256R1())
    all_names = x509.SubjectAlternativeName([_alternative(n) for n in names])
    builder = _builder(_name(names[0]), ca.subject, key.public_key(), days).add_extension(all_names, False)
    issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key())
    return key, builder.add_extension(issuer, False).sign(ca_key, hashes.SHA256())


def _pem(thing):
    return thing.public_bytes(serialization.Encoding.PEM)


def _write(folder, name, key, certificate):
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    paths = folder / f"{name}.pem", folder / f"{name}.key"
    for path, data in zip(paths, (_pem(certificate), private)):
        path.write_bytes(data)
    return paths


class Authority:
    """Signs what it is asked to; its certificate is the file ca.pem of the folder."""

    def __init__(self, folder):
        self.folder, self.path = folder, folder / "ca.pem"
        self._key, self._certificate = _authority()
        self.path.write_bytes(_pem(self._certificate))

    def issue(self, file, names=("localhost", "aws.invalid", "127.0.0.1"), days=0):
        """A server's certificate and key for these names, its day of validity so many days off."""
        return _write(self.folder, file, *_server(self._key, self._certificate, names, days))


def make(folder):
    """Write ca.pem, server.pem and server.key; return their paths."""
    authority = Authority(folder)
    return authority.path, *authority.issue("server")


def signing_certificate():
    """A certificate a user could upload as a signing certificate."""
    return _pem(_authority()[1]).decode()
