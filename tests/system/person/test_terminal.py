"""A terminal's name: its session leader, told apart from every earlier one with that number."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from rolecall.system.person import terminal
from rolecall.system.person.terminal import Leader

# Without /proc, as on macOS.
SHOW = "from rolecall.system.person import terminal; terminal.PROC = '/nowhere'; print(terminal.leader())"
NOBODY = 2**22 + 1  # more than any pid of Linux (proc(5), pid_max)


def stat_files(proc: Path, tty: str) -> None:
    """Write the /proc/PID/stat of this process and of its session's leader (proc(5))."""
    (proc / "self").mkdir()
    (proc / "self/stat").touch()
    for pid in {os.getpid(), os.getsid(0)}:
        (proc / str(pid)).mkdir()
        fields = [
            str(pid),
            "(a) S 1 (\xe9 c)",
            "S",
            "1",
            "2",
            "3",
            tty,
            *"89abcdefghijkl",
            "4242",
            *["1"] * 30,
        ]
        (proc / str(pid) / "stat").write_text(" ".join(fields), encoding="latin-1")


@pytest.mark.parametrize(("tty", "leader"), [("34816", Leader(os.getsid(0), "4242")), ("0", None)])
def test_leader_when_there_is_a_terminal_then_is_a_pid_and_its_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tty: str, leader: Leader | None
) -> None:
    """Pids are used again; a pid and its start are not. A program's name may hold anything."""
    monkeypatch.setattr(terminal, "PROC", str(tmp_path))
    stat_files(tmp_path, tty)
    found = terminal.leader()
    assert found == (leader and Leader(os.getsid(0), leader.started))
    assert found is None or found.key == f"{os.getsid(0)}-4242"
    assert terminal.started_at(NOBODY) is None


def test_leader_when_it_has_no_start_then_there_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has ended since: nothing tells it from the next one with its number."""
    monkeypatch.setattr(terminal, "PROC", str(tmp_path))
    stat_files(tmp_path, "34816")
    monkeypatch.setattr(terminal, "started_at", lambda _pid: None)
    assert terminal.leader() is None


@pytest.mark.parametrize("is_on_terminal", [True, False])
def test_leader_when_there_is_no_proc_then_the_terminal_itself_is_asked(*, is_on_terminal: bool) -> None:
    """/dev/tty can be opened only where there is a terminal, and ps(1) knows the start."""
    ours, theirs = pty.openpty()
    done = subprocess.run(
        ["setsid", *(["--ctty"] if is_on_terminal else []), sys.executable, "-c", SHOW],
        stdin=theirs if is_on_terminal else subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
    )
    os.close(ours)
    os.close(theirs)
    assert done.stdout.startswith("Leader(pid=") is is_on_terminal
    assert (done.stdout == "None\n") is not is_on_terminal


def test_started_at_when_ps_is_asked_then_is_one_word_in_any_time_zone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The same in a shell with another zone or language; nothing for a pid that is none."""
    monkeypatch.setattr(terminal, "PROC", "/nowhere")
    first = terminal.started_at(os.getpid())
    for zone in ("Asia/Tokyo", "America/New_York"):
        monkeypatch.setenv("TZ", zone)
        assert terminal.started_at(os.getpid()) == first
    assert first
    assert first[0].isalpha()
    assert first[-4:].isdigit()
    assert first.replace("_", "").isalnum()
    assert terminal.started_at(NOBODY) is None


@pytest.mark.parametrize(("value", "is_in"), [("1", True), ("", False), (None, False)])
def test_in_hook_when_direnv_evaluates_then_says_so(value: str | None, *, is_in: bool) -> None:
    """Its stdlib exports the name."""
    assert terminal.in_hook(environ={} if value is None else {"DIRENV_IN_ENVRC": value}) is is_in
