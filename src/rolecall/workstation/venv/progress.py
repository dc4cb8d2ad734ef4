"""Run a program that takes long, and show its last line and the elapsed time meanwhile.

It uses the standard library alone, because it runs before anything is installed.
"""

import contextlib
import itertools
import os
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from typing import IO

from rolecall.errors import MachineError
from rolecall.system import clock
from rolecall.system.person import person

FRAMES, PLAIN_FRAMES = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏", "|/-\\"
TICK_SECONDS = 0.1
PLAIN_EVERY_SECONDS = 10
TAIL_LINES = 12
WIDTH = 80
DUMB = ("", "dumb", "unknown")


def run(
    argv: Sequence[str],
    label: str,
    *,
    hint: str = "",
    environ: Mapping[str, str] | None = None,
    stream: IO[str] | None = None,
) -> None:
    """Run `argv` to its end, and show its progress on stderr.

    Raises MachineError where it fails, after telling the last lines of its output. An interrupt ends the program too.
    """
    out = stream or sys.stderr
    lines: deque[str] = deque(maxlen=TAIL_LINES)
    try:
        child = subprocess.Popen(
            list(argv),
            env=None if environ is None else dict(environ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
    except OSError as problem:
        message = f"cannot run {argv[0]}: {problem.strerror}"
        raise MachineError("program-missing", message, hint=hint) from problem
    with child:
        reader = threading.Thread(target=_collect, args=(child.stdout, lines), daemon=True)
        reader.start()
        try:
            _watch(child, label, lines, out)
        except BaseException:
            child.terminate()
            raise
        finally:
            _clear(out)
        reader.join()
    if child.returncode:
        for line in lines:
            person.tell(f"  | {line}")
        raise MachineError("program-failed", f"{label}: {argv[0]} ended with {child.returncode}", hint=hint)


def is_live(stream: IO[str]) -> bool:
    """Return whether `stream` is a terminal that can redraw a line; one without a name cannot."""
    return stream.isatty() and os.environ.get("TERM", "") not in DUMB


def _collect(output: IO[str], lines: deque[str]) -> None:
    for line in output:
        if line.strip():
            lines.append(line.rstrip())


def _watch(child: "subprocess.Popen[str]", label: str, lines: deque[str], out: IO[str]) -> None:
    begun = said_at = time.monotonic()
    is_plain = "utf" not in (getattr(out, "encoding", None) or "").lower()
    for frame in itertools.cycle(PLAIN_FRAMES if is_plain else FRAMES):
        now = time.monotonic()
        elapsed = clock.human(now - begun)
        last = lines[-1].strip() if lines else ""
        if is_live(out):
            out.write(f"\r\x1b[K{f'{frame} {label} {elapsed}  {last}'[: _width(out)]}")
            out.flush()
        elif now - said_at >= PLAIN_EVERY_SECONDS:
            said_at = now
            out.write(f"{f'  {label}, {elapsed}: {last}'[: _width(out)]}\n")
            out.flush()
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(TICK_SECONDS)
            return


def _width(out: IO[str]) -> int:
    """Return how many characters fit on a line without a break: a broken line cannot be drawn over."""
    try:
        columns = os.get_terminal_size(out.fileno()).columns
    except (OSError, ValueError):
        columns = 0
    return (columns or WIDTH) - 1


def _clear(out: IO[str]) -> None:
    if is_live(out):
        out.write("\r\x1b[K")
        out.flush()
