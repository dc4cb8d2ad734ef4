"""What is counted instead of timed: processes, calls to STS, what stays behind.

It knows the words of strace, the crowd of shells, and how to look into /proc. Must not time anything.
"""

import os
import re
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from arena import MOST_SECONDS, Arena, Place, has_credentials

from rolecall.system.programs import processes
from rolecall.system.programs.processes import Result
from support.sts_gate import gate_before

PROC = Path("/proc")
CALLS = "execve,clone,clone3,fork,vfork"
FORK = re.compile(r"\b(?:clone3?|v?fork)\((?!.*CLONE_THREAD)(?!.* = -1 )")
EXEC = re.compile(r"\bexecve\((?!.* = -1 )")
FAILED_LATE = re.compile(r"<\.\.\. execve resumed>.* = -1 ")
SETTLE_SECONDS = 5.0
POLL_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Traced:
    """How many processes a program started, and how many programs those became."""

    forks: int
    programs: int

    def beyond(self, other: "Traced") -> int:
        """Return how many more this is, by whichever count is worse."""
        return max(self.forks - other.forks, self.programs - other.programs)


def can_trace() -> bool:
    """Whether processes can be counted here."""
    return processes.find("strace") is not None


def trace(arena: Arena, argv: Sequence[str | Path], folder: Path) -> Traced:
    """Count the processes and programs of one run."""
    log = arena.folder / "strace.log"
    arena.run(["strace", "-f", "-qq", "-e", f"trace={CALLS}", "-o", log, *argv], folder)
    lines = log.read_text(errors="replace").splitlines()
    programs = sum(bool(EXEC.search(line)) - bool(FAILED_LATE.search(line)) for line in lines)
    return Traced(sum(bool(FORK.search(line)) for line in lines), programs)


@dataclass(frozen=True, slots=True)
class Crowd:
    """What came of many shells that entered cold at once."""

    calls: int
    served: int
    shells: int
    seconds: float


def crowd(arena: Arena, shells: int) -> Crowd:
    """Let `shells` shells enter one cold project at the same moment, and count what STS saw of it."""
    with gate_before(arena.sts.url) as gate:
        place = arena.project("crowd", endpoint=gate.url)
        begun = time.monotonic()
        running = [_entering(arena, place) for _ in range(shells)]
        served = sum(has_credentials(_ended(shell)) for shell in running)
        return Crowd(gate.assumed, served, shells, time.monotonic() - begun)


def _entering(arena: Arena, place: Place) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        ["direnv", "export", "json"],
        cwd=place.root,
        env=dict(arena.environ),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


def _ended(shell: "subprocess.Popen[str]") -> Result:
    out, _ = shell.communicate(timeout=MOST_SECONDS)
    return Result(("direnv",), shell.returncode, out, "")


def can_look_around() -> bool:
    """Whether another process's environment can be read here."""
    return PROC.joinpath("self/environ").exists()


def resident(arena: Arena) -> int:
    """Return how many processes of this arena are left once they had the time to end."""
    settled(lambda: not _of(arena))
    return len(_of(arena))


def settled(is_done: Callable[[], bool], *, seconds: float = SETTLE_SECONDS) -> bool:
    """Wait until `is_done`, at most `seconds`; whether it came."""
    until = time.monotonic() + seconds
    while not is_done():
        if time.monotonic() > until:
            return False
        time.sleep(POLL_SECONDS)  # other processes' ends: nothing to await
    return True


def _of(arena: Arena) -> list[int]:
    """Pids with the arena's HOME; the moto server and we ourselves have another."""
    mark = f"HOME={arena.environ['HOME']}".encode()
    found = []
    for path in PROC.glob("[0-9]*/environ"):
        try:
            if mark in path.read_bytes().split(b"\0"):
                found.append(int(path.parent.name))
        except OSError:  # another user's, or gone
            continue
    return [pid for pid in found if pid != os.getpid()]
