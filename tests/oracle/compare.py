# SPDX-License-Identifier: Apache-2.0
"""compare.py ROWS OURS THEIRS: every disagreement needs a rule of AWS's that decides it, or it is a failure."""

import collections
import json
import sys


def is_root(row, ours, theirs):
    return row["request"]["principal"].endswith(":root")


def is_bare_federation(row, ours, theirs):
    return "federated-user" in row["request"]["principal"] and not row.get("session_policy")


def has_no_trust_policy(row, ours, theirs):
    return row["request"]["action"] == "sts:AssumeRole" and not row.get("resource_policy")


def is_old_version(row, ours, theirs):
    text = json.dumps(row)
    return "2008-10-17" in text and "${" in text


def has_no_rcps(row, ours, theirs):
    return theirs == "ExplicitDeny" and row["request"]["action"].split(":")[0] in ("ec2", "iam") and "rcps" in row


def is_granted_directly(row, ours, theirs):
    limited = row.get("session_policy") or row.get("permission_boundaries")
    return bool(limited) and ours["decision"] == "Allow" and ours["by"]["policy"] == "resource_policy"


RULES = [
    ("root may do anything in its account: no identity policy binds it", is_root),
    ("GetFederationToken without a session policy gives no permissions", is_bare_federation),
    ("a role's trust policy must itself let somebody in", has_no_trust_policy),
    ("only version 2012-10-17 has policy variables", is_old_version),
    ("this service does not support resource control policies", has_no_rcps),
    ("a grant to the user, the session or * is not limited by boundary and session policy", is_granted_directly),
]


def lines(name):
    with open(name, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def main():
    counts, strange = collections.Counter(), []
    rows, ours, theirs = map(lines, sys.argv[1:4])
    assert len(rows) == len(ours) == len(theirs)
    for row, our, their in zip(rows, ours, theirs):
        if "error" in their:
            counts["refused by the other one"] += 1
        elif our.get("decision") == their["decision"]:
            counts["agreed"] += 1
        else:
            rule = next((name for name, fits in RULES if fits(row, our, their["decision"])), None)
            counts[rule or "NOT EXPLAINED"] += 1
            if not rule:
                strange.append((our, their["decision"], row))
    for name, count in counts.most_common():
        print(f"{count:7} {name}")
    for our, their, row in strange[:5]:
        print(f"ours {json.dumps(our)}, theirs {their}: {json.dumps(row)}")
    sys.exit(1 if strange or counts["agreed"] < len(rows) / 2 else 0)


if __name__ == "__main__":
    main()
