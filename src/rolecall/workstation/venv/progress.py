"""A long-running program, and a person who must never wonder whether it hangs.

Owns: running one program with its last line and the elapsed time in sight, and the end of its output in
the error when it fails.
Must not: import anything outside the standard library (bootstrap needs it first), or ask anything.
Called by: venv, prerequisites.
"""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from typing import IO

from rolecall.errors import MachineError
from rolecall.system import clock

FRAMES = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
TICK_SECONDS = 0.1
PLAIN_EVERY_SECONDS = 10
TAIL_LINES = 12
WIDTH = 79


def run(
    argv: Sequence[str],
    label: str,
    *,
    hint: str = "",
    environ: Mapping[str, str] | None = None,
    stream: IO[str] | None = None,
) -> None:
    """Run `argv` to its end, showing on stderr that it goes on.

    Raises MachineError with the last lines of its output where it fails. Interrupted, it ends the program.
    """
    out = stream or sys.stderr
    tail: list[str] = []
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
        raise MachineError(
            "program-missing", f"cannot run {argv[0]}: {problem.strerror}", hint=hint
        ) from problem
    with child:
        reader = threading.Thread(target=_collect, args=(child, tail), daemon=True)
        reader.start()
        try:
            _watch(child, label, tail, out)
        except BaseException:
            child.terminate()
            _clear(out)
            raise
        reader.join()
    if child.returncode:
        shown = "\n".join(f"  | {line}" for line in tail[-TAIL_LINES:])
        raise MachineError(
            "program-failed", f"{label}: {argv[0]} ended with {child.returncode}\n{shown}", hint=hint
        )


def is_live(stream: IO[str]) -> bool:
    """Whether `stream` is a terminal that can redraw a line."""
    return stream.isatty() and os.environ.get("TERM", "dumb") != "dumb"


def _collect(child: "subprocess.Popen[str]", tail: list[str]) -> None:
    assert child.stdout is not None  # noqa: S101 - for mypy: it was opened as a pipe
    for line in child.stdout:
        if line.strip():
            tail.append(line.rstrip())
            del tail[:-50]


def _watch(child: "subprocess.Popen[str]", label: str, tail: list[str], out: IO[str]) -> None:
    begun = time.monotonic()
    said = 0.0
    frame = 0
    while child.poll() is None:
        elapsed = time.monotonic() - begun
        last = tail[-1].strip() if tail else ""
        if is_live(out):
            text = f"{FRAMES[frame % len(FRAMES)]} {label} {clock.human(elapsed)}  {last}"
            out.write(f"\r\x1b[K{text[:WIDTH]}")
            out.flush()
        elif elapsed - said >= PLAIN_EVERY_SECONDS:
            said = elapsed
            out.write(f"  … {label}, {clock.human(elapsed)}: {last}"[:WIDTH] + "\n")
            out.flush()
        frame += 1
        try:
            child.wait(TICK_SECONDS)
        except subprocess.TimeoutExpired:
            continue
    _clear(out)


def _clear(out: IO[str]) -> None:
    if is_live(out):
        out.write("\r\x1b[K")
        out.flush()
