# SPDX-License-Identifier: Apache-2.0
"""The Query protocol as seen by the server: requests taken apart, replies and errors put together."""

import io
import re
import uuid
from dataclasses import dataclass, field
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape, unescape

NAMESPACES = {
    "iam": "https://iam.amazonaws.com/doc/2010-05-08/",
    "sts": "https://sts.amazonaws.com/doc/2011-06-15/",
}
VERSIONS = {"2010-05-08": "iam", "2011-06-15": "sts"}


class AwsError(Exception):
    """An error reply in the words of AWS."""

    def __init__(self, status, code, message):
        super().__init__(f"{code}: {message}")
        self.status, self.code, self.message = status, code, message


class Gap(Exception):
    """The layer met something it does not model: a test must see this, never a guess."""


@dataclass
class Reply:
    """What goes back to the client."""

    status: int
    body: bytes
    content_type: str = "text/xml"
    code: str | None = None
    headers: dict = field(default_factory=dict)


class Request:
    """One HTTP request, with its Query parameters."""

    def __init__(self, environ):
        self.environ = environ
        self.method = environ["REQUEST_METHOD"]
        self.path = environ.get("PATH_INFO", "/")
        self.query = environ.get("QUERY_STRING", "")
        self.body = environ["wsgi.input"].read()
        self.params = self._parameters()
        self.action = self.params.get("Action")
        self.service = self._service()

    def _parameters(self):
        form = "x-www-form-urlencoded" in self.environ.get("CONTENT_TYPE", "")
        text = self.body.decode("utf-8", "replace") if form else self.query
        return dict(parse_qsl(text, keep_blank_values=True))

    def _service(self):
        """The service is told by the version, never by what the signer says it signed for."""
        if self.action:
            return VERSIONS.get(self.params.get("Version"))
        return "s3" if self.method == "GET" and self.path == "/" else None

    def header(self, name):
        """A header's value, or None."""
        name = name.upper().replace("-", "_")
        key = name if name in ("CONTENT_TYPE", "CONTENT_LENGTH") else "HTTP_" + name
        return self.environ.get(key)

    def with_parameters(self, encoded):
        """A WSGI environment that asks the same with other parameters."""
        body = encoded.encode()
        environ = dict(self.environ, REQUEST_METHOD="POST", QUERY_STRING="", PATH_INFO="/")
        environ["CONTENT_TYPE"] = "application/x-www-form-urlencoded; charset=utf-8"
        environ["CONTENT_LENGTH"] = str(len(body))
        environ["wsgi.input"] = io.BytesIO(body)
        return environ


def members(params, name):
    """The plain items of a list parameter, in order."""
    pattern = re.compile(re.escape(name) + r"\.member\.(\d+)")
    found = ((pattern.fullmatch(key), value) for key, value in params.items())
    return [value for _index, value in sorted((int(match.group(1)), value) for match, value in found if match)]


def structures(params, name):
    """The items of a list of structures, in order; each with its direct members as text."""
    pattern = re.compile(re.escape(name) + r"\.member\.(\d+)\.(.+)")
    items = {}
    for key, value in params.items():
        match = pattern.fullmatch(key)
        if match:
            items.setdefault(int(match.group(1)), {})[match.group(2)] = value
    return [items[index] for index in sorted(items)]


def xml(value):
    """A plain value as the inside of an XML element, lists as <member>."""
    if isinstance(value, dict):
        return "".join(f"<{k}>{xml(v)}</{k}>" for k, v in value.items() if v is not None)
    if isinstance(value, list):
        return "".join(f"<member>{xml(v)}</member>" for v in value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return escape(str(value))


def success(request, result=None):
    """The reply of an operation that worked."""
    op, request_id = request.action, str(uuid.uuid4())
    inner = "" if result is None else f"<{op}Result>{xml(result)}</{op}Result>"
    text = (
        f'<{op}Response xmlns="{NAMESPACES[request.service]}">{inner}'
        f"<ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata></{op}Response>\n"
    )
    return Reply(200, text.encode(), headers={"x-amzn-RequestId": request_id})


def failure(service, error):
    """The reply of an operation that did not work."""
    request_id = str(uuid.uuid4())
    detail = f"<Code>{error.code}</Code><Message>{escape(error.message)}</Message>"
    if service == "s3":
        text = f"<Error>{detail}<RequestId>{request_id}</RequestId></Error>"
    else:
        kind = "Sender" if error.status < 500 else "Receiver"
        text = (
            f'<ErrorResponse xmlns="{NAMESPACES.get(service, NAMESPACES["iam"])}">'
            f"<Error><Type>{kind}</Type>{detail}</Error>"
            f"<RequestId>{request_id}</RequestId></ErrorResponse>\n"
        )
    headers = {"x-amzn-RequestId": request_id}
    return Reply(error.status, text.encode(), code=error.code, headers=headers)


def element(body, name):
    """The text of an element that occurs once."""
    match = re.search(f"<{name}>(.*?)</{name}>", body.decode(), re.S)
    return unescape(match.group(1)) if match else ""


def polished(body):
    """moto's reply with AWS's kind of request id, and with dates in whole seconds."""
    request_id = str(uuid.uuid4())
    # A tag's value is whoever wrote it's, to the letter
    text = re.sub(r"(<(?!Value>)\w+>[\d-]+T\d\d:\d\d:\d\d)\.\d+Z<", r"\1Z<", body.decode())
    text = re.sub(r"<RequestId>.*?</RequestId>", f"<RequestId>{request_id}</RequestId>", text)
    return Reply(200, text.encode(), headers={"x-amzn-RequestId": request_id})
