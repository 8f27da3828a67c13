# SPDX-License-Identifier: Apache-2.0
"""Starting the strict server and talking to the door it keeps for tests."""

import json
import os
import socket
import ssl
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import boto3
import botocore.config
import botocore.session

LIVE = Path(__file__).resolve().parent.parent
CONFIG = botocore.config.Config(
    retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}, connect_timeout=5, read_timeout=30
)


def free_port():
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """A strict IAM in a process of its own."""

    def __init__(self, certificates=None):
        port = free_port()
        tls = [str(p) for p in certificates[1:]] if certificates else []
        self.ca = str(certificates[0]) if certificates else None
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{port}"
        environment = dict(os.environ, PYTHONDONTWRITEBYTECODE="1", AWS_EC2_METADATA_DISABLED="true")
        command = [sys.executable, "-m", "strictiam.serve", str(port), *tls]
        self.process = subprocess.Popen(command, cwd=LIVE, env=environment)
        self._wait()
        root = self.ask("root")
        self._session = boto3.Session(botocore_session=_botocore())
        self.root_key, self.root_secret = root["key"], root["secret"]
        self.iam = self.client("iam")

    def _wait(self):
        for _attempt in range(600):
            try:
                self.ask("log")
                return
            except OSError:
                assert self.process.poll() is None, "the strict server did not start"
                time.sleep(0.05)
        raise AssertionError("the strict server is not ready after 30 s")

    def ask(self, name, body=None):
        """One question or order at the test's own door."""
        data = None if body is None else json.dumps(body).encode()
        context = ssl.create_default_context(cafile=self.ca) if self.ca else None
        with urllib.request.urlopen(f"{self.url}/_strict/{name}", data, 30, context=context) as reply:
            return json.load(reply)

    def client(self, service, key=None, secret=None, token=None, region="us-east-1"):
        """A boto3 client for a key, by default root's."""
        return self._session.client(
            service,
            region_name=region,
            endpoint_url=self.url,
            aws_access_key_id=key or self.root_key,
            aws_secret_access_key=secret or self.root_secret,
            aws_session_token=token,
            verify=self.ca,
            config=CONFIG,
        )

    def reset(self):
        """An empty account."""
        self.ask("reset", {})

    def faults(self, *rules):
        """What shall go wrong from now on."""
        self.ask("faults", list(rules))

    def configure(self, **changes):
        """Switches of the server."""
        self.ask("config", changes)

    def state(self, texts=False):
        """The whole account; its documents as the texts that were sent, or taken apart."""
        return self.ask("state", {"texts": texts})

    def save(self, name):
        """Put the account aside."""
        self.ask("save", name)

    def restore(self, name):
        """The account as it was put aside, with an empty log, no faults, no lag and the right time."""
        self.ask("restore", name)

    def settle(self):
        """Wait for what is under way, such as the last requests of a process that was killed."""
        while self.ask("busy"):
            time.sleep(0.001)

    def log(self, key=None, **wanted):
        """The requests so far that a key sent, narrowed by fields of the log."""
        entries = [e for e in self.ask("log") if key is None or e["key"] == key]
        return [e for e in entries if all(e[k] == v for k, v in wanted.items())]

    def stop(self):
        """End the process."""
        self.process.terminate()
        self.process.wait(20)


def _botocore():
    """A session that looks at no configuration of the machine."""
    session = botocore.session.Session()
    session.set_config_variable("config_file", os.devnull)
    session.set_config_variable("credentials_file", os.devnull)
    return session
