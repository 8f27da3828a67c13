# SPDX-License-Identifier: Apache-2.0
"""Prints rows of `cordon evaluate` made from a seed: rows.py SEED COUNT. With --policies: five large ones."""

import json
import random
import sys

ACCOUNT, OTHER = "111122223333", "444455556666"
USER = f"arn:aws:iam::{ACCOUNT}:user/mallory"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/deploy/s1"
FEDERATED = f"arn:aws:sts::{ACCOUNT}:federated-user/bob"
STRANGER = f"arn:aws:iam::{OTHER}:user/eve"
PRINCIPALS = [USER, USER, SESSION, SESSION, f"arn:aws:iam::{ACCOUNT}:root", FEDERATED, STRANGER]
REQUESTS = [
    ("s3:GetObject", "arn:aws:s3:::bkt/mallory/k"),
    ("s3:PutObject", "arn:aws:s3:::bkt/k"),
    ("ec2:StartInstances", f"arn:aws:ec2:eu-west-1:{ACCOUNT}:instance/i-1"),
    ("iam:CreateAccessKey", f"arn:aws:iam::{ACCOUNT}:user/mallory"),
    ("sqs:SendMessage", f"arn:aws:sqs:eu-west-1:{ACCOUNT}:q"),
    ("kms:Decrypt", f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/0123"),
    ("sts:AssumeRole", f"arn:aws:iam::{ACCOUNT}:role/ops"),
    ("s3:ListAllMyBuckets", "*"),
]
ACTIONS = "* s3:* s3:Get* s3:?etObject ec2:Start* iam:* sqs:SendMessage kms:* sts:Assume* s3:getobject sts:*".split()
RESOURCES = [
    "*",
    "arn:aws:s3:::bkt/*",
    "arn:aws:s3:::*/k",
    "arn:aws:s3:::bkt/${aws:username}/*",
    "arn:aws:s3:::bkt/${aws:PrincipalTag/t, 'mallory'}/*",
    "arn:aws:ec2:*:*:instance/*",
    "arn:aws:ec2:*:*:inst*",
    f"arn:aws:iam::{ACCOUNT}:user/*",
    f"arn:aws:iam::{ACCOUNT}:role/ops",
    f"arn:aws:sqs:*:{ACCOUNT}:q",
    "arn:aws:kms:*:*:key/*",
    "arn:*:s3:::bkt/k",
]
CONDITIONS = [
    {"StringEquals": {"aws:username": "mallory"}},
    {"StringNotEquals": {"aws:username": ["eve", "x"]}},
    {"StringLike": {"aws:username": "mal*"}},
    {"StringNotLike": {"aws:username": "mal*"}},
    {"StringEqualsIfExists": {"aws:username": "eve"}},
    {"StringEqualsIgnoreCase": {"aws:username": "MALLORY"}},
    {"StringEquals": {"aws:PrincipalTag/t": "${aws:username}"}},
    {"StringNotEquals": {"aws:PrincipalTag/t": "${aws:username}"}},
    {"StringEquals": {"aws:PrincipalTag/t": "x", "aws:username": "mallory"}},
    {"StringLike": {"aws:userid": "AIDA*"}, "Bool": {"aws:SecureTransport": "false"}},
    {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
    {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}},
    {"Bool": {"aws:SecureTransport": True}},
    {"Null": {"aws:TokenIssueTime": "true"}},
    {"Null": {"aws:username": ["false"]}},
    {"NumericLessThan": {"aws:MultiFactorAuthAge": "3600"}},
    {"NumericGreaterThanEqualsIfExists": {"aws:MultiFactorAuthAge": "3600"}},
    {"DateLessThan": {"aws:CurrentTime": "2026-11-20T00:00:00Z"}},
    {"DateGreaterThan": {"aws:CurrentTime": "2026-11-19"}},
    {"DateLessThan": {"aws:TokenIssueTime": "2026-11-20T00:00:00Z"}},
    {"IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "2001:db8::/32"]}},
    {"NotIpAddress": {"aws:SourceIp": "203.0.113.0/25"}},
    {"ForAllValues:StringEquals": {"aws:TagKeys": ["a", "b"]}},
    {"ForAllValues:StringNotLike": {"aws:TagKeys": ["a*"]}},
    {"ForAllValues:StringEqualsIfExists": {"aws:TagKeys": ["a"]}},
    {"ForAnyValue:StringEquals": {"aws:TagKeys": ["a", "b"]}},
    {"ForAnyValue:StringNotEquals": {"aws:TagKeys": ["a", "b"]}},
    {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:user/*"}},
    {"ArnNotEquals": {"aws:PrincipalArn": USER}},
]
KEYS = {
    "aws:MultiFactorAuthPresent": ["true", "false"],
    "aws:SecureTransport": ["true", "false"],
    "aws:MultiFactorAuthAge": ["10", "3600", "7200"],
    "aws:CurrentTime": ["2026-11-19T12:00:00Z", "2026-11-21T00:00:00Z"],
    "aws:SourceIp": ["203.0.113.7", "203.0.113.200", "198.51.100.1", "2001:db8::1"],
    "aws:TagKeys": [["a"], ["a", "c"], ["d"], ["a", "b"]],
    "aws:PrincipalTag/t": ["mallory", "x"],
    "aws:userid": ["AIDAX"],
}
NAMED = [f"arn:aws:iam::{ACCOUNT}:root", ACCOUNT, USER, SESSION, f"arn:aws:iam::{ACCOUNT}:role/deploy", FEDERATED]
NAMED += [f"arn:aws:iam::{OTHER}:root", STRANGER]


def some(items, least=1, most=3):
    return random.sample(items, random.randint(least, most))


def context(principal):
    keys = {key: random.choice(values) for key, values in KEYS.items() if random.random() < 0.6}
    if ":user/" in principal and random.random() < 0.6:
        keys["aws:username"] = random.choice(["mallory", "eve"])
    if ":sts:" in principal and random.random() < 0.6:
        keys["aws:TokenIssueTime"] = random.choice(KEYS["aws:CurrentTime"])
    keys["aws:PrincipalArn"] = f"arn:aws:iam::{ACCOUNT}:role/deploy" if principal == SESSION else principal
    return keys


def principals(effect):
    if effect == "Allow" or random.random() < 0.8:
        return {"Principal": "*" if random.random() < 0.3 else {"AWS": some(NAMED + ["*"], 1, 2)}}
    return {"NotPrincipal": {"AWS": some(NAMED)}}


def statement(kind, number):
    made = {"Sid": f"S{number}", "Effect": "Deny" if kind == "rcp" or random.random() < 0.25 else "Allow"}
    if kind == "rcp":
        made |= {"Principal": "*", "Action": some(ACTIONS[1:], 1, 2)}
    else:
        made["Action" if random.random() < 0.85 else "NotAction"] = some(ACTIONS)
    made["Resource" if random.random() < 0.88 else "NotResource"] = some(RESOURCES)
    if random.random() < 0.4:
        made["Condition"] = random.choice(CONDITIONS)
    if kind == "resource":
        made |= principals(made["Effect"])
    if kind == "endpoint":
        made["Principal"] = "*"
    return made


def document(kind="identity", full=0.0):
    statements = [statement(kind, i) for i in range(random.randint(1, 4))]
    if random.random() < full:
        statements.append({"Sid": "Full", "Effect": "Allow", "Action": "*", "Resource": "*"})
    version = "2012-10-17" if kind in ("rcp",) or random.random() < 0.9 else "2008-10-17"
    return {"Version": version, "Statement": statements}


def row(number):
    principal = random.choice(PRINCIPALS)
    action, resource = random.choice(REQUESTS)
    request = {"principal": principal, "action": action, "resource": resource, "resource_account": ACCOUNT}
    made = {"id": number, "request": request | {"context": context(principal)}}
    made["identity_policies"] = [document() for _ in range(random.randint(1, 2))]
    if random.random() < 0.25 and not principal.endswith(":root"):
        made["permission_boundaries"] = [document(full=0.7)]
    if random.random() < 0.5 and ":sts:" in principal:
        made["session_policy"] = document(full=0.7)
    if random.random() < 0.25:
        levels = range(random.randint(1, 2))
        made["scps"] = [{"orgIdentifier": f"l{i}", "policies": [document(full=0.7)]} for i in levels]
    if random.random() < 0.15:
        made["rcps"] = [{"orgIdentifier": "r", "policies": [document("rcp")]}]
    if random.random() < 0.45:
        made["resource_policy"] = document("resource")
    if random.random() < 0.1:
        made["endpoint_policies"] = [document("endpoint")]
    return made


def pattern(action):
    service, name = action.split(":")
    kind = random.random()
    if kind < 0.5:
        return action
    return f"{service}:{name[: random.randint(3, max(3, len(name) - 1))]}*" if kind < 0.9 else f"{service}:*"


def large(actions):
    """A policy of nearly 6,144 characters, as large as a managed one may be."""
    statements, size = [], 0
    while True:
        made = {"Sid": f"S{len(statements)}", "Effect": "Deny" if random.random() < 0.2 else "Allow"}
        made["Action"] = [pattern(random.choice(actions)) for _ in range(random.randint(5, 30))]
        made["Resource"] = "*" if random.random() < 0.6 else [f"arn:aws:s3:::bucket-{random.randint(1, 99)}/*"]
        if random.random() < 0.2:
            made["Condition"] = {"StringEquals": {"aws:RequestedRegion": ["eu-west-1", "us-east-1"]}}
        size += len(json.dumps(made, separators=(",", ":")))
        if size > 6000:
            return {"Version": "2012-10-17", "Statement": statements}
        statements.append(made)


def main():
    if sys.argv[1] == "--policies":
        random.seed(1)
        actions = [line.split("\t")[0] for line in sys.stdin if not line.startswith("#")]
        print(json.dumps([large(actions) for _ in range(5)]))
        return
    random.seed(int(sys.argv[1]))
    for number in range(int(sys.argv[2])):
        print(json.dumps(row(number)))


if __name__ == "__main__":
    main()
