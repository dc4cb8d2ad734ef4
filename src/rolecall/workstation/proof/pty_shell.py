"""An interactive shell on a terminal of its own, with nobody at the keyboard but this program.

Must not know what is typed, or judge what comes back. The shell never outlives the block that opened it.
"""

import contextlib
import os
import re
import signal
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rolecall.errors import MachineError

if TYPE_CHECKING:
    from pexpect import spawn

ROWS, COLUMNS = 50, 200
SLICE_SECONDS = 0.05
ESCAPES = re.compile(
    r"\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[\[(][0-9;?<>=]*[A-Za-z]|\x1b[=>78]|[\r\x00-\x08]"
)
KEYS = re.compile(r"\b(A[KS]IA)[A-Z0-9]{12,}([A-Z0-9]{4})\b")
# A terminal answers these; fish 4 waits for the answers before it reads a line.
QUERIES = {b"\x1b[c": b"\x1b[?62;22c", b"\x1b[0c": b"\x1b[?62;22c", b"\x1b[6n": b"\x1b[1;1R"}


class PtyShell:
    """One interactive shell on a pseudo-terminal."""

    def __init__(self, child: "spawn") -> None:
        self._child = child
        self._output = b""

    def type(self, line: str) -> None:
        """Type one line and press return."""
        self.press(f"{line}\r")

    def press(self, keys: str) -> None:
        """Press these keys."""
        self._child.send(keys)

    def wait(self, is_done: Callable[[], bool], *, seconds: float) -> bool:
        """Let the shell run until `is_done`; return whether that came within `seconds`, before it ended."""
        until = time.monotonic() + seconds
        while not is_done():
            if time.monotonic() > until or not self._read():
                return is_done()
        return True

    @property
    def shown(self) -> str:
        """The lines a person would have seen, without colours and without whole key ids."""
        text = ESCAPES.sub("", self._output.decode(errors="replace"))
        lines = (" ".join(line.split()) for line in text.splitlines())
        return KEYS.sub(r"\1…\2", " | ".join(line for line in lines if line))

    def _read(self) -> bool:
        """Take in what the shell writes within a moment; return False once it has ended."""
        import pexpect

        try:
            chunk = self._child.read_nonblocking(1 << 16, timeout=SLICE_SECONDS)
        except pexpect.TIMEOUT:
            return True
        except pexpect.EOF:
            return False
        self._output += chunk
        for query, answer in QUERIES.items():
            self._child.send(answer * chunk.count(query))
        return True


@contextlib.contextmanager
def opened(argv: Sequence[str | Path], *, environ: Mapping[str, str], folder: Path) -> Iterator[PtyShell]:
    """Run `argv` as an interactive shell for the duration of the block; kill it and its jobs at the end."""
    import pexpect

    program, *words = map(str, argv)
    try:
        child = pexpect.spawn(program, words, env=dict(environ), cwd=folder, dimensions=(ROWS, COLUMNS))
    except pexpect.ExceptionPexpect as problem:
        raise MachineError("program-missing", f"cannot run {program}: {problem}") from problem
    child.delaybeforesend = None
    try:
        yield PtyShell(child)
    finally:
        if child.isalive():  # else its pid may be that of another group by now
            os.killpg(child.pid, signal.SIGKILL)  # not a hangup: the shell would save its history
        child.close()
