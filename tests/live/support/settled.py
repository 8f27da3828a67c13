# SPDX-License-Identifier: Apache-2.0
"""The runs that wait out the settling time, all at once on a server of their own."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from .program import Cordon, wait_until
from .server import Server
from .world import Victim, World, allow, deny, document, trust

ROOT_TRUST = trust("arn:aws:iam::123456789012:root")
GUEST = "arn:aws:sts::123456789012:federated-user/guest"


class Settled:
    """One account, one victim for each scenario, and what came of it."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.server = Server()
        self.world = World(self.server, "complete")
        self.victims = {"complete": self.world.victim}
        for name in ("reversible", "rolling", "limited", "reopened", "federating"):
            self.victims[name] = Victim(self.server, name, roles=name)
        self._roles()
        self._sessions()
        self.before = self.server.state()
        self.results, self.programs = {}, {}
        self._run()
        self.after = self.server.state()

    def _roles(self):
        self.rolled = self.world.role("rolled", ROOT_TRUST, "/rolling/")
        self.whole = self.world.role("whole", ROOT_TRUST, "/separate/")
        self.shared = self.world.role("shared", ROOT_TRUST, "/separate/")
        text = document(allow("sts:AssumeRole", "arn:aws:iam::*:role/separate/*"))
        self.server.iam.put_user_policy(UserName="carol", PolicyName="roles", PolicyDocument=text)

    def _sessions(self):
        thieves = {name: victim.thief() for name, victim in self.victims.items()}
        self.sessions = {
            "key": thieves["complete"],
            "second key": self.victims["complete"].thief(1),
            "session token": thieves["complete"].session_token(),
            "federation token": thieves["complete"].federate("tool"),
            "rolled": thieves["rolling"].assume(self.rolled),
            "whole": self.world.colleague.assume(self.whole),
            "bad": self.world.colleague.assume(self.shared, "bad"),
            "good": self.world.colleague.assume(self.shared, "good"),
            "guest": thieves["federating"].federate("guest"),
            "reversible": thieves["reversible"],
            "limited": thieves["limited"],
            "bystander": self.world.bystander,
            "colleague": self.world.colleague,
        }
        self.worked = self.steal()

    def steal(self):
        """What each of the stolen credentials is good for now."""
        return {name: thief.steal() for name, thief in self.sessions.items()}

    def _program(self, name, credentials=None):
        folder = self.folder / name
        folder.mkdir()
        self.programs[name] = Cordon(self.server, credentials or self.world.responder, folder)
        return self.programs[name]

    def _limited_responder(self):
        """A responder who may do everything but turn keys off."""
        self.server.iam.create_user(UserName="limited-responder")
        text = document(allow("*"), deny("iam:UpdateAccessKey"))
        self.server.iam.put_user_policy(UserName="limited-responder", PolicyName="work", PolicyDocument=text)
        return self.server.iam.create_access_key(UserName="limited-responder")["AccessKey"]

    def _run(self):
        limited = self._limited_responder()
        self.before = self.server.state()
        jobs = {
            "complete": lambda: self._twice("complete", self.victims["complete"].key, "--irreversible"),
            "reversible": lambda: self._contain("reversible", self.victims["reversible"].key),
            "rolling": lambda: self._contain(
                "rolling", self.victims["rolling"].key, "--irreversible", "--revoke-roles"
            ),
            "limited": lambda: self._contain("limited", self.victims["limited"].key, credentials=limited),
            "reopened": self._reopened,
            "federating": lambda: self._contain("federating", GUEST, "--user", "federating"),
            "role": lambda: self._contain("role", self.whole),
            "session": lambda: self._contain("session", "arn:aws:sts::123456789012:assumed-role/shared/bad"),
        }
        with ThreadPoolExecutor(len(jobs)) as pool:
            futures = {name: pool.submit(job) for name, job in jobs.items()}
            for name, future in futures.items():
                future.result()

    def _contain(self, name, *args, credentials=None):
        program = self._program(name, credentials)
        self.results[name] = program("contain", *args, "--yes", "--output", "json")

    def _twice(self, name, *args):
        """Contain, contain again, verify; counting what the later ones write."""
        self._contain(name, *args)
        program, run = self.programs[name], self.results[name].json["run"]
        self.results["verified"] = program("verify", run, "--output", "json")
        self.results["again"] = program("contain", *args, "--yes", "--output", "json")

    def _reopened(self):
        """Somebody turns a key on again while cordon waits."""
        program, victim = self._program("reopened"), self.victims["reopened"]
        process = program.start("contain", victim.key, "--yes", "--output", "json")
        wait_until(lambda: "AWSRevokeOlderSessions" in self.server.state()["users"]["reopened"]["inline"])
        self.server.iam.update_access_key(UserName="reopened", AccessKeyId=victim.key, Status="Active")
        self.results["reopened"] = program.finish(process)

    def stop(self):
        """End the server."""
        self.server.stop()
