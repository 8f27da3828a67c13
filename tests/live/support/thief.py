# SPDX-License-Identifier: Apache-2.0
"""Who holds stolen credentials, and what they are still good for."""

import botocore.exceptions


class Thief:
    """Asks the server, as an attacker would, through boto3."""

    def __init__(self, server, credentials):
        self.server = server
        self.credentials = credentials

    def client(self, service):
        """A client with the stolen credentials."""
        c = self.credentials
        return self.server.client(service, c["AccessKeyId"], c["SecretAccessKey"], c.get("SessionToken"))

    def attempt(self, service, call, **params):
        """'ok', or the code of AWS's refusal."""
        try:
            getattr(self.client(service), call)(**params)
        except botocore.exceptions.ClientError as error:
            return error.response["Error"]["Code"]
        return "ok"

    def steal(self):
        """Something that is not IAM: does it still work?"""
        return self.attempt("s3", "list_buckets")

    def assume(self, role_arn, name="thief"):
        """A session of a role."""
        reply = self.client("sts").assume_role(RoleArn=role_arn, RoleSessionName=name)
        return Thief(self.server, reply["Credentials"])

    def session_token(self, **params):
        """A session of the user that outlives the key."""
        return Thief(self.server, self.client("sts").get_session_token(**params)["Credentials"])

    def federate(self, name, policy=None):
        """A federated session."""
        text = policy or '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}'
        reply = self.client("sts").get_federation_token(Name=name, Policy=text)
        return Thief(self.server, reply["Credentials"])
