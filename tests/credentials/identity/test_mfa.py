"""A second factor: asked by hand, once for all roles, never the same code twice, never on `cd`."""

import re
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from rolecall.credentials.identity import mfa, mfa_code
from rolecall.errors import EXIT_LOGIN, LoginNeededError, RolecallError, UsageError
from rolecall.system.disk import paths
from rolecall.system.person.person import Person
from support import write_env
from support.credentials import obtain
from support.fake_aws import FakeAws, refusal

ROLES = """\
[project]
name = "shop"
region = "eu-west-1"
mfa_serial = "arn:aws:iam::111122223333:mfa/ann"

[roles.dev]
role_arn = "arn:aws:iam::111122223333:role/dev"
mfa = true

[roles.ops]
role_arn = "arn:aws:iam::111122223333:role/ops"
mfa = true

[roles.long]
role_arn = "arn:aws:iam::111122223333:role/long"
duration = "8h"
mfa = true

[roles.far]
role_arn = "arn:aws:iam::444455556666:role/far"
source = "plain"
mfa = true

[roles.plain]
role_arn = "arn:aws:iam::111122223333:role/plain"
"""


@dataclass
class Ann:
    """A person with a device, at a terminal, in a time of her own."""

    codes: list[str]
    now: float = field(default_factory=time.time)
    heard: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    slept: list[float] = field(default_factory=list)
    is_there: bool = True

    def ask(self, question: str) -> str:
        """Answer with the next code."""
        self.asked.append(question)
        return self.codes.pop(0)

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.slept.append(seconds)
        self.now += seconds

    @property
    def person(self) -> Person:
        """What the code under test sees of her."""
        return Person(
            ask_on_terminal=self.ask,
            say=self.heard.append,
            can_ask=lambda: self.is_there,
            clock=lambda: self.now,
            sleep=self.sleep,
        )


Meet = Callable[..., Ann]


@pytest.fixture
def meet(monkeypatch: pytest.MonkeyPatch) -> Meet:
    """Return a function that puts Ann, with her next codes, at the terminal."""

    def sit_down(*codes: str, is_there: bool = True) -> Ann:
        ann = Ann(list(codes), is_there=is_there)
        for module, name in ((mfa, "proof"), (mfa, "forget_if_refused"), (mfa_code, "code")):
            monkeypatch.setattr(getattr(module, name), "__kwdefaults__", {"person": ann.person})
        return ann

    return sit_down


@pytest.fixture
def guarded(shop: Path) -> Path:
    """Make a project whose roles want MFA."""
    (shop / "envrc.d/roles.toml").write_text(ROLES)
    return shop


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


def test_hook_when_a_code_is_needed_then_the_command_and_no_question(
    guarded: Path, meet: Meet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On `cd` nobody is asked: one line names the command; exit code 4."""
    ann = meet("123456")
    monkeypatch.setenv("DIRENV_IN_ENVRC", "1")
    with pytest.raises(LoginNeededError) as caught:
        take(guarded, "dev")
    problem = caught.value
    assert (problem.code, problem.hint, problem.exit_code) == (
        "mfa-needed",
        "invoke assume --role dev",
        EXIT_LOGIN,
    )
    assert ann.asked == []


def test_hook_when_the_mfa_session_stands_then_other_roles_come(
    guarded: Path, meet: Meet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once proven by hand, `cd` renews every role without a question."""
    meet("123456")
    take(guarded, "dev")
    monkeypatch.setenv("DIRENV_IN_ENVRC", "1")
    take(guarded, "ops")


def test_script_when_nobody_is_there_then_login_needed(guarded: Path, meet: Meet) -> None:
    """Without a terminal, and without mfa_process, it ends with exit code 4."""
    meet("123456", is_there=False)
    with pytest.raises(LoginNeededError, match="needs an MFA code"):
        take(guarded, "dev")


def test_code_when_used_in_this_window_then_waits_for_the_next_and_says_so(
    guarded: Path, aws: FakeAws, meet: Meet
) -> None:
    """A second code is not asked for before the device can show another one."""
    ann = meet("123456", "654321")
    ann.now = 1_800_000_010.0
    aws.queue("AssumeRole", refusal("Throttled", "not the code's fault"))
    with pytest.raises(RolecallError):
        take(guarded, "long")
    take(guarded, "long")
    assert ann.slept == [20.0]
    assert "current code was used already; waiting 20 s" in ann.heard[0]
    assert [asked["TokenCode"] for asked in aws.asked("AssumeRole")] == ["123456", "654321"]


def test_code_when_the_same_is_typed_again_then_not_sent(guarded: Path, aws: FakeAws, meet: Meet) -> None:
    """However late it is typed again, a code goes out once."""
    ann = meet("123456", "123456", "12 34", "654321")
    take(guarded, "long")
    ann.now += 90
    (paths.runtime_dir(paths.project_key(guarded)) / "long.env").unlink()
    take(guarded, "long")
    assert [asked["TokenCode"] for asked in aws.asked("AssumeRole")] == ["123456", "654321"]
    assert ann.heard == ["that code was used already; type the next one", "a code is six digits"]


def test_flag_when_given_then_used_without_a_question_and_once(
    guarded: Path, aws: FakeAws, meet: Meet
) -> None:
    """--mfa-code serves scripts; the same code a second time is refused here, not by AWS."""
    ann = meet(is_there=False)
    take(guarded, "long", mfa_code="123456")
    (paths.runtime_dir(paths.project_key(guarded)) / "long.env").unlink()
    with pytest.raises(LoginNeededError) as caught:
        take(guarded, "long", mfa_code="123456")
    assert caught.value.code == "mfa-code-used"
    assert (ann.asked, len(aws.asked("AssumeRole"))) == ([], 1)


def test_flag_when_not_six_digits_then_usage_and_nothing_is_sent(
    guarded: Path, aws: FakeAws, meet: Meet
) -> None:
    """A mistyped --mfa-code is the command line's fault, not that of a program nobody declared."""
    meet(is_there=False)
    with pytest.raises(UsageError, match="--mfa-code is not six digits"):
        take(guarded, "dev", mfa_code="12345")
    assert aws.seen == []


def declare_process(root: Path, command: str) -> None:
    write_env(root, f"{(root / '.env').read_text()}AWS_MFA_PROCESS='{command}'\n")


def test_process_when_declared_then_its_last_six_digits(guarded: Path, aws: FakeAws, meet: Meet) -> None:
    """A YubiKey or a password manager types the code."""
    ann = meet(is_there=False)
    script = guarded / "otp.py"
    script.write_text('print("Touch your key 000111\\nAWS: 246810")\n')
    declare_process(guarded, f'"{sys.executable}" {script}')
    take(guarded, "dev")
    assert (aws.asked("GetSessionToken")[0]["TokenCode"], ann.asked) == ("246810", [])


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("raise SystemExit('no key inserted')", "exit 1: no key inserted"),
        ("print('12345')", "no six digits"),
        ("print('1234567')", "no six digits"),
        ("print('246810'); raise SystemExit('wrong slot')", "exit 1: wrong slot"),
        ("print('246810'); print('done')", "no six digits"),
    ],
)
def test_process_when_it_gives_no_code_then_said(guarded: Path, meet: Meet, body: str, says: str) -> None:
    """What went wrong with the program is in the message, and how to do without it."""
    meet(is_there=False)
    (guarded / "otp.py").write_text(body)
    declare_process(guarded, f'"{sys.executable}" {guarded}/otp.py')
    with pytest.raises(LoginNeededError, match=says) as caught:
        take(guarded, "dev")
    assert (caught.value.code, "--mfa-code" in caught.value.message) == ("mfa-process-failed", True)


def test_process_when_it_hangs_then_its_digits_are_not_taken(
    guarded: Path, aws: FakeAws, meet: Meet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A program that printed something and did not end is stopped, and said."""
    meet(is_there=False)
    monkeypatch.setattr(mfa_code, "PROCESS_SECONDS", 1.0)
    (guarded / "otp.py").write_text("import time\nprint('246810', flush=True)\ntime.sleep(20)\n")
    declare_process(guarded, f'"{sys.executable}" {guarded}/otp.py')
    with pytest.raises(LoginNeededError, match="did not end within 1 s"):
        take(guarded, "dev")
    assert aws.asked("GetSessionToken") == []


def test_process_when_on_cd_then_not_run(guarded: Path, meet: Meet, monkeypatch: pytest.MonkeyPatch) -> None:
    """No program of the project's is started for a code on `cd`."""
    meet(is_there=False)
    declare_process(guarded, f"touch {guarded}/was-run")
    monkeypatch.setenv("DIRENV_IN_ENVRC", "1")
    with pytest.raises(LoginNeededError):
        take(guarded, "dev")
    assert not (guarded / "was-run").exists()


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


def test_import_when_mfa_is_not_wanted_then_not_paid_for() -> None:
    """The default path does not pay for MFA."""
    import subprocess

    module = "rolecall.credentials.identity.mfa_code"
    check = f"import rolecall.credentials.broker, sys; sys.exit('{module}' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0


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
