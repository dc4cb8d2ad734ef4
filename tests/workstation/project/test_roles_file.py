"""The step `roles`: the sandbox's sample, and nothing else."""

import os
import subprocess
from pathlib import Path

from rolecall.workstation.project import roles_file
from rolecall.workstation.steps.journal import Journal
from rolecall.workstation.steps.step import Answers, Context, State


def test_apply_when_a_real_account_follows_the_sandbox_then_removes_the_sample(tmp_path: Path) -> None:
    """The sample is written for the sandbox, and goes where it is not wanted."""
    journal = Journal(tmp_path, os.environ).append
    sandbox = Context(tmp_path, Answers(sandbox=True), journal=journal)
    roles_file.apply(sandbox)
    assert roles_file.is_sample(sandbox)
    account = Context(tmp_path, journal=journal)
    assert roles_file.check(account).state is State.CHANGE
    roles_file.apply(account)
    assert not (tmp_path / roles_file.FILE).exists()


def test_hint_when_typed_as_it_stands_then_opens_the_file(tmp_path: Path) -> None:
    """The hint about a broken roles.toml is a command."""
    done = subprocess.run(
        ["bash", "-c", roles_file.step().hint],
        env={"EDITOR": "echo"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == f"{roles_file.FILE}\n"


ROLES = """[roles.dev]
role_arn = "arn:aws:iam::111122223333:role/dev"
"""


def adopt(root: Path) -> Context:
    answers = Answers(is_new=True, roles=ROLES)
    context = Context(root, answers, journal=Journal(root, os.environ).append)
    roles_file.apply(context)
    return context


def undo(context: Context, *, committed: bool = False) -> list[str]:
    found = [one for one in reversed(Journal(context.root, os.environ).read()) if one.step == roles_file.NAME]
    own = Context(context.root, Answers(committed=committed))
    return [roles_file.undo(own, record) for record in found]


def test_apply_when_a_repository_is_adopted_then_writes_what_was_agreed_to(tmp_path: Path) -> None:
    """The check shows it as a diff first; undo leaves nothing."""
    context = Context(tmp_path, Answers(is_new=True, roles=ROLES))
    finding = roles_file.check(context)
    assert finding.state is State.CHANGE
    assert "+[roles.dev]" in finding.diff
    context = adopt(tmp_path)
    assert (tmp_path / roles_file.FILE).read_text() == ROLES
    assert undo(context) == [f"removed {roles_file.FILE}"]
    assert list(tmp_path.iterdir()) == []


def test_check_when_no_role_is_known_then_says_which_flag_tells(tmp_path: Path) -> None:
    """A plan asks nobody."""
    finding = roles_file.check(Context(tmp_path, Answers(is_new=True, unknown="give --role-arn ARN")))
    assert finding.state is State.UNKNOWN
    assert "--role-arn" in finding.detail


def test_undo_when_the_file_was_edited_or_committed_then_keeps_it(tmp_path: Path) -> None:
    """The team's file is the team's; `--committed` takes it back too."""
    context = adopt(tmp_path)
    identity = ["-c", "user.name=a", "-c", "user.email=a@b.example"]
    for words in (["init", "-q"], ["add", "-A"], [*identity, "commit", "-qm", "x"]):
        subprocess.run(["git", *words], cwd=tmp_path, check=True)
    assert undo(context) == [f"kept {roles_file.FILE}: it is committed"]
    assert undo(context, committed=True) == [f"removed {roles_file.FILE}"]
    adopt(tmp_path)
    (tmp_path / roles_file.FILE).write_text(f"{ROLES}# mine\n")
    assert "edited" in undo(context, committed=True)[0]


def test_apply_when_an_account_follows_the_sandbox_then_its_roles_replace_the_sample(tmp_path: Path) -> None:
    """Trying it first is no obstacle; teardown takes back both."""
    journal = Journal(tmp_path, os.environ).append
    roles_file.apply(Context(tmp_path, Answers(sandbox=True), journal=journal))
    context = adopt(tmp_path)
    assert (tmp_path / roles_file.FILE).read_text() == ROLES
    undo(context)
    assert list(tmp_path.iterdir()) == []
