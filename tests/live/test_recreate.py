# SPDX-License-Identifier: Apache-2.0
"""recreate-user, cut off at any point, and gone on with from what the first run had captured."""

import time

import pytest

NAME = "anna.dev"
WRITES = ("DeleteAccessKey", "DeactivateMFADevice", "DeleteLoginProfile", "DetachUserPolicy", "DeleteUserPolicy")
POINTS = WRITES + ("RemoveUserFromGroup", "DeleteUser", "CreateUser", "AttachUserPolicy", "PutUserPolicy", "AddUserToGroup", "UpdateAssumeRolePolicy")


@pytest.fixture
def bounded(world):
    """The victim with a boundary too."""
    world.iam.put_user_permissions_boundary(
        UserName=NAME, PermissionsBoundary="arn:aws:iam::aws:policy/AdministratorAccess"
    )
    return world


def recreate(cordon, *more, check=0):
    """The command, as after a question that was answered with yes."""
    result = cordon(
        "recreate-user", "--user", NAME, "--yes", "--irreversible", "--settle", "0", "--output", "json", *more, check=check
    )
    return result.json


def resume(cordon, run, *more):
    """Go on with it to its end."""
    return cordon("resume", run, "--yes", "--irreversible", "--settle", "0", "--output", "json", *more, check=0).json


def facts(world):
    """What IAM says of the victim, as far as a new user can have it."""
    iam, user = world.iam, world.iam.get_user(UserName=NAME)["User"]
    inline = {n: iam.get_user_policy(UserName=NAME, PolicyName=n)["PolicyDocument"] for n in iam.list_user_policies(UserName=NAME)["PolicyNames"]}
    return {
        "arn": user["Arn"],
        "tags": user.get("Tags"),
        "boundary": user.get("PermissionsBoundary"),
        "groups": [g["GroupName"] for g in iam.list_groups_for_user(UserName=NAME)["Groups"]],
        "attached": sorted(p["PolicyArn"] for p in iam.list_attached_user_policies(UserName=NAME)["AttachedPolicies"]),
        "inline": inline,
    }


def credentials(world):
    """Everything the victim could sign in with."""
    iam = world.iam
    return (
        iam.list_access_keys(UserName=NAME)["AccessKeyMetadata"]
        + iam.list_ssh_public_keys(UserName=NAME)["SSHPublicKeys"]
        + iam.list_signing_certificates(UserName=NAME)["Certificates"]
        + iam.list_service_specific_credentials(UserName=NAME)["ServiceSpecificCredentials"]
        + iam.list_mfa_devices(UserName=NAME)["MFADevices"]
    )


def trusted(world):
    """Whom the role that named the victim trusts."""
    document = world.iam.get_role(RoleName="named")["Role"]["AssumeRolePolicyDocument"]
    return document["Statement"][0]["Principal"]["AWS"]


def assert_whole(world, before, old_id):
    """The same user but for his id, without credentials, trusted again."""
    assert facts(world) == before
    assert world.iam.get_user(UserName=NAME)["User"]["UserId"] != old_id
    assert credentials(world) == []
    assert trusted(world) in (world.victim.arn, [world.victim.arn])


def test_the_same_user_without_credentials(cordon, bounded):
    before = facts(bounded)
    found = recreate(cordon)
    assert_whole(bounded, before, bounded.victim.id)
    assert {r["status"] for r in found["results"]} == {"done"} and found["verdict"] is None
    assert any("unique id" in w for w in found["warnings"])
    assert any("KMS" in n["what"] for n in found["not_covered"])


def test_a_thief_is_out(cordon, world):
    thief = world.victim.thief()
    session = thief.session_token()
    assert thief.steal() == session.steal() == "ok"
    recreate(cordon)
    assert "ok" not in (thief.steal(), session.steal(), thief.attempt("sts", "get_caller_identity"))


@pytest.mark.parametrize("point", POINTS)
def test_cut_off_and_gone_on(cordon, bounded, server, point):
    before = facts(bounded)
    server.faults({"action": point, "do": "error", "code": "AccessDenied", "status": 403, "times": 1})
    first = recreate(cordon, check=5)
    server.faults()
    refused = [r["id"] for r in first["results"] if r["status"] == "failed"]
    assert refused, first["results"]
    assert [w for w in first["warnings"] if "cordon resume " + first["run"] in w], "how to go on is said"
    again = resume(cordon, first["run"])
    assert {r["status"] for r in again["results"]} <= {"done"}
    assert_whole(bounded, before, bounded.victim.id)


def test_killed_between_delete_and_create(cordon, bounded, server):
    before = facts(bounded)
    server.faults({"action": "CreateUser", "do": "slow", "delay": 3})
    process = cordon.start("recreate-user", "--user", NAME, "--yes", "--irreversible", "--settle", "0")
    limit = time.monotonic() + 30
    while not server.log(action="DeleteUser") and time.monotonic() < limit:
        time.sleep(0.01)
    process.kill()
    process.communicate()
    server.faults()
    resume(cordon, cordon.run_folder().name)
    assert_whole(bounded, before, bounded.victim.id)


def test_a_torn_user_is_not_forgotten(cordon, world, server):
    """A second one would take what is left of him for all he had."""
    server.faults({"action": "DetachUserPolicy", "do": "error", "code": "AccessDenied", "status": 403, "times": 1})
    first = recreate(cordon, check=5)
    server.faults()
    done = len(world.writes())
    again = cordon("recreate-user", "--user", NAME, "--yes", "--irreversible", "--settle", "0", check=3)
    assert again.says("cordon resume " + first["run"]) and len(world.writes()) == done
    assert cordon("recreate-user", "--user", "bob", "--dry-run", "--output", "json").status == 0


def test_a_deleted_user_is_not_made_anew_blindly(cordon, world, server):
    server.faults({"action": "CreateUser", "do": "error", "code": "AccessDenied", "status": 403, "times": 1})
    first = recreate(cordon, check=5)
    server.faults()
    again = cordon("recreate-user", "--user", NAME, "--yes", "--irreversible", "--settle", "0", check=3)
    assert again.says("cordon resume " + first["run"])


def test_gone_on_with_on_another_machine(cordon, bounded, server, tmp_path):
    before = facts(bounded)
    server.faults({"action": "CreateUser", "do": "error", "code": "AccessDenied", "status": 403, "times": 1})
    first = recreate(cordon, check=5)
    server.faults()
    path = str(tmp_path / "run.json")
    cordon("export", first["run"], path, check=0)
    elsewhere = ("--state-dir", str(tmp_path / "elsewhere"))
    assert cordon("resume", path, *elsewhere, "--yes", "--irreversible", check=3).says("--expect")
    resume(cordon, path, *elsewhere, "--expect", first["journal_last"])
    assert_whole(bounded, before, bounded.victim.id)
    cordon("show", first["run"], "--check", "--state-dir", str(tmp_path / "elsewhere"), check=0)
