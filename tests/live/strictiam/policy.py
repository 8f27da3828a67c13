# SPDX-License-Identifier: Apache-2.0
"""A small evaluator of policy documents, written apart from cordon's own so that the two can disagree."""

import json
import re
from datetime import datetime, timezone

from .wire import Gap


def effects(documents, action, resource, context):
    """The effects ("Allow", "Deny") of all statements that apply to the request."""
    found = set()
    for document in documents:
        for statement in statements(document):
            if applies(statement, action, resource, context):
                found.add(statement["Effect"])
    return found


def statements(document):
    """The statements of a policy document given as JSON text."""
    inner = json.loads(document).get("Statement", [])
    return [inner] if isinstance(inner, dict) else inner


def applies(statement, action, resource, context):
    """Whether one statement speaks about the request."""
    return (
        _matches_action(statement, action)
        and _matches_resource(statement, resource, context)
        and holds(statement.get("Condition", {}), context)
    )


def as_list(value):
    """Policies may write a single item without its list."""
    return value if isinstance(value, list) else [value]


def _matches_action(statement, action):
    if "NotAction" in statement:
        return not any(glob(p.lower(), action.lower()) for p in as_list(statement["NotAction"]))
    return any(glob(p.lower(), action.lower()) for p in as_list(statement["Action"]))


def _matches_resource(statement, resource, context):
    if resource is None:
        return True
    if "NotResource" in statement:
        return not any(arn_match(p, resource, context) for p in as_list(statement["NotResource"]))
    return any(arn_match(p, resource, context) for p in as_list(statement.get("Resource", [])))


def arn_match(pattern, arn, context):
    """ARNs are matched part by part; '*' alone is everything."""
    if pattern == "*":
        return True
    parts, values = pattern.split(":", 5), arn.split(":", 5)
    if len(parts) != 6 or len(values) != 6:
        return False
    return all(glob(p, v, context) for p, v in zip(parts, values))


def glob(pattern, value, context=None):
    """Match with '*' and '?', policy variables filled in literally."""
    out, rest = "", pattern
    while rest:
        variable = re.match(r"\$\{([^}]*)\}", rest) if context is not None else None
        if variable:
            filled = _variable(variable.group(1), context)
            if filled is None:
                return False
            out, rest = out + re.escape(filled), rest[variable.end() :]
        else:
            out += {"*": ".*", "?": "."}.get(rest[0], re.escape(rest[0]))
            rest = rest[1:]
    return re.fullmatch(out, value, re.S) is not None


def _variable(name, context):
    if name in ("*", "?", "$"):
        return name
    return context.get(name.lower())


def holds(condition, context):
    """Whether every operator and key of a Condition block is satisfied."""
    return all(
        _test(operator, key.lower(), as_list(wanted), context)
        for operator, keys in condition.items()
        for key, wanted in keys.items()
    )


def _test(operator, key, wanted, context):
    if_exists = operator.endswith("IfExists")
    name = operator[:-8] if if_exists else operator
    if name == "Null":
        return any((key not in context) == _boolean(w) for w in wanted)
    if name not in POSITIVE and name not in NEGATIVE:
        raise Gap(f"condition operator {operator}")
    if key not in context:
        return if_exists or name in NEGATIVE
    value = context[key]
    if name in NEGATIVE:
        return not any(NEGATIVE[name](value, w, context) for w in wanted)
    return any(POSITIVE[name](value, w, context) for w in wanted)


def _boolean(value):
    return str(value).lower() == "true"


def _equals(value, wanted, context):
    return value == re.sub(r"\$\{([^}]*)\}", lambda m: _variable(m.group(1), context) or "\0", wanted)


def _equals_fold(value, wanted, _context):
    return value.lower() == wanted.lower()


def _like(value, wanted, context):
    return glob(wanted, value, context)


def _arn(value, wanted, context):
    return arn_match(wanted, value, context)


def _same_boolean(value, wanted, _context):
    return _boolean(value) == _boolean(wanted)


def moment(text):
    """A date of a policy: ISO 8601 or seconds since 1970."""
    text = str(text)
    if re.fullmatch(r"\d+(\.\d+)?", text):
        return float(text)
    parsed = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return (parsed if parsed.tzinfo else parsed.replace(tzinfo=timezone.utc)).timestamp()


def _date(compare):
    return lambda value, wanted, _context: compare(moment(value), moment(wanted))


def _number(compare):
    return lambda value, wanted, _context: compare(float(value), float(wanted))


POSITIVE = {
    "StringEquals": _equals,
    "StringEqualsIgnoreCase": _equals_fold,
    "StringLike": _like,
    "ArnEquals": _arn,
    "ArnLike": _arn,
    "Bool": _same_boolean,
    "DateEquals": _date(lambda a, b: a == b),
    "DateLessThan": _date(lambda a, b: a < b),
    "DateLessThanEquals": _date(lambda a, b: a <= b),
    "DateGreaterThan": _date(lambda a, b: a > b),
    "DateGreaterThanEquals": _date(lambda a, b: a >= b),
    "NumericEquals": _number(lambda a, b: a == b),
    "NumericLessThan": _number(lambda a, b: a < b),
    "NumericLessThanEquals": _number(lambda a, b: a <= b),
    "NumericGreaterThan": _number(lambda a, b: a > b),
    "NumericGreaterThanEquals": _number(lambda a, b: a >= b),
}
NEGATIVE = {
    "StringNotEquals": _equals,
    "StringNotEqualsIgnoreCase": _equals_fold,
    "StringNotLike": _like,
    "ArnNotEquals": _arn,
    "ArnNotLike": _arn,
    "DateNotEquals": _date(lambda a, b: a == b),
    "NumericNotEquals": _number(lambda a, b: a == b),
}
