# SPDX-License-Identifier: Apache-2.0
"""Playbooks from strangers: each error with its place, status 2, and not one request sent."""

import json

import pytest

GOOD = {
    "cordon": 1,
    "name": "mine",
    "title": "Deny one user",
    "summary": "A playbook of a responder's own.",
    "references": [],
    "contains": "user",
    "parameters": {"user": {"type": "user", "required": True, "description": "who"}},
    "targets": {"user": {"user": "${user}"}},
    "steps": [{"id": "cut-off", "action": "deny-all", "user": "${user}"}],
}


def run(cordon, text, name="mine.json"):
    """Plan with a playbook file."""
    path = cordon.folder / name
    path.write_text(text)
    return cordon("plan", str(path), "--set", "user=bob")


def changed(**changes):
    """The good playbook with something else in it."""
    return json.dumps({k: v for k, v in (GOOD | changes).items() if v is not None})


BROKEN = {
    "empty": "",
    "cut": json.dumps(GOOD)[:-5],
    "deep": "[" * 100_000 + "]" * 100_000,
    "duplicate key": json.dumps(GOOD)[:-1] + ', "name": "again"}',
    "unknown key": changed(colour="red"),
    "unknown action": changed(steps=[{"id": "x", "action": "delete-everything", "user": "${user}"}]),
    "wrong type": changed(steps="none"),
    "no steps": changed(steps=None),
    "another version": changed(cordon=2),
    "unknown parameter": changed(steps=[{"id": "x", "action": "deny-all", "user": "${nobody}"}]),
    "unused parameter": changed(
        parameters=GOOD["parameters"] | {"extra": {"type": "boolean", "default": False, "description": "x"}}
    ),
    "same id twice": changed(steps=GOOD["steps"] * 2),
    "step without a principal": changed(steps=[{"id": "x", "action": "deny-all"}]),
    "no way back not said": changed(
        steps=GOOD["steps"] + [{"id": "p", "action": "delete-login-profile", "user": "${user}"}]
    ),
    "nul in a string": changed(title="a\u0000b"),
    "not an object": "7",
    "bad utf-8": json.dumps(GOOD).replace("Deny one", "Deny \udcff"),
}


@pytest.mark.parametrize("why", BROKEN)
def test_a_broken_playbook(cordon, world, why):
    path = cordon.folder / "mine.json"
    path.write_bytes(BROKEN[why].encode("utf-8", "surrogateescape"))
    for command in (
        ["plan", str(path), "--set", "user=bob"],
        ["validate", str(path)],
        ["apply", str(path), "--set", "user=bob", "--yes"],
    ):
        result = cordon(*command, check=2)
        assert "mine.json" in result.stderr + result.stdout
    assert world.sent() == []


def test_a_huge_playbook(cordon, world):
    path = cordon.folder / "mine.json"
    path.write_text(changed(title="x" * 50_000_000))
    cordon("validate", str(path), check=2)
    assert world.sent() == []


@pytest.mark.parametrize("why", ["cut", "duplicate key", "unknown key"])
def test_the_place_of_an_error_is_told(cordon, why):
    path = cordon.folder / "mine.json"
    path.write_text(BROKEN[why].replace(", ", ",\n"))
    result = cordon("validate", str(path), check=2)
    assert any(f"mine.json:{line}" in result.stderr + result.stdout for line in range(1, 80))


def test_validate_needs_no_network(cordon, world):
    for name in ("compromised-access-key", "compromised-user", "compromised-role", "compromised-session"):
        cordon("validate", name, env={"AWS_ACCESS_KEY_ID": None}, endpoint=False, check=0)
    assert world.sent() == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        '{"format":"cordon-plan/9"}',
        '{"format":"cordon-plan/1"}',
        '{"format":"cordon-plan/1","format":"cordon-plan/1"}',
        "[" * 100_000,
    ],
)
def test_broken_plans(cordon, world, text):
    path = cordon.folder / "plan.json"
    path.write_text(text)
    cordon("apply", str(path), "--yes", check=2)
    assert world.writes() == []


@pytest.mark.parametrize("run", ["nothing-of-that-name", "../../../etc", "", "..", "a/b"])
def test_runs_that_are_not_there(cordon, world, run):
    for command in ("show", "verify"):
        cordon(command, run, check=2)
    assert world.writes() == []


@pytest.mark.parametrize("text", ["[ir\nx=1", "\0\0", "aws_access_key_id=x", "[ir]\naws_access_key_id\n", "[" * 70_000])
def test_broken_configuration(cordon, world, text):
    folder = cordon.folder / "home" / ".aws"
    folder.mkdir()
    for name in ("config", "credentials"):
        (folder / name).write_text(text)
    gone = {"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None}
    result = cordon("whoami", "--profile", "ir", env=gone)
    assert result.status in (2, 4), str(result)
    assert world.sent() == []


def test_a_configuration_with_a_long_line_and_odd_spacing(cordon, world):
    folder = cordon.folder / "home" / ".aws"
    folder.mkdir()
    key = world.responder
    (folder / "credentials").write_text(
        f"; odd\r\n[ir]\r\n  aws_access_key_id={key['AccessKeyId']}  \r\n"
        f"aws_secret_access_key   =   {key['SecretAccessKey']}\r\n# {'x' * 9000}\r\n"
    )
    gone = {"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None}
    result = cordon("whoami", "--profile", "ir", env=gone, check=0)
    assert result.says("ir-responder")
