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


# Which of several counts. Each row: environment, profile and files; who, or None where botocore refuses too.


def people(place):
    """Keys of several users, as lines and as variables."""
    w = place.world
    found = {"me": w.responder, "bob": w.bystander.credentials, "carol": w.colleague.credentials}
    return {k: keys(v) for k, v in found.items()}, {k: credential_variables(v) for k, v in found.items()}


def program_of(place, who):
    """credential_process that gives a user's long-term key."""
    found = {"me": place.world.responder, "carol": place.world.colleague.credentials}[who]
    text = process_output({k: found[k] for k in ("AccessKeyId", "SecretAccessKey")})
    return f"credential_process = '{process(place, text, name='program ' + who)}'\n"


def web(place):
    """Variables of a web identity."""
    token = place.write("web", web_token())
    return {"AWS_WEB_IDENTITY_TOKEN_FILE": token, "AWS_ROLE_ARN": WEB_ROLE, "AWS_ROLE_SESSION_NAME": "pod"}


def precedence(place):
    """The rows."""
    line, env = people(place)
    role = f"role_arn = {MY_ROLE}\nrole_session_name = me\n"
    legacy = SSO_PROFILE + SSO_SITE
    uri = {"AWS_CONTAINER_CREDENTIALS_FULL_URI": place.giver.url + "/container"}
    uri |= {"AWS_CONTAINER_AUTHORIZATION_TOKEN": "container-token"}
    instance = {"AWS_EC2_METADATA_DISABLED": "false"}
    sso_cache(place, START)
    return [
        # environment, typed profile, config file, credentials file, who
        (env["me"], None, "", "[default]\n" + line["bob"], "ir-responder"),
        (env["me"] | {"AWS_PROFILE": "b"}, None, "", "[b]\n" + line["bob"], "ir-responder"),
        (env["me"], "b", "", "[b]\n" + line["bob"], "bob"),
        (env["me"], "default", "", "[default]\n" + line["bob"], "bob"),
        (env["me"] | web(place), None, "", "", "ir-responder"),
        (web(place), None, "", "[default]\n" + line["bob"], "pod"),
        (web(place), "default", "", "[default]\n" + line["bob"], "bob"),
        ({}, None, "[default]\n" + line["carol"], "[default]\n" + line["bob"], "bob"),
        ({}, None, "[default]\n" + role + "source_profile = b\n" + line["carol"], "[b]\n" + line["bob"], None),
        ({}, "r", "[profile r]\n" + role + "source_profile = b\n", "[b]\n" + line["me"], "me"),
        ({}, "r", "[profile r]\n" + role + "source_profile = r\n" + line["carol"], "[r]\n" + line["me"], "me"),
        ({}, "r", "[profile r]\n" + role + "source_profile = m\n" + legacy, "[m]\n" + line["me"], "me"),
        ({}, "s", "[profile s]\n" + legacy + line["carol"], "[s]\n" + line["bob"], "given"),
        ({}, "p", "[profile p]\n" + program_of(place, "carol"), "[p]\n" + line["bob"], "bob"),
        ({}, "p", "[profile p]\n" + program_of(place, "carol") + line["bob"], "", "carol"),
        (uri | instance, None, "", "[default]\n" + line["bob"], "bob"),
        (uri | instance, "x", "[profile x]\nregion = us-east-1\n", "", "given"),
        (env["me"] | instance, "x", "[profile x]\nregion = us-east-1\n", "", "given"),
        ({"AWS_ACCESS_KEY_ID": "AKIAHALF"} | instance, None, "", "[default]\n" + line["bob"], None),
        ({}, None, "[default]\naws_access_key_id = AKIAHALF\n" + program_of(place, "me"), "", "ir-responder"),
        (instance, None, "[default]\naws_access_key_id = AKIAHALF\n", "", None),
        ({}, "r", "[profile r]\n" + role, "[r]\n" + line["bob"], None),
        ({}, "r", f"[profile r]\n{role}source_profile = b\ncredential_source = Environment\n" + line["bob"], "", None),
        ({}, "s", "[profile s]\n" + SSO_PROFILE, "[s]\n" + line["bob"], None),
        ({"AWS_PROFILE": "nobody"}, None, "", "[default]\n" + line["bob"], None),
    ]


@pytest.mark.parametrize("row", range(25))
def test_precedence(place, monkeypatch, row):
    """Of several ways, the same one as botocore's."""
    rows = precedence(place)
    assert len(rows) == 25
    env, profile, config, credentials, who = rows[row]
    place.files(config, credentials)
    args = ["--profile", profile] if profile else []
    if who is None:
        with pytest.raises(Exception):
            place.theirs(monkeypatch, env, profile)
        assert place.whoami(*args, env=env, check=4).json["error"]["code"] in ("credentials", "denied")
        return
    ours = place.whoami(*args, env=env).json["arn"]
    assert ours == place.theirs(monkeypatch, env, profile)
    assert ours.endswith("/" + who)


# MFA, and roles that were typed


@pytest.fixture
def device(place):
    """The responder's MFA device: a function that gives its code; the role wants it."""
    made = place.world.iam.create_virtual_mfa_device(VirtualMFADeviceName="responder")["VirtualMFADevice"]
    serial, seed = made["SerialNumber"], made["Base32StringSeed"].decode()
    codes = {"AuthenticationCode1": "123456", "AuthenticationCode2": "654321"}
    place.world.iam.enable_mfa_device(UserName="ir-responder", SerialNumber=serial, **codes)
    wanted = json.loads(trust(ROOT))
    wanted["Statement"][0]["Condition"] = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    place.world.iam.update_assume_role_policy(RoleName="break-glass", PolicyDocument=json.dumps(wanted))
    role = f"[profile r]\nrole_arn = {MY_ROLE}\nsource_profile = base\nmfa_serial = {serial}\nrole_session_name = me\n"
    place.files(role, "[base]\n" + keys(place.world.responder))
    place.serial = serial
    return lambda steps=0: mfa.code(seed, time.time() + mfa.STEP * steps)


def test_mfa_from_a_file(place, device):
    path = place.write("code", device() + "\n")
    ours = place.whoami("--profile", "r", "--mfa-code-file", path).json
    assert ours["arn"].endswith(":assumed-role/break-glass/me")
    # A code works once, and AWS says so.
    again = place.whoami("--profile", "r", "--mfa-code-file", path, check=4).json["error"]
    assert (again["code"], "invalid MFA one time pass code" in again["message"]) == ("denied", True)


def test_mfa_from_standard_input(place, device):
    ours = place.whoami("--profile", "r", "--mfa-code-file", "-", stdin=device(1)).json
    assert ours["arn"].endswith(":assumed-role/break-glass/me")


@pytest.mark.parametrize("text", ["", "\n", "12345x\n", "123456 654321", "x" * 100])
def test_mfa_file_without_a_code(place, device, text):
    path = place.write("code", text)
    result = place.whoami("--profile", "r", "--mfa-code-file", path, check=None)
    assert result.status in (2, 4), str(result)
    assert place.server.log(action="AssumeRole", key=place.world.responder["AccessKeyId"])[1:] == []


def test_mfa_without_a_terminal(place, device):
    assert "no terminal to ask for the MFA code" in place.error("--profile", "r")


def test_mfa_on_the_terminal(place, device):
    """It is asked for, and what is typed is not shown."""
    code = device()
    result = place.cordon.answer([code], "whoami", "--profile", "r", env=place.env(), endpoint=False)
    assert result.status == 0, str(result)
    assert place.serial in result.tty and code not in result.tty
    assert "assumed-role/break-glass/me" in result.stdout


def test_a_wrong_code_on_the_terminal(place, device):
    result = place.cordon.answer(["000000"], "whoami", "--profile", "r", env=place.env(), endpoint=False)
    assert result.status == 4 and result.says("one time pass code"), str(result)
    result = place.cordon.answer(["no"], "whoami", "--profile", "r", env=place.env(), endpoint=False)
    assert result.status == 4 and result.says("is no MFA code"), str(result)


def cli_session(place, seconds, **role):
    """A session as the AWS CLI keeps it, named by botocore itself."""
    serial = {"SerialNumber": place.serial} | role
    found = botocore.credentials.AssumeRoleCredentialFetcher(None, None, MY_ROLE, extra_args=serial)
    session = session_of(place, "further", "cli")
    kept = {k: session[k] for k in ("AccessKeyId", "SecretAccessKey", "SessionToken")}
    until = stamp(seconds).replace("Z", "+00:00")
    text = json.dumps({"Credentials": kept | {"Expiration": until, "AccountId": ACCOUNT}})
    place.write(f".aws/cli/cache/{found._cache_key}.json", text)


def test_the_clis_own_session(place, device):
    """Whoever typed a code for the CLI is not asked again, and who took on the role stays known."""
    cli_session(place, 3000, RoleSessionName="me")
    ours = place.whoami("--profile", "r").json
    assert ours["arn"].endswith("/cli")
    assert ours["source"].startswith("profile 'r', the AWS CLI's session, assumed with profile 'base' in ")
    place.files((place.home / ".aws/config").read_text() + "external_id = e\nduration_seconds = 900\n")
    assert "no terminal" in place.error("--profile", "r")
    cli_session(place, 3000, RoleSessionName="me", ExternalId="e", DurationSeconds=900)
    assert place.whoami("--profile", "r").json["arn"].endswith("/cli")
    cordon = ["contain", "user/ir-responder", "--yes", "--settle", "0", "--profile", "r"]
    result = place.cordon(*cordon, "--endpoint-url", place.server.url, env=NONE, endpoint=False, check=3)
    assert result.says("our own identity"), str(result)


def test_a_session_of_the_cli_that_is_nearly_over(place, device):
    cli_session(place, 800, RoleSessionName="me")
    assert "no terminal" in place.error("--profile", "r")


def test_one_code_for_one_command(place, device):
    """A unique id is looked up first, by an opening of its own; the code works once."""
    path = place.write("code", device())
    args = ["--profile", "r", "--mfa-code-file", path, "--endpoint-url", place.server.url]
    result = place.cordon("contain", place.world.victim.id, "--dry-run", *args, env=NONE, endpoint=False)
    assert result.status == 0 and "code" not in result.stderr, str(result)
    entries = [e for e in place.server.log(action="AssumeRole") if "TokenCode" in e["params"]]
    assert len(entries) == 1


def test_a_typed_role(place, device):
    env = credential_variables(place.world.responder)
    path = place.write("code", device())
    typed = ["--assume-role", MY_ROLE, "--mfa-serial", place.serial, "--mfa-code-file", path]
    ours = place.whoami(*typed, env=env).json
    assert generic(ours["arn"]).endswith(":assumed-role/break-glass/*")
    assert ours["source"] == "--assume-role, assumed with environment"
    assert "cannot assume role" in place.error("--assume-role", MY_ROLE, env=env)


def test_a_typed_role_on_top_of_a_role(place):
    text = f"[profile r]\nrole_arn = {MY_ROLE}\nsource_profile = base\nrole_session_name = me\n"
    place.files(text, "[base]\n" + keys(place.world.responder))
    ours = place.whoami("--profile", "r", "--assume-role", f"arn:aws:iam::{ACCOUNT}:role/further").json
    assert generic(ours["arn"]).endswith(":assumed-role/further/*")
    assert ours["source"].startswith("--assume-role, assumed with profile 'r', assumed with profile 'base' in ")


@pytest.mark.parametrize("role", ["break-glass", "arn:aws:iam::1:user/x", "arn:aws:sts::123456789012:role/x"])
def test_a_typed_role_that_is_none(place, role):
    place.whoami("--assume-role", role, check=2)


def test_options_of_a_typed_role_alone(place):
    place.whoami("--external-id", "x", check=2)
    place.whoami("--mfa-serial", "x", check=2)


def test_whoever_took_on_the_role_is_ourselves(place):
    """The user behind the role that works is no target, nor is the role."""
    text = f"[profile r]\nrole_arn = {MY_ROLE}\nsource_profile = base\n"
    place.files(text, "[base]\n" + keys(place.world.responder))
    before = place.server.state()
    for target in ("user/ir-responder", "role/break-glass", place.world.responder["AccessKeyId"]):
        result = place.cordon(
            "contain", target, "--yes", "--settle", "0", "--profile", "r", "--endpoint-url", place.server.url,
            env=NONE, endpoint=False, check=3,
        )
        assert result.says("our own identity"), str(result)
    assert place.server.state() == before


# Credentials that expire


def stamp(seconds):
    """A time so many seconds from now."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + seconds))


def session_of(place, role, name="given"):
    """Fresh credentials of a role's session."""
    client = place.server.client("sts", **_arguments(place.world.responder))
    reply = client.assume_role(RoleArn=f"arn:aws:iam::{ACCOUNT}:role/{role}", RoleSessionName=name)
    return dict(reply["Credentials"], Expiration=stamp(3600))


def test_expired_ones_are_renewed_first(place):
    old, new = dict(place.giver.credentials, Expiration=stamp(-60)), session_of(place, "further")
    given = iter([old, new])
    role = "/latest/meta-data/iam/security-credentials/instance-role"

    def answer(_headers):
        place.giver.credentials = next(given)
        return 200, json.dumps(place.giver.document()).encode()

    place.giver.answers[role] = answer
    ours = place.whoami(env={"AWS_EC2_METADATA_DISABLED": "false"}).json
    assert ours["access_key_id"] == new["AccessKeyId"]
    assert ours["warnings"] == []
    assert place.server.log(key=old["AccessKeyId"]) == []


def test_what_cannot_be_renewed_is_used_and_said(place):
    """AWS decides whether it still holds; our clock may be wrong."""
    env = credential_variables(place.giver.credentials) | {"AWS_CREDENTIAL_EXPIRATION": stamp(-60)}
    ours = place.whoami(env=env).json
    assert ours["access_key_id"] == place.giver.credentials["AccessKeyId"]
    assert re.search("our credentials expire at .* could not be renewed: there are no newer ones", ours["warnings"][0])


RENEWED = {
    "the same identity": ("further", "given", None),
    "another session": ("further", "other", "they are of somebody else"),
    "another role": ("break-glass", "given", "they are of somebody else"),
}


@pytest.mark.parametrize("case", RENEWED)
def test_renewed_within_a_run(place, case):
    """A run outlives its first credentials; it goes on with new ones, but never as somebody else."""
    role, name, problem = RENEWED[case]
    old, new = dict(place.giver.credentials, Expiration=stamp(2)), session_of(place, role, name)
    given = iter([old] + 100 * [new])

    def answer(_headers):
        place.giver.credentials = next(given)
        return 200, json.dumps(place.giver.document()).encode()

    place.giver.answers["/container"] = answer
    env = NONE | {"AWS_CONTAINER_CREDENTIALS_FULL_URI": place.giver.url + "/container"}
    result = place.cordon(
        "contain", place.world.victim.key, "--yes", "--settle", "3", "--output", "json", env=env
    )
    assert result.status in (0, 1), str(result)
    used = {e["key"] for e in place.server.log(service="iam")} & {old["AccessKeyId"], new["AccessKeyId"]}
    if problem:
        assert used == {old["AccessKeyId"]}
        assert any(problem in text for text in result.json["warnings"]), result.json["warnings"]
    else:
        assert used == {old["AccessKeyId"], new["AccessKeyId"]}
        assert not any("renewed" in text for text in result.json["warnings"])


def test_a_clock_that_is_fast_expires_nothing(place):
    """The session ends by AWS's clock, which its answer told."""
    place.files(f"[profile r]\nrole_arn = {MY_ROLE}\nsource_profile = base\n", "[base]\n" + keys(place.world.responder))
    place.server.configure(clock=-7200)
    ours = place.whoami("--profile", "r").json
    assert generic(ours["arn"]).endswith(":assumed-role/break-glass/*")
    assert len(place.server.log(action="AssumeRole", status=200)) == 2  # one of them made the fixture's
    assert ours["clock_offset_seconds"] < -7000


# A sign-in that has ended

CLIENT = {"clientId": "client", "clientSecret": "client-secret", "refreshToken": "refresh-token"}


def ended(place, **cache):
    """A profile of a sign-in whose token does not hold any more."""
    place.files(f"[profile s]\nsso_session = acme\n{SSO_PROFILE}[sso-session acme]\n{SSO_SITE}")
    sso_cache(place, "acme", accessToken="old-token", expiresAt=stamp(-60), **cache)
    return place.home / f".aws/sso/cache/{hashlib.sha1(b'acme').hexdigest()}.json"


def test_a_sign_in_that_has_ended(place):
    ended(place)
    text = place.error("--profile", "s")
    assert "the sign-in has ended; run \"aws sso login --sso-session 'acme'\" and try again" in text


def test_a_sign_in_is_renewed(place, monkeypatch):
    """By what the cache holds for that, and the cache is as the CLI wants it: botocore goes on with it."""
    env = {"AWS_ENDPOINT_URL_SSO_OIDC": place.giver.url}
    cache = ended(place, **CLIENT, registrationExpiresAt=stamp(86400))
    assert place.whoami("--profile", "s", env=env).json["arn"].endswith("/given")
    kept = json.loads(cache.read_text())
    assert (kept["accessToken"], kept["refreshToken"]) == ("bearer-token-2", "refresh-token-2")
    assert kept["startUrl"] == START and kept["clientSecret"] == "client-secret"
    assert kept["expiresAt"] > stamp(8 * 3600 - 100) and stat.S_IMODE(cache.stat().st_mode) == 0o600
    assert place.theirs(monkeypatch, env, "s").endswith("/given")
    assert len(place.giver.asked("/token")) == 1


def test_a_sign_in_that_cannot_be_renewed(place):
    env = {"AWS_ENDPOINT_URL_SSO_OIDC": place.giver.url}
    cache = ended(place, **CLIENT | {"refreshToken": "used"})
    before = cache.read_text()
    assert "the sign-in has ended" in place.error("--profile", "s", env=env)
    place.giver.answers["/token"] = (200, b'{"accessToken": 7}')
    assert "the sign-in has ended" in place.error("--profile", "s", env=env)
    assert cache.read_text() == before


# What aws login keeps: botocore needs a library for it that is not here, so there is no comparison


def login(place, until, **changes):
    """A login of the CLI."""
    c = place.giver.credentials
    names = {"accessKeyId": "AccessKeyId", "secretAccessKey": "SecretAccessKey", "sessionToken": "SessionToken"}
    token = {k: c[v] for k, v in names.items()} | {"accountId": ACCOUNT, "expiresAt": until} | changes
    name = hashlib.sha256(b"arn:aws:iam::123456789012:user/x").hexdigest()
    place.files("[profile l]\nlogin_session = arn:aws:iam::123456789012:user/x\n")
    return place.write(f".aws/login/cache/{name}.json", json.dumps({"accessToken": token, "refreshToken": "r"}))


def test_a_login(place):
    path = login(place, stamp(600))
    ours = place.whoami("--profile", "l").json
    assert ours["arn"].endswith("/given") and ours["source"] == "profile 'l', the login of 'aws login'"
    os.rename(os.path.dirname(path), place.home / "elsewhere")
    assert place.whoami("--profile", "l", env={"AWS_LOGIN_CACHE_DIRECTORY": "~/elsewhere"}).json["arn"] == ours["arn"]


def test_a_login_that_is_over(place):
    login(place, stamp(-60))
    assert "the login has ended; run \"aws login --profile 'l'\"" in place.error("--profile", "l")
    login(place, stamp(600), sessionToken=None)
    assert "sessionToken is missing" in place.error("--profile", "l")
    place.write(login(place, stamp(600)), "[")
    assert "the login cannot be read" in place.error("--profile", "l")


# What nobody has, and what should not be seen


def test_nothing_found(place):
    """Provider by provider, a line each."""
    result = place.cordon("whoami", env=place.env(), endpoint=False, check=4)
    lines = [line.removeprefix("cordon: ").strip() for line in result.stderr.splitlines()]
    names = ["environment", "assumed role", "web identity", "IAM Identity Center", "credentials file", "login"]
    names += ["process", "config file", "container", "instance metadata"]
    assert [n for n in names if any(line.startswith(n + ":") for line in lines)] == names, result.stderr
    assert "instance metadata: switched off by AWS_EC2_METADATA_DISABLED" in lines


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o660, 0o604, 0o600, 0o400])
def test_a_file_that_others_can_read(place, mode):
    place.files(credentials="[default]\n" + keys(place.world.responder))
    place.write(".aws/credentials", (place.home / ".aws/credentials").read_text(), mode)
    warnings = place.whoami().json["warnings"]
    assert [w for w in warnings if "open to others" in w and f"{mode:04o}" in w] == warnings
    assert bool(warnings) == bool(mode & 0o066)


def test_secrets_are_nowhere(place, device):
    """Neither what goes in nor what comes out is shown, whatever goes wrong."""
    secrets = [place.world.responder["SecretAccessKey"], place.giver.credentials["SecretAccessKey"]]
    secrets += [place.giver.credentials["SessionToken"], "bearer-token", "container-token", web_token()[:40]]
    shown = ""
    for way in sorted(WAYS):
        env, profile = WAYS[way](place)
        for change in ({}, {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{free_port()}", "AWS_MAX_ATTEMPTS": "1"}):
            args = ["--profile", profile] if profile else []
            result = place.cordon("whoami", *args, "--verbose", env=place.env(**env) | change, endpoint=False)
            shown += str(result)
    assert "ir-responder" in shown and "cannot reach" in shown
    assert [s for s in secrets if s in shown] == []


def test_metadata_is_never_asked_through_a_proxy(place):
    proxy = f"http://127.0.0.1:{free_port()}"
    env = {"HTTP_PROXY": proxy, "http_proxy": proxy, "ALL_PROXY": proxy, "AWS_EC2_METADATA_DISABLED": "false"}
    assert place.whoami(env=env).json["arn"].endswith("/given")
