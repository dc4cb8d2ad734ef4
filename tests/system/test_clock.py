"""How a person is told a time: the same in Python and in `.envrc`."""

import subprocess
import threading
import time
from pathlib import Path

import pytest

from rolecall.system import clock

LIB = Path(__file__).resolve().parents[2] / "envrc.d/00-lib.sh"


def test_deadline_when_it_has_passed_then_nothing_is_left() -> None:
    """Never less: a wait of less than nothing is an error."""
    moments = iter([10.0, 11.5, 13.0])
    until = clock.Deadline.after(2, clock=lambda: next(moments))
    assert (until.seconds_left, until.seconds_left) == (0.5, 0.0)


def test_deadline_when_shown_then_has_no_clock_in_it() -> None:
    """The monotonic clock, where no other is given."""
    assert clock.Deadline(3.0) == clock.Deadline(3.0, time.monotonic)
    assert repr(clock.Deadline(3.0)) == "Deadline(at=3.0)"


def test_within_when_the_work_ends_in_time_then_gives_what_it_gave() -> None:
    """Or fails as it failed, Ctrl-C included."""

    def fail() -> None:
        raise KeyboardInterrupt

    assert clock.within(clock.Deadline.after(30), lambda: 7) == 7
    with pytest.raises(KeyboardInterrupt):
        clock.within(clock.Deadline.after(30), fail)


def test_within_when_the_work_does_not_end_then_is_left_behind() -> None:
    """At the deadline; it may go on by itself."""
    may_end, has_ended = threading.Event(), threading.Event()

    def work() -> None:
        may_end.wait(30)
        has_ended.set()

    with pytest.raises(TimeoutError):
        clock.within(clock.Deadline.after(0), work)
    assert not has_ended.is_set()
    may_end.set()
    assert has_ended.wait(30)


def test_iso_when_told_then_is_in_utc() -> None:
    """Whatever the time zone here."""
    assert clock.iso(1_795_273_500.9) == "2026-11-21T15:05:00Z"


@pytest.mark.parametrize(
    ("seconds", "says"),
    [
        (0, "0s"),
        (59, "59s"),
        (60, "1m"),
        (89, "1m"),
        (90, "2m"),
        (3569, "59m"),
        (3570, "1h00m"),
        (3599, "1h00m"),
        (3600, "1h00m"),
        (11130, "3h06m"),
        (43199, "12h00m"),
        (90_000, "25h00m"),
        (863_940, "239h59m"),
    ],
)
def test_human_when_asked_in_python_and_in_bash_then_rounds_alike(seconds: int, says: str) -> None:
    """A session has one time left, whoever tells it; one just taken has an hour, not 59 minutes."""
    script = f'. "{LIB}"; _rolecall_human {seconds}; echo "$_rolecall_left"'
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True)
    assert (clock.human(seconds), done.stdout.strip()) == (says, says)
    assert clock.human(-1) == "0s"
