"""This terminal: the session leader that stays the same from prompt to prompt.

Owns the key that tells one terminal from another; bash writes the same in `envrc.d/10-terminal.sh`. Must not
know what is chosen in it.
"""

import os

from rolecall.system.python.frozen import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

PROC = "/proc"


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
    if os.path.exists(f"{PROC}/self/stat"):
        fields = _stat(pid)
        return fields[19] if fields else None
    from rolecall.system.programs import processes

    words = ["ps", "-o", "lstart=", "-p", str(pid)]
    done = processes.run(words, environ={**os.environ, "LC_ALL": "C", "TZ": "UTC0"})
    return "".join(c if c.isalnum() else "_" for c in done.out.strip()) or None


def in_hook(*, environ: "Mapping[str, str]" = os.environ) -> bool:
    """Return whether direnv is evaluating `.envrc` right now (its stdlib exports DIRENV_IN_ENVRC)."""
    return bool(environ.get("DIRENV_IN_ENVRC"))


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
    """Return fields 3 and on of /proc/PID/stat; the name before them may hold spaces and parentheses."""
    try:
        with open(f"{PROC}/{pid}/stat", encoding="utf-8", errors="replace") as file:
            return file.read().rpartition(") ")[2].split()
    except OSError:
        return []
