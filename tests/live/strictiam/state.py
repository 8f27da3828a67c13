# SPDX-License-Identifier: Apache-2.0
"""The whole account as JSON, so that a test can say: everything else is as it was."""

import json

from . import backend


def dump(texts=False):
    """Everything that a write could change; nothing that a mere read or sign-in changes. Documents are taken apart,
    or left as the texts that were sent."""
    iam = backend.iam()
    read = str if texts else json.loads
    return {
        "users": {u.name: _user(u, read) for u in iam.users.values()},
        "groups": {g.name: _holder(g, read) | {"users": sorted(u.name for u in g.users)} for g in iam.groups.values()},
        "roles": {r.name: _role(r, read) for r in iam.roles.values()},
        "policies": {p.arn: _managed(p, read) for p in iam.managed_policies.values() if ":iam::aws:" not in p.arn},
        "instance_profiles": {p.name: sorted(r.name for r in p.roles) for p in iam.instance_profiles.values()},
        "virtual_mfa": sorted(iam.virtual_mfa_devices),
        "aliases": list(iam.account_aliases),
        "key_index": sorted(k for k, v in iam.access_keys.items() if v.user_name),
    }


def _holder(entity, read):
    return {
        "id": entity.id,
        "arn": entity.arn,
        "inline": {name: read(text) for name, text in entity.policies.items()},
        "attached": sorted(entity.managed_policies),
    }


def _user(user, read):
    return _holder(user, read) | {
        "keys": {k.access_key_id: k.status for k in user.access_keys},
        "password": user.password is not None,
        "reset_required": user.password_reset_required,
        "boundary": user.boundary_arn,
        "mfa": sorted(user.mfa_devices),
        "ssh": {k.ssh_public_key_id: k.status for k in user.ssh_public_keys},
        "certificates": {c.id: c.status for c in user.signing_certificates.values()},
        "service_credentials": {k: v["Status"] for k, v in user.service_credentials.items()},
        "groups": sorted(user.group_list),
        "tags": user.tags or [],
    }


def _role(role, read):
    return _holder(role, read) | {
        "trust": read(role.assume_role_policy_document),
        "boundary": role.permissions_boundary_arn,
        "description": role.description,
        "session_seconds": int(role.max_session_duration or 3600),
        "tags": role.tags,
    }


def _managed(policy, read):
    return {
        "default": policy.default_version_id,
        "versions": {v.version_id: read(v.document) for v in policy.versions},
        "attachments": policy.attachment_count,
    }
