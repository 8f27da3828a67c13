# SPDX-License-Identifier: Apache-2.0
"""May the caller do this? Explicit deny first, then everything that must allow."""

from dataclasses import dataclass

from . import backend, context, policy
from .backend import ACCOUNT
from .wire import AwsError

ON_EVERYTHING = (
    "ListUsers",
    "ListRoles",
    "ListGroups",
    "ListPolicies",
    "ListAccountAliases",
    "GetAccountSummary",
    "GetAccountAuthorizationDetails",
    "GetCredentialReport",
    "GenerateCredentialReport",
    "ListVirtualMFADevices",
    "GetAccountPasswordPolicy",
    "ListAllMyBuckets",
    "GetAccessKeyInfo",
)
SESSION_OF_USER = "user-session"


def authorize(caller, request):
    """Raise AccessDenied unless the caller may carry out the request."""
    action = _action(request)
    if caller.kind == "root" or action == "sts:GetCallerIdentity":
        return
    _check_token_limits(caller, action)
    if action == "sts:GetSessionToken":
        return
    resource = resource_of(request)
    known = caller.context() | principal_tags(caller.entity) | context.of_request(request, resource, caller)
    verdicts = caller_effects(caller, action, resource, known)
    trust = _trust(caller, action, request, known)
    if any("Deny" in found for found in verdicts) or "Deny" in trust:
        raise _denied(caller, action, resource, "with an explicit deny in an identity-based policy")
    if trust is not NO_TRUST and not trust:
        raise _denied(caller, action, resource, "because no resource-based policy allows the action")
    if "Direct" in trust and (caller.kind == "user" or all("Allow" in v for v in verdicts[1:])):
        return
    if not all("Allow" in found for found in verdicts):
        raise _denied(caller, action, resource, f"because no identity-based policy allows the {action} action")


def caller_effects(caller, action, resource, known):
    """What identity policies, boundary and session policy say, one set each."""
    documents, limit = identity_policies(caller.entity)
    verdicts = [policy.effects(documents, action, resource, known)]
    if limit:
        verdicts.append(policy.effects([limit], action, resource, known))
    if caller.kind == "federated" or caller.session_policy:
        passed = [caller.session_policy] if caller.session_policy else []
        verdicts.append(policy.effects(passed, action, resource, known))
    return verdicts


def identity_policies(entity):
    """The documents that hang on a user (with its groups) or a role, and its boundary's."""
    return [found.document for found in attached(entity)], boundary(entity)


@dataclass
class Attached:
    """A policy in force, and where it hangs."""

    name: str
    kind: str  # user, group, role, aws-managed, user-managed or none
    holder: object
    document: str
    arn: str | None = None

    @property
    def place(self):
        """The kind and name of an inline policy's holder, and its own name."""
        return None if self.arn or self.holder is None else (self.kind, self.holder.name, self.name)

    def source(self):
        """As the simulator names it."""
        name = "_".join(self.place) if self.place else self.name
        return {"SourcePolicyId": name, "SourcePolicyType": self.kind}


def attached(entity):
    """Every identity policy of a user (with its groups), a group or a role."""
    holders = [entity]
    if isinstance(entity, backend.User):
        holders += [g for g in backend.iam().groups.values() if entity in g.users]
    found = []
    for holder in holders:
        kind = {backend.User: "user", backend.Group: "group"}.get(type(holder), "role")
        found += [Attached(name, kind, holder, text) for name, text in holder.policies.items()]
        for managed in holder.managed_policies.values():
            kind = "aws-managed" if ":iam::aws:" in managed.arn else "user-managed"
            found.append(Attached(managed.name, kind, holder, default_document(managed), managed.arn))
    return found


def boundary(entity):
    """The document of a user's or role's permissions boundary, or None."""
    arn = context.boundary_arn(entity)
    return default_document(backend.iam().managed_policies[arn]) if arn else None


def principal_tags(entity):
    """The condition keys that a principal's own tags make."""
    return {f"aws:principaltag/{key}": value for key, value in context.tags_of(entity).items()}


def default_document(managed):
    """The document of a managed policy's default version."""
    return next(v.document for v in managed.versions if v.version_id == managed.default_version_id)


def _action(request):
    if request.service == "s3":
        return "s3:ListAllMyBuckets"
    return f"{request.service}:{request.action}"


def _check_token_limits(caller, action):
    """What AWS never lets the two kinds of user tokens do, whatever the policies say."""
    service = action.split(":")[0]
    if service == "iam" and (caller.kind == "federated" or caller.kind == SESSION_OF_USER and not caller.mfa):
        raise AwsError(403, "InvalidClientTokenId", "The security token included in the request is invalid")
    if service != "sts" or caller.kind == "user":
        return
    if caller.kind == "federated" or action in ("sts:GetSessionToken", "sts:GetFederationToken"):
        raise AwsError(403, "AccessDenied", f"Cannot call {action[4:]} with session credentials")
    if caller.kind == SESSION_OF_USER and action != "sts:AssumeRole":
        raise AwsError(403, "AccessDenied", f"Cannot call {action[4:]} with session credentials")


NAMED = (
    ("InstanceProfileName", "instance-profile", lambda name: backend.iam().instance_profiles.get(name)),
    ("GroupName", "group", lambda name: backend.iam().groups.get(name)),
    ("RoleName", "role", backend.role_named),
    ("UserName", "user", lambda name: backend.iam().users.get(name)),
)


def resource_of(request):
    """The ARN a request is about."""
    p = request.params
    if request.service == "s3" or request.action in ON_EVERYTHING or p.get("AllUsers") == "true":
        return "*"
    if request.action == "GetFederationToken":
        return f"arn:aws:sts::{ACCOUNT}:federated-user/{p.get('Name', '')}"
    if request.action == "GetAccessKeyLastUsed":
        owner, _key = backend.user_with_key(p.get("AccessKeyId"))
        return owner.arn if owner else f"arn:aws:iam::{ACCOUNT}:user/"
    for name in ("RoleArn", "PolicySourceArn"):
        if name in p:
            return p[name]
    for name, kind, find in NAMED:
        if name in p:
            found = find(p[name])
            return found.arn if found else f"arn:aws:iam::{ACCOUNT}:{kind}{p.get('Path', '/')}{p[name]}"
    return p.get("PolicyArn") or p.get("SerialNumber") or "*"


NO_TRUST = frozenset({"NotAsked"})


def _trust(caller, action, request, known):
    """What the trust policy of the role to assume says: Deny, Direct (names the caller) or Account."""
    if action != "sts:AssumeRole":
        return NO_TRUST
    role = next((r for r in backend.iam().roles.values() if r.arn == request.params.get("RoleArn")), None)
    found = set()
    if role is None:
        return found
    for statement in policy.statements(role.assume_role_policy_document):
        named = _names(statement, caller)
        if named and policy.applies(statement, action, None, known):
            found.add("Deny" if statement["Effect"] == "Deny" else named)
    return found


def _names(statement, caller):
    """How a trust statement's Principal covers the caller."""
    principal = statement.get("Principal", {})
    listed = [principal] if principal == "*" else policy.as_list(principal.get("AWS", []))
    own = {caller.arn, caller.entity.arn}
    account = {ACCOUNT, f"arn:aws:iam::{ACCOUNT}:root", "*"}
    if own & set(listed):
        return "Direct"
    return "Account" if account & set(listed) else None


def _denied(caller, action, resource, why):
    text = f"User: {caller.arn} is not authorized to perform: {action} on resource: {resource} {why}"
    return AwsError(403, "AccessDenied", text)
