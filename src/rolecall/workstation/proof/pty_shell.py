"""A person's shell without the person: an interactive shell on a terminal of its own, and typing into it.

Owns: the pseudo-terminal, and its end: the shell never outlives the block.
Must not: know what is typed, or judge what comes back.
Called by: proof.
"""

import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from rolecall.errors import MachineError

ROWS, COLUMNS = 50, 200
SLICE_SECONDS = 0.05
QUIET_SECONDS = 0.4
ESCAPES = re.compile(
    r"\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[\[(][0-9;?<>=]*[A-Za-z]|\x1b[=>78]|[\r\x00-\x08]"
)
KEYS = re.compile(r"\b(A[KS]IA)[A-Z0-9]{12,}([A-Z0-9]{4})\b")
# A terminal answers these; fish 4 waits for the answers before it reads a line.
QUERIES = {b"\x1b[c": b"\x1b[?62;22c", b"\x1b[0c": b"\x1b[?62;22c", b"\x1b[6n": b"\x1b[1;1R"}
# The new session's first process takes the terminal on standard input, then becomes the shell.
TAKE_TERMINAL = (
    "import fcntl, os, sys, termios\n"
    "fcntl.ioctl(0, termios.TIOCSCTTY, 0)\n"
    "os.execvp(sys.argv[1], sys.argv[1:])\n"
)


class PtyShell:
    """One interactive shell on a pseudo-terminal."""

    def __init__(self, master: int, process: "subprocess.Popen[bytes]") -> None:
        self._master = master
        self._process = process
        self._output = bytearray()

    def type(self, line: str) -> None:
        """Type one line and press return."""
        self.press(f"{line}\r")

    def press(self, keys: str) -> None:
        """Press these keys."""
        os.write(self._master, keys.encode())

    def settle(self, *, seconds: float = QUIET_SECONDS) -> None:
        """Let the shell run until it has been quiet for a while."""
        before = -1
        while before != len(self._output):
            before = len(self._output)
            self.wait(lambda: False, seconds=seconds)

    def wait(self, is_done: Callable[[], bool], *, seconds: float) -> bool:
        """Let the shell run until `is_done`; whether that came within `seconds`, before the shell ended."""
        until = time.monotonic() + seconds
        while not is_done():
            if time.monotonic() > until or not self._pump():
                return is_done()
        return True

    @property
    def shown(self) -> str:
        """What a person would have seen, without colours and without whole key ids."""
        text = ESCAPES.sub("", self._output.decode(errors="replace"))
        lines = (" ".join(line.split()) for line in text.splitlines())
        return KEYS.sub(r"\1…\2", " | ".join(line for line in lines if line))

    def _pump(self) -> bool:
        """Take in what the shell wrote within a moment; False once it has ended."""
        if not select.select([self._master], [], [], SLICE_SECONDS)[0]:
            return self._process.poll() is None
        try:
            chunk = os.read(self._master, 1 << 16)
        except OSError:  # Linux: EIO once nobody holds the other end
            return False
        self._output += chunk
        for query, answer in QUERIES.items():
            for _ in range(chunk.count(query)):
                os.write(self._master, answer)
        return bool(chunk)


@contextlib.contextmanager
def opened(argv: Sequence[str | Path], *, environ: Mapping[str, str], folder: Path) -> Iterator[PtyShell]:
    """Run `argv` as an interactive shell for the duration of the block; kill it and its jobs at the end."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    try:
        process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", TAKE_TERMINAL, *(str(word) for word in argv)],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=dict(environ),
            cwd=folder,
            start_new_session=True,
        )
    except OSError as problem:
        os.close(master)
        raise MachineError("program-missing", f"cannot run {argv[0]}: {problem.strerror}") from problem
    finally:
        os.close(slave)
    try:
        yield PtyShell(master, process)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # not a hangup: the shell would save its history
        process.wait()
        os.close(master)
