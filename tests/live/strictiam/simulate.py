# SPDX-License-Identifier: Apache-2.0
"""SimulatePrincipalPolicy, by the evaluator that also decides about requests."""

import re

from . import access, backend, entities, policy, wire
from .backend import ACCOUNT
from .wire import AwsError, Gap

ACTION = re.compile(r"[a-z0-9-]+:[A-Za-z0-9]+")
SOURCE = re.compile(r"arn:aws:iam::\d{12}:(user|group|role)/.+")
UNMODELLED = ("ResourcePolicy", "ResourceOwner", "ResourceHandlingOption")


def simulate(_caller, params):
    """One result for each pair of action and resource."""
    for name in UNMODELLED:
        if name in params:
            raise Gap(f"SimulatePrincipalPolicy with {name}")
    entity = _source(params["PolicySourceArn"])
    actions, resources = wire.members(params, "ActionNames"), wire.members(params, "ResourceArns") or ["*"]
    for action in actions:
        if not ACTION.fullmatch(action):
            raise AwsError(400, "InvalidInput", f"Invalid Action: {action}")
    case = Case(entity, params)
    return {"EvaluationResults": [case.result(a, r) for a in actions for r in resources]}


def _source(arn):
    if not SOURCE.fullmatch(arn):
        raise AwsError(400, "InvalidInput", f"Invalid Entity Arn: {arn} does not clearly define entity type and name.")
    iam = backend.iam()
    for entity in [*iam.users.values(), *iam.groups.values(), *iam.roles.values()]:
        if entity.arn == arn:
            return entity
    raise entities.gone(f"{arn} cannot be found.")


class Case:
    """The policies and the context of one simulation."""

    def __init__(self, entity, params):
        excluded = wire.structures(params, "PolicyExclusionList")
        self.policies = [p for p in access.attached(entity) if not _excluded(p, excluded)]
        for number, text in enumerate(wire.members(params, "PolicyInputList"), 1):
            self.policies.append(access.Attached(f"PolicyInputList.{number}", "none", None, text))
        given = wire.members(params, "PermissionsBoundaryPolicyInputList")
        self.boundary = given[0] if given else access.boundary(entity)
        self.context = _context(entity, params)

    def result(self, action, resource):
        """What AWS would do, by which policies, and what it could not know."""
        effects = [(p, policy.effects([p.document], action, resource, self.context)) for p in self.policies]
        decision = self._decision([found for _policy, found in effects], action, resource)
        deciding = "Deny" if decision == "explicitDeny" else "Allow"
        told = {
            "EvalActionName": action,
            "EvalResourceName": resource,
            "EvalDecision": decision,
            "MatchedStatements": [p.source() for p, found in effects if deciding in found],
            "MissingContextValues": self._missing(),
        }
        if self.boundary:
            told["PermissionsBoundaryDecisionDetail"] = {
                "AllowedByPermissionsBoundary": self._bounded(action, resource) == {"Allow"}
            }
        return told

    def _bounded(self, action, resource):
        return policy.effects([self.boundary], action, resource, self.context) if self.boundary else {"Allow"}

    def _decision(self, identity, action, resource):
        bounded = self._bounded(action, resource)
        every = set().union(bounded, *identity)
        if "Deny" in every:
            return "explicitDeny"
        return "allowed" if "Allow" in bounded and any("Allow" in found for found in identity) else "implicitDeny"

    def _missing(self):
        documents = [p.document for p in self.policies] + ([self.boundary] if self.boundary else [])
        keys = {
            key
            for text in documents
            for statement in policy.statements(text)
            for tested in statement.get("Condition", {}).values()
            for key in tested
        }
        return sorted(key for key in keys if key.lower() not in self.context)


def _excluded(attached, exclusions):
    """A policy that the caller asks to leave out, as if it were detached."""
    for given in exclusions:
        inline = "InlinePolicyIdentifier."
        wanted = tuple(given.get(inline + part) for part in ("AttachmentType", "AttachmentName", "PolicyName"))
        if not any(wanted) and "PolicyArn" not in given:
            raise Gap(f"PolicyExclusionList with {sorted(given)}")
        if any(wanted) and wanted == attached.place or given.get("PolicyArn", "") == attached.arn:
            return True
    return False


def _context(entity, params):
    """What the principal fixes, and what the caller says; the simulator knows no time and no session."""
    context = {"aws:principalaccount": ACCOUNT, "aws:principalarn": entity.arn}
    context |= access.principal_tags(entity)
    if isinstance(entity, backend.User):
        context |= {"aws:username": entity.name, "aws:userid": entity.id, "aws:principaltype": "User"}
    for entry in wire.structures(params, "ContextEntries"):
        values = wire.members(entry, "ContextKeyValues")
        if len(values) != 1:
            raise Gap("a context key with many values")
        context[entry["ContextKeyName"].lower()] = values[0]
    return context


OWN = {"SimulatePrincipalPolicy": simulate}
