"""Two projects of one user share the rc blocks: the last one to go takes them along."""

import os
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from rolecall.workstation.shells import completion
from rolecall.workstation.shells import step as shells
from rolecall.workstation.steps import handover
from rolecall.workstation.steps import step as steps
from rolecall.workstation.steps.journal import Journal
from rolecall.workstation.steps.step import Context


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> "type[Project]":
    """Return the maker of projects, on a machine whose user has bash."""
    monkeypatch.setenv("SHELL", shutil.which("bash") or "bash")
    monkeypatch.setenv("PATH", f"{sys.prefix}/bin{os.pathsep}{os.environ['PATH']}")
    Project.folder = tmp_path
    return Project


class Project:
    """A project that was set up as far as the shells."""

    folder = Path()

    def __init__(self, name: str) -> None:
        root = self.folder / name
        (root / "envrc.d").mkdir(parents=True)
        (root / "tasks.py").write_text("from rolecall.tasks import namespace\n")
        (root / ".envrc").write_text("# rendered\n")
        self.journal = Journal(root, os.environ)
        self.context = replace(Context(root), journal=self.journal.append)
        self.journal.append(steps.record("envrc", path=str(root / ".envrc")))
        for step in (*shells.wiring(self.context), completion.step()):
            step.apply(self.context)

    def tear_down(self) -> list[str]:
        """Take back what the journal says."""
        table = {step.name: step for step in (*shells.every_step(self.context), completion.step())}
        said = [
            table[record.step].undo(self.context, record)
            for record in reversed(self.journal.read())
            if record.step in table
        ]
        self.journal.forget()
        return said


def files(home: Path) -> set[str]:
    """Return what lies in the home, but for the journals."""
    return {str(path.relative_to(home)) for path in home.rglob("*") if path.name != "run"}


def test_teardown_when_another_project_remains_then_keeps_the_shared_files(
    make: type[Project], home: Path
) -> None:
    """The block stays while the other project stands, and goes with it, with the folders made for it."""
    before = files(home)
    first, second = make("first"), make("second")
    assert [record.step for record in second.journal.read() if record.step.startswith("shell")] == []
    said = first.tear_down()
    assert any(f"{second.context.root} uses it too" in line for line in said)
    assert "rolecall" in (home / ".bashrc").read_text()
    assert completion.words_file(second.context).exists()
    assert not completion.words_file(first.context).exists()
    second.tear_down()
    assert files(home) == before


def test_teardown_when_the_other_project_was_deleted_then_removes_everything(
    make: type[Project], home: Path
) -> None:
    """A checkout that was simply deleted keeps nothing alive."""
    first, second = make("first"), make("second")
    shutil.rmtree(second.context.root)
    first.tear_down()
    assert not (home / ".bashrc").exists()


def test_hand_over_when_there_is_one_project_then_returns_none(make: type[Project]) -> None:
    """One project: what it brought is its own to take back."""
    only = make("only")
    assert handover.hand_over(only.journal.read()[-1], only.context) is None
