"""Deadlines and ages: how much time is left for something, and how a person says it.

Must not know what the time is for. A `cd` loads this module, so it imports next to nothing.
"""

import _thread
import time

from rolecall.system.python.frozen import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Deadline:
    """A moment, in seconds of `clock`, after which waiting is pointless."""

    at: float
    clock: "Callable[[], float]" = field(default=time.monotonic, repr=False)

    @classmethod
    def after(cls, seconds: float, *, clock: "Callable[[], float]" = time.monotonic) -> "Deadline":
        """Return the deadline `seconds` from now."""
        return cls(clock() + seconds, clock)

    @property
    def seconds_left(self) -> float:
        """Seconds until the deadline; zero once it has passed."""
        return max(0.0, self.at - self.clock())


def human(seconds: float) -> str:
    """Return seconds as people say them: "45s", "59m", "3h05m", to the nearest minute.

    `envrc.d/00-lib.sh` says it the same way: a session of an hour has "1h00m left" at first everywhere.
    """
    whole = max(0, int(seconds))
    if whole < 60:  # noqa: PLR2004 - a minute
        return f"{whole}s"
    minutes = (whole + 30) // 60
    if minutes < 60:  # noqa: PLR2004 - an hour
        return f"{minutes}m"
    return f"{minutes // 60}h{minutes % 60:02d}m"


def iso(epoch: float) -> str:
    """Return epoch seconds as ISO 8601 in UTC: "2026-11-24T15:05:00Z"."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(epoch))


def within(deadline: Deadline, work: "Callable[[], T]") -> "T":
    """Return what `work` returns; raise TimeoutError at the deadline, with `work` left behind.

    A thread, because name resolution and TLS can block where no signal handler runs. The process can end
    without it. `_thread` rather than `threading`: a `cd` waits for the import.
    """
    done = _thread.allocate_lock()
    done.acquire()
    results: list[T] = []
    problems: list[BaseException] = []

    def run() -> None:
        try:
            results.append(work())
        except BaseException as problem:  # noqa: BLE001 - raised again in the waiting thread
            problems.append(problem)
        finally:
            done.release()

    _thread.start_new_thread(run, ())
    if not done.acquire(timeout=deadline.seconds_left):
        raise TimeoutError
    if problems:
        raise problems[0]
    return results[0]
