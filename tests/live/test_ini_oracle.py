# SPDX-License-Identifier: Apache-2.0
"""Our reader of the AWS configuration files against botocore's, on generated files."""

import random

from botocore.configloader import build_profile_map, raw_config_parse
from botocore.exceptions import ConfigParseError
from driver import ask

NAMES = ["default", "x", "a b", "DEFAULT", "profile", "ä", "", "x]", "p"]
HEADERS = ["[default]", "[profile x]", "[profile  'a b']", '[profile "a b"]', "[profile a b]"]
HEADERS += ["[DEFAULT]", "[services x]", "[sso-session x]", "[profile default]", "[profilex p]"]
HEADERS += ["[x]", "[ x ]", "[]", "[x]]", "[x] # c", "[profile 'x]", "[x", "[profile x\\ y]"]
HEADERS += ["[profile \"a\\\"b\"]", "[profile 'a'\"b\"c]", "[profile x\\]", "[profile '']"]
HEADERS += ["[a] ; [b]", "[services  s1]", "[profile\tp]", "[p]", "[q]", "[r]", "[s]", "[t]"]
# Upper case beyond ASCII is left as it is by us; no key of AWS has any.
KEYS = ["region", "Region", "iam", "sts", "s3", "a b", "é", "ca_bundle", "x", "y", "z", "1", "2"]
VALUES = ["", "us-east-1", "a = b", "a:b", "v # c", "v ; c", "'q'", '"q"', "[x]", "ä漢", "x\x0by"]
VALUES += ["endpoint_url = https://h/", "\u00a0nbsp\u00a0", "a\x1cb = c", "\u2028", "%(x)s"]
SPACES = ["", "", "", " ", "  ", "\t", "    ", "\u00a0", "\x0c"]
EQUALS = ["=", " = ", ":", " : ", "\t=\t"]
ENDS = ["\n", "\n", "\n", "\n", "\r\n", "\r"]


def make_line(rng):
    kind = rng.random()
    if kind < 0.16:
        return rng.choice(["", "", ""] + SPACES) + rng.choice(HEADERS)
    if kind < 0.22:
        return rng.choice(SPACES) + rng.choice("#;") + rng.choice(VALUES)
    if kind < 0.30:
        return rng.choice(SPACES)
    if kind < 0.31:
        return rng.choice(SPACES) + rng.choice(VALUES)
    if kind < 0.62:
        space = rng.choice(["", "", "", "", "", ""] + SPACES)
        return space + rng.choice(KEYS) + rng.choice(EQUALS) + rng.choice(VALUES)
    if kind < 0.75:
        nested = rng.choice(KEYS) + " = " + rng.choice(VALUES)
        return rng.choice(["iam =", "s3=", "sts = "]) + "\n  " + nested
    return rng.choice([" ", "  ", "\t", "    "]) + rng.choice(KEYS) + " = " + rng.choice(VALUES)


def make_file(rng):
    lines = [rng.choice(HEADERS)] if rng.random() < 0.95 else []
    lines += [make_line(rng) for _ in range(rng.randrange(14))]
    text = "".join(line + rng.choice(ENDS) for line in lines)
    return text.rstrip("\r\n") if rng.random() < 0.2 else text


def theirs(path):
    """Values by (section, key, subkey), and the values of a named section of each kind."""
    try:
        parsed = raw_config_parse(str(path))
    except ConfigParseError:
        return None
    except AttributeError:  # botocore trips over a key of Python's own
        return None
    values = {}
    for section, options in parsed.items():
        for key, value in options.items():
            if isinstance(value, dict):
                values[section, key, None] = None
                for subkey, text in value.items():
                    values[section, key, subkey] = text
            else:
                values[section, key, None] = value
    return parsed, values


def test_generated_files(tmp_path):
    rng = random.Random(6)
    path = tmp_path / "config"
    wanted, questions, good, stricter = [], [], 0, 0
    for _ in range(6000):
        text = make_file(rng)
        path.write_bytes(text.encode())
        want = theirs(path)
        wanted.append(want)
        asked = sorted(want[1], key=str) if want else []
        asked += [("x", "region", None), ("default", "iam", "endpoint_url"), ("DEFAULT", "x", None)]
        names = [(kind, name) for kind in ("profile", "services", "sso-session") for name in NAMES]
        questions.append({"text": text, "values": asked, "names": names})
        good += want is not None
    for q, want, ours in zip(questions, wanted, ask("ini", questions)):
        if want is None:
            assert ours["error"]["code"] == "input", q
            continue
        parsed, values = want
        # botocore looks at a broken nested value in [DEFAULT] only where a section inherits it.
        if "[DEFAULT]" in q["text"] and "nested value" in str(ours.get("error")):
            stricter += 1
            continue
        assert "error" not in ours, (q, ours)
        assert ours["values"] == [values.get(place) for place in q["values"]], q
        mapped = build_profile_map(parsed)
        kinds = {"profile": "profiles", "services": "services", "sso-session": "sso_sessions"}
        for (kind, name), section in zip(q["names"], ours["names"]):
            theirs_ = mapped[kinds[kind]].get(name)
            assert (section is None) == (theirs_ is None), (q["text"], kind, name)
            assert section is None or parsed[section] == theirs_, (q["text"], kind, name)
    assert good > 1500 and stricter < good / 50
