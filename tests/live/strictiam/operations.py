# SPDX-License-Identifier: Apache-2.0
"""Which operations are ours, and what AWS checks before the ones that stay moto's."""

from . import (
    boundaries,
    certificates,
    groups,
    login,
    mfa,
    policies,
    roles,
    service_credentials,
    simulate,
    ssh,
    sts,
    tags,
    users,
    wire,
)

S3 = "http://s3.amazonaws.com/doc/2006-03-01/"
PARTS = (boundaries, certificates, groups, login, mfa, policies, roles, service_credentials, simulate, ssh, tags, users)
OWN = {"sts": sts.OWN, "iam": {name: call for part in PARTS for name, call in getattr(part, "OWN", {}).items()}}
CHECKS = {name: call for part in PARTS for name, call in getattr(part, "CHECKS", {}).items()}


def check(request):
    """Refuse what AWS refuses and moto would do."""
    checker = CHECKS.get(request.action)
    if checker and request.service == "iam":
        checker(request.params)


def own(request, caller):
    """Carry out one of ours; None if it is moto's to do."""
    if request.service == "s3":
        return list_buckets()
    operation = OWN[request.service].get(request.action)
    if operation is None:
        return None
    return wire.success(request, operation(caller, request.params))


def list_buckets():
    """S3 stands for everything a thief wants that is not IAM."""
    inside = "<Owner><ID>1</ID></Owner><Buckets><Bucket><Name>payroll</Name></Bucket></Buckets>"
    text = f'<ListAllMyBucketsResult xmlns="{S3}">{inside}</ListAllMyBucketsResult>'
    return wire.Reply(200, text.encode(), "application/xml")
