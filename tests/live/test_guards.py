# SPDX-License-Identifier: Apache-2.0
"""The guards: what is refused, with which status, and that nothing was sent."""

import pytest

from support.program import Cordon
from support.world import ALLOW_ALL, allow, document, trust

NOW = ("--yes", "--settle", "0")
FOREIGN = "AKIAR2TG44V5PDTTBZRR"  # decodes to the account 125843596666


def refused(program, world, *args, check=3, **kwargs):
    """A refusal: the status, a reason, and no write at all."""
    result = program("contain", *args, *NOW, "--output", "json", check=check, **kwargs)
    assert world.writes() == []
    assert result.json.get("refusals") or result.json["error"]["message"]
    return result


@pytest.mark.parametrize(
    "form", ["user/ir-responder", "ir-responder", "arn:aws:iam::123456789012:user/security/ir-responder", "key"]
)
@pytest.mark.parametrize("more", [[], ["--allow-self"]])
def test_our_own_user(cordon, world, form, more):
    """--allow-self never covers the credential that signs the run."""
    refused(cordon, world, world.responder["AccessKeyId"] if form == "key" else form, *more)


def test_our_own_role(world, server, tmp_path):
    world.iam.create_role(RoleName="ir", AssumeRolePolicyDocument=trust("arn:aws:iam::123456789012:root"))
    world.iam.put_role_policy(RoleName="ir", PolicyName="all", PolicyDocument=document(ALLOW_ALL))
    sts = server.client("sts", world.responder["AccessKeyId"], world.responder["SecretAccessKey"])
    arn = "arn:aws:iam::123456789012:role/ir"
    session = sts.assume_role(RoleArn=arn, RoleSessionName="me")["Credentials"]
    program = Cordon(server, session, tmp_path)
    own = "arn:aws:sts::123456789012:assumed-role/ir/me"
    before = server.state()
    for identity in (arn, "role/ir", own):
        program("contain", identity, *NOW, check=3)
    assert server.state() == before
    assert program("contain", world.victim.key, *NOW, "--irreversible", check=1)


def test_another_session_of_our_role_is_allowed(world, server, tmp_path):
    world.iam.create_role(RoleName="ir", AssumeRolePolicyDocument=trust("arn:aws:iam::123456789012:root"))
    world.iam.put_role_policy(RoleName="ir", PolicyName="all", PolicyDocument=document(ALLOW_ALL))
    sts = server.client("sts", world.responder["AccessKeyId"], world.responder["SecretAccessKey"])
    arn = "arn:aws:iam::123456789012:role/ir"
    session = sts.assume_role(RoleArn=arn, RoleSessionName="me")["Credentials"]
    other = sts.assume_role(RoleArn=arn, RoleSessionName="thief")["Credentials"]
    program = Cordon(server, session, tmp_path)
    program("contain", "arn:aws:sts::123456789012:assumed-role/ir/thief", *NOW, check=1)
    thief = server.client("s3", other["AccessKeyId"], other["SecretAccessKey"], other["SessionToken"])
    with pytest.raises(thief.exceptions.ClientError):
        thief.list_buckets()
    assert program("whoami", check=0)
    assert server.client(
        "s3", session["AccessKeyId"], session["SecretAccessKey"], session["SessionToken"]
    ).list_buckets()


@pytest.mark.parametrize("how", ["option", "file"])
def test_protected_principals(cordon, world, how):
    more = ["--protect", world.victim.arn] if how == "option" else []
    if how == "file":
        folder = cordon.folder / "config" / "cordon"
        folder.mkdir()
        (folder / "protect").write_text(f"# break glass\n{world.victim.arn}\n")
    result = refused(cordon, world, world.victim.key, *more)
    assert result.says("protect")


def test_a_protected_role_is_dropped_from_an_expansion(cordon, world, server):
    before = server.state()["roles"]["deploy"]
    found = cordon.contain(world.victim.key, "--revoke-roles", "--protect", world.deploy)
    assert server.state()["roles"]["deploy"] == before
    assert "deploy" in str(found["skipped"])


@pytest.mark.parametrize("role", ["AWSServiceRoleForAutoScaling", "AWSReservedSSO_Admin_0123456789abcdef"])
def test_roles_that_only_aws_may_change(cordon, world, role):
    result = refused(cordon, world, f"role/{role}")
    assert any(r["instead"] for r in result.json["refusals"])


def test_root(cordon, world):
    result = cordon("contain", "arn:aws:iam::123456789012:root", *NOW)
    assert result.status in (2, 3), str(result)
    assert world.writes() == []


@pytest.mark.parametrize("answer", ["NoSuchEntity", "AccessDenied"])
def test_a_key_of_another_account(cordon, world, server, answer):
    server.configure(unknown_key=answer)
    result = refused(cordon, world, FOREIGN)
    assert result.says("125843596666")


def test_a_key_of_another_account_with_a_user_of_ours(cordon, world):
    refused(cordon, world, FOREIGN, "--user", world.victim.name)


def test_arns_of_another_account(cordon, world):
    for arn in ("arn:aws:iam::111122223333:user/anna.dev", "arn:aws:iam::111122223333:role/deploy"):
        refused(cordon, world, arn)


def test_a_key_that_the_user_does_not_have(cordon, world, server):
    """The list was read and lacks the key: root's, deleted, or another account's."""
    refused(cordon, world, world.victim.key, "--user", "bob")
    refused(cordon, world, server.root_key, "--user", world.victim.name)


def test_a_key_that_nobody_has(cordon, world):
    """Deleted, or root's: the status says no such target."""
    gone = world.iam.create_access_key(UserName="bob")["AccessKey"]["AccessKeyId"]
    world.iam.delete_access_key(UserName="bob", AccessKeyId=gone)
    result = cordon("contain", gone, *NOW)
    assert result.status in (2, 3), str(result)
    assert world.writes() == []


@pytest.mark.parametrize(
    "identity",
    [
        "nobody",
        "user/nobody",
        "role/nobody",
        "arn:aws:iam::123456789012:user/nobody",
        "AIDAQQQQQQQQQQQQQQQQQ",
        "AROAQQQQQQQQQQQQQQQQQ",
    ],
)
def test_nobody_by_that_name(cordon, world, identity):
    result = cordon("contain", identity, *NOW, "--output", "json", check=2)
    assert result.json["error"]["message"]
    assert world.writes() == []


@pytest.mark.parametrize(
    "identity",
    [
        "",
        "user/",
        "a b",
        "a/b/c",
        "x" * 200,
        "ä",
        "user/a;b",
        "arn:aws:s3:::bucket",
        "AKIA",
        "../../etc/passwd",
        "a\nb",
    ],
)
def test_what_is_no_identity(cordon, world, identity):
    cordon("contain", identity, *NOW, check=2)
    assert world.writes() == []


def test_a_user_with_the_same_name_in_another_case(cordon, world):
    """IAM's names are unique without regard to case, but asked for exactly."""
    result = cordon("contain", world.victim.name.upper(), *NOW)
    assert result.status == 2 and world.writes() == []


def test_an_arn_with_the_wrong_path(cordon, world):
    """The name exists, the ARN does not: it must not be taken for the other one."""
    result = cordon("contain", "arn:aws:iam::123456789012:user/elsewhere/anna.dev", *NOW)
    assert result.status in (2, 3), str(result)
    assert world.writes() == []


def test_the_account_that_was_expected(cordon, world, server):
    refused(cordon, world, world.victim.key, "--expect-account", "111122223333")
    cordon.contain(world.victim.key, "--expect-account", "123456789012")
    assert server.state()["users"][world.victim.name]["keys"][world.victim.key] == "Inactive"


def test_an_endpoint_that_was_not_typed(cordon, world, server):
    """An environment variable may point anywhere: reading is allowed, writing is not."""
    env = {"AWS_ENDPOINT_URL": server.url}
    assert cordon("whoami", env=env, endpoint=False, check=0).says("ir-responder")
    result = refused(cordon, world, world.victim.key, env=env, endpoint=False)
    assert result.says("--endpoint-url")


def test_too_many_operations(cordon, world):
    refused(cordon, world, world.victim.key, "--max-operations", "2")


def test_one_refused_of_two_is_partly_done(cordon, world, server):
    """A named target was left out: 5, and the other one is contained."""
    document_ = cordon.json("contain", world.victim.key, "user/ir-responder", *NOW, check=5)
    assert set(server.state()["users"][world.victim.name]["keys"].values()) == {"Inactive"}
    assert [r["guard"] for r in document_["refusals"]]
    assert server.state()["users"]["ir-responder"]["keys"] == {world.responder["AccessKeyId"]: "Active"}


# The question


def test_without_a_terminal_nothing_happens(cordon, world, server):
    before = server.state()
    result = cordon("contain", world.victim.key, "--settle", "0", check=3)
    assert result.says("PutUserPolicy") or result.says("deny")
    assert server.state() == before and world.writes() == []
    document_ = cordon.json("contain", world.victim.key, "--settle", "0", check=3)
    assert document_["operations"]


def test_input_that_is_not_a_terminal_is_no_answer(cordon, world):
    cordon("contain", world.victim.key, "--settle", "0", stdin="yes\ny\nyes\n", check=3)
    assert world.writes() == []


@pytest.mark.parametrize("word", ["no", "n", "", "maybe", "yes please do not"])
def test_anything_but_yes_is_no(cordon, world, word):
    result = cordon.answer([word] * 5, "contain", world.victim.key, "--settle", "0")
    assert result.status == 3, str(result)
    assert world.writes() == []


def test_the_question_and_yes(cordon, world, server):
    result = cordon.answer(["yes"] * 5, "contain", world.victim.key, "--settle", "0")
    assert result.status == 1, str(result)
    for told in ("123456789012", "ir-responder", world.server.url, "DeleteLoginProfile"):
        assert told.lower() in result.tty.lower(), result.tty
    user = server.state()["users"][world.victim.name]
    assert set(user["keys"].values()) == {"Inactive"}
    assert "CordonDenyAll" in user["inline"]


def test_nothing_is_written_before_the_answer(cordon, world, server):
    before = server.state()
    cordon.answer(["no"] * 5, "contain", world.victim.key, "--settle", "0")
    assert server.state() == before
    assert "deploy" in cordon.answer(["no"] * 5, "contain", world.victim.key, "--settle", "0").tty


def test_an_unusable_state_folder_is_an_error_before_anything_is_sent(cordon, world):
    blocked = cordon.folder / "a-file"
    blocked.write_text("")
    result = cordon("contain", world.victim.key, *NOW, "--state-dir", str(blocked / "state"))
    assert result.status == 2, str(result)
    assert result.says("--state-dir")
    assert world.writes() == []


def test_a_state_folder_of_choice(cordon, world):
    place = cordon.folder / "elsewhere"
    cordon.contain(world.victim.key, "--state-dir", str(place))
    assert list(place.rglob("journal.jsonl"))


def test_permission_by_a_group_is_our_own_too(cordon, world, server):
    """A deny on the responder's group would lock us out, but the user's deny does not touch the group."""
    world.iam.add_user_to_group(GroupName="developers", UserName="ir-responder")
    world.iam.put_group_policy(GroupName="developers", PolicyName="more", PolicyDocument=document(allow("sns:*")))
    before = server.state()["groups"]
    cordon.contain(world.victim.key, "--irreversible")
    assert server.state()["groups"] == before
