# SPDX-License-Identifier: Apache-2.0
"""The actions that strip and delete; what each changes, and nothing else."""

from .acting import AWS, DENY_ALL, READ_ONLY, Row
from .expect import CUTOFF, DENY, only_statement
from .world import ACCOUNT, allow, deny, document, trust

ROOT, STRANGER = f"arn:aws:iam::{ACCOUNT}:root", "arn:aws:iam::999988887777:root"
POWER = AWS + "PowerUserAccess"
ASSUMPTIONS = ["sts:AssumeRole", "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity"]
U = {"UserName": "{user}"}
MIXED_TRUST = ("update_assume_role_policy", {"RoleName": "deploy", "PolicyDocument": trust(ROOT, STRANGER)})
BOUNDED = ("put_user_permissions_boundary", U | {"PermissionsBoundary": READ_ONLY})
SECOND_GROUP = (("create_group", {"GroupName": "second"}), ("add_user_to_group", U | {"GroupName": "second"}))
DENIES = tuple(("attach_user_policy", U | {"PolicyArn": arn}) for arn in (DENY_ALL, POWER))
OWN = tuple(
    ("put_user_policy", U | {"PolicyName": name, "PolicyDocument": document(deny("*", "arn:aws:s3:::x"))})
    for name in (DENY, "CordonQuarantine", "CordonRestrict-x", CUTOFF)
)
MORE = ("put_user_policy", U | {"PolicyName": "more", "PolicyDocument": document(allow("sqs:*"))})
ATTACHED, INLINE = "users {user} attached", "users {user} inline daily-work"


def is_lock(statements):
    """Nobody gets in, whatever the call."""
    statement = only_statement({"Statement": statements})
    return (statement["Effect"], statement["Principal"], statement["Action"]) == ("Deny", "*", ASSUMPTIONS)


def is_own_account(statements):
    """Only our account is let in."""
    statement = only_statement({"Statement": statements})
    return statement == {"Effect": "Allow", "Principal": {"AWS": [ROOT]}, "Action": "sts:AssumeRole"}


def is_tagged(*before):
    """The case and the time, beside what was there."""

    def check(tags):
        found = [(tag["Key"], tag["Value"]) for tag in tags]
        times = [value for key, value in found if key == "cordon:contained"]
        rest = sorted(pair for pair in found if pair[0] != "cordon:contained")
        return len(times) == 1 and times[0].startswith("20") and rest == sorted([*before, ("cordon:case", "INC-7")])

    return check


STRIPS = [
    Row("lock-trust-policy --role deploy", {"roles deploy trust Statement": is_lock}),
    Row(
        f"lock-trust-policy --role deploy --principal {STRANGER}",
        {"roles deploy trust Statement": is_own_account},
        (MIXED_TRUST,),
    ),
    Row("lock-trust-policy --role deploy --foreign", {"roles deploy trust Statement": is_own_account}, (MIXED_TRUST,)),
    Row(f"detach-policies --user {{user}} --policy {READ_ONLY}", {ATTACHED: []}),
    Row(f"detach-policies --user {{user}} --policy {DENY_ALL}", {ATTACHED: [READ_ONLY, POWER]}, DENIES),
    Row("detach-policies --user {user} --all", {ATTACHED: [DENY_ALL]}, DENIES),
    Row(f"detach-policies --user {{user}} --except {READ_ONLY}", {ATTACHED: [DENY_ALL, READ_ONLY]}, DENIES),
    Row("detach-policies --group developers --all", {"groups developers attached": []}),
    Row("delete-inline-policies --user {user} --policy daily-work", {INLINE: None}, (MORE,)),
    Row("delete-inline-policies --user {user} --all", {INLINE: None, "users {user} inline more": None}, (*OWN, MORE)),
    Row("delete-inline-policies --user {user} --except more", {INLINE: None}, (*OWN, MORE)),
    Row(
        "delete-inline-policies --user {user} --policy CordonRestrict-x",
        {"users {user} inline CordonRestrict-x": None},
        OWN,
    ),
    Row("delete-inline-policies --role deploy --all", {"roles deploy inline work": None}),
    Row("delete-inline-policies --group developers --all", {"groups developers inline watch": None}),
    Row(
        "remove-from-groups --user {user} --from second",
        {"users {user} groups": ["developers"], "groups second users": []},
        SECOND_GROUP,
    ),
    Row(
        "remove-from-groups --user {user} --except second",
        {"users {user} groups": ["second"], "groups developers users": ["carol"]},
        SECOND_GROUP,
    ),
    Row(
        "remove-from-groups --user {user} --all",
        {"users {user} groups": [], "groups developers users": ["carol"], "groups second users": []},
        SECOND_GROUP,
    ),
    Row(f"set-boundary --user {{user}} --policy {DENY_ALL}", {"users {user} boundary": DENY_ALL}, (BOUNDED,)),
    Row(f"set-boundary --role deploy --policy {READ_ONLY}", {"roles deploy boundary": READ_ONLY}),
    Row("tag --user {user} --case INC-7", {"users {user} tags": is_tagged(("team", "payments"))}),
    Row("tag --role deploy --case INC-7", {"roles deploy tags*": lambda tags: "INC-7" in str(tags)}),
]
