# SPDX-License-Identifier: Apache-2.0
"""The condition keys that a request brings with it, besides those of its caller."""

from . import backend, mfa, wire


def of_request(request, resource, caller):
    """Policy and boundary ARNs, tags asked for, tags that are there, the agent, an MFA code."""
    params = request.params
    context = {f"aws:requesttag/{t['Key'].lower()}": t.get("Value", "") for t in wire.structures(params, "Tags")}
    if "PolicyArn" in params and request.action.startswith(("Attach", "Detach")):
        context["iam:policyarn"] = params["PolicyArn"]
    if request.action == "AssumeRole" and "SerialNumber" in params:
        mfa.prove(caller, params["SerialNumber"], params.get("TokenCode"))
        context["aws:multifactorauthpresent"] = "true"
    if "ExternalId" in params:
        context["sts:externalid"] = params["ExternalId"]
    agent = request.header("user-agent")
    if agent:
        context["aws:useragent"] = agent
    return context | _of_target(params, resource)


def _of_target(params, resource):
    """The tags of the user or role that is meant, and the boundary it has or gets."""
    target = entity_at(resource)
    context = {}
    for key, value in tags_of(target).items():
        context[f"aws:resourcetag/{key}"] = context[f"iam:resourcetag/{key}"] = value
    arn = params.get("PermissionsBoundary") or boundary_arn(target)
    if arn:
        context["iam:permissionsboundary"] = arn
    return context


def entity_at(arn):
    """The user or role of an ARN, or None."""
    iam = backend.iam()
    return next((e for e in [*iam.users.values(), *iam.roles.values()] if e.arn == arn), None)


def tags_of(entity):
    """The tags of a user or role by lower-case key; groups and root have none."""
    return {tag["Key"].lower(): tag["Value"] for tag in getattr(entity, "tag_list", [])}


def boundary_arn(entity):
    """The ARN of the boundary of a user or role, or None."""
    return getattr(entity, "boundary_arn", None) or getattr(entity, "permissions_boundary_arn", None)
