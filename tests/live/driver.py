# SPDX-License-Identifier: Apache-2.0
"""Asks a driver program (tests/driver) many questions at once: one JSON object a line."""

import json
import os
import pathlib
import subprocess

FOLDER = pathlib.Path(
    os.environ.get("CORDON_DRIVERS")
    or pathlib.Path(__file__).resolve().parents[2] / "build" / "t"
)


def ask(name, questions):
    text = "".join(json.dumps(q) + "\n" for q in questions)
    done = subprocess.run(
        [FOLDER / f"driver_{name}"], input=text.encode(), capture_output=True, timeout=300
    )
    assert done.returncode == 0, done.stderr.decode()
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(answers) == len(questions)
    return answers
