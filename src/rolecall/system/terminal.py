"""Which terminal this is, and whether a person can answer in it.

Owns: the key that tells one terminal from another (bash writes the same in `envrc.d/30-role.sh`), and
asking a question there.
Must not: know what is chosen or asked.
Called by: the terminal's choice, and tasks that may ask.
"""

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from rolecall.errors import MachineError
from rolecall.system import processes

PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class Leader:
    """A terminal's session leader: its pid and when it started, as one word.

    Pids and ttys are reused; a pid together with its start is not.
    """

    pid: int
    started: str

    @property
    def key(self) -> str:
        """The word that names this terminal."""
        return f"{self.pid}-{self.started}"


def leader() -> Leader | None:
    """Return this terminal's session leader, or None where there is no terminal (editors, CI)."""
    if not _has_terminal():
        return None
    pid = os.getsid(0)
    started = started_at(pid)
    return Leader(pid, started) if started else None


def started_at(pid: int) -> str | None:
    """Return when process `pid` started, as an opaque word; None where there is no such process.

    Linux: field 22 of /proc/PID/stat, in clock ticks since boot (proc(5)). Elsewhere: ps(1).
    """
    if PROC.joinpath("self/stat").exists():
        fields = _stat(pid)
        return fields[19] if fields else None
    done = processes.run(["ps", "-o", "lstart=", "-p", str(pid)], environ={**os.environ, "LC_ALL": "C"})
    return "".join(c if c.isalnum() else "_" for c in done.out.strip()) or None


def can_ask(*, environ: Mapping[str, str] = os.environ) -> bool:
    """Whether a person can answer here: both ends are a terminal, and this is not direnv's hook."""
    return not in_hook(environ=environ) and sys.stdin.isatty() and sys.stderr.isatty()


def in_hook(*, environ: Mapping[str, str] = os.environ) -> bool:
    """Whether direnv is evaluating `.envrc` right now (its stdlib exports DIRENV_IN_ENVRC)."""
    return bool(environ.get("DIRENV_IN_ENVRC"))


def ask(question: str, *, default: str = "", read: Callable[[str], str] = input) -> str:
    """Return the person's answer to `question`, or `default` for an empty one. Talk goes to stderr."""
    shown = f"{question} [{default}]: " if default else f"{question}: "
    sys.stderr.write(shown)
    sys.stderr.flush()
    return read("").strip() or default


def ask_aside(question: str) -> str:
    """Return the answer to `question` from the controlling terminal, whatever stdin and stdout are.

    Unbuffered, so that it may run in a thread that is left behind. Raises MachineError without a terminal.
    """
    try:
        tty = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY)
    except OSError as problem:
        raise MachineError(
            "terminal-missing", f"there is no terminal to ask on: {problem.strerror}"
        ) from problem
    try:
        os.write(tty, f"{question}: ".encode())
        return os.read(tty, 1024).decode(errors="replace").strip()
    finally:
        os.close(tty)


def _has_terminal() -> bool:
    fields = _stat(os.getpid())
    if fields:
        return fields[4] != "0"
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY))
    except OSError:
        return False
    return True


def _stat(pid: int) -> list[str]:
    """Fields 3 and on of /proc/PID/stat; the name before them may hold spaces and parentheses."""
    try:
        return (
            (PROC / str(pid) / "stat")
            .read_text(encoding="utf-8", errors="replace")
            .rpartition(") ")[2]
            .split()
        )
    except OSError:
        return []
