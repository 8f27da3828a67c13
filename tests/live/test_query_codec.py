# SPDX-License-Identifier: Apache-2.0
"""Our Query protocol against botocore's, for every row of the operation table, on generated values."""

import json
import random
import re
from urllib.parse import parse_qs, quote, unquote
from xml.sax.saxutils import escape

import pytest
from botocore.awsrequest import AWSRequest
from botocore.loaders import Loader
from botocore.model import ServiceModel
from botocore.parsers import ResponseParserError, create_parser
from botocore.retries.standard import ThrottledRetryableChecker
from botocore.serialize import create_serializer
from driver import ask

EACH = 60  # value sets for a row
TABLE = ask("query", [{"table": True}])[0]["rows"]
ROWS = [row for row in TABLE if not row["target"]]
JSON_ROWS = [row for row in TABLE if row["target"]]
NAMES = [row["name"] for row in ROWS]
MODELS = {
    name: ServiceModel(Loader().load_service_model(name, "service-2"), name)
    for name in {row["service"] for row in TABLE}
}
PAGING = {"IsTruncated", "Marker"}
# What our kinds are called in the models. A document is a string with a type of its own.
KINDS = {
    "string": {"string"},
    "document": {"string"},
    "secret": {"string"},
    "integer": {"integer", "long"},
    "boolean": {"boolean"},
    "time": {"timestamp"},
    "structure": {"structure"},
    "list": {"list"},
    "map": {"map"},
}
CHARACTERS = "abz019 +%&=?/#;:~._-*'\"<>\\{}[]()@!$,|^`\t\n\r\x7f\u00a0é漢\u202e\ufffd😀"


def model(row):
    return MODELS[row["service"]].operation_model(row["name"])


def text(rng, longest=12):
    return "".join(rng.choice(CHARACTERS) for _ in range(rng.randrange(longest)))


# The table itself.


def hold_against(shape, theirs, where):
    assert theirs.type_name in KINDS[shape["kind"]], where
    is_document = theirs.name.lower().endswith("policydocumenttype")
    assert (shape["kind"] == "document") == is_document, where
    if shape["kind"] == "structure":
        hold_members(shape["members"], theirs.members, where)
    if shape["kind"] == "list":
        assert not theirs.serialization and not theirs.member.serialization, where
        hold_against(shape["item"], theirs.member, where + "[]")
    if shape["kind"] == "map":
        assert not theirs.serialization, where
        hold_against(shape["item"], theirs.value, where + "{}")


def hold_members(members, theirs, where):
    for member in members:
        name = member["name"]
        assert name in theirs, f"{where}.{name}"
        assert theirs[name].serialization.get("name", name) == name
        hold_against(member["shape"], theirs[name], f"{where}.{name}")


@pytest.mark.parametrize("row", TABLE, ids=[row["name"] for row in TABLE])
def test_rows_are_of_the_models(row):
    theirs = model(row)
    assert row["version"] == theirs.service_model.api_version
    given = theirs.input_shape.members if theirs.input_shape else {}
    hold_members(row["input"], given, row["name"])
    ours = {m["name"] for m in row["input"] if m["required"]}
    assert ours >= set(theirs.input_shape.required_members if theirs.input_shape else ())
    taken = theirs.output_shape.members if theirs.output_shape else {}
    hold_members(row["output"], taken, row["name"])
    assert row["paged"] == (PAGING <= set(taken))
    if not theirs.output_shape:
        assert not row["has_output"]


# Requests.


def value_of(rng, shape):
    kind = shape["kind"]
    if kind == "integer":
        return rng.randrange(-5, 10**6)
    if kind == "boolean":
        return rng.random() < 0.5
    if kind == "list":
        return [value_of(rng, shape["item"]) for _ in range(rng.randrange(4))]
    if kind == "map":
        return {text(rng) + str(i): value_of(rng, shape["item"]) for i in range(rng.randrange(4))}
    if kind == "structure":
        return values_of(rng, shape["members"])
    return text(rng, 200 if kind == "document" else 12)


def least_of(rng, shape):
    """Something that is not empty: a required member is never."""
    return [value_of(rng, shape["item"])] if shape["kind"] == "list" else "x"


def values_of(rng, members):
    values = {}
    for member in members:
        if member["required"]:
            values[member["name"]] = value_of(rng, member["shape"]) or least_of(rng, member["shape"])
        elif rng.random() < 0.6:
            values[member["name"]] = value_of(rng, member["shape"])
    return values


def their_form(row, parameters):
    request = create_serializer("query", False).serialize_to_request(parameters, model(row))
    prepared = AWSRequest("POST", "https://h/", data=request["body"]).prepare()
    body = prepared.body if isinstance(prepared.body, str) else prepared.body.decode()
    return parse_qs(body, keep_blank_values=True, strict_parsing=True)


def test_requests():
    rng = random.Random(1)
    cases = [(row, values_of(rng, row["input"])) for row in ROWS for _ in range(EACH)]
    questions = [{"encode": row["name"], "parameters": values} for row, values in cases]
    for (row, values), answer in zip(cases, ask("query", questions)):
        body = answer["body"]
        assert parse_qs(body, keep_blank_values=True, strict_parsing=True) == their_form(row, values)
        assert "+" not in body and body.isascii() and body.isprintable()
    assert len(cases) >= 2000


def test_markers():
    rng = random.Random(2)
    paged = [row for row in ROWS if row["paged"]]
    cases = [(row, values_of(rng, row["input"]), text(rng) + "x") for row in paged for _ in range(9)]
    questions = [{"encode": r["name"], "parameters": v, "marker": m} for r, v, m in cases]
    for (row, values, marker), answer in zip(cases, ask("query", questions)):
        ours = parse_qs(answer["body"], keep_blank_values=True, strict_parsing=True)
        assert ours == their_form(row, values | {"Marker": marker})


# Replies, as the models have them: with members that our table does not know.


def xml_text(rng, plain):
    """The same text in one of the ways that XML has for it; a bare CR would not survive."""
    out = []
    for c in plain:
        way = rng.random()
        if way < 0.1 or c == "\r":
            out.append(f"&#{ord(c)};" if way < 0.5 else f"&#x{ord(c):x};")
        elif way < 0.15 and c != "]":
            out.append(f"<![CDATA[{c}]]>")
        else:
            out.append(escape(c, {'"': "&quot;", "'": "&apos;"} if way < 0.5 else {}))
        if rng.random() < 0.03:
            out.append(rng.choice(["<!-- <b> & -->", "<?pi x?>"]))
    return "".join(out)


def xml_scalar(rng, shape):
    if shape.type_name in ("integer", "long"):
        return str(rng.randrange(-3, 10**9))
    if shape.type_name == "boolean":
        return rng.choice(["true", "false"])
    if shape.type_name == "timestamp":
        return f"20{rng.randrange(10, 90)}-0{rng.randrange(1, 9)}-11T20:11:33Z"
    if shape.name.lower().endswith("policydocumenttype"):
        return quote(text(rng, 60), safe="" if rng.random() < 0.5 else "+*{}")
    return xml_text(rng, text(rng))


def white(rng):
    return rng.choice(["", "", "\n  ", "<!-- -->", " <?pi?>"])


def xml_value(rng, shape, depth=0):
    if shape.type_name == "structure":
        return xml_members(rng, shape, depth + 1)
    if shape.type_name == "list":
        items = [xml_value(rng, shape.member, depth + 1) for _ in range(rng.randrange(4))]
        return "".join(f"{white(rng)}<member>{item}</member>" for item in items) + white(rng)
    if shape.type_name == "map":
        pairs = [(f"{text(rng)}{i}", xml_value(rng, shape.value)) for i in range(rng.randrange(5))]
        return "".join(
            f"<entry>{white(rng)}<key>{xml_text(rng, k)}</key><value>{v}</value></entry>"
            for k, v in pairs
        )
    return xml_scalar(rng, shape)


def xml_members(rng, shape, depth=0):
    members = [m for m in shape.members.items() if m[0] not in PAGING and rng.random() < 0.8]
    rng.shuffle(members)
    parts = []
    for name, member in members:
        if depth > 8 and member.type_name in ("structure", "list", "map"):
            continue
        parts.append(f"{white(rng)}<{name}>{xml_value(rng, member, depth)}</{name}>")
    if rng.random() < 0.2:
        parts.append("<NewThing><member>x</member><UserName>y</UserName></NewThing>")
    return "".join(parts) + white(rng)


def make_reply(rng, row):
    name, shape = row["name"], model(row).output_shape
    prefix = rng.choice(["", "", "ns:"])
    result = xml_members(rng, shape) if shape else ""
    if row["paged"] and rng.random() < 0.5:
        result += f"<IsTruncated>{rng.choice(['true', 'false'])}</IsTruncated><Marker>m{xml_text(rng, text(rng))}</Marker>"
    inner = f"<{name}Result>{result}</{name}Result>" if shape or rng.random() < 0.1 else ""
    xmlns = 'xmlns:ns="https://x/"' if prefix else 'xmlns="https://iam.amazonaws.com/doc/2010-05-08/"'
    return (
        rng.choice(["", '<?xml version="1.0" encoding="UTF-8"?>\n'])
        + f"<{prefix}{name}Response {xmlns}>{inner}{white(rng)}<ResponseMetadata>"
        + f"<RequestId>{rng.randrange(10**9)}</RequestId></ResponseMetadata></{prefix}{name}Response>"
    )


def document(value):
    """We hand on as a whole what is badly encoded; botocore decodes what it can."""
    return value if re.search("%(?![0-9A-Fa-f]{2})|%00", value) else unquote(value)


def prune(value, shape, secrets, name=None):
    """Theirs, as our table cuts it; what it calls secret goes to `secrets`."""
    if shape["kind"] == "structure":
        return prune_members(value, shape["members"], secrets)
    if shape["kind"] == "list":
        return [prune(item, shape["item"], secrets, name) for item in value]
    if shape["kind"] == "map":
        return {key: prune(item, shape["item"], secrets) for key, item in value.items()}
    return document(value) if shape["kind"] == "document" else value


def prune_members(value, members, secrets):
    out = {}
    for member in members:
        name, shape = member["name"], member["shape"]
        if name in value and shape["kind"] == "secret":
            secrets[name] = value[name]
        elif name in value:
            out[name] = prune(value[name], shape, secrets, name)
    return out


def parser():
    made = create_parser("query")
    made._timestamp_parser = lambda value: value
    return made


def test_replies():
    rng = random.Random(3)
    cases = [(row, make_reply(rng, row)) for row in ROWS for _ in range(EACH)]
    answers = ask("query", [{"decode": row["name"], "body": body} for row, body in cases])
    for (row, body), answer in zip(cases, answers):
        whole = {"status_code": 200, "headers": {}, "body": body.encode()}
        theirs = parser().parse(whole, model(row).output_shape)
        secrets = {}
        want = prune_members(theirs, row["output"], secrets)
        assert answer.get("reply") == want, body
        assert answer["secrets"] == secrets
        assert answer["marker"] == (theirs.get("Marker") if theirs.get("IsTruncated") else None)
        assert answer["request_id"] == theirs["ResponseMetadata"]["RequestId"]
    assert len(cases) >= 2000


def one_mark(value):
    """A broken UTF-8 sequence is one U+FFFD for Python, and one for each byte for us."""
    return json.loads(re.sub("\ufffd+", "\ufffd", json.dumps(value, ensure_ascii=False)))


def test_broken_replies():
    """What botocore cannot read, we refuse; what we read, botocore reads the same."""
    rng = random.Random(4)
    cases = []
    for row in ROWS:
        for _ in range(EACH):
            body = make_reply(rng, row)
            at = rng.randrange(len(body))
            cut = rng.choice(["", body[at + 1 :], body[at + rng.randrange(1, 9) :]])
            cases.append((row, body[:at] + rng.choice(["", "<", "&", "/>", "x", "]]>"]) + cut))
    answers = ask("query", [{"decode": row["name"], "body": body} for row, body in cases])
    read = 0
    for (row, body), answer in zip(cases, answers):
        assert ("error" in answer) != ("reply" in answer)
        if "error" in answer:
            assert answer["error"]["code"] == "protocol"
            continue
        read += 1
        whole = {"status_code": 200, "headers": {}, "body": body.encode()}
        try:
            theirs = parser().parse(whole, model(row).output_shape)
        except ResponseParserError as e:
            raise AssertionError(f"botocore refuses what we read: {body}") from e
        except ValueError:  # a number in a member that our table does not know
            continue
        want = prune_members(theirs, row["output"], {})
        assert one_mark(answer["reply"]) == one_mark(want), body
    assert 0 < read < len(cases) / 2


# Errors.


def model_codes():
    codes = set()
    for row in ROWS:
        for shape in model(row).error_shapes:
            codes.add((shape.metadata.get("error") or {}).get("code") or shape.name)
            codes.add(shape.name)
    return sorted(codes)


def make_error(rng, code, message):
    parts = [
        f"<Type>{rng.choice(['Sender', 'Receiver'])}</Type>",
        f"<Code>{xml_text(rng, code)}</Code>",
        f"<Message>{xml_text(rng, message)}</Message>",
    ]
    rng.shuffle(parts)
    error = "<Error>" + white(rng) + "".join(parts) + "</Error>"
    if rng.random() < 0.4:
        error = f"<Errors>{error}</Errors>"
    xmlns = rng.choice(["", ' xmlns="https://iam.amazonaws.com/doc/2010-05-08/"'])
    return f"<ErrorResponse{xmlns}>{error}<RequestId>{rng.randrange(10**9)}</RequestId></ErrorResponse>"


def test_errors():
    rng = random.Random(5)
    codes = model_codes() + ["AccessDenied", "Throttling", "InvalidClientTokenId", "Unheard"]
    bodies = [make_error(rng, code, text(rng, 40)) for code in codes for _ in range(30)]
    statuses = [rng.choice([400, 403, 404, 409, 500, 503]) for _ in bodies]
    answers = ask("query", [{"status": s, "body": b} for s, b in zip(statuses, bodies)])
    for status, body, answer in zip(statuses, bodies, answers):
        whole = {"status_code": status, "headers": {}, "body": body.encode()}
        theirs = parser().parse(whole, None)
        error = theirs["Error"]
        message = error.get("Message") or ""
        assert answer["aws_code"] == error["Code"]
        assert answer["message"] == error["Code"] + (f": {message}" if message else "")
        assert answer["request_id"] == theirs["ResponseMetadata"]["RequestId"]


def test_throttling_codes():
    """botocore's list, but for the one that is a quota with IAM."""
    codes = set(ThrottledRetryableChecker._THROTTLED_ERROR_CODES)
    answers = {
        code: ask("query", [{"status": 400, "body": f"<ErrorResponse><Error><Code>{code}</Code></Error></ErrorResponse>"}])[0]["code"]
        for code in codes
    }
    quota = "LimitExceededException"
    assert {code: "aws" if code == quota else "throttled" for code in codes} == answers


# JSON 1.1.


def json_values(rng, members):
    """Values for each member; a time as text, which both sides turn into seconds."""
    return {
        m["name"]: json_value(rng, m["shape"]) for m in members if m["required"] or rng.random() < 0.6
    }


def json_value(rng, shape):
    if shape["kind"] == "time":
        return f"20{rng.randrange(10, 90)}-0{rng.randrange(1, 9)}-11T20:11:{rng.randrange(10, 60)}Z"
    if shape["kind"] == "structure":
        return json_values(rng, shape["members"])
    if shape["kind"] == "list":
        return [json_value(rng, shape["item"]) for _ in range(rng.randrange(4))]
    return rng.randrange(1, 10**6) if shape["kind"] == "integer" else text(rng)


@pytest.mark.parametrize("row", JSON_ROWS, ids=[row["name"] for row in JSON_ROWS])
def test_json_requests(row):
    rng = random.Random(6)
    cases = [json_values(rng, row["input"]) for _ in range(EACH)]
    serializer = create_serializer("json", False)
    answers = ask("query", [{"encode": row["name"], "parameters": values} for values in cases])
    for values, answer in zip(cases, answers):
        theirs = serializer.serialize_to_request(values, model(row))
        assert json.loads(answer["body"]) == json.loads(theirs["body"])
        assert theirs["headers"]["X-Amz-Target"] == f"{row['target']}.{row['name']}"


@pytest.mark.parametrize("row", JSON_ROWS, ids=[row["name"] for row in JSON_ROWS])
def test_json_replies(row):
    rng = random.Random(7)
    bodies = []
    for _ in range(EACH):
        whole = json_values(rng, row["output"]) | {"NewThing": {"x": [1, None, "y"]}}
        bodies.append(json.dumps(whole, ensure_ascii=rng.random() < 0.5))
    for body, answer in zip(bodies, ask("query", [{"decode": row["name"], "body": b} for b in bodies])):
        whole = {"status_code": 200, "headers": {}, "body": body.encode()}
        theirs = create_parser("json").parse(whole, model(row).output_shape)
        assert answer["reply"] == prune_members(theirs, row["output"], {})
        assert answer["marker"] is None


@pytest.mark.parametrize("way", ["__type", "header"])
@pytest.mark.parametrize("form", ["{}", "com.amazonaws.x#{}", "{}:http://x/y", "a#{}:http://x#y"])
def test_json_errors(way, form):
    for code in ("AccessDeniedException", "ThrottlingException", "UnrecognizedClientException", "Unheard"):
        for member in ("message", "Message"):
            body = {"__type": form.format(code)} if way == "__type" else {}
            question = {"status": 400, "type": "", "body": json.dumps(body | {member: "m \u00e9"})}
            if way == "header":
                question["type"] = form.format(code)
            answer = ask("query", [question])[0]
            assert (answer["aws_code"], answer["message"]) == (code, f"{code}: m \u00e9")
