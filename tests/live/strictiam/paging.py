# SPDX-License-Identifier: Apache-2.0
"""Real pagination over moto's replies, which mostly come in one piece."""

import base64
import re
import xml.etree.ElementTree as ElementTree

from .wire import NAMESPACES, AwsError

PAGED = re.compile(r"^(List\w+|GetGroup|GetAccountAuthorizationDetails|SimulatePrincipalPolicy)$")
SPACE = "{%s}" % NAMESPACES["iam"]

ElementTree.register_namespace("", NAMESPACES["iam"])


class Pager:
    """Cuts one whole reply into the page that was asked for."""

    def __init__(self, request, page_size=None):
        self.wanted = bool(PAGED.match(request.action))
        if not self.wanted:
            return
        self.start = _offset(request.params.pop("Marker", None))
        self.size = _size(request.params.pop("MaxItems", "100"))
        if page_size:
            self.size = min(self.size, page_size)

    def cut(self, body):
        """The page as XML, with IsTruncated and Marker."""
        root = ElementTree.fromstring(body)
        result = next((e for e in root if e.tag.endswith("Result")), None)
        if result is None:
            return body
        for tag in ("IsTruncated", "Marker"):
            for element in result.findall(SPACE + tag):
                result.remove(element)
        places = [(box, item) for box in _lists(result) for item in list(box)]
        keep = range(self.start, self.start + self.size)
        for index, (box, item) in enumerate(places):
            if index not in keep:
                box.remove(item)
        more = len(places) > keep.stop
        ElementTree.SubElement(result, SPACE + "IsTruncated").text = "true" if more else "false"
        if more:
            ElementTree.SubElement(result, SPACE + "Marker").text = _marker(keep.stop)
        return ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)


def _lists(result):
    """The lists of a reply: what holds members, or nothing but could."""
    return [e for e in result if len(e) and all(c.tag == SPACE + "member" for c in e)]


def _marker(offset):
    """Opaque, and with the characters that break careless encoders."""
    return "+/=" + base64.b64encode(b"\xfb\xff marker %d" % offset).decode()


def _offset(marker):
    if not marker:
        return 0
    try:
        return int(base64.b64decode(marker[3:]).split()[-1])
    except (ValueError, IndexError) as error:
        raise AwsError(400, "ValidationError", f"Invalid Marker: {marker}") from error


def _size(text):
    if not text.isdigit() or not 1 <= int(text) <= 1000:
        message = (
            f"1 validation error detected: Value '{text}' at 'maxItems' failed to satisfy constraint: "
            "Member must have value between 1 and 1000"
        )
        raise AwsError(400, "ValidationError", message)
    return int(text)
