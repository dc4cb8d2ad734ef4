"""One at a time, across processes: a lock file that the kernel frees when its holder dies.

Must not unlink a lock (waiters on the old inode would split), or break one it does not hold.

flock(2) directly rather than the filelock package: importing filelock brings asyncio, measured at four
times the start of Python itself, which a cold `cd` cannot afford.
"""

import fcntl
import os
import time

from rolecall.errors import MachineError
from rolecall.system.disk import files, paths

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from rolecall.system.clock import Deadline

POLL_SECONDS = 0.02


class LockBusyError(MachineError):
    """Another process still held the lock at the deadline."""


class exclusive:  # noqa: N801 - reads as a word in a with statement
    """Hold the lock at `path` for the duration of the block.

    Calls `on_wait` once if another process has it. Raises LockBusyError at the deadline; a deadline
    already passed makes this a try-lock. Raises MachineError where the file cannot be opened.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        deadline: "Deadline",
        on_wait: "Callable[[], None]" = lambda: None,
        sleep: "Callable[[float], None]" = time.sleep,
    ) -> None:
        self.path, self.deadline, self.on_wait, self.sleep = os.fspath(path), deadline, on_wait, sleep
        self.descriptor = -1

    def __enter__(self) -> None:
        """Wait for the lock."""
        try:
            self.descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        except OSError as problem:
            raise files.unwritable(problem, self.path) from problem
        try:
            self._acquire()
        except BaseException:
            os.close(self.descriptor)
            raise

    def __exit__(self, *_: object) -> None:
        """Let go."""
        os.close(self.descriptor)

    def _acquire(self) -> None:
        has_waited = False
        while True:
            try:
                fcntl.flock(self.descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if not has_waited:
                    has_waited = True
                    self.on_wait()
                left = self.deadline.seconds_left
                if left <= 0:
                    name = os.path.basename(self.path)
                    raise LockBusyError(
                        "lock-busy", f"another process holds {name}", hint="invoke assume"
                    ) from None
                self.sleep(min(POLL_SECONDS, left))
            except OSError as problem:  # ENOLCK: a network file system without a lock service
                folder = os.path.dirname(self.path)
                raise MachineError(
                    "lock-unsupported",
                    f"cannot lock {self.path}: {problem.strerror}; "
                    "XDG_RUNTIME_DIR or XDG_CACHE_HOME may name a folder on another file system",
                    hint=f"df {paths.typed(folder)}",
                ) from problem
            else:
                return
