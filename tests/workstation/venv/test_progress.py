"""A program that takes long, and the end of its output."""

import fcntl
import os
import pty
import struct
import termios
from pathlib import Path

import pytest

from rolecall.errors import MachineError
from rolecall.workstation.venv import progress


def test_progress_when_a_program_fails_then_shows_the_end_of_its_output(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What pip said last is told line by line: in the error, which is one line, it could not be read."""
    with (tmp_path / "err").open("w+") as err, pytest.raises(MachineError) as caught:
        progress.run(["sh", "-c", "echo first; echo no space left >&2; exit 3"], "installing", stream=err)
    assert capsys.readouterr().err == "  | first\n  | no space left\n"
    assert caught.value.message == "installing: sh ended with 3"


@pytest.mark.parametrize(("columns", "encoding"), [(60, "utf-8"), (20, "utf-8"), (60, "ascii")])
def test_progress_when_the_terminal_is_narrow_then_stays_on_its_line(
    monkeypatch: pytest.MonkeyPatch, columns: int, encoding: str
) -> None:
    """A line that breaks cannot be drawn over: each tick would leave one behind."""
    monkeypatch.setenv("TERM", "xterm")
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    with os.fdopen(follower, "w", encoding=encoding, errors="backslashreplace") as out:
        progress.run(["sh", "-c", f"echo {'x' * 200}; sleep 0.3"], "installing", stream=out)
        shown = os.read(leader, 100_000).decode()
    os.close(leader)
    drawn = shown.replace("\x1b[K", "").split("\r")
    assert max(map(len, drawn)) == columns - 1
    assert "\n" not in shown
