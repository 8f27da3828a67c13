# SPDX-License-Identifier: Apache-2.0
"""Every action through the program: it does what its summary says and nothing else, and a second run does nothing."""

import re

import pytest

from support.acting import act, assert_effect, done, effect, prepare, undo_all
from support.expect import operations
from support.rows_cut import CREDENTIALS, DENIES, SESSIONS
from support.rows_strip import STRIPS

ROWS = DENIES + CREDENTIALS + SESSIONS + STRIPS


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_exactly_what_it_says_and_once(cordon, world, server, row):
    command, expected = prepare(world, row)
    before = server.state()
    document, found = effect(cordon, server, *command)
    assert_effect(found, expected)
    assert done(document) and document["verdict"] is None
    state, writes = server.state(), len(world.writes())
    again = act(cordon, *command)
    assert operations(again) == [] and len(world.writes()) == writes
    assert server.state() == state
    assert all(s["reached"] for s in again["skipped"]), again["skipped"]
    if undo_all(world, document):
        assert server.state() == before
    else:
        assert command[0].startswith("delete-") or command[0] == "deactivate-mfa-devices"


def test_the_table_has_every_action(cordon):
    """What the program offers is what is tested here, or where principals end."""
    listed = set(re.findall(r"^  ([a-z]+(?:-[a-z]+)+|quarantine|restrict|tag) ", cordon("help", check=0).stdout, re.M))
    elsewhere = {"list-access-keys", "delete-user", "delete-role", "recreate-user"}
    assert listed == {row.command.split()[0] for row in ROWS} | elsewhere
