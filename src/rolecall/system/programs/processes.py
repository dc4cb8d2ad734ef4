"""Starting programs: list argv, both streams kept, nothing leaked.

Every start of another program is here. Must not use a shell, know what the program is for, or let a child
inherit what it should not see.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from rolecall.errors import MachineError

SIGNALLED = 128  # POSIX shells: a program ended by signal N has exit code 128 + N
CHUNK = 65536


class ProgramMissingError(MachineError):
    """There is no such program; the exit code is the one that every shell gives then."""

    exit_code = 127


class ProgramUnusableError(MachineError):
    """The program is there and cannot be run; the exit code is a shell's, too."""

    exit_code = 126


@dataclass(frozen=True, slots=True)
class Result:
    """What a finished program left: its argv, exit code and both streams."""

    argv: tuple[str, ...]
    code: int
    out: str = field(repr=False)
    err: str = field(repr=False)

    @property
    def is_ok(self) -> bool:
        """Whether the program said it worked."""
        return self.code == 0


def find(name: str, *, path: str | None = None) -> Path | None:
    """Return the file that `name` would run from `path` (default: PATH), or None."""
    found = shutil.which(name, path=path)
    return Path(found) if found else None


def run(
    argv: Sequence[str | Path],
    *,
    environ: Mapping[str, str] | None = None,
    folder: Path | None = None,
    text_in: str | None = None,
    timeout_seconds: float | None = None,
) -> Result:
    """Run `argv` to its end without a terminal and return what it left.

    Raises MachineError where the program does not start or outlives `timeout_seconds` (it is killed).
    """
    words = tuple(str(word) for word in argv)
    try:
        done = subprocess.run(
            words,
            env=None if environ is None else dict(environ),
            cwd=folder,
            input=text_in,
            stdin=subprocess.DEVNULL if text_in is None else None,
            capture_output=True,
            errors="replace",  # and so text, not bytes
            timeout=timeout_seconds,
            check=False,
        )
    except OSError as problem:
        raise MachineError("program-missing", f"cannot run {words[0]}: {problem.strerror}") from problem
    except subprocess.TimeoutExpired as problem:
        raise MachineError(
            "program-hangs", f"{words[0]} did not end within {timeout_seconds:.0f} s"
        ) from problem
    return Result(words, done.returncode, done.stdout, done.stderr)


def stream(
    argv: Sequence[str | Path],
    *,
    environ: Mapping[str, str],
    err: Callable[[bytes], None],
    out: Callable[[bytes], None] | None = None,
) -> int:
    """Run `argv` on our stdin, hand its stderr to `err` as it comes, return the exit code a shell would see.

    Its stdout is ours, or goes to `out`. Ctrl-C reaches the program, and we wait for how it ends.
    Raises MachineError where there is no such program.
    """
    try:
        child = subprocess.Popen(
            [str(word) for word in argv],
            env=dict(environ),
            stdout=None if out is None else subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
    except OSError as problem:
        raise MachineError("program-missing", f"cannot run {argv[0]}: {problem.strerror}") from problem
    pumps = [
        threading.Thread(target=_pump, args=(pipe, take))
        for pipe, take in ((child.stderr, err), (child.stdout, out))
        if pipe and take
    ]
    for pump in pumps:
        pump.start()
    while True:
        with contextlib.suppress(KeyboardInterrupt):
            child.wait()
            for pump in pumps:
                pump.join()
            return child.returncode if child.returncode >= 0 else SIGNALLED - child.returncode


def detach(
    argv: Sequence[str | Path],
    *,
    environ: Mapping[str, str],
    log: Path | None = None,
    text_in: str | None = None,
    passed: Sequence[int] = (),
    is_in_session: bool = False,
) -> int:
    """Start `argv` in a session of its own, holding none of our descriptors; return its pid.

    `passed` are descriptors that it holds all the same. With `is_in_session` it stays in this terminal's
    session, in a process group of its own: a Ctrl-C is not its.

    direnv waits for the end of its fd 3, so a child that kept it would hold up the prompt.
    Output goes to `log`, or nowhere. `text_in` (at most a pipe's 64 KiB) is all its stdin: the way to hand
    over a secret that neither argv nor the environment may show.
    """
    target = os.open(log or os.devnull, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        child = subprocess.Popen(
            [str(word) for word in argv],
            env=dict(environ),
            stdin=subprocess.DEVNULL if text_in is None else subprocess.PIPE,
            stdout=target,
            stderr=target,
            close_fds=True,
            pass_fds=passed,
            start_new_session=not is_in_session,
            process_group=0 if is_in_session else None,
        )
        if child.stdin:
            with contextlib.suppress(BrokenPipeError), child.stdin:  # it died: its caller will see that
                child.stdin.write((text_in or "").encode())
    except OSError as problem:
        raise MachineError("program-missing", f"cannot run {argv[0]}: {problem.strerror}") from problem
    finally:
        os.close(target)
    child.returncode = 0  # it outlives us on purpose; silences Popen's ResourceWarning
    return child.pid


def replace(argv: Sequence[str], *, environ: Mapping[str, str]) -> None:
    """Become `argv`: its exit code, signals and terminal are then ours. Returns only by raising.

    Raises MachineError where there is no such program.
    """
    for number in (signal.SIGPIPE, signal.SIGXFSZ):  # Python ignores them; the program expects the default
        signal.signal(number, signal.SIG_DFL)
    try:
        os.execvpe(argv[0], list(argv), dict(environ))  # noqa: S606 - no shell is the point
    except OSError as problem:
        kind = ProgramMissingError if isinstance(problem, FileNotFoundError) else ProgramUnusableError
        raise kind(
            "program-missing", f"cannot run {argv[0]}: {problem.strerror}", hint=f"command -v {argv[0]}"
        ) from problem


def _pump(pipe: IO[bytes], take: Callable[[bytes], None]) -> None:
    """Hand over what arrives; a taker that fails must not leave the program stuck on a full pipe."""
    with pipe:
        while chunk := os.read(pipe.fileno(), CHUNK):
            with contextlib.suppress(OSError):
                take(chunk)
