"""One at a time, across processes: a lock file that the kernel frees when its holder dies.

Owns: waiting for another process, with a deadline.
Must not: unlink a lock (waiters on the old inode would split), or break one it does not hold.
Called by: the broker and setup.

flock(2) directly rather than the filelock package: importing filelock brings asyncio, measured at
four times the start of Python itself, which the cold `cd` cannot afford.
"""

import contextlib
import fcntl
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from rolecall.errors import MachineError
from rolecall.system.clock import Deadline

POLL_SECONDS = 0.02


class LockBusyError(MachineError):
    """Another process still held the lock at the deadline."""


@contextlib.contextmanager
def exclusive(
    path: Path,
    *,
    deadline: Deadline,
    on_wait: Callable[[], None] = lambda: None,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[None]:
    """Hold the lock at `path` for the duration of the block.

    Calls `on_wait` once if another process has it. Raises LockBusyError at the deadline; a deadline
    already passed makes this a try-lock.
    """
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as problem:
        raise MachineError(
            "lock-unwritable", f"cannot open {path}: {problem.strerror}", hint=f"ls -ld {path.parent}"
        ) from problem
    try:
        _acquire(descriptor, path, deadline, on_wait, sleep)
        yield
    finally:
        os.close(descriptor)


def _acquire(
    descriptor: int,
    path: Path,
    deadline: Deadline,
    on_wait: Callable[[], None],
    sleep: Callable[[float], None],
) -> None:
    waited = False
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if not waited:
                waited = True
                on_wait()
            left = deadline.seconds_left
            if left <= 0:
                raise LockBusyError(
                    "lock-busy", f"another process holds {path.name}", hint="try again in a moment"
                ) from None
            sleep(min(POLL_SECONDS, left))
        else:
            return
