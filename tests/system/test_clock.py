"""How a person is told a time: the same in Python and in `.envrc`."""

import subprocess
from pathlib import Path

import pytest

from rolecall.system import clock

LIB = Path(__file__).resolve().parents[2] / "envrc.d/00-lib.sh"


def test_deadline_when_it_has_passed_then_nothing_is_left() -> None:
    """Never less: a wait of less than nothing is an error."""
    moments = iter([10.0, 11.5, 13.0])
    until = clock.Deadline.after(2, clock=lambda: next(moments))
    assert (until.seconds_left, until.seconds_left) == (0.5, 0.0)


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
    ],
)
def test_human_when_asked_in_python_and_in_bash_then_rounds_alike(seconds: int, says: str) -> None:
    """A session has one time left, whoever tells it; one just taken has an hour, not 59 minutes."""
    script = f'. "{LIB}"; _rolecall_human {seconds}; echo "$_rolecall_left"'
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True)
    assert (clock.human(seconds), done.stdout.strip()) == (says, says)
