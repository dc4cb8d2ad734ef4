"""The step `ignored`: git never sees what is personal."""

import os
import subprocess
from pathlib import Path

import pytest

from rolecall.workstation.steps import git_exclude
from rolecall.workstation.steps.journal import Journal
from rolecall.workstation.steps.step import Answers, Context, State


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """Make a git work tree with strange content in its exclude file."""
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    (tmp_path / ".git/info/exclude").write_text("# no newline at the end\n*.tmp")
    return tmp_path


def test_apply_when_git_would_see_personal_files_then_git_ignores_them(clone: Path) -> None:
    """`git status` shows none of them, in the team's files nothing changes."""
    context = Context(clone, journal=Journal(clone, os.environ).append)
    assert git_exclude.check(context).state is State.CHANGE
    git_exclude.apply(context)
    assert git_exclude.check(context).state is State.DONE
    for name in (".env", ".env.account", ".env.account.2", ".envrc", ".envrc.before-rolecall", "..env.1.2"):
        (clone / name).write_text("secret")
    done = subprocess.run(["git", "status", "--short"], cwd=clone, capture_output=True, text=True, check=True)
    assert done.stdout == ""


@pytest.mark.parametrize("folder", ["services/shop", "odd [one] *"])
def test_apply_when_the_project_is_a_folder_of_a_larger_repository_then_git_ignores_its_files(
    clone: Path, folder: str
) -> None:
    """A pattern of the exclude file begins at the top of the work tree; other folders are not touched."""
    root = clone / folder
    root.mkdir(parents=True)
    context = Context(root, journal=Journal(root, os.environ).append)
    git_exclude.apply(context)
    assert git_exclude.check(context).state is State.DONE
    (root / ".env").write_text("secret")
    (clone / ".env").write_text("a team's own, at the top")
    words = ["git", "status", "--short", "--untracked-files=all"]
    done = subprocess.run(words, cwd=clone, capture_output=True, text=True, check=True)
    assert done.stdout == "?? .env\n"


def test_undo_when_lines_were_added_then_restores_every_byte(clone: Path) -> None:
    """The exclude file is as it was, and what was added to it since stays."""
    path = clone / ".git/info/exclude"
    before = path.read_text()
    journal = Journal(clone, os.environ)
    context = Context(clone, journal=journal.append)
    git_exclude.apply(context)
    with path.open("a") as file:
        file.write("later\n")
    record = journal.last(git_exclude.NAME)
    assert record is not None
    git_exclude.undo(context, record)
    assert path.read_text() == f"{before}later\n"


@pytest.mark.parametrize("had_env", [True, False])
def test_undo_when_the_env_of_setup_is_kept_then_git_still_ignores_it(clone: Path, *, had_env: bool) -> None:
    """A person edited it since, and it holds keys; one that was there before is as it was before."""
    if had_env:
        (clone / ".env").touch()
    journal = Journal(clone, os.environ)
    context = Context(clone, journal=journal.append)
    git_exclude.apply(context)
    (clone / ".env").write_text("secret")
    record = journal.last(git_exclude.NAME)
    assert record is not None
    said = git_exclude.undo(context, record)
    assert said.startswith(
        "removed" if had_env else "kept our lines in .git/info/exclude: .env is still there"
    )
    done = subprocess.run(["git", "status", "--short"], cwd=clone, capture_output=True, text=True, check=True)
    assert done.stdout == ("?? .env\n" if had_env else "")


def test_check_when_there_is_no_git_then_is_done(tmp_path: Path) -> None:
    """A folder that is no work tree needs no exclude file."""
    assert git_exclude.check(Context(tmp_path)).state is State.DONE


def test_check_when_the_team_ignores_the_files_then_is_done(clone: Path) -> None:
    """What .gitignore covers is not written again."""
    (clone / ".gitignore").write_text(".env*\n..env.*\n")
    assert git_exclude.check(Context(clone)).state is State.DONE


@pytest.mark.parametrize("text", [None, "", "node_modules/", "dist\r\n", "# l\xe4tin\n"])
def test_apply_when_the_team_is_to_have_the_lines_then_they_stand_in_gitignore(
    clone: Path, text: str | None
) -> None:
    """Shown as a diff first; undo brings back every byte and the mode, in whatever encoding it is."""
    path = clone / ".gitignore"
    if text is not None:
        path.write_bytes(text.encode("latin-1"))
        path.chmod(0o640)
    journal = Journal(clone, os.environ)
    context = Context(clone, Answers(gitignore=True), journal=journal.append)
    assert "+/.envrc" in git_exclude.check(context).diff
    git_exclude.apply(context)
    assert git_exclude.check(context).state is State.DONE
    assert b"\n/.envrc" in path.read_bytes()
    record = journal.last(git_exclude.NAME)
    assert record is not None
    git_exclude.undo(context, record)
    if text is None:
        assert not path.exists()
    else:
        assert path.read_bytes() == text.encode("latin-1")
        assert path.stat().st_mode & 0o777 == 0o640


def test_undo_when_the_lines_are_committed_then_they_stay_unless_asked_for(clone: Path) -> None:
    """What the team has in git is the team's."""
    journal = Journal(clone, os.environ)
    context = Context(clone, Answers(gitignore=True), journal=journal.append)
    git_exclude.apply(context)
    identity = ["-c", "user.name=a", "-c", "user.email=a@b.example"]
    for words in (["add", "-A"], [*identity, "commit", "-qm", "x"]):
        subprocess.run(["git", *words], cwd=clone, check=True)
    record = journal.last(git_exclude.NAME)
    assert record is not None
    assert "committed" in git_exclude.undo(context, record)
    assert (clone / ".gitignore").exists()
    git_exclude.undo(Context(clone, Answers(committed=True)), record)
    assert not (clone / ".gitignore").exists()


def test_check_when_git_tracks_a_personal_file_then_does_not_ignore_it(clone: Path) -> None:
    """To ignore a tracked file does nothing but mislead."""
    (clone / ".envrc").write_text("use flake\n")
    subprocess.run(["git", "add", ".envrc"], cwd=clone, check=True)
    assert ".envrc," not in git_exclude.check(Context(clone)).detail
