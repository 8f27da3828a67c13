# SPDX-License-Identifier: Apache-2.0
"""Signing certificates: moto keeps them well, but takes one twice and any status."""

from . import entities
from .wire import AwsError


def check_upload(params):
    """Never twice (AWS looks through the account; here users share one, so only through the user)."""
    body = "".join(params["CertificateBody"].split())
    if body in ["".join(c.body.split()) for c in entities.user(params).signing_certificates.values()]:
        raise AwsError(409, "DuplicateCertificate", "The certificate is already associated with the user.")


def check_update(params):
    """Active or Inactive; Expired is not for callers to say."""
    if params["Status"] == "Expired":
        raise AwsError(400, "InvalidInput", "Invalid status Expired")


CHECKS = {
    "UploadSigningCertificate": check_upload,
    "UpdateSigningCertificate": check_update,
    "UpdateAccessKey": check_update,
}
