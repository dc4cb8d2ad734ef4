"""The program that types the six digits: what it printed, and what went wrong with it."""

import sys
from pathlib import Path
from typing import Any

import pytest

from rolecall.credentials.identity import mfa_code
from rolecall.errors import LoginNeededError
from support import write_env
from support.credentials import obtain
from support.fake_aws import FakeAws
from support.mfa import Meet


def take(root: Path, role: str, **more: Any) -> tuple[str, ...]:
    return obtain(root, role, **more).notes


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


def test_import_when_mfa_is_not_wanted_then_not_paid_for() -> None:
    """The default path does not pay for MFA."""
    import subprocess

    module = "rolecall.credentials.identity.mfa_code"
    check = f"import rolecall.credentials.broker, sys; sys.exit('{module}' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0
