# SPDX-License-Identifier: Apache-2.0
"""Where credentials come from: every provider, in the same environment as botocore, and what goes wrong with each."""

import base64
import hashlib
import json
import os
import re
import stat
import sys
import time

import botocore.credentials
import botocore.session
import pytest
from strictiam import mfa
from support.giver import Giver
from support.program import credential_variables
from support.server import free_port
from support.world import ACCOUNT, allow, document, trust

NONE = {"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None, "AWS_SESSION_TOKEN": None}
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
MY_ROLE = f"arn:aws:iam::{ACCOUNT}:role/break-glass"
WEB_ROLE = f"arn:aws:iam::{ACCOUNT}:role/web"
START = "https://acme.awsapps.com/start"


class Place:
    """A home with the CLI's files, the services around it, and who there is to be."""

    def __init__(self, cordon, world, giver):
        self.cordon, self.world, self.giver = cordon, world, giver
        self.home = cordon.folder / "home"
        self.server = world.server
        (self.home / ".aws").mkdir(mode=0o700)

    def write(self, name, text, mode=0o600):
        """A file in the home; its path."""
        path = self.home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(mode)
        return str(path)

    def files(self, config="", credentials=""):
        """The CLI's two files."""
        self.write(".aws/config", config)
        if credentials:
            self.write(".aws/credentials", credentials)

    def env(self, **changes):
        """No keys in the environment; all services are ours."""
        urls = {"AWS_ENDPOINT_URL": self.server.url, "AWS_ENDPOINT_URL_SSO": self.giver.url}
        return NONE | urls | {"AWS_EC2_METADATA_SERVICE_ENDPOINT": self.giver.url} | changes

    def whoami(self, *args, check=0, env=None, **kwargs):
        """What cordon says."""
        return self.cordon(
            "whoami", *args, "--output", "json", env=self.env(**(env or {})), endpoint=False, check=check, **kwargs
        )

    def error(self, *args, check=4, **kwargs):
        """Why it could not."""
        return self.whoami(*args, check=check, **kwargs).json["error"]["message"]

    def theirs(self, monkeypatch, env=None, profile=None):
        """What botocore makes of the same: the ARN that STS sees."""
        for name in [n for n in os.environ if n.startswith("AWS_")]:
            monkeypatch.delenv(name)
        for name, value in self.cordon.environment(self.env(**(env or {}))).items():
            monkeypatch.setenv(name, value)
        cache = str(self.home / ".aws/sso/cache")
        monkeypatch.setattr(botocore.credentials.SSOProvider, "_SSO_TOKEN_CACHE_DIR", cache)
        monkeypatch.setattr("botocore.tokens.SSOTokenProvider._SSO_TOKEN_CACHE_DIR", cache)
        session = botocore.session.Session(profile=profile)
        return session.create_client("sts", region_name="us-east-1").get_caller_identity()["Arn"]


def keys(credentials, prefix=""):
    """Credentials as lines of a file."""
    names = {"AccessKeyId": "aws_access_key_id", "SecretAccessKey": "aws_secret_access_key"}
    lines = [f"{names[k]} = {credentials[k]}" for k in names]
    if credentials.get("SessionToken"):
        lines.append(f"aws_session_token = {credentials['SessionToken']}")
    return "\n".join(prefix + line for line in lines) + "\n"


def web_token(seconds=600):
    """What an identity provider would sign."""
    claims = {"iss": "https://oidc.example.com", "sub": "build-42", "aud": "sts", "exp": time.time() + seconds}
    body = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"e30.{body}.signed"


@pytest.fixture
def place(cordon, world):
    """A responder with roles to take on, and services that give sessions of one of them."""
    iam = world.iam
    iam.create_role(RoleName="break-glass", AssumeRolePolicyDocument=trust(ROOT))
    iam.put_role_policy(RoleName="break-glass", PolicyName="all", PolicyDocument=document(allow("*")))
    iam.create_role(RoleName="further", AssumeRolePolicyDocument=trust(ROOT))
    iam.put_role_policy(RoleName="further", PolicyName="all", PolicyDocument=document(allow("*")))
    vouched = {
        "Effect": "Allow",
        "Principal": {"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/oidc.example.com"},
        "Action": "sts:AssumeRoleWithWebIdentity",
    }
    iam.create_role(RoleName="web", AssumeRolePolicyDocument=document(vouched))
    iam.put_role_policy(RoleName="web", PolicyName="all", PolicyDocument=document(allow("*")))
    reply = world.server.client("sts", **_arguments(world.responder)).assume_role(
        RoleArn=f"arn:aws:iam::{ACCOUNT}:role/further", RoleSessionName="given"
    )
    given = dict(reply["Credentials"], Expiration=reply["Credentials"]["Expiration"].strftime("%Y-%m-%dT%H:%M:%SZ"))
    server = Giver(given)
    yield Place(cordon, world, server)
    server.stop()


def _arguments(credentials):
    return {"key": credentials["AccessKeyId"], "secret": credentials["SecretAccessKey"]}


# Ways of having credentials: each fills the home and returns the environment and what else it needs.


def from_environment(place):
    return credential_variables(place.world.responder), None


def from_credentials_file(place):
    place.files(credentials="[default]\n" + keys(place.world.responder))
    return {}, None


def from_config_file(place):
    place.files(config="[profile x]\n" + keys(place.world.responder))
    return {"AWS_PROFILE": "x"}, None


def from_typed_profile(place):
    place.files(credentials="[x]\n" + keys(place.world.responder))
    return credential_variables(place.world.victim.keys[0]), "x"


def from_source_profile(place):
    role = f"[profile r]\nrole_arn = {MY_ROLE}\nsource_profile = base\nrole_session_name = me\nduration_seconds = 900\n"
    place.files(role, "[base]\n" + keys(place.world.responder))
    return {}, "r"


def from_own_keys(place):
    role = f"[profile r]\nrole_arn = {MY_ROLE}\nsource_profile = r\nrole_session_name = me\n"
    place.files(role, "[r]\n" + keys(place.world.responder))
    return {}, "r"


def from_chain(place):
    further = f"arn:aws:iam::{ACCOUNT}:role/further"
    one = f"[profile one]\nrole_arn = {MY_ROLE}\nsource_profile = base\nrole_session_name = first\n"
    two = f"[profile two]\nrole_arn = {further}\nsource_profile = one\nrole_session_name = second\n"
    place.files(one + two, "[base]\n" + keys(place.world.responder))
    return {"AWS_PROFILE": "two"}, None


def from_source_environment(place):
    place.files(f"[profile r]\nrole_arn = {MY_ROLE}\ncredential_source = Environment\nrole_session_name = me\n")
    return credential_variables(place.world.responder), "r"


def from_source_instance(place):
    place.files(f"[profile r]\nrole_arn = {MY_ROLE}\ncredential_source = Ec2InstanceMetadata\nrole_session_name = me\n")
    return {"AWS_EC2_METADATA_DISABLED": "false"}, "r"


def from_source_container(place):
    place.files(f"[profile r]\nrole_arn = {MY_ROLE}\ncredential_source = EcsContainer\nrole_session_name = me\n")
    uri = {"AWS_CONTAINER_CREDENTIALS_FULL_URI": place.giver.url + "/container"}
    return uri | {"AWS_CONTAINER_AUTHORIZATION_TOKEN": "container-token"}, "r"


def from_external_id(place):
    wanted = json.loads(trust(ROOT))
    wanted["Statement"][0]["Condition"] = {"StringEquals": {"sts:ExternalId": "e-17"}}
    place.world.iam.update_assume_role_policy(RoleName="break-glass", PolicyDocument=json.dumps(wanted))
    role = f"[profile r]\nrole_arn = {MY_ROLE}\nsource_profile = base\nexternal_id = e-17\n"
    place.files(role, "[base]\n" + keys(place.world.responder))
    return {}, "r"


def from_web_variables(place):
    token = place.write("token", web_token())
    names = {"AWS_WEB_IDENTITY_TOKEN_FILE": token, "AWS_ROLE_ARN": WEB_ROLE, "AWS_ROLE_SESSION_NAME": "pod"}
    return names, None


def from_web_profile(place):
    token = place.write("token", web_token())
    text = f"[profile w]\nrole_arn = {WEB_ROLE}\nweb_identity_token_file = {token}\nrole_session_name = pod\n"
    place.files(text)
    return {}, "w"


def from_web_source(place):
    token = place.write("token", web_token())
    web = f"[profile w]\nrole_arn = {WEB_ROLE}\nweb_identity_token_file = {token}\nrole_session_name = pod\n"
    place.files(web + f"[profile r]\nrole_arn = {MY_ROLE}\nsource_profile = w\nrole_session_name = me\n")
    return {"AWS_WEB_IDENTITY_TOKEN_FILE": "/nowhere"}, "r"


def sso_cache(place, name, **changes):
    """A token as `aws sso login` leaves it."""
    later = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 7200))
    token = {"startUrl": START, "region": "us-east-1", "accessToken": "bearer-token", "expiresAt": later} | changes
    place.write(f".aws/sso/cache/{hashlib.sha1(name.encode()).hexdigest()}.json", json.dumps(token))


SSO_PROFILE = f"sso_account_id = {ACCOUNT}\nsso_role_name = Responder\n"
SSO_SITE = f"sso_start_url = {START}\nsso_region = us-east-1\n"


def from_sso_session(place):
    place.files(f"[profile s]\nsso_session = acme\n{SSO_PROFILE}[sso-session acme]\n{SSO_SITE}")
    sso_cache(place, "acme")
    return {}, "s"


def from_sso_legacy(place):
    place.files(f"[profile s]\n{SSO_PROFILE}{SSO_SITE}")
    sso_cache(place, START)
    return {}, "s"


def from_sso_source(place):
    text = f"[profile s]\n{SSO_PROFILE}{SSO_SITE}"
    place.files(text + f"[profile r]\nrole_arn = {MY_ROLE}\nsource_profile = s\nrole_session_name = me\n")
    sso_cache(place, START)
    return {}, "r"


def process(place, output, before="", after="", name="give me"):
    """A program that prints credentials."""
    text = f"#!{sys.executable}\nimport os, sys, time\n{before}\nsys.stdout.write({output!r})\nsys.stdout.flush()\n{after}\n"
    return place.write(name, text, 0o700)


def process_output(credentials, **changes):
    """What it prints."""
    return json.dumps({"Version": 1} | {k: v for k, v in credentials.items() if isinstance(v, str)} | changes)


def from_process(place):
    program = process(place, process_output(place.giver.credentials), "assert sys.argv[1:] == ['a b', 'c']")
    place.files(f"[profile p]\ncredential_process = '{program}' \"a b\" c\n")
    return {}, "p"


def from_process_long_term(place):
    text = process_output({k: place.world.responder[k] for k in ("AccessKeyId", "SecretAccessKey")})
    place.files(f"[profile p]\ncredential_process = '{process(place, text)}'\n")
    return {"AWS_PROFILE": "p"}, None


def from_container_full(place):
    token = place.write("authorization", "container-token")
    uri = {"AWS_CONTAINER_CREDENTIALS_FULL_URI": place.giver.url + "/container/x?id=1"}
    return uri | {"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": token, "AWS_CONTAINER_AUTHORIZATION_TOKEN": "other"}, None


def from_instance(place):
    return {"AWS_EC2_METADATA_DISABLED": "false"}, None


def from_instance_version_1(place):
    place.giver.tokens = False
    return {"AWS_EC2_METADATA_DISABLED": "false"}, None


WAYS = {name: way for name, way in list(globals().items()) if name.startswith("from_")}
SOURCES = {
    "from_environment": "environment",
    "from_credentials_file": "profile 'default' in ",
    "from_config_file": "profile 'x' in ",
    "from_source_profile": "profile 'r', assumed with profile 'base' in ",
    "from_chain": "profile 'two', assumed with profile 'one', assumed with profile 'base' in ",
    "from_source_instance": "profile 'r', assumed with instance metadata, role 'instance-role'",
    "from_web_variables": "web identity in ",
    "from_sso_session": f"profile 's', IAM Identity Center role 'Responder' in account {ACCOUNT}",
    "from_process": "credential_process of profile 'p'",
    "from_container_full": "the container's credential service",
    "from_instance": "instance metadata, role 'instance-role'",
}


def generic(arn):
    """Without the name that a client gives to a session that has none."""
    return re.sub(r"/(cordon|botocore-session)-\d+$", "/*", arn)


@pytest.mark.parametrize("way", WAYS)
def test_as_botocore(place, monkeypatch, way):
    """Who we are, by cordon and by botocore in the same environment."""
    env, profile = WAYS[way](place)
    args = ["--profile", profile] if profile else []
    ours = place.whoami(*args, env=env).json
    assert generic(ours["arn"]) == generic(place.theirs(monkeypatch, env, profile))
    assert ours["account_id"] == ACCOUNT
    assert ours["source"].startswith(SOURCES.get(way, "")), ours["source"]
    temporary = ours["access_key_id"].startswith("ASIA")
    hidden = way in ("from_process_long_term",)
    assert (ours["expires"] is not None) == (temporary and not hidden), ours
