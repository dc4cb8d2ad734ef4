"""Deadlines and ages: how much time is left for something.

Owns: the one definition of "too late" and of a human "59m".
Must not: sleep, or know what the time is for.
Called by: locks, the broker, the tasks that print time left.
"""

import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar, cast

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Deadline:
    """A moment, in seconds of `clock`, after which waiting is pointless."""

    at: float
    clock: Callable[[], float] = field(default=time.monotonic, repr=False)

    @classmethod
    def after(cls, seconds: float, *, clock: Callable[[], float] = time.monotonic) -> "Deadline":
        """Return the deadline `seconds` from now."""
        return cls(clock() + seconds, clock)

    @property
    def seconds_left(self) -> float:
        """Seconds until the deadline; zero once it has passed."""
        return max(0.0, self.at - self.clock())


def human(seconds: float) -> str:
    """Return seconds as people say them: "45s", "59m", "3h05m"."""
    whole = max(0, int(seconds))
    if whole < 60:  # noqa: PLR2004 - a minute
        return f"{whole}s"
    minutes = whole // 60
    if minutes < 60:  # noqa: PLR2004 - an hour
        return f"{minutes}m"
    return f"{minutes // 60}h{minutes % 60:02d}m"


def within(deadline: Deadline, work: Callable[[], T]) -> T:
    """Return what `work` returns; raise TimeoutError at the deadline, with `work` left behind.

    A thread, because name resolution and TLS can block where no signal handler runs. It is a daemon:
    the process can end without it.
    """
    outcome: queue.SimpleQueue[tuple[T | None, BaseException | None]] = queue.SimpleQueue()

    def run() -> None:
        try:
            outcome.put((work(), None))
        except BaseException as problem:  # noqa: BLE001 - re-raised in the waiting thread
            outcome.put((None, problem))

    threading.Thread(target=run, daemon=True).start()
    try:
        result, problem = outcome.get(timeout=deadline.seconds_left)
    except queue.Empty:
        raise TimeoutError from None
    if problem is not None:
        raise problem
    return cast("T", result)
