"""What a `cd` remembers, and how long it may take."""

import os
import time
from pathlib import Path

import pytest

from rolecall.credentials import on_cd
from rolecall.credentials.store import recent_failure
from rolecall.errors import RolecallError
from support.credentials import place_of
from support.fake_aws import FakeAws, refusal

NOW = int(time.time())


def fails(root: Path, *, now: float) -> None:
    """Enter the project at `now`, to be refused."""
    with pytest.raises(RolecallError, match="role dev"):
        on_cd.obtain(place_of(root, clock=lambda: now), say=print)


def test_obtain_when_another_was_refused_meanwhile_then_does_not_ask_again(shop: Path, aws: FakeAws) -> None:
    """Whoever waited for the lock hears what its holder met; half a minute later it is a new question."""
    aws.queue("AssumeRole", *[refusal("AccessDenied", status=403)] * 3)
    fails(shop, now=NOW)
    fails(shop, now=NOW)
    assert len(aws.asked("AssumeRole")) == 1
    fails(shop, now=NOW + 31)
    assert len(aws.asked("AssumeRole")) == 2


@pytest.mark.parametrize(
    ("seconds", "is_remembered"), [(1, True), (30, True), (0, False), (31, False), (9999, False)]
)
def test_failure_when_its_end_is_past_or_too_far_off_then_is_none(
    shop: Path, seconds: int, *, is_remembered: bool
) -> None:
    """A clock that was set back does not make a failure last for hours."""
    where = place_of(shop, clock=lambda: NOW)
    recent_failure.record(where, "dev", RolecallError("code", "says"), since=NOW)
    path = Path(recent_failure.path_of(where, "dev"))
    path.write_text(path.read_text().replace(f"until={NOW + 30}", f"until={NOW + seconds}"))
    assert (recent_failure.read(where, "dev") is not None) is is_remembered


@pytest.mark.parametrize(
    ("started", "left"),
    [("1000.0", 3.8), ("998.5", 2.3), ("998,5", 2.3), ("900", 1.0), ("2000", 3.8), ("soon", 3.3), ("", 3.3)],
)
def test_deadline_when_some_of_the_cd_is_over_then_is_what_is_left(
    shop: Path, started: str, left: float
) -> None:
    """The four seconds count from the beginning of the `cd`, not from that of Python."""
    environ = {**os.environ, "ROLECALL_STARTED": started}
    deadline = on_cd._deadline(place_of(shop, environ=environ, clock=lambda: 1000.0))
    assert left - 0.5 < deadline.seconds_left <= left
