"""One change made, tested and taken back; in `src` itself, because many tests start rolecall as a program."""

import contextlib
import ctypes
import itertools
import os
import select
import signal
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import boto3  # noqa: F401 - loaded once, for all trials
import jinja2  # noqa: F401 - as above
import pexpect  # noqa: F401 - as above
import pytest

from mutate import nearest
from mutate.change import Change

OPTIONS = ("-q", "-x", "-p", "no:randomly", "-p", "no:cacheprovider")
PR_SET_CHILD_SUBREAPER = 36
NOTHING_RAN = 5  # pytest's exit code; 4 is a test that is no more
LONG_AGO = itertools.count(1_000_000_000, 60)


def is_noticed(change: Change, *, is_near: bool) -> bool:
    """Make `change`, run the tests that may notice it, take it back; return whether one of them failed."""
    rounds = tuple(nearest.rounds(change, is_near=is_near))  # first: the map is of the code without a change
    with _made(change):
        return any(_fails(one) for one in rounds)


@contextlib.contextmanager
def _made(change: Change) -> Iterator[None]:
    before = change.path.read_bytes()
    try:
        _write(change, change.text.encode())
        yield
    finally:
        _write(change, before)


def _write(change: Change, content: bytes) -> None:
    """Write it with a time of its own: Python takes bytecode of the same size and second for that of now."""
    change.path.write_bytes(content)
    moment = next(LONG_AGO)
    os.utime(change.path, (moment, moment))


def _fails(one: nearest.Round) -> bool:
    """Run pytest in a process of its own; what it started ends with it."""
    child = os.fork()
    if child == 0:
        os._exit(_run(one.words))
    watched = os.pidfd_open(child)
    try:
        if not select.select([watched], [], [], one.most_seconds)[0]:
            return True
        _, status = os.waitpid(child, 0)
        return os.waitstatus_to_exitcode(status) not in {0, NOTHING_RAN}
    finally:
        os.close(watched)
        _end_all()


def adopt_orphans() -> None:
    """Make this process the parent of what a test leaves behind (prctl(2)): a changed loop may be endless."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)


def _end_all() -> None:
    """End every process below this one."""
    while found := _below(os.getpid()):
        for pid in found:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, 0):
                pass


def _below(pid: int) -> list[int]:
    found: list[int] = []
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            for child in map(int, path.read_text(encoding="utf-8").split()):
                found += [child, *_below(child)]
    return found


def _run(words: Sequence[str]) -> int:
    """Run pytest here, with the rolecall that is on disk now and what others need loaded already."""
    try:
        os.setsid()
        nothing = os.open(os.devnull, os.O_RDWR)
        for number in range(3):
            os.dup2(nothing, number)
        for name in [name for name in sys.modules if name.partition(".")[0] == "rolecall"]:
            del sys.modules[name]
        return int(pytest.main([*OPTIONS, *words]))
    except BaseException:  # noqa: BLE001 - whatever it is, the change has been noticed
        return 1
