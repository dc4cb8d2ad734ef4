"""The journal: private, whole, and forgotten with the folders that were made for it."""

import os
from pathlib import Path

import pytest

from rolecall.system.disk import paths
from rolecall.workstation.steps import step as steps
from rolecall.workstation.steps.journal import Journal


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    """Make the journal of a folder."""
    return Journal(tmp_path, os.environ)


def test_journal_when_a_record_was_written_then_is_private_and_reads_back(
    tmp_path: Path, journal: Journal
) -> None:
    """0600 in a 0700 folder; non-ASCII and line breaks survive."""
    record = steps.record("one", path="/tmp/ümlaut\nnew line\u2028\x85")
    journal.append(record)
    assert journal.last("one") == record
    assert journal.path.stat().st_mode & 0o777 == 0o600
    assert journal.folder.stat().st_mode & 0o777 == 0o700


def test_journal_when_a_line_is_cut_short_then_keeps_the_others(journal: Journal) -> None:
    """A crash in the middle of a line costs that line alone."""
    journal.append(steps.record("one"))
    with journal.path.open("a") as file:
        file.write('{"step": "two", "at')
    journal.append(steps.record("three"))
    assert [record.step for record in journal.read()] == ["folders", "one", "three"]


def test_forget_when_folders_were_made_then_removes_them(journal: Journal, home: Path) -> None:
    """Shared folders that we made go when they are empty again; those of before, or in use, stay."""
    (home / ".config").mkdir()
    journal.append(steps.record("one"))
    (home / ".local/share/direnv/allow").mkdir(parents=True)
    (home / ".cache").mkdir()
    (home / ".cache/theirs").touch()
    journal.forget()
    left = sorted(str(path.relative_to(home)) for path in home.rglob("*") if path != home / "run")
    assert left == [".cache", ".cache/theirs", ".config"]


def test_forget_when_another_project_has_a_journal_then_keeps_it(journal: Journal, tmp_path: Path) -> None:
    """Two projects, two journals."""
    other = Journal(tmp_path / "other", os.environ)
    journal.append(steps.record("one"))
    other.append(steps.record("two"))
    journal.forget()
    assert other.last("two") is not None
    assert not journal.folder.exists()
    assert paths.state_dir().is_dir()
