"""A program that dies at one point after another: it starts once, and a child is forked for each point."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]


def point() -> int:
    """Return the point at which to die, in a child that was forked for it; the parent says how it ended."""
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            return int(line)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        sys.stdout.write(f"{code}\n")
        sys.stdout.flush()
    raise SystemExit


class Forked:
    """A running program that calls `point`."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process

    def run(self, at: int) -> int:
        """Let it run until that point; return its exit code, negative where a signal ended it."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(f"{at}\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())


@contextmanager
def started(module: str, *words: str) -> Iterator[Forked]:
    """Start `support.MODULE` for the block; what it says on stderr is the test's."""
    argv = [sys.executable, "-m", f"support.{module}", *words]
    environ = {**os.environ, "PYTHONPATH": str(TESTS)}
    pipe = subprocess.PIPE
    with subprocess.Popen(argv, env=environ, stdin=pipe, stdout=pipe, text=True) as process:
        yield Forked(process)
        assert process.stdin
        process.stdin.close()
