"""An interactive shell on a pseudo-terminal: its screen, and its end."""

import os
from pathlib import Path

import pytest

from rolecall.errors import MachineError
from rolecall.workstation.proof import pty_shell


def test_opened_when_the_block_ends_then_no_process_is_left(tmp_path: Path) -> None:
    """A shell and what it started are gone when the block ends, also where they ignore hangups."""
    pid_file = tmp_path / "pid"
    with pty_shell.opened(["bash", "--norc", "-i"], environ=dict(os.environ), folder=tmp_path) as shell:
        shell.type("trap '' HUP TERM; echo $$ > pid")
        assert shell.wait(lambda: pid_file.exists() and pid_file.read_text().strip() != "", seconds=20)
        pid = int(pid_file.read_text())
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_shown_when_the_screen_has_key_ids_and_colours_then_hides_them(tmp_path: Path) -> None:
    """The excerpt of the screen that a reason carries has no whole key id and no escape codes."""
    with pty_shell.opened(["bash", "--norc", "-i"], environ=dict(os.environ), folder=tmp_path) as shell:
        shell.type(r"printf '\033[31mkey %s%s\n' ASIA ABCDEFGHIJKLMNOP; touch done")
        assert shell.wait((tmp_path / "done").exists, seconds=20)
        shell.wait(lambda: "MNOP" in shell.shown, seconds=20)
        assert "key ASIA…MNOP" in shell.shown
        assert "\x1b" not in shell.shown


def test_opened_when_there_is_no_such_program_then_says_which(tmp_path: Path) -> None:
    """The name of the program is in the error."""
    with (
        pytest.raises(MachineError, match="no-such-shell"),
        pty_shell.opened(["no-such-shell"], environ=dict(os.environ), folder=tmp_path),
    ):
        pass
