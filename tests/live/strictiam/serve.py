# SPDX-License-Identifier: Apache-2.0
"""Run the layer under gunicorn: python -m strictiam.serve PORT [CERTIFICATE KEY]"""

import sys

from gunicorn import util
from gunicorn.app.base import BaseApplication

from . import clock
from .app import StrictIam


class Server(BaseApplication):
    """One process with threads and kept connections, as AWS's front ends keep them."""

    def __init__(self, port, certificate=None, key=None):
        self.settings = {
            "bind": f"127.0.0.1:{port}",
            "worker_class": "gthread",
            "threads": 16,
            "keepalive": 75,
            "timeout": 300,
            "graceful_timeout": 1,
            "loglevel": "error",
        }
        if certificate:
            self.settings |= {"certfile": certificate, "keyfile": key}
        super().__init__()

    def load_config(self):
        for name, value in self.settings.items():
            self.cfg.set(name, value)

    def load(self):
        return StrictIam()


def main():
    """The Date header has to follow AWS's clock too."""
    machine_date = util.http_date
    util.http_date = lambda stamp=None: machine_date(clock.epoch() if stamp is None else stamp)
    Server(*sys.argv[1:]).run()


if __name__ == "__main__":
    main()
