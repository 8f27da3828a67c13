# SPDX-License-Identifier: Apache-2.0
"""Tags of users and roles: fifty, of AWS's shapes, their keys compared without case; moto checks half of it."""

import unicodedata

from . import entities, wire
from .wire import AwsError

MOST = 50
PUNCTUATION = "_.:/=+-@"
LENGTHS = {"Key": range(1, 129), "Value": range(0, 257)}


def given(params):
    """The Tags of a request, checked."""
    found = wire.structures(params, "Tags")
    if len(found) > MOST:
        raise _invalid("tags", f"Member must have length less than or equal to {MOST}")
    for number, tag in enumerate(found, 1):
        for part, lengths in LENGTHS.items():
            _check_shape(tag.get(part), lengths, f"tags.{number}.member.{part.lower()}")
        if tag["Key"].lower().startswith("aws:"):
            raise AwsError(400, "InvalidInput", "Tag keys with the prefix aws: are reserved for AWS.")
    if len({tag["Key"].lower() for tag in found}) < len(found):
        text = "Duplicate tag keys found. Please note that Tag keys are case insensitive."
        raise AwsError(400, "InvalidInput", text)
    return [{"Key": tag["Key"], "Value": tag["Value"]} for tag in found]


def _check_shape(text, lengths, place):
    if text is None:
        raise _invalid(place, "Member must not be null")
    if len(text) not in lengths:
        raise _invalid(place, f"Member must have length between {lengths.start} and {lengths.stop - 1}")
    if not all(c in PUNCTUATION or unicodedata.category(c)[0] in "LZN" for c in text):
        raise _invalid(place, r"Member must satisfy regular expression pattern: [\p{L}\p{Z}\p{N}_.:/=+\-@]+")


def _invalid(place, constraint):
    text = f"1 validation error detected: Value at '{place}' failed to satisfy constraint: {constraint}"
    return AwsError(400, "ValidationError", text)


def _tag(find):
    def tag(_caller, params):
        """New values replace old ones; the key is written as it was written last."""
        entity, new = find(params), given(params)
        replaced = {t["Key"].lower() for t in new}
        every = [t for t in entity.tag_list if t["Key"].lower() not in replaced] + new
        if len(every) > MOST:
            raise AwsError(409, "LimitExceeded", "The number of tags has reached the maximum limit.")
        entity.tag_list = every

    return tag


def _untag(find):
    def untag(_caller, params):
        """Keys that are not there are no error."""
        entity, keys = find(params), wire.members(params, "TagKeys")
        if len(keys) > MOST:
            raise _invalid("tagKeys", f"Member must have length less than or equal to {MOST}")
        for number, key in enumerate(keys, 1):
            _check_shape(key, LENGTHS["Key"], f"tagKeys.{number}.member")
        gone = {key.lower() for key in keys}
        entity.tag_list = [t for t in entity.tag_list if t["Key"].lower() not in gone]

    return untag


def _list(find):
    return lambda _caller, params: {"Tags": sorted(find(params).tag_list, key=lambda tag: tag["Key"])}


OWN = {
    "TagUser": _tag(entities.user),
    "UntagUser": _untag(entities.user),
    "ListUserTags": _list(entities.user),
    "TagRole": _tag(entities.role),
    "UntagRole": _untag(entities.role),
    "ListRoleTags": _list(entities.role),
}
