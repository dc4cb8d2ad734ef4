"""A second factor: one session for all roles of a project, and when a code goes straight to a role."""

import re
from pathlib import Path
from typing import Any

import pytest

from rolecall.errors import RolecallError
from rolecall.system.disk import paths
from support import write_env
from support.credentials import obtain
from support.fake_aws import FakeAws, refusal
from support.mfa import ROLES, Meet


def take(root: Path, role: str, **more: Any) -> tuple[str, ...]:
    return obtain(root, role, **more).notes


def test_code_when_two_roles_want_it_then_asked_once(guarded: Path, aws: FakeAws, meet: Meet) -> None:
    """One GetSessionToken serves every role of the project; what it means is said once."""
    ann = meet("123456")
    notes = take(guarded, "dev")
    assert take(guarded, "ops") == ()
    assert ann.asked == ["MFA code for arn:aws:iam::111122223333:mfa/ann"]
    (asked,) = aws.asked("GetSessionToken")
    assert (asked["SerialNumber"], asked["TokenCode"]) == ("arn:aws:iam::111122223333:mfa/ann", "123456")
    calls = [one for one in aws.seen if one.operation == "AssumeRole"]
    assert all("x-amz-security-token" in one.headers and "TokenCode" not in one.asked for one in calls)
    assert notes[0].startswith("one MFA session serves every role of this project until ")


def test_mfa_session_when_kept_then_private_and_never_a_role(guarded: Path, meet: Meet) -> None:
    """The shared session lies beside the roles', readable by its owner alone."""
    meet("123456")
    take(guarded, "dev")
    folder = paths.runtime_dir(paths.project_key(guarded))
    (kept,) = folder.glob("*.mfa")
    assert kept.stat().st_mode & 0o777 == 0o600
    assert "123456" not in kept.read_text()


@pytest.mark.parametrize(("seconds", "times"), [(119, 2), (300, 1)])
def test_mfa_session_when_it_is_about_to_end_then_a_new_code_is_asked(
    guarded: Path, aws: FakeAws, meet: Meet, seconds: int, times: int
) -> None:
    """Under two minutes, a role taken with it might fail on the way."""
    ann = meet("123456", "654321")
    take(guarded, "dev")
    folder = paths.runtime_dir(paths.project_key(guarded))
    (kept,) = folder.glob("*.mfa")
    (expires,) = re.findall(r"(?m)^ROLECALL_EXPIRES=(\d+)$", kept.read_text())
    ann.now = int(expires) - seconds
    take(guarded, "ops")
    assert len(aws.asked("GetSessionToken")) == times


def test_code_when_a_lone_role_lasts_longer_than_an_hour_then_straight_to_it(
    guarded: Path, aws: FakeAws, meet: Meet
) -> None:
    """A shared session would cut eight hours to one: the code goes to the role, and that is said."""
    meet("123456")
    (note,) = take(guarded, "long")
    (asked,) = aws.asked("AssumeRole")
    assert (asked["TokenCode"], asked["DurationSeconds"]) == ("123456", "28800")
    assert aws.asked("GetSessionToken") == []
    assert "long lasts 8h00m, so the code went straight to it" in note


def test_chain_when_a_later_role_wants_mfa_then_proven_at_its_beginning(
    guarded: Path, aws: FakeAws, meet: Meet
) -> None:
    """The identity proves itself to the first role; what that means for the last one is said."""
    meet("123456")
    assert "the MFA of far is proven to plain" in take(guarded, "far")[1]
    assert len(aws.asked("GetSessionToken")) == 1


def test_chain_when_its_role_may_last_longer_then_one_code_serves_it_and_every_other(
    guarded: Path, aws: FakeAws, meet: Meet
) -> None:
    """AWS gives a chained role an hour at most, whatever is declared: a shared session costs nothing."""
    roles = guarded / "envrc.d/roles.toml"
    roles.write_text(roles.read_text().replace('source = "plain"', 'source = "plain"\nduration = "8h"'))
    ann = meet("123456")
    take(guarded, "far")
    take(guarded, "dev")
    assert len(ann.asked) == len(aws.asked("GetSessionToken")) == 1


def test_mfa_session_when_the_region_is_the_environments_then_asked_there(
    guarded: Path, aws: FakeAws, meet: Meet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A project that names none: that of the person's shell signs the request."""
    roles = guarded / "envrc.d/roles.toml"
    roles.write_text(roles.read_text().replace('region = "eu-west-1"\n', ""))
    monkeypatch.setenv("AWS_REGION", "ap-south-1")
    meet("123456")
    take(guarded, "dev")
    (asked,) = [one for one in aws.seen if one.operation == "GetSessionToken"]
    assert "/ap-south-1/sts/aws4_request" in asked.headers["authorization"]


def test_role_when_it_wants_no_mfa_then_nobody_is_asked(guarded: Path, aws: FakeAws, meet: Meet) -> None:
    """A role without mfa is taken with the keys alone."""
    ann = meet()
    take(guarded, "plain")
    assert (ann.asked, aws.asked("GetSessionToken")) == ([], [])


def test_hook_when_the_mfa_session_stands_then_other_roles_come(
    guarded: Path, meet: Meet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once proven by hand, `cd` renews every role without a question."""
    meet("123456")
    take(guarded, "dev")
    monkeypatch.setenv("DIRENV_IN_ENVRC", "1")
    take(guarded, "ops")


def test_device_when_not_declared_then_the_users_own(guarded: Path, aws: FakeAws, meet: Meet) -> None:
    """Without a serial the device that bears the user's name is tried."""
    meet("123456")
    (guarded / "envrc.d/roles.toml").write_text(ROLES.replace("mfa_serial", "# mfa_serial"))
    take(guarded, "dev")
    assert aws.asked("GetSessionToken")[0]["SerialNumber"] == "arn:aws:iam::111122223333:mfa/ann"


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("MultiFactorAuthentication failed with invalid MFA one time pass code. ", "mfa-code-wrong"),
        (
            "MultiFactorAuthentication failed, unable to validate MFA code. Please verify your MFA serial",
            "mfa-device-wrong",
        ),
    ],
)
def test_code_when_aws_refuses_it_then_named(
    guarded: Path, aws: FakeAws, meet: Meet, message: str, code: str
) -> None:
    """A wrong code and a wrong device are told apart."""
    meet("123456")
    aws.queue("GetSessionToken", refusal("AccessDenied", message, status=403))
    with pytest.raises(RolecallError) as caught:
        take(guarded, "dev")
    assert caught.value.code == code


def test_identity_when_temporary_then_mfa_cannot_be(guarded: Path, meet: Meet) -> None:
    """AWS takes a code from a user's own keys only: said before anybody is asked."""
    ann = meet("123456")
    write_env(guarded, f"{(guarded / '.env').read_text()}AWS_SESSION_TOKEN=t\n")
    with pytest.raises(RolecallError) as caught:
        take(guarded, "dev")
    assert (caught.value.code, ann.asked) == ("identity-temporary", [])


def test_profile_when_it_has_a_device_of_its_own_then_asked_here(
    shop: Path, aws: FakeAws, home: Path, meet: Meet
) -> None:
    """The MFA of an AWS profile is asked by us: with the memory, and not on `cd`."""
    ann = meet("123456")
    (home / ".aws").mkdir()
    (home / ".aws/config").write_text(
        "[profile hub]\nrole_arn = arn:aws:iam::111122223333:role/hub\nsource_profile = ann\n"
        "mfa_serial = arn:aws:iam::111122223333:mfa/ann\nregion = eu-west-1\n"
        "[profile ann]\naws_access_key_id = AKIAPROFILEPROFILE77\naws_secret_access_key = s\n"
    )
    write_env(shop, f"AWS_PROFILE=hub\nAWS_ENDPOINT_URL={aws.url}\n")
    take(shop, "dev")
    assert ann.asked == ["MFA code for arn:aws:iam::111122223333:mfa/ann"]
    assert aws.asked("AssumeRole")[0]["TokenCode"] == "123456"


@pytest.mark.parametrize("more", [{"mfa_code": "654321"}, {"refresh": True}], ids=["code", "refresh"])
def test_mfa_session_when_a_new_one_is_asked_for_then_asked_anew(
    guarded: Path, aws: FakeAws, meet: Meet, more: dict[str, Any]
) -> None:
    """A code that is given, and a refresh, do not fall back on the MFA session of this morning."""
    meet("123456", "654321")
    take(guarded, "dev")
    take(guarded, "dev", **{"refresh": True, **more})
    assert [asked["TokenCode"] for asked in aws.asked("GetSessionToken")] == ["123456", "654321"]


@pytest.mark.parametrize("code", ["InvalidClientTokenId", "ExpiredToken", "AccessDenied"])
def test_mfa_session_when_refused_then_dropped(guarded: Path, aws: FakeAws, meet: Meet, code: str) -> None:
    """One that AWS no longer takes is not kept for its twelve hours: the next try asks for a code."""
    ann = meet("123456", "654321")
    take(guarded, "dev")
    aws.queue("AssumeRole", refusal(code, "no", status=403))
    with pytest.raises(RolecallError):
        take(guarded, "ops")
    take(guarded, "ops")
    assert len(ann.asked) == 2


def test_mfa_session_when_a_role_is_denied_on_cd_then_kept(
    guarded: Path, aws: FakeAws, meet: Meet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A role that does not trust you, met on `cd`, does not cost the other roles their MFA session."""
    ann = meet("123456")
    take(guarded, "dev")
    monkeypatch.setenv("DIRENV_IN_ENVRC", "1")
    ann.is_there = False
    aws.queue("AssumeRole", refusal("AccessDenied", "no", status=403))
    with pytest.raises(RolecallError):
        take(guarded, "ops")
    take(guarded, "ops")
    assert len(ann.asked) == 1


def signed_for(aws: FakeAws, operation: str) -> str:
    """Return the region for which the one request of `operation` was signed."""
    (asked,) = [one for one in aws.seen if one.operation == operation]
    return asked.headers["authorization"].partition("Credential=")[2].split("/")[2]


@pytest.mark.parametrize("serial", ["mfa_serial", "# mfa_serial"], ids=["declared", "looked up"])
def test_mfa_session_when_the_project_has_a_region_then_before_the_environments(
    guarded: Path, aws: FakeAws, meet: Meet, monkeypatch: pytest.MonkeyPatch, serial: str
) -> None:
    """For the session, and for the question whose device it is."""
    (guarded / "envrc.d/roles.toml").write_text(ROLES.replace("mfa_serial", serial))
    monkeypatch.setenv("AWS_REGION", "ap-south-1")
    meet("123456")
    take(guarded, "dev")
    assert signed_for(aws, "GetSessionToken") == "eu-west-1"
    assert serial == "mfa_serial" or signed_for(aws, "GetCallerIdentity") == "eu-west-1"


def test_mfa_session_when_only_the_config_file_has_a_region_then_asked_there(
    guarded: Path, aws: FakeAws, home: Path, meet: Meet
) -> None:
    """That of the profile goes with its keys."""
    (guarded / "envrc.d/roles.toml").write_text(ROLES.replace('region = "eu-west-1"\n', ""))
    (home / ".aws").mkdir()
    (home / ".aws/config").write_text("[default]\nregion = eu-west-3\n")
    meet("123456")
    take(guarded, "dev")
    assert signed_for(aws, "GetSessionToken") == "eu-west-3"


def test_mfa_session_when_a_code_that_went_to_a_role_is_refused_then_kept(
    guarded: Path, aws: FakeAws, meet: Meet
) -> None:
    """The shared session had no part in it: the other roles still come without a question."""
    ann = meet("123456", "654321")
    take(guarded, "dev")
    aws.queue("AssumeRole", refusal("AccessDenied", "no", status=403))
    ann.now += 60
    with pytest.raises(RolecallError):
        take(guarded, "long")
    take(guarded, "ops")
    assert len(ann.asked) == 2


def test_profile_when_it_names_a_program_for_the_code_then_that_is_run(
    guarded: Path, aws: FakeAws, home: Path, meet: Meet
) -> None:
    """As the AWS CLI's `mfa_process` has it; that of the project goes first."""
    (home / ".aws").mkdir()
    (home / ".aws/config").write_text(
        "[profile ann]\naws_access_key_id = AKIAPROFILEPROFILE77\naws_secret_access_key = s\n"
        "mfa_process = echo 246810\n"
    )
    write_env(guarded, f"AWS_PROFILE=ann\nAWS_ENDPOINT_URL={aws.url}\n")
    ann = meet(is_there=False)
    take(guarded, "dev")
    write_env(guarded, f"AWS_PROFILE=ann\nAWS_ENDPOINT_URL={aws.url}\nAWS_MFA_PROCESS='echo 135791'\n")
    ann.now += 60
    take(guarded, "dev", refresh=True)
    assert [asked["TokenCode"] for asked in aws.asked("GetSessionToken")] == ["246810", "135791"]


def test_device_when_the_keys_are_no_users_then_said_whose_they_are(
    guarded: Path, aws: FakeAws, meet: Meet
) -> None:
    """A role has no device: nobody is asked."""
    ann = meet("123456")
    (guarded / "envrc.d/roles.toml").write_text(ROLES.replace("mfa_serial", "# mfa_serial"))
    aws.user_arn = "arn:aws:sts::111122223333:assumed-role/hub/ann"
    with pytest.raises(RolecallError, match=r"^role dev: keys …1234 in \.env") as caught:
        take(guarded, "dev")
    assert (caught.value.code, ann.asked) == ("identity-temporary", [])


def test_device_when_its_user_cannot_be_asked_for_then_whose_keys_are_named(
    guarded: Path, aws: FakeAws, meet: Meet
) -> None:
    """The keys, and where they stand."""
    meet("123456")
    (guarded / "envrc.d/roles.toml").write_text(ROLES.replace("mfa_serial", "# mfa_serial"))
    aws.queue("GetCallerIdentity", refusal("InvalidClientTokenId", status=403))
    with pytest.raises(RolecallError, match=r"access key …1234 \(keys …1234 in \.env\)"):
        take(guarded, "dev")


def test_chain_when_the_mfa_session_stands_already_then_still_said_where_it_is_proven(
    guarded: Path, aws: FakeAws, meet: Meet
) -> None:
    """Whoever declared `mfa` for the last role reads that it is the first one's."""
    meet("123456")
    take(guarded, "dev")
    assert "the MFA of far is proven to plain, where the chain begins" in take(guarded, "far")
    assert len(aws.asked("GetSessionToken")) == 1
