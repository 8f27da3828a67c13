# SPDX-License-Identifier: Apache-2.0
"""May the caller do this? Explicit deny first, then everything that must allow."""

from . import backend, policy
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
    context = caller.context() | _request_context(caller, request)
    verdicts = caller_effects(caller, action, resource, context)
    trust = _trust(caller, action, request, context)
    if any("Deny" in found for found in verdicts) or "Deny" in trust:
        raise _denied(caller, action, resource, "with an explicit deny in an identity-based policy")
    if trust is not NO_TRUST and not trust:
        raise _denied(caller, action, resource, "because no resource-based policy allows the action")
    if "Direct" in trust and (caller.kind == "user" or all("Allow" in v for v in verdicts[1:])):
        return
    if not all("Allow" in found for found in verdicts):
        raise _denied(caller, action, resource, f"because no identity-based policy allows the {action} action")


def caller_effects(caller, action, resource, context):
    """What identity policies, boundary and session policy say, one set each."""
    documents, boundary = identity_policies(caller.entity)
    verdicts = [policy.effects(documents, action, resource, context)]
    if boundary:
        verdicts.append(policy.effects([boundary], action, resource, context))
    if caller.kind == "federated" or caller.session_policy:
        passed = [caller.session_policy] if caller.session_policy else []
        verdicts.append(policy.effects(passed, action, resource, context))
    return verdicts


def identity_policies(entity):
    """The documents that hang on a user (with its groups) or a role, and its boundary's."""
    holders = [entity]
    if isinstance(entity, backend.User):
        holders += [g for g in backend.iam().groups.values() if entity in g.users]
    documents = []
    for holder in holders:
        documents += list(holder.policies.values())
        documents += [default_document(p) for p in holder.managed_policies.values()]
    arn = getattr(entity, "boundary_arn", None) or getattr(entity, "permissions_boundary_arn", None)
    return documents, default_document(backend.iam().managed_policies[arn]) if arn else None


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


def resource_of(request):
    """The ARN a request is about."""
    p, iam = request.params, backend.iam()
    if request.service == "s3" or request.action in ON_EVERYTHING:
        return "*"
    if request.action == "GetFederationToken":
        return f"arn:aws:sts::{ACCOUNT}:federated-user/{p.get('Name', '')}"
    if "RoleArn" in p:
        return p["RoleArn"]
    if "GroupName" in p:
        found = iam.groups.get(p["GroupName"])
        return found.arn if found else f"arn:aws:iam::{ACCOUNT}:group/{p['GroupName']}"
    if "RoleName" in p:
        found = backend.role_named(p["RoleName"])
        return found.arn if found else f"arn:aws:iam::{ACCOUNT}:role/{p['RoleName']}"
    if request.action == "GetAccessKeyLastUsed":
        owner, _key = backend.user_with_key(p.get("AccessKeyId"))
        return owner.arn if owner else f"arn:aws:iam::{ACCOUNT}:user/"
    if "UserName" in p:
        found = iam.users.get(p["UserName"])
        return found.arn if found else f"arn:aws:iam::{ACCOUNT}:user/{p['UserName']}"
    return p.get("PolicyArn") or p.get("SerialNumber") or "*"


def _request_context(caller, request):
    context = {}
    if "PolicyArn" in request.params and request.action.startswith(("Attach", "Detach")):
        context["iam:policyarn"] = request.params["PolicyArn"]
    if "ExternalId" in request.params:
        context["sts:externalid"] = request.params["ExternalId"]
    agent = request.header("user-agent")
    if agent:
        context["aws:useragent"] = agent
    return context


NO_TRUST = frozenset({"NotAsked"})


def _trust(caller, action, request, context):
    """What the trust policy of the role to assume says: Deny, Direct (names the caller) or Account."""
    if action != "sts:AssumeRole":
        return NO_TRUST
    role = next((r for r in backend.iam().roles.values() if r.arn == request.params.get("RoleArn")), None)
    found = set()
    if role is None:
        return found
    for statement in policy.statements(role.assume_role_policy_document):
        named = _names(statement, caller)
        if named and policy.applies(statement, action, None, context):
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
