"""The six digits: asked by hand, never the same twice, never on `cd`."""

import os
from pathlib import Path
from typing import Any

import pytest

from rolecall.credentials.identity import mfa_code, sources
from rolecall.credentials.model import FetchRequest
from rolecall.credentials.store import choice
from rolecall.errors import EXIT_LOGIN, LoginNeededError, RolecallError, UsageError
from rolecall.project import config
from rolecall.system.clock import Deadline
from rolecall.system.disk import paths
from support import write_env
from support.credentials import obtain
from support.fake_aws import FakeAws, refusal
from support.mfa import Meet


def take(root: Path, role: str, **more: Any) -> tuple[str, ...]:
    return obtain(root, role, **more).notes


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


@pytest.mark.parametrize("command", ["/no/such/program", "\\'unclosed"])
def test_program_when_it_cannot_be_started_then_said_for_the_role(
    guarded: Path, meet: Meet, command: str
) -> None:
    """Nothing has been asked of AWS."""
    meet(is_there=False)
    write_env(guarded, f'{(guarded / ".env").read_text()}AWS_MFA_PROCESS="{command}"\n')
    with pytest.raises(LoginNeededError, match=r"^role dev: mfa_process gave no code") as caught:
        take(guarded, "dev")
    assert caught.value.code == "mfa-process-failed"


def test_hook_when_only_the_projects_own_environment_says_so_then_nobody_is_asked(
    guarded: Path, meet: Meet
) -> None:
    """What is asked for a `cd` may run in a process that is none of direnv's."""
    ann = meet("123456")
    project = config.load(guarded, environ={**os.environ, "DIRENV_IN_ENVRC": "1"})
    chain = choice.chain(project, "dev")
    wanted = FetchRequest(project, chain, sources.find(project, chain), Deadline.after(20))
    with pytest.raises(LoginNeededError, match="needs an MFA code"):
        mfa_code.code(wanted, "arn:aws:iam::111122223333:mfa/ann", person=ann.person)
    assert ann.asked == []
