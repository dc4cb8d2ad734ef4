"""What a teardown says it would take: paths and lines, before it is asked to."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from rolecall.errors import UsageError
from rolecall.workstation.profiles import step as profiles
from rolecall.workstation.setup import removals, run, table
from rolecall.workstation.setup import screen as shown
from rolecall.workstation.shells import step as shells
from rolecall.workstation.steps import git_exclude
from rolecall.workstation.steps.journal import Journal
from rolecall.workstation.steps.sandbox import NO_SANDBOX
from rolecall.workstation.steps.step import Answers, Context, record
from support import ROLES_TOML


@pytest.fixture
def shop(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a repository, set up in part: git's exclude file or .gitignore, and bash's startup file."""
    root = tmp_path / "shop"
    (root / "envrc.d").mkdir(parents=True)
    (root / ".gitignore").write_text("node_modules/\n")
    subprocess.run(["git", "init", "-q", str(root)], check=True)
    (home / ".bashrc").write_text("alias ll='ls -l'\n")
    monkeypatch.setenv("SHELL", "/bin/bash")
    context = Context(root, Answers(gitignore=True, is_new=True), journal=Journal(root, os.environ).append)
    git_exclude.step().apply(context)
    next(step for step in shells.wiring(context) if step.name == "shell-bash").apply(context)
    return root


def would_go(root: Path, *, committed: bool = False) -> list[str]:
    context = Context(root, Answers(committed=committed))
    return removals.lines(table.undoing(context), context)


def test_lines_when_a_file_stays_then_name_what_goes_out_of_it(shop: Path, home: Path) -> None:
    """The person's own lines are not among them."""
    lines, count = would_go(shop), (home / ".bashrc").read_text().count("\n")
    assert f"~/.bashrc: rolecall's block, lines 2 to {count}" in lines
    assert ".gitignore: these lines" in lines
    assert "    /.envrc" in lines
    assert not any("alias ll" in line or "node_modules" in line for line in lines)


def test_lines_when_profiles_stand_among_the_persons_own_then_name_the_block_alone(
    shop: Path, home: Path
) -> None:
    """The AWS config stays, and so does the person's profile in it."""
    (shop / "envrc.d/roles.toml").write_text(ROLES_TOML)
    (home / ".aws").mkdir()
    (home / ".aws/config").write_text("[profile ann]\nregion = eu-west-1\n")
    profiles.step().apply(Context(shop, Answers(profiles="yes"), journal=Journal(shop, os.environ).append))
    count = (home / ".aws/config").read_text().count("\n")
    assert f"~/.aws/config: rolecall's block, lines 3 to {count}" in would_go(shop)


def test_lines_when_the_team_has_committed_it_then_it_is_not_among_them(shop: Path) -> None:
    """Unless `--committed` asks for that too."""
    git = ["git", "-C", str(shop), "-c", "user.name=ann", "-c", "user.email=ann@example.org"]
    subprocess.run([*git, "add", ".gitignore"], check=True)
    subprocess.run([*git, "commit", "-qm", "Adopt rolecall"], check=True)
    assert ".gitignore: these lines" not in would_go(shop)
    assert ".gitignore: these lines" in would_go(shop, committed=True)


@pytest.mark.parametrize("state", ["set-up", "deleted"])
def test_lines_when_another_project_needs_a_thing_then_it_stays_as_said(
    shop: Path, home: Path, state: str
) -> None:
    """Its teardown takes it along; what a deleted project left behind goes with the last one."""
    other, is_there = home / "other", state == "set-up"
    other.mkdir()
    (other / ".envrc").touch()
    theirs = Journal(other, os.environ)
    theirs.append(record("envrc", path=str(other / ".envrc")))
    library = home / ".config/direnv/lib/use_rolecall.sh"
    library.parent.mkdir(parents=True)
    library.write_text("# shared\n")
    theirs.append(record("direnv-lib", file=str(library), made="", shared="True"))
    if not is_there:
        shutil.rmtree(other)
    lines = would_go(shop)
    assert ("  stays: ~/.bashrc; ~/other uses it too" in lines) is is_there
    assert any(line.startswith("~/.bashrc: rolecall's block") for line in lines) is not is_there
    assert ("~/.config/direnv/lib/use_rolecall.sh" in lines) is not is_there
    run.teardown(shop, NO_SANDBOX, is_yes=True)
    assert ("rolecall" in (home / ".bashrc").read_text()) is is_there


@pytest.mark.parametrize("answer", ["", "n", "later"])
def test_teardown_when_the_answer_is_not_yes_then_takes_nothing(
    shop: Path, home: Path, monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    """Enter alone means no."""
    asked: list[str] = []

    def ask(question: str) -> str:
        asked.append(question)
        return answer

    monkeypatch.setattr(run, "Screen", lambda **given: shown.Screen(**given, can_ask=lambda: True, ask=ask))
    before = (home / ".bashrc").read_text()
    with pytest.raises(UsageError):
        run.teardown(shop, NO_SANDBOX, is_yes=False)
    assert asked == ["Take all of this back? [y/N]"]
    assert (home / ".bashrc").read_text() == before
