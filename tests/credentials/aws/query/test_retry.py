"""Trying again: after which failures, after which pauses, and with whose clock."""

from email.utils import formatdate

import pytest

from rolecall.credentials.aws.query import retry
from rolecall.credentials.aws.query.errors import AwsRefusedError, AwsUnreachableError
from rolecall.system.clock import Deadline

NOW = 2_000_000_000


def refused(code: str, *, ahead: int | None = None) -> AwsRefusedError:
    """Return a refusal of AWS, whose clock is so far ahead of ours."""
    date = {} if ahead is None else {"date": formatdate(NOW + ahead, usegmt=True)}
    meta = {"HTTPStatusCode": 400, "HTTPHeaders": date}
    response = {"Error": {"Code": code, "Message": "no"}, "ResponseMetadata": meta}
    return AwsRefusedError("AssumeRole", response)


def tried(*problems: Exception, seconds: float = 100) -> tuple[object, list[int], list[float]]:
    """Return what came of it, the clock's correction at each try, and the pauses."""
    left, skews, pauses = list(problems), list[int](), list[float]()

    def attempt(skew: int) -> str:
        skews.append(skew)
        if left:
            raise left.pop(0)
        return "done"

    until = Deadline(seconds, lambda: sum(pauses))
    try:
        found: object = retry.run(
            attempt, deadline=until, clock=lambda: NOW, sleep=pauses.append, jitter=lambda: 1.0
        )
    except (AwsRefusedError, AwsUnreachableError) as problem:
        found = problem
    return found, skews, pauses


THROTTLED = refused("Throttling")
LOST = AwsUnreachableError("connection-lost", "x")


@pytest.mark.parametrize("problem", [THROTTLED, LOST])
def test_run_when_it_may_pass_then_after_growing_pauses_and_five_times_at_most(problem: Exception) -> None:
    """Full jitter: here, all of each pause."""
    assert tried(*[problem] * 4) == ("done", [0] * 5, [0.2, 0.4, 0.8, 1.6])
    assert tried(*[problem] * 5)[0] is problem


@pytest.mark.parametrize("problem", [refused("AccessDenied"), AwsUnreachableError("dns-failed", "x")])
def test_run_when_it_cannot_pass_then_at_once(problem: Exception) -> None:
    """Nothing changes in a moment."""
    assert tried(problem) == (problem, [0], [])


@pytest.mark.parametrize("ahead", [7200, -7200])
def test_run_when_our_clock_is_off_then_again_at_once_by_awss(ahead: int) -> None:
    """Once; what then may pass is tried with that clock, too."""
    off = refused("RequestExpired", ahead=ahead)
    assert tried(off) == ("done", [0, ahead], [])
    assert tried(off, THROTTLED) == ("done", [0, ahead, ahead], [0.2])
    assert tried(off, off) == (off, [0, ahead], [])


def test_run_when_the_clock_is_right_or_unknown_then_the_refusal_stands() -> None:
    """Without a date, or with one that is ours."""
    for problem in (refused("RequestExpired"), refused("RequestExpired", ahead=0)):
        assert tried(problem) == (problem, [0], [])


def test_run_when_no_time_is_left_for_a_try_then_the_reason_it_has() -> None:
    """A pause is not made for nothing."""
    assert tried(THROTTLED, THROTTLED, seconds=1.0)[1:] == ([0, 0], [0.2])
    assert tried(refused("RequestExpired", ahead=7200), seconds=0.1)[1:] == ([0], [])
    assert [0 <= retry.jitter() <= 1 for _ in range(20)] == [True] * 20
