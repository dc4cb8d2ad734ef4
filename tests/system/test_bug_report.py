"""The log of a bug: where it is, what is in it, and what never is."""

import sys
from pathlib import Path

import pytest

from rolecall import errors
from rolecall.system import bug_report
from rolecall.system.text.secret import Secret

SECRET = Secret("held-back-for-the-report")


class OddError(Exception):
    """A bug."""


def fail(text: str) -> None:
    """Fail as a bug does."""
    raise OddError(text)


def report(home: Path, text: str) -> str:
    """Report a bug that says `text`, and return the log."""
    with pytest.raises(OddError) as raised:
        fail(text)
    assert bug_report.write(raised.value) == errors.EXIT_BUG
    (log,) = (home / ".local/state/rolecall/bugs").iterdir()
    assert log.stat().st_mode & 0o777 == 0o600
    return log.read_text()


def test_write_when_a_bug_is_met_then_a_line_and_a_log_without_secrets(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The first line of what went wrong; a home folder is a name, and anything as long as a key is none."""
    log = report(home, f"at {home}/x: {SECRET.reveal()}\n{'k' * 40}")
    shown = capsys.readouterr().err.splitlines()
    assert shown[0] == "rolecall: a bug in rolecall: OddError: at ~/x: [removed]"
    assert shown[1].startswith(f"  please report it with {home}/.local/state/rolecall/bugs/2")
    assert shown[1].endswith(".log (secrets are taken out)")
    assert log.startswith("rolecall ")
    assert ", Python 3." in log.splitlines()[0]
    assert "Traceback (most recent call last)" in log
    assert log.endswith("test_bug_report.OddError: at ~/x: [removed]\n[removed]\n")


def test_write_when_rolecall_is_not_installed_then_says_so(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A `cd` starts Python without its packages."""
    monkeypatch.setattr(sys, "path", [])
    assert report(home, "x").startswith("rolecall (not installed here), Python 3.")


def test_write_when_it_says_nothing_then_is_a_line_all_the_same(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An exception may have no words."""
    report(home, "")
    assert capsys.readouterr().err.startswith("rolecall: a bug in rolecall: OddError: \n")


def test_write_when_the_log_cannot_be_kept_then_the_terminal_has_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Line by line, and nothing in it steers the terminal."""
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    assert bug_report.write(ValueError("a\x1b[2J")) == errors.EXIT_BUG
    shown = capsys.readouterr().err
    assert "please report" not in shown
    assert shown.endswith("\nValueError: a<U+001B>[2J\n")
