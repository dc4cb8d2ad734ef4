"""Trying a request again: what passes after a moment, and what a clock that is off has spoilt.

Must not know what is asked, or of whom.
"""

import os

from rolecall.credentials.aws.query.errors import AwsRefusedError, AwsUnreachableError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    from rolecall.system.clock import Deadline

    T = TypeVar("T")

ROOM_SECONDS = 0.5  # for the next try itself: the reason AWS gave says more than "no answer in time"
PAUSES = (0.2, 0.4, 0.8, 1.6)  # the most before tries 2 to 5
SKEW_LEAST_SECONDS = 60


def jitter() -> float:
    """Return a number from 0 to 1."""
    return os.urandom(1)[0] / 255


def run(
    attempt: "Callable[[int], T]",
    *,
    deadline: "Deadline",
    clock: "Callable[[], float]",
    sleep: "Callable[[float], None]",
    jitter: "Callable[[], float]" = jitter,
) -> "T":
    """Return what `attempt` returns, given the seconds to add to our clock: zero, or what AWS's says.

    Tries again after throttling, AWS's own errors and lost connections, while there is time.
    """
    skew, pauses = 0, list(PAUSES)
    while True:
        try:
            return attempt(skew)
        except (AwsRefusedError, AwsUnreachableError) as problem:
            found = 0 if skew else _skew(problem, clock)
            if not found and not _is_transient(problem):
                raise
            pause = 0.0 if found else _pause(pauses, jitter)
            if pause is None or deadline.seconds_left <= pause + ROOM_SECONDS:
                raise
            skew = found or skew
        if pause:
            sleep(pause)


def _pause(pauses: list[float], jitter: "Callable[[], float]") -> float | None:
    """Return the next pause, or None after the last: full jitter, so that many do not come back at once."""
    return pauses.pop(0) * jitter() if pauses else None


def _is_transient(problem: AwsRefusedError | AwsUnreachableError) -> bool:
    if isinstance(problem, AwsUnreachableError):
        return problem.code == "connection-lost"
    from rolecall.credentials.failures import recognise

    return recognise.is_transient(problem)


def _skew(problem: AwsRefusedError | AwsUnreachableError, clock: "Callable[[], float]") -> int:
    """Return how many seconds AWS's clock is ahead of ours, where that is why it refused; else zero."""
    from email.utils import parsedate_to_datetime

    from rolecall.credentials.failures import recognise

    if isinstance(problem, AwsUnreachableError) or recognise.code_of(problem) != "clock-off":
        return 0
    date = problem.response["ResponseMetadata"]["HTTPHeaders"].get("date", "")
    try:
        seconds = round(parsedate_to_datetime(date).timestamp() - clock())
    except (TypeError, ValueError):
        return 0
    return seconds if abs(seconds) >= SKEW_LEAST_SECONDS else 0
