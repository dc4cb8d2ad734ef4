"""The step `roles`: the sandbox's sample, and nothing else."""

import os
import subprocess
from pathlib import Path

from rolecall.workstation.steps import sample_roles
from rolecall.workstation.steps.journal import Journal
from rolecall.workstation.steps.step import Answers, Context, State


def test_apply_when_a_real_account_follows_the_sandbox_then_removes_the_sample(tmp_path: Path) -> None:
    """The sample is written for the sandbox, and goes where it is not wanted."""
    journal = Journal(tmp_path, os.environ).append
    sandbox = Context(tmp_path, Answers(sandbox=True), journal=journal)
    sample_roles.apply(sandbox)
    assert sample_roles.is_sample(sandbox)
    account = Context(tmp_path, journal=journal)
    assert sample_roles.check(account).state is State.CHANGE
    sample_roles.apply(account)
    assert not (tmp_path / sample_roles.FILE).exists()


def test_hint_when_typed_as_it_stands_then_opens_the_file(tmp_path: Path) -> None:
    """The hint about a broken roles.toml is a command."""
    done = subprocess.run(
        ["bash", "-c", sample_roles.step().hint],
        env={"EDITOR": "echo"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == f"{sample_roles.FILE}\n"
